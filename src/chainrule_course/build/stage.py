"""Build in a folder aside, then put everything in its place at once — or nothing, whatever happens in between.

The folder aside holds ``new/`` (what was built, laid out as in the course's folder) and, while things are being put
in place, ``old/`` (what was there before). What is found in ``old/`` afterwards goes back where it was: after an error
or an interrupt at once, after a crash when the next build begins.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chainrule_course.errors import UserError

NAME = ".chainrule-build"
"""The folder aside, within the course's folder, so that moving is renaming."""

_BUILT = ("course/*", "solutions/*", "source/*/*")
"""What is replaced as a whole: the folders of a unit, and single files beside its source."""

_ABSENT = ".absent"
"""Added to a name in ``old/``: there was nothing before."""


@contextmanager
def staged(root: Path, waiting: Callable[[], None]) -> Iterator[Path]:
    """Make the folder aside for one build; at the end it is gone, and what was not put in place is undone.

    Parameters
    ----------
    root : path
        The course's folder.
    waiting : callable
        Called once if another build of the same course has to end first.
    """
    with _only_one(root, waiting):
        stage = root / NAME
        try:
            clear(root)
            stage.mkdir()
        except OSError as error:
            raise UserError(
                f"Cannot build in {root}: {error.strerror}.", "Check that you may write there, and the free space."
            ) from error
        try:
            yield stage
        finally:
            clear(root)


def put_in_place(root: Path) -> None:
    """Move all that lies in ``new/`` to its place in the course's folder."""
    new, old = root / NAME / "new", root / NAME / "old"
    for path in _paths(new):
        target, kept = root / path, old / path
        kept.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(target):
                target.rename(kept)
            else:
                kept.with_name(kept.name + _ABSENT).touch()
            (new / path).rename(target)
        except OSError as error:
            raise UserError(
                f"Cannot replace {target}: {error.strerror}.", "Check its permissions. All is as it was before."
            ) from error
    old.rename(root / NAME / "done")  # from here on there is no way back


def clear(root: Path) -> None:
    """Put back what lies in ``old/`` and remove the folder aside."""
    stage = root / NAME
    for path in _paths(stage / "old"):
        target = root / str(path).removesuffix(_ABSENT)
        if os.path.lexists(target):
            (stage / "undone" / target.relative_to(root)).parent.mkdir(parents=True, exist_ok=True)
            target.rename(stage / "undone" / target.relative_to(root))
        if not path.name.endswith(_ABSENT):
            (stage / "old" / path).rename(target)
    if stage.exists():
        shutil.rmtree(stage)


def _paths(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for pattern in _BUILT for path in folder.glob(pattern))


@contextmanager
def _only_one(root: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Let one build of a course run at a time; the lock ends with the process, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows has no such lock
        yield
        return
    lock = os.open(root / "source", os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            with contextlib.suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_UN)
        yield
    finally:
        os.close(lock)
