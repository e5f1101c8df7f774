"""Run the cells of a notebook one after another in a fresh kernel of this Python.

Whatever a cell does — raise, loop without end, print without end, end Python itself — the caller gets control back and
keeps the outputs so far. No kernel outlives its ``with`` block.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty
from types import MappingProxyType
from typing import Any, Literal

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

from chainrule_course.clock import Clock, processor_seconds
from chainrule_course.errors import UserError
from chainrule_course.notebooks import Cell, cell_name
from chainrule_course.outputs import OUTPUT_LIMIT, Outputs

GRACE = 3.0
"""Seconds a cell has to end after it was interrupted; then the kernel is killed. Also the wait for lost messages."""

_BOUND = """
def bound(limit):
    import sys
    from IPython import get_ipython

    def begin(info):
        for stream in (sys.stdout, sys.stderr):
            def write(text, room=[limit], write=stream.write):
                kept = text if len(text) <= room[0] else text[: room[0]]
                room[0] -= len(kept)
                return write(kept) if kept else len(text)

            stream.write = write

    get_ipython().events.register("pre_run_cell", begin)
"""
"""Run in the kernel: drops what a cell prints beyond the limit where it is printed, since IPython keeps all of it."""

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Trouble:
    """Why a cell did not end as it should.

    Attributes
    ----------
    kind : {"raised", "timeout", "died", "flood"}
        It raised; it took too long; the kernel is gone; it wrote more than is kept.
    message : str
        One line.
    line : int or None
        The line of the cell that was running, where a traceback tells.
    traceback : str
        The traceback as plain text; empty where there is none.
    """

    kind: Literal["raised", "timeout", "died", "flood"]
    message: str
    line: int | None = None
    traceback: str = ""


class Kernel:
    """A Python kernel in a process of its own, started on entering the ``with`` block and gone on leaving it.

    Parameters
    ----------
    folder : path
        Where it runs.
    variables : mapping of str to str
        Environment variables that it gets besides those of this process.

    Attributes
    ----------
    alive : bool
        Whether another cell can run.

    Raises
    ------
    UserError
        On entering, if ipykernel is not installed or does not start.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str] = MappingProxyType({})) -> None:
        self.folder, self.variables = folder, variables
        self.alive = False
        self._names: dict[int, str] = {}  # execution count → name of the cell, for tracebacks
        self._outputs = Outputs()

    def __enter__(self) -> Kernel:
        try:
            import ipykernel  # noqa: F401
        except ImportError as error:
            raise UserError(
                "Running a notebook needs ipykernel, which is not installed.",
                'Install it with: pip install "chainrule[lab]".',
            ) from error
        self._scratch = tempfile.TemporaryDirectory(prefix="chainrule-kernel-", ignore_cleanup_errors=True)
        self._manager = KernelManager(
            kernel_spec_manager=_ThisPython(), connection_file=str(Path(self._scratch.name, "connection.json"))
        )
        self._client = self._manager.blocking_client()
        log = Path(self._scratch.name, "stderr")
        try:
            with log.open("wb") as stderr:
                self._manager.start_kernel(
                    cwd=str(self.folder), env=self._environment(), stdout=subprocess.DEVNULL, stderr=stderr
                )
            self._client = self._manager.blocking_client()
            self._client.start_channels()
            self._client.wait_for_ready(timeout=60)
            bound = f"{_BOUND}\nbound({OUTPUT_LIMIT})"
            self._client.execute(f"exec({bound!r}, {{}})", silent=True, reply=True, timeout=60)
        except Exception as error:
            said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
            self._end()
            raise UserError(
                f"The Python kernel does not start: {plain_text(said[-1]) if said else error}",
                f"If `{sys.executable} -m ipykernel --version` fails too, install ipykernel again.",
            ) from error
        except BaseException:
            self._end()
            raise
        self.alive = True
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        self.alive = False
        try:
            if self._manager.has_kernel:
                self._manager.shutdown_kernel(now=True)
        finally:
            self._client.stop_channels()
            self._manager.cleanup_resources()
            self._scratch.cleanup()

    def _environment(self) -> dict[str, str]:
        """Return what makes a run the same for every user: no start-up files of theirs, fixed hashes and widths."""
        return {
            **{name: value for name, value in os.environ.items() if name != "PYTHONSTARTUP"},
            "PYTHONHASHSEED": "0",
            "IPYTHONDIR": self._scratch.name,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "COLUMNS": "80",
            "LINES": "24",
            **self.variables,
        }

    def run(self, cell: Cell, timeout: float) -> Trouble | None:
        """Execute a code cell, store its outputs in it, and return what went wrong, if anything."""
        self._outputs.begin(cell)
        if not cell.source.strip():
            return None
        request = self._client.execute(cell.source, allow_stdin=False, stop_on_error=False)
        trouble = self._collect(cell, request, timeout)
        self._outputs.end()
        raised = next((output for output in cell.outputs if output.output_type == "error"), None)
        if raised is None or (trouble and trouble.kind != "timeout"):
            return trouble
        trace = self._traceback(raised)
        line = _line_in(trace, self._names.get(cell.execution_count, ""))
        if trouble:
            return replace(trouble, line=line, traceback=trace)
        said = re.sub(r" \(\d+\.py, line \d+\)$", "", plain_text(raised.evalue).strip().split("\n")[0][:300])
        return Trouble("raised", f"{raised.ename}: {said}" if said else raised.ename, line, trace)

    def _collect(self, cell: Cell, request: str, timeout: float) -> Trouble | None:
        """Store what the kernel sends until the cell ends, or is made to; return why it did not end by itself."""
        kernel = getattr(self._manager.provisioner, "pid", None)
        clock, late = Clock(timeout, lambda: processor_seconds(kernel)), 0.0
        replied: float | None = None
        while True:
            try:
                message = self._client.iopub_channel.get_msg(timeout=0.2)
            except Empty:
                if not self._manager.is_alive():
                    self.alive = False
                    return Trouble("died", "the Python kernel died here: the cell ended Python, or used up the memory")
                # under a flood of output the kernel drops messages, even the one that says it has finished
                replied = replied or self._replied(request)
                if replied and time.monotonic() > replied + GRACE:
                    break
            else:
                if message["parent_header"].get("msg_id") == request:
                    content = message["content"]
                    if message["msg_type"] == "status" and content["execution_state"] == "idle":
                        break
                    if message["msg_type"] == "execute_input":
                        cell.execution_count = content["execution_count"]
                        self._names[cell.execution_count] = cell_name(cell) or f"[{cell.execution_count}]"
                    self._outputs.add(message["msg_type"], content)
            if (time.monotonic() > late + GRACE if late else clock.left() == 0) and not replied:
                if late and self._replied(request):
                    break
                if late:
                    self.alive = False
                    self._manager.shutdown_kernel(now=True)
                    return Trouble("timeout", f"took longer than {timeout:g} s and could not be interrupted")
                self._manager.interrupt_kernel()
                late = time.monotonic()
        if late:
            return Trouble("timeout", f"took longer than {timeout:g} s")
        if self._outputs.flooded:
            return Trouble("flood", f"writes more than {OUTPUT_LIMIT / 1_000_000:g} MB of output")
        return None

    def _replied(self, request: str) -> float | None:
        """Return now if the kernel has answered `request`, else None."""
        while True:
            try:
                reply = self._client.shell_channel.get_msg(timeout=0)
            except Empty:
                return None
            if reply["parent_header"].get("msg_id") == request:
                return time.monotonic()

    def _traceback(self, raised: Any) -> str:
        """Return a traceback as plain text in which cells have their names."""
        text = plain_text("\n".join(raised.traceback))
        text = re.sub(r"Cell In\[(\d+)\]", lambda found: f"cell {self._names.get(int(found[1]), found[1])}", text)
        return re.sub(r"\n{2,}", "\n", text).strip("\n")


class _ThisPython(KernelSpecManager):
    """Knows one kernel: this very Python, whatever kernels the user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        plain = ["--InteractiveShell.xmode=Plain", "--InteractiveShell.colors=nocolor"]
        return KernelSpec(
            argv=[*command, *plain, "--HistoryManager.enabled=False"], display_name="Python 3", language="python"
        )


def plain_text(text: str) -> str:
    """Return `text` without colors and other control characters."""
    return _CONTROL.sub("", text)


def _line_in(trace: str, name: str) -> int | None:
    """Return the line of the cell `name` that a traceback points to."""
    found = re.search(rf"^\s*cell {re.escape(name)}, line (\d+)", trace, re.MULTILINE)
    return int(found[1]) if found else None
