"""The functions and their derivatives."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule.elementwise import floats

Array: TypeAlias = NDArray[Any]

# 1 as an array of the right dtype: a Python number takes NumPy half as long again, for small arrays.
ONE = {np.dtype(dtype): np.ones((), dtype) for dtype in (np.float32, np.float64)}


def _plain(a: Any) -> Array:
    """Return an array as it is, and an array without axes as the number in it."""
    result: Array = a[()]
    return result


def linear(z: ArrayLike) -> Array:
    """
    Return z itself: no activation.

    Examples
    --------
    >>> linear([1, 2])
    array([1., 2.])
    """
    return _plain(floats(z))


def d_linear(z: ArrayLike) -> Array:
    """
    Return the derivative of `linear`: 1 everywhere.

    Examples
    --------
    >>> d_linear([1, 2])
    array([1., 1.])
    """
    return _plain(np.ones_like(floats(z)))


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
        return _plain(sigmoid_into(z, np.empty_like(z)))


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

    Examples
    --------
    >>> d_sigmoid([-1000, 0, 1000])
    array([0.  , 0.25, 0.  ])
    """
    e = np.exp(-np.abs(floats(z)))
    return _plain(e / (1 + e) ** 2)


def tanh(z: ArrayLike) -> Array:
    """
    Return the hyperbolic tangent, a number between −1 and 1: 2 sigmoid(2z) − 1.

    Examples
    --------
    >>> tanh([-1000, 0, 1000])
    array([-1.,  0.,  1.])
    """
    return _plain(np.tanh(floats(z)))


def d_tanh(z: ArrayLike) -> Array:
    """
    Return the derivative of tanh with respect to z: 1 / cosh²(z), at most 1.

    Examples
    --------
    >>> d_tanh([-1000, 0, 1000])
    array([0., 1., 0.])
    """
    e = np.exp(-2 * np.abs(floats(z)))
    return _plain(4 * e / (1 + e) ** 2)


def relu(z: ArrayLike) -> Array:
    """
    Return max(z, 0), the rectified linear unit.

    Examples
    --------
    >>> relu([-2, 0, 3])
    array([0., 0., 3.])
    """
    return _plain(np.maximum(floats(z), 0))


def d_relu(z: ArrayLike) -> Array:
    """
    Return the derivative of ReLU: 1 where z > 0, otherwise 0, also at the kink z = 0.

    Examples
    --------
    >>> d_relu([-2, 0, 3])
    array([0., 0., 1.])
    """
    z = floats(z)
    return _plain(np.greater(z, 0).astype(z.dtype))


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
    return _plain(np.where(z > 0, z, z * z.dtype.type(negative_slope)))


def d_leaky_relu(z: ArrayLike, negative_slope: float = 0.2) -> Array:
    """
    Return the derivative of leaky ReLU: 1 where z > 0, otherwise `negative_slope`.

    Examples
    --------
    >>> d_leaky_relu([-2, 0, 3])
    array([0.2, 0.2, 1. ])
    """
    z = floats(z)
    return _plain(np.where(z > 0, z.dtype.type(1), z.dtype.type(negative_slope)))


def softplus(z: ArrayLike) -> Array:
    """
    Return ln(1 + eᶻ), a smooth ReLU that is positive everywhere.

    Computed as max(z, 0) + ln(1 + e⁻|ᶻ|), which cannot overflow.

    Examples
    --------
    >>> softplus([-1000, 0, 1000]).round(4)
    array([0.000e+00, 6.931e-01, 1.000e+03])
    """
    z = floats(z)
    return _plain(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))))


def d_softplus(z: ArrayLike) -> Array:
    """
    Return the derivative of softplus, which is the sigmoid.

    Examples
    --------
    >>> d_softplus([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    return sigmoid(z)


def elu(z: ArrayLike, alpha: float = 1.0) -> Array:
    """
    Return z where z > 0, otherwise alpha · (eᶻ − 1), the exponential linear unit.

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
    return _plain(np.where(z > 0, z, z.dtype.type(alpha) * np.expm1(np.minimum(z, 0))))


def d_elu(z: ArrayLike, alpha: float = 1.0) -> Array:
    """
    Return the derivative of ELU: 1 where z > 0, otherwise alpha · eᶻ.

    Examples
    --------
    >>> d_elu([-1000, 0, 3])
    array([0., 1., 1.])
    """
    z = floats(z)
    return _plain(np.where(z > 0, z.dtype.type(1), z.dtype.type(alpha) * np.exp(np.minimum(z, 0))))


def gelu(z: ArrayLike) -> Array:
    """
    Return z · Φ(z), where Φ is the standard normal distribution function.

    The exact form, Keras' default, not the approximation by tanh.

    References
    ----------
    Hendrycks, Gimpel (2016), "Gaussian error linear units (GELUs)".

    Examples
    --------
    >>> gelu([-1000, 0, 3]).round(4)
    array([-0.   ,  0.   ,  2.996])
    """
    z = floats(z)
    return _plain(z * _normal_cdf(z))


def d_gelu(z: ArrayLike) -> Array:
    """
    Return the derivative of GELU: Φ(z) + z φ(z), where φ is the standard normal density.

    Examples
    --------
    >>> d_gelu([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    z = floats(z)
    density = np.exp(-0.5 * np.square(np.clip(z, -40, 40))) / math.sqrt(2 * math.pi)
    return _plain(_normal_cdf(z) + z * density)


def _normal_cdf(z: Array) -> Array:
    """Return Φ(z) = erfc(−z/√2)/2; NumPy has no erfc, so Python's is called once per element."""
    flat = (z.astype(np.float64) * -math.sqrt(0.5)).ravel()
    values = np.fromiter(map(math.erfc, flat.tolist()), np.float64, flat.size)
    return (0.5 * values).reshape(z.shape).astype(z.dtype)


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

    Examples
    --------
    >>> softmax([[0, 0], [-1000, 1000]])
    array([[0.5, 0.5],
           [0. , 1. ]])
    """
    z = floats(z)
    if z.ndim == 0:
        raise ValueError("softmax needs at least one axis, the classes; got a single number")
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
