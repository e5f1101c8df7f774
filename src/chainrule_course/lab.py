"""Give a learner the course: copy it to a folder of theirs, never over their work, and open JupyterLab there."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import runpy
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chainrule_course.course_folder import UNIT
from chainrule_course.errors import UserError

RECORD = ".chainrule.json"
"""The file in a learner's folder that says what was copied there: path → SHA-256."""

DEFAULT = Path("chainrule-course")
"""The learner's folder if none is named."""

SETTINGS = Path(__file__).with_name("jupyter")
"""The folder with JupyterLab's settings for learners, which their own go before."""

_TEACHERS = {"source", "course", "solutions", "submitted", "autograded", "feedback"}


@dataclass(frozen=True)
class Change:
    """One file that was written to a learner's folder.

    Attributes
    ----------
    kind : {"new", "restored", "updated", "beside"}
        It was not there before; it was there once and is missing; the course has a newer one and the learner had not
        touched it; the course has a newer one, which now stands beside the learner's own.
    name : str
        The file's path in the folder.
    own : str
        For "beside", the learner's file that stays as it is.
    """

    kind: Literal["new", "restored", "updated", "beside"]
    name: str
    own: str = ""

    def __str__(self) -> str:
        return f"{self.kind:9} {self.name}" + (f"  (your {self.own} stays as it is)" if self.own else "")


def choose_folder(given: Path | None) -> Path:
    """Return the learner's folder: the one given, the one that we stand in, or a new one named chainrule-course."""
    if given is not None:
        return given
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / RECORD).is_file()), DEFAULT)


def copy_course(shipped: Path, folder: Path) -> list[Change]:
    """Copy the course to `folder` and return the files that were written.

    A file that the learner changed is never touched. If the course's own file has changed since it was copied, an
    untouched copy is updated, and beside one with the learner's work the new one is put as ``name.new.ipynb``.

    Raises
    ------
    UserError
        If `folder` is a file, belongs to the course itself, or can't be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file.", "Give a folder; it is made if it is not there.")
    _refuse_own_course(shipped, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _copy(shipped, folder)
    except OSError as error:
        raise UserError(
            f"Cannot write {error.filename or folder}: {error.strerror}.",
            "Mend that, or choose another folder: chainrule lab FOLDER.",
        ) from error


def _refuse_own_course(shipped: Path, folder: Path) -> None:
    """Refuse a folder in which a learner's work would mix with the course that it is copied from."""
    wanted = folder.resolve()
    for parent in (wanted, *wanted.parents):
        is_teachers = any((parent / "source").glob(f"{UNIT}/*.py"))
        inside = wanted.relative_to(parent).parts
        if parent == shipped.resolve() or (is_teachers and (not inside or inside[0] in _TEACHERS)):
            raise UserError(
                f"{folder} belongs to the course's own files, which your work must not change.",
                f"Choose another folder, such as {DEFAULT}.",
            )


def _copy(shipped: Path, folder: Path) -> list[Change]:
    known = _read_record(folder / RECORD)
    changes = []
    for source in sorted(path for path in shipped.rglob("*") if path.is_file()):
        name = source.relative_to(shipped).as_posix()
        if any(part.startswith(".") for part in Path(name).parts):
            continue
        data, target = source.read_bytes(), folder / name
        digest = _digest(data)
        if not target.exists():
            changes.append(Change("restored" if name in known else "new", name))
            _write(target, data)
        elif (mine := _digest(target.read_bytes())) != digest and known.get(name) != digest:
            if mine == known.get(name):
                changes.append(Change("updated", name))
                _write(target, data)
            else:
                beside = _free_name(folder, name, digest, known)
                changes.append(Change("beside", beside, own=name))
                _write(folder / beside, data)
                known[beside] = digest
        if known.get(name) != digest:
            known[name] = digest
            _write(folder / RECORD, (json.dumps(known, indent=1, sort_keys=True) + "\n").encode())
    return changes


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read_record(path: Path) -> dict[str, str]:
    """Read the record; without one, every file that differs from the course's counts as the learner's work."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _free_name(folder: Path, name: str, digest: str, known: dict[str, str]) -> str:
    """Return the first of name.new.ipynb, name.new2.ipynb, … that is free or holds nothing of the learner's."""
    path, number = Path(name), 1
    while True:
        beside = path.with_name(f"{path.stem}.new{number if number > 1 else ''}{path.suffix}").as_posix()
        if not (folder / beside).exists() or _digest((folder / beside).read_bytes()) in (digest, known.get(beside)):
            return beside
        number += 1


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def open_lab(folder: Path, options: Sequence[str] = ()) -> None:
    """Become JupyterLab, opened in `folder` on the first unit; ends with its exit status.

    Raises
    ------
    UserError
        If JupyterLab is not installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise UserError("JupyterLab is not installed.", 'Install it with: pip install "chainrule[lab]".')
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Ctrl-C is JupyterLab's to answer from here on
    units = [path for path in sorted(Path().glob(f"{UNIT}/*.ipynb")) if path.stem == path.parent.name]
    # by its address, since a file given by its path would hide the folders beside its own
    first = [f"--LabApp.default_url=/lab/tree/{units[0].as_posix()}"] if units else []
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # as in a container
    # no question about news at the start and no request for it, unless the learner's settings ask for them
    paths = [str(SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    sys.argv = ["jupyter-lab", *first, *options, *root, "--log-level=WARN"]
    runpy.run_module("jupyterlab", run_name="__main__", alter_sys=True)
