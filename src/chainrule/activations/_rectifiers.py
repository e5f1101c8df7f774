"""The identity and what is cut or bent from it, each beside its derivative."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule.elementwise import floats, plain

Array: TypeAlias = NDArray[Any]


def linear(z: ArrayLike) -> Array:
    """
    Return z itself: no activation.

    Parameters
    ----------
    z : array_like
        Weighted sums, any shape.

    Returns
    -------
    ndarray
        The same shape; float32 stays float32.

    Examples
    --------
    >>> linear([1, 2])
    array([1., 2.])
    """
    return plain(floats(z))


def d_linear(z: ArrayLike) -> Array:
    """
    Return the derivative of `linear`: 1 everywhere.

    Parameters
    ----------
    z : array_like
        Weighted sums, any shape.

    Returns
    -------
    ndarray
        The same shape; float32 stays float32.

    Examples
    --------
    >>> d_linear([1, 2])
    array([1., 1.])
    """
    return plain(np.ones_like(floats(z)))


def relu(z: ArrayLike) -> Array:
    """
    Return max(z, 0), the rectified linear unit.

    Parameters
    ----------
    z : array_like
        Weighted sums, any shape.

    Returns
    -------
    ndarray
        The same shape; float32 stays float32.

    Examples
    --------
    >>> relu([-2, 0, 3])
    array([0., 0., 3.])
    """
    return plain(np.maximum(floats(z), 0))


def d_relu(z: ArrayLike) -> Array:
    """
    Return the derivative of ReLU: 1 where z > 0, otherwise 0, also at the kink z = 0.

    Parameters
    ----------
    z : array_like
        Weighted sums, any shape.

    Returns
    -------
    ndarray
        The same shape; float32 stays float32.

    Examples
    --------
    >>> d_relu([-2, 0, 3])
    array([0., 0., 1.])
    """
    z = floats(z)
    return plain(np.greater(z, 0).astype(z.dtype))


def leaky_relu(z: ArrayLike, negative_slope: float = 0.2) -> Array:
    """
    Return z where z > 0, otherwise `negative_slope` · z.

    Parameters
    ----------
    z : array_like
        Weighted sums, any shape.
    negative_slope : float, default 0.2
        Slope left of 0. Keras' default for the function; its layer `LeakyReLU` takes 0.3.

    Returns
    -------
    ndarray
        The same shape.

    Examples
    --------
    >>> leaky_relu([-2, 0, 3])
    array([-0.4,  0. ,  3. ])
    """
    z = floats(z)
    return plain(np.where(z > 0, z, z * z.dtype.type(negative_slope)))


def d_leaky_relu(z: ArrayLike, negative_slope: float = 0.2) -> Array:
    """
    Return the derivative of leaky ReLU: 1 where z > 0, otherwise `negative_slope`.

    Parameters
    ----------
    z : array_like
        Weighted sums, any shape.
    negative_slope : float, default 0.2
        Slope left of 0, and at 0.

    Returns
    -------
    ndarray
        The same shape; float32 stays float32.

    Examples
    --------
    >>> d_leaky_relu([-2, 0, 3])
    array([0.2, 0.2, 1. ])
    """
    z = floats(z)
    return plain(np.where(z > 0, z.dtype.type(1), z.dtype.type(negative_slope)))


def elu(z: ArrayLike, alpha: float = 1.0) -> Array:
    """
    Return z where z > 0, otherwise alpha · (eᶻ − 1), the exponential linear unit.

    Parameters
    ----------
    z : array_like
        Weighted sums, any shape.
    alpha : float, default 1
        How far below 0 the curve goes: to −alpha.

    Returns
    -------
    ndarray
        The same shape; float32 stays float32.

    References
    ----------
    Clevert, Unterthiner, Hochreiter (2016), "Fast and accurate deep network learning by exponential
    linear units (ELUs)".

    Examples
    --------
    >>> elu([-1000, 0, 3])
    array([-1.,  0.,  3.])
    """
    z = floats(z)
    return plain(np.where(z > 0, z, z.dtype.type(alpha) * np.expm1(np.minimum(z, 0))))


def d_elu(z: ArrayLike, alpha: float = 1.0) -> Array:
    """
    Return the derivative of ELU: 1 where z > 0, otherwise alpha · eᶻ.

    Parameters
    ----------
    z : array_like
        Weighted sums, any shape.
    alpha : float, default 1
        How far below 0 the curve goes: to −alpha.

    Returns
    -------
    ndarray
        The same shape; float32 stays float32.

    Examples
    --------
    >>> d_elu([-1000, 0, 3])
    array([0., 1., 1.])
    """
    z = floats(z)
    return plain(np.where(z > 0, z.dtype.type(1), z.dtype.type(alpha) * np.exp(np.minimum(z, 0))))


def gelu(z: ArrayLike) -> Array:
    """
    Return z · Φ(z), where Φ is the standard normal distribution function.

    The exact form, Keras' default, not the approximation by tanh.

    Parameters
    ----------
    z : array_like
        Weighted sums, any shape.

    Returns
    -------
    ndarray
        The same shape; float32 stays float32.

    References
    ----------
    Hendrycks, Gimpel (2016), "Gaussian error linear units (GELUs)".

    Examples
    --------
    >>> gelu([-1000, 0, 3]).round(4)
    array([-0.   ,  0.   ,  2.996])
    """
    z = floats(z)
    return plain(z * _normal_cdf(z))


def d_gelu(z: ArrayLike) -> Array:
    """
    Return the derivative of GELU: Φ(z) + z φ(z), where φ is the standard normal density.

    Parameters
    ----------
    z : array_like
        Weighted sums, any shape.

    Returns
    -------
    ndarray
        The same shape; float32 stays float32.

    Examples
    --------
    >>> d_gelu([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    z = floats(z)
    density = np.exp(-0.5 * np.square(np.clip(z, -40, 40))) / math.sqrt(2 * math.pi)
    return plain(_normal_cdf(z) + z * density)


def _normal_cdf(z: Array) -> Array:
    """Return Φ(z) = erfc(−z/√2)/2; NumPy has no erfc, so Python's is called once per element."""
    flat = (z.astype(np.float64) * -math.sqrt(0.5)).ravel()
    values = np.fromiter(map(math.erfc, flat.tolist()), np.float64, flat.size)
    return (0.5 * values).reshape(z.shape).astype(z.dtype)
