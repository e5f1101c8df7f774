"""Check a student's function from another process: what goes over, what comes back.

The tester runs the graded cells. Where a check calls the student's function, it calls a :class:`Remote`, which sends
the arguments to the student's process. There the function is called (:func:`answer`), watched as ever, and only plain
data comes back. The student's process never holds a check, an expected value, or the number of points.

The tester's own messages hold pickles, since the student's process may trust the tester. The other way round there is
only what ``wire`` reads.
"""

from __future__ import annotations

import ast
import base64
import builtins
import io
import itertools
import pickle
import signal
import socket
import sys
import time
import types
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import cloudpickle
import numpy as np

from chainrule_course.checks.calling import Failure, Outcome, call
from chainrule_course.checks.values import Other, plain
from chainrule_course.clock import Clock
from chainrule_course.grading import namespaces, wire

SECOND_CHANCE = 1.0
"""Seconds that each further call of a function has once its exercise has used up its time."""

GRACE = 2.0
"""Seconds the student's process has to answer after it was interrupted."""

MOST_STALE = 3
"""Answers to earlier questions that are passed over."""

_FUNCTIONS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType)


# In the tester's process ----------------------------------------------------------------------------------------------


class Link:
    """The tester's connection to the student's process.

    Parameters
    ----------
    calls : socket
        To the student's process.
    order : callable
        Asks the parent to "interrupt" or "kill" the student's process.
    spent : callable
        Asks the parent for the processor seconds that the student's process has used.
    seconds : float
        How long all calls in one cell may take together (see :class:`chainrule_course.clock.Clock`).

    Attributes
    ----------
    troubles : list of [kind, message]
        What went wrong in the cell that runs.
    """

    def __init__(
        self, calls: socket.socket, order: Callable[[str], None], spent: Callable[[], float], seconds: float
    ) -> None:
        self._calls, self._order, self._spent, self._seconds = calls, order, spent, seconds
        self._callbacks: dict[int, Any] = {}
        self._seed = b""
        self._asked = 0  # number of the last question; its reply has the same
        self.gone = ""
        self.troubles: list[list[str]] = []

    def begin(self) -> None:
        """Set the clock of a cell."""
        self._clock = Clock(self._seconds, self._spent)
        self._clock.pause()
        self.troubles = []

    def kinds(self, names: list[str]) -> dict[str, bool]:
        """Return which of `names` the student's notebook defines, and whether each can be called."""
        reply = self._ask({"kinds": names}) if names else {}
        found = reply.get("kinds") if isinstance(reply, dict) else None
        return {str(name): found[name] is True for name in names if name in found} if isinstance(found, dict) else {}

    def call(self, name: str, *how: Any) -> Outcome:
        """Call the student's function `name` as :func:`call` does, with all its arguments, and return the same."""
        self._callbacks = {}
        data = base64.b64encode(self._pickle((how, self._new_seed()))).decode()
        reply = self._ask({"call": name, "data": data})
        if isinstance(reply, Outcome):
            return reply
        try:
            failure = reply["failure"] and Failure(*(str(part)[:300] for part in reply["failure"]))
            value = wire.decode(reply["value"])
            changed, shared = (tuple(int(position) for position in reply[key]) for key in ("changed", "shared"))
            warned = tuple(str(text)[:300] for text in reply["warned"][:20])
            return Outcome(value, failure, changed, warned, str(reply["borrowed"])[:100], shared)
        except (wire.ForgedError, KeyError, TypeError, ValueError) as error:
            return self._forged(error)

    def _new_seed(self) -> Any:
        """Return the state of NumPy's global generator if a check has set it since the last call, else None.

        A student's function may draw from that generator, and a check may have seeded it to notice.
        """
        state = np.random.get_state()  # noqa: NPY002
        if pickle.dumps(state) == self._seed:
            return None
        np.random.random()  # noqa: NPY002  (so that the same seed, set again, is seen)
        self._seed = pickle.dumps(np.random.get_state())  # noqa: NPY002
        return state

    def _ask(self, question: dict[str, Any]) -> Any:
        """Send a question and return the reply, or an outcome if there is none; meanwhile do what callbacks ask for."""
        if self.gone:
            return Outcome(failure=Failure(*self.gone.split(": ", 1)))
        if self._clock.left() < SECOND_CHANCE:
            self._clock = Clock(SECOND_CHANCE, self._spent)
        self._clock.resume()
        late, stale = 0.0, 0
        self._asked += 1
        try:
            wire.send(self._calls, {**question, "number": self._asked})
            while True:
                try:
                    reply = wire.receive(self._calls, max(late - time.monotonic(), 0) if late else self._clock.left())
                except wire.LateError:
                    if late:
                        return self._lost("TimeoutError: took too long and could not be interrupted")
                    if self._clock.left() == 0:
                        self._order("interrupt")
                        late = time.monotonic() + GRACE
                    continue
                if isinstance(reply, dict) and "callback" in reply:
                    wire.send(self._calls, {**self._call_back(reply), "turn": reply.get("turn")})
                elif not isinstance(reply, dict) or reply.get("number") != self._asked:
                    stale += 1  # a call that was interrupted may be answered twice
                    if stale > MOST_STALE:
                        raise wire.ForgedError("answers to no question")
                elif late:
                    self._note("timeout", f"the function took longer than {self._seconds:g} s")
                    return Outcome(failure=Failure("TimeoutError", f"it took longer than {self._clock.seconds:g} s"))
                else:
                    return reply
        except wire.GoneError:
            return self._lost("Ended: the notebook's Python had ended before this call was answered", kill=False)
        except wire.ForgedError as error:
            return self._forged(error)
        finally:
            self._clock.pause()

    def _lost(self, why: str, kill: bool = True) -> Outcome:
        self.gone = why
        self._note("timeout" if kill else "died", why.split(": ", 1)[1])
        if kill:
            self._order("kill")
        return Outcome(failure=Failure(*why.split(": ", 1)))

    def _forged(self, error: Exception) -> Outcome:
        self._note("forged", f"what came back was not made by the notebook's own code ({error})"[:300])
        return Outcome(failure=Failure("Forged", "what came back can't be read"))

    def _note(self, kind: str, message: str) -> None:
        if [kind, message] not in self.troubles:
            self.troubles.append([kind, message])

    def _call_back(self, reply: dict[str, Any]) -> dict[str, Any]:
        """Call a function of a check with the arguments that the student's function gave it."""
        try:
            function = self._callbacks[reply["callback"]]
            args, kwargs = wire.decode(reply["args"]), wire.decode(reply["kwargs"])
        except (wire.ForgedError, KeyError, TypeError) as error:
            return {"raise": ["TypeError", f"{error}"[:200]]}
        try:
            value = function(*(_natural(arg) for arg in args), **{str(key): _natural(a) for key, a in kwargs.items()})
            return {"value": base64.b64encode(self._pickle(value)).decode()}
        except Exception as error:
            said = error.args[0] if isinstance(error, KeyError) and error.args else error  # str() of a KeyError quotes
            return {"raise": [type(error).__name__, str(said)[:200]]}

    def _pickle(self, value: Any) -> bytes:
        buffer = io.BytesIO()
        _Pickler(buffer, self._callbacks).dump(value)
        return buffer.getvalue()


