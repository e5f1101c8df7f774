"""See which minimum a descent reaches, from every start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule.plotting._data import number, numbers
from chainrule.plotting.landscapes import Span, check_span
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import INK, axes_or_new, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@styled
def plot_basins(
    basins: ArrayLike,
    span: Span,
    minima: ArrayLike | None = None,
    *,
    xlabel: str = "w₁ of the start",
    ylabel: str = "w₂ of the start",
    ax: Axes | None = None,
) -> Axes:
    """Draw which minimum a descent reaches from each starting point.

    Parameters
    ----------
    basins : array_like of int, shape (rows, columns)
        For each start the number of the minimum, from 0, that is reached; negative where none is. Row 0 is at the
        lower end of the second variable.
    span : ((low, high), (low, high))
        Of the first variable, across, and of the second, up: the first and the last start of a row, or of a column.
    minima : array_like, shape (k, 2), optional
        Where the minima are; each is marked by its number.
    xlabel, ylabel : str
        What the axes show.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Basins that touch differ by lightness, and a line runs between them. Starts that reach none are black.

    Raises
    ------
    ValueError
        If basins is no table of whole numbers, or a basin has no minimum.

    Examples
    --------
    >>> ax = plot_basins([[0, 0, 1], [0, 1, 1]], ((-1, 1), (0, 1)), minima=[[-1, 0], [1, 1]])
    """
    table = np.asarray(basins)
    if table.dtype.kind not in "iu" or table.ndim != 2 or min(table.shape, default=0) < 2:
        raise ValueError(
            "basins must be a table of whole numbers with two rows and columns at least, "
            f"not {table.dtype} of shape {table.shape}"
        )
    (x0, x1), (y0, y1) = check_span(span)
    shades = _shades(table)
    picture = np.zeros((*table.shape, 3))
    for basin, shade in shades.items():
        picture[table == basin] = shade
    dx, dy = (
        (end - start) / (count - 1) / 2 for start, end, count in ((x0, x1, table.shape[1]), (y0, y1, table.shape[0]))
    )
    ax = axes_or_new(ax, height=4.2, width=5.0)
    box = (x0 - dx, x1 + dx, y0 - dy, y1 + dy)
    ax.imshow(picture, origin="lower", extent=box, interpolation="nearest", aspect="auto")
    _borders(ax, table, box)
    found = [int(each) for each in np.unique(table) if each >= 0]
    if minima is not None:
        points = numbers("minima", minima, 2)
        if points.shape[1] != 2 or (found and found[-1] >= len(points)):
            raise ValueError(
                f"minima must be a point (w₁, w₂) for each basin 0 to {found[-1]}, not of shape {points.shape}"
            )
        for index, point in enumerate(points):
            ax.plot(*point, "o", ms=15 if len(points) <= 9 else 5, mfc="white", mec=INK, mew=1.2)
            if len(points) <= 9:
                ax.annotate(str(index), tuple(point), ha="center", va="center", fontsize=9, fontweight="bold")
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=box[:2], ylim=box[2:])
    shares = [
        f"minimum {each} from {number(100 * float((table == each).mean()))} % of the starts" for each in found[:9]
    ]
    none = float((table < 0).mean())
    describe(
        ax,
        f"Map of where {table.size} descents end, by their starting point: {'; '.join(shares)}"
        f"{'; and so on for ' + str(len(found)) + ' minima' if len(found) > 9 else ''}"
        f"{f'; none from {number(100 * none)} %' if none else ''}.",
    )
    return ax


def _shades(table: Any) -> dict[int, tuple[float, float, float]]:
    """Give each basin a shade of its own, or, if there are too many, another one than the basins that it touches."""
    import networkx as nx
    from matplotlib.colors import to_rgb

    touching = nx.Graph()
    touching.add_nodes_from(int(each) for each in np.unique(table) if each >= 0)
    for a, b in ((table[:, :-1], table[:, 1:]), (table[:-1], table[1:])):
        pairs = np.unique(np.stack([a[a != b], b[a != b]], axis=1), axis=0)
        touching.add_edges_from((int(p), int(q)) for p, q in pairs if p >= 0 and q >= 0)
    palette = [to_rgb(each) for each in ("#e9eef5", "#7f9fc6", "#f3c58e", "#4d6b93", "#b7b7b7", "#c98b45", "#8a8a8a")]
    few = len(touching) <= len(palette)
    colors = dict(zip(touching, range(len(palette)), strict=False)) if few else nx.greedy_color(touching)
    return {basin: palette[color % len(palette)] for basin, color in colors.items()} | {-1: to_rgb("black")}


def _borders(ax: Axes, table: Any, box: tuple[float, float, float, float]) -> None:
    """Draw a line wherever two basins meet."""
    from matplotlib.collections import LineCollection

    x = np.linspace(box[0], box[1], table.shape[1] + 1)
    y = np.linspace(box[2], box[3], table.shape[0] + 1)
    upright = [[(x[j + 1], y[i]), (x[j + 1], y[i + 1])] for i, j in np.argwhere(table[:, 1:] != table[:, :-1])]
    level = [[(x[j], y[i + 1]), (x[j + 1], y[i + 1])] for i, j in np.argwhere(table[1:] != table[:-1])]
    ax.add_collection(LineCollection(upright + level, colors=INK, linewidths=0.8))
