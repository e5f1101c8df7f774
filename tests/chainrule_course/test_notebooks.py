"""Notebooks are read whatever wrote them, and what is none is refused in one line."""

import json
from pathlib import Path

import nbformat
import pytest

from chainrule_course.errors import UserError
from chainrule_course.notebooks import cell_name, notebook_bytes, read_notebook

from .toy import Course


def test_reading_and_writing_gives_the_same_bytes(built: Course):
    for folder in ("course", "solutions"):
        path = built.root / folder / "01_toy/01_toy.ipynb"
        notebook = read_notebook(path)
        assert isinstance(notebook.cells[1].source, str)
        assert notebook_bytes(notebook) == path.read_bytes()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_older_formats_and_byte_order_marks_are_read(tmp_path: Path, mark: bytes):
    cells = [{"cell_type": "code", "input": ["x = 1\n", "x"], "language": "python", "metadata": {}, "outputs": []}]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells, "metadata": {}}]}
    (tmp_path / "n.ipynb").write_bytes(mark + json.dumps(old).encode())
    assert read_notebook(tmp_path / "n.ipynb").cells[0].source == "x = 1\nx"


NOT_A_NOTEBOOK = {
    "empty": (b"", "or is cut off (it is empty)"),
    "cut off": (b'{"cells": [\n{"cell_type"', "or is cut off (line 2: "),
    "text": (b"print(1)", "or is cut off (line 1: "),
    "latin-1": ('{"a": "\xe9"}'.encode("latin-1"), "it is not UTF-8 text"),
    "utf-16": ('{"nbformat": 4}'.encode("utf-16"), "it is not UTF-8 text"),
    "list": (b"[]", "though it is JSON"),
    "null": (b"null", "though it is JSON"),
    "other JSON": (b'{"a": 1}', "though it is JSON"),
    "cells missing": (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "is not a valid notebook"),
    "cells that are none": (b'{"nbformat": 4, "cells": 3}', "is not a valid notebook"),
    "from the future": (
        b'{"nbformat": 9, "nbformat_minor": 0, "metadata": {}, "cells": []}',
        "is not a valid notebook",
    ),
    "nested": (b'{"nbformat":' + 100_000 * b"[", "nested too deeply"),
}


@pytest.mark.parametrize(("data", "says"), NOT_A_NOTEBOOK.values(), ids=NOT_A_NOTEBOOK.keys())
def test_what_is_no_notebook_is_refused_in_one_line(tmp_path: Path, data: bytes, says: str):
    path = tmp_path / "n.ipynb"
    path.write_bytes(data)
    with pytest.raises(UserError) as caught:
        read_notebook(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300 + len(str(path))


def test_paths_that_are_no_notebook(tmp_path: Path, monkeypatch):
    (tmp_path / "n.py").write_text("")
    (tmp_path / "folder.ipynb").mkdir()
    with pytest.raises(UserError, match=r"There is no file .*n\.ipynb\. Give the path"):
        read_notebook(tmp_path / "n.ipynb")
    with pytest.raises(UserError, match=r"folder\.ipynb is a folder"):
        read_notebook(tmp_path / "folder.ipynb")
    with pytest.raises(UserError, match=r"n\.py is not a notebook\. Give a file that ends in \.ipynb"):
        read_notebook(tmp_path / "n.py")

    def refuse(self):
        raise PermissionError(13, "Permission denied", str(self))

    (tmp_path / "n.ipynb").write_text("")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UserError, match=r"cannot be read: Permission denied"):
        read_notebook(tmp_path / "n.ipynb")


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"nbgrader": {"grade_id": "a"}, "name": "b"}, "a"),
        ({"nbgrader": {}, "name": "b"}, "b"),
        ({"name": "b"}, "b"),
        ({"nbgrader": "broken"}, ""),
        ({}, ""),
    ],
)
def test_the_name_of_a_cell(metadata: dict[str, object], name: str):
    assert cell_name(nbformat.v4.new_code_cell(metadata=metadata)) == name
