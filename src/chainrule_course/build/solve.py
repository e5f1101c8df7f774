"""Execute a solved unit: its outputs, the points its own solution earns, and the record of its mistakes."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat

from chainrule_course.build.drift import split_pictures
from chainrule_course.build.source import MARKER, line_of
from chainrule_course.checks.mistakes import RECORD
from chainrule_course.checks.report import MIME
from chainrule_course.errors import CourseError
from chainrule_course.kernel import Kernel, Trouble
from chainrule_course.notebooks import Cell, Notebook, cell_name, grading

FIGURE_LIMIT = 60_000
"""Bytes of a stored figure: larger ones make a notebook slow to open and to review."""

WIDGET = "application/vnd.jupyter.widget-view+json"

_UNSTABLE = re.compile(r"\bat 0x[0-9a-f]{6,}|ipykernel_\d+|File \S+\.py:\d+|" + re.escape(sys.prefix))
"""What differs from run to run or from machine to machine: addresses, temporary files, paths."""

_SHOWN = 24
"""Lines of a traceback that are shown."""


def solve(
    source: Path, notebook: Notebook, folder: Path, timeout: float, progress: Callable[[int, int, str], None]
) -> Notebook:
    """Execute `notebook` in `folder` and return it with outputs; write the record of its mistakes there too.

    Parameters
    ----------
    source : path
        The unit's source, for messages.
    notebook : notebook
        What was read from it, with solutions and hidden tests.
    folder : path
        Where it runs: a copy of the unit's folder.
    timeout : float
        Seconds a cell may take.
    progress : callable
        Called as ``progress(done, total, cell)`` before each cell.

    Raises
    ------
    CourseError
        If a cell fails, its solution does not earn all points, or an output is not fit to be stored.
    """
    solved = copy.deepcopy(notebook)
    with Kernel(folder) as kernel:
        for done, cell in enumerate(solved.cells):
            progress(done, len(solved.cells), cell_name(cell))
            if cell.cell_type == "code":
                trouble = kernel.run(cell, timeout)
                if trouble and not (trouble.kind == "raised" and "raises-exception" in cell.metadata.get("tags", [])):
                    raise _failure(source, cell, trouble)
                _check_outputs(source, cell)
                _check_points(source, cell)
        _record_mistakes(kernel, folder / RECORD, timeout)
    for cell in solved.cells:
        cell.source = re.sub(r"\n?" + MARKER.pattern, "", cell.source, flags=re.MULTILINE).removeprefix("\n")
    return solved


def _record_mistakes(kernel: Kernel, path: Path, timeout: float) -> None:
    """Write what each mistake of the unit does on the visible checks."""
    code = f"from chainrule_course.checks import record_diagnoses\nrecord_diagnoses({str(path.resolve())!r})"
    trouble = kernel.run(nbformat.v4.new_code_cell(code), timeout)
    if trouble:
        problem = f"{path.parent.name}: its mistakes can't be recorded: {trouble.message}."
        raise CourseError(problem, "Mend the mistake that the traceback names.", trouble.traceback)


def _failure(source: Path, cell: Cell, trouble: Trouble) -> CourseError:
    """Say which cell failed, where it stands, why, and what Python said."""
    lines = trouble.traceback.splitlines()[:-1] if trouble.kind == "raised" else []
    if len(lines) > _SHOWN:
        lines = [*lines[: _SHOWN // 2], f"  … {len(lines) - _SHOWN} lines …", *lines[-_SHOWN // 2 :]]
    name = cell_name(cell)
    advice = {
        "timeout": "Make it faster, or allow more with --timeout SECONDS.",
        "flood": "Print less.",
    }.get(trouble.kind, "")
    return CourseError(
        f"{source.parent.name}, cell {name}: {trouble.message}" + ("" if trouble.message.endswith(".") else "."),
        f"{advice} See {line_of(source, name, trouble.line)}.".strip(),
        "\n".join(lines),
    )


def _check_outputs(source: Path, cell: Cell) -> None:
    """Refuse outputs that would differ at every build or weigh too much; drop the random ids of widgets."""
    where = f"{source.parent.name}, cell {cell_name(cell)}"
    for output in cell.outputs:
        output.get("data", {}).pop(WIDGET, None)
        if output.output_type == "stream" and output.name == "stderr":
            first = (output.text.strip() or "(nothing visible)").splitlines()[0][:200]
            raise CourseError(
                f'{where}: writes "{first}" to stderr.',
                "A stored warning shows this machine's paths, and nbgrader gives a graded cell 0 points for it."
                " Mend its cause, or print it.",
            )
    text, pictures = split_pictures(cell.outputs)
    unstable = _UNSTABLE.search(text)
    if unstable:
        raise CourseError(
            f'{where}: its output holds "{unstable[0]}", which differs from run to run or machine to machine.',
            "Print something that stays the same.",
        )
    for picture in pictures:
        size = len(picture) * 3 // 4
        if size > FIGURE_LIMIT:
            raise CourseError(
                f"{where}: its figure has {size / 1000:.0f} kB, more than {FIGURE_LIMIT // 1000}.",
                "Draw it at notebook width, with fewer points or at a lower resolution.",
            )


def _check_points(source: Path, cell: Cell) -> None:
    """Refuse an autograded cell that does not end in a report, or whose own solution does not earn what it is worth."""
    given = grading(cell)
    if not given.get("grade") or given.get("solution"):  # with both, a teacher marks it by hand
        return
    where = f"{source.parent.name}, cell {cell_name(cell)}"
    reports = [output.data[MIME] for output in cell.outputs if MIME in output.get("data", {})]
    if not reports:
        raise CourseError(f"{where}: a graded cell must end in check.report().")
    report = reports[-1]
    if report["max_points"] != given["points"]:
        raise CourseError(
            f"{where}: Checks(points={report['max_points']:g}) but its nbgrader metadata says {given['points']:g}.",
            "Make them equal.",
        )
    if report["points"] != report["max_points"]:
        failed = "; ".join(f"{c['label']}: {c['problem']}" for c in report["checks"] if not c["passed"])
        raise CourseError(
            f"{where}: the solution earns {report['points']:g} of {report['max_points']:g} points ({failed}).",
            "Mend the solution or the check.",
        )
