"""
Follow training by quantities that people read: shares of right answers, errors in the targets' own unit.

A metric is a function ``metric(y, p)`` that gives one number per example, whose mean is reported; any loss
is one too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule import losses
from chainrule.elementwise import ActivationFunction
from chainrule.losses import Loss
from chainrule.names import lookup

__all__ = [
    "Metric",
    "Tally",
    "binary_accuracy",
    "categorical_accuracy",
    "get",
    "known",
    "sparse_categorical_accuracy",
]

Array: TypeAlias = NDArray[Any]


def binary_accuracy(y_true: ArrayLike, y_pred: ArrayLike, threshold: float = 0.5) -> Array:
    """
    Return, for each example, the share of outputs on the right side of the threshold.

    Parameters
    ----------
    y_true : array_like, (m, k)
        Targets, 0 or 1.
    y_pred : array_like, (m, k)
        Outputs; above `threshold` counts as 1, as in Keras.
    threshold : float, default 0.5
        For outputs that are logits, 0 is the one that corresponds to 0.5.

    Returns
    -------
    ndarray, (m,)

    Examples
    --------
    >>> binary_accuracy([[1], [0]], [[0.9], [0.6]])
    array([1., 0.])
    """
    return np.asarray((np.asarray(y_true) == (np.asarray(y_pred) > threshold)).mean(axis=-1))


def categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """
    Return, for each example, 1 if the largest output is where the largest target is, otherwise 0.

    Parameters
    ----------
    y_true, y_pred : array_like, (m, k)
        One-hot targets and outputs.

    Returns
    -------
    ndarray, (m,)

    Examples
    --------
    >>> categorical_accuracy([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])
    array([1., 0.])
    """
    right = np.argmax(y_true, axis=-1) == np.argmax(y_pred, axis=-1)
    return np.asarray(right, float)


def sparse_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """
    Return, for each example, 1 if the largest output is that of its class, otherwise 0.

    Parameters
    ----------
    y_true : array_like, (m,)
        Class numbers.
    y_pred : array_like, (m, k)
        Outputs.

    Returns
    -------
    ndarray, (m,)

    Examples
    --------
    >>> sparse_categorical_accuracy([1, 0], [[0.2, 0.8], [0.4, 0.6]])
    array([1., 0.])
    """
    return np.asarray(np.ravel(y_true) == np.argmax(y_pred, axis=-1), float)


def accuracy(y_true: Array, y_pred: Array) -> Array:
    """
    Return the accuracy that fits the outputs: binary for one output, sparse for class numbers, categorical.

    Examples
    --------
    >>> accuracy(np.array([2, 0]), np.array([[0.1, 0.2, 0.7], [0.2, 0.3, 0.5]]))
    array([1., 0.])
    """
    if y_true.ndim == 1 and y_pred.shape[-1] > 1:
        return sparse_categorical_accuracy(y_true, y_pred)
    if y_pred.shape[-1] > 1:
        return categorical_accuracy(y_true, y_pred)
    return binary_accuracy(y_true, y_pred)


class Metric:
    """
    A quantity to report, with the name it gets in the history.

    Parameters
    ----------
    function : callable
        ``function(y, p)``, one number per example, (m,), or per output, (m, k).
    name : str, optional
        Default: the function's own.

    Examples
    --------
    >>> strict = Metric(lambda y, p: binary_accuracy(y, p, threshold=0.9), name="strict")
    >>> strict(np.array([[1], [0]]), np.array([[0.8], [0.1]]))
    array([0., 1.])
    """

    def __init__(self, function: Callable[[Array, Array], Any], name: str | None = None) -> None:
        self.function = function
        self.name = str(name or getattr(function, "__name__", "metric"))

    def __repr__(self) -> str:
        return f"<metric {self.name}>"

    def __call__(self, y_true: Array, y_pred: Array) -> Array:
        """Return the metric of each example, (m,)."""
        values = np.asarray(self.function(y_true, y_pred), np.float64)
        if values.shape not in (y_pred.shape, y_pred.shape[:1]):
            raise ValueError(
                f"the metric {self.name} must return one number per example, shape {y_pred.shape[:1]}, "
                f"it returned shape {values.shape}; the mean is taken by the model"
            )
        return np.asarray(values.mean(axis=-1)) if values.ndim == 2 else values


_ACCURACIES: dict[str, Callable[[Any, Any], Array]] = {
    "accuracy": accuracy,
    "acc": accuracy,
    "binary_accuracy": binary_accuracy,
    "categorical_accuracy": categorical_accuracy,
    "sparse_categorical_accuracy": sparse_categorical_accuracy,
}


def _loss_of(loss: Loss) -> Callable[[Any, Any], Array]:
    """Return the function that gives each example's loss, after a look at whether the targets fit it."""
    return lambda y, p: loss.call(loss.targets(y, p.shape, p.dtype), p)


