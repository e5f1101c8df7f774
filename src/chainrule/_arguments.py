"""Refuse a wrong argument with a message that says what was given and what is accepted."""

from __future__ import annotations

import math
from numbers import Integral, Real

import numpy as np


def check_rng(rng: object) -> np.random.Generator:
    """Return ``rng`` if it is a NumPy random generator, else raise TypeError."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng must be a numpy.random.Generator, not {type(rng).__name__}; make one with numpy.random.default_rng(0)"
        )
    return rng


def check_count(name: str, value: object, least: int = 1) -> int:
    """Return ``value`` as an int if it is an integer of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be an integer, not {type(value).__name__} ({value!r})")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
    return int(value)


def check_real(name: str, value: object, least: float = -math.inf, most: float = math.inf) -> float:
    """Return ``value`` as a float if it is a finite number between ``least`` and ``most``."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, not {type(value).__name__} ({value!r})")
    number = float(value)
    if not math.isfinite(number) or not least <= number <= most:
        accepted = "finite" if least == -math.inf and most == math.inf else f"in [{least:g}, {most:g}]"
        raise ValueError(f"{name} must be {accepted}, not {value!r}")
    return number
