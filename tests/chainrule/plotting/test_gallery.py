"""Every figure of the course, drawn once: labeled, described, legible in grey, unclipped, small, the same on every run.

After a wanted change, draw the pictures to compare with anew, and look at each of them before you commit it:

    CHAINRULE_DRAW_BASELINE=1 pytest tests/chainrule/plotting/test_gallery.py
"""

import functools
import html
import inspect
import itertools
import os
import re
import warnings
from collections import Counter
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.polynomial import Polynomial

from chainrule import Sequential, graph, landscapes, plotting
from chainrule.datasets import load_digits
from chainrule.layers import Dense
from chainrule.plotting.style import COLORS, FILLS, LINESTYLES, MARKERS, signed_colormap, style

BASELINE = Path(__file__).with_name("baseline")
DRAWN_WITH = "3.11"  # other releases of matplotlib place and smooth letters a little differently
TOLERANCE = 2.0  # root mean square of the difference, of 255


def rng(seed=0):
    return np.random.default_rng(seed)


def digits(count):
    X, y = load_digits(classes=(0, 1))
    return X[:count], y[:count]


def cost_graph():
    """J = ½(wx + b − y)² with w = 2, x = −2, b = 8, y = 2."""
    w, x, b, y = graph.variables(w=2, x=-2, b=8, y=2)
    c = (w * x).named("c")
    a = (c + b).named("a")
    d = (a - y).named("d")
    return graph.half_square(d).named("J")


def two_layers():
    w1, b1, w2, b2, x, y = graph.variables(w1=0.5, b1=-0.25, w2=2, b2=0.1, x=1, y=1)
    z1 = ((w1 * x).named("u1") + b1).named("z1")
    a1 = graph.sigmoid(z1).named("a1")
    z2 = ((w2 * a1).named("u2") + b2).named("z2")
    return graph.half_square((z2 - y).named("d")).named("J")


def fan_out():
    (u,) = graph.variables(u=3)
    return ((u * u).named("s") + graph.sigmoid(u).named("t") * u).named("f")


def ellipse(w):
    return w[..., 0] ** 2 + 6 * w[..., 1] ** 2


def cube(w):
    return w * w * w  # a power may be rounded differently on another machine


def zigzag():
    return np.array([[2.5, 1.5], [2, -1.1], [1.5, 0.7], [1, -0.4], [0.6, 0.2]])


def quarters(points):
    return (points[:, 0] * points[:, 1] > 0).astype(float)


def fits():
    x = np.sort(rng().uniform(-1, 1, 15))
    y = np.sin(3 * x) + rng(1).normal(0, 0.2, 15)
    return x, y, {f"degree {k}": Polynomial.fit(x, y, k) for k in (1, 3, 12)}


def runs():
    epochs = np.arange(40)
    return {
        name: np.exp(-epochs / scale) * (1 + 0.4 * rng(scale).random((12, 40))) + 0.01
        for name, scale in (("standard", 6), ("mini-batch", 12), ("accumulated", 25))
    }


def annealing():
    heat = 5 * 0.98 ** np.arange(300)
    return 3 * heat * rng().random(300) + 0.1, heat


def spiral():
    angle = np.linspace(0, 6, 40)
    return np.concatenate([sign * angle[:, None] * np.c_[np.cos(angle), np.sin(angle)] / 6 for sign in (1, -1)])


def network():
    return Sequential([Dense(25, "sigmoid", input_shape=(64,)), Dense(15, "sigmoid"), Dense(1, "sigmoid")], rng=0)


def text_distribution():
    counts = Counter("the quick brown fox sat on the mat")
    return {letter: count / sum(counts.values()) for letter, count in counts.items()}


EPS = 10.0 ** np.arange(-16, 0.5, 0.5)
PENALTIES = {
    "free": rng().normal(size=600),
    "L2": rng(1).normal(size=600) / 3,
    "L1": np.r_[np.zeros(400), rng(2).normal(size=200)],
}
HILLS = landscapes.himmelblau()
RAVINE = ((-3, 3), (-2, 2))

