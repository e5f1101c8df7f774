"""The report of an exercise: points for nbgrader, a table for the notebook, text for the terminal."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

MIME = "application/vnd.chainrule.report+json"
"""Media type under which a report stands in a notebook's output for other programs to read."""


@dataclass(frozen=True)
class Result:
    """What one check found."""

    label: str
    passed: bool
    problem: str = ""
    expected: str = ""
    got: str = ""
    mistake: str = ""
    says: str = ""
    unsolved: bool = False


class Report:
    """The outcome of all checks of one cell; its ``repr`` is the points earned.

    Parameters
    ----------
    names : sequence of str
        The functions checked.
    points : float
        What the cell is worth.
    results : sequence of Result
        One for each check.
    hidden : bool
        Whether these are the hidden checks.
    """

    def __init__(self, names: Sequence[str], points: float, results: Sequence[Result], hidden: bool = False) -> None:
        self.names, self.max_points, self.results, self.hidden = tuple(names), points, tuple(results), hidden

    @property
    def points(self) -> float:
        """Points earned: each check has an equal share."""
        share = sum(result.passed for result in self.results) / max(len(self.results), 1)
        return round(self.max_points * share, 2)

    @property
    def unsolved(self) -> bool:
        """Whether every check met the empty function the notebook came with."""
        return bool(self.results) and all(result.unsolved for result in self.results)

    @property
    def mistakes(self) -> dict[str, str]:
        """The mistakes found: key → what the student is told."""
        return {result.mistake: result.says for result in self.results if result.mistake}

    @property
    def title(self) -> str:
        """Name of the exercise and points, in one line."""
        kind = "hidden checks" if self.hidden else "checks"
        return f"{', '.join(self.names)} ({kind}): {self.points:g} of {self.max_points:g} points"

    def __repr__(self) -> str:
        return f"{self.points:g}"

    def __float__(self) -> float:
        return float(self.points)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": repr(self), "text/html": self.html, MIME: self.data}

    @property
    def data(self) -> dict[str, Any]:
        """The report as plain data, for JSON."""
        return {
            "exercise": self.names[0],
            "functions": list(self.names),
            "hidden": self.hidden,
            "points": self.points,
            "max_points": self.max_points,
            "unsolved": self.unsolved,
            "checks": [asdict(result) for result in self.results],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Report:
        """Make a report again from :attr:`data`."""
        results = [Result(**item) for item in data["checks"]]
        return cls(data["functions"], data["max_points"], results, data["hidden"])

    @property
    def text(self) -> str:
        """The report for a terminal."""
        if self.unsolved:
            return f"{self.title}\n  – not solved yet"
        lines = [self.title]
        for result in self.results:
            lines.append(f"  {'✓' if result.passed else '✗'} {result.label}")
            if not result.passed:
                lines.append(f"      {result.problem}")
                lines += [f"      {name:9}{_indent(value)}" for name, value in _details(result)]
        lines += [f"  → {says}" for says in self.mistakes.values()]
        return "\n".join(lines)

    @property
    def html(self) -> str:
        """The report for a notebook: one table, readable in light and dark themes and without color."""
        style = "border-left:4px solid {}; padding:2px 0 2px 12px; margin:4px 0"
        color = "#2e7d32" if self.points >= self.max_points else "#c77700" if self.points else "#8a8a8a"
        parts = [
            f'<div class="chainrule-report" style="{style.format(color)}">',
            f"<strong>{_escape(self.title)}</strong>",
        ]
        if self.unsolved:
            return "".join([*parts, "<div>Not solved yet.</div></div>"])
        for key, says in self.mistakes.items():
            parts.append(f'<div data-mistake="{_escape(key)}">➜ <strong>Likely mistake:</strong> {_escape(says)}</div>')
        parts.append('<table style="margin:4px 0">')
        for result in self.results:
            mark = '<span title="passed">✓</span>' if result.passed else '<span title="failed">✗</span>'
            cell = _escape(result.label)
            if not result.passed:
                cell += f"<br><em>{_escape(result.problem)}</em>"
                cell += "".join(
                    f'<div>{name}:</div><pre style="margin:0 0 0 1em; white-space:pre-wrap">{html.escape(value)}</pre>'
                    for name, value in _details(result)
                )
            left = "text-align:left; vertical-align:top"
            parts.append(f'<tr><td style="{left}">{mark}</td><td style="{left}">{cell}</td></tr>')
        return "".join([*parts, "</table></div>"])


def _details(result: Result) -> list[tuple[str, str]]:
    return [(name, value) for name, value in (("expected", result.expected), ("got", result.got)) if value]


def _indent(value: str) -> str:
    return value.replace("\n", "\n" + " " * 15)


def _escape(text: str) -> str:
    """Escape for HTML; text between backquotes becomes code."""
    pieces = html.escape(text).split("`")
    if len(pieces) % 2 == 0:  # an unpaired backquote stays one
        return html.escape(text)
    return "".join(f"<code>{piece}</code>" if i % 2 else piece for i, piece in enumerate(pieces))
