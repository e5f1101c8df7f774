"""Draw a computation graph: values above each edge, gradients below it, filled in step by step.

An edge carries a value forward to the operation that uses it, and a gradient back: what this use adds to the
derivative of the output. Values stand above the edge, gradients below it. What a step adds is drawn bold, in a box,
on a thick edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule._arguments import check_count
from chainrule.plotting._data import listed, number
from chainrule.plotting._layout import STRETCH, Edge, Point, arrange
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import FAINT, INK, WIDTH, axes_or_new, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from chainrule.graph import Graph, Node, NodeInfo, Step

GRADIENT = "#a63f00"


@dataclass
class _State:
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


@styled
def plot_graph(graph: Graph | Node, *, gradients: bool = True, ax: Axes | None = None) -> Axes:
    """Draw a computation graph with all its values and, if wanted, all its gradients.

    Parameters
    ----------
    graph : Graph or Node
        The graph, or the output of one.
    gradients : bool, default True
        Whether to write the gradient that comes back along each edge below it.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes
        Inputs are round, operations square; where a node is used more than once, its gradient is the sum of those
        that come back along its edges, and stands at the node as well.

    Examples
    --------
    >>> from chainrule.graph import half_square, variables
    >>> w, x, b, y = variables(w=2, x=-2, b=8, y=2)
    >>> ax = plot_graph(half_square((w * x).named("c") + b - y).named("J"))
    """
    whole = _graph(graph)
    steps = [step for step in whole.trace() if gradients or step.sweep == "forward"]
    state = _State()
    for step in steps:
        state.take(step)
    state.new.clear()
    ax = _draw(whole, state, ax)
    ax.set_xlabel(_legend(whole, gradients))
    values = listed([_equation(info.name, info.value) for info in whole.describe()])
    told = f"Computation graph of {whole.order[-1]}, from the inputs on the left. Values: {values}."
    if gradients:
        back = [_equation(_partial(whole, name), value) for name, value in state.sums.items()]
        told += f" Gradients: {listed(back)}."
    describe(ax, told)
    return ax


@styled
def plot_graph_step(
    graph: Graph | Node,
    step: int,
    *,
    parameters: Iterable[str | Node] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a computation graph as it is after one step of its two sweeps, with what the step added in bold.

    First the values are filled in, node by node; then the gradients arrive, edge by edge.

    Parameters
    ----------
    graph : Graph or Node
        The graph, or the output of one.
    step : int
        How many steps have been taken: 0 for none, ``len(graph.trace())`` for all.
    parameters : iterable of str or Node, optional
        What to differentiate by. Default: all variables.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no such step.

    Examples
    --------
    >>> from chainrule.graph import half_square, variables
    >>> w, x = variables(w=2, x=-2)
    >>> ax = plot_graph_step(half_square((w * x).named("c")).named("J"), 3)
    >>> ax.get_title(loc="left")
    'step 3 of 8, forward: c = w × x = 2 × (−2) = −4'
    """
    whole = _graph(graph)
    steps = whole.trace(parameters)
    if check_count("step", step, 0) > len(steps):
        raise ValueError(f"step must be from 0 to {len(steps)}, the number of steps, not {step}")
    state = _State()
    for taken in steps[:step]:
        state.new.clear()
        state.take(taken)
    ax = _draw(whole, state, ax)
    sweep = steps[step - 1].sweep if step else ""
    said = f"{sweep}: {_true_minus(steps[step - 1].formula)}" if step else "nothing computed yet"
    ax.set_title(f"step {step} of {len(steps)}, {said}")
    ax.set_xlabel(_legend(whole, sweep == "backward"))
    name = whole.order[-1]
    describe(ax, f"Computation graph of {name} after step {step} of {len(steps)}, {said}. {_known(whole, state)}")
    return ax


