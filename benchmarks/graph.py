"""
Measure the computation graph against NumPy by hand, micrograd, PyTorch, HIPS autograd and TensorFlow.

Four questions, one run, all contenders of a question interleaved, medians reported:

1. What does one operation on scalars cost, forward and backward, above doing the sums by hand?
2. What does one operation on arrays cost above plain NumPy?
3. Does that stay the same up to 100 000 nodes?
4. How do the visits and the time of forward and reverse mode grow with the number of parameters?

Everything runs on one thread, and the time is that of the processor: a busy neighbor disturbs it less than the clock on
the wall. Tables and a picture are written to benchmarks/results/.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Before NumPy is imported: on shared cores a second BLAS thread makes times depend on the neighbors.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
from graph_contenders import (  # noqa: E402
    OPERATIONS,
    Run,
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

from chainrule import graph  # noqa: E402
from chainrule.graph import Graph, constant, variable  # noqa: E402

PEERS = {"micrograd": "micrograd", "PyTorch": "torch", "HIPS autograd": "autograd", "TensorFlow": "tensorflow"}


def interleaved(runs: dict[str, Run], rounds: int, seconds: float) -> dict[str, float]:
    """Return the median seconds of each; every round lets each contender run for about so long."""
    repeats, times = {}, {name: [] for name in runs}
    for name, run in runs.items():
        run()
        start = time.process_time()
        run()
        repeats[name] = max(1, int(seconds / (time.process_time() - start)))
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            for _ in range(repeats[name]):
                run()
            times[name].append((time.process_time() - start) / repeats[name])
    return {name: statistics.median(each) for name, each in times.items()}


def contenders(makers: dict[str, Callable[..., Run]], *arguments: object) -> dict[str, Run]:
    """Return the contenders that are installed, after checking that all compute the same."""
    runs = {}
    for name, make in makers.items():
        try:
            runs[name] = make(*arguments)
        except ImportError:
            print(f"  missing: {name} is not installed, so it is not measured")
    reference = next(iter(runs.values()))()
    for name, run in runs.items():
        for mine, theirs in zip(run(), reference, strict=True):
            if not np.allclose(mine, theirs, rtol=1e-9 if arguments != ("float32",) else 1e-4):
                sys.exit(f"{name} computes something else: {mine} for {theirs}")
    # What the peers' imports left behind would cost every contender time in the garbage collector.
    gc.collect()
    gc.freeze()
    return runs


def table(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table with a title."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, tuple("-" * width for width in widths), *rows]
    body = "\n".join("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines)
    return f"### {title}\n\n{body}\n"


def per_operation(times: dict[str, float], operations: int, hand: str) -> list[tuple[str, ...]]:
    ours = times["Chainrule"]
    return [
        (
            name,
            f"{1e6 * seconds / operations:.3g}",
            f"{1e6 * (seconds - times[hand]) / operations:.3g}",
            f"{seconds / ours:.3g}",
        )
        for name, seconds in times.items()
    ]


def measure_growth(sizes: list[int], rounds: int) -> list[tuple[int, float, float]]:
    """Return for each number of operations the median µs per operation to build and to sweep back."""
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
        build, sweep = (1e6 * statistics.median(column) / size for column in zip(*times, strict=True))
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
                sys.exit("forward and reverse mode disagree")
        seconds = [statistics.median(column) for column in zip(*times, strict=True)]
        rows.append((count, whole.forward_mode_visits, whole.reverse_mode_visits, *seconds))
    return rows


def slope(rows: list[tuple], column: int) -> float:
    """Return the slope on a log-log plot over the last two points."""
    (p, *_), (q, *_) = rows[-2:]
    return float(np.log(rows[-1][column] / rows[-2][column]) / np.log(q / p))


def draw(path: Path, scalars: dict[str, float], arrays: dict[str, float], growth: list, modes: list) -> None:
    """Draw the four answers in one picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(10, 7), constrained_layout=True)
    for ax, times, title in zip(axes[0], (scalars, arrays), ("Scalars", "Arrays, float64"), strict=True):
        names = list(times)[::-1]
        colors = ["#0b3c6f" if name == "Chainrule" else "#8a8a8a" for name in names]
        ax.scatter([times[name] for name in names], names, color=colors, zorder=2)
        for name in names:
            ax.annotate(f"{times[name]:.3g}", (times[name], name), (8, 0), textcoords="offset points", va="center")
        ax.set(xscale="log", title=f"{title}: µs per operation")
        ax.grid(axis="y", color="#dcdcdc", zorder=0)
        ax.margins(x=0.2, y=0.15)
    ax = axes[1, 0]
    sizes, build, sweep = zip(*growth, strict=True)
    ax.plot(sizes, np.add(build, sweep), "o-", color="#0b3c6f", label="both")
    ax.plot(sizes, build, "s--", color="#7a7a7a", label="forward: build")
    ax.plot(sizes, sweep, "^:", color="#7a7a7a", label="backward")
    ax.axhline(scalars["by hand"], color="#d55e00", linestyle="-.", label="by hand")
    ax.set(xscale="log", ylim=(0, 1.4 * max(np.add(build, sweep))))
    ax.set(xlabel="operations in the graph", title="µs per scalar operation")
    ax.legend(loc="upper left", ncols=2)
    ax = axes[1, 1]
    counts, forward, reverse, forward_time, reverse_time = zip(*modes, strict=True)
    ax.loglog(counts, forward, "o-", color="#d55e00", label="forward mode, visits")
    ax.loglog(counts, reverse, "s-", color="#0b3c6f", label="reverse mode, visits")
    ax.loglog(counts, np.multiply(forward_time, 1e6), "o:", color="#d55e00", label="forward mode, µs")
    ax.loglog(counts, np.multiply(reverse_time, 1e6), "s:", color="#0b3c6f", label="reverse mode, µs")
    ax.set(xlabel="parameters", title="Both modes as the parameters grow")
    ax.legend()
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and sizes: a minute becomes some seconds")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results", help="folder for the results")
    options = parser.parse_args()
    rounds, seconds = (5, 0.02) if options.quick else (15, 0.1)
    steps = 100  # micrograd recurses once a node, so that its graphs end at about a thousand
    found = []
    for name, package in PEERS.items():
        try:
            found.append(f"{name} {version('tensorflow-cpu' if package == 'tensorflow' else package)}")
        except PackageNotFoundError:
            found.append(f"{name} missing")
    context = (
        f"Python {platform.python_version()}, NumPy {np.__version__}, {', '.join(found)}; "
        "one thread, processor time, medians."
    )
    print(context)

    scalar_times = interleaved(
        contenders(
            {
                "by hand": scalars_by_hand,
                "Chainrule": scalars_chainrule,
                "micrograd": scalars_micrograd,
                "PyTorch": scalars_pytorch,
                "HIPS autograd": scalars_autograd,
                "TensorFlow": scalars_tensorflow,
            },
            steps,
        ),
        rounds,
        seconds,
    )
    array_makers = {
        "NumPy by hand": arrays_by_numpy,
        "Chainrule": arrays_chainrule,
        "PyTorch": arrays_pytorch,
        "HIPS autograd": arrays_autograd,
        "TensorFlow": arrays_tensorflow,
    }
    array_times = {d: interleaved(contenders(array_makers, d), rounds, seconds) for d in ("float32", "float64")}
    growth = measure_growth([99, 999, 9_999, 99_999] if not options.quick else [99, 9_999, 99_999], rounds)
    modes = measure_modes([10, 30, 100, 300, 1000] if not options.quick else [10, 30, 100], 3)

    head = ("", "µs per operation", "above by hand", "times Chainrule")
    report = "\n".join(
        [
            f"# The computation graph\n\n{context}\n",
            table(f"Scalars, {3 * steps} operations", head, per_operation(scalar_times, 3 * steps, "by hand")),
            *(
                table(f"Arrays, 32×64 · 64×25 · 25×1, {d}", head, per_operation(each, OPERATIONS, "NumPy by hand"))
                for d, each in array_times.items()
            ),
            table(
                "Growth of the graph",
                ("operations", "µs each, forward", "µs each, backward", "both"),
                [(f"{n:,}", f"{build:.2f}", f"{sweep:.2f}", f"{build + sweep:.2f}") for n, build, sweep in growth],
            ),
            table(
                "Forward and reverse mode",
                ("parameters", "visits, forward", "visits, reverse", "time, forward", "time, reverse"),
                [
                    (f"{p:,}", f"{vf:,}", f"{vr:,}", f"{1e3 * tf:.3g} ms", f"{1e3 * tr:.3g} ms")
                    for p, vf, vr, tf, tr in modes
                ],
            ),
            f"Slopes on a log-log plot at the end: visits {slope(modes, 1):.2f} and {slope(modes, 2):.2f}, "
            f"times {slope(modes, 3):.2f} and {slope(modes, 4):.2f}.\n",
        ]
    )
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "graph.md").write_text(report, encoding="utf-8")
    print(report)
    try:
        as_operations = {name: 1e6 * t / (3 * steps) for name, t in scalar_times.items()}
        draw(
            options.output / "graph.png",
            as_operations,
            {name: 1e6 * t / OPERATIONS for name, t in array_times["float64"].items()},
            growth,
            modes,
        )
    except ImportError:
        print("missing: matplotlib is not installed, so no picture was drawn")
    print(f"written to {options.output}")


if __name__ == "__main__":
    main()
