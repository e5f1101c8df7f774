"""Execute a solved unit: its outputs, the points its own solution earns, and the record of its mistakes."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from chainrule_course.checks.mistakes import RECORD
from chainrule_course.checks.report import MIME
from chainrule_course.errors import UserError
from chainrule_course.notebooks import Cell, Notebook, cell_name

MARKERS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS")


def solve(
    unit: str, notebook: Notebook, folder: Path, timeout: int, progress: Callable[[int, int, str], None]
) -> Notebook:
    """Execute `notebook` in `folder` and return it with outputs; write the record of its mistakes there too.

    Parameters
    ----------
    unit : str
        The unit's name, for messages.
    notebook : notebook
        The source, with solutions and hidden tests.
    folder : path
        Where it runs: a copy of the unit's folder.
    timeout : int
        Seconds a cell may take.
    progress : callable
        Called as ``progress(done, total, cell)`` before each cell.

    Raises
    ------
    UserError
        If a cell fails or its own solution does not earn all points; says the unit, the cell and the traceback.
    """
    solved = copy.deepcopy(notebook)
    for cell in solved.cells:
        cell.source = "\n".join(line for line in cell.source.split("\n") if not any(m in line for m in MARKERS))
    total = len(solved.cells)
    record = nbformat.v4.new_code_cell(
        f"from chainrule_course.checks import record_diagnoses\nrecord_diagnoses({RECORD!r})",
        metadata={"name": "record-diagnoses"},
    )
    solved.cells.append(record)

    def before(cell: Cell, cell_index: int) -> None:
        progress(cell_index, total, cell_name(cell))

    client = NotebookClient(
        solved,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=before,
    )
    try:
        client.execute(env={**os.environ, "PYTHONHASHSEED": "0"})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        failed = next(
            (
                c
                for c in solved.cells
                if c.cell_type == "code" and any(o.output_type == "error" for o in c.get("outputs", []))
            ),
            None,
        )
        failed = failed or next(c for c in reversed(solved.cells) if c.cell_type == "code" and c.execution_count)
        raise UserError(f"{unit}, cell {cell_name(failed)}, fails:\n{error}") from error
    solved.cells.pop()
    for cell in solved.cells:
        _check_points(unit, cell)
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
    solved.metadata = copy.deepcopy(notebook.metadata)  # without this machine's Python version
    return solved


def _check_points(unit: str, cell: Cell) -> None:
    """Refuse a graded cell that does not end in a report, or whose own solution does not earn what it is worth."""
    grading = cell.metadata.get("nbgrader", {})
    if cell.cell_type != "code" or not grading.get("grade"):
        return
    where = f"{unit}, cell {cell_name(cell)}"
    reports = [output.data[MIME] for output in cell.outputs if MIME in output.get("data", {})]
    if any(output.output_type == "stream" and output.name == "stderr" for output in cell.outputs):
        raise UserError(f"{where}: prints to stderr, for which nbgrader gives no points.")
    if not reports:
        raise UserError(f"{where}: a graded cell must end in check.report().")
    report = reports[-1]
    if report["max_points"] != grading["points"]:
        raise UserError(
            f"{where}: Checks(points={report['max_points']:g}) but its nbgrader metadata says {grading['points']:g}."
        )
    if report["points"] != report["max_points"]:
        failed = "; ".join(f"{c['label']}: {c['problem']}" for c in report["checks"] if not c["passed"])
        raise UserError(
            f"{where}: the solution earns {report['points']:g} of {report['max_points']:g} points ({failed})."
        )
