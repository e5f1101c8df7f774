"""The units as test material: their exercises, the mistakes they name, and right answers written in other ways."""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chainrule_course.build.source import read_source
from chainrule_course.checks import Report
from chainrule_course.course_folder import find_units
from chainrule_course.notebooks import cell_name

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = Path(__file__).with_name("answers")
UNITS = find_units(ROOT)


@dataclass(frozen=True)
class Mistake:
    """A known mistake as a student would hand it in."""

    key: str
    says: str
    source: str


@dataclass(frozen=True)
class Exercise:
    """One exercise of a unit: the sources of its cells."""

    unit: str
    name: str
    setup: str
    solution: str
    check: str
    hidden: str

    @property
    def id(self) -> str:
        return f"{self.unit}-{self.name}"

    def run(self, answer: str | None = None) -> tuple[Report, Report]:
        """Run the visible and the hidden checks on an answer (by default the unit's solution), as a notebook would."""
        scope = copy.copy(_after_setup(self.setup))
        execute(self.solution if answer is None else answer, scope, "answer")
        return execute(self.check, scope, "check"), execute(self.hidden, scope, "hidden")

    @property
    def stub(self) -> str:
        """The empty solution cell that students get."""
        return re.sub(
            r"( *)### BEGIN SOLUTION.*?### END SOLUTION",
            r"\1# YOUR CODE HERE\n\1raise NotImplementedError()",
            self.solution,
            flags=re.DOTALL,
        )

    def mistakes(self) -> list[Mistake]:
        """The mistakes declared in the hidden cell, each as a cell that defines the function that way."""
        body = ast.parse(self.hidden).body
        found, support = [], []
        for node in body:
            declared = _declaration(node)
            if declared is not None:
                found.append((node, *declared))
            elif isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom) or _is_plain_assignment(node):
                support.append(ast.unparse(node))
        mistakes = []
        for node, says, of in found:
            plain = copy.deepcopy(node)
            plain.decorator_list = []
            parts = [
                "import numpy as np",
                self.solution,
                *support,
                ast.unparse(plain),
                f"{of or self.name} = {node.name}",
            ]
            mistakes.append(Mistake(node.name, says, "\n\n".join(parts)))
        return mistakes

    def other_answers(self) -> dict[str, str]:
        """Right answers written in other ways: title → source."""
        path = ANSWERS / f"{self.unit}.py"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        pieces = re.split(r"^# %% (\w+): (.+)$", text, flags=re.MULTILINE)[1:]
        return {
            title: source
            for name, title, source in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True)
            if name == self.name
        }


def execute(source: str, scope: dict[str, Any], name: str) -> Any:
    """Run a cell and return the value of its last expression, as a notebook does."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, f"<{name}>", "exec"), scope)
    return eval(compile(ast.Expression(last.value), f"<{name}>", "eval"), scope) if last else None


@cache
def _after_setup(setup: str) -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": "__main__"}
    execute(setup, scope, "setup")
    return scope


def _declaration(node: ast.stmt) -> tuple[str, str | None] | None:
    """Return (says, of) if `node` is a function decorated with ``@check.mistake``."""
    if not isinstance(node, ast.FunctionDef):
        return None
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "check.mistake":
            of = next((ast.literal_eval(k.value) for k in decorator.keywords if k.arg == "of"), None)
            return ast.literal_eval(decorator.args[0]), of
    return None


def _is_plain_assignment(node: ast.stmt) -> bool:
    """Whether `node` assigns something that does not come from the checks or from a generator's state."""
    return isinstance(node, ast.Assign) and "Checks(" not in ast.unparse(node) and "rng" not in ast.unparse(node)


@cache
def exercises(unit: str) -> list[Exercise]:
    """Return the graded functions of a unit in order."""
    cells = {cell_name(cell): cell for cell in read_source(ROOT / "source" / unit / f"{unit}.py").cells}
    return [
        Exercise(unit, name, *(cells[key].source for key in ("setup", name, f"{name}-check", f"{name}-hidden")))
        for name in cells
        if f"{name}-check" in cells
    ]


EXERCISES = [exercise for unit in UNITS for exercise in exercises(unit)]
