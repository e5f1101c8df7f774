"""What can be said of a class that worked on a unit: marks, exercises, mistakes, troubles, time."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from chainrule_course.errors import UserError
from chainrule_course.notebooks import Notebook, cell_name
from chainrule_course.reports.autograded import Autograded, read_autograded
from chainrule_course.reports.display import each_error
from chainrule_course.reports.feedback import notebook_title, read_release
from chainrule_course.reports.gradebook import Grade, Gradebook, Student, Submission, Unit, handed_in_at

Progress = Callable[[int, int, str], None]


@dataclass
class Exercise:
    """How a class did in an exercise."""

    title: str
    cells: dict[tuple[str, str], float] = field(default_factory=dict)  # (notebook, cell) → points it is worth
    points: dict[str, float] = field(default_factory=dict)  # student → points
    unsolved: set[str] = field(default_factory=set)

    @property
    def max_points(self) -> float:
        """Points that could be earned."""
        return sum(self.cells.values())

    @property
    def mean(self) -> float:
        """Mean points of the students who were graded."""
        return statistics.fmean(self.points.values()) if self.points else 0.0

    @property
    def share(self) -> float:
        """Mean share of the points, 0 to 1."""
        return self.mean / self.max_points if self.max_points else 0.0

    @property
    def complete(self) -> set[str]:
        """The students with all points."""
        return {student for student, points in self.points.items() if points >= self.max_points - 1e-9}


@dataclass
class Mistake:
    """A mistake that a check named, and who made it; without a sentence, a check that failed for reasons unknown."""

    exercise: str
    text: str
    students: set[str] = field(default_factory=set)


@dataclass
class Classroom:
    """A class and its unit.

    Attributes
    ----------
    unit : Unit
        What the gradebook knows.
    title : str
        The unit's title.
    students : dict
        All students of the gradebook, and all who handed in.
    graded : dict
        Student → submission, for those whose marks count here.
    states : dict
        Student → "graded", "not handed in", "not graded yet" or "grading failed".
    exercises : list of Exercise
        In the order of the notebook.
    mistakes, unexplained : list of Mistake
        Mistakes by name; failed checks that no known mistake explains. Most frequent first.
    troubles : list of (student, what)
        What the teacher should look at.
    stopped : dict
        Student → cells that ended with an error.
    seconds : dict
        Student → how long grading took, where it was written down.
    """

    unit: Unit
    title: str = ""
    students: dict[str, Student] = field(default_factory=dict)
    graded: dict[str, Submission] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    exercises: list[Exercise] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    unexplained: list[Mistake] = field(default_factory=list)
    troubles: list[tuple[str, str]] = field(default_factory=list)
    stopped: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def shares(self) -> dict[str, float]:
        """Student → share of the unit's points, 0 to 1 (above with extra credit)."""
        most = self.unit.max_points
        return {name: work.points / most if most else 0.0 for name, work in self.graded.items()}

    @property
    def late(self) -> set[str]:
        """The students who handed in after the deadline, their extensions counted."""
        return {name for name, work in self.unit.submissions.items() if work.seconds_late}


def read_classroom(book: Gradebook, name: str, progress: Progress | None = None) -> Classroom:
    """Collect what gradebook and autograded notebooks say of a unit.

    Parameters
    ----------
    book : Gradebook
        The course's gradebook.
    name : str
        The unit.
    progress : callable, optional
        Called as ``progress(students done, students, student)`` before each student.
    """
    unit = book.unit(name)
    room = Classroom(unit, name)
    room.students = book.students() | {key: work.student for key, work in unit.submissions.items()}
    room.students = dict(sorted(room.students.items(), key=lambda item: item[1].order))
    releases = {notebook: read_release(book, unit, notebook) for notebook in unit.notebooks}
    if len(releases) == 1:
        room.title = next((notebook_title(release) for release in releases.values() if release), name)
    seen = _Seen(room)
    for number, student in enumerate(room.students):
        if progress:
            progress(number, len(room.students), student)
        _read_student(book, room, student, releases, seen)
    seen.finish()
    return room


def _read_student(
    book: Gradebook, room: Classroom, student: str, releases: dict[str, Notebook | None], seen: _Seen
) -> None:
    unit, work = room.unit, room.unit.submissions.get(student)
    submitted, autograded = (book.folder(step, student, unit.name) for step in ("submitted", "autograded"))
    there = [name for name in work.notebooks if (autograded / f"{name}.ipynb").is_file()] if work else []
    if work and there:
        room.states[student], room.graded[student] = "graded", work
    elif submitted.is_dir():
        room.states[student] = "grading failed" if work else "not graded yet"
        room.troubles.append((student, room.states[student]))
    else:
        room.states[student] = "not handed in"
        return
    again = handed_in_at(submitted)
    if work and there and again and work.handed_in and again > work.handed_in:
        room.troubles.append((student, "handed in again since it was graded"))
    for notebook in there:
        try:
            graded = read_autograded(autograded / f"{notebook}.ipynb", releases[notebook], book.config)
        except UserError as error:
            room.troubles.append((student, f"its autograded notebook is not readable: {error.problem}"))
            continue
        seen.add(student, notebook, work.notebooks[notebook].grades if work else {}, graded)


class _Seen:
    """Adds up what the notebooks of a class hold."""

    def __init__(self, room: Classroom) -> None:
        self._room = room
        self._exercises: dict[tuple[str, str], Exercise] = {}  # (notebook, cell) → exercise
        self._mistakes: dict[tuple[str, str], Mistake] = {}
        self._unexplained: dict[tuple[str, str], Mistake] = {}

    def add(self, student: str, notebook: str, grades: dict[str, Grade], graded: Autograded) -> None:
        """Add a student's notebook."""
        room = self._room
        for exercise in graded.exercises:
            cells = [(notebook, name) for name in exercise.graded if name in grades]
            entry = next((self._exercises[cell] for cell in cells if cell in self._exercises), None)
            entry = entry or Exercise(exercise.title)
            for cell in cells:
                self._exercises.setdefault(cell, entry)
                entry.cells[cell] = grades[cell[1]].max_points
            reports = [test.report for test in exercise.tests]
            if reports and all(report and report.unsolved for report in reports):
                entry.unsolved.add(student)
                continue
            for report in filter(None, reports):
                for result in report.results:
                    if result.passed:
                        continue
                    book, text = (self._mistakes, result.says) if result.says else (self._unexplained, result.label)
                    found = book.setdefault((entry.title, text), Mistake(entry.title, text))
                    found.students.add(student)
        if graded.seconds:
            room.seconds[student] = room.seconds.get(student, 0) + graded.seconds
        room.troubles += [
            (student, f"{cell}: {message}" if cell else message)
            for cell, kind, message in graded.troubles
            if kind != "raised"
        ]
        stopped = [cell_name(cell) or f"cell {number}" for number, cell, _ in each_error(graded.cells)]
        if stopped:
            room.stopped.setdefault(student, []).extend(stopped)

    def finish(self) -> None:
        """Put the most frequent first."""
        room = self._room
        room.exercises = list({id(exercise): exercise for exercise in self._exercises.values()}.values())
        for exercise in room.exercises:  # from the gradebook, whatever a notebook has lost
            for student, work in room.graded.items():
                grades = [
                    work.notebooks[book].grades.get(cell) for book, cell in exercise.cells if book in work.notebooks
                ]
                exercise.points[student] = sum(grade.points for grade in grades if grade)
        room.mistakes, room.unexplained = (
            sorted(found.values(), key=lambda mistake: (-len(mistake.students), mistake.exercise, mistake.text))
            for found in (self._mistakes, self._unexplained)
        )
