"""Draw the nodes and edges of a computation graph, as far as its values and gradients are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.plotting._data import number
from chainrule.plotting._layout import STRETCH, Edge, Point, arrange
from chainrule.plotting.style import FAINT, INK, WIDTH, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from chainrule.graph import Graph, NodeInfo, Step

GRADIENT = "#a63f00"


@dataclass
class State:
    """What is known after some steps, and what the last of them added."""

    values: dict[str, Any] = field(default_factory=dict)
    arrived: dict[Edge | str, Any] = field(default_factory=dict)
    sums: dict[str, Any] = field(default_factory=dict)
    new: set[Edge | str] = field(default_factory=set)

    def take(self, step: Step) -> None:
        """Go one step on."""
        if step.sweep == "forward":
            self.values[step.node] = step.value
            self.new.add(step.node)
            return
        where: Edge | str = step.node if step.source is None else (step.node, step.source, step.argument or 0)
        self.arrived[where] = step.arriving
        self.sums[step.node] = step.value
        self.new.add(where)


def draw(graph: Graph, state: State, ax: Axes | None, *, small: bool = False) -> Axes:
    """Draw the graph with what is known of it."""
    layout = arrange(graph.parents)
    output = graph.order[-1]
    x, y = layout.place[output]
    stub = [(x, y), (x + 0.5 - STRETCH, y), (x + 0.5 + STRETCH, y), (x + 0.9, y)]
    ax = axes_or_new(ax, height=max(1.7, 0.55 + 0.62 * layout.rows))
    tall = layout.rows / 2 + 0.1
    ax.set(xlim=(-0.25, x + 0.95), ylim=(-tall, tall), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    room = 0.0 if small else _points_per_layer(ax)
    information = {info.name: info for info in graph.describe()}
    named = not small and _fits(graph, state, room)
    texts = {name: _node_text(info, named, small) for name, info in information.items()}
    size = {name: _radius(text, small) for name, text in texts.items()}

    for edge, route in layout.route.items():
        parent, child, _ = edge
        back = edge in state.new
        forth = child in state.new and child in state.values and child not in state.arrived
        known = parent in state.values
        color = GRADIENT if back else INK if known else FAINT
        _arrow(ax, route, 2.6 if back or (forth and known) else 1.0, color, known, back, (size[parent], size[child]))
        if known and information[parent].kind != "constant":
            _write(ax, _caption(graph, parent, state.values[parent], named), route, new=parent in state.new)
        if edge in state.arrived:
            text = _back(graph, parent, state.arrived[edge], named)
            _write(ax, text, route, new=back, below=True)
    if output in state.values:
        back = output in state.new and output in state.arrived
        _arrow(ax, stub, 2.6 if back else 1.0, GRADIENT if back else INK, True, back, (size[output], 0))
        forth = output in state.new and output not in state.arrived
        _write(ax, _caption(graph, output, state.values[output], named), stub, new=forth)
    if output in state.arrived:
        _write(ax, _back(graph, output, state.arrived[output], named), stub, new=output in state.new, below=True)
    for name, info in information.items():
        _node(ax, layout.place[name], info, texts[name], state, 9 if small else 10)
        if sum(edge[0] == name for edge in state.arrived if isinstance(edge, tuple)) > 1:
            text = f"Σ {brief(state.sums[name])}" if np.ndim(state.sums[name]) == 0 else "Σ"
            ax.annotate(text, layout.place[name], xytext=(0, -13), textcoords="offset points", ha="center", va="top",
                        fontsize=9, color=GRADIENT, style="italic", zorder=5,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
    return ax


def _node(ax: Axes, place: Point, info: NodeInfo, text: str, state: State, size: float) -> None:
    """Draw an input as a circle, an operation as a square: dotted until its value is known, thick when it is new."""
    operation = info.kind == "operation"
    known = info.name in state.values
    new = info.name in state.new and info.name not in state.arrived
    ax.annotate(
        text,
        place,
        ha="center",
        va="center",
        fontsize=size,
        fontweight="bold" if new else "normal",
        color=INK if known else FAINT,
        bbox={
            "boxstyle": f"{'round' if operation else 'circle'},pad=0.3",
            "facecolor": "#cfe0f1" if operation and known else "white",
            "edgecolor": INK if known else FAINT,
            "linewidth": 2.4 if new else 1.0,
            "linestyle": "-" if known else ":",
        },
        zorder=4,
    )


def _arrow(
    ax: Axes,
    route: Sequence[Point],
    width: float,
    color: str,
    known: bool,
    backward: bool,
    gaps: tuple[float, float],
) -> None:
    """Draw an arrow through the points, its head at the last of them, or at the first if it runs backward."""
    from matplotlib.patches import FancyArrowPatch

    ends = list(pairwise(route))
    for index, (start, end) in enumerate(ends):
        first, last = index == 0, index == len(ends) - 1
        head = "<|-" if backward and first else "-|>" if last and not backward else "-"
        ax.add_patch(
            FancyArrowPatch(
                start,
                end,
                arrowstyle=head,
                mutation_scale=9 + width,
                shrinkA=gaps[0] if first else 0,
                shrinkB=gaps[1] if last else 0,
                linewidth=width,
                linestyle="-" if known else ":",
                color=color,
                capstyle="round",
                zorder=2,
            )
        )


def _write(ax: Axes, text: str, route: Sequence[Point], *, new: bool, below: bool = False) -> None:
    """Write above the level stretch of an edge, or below it; what is new is bold and boxed."""
    (x0, y), (x1, _) = route[-3:-1]
    ax.annotate(
        text,
        ((x0 + x1) / 2, y),
        xytext=(0, -4 if below else 4),
        textcoords="offset points",
        ha="center",
        va="top" if below else "bottom",
        fontsize=9,
        fontweight="bold" if new else "normal",
        style="italic" if below else "normal",
        color=GRADIENT if below else INK,
        bbox={
            "boxstyle": "square,pad=0.15",
            "facecolor": "white",
            "edgecolor": (GRADIENT if below else INK) if new else "none",
            "linewidth": 0.9,
        },
        zorder=5 if new else 3,
    )


def _points_per_layer(ax: Axes) -> float:
    """Return about how many points wide a layer of the graph will be drawn."""
    figure = ax.get_figure(root=True)
    share = 0.96 if figure is None or len(figure.axes) == 1 else ax.get_position().width
    low, high = ax.get_xlim()
    return 72 * share * (WIDTH if figure is None else figure.get_figwidth()) / (high - low)


def _fits(graph: Graph, state: State, room: float) -> bool:
    """Whether names fit on the edges beside the values and gradients."""
    texts = [_caption(graph, name, value, True) for name, value in state.values.items()]
    texts += [
        _back(graph, each if isinstance(each, str) else each[0], value, True) for each, value in state.arrived.items()
    ]
    return 5.4 * max(map(len, texts), default=0) + 24 < room


def _node_text(info: NodeInfo, named: bool, small: bool) -> str:
    """Return what stands in a node: of an operation its symbol, and its name where the edges do not tell it."""
    if info.kind == "constant":
        return brief(info.value)
    if info.kind == "variable" or small:
        return info.name
    return info.symbol if named else f"{info.name}\n{info.symbol}"


def _radius(text: str, small: bool) -> float:
    """Return about how far from its middle a node's box reaches, in points."""
    return max(9.5 if small else 11.0, 3.0 * max(map(len, text.split("\n"))) + 5)


def _caption(graph: Graph, name: str, value: Any, named: bool) -> str:
    """Write a value, with its name where there is room and the name is not one made up."""
    return f"{name} = {brief(value)}" if named and graph[name].name else brief(value)


def _back(graph: Graph, name: str, value: Any, named: bool) -> str:
    """Write a gradient; where a node is used several times, an edge carries but a part of its derivative."""
    uses = sum(parents.count(name) for parents in graph.parents.values())
    return f"{partial(graph, name)} = {brief(value)}" if named and graph[name].name and uses < 2 else brief(value)


def brief(value: Any) -> str:
    """Write a value in a few characters: a number, or the shape of an array."""
    if np.ndim(value) == 0:
        return number(float(value))
    return "×".join(map(str, np.shape(value)))


def partial(graph: Graph, name: str) -> str:
    return f"∂{graph.order[-1]}/∂{name}"
