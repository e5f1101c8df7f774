"""See how many bits a surprise costs: distributions, the entropy of a yes or no, cross-entropy with its minimum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule import information
from chainrule._arguments import check_real
from chainrule.plotting._data import counted, listed, number, numbers, one_each
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import COLORS, FAINT, FILLS, INK, axes_or_new, grid, series, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HATCHES = ("", "///", "..", "xx")


@styled
def plot_distribution(
    p: Mapping[object, float] | ArrayLike,
    *others: Mapping[object, float] | ArrayLike,
    labels: tuple[str, ...] | None = None,
    xlabel: str = "outcome",
    ylabel: str = "probability",
    ax: Axes | None = None,
) -> Axes:
    """Draw a distribution as bars, or several of the same outcomes side by side.

    Parameters
    ----------
    p : mapping of outcome to probability, or array of shape (n,)
        The outcomes of an array are 0 to n - 1. Any numbers of at least 0 will do, such as counts.
    *others : mapping or array
        Distributions to compare it with, over the same outcomes; three at most. They differ by hatching.
    labels : tuple of str, optional
        Names of the distributions. Default: P, Q, R, S.
    xlabel, ylabel : str
        What the axes show, with units.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are more distributions than can be told apart, or they are over other outcomes or negative.

    Examples
    --------
    >>> ax = plot_distribution({"fog": 0.5, "rain": 0.25, "sun": 0.25})
    """
    if len(others) >= len(_HATCHES):
        raise ValueError(
            f"at most {len(_HATCHES)} distributions can be told apart in one figure, not {1 + len(others)}"
        )
    names = one_each(
        "labels", "PQRS"[: 1 + len(others)] if labels is None else labels, 1 + len(others), "distributions"
    )
    outcomes = list(p) if isinstance(p, Mapping) else list(range(len(numbers("p", p, 1))))
    bars = []
    for name, given in zip(names, (p, *others), strict=True):
        if isinstance(given, Mapping) and set(given) != set(outcomes):
            raise ValueError(f"{name} must be over the outcomes {outcomes}, not {list(given)}")
        values = [given[outcome] for outcome in outcomes] if isinstance(given, Mapping) else given
        heights = numbers(str(name), values, 1)
        if heights.min() < 0 or len(heights) != len(outcomes):
            raise ValueError(f"{name} must be {counted(len(outcomes), 'number')} of at least 0, not {heights}")
        bars.append(heights)
    ax = axes_or_new(ax, height=2.6)
    width = 0.72 / len(bars)
    places = np.arange(len(outcomes))
    for index, (name, heights) in enumerate(zip(names, bars, strict=True)):
        shift = (index - (len(bars) - 1) / 2) * width
        fill = FILLS[index] if len(bars) > 1 else "#7fa3c9"
        drawn = ax.bar(
            places + shift, heights, width, color=fill, edgecolor=INK, hatch=_HATCHES[index], label=str(name), zorder=2
        )
        if len(outcomes) * len(bars) <= 12:
            ax.bar_label(drawn, [number(height) for height in heights], fontsize=9, padding=2)
        shares = listed([f"{outcome} {number(height)}" for outcome, height in zip(outcomes, heights, strict=True)])
        describe(ax, f"{ylabel.capitalize()} by {xlabel}{f', {name}' if len(bars) > 1 else ''}: {shares}.")
    if len(outcomes) <= 30:
        ax.set_xticks(places, [str(outcome) for outcome in outcomes])
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.margins(y=0.12)
    ax.grid(True, axis="y", color="#dcdcdc", linewidth=0.7)
    if len(bars) > 1:
        ax.legend()
    return ax


@styled
def plot_binary_entropy(p: float | None = None, *, base: float = 2, ax: Axes | None = None) -> Axes:
    """Draw the entropy of a yes-or-no outcome against the probability of "yes", with its top marked.

    Parameters
    ----------
    p : float, optional
        A probability to mark on the curve.
    base : float, default 2
        Of the logarithm: 2 for bits, ``math.e`` for nats.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> ax = plot_binary_entropy(0.11)
    """
    shares = np.linspace(0, 1, 401)
    heights = information.binary_entropy(shares, base)
    top = information.binary_entropy(0.5, base)
    unit = _unit(base)
    ax = axes_or_new(ax)
    ax.plot(shares, heights, **series(0))
    ax.plot(0.5, top, "o", ms=8, mfc="white", mec=INK, mew=1.6, zorder=3)
    ax.annotate(f"top: {number(top)} at p = 0.5", (0.5, top), xytext=(0, 8), textcoords="offset points", ha="center")
    ax.set(xlabel='p, the probability of "yes"', ylabel=f"H(p) in {unit}", ylim=(-0.04 * top, 1.16 * top))
    grid(ax)
    text = f"The entropy H(p) of a yes or no is 0 at p = 0 and p = 1 and has its top, {_amount(top, unit)}, at p = 0.5."
    if p is not None:
        share = check_real("p", p, 0, 1)
        height = information.binary_entropy(share, base)
        ax.plot([share, share, 0], [0, height, height], color=FAINT, linewidth=1, linestyle=":")
        ax.plot(share, height, "D", ms=7, color=COLORS[1], mec=INK, zorder=3)
        right = share > 0.5
        ax.annotate(
            f"H({number(share)}) = {number(height)}",
            (share, height),
            xytext=(-10 if right else 10, -4),
            textcoords="offset points",
            ha="right" if right else "left",
            va="top",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
        text += f" Marked: H({number(share)}) = {_amount(height, unit)}."
    describe(ax, text)
    return ax


@styled
def plot_cross_entropy(p: float, q: float | None = None, *, base: float = 2, ax: Axes | None = None) -> Axes:
    """Draw what it costs to encode a yes or no that P draws by a code made for Q, for every Q.

    The curve H(P, Q) touches its lower limit H(P) where Q = P, and nowhere else. The gap between them is the
    Kullback-Leibler divergence.

    Parameters
    ----------
    p : float
        The probability of "yes" in P, in 0..1.
    q : float, optional
        A probability of "yes" in Q at which to show the gap. Default: one well away from `p`.
    base : float, default 2
        Of the logarithm: 2 for bits, ``math.e`` for nats.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> ax = plot_cross_entropy(0.3)
    """
    share = check_real("p", p, 0, 1)
    other = (
        check_real("q", (share + 0.45) if share < 0.5 else share - 0.45, 0, 1)
        if q is None
        else check_real("q", q, 0, 1)
    )
    law, unit = np.array([share, 1 - share]), _unit(base)
    least = information.entropy(law, base)
    points = np.unique(np.append(np.linspace(0.005, 0.995, 397), share))
    points = points[(points > 0) & (points < 1)]
    costs = np.array([information.cross_entropy(law, [point, 1 - point], base) for point in points])
    ax = axes_or_new(ax)
    ax.plot(points, costs, label="H(P, Q): P draws, Q encodes", **series(0))
    ax.axhline(least, label=f"H(P) = {_amount(least, unit)}", **series(1))
    ax.plot(
        share, least, "o", ms=8, mfc="white", mec=INK, mew=1.6, zorder=3, label=f"minimum at q = p = {number(share)}"
    )
    cost = information.cross_entropy(law, [other, 1 - other], base)
    text = (
        f"The cross-entropy H(P, Q) against the probability q that Q gives to yes, where P gives it {number(share)}. "
        f"Its minimum is {_amount(least, unit)}, the entropy H(P), at q = {number(share)}."
    )
    if math.isfinite(cost):
        gap = cost - least
        words: dict[str, Any] = {"text": f"gap = KL = {number(gap)} ", "textcoords": "offset points"}
        if gap < 0.25:  # too small to stand beside an arrow: below the limit there is room
            ax.plot(other, cost, "D", ms=6, color=COLORS[1], mec=INK, zorder=4)
            ax.annotate(xy=(other, least), xytext=(0, -9), ha="center", va="top", **words)
        else:
            ax.annotate("", (other, least), xytext=(other, cost), arrowprops={"arrowstyle": "<->", "color": INK})
            left = other > 0.8 or (0.2 < other < share)  # where the curve is not in the way, if there is room
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            words |= {"ha": "right" if left else "left", "va": "center"}
            ax.annotate(xy=(other, least + gap / 2), xytext=(-6 if left else 6, 0), bbox=box, **words)
        text += f" At q = {number(other)} it is {number(cost)}: the gap, the divergence of P from Q, "
        text += f"is {_amount(gap, unit)}."
    else:
        text += f" At q = {number(other)} it is infinite: Q rules out what P draws."
    top = max(2.2 * least, 1.25 * cost if math.isfinite(cost) else 0, least + 1)
    ax.set(xlabel='q, the probability of "yes" in Q', ylabel=f"{unit} per outcome", ylim=(0, top), xlim=(-0.02, 1.02))
    grid(ax)
    ax.legend(loc="upper center")
    describe(ax, text)
    return ax


def _unit(base: float) -> str:
    """Name the unit of information in which a logarithm of this base counts."""
    return "bits" if base == 2 else "nats" if math.isclose(base, math.e) else f"units of log {number(base)}"


def _amount(value: float, unit: str) -> str:
    """Write an amount of information: ``0.5 bits``, ``1 bit``."""
    text = number(value)
    return f"{text} {unit[:-1] if text == '1' and unit in ('bits', 'nats') else unit}"
