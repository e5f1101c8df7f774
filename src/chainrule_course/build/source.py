"""Read a unit's source, a Jupytext percent notebook, and refuse what would build wrongly."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext

from chainrule_course.errors import UserError
from chainrule_course.notebooks import Cell, Notebook, cell_name

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a cell's name may be: it becomes the cell's id."""


def read_source(path: Path) -> Notebook:
    """Read ``source/<unit>/<unit>.py`` as a notebook whose cell ids are the cells' names.

    Raises
    ------
    UserError
        If the file can't be read, or a cell has no name, shares one, or has nbgrader metadata that would grade wrongly.
    """
    try:
        notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read: {error}.") from error
    except Exception as error:
        raise UserError(f"{path} is not a Jupytext percent notebook: {error}.") from error
    seen: dict[str, int] = {}
    for number, cell in enumerate(notebook.cells, 1):
        name = cell_name(cell)
        where = f"{path}, cell {number}" + (f" ({name})" if name else "")
        if not name:
            first = (cell.source.strip() or "(empty)").splitlines()[0][:60]
            raise UserError(f'{where}, "{first}", has no name.', 'Add name="..." (or nbgrader={...}) to its # %% line.')
        if not NAME.fullmatch(name):
            raise UserError(f"{where}: a name has 1 to 64 letters, digits, - and _.")
        if name in seen:
            raise UserError(f"{where}: cell {seen[name]} has the same name.", "Each cell needs its own.")
        seen[name] = number
        _check_grading(cell, where)
        cell["id"] = name
    title = notebook.metadata.get("title")
    notebook.metadata = {
        "chainrule": {"built_from": f"source/{path.parent.name}/{path.name}", "note": "Built by chainrule build."},
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    if title:
        notebook.metadata["title"] = title
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _check_grading(cell: Cell, where: str) -> None:
    """Refuse nbgrader metadata or markers that nbgrader would misread."""
    grading = cell.metadata.get("nbgrader")
    begins, ends = (len(re.findall(rf"{word} SOLUTION", cell.source)) for word in ("BEGIN", "END"))
    if grading is None:
        if begins or "BEGIN HIDDEN TESTS" in cell.source:
            raise UserError(f"{where}: solutions and hidden tests need nbgrader metadata, or they would be released.")
        return
    if grading.get("schema_version") != 3:
        raise UserError(f'{where}: its nbgrader metadata needs "schema_version": 3.')
    if begins != ends or cell.source.count("BEGIN HIDDEN TESTS") != cell.source.count("END HIDDEN TESTS"):
        raise UserError(f"{where}: each BEGIN marker needs its END.")
    if grading.get("solution") and cell.cell_type == "code" and not begins:
        raise UserError(
            f"{where}: a solution cell needs ### BEGIN SOLUTION and ### END SOLUTION.",
            "Without them nbgrader clears the whole cell, imports and docstring too.",
        )
    if grading.get("grade") and "points" not in grading:
        raise UserError(f'{where}: a graded cell needs "points".')
