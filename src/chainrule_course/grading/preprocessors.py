"""The engine inside nbgrader: ``nbgrader autograde`` and the formgrader's button mend and execute notebooks as we do.

In ``nbgrader_config.py``::

    from chainrule_course.grading.preprocessors import use_in_nbgrader

    use_in_nbgrader(c)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import find_all_files

from chainrule_course.grading import integrity, runner
from chainrule_course.grading.assignment import ReleasedNotebook, read_assignment
from chainrule_course.grading.course import Course
from chainrule_course.grading.gradebook import RunGradebook
from chainrule_course.grading.jobs import Job, Limits, Trouble
from chainrule_course.notebooks import Notebook, notebook_text

RESTORE = "chainrule_course.grading.preprocessors.RestoreCells"
EXECUTE = "chainrule_course.grading.preprocessors.IsolatedExecute"


def use_in_nbgrader(config: Any) -> None:
    """Let nbgrader's commands use the engine.

    Parameters
    ----------
    config : traitlets.config.Config
        The ``c`` of ``nbgrader_config.py``.
    """
    from nbgrader.converters import Autograde

    sanitize, record = Autograde.sanitize_preprocessors.default(), Autograde.autograde_preprocessors.default()
    config.Autograde.sanitize_preprocessors = [RESTORE, *sanitize]
    config.Autograde.autograde_preprocessors = [EXECUTE if one is Execute else one for one in record]


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Make the cells that nbgrader knows what they were when released."""

    def preprocess(self, nb: Notebook, resources: dict[str, Any]) -> tuple[Notebook, dict[str, Any]]:
        """Mend a notebook; what was not as released is logged."""
        with _released(self, resources) as released:
            mended, troubles = integrity.restore(notebook_text(nb).encode(), released)
        _log(self, resources, troubles)
        return mended, resources


class IsolatedExecute(Execute):  # type: ignore[misc]
    """Execute a notebook in the sandbox; its settings are those of nbgrader's ``Execute``."""

    def preprocess(self, nb: Notebook, resources: dict[str, Any], **_: Any) -> tuple[Notebook, dict[str, Any]]:
        """Execute a notebook among its files; what went wrong is logged, and noted in its metadata.

        A notebook in another language than Python is left to nbgrader's own ``Execute``.
        """
        with _released(self, resources) as released:
            if not released.is_python:
                self.log.warning("Not isolated: %s is not written in Python.", released.name)
                return super().preprocess(nb, resources)  # type: ignore[no-any-return]
        isolation, why = runner.isolation_here()
        if why:
            self.log.warning("Not isolated: %s; student code runs with your rights.", why)
        folder = Path(resources["metadata"]["path"])
        files = {
            Path(path).relative_to(folder).as_posix(): Path(path).read_bytes()
            for path in find_all_files(str(folder), ["*.ipynb"])
        }
        limits = Limits(timeout=self.timeout or 86_400)
        job = Job(notebook_text(nb), files, released.tested, released.setup, limits)
        execution = runner.execute(job, isolation)
        executed = nbformat.v4.reads(execution.notebook)
        executed.metadata.setdefault("chainrule", {})["grading"] = {
            "isolation": execution.isolation,
            "seconds": round(execution.seconds, 3),
            "troubles": [asdict(trouble) for trouble in execution.troubles],
        }
        _log(self, resources, execution.troubles)
        return executed, resources


@contextmanager
def _released(preprocessor: Any, resources: dict[str, Any]) -> Iterator[ReleasedNotebook]:
    """Read what the gradebook knows of the notebook that nbgrader is at."""
    directory = preprocessor.parent.parent.coursedir  # of the exporter's converter
    course = Course(Path(directory.root), preprocessor.config, directory, preprocessor.log)
    own = resources["nbgrader"]
    book = RunGradebook(own["db_url"], directory.course_id)
    try:
        yield read_assignment(course, book, own["assignment"])[own["notebook"]]
    finally:
        book.close()


def _log(preprocessor: Any, resources: dict[str, Any], troubles: Any) -> None:
    trouble: Trouble
    for trouble in troubles:
        preprocessor.log.warning("%s: %s", resources["nbgrader"]["student"], trouble)
