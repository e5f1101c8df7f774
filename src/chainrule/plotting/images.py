"""Look at digits, at weights and at a decision as images: one small square a pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule._arguments import check_count, check_real
from chainrule.plotting._data import Array, counted, number, numbers, one_each
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import FAINT, GRID, WIDTH, axes_or_new, signed_colormap, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Room between two images of a mosaic, in pixels of the images; a line of text above each needs more of it.
_GAP = 1
_LABEL = 2


@styled
def plot_images(
    images: ArrayLike,
    labels: Sequence[object] | None = None,
    *,
    shape: tuple[int, int] | None = None,
    columns: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw images in a grid, dark ink on light paper.

    Parameters
    ----------
    images : array_like, shape (m, n) or (m, height, width)
        One image each, in rows of pixels from left to right and top to bottom. The smallest of all values is drawn
        as paper, the largest as ink.
    labels : sequence of length m, optional
        What to write above each image.
    shape : (height, width), optional
        Of an image, in pixels; needed for rows of n pixels unless the images are square.
    columns : int, optional
        Images side by side. Default: as many as make the figure wide rather than tall.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure, of notebook width if the images fill it.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If `images` are empty, not finite or no images of that shape, or `labels` are not one for each.

    Examples
    --------
    >>> from chainrule.datasets import load_digits
    >>> X, y = load_digits(classes=(0, 1))
    >>> ax = plot_images(X[:16], labels=y[:16], columns=8)
    """
    pixels = _as_images("images", images, shape)
    low, high = float(pixels.min()), float(pixels.max())
    ax, columns = _mosaic(ax, pixels, labels, columns, "gray_r", (low, high if high > low else low + 1))
    words = f"{_sizes(pixels)} in {counted(-(-len(pixels) // columns), 'row')}, dark ink on light paper"
    if labels is not None:
        words += f", labeled {', '.join(map(str, labels))}"
    describe(ax, words + ".")
    return ax


@styled
def plot_weights(
    weights: ArrayLike,
    labels: Sequence[object] | None = None,
    *,
    shape: tuple[int, int] | None = None,
    columns: int | None = None,
    limit: float | None = None,
    colorbar: bool = True,
    scale: str = "weight",
    ax: Axes | None = None,
) -> Axes:
    """Draw the weights of units as images: dark is negative, light is positive, mid-grey is zero.

    Parameters
    ----------
    weights : array_like, shape (n, j) or (n,)
        One unit in each column, one weight per pixel, as in the weights of a `Dense` layer that sees images.
    labels : sequence of length j, optional
        What to write above each image. Default: the number of the unit, from 0, if there are several.
    shape : (height, width), optional
        Of an image, in pixels; needed unless n is a square number.
    columns : int, optional
        Images side by side. Default: as many as make the figure wide rather than tall.
    limit : float, optional
        The size of weight at both ends of the scale. Default: the largest of all, so that one scale holds for all
        units.
    colorbar : bool, default True
        Whether to draw the scale beside the images.
    scale : str, default "weight"
        What the scale says that it measures; for other numbers with a sign than weights.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import numpy as np
    >>> ax = plot_weights(np.random.default_rng(0).normal(size=(64, 5)))
    """
    W = numbers("weights", weights, 1, 2)
    columns_of_units = W.reshape(W.shape[0], -1)
    images = _as_images("weights", columns_of_units.T, shape, "weights per unit")
    top = float(np.abs(images).max()) if limit is None else check_real("limit", limit, 0)
    if labels is None and len(images) > 1:
        labels = range(len(images))
    ax, _ = _mosaic(ax, images, labels, columns, signed_colormap(), (-(top or 1.0), top or 1.0))
    if colorbar:
        _add_scale(ax, scale)
    largest = np.unravel_index(int(np.abs(images).argmax()), images.shape)
    unit = f" of unit {largest[0]}" if len(images) > 1 else ""
    describe(
        ax,
        f"Weights of {counted(len(images), 'unit')} as images of {images.shape[1]} × {images.shape[2]} pixels, "
        f"dark for negative and light for positive. "
        f"They lie between {number(images.min())} and {number(images.max())}; "
        f"the largest is that{unit} at row {largest[1]}, column {largest[2]}.",
    )
    return ax


