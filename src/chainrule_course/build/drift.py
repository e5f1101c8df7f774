"""Compare a folder that was just built with the one that is committed, cell by cell."""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
from pathlib import Path
from typing import Any

PNG = re.compile(r"iVBORw0KGgo[A-Za-z0-9+/=]*")
"""A PNG in base64: all begin with the same eight bytes."""

UNCOMPARED = "nbval-ignore-output"
"""The tag (nbval's own) of a cell whose output differs from run to run, such as one that measures time."""


def compare(built: Path, committed: Path, name: str) -> list[str]:
    """Return how `committed` differs from `built`: one line for each file or cell, empty if it does not.

    Parameters
    ----------
    built, committed : path
        Folders.
    name : str
        What to call the committed folder in the lines.
    """
    if committed.exists() and not committed.is_dir():
        return [f"{name}: is not a folder"]
    new, old = (
        {
            path.relative_to(folder).as_posix(): path
            for path in folder.rglob("*")
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        }
        for folder in (built, committed)
    )
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


def compare_text(built: str, committed: Path, name: str) -> list[str]:
    """Return how the text file `committed`, called `name`, differs from `built`: one line, or none."""
    try:
        text = committed.read_text(encoding="utf-8")
    except FileNotFoundError:
        return [f"{name}: is missing"]
    except (OSError, UnicodeDecodeError):
        return [f"{name}: can't be read as text"]
    pairs = itertools.zip_longest(built.split("\n"), text.split("\n"), fillvalue="(no line)")
    for number, (should, found) in enumerate(pairs, 1):
        if should != found:
            return [f'{name}, line {number}: "{found[:60]}" instead of "{should[:60]}"']
    return []


def _compare_notebooks(new: Path, old: Path, where: str) -> list[str]:
    """Return the cells in which two notebook files differ, or in what else they do."""
    try:
        text = old.read_text(encoding="utf-8")
        committed = json.loads(text)
        cells = {cell["id"]: cell for cell in committed["cells"]}
    except (ValueError, KeyError, TypeError):
        return [f"{where}: is not a notebook"]
    built_text = new.read_text(encoding="utf-8")
    built = json.loads(built_text)
    lines, uncompared = [], False
    for cell in built["cells"]:
        other = cells.pop(cell["id"], None)
        if other is None:
            lines.append(f"{where}, cell {cell['id']}: is missing")
            continue
        changed = [key for key in cell.keys() | other.keys() if cell.get(key) != other.get(key)]
        if "outputs" in changed and UNCOMPARED in cell["metadata"].get("tags", []):
            changed.remove("outputs")
            uncompared = True
        if "outputs" in changed and _same_outputs(cell["outputs"], other.get("outputs")):
            changed.remove("outputs")
        if changed:
            what = [word for key, word in _WORDS.items() if key in changed] or sorted(changed)
            how = _first_difference(cell["outputs"], other.get("outputs")) if changed == ["outputs"] else ""
            lines.append(f"{where}, cell {cell['id']}: its {' and '.join(what)} differ{'' if what[1:] else 's'}{how}")
    lines += [f"{where}, cell {name}: is not in the source" for name in cells]
    if lines:
        return lines
    if [cell["id"] for cell in built["cells"]] != [cell["id"] for cell in committed["cells"]]:
        return [f"{where}: the order of its cells differs"]
    if any(built.get(key) != committed.get(key) for key in (built.keys() | committed.keys()) - {"cells"}):
        return [f"{where}: its metadata differs"]
    if not uncompared and PNG.sub("", text) != PNG.sub("", built_text):
        return [f"{where}: its cells are right, but it is written otherwise (its indentation, say)"]
    return []


_WORDS = {"source": "text", "metadata": "metadata", "outputs": "output"}


def _same_outputs(new: list[Any], old: Any) -> bool:
    """Whether two lists of outputs are equal; figures may differ by what the eye does not see."""
    (text, pictures), (old_text, old_pictures) = split_pictures(new), split_pictures(old)
    return text == old_text and all(map(_same_picture, pictures, old_pictures))


def _first_difference(new: list[Any], old: Any) -> str:
    """Return the first line of an output that differs, as it should be and as it is."""
    should, found = (PNG.sub("", json.dumps(outputs, indent=1, sort_keys=True)).split("\n") for outputs in (new, old))
    for pair in itertools.zip_longest(should, found, fillvalue=""):
        if pair[0] != pair[1]:
            a, b = (line.strip(' ",').removesuffix("\\n")[:60] for line in pair)
            return f' ("{b}" instead of "{a}")'
    return " (a figure)"


def split_pictures(outputs: Any) -> tuple[str, list[str]]:
    """Return the outputs of a cell as text without its PNGs, and the PNGs (base64) apart."""
    text = json.dumps(outputs, sort_keys=True)
    return PNG.sub("PNG", text), PNG.findall(text)


def _same_picture(new: str, old: str) -> bool:
    """Whether two PNGs look the same: equal size, and no square of 8 × 8 pixels differs by over 5% on average.

    A mean over the whole picture would not do: a curve that is gone from a white page hardly changes it.
    """
    if new == old:
        return True
    import matplotlib.image as image
    import numpy as np

    try:
        a, b = (image.imread(io.BytesIO(base64.b64decode(data))) for data in (new, old))
    except Exception:  # a damaged picture is a difference, whatever is wrong with it
        return False
    if a.shape != b.shape:
        return False
    far = np.abs(a - b)
    far = far.reshape(*far.shape[:2], -1).max(axis=2)
    for axis in (0, 1):
        far = np.add.reduceat(far, range(0, far.shape[axis], 8), axis=axis)
    return float(far.max()) <= 0.05 * 64
