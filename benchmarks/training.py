"""
Measure training against Keras, TensorFlow, PyTorch, scikit-learn, two NumPy loops and the bare matrix products.

W1 is the course's own run, the handwritten digits 0 and 1 through 25-15-1 sigmoid units, 100 epochs; W2 is all ten
digits through 256-128-10 units with ReLU, 20 epochs; W3 is 60 000 random images of 28×28 through 25-15-1 units,
2 epochs. Then: how the cost of our training grows with examples, width, depth and batch size, beside the matrix
products and the compiled libraries; where these draw level as networks grow; and how much memory `fit` takes on top of
the data.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from timing import installed, medians, spread, take_turns
from training_contenders import CONTENDERS
from training_work import Work

from chainrule.datasets import load_digits

DTYPES = ("float32", "float64")
FLOOR = "matrix products alone"
GROWING = ("Chainrule", "PyTorch", "TensorFlow, compiled step", FLOOR)
LEVEL = ("Chainrule", "PyTorch", "TensorFlow, compiled step", "Keras train_on_batch")


def works(quick: bool) -> list[Work]:
    """Return the works, in float32; a tenth to a fifth of each if it is to be quick."""
    two, ten = load_digits(classes=(0, 1)), load_digits()
    rng = np.random.default_rng(0)
    m = 6_000 if quick else 60_000
    large = rng.random((m, 784), np.float32), rng.integers(0, 2, m)
    small, middle = (20, 4) if quick else (100, 20)

    def work(name: str, data: Any, widths: Any, hidden: str, batch: int, epochs: int, optimizer: str = "adam") -> Work:
        x, y = data
        return Work(name, np.ascontiguousarray(x, "float32"), y, widths, hidden, batch, epochs, optimizer)

    return [
        work("W1", two, (25, 15, 1), "sigmoid", 32, small),
        work("W1, SGD", two, (25, 15, 1), "sigmoid", 32, small, "sgd"),
        work("W2, batch 32", ten, (256, 128, 10), "relu", 32, middle),
        work("W2, batch 128", ten, (256, 128, 10), "relu", 128, middle),
        work("W3, full batch", large, (25, 15, 1), "sigmoid", m, 2),
        work("W3, batch 256", large, (25, 15, 1), "sigmoid", 256, 2),
    ]


def measure_work(work: Work, rounds: int) -> dict[str, dict[str, float]]:
    """Return for each contender that is installed its seconds, their spread, and the loss it ends with."""
    runs = installed(CONTENDERS, work)
    losses: dict[str, float] = {}

    def keep_loss(name: str) -> Callable[[], None]:
        return lambda: losses.update({name: runs[name]()})

    times = take_turns({name: keep_loss(name) for name in runs}, rounds, least=0.1)
    middle = medians(times)
    # Of the floor the best turn: it is what the machine can do.
    middle[FLOOR] = min(times[FLOOR])
    return {
        name: {"seconds": middle[name], "spread": spread(times[name])}
        | ({} if name == FLOOR else {"loss": losses[name]})
        for name in runs
    }


def measure_works(rounds: int, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the results by work and dtype."""
    results: dict[str, Any] = {}
    for work in works(quick):
        results[work.name] = {}
        for dtype in DTYPES:
            say(f"training: {work.name}, {dtype}")
            results[work.name][dtype] = measure_work(replace(work, x=work.x.astype(dtype)), rounds)
    return results


def measure_memory(quick: bool) -> list[dict[str, Any]]:
    """Return the memory that `fit` takes at its peak, on top of the data, in float32."""
    rows = []
    for work in works(quick):
        if work.optimizer == "sgd":
            continue
        run = CONTENDERS["Chainrule"](replace(work, epochs=2))
        run()
        tracemalloc.start()
        run()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        rows.append({"work": work.name, "data": work.x.nbytes / 1e6, "peak": peak / 1e6})
    return rows


Curves = dict[str, list[tuple[float, float]]]


def _curves(names: Iterable[str], works: Iterable[tuple[float, Work]], rounds: int) -> Curves:
    """Return for each contender the points (size, seconds) of an epoch."""
    curves: Curves = {name: [] for name in names}
    for size, work in works:
        runs = installed({name: CONTENDERS[name] for name in names}, work)
        for name, turns in take_turns(runs, rounds, least=0.02).items():
            curves[name].append((size, min(turns) if name == FLOOR else medians({name: turns})[name]))
    return curves


def measure_growth(rounds: int, quick: bool, say: Callable[[str], None]) -> dict[str, Curves]:
    """Return the seconds of an epoch against examples, width, depth and batch size; float32."""
    rng = np.random.default_rng(0)
    x, y = rng.random((32_768, 64), np.float32), rng.integers(0, 2, 32_768)
    base = Work("", x[:2048], y[:2048], (64, 64, 1), "relu", 32, 1)
    span = slice(None, -2) if quick else slice(None)
    sweeps = {
        "examples": [(m, replace(base, x=x[:m], y=y[:m])) for m in (128, 512, 2048, 8192, 32_768)[span]],
        "width of two hidden layers": [(w, replace(base, widths=(w, w, 1))) for w in (8, 32, 128, 512, 1024)[span]],
        "hidden layers of 64 units": [(d, replace(base, widths=(64,) * d + (1,))) for d in (1, 2, 4, 8, 16)[span]],
        "batch size": [(b, replace(base, batch=b)) for b in (1, 8, 32, 256, 2048)[span]],
    }
    results = {}
    for what, variants in sweeps.items():
        say(f"growth: {what}")
        results[what] = _curves(GROWING, variants, rounds)
    return results


def measure_level(rounds: int, quick: bool, say: Callable[[str], None]) -> dict[str, Curves]:
    """Return the seconds of an epoch against the number of weights, for small and large batches and both dtypes."""
    rng = np.random.default_rng(0)
    x, y = rng.random((1024, 64), np.float32), rng.integers(0, 2, 1024)
    widths = (16, 64, 256) if quick else (16, 64, 128, 256, 512, 1024)
    results = {}
    for batch in (32, 256):
        for dtype in DTYPES:
            say(f"drawing level: batches of {batch}, {dtype}")
            base = Work("", x.astype(dtype), y, (), "relu", batch, 1)
            variants = [replace(base, widths=(w, w, 1)) for w in widths]
            results[f"batches of {batch}, {dtype}"] = _curves(
                LEVEL, [(sum(w.size for w in work.weights()), work) for work in variants], rounds
            )
    return results
