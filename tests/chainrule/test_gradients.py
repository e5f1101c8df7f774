"""Differences against derivatives known on paper, and checks against mistakes planted on purpose."""

import copy
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chainrule import Sequential, activations, graph, losses
from chainrule.gradients import check_gradients, numerical_gradient
from chainrule.layers import Activation, Dense, Dropout, Layer, LeakyReLU

FINITE = st.floats(-3, 3, allow_subnormal=False)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@settings(max_examples=40, deadline=None)
@given(arrays(np.float64, st.sampled_from([(1,), (4,), (2, 3), (1, 2, 2)]), elements=FINITE))
def test_numerical_gradient_of_what_is_known_on_paper(x):
    before = x.copy()
    weights = np.arange(1.0, x.size + 1).reshape(x.shape)
    slope = numerical_gradient(lambda v: np.sum(weights * np.sin(v)), x)
    assert slope.shape == x.shape
    np.testing.assert_allclose(slope, weights * np.cos(x), rtol=1e-6, atol=1e-8)
    assert np.array_equal(x, before)


def test_numerical_gradient_of_numbers_and_integers():
    assert numerical_gradient(lambda w: w**2, 3) == pytest.approx(6)
    assert type(numerical_gradient(lambda w: w**2, 3)) is float
    whole = np.array([1, 2, 3])
    np.testing.assert_allclose(numerical_gradient(lambda w: np.sum(w**3), whole), [3, 12, 27], rtol=1e-8)
    assert whole.tolist() == [1, 2, 3]
    np.testing.assert_allclose(numerical_gradient(lambda w: w[0][0] * w[1][1], [[1, 2], [3, 4]]), [[4, 0], [0, 1]])


def test_numerical_gradient_of_float32_takes_a_larger_step():
    x = np.array([0.5, 2.0], np.float32)
    np.testing.assert_allclose(numerical_gradient(lambda v: np.sum(v**3), x), 3 * x**2, rtol=1e-3)
    assert x.dtype == np.float32
    np.testing.assert_allclose(numerical_gradient(lambda v: np.sum(v * v), np.array([1e8])), [2e8], rtol=1e-8)


def test_a_nudge_is_seen_under_another_name():
    shared = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(numerical_gradient(lambda _: np.sum(shared**2), shared), [2, 4, 6], rtol=1e-8)
    strided = np.arange(8.0)[::2]
    np.testing.assert_allclose(numerical_gradient(lambda v: np.sum(v**2), strided), 2 * strided, atol=1e-8)


def test_x_is_restored_even_if_f_raises():
    x = np.array([1.0, 2.0])

    def fails(v):
        if v[1] != 2.0:
            raise RuntimeError("no")
        return v[0]

    with pytest.raises(RuntimeError):
        numerical_gradient(fails, x)
    assert x.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("f", "x", "options", "message"),
    [
        (np.sum, [], {}, "x is empty"),
        (np.sum, [math.nan], {}, "x holds NaN or infinity"),
        (lambda v: v, [1.0, 2.0], {}, r"f must return one number, it returned shape \(2,\)"),
        (lambda v: math.nan, [1.0], {}, "f returned nan"),
        (np.sum, [1.0], {"eps": 0}, "eps must be above 0"),
        (np.sum, np.array([1e8]), {"eps": 1e-12}, "lost in the rounding"),
    ],
)
def test_numerical_gradient_refuses(f, x, options, message):
    with pytest.raises(ValueError, match=message):
        numerical_gradient(f, x, **options)


@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "softplus", "elu", "gelu", "softmax"])
def test_activations_pass(name, rng):
    z = rng.normal(size=(4, 3)) * 3
    before = z.copy()
    check_gradients(name, z).assert_ok()
    assert np.array_equal(z, before)


