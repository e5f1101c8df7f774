"""See what layers do to a gradient, and what training and penalties do to the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from chainrule._arguments import check_count
from chainrule.plotting._data import counted, listed, number, numbers
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import MARKERS, axes_or_new, grid, series, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@styled
def plot_gradient_survival(
    survival: Mapping[str, ArrayLike],
    layers: int = 20,
    *,
    ylabel: str = "share of the gradient left",
    ax: Axes | None = None,
) -> Axes:
    """Draw how much of a gradient is left after each layer on its way back, on a logarithmic axis.

    Parameters
    ----------
    survival : mapping of str to float, or to array_like of shape (n,)
        By activation: the slope in every layer, of which slopeˡ is drawn; or measured shares after 0, 1, …, n - 1
        layers.
    layers : int, default 20
        How many layers to draw where slopes are given.
    ylabel : str
        What the vertical axis shows.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes
        Where nothing is left there is no point: 0 has no place on a logarithmic axis.

    Raises
    ------
    ValueError
        If survival is no mapping, or empty, or one of its curves is 0 everywhere.

    Examples
    --------
    >>> ax = plot_gradient_survival({"sigmoid, at most": 0.25, "ReLU, active": 1.0}, layers=10)
    """
    if not isinstance(survival, Mapping) or not survival:
        raise ValueError('survival must be a mapping of names to slopes, such as {"sigmoid": 0.25}')
    depth = check_count("layers", layers)
    ax = axes_or_new(ax)
    sentences = []
    for index, (name, given) in enumerate(survival.items()):
        values = numbers(f"survival[{name!r}]", given, 0, 1)
        shares = np.abs(values) if values.ndim else np.abs(values) ** np.arange(depth + 1)
        drawn = np.where(shares > 0, shares, np.nan)
        if np.isnan(drawn).all():
            raise ValueError(f"survival[{name!r}] is 0 everywhere, so a logarithmic axis has no place for it")
        few = len(shares) <= 60
        ax.plot(drawn, marker=MARKERS[index % 6] if few else "", ms=4, label=str(name), **series(index))
        sentences.append(f"{name}: {number(float(shares[-1]))} after {counted(len(shares) - 1, 'layer')}.")
    ax.set(yscale="log", xlabel="layers passed on the way back", ylabel=ylabel)
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    grid(ax)
    ax.legend()
    describe(ax, f"{ylabel.capitalize()}, logarithmic, against the layers passed. {' '.join(sentences)}")
    return ax


@styled
def plot_weight_histograms(
    weights: Mapping[str, ArrayLike],
    *,
    bins: int = 41,
    log: bool = False,
    xlabel: str = "weight",
    ax: Axes | None = None,
) -> Axes:
    """Draw how weights are distributed, for one network or several, such as one for each penalty.

    Parameters
    ----------
    weights : mapping of str to array_like
        By name, weights of any shape, or a list of arrays such as `get_weights` returns.
    bins : int, default 41
        Number of bins, the same for all; an odd number has zero in the middle of one.
    log : bool, default False
        Draw the counts logarithmically.
    xlabel : str
        What is counted.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes
        Outlines that differ by line style and lightness.

    Raises
    ------
    ValueError
        If weights is no mapping, or empty.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> ax = plot_weight_histograms({"free": rng.normal(size=900), "L2": rng.normal(size=900) / 3})
    """
    if not isinstance(weights, Mapping) or not weights:
        raise ValueError('weights must be a mapping of names to weights, such as {"L2": model.get_weights()}')
    sets = {}
    for name, given in weights.items():
        parts = given if isinstance(given, list | tuple) and all(np.ndim(each) for each in given) else [given]
        sets[str(name)] = np.concatenate([numbers(f"weights[{name!r}]", each).ravel() for each in parts])
    top = max(float(np.abs(values).max()) for values in sets.values()) or 1.0
    edges = np.linspace(-top, top, check_count("bins", bins) + 1)
    ax = axes_or_new(ax)
    sentences = []
    for index, (name, values) in enumerate(sets.items()):
        look = series(index)
        counts, _ = np.histogram(values, edges)
        ax.stairs(counts, edges, label=name, linewidth=1.8, **look)
        if index == 0:
            ax.stairs(counts, edges, fill=True, color=look["color"], alpha=0.12)
        tiny = float((np.abs(values) < 0.01 * top).mean())
        sentences.append(
            f"{name}: {counted(len(values), 'weight')}, standard deviation {number(float(values.std()))}, "
            f"{number(100 * tiny)} % within 1 % of the widest from 0."
        )
    ax.set(xlabel=xlabel, ylabel="number of weights", yscale="log" if log else "linear")
    grid(ax)
    ax.legend()
    describe(ax, f"Histogram of {listed(list(sets))}. {' '.join(sentences)}")
    return ax
