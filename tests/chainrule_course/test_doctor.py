"""The doctor finds what is missing: each thing is taken away, or broken, on purpose."""

import importlib.metadata
import json
import platform
import shutil
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from chainrule_course import cli, doctor
from chainrule_course.doctor import Finding, examine


def program(folder: Path, name: str, script: str) -> None:
    """Put a program on a PATH of our own."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch) -> Path:
    """The only folder of PATH, empty at first."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def run(capsys, monkeypatch):
    """Run ``chainrule doctor …`` on findings of our own; return its status and what it printed."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def run(*args: str, findings: list[Finding] | None = None) -> tuple[int, str]:
        if findings is not None:
            monkeypatch.setattr(doctor, "examine", lambda purpose: iter(findings))
        with pytest.raises(SystemExit) as caught:
            cli.main(["doctor", *args])
        return int(caught.value.code or 0), capsys.readouterr().out

    return run


def test_this_machine_can_run_the_course():
    found = {finding.name: finding for finding in examine("learn")}
    assert found["Python"].state == "good"
    assert found["Python"].says.startswith(platform.python_version())
    assert found["packages to learn with"].state == "good"
    assert found["a notebook's kernel"].state == "good"
    assert {finding.purpose for finding in found.values()} == {"learn"}


def test_teaching_is_looked_at_by_itself():
    found = list(examine("teach"))
    assert {finding.purpose for finding in found} == {"teach"}
    assert next(finding for finding in found if "packages" in finding.name).state == "good"


class TestPackages:
    @pytest.mark.parametrize(("purpose", "state"), [(None, "limited"), ("teach", "missing")])
    def test_one_that_is_not_installed(self, monkeypatch, purpose, state):
        real = importlib.metadata.version

        def version(name: str) -> str:
            if name == "nbgrader":
                raise importlib.metadata.PackageNotFoundError(name)
            return real(name)

        monkeypatch.setattr(importlib.metadata, "version", version)
        found = next(finding for finding in examine(purpose) if finding.name == "packages to grade with")
        assert (found.state, found.says) == (state, "nbgrader is not installed")
        assert found.advice == 'pip install "chainrule[grade]"'

    def test_one_that_is_too_old(self, monkeypatch):
        real = importlib.metadata.version
        monkeypatch.setattr(importlib.metadata, "version", lambda name: "3.9" if name == "jupyterlab" else real(name))
        found = doctor._packages("lab", "learn", "missing")
        assert (found.state, found.says) == ("missing", "jupyterlab is 3.9, not >=4.2")

    def test_one_that_everything_needs(self, monkeypatch):
        real = importlib.metadata.version
        monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.26" if name == "numpy" else real(name))
        assert doctor._packages("lab", "learn", "missing").says == "numpy is 1.26, not >=2.0"


class TestKernel:
    def test_one_that_does_not_start(self, tmp_path: Path, monkeypatch):
        (tmp_path / "ipykernel_launcher.py").write_text("raise SystemExit('ImportError: no luck today')")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        found = doctor._kernel()
        assert found.state == "missing"
        assert "no luck today" in found.says
        assert found.advice

    def test_jupyterlab_starts_another(self, tmp_path: Path, monkeypatch):
        spec = tmp_path / "kernels" / "python3" / "kernel.json"
        spec.parent.mkdir(parents=True)
        spec.write_text(
            json.dumps({"argv": ["/bin/sh", "{connection_file}"], "display_name": "x", "language": "python"})
        )
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
        found = doctor._kernel()
        assert found.state == "limited"
        assert "another Python, /bin/sh" in found.says
        assert found.advice == f"{sys.executable} -m ipykernel install --sys-prefix"


class TestFonts:
    def test_without_the_figures_own(self, monkeypatch):
        monkeypatch.setattr("matplotlib.font_manager.get_font_names", lambda: ["Noto Sans CJK JP"])
        assert "DejaVu Sans" in doctor._fonts().says
        assert doctor._fonts().state == "limited"

    def test_without_chinese(self, monkeypatch, on_path: Path):
        program(on_path, "apt", "")
        monkeypatch.setattr("matplotlib.font_manager.get_font_names", lambda: ["DejaVu Sans"])
        assert doctor._fonts().advice == "sudo apt-get install fonts-noto-cjk"

    def test_with_both(self, monkeypatch):
        monkeypatch.setattr("matplotlib.font_manager.get_font_names", lambda: ["DejaVu Sans", "Noto Sans CJK JP"])
        assert doctor._fonts().state == "good"


@pytest.mark.parametrize(("free", "state"), [(5e9, "good"), (1e9, "limited")])
def test_room(monkeypatch, free: float, state: str):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert doctor._disk().state == state
    assert f"{free / 1e9:.1f} GB free" in doctor._disk().says


class TestAlembic:
    def test_on_path(self, on_path: Path):
        program(on_path, "alembic", "")
        assert doctor._alembic("limited") == Finding("alembic", "teach", "good", str(on_path / "alembic"))

    def test_beside_python_but_not_on_path(self, on_path: Path):
        assert doctor._alembic("limited").advice == f"Put {Path(sys.executable).parent} on PATH."


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is a program for Linux")
class TestIsolation:
    @pytest.mark.needs("bwrap")
    def test_what_works_here(self):
        assert doctor._isolation().state == "good"

    def test_no_bubblewrap(self, on_path: Path):
        program(on_path, "dnf", "")
        found = doctor._isolation()
        assert (found.state, found.advice) == ("limited", "sudo dnf install bubblewrap")

    def test_no_bubblewrap_and_no_known_package_manager(self, on_path: Path):
        assert doctor._isolation().advice == "Install the package bubblewrap."

    @pytest.mark.parametrize(("kind", "what"), [("net", "network"), ("pid", "processes"), ("user", "users")])
    def test_a_namespace_that_is_refused_is_named(self, on_path: Path, kind: str, what: str):
        program(on_path, "bwrap", f'for arg; do [ "$arg" = --unshare-{kind} ] && exit 1; done; exit 0')
        assert doctor._isolation().says == f"bubblewrap is there, but this system refuses it {what} of its own."

    def test_everything_is_refused(self, on_path: Path):
        program(on_path, "bwrap", "exit 1")
        assert "users, processes, network of its own" in doctor._isolation().says

    @pytest.mark.parametrize(
        ("name", "value", "says"),
        [
            ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
            ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
            ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
            ("kernel/unprivileged_userns_clone", "1", "In a container"),
        ],
    )
    def test_why(self, tmp_path: Path, name: str, value: str, says: str):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(f"{value}\n")
        assert says in doctor._why_refused(tmp_path)


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_systems_without_bubblewrap_say_so(monkeypatch, system: str):
    monkeypatch.setattr(platform, "system", lambda: system)
    found = doctor._isolation()
    assert found.state == "limited"
    assert system in found.says
    assert ("WSL" in found.advice) == (system == "Windows")


class TestProcessLimit:
    def groups(self, tmp_path: Path, line: str) -> Path:
        path = tmp_path / "cgroup"
        path.write_text(f"{line}\n")
        return path

    def test_the_lowest_limit_on_the_way_up_counts(self, tmp_path: Path):
        root = tmp_path / "fs"
        (root / "a" / "b").mkdir(parents=True)
        (root / "a" / "pids.max").write_text("500\n")
        (root / "a" / "b" / "pids.max").write_text("2000\n")
        assert doctor._pids_max(root, self.groups(tmp_path, "0::/a/b")) == "500"

    def test_max_is_no_limit(self, tmp_path: Path):
        root = tmp_path / "fs"
        root.mkdir()
        (root / "pids.max").write_text("max\n")
        assert doctor._pids_max(root, self.groups(tmp_path, "0::/")) == ""

    def test_control_groups_of_the_first_kind(self, tmp_path: Path):
        root = tmp_path / "fs"
        (root / "pids" / "me").mkdir(parents=True)
        (root / "pids" / "me" / "pids.max").write_text("100\n")
        assert doctor._pids_max(root, self.groups(tmp_path, "4:cpu,pids:/me")) == "100"
        assert doctor._pids_max(root, self.groups(tmp_path, "4:cpu:/me")) == ""

    @pytest.mark.parametrize(("around", "state"), [("", "limited"), ("500", "good")])
    def test_no_group_of_our_own(self, monkeypatch, around: str, state: str):
        monkeypatch.setattr("chainrule_course.grading.sandbox.control_group", lambda _: nullcontext([]))
        monkeypatch.setattr(doctor, "_pids_max", lambda _: around)
        assert doctor._process_limit().state == state

    def test_a_group_of_our_own(self, tmp_path: Path, monkeypatch):
        (tmp_path / "pids.max").write_text("72\n")
        monkeypatch.setattr(
            "chainrule_course.grading.sandbox.control_group", lambda _: nullcontext([tmp_path / "cgroup.procs"])
        )
        assert doctor._process_limit().says == "a control group for each notebook"


GOOD = Finding("a", "learn", "good", "fine")
LIMITED = Finding("b", "teach", "limited", "slow", "Buy a faster one.")
MISSING = Finding("c", "teach", "missing", "gone [b]", "Get it.")


class TestCommand:
    @pytest.mark.parametrize(
        ("findings", "status", "ends"),
        [
            ([GOOD], 0, "Everything needed is here.\n"),
            ([GOOD, LIMITED], 0, "Everything needed is here. 1 thing could be better.\n"),
            ([GOOD, LIMITED, MISSING], 1, "1 thing to mend before it works.\n"),
        ],
    )
    def test_the_status_is_1_if_something_is_missing(self, run, findings, status: int, ends: str):
        ran = run(findings=findings)
        assert ran[0] == status
        assert ran[1].endswith(ends)

    def test_the_list(self, run):
        assert run(findings=[GOOD, LIMITED, MISSING])[1].splitlines()[:-1] == [
            "To learn",
            "  ✓ a: fine",
            "To teach",
            "  ! b: slow",
            "    → Buy a faster one.",
            "  ✗ c: gone [b]",
            "    → Get it.",
        ]

    @pytest.mark.parametrize(("findings", "status"), [([GOOD, LIMITED], 0), ([MISSING], 1)])
    def test_json(self, run, findings, status: int):
        ran = run("--json", findings=findings)
        told = json.loads(ran[1])
        assert (ran[0], told["ok"]) == (status, status == 0)
        assert [Finding(**finding) for finding in told["findings"]] == findings

    def test_for_real(self, run):
        status, text = run("--for", "learn")
        assert (status, "✗" in text) == (0, False)
        assert "To teach" not in text
