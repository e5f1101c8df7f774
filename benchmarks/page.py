"""Write docs/benchmarks.md: what the numbers of a run say, in tables and sentences."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import Any

import numpy as np

FLOOR = "matrix products alone"
OURS = "Chainrule"
CONTENDERS = (
    "Keras fit",
    "Keras train_on_batch",
    "TensorFlow, compiled step",
    "PyTorch",
    "scikit-learn",
    "NumPy, plain loop",
    "NumPy, tuned loop",
)
# At most so many times the matrix products; at least so many times faster than Keras' fit and PyTorch.
AIMS = {
    "W1": (5, 80, 12),
    "W2, batch 32": (3.2, 7, 2),
    "W2, batch 128": (2.3, 7, 2),
    "W3, full batch": (1.6, 1, 1),
    "W3, batch 256": (2.6, 1, 1),
}
Results = dict[str, Any]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    rows = [tuple(head), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = "| " + " | ".join("-" * w for w in widths) + " |"
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in rows]
    return "\n".join([lines[0], rule, *lines[1:]])


def times(ratio: float) -> str:
    """Return a ratio as people write it."""
    return f"{ratio:.0f}×" if ratio >= 10 else f"{ratio:.1f}×" if ratio >= 2 else f"{ratio:.2f}×"


def significant(value: float) -> str:
    """Return a number to three digits, and all digits before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def ratio(results: dict[str, dict[str, float]], name: str, to: str = OURS) -> float | None:
    """Return a contender's time as a multiple of another's; None if it is missing."""
    return results[name]["seconds"] / results[to]["seconds"] if name in results else None


def cell(value: float | None) -> str:
    return "missing" if value is None else times(value)


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def write(results: Results) -> str:
    """Return the page."""
    parts = (opening, works, aims, growth, level, memory, graph, processes)
    return "\n\n".join(part(results) for part in parts) + "\n"


def opening(results: Results) -> str:
    versions = [f"{name} {number}" for name, number in results["versions"].items() if number]
    missing = [name for name, number in results["versions"].items() if not number]
    spreads = [
        entry["spread"]
        for dtypes in results["works"].values()
        for contenders in dtypes.values()
        for entry in contenders.values()
    ]
    absent = f"**Missing from this run:** {', '.join(missing)}.\n\n" if missing else ""
    return f"""# Benchmarks

How long does training take, compared with whom, and where does that change?

One command measures everything and writes this page, tables and pictures. It took {results["minutes"]:.0f} minutes:

<!-- not run: it installs packages, and measures for minutes -->
```sh
pip install -c constraints.txt -e ".[parity]"
python benchmarks/run.py
```

**How.** {results["processor"]}, one thread for everyone, {results["date"]}. {", ".join(versions)}.
All contenders of a measurement take turns in one process, {results["rounds"]} each and three for what takes more than a
second; a time is the median of the turns.
The quartiles of the turns lie {100 * statistics.median(spreads):.0f} % apart here: read smaller differences as none.
What can be done once (building, compiling, tracing) is done before a peer's clock starts; ours starts before the model
is built.

{absent}**The floor.** *{FLOOR.capitalize()}* is what is left when all but the matrix products is taken away,
each in its faster form, into memory that is kept. Nobody who multiplies with this NumPy can be faster."""


def works(results: Results) -> str:
    text = """## Training

Which works?

| work | data | network | training |
| --- | --- | --- | --- |
| W1 | 360 handwritten digits 0 and 1, 8×8 | 25-15-1, sigmoid | batches of 32, Adam, 100 epochs; the course's own run |
| W2 | 1 797 digits, ten classes | 256-128-10, ReLU | batches of 32 or 128, Adam, 20 epochs |
| W3 | 60 000 random images, 28×28 | 25-15-1, sigmoid | all at once or batches of 256, Adam, 2 epochs |

![How many times Chainrule's time each contender takes, for each work and dtype.](images/benchmarks-training.png)

"""
    first = results["works"]["W1"]["float32"]
    peers = {
        "Keras fit": "Keras' `model.fit`",
        "Keras train_on_batch": "its `train_on_batch`",
        "TensorFlow, compiled step": "a training step compiled by hand in TensorFlow",
        "PyTorch": "PyTorch",
        "scikit-learn": "scikit-learn",
    }
    claims = [f"{cell(ratio(first, name))} ({peer})" for name, peer in peers.items() if name in first]
    if claims:
        claim = f"On W1 in float32, Chainrule's `fit` is faster by {_listed(claims)}."
        text += f"""{fill(claim, 120)}
Much of the first number is what Keras does around each batch: a network this small hardly calculates. To compare the
calculation, look at the compiled step.
"""
    for dtype in ("float32", "float64"):
        columns = {name: dtypes[dtype] for name, dtypes in results["works"].items()}
        rows = [("**Chainrule, seconds**", *(f"**{c[OURS]['seconds']:.3f}**" for c in columns.values()))]
        rows += [(name, *(cell(ratio(c, name)) for c in columns.values())) for name in CONTENDERS]
        rows += [(f"{FLOOR}", *(cell(ratio(c, FLOOR)) for c in columns.values()))]
        text += f"\n**{dtype}**: times Chainrule's time\n\n{table(('', *columns), rows)}\n"
    return text.rstrip()


