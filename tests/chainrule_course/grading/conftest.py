"""A classroom, made once for each session and copied for each test."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from .classroom import Classroom


@pytest.fixture(scope="session")
def empty_classroom(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """A course to which nobody has handed in; tests must not change it (copy it with `classroom`)."""
    return Classroom(tmp_path_factory.mktemp("teacher") / "kurs").begin()


@pytest.fixture
def classroom(empty_classroom: Classroom, tmp_path: Path) -> Classroom:
    """A copy of it, to work in."""
    return empty_classroom.copy(tmp_path / "kurs")


@pytest.fixture(autouse=True)
def _signals():
    """Leave pytest's Ctrl-C alone."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)
