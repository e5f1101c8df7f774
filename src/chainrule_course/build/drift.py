"""Compare a folder that was just built with the one that is committed, cell by cell."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

PNG = re.compile(r"iVBORw0KGgo[A-Za-z0-9+/=]*")
"""A PNG in base64: all begin with the same eight bytes."""


def compare(built: Path, committed: Path, name: str) -> list[str]:
    """Return how `committed` differs from `built`: one line for each file or cell, empty if it does not.

    Parameters
    ----------
    built, committed : path
        Folders.
    name : str
        What to call the committed folder in the lines.
    """
    new = {path.relative_to(built).as_posix(): path for path in built.rglob("*") if path.is_file()}
    old = {
        path.relative_to(committed).as_posix(): path
        for path in committed.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(committed).parts)
    }
    lines = []
    for file in sorted(new.keys() | old.keys()):
        where = f"{name}/{file}"
        if file not in old:
            lines.append(f"{where}: is missing")
        elif file not in new:
            lines.append(f"{where}: its source does not make it")
        elif new[file].read_bytes() != old[file].read_bytes():
            lines += (
                _compare_notebooks(new[file], old[file], where) if file.endswith(".ipynb") else [f"{where}: differs"]
            )
    return lines


def _compare_notebooks(new: Path, old: Path, where: str) -> list[str]:
    """Return the cells in which two notebook files differ."""
    built = json.loads(new.read_text(encoding="utf-8"))
    try:
        committed = json.loads(old.read_text(encoding="utf-8"))
        cells = {cell["id"]: cell for cell in committed["cells"]}
    except (ValueError, KeyError, TypeError):
        return [f"{where}: is not a notebook"]
    lines = []
    for cell in built["cells"]:
        other = cells.pop(cell["id"], None)
        if other is None:
            lines.append(f"{where}, cell {cell['id']}: is missing")
        elif cell["source"] != other["source"] or cell["metadata"] != other["metadata"]:
            lines.append(f"{where}, cell {cell['id']}: its text differs")
        elif not _same_outputs(cell.get("outputs", []), other.get("outputs", [])):
            lines.append(f"{where}, cell {cell['id']}: its output differs")
    lines += [f"{where}, cell {name}: is not in the source" for name in cells]
    order = [cell["id"] for cell in built["cells"]] != [cell["id"] for cell in committed["cells"]]
    if not lines and (order or built["metadata"] != committed["metadata"]):
        lines.append(f"{where}: the order of its cells or its metadata differs")
    return lines


def _same_outputs(new: list[Any], old: list[Any]) -> bool:
    """Whether two lists of outputs are equal; figures may differ as two machines draw them differently."""
    (text, pictures), (old_text, old_pictures) = split_pictures(new), split_pictures(old)
    return text == old_text and all(map(_same_picture, pictures, old_pictures))


def split_pictures(outputs: list[Any]) -> tuple[str, list[str]]:
    """Return the outputs of a cell as text without its PNGs, and the PNGs (base64) apart."""
    text = json.dumps(outputs, sort_keys=True)
    return PNG.sub("PNG", text), PNG.findall(text)


def _same_picture(new: str, old: str) -> bool:
    """Whether two PNGs show the same: equal bytes, or the same size and hardly a visible difference."""
    if new == old:
        return True
    import matplotlib.image as image
    import numpy as np

    try:
        a, b = (image.imread(io.BytesIO(base64.b64decode(data))) for data in (new, old))
    except Exception:  # a damaged picture is a difference, whatever is wrong with it
        return False
    return a.shape == b.shape and float(np.abs(a - b).mean()) < 0.01
