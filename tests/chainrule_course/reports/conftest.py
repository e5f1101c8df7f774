"""One graded class for all tests of the reports."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .classes import make_class


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a graded class; tests must not change it (use `classroom`)."""
    folder = tmp_path_factory.mktemp("class")
    make_class(folder)
    return folder


@pytest.fixture
def classroom(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the graded class, where the test is."""
    folder = tmp_path / "class"
    shutil.copytree(graded, folder)
    monkeypatch.chdir(folder)
    return folder
