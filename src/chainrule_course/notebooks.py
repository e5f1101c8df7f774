"""Read, write and name the cells of notebooks, the same bytes for the same notebook."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import nbformat

from chainrule_course.errors import UserError

Notebook = Any
Cell = Any


def cell_name(cell: Cell) -> str:
    """Return the name of a cell: its ``grade_id``, or the ``name`` in its metadata; empty if it has none."""
    return str(grading(cell).get("grade_id") or cell.metadata.get("name") or "")


def grading(cell: Cell) -> dict[str, Any]:
    """Return the nbgrader metadata of a cell; empty if it has none."""
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) else {}


def read_notebook(path: Path) -> Notebook:
    """Read a notebook file.

    Raises
    ------
    UserError
        If there is no such file, or it is not a notebook.
    """
    if path.is_dir():
        raise UserError(f"{path} is a folder.", "Give the path of a notebook (.ipynb).")
    if not path.exists():
        raise UserError(f"There is no file {path}.", "Give the path of a notebook (.ipynb).")
    if path.suffix != ".ipynb" or not path.is_file():
        raise UserError(f"{path} is not a notebook.", "Give a file that ends in .ipynb.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = json.loads(text)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not a notebook: it is not UTF-8 text.", "Save it again from JupyterLab.") from error
    except json.JSONDecodeError as error:
        where = "it is empty" if not error.doc.strip() else f"line {error.lineno}: {error.msg}"
        raise UserError(
            f"{path} is not a notebook, or is cut off ({where}).", "Save it again from JupyterLab, or take a new copy."
        ) from error
    except RecursionError:
        raise UserError(f"{path} is not a notebook: it is nested too deeply.") from None
    if not isinstance(data, dict) or "nbformat" not in data:
        raise UserError(f"{path} is not a notebook, though it is JSON.", "Give a notebook saved by JupyterLab.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbformat warns of cell ids that are missing; they are not needed here
            notebook = nbformat.reads(text, as_version=4)
            nbformat.validate(notebook)
    except Exception as error:
        line = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        raise UserError(f"{path} is not a valid notebook: {line}.", "Save it again from JupyterLab.") from error
    return notebook


def notebook_bytes(notebook: Notebook) -> bytes:
    """Write a notebook as bytes: sorted keys, one space, a newline at the end."""
    text: str = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    return (text + "\n").encode("utf-8")


def notebook_text(notebook: Notebook) -> str:
    """Write a notebook with one cell a line, for programs to read: in a tenth of the time of :func:`notebook_bytes`."""

    def dumps(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)

    rest = dumps({key: value for key, value in notebook.items() if key != "cells"})
    cells = ",\n".join(map(dumps, notebook.cells))
    return f'{{"cells": [\n{cells}\n],\n{rest[1:]}\n'
