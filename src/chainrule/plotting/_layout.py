"""Lay a computation graph out from left to right: nodes in layers, between them a level stretch for each edge."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Edge: TypeAlias = tuple[str, str, int]
"""From a node, to the operation that uses it, as its argument number 0 or 1."""

STRETCH = 0.28
"""Half the length of the level stretch, where the distance of two layers is 1."""


@dataclass(frozen=True)
class Layout:
    """Where to draw nodes and edges; layers and rows are 1 apart.

    Parameters
    ----------
    place : dict
        Of each node.
    route : dict
        For each edge the points it runs through. The last piece but one is level; labels go there.
    rows : int
        The most nodes or edges one above the other.
    """

    place: dict[str, Point]
    route: dict[Edge, list[Point]]
    rows: int


def arrange(parents: Mapping[str, tuple[str, ...]]) -> Layout:
    """Lay out a graph given by the arguments of each node; the last node is the output.

    A node's layer is counted back from the output along the longest way, so that inputs stand right before the
    operation that uses them. One above the other they keep the order in which they are met as arguments, which
    keeps the edges of a tree from crossing. Every edge has a row of its own between two layers, and in the layers
    that it passes.

    Examples
    --------
    >>> layout = arrange({"w": (), "x": (), "c": ("w", "x")})
    >>> layout.place
    {'c': (1.0, 0.0), 'w': (0.0, 0.5), 'x': (0.0, -0.5)}
    """
    import networkx as nx

    output = list(parents)[-1]
    back = nx.MultiDiGraph([(child, parent) for child, each in parents.items() for parent in each])
    back.add_node(output)
    depth = {name: k for k, layer in enumerate(nx.topological_generations(back)) for name in layer}
    deepest = max(depth.values())

    # Columns 0, 2, 4, … hold the nodes, and the turns of edges that pass; 1, 3, 5, … the stretches between.
    columns: dict[int, list[Hashable]] = {column: [] for column in range(2 * deepest + 1)}
    turns: dict[Edge, list[tuple[Edge, int]]] = {}
    columns[2 * deepest].append(output)
    pending, met = _edges_into(output, parents), {output}
    while pending:
        edge = pending.pop()
        parent, child, _ = edge
        passed = range(2 * (deepest - depth[parent]) + 1, 2 * (deepest - depth[child]))
        turns[edge] = [(edge, column) for column in passed]
        for column in passed:
            columns[column].append((edge, column))
        if parent not in met:
            met.add(parent)
            columns[2 * (deepest - depth[parent])].append(parent)
            pending += _edges_into(parent, parents)

    sheet = nx.empty_graph([each for column in columns.values() for each in column])
    raw = nx.multipartite_layout(sheet, subset_key=columns)
    left, right = (extreme(float(x) for x, _ in raw.values()) for extreme in (min, max))
    gap = (right - left) / (2 * deepest) if deepest else 1.0  # networkx scales every picture to the same size; undo it
    spot = {
        key: (round((float(x) - left) / gap / 2, 9), round(-float(y) / gap, 9) + 0.0) for key, (x, y) in raw.items()
    }
    route = {}
    for edge, passed_turns in turns.items():
        points = [spot[edge[0]]]
        for turn in passed_turns:
            x, y = spot[turn]
            points += [(x - STRETCH, y), (x + STRETCH, y)] if turn[1] % 2 else [(x, y)]
        route[edge] = [*points, spot[edge[1]]]
    place = {name: spot[name] for name in [output, *parents] if name in spot}
    return Layout(place, route, max(map(len, columns.values())))


def _edges_into(name: str, parents: Mapping[str, tuple[str, ...]]) -> list[Edge]:
    """Return a node's edges, the one of its first argument last, where a stack takes it from."""
    return [(parent, name, argument) for argument, parent in enumerate(parents[name])][::-1]
