"""Find out what this machine lacks for the course, by trying it, and say how to get it."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement
from packaging.version import Version

from chainrule_course.errors import UserError

State = Literal["good", "limited", "missing"]
Purpose = Literal["learn", "teach"]

NEEDED_DISK = 2 * 10**9
"""Bytes that should be free where temporary files go: every notebook that is graded gets a folder there."""

NAMESPACES = {"user": "users", "pid": "processes", "net": "network"}
"""The namespaces that keep a student's program apart, beside that of files, as bubblewrap calls them."""


@dataclass(frozen=True)
class Finding:
    """What one look at the machine showed.

    Attributes
    ----------
    name : str
        What was looked at.
    purpose : {"learn", "teach"}
        Who needs it.
    state : {"good", "limited", "missing"}
        It is right; things work without it, but less well; something does not work until it is there.
    says : str
        What was found.
    advice : str
        How to mend it; empty if it is good.
    """

    name: str
    purpose: Purpose
    state: State
    says: str
    advice: str = ""


def examine(purpose: Purpose | None = None) -> Iterator[Finding]:
    """Yield what each look shows, one after the other; together they take a few seconds.

    Parameters
    ----------
    purpose : {"learn", "teach"}, optional
        Look only at what one of them needs. If neither is named, what only grading needs may be missing.
    """
    if purpose != "teach":
        yield _python()
        yield _packages("lab", "learn", "missing")
        yield _kernel()
        yield _fonts()
        yield _disk()
    if purpose != "learn":
        otherwise: State = "missing" if purpose else "limited"
        yield _packages("grade", "teach", otherwise)
        yield _alembic(otherwise)
        yield _isolation()
        yield _process_limit()


# To learn -------------------------------------------------------------------------------------------------------------


def _python() -> Finding:
    says = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    least = Version((importlib.metadata.metadata("chainrule")["Requires-Python"] or "").removeprefix(">="))
    if Version(platform.python_version()) < least:
        return Finding("Python", "learn", "missing", says, f"Install Python {least} or newer, and Chainrule for it.")
    return Finding("Python", "learn", "good", says)


def _packages(extra: str, purpose: Purpose, otherwise: State) -> Finding:
    """Look for the packages of an extra, and for those that everything needs."""
    wanted = [Requirement(line) for line in importlib.metadata.requires("chainrule") or []]
    names, lacking = [], []
    for requirement in wanted:
        own = requirement.marker is not None and "extra" in str(requirement.marker)
        if requirement.name == "chainrule" or not (own or purpose == "learn"):
            continue
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        if own:
            names.append(requirement.name)
        try:
            there = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            lacking.append(f"{requirement.name} is not installed")
        else:
            if not requirement.specifier.contains(there, prereleases=True):
                lacking.append(f"{requirement.name} is {there}, not {requirement.specifier}")
    title = {"lab": "packages to learn with", "grade": "packages to grade with"}[extra]
    if lacking:
        return Finding(title, purpose, otherwise, "; ".join(lacking), f'pip install "chainrule[{extra}]"')
    return Finding(title, purpose, "good", ", ".join(sorted(names)))


def _kernel() -> Finding:
    """Start a kernel, let it count, and see whether JupyterLab would start the same one."""
    import nbformat

    from chainrule_course.kernel import Kernel

    name, cell = "a notebook's kernel", nbformat.v4.new_code_cell("print(6 * 7)")
    try:
        with Kernel(Path(tempfile.gettempdir())) as kernel:
            trouble = kernel.run(cell, 30)
    except UserError as error:
        return Finding(name, "learn", "missing", error.problem, error.advice)
    said = "".join(output.get("text", "") for output in cell.outputs).strip()
    if trouble or said != "42":
        says = trouble.message if trouble else f"6 * 7 gives {said!r} in it"
        return Finding(name, "learn", "missing", f"{says}.", 'Try: pip install --force-reinstall "chainrule[lab]"')
    offered = _offered_python()
    if offered and not _same_python(offered):
        says = f"JupyterLab starts another Python, {offered}, which may know nothing of Chainrule."
        return Finding(name, "learn", "limited", says, f"{sys.executable} -m ipykernel install --sys-prefix")
    return Finding(name, "learn", "good", "starts, and runs a cell")


def _offered_python() -> str:
    """Return the program behind JupyterLab's kernel `python3`; empty if there is none."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        return str(KernelSpecManager().get_kernel_spec("python3").argv[0])
    except NoSuchKernel:
        return ""


def _same_python(program: str) -> bool:
    found = shutil.which(program)
    return found is not None and Path(found).parent.samefile(Path(sys.executable).parent)


def _fonts() -> Finding:
    """Look for the figures' own typeface, and for one with Chinese, Japanese and Korean."""
    from matplotlib import font_manager

    known = set(font_manager.get_font_names())
    if "DejaVu Sans" not in known:
        says = "DejaVu Sans, the typeface of the figures, is not there."
        return Finding("fonts", "learn", "limited", says, 'pip install --force-reinstall "matplotlib"')
    if not any(" CJK " in font for font in known):
        says = "No typeface with Chinese, Japanese and Korean: such labels in your own figures show as boxes."
        get = _get(apt="fonts-noto-cjk", dnf="google-noto-sans-cjk-fonts", brew="font-noto-sans-cjk")
        return Finding("fonts", "learn", "limited", says, get or "Install the Noto Sans CJK fonts.")
    return Finding("fonts", "learn", "good", "DejaVu Sans, and one with Chinese, Japanese and Korean")


