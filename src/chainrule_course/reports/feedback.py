"""Feedback for a student: one page that shows the marks, names the mistakes and points to where each is explained."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chainrule_course.checks.report import Report, Result
from chainrule_course.errors import UserError
from chainrule_course.notebooks import Cell, Notebook, cell_name, grading, read_notebook
from chainrule_course.reports import display
from chainrule_course.reports.autograded import Autograded, Exercise, Hidden, Test, read_autograded
from chainrule_course.reports.gradebook import Comment, Grade, Gradebook, Submission, Unit, Work
from chainrule_course.reports.pages import render, write_if_changed
from chainrule_course.reports.prose import headings
from chainrule_course.reports.sections import Section, sections

CARRIED = ("timestamp.txt", "submission_secret.txt")
"""What `nbgrader release_feedback` needs beside a page, to give it to its student and to nobody else."""

Progress = Callable[[int, int, str], None]


@dataclass
class Feedback:
    """What came of writing feedback.

    Attributes
    ----------
    written, unchanged : list of path
        Pages that are new or different, and pages that are as they were.
    ungraded : list of str
        Students with nothing to show yet.
    problems : list of str
        One line for each student whose notebook could not be read.
    """

    written: list[Path] = field(default_factory=list)
    unchanged: list[Path] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def write_feedback(
    book: Gradebook, name: str, students: Sequence[str] = (), progress: Progress | None = None
) -> Feedback:
    """Write the feedback of a unit where nbgrader looks for it: ``feedback/<student>/<unit>/<notebook>.html``.

    Parameters
    ----------
    book : Gradebook
        The course's gradebook.
    name : str
        The unit.
    students : sequence of str
        Ids of students, by default all who handed in.
    progress : callable, optional
        Called as ``progress(students done, students, student)`` before each student.

    Raises
    ------
    UserError
        If a student is unknown, or nothing is graded yet.
    """
    unit, known = book.unit(name), book.students()
    for student in students:
        if student not in known:
            near = difflib.get_close_matches(student, known, 1)
            advice = f"Did you mean {near[0]}?" if near else "`nbgrader db student list` lists them."
            raise UserError(f"The gradebook has no student {student!r}.", advice)
    chosen = list(dict.fromkeys(students)) or sorted(unit.submissions)
    releases = {notebook: read_release(book, unit, notebook) for notebook in unit.notebooks}
    result = Feedback()
    for number, student in enumerate(chosen):
        if progress:
            progress(number, len(chosen), student)
        _write(book, unit, unit.submissions.get(student), student, releases, result)
    if not (result.written or result.unchanged or result.problems):
        whose = f" for {', '.join(result.ungraded)}" if students else ""
        raise UserError(f"Nothing of {name} is graded yet{whose}.", f"Run `chainrule grade {name}` first.")
    return result


def read_release(book: Gradebook, unit: Unit, notebook: str) -> Notebook | None:
    """Return a notebook as students got it, if it is there."""
    try:
        return read_notebook(book.folder("release", ".", unit.name) / f"{notebook}.ipynb")
    except UserError:
        return None


def notebook_title(notebook: Notebook) -> str:
    """Return the title of a notebook: from its metadata, or its first heading."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return str(notebook.metadata.get("title") or next((words for text in texts for _, words in headings(text)), ""))


def _write(
    book: Gradebook,
    unit: Unit,
    submission: Submission | None,
    student: str,
    releases: dict[str, Notebook | None],
    result: Feedback,
) -> None:
    if submission is None:
        result.ungraded.append(student)
        return
    source, target = book.folder("autograded", student, unit.name), book.folder("feedback", student, unit.name)
    mode, any_page = book.mode(), False
    for notebook, work in sorted(submission.notebooks.items()):
        path = source / f"{notebook}.ipynb"
        if not path.is_file():
            continue
        try:
            graded = read_autograded(path, releases[notebook], book.config)
        except UserError as error:
            result.problems.append(f"{student}: {error.problem}")
            any_page = True
            continue
        page = feedback_page(unit, submission, notebook, work, graded, releases[notebook])
        changed = write_if_changed(target / f"{notebook}.html", page, mode)
        (result.written if changed else result.unchanged).append(target / f"{notebook}.html")
        any_page = True
    if not any_page:
        result.ungraded.append(student)
        return
    for name in CARRIED:
        if (source / name).is_file() and not (source / name).is_symlink() and target.is_dir():
            write_if_changed(target / name, (source / name).read_bytes()[:10_000], mode)