FIGURES = {
    "activation": lambda **at: plotting.plot_activation("relu", **at),
    "activations": lambda **at: plotting.plot_activations(["sigmoid", "tanh", "relu", "softplus", "leaky_relu"], **at),
    "annealing": lambda **at: plotting.plot_annealing(*annealing(), **at),
    "basins": lambda **at: plotting.plot_basins(
        (np.hypot(*np.mgrid[-1:1:41j, -1:1:41j]) > 0.6).astype(int) + 2 * (np.mgrid[-1:1:41j, -1:1:41j][0] > 0.8),
        ((-1, 1), (-1, 1)), [[0, 0], [0.9, 0], [0, 2], [0, 0.9]], **at),
    "binary_entropy": lambda **at: plotting.plot_binary_entropy(0.11, **at),
    "contours": lambda **at: plotting.plot_contours(
        HILLS, HILLS.domain, {"near": [[0, 0], [1, 1], [3, 2]], "far": [[-4, 4], [-3, 3.5], [-2.8, 3.1]]},
        minima=HILLS.minima, log=True, **at),
    "contours_ravine": lambda **at: plotting.plot_contours(ellipse, RAVINE, zigzag(), **at),
    "contributions": lambda **at: plotting.plot_contributions(digits(1)[0][0], np.linspace(-0.5, 1, 64), 0.25, **at),
    "cross_entropy": lambda **at: plotting.plot_cross_entropy(0.3, **at),
    "curves": lambda **at: plotting.plot_curves(
        np.linspace(-3, 3, 61), {f"k = {k}": np.tanh(k * np.linspace(-3, 3, 61)) for k in range(1, 7)},
        xlabel="z", ylabel="tanh(kz)", **at),
    "decision_boundary": lambda **at: plotting.plot_decision_boundary(quarters, spiral(), np.arange(80) // 40, **at),
    "descent": lambda **at: plotting.plot_descent(
        lambda w: w**2, {f"α = {a}": 3 * (1 - 2 * a) ** np.arange(6) for a in (0.1, 0.45, 1, 1.1)}, span=(-5, 5), **at),
    "difference_error": lambda **at: plotting.plot_difference_error(
        EPS, {"forward": (cube(3 + EPS) - 27) / EPS - 27, "central": (cube(3 + EPS) - cube(3 - EPS)) / EPS / 2 - 27},
        **at),
    "distribution": lambda **at: plotting.plot_distribution(
        {"fog": 0.5, "rain": 0.25, "sun": 0.125, "storm": 0.125}, [0.25, 0.25, 0.25, 0.25], **at),
    "fits": lambda **at: plotting.plot_fits(*fits(), truth=lambda x: np.sin(3 * x), **at),
    "gradient_survival": lambda **at: plotting.plot_gradient_survival(
        {"sigmoid": 0.25, "tanh": 0.6, "ReLU": 1.0}, **at),
    "graph": lambda **at: plotting.plot_graph(cost_graph(), **at),
    "graph_forward": lambda **at: plotting.plot_graph(cost_graph(), gradients=False, **at),
    "graph_two_layers": lambda **at: plotting.plot_graph(two_layers(), **at),
    "graph_fan_out": lambda **at: plotting.plot_graph(fan_out(), **at),
    "graph_step_forward": lambda **at: plotting.plot_graph_step(cost_graph(), 6, **at),
    "graph_step_backward": lambda **at: plotting.plot_graph_step(cost_graph(), 12, **at),
    "graph_steps": lambda: plotting.plot_graph_steps(cost_graph()),
    "history": lambda **at: plotting.plot_history(
        {"loss": 0.7 * 0.9 ** np.arange(40), "val_loss": 0.7 * 0.9 ** np.arange(40) + 0.0004 * np.arange(40) ** 1.5},
        log=True, mark_best=True, **at),
    "huffman_tree": lambda **at: plotting.plot_huffman_tree({"a": 0.3, "b": 0.25, "c": 0.2, "d": 0.15, "e": 0.1}, **at),
    "huffman_tree_text": lambda **at: plotting.plot_huffman_tree(text_distribution(), **at),
    "images": lambda **at: plotting.plot_images(*digits(16), columns=8, **at),
    "network": lambda **at: plotting.plot_network(network(), **at),
    "piecewise_linear": lambda **at: plotting.plot_piecewise_linear(
        lambda x: np.maximum(0, x) - 2 * np.maximum(0, x - 1), [0, 1], target=np.sin, **at),
    "population": lambda: plotting.plot_population(
        ellipse, RAVINE, {f"generation {k}": rng(k).normal(0, 1 / (1 + k), (30, 2)) for k in (0, 3, 9)},
        minima=[[0, 0]]),
    "runs": lambda **at: plotting.plot_runs(runs(), log=True, **at),
    "success": lambda **at: plotting.plot_success(0.2, 25, {1: 0.21, 5: 0.66, 20: 0.98}, runs=100, **at),
    "surface": lambda **at: plotting.plot_surface(ellipse, RAVINE, zigzag(), **at),
    "tangent": lambda **at: plotting.plot_tangent(lambda w: w**2, 3, secants=[3, 1.5, 0.5], span=(-4, 7), **at),
    "weight_histograms": lambda **at: plotting.plot_weight_histograms(PENALTIES, **at),
    "weights": lambda **at: plotting.plot_weights(rng().normal(size=(64, 25)), columns=9, **at),
}  # fmt: skip
EVERY = pytest.mark.parametrize("name", FIGURES)
ROWS = {"activation": 2, "activations": 2, "annealing": 2, "contributions": 3}
DIAGRAMS = ("graph",)  # their vertical axis means nothing


def drawn(name):
    """Draw a figure of the gallery and render it, with every warning an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = FIGURES[name]()
        figure = result if hasattr(result, "savefig") else (result[0] if isinstance(result, list) else result).figure
        return figure, plotting.render(figure)


seen = functools.cache(drawn)  # for tests that only look


def visible_texts(figure):
    """Return what can be read; matplotlib keeps ticks beyond the ends of an axis, but does not draw them."""
    unseen = set()
    for ax in figure.axes:
        for axis in ax._axis_map.values():
            ticks = {*axis.get_major_ticks(), *axis.get_minor_ticks()} - set(axis._update_ticks())
            unseen |= {label for tick in ticks for label in (tick.label1, tick.label2)}
    texts = set(figure.findobj(Text)) - unseen
    return [each for each in texts if each.get_visible() and each.get_text().strip()]


def lightness(color):
    """CIE L* of a color, 0 black to 100 white."""
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return 116 * np.cbrt(linear @ [0.2126, 0.7152, 0.0722]) - 16


def indistinct(ax):
    """Return the pairs of labeled lines or bars that a reader of a grey copy could take for one another."""
    looks = []
    for line in ax.lines:
        if not line.get_label().startswith("_"):
            shape = (str(line._unscaled_dash_pattern) if line.get_linestyle() != "None" else "", str(line.get_marker()))
            looks.append((line.get_label(), shape, lightness(line.get_color())))
    for bars in ax.containers:
        bar = bars[0] if len(bars) and hasattr(bars[0], "get_hatch") else None
        if bar is not None and not bars.get_label().startswith("_"):
            looks.append((bars.get_label(), ("bar", str(bar.get_hatch())), lightness(bar.get_facecolor())))
    return [(a[0], b[0]) for a, b in itertools.combinations(looks, 2) if a[1] == b[1] and abs(a[2] - b[2]) < 20]


def test_the_gallery_holds_every_plotting_function():
    called = set(re.findall(r"plotting\.(plot_\w+)", inspect.getsource(inspect.getmodule(drawn))))
    assert called == {name for name in plotting.__all__ if name.startswith("plot_")}


@EVERY
def test_axes_are_labeled(name):
    figure, _ = seen(name)
    for ax in figure.axes:
        if ax.get_label() == "<colorbar>":
            continue
        below = ax.get_shared_x_axes().get_siblings(ax)
        assert any(each.get_xlabel().strip() for each in below) or figure.get_supxlabel()
        assert ax.get_ylabel().strip() or name.startswith(DIAGRAMS)


@EVERY
def test_description_is_there_and_shown(name):
    figure, picture = seen(name)
    words = plotting.alt_text(figure)
    assert len(words) > 40
    assert words.endswith(".")
    assert "nan" not in words.lower().split()
    assert picture.alt == words
    assert f'<img alt="{html.escape(words)}"' in picture._repr_html_()


@EVERY
def test_type_is_at_least_nine_points_and_nothing_is_cut_off(name):
    figure, _ = seen(name)
    page = figure.bbox
    for text in visible_texts(figure):
        assert text.get_fontsize() >= 9, text
        (left, low), (right, high) = text.get_window_extent().get_points()
        assert name == "surface" or (left > -1 and low > -1), text  # in 3-D letters are placed only as they are drawn
        assert name == "surface" or (right < page.x1 + 1 and high < page.y1 + 1), text


def covering(figure):
    """Return the pairs of texts of which one covers more than a seventh of the other."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in visible_texts(figure)]
    pairs = []
    for (a, box), (b, other) in itertools.combinations(boxes, 2):
        shared = Bbox.intersection(box, other)
        if shared and shared.width * shared.height > min(box.width * box.height, other.width * other.height) / 7:
            pairs.append((a, b))
    return pairs


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "surface"])
def test_no_text_covers_another(name):
    assert not covering(seen(name)[0])


