"""Build the course from ``source/``: what students open (``course/``) and the solved notebooks (``solutions/``)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from chainrule_course.build.drift import compare
from chainrule_course.build.pages import compare_pages, make_pages, write_pages
from chainrule_course.build.release import release
from chainrule_course.build.solve import solve
from chainrule_course.build.source import read_source
from chainrule_course.build.stage import put_in_place, staged
from chainrule_course.checks.mistakes import RECORD
from chainrule_course.course_folder import UNIT, find_units
from chainrule_course.errors import CourseError
from chainrule_course.notebooks import notebook_bytes

__all__ = ["build_unit", "check_unit", "compare_pages", "make_pages", "orphans", "write_pages"]

Progress = Callable[[int, int, str], None]
"""Called as ``progress(cells done, cells, what is going on)``."""

TIMEOUT = 120
"""Seconds a cell of a unit may take."""


def build_unit(root: Path, unit: str, progress: Progress, timeout: float = TIMEOUT) -> int:
    """Build a unit of the course at `root` and return its number of cells; all of it is replaced, or nothing.

    Parameters
    ----------
    root : path
        The folder with ``source/``.
    unit : str
        Name of the unit.
    progress : callable
        See :data:`Progress`.
    timeout : float
        Seconds a cell may take.

    Raises
    ------
    CourseError
        If the unit does not build.
    UserError
        If the files can't be written.
    """
    with staged(root, lambda: progress(0, 1, "waiting for another build to end")) as stage:
        cells = _make(root, unit, stage, progress, timeout)
        put_in_place(root)
    return cells


def check_unit(root: Path, unit: str, progress: Progress, timeout: float = TIMEOUT) -> list[str]:
    """Build a unit somewhere else and return what differs from ``course/`` and ``solutions/``, one line each.

    Parameters and errors are those of :func:`build_unit`; nothing in `root` is changed.
    """
    with tempfile.TemporaryDirectory(prefix="chainrule-check-") as stage:
        _make(root, unit, Path(stage), progress, timeout)
        return [
            line
            for folder in ("course", "solutions")
            for line in compare(Path(stage, "new", folder, unit), root / folder / unit, f"{folder}/{unit}")
        ]


def orphans(root: Path) -> list[str]:
    """Return what was built from units that are no longer there, one line for each folder."""
    known = set(find_units(root))
    return [
        f"{folder}/{path.name}: there is no source/{path.name}; remove it"
        for folder in ("course", "solutions")
        for path in sorted((root / folder).glob(UNIT))
        if path.name not in known
    ]


def _make(root: Path, unit: str, stage: Path, progress: Progress, timeout: float) -> int:
    """Build a unit in `stage`: what belongs in the course's folder lies in ``stage/new`` then."""
    source, new = root / "source" / unit, stage / "new"
    file = f"{unit}.ipynb"
    notebook = read_source(source / f"{unit}.py")
    total = len(notebook.cells)
    # the unit's own source and what was built from it stay behind; data and pictures come along
    ignore = shutil.ignore_patterns(f"{UNIT}.py", "*.ipynb", RECORD, ".*", "__pycache__", "*.pyc")
    try:
        shutil.copytree(source, new / "solutions" / unit, ignore=ignore)
        shutil.copytree(source, stage / "source" / unit, ignore=ignore)
    except shutil.Error as error:
        (path, _, reason), *_ = error.args[0]
        raise CourseError(f"{path} can't be copied: {reason}.", "Mend or remove it.") from error

    solved = solve(source / f"{unit}.py", notebook, new / "solutions" / unit, timeout, progress)
    (new / "solutions" / unit / file).write_bytes(notebook_bytes(solved))

    progress(total, total, "release")
    (stage / "source" / unit / file).write_bytes(notebook_bytes(notebook))
    shutil.copy(new / "solutions" / unit / RECORD, stage / "source" / unit / RECORD)
    release(unit, root, stage)

    (new / "source" / unit).mkdir(parents=True)
    for name in (file, RECORD):
        (stage / "source" / unit / name).rename(new / "source" / unit / name)
    return total
