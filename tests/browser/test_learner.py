"""A learner's hour in a real browser: open a unit, run it, solve an exercise, move a slider, validate."""

import re
from pathlib import Path

import nbformat
import pytest
from material import exercises

pytest.importorskip("playwright", reason="needs the browser extra")

from playwright.sync_api import expect

from .conftest import CHAINRULE, serving
from .notebook import Notebook, output

pytestmark = pytest.mark.needs("browser")


@pytest.fixture(scope="module")
def lab(learner: Path, tmp_path_factory: pytest.TempPathFactory):
    """The address of what `chainrule lab` opens."""
    with serving([str(CHAINRULE), "lab", "--no-browser"], learner, tmp_path_factory.mktemp("state")) as address:
        yield address


def test_an_untouched_unit_runs_to_its_end(page, lab, learner, shoot):
    notebook = Notebook(page, lab, "01_training/01_training.ipynb")
    notebook.run_all()
    shoot(page, "last-cells")
    notebook.save()
    cells = nbformat.read(learner / "01_training/01_training.ipynb", as_version=4).cells
    cells = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    expect(page.get_by_text("Would you like to get notified")).to_have_count(0)


def test_a_mistake_is_named_and_a_right_answer_earns_all_points(page, lab, shoot):
    exercise = exercises("01_training")[0]
    mistake = next(mistake for mistake in exercise.mistakes() if mistake.key == "no_bias")
    right = next(iter(exercise.other_answers().values())).strip()

    notebook = Notebook(page, lab, "01_training/01_training.ipynb")
    answer, check = notebook.cell(f"def {exercise.name}("), notebook.cell(f'Checks("{exercise.name}", points=1)')
    notebook.run(notebook.cell(exercise.setup.splitlines()[0]))
    notebook.write(answer, mistake.source)
    notebook.run(check)
    expect(output(check)).to_contain_text(f"Likely mistake: {mistake.says}")
    expect(output(check)).to_contain_text("0 of 1 points")
    output(check).scroll_into_view_if_needed()
    shoot(page, "wrong")

    notebook.write(answer, right)
    notebook.run(check)
    expect(output(check)).to_contain_text("1 of 1 points")
    expect(output(check)).not_to_contain_text("mistake")
    output(check).scroll_into_view_if_needed()
    shoot(page, "right")

    page.get_by_role("button", name="Validate").click()
    dialog = page.get_by_role("dialog").filter(has_text="Validation Results")
    expect(dialog).to_contain_text("The following cell failed")
    failed = re.findall(r'Checks\("(\w+)"', dialog.inner_text())
    assert failed == [other.name for other in exercises("01_training")[1:]]
    shoot(page, "validated")
    dialog.get_by_role("button", name="Ok").click()


def test_a_slider_draws_the_figure_anew(page, lab, shoot):
    notebook = Notebook(page, lab, "05_derivatives/05_derivatives.ipynb")
    for text in ("checks import Checks, once_solved", "def J(w)"):
        notebook.run(notebook.cell(text))
    slide = notebook.cell("plotting.slide(secant")
    notebook.run(slide)
    cell = output(slide)
    slider, figure = cell.get_by_role("slider"), cell.locator("img")
    slider.scroll_into_view_if_needed()
    expect(slider).to_have_attribute("aria-valuetext", "1.5")
    before = figure.get_attribute("src")
    shoot(page, "before")
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "1.25")
    expect(figure).not_to_have_attribute("src", before)
    assert figure.get_attribute("alt")
    shoot(page, "after")
