"""Metrics: against counting by hand, and tallies of many batches against one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import activations, losses, metrics
from chainrule.metrics import Metric, Tally, accuracy, binary_accuracy


def test_accuracies_count_right_answers():
    rng = np.random.default_rng(0)
    p, labels = rng.random((30, 4)), rng.integers(0, 4, 30)
    right = [int(max(range(4), key=row.__getitem__) == label) for row, label in zip(p, labels, strict=True)]
    np.testing.assert_array_equal(metrics.sparse_categorical_accuracy(labels, p), right)
    np.testing.assert_array_equal(metrics.sparse_categorical_accuracy(labels[:, None], p), right)
    np.testing.assert_array_equal(metrics.categorical_accuracy(np.eye(4)[labels], p), right)
    y = rng.integers(0, 2, (30, 4))
    counted = [
        sum((q > 0.3) == t for q, t in zip(row, t_row, strict=True)) / 4 for row, t_row in zip(p, y, strict=True)
    ]
    np.testing.assert_allclose(binary_accuracy(y, p, threshold=0.3), counted)
    # A tie counts as 0, as in Keras.
    np.testing.assert_array_equal(binary_accuracy([[1], [0]], [[0.5], [0.5]]), [0, 1])


def test_accuracy_chooses_by_the_outputs():
    p = np.array([[0.9, 0.2], [0.6, 0.7]])
    np.testing.assert_array_equal(accuracy(np.array([0, 0]), p), [1, 0])
    np.testing.assert_array_equal(accuracy(np.array([[1, 0], [1, 0]]), p), [1, 0])
    np.testing.assert_array_equal(accuracy(np.array([[1], [1]]), p[:, 1:]), [0, 1])


def test_a_metric_is_found_by_name_loss_or_function():
    y, p = np.array([[1.0], [0.0]]), np.array([[0.5], [0.5]])
    np.testing.assert_array_equal(metrics.get("mse")(y, p), [0.25, 0.25])
    assert metrics.get("acc").name == "acc"
    assert metrics.get(losses.MeanAbsoluteError()).name == "mean_absolute_error"
    own = metrics.get(lambda y, p: np.abs(y - p))
    assert own.name == "<lambda>"
    np.testing.assert_array_equal(own(y, p), [0.5, 0.5])
    assert Metric(binary_accuracy, "strict").name == "strict"
    with pytest.raises(ValueError, match="did you mean 'accuracy'"):
        metrics.get("acuracy")
    with pytest.raises(TypeError, match="got 3"):
        metrics.get(3)
    with pytest.raises(TypeError, match="MeanSquaredError"):
        metrics.get(losses.MeanSquaredError)
    with pytest.raises(ValueError, match=r"one number per example, shape \(2,\), it returned shape \(\)"):
        Metric(lambda y, p: 0.5)(y, p)


def test_an_error_between_class_numbers_and_probabilities_is_refused():
    """With as many examples as classes, the two would broadcast to a square without a word."""
    with pytest.raises(ValueError, match="shape of the outputs"):
        metrics.get("mse")(np.array([0, 1, 2]), np.ones((3, 3)))


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 20), min_size=1, max_size=12),
    capacity=st.integers(20, 64),
    weighted=st.booleans(),
    seed=st.integers(0, 99),
)
def test_a_tally_of_batches_is_the_mean_over_all(sizes, capacity, weighted, seed):
    rng = np.random.default_rng(seed)
    m = sum(sizes)
    y, z = rng.integers(0, 2, (m, 1)).astype(float), rng.normal(0, 2, (m, 1))
    weights = rng.random(m) if weighted else None
    before, Tally.CAPACITY = Tally.CAPACITY, capacity
    try:
        tally = Tally(
            losses.BinaryCrossentropy(from_logits=True),
            activations.get("sigmoid"),
            [metrics.get("accuracy"), metrics.get("mae")],
            y,
            weights,
            1,
            np.float64,
        )
    finally:
        Tally.CAPACITY = before
    for _ in range(2):
        tally.reset()
        start = 0
        for size in sizes:
            tally.add(z[start : start + size])
            start += size
        tally.add_penalty(0.5, m)
        got = tally.result()
        p = 1 / (1 + np.exp(-z))
        cost = losses.BinaryCrossentropy(from_logits=True)(y, z, weights)
        assert got["loss"] == pytest.approx(cost + 0.5, rel=1e-12)
        assert got["accuracy"] == pytest.approx(np.mean((p > 0.5) == y))
        assert got["mae"] == pytest.approx(np.mean(abs(p - y)))
        assert tally.result() == got
