"""A genetic algorithm: points compete, mix and mutate, and the best one stays."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._arguments import check_count, check_real, check_rng
from chainrule.search._result import Account, Domain, Function, SearchResult

Array = NDArray[np.float64]


def select(population: ArrayLike, scores: ArrayLike, rng: np.random.Generator, k: int = 3) -> Array:
    """Hold a tournament: draw k individuals, with replacement, and return the one with the lowest score.

    Parameters
    ----------
    population : array, shape (size, ...)
        One individual a row.
    scores : array, shape (size,)
        Its height; NaN loses to any number.
    rng : numpy.random.Generator
        Source of all randomness.
    k : int, default 3
        Size of the tournament. 1 is pure chance; a large one lets only the best have children.

    Returns
    -------
    array
        A copy of the individual.

    Raises
    ------
    ValueError
        If there is no individual, or there are more or fewer scores than individuals.

    References
    ----------
    D. E. Goldberg and K. Deb (1991). A comparative analysis of selection schemes used in genetic algorithms.
    Foundations of Genetic Algorithms 1.

    Examples
    --------
    >>> select([[1.0], [2.0], [3.0]], [30, 10, 20], np.random.default_rng(0), k=20).tolist()
    [2.0]
    """
    population, scores = np.asarray(population), np.asarray(scores, dtype=np.float64)
    if population.ndim == 0 or scores.shape != population.shape[:1] or scores.size == 0:
        raise ValueError(
            "population and scores must have as many rows, at least one, "
            f"not shapes {population.shape} and {scores.shape}"
        )
    scores = np.where(np.isnan(scores), np.inf, scores)
    return np.array(population[_winners(scores, check_rng(rng), check_count("k", k), 1)[0]])


def crossover(a: ArrayLike, b: ArrayLike, rng: np.random.Generator) -> Array:
    """Mix two parents to one child: each entry comes from either, with equal chance (uniform crossover).

    Parameters
    ----------
    a, b : array
        Parents of equal shape; neither is changed.
    rng : numpy.random.Generator
        Source of all randomness.

    Returns
    -------
    array
        The child, in the shape of its parents.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    G. Syswerda (1989). Uniform crossover in genetic algorithms. Proc. 3rd Int. Conf. on Genetic Algorithms.

    Examples
    --------
    >>> crossover([1, 2, 3, 4], [10, 20, 30, 40], np.random.default_rng(0)).tolist()
    [10, 2, 3, 4]
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(f"a and b must have one shape, not {a.shape} and {b.shape}")
    return np.where(check_rng(rng).random(a.shape) < 0.5, a, b)


def mutate(w: ArrayLike, rate: float, scale: float | ArrayLike, rng: np.random.Generator) -> Array:
    """Add normal noise to some entries, each with probability `rate`.

    Parameters
    ----------
    w : array
        The individual; it is not changed.
    rate : float
        Chance of each entry to mutate, in 0..1. At 1 children hardly resemble their parents.
    scale : float or array of the shape of w, or of its last axis
        Standard deviation of the noise, 0 or more.
    rng : numpy.random.Generator
        Source of all randomness.

    Returns
    -------
    float64 array
        The mutant, in the shape of w.

    Examples
    --------
    >>> mutate([1, 2, 3], 0, 0.3, np.random.default_rng(0)).tolist()
    [1.0, 2.0, 3.0]
    """
    w, rate = np.asarray(w, dtype=np.float64), check_real("rate", rate, 0, 1)
    spread = _check_scale(scale, w.shape)
    chosen = check_rng(rng).random(w.shape) < rate
    return np.where(chosen, w + rng.normal(0, spread, w.shape), w)


def genetic_algorithm(
    f: Function,
    domain: Domain,
    budget: int,
    rng: np.random.Generator,
    *,
    population: int | ArrayLike = 20,
    tournament: int = 3,
    rate: float = 0.2,
    scale: float | ArrayLike | None = None,
) -> SearchResult:
    """Let a population evolve: parents win tournaments, children mix them and mutate, the best survives unchanged.

    The next generation is the best individual and size - 1 children, each of two parents picked as by `select`, mixed
    by `crossover` and changed by `mutate`. The best is not evaluated again: a generation costs size - 1 evaluations.

    Parameters
    ----------
    f, domain, budget, rng
        As for every method; see `chainrule.search`.
    population : int or array of shape (size, n), default 20
        Size of a population to draw from the domain, or the population itself; at least 2. A small one soon consists
        of copies, a large one uses up the budget in few generations.
    tournament : int, default 3
        Individuals that compete to be a parent; see `select`.
    rate : float, default 0.2
        Chance of each entry of a child to mutate.
    scale : float or array of shape (n,), optional
        Standard deviation of a mutation. A twentieth of the domain's width by default.

    Returns
    -------
    SearchResult
        `current_trace` has the height of each individual when it was evaluated, generation after generation.

    References
    ----------
    J. H. Holland (1975). Adaptation in Natural and Artificial Systems. University of Michigan Press.
    K. A. De Jong (1975), PhD thesis, University of Michigan (elitism).

    Examples
    --------
    >>> from chainrule.landscapes import rastrigin
    >>> hills, rng = rastrigin(), np.random.default_rng(0)
    >>> result = genetic_algorithm(hills, hills.domain, 2000, rng)
    >>> result.best_w.round(1).tolist(), result.evaluations
    ([-0.0, -0.0], 2000)
    """
    account = Account(f, domain, budget, rng)
    if np.ndim(population) == 0:
        size = check_count("population", population, least=2)
        individuals = np.array([account.start() for _ in range(size)])
    else:
        individuals = np.array([account.start(individual) for individual in np.asarray(population)])
        size = check_count("the size of population", len(individuals), least=2)
    tournament, rate = check_count("tournament", tournament), check_real("rate", rate, 0, 1)
    spread = _check_scale((account.high - account.low) / 20 if scale is None else scale, account.low.shape)
    with account:
        scores = np.array([account.evaluate(individual) for individual in individuals])
        while True:
            mothers, fathers = (individuals[_winners(scores, rng, tournament, size - 1)] for _ in range(2))
            children = mutate(crossover(mothers, fathers, rng), rate, spread, rng)
            best = scores.argmin()
            individuals = np.concatenate([individuals[[best]], children])
            scores = np.array([scores[best], *(account.evaluate(child) for child in children)])
    return account.result()


def _winners(scores: Array, rng: np.random.Generator, k: int, rounds: int) -> NDArray[np.intp]:
    """Hold that many tournaments of k individuals each, and return the number of each winner."""
    drawn = rng.integers(len(scores), size=(rounds, k))
    winners: NDArray[np.intp] = drawn[np.arange(rounds), scores[drawn].argmin(axis=1)]
    return winners


def _check_scale(scale: float | ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return the standard deviations of mutations as float64, one number or as many as w has."""
    spread = np.asarray(scale, dtype=np.float64)
    if spread.shape not in ((), shape, shape[-1:]) or not np.all((spread >= 0) & (spread < np.inf)):
        raise ValueError(f"scale must be finite and 0 or more, one number or of shape {shape}, not {scale!r}")
    return spread
