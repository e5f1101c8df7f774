"""See where a classifier draws the line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule._arguments import check_count, check_real
from chainrule.plotting._data import Array, counted, listed, numbers
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import FILLS, INK, MARKERS, axes_or_new, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_REGIONS = ("#a9c0dd", "#fff3e2", "#dcd0e4", "#6fae98", "#8c8c8c", "#efe6bd")


@styled
def plot_decision_boundary(
    predict: Callable[[Array], Any],
    X: ArrayLike,
    y: ArrayLike,
    *,
    threshold: float = 0.5,
    resolution: int = 200,
    xlabel: str = "x₁",
    ylabel: str = "x₂",
    ax: Axes | None = None,
) -> Axes:
    """Draw the regions that a classifier assigns to each class, and the examples on top.

    Parameters
    ----------
    predict : callable
        Takes points (m, 2) and returns for each a probability of class 1, shape (m,) or (m, 1), a class number (as
        integers), or a row of scores, one per class; such as ``model.predict``.
    X : array_like, shape (m, 2)
        The examples.
    y : array_like, shape (m,) or (m, 1)
        Their classes, whole numbers from 0; six classes at most.
    threshold : float, default 0.5
        From which probability on it is class 1.
    resolution : int, default 200
        Points of the grid in each direction.
    xlabel, ylabel : str
        Of the two features, with units.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Classes differ by marker and lightness; a line runs where one region meets another.

    Raises
    ------
    ValueError
        If X has other than two features, y other classes than the whole numbers 0 to 5, or rows are missing.
    TypeError
        If predict is no function.

    Examples
    --------
    >>> from chainrule.datasets import make_xor
    >>> import numpy as np
    >>> X, y = make_xor(40, rng=np.random.default_rng(0))
    >>> ax = plot_decision_boundary(lambda points: points[:, 0] * points[:, 1] < 0, X, y)
    """
    points = numbers("X", X, 2)
    labels = numbers("y", y).ravel()
    if points.shape[1] != 2:
        raise ValueError(f"X must have two features to be drawn in a plane, not {points.shape[1]}")
    if len(labels) != len(points):
        raise ValueError(f"y must have one class for each of the {len(points)} rows of X, not {len(labels)}")
    classes = labels.astype(int)
    if (classes != labels).any() or classes.min() < 0 or classes.max() >= len(_REGIONS):
        raise ValueError(f"y must hold whole numbers from 0 to {len(_REGIONS) - 1}, not {np.unique(labels)[:8]}")
    count, level = check_count("resolution", resolution, 2), check_real("threshold", threshold)
    if not callable(predict):
        raise TypeError(f"predict must be a function of points (m, 2), not {type(predict).__name__}")
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.08 * np.where(high > low, high - low, 1.0)
    x, up = (np.linspace(low[k] - margin[k], high[k] + margin[k], count) for k in (0, 1))
    grid = np.stack(np.meshgrid(x, up), axis=-1).reshape(-1, 2)
    regions, height = _classes(predict(grid), len(grid), level)
    if regions.max() >= len(_REGIONS):
        raise ValueError(f"predict must give at most {len(_REGIONS)} classes, not {regions.max() + 1}")

    from matplotlib.transforms import ScaledTranslation

    ax = axes_or_new(ax, height=4.2, width=5.2)
    table = regions.reshape(count, count)
    bands = np.arange(len(_REGIONS) + 1) - 0.5
    if height is None:
        ax.contourf(x, up, table, levels=bands, colors=_REGIONS)
        for each in np.unique(regions)[1:]:
            ax.contour(x, up, table >= each, levels=[0.5], colors=INK, linewidths=1.6)
    else:
        surface = height.reshape(count, count)
        edges = [min(surface.min(), level) - 1, level, max(surface.max(), level) + 1]
        ax.contourf(x, up, surface, levels=edges, colors=_REGIONS[:2])
        ax.contour(x, up, surface, levels=[level], colors=INK, linewidths=1.6)
    right, _ = _classes(predict(points), len(points), level)
    counts = []
    for each in np.unique(classes):
        mine = classes == each
        ax.plot(*points[mine].T, MARKERS[each], ms=6, mfc=FILLS[each], mec=INK, mew=0.8, ls="", label=f"class {each}")
        counts.append(f"{counted(int(mine.sum()), 'example')} of class {each}")
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(x[0], x[-1]), ylim=(up[0], up[-1]))
    # Below the axis, whatever its size: above it a title would be in the way.
    below = ax.transAxes + ScaledTranslation(0, -38 / 72, ax.figure.dpi_scale_trans)
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=below, ncols=3, borderaxespad=0)
    found = listed([f"class {each}" for each in np.unique(regions)])
    describe(
        ax,
        f"The plane of {xlabel} and {ylabel} with {listed(counts)}; the classifier divides it into regions of {found}. "
        f"{int((right == classes).sum())} of {len(classes)} examples lie in the region of their class.",
    )
    return ax


def _classes(given: Any, m: int, threshold: float) -> tuple[Any, Array | None]:
    """Return the class of each point, and the probability of class 1 if that is what was predicted."""
    raw = np.asarray(given)
    if raw.shape not in ((m,), (m, 1)) and not (raw.ndim == 2 and raw.shape[0] == m):
        raise ValueError(
            f"predict must return one value or one row of scores for each point, not shape {raw.shape} for {m}"
        )
    scores = numbers("predict(…)", raw, 1, 2)
    if scores.ndim == 2 and scores.shape[1] > 1:
        return scores.argmax(axis=1), None
    if raw.dtype.kind in "biu":
        return scores.ravel().astype(int), None
    return (scores.ravel() >= threshold).astype(int), scores.ravel()
