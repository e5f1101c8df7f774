"""Give a learner the course: copy it to a folder of theirs, never over their work, and open JupyterLab there."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from chainrule_course.errors import UserError

RECORD = ".chainrule.json"
"""The file in a learner's folder that says what was copied there: path → SHA-256."""


def copy_course(shipped: Path, folder: Path) -> list[str]:
    """Copy the course to `folder` and return what was done, one line for each file that is new or changed.

    A file that the learner changed is never touched. If the course's own file has changed since it was copied, an
    untouched copy is updated, and beside one with the learner's work the new one is put as ``name.new.ipynb``.

    Raises
    ------
    UserError
        If `folder` is a file, or can't be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file.", "Give a folder; it is made if it is not there.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _copy(shipped, folder)
    except OSError as error:
        raise UserError(
            f"Cannot write in {folder}: {error.strerror}.",
            "Choose a folder that you may write to: chainrule lab FOLDER.",
        ) from error


def _copy(shipped: Path, folder: Path) -> list[str]:
    known = _read_record(folder / RECORD)
    lines = []
    for source in sorted(path for path in shipped.rglob("*") if path.is_file()):
        name = source.relative_to(shipped).as_posix()
        if any(part.startswith(".") for part in Path(name).parts):
            continue
        data, target = source.read_bytes(), folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = _digest(data)
        if not target.exists():
            _write(target, data)
            lines.append(f"new       {name}")
        elif (mine := _digest(target.read_bytes())) != digest and known.get(name) != digest:
            if mine == known.get(name):
                _write(target, data)
                lines.append(f"updated   {name}")
            else:
                beside = _free_name(target, digest)
                _write(beside, data)
                lines.append(f"beside    {beside.relative_to(folder).as_posix()}  (yours, {name}, stays as it is)")
        known[name] = digest
        _write(folder / RECORD, (json.dumps(known, indent=1, sort_keys=True) + "\n").encode())
    return lines


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _read_record(path: Path) -> dict[str, str]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _free_name(target: Path, digest: str) -> Path:
    """Return the first of name.new.ipynb, name.new2.ipynb, … that is free, or holds this very content."""
    number = 1
    while True:
        beside = target.with_name(f"{target.stem}.new{number if number > 1 else ''}{target.suffix}")
        if not beside.exists() or _digest(beside.read_bytes()) == digest:
            return beside
        number += 1


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    aside = path.with_name(f".{path.name}.part")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def open_lab(folder: Path, options: Sequence[str]) -> int:
    """Open JupyterLab in `folder` on the first unit and return its exit status when it ends.

    Raises
    ------
    UserError
        If JupyterLab is not installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise UserError("JupyterLab is not installed.", 'Install it with: pip install "chainrule[lab]".')
    first = sorted(folder.glob("[0-9][0-9]_*/*.ipynb"))[:1]
    command = [sys.executable, "-m", "jupyterlab", *(str(path.relative_to(folder)) for path in first), *options]
    lab = subprocess.Popen(command, cwd=folder)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is JupyterLab's to answer
    try:
        return lab.wait()
    finally:
        signal.signal(signal.SIGINT, before)
