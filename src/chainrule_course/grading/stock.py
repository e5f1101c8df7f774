"""Execute a notebook in an ordinary kernel, where processes can't be forked for it (macOS, Windows)."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import nbformat

from chainrule_course.grading.jobs import Execution, Job, Trouble
from chainrule_course.kernel import Kernel
from chainrule_course.notebooks import Cell, cell_name, grading, notebook_text


def execute(job: Job) -> Execution:
    """Run all cells of a notebook in one kernel, in a temporary folder; graded cells run there, too."""
    began = time.perf_counter()
    notebook = nbformat.reads(job.notebook, as_version=4)
    troubles: list[Trouble] = []
    with tempfile.TemporaryDirectory(prefix="chainrule-grade-", ignore_cleanup_errors=True) as folder:
        write_files(Path(folder), job)
        with Kernel(Path(folder), {"NBGRADER_EXECUTION": "autograde"}) as kernel:
            for number, cell in enumerate(notebook.cells, 1):
                if cell.cell_type != "code":
                    continue
                if not kernel.alive:
                    not_run(cell)
                    continue
                trouble = kernel.run(cell, job.limits.timeout)
                if trouble:
                    troubles.append(Trouble(cell_name(cell) or f"cell {number}", trouble.kind, trouble.message))
                    if trouble.kind in ("timeout", "died"):
                        not_run(cell, trouble.message)
                forgive_warnings(cell)
    return Execution(notebook_text(notebook), tuple(troubles), time.perf_counter() - began, isolation="none")


def write_files(folder: Path, job: Job) -> None:
    """Write the files of a job below `folder`."""
    for name, content in job.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def not_run(cell: Cell, why: str = "the notebook had ended before this cell") -> None:
    """Give a cell that did not run to its end an error, so that no grader takes its silence for success."""
    cell.setdefault("outputs", [])
    if not any(output.output_type == "error" for output in cell.outputs):
        cell.outputs.append(nbformat.v4.new_output("error", ename="NotRun", evalue=why, traceback=[f"NotRun: {why}"]))


def forgive_warnings(cell: Cell) -> None:
    """Let what a graded cell wrote to stderr stand as ordinary output: the check decides, not a warning."""
    if grading(cell).get("grade"):
        for output in cell.outputs:
            if output.output_type == "stream":
                output.name = "stdout"
