"""Draw functions of one number: curves, activations with their slopes, piecewise-linear nets, fits to data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule._arguments import check_real
from chainrule.plotting._data import Array, counted, listed, number, numbers, one_each, values_of
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import FAINT, INK, axes_or_new, grid, new_row, series, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@styled
def plot_curves(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    xlabel: str,
    ylabel: str,
    xlog: bool = False,
    ylog: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw several curves over the same points, told apart by line style and lightness.

    Parameters
    ----------
    x : array_like, shape (points,)
    curves : mapping of str to array_like of shape (points,) or a function of x
        At most six. NaN leaves a gap.
    xlabel, ylabel : str
        What the axes show, with units.
    xlog, ylog : bool, default False
        Draw the axis logarithmically.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If curves is no mapping, or empty.

    Examples
    --------
    >>> import numpy as np
    >>> z = np.linspace(-3, 3, 50)
    >>> ax = plot_curves(z, {"tanh": np.tanh(z), "clipped": np.clip(z, -1, 1)}, xlabel="z", ylabel="g(z)")
    """
    places = numbers("x", x, 1)
    if not isinstance(curves, Mapping) or not curves:
        raise ValueError('curves must be a mapping of names to values, such as {"tanh": np.tanh(x)}')
    ax = axes_or_new(ax)
    sentences = []
    for index, (name, given) in enumerate(curves.items()):
        values = _on(places, given, str(name))
        ax.plot(places, values, label=str(name), **series(index))
        sentences.append(f"{name}: from {number(values[0])} to {number(values[-1])}{_extremes(places, values)}.")
    if xlog:
        ax.set_xscale("log")
    if ylog:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    grid(ax)
    if len(curves) > 1:
        ax.legend()
    describe(
        ax,
        f"{counted(len(curves), 'curve')} of {ylabel} against {xlabel}, for {number(places.min())} to "
        f"{number(places.max())}. {' '.join(sentences)}",
    )
    return ax


@styled
def plot_activation(
    activation: object,
    *,
    z: ArrayLike | None = None,
    axes: Sequence[Axes] | None = None,
) -> Sequence[Axes]:
    """Draw an activation and, beside it, its slope: what a gradient is multiplied by on its way back.

    Two axes side by side are the point of this figure.

    Parameters
    ----------
    activation : str, callable or pair (f, df)
        A name such as "relu", or whatever a layer takes as its activation.
    z : array_like, shape (points,), optional
        Where to draw. Default: -5 to 5.
    axes : sequence of two matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    sequence of two matplotlib.axes.Axes
        The activation, its slope; pass either of them to `show`.

    Examples
    --------
    >>> left, right = plot_activation("sigmoid")
    """
    return _activations([activation], z, axes)


@styled
def plot_activations(
    activations: Sequence[object],
    *,
    z: ArrayLike | None = None,
    axes: Sequence[Axes] | None = None,
) -> Sequence[Axes]:
    """Draw several activations in one picture and their slopes in another beside it.

    Parameters
    ----------
    activations : sequence of str, callable or pair (f, df)
        At most six.
    z : array_like, shape (points,), optional
        Where to draw. Default: -5 to 5.
    axes : sequence of two matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    sequence of two matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If activations is a single one, or empty.

    Examples
    --------
    >>> left, right = plot_activations(["sigmoid", "tanh", "relu"])
    """
    if isinstance(activations, str) or callable(activations) or not len(activations):
        raise TypeError('activations must be a list such as ["relu", "tanh"]; draw a single one with plot_activation')
    return _activations(list(activations), z, axes)


