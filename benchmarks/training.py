"""
Measure training against Keras, TensorFlow, PyTorch, scikit-learn, two NumPy loops and the bare matrix products.

The works: W1 is the course's own run, the handwritten digits 0 and 1 through 25-15-1 sigmoid units, 100 epochs; W2 is
all ten digits through 256-128-10 units with ReLU, 20 epochs; W3 is 60 000 random images of 28×28 through 25-15-1 units,
2 epochs. All contenders of a work take turns in one run. Medians of the rounds are reported, for the matrix products
the best. With one thread, the default, the time is the processor's, which a busy neighbor disturbs less than the clock
on the wall; with more threads it is the clock's.

Then: how the cost of our training grows with examples, width, depth and batch size, beside the matrix products and
PyTorch; and how much memory `fit` takes on top of the data. Tables and a picture go to benchmarks/results/.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import sys
import time
import tracemalloc
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PEERS = {
    "Keras": ("keras",),
    "TensorFlow": ("tensorflow", "tensorflow-cpu"),
    "PyTorch": ("torch",),
    "scikit-learn": ("scikit-learn",),
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the work, float32 only: a minute instead of ten"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each contender has its turn (default: 5)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the linear algebra, for all (default: 1)")
    parser.add_argument("--only", nargs="+", metavar="WORK", help="these works only, such as W1 W3/256")
    parser.add_argument("--no-growth", action="store_true", help="leave out the curves of growth")
    options = parser.parse_args()
    if options.rounds < 1 or options.threads < 1:
        parser.error("--rounds and --threads must be at least 1")
    return options


def installed(package: str) -> str | None:
    """Return the version of a package, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def works(quick: bool) -> dict[str, Any]:
    """Return the works by name, each a function of the dtype."""
    import numpy as np
    from training_contenders import Work

    from chainrule.datasets import load_digits

    two, ten = load_digits(classes=(0, 1)), load_digits()
    rng = np.random.default_rng(0)
    large = (rng.random((6_000 if quick else 60_000, 784), np.float32), rng.integers(0, 2, 6_000 if quick else 60_000))
    small, middle = (20, 4) if quick else (100, 20)

    def work(name: str, data: Any, widths: Any, hidden: str, batch: int, epochs: int, optimizer: str = "adam") -> Any:
        return lambda dtype: Work(
            name, np.ascontiguousarray(data[0], dtype), data[1], widths, hidden, batch, epochs, optimizer
        )

    listed = [
        work("W1", two, (25, 15, 1), "sigmoid", 32, small),
        work("W1, SGD", two, (25, 15, 1), "sigmoid", 32, small, "sgd"),
        work("W2/32", ten, (256, 128, 10), "relu", 32, middle),
        work("W2/128", ten, (256, 128, 10), "relu", 128, middle),
        work("W3, full batch", large, (25, 15, 1), "sigmoid", len(large[0]), 2),
        work("W3/256", large, (25, 15, 1), "sigmoid", 256, 2),
    ]
    names = ("W1", "W1, SGD", "W2/32", "W2/128", "W3, full batch", "W3/256")
    return dict(zip(names, listed, strict=True))


def clock(threads: int) -> float:
    return time.process_time() if threads == 1 else time.perf_counter()


