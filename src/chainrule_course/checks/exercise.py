"""The checks of one exercise: what a visible or a hidden check cell of a notebook calls."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from chainrule_course.checks.calling import Failure, Outcome, call
from chainrule_course.checks.mistakes import Made, Mistake, diagnose, matching, recorded_mistakes, remember
from chainrule_course.checks.report import Report, Result
from chainrule_course.checks.values import difference, preview

Procedure = Callable[..., Any]


class _StopError(Exception):
    """A check can't go on: the student's function raised, or called what it may not."""


class _Caller:
    """Stands for a function inside a check: calls it safely and writes down each outcome."""

    def __init__(self, function: Callable[..., Any] | None, calling: Procedure, check: _Check, log: list[Outcome]):
        self._function, self._calling, self._check, self._log = function, calling, check, log

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._function is None:
            raise _StopError
        outcome: Outcome = self._calling(self._function, args, kwargs)
        if not self._check.quiet:  # warnings count only where the check asks for silence
            outcome = replace(outcome, warned=())
        if not self._check.own:  # and shared memory only where it asks for arrays of one's own
            outcome = replace(outcome, shared=())
        self._log.append(outcome)
        if outcome.failure or outcome.borrowed:
            raise _StopError
        return outcome.value

    @property
    def warned(self) -> list[str]:
        """The warnings of all calls so far."""
        return [text for outcome in self._log for text in outcome.warned]

    @property
    def last(self) -> Outcome:
        """What the latest call gave."""
        return self._log[-1]


class _Check:
    """One named check: a procedure that calls the functions and says what is wrong, if anything."""

    def __init__(
        self,
        label: str,
        of: tuple[str, ...],
        procedure: Procedure,
        quiet: bool = False,
        expected: str | None = None,
        own: bool = False,
    ):
        self.label, self.of, self.procedure, self.quiet, self.expected = label, of, procedure, quiet, expected
        self.own = own


class Checks:
    """Checks of one exercise, run one by one, each worth the same share of the points.

    Parameters
    ----------
    *names : str
        The functions of the exercise, as the notebook defines them. They are looked up where the cell runs.
    points : float
        What the cell is worth; the same number as in the cell's nbgrader metadata.
    hidden : bool
        Whether this is the hidden cell. Its report names checks and mistakes but shows no values.
    refuse : iterable of str
        Dotted names of functions the student may not call here ("numpy.tanh"). Functions of ``chainrule`` are always
        refused, unless the check passes them in as an argument.
    seconds : float
        How long one call of the student's function may compute. A loop that does not end then fails its check only.

    Examples
    --------
    >>> def double(x):
    ...     return 2 * x
    >>> check = Checks("double", points=2)
    >>> check.equal("of three", 3, expected=6)
    >>> check.equal("of minus one", -1, expected=-2)
    >>> check.report()
    2
    """

    def __init__(
        self, *names: str, points: float, hidden: bool = False, refuse: Iterable[str] = (), seconds: float = 30
    ) -> None:
        if not names:
            raise TypeError("Checks needs the name of at least one function, such as Checks('dense', points=1).")
        scope = self._scope = sys._getframe(1).f_globals
        self._as_reported: dict[str, Any] = {}
        self.names = names
        self.points = points
        self.hidden = hidden
        self.mistakes: dict[str, Mistake] = {}
        self._calling = partial(call, refuse=tuple(refuse), seconds=seconds)
        self._functions = {name: scope.get(name) for name in names}
        self._references: dict[str, Callable[..., Any]] = {}
        self._checks: list[_Check] = []

    # What a cell declares ------------------------------------------------------------------------------------------

    def mistake(
        self, says: str, of: str | None = None, compared: bool = True
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a wrong answer: the decorated function makes a mistake, `says` tells the student which.

        Declare mistakes before the checks. `of` names the function it stands for, by default the first of the exercise.
        With ``compared=False`` the mistake is not run beside the student's function; a condition names it with `made`.
        That is for functions whose right answers differ by choice, or that take long.
        """

        def declare(function: Callable[..., Any]) -> Callable[..., Any]:
            key = function.__name__
            if key in self.mistakes:
                raise ValueError(f"Two mistakes of {self.names[0]} are called {key}; each needs its own name.")
            self.mistakes[key] = Mistake(key, says, self._name(of), function, compared=compared)
            return function

        return declare

    def reference(self, function: Callable[..., Any], of: str | None = None) -> Callable[..., Any]:
        """Declare a right answer; `equal` and `unchanged` compare with it where no `expected` is given."""
        self._references[self._name(of)] = function
        return function

    def equal(
        self,
        label: str,
        *args: Any,
        expected: Any = ...,
        of: str | None = None,
        rtol: float | None = None,
        atol: float | None = None,
        quiet: bool = False,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        """Check that the function gives `expected` (or what the reference gives) for these arguments.

        Parameters
        ----------
        label : str
            The check's name in the report: the situation, in words.
        *args, **kwargs
            The arguments of the student's function.
        expected : plain data, optional
            The right answer; its type sets what is accepted (see :func:`chainrule_course.checks.values.difference`).
        of : str, optional
            The function to call, by default the first of the exercise.
        rtol, atol : float, optional
            Tolerances, 1e-7 by default and looser for float32.
        quiet : bool
            Whether a NumPy warning (overflow, division by zero) fails the check.
        dtype : dtype, optional
            The exact dtype an array or NumPy scalar must have.
        """
        self._equal(label, args, kwargs, expected, of, rtol, atol, quiet=quiet, dtype=dtype)

    def unchanged(self, label: str, *args: Any, expected: Any = ..., of: str | None = None, **kwargs: Any) -> None:
        """Check that the function gives the right answer and leaves its arguments as they were."""
        self._equal(label, args, kwargs, expected, of, None, None, keep=True)

    def fresh(self, label: str, *args: Any, expected: Any = ..., of: str | None = None, **kwargs: Any) -> None:
        """Check that the function gives the right answer in arrays of its own, not in those of its arguments."""
        self._equal(label, args, kwargs, expected, of, None, None, own=True)

    def raises(self, label: str, error: type[Exception], *args: Any, of: str | None = None, **kwargs: Any) -> None:
        """Check that the function refuses these arguments with `error`."""

        def procedure(function: _Caller) -> str | None:
            try:
                value = function(*args, **kwargs)
            except _StopError:
                failure = function.last.failure
                if failure is not None and failure.kind == error.__name__:
                    return None
                raise
            return f"returned {preview(value)}" if not self.hidden else "returned a value"

        self._add(_Check(label, (self._name(of),), procedure, expected=f"raise {error.__name__}"))

    def that(self, label: str, condition: Procedure, of: str | None = None, quiet: bool = False) -> None:
        """Check a property: `condition` gets the student's functions and returns whether it holds, or what is wrong.

        Without `of` it gets all functions of the exercise, in order. It may also return what `made` gives.
        """

        def procedure(*functions: _Caller) -> str | Made | None:
            try:
                verdict = condition(*functions)
                if isinstance(verdict, str | Made):
                    return verdict
                warned = next((text for function in functions for text in function.warned), "") if quiet else ""
                return (f"gives a warning: {warned}" if warned else None) if verdict else "does not hold"
            except _StopError:
                raise
            except Exception as problem:  # what came back was of no use to the condition
                return f"what came back could not be used ({type(problem).__name__}: {problem})"

        self._add(_Check(label, self.names if of is None else (self._name(of),), procedure, quiet))

    def made(self, key: str, problem: str, alone: bool = False) -> Made | str:
        """Return, in a condition of `that`, which mistake was made; `problem` says how it shows.

        `alone` is for results that are up to chance: they may look like any mistake's, so no other is named.
        The visible cell knows the mistakes by the record beside the notebook; without one it tells `problem` alone.
        """
        if self.hidden and key not in self.mistakes:
            raise ValueError(f"made({key!r}): the mistakes of {self.names[0]} are {', '.join(self.mistakes)}.")
        mistake = (self.mistakes or recorded_mistakes(self.names[0])).get(key)
        return Made(mistake, problem, alone) if mistake else problem

    # What happens then ---------------------------------------------------------------------------------------------

    def report(self) -> Report:
        """Run all checks and return the report; put this on the last line of the cell."""
        self._as_reported = dict(self._scope)
        remember(self)
        ran = {check.label: self._run(check, self._functions) for check in self._checks}
        failed = [check for check in self._checks if ran[check.label][0] is not None]
        blame: dict[str, str] = {}
        mistakes: dict[str, Mistake] = {}
        if any(not outcome.unsolved for check in failed for outcome in ran[check.label][1]):
            mistakes = self.mistakes or recorded_mistakes(self.names[0])
            # a mistake of one function explains only the checks that call it
            of = {check.label: check.of for check in self._checks}
            asked = {name for check in failed for name in check.of}
            known = {
                key: each.recorded or self.run_mistake(each)
                for key, each in mistakes.items()
                if each.compared and each.of in asked and self._explains_any(each, failed, ran)
            }
            known = {
                key: {label: did for label, did in runs.items() if mistakes[key].of in of.get(label, ())}
                for key, runs in known.items()
            }
            alone = {made.mistake.of for made, *_ in ran.values() if isinstance(made, Made) and made.alone}
            doubtful = [check.label for check in failed if alone.isdisjoint(check.of)]
            blame = diagnose({label: log for label, (_, log, _) in ran.items()}, doubtful, known)
        results = []
        for check in self._checks:
            problem, log, got = ran[check.label]
            mistake = mistakes.get(blame.get(check.label, ""))
            if isinstance(problem, Made):
                mistake, problem = problem.mistake, problem.problem
            results.append(
                Result(
                    check.label,
                    problem is None,
                    problem or "",
                    expected="" if self.hidden or problem is None or check.expected is None else check.expected,
                    got="" if self.hidden or problem is None else got,
                    mistake=mistake.key if mistake else "",
                    says=mistake.says if mistake else "",
                    unsolved=bool(log) and log[-1].unsolved,
                )
            )
        return Report(self.names, self.points, results, self.hidden)

    def run_mistake(
        self, mistake: Mistake, declared_in: Checks | None = None, only: Iterable[_Check] | None = None
    ) -> dict[str, list[Outcome]]:
        """Run the checks on a mistake in place of the student's function: label → outcomes of its calls.

        The other functions of the exercise are the references, where there are any. All names of the notebook are for
        this moment what they were when the cell of `declared_in`, and then this one, reported: later cells may have
        given them new values. `only` are the checks to run, by default all.
        """
        functions = {**self._functions, **self._references, mistake.of: mistake.function}
        now = dict(self._scope)
        for checks in (declared_in or self, self):
            self._scope.update(checks._as_reported)
        try:
            chosen = self._checks if only is None else only
            return {check.label: self._run(check, functions)[1] for check in chosen if mistake.of in check.of}
        finally:
            self._scope.update(now)

    def _explains_any(self, mistake: Mistake, failed: list[_Check], ran: dict[str, Any]) -> bool:
        """Whether a mistake explains one of the failed checks; most do not, and need not be run on the others."""
        does = mistake.recorded or self.run_mistake(mistake, only=failed)
        return any(matching(ran[check.label][1], does.get(check.label)) for check in failed)

    def _name(self, of: str | None) -> str:
        if of is not None and of not in self.names:
            raise ValueError(f"of={of!r}: the functions of this exercise are {', '.join(self.names)}.")
        return of or self.names[0]

    def _add(self, check: _Check) -> None:
        if any(check.label == other.label for other in self._checks):
            raise ValueError(f"Two checks of {self.names[0]} are called {check.label!r}; each needs its own name.")
        self._checks.append(check)

    def _equal(
        self,
        label: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        expected: Any,
        of: str | None,
        rtol: float | None,
        atol: float | None,
        quiet: bool = False,
        dtype: Any = None,
        keep: bool = False,
        own: bool = False,
    ) -> None:
        name = self._name(of)
        if expected is ...:
            if name not in self._references:
                raise TypeError(f"{label!r}: give expected=…, or declare a reference before it.")
            expected = self._references[name](*copy.deepcopy(args), **copy.deepcopy(kwargs))

        def procedure(function: _Caller) -> str | None:
            value = function(*args, **kwargs)
            problem = difference(value, expected, rtol, atol)
            if problem is None and dtype is not None and getattr(value, "dtype", None) != dtype:
                problem = f"{getattr(value, 'dtype', type(value).__name__)} where {dtype.__name__} is asked for"
            if problem is None and quiet and function.last.warned:
                problem = f"gives a warning: {function.last.warned[0]}"
            if problem is None and keep and function.last.changed:
                problem = f"changes its argument number {function.last.changed[0] + 1} in place"
            if problem is None and own and function.last.shared:
                problem = f"returns arrays of its argument number {function.last.shared[0] + 1}, not copies"
            return problem

        self._add(_Check(label, (name,), procedure, quiet, preview(expected), own))

    def _run(self, check: _Check, functions: dict[str, Any]) -> tuple[str | Made | None, list[Outcome], str]:
        """Run one check: (what is wrong or None, outcomes of the calls, what came back)."""
        log: list[Outcome] = []
        for name in check.of:
            if not callable(functions.get(name)):
                return (
                    f"there is no function named {name} in this notebook: run or add the cell that defines it",
                    [],
                    "",
                )
        try:
            problem = check.procedure(*(_Caller(functions[name], self._calling, check, log) for name in check.of))
        except _StopError:
            problem = _why_stopped(log[-1])
            return problem, log, ""
        return problem, log, preview(log[-1].value) if log else ""


def _why_stopped(outcome: Outcome) -> str:
    """Say in one line why the student's function gave no answer."""
    if outcome.unsolved:
        return "not solved yet"
    if outcome.borrowed:
        return f"calls {outcome.borrowed}; in this exercise, write that part yourself"
    failure = outcome.failure or Failure("Error", "")
    return f"raised {failure}"
