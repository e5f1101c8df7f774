"""Draw a computation graph: values above each edge, gradients below it, filled in step by step.

An edge carries a value forward to the operation that uses it, and a gradient back: what this use adds to the
derivative of the output. Values stand above the edge, gradients below it. What a step adds is drawn bold, in a box,
on a thick edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule._arguments import check_count
from chainrule.plotting._data import listed
from chainrule.plotting._graph_drawing import State, brief, draw, partial
from chainrule.plotting._layout import arrange
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import WIDTH, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from chainrule.graph import Graph, Node, Step


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
    state = State()
    for step in whole.trace(gradients=gradients):
        state.take(step)
    state.new.clear()
    ax = draw(whole, state, ax)
    ax.set_xlabel(_legend(whole, gradients))
    values = listed([_equation(info.name, info.value) for info in whole.describe()])
    told = f"Computation graph of {whole.order[-1]}, from the inputs on the left. Values: {values}."
    if gradients:
        back = [_equation(partial(whole, name), value) for name, value in state.sums.items()]
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
    state = State()
    for taken in steps[:step]:
        state.new.clear()
        state.take(taken)
    ax = draw(whole, state, ax)
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

    Raises
    ------
    ValueError
        If steps are not rising numbers of steps of the trace.

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
    state, start = State(), 0
    for index, (panel, stop) in enumerate(zip(panels, stops, strict=False)):
        state.new.clear()
        added, start = trace[start:stop], stop
        for step in added:
            state.take(step)
        draw(whole, state, panel, small=True)
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


def _equation(name: str, value: Any) -> str:
    return f"{name} = {brief(value)}" if np.ndim(value) == 0 else f"{name} of shape {brief(value)}"


def _short(graph: Graph, step: Step) -> str:
    """Write a step for the title of a small picture."""
    if step.sweep == "backward":
        return _equation(partial(graph, step.node), step.value)
    node = graph[step.node]
    if node.operation is None:
        return _equation(step.node, step.value)
    formula = f"{step.node} = {node.operation.written(*graph.parents[step.node])}"
    return f"{formula} = {brief(step.value)}" if np.ndim(step.value) == 0 else formula


def _known(graph: Graph, state: State) -> str:
    """Say what is filled in so far."""
    if not state.values:
        return "No values are known."
    text = f"Known values: {listed([_equation(name, value) for name, value in state.values.items()])}."
    if state.sums:
        back = [_equation(partial(graph, name), value) for name, value in state.sums.items()]
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
