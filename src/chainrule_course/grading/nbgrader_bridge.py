"""Grade with nbgrader's own preprocessors, gradebook and folders; only the execution of notebooks is ours.

:class:`ParallelAutograde` does what ``nbgrader autograde`` does in three steps: it plans (reads a submission, mends and
sanitizes it), somebody else executes, it records. Planning and recording happen in one thread, one student at a time.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde
from nbgrader.preprocessors import CheckCellMetadata, Execute
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SQLAlchemyError
from traitlets.utils.importstring import import_item

from chainrule_course.errors import UserError
from chainrule_course.grading import integrity
from chainrule_course.grading.assignment import ReleasedNotebook, max_points, read_assignment
from chainrule_course.grading.course import Course
from chainrule_course.grading.gradebook import RunGradebook
from chainrule_course.grading.jobs import Execution, Graded, Job, Limits, Trouble
from chainrule_course.grading.preprocessors import RestoreCells
from chainrule_course.grading.submission import (
    Handed,
    assignment_fingerprint,
    fingerprint,
    read_submission,
    teacher_files,
)
from chainrule_course.notebooks import Notebook, notebook_text


@dataclass
class Planned:
    """A notebook that is ready to be executed, or to be recorded as it is.

    Attributes
    ----------
    job : Job or None
        What to execute; None if the file is no notebook, or nbgrader's settings say that none is executed.
    notebook : str
        What to record where there is nothing to execute, as JSON.
    troubles : list of Trouble
        What had to be mended.
    """

    job: Job | None
    notebook: str = ""
    troubles: list[Trouble] = field(default_factory=list)


@dataclass
class Submission:
    """A student's work that is ready to be graded.

    Attributes
    ----------
    student : str
        Who.
    notebooks : dict of str to Planned
        The assignment's notebooks that were handed in, by name.
    files : mapping of str to bytes
        What lies beside them.
    timestamp : datetime or None
        When it was handed in.
    fingerprint : str
        Known again by it; see :func:`fingerprint`.
    troubles : list of Trouble
        What is wrong with the submission as a whole.
    """

    student: str
    notebooks: dict[str, Planned]
    files: Mapping[str, bytes]
    timestamp: Any
    fingerprint: str
    troubles: list[Trouble]


class ParallelAutograde(Autograde):  # type: ignore[misc]
    """nbgrader's autograde, in steps.

    Parameters
    ----------
    course : Course
        The course.
    book : RunGradebook
        Its gradebook.
    assignment : str
        What is graded.
    limits : Limits
        What a notebook may use.
    apart : bool
        Whether the tester runs the checks; else they run in the notebook.
    quick : bool
        Whether cells that earn nothing and were left as released run only if an answer needs them.
    """

    def __init__(
        self,
        course: Course,
        book: RunGradebook,
        assignment: str,
        limits: Limits,
        apart: bool = True,
        quick: bool = False,
    ) -> None:
        super().__init__(coursedir=course.directory, config=course.config, log=course.log)
        self.course, self.book, self.assignment, self.limits = course, book, assignment, limits
        self.coursedir.assignment_id = assignment
        self.released: dict[str, ReleasedNotebook] = read_assignment(course, book, assignment, apart, quick)
        excluded = self.exclude_overwriting.get(assignment, [])
        self._overlay = teacher_files(course, assignment, excluded)
        self._stage: Path | None = None
        sanitize, record = map(self._make, (self.sanitize_preprocessors, self.autograde_preprocessors))
        self._executes = any(isinstance(one, Execute) for one in record)
        self._sanitize, self._record = map(_without_ours, (sanitize, record))
        self._settings = self._settings_that_count()
        self._fingerprint = assignment_fingerprint(self.released, limits)
        self._check_release()

    @property
    def max_points(self) -> float:
        """What the assignment is worth."""
        return sum(map(max_points, self.released.values()))

    def _make(self, classes: list[Any]) -> list[Any]:
        """Make the preprocessors that are enabled, once for all students."""
        found = [import_item(given) if isinstance(given, str) else given for given in classes]
        made = [given(parent=self) if isinstance(given, type) else given for given in found]
        return [one for one in made if one.enabled]

    def _check_release(self) -> None:
        """Let nbgrader check the cells' metadata: once, for every student gets the same.

        Raises
        ------
        UserError
            If a notebook is written in another language than Python.
        """
        for name, released in self.released.items():
            if not released.is_python:
                raise UserError(
                    f"{name}.ipynb is written in {released.kernelspec['language']}; only Python is executed here.",
                    f"nbgrader grades it with its own kernel: nbgrader autograde {self.assignment}",
                )
            check = CheckCellMetadata(parent=self)
            check.preprocess(integrity.replacement(released, ""), self._resources("", name))

    def _settings_that_count(self) -> dict[str, str]:
        """Return what the fingerprint must know of the settings: those of the preprocessors."""
        names = {type(one).__name__ for one in (*self._sanitize, *self._record)}
        return {name: str(self.config.get(name)) for name in sorted(names) if self.config.get(name)}

    # Plan ---------------------------------------------------------------------------------------------------------

    def plan(self, student: str, again: bool = False) -> Submission | Graded:
        """Read a student's submission and make it ready; if it is graded already, return what it got.

        Parameters
        ----------
        student : str
            Who.
        again : bool
            Grade it even if nothing has changed.
        """
        try:
            return self._plan(student, again)
        except OSError as error:
            place = Path(error.filename).name if isinstance(error.filename, str) else "the submission"
            return self.failed(student, Trouble("", "unreadable", f"{place} can't be read: {error.strerror or error}"))
        except (SQLAlchemyError, UserError):
            raise
        except Exception as error:  # whatever it is, the rest of the class is graded
            line = f"{type(error).__name__}: {error}".splitlines()[0]
            return self.failed(student, Trouble("", "unforeseen", f"this submission can't be prepared ({line})"))

    def failed(self, student: str, trouble: Trouble) -> Graded:
        """Say that a student could not be graded; nothing is recorded."""
        return Graded(student, "failed", max_points=self.max_points, troubles=[("", trouble)])

    def _plan(self, student: str, again: bool) -> Submission | Graded:
        folder = self.course.folder("submitted", student, self.assignment)
        self.coursedir.student_id = student
        self.notebooks = sorted(str(path) for path in folder.glob("*.ipynb"))
        self.run_pre_convert_hook()
        handed = read_submission(self.course, student, self.assignment, self._overlay)
        troubles = list(handed.troubles)
        timestamp = self._timestamp(handed, troubles)
        contents = {name: _read_limited(handed.notebooks[name]) for name in self.released if name in handed.notebooks}
        if not contents:
            there = ", ".join(
                sorted({f"{name}.ipynb" for name in handed.notebooks} | set(handed.files) - set(self._overlay))
            )
            wanted = " and ".join(f"{name}.ipynb" for name in self.released)
            return self.failed(student, Trouble("", "missing", f"no {wanted} (handed in: {there or 'nothing'})"))
        for name in self.released:
            if name not in contents:
                troubles.append(Trouble("", "missing", f"{name}.ipynb was not handed in; it earns 0"))
        due = self.book.due(self.assignment, student)
        mark = fingerprint(contents, handed, self._fingerprint, [self._settings, str(due)])
        if not again:
            known = self._known(student, list(contents), mark)
            if known:
                return known
        notebooks = {name: self._prepare(student, name, content, handed) for name, content in contents.items()}
        return Submission(student, notebooks, handed.files, timestamp, mark, troubles)

    def _timestamp(self, handed: Handed, troubles: list[Trouble]) -> Any:
        """Read when it was handed in."""
        text = handed.files.get("timestamp.txt", b"").decode("utf-8", "replace").strip()
        try:
            return parse_utc(text) if text else None
        except (ValueError, OverflowError):
            troubles.append(Trouble("", "timestamp", f"timestamp.txt is no date: {text[:40]!r}; taken as in time"))
            return None

    def _prepare(self, student: str, name: str, content: bytes, handed: Handed) -> Planned:
        """Mend and sanitize a notebook."""
        released = self.released[name]
        try:
            notebook, troubles = integrity.restore(content, released)
        except integrity.Unreadable as error:
            why = Trouble("", "unreadable", f"{name}.ipynb can't be graded: {error}")
            substitute = integrity.replacement(released, str(error))
            return Planned(None, notebook_text(substitute), [why])
        with self.book.shared():
            for one in self._sanitize:
                notebook, _ = one.preprocess(notebook, self._resources(student, name))
        if not self._executes:
            return Planned(None, notebook_text(notebook), troubles)
        later = released.put_off(notebook)
        job = Job(notebook_text(notebook), handed.files, released.tested, released.setup, self.limits, later)
        return Planned(job, troubles=troubles)

    def _resources(self, student: str, name: str) -> dict[str, Any]:
        return {
            "unique_key": name,
            "output_files_dir": f"{name}_files",
            "metadata": {},
            "nbgrader": {
                "student": student,
                "assignment": self.assignment,
                "notebook": name,
                "db_url": self.coursedir.db_url,
            },
        }

    def _known(self, student: str, names: list[str], mark: str) -> Graded | None:
        """Return what a submission got, if it was graded before and nothing has changed since."""
        folder = self.course.folder("autograded", student, self.assignment)
        records = {name: read_record(folder / f"{name}.ipynb") for name in names}
        if any(record.get("fingerprint") != mark for record in records.values()):
            return None
        graded = self._marks(student, "unchanged")
        if graded is None:
            return None
        for name, record in records.items():
            graded.troubles += [(name, Trouble(**told)) for told in record["troubles"]]
            graded.seconds += record["seconds"]
            graded.isolation = record["isolation"]
        return graded

    def _marks(self, student: str, state: str) -> Graded | None:
        """Return what stands in the gradebook for a student; None if nothing does."""
        marks = self.book.marks(self.assignment, student)
        return Graded(student, state, marks.points, self.max_points, marks.needs_manual_grade) if marks else None

    # Record -------------------------------------------------------------------------------------------------------

    def record(self, submission: Submission, executions: Mapping[str, Execution]) -> Graded:
        """Write a student's marks to the gradebook and the graded notebooks to ``autograded/``.

        The new folder is written beside its place, then the marks are saved, then the folder is put in place. Whenever
        the process is killed, all of a student's marks are saved or none; and if the folder is not in its place, the
        next run grades the student again, with the same result.

        Parameters
        ----------
        submission : Submission
            What :meth:`plan` gave.
        executions : mapping of str to Execution
            What came of its jobs, by name of the notebook.
        """
        student = submission.student
        self.coursedir.student_id = student
        place = self.course.folder("autograded", student, self.assignment)
        self._stage = place.with_name(f".{place.name}.chainrule-new")
        _remove(self._stage)
        told: list[tuple[str, Trouble]] = [("", trouble) for trouble in submission.troubles]
        try:
            self._stage.mkdir(parents=True)
            with self.book.shared(), self.book.saved():
                self._enter(submission)
                for name, planned in submission.notebooks.items():
                    execution = executions.get(name)
                    troubles = [*planned.troubles, *(execution.troubles if execution else ())]
                    notebook = self._score(student, name, execution.notebook if execution else planned.notebook)
                    notebook.metadata.setdefault("chainrule", {})["grading"] = {
                        "fingerprint": submission.fingerprint,
                        "isolation": execution.isolation if execution else "",
                        "seconds": round(execution.seconds, 3) if execution else 0,
                        "troubles": [asdict(trouble) for trouble in troubles],
                    }
                    (self._stage / f"{name}.ipynb").write_text(notebook_text(notebook), encoding="utf-8")
                    told += [(name, trouble) for trouble in troubles]
                for name, content in submission.files.items():
                    (self._stage / name).parent.mkdir(parents=True, exist_ok=True)
                    (self._stage / name).write_bytes(content)
                self.set_permissions(self.assignment, student)
            _put_in_place(self._stage, place)
        finally:
            _remove(self._stage)
            self._stage = None
        self.notebooks = [str(place / f"{name}.ipynb") for name in submission.notebooks]
        self.run_post_convert_hook()
        graded = self._marks(student, "graded")
        assert graded is not None
        graded.troubles = told
        graded.seconds = sum(execution.seconds for execution in executions.values())
        graded.isolation = next((execution.isolation for execution in executions.values()), "")
        return graded

    def _format_dest(self, assignment_id: str, student_id: str, escape: bool = False) -> str:
        """Let nbgrader write to the folder aside while a student is recorded."""
        return str(self._stage) if self._stage else super()._format_dest(assignment_id, student_id, escape)

    def _enter(self, submission: Submission) -> None:
        """Enter the student and the submission; what was not handed in earns 0."""
        book, student = self.book, submission.student
        if self.create_student:
            book.update_or_create_student(student)
        else:
            try:
                book.find_student(student)
            except MissingEntry:
                raise NotInGradebook(f"there is no student {student!r} in the gradebook") from None
        when = {"timestamp": submission.timestamp} if submission.timestamp else {}
        book.open_submission(self.assignment, student, **when)
        for name in self.released:
            if name not in submission.notebooks:
                for grade in book.find_submission_notebook(name, self.assignment, student).grades:
                    grade.auto_score = 0
                    grade.needs_manual_grade = False

    def _score(self, student: str, name: str, text: str) -> Notebook:
        """Let nbgrader's preprocessors score an executed notebook."""
        notebook = nbformat.v4.reads(text)
        resources = self._resources(student, name)
        for one in self._record:
            notebook, resources = one.preprocess(notebook, resources)
        return notebook


class NotInGradebook(Exception):  # noqa: N818  (it is a state, told in a line)
    """The student may not be created, and is not there."""


def _without_ours(preprocessors: list[Any]) -> list[Any]:
    """Leave out what is done elsewhere: mending and executing."""
    return [one for one in preprocessors if not isinstance(one, Execute | RestoreCells | CheckCellMetadata)]


def _read_limited(path: Path) -> bytes:
    """Read a file, but not much more of it than a notebook may have."""
    with path.open("rb") as file:
        return file.read(integrity.SIZE_LIMIT + 1)


def read_record(path: Path) -> dict[str, Any]:
    """Return what the grader noted in a graded notebook; empty if there is no such note."""
    try:
        noted = json.loads(path.read_bytes())["metadata"]["chainrule"]["grading"]
        return noted if isinstance(noted["troubles"], list) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _put_in_place(new: Path, place: Path) -> None:
    """Put a folder where another may be."""
    old = place.with_name(f".{place.name}.chainrule-old")
    _remove(old)
    if place.exists():
        place.rename(old)
    new.rename(place)
    _remove(old)


def _remove(folder: Path) -> None:
    """Remove a folder, though its files may be read-only."""
    if folder.exists():
        shutil.rmtree(folder)
