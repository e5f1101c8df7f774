"""
Measure what a fresh Python process pays: for imports, and for the course's own training from start to end.

Each line is run in processes of its own, all taking turns; medians of the processor's time.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NOTHING = "Python alone"
IMPORTS = {
    NOTHING: "pass",
    "NumPy": "import numpy",
    "Chainrule": "import chainrule",
    "Chainrule, Sequential and layers": "from chainrule import Sequential; from chainrule.layers import Dense",
    "scikit-learn": "from sklearn.neural_network import MLPClassifier",
    "PyTorch": "import torch",
    "Keras": "import keras",
}
TRAINING = """
import numpy as np
from training_contenders import CONTENDERS
from training_work import Work
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


def seconds(code: str) -> float | None:
    """Return how long a fresh process takes for this code; None if something it imports is missing."""
    start = clock()
    done = subprocess.run([sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=False)
    elapsed = clock() - start
    if "ModuleNotFoundError" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit(f"this failed:\n{code}\n{done.stderr}")
    return elapsed


def compare(codes: dict[str, str], rounds: int) -> dict[str, float]:
    """Return the median seconds of each code; what cannot be imported is left out."""
    times: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(rounds):
        for name, turns in list(times.items()):
            elapsed = seconds(codes[name])
            if elapsed is None:
                del times[name]
            else:
                turns.append(elapsed)
    return {name: statistics.median(turns) for name, turns in times.items()}


def measure(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the seconds of imports and of whole trainings."""
    say("fresh processes: imports")
    imports = compare(IMPORTS, rounds)
    say("fresh processes: the course's own training")
    whole = compare({name: TRAINING.format(name=name) for name in TRAINED}, max(1, rounds // 2))
    return {"imports": imports, "training": whole}
