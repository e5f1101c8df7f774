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

from chainrule import graph  # noqa: E402
from chainrule.graph import Graph, constant, variable  # noqa: E402

Run = Callable[[], object]
PEERS = {"micrograd": "micrograd", "PyTorch": "torch", "HIPS autograd": "autograd", "TensorFlow": "tensorflow"}


# 1. Scalars: x ← max(w x + b, 0), three operations a step, J the last x.


def scalars_by_hand(steps: int) -> Run:
    def run() -> tuple[float, float, float]:
        w, b = 0.999, 1e-3
        x, trail = 1.0, []
        for _ in range(steps):
            trail.append(x)
            x = w * x
            x = x + b
            x = x if x > 0 else 0.0
        g, gw, gb = 1.0, 0.0, 0.0
        for x_before in reversed(trail):
            g = g if w * x_before + b > 0 else 0.0
            gb += g
            gw += g * x_before
            g = g * w
        return x, gw, gb

    return run


def scalars_chainrule(steps: int) -> Run:
    def run() -> tuple[float, float, float]:
        w, b, x = variable(0.999), variable(1e-3), variable(1.0)
        for _ in range(steps):
            x = graph.relu(w * x + b)
        x.backward()
        return x.value, w.gradient, b.gradient

    return run


def scalars_micrograd(steps: int) -> Run:
    from micrograd.engine import Value

    def run() -> tuple[float, float, float]:
        w, b, x = Value(0.999), Value(1e-3), Value(1.0)
        for _ in range(steps):
            x = (w * x + b).relu()
        x.backward()
        return x.data, w.grad, b.grad

    return run


def scalars_pytorch(steps: int) -> Run:
    import torch

    torch.set_num_threads(1)

    def run() -> tuple[float, float, float]:
        w, b, x = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (0.999, 1e-3, 1.0))
        for _ in range(steps):
            x = torch.relu(w * x + b)
        x.backward()
        return x.item(), w.grad.item(), b.grad.item()

    return run


def scalars_autograd(steps: int) -> Run:
    import autograd.numpy as anp
    from autograd import value_and_grad

    def last(parameters: tuple[float, float]) -> float:
        w, b = parameters
        x = 1.0
        for _ in range(steps):
            x = anp.maximum(w * x + b, 0.0)
        return x

    def run() -> tuple[float, float, float]:
        value, slopes = value_and_grad(last)((0.999, 1e-3))
        return float(value), float(slopes[0]), float(slopes[1])

    return run


def scalars_tensorflow(steps: int) -> Run:
    import tensorflow as tf

    _one_tensorflow_thread(tf)

    def run() -> tuple[float, float, float]:
        w, b, x = (tf.constant(v, tf.float64) for v in (0.999, 1e-3, 1.0))
        with tf.GradientTape() as tape:
            tape.watch([w, b])
            for _ in range(steps):
                x = tf.nn.relu(w * x + b)
        gw, gb = tape.gradient(x, [w, b])
        return float(x), float(gw), float(gb)

    return run


# 2. Arrays: mean((tanh(X W₁ + b₁) W₂ + b₂ − y)²), eight operations, 32 × 64 · 64 × 25 · 25 × 1.

OPERATIONS = 8


def network() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = [(32, 64), (32, 1), (64, 25), (25,), (25, 1), (1,)]
    return [rng.normal(size=shape) / 4 for shape in shapes]


def arrays_by_numpy() -> Run:
    X, y, W1, b1, W2, b2 = network()

    def run() -> tuple[float, np.ndarray]:
        hidden = np.tanh(np.dot(X, W1) + b1)
        error = np.dot(hidden, W2) + b2 - y
        cost = np.add.reduce(error * error, axis=None) / error.size
        g = error * (2 / error.size)
        np.add.reduce(g, axis=0)
        np.dot(hidden.T, g)
        gz = np.dot(g, W2.T) * (1 - hidden * hidden)
        np.add.reduce(gz, axis=0)
        return float(cost), np.dot(X.T, gz)

    return run


def arrays_chainrule() -> Run:
    data = network()
    X, y = map(constant, data[:2])
    weights = data[2:]

    def run() -> tuple[float, np.ndarray]:
        W1, b1, W2, b2 = map(variable, weights)
        cost = graph.square(graph.tanh(X @ W1 + b1) @ W2 + b2 - y).mean()
        cost.backward()
        return cost.value, W1.gradient

    return run


