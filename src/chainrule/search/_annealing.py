"""Simulated annealing: accept what is worse with a probability that falls as the temperature does."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from chainrule._arguments import check_real
from chainrule.search._result import Account, Domain, Function, SearchResult

Schedule = Callable[[int], float]


def accept_probability(delta: float, T: float) -> float:
    """Return min(1, exp(-Δ / T)): the chance of accepting a step that raises f by Δ at temperature T.

    Parameters
    ----------
    delta : float
        Height after the step less height before it. What is not higher is always accepted.
    T : float
        Temperature, 0 or more, in units of f. At 0 nothing higher is accepted.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If delta is NaN, or T is negative or not finite.

    References
    ----------
    N. Metropolis, A. W. Rosenbluth, M. N. Rosenbluth, A. H. Teller, E. Teller (1953). Equation of state calculations by
    fast computing machines. J. Chem. Phys. 21(6).

    Examples
    --------
    >>> accept_probability(-1, 2), round(accept_probability(1, 2), 4), accept_probability(1, 0)
    (1.0, 0.6065, 0.0)
    """
    T = check_real("T", T, 0)
    if math.isnan(delta):
        raise ValueError("delta must be a number, not NaN")
    if delta <= 0:
        return 1.0
    return math.exp(-delta / T) if T > 0 else 0.0


def geometric_schedule(T0: float, cooling: float) -> Schedule:
    """Return the temperature T0 · coolingᵏ of step k = 0, 1, …: multiplied by `cooling` after each step.

    Parameters
    ----------
    T0 : float
        Temperature of the first step, in units of f: about the height of the ridges to be crossed.
    cooling : float
        Above 0, at most 1. Too low, and the walk freezes in the first valley; near 1, it never settles.

    Returns
    -------
    callable
        Step k → temperature.

    Raises
    ------
    ValueError
        If cooling is 0 or outside 0..1.

    References
    ----------
    S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi (1983). Optimization by simulated annealing. Science 220(4598).

    Examples
    --------
    >>> temperature = geometric_schedule(8, 0.5)
    >>> [temperature(k) for k in range(4)]
    [8.0, 4.0, 2.0, 1.0]
    """
    T0, cooling = check_real("T0", T0, 0), check_real("cooling", cooling, 0, 1)
    if cooling == 0:
        raise ValueError("cooling must be above 0, not 0")
    return lambda k: T0 * cooling**k


def logarithmic_schedule(T0: float) -> Schedule:
    """Return the temperature T0 · ln 2 / ln(k + 2) of step k = 0, 1, …: so slow that annealing converges in theory.

    On a finite set of points the walk ends in a lowest one with probability 1 if T0 · ln 2 is at least the depth of the
    deepest valley that is not lowest. The price: after a thousand steps the temperature is still a tenth of T0.

    Parameters
    ----------
    T0 : float
        Temperature of the first step, in units of f.

    Returns
    -------
    callable
        Step k → temperature.

    References
    ----------
    B. Hajek (1988). Cooling schedules for optimal annealing. Math. Oper. Res. 13(2).

    Examples
    --------
    >>> temperature = logarithmic_schedule(8)
    >>> [round(temperature(k), 3) for k in (0, 2, 14, 1022)]
    [8.0, 4.0, 2.0, 0.8]
    """
    T0 = check_real("T0", T0, 0)
    return lambda k: T0 * math.log(2) / math.log(k + 2)


def simulated_annealing(
    f: Function,
    domain: Domain,
    budget: int,
    rng: np.random.Generator,
    *,
    start: ArrayLike | None = None,
    step: float | ArrayLike | None = None,
    schedule: Schedule | None = None,
) -> SearchResult:
    """Walk at random: step down always, up with the probability exp(-Δ / T), and let T fall.

    Each step draws ``rng.normal(0, step, w.shape)`` for where to look, and then ``rng.random()`` to decide.

    Parameters
    ----------
    f, domain, budget, rng
        As for every method; see `chainrule.search`.
    start : array, shape (n,), optional
        Where to start; drawn from the domain by default.
    step : float or array of shape (n,), optional
        Standard deviation of a step. A tenth of the domain's width by default. Too small, and the walk cannot cross a
        valley; too large, and it looks at random points.
    schedule : callable, optional
        Step k = 0, 1, … → temperature T, as `geometric_schedule` and `logarithmic_schedule` make them. By default
        geometric, from 1 to a thousandth within the budget; heights of another scale need another one.

    Returns
    -------
    SearchResult
        The best point seen, not the last; `current_trace` shows the walk.

    Raises
    ------
    ValueError
        If step is not positive and finite, or f is NaN or infinite wherever it was evaluated.

    References
    ----------
    S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi (1983). Optimization by simulated annealing. Science 220(4598).

    Examples
    --------
    >>> from chainrule.landscapes import wavy
    >>> curve, rng = wavy(), np.random.default_rng(0)
    >>> simulated_annealing(curve, curve.domain, 500, rng, start=[-4]).best_w.round(1).tolist()
    [1.6]
    """
    account = Account(f, domain, budget, rng)
    w = account.start(start)
    spread = np.asarray((account.high - account.low) / 10 if step is None else step, dtype=np.float64)
    if spread.shape not in ((), w.shape) or not np.all((spread > 0) & (spread < math.inf)):
        raise ValueError(f"step must be positive and finite, one number or {w.size} of them, not {step!r}")
    temperature = geometric_schedule(1, 1e-3 ** (1 / account.budget)) if schedule is None else schedule
    with account:
        value, k = account.evaluate(w), 0
        while True:
            candidate = w + account.rng.normal(0, spread, w.shape)
            chance = account.rng.random()
            height = account.evaluate(candidate, move=False)
            rise = height - value if height != value else 0.0  # and not inf - inf
            if chance < accept_probability(rise, temperature(k)):
                w, value = candidate, height
                account.move(w, value)
            k += 1
    return account.result()
