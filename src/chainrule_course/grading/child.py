"""The process of one notebook, forked from a zygote: runs the cells it is sent, and answers the tester's calls.

The same code serves the student's process and the tester's. What differs is what they are sent: the tester gets the
graded cells and the teacher's setup, the student's process all the rest.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import os
import random
import select
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from chainrule_course.grading import namespaces, tester, wire
from chainrule_course.grading.jobs import Limits
from chainrule_course.grading.later import Later
from chainrule_course.grading.shell import Shell, portable
from chainrule_course.grading.tampering import Watch

HOME = Path("/tmp/work")
"""Where a notebook runs that has a ``/tmp`` of its own."""


def main(shell: Shell, role: str, files: list[int], limits: Limits, home: Path = HOME) -> None:
    """Serve until the parent is gone.

    Parameters
    ----------
    shell : Shell
        Made before the fork.
    role : {"student", "tester"}
        What this process is.
    files : list of int
        Open files: the channel to the parent, the one between tester and student, standard output and error.
    limits : Limits
        For the tester: how long the student's function may take.
    home : path
        The empty folder to run in.
    """
    channel, calls = socket.socket(fileno=files[0]), socket.socket(fileno=files[1])
    os.dup2(files[2], 1)
    os.dup2(files[3], 2)
    os.closerange(max(files[:2]) + 1, 256)
    for number in set(range(3, max(files[:2]))) - set(files[:2]):
        with contextlib.suppress(OSError):
            os.close(number)
    sys.stdin = builtins.open(0, closefd=False)  # noqa: SIM115  (lives as long as the process)
    sys.stdout = builtins.open(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stderr = builtins.open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    random.seed()
    np.random.seed()  # noqa: NPY002  (a student's code may use it)
    _unpack(wire.receive(channel)["files"], home)
    if home == HOME:
        os.environ.update(HOME=str(home), TMPDIR="/tmp", MPLCONFIGDIR="/tmp/matplotlib")
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    if role == "student":  # who may import what lies beside the notebook
        sys.path.insert(0, "")

    def emit(kind: str, content: dict[str, Any]) -> None:
        sys.stdout.flush()
        namespaces.leave_if_copied()
        if len(str(content)) > 2 * limits.output and kind != "error":
            content = {"name": "stderr", "text": "(an output too large to be kept)\n"}
            kind = "stream"
        wire.send(channel, {"output": kind, "content": content})

    shell.emit = emit
    serve = _serve_tester if role == "tester" else _serve_student
    with contextlib.suppress(wire.GoneError):
        serve(shell, channel, calls, limits)


def _serve_student(shell: Shell, channel: socket.socket, calls: socket.socket, limits: Limits) -> None:
    watch = Watch(shell)
    later = Later(shell)
    while True:
        ready, _, _ = select.select([channel, calls], [], [])
        if channel in ready:
            message = wire.receive(channel)
            if "later" in message:
                later.add(message["later"])
                continue
            ended = _run(shell, message)
            if shell.out_of_processes:  # what hit the limit would hinder all cells to come
                namespaces.end_others()
            tampered = portable(watch.changed())
            wire.send(channel, {"done": ended, "count": shell.execution_count - 1, "tampered": tampered})
        elif calls in ready:
            try:
                with _interruptible():
                    tester.answer(calls, shell.user_ns)
            except KeyboardInterrupt:
                tester.answer_late(calls)
            except wire.GoneError:  # the tester has ended; cells may still come
                calls.close()
                calls = socket.socket()


def _serve_tester(shell: Shell, channel: socket.socket, calls: socket.socket, limits: Limits) -> None:
    def ask_parent(order: str) -> None:
        wire.send(channel, {"order": order})

    def spent() -> float:
        ask_parent("spent")
        return float(wire.receive(channel)["spent"])

    link = tester.Link(calls, ask_parent, spent, limits.timeout)
    while True:
        message = wire.receive(channel)
        link.begin()
        if "cell" in message:
            tester.bind(link, shell.user_ns, message["cell"])
        ended = _run(shell, message)
        if link.troubles:  # before the end of the cell is told: then the parent reads no more of it
            wire.send(channel, {"troubles": link.troubles})
        wire.send(channel, {"done": ended, "count": shell.execution_count - 1})


def _run(shell: Shell, message: dict[str, Any]) -> bool:
    """Run a cell and return whether it ran to its end."""
    ended = False
    with contextlib.suppress(KeyboardInterrupt), _interruptible():
        ended = shell.run(message["cell"])
    namespaces.leave_if_copied()
    return ended


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let an interrupt raise KeyboardInterrupt inside the block only."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _unpack(files: dict[str, str], home: Path) -> None:
    """Write the files that lie beside the notebook, and go there."""
    home.mkdir(exist_ok=True)
    for name, content in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(content))
    os.chdir(home)
