"""Find the part of a unit that explains an exercise: the text that leads to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chainrule_course.notebooks import Cell, cell_name, grading
from chainrule_course.reports.prose import headings


@dataclass(frozen=True)
class Section:
    """What leads to an exercise: the heading it stands under, and the text since then or since the last exercise."""

    title: str
    text: str


def sections(cells: Iterable[Cell]) -> dict[str, Section]:
    """Return for the first cell of each exercise, by name, the section that explains it.

    Parameters
    ----------
    cells : iterable of Cell
        The notebook as students got it.
    """
    found: dict[str, Section] = {}
    title, text = "", list[str]()
    for cell in cells:
        if cell.cell_type == "markdown" and not grading(cell):
            marks = headings(cell.source)
            if any(level <= 2 for level, _ in marks):
                title, text = next(words for level, words in reversed(marks) if level <= 2), []
            text.append(cell.source)
        elif grading(cell) and text:
            found[cell_name(cell)] = Section(title, "\n\n".join(text))
            text = []
    return found
