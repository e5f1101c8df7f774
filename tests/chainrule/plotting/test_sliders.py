"""Sliders redraw their figure, and the same notebook gives the same output."""

import nbformat
import pytest
from nbclient import NotebookClient

from chainrule.plotting import plot_curves
from chainrule.plotting.sliders import slide

FIGURE = """
from chainrule.plotting import plot_curves
from chainrule.plotting.sliders import slide
def line(slope=1.0, steps=2):
    return plot_curves([0, 1], {"line": [0, slope * steps]}, xlabel="x", ylabel="y")
slide(line, slope=(-3, 3, 0.5), steps=(1, 4, 1))
"""
MOVE = """
from ipywidgets.widgets.widget import _instances
sliders = {widget.description: widget for widget in _instances.values() if hasattr(widget, "step")}
sliders["slope"].value = 2.5
print({name: type(slider).__name__ for name, slider in sorted(sliders.items())})
"""


def line(slope=1.0):
    return plot_curves([0, 1], {"line": [0, slope]}, xlabel="x", ylabel="y")


def run(*sources):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    return [cell.outputs for cell in notebook.cells]


def test_moving_a_slider_redraws_the_figure_and_two_runs_look_alike():
    still = run(FIGURE)
    moved = run(FIGURE, MOVE)
    picture, view = still[0]
    assert "line: from 0 to 2." in picture.data["text/html"]
    assert "line: from 0 to 5." in moved[0][0].data["text/html"]
    assert moved[1][0].text == "{'slope': 'FloatSlider', 'steps': 'IntSlider'}\n"
    assert view == moved[0][1]
    assert "slope from -3 to 3; steps from 1 to 4" in view.data["text/plain"]


def test_outside_a_notebook_the_figure_is_described(capsys):
    slide(line, slope=(-3, 3, 0.5))
    assert "line: from 0 to 1." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ranges", "error", "says"),
    [
        ({"p": (0, 1, 0.1)}, TypeError, "draw must take a parameter p; it takes slope"),
        ({"slope": (0, 1)}, TypeError, r"slope must be a tuple \(low, high, step\)"),
        ({"slope": (1, 0, 0.1)}, ValueError, "go up from low to high"),
        ({"slope": (0, 1, 0)}, ValueError, "steps above 0"),
        ({"slope": (2, 3, 0.1)}, ValueError, "start within its range"),
    ],
)
def test_a_range_that_does_not_fit_is_refused(ranges, error, says):
    with pytest.raises(error, match=says):
        slide(line, **ranges)
