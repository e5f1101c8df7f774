"""Losses of regression: squared and absolute error."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from chainrule.losses._loss import Loss

Array: TypeAlias = NDArray[Any]


class MeanSquaredError(Loss):
    """
    The square of the error, (p − y)², averaged over outputs.

    Parameters
    ----------
    reduction, name
        See `Loss`.

    Examples
    --------
    >>> MeanSquaredError()([1.0, 2.0], [1.0, 4.0])
    2.0
    """

    name = "mean_squared_error"

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the loss of each example, (m,)."""
        return np.asarray(np.square(y_pred - y_true).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        """Return the derivative of each example's loss with respect to its outputs, (m, k)."""
        out = np.empty_like(y_pred) if out is None else out
        np.subtract(y_pred, y_true, out=out)
        out *= 2 / out.shape[-1]
        return out


class MeanAbsoluteError(Loss):
    """
    The size of the error, ``|p − y|``, averaged over outputs; where the error is 0, so is the gradient.

    Parameters
    ----------
    reduction, name
        See `Loss`.

    Examples
    --------
    >>> MeanAbsoluteError()([1.0, 2.0], [1.0, 4.0])
    1.0
    """

    name = "mean_absolute_error"

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the loss of each example, (m,)."""
        return np.asarray(np.abs(y_pred - y_true).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        """Return the derivative of each example's loss with respect to its outputs, (m, k)."""
        out = np.empty_like(y_pred) if out is None else out
        np.sign(np.subtract(y_pred, y_true, out=out), out=out)
        out *= 1 / out.shape[-1]
        return out
