"""Regularizers: values by hand, gradients against differences, what is refused."""

import numpy as np
import pytest

from chainrule import regularizers

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
    step = 1e-6 * np.eye(len(w))
    numeric = [(regularizer(w + h) - regularizer(w - h)) / 2e-6 for h in step]
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
