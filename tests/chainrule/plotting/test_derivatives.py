"""Tangents touch, secants cut, descents step where they are said to."""

import math

import numpy as np
import pytest

from chainrule.plotting import alt_text, plot_descent, plot_difference_error, plot_tangent


def square(w):
    return w**2


def slope(line):
    (x0, y0), (x1, y1) = line.get_xydata()[[0, -1]]
    return (y1 - y0) / (x1 - x0)


def test_tangent_and_secants_have_their_slopes():
    ax = plot_tangent(square, 3, secants=[2, -1])
    labeled = {line.get_label(): line for line in ax.lines}
    assert slope(labeled["tangent: slope 6"]) == pytest.approx(6)
    assert slope(labeled["ε = 2: slope 8"]) == pytest.approx(8)
    assert slope(labeled["ε = −1: slope 5"]) == pytest.approx(5)
    assert "where w = 3 and J(w) = 9: its slope is 6. Secants through it have the slopes 8 for ε = 2 and 5" in alt_text(
        ax
    )


def test_slope_may_be_given_and_the_function_may_take_one_number():
    assert "its slope is 1." in alt_text(plot_tangent(math.exp, 0, 1))
    assert "its slope is −1." in alt_text(plot_tangent(math.cos, math.pi / 2))


def test_descent_says_when_it_bounces():
    ax = plot_descent(square, {"α = 0.1": [3, 2.4], "α = 1": [3, -3, 3]})
    np.testing.assert_allclose(ax.lines[2].get_xydata(), [[3, 9], [-3, 9], [3, 9]])
    assert "α = 0.1: 1 step from w = 3 to 2.4, J(w) from 9 to 5.76." in alt_text(ax)
    assert "α = 1: 2 steps from w = 3 to 3, changing sides 2 times, J(w) from 9 to 9." in alt_text(ax)


def test_smallest_error_is_ringed_and_zeros_are_left_out():
    ax = plot_difference_error([1e-3, 1e-9, 1e-6, 1e-16], [1e-3, -1e-7, -1e-8, 0.0])
    line, ring = ax.lines
    np.testing.assert_array_equal(line.get_xdata(), [1e-9, 1e-6, 1e-3])
    np.testing.assert_array_equal(ring.get_xydata(), [[1e-6, 1e-8]])
    assert "least, 1e−8, at ε = 1e−6" in alt_text(ax)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_tangent(square, 3, secants=[0]), ValueError, "secants must be other than 0"),
        (lambda: plot_tangent(square, 3, span=(1, 1)), ValueError, "low < high"),
        (lambda: plot_tangent("w**2", 3), TypeError, "function must be a function of one number, not str"),
        (lambda: plot_tangent(math.log, 1, span=(-1, 1)), ValueError, "expected a positive input|math domain error"),
        (lambda: plot_tangent(square, math.nan), ValueError, "w must be finite"),
        (lambda: plot_descent(square, {}), ValueError, "paths must hold at least one path"),
        (lambda: plot_descent(square, [1, np.inf]), ValueError, "must be finite, but holds inf"),
        (lambda: plot_descent(square, [1, 2], span=(2, 1)), ValueError, "low < high"),
        (lambda: plot_difference_error([0, 1], [1, 1]), ValueError, "eps must be above 0"),
        (lambda: plot_difference_error([1], [1, 1]), ValueError, "one entry for each of the 1 eps, not 2"),
        (lambda: plot_difference_error([1], [0.0]), ValueError, "all exactly 0"),
        (lambda: plot_difference_error([1], {}), ValueError, "errors must hold at least one curve"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()
