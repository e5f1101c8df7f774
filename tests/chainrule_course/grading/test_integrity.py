"""Whatever a student does to the file, each graded cell is there once, in its place, as it was released."""

import copy
import json

import nbformat
import pytest

from chainrule_course.grading import integrity
from chainrule_course.grading.assignment import ReleasedCell, ReleasedNotebook
from chainrule_course.grading.integrity import Unreadable
from chainrule_course.notebooks import cell_name, notebook_bytes

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def released_cell(
    name: str, source: str, kind: str = "code", points: float | None = None, **flags: bool
) -> ReleasedCell:
    metadata = {
        "cell_type": kind,
        "checksum": "?",
        "grade": False,
        "grade_id": name,
        "locked": False,
        "schema_version": 3,
        "solution": False,
        "task": False,
        **flags,
    }
    return ReleasedCell(name, metadata if points is None else {**metadata, "points": points}, kind, source)


CHECK = "check f\n### BEGIN HIDDEN TESTS\nsecret\n### END HIDDEN TESTS"

CELLS = [
    released_cell("f", "def f(): ...", solution=True),
    released_cell("f-check", CHECK, points=2, grade=True, locked=True),
    released_cell("g", "def g(): ...", solution=True),
    released_cell("g-check", "check g", points=1, grade=True, locked=True),
    released_cell("essay", "why?", "markdown", points=3, grade=True, solution=True),
    released_cell("task", "do it", "markdown", points=5, task=True, locked=True),
]  # fmt: skip
RELEASED = ReleasedNotebook("n", {cell.name: cell for cell in CELLS}, KERNEL)
ORDER = [cell.name for cell in CELLS]


def submission() -> nbformat.NotebookNode:
    """An honest one, as it was handed out: with the student's answers, without hidden tests."""
    cells = []
    for own in CELLS:
        source = own.source.split("\n###")[0]
        make = nbformat.v4.new_code_cell if own.kind == "code" else nbformat.v4.new_markdown_cell
        cell = make(source, metadata={"nbgrader": copy.deepcopy(own.metadata)})
        cell.id = own.name
        cells.append(cell)
    cells[0].source = "def f():\n    return 1"
    cells.insert(0, nbformat.v4.new_markdown_cell("# A title", id="title"))
    # the checksum that the release was given after hidden tests were taken out
    cells[2].metadata.nbgrader.checksum = integrity.compute_checksum(cells[2])
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "cobol", "display_name": "x"}})


def restore(notebook) -> tuple[nbformat.NotebookNode, dict[str, set[str]]]:
    """Return what comes of it, and kind of trouble → cells."""
    content = notebook if isinstance(notebook, bytes) else notebook_bytes(notebook)
    restored, troubles = integrity.restore(content, RELEASED)
    nbformat.validate(restored)
    told: dict[str, set[str]] = {}
    for trouble in troubles:
        assert "\n" not in str(trouble)
        told.setdefault(trouble.kind, set()).add(trouble.cell)
    assert_as_released(restored)
    return restored, told


def assert_as_released(notebook) -> None:
    """Each graded cell once, with the teacher's text and metadata; no id twice; no output anywhere."""
    names = [cell_name(cell) for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert len(names) == len(set(names))
    assert {"f-check", "g-check", "essay", "task"} <= set(names)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        if "nbgrader" in cell.metadata:
            own = RELEASED.cells[cell_name(cell)]
            assert (cell.metadata.nbgrader, cell.cell_type) == (own.metadata, own.kind)
            if own.metadata["locked"]:
                assert cell.source == own.source
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert notebook.metadata.kernelspec == KERNEL


def names(notebook) -> list[str]:
    return [cell_name(cell) or cell.source for cell in notebook.cells]


def test_an_honest_submission_is_what_it_was_with_the_teachers_text():
    given = submission()
    restored, told = restore(given)
    assert told == {}
    assert names(restored) == ["# A title", *ORDER]
    assert restored.cells[1].source == given.cells[1].source
    assert "secret" in restored.cells[2].source


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Dear teacher,",
        notebook_bytes(submission())[:300],
        notebook_bytes(submission()).decode().encode("utf-16"),
        "é".encode("latin-1"),
        b"[1, 2]",
        b'{"a": 1}',
        b'{"nbformat": 4, "cells": 7}',
        b'{"nbformat": 2, "worksheets": 3}',
        b"[" * 100_000,
        b'{"nbformat": 4, "cells": [], "metadata": ' + b'{"a":' * 900 + b"1" + b"}" * 901,
        b'{"nbformat": 1' + b"0" * 5000 + b"}",
        json.dumps({"nbformat": 4, "cells": [{}] * 6000}).encode(),
        b" " * 50_000_001,
    ],
    ids=lambda content: f"{content[:20]!r} {len(content)}",
)
def test_what_is_no_notebook_is_told_in_a_line(content: bytes):
    try:
        restored, _ = integrity.restore(content, RELEASED)
    except Unreadable as error:
        said = str(error)
    else:  # deep nesting may be bearable on another Python
        assert_as_released(restored)
        said = "it could be read."
    assert said.endswith(".")
    assert "\n" not in said


def test_a_file_that_is_none_becomes_the_released_cells_and_earns_nothing():
    notebook = integrity.replacement(RELEASED, "it is cut off.")
    nbformat.validate(notebook)
    assert names(notebook)[1:] == ORDER
    assert "it is cut off." in notebook.cells[0].source
    for cell in notebook.cells[1:]:
        if cell.cell_type == "code":
            assert [output.output_type for output in cell.outputs] == ["error"]


