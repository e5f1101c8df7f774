"""A clock that is fair to code on a busy machine: waiting for a processor costs no time."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

BUSY = 8
"""Code that computes for less than one second in so many waits for something else than a processor."""


class Clock:
    """Tells when code has used up its time.

    That is when it has computed for `seconds`; or when so many have passed of which it computed for less than an
    eighth: then it sleeps, or waits for what may never come. So code ends after `seconds` on a machine that is free,
    and after eight times as many at the latest. The clock runs from the start.

    Parameters
    ----------
    seconds : float
        How long the code may take.
    spent : callable
        Returns the processor seconds that the code's process has used up to now.

    Examples
    --------
    >>> Clock(10, time.process_time).left() > 9.9
    True
    """

    def __init__(self, seconds: float, spent: Callable[[], float]) -> None:
        self.seconds, self._spent = seconds, spent
        self._had, self._passed = spent(), 0.0
        self._since: float | None = time.monotonic()

    @property
    def passed(self) -> float:
        """Seconds that have passed while the clock ran."""
        return self._passed + (time.monotonic() - self._since if self._since is not None else 0)

    def pause(self) -> None:
        """Stop the clock: what comes now is not the code's doing."""
        self._passed, self._since = self.passed, None

    def resume(self) -> None:
        """Go on after a pause."""
        self._since = time.monotonic()

    def left(self) -> float:
        """Return for how many seconds there is surely time left, or 0 if it is used up."""
        passed = self.passed
        if passed < self.seconds:
            return self.seconds - passed
        used = self._spent() - self._had
        if used >= self.seconds or used * BUSY < passed:
            return 0
        return max(self.seconds - used, 0.1)


def processor_seconds(number: int | None) -> float:
    """Return what a process has used, its threads and ended children included; 0 if there is none of that number.

    Examples
    --------
    >>> import os
    >>> processor_seconds(os.getpid()) > 0
    True
    """
    import psutil  # only for those who watch other processes

    with contextlib.suppress(psutil.Error, ValueError):
        return float(sum(psutil.Process(number).cpu_times()[:4])) if number else 0
    return 0
