"""Histories are drawn from epoch 1 on, and described as they run."""

import numpy as np
import pytest

from chainrule import Sequential
from chainrule.layers import Dense
from chainrule.plotting import alt_text, plot_history, plot_runs


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()] if ax.get_legend() else []


def test_takes_what_fit_returns():
    rng = np.random.default_rng(0)
    X = rng.random((40, 2))
    model = Sequential([Dense(1, "sigmoid")], rng=0)
    model.compile(loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(X, X[:, 0] > 0.5, epochs=5, validation_split=0.25, verbose=0)
    ax = plot_history(history, ["loss", "accuracy"])
    assert labels(ax) == ["loss, training", "loss, validation", "accuracy, training", "accuracy, validation"]
    for line, name in zip(ax.lines, ["loss", "val_loss", "accuracy", "val_accuracy"], strict=True):
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4, 5])
        np.testing.assert_array_equal(line.get_ydata(), history.history[name])
    assert labels(plot_history(history)) == ["training", "validation"]


def test_says_where_the_lowest_point_is():
    ax = plot_history({"loss": [4, 3, 2], "val_loss": [4, 2.5, 3]}, mark_best=True)
    assert alt_text(ax) == (
        "Loss over 3 epochs falls from 4 to 2. "
        "Validation loss over 3 epochs falls from 4 to 3, with its lowest, 2.5, after epoch 2. "
        "Its best is 2.5, after epoch 2."
    )
    np.testing.assert_array_equal(ax.lines[-1].get_xydata(), [[2, 2.5]])


def test_best_accuracy_is_the_highest():
    ax = plot_history({"accuracy": [0.5, 0.6], "val_accuracy": [0.7, 0.6]}, ["accuracy"], mark_best=True)
    np.testing.assert_array_equal(ax.lines[-1].get_xydata(), [[1, 0.7]])


@pytest.mark.parametrize(
    ("costs", "word"), [([1, 2], "rises from 1 to 2"), ([2, 2], "stays"), ([3], "after one epoch: 3")]
)
def test_plain_costs(costs, word):
    assert word in alt_text(plot_history(costs))


def test_median_and_quartiles_are_numpys():
    table = np.random.default_rng(0).random((9, 5))
    ax = plot_runs({"a": table}, x=[10, 20, 30, 40, 50])
    low, middle, high = np.percentile(table, [25, 50, 75], axis=0)
    for line, wanted in zip(ax.lines, [middle, low, high], strict=True):
        np.testing.assert_allclose(line.get_xydata(), np.c_[[10, 20, 30, 40, 50], wanted])
    assert labels(ax) == ["a (9 runs)"]
    assert f"from {middle[0]:.3g} to {middle[-1]:.3g}" in alt_text(ax)


def test_each_method_may_have_its_own_places():
    ax = plot_runs({"a": [[1, 2]], "b": [[1, 2, 3]]}, x={"a": [1, 2], "b": [5, 6, 7]})
    assert [list(line.get_xdata()) for line in ax.lines] == [[1, 2], [5, 6, 7]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_history({}), ValueError, "history is empty: train for at least one epoch"),
        (lambda: plot_history({"loss": [1]}, ["los"]), ValueError, "no 'los'.*did you mean 'loss'"),
        (lambda: plot_history({"loss": [1]}, "loss"), TypeError, r"metrics=\['loss'\]"),
        (lambda: plot_history({"loss": [1]}, []), ValueError, "at least one quantity"),
        (lambda: plot_history([1, 0], log=True), ValueError, "log=True needs values above 0"),
        (lambda: plot_history([[1], [2]]), ValueError, "history must be 1-D"),
        (lambda: plot_history({f"m{i}": [1] for i in range(7)}), ValueError, "at most 6 curves can be told apart"),
        (lambda: plot_runs({}), ValueError, "runs must be a mapping"),
        (lambda: plot_runs({"a": [[1, 2]]}, x=[1]), ValueError, "one place for each of the 2 points of 'a', not 1"),
        (lambda: plot_runs({"a": [[1, 2]]}, band=(75, 25)), ValueError, "low < high"),
        (lambda: plot_runs({"a": [[1, -2]]}, log=True), ValueError, "log=True needs values above 0"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()
