"""
Change the learning rate while training goes on.

A schedule is a function of the number of updates done so far, given to an optimizer as its learning rate:
``SGD(ExponentialDecay(0.1, decay_steps=1000, decay_rate=0.5))``. Names and formulas are Keras'; every
function of one number will do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from chainrule._arguments import check_count, check_real

__all__ = [
    "CosineDecay",
    "ExponentialDecay",
    "InverseTimeDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "Schedule",
]


class Schedule:
    """
    Base of the schedules of this module: a function of the number of updates, with its settings.

    Examples
    --------
    >>> class Halving(Schedule):
    ...     def __call__(self, step):
    ...         return 0.5**step
    >>> Halving()(3)
    0.125
    """

    def __call__(self, step: int) -> float:
        """Return the learning rate for the update after so many."""
        raise NotImplementedError(f"{type(self).__name__} needs a method __call__(step)")

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({settings})"


class ExponentialDecay(Schedule):
    """
    Multiply the learning rate by `decay_rate` every `decay_steps` updates: α · r^(t/s).

    Parameters
    ----------
    initial_learning_rate : float
        α, at the first update.
    decay_steps : int
        s, the updates between one factor and the next.
    decay_rate : float
        r, the factor.
    staircase : bool, default False
        Whether to change only at whole multiples of `decay_steps`.

    Examples
    --------
    >>> ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)(20)
    0.025
    """

    def __init__(
        self, initial_learning_rate: float, decay_steps: int, decay_rate: float, staircase: bool = False
    ) -> None:
        self.initial_learning_rate = check_real("initial_learning_rate", initial_learning_rate, 0)
        self.decay_steps = check_count("decay_steps", decay_steps)
        self.decay_rate = check_real("decay_rate", decay_rate, 0)
        self.staircase = bool(staircase)

    def __call__(self, step: int) -> float:
        """Return the learning rate for the update after so many."""
        return float(self.initial_learning_rate * self.decay_rate ** self._passed(step))

    def _passed(self, step: int) -> float:
        return step // self.decay_steps if self.staircase else step / self.decay_steps


class InverseTimeDecay(ExponentialDecay):
    """
    Divide the learning rate by 1 + r t/s.

    Parameters
    ----------
    initial_learning_rate, decay_steps, decay_rate, staircase
        As for `ExponentialDecay`: α, s, r.

    Examples
    --------
    >>> InverseTimeDecay(0.1, decay_steps=10, decay_rate=0.5)(20)
    0.05
    """

    def __call__(self, step: int) -> float:
        """Return the learning rate for the update after so many."""
        return self.initial_learning_rate / (1 + self.decay_rate * self._passed(step))


class PolynomialDecay(Schedule):
    """
    Bring the learning rate from one value down to another along (1 − t/s) to a power.

    Parameters
    ----------
    initial_learning_rate : float
        At the first update.
    decay_steps : int
        s, the update at which the end is reached.
    end_learning_rate : float, default 0.0001
        From there on.
    power : float, default 1
        1 is a straight line.
    cycle : bool, default False
        Whether to start anew, from a longer s, whenever the end is reached.

    Examples
    --------
    >>> PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.0)(5)
    0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
    ) -> None:
        self.initial_learning_rate = check_real("initial_learning_rate", initial_learning_rate, 0)
        self.decay_steps = check_count("decay_steps", decay_steps)
        self.end_learning_rate = check_real("end_learning_rate", end_learning_rate, 0)
        self.power = check_real("power", power, 0)
        self.cycle = bool(cycle)

    def __call__(self, step: int) -> float:
        """Return the learning rate for the update after so many."""
        steps = self.decay_steps
        if self.cycle:
            steps *= max(1, math.ceil(step / steps))
        left = 1 - min(step, steps) / steps
        above = self.initial_learning_rate - self.end_learning_rate
        return float(self.end_learning_rate + above * left**self.power)


class CosineDecay(Schedule):
    """
    Bring the learning rate down along half a wave of the cosine, after an optional straight rise.

    Parameters
    ----------
    initial_learning_rate : float
        Where the rise, or else the fall, begins.
    decay_steps : int
        The number of updates the fall takes.
    alpha : float, default 0
        The end, as a fraction of the top.
    warmup_target : float, optional
        The top to which the learning rate rises first. None: no rise.
    warmup_steps : int, default 0
        The number of updates the rise takes.

    References
    ----------
    Loshchilov, Hutter (2017), "SGDR: stochastic gradient descent with warm restarts".

    Examples
    --------
    >>> round(CosineDecay(0.1, decay_steps=10)(5), 6)
    0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = check_real("initial_learning_rate", initial_learning_rate, 0)
        self.decay_steps = check_count("decay_steps", decay_steps)
        self.alpha = check_real("alpha", alpha, 0)
        self.warmup_target = None if warmup_target is None else check_real("warmup_target", warmup_target, 0)
        self.warmup_steps = check_count("warmup_steps", warmup_steps, least=0)

    def __call__(self, step: int) -> float:
        """Return the learning rate for the update after so many."""
        top, start = self.initial_learning_rate, 0
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return top + (self.warmup_target - top) * step / self.warmup_steps
            top, start = self.warmup_target, self.warmup_steps
        passed = min(step - start, self.decay_steps) / self.decay_steps
        return top * ((1 - self.alpha) * 0.5 * (1 + math.cos(math.pi * passed)) + self.alpha)


class PiecewiseConstantDecay(Schedule):
    """
    Take one learning rate up to a boundary, the next one up to the next, and so on.

    Parameters
    ----------
    boundaries : sequence of int
        The last updates, counted from 0, that take each value but the last; increasing.
    values : sequence of float
        The learning rates, one more than there are boundaries.

    Examples
    --------
    >>> schedule = PiecewiseConstantDecay([10], [0.1, 0.01])
    >>> schedule(10), schedule(11)
    (0.1, 0.01)
    """

    def __init__(self, boundaries: Sequence[int], values: Sequence[float]) -> None:
        self.boundaries = [check_count("a boundary", boundary, least=0) for boundary in boundaries]
        self.values = [check_real("a value", value, 0) for value in values]
        if len(self.values) != len(self.boundaries) + 1:
            raise ValueError(
                f"values must be one more than boundaries, got {len(self.values)} and {len(self.boundaries)}"
            )
        if any(a >= b for a, b in pairwise(self.boundaries)):
            raise ValueError(f"boundaries must increase, got {self.boundaries}")

    def __call__(self, step: int) -> float:
        """Return the learning rate for the update after so many."""
        passed = sum(step > boundary for boundary in self.boundaries)
        return self.values[passed]
