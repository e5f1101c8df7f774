"""What an assignment consists of: its cells as the gradebook knows them, and which of them the tester runs."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import MissingEntry

from chainrule_course.errors import UserError
from chainrule_course.grading.course import Course
from chainrule_course.grading.gradebook import RunGradebook
from chainrule_course.notebooks import Notebook, cell_name


@dataclass(frozen=True)
class ReleasedCell:
    """A cell that students got, with the teacher's text.

    Attributes
    ----------
    name : str
        Its ``grade_id``.
    metadata : dict
        The nbgrader metadata that it must have.
    kind : {"code", "markdown"}
        Type of the cell.
    source : str
        The teacher's text, hidden tests included.
    """

    name: str
    metadata: dict[str, Any]
    kind: str
    source: str

    @property
    def graded(self) -> bool:
        """Whether it earns points, by itself or by hand."""
        return bool(self.metadata["grade"] or self.metadata["task"])


@dataclass(frozen=True)
class ReleasedNotebook:
    """A notebook of the assignment.

    Attributes
    ----------
    name : str
        File name without ``.ipynb``.
    cells : dict of str to ReleasedCell
        Its cells that nbgrader knows, in their order.
    kernelspec : dict
        The kernel it is written for.
    tested : tuple of str
        Graded cells that run in the tester.
    setup : str
        What the tester runs first.
    opted_out : dict of str to str
        Exercise whose checks run in the student's process → why.
    demonstrations : tuple of str
        Sources of cells that earn nothing and that students need not touch; known where all checks run in the tester.
    """

    name: str
    cells: dict[str, ReleasedCell]
    kernelspec: dict[str, Any] = field(default_factory=dict)
    tested: tuple[str, ...] = ()
    setup: str = ""
    opted_out: dict[str, str] = field(default_factory=dict)
    demonstrations: tuple[str, ...] = ()

    @property
    def is_python(self) -> bool:
        """Whether it is written in Python, the language that the engine executes."""
        return str(self.kernelspec.get("language", "python")).lower() == "python"

    def put_off(self, notebook: Notebook) -> tuple[int, ...]:
        """Return the cells of a student's notebook, counted from 0, that are demonstrations left as released."""
        return tuple(
            number
            for number, cell in enumerate(notebook.cells)
            if cell.cell_type == "code" and "nbgrader" not in cell.metadata and cell.source in self.demonstrations
        )


def read_assignment(
    course: Course, book: RunGradebook, assignment: str, apart: bool = True, quick: bool = False
) -> dict[str, ReleasedNotebook]:
    """Return the notebooks of an assignment, by name.

    Parameters
    ----------
    course, book, assignment
        Where it is.
    apart : bool
        Whether the tester runs the checks; else there are no cells for it.
    quick : bool
        Whether demonstrations are looked for; else there are none.

    Raises
    ------
    UserError
        If the gradebook does not know the assignment.
    """
    try:
        found = book.find_assignment(assignment)
    except MissingEntry:
        found = None
    if found is None or not found.notebooks:
        raise UserError(
            f"The gradebook does not know {assignment}.", f"Run: nbgrader generate_assignment {assignment} --force"
        )
    notebooks = {}
    for entry in sorted(found.notebooks, key=lambda entry: entry.name):
        source = _read_source(course, assignment, entry.name)
        cells = _cells(entry, source)
        kernelspec = json.loads(entry.kernelspec) if entry.kernelspec else {}
        tested, setup, opted_out = _tested(cells, source if apart else None)
        shown = _demonstrations(source, cells, tested) if quick and source and tested and not opted_out else ()
        notebooks[entry.name] = ReleasedNotebook(entry.name, cells, kernelspec, tested, setup, opted_out, shown)
    return notebooks


