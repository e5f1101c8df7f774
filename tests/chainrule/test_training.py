"""The training loop's parts: gradients in blocks, class weights, evaluation, choice of reports."""

import numpy as np
import pytest

from chainrule import Sequential, training
from chainrule.batches import Data
from chainrule.callbacks import PrintEpochs, ProgressBar
from chainrule.layers import Dense

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2500, 3))
Y = RNG.integers(0, 2, (2500, 1)).astype(float)


def network(**settings):
    model = Sequential([Dense(4, "tanh", **settings), Dense(1, "sigmoid")], rng=1, dtype="float64")
    model.compile("sgd", "bce", metrics=["accuracy"])
    model.build((None, 3))
    return model


def test_the_gradient_of_a_batch_is_the_weighted_mean_of_its_parts():
    model = network()
    whole = training.cost_gradient(model, Data(X, Y)).copy()
    parts = np.zeros_like(whole)
    for rows in (slice(0, 100), slice(100, 1700), slice(1700, 2500)):
        size = rows.stop - rows.start
        parts += training.cost_gradient(model, Data(X, Y).rows(rows)) * size / 2500
    np.testing.assert_allclose(parts, whole, rtol=1e-9, atol=1e-15)


def test_the_penalty_counts_once_however_large_the_batch():
    plain, penalized = network(), network(kernel_regularizer="l2")
    penalized.set_weights(plain.get_weights())
    kernel = plain.layers[0].kernel.copy()
    for rows in (slice(0, 10), slice(0, 2500)):
        data = Data(X, Y).rows(rows)
        training.cost_gradient(plain, data)
        training.cost_gradient(penalized, data)
        difference = penalized.layers[0].kernel_gradient - plain.layers[0].kernel_gradient
        np.testing.assert_allclose(difference, 0.02 * kernel, atol=1e-15)
        extra = training.evaluate(penalized, data)["loss"] - training.evaluate(plain, data)["loss"]
        assert extra == pytest.approx(0.01 * (kernel**2).sum())


def test_evaluation_in_blocks_is_that_of_the_parts():
    model = network()
    whole = training.evaluate(model, Data(X, Y))
    halves = [training.evaluate(model, Data(X, Y).rows(rows)) for rows in (slice(0, 1250), slice(1250, 2500))]
    for name in ("loss", "accuracy"):
        assert whole[name] == pytest.approx((halves[0][name] + halves[1][name]) / 2)


def test_class_weights_multiply_those_of_examples():
    data = Data(X[:4], np.array([[0], [1], [1], [0]]), np.array([1.0, 2.0, 3.0, 4.0]))
    weighed = training.weigh_classes(data, {1: 10}, 1)
    assert weighed.weights.tolist() == [1, 20, 30, 4]
    assert data.weights.tolist() == [1, 2, 3, 4]
    assert training.weigh_classes(data, None, 1) is data


def test_reports_by_verbosity():
    assert training.reporters(0) == []
    (bar,) = training.reporters(1)
    assert isinstance(bar, ProgressBar)
    (lines,) = training.reporters(2)
    assert isinstance(lines, PrintEpochs)
    assert lines.at_most is None
    (some,) = training.reporters("auto")
    assert some.at_most == 10
    with pytest.raises(ValueError, match="verbose must be"):
        training.reporters("loud")
