"""
Train a model: passes over the data, batches, updates.

One update is `cost_gradient` and the optimizer's rule; one epoch is an update per batch. Batches of more than
a thousand examples are gone through in blocks that fit the processor's cache, whose gradients add up to the
batch's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._arguments import check_real
from chainrule.batches import BLOCK, Batches, Data
from chainrule.callbacks import Callback, PrintEpochs, ProgressBar
from chainrule.metrics import Tally
from chainrule.targets import features, sample_weights

if TYPE_CHECKING:
    from numpy.random import Generator

    from chainrule.models import Sequential

__all__ = ["cost_gradient", "evaluate", "fit", "prepare", "reporters", "update", "weigh_classes"]

Array: TypeAlias = NDArray[Any]


def prepare(model: Sequential, x: ArrayLike, y: ArrayLike | None, sample_weight: ArrayLike | None = None) -> Data:
    """Check what the user gave, build the model if need be, and return it as `Data`."""
    if model.loss is None:
        raise ValueError("the model is not compiled: call model.compile(loss=...) first")
    x = features(x, model.inputs, model.dtype)
    if y is None:
        raise ValueError("y is missing: training and evaluation need the targets of x")
    if not model.built:
        model.build((None, x.shape[1]))
    targets = model.loss.targets(y, (len(x), model.outputs), model.dtype)
    weights = None if sample_weight is None else sample_weights(sample_weight, len(x), model.dtype)
    return Data(x, targets, weights)


def weigh_classes(data: Data, class_weight: Mapping[int, float] | None, outputs: int) -> Data:
    """Multiply each example's weight by the factor of its class; classes that are not mentioned count once."""
    if class_weight is None:
        return data
    if not isinstance(class_weight, Mapping):
        raise TypeError(f"class_weight must be a dict of class numbers to factors, got {class_weight!r}")
    y, known = data.y, range(max(2, outputs))
    classes = y if y.ndim == 1 else y.argmax(axis=-1) if y.shape[-1] > 1 else y[:, 0]
    weights = np.ones(len(y), data.x.dtype) if data.weights is None else data.weights.copy()
    for number, factor in class_weight.items():
        if number not in known:
            raise ValueError(f"class_weight has {number!r}, but classes are 0 to {len(known) - 1}")
        weights[classes == number] *= check_real(f"class_weight[{number}]", factor, least=0)
    return Data(data.x, y, weights)


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
    outputs = data.x
    for layer in hidden:
        outputs = layer.forward(outputs, True)
    # Only layers with an activation know of the further argument, which leaves it out.
    leave_out = () if model.activate_last else (False,)
    outputs = last.forward(outputs, True, *leave_out)
    if tally is not None:
        tally.add(outputs)

    gradient = model.training_loss.gradient(data.y, outputs, model.buffers[(*outputs.shape, "gradient")])
    gradient *= 1 / batch if data.weights is None else data.weights[:, None] / batch
    gradient = last.backward(gradient, *leave_out)
    for layer in reversed(hidden):
        gradient = layer.backward(gradient)


def make_tally(model: Sequential, data: Data | Batches) -> Tally:
    """Return an empty tally of the model's loss and metrics for these examples."""
    left_out = None if model.activate_last else model.last_activation
    return Tally(model.training_loss, left_out, model.metrics, data.y, data.weights, model.outputs, model.dtype)


def evaluate(model: Sequential, data: Data) -> dict[str, float]:
    """Return loss and metrics of these examples, with the weights as they are."""
    tally = make_tally(model, data)
    with np.errstate(all="ignore"):
        for start in range(0, len(data.x), BLOCK):
            tally.add(model.forward(data.x[start : start + BLOCK], model.activate_last))
        for layer in model.regularized:
            tally.add_penalty(layer.penalty(), len(data.x))
        return tally.result()


def update(model: Sequential, data: Data) -> dict[str, float]:
    """Do one update with these examples; return their loss and metrics from before it."""
    tally = make_tally(model, data)
    with np.errstate(all="ignore"):
        model.optimizer.apply(model.parameters, cost_gradient(model, data, tally), model.weight_gradients)
        return tally.result()


def fit(
    model: Sequential,
    batches: Batches,
    validation: Data | None,
    epochs: range,
    rng: Generator,
    callbacks: list[Callback],
) -> None:
    """Train for these epochs, calling every callback on the way."""
    tally = make_tally(model, batches)
    parts = model.weight_gradients
    at_batch_begin = _overriding(callbacks, "on_train_batch_begin")
    at_batch_end = _overriding(callbacks, "on_train_batch_end")
    logs: dict[str, float] = {}
    model.stop_training = False
    for callback in callbacks:
        callback.on_train_begin()
    for epoch in epochs:
        for callback in callbacks:
            callback.on_epoch_begin(epoch)
        tally.reset()
        # Weights that diverge show in the loss; warnings of every overflow on the way would bury it.
        with np.errstate(all="ignore"):
            for number, batch in enumerate(batches.epoch(rng)):
                for callback in at_batch_begin:
                    callback.on_train_batch_begin(number)
                model.optimizer.apply(model.parameters, cost_gradient(model, batch, tally), parts)
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