@styled
def plot_graph_steps(
    graph: Graph | Node,
    steps: Sequence[int] | None = None,
    *,
    parameters: Iterable[str | Node] | None = None,
    columns: int | None = None,
) -> Figure:
    """Draw both sweeps as a strip of small pictures, read line by line.

    Parameters
    ----------
    graph : Graph or Node
        The graph, or the output of one.
    steps : sequence of int, optional
        After how many steps to draw, in rising order; each picture shows in bold what was added since the one before.
        Default: a picture for all inputs, one for each operation forward, one for each operation backward.
    parameters : iterable of str or Node, optional
        What to differentiate by. Default: all variables.
    columns : int, optional
        Pictures side by side. Default: two, or one if the graph is too long for that.

    Returns
    -------
    matplotlib.figure.Figure
        A figure of its own, since many axes are its point.

    Examples
    --------
    >>> from chainrule.graph import half_square, variables
    >>> w, x = variables(w=2, x=-2)
    >>> figure = plot_graph_steps(half_square((w * x).named("c")).named("J"))
    >>> len(figure.axes)
    6
    """
    import matplotlib.pyplot as plt

    whole = _graph(graph)
    trace = whole.trace(parameters)
    stops = _stops(whole, trace) if steps is None else [check_count("each of steps", step) for step in steps]
    if not stops or stops != sorted(set(stops)) or stops[-1] > len(trace):
        raise ValueError(f"steps must be rising numbers from 1 to {len(trace)}, not {list(steps or ())}")
    layout = arrange(whole.parents)
    columns = (2 if layout.place[whole.order[-1]][0] < 6 else 1) if columns is None else check_count("columns", columns)
    rows = -(-len(stops) // columns)
    height = rows * (0.3 + 0.46 * layout.rows) + 0.3
    figure = plt.figure(figsize=(WIDTH, height), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    state, start = _State(), 0
    for index, (panel, stop) in enumerate(zip(panels, stops, strict=False)):
        state.new.clear()
        added, start = trace[start:stop], stop
        for step in added:
            state.take(step)
        _draw(whole, state, panel, small=True)
        said = "; ".join(_short(whole, step) for step in added)
        panel.set_title(fill(f"{index + 1}  {said}", 84 // columns), fontsize=9)
        describe(panel, f"Picture {index + 1}, {added[-1].sweep}: {said}.")
    for panel in panels[len(stops) :]:
        panel.remove()
    figure.supxlabel(_legend(whole, True), fontsize=9)
    return figure


def _graph(graph: Any) -> Graph:
    from chainrule.graph import Graph, Node

    if isinstance(graph, Node):
        return Graph(graph)
    if not isinstance(graph, Graph):
        raise TypeError(f"graph must be a chainrule.graph.Graph or its output, a Node, not {type(graph).__name__}")
    return graph


def _draw(graph: Graph, state: _State, ax: Axes | None, *, small: bool = False) -> Axes:
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
            text = f"Σ {_brief(state.sums[name])}" if np.ndim(state.sums[name]) == 0 else "Σ"
            ax.annotate(text, layout.place[name], xytext=(0, -13), textcoords="offset points", ha="center", va="top",
                        fontsize=9, color=GRADIENT, style="italic", zorder=5,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
    return ax


def _node(ax: Axes, place: Point, info: NodeInfo, text: str, state: _State, size: float) -> None:
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


def _fits(graph: Graph, state: _State, room: float) -> bool:
    """Whether names fit on the edges beside the values and gradients."""
    texts = [_caption(graph, name, value, True) for name, value in state.values.items()]
    texts += [
        _back(graph, each if isinstance(each, str) else each[0], value, True) for each, value in state.arrived.items()
    ]
    return 5.4 * max(map(len, texts), default=0) + 24 < room


def _node_text(info: NodeInfo, named: bool, small: bool) -> str:
    """Return what stands in a node: of an operation its symbol, and its name where the edges do not tell it."""
    if info.kind == "constant":
        return _brief(info.value)
    if info.kind == "variable" or small:
        return info.name
    return info.symbol if named else f"{info.name}\n{info.symbol}"


def _radius(text: str, small: bool) -> float:
    """Return about how far from its middle a node's box reaches, in points."""
    return max(9.5 if small else 11.0, 3.0 * max(map(len, text.split("\n"))) + 5)


def _caption(graph: Graph, name: str, value: Any, named: bool) -> str:
    """Write a value, with its name where there is room and the name is not one made up."""
    return f"{name} = {_brief(value)}" if named and graph[name].name else _brief(value)


def _back(graph: Graph, name: str, value: Any, named: bool) -> str:
    """Write a gradient; where a node is used several times, an edge carries but a part of its derivative."""
    uses = sum(parents.count(name) for parents in graph.parents.values())
    return f"{_partial(graph, name)} = {_brief(value)}" if named and graph[name].name and uses < 2 else _brief(value)


def _brief(value: Any) -> str:
    """Write a value in a few characters: a number, or the shape of an array."""
    if np.ndim(value) == 0:
        return number(float(value))
    return "×".join(map(str, np.shape(value)))


def _partial(graph: Graph, name: str) -> str:
    return f"∂{graph.order[-1]}/∂{name}"


def _equation(name: str, value: Any) -> str:
    return f"{name} = {_brief(value)}" if np.ndim(value) == 0 else f"{name} of shape {_brief(value)}"


def _short(graph: Graph, step: Step) -> str:
    """Write a step for the title of a small picture."""
    if step.sweep == "backward":
        return _equation(_partial(graph, step.node), step.value)
    node = graph[step.node]
    if node.operation is None:
        return _equation(step.node, step.value)
    formula = f"{step.node} = {node.operation.written(*graph.parents[step.node])}"
    return f"{formula} = {_brief(step.value)}" if np.ndim(step.value) == 0 else formula


def _known(graph: Graph, state: _State) -> str:
    """Say what is filled in so far."""
    if not state.values:
        return "No values are known."
    text = f"Known values: {listed([_equation(name, value) for name, value in state.values.items()])}."
    if state.sums:
        back = [_equation(_partial(graph, name), value) for name, value in state.sums.items()]
        text += f" Gradients so far: {listed(back)}."
    return text


def _legend(graph: Graph, gradients: bool) -> str:
    output = graph.order[-1]
    return "above each edge: the value" + (f"; below, in italics: the derivative of {output}" if gradients else "")


def _stops(graph: Graph, trace: Sequence[Step]) -> list[int]:
    """Return after how many steps a part is complete: the inputs, an operation, all edges back from one operation."""
    operations = {info.name for info in graph.describe() if info.kind == "operation"}
    stops = []
    for taken, (step, after) in enumerate(pairwise(trace), start=1):
        same_part = step.sweep == after.sweep
        if step.sweep == "forward":
            same_part = same_part and not {step.node, after.node} & operations
        else:
            same_part = same_part and step.source == after.source
        if not same_part:
            stops.append(taken)
    return [*stops, len(trace)]


def _true_minus(text: str) -> str:
    return text.replace("-", "−")
