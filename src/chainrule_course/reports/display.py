"""Show the outputs of a cell: text, tables, formulas, pictures; made safe, and without the hidden tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from chainrule_course.checks.report import MIME
from chainrule_course.notebooks import Cell
from chainrule_course.reports.autograded import Hidden
from chainrule_course.reports.prose import prose
from chainrule_course.reports.sanitize import TEXT_LIMIT, picture, plain, safe_html

PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
WITHHELD = Markup('<p class="note">An output is not shown here: it repeats the teacher’s hidden tests.</p>')


def shown(cell: Cell, hidden: Hidden, traceback: bool = True) -> list[Markup]:
    """Return the outputs of a cell as safe HTML, without reports.

    Parameters
    ----------
    cell : Cell
        A code cell.
    hidden : Hidden
        What must not be shown.
    traceback : bool
        Whether to show where an error arose; the traceback of a test would show its code.
    """
    return [html for output in cell.get("outputs", []) if (html := _shown(output, hidden, traceback))]


def figures(cell: Cell, hidden: Hidden) -> list[Markup]:
    """Return the pictures among the outputs of a cell."""
    return [html for html in shown(cell, hidden) if "<img " in html]


def _shown(output: Any, hidden: Hidden, traceback: bool) -> Markup | None:
    if output.output_type == "stream":
        return _text(_join(output.text), hidden)
    if output.output_type == "error":
        last = f"{output.ename}: {output.evalue}" if output.evalue else str(output.ename)
        lines = _join(output.get("traceback", []), "\n") if traceback else ""
        return _text(lines or last, hidden)
    data = output.get("data", {})
    if MIME in data:
        return None
    if hidden.is_in("\n".join(_join(value) for kind, value in data.items() if kind not in PICTURES[1:])):
        return WITHHELD
    words = plain(_join(data.get("text/plain", ""))).strip()
    for kind in PICTURES:
        if kind in data and (image := picture(kind, data[kind], _description(words))):
            return Markup("<div>{}</div>").format(image)
    for kind, render in (("text/html", safe_html), ("text/markdown", prose), ("text/latex", prose)):
        text = _join(data.get(kind, ""))
        if text.strip() and len(text) <= (TEXT_LIMIT if kind != "text/html" else 50 * TEXT_LIMIT):
            html = render(text)
            return Markup("<div>{}</div>").format(html) if html.strip() else None
    return _text(words, hidden)


def _text(text: str, hidden: Hidden) -> Markup | None:
    if hidden.is_in(text):
        return WITHHELD
    return Markup("<pre>{}</pre>").format(plain(text).strip("\n")) if text.strip() else None


def _description(words: str) -> str:
    """Return a figure's description; `<Figure size …>` describes nothing."""
    return words if words and not words.startswith("<") else "A figure of your run, without a description"


def _join(value: Any, between: str = "") -> str:
    return between.join(map(str, value)) if isinstance(value, list) else str(value)


def each_error(cells: list[Cell]) -> Iterator[tuple[int, Cell, str]]:
    """Give the cells that raised, counted from 1, each with its error in one line."""
    for number, cell in enumerate(cells, 1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield number, cell, plain(f"{output.ename}: {output.evalue}").split("\n")[0][:300]
                break
