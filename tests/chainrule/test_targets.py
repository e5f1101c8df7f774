"""What a model is given: accepted in any fitting form, refused with a message otherwise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.targets import check_classes, check_finite, features, match_shape, sample_weights


@settings(max_examples=60, deadline=None)
@given(x=hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.floats(-1e30, 1e30)))
def test_finite_matrices_pass_unchanged(x):
    assert features(x, x.shape[1], np.float64) is x
    np.testing.assert_array_equal(features(x.tolist(), None, np.float64), x)
    np.testing.assert_array_equal(features(np.asfortranarray(x), None, np.float64), x)


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    bad=st.sampled_from([np.nan, np.inf, -np.inf]),
    where=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_one_bad_number_anywhere_is_found_and_named(shape, bad, where, dtype):
    x = np.full(shape, 1e30, dtype)
    where = (where[0] % shape[0], where[1] % shape[1])
    x[where] = bad
    name = "NaN" if np.isnan(bad) else "infinity"
    with pytest.raises(ValueError, match=rf"x holds {name} at index \({where[0]}, {where[1]}\)"):
        features(x, None, dtype)


def test_opposite_infinities_do_not_cancel():
    with pytest.raises(ValueError, match="holds infinity"):
        features([[np.inf, -np.inf]], None, np.float64)


def test_what_becomes_infinite_in_the_models_dtype_is_refused():
    with pytest.raises(ValueError, match="x holds infinity"):
        features([[1e300]], None, np.float32)
    with pytest.raises(ValueError, match="y holds infinity"):
        check_finite(np.array([1e300]), np.float32)


def test_classes_may_be_floats_booleans_or_a_column():
    for y in ([0, 1, 2], [0.0, 1.0, 2.0], [[0], [1], [2]], np.array([0, 1, 2], np.uint8)):
        got = check_classes(y, (3, 3), "loss")
        np.testing.assert_array_equal(got, [0, 1, 2])
        assert got.dtype == np.intp
    np.testing.assert_array_equal(check_classes([True, False], (2, 2), "loss"), [1, 0])
    with pytest.raises(ValueError, match="y holds 255"):
        check_classes(np.array([255, 0], np.uint8), (2, 3), "loss")


def test_only_a_flat_y_beside_one_output_is_reshaped():
    assert match_shape([1, 2, 3], (3, 1), "loss").shape == (3, 1)
    assert match_shape(np.ones((3, 2)), (3, 2), "loss").shape == (3, 2)
    for y, shape in (([1, 2, 3], (3, 3)), (np.ones((1, 3)), (3, 1)), (5, (3, 1)), (np.ones((3, 1, 1)), (3, 1))):
        with pytest.raises(ValueError, match="y must have"):
            match_shape(y, shape, "loss")


def test_weights_are_finite_and_not_negative():
    np.testing.assert_array_equal(sample_weights([[1], [2]], 2, np.float32), [1, 2])
    for weights, message in (([1, np.nan], "holds NaN at index 1"), ([1, -1], "must be ≥ 0"), ([1], "one number per")):
        with pytest.raises(ValueError, match=message):
            sample_weights(weights, 2, np.float32)
    with pytest.raises(TypeError, match="must hold numbers"):
        sample_weights(["a", "b"], 2, np.float32)
