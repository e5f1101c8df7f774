"""A graph seen whole: its nodes by name, its sweeps with every visit counted, and its story told step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from chainrule.graph._jacobian import Jacobian, local_derivative
from chainrule.graph._nodes import Node, as_value
from chainrule.graph._operations import Value, compute, summary
from chainrule.graph._sweeps import (
    _seed,
    backward,
    contributions,
    push_forward,
    reached,
    topological_order,
)
from chainrule.names import suggest


class NodeInfo(NamedTuple):
    """
    What there is to draw of one node.

    Attributes
    ----------
    name : str
        Its name, the only one of that name in the graph.
    kind : str
        ``"variable"``, ``"constant"`` or ``"operation"``.
    symbol : str
        The operation as it is drawn, ``"×"``; empty for variables and constants.
    value : float or ndarray
        Its value.
    gradient : float, ndarray or None
        Its gradient, if a reverse sweep has passed.
    parents : tuple of str
        Names of its arguments; twice the same in ``w * w``.

    Examples
    --------
    >>> from chainrule.graph import Graph, variables
    >>> w, x = variables(w=2, x=-2)
    >>> Graph((w * x).named("c")).describe()[-1]
    NodeInfo(name='c', kind='operation', symbol='×', value=-4.0, gradient=None, parents=('w', 'x'))
    """

    name: str
    kind: str
    symbol: str
    value: Value
    gradient: Value | None
    parents: tuple[str, ...]


class Step(NamedTuple):
    """
    One step of a sweep.

    Attributes
    ----------
    sweep : str
        ``"forward"`` or ``"backward"``.
    node : str
        The node that gets its value, or that a gradient arrives at.
    value : float or ndarray
        Forward: the value. Backward: the sum of what has arrived so far.
    source : str or None
        Backward: the node the gradient comes from; None at the output, where the sweep starts with the seed.
    argument : int or None
        Backward: which argument of ``source`` the node is, 0 or 1; tells two edges between the same nodes apart.
    arriving : float, ndarray or None
        Backward: what this edge adds.
    formula : str
        The step in a line of text.

    Examples
    --------
    >>> from chainrule.graph import Graph, variables
    >>> w, x = variables(w=2, x=-2)
    >>> [step.formula for step in Graph((w * x).named("c")).trace(["w"])]
    ['w = 2', 'x = -2', 'c = w × x = 2 × (-2) = -4', '∂c/∂c = 1', '∂c/∂w += ∂c/∂c · ∂c/∂w = 1 · -2 = -2']
    """

    sweep: str
    node: str
    value: Value
    source: str | None
    argument: int | None
    arriving: Value | None
    formula: str


class Graph:
    """
    All that an output was computed from.

    Parameters
    ----------
    output : Node
        The node the graph ends in.

    Attributes
    ----------
    output : Node
        The output.
    nodes : list of Node
        All nodes, each after its arguments.
    order : list of str
        Their names in the same order. A node without a name is named after its operation, and a name that comes twice
        gets a number.
    parents : dict of str to tuple of str
        For each node the names of its arguments; ``()`` for variables and constants.
    forward_mode_visits, reverse_mode_visits : int
        Edges visited by the last `forward_mode` and the last `backward`.

    Examples
    --------
    >>> from chainrule.graph import Graph, half_square, variables
    >>> w, x, b, y = variables(w=2, x=-2, b=8, y=2)
    >>> c = (w * x).named("c")
    >>> a = (c + b).named("a")
    >>> d = (a - y).named("d")
    >>> J = half_square(d).named("J")
    >>> graph = Graph(J)
    >>> graph.backward()
    {'w': -4.0, 'x': 4.0, 'b': 2.0, 'y': -2.0, 'c': 2.0, 'a': 2.0, 'd': 2.0, 'J': 1.0}
    >>> graph.forward({"w": 3})
    0.0
    """

    def __init__(self, output: Node) -> None:
        self.output = output
        self.nodes = topological_order(output)
        self._names = _unique_names(self.nodes)
        self._by_name = {name: node for node, name in self._names.items()}
        self.order = list(self._by_name)
        self.parents = {name: tuple(self._names[each] for each in node.parents) for name, node in self._by_name.items()}
        self.forward_mode_visits = 0
        self.reverse_mode_visits = 0

    def __getitem__(self, name: str) -> Node:
        if name not in self._by_name:
            raise KeyError(f"no node {name!r} in the graph{suggest(name, self._by_name)}")
        return self._by_name[name]

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        return f"Graph({len(self)} nodes, output {self._names[self.output]!r} = {summary(self.output.value)})"

    @property
    def variables(self) -> list[Node]:
        """The variables, in the order they were made."""
        return [node for node in self.nodes if node.operation is None and node.varies]

    def describe(self) -> list[NodeInfo]:
        """List every node with what there is to draw of it."""
        return [
            NodeInfo(
                name=name,
                kind="operation" if node.operation else "variable" if node.varies else "constant",
                symbol=node.operation.symbol if node.operation else "",
                value=node.value,
                gradient=node.gradient,
                parents=self.parents[name],
            )
            for name, node in self._by_name.items()
        ]

    def forward(self, values: Mapping[Any, ArrayLike] | None = None) -> Value:
        """
        Give variables and constants new values and compute the rest again; the graph is not built anew.

        Parameters
        ----------
        values : mapping, optional
            New values by name or node, each of the shape of the old one.

        Returns
        -------
        float or ndarray
            The output's value.
        """
        new = {}
        for key, given in (values or {}).items():
            node, name = self._find(key), key if isinstance(key, str) else self._names[key]
            value = as_value(given, f"value of {name!r}")
            if node.operation is not None:
                raise ValueError(
                    f"{name!r} is computed by {node.operation.name}; only variables and constants take values"
                )
            if np.shape(value) != node.shape:
                raise ValueError(f"value of {name!r} has shape {np.shape(value)}; the graph was built for {node.shape}")
            new[node] = value
        for node in self.nodes:
            node.gradient = None
            if node.operation is not None:
                arguments = [each.value for each in node.parents]
                try:
                    node.value = node.operation.value(*arguments, *node.options)
                except (ArithmeticError, ValueError):
                    node.value = compute(node.operation, *arguments, *node.options)
            elif node in new:
                node.value = new[node]
        return self.output.value

    def backward(
        self, parameters: Iterable[str | Node] | None = None, seed: ArrayLike | None = None
    ) -> dict[str, Value]:
        """
        Differentiate the output by every node at once: one sweep in reverse mode.

        Parameters
        ----------
        parameters : iterable of str or Node, optional
            The nodes to differentiate by; all variables if not given. Other edges than theirs are not visited.
        seed : array_like, optional
            Gradient that arrives at the output, of its shape; 1 for a scalar, required for an array.

        Returns
        -------
        dict of str to float or ndarray
            The gradient of each node on a path from a parameter to the output; also left in the nodes' ``gradient``.
        """
        if parameters is None:
            self.reverse_mode_visits = backward(self.output, seed)
        else:
            needed = reached(self.nodes, self._parameters(parameters))
            arrived: dict[Node, Any] = {self.output: _seed(self.output, seed)}
            self.reverse_mode_visits = sum(1 for _ in contributions(self.nodes, arrived, needed))
            for node in self.nodes:
                node.gradient = arrived.get(node)
        return {name: node.gradient for name, node in self._by_name.items() if node.gradient is not None}

    def forward_mode(self, parameters: Iterable[str | Node] | None = None) -> dict[str, Value]:
        """
        Differentiate the output by one parameter at a time: one sweep in forward mode for each entry of each parameter.

        Parameters
        ----------
        parameters : iterable of str or Node, optional
            The nodes to differentiate by; all variables if not given.

        Returns
        -------
        dict of str to float or ndarray
            The gradient of the scalar output by each parameter.
        """
        _seed(self.output, None)
        self.forward_mode_visits = 0
        gradients: dict[str, Value] = {}
        for node in self.variables if parameters is None else self._parameters(parameters):
            slopes = np.zeros(node.size, node.dtype)
            for i in range(node.size):
                change = np.zeros(node.size, node.dtype)
                change[i] = 1
                changes: dict[Node, Any] = {node: change.reshape(node.shape) if node.shape else 1.0}
                self.forward_mode_visits += push_forward(self.nodes, changes)
                slopes[i] = changes.get(self.output, 0.0)
            gradients[self._names[node]] = slopes.reshape(node.shape) if node.shape else float(slopes[0])
        return gradients

    def tangent(self, changes: Mapping[Any, ArrayLike]) -> Value:
        """
        Say how much the output changes, to first order, if some nodes change: one sweep in forward mode.

        Parameters
        ----------
        changes : mapping
            Changes by name or node, each of the node's shape.

        Returns
        -------
        float or ndarray
            The output's change, of its shape: a Jacobian-vector product.
        """
        found: dict[Node, Any] = {}
        for key, given in changes.items():
            node = self._find(key)
            found[node] = as_value(given, f"change of {self._names[node]!r}")
            if np.shape(found[node]) != node.shape:
                raise ValueError(
                    f"change of {self._names[node]!r} has shape {np.shape(found[node])}, the node {node.shape}"
                )
        push_forward(self.nodes, found)
        change: Value = found.get(self.output, 0.0 * self.output.value)
        return change

    @property
    def local(self) -> dict[str, tuple[float | Jacobian, ...]]:
        """
        For each node its derivative by each of its arguments: a number, or a `Jacobian` where arrays are involved.

        With ``order`` and ``parents`` this is all that backpropagation needs.
        """
        return {
            name: tuple(local_derivative(node, argument) for argument in range(len(node.parents)))
            for name, node in self._by_name.items()
        }

    def trace(self, parameters: Iterable[str | Node] | None = None, *, gradients: bool = True) -> list[Step]:
        """
        Tell both sweeps step by step: forward a step for each node, backward a step for each edge.

        Parameters
        ----------
        parameters : iterable of str or Node, optional
            The nodes to differentiate by; all variables if not given.
        gradients : bool, default True
            Whether to tell of the sweep backward too, which starts at a scalar; forward alone, any output will do.

        Returns
        -------
        list of Step
            The steps in order. Neither values nor gradients of the nodes are touched.
        """
        names = self._names
        steps = []
        for node in self.nodes:
            shown = summary(node.value)
            if node.operation is not None:
                inputs = node.operation.written(*(names[each] for each in node.parents))
                numbers = node.operation.written(*(summary(each.value) for each in node.parents))
                shown = f"{inputs} = {numbers} = {shown}"
            steps.append(Step("forward", names[node], node.value, None, None, None, f"{names[node]} = {shown}"))
        if not gradients:
            return steps
        end, start = names[self.output], _seed(self.output, None)
        steps.append(Step("backward", end, start, None, None, start, f"∂{end}/∂{end} = 1"))
        wanted = self.variables if parameters is None else self._parameters(parameters)
        arrived: dict[Node, Any] = {self.output: start}
        for node, argument, arriving in contributions(self.nodes, arrived, reached(self.nodes, wanted)):
            parent = node.parents[argument]
            formula = f"∂{end}/∂{names[parent]} += ∂{end}/∂{names[node]} · ∂{names[node]}/∂{names[parent]}"
            if not node.shape and not parent.shape:
                formula += f" = {summary(arrived[node])} · {summary(Jacobian(node, argument) * 1.0)}"
            formula += f" = {summary(arriving)}"
            steps.append(Step("backward", names[parent], arrived[parent], names[node], argument, arriving, formula))
        return steps

    def _find(self, key: str | Node) -> Node:
        if isinstance(key, str):
            return self[key]
        if key not in self._names:
            raise ValueError(f"{key!r} is not in the graph: the output was not computed from it")
        return key

    def _parameters(self, keys: Iterable[str | Node]) -> list[Node]:
        nodes = [self._find(key) for key in ([keys] if isinstance(keys, str | Node) else keys)]
        for node in nodes:
            if not node.varies:
                raise ValueError(f"{node!r} is constant; make it with variable(...) to differentiate by it")
        return nodes


def _unique_names(nodes: Iterable[Node]) -> dict[Node, str]:
    names: dict[Node, str] = {}
    taken = {node.name for node in nodes}
    counts: dict[str, int] = {}
    for node in nodes:
        stem = node.name or (node.operation.name if node.operation else "variable" if node.varies else "constant")
        counts[stem] = counts.get(stem, 0) + 1
        name = stem if node.name and counts[stem] == 1 else f"{stem}{counts[stem]}"
        while not (node.name and name == node.name and counts[stem] == 1) and name in taken:
            counts[stem] += 1
            name = f"{stem}{counts[stem]}"
        taken.add(name)
        names[node] = name
    return names
