"""Find an nbgrader course, any of them: its folder, its settings, its assignments."""

from __future__ import annotations

import contextlib
import difflib
import fnmatch
import glob
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule_course.course_folder import UNIT
from chainrule_course.errors import UserError

CONFIG = "nbgrader_config.py"


@dataclass
class Course:
    """A course folder with nbgrader's settings for it.

    Attributes
    ----------
    root : path
        The folder.
    config : traitlets.config.Config
        What nbgrader's own commands would read here, from ``nbgrader_config.py`` and Jupyter's folders.
    directory : nbgrader.coursedir.CourseDirectory
        Where things are, by these settings.
    log : logging.Logger
        Where nbgrader's converters write.
    """

    root: Path
    config: Any
    directory: Any
    log: logging.Logger

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Return the folder of one of nbgrader's steps, such as "submitted" or "autograded"."""
        return Path(self.directory.format_path(getattr(self.directory, f"{step}_directory"), student, assignment))

    def assignments(self) -> list[str]:
        """Return the names of the assignments that have a source, a release or submissions."""
        found = {
            name
            for step, student in (("source", "."), ("release", "."), ("submitted", "*"))
            for name in self._names(step, student, "assignment_id")
        }
        return sorted(found)

    def students(self, assignment: str) -> list[str]:
        """Return the students who handed something in, without those that ``student_id_exclude`` names."""
        excluded = self.directory.student_id_exclude.split(",")
        return sorted(set(self._names("submitted", "*", "student_id", assignment)) - set(excluded))

    def _names(self, step: str, student: str, which: str, assignment: str = "*") -> Iterator[str]:
        """Read the names of students or assignments off the folders that a step has."""
        place = getattr(self.directory, f"{step}_directory")
        groups = {
            "student_id": re.escape(student) if student != "*" else "(?P<student_id>[^/]+)",
            "assignment_id": re.escape(assignment) if assignment != "*" else "(?P<assignment_id>[^/]+)",
        }
        read = re.compile(self.directory.format_path(place, escape=True, **groups))
        escaped = glob.escape(assignment) if assignment != "*" else "*"
        for path in glob.glob(self.directory.format_path(place, student, escaped)):  # noqa: PTH207  (the pattern is a whole path)
            match = read.fullmatch(path)
            if match and Path(path).is_dir():
                yield match[which]


def open_course(start: Path | None = None, db: str | None = None) -> Course:
    """Return the course at `start` or above it.

    Parameters
    ----------
    start : path, optional
        Where to look first; the current folder by default.
    db : str, optional
        The gradebook's URL, in place of what the settings say.

    Raises
    ------
    UserError
        If there is no course, nbgrader is not installed, or its settings are not right.
    """
    root = _find_root((start or Path.cwd()).resolve())
    try:
        from nbgrader.apps import AutogradeApp
        from nbgrader.coursedir import CourseDirectory
    except ImportError as error:
        raise UserError(
            f"Grading needs {error.name}, which is not installed.", 'Install it with: pip install "chainrule[grade]".'
        ) from error
    app = AutogradeApp()
    app.raise_config_file_errors = True
    app.log_level = logging.CRITICAL
    try:
        with contextlib.chdir(root):
            app.initialize([])
            config = app.config
            directory = CourseDirectory(config=config)
            directory.root = str(root) if not config.CourseDirectory.get("root") else directory.root
            if db:
                directory.db_url = db
            directory.db_url  # noqa: B018  (its default depends on the folder)
    except Exception as error:
        line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(
            f"{root / CONFIG} fails: {type(error).__name__}: {line}.", "Mend it; nbgrader reads it too."
        ) from error
    log = logging.getLogger("chainrule.grading.nbgrader")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    return Course(Path(directory.root), config, directory, log)


def find_assignment(course: Course, wanted: str) -> str:
    """Return the name of an assignment given by its name, its folder, or the number of a unit ("1" → "01_training").

    Raises
    ------
    UserError
        If there is none, or more than one.
    """
    known = course.assignments()
    plain = Path(wanted).name if wanted not in known else wanted
    matches = [name for name in known if name == plain]
    if not matches and plain.isdecimal():
        matches = [name for name in known if fnmatch.fnmatch(name, UNIT) and int(name[:2]) == int(plain)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UserError(f"{wanted!r} may be {' or '.join(matches)}.", "Give the whole name.")
    near = difflib.get_close_matches(plain, known, 1)
    meant = f"Did you mean {near[0]}? " if near else ""
    there = f"There are: {', '.join(known)}." if known else f"{course.root} has no assignments yet."
    raise UserError(f"There is no assignment {wanted!r}.", f"{meant}{there}")


def find_students(course: Course, assignment: str, wanted: list[str]) -> list[str]:
    """Return the students to grade: all who handed in, or those in `wanted`.

    Raises
    ------
    UserError
        If nobody, or one of `wanted` has not handed in.
    """
    known = course.students(assignment)
    place = course.folder("submitted", "STUDENT", assignment)
    if not known:
        raise UserError(f"Nobody has handed in {assignment}.", f"Put each student's notebook into {place}.")
    for student in wanted:
        if student not in known:
            near = difflib.get_close_matches(student, known, 1)
            meant = f"Did you mean {near[0]}?" if near else f"It would be in {place}."
            raise UserError(f"{student} has not handed in {assignment}.", meant)
    return sorted(set(wanted)) or known


def _find_root(start: Path) -> Path:
    """Return the nearest folder, from `start` upward, that looks like a course."""
    for folder in (start, *start.parents):
        if (
            (folder / CONFIG).is_file()
            or (folder / "gradebook.db").is_file()
            or any((folder / "source").glob("*/*.ipynb"))
        ):
            return folder
    raise UserError(
        f"No course in {start} or above it: there is no {CONFIG}.",
        "Go to the course's folder, the one with source/ and submitted/, and try again.",
    )
