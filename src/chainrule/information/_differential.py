"""Entropy of a density, by numerical integration."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.information._measures import log_of_base

Array = NDArray[np.float64]

_REACH = 5.0  # of the integration variable: beyond it, weights are far below rounding
_FINEST = 15  # halvings of its step: 2¹⁸ points
_TOLERANCE = 1e-8


def differential_entropy(pdf: Callable[[Array], Any], low: float, high: float, base: float = 2) -> float:
    """Return the differential entropy h = -∫ f(x) log f(x) dx of a density f.

    It is no code length: it may be negative, and it depends on the unit of x, h(aX) = h(X) + log|a|.

    The integral is found by the double exponential formula, with the step halved until nothing changes to 1e-8.
    Infinite supports are fine, and so is a density that is infinite at an end (other than 0, that costs digits).

    Parameters
    ----------
    pdf : callable
        The density; takes an array of x and returns an array of its shape, or one number for all.
    low, high : float
        Ends of the support of the density, ``-math.inf`` and ``math.inf`` included. The density should be smooth
        between them: the support of a uniform density ends where the density drops to 0.
    base : float, default 2
        Base of the logarithm: 2 gives bits, ``math.e`` nats.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If low is not below high, the density is negative or NaN somewhere, its integral is not 1 (within 1e-6), or
        the integral does not settle, as happens with a jump between low and high.

    References
    ----------
    T. M. Cover and J. A. Thomas (2006). Elements of Information Theory, 2nd ed., equation 8.1.
    H. Takahasi and M. Mori (1974). Double exponential formulas for numerical integration. Publ. RIMS 9(3).

    Examples
    --------
    >>> round(differential_entropy(lambda x: 2, 0, 0.5), 9)
    -1.0
    >>> gauss = lambda x: np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    >>> h = differential_entropy(gauss, -math.inf, math.inf, base=math.e)
    >>> math.isclose(h, 0.5 * math.log(2 * math.pi * math.e))
    True
    """
    unit, low, high = log_of_base(base), float(low), float(high)
    if not low < high:
        raise ValueError(f"low must be below high, not {low} and {high}")
    before = (math.nan, math.nan)
    for halvings in range(3, _FINEST + 1):
        mass, nats = _integrate(pdf, low, high, step=2.0**-halvings)
        settled = abs(mass - before[0]) < _TOLERANCE and abs(nats - before[1]) < _TOLERANCE * max(1, abs(nats))
        if settled:
            break
        before = (mass, nats)
    else:
        raise ValueError(
            f"the integral of pdf from {low:g} to {high:g} does not settle (mass about {mass:.6g}); "
            "give the support on which the density is smooth"
        )
    if abs(mass - 1) > 1e-6:
        raise ValueError(f"pdf must integrate to 1 from {low:g} to {high:g}, but integrates to {mass:.8g}")
    return nats / unit


def _integrate(pdf: Callable[[Array], Any], low: float, high: float, step: float) -> tuple[float, float]:
    """Return ∫ f and -∫ f ln f by the trapezoidal rule in t, where x(t) runs into its ends double exponentially."""
    t = np.arange(-_REACH, _REACH + step / 2, step)
    s, ds = np.pi / 2 * np.sinh(t), np.pi / 2 * np.cosh(t)
    if math.isinf(low) and math.isinf(high):
        x, dx = np.sinh(s), np.cosh(s) * ds
    elif math.isinf(low) or math.isinf(high):
        x = low + np.exp(s) if math.isinf(high) else high - np.exp(s)
        dx = np.exp(s) * ds
    else:
        share = 1 / (1 + np.exp(2 * np.abs(s)))  # of the width, from the nearer end: keeps digits near both
        x = np.where(s < 0, low + (high - low) * share, high - (high - low) * share)
        dx = (high - low) * ds * 2 * share * (1 - share)
    inside = (x > low) & (x < high)
    x, dx = x[inside], dx[inside]
    with np.errstate(over="ignore", under="ignore"):  # far out, where the density is 0
        f = np.asarray(pdf(x), dtype=np.float64)
    if f.shape not in ((), x.shape):
        raise ValueError(f"pdf must return an array of the shape of its input, {x.shape}, not {f.shape}")
    if not np.all(f >= 0):
        raise ValueError(f"pdf must be 0 or more everywhere, but is {f[~(f >= 0)].flat[0]:g} in between")
    mass = np.broadcast_to(f, x.shape) * dx * step
    return float(mass.sum()), -float(np.sum(mass * np.log(np.where(f > 0, f, 1))))
