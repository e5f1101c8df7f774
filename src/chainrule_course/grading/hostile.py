"""Submissions that break or cheat a grader: what each does, and what must come of it.

Each is made from a unit's own notebook, so it fits any unit. They are graded in the demonstration (``chainrule grade
--demo``) and, one by one, in the tests. Never run those with ``bomb`` outside the sandbox.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import nbformat

from chainrule_course.exercises import Exercise
from chainrule_course.grading import attacks
from chainrule_course.notebooks import Cell, Notebook, cell_name, grading, notebook_bytes

Points = Literal["all", "none", "not the first", "before the last"]
"""Of which exercises the points must be: every one, none, all but the first, all but the last, the first at least."""


@dataclass(frozen=True)
class Class:
    """What submissions to a unit are made of.

    Attributes
    ----------
    release : notebook
        What students got.
    exercises : list of Exercise
        Its exercises, with their answers.
    """

    release: Notebook
    exercises: list[Exercise]

    def answered(self, answers: dict[str, str] | None = None) -> Notebook:
        """Return the release with answers: name of the cell → source; by default the right ones."""
        notebook = copy.deepcopy(self.release)
        given = {one.name: one.solution for one in self.exercises} if answers is None else answers
        for cell in notebook.cells:
            if cell_name(cell) in given:
                cell.source = given[cell_name(cell)]
        return notebook


@dataclass(frozen=True)
class Hostile:
    """One hostile or broken submission.

    Attributes
    ----------
    name : str
        Short, fit for a student's name.
    does : str
        What it does.
    make : callable
        Makes the file that is handed in.
    points : str
        Of which exercises the points must come.
    kinds : tuple of str
        Of which one must be among the troubles that are told; empty if nothing need be told.
    bomb : bool
        Whether it harms a machine without a sandbox.
    """

    name: str
    does: str
    make: Callable[[Class], bytes]
    points: Points
    kinds: tuple[str, ...] = ()
    bomb: bool = False

    def fair(self, worth: list[float]) -> float:
        """Return the points that it should earn.

        Parameters
        ----------
        worth : list of float
            What each exercise is worth, in order.
        """
        kept = {"all": worth, "none": [], "not the first": worth[1:], "before the last": worth[:-1]}
        return float(sum(kept[self.points]))

    def fault(self, points: float, kinds: set[str], worth: list[float]) -> str:
        """Say in a line in what a result is not what it must be; empty if it is right.

        Parameters
        ----------
        points : float
            What was earned.
        kinds : set of str
            Kinds of the troubles that were told.
        worth : list of float
            What each exercise is worth, in order.
        """
        expected = self.fair(worth)
        if abs(points - expected) > 1e-9:
            return f"it earned {points:g} points, not {expected:g}"
        if self.kinds and not kinds & set(self.kinds):
            return f"it was not told: {' or '.join(self.kinds)} is not among {', '.join(sorted(kinds)) or 'nothing'}"
        return ""


def _file(notebook: Notebook) -> bytes:
    return notebook_bytes(notebook)


def _insert(notebook: Notebook, code: str, after: str = "setup") -> bytes:
    """Hand in the notebook with a cell of the student's own after the cell `after`."""
    place = next(number for number, cell in enumerate(notebook.cells) if cell_name(cell) == after) + 1
    cell = nbformat.v4.new_code_cell(code)
    cell.id = "mine"
    notebook.cells.insert(place, cell)
    return _file(notebook)


def _honest_with(code: str) -> Callable[[Class], bytes]:
    """Answer everything rightly, and run `code` after the first answer."""
    return lambda own: _insert(own.answered(), code, own.exercises[0].name)


def _unsolved_with(code: str) -> Callable[[Class], bytes]:
    """Answer nothing, and run `code` first."""
    return lambda own: _insert(own.answered({}), code)


def _instead(position: int, code: str) -> Callable[[Class], bytes]:
    """Answer everything rightly but one exercise, whose answer is `code`."""

    def make(own: Class) -> bytes:
        answers = {one.name: one.solution for one in own.exercises}
        answers[own.exercises[position].name] = code
        return _file(own.answered(answers))

    return make


def _every_answer(code: str) -> Callable[[Class], bytes]:
    """Define each function by `code`, in which NAME stands for its name."""
    return lambda own: _file(own.answered({one.name: code.replace("NAME", one.name) for one in own.exercises}))


def _edit(change: Callable[[list[Cell]], list[Cell]], answered: bool = True) -> Callable[[Class], bytes]:
    """Hand in the solved or the empty notebook with its cells changed."""

    def make(own: Class) -> bytes:
        notebook = own.answered(None if answered else {})
        notebook.cells = change(notebook.cells)
        return _file(notebook)

    return make


def _without_tests(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if not grading(cell).get("grade")]


def _tagged(cells: list[Cell]) -> list[Cell]:
    for cell in cells:
        cell.metadata["tags"] = ["skip-execution"]
    return cells


def _worth_more(cells: list[Cell]) -> list[Cell]:
    for cell in cells:
        if grading(cell).get("grade"):
            cell.metadata.nbgrader.points = 1000
    return cells


def _ungraded(cells: list[Cell]) -> list[Cell]:
    for cell in cells:
        if grading(cell).get("grade"):
            cell.metadata.nbgrader.update(grade=False, solution=True, locked=False)
            cell.source = ""
    return cells


