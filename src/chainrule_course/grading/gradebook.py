"""nbgrader's gradebook, opened once a run: one session, one commit for each student.

nbgrader's preprocessors open a gradebook each, and commit after each cell. Inside :meth:`RunGradebook.shared` they get
this one; what they commit is kept back until :meth:`RunGradebook.save`, all of a student's marks at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from alembic.script import ScriptDirectory
from nbgrader import api, dbutil
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.converters import autograde
from nbgrader.preprocessors import latesubmissions, overwritecells, overwritekernelspec, saveautogrades
from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from chainrule_course.errors import UserError

_OPENERS = (autograde, latesubmissions, overwritecells, overwritekernelspec, saveautogrades)
"""nbgrader's modules that open a gradebook of their own while they grade."""


@dataclass(frozen=True)
class Marks:
    """What a student has for an assignment.

    Attributes
    ----------
    points : float
        All cells together, after the penalty.
    penalty : float
        Taken off because it was late.
    needs_manual_grade : bool
        Whether a cell waits for the teacher.
    """

    points: float
    penalty: float
    needs_manual_grade: bool


class _HeldSession(Session):
    """A session whose commits are kept back until it is told to save."""

    def commit(self) -> None:
        """Wait: what is pending is flushed before the next query, and saved with the rest."""

    def save(self) -> None:
        """Commit."""
        super().commit()


