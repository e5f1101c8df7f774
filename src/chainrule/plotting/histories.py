"""Watch training: cost and accuracy against epochs, of one run or of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule._arguments import check_real
from chainrule.names import suggest
from chainrule.plotting._data import Array, counted, listed, number, numbers
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import axes_or_new, grid, series, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from chainrule.callbacks import History

_FEW = 25
"""Up to so many epochs each is marked by a point."""


@styled
def plot_history(
    history: History | Mapping[str, ArrayLike] | ArrayLike,
    metrics: Sequence[str] | None = None,
    *,
    log: bool = False,
    xlabel: str = "epoch",
    ylabel: str | None = None,
    mark_best: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw how loss and metrics changed from epoch to epoch.

    Parameters
    ----------
    history : History, mapping of str to array_like of shape (epochs,), or array_like of shape (epochs,)
        What `fit` returned; or its ``history``; or one cost per epoch.
    metrics : sequence of str, optional
        The quantities to draw, such as ``["loss", "accuracy"]``; each brings its validation curve ``val_…`` along
        if there is one. Default: the loss, or all of the history if it has none.
    log : bool, default False
        Draw the vertical axis logarithmically; all values must then be above 0.
    xlabel, ylabel : str, optional
        What the axes show, with units.
    mark_best : bool, default False
        Mark the lowest point of each validation curve (the highest, of an accuracy).
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes
        Training curves are drawn solid, validation curves dashed.

    Raises
    ------
    ValueError
        If there is nothing to draw, a name is not in the history, or a logarithm of 0 or below would be needed.

    Examples
    --------
    >>> ax = plot_history({"loss": [0.7, 0.4, 0.3], "val_loss": [0.7, 0.5, 0.5]})
    """
    curves = _curves(history)
    chosen = _chosen(curves, metrics)
    if log and min(float(np.nanmin(curves[name])) for name in chosen) <= 0:
        raise ValueError("log=True needs values above 0; draw this history with log=False")
    ax = axes_or_new(ax)
    sentences = []
    for index, name in enumerate(chosen):
        values = curves[name]
        epochs = np.arange(1, len(values) + 1)
        mark: dict[str, Any] = {"marker": "o", "markersize": 4} if len(values) <= _FEW else {}
        ax.plot(epochs, values, label=_spoken(name, chosen), **series(index), **mark)
        sentences.append(_told(name, values, xlabel))
        if mark_best and name.startswith("val_"):
            best = int(np.nanargmax(values) if "acc" in name else np.nanargmin(values))
            ax.plot(best + 1, values[best], "o", ms=10, mfc="none", mec=str(series(index)["color"]), mew=1.6)
            sentences.append(f"Its best is {number(values[best])}, after {xlabel} {best + 1}.")
    if log:
        ax.set_yscale("log")
    longest = max(len(curves[name]) for name in chosen)
    _epoch_axis(ax, longest, xlabel)
    ax.set_ylabel(ylabel or _common(chosen))
    grid(ax)
    if len(chosen) > 1:
        ax.legend()
    describe(ax, " ".join(sentences) + (" The vertical axis is logarithmic." if log else ""))
    return ax


