"""A toy course: small units that build in a second or two, with all that a real unit has."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# a picture of one pixel
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def cell(name: str, source: str, points: float | None = None, solution: bool = False, **metadata: object) -> str:
    """One cell of a source; with `points` a graded one, with `solution` one for the student's answer."""
    if points is None and not solution:
        given = "".join(f" {key}={json.dumps(value)}" for key, value in metadata.items())
        return f'# %% name="{name}"{given}\n{source.strip()}\n\n'
    grading = {
        "grade": points is not None,
        "grade_id": name,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
        **({} if points is None else {"points": points}),
        **metadata,
    }
    return f"# %% nbgrader={json.dumps(grading)}\n{source.strip()}\n\n"


HEADER = """\
# ---
# jupyter:
#   title: A toy
#   syllabus:
#     minutes: 5
#     needs: Numbers.
#     gives: You can double them.
# ---

"""

TITLE = (
    HEADER
    + """\
# %% [markdown] name="title"
# # A toy
# Write `double`.
#
# **Where this lives in Keras and PyTorch.**
#
# | here | Keras | PyTorch |
# |---|---|---|
# | `double` | `keras.ops.add(x, x)` | `x.add(x)` |

"""
)

SETUP = cell("setup", "from chainrule_course.checks import Checks\n\nprint('ready')")

ANSWER = cell(
    "double",
    '''
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
''',
    solution=True,
)

VISIBLE = cell(
    "double-check",
    'check = Checks("double", points=1)\ncheck.equal("of three", 3, expected=6)\ncheck.report()',
    points=1,
)

HIDDEN = cell(
    "double-hidden",
    """
# Your teacher checks double here.
### BEGIN HIDDEN TESTS
check = Checks("double", points=2, hidden=True)
check.reference(lambda x: x + x)


@check.mistake("This is the square.")
def squared(x):
    return x**2


check.equal("of a secret number", 8128)
check.equal("of minus one", -1)
check.report()
### END HIDDEN TESTS
""",
    points=2,
)

PICTURE = cell("picture", "from IPython.display import Image\n\nImage('dot.png')")

TOY = TITLE + SETUP + ANSWER + VISIBLE + HIDDEN + PICTURE


ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Ran:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


class Course:
    """A course folder to work on, and the command `chainrule` run in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, unit: str = "01_toy", text: str = TOY) -> Path:
        """Write the source of a unit and return its path."""
        path = self.root / "source" / unit / f"{unit}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        (path.parent / "dot.png").write_bytes(PNG)
        return path

    def files(self) -> dict[str, bytes]:
        """Every file of the course but the sources' own: path → content."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and path.suffix != ".py"
        }

    def run(self, *args: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``chainrule …`` as a process of its own and return what it printed and its status."""
        return subprocess.run(
            command(*args),
            cwd=cwd or self.root,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def command(*args: str) -> list[str]:
    """The command line of ``chainrule`` for this Python."""
    return [sys.executable, "-c", "from chainrule_course.cli import main; main()", *args]


COMPUTE = """
import time
def compute(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
    return "done"
"""
"""The function `compute` keeps a processor busy for so many seconds."""


@contextlib.contextmanager
def crowded() -> Iterator[None]:
    """Have one processor for this process and all it starts, and another one at work on it."""
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(mine)})
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        other.kill()
        other.wait()
        os.sched_setaffinity(0, mine)
