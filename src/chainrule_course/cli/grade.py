"""``chainrule grade``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from chainrule_course.cli.console import count, err, out
from chainrule_course.cli.parser import Parser, whole
from chainrule_course.errors import UserError

if TYPE_CHECKING:
    from chainrule_course.grading.course import Course
    from chainrule_course.grading.jobs import Graded
    from chainrule_course.grading.run import Grader, Report

EXAMPLES = (
    "chainrule grade 1                        # everybody who handed in unit 01",
    "chainrule grade 01_training anna ben     # two students",
    "chainrule grade 9 --quick                # a large class: without the figures of the demonstrations",
    "chainrule grade ps1 --workers 4 --timeout 30   # any nbgrader course",
    "chainrule grade 1 --json -               # the report as JSON",
    "chainrule grade ps2 --no-isolation       # notebooks that need the network; of students you trust",
    "chainrule grade --demo --students 60     # without students: a class of ours",
)


def add_arguments(parser: Parser) -> None:
    """Say what the command understands."""
    parser.add_argument("unit", metavar="UNIT", nargs="?", help="name of an assignment, or the number of a unit")
    parser.add_argument(
        "who", metavar="STUDENT", nargs="*", default=[], help="whom to grade (default: all who handed in)"
    )
    parser.add_argument(
        "--workers", metavar="N", type=whole(1), help="notebooks at a time (default: one per processor)"
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=whole(1), help="seconds a cell may compute (default: nbgrader's setting)"
    )
    parser.add_argument("--memory", metavar="MB", type=whole(64), help="megabytes a notebook may use (default: 2048)")
    parser.add_argument("--regrade", action="store_true", help="execute again what has not changed")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="in our units, run only what marks need: no figures in autograded/, the same marks",
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask cluster that executes, tcp://host:8786 (default: this machine)"
    )
    parser.add_argument(
        "--require-isolation", action="store_true", help="refuse where student code can't be shut in a sandbox"
    )
    parser.add_argument(
        "--no-isolation",
        action="store_true",
        help="for students you trust: no sandbox, checks run in the notebook, as in nbgrader;"
        " notebooks can use the network and your files",
    )
    parser.add_argument("--db", metavar="URL", help="the gradebook (default: nbgrader's setting)")
    parser.add_argument("--demo", action="store_true", help="make a class of a unit, some of it hostile, and grade it")
    parser.add_argument(
        "--students", metavar="N", type=whole(1, 100_000), default=30, help="size of the demo's class (default: 30)"
    )
    parser.add_argument(
        "--into", metavar="FOLDER", type=Path, help="a new folder for the demo (default: a temporary one)"
    )
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON, too; - for the terminal")


def run(args: argparse.Namespace) -> int:
    """Grade an assignment of an nbgrader course (for teachers).

    Run it in the course's folder. Each student's notebook is executed in a sandbox,
    several at a time; marks go to nbgrader's gradebook and notebooks to autograded/,
    so formgrader, feedback and export go on from there. What is graded already and
    has not changed is not executed again. Ctrl-C ends it in good order; the next run
    goes on where it stopped.
    """
    from chainrule_course.grading.course import find_assignment, find_students, open_course

    for option in ("require_isolation", "demo", "quick"):
        if args.no_isolation and getattr(args, option):
            name = option.replace("_", "-")
            raise UserError(f"--no-isolation and --{name} exclude each other.", "Leave out one of them.")
    if args.demo:
        return demo(args)
    if not args.unit:
        raise UserError("Which assignment is to be graded?", "`chainrule grade --help` shows how it is used.")
    course = open_course(db=args.db)
    assignment = find_assignment(course, args.unit)
    students = find_students(course, assignment, args.who)
    return _grade(args, course, assignment, students)[0]


def demo(args: argparse.Namespace) -> int:
    """Make a class in a folder of its own, grade it, and say whether the hostile ones came out as they must."""
    from chainrule_course.course_folder import find_root, find_units
    from chainrule_course.grading import demo, runner
    from chainrule_course.grading.course import find_students, open_course

    root = find_root()
    (unit,) = find_units(root, [args.unit or "1"])
    folder = args.into or Path(tempfile.mkdtemp(prefix="chainrule-demo-"))
    demo.make_course(root, unit, folder)
    err.print(escape(f"Making a class of {count(args.students, 'student')} in {folder} …"))
    made = demo.make_class(root, unit, args.students, bombs=runner.isolation_here()[0] == "full")
    for student in made:
        demo.hand_in(folder, unit, student)
    course = open_course(folder, args.db)
    status, report = _grade(args, course, unit, find_students(course, unit, []))
    faults = demo.faults(made, report, demo.worth(root, unit))
    hostile = sum(student.hostile is not None for student in made)
    out.print(f"{hostile - len(faults)} of {count(hostile, 'hostile or broken submission')} came out as they must.")
    for name, fault in faults.items():
        out.print(escape(f"! {name}: {fault}"), style="red")
    out.print(
        escape(f"The class is in {folder}. To look at it: cd {folder} && jupyter lab, then Nbgrader, Formgrader.")
    )
    return 1 if faults else status


def _grade(args: argparse.Namespace, course: Course, assignment: str, students: list[str]) -> tuple[int, Report]:
    """Grade students and print what came of it; return the exit status, too."""
    from nbgrader.preprocessors import Execute

    from chainrule_course.grading import runner
    from chainrule_course.grading.backends import Backend, Cluster, Threads
    from chainrule_course.grading.jobs import Limits
    from chainrule_course.grading.run import Grader, as_data

    backend: Backend
    if args.scheduler:
        backend = cluster = Cluster(runner.execute, args.scheduler)
        isolation, why = cluster.isolation_there()
    else:
        backend = Threads(runner.execute, args.workers or os.cpu_count() or 1)
        isolation, why = runner.isolation_here()
    if args.no_isolation:
        isolation, why = "none", "--no-isolation"
    if why:
        if args.require_isolation:
            advice = "Leave out --require-isolation to do without."
            raise UserError(f"Student code can't be isolated here: {why}.", advice)
        err.print(f"[yellow]Not isolated:[/yellow] {escape(why)}; student code runs with your rights.")
    limits = Limits(
        timeout=args.timeout or Execute(config=course.config).timeout or 86_400,
        **({"memory": args.memory} if args.memory else {}),
    )
    grader = Grader(course, assignment, limits, backend, isolation, not args.no_isolation, args.quick)
    try:
        with _stoppable(grader), _progress(assignment, len(students)) as show:
            report = grader.grade(students, args.regrade, show)
    finally:
        backend.close()
        runner.close()
    data = as_data(report, isolation, why)
    if args.json == "-":
        print(json.dumps(data, indent=1, ensure_ascii=False))
    else:
        if args.json:
            Path(args.json).write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        _show(report)
    if report.waiting:
        err.print(f"Stopped; {count(len(report.waiting), 'student')} to go. The same command goes on from here.")
        return 130, report
    return int(any(graded.state == "failed" for graded in report.students)), report


@contextmanager
def _stoppable(grader: Grader) -> Iterator[None]:
    """Let the first Ctrl-C end the run in good order, and the second at once."""

    def stop(number: int, _: object) -> None:
        if grader.stopped:
            err.print(
                "\n[red]chainrule:[/red] Ended at once; what was recorded is safe. The same command goes on from here."
            )
            os._exit(128 + number)
        grader.stopped = True
        err.print("\nFinishing the notebooks that are running. Ctrl-C again ends at once.")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(assignment: str, students: int) -> Iterator[Callable[[Graded], None]]:
    """Show how far the class is and how long it will take, on a terminal."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
        TextColumn("{task.fields[student]}", style="dim", markup=False),
        console=err,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        disable=not err.is_terminal,
    )
    with bar:
        task = bar.add_task(assignment, total=students, student="")

        def show(graded: Graded) -> None:
            bar.update(task, advance=1, student=f"{graded.student}: {graded.points:g} of {graded.max_points:g}")

        yield show


