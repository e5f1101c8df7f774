"""Shut a process into namespaces and limits of its own, with the calls that Python 3.11 lacks (Linux only).

``python -m chainrule_course.grading.namespaces`` tries whether this works.

A zygote lives in a sandbox already (see ``sandbox``). Each notebook gets namespaces within it, so that it finds no file
and no process of the notebook before it, and so that all it started ends with its first process.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
from pathlib import Path

from chainrule_course.grading.jobs import Limits

NEWNS, NEWIPC, NEWUSER, NEWPID = 0x00020000, 0x08000000, 0x10000000, 0x20000000
_RDONLY, _NOSUID, _NODEV, _BIND, _REC, _PRIVATE = 1, 2, 4, 0x1000, 0x4000, 1 << 18
_PDEATHSIG, _NO_NEW_PRIVS, _CAPBSET_DROP = 1, 38, 24
SHOWN = "CHAINRULE_SHOWN"
"""Environment variable: what of ``/tmp`` is to be seen by each notebook, as JSON."""

_first = 0
"""The process that a notebook's code runs in; what it forks of itself must not act in its place."""

_CAPSET = {"x86_64": 126, "aarch64": 91}

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *args: object) -> None:
    if getattr(_libc, name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(kind: str, target: str, flags: int, data: str) -> None:
    _call("mount", kind.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())


def separate(limits: Limits) -> None:
    """Leave for namespaces of one's own, with empty folders to write in; the next fork is the first process there."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", NEWUSER | NEWNS | NEWIPC | NEWPID)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _call("mount", b"none", b"/", None, ctypes.c_ulong(_REC | _PRIVATE), None)
    shown = {folder: os.open(folder, os.O_PATH) for folder in json.loads(os.environ.get(SHOWN, "[]"))}
    for folder in ("/tmp", "/dev/shm"):
        _mount("tmpfs", folder, _NOSUID | _NODEV, f"size={limits.disk}m,nr_inodes=20000,mode=0700")
    for folder, place in shown.items():  # such as an environment below /tmp, with what is hidden in it
        Path(folder).mkdir(parents=True, exist_ok=True)
        _call("mount", f"/proc/self/fd/{place}".encode(), folder.encode(), None, ctypes.c_ulong(_BIND | _REC), None)
        os.close(place)


def settle(limits: Limits, expendable: bool) -> None:
    """Be the first process of the namespaces: hide those outside, drop all privileges, set the limits.

    An expendable process is the one to end where memory runs short.
    """
    begin(limits, expendable)
    _mount("tmpfs", "/proc", _RDONLY | _NOSUID | _NODEV, "size=0")
    for number in range(64):
        _libc.prctl(_CAPBSET_DROP, number, 0, 0, 0)
    _call("prctl", _NO_NEW_PRIVS, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this process
    _call("syscall", _CAPSET[os.uname().machine], header, (ctypes.c_uint32 * 6)())
    resource.setrlimit(resource.RLIMIT_NPROC, (limits.processes, limits.processes))  # of this user here: the notebook


def begin(limits: Limits, expendable: bool) -> None:
    """Be the first process of a notebook, with the limits that need no namespaces."""
    global _first
    _first = os.getpid()
    os.setsid()
    if expendable:
        Path("/proc/self/oom_score_adj").write_text("1000")
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    megabyte = 1 << 20
    for kind, most in (
        (resource.RLIMIT_AS, size + limits.memory * megabyte),
        (resource.RLIMIT_FSIZE, limits.disk * megabyte),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def end_with_parent() -> None:
    """Be killed when the process ends that has forked this one: without namespaces nothing else would."""
    _call("prctl", _PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def leave_if_copied() -> None:
    """End a copy that a notebook has forked of its process, before it acts in that process' place."""
    if os.getpid() != _first:
        os._exit(0)


def end_others() -> None:
    """End all other processes of the notebook, where it has namespaces of its own."""
    if _first != 1 or os.getpid() != 1:
        return  # here they would be everybody's
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:  # the dead count until they are waited for
            os.waitpid(-1, 0)


if __name__ == "__main__":
    separate(Limits())
    process = os.fork()
    if process == 0:
        settle(Limits(), expendable=True)
        os._exit(0)
    raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