@styled
def plot_contributions(
    image: ArrayLike,
    weights: ArrayLike,
    bias: ArrayLike,
    *,
    shape: tuple[int, int] | None = None,
    axes: Sequence[Axes] | None = None,
) -> Sequence[Axes]:
    """Draw a decision pixel by pixel: the image, the weights, and their products, whose sum decides.

    For a single unit, z = Σ xᵢ wᵢ + b, and each pixel's share of it is xᵢ wᵢ. Three axes side by side are the point
    of this figure.

    Parameters
    ----------
    image : array_like, shape (n,)
        The pixels xᵢ, from left to right and top to bottom.
    weights : array_like, shape (n,) or (n, 1)
        One weight per pixel.
    bias : float or array of one
    shape : (height, width), optional
        Of the image, in pixels; needed unless n is a square number.
    axes : sequence of three matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    sequence of three matplotlib.axes.Axes
        Image, weights, contributions; pass any of them to `show`.

    Raises
    ------
    ValueError
        If weights and pixels differ in number, bias is not one number, or axes are not three.

    Examples
    --------
    >>> from chainrule.datasets import load_digits
    >>> X, y = load_digits(classes=(0, 1))
    >>> w = X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0)
    >>> left, middle, right = plot_contributions(X[0], w, 0.2)
    """
    x, w = numbers("image", image).ravel(), numbers("weights", weights).ravel()
    if x.shape != w.shape:
        raise ValueError(
            f"weights must be one for each of the image's {x.size} pixels, not {w.size}; take one unit, W[:, k]"
        )
    offsets = numbers("bias", bias).ravel()
    if offsets.size != 1:
        raise ValueError(f"bias must be a single number, not {offsets.size}; take one unit, b[k]")
    b = float(offsets[0])
    x2, w2, share = (_as_images("image", each[None], shape)[0] for each in (x, w, x * w))
    given = _three_panels() if axes is None else list(axes)
    if len(given) != 3:
        raise ValueError(f"axes must be three, one for each picture, not {len(given)}")
    panels = [axes_or_new(each) for each in given]
    total = float((x * w).sum())
    z = total + b

    # Paper is the largest of 0 and the image, so that an empty image is drawn as paper, not as ink.
    pad = 0.13 if axes is None else 0.03  # room for the label above the scale, where no layout makes it
    _single(panels[0], x2, "gray_r", (min(0.0, float(x.min())), float(x.max()) or 1.0), "ink x", "ink", pad)
    sum_up = f"z = {total:.2f} {'+' if b >= 0 else '-'} {abs(b):.2f} = {z:.2f}".replace("-", "−")
    for panel, values, title, label in (
        (panels[1], w2, "weight w", "weight"),
        (panels[2], share, "contribution x·w", sum_up),
    ):
        top = float(np.abs(values).max()) or 1.0
        _single(panel, values, signed_colormap(), (-top, top), title, label, pad)

    describe(panels[0], f"Left, an image of {x2.shape[0]} × {x2.shape[1]} pixels.")
    describe(panels[1], f"Middle, the weights, from {number(w.min())} to {number(w.max())}.")
    describe(
        panels[2],
        "Right, their products pixel by pixel, dark for negative and light for positive: "
        f"{int((share > 0).sum())} pixels add {number(share[share > 0].sum())}, "
        f"{int((share < 0).sum())} take away {number(-share[share < 0].sum())}. "
        f"With the bias {number(b)} the sum is z = {number(z)}.",
    )
    return panels


def _as_images(name: str, values: ArrayLike, shape: tuple[int, int] | None, per: str = "pixels per image") -> Array:
    """Return images as (m, height, width)."""
    array = numbers(name, values, 2, 3)
    if array.ndim == 3:
        if shape not in (None, array.shape[1:]):
            raise ValueError(f"shape must be that of the {name}, {array.shape[1:]}, or be left out; it is {shape}")
        return array
    m, n = array.shape
    if shape is None:
        side = math.isqrt(n)
        if side * side != n:
            raise ValueError(f"{name} have {n} {per}, which is no square; say shape=(height, width)")
        shape = (side, side)
    height, width = (check_count("each of shape", side) for side in shape)
    if height * width != n:
        raise ValueError(f"shape {shape} makes {height * width} pixels, but {name} have {n} {per}")
    return array.reshape(m, height, width)


