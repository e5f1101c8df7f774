"""Build the course: from ``source/`` make the students' notebooks (``course/``) and the solved ones (``solutions/``)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chainrule_course.build.drift import compare, split_pictures
from chainrule_course.build.release import release
from chainrule_course.build.solve import solve
from chainrule_course.build.source import read_source
from chainrule_course.checks.mistakes import RECORD
from chainrule_course.course_folder import find_units
from chainrule_course.errors import UserError
from chainrule_course.notebooks import Notebook, notebook_bytes, read_notebook

Progress = Callable[[str, int, int, str], None]

TIMEOUT = 120
"""Seconds a cell of a solved unit may take."""


def build(root: Path, units: list[str], progress: Progress, timeout: int = TIMEOUT) -> None:
    """Build `units` of the course at `root`; each appears whole, or not at all.

    Parameters
    ----------
    root : path
        The folder with ``source/``.
    units : list of str
        Names of units.
    progress : callable
        Called as ``progress(unit, cells done, cells, what)``.
    timeout : int
        Seconds a cell may take.

    Raises
    ------
    UserError
        If a unit does not build; units before it are built, it and those after it are as before.
    """
    for unit in units:
        with _staged(root, unit, progress, timeout) as stage:
            for built, target in _outputs(stage, root, unit):
                _swap(built, target)
            for name in (f"{unit}.ipynb", RECORD):
                (stage / "source" / unit / name).replace(root / "source" / unit / name)


def check(root: Path, units: list[str], progress: Progress, timeout: int = TIMEOUT) -> list[str]:
    """Build `units` aside and return what differs from ``course/`` and ``solutions/``: one line each, empty if nothing.

    Parameters and errors are those of :func:`build`.
    """
    differences = []
    known = set(find_units(root))
    for folder in ("course", "solutions"):
        for path in sorted((root / folder).glob("*/")):
            if path.name not in known and not path.name.startswith("."):
                differences.append(f"{folder}/{path.name}: there is no source/{path.name}")
    for unit in units:
        with _staged(root, unit, progress, timeout) as stage:
            for built, target in _outputs(stage, root, unit):
                differences += compare(built, target, target.relative_to(root).as_posix())
    return differences


def _outputs(stage: Path, root: Path, unit: str) -> list[tuple[Path, Path]]:
    """Return the folders that were built and where they go."""
    return [(stage / "release" / unit, root / "course" / unit), (stage / "solutions" / unit, root / "solutions" / unit)]


@contextmanager
def _staged(root: Path, unit: str, progress: Progress, timeout: int) -> Iterator[Path]:
    """Build one unit in a folder of its own beside the others, which goes away at the end whatever happens."""
    source = root / "source" / unit
    notebook = read_source(source / f"{unit}.py")
    try:
        stage = Path(tempfile.mkdtemp(prefix=".chainrule-build-", dir=root))
    except OSError as error:
        raise UserError(f"Cannot write in {root}: {error.strerror}.", "Check the folder's permissions.") from error
    try:
        ignore = shutil.ignore_patterns("*.py", "*.ipynb", RECORD, ".*", "__pycache__")
        staged, solutions = stage / "source" / unit, stage / "solutions" / unit
        shutil.copytree(source, staged, ignore=ignore)
        shutil.copytree(source, solutions, ignore=ignore)
        (staged / f"{unit}.ipynb").write_bytes(notebook_bytes(notebook))
        solved = solve(unit, notebook, solutions, timeout, lambda n, total, cell: progress(unit, n, total, cell))
        _check_figures(unit, solved)
        (solutions / f"{unit}.ipynb").write_bytes(notebook_bytes(solved))
        shutil.copy(solutions / RECORD, staged / RECORD)
        total = len(notebook.cells)
        progress(unit, total, total, "release")
        made = release(unit, stage) / f"{unit}.ipynb"
        made.write_bytes(notebook_bytes(read_notebook(made)))
        progress(unit, total, total, "done")
        yield stage
    except PermissionError as error:
        raise UserError(f"Cannot write {error.filename}: {error.strerror}.", "Check the permissions.") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _check_figures(unit: str, solved: Notebook) -> None:
    """Refuse a stored figure of over 60 kB, which makes a notebook slow to open and to review."""
    for cell in solved.cells:
        for picture in split_pictures(cell.get("outputs", []))[1]:
            size = len(picture) * 3 // 4
            if size > 60_000:
                raise UserError(
                    f"{unit}, cell {cell.id}: its figure has {size // 1000} kB, more than 60.",
                    "Draw it at notebook width with fewer points or as an image of lower resolution.",
                )


def _swap(built: Path, target: Path) -> None:
    """Put the folder `built` in place of `target`; a crash leaves either the old or the new one."""
    target.parent.mkdir(exist_ok=True)
    old = built.with_name(built.name + ".old")
    if target.exists():
        target.replace(old)
    try:
        built.replace(target)
    except BaseException:
        if old.exists():
            old.replace(target)
        raise
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
