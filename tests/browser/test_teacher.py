"""A teacher in a real browser: the formgrader's assignments, gradebook and a graded submission, with no other host."""

import copy
import re
import sys
from pathlib import Path

import nbformat
import pytest
from classroom import begin_course, hand_in, nbgrader
from material import exercises

from chainrule_course.grading import runner
from chainrule_course.notebooks import cell_name

pytest.importorskip("playwright", reason="needs the browser extra")

from playwright.sync_api import expect

from .conftest import serving

pytestmark = pytest.mark.needs("browser")
UNIT = "01_training"
FIRST = exercises(UNIT)[0]
MISTAKE = next(mistake for mistake in FIRST.mistakes() if mistake.key == "no_bias")


def readable(release, answers):
    """Return the release with these answers, its text, and of its code only what is graded."""
    notebook = copy.deepcopy(release)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "markdown" or "nbgrader" in cell.metadata or cell_name(cell) == "setup"
    ]
    for cell in notebook.cells:
        cell.source = answers.get(cell_name(cell), cell.source)
    return notebook


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the teacher's course lies."""
    return tmp_path_factory.mktemp("teacher")


@pytest.fixture(scope="module")
def formgrader(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    """The address of JupyterLab where a class of two is graded: ada's answers are right, ben's first is not."""
    begin_course(folder, UNIT)
    nbgrader(folder, "generate_assignment", UNIT)
    release = nbformat.read(folder / "course" / UNIT / f"{UNIT}.ipynb", as_version=4)
    right = {exercise.name: exercise.solution for exercise in exercises(UNIT)}
    hand_in(folder, UNIT, "ada", readable(release, right))
    hand_in(folder, UNIT, "ben", readable(release, {**right, FIRST.name: MISTAKE.source}))
    nbgrader(folder, "autograde", UNIT, tries=3)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    with serving(command, folder, tmp_path_factory.mktemp("state")) as address:
        yield address


def test_a_graded_class_is_looked_at_and_a_mark_changed(page, formgrader, shoot):
    page.goto(formgrader.replace("/lab?", "/formgrader?"))
    row = page.get_by_role("row").filter(has_text=UNIT)
    expect(row).to_contain_text("2")  # submissions
    shoot(page, "assignments")

    page.get_by_role("link", name="Manual Grading").click()
    expect(page.get_by_role("row").filter(has_text=UNIT)).to_be_visible()
    shoot(page, "gradebook")
    page.get_by_role("link", name=UNIT, exact=True).click()
    expect(page).to_have_url(re.compile(f"/gradebook/{UNIT}/?$"))
    page.get_by_role("link", name=UNIT, exact=True).click()
    page.get_by_role("row").filter(has=page.locator(".glyphicon-ok")).get_by_role("link").click()  # tests failed

    page.wait_for_function("window.MathJax && MathJax.loaded && !jQuery(':animated').length")
    expect(page.get_by_text("Likely mistake").first).to_be_visible()
    expect(page.get_by_text(MISTAKE.says).first).to_be_visible()
    formulas = page.locator(".MathJax")
    expect(formulas).not_to_have_count(0)
    expect(page.locator(".MathJax_Preview:visible, .MathJax_Processing, .MathJax_Error")).to_have_count(0)
    for text in page.locator(".text_cell_render").all_inner_texts():
        assert "$" not in text
    formulas.first.scroll_into_view_if_needed()
    expect(formulas.first).to_be_in_viewport()
    shoot(page, "formulas")

    mark = page.locator(f"#{FIRST.name}-hidden")
    with page.expect_response(lambda response: "/api/grade/" in response.url and response.request.method == "PUT"):
        mark.fill("1.25")
        mark.press("Tab")
    page.reload()
    expect(mark).to_have_value("1.25")
    shoot(page, "mark")


def test_its_button_grades_with_the_engine(page, formgrader, folder: Path, shoot):
    release = nbformat.read(folder / "course" / UNIT / f"{UNIT}.ipynb", as_version=4)
    right = {exercise.name: exercise.solution for exercise in exercises(UNIT)}
    hand_in(folder, UNIT, "cleo", readable(release, right))
    page.goto(formgrader.replace("/lab?", "/formgrader?"))
    page.get_by_role("row").filter(has_text=UNIT).get_by_role("link", name="3", exact=True).click()  # submissions
    row = page.get_by_role("row").filter(has_text="cleo")
    expect(row).to_contain_text("needs autograding")
    row.locator(".autograde a").click()
    expect(page.get_by_text(f"Successfully autograded '{UNIT}' for student 'cleo'.")).to_be_visible(timeout=120_000)
    shoot(page, "done")
    notebook = nbformat.read(folder / "autograded" / "cleo" / UNIT / f"{UNIT}.ipynb", as_version=4)
    noted = notebook.metadata.chainrule.grading
    assert (noted.isolation, noted.troubles) == (runner.isolation_here()[0], [])
    page.reload()
    expect(page.get_by_role("row").filter(has_text="cleo")).to_contain_text("15 / 15")