class RunGradebook(Gradebook):  # type: ignore[misc]
    """A gradebook for one run of the grader, which is its only writer.

    Parameters
    ----------
    url : str
        SQLAlchemy's URL of the database.
    course_id : str
        Name of the course in it.

    Raises
    ------
    UserError
        If the database can't be opened, or is an older nbgrader's.
    """

    def __init__(self, url: str, course_id: str) -> None:
        try:
            create_tables(url)
            super().__init__(url, course_id)
        except ModuleNotFoundError as error:
            raise UserError(
                f"The gradebook {url.split(':')[0]}://… needs {error.name}, which is not installed.",
                'For PostgreSQL: pip install "chainrule[postgres]" and write postgresql+psycopg://…',
            ) from error
        except sqlalchemy.exc.ArgumentError as error:
            raise UserError(
                f"{url!r} is no address of a gradebook.", "Write sqlite:////path/gradebook.db or postgresql+psycopg://…"
            ) from error
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise UserError(f"The gradebook can't be opened: {_first_line(error)}.") from error
        self._open: dict[tuple[str, ...], Any] = {}  # what is recorded: a submission, its grades, its comments
        self._memory: dict[tuple[str, ...], Any] = {}
        super().close()
        self.db: Any = scoped_session(
            sessionmaker(class_=_HeldSession, bind=self.engine, autoflush=True, expire_on_commit=False)
        )

    @contextlib.contextmanager
    def shared(self) -> Iterator[None]:
        """Let nbgrader's own preprocessors use this gradebook."""
        for module in _OPENERS:
            module.Gradebook = lambda *_: self
        try:
            yield
        finally:
            for module in _OPENERS:
                module.Gradebook = Gradebook
            self.db.rollback()  # holds no lock while nobody records

    def __exit__(self, *_: object) -> None:
        """Stay open: nbgrader's preprocessors leave a gradebook after each notebook."""

    @contextlib.contextmanager
    def saved(self) -> Iterator[None]:
        """Save what the block records, all of it or, if it fails, nothing."""
        try:
            yield
            self.db().save()
        except BaseException:
            self.db.rollback()
            raise
        finally:
            self._open.clear()
            self.db.expunge_all()  # so that the memory does not grow with the class

    def open_submission(self, assignment: str, student: str, **columns: Any) -> None:
        """Enter a submission, or update it; its grades and comments are at hand until the block ends.

        Parameters
        ----------
        assignment, student : str
            Names that the gradebook knows.
        **columns
            What to set, such as its timestamp.
        """
        found = self.db.scalars(
            select(SubmittedAssignment)
            .join(Assignment)
            .where(Assignment.name == assignment, SubmittedAssignment.student_id == student)
        ).first()
        rows = self._rows(found) if found else []
        if found is None:
            found, rows = self._new_submission(assignment, student)
        for name, value in columns.items():
            setattr(found, name, value)
        self._open["Submission", assignment, student] = found
        for notebook, cell, row in rows:
            self._open[type(row).__name__, cell, notebook, assignment, student] = row

    def _rows(self, submission: SubmittedAssignment) -> Iterator[tuple[str, str, Any]]:
        """Read the grades and comments of a submission: notebook, cell, row."""
        for kind in (Grade, Comment):
            yield from self.db.execute(
                select(Notebook.name, BaseCell.name, kind)
                .join(BaseCell, BaseCell.id == kind.cell_id)
                .join(SubmittedNotebook, SubmittedNotebook.id == kind.notebook_id)
                .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
                .where(SubmittedNotebook.assignment_id == submission.id)
            )

    def _new_submission(self, assignment: str, student: str) -> tuple[SubmittedAssignment, list[tuple[str, str, Any]]]:
        """Enter a submission with all that nbgrader enters for one; return its grades and comments, too."""
        found = self._remembered(self.find_assignment, assignment)
        submission = SubmittedAssignment(assignment_id=found.id, student_id=student)
        rows: list[tuple[str, str, Any]] = []
        for notebook in found.notebooks:
            handed = SubmittedNotebook(notebook_id=notebook.id, assignment=submission)
            for cell in notebook._base_cells:
                for kind, of in ((Grade, GradeCell | TaskCell), (Comment, SolutionCell | TaskCell)):
                    if isinstance(cell, of):
                        rows.append((notebook.name, cell.name, kind(cell_id=cell.id, notebook=handed)))
        self.db.add(submission)
        return submission, rows

    def find_submission(self, assignment: str, student: str) -> Any:
        """Return a student's submission, the open one without asking the database."""
        return self._open.get(("Submission", assignment, student)) or super().find_submission(assignment, student)

    def find_grade(self, grade_cell: str, notebook: str, assignment: str, student: str) -> Any:
        """Return a cell's grade, of the open submission without asking the database."""
        own = self._open.get(("Grade", grade_cell, notebook, assignment, student))
        return own or super().find_grade(grade_cell, notebook, assignment, student)

    def find_comment(self, solution_cell: str, notebook: str, assignment: str, student: str) -> Any:
        """Return a cell's comment, of the open submission without asking the database."""
        own = self._open.get(("Comment", solution_cell, notebook, assignment, student))
        return own or super().find_comment(solution_cell, notebook, assignment, student)

    def find_notebook(self, name: str, assignment: str) -> Any:
        """Return a notebook of an assignment; asked for once a run."""
        return self._remembered(super().find_notebook, name, assignment)

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """Return a cell as it was released; asked for once a run."""
        return self._remembered(super().find_source_cell, name, notebook, assignment)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """Return what a graded cell is worth; asked for once a run."""
        return self._remembered(super().find_graded_cell, name, notebook, assignment)

    def _remembered(self, find: Callable[..., Any], *names: str) -> Any:
        key = (find.__name__, *names)
        if key not in self._memory:
            found = find(*names)
            notebooks = getattr(found, "notebooks", [found] if isinstance(found, Notebook) else [])
            cells = [cell for notebook in notebooks for cell in (*notebook.source_cells, *notebook._base_cells)]
            for each in dict.fromkeys([found, *notebooks, *cells]):
                self.db.expunge(each)  # it stays as it is when the session forgets all else
            self._memory[key] = found
        return self._memory[key]

    def due(self, assignment: str, student: str) -> tuple[Any, Any]:
        """Return when an assignment is due and what extension a student has."""
        row = self.db.execute(
            select(Assignment.duedate, SubmittedAssignment.extension)
            .outerjoin(
                SubmittedAssignment,
                and_(SubmittedAssignment.assignment_id == Assignment.id, SubmittedAssignment.student_id == student),
            )
            .where(Assignment.name == assignment)
        ).first()
        self.db.rollback()
        return (row[0], row[1]) if row else (None, None)

    def marks(self, assignment: str, student: str) -> Marks | None:
        """Return what a student has for an assignment; None if nothing is recorded."""
        penalty = (
            select(func.sum(SubmittedNotebook.late_submission_penalty))
            .where(SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .correlate(SubmittedAssignment)
            .scalar_subquery()
        )
        row = self.db.execute(
            select(func.sum(Grade.score), penalty, func.max(case((Grade.needs_manual_grade, 1), else_=0)))
            .select_from(SubmittedAssignment)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .where(Assignment.name == assignment, SubmittedAssignment.student_id == student)
            .group_by(SubmittedAssignment.id)
        ).first()
        self.db.rollback()
        return Marks((row[0] or 0) - (row[1] or 0), row[1] or 0, bool(row[2])) if row else None


def create_tables(url: str) -> None:
    """Make nbgrader's tables in an empty database, as nbgrader does, but without calling the program alembic."""
    engine = sqlalchemy.create_engine(url)
    try:
        if sqlalchemy.inspect(engine).get_table_names():
            return
        with engine.begin() as connection:
            api.Base.metadata.create_all(connection)
            head = ScriptDirectory(dbutil.ALEMBIC_DIR).get_current_head()
            connection.execute(sqlalchemy.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(sqlalchemy.text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
    finally:
        engine.dispose()


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
