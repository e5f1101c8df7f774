"""A unit's source is read as a notebook, and what would build or grade wrongly is refused."""

import pytest

from chainrule_course.build.source import line_of, read_source
from chainrule_course.errors import CourseError

from .toy import ANSWER, HIDDEN, SETUP, TITLE, TOY, VISIBLE, Course, cell


def test_cells_have_their_names_as_ids_and_no_trace_of_the_text_form(course: Course):
    notebook = read_source(course.write())
    assert [c.id for c in notebook.cells] == ["title", "setup", "double", "double-check", "double-hidden", "picture"]
    assert [c.cell_type for c in notebook.cells] == ["markdown"] + 5 * ["code"]
    assert notebook.cells[0].source.startswith("# A toy\nWrite `double`.")
    assert notebook.metadata["title"] == "A toy"
    assert notebook.metadata["syllabus"]["minutes"] == 5
    assert notebook.metadata["chainrule"]["built_from"] == "source/01_toy/01_toy.py"
    assert notebook.metadata["kernelspec"]["name"] == "python3"
    assert {key for c in notebook.cells for key in c.metadata} == {"name", "nbgrader"}


REFUSED = {
    "no name": (TITLE + "# %%\nx = 1\n", 'cell 2, "x = 1", has no name'),
    "empty cell without a name": (TITLE + "# %%\n\n# %% name='a'\n1\n", "(empty)"),
    "bad name": (TITLE + cell("a b", "1"), "a name has 1 to 64"),
    "long name": (TITLE + cell("a" * 65, "1"), "a name has 1 to 64"),
    "same name": (TITLE + cell("a", "1") + cell("a", "2"), "cell 3 (a): cell 2 has the same name"),
    "same name, once for grading": (SETUP + cell("setup", "1", points=1), "cell 1 has the same name"),
    "old schema": (VISIBLE.replace('"schema_version": 3', '"schema_version": 2'), '"schema_version": 3'),
    "no schema": (VISIBLE.replace('"schema_version": 3, ', ""), '"schema_version": 3'),
    "metadata that is no table": ('# %% name="a" nbgrader=5\n1\n', '"schema_version": 3'),
    "no points": (VISIBLE.replace(', "points": 1', ""), 'a graded cell needs "points"'),
    "points in words": (VISIBLE.replace('"points": 1', '"points": "one"'), "'one' is not of type 'number'"),
    "key missing": (VISIBLE.replace('"locked": true, ', ""), "locked"),
    "graded text without an answer": (
        cell("essay", "# Why?", points=2).replace("# %%", "# %% [markdown]"),
        "not marked as a solution cell",
    ),
    "solution without markers": (
        ANSWER.replace("    ### BEGIN SOLUTION\n", "").replace("    ### END SOLUTION\n", ""),
        "a solution cell needs ### BEGIN SOLUTION",
    ),
    "end missing": (ANSWER.replace("    ### END SOLUTION\n", ""), "BEGIN SOLUTION has no END SOLUTION"),
    "begin missing": (HIDDEN.replace("### BEGIN HIDDEN TESTS\n", ""), "END HIDDEN TESTS is out of order"),
    "nested": (ANSWER.replace("return 2", "### BEGIN SOLUTION\n    return 2"), "BEGIN SOLUTION is out of order"),
    "wrong end": (HIDDEN.replace("END HIDDEN TESTS", "END MARK SCHEME"), 'need "task": true'),
    "misspelled": (HIDDEN.replace("HIDDEN TESTS", "HIDDEN TEST"), '"BEGIN HIDDEN TEST" is no marker'),
    "solution in a plain cell": (cell("a", "### BEGIN SOLUTION\n1\n### END SOLUTION"), 'need "solution": true'),
    "hidden tests in a plain cell": (
        cell("a", "### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS"),
        'need "grade": true',
    ),
    "hidden tests in an answer": (
        ANSWER.replace("BEGIN SOLUTION", "BEGIN HIDDEN TESTS").replace("END SOLUTION", "END HIDDEN TESTS"),
        'need "grade": true',
    ),
}


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_would_build_wrongly_is_refused_in_one_line(course: Course, text: str, says: str):
    path = course.write(text=text)
    with pytest.raises(CourseError) as caught:
        read_source(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(course: Course):
    path = course.write()
    path.write_bytes(b"# %% name='a'\nx = '\xff'\n")
    with pytest.raises(CourseError, match=r"is not UTF-8 text \(byte 19\)"):
        read_source(path)
    path.unlink()
    with pytest.raises(CourseError, match=r"cannot be read: No such file"):
        read_source(path)


def test_a_cell_is_found_in_its_source(course: Course):
    path = course.write()
    lines = path.read_text().splitlines()
    for name, first in [
        ("setup", "from chainrule_course.checks"),
        ("double", "def double"),
        ("double-check", "check = "),
    ]:
        number = int(line_of(path, name, 1).removeprefix(f"{path}:"))
        assert lines[number - 1].startswith(first)
    assert line_of(path, "nowhere", 1) == str(path)


def test_comments_that_look_like_markers_but_are_none_are_left_alone(course: Course):
    course.write(text=TOY + cell("plain", "# begin solution of the riddle\n# END. Really.\n1"))
    read_source(course.root / "source/01_toy/01_toy.py")
