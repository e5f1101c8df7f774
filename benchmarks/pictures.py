"""Draw the pictures of docs/benchmarks.md; they read in grey, and each series has a marker of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from page import CONTENDERS, FLOOR, OURS

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

Results = dict[str, Any]
INK, GREY = "black", "0.55"
STYLES = {
    OURS: {"color": INK, "linestyle": "-", "marker": "o"},
    "PyTorch": {"color": "#d55e00", "linestyle": "--", "marker": "s"},
    "TensorFlow, compiled step": {"color": "#0072b2", "linestyle": "-.", "marker": "^"},
    "Keras train_on_batch": {"color": "0.5", "linestyle": ":", "marker": "v"},
    FLOOR: {"color": GREY, "linestyle": ":", "marker": "x"},
}


def draw_all(results: Results, folder: Path) -> None:
    """Draw every picture into this folder."""
    for name, draw in (("training", training), ("growth", growth), ("level", level), ("graph", graph)):
        figure = draw(results)
        figure.savefig(folder / f"benchmarks-{name}.png", dpi=110)
        plt.close(figure)


def plain_ticks(axis: Axis, subs: tuple[int, ...] = (1, 3)) -> None:
    """Write the ticks of a logarithmic axis as plain numbers."""
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.set_minor_formatter(NullFormatter())


def training(results: Results) -> plt.Figure:
    """Draw for each work how many times our time each contender takes."""
    works = results["works"]
    figure, axes = plt.subplots(2, -(-len(works) // 2), figsize=(11, 6), layout="constrained", sharey=True)
    names = [*CONTENDERS, FLOOR][::-1]
    for ax, (work, dtypes) in zip(axes.flat, works.items(), strict=False):
        ax.axvline(1, color=INK, linewidth=1)
        for dtype, marker, face in (("float32", "o", INK), ("float64", "s", "white")):
            found = dtypes[dtype]
            ratios = [found[n]["seconds"] / found[OURS]["seconds"] if n in found else np.nan for n in names]
            ax.plot(ratios, range(len(names)), marker, color=INK, markerfacecolor=face, label=dtype, markersize=6)
        for row, name in enumerate(names):
            here = [d[name]["seconds"] / d[OURS]["seconds"] for d in dtypes.values() if name in d]
            text = f"{here[0]:.2g}" if here else "missing"
            faster = bool(here) and max(here) < 1
            at, move = (min(here), -7) if faster else (max(here, default=1), 7)
            align = {"ha": "right" if faster else "left", "va": "center"}
            ax.annotate(text, (at, row), (move, 0), textcoords="offset points", fontsize=8, **align)
        ax.set(xscale="log", title=work)
        ax.set_yticks(range(len(names)), names)
        ax.grid(axis="y", color="0.9")
        ax.margins(x=0.2)
        plain_ticks(ax.xaxis)
    for ax in axes[-1]:
        ax.set_xlabel("times Chainrule's time")
    axes.flat[0].legend(loc="lower right", fontsize=8)
    figure.suptitle("Right of the line: slower than Chainrule (the number is float32's)", fontsize=11)
    return figure


def growth(results: Results) -> plt.Figure:
    """Draw the time of an epoch against what grows."""
    curves = results["growth"]
    figure, axes = plt.subplots(1, len(curves), figsize=(13, 3.9), layout="constrained", sharey=True)
    for ax, (what, lines) in zip(axes, curves.items(), strict=True):
        for name, points in lines.items():
            if points:
                ax.plot(*np.transpose(points), label=name, markersize=5, **STYLES[name])
        ax.set(xscale="log", yscale="log", xlabel=what)
        plain_ticks(ax.xaxis, subs=(1,))
        plain_ticks(ax.yaxis)
        ax.grid(color="0.92")
    axes[0].set_ylabel("seconds an epoch")
    axes[0].yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return figure


def level(results: Results) -> plt.Figure:
    """Draw each peer's time as a multiple of ours against the number of weights."""
    figure, axes = plt.subplots(2, 2, figsize=(11, 7), layout="constrained", sharex=True, sharey=True)
    for ax, (what, curves) in zip(axes.flat, results["level"].items(), strict=True):
        ax.axhline(1, color=INK, linewidth=1)
        sizes, ours = np.transpose(curves[OURS])
        for name, points in curves.items():
            if name != OURS and points:
                ax.plot(sizes, np.transpose(points)[1] / ours, label=name, markersize=5, **STYLES[name])
        ax.set(xscale="log", yscale="log", title=what)
        plain_ticks(ax.yaxis)
        ax.grid(color="0.92")
    for ax in axes[-1]:
        ax.set_xlabel("weights of the network")
    for ax in axes[:, 0]:
        ax.set_ylabel("times Chainrule's time")
    low = min(0.5, axes[0, 0].get_ylim()[0])
    axes[0, 0].set_ylim(bottom=low)
    for ax in axes.flat:
        ax.axhspan(low, 1, color="0.95", zorder=0)
        ax.text(0.02, 0.02, "the peer is faster", transform=ax.transAxes, fontsize=9)
        ax.text(0.98, 0.98, "Chainrule is faster", transform=ax.transAxes, fontsize=9, ha="right", va="top")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return figure


