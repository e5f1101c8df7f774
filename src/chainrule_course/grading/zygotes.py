"""Start zygotes in their boxes, keep them, and have them fork: the parent's side of ``zygote``."""

from __future__ import annotations

import atexit
import codecs
import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from chainrule_course.clock import processor_seconds
from chainrule_course.grading import sandbox, wire, zygote
from chainrule_course.grading.jobs import Limits

START = 60.0
"""Seconds a zygote has to import everything."""

SEND = 10.0
"""Seconds a process has to take a message, or to end."""


class ZygoteError(RuntimeError):
    """A zygote does not start or does not fork; says why in one line."""


class Stream:
    """One of the two streams a process prints to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")


class Process:
    """A process forked for a notebook, as the parent sees it.

    Attributes
    ----------
    channel : socket
        Messages to it and from it.
    streams : dict of int to Stream
        Its standard output and error, by file descriptor.
    alive : bool
        Whether it can still be sent anything.
    killed : bool
        Whether it was ended from here.
    """

    def __init__(self, channel: socket.socket, streams: dict[int, str], pidfd: int) -> None:
        self.channel, self._pidfd = channel, pidfd
        self._number = _number(pidfd)
        self.streams = {file: Stream(name) for file, name in streams.items()}
        self.messages = wire.Stream()
        self.alive, self.killed = True, False
        channel.settimeout(SEND)

    def send(self, message: object) -> None:
        """Send a message; if nobody is there any more, so be it: that shows when the answer is read."""
        with contextlib.suppress(wire.GoneError):
            wire.send(self.channel, message)

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in it."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End it, and with it all that it has started."""
        self.killed = True
        self._signal(signal.SIGKILL)

    def spent(self) -> float:
        """Return the processor seconds it has used, its threads and ended children included; 0 if it has ended."""
        return processor_seconds(self._number)

    def read(self, file: int) -> str:
        """Return a piece of what was printed; empty if there is nothing now."""
        try:
            piece = os.read(file, 1 << 16)
        except BlockingIOError:
            return ""
        if not piece:  # closed at the other end
            os.close(file)
            del self.streams[file]
            return ""
        return self.streams[file].decoder.decode(piece)

    def close(self) -> None:
        """End it and let go of all that belongs to it."""
        self.kill()
        self.alive = False
        with contextlib.suppress(OSError):
            while self.channel.recv(1 << 20):  # until its keeper has seen it end: then nothing of it is left
                pass
        self.channel.close()
        for file in (*self.streams, self._pidfd):
            os.close(file)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, number)


def _number(pidfd: int) -> int:
    """Return the number that the process has behind `pidfd`; -1 if it has ended."""
    lines = Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))


class Zygote:
    """A warmed-up process, in a box of its own if that can be had, for one notebook at a time.

    Parameters
    ----------
    limits : Limits
        For all that runs in the box together.
    hidden : list of path or None
        Folders that must not be seen inside; None for no box.

    Raises
    ------
    ZygoteError
        If it does not start.
    """

    def __init__(self, limits: Limits, hidden: list[Path] | None) -> None:
        self.limits, self.hidden = limits, hidden
        self._stack = contextlib.ExitStack()
        groups = self._stack.enter_context(sandbox.control_group(limits))
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._orders = self._stack.enter_context(contextlib.closing(ours))
        with theirs:
            self._process = subprocess.Popen(
                [*sandbox.join(groups), *(sandbox.ZYGOTE if hidden is None else sandbox.command(hidden))],
                env=sandbox.unboxed_environment() if hidden is None else None,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the parent
            )
        self._stack.callback(self._end)
        ours.settimeout(START)
        try:
            said = ours.recv(64)
        except TimeoutError:
            said = b""
        if said != zygote.READY:
            self._process.kill()
            assert self._process.stderr
            lines = self._process.stderr.read().decode(errors="replace").strip().splitlines()
            self.close()
            raise ZygoteError(lines[-1][:300] if lines else f"it took longer than {START:g} s to start")
        ours.settimeout(None)

    def fork(self, role: str, calls: socket.socket) -> Process:
        """Have a new process forked.

        Parameters
        ----------
        role : {"student", "tester"}
            What it is.
        calls : socket
            Its end of the connection between tester and student.

        Raises
        ------
        ZygoteError
            If it can't be had.
        """
        ours, theirs = socket.socketpair()
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()
        order = json.dumps({"role": role, "limits": asdict(self.limits), "boxed": self.hidden is not None}).encode()
        try:
            socket.send_fds(self._orders, [order], [theirs.fileno(), calls.fileno(), out_end, err_end])
        except OSError as error:
            raise ZygoteError("the zygote has ended") from error
        finally:
            theirs.close()
            os.close(out_end)
            os.close(err_end)
        ours.settimeout(START)
        try:
            mark, files, _, _ = socket.recv_fds(ours, 1, 1)
            why = "" if mark == b"+" else (wire.receive(ours, START)["failed"] if mark else "the zygote could not fork")
        except (OSError, wire.GoneError) as error:
            mark, why = b"", str(error)
        if mark != b"+":
            for file in (out, err):
                os.close(file)
            ours.close()
            raise ZygoteError(str(why))
        for file in (out, err):
            os.set_blocking(file, False)
        return Process(ours, {out: "stdout", err: "stderr"}, files[0])

    def close(self) -> None:
        """End it and all that it forked."""
        self._stack.close()

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stderr
        self._process.stderr.close()


class Pool:
    """Zygotes that wait for work; each serves one notebook at a time."""

    def __init__(self) -> None:
        self._idle: list[Zygote] = []
        self._lock = threading.Lock()
        atexit.register(self.close)

    @contextlib.contextmanager
    def zygote(self, limits: Limits, hidden: list[Path] | None) -> Iterator[Zygote]:
        """Lend a zygote for the block; one that failed in it is not lent again."""
        with self._lock:
            found = next((one for one in self._idle if (one.limits, one.hidden) == (limits, hidden)), None)
            if found:
                self._idle.remove(found)
        lent = found or Zygote(limits, hidden)
        try:
            yield lent
        except BaseException:
            lent.close()
            raise
        with self._lock:
            self._idle.append(lent)

    def close(self) -> None:
        """End all that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        for one in idle:
            one.close()
