"""A process that has imported all that notebooks need, and forks for each notebook: ``python -m …grading.zygote``.

It runs inside the sandbox and holds no secret: neither notebooks nor answers nor marks ever reach it. What it gets, on
its standard input, are orders to fork, each with the sockets and pipes of the new process. Where there is no sandbox it
forks as well, and each notebook gets a folder and limits, but the rights of whoever grades.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import signal
import socket
import tempfile
from pathlib import Path

from chainrule_course.grading import child, namespaces, wire
from chainrule_course.grading.jobs import Limits
from chainrule_course.grading.shell import Shell, make_shell

READY = b"ready"


def main() -> None:
    """Warm up, say so, and fork on every order, until the parent is gone."""
    orders = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    shell = warm_up()
    gc.collect()
    gc.freeze()  # so that a child's garbage collection does not copy these pages
    gc.set_threshold(20_000)  # figures make many objects; to look for garbage every 700 of them costs 3 %
    orders.sendall(READY)
    while True:
        order, files, _, _ = socket.recv_fds(orders, 65536, 8)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not order:
            return
        if os.fork() == 0:
            orders.close()
            with contextlib.suppress(BaseException):
                _keep(shell, json.loads(order), files)
            os._exit(0)
        for file in files:
            os.close(file)


def _keep(shell: Shell, order: dict[str, object], files: list[int]) -> None:
    """Go into new namespaces, if they can be had, fork the notebook's process, and tell how it ended."""
    os.setsid()
    channel = socket.socket(fileno=files[0])
    limits, expendable = Limits(**order["limits"]), order["role"] == "student"  # type: ignore[arg-type]
    home = child.HOME if order["boxed"] else Path(tempfile.mkdtemp(prefix="chainrule-grade-"))
    try:
        if order["boxed"]:
            namespaces.separate(limits)
        else:
            namespaces.end_with_parent()
    except OSError as error:
        channel.sendall(b"!")
        wire.send(channel, {"failed": str(error)})
        return
    gate, opened = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(opened)
        os.read(gate, 1)  # until the parent holds our pidfd
        os.close(gate)
        code = 1
        try:
            if order["boxed"]:
                namespaces.settle(limits, expendable)
            else:
                namespaces.end_with_parent()
                namespaces.begin(limits, expendable)
            child.main(shell, str(order["role"]), files, limits, home)
            code = 0
        finally:
            os._exit(code)
    for file in files[1:]:
        os.close(file)
    socket.send_fds(channel, [b"+"], [os.pidfd_open(process)])
    os.close(opened)
    _, status = os.waitpid(process, 0)
    if not order["boxed"]:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)  # what it started and left in its group
        shutil.rmtree(home, ignore_errors=True)
    with contextlib.suppress(wire.GoneError):
        wire.send(channel, {"ended": os.waitstatus_to_exitcode(status)})
    channel.shutdown(socket.SHUT_WR)


def warm_up() -> Shell:
    """Import what notebooks import, and draw once, so that fonts and caches are there."""
    for cache in Path(os.environ.get("CHAINRULE_FONTS", "/nowhere")).glob("fontlist-*.json"):
        Path("/tmp/matplotlib").mkdir(exist_ok=True)
        shutil.copy(cache, "/tmp/matplotlib")
    shell = make_shell()
    import matplotlib.pyplot as plt
    import sympy

    import chainrule
    import chainrule_course.checks  # noqa: F401
    from chainrule import plotting

    for name in chainrule.__all__:
        with contextlib.suppress(AttributeError):
            getattr(chainrule, name)
    for name in (
        "chainrule.symbolic",
        "chainrule.search",
        "ipywidgets",
        "networkx",
        "rich.console",
    ):
        with contextlib.suppress(ImportError):
            __import__(name)
    w = sympy.Symbol("w")
    sympy.lambdify(w, sympy.diff(sympy.exp(w) * w**2, w))(1.0)
    plt.close(plt.figure())  # IPython learns to show figures
    history = {"loss": [10.0**exponent for exponent in range(-6, 2)]}
    plotting.render(plotting.plot_history(history, log=True), "warm up")
    plt.close("all")
    return shell


if __name__ == "__main__":
    main()
