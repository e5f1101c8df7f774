"""
Train a model: passes over the data, batches, updates.

One update is `cost_gradient` and the optimizer's rule; one epoch is an update per batch of the examples in
random order. Batches of more than a thousand examples are gone through in blocks that fit the processor's
cache, whose gradients add up to the batch's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from chainrule._arguments import check_count, check_real
from chainrule.callbacks import Callback, PrintEpochs, ProgressBar
from chainrule.metrics import Tally
from chainrule.targets import features, sample_weights

if TYPE_CHECKING:
    from chainrule.models import Sequential

__all__ = ["Data", "cost_gradient", "evaluate", "fit", "prepare"]

Array: TypeAlias = NDArray[Any]

# Rows that go through the network at once; more would drop out of the cache between layers.
BLOCK = 1024


# Bytes of shuffled examples that are put in order at once: still in the cache when their batch comes.
CHUNK = 2**20


class Data(NamedTuple):
    """Examples ready for a model: features (m, n), targets as its loss wants them, weights (m,) or None."""

    x: Array
    y: Array
    weights: Array | None

    def rows(self, chosen: slice) -> Data:
        """Return these examples only, as views."""
        return Data(self.x[chosen], self.y[chosen], None if self.weights is None else self.weights[chosen])


class Batches:
    """
    The examples of an epoch, batch by batch, in another order each time if they are to be shuffled.

    Shuffled examples are gathered chunk by chunk into memory that is kept, instead of row by row for each
    batch, which would cost several times as much, or all at once, which would take a copy of the data.
    """

    def __init__(self, data: Data, batch_size: int, shuffle: bool) -> None:
        self.data, self.batch_size = data, batch_size
        self.m = len(data.x)
        self.chunk = min(self.m, max(1, CHUNK // data.x[:batch_size].nbytes) * batch_size)
        # With all examples in one batch, their order does not matter.
        self.shuffle = shuffle and batch_size < self.m
        self.y, self.weights = data.y, data.weights
        if self.shuffle:
            self._x = np.empty((self.chunk, data.x.shape[1]), data.x.dtype)
            self.y = np.empty_like(data.y)
            self.weights = None if data.weights is None else np.empty_like(data.weights)

    def epoch(self, rng: Generator) -> Iterator[Data]:
        """Yield the batches of one epoch; the last one may be short."""
        order = rng.permutation(self.m) if self.shuffle else None
        if order is not None:
            _gather(self.data.y, order, self.y)
            if self.data.weights is not None and self.weights is not None:
                _gather(self.data.weights, order, self.weights)
        for start in range(0, self.m, self.chunk):
            end = min(start + self.chunk, self.m)
            if order is None:
                x = self.data.x[start:end]
            else:
                x = _gather(self.data.x, order[start:end], self._x[: end - start])
            chunk = Data(x, self.y[start:end], None if self.weights is None else self.weights[start:end])
            for row in range(0, end - start, self.batch_size):
                yield chunk.rows(slice(row, row + self.batch_size))


def _gather(array: Array, order: Array, out: Array) -> Array:
    # The order needs no check of bounds; with one, NumPy would gather into another array first.
    return np.take(array, order, axis=0, out=out, mode="clip")


def prepare(
    model: Sequential,
    x: object,
    y: object,
    sample_weight: object = None,
    class_weight: Mapping[int, float] | None = None,
) -> Data:
    """Check what the user gave, build the model if need be, and return it as `Data`."""
    loss = model.compiled_loss()
    x = features(x, model.inputs, model.dtype)
    if not model.built:
        model.build((None, x.shape[1]))
    if y is None:
        raise ValueError("y is missing: training and evaluation need the targets of x")
    targets = loss.targets(y, (len(x), model.outputs), model.dtype)
    weights = None
    if sample_weight is not None:
        weights = sample_weights(sample_weight, len(x), model.dtype)
    if class_weight is not None:
        factors = _class_factors(class_weight, targets, model.dtype)
        weights = factors if weights is None else weights * factors
    return Data(x, targets, weights)


def _class_factors(class_weight: Mapping[int, float], y: Array, dtype: Any) -> Array:
    """Return each example's factor by its class; classes that are not mentioned count once."""
    if not isinstance(class_weight, Mapping):
        raise TypeError(f"class_weight must be a dict of class numbers to factors, got {class_weight!r}")
    classes = y if y.ndim == 1 else y.argmax(axis=-1) if y.shape[-1] > 1 else y[:, 0]
    factors = np.ones(len(y), dtype)
    for number, factor in class_weight.items():
        factors[classes == number] = check_real(f"class_weight[{number!r}]", factor, least=0)
    return factors


def cost_gradient(model: Sequential, data: Data, tally: Tally | None = None) -> Array:
    """
    Return the derivative of the cost of these examples with respect to every weight of the model.

    Parameters
    ----------
    model : Sequential
        A compiled model.
    data : Data
        The examples: one batch.
    tally : Tally, optional
        Where outputs are gathered for the loss and metrics to be reported.

    Returns
    -------
    ndarray, (n,)
        One vector, the model's own; the next call overwrites it.
    """
    rows = len(data.x)
    if rows <= BLOCK:
        _backpropagate(model, data, rows, tally)
    else:
        total = np.zeros_like(model.gradients)
        for start in range(0, rows, BLOCK):
            _backpropagate(model, data.rows(slice(start, start + BLOCK)), rows, tally)
            total += model.gradients
        model.gradients[...] = total
    for layer in model.regularized:
        layer.add_penalty_gradient()
        if tally is not None:
            tally.add_penalty(layer.penalty(), rows)
    return model.gradients


