"""Look for the lowest point of a function: descent from many starts, annealing, evolution, noise and plain luck.

Every method is called alike, ``method(f, domain, budget, rng, **options)``, and returns a `SearchResult`:

f : callable
    Takes w, float64 of shape (n,), and returns a number. NaN counts as infinitely high.
domain : sequence of (low, high)
    A range for each entry of w. Starting points are drawn there, uniformly; a search may leave it, except
    `random_search`.
budget : int
    The most evaluations that may be spent, so that methods can be compared. A call of `f` is one evaluation, and so
    is a call of ``gradient``; without a gradient, central differences spend 2n calls of `f` on each.
rng : numpy.random.Generator
    Source of all randomness.

No method is sure to find the lowest point. With a finite budget all of them are heuristics.
"""

from chainrule.search._annealing import (
    accept_probability,
    geometric_schedule,
    logarithmic_schedule,
    simulated_annealing,
)
from chainrule.search._descent import gradient_descent, multi_start, noisy_descent
from chainrule.search._genetic import crossover, genetic_algorithm, mutate, select
from chainrule.search._luck import random_search, starts_needed, success_probability
from chainrule.search._result import SearchResult

__all__ = [
    "SearchResult",
    "accept_probability",
    "crossover",
    "genetic_algorithm",
    "geometric_schedule",
    "gradient_descent",
    "logarithmic_schedule",
    "multi_start",
    "mutate",
    "noisy_descent",
    "random_search",
    "select",
    "simulated_annealing",
    "starts_needed",
    "success_probability",
]