def arrays_pytorch() -> Run:
    import torch

    torch.set_num_threads(1)
    data = [torch.tensor(each) for each in network()]
    X, y = data[:2]

    def run() -> tuple[float, np.ndarray]:
        W1, b1, W2, b2 = (each.detach().requires_grad_() for each in data[2:])
        cost = torch.square(torch.tanh(X @ W1 + b1) @ W2 + b2 - y).mean()
        cost.backward()
        return cost.item(), W1.grad.numpy()

    return run


def arrays_autograd() -> Run:
    import autograd.numpy as anp
    from autograd import value_and_grad

    X, y, *weights = network()

    def cost(weights: list[np.ndarray]) -> float:
        W1, b1, W2, b2 = weights
        return anp.mean(anp.square(anp.dot(anp.tanh(anp.dot(X, W1) + b1), W2) + b2 - y))

    def run() -> tuple[float, np.ndarray]:
        value, slopes = value_and_grad(cost)(weights)
        return float(value), slopes[0]

    return run


def arrays_tensorflow() -> Run:
    import tensorflow as tf

    _one_tensorflow_thread(tf)
    X, y, *weights = (tf.constant(each) for each in network())

    def run() -> tuple[float, np.ndarray]:
        W1, b1, W2, b2 = weights
        with tf.GradientTape() as tape:
            tape.watch(weights)
            cost = tf.reduce_mean(tf.square(tf.matmul(tf.tanh(tf.matmul(X, W1) + b1), W2) + b2 - y))
        return float(cost), tape.gradient(cost, weights)[0].numpy()

    return run


def _one_tensorflow_thread(tf: object) -> None:
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:  # already running, with the threads set before
        pass


# Measuring


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


def contenders(makers: dict[str, Callable[..., Run]], *arguments: int) -> dict[str, Run]:
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
            if not np.allclose(mine, theirs, rtol=1e-9):
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
    for ax, times, title in zip(axes[0], (scalars, arrays), ("Scalars", "Arrays"), strict=True):
        names = list(times)[::-1]
        bars = ax.barh(
            names, [times[name] for name in names], color=["#0b3c6f" if n == "Chainrule" else "#b0b0b0" for n in names]
        )
        ax.bar_label(bars, fmt="%.3g", padding=3)
        ax.set(xscale="log", title=f"{title}: µs per operation, forward and backward")
        ax.margins(x=0.2)
    ax = axes[1, 0]
    sizes, build, sweep = zip(*growth, strict=True)
    ax.plot(sizes, np.add(build, sweep), "o-", color="#0b3c6f", label="both")
    ax.plot(sizes, build, "s--", color="#7a7a7a", label="forward: build")
    ax.plot(sizes, sweep, "^:", color="#7a7a7a", label="backward")
    ax.set(
        xscale="log",
        ylim=(0, None),
        xlabel="operations in the graph",
        title="µs per scalar operation as the graph grows",
    )
    ax.legend()
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
    context = f"Python {platform.python_version()}, NumPy {np.__version__}, {', '.join(found)}; one thread, processor time, medians."
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
    array_times = interleaved(
        contenders(
            {
                "NumPy by hand": arrays_by_numpy,
                "Chainrule": arrays_chainrule,
                "PyTorch": arrays_pytorch,
                "HIPS autograd": arrays_autograd,
                "TensorFlow": arrays_tensorflow,
            }
        ),
        rounds,
        seconds,
    )
    growth = measure_growth([99, 999, 9_999, 99_999] if not options.quick else [99, 9_999, 99_999], rounds)
    modes = measure_modes([10, 30, 100, 300, 1000] if not options.quick else [10, 30, 100], 3)

    head = ("", "µs per operation", "above by hand", "times Chainrule")
    report = "\n".join(
        [
            f"# The computation graph\n\n{context}\n",
            table(f"Scalars, {3 * steps} operations", head, per_operation(scalar_times, 3 * steps, "by hand")),
            table("Arrays, 32×64 · 64×25 · 25×1", head, per_operation(array_times, OPERATIONS, "NumPy by hand")),
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
            {name: 1e6 * t / OPERATIONS for name, t in array_times.items()},
            growth,
            modes,
        )
    except ImportError:
        print("missing: matplotlib is not installed, so no picture was drawn")
    print(f"written to {options.output}")


if __name__ == "__main__":
    main()
