"""The base of all losses, and losses that learners write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule.elementwise import ActivationFunction, floats
from chainrule.targets import check_finite, match_shape, sample_weights

Array: TypeAlias = NDArray[Any]

_REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "none", None)


class Loss:
    """
    Base of all losses; derive from it and define `call` and `gradient` for one of your own.

    Parameters
    ----------
    reduction : {"sum_over_batch_size", "mean", "sum", "none", None}, default "sum_over_batch_size"
        What calling the loss makes of the examples' losses: their mean (two names for it), their sum, or
        nothing. Weights multiply the losses first; the mean divides by the number of examples all the same,
        as in Keras.
    name : str, optional
        Its name.

    Examples
    --------
    >>> class Cubed(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return (abs(y_pred - y_true) ** 3).mean(axis=-1)
    >>> Cubed()([1.0, 2.0], [1.0, 4.0])
    4.0
    >>> Cubed().gradient(np.zeros((1, 1)), np.array([[2.0]])).round(6)
    array([[12.]])
    """

    name = "loss"

    def __init__(self, *, reduction: str | None = "sum_over_batch_size", name: str | None = None) -> None:
        if reduction not in _REDUCTIONS:
            raise ValueError(f"reduction must be one of {_REDUCTIONS}, got {reduction!r}")
        self.reduction = reduction
        self.name = name or self.name

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> Any:
        """
        Return the cost of these outputs.

        Parameters
        ----------
        y_true : array_like, (m,) or (m, k)
            Targets.
        y_pred : array_like, (m, k)
            Outputs; (m,) counts as (m, 1).
        sample_weight : array_like, (m,), optional
            A factor for each example's loss.

        Returns
        -------
        float or ndarray, (m,)
            As `reduction` says.
        """
        p = floats(y_pred)
        if p.ndim <= 1:
            p = p.reshape(-1, 1)
        if not p.size:
            raise ValueError(f"y_pred is empty: got shape {p.shape}; a mean needs at least one example")
        if not np.isfinite(p).all():
            raise ValueError("y_pred holds NaN or infinity")
        losses = self.call(self.targets(y_true, p.shape, p.dtype), p)
        if sample_weight is not None:
            losses = losses * sample_weights(sample_weight, len(p), p.dtype)
        if self.reduction in ("none", None):
            return losses
        total = losses.sum(dtype=np.float64)
        return float(total if self.reduction == "sum" else total / len(losses))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def targets(self, y: ArrayLike, shape: tuple[int, ...], dtype: Any) -> Array:
        """
        Return targets ready for `call` and `gradient`, or say why they don't fit this loss.

        Parameters
        ----------
        y : array_like
            What the user gave.
        shape : tuple of int
            The shape (m, k) of the outputs.
        dtype : dtype
            The dtype of the outputs.

        Returns
        -------
        ndarray, (m, k)
        """
        return check_finite(match_shape(y, shape, self.name), dtype)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """
        Return the loss of each example.

        Parameters
        ----------
        y_true, y_pred : ndarray, (m, k)
            Targets as `targets` gives them, and outputs.

        Returns
        -------
        ndarray, (m,)
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method call(y_true, y_pred)")

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        """
        Return, for each example, the derivative of its loss with respect to its outputs.

        Parameters
        ----------
        y_true, y_pred : ndarray, (m, k)
            As for `call`.
        out : ndarray, (m, k), optional
            Where to leave the result.

        Returns
        -------
        ndarray, (m, k)
        """
        return column_differences(self.call, y_true, y_pred, out)

    def with_logits(self, activation: ActivationFunction) -> Loss | None:
        """
        Return the loss to take when the outputs' `activation` is left out, or None if there is none.

        Cross-entropy after a sigmoid or softmax is computed from the logits directly, without the rounding
        that probabilities near 0 and 1 suffer, and its gradient there is simply p − y.
        """
        return None


class FunctionLoss(Loss):
    """
    A loss that a learner wrote as a plain function.

    Parameters
    ----------
    function : callable
        ``loss(y, p)`` of two arrays (m, k): one number per output (m, k), whose mean over the row is the
        example's loss, or one per example (m,). An example's loss must not depend on other examples.
    derivative : callable, optional
        ``derivative(y, p)``, ∂loss/∂p, shaped like p; for a function that gives one number per output, the
        derivative of each of them. Central differences if not given.

    Examples
    --------
    >>> squared = FunctionLoss(lambda y, p: (p - y) ** 2)
    >>> squared([1.0, 2.0], [1.0, 4.0])
    2.0
    """

    def __init__(
        self, function: Callable[[Array, Array], Any], derivative: Callable[[Array, Array], Any] | None = None
    ) -> None:
        super().__init__(name=getattr(function, "__name__", "loss"))
        self.function = function
        self.derivative = derivative

    def __repr__(self) -> str:
        return f"<loss {self.name}>"

    def targets(self, y: ArrayLike, shape: tuple[int, ...], dtype: Any) -> Array:
        """Return y as it is, but for a flat y beside one output, which becomes (m, 1)."""
        y = np.asarray(y)
        if y.ndim == 1 and shape[-1] != 1:
            return y if y.dtype.kind in "iu" else check_finite(y, dtype)
        return super().targets(y, shape, dtype)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the loss of each example, (m,)."""
        losses = self._per_output(y_true, y_pred)
        return np.asarray(losses.mean(axis=-1)) if losses.ndim == 2 else losses

    def _per_output(self, y_true: Array, y_pred: Array) -> Array:
        try:
            losses = np.asarray(self.function(y_true, y_pred))
        except (TypeError, ValueError) as error:
            error.add_note(
                f"(while calling the loss {self.name}(y, p) with arrays of shapes {y_true.shape} and {y_pred.shape}: "
                "it takes two whole arrays, with np.log for math.log and np.where for if)"
            )
            raise
        if losses.shape not in (y_pred.shape, y_pred.shape[:1]):
            raise ValueError(
                f"the loss {self.name} must return one number per example {y_pred.shape[:1]} or per output "
                f"{y_pred.shape}, it returned shape {losses.shape}; the model takes the mean over examples"
            )
        return losses

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        """Return the derivative that was given, or central differences."""
        if self.derivative is None:
            return column_differences(self.call, y_true, y_pred, out)
        out = np.empty_like(y_pred) if out is None else out
        slope = np.asarray(self.derivative(y_true, y_pred))
        if slope.shape != y_pred.shape:
            raise ValueError(
                f"the derivative of the loss {self.name} must have the shape of p, {y_pred.shape}, got {slope.shape}"
            )
        per_output = self._per_output(y_true, y_pred).ndim == 2
        np.multiply(slope, 1 / y_pred.shape[-1] if per_output else 1, out=out)
        return out


def column_differences(
    call: Callable[[Array, Array], Array], y_true: Array, y_pred: Array, out: Array | None, step: float = 6e-6
) -> Array:
    """
    Return the derivative of each example's loss with respect to its outputs, by central differences.

    Since an example's loss depends on its own row only, one output of all examples is moved at once: 2k
    calls.

    Examples
    --------
    >>> squared = lambda y, p: ((p - y) ** 2).sum(axis=-1)
    >>> column_differences(squared, np.zeros((1, 2)), np.array([[1.0, 2.0]]), None).round(6)
    array([[2., 4.]])
    """
    out = np.empty_like(y_pred) if out is None else out
    p = y_pred.astype(np.float64)
    y = y_true.astype(np.float64) if y_true.dtype.kind == "f" else y_true
    for column in range(p.shape[-1]):
        there = p[:, column].copy()
        # Near 0 and near 1 the step is a hundredth of the distance, so that probabilities stay between them.
        room = np.minimum(np.abs(there), np.abs(1 - there)) / 100
        h = np.where(room > 0, np.minimum(step, room), step)
        above, below = there + h, there - h
        p[:, column] = above
        loss_above = call(y, p)
        p[:, column] = below
        loss_below = call(y, p)
        p[:, column] = there
        slope = (loss_above - loss_below) / (above - below)
        if not np.isfinite(slope).all():
            # At exactly 0 or 1 one of the points is outside: the other and the middle will do.
            middle = call(y, p)
            forward, backward = (loss_above - middle) / (above - there), (middle - loss_below) / (there - below)
            slope = np.where(np.isfinite(slope), slope, np.where(np.isfinite(forward), forward, backward))
        out[:, column] = slope
    return out
