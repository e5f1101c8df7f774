"""Callbacks that watch one quantity: stop when it gets no better, save the model when it does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from chainrule._arguments import check_count, check_real
from chainrule.callbacks._callback import Callback, Logs

if TYPE_CHECKING:
    from pathlib import Path

_MODES = ("auto", "min", "max")


class Watch(Callback):
    """
    Base of the callbacks that watch one quantity of the logs.

    Parameters
    ----------
    monitor : str
        Its name, such as ``"val_loss"``.
    mode : {"auto", "min", "max"}
        Whether less or more of it is better; "auto" knows that of losses and accuracies.
    min_delta : float
        By how much it must get better to count.
    """

    def __init__(self, monitor: str, mode: str, min_delta: float = 0.0) -> None:
        if mode not in _MODES:
            raise ValueError(f"mode must be one of {_MODES}, got {mode!r}")
        self.monitor, self.mode = monitor, mode
        self.min_delta = abs(check_real("min_delta", min_delta))
        self.best: float | None = None

    def value(self, logs: Logs | None) -> float:
        """Return the quantity watched, or say which ones there are."""
        logs = logs or {}
        if self.monitor not in logs:
            hint = ""
            if self.monitor.removeprefix("val_") in logs:
                hint = "; give fit a validation_split or validation_data"
            raise ValueError(
                f"{type(self).__name__} watches {self.monitor!r}, but this training reports {', '.join(logs)}{hint}"
            )
        return logs[self.monitor]

    def improves(self, value: float, reference: float | None) -> bool:
        """Say whether the value is better than the reference by more than `min_delta`; NaN never is."""
        if math.isnan(value):
            return False
        if reference is None:
            return True
        if self._more_is_better():
            return value - self.min_delta > reference
        return value + self.min_delta < reference

    def _more_is_better(self) -> bool:
        if self.mode != "auto":
            return self.mode == "max"
        name = self.monitor.removeprefix("val_")
        if name == "acc" or name.endswith("accuracy"):
            return True
        from chainrule import losses

        if name == "loss" or name in losses.names():
            return False
        raise ValueError(f"say whether less or more of {self.monitor!r} is better: mode='min' or mode='max'")


class EarlyStopping(Watch):
    """
    Stop training when a quantity has stopped getting better.

    Parameters
    ----------
    monitor : str, default "val_loss"
        The quantity to watch.
    min_delta : float, default 0
        Smaller improvements do not count.
    patience : int, default 0
        After how many epochs in a row without improvement to stop. With 0, as is Keras' default, the first
        epoch that is no better ends training, however noisy the curve.
    verbose : {0, 1}, default 0
        Whether to print when and why training ended.
    mode : {"auto", "min", "max"}, default "auto"
        Whether less or more of the quantity is better.
    baseline : float, optional
        What must be beaten: epochs that improve on one another but not on it do not renew the patience.
    restore_best_weights : bool, default False
        Whether to go back, at the end, to the weights of the best epoch instead of keeping the last.
    start_from_epoch : int, default 0
        Do not look at the epochs before this one.

    Attributes
    ----------
    stopped_epoch : int
        The epoch, from 0, at whose end training was stopped; 0 if it was not.
    best_epoch : int
        The best epoch, from 0.
    best : float or None
        The quantity at the best epoch.

    Notes
    -----
    NaN is never an improvement. (Keras takes it for one in the first epoch.)

    Examples
    --------
    >>> stop = EarlyStopping(patience=3, restore_best_weights=True)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = check_count("patience", patience, least=0)
        self.verbose = verbose
        self.baseline = None if baseline is None else check_real("baseline", baseline)
        self.restore_best_weights = bool(restore_best_weights)
        self.start_from_epoch = check_count("start_from_epoch", start_from_epoch, least=0)
        self.stopped_epoch = self.best_epoch = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Forget earlier trainings."""
        self._waited = self.stopped_epoch = self.best_epoch = 0
        self.best = None
        self._best_weights: Any = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Decide whether to go on."""
        if epoch < self.start_from_epoch:
            return
        value = self.value(logs)
        better = self.improves(value, self.best)
        if self.restore_best_weights and (better or self._best_weights is None):
            self._best_weights = self.model.parameters.copy()
        self._waited += 1
        if better:
            self.best, self.best_epoch = value, epoch
            if self.baseline is None or self.improves(value, self.baseline):
                self._waited = 0
        elif self._waited >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Go back to the best weights, if that was asked for."""
        if self.verbose and self.stopped_epoch:
            print(f"Epoch {self.stopped_epoch + 1}: stopped, {self.monitor} no longer improves")
        if self._best_weights is not None:
            if self.verbose:
                print(f"Back to the weights of epoch {self.best_epoch + 1}, the best")
            self.model.parameters[...] = self._best_weights


class ModelCheckpoint(Watch):
    """
    Save the model after every epoch, or after those that are the best so far.

    Parameters
    ----------
    filepath : str or Path
        Where to, ending in ``.npz``; may hold ``{epoch}`` and names from the logs, such as
        ``"{epoch:02d}-{val_loss:.2f}.npz"``. Folders are made.
    monitor : str, default "val_loss"
        The quantity by which to tell the best.
    verbose : {0, 1}, default 0
        Whether to print what is saved.
    save_best_only : bool, default False
        Whether to save only when the quantity is better than ever before.
    save_weights_only : bool, default False
        Whether to save the weights alone.
    mode : {"auto", "min", "max"}, default "auto"
        Whether less or more of the quantity is better.
    initial_value_threshold : float, optional
        What must be beaten first.

    Examples
    --------
    >>> checkpoint = ModelCheckpoint("best.npz", save_best_only=True)
    """

    def __init__(
        self,
        filepath: str | Path,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        *,
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode)
        self.filepath = str(filepath)
        if not self.filepath.endswith(".npz"):
            raise ValueError(f"filepath must end in .npz, got {self.filepath!r}")
        self.verbose = verbose
        self.save_best_only, self.save_weights_only = bool(save_best_only), bool(save_weights_only)
        if initial_value_threshold is not None:
            self.best = check_real("initial_value_threshold", initial_value_threshold)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Save the model, if it is time to."""
        if self.save_best_only:
            value = self.value(logs)
            if not self.improves(value, self.best):
                return
            self.best = value
        from pathlib import Path

        try:
            path = Path(self.filepath.format(epoch=epoch + 1, **(logs or {})))
        except KeyError as error:
            raise ValueError(
                f"filepath {self.filepath!r} asks for {error}, but there are epoch, {', '.join(logs or {})}"
            ) from None
        path.parent.mkdir(parents=True, exist_ok=True)
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(path)
        if self.verbose:
            print(f"Epoch {epoch + 1}: saved {path}")


class TerminateOnNaN(Callback):
    """
    Stop training when the loss is NaN or infinite: it will not come back.

    Examples
    --------
    >>> guard = TerminateOnNaN()
    """

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Look at the loss."""
        if not math.isfinite((logs or {}).get("loss", 0.0)):
            print(f"Epoch {epoch + 1}: the loss is not a finite number, training ends")
            self.model.stop_training = True