def _cells(entry: Any, source: Notebook | None) -> dict[str, ReleasedCell]:
    """Return the cells of a notebook in the gradebook, in the order of its source (the gradebook keeps none)."""
    graded = {cell.name: cell.max_score for cell in entry.grade_cells}
    tasks = {cell.name: cell.max_score for cell in entry.task_cells}
    solutions = {cell.name for cell in entry.solution_cells}
    cells = {}
    for cell in entry.source_cells:
        metadata = {
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
            "grade": cell.name in graded,
            "grade_id": cell.name,
            "locked": cell.locked,
            "schema_version": 3,
            "solution": cell.name in solutions,
            "task": cell.name in tasks,
        }
        points = {**graded, **tasks}.get(cell.name)
        if points is not None:
            metadata["points"] = points
        cells[cell.name] = ReleasedCell(cell.name, metadata, cell.cell_type, cell.source)
    order = {cell_name(cell): number for number, cell in enumerate(source.cells)} if source else {}
    return dict(sorted(cells.items(), key=lambda item: order.get(item[0], len(order))))


def _tested(cells: dict[str, ReleasedCell], source: Notebook | None) -> tuple[tuple[str, ...], str, dict[str, str]]:
    """Decide what the tester runs: graded cells that use :class:`Checks`, where the source has a cell named setup."""
    if source is None:
        return (), "", {}
    reasons = {}
    setup = None
    for cell in source.cells:
        own = cell.metadata.get("chainrule")
        if isinstance(own, dict) and own.get("in_process"):
            reasons[exercise_of(cell_name(cell))] = str(own["in_process"])
        if cell_name(cell) == "setup" and cell.cell_type == "code":
            setup = cell.source
    if setup is None:
        return (), "", {}
    checks = [
        name
        for name, cell in cells.items()
        if cell.metadata["grade"] and not cell.metadata["solution"] and cell.kind == "code" and "Checks(" in cell.source
    ]
    out = {exercise_of(name) for name in checks} & set(reasons)
    tested = tuple(name for name in checks if exercise_of(name) not in out)
    return tested, setup if tested else "", {name: reasons[name] for name in sorted(out)}


def _demonstrations(source: Notebook, cells: dict[str, ReleasedCell], tested: tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells that earn nothing and change no name of the setup or of an answer."""
    code = [cell for cell in source.cells if cell.cell_type == "code" and cell_name(cell) not in tested]
    kept = [cell for cell in code if cell_name(cell) in cells or cell_name(cell) == "setup"]
    taken = set[str]().union(*(_changed(cell.source) for cell in kept))
    return tuple(sorted({cell.source for cell in code if cell not in kept and taken.isdisjoint(_changed(cell.source))}))


def _changed(source: str) -> set[str]:
    """Return the names that a cell of the teacher's defines or changes, outside of its functions."""
    try:
        todo: list[ast.AST] = [ast.parse(source)]
    except SyntaxError:  # a magic command
        return set()
    found = set()
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        if isinstance(getattr(node, "ctx", None), ast.Store):
            changed = node
            while isinstance(changed, ast.Subscript | ast.Attribute):
                changed = changed.value
            found |= {changed.id} if isinstance(changed, ast.Name) else set()
        todo += [] if isinstance(node, ast.Lambda) else ast.iter_child_nodes(node)
    return found


def exercise_of(cell: str) -> str:
    """Return the exercise that a cell belongs to: "dense" for dense, dense-check and dense-hidden."""
    return re.sub(r"-(check|hidden)$", "", cell)


def _read_source(course: Course, assignment: str, name: str) -> Notebook | None:
    """Return the teacher's notebook: the built one, else a unit's own source, else the release; None without any."""
    folder = course.folder("source", ".", assignment)
    unit = folder / f"{name}.py"
    for path in (folder / f"{name}.ipynb", unit, course.folder("release", ".", assignment) / f"{name}.ipynb"):
        if path == unit and path.is_file():
            from chainrule_course.build.source import read_source

            return read_source(path)
        if path.is_file():
            return _read(path)
    return None


def _read(path: Path) -> Notebook:
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:
        raise UserError(f"{path} can't be read: {type(error).__name__}.", "Mend it, or build it again.") from error


def max_points(notebook: ReleasedNotebook) -> float:
    """Return what a notebook is worth."""
    return float(sum(cell.metadata.get("points", 0) for cell in notebook.cells.values()))
