"""The base of all callbacks, the history, and callbacks made of plain functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from chainrule.models import Sequential

Logs: TypeAlias = dict[str, float]


class Callback:
    """
    Base of all callbacks: does nothing, at every occasion.

    Attributes
    ----------
    model : Sequential
        The model that trains.
    params : dict
        ``epochs``, ``steps`` (batches per epoch) and ``verbose``, as given to `fit`.

    Examples
    --------
    >>> class StopBelow(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         self.model.stop_training = logs["loss"] < 0.1
    """

    model: Sequential
    params: dict[str, Any]

    def set_model(self, model: Sequential) -> None:
        """Take the model; called before training begins."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Take the settings of `fit`; called before training begins."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called once, before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called once, after the last epoch; `logs` are those of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called before each epoch; epochs count from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called after each epoch; `logs` hold its loss and metrics, and those of validation as ``val_…``."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each update; batches count from 0 in each epoch."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each update; `logs` hold the means over the epoch so far."""


class History(Callback):
    """
    What `fit` returns: loss and metrics of every epoch.

    Attributes
    ----------
    history : dict of str to list of float
        One list per quantity, one number per epoch. The training loss of an epoch is the mean over its
        batches, taken while weights were changing, so it lags behind what `evaluate` gives afterwards.
    epoch : list of int
        The epochs' numbers, from 0.

    Examples
    --------
    >>> history = History()
    >>> history.on_epoch_end(0, {"loss": 0.5})
    >>> history.history
    {'loss': [0.5]}
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Add the epoch's logs to the history."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = {name: round(values[-1], 4) for name, values in self.history.items() if values}
        return f"<History of {len(self.epoch)} epochs, last {last}>"


class LambdaCallback(Callback):
    """
    Call plain functions at the occasions that a callback has.

    Parameters
    ----------
    on_epoch_begin, on_epoch_end : callable, optional
        ``function(epoch, logs)``.
    on_train_begin, on_train_end : callable, optional
        ``function(logs)``.
    on_train_batch_begin, on_train_batch_end : callable, optional
        ``function(batch, logs)``.

    Examples
    --------
    >>> show = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    >>> show.on_epoch_end(0, {"loss": 0.5})
    0 0.5
    """

    def __init__(
        self,
        on_epoch_begin: Callable[[int, Any], object] | None = None,
        on_epoch_end: Callable[[int, Any], object] | None = None,
        on_train_begin: Callable[[Any], object] | None = None,
        on_train_end: Callable[[Any], object] | None = None,
        on_train_batch_begin: Callable[[int, Any], object] | None = None,
        on_train_batch_end: Callable[[int, Any], object] | None = None,
    ) -> None:
        given = {name: value for name, value in locals().items() if name.startswith("on_") and value is not None}
        for name, function in given.items():
            if not callable(function):
                raise TypeError(f"{name} must be a function, got {function!r}")
            setattr(self, name, function)