def _disk() -> Finding:
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    says = f"{free / 1e9:.1f} GB free in {folder}"
    if free < NEEDED_DISK:
        advice = f"Free {NEEDED_DISK / 1e9:.0f} GB there, or name another folder in the variable TMPDIR."
        return Finding("room for temporary files", "learn", "limited", f"Only {says}.", advice)
    return Finding("room for temporary files", "learn", "good", says)


# To teach -------------------------------------------------------------------------------------------------------------


def _alembic(otherwise: State) -> Finding:
    """Look for the program that nbgrader calls to bring an older gradebook up to date."""
    found = shutil.which("alembic")
    if found:
        return Finding("alembic", "teach", "good", found)
    here = Path(sys.executable).parent
    advice = f"Put {here} on PATH." if shutil.which("alembic", path=str(here)) else 'pip install "chainrule[grade]"'
    return Finding("alembic", "teach", otherwise, "nbgrader calls this program, and it is not on PATH.", advice)


def _isolation() -> Finding:
    """Start a program under bubblewrap, apart from everything that a student's program should be apart from."""
    name = "isolation of students' programs"
    if platform.system() != "Linux":
        says = f"There is no bubblewrap for {platform.system()}: students' programs run as you do."
        where = " (Windows: in WSL, the Linux inside Windows)" if platform.system() == "Windows" else ""
        return Finding(name, "teach", "limited", says, f"Grade on Linux, in a virtual machine or a container{where}.")
    if not shutil.which("bwrap"):
        says = "bubblewrap, which keeps students' programs apart, is not installed."
        get = _get(apt="bubblewrap", dnf="bubblewrap", pacman="bubblewrap", zypper="bubblewrap", apk="bubblewrap")
        return Finding(name, "teach", "limited", says, get or "Install the package bubblewrap.")
    if not _refused(*NAMESPACES):
        from chainrule_course.grading import sandbox

        trouble = sandbox.works([])
        if trouble:
            return Finding(name, "teach", "limited", f"{trouble}.", _why_refused())
        return Finding(name, "teach", "good", "bubblewrap works: own files, users, processes and network")
    refused = [what for kind, what in NAMESPACES.items() if _refused(kind)]
    says = f"bubblewrap is there, but this system refuses it {', '.join(refused) or 'files'} of its own."
    return Finding(name, "teach", "limited", says, _why_refused())


def _refused(*namespaces: str) -> bool:
    """Whether bubblewrap fails to start a program in new namespaces of these kinds, and one of files."""
    command = ["bwrap", "--ro-bind", "/", "/", *[f"--unshare-{kind}" for kind in namespaces], "true"]
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode != 0
    except (OSError, subprocess.TimeoutExpired):
        return True


SWITCHES = {
    "user/max_user_namespaces": ("0", "sudo sysctl user.max_user_namespaces=10000"),
    "kernel/unprivileged_userns_clone": ("0", "sudo sysctl kernel.unprivileged_userns_clone=1"),
    "kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap",
    ),
}
"""Where Linux says that it refuses namespaces: file under /proc/sys → the value that does, and what changes it."""


def _why_refused(switches: Path = Path("/proc/sys")) -> str:
    for name, (value, command) in SWITCHES.items():
        path = switches / name
        if path.is_file() and path.read_text().strip() == value:
            return f"It is switched off here: {command}."
    return "In a container, start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined."


def _process_limit() -> Finding:
    """Make a control group, which bounds a program that starts others without end; or find one around us."""
    from chainrule_course.grading import sandbox
    from chainrule_course.grading.jobs import Limits

    name = "a limit on processes"
    if platform.system() != "Linux":
        return Finding(
            name, "teach", "limited", f"There are no control groups on {platform.system()}.", "Grade on Linux."
        )
    with sandbox.control_group(Limits()) as members:
        files = [path.with_name("pids.max") for path in members]
        if any(path.is_file() and path.read_text().strip().isdecimal() for path in files):
            return Finding(name, "teach", "good", "a control group for each notebook")
    around = _pids_max(Path("/sys/fs/cgroup"))
    if around:
        return Finding(name, "teach", "good", f"{around} together, by the control group we are in")
    says = "No control group bounds how many processes a student's program starts; time and memory are bounded."
    advice = "systemd-run --user --scope -p TasksMax=2000 chainrule grade …, or docker run --pids-limit 2000 …"
    return Finding(name, "teach", "limited", says, advice)


def _pids_max(root: Path, groups: Path = Path("/proc/self/cgroup")) -> str:
    """Return the lowest limit of this process's control group and those around it; empty if there is none."""
    if not groups.is_file():
        return ""
    limits = []
    for line in groups.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "pids" not in controllers.split(","):
            continue
        folder = (root / "pids" if controllers else root) / path.strip("/")
        while folder != root.parent:
            if (folder / "pids.max").is_file():
                limits.append((folder / "pids.max").read_text().strip())
            folder = folder.parent
    return min((limit for limit in limits if limit.isdecimal()), key=int, default="")


# How to get what is missing -------------------------------------------------------------------------------------------

MANAGERS = {
    "apt": "sudo apt-get install",
    "dnf": "sudo dnf install",
    "pacman": "sudo pacman -S",
    "zypper": "sudo zypper install",
    "apk": "sudo apk add",
    "brew": "brew install",
}


def _get(**packages: str) -> str:
    """Return the command by which this system installs a package, given its name for each package manager."""
    for manager, package in packages.items():
        if shutil.which(manager):
            return f"{MANAGERS[manager]} {package}"
    return ""
