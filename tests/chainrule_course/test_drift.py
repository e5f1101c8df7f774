"""The drift check names the file and the cell that is not what its source gives."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule_course.build.drift import UNCOMPARED, compare

from .toy import Course

NOTEBOOK = "01_toy.ipynb"


@pytest.fixture
def drift(built: Course, copied: Course) -> Callable[[], list[str]]:
    """Compare the copy of ``solutions/01_toy`` with the built one."""
    return lambda: compare(built.root / "solutions/01_toy", copied.root / "solutions/01_toy", "solutions/01_toy")


def edit(course: Course, change: Callable[[dict[str, Any]], Any]) -> None:
    path = course.root / "solutions/01_toy" / NOTEBOOK
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def test_nothing_differs_after_a_build(drift):
    assert drift() == []


def set_source(n):
    n["cells"][1]["source"] = ["x = 1"]


def set_output(n):
    n["cells"][1]["outputs"][0]["text"] = ["steady\n"]


def drop_outputs(n):
    n["cells"][1]["outputs"] = []


def set_both(n):
    set_source(n)
    set_output(n)


def set_points(n):
    n["cells"][3]["metadata"]["nbgrader"]["points"] = 5


def set_type(n):
    n["cells"][0]["cell_type"] = "raw"


def set_count(n):
    n["cells"][1]["execution_count"] = 7


def drop_cell(n):
    del n["cells"][2]


def add_cell(n):
    n["cells"].append({**n["cells"][0], "id": "more"})


def swap_cells(n):
    n["cells"][1:3] = n["cells"][2:0:-1]


def double_cell(n):
    n["cells"].insert(1, n["cells"][1])


def set_kernel(n):
    n["metadata"]["kernelspec"]["name"] = "julia"


def set_version(n):
    n["nbformat_minor"] = 6


def set_picture(n):
    n["cells"][5]["outputs"][0]["data"]["image/png"] = picture(np.zeros((9, 9)))


EDITS = [
    (set_source, ", cell setup: its text differs"),
    (set_output, ', cell setup: its output differs ("steady" instead of "ready")'),
    (set_both, ", cell setup: its text and output differ"),
    (set_points, ", cell double-check: its metadata differs"),
    (set_type, ", cell title: its cell_type differs"),
    (set_count, ", cell setup: its execution_count differs"),
    (drop_cell, ", cell double: is missing"),
    (add_cell, ", cell more: is not in the source"),
    (swap_cells, ": the order of its cells differs"),
    (double_cell, ": the order of its cells differs"),
    (set_kernel, ": its metadata differs"),
    (set_version, ": its metadata differs"),
    (drop_outputs, ', cell setup: its output differs ("[]" instead of "[")'),
    (set_picture, ", cell picture: its output differs (a figure)"),
]


def picture(pixels: Any) -> str:
    """A PNG in base64 of gray values from 0 to 1."""
    import matplotlib.image as image

    buffer = io.BytesIO()
    image.imsave(buffer, pixels, format="png", cmap="gray", vmin=0, vmax=1)
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize(("change", "says"), EDITS, ids=lambda value: getattr(value, "__name__", ""))
def test_an_edit_is_named(copied: Course, drift, change, says):
    edit(copied, change)
    assert drift() == [f"solutions/01_toy/{NOTEBOOK}{says}"]


def test_two_edits_are_both_named(copied: Course, drift):
    edit(copied, set_source)
    edit(copied, set_points)
    assert len(drift()) == 2


def test_files_are_named(copied: Course, drift):
    folder = copied.root / "solutions/01_toy"
    (folder / "dot.png").unlink()
    (folder / "extra.csv").write_text("1,2")
    (folder / "diagnoses.json").write_text("{}")
    assert drift() == [
        "solutions/01_toy/diagnoses.json: differs",
        "solutions/01_toy/dot.png: is missing",
        "solutions/01_toy/extra.csv: its source does not make it",
    ]


def test_a_folder_that_is_missing_or_a_file_is_named(copied: Course, drift):
    import shutil

    folder = copied.root / "solutions/01_toy"
    shutil.rmtree(folder)
    assert f"solutions/01_toy/{NOTEBOOK}: is missing" in drift()
    folder.write_text("")
    assert drift() == ["solutions/01_toy: is not a folder"]


def test_traces_of_jupyter_are_no_drift(copied: Course, drift):
    folder = copied.root / "solutions/01_toy" / ".ipynb_checkpoints"
    folder.mkdir()
    (folder / "01_toy-checkpoint.ipynb").write_text("{}")
    assert drift() == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": [{}]}', '{"cells": 3}', "null"])
def test_a_broken_notebook_is_named(copied: Course, drift, text: str):
    (copied.root / "solutions/01_toy" / NOTEBOOK).write_text(text)
    assert drift() == [f"solutions/01_toy/{NOTEBOOK}: is not a notebook"]


def test_a_file_written_otherwise_is_told(copied: Course, drift):
    path = copied.root / "solutions/01_toy" / NOTEBOOK
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=4), encoding="utf-8")
    assert [line.split(": ", 1)[1] for line in drift()] == [
        "its cells are right, but it is written otherwise (its indentation, say)"
    ]


def test_line_ends_of_another_system_are_no_drift(copied: Course, drift):
    path = copied.root / "solutions/01_toy" / NOTEBOOK
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert drift() == []


def test_a_cell_that_measures_time_may_differ(tmp_path: Path):
    for name, output in (("new", "12 ms"), ("old", "13 ms")):
        cell = {"id": "a", "source": "", "metadata": {"tags": [UNCOMPARED]}, "outputs": [output]}
        (tmp_path / name).mkdir()
        (tmp_path / name / "n.ipynb").write_text(json.dumps({"cells": [cell]}))
    assert compare(tmp_path / "new", tmp_path / "old", "x") == []


class TestPictures:
    """Two machines may draw a figure with hardly visible differences; anything a reader would see is drift."""

    @pytest.fixture
    def looks_the_same(self, built: Course, copied: Course, drift):
        def look(new: Any, old: Any) -> bool:
            for course, pixels in ((built, new), (copied, old)):
                path = course.root / "solutions/01_toy" / NOTEBOOK
                before[path] = path.read_bytes()
                edit(course, lambda n, p=pixels: n["cells"][5]["outputs"][0]["data"].update({"image/png": picture(p)}))
            return drift() == []

        before: dict[Path, bytes] = {}
        yield look
        for path, data in before.items():
            path.write_bytes(data)

    @pytest.fixture
    def page(self):
        """A white page of 200 × 300 pixels with a thin gray curve across it."""
        pixels = np.ones((200, 300))
        columns = np.arange(300)
        pixels[(100 + 60 * np.sin(columns / 30)).astype(int), columns] = 0.3
        return pixels

    def test_noise_that_the_eye_does_not_see(self, looks_the_same, page):
        noise = np.random.default_rng(0).normal(scale=0.01, size=page.shape)
        assert looks_the_same(page, np.clip(page + noise, 0, 1))

    def test_a_missing_curve(self, looks_the_same, page):
        assert not looks_the_same(page, np.ones_like(page))

    def test_a_curve_that_moved(self, looks_the_same, page):
        assert not looks_the_same(page, np.roll(page, 5, axis=0))

    def test_a_dot_more(self, looks_the_same, page):
        with_dot = page.copy()
        with_dot[20:24, 20:24] = 0
        assert not looks_the_same(page, with_dot)

    def test_another_size(self, looks_the_same, page):
        assert not looks_the_same(page, page[:-1])

    def test_a_damaged_picture(self, copied: Course, drift):
        edit(copied, lambda n: n["cells"][5]["outputs"][0]["data"].update({"image/png": "iVBORw0KGgoAAAA="}))
        assert drift() == [f"solutions/01_toy/{NOTEBOOK}, cell picture: its output differs (a figure)"]
