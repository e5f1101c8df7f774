"""Layers: shapes, gradients against differences, dropout's statistics, initial weights, penalties."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import Sequential
from chainrule.layers import Activation, Dense, Dropout, Input, Layer, LeakyReLU


def numeric_gradient(cost, array, h=1e-6):
    gradient = np.empty(array.shape)
    for index in np.ndindex(array.shape):
        there = array[index]
        array[index] = there + h
        above = cost()
        array[index] = there - h
        below = cost()
        array[index] = there
        gradient[index] = (above - below) / (2 * h)
    return gradient


LAYERS = {
    "dense": lambda: Dense(3, "tanh", bias_initializer="random_normal"),
    "without bias": lambda: Dense(3, "sigmoid", use_bias=False),
    "linear": lambda: Dense(2),
    "softmax": lambda: Dense(4, "softmax"),
    "gelu": lambda: Dense(3, "gelu"),
    "own activation": lambda: Dense(3, np.sin),
    "activation": lambda: Activation("softplus"),
    "pair": lambda: Activation(np.sin, derivative=np.cos),
    "leaky": lambda: LeakyReLU(0.1),
    "dropout": lambda: Dropout(0.4, seed=3),
}


@pytest.mark.parametrize("name", LAYERS)
@settings(max_examples=10, deadline=None)
@given(m=st.integers(1, 6), n=st.integers(1, 5), seed=st.integers(0, 99))
def test_backward_is_the_derivative_of_forward(name, m, n, seed):
    rng = np.random.default_rng(seed)
    layer = LAYERS[name]()
    layer.build(n, rng, np.float64)
    x = rng.normal(size=(m, n))
    weight = rng.normal(size=(m, layer.outputs))
    if name == "dropout":
        layer.forward(x, True)
        mask = layer._mask.copy()

        def cost():
            return float((weight * x * mask).sum())
    else:

        def cost():
            return float((weight * layer.forward(x)).sum())

        layer.forward(x, True)
    gradient = layer.backward(weight)
    np.testing.assert_allclose(gradient, numeric_gradient(cost, x), atol=1e-7)
    for w, g in zip(layer.weights, layer.weight_gradients, strict=True):
        np.testing.assert_allclose(g, numeric_gradient(cost, w), atol=1e-7)


def test_dense_is_g_of_x_w_plus_b_in_keras_shapes():
    rng = np.random.default_rng(0)
    layer = Dense(3, "relu")
    layer.build(4, rng, np.float64)
    kernel, bias = rng.normal(size=(4, 3)), rng.normal(size=3)
    layer.set_weights([kernel, bias])
    x = rng.normal(size=(5, 4))
    np.testing.assert_allclose(layer(x), np.maximum(x @ kernel + bias, 0))
    np.testing.assert_array_equal(layer.get_weights()[0], kernel)
    assert layer.kernel.shape == (4, 3)
    assert layer.count_params() == 4 * 3 + 3
    np.testing.assert_allclose(layer.forward(x, activate=False), x @ kernel + bias)


def test_weights_are_views_of_one_vector():
    layer = Dense(2, kernel_initializer="zeros")
    layer.build(3, np.random.default_rng(0))
    layer.parameters[...] = np.arange(8)
    kernel, bias = layer.get_weights()
    assert sorted([*kernel.ravel(), *bias]) == list(range(8))
    kernel[...] = -1
    assert layer.kernel.min() == 0
    layer.bias[1] = 50
    assert layer.parameters[-1] == 50


def test_setting_kernel_and_bias_writes_into_the_vector():
    layer = Dense(2)
    layer.build(3, np.random.default_rng(0))
    layer.kernel = [[1, 2], [3, 4], [5, 6]]
    layer.bias = np.array([7, 8])
    assert sorted(layer.parameters) == [1, 2, 3, 4, 5, 6, 7, 8]
    np.testing.assert_array_equal(layer([[1, 0, 0]]), [[8, 10]])
    with pytest.raises(ValueError, match=r"the kernel of .* has weights of shapes \[\(3, 2\)\], got \[\(2, 3\)\]"):
        layer.kernel = np.ones((2, 3))
    plain = Dense(2, use_bias=False)
    plain.build(3, np.random.default_rng(0))
    assert plain.bias is None
    with pytest.raises(ValueError, match="the bias of"):
        plain.bias = [1, 2]


def test_an_activation_layer_may_be_an_activation():
    layer = Dense(2, LeakyReLU(0.1), kernel_initializer="ones")
    np.testing.assert_allclose(layer([[-1, -1]]), [[-0.2, -0.2]])
    with pytest.raises(TypeError, match="layer with another task"):
        Dense(2, Dense(3))
    with pytest.raises(TypeError, match=r"write LeakyReLU\(\) with parentheses"):
        Dense(2, LeakyReLU)


def test_calling_a_layer_twice_gives_two_arrays():
    layer = Dense(2)
    first = layer(np.ones((3, 4)), training=True)
    second = layer(np.zeros((3, 4)), training=True)
    assert not np.shares_memory(first, second)
    assert np.any(first != second)


def test_forward_leaves_inputs_alone():
    for make in LAYERS.values():
        layer = make()
        x = np.random.default_rng(0).normal(size=(4, 3))
        before = x.copy()
        layer.build(3, np.random.default_rng(0), np.float64)
        layer.forward(x)
        layer.forward(x, True)
        layer.backward(np.ones((4, layer.outputs)))
        np.testing.assert_array_equal(x, before)


def test_dropout_keeps_the_mean_and_drops_at_the_rate():
    layer = Dropout(0.3, seed=0)
    x = np.ones((1000, 200))
    out = layer(x, training=True)
    assert np.mean(out == 0) == pytest.approx(0.3, abs=0.005)
    assert out.mean() == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(out[out != 0], 1 / 0.7, rtol=1e-6)
    np.testing.assert_array_equal(layer(x), x)
    assert np.any(layer(x, training=True) != out)
    again = Dropout(0.3, seed=0)
    np.testing.assert_array_equal(again(x, training=True), out)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Dense(0), ValueError, "units must be at least 1, not 0"),
        (lambda: Dense(2.5), TypeError, "units must be an integer"),
        (lambda: Dense("3"), TypeError, "units must be an integer"),
        (lambda: Dense(3, "sigmod"), ValueError, "did you mean 'sigmoid'"),
        (lambda: Dense(3, kernel_initializer="glorot"), ValueError, "did you mean 'glorot_"),
        (lambda: Dense(3, kernel_initializer=3), TypeError, "initializer"),
        (lambda: Dense(3, kernel_regularizer="l3"), ValueError, "unknown regularizer 'l3'"),
        (lambda: Dense(3, name=3), TypeError, "name must be a string"),
        (lambda: Dense(3, input_shape=(2, 3)), ValueError, "tuple of one number"),
        (lambda: Input(64), ValueError, r"such as \(64,\), got 64"),
        (lambda: Input((0,)), ValueError, "number of features"),
        (lambda: Dropout(1), ValueError, "rate must be below 1"),
        (lambda: Dropout(-0.1), ValueError, "rate must be"),
        (lambda: LeakyReLU(-1), ValueError, "negative_slope"),
        (lambda: Dense(3)(np.ones(3)), ValueError, r"inputs must have two axes .*got shape \(3,\)"),
        (lambda: Dense(3)([["a"]]), TypeError, "inputs must hold numbers"),
        (lambda: Dense(3).count_params(), ValueError, "has no weights yet"),
        (lambda: Layer().forward(np.ones((1, 1))), NotImplementedError, "forward"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_set_weights_refuses_what_does_not_fit_and_changes_nothing():
    layer = Dense(2)
    layer.build(3, np.random.default_rng(0))
    before = layer.parameters.copy()
    for weights, error, message in (
        ([np.zeros((2, 3)), np.zeros(2)], ValueError, r"shapes \[\(3, 2\), \(2,\)\], got \[\(2, 3\), \(2,\)\]"),
        ([np.zeros((3, 2))], ValueError, "shapes"),
        ([np.zeros((3, 2)), np.array([0, np.nan])], ValueError, r"weights\[1\] holds NaN"),
        ([np.zeros((3, 2)), np.array(["a", "b"])], TypeError, r"weights\[1\] must hold numbers"),
    ):
        with pytest.raises(error, match=message):
            layer.set_weights(weights)
    np.testing.assert_array_equal(layer.parameters, before)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copied_model_trains_on_its_own(duplicate):
    x, y = np.random.default_rng(0).random((20, 3)), np.arange(20) % 2
    model = Sequential([Dense(4, "relu"), Dropout(0.1), Dense(1, "sigmoid")], rng=0)
    model.compile("adam", "bce")
    model.fit(x, y, epochs=2, verbose=0)
    twin = duplicate(model)
    before = model.get_weights()
    twin.fit(x, y, epochs=3, verbose=0)
    for mine, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, old)
    model.fit(x, y, epochs=3, verbose=0)
    for mine, other in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)
