"""
Let contenders take turns, and time each turn.

On shared cores a neighbor slows whoever happens to run. Contenders that take turns suffer alike, and the median of many
turns forgets the worst. What a turn took is the processor's time or the clock's on the wall, whichever is less: the
first does not count the neighbor, the second does not count twice what a library does on two threads at once.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Run = Callable[[], Any]
Times = dict[str, list[float]]


def installed(makers: Mapping[str, Callable[..., Run]], *arguments: object) -> dict[str, Run]:
    """Return what the makers make, but for contenders that are not installed."""
    runs = {}
    for name, make in makers.items():
        try:
            runs[name] = make(*arguments)
        except ImportError:
            continue
    return runs


def seconds(run: Run, times: int = 1) -> float:
    """Return how long a run takes, on the average of so many."""
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(times):
        run()
    processor, wall = time.process_time() - processor, time.perf_counter() - wall
    return min(processor, wall) / times


def take_turns(runs: Mapping[str, Run], rounds: int, least: float = 0.0) -> Times:
    """
    Return the seconds of each contender's turns.

    After the first round, a contender that was done in less than `least` seconds runs several times in each turn, and
    one that took more than a second sits out every other round.
    """
    # What the contenders' imports left behind would cost everybody time in the garbage collector.
    gc.collect()
    gc.freeze()
    times = {name: [seconds(run)] for name, run in runs.items()}
    first = {name: turns[0] for name, turns in times.items()}
    for number in range(1, rounds):
        for name, run in runs.items():
            if first[name] < 1 or number % 2 == 0:
                times[name].append(seconds(run, max(1, int(least / max(first[name], 1e-6)))))
    return times


def medians(times: Times) -> dict[str, float]:
    """Return each contender's median turn."""
    return {name: statistics.median(turns) for name, turns in times.items()}


def spread(turns: Sequence[float]) -> float:
    """Return how far apart the quartiles of the turns are, as a share of their median."""
    if len(turns) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(turns, n=4)
    return (high - low) / middle