@styled
def plot_runs(
    runs: Mapping[str, ArrayLike],
    *,
    x: Mapping[str, ArrayLike] | ArrayLike | None = None,
    band: tuple[float, float] = (25, 75),
    log: bool = False,
    xlog: bool = False,
    xlabel: str = "epoch",
    ylabel: str = "cost",
    ax: Axes | None = None,
) -> Axes:
    """Draw many runs of each of several methods: their median, and a band that holds the middle half of them.

    Parameters
    ----------
    runs : mapping of str to array_like, shape (runs, points)
        For each method one row per run, such as one per seed. NaN where a run has no value.
    x : array_like, shape (points,), or one for each method, optional
        Where the points are, such as the number of updates. Default: 1, 2, 3, …
    band : (low, high), default (25, 75)
        Percentiles of the runs between which the band lies.
    log, xlog : bool, default False
        Draw the vertical or the horizontal axis logarithmically.
    xlabel, ylabel : str
        What the axes show, with units.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes
        Methods differ by line style and lightness; the edges of a band are drawn in the style of its median.

    Raises
    ------
    ValueError
        If there are no runs, band is not rising, or a run has values of 0 or below on a logarithmic axis.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).random((20, 30))
    >>> ax = plot_runs({"slow": 2 + noise, "fast": 1 + noise})
    """
    if not isinstance(runs, Mapping) or not runs:
        raise ValueError(
            "runs must be a mapping of a method's name to its runs, one run a row; it is empty or no mapping"
        )
    low, high = (check_real("each of band", edge, 0, 100) for edge in band)
    if low >= high:
        raise ValueError(f"band must be (low, high) with low < high, not {band}")
    tables = {str(name): numbers(f"runs[{name!r}]", table, 1, 2, finite=False) for name, table in runs.items()}
    if log and min(float(np.nanmin(table)) for table in tables.values()) <= 0:
        raise ValueError("log=True needs values above 0; draw these runs with log=False")
    ax = axes_or_new(ax)
    sentences = []
    for index, (name, table) in enumerate(tables.items()):
        rows = np.atleast_2d(table)
        places = _places(x, name, rows.shape[1])
        lower, middle, upper = np.nanpercentile(rows, [low, 50, high], axis=0)
        look = series(index)
        ax.plot(places, middle, label=f"{name} ({counted(len(rows), 'run')})", **look)
        if len(rows) > 1:
            ax.fill_between(places, lower, upper, color=look["color"], alpha=0.16, linewidth=0)
            for edge in (lower, upper):
                ax.plot(places, edge, linewidth=0.7, **look)
        sentences.append(
            f"{name}: the median of {counted(len(rows), 'run')} goes from {number(middle[0])} to {number(middle[-1])}."
        )
    if log:
        ax.set_yscale("log")
    if xlog:
        ax.set_xscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    grid(ax)
    ax.legend()
    share = f"The bands hold the runs from the {number(low)}th to the {number(high)}th percentile."
    describe(ax, f"{ylabel.capitalize()} against {xlabel}. {' '.join(sentences)} {share}")
    return ax


def _curves(history: Any) -> dict[str, Array]:
    """Return the history as one array per quantity."""
    given = getattr(history, "history", history)
    if not isinstance(given, Mapping):
        return {"cost": numbers("history", given, 1, finite=False)}
    if not given:
        raise ValueError("history is empty: train for at least one epoch first")
    return {str(name): numbers(f"history[{name!r}]", values, 1, finite=False) for name, values in given.items()}


def _chosen(curves: Mapping[str, Array], metrics: Sequence[str] | None) -> list[str]:
    if isinstance(metrics, str):
        raise TypeError(f"metrics must be a list: write metrics=[{metrics!r}]")
    if metrics is None:
        names = (
            ["loss"] if "loss" in curves else [name for name in curves if not name.startswith("val_")] or list(curves)
        )
    else:
        names = list(metrics)
    for name in names:
        if name not in curves:
            raise ValueError(f"history has no {name!r}{suggest(name, curves)}")
    chosen = []
    for name in names:
        chosen += [each for each in (name, f"val_{name}") if each in curves and each not in chosen]
    if not chosen:
        raise ValueError("metrics must name at least one quantity of the history")
    return chosen


def _spoken(name: str, chosen: Sequence[str]) -> str:
    """Name a curve for the legend: its part of the data, and the quantity where there are several."""
    quantity = name.removeprefix("val_")
    part = "validation" if name.startswith("val_") else "training"
    several = len({each.removeprefix("val_") for each in chosen}) > 1
    return f"{quantity}, {part}" if several else part


def _common(chosen: Sequence[str]) -> str:
    return listed(list(dict.fromkeys(name.removeprefix("val_") for name in chosen)))


def _told(name: str, values: Array, xlabel: str) -> str:
    """Say how a curve runs: where it begins, where it ends, what lies beyond these."""
    quantity = ("validation " if name.startswith("val_") else "") + name.removeprefix("val_")
    first, last = float(values[0]), float(values[-1])
    if len(values) == 1:
        return f"{quantity.capitalize()} after one {xlabel}: {number(first)}."
    verb = "falls" if last < first else "rises" if last > first else "stays"
    text = f"{quantity.capitalize()} over {len(values)} {xlabel}s {verb} from {number(first)} to {number(last)}"
    low = float(np.nanmin(values))
    if low < min(first, last):
        text += f", with its lowest, {number(low)}, after {xlabel} {int(np.nanargmin(values)) + 1}"
    return text + "."


def _epoch_axis(ax: Axes, longest: int, xlabel: str) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(xlabel)
    ax.set_xlim((0, 2) if longest == 1 else (1 - 0.02 * longest, 1.02 * longest))


def _places(x: Any, name: str, points: int) -> Array:
    """Return where the points of a method lie."""
    given = x[name] if isinstance(x, Mapping) else x
    places = np.arange(1.0, points + 1) if given is None else numbers("x", given, 1)
    if len(places) != points:
        raise ValueError(f"x must have one place for each of the {points} points of {name!r}, not {len(places)}")
    return places
