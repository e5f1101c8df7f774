"""Check what a model is given: features, targets and weights, each refused with a message that helps."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["check_classes", "check_finite", "check_interval", "features", "match_shape", "sample_weights"]

Array: TypeAlias = NDArray[Any]


def _numbers(values: object, name: str) -> Array:
    """Return an array of integers, booleans or floats."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be an array: its rows have different lengths") from error
    if array.dtype.kind not in "iubf":
        hint = "; a mapping of names to numbers has to come first" if array.dtype.kind in "US" else ""
        raise TypeError(f"{name} must hold numbers, got dtype {array.dtype}{hint}")
    return array


def features(x: object, width: int | None, dtype: Any, name: str = "x") -> Array:
    """
    Return x as a matrix of finite floats with one row per example.

    Parameters
    ----------
    x : array_like, (m, n)
        Examples.
    width : int or None
        How many features the model takes; None if it doesn't know yet.
    dtype : dtype
        The model's dtype; x itself is returned if it is a C-contiguous array of that dtype.
    name : str
        Its name in messages.

    Raises
    ------
    ValueError, TypeError
        If x is not a matrix, is empty, has another width, or holds NaN, infinity or anything but numbers.

    Examples
    --------
    >>> features([[1, 2]], 2, np.float32)
    array([[1., 2.]], dtype=float32)
    """
    array = _numbers(x, name)
    if array.ndim != 2:
        hint = (
            "reshape(-1, 1) makes one column of it, reshape(1, -1) one row"
            if array.ndim < 2
            else "reshape(len(x), -1) flattens each example"
        )
        raise ValueError(f"{name} must have two axes (examples, features), got shape {array.shape}; {hint}")
    if array.size == 0:
        raise ValueError(f"{name} is empty: got shape {array.shape}")
    if width is not None and array.shape[1] != width:
        raise ValueError(f"{name} must have {width} features (columns), got {array.shape[1]}, shape {array.shape}")
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(array, dtype)
    # Any NaN or infinity makes the sum of its row one; only then is it worth looking for it. As a product the
    # sums cost a quarter of np.isfinite, and no memory.
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.dot(array, np.ones(array.shape[1], array.dtype))
    if not np.isfinite(sums).all():
        return check_finite(array, dtype, name)
    return array


def check_finite(array: Array, dtype: Any, name: str = "y") -> Array:
    """
    Return the array as floats, or say where it holds NaN or infinity.

    Examples
    --------
    >>> check_finite(np.array([1.0, np.nan]), np.float32)
    Traceback (most recent call last):
    ...
    ValueError: y holds NaN at index 1
    """
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(array, dtype)
    finite = np.isfinite(array)
    if not finite.all():
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        what = "NaN" if np.isnan(array[where]) else "infinity"
        raise ValueError(f"{name} holds {what} at index {where[0] if len(where) == 1 else where}")
    return array


def check_interval(y: Array, loss: str) -> Array:
    """
    Return y if all its entries are between 0 and 1.

    Examples
    --------
    >>> check_interval(np.array([[0.0], [3.0]]), "binary_crossentropy")
    Traceback (most recent call last):
    ...
    ValueError: y holds 3, but targets of binary_crossentropy are probabilities, from 0 to 1
    """
    for extreme in (y.min(), y.max()):
        if not 0 <= extreme <= 1:
            hint = (
                "; for class numbers use sparse_categorical_crossentropy" if loss == "categorical_crossentropy" else ""
            )
            raise ValueError(f"y holds {extreme:g}, but targets of {loss} are probabilities, from 0 to 1{hint}")
    return y


def check_classes(y: object, shape: tuple[int, ...], loss: str) -> Array:
    """
    Return class numbers as integers, (m,), if each is one of the k classes of the outputs.

    Parameters
    ----------
    y : array_like, (m,) or (m, 1)
        Class numbers; floats will do if they are whole.
    shape : tuple of int
        The shape (m, k) of the outputs.
    loss : str
        The loss's name, for messages.

    Examples
    --------
    >>> check_classes([0.0, 2.0], (2, 3), "sparse_categorical_crossentropy")
    array([0, 2])
    """
    array = _numbers(y, "y")
    m, k = shape
    if array.shape not in ((m,), (m, 1)):
        hint = "; for one-hot rows use categorical_crossentropy" if array.shape == (m, k) else ""
        raise ValueError(
            f"{loss} takes one class number per example: y must have shape ({m},), got {array.shape}{hint}"
        )
    labels = np.where(np.isfinite(array), array, -1).astype(np.intp).reshape(-1)
    wrong = (labels < 0) | (labels >= k) | (labels != array.reshape(-1))
    if wrong.any():
        raise ValueError(
            f"y holds {array.reshape(-1)[wrong][0]}, but with {k} outputs the classes are the whole numbers "
            f"from 0 to {k - 1}"
        )
    return labels


def match_shape(y: object, shape: tuple[int, ...], loss: str) -> Array:
    """
    Return y with exactly the shape of the outputs; a flat y beside one output becomes a column.

    Broadcasting is never used: (m,) against (m, 1) would silently make m × m differences of them.

    Examples
    --------
    >>> match_shape([1, 0], (2, 1), "mse")
    array([[1],
           [0]])
    """
    array = _numbers(y, "y")
    if array.ndim == 0 or len(array) != shape[0]:
        raise ValueError(f"y must have one row per example: {shape[0]} examples, but y has shape {array.shape}")
    if array.ndim == 1 and shape[-1] == 1:
        return array.reshape(-1, 1)
    if array.shape != shape:
        hint = (
            "; for class numbers use sparse_categorical_crossentropy"
            if loss == "categorical_crossentropy" and array.ndim == 1
            else ""
        )
        raise ValueError(f"y must have the shape of the outputs, {shape}, got {array.shape}{hint}")
    return array


def sample_weights(weights: object, m: int, dtype: Any, name: str = "sample_weight") -> Array:
    """
    Return one factor ≥ 0 per example.

    Examples
    --------
    >>> sample_weights([1, 2], 2, np.float32)
    array([1., 2.], dtype=float32)
    """
    array = _numbers(weights, name)
    if array.shape not in ((m,), (m, 1)):
        raise ValueError(f"{name} must have one number per example, shape ({m},), got {array.shape}")
    array = check_finite(array.reshape(-1), dtype, name)
    if array.min() < 0:
        raise ValueError(f"{name} must be ≥ 0, got {array.min():g}")
    return array
