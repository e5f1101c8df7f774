"""Collect the outputs of one cell as they come: join streams, apply updates and clearing, keep a bounded amount."""

from __future__ import annotations

import re
from typing import Any

import nbformat

from chainrule_course.notebooks import Cell

OUTPUT_LIMIT = 2_000_000
"""Characters of output kept of one cell; the rest is dropped as it comes."""

_PARTS = {
    "stream": ("name", "text"),
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
    "error": ("ename", "evalue", "traceback"),
}
"""What an output has, by its type."""

_JSON = re.compile(r"application/(.*\+)?json")
"""Media types whose content is not text."""


class Outputs:
    """The outputs of the cells of one notebook, in the words of Jupyter's messages.

    Parameters
    ----------
    limit : int
        Characters kept of one cell.

    Attributes
    ----------
    flooded : bool
        Whether the cell wrote as much as is kept, or more.
    """

    def __init__(self, limit: int = OUTPUT_LIMIT) -> None:
        self._limit = limit
        self._cell: Cell = None
        self._room = 0
        self._shown: dict[str, list[Any]] = {}  # display id → the outputs that an update changes
        self._clear = False  # whether the next output replaces those before it

    def begin(self, cell: Cell) -> None:
        """Collect for `cell` from now on."""
        cell.outputs, cell.execution_count = [], None
        self._cell, self._room, self._clear = cell, self._limit, False

    def end(self) -> None:
        """Bring the streams of the cell into the form in which a terminal shows them."""
        for output in self._cell.outputs:
            if output.output_type == "stream":
                output.text = _without_overwritten(output.text)

    @property
    def flooded(self) -> bool:
        """Whether the cell wrote as much as is kept, or more."""
        return self._room <= 0

    def add(self, kind: str, content: dict[str, Any]) -> None:
        """Do what a message asks for: add an output, join it to the last one, change one, or clear them.

        Parameters
        ----------
        kind : str
            The type of a message of Jupyter's IOPub channel; others than those of outputs are ignored.
        content : dict
            Its content.
        """
        if kind == "clear_output":
            self._clear = bool(content.get("wait"))
            if not self._clear:
                self._cell.outputs = []
            return
        if kind not in _PARTS and kind != "update_display_data":
            return
        size = _size(content)
        if kind == "stream":  # of a long text the beginning is kept
            content = {**content, "text": content["text"][: max(self._room, 0)]}
        self._room -= size
        if self._room < 0 and (kind != "stream" or not content["text"]) and kind != "error":
            return
        if kind == "update_display_data":
            for output in self._shown.get(str(content.get("transient", {}).get("display_id")), []):
                changed = _output("display_data", content)
                output.data, output.metadata = changed.data, changed.metadata
            return
        output = _output(kind, content)
        if self._clear:
            self._cell.outputs, self._clear = [], False
        last = self._cell.outputs[-1] if self._cell.outputs else None
        if kind == "stream" and last is not None and last.get("name") == output.name:
            last.text += output.text
            return
        self._cell.outputs.append(output)
        shown = (content.get("transient") or {}).get("display_id")
        if shown:
            self._shown.setdefault(str(shown), []).append(output)


def _output(kind: str, content: dict[str, Any]) -> Any:
    """Make an output as nbformat does, without validating each: that took half of our time for a notebook."""
    parts = {name: content[name] for name in _PARTS[kind]}
    if "data" in parts:
        parts["data"] = {
            name: value if _fits(value) or _JSON.fullmatch(name) else str(value)
            for name, value in parts["data"].items()
        }
    return nbformat.from_dict({"output_type": kind, **parts})


def _fits(value: object) -> bool:
    """Whether a notebook may hold this as text."""
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(line, str) for line in value))


def _size(content: dict[str, Any]) -> int:
    """Return about how many characters a message adds to a cell's outputs."""
    return len(content.get("text", "")) + sum(len(str(item)) for item in content.get("data", {}).values())


def _without_overwritten(text: str) -> str:
    """Return `text` as a terminal shows it after carriage returns, as of a progress bar."""
    if "\r" not in text:
        return text
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))