@pytest.mark.parametrize(
    ("derivative", "factor"),
    [
        (lambda z: activations.sigmoid(z) * (1 - z), None),
        (lambda z: 2 * activations.d_sigmoid(z), "2 times"),
        (lambda z: -activations.d_sigmoid(z), "-1 times"),
        (lambda z: 1.0001 * activations.d_sigmoid(z), None),
        (lambda z: np.full(np.shape(z), 0.25), None),
        (lambda z: np.zeros(np.shape(z)), "0 times"),
        (lambda z: np.full(np.shape(z), math.nan), None),
    ],
)
def test_wrong_derivatives_are_found(derivative, factor):
    check = check_gradients((activations.sigmoid, derivative), np.array([-2.0, 0.5, 1.0]))
    assert not check
    assert len(check.failures) == 3
    with pytest.raises(AssertionError, match="Gradients differ: 3 of 3 entries"):
        check.assert_ok()
    if factor:
        assert f"Every entry of x is {factor} what it should be." in repr(check)


def test_the_report_says_where():
    def slope(W):
        gradient = 2 * W
        gradient[1, 2] += 0.5
        return gradient

    check = check_gradients((lambda W: np.sum(W**2), slope), np.arange(6.0).reshape(2, 3))
    [wrong] = check.failures
    assert wrong == check.worst
    assert (wrong.parameter, wrong.at, wrong.analytic) == ("x", (1, 2), 10.5)
    assert wrong.numeric == pytest.approx(10)
    assert wrong.error == pytest.approx(0.5 / 10.5, rel=2e-2)
    assert "1 of 6 entries" in repr(check)
    assert "x[1, 2]" in repr(check)


def test_small_gradients_are_held_to_the_same_standard():
    x = np.array([1e-3, 2e-3])
    assert check_gradients((lambda v: np.sum(v**4), lambda v: 4 * v**3), x)
    assert not check_gradients((lambda v: np.sum(v**4), lambda v: 4.01 * v**3), x)


def test_functions_of_several_arguments():
    a, b = np.array([1.0, 2.0]), np.array([[3.0], [4.0]])
    check = check_gradients(
        (lambda a, b: float(np.sum(a * b)), lambda a, b: (np.full(2, b.sum()), [[3.0], [3.0]])), a, b
    )
    assert check.ok
    assert {entry.parameter for entry in check.entries} == {"x0", "x1"}
    swapped = check_gradients((lambda a, b: a / b, lambda a, b: (a, b)), 2.0, 3.0)
    assert [entry.numeric for entry in swapped.entries] == pytest.approx([1 / 3, -2 / 9])


def test_kinks_accept_what_lies_between_the_slopes():
    for value in (0, 0.3, 1):
        check = check_gradients((np.abs, lambda x, v=value: np.where(x == 0, 2 * v - 1, np.sign(x))), [0.0, 2.0])
        assert check.ok
        assert [entry.at for entry in check.kinks] == [(0,)]
        assert "1 entry lies on a kink" in repr(check)
    wrong = check_gradients((np.abs, lambda x: np.where(x == 0, 1.5, np.sign(x))), [0.0, 2.0])
    assert [entry.at for entry in wrong.failures] == [(0,)]


@pytest.mark.parametrize("distance", [1e-5, 3e-6, 1e-7, 1e-9])
def test_kinks_nearby_are_no_mistake(distance):
    for x in (distance, -distance):
        assert check_gradients("relu", [x]).ok
    steep = check_gradients((lambda x: np.where(x > 0, 1e3 * x, x), lambda x: np.where(x > 0, 1e3, 1.0)), [distance])
    assert steep.ok


def test_strong_curvature_is_no_kink():
    f, df = (lambda x: np.sin(1e4 * x)), (lambda x: 1e4 * np.cos(1e4 * x))
    check = check_gradients((f, df), [0.1, 0.2, 0.3])
    assert check.ok
    assert not check.kinks
    assert not check_gradients((f, lambda x: 1.001 * df(x)), [0.1, 0.2, 0.3])


