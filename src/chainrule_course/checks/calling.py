"""Call a student's function and write down all that happened: value, exception, prints, what it changed.

The arguments are copied first, so one call can't spoil another. Nothing the function does ends the checks, except an
interrupt from outside.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import io
import linecache
import signal
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule_course.checks.values import Other, plain, same
from chainrule_course.clock import Clock

_HERE = str(Path(__file__).parent)


def public(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let students' code have a function of a graded cell: it is run where they are, not asked for over a connection.

    A check may hand its own functions over as arguments. The student's process then knows nothing of them but what they
    return, and each call is a message there and back. Decorate one that is called very often and gives nothing away.

    Parameters
    ----------
    function : callable
        A plain function; what it uses of the cell goes with it.

    Returns
    -------
    callable
        The same function, marked.

    Examples
    --------
    >>> @public
    ... def square(w):
    ...     return w * w
    >>> square.public
    True
    """
    function.public = True  # type: ignore[attr-defined]
    return function


@dataclass(frozen=True)
class Failure:
    """An exception that a student's function raised, in one line and with the student's own line."""

    kind: str
    message: str
    line: str = ""

    def __str__(self) -> str:
        text = f"{self.kind}: {self.message}" if self.message else self.kind
        return f"{text} — {self.line}" if self.line else text


@dataclass(frozen=True)
class Outcome:
    """What one call of a student's function gave.

    Attributes
    ----------
    value : plain data
        What it returned, copied; ``None`` after an exception.
    failure : Failure or None
        The exception, if one was raised.
    changed : tuple of int
        Positions of the arguments that it modified.
    warned : tuple of str
        Texts of the warnings that NumPy or Python gave.
    borrowed : str
        The library's own answer, if the function called it; else empty.
    shared : tuple of int
        Positions of the arguments that share memory with what it returned: writing to one changes the other.
    """

    value: Any = None
    failure: Failure | None = None
    changed: tuple[int, ...] = ()
    warned: tuple[str, ...] = ()
    borrowed: str = ""
    shared: tuple[int, ...] = ()

    @property
    def unsolved(self) -> bool:
        """Whether the function is still the empty one that the notebook came with."""
        return self.failure is not None and self.failure.kind == "NotImplementedError"

    def matches(self, other: Outcome) -> bool:
        """Whether both came from the same mistake: same value or exception, same arguments changed or shared."""
        if self.borrowed or other.borrowed:  # another's answer is no mistake in the student's own
            return False
        if (self.failure is None) != (other.failure is None):
            return False
        if self.changed != other.changed or self.shared != other.shared:
            return False
        if self.failure is not None and other.failure is not None:
            return self.failure.kind == other.failure.kind
        return bool(self.warned) == bool(other.warned) and same(self.value, other.value)


class _Bounded(io.TextIOBase):
    """A text stream that forgets what is written to it, so that no printout is ever held in memory."""

    def write(self, text: str) -> int:
        return len(text)


def _codes(value: Any) -> set[types.CodeType]:
    """Return the code objects of a function that is passed in as an argument."""
    if isinstance(value, list | tuple):
        return set().union(*map(_codes, value))
    for candidate in (value, getattr(value, "__func__", None), vars(type(value)).get("__call__")):
        code = getattr(candidate, "__code__", None)
        if isinstance(code, types.CodeType):
            return {code}
    return set()


@contextlib.contextmanager
def _watch_library(arguments: tuple[Any, ...], found: list[str]) -> Iterator[None]:
    """Note which function of the library the student's code calls, other than one passed in as an argument."""
    passed_in = set().union(*map(_codes, arguments))
    before = sys.getprofile()

    def watch(frame: types.FrameType, event: str, _: Any) -> None:
        module = frame.f_globals.get("__name__", "")
        if event != "call" or found or not module.startswith("chainrule."):
            return
        if frame.f_code.co_name == "<module>":  # an import, not a call
            return
        up: types.FrameType | None = frame
        while up is not None and not up.f_code.co_filename.startswith(_HERE):
            if up.f_code in passed_in or "importlib" in up.f_code.co_filename:
                return
            up = up.f_back
        public = ".".join(part for part in module.split(".") if not part.startswith("_"))
        found.append(f"{public}.{frame.f_code.co_qualname}")

    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)


@contextlib.contextmanager
def _refuse(names: tuple[str, ...], function: Callable[..., Any], found: list[str]) -> Iterator[None]:
    """Note when one of the functions `names` ("numpy.tanh") is called, wherever the student imported it from."""
    scope = getattr(function, "__globals__", {})
    undo: list[tuple[dict[str, Any], str, Any]] = []
    for name in names:
        module_name, _, attribute = name.rpartition(".")
        original = getattr(importlib.import_module(module_name), attribute)

        def refused(*args: Any, _name: str = name, _original: Any = original, **kwargs: Any) -> Any:
            found.append(_name)
            return _original(*args, **kwargs)

        for space in (vars(importlib.import_module(module_name)), scope):
            for key in [key for key, value in space.items() if value is original]:
                undo.append((space, key, original))
                space[key] = refused
    try:
        yield
    finally:
        for space, key, original in undo:
            space[key] = original


