"""Callbacks that show how training goes: lines, a bar, a figure."""

from __future__ import annotations

from typing import Any

from chainrule._arguments import check_count
from chainrule.callbacks._callback import Callback, Logs


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


class LivePlot(Callback):
    """
    Draw loss and metrics as they come in a notebook, and leave the finished figure; elsewhere, show that at the end.

    Parameters
    ----------
    every : int, optional
        Draw after every so many epochs; by default about twenty times in all. The last epoch is always drawn.

    Examples
    --------
    >>> plot = LivePlot(every=10)
    """

    def __init__(self, every: int | None = None) -> None:
        self.every = None if every is None else check_count("every", every)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin with an empty history."""
        self._history: dict[str, list[float]] = {}
        self._handle: Any = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Take the epoch's logs in and, now and then, draw."""
        for name, value in (logs or {}).items():
            self._history.setdefault(name, []).append(value)
        every = self.every or max(1, self.params["epochs"] // 20)
        if (epoch + 1) % every == 0 and _in_notebook():
            self._draw()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Draw all epochs."""
        if not self._history:
            return
        if _in_notebook():
            self._draw()
        else:
            from chainrule.plotting import plot_history, show

            show(plot_history(self._history))

    def _draw(self) -> None:
        """Draw the epochs so far in place of the last picture."""
        import matplotlib.pyplot as plt
        from IPython.display import display

        from chainrule.plotting import plot_history, render

        ax = plot_history(self._history)
        if self._handle is None:
            self._handle = display(render(ax), display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(render(ax))
        plt.close(ax.get_figure(root=True))


def _in_notebook() -> bool:
    """Say whether a kernel that shows figures runs this; a terminal's IPython does not."""
    import sys

    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def _text(logs: Logs) -> str:
    return "  ".join(f"{name} {_number(value)}" for name, value in logs.items())


def _number(value: float) -> str:
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e6 else f"{value:.3e}"
