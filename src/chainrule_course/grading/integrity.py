"""From what a student handed in to a notebook that is safe to grade: every graded cell once, in its place, as released.

Nothing a student can do to the file keeps it from being graded. What can be mended is mended and told; a file that is
no notebook at all becomes one of the released cells, in which nothing is executed, with the reason on top.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import compute_checksum

from chainrule_course.grading.assignment import ReleasedCell, ReleasedNotebook
from chainrule_course.grading.jobs import Trouble
from chainrule_course.grading.stock import not_run
from chainrule_course.notebooks import Cell, Notebook, grading

SIZE_LIMIT = 50_000_000
"""Bytes that a handed-in notebook may have."""

CELL_LIMIT = 5000
"""Cells that a handed-in notebook may have."""

_TAGS = re.compile(r"skip-execution|raises-exception|nbval-.*", re.IGNORECASE)
"""Tags that change how a cell runs or counts; they go from every cell that nbgrader knows."""

_SKIP = re.compile("skip-execution", re.IGNORECASE)
"""The tag by which a cell is not executed; it goes from every cell."""

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""Where half of a character may stand in JSON."""

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class Unreadable(Exception):  # noqa: N818  (it is the file's state)
    """Why a file is no notebook, in one line."""


def restore(content: bytes, released: ReleasedNotebook) -> tuple[Notebook, list[Trouble]]:
    """Return the notebook to grade, and what had to be mended.

    Parameters
    ----------
    content : bytes
        The file that was handed in.
    released : ReleasedNotebook
        What it should hold.

    Raises
    ------
    Unreadable
        If it is no notebook.
    """
    try:
        data = _read(content)
        cells = [_clean(cell, number) for number, cell in enumerate(_cells(data), 1)]
        metadata = _notebook_metadata(data, released)
    except (RecursionError, MemoryError):
        raise Unreadable("it is no notebook: it is nested too deeply.") from None
    notebook = _new_notebook(cells, metadata)
    return notebook, mend(notebook, released)


def mend(notebook: Notebook, released: ReleasedNotebook) -> list[Trouble]:
    """Make the cells that nbgrader knows what they were when released, in place; return what was not."""
    troubles = [*_drop_copies(notebook.cells, released), *_correct(notebook.cells, released)]
    troubles += _put_back(notebook.cells, released)
    troubles += _strip_tags(notebook.cells)
    _name_cells(notebook.cells)
    return troubles


def replacement(released: ReleasedNotebook, reason: str) -> Notebook:
    """Return a notebook of the released cells for a file that is none; nothing in it has run, so it earns 0."""
    notice = nbformat.v4.new_markdown_cell(
        f"**Your file could not be graded:** {reason} It was replaced by the cells below. Please hand in again."
    )
    cells = [notice, *(_released_cell(cell) for cell in released.cells.values())]
    for cell in cells:
        if cell.cell_type == "code":
            not_run(cell, reason)
    notebook = _new_notebook(cells, _notebook_metadata({}, released))
    _name_cells(notebook.cells)
    return notebook


def _read(content: bytes) -> dict[str, Any]:
    """Read a notebook's JSON."""
    if len(content) > SIZE_LIMIT:
        raise Unreadable(f"it has {len(content) / 1e6:.0f} MB, more than {SIZE_LIMIT / 1e6:.0f}.")
    try:
        text = content.decode("utf-8-sig")
        data = json.loads(text)
        if _HALF.search(text):  # half a character can't be written again
            data = json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is not UTF-8 text (byte {error.start}).") from None
    except json.JSONDecodeError as error:
        where = "it is empty." if not error.doc.strip() else f"it is cut off, or no notebook (line {error.lineno})."
        raise Unreadable(where) from None
    except ValueError:
        raise Unreadable("it is no notebook: it holds a number without end.") from None
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        raise Unreadable("it is JSON, but no notebook.")
    if data["nbformat"] < 4:
        try:
            data = nbformat.reads(json.dumps(data), as_version=4)
        except Exception:
            raise Unreadable(f"it is a notebook of an old format ({data['nbformat']}) that can't be read.") from None
    return dict(data)


def _cells(data: Mapping[str, Any]) -> list[Any]:
    cells = data.get("cells")
    if not isinstance(cells, list):
        raise Unreadable("it is a notebook without cells.")
    if len(cells) > CELL_LIMIT:
        raise Unreadable(f"it has {len(cells)} cells, more than {CELL_LIMIT}.")
    return cells


def _clean(cell: Any, number: int) -> Cell:
    """Make a cell anew from what a cell may hold: text, metadata, a picture in a text; outputs never."""
    if not isinstance(cell, dict):
        cell = {}
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    source = source if isinstance(source, str) else ""
    metadata = cell.get("metadata")
    metadata = (
        {key: value for key, value in metadata.items() if key != "execution"} if isinstance(metadata, dict) else {}
    )
    tags = metadata.pop("tags", None)
    if isinstance(tags, list):
        metadata["tags"] = list(dict.fromkeys(filter(_is_text, tags)))
    kind = cell.get("cell_type")
    identity = cell.get("id")
    made = _new_cell(kind if kind in ("code", "markdown") else "raw", source, nbformat.from_dict(metadata))
    made.id = identity if _is_text(identity) and _ID.fullmatch(identity) else f"cell-{number}"
    attachments = cell.get("attachments")
    if kind == "markdown" and _are_pictures(attachments):
        made.attachments = nbformat.from_dict(attachments)
    return made


