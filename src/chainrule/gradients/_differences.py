"""Slopes from differences: the entry of an array is nudged, the cost computed again."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._arguments import check_real
from chainrule.elementwise import floats

Array: TypeAlias = NDArray[Any]


def numerical_gradient(f: Callable[[Any], Any], x: ArrayLike, eps: float | None = None) -> Any:
    """
    Return the derivatives of a scalar function by each entry of x, by central differences.

    Each is (f(x + h) − f(x − h)) / 2h, with one entry of x nudged by h. The error of this formula shrinks with h²,
    that of rounding grows with 1/h: a far smaller h is worse, not better.

    Parameters
    ----------
    f : callable
        ``f(x) -> float``.
    x : array_like
        Where to take the derivatives: an array of any shape, or a number. An array of floats is nudged in place
        and restored exactly, so that a function that reads it by another name sees the nudge.
    eps : float, optional
        The nudge h. Default: the cube root of the rounding error, 6e-6 for float64 and 5e-3 for float32, times
        max(1, abs(entry)).

    Returns
    -------
    ndarray or float
        The gradient in float64, shaped like x. Where f has a kink it is the mean of the slopes on both sides.

    Raises
    ------
    ValueError, TypeError
        If x is empty or not finite real numbers, or f does not return one finite number.

    References
    ----------
    Press, Teukolsky, Vetterling, Flannery (2007), Numerical recipes, section 5.7, on the size of h.

    Examples
    --------
    >>> numerical_gradient(lambda w: w[0] * w[1] ** 2, np.array([5.0, 3.0])).round(6)
    array([ 9., 30.])
    >>> round(numerical_gradient(lambda w: w**2, 3), 6)
    6.0
    """
    if isinstance(x, np.ndarray) and x.dtype.kind == "f" and x.flags.writeable:
        point = check_finite(x, "x")
    else:
        point = finite_copy(x, "x")
    check_eps(eps)

    def cost() -> float:
        return one_number(f(point if point.ndim else float(point)), "f")

    gradient = np.empty(point.shape)
    for at in np.ndindex(point.shape):
        gradient[at] = Nudge(cost, point, at, eps).central()
    return gradient if point.ndim else float(gradient)


class Nudge:
    """
    The slopes of a cost as one entry of an array is nudged.

    Parameters
    ----------
    cost : callable
        ``cost() -> float``, which reads the array.
    point : ndarray
        The array; restored after every nudge.
    at : tuple of int
        Which entry of it.
    eps : float, optional
        How far.
    """

    def __init__(self, cost: Callable[[], float], point: Array, at: tuple[int, ...], eps: float | None = None) -> None:
        self.cost, self.point, self.at = cost, point, at
        self.here = point[at]
        self.rounding = float(np.finfo(point.dtype).eps)
        self.h = eps or self.rounding ** (1 / 3) * max(1.0, abs(float(self.here)))

    def moved(self, step: float) -> tuple[float, float]:
        """Return where the entry is after a step, rounded as in the array, and the cost there."""
        try:
            self.point[self.at] = self.here + step
            return float(self.point[self.at]), self.cost()
        finally:
            self.point[self.at] = self.here

    def central(self) -> float:
        """Return the slope between both sides."""
        (right, above), (left, below) = self.moved(self.h), self.moved(-self.h)
        if right == left:
            raise ValueError(f"eps = {self.h:g} is lost in the rounding of {self.here!r}; take a larger one")
        return (above - below) / (right - left)

    def compare(self, analytic: float, tolerance: float) -> tuple[float, float, bool]:
        """
        Compare a derivative with the differences, with smaller steps if they disagree at first.

        Parameters
        ----------
        analytic : float
            The derivative.
        tolerance : float
            The relative error accepted.

        Returns
        -------
        tuple of float, float, bool
            The numeric slope, the relative error, and whether the entry lies on a kink.
        """
        measured, gaps = [], []
        here, middle = float(self.here), self.cost()
        for h in (self.h, self.h / 8, self.h / 64):
            (right, above), (left, below) = self.moved(h), self.moved(-h)
            if not left < here < right:
                break
            numeric = (above - below) / (right - left)
            # What rounding does to the difference, if the cost is right but for its last digit.
            noise = 10 * self.rounding * max(abs(above), abs(below), abs(middle)) / (right - left)
            error = abs(analytic - numeric) / (max(abs(analytic), abs(numeric)) + noise / tolerance or 1.0)
            if error <= tolerance:
                return numeric, error, False
            measured.append((error if math.isfinite(error) else math.inf, numeric))
            sides = (middle - below) / (here - left), (above - middle) / (right - here)
            gaps.append(abs(sides[1] - sides[0]))
        if not measured:
            raise ValueError(f"eps = {self.h:g} is lost in the rounding of {self.here!r}; take a larger one")
        # The slopes on both sides of a smooth point meet as the step shrinks; at a kink they stay apart.
        slack = 4 * noise + tolerance * max(map(abs, sides))
        kink = gaps[-1] > slack and gaps[-1] > 0.5 * gaps[0]
        if kink and min(sides) - slack <= analytic <= max(sides) + slack:
            return measured[0][1], 0.0, True
        error, numeric = min(measured)
        return numeric, error, False


def check_eps(eps: float | None) -> None:
    """Refuse a nudge that is not above 0."""
    if eps is not None and check_real("eps", eps) <= 0:
        raise ValueError(f"eps must be above 0, got {eps!r}")


def check_finite(x: Array, name: str) -> Array:
    """Return x, unless it is empty or holds NaN or infinity."""
    if not x.size:
        raise ValueError(f"{name} is empty, shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError(f"{name} holds NaN or infinity; derivatives need finite numbers")
    return x


def finite_copy(x: ArrayLike, name: str) -> Array:
    """Return a copy of x in float64."""
    return check_finite(np.array(floats(x), np.float64), name)


def one_number(value: Any, name: str) -> float:
    """Return what a function gave as a float, or say what is wrong with it."""
    if np.size(value) != 1:
        raise ValueError(f"{name} must return one number, it returned shape {np.shape(value)}; sum or average it")
    number = float(np.reshape(value, ()))
    if not math.isfinite(number):
        raise ValueError(f"{name} returned {number}; differences need finite numbers")
    return number
