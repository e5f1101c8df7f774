"""Losses: against exact values, their gradients against differences, and what they refuse."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule import activations, losses
from chainrule.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    FunctionLoss,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)

ALL = {
    "bce": BinaryCrossentropy(),
    "bce from logits": BinaryCrossentropy(from_logits=True),
    "categorical": CategoricalCrossentropy(),
    "categorical from logits": CategoricalCrossentropy(from_logits=True),
    "sparse": SparseCategoricalCrossentropy(),
    "sparse from logits": SparseCategoricalCrossentropy(from_logits=True),
    "mse": MeanSquaredError(),
    "mae": MeanAbsoluteError(),
    "own": FunctionLoss(lambda y, p: np.cosh(p - y)),
    "own, per example": FunctionLoss(lambda y, p: np.cosh(p - y).sum(axis=-1)),
    "own, derivative given": FunctionLoss(lambda y, p: np.cosh(p - y), lambda y, p: np.sinh(p - y)),
}


@st.composite
def problems(draw, name):
    m, k = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    inside = st.floats(0.1, 0.9) if "logits" not in name else st.floats(-20, 20)
    p = draw(hnp.arrays(np.float64, (m, k), elements=inside))
    if name.startswith("sparse"):
        return draw(hnp.arrays(np.int64, m, elements=st.integers(0, k - 1))), p
    # Targets and outputs on grids that never meet, so that |p - y| is not at its kink.
    return draw(hnp.arrays(np.float64, (m, k), elements=st.sampled_from([0.0, 1.0]))), p


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_gradients_are_the_differences_of_the_values(name, data):
    loss = ALL[name]
    y, p = data.draw(problems(name))
    y = loss.targets(y, p.shape, p.dtype)
    gradient = loss.gradient(y, p)
    h = 1e-6
    for i, j in np.ndindex(p.shape):
        above, below = p.copy(), p.copy()
        above[i, j] += h
        below[i, j] -= h
        difference = (loss.call(y, above) - loss.call(y, below)) / (2 * h)
        want = np.zeros(len(p))
        want[i] = gradient[i, j]
        np.testing.assert_allclose(difference, want, rtol=1e-5, atol=1e-7)
    into = np.empty_like(p)
    assert loss.gradient(y, p, into) is into
    np.testing.assert_array_equal(into, gradient)


@pytest.mark.parametrize("z", [-1000.0, -30.0, -1.5, 0.0, 1e-9, 2.0, 40.0, 1000.0])
@pytest.mark.parametrize("y", [0.0, 0.25, 1.0])
def test_binary_crossentropy_from_logits_is_exact(y, z):
    with mpmath.workdps(900):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        want = float(-y * mpmath.log(p) - (1 - y) * mpmath.log(1 - p))
    assert BinaryCrossentropy(from_logits=True)([y], [z]) == pytest.approx(want, rel=1e-14)
    single = BinaryCrossentropy(from_logits=True)([y], np.array([z], np.float32))
    assert single == pytest.approx(want, rel=1e-6)


def test_probabilities_are_clipped_so_the_loss_has_a_ceiling():
    loss = BinaryCrossentropy()
    assert loss([1], [0.0]) == pytest.approx(-math.log(1e-7))
    assert loss([1.0], [1.0]) == pytest.approx(1e-7, rel=1e-6)
    np.testing.assert_array_equal(loss.gradient(np.ones((2, 1)), np.array([[0.0], [1.0]])), 0)
    assert BinaryCrossentropy(from_logits=True)([1], [-200.0]) == 200


def test_categorical_losses_agree_with_each_other_and_with_the_definition():
    rng = np.random.default_rng(0)
    z = rng.normal(0, 3, (50, 4))
    labels = rng.integers(0, 4, 50)
    p = activations.softmax(z)
    want = -np.mean([math.log(row[label]) for row, label in zip(p, labels, strict=True)])
    one_hot = np.eye(4)[labels]
    for loss, y, outputs in (
        (SparseCategoricalCrossentropy(), labels, p),
        (SparseCategoricalCrossentropy(from_logits=True), labels, z),
        (CategoricalCrossentropy(), one_hot, p),
        (CategoricalCrossentropy(from_logits=True), one_hot, z),
    ):
        assert loss(y, outputs) == pytest.approx(want, rel=1e-6)
    extreme = np.array([[1000.0, -1000.0]])
    assert SparseCategoricalCrossentropy(from_logits=True)([1], extreme) == 2000
    assert CategoricalCrossentropy(from_logits=True)([[1, 0]], extreme) == 0


def test_the_cost_is_the_mean_whatever_the_size():
    rng = np.random.default_rng(0)
    y, p = rng.random((7, 2)), rng.random((7, 2))
    for loss in (ALL["bce"], ALL["mse"], ALL["mae"], ALL["own"]):
        assert loss(np.tile(y, (3, 1)), np.tile(p, (3, 1))) == pytest.approx(loss(y, p), rel=1e-12)


def test_reductions_and_weights():
    y, p = [1.0, 2.0], [3.0, 5.0]
    assert MeanSquaredError()(y, p) == 6.5
    assert MeanSquaredError(reduction="mean")(y, p) == 6.5
    assert MeanSquaredError(reduction="sum")(y, p) == 13
    np.testing.assert_array_equal(MeanSquaredError(reduction="none")(y, p), [4, 9])
    assert MeanSquaredError()(y, p, sample_weight=[1, 0]) == 2
    np.testing.assert_array_equal(MeanSquaredError(reduction=None)(y, p, [[1], [2]]), [4, 18])
    with pytest.raises(ValueError, match="reduction must be one of"):
        MeanSquaredError(reduction="average")
    with pytest.raises(ValueError, match=r"one number per example, shape \(2,\)"):
        MeanSquaredError()(y, p, sample_weight=[1, 2, 3])


def test_flat_targets_never_broadcast():
    y, p = np.array([0.0, 1.0, 1.0]), np.array([[0.1], [0.8], [0.3]])
    for loss in (ALL["bce"], ALL["mse"], ALL["mae"], ALL["own"]):
        assert loss.call(loss.targets(y, p.shape, p.dtype), p).shape == (3,)
        assert loss(y, p) == loss(y[:, None], p) == loss(y, p[:, 0])


@pytest.mark.parametrize(
    ("loss", "y", "p", "message"),
    [
        ("bce", [0, 3], [0.5, 0.5], "y holds 3, but targets of binary_crossentropy are probabilities"),
        ("bce", [0, -1], [0.5, 0.5], "y holds -1"),
        ("bce", [0, np.nan], [0.5, 0.5], "y holds NaN at index"),
        ("mse", [0, np.inf], [0.5, 0.5], "y holds infinity at index"),
        ("mse", [0, 1], [0.5, np.nan], "y_pred holds NaN"),
        ("mse", [], [], r"y_pred is empty: got shape \(0, 1\)"),
        ("sparse", [], np.zeros((0, 2)), r"y_pred is empty: got shape \(0, 2\)"),
        ("mse", [0, 1, 2], [0.5, 0.5], r"2 examples, but y has shape \(3,\)"),
        ("mse", [[0, 1], [2, 3]], [0.5, 0.5], r"shape of the outputs, \(2, 1\), got \(2, 2\)"),
        ("mse", [0, 1], [[0.5, 0.5], [0.5, 0.5]], r"shape of the outputs, \(2, 2\), got \(2,\)"),
        ("categorical", [0, 1], [[0.5, 0.5], [0.5, 0.5]], "use sparse_categorical_crossentropy"),
        ("categorical", [[0, 2], [0, 1]], [[0.5, 0.5], [0.5, 0.5]], "y holds 2.*use sparse"),
        ("sparse", [0, 2], [[0.5, 0.5], [0.5, 0.5]], "y holds 2, but with 2 outputs.*from 0 to 1"),
        ("sparse", [0, -1], [[0.5, 0.5], [0.5, 0.5]], "y holds -1"),
        ("sparse", [0, 0.5], [[0.5, 0.5], [0.5, 0.5]], "y holds 0.5"),
        ("sparse", [0, np.nan], [[0.5, 0.5], [0.5, 0.5]], "y holds nan"),
        ("sparse", [[0, 1], [1, 0]], [[0.5, 0.5], [0.5, 0.5]], "one-hot rows use categorical_crossentropy"),
    ],
)
def test_targets_that_do_not_fit_are_refused(loss, y, p, message):
    with pytest.raises(ValueError, match=message):
        ALL[loss](y, p)


def test_targets_must_be_numbers():
    with pytest.raises(TypeError, match="y must hold numbers, got dtype <U2"):
        MeanSquaredError()(["a", "bc"], [1.0, 2.0])
    with pytest.raises(ValueError, match="rows have different lengths"):
        MeanSquaredError()([[1], [2, 3]], [1.0, 2.0])


def test_a_loss_is_found_by_name_object_function_or_pair():
    assert isinstance(losses.get("mse"), MeanSquaredError)
    assert isinstance(losses.get("MeanSquaredError"), MeanSquaredError)
    own = BinaryCrossentropy(from_logits=True)
    assert losses.get(own) is own
    assert losses.get(lambda y, p: (y - p) ** 2)([1.0], [3.0]) == 4
    pair = losses.get((lambda y, p: (y - p) ** 2, lambda y, p: 100 * (p - y)))
    np.testing.assert_array_equal(pair.gradient(np.ones((1, 1)), np.full((1, 1), 3.0)), [[200]])
    with pytest.raises(ValueError, match="did you mean 'binary_crossentropy'"):
        losses.get("binary_crossentrpy")
    with pytest.raises(TypeError, match=r"write MeanSquaredError\(\)"):
        losses.get(MeanSquaredError)
    with pytest.raises(TypeError, match="got None"):
        losses.get(None)


def test_own_losses_that_do_not_fit_are_explained():
    y, p = np.zeros((3, 2)), np.ones((3, 2))
    with pytest.raises(ValueError, match=r"it returned shape \(\); the model takes the mean"):
        FunctionLoss(lambda y, p: np.mean(y - p))(y, p)
    with pytest.raises(TypeError) as caught:
        FunctionLoss(lambda y, p: math.log(p))(y, p)
    assert "np.log for math.log" in caught.value.__notes__[0]
    wrong = FunctionLoss(lambda y, p: (y - p) ** 2, lambda y, p: np.ones(3))
    with pytest.raises(ValueError, match=r"shape of p, \(3, 2\), got \(3,\)"):
        wrong.gradient(y, p)


def test_the_logarithmic_loss_of_a_learner_keeps_its_gradient_near_0_and_1():
    """Central differences that left the interval from 0 to 1 would end training with NaN."""

    def logistic(y, p):
        return np.where(y == 1, -np.log(p), -np.log(1 - p))

    p = np.array([1e-12, 1e-6, 0.3, 1 - 1e-6, 1 - 1e-12])[:, None]
    for y in (np.zeros_like(p), np.ones_like(p)):
        gradient = FunctionLoss(logistic).gradient(y, p)
        # Times the slope of the sigmoid, p (1 - p), it is p - y.
        np.testing.assert_allclose(gradient * p * (1 - p), p - y, rtol=1e-3, atol=1e-13)
    ends = np.array([[0.0], [1.0]])
    with np.errstate(all="ignore"):
        gradient = FunctionLoss(logistic).gradient(ends, ends)
    np.testing.assert_allclose(gradient, [[1], [-1]], rtol=1e-3)


def test_logits_are_taken_only_under_their_own_activation():
    sigmoid, softmax = activations.get("sigmoid"), activations.get("softmax")
    assert BinaryCrossentropy().with_logits(sigmoid).from_logits
    assert CategoricalCrossentropy().with_logits(softmax).from_logits
    assert isinstance(SparseCategoricalCrossentropy().with_logits(softmax), SparseCategoricalCrossentropy)
    for loss, other in (
        (BinaryCrossentropy(), softmax),
        (CategoricalCrossentropy(), sigmoid),
        (BinaryCrossentropy(from_logits=True), sigmoid),
        (MeanSquaredError(), sigmoid),
        (BinaryCrossentropy(), activations.get(lambda z: 1 / (1 + np.exp(-z)))),
    ):
        assert loss.with_logits(other) is None
