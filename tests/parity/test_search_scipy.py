"""Searches against SciPy's optimizers on the same landscapes."""

import numpy as np
import pytest

optimize = pytest.importorskip("scipy.optimize", reason="needs the parity extra")

from chainrule.landscapes import ackley, himmelblau, rastrigin, rosenbrock, wavy  # noqa: E402
from chainrule.search import (  # noqa: E402
    genetic_algorithm,
    geometric_schedule,
    gradient_descent,
    multi_start,
    simulated_annealing,
)

pytestmark = pytest.mark.parity

LANDSCAPES = [ackley(), himmelblau(), rastrigin(), rosenbrock(), wavy()]
every = pytest.mark.parametrize("landscape", LANDSCAPES, ids=lambda landscape: landscape.name)


@every
def test_the_listed_minimum_is_where_dual_annealing_ends(landscape):
    theirs = optimize.dual_annealing(landscape, landscape.domain, maxiter=200, rng=np.random.default_rng(0))
    assert theirs.fun == pytest.approx(landscape.minimum, abs=1e-6)
    assert np.abs(landscape.minima - theirs.x).max(axis=1).min() < 1e-3


@every
def test_annealing_ends_where_dual_annealing_does(landscape):
    theirs = optimize.dual_annealing(landscape, landscape.domain, maxiter=200, rng=np.random.default_rng(0))
    rng, domain, gradient = np.random.default_rng(1), landscape.domain, landscape.gradient
    cooling = geometric_schedule(10, 0.9995)
    walk = simulated_annealing(landscape, domain, 20_000, rng, step=np.ptp(domain[0]) / 25, schedule=cooling)
    # SciPy's method ends with a local search, so ours gets one too; Ackley's minimum is a sharp point.
    ours = gradient_descent(landscape, domain, 20_000, rng, gradient=gradient, start=walk.best_w, tolerance=1e-6)
    assert walk.best_f == pytest.approx(theirs.fun, abs=0.2)
    assert ours.best_f == pytest.approx(theirs.fun, abs=1e-6)


@pytest.mark.parametrize("landscape", [himmelblau(), rastrigin(), wavy()], ids=lambda landscape: landscape.name)
def test_evolution_ends_as_low_as_differential_evolution(landscape):
    theirs = optimize.differential_evolution(landscape, landscape.domain, rng=np.random.default_rng(0))
    ours = genetic_algorithm(landscape, landscape.domain, 8000, np.random.default_rng(0), population=40)
    assert landscape.minimum <= ours.best_f < theirs.fun + 0.01


@pytest.mark.parametrize("start", [-4.9, -3, -1, 0.9, 2.2, 4])
def test_small_steps_end_in_the_valley_that_scipy_finds_in_the_same_basin(start):
    curve = wavy()
    # The basin by hand: from the start along the slope's sign to where the slope changes its sign.
    grid = np.linspace(start, start - 3 * np.sign(curve.gradient([start])[0]), 3001)
    slopes = curve.gradient(grid[:, np.newaxis])[:, 0]
    turn = int(np.argmax(np.sign(slopes) != np.sign(slopes[0])))
    root = optimize.brentq(lambda w: curve.gradient([w])[0], grid[turn - 1], grid[turn])
    ours = gradient_descent(
        curve, curve.domain, 10_000, np.random.default_rng(0), gradient=curve.gradient, start=[start], lr=0.01
    )
    assert ours.best_w[0] == pytest.approx(root, abs=1e-4)


def test_multi_start_finds_what_bfgs_finds_from_the_same_starts():
    hills = himmelblau()
    starts = np.random.default_rng(0).uniform(-5, 5, (10, 2))
    theirs = min(optimize.minimize(hills, s, jac=hills.gradient, method="BFGS").fun for s in starts)
    ours = multi_start(hills, hills.domain, 20_000, np.random.default_rng(0), gradient=hills.gradient, starts=starts)
    assert ours.best_f == pytest.approx(theirs, abs=1e-8)
