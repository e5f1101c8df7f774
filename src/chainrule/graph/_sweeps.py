"""
Sweep through a graph: forward to the values, backward to every derivative at once, forward to one derivative at a time.

No sweep recurses, so that a chain of 100 000 nodes is as good as one of ten, and each says how many edges it visited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule.graph._nodes import Node, as_value, constant
from chainrule.graph._operations import Value, carefully

_number = attrgetter("number")


def topological_order(output: Node) -> list[Node]:
    """
    List every node the output was computed from, and the output, each after its arguments.

    Parameters
    ----------
    output : Node
        Where the graph ends.

    Returns
    -------
    list of Node
        In the order in which they were made.

    Examples
    --------
    >>> from chainrule.graph import variable
    >>> w = variable(3, "w")
    >>> y = (w * w).named("y")
    >>> [node.name for node in topological_order(y)]
    ['w', 'y']
    """
    found, to_visit = {output}, [output]
    while to_visit:
        for parent in to_visit.pop().parents:
            if parent not in found:
                found.add(parent)
                to_visit.append(parent)
    return sorted(found, key=_number)


def backward(output: Node, seed: ArrayLike | None = None) -> int:
    """
    Fill in the gradient of every node that varies: one reverse sweep.

    Parameters
    ----------
    output : Node
        The node to differentiate.
    seed : array_like, optional
        Gradient that arrives at the output, of its shape; 1 for a scalar, required for an array.

    Returns
    -------
    int
        How many edges were visited: each edge to a node that varies, once.

    Examples
    --------
    >>> from chainrule.graph import variable
    >>> w = variable(3, "w")
    >>> backward(w * w)  # both edges lead to w
    2
    >>> w.gradient
    6.0
    """
    start = _seed(output, seed)
    if not output.varies:
        raise ValueError(f"nothing to differentiate by: no variable leads to {output!r}; make one with variable(...)")
    # `waiting` marks the nodes found, and stands for "nothing has arrived yet". An object of this sweep's own cannot be
    # mistaken for what an earlier sweep left.
    waiting: Any = object()
    output.gradient = waiting
    nodes = [output]
    find = nodes.append
    for node in nodes:  # grows while it is read
        a, b = node.left, node.right
        if a is not None and a.varies and a.gradient is not waiting:
            a.gradient = waiting
            find(a)
        if b is not None and b.varies and b.gradient is not waiting:
            b.gradient = waiting
            find(b)
    nodes.sort(key=_number, reverse=True)
    output.gradient = start
    try:
        return _sweep_back(nodes, waiting)
    except BaseException as error:
        for node in nodes:
            node.gradient = None
        if not isinstance(error, ArithmeticError | ValueError):
            raise
    # Python raises an exception where NumPy goes on with infinity, as at 1.0 / 0.0: once more, the careful way.
    arrived: dict[Node, Any] = {output: start}
    edges = sum(1 for _ in contributions(nodes[::-1], arrived, set(nodes)))
    for node in nodes:
        node.gradient = arrived[node]
    return edges


def _sweep_back(nodes: list[Node], waiting: Any) -> int:
    edges = 0
    for node in nodes:
        a, b, operation = node.left, node.right, node.operation
        if a is None or operation is None:
            continue
        if b is None:
            arriving = operation.left(node.gradient, node.value, a.value, *node.options)
            if arriving.__class__ is not float:
                arriving = unbroadcast(arriving, a.value)
            a.gradient = arriving if a.gradient is waiting else a.gradient + arriving
            edges += 1
            continue
        if a.varies:
            arriving = operation.left(node.gradient, node.value, a.value, b.value)
            if arriving.__class__ is not float:
                arriving = unbroadcast(arriving, a.value)
            a.gradient = arriving if a.gradient is waiting else a.gradient + arriving
            edges += 1
        if b.varies:
            arriving = operation.right(node.gradient, node.value, a.value, b.value)
            if arriving.__class__ is not float:
                arriving = unbroadcast(arriving, b.value)
            b.gradient = arriving if b.gradient is waiting else b.gradient + arriving
            edges += 1
    return edges


def unbroadcast(gradient: Any, value: Any) -> Any:
    """
    Add a gradient up to the shape of the value it belongs to.

    Broadcasting repeats a value: in ``X @ W + b`` every row uses the same ``b``. What is used many times adds up its
    gradients, so the gradient by ``b`` is the sum over the rows.
    """
    if gradient.__class__ is float:
        return gradient
    shape = () if value.__class__ is float else value.shape
    if gradient.shape != shape:
        if new := len(gradient.shape) - len(shape):
            gradient = gradient.sum(tuple(range(new)))
        if gradient.shape != shape:
            gradient = gradient.sum(tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)
    return gradient if shape or gradient.__class__ is Node else float(gradient)


def gradients(output: Node, inputs: Sequence[Node], seed: ArrayLike | None = None) -> list[Value]:
    """
    Differentiate a node by others: one reverse sweep for all of them.

    Parameters
    ----------
    output : Node
        The node to differentiate.
    inputs : sequence of Node
        The nodes to differentiate by; zero where the output does not depend on one.
    seed : array_like, optional
        Gradient that arrives at the output, of its shape; 1 for a scalar, required for an array.

    Returns
    -------
    list of float or ndarray
        One gradient for each input, of its shape.

    Raises
    ------
    ValueError
        If an input is constant, the seed is missing or has another shape, or no variable leads to the output.

    Examples
    --------
    >>> from chainrule.graph import variables
    >>> a, b = variables(a=2, b=5)
    >>> gradients(a * b, [a, b])
    [5.0, 2.0]
    """
    for node in inputs:
        if not node.varies:
            raise ValueError(f"{node!r} is constant; make it with variable(...) to differentiate by it")
        node.gradient = None
    backward(output, seed)
    return [np.zeros_like(node.value)[()] if node.gradient is None else node.gradient for node in inputs]


def gradient_graph(output: Node, inputs: Sequence[Node]) -> list[Node]:
    """
    Differentiate a scalar node, and get the gradients as nodes, which can be differentiated again.

    Parameters
    ----------
    output : Node
        The scalar node to differentiate.
    inputs : sequence of Node
        The nodes to differentiate by.

    Returns
    -------
    list of Node
        One gradient for each input, of its shape, computed from the nodes of the graph.

    Examples
    --------
    >>> from chainrule.graph import variable
    >>> w = variable(3, "w")
    >>> [slope] = gradient_graph(w**3, [w])
    >>> slope.value
    27.0
    >>> gradients(slope, [w])
    [18.0]
    """
    arrived: dict[Node, Any] = {output: constant(_seed(output, None))}
    order = topological_order(output)
    for _ in contributions(order, arrived, reached(order, inputs), as_nodes=True):
        pass
    return [arrived.get(node) or constant(np.zeros_like(node.value)) for node in inputs]


def hessian(output: Node, inputs: Sequence[Node]) -> NDArray[Any]:
    """
    Differentiate a scalar node twice, by every pair of entries of the inputs.

    Parameters
    ----------
    output : Node
        The scalar node to differentiate.
    inputs : sequence of Node
        The nodes to differentiate by; their entries one after another are the parameters.

    Returns
    -------
    ndarray, shape (P, P)
        The second derivatives: one reverse sweep over the graph of the gradient for each of the P parameters.

    Examples
    --------
    >>> from chainrule.graph import variables
    >>> a, b = variables(a=2, b=5)
    >>> hessian(a * a * b, [a, b])
    array([[10.,  4.],
           [ 4.,  0.]])
    """
    rows = []
    for slope in gradient_graph(output, inputs):
        for seed in np.eye(slope.size):
            row = gradients(slope, inputs, seed.reshape(slope.shape)) if slope.varies else [0 * n.value for n in inputs]
            rows.append(np.concatenate([np.ravel(each) for each in row]))
    return np.array(rows)


def reached(order: Sequence[Node], inputs: Iterable[Node]) -> set[Node]:
    """Return the nodes on a path from any of the inputs, in one pass over the order."""
    found = set(inputs)
    for node in order:
        if node.varies and (node.left in found or node.right in found):
            found.add(node)
    return found


def contributions(
    order: Sequence[Node], arrived: dict[Node, Any], needed: set[Node], as_nodes: bool = False
) -> Iterator[tuple[Node, int, Any]]:
    """
    Go through the edges to the nodes needed in reverse, and yield what each edge adds.

    Parameters
    ----------
    order : sequence of Node
        Every node after its arguments.
    arrived : dict
        Gradients that have arrived, node by node; starts with the output's and is filled in.
    needed : set of Node
        The nodes whose gradient is wanted.
    as_nodes : bool
        Whether gradients are nodes instead of values.

    Yields
    ------
    node, argument, gradient
        What arrives from the node at its argument 0 or 1.
    """
    for node in reversed(order):
        if node.operation is None or node not in arrived:
            continue
        y, values = (node, node.parents) if as_nodes else (node.value, [each.value for each in node.parents])
        for argument, parent in enumerate(node.parents):
            if parent in needed:
                rule = node.operation.right if argument else node.operation.left
                arriving = carefully(rule, arrived[node], y, *values, *node.options)
                arriving = unbroadcast(arriving, values[argument])
                arrived[parent] = arrived[parent] + arriving if parent in arrived else arriving
                yield node, argument, arriving


def push_forward(order: Sequence[Node], changes: dict[Node, Any]) -> int:
    """
    Carry changes of some nodes forward to all that depend on them: one sweep in forward mode.

    Parameters
    ----------
    order : sequence of Node
        Every node after its arguments.
    changes : dict
        Change of each node, of its shape, to first order; starts with the inputs' and is filled in.

    Returns
    -------
    int
        How many edges were visited: those on a path from the inputs.
    """
    edges = 0
    for node in order:
        operation = node.operation
        if operation is None or not node.varies:
            continue
        values = [each.value for each in node.parents]
        change = changes.get(node)
        for argument, parent in enumerate(node.parents):
            if parent in changes:
                if operation.tangent is None:
                    rule = operation.right if argument else operation.left
                    part = carefully(rule, changes[parent], node.value, *values, *node.options)
                else:
                    part = operation.tangent(changes[parent], argument, node.value, *values, *node.options)
                change = part if change is None else change + part
                edges += 1
        if change is not None:
            changes[node] = np.broadcast_to(change, node.shape) if node.shape else float(change)
    return edges


def _seed(output: Node, seed: ArrayLike | None) -> Value:
    if not isinstance(output, Node):
        raise TypeError(f"the output must be a node, not {type(output).__name__}")
    if seed is None:
        if output.shape:
            raise ValueError(
                f"the gradient of an array of shape {output.shape} needs a seed of that shape; for a single number to "
                f"differentiate, take .sum() or .mean() first"
            )
        return 1.0
    start = as_value(seed, "seed")
    if np.shape(start) != output.shape:
        raise ValueError(f"seed has shape {np.shape(start)}, the output {output.shape}; they must be the same")
    return start if isinstance(start, float) else start.astype(output.dtype, copy=False)
