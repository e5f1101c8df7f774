"""The baseline, and the arithmetic of trying again."""

from __future__ import annotations

import math

import numpy as np

from chainrule._arguments import check_count, check_real
from chainrule.search._result import Account, Domain, Function, SearchResult


def random_search(f: Function, domain: Domain, budget: int, rng: np.random.Generator) -> SearchResult:
    """Evaluate points drawn uniformly from the domain: what any other method has to beat.

    Parameters
    ----------
    f, domain, budget, rng
        As for every method; see `chainrule.search`.

    Returns
    -------
    SearchResult
        `current_trace` has the height of each point drawn.

    References
    ----------
    S. H. Brooks (1958). A discussion of random methods for seeking maxima. Operations Research 6(2).

    Examples
    --------
    >>> from chainrule.landscapes import himmelblau
    >>> hills = himmelblau()
    >>> result = random_search(hills, hills.domain, 1000, np.random.default_rng(0))
    >>> result.evaluations, result.best_f < 5
    (1000, True)
    """
    account = Account(f, domain, budget, rng)
    with account:
        while True:
            account.evaluate(account.start())
    return account.result()


def success_probability(p: float, k: int) -> float:
    """Return 1 - (1 - p)ᵏ: the chance that at least one of k independent tries succeeds.

    Parameters
    ----------
    p : float
        Chance that one try succeeds, in 0..1, such as the share of starts that lead to the lowest valley.
    k : int
        Number of tries, 0 or more.

    Returns
    -------
    float

    Examples
    --------
    >>> success_probability(0.5, 2)
    0.75
    """
    p, k = check_real("p", p, 0, 1), check_count("k", k, least=0)
    if p == 1:
        return 1.0 if k else 0.0
    return -math.expm1(k * math.log1p(-p))  # keeps the digits of a tiny p


def starts_needed(p: float, q: float) -> float:
    """Return the smallest k with 1 - (1 - p)ᵏ >= q: how many starts make success as likely as q.

    Parameters
    ----------
    p : float
        Chance that one start succeeds, in 0..1.
    q : float
        Chance wanted, above 0 and below 1.

    Returns
    -------
    int, or ``math.inf`` if p is 0
        Equality within rounding (a relative 1e-12 of k) counts as reached.

    Raises
    ------
    ValueError
        If p is outside 0..1, or q is not between 0 and 1.

    Examples
    --------
    >>> starts_needed(0.5, 0.75), starts_needed(0.1, 0.99), starts_needed(0, 0.5)
    (2, 44, inf)
    """
    p, q = check_real("p", p, 0, 1), check_real("q", q, 0, 1)
    if q in (0, 1):
        raise ValueError(f"q must be above 0 and below 1, not {q:g}; no finite number of starts makes it certain")
    if p in (0, 1):
        return math.inf if p == 0 else 1
    k = math.log1p(-q) / math.log1p(-p) * (1 - 1e-12)
    return max(1, math.ceil(k)) if k < math.inf else k
