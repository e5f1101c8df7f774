"""Make the pages that gather from all units: the syllabus, and what lecture notes often say and what is so."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from chainrule_course.build.drift import compare_text
from chainrule_course.build.source import line_of, read_source
from chainrule_course.build.stage import put_in_place, staged
from chainrule_course.course_folder import find_units
from chainrule_course.errors import CourseError
from chainrule_course.notebooks import Cell, Notebook, cell_name, grading

SYLLABUS = ("minutes", "needs", "gives")
"""What the header of a unit's source says under ``syllabus``: time, what must be known before, what is known after."""

ERRATUM = ("says", "correct")
"""What a cell says under ``errata``: what is often said, and what is so."""

ELSEWHERE = re.compile(r"^\*\*Where this lives in .*\*\*\n\n((?:\|.*\n?)+)", re.MULTILINE)
"""The table of names in other libraries, in the last cell of a unit."""

BUILT = "<!-- Built by `chainrule build` from the units in source/; edit there. -->\n\n"


@dataclass
class Unit:
    """What the pages tell of a unit.

    Attributes
    ----------
    name, title : str
        Name of its folder, and its first heading.
    minutes : int
        How long it takes.
    needs, gives : str
        What must be known before, what is known after.
    graded : list of (str, float)
        Each exercise, as Markdown, and what it is worth.
    elsewhere : str
        The table of names in Keras, PyTorch and others.
    errata : list of (str, str, str)
        Cell, what is often said, what is so.
    """

    name: str
    title: str
    minutes: int
    needs: str
    gives: str
    elsewhere: str
    graded: list[tuple[str, float]] = field(default_factory=list)
    errata: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def points(self) -> float:
        """What all of its exercises are worth."""
        return sum(points for _, points in self.graded)


def make_pages(root: Path) -> dict[str, str]:
    """Make the pages of the course at `root`: file name → text.

    Raises
    ------
    CourseError
        If a unit lacks what the pages tell of it.
    """
    units = [read_unit(root, name) for name in find_units(root)]
    return {"SYLLABUS.md": _syllabus(units), "ERRATA.md": _errata(units)}


def write_pages(root: Path, pages: dict[str, str], waiting: Callable[[], None]) -> None:
    """Write the pages into ``course/``; all are replaced, or none.

    Parameters
    ----------
    root : path
        The folder with ``source/``.
    pages : dict
        What `make_pages` gave.
    waiting : callable
        Called once if another build of the same course has to end first.

    Raises
    ------
    UserError
        If they can't be written.
    """
    with staged(root, waiting) as stage:
        (stage / "new" / "course").mkdir(parents=True)
        for name, text in pages.items():
            (stage / "new" / "course" / name).write_text(text, encoding="utf-8", newline="\n")
        put_in_place(root)


def compare_pages(root: Path, pages: dict[str, str]) -> list[str]:
    """Return how the pages in ``course/`` differ from `pages`: one line for each that does."""
    return [
        line for name, text in pages.items() for line in compare_text(text, root / "course" / name, f"course/{name}")
    ]


# What is read ---------------------------------------------------------------------------------------------------------


def read_unit(root: Path, name: str) -> Unit:
    """Read what the pages tell of a unit off its source.

    Raises
    ------
    CourseError
        If something is missing; says what, and where it belongs.
    """
    source = root / "source" / name / f"{name}.py"
    notebook = read_source(source)
    unit = Unit(name, _heading(notebook, source), *_header(notebook, source), _elsewhere(notebook, source))
    cells = {cell_name(cell): cell for cell in notebook.cells}
    for cell_id, cell in cells.items():
        given = grading(cell)
        if given.get("grade") and given.get("solution"):
            unit.graded.append(("a text, which your teacher marks", given["points"]))
        elif cell_id.endswith("-check") and given.get("grade"):
            hidden = grading(cells[other]) if (other := f"{cell_id.removesuffix('-check')}-hidden") in cells else {}
            names = ", ".join(f"`{function}`" for function in _functions(cell))
            unit.graded.append((names, given["points"] + hidden.get("points", 0)))
    unit.errata = _rows(notebook, source)
    return unit


def _heading(notebook: Notebook, source: Path) -> str:
    found = re.match(r"# (.+)", notebook.cells[0].source) if notebook.cells else None
    if not found:
        raise CourseError(f"{source}: its first cell has no heading.", "Begin it with # and the title of the unit.")
    return found[1].strip()


