"""Cross-entropies, from probabilities and from logits."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule import activations
from chainrule.elementwise import ActivationFunction
from chainrule.losses._loss import Loss
from chainrule.targets import check_classes, check_interval

Array: TypeAlias = NDArray[Any]

# Probabilities are kept this far from 0 and 1 before a logarithm, as in Keras.
EPSILON = 1e-7

_SIGMOID, _SOFTMAX = activations.get("sigmoid"), activations.get("softmax")


class Crossentropy(Loss):
    """
    What the cross-entropies share: probabilities as targets, and a form that takes logits.

    Parameters
    ----------
    from_logits : bool, default False
        Whether outputs are logits instead of probabilities.
    reduction, name
        See `Loss`.
    """

    # What makes probabilities of logits.
    activation: ActivationFunction

    def __init__(
        self,
        from_logits: bool = False,
        *,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__(reduction=reduction, name=name)
        self.from_logits = bool(from_logits)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(from_logits={self.from_logits})"

    def targets(self, y: ArrayLike, shape: tuple[int, ...], dtype: Any) -> Array:
        """Return targets between 0 and 1, (m, k)."""
        return check_interval(super().targets(y, shape, dtype), self.name)

    def with_logits(self, activation: ActivationFunction) -> Loss | None:
        """Return the loss to take on logits, if the activation left out is the one that belongs to it."""
        if activation is not self.activation or self.from_logits:
            return None
        return type(self)(from_logits=True, reduction=self.reduction, name=self.name)


class BinaryCrossentropy(Crossentropy):
    """
    Binary cross-entropy −y ln p − (1 − y) ln(1 − p), in nats; the mean over outputs if there are several.

    Parameters
    ----------
    from_logits : bool, default False
        Whether outputs are logits z, with p = sigmoid(z), instead of probabilities p.
    reduction, name
        See `Loss`.

    Notes
    -----
    Probabilities are kept 1e-7 away from 0 and 1, so this loss never exceeds 16.12. From logits there is no
    such ceiling: max(z, 0) − zy + ln(1 + e⁻|ᶻ|). `Sequential` takes the logits whenever the last activation
    is a sigmoid, as Keras does.

    Examples
    --------
    >>> round(BinaryCrossentropy()([1, 0], [0.8, 0.8]), 4)
    0.9163
    >>> BinaryCrossentropy(from_logits=True)([1, 0], [1000.0, 1000.0])
    500.0
    """

    name = "binary_crossentropy"
    activation = _SIGMOID

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the loss of each example, (m,)."""
        if self.from_logits:
            z = y_pred
            losses = np.maximum(z, 0) - z * y_true + np.log1p(np.exp(-np.abs(z)))
        else:
            p = np.clip(y_pred, EPSILON, 1 - EPSILON)
            losses = -(y_true * np.log(p) + (1 - y_true) * np.log(1 - p))
        return np.asarray(losses.mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        """Return the derivative of each example's loss with respect to its outputs, (m, k)."""
        out = np.empty_like(y_pred) if out is None else out
        if self.from_logits:
            _SIGMOID.forward(y_pred, out)
            out -= y_true
        else:
            p = np.clip(y_pred, EPSILON, 1 - EPSILON)
            np.divide(p - y_true, p * (1 - p), out=out)
            out *= p == y_pred  # where p was clipped the loss is flat
        if out.shape[-1] > 1:
            out /= out.shape[-1]
        return out


class CategoricalCrossentropy(Crossentropy):
    """
    Cross-entropy −Σ yⱼ ln pⱼ, in nats, for one row of class probabilities (one-hot or soft) per example.

    Parameters
    ----------
    from_logits : bool, default False
        Whether outputs are logits z, with p = softmax(z), instead of probabilities p. Probabilities are
        first divided by their sum, then kept 1e-7 away from 0 and 1, as in Keras.
    reduction, name
        See `Loss`.

    Examples
    --------
    >>> round(CategoricalCrossentropy()([[0, 1, 0]], [[0.1, 0.8, 0.1]]), 4)
    0.2231
    """

    name = "categorical_crossentropy"
    activation = _SOFTMAX

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the loss of each example, (m,)."""
        if self.from_logits:
            return np.asarray(-(y_true * _log_softmax(y_pred)).sum(axis=-1))
        p = y_pred / y_pred.sum(axis=-1, keepdims=True)
        return np.asarray(-(y_true * np.log(np.clip(p, EPSILON, 1 - EPSILON))).sum(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        """Return the derivative of each example's loss with respect to its outputs, (m, k)."""
        out = np.empty_like(y_pred) if out is None else out
        if self.from_logits:
            # For rows of y that sum to 1 this is softmax(z) - y.
            _SOFTMAX.forward(y_pred, out)
            out *= y_true.sum(axis=-1, keepdims=True)
            out -= y_true
            return out
        total = y_pred.sum(axis=-1, keepdims=True)
        p = y_pred / total
        inside = (p >= EPSILON) & (p <= 1 - EPSILON)
        counted = np.where(inside, y_true, 0)
        slope = np.divide(counted, p, out=np.zeros_like(p), where=inside)
        np.divide(counted.sum(axis=-1, keepdims=True) - slope, total, out=out)
        return out


class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """
    Cross-entropy −ln p_y, in nats, for targets given as one class number y from 0 to k − 1 per example.

    Parameters
    ----------
    from_logits : bool, default False
        Whether outputs are logits z, with p = softmax(z), instead of probabilities p. Probabilities are
        first kept 1e-7 away from 0 and 1, then divided by their sum, as in Keras.
    reduction, name
        See `Loss`.

    Examples
    --------
    >>> round(SparseCategoricalCrossentropy()([1], [[0.1, 0.8, 0.1]]), 4)
    0.2231
    """

    name = "sparse_categorical_crossentropy"

    def targets(self, y: ArrayLike, shape: tuple[int, ...], dtype: Any) -> Array:
        """Return class numbers, (m,)."""
        return check_classes(y, shape, self.name)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the loss of each example, (m,)."""
        rows = np.arange(len(y_true))
        if self.from_logits:
            return np.asarray(-_log_softmax(y_pred)[rows, y_true])
        p = np.clip(y_pred, EPSILON, 1 - EPSILON)
        return np.asarray(np.log(p.sum(axis=-1)) - np.log(p[rows, y_true]))

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        """Return the derivative of each example's loss with respect to its outputs, (m, k)."""
        out = np.empty_like(y_pred) if out is None else out
        rows = np.arange(len(y_true))
        if self.from_logits:
            _SOFTMAX.forward(y_pred, out)
            out[rows, y_true] -= 1
            return out
        p = np.clip(y_pred, EPSILON, 1 - EPSILON)
        out[...] = 1 / p.sum(axis=-1, keepdims=True)
        out[rows, y_true] -= 1 / p[rows, y_true]
        out *= p == y_pred
        return out


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
