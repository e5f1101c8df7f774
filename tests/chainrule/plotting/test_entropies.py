"""The figures of information show the numbers of SciPy-free textbook formulas, and name their units."""

import math
import re

import numpy as np
import pytest

from chainrule.plotting import alt_text, plot_binary_entropy, plot_cross_entropy, plot_distribution


def plain(text):
    return float(text.replace("−", "-"))


def test_top_is_one_bit_or_ln_two_nats():
    bits, nats = plot_binary_entropy(), plot_binary_entropy(base=math.e)
    assert "its top, 1 bit, at p = 0.5" in alt_text(bits)
    assert f"its top, {math.log(2):.3g} nats" in alt_text(nats)
    assert bits.get_ylabel() == "H(p) in bits"
    assert nats.get_ylabel() == "H(p) in nats"
    p, h = bits.lines[0].get_xydata().T
    inner = (p > 0) & (p < 1)
    np.testing.assert_allclose(h[inner], -p[inner] * np.log2(p[inner]) - (1 - p[inner]) * np.log2(1 - p[inner]))
    assert h[0] == h[-1] == 0


@pytest.mark.parametrize("p", [0, 0.11, 0.5, 0.97, 1])
def test_marked_probability(p):
    height = sum(-x * math.log2(x) for x in (p, 1 - p) if x)
    ax = plot_binary_entropy(p)
    assert ax.lines[-1].get_xydata() == pytest.approx(np.array([[p, height]]))
    assert f"Marked: H({p:.3g})" in alt_text(ax)


@pytest.mark.parametrize(("p", "q", "base"), [(0.3, 0.75, 2), (0.8, 0.2, math.e), (0.5, 0.9, 2)])
def test_minimum_and_gap(p, q, base):
    ax = plot_cross_entropy(p, q, base=base)
    points, costs = ax.lines[0].get_xydata().T
    assert points[costs.argmin()] == pytest.approx(p)
    least = -(p * math.log(p) + (1 - p) * math.log(1 - p)) / math.log(base)
    cost = -(p * math.log(q) + (1 - p) * math.log(1 - q)) / math.log(base)
    words = alt_text(ax)
    assert plain(re.search(r"minimum is (\S+)", words)[1]) == pytest.approx(least, rel=6e-3)
    assert plain(re.search(r"P from Q, is (\S+)", words)[1]) == pytest.approx(cost - least, rel=6e-3)
    assert words.endswith("bits." if base == 2 else "nats.")


@pytest.mark.parametrize("p", [0, 1])
def test_certain_outcomes_cost_nothing_at_their_own_code(p):
    assert "minimum is 0 bits" in alt_text(plot_cross_entropy(p))


def test_impossible_outcomes_cost_infinitely_much():
    assert "At q = 0 it is infinite" in alt_text(plot_cross_entropy(0.3, 0))


def test_bars_have_the_heights_given_and_differ_by_hatch():
    ax = plot_distribution({"a": 0.75, "b": 0.25}, {"b": 0.4, "a": 0.6}, labels=("true", "guess"))
    heights = [[bar.get_height() for bar in bars] for bars in ax.containers]
    assert heights == [[0.75, 0.25], [0.6, 0.4]]
    assert len({bars[0].get_hatch() for bars in ax.containers}) == 2
    assert "guess: a 0.6 and b 0.4." in alt_text(ax)


def test_counts_and_unnamed_outcomes():
    ax = plot_distribution([3, 0, 7], ylabel="count")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1", "2"]
    assert alt_text(ax) == "Count by outcome: 0 3, 1 0 and 2 7."


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_binary_entropy(1.2), r"p must be in \[0, 1\], not 1.2"),
        (lambda: plot_binary_entropy(base=1), "base must be finite and above 1"),
        (lambda: plot_cross_entropy(math.nan), "p must be"),
        (lambda: plot_cross_entropy(0.5, -0.1), r"q must be in \[0, 1\]"),
        (lambda: plot_distribution([]), "p must not be empty"),
        (lambda: plot_distribution([0.5, -0.5]), "P must be 2 numbers of at least 0"),
        (lambda: plot_distribution({"a": 1}, {"b": 1}), r"Q must be over the outcomes \['a'\], not \['b'\]"),
        (lambda: plot_distribution([1, 2], [1]), "Q must be 2 numbers"),
        (lambda: plot_distribution([1], [1], [1], [1], [1]), "at most 4 distributions"),
        (
            lambda: plot_distribution([1], labels=("a", "b")),
            "labels must have one entry for each of the 1 distributions",
        ),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