def _header(notebook: Notebook, source: Path) -> tuple[int, str, str]:
    given = notebook.metadata.get("syllabus")
    missing = [key for key in SYLLABUS if not (isinstance(given, dict) and given.get(key))]
    if missing or type(given["minutes"]) is not int:
        what = f"has no {', '.join(missing)}" if missing else f"gives {given['minutes']!r} minutes, not a whole number"
        raise CourseError(
            f"{source}: the syllabus in its header {what}.",
            "Below the title, write syllabus: and under it minutes:, needs: and gives:, as in the other units.",
        )
    minutes, needs, gives = (given[key] for key in SYLLABUS)
    return minutes, str(needs), str(gives)


def _elsewhere(notebook: Notebook, source: Path) -> str:
    found = [table[1] for cell in notebook.cells if (table := ELSEWHERE.search(f"{cell.source}\n"))]
    if not found:
        raise CourseError(
            f"{source}: nothing says where its functions live in other libraries.",
            "In its last cell, put a table after the line **Where this lives in Keras and PyTorch.**",
        )
    return found[-1].strip()


def _functions(cell: Cell) -> list[str]:
    """Return the names that a check cell hands to ``Checks``."""
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Checks":
            return [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
    return []


def _rows(notebook: Notebook, source: Path) -> list[tuple[str, str, str]]:
    """Return the rows of a unit's errata; neighbors whose names begin with ``errata-`` may share one."""
    for is_errata, group in groupby(notebook.cells, key=lambda cell: cell_name(cell).startswith("errata-")):
        cells = list(group)
        if is_errata and not any("errata" in cell.metadata for cell in cells):
            first = cell_name(cells[0])
            raise CourseError(
                f"{source}: {first} does not say what it corrects.",
                f'Add errata={{"says": "…", "correct": "…"}} to its # %% line. See {line_of(source, first)}.',
            )
    return [(cell_name(cell), *_row(cell, source)) for cell in notebook.cells if "errata" in cell.metadata]


def _row(cell: Cell, source: Path) -> tuple[str, str]:
    given, name = cell.metadata["errata"], cell_name(cell)
    if not isinstance(given, dict) or set(given) != set(ERRATUM) or not all(map(str.strip, map(str, given.values()))):
        raise CourseError(
            f"{source}: the errata of {name} must be what is often said and what is so.",
            f'Write errata={{"says": "…", "correct": "…"}}. See {line_of(source, name)}.',
        )
    says, correct = (" ".join(str(given[key]).split()).replace("|", "\\|") for key in ERRATUM)
    return says, correct


# What is written ------------------------------------------------------------------------------------------------------


def _syllabus(units: list[Unit]) -> str:
    hours, points = sum(unit.minutes for unit in units) / 60, sum(unit.points for unit in units)
    lines = [
        "# Syllabus",
        "",
        BUILT.strip(),
        "",
        f"{len(units)} notebooks, about {hours:.0f} hours, {points:g} points. Each asks one question and answers it by",
        "experiments that you run. You write the functions that the answer rests on. What lecture notes often say",
        "about all this, and what is so, stands in [ERRATA](ERRATA.md).",
        "",
        "| unit | minutes | points | what you need |",
        "|---|---|---|---|",
        *(f"| [{unit.title}]({_link(unit)}) | {unit.minutes} | {unit.points:g} | {unit.needs} |" for unit in units),
        "",
        "Points are given check by check: half of the checks right, half of the points.",
    ]
    for unit in units:
        lines += [
            "",
            f"## {unit.title}",
            "",
            f"*{unit.minutes} minutes.* {unit.gives}",
            "",
            "| you write | points |",
            "|---|---|",
        ]
        lines += [f"| {what} | {points:g} |" for what, points in unit.graded]
        lines += ["", "In other libraries:", "", unit.elsewhere]
    return "\n".join(lines) + "\n"


def _errata(units: list[Unit]) -> str:
    lines = [
        "# What lecture notes often say, and what is so",
        "",
        BUILT.strip(),
        "",
        "Each sentence on the left is one that lecture notes, textbooks and answers on the web often have. It is",
        "wrong, or half right. You need not believe the one beside it either: the link leads to a cell that shows it.",
        "Guess first, then run it.",
    ]
    for unit in units:
        if unit.errata:
            lines += ["", f"## {unit.title}", "", "| often said | what is so | see it |", "|---|---|---|"]
            lines += [f"| {says} | {so} | [{cell}]({_link(unit)}#cell-id={cell}) |" for cell, says, so in unit.errata]
    lines += [
        "",
        "In JupyterLab a link opens the notebook at that cell. Elsewhere, search the notebook for the cell's name.",
    ]
    return "\n".join(lines) + "\n"


def _link(unit: Unit) -> str:
    return f"{unit.name}/{unit.name}.ipynb"
