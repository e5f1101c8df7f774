"""
Draw the initial weights of a layer.

An initializer is a function ``(shape, rng) -> array``, where `shape` is (fan_in, fan_out) for a kernel and
(units,) for a bias. Keras' names; every function of that signature will do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from chainrule.names import lookup

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = [
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "ones",
    "random_normal",
    "random_uniform",
    "zeros",
]

Array: TypeAlias = NDArray[Any]
Shape: TypeAlias = tuple[int, ...]
Initializer: TypeAlias = "Callable[[Shape, Generator], Array]"


def zeros(shape: Shape, rng: Generator | None = None) -> Array:
    """
    Return zeros: right for biases, wrong for hidden kernels, whose units would stay equal to one another.

    Parameters
    ----------
    shape : tuple of int
        (fan_in, fan_out) for a kernel, (units,) for a bias.
    rng : Generator, optional
        Not used.

    Returns
    -------
    ndarray, of that shape

    Examples
    --------
    >>> zeros((2,))
    array([0., 0.])
    """
    return np.zeros(shape)


def ones(shape: Shape, rng: Generator | None = None) -> Array:
    """
    Return ones.

    Parameters
    ----------
    shape : tuple of int
        (fan_in, fan_out) for a kernel, (units,) for a bias.
    rng : Generator, optional
        Not used.

    Returns
    -------
    ndarray, of that shape

    Examples
    --------
    >>> ones((2,))
    array([1., 1.])
    """
    return np.ones(shape)


def random_uniform(shape: Shape, rng: Generator, minval: float = -0.05, maxval: float = 0.05) -> Array:
    """
    Draw from the uniform distribution between `minval` and `maxval`.

    Parameters
    ----------
    shape : tuple of int
        (fan_in, fan_out) for a kernel, (units,) for a bias.
    rng : Generator
        Where the numbers are drawn from.
    minval, maxval : float, default -0.05 and 0.05
        The limits.

    Returns
    -------
    ndarray, of that shape

    Examples
    --------
    >>> bool(abs(random_uniform((9, 9), np.random.default_rng(0))).max() < 0.05)
    True
    """
    return rng.uniform(minval, maxval, shape)


def random_normal(shape: Shape, rng: Generator, mean: float = 0.0, stddev: float = 0.05) -> Array:
    """
    Draw from the normal distribution of this mean and standard deviation.

    Parameters
    ----------
    shape : tuple of int
        (fan_in, fan_out) for a kernel, (units,) for a bias.
    rng : Generator
        Where the numbers are drawn from.
    mean, stddev : float, default 0 and 0.05
        Mean and standard deviation.

    Returns
    -------
    ndarray, of that shape

    Examples
    --------
    >>> random_normal((2, 3), np.random.default_rng(0)).shape
    (2, 3)
    """
    return rng.normal(mean, stddev, shape)


def glorot_uniform(shape: Shape, rng: Generator) -> Array:
    """
    Draw uniformly from (−r, r), where r = √(6 / (fan_in + fan_out)); Keras' default for a kernel.

    Keeps the variance of activations and of gradients about the same from layer to layer, for activations
    with slope near 1 at 0, such as tanh.

    Parameters
    ----------
    shape : tuple of int
        (fan_in, fan_out) for a kernel, (units,) for a bias.
    rng : Generator
        Where the numbers are drawn from.

    Returns
    -------
    ndarray, of that shape

    References
    ----------
    Glorot, Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks",
    equation 16.

    Examples
    --------
    >>> bool(abs(glorot_uniform((2, 4), np.random.default_rng(0))).max() < 1)
    True
    """
    limit = np.sqrt(6 / sum(_fans(shape)))
    return rng.uniform(-limit, limit, shape)


def glorot_normal(shape: Shape, rng: Generator) -> Array:
    """
    Draw from a normal distribution cut at two standard deviations, with variance 2 / (fan_in + fan_out).

    Parameters
    ----------
    shape : tuple of int
        (fan_in, fan_out) for a kernel, (units,) for a bias.
    rng : Generator
        Where the numbers are drawn from.

    Returns
    -------
    ndarray, of that shape

    Examples
    --------
    >>> glorot_normal((200, 300), np.random.default_rng(0)).std().round(2) == round((2 / 500) ** 0.5, 2)
    np.True_
    """
    return _truncated_normal(shape, rng, 2 / sum(_fans(shape)))


def he_uniform(shape: Shape, rng: Generator) -> Array:
    """
    Draw uniformly from (−r, r), where r = √(6 / fan_in); made for ReLU.

    Parameters
    ----------
    shape : tuple of int
        (fan_in, fan_out) for a kernel, (units,) for a bias.
    rng : Generator
        Where the numbers are drawn from.

    Returns
    -------
    ndarray, of that shape

    References
    ----------
    He, Zhang, Ren, Sun (2015), "Delving deep into rectifiers", equation 10.

    Examples
    --------
    >>> bool(abs(he_uniform((6, 4), np.random.default_rng(0))).max() < 1)
    True
    """
    limit = np.sqrt(6 / _fans(shape)[0])
    return rng.uniform(-limit, limit, shape)


def he_normal(shape: Shape, rng: Generator) -> Array:
    """
    Draw from a normal distribution cut at two standard deviations, with variance 2 / fan_in.

    Parameters
    ----------
    shape : tuple of int
        (fan_in, fan_out) for a kernel, (units,) for a bias.
    rng : Generator
        Where the numbers are drawn from.

    Returns
    -------
    ndarray, of that shape

    Examples
    --------
    >>> he_normal((200, 300), np.random.default_rng(0)).std().round(2)
    np.float64(0.1)
    """
    return _truncated_normal(shape, rng, 2 / _fans(shape)[0])


def _fans(shape: Shape) -> tuple[int, int]:
    """Return (fan_in, fan_out); a bias counts as both, as in Keras."""
    return (shape[0], shape[-1]) if shape else (1, 1)


def _truncated_normal(shape: Shape, rng: Generator, variance: float) -> Array:
    draws = rng.normal(size=shape)
    while np.any(outside := np.abs(draws) > 2):
        draws[outside] = rng.normal(size=np.count_nonzero(outside))
    # Cutting at ±2 leaves a standard deviation of 0.8796, which is made up for.
    draws *= np.sqrt(variance) / 0.87962566103423978
    return draws


TABLE: dict[str, Initializer] = {
    "zeros": zeros,
    "ones": ones,
    "random_uniform": random_uniform,
    "random_normal": random_normal,
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
}
# Keras' class names stand for the same.
_CLASS_NAMES = {name.title().replace("_", ""): initializer for name, initializer in TABLE.items()}


def get(identifier: str | Initializer) -> Initializer:
    """
    Return the initializer of a name, or the function itself.

    Parameters
    ----------
    identifier : str or callable
        A name of Keras', or a function ``(shape, rng) -> array``.

    Returns
    -------
    callable
        The function.

    Raises
    ------
    ValueError
        For an unknown name.
    TypeError
        For anything but a name or a function.

    Examples
    --------
    >>> get("zeros")((3,), np.random.default_rng(0))
    array([0., 0., 0.])
    """
    if isinstance(identifier, str):
        return lookup(identifier, TABLE, "initializer", _CLASS_NAMES)
    if callable(identifier):
        return identifier
    raise TypeError(
        f"an initializer must be a name such as 'glorot_uniform' or a function (shape, rng), got {identifier!r}"
    )
