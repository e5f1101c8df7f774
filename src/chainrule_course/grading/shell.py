"""IPython without a kernel around it: runs cells and hands what they show to a function."""

from __future__ import annotations

import base64
import contextlib
import errno
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

Emit = Callable[[str, dict[str, Any]], None]
"""Called with the type and the content of each output, in the words of Jupyter's IOPub messages."""


class _Publisher(DisplayPublisher):
    def publish(
        self, data: Any, metadata: Any = None, *_: Any, transient: Any = None, update: bool = False, **__: Any
    ) -> None:
        kind = "update_display_data" if update else "display_data"
        content = {"data": portable(data), "metadata": portable(metadata or {}), "transient": portable(transient or {})}
        self.shell.emit(kind, content)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.emit("clear_output", {"wait": bool(wait)})


class _Hook(DisplayHook):
    shell: Shell

    def write_output_prompt(self) -> None:
        """Show no prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        content = {"data": portable(format_dict), "metadata": portable(md_dict or {})}
        self.shell.emit("execute_result", {**content, "execution_count": self.shell.execution_count})

    def log_output(self, format_dict: Any) -> None:
        """Keep no log."""

    def finish_displayhook(self) -> None:
        """Print nothing after the result."""
        self._is_active = False


class Shell(InteractiveShell):
    """IPython as in a notebook, but for the kernel.

    Attributes
    ----------
    emit : callable
        See :data:`Emit`.
    out_of_processes : bool
        Whether the last cell was refused another process or thread.
    """

    out_of_processes = False

    emit: Emit = staticmethod(lambda kind, content: None)

    def run(self, source: str) -> bool:
        """Run a cell, as a notebook does, and return whether it ended without an exception."""
        self.out_of_processes = False
        try:
            result = self.run_cell(source, store_history=True)
            error = result.error_in_exec
            self.out_of_processes = getattr(error, "errno", None) == errno.EAGAIN or "new thread" in str(error)
            return bool(result.success)
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(Exception):
                    stream.flush()

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        name = getattr(etype, "__name__", str(etype))
        try:
            said = str(evalue)
        except Exception:
            said = "(its message can't be shown)"
        lines = [str(line) for line in stb][-200:]
        self.emit("error", {"ename": name, "evalue": said[:10_000], "traceback": [line[:10_000] for line in lines]})

    def enable_gui(self, gui: Any = None) -> None:
        """There is no window; ``%matplotlib inline`` needs none."""

    def ask_exit(self) -> None:
        """``exit`` in a cell ends nothing, as in a notebook that is graded."""

    @contextlib.contextmanager
    def _tee(self, channel: Any) -> Iterator[None]:
        yield  # IPython would keep all that a cell prints


def make_shell() -> Shell:
    """Make the shell: no history on disk, no colors, tracebacks in plain words."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    shell: Shell = Shell.instance(
        config=config, display_pub_class=_Publisher, displayhook_class=_Hook, user_module=None, ipython_dir="/tmp"
    )
    return shell


def portable(value: Any) -> Any:
    """Return `value` as plain JSON: bytes in base64, what is not JSON as text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {str(key): portable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [portable(item) for item in value]
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return str(value)
    return value
