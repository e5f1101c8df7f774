"""What is built replaces all of the old files or none, wherever the work is cut off."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chainrule_course.build import stage
from chainrule_course.errors import UserError


def tree(root: Path, but: str = stage.NAME) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file() and but not in path.parts
    }


def fill(root: Path, what: str) -> None:
    for name in ("course/01_a/n.ipynb", "course/01_a/d.csv", "solutions/01_a/n.ipynb", "source/01_a/n.ipynb"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{what} {name}")


@pytest.fixture(params=["replaces old files", "is the first build"])
def root(request, tmp_path: Path) -> Path:
    """A course with a new build that waits to be put in place."""
    (tmp_path / "source/01_a").mkdir(parents=True)
    (tmp_path / "source/01_a/01_a.py").write_text("source")
    (tmp_path / "course").mkdir()
    (tmp_path / "course/ERRATA.md").write_text("stays")
    if request.param == "replaces old files":
        fill(tmp_path, "old")
        (tmp_path / "course/01_a/gone.csv").write_text("old")
    fill(tmp_path / stage.NAME / "new", "new")
    return tmp_path


class CrashError(BaseException):
    """Stands for whatever ends the process."""


def counted(original: Callable[..., Any], left: Iterator[int]) -> Callable[..., Any]:
    def do(*args: Any, **kwargs: Any) -> Any:
        if next(left, None) is None:
            raise CrashError
        return original(*args, **kwargs)

    return do


def crash_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the file system do `steps` changes, then crash."""
    left = iter(range(steps))
    for name in ("rename", "mkdir", "touch"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name), left))


def test_all_is_put_in_place(root: Path):
    stage.put_in_place(root)
    stage.clear(root)
    new = {k: v for k, v in tree(root).items() if k not in ("course/ERRATA.md", "source/01_a/01_a.py")}
    assert set(new) == {"course/01_a/n.ipynb", "course/01_a/d.csv", "solutions/01_a/n.ipynb", "source/01_a/n.ipynb"}
    assert all(text.startswith("new") for text in new.values())
    assert tree(root)["course/ERRATA.md"] == "stays"
    assert not (root / stage.NAME).exists()


@pytest.mark.parametrize("steps", range(24))
def test_after_a_crash_at_any_step_the_next_build_puts_back_all_the_old_files(root: Path, monkeypatch, steps: int):
    before = tree(root)
    with monkeypatch.context() as patch:
        crash_after(steps, patch)
        try:
            stage.put_in_place(root)
        except CrashError:
            finished = False
        else:
            finished = True
    stage.clear(root)
    after = tree(root)
    assert (after != before) == finished
    assert not (root / stage.NAME).exists()


@pytest.mark.parametrize("again", range(8))
def test_a_crash_while_putting_back_is_mended_too(root: Path, monkeypatch, again: int):
    before = tree(root)
    for steps, work in ((7, stage.put_in_place), (again, stage.clear)):
        with monkeypatch.context() as patch:
            crash_after(steps, patch)
            with contextlib.suppress(CrashError):
                work(root)
    stage.clear(root)
    assert tree(root) == before
    assert not (root / stage.NAME).exists()


def test_a_file_where_a_folder_should_be(root: Path):
    (root / "solutions").rename(root / "away") if (root / "solutions").exists() else None
    (root / "solutions").write_text("a file")
    before = tree(root)
    with pytest.raises(UserError, match=r"Cannot replace .*solutions.01_a: .*All is as it was before"):
        stage.put_in_place(root)
    stage.clear(root)
    assert tree(root) == before


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch):
    (tmp_path / "source").mkdir()

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(UserError, match=r"Cannot build in .*: Permission denied"), stage.staged(tmp_path, lambda: None):
        pass


def test_the_folder_aside_goes_away_after_an_error(tmp_path: Path):
    (tmp_path / "source").mkdir()
    with contextlib.suppress(ZeroDivisionError), stage.staged(tmp_path, lambda: None) as folder:
        (folder / "new/course/01_a").mkdir(parents=True)
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs flock")
def test_a_second_build_waits_for_the_first(tmp_path: Path):
    (tmp_path / "source").mkdir()
    code = (
        "import sys, pathlib; from chainrule_course.build.stage import staged\n"
        "with staged(pathlib.Path(sys.argv[1]), lambda: print('waits', flush=True)): print('works', flush=True)"
    )
    with stage.staged(tmp_path, lambda: pytest.fail("nobody else builds")):
        second = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert second.stdout is not None
        assert second.stdout.readline() == "waits\n"
    assert second.communicate(timeout=30)[0] == "works\n"
