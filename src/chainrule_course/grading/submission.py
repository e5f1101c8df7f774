"""What a student handed in: the files, and a fingerprint by which the same work is known again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nbgrader.utils import find_all_files

from chainrule_course.grading.assignment import ReleasedNotebook
from chainrule_course.grading.course import Course
from chainrule_course.grading.jobs import Limits, Trouble

_ENGINE = ("grading", "checks", "kernel.py", "notebooks.py", "../chainrule")
"""What of this package, and of the library, decides how a notebook is graded."""


@dataclass(frozen=True)
class Handed:
    """The files of one student.

    Attributes
    ----------
    folder : path
        Where they lie.
    notebooks : dict of str to path
        Name without ``.ipynb`` → file, of all notebooks right in the folder.
    files : dict of str to bytes
        What lies beside them, the teacher's over the student's: relative path → content.
    troubles : tuple of Trouble
        Files that were left out, and why.
    """

    folder: Path
    notebooks: dict[str, Path]
    files: dict[str, bytes]
    troubles: tuple[Trouble, ...]


def read_submission(course: Course, student: str, assignment: str, overlay: Mapping[str, bytes]) -> Handed:
    """Read the files of a student; those in `overlay`, the teacher's, replace the student's."""
    folder = course.folder("submitted", student, assignment)
    files, troubles = _files(folder, course, overlay)
    notebooks = {}
    for path in sorted(folder.glob("*.ipynb")):
        if not path.resolve().is_relative_to(folder.resolve()):
            troubles.append(Trouble("", "link", f"{path.name} is a link to somewhere else; left out"))
        elif not path.name.startswith("."):
            notebooks[path.stem] = path
    return Handed(folder, notebooks, {**files, **overlay}, tuple(troubles))


def teacher_files(course: Course, assignment: str, excluded: Iterable[str]) -> dict[str, bytes]:
    """Read what lies beside the source, but for the files in `excluded`, which students may change."""
    files, _ = _files(course.folder("source", ".", assignment), course, excluded)
    return files


def _files(folder: Path, course: Course, skipped: Iterable[str]) -> tuple[dict[str, bytes], list[Trouble]]:
    """Read the files below a folder that nbgrader would copy; links that lead out of it are not followed."""
    directory = course.directory
    files: dict[str, bytes] = {}
    troubles = []
    home = folder.resolve()
    skip = {Path(name).as_posix() for name in skipped}
    for found in find_all_files(str(folder), [*directory.ignore, "*.ipynb"]):
        path = Path(found)
        name = path.relative_to(folder).as_posix()
        if name in skip:
            continue
        if not path.resolve().is_relative_to(home):
            troubles.append(Trouble("", "link", f"{name} is a link to somewhere else; left out"))
        elif not path.is_file():
            troubles.append(Trouble("", "file", f"{name} is no ordinary file; left out"))
        elif path.stat().st_size > directory.max_file_size * 1000:
            troubles.append(
                Trouble("", "file", f"{name} is larger than {directory.max_file_size / 1000:g} MB; left out")
            )
        else:
            files[name] = path.read_bytes()
    return files, troubles


def fingerprint(contents: Mapping[str, bytes], handed: Handed, assignment: str, settings: Any) -> str:
    """Return a hash of all that decides how a submission is graded.

    Parameters
    ----------
    contents : mapping of str to bytes
        The notebooks.
    handed : Handed
        The files beside them.
    assignment : str
        See :func:`assignment_fingerprint`.
    settings : JSON
        What else counts, such as the due date.
    """
    digest = hashlib.sha256(json.dumps([assignment, settings]).encode())
    for part in ("notebooks", contents), ("files", handed.files):
        digest.update(json.dumps([part[0], sorted(part[1])]).encode())
        for name in sorted(part[1]):
            digest.update(hashlib.sha256(part[1][name]).digest())
    return digest.hexdigest()


def assignment_fingerprint(released: Mapping[str, ReleasedNotebook], limits: Limits) -> str:
    """Return a hash of what is the same for all students: the release, the limits, the engine."""
    told = [[asdict(released[name]) for name in sorted(released)], asdict(limits), engine_version()]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


@cache
def engine_version() -> str:
    """Return a hash of the code that grades, so that a changed engine grades again."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for place in _ENGINE:
        for path in sorted((package / place).rglob("*.py")) or [package / place]:
            digest.update(path.read_bytes())
    return digest.hexdigest()