def _new_cell(kind: str, source: str, metadata: NotebookNode) -> Cell:
    """Make a cell as nbformat does, without validating each: that took most of the time."""
    cell = NotebookNode(cell_type=kind, source=source, metadata=metadata, id="")
    if kind == "code":
        cell.update(execution_count=None, outputs=[])
    return cell


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are_pictures(attachments: object) -> bool:
    """Whether these are a text's attachments: file name → media type → text. A picture may be the answer."""
    return isinstance(attachments, dict) and all(
        isinstance(bundle, dict) and all(map(_is_text, bundle.values())) for bundle in attachments.values()
    )


def _notebook_metadata(data: Mapping[str, Any], released: ReleasedNotebook) -> dict[str, Any]:
    """Keep of a notebook's metadata what tells its language; the kernel is the teacher's."""
    given = data.get("metadata")
    kept = {
        key: value
        for key, value in (given.items() if isinstance(given, dict) else ())
        if key not in ("chainrule", "kernelspec", "widgets", "signature")
        and (key != "language_info" or (isinstance(value, dict) and _is_text(value.get("name"))))
    }
    if released.kernelspec:
        kept["kernelspec"] = released.kernelspec
    return dict(nbformat.from_dict(kept))


def _drop_copies(cells: list[Cell], released: ReleasedNotebook) -> Iterable[Trouble]:
    """Let each name stand once: the last cell of that name, as in nbgrader; earlier ones become the student's own."""
    seen: set[str] = set()
    for cell in reversed(cells):
        name = str(grading(cell).get("grade_id"))
        known = name in released.cells
        if not known or name in seen:
            cell.metadata.pop("nbgrader", None)
            if known:
                yield Trouble(name, "duplicate", "there was a copy of this cell; the last one counts")
        else:
            seen.add(name)


def _correct(cells: list[Cell], released: ReleasedNotebook) -> Iterable[Trouble]:
    """Give the cells that nbgrader knows their metadata, type and, if they are locked, text."""
    for position, cell in enumerate(cells):
        given = grading(cell)
        if not given:
            continue
        own = released.cells[given["grade_id"]]
        # whether a graded cell is locked nbgrader decides by itself
        flags = ("points", "grade", "solution", "task") + (() if own.graded else ("locked",))
        changed = [what for what in flags if given.get(what, False) != own.metadata.get(what, False)]
        if cell.cell_type != own.kind:
            changed.append("type")
            cells[position] = cell = _as_kind(cell, own.kind)
        cell.metadata["nbgrader"] = nbformat.from_dict(dict(own.metadata))
        if own.metadata["locked"] and cell.source != own.source:
            if given.get("checksum") != compute_checksum(cell):  # the release's, which lacks hidden tests
                changed.append("text")
            cell.source = own.source
        if changed:
            yield Trouble(own.name, "changed", f"its {' and '.join(changed)} had been changed; put right")


def _strip_tags(cells: list[Cell]) -> Iterable[Trouble]:
    """Take off the tags that switch a cell off or change how it counts; one line for all of them."""
    stripped: dict[str, int] = {}
    for cell in cells:
        forbidden = _TAGS if grading(cell) else _SKIP
        kept = []
        for tag in cell.metadata.get("tags", []):
            if forbidden.fullmatch(tag):
                stripped[tag] = stripped.get(tag, 0) + 1
            else:
                kept.append(tag)
        if "tags" in cell.metadata:
            cell.metadata["tags"] = kept
    if stripped:
        told = ", ".join(f"{tag} ({number})" for tag, number in sorted(stripped.items()))
        yield Trouble("", "tags", f"tags that change how cells run were taken off: {told}")


def _new_notebook(cells: list[Cell], metadata: dict[str, Any]) -> Notebook:
    return NotebookNode(cells=cells, metadata=nbformat.from_dict(metadata), nbformat=4, nbformat_minor=5)


def _as_kind(cell: Cell, kind: str) -> Cell:
    made = _new_cell(kind, cell.source, cell.metadata)
    made.id = cell.id
    return made


def _put_back(cells: list[Cell], released: ReleasedNotebook) -> Iterable[Trouble]:
    """Put graded cells that are missing where they were.

    That is right after the cell before them in the release. Where that one is gone too (a student may have written the
    answer in a cell of their own), it is right before the next one that is there, or at the end.
    """
    names = list(released.cells)
    present = [grading(cell).get("grade_id") for cell in cells]
    for number, name in enumerate(names):
        own = released.cells[name]
        if name in present or not own.graded:
            continue
        before = names[number - 1] if number else None
        after = next((later for later in names[number + 1 :] if later in present), None)
        end = present.index(after) if after else len(cells)
        place = present.index(before) + 1 if before in present else end
        cells.insert(place, _released_cell(own))
        present.insert(place, name)
        yield Trouble(name, "deleted", "this graded cell was deleted; it was put back and graded")


def _released_cell(own: ReleasedCell) -> Cell:
    made = _new_cell(own.kind, own.source, NotebookNode(nbgrader=nbformat.from_dict(dict(own.metadata))))
    made.id = own.name if _ID.fullmatch(own.name) else "restored"
    return made


def _name_cells(cells: list[Cell]) -> None:
    """Let no two cells have the same id; random ids would make each run's file differ."""
    seen: set[str] = set()
    for number, cell in enumerate(cells, 1):
        identity = cell.get("id") or f"cell-{number}"
        while identity in seen:
            identity = f"cell-{number}" if f"cell-{number}" not in seen else f"{identity[:60]}-x"
        cell["id"] = identity
        seen.add(identity)