class Remote:
    """Stands for a student's function in the tester."""

    def __init__(self, name: str, link: Link) -> None:
        self.__name__, self._link = name, link

    def call_elsewhere(self, *how: Any) -> Outcome:
        """Call the function where it lives (see :func:`chainrule_course.checks.calling.call`)."""
        return self._link.call(self.__name__, *how)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function as an ordinary one: return its value, or raise what it raised."""
        outcome = self.call_elsewhere(args, kwargs)
        if outcome.failure:
            raise _exception(outcome.failure.kind, outcome.failure.message)
        return _natural(outcome.value)

    def __deepcopy__(self, memo: object) -> Remote:
        return self


def bind(link: Link, scope: dict[str, Any], source: str) -> None:
    """Put a :class:`Remote` into `scope` for each function that a graded cell checks; nothing where there is none."""
    names = _checked_names(source)
    kinds = link.kinds(names)
    for name in names:
        scope.pop(name, None)
        if name in kinds:
            scope[name] = Remote(name, link) if kinds[name] else None


def _checked_names(source: str) -> list[str]:
    """Return the functions that a cell hands to ``Checks(…)``; the student's side is told nothing else of the cell."""
    return [
        argument.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Checks"
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


class _Pickler(pickle.Pickler):
    """Pickles for the student's process; functions that it can't import stay here and are called back.

    Except for public ones, which go there as they are.
    """

    def __init__(self, file: io.BytesIO, callbacks: dict[int, Any]) -> None:
        super().__init__(file, protocol=5)
        self._callbacks = callbacks

    def reducer_override(self, value: Any) -> Any:
        """Send public functions as code, arrays in their order in memory: pickle makes rows of a transposed view."""
        if _public(value):
            return cloudpickle.loads, (cloudpickle.dumps(value),)
        if type(value) is np.ndarray and not (value.flags.c_contiguous or value.flags.f_contiguous):
            return value.copy(order="K").__reduce_ex__(5)
        return NotImplemented

    def persistent_id(self, value: Any) -> Any:
        if isinstance(value, Remote):
            return "own", value.__name__
        local = type(value).__module__ in ("__main__", "chainrule_course.checks.exercise") and callable(value)
        if not (isinstance(value, _FUNCTIONS) or local) or _public(value) or _importable(value):
            return None
        self._callbacks[id(value)] = value
        return "callback", id(value)


def _public(value: Any) -> bool:
    """Whether this is a function that students' code may have (see :func:`chainrule_course.checks.public`)."""
    return isinstance(value, types.FunctionType) and getattr(value, "public", False) is True


def _importable(function: Any) -> bool:
    """Whether the other process finds this very function under its name."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", "")
    if module in (None, "__main__") or isinstance(function, types.MethodType):
        return bool(isinstance(function, types.BuiltinFunctionType) and module == "builtins")
    found: Any = sys.modules.get(str(module))
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is function


def _natural(value: Any) -> Any:
    """Return plain data as the check's own functions expect it: SymPy expressions as such."""
    return value.rebuild() if hasattr(value, "rebuild") else value


def _exception(kind: str, message: str) -> Exception:
    known = getattr(builtins, kind, None)
    usable = isinstance(known, type) and issubclass(known, Exception)
    return known(message) if usable else RuntimeError(f"{kind}: {message}")  # type: ignore[misc]


# In the student's process ---------------------------------------------------------------------------------------------


_turns = itertools.count(1)
_answering = 0
"""Number of the question that the student's process is at."""


class _Callback:
    """Stands for a function of a check in the student's process.

    Question and reply belong together: the time of the call may be over in between, and is told after them.
    """

    def __init__(self, number: int, calls: socket.socket) -> None:
        self._number, self._calls = number, calls

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        question = {
            "callback": self._number,
            "turn": next(_turns),
            "args": wire.encode(plain(args)),
            "kwargs": wire.encode(plain(kwargs)),
        }
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGINT})
        try:
            wire.send(self._calls, question)
            reply = wire.receive(self._calls)
            while reply.get("turn") != question["turn"]:
                reply = wire.receive(self._calls)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if "raise" in reply:
            raise _exception(*reply["raise"])
        return _load(reply["value"], self._calls, {})

    def __deepcopy__(self, memo: object) -> _Callback:
        return self


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, calls: socket.socket, scope: dict[str, Any]) -> None:
        super().__init__(io.BytesIO(data))
        self._calls, self._scope = calls, scope

    def persistent_load(self, identity: Any) -> Any:
        kind, what = identity
        return self._scope.get(what) if kind == "own" else _Callback(what, self._calls)