def aims(results: Results) -> str:
    rows, missed = [], 0
    for work, (over_floor, over_keras, over_pytorch) in AIMS.items():
        row = [work]
        for dtype in ("float32", "float64"):
            measured = results["works"][work][dtype]
            above = ratio(measured, OURS, FLOOR)
            assert above is not None
            parts = [f"{times(above)} of {over_floor:g}×"]
            short = above > over_floor
            for name, aim in (("Keras fit", over_keras), ("PyTorch", over_pytorch)):
                value = ratio(measured, name)
                parts.append(f"{cell(value)} of {aim:g}×")
                short |= value is not None and value < aim
            missed += short
            row.append(", ".join(parts) + (" **missed**" if short else ""))
        rows.append(row)
    verdict = f"{missed} of {2 * len(AIMS)} miss at least one of the three" if missed else "All are reached"
    busy = results["works"]["W2, batch 128"]["float32"]
    share = 100 * busy[FLOOR]["seconds"] / busy[OURS]["seconds"]
    return f"""## What we aim at

At most so many times the matrix products; at least so many times as fast as Keras' `fit`; as PyTorch. {verdict}.

{table(("work", "float32: floor, Keras, PyTorch", "float64: floor, Keras, PyTorch"), rows)}

Where the products are most of the work, little is left to gain. In W2 with batches of 128 they take {share:.0f} % of
the time; the largest part of the rest is Adam, which goes over all weights ten times. A loop tuned by hand for this
network takes {times(busy["NumPy, tuned loop"]["seconds"] / busy[OURS]["seconds"])} our time.

{_further_aims(results)}"""


def _further_aims(results: Results) -> str:
    scalars, arrays = results["graph"]["scalars"], results["graph"]["arrays"]["float64"]
    above = [1e6 * (found[OURS] - found["by hand"]) for found in (scalars, arrays)]
    imports = results["processes"]["imports"]
    python = imports["Python alone"]
    cost = {name: times((seconds - python) / (imports["NumPy"] - python)) for name, seconds in imports.items()}
    whole = cost[f"{OURS}, Sequential and layers"]
    return f"""Of the computation graph: at most 1 µs a scalar operation and 4 µs an array operation above doing it by
hand; they are {above[0]:.2f} and {above[1]:.2f}. Of `import chainrule`: at most 1.3 times NumPy's import; it is
{cost[OURS]}, since it loads nothing yet, and {whole} with `Sequential` and the layers."""


def growth(results: Results) -> str:
    text = """## Growth

What does twice the work cost? One epoch of a 64-64-1 ReLU network on 2 048 examples of 64 features, batches of 32,
float32; one of these changes in each panel.

![The time of an epoch against examples, width, depth and batch size, beside the floor.](images/benchmarks-growth.png)
"""
    for what, curves in results["growth"].items():
        present = {name: dict(map(tuple, points)) for name, points in curves.items() if points}
        names = [name for name in curves if name in present]
        rows = [
            (f"{size:,}", *(significant(1e3 * present[name][size]) for name in names)) for size in sorted(present[OURS])
        ]
        text += f"\n{table((f'{what}, ms an epoch', *names), rows)}\n"
    return text.rstrip()


def crossing(curves: dict[str, list[list[float]]], peer: str) -> float | None:
    """Return the size from which on the peer is faster to the end; None if it is not at the end."""
    size, ours = np.transpose(curves[OURS])
    lead = np.log(np.transpose(curves[peer])[1] / ours)
    if lead[-1] > 0:
        return None
    ahead = np.flatnonzero(lead > 0)
    if not len(ahead):
        return float(size[0])
    at = ahead[-1]
    share = lead[at] / (lead[at] - lead[at + 1])
    return float(np.exp((1 - share) * np.log(size[at]) + share * np.log(size[at + 1])))


