"""Draw every figure of the course alike: notebook width, readable type, legible in grey.

Series differ by lightness and by line style or marker, never by hue alone; the hues are chosen so that color-blind
readers can tell them apart as well. Where a value has a sign, dark means negative, light means positive and the
middle grey means zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

P = ParamSpec("P")
R = TypeVar("R")

WIDTH = 7.0
"""Width of a full figure in inches: what a notebook's output column shows at 100 dots per inch."""

INK = "#1a1a1a"
FAINT = "#6b6b6b"
GRID = "#dcdcdc"

COLORS = ("#0b3c6f", "#d55e00", "#7b3f8c", "#009e73", "#1a1a1a", "#8a6d00")
LINESTYLES = ("-", (0, (5, 2)), (0, (5, 1.5, 1, 1.5)), (0, (1, 1.4)), (0, (9, 2)), (0, (3, 1, 1, 1, 1, 1)))
MARKERS = ("o", "^", "s", "D", "v", "P")
FILLS = ("#0b3c6f", "#ffb26b", "#c9a6d6", "#bfe6d8", "#ffffff", "#e8d48a")
"""Fills of markers and bars, drawn with an ink edge: dark, light, and in between."""

RC: Mapping[Any, Any] = MappingProxyType(
    {
        "figure.dpi": 100,
        "savefig.dpi": 100,
        "savefig.bbox": None,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "font.family": ["sans-serif"],
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 10,
        "axes.titlesize": 11,
        "axes.titlelocation": "left",
        "axes.labelsize": 10,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "legend.fontsize": 9,
        "legend.frameon": False,
        "legend.handlelength": 2.8,
        "lines.linewidth": 1.8,
        "lines.markersize": 6,
        "patch.linewidth": 0.8,
        "hatch.linewidth": 0.8,
        "svg.hashsalt": "chainrule",
    }
)


@contextmanager
def style() -> Iterator[None]:
    """Use the course's look for whatever is drawn inside the ``with`` block, and only there.

    Every function of `chainrule.plotting` draws in this style already; use it for figures of your own.

    Yields
    ------
    None
        Nothing: the block draws with matplotlib as always.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with style():
    ...     mpl.rcParams["legend.fontsize"]
    9.0
    """
    import matplotlib as mpl

    with mpl.rc_context(dict(RC)):
        yield


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Make a plotting function draw inside `style`."""

    @wraps(function)
    def draw(*args: P.args, **kwargs: P.kwargs) -> R:
        with style():
            return function(*args, **kwargs)

    return draw


def axes_or_new(ax: Axes | None, height: float = 3.4, width: float = WIDTH, **subplot: Any) -> Axes:
    """Return ``ax``, or the axes of a new figure of ``width`` × ``height`` inches if it is None.

    Raises
    ------
    TypeError
        If ``ax`` is neither None nor a matplotlib Axes.
    """
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    if ax is None:
        figure = plt.figure(figsize=(width, height), layout="constrained")
        new: Axes = figure.add_subplot(**subplot)
        return new
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be a matplotlib Axes or None, not {type(ax).__name__}; make one with plt.subplots()")
    return ax


def new_row(columns: int, height: float, ratios: list[float] | None = None) -> tuple[Figure, list[Axes]]:
    """Return a new figure of notebook width and its ``columns`` axes side by side."""
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(WIDTH, height), layout="constrained")
    return figure, list(figure.subplots(1, columns, squeeze=False, width_ratios=ratios)[0])


def series(index: int) -> dict[str, Any]:
    """Return color and line style of the series with this number, for ``ax.plot``.

    Raises
    ------
    ValueError
        If there are more series than readers can tell apart.
    """
    if index >= len(COLORS):
        raise ValueError(f"at most {len(COLORS)} curves can be told apart in one figure; draw the others in another")
    return {"color": COLORS[index], "linestyle": LINESTYLES[index]}


def grid(ax: Axes) -> None:
    """Lay a pale grid under the data of ``ax``."""
    ax.grid(True, color=GRID, linewidth=0.7)
    ax.set_axisbelow(True)


def signed_colormap() -> Colormap:
    """Return the color map for values with a sign: dark blue, grey at zero, pale orange.

    Its lightness rises all the way, so that the sign survives a grey printer, which a map that is
    dark at both ends does not.
    """
    from matplotlib.colors import LinearSegmentedColormap

    anchors = ["#061d42", "#2c5f9f", "#949494", "#eeb168", "#fff4d6"]
    return LinearSegmentedColormap.from_list("signed", anchors).with_extremes(bad="white")