def _students_line(error: BaseException) -> str:
    """Find the innermost line of the student's own code in a traceback: "line 3: return A @ W.T + b"."""
    line, trace = "", error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        own = "site-packages" not in filename and not filename.startswith((_HERE, str(Path(np.__file__).parent)))
        module = trace.tb_frame.f_globals.get("__name__", "")
        if own and (module == "__main__" or "ipykernel" in filename or filename.startswith("<")):
            source = linecache.getline(filename, trace.tb_lineno).strip()
            line = f"line {trace.tb_lineno}: {source}" if source else f"line {trace.tb_lineno}"
        trace = trace.tb_next
    return line


class _LateError(BaseException):
    """A call takes too long. No ``except Exception`` of a student's stops it."""


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """End the block with an exception once its time is used up, where there are timers and this is the main thread."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    clock = Clock(seconds, time.process_time)

    def late(*_: object) -> None:
        if left := clock.left():
            signal.setitimer(signal.ITIMER_REAL, left, 0.1)
        else:
            raise _LateError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)  # again and again, should the student's code go on
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def call(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    refuse: tuple[str, ...] = (),
    seconds: float = 30,
) -> Outcome:
    """Call `function` on copies of the arguments and return all that happened.

    Parameters
    ----------
    function : callable
        The student's function, or a known mistake.
    args, kwargs : tuple, dict
        The arguments; arrays and generators are copied first, so that a call leaves them as they were.
    refuse : tuple of str
        Dotted names of functions that the student may not use here, such as ``"numpy.tanh"``.
    seconds : float
        How long the call may compute (see :class:`chainrule_course.clock.Clock`).
    """
    elsewhere = getattr(type(function), "call_elsewhere", None)
    if elsewhere is not None:  # the function lives in another process, which calls this very function there
        outcome: Outcome = elsewhere(function, args, kwargs, refuse, seconds)
        return outcome
    mine, theirs = copy.deepcopy(args), copy.deepcopy(args)
    found: list[str] = []
    quiet = _Bounded()
    value, failure = None, None
    shared: tuple[int, ...] = ()
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        with (
            contextlib.redirect_stdout(quiet),
            contextlib.redirect_stderr(quiet),
            _refuse(refuse, function, found),
            _watch_library(theirs, found),
        ):
            try:
                with _at_most(seconds):
                    returned = function(*theirs, **copy.deepcopy(kwargs))
                value = plain(returned)
                shared = tuple(position for position, given in enumerate(theirs) if _overlap(returned, given))
            except _LateError as error:
                failure = Failure("TimeoutError", f"it has not ended after {seconds:g} s", _students_line(error))
            except RecursionError as error:
                failure = Failure("RecursionError", "the function calls itself without end", _students_line(error))
            except (Exception, SystemExit) as error:
                text = str(error).strip().split("\n")[0][:200]
                failure = Failure(type(error).__name__, text, _students_line(error))
    changed = tuple(
        position
        for position, (before, after) in enumerate(zip(mine, theirs, strict=True))
        if not _unchanged(plain(before), plain(after))
    )
    warned = tuple(sorted({str(w.message) for w in caught if issubclass(w.category, RuntimeWarning)}))
    return Outcome(value, failure, changed, warned, found[0] if found else "", shared)


def _arrays(value: Any, depth: int = 8) -> Iterator[np.ndarray]:
    """Go through the arrays in a value and its containers."""
    if type(value) is np.ndarray:
        yield value
    elif depth and type(value) in (list, tuple, dict):
        for item in value.values() if type(value) is dict else value:
            yield from _arrays(item, depth - 1)


def _overlap(returned: Any, given: Any) -> bool:
    """Whether an array in what was returned and one in an argument are the same memory, in part or whole."""
    mine = list(_arrays(returned))
    return bool(mine) and any(np.may_share_memory(a, b) for b in _arrays(given) for a in mine)


def _unchanged(before: Any, after: Any) -> bool:
    """Whether an argument is exactly as it was; what is not plain data (a function) can't be told."""
    if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
        return before.shape == after.shape and before.dtype == after.dtype and before.tobytes() == after.tobytes()
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        return len(before) == len(after) and all(map(_unchanged, before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        return list(before) == list(after) and all(_unchanged(before[key], after[key]) for key in before)
    return isinstance(before, Other) or same(before, after)
