"""Layers: shapes, gradients against differences, dropout's statistics, initial weights, penalties."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import Sequential, initializers, regularizers
from chainrule.buffers import Buffers
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
    ("name", "low", "high", "deviation"),
    [
        ("glorot_uniform", -np.sqrt(6 / 500), np.sqrt(6 / 500), np.sqrt(2 / 500)),
        ("he_uniform", -np.sqrt(6 / 200), np.sqrt(6 / 200), np.sqrt(2 / 200)),
        ("random_uniform", -0.05, 0.05, 0.1 / np.sqrt(12)),
        ("glorot_normal", -2 * np.sqrt(2 / 500) / 0.8796, 2 * np.sqrt(2 / 500) / 0.8796, np.sqrt(2 / 500)),
        ("he_normal", -2 * np.sqrt(2 / 200) / 0.8796, 2 * np.sqrt(2 / 200) / 0.8796, np.sqrt(2 / 200)),
        ("random_normal", -0.5, 0.5, 0.05),
        ("zeros", 0, 0, 0),
        ("ones", 1, 1, 0),
    ],
)
def test_initial_weights_have_the_spread_of_their_definition(name, low, high, deviation):
    draws = initializers.get(name)((200, 300), np.random.default_rng(0))
    assert draws.shape == (200, 300)
    assert low - 1e-4 <= draws.min()
    assert draws.max() <= high + 1e-4
    assert draws.std() == pytest.approx(deviation, rel=0.01)
    if "uniform" in name:
        # The ends are reached, on both sides.
        assert draws.min() < 0.99 * low
        assert draws.max() > 0.99 * high
    assert initializers.get(name.title().replace("_", "")) is initializers.get(name)


def test_fans_are_not_swapped():
    wide = initializers.he_uniform((6, 600), np.random.default_rng(0))
    assert abs(wide).max() == pytest.approx(1, abs=0.01)


def test_an_initializer_of_ones_own():
    layer = Dense(2, kernel_initializer=lambda shape, rng: np.arange(6.0).reshape(shape), bias_initializer="ones")
    layer.build(3, np.random.default_rng(0))
    np.testing.assert_array_equal(layer.get_weights()[0], [[0, 1], [2, 3], [4, 5]])
    with pytest.raises(ValueError, match=r"initializer.*shape \(3, 2\).*got \(2, 3\)"):
        Dense(2, kernel_initializer=lambda shape, rng: np.ones((2, 3))).build(3, np.random.default_rng(0))


PENALTIES = {
    "l1": (regularizers.L1(0.1), lambda w: 0.1 * sum(abs(v) for v in w)),
    "l2": (regularizers.L2(0.1), lambda w: 0.1 * sum(v * v for v in w)),
    "both": (regularizers.L1L2(0.1, 0.2), lambda w: sum(0.1 * abs(v) + 0.2 * v * v for v in w)),
    "own": (regularizers.get(lambda w: np.sum(w**4)), lambda w: sum(v**4 for v in w)),
    "own pair": (regularizers.get((lambda w: np.sum(w**4), lambda w: 4 * w**3)), lambda w: sum(v**4 for v in w)),
}


@pytest.mark.parametrize("name", PENALTIES)
def test_penalties_and_their_gradients(name):
    regularizer, want = PENALTIES[name]
    w = np.array([0.5, -1.5, 2.0, 0.01])
    assert regularizer(w) == pytest.approx(want(w), rel=1e-12)
    numeric = numeric_gradient(lambda: regularizer(w), w)
    np.testing.assert_allclose(regularizer.gradient(w), numeric, atol=1e-6)


def test_regularizers_by_name_and_their_errors():
    assert repr(regularizers.get("l1_l2")) == "L1L2(l1=0.01, l2=0.01)"
    assert repr(regularizers.get("L1")) == "L1(l1=0.01, l2=0)"
    assert regularizers.get(None) is None
    assert regularizers.L1(1.0).gradient([0.0, -2.0]).tolist() == [0, -1]
    with pytest.raises(ValueError, match="did you mean 'l1_l2'"):
        regularizers.get("l1l2")
    with pytest.raises(TypeError, match=r"got 0\.01"):
        regularizers.get(0.01)
    with pytest.raises(ValueError, match="l2 must be"):
        regularizers.L2(-1)


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


def test_buffers_are_kept_by_shape_and_use():
    buffers = Buffers(np.float32)
    assert buffers[2, 3, "a"] is buffers[2, 3, "a"]
    assert buffers[2, 3, "a"] is not buffers[2, 3, "b"]
    assert buffers[3, 2, "a"].shape == (3, 2)
    assert buffers[1, 4, "ones"].tolist() == [[1, 1, 1, 1]]
    assert buffers[1, 4, "ones"].dtype == np.float32
