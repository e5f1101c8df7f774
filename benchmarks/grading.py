"""Measure grading: against `nbgrader autograde` on the same class; the parent's own share, and the memory.

The class is one of ours (unit 01 with its figures; honest, mistaken, unfinished students), graded in one run by stock
nbgrader and by the engine with full isolation and tester. All marks must be equal. Memory and the curve from 10 to 1000
students use notebooks of one exercise.

    python benchmarks/grading.py                        # 60 students; writes grading.json, .md and .png to --to
    python benchmarks/grading.py --students 10 --curve 10,30
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbgrader.api import Gradebook

from chainrule_course.course_folder import find_root
from chainrule_course.grading import course as courses
from chainrule_course.grading import demo, runner
from chainrule_course.grading.backends import Threads
from chainrule_course.grading.jobs import Limits
from chainrule_course.grading.run import Grader
from chainrule_course.notebooks import cell_name, notebook_bytes

UNIT = "01_training"
ROOT = find_root(Path(__file__).resolve().parent)
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
    """Watches the private memory of all processes below this one."""

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
        while not self._end.wait(0.1):
            for process in psutil.Process().children(recursive=True):
                try:
                    self.most = max(self.most, process.memory_full_info().uss)
                except psutil.Error:
                    continue


def ours(folder: Path, isolation: str, workers: int) -> dict[str, Any]:
    """Grade a class in this process and measure it."""
    course = courses.open_course(folder)
    students = courses.find_students(course, UNIT, [])
    grader = Grader(course, UNIT, Limits(), Threads(runner.execute, workers), isolation)
    cpu = time.process_time()
    with Memory() as memory:
        report = grader.grade(students)
    runner.close()
    assert all(each.state == "graded" for each in report.students), [each.troubles for each in report.students]
    return {
        "seconds": report.seconds,
        "own_cpu_ms_per_student": (time.process_time() - cpu) / len(students) * 1000,
        "child_private_mb": memory.most / 1e6,
        "parent_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


def in_a_process(folder: Path, isolation: str, workers: int) -> dict[str, Any]:
    """Call :func:`ours` in a process of its own, for its memory."""
    arguments = f"Path({str(folder)!r}), {isolation!r}, {workers}"
    call = f"import json, grading; from pathlib import Path; print(json.dumps(grading.ours({arguments})))"
    done = subprocess.run(
        [sys.executable, "-c", call], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout))


def compare(scratch: Path, students: int, workers: int) -> dict[str, Any]:
    """Let stock nbgrader and the engine grade the same class; their marks must be equal."""
    result: dict[str, Any] = {"students": students, "workers": workers}
    folders = {}
    for name in ("stock", *(("none", "full") if runner.isolation_here()[0] == "full" else ("none",))):
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
        folder = scratch / f"small-{size}"
        classroom(folder, size, small=True)
        points.append({"students": size, **in_a_process(folder, runner.isolation_here()[0], workers)})
    return points


def draw(points: list[dict[str, Any]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    sizes = [point["students"] for point in points]
    left.plot(sizes, [point["seconds"] for point in points], "o-", color="black")
    left.set(xscale="log", yscale="log", xlabel="students", ylabel="seconds", title="Time for the class")
    right.plot(sizes, [point["parent_peak_mb"] for point in points], "o-", color="black")
    right.set(xscale="log", xlabel="students", ylabel="MB", title="Peak memory of the parent")
    right.set_ylim(bottom=0)
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def table(result: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    compared = result["compared"]
    names = {
        "stock": "`nbgrader autograde`",
        "none": "`chainrule grade`, ordinary kernels",
        "full": "`chainrule grade`, isolated",
    }
    lines = [
        f"Unit 01, {compared['students']} students, {compared['workers']} workers, {os.cpu_count()} processors.",
        "",
        "| | seconds | times faster | own CPU, ms a student | private memory of a child, MB |",
        "|---|---|---|---|---|",
    ]
    for name, title in names.items():
        if name in compared:
            own = compared[name]
            cells = [f"{own['seconds']:.1f}"]
            cells += [
                f"{own[key]:.{digits}f}" if key in own else ""
                for key, digits in (("times_faster", 1), ("own_cpu_ms_per_student", 0), ("child_private_mb", 0))
            ]
            lines.append(f"| {title} | {' | '.join(cells)} |")
    lines += ["", "| students, one exercise each | seconds | peak memory of the parent, MB |", "|---|---|---|"]
    lines += [f"| {p['students']} | {p['seconds']:.1f} | {p['parent_peak_mb']:.0f} |" for p in result["curve"]]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=60, help="size of the class that is compared (default: 60)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="default: one per processor")
    parser.add_argument("--curve", default="10,30,100,300,1000", help="sizes of the curve")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "results", help="where results go")
    args = parser.parse_args()
    args.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="chainrule-benchmark-") as scratch:
        result = {
            "compared": compare(Path(scratch), args.students, args.workers),
            "curve": curve(Path(scratch), [int(size) for size in args.curve.split(",")], args.workers),
        }
    (args.to / "grading.json").write_text(json.dumps(result, indent=1))
    (args.to / "grading.md").write_text(table(result))
    draw(result["curve"], args.to / "grading.png")
    print(table(result))


if __name__ == "__main__":
    main()
