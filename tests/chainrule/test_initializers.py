"""Initializers: the spread of the weights they draw, fans in their places, functions of one's own."""

import numpy as np
import pytest

from chainrule import initializers
from chainrule.layers import Dense


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