def level(results: Results) -> str:
    text = """## Where the others draw level

As layers grow, the matrix products decide, and TensorFlow and PyTorch bring their own, with less between them. Two
hidden ReLU layers, 1 024 examples of 64 features: how many times Chainrule's time does a peer take?

![Each peer's time as a multiple of Chainrule's; below 1 the peer is faster.](images/benchmarks-level.png)

"""
    peers = [name for name in next(iter(results["level"].values())) if name != OURS]
    rows = []
    for what, curves in results["level"].items():
        row = [what]
        for peer in peers:
            if not curves[peer]:
                row.append("missing")
                continue
            where = crossing(curves, peer)
            last = curves[peer][-1][1] / curves[OURS][-1][1]
            row.append(
                f"not up to {curves[peer][-1][0]:,.0f} ({times(last)} there)"
                if where is None
                else f"from about {float(f'{where:.1g}'):,.0f} ({times(last)} at {curves[peer][-1][0]:,.0f})"
            )
        rows.append(row)
    return text + "Faster than Chainrule from how many weights on?\n\n" + table(("", *peers), rows)


def memory(results: Results) -> str:
    rows = [(row["work"], f"{row['data']:.1f}", f"{row['peak']:.1f}") for row in results["memory"]]
    return f"""## Memory

What `fit` takes at its peak on top of the data and of what importing took, float32, in MB:

{table(("work", "the data", "on top of it"), rows)}"""


def graph(results: Results) -> str:
    measured = results["graph"]
    text = """## The computation graph

What does an operation cost when each value remembers where it came from? Forward and backward together, in µs.

![Time per operation beside other engines; growth; forward against reverse mode.](images/benchmarks-graph.png)
"""
    titles = {
        "scalars: x ← max(w x + b, 0), 100 times": measured["scalars"],
        "arrays, float32: mean((tanh(X W₁ + b₁) W₂ + b₂ − y)²), 32×64 · 64×25 · 25×1": measured["arrays"]["float32"],
        "the same in float64": measured["arrays"]["float64"],
    }
    for title, found in titles.items():
        peers = ("by hand", OURS, "micrograd", "PyTorch", "HIPS autograd", "TensorFlow")
        names = [name for name in peers if name != "micrograd" or found is measured["scalars"]]
        rows = [
            (
                name,
                f"{1e6 * found[name]:.3g}" if name in found else "missing",
                f"{1e6 * (found[name] - found['by hand']):.3g}" if name in found else "",
                times(found[name] / found[OURS]) if name in found else "",
            )
            for name in names
        ]
        text += f"\n{table((title, 'µs', 'above by hand', 'times Chainrule'), rows)}\n"
    rows = [
        (f"{n:,}", f"{1e6 * build:.2f}", f"{1e6 * sweep:.2f}", f"{1e6 * (build + sweep):.2f}")
        for n, build, sweep in measured["growth"]
    ]
    text += (
        "\nDoes it stay the same as the graph grows? µs per scalar operation:\n\n"
        f"{table(('operations in the graph', 'forward', 'backward', 'both'), rows)}\n"
    )
    modes = measured["modes"]
    rows = [
        (f"{p:,}", f"{vf:,}", f"{vr:,}", significant(1e3 * tf), significant(1e3 * tr)) for p, vf, vr, tf, tr in modes
    ]
    (p, *before), (q, *last) = modes[-2:]
    forward, reverse = (np.log(last[i] / before[i]) / np.log(q / p) for i in (0, 1))
    text += (
        "\nAnd with the number of parameters P, one in each layer of a chain? Forward mode goes through the graph\n"
        "once for each parameter, reverse mode once for all. On a log-log plot the visits rise with a slope of\n"
        f"{forward:.2f} and {reverse:.2f}.\n\n"
        + table(("P", "visits, forward", "visits, reverse", "ms, forward", "ms, reverse"), rows)
    )
    return text


def processes(results: Results) -> str:
    found = results["processes"]
    imports, whole = found["imports"], found["training"]
    numpy, nothing = imports["NumPy"], imports["Python alone"]
    rows = [
        (name, f"{seconds:.3f}", times((seconds - nothing) / (numpy - nothing)))
        for name, seconds in imports.items()
        if name != "Python alone"
    ]
    trained = [(name, f"{seconds:.2f}", times(seconds / whole[OURS])) for name, seconds in whole.items()]
    absent = [name for name in ("scikit-learn", "PyTorch", "Keras") if name not in imports]
    note = f"\n\nMissing: {', '.join(absent)}." if absent else ""
    return f"""## A fresh process

What does a start cost? Processor seconds; the {nothing:.3f} that Python itself takes are no part of a multiple.
`import chainrule` loads a module when it is first used; with `Sequential` comes NumPy.

{table(("import", "seconds", "times NumPy's"), rows)}

And the course's own training, W1, with all that comes before it?

{table(("whole process", "seconds", "times Chainrule's"), trained)}{note}"""
