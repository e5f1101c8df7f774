"""A toy course for the tests of the course tools, built once."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from chainrule_course import cli
from chainrule_course.build import build_unit

from .toy import Course, Ran


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """An empty course folder."""
    root = tmp_path / "kurs"
    (root / "source").mkdir(parents=True)
    return Course(root)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A toy course of one unit, built once; tests must not change it (copy it with `copied`)."""
    course = Course(tmp_path_factory.mktemp("built"))
    course.write()
    build_unit(course.root, "01_toy", lambda *_: None)
    return course


@pytest.fixture
def copied(built: Course, tmp_path: Path) -> Course:
    """A copy of the built toy course, to be changed."""
    shutil.copytree(built.root, tmp_path / "kurs")
    return Course(tmp_path / "kurs")


@pytest.fixture
def run(capsys, monkeypatch):
    """Run ``chainrule …`` in this process, without touching its signals."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def run(*args: str) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            cli.main(args)
        out, err = capsys.readouterr()
        return Ran(caught.value.code or 0, out, err)

    return run
