"""Read, write and name the cells of notebooks, the same bytes for the same notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat

from chainrule_course.errors import UserError

Notebook = Any
Cell = Any


def cell_name(cell: Cell) -> str:
    """Return the name of a cell: its ``grade_id``, or the ``name`` in its metadata; empty if it has none."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or cell.metadata.get("name") or "")


def read_notebook(path: Path) -> Notebook:
    """Read a notebook file.

    Raises
    ------
    UserError
        If there is no such file, or it is not a notebook.
    """
    if not path.exists():
        raise UserError(f"There is no file {path}.", "Give the path of a notebook (.ipynb).")
    if path.is_dir():
        raise UserError(f"{path} is a folder.", "Give the path of a notebook (.ipynb).")
    if path.suffix != ".ipynb":
        raise UserError(f"{path} is not a notebook.", "Give a file that ends in .ipynb.")
    try:
        with path.open(encoding="utf-8") as file:
            data = json.load(file)
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not a notebook: it is not UTF-8 text.", "Save it again from JupyterLab.") from error
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path} is not a notebook, or is cut off: {error.msg} at line {error.lineno}.",
            "Save it again from JupyterLab.",
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        notebook = nbformat.from_dict(data)
        if notebook.nbformat != 4:
            notebook = nbformat.convert(notebook, 4)
        nbformat.validate(notebook)
    except Exception as error:
        line = str(error).strip().splitlines()[0][:120] if str(error).strip() else type(error).__name__
        raise UserError(f"{path} is not a valid notebook: {line}.", "Save it again from JupyterLab.") from error
    return notebook


def notebook_bytes(notebook: Notebook) -> bytes:
    """Write a notebook as bytes: sorted keys, one space, a newline at the end."""
    text: str = nbformat.writes(notebook, version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    return (text + "\n").encode("utf-8")
