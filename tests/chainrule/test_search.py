"""Searches: the account of evaluations, the meaning of each method, and its chances against theory."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chainrule.landscapes import himmelblau, rastrigin, rosenbrock, wavy
from chainrule.search import (
    accept_probability,
    crossover,
    genetic_algorithm,
    geometric_schedule,
    gradient_descent,
    logarithmic_schedule,
    multi_start,
    mutate,
    noisy_descent,
    random_search,
    select,
    simulated_annealing,
    starts_needed,
    success_probability,
)

METHODS = [
    random_search,
    gradient_descent,
    multi_start,
    simulated_annealing,
    genetic_algorithm,
    noisy_descent,
]
TAKE_A_GRADIENT = [gradient_descent, multi_start, noisy_descent]
every = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)


def rng(seed=0):
    return np.random.default_rng(seed)


class Counted:
    """A landscape that writes down what it is asked."""

    def __init__(self, landscape):
        self.landscape, self.domain = landscape, landscape.domain
        self.heights, self.points, self.slopes = [], [], 0

    def __call__(self, w):
        self.points.append(w.copy())
        self.heights.append(self.landscape(w))
        return self.heights[-1]

    def gradient(self, w):
        self.slopes += 1
        return self.landscape.gradient(w)

    def options(self, method, analytic):
        return {"gradient": self.gradient} if analytic and method in TAKE_A_GRADIENT else {}


# The account


@every
@pytest.mark.parametrize("analytic", [True, False])
@pytest.mark.parametrize("budget", [1, 2, 7, 20, 300])
def test_the_budget_is_kept_and_what_was_spent_is_stated(method, analytic, budget):
    hills = Counted(rastrigin())
    result = method(hills, hills.domain, budget, rng(1), **hills.options(method, analytic))
    assert result.evaluations == len(hills.heights) + hills.slopes
    if method is gradient_descent:
        assert result.evaluations <= budget  # it may stop when the ground is level
    else:
        assert result.evaluations == budget


@every
@pytest.mark.parametrize("analytic", [True, False])
def test_the_traces_are_what_was_evaluated(method, analytic):
    hills = Counted(himmelblau())
    result = method(hills, hills.domain, 200, rng(2), **hills.options(method, analytic))
    assert result.best_f == min(hills.heights)
    assert np.array_equal(result.best_w, hills.points[int(np.argmin(hills.heights))])
    assert result.best_trace.shape == result.current_trace.shape == (result.evaluations,)
    assert result.path.shape == (result.evaluations, 2)
    if hills.slopes == 0:
        assert np.array_equal(result.best_trace, np.minimum.accumulate(hills.heights))
    assert np.all(np.diff(result.best_trace) <= 0)
    assert result.best_trace[-1] == result.best_f
    assert result.current_trace == pytest.approx(hills.landscape(result.path), rel=1e-9)
    assert np.array_equal(result.path[0], hills.points[0])


@every
def test_a_search_follows_its_generator_alone(method):
    hills = rastrigin()
    state = np.random.get_state()[1].copy()  # noqa: NPY002 (the global state must stay as it was)
    first, again, other = (method(hills, hills.domain, 100, rng(seed)).path for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[: len(other)], other[: len(first)])
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@every
def test_starts_are_drawn_from_the_domain(method):
    domain = [(-1, 1), (5, 9), (100, 100.5)]
    for seed in range(20):
        first = method(lambda w: float(w @ w), domain, 5, rng(seed)).path[0]
        assert all(low <= x <= high for x, (low, high) in zip(first, domain, strict=True))


@every
def test_a_function_that_scribbles_on_its_argument_does_no_harm(method):
    def scribble(w):
        height = float(np.sum((w - 1) ** 2))
        w[:] = 1e9
        return height

    result = method(scribble, [(-2, 2)] * 2, 200, rng())
    assert np.sum((result.best_w - 1) ** 2) == pytest.approx(result.best_f)
    assert np.abs(result.path).max() < 1e3


@every
def test_nan_counts_as_infinitely_high(method):
    def half_a_bowl(w):
        return math.nan if w[0] > 0.5 else float((w[0] + 1) ** 2)

    result = method(half_a_bowl, [(-2, 2)], 400, rng(1))
    assert result.best_w[0] <= 0.5
    assert math.isfinite(result.best_f)
    assert not np.isnan(result.current_trace).any()


@every
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_function_without_a_finite_value_is_refused(method, value):
    with pytest.raises(ValueError, match="NaN or infinite at every point evaluated"):
        method(lambda w: value, [(-1, 1)], 30, rng())


@every
@pytest.mark.parametrize(
    ("domain", "message"),
    [
        ([], "a pair"),
        ([-1, 1], "a pair"),
        ([(-1, 0, 1)], "a pair"),
        ([(1, -1)], "low < high"),
        ([(0, 0)], "low < high"),
        ([(0, math.inf)], "finite low < high"),
        ([(math.nan, 1)], "finite low < high"),
    ],
)
def test_impossible_domains_are_refused(method, domain, message):
    with pytest.raises(ValueError, match=f"domain must .*{message}"):
        method(lambda w: 0.0, domain, 10, rng())


@every
def test_other_wrong_arguments_are_refused(method):
    domain = [(-1, 1)]
    with pytest.raises(ValueError, match="budget must be at least 1, not 0"):
        method(lambda w: 0.0, domain, 0, rng())
    with pytest.raises(TypeError, match="budget must be an integer"):
        method(lambda w: 0.0, domain, 1e3, rng())
    with pytest.raises(TypeError, match="rng must be a numpy"):
        method(lambda w: 0.0, domain, 10, 0)
    with pytest.raises(TypeError, match="f must be a function of w, not float"):
        method(1.0, domain, 10, rng())
    with pytest.raises(TypeError, match=r"f must return one number, not an array of shape \(1,\)"):
        method(lambda w: w, domain, 10, rng())
    with pytest.raises(TypeError, match="f must return one number, not None"):
        method(lambda w: None, domain, 10, rng())


@pytest.mark.parametrize("method", [gradient_descent, simulated_annealing, noisy_descent])
@pytest.mark.parametrize("start", [0.0, [0.0], [0, 0, 0], [0, math.nan]])
def test_impossible_starts_are_refused(method, start):
    with pytest.raises(ValueError, match="start must be 2 finite numbers"):
        method(himmelblau(), himmelblau().domain, 10, rng(), start=start)


@pytest.mark.parametrize("method", TAKE_A_GRADIENT)
def test_gradients_of_a_wrong_shape_are_refused(method):
    with pytest.raises(ValueError, match=r"gradient must return an array of shape \(2,\), not \(\)"):
        method(himmelblau(), himmelblau().domain, 10, rng(), gradient=lambda w: 1.0)
    with pytest.raises(TypeError, match="gradient must be a function of w"):
        method(himmelblau(), himmelblau().domain, 10, rng(), gradient="auto")


@pytest.mark.parametrize(
    ("method", "option", "message"),
    [
        (gradient_descent, {"lr": 0}, "lr must be above 0"),
        (gradient_descent, {"lr": -1}, "lr must be in"),
        (multi_start, {"lr": math.nan}, "lr must be in"),
        (multi_start, {"tolerance": -1}, "tolerance must be in"),
        (multi_start, {"starts": 0}, "starts must be at least 1"),
        (multi_start, {"starts": np.empty((0, 2))}, "number of starts must be at least 1"),
        (multi_start, {"starts": np.zeros((3, 1))}, "start must be 2 finite numbers"),
        (noisy_descent, {"noise": -1}, "noise must be in"),
        (simulated_annealing, {"step": 0}, "step must be positive"),
        (simulated_annealing, {"step": [1, 2, 3]}, "step must be positive"),
        (simulated_annealing, {"schedule": lambda k: -1.0}, "T must be in"),
        (genetic_algorithm, {"population": 1}, "population must be at least 2"),
        (genetic_algorithm, {"population": np.zeros((1, 2))}, "size of population must be at least 2"),
        (genetic_algorithm, {"population": np.zeros((4, 3))}, "start must be 2 finite numbers"),
        (genetic_algorithm, {"tournament": 0}, "tournament must be at least 1"),
        (genetic_algorithm, {"rate": 1.5}, "rate must be in"),
        (genetic_algorithm, {"scale": -1}, "scale must be finite"),
        (genetic_algorithm, {"scale": [1, 2, 3]}, "scale must be finite"),
    ],
)
def test_impossible_options_are_refused(method, option, message):
    with pytest.raises(ValueError, match=message):
        method(himmelblau(), himmelblau().domain, 10, rng(), **option)


# Descent


@settings(max_examples=30, deadline=None)
@given(x=st.floats(-5, 5), y=st.floats(-5, 5))
def test_descent_never_climbs_and_ends_on_level_ground(x, y):
    hills = himmelblau()
    result = gradient_descent(hills, hills.domain, 5000, rng(), gradient=hills.gradient, start=[x, y])
    assert np.all(np.diff(result.current_trace) <= 0)
    assert result.evaluations < 5000
    assert np.abs(hills.gradient(result.best_w)).max() <= 1e-4


def test_descent_takes_the_plain_step_where_it_is_short_enough():
    # w², lr = 0.1: w ← w - 0.1 · 2w = 0.8 w
    result = gradient_descent(lambda w: float(w[0] ** 2), [(-1, 1)], 12, rng(), gradient=lambda w: 2 * w, start=[3])
    moves = result.path[::2, 0]
    assert moves == pytest.approx(3 * 0.8 ** np.arange(6))


def test_a_step_that_overshoots_is_halved_until_it_lowers_f():
    # 50 w² from w = 1 with slope 100: a step of 1/2ᵏ leads to 1 - 100/2ᵏ, which is no lower until 2ᵏ = 64.
    result = gradient_descent(
        lambda w: 50 * float(w[0] ** 2), [(-1, 1)], 9, rng(), gradient=lambda w: 100 * w, start=[1], lr=1
    )
    assert result.path[:, 0].tolist() == [1] * 8 + [1 - 100 / 64]


def test_the_first_of_equally_low_points_is_the_best():
    result = random_search(lambda w: 3.0, [(0, 1)], 10, rng())
    assert np.array_equal(result.best_w, result.path[0])


def test_central_differences_lead_where_the_gradient_does():
    hills = rosenbrock()
    options = {"start": [-1.2, 1], "tolerance": 1e-3}
    exact = gradient_descent(hills, hills.domain, 100_000, rng(), gradient=hills.gradient, **options)
    numeric = gradient_descent(hills, hills.domain, 100_000, rng(), **options)
    assert numeric.best_w == pytest.approx(exact.best_w, abs=1e-2)
    assert exact.best_w == pytest.approx([1, 1], abs=1e-2)


def test_multi_start_is_the_best_of_its_descents():
    hills = rastrigin()
    starts = rng(5).uniform(-5, 5, (6, 2))
    options = {"gradient": hills.gradient, "lr": 0.002}
    together = multi_start(hills, hills.domain, 100_000, rng(), starts=starts, **options)
    alone = [gradient_descent(hills, hills.domain, 100_000, rng(), start=s, **options) for s in starts]
    assert together.best_f == min(run.best_f for run in alone)
    assert together.evaluations == sum(run.evaluations for run in alone)
    assert np.array_equal(together.path, np.concatenate([run.path for run in alone]))


def test_multi_start_succeeds_as_often_as_theory_says():
    # p: the share of starts from which the way down, always a little step at a time, ends in the lowest valley.
    curve = wavy()
    grid = np.linspace(-5, 5, 20_001)
    heights = curve(grid[:, np.newaxis])
    ridges = grid[1:-1][(heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])]
    lowest = curve.minima[0, 0]
    p = (ridges[ridges > lowest].min() - ridges[ridges < lowest].max()) / 10
    k, seeds = 3, 1000
    found = sum(
        abs(
            multi_start(
                curve, curve.domain, 10_000, rng(seed), gradient=curve.gradient, starts=k, lr=0.05, tolerance=0.01
            ).best_w[0]
            - lowest
        )
        < 0.1
        for seed in range(seeds)
    )
    expected = 1 - (1 - p) ** k
    # Five standard deviations of a binomial share: a correct search misses this once in two million runs.
    assert found / seeds == pytest.approx(expected, abs=5 * math.sqrt(expected * (1 - expected) / seeds))
    assert expected == pytest.approx(success_probability(p, k))


def test_noisy_descent_is_its_formula():
    hills, w, generator = rastrigin(), np.array([1.3, -2.2]), rng(7)
    expected = [w]
    for t in range(50):
        w = w - 0.003 * (hills.gradient(w) + generator.normal(0, 20 / math.sqrt(t + 1), w.shape))
        expected.append(w)
    result = noisy_descent(
        hills, hills.domain, 101, rng(7), gradient=hills.gradient, start=[1.3, -2.2], lr=0.003, noise=20
    )
    # A step costs two evaluations, of the gradient and of f; the walk moves with the second.
    assert result.path[::2] == pytest.approx(np.array(expected), abs=1e-12)


def test_noise_shakes_a_walk_out_of_a_valley_that_descent_stays_in():
    curve = wavy()
    options = {"gradient": curve.gradient, "start": [-1], "lr": 0.05}
    lowest = curve.minimum + 1e-3
    still = [noisy_descent(curve, curve.domain, 500, rng(s), noise=0, **options).best_f for s in range(3)]
    shaken = [noisy_descent(curve, curve.domain, 500, rng(s), noise=80, **options).best_f for s in range(30)]
    assert min(still) > lowest
    assert np.mean(np.array(shaken) < lowest) > 0.5


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_a_diverging_walk_ends():
    result = noisy_descent(
        lambda w: float(w[0] ** 4), [(1, 2)], 10_000, rng(), gradient=lambda w: 4 * w**3, lr=10, noise=0
    )
    assert result.evaluations < 100
    assert result.best_f == result.current_trace[0]


# Annealing


@pytest.mark.parametrize(("delta", "T", "p"), [(0, 0, 1), (0, 1, 1), (-1, 0, 1), (1, 0, 0), (1, 1, math.exp(-1))])
def test_accept_probability(delta, T, p):
    assert accept_probability(delta, T) == pytest.approx(p)


@settings(max_examples=100, deadline=None)
@given(delta=st.floats(allow_nan=False), T=st.floats(0, 1e300))
@example(delta=1e308, T=5e-324)
@example(delta=-1e308, T=5e-324)
@example(delta=math.inf, T=0.0)
def test_accept_probability_is_a_probability_without_overflow(delta, T):
    p = accept_probability(delta, T)
    assert 0 <= p <= 1
    assert (p == 1) or delta > 0
    assert accept_probability(delta, 2 * T) >= p


def test_impossible_temperatures_are_refused():
    for T in -1, math.nan, math.inf:
        with pytest.raises(ValueError, match="T must be"):
            accept_probability(1, T)
    with pytest.raises(ValueError, match="delta must be"):
        accept_probability(math.nan, 1)


def test_annealing_is_its_formula():
    hills, generator = rastrigin(), rng(9)
    w, T = np.array([3.0, -4.0]), 20.0
    best, heights = w, [hills(w)]
    for _ in range(300):
        candidate = w + generator.normal(0, 0.5, w.shape)
        worse = hills(candidate) - hills(w)
        if generator.random() < (1 if worse <= 0 else math.exp(-worse / T)):
            w = candidate
        T *= 0.98
        best = w if hills(w) < hills(best) else best
        heights.append(hills(w))
    result = simulated_annealing(
        hills, hills.domain, 301, rng(9), start=[3, -4], step=0.5, schedule=geometric_schedule(20, 0.98)
    )
    assert result.current_trace.tolist() == heights
    assert np.array_equal(result.best_w, best)


def test_a_frozen_walk_never_climbs_and_a_hot_one_goes_anywhere():
    hills = rastrigin()
    frozen = simulated_annealing(hills, hills.domain, 500, rng(), schedule=lambda k: 0.0)
    hot = simulated_annealing(hills, hills.domain, 500, rng(), schedule=lambda k: 1e12)
    assert np.all(np.diff(frozen.current_trace) <= 0)
    assert np.all(np.any(np.diff(hot.path, axis=0) != 0, axis=1))


def test_a_walk_at_one_temperature_visits_heights_as_boltzmann_says():
    # f = w²/2 at temperature T: the walk's w is normal with variance T, its mean height T/2.
    T = 0.7
    result = simulated_annealing(
        lambda w: 0.5 * float(w[0] ** 2), [(-1, 1)], 60_000, rng(3), step=2.0, schedule=lambda k: T
    )
    blocks = result.current_trace[100:].reshape(-1, 100).mean(axis=1)
    error = blocks.std() / math.sqrt(len(blocks) / 2)
    assert result.current_trace.mean() == pytest.approx(T / 2, abs=5 * error)
    assert np.var(result.path) == pytest.approx(T, rel=0.1)


def test_schedules():
    geometric, logarithmic = geometric_schedule(5, 0.9), logarithmic_schedule(5)
    T = 5.0
    for k in range(50):
        assert geometric(k) == pytest.approx(T)
        assert logarithmic(k) * math.log(k + 2) == pytest.approx(5 * math.log(2))
        T *= 0.9
    assert geometric(0) == logarithmic(0) == 5
    for wrong in (-1, 0.5), (5, 0), (5, 1.1), (math.nan, 0.5):
        with pytest.raises(ValueError, match=r"(T0|cooling) must be"):
            geometric_schedule(*wrong)
    with pytest.raises(ValueError, match="T0 must be"):
        logarithmic_schedule(-1)


# Evolution


def test_the_tournament_is_won_as_often_as_theory_says():
    # With k draws out of 5, the winner is number i or better unless all draws are worse: 1 - ((5 - i) / 5)ᵏ.
    generator, k, rounds = rng(), 3, 20_000
    population, scores = np.arange(5.0)[:, np.newaxis], np.array([2.0, 0.0, 1.0, np.nan, 3.0])
    ranks = np.array([2, 0, 1, 4, 3])
    won = [ranks[int(select(population, scores, generator, k)[0])] for _ in range(rounds)]
    for i in range(1, 5):
        p = 1 - ((5 - i) / 5) ** k
        assert np.mean(np.array(won) < i) == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / rounds))


def test_selection_returns_a_copy():
    population = np.zeros((2, 3))
    select(population, [1, 2], rng())[:] = 7
    assert not population.any()


def test_children_take_each_entry_from_either_parent():
    a, b = np.arange(10_000), -np.arange(10_000) - 1
    child = crossover(a, b, rng())
    from_a = child == a
    assert np.all(from_a | (child == b))
    assert from_a.mean() == pytest.approx(0.5, abs=5 * 0.5 / 100)
    assert a[1] == 1
    assert b[0] == -1


def test_mutations_have_their_rate_and_scale():
    w = np.full((100, 200), 5)
    mutant = mutate(w, 0.3, 2.0, rng())
    changed = mutant != w
    assert changed.mean() == pytest.approx(0.3, abs=5 * math.sqrt(0.21 / 20_000))
    assert np.std(mutant[changed] - 5) == pytest.approx(2.0, rel=0.05)
    assert np.mean(mutant[changed]) == pytest.approx(5, abs=5 * 2 / math.sqrt(6000))
    assert np.all(w == 5)
    assert np.array_equal(mutate(w, 0, 2.0, rng()), w)


def test_every_generation_keeps_its_best_and_its_size():
    size, generations = 8, 6
    hills = Counted(rastrigin())
    start = rng(1).uniform(-5, 5, (size, 2))
    before = start.copy()
    budget = size + generations * (size - 1)
    genetic_algorithm(hills, hills.domain, budget, rng(2), population=start, rate=0.0)
    assert np.array_equal(start, before)
    assert np.array_equal(hills.points[:size], start)
    # Without mutation every entry is inherited; from a generation on, only from those who lived in the one before.
    alive = list(zip(hills.points[:size], hills.heights[:size], strict=True))
    for g in range(generations):
        first = size + g * (size - 1)
        children = hills.points[first : first + size - 1]
        for entry in range(2):
            assert {c[entry] for c in children} <= {w[entry] for w, _ in alive}
        best = min(alive, key=lambda pair: pair[1])
        alive = [best, *zip(children, hills.heights[first : first + size - 1], strict=True)]


def test_evolution_closes_in():
    hills = rastrigin(4)
    runs = [genetic_algorithm(hills, hills.domain, 2000, rng(seed), scale=0.3) for seed in range(9)]
    luck = [random_search(hills, hills.domain, 2000, rng(seed)) for seed in range(9)]
    for run in runs:
        early, late = (np.ptp(run.path[part], axis=0).mean() for part in (slice(0, 100), slice(1900, 2000)))
        assert late < early / 2
    assert np.median([run.best_f for run in runs]) < np.median([run.best_f for run in luck]) / 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: select([], [], rng()), "as many rows, at least one"),
        (lambda: select([[1.0]], [1, 2], rng()), "as many rows"),
        (lambda: select([[1.0]], [1], rng(), k=0), "k must be at least 1"),
        (lambda: crossover([1, 2], [1, 2, 3], rng()), "one shape"),
        (lambda: mutate([1.0], 1.1, 1, rng()), "rate must be in"),
        (lambda: mutate([1.0], 0.5, -1, rng()), "scale must be finite"),
        (lambda: mutate([1.0], 0.5, math.nan, rng()), "scale must be finite"),
    ],
)
def test_impossible_evolution_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    "call", [lambda r: select([[1.0]], [1], r), lambda r: crossover([1], [2], r), lambda r: mutate([1], 0, 0, r)]
)
def test_evolution_needs_a_generator(call):
    with pytest.raises(TypeError, match="rng must be"):
        call(np.random)


# The arithmetic of trying again


@settings(max_examples=80, deadline=None)
@given(
    p=st.fractions(Fraction(1, 40), Fraction(39, 40), max_denominator=100),
    q=st.fractions(Fraction(1, 100), Fraction(99, 100), max_denominator=100),
)
@example(p=Fraction(3, 10), q=Fraction(51, 100))  # equality after 2 starts, where rounding says 3
def test_starts_needed_is_the_smallest_that_suffices(p, q):
    k = next(k for k in range(1, 1000) if 1 - (1 - p) ** k >= q)
    assert starts_needed(float(p), float(q)) == k


@settings(max_examples=80, deadline=None)
@given(p=st.fractions(0, 1, max_denominator=10**6), k=st.integers(0, 60))
def test_success_probability_is_its_formula(p, k):
    assert success_probability(float(p), k) == pytest.approx(float(1 - (1 - p) ** k), rel=1e-12, abs=1e-300)


def test_the_edges_of_trying_again():
    assert starts_needed(0, 0.5) == math.inf
    assert starts_needed(5e-324, 0.5) == math.inf
    assert starts_needed(1, 0.999) == 1
    assert starts_needed(1e-12, 0.5) == pytest.approx(math.log(2) * 1e12, rel=1e-6)
    assert success_probability(1e-20, 3) == pytest.approx(3e-20, rel=1e-12, abs=0)
    assert success_probability(1, 0) == 0
    for q in 0, 1, 1.5, math.nan:
        with pytest.raises(ValueError, match="q must be"):
            starts_needed(0.5, q)
    for p in -0.1, 1.1, math.nan:
        with pytest.raises(ValueError, match="p must be"):
            starts_needed(p, 0.5)
        with pytest.raises(ValueError, match="p must be"):
            success_probability(p, 2)