def test_a_long_graph_gets_a_wide_picture_for_each_step():
    crowded = plotting.plot_graph_steps(two_layers(), steps=[8, 21, 26], columns=2)
    spaced = plotting.plot_graph_steps(two_layers(), steps=[8, 21, 26])
    for figure in (crowded, spaced):
        plotting.render(figure)
    assert covering(crowded)
    assert not covering(spaced)


@EVERY
def test_legible_in_grey(name):
    for ax in seen(name)[0].axes:
        assert not indistinct(ax)
        for line in ax.lines:
            if not line.get_label().startswith("_") and line.get_linestyle() != "None":
                assert lightness(line.get_color()) < 62, line.get_label()  # 3 : 1 on white, as WCAG asks of graphics


def test_the_grey_test_has_teeth():
    ax = plt.figure().subplots()
    ax.plot([0, 1], color="#d62728", label="red")
    ax.plot([1, 0], color="#2ca02c", label="green")
    assert indistinct(ax) == [("red", "green")]
    ax.lines[1].set_linestyle("--")
    assert not indistinct(ax)


@EVERY
def test_small_and_the_same_on_every_run(name):
    _, picture = seen(name)
    assert len(picture.png) < 60_000
    assert picture.width <= 700
    assert drawn(name)[1].png == picture.png


