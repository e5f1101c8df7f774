"""
Measure everything, and write docs/benchmarks.md with its tables and pictures.

    pip install -c constraints.txt -e ".[parity]"
    python benchmarks/run.py                    # about seven minutes; writes docs/benchmarks.md and its pictures
    python benchmarks/run.py --quick --to /tmp  # a minute; to see that it works
    python benchmarks/run.py --redraw           # tables and pictures again, from the numbers of the last run

Training, the computation graph and fresh processes are measured one after another; all contenders of a measurement take
turns in this one process. A contender that is not installed is named as missing. Let the machine rest meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
NUMBERS = HERE / "results" / "benchmarks.json"
START = time.perf_counter()
PACKAGES = {
    "NumPy": ("numpy",),
    "Keras": ("keras",),
    "TensorFlow": ("tensorflow-cpu", "tensorflow"),
    "PyTorch": ("torch",),
    "scikit-learn": ("scikit-learn",),
    "HIPS autograd": ("autograd",),
    "micrograd": ("micrograd",),
}
# Read when NumPy, TensorFlow and PyTorch are loaded, so set before. One thread for all: a second one gains nothing on
# batches of this size, and on shared cores it makes times depend on the neighbors.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a part of the work and fewer turns; not for the docs")
    parser.add_argument("--redraw", action="store_true", help="measure nothing: write the page from the last run")
    parser.add_argument("--rounds", type=int, help="turns of each contender (default: 5; 2 if quick)")
    parser.add_argument("--to", type=Path, default=DOCS, metavar="FOLDER", help="where the page goes (default: docs)")
    options = parser.parse_args()
    if options.rounds is None:
        options.rounds = 2 if options.quick else 5
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {options.rounds}")
    if options.quick and options.to == DOCS:
        parser.error("--quick is for a look and not for the docs: say where to write, with --to FOLDER")
    return options


def installed_version(packages: tuple[str, ...]) -> str | None:
    """Return the version of the first of these packages that is installed, or None."""
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return None


def processor() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def say(what: str) -> None:
    """Tell on the way what is being measured."""
    print(f"{time.perf_counter() - START:5.0f} s  {what}", file=sys.stderr, flush=True)


def measure(rounds: int, quick: bool) -> dict[str, Any]:
    """Return all results."""
    os.environ.update(ENVIRONMENT)
    import graph
    import imports
    import training

    try:
        import torch

        torch.set_num_threads(1)
    except ImportError:
        pass
    versions = {name: installed_version(packages) for name, packages in PACKAGES.items()}
    for name, found in versions.items():
        if found is None:
            print(f"missing: {name} is not installed, so it is not measured", file=sys.stderr)
    few = max(1, rounds // 2 + 1)
    results = {
        "versions": {"Python": platform.python_version()} | versions,
        "processor": processor(),
        "date": date.today().isoformat(),
        "rounds": rounds,
        "works": training.measure_works(rounds, quick, say),
        "memory": training.measure_memory(quick),
        "growth": training.measure_growth(few, quick, say),
        "level": training.measure_level(few, quick, say),
        "graph": graph.measure(2 * rounds + 1, quick, say),
        "processes": imports.measure(rounds, say),
    }
    return results | {"minutes": (time.perf_counter() - START) / 60}


def main() -> None:
    options = arguments()
    if options.redraw:
        if not NUMBERS.exists():
            sys.exit(f"there are no numbers of an earlier run at {NUMBERS}: run without --redraw first")
        results = json.loads(NUMBERS.read_text(encoding="utf-8"))
    else:
        # As JSON gives it back, so that --redraw sees the same.
        results = json.loads(json.dumps(measure(options.rounds, options.quick)))
        if not options.quick:
            NUMBERS.parent.mkdir(exist_ok=True)
            NUMBERS.write_text(json.dumps(results, indent=1), encoding="utf-8")
    import page
    import pictures

    images = options.to / "images"
    images.mkdir(parents=True, exist_ok=True)
    pictures.draw_all(results, images)
    (options.to / "benchmarks.md").write_text(page.write(results), encoding="utf-8")
    print(f"written: {options.to / 'benchmarks.md'} and {images}/benchmarks-*.png")


if __name__ == "__main__":
    main()
