"""Grade a class: plan each student, let a backend execute the notebooks, record what comes, one student at a time."""

from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy

from chainrule_course.errors import UserError
from chainrule_course.grading.backends import Backend, Task
from chainrule_course.grading.course import Course
from chainrule_course.grading.enter import enter_if_unknown
from chainrule_course.grading.gradebook import RunGradebook
from chainrule_course.grading.jobs import Execution, Graded, Isolation, Limits, Trouble
from chainrule_course.grading.nbgrader_bridge import NotInGradebook, ParallelAutograde, Submission


@dataclass
class Report:
    """What came of a run.

    Attributes
    ----------
    assignment : str
        What was graded.
    students : list of Graded
        Each student's result, in the order of names.
    waiting : list of str
        Students that were not reached, because the run was stopped.
    max_points : float
        What the assignment is worth.
    entered : bool
        Whether the gradebook did not know the assignment before.
    opted_out : dict of str to str
        Exercise whose checks run in the student's process → why.
    seconds : float
        How long the run took.
    own_seconds : float
        How long this process was at work for it: planning and recording.
    """

    assignment: str
    students: list[Graded] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    max_points: float = 0
    entered: bool = False
    opted_out: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    own_seconds: float = 0


Progress = Callable[[Graded], None]
"""Called with each student's result."""


@dataclass
class _UnderWay:
    """A submission of which not all notebooks are executed."""

    submission: Submission
    missing: set[str]
    executions: dict[str, Execution] = field(default_factory=dict)
    lost: BaseException | None = None


class Grader:
    """Grades an assignment of a course.

    Parameters
    ----------
    course : Course
        The course.
    assignment : str
        Name of the assignment.
    limits : Limits
        What a notebook may use.
    backend : Backend
        What executes notebooks.
    isolation : {"full", "none"}
        Where they run.
    apart : bool
        Whether checks run in a process of their own, which the student's code never enters, where a unit allows it.
    quick : bool
        Whether cells that earn nothing and were left as released run only if an answer needs them.

    Attributes
    ----------
    stopped : bool
        Set it to let what is under way end, and start nothing more.
    """

    def __init__(
        self,
        course: Course,
        assignment: str,
        limits: Limits,
        backend: Backend,
        isolation: Isolation = "full",
        apart: bool = True,
        quick: bool = False,
    ) -> None:
        self.course, self.assignment, self.limits = course, assignment, limits
        self.backend, self.isolation = backend, isolation
        self.apart, self.quick = apart, quick
        self.stopped = False

    def grade(self, students: list[str], again: bool = False, progress: Progress = lambda _: None) -> Report:
        """Grade students and return what came of it.

        Parameters
        ----------
        students : list of str
            Whom.
        again : bool
            Execute again what has not changed.
        progress : callable
            Called with each student's result as it comes.

        Raises
        ------
        UserError
            If another run grades this course, or the gradebook is not usable.
        """
        began = time.perf_counter()
        with only_one(self.course.root), contextlib.chdir(self.course.root):
            book = RunGradebook(self.course.directory.db_url, self.course.directory.course_id)
            try:
                entered = enter_if_unknown(self.course, book, self.assignment)
                autograde = ParallelAutograde(self.course, book, self.assignment, self.limits, self.apart, self.quick)
                report = Report(self.assignment, max_points=autograde.max_points, entered=entered)
                for notebook in autograde.released.values():
                    report.opted_out.update(notebook.opted_out)
                with _what_is_here_stays():
                    self._grade(autograde, students, again, report, progress)
            except sqlalchemy.exc.OperationalError as error:
                line = str(error.orig).splitlines()[0]
                raise UserError(
                    f"The gradebook refuses: {line}.",
                    "What was recorded is safe; run the command again. After an update of nbgrader:"
                    " back up the gradebook and run `nbgrader db upgrade`.",
                ) from error
            finally:
                book.close()
        report.students.sort(key=lambda graded: graded.student)
        report.seconds = time.perf_counter() - began
        return report

    def _grade(
        self, autograde: ParallelAutograde, students: list[str], again: bool, report: Report, progress: Progress
    ) -> None:
        under_way: dict[str, _UnderWay] = {}

        def finish(graded: Graded) -> None:
            report.students.append(graded)
            progress(graded)

        def record(work: _UnderWay) -> None:
            began = time.perf_counter()
            finish(self._record(autograde, work))
            report.own_seconds += time.perf_counter() - began

        def tasks() -> Iterator[Task]:
            for number, student in enumerate(students):
                if self.stopped:
                    report.waiting = students[number:]
                    return
                began = time.perf_counter()
                planned = autograde.plan(student, again)
                report.own_seconds += time.perf_counter() - began
                if isinstance(planned, Graded):
                    finish(planned)
                    continue
                jobs = {name: one.job for name, one in planned.notebooks.items() if one.job is not None}
                work = under_way[student] = _UnderWay(planned, set(jobs))
                if not jobs:
                    record(under_way.pop(student))
                del planned
                for name, job in jobs.items():
                    work.submission.notebooks[name].job = None  # the backend holds it; the memory stays flat
                    yield (student, name), job

        for (student, name), outcome in self.backend.run(tasks(), self.isolation):
            work = under_way[student]
            work.missing.discard(name)
            if isinstance(outcome, Execution):
                work.executions[name] = outcome
            else:
                work.lost = outcome
            if not work.missing:
                record(under_way.pop(student))

    def _record(self, autograde: ParallelAutograde, work: _UnderWay) -> Graded:
        """Record a student; what stands in the way is told and stops nobody else."""
        student = work.submission.student
        if work.lost is not None:
            if isinstance(work.lost, UserError):
                raise work.lost
            line = f"{type(work.lost).__name__}: {work.lost}".splitlines()[0]
            return autograde.failed(student, Trouble("", "lost", f"not executed, run the command again ({line})"))
        try:
            return autograde.record(work.submission, work.executions)
        except OSError as error:
            reason = f"{error.filename or 'autograded/'} can't be written: {error.strerror or error}"
        except NotInGradebook as error:
            reason = str(error)
        return autograde.failed(student, Trouble("", "unrecorded", reason))


@contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Let one run grade a course at a time; the lock ends with the process, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows has no such lock
        yield
        return
    lock = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"Another `chainrule grade` is at work in {root}.", "Wait until it ends, or end it with Ctrl-C."
            ) from None
        except OSError:  # a file system without locks
            pass
        yield
    finally:
        os.close(lock)


@contextmanager
def _what_is_here_stays() -> Iterator[None]:
    """Let the garbage collector look only at what comes from now on; looking at all took a fifth of our time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def as_data(report: Report, isolation: Isolation, why: str) -> Mapping[str, Any]:
    """Return a report as JSON data, for ``--json``."""
    return {
        "assignment": report.assignment,
        "isolation": isolation,
        "why_not_isolated": why,
        "seconds": round(report.seconds, 3),
        "max_points": report.max_points,
        "checks_in_the_students_process": report.opted_out,
        "not_graded_yet": report.waiting,
        "students": [
            {
                "student": graded.student,
                "state": graded.state,
                "points": graded.points,
                "max_points": graded.max_points,
                "needs_manual_grade": graded.needs_manual_grade,
                "seconds": round(graded.seconds, 3),
                "isolation": graded.isolation,
                "troubles": [
                    {"notebook": notebook, "cell": told.cell, "kind": told.kind, "message": told.message}
                    for notebook, told in graded.troubles
                ],
            }
            for graded in report.students
        ],
    }
