"""Take one notebook through its processes, cell by cell: the student's cells in one, the graded ones in the tester.

Partial results survive whatever happens: what has come back when a process ends is kept. A cell counts as run only if
the process in charge of it said so.
"""

from __future__ import annotations

import base64
import selectors
import socket
import time
from typing import Any

import nbformat

from chainrule_course.clock import BUSY, Clock
from chainrule_course.grading import wire
from chainrule_course.grading.jobs import Job, Trouble
from chainrule_course.grading.stock import forgive_warnings, not_run
from chainrule_course.grading.zygotes import Process, Zygote
from chainrule_course.notebooks import Cell, Notebook, cell_name
from chainrule_course.outputs import Outputs

GRACE = 1.0
"""Seconds a cell has to end after it was interrupted; then its process is killed."""

PATIENCE = 120.0
"""Seconds the tester has beyond what the student's function may take: it runs the teacher's own code."""

TESTER_FILES = ("diagnoses.json",)
"""What lies beside the notebook that the tester may see; other files may be the student's."""


class Session:
    """One notebook on its way through a zygote's processes.

    Parameters
    ----------
    zygote : Zygote
        Where its processes are forked.
    job : Job
        The notebook and its limits.
    """

    def __init__(self, zygote: Zygote, job: Job) -> None:
        self._zygote, self._job = zygote, job
        self._outputs = Outputs(job.limits.output)
        self._tester: Process | None = None
        self._ready = False  # whether the tester has run the setup
        self._put_off: list[str] = []  # cells that the student's process does not know yet
        students, testers = socket.socketpair()
        with students, testers:  # each end is its process's alone, which is then seen to end
            if job.tested:  # before the student's code runs, which may use up all processes there may be
                files = {name: job.files[name] for name in TESTER_FILES if name in job.files}
                self._tester = self._fork("tester", testers, files)
            self._student = self._fork("student", students, dict(job.files))
        self.troubles: list[Trouble] = []

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self._student, self._tester):
            if process:
                process.close()

    def run(self, notebook: Notebook) -> None:
        """Run all code cells of `notebook` and store their outputs in it."""
        for number, cell in enumerate(notebook.cells, 1):
            if cell.cell_type != "code":
                continue
            name = cell_name(cell) or f"cell {number}"
            self._outputs.begin(cell)
            if number - 1 in self._job.later:
                self._put_off.append(cell.source)
            elif cell_name(cell) in self._job.tested:
                self._run_tested(cell, name)
            elif cell.source.strip():
                self._hand_over()
                self._run(self._student, cell, name, self._job.limits.timeout)
            self._outputs.end()
            forgive_warnings(cell)

    def _fork(self, role: str, calls: socket.socket, files: dict[str, bytes]) -> Process:
        process = self._zygote.fork(role, calls)
        process.send({"files": {name: base64.b64encode(content).decode() for name, content in files.items()}})
        return process

    def _run_tested(self, cell: Cell, name: str) -> None:
        """Run a graded cell in the tester; before the first of them, the setup."""
        assert self._tester
        if not self._ready:
            self._ready = True
            scratch = nbformat.v4.new_code_cell(self._job.setup)
            self._outputs.begin(scratch)
            self._run(self._tester, scratch, "setup", PATIENCE)
            for output in scratch.outputs:
                if output.output_type == "error":
                    self._trouble("setup", "raised", f"the unit's setup raised {output.ename}: {output.evalue}")
            self._outputs.begin(cell)
        self._hand_over()
        self._run(self._tester, cell, name, self._job.limits.timeout * (BUSY + 1) + PATIENCE)

    def _hand_over(self) -> None:
        """Give the student's process the cells that were put off since the last time."""
        if self._put_off and self._student.alive:
            self._student.send({"later": self._put_off})
        self._put_off = []

    def _run(self, process: Process, cell: Cell, name: str, timeout: float) -> None:
        """Send a cell to a process and collect what comes, until it has ended."""
        if not process.alive:
            not_run(cell)
            return
        process.send({"cell": cell.source})
        clock, interrupted = Clock(timeout, process.spent), 0.0
        while process.alive:
            left = max(interrupted + GRACE - time.monotonic(), 0) if interrupted else clock.left()
            if left == 0 and not interrupted:
                process.interrupt()
                interrupted = time.monotonic()
                continue
            if left == 0:
                process.kill()
                process.alive = False
                self._trouble(name, "timeout", f"took longer than {timeout:g} s and could not be interrupted")
                not_run(cell, f"it took longer than {timeout:g} s")
                return
            done = self._collect(process, name, left)
            if done is None:
                continue
            if interrupted:
                self._trouble(name, "timeout", f"took longer than {timeout:g} s")
                not_run(cell, f"it took longer than {timeout:g} s")
            elif self._outputs.flooded:
                self._trouble(
                    name, "flood", f"writes more than {self._job.limits.output / 1e6:g} MB; the rest was dropped"
                )
            elif not done["done"] and process is self._student:
                error = next((output for output in cell.outputs if output.output_type == "error"), None)
                self._trouble(name, *_raised(error))
            if not done["done"]:
                not_run(cell, "it did not run to its end")
            cell.execution_count = done["count"]
            for what in done.get("tampered", ()):
                self._trouble(name, "forged", f"replaces {what}; marks don't depend on it")
            return
        not_run(cell, "the notebook ended here")

    def _collect(self, process: Process, name: str, timeout: float) -> dict[str, Any] | None:
        """Wait for something to come and take it in; return what `process` says at the end of its cell, else None."""
        with selectors.PollSelector() as selector:
            for one in (self._student, self._tester):
                if one and one.alive:
                    selector.register(one.channel, selectors.EVENT_READ, one)
                    for file in one.streams:
                        selector.register(file, selectors.EVENT_READ, one)
            found = [(key.data, key.fileobj) for key, _ in selector.select(timeout)]
        done = None
        for one, source in found:
            if isinstance(source, int):
                self._read_stream(one, source, shown=one is process)
        for one, source in found:
            if source is one.channel:
                done = self._read_messages(one, name, shown=one is process) or done
        return done

    def _read_stream(self, process: Process, file: int, shown: bool) -> bool:
        """Take in a piece of what a process prints and return whether there may be more."""
        text = process.read(file)
        if text and shown:
            self._outputs.add("stream", {"name": process.streams[file].name, "text": text})
        return bool(text)

    def _read_messages(self, process: Process, name: str, shown: bool) -> dict[str, Any] | None:
        try:
            piece = process.channel.recv(1 << 20)
        except OSError:
            piece = b""
        try:
            if not piece:
                process.alive = False
                return None
            for file in list(process.streams):  # what was printed before the message comes before it
                for _ in range(64):
                    if not self._read_stream(process, file, shown):
                        break
            done = None
            for message in process.messages.feed(piece):
                done = self._take(process, message, name, shown) or done
            return done
        except (wire.ForgedError, KeyError, TypeError, ValueError, AttributeError) as error:
            process.kill()
            process.alive = False
            self._trouble(name, "forged", f"the notebook's process sent what none of ours sends ({error})"[:300])
            return None

    def _take(self, process: Process, message: Any, name: str, shown: bool) -> dict[str, Any] | None:
        """Do what a message asks for; return it if it says that the cell has ended."""
        if "output" in message:
            if shown:
                self._outputs.add(str(message["output"]), _checked(message["content"]))
        elif "done" in message:
            done = {"done": message["done"] is True, "count": int(message["count"])}
            tampered = message.get("tampered") or []
            return {**done, "tampered": [str(what)[:200] for what in tampered[:20]]} if shown else None
        elif "ended" in message:
            process.alive = False
            if not process.killed:
                self._trouble(name, *_how_it_ended(int(message["ended"])))
        elif process is self._tester and "order" in message:
            if message["order"] == "spent":
                process.send({"spent": self._student.spent()})
            else:
                (self._student.kill if message["order"] == "kill" else self._student.interrupt)()
        elif process is self._tester and "troubles" in message:
            for kind, text in message["troubles"]:
                self._trouble(name, kind, text)
        else:
            raise wire.ForgedError("an unknown message")
        return None

    def _trouble(self, cell: str, kind: str, message: str) -> None:
        trouble = Trouble(cell, kind, message)
        if trouble not in self.troubles:
            self.troubles.append(trouble)


