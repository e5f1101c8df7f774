"""The box a zygote lives in: bubblewrap's namespaces with nothing to see but Python, and a control group.

Inside there are the interpreter, its packages, the library and the checks, all read-only; no home folder, no course
folder, no network. Where the machine lets us, a control group bounds processes and memory of all that runs in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from chainrule_course.grading import namespaces
from chainrule_course.grading.jobs import Limits

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/ld.so.cache", "/etc/fonts")
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_KEPT = ("LANG", "LC_ALL", "TZ", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "LD_LIBRARY_PATH")

ZYGOTE = [sys.executable, "-m", "chainrule_course.grading.zygote"]
TRIAL = [sys.executable, "-m", "chainrule_course.grading.namespaces"]


def can_fork() -> bool:
    """Return whether this machine can fork notebooks' processes and tell how they ended (Linux 5.3)."""
    return sys.platform.startswith("linux") and hasattr(os, "pidfd_open")


def missing() -> str:
    """Return why this machine offers no sandbox, in one line; empty if it seems to."""
    if not sys.platform.startswith("linux"):
        return f"the sandbox needs Linux, this is {sys.platform}"
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (Debian and Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap)"
    if not can_fork():
        return "this Linux kernel is too old (pidfd_open is missing)"
    return ""


def command(hidden: list[Path], inside: list[str] = ZYGOTE) -> list[str]:
    """Return the command line that starts a zygote in its box, or what is given as `inside`.

    Parameters
    ----------
    hidden : list of path
        Folders that must not be seen inside even where they lie within what is shown: the course.
    """
    line = [str(shutil.which("bwrap")), "--unshare-all", "--new-session", "--uid", "1000", "--gid", "1000"]
    line += ["--clearenv", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    shown = _shown()
    for path in shown:
        line += ["--ro-bind-try", path, path]
    for folder in hidden:
        within = [path for path in shown if Path(path).is_relative_to(folder)]  # such as an environment in the course
        if any(folder.is_relative_to(path) for path in shown):
            line += ["--tmpfs", str(folder)]
            for path in within:
                line += ["--ro-bind", path, path]
    under_tmp = [path for path in shown if Path(path).is_relative_to("/tmp")]
    fonts = _font_cache()
    if fonts:
        line += ["--ro-bind", fonts, "/run/fonts"]
    for name, value in {**_environment(), namespaces.SHOWN: json.dumps(under_tmp)}.items():
        line += ["--setenv", name, value]
    return [*line, "--remount-ro", "/", "--chdir", "/tmp", "--", *inside]


def _shown() -> list[str]:
    """Return the paths that are seen inside: the system's libraries, this Python, and what it imports."""
    here = Path(__file__).resolve()
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(Path(os.path.realpath(sys.executable)).parents[1])}
    packages = {str(here.parents[1]), str(here.parents[2] / "chainrule")}
    installed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), site.getusersitepackages()}
    given = {path for path in os.environ.get("LD_LIBRARY_PATH", "").split(":") if path.startswith("/")}
    paths = sorted(path for path in {*prefixes, *packages, *installed, *given} if path and Path(path).exists())
    return [path for path in (*_SYSTEM, *paths) if path != "/"]


def _font_cache() -> str:
    """Return the folder in which matplotlib keeps its list of fonts, which takes seconds to make; empty if none."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for folder in (Path(os.environ.get("MPLCONFIGDIR") or "/nowhere"), caches / "matplotlib"):
        if any(folder.glob("fontlist-*.json")):
            return str(folder)
    return ""


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        "LANG": "C.UTF-8",
        **kept,
        **dict.fromkeys(_THREADS, "1"),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "CHAINRULE_FONTS": "/run/fonts",
        "IPYTHONDIR": "/tmp/ipython",
        "HOME": "/tmp",
        "COLUMNS": "80",
        "LINES": "24",
    }


def unboxed_environment() -> dict[str, str]:
    """Return the environment of a zygote without a box: the user's own, with what makes a run the same everywhere."""
    own = _environment()
    same = ("PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH", "MPLBACKEND", "COLUMNS", "LINES", *_THREADS)
    paths = os.pathsep.join(filter(None, (own["PYTHONPATH"], os.environ.get("PYTHONPATH"))))
    return {**os.environ, **{name: own[name] for name in same}, "PYTHONPATH": paths}


@contextlib.contextmanager
def control_group(limits: Limits) -> Iterator[list[Path]]:
    """Make a control group, if this machine lets us, and yield the files to which a process writes its pid to join it.

    Without one, the limits of each single process still hold.
    """
    made: list[Path] = []
    name = f"chainrule-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    for base, settings in _groups(limits):
        for left in base.glob("chainrule-*-*"):  # of a grader that was killed
            if not Path("/proc", left.name.split("-")[1]).exists():
                with contextlib.suppress(OSError):
                    left.rmdir()
        folder = base / name
        try:
            folder.mkdir()
            made.append(folder)
            for file, value in settings.items():
                (folder / file).write_text(str(value))
        except OSError:
            continue
    try:
        yield [folder / "cgroup.procs" for folder in made]
    finally:
        for folder in made:
            _remove(folder)


def _groups(limits: Limits) -> list[tuple[Path, dict[str, int]]]:
    """Return the places for control groups, and what to write there: version 1 and version 2."""
    root = Path("/sys/fs/cgroup")
    processes, memory = limits.processes + 8, (limits.memory + limits.disk + 512) << 20
    if (root / "pids").is_dir():
        return [
            (root / "pids", {"pids.max": processes}),
            (root / "memory", {"memory.limit_in_bytes": memory}),
        ]
    with contextlib.suppress(OSError, IndexError):
        own = Path("/proc/self/cgroup").read_text().split("::", 1)[1].split("\n")[0]
        return [(root / own.lstrip("/"), {"pids.max": processes, "memory.max": memory, "memory.swap.max": 0})]
    return []


def _remove(folder: Path) -> None:
    """Remove a control group once its last process is gone."""
    for _ in range(50):
        try:
            folder.rmdir()
            return
        except OSError:
            time.sleep(0.02)


def join(groups: list[Path]) -> list[str]:
    """Return the beginning of a command line that joins the control groups before it goes on."""
    if not groups:
        return []
    script = "".join(f"echo $$ > '{group}'; " for group in groups)
    return ["/bin/sh", "-c", f'{script}exec "$@"', "sh"]


def works(hidden: list[Path]) -> str:
    """Try the box, and namespaces within it, and return why they don't work, in one line; empty if they do."""
    try:
        done = subprocess.run(command(hidden, TRIAL), capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run here ({error})"
    said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return f"bubblewrap can't make namespaces here ({said})" if done.returncode else ""
