"""What every search keeps account of: evaluations spent, the best point, and where it stood after each evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._arguments import check_count, check_rng

Array: TypeAlias = NDArray[np.float64]
Function: TypeAlias = Callable[[Array], Any]
Domain: TypeAlias = Sequence[tuple[float, float]] | NDArray[Any]


@dataclass(frozen=True, eq=False)
class SearchResult:
    """The outcome of a search and its course, evaluation by evaluation.

    Parameters
    ----------
    best_w : float64 array, shape (n,)
        The lowest point that was evaluated.
    best_f : float
        Its height.
    evaluations : int
        Evaluations spent, at most the budget.
    best_trace : float64 array, shape (evaluations,)
        Lowest height seen up to each evaluation; never rises.
    current_trace : float64 array, shape (evaluations,)
        Height of the point where the search stood after each evaluation.
    path : float64 array, shape (evaluations, n)
        That point.

    Examples
    --------
    >>> from chainrule.search import random_search
    >>> result = random_search(lambda w: float(w @ w), [(-1, 1)], 100, np.random.default_rng(0))
    >>> result.evaluations, bool(result.best_f == result.best_trace[-1]), result.path.shape
    (100, True, (100, 1))
    """

    best_w: Array
    best_f: float
    evaluations: int
    best_trace: Array = field(repr=False)
    current_trace: Array = field(repr=False)
    path: Array = field(repr=False)


class _BudgetSpentError(Exception):
    """Ends a search from wherever in it the last evaluation was spent."""


class Account:
    """Evaluates f and its gradient within a budget, and writes down each evaluation.

    As a context manager it ends the search in its block when an evaluation is asked for that the budget doesn't have.
    """

    def __init__(
        self, f: Function, domain: Domain, budget: int, rng: np.random.Generator, gradient: Function | None = None
    ) -> None:
        for name, function in ("f", f), ("gradient", gradient):
            if not callable(function) and function is not None:
                raise TypeError(f"{name} must be a function of w, not {type(function).__name__}")
        self.low, self.high = _check_domain(domain)
        self.f, self.df = f, gradient
        self.budget, self.rng = check_count("budget", budget), check_rng(rng)
        self.best_w, self.best_f = np.full(self.low.shape, math.nan), math.inf
        self.w, self.value = self.best_w, math.inf
        self.best_trace: list[float] = []
        self.current_trace: list[float] = []
        self.path: list[Array] = []

    def __enter__(self) -> Account:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return kind is _BudgetSpentError

    def start(self, start: ArrayLike | None = None) -> Array:
        """Return a start as float64, checked, or draw one from the domain if there is none."""
        if start is None:
            return self.rng.uniform(self.low, self.high)
        w = np.array(start, dtype=np.float64)
        if w.shape != self.low.shape or not np.all(np.isfinite(w)):
            given = f"of shape {w.shape}" if w.shape != self.low.shape else w.tolist()
            raise ValueError(f"start must be {self.low.size} finite numbers, as the domain has, not {given}")
        return w

    def evaluate(self, w: Array, *, move: bool = True) -> float:
        """Spend an evaluation on f(w); the search then stands at w, unless it is only to be looked at."""
        self._spend()
        value = _number(self.f(w.copy()))
        if value < self.best_f:
            self.best_w, self.best_f = w, value
        if move:
            self.w, self.value = w, value
        self._write()
        return value

    def move(self, w: Array, value: float) -> None:
        """Stand at a point that was just looked at."""
        self.w, self.value = w, value
        self.path[-1], self.current_trace[-1] = w, value

    def slope(self, w: Array) -> Array:
        """Spend an evaluation on the gradient, or 2n of f on central differences."""
        if self.df is None:
            eps = 1e-6 * max(1.0, float(np.abs(w).max()))
            ends = [[self.evaluate(w + side, move=False) for side in (d, -d)] for d in eps * np.eye(w.size)]
            return np.array([(above - below) / (2 * eps) if above != below else 0.0 for above, below in ends])
        self._spend()
        gradient = np.asarray(self.df(w.copy()), dtype=np.float64)
        if gradient.shape != w.shape:
            raise ValueError(f"gradient must return an array of shape {w.shape}, not {gradient.shape}")
        self._write()
        return gradient

    def result(self) -> SearchResult:
        """Return what was found."""
        if self.best_f == math.inf:
            raise ValueError(f"f was NaN or infinite at every point evaluated ({len(self.path)} evaluations)")
        return SearchResult(
            self.best_w.copy(),
            self.best_f,
            len(self.path),
            np.array(self.best_trace),
            np.array(self.current_trace),
            np.array(self.path),
        )

    def _spend(self) -> None:
        if len(self.path) == self.budget:
            raise _BudgetSpentError

    def _write(self) -> None:
        self.best_trace.append(self.best_f)
        self.current_trace.append(self.value)
        self.path.append(self.w)


def _number(result: Any) -> float:
    """Return what f returned as a float, infinite if it is NaN."""
    if np.ndim(result) != 0:
        raise TypeError(f"f must return one number, not an array of shape {np.shape(result)}")
    try:
        value = float(result)
    except (TypeError, ValueError):
        raise TypeError(f"f must return one number, not {result!r}") from None
    return math.inf if math.isnan(value) else value


def _check_domain(domain: Domain) -> tuple[Array, Array]:
    """Return the lowest and highest values as two arrays (n,)."""
    ranges = np.asarray(domain, dtype=np.float64)
    if ranges.ndim != 2 or ranges.shape[1] != 2 or len(ranges) == 0:
        raise ValueError(f"domain must hold a pair (low, high) for each entry of w, not shape {ranges.shape}")
    if not np.all(np.isfinite(ranges)) or not np.all(ranges[:, 0] < ranges[:, 1]):
        raise ValueError(f"domain must have finite low < high for each entry of w, not {ranges.tolist()}")
    return ranges[:, 0], ranges[:, 1]
