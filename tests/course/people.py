"""People who share a machine and an exchange: users of the system, each with a home that no other may enter."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from classroom import PATH
from material import ROOT


@dataclass
class Person:
    """Someone with a home; `name` is that of the system's user, if each person is one."""

    name: str
    home: Path
    is_user: bool
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        identity = f"--reuid={self.name}", f"--regid={self.name}", "--clear-groups"
        become = [*open_to_all(), "setpriv", *identity] if self.is_user else []
        return subprocess.run(
            [*become, *command],
            cwd=folder or self.home,
            env={**self.environment, "HOME": str(self.home), "USER": self.name, "LOGNAME": self.name},
            capture_output=True,
            text=True,
            check=False,
        )

    def nbgrader(self, *args: str | Path, folder: Path | None = None) -> str:
        """Run an nbgrader command, which must succeed; the name is told where the system doesn't know it."""
        told = () if self.is_user or args[0] not in ("submit", "fetch_feedback") else (f"--student={self.name}",)
        return self._must_succeed("nbgrader", *args, *told, folder=folder)

    def chainrule(self, *args: str | Path, folder: Path | None = None) -> str:
        """Run a chainrule command, which must succeed."""
        return self._must_succeed("chainrule", *args, folder=folder)

    def _must_succeed(self, program: str, *args: str | Path, folder: Path | None) -> str:
        done = self.run(Path(sys.executable).with_name(program), *args, folder=folder)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
        return done.stdout + done.stderr

    def owns(self, path: Path) -> None:
        """Make `path`, and all below it, this person's."""
        if self.is_user:
            subprocess.run(["chown", "-R", f"{self.name}:{self.name}", path], check=True)


def open_to_all() -> list[str]:
    """Return the words before a command with which Python and the checkout can be read by every user.

    They may lie in a folder that is root's alone, such as /root. In the command's own view of the machine, that folder
    holds nothing but them, and is open.
    """
    view: list[str | Path] = []
    for path in dict.fromkeys(map(Path, (sys.base_prefix, sys.prefix, ROOT))):
        inside = [folder for folder in reversed(path.parents) if folder != Path("/")]
        while inside and inside[0].stat().st_mode & 0o001:
            del inside[0]
        if inside:
            view += [] if inside[0] in view else ["--tmpfs", inside[0]]
            for folder in inside[1:]:
                view += ["--perms", "0755", "--dir", folder]
            view += ["--ro-bind", path, path]
    opened = "bwrap", "--die-with-parent", "--dev-bind", "/", "/", *map(str, view), "--cap-add", "ALL"
    return list(opened) if view else []


@contextlib.contextmanager
def people(*names: str, users: bool) -> Iterator[tuple[Path, dict[str, Person]]]:
    """Give a folder that everyone may enter, and in it a home for each name.

    With `users`, they are made users of the system, under names unlike those of people who are there already.
    """
    place = Path(tempfile.mkdtemp(prefix="chainrule-"))
    place.chmod(0o755)
    environment = {
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "PATH": PATH,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    found = {}
    try:
        for name in names:
            unique = f"{name}{os.getpid()}" if users else name
            home = place / "home" / unique
            if users:
                subprocess.run(["useradd", "--no-create-home", "--home-dir", home, "--user-group", unique], check=True)
            home.mkdir(parents=True, mode=0o700)
            found[name] = Person(unique, home, users, environment)
            found[name].owns(home)
        yield place, found
    finally:
        for person in found.values():
            if users:
                subprocess.run(["userdel", person.name], check=True)
        shutil.rmtree(place, ignore_errors=True)
