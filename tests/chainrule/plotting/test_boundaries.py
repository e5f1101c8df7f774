"""The line runs where the classifier changes its mind, and the words count who is on the right side."""

import numpy as np
import pytest

from chainrule import Sequential
from chainrule.layers import Dense
from chainrule.plotting import alt_text, plot_decision_boundary

X = np.random.default_rng(0).uniform(-1, 1, (60, 2))
Y = (X[:, 0] > 0.2).astype(int)


def steep(points):
    return 1 / (1 + np.exp(-8 * (points[:, 0] - 0.2)))


def line(ax):
    return ax.collections[-1].get_paths()[0].vertices


@pytest.mark.parametrize("shape", [lambda p: p, lambda p: p[:, None]])
@pytest.mark.parametrize(("threshold", "place"), [(0.5, 0.2), (0.9, 0.2 + np.log(9) / 8)])
def test_line_runs_where_the_threshold_is_crossed(shape, threshold, place):
    ax = plot_decision_boundary(lambda points: shape(steep(points)), X, Y, threshold=threshold)
    np.testing.assert_allclose(line(ax)[:, 0], place, atol=0.01)


def test_counts_right_examples():
    ax = plot_decision_boundary(steep, X, 1 - Y)
    assert f"{60 - Y.sum()} examples of class 1" in alt_text(ax)
    assert "0 of 60 examples lie in the region of their class" in alt_text(ax)
    assert "60 of 60" in alt_text(plot_decision_boundary(steep, X, Y[:, None]))


@pytest.mark.parametrize("answer", [lambda p: p[:, 0] > 0.2, lambda p: (p[:, 0] > 0.2).astype(int)])
def test_classes_instead_of_probabilities(answer):
    ax = plot_decision_boundary(answer, X, Y)
    np.testing.assert_allclose(line(ax)[:, 0], 0.2, atol=0.02)
    assert "60 of 60" in alt_text(ax)


def test_scores_of_three_classes():
    ax = plot_decision_boundary(lambda p: np.stack([p[:, 0], p[:, 1], -p.sum(axis=1)], axis=1), X, np.arange(60) % 3)
    assert "regions of class 0, class 1 and class 2" in alt_text(ax)
    assert len({each.get_marker() for each in ax.lines}) == 3


def test_takes_a_models_predict():
    model = Sequential([Dense(1, "sigmoid")], rng=0)
    model.build((None, 2))
    right = ((model.predict(X)[:, 0] >= 0.5) == Y).sum()
    assert f"{right} of 60 examples" in alt_text(plot_decision_boundary(model.predict, X, Y))


@pytest.mark.parametrize("constant", [0.0, 1.0])
def test_a_classifier_that_sees_one_class_only(constant):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = plot_decision_boundary(lambda p: np.full(len(p), constant), X, Y)
    assert f"regions of class {constant:.0f}." in alt_text(ax)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_decision_boundary(steep, X[:, :1], Y), ValueError, "two features to be drawn in a plane, not 1"),
        (lambda: plot_decision_boundary(steep, X, Y[:5]), ValueError, "one class for each of the 60 rows of X, not 5"),
        (lambda: plot_decision_boundary(steep, X, Y + 0.5), ValueError, "whole numbers from 0 to 5"),
        (lambda: plot_decision_boundary(steep, X, Y - 1), ValueError, "whole numbers from 0 to 5"),
        (lambda: plot_decision_boundary(3, X, Y), TypeError, r"predict must be a function of points \(m, 2\)"),
        (lambda: plot_decision_boundary(lambda p: 1.0, X, Y), ValueError, "one value or one row of scores"),
        (lambda: plot_decision_boundary(lambda p: p[:, 0] * np.nan, X, Y), ValueError, "must be finite"),
        (lambda: plot_decision_boundary(steep, X, Y, resolution=1), ValueError, "resolution must be at least 2"),
        (lambda: plot_decision_boundary(lambda p: np.zeros((len(p), 9)) + np.arange(9), X, Y), ValueError, "at most 6"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("title", ["short", "as long as a title of a figure of this size can be at all, or longer"])
def test_the_legend_is_in_nobodys_way(title):
    ax = plot_decision_boundary(steep, X, Y)
    ax.set_title(title)
    figure = ax.get_figure()
    figure.draw_without_rendering()
    legend = ax.get_legend().get_window_extent()
    for other in (ax.bbox, ax.title.get_window_extent(), ax.xaxis.label.get_window_extent()):
        assert not legend.overlaps(other)
    assert figure.bbox.y0 <= legend.y0
