"""
Measure grading, and write docs/teach/speed.md: against `nbgrader autograde` on the same class, and as the class grows.

    python benchmarks/grading.py                        # a quarter of an hour
    python benchmarks/grading.py --students 10 --curve 10,30 --to /tmp
    python benchmarks/grading.py --redraw               # the page again, from the numbers of the last run

The class is one of ours (unit 01 with its figures; honest, mistaken, unfinished students), graded by stock nbgrader and
by the engine, without and with isolation, and with `--quick`. All marks must be equal. Memory and the curve use
notebooks of one exercise. Let the machine rest meanwhile.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbgrader.api import Gradebook
from page import table as markdown
from run import processor, say

from chainrule_course.course_folder import find_root
from chainrule_course.grading import course as courses
from chainrule_course.grading import demo, runner
from chainrule_course.grading.backends import Threads
from chainrule_course.grading.jobs import Limits
from chainrule_course.grading.run import Grader
from chainrule_course.notebooks import cell_name, notebook_bytes

UNIT = "01_training"
ROOT = find_root(Path(__file__).resolve().parent)
DOCS = ROOT / "docs"
NUMBERS = ROOT / "benchmarks" / "results" / "grading.json"
SMALL = ("setup", "dense", "dense-check", "dense-hidden")
STOCK = "\ndel c.Autograde.sanitize_preprocessors, c.Autograde.autograde_preprocessors\n"


def classroom(folder: Path, students: int, small: bool = False) -> None:
    """Make a class without hostile submissions; of small notebooks, one exercise each, if wanted."""
    demo.make_course(ROOT, UNIT, folder)
    made = [one for one in demo.make_class(ROOT, UNIT, students * 2, bombs=False) if one.hostile is None]
    for number, student in enumerate(made[:students]):
        content = student.content
        if small:
            notebook = nbformat.reads(content.decode(), as_version=4)
            notebook.cells = [cell for cell in notebook.cells if cell_name(cell) in SMALL]
            content = notebook_bytes(notebook)
        demo.hand_in(folder, UNIT, demo.Student(f"s{number:04}", content))
    if small:
        reduce_source(folder)


def reduce_source(folder: Path) -> None:
    """Leave one exercise in the source, so that nothing is put back."""
    from chainrule_course.build.source import read_source

    source = read_source(folder / "source" / UNIT / f"{UNIT}.py")
    source.cells = [cell for cell in source.cells if cell_name(cell) in SMALL]
    (folder / "source" / UNIT / f"{UNIT}.ipynb").write_bytes(notebook_bytes(source))


def nbgrader(folder: Path, *args: str) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, "-m", "nbgrader", *args]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env={**os.environ, "PATH": path})


def marks(folder: Path) -> dict[str, list[tuple[str, float | None]]]:
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "chainrule") as book:
        return {
            each.student_id: sorted((grade.name, grade.auto_score) for one in each.notebooks for grade in one.grades)
            for each in book.assignment_submissions(UNIT)
        }


class Memory:
    """Watches the private memory of the processes in which notebooks run: those that a zygote has forked."""

    def __init__(self) -> None:
        self.most, self._end = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.02):
            for process in psutil.Process().children(recursive=True):
                try:
                    above = process.parent()
                    if above and "bwrap" not in (process.name(), above.name()):
                        self.most = max(self.most, process.memory_full_info().uss)
                except psutil.Error:
                    continue


def ours(folder: Path, how: str, workers: int, watched: bool = False) -> dict[str, Any]:
    """Grade a class in this process and measure it; watching the memory costs time of its own."""
    isolation = "none" if how == "none" else runner.isolation_here()[0]
    course = courses.open_course(folder)
    students = courses.find_students(course, UNIT, [])
    grader = Grader(course, UNIT, Limits(), Threads(runner.execute, workers), isolation, how != "none", how == "quick")
    cpu = time.process_time()
    with Memory() if watched else contextlib.nullcontext() as memory:
        report = grader.grade(students)
    cpu = time.process_time() - cpu
    runner.close()
    assert all(each.state == "graded" for each in report.students), [each.troubles for each in report.students]
    if memory:
        return {"child_private_mb": memory.most / 1e6}
    return {
        "own_cpu_ms": cpu / len(students) * 1000,
        "parent_peak_mb": peak_memory(),
    }


def peak_memory() -> float:
    """Return the most memory this process had at a time, in MB; what getrusage tells includes that of its parent."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return float(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024 / 1e6  # type: ignore[index]


