"""Read an autograded notebook: its exercises, and what must not be shown of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traitlets.config import Config

from chainrule_course.checks.report import MIME, Report
from chainrule_course.notebooks import Cell, Notebook, cell_name, grading, read_notebook

SHORTEST = 10
"""Characters a line of hidden code must have to be recognized in an output; shorter ones say nothing."""


_ENCODED = re.compile(r"base64,[A-Za-z0-9+/=]{200,}")
"""A picture: long, and no line of code can be read in it."""


@dataclass
class Test:
    """A graded cell of an exercise: what its checks found, or what it printed."""

    name: str
    cell: Cell
    report: Report | None = None


@dataclass
class Exercise:
    """What belongs together: the student's cells and the cells that grade them.

    A cell that the teacher grades by hand (an answer or a task) is among both.
    """

    title: str
    answers: list[Cell] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)

    @property
    def graded(self) -> list[str]:
        """The names of the cells that carry points."""
        by_hand = [cell_name(cell) for cell in self.answers if grading(cell).get("grade") or grading(cell).get("task")]
        return by_hand + [test.name for test in self.tests]


@dataclass
class Autograded:
    """An autograded notebook.

    Attributes
    ----------
    title : str
        The notebook's title, if it tells one.
    cells : list of Cell
        All cells, in order.
    exercises : list of Exercise
        In the order of the notebook.
    hidden : Hidden
        What the page must not show.
    seconds : float or None
        How long grading took, if it was written down.
    troubles : list of (cell, kind, message)
        What went wrong while it was graded, if it was written down.
    """

    title: str
    cells: list[Cell]
    exercises: list[Exercise]
    hidden: Hidden
    seconds: float | None = None
    troubles: list[tuple[str, str, str]] = field(default_factory=list)


class Hidden:
    """The code of the hidden tests, line by line, to keep it out of pages."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self.lines = frozenset(lines)

    def is_in(self, text: object) -> bool:
        """Whether a text repeats a line of it, as it is or as HTML."""
        whole = _ENCODED.sub("", str(text))
        if "&" in whole:
            whole += html.unescape(whole)
        return any(line in whole for line in self.lines)


def read_autograded(path: Path, release: Notebook | None = None, config: Config | None = None) -> Autograded:
    """Read the autograded notebook at `path`.

    Parameters
    ----------
    path : path
        The notebook.
    release : notebook, optional
        The same notebook as students got it: what stands there is not hidden.
    config : Config, optional
        nbgrader's settings; they may rename the marks around hidden tests.

    Raises
    ------
    UserError
        If it cannot be read.
    """
    notebook = read_notebook(path)
    seconds, troubles = _grading_record(notebook)
    return Autograded(
        str(notebook.metadata.get("title") or ""),
        list(notebook.cells),
        _exercises(notebook.cells),
        _hidden(notebook.cells, release, config or Config()),
        seconds,
        troubles,
    )


def _exercises(cells: list[Cell]) -> list[Exercise]:
    """Group cells: a test belongs to the answer it is named for, or else to the answer before it."""
    found: list[Exercise] = []
    named: dict[str, Exercise] = {}
    for cell in cells:
        about, name = grading(cell), cell_name(cell)
        by_hand = about.get("task") or (about.get("grade") and about.get("solution"))
        if by_hand or about.get("solution"):
            if by_hand or not found or found[-1].tests or found[-1].graded:
                found.append(Exercise(name))
            found[-1].answers.append(cell)
            named.setdefault(name, found[-1])
        elif about.get("grade"):
            exercise = named.get(re.sub("-(check|hidden)$", "", name)) or (found[-1] if found else None)
            if exercise is None:
                exercise = Exercise(name)
                found.append(exercise)
            exercise.tests.append(Test(name, cell, _report(cell)))
    for exercise in found:
        functions = next((test.report.names for test in exercise.tests if test.report), ())
        exercise.title = ", ".join(functions) or exercise.title
    return [exercise for exercise in found if exercise.graded]


def _report(cell: Cell) -> Report | None:
    """Return the report in a cell's outputs; None where there is none, or a forged one that makes no sense."""
    reports = [output.data[MIME] for output in cell.get("outputs", []) if MIME in output.get("data", {})]
    try:
        report = Report.from_data(reports[-1])
        texts = [text for r in report.results for text in (r.label, r.problem, r.expected, r.got, r.mistake, r.says)]
        if all(isinstance(text, str) for text in (*texts, *report.names)) and isinstance(report.points, int | float):
            return report
    except (IndexError, KeyError, TypeError, AttributeError, ValueError):
        pass
    return None


def _hidden(cells: list[Cell], release: Notebook | None, config: Config) -> Hidden:
    """Collect what students have not seen: regions that are marked, and whatever the release does not have."""
    marks = config.ClearHiddenTests
    begin = str(marks.get("begin_test_delimeter", "BEGIN HIDDEN TESTS"))
    end = str(marks.get("end_test_delimeter", "END HIDDEN TESTS"))
    released = {cell_name(cell): _lines(cell.source) for cell in release.cells} if release is not None else {}
    hidden: set[str] = set()
    seen: set[str] = set().union(*released.values())
    for cell in cells:
        if not (grading(cell).get("grade") and not grading(cell).get("solution")):
            seen |= _lines(cell.source)
            continue
        if cell_name(cell) in released:
            hidden |= _lines(cell.source)
            continue
        inside = False
        for line in cell.source.split("\n"):
            inside = (inside or begin in line) and end not in line
            (hidden if inside else seen).add(line.strip())
    return Hidden(line for line in hidden - seen if len(line) >= SHORTEST)


def _lines(source: str) -> set[str]:
    return {line.strip() for line in source.split("\n")}


def _grading_record(notebook: Notebook) -> tuple[float | None, list[tuple[str, str, str]]]:
    """Read what the engine wrote into the notebook's metadata, if it did."""
    about = notebook.metadata.get("chainrule")
    record = about.get("grading") if isinstance(about, Mapping) else None
    if not isinstance(record, Mapping):
        return None, []
    seconds = record.get("seconds")
    troubles: Any = record.get("troubles")
    return (
        float(seconds) if isinstance(seconds, int | float) and seconds >= 0 else None,
        [
            (str(item.get("cell", "")), str(item.get("kind", "")), str(item.get("message", "")))
            for item in (troubles if isinstance(troubles, list) else [])
            if isinstance(item, Mapping)
        ],
    )
