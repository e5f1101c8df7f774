"""Find the course: the teacher's folder with its sources, and the copy of the course that is installed."""

from __future__ import annotations

from pathlib import Path

from chainrule_course.errors import UserError


def find_root(start: Path | None = None) -> Path:
    """Return the nearest folder, from `start` upward, that holds ``source/``.

    Raises
    ------
    UserError
        If there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "source").is_dir():
            return folder
    raise UserError(
        f"No course here: neither {here} nor a folder above it has a folder named source.",
        "Go to the course's folder (the one with source/, course/ and solutions/) and try again.",
    )


def find_units(root: Path, wanted: list[str] | None = None) -> list[str]:
    """Return the names of the units under ``source/``: all of them, or those in `wanted`.

    A unit may be given by its name ("01_training"), its number ("1", "01") or its folder ("source/01_training").

    Raises
    ------
    UserError
        If a unit is unknown, or there are none.
    """
    units = sorted(path.parent.name for path in (root / "source").glob("*/*.py") if path.stem == path.parent.name)
    if not units:
        raise UserError(
            f"There are no units in {root / 'source'}.",
            "A unit is a notebook as text: source/01_training/01_training.py.",
        )
    found = []
    for name in wanted or units:
        plain = name.rstrip("/").rsplit("/", 1)[-1].removesuffix(".py").removesuffix(".ipynb")
        matches = [
            unit for unit in units if unit == plain or (plain.isdigit() and unit.startswith(f"{int(plain):02}_"))
        ]
        if not matches:
            raise UserError(f"There is no unit {name!r}.", f"The units are: {', '.join(units)}.")
        found += [unit for unit in matches if unit not in found]
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
        if any(folder.glob("*/*.ipynb")):
            return folder
    raise UserError(
        "This installation of Chainrule holds no course.", "Install it again, or run `chainrule build` in a checkout."
    )
