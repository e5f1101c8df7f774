"""A network's drawing has its layers, units and parameters."""

import numpy as np
import pytest

from chainrule import Sequential
from chainrule.layers import Dense, Dropout
from chainrule.plotting import alt_text, plot_network


def circles(ax):
    return [len(line.get_xdata()) for line in ax.lines]


def captions(ax):
    return [label.get_text() for label in ax.get_xticklabels()]


def test_counts_of_a_model_are_its_own():
    model = Sequential([Dense(25, "sigmoid"), Dense(15, "relu"), Dense(1)], rng=0)
    model.build((None, 64))
    ax = plot_network(model)
    assert circles(ax) == [6, 6, 6, 1]
    assert [text.get_text() for text in ax.texts] == ["⋮"] * 3
    assert captions(ax)[1] == "dense\n25 units, sigmoid\n64·25 + 25 = 1625"
    assert captions(ax)[3] == "dense_2\n1 unit\n15·1 + 1 = 16"
    assert f"{model.count_params()} parameters in all" in alt_text(ax)
    for layer in model.layers:
        assert f"({layer.count_params()} parameters)" in alt_text(ax)


def test_every_shown_unit_is_joined_to_every_unit_before_it():
    ax = plot_network([3, 2, 4])
    drawn = [len(each.get_segments()) for each in ax.collections]
    assert drawn == [6, 8]


def test_layers_without_bias_or_weights():
    model = Sequential([Dense(4, use_bias=False, input_shape=(3,)), Dropout(0.5), Dense(1)], rng=0)
    ax = plot_network(model)
    assert captions(ax)[1] == "dense\n4 units\n3·4 = 12"
    assert captions(ax)[2].startswith("dropout\n4")
    assert "17 parameters in all" in alt_text(ax)


def test_most_decides_what_is_left_out():
    assert circles(plot_network([9, 8, 3], most=8)) == [7, 8, 3]
    assert circles(plot_network([9, 8, 3], most=9)) == [9, 8, 3]


@pytest.mark.parametrize(
    ("network", "kwargs", "error", "message"),
    [
        (Sequential([Dense(1)]), {}, ValueError, r"not built.*model.build\(\(None, features\)\)"),
        (
            Sequential([Dense(1, input_shape=(2,))]),
            {"activations": ["relu"]},
            ValueError,
            "activations must be left out",
        ),
        ([3], {}, ValueError, "at least two widths"),
        ([3, 0], {}, ValueError, "each width of network must be at least 1"),
        ([3, 1.5], {}, TypeError, "each width of network must be an integer"),
        ("64-25-1", {}, TypeError, "Sequential model or a list of widths"),
        (np.ones((2, 2)), {}, TypeError, "Sequential model or a list of widths"),
        ([3, 1], {"activations": []}, ValueError, "activations must have one entry for each of the 1 layers"),
        ([3, 1], {"most": 2}, ValueError, "most must be at least 3"),
    ],
)
def test_refuses(network, kwargs, error, message):
    with pytest.raises(error, match=message):
        plot_network(network, **kwargs)