def in_a_process(folder: Path, how: str, workers: int, watched: bool = False) -> dict[str, Any]:
    """Call :func:`ours` in a process of its own, for its memory."""
    arguments = f"Path({str(folder)!r}), {how!r}, {workers}, {watched}"
    start = "from chainrule_course.cli import start_lightly; start_lightly()"  # as the command does
    call = f"{start}; import json, grading; from pathlib import Path; print(json.dumps(grading.ours({arguments})))"
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", call], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began  # its start included, as with nbgrader's command
    if done.returncode:
        raise SystemExit(done.stderr)
    return {**json.loads(done.stdout), "seconds": seconds}


def compare(scratch: Path, students: int, workers: int) -> dict[str, Any]:
    """Let stock nbgrader and the engine grade the same class; their marks must be equal."""
    result: dict[str, Any] = {"students": students, "workers": workers}
    folders = {}
    for name in ("stock", "none", "full", "quick"):
        say(f"{students} students, {name}")
        folder = folders[name] = scratch / name
        classroom(folder, students)
        if name == "stock":
            with (folder / courses.CONFIG).open("a") as file:
                file.write(STOCK)
            course = courses.open_course(folder)
            Grader(course, UNIT, Limits(), Threads(runner.execute, 1), "none").grade([])  # enters the assignment
            began = time.perf_counter()
            nbgrader(folder, "autograde", UNIT)
            result[name] = {"seconds": time.perf_counter() - began}
        else:
            result[name] = in_a_process(folder, name, workers)
            assert marks(folder) == marks(folders["stock"]), "marks differ from stock nbgrader's"
            result[name]["times_faster"] = result["stock"]["seconds"] / result[name]["seconds"]
    return result


def curve(scratch: Path, sizes: list[int], workers: int) -> list[dict[str, Any]]:
    """Grade classes of small notebooks, of each size."""
    points = []
    for size in sizes:
        say(f"a class of {size}, small notebooks")
        folder = scratch / f"small-{size}"
        classroom(folder, size, small=True)
        points.append({"students": size, **in_a_process(folder, "full", workers)})
    return points


def memory(scratch: Path, workers: int) -> dict[str, float]:
    """Return the most private memory that a process of a notebook had: of a small one, and of the unit's, in MB."""
    found = {}
    for name, small in (("small", True), ("unit", False)):
        say(f"memory, {name}")
        classroom(scratch / f"memory-{name}", 10, small=small)
        found[name] = in_a_process(scratch / f"memory-{name}", "full", workers, watched=True)["child_private_mb"]
    return found


