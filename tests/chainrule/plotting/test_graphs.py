"""A drawn graph has the values and gradients of finite differences, on the right side of the right edges."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import graph
from chainrule.plotting import alt_text, plot_graph, plot_graph_step, plot_graph_steps
from chainrule.plotting._layout import arrange

VALUES = {"w": 2.0, "x": -2.0, "b": 8.0, "y": 2.0}


def cost(**values):
    w, x, b, y = graph.variables(**(VALUES | values))
    c = (w * x).named("c")
    a = (c + b).named("a")
    d = (a - y).named("d")
    return graph.half_square(d).named("J")


def plain(text):
    return float(text.replace("−", "-"))


def edge_labels(ax):
    """Return what is written above (False) and below (True) level stretches: (x, y, below) → text, bold."""
    labels = {}
    for text in ax.texts:
        va = text.get_verticalalignment()
        if va in ("top", "bottom") and "=" in text.get_text():
            labels[text.get_text()] = (*np.round(text.xy, 6), va == "top", text.get_fontweight() == "bold")
    return labels


def test_notes_example():
    ax = plot_graph(cost())
    labels = edge_labels(ax)
    above = {text for text, (*_, below, _) in labels.items() if not below}
    assert above == {"w = 2", "x = −2", "b = 8", "y = 2", "c = −4", "a = 4", "d = 2", "J = 2"}
    gradients = {"w": -4, "x": 4, "b": 2, "y": -2, "c": 2, "a": 2, "d": 2, "J": 1}
    assert {text for text in labels if text not in above} == {
        f"∂J/∂{name} = {value}".replace("-", "−") for name, value in gradients.items()
    }
    for name, value in gradients.items():  # both stand at the same edge
        shown = next(text for text in above if text.startswith(f"{name} = "))
        assert labels[shown][:2] == labels[f"∂J/∂{name} = {value}".replace("-", "−")][:2]


def test_gradients_in_words_are_those_of_finite_differences():
    words = alt_text(plot_graph(cost(w=1.5, b=-3)))
    told = dict(re.findall(r"∂J/∂(\w) = (−?\d+(?:\.\d+)?)", words.split("Gradients:")[1]))
    for name, value in (VALUES | {"w": 1.5, "b": -3.0}).items():
        start = {"w": 1.5, "b": -3.0}
        numeric = (cost(**start | {name: value + 1e-6}).value - cost(**start | {name: value - 1e-6}).value) / 2e-6
        assert plain(told[name]) == pytest.approx(numeric, rel=6e-3)


def test_forward_only():
    ax = plot_graph(cost(), gradients=False)
    assert not any("∂" in text.get_text() for text in ax.texts)
    assert "Gradients" not in alt_text(ax)
    assert ax.get_xlabel() == "above each edge: the value"


def test_each_step_adds_one_thing_and_shows_it_bold():
    output = cost()
    steps = graph.Graph(output).trace()
    before = {}
    for taken in range(len(steps) + 1):
        ax = plot_graph_step(output, taken)
        labels = edge_labels(ax)
        added = set(labels) - set(before)
        if taken:
            assert len(added) == 1
            assert added == {text for text, (*_, bold) in labels.items() if bold}
            step = steps[taken - 1]
            assert step.node in added.pop()
            assert f"after step {taken} of 16, {step.sweep}: " in alt_text(ax)
        else:
            assert not labels
            assert "No values are known" in alt_text(ax)
        before = labels
    assert set(before) == set(edge_labels(plot_graph(output)))


def test_newest_edge_is_thicker_whatever_its_color():
    widths = [patch.get_linewidth() for patch in plot_graph_step(cost(), 12).patches]
    assert set(widths) == {1.0, 2.6}
    assert widths.count(2.6) == len(arrange(graph.Graph(cost()).parents).route[("y", "d", 1)]) - 1


def test_drawing_changes_no_node():
    output = cost()
    plot_graph(output)
    plot_graph_steps(output)
    assert output.gradient is None


def test_strip_goes_from_the_inputs_back_to_the_inputs():
    figure = plot_graph_steps(cost())
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles[0] == "1  w = 2; x = −2; b = 8; y = 2"
    assert titles[4] == "5  J = ½(d)² = 2"
    assert titles[5] == "6  ∂J/∂J = 1"
    assert titles[-1] == "10  ∂J/∂w = −4; ∂J/∂x = 4"
    assert len(figure.axes) == 10
    assert len(plot_graph_steps(cost(), steps=[4, 8, 16]).axes) == 3


def test_parameters_choose_what_gradients_arrive():
    words = alt_text(plot_graph_step(cost(), 13, parameters=["w"]))
    assert "step 13 of 13" in words
    assert "∂J/∂w = −4" in words
    assert "∂J/∂b" not in words


def test_several_uses_add_up():
    (u,) = graph.variables(u=3)
    ax = plot_graph((u * u).named("s"))
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("u = 3") == 2
    assert texts.count("3") == 2  # each edge brings back 3
    assert "Σ 6" in texts


def test_arrays_are_shown_by_shape_and_constants_by_value():
    X, W = graph.variables(X=np.ones((4, 3)), W=np.ones((3, 2)))
    words = alt_text(plot_graph((X @ W).sum().named("s")))
    assert "X of shape 4×3" in words
    assert "∂s/∂W of shape 3×2" in words
    (w,) = graph.variables(w=2)
    assert "7" in [text.get_text() for text in plot_graph((w * 7).named("p")).texts]


def test_a_single_variable_is_a_graph():
    assert alt_text(plot_graph(graph.variable(2, "w"))).endswith("Values: w = 2. Gradients: ∂w/∂w = 1.")


@pytest.mark.parametrize("draw", [plot_graph, plot_graph_steps, lambda it: plot_graph_step(it, 0)])
def test_refuses_what_is_no_graph(draw):
    with pytest.raises(TypeError, match=r"graph must be a chainrule\.graph\.Graph or its output, a Node, not float"):
        draw(2.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_graph_step(cost(), 17), ValueError, "step must be from 0 to 16"),
        (lambda: plot_graph_step(cost(), -1), ValueError, "step must be at least 0"),
        (lambda: plot_graph_step(cost(), 1.0), TypeError, "step must be an integer"),
        (lambda: plot_graph_step(cost(), 1, parameters=["v"]), KeyError, "no node 'v'"),
        (lambda: plot_graph_steps(cost(), [3, 2]), ValueError, "rising numbers from 1 to 16"),
        (lambda: plot_graph_steps(cost(), [17]), ValueError, "rising numbers from 1 to 16"),
        (lambda: plot_graph_steps(cost(), []), ValueError, "rising numbers from 1 to 16"),
        (lambda: plot_graph_steps(cost(), columns=0), ValueError, "columns must be at least 1"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


@st.composite
def parents(draw):
    """A random graph: each node takes up to two earlier ones; the last is reached from all that are kept."""
    table = {}
    for k in range(draw(st.integers(1, 9))):
        table[f"n{k}"] = tuple(draw(st.lists(st.sampled_from(sorted(table)), max_size=2))) if table else ()
    output, kept, pending = f"n{k}", set(), [f"n{k}"]
    while pending:
        name = pending.pop()
        kept.add(name)
        pending += table[name]
    return {name: each for name, each in table.items() if name in kept} | {output: table.pop(output)}


@settings(max_examples=60, deadline=None)
@given(parents())
def test_layout_keeps_nodes_apart_and_edges_pointing_right(table):
    layout = arrange(table)
    assert set(layout.place) == set(table)
    assert len(set(layout.place.values())) == len(table)
    for (parent, child, argument), route in layout.route.items():
        assert table[child][argument] == parent
        assert route[0] == layout.place[parent]
        assert route[-1] == layout.place[child]
        assert all(start[0] < end[0] for start, end in itertools.pairwise(route))
        assert route[-3][1] == route[-2][1]  # level where the labels are
        assert not set(route[1:-1]) & set(layout.place.values())  # through no other node
    stretches = [route[-3:-1] for route in layout.route.values()]
    assert len({tuple(each) for each in stretches}) == len(stretches)


def test_layout_of_a_tree_crosses_no_edges_and_keeps_the_order_of_arguments():
    layout = arrange(graph.Graph(cost()).parents)
    for first, second in (("w", "x"), ("c", "b"), ("a", "y")):
        assert layout.place[first][0] == layout.place[second][0]
        assert layout.place[first][1] > layout.place[second][1]


def test_layout_does_not_depend_on_hash_order():
    import subprocess
    import sys

    table = {"w": (), "x": (), "b": (), "c": ("w", "x"), "a": ("c", "b")}
    code = f"from chainrule.plotting._layout import arrange; print(arrange({table}))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "123"
    }
    assert len(told) == 1


def test_values_of_an_array_output_are_drawn_without_gradients():
    y = (graph.variable([[1.0, 2.0]], "x") * 3.0).named("y")
    assert "y of shape 1×2" in alt_text(plot_graph(y, gradients=False))
    with pytest.raises(ValueError, match="needs a seed"):
        plot_graph(y)
