"""Train through a function of arrays that a learner wrote: call it, check it, differentiate it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ActivationFunction", "central_difference", "fill", "floats", "plain", "slopes"]

Array: TypeAlias = NDArray[Any]


def floats(z: ArrayLike) -> Array:
    """
    Return z as an array of floats; float32 and float64 stay what they are.

    Raises
    ------
    TypeError
        If z is not an array of real numbers.

    Examples
    --------
    >>> floats([1, 2])
    array([1., 2.])
    """
    z = np.asarray(z)
    if z.dtype.kind == "f":
        return z
    if z.dtype.kind in "iub":
        return z.astype(np.float64)
    raise TypeError(f"an array of real numbers is needed, got dtype {z.dtype}")


def plain(a: Array) -> Array:
    """
    Return an array as it is, and an array without axes as the number in it.

    Examples
    --------
    >>> plain(np.array(2.0))
    np.float64(2.0)
    """
    result: Array = a[()]
    return result


class ActivationFunction:
    """
    A function of the weighted sums, with the rule that carries a gradient back through it.

    Parameters
    ----------
    name : str
        Its name, as Keras spells it.
    function : callable
        ``function(z) -> a``; elementwise: takes an array, returns one of the same shape.
    derivative : callable, optional
        ``derivative(z)``, elementwise too. Central differences of `function` if not given.
    forward : callable, optional
        ``forward(z, out)`` leaves the activation in `out`, which may be z. Made of `function` if not given.
    slope : callable, optional
        ``slope(z, a, out)`` leaves the derivative in `out`. Made of `derivative` if not given.
    needs_z : bool, default True
        Whether `slope` looks at z. If not, the activation may overwrite it.

    Examples
    --------
    >>> cube = ActivationFunction("cube", lambda z: z**3, lambda z: 3 * z**2)
    >>> cube([1.0, 2.0]), cube.derivative([1.0, 2.0])
    (array([1., 8.]), array([ 3., 12.]))
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        derivative: Callable[..., Any] | None = None,
        *,
        forward: Callable[[Array, Array], Array] | None = None,
        slope: Callable[[Array, Array, Array], Array] | None = None,
        needs_z: bool = True,
    ) -> None:
        self.name = name
        self.function = function
        self._given = derivative
        self._derivative = derivative or central_difference(function)
        self.forward = forward or (lambda z, out: fill(out, self.function, z, f"activation {name}"))
        self.slope = slope or (lambda z, a, out: fill(out, self._derivative, z, f"derivative of activation {name}"))
        self.needs_z = needs_z

    def __call__(self, z: ArrayLike) -> Array:
        """Return the activation of z."""
        return np.asarray(self.function(floats(z)))[()]

    def derivative(self, z: ArrayLike) -> Array:
        """Return the slope of the activation at z."""
        return np.asarray(self._derivative(floats(z)))[()]

    def __deepcopy__(self, memo: object) -> ActivationFunction:
        # It never changes, and models recognize those of the library by identity.
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return ActivationFunction, (self.name, self.function, self._given)

    def __repr__(self) -> str:
        return f"<activation {self.name}>"

    def backward(self, gradient: Array, z: Array, a: Array, out: Array) -> Array:
        """
        Turn ∂cost/∂a into ∂cost/∂z = ∂cost/∂a · f'(z).

        Parameters
        ----------
        gradient, z, a : ndarray, (m, units)
            ∂cost/∂a, the weighted sums (if `needs_z`), and their activations.
        out : ndarray, (m, units)
            Where the result may be left; none of the other arguments.

        Returns
        -------
        ndarray, (m, units)
        """
        return np.multiply(self.slope(z, a, out), gradient, out=out)


def fill(out: Array, function: Callable[[Array], Any], z: Array, what: str) -> Array:
    """
    Leave ``function(z)``, written by a learner, in `out`; explain what is wrong if it does not fit.

    Parameters
    ----------
    out : ndarray
        Where to; its shape is the one that `function` has to return.
    function : callable
        Elementwise function of one array.
    z : ndarray
        Its argument.
    what : str
        What the function is, for the message.

    Returns
    -------
    ndarray
        `out`.

    Raises
    ------
    ValueError
        If the result has another shape.
    """
    try:
        result = np.asarray(function(z))
    except (TypeError, ValueError) as error:
        error.add_note(
            f"(while calling the {what} with an array of shape {z.shape}: it has to work on whole arrays, "
            "with np.exp for math.exp and np.where for if)"
        )
        raise
    if result.shape != out.shape:
        raise ValueError(f"the {what} must keep the shape of its argument: given {z.shape}, it returned {result.shape}")
    out[...] = result
    return out


def central_difference(function: Callable[..., Any], step: float = 6e-6) -> Callable[[Array], Array]:
    """
    Return the derivative of an elementwise function, by central differences.

    Parameters
    ----------
    function : callable
        Elementwise function of one array.
    step : float, default 6e-6
        Half the distance of the two points, times max(1, abs(z)). The cube root of the rounding error of
        float64 is near the best; the result is good to about ten digits.

    Returns
    -------
    callable
        ``derivative(z)``. At a kink it gives the mean of the slopes on both sides.

    Examples
    --------
    >>> central_difference(np.square)(np.array([1.0, 3.0])).round(9)
    array([2., 6.])
    """

    def derivative(z: Array) -> Array:
        # In float64 whatever z is: in float32 the difference would keep three digits.
        z = np.asarray(z, np.float64)
        h = step * np.maximum(1, np.abs(z))
        above, below = z + h, z - h
        return np.asarray((function(above) - function(below)) / (above - below))

    return derivative


def slopes(function: Callable[[Array], Any], w: Array, step: float = 6e-6) -> Array:
    """
    Return the derivatives of a scalar function with respect to each entry of w, by central differences.

    Parameters
    ----------
    function : callable
        ``function(w) -> float``.
    w : ndarray
        Where to take them; not modified.
    step : float, default 6e-6
        Half the distance of the two points, times max(1, abs(w)).

    Returns
    -------
    ndarray
        Shaped like w.

    Examples
    --------
    >>> slopes(lambda w: w[0] * w[1] ** 2, np.array([5.0, 3.0])).round(6)
    array([ 9., 30.])
    """
    point = np.array(w, np.float64)
    result = np.empty_like(point)
    for index in np.ndindex(point.shape):
        there = point[index]
        h = step * float(np.maximum(1, np.abs(there)))
        values = []
        for value in (there + h, there - h):
            point[index] = value
            values.append(float(function(point)))
        point[index] = there
        result[index] = (values[0] - values[1]) / ((there + h) - (there - h))
    return result.astype(w.dtype)
