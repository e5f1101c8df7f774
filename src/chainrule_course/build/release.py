"""Make the students' release of a unit with nbgrader's own generate_assignment."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from chainrule_course.errors import CourseError, UserError


def release(unit: str, root: Path, stage: Path) -> None:
    """Turn ``stage/source/<unit>`` into ``stage/new/course/<unit>``, with the settings of the course's folder `root`.

    Raises
    ------
    CourseError
        If nbgrader refuses the unit; says why.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    config = _settings(root)
    config.CourseDirectory.root = str(stage)
    config.CourseDirectory.source_directory = "source"
    config.CourseDirectory.release_directory = "new/course"
    config.CourseDirectory.assignment_id = unit
    config.GenerateAssignment.no_database = True  # the gradebook is the teacher's
    config.SaveCells.enabled = False
    log = logging.getLogger("chainrule.build.nbgrader")
    lines: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    log.propagate = False
    try:
        GenerateAssignment(coursedir=CourseDirectory(config=config), config=config, log=log).start()
    except Exception as error:
        reasons = [line.strip().splitlines()[-1] for line in lines if line.strip().startswith("Traceback")]
        reason = reasons[0] if reasons else error
        raise CourseError(f"{unit}: nbgrader generate_assignment refuses it: {reason}.") from error
    finally:
        log.removeHandler(handler)


def _settings(root: Path) -> Any:
    """Return what ``nbgrader_config.py`` in `root` says, so that a release is the same from either command."""
    from traitlets.config import Config
    from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

    try:
        return Config(PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config())
    except ConfigFileNotFound:
        return Config()
    except Exception as error:
        raise UserError(
            f"{root / 'nbgrader_config.py'} fails: {type(error).__name__}: {error}.", "Mend it; nbgrader reads it too."
        ) from error
