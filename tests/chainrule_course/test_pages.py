"""The pages that gather from all units say what the units say, and a unit that lacks something is told what."""

import re

import pytest

from chainrule_course.build import build_unit, compare_pages, make_pages, write_pages
from chainrule_course.course_folder import find_units
from chainrule_course.errors import CourseError
from chainrule_course.lab import copy_course
from chainrule_course.notebooks import cell_name, grading, read_notebook

from .toy import HEADER, ROOT, SETUP, TITLE, TOY, Course, cell

ROW = {"says": "Twice x | is  x².", "correct": "It is 2x."}
TEXT = cell("essay", "### BEGIN SOLUTION\nWell.\n### END SOLUTION", points=3, solution=True).replace(
    "# %%", "# %% [markdown]", 1
)
SECOND = (
    TOY.replace("# # A toy", "# # B toy")
    + cell("errata-twice", "2 * 3", errata=ROW)
    + cell("errata-twice-more", "2 * 4")
)


def test_the_syllabus_tells_time_needs_points_and_names(course: Course):
    course.write("01_toy")
    course.write("02_next", SECOND + TEXT)
    text = make_pages(course.root)["SYLLABUS.md"]
    assert "2 notebooks" in text
    assert "9 points" in text
    assert "| [A toy](01_toy/01_toy.ipynb) | 5 | 3 | Numbers. |" in text
    assert "| [B toy](02_next/02_next.ipynb) | 5 | 6 | Numbers. |" in text
    assert "*5 minutes.* You can double them." in text
    assert text.count("| `double` | 3 |") == 2
    assert text.count("| a text, which your teacher marks | 3 |") == 1
    assert text.count("| `double` | `keras.ops.add(x, x)` | `x.add(x)` |") == 2


def test_the_errata_link_to_the_cell_that_shows_it(course: Course):
    course.write("01_toy")
    course.write("02_next", SECOND)
    text = make_pages(course.root)["ERRATA.md"]
    assert "| Twice x \\| is x². | It is 2x. | [errata-twice](02_next/02_next.ipynb#cell-id=errata-twice) |" in text
    assert "## B toy" in text
    assert "## A toy" not in text  # it corrects nothing


LACKING = {
    "no syllabus": (TOY.replace(HEADER, ""), "the syllabus in its header has no minutes, needs, gives."),
    "no time": (TOY.replace("#     minutes: 5\n", ""), "the syllabus in its header has no minutes."),
    "time in words": (TOY.replace("minutes: 5", "minutes: an hour"), "gives 'an hour' minutes, not a whole number."),
    "nothing gained": (TOY.replace("gives: You can double them.", "gives:"), "has no gives."),
    "no heading": (TOY.replace("# # A toy\n", ""), "its first cell has no heading."),
    "no other libraries": (TOY.replace("**Where this lives", "**Where it lives"), "in other libraries"),
    "an experiment without its row": (TOY + cell("errata-twice", "1"), "errata-twice does not say what it corrects."),
    "half a row": (TOY + cell("a", "1", errata={"says": "x"}), "the errata of a must be what is often said and"),
    "an empty row": (TOY + cell("a", "1", errata={"says": "x", "correct": " "}), "the errata of a must be"),
}


@pytest.mark.parametrize(("text", "says"), LACKING.values(), ids=LACKING.keys())
def test_what_a_unit_lacks_is_told_in_one_line_with_the_place(course: Course, text: str, says: str):
    course.write("01_toy", SECOND)
    path = course.write("02_next", text)
    with pytest.raises(CourseError) as caught:
        make_pages(course.root)
    assert caught.value.problem.startswith(f"{path}: ")
    assert says in caught.value.problem
    assert caught.value.advice
    assert "\n" not in str(caught.value)


def test_pages_are_written_whole_and_drift_is_found(course: Course):
    course.write("01_toy", SECOND)
    pages = make_pages(course.root)
    assert compare_pages(course.root, pages) == ["course/SYLLABUS.md: is missing", "course/ERRATA.md: is missing"]
    write_pages(course.root, pages, lambda: None)
    assert compare_pages(course.root, pages) == []
    assert {path.name for path in course.root.iterdir()} == {"source", "course"}
    page = course.root / "course" / "ERRATA.md"
    page.write_text(page.read_text("utf-8").replace("It is 2x.", "It is 3x."), encoding="utf-8")
    (line,) = compare_pages(course.root, pages)
    assert re.match(r'course/ERRATA\.md, line \d+: ".*" instead of ".*"', line)
    write_pages(course.root, pages, lambda: None)
    assert compare_pages(course.root, pages) == []
    page.write_text(pages["ERRATA.md"].rstrip("\n"), encoding="utf-8")
    assert compare_pages(course.root, pages)[0].endswith('"(no line)" instead of ""')
    page.write_bytes(b"\xff")
    assert compare_pages(course.root, pages) == ["course/ERRATA.md: can't be read as text"]


def test_a_learner_gets_the_pages_too(course: Course, tmp_path):
    course.write("01_toy", TITLE + SETUP)
    build_unit(course.root, "01_toy", lambda *_: None)
    write_pages(course.root, make_pages(course.root), lambda: None)
    mine = tmp_path / "mine"
    assert {"SYLLABUS.md", "ERRATA.md"} <= {change.name for change in copy_course(course.root / "course", mine)}
    assert (mine / "ERRATA.md").read_bytes() == (course.root / "course" / "ERRATA.md").read_bytes()


def test_the_course_s_own_pages_are_what_its_units_say():
    assert compare_pages(ROOT, make_pages(ROOT)) == []


def test_the_points_of_the_course_are_those_that_nbgrader_counts():
    text = make_pages(ROOT)["SYLLABUS.md"]
    told = {name: float(points) for name, points in re.findall(r"\]\((\w+)/.*?\) \| \d+ \| ([\d.]+) \|", text)}
    for unit in find_units(ROOT):
        cells = read_notebook(ROOT / "course" / unit / f"{unit}.ipynb").cells
        assert told[unit] == sum(grading(each)["points"] for each in cells if grading(each).get("grade"))


def test_each_link_of_the_errata_leads_to_a_cell():
    links = re.findall(r"\]\((\S+)\.ipynb#cell-id=(\S+)\)", make_pages(ROOT)["ERRATA.md"])
    assert len(links) > 30
    for notebook, name in links:
        found = [each for each in read_notebook(ROOT / "course" / f"{notebook}.ipynb").cells if each.id == name]
        assert [cell_name(each) for each in found] == [name]
