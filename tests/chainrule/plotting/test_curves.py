"""Curves go through the values of their functions."""

import math
import warnings

import numpy as np
import pytest

from chainrule import activations
from chainrule.plotting import (
    alt_text,
    plot_activation,
    plot_activations,
    plot_curves,
    plot_fits,
    plot_piecewise_linear,
)


def test_curves_from_values_and_functions():
    x = np.linspace(0, 1, 5)
    ax = plot_curves(x, {"values": x**2, "array": np.sqrt, "number": math.exp}, xlabel="x", ylabel="y")
    for line, wanted in zip(ax.lines, [x**2, np.sqrt(x), np.exp(x)], strict=True):
        np.testing.assert_allclose(line.get_ydata(), wanted)
    assert alt_text(ax).startswith("3 curves of y against x, for 0 to 1. values: from 0 to 1.")


def test_curves_with_a_top_and_a_gap():
    ax = plot_curves([0, 1, 2, 3], {"a": [0, 5, 1, 2], "b": [1, np.nan, -3, 1]}, xlabel="x", ylabel="y")
    assert "a: from 0 to 2, highest 5 at 1." in alt_text(ax)
    assert "b: from 1 to 1, lowest −3 at 2." in alt_text(ax)


@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "elu", "gelu"])
def test_activation_beside_its_slope(name):
    z = np.linspace(-3, 3, 61)
    left, right = plot_activation(name, z=z)
    np.testing.assert_allclose(left.lines[0].get_ydata(), activations.get(name)(z))
    slope = right.lines[0].get_xydata()
    slope = slope[~np.isnan(slope[:, 1])]
    numeric = (activations.get(name)(slope[:, 0] + 1e-6) - activations.get(name)(slope[:, 0] - 1e-6)) / 2e-6
    smooth = slope[:, 0] != 0  # relu has no slope at its kink
    np.testing.assert_allclose(slope[smooth, 1], numeric[smooth], atol=1e-6)


def test_a_jump_of_the_slope_is_a_gap():
    _, right = plot_activation("relu")
    values = right.lines[0].get_ydata()
    assert np.isnan(values).sum() == 1
    assert set(values[~np.isnan(values)]) == {0, 1}


def test_steep_slopes_have_no_gap():
    _, right = plot_activation("sigmoid", z=np.linspace(-50, 50, 401))
    assert not np.isnan(right.lines[0].get_ydata()).any()


def test_own_function_as_activation():
    left, right = plot_activations([lambda z: z**3, "tanh"], z=[-1.0, 0.0, 1.0])
    np.testing.assert_allclose(left.lines[0].get_ydata(), [-1, 0, 1])
    np.testing.assert_allclose(right.lines[0].get_ydata(), [3, 0, 3], atol=1e-6)


def test_sigmoid_is_described_truly():
    left, right = plot_activation("sigmoid")
    assert alt_text(left) == "sigmoid rises from 0.00669 at z = −5 to 0.993 at z = 5."
    assert "between 0.00665 and 0.25, with its top at z = 0" in alt_text(right)


def test_knots_and_slopes_of_straight_pieces():
    ax = plot_piecewise_linear(lambda x: max(0, x) - 3 * max(0, x - 2), [2, 0])
    np.testing.assert_allclose(ax.lines[-1].get_xydata(), [[0, 0], [2, 2]])
    assert "3 straight pieces with slopes 0, 1 and −2, bending at x = 0 and 2" in alt_text(ax)


def test_fits_tell_their_errors():
    x = np.array([0.0, 1.0, 2.0])
    ax = plot_fits(x, [0, 1, 4], {"line": lambda x: 2 * x}, validation=([3], [9]))
    assert f"line misses them by {np.sqrt(1 / 3):.3g} on average" in alt_text(ax)
    assert "the points not fitted by 3." in alt_text(ax)


def test_a_wild_fit_does_not_hide_the_data():
    x = np.linspace(-1, 1, 9)
    ax = plot_fits(x, x, {"wild": lambda x: 1e6 * x**9})
    assert np.ptp(ax.get_ylim()) < 4


def test_functions_of_one_number_are_called_without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot_curves([1.0, 2.0], {"if": lambda x: 1.0 if x > 1 else 0.0}, xlabel="x", ylabel="y")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_curves([1], {}, xlabel="x", ylabel="y"), ValueError, "curves must be a mapping"),
        (
            lambda: plot_curves([1, 2], {"a": [1]}, xlabel="x", ylabel="y"),
            ValueError,
            "one value for each of the 2 of x",
        ),
        (lambda: plot_curves([1], {"a": [np.nan]}, xlabel="x", ylabel="y"), ValueError, "a finite value somewhere"),
        (lambda: plot_curves([np.inf], {"a": [1]}, xlabel="x", ylabel="y"), ValueError, "x must be finite"),
        (lambda: plot_activation("softmax"), ValueError, "softmax looks at a whole row"),
        (lambda: plot_activation("rel"), ValueError, "did you mean 'relu'"),
        (lambda: plot_activation("relu", axes=[]), ValueError, "axes must have one entry for each of the 2 pictures"),
        (lambda: plot_activations("relu"), TypeError, r'a list such as \["relu", "tanh"\]'),
        (lambda: plot_activations([]), TypeError, "a list such as"),
        (lambda: plot_piecewise_linear(3, [0]), TypeError, "function must be a function of one number, not int"),
        (lambda: plot_piecewise_linear(abs, []), ValueError, "knots must not be empty"),
        (lambda: plot_fits([1, 2], [1], {"a": abs}), ValueError, "x and y must be equally long"),
        (lambda: plot_fits([1, 2], [1, 2], {}), ValueError, "fits must be a mapping"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()