@EVERY
def test_looks_as_it_did(name, tmp_path):
    from matplotlib.testing.compare import compare_images

    if not mpl.__version__.startswith(DRAWN_WITH + "."):
        pytest.skip(f"the pictures were drawn with matplotlib {DRAWN_WITH}, which constraints.txt installs")
    wanted, actual = BASELINE / f"{name}.png", tmp_path / f"{name}.png"
    if os.environ.get("CHAINRULE_DRAW_BASELINE"):
        seen(name)[1].save(wanted)
    seen(name)[1].save(actual)
    assert compare_images(str(wanted), str(actual), tol=TOLERANCE) is None


def test_the_comparison_has_teeth(tmp_path):
    from matplotlib.testing.compare import compare_images

    for name, spoil in (
        ("graph", lambda ax: ax.texts[0].set_text("wrong")),
        ("history", lambda ax: ax.lines[0].set_linestyle(":")),
        ("weights", lambda ax: ax.images[0].set_cmap("gray")),
    ):
        figure, picture = drawn(name)
        picture.save(tmp_path / "right.png")
        spoil(figure.axes[0])
        plotting.render(figure).save(tmp_path / "wrong.png")
        assert compare_images(str(tmp_path / "right.png"), str(tmp_path / "wrong.png"), tol=TOLERANCE), name


def test_no_picture_without_a_figure():
    assert {path.stem for path in BASELINE.glob("*.png")} == set(FIGURES)
    assert sum(path.stat().st_size for path in BASELINE.glob("*.png")) < 600_000


@pytest.mark.parametrize("name", [name for name in FIGURES if name not in ("graph_steps", "population")])
def test_draws_on_given_axes_and_leaves_pyplot_alone(name):
    flat = {"projection": "3d"} if name == "surface" else None
    axes = plt.figure(figsize=(9, 7)).subplots(1, ROWS.get(name, 1) + 1, squeeze=False, subplot_kw=flat)[0]
    mine, other = list(axes[:-1]), axes[-1]
    plt.sca(other)
    before = dict(mpl.rcParams)
    result = FIGURES[name](axes=mine) if name in ROWS else FIGURES[name](ax=mine[0])
    assert (list(result) if name in ROWS else [result]) == mine
    assert plt.get_fignums() == [1]
    assert plt.gca() is other
    assert not other.has_data()
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", [name for name in FIGURES if name not in ("graph_steps", "population", *ROWS)])
def test_refuses_what_is_no_axes(name):
    with pytest.raises(TypeError, match="ax must be a matplotlib Axes or None, not Figure"):
        FIGURES[name](ax=plt.figure())


def test_style_ends_with_its_block():
    before = dict(mpl.rcParams)
    with style():
        assert mpl.rcParams["legend.frameon"] is False
    assert dict(mpl.rcParams) == before


def test_neighbors_in_the_cycle_differ_in_lightness_and_all_in_style():
    assert len({str(each) for each in LINESTYLES}) == len(COLORS) == len(set(MARKERS)) == len(FILLS)
    assert all(lightness(color) < 62 for color in COLORS)
    assert abs(lightness(COLORS[0]) - lightness(COLORS[1])) > 20


@pytest.mark.parametrize("kind", ["protan", "deutan"])
def test_colors_differ_for_the_color_blind(kind):
    """Machado, Oliveira and Fernandes (2009), severity 1.0, in linear RGB."""
    matrix = {
        "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    }[kind]

    def perceived(color):
        channels = np.array(to_rgb(color))
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return np.cbrt(np.clip(np.array(matrix) @ linear, 0, 1))

    distances = [np.linalg.norm(perceived(a) - perceived(b)) for a, b in itertools.combinations(COLORS[:5], 2)]
    assert min(distances) > 0.1
    assert np.linalg.norm(perceived("#d62728") - perceived("#7f5f1f")) < 0.12  # a red and a brown that they confuse


def test_sign_survives_a_grey_copy():
    def steps(colormap):
        return np.array([lightness(colormap(value)) for value in np.linspace(0, 1, 65)])

    ours = steps(signed_colormap())
    assert (np.diff(ours) > 0).all()
    assert (ours[48:] - ours[16::-1] > 20).all()
    usual = steps(mpl.colormaps["RdBu"])
    assert not (usual[48:] - usual[16::-1] > 20).any()
