"""Functions of learners: called, checked, differentiated."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import activations
from chainrule.elementwise import ActivationFunction, central_difference, floats, slopes

SMOOTH = {
    "sin": (np.sin, np.cos),
    "exp": (np.exp, np.exp),
    "cube": (lambda z: z**3, lambda z: 3 * z**2),
    "logistic": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
}


@pytest.mark.parametrize("name", SMOOTH)
@settings(max_examples=50, deadline=None)
@given(z=st.floats(-10, 10))
def test_central_differences_are_good_to_nine_digits(name, z):
    function, derivative = SMOOTH[name]
    got = central_difference(function)(np.array([z]))[0]
    assert got == pytest.approx(derivative(z), rel=1e-9, abs=1e-9 * max(1, abs(function(z))))


def test_at_a_kink_the_difference_is_the_mean_of_both_slopes():
    assert central_difference(np.abs)(np.array([0.0]))[0] == 0
    assert central_difference(lambda z: np.maximum(z, 0))(np.array([0.0]))[0] == pytest.approx(0.5)


@settings(max_examples=30, deadline=None)
@given(shape=st.tuples(st.integers(1, 3), st.integers(1, 4)), seed=st.integers(0, 99))
def test_slopes_are_the_gradient_of_a_function_of_many(shape, seed):
    rng = np.random.default_rng(seed)
    w, a = rng.normal(size=shape), rng.normal(size=shape)
    before = w.copy()
    got = slopes(lambda w: np.sum(a * w**2) + w.flat[0] * w.flat[-1], w)
    want = 2 * a * w
    want.flat[0] += w.flat[-1]
    want.flat[-1] += before.flat[0]
    np.testing.assert_allclose(got, want, atol=1e-7)
    np.testing.assert_array_equal(w, before)
    assert slopes(np.sum, w.astype(np.float32)).dtype == np.float32


def test_floats_keeps_floats_and_refuses_what_is_no_number():
    single = np.ones(2, np.float32)
    assert floats(single) is single
    assert floats([True, False]).tolist() == [1, 0]
    assert floats(3).dtype == np.float64
    for wrong in ("a", 1j, [None]):
        with pytest.raises(TypeError, match="array of real numbers"):
            floats(wrong)


def test_a_function_that_does_not_work_on_arrays_says_so():
    rule = activations.get(lambda z: math.exp(z))
    with pytest.raises(TypeError) as caught:
        rule.forward(np.ones((2, 2)), np.empty((2, 2)))
    assert "np.exp for math.exp" in caught.value.__notes__[0]
    branching = activations.get(lambda z: z if z > 0 else 0)
    with pytest.raises(ValueError, match="ambiguous") as caught:
        branching.forward(np.ones((2, 2)), np.empty((2, 2)))
    assert "np.where for if" in caught.value.__notes__[0]
    summing = activations.get(lambda z: z.sum())
    with pytest.raises(ValueError, match=r"given \(2, 3\), it returned \(\)"):
        summing.forward(np.ones((2, 3)), np.empty((2, 3)))


def test_own_functions_are_differentiated_well_in_float32_too():
    rule = ActivationFunction("cube", lambda z: z**3)
    z = np.linspace(-2, 2, 9, dtype=np.float32).reshape(3, 3)
    slopes = rule.backward(np.ones_like(z), z, z**3, np.empty_like(z))
    assert slopes.dtype == np.float32
    np.testing.assert_allclose(slopes, 3 * z**2, rtol=1e-6, atol=1e-9)