# What stands on a page ------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """An exercise on the page."""

    exercise: Exercise
    anchor: str
    grades: list[Grade]
    tests: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    comments: list[Comment]
    section: Section | None

    @property
    def points(self) -> float:
        """Points earned."""
        return sum(grade.points for grade in self.grades)

    @property
    def max_points(self) -> float:
        """Points that could be earned."""
        return sum(grade.max_points for grade in self.grades)

    @property
    def waiting(self) -> bool:
        """Whether the teacher has still to look at it."""
        return any(grade.waiting for grade in self.grades)

    @property
    def complete(self) -> bool:
        """Whether all points are earned."""
        return self.points >= self.max_points - 1e-9 and not self.waiting

    def sum_of(self, kind: str) -> float | None:
        """Return the automatic ("auto"), manual or extra points; None where there are none.

        Where the teacher has given points, the automatic ones do not count.
        """
        values = [
            getattr(grade, kind)
            for grade in self.grades
            if getattr(grade, kind) is not None and not (kind == "auto" and grade.manual is not None)
        ]
        return sum(values) if values else None

    @property
    def mistakes(self) -> list[str]:
        """The mistakes named, each once."""
        reports = [test["report"] for test in self.tests if test["report"]]
        return list(dict.fromkeys(says for report in reports for says in report.mistakes.values()))

    @property
    def unsolved(self) -> bool:
        """Whether the exercise is as it came."""
        reports = [test["report"] for test in self.tests]
        return bool(reports) and all(report and report.unsolved for report in reports)


def feedback_page(
    unit: Unit, submission: Submission, notebook: str, work: Work, graded: Autograded, release: Notebook | None
) -> bytes:
    """Return the page of one notebook of a student."""
    explained = sections(release.cells if release is not None else graded.cells)
    rows = [_row(exercise, number, work, graded, explained) for number, exercise in enumerate(graded.exercises, 1)]
    there = {name for row in rows for name in row.exercise.graded}
    lost = [name for name in work.grades if name not in there]
    title = (release is not None and notebook_title(release)) or graded.title or notebook
    about_outputs = {cell_name(cell) for row in rows for cell in row.exercise.answers}
    pictures = [
        (_place(graded.cells, index), html)
        for index, cell in enumerate(graded.cells)
        if not grading(cell).get("grade") and cell_name(cell) not in about_outputs | {""}
        for html in display.figures(cell, graded.hidden)
    ]
    return render(
        "feedback.html.j2",
        unit=unit,
        title=title,
        notebook=notebook,
        submission=submission,
        work=work,
        max_points=unit.notebooks[notebook],
        rows=rows,
        lost=[(name, work.grades[name]) for name in lost],
        kinds=[kind for kind in ("manual", "extra") if any(row.sum_of(kind) is not None for row in rows)],
        pictures=pictures,
        errors=[
            (number, cell_name(cell), line if not graded.hidden.is_in(line) else line.split(":")[0])
            for number, cell, line in display.each_error(graded.cells)
            if not grading(cell).get("grade")
        ],
        troubles=[
            (cell, message)
            for cell, kind, message in graded.troubles
            if kind != "raised" and not graded.hidden.is_in(message)
        ],
    )


def _row(exercise: Exercise, number: int, work: Work, graded: Autograded, explained: dict[str, Section]) -> Row:
    names = [cell_name(cell) for cell in exercise.answers] + [test.name for test in exercise.tests]
    return Row(
        exercise,
        f"exercise-{number}",
        [work.grades[name] for name in exercise.graded if name in work.grades],
        [_test(test, work.grades.get(test.name), graded.hidden) for test in exercise.tests],
        [
            {
                "cell": cell,
                "name": cell_name(cell),
                "outputs": display.shown(cell, graded.hidden) if cell.cell_type == "code" else [],
            }
            for cell in exercise.answers
        ],
        [work.comments[name] for name in dict.fromkeys(names) if name in work.comments],
        next((explained[name] for name in names if name in explained), None),
    )


def _test(test: Test, grade: Grade | None, hidden: Hidden) -> dict[str, Any]:
    report = _without_hidden(test.report, hidden) if test.report else None
    outputs = [] if report else display.shown(test.cell, hidden, traceback=False)
    return {"name": test.name, "grade": grade, "report": report, "outputs": outputs}


def _without_hidden(report: Report, hidden: Hidden) -> Report:
    """Return a report whose texts repeat nothing of the hidden tests, as an error raised to show them would."""
    return Report(report.names, report.max_points, [_clean(result, hidden) for result in report.results], report.hidden)


def _clean(result: Result, hidden: Hidden) -> Result:
    fields = ("problem", "expected", "got", "says", "label")
    blank: dict[str, Any] = {name: "(not shown)" for name in fields if hidden.is_in(getattr(result, name))}
    return replace(result, **blank)


def _place(cells: list[Cell], index: int) -> str:
    """Return the heading under which a cell stands."""
    for cell in reversed(cells[:index]):
        if cell.cell_type == "markdown" and (found := headings(cell.source)):
            return found[-1][1]
    return ""
