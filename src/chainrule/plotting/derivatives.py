"""See what a derivative is: secants that turn into a tangent, the error of a quotient, steps down a curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule._arguments import check_real
from chainrule.plotting._data import Array, counted, listed, number, numbers, values_of
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import COLORS, INK, axes_or_new, grid, series, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@styled
def plot_tangent(
    function: Callable[..., Any],
    w: float,
    slope: float | None = None,
    *,
    secants: Sequence[float] = (),
    span: tuple[float, float] | None = None,
    xlabel: str = "w",
    ylabel: str = "J(w)",
    ax: Axes | None = None,
) -> Axes:
    """Draw a cost curve, its tangent in one point, and secants that come close to it.

    Parameters
    ----------
    function : callable
        The cost, of one number or an array.
    w : float
        Where the tangent touches.
    slope : float, optional
        Of the tangent. Default: by central differences.
    secants : sequence of float, optional
        For each ε a line through the curve at w and at w + ε; four at most.
    span : (low, high), optional
        Where to draw. Default: to both sides of w, and of 0.
    xlabel, ylabel : str
        What the axes show.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a secant is 0, or span is not rising.

    Examples
    --------
    >>> ax = plot_tangent(lambda w: w**2, 3, secants=[2, 1])
    """
    at = check_real("w", w)
    gaps = [check_real("each of secants", gap) for gap in secants]
    if 0 in gaps:
        raise ValueError("secants must be other than 0: a secant needs two points; its limit is the tangent")
    reach = 1.4 * max([abs(at), 1.0, *map(abs, gaps)])
    low, high = (-reach, reach) if span is None else (check_real("each of span", end) for end in span)
    if low >= high:
        raise ValueError(f"span must be (low, high) with low < high, not {span}")
    places = np.linspace(low, high, 301)
    heights = values_of(function, places, "function")
    here = float(values_of(function, np.array([at]), "function")[0])
    if slope is None:
        step = 6e-6 * max(1.0, abs(at))
        beside = values_of(function, np.array([at - step, at + step]), "function")
        steep = float((beside[1] - beside[0]) / (2 * step))
    else:
        steep = check_real("slope", slope)
    ax = axes_or_new(ax)
    ax.plot(places, heights, label=ylabel, **series(0))
    words = []
    for index, gap in enumerate(gaps):
        there = float(values_of(function, np.array([at + gap]), "function")[0])
        quotient = (there - here) / gap
        ax.plot(places, here + quotient * (places - at), label=f"ε = {number(gap)}: slope {number(quotient)}",
                linewidth=1.2, **series(index + 2))  # fmt: skip
        ax.plot(at + gap, there, "s", ms=5, color=COLORS[index + 2])
        words.append(f"{number(quotient)} for ε = {number(gap)}")
    ax.plot(places, here + steep * (places - at), label=f"tangent: slope {number(steep)}", **series(1))
    ax.plot(at, here, "o", ms=8, mfc="white", mec=INK, mew=1.6, zorder=4)
    margin = 0.12 * (np.ptp(heights) or 1.0)
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(low, high), ylim=(heights.min() - margin, heights.max() + margin))
    grid(ax)
    ax.legend()
    secant = f" Secants through it have the slopes {listed(words)}." if words else ""
    describe(
        ax,
        f"{ylabel} against {xlabel}, and its tangent where {xlabel} = {number(at)} and {ylabel} = {number(here)}: "
        f"its slope is {number(steep)}.{secant}",
    )
    return ax


@styled
def plot_descent(
    function: Callable[..., Any],
    paths: Mapping[str, ArrayLike] | ArrayLike,
    *,
    span: tuple[float, float] | None = None,
    xlabel: str = "w",
    ylabel: str = "J(w)",
    ax: Axes | None = None,
) -> Axes:
    """Draw the steps that gradient descent takes on a cost curve, for one learning rate or several.

    Parameters
    ----------
    function : callable
        The cost, of one number or an array.
    paths : array_like of shape (steps + 1,), or mapping of str to such
        Where each step ended, the start first. Several paths are drawn in small pictures only if you pass each its
        own `ax`; on one they differ by marker and line style, five at most.
    span : (low, high), optional
        Where to draw. Default: as far as the paths reach. Steps outside are cut off.
    xlabel, ylabel : str
        What the axes show.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no path, or span is not rising.

    Examples
    --------
    >>> ax = plot_descent(lambda w: w**2, {"α = 0.1": [3, 2.4, 1.92], "α = 1": [3, -3, 3]})
    """
    from chainrule.plotting.style import MARKERS

    table = paths if isinstance(paths, Mapping) else {"steps": paths}
    if not table:
        raise ValueError("paths must hold at least one path")
    walks = {str(name): numbers(f"paths[{name!r}]", path, 1) for name, path in table.items()}
    everywhere = np.concatenate(list(walks.values()))
    reach = 1.15 * float(np.abs(everywhere).max()) or 1.0
    low, high = (-reach, reach) if span is None else (check_real("each of span", end) for end in span)
    if low >= high:
        raise ValueError(f"span must be (low, high) with low < high, not {span}")
    places = np.linspace(low, high, 301)
    heights = values_of(function, places, "function")
    ax = axes_or_new(ax)
    ax.plot(places, heights, color=INK, linewidth=1.2, label=ylabel)
    sentences = []
    for index, (name, walk) in enumerate(walks.items()):
        costs = values_of(function, walk, "function")
        look = series(index)
        ax.plot(walk, costs, marker=MARKERS[index], ms=5.5, mec=INK, mew=0.6, lw=1.1, label=name, **look)
        sentences.append(f"{name}: {_journey(walk, costs, xlabel, ylabel)}.")
    margin = 0.08 * (np.ptp(heights) or 1.0)
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(low, high), ylim=(heights.min() - margin, heights.max() + margin))
    grid(ax)
    ax.legend()
    describe(ax, f"Steps down the curve of {ylabel} against {xlabel}. {' '.join(sentences)}")
    return ax


@styled
def plot_difference_error(
    eps: ArrayLike,
    errors: Mapping[str, ArrayLike] | ArrayLike,
    *,
    ylabel: str = "error of the quotient",
    ax: Axes | None = None,
) -> Axes:
    """Draw how far a difference quotient is off against its ε, both axes logarithmic: a U.

    On the right ε is too large for the curve to be straight over it; on the left too small for the computer's
    digits. An error of exactly 0 has no place on a logarithmic axis and is left out.

    Parameters
    ----------
    eps : array_like, shape (k,)
        The nudges ε, above 0.
    errors : array_like of shape (k,), or mapping of str to such
        Distance between quotient and derivative; the sign does not matter.
    ylabel : str
        What the vertical axis shows, with its unit.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes
        The smallest error of each curve is ringed.

    Raises
    ------
    ValueError
        If an eps is 0 or below, errors are missing, differ in number from eps, or are all 0.

    Examples
    --------
    >>> import numpy as np
    >>> eps = 10.0 ** np.arange(-15, 0)
    >>> ax = plot_difference_error(eps, ((3 + eps) ** 2 - 9) / eps - 6)
    """
    places = numbers("eps", eps, 1)
    if places.min() <= 0:
        raise ValueError(f"eps must be above 0, not {places.min()}")
    table = errors if isinstance(errors, Mapping) else {"forward difference": errors}
    if not table:
        raise ValueError("errors must hold at least one curve")
    ax = axes_or_new(ax)
    order = np.argsort(places)
    sentences = []
    for index, (name, given) in enumerate(table.items()):
        sizes = np.abs(numbers(f"errors[{name!r}]", given, 1))
        if len(sizes) != len(places):
            raise ValueError(
                f"errors[{name!r}] must have one entry for each of the {len(places)} eps, not {len(sizes)}"
            )
        keep = order[sizes[order] > 0]
        if not len(keep):
            raise ValueError(f"errors[{name!r}] are all exactly 0, so a logarithmic axis has no place for them")
        ax.plot(places[keep], sizes[keep], marker="o^sDvP"[index % 6], ms=4, label=str(name), **series(index))
        best = int(keep[sizes[keep].argmin()])
        ax.plot(places[best], sizes[best], "o", ms=12, mfc="none", mec=INK, mew=1.4)
        sentences.append(f"{name}: least, {number(sizes[best])}, at ε = {number(places[best])}.")
    ax.set(xscale="log", yscale="log", xlabel="nudge ε", ylabel=ylabel)
    grid(ax)
    ax.legend()
    describe(
        ax,
        f"{ylabel.capitalize()} against ε from {number(places.min())} to {number(places.max())}, both logarithmic. "
        f"{' '.join(sentences)}",
    )
    return ax


def _journey(walk: Array, costs: Array, xlabel: str, ylabel: str) -> str:
    """Say where a path leads."""
    steps = counted(len(walk) - 1, "step")
    turned = int((np.sign(walk[1:]) * np.sign(walk[:-1]) < 0).sum())
    side = f", changing sides {counted(turned, 'time')}" if turned else ""
    return (
        f"{steps} from {xlabel} = {number(walk[0])} to {number(walk[-1])}{side}, "
        f"{ylabel} from {number(costs[0])} to {number(costs[-1])}"
    )