def measure(work: Any, rounds: int, threads: int, contenders: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the seconds and the last loss of each contender that is installed."""
    runs = {}
    for name, make in contenders.items():
        try:
            runs[name] = make(work)
        except ImportError:
            continue
    gc.collect()
    gc.freeze()
    times: dict[str, list[float]] = {name: [] for name in runs}
    losses = {}
    for _ in range(rounds):
        for name, run in runs.items():
            start = clock(threads)
            losses[name] = run()
            times[name].append(clock(threads) - start)
    pick = {name: min if name == "matrix products alone" else statistics.median for name in runs}
    return {name: (pick[name](each), losses[name]) for name, each in times.items()}


def table(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table with a title."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, tuple("-" * width for width in widths), *rows]
    body = "\n".join("| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines)
    return f"### {title}\n\n{body}\n"


def work_table(title: str, results: dict[str, tuple[float, float]]) -> str:
    ours, best = results["Chainrule"][0], results["matrix products alone"][0]
    rows = [
        (
            name,
            f"{seconds:.4f}",
            f"{seconds / ours:.2f}",
            f"{seconds / best:.2f}",
            "" if loss != loss else f"{loss:.4f}",
        )
        for name, (seconds, loss) in sorted(results.items(), key=lambda entry: entry[1][0])
    ]
    return table(title, ("contender", "seconds", "times ours", "times the matrix products", "last loss"), rows)


def growth(rounds: int, threads: int, quick: bool) -> tuple[str, dict[str, Any]]:
    """Return a table, and the curves: seconds of an epoch against examples, width, depth and batch size."""
    import numpy as np
    from training_contenders import CONTENDERS, Work

    rng = np.random.default_rng(0)
    x, y = rng.random((32_768, 64), np.float32), rng.integers(0, 2, 32_768)
    base = Work("", x[:2048], y[:2048], (64, 64, 1), "relu", 32, 1)
    span = slice(None, -2) if quick else slice(None)
    sweeps = {
        "examples": [replace(base, x=x[:m], y=y[:m]) for m in (128, 512, 2048, 8192, 32_768)[span]],
        "width of two hidden layers": [replace(base, widths=(w, w, 1)) for w in (8, 32, 128, 512, 1024)[span]],
        "hidden layers of 64": [replace(base, widths=(64,) * depth + (1,)) for depth in (1, 2, 4, 8, 16)[span]],
        "batch size": [replace(base, batch=b) for b in (1, 8, 32, 256, 2048)[span]],
    }
    axes = {
        "examples": lambda work: len(work.x),
        "width of two hidden layers": lambda work: work.widths[0],
        "hidden layers of 64": lambda work: len(work.widths) - 1,
        "batch size": lambda work: work.batch,
    }
    names = ("Chainrule", "PyTorch", "TensorFlow, compiled step", "matrix products alone")
    chosen = {name: CONTENDERS[name] for name in names}
    curves: dict[str, Any] = {}
    text = ""
    for what, variants in sweeps.items():
        rows = []
        curves[what] = {name: [] for name in names}
        for work in variants:
            results = measure(work, rounds, threads, chosen)
            size = axes[what](work)
            for name, (seconds, _) in results.items():
                curves[what][name].append((size, seconds))
            rows.append((f"{size:,}", *(f"{1e3 * results[n][0]:.3g}" if n in results else "missing" for n in names)))
        text += table(f"Milliseconds of an epoch against {what}", (what, *names), rows) + "\n"
        print(text.rsplit("###", 1)[1].join(("###", "")))
    return text, curves


def memory(chosen: dict[str, Any]) -> str:
    """Return a table of the memory that `fit` takes at its peak, on top of the data and of what is left after it."""
    from training_contenders import CONTENDERS

    rows = []
    for name, make in chosen.items():
        work = make("float32")
        run = CONTENDERS["Chainrule"](replace(work, epochs=2))
        run()
        tracemalloc.start()
        run()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        rows.append((name, f"{work.x.nbytes / 1e6:.1f}", f"{peak / 1e6:.1f}"))
    return table("Peak memory of fit, float32", ("work", "data, MB", "on top of it, MB"), rows)


def picture(all_results: dict[str, dict[str, tuple[float, float]]], curves: dict[str, Any], path: Path) -> None:
    """Draw the works as bars and the growth as curves."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    def plain_ticks(axis: Any) -> None:
        axis.set_major_locator(LogLocator(subs=(1, 3)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())

    rows = -(-len(all_results) // 3)
    figure = plt.figure(figsize=(15, 2.9 * rows + 3.6 * bool(curves)), layout="constrained")
    top, *rest = figure.subfigures(1 + bool(curves), 1, height_ratios=[rows, 1.2][: 1 + bool(curves)], squeeze=False)[
        :, 0
    ]
    axes = top.subplots(rows, min(3, len(all_results)), squeeze=False).ravel()
    for ax, (title, results) in zip(axes, all_results.items(), strict=False):
        names = sorted(results, key=lambda name: -results[name][0])
        for row, name in enumerate(names):
            seconds = results[name][0]
            ax.plot(seconds, row, "o", color="black" if name == "Chainrule" else "0.6")
            ax.annotate(
                f"{seconds / results['Chainrule'][0]:.2g}×", (seconds, row), (6, -3), textcoords="offset points", size=8
            )
        ax.set_yticks(range(len(names)), names, size=8)
        ax.set(xscale="log", title=title, xlabel="seconds")
        plain_ticks(ax.xaxis)
        ax.margins(x=0.15)
        ax.grid(axis="y", color="0.9")
    for ax in axes[len(all_results) :]:
        ax.set_axis_off()
    for below in rest:
        for ax, (what, lines) in zip(below.subplots(1, len(curves)), curves.items(), strict=True):
            for (name, points), style in zip(lines.items(), ("o-", "s--", "^:", "x-."), strict=True):
                if points:
                    color = "black" if name == "Chainrule" else "0.6"
                    ax.plot(*zip(*points, strict=True), style, label=name, color=color)
            ax.set(xscale="log", yscale="log", xlabel=what, ylabel="seconds an epoch")
            plain_ticks(ax.xaxis)
            plain_ticks(ax.yaxis)
        ax.legend(fontsize=8, frameon=False)
    figure.savefig(path, dpi=110)


def main() -> None:
    options = arguments()
    # Before NumPy is imported, and the same for everyone.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(options.threads)
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(options.threads)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    import numpy as np
    from training_contenders import CONTENDERS

    try:
        import torch

        torch.set_num_threads(options.threads)
    except ImportError:
        pass
    versions = [f"Python {platform.python_version()}", f"NumPy {np.__version__}"]
    for name, packages in PEERS.items():
        found = [number for number in map(installed, packages) if number]
        versions.append(f"{name} {found[0] if found else 'missing'}")
        if not found:
            print(f"missing: {name} is not installed, so it is not measured")
    chosen = works(options.quick)
    if options.only:
        unknown = set(options.only) - set(chosen)
        if unknown:
            sys.exit(f"unknown work {', '.join(sorted(unknown))}; there are: {'; '.join(chosen)}")
        chosen = {name: chosen[name] for name in options.only}
    timed = "processor" if options.threads == 1 else "wall clock"
    report = (
        f"# Training\n\n{', '.join(versions)}; {options.threads} thread(s), {timed} time, {options.rounds} rounds.\n\n"
    )
    print(report)
    everything = {}
    for name, make in chosen.items():
        for dtype in ("float32",) if options.quick else ("float32", "float64"):
            title = f"{name}, {dtype}"
            everything[title] = measure(make(dtype), options.rounds, options.threads, CONTENDERS)
            report += work_table(title, everything[title]) + "\n"
            print(work_table(title, everything[title]))
    kept = memory(chosen)
    report += kept + "\n"
    print(kept)
    curves: dict[str, Any] = {}
    if not options.no_growth:
        text, curves = growth(min(options.rounds, 3), options.threads, options.quick)
        report += text
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "training.md").write_text(report, encoding="utf-8")
    shown = {title: results for title, results in everything.items() if title.endswith("float32")}
    picture(shown, curves, RESULTS / "training.png")
    print(f"Written: {RESULTS.name}/training.md and training.png")


if __name__ == "__main__":
    main()
