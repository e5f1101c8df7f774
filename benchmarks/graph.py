"""
Measure the computation graph against NumPy by hand, micrograd, PyTorch, HIPS autograd and TensorFlow.

Four questions:

1. What does one operation on scalars cost, forward and backward, above doing the sums by hand?
2. What does one operation on arrays cost above plain NumPy?
3. Does that stay the same up to 100 000 nodes?
4. How do the visits and the time of forward and reverse mode grow with the number of parameters?
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from graph_contenders import (
    OPERATIONS,
    arrays_autograd,
    arrays_by_numpy,
    arrays_chainrule,
    arrays_pytorch,
    arrays_tensorflow,
    scalars_autograd,
    scalars_by_hand,
    scalars_chainrule,
    scalars_micrograd,
    scalars_pytorch,
    scalars_tensorflow,
)
from timing import Run, installed, medians, take_turns

from chainrule import graph
from chainrule.graph import Graph, constant, variable

BY_HAND = "by hand"
SCALARS = {
    BY_HAND: scalars_by_hand,
    "Chainrule": scalars_chainrule,
    "micrograd": scalars_micrograd,
    "PyTorch": scalars_pytorch,
    "HIPS autograd": scalars_autograd,
    "TensorFlow": scalars_tensorflow,
}
ARRAYS = {
    BY_HAND: arrays_by_numpy,
    "Chainrule": arrays_chainrule,
    "PyTorch": arrays_pytorch,
    "HIPS autograd": arrays_autograd,
    "TensorFlow": arrays_tensorflow,
}
# micrograd recurses once a node, so that its graphs end at about a thousand.
STEPS = 100
SCALAR_OPERATIONS = 3 * STEPS


def per_operation(
    makers: Mapping[str, Callable[..., Run]], argument: object, operations: int, rounds: int, tolerance: float
) -> dict[str, float]:
    """Return each contender's median seconds per operation, after checking that all compute the same."""
    runs = installed(makers, argument)
    reference = runs[BY_HAND]()
    for name, run in runs.items():
        for mine, theirs in zip(run(), reference, strict=True):
            if not np.allclose(mine, theirs, rtol=tolerance):
                raise SystemExit(f"{name} computes something else: {mine} for {theirs}")
    return {name: t / operations for name, t in medians(take_turns(runs, rounds, least=0.05)).items()}


def measure_growth(sizes: list[int], rounds: int) -> list[tuple[int, float, float]]:
    """Return for each number of operations the median seconds per operation to build and to sweep back."""
    rows = []
    for size in sizes:
        times = []
        for _ in range(rounds):
            w, b, x = variable(0.999), variable(1e-3), variable(1.0)
            start = time.process_time()
            for _ in range(size // 3):
                x = graph.relu(w * x + b)
            built = time.process_time()
            x.backward()
            times.append((built - start, time.process_time() - built))
            del w, b, x
        build, sweep = (statistics.median(column) / size for column in zip(*times, strict=True))
        rows.append((size, build, sweep))
    return rows


def measure_modes(counts: list[int], rounds: int) -> list[tuple[int, int, int, float, float]]:
    """Return for P parameters, one in each layer of a chain, visits and seconds of both modes."""
    rows = []
    for count in counts:
        x = constant(0.5)
        for _ in range(count):
            x = graph.tanh(variable(0.9) * x)
        whole = Graph(x)
        times = []
        for _ in range(rounds):
            start = time.process_time()
            forward = whole.forward_mode()
            between = time.process_time()
            reverse = whole.backward()
            times.append((between - start, time.process_time() - between))
            if not all(np.isclose(slope, reverse[name]) for name, slope in forward.items()):
                raise SystemExit("forward and reverse mode disagree")
        seconds = [statistics.median(column) for column in zip(*times, strict=True)]
        rows.append((count, whole.forward_mode_visits, whole.reverse_mode_visits, *seconds))
    return rows


def measure(rounds: int, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the answers to the four questions."""
    say("graph: scalars")
    results: dict[str, Any] = {
        "scalars": per_operation(SCALARS, STEPS, SCALAR_OPERATIONS, rounds, 1e-9),
        "arrays": {},
    }
    for dtype, tolerance in (("float32", 1e-4), ("float64", 1e-9)):
        say(f"graph: arrays, {dtype}")
        results["arrays"][dtype] = per_operation(ARRAYS, dtype, OPERATIONS, rounds, tolerance)
    say("graph: growth")
    results["growth"] = measure_growth([99, 9_999] if quick else [99, 999, 9_999, 99_999], rounds)
    say("graph: forward and reverse mode")
    results["modes"] = measure_modes([10, 30, 100] if quick else [10, 30, 100, 300, 1000], 3)
    return results
