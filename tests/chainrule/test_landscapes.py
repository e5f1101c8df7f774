"""Landscapes: heights and gradients against SymPy's, minima against a search of the whole domain."""

import dataclasses
import itertools

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.landscapes import ackley, himmelblau, rastrigin, rosenbrock, wavy

MAKERS = {
    "ackley1": lambda: ackley(1),
    "ackley2": ackley,
    "ackley5": lambda: ackley(5),
    "himmelblau": himmelblau,
    "rastrigin1": lambda: rastrigin(1),
    "rastrigin2": rastrigin,
    "rastrigin5": lambda: rastrigin(5),
    "rosenbrock2": rosenbrock,
    "rosenbrock5": lambda: rosenbrock(5),
    "wavy": wavy,
}
EVERY = pytest.mark.parametrize("landscape", [make() for make in MAKERS.values()], ids=list(MAKERS))


def formula(landscape):
    """The formula as published, written once more in SymPy, and its symbols."""
    n = landscape.dimensions
    w = sympy.symbols(f"w:{n}", real=True)
    pi, e, cos, exp, sqrt = sympy.pi, sympy.E, sympy.cos, sympy.exp, sympy.sqrt
    expressions = {
        "Rastrigin": lambda: 10 * n + sum(x**2 - 10 * cos(2 * pi * x) for x in w),
        "Himmelblau": lambda: (w[0] ** 2 + w[1] - 11) ** 2 + (w[0] + w[1] ** 2 - 7) ** 2,
        "Rosenbrock": lambda: sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(w)),
        "Ackley": lambda: (
            -20 * exp(-sqrt(sum(x**2 for x in w) / n) / 5) - exp(sum(cos(2 * pi * x) for x in w) / n) + 20 + e
        ),
        "Wavy curve": lambda: sympy.sin(3 * w[0]) + (w[0] ** 2 - 2 * w[0]) / 10,
    }
    return expressions[landscape.name](), w


@EVERY
def test_height_and_gradient_are_those_of_the_formula(landscape):
    expression, symbols = formula(landscape)
    low, high = np.array(landscape.domain).T
    points = np.random.default_rng(0).uniform(low, high, (20, landscape.dimensions))
    points[0] = 1e-3  # close to a minimum, where digits are easily lost
    partials = [sympy.diff(expression, symbol) for symbol in symbols]
    for w in points:
        values = dict(zip(symbols, map(sympy.Rational, w.tolist()), strict=True))
        assert landscape(w) == pytest.approx(float(expression.evalf(30, subs=values)), rel=1e-9, abs=1e-12)
        exact = [float(partial.evalf(30, subs=values)) for partial in partials]
        assert landscape.gradient(w) == pytest.approx(exact, rel=1e-9, abs=1e-9)


@EVERY
def test_gradient_is_the_slope_by_finite_differences(landscape):
    low, high = np.array(landscape.domain).T
    n, eps = landscape.dimensions, 1e-5
    for w in np.random.default_rng(1).uniform(low, high, (10, n)):
        numeric = [(landscape(w + eps * d) - landscape(w - eps * d)) / (2 * eps) for d in np.eye(n)]
        assert landscape.gradient(w) == pytest.approx(numeric, rel=1e-5, abs=1e-5)


@EVERY
def test_every_listed_minimum_is_flat_and_lower_than_its_neighbors(landscape):
    rng = np.random.default_rng(2)
    listed = [*landscape.minima, *landscape.local_minima]
    for w in listed:
        assert landscape.gradient(w) == pytest.approx(np.zeros(len(w)), abs=1e-8)
        around = w + rng.normal(0, 1e-3, (200, landscape.dimensions))
        assert np.all(landscape(around) > landscape(w))
        assert all(a <= x <= b for x, (a, b) in zip(w, landscape.domain, strict=True))


@EVERY
def test_no_point_of_the_domain_is_lower(landscape):
    low, high = np.array(landscape.domain).T
    n = landscape.dimensions
    points = np.random.default_rng(3).uniform(low, high, (20_000, n))
    assert landscape(points).min() >= landscape.minimum
    for w in landscape.minima:
        assert landscape(w) == pytest.approx(landscape.minimum, abs=1e-20)
    if landscape.name != "Wavy curve":
        assert landscape.minimum == 0


def test_the_wavy_curve_has_the_valleys_that_are_listed():
    curve = wavy()
    grid = np.linspace(*curve.domain[0], 100_001)
    heights = curve(grid[:, np.newaxis])
    valleys = grid[1:-1][(heights[1:-1] < heights[:-2]) & (heights[1:-1] < heights[2:])]
    listed = np.sort(np.concatenate([curve.minima, curve.local_minima]).ravel())
    assert valleys == pytest.approx(listed, abs=1e-4)
    assert grid[heights.argmin()] == pytest.approx(curve.minima[0, 0], abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(
    maker=st.sampled_from(sorted(MAKERS)),
    lead=st.lists(st.integers(0, 3), max_size=2).map(tuple),
    seed=st.integers(0, 9),
)
def test_many_points_at_once_are_each_point_alone(maker, lead, seed):
    landscape = MAKERS[maker]()
    points = np.random.default_rng(seed).normal(size=(*lead, landscape.dimensions))
    before = points.copy()
    heights, slopes = landscape(points), landscape.gradient(points)
    assert np.shape(heights) == lead
    assert slopes.shape == points.shape
    for index in np.ndindex(lead):
        assert landscape(points[index]) == pytest.approx(np.asarray(heights)[index], rel=1e-12)
        assert landscape.gradient(points[index]) == pytest.approx(slopes[index], rel=1e-12)
    assert np.array_equal(points, before)


def test_one_point_has_a_plain_number_for_its_height():
    assert type(rastrigin()([1, 2])) is float
    assert rosenbrock()([1, 2]) == 100
    assert rosenbrock().gradient([1, 2]).dtype == np.float64


def test_the_sharp_minimum_of_ackley_has_no_nan():
    with np.errstate(all="raise"):
        assert ackley(3).gradient([0, 0, 0]).tolist() == [0, 0, 0]


@pytest.mark.parametrize("w", [3.0, [1, 2, 3], np.zeros((4, 1)), []])
def test_points_of_a_wrong_shape_are_refused(w):
    with pytest.raises(ValueError, match=r"Rastrigin takes points of shape \(..., 2\), not shape"):
        rastrigin()(w)
    with pytest.raises(ValueError, match="takes points of shape"):
        rastrigin().gradient(w)


@pytest.mark.parametrize(("make", "least"), [(rastrigin, 1), (ackley, 1), (rosenbrock, 2)])
def test_impossible_dimensions_are_refused(make, least):
    assert make(least).dimensions == least
    with pytest.raises(ValueError, match=f"dimensions must be at least {least}"):
        make(least - 1)
    with pytest.raises(TypeError, match="dimensions must be an integer"):
        make(2.0)


def test_a_landscape_cannot_be_changed():
    hills = himmelblau()
    with pytest.raises(dataclasses.FrozenInstanceError):
        hills.name = "mine"
    with pytest.raises(ValueError, match="read-only"):
        hills.minima[0] = 0
