"""The exercises of a unit, read off its source: what students get, the answer, the checks, and the known mistakes."""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass
from pathlib import Path

from chainrule_course.notebooks import cell_name


@dataclass(frozen=True)
class Mistake:
    """A known mistake as a student would hand it in.

    Attributes
    ----------
    key : str
        Name of the function in the hidden cell that makes it.
    says : str
        The sentence that names it.
    source : str
        The answer cell of a student who makes it.
    """

    key: str
    says: str
    source: str


@dataclass(frozen=True)
class Exercise:
    """One exercise of a unit: the sources of its cells.

    Attributes
    ----------
    unit, name : str
        Where it is; the name is that of its answer cell.
    setup, solution, check, hidden : str
        The unit's setup cell, and the exercise's own cells.
    """

    unit: str
    name: str
    setup: str
    solution: str
    check: str
    hidden: str

    @property
    def id(self) -> str:
        """Unit and name."""
        return f"{self.unit}-{self.name}"

    @property
    def stub(self) -> str:
        """The empty answer cell that students get."""
        return re.sub(
            r"( *)### BEGIN SOLUTION.*?### END SOLUTION",
            r"\1# YOUR CODE HERE\n\1raise NotImplementedError()",
            self.solution,
            flags=re.DOTALL,
        )

    def mistakes(self) -> list[Mistake]:
        """Return the mistakes declared in the hidden cell, each as a cell that defines the function that way."""
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
            assert isinstance(plain, ast.FunctionDef)
            plain.decorator_list = []
            parts = [
                "import numpy as np",
                self.solution,
                *support,
                ast.unparse(plain),
                f"{of or self.name} = {plain.name}",
            ]
            mistakes.append(Mistake(plain.name, says, "\n\n".join(parts)))
        return mistakes


def read_exercises(root: Path, unit: str) -> list[Exercise]:
    """Return the exercises of a unit in order.

    Parameters
    ----------
    root : path
        The folder with ``source/``.
    unit : str
        Name of the unit.
    """
    from chainrule_course.build.source import read_source

    cells = {cell_name(cell): cell for cell in read_source(root / "source" / unit / f"{unit}.py").cells}
    return [
        Exercise(unit, name, *(cells[key].source for key in ("setup", name, f"{name}-check", f"{name}-hidden")))
        for name in cells
        if f"{name}-check" in cells
    ]


def other_answers(path: Path, name: str) -> dict[str, str]:
    """Return right answers written in other ways, from a file of them: title → source; none if there is no file."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    pieces = re.split(r"^# %% (\w+): (.+)$", text, flags=re.MULTILINE)[1:]
    return {
        title: source for of, title, source in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True) if of == name
    }


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
