"""Follow a search for the lowest valley: its chance of success, the temperature of annealing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule._arguments import check_count, check_real
from chainrule.plotting._data import counted, listed, number, numbers
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import FAINT, INK, WIDTH, axes_or_new, grid, series, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@styled
def plot_success(
    p: float,
    starts: int = 50,
    measured: Mapping[int, float] | None = None,
    *,
    runs: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the chance that at least one of k starts finds the lowest valley, 1 - (1 - p)ᵏ, beside what was measured.

    Parameters
    ----------
    p : float
        Chance of one start, in 0..1.
    starts : int, default 50
        The largest k.
    measured : mapping of int to float, optional
        Number of starts k → share of experiments that succeeded.
    runs : int, optional
        How many experiments each measured share comes from; draws bars of one standard error, √(q (1 - q) / runs).
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a share is outside 0..1.

    Examples
    --------
    >>> ax = plot_success(0.2, 20, {1: 0.21, 5: 0.66, 20: 0.99}, runs=100)
    """
    chance, most = check_real("p", p, 0, 1), check_count("starts", starts)
    k = np.arange(most + 1)
    curve = 1 - (1 - chance) ** k
    ax = axes_or_new(ax)
    ax.plot(k, curve, label=f"1 − (1 − p)ᵏ with p = {number(chance)}", **series(0))
    enough = k[curve >= 0.95]
    text = f"The chance of success against the number of starts k, with p = {number(chance)} for one start."
    if len(enough) and chance > 0:
        ax.axhline(0.95, color=FAINT, linewidth=1, linestyle=":")
        # Above the line on the left, where the curve has not arrived yet.
        ax.annotate(f"95 % from k = {enough[0]}", (0, 0.95), xytext=(0, 3), textcoords="offset points")
        text += f" It reaches 0.95 at k = {enough[0]}."
    if measured:
        places = numbers("measured", list(measured), 1)
        shares = numbers("measured", list(measured.values()), 1)
        if shares.min() < 0 or shares.max() > 1:
            raise ValueError("measured must hold shares in 0..1")
        error = np.sqrt(shares * (1 - shares) / check_count("runs", runs)) if runs is not None else None
        ax.errorbar(places, shares, error, fmt="o", ms=6, mfc="white", mec=INK, ecolor=INK, capsize=3, label="measured")
        pairs = [f"{number(share)} at {int(place)}" for place, share in zip(places, shares, strict=True)]
        text += f" Measured: {listed(pairs)}."
    ax.set(xlabel="number of starts k", ylabel="chance of success", ylim=(-0.03, 1.05))
    grid(ax)
    ax.legend(loc="lower right")
    describe(ax, text)
    return ax


@styled
def plot_annealing(
    heights: ArrayLike,
    temperatures: ArrayLike,
    *,
    zlabel: str = "cost",
    axes: Sequence[Axes] | None = None,
) -> Sequence[Axes]:
    """Draw the course of simulated annealing: where it stands and the best so far, above the falling temperature.

    Two axes, one above the other, are the point of this figure.

    Parameters
    ----------
    heights : array_like, shape (steps,), or SearchResult
        The cost where the search stands after each step.
    temperatures : array_like, shape (steps,) or (steps - 1,)
        The temperature of each step, above 0.
    zlabel : str
        What the heights are.
    axes : sequence of two matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    sequence of two matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there are too few or too many temperatures, one is 0 or below, or axes are not two.

    Examples
    --------
    >>> upper, lower = plot_annealing([5, 3, 4, 2, 1], [4, 2, 1, 0.5])
    """
    import matplotlib.pyplot as plt

    now = numbers("heights", getattr(heights, "current_trace", heights), 1)
    heat = numbers("temperatures", temperatures, 1)
    if len(heat) not in (len(now), len(now) - 1):
        raise ValueError(f"temperatures must be one for each of the {len(now)} heights, or one fewer, not {len(heat)}")
    if heat.min() <= 0:
        raise ValueError(f"temperatures must be above 0 to be drawn on a logarithmic axis, not {heat.min()}")
    if axes is None:
        figure = plt.figure(figsize=(WIDTH, 4.2), layout="constrained")
        panels: list[Any] = list(figure.subplots(2, 1, sharex=True, height_ratios=[2, 1]))
    else:
        panels = [axes_or_new(each) for each in axes]
    if len(panels) != 2:
        raise ValueError(f"axes must be two, not {len(panels)}")
    best = np.minimum.accumulate(now)
    panels[0].plot(now, color="#5f88b5", linewidth=0.9, label="where it stands")
    panels[0].plot(best, color=INK, linewidth=2, label="best so far")
    panels[0].set_ylabel(zlabel)
    panels[0].legend()
    panels[1].plot(np.arange(len(heat)) + len(now) - len(heat), heat, **series(1))
    panels[1].set(xlabel="step", ylabel="temperature", yscale="log")
    for panel in panels:
        grid(panel)
    uphill = int((np.diff(now) > 0).sum())
    describe(
        panels[0],
        f"The {zlabel} over {counted(len(now) - 1, 'step')} of annealing, from {number(now[0])} to {number(now[-1])}, "
        f"{counted(uphill, 'step')} uphill, the best {number(best[-1])} at step {int(now.argmin())}.",
    )
    describe(panels[1], f"Below, the temperature falls from {number(heat[0])} to {number(heat[-1])}, logarithmic.")
    return panels
