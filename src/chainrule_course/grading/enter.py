"""Enter an assignment in the gradebook, as ``nbgrader generate_assignment`` would; the release stays as it is."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory

from chainrule_course.errors import UserError
from chainrule_course.grading.course import Course
from chainrule_course.grading.gradebook import RunGradebook
from chainrule_course.notebooks import notebook_bytes


def enter_if_unknown(course: Course, book: RunGradebook, assignment: str) -> bool:
    """Enter an assignment that the gradebook does not know; return whether it was so.

    Raises
    ------
    UserError
        If it has no source, or nbgrader refuses it.
    """
    if knows(book, assignment):
        return False
    source = course.folder("source", ".", assignment)
    with tempfile.TemporaryDirectory(prefix="chainrule-enter-") as scratch:
        copy = Path(scratch, "source", assignment)
        if source.is_dir():
            shutil.copytree(source, copy)
            _build(source, copy)
        if not any(copy.glob("*.ipynb")):
            raise UserError(
                f"The gradebook does not know {assignment}, and {source} holds no notebook.",
                f"Put the source there, then run: nbgrader generate_assignment {assignment}",
            )
        _generate(course, assignment, Path(scratch))
    if not knows(book, assignment):
        raise UserError(f"nbgrader does not enter {assignment}.", f"Run: nbgrader generate_assignment {assignment}")
    return True


def knows(book: Gradebook, assignment: str) -> bool:
    """Whether the gradebook has the assignment with its notebooks."""
    try:
        return bool(book.find_assignment(assignment).notebooks)
    except MissingEntry:
        return False
    finally:
        book.db.rollback()
        book.db.expunge_all()


class _Collect(logging.Handler):
    """Keeps what nbgrader says goes wrong."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(record.getMessage())


def _build(source: Path, copy: Path) -> None:
    """Make the notebook of one of our own units from its text."""
    unit = source / f"{source.name}.py"
    if unit.is_file() and not (copy / f"{source.name}.ipynb").exists():
        from chainrule_course.build.source import read_source

        (copy / f"{source.name}.ipynb").write_bytes(notebook_bytes(read_source(unit)))


def _generate(course: Course, assignment: str, scratch: Path) -> None:
    """Let nbgrader read the copy of the source and write the gradebook; what it releases is thrown away."""
    directory = CourseDirectory(config=course.config)
    directory.root = course.directory.root
    directory.db_url = course.directory.db_url
    directory.source_directory = str(scratch / "source")
    directory.release_directory = str(scratch / "release")
    directory.assignment_id = assignment
    lines: list[str] = []
    handler = _Collect(lines)
    course.log.addHandler(handler)
    try:
        GenerateAssignment(coursedir=directory, config=course.config, log=course.log).start()
    except Exception as error:
        reason = next((line for line in reversed(lines) if line.strip()), str(error)).strip().splitlines()[-1]
        raise UserError(f"nbgrader generate_assignment refuses {assignment}: {reason}") from error
    finally:
        course.log.removeHandler(handler)
