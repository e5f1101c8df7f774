"""
Measure what a fresh Python process pays: for imports, and for the course's own training from start to end.

Each line is run in processes of its own, all taking turns; medians of the processor's time are reported. The import of
Chainrule should cost no more than 1.3 times NumPy's. Tables are written to benchmarks/results/imports.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
IMPORTS = {
    "nothing": "pass",
    "NumPy": "import numpy",
    "Chainrule": "import chainrule",
    "Chainrule, Sequential and layers": "from chainrule import Sequential; from chainrule.layers import Dense",
    "scikit-learn": "from sklearn.neural_network import MLPClassifier",
    "PyTorch": "import torch",
    "Keras": "import keras",
}
TRAINING = """
import numpy as np
from training_contenders import CONTENDERS, Work
from chainrule.datasets import load_digits
x, y = load_digits(classes=(0, 1))
CONTENDERS[{name!r}](Work("W1", x.astype("float32"), y, (25, 15, 1), "sigmoid", 32, 100))()
"""
TRAINED = ("Chainrule", "NumPy, plain loop", "scikit-learn", "PyTorch", "Keras fit")


def clock() -> float:
    """Return the processor time of all finished child processes; on Windows, what the clock on the wall says."""
    try:
        import resource
    except ImportError:
        return time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(code: str, env: dict[str, str]) -> float | None:
    """Return how long a fresh process takes for this code; None if something it imports is missing."""
    start = clock()
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=HERE, capture_output=True, text=True, check=False)
    elapsed = clock() - start
    if "ModuleNotFoundError" in done.stderr:
        return None
    if done.returncode:
        sys.exit(f"this failed:\n{code}\n{done.stderr}")
    return elapsed


def compare(codes: dict[str, str], rounds: int, unit: str) -> str:
    """Return a Markdown table of the median time of each code and its ratio to the reference."""
    env = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "OPENBLAS_NUM_THREADS": "1"}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for code in codes.values():
        seconds(code, env)  # once before counting, so that all files are in the disk's cache
    for _ in range(rounds):
        for name, code in codes.items():
            elapsed = seconds(code, env)
            if elapsed is not None:
                times[name].append(elapsed)
    medians = {name: statistics.median(each) for name, each in times.items() if each}
    width = max(map(len, codes))
    lines = [f"| {'':{width}} | seconds | {unit} |", f"| {'-' * width} | ------- | {'-' * len(unit)} |"]
    for name in codes:
        if name not in medians:
            lines.append(f"| {name:{width}} | missing | {'':{len(unit)}} |")
            continue
        if unit == "times NumPy's":
            # What Python itself takes to start is no part of either import.
            ratio = (medians[name] - medians["nothing"]) / (medians["NumPy"] - medians["nothing"])
        else:
            ratio = medians[name] / medians["Chainrule"]
        lines.append(f"| {name:{width}} | {medians[name]:7.3f} | {ratio:{len(unit)}.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="processes for each line (default: 15)")
    parser.add_argument("--quick", action="store_true", help="three processes for each line")
    options = parser.parse_args()
    rounds = 3 if options.quick else options.rounds
    if rounds < 1:
        parser.error("--rounds must be at least 1")
    report = "# A fresh process\n\n### Imports\n\n" + compare(IMPORTS, rounds, "times NumPy's")
    print(report)
    whole = "\n### The course's own training, whole process (W1, float32)\n\n"
    whole += compare({name: TRAINING.format(name=name) for name in TRAINED}, max(1, rounds // 3), "times ours")
    print(whole)
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "imports.md").write_text(report + whole, encoding="utf-8")


if __name__ == "__main__":
    main()
