"""
Measure how far outputs are from targets, and in which direction to change them.

A loss object gives one number for each example (`call`), the gradient of those numbers with respect to the
outputs (`gradient`), and their mean, the cost (calling it). Names, defaults and values are Keras'.
Cross-entropies are in nats.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule import activations
from chainrule.activations import _sigmoid, _softmax
from chainrule.elementwise import ActivationFunction, floats
from chainrule.names import lookup
from chainrule.targets import check_classes, check_finite, check_interval, match_shape

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "FunctionLoss",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "get",
    "names",
]

Array: TypeAlias = NDArray[Any]

# Probabilities are kept this far from 0 and 1 before a logarithm, as in Keras.
EPSILON = 1e-7

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
        if not np.isfinite(p).all():
            raise ValueError("y_pred holds NaN or infinity")
        losses = self.call(self.targets(y_true, p.shape, p.dtype), p)
        if sample_weight is not None:
            weights = np.asarray(sample_weight, p.dtype)
            if weights.shape not in ((len(p),), (len(p), 1)):
                raise ValueError(f"sample_weight must have shape ({len(p)},), got {weights.shape}")
            losses = losses * weights.reshape(-1)
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


class BinaryCrossentropy(Loss):
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
        return f"BinaryCrossentropy(from_logits={self.from_logits})"

    def targets(self, y: ArrayLike, shape: tuple[int, ...], dtype: Any) -> Array:
        return check_interval(super().targets(y, shape, dtype), self.name)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        if self.from_logits:
            z = y_pred
            losses = np.maximum(z, 0) - z * y_true + np.log1p(np.exp(-np.abs(z)))
        else:
            p = np.clip(y_pred, EPSILON, 1 - EPSILON)
            losses = -(y_true * np.log(p) + (1 - y_true) * np.log(1 - p))
        return np.asarray(losses.mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        out = np.empty_like(y_pred) if out is None else out
        if self.from_logits:
            np.subtract(_sigmoid(y_pred, out), y_true, out=out)
        else:
            p = np.clip(y_pred, EPSILON, 1 - EPSILON)
            np.divide(p - y_true, p * (1 - p), out=out)
            out *= p == y_pred  # where p was clipped the loss is flat
        return out if out.shape[-1] == 1 else np.divide(out, out.shape[-1], out=out)

    def with_logits(self, activation: ActivationFunction) -> Loss | None:
        if activation is not activations.get("sigmoid") or self.from_logits:
            return None
        return BinaryCrossentropy(from_logits=True, reduction=self.reduction, name=self.name)


class CategoricalCrossentropy(Loss):
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
        return check_interval(super().targets(y, shape, dtype), self.name)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        if self.from_logits:
            return np.asarray(-(y_true * _log_softmax(y_pred)).sum(axis=-1))
        p = y_pred / y_pred.sum(axis=-1, keepdims=True)
        return np.asarray(-(y_true * np.log(np.clip(p, EPSILON, 1 - EPSILON))).sum(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        out = np.empty_like(y_pred) if out is None else out
        if self.from_logits:
            # For rows of y that sum to 1 this is softmax(z) - y.
            np.multiply(_softmax(y_pred, out), y_true.sum(axis=-1, keepdims=True), out=out)
            return np.subtract(out, y_true, out=out)
        total = y_pred.sum(axis=-1, keepdims=True)
        p = y_pred / total
        inside = (p >= EPSILON) & (p <= 1 - EPSILON)
        counted = np.where(inside, y_true, 0)
        slope = np.divide(counted, p, out=np.zeros_like(p), where=inside)
        return np.divide(counted.sum(axis=-1, keepdims=True) - slope, total, out=out)

    def with_logits(self, activation: ActivationFunction) -> Loss | None:
        if activation is not activations.get("softmax") or self.from_logits:
            return None
        return type(self)(from_logits=True, reduction=self.reduction, name=self.name)


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
        rows = np.arange(len(y_true))
        if self.from_logits:
            return np.asarray(-_log_softmax(y_pred)[rows, y_true])
        p = np.clip(y_pred, EPSILON, 1 - EPSILON)
        return np.asarray(np.log(p.sum(axis=-1)) - np.log(p[rows, y_true]))

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        out = np.empty_like(y_pred) if out is None else out
        rows = np.arange(len(y_true))
        if self.from_logits:
            _softmax(y_pred, out)
            out[rows, y_true] -= 1
            return out
        p = np.clip(y_pred, EPSILON, 1 - EPSILON)
        out[...] = 1 / p.sum(axis=-1, keepdims=True)
        out[rows, y_true] -= 1 / p[rows, y_true]
        out *= p == y_pred
        return out


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
        return np.asarray(np.square(y_pred - y_true).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        out = np.subtract(y_pred, y_true, out=out)
        return np.multiply(out, 2 / out.shape[-1], out=out)


class MeanAbsoluteError(Loss):
    """
    The size of the error, |p − y|, averaged over outputs; where the error is 0, so is the gradient.

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
        return np.asarray(np.abs(y_pred - y_true).mean(axis=-1))

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        out = np.subtract(y_pred, y_true, out=out)
        return np.multiply(np.sign(out, out=out), 1 / out.shape[-1], out=out)


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

    def _per_output(self, y_true: Array, y_pred: Array) -> Array:
        try:
            losses = np.asarray(self.function(y_true, y_pred))
        except (TypeError, ValueError) as error:
            error.add_note(
                f"(while calling the loss {self.name} with arrays of shapes {y_true.shape} and {y_pred.shape}: "
                "it has to work on whole arrays, with np.log for math.log and np.where for if)"
            )
            raise
        if losses.shape not in (y_pred.shape, y_pred.shape[:1]):
            raise ValueError(
                f"the loss {self.name} must return one number per example {y_pred.shape[:1]} or per output "
                f"{y_pred.shape}, it returned shape {losses.shape}; the model takes the mean over examples"
            )
        return losses

    def call(self, y_true: Array, y_pred: Array) -> Array:
        losses = self._per_output(y_true, y_pred)
        return np.asarray(losses.mean(axis=-1)) if losses.ndim == 2 else losses

    def gradient(self, y_true: Array, y_pred: Array, out: Array | None = None) -> Array:
        if self.derivative is None:
            return column_differences(self.call, y_true, y_pred, out)
        out = np.empty_like(y_pred) if out is None else out
        slope = np.asarray(self.derivative(y_true, y_pred))
        if slope.shape != y_pred.shape:
            raise ValueError(
                f"the derivative of the loss {self.name} must have the shape of p, {y_pred.shape}, got {slope.shape}"
            )
        per_output = self._per_output(y_true, y_pred).ndim == 2
        return np.multiply(slope, 1 / y_pred.shape[-1] if per_output else 1, out=out)


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
        # A step of relative size keeps a probability that is small, but above 0, above 0.
        h = step * np.where(there == 0, 1, np.minimum(1, np.abs(there)))
        p[:, column] = there + h
        above = call(y, p)
        p[:, column] = there - h
        out[:, column] = (above - call(y, p)) / ((there + h) - (there - h))
        p[:, column] = there
    return out


