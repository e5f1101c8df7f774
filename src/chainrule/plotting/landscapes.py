"""Look at a cost of two variables from above or from the side, with the way a search took through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule._arguments import check_count
from chainrule.plotting._data import Array, counted, number, numbers
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import COLORS, FAINT, INK, LINESTYLES, MARKERS, axes_or_new, new_row, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

_LINES = 10_000
"""Up to so many corners contours get lines; beyond, lines would cover a landscape of many hills, and swell the file."""

Span = tuple[tuple[float, float], tuple[float, float]]


@styled
def plot_contours(
    function: Callable[..., Any],
    span: Span,
    paths: Mapping[str, ArrayLike] | ArrayLike | None = None,
    *,
    minima: ArrayLike | None = None,
    levels: int = 10,
    log: bool = False,
    xlabel: str = "w₁",
    ylabel: str = "w₂",
    zlabel: str = "cost",
    ax: Axes | None = None,
) -> Axes:
    """Draw a cost of two variables as a map, the lighter the lower, with the paths of descents on it.

    Parameters
    ----------
    function : callable
        Takes points (..., 2) and returns heights (...), as a `Landscape` does; or takes one point (2,).
    span : ((low, high), (low, high))
        Of the first variable, across, and of the second, up.
    paths : array_like of shape (steps + 1, 2), or mapping of str to such, optional
        Where each step ended, the start first. Each starts with a ring and ends with a filled marker of its own;
        five at most.
    minima : array_like, shape (k, 2), optional
        Points to mark by a cross.
    levels : int, default 10
        About how many contours.
    log : bool, default False
        Space the contours evenly in the logarithm of the height above the lowest, to show a deep valley.
    xlabel, ylabel, zlabel : str
        Of the two variables and the height.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from chainrule.landscapes import himmelblau
    >>> hills = himmelblau()
    >>> ax = plot_contours(hills, hills.domain, [[0, 0], [1, 1.5], [2.5, 2]], minima=hills.minima)
    """
    x, y, heights = _heights(function, span, 121)
    walks = _walks(paths)
    ax = axes_or_new(ax, height=4.2, width=5.6)
    filled = _fill(ax, x, y, heights, check_count("levels", levels, 2), log)
    scale = ax.figure.colorbar(filled, ax=ax, pad=0.02, shrink=0.9, format=lambda level, _: number(level))
    scale.set_label(zlabel)
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    low = np.unravel_index(int(heights.argmin()), heights.shape)
    text = (
        f"Map of the {zlabel} against {xlabel} and {ylabel}, light where it is low. On the grid drawn it lies between "
        f"{number(heights.min())}, near {_spot(x[low[1]], y[low[0]])}, and {number(heights.max())}."
    )
    if minima is not None:
        points = numbers("minima", minima, 2)
        ax.plot(
            points[:, 0], points[:, 1], "X", ms=8, color="white", mec=INK, mew=1.2, ls="", zorder=4, label="minimum"
        )
        text += f" {counted(len(points), 'minimum', 'minima')} marked by crosses."
    for index, (name, walk) in enumerate(walks.items()):
        _trail(ax, walk, index, name)
        costs = [float(np.asarray(function(point))) for point in (walk[0], walk[-1])]
        text += (
            f" {name}: {counted(len(walk) - 1, 'step')} from {_spot(*walk[0])} to {_spot(*walk[-1])}, "
            f"{zlabel} from {number(costs[0])} to {number(costs[1])}."
        )
    if len(walks) > 1 or minima is not None:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0.2)
    describe(ax, text)
    return ax


@styled
def plot_surface(
    function: Callable[..., Any],
    span: Span,
    path: ArrayLike | None = None,
    *,
    xlabel: str = "w₁",
    ylabel: str = "w₂",
    zlabel: str = "cost",
    view: tuple[float, float] = (35, -60),
    ax: Axes | None = None,
) -> Axes:
    """Draw a cost of two variables as a hilly surface, seen from the side, and a descent on it.

    Parameters
    ----------
    function : callable
        Takes points (..., 2) and returns heights (...), as a `Landscape` does; or takes one point (2,).
    span : ((low, high), (low, high))
        Of the two variables.
    path : array_like, shape (steps + 1, 2), optional
        Where each step ended, the start first.
    xlabel, ylabel, zlabel : str
        Of the two variables and the height.
    view : (elevation, azimuth), default (35, -60)
        Where to look from, in degrees.
    ax : matplotlib.axes.Axes, optional
        Axes with ``projection="3d"``. Default: a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If ax is not three-dimensional.

    Examples
    --------
    >>> ax = plot_surface(lambda w: (w**2).sum(axis=-1), ((-2, 2), (-2, 2)))
    """
    x, y, heights = _heights(function, span, 45)
    ax = axes_or_new(ax, height=4.4, width=5.6, projection="3d")
    if ax.name != "3d":
        raise ValueError("ax must be three-dimensional; make it with plt.figure().add_subplot(projection='3d')")
    solid: Any = ax
    across, up = np.meshgrid(x, y)
    solid.plot_surface(
        across, up, heights, cmap=_lightening(), edgecolor=FAINT, linewidth=0.25, rstride=2, cstride=2, alpha=0.85
    )
    text = (
        f"Surface of the {zlabel} over {xlabel} and {ylabel}, light where it is low, "
        f"between {number(heights.min())} and {number(heights.max())}."
    )
    if path is not None:
        walk = _walks(path)["path"]
        costs = np.array([float(np.asarray(function(point))) for point in walk])
        solid.plot(*walk.T, costs, "o-", color=COLORS[1], mec=INK, mew=0.6, ms=5, lw=1.6, zorder=10)
        text += f" A path of {counted(len(walk) - 1, 'step')} on it, from {number(costs[0])} to {number(costs[-1])}."
    solid.view_init(*view)
    solid.set(xlabel=xlabel, ylabel=ylabel, zlabel=zlabel)
    solid.zaxis.labelpad = 8
    solid.locator_params(axis="both", nbins=5)
    solid.set_box_aspect(None, zoom=0.85)
    describe(ax, text)
    return ax


@styled
def plot_population(
    function: Callable[..., Any],
    span: Span,
    populations: Mapping[str, ArrayLike],
    *,
    minima: ArrayLike | None = None,
    log: bool = False,
    xlabel: str = "w₁",
    ylabel: str = "w₂",
) -> list[Axes]:
    """Draw a population of points closing in on a minimum: one map for each of up to four generations.

    Parameters
    ----------
    function : callable
        Takes points (..., 2) and returns heights (...), as a `Landscape` does; or takes one point (2,).
    span : ((low, high), (low, high))
        Of the two variables.
    populations : mapping of str to array_like, shape (size, 2)
        Up to four generations, such as ``{"generation 0": …, "generation 20": …}``.
    minima : array_like, shape (k, 2), optional
        Points to mark by a cross.
    log : bool, default False
        Space the contours evenly in the logarithm of the height above the lowest.
    xlabel, ylabel : str
        Of the two variables.

    Returns
    -------
    list of matplotlib.axes.Axes
        One for each generation, in a figure of their own, since they are its point; pass any of them to `show`.

    Raises
    ------
    ValueError
        If there are no populations or more than four, or points that are not (w₁, w₂).

    Examples
    --------
    >>> import numpy as np
    >>> points = np.random.default_rng(0).normal(size=(20, 2))
    >>> bowl = lambda w: (w**2).sum(axis=-1)
    >>> panels = plot_population(bowl, ((-3, 3), (-3, 3)), {"first": points, "last": points / 9})
    """
    if not isinstance(populations, Mapping) or not 1 <= len(populations) <= 4:
        raise ValueError("populations must be a mapping of one to four names to points, one point a row")
    clouds = {str(name): numbers(f"populations[{name!r}]", cloud, 2) for name, cloud in populations.items()}
    x, y, heights = _heights(function, span, 81)
    panels = new_row(len(clouds), 0.95 + 5.9 / max(len(clouds), 2))[1]
    for panel, (name, cloud) in zip(panels, clouds.items(), strict=True):
        if cloud.shape[1] != 2:
            raise ValueError(f"populations[{name!r}] must hold points (w₁, w₂), not of shape {cloud.shape}")
        _fill(panel, x, y, heights, 8, log)
        panel.plot(*cloud.T, "o", ms=4, color=COLORS[0], mec="white", mew=0.5, zorder=5)
        if minima is not None:
            panel.plot(*numbers("minima", minima, 2).T, "X", ms=11, color="white", mec=INK, mew=1.2)
        panel.set(xlabel=xlabel, xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        panel.set_title(name)
        costs = np.array([float(np.asarray(function(point))) for point in cloud])
        describe(
            panel,
            f"{name}: {counted(len(cloud), 'point')} on the map of the cost, light where it is low, their mean at "
            f"{_spot(*cloud.mean(axis=0))}, spread {number(float(cloud.std(axis=0).mean()))}, "
            f"best cost {number(costs.min())}.",
        )
        panel.set_ylabel(ylabel)
    return panels


def check_span(span: Any) -> Span:
    """Return the ranges of two variables, checked."""
    table = numbers("span", span, 2)
    if table.shape != (2, 2) or not (table[:, 0] < table[:, 1]).all():
        raise ValueError(f"span must be ((low, high), (low, high)) with low < high, not {span}")
    (x0, x1), (y0, y1) = table.tolist()
    return (x0, x1), (y0, y1)


def _heights(function: Callable[..., Any], span: Any, count: int) -> tuple[Array, Array, Array]:
    """Compute the heights on a grid; the function may take all points at once, or one point."""
    if not callable(function):
        raise TypeError(f"function must be a function of points (..., 2), not {type(function).__name__}")
    (x0, x1), (y0, y1) = check_span(span)
    x, y = np.linspace(x0, x1, count), np.linspace(y0, y1, count)
    points = np.stack(np.meshgrid(x, y), axis=-1)
    try:
        heights = np.asarray(function(points), dtype=np.float64)
        corner = float(np.asarray(function(points[0, -1])))
        whole = heights.shape == points.shape[:2] and bool(np.isclose(heights[0, -1], corner, equal_nan=True))
    except (TypeError, ValueError, IndexError):
        whole = False
    if not whole:
        heights = np.array([[float(np.asarray(function(point))) for point in row] for row in points])
    return x, y, numbers("function(…)", heights, 2)


def _walks(paths: Any) -> dict[str, Array]:
    """Return paths by name."""
    table = {} if paths is None else paths if isinstance(paths, Mapping) else {"path": paths}
    walks = {str(name): numbers(f"paths[{name!r}]", path, 2) for name, path in table.items()}
    for name, walk in walks.items():
        if walk.shape[1] != 2:
            raise ValueError(f"paths[{name!r}] must hold points (w₁, w₂), not of shape {walk.shape}")
    return walks


def _fill(ax: Axes, x: Array, y: Array, heights: Array, levels: int, log: bool) -> Any:
    """Draw filled contours with thin lines between them."""
    low, high = float(heights.min()), float(heights.max())
    if log:
        above = np.sort((heights - low)[heights > low])
        first = float(above[len(above) // 200]) if len(above) else 1e-9
        steps = low + np.concatenate([[0.0], np.geomspace(first, max(high - low, 2 * first), levels)])
    else:
        steps = np.linspace(low, high if high > low else low + 1, levels + 1)
    filled = ax.contourf(x, y, heights, levels=steps, cmap=_lightening(), norm=_by_rank(steps))
    vertices = sum(np.shape(path.vertices)[0] for path in filled.get_paths())
    if vertices < _LINES:
        ax.contour(x, y, heights, levels=steps, colors=FAINT, linewidths=0.4)
    return filled


def _by_rank(steps: Array) -> Any:
    """Return a norm that gives each contour the next shade, whatever the distances of the levels."""
    from matplotlib.colors import BoundaryNorm

    return BoundaryNorm(steps, 256)


def _lightening() -> Colormap:
    """Return a color map for heights: white where they are low, and never so dark that a path is lost on it."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("heights", ["#ffffff", "#d3e0ee", "#9db8d6", "#6a8db8"])


def _trail(ax: Axes, walk: Array, index: int, name: str) -> None:
    """Draw a path: a ring at its start, a filled marker at its end."""
    if index >= len(COLORS) - 1:
        raise ValueError(f"at most {len(COLORS) - 1} paths can be told apart in one figure")
    few = len(walk) <= 40
    color, line = COLORS[index], LINESTYLES[index] if len(walk) < 200 else "-"
    ax.plot(*walk.T, linestyle=line, color=color, lw=1.5, marker="." if few else "", ms=4, label=name, zorder=5)
    ax.plot(*walk[0], "o", ms=8, mfc="white", mec=color, mew=2, zorder=6)
    ax.plot(*walk[-1], MARKERS[1 + index % 5], ms=8, color=color, mec="white", mew=1, zorder=6)


def _spot(x: float, y: float) -> str:
    return f"({number(x)}, {number(y)})"
