"""Measure the course: how long each solved notebook executes, and how long its build takes.

Both start a kernel of their own. The build does more: it checks the points, records the mistakes, lets nbgrader make
the release and compares with what is committed. Repeated runs are interleaved over the units; medians in seconds.

    python benchmarks/notebooks.py            # all units, three runs
    python benchmarks/notebooks.py --runs 1 01_training
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from chainrule_course import build
from chainrule_course.course_folder import find_root, find_units
from chainrule_course.kernel import Kernel


def execute(root: Path, unit: str) -> None:
    """Execute the solved notebook of a unit from nothing."""
    folder = root / "solutions" / unit
    notebook = nbformat.read(folder / f"{unit}.ipynb", as_version=4)
    with Kernel(folder) as kernel:
        for cell in notebook.cells:
            if cell.cell_type == "code" and (trouble := kernel.run(cell, timeout=120)):
                raise SystemExit(f"{unit}: {trouble.message}")


def seconds(call: object, *args: object) -> float:
    began = time.perf_counter()
    call(*args)  # type: ignore[operator]
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("units", nargs="*", help="units, by name or number; all if none is given")
    parser.add_argument("--runs", type=int, default=3, help="runs of each (default: 3)")
    args = parser.parse_args()
    root = find_root(Path(__file__).parent)
    units = find_units(root, args.units)
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(args.runs):
        for unit in units:
            times.setdefault((unit, "execute"), []).append(seconds(execute, root, unit))
            check = seconds(build.check_unit, root, unit, lambda done, total, what: None)
            times.setdefault((unit, "build"), []).append(check)
    table = Table("unit", "solved notebook, s", "build, s", title=f"medians of {args.runs}")
    for unit in units:
        table.add_row(unit, *(f"{statistics.median(times[unit, what]):.1f}" for what in ("execute", "build")))
    Console().print(table)


if __name__ == "__main__":
    main()
