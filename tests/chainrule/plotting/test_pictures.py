"""What a notebook stores of a figure, and how it reads to someone who cannot see it."""

import io

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from nbclient import NotebookClient
from PIL import Image

from chainrule.plotting import alt_text, describe, plot_history, plot_network, render, show, style


def outputs(*lines):
    """Run lines in a notebook's kernel and return what the cell stores."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n".join(lines))])
    NotebookClient(notebook, kernel_name="python3").execute()
    return notebook


@pytest.fixture(scope="module")
def notebook():
    return outputs(
        "from chainrule.plotting import *",
        "show(plot_history([0.7, 0.5]))",
        "show(plot_activation('relu'), alt='Two \"curves\" & <no> more.')",
        "import matplotlib.pyplot as plt",
        "print(plt.get_fignums())",
    )


def test_notebook_stores_each_figure_once_with_its_description(notebook):
    first, second, printed = notebook.cells[0].outputs
    assert printed["text"] == "[]\n"  # nothing is left open that the notebook would show again
    assert first["data"]["text/plain"] == "Picture: Cost over 2 epochs falls from 0.7 to 0.5."
    assert 'alt="Two &quot;curves&quot; &amp; &lt;no&gt; more."' in second["data"]["text/html"]
    assert set(first["data"]) == {"text/html", "text/plain"}


def test_exported_page_has_alternative_text_for_every_image(notebook):
    from bs4 import BeautifulSoup
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert [image["alt"] for image in BeautifulSoup(page, "html.parser").find_all("img")] == [
        "Cost over 2 epochs falls from 0.7 to 0.5.",
        'Two "curves" & <no> more.',
    ]


def test_sanitizer_of_untrusted_notebooks_keeps_picture_and_text():
    from nbconvert.filters.strings import clean_html

    kept = clean_html(render(plot_history([2, 1]))._repr_html_())
    assert 'alt="Cost over 2 epochs falls from 2 to 1."' in kept


def test_png_is_what_it_says():
    picture = render(plot_history([2, 1]))
    with Image.open(io.BytesIO(picture.png)) as image:
        assert image.size == (picture.width, picture.height) == (700, 340)
        assert not image.info  # no program name, no date
    assert repr(picture) == f"Picture: {picture.alt}"


def test_quantizing_changes_no_visible_color():
    ax = plot_history({"loss": [3, 2, 1], "val_loss": [3, 2.5, 2]})
    full = io.BytesIO()
    ax.figure.savefig(full, format="png")
    small = Image.open(io.BytesIO(render(ax).png)).convert("RGB")
    difference = np.abs(np.asarray(Image.open(full).convert("RGB"), float) - np.asarray(small, float))
    assert difference.mean() < 0.2
    assert (difference > 16).mean() < 0.002


def rainbow(ax):
    ax.imshow(np.random.default_rng(0).random((60, 60, 3)))


@pytest.mark.parametrize(
    ("draw", "most"),
    [(lambda ax: ax.plot([3, 2, 1], color="#0b3c6f"), 7), (lambda ax: ax.imshow([[0, 1], [2, 3]]), 7), (rainbow, 80)],
    ids=["lines", "colormap", "too many colors"],
)
def test_no_color_is_far_from_what_was_drawn(draw, most: int):
    ax = Figure(figsize=(3, 2), dpi=100).subplots()
    draw(ax)
    with style():
        canvas = FigureCanvasAgg(ax.figure)
        canvas.draw()
    theirs = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)
    with Image.open(io.BytesIO(render(ax, "drawn").png)) as small:
        assert small.mode == "P"
        mine = np.asarray(small.convert("RGB"), int)
    assert np.abs(mine - theirs).max() <= most
    assert (mine[(theirs == 255).all(axis=2)] >= 254).all()  # paper stays paper


def test_saves(tmp_path):
    picture = render(plot_network([2, 1]))
    picture.save(tmp_path / "network.png")
    assert (tmp_path / "network.png").read_bytes() == picture.png


def test_outside_a_notebook_the_description_is_printed(capsys):
    show(plot_history([2, 1]))
    show(plot_history([2, 1]), alt="Falling.")
    assert capsys.readouterr().out == "Cost over 2 epochs falls from 2 to 1.\nFalling.\n"


def test_description_of_a_figure_is_that_of_its_axes_in_order():
    left, right = plt.figure().subplots(1, 2)
    describe(right, "B.")
    describe(left, "A  is\n first.")
    describe(left, "And more.")
    assert alt_text(left) == "A is first. And more."
    assert alt_text(left.figure) == "A is first. And more. B."


def test_axes_of_ones_own_are_described_by_what_is_written_on_them():
    ax = plt.figure().subplots()
    ax.plot([1, 2], label="line")
    ax.scatter([0], [0], label="point")
    ax.set_title("Mine", loc="left")
    assert alt_text(ax) == "Mine. Plot of unnamed values against unnamed values: line, point."
    ax.set(xlabel="t (s)", ylabel="v (m/s)")
    ax.figure.colorbar(ax.scatter([1], [1], c=[1]))
    assert alt_text(ax.figure) == "Mine. Plot of v (m/s) against t (s): line, point."
    assert alt_text(Figure()) == "An empty figure."


def test_description_dies_with_its_axes():
    import gc

    from chainrule.plotting.pictures import _descriptions

    plot_history([2, 1])
    before = len(_descriptions)
    plt.close("all")
    gc.collect()
    assert len(_descriptions) < before


@pytest.mark.parametrize("function", [alt_text, render, show])
def test_refuses_what_is_no_figure(function):
    with pytest.raises(TypeError, match=r"Axes or Figure.*not str"):
        function("figure")


def test_refuses_empty_descriptions():
    ax = plt.figure().subplots()
    with pytest.raises(ValueError, match="text must say what the figure shows"):
        describe(ax, " \n")
    with pytest.raises(ValueError, match="alt must say what the figure shows"):
        render(ax, alt="")
    removed = plt.figure().subplots()
    removed.remove()
    with pytest.raises(ValueError, match="must belong to a figure"):
        render(removed)
