"""Read a unit's source, a Jupytext percent notebook, and refuse what would build or grade wrongly."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
from nbgrader.nbgraderformat import MetadataValidator, ValidationError

from chainrule_course.errors import CourseError
from chainrule_course.notebooks import Cell, Notebook, cell_name, grading

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a cell's name may be: it becomes the cell's id."""

MARKER = re.compile(r"^[ \t]*#+ *(BEGIN|END) ([A-Z ]+?) *$", re.MULTILINE)
"""A line that tells nbgrader where something begins or ends that students don't get."""

NEEDS = {"SOLUTION": "solution", "HIDDEN TESTS": "grade", "MARK SCHEME": "task"}
"""Kind of marker → the nbgrader metadata without which nbgrader leaves what it marks in the release."""


def read_source(path: Path) -> Notebook:
    """Read ``source/<unit>/<unit>.py`` as a notebook whose cell ids are the cells' names.

    Raises
    ------
    CourseError
        If the file can't be read, or a cell has no name, shares one, or has nbgrader metadata that would grade wrongly.
    """
    try:
        notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CourseError(f"{path} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.") from error
    except Exception as error:
        line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CourseError(f"{path} is not a Jupytext percent notebook: {line}.") from error
    seen: dict[str, int] = {}
    for number, cell in enumerate(notebook.cells, 1):
        name = cell_name(cell)
        where = f"{path}, cell {number}" + (f" ({name})" if name else "")
        if not name:
            first = (cell.source.strip() or "(empty)").splitlines()[0][:60]
            raise CourseError(f'{where}, "{first}", has no name.', 'Add name="…" (or nbgrader={…}) to its # %% line.')
        if not NAME.fullmatch(name):
            raise CourseError(f"{where}: a name has 1 to 64 of the characters A-Z, a-z, 0-9, - and _.")
        if name in seen:
            raise CourseError(f"{where}: cell {seen[name]} has the same name.", "Each cell needs its own.")
        seen[name] = number
        _check_metadata(cell, where)
        _check_markers(cell, where)
        cell["id"] = name
        cell.metadata.pop("lines_to_next_cell", None)  # Jupytext's, for blank lines in the text form
    kept = {key: notebook.metadata[key] for key in ("title", "syllabus") if key in notebook.metadata}
    notebook.metadata = {
        "chainrule": {"built_from": f"source/{path.parent.name}/{path.name}", "note": "Built by chainrule build."},
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook.metadata.update(kept)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def line_of(path: Path, name: str, line: int | None = None) -> str:
    """Return the place of a cell, or of one of its lines, as editors understand it: "source/…/….py:120"."""
    place = re.compile(rf"^# %%.*\"(name|grade_id)\": *\"{re.escape(name)}\"|^# %%.*\bname=\"{re.escape(name)}\"")
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if place.search(text):
            return f"{path}:{number + (line or 0)}"
    return str(path)


def _check_metadata(cell: Cell, where: str) -> None:
    """Refuse nbgrader metadata that does not fit nbgrader's own schema."""
    if "nbgrader" not in cell.metadata:
        return
    given = grading(cell)
    if given.get("schema_version") != MetadataValidator.schema_version:
        raise CourseError(f'{where}: its nbgrader metadata needs "schema_version": {MetadataValidator.schema_version}.')
    if given.get("grade") and "points" not in given:
        raise CourseError(f'{where}: a graded cell needs "points" in its nbgrader metadata.')
    try:
        MetadataValidator().validate_cell(cell)
    except (ValidationError, KeyError) as error:
        line = str(error).strip().splitlines()[0]
        raise CourseError(f"{where}: nbgrader does not accept its metadata: {line}.") from error


def _check_markers(cell: Cell, where: str) -> None:
    """Refuse markers that would let a solution or a hidden test into the release, or clear too much."""
    given, found, inside = grading(cell), set(), ""
    for side, kind in MARKER.findall(cell.source):
        if kind not in NEEDS:
            raise CourseError(f'{where}: "{side} {kind}" is no marker.', f"There are BEGIN and END {', '.join(NEEDS)}.")
        if not given.get(NEEDS[kind]):
            raise CourseError(
                f'{where}: {kind} markers need "{NEEDS[kind]}": true in the cell\'s nbgrader metadata.',
                "Without it, students would get what they mark.",
            )
        if (side == "BEGIN") == bool(inside) or (side == "END" and kind != inside):
            raise CourseError(f"{where}: {side} {kind} is out of order.", "Each BEGIN needs its END; they don't nest.")
        inside = kind if side == "BEGIN" else ""
        found.add(kind)
    if inside:
        raise CourseError(f"{where}: BEGIN {inside} has no END {inside}.")
    if cell.cell_type == "code" and given.get("solution") and not given.get("grade") and "SOLUTION" not in found:
        raise CourseError(
            f"{where}: a solution cell needs ### BEGIN SOLUTION and ### END SOLUTION.",
            "Without them nbgrader clears the whole cell, imports and docstring too.",
        )