def draw(points: list[dict[str, Any]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    sizes = [point["students"] for point in points]
    left.plot(sizes, [point["seconds"] for point in points], "o-", color="black")
    left.set(xscale="log", yscale="log", xlabel="students", ylabel="seconds", title="Time for the class")
    right.plot(sizes, [point["parent_peak_mb"] for point in points], "o-", color="black")
    seconds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
    shortest, longest = min(point["seconds"] for point in points), max(point["seconds"] for point in points)
    left.set_yticks([tick for tick in seconds if shortest / 2 < tick < longest * 2])
    right.set(xscale="log", xlabel="students", ylabel="MB", title="Peak memory of the command")
    right.set_ylim(0, 1.3 * max(point["parent_peak_mb"] for point in points))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.set_xticks(sizes)
        axes.minorticks_off()
        axes.xaxis.set_major_formatter("{x:g}")
    left.yaxis.set_major_formatter("{x:g}")
    figure.savefig(path, dpi=110)
    plt.close(figure)


PAGE = """# How fast grading is

How long does a class take? Unit 01 with its figures was graded for {students} students, who were right, mistaken or not
done. The same class went to `nbgrader autograde` as it comes, and to `chainrule grade` with {workers} workers.
All marks were equal.

{table}

nbgrader starts a kernel for each notebook. Here notebooks are forked from a process in which all packages are loaded,
as many at a time as there are workers. What is left is what the notebook itself has to do: here most of all to draw
figures. With `--quick`, cells that earn nothing and that a student left as they were are run only if an answer needs
them. The marks are the same; `autograded/` then lacks their figures.

The command itself, all but the notebooks' own processes, took {own:.0f} ms of processor time a student, its start
included.

One cell of this unit draws its figure anew while a network learns. In nbgrader's kernel it does; `chainrule grade`
draws it once, at the end, since nobody watches. That is part of the ratio.

## As the class grows

Here each notebook holds one exercise, so that the command's own share shows.

```{{image}} ../images/grading.png
:alt: Two curves over the number of students. After a few seconds time grows in proportion; memory stays nearly flat.
:width: 100%
```

{curve}

Of the largest class, the command itself took {own_large:.0f} ms of processor time a student.

From {first} to {last} students the command's peak memory grew by {growth:.0f} MB.

## Memory of a notebook

A notebook's process shares the loaded packages with the one it was forked from. What it had of its own was at most
{small:.0f} MB for a notebook of one exercise, and {unit:.0f} MB for unit 01 with its figures.

*Measured on {date} with `python benchmarks/grading.py`, {processors} processors ({processor}).*
"""


def page(result: dict[str, Any]) -> str:
    """Return the results as a page of the documentation."""
    compared, points = result["compared"], result["curve"]
    boxed = "isolated, " if result["isolation"] == "full" else ""
    names = {
        "stock": "`nbgrader autograde`",
        "none": "`chainrule grade --no-isolation`",
        "full": f"`chainrule grade`: {boxed}checks apart",
        "quick": f"`chainrule grade --quick`: {boxed}checks apart",
    }
    rows = []
    for name, title in names.items():
        if name in compared:
            own = compared[name]
            faster = f"{own['times_faster']:.1f}×" if "times_faster" in own else ""
            rows.append((title, f"{own['seconds']:.1f}", f"{own['seconds'] / compared['students']:.2f}", faster))
    growth = [(f"{p['students']}", f"{p['seconds']:.1f}", f"{p['parent_peak_mb']:.0f}") for p in points]
    return PAGE.format(
        students=compared["students"],
        workers=compared["workers"],
        table=markdown(("", "seconds", "seconds a student", "times faster"), rows),
        curve=markdown(("students", "seconds", "peak memory, MB"), growth),
        own=compared["full"]["own_cpu_ms"],
        own_large=points[-1]["own_cpu_ms"],
        first=points[0]["students"],
        last=points[-1]["students"],
        growth=points[-1]["parent_peak_mb"] - points[0]["parent_peak_mb"],
        **result["memory"],
        **{key: result[key] for key in ("date", "processors", "processor")},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=60, help="size of the class that is compared (default: 60)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="default: one per processor")
    parser.add_argument("--curve", default="10,30,100,300,1000", help="sizes of the curve")
    parser.add_argument("--redraw", action="store_true", help="measure nothing: write the page from the last run")
    parser.add_argument("--to", type=Path, default=DOCS, metavar="FOLDER", help="where the page goes (default: docs)")
    args = parser.parse_args()
    if not args.redraw:
        with tempfile.TemporaryDirectory(prefix="chainrule-benchmark-") as scratch:
            result = {
                "date": date.today().isoformat(),
                "processors": os.cpu_count(),
                "processor": processor(),
                "isolation": runner.isolation_here()[0],
                "memory": memory(Path(scratch), args.workers),
                "curve": curve(Path(scratch), [int(size) for size in args.curve.split(",")], args.workers),
                "compared": compare(Path(scratch), args.students, args.workers),
            }
        NUMBERS.parent.mkdir(exist_ok=True)
        NUMBERS.write_text(json.dumps(result, indent=1), encoding="utf-8")
    elif not NUMBERS.exists():
        raise SystemExit(f"there are no numbers of an earlier run at {NUMBERS}: run without --redraw first")
    result = json.loads(NUMBERS.read_text(encoding="utf-8"))
    (args.to / "teach").mkdir(parents=True, exist_ok=True)
    (args.to / "images").mkdir(exist_ok=True)
    draw(result["curve"], args.to / "images" / "grading.png")
    (args.to / "teach" / "speed.md").write_text(page(result), encoding="utf-8")
    print(f"written: {args.to / 'teach' / 'speed.md'} and {args.to / 'images' / 'grading.png'}")


if __name__ == "__main__":
    main()