@styled
def plot_piecewise_linear(
    function: Callable[..., object],
    knots: ArrayLike,
    *,
    x: ArrayLike | None = None,
    target: Callable[..., object] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a curve made of straight pieces, such as a ReLU network's, and mark the knots where it bends.

    Parameters
    ----------
    function : callable
        Of one number or an array.
    knots : array_like, shape (k,)
        Where it bends.
    x : array_like, shape (points,), optional
        Where to draw. Default: all knots, and as much again as half their span on both sides.
    target : callable, optional
        A curve that it is meant to follow, drawn dashed.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import numpy as np
    >>> ax = plot_piecewise_linear(lambda x: np.maximum(0, x) - 2 * np.maximum(0, x - 1), [0, 1])
    """
    bends = np.unique(numbers("knots", knots, 1))
    if x is None:
        margin = np.ptp(bends) / 2 or 1.0
        x = np.linspace(bends[0] - margin, bends[-1] + margin, 201)
    places = np.unique(np.concatenate([numbers("x", x, 1), bends]))
    values = values_of(function, places, "function")
    heights = values_of(function, bends, "function")
    ax = axes_or_new(ax)
    if target is not None:
        ax.plot(places, values_of(target, places, "target"), label="target", **series(1))
    ax.plot(places, values, label="straight pieces", **series(0))
    ax.plot(bends, heights, "o", ms=7, mfc="white", mec=INK, mew=1.4, label="knots", zorder=3)
    edges = np.concatenate([[places[0]], bends, [places[-1]]])
    ends = np.interp(edges, places, values)
    wide = np.diff(edges) > 0
    slopes = np.diff(ends)[wide] / np.diff(edges)[wide]
    ax.set(xlabel="x", ylabel="output")
    grid(ax)
    ax.legend()
    describe(
        ax,
        f"A curve of {counted(len(slopes), 'straight piece')} "
        f"with slopes {listed([number(slope) for slope in slopes])}, "
        f"bending at x = {listed([number(bend) for bend in bends])}"
        f"{'' if target is None else ', beside the target that it is to follow'}.",
    )
    return ax


@styled
def plot_fits(
    x: ArrayLike,
    y: ArrayLike,
    fits: Mapping[str, Callable[..., object]],
    *,
    truth: Callable[..., object] | None = None,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    grid_points: int = 300,
    ax: Axes | None = None,
) -> Axes:
    """Draw noisy points and the curves fitted to them, such as polynomials of several degrees.

    Parameters
    ----------
    x, y : array_like, shape (m,)
        The points that were fitted.
    fits : mapping of str to callable
        Each fitted curve, a function of one number or an array. At most five.
    truth : callable, optional
        The curve without noise, drawn thin and grey.
    validation : (x, y), optional
        Points that were not fitted, drawn as triangles.
    grid_points : int, default 300
        At how many places to compute each curve.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes
        The vertical axis keeps to the data: a curve that shoots off is cut at the edge of the picture.

    Raises
    ------
    ValueError
        If x and y differ in length, or fits is no mapping, or empty.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(-1, 1, 12)
    >>> y = np.sin(3 * x)
    >>> ax = plot_fits(x, y, {f"degree {k}": np.polynomial.Polynomial.fit(x, y, k) for k in (1, 3)})
    """
    xs, ys = numbers("x", x, 1), numbers("y", y, 1)
    if len(xs) != len(ys):
        raise ValueError(f"x and y must be equally long, not {len(xs)} and {len(ys)}")
    if not isinstance(fits, Mapping) or not fits:
        raise ValueError("fits must be a mapping of names to functions")
    places = np.linspace(xs.min(), xs.max(), int(check_real("grid_points", grid_points, 2)))
    ax = axes_or_new(ax)
    if truth is not None:
        ax.plot(places, values_of(truth, places, "truth"), color=FAINT, linewidth=1, label="without noise")
    sentences = []
    for index, (name, fit) in enumerate(fits.items()):
        ax.plot(places, values_of(fit, places, f"fits[{name!r}]"), label=str(name), **series(index))
        error = _rms(ys - values_of(fit, xs, f"fits[{name!r}]"))
        text = f"{name} misses them by {number(error)} on average (root mean square)"
        if validation is not None:
            vx, vy = (numbers("each of validation", each, 1) for each in validation)
            text += f" and the points not fitted by {number(_rms(vy - values_of(fit, vx, str(name))))}"
        sentences.append(text + ".")
    ax.plot(xs, ys, "o", ms=5, mfc="white", mec=INK, mew=1.2, label="fitted points", zorder=3)
    heights = ys
    if validation is not None:
        vx, vy = (numbers("each of validation", each, 1) for each in validation)
        ax.plot(vx, vy, "^", ms=5, mfc=FAINT, mec=INK, mew=0.8, label="points not fitted", zorder=3)
        heights = np.concatenate([ys, vy])
    margin = 0.25 * np.ptp(heights) or 1.0
    crowded = len(ax.get_legend_handles_labels()[1]) > 4  # then the legend lies in rows above the points
    above = 2 * margin if crowded else margin
    ax.set(xlabel="x", ylabel="y", ylim=(heights.min() - margin, heights.max() + above))
    grid(ax)
    ax.legend(**({"ncols": 3, "loc": "upper center"} if crowded else {}))
    describe(ax, f"{counted(len(xs), 'noisy point')} and {counted(len(fits), 'fitted curve')}. {' '.join(sentences)}")
    return ax


def _activations(given: list[object], z: ArrayLike | None, axes: Sequence[Axes] | None) -> Sequence[Axes]:
    from chainrule import activations

    places = np.linspace(-5, 5, 401) if z is None else np.sort(numbers("z", z, 1))
    functions = [activations.get(each) for each in given]
    panels = new_row(2, 2.9)[1] if axes is None else [axes_or_new(each) for each in axes]
    one_each("axes", panels, 2, "pictures")
    names = []
    for index, function in enumerate(functions):
        if function.name == "softmax":
            raise ValueError("activations must work on one number at a time; softmax looks at a whole row")
        values, slopes = np.asarray(function(places)), np.asarray(function.derivative(places))
        look = series(index)
        # A jump of the slope is a gap, not a steep line: relu has no slope of one half at 0.
        jumps = [k + 1 for k in range(len(places) - 1) if _jumps(function.derivative, places[k], places[k + 1])]
        broken, at = np.insert(slopes, jumps, np.nan), np.insert(places, jumps, np.nan)
        panels[0].plot(places, values, label=function.name, **look)
        panels[1].plot(at, broken, label=function.name, **look)
        names.append(function.name)
        describe(
            panels[0],
            f"{function.name} rises from {number(values[0])} at z = {number(places[0])} "
            f"to {number(values[-1])} at z = {number(places[-1])}.",
        )
        describe(
            panels[1],
            f"The slope of {function.name} lies between {number(slopes.min())} and {number(slopes.max())}"
            f"{_top(places, slopes)}.",
        )
    for panel, title, label in ((panels[0], "activation", "g(z)"), (panels[1], "slope", "g′(z)")):
        panel.axhline(0, color=FAINT, linewidth=0.8, zorder=1)
        panel.axvline(0, color=FAINT, linewidth=0.8, zorder=1)
        panel.set(xlabel="z", ylabel=label)
        panel.set_title(f"{names[0]}: {title}" if len(names) == 1 else title)
        grid(panel)
    if len(names) > 1:
        panels[0].legend()
    return panels


def _jumps(slope: Callable[..., Any], low: float, high: float) -> bool:
    """Whether a slope jumps somewhere between two points: half of its change stays, however near they come."""
    ends = np.array([low, high])
    change = abs(float(np.diff(slope(ends))[0]))
    if change < 0.05:
        return False
    for _ in range(30):
        middle = ends.mean()
        halves = np.abs(np.diff(slope(np.array([ends[0], middle, ends[1]]))))
        ends = np.array([ends[0], middle] if halves[0] > halves[1] else [middle, ends[1]])
    return abs(float(np.diff(slope(ends))[0])) > change / 2


def _top(places: Array, values: Array) -> str:
    """Say where a curve is highest, if it is highest at one place."""
    at = np.isclose(values, values.max(), rtol=1e-9, atol=0)
    return f", with its top at z = {number(float(places[at][0]))}" if at.sum() == 1 else ""


def _on(places: Array, given: Any, name: str) -> Array:
    """Return a curve's values at the places."""
    if callable(given):
        return values_of(given, places, f"curves[{name!r}]")
    values = numbers(f"curves[{name!r}]", given, 1, finite=False)
    if len(values) != len(places):
        raise ValueError(f"curves[{name!r}] must have one value for each of the {len(places)} of x, not {len(values)}")
    if not np.isfinite(values).any():
        raise ValueError(f"curves[{name!r}] must have a finite value somewhere")
    return values


def _extremes(places: Array, values: Array) -> str:
    """Say where a curve is lowest and highest, if that is not at an end."""
    words = []
    for word, at in (("lowest", int(np.nanargmin(values))), ("highest", int(np.nanargmax(values)))):
        if values[at] not in (values[0], values[-1]):
            words.append(f"{word} {number(values[at])} at {number(places[at])}")
    return f", {listed(words)}" if words else ""


def _rms(errors: Array) -> float:
    return float(np.sqrt(np.mean(errors**2)))
