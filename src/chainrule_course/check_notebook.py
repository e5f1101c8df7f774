"""Run the checks of a notebook outside JupyterLab, for a learner without a teacher."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from chainrule_course.checks.report import MIME, Report
from chainrule_course.errors import UserError
from chainrule_course.notebooks import Cell, Notebook, cell_name, read_notebook


@dataclass
class CheckedNotebook:
    """What a notebook's checks gave.

    Attributes
    ----------
    reports : list of Report
        One for each check cell that ended.
    troubles : list of str
        One line for each cell that raised or took too long.
    """

    reports: list[Report] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def points(self) -> float:
        """Points earned by all checks together."""
        return round(sum(report.points for report in self.reports), 2)

    @property
    def max_points(self) -> float:
        """Points that could be earned."""
        return sum(report.max_points for report in self.reports)


def check_notebook(
    path: Path, timeout: int = 60, source: Path | None = None, progress: Callable[[int, int], None] | None = None
) -> CheckedNotebook:
    """Execute a copy of the notebook at `path` in its folder and collect the reports; the file is not changed.

    Parameters
    ----------
    path : path
        The notebook.
    timeout : int
        Seconds a cell may take; then it is interrupted and the next one runs.
    source : path, optional
        A course folder with ``source/``: its hidden checks are put into the notebook first.
    progress : callable, optional
        Called as ``progress(done, total)`` before each cell.

    Raises
    ------
    UserError
        If the file is not a notebook, or has no checks.
    """
    notebook = read_notebook(path)
    if source is not None:
        _put_hidden_checks(notebook, path.stem, source)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not any("Checks(" in cell.source for cell in code):
        raise UserError(
            f"{path} has no checks.", "Give a notebook of the course, such as 01_training/01_training.ipynb."
        )
    for cell in code:
        cell.outputs, cell.execution_count = [], None

    def before(cell: Cell, cell_index: int) -> None:
        if progress:
            progress(cell_index, len(notebook.cells))

    client = NotebookClient(
        notebook,
        timeout=timeout,
        interrupt_on_timeout=True,
        allow_errors=True,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.resolve().parent)}},
        on_cell_start=before,
    )
    result = CheckedNotebook()
    try:
        client.execute()
    except DeadKernelError:
        result.troubles.append(
            "the kernel died: a cell ended Python itself or ran out of memory; later cells did not run"
        )
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            if MIME in output.get("data", {}):
                result.reports.append(Report.from_data(output.data[MIME]))
            elif output.output_type == "error":
                where = f"cell {number}" + (f" ({cell_name(cell)})" if cell_name(cell) else "")
                if output.ename == "KeyboardInterrupt":
                    result.troubles.append(f"{where}: took longer than {timeout} s and was stopped")
                else:
                    result.troubles.append(f"{where}: {output.ename}: {output.evalue}".split("\n")[0])
    return result


def _put_hidden_checks(notebook: Notebook, unit: str, root: Path) -> None:
    """Replace the empty hidden cells of `notebook` by those of the unit's source."""
    path = root / "source" / unit / f"{unit}.py"
    if not path.exists():
        raise UserError(f"There is no source of {unit}: {path} is missing.", "Give the folder that holds source/.")
    try:
        from chainrule_course.build.source import read_source
    except ImportError as error:
        raise UserError(
            "Reading sources needs Jupytext.", 'Install it with: pip install "chainrule[grade]".'
        ) from error
    hidden = {cell_name(cell): cell.source for cell in read_source(path).cells if cell_name(cell).endswith("-hidden")}
    for cell in notebook.cells:
        if cell_name(cell) in hidden:
            cell.source = hidden[cell_name(cell)]
