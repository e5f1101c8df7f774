"""The S-shaped functions and their kin, each beside its derivative."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule.elementwise import floats, plain

Array: TypeAlias = NDArray[Any]

# 1 as an array of the right dtype: a Python number takes NumPy half as long again, for small arrays.
ONE = {np.dtype(dtype): np.ones((), dtype) for dtype in (np.float32, np.float64)}


def sigmoid(z: ArrayLike) -> Array:
    """
    Return 1 / (1 + e⁻ᶻ), a number between 0 and 1.

    Parameters
    ----------
    z : array_like
        Weighted sums (logits), any shape.

    Returns
    -------
    ndarray
        The same shape; float32 stays float32.

    Notes
    -----
    For very negative z, e⁻ᶻ overflows to infinity and the quotient is the right one, 0.

    Examples
    --------
    >>> sigmoid([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    z = floats(z)
    with np.errstate(over="ignore"):
        return plain(sigmoid_into(z, np.empty_like(z)))


def sigmoid_into(z: Array, out: Array) -> Array:
    """Leave sigmoid(z) in `out`; the caller silences overflow, which is harmless here."""
    np.negative(z, out=out)
    np.exp(out, out=out)
    np.add(out, ONE.get(out.dtype, 1), out=out)
    np.reciprocal(out, out=out)
    return out


def d_sigmoid(z: ArrayLike) -> Array:
    """
    Return the derivative of the sigmoid with respect to z, at most 1/4.

    Computed as e⁻|ᶻ| / (1 + e⁻|ᶻ|)², which is a (1 − a) without the cancellation of 1 − a for large z.

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
    >>> d_sigmoid([-1000, 0, 1000])
    array([0.  , 0.25, 0.  ])
    """
    e = np.exp(-np.abs(floats(z)))
    return plain(e / (1 + e) ** 2)


def tanh(z: ArrayLike) -> Array:
    """
    Return the hyperbolic tangent, a number between −1 and 1: 2 sigmoid(2z) − 1.

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
    >>> tanh([-1000, 0, 1000])
    array([-1.,  0.,  1.])
    """
    return plain(np.tanh(floats(z)))


def d_tanh(z: ArrayLike) -> Array:
    """
    Return the derivative of tanh with respect to z: 1 / cosh²(z), at most 1.

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
    >>> d_tanh([-1000, 0, 1000])
    array([0., 1., 0.])
    """
    e = np.exp(-2 * np.abs(floats(z)))
    return plain(4 * e / (1 + e) ** 2)


def softplus(z: ArrayLike) -> Array:
    """
    Return ln(1 + eᶻ), a smooth ReLU that is positive everywhere.

    Computed as max(z, 0) + ln(1 + e⁻|ᶻ|), which cannot overflow.

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
    >>> softplus([-1000, 0, 1000]).round(4)
    array([0.000e+00, 6.931e-01, 1.000e+03])
    """
    z = floats(z)
    return plain(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))))


def d_softplus(z: ArrayLike) -> Array:
    """
    Return the derivative of softplus, which is the sigmoid.

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
    >>> d_softplus([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    return sigmoid(z)


def softmax(z: ArrayLike) -> Array:
    """
    Return eᶻ / Σ eᶻ along the last axis: positive numbers that sum to 1.

    Parameters
    ----------
    z : array_like, (..., k)
        One weighted sum (logit) per class.

    Returns
    -------
    ndarray, (..., k)
        One probability per class.

    Raises
    ------
    ValueError
        If z is a single number, or there are no classes.

    Examples
    --------
    >>> softmax([[0, 0], [-1000, 1000]])
    array([[0.5, 0.5],
           [0. , 1. ]])
    """
    z = floats(z)
    if z.ndim == 0 or z.shape[-1] == 0:
        what = f"shape {z.shape}" if z.ndim else "a single number"
        raise ValueError(f"softmax needs at least one axis, the classes, and a class; got {what}")
    return softmax_into(z, np.empty_like(z))


def softmax_into(z: Array, out: Array) -> Array:
    np.subtract(z, z.max(axis=-1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=-1, keepdims=True)
    return out


def d_softmax(z: ArrayLike) -> Array:
    """
    Return the Jacobian of the softmax: diag(a) − a aᵀ, where a = softmax(z).

    Parameters
    ----------
    z : array_like, (..., k)
        One weighted sum (logit) per class.

    Returns
    -------
    ndarray, (..., k, k)
        ∂aᵢ/∂zⱼ in row i, column j.

    Examples
    --------
    >>> d_softmax([0, 0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    a = softmax(z)
    jacobian: Array = a[..., :, None] * np.eye(a.shape[-1], dtype=a.dtype) - a[..., :, None] * a[..., None, :]
    return jacobian
