"""Find the course: the teacher's folder with its sources, and the copy of the course that is installed."""

from __future__ import annotations

import difflib
from pathlib import Path

from chainrule_course.errors import CourseError, UserError

UNIT = "[0-9][0-9]_*"
"""What the names of units look like: 01_training."""


def find_root(start: Path | None = None) -> Path:
    """Return the nearest folder, from `start` upward, that holds units in ``source/``.

    Raises
    ------
    UserError
        If there is none.
    """
    here = (start or Path.cwd()).resolve()
    if not here.is_dir():
        raise UserError(f"There is no folder {here}.", "Give the course's folder, the one that holds source/.")
    for folder in (here, *here.parents):
        if any((folder / "source").glob(f"{UNIT}/*.py")):
            return folder
    raise UserError(
        f"No course in {here} or above it: there is no source/01_…/01_….py.",
        "Go to the course's folder, the one with source/, course/ and solutions/, and try again.",
    )


def find_units(root: Path, wanted: list[str] | None = None) -> list[str]:
    """Return the names of the units under ``source/``: all of them, or those in `wanted`.

    A unit may be given by its name ("01_training"), its number ("1", "01") or its folder ("source/01_training").

    Raises
    ------
    UserError
        If a unit in `wanted` is unknown.
    CourseError
        If a folder is named like a unit but has no source.
    """
    units = sorted(path.name for path in (root / "source").glob(UNIT) if any(path.glob("*.py")))
    found: list[str] = []
    for name in wanted or units:
        plain = Path(name).name.removesuffix(".py").removesuffix(".ipynb")
        matches = [unit for unit in units if unit == plain or (plain.isdecimal() and int(unit[:2]) == int(plain))]
        if not matches:
            near = difflib.get_close_matches(plain, units, 1)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise UserError(f"There is no unit {name!r}.", f"{meant}The units are: {', '.join(units)}.")
        found += [unit for unit in matches if unit not in found]
    for unit in found:
        if not (root / "source" / unit / f"{unit}.py").is_file():
            raise CourseError(
                f"{root / 'source' / unit} has no {unit}.py.", "A unit's source is named like its folder."
            )
    return found


def shipped_course() -> Path:
    """Return the folder with the course as learners get it.

    In a checkout that is ``course/``; in an installed package, the copy inside it.

    Raises
    ------
    UserError
        If neither is there.
    """
    package = Path(__file__).resolve().parent
    for folder in (package.parents[1] / "course", package / "_course"):
        if any(folder.glob(f"{UNIT}/*.ipynb")):
            return folder
    raise UserError(
        "This installation of Chainrule holds no course.", "Install it again, or run `chainrule build` in a checkout."
    )
