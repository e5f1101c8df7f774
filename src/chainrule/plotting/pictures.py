"""Show a figure together with a description in words, for readers who cannot see it.

Every function of `chainrule.plotting` writes down what its picture shows, computed from the data that it draws.
`alt_text` reads this description, `show` puts figure and description into a notebook.

JupyterLab and nbconvert drop the ``alt`` entry of an image's metadata, so `show` stores the picture as an HTML
``<img>`` with the description as its ``alt`` attribute, and the description once more as the plain text of the
output.
"""

from __future__ import annotations

import base64
import html
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from chainrule.plotting.style import styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL.Image import Image

_descriptions: WeakKeyDictionary[Axes, list[str]] = WeakKeyDictionary()


def describe(ax: Axes, text: str) -> None:
    """Add ``text`` to the description of what ``ax`` shows.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    text : str
        One or more whole sentences that are true of the picture.

    Raises
    ------
    ValueError
        If ``text`` is empty.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> describe(ax, "A single point at the origin.")
    >>> alt_text(ax)
    'A single point at the origin.'
    """
    words = " ".join(text.split())
    if not words:
        raise ValueError("text must say what the figure shows; it is empty")
    _descriptions.setdefault(ax, []).append(words)


def alt_text(picture: Axes | Figure) -> str:
    """Return in words what a figure or one of its axes shows.

    Parameters
    ----------
    picture : matplotlib.axes.Axes or matplotlib.figure.Figure
        A figure's text is that of its axes, in the order in which they were made.

    Returns
    -------
    str
        The description that the plotting function wrote; for axes that you drew yourself, their title, labels and
        legend.

    Raises
    ------
    TypeError
        If picture is neither Axes nor Figure.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> lines = ax.plot([0, 1], [0, 1], label="identity")
    >>> labels = ax.set(xlabel="z", ylabel="g(z)")
    >>> alt_text(ax)
    'Plot of g(z) against z: identity.'
    """
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    if isinstance(picture, Axes):
        return " ".join(_descriptions.get(picture, [])) or _outline(picture)
    if isinstance(picture, Figure):
        texts = [alt_text(ax) for ax in picture.axes if ax in _descriptions or ax.get_label() != "<colorbar>"]
        return " ".join(texts) or "An empty figure."
    raise TypeError(f"picture must be a matplotlib Axes or Figure, not {type(picture).__name__}")


def _outline(ax: Axes) -> str:
    """Describe axes that nobody described, from what is written on them."""
    title = ax.get_title(loc="left") or ax.get_title() or ax.get_title(loc="right")
    x, y = ax.get_xlabel() or "unnamed values", ax.get_ylabel() or "unnamed values"
    names = ", ".join(ax.get_legend_handles_labels()[1])
    return f"{title + '. ' if title else ''}Plot of {y} against {x}{': ' + names if names else ''}."


class Picture:
    """A figure rendered to PNG, with its description; a notebook shows it with the description as alt text.

    Parameters
    ----------
    png : bytes
        The picture.
    alt : str
        What it shows, in words.
    width, height : int
        Size on the page, in pixels.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from chainrule.plotting import render
    >>> picture = render(plt.figure(), alt="Nothing at all.")
    >>> picture
    Picture: Nothing at all.
    >>> picture.png[1:4]
    b'PNG'
    """

    def __init__(self, png: bytes, alt: str, width: int, height: int) -> None:
        self.png, self.alt, self.width, self.height = png, alt, width, height

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.png).decode("ascii")
        size = f'width="{self.width}" height="{self.height}"'
        return f'<img alt="{html.escape(self.alt)}" {size} src="data:image/png;base64,{data}">'

    def save(self, path: str | Path) -> None:
        """Write the PNG to ``path``."""
        Path(path).write_bytes(self.png)


@styled
def render(picture: Axes | Figure, alt: str | None = None) -> Picture:
    """Return a figure as PNG with alt text.

    Parameters
    ----------
    picture : matplotlib.axes.Axes or matplotlib.figure.Figure
        Axes stand for the whole figure that they are in.
    alt : str, optional
        What the figure shows, in words. Default: `alt_text` of the whole figure.

    Returns
    -------
    Picture
        The same bytes for the same figure: no date and no program name is written into the PNG.

    Raises
    ------
    ValueError
        If alt is given, but empty.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> picture = render(Figure(figsize=(2, 1), dpi=100), alt="Nothing yet.")
    >>> picture, picture.width, picture.height
    (Picture: Nothing yet., 200, 100)
    """
    figure = _figure(picture)
    words = alt_text(figure) if alt is None else " ".join(alt.split())
    if not words:
        raise ValueError("alt must say what the figure shows; it is empty. Leave it out to have it written")
    return _quantized(figure, words)


