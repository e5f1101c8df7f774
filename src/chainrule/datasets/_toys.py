"""Toy problems: small data drawn to order, each hard for a model that can only draw a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule._arguments import check_count, check_real, check_rng

Dataset = tuple[NDArray[np.float64], NDArray[np.int64]]


def make_spirals(
    m: int, rng: np.random.Generator, *, classes: int = 2, turns: float = 1.0, noise: float = 0.02
) -> Dataset:
    """Draw points on interleaved spiral arms, one arm a class: no straight line separates them.

    A point at a share t of its arm (uniform in 0..1) lies at radius t and angle 2π (turns · t + class / classes).

    Parameters
    ----------
    m : int
        Number of points; class sizes differ by one at most.
    rng : numpy.random.Generator
        Source of all randomness.
    classes : int, default 2
        Number of arms.
    turns : float, default 1
        How often an arm winds around the origin. More turns need a larger network.
    noise : float, default 0.02
        Standard deviation of the normal noise added to both coordinates; the arms' radius is 1.

    Returns
    -------
    X : float64 array, shape (m, 2)
    y : int64 array, shape (m,)
        0 to classes - 1, in turn.

    Examples
    --------
    >>> X, y = make_spirals(6, np.random.default_rng(0))
    >>> X.shape, y.tolist()
    ((6, 2), [0, 1, 0, 1, 0, 1])
    """
    y = _labels(m, rng, check_count("classes", classes, least=2))
    share = rng.random(m)
    angle = 2 * np.pi * (check_real("turns", turns) * share + y / classes)
    return _noisy(share * np.cos(angle), share * np.sin(angle), noise, rng), y


def make_moons(m: int, rng: np.random.Generator, *, noise: float = 0.1) -> Dataset:
    """Draw two half circles that reach into each other.

    Class 0 is the upper half of the unit circle; class 1 is the lower half of the unit circle around (1, ½).

    Parameters
    ----------
    m : int
        Number of points; class sizes differ by one at most.
    rng : numpy.random.Generator
        Source of all randomness.
    noise : float, default 0.1
        Standard deviation of the normal noise added to both coordinates.

    Returns
    -------
    X : float64 array, shape (m, 2)
    y : int64 array, shape (m,)
        0 and 1, in turn.

    Examples
    --------
    >>> X, y = make_moons(100, np.random.default_rng(0), noise=0)
    >>> bool(np.allclose(np.hypot(*X[y == 1].T - [[1], [0.5]]), 1))
    True
    """
    y = _labels(m, rng, 2)
    angle = np.pi * rng.random(m)
    side = 1 - 2 * y
    return _noisy(y + side * np.cos(angle), 0.5 * y + side * np.sin(angle), noise, rng), y


def make_circles(m: int, rng: np.random.Generator, *, factor: float = 0.5, noise: float = 0.05) -> Dataset:
    """Draw two circles around the origin: class 0 with radius 1, class 1 inside it with radius `factor`.

    Parameters
    ----------
    m : int
        Number of points; class sizes differ by one at most.
    rng : numpy.random.Generator
        Source of all randomness.
    factor : float, default 0.5
        Radius of the inner circle, in 0..1.
    noise : float, default 0.05
        Standard deviation of the normal noise added to both coordinates.

    Returns
    -------
    X : float64 array, shape (m, 2)
    y : int64 array, shape (m,)
        0 and 1, in turn.

    Examples
    --------
    >>> X, y = make_circles(4, np.random.default_rng(0), noise=0)
    >>> np.hypot(*X.T).round(6).tolist()
    [1.0, 0.5, 1.0, 0.5]
    """
    y = _labels(m, rng, 2)
    angle = 2 * np.pi * rng.random(m)
    radius = np.where(y == 0, 1.0, check_real("factor", factor, 0, 1))
    return _noisy(radius * np.cos(angle), radius * np.sin(angle), noise, rng), y


def make_xor(m: int, rng: np.random.Generator, *, noise: float = 0.1) -> Dataset:
    """Draw points around the corners of the unit square, labeled by exclusive or.

    Parameters
    ----------
    m : int
        Number of points, dealt to the corners (0, 0), (0, 1), (1, 0), (1, 1) in turn.
    rng : numpy.random.Generator
        Source of all randomness.
    noise : float, default 0.1
        Standard deviation of the normal noise added to both coordinates. 0 gives the bare truth table.

    Returns
    -------
    X : float64 array, shape (m, 2)
    y : int64 array, shape (m,)
        1 where exactly one coordinate of the corner is 1, else 0.

    Examples
    --------
    >>> X, y = make_xor(4, np.random.default_rng(0), noise=0)
    >>> X.tolist(), y.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    corner = _labels(m, rng, 4)
    first, second = corner // 2, corner % 2
    return _noisy(first, second, noise, rng), first ^ second