LOSSES = {
    "mean_squared_error": ([[1.0, 2.0], [0.0, -1.0]], [[0.5, 1.0], [3.0, -2.0]]),
    "mean_absolute_error": ([[1.0, 2.0], [0.0, -1.0]], [[0.5, 1.0], [3.0, -2.0]]),
    "binary_crossentropy": ([1, 0, 1], [0.3, 0.8, 0.6]),
    "categorical_crossentropy": ([[0, 1, 0], [1, 0, 0]], [[0.2, 0.5, 0.3], [0.1, 0.6, 0.3]]),
    "sparse_categorical_crossentropy": ([1, 0], [[0.2, 0.5, 0.3], [0.1, 0.6, 0.3]]),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_pass(name):
    check_gradients(name, *LOSSES[name]).assert_ok()


def test_a_loss_with_a_wrong_derivative_is_found():
    class Halved(losses.MeanSquaredError):
        def gradient(self, y_true, y_pred, out=None):
            return super().gradient(y_true, y_pred, out) / 2

    check = check_gradients(Halved(), *LOSSES["mean_squared_error"])
    assert "Every entry of p is 0.5 times what it should be." in repr(check)


def classifier(**options):
    layers = [Dense(4, "relu", kernel_regularizer="l2"), Dropout(0.3), Dense(3, "tanh"), Dense(1, "sigmoid")]
    model = Sequential(layers, rng=0, **options)
    model.compile(loss="binary_crossentropy", optimizer="sgd")
    return model


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("built", [False, True])
def test_models_pass_and_stay_as_they_were(dtype, built, rng):
    X, y = rng.normal(size=(20, 5)), rng.integers(0, 2, 20)
    model = classifier(dtype=dtype)
    if built:
        model.fit(X, y, epochs=2, verbose=0)
    before = model.get_weights()
    check = check_gradients(model, X, y)
    check.assert_ok()
    assert len(check.entries) == 5 * 4 + 4 + 4 * 3 + 3 + 3 + 1
    assert {entry.parameter for entry in check.entries} == {
        f"{layer} {weight}" for layer in ("dense", "dense_1", "dense_2") for weight in ("kernel", "bias")
    }
    assert model.built == built
    assert model.dtype == dtype
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new)
        assert new.dtype == dtype
    if built:
        model.fit(X, y, epochs=1, verbose=0)


@pytest.mark.parametrize("loss", ["mean_squared_error", "categorical_crossentropy"])
def test_models_of_other_losses_pass(loss, rng):
    model = Sequential([Dense(4, "gelu"), Dense(3, "softmax", bias_regularizer="l1")], rng=0)
    model.compile(loss=loss)
    check_gradients(model, rng.normal(size=(6, 2)), np.eye(3)[rng.integers(0, 3, 6)]).assert_ok()


class ForgetsTheSlope(Dense):
    """The mistake of taking a layer with an activation for a linear one."""

    def backward(self, gradient, activate=True):
        return super().backward(gradient, False)


class AddsNothingUp(Dense):
    """The mistake of a bias that gets the gradient of one example only."""

    def backward(self, gradient, activate=True):
        result = super().backward(gradient, activate)
        self.bias_gradient[...] = gradient[0]
        return result


@pytest.mark.parametrize(("mistaken", "weights"), [(ForgetsTheSlope, {"kernel", "bias"}), (AddsNothingUp, {"bias"})])
def test_mistaken_layers_are_found(mistaken, weights, rng):
    X, y = rng.normal(size=(8, 3)), rng.integers(0, 2, 8)
    model = Sequential([Dense(2, "tanh"), mistaken(3, "tanh"), Dense(1, "sigmoid")], rng=0)
    model.compile(loss="binary_crossentropy")
    check = check_gradients(model, X, y)
    wrong = {entry.parameter for entry in check.failures}
    assert {f"{mistaken.__name__.lower()} {weight}" for weight in weights} <= wrong
    assert not any(name.startswith("dense_1") for name in wrong)
    alone = check_gradients(mistaken(3, "tanh"), X)
    assert weights <= {entry.parameter for entry in alone.failures}