def show(picture: Axes | Figure, alt: str | None = None, *, handle: Any = None) -> None:
    """Show a figure in a notebook, with a description for those who cannot see it.

    The figure is closed afterwards, so that the notebook does not show it a second time. In a plain Python session
    the figure's window is opened instead.

    Parameters
    ----------
    picture : matplotlib.axes.Axes or matplotlib.figure.Figure
        What a plotting function returned. Axes stand for the whole figure that they are in.
    alt : str, optional
        What the figure shows, in words. Default: `alt_text` of the whole figure.
    handle : IPython.display.DisplayHandle, optional
        Where an earlier figure is shown that this one replaces, for a picture that moves while a network trains.

    Examples
    --------
    >>> from chainrule.plotting import plot_history
    >>> show(plot_history({"loss": [0.7, 0.4, 0.2]}))  # doctest: +SKIP
    """
    import matplotlib.pyplot as plt
    from matplotlib.backends.registry import BackendFilter, backend_registry

    figure = _figure(picture)
    if not _in_notebook():
        interactive: list[str] = backend_registry.list_builtin(BackendFilter.INTERACTIVE)  # type: ignore[no-untyped-call]
        if plt.get_backend().lower() in interactive:
            plt.show()
        else:
            print(alt_text(figure) if alt is None else alt)
        return
    from IPython.display import display

    rendered = render(figure, alt)
    handle.update(rendered) if handle is not None else display(rendered)  # type: ignore[no-untyped-call]
    plt.close(figure)


def _quantized(figure: Figure, alt: str) -> Picture:
    """Draw a figure as a PNG of at most 256 colors, a third of the size of a full one and no different to the eye.

    The canvas draws once, where ``savefig`` draws twice to learn the size.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    shown = figure.canvas
    canvas = FigureCanvasAgg(figure)
    try:
        canvas.draw()  # type: ignore[no-untyped-call]
    finally:
        figure.set_canvas(shown)
    pixels, buffer = np.asarray(canvas.buffer_rgba()), io.BytesIO()  # type: ignore[no-untyped-call]
    full = Image.fromarray(pixels).convert("RGB")
    few = _indexed(full, pixels) or full.quantize(256, dither=Image.Dither.NONE)
    few.save(buffer, format="png", compress_level=8)
    return Picture(buffer.getvalue(), alt, *full.size)


def _indexed(full: Image, pixels: np.ndarray) -> Image | None:
    """Return a picture of few colors with a palette, or None if it has too many.

    Of colors that differ by less than 8 of 256 in each of red, green and blue the most frequent is kept. This is
    several times as fast as a search for the best palette.
    """
    from PIL import Image

    found: Any = full.getcolors(1 << 14) or []  # pairs of count and color
    near = {(r >> 3, g >> 3, b >> 3): (r, g, b) for _, (r, g, b) in sorted(found)}  # the most frequent one stays
    if not 0 < len(near) <= 256:
        return None
    table = np.zeros(1 << 15, np.uint8)
    for index, (r, g, b) in enumerate(near):
        table[r | g << 5 | b << 10] = index
    colors = pixels.view("<u4")[..., 0]
    few = Image.fromarray(table[colors >> 3 & 0x1F | colors >> 6 & 0x3E0 | colors >> 9 & 0x7C00])
    few.putpalette([part for color in near.values() for part in color])
    return few


def _figure(picture: Axes | Figure) -> Figure:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    if isinstance(picture, Figure):
        return picture
    if isinstance(picture, list | tuple) and picture:  # the axes of a row
        picture = picture[0]
    if isinstance(picture, Axes):
        figure = picture.get_figure(root=True)
        if figure is not None:
            return figure
        raise ValueError("picture must belong to a figure; these axes were removed from theirs")
    raise TypeError(
        f"picture must be the matplotlib Axes or Figure that a plotting function returned, not {type(picture).__name__}"
    )


def _in_notebook() -> bool:
    """Whether an IPython session is there to take what `show` displays."""
    import sys

    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None
