"""Activations: against mpmath's digits, against differences, at extremes, by every way of naming one."""

import math
import warnings

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule import activations

mpmath.mp.dps = 60
EXACT = {
    "linear": (lambda z: z, lambda z: 1),
    "sigmoid": (lambda z: 1 / (1 + mpmath.exp(-z)), lambda z: mpmath.exp(-z) / (1 + mpmath.exp(-z)) ** 2),
    "tanh": (mpmath.tanh, lambda z: mpmath.sech(z) ** 2),
    "relu": (lambda z: max(z, 0), lambda z: int(z > 0)),
    "leaky_relu": (lambda z: z if z > 0 else z * mpmath.mpf(0.2), lambda z: 1 if z > 0 else 0.2),
    "softplus": (lambda z: mpmath.log(1 + mpmath.exp(z)), lambda z: 1 / (1 + mpmath.exp(-z))),
    "elu": (lambda z: z if z > 0 else mpmath.expm1(z), lambda z: 1 if z > 0 else mpmath.exp(z)),
    "gelu": (lambda z: z * mpmath.ncdf(z), lambda z: mpmath.ncdf(z) + z * mpmath.npdf(z)),
}
POINTS = [-1000, -745, -100, -37, -20, -3.3, -1, -1e-3, -1e-9, 0, 1e-9, 1e-3, 1, 3.3, 20, 37, 100, 1000]


def exact(function, z):
    with mpmath.workdps(900 if abs(z) > 100 else 60):
        return float(function(mpmath.mpf(float(z))))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", EXACT)
def test_values_and_derivatives_are_exact_from_minus_to_plus_1000(name, dtype):
    z = np.array(POINTS, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = getattr(activations, name)(z)
        slopes = getattr(activations, f"d_{name}")(z)
    tiny, eps = np.finfo(dtype).tiny, np.finfo(dtype).eps
    # gelu's exponent grows with z², and with it the rounding of e^(−z²/2).
    relative = (600 if name == "gelu" else 8) * eps
    for got, function in ((values, EXACT[name][0]), (slopes, EXACT[name][1])):
        assert got.dtype == dtype
        want = [exact(function, point) for point in z]
        np.testing.assert_allclose(got, want, rtol=relative, atol=(10 if name == "gelu" else 1) * tiny)


@pytest.mark.parametrize("name", [*EXACT, "softmax"])
@settings(max_examples=30, deadline=None)
@given(z=hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=3, max_side=4), elements=st.floats(-30, 30)))
def test_the_rule_of_a_layer_agrees_with_function_and_derivative(name, z):
    rule = activations.get(name)
    a = rule.forward(z, np.empty_like(z))
    np.testing.assert_allclose(a, rule(z), rtol=1e-13, atol=1e-300)
    gradient = np.cos(z)
    got = rule.backward(gradient, z, a, np.empty_like(z))
    if name == "softmax":
        want = np.einsum("...i,...ij->...j", gradient, activations.d_softmax(z))
        np.testing.assert_allclose(got, want, atol=1e-13)
    else:
        np.testing.assert_allclose(got, gradient * rule.derivative(z), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", [*EXACT, "softmax"])
def test_a_rule_that_needs_no_z_may_overwrite_it(name):
    rule = activations.get(name)
    z = np.linspace(-3, 3, 12).reshape(3, 4)
    apart = rule.forward(z, np.empty_like(z))
    gradient = np.ones_like(z)
    want = rule.backward(gradient, z, apart, np.empty_like(z))
    if not rule.needs_z:
        over = z.copy()
        rule.forward(over, over)
        np.testing.assert_array_equal(over, apart)
        np.testing.assert_array_equal(rule.backward(gradient, over, over, np.empty_like(z)), want)


@pytest.mark.parametrize("name", EXACT)
def test_shapes_dtypes_and_arguments_are_kept(name):
    for function in (getattr(activations, name), getattr(activations, f"d_{name}")):
        z = np.arange(-6, 6).reshape(2, 2, 3)[:, ::-1, ::2]
        before = z.copy()
        assert function(z).shape == z.shape
        assert function(z).dtype == np.float64
        np.testing.assert_array_equal(z, before)
        assert function(z.astype(np.float32)).dtype == np.float32
        assert np.ndim(function(0.5)) == 0
        assert isinstance(float(function(1)), float)
        with pytest.raises(TypeError, match="complex"):
            function(1j)
        with pytest.raises(TypeError, match="real numbers"):
            function("1")


@pytest.mark.parametrize("name", EXACT)
def test_nan_stays_nan(name):
    assert np.isnan(getattr(activations, name)(np.nan))


def test_softmax_is_a_distribution_and_its_jacobian_is_that_of_differences():
    z = np.array([[1.0, 2.0, -3.0], [1000.0, 1000.0, -1000.0]])
    a = activations.softmax(z)
    np.testing.assert_allclose(a.sum(axis=-1), 1)
    np.testing.assert_allclose(a[1], [0.5, 0.5, 0])
    h = 1e-6
    for j in range(3):
        step = h * np.eye(3)[j]
        column = (activations.softmax(z[0] + step) - activations.softmax(z[0] - step)) / (2 * h)
        np.testing.assert_allclose(activations.d_softmax(z[0])[:, j], column, atol=1e-9)
    with pytest.raises(ValueError, match="classes"):
        activations.softmax(1.0)


def test_parameters_of_the_functions():
    assert activations.leaky_relu(-2.0, 0.5) == -1
    assert activations.d_leaky_relu(-2.0, 0.5) == 0.5
    assert activations.elu(-1.0, 2.0) == pytest.approx(2 * math.expm1(-1))
    assert activations.d_elu(-1.0, 2.0) == pytest.approx(2 * math.exp(-1))
    # As in Keras, the slope at a kink is that of its left side.
    assert activations.d_relu(0) == 0
    assert activations.d_leaky_relu(0, 0.5) == 0.5
    assert activations.d_elu(0, 2.0) == 2


def test_an_activation_is_found_by_name_function_pair_or_object():
    sigmoid = activations.get("sigmoid")
    assert activations.get(activations.sigmoid) is sigmoid
    assert activations.get(sigmoid) is sigmoid
    assert activations.get(None) is activations.get("linear")
    own = activations.get((np.sin, np.cos))
    assert own.name == "sin"
    assert own.derivative(0.3) == pytest.approx(math.cos(0.3))
    alone = activations.get(np.sin)
    assert alone.derivative(0.3) == pytest.approx(math.cos(0.3), rel=1e-9)


def test_a_function_of_ones_own_called_sigmoid_is_not_taken_for_the_librarys():
    def sigmoid(z):
        return 0.25 * z

    rule = activations.get(sigmoid)
    assert rule is not activations.get("sigmoid")
    assert rule(4.0) == 1
    assert rule.derivative(4.0) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("identifier", "error", "message"),
    [
        ("sigmiod", ValueError, "did you mean 'sigmoid'"),
        ("ReLu", ValueError, "did you mean 'relu'"),
        (3, TypeError, "got 3"),
        ((np.sin, 3), TypeError, "pair"),
        ((np.sin, np.cos, np.tan), TypeError, "pair"),
    ],
)
def test_what_is_no_activation_is_refused(identifier, error, message):
    with pytest.raises(error, match=message):
        activations.get(identifier)


@pytest.mark.parametrize(("z", "given"), [(1.0, "a single number"), (np.zeros((2, 0)), r"shape \(2, 0\)")])
def test_softmax_refuses_what_has_no_classes(z, given):
    with pytest.raises(ValueError, match=f"softmax needs at least one axis.*got {given}"):
        activations.softmax(z)
