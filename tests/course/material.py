"""The units as test material: their exercises, the mistakes they name, and right answers written in other ways."""

from __future__ import annotations

import ast
import copy
from functools import cache
from pathlib import Path
from typing import Any

from chainrule_course import exercises as course_exercises
from chainrule_course.checks import Report
from chainrule_course.course_folder import find_units
from chainrule_course.exercises import Mistake, other_answers, read_exercises

__all__ = ["ANSWERS", "EXERCISES", "ROOT", "UNITS", "Exercise", "Mistake", "execute", "exercises"]

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = Path(__file__).with_name("answers")
UNITS = find_units(ROOT)


class Exercise(course_exercises.Exercise):
    """One exercise of a unit, which can be run without a notebook."""

    def run(self, answer: str | None = None) -> tuple[Report, Report]:
        """Run the visible and the hidden checks on an answer (by default the unit's solution), as a notebook would."""
        scope = copy.copy(_after_setup(self.setup))
        execute(self.solution if answer is None else answer, scope, "answer")
        return execute(self.check, scope, "check"), execute(self.hidden, scope, "hidden")

    def other_answers(self) -> dict[str, str]:
        """Right answers written in other ways: title → source."""
        return other_answers(ANSWERS / f"{self.unit}.py", self.name)


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


@cache
def exercises(unit: str) -> list[Exercise]:
    """Return the graded functions of a unit in order."""
    return [Exercise(**vars(exercise)) for exercise in read_exercises(ROOT, unit)]


EXERCISES = [exercise for unit in UNITS for exercise in exercises(unit)]
