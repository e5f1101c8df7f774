"""Cells that are put off until a name is asked for that they may define: what nobody needs is never run."""

from __future__ import annotations

import builtins
import contextlib
import io
from typing import Any

from chainrule_course.grading.shell import Shell


class Later(dict[str, Any]):
    """Python's built-in names, and behind them those that cells define which were put off.

    A global name that is not there is looked up among the built-in ones. That is where this stands.

    Parameters
    ----------
    shell : Shell
        Where the cells run, if they must.
    """

    def __init__(self, shell: Shell) -> None:
        super().__init__(vars(builtins))
        self._shell, self._cells = shell, list[str]()

    def add(self, sources: list[str]) -> None:
        """Put cells off."""
        self._cells += sources
        self._shell.user_ns["__builtins__"] = self

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):  # IPython comes and goes with some, such as `display`
            return getattr(builtins, name)
        if not self._cells:
            raise KeyError(name)
        self._run()
        return self._shell.user_ns[name]

    def _run(self) -> None:
        """Run the cells in their order, unseen; names that were there keep their values."""
        cells, self._cells = self._cells, []
        scope, shell = self._shell.user_ns, self._shell
        before = {name: value for name, value in scope.items() if not name.startswith("_")}
        emit, shell.emit = shell.emit, lambda kind, content: None
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                for source in cells:
                    shell.run_cell(source, store_history=False)
        finally:
            shell.emit = emit
            scope.update(before)
