"""What nbgrader's gradebook knows of a course, as plain data; nothing is ever written to it."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy
from nbgrader import api
from nbgrader.utils import parse_utc
from sqlalchemy import select

from chainrule_course.errors import UserError
from chainrule_course.grading.course import Course, open_course


@dataclass(frozen=True)
class Student:
    """A student as the gradebook knows them."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """First and last name, or the id where there is no name."""
        return f"{self.first_name} {self.last_name}".strip() or self.id

    @property
    def order(self) -> tuple[str, str, str]:
        """What lists of students are sorted by."""
        return (self.last_name.casefold(), self.first_name.casefold(), self.id)


@dataclass(frozen=True)
class Grade:
    """Points of one graded cell; `points` is what nbgrader counts: by hand before automatic, plus extra credit."""

    points: float
    max_points: float
    auto: float | None = None
    manual: float | None = None
    extra: float | None = None
    waiting: bool = False  # the teacher has to look at it


@dataclass(frozen=True)
class Comment:
    """What is said of a cell, by the teacher or by what graded it (nbgrader: "No response.")."""

    text: str
    by_teacher: bool


@dataclass
class Work:
    """One notebook that a student handed in."""

    penalty: float = 0
    grades: dict[str, Grade] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)

    @property
    def raw_points(self) -> float:
        """The sum of the cells' points."""
        return sum(grade.points for grade in self.grades.values())

    @property
    def points(self) -> float:
        """Points after the late penalty; never below 0, as in nbgrader's export."""
        return max(0.0, self.raw_points - self.penalty)


@dataclass
class Submission:
    """What a student handed in for a unit: notebook → work."""

    student: Student
    handed_in: datetime.datetime | None = None  # UTC
    seconds_late: float = 0
    notebooks: dict[str, Work] = field(default_factory=dict)

    @property
    def raw_points(self) -> float:
        """The sum of the cells' points."""
        return sum(work.raw_points for work in self.notebooks.values())

    @property
    def penalty(self) -> float:
        """What being late costs."""
        return sum(work.penalty for work in self.notebooks.values())

    @property
    def points(self) -> float:
        """Points after the late penalty, as in nbgrader's export."""
        return max(0.0, self.raw_points - self.penalty)

    @property
    def waiting(self) -> bool:
        """Whether a cell waits for the teacher."""
        return any(grade.waiting for work in self.notebooks.values() for grade in work.grades.values())


@dataclass
class Unit:
    """A unit (nbgrader's assignment) and all that was handed in for it."""

    name: str
    key: str  # random, made when the unit was first released
    due: datetime.datetime | None = None
    notebooks: dict[str, float] = field(default_factory=dict)  # name → points that can be earned
    submissions: dict[str, Submission] = field(default_factory=dict)

    @property
    def max_points(self) -> float:
        """Points that can be earned."""
        return sum(self.notebooks.values())


