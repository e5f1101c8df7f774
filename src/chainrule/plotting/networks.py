"""Draw a network: its layers, its units, and how many parameters lie between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from chainrule._arguments import check_count
from chainrule.plotting._data import counted, number, one_each
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import INK, axes_or_new, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from chainrule.models import Sequential


@styled
def plot_network(
    network: Sequential | Sequence[int],
    activations: Sequence[str] | None = None,
    *,
    most: int = 7,
    ax: Axes | None = None,
) -> Axes:
    """Draw the layers of a network from left to right, with the number of parameters of each.

    Parameters
    ----------
    network : Sequential or sequence of int
        A model that is built (it has seen data, or its first layer has an ``input_shape``); or the widths of the
        layers, the number of inputs first.
    activations : sequence of str, optional
        With widths, the activation of each layer but the first.
    most : int, default 7
        A layer of more units is drawn with its first and last ones, and dots between; at least 3.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a model is not built, or there are fewer than two layers.

    Examples
    --------
    >>> ax = plot_network([64, 25, 15, 1], ["sigmoid", "sigmoid", "sigmoid"])
    """
    from matplotlib.collections import LineCollection

    layers = _layers(network, activations)
    most = check_count("most", most, 3)
    tallest = max(min(layer.units, most) for layer in layers)
    ax = axes_or_new(ax, height=min(0.4 * tallest + 1.1, 4.2))
    columns = [_heights(layer.units, most) for layer in layers]
    for position, (left, right) in enumerate(pairwise(columns)):
        segments = [[(position, y0), (position + 1, y1)] for y0 in left for y1 in right]
        ax.add_collection(LineCollection(segments, colors="#b8b8b8", linewidths=0.5, zorder=1))
    for position, (layer, heights) in enumerate(zip(layers, columns, strict=True)):
        face = "white" if position == 0 else "#cfe0f1"
        ax.plot([position] * len(heights), heights, "o", ms=13, mfc=face, mec=INK, mew=1.1, zorder=3)
        if layer.units > most:
            ax.text(position, _gap(heights), "⋮", ha="center", va="center", fontsize=14, zorder=4,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
    half = tallest / 2
    ax.set(xlim=(-0.45, len(layers) - 0.55), ylim=(-half - 0.15, half + 0.15), yticks=[], ylabel="units")
    ax.set_xticks(range(len(layers)), [layer.caption for layer in layers])
    ax.set_xlabel("layer, with its number of parameters")
    ax.tick_params(axis="x", length=0)
    ax.spines[:].set_visible(False)

    total = sum(layer.parameters for layer in layers)
    parts = [f"{counted(layers[0].units, 'input')}"]
    parts += [
        f"{counted(layer.units, 'unit')}{layer.activated} ({layer.parameters} parameters)" for layer in layers[1:]
    ]
    describe(ax, f"A network from left to right: {', then '.join(parts)}. {number(total)} parameters in all.")
    return ax


class _Column:
    """One column of the drawing."""

    def __init__(self, name: str, units: int, activation: str, parameters: int, formula: str) -> None:
        self.units, self.parameters = units, parameters
        self.activated = f" with {activation}" if activation else ""
        noun = counted(units, "unit") if parameters else str(units)
        lines = [name, noun + (f", {activation}" if activation else "")]
        self.caption = "\n".join([*lines, formula] if formula else lines)


def _layers(network: object, activations: Sequence[str] | None) -> list[_Column]:
    """Return the columns to draw: the inputs, then each layer."""
    from chainrule.models import Sequential

    if isinstance(network, Sequential):
        if activations is not None:
            raise ValueError("activations must be left out: the model has its own")
        return _model_layers(network)
    if isinstance(network, str) or not isinstance(network, Sequence):
        raise TypeError(
            f"network must be a Sequential model or a list of widths such as [64, 25, 1], not {network!r:.60}"
        )
    widths = [check_count("each width of network", width) for width in network]
    if len(widths) < 2:
        raise ValueError(f"network must have at least two widths, inputs and outputs, not {widths}")
    given = [""] * (len(widths) - 1) if activations is None else activations
    names = one_each("activations", given, len(widths) - 1, "layers after the inputs")
    columns = [_Column("inputs", widths[0], "", 0, "")]
    for index, (n, j, name) in enumerate(zip(widths[:-1], widths[1:], names, strict=True), start=1):
        columns.append(_dense(f"layer {index}", n, j, str(name), True))
    return columns


def _model_layers(model: Sequential) -> list[_Column]:
    if not model.built:
        raise ValueError(
            "network is not built, so its number of inputs is unknown; fit it, or call model.build((None, features))"
        )
    columns = [_Column("inputs", int(model.inputs or 0), "", 0, "")]
    for layer in model.layers:
        name = getattr(getattr(layer, "activation", None), "name", "")
        name = "" if name == "linear" else str(name)
        shapes = layer.shapes()
        if [len(shape) for shape in shapes] in ([2], [2, 1]):
            columns.append(_dense(str(layer.name), layer.inputs, layer.outputs, name, len(shapes) == 2))
        else:
            count = layer.count_params()
            columns.append(_Column(str(layer.name), layer.outputs, name, count, str(count) if count else ""))
    return columns


def _dense(name: str, n: int, j: int, activation: str, bias: bool) -> _Column:
    count = n * j + (j if bias else 0)
    formula = f"{n}·{j}{f' + {j}' if bias else ''} = {count}"
    return _Column(name, j, activation, count, formula)


def _rows(units: int, most: int) -> list[int]:
    """Return the rows in which a layer's units are drawn; where some are left out, one row stays empty for the dots."""
    if units <= most:
        return list(range(units))
    return [row for row in range(most) if row != most // 2]


def _heights(units: int, most: int) -> list[float]:
    rows = _rows(units, most)
    middle = (rows[0] + rows[-1]) / 2
    return [middle - row for row in rows]


def _gap(heights: list[float]) -> float:
    """Return the height of the row that was left out."""
    steps = -np.diff(heights)
    widest = int(steps.argmax())
    return (heights[widest] + heights[widest + 1]) / 2