def _checked(content: Any) -> dict[str, Any]:
    """Return the content of an output if it has the form that notebooks allow, else raise ForgedError."""
    if not isinstance(content, dict):
        raise wire.ForgedError("an output that is none")
    for key, value in content.items():
        right = {
            "name": value in ("stdout", "stderr"),
            "traceback": isinstance(value, list) and all(isinstance(line, str) for line in value),
            "execution_count": type(value) is int,
            "wait": type(value) is bool,
            "data": isinstance(value, dict),
            "metadata": isinstance(value, dict),
            "transient": isinstance(value, dict),
        }.get(key, isinstance(value, str))
        if not right:
            raise wire.ForgedError(f"an output with an impossible {key}"[:100])
    return content


def _raised(error: Any) -> tuple[str, str]:
    """Return the kind of trouble and one line, for a student's cell that raised."""
    if error is None:
        return "raised", "did not run to its end"
    said = f"{error.ename}: {error.evalue}".strip().split("\n")[0][:200].removesuffix(":")
    return ("memory" if error.ename == "MemoryError" else "raised"), said


def _how_it_ended(code: int) -> tuple[str, str]:
    """Return the kind of trouble and one line, for a process that has ended by itself."""
    if code == -9:
        return "memory", "the notebook's Python was killed here: it used up the memory, or ended itself"
    if code < 0:
        return "died", f"the notebook's Python was ended by signal {-code} here"
    return "died", f"the notebook ended Python here (exit status {code}); what was earned before it counts"