def _mosaic(
    ax: Axes | None,
    images: Array,
    labels: Sequence[object] | None,
    columns: int | None,
    colormap: Any,
    limits: tuple[float, float],
) -> tuple[Axes, int]:
    """Draw images side by side and one below the other; return the axes and the number of columns."""
    m, height, width = images.shape
    columns = min(m, check_count("columns", columns)) if columns is not None else _columns(m)
    rows = -(-m // columns)
    above = _LABEL if labels is not None else 0
    tall, wide = height + above + _GAP, width + _GAP
    if ax is None:
        cell = min((WIDTH - 1.1) / (columns * wide), 0.2)
        # A single image in a wide figure would be pushed aside by its scale.
        ax = axes_or_new(None, height=rows * tall * cell + 0.55, width=min(WIDTH, columns * wide * cell + 1.6))
    else:
        ax = axes_or_new(ax)
    sheet = np.full((rows * tall - _GAP, columns * wide - _GAP), np.nan)
    texts = None if labels is None else one_each("labels", labels, m, "images")
    frames: list[tuple[float, float]] = []
    for index, image in enumerate(images):
        top, left = index // columns * tall + above, index % columns * wide
        sheet[top : top + height, left : left + width] = image
        right, bottom = left + width, top + height
        frames += [(left, top), (right, top), (right, bottom), (left, bottom), (left, top), (np.nan, np.nan)]
        if texts is not None:
            ax.text(left + width / 2 - 0.5, top - 0.8, str(texts[index]), ha="center", va="bottom", fontsize=9)
    ax.plot(*np.subtract(frames, 0.5).T, color=FAINT, linewidth=0.6)  # one line for all is faster drawn than many
    ax.imshow(sheet, cmap=colormap, vmin=limits[0], vmax=limits[1], interpolation="nearest")
    ax.set(xticks=[], yticks=[], xlabel=f"pixel column ({width} per image)", ylabel=f"pixel row ({height})")
    ax.set_xlim(-1, sheet.shape[1])
    ax.set_ylim(sheet.shape[0], -1)
    ax.spines[:].set_visible(False)
    return ax, columns


def _columns(m: int) -> int:
    """Return how many of m images to put side by side, in full rows if there is a way."""
    widest = min(m, 10)
    even = [count for count in range(widest, 4, -1) if m % count == 0]
    return even[0] if even else widest


def _three_panels() -> list[Axes]:
    """Return axes side by side with fixed margins: a layout that measures every label takes longer than the drawing."""
    import matplotlib.pyplot as plt

    margins = {"left": 0.04, "right": 0.985, "top": 0.93, "bottom": 0.14, "wspace": 0.14}
    return list(plt.figure(figsize=(WIDTH, 3.4)).subplots(1, 3, gridspec_kw=margins))


def _single(
    ax: Axes, image: Array, colormap: Any, limits: tuple[float, float], title: str, label: str, pad: float
) -> None:
    """Draw one image with its own scale below."""
    ax.imshow(image, cmap=colormap, vmin=limits[0], vmax=limits[1], interpolation="nearest")
    ax.set(xticks=[], yticks=[], xlabel="pixel column", ylabel="pixel row")
    ax.set_title(title, loc="center")
    ax.spines[:].set(visible=True, color=GRID)
    _add_scale(ax, label, location="bottom", shrink=0.9, aspect=14, pad=pad)


def _add_scale(ax: Axes, label: str, **place: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    scale = ax.figure.colorbar(ax.images[-1], ax=ax, ticks=MaxNLocator(5), **({"shrink": 0.85, "pad": 0.03} | place))
    scale.set_label(label)
    scale.outline.set_edgecolor(FAINT)


def _sizes(images: Array) -> str:
    return f"{counted(len(images), 'image')} of {images.shape[1]} × {images.shape[2]} pixels"