def make_polynomial(
    m: int, rng: np.random.Generator, *, coefficients: Sequence[float] = (0, -1, 0, 2), noise: float = 0.1
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw a noisy polynomial: y = c₀ + c₁x + c₂x² + … + ξ, with x uniform in -1..1 and ξ normal.

    Parameters
    ----------
    m : int
        Number of points.
    rng : numpy.random.Generator
        Source of all randomness.
    coefficients : sequence of float, default (0, -1, 0, 2)
        c₀, c₁, …, lowest power first. The default is 2x³ - x, which rises, falls and rises again.
    noise : float, default 0.1
        Standard deviation of ξ, the noise in y.

    Returns
    -------
    X : float64 array, shape (m, 1)
        In the order drawn, not sorted.
    y : float64 array, shape (m,)

    Raises
    ------
    ValueError, TypeError
        If there are no coefficients, or an argument is not what it should be.

    Examples
    --------
    >>> X, y = make_polynomial(5, np.random.default_rng(0), coefficients=(1, 2), noise=0)
    >>> bool(np.allclose(y, 1 + 2 * X[:, 0]))
    True
    """
    m, rng = check_count("m", m), check_rng(rng)
    c = [check_real("each of coefficients", value) for value in coefficients]
    if not c:
        raise ValueError("coefficients must hold at least c₀, but it is empty")
    x = rng.uniform(-1, 1, m)
    y = np.polynomial.polynomial.polyval(x, c)
    return x[:, np.newaxis], y + check_real("noise", noise, 0) * rng.normal(size=m)


def make_coffee(m: int, rng: np.random.Generator, *, noise: float = 0.0) -> Dataset:
    """Draw coffee roasts: temperature and duration decide whether the beans come out good.

    A made-up rule on a well-known example. The rate of roasting doubles every 30 °C, so that d minutes at T °C
    do as much as e = d · 2^((T - 210) / 30) minutes at 210 °C. A roast is good if 10 <= e <= 15 and T is in
    190..235: below that the beans dry before they roast, above it they scorch outside and stay raw inside.

    Parameters
    ----------
    m : int
        Number of roasts, uniform in 180..250 °C and 5..20 minutes.
    rng : numpy.random.Generator
        Source of all randomness.
    noise : float, default 0
        Standard deviation of the taster's error in log(e). 0 makes the labels follow the rule exactly.

    Returns
    -------
    X : float64 array, shape (m, 2)
        Temperature in °C, duration in minutes: scales so different that they need normalizing.
    y : int64 array, shape (m,)
        1 for a good roast, else 0.

    Examples
    --------
    >>> X, y = make_coffee(2000, np.random.default_rng(0))
    >>> bool(0.1 < y.mean() < 0.3)
    True
    """
    m, rng = check_count("m", m), check_rng(rng)
    temperature, duration = rng.uniform(180, 250, m), rng.uniform(5, 20, m)
    taste = np.exp(check_real("noise", noise, 0) * rng.normal(size=m))
    equivalent = duration * 2 ** ((temperature - 210) / 30) * taste
    good = (equivalent >= 10) & (equivalent <= 15) & (temperature >= 190) & (temperature <= 235)
    return np.column_stack([temperature, duration]), good.astype(np.int64)


def _labels(m: int, rng: np.random.Generator, classes: int) -> NDArray[np.int64]:
    """Check `m` and `rng`, and deal the classes 0, 1, ... to m points in turn."""
    check_rng(rng)
    return np.arange(check_count("m", m), dtype=np.int64) % classes


def _noisy(x1: NDArray[Any], x2: NDArray[Any], noise: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Join two coordinates to points (m, 2) and shake them."""
    X = np.column_stack([x1, x2])
    return X + check_real("noise", noise, 0) * rng.normal(size=X.shape)
