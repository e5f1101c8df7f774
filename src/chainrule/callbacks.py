"""
Look on, or step in, while a model trains: at each epoch, at each batch, at the end.

Derive from `Callback` and define the methods you need; `self.model` is the model, and setting
``self.model.stop_training = True`` ends training after the epoch. Names and behavior are Keras'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from chainrule.models import Sequential

__all__ = ["Callback", "History", "PrintEpochs", "ProgressBar"]

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
        """Called after each epoch; `logs` hold its loss and metrics, and those of validation as val_…."""

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


class PrintEpochs(Callback):
    """
    Print one line per epoch, without any times, so that the same run prints the same text.

    Parameters
    ----------
    at_most : int, optional
        Print about so many lines in all, evenly spread, the last epoch's among them. Default: every epoch.

    Examples
    --------
    >>> lines = PrintEpochs()
    >>> lines.set_params({"epochs": 10})
    >>> lines.on_epoch_end(2, {"loss": 0.5, "accuracy": 0.75})
    Epoch  3/10  loss 0.5000  accuracy 0.7500
    """

    def __init__(self, at_most: int | None = None) -> None:
        self.at_most = at_most

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Print the epoch's line."""
        epochs = self.params["epochs"]
        every = -(-epochs // self.at_most) if self.at_most else 1
        if (epoch + 1) % every == 0 or epoch + 1 == epochs:
            print(f"Epoch {epoch + 1:{len(str(epochs))}}/{epochs}  {_text(logs or {})}")


class ProgressBar(Callback):
    """
    Show a bar that grows with the epochs, the loss beside it, on standard error.

    Examples
    --------
    >>> bar = ProgressBar()
    """

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Open the bar."""
        from tqdm import tqdm

        self._bar = tqdm(total=self.params["epochs"], unit="epoch")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Let it grow."""
        self._bar.set_postfix_str(_text(logs or {}), refresh=False)
        self._bar.update(epoch + 1 - self._bar.n)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close it."""
        self._bar.close()


def _text(logs: Logs) -> str:
    return "  ".join(
        f"{name} {value:.4f}" if abs(value) >= 1e-3 else f"{name} {value:.3e}" for name, value in logs.items()
    )
