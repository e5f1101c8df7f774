"""Success, annealing, survival and histograms tell the numbers that they draw."""

import numpy as np
import pytest

from chainrule.landscapes import wavy
from chainrule.plotting import alt_text, plot_annealing, plot_gradient_survival, plot_success, plot_weight_histograms
from chainrule.search import simulated_annealing


def test_chance_is_that_of_independent_starts():
    rng = np.random.default_rng(0)
    simulated = (rng.random((20_000, 8)) < 0.3).any(axis=1).mean()
    ax = plot_success(0.3, 8)
    assert ax.lines[0].get_ydata()[-1] == pytest.approx(simulated, abs=0.01)


@pytest.mark.parametrize(("p", "k"), [(0.2, 14), (0.5, 5), (1.0, 1)])
def test_says_how_many_starts_are_enough(p, k):
    assert f"It reaches 0.95 at k = {k}." in alt_text(plot_success(p, 20))
    assert 1 - (1 - p) ** k >= 0.95 > 1 - (1 - p) ** (k - 1)


def test_hopeless_and_too_few_starts():
    assert "reaches" not in alt_text(plot_success(0.0, 20))
    assert "reaches" not in alt_text(plot_success(0.01, 20))


def test_measured_shares_have_their_standard_error():
    ax = plot_success(0.2, 9, {1: 0.25, 4: 0.5}, runs=100)
    assert "Measured: 0.25 at 1 and 0.5 at 4." in alt_text(ax)
    low, high = ax.containers[0].lines[2][0].get_segments()[1][:, 1]
    assert (high - low) / 2 == pytest.approx(0.05)


def test_annealing_of_a_search_result():
    curve = wavy()
    result = simulated_annealing(curve, curve.domain, 200, np.random.default_rng(0))
    upper, lower = plot_annealing(result, np.geomspace(2, 0.1, 200))
    np.testing.assert_allclose(upper.lines[1].get_ydata(), result.best_trace)
    assert f"the best {result.best_f:.3g}".replace("-", "−") in alt_text(upper)
    assert alt_text(lower) == "Below, the temperature falls from 2 to 0.1, logarithmic."


def test_annealing_counts_uphill_steps():
    upper, _ = plot_annealing([5, 6, 4, 4, 7], [4, 3, 2, 1])
    assert "over 4 steps of annealing, from 5 to 7, 2 steps uphill, the best 4 at step 2" in alt_text(upper)


def test_survival_of_slopes_and_of_measurements():
    ax = plot_gradient_survival({"quarter": 0.25, "measured": [1, 0.5, 0.0]}, layers=3)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [1, 1 / 4, 1 / 16, 1 / 64])
    assert np.isnan(ax.lines[1].get_ydata()[2])
    assert "quarter: 0.0156 after 3 layers. measured: 0 after 2 layers." in alt_text(ax)


def test_histograms_count_every_weight():
    groups = {"a": [np.ones((2, 3)), np.zeros(4)], "b": np.linspace(-1, 1, 21)}
    ax = plot_weight_histograms(groups, bins=5)
    steps = [patch for patch in ax.patches if not patch.get_fill()]
    assert [patch.get_data().values.sum() for patch in steps] == [10, 21]
    assert len({str(patch.get_linestyle()) for patch in steps}) == 2
    assert "a: 10 weights, standard deviation 0.49, 40 % within 1 %" in alt_text(ax)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_success(1.5), r"p must be in \[0, 1\]"),
        (lambda: plot_success(0.5, 0), "starts must be at least 1"),
        (lambda: plot_success(0.5, 5, {1: 2.0}), r"measured must hold shares in 0\.\.1"),
        (lambda: plot_annealing([1, 2], [1, 1, 1]), "one for each of the 2 heights, or one fewer, not 3"),
        (lambda: plot_annealing([1, 2], [1, 0]), "temperatures must be above 0"),
        (lambda: plot_annealing([1, 2], [1, 1], axes=[]), "axes must be two"),
        (lambda: plot_gradient_survival({}), "survival must be a mapping"),
        (lambda: plot_gradient_survival({"dead": 0.0}, layers=0), "layers must be at least 1"),
        (lambda: plot_gradient_survival({"dead": [0.0, 0.0]}), "is 0 everywhere"),
        (lambda: plot_weight_histograms({}), "weights must be a mapping"),
        (lambda: plot_weight_histograms({"a": [np.nan]}), "must be finite"),
        (lambda: plot_weight_histograms({"a": [1.0]}, bins=0), "bins must be at least 1"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