@pytest.mark.parametrize(
    "layer",
    [
        Dense(3, "sigmoid"),
        Dense(2, use_bias=False),
        Activation("softplus"),
        LeakyReLU(),
        Dropout(0.4),
        Activation("softmax"),
    ],
    ids=repr,
)
def test_layers_pass(layer, rng):
    check = check_gradients(layer, rng.normal(size=(5, 4)))
    check.assert_ok()
    assert sum(entry.parameter == "inputs" for entry in check.entries) == 20
    assert not layer.built


def test_a_layer_of_your_own(rng):
    class Scale(Layer):
        def forward(self, inputs, training=False, activate=True):
            self.x = inputs
            return inputs**2

        def backward(self, gradient, activate=True):
            return gradient * self.x

    check = check_gradients(Scale(), rng.normal(size=(2, 2)))
    assert "Every entry of inputs is 0.5 times" in repr(check)


def test_graphs_pass_in_float64_and_stay_as_they_were(rng):
    W = graph.variable(rng.normal(size=(3, 2)).astype(np.float32), "W")
    b = graph.variable(0.5, "b")
    y = graph.softmax(graph.constant(rng.normal(size=(4, 3)).astype(np.float32)) @ W + b * b)
    twin = copy.deepcopy(y)
    check = check_gradients(y)
    check.assert_ok()
    assert {entry.parameter for entry in check.entries} == {"W", "b"}
    assert np.array_equal(y.value, twin.value)
    assert W.gradient is None
    assert W.value.dtype == np.float32
    check_gradients(graph.Graph(graph.square(W).mean())).assert_ok()


def test_a_graph_with_a_wrong_rule_is_found():
    wrong = graph.define("wrong_cube", lambda x: x**3, lambda g, y, x: g * x**2)
    try:
        check = check_gradients(wrong(graph.variable([1.0, 2.0], "w")).sum())
        assert "Every entry of w is 0.3333 times what it should be." in repr(check)
    finally:
        del graph.OPERATIONS["wrong_cube"]


def test_some_entries_only(rng):
    x = rng.normal(size=(10, 10))
    pair = (lambda v: np.sum(v**2), lambda v: 2 * v)
    check = check_gradients(pair, x, entries=7)
    assert len({entry.at for entry in check.entries}) == 7
    again, other = (check_gradients(pair, x, entries=7, rng=np.random.default_rng(s)) for s in (0, 1))
    assert again.entries == check.entries
    assert {entry.at for entry in other.entries} != {entry.at for entry in check.entries}
    assert len(check_gradients(pair, x, entries=1000).entries) == 100


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check_gradients(np.sin, [1.0]), TypeError, r"a pair \(f, df\)"),
        (lambda: check_gradients((np.sin, np.cos)), TypeError, "x is missing"),
        (lambda: check_gradients("relu"), TypeError, r"write check_gradients\(activation, z\)"),
        (lambda: check_gradients("rleu", [1.0]), ValueError, "did you mean 'relu'"),
        (lambda: check_gradients(classifier(), [[1.0]]), TypeError, r"\(model, x, y\); got 1 argument"),
        (lambda: check_gradients((np.sin, np.cos), [math.inf]), ValueError, "x holds NaN or infinity"),
        (lambda: check_gradients((np.sin, np.sum), [1.0, 2.0]), ValueError, r"f gave shape \(2,\) and df \(\)"),
        (lambda: check_gradients((np.sin, np.cos), [1.0], tolerance=0), ValueError, "tolerance must be above 0"),
        (lambda: check_gradients((np.sin, np.cos), [1.0], eps=-1), ValueError, "eps must be above 0"),
        (lambda: check_gradients((np.sin, np.cos), [1.0], entries=0), ValueError, "entries must be at least 1"),
        (lambda: check_gradients((np.sin, np.cos), [1.0], rng=3), TypeError, "rng must be"),
        (lambda: check_gradients(Sequential([Dense(1)]), [[1.0]], [1.0]), ValueError, "not compiled"),
        (lambda: check_gradients((lambda a, b: a, lambda a, b: (1,)), 1.0, 2.0), ValueError, "a tuple of 2 gradients"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()