def _doubled(cells: list[Cell]) -> list[Cell]:
    """Put a copy that passes before each graded cell."""
    doubled = []
    for cell in cells:
        if grading(cell).get("grade"):
            fake = copy.deepcopy(cell)
            fake.source, fake.id = "1", f"{cell.id}-fake"[-64:]
            doubled.append(fake)
        doubled.append(cell)
    return doubled


def _every_answer_warned(own: Class) -> bytes:
    """Answer rightly, by functions that warn: so the graded cells write to stderr."""
    answers = {one.name: one.solution + attacks.LOUD.replace("NAME", one.name) for one in own.exercises}
    return _file(own.answered(answers))


HOSTILE = (
    Hostile(
        "loop",
        "never ends",
        _instead(0, "while True:\n    pass"),
        "not the first",
        ("timeout",),
    ),
    Hostile(
        "exit",
        "ends Python with os._exit(0)",
        _instead(-1, "import os\nos._exit(0)"),
        "before the last",
        ("died",),
    ),
    Hostile(
        "flood",
        "prints 50 MB",
        _honest_with("for _ in range(50):\n    print('x' * 1_000_000)"),
        "all",
        ("flood",),
    ),
    Hostile("deleted", "all graded cells are deleted", _edit(_without_tests), "all", ("deleted",)),
    Hostile(
        "truncated",
        "the file is cut off",
        lambda own: _file(own.answered())[: len(_file(own.release)) // 2],
        "none",
        ("unreadable",),
    ),
    Hostile(
        "not-a-notebook",
        "the file is a text",
        lambda own: b"Dear teacher,",
        "none",
        ("unreadable",),
    ),
    Hostile(
        "encoding",
        "the file is UTF-16",
        lambda own: _file(own.answered()).decode().encode("utf-16"),
        "none",
        ("unreadable",),
    ),
    Hostile(
        "skipped",
        "all cells are tagged skip-execution",
        _edit(_tagged, False),
        "none",
        ("tags",),
    ),
    Hostile("points", "graded cells claim 1000 points", _edit(_worth_more, False), "none", ("changed",)),
    Hostile(
        "ungraded",
        "graded cells claim to be answers",
        _edit(_ungraded, False),
        "none",
        ("changed",),
    ),
    Hostile(
        "doubled",
        "a copy that passes before each graded cell",
        _edit(_doubled, False),
        "none",
        ("duplicate",),
    ),
    Hostile(
        "warning",
        "warns on stderr",
        _every_answer_warned,
        "all",
    ),
    Hostile("gradebook", "writes into gradebook.db", _unsolved_with(attacks.GRADEBOOK), "none"),
    Hostile("source", "runs the solutions from source/", _every_answer(attacks.SOURCE), "none"),
    Hostile("run-cell", "patches run_cell", _unsolved_with(attacks.RUN_CELL), "none", ("forged",)),
    Hostile(
        "input-hook",
        "rewrites graded cells as they come in",
        _unsolved_with(attacks.INPUT_HOOK),
        "none",
        ("forged",),
    ),
    Hostile(
        "allclose",
        "patches np.allclose and its like",
        _unsolved_with(attacks.ALLCLOSE),
        "none",
        ("forged",),
    ),
    Hostile(
        "ast-hook",
        "rewrites graded cells as they are compiled",
        _unsolved_with(attacks.AST_HOOK),
        "none",
        ("forged",),
    ),
    Hostile(
        "formatter", "shows every number as a word of praise", _unsolved_with(attacks.FORMATTER), "none", ("forged",)
    ),
    Hostile("forged", "sends results of its own", _unsolved_with(attacks.FORGED), "none", ("forged",)),
    Hostile("equal", "answers with an object equal to all", _every_answer(attacks.EQUAL), "none"),
    Hostile("frames", "looks for the hidden tests in frames and In", _every_answer(attacks.FRAMES), "none"),
    Hostile("spy", "listens to each cell before it runs", _unsolved_with(attacks.SPY), "none"),
    Hostile("daemon", "leaves a process behind", _honest_with(attacks.DAEMON), "all", bomb=True),
    Hostile(
        "memory",
        "takes all memory",
        _honest_with("hoard = []\nwhile True:\n    hoard.append(bytearray(50_000_000))"),
        "all",
        ("memory",),
        bomb=True,
    ),
    Hostile(
        "forks",
        "starts processes without end",
        _honest_with("import os\nwhile True:\n    os.fork()"),
        "all",
        ("raised", "timeout", "died", "processes"),
        bomb=True,
    ),
    Hostile(
        "threads",
        "starts threads without end",
        _honest_with(attacks.THREADS),
        "all",
        ("raised", "timeout", "died", "memory", "processes"),
        bomb=True,
    ),
    Hostile(
        "disk",
        "fills the disk",
        _honest_with(
            "with open('big', 'wb') as file:\n    for _ in range(100_000):\n        file.write(bytes(1_000_000))"
        ),
        "all",
        ("raised", "disk"),
        bomb=True,
    ),
    Hostile("network", "opens a connection", _honest_with(attacks.NETWORK), "all", ("raised",), bomb=True),
)
"""The collection, in the order of the documentation's table."""
