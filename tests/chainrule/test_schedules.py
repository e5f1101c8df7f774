"""Schedules: their landmarks, and settings that make no sense. (Against Keras: tests/parity.)"""

import numpy as np
import pytest

from chainrule.schedules import (
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)


def test_exponential_decay_multiplies_by_the_rate_every_so_many_updates():
    schedule = ExponentialDecay(0.3, 7, 0.6)
    for t in range(20):
        assert schedule(t + 7) == pytest.approx(0.6 * schedule(t))
    stairs = ExponentialDecay(0.3, 7, 0.6, staircase=True)
    assert [stairs(t) for t in (0, 6)] == [0.3, 0.3]
    assert stairs(7) == stairs(13) == pytest.approx(0.18)


def test_inverse_time_decay_grows_linearly_in_its_inverse():
    schedule = InverseTimeDecay(0.3, 7, 0.6)
    inverse = np.diff([1 / schedule(t) for t in range(10)])
    np.testing.assert_allclose(inverse, 0.6 / 7 / 0.3)


def test_polynomial_decay_ends_and_cycles():
    line = PolynomialDecay(1.0, 10, 0.2)
    np.testing.assert_allclose(np.diff([line(t) for t in range(11)]), -0.08)
    assert line(10) == line(1000) == pytest.approx(0.2)
    cycling = PolynomialDecay(1.0, 10, 0.2, cycle=True)
    assert cycling(10) == pytest.approx(0.2)
    assert 0.2 < cycling(11) < 1
    assert cycling(20) == pytest.approx(0.2)


def test_cosine_decay_rises_falls_and_stays():
    schedule = CosineDecay(0.0, 10, alpha=0.1, warmup_target=1.0, warmup_steps=5)
    np.testing.assert_allclose([schedule(t) for t in range(6)], [0, 0.2, 0.4, 0.6, 0.8, 1])
    assert schedule(10) == pytest.approx(0.55)
    assert schedule(15) == schedule(99) == pytest.approx(0.1)


def test_piecewise_constant_decay_changes_after_each_boundary():
    schedule = PiecewiseConstantDecay([2, 4], [3, 2, 1])
    assert [schedule(t) for t in range(7)] == [3, 3, 3, 2, 2, 1, 1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ExponentialDecay(-1, 10, 0.5), "initial_learning_rate"),
        (lambda: ExponentialDecay(0.1, 0, 0.5), "decay_steps"),
        (lambda: PolynomialDecay(0.1, 10, power=-1), "power"),
        (lambda: PiecewiseConstantDecay([1, 2], [1, 2]), "values must be one more than boundaries, got 2 and 2"),
        (lambda: PiecewiseConstantDecay([2, 1], [1, 2, 3]), "boundaries must increase"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_schedule_shows_its_settings():
    assert repr(ExponentialDecay(0.1, 10, 0.5)) == (
        "ExponentialDecay(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5, staircase=False)"
    )