def _log_softmax(z: Array) -> Array:
    shifted = z - z.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


_TABLE: dict[str, type[Loss]] = {
    "binary_crossentropy": BinaryCrossentropy,
    "bce": BinaryCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
    "mean_squared_error": MeanSquaredError,
    "mse": MeanSquaredError,
    "mean_absolute_error": MeanAbsoluteError,
    "mae": MeanAbsoluteError,
}
_TABLE |= {cls.__name__: cls for cls in dict.fromkeys(_TABLE.values())}


def names() -> list[str]:
    """
    Return the names that `get` knows.

    Examples
    --------
    >>> "mse" in names()
    True
    """
    return list(_TABLE)


def get(identifier: object) -> Loss:
    """
    Return the loss that ``compile(loss=...)`` stands for.

    Parameters
    ----------
    identifier : str, Loss, callable or pair
        A name such as ``"mse"``; an object; your own function ``loss(y, p)``, alone (its derivative is then
        taken by central differences) or as a pair ``(loss, derivative)``. See `FunctionLoss`.

    Raises
    ------
    ValueError
        For an unknown name.
    TypeError
        For anything else.

    Examples
    --------
    >>> get("mse")
    MeanSquaredError()
    """
    if isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, str):
        return lookup(identifier, _TABLE, "loss")()
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        raise TypeError(f"loss must be an object: write {identifier.__name__}() with parentheses")
    if callable(identifier):
        return FunctionLoss(identifier)
    if isinstance(identifier, (tuple, list)) and len(identifier) == 2 and all(map(callable, identifier)):
        return FunctionLoss(*identifier)
    raise TypeError(
        "loss must be a name such as 'binary_crossentropy', a loss object, a function loss(y, p), or a pair "
        f"(function, derivative), got {identifier!r}"
    )