def test_cells_of_any_shape_become_cells():
    notebook = json.loads(notebook_bytes(submission()))
    notebook["cells"][:0] = [
        7,
        None,
        {},
        {"cell_type": ["code"], "source": {"a": 1}, "metadata": "x"},
        {"cell_type": "code", "source": ["a\n", 3, "b"], "metadata": {"tags": "x", "nbgrader": 5}, "outputs": "o"},
        {"cell_type": "markdown", "source": "x", "attachments": {"a.png": {"image/png": 4}}, "id": "not an id!"},
        {"cell_type": "markdown", "source": "\ud800 half", "metadata": {"\udfff": "\ud800"}},
    ]
    restored, told = restore(json.dumps(notebook).encode())
    assert told == {}
    assert restored.cells[4].source == "a\nb"
    assert "attachments" not in restored.cells[5]


def test_a_picture_in_an_answer_stays():
    given = submission()
    given.cells[5].attachments = {"a.png": {"image/png": "iVBOR"}}
    restored, _ = restore(given)
    assert restored.cells[5].attachments == {"a.png": {"image/png": "iVBOR"}}


class TestDeleted:
    @pytest.mark.parametrize(
        "gone", [{"f-check"}, {"g-check"}, {"f-check", "g-check"}, {"essay", "task"}, set(ORDER) - {"f"}]
    )
    def test_deleted_cells_come_back_where_they_were(self, gone: set[str]):
        given = submission()
        given.cells = [cell for cell in given.cells if cell_name(cell) not in gone]
        restored, told = restore(given)
        assert told == {
            "deleted": gone - {"g"}
        }  # an answer is not put back: it may stand in a cell of the student's own
        assert names(restored) == ["# A title", *(name for name in ORDER if name != "g" or "g" not in gone)]

    def test_an_answer_in_a_cell_of_ones_own_comes_before_the_check_that_is_put_back(self):
        given = submission()
        own = nbformat.v4.new_code_cell("def g():\n    return 2", id="own")
        given.cells = [own if cell_name(cell) == "g" else cell for cell in given.cells if cell_name(cell) != "g-check"]
        restored, _ = restore(given)
        assert names(restored).index("def g():\n    return 2") < names(restored).index("g-check")

    def test_an_empty_notebook(self):
        restored, told = restore(nbformat.v4.new_notebook())
        assert names(restored) == [name for name in ORDER if name not in "fg"]
        assert told == {"deleted": {"f-check", "g-check", "essay", "task"}}


class TestDoubled:
    def test_the_last_cell_of_a_name_counts_whatever_the_first_claims(self):
        given = submission()
        fake = copy.deepcopy(given.cells[2])
        fake.source, fake.metadata.nbgrader.points = "1", 100
        given.cells.insert(1, fake)
        restored, told = restore(given)
        assert told == {"duplicate": {"f-check"}}
        assert names(restored) == ["# A title", "1", *ORDER]

    def test_a_copy_behind_takes_its_place_and_becomes_the_real_one(self):
        given = submission()
        fake = copy.deepcopy(given.cells[2])
        fake.metadata.nbgrader.update(grade=False, locked=False)
        given.cells.append(fake)
        restored, told = restore(given)
        assert told == {"duplicate": {"f-check"}, "changed": {"f-check"}}
        assert names(restored)[-1] == "f-check"

    def test_cells_of_other_assignments_are_the_students_own(self):
        given = submission()
        other = copy.deepcopy(given.cells[2])
        other.metadata.nbgrader.grade_id = "elsewhere"
        given.cells.append(other)
        restored, told = restore(given)
        assert told == {}
        assert "nbgrader" not in restored.cells[-1].metadata


@pytest.mark.parametrize(
    ("key", "value", "position"),
    [
        ("points", 1000, 2),
        ("grade", False, 2),
        ("solution", True, 2),
        ("task", True, 2),
        ("points", "x", 2),
        ("grade", False, 5),
        ("solution", False, 1),
        ("locked", False, 6),
    ],
)
def test_changed_metadata_is_put_right_and_told(key: str, value: object, position: int):
    given = submission()
    given.cells[position].metadata.nbgrader[key] = value
    _, told = restore(given)
    assert told == ({} if key == "locked" else {"changed": {cell_name(given.cells[position])}})


def test_a_changed_type_or_text_is_put_right_and_told():
    given = submission()
    given.cells[2] = nbformat.v4.new_markdown_cell("1", metadata=given.cells[2].metadata, id="x")
    given.cells[4].source = "1"
    _, told = restore(given)
    assert told == {"changed": {"f-check", "g-check"}}


def test_tags_that_switch_cells_off_go():
    given = submission()
    for cell in given.cells:
        cell.metadata.tags = ["skip-execution", "keep-me", "raises-exception", "nbval-skip"]
    given.cells.append(nbformat.v4.new_code_cell("mine", metadata={"tags": ["raises-exception", "Skip-Execution"]}))
    restored, told = restore(given)
    assert told == {"tags": {""}}
    assert restored.cells[0].metadata.tags == ["keep-me", "raises-exception", "nbval-skip"]
    assert restored.cells[-1].metadata.tags == ["raises-exception"]
    for cell in restored.cells[1:-1]:
        assert cell.metadata.tags == ["keep-me"]


def test_the_same_file_gives_the_same_notebook():
    content = notebook_bytes(submission())
    assert notebook_bytes(integrity.restore(content, RELEASED)[0]) == notebook_bytes(
        integrity.restore(content, RELEASED)[0]
    )
