"""Run the checks of a notebook outside JupyterLab, for a learner without a teacher."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from chainrule_course.checks.report import MIME, Report
from chainrule_course.course_folder import find_root
from chainrule_course.errors import UserError
from chainrule_course.kernel import Kernel, Trouble
from chainrule_course.notebooks import Cell, Notebook, cell_name, grading, read_notebook

Progress = Callable[[int, int, str], None]


@dataclass
class CheckedNotebook:
    """What a notebook's checks gave.

    Attributes
    ----------
    reports : list of Report
        One for each check cell that ended.
    troubles : list of str
        One line for each cell that raised, took too long or did not run.
    missed : float
        Points of the check cells that gave no report.
    """

    reports: list[Report] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    missed: float = 0

    @property
    def points(self) -> float:
        """Points earned by all checks together."""
        return round(sum(report.points for report in self.reports), 2)

    @property
    def max_points(self) -> float:
        """Points that could be earned."""
        return round(sum(report.max_points for report in self.reports) + self.missed, 2)

    @property
    def passed(self) -> bool:
        """Whether all points are earned and nothing went wrong."""
        return self.points == self.max_points and not self.troubles


def check_notebook(
    path: Path, timeout: float = 60, source: Path | None = None, progress: Progress | None = None
) -> CheckedNotebook:
    """Execute a copy of the notebook at `path` in its folder and collect the reports; the file is not changed.

    Parameters
    ----------
    path : path
        The notebook.
    timeout : float
        Seconds a cell may take; then it is interrupted and the next one runs.
    source : path, optional
        A course folder with ``source/``: its hidden checks are put into the notebook first.
    progress : callable, optional
        Called as ``progress(cells done, cells, name of the cell)`` before each cell.

    Raises
    ------
    UserError
        If the file is not a notebook, or has no checks.
    """
    notebook = read_notebook(path)
    if source is not None:
        _put_hidden_checks(notebook, path, find_root(source))
    if not any(_is_check(cell) for cell in notebook.cells):
        raise UserError(f"{path} has no checks.", "Give a notebook of the course, such as 01_training.ipynb.")
    result = CheckedNotebook()
    with Kernel(path.resolve().parent) as kernel:
        for number, cell in enumerate(notebook.cells, 1):
            if progress:
                progress(number - 1, len(notebook.cells), cell_name(cell))
            if cell.cell_type != "code":
                continue
            if kernel.alive:
                _run(kernel, cell, number, timeout, result)
                if not kernel.alive:
                    result.troubles.append("the cells after it did not run; what was earned before it counts")
            elif _is_check(cell):
                result.missed += _worth(cell)
    return result


def _run(kernel: Kernel, cell: Cell, number: int, timeout: float, result: CheckedNotebook) -> None:
    """Run a cell and add what it gives to `result`."""
    trouble = kernel.run(cell, timeout)
    reports = [output.data[MIME] for output in cell.outputs if MIME in output.get("data", {})]
    where = f"cell {number}" + (f" ({cell_name(cell)})" if cell_name(cell) else "")
    if trouble and trouble.kind != "flood":  # a long output is no fault
        line = f", line {trouble.line}" if trouble.line else ""
        result.troubles.append(f"{where}{line}: {trouble.message}{_deeper(cell, trouble)}")
    if not _is_check(cell):
        return
    try:
        report = Report.from_data(reports[-1])
        report.text, report.points  # noqa: B018  (a forged report fails here)
        result.reports.append(report)
    except (IndexError, KeyError, TypeError, AttributeError):
        result.missed += _worth(cell)
        if not trouble or trouble.kind == "flood":
            result.troubles.append(f"{where}: shows no report. Does it end in check.report()?")


def _deeper(cell: Cell, trouble: Trouble) -> str:
    """Say which other cell was running, as when a check calls a function that never ends."""
    frames = re.findall(r"^\s*cell (.+), line (\d+)", trouble.traceback, re.MULTILINE)
    name, line = frames[-1] if frames else ("", "")
    return f" (in cell {name}, line {line})" if name and name != cell_name(cell) and len(frames) > 1 else ""


def _is_check(cell: Cell) -> bool:
    return bool(cell.cell_type == "code" and "Checks(" in cell.source)


def _worth(cell: Cell) -> float:
    """Return the points of a check cell as its metadata tells."""
    points = grading(cell).get("points", 0)
    return float(points) if isinstance(points, int | float) else 0.0


def _put_hidden_checks(notebook: Notebook, path: Path, root: Path) -> None:
    """Put the hidden checks of the notebook's unit in the place of its empty hidden cells, or at the end."""
    try:
        from chainrule_course.build.source import read_source
    except ImportError as error:
        raise UserError(
            f"Reading sources needs {error.name}, which is not installed.",
            'Install it with: pip install "chainrule[grade]".',
        ) from error
    origin = notebook.metadata.get("chainrule")
    unit = Path(str(origin.get("built_from")) if isinstance(origin, dict) else path).stem
    file = root / "source" / unit / f"{unit}.py"
    if not file.is_file():
        raise UserError(f"The source of {path} is not in {root}: there is no {file}.", "Give another --source.")
    cells = {cell_name(cell): cell for cell in notebook.cells}
    for cell in read_source(file).cells:
        if not (grading(cell).get("grade") and "HIDDEN TESTS" in cell.source):
            continue
        name = cell_name(cell)
        if name in cells:
            cells[name].source = cell.source
        else:
            notebook.cells.append(nbformat.v4.new_code_cell(cell.source, metadata=cell.metadata))