def _backpropagate(model: Sequential, data: Data, batch: int, tally: Tally | None) -> None:
    """Leave in the layers the gradient of the loss summed over these rows, divided by the batch's size."""
    *hidden, last = model.layers
    activate = model.activate_last
    outputs = data.x
    for layer in hidden:
        outputs = layer.forward(outputs, True)
    outputs = last.forward(outputs, True, activate)
    if tally is not None:
        tally.add(outputs)

    gradient = model.training_loss.gradient(data.y, outputs, model.buffers[(*outputs.shape, "gradient")])
    if data.weights is None:
        gradient *= 1 / batch
    else:
        gradient *= data.weights[:, None] / batch
    gradient = last.backward(gradient, activate)
    for layer in reversed(hidden):
        gradient = layer.backward(gradient)


def make_tally(model: Sequential, data: Data | Batches) -> Tally:
    """Return an empty tally of the model's loss and metrics for these examples."""
    activation = None if model.activate_last else model.layers[-1].activation
    return Tally(model.training_loss, activation, model.metrics, data.y, data.weights, model.outputs, model.dtype)


def evaluate(model: Sequential, data: Data) -> dict[str, float]:
    """Return loss and metrics of these examples, weights as they are."""
    tally = make_tally(model, data)
    with np.errstate(all="ignore"):
        for start in range(0, len(data.x), BLOCK):
            tally.add(model.forward(data.x[start : start + BLOCK], model.activate_last))
        for layer in model.regularized:
            tally.add_penalty(layer.penalty(), len(data.x))
        return tally.result()


def fit(
    model: Sequential,
    data: Data,
    validation: Data | None,
    batch_size: int,
    epochs: int,
    initial_epoch: int,
    shuffle: bool,
    rng: Generator,
    callbacks: list[Callback],
) -> None:
    """Train for the epochs from `initial_epoch` to `epochs`, calling every callback on the way."""
    batches = Batches(data, batch_size, shuffle)
    tally = make_tally(model, batches)
    parts = model.gradient_views()
    at_batch_begin = _overriding(callbacks, "on_train_batch_begin")
    at_batch_end = _overriding(callbacks, "on_train_batch_end")

    model.stop_training = False
    logs: dict[str, float] = {}
    for callback in callbacks:
        callback.on_train_begin()
    for epoch in range(initial_epoch, epochs):
        for callback in callbacks:
            callback.on_epoch_begin(epoch)
        tally.reset()
        with np.errstate(all="ignore"):
            for number, batch in enumerate(batches.epoch(rng)):
                for callback in at_batch_begin:
                    callback.on_train_batch_begin(number)
                gradient = cost_gradient(model, batch, tally)
                model.optimizer.apply(model.parameters, gradient, parts)
                for callback in at_batch_end:
                    callback.on_train_batch_end(number, tally.result())
            logs = tally.result()
        if validation is not None:
            logs |= {f"val_{name}": value for name, value in evaluate(model, validation).items()}
        for callback in callbacks:
            callback.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    for callback in callbacks:
        callback.on_train_end(logs)


def _overriding(callbacks: Iterable[Callback], method: str) -> list[Callback]:
    """Return the callbacks that do something at this occasion: nobody else pays for its logs."""
    nothing = getattr(Callback, method)
    return [c for c in callbacks if getattr(getattr(c, method), "__func__", None) is not nothing]


def reporters(verbose: object) -> list[Callback]:
    """Return the callback that reports as ``verbose`` says: a bar, a line per epoch, some lines, nothing."""
    if verbose == "auto":
        return [ProgressBar()] if sys.stderr.isatty() and sys.stdout.isatty() else [PrintEpochs(at_most=10)]
    if verbose not in (0, 1, 2):
        raise ValueError(f"verbose must be 'auto', 0, 1 or 2, got {verbose!r}")
    return [] if verbose == 0 else [ProgressBar()] if verbose == 1 else [PrintEpochs()]


def check_batch_size(batch_size: object, m: int) -> int:
    """Return how many examples go into an update; None and "full" mean all of them."""
    if batch_size is None or batch_size == "full":
        return m
    if isinstance(batch_size, str):
        raise ValueError(f"batch_size must be an integer ≥ 1, None or 'full', got {batch_size!r}")
    return min(check_count("batch_size", batch_size), m)


def split(data: Data, fraction: float) -> tuple[Data, Data]:
    """Return all but the last examples, and the last: so large a fraction of them for validation."""
    m = len(data.x)
    at = int(np.floor(m * (1 - fraction)))
    if not 0 < at < m:
        raise ValueError(
            f"validation_split={fraction} of {m} examples leaves {at} for training and {m - at} for validation; "
            "both need at least one"
        )
    return data.rows(slice(at)), data.rows(slice(at, m))