def _per_operation(ax: Axes, seconds: dict[str, float], title: str) -> None:
    names = list(seconds)[::-1]
    for row, name in enumerate(names):
        ax.plot(1e6 * seconds[name], row, "o", color=INK if name == OURS else GREY)
        ax.annotate(
            f"{1e6 * seconds[name]:.3g}", (1e6 * seconds[name], row), (8, 0), textcoords="offset points", va="center"
        )
    ax.set(xscale="log", title=title, xlabel="µs per operation, forward and backward")
    ax.set_yticks(range(len(names)), names)
    ax.grid(axis="y", color="0.9")
    ax.margins(x=0.2, y=0.15)
    plain_ticks(ax.xaxis)


def graph(results: Results) -> plt.Figure:
    """Draw the cost of an operation, and how it grows."""
    measured = results["graph"]
    figure, axes = plt.subplots(2, 2, figsize=(11, 7.5), layout="constrained")
    _per_operation(axes[0, 0], measured["scalars"], "Scalars")
    _per_operation(axes[0, 1], measured["arrays"]["float64"], "Arrays, float64")
    ax = axes[1, 0]
    sizes, build, sweep = np.transpose(measured["growth"])
    ax.plot(sizes, 1e6 * (build + sweep), "o-", color=INK, label="both")
    ax.plot(sizes, 1e6 * build, "s--", color="#d55e00", label="forward: build")
    ax.plot(sizes, 1e6 * sweep, "^:", color="#0072b2", label="backward: sweep")
    ax.axhline(1e6 * measured["scalars"]["by hand"], color=GREY, linestyle="-.", label="by hand, both")
    ax.set(xscale="log", ylim=(0, 1.5e6 * max(build + sweep)), title="Growth of the graph")
    ax.set(xlabel="operations in the graph", ylabel="µs per scalar operation")
    ax.legend(loc="upper left", ncols=2, fontsize=9)
    ax = axes[1, 1]
    counts, forward, reverse, forward_time, reverse_time = np.transpose(measured["modes"])
    ax.plot(counts, forward, "o-", color="#d55e00", label="forward mode, visits")
    ax.plot(counts, 1e6 * forward_time, "o:", color="#d55e00", markerfacecolor="white", label="forward mode, µs")
    ax.plot(counts, reverse, "s-", color="#0072b2", label="reverse mode, visits")
    ax.plot(counts, 1e6 * reverse_time, "s:", color="#0072b2", markerfacecolor="white", label="reverse mode, µs")
    ax.set(xscale="log", yscale="log", title="Forward and reverse mode")
    ax.set(xlabel="parameters P", ylabel="visits of an edge, or µs")
    ax.legend(fontsize=9)
    return figure