def _show(report: Report, console: Console = out) -> None:
    """Print the class as a table, and what it came to."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("student")
    table.add_column("points", justify="right")
    table.add_column("what went wrong", overflow="fold")
    for graded in report.students:
        points = "–" if graded.state == "failed" else f"{round(graded.points, 2):g}"
        lines = _troubles(graded)
        if graded.needs_manual_grade:
            lines.append("waits for you in the formgrader")
        table.add_row(escape(graded.student), points, escape("\n".join(lines)))
    console.print(table, soft_wrap=False)
    states = [graded.state for graded in report.students]
    parts = [f"{states.count('graded')} graded"]
    parts += [f"{states.count('unchanged')} unchanged"] if "unchanged" in states else []
    parts += [f"{states.count('failed')} not graded"] if "failed" in states else []
    graded_points = [graded.points for graded in report.students if graded.state != "failed"]
    mean = (
        f", {sum(graded_points) / len(graded_points):.3g} of {report.max_points:g} points on average"
        if graded_points
        else ""
    )
    console.print(f"[bold]{escape(report.assignment)}[/bold]: {', '.join(parts)} in {report.seconds:.1f} s{mean}.")
    if report.entered:
        console.print(escape(f"The gradebook did not know {report.assignment}; it was entered from its source."))
    for exercise, reason in report.opted_out.items():
        console.print(escape(f"{exercise} is checked in the student's process: {reason}"), style="dim")


def _troubles(graded: Graded, most: int = 4) -> list[str]:
    """Return what went wrong for a student, one line each; not all of it where it is much."""
    notebooks = {name for name, _ in graded.troubles if name}
    lines = [f"{name}: {told}" if name and len(notebooks) > 1 else str(told) for name, told in graded.troubles]
    lines = [line if len(line) <= 160 else f"{line[:159]}…" for line in lines]
    return lines if len(lines) <= most else [*lines[: most - 1], f"and {len(lines) - most + 1} more"]