class Gradebook:
    """The gradebook of a course.

    Parameters
    ----------
    course : Course
        The course's folder and nbgrader's settings for it.
    """

    def __init__(self, course: Course) -> None:
        self.root, self.config, self._course = course.root, course.config, course
        self._url = _database(course)

    def folder(self, step: str, student: str, unit: str) -> Path:
        """Return the folder of a step ("submitted", "autograded", "feedback", "release") for a student and a unit."""
        return self._course.folder(step, student, unit)

    def mode(self, private: bool = False) -> int:
        """Return the permissions of files: as nbgrader's, or for teachers only (who may be a group)."""
        if self._course.directory.groupshared:
            return 0o660 if private else 0o664
        return 0o600 if private else 0o644

    def students(self) -> dict[str, Student]:
        """Return all students: id → student."""
        table = api.Student.__table__
        with self._connected() as connection:
            rows = connection.execute(select(table).order_by(table.c.id)).mappings().all()
        return {
            row["id"]: Student(
                row["id"],
                row["first_name"] or "",
                row["last_name"] or "",
                row["email"] or "",
                row.get("lms_user_id") or "",
            )
            for row in rows
        }

    def units(self) -> list[str]:
        """Return the names of all units."""
        with self._connected() as connection:
            return sorted(connection.execute(select(api.Assignment.__table__.c.name)).scalars())

    def find_unit(self, wanted: str) -> str:
        """Return the name of a unit given by its name ("01_training"), its number ("1") or its folder.

        Raises
        ------
        UserError
            If the gradebook has no such unit.
        """
        units, plain = self.units(), Path(wanted).name.removesuffix(".ipynb")
        if plain in units:
            return plain
        if plain.isdecimal():
            numbered = [name for name in units if name.partition("_")[0].isdecimal()]
            same = [name for name in numbered if int(name.partition("_")[0]) == int(plain)]
            if len(same) == 1:
                return same[0]
        if not units:
            raise UserError(
                f"The gradebook of {self.root} has no units yet.", "Run `nbgrader generate_assignment UNIT` first."
            )
        near = difflib.get_close_matches(plain, units, 1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise UserError(f"The gradebook has no unit {wanted!r}.", f"{meant}The units are: {', '.join(units)}.")

    def unit(self, name: str) -> Unit:
        """Return a unit with all submissions, in a handful of queries however large the class is."""
        tables = (api.Assignment, api.Notebook, api.BaseCell)
        assignment, notebook, cell = (each.__table__ for each in tables)
        with self._connected() as connection:
            row = connection.execute(select(assignment).where(assignment.c.name == name)).mappings().one()
            unit = Unit(name, row["id"], row["duedate"])
            notebooks = connection.execute(select(notebook).where(notebook.c.assignment_id == unit.key)).mappings()
            names = {row["id"]: row["name"] for row in notebooks}
            unit.notebooks = dict.fromkeys(sorted(names.values()), 0.0)
            limits: dict[str, float] = {}
            for kind in (api.GradeCell.__table__, api.TaskCell.__table__):
                found = select(kind.c.id, kind.c.max_score, cell.c.notebook_id).join(cell, cell.c.id == kind.c.id)
                for key, points, of in connection.execute(found.where(cell.c.notebook_id.in_(names))):
                    limits[key] = float(points or 0)
                    unit.notebooks[names[of]] += limits[key]
            self._read_submissions(connection, unit, names, limits)
        return unit

    def _read_submissions(self, connection: Any, unit: Unit, names: dict[str, str], limits: dict[str, float]) -> None:
        tables = (api.SubmittedAssignment, api.SubmittedNotebook, api.BaseCell, api.Comment, api.Grade)
        submitted, work, cell, comment, grade = (each.__table__ for each in tables)
        students, works = self.students(), {}
        of_unit = submitted.c.assignment_id == unit.key
        for row in connection.execute(select(submitted).where(of_unit)).mappings():
            due = unit.due + row["extension"] if unit.due and row["extension"] else unit.due
            late = (row["timestamp"] - due).total_seconds() if due and row["timestamp"] else 0
            student = students.get(row["student_id"], Student(row["student_id"]))
            unit.submissions[student.id] = Submission(student, row["timestamp"], max(0.0, late))
        rows = select(work, submitted.c.student_id).join(submitted, submitted.c.id == work.c.assignment_id)
        for row in connection.execute(rows.where(of_unit)).mappings():
            works[row["id"]] = Work(row["late_submission_penalty"] or 0)
            unit.submissions[row["student_id"]].notebooks[names[row["notebook_id"]]] = works[row["id"]]
        columns = (grade.c.notebook_id, cell.c.id, cell.c.name, api.Grade.score, grade.c.auto_score)
        more = (grade.c.manual_score, grade.c.extra_credit, grade.c.needs_manual_grade)
        rows = select(*columns, *more).join(cell, cell.c.id == grade.c.cell_id).where(cell.c.notebook_id.in_(names))
        for key, id_, name, points, auto, manual, extra, waiting in connection.execute(rows.order_by(cell.c.name)):
            if key in works:
                works[key].grades[name] = Grade(
                    float(points or 0), limits.get(id_, 0.0), auto, manual, extra, bool(waiting)
                )
        rows = select(comment.c.notebook_id, cell.c.name, comment.c.manual_comment, comment.c.auto_comment)
        rows = rows.join(cell, cell.c.id == comment.c.cell_id)
        for key, name, manual, auto in connection.execute(rows.where(cell.c.notebook_id.in_(names))):
            text = auto if manual is None else manual  # as nbgrader chooses
            if key in works and text and text.strip():
                works[key].comments[name] = Comment(text, manual is not None)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        engine = sqlalchemy.create_engine(self._url)
        try:
            with engine.connect() as connection:
                yield connection
        except sqlalchemy.exc.NoResultFound as error:
            raise UserError("The gradebook has no such unit.") from error
        except sqlalchemy.exc.SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            where = engine.url.render_as_string(hide_password=True)
            raise UserError(
                f"The gradebook {where} cannot be read: {reason}.",
                "If nbgrader was updated since it was made, back it up and run `nbgrader db upgrade`.",
            ) from error
        finally:
            engine.dispose()


def open_gradebook(start: Path | None = None, db: str | None = None) -> Gradebook:
    """Open the gradebook of the course at `start` or above it.

    Parameters
    ----------
    start : path, optional
        Where to look first; the current folder by default.
    db : str, optional
        The gradebook's URL, in place of what nbgrader's settings say.

    Raises
    ------
    UserError
        If there is no course, no gradebook, or the settings are not right.
    """
    return Gradebook(open_course(start, db))


def _database(course: Course) -> sqlalchemy.URL:
    """Return the address of the database; one of SQLite must be there already (opening it would make an empty one)."""
    try:
        url = sqlalchemy.make_url(course.directory.db_url)
    except sqlalchemy.exc.ArgumentError as error:
        raise UserError(
            f"{course.directory.db_url!r} is no address of a gradebook.", "Give one such as sqlite:///gradebook.db."
        ) from error
    if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith("file:"):
        path = course.root / url.database
        if not path.is_file():
            raise UserError(f"There is no gradebook {path}.", "Grade something first: `chainrule grade UNIT` makes it.")
        url = url.set(database=str(path))
    return url


def handed_in_at(folder: Path) -> datetime.datetime | None:
    """Return the time (UTC) in a submission's ``timestamp.txt``, if it holds one."""
    try:
        text = (folder / "timestamp.txt").read_text(encoding="utf-8").strip()
        time: datetime.datetime = parse_utc(text)
        return time
    except (OSError, ValueError, OverflowError):
        return None
