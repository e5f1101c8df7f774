"""
Hand hostile and broken submissions to `nbgrader autograde` and to `chainrule grade`, and write what came of each.

    python benchmarks/hostile.py                         # about five minutes; writes docs/teach/hostile.md
    python benchmarks/hostile.py --only loop,exit --to /tmp

nbgrader runs as it is without our settings, in a container of its own (bubblewrap, a control group, a small disk), for
it lets a submission do what it likes.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from chainrule_course.course_folder import find_root
from chainrule_course.exercises import read_exercises
from chainrule_course.grading import demo, runner, sandbox
from chainrule_course.grading.hostile import HOSTILE, Class, Hostile
from chainrule_course.grading.jobs import Limits
from chainrule_course.notebooks import read_notebook

ROOT = find_root(Path(__file__).resolve().parent)
DOCS = ROOT / "docs" / "teach"
STOCK = "\ndel c.Autograde.sanitize_preprocessors, c.Autograde.autograde_preprocessors\n"
PATIENCE = 240
"""Seconds after which stock nbgrader is ended."""

DISK = 400_000_000
"""Bytes of disk that it has."""

PROGRAMS = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
PAGE = """# What came of hostile submissions

Does all this hold? Each submission below was handed in to unit {unit}, once to `nbgrader autograde` as it comes,
and once to `chainrule grade`. The second column says what it should earn, of {most:g} points. A program that
misbehaves beside right answers keeps its points; one that cheats has earned none.

The table is measured: `python benchmarks/hostile.py` wrote it on {date}, with nbgrader {version}.

{table}

nbgrader ran in a container with little disk, memory and few processes. What a submission takes all of, it would take of
your machine.
"""


def classroom(folder: Path, unit: str, hostile: Hostile, content: bytes, config: str = "") -> None:
    """Make a course with one submission."""
    demo.make_course(ROOT, unit, folder)
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write(config)
    demo.hand_in(folder, unit, demo.Student(hostile.name, content, hostile))


def points(folder: Path, unit: str, student: str) -> str:
    """Return what the gradebook has for a student."""
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "chainrule") as book:
        try:
            return f"{book.find_submission(unit, student).score:g}"
        except MissingEntry:
            return "none"


def stock(folder: Path, unit: str, hostile: Hostile) -> str:
    """Let nbgrader grade a course, shut in a container with limits of its own, and say what came of it."""
    box = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-pid", "--die-with-parent"]
    box += ["--size", str(DISK), "--tmpfs", "/tmp", "--bind", str(folder), "/tmp/given"]
    steps = f"""
        cp -r /tmp/given /tmp/course && cd /tmp/course && nbgrader generate_assignment {unit} --force && echo BEGIN
        timeout {PATIENCE} nbgrader autograde {unit}; echo STATUS $?; ps axo args; df --output=avail /tmp | tail -1
        cp gradebook.db /tmp/given && mkdir /tmp/given/autograded && cp -r autograded/. /tmp/given/autograded
        """
    with sandbox.control_group(Limits(processes=400)) as groups:
        done = subprocess.run(
            [*sandbox.join(groups), *box, "sh", "-c", steps],
            env={**os.environ, "PATH": PROGRAMS, "HOME": "/tmp", "JUPYTER_PLATFORM_DIRS": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    _, begun, said = done.stdout.partition("BEGIN\n")
    if not begun:
        raise SystemExit(done.stdout)
    said, _, after = said.partition("STATUS ")
    status = after.split()[0] if after else "1"
    graded = folder / "autograded" / hostile.name / unit / f"{unit}.ipynb"
    notes = [points(folder, unit, hostile.name)]
    if status == "124":
        notes.append(f"does not end in {PATIENCE // 60} minutes")
    elif status != "0":
        notes.append(f"fails with {len(said.splitlines())} lines of messages")
    if graded.exists() and "LEAK:" in graded.read_text(encoding="utf-8"):
        notes.append("it saw the hidden tests")
    if "chainrule-left-behind" in after:
        notes.append("its process lives on")
    if hostile.name == "network" and "ConnectionRefused" not in graded.read_text(encoding="utf-8"):
        notes.append("it was connected")
    if hostile.name == "disk" and graded.parent.joinpath("big").exists():
        notes.append(f"it filled the disk, {DISK // 1_000_000} MB here")
    return ", ".join(notes)


def ours(folder: Path, unit: str, hostile: Hostile) -> str:
    """Let the engine grade a course, and say what came of it."""
    code = "from chainrule_course.cli import main; main()"
    command = [sys.executable, "-c", code, "grade", unit, "--json", "report.json", "--require-isolation"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    (student,) = json.loads((folder / "report.json").read_text(encoding="utf-8"))["students"]
    told = [f"{one['cell']}: {one['message']}".removeprefix(": ") for one in student["troubles"]]
    notes = [points(folder, unit, hostile.name)]
    if told:
        notes.append(f"“{shorten(told[0])}”")
    return ", ".join(notes)


def shorten(line: str, most: int = 110) -> str:
    """Return a line that fits in a table."""
    line = line.replace("|", "\\|").replace("<", "&lt;")
    return line if len(line) <= most else f"{line[: most - 1]}…"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unit", default="01_training", help="the unit they are handed in to (default: 01_training)")
    parser.add_argument("--only", default="", metavar="NAMES", help="some of them, by name, with commas between")
    parser.add_argument("--to", type=Path, default=DOCS, metavar="FOLDER", help="where the page goes (default: docs)")
    options = parser.parse_args()
    wanted = set(filter(None, options.only.split(",")))
    if unknown := wanted - {one.name for one in HOSTILE}:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(one.name for one in HOSTILE)}")
    if wanted and options.to == DOCS:
        parser.error("--only is for a look and not for the docs: say where to write, with --to FOLDER")
    isolation, why = runner.isolation_here()
    if isolation != "full":
        raise SystemExit(f"This needs isolation: {why}.")
    unit = options.unit
    worth = demo.worth(ROOT, unit)
    own = Class(read_notebook(ROOT / "course" / unit / f"{unit}.ipynb"), read_exercises(ROOT, unit))
    listener = socket.create_server(("127.0.0.1", 0))  # what a submission may find on the teacher's machine
    rows = ["| it … | fair | `nbgrader autograde` | `chainrule grade` |", "|---|---|---|---|"]
    for hostile in HOSTILE:
        if wanted and hostile.name not in wanted:
            continue
        content = hostile.make(own).replace(b'127.0.0.1\\", 22', b'127.0.0.1\\", %d' % listener.getsockname()[1])
        with tempfile.TemporaryDirectory(prefix="chainrule-hostile-") as scratch:
            classroom(Path(scratch, "stock"), unit, hostile, content, STOCK)
            theirs = stock(Path(scratch, "stock"), unit, hostile)
            classroom(Path(scratch, "ours"), unit, hostile, content)
            own_marks = ours(Path(scratch, "ours"), unit, hostile)
            rows.append(f"| {hostile.does} | {hostile.fair(worth):g} | {theirs} | {own_marks} |")
        print(rows[-1], file=sys.stderr, flush=True)
    page = PAGE.format(
        unit=unit, most=sum(worth), date=date.today().isoformat(), version=version("nbgrader"), table="\n".join(rows)
    )
    (options.to / "hostile.md").write_text(page, encoding="utf-8")
    print(f"written: {options.to / 'hostile.md'}")


if __name__ == "__main__":
    main()
