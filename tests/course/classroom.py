"""A teacher's folder with one unit, its students' notebooks, and nbgrader at work in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from material import ROOT

from chainrule_course.build.source import read_source
from chainrule_course.checks.mistakes import RECORD
from chainrule_course.notebooks import notebook_bytes

PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
"""nbgrader calls alembic by its name."""


def begin_course(folder: Path, unit: str) -> None:
    """Make a teacher's folder of one unit, as `chainrule build` leaves its source for nbgrader."""
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    source = folder / "source" / unit
    source.mkdir(parents=True)
    shutil.copy(ROOT / "source" / unit / f"{unit}.py", source)
    (source / f"{unit}.ipynb").write_bytes(notebook_bytes(read_source(source / f"{unit}.py")))
    shutil.copy(ROOT / "course" / unit / RECORD, source)


def nbgrader(folder: Path, *args: str, tries: int = 1) -> str:
    """Run an nbgrader command as a teacher does, who runs autograde again when a kernel did not start.

    On a busy machine a kernel may lose its port to another one; nbgrader then grades what is missing at the next run.
    """
    command = [sys.executable, "-m", "nbgrader", *args]
    for _ in range(tries):
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, "PATH": PATH}, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return done.stdout + done.stderr


def chainrule(folder: Path, *args: str) -> str:
    """Run one of our commands as a teacher does."""
    command = [sys.executable, "-c", "from chainrule_course.cli import main; main()", *args]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": PATH}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return done.stdout + done.stderr


def hand_in(folder: Path, unit: str, student: str, notebook) -> None:
    target = folder / "submitted" / student / unit / f"{unit}.ipynb"
    target.parent.mkdir(parents=True)
    target.write_bytes(notebook_bytes(notebook))