def known() -> dict[str, Callable[[Any, Any], Array]]:
    """
    Return the functions that names stand for.

    Returns
    -------
    dict of str to callable
        Each ``metric(y, p)``, one number per example.

    Examples
    --------
    >>> "accuracy" in known() and "mse" in known()
    True
    """
    return _ACCURACIES | {name: _loss_of(losses.get(name)) for name in losses.names()}


def get(identifier: object) -> Metric:
    """
    Return the metric that an entry of ``compile(metrics=[...])`` stands for.

    Parameters
    ----------
    identifier : str, Metric, Loss or callable
        The name of a metric or a loss, an object, or your own function ``metric(y, p)``.

    Returns
    -------
    Metric
        The object itself, or a new one.

    Raises
    ------
    ValueError
        For an unknown name.
    TypeError
        For anything else.

    Examples
    --------
    >>> get("accuracy"), get("mse")
    (<metric accuracy>, <metric mse>)
    """
    if isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, str):
        return Metric(lookup(identifier, known(), "metric"), identifier)
    if isinstance(identifier, Loss):
        return Metric(_loss_of(identifier), identifier.name)
    if callable(identifier) and not isinstance(identifier, type):
        return Metric(identifier)
    raise TypeError(
        f"a metric must be a name such as 'accuracy', a loss object or a function metric(y, p), got {identifier!r}"
    )


class Tally:
    """
    Gather the outputs of many batches and make of them, thousands at a time, the mean loss and metrics.

    For small batches this costs a small part of what a loss per batch would.

    Parameters
    ----------
    loss : Loss
        Gives the loss of each example from the outputs.
    activation : ActivationFunction or None
        What makes predictions of the outputs, if they are logits; None if the outputs are predictions.
    metrics : list of Metric
        What else to report, from the predictions.
    y : ndarray
        All targets of the epoch, in the order in which outputs will come.
    weights : ndarray, (m,), or None
        Factors for the examples' losses.
    width : int
        The number of outputs per example.
    dtype : dtype
        The dtype of the outputs.

    Examples
    --------
    >>> y = np.array([[1.0], [0.0]])
    >>> tally = Tally(losses.get("mse"), None, [get("accuracy")], y, None, 1, np.float64)
    >>> tally.add(np.array([[0.5]]))
    >>> tally.add(np.array([[0.0]]))
    >>> tally.result()
    {'loss': 0.125, 'accuracy': 0.5}
    """

    CAPACITY = 8192

    def __init__(
        self,
        loss: Loss,
        activation: ActivationFunction | None,
        metrics: list[Metric],
        y: Array,
        weights: Array | None,
        width: int,
        dtype: Any,
    ) -> None:
        self.loss, self.activation, self.metrics = loss, activation, metrics
        self.y, self.weights = y, weights
        self.record = np.empty((min(len(y), self.CAPACITY), width), dtype)
        self.reset()

    def reset(self) -> None:
        """Forget everything: a new epoch begins."""
        self.filled = 0
        self.counted = 0
        self.totals = dict.fromkeys(["loss", *(metric.name for metric in self.metrics)], 0.0)

    def add(self, outputs: Array) -> None:
        """Take in the outputs, (n, width), of the next n examples."""
        end = self.filled + len(outputs)
        if end > len(self.record):
            self._flush()
            end = len(outputs)
        self.record[self.filled : end] = outputs
        self.filled = end

    def add_penalty(self, penalty: float, rows: int) -> None:
        """Take in what regularizers add to the cost of a batch of so many rows."""
        self.totals["loss"] += penalty * rows

    def result(self) -> dict[str, float]:
        """Return the mean loss and metrics of all outputs so far."""
        self._flush()
        return {name: float(total / self.counted) for name, total in self.totals.items()}

    def _flush(self) -> None:
        if not self.filled:
            return
        rows = slice(self.counted, self.counted + self.filled)
        outputs, y = self.record[: self.filled], self.y[rows]
        values = self.loss.call(y, outputs)
        if self.weights is not None:
            values = values * self.weights[rows]
        self.totals["loss"] += values.sum(dtype=np.float64)
        if self.metrics:
            predictions = outputs if self.activation is None else self.activation(outputs)
            for metric in self.metrics:
                self.totals[metric.name] += metric(y, predictions).sum(dtype=np.float64)
        self.counted += self.filled
        self.filled = 0