def _load(text: str, calls: socket.socket, scope: dict[str, Any]) -> Any:
    return _Unpickler(base64.b64decode(text), calls, scope).load()


def answer(calls: socket.socket, scope: dict[str, Any]) -> None:
    """Answer one question of the tester: which functions there are, or what one gives."""
    global _answering
    question = wire.receive(calls)
    if "number" not in question:  # what a function that has ended called back for
        return
    number = _answering = question["number"]
    if "kinds" in question:
        kinds = {name: callable(scope[name]) for name in question["kinds"] if name in scope}
        wire.send(calls, {"kinds": kinds, "number": number})
        return
    try:
        how, seed = _load(question["data"], calls, scope)
        if seed is not None:
            np.random.set_state(seed)  # noqa: NPY002
        outcome = call(scope[question["call"]], *how)
    except Exception as error:  # an argument that can't be brought here
        outcome = Outcome(failure=Failure(type(error).__name__, f"the arguments did not arrive: {error}"[:200]))
    namespaces.leave_if_copied()
    try:
        value = wire.encode(outcome.value)
        wire.send(calls, {**_plain_outcome(outcome), "value": value, "number": number})
    except (TypeError, ValueError) as error:  # a number of thousands of digits, an array of gigabytes
        what = wire.encode(Other(f"a value that is too large to be compared ({type(error).__name__})"))
        wire.send(calls, {**_plain_outcome(outcome), "value": what, "number": number})


def answer_late(calls: socket.socket) -> None:
    """Answer a call that was interrupted."""
    late = Outcome(failure=Failure("TimeoutError", "it took too long"))
    wire.send(calls, {**_plain_outcome(late), "value": None, "number": _answering})


def _plain_outcome(outcome: Outcome) -> dict[str, Any]:
    failure = asdict(outcome.failure) if outcome.failure else None
    return {
        "failure": list(failure.values()) if failure else None,
        "changed": list(outcome.changed),
        "warned": list(outcome.warned),
        "borrowed": outcome.borrowed,
        "shared": list(outcome.shared),
    }
