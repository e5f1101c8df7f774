"""What a gradient check found, and the report of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Entry(NamedTuple):
    """
    One entry of a gradient, both ways.

    Attributes
    ----------
    parameter : str
        What the derivative is by.
    at : tuple of int
        Which entry of it.
    analytic : float
        The derivative that was given.
    numeric : float
        The derivative by central differences.
    error : float
        Their distance relative to the larger of the two; what rounding may do to the differences is allowed for.

    Examples
    --------
    >>> from chainrule.gradients import check_gradients
    >>> found = check_gradients((lambda w: (w**2).sum(), lambda w: 2 * w), np.array([3.0]))
    >>> [entry] = found.entries
    >>> entry.at, entry.analytic, round(entry.numeric, 6)
    ((0,), 6.0, 6.0)
    """

    parameter: str
    at: tuple[int, ...]
    analytic: float
    numeric: float
    error: float

    def __str__(self) -> str:
        place = f"[{', '.join(map(str, self.at))}]" if self.at else ""
        return f"  {self.parameter + place:<22}{self.analytic:>14.7g}{self.numeric:>14.7g}{self.error:>9.1e}"


@dataclass(frozen=True, repr=False)
class GradientCheck:
    """
    What `check_gradients` found. Printed it is a report; in an ``if`` it is true if all entries agree.

    Attributes
    ----------
    entries : list of Entry
        Every entry that was compared.
    kinks : list of Entry
        Those among them that lie on a kink, as ReLU at 0. There is no derivative there, only a slope on the left
        and one on the right; any value from one to the other is accepted.
    tolerance : float
        The largest relative error accepted.

    Examples
    --------
    >>> from chainrule.gradients import check_gradients
    >>> found = check_gradients((lambda w: (w**2).sum(), lambda w: w), np.array([3.0]))
    >>> bool(found), len(found.entries), len(found.kinks)
    (False, 1, 0)
    """

    entries: list[Entry]
    kinks: list[Entry]
    tolerance: float

    @property
    def ok(self) -> bool:
        """Whether all entries agree."""
        return not self.failures

    @property
    def failures(self) -> list[Entry]:
        """The entries that do not agree, the worst first."""
        wrong = [entry for entry in self.entries if entry.error > self.tolerance]
        return sorted(wrong, key=lambda entry: -entry.error)

    @property
    def worst(self) -> Entry:
        """The entry with the largest error."""
        return max(self.entries, key=lambda entry: entry.error)

    def assert_ok(self) -> None:
        """Raise an AssertionError with the report unless all entries agree."""
        if not self.ok:
            raise AssertionError(repr(self))

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        wrong, names = self.failures, list(dict.fromkeys(entry.parameter for entry in self.entries))
        counted = f"{len(self.entries)} {'entry' if len(self.entries) == 1 else 'entries'}"
        counted += f" of {len(names)} parameters" if len(names) > 1 else ""
        measured = f"largest relative error {self.worst.error:.1e} (tolerance {self.tolerance:g})."
        if not wrong:
            yield f"Gradients agree: {counted}, {measured}"
        else:
            yield f"Gradients differ: {len(wrong)} of {counted}, {measured}"
            yield f"  {'':<22}{'analytic':>14}{'numeric':>14}{'error':>9}"
            yield from map(str, wrong[:5])
            if len(wrong) > 5:
                yield f"  ... and {len(wrong) - 5} more"
            for name in names:
                yield from self._common_factor(name)
        if self.kinks:
            count = f"{len(self.kinks)} {'entry lies' if len(self.kinks) == 1 else 'entries lie'} on a kink"
            yield f"{count}, where any value between the slopes on both sides is accepted:"
            yield from map(str, self.kinks[:3])

    def _common_factor(self, name: str) -> Iterator[str]:
        """Name the mistake that is easiest to make: a factor, or the sign."""
        entries = [entry for entry in self.entries if entry.parameter == name and entry not in self.kinks]
        big = 1e-3 * max((abs(entry.numeric) for entry in entries), default=0.0)
        ratios = [entry.analytic / entry.numeric for entry in entries if abs(entry.numeric) > big]
        if not ratios or not math.isfinite(ratios[0]) or not np.allclose(ratios, ratios[0], rtol=1e-4, atol=0):
            return
        if abs(ratios[0] - 1) > 1e-4:
            yield f"Every entry of {name} is {ratios[0]:.4g} times what it should be."
