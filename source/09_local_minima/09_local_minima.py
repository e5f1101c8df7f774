# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   title: The valley next door
#   syllabus:
#     minutes: 60
#     needs: "Notebooks 1, 5 and 7."
#     gives: "You know how many valleys a cost may have, compute how often to start again, leave valleys by heat, by noise and with a crowd, and compare methods fairly."
# ---

# %% [markdown] name="title"
# # 9 · The valley next door
#
# You stand at the bottom of a valley, in thick fog. Wherever you step, it goes up. Your gradient is zero, your training has
# stopped. **Is there a deeper valley next door?**
#
# From where you stand, nobody can tell. The gradient knows only the ground under your feet. In this notebook you will
#
# 1. see where descents end, and how many valleys the cost of a network has,
# 2. try again from other places, and compute how often is enough,
# 3. write three ways to leave a valley: heat, noise, and a crowd,
# 4. let them all compete, fairly, on the same number of looks at the cost.
#
# Plan for about an hour. As always: guess first, then run.

# %% name="setup"
import math

import numpy as np

from chainrule import plotting
from chainrule_course.checks import Checks, once_solved

# %% [markdown] name="opening-text"
# ## Let a ball roll
#
# Here is a cost with a single weight, $J(w) = \sin 3w + (w^2 - 2w) / 10$. Gradient descent starts at $w = -1$.
#
# **Predict, then run.** Where will it end? Then move the slider. How many different ends can you find, and from which starts do
# you reach the lowest?

# %% name="opening"
my_guess = None


def hills(w):
    return np.sin(3 * w) + (w**2 - 2 * w) / 10


def d_hills(w):
    return 3 * np.cos(3 * w) + (w - 1) / 5


def roll(start=-1.0):
    """Draw 60 steps of gradient descent from this start."""
    path = [start]
    for _ in range(60):
        path.append(path[-1] - 0.05 * d_hills(path[-1]))
    return plotting.plot_descent(hills, {"descent": path}, span=(-5, 5))

# %% name="opening-slider"
print("my guess:", my_guess)
plotting.slide(roll, start=(-5.0, 5.0, 0.1))

# %% [markdown] name="opening-after"
# There are five valleys. A point that is lower than all its neighbors is a **local minimum**. The lowest of them all is the
# **global minimum**. The descent always finds a local minimum. Which one depends on the start.
#
# All starts that lead to the same minimum form its **basin of attraction**, like the land whose rain flows into one lake. With
# one weight a basin is an interval. With two weights it is a country on a map.
#
# **Predict, then run.** Himmelblau's function has four minima, all equally deep. A descent starts from each of 14 400 points of the
# map. Which shape will the four basins have? And will the map change if you change the learning rate?

# %% name="basins"
from chainrule.landscapes import himmelblau

my_guess = None
lakes = himmelblau()
side = np.linspace(-5, 5, 120)


def basin_map(lr=0.01):
    """Color each start by the minimum that 200 steps lead to; black is none."""
    points = np.stack(np.meshgrid(side, side), axis=-1)
    for _ in range(200):
        points = np.clip(points - lr * lakes.gradient(points), -1e6, 1e6)
    distances = np.linalg.norm(points[:, :, None] - lakes.minima, axis=-1)
    reached = np.where(distances.min(axis=-1) < 0.1, distances.argmin(axis=-1), -1)
    return plotting.plot_basins(reached, lakes.domain, lakes.minima)


print("my guess:", my_guess)
plotting.slide(basin_map, lr=(0.001, 0.02, 0.001))

# %% [markdown] name="basins-after"
# With small steps each basin is in one piece, and its borders are smooth. (With 0.001 the steps are so small that some are still
# under way when the 200 are over: these starts are black.) With large steps the map goes to pieces. A descent that jumps over a
# ridge may land anywhere, and from black starts it never settles. So the basin belongs to the landscape *and* to the method.
#
# ## Does the cost of a network look like that?
#
# Take a small one: an input, two hidden units with tanh, an output. It is to learn $\sin 2x$ from 31 points. That makes 7 weights
# and biases, which we keep in one array $w$. The cost is the mean squared error, plus a pinch of weight decay (notebook 8), so that
# no valley runs off to infinity. In this notebook, *weights* means all seven.

# %% name="network"
inputs = np.linspace(-3, 3, 31)
targets, decay = np.sin(2 * inputs), 0.003


def network(w, x):
    """Outputs and hidden outputs; w has shape (..., 7), so many networks fit in one array."""
    a, b, v = w[..., None, 0:2], w[..., None, 2:4], w[..., None, 4:6]
    hidden = np.tanh(x[:, None] * a + b)
    return (hidden * v).sum(axis=-1) + w[..., 6:7], hidden


def cost(w):
    error = network(w, inputs)[0] - targets
    return (error**2).mean(axis=-1) + decay * (w**2).sum(axis=-1)


def gradient(w):
    outputs, hidden = network(w, inputs)
    error = (outputs - targets)[..., None] * 2 / len(inputs)
    back = error * w[..., None, 4:6] * (1 - hidden**2)
    terms = back * inputs[:, None], back, error * hidden, error
    return np.concatenate([term.sum(axis=-2) for term in terms], axis=-1) + 2 * decay * w

# %% [markdown] name="valleys-text"
# **Predict, then run.** 100 networks start from random weights between −3 and 3. Each goes down with momentum (notebook 7) until the
# ground is level. How many different final costs will there be: one, a few, a hundred?
#
# A gradient of zero may also belong to a **saddle**: lower in one direction, higher in another. So the cell looks at the curvature,
# too. It nudges each weight, takes the change of the gradient, and asks for the direction that is curved least. Above 0, all
# directions go up: a local minimum.

# %% name="valleys"
my_guess = None


def descend(w, steps=3000, lr=0.05, beta=0.9):
    """Gradient descent with momentum, for all networks of an array at once."""
    velocity = 0
    for _ in range(steps):
        velocity = beta * velocity - lr * gradient(w)
        w = w + velocity
    return w


def least_curved(w, eps=1e-5):
    """Curvature of the cost in the direction in which it is least."""
    nudges = eps * np.eye(7)
    return np.linalg.eigvalsh((gradient(w + nudges) - gradient(w - nudges)) / (2 * eps))[0]

# %% name="valleys-found"
ends = descend(np.random.default_rng(90).uniform(-3, 3, (100, 7)))
final = cost(ends)
print("my guess:", my_guess)
valleys = {}
for level in np.unique(final.round(2)):
    there = ends[final.round(2) == level]
    curved = min(least_curved(w) for w in there)
    valleys[level] = there[0]
    print(f"cost {level:.2f}: {len(there):3} networks, curvature at least {curved:.4f}")
steepest = np.abs(gradient(ends)).max()
print(f"largest gradient left: {steepest:.0e}")
fits = {}
for level, w in valleys.items():
    fits[f"cost {level:.2f}"] = lambda x, w=w: network(w, np.ravel(x))[0].reshape(np.shape(x))
words = "31 points of a sine curve, and what networks make of it: " + ", ".join(fits) + "."
plotting.show(plotting.plot_fits(inputs, targets, fits), alt=words)

# %% [markdown] name="valleys-after"
# A few. All of them are real minima: every direction goes up. The poor ones are not a matter of patience. With both hidden units busy in
# the wrong place, *every* small change makes it worse, though a far better network exists.
#
# Each of these valleys has twins. Swap the two hidden units, or turn the signs of all weights around one of them: the outputs stay
# the same. So a network with two hidden units has each valley 2 · 2² = 8 times. These twins do no harm, since it doesn't matter
# which of them you find.
#
# ## A cost with one valley
#
# Is it always like that? No! Take away the hidden layer. What is left is logistic regression (notebook 4), here with two weights: it
# tells handwritten threes from eights by the ink at the left side, above and below.
#
# **Predict, then run.** Five descents start far out, in all directions. How many different ends?

# %% name="errata-convex"
from chainrule.datasets import load_digits

my_guess = None
X, Y = load_digits(classes=(3, 8))
Y = (Y == 8).astype(int)
images = X.reshape(-1, 8, 8)
ink = np.stack([images[:, 1:4, :3].mean((1, 2)), images[:, 4:7, :3].mean((1, 2))], axis=1)
ink = (ink - ink.mean(axis=0)) / ink.std(axis=0)


def logistic_cost(w):
    z = np.asarray(w) @ ink.T
    return np.mean(np.logaddexp(0, z) - Y * z, axis=-1)


paths = {}
for start in ([-5, -5], [5, -4], [-4, 5], [6, 6], [0, -6]):
    w, path = np.array(start, float), []
    for _ in range(600):
        path.append(w)
        w = w - 0.5 * ink.T @ (1 / (1 + np.exp(-ink @ w)) - Y) / len(Y)
    paths[f"from {start}"] = np.array(path)
apart = np.ptp([path[-1] for path in paths.values()], axis=0).max()

# %% name="errata-convex-shown" errata={"says": "The cost has several local minima.", "correct": "That of a network with a hidden layer may. The cost of logistic regression is convex: every descent ends at the same point."}
print("my guess:", my_guess, f"   the ends are at most {apart:.0e} apart")
around = ((-7, 7), (-7, 7))
plotting.show(plotting.plot_contours(logistic_cost, around, paths))
for name, height, n in (("logistic", logistic_cost, 2), ("network", cost, 7)):
    A, B = np.random.default_rng(91).uniform(-3, 3, (2, 5000, n))
    above = height((A + B) / 2) > (height(A) + height(B)) / 2 + 1e-12
    print(f"{name:8}: the middle above the mean of both ends on {above.mean():.0%} of lines")

# %% [markdown] name="convex-after"
# One end. The logistic cost is **convex**: on a straight line between two points, it is never above the straight line between their
# heights. A convex cost cannot have two separate valleys, because the line between their bottoms would have to climb over a ridge.
# So for logistic (and linear) regression, what you have heard about local minima does not apply. It is the hidden layer that makes
# the hills.
#
# ## Try again
#
# The simplest remedy: start several times, keep the best.
#
# ### Exercise: `multi_start`
#
# Write `multi_start(minimise, f, starts)`.
#
# - `minimise` is a function: `minimise(start)` goes down from a start and returns where it ended,
# - `f` is the cost: `f(w)` is a number,
# - `starts` is a list of starts, or an array with one start in each row.
#
# Return a pair: the best end, and its cost. A run whose cost is NaN (it has diverged) is ignored. If the cost of *every* run is
# NaN, raise `ValueError`.
#
# As in every notebook: use Python and NumPy, not the functions of `chainrule`.
#
# <details><summary>Hint 1</summary>Go through the starts. Compute the end, then the cost of the <em>end</em>. Keep both if the cost is
# lower than the best so far, which is <code>math.inf</code> in the beginning.</details>
# <details><summary>Hint 2</summary>Every comparison with NaN is False. So <code>value &lt; best</code> ignores NaN by itself, as long as
# <code>best</code> is never NaN.</details>
# <details><summary>Hint 3</summary>Set <code>best_w = None</code> first. If it still is None after the loop, no run was good.</details>

# %% nbgrader={"grade": false, "grade_id": "multi_start", "locked": false, "schema_version": 3, "solution": true, "task": false}
def multi_start(minimise, f, starts):
    """The best end of all runs, and its cost."""
    ### BEGIN SOLUTION
    best_w, best = None, math.inf
    for start in starts:
        w = minimise(start)
        value = f(w)
        if value < best:
            best_w, best = w, value
    if best_w is None:
        raise ValueError("every run ended at NaN")
    return best_w, best
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "multi_start-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("multi_start", points=1)


def waves(w):
    return float(np.sum(np.sin(3 * w) + (w**2 - 2 * w) / 10))


def down(w):
    """100 steps of gradient descent; diverges to NaN from beyond 5."""
    for _ in range(100):
        w = w - 0.05 * (3 * np.cos(3 * w) + (w - 1) / 5)
    return np.where(np.abs(w) > 4.9, np.nan, w)


runs = [np.array([start]) for start in (-0.6, 0.9, 3.3, -4.4)]
lowest = (np.array([1.5583849057]), -1.0681275150)
check.equal("four starts", down, waves, runs, expected=lowest)
check.equal("starts in an array", down, waves, np.array([[3.3], [1.1]]), expected=lowest)
diverged = lambda w: np.where(w > 2, np.nan, down(w))
lost = np.array([[3.3], [4.0]])
check.equal("a run that diverges first", diverged, waves, [lost[0], *runs], expected=lowest)
between = [runs[0], lost[0], *runs[1:]]
check.equal("one that diverges in between", diverged, waves, between, expected=lowest)
check.raises("all runs diverge", ValueError, diverged, waves, lost)
check.report()

# %% nbgrader={"grade": true, "grade_id": "multi_start-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks multi_start here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("multi_start", points=2, hidden=True)


def all_runs(minimise, f, starts):
    """Pairs (end, cost) of all runs."""
    found = [minimise(start) for start in starts]
    return [(w, float(f(w))) for w in found]


def finished(minimise, f, starts):
    """Those that are not NaN."""
    good = [run for run in all_runs(minimise, f, starts) if not math.isnan(run[1])]
    if not good:
        raise ValueError("every run ended at NaN")
    return good


def lowest_run(pairs):
    return min(pairs, key=lambda run: run[1])


check.reference(lambda minimise, f, starts: lowest_run(finished(minimise, f, starts)))


@check.mistake("This goes down from the start that is lowest. A low start may lead to a poor valley: go down from all, then compare the ends.")
def best_start(minimise, f, starts):
    finished(minimise, f, starts)
    w = minimise(min(starts, key=f))
    return w, float(f(w))


@check.mistake("The costs of the starts are compared, and the best start is returned. Compare where the runs *ended*.")
def starts_compared(minimise, f, starts):
    finished(minimise, f, starts)
    w = min(starts, key=f)
    return w, float(f(w))


@check.mistake("The start of the best run is returned. Return where the run ended.")
def start_returned(minimise, f, starts):
    pairs = all_runs(minimise, f, starts)
    value = lowest_run(finished(minimise, f, starts))[1]
    k = [run[1] for run in pairs].index(value)
    return starts[k], value


@check.mistake("The cost that is returned is that of the start. It must be that of the end.")
def cost_of_the_start(minimise, f, starts):
    pairs = all_runs(minimise, f, starts)
    w, value = lowest_run(finished(minimise, f, starts))
    return w, float(f(starts[[run[1] for run in pairs].index(value)]))


@check.mistake("This is the last run. Keep the best.")
def last_run(minimise, f, starts):
    return finished(minimise, f, starts)[-1]


@check.mistake("This is the first run. Keep the best.")
def first_run(minimise, f, starts):
    return finished(minimise, f, starts)[0]


@check.mistake("This is the run with the *highest* cost. The lowest is asked for.")
def highest_run(minimise, f, starts):
    return max(finished(minimise, f, starts), key=lambda run: run[1])


@check.mistake("NaN wins: `np.argmin` takes NaN for the lowest. Ignore such runs (`np.nanargmin` does).")
def nan_wins(minimise, f, starts):
    pairs = all_runs(minimise, f, starts)
    finished(minimise, f, starts)
    return pairs[int(np.argmin([value for _, value in pairs]))]


@check.mistake("If the first run is NaN, nothing is lower than it ever after, since every comparison with NaN is False. Begin with `math.inf`.")
def nan_first_stays(minimise, f, starts):
    pairs = all_runs(minimise, f, starts)
    finished(minimise, f, starts)
    w, best = pairs[0]
    for end, value in pairs[1:]:
        if value < best:
            w, best = end, value
    return w, best


@check.mistake("If every run is NaN, this returns something. It must raise `ValueError`.")
def nothing_raised(minimise, f, starts):
    w, best = None, math.inf
    for end, value in all_runs(minimise, f, starts):
        if value < best:
            w, best = end, value
    return w, best


@check.mistake("A single NaN raises `ValueError`. Ignore that run, and raise only if all are NaN.")
def one_nan_raises(minimise, f, starts):
    pairs = all_runs(minimise, f, starts)
    if any(math.isnan(value) for _, value in pairs):
        raise ValueError("a run ended at NaN")
    return lowest_run(pairs)


@check.mistake("The runs stop at the first NaN. Ignore that run and go on with the next.")
def stops_at_nan(minimise, f, starts):
    good = []
    for w, value in all_runs(minimise, f, starts):
        if math.isnan(value):
            break
        good.append((w, value))
    if not good:
        raise ValueError("every run ended at NaN")
    return lowest_run(good)


@check.mistake("NaN counts as 0 (`np.nan_to_num`), which may be lower than all others. Ignore such runs.")
def nan_is_zero(minimise, f, starts):
    finished(minimise, f, starts)
    return lowest_run([(w, 0.0 if math.isnan(value) else value) for w, value in all_runs(minimise, f, starts)])


@check.mistake("The cost nearest to 0 wins. Costs may be negative: the lowest is asked for, not the smallest in absolute value.")
def nearest_zero(minimise, f, starts):
    return min(finished(minimise, f, starts), key=lambda run: abs(run[1]))


@check.mistake("The best so far starts at 0, so only a negative cost can win. Start at `math.inf`.")
def begins_at_zero(minimise, f, starts):
    finished(minimise, f, starts)
    w, best = None, 0.0
    for end, value in all_runs(minimise, f, starts):
        if value < best:
            w, best = end, value
    return w, best


@check.mistake("The pair is swapped: first the weights, then the cost.")
def pair_swapped(minimise, f, starts):
    return lowest_run(finished(minimise, f, starts))[::-1]


@check.mistake("Only the weights are returned. Return the pair (w, f(w)).")
def weights_only(minimise, f, starts):
    return lowest_run(finished(minimise, f, starts))[0]


@check.mistake("Only the cost is returned. Return the pair (w, f(w)).")
def cost_only(minimise, f, starts):
    return lowest_run(finished(minimise, f, starts))[1]


@check.mistake("The ends are averaged. Between two valleys there is a ridge: keep the best end.")
def mean_of_ends(minimise, f, starts):
    w = np.mean([end for end, _ in finished(minimise, f, starts)], axis=0)
    return w, float(f(w))


@check.mistake("The last start is left out.")
def last_start_left_out(minimise, f, starts):
    finished(minimise, f, starts)
    return lowest_run(finished(minimise, f, starts[:-1])) if len(starts) > 1 else lowest_run(finished(minimise, f, starts))


@check.mistake("The runs are chained: each starts where the last one ended. Start each from its own start.")
def chained(minimise, f, starts):
    finished(minimise, f, starts)
    w, pairs = starts[0], []
    for _ in starts:
        w = minimise(w)
        pairs.append((w, float(f(w))))
    good = [run for run in pairs if not math.isnan(run[1])]
    return lowest_run(good) if good else (None, math.nan)


def to_whole(w):
    """A landscape with a valley at every point of whole numbers; lost beyond 8."""
    return np.where(np.abs(w) > 8, np.nan, np.round(np.asarray(w, float)))


def off_center(w):
    """Lowest at (2, -1); from the starts one cannot tell."""
    w = np.asarray(w, float)
    return float(np.sum((w - [2.2, -1.1]) ** 2) + 40 * np.sum(np.sin(np.pi * w) ** 2) - 3)


def half_lost(w):
    """The end is a number, its cost is NaN in half of the plane."""
    return np.nan if w[0] > 3 else off_center(w)


def tilted(w):
    return float(3 * np.cos(2 * w) - w)


def step_right(w):
    return w + 0.7


rng = np.random.default_rng(92)
many = rng.uniform(-6, 6, (9, 2))
check.equal("nine starts in the plane", to_whole, off_center, many)
check.equal("the best is the first", to_whole, off_center, [np.array([2.4, -0.6]), *many])
check.equal("the best is the last", to_whole, off_center, [*many, np.array([1.6, -1.4])])
check.equal("the lowest start leads astray", to_whole, off_center, np.array([[1.7, 0.5], [2.02, -3.01], [4.0, 2.0], [1.6, -0.7]]))
check.equal("negative costs", to_whole, lambda w: off_center(w) - 500, many)
check.equal("positive costs only", to_whole, lambda w: off_center(w) + 500, many)
check.equal("a single start", to_whole, off_center, [np.array([0.3, 0.8])])
check.equal("NaN first", to_whole, off_center, [np.array([9.5, 0.0]), *many])
check.equal("NaN in the middle", to_whole, lambda w: off_center(w) + 5, [*many[:4], np.array([0.0, -9.0]), *many[4:]])
check.equal("NaN last", to_whole, lambda w: off_center(w) + 5, [*many, np.array([-8.5, 8.5])])
check.equal("all but one are NaN", to_whole, off_center, [np.array([9.0, 9.0]), np.array([4.2, 3.1]), np.array([0.0, 11.0])])
check.equal("the end is a number, its cost is not", to_whole, half_lost, np.array([[4.0, -1.0], [1.0, 1.0], [0.2, -2.0], [5.0, 0.0]]))
check.equal("one weight, as plain numbers", step_right, tilted, [0.5, -1.25, 3.0, 1.1, 2.0])
check.unchanged("the starts stay as they are", to_whole, off_center, many)
check.raises("a single run, and it is NaN", ValueError, to_whole, off_center, [np.array([20.0, 1.0])])
check.raises("every run is NaN", ValueError, to_whole, off_center, np.full((4, 2), 30.0))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="multi-start-payoff-text"
# **Does it pay off?** Now a network of the library, trained by `fit`. Your function gets `train` as its `minimise`: put the start
# into the network, train it, return its weights.
#
# **Predict, then run.** Six starts. How often will the good valley, with a cost near 0.14, be among them?

# %% name="multi-start-payoff"
from chainrule import Sequential
from chainrule.layers import Dense
from chainrule.optimizers import SGD
from chainrule.regularizers import L2

my_guess = None
pinch = {"kernel_regularizer": L2(decay), "bias_regularizer": L2(decay)}
model = Sequential([Dense(2, "tanh", **pinch), Dense(1, **pinch)], rng=0, dtype="float64")
model.build((None, 1))


def train(start, epochs=1000):
    """Train the network from these seven weights and return where it ends."""
    parts = start[0:2].reshape(1, 2), start[2:4], start[4:6].reshape(2, 1), start[6:7]
    model.set_weights(list(parts))
    model.compile(SGD(0.05, momentum=0.9), loss="mean_squared_error")
    model.fit(inputs[:, None], targets[:, None], epochs=epochs, batch_size="full", verbose=0)
    return np.concatenate([array.ravel() for array in model.get_weights()])

# %% name="multi-start-trained"
print("my guess:", my_guess)
with once_solved():
    six = np.random.default_rng(93).uniform(-3, 3, (6, 7))
    w, reached = multi_start(train, cost, six)
    print("costs of all six:", *(f"{cost(train(start)):.3f}" for start in six))
    print(f"my multi_start:   {reached:.3f}")
    model.set_weights([w[0:2].reshape(1, 2), w[2:4], w[4:6].reshape(2, 1), w[6:7]])
    held = model.evaluate(inputs[:, None], targets[:, None], verbose=0)
    print(f"the library says: {held:.3f}")

# %% [markdown] name="starts-needed-text"
# ## How often is enough?
#
# Say one start leads to the lowest valley with probability $p$. That is the share of its basin. It fails with $1 - p$. If the starts
# are drawn independently, all $k$ of them fail with
#
# $$ (1 - p)^k, $$
#
# so at least one succeeds with probability $1 - (1 - p)^k$. This tends to 1: try often enough, and you are as sure as you like.
#
# ### Exercise: `starts_needed`
#
# Write `starts_needed(p, q)`: the smallest number of starts $k$ with $1 - (1 - p)^k \ge q$.
#
# - `p` is the chance of one start, from 0 to 1, both included,
# - `q` is the chance you want, above 0 and below 1.
#
# Return an integer, at least 1. If `p` is 0, no number is enough: return `math.inf`.
#
# <details><summary>Hint 1</summary>Rewrite it as $(1 - p)^k \le 1 - q$ and take the logarithm of both sides. Logarithms of
# numbers below 1 are negative, and dividing by a negative number turns ≤ into ≥.</details>
# <details><summary>Hint 2</summary><code>math.ceil(x)</code> is the smallest integer that is not below x.</details>
# <details><summary>Hint 3</summary>log 0 does not exist. What is the answer for <code>p = 1</code>, without any formula?</details>

# %% nbgrader={"grade": false, "grade_id": "starts_needed", "locked": false, "schema_version": 3, "solution": true, "task": false}
def starts_needed(p, q):
    """The smallest k with 1 - (1 - p)**k >= q."""
    ### BEGIN SOLUTION
    if p == 0:
        return math.inf
    if p == 1:
        return 1
    return math.ceil(math.log(1 - q) / math.log(1 - p))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "starts_needed-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("starts_needed", points=1)
check.equal("a half, to be 75 % sure", 0.5, 0.75, expected=2)
check.equal("a tenth, to be 99 % sure", 0.1, 0.99, expected=44)
check.equal("two fifths, to be 90 % sure", 0.4, 0.9, expected=5)
check.equal("nine tenths, to be 50 % sure", 0.9, 0.5, expected=1)
check.equal("every start succeeds", 1, 0.9, expected=1)


def hopeless(starts_needed):
    """Infinity for p = 0, and not for a small p."""
    return starts_needed(0, 0.5) == math.inf and starts_needed(0.01, 0.5) == 69


check.that("no start succeeds", hopeless)
check.report()

# %% nbgrader={"grade": true, "grade_id": "starts_needed-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks starts_needed here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("starts_needed", points=2, hidden=True)


def exactly(p, q):
    """k as a real number, for 0 < p < 1."""
    return math.log(1 - q) / math.log(1 - p)


def needed(p, q, between=lambda p, q: math.ceil(exactly(p, q)), certain=1, hopeless=math.inf):
    return hopeless if p == 0 else certain if p == 1 else between(p, q)


check.reference(needed)


@check.mistake("The number is rounded down, and then the chance is below q. Round up.")
def rounded_down(p, q):
    return needed(p, q, lambda p, q: math.floor(exactly(p, q)))


@check.mistake("The number is rounded to the nearest integer. Round up: one start too few is not enough.")
def rounded_to_nearest(p, q):
    return needed(p, q, lambda p, q: round(exactly(p, q)))


@check.mistake("The number is rounded down and then 1 is added. That is one too many where the formula gives a whole number: use `math.ceil`.")
def floor_plus_one(p, q):
    return needed(p, q, lambda p, q: math.floor(exactly(p, q)) + 1)


@check.mistake("One start too many.")
def one_too_many(p, q):
    return needed(p, q, lambda p, q: math.ceil(exactly(p, q)) + 1)


@check.mistake("The fraction is upside down: log(1 - q) stands above, log(1 - p) below.")
def upside_down(p, q):
    return needed(p, q, lambda p, q: math.ceil(1 / exactly(p, q)))


@check.mistake("p = 1 raises an exception, since log 0 does not exist. One start is enough then.")
def certain_raises(p, q):
    return math.inf if p == 0 else math.ceil(exactly(p, q))


@check.mistake("p = 1 gives 0. One start is still needed.")
def certain_zero(p, q):
    return needed(p, q, certain=0)


@check.mistake("p = 1 gives infinity. One start is enough then.")
def certain_infinite(p, q):
    return needed(p, q, certain=math.inf)


@check.mistake("p = 0 raises an exception. Return `math.inf`: no number of starts is enough.")
def hopeless_raises(p, q):
    return 1 if p == 1 else math.ceil(exactly(p, q) if p else 1 / p)


@check.mistake("p = 0 gives 0 starts. No number of starts is enough: return `math.inf`.")
def hopeless_zero(p, q):
    return needed(p, q, hopeless=0)


@check.mistake("p = 0 gives None. Return `math.inf`.")
def hopeless_none(p, q):
    return needed(p, q, hopeless=None)


@check.mistake("p = 0 gives -1. Return `math.inf`.")
def hopeless_minus_one(p, q):
    return needed(p, q, hopeless=-1)


@check.mistake("This is q / p, as if the chances of the starts could be added. Two starts may both succeed: multiply the chances to fail.")
def chances_added(p, q):
    return needed(p, q, lambda p, q: math.ceil(q / p))


@check.mistake("This is 1 / p: how many starts it takes on average. How many make it as sure as q?")
def on_average(p, q):
    return needed(p, q, lambda p, q: math.ceil(1 / p))


@check.mistake("This is log q / log(1 - p): for that many starts, the chance to *fail* is q. Use 1 - q.")
def log_q(p, q):
    return needed(p, q, lambda p, q: math.ceil(math.log(q) / math.log(1 - p)))


@check.mistake("This is log q / log p: for that many, the chance that *all* succeed is q. One success is enough.")
def all_succeed(p, q):
    return needed(p, q, lambda p, q: math.ceil(math.log(q) / math.log(p)))


@check.mistake("This is log(1 - q) / log p: p and 1 - p are mixed up.")
def log_p(p, q):
    return needed(p, q, lambda p, q: math.ceil(math.log(1 - q) / math.log(p)))


@check.mistake("The number is not rounded. Starts are counted: return an integer.")
def not_rounded(p, q):
    return needed(p, q, exactly, certain=1.0)


@check.mistake("The number is right, but a float. Return an integer (`math.ceil` does, `np.ceil` does not).")
def as_float(p, q):
    return float(needed(p, q))


def infinite(q):
    """A condition: infinity for p = 0, and a right number for another p."""

    def condition(f):
        return f(0, q) == math.inf and int(f(0.07, q)) == needed(0.07, q)

    return condition


check.equal("p small", 0.003, 0.9)
check.equal("p very small", 1e-4, 0.999)
check.equal("p large", 0.97, 0.5)
check.equal("p nearly 1", 0.999999, 0.95)
check.equal("q small: one start is more than enough", 0.6, 0.05)
check.equal("q nearly 1", 0.2, 0.999999)
check.equal("the formula gives a whole number", 0.5, 0.875)
check.equal("just below a whole number", 0.5, 0.87)
check.equal("just above a whole number", 0.5, 0.88)
check.equal("p and q alike", 0.35, 0.35001)
check.equal("the numbers of NumPy", np.float64(0.15), np.float64(0.8))
check.equal("p = 1, q nearly 1", 1.0, 0.9999)
check.equal("p = 1, q small", 1, 0.01)
check.that("p = 0, q = 0.99", infinite(0.99))
check.that("p = 0, q small", infinite(0.2))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="errata-starts-text"
# **Does it pay off?** One often reads that methods which start again and again come without any theory. But $1 - (1 - p)^k$ is a
# theory, and it can be tested. On the curve from the beginning, take 20 000 starts between −5 and 5, let them roll, and see who
# gets to the lowest valley. That gives $p$. Then make groups of $k$ starts, and count the groups with at least one success.
#
# **Predict, then run.** About a fifth of the starts succeed. How many do you need to be 95 % sure: 5, 13, 50?

# %% name="errata-starts" errata={"says": "Training several times is a heuristic without any theory.", "correct": "If one start succeeds with probability p, then k starts all fail with (1 − p)^k. The formula agrees with what is measured; only p is unknown."}
my_guess = None

w = np.random.default_rng(94).uniform(-5, 5, 20_000)
for _ in range(200):
    w = w - 0.05 * d_hills(w)
success = np.abs(w - 1.558) < 0.1
p = success[:10_000].mean()
measured = {}
for k in (1, 2, 4, 8, 13, 20, 25):
    groups = success[10_000 : 10_000 + 400 * k].reshape(400, k)
    measured[k] = groups.any(axis=1).mean()
print("my guess:", my_guess)
off = max(abs(share - (1 - (1 - p) ** k)) for k, share in measured.items())
print(f"p = {p:.3f} from the first half; in the other, the formula is off by at most {off:.3f}")
plotting.show(plotting.plot_success(p, 30, measured, runs=400))
with once_solved():
    print("my starts_needed says:", starts_needed(p, 0.95))

# %% [markdown] name="starts-after"
# The formula holds. There is one thing it needs and you don't have: $p$. On a landscape with many valleys it may be tiny.
# Rastrigin's function has a bowl with a pit near every point of whole numbers, 11 in each direction. Its pits are nearly equally
# wide, so $p$ is about $1 / 11$ for one weight, and $(1 / 11)^n$ for $n$ weights.

# %% name="starts-dimensions"
with once_solved():
    share = np.mean(final < 0.2)
    print(f"our network: p is about {share:.2f}, starts for 99 %: {starts_needed(share, 0.99)}")
    for n in (1, 2, 3, 5, 10):
        k = starts_needed((1 / 11) ** n, 0.99)
        print(f"Rastrigin with {n:2} weights: {k:,} starts")

# %% [markdown] name="annealing-text"
# ## Heat
#
# When steel cools slowly, its atoms find an order of low energy. When it cools at once, they are stuck where they happen to be.
# **Simulated annealing** copies this. It needs no gradient:
#
# 1. look at a random point nearby,
# 2. if it is lower, go there; if it is higher by $\Delta$, go there *sometimes*, with the probability $e^{-\Delta / T}$,
# 3. lower the **temperature** $T$ a little, and repeat.
#
# In the beginning it is hot, and the walk crosses ridges. In the end it is cold, and the walk only goes down.
#
# **Predict, then run.** At $T = 1$, how often is a step accepted that leads up by 1? By 3? At $T = 0.1$?

# %% name="boltzmann"
my_guess = None

print("my guess:", my_guess)
for T in (10, 1, 0.1):
    row = "   ".join(f"up by {delta}: {np.exp(-delta / T):.4f}" for delta in (0.1, 1, 3))
    print(f"T = {T:4}   {row}")

# %% [markdown] name="accept-text"
# ### Exercise: `accept_probability`
#
# Write `accept_probability(delta, T)`: the probability with which a step is accepted.
#
# - `delta` is a number: the cost after the step minus the cost before it,
# - `T` is the temperature, 0 or higher.
#
# Return a float. A step that does not lead up (`delta` negative or 0) is always accepted: 1. A step that leads up is accepted with
# probability $e^{-\Delta / T}$; at temperature 0, never. No numbers may overflow, and there should be no warnings: mind a long step
# down at a low temperature.
#
# <details><summary>Hint 1</summary>Deal with <code>delta &lt;= 0</code> first. Then <code>exp</code> only ever gets a negative number
# and cannot overflow.</details>
# <details><summary>Hint 2</summary>Deal with <code>T == 0</code> next, before you divide by it.</details>

# %% nbgrader={"grade": false, "grade_id": "accept_probability", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accept_probability(delta, T):
    """The chance to accept a step that changes the cost by delta, at temperature T."""
    ### BEGIN SOLUTION
    if delta <= 0:
        return 1.0
    return math.exp(-delta / T) if T > 0 else 0.0
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "accept_probability-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("accept_probability", points=1)
check.equal("up by 1, T = 2", 1, 2, expected=0.6065306597)
check.equal("up by 3, T = 0.5", 3.0, 0.5, expected=0.0024787522)
check.equal("down by 1, T = 2", -1, 2, expected=1.0)
check.equal("level, T = 0.5", 0, 0.5, expected=1.0)


def cold(accept_probability):
    """At temperature 0: never up, always down. Warm again: sometimes up."""
    return [accept_probability(delta, T) for delta, T in ((2, 0), (-2, 0), (2, 2))]


check.that("T = 0: never up, always down", lambda f: np.allclose(cold(f), [0, 1, 0.36787944]))
check.report()

# %% nbgrader={"grade": true, "grade_id": "accept_probability-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks accept_probability here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("accept_probability", points=2, hidden=True)


def accepted(delta, T, up=lambda delta, T: math.exp(-delta / T), cold=0.0, level=1.0, down=1.0):
    """The right answer; each argument may be replaced by a wrong one."""
    if delta == 0:
        return level
    if delta < 0:
        return down(delta, T) if callable(down) else down
    return (cold(delta) if callable(cold) else cold) if T == 0 else up(delta, T)


check.reference(accepted)


@check.mistake("The sign is wrong: this accepts steps up for certain and steps down seldom.")
def sign(delta, T):
    return accepted(-delta, T)


@check.mistake("delta is multiplied by T. Divide: the hotter, the more is accepted.")
def times_temperature(delta, T):
    return accepted(delta, T, lambda delta, T: math.exp(-delta * T))


@check.mistake("The fraction is upside down: it is delta / T.")
def fraction_turned(delta, T):
    return accepted(delta, T, lambda delta, T: math.exp(-T / delta))


@check.mistake("A step up is never accepted. Then nothing ever leaves a valley.")
def never_up(delta, T):
    return accepted(delta, T, lambda delta, T: 0.0)


@check.mistake("Every step is accepted. A step up only has the probability exp(-delta / T).")
def always(delta, T):
    return 1.0


@check.mistake("A level step, delta = 0, is refused. It does not lead up: accept it.")
def level_refused(delta, T):
    return accepted(delta, T, level=0.0)


@check.mistake("At T = 0 a level step is refused. It does not lead up: accept it at every temperature.")
def level_refused_when_cold(delta, T):
    return accepted(delta, T, level=0.0 if T == 0 else 1.0)


@check.mistake("At T = 0 this divides by zero. A step up has probability 0 then.")
def divides_by_zero(delta, T):
    return accepted(delta, T, cold=lambda delta: delta / 0)


@check.mistake("At T = 0 everything is accepted. A step up has probability 0 then.")
def cold_accepts(delta, T):
    return accepted(delta, T, cold=1.0)


@check.mistake("At T = 0 even steps down are refused. They are always accepted.")
def cold_refuses_all(delta, T):
    return 0.0 if T == 0 else accepted(delta, T)


@check.mistake("A tiny number is added to T, so that at T = 0 small steps up are accepted. Treat T = 0 by itself.")
def tiny_temperature(delta, T):
    return accepted(delta, T, lambda delta, T: math.exp(-delta / (T + 1e-8)), cold=lambda delta: math.exp(-delta / 1e-8))


@check.mistake("The result is larger than 1 for a step down. A probability is at most 1.")
def above_one(delta, T):
    return accepted(delta, T, down=lambda delta, T: math.exp(min(-delta / T, 700)) if T else 1.0)


@check.mistake("A long step down overflows: exp of a large number. Return 1 for a step down before you compute anything.")
def overflows(delta, T):
    return accepted(delta, T, down=lambda delta, T: min(1.0, math.exp(-delta / T)) if T else 1.0)


@check.mistake("A long step down gives an overflow warning: `np.exp` of a large number. Return 1 for a step down before you compute anything.")
def warns(delta, T):
    return accepted(delta, T, down=lambda delta, T: float(np.minimum(1.0, np.exp(np.float64(-delta) / T))) if T else 1.0)


@check.mistake("Steps down are judged by their length, too (`abs`). They are always accepted.")
def absolute_value(delta, T):
    return accepted(abs(delta), T)


@check.mistake("This is 1 / (1 + exp(delta / T)), another rule (Glauber's): it accepts a level step half of the time.")
def glauber(delta, T):
    if T == 0:
        return accepted(delta, T)
    x = max(min(delta / T, 700), -700)
    return 1 / (1 + math.exp(x))


@check.mistake("This is the probability to *refuse* the step.")
def refused(delta, T):
    return 1 - accepted(delta, T)


@check.mistake("T is ignored: this is exp(-delta).")
def temperature_ignored(delta, T):
    return accepted(delta, T, lambda delta, T: math.exp(-delta))


@check.mistake("The exponential is divided by T. Only delta is: exp(-delta / T).")
def divided_outside(delta, T):
    return accepted(delta, T, lambda delta, T: math.exp(-delta) / T)


@check.mistake("The power has base 2. It is e: `math.exp`.")
def base_two(delta, T):
    return accepted(delta, T, lambda delta, T: 2.0 ** (-delta / T))


@check.mistake("The square of delta is taken.")
def squared(delta, T):
    return accepted(delta, T, lambda delta, T: math.exp(-(delta**2) / T))


@check.mistake("This falls on a straight line, 1 - delta / T. It is the exponential exp(-delta / T).")
def straight_line(delta, T):
    return accepted(delta, T, lambda delta, T: max(0.0, 1 - delta / T))


@check.mistake("This answers True or False. The probability itself is asked for.")
def answers_yes_or_no(delta, T):
    return accepted(delta, T) > 0.5


check.equal("up a little, hot", 0.3, 7.5)
check.equal("up far, hot", 40.0, 25.0)
check.equal("up, lukewarm", 2.5, 0.8)
check.equal("up a little, cold", 1e-4, 3e-4)
check.equal("a tiny step up at T = 0", 1e-9, 0)
check.equal("up at T = 0.0", 3.5, 0.0)
check.equal("level at T = 0", 0, 0)
check.equal("level, lukewarm", 0.0, 1.7)
check.equal("down at T = 0", -0.2, 0)
check.equal("down a little, hot", -0.4, 9.0)
check.equal("down, cold", -1.5, 0.25)
check.equal("down far, cold: no overflow", -1e5, 1e-2, quiet=True)
check.equal("up far, cold: practically never", 1e5, 1e-2, quiet=True)
check.equal("whole numbers", 3, 2)
check.equal("the numbers of NumPy", np.float64(1.2), np.float64(0.9), quiet=True)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="accept-payoff-text"
# **Does it pay off?** Here is *your* rule as a curve. Move the slider: what does it look like when it is very hot, and when it is very
# cold?

# %% name="accept-payoff"
def rule(T=1.0):
    """Draw the chance to accept against the change of cost, at temperature T."""
    changes = np.linspace(-2, 4, 241)
    chance = [accept_probability(delta, T) for delta in changes]
    labels = {"xlabel": "change of the cost, Δ", "ylabel": "chance to accept"}
    return plotting.plot_curves(changes, {f"T = {T:.2f}": chance}, **labels)


with once_solved():
    plotting.slide(rule, T=(0.0, 5.0, 0.05))

# %% [markdown] name="anneal-text"
# Very hot, it is a random walk that takes every step. At 0, it only goes down. Annealing starts near the one and ends at the other.
#
# ### Exercise: `anneal`
#
# Write `anneal(f, w0, step, T0, cooling, steps, rng)`.
#
# - `f` is the cost: it takes an array shaped like `w0` and returns a number,
# - `w0` is the start, an array of floats or integers; leave it as it is,
# - `step` is the standard deviation of the random steps; `T0` is the first temperature,
# - `cooling` is a number, at most 1, by which the temperature is multiplied after each step,
# - `steps` is the number of steps, 0 or more; `rng` is a generator.
#
# Each step does this, in this order, so that equal seeds give equal walks:
#
# 1. draw `rng.normal(0, step, w.shape)`; the candidate is the current point plus these numbers,
# 2. draw `rng.random()`, always, even if you won't need it,
# 3. go to the candidate if this number is *below* the probability to accept it at temperature $T$ (the rule above, compared with
#    where you stand); otherwise stay,
# 4. $T$ ← `cooling` · $T$. The first step has the temperature `T0`.
#
# Return `(best_w, best_f, trace)`: the lowest point that was visited (the start counts), its cost, and the list of the costs where you
# stood, the start first and then after each step: `steps + 1` numbers.
#
# You may call your `accept_probability`, or write the rule again.
#
# <details><summary>Hint 1</summary>You need two points: where you stand, and the best so far. They are not the same. The walk goes on
# from where it stands, even if that is poor.</details>
# <details><summary>Hint 2</summary><code>candidate = w + rng.normal(0, step, w.shape)</code> makes a new array.
# <code>w += …</code> would change <code>w0</code>, and the best so far.</details>
# <details><summary>Hint 3</summary>Keep the cost of where you stand in a variable. Each candidate is then evaluated once, and
# evaluations are what a search pays for.</details>

# %% nbgrader={"grade": false, "grade_id": "anneal", "locked": false, "schema_version": 3, "solution": true, "task": false}
def anneal(f, w0, step, T0, cooling, steps, rng):
    """Simulated annealing: the best point visited, its cost, and the costs along the way."""
    ### BEGIN SOLUTION
    w, T = np.asarray(w0), T0
    here = f(w)
    best_w, best_f, trace = w.copy(), here, [here]
    for _ in range(steps):
        candidate = w + rng.normal(0, step, w.shape)
        chance = rng.random()
        height = f(candidate)
        delta = height - here
        if delta <= 0 or (T > 0 and chance < math.exp(-delta / T)):
            w, here = candidate, height
        if here < best_f:
            best_w, best_f = w, here
        trace.append(here)
        T = cooling * T
    return best_w, best_f, trace
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "anneal-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("anneal", points=1)
start = np.array([-1.0])
trace = [0.15887999, *[0.84784518] * 3, 0.97812187, -0.40117040, -0.44659662, 0.31084076]


def wave(w):
    return float(np.sum(np.sin(3 * w) + (w**2 - 2 * w) / 10))


def from_rng(anneal):
    """Equal seeds, equal walks; other seeds, other walks."""
    walks = [anneal(wave, start, 0.5, 1, 0.9, 9, np.random.default_rng(s)) for s in (1, 1, 2)]
    if not np.array_equal(walks[0][2], walks[1][2]):
        return check.made("global_generator", "equal seeds give different walks", alone=True)
    if np.array_equal(walks[0][2], walks[2][2]):
        return check.made("own_generator", "different seeds give the same walk")
    return True


args, rng = (wave, start, 0.5, 1.0, 0.8), np.random.default_rng(600)
check.equal("no step at all", *args, 0, rng, expected=(start, trace[0], trace[:1]))
check.equal("seven steps", *args, 7, rng, expected=(np.array([-0.80188766]), trace[6], trace))
check.that("all random numbers come from rng", from_rng)
check.report()

# %% nbgrader={"grade": true, "grade_id": "anneal-hidden", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks anneal here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("anneal", points=4, hidden=True)


def metropolis(delta, T):
    return 1.0 if delta <= 0 else math.exp(-delta / T) if T > 0 else 0.0


def beside(rng, step, w, best_w, start, T):
    return w + rng.normal(0, step, w.shape)


def cooled(T, cooling, k, moved):
    return cooling * T


def annealing(f, w0, step, T0, cooling, steps, rng, chance=metropolis, propose=beside, cool=cooled, height_of=lambda here, best: here, lazy=False, early=False, count_start=True):
    """The right walk; each option makes one of the mistakes below. Also returns where it ended and all candidates' costs."""
    w = start = np.array(w0, dtype=float)
    here = best = float(f(w))
    best_w, T, trace, looked = w, T0, [here], [here]
    if not count_start:
        best = math.inf
    for k in range(steps):
        luck = rng.random() if early else None
        candidate = propose(rng, step, w, best_w, start, T)
        height = float(f(candidate))
        delta = height - height_of(here, best)
        if luck is None:
            luck = 0.0 if lazy and delta <= 0 else rng.random()
        moved = luck < chance(delta, T)
        if moved:
            w, here = candidate, height
        if here < best:
            best_w, best = w, here
        trace.append(here)
        looked.append(height)
        T = cool(T, cooling, k, moved)
    return best_w, best, trace, w, here, looked


check.reference(lambda *args: annealing(*args)[:3])


@check.mistake("The last point is returned. Return the best that was visited: the walk may have left it.")
def last_returned(f, w0, step, T0, cooling, steps, rng):
    _, _, trace, w, here, _ = annealing(f, w0, step, T0, cooling, steps, rng)
    return w, here, trace


@check.mistake("The best point is returned with the cost of the last one.")
def cost_of_the_last(f, w0, step, T0, cooling, steps, rng):
    best_w, _, trace, _, here, _ = annealing(f, w0, step, T0, cooling, steps, rng)
    return best_w, here, trace


@check.mistake("The start is not counted: it is the best if no step was better.")
def start_not_counted(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, count_start=False)[:3]


@check.mistake("It never cools. After each step, T becomes `cooling * T`.")
def never_cools(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, cool=lambda T, cooling, k, moved: T)[:3]


@check.mistake("It cools before the first step. The first step has the temperature `T0`.")
def cools_too_early(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, cooling * T0, cooling, steps, rng)[:3]


@check.mistake("It cools only when a step was accepted. It cools after every step.")
def cools_if_moved(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, cool=lambda T, cooling, k, moved: cooling * T if moved else T)[:3]


@check.mistake("It cools only when a step was refused. It cools after every step.")
def cools_if_stayed(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, cool=lambda T, cooling, k, moved: T if moved else cooling * T)[:3]


@check.mistake("It cools faster and faster: the power of `cooling` is multiplied onto a temperature that has cooled already. Multiply by `cooling` once in each step.")
def cools_by_powers(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, cool=lambda T, cooling, k, moved: T * cooling ** (k + 1))[:3]


@check.mistake("The temperature is divided by `cooling`: it heats. Multiply.")
def heats(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, cool=lambda T, cooling, k, moved: T / cooling)[:3]


@check.mistake("`cooling` is subtracted from the temperature. Multiply by it.")
def cools_by_subtraction(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, cool=lambda T, cooling, k, moved: max(T - cooling, 0))[:3]


@check.mistake("The candidate is compared with the best so far. Compare it with where you stand, or the walk never leaves a valley for good.")
def compared_with_best(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, height_of=lambda here, best: best)[:3]


@check.mistake("Each step starts from the best point. Start from where you stand.")
def steps_from_best(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, propose=lambda rng, step, w, best_w, start, T: best_w + rng.normal(0, step, w.shape))[:3]


@check.mistake("Each step starts from `w0`. Start from where you stand.")
def steps_from_start(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, propose=lambda rng, step, w, best_w, start, T: start + rng.normal(0, step, w.shape))[:3]


@check.mistake("The candidate is only the random numbers. Add them to the point where you stand.")
def noise_alone(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, propose=lambda rng, step, w, best_w, start, T: rng.normal(0, step, w.shape))[:3]


@check.mistake("One random number is added to all entries. Draw one for each: `rng.normal(0, step, w.shape)`.")
def one_number_for_all(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, propose=lambda rng, step, w, best_w, start, T: w + rng.normal(0, step))[:3]


@check.mistake("The steps are drawn from a uniform distribution. They are normal.")
def uniform_steps(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, propose=lambda rng, step, w, best_w, start, T: w + rng.uniform(-step, step, w.shape))[:3]


@check.mistake("`step` is ignored: the random numbers have standard deviation 1.")
def step_ignored(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, propose=lambda rng, step, w, best_w, start, T: w + rng.normal(0, 1, w.shape))[:3]


@check.mistake("`step` is taken for the variance. It is the standard deviation.")
def step_as_variance(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, propose=lambda rng, step, w, best_w, start, T: w + rng.normal(0, math.sqrt(step), w.shape))[:3]


@check.mistake("The steps shrink with the temperature. Their standard deviation is `step` all the time.")
def steps_shrink(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, propose=lambda rng, step, w, best_w, start, T: w + rng.normal(0, step * T, w.shape))[:3]


@check.mistake("No step up is ever accepted. Sometimes it must be: with probability exp(-delta / T).")
def greedy(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, chance=lambda delta, T: float(delta <= 0))[:3]


@check.mistake("Every step is accepted. A step up only with probability exp(-delta / T).")
def accepts_all(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, chance=lambda delta, T: 1.0)[:3]


@check.mistake("The acceptance is turned around: go if the random number is *below* the probability.")
def luck_turned(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, chance=lambda delta, T: 1.0 if delta <= 0 else 1 - metropolis(delta, T))[:3]


@check.mistake("Steps up are accepted, steps down only sometimes: delta has the wrong sign. It is the candidate's cost minus the cost where you stand.")
def climbs(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, chance=lambda delta, T: metropolis(-delta, T))[:3]


@check.mistake("delta is multiplied by the temperature. Divide by it.")
def multiplied_by_temperature(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, chance=lambda delta, T: math.exp(-max(delta, 0) * T))[:3]


@check.mistake("`rng.random()` is drawn only for steps up. Draw it in every step, so that equal seeds give equal walks.")
def drawn_only_uphill(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, lazy=True)[:3]


@check.mistake("`rng.random()` is drawn before the step. Draw the step first.")
def drawn_too_early(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, rng, early=True)[:3]


@check.mistake("The trace holds the best cost so far. It must hold the cost of where you stand.")
def trace_of_best(f, w0, step, T0, cooling, steps, rng):
    best_w, best, trace, *_ = annealing(f, w0, step, T0, cooling, steps, rng)
    return best_w, best, np.minimum.accumulate(trace).tolist()


@check.mistake("The trace holds the costs of the candidates, even of those that were refused. It must hold the cost of where you stand.")
def trace_of_candidates(f, w0, step, T0, cooling, steps, rng):
    best_w, best, _, _, _, looked = annealing(f, w0, step, T0, cooling, steps, rng)
    return best_w, best, looked


@check.mistake("The start is missing in the trace: it has `steps + 1` entries.")
def trace_without_start(f, w0, step, T0, cooling, steps, rng):
    best_w, best, trace, *_ = annealing(f, w0, step, T0, cooling, steps, rng)
    return best_w, best, trace[1:]


@check.mistake("The trace grows only when a step is accepted. It has an entry for every step.")
def trace_of_moves(f, w0, step, T0, cooling, steps, rng):
    best_w, best, trace, _, _, looked = annealing(f, w0, step, T0, cooling, steps, rng)
    return best_w, best, [here for here, height in zip(trace, looked) if here == height]


@check.mistake("One step too few.")
def one_step_too_few(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, max(steps - 1, 0), rng)[:3]


@check.mistake("One step too many.")
def one_step_too_many(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps + 1, rng)[:3]


@check.mistake("The steps are made in place (`w += …`): `w0` has changed, and so does the best point with every step. Make a new array.")
def in_place(f, w0, step, T0, cooling, steps, rng):
    w, here = w0, float(f(w0))
    best_w, best, T, trace = w, here, T0, [here]
    for _ in range(steps):
        move = rng.normal(0, step, w.shape)
        luck = rng.random()
        w += move
        height = float(f(w))
        if luck < metropolis(height - here, T):
            here = height
        else:
            w -= move
        if here < best:
            best_w, best = w, here
        trace.append(here)
        T *= cooling
    return best_w, best, trace


@check.mistake("The best point is not copied: it is the same array as the current one, which goes on changing.")
def best_not_copied(f, w0, step, T0, cooling, steps, rng):
    _, best, trace, w, _, _ = annealing(f, w0, step, T0, cooling, steps, rng)
    return w, best, trace


@check.mistake("Whole numbers as `w0` make an integer array, and the steps are rounded into it. Use floats.")
def integer_buffer(f, w0, step, T0, cooling, steps, rng):
    kind = np.asarray(w0).dtype
    return annealing(f, w0, step, T0, cooling, steps, rng, propose=lambda rng, step, w, best_w, start, T: (w + rng.normal(0, step, w.shape)).astype(kind).astype(float))[:3]


@check.mistake("Equal seeds give different walks: some numbers do not come from `rng`. Draw all of them from it.", compared=False)
def global_generator(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, np.random.default_rng())[:3]


@check.mistake("Different seeds give the same walk: the numbers come from a generator of your own. Draw from the `rng` that is given.", compared=False)
def own_generator(f, w0, step, T0, cooling, steps, rng):
    return annealing(f, w0, step, T0, cooling, steps, np.random.default_rng(0))[:3]


def pits(w):
    """A bowl with pits; it is not symmetric."""
    w = np.asarray(w, float)
    return float(np.sum(w**2 + 0.7 * w) + 6 * np.sum(np.sin(3 * w) ** 2) - 1)


def pits_of_matrix(w):
    return pits(np.asarray(w) * np.array([[1.0, 2.0, 0.5], [1.5, 1.0, 3.0]]))


def walks_differ(f):
    seeds = (7, 7, 8)
    walks = [f(pits, np.array([1.0, 2.0]), 0.4, 50, 0.95, 10, np.random.default_rng(seed)) for seed in seeds]
    first, again, other = (walk[2] for walk in walks)
    if not np.array_equal(first, again):
        return check.made("global_generator", "equal seeds give different walks", alone=True)
    if np.array_equal(first, other):
        return check.made("own_generator", "different seeds give the same walk")
    return True


def seeded(seed):
    return np.random.default_rng(seed)


flat = np.array([3.0, -2.0, 1.5, 0.5, 2.5, -1.5])[::2]
check.equal("three weights, hot", pits, np.array([2.0, -1.0, 3.0]), 0.4, 8.0, 0.97, 25, seeded(101))
check.equal("three weights, lukewarm", pits, np.array([2.0, -1.0, 3.0]), 0.7, 1.5, 0.9, 30, seeded(102))
check.equal("a matrix of weights", pits_of_matrix, np.arange(6.0).reshape(2, 3) / 3 - 1, 0.3, 3.0, 0.95, 20, seeded(103))
check.equal("no cooling", pits, np.array([1.0, 1.0]), 0.5, 2.0, 1.0, 20, seeded(104))
check.equal("T0 = 0: never up", pits, np.array([2.0, 3.0]), 0.5, 0.0, 0.9, 25, seeded(105), quiet=True)
check.equal("so cold in the end that T is 0", pits, np.array([2.0, 3.0]), 0.5, 4.0, 1e-30, 20, seeded(106), quiet=True)
check.equal("the start is the best", pits, np.array([-0.001, -0.002]), 3.0, 30.0, 0.999, 12, seeded(107))
check.equal("no step", pits, np.array([0.5, -0.5]), 0.5, 2.0, 0.9, 0, seeded(108))
check.equal("a single step", pits, np.array([2.5]), 0.6, 5.0, 0.5, 1, seeded(109))
check.equal("whole numbers", pits, np.array([3, -4]), 0.8, 4.0, 0.95, 20, seeded(110))
check.equal("a view that is not contiguous", pits, flat, 0.4, 3.0, 0.95, 20, seeded(111))
check.unchanged("the start stays as it is", pits, np.array([1.0, -3.0]), 0.4, 3.0, 0.95, 15, seeded(112))
check.that("all random numbers come from rng", walks_differ)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="anneal-payoff-text"
# **Does it pay off?** On Rastrigin's function: a bowl with 121 pits, the lowest at (0, 0) with cost 0. The library has annealing, too,
# and draws in the same order. So with equal seeds, your walk and its walk must be the same.
#
# **Predict, then run.** The walk starts in a far corner. Gradient descent from there ends at a cost near 40. And annealing?

# %% name="anneal-payoff"
from chainrule.landscapes import rastrigin
from chainrule.search import geometric_schedule, simulated_annealing

my_guess = None
pits_and_bowl = rastrigin()
corner, T0, cooling, many_steps = np.array([4.4, -4.3]), 20.0, 0.99, 1000


def bowl(w):
    return pits_and_bowl(w)


print("my guess:", my_guess)
with once_solved():
    rng = np.random.default_rng(2)
    best_w, best_f, trace = anneal(bowl, corner, 0.5, T0, cooling, many_steps, rng)
    print(f"best cost {best_f:.3f} at {best_w.round(2)}, where it stood last: {trace[-1]:.3f}")
    theirs = simulated_annealing(
        bowl, pits_and_bowl.domain, many_steps + 1, np.random.default_rng(2),
        start=corner, step=0.5, schedule=geometric_schedule(T0, cooling),
    )
    print("the library took the same walk:", np.allclose(trace, theirs.current_trace))
    temperatures = T0 * cooling ** np.arange(many_steps)
    plotting.show(plotting.plot_annealing(trace, temperatures))

# %% name="anneal-path"
with once_solved():
    anneal(bowl, corner, 0.5, T0, cooling, 1, np.random.default_rng(2))  # this needs it
    walk = {"annealing": theirs.path[::4]}
    span, pit = pits_and_bowl.domain, pits_and_bowl.minima
    plotting.show(plotting.plot_contours(bowl, span, walk, minima=pit))

# %% [markdown] name="cooling-text"
# While it is hot, the walk stands high, and hardly sees the pits. As it cools, it settles in one of them. Was it luck that this was a
# good one?
#
# **Predict, then run.** 30 seeds for each rate of cooling, always 1000 steps. The steps are smaller now, 0.3, so that a cold walk
# cannot jump from pit to pit. Which is best: cooling fast (0.9), slowly (0.99), hardly (0.999), or not at all (1)?

# %% name="cooling"
my_guess = None

print("my guess:", my_guess)
with once_solved():
    courses = {}
    for rate in (0.9, 0.99, 0.999, 1):
        rngs = map(np.random.default_rng, range(30))
        runs = [anneal(bowl, corner, 0.3, T0, rate, 1000, rng) for rng in rngs]
        courses[f"cooling {rate}"] = [trace[::20] for *_, trace in runs]
        best = np.median([lowest for _, lowest, _ in runs])
        last = np.median([trace[-1] for *_, trace in runs])
        print(f"cooling {rate:5}: median of the best {best:5.2f}, of the last {last:5.2f}")
    axes = {"xlabel": "steps", "ylabel": "cost where it stands"}
    plotting.show(plotting.plot_runs(courses, x=np.arange(0, 1001, 20), **axes))

# %% [markdown] name="errata-logarithmic-text"
# Read both columns. Cooling fast is a descent with detours: the walk freezes in a poor pit, and stays. Without cooling it never settles.
# But `anneal` returns the *best* that it saw, and on a small map a hot walk comes by nearly everywhere in 1000 steps. With more weights
# that is hopeless. Then it has to settle, and the rate that settles best lies in between. Where, depends on the landscape and on
# the time you have.
#
# ### Is there no guarantee at all?
#
# One often reads that annealing is heuristic, without any guarantee. That is not quite so. On a landscape with finitely many points, let the
# temperature fall like $c / \ln(k + 2)$ in step $k$. **Hajek's theorem** (1988): the walk ends in the global minimum with
# probability tending to 1, if and only if $c$ is at least the depth of the deepest local valley (how far one must climb to get
# out).
#
# Here are five points in a row, with costs 1, 2, 3, 1.5, 0. The walk starts in the valley on the left, which is 2 deep. For so few
# points we need no dice. The cell multiplies the probabilities of all steps, and so computes the chance to stand in the global
# minimum *exactly*.
#
# **Predict, then run.** After 100 000 steps: which of the four has the best chance? Which will never get there?

# %% name="errata-logarithmic"
my_guess = None

heights, deep = np.array([1, 2, 3, 1.5, 0]), 2.0
k = np.arange(100_000)
schedules = {
    "3 / ln(k + 2)": 1.5 * deep / np.log(k + 2),
    "1 / ln(k + 2)": 0.5 * deep / np.log(k + 2),
    "2 · 0.9^k": np.maximum(2 * 0.9**k, 1e-9),
    "2 · 0.99^k": np.maximum(2 * 0.99**k, 1e-9),
}


def chances(T):
    """Tables of the chances to go from point i to point j, one for each temperature."""
    tables = np.zeros((len(T), 5, 5))
    for i in range(5):
        for j in (i - 1, i + 1):
            if 0 <= j < 5:
                tables[:, i, j] = 0.5 * np.exp(-max(heights[j] - heights[i], 0) / T)
        tables[:, i, i] = 1 - tables[:, i].sum(axis=1)
    return tables

# %% name="errata-logarithmic-shown" errata={"says": "Simulated annealing is a heuristic without any guarantee.", "correct": "If it cools as slowly as c / ln k, with c at least the depth of the deepest local valley, the chance to end in the global minimum tends to 1. Geometric cooling, used in practice, has no such guarantee."}
print("my guess:", my_guess)
when = np.unique(np.geomspace(1, len(k), 60).astype(int))
arrived = {}
for name, T in schedules.items():
    where, course = np.array([1.0, 0, 0, 0, 0]), []
    for table in chances(T):
        where = where @ table
        course.append(where[-1])
    arrived[name] = np.array(course)[when - 1]
    reached = [f"{course[n - 1]:.3f}" for n in (100, 1000, 10_000, 100_000)]
    print(f"T = {name:13}  chance after 100, 1000, 10 000, 100 000 steps:", *reached)
labels = {"xlabel": "steps", "ylabel": "chance to stand in the global minimum"}
plotting.show(plotting.plot_curves(when, arrived, xlog=True, **labels))

# %% [markdown] name="logarithmic-after"
# The theorem shows. With $c = 3$, more than the depth of 2, the chance keeps growing toward 1. With $c = 1$ it stands still, and so it does
# with both geometric schedules: they freeze. But look at the axis. Each new digit costs ten times as many steps. For real
# landscapes the guarantee takes longer than to look at every point. So in practice one cools geometrically, without a guarantee.

# %% [markdown] name="noise-text"
# ## Noise
#
# In notebook 7 the gradient of single examples made the walk tremble, and it could not settle. Here is the good side: who trembles does
# not stay in a narrow valley. **Noisy descent** adds random numbers to each gradient, and lets them fade:
#
# $$ w_{t+1} = w_t - \alpha \, (\nabla J(w_t) + \xi_t), \qquad t = 0, 1, 2, \dots $$
#
# with $\xi_t$ normal, mean 0, standard deviation $\sigma / \sqrt{t + 1}$.
#
# ### Exercise: `noisy_descent`
#
# Write `noisy_descent(df, w0, lr, noise, steps, rng)`.
#
# - `df` is the gradient: it takes an array and returns one of the same shape,
# - `w0` is the start, an array of any shape, of floats or integers; leave it as it is,
# - `lr` is the learning rate α, `noise` is σ, 0 or more,
# - `steps` is the number of steps, 0 or more; `rng` is a generator, the source of all noise.
#
# Return the path: an array of shape `(steps + 1, *w0.shape)`, with the start first. Each entry of `w` gets a noise of its own in each
# step.
#
# <details><summary>Hint 1</summary><code>rng.normal(0, noise / np.sqrt(t + 1), w.shape)</code> is the noise of step t. (If you draw it
# like this, the checks can name most mistakes.)</details>
# <details><summary>Hint 2</summary>Collect the points in a list, the start first, and return <code>np.array(path)</code>. Make a new
# array in each step: <code>w = w - …</code>, not <code>w -= …</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "noisy_descent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def noisy_descent(df, w0, lr, noise, steps, rng):
    """The path of gradient descent with noise that fades."""
    ### BEGIN SOLUTION
    w = np.array(w0, dtype=float)
    path = [w]
    for t in range(steps):
        xi = rng.normal(0, noise / np.sqrt(t + 1), w.shape)
        w = w - lr * (df(w) + xi)
        path.append(w)
    return np.array(path)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "noisy_descent-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("noisy_descent", points=1)
args = (lambda w: 2 * w, np.array([4, -1]), 0.1)


def spread(noisy_descent):
    """On level ground, step t moves 5000 weights by lr * noise / √(t + 1)."""
    path = noisy_descent(lambda w: 0 * w, np.zeros(5000), 0.1, 3.0, 4, np.random.default_rng(2))
    moved = np.diff(path, axis=0).std(axis=1) * np.sqrt([1, 2, 3, 4])
    return path.shape == (5, 5000) and np.allclose(moved, 0.3, rtol=0.06)


def noise_from_rng(noisy_descent):
    """Equal seeds, equal paths; other seeds, other paths."""
    paths = [noisy_descent(*args, 2, 3, np.random.default_rng(s)) for s in (1, 1, 2)]
    if not np.array_equal(paths[0], paths[1]):
        return check.made("unseeded_noise", "equal seeds give different paths", alone=True)
    return not np.array_equal(paths[0], paths[2])


quiet_path = np.array([[4.0, -1.0], [3.2, -0.8], [2.56, -0.64]])
check.equal("no noise, two steps", *args, 0, 2, np.random.default_rng(1), expected=quiet_path)
check.that("level ground: the steps are 0.3 / √(t + 1) long", spread)
check.that("the noise comes from rng", noise_from_rng)
check.report()

# %% nbgrader={"grade": true, "grade_id": "noisy_descent-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks noisy_descent here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("noisy_descent", points=3, hidden=True)


def fading(noise, t):
    return noise / math.sqrt(t + 1)


def normal(rng, deviation, w):
    return rng.normal(0, deviation, w.shape)


def trembling(df, w0, lr, noise, steps, rng, deviation=fading, draw=normal, step=lambda lr, slope, xi: lr * (slope + xi), at=lambda w, xi, start: w):
    """The right path; each option makes one of the mistakes below."""
    w = start = np.array(w0, dtype=float)
    path = [w]
    for t in range(steps):
        xi = draw(rng, deviation(noise, t), w)
        w = w - step(lr, df(at(w, xi, start)), xi)
        path.append(w)
    return np.array(path)


check.reference(trembling)


@check.mistake("The noise does not fade. In step t its standard deviation is noise / √(t + 1).")
def does_not_fade(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, lambda noise, t: noise)


@check.mistake("The noise fades like 1 / (t + 1). The square root is missing.")
def root_missing(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, lambda noise, t: noise / (t + 1))


@check.mistake("The noise grows: it is multiplied by the root. Divide.")
def noise_grows(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, lambda noise, t: noise * math.sqrt(t + 1))


@check.mistake("The first step has t = 0, so its noise has the standard deviation `noise`. You count from 1: it is too small.")
def counted_from_one(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, lambda noise, t: noise / math.sqrt(t + 2))


@check.mistake("The noise is divided by the root of t, not of t + 1: that is infinite in the first step.")
def divided_by_zero(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, lambda noise, t: noise / math.sqrt(t) if t else noise * 1e300)


@check.mistake("`noise` is taken for the variance. It is the standard deviation of the first step.")
def noise_as_variance(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, lambda noise, t: math.sqrt(noise / (t + 1)))


@check.mistake("`noise` is ignored: the standard deviation starts at 1.")
def noise_ignored(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, lambda noise, t: 1 / math.sqrt(t + 1))


@check.mistake("There is no noise at all.")
def no_noise(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, 0.0, steps, rng)


@check.mistake("The step goes up the gradient. Subtract it.")
def uphill(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, step=lambda lr, slope, xi: -lr * (slope + xi))


@check.mistake("The noise is not multiplied by `lr`. It is added to the gradient, inside the parentheses.")
def noise_outside(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, step=lambda lr, slope, xi: lr * slope - xi)


@check.mistake("Only the noise is multiplied by `lr`, not the gradient.")
def gradient_outside(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, step=lambda lr, slope, xi: slope + lr * xi)


@check.mistake("The gradient is multiplied by the noise. Add the noise to it.")
def noise_multiplied(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, step=lambda lr, slope, xi: lr * slope * (1 + xi))


@check.mistake("There is only noise: the gradient is missing.")
def gradient_missing(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, step=lambda lr, slope, xi: lr * xi)


@check.mistake("`lr` is missing.")
def rate_missing(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, step=lambda lr, slope, xi: slope + xi)


@check.mistake("The learning rate fades, too. Only the noise does.")
def rate_fades(df, w0, lr, noise, steps, rng):
    w = np.array(w0, dtype=float)
    path = [w]
    for t in range(steps):
        w = w - lr / math.sqrt(t + 1) * (df(w) + rng.normal(0, noise / math.sqrt(t + 1), w.shape))
        path.append(w)
    return np.array(path)


@check.mistake("The gradient is always that of the start. Take it where the walk stands.")
def stale_gradient(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, at=lambda w, xi, start: start)


@check.mistake("The noise is added to the weights before the gradient is taken. Add it to the gradient.")
def noise_in_the_weights(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, step=lambda lr, slope, xi: lr * slope, at=lambda w, xi, start: w + xi)


@check.mistake("One random number is used for all weights. Each needs its own: `rng.normal(0, …, w.shape)`.")
def one_for_all(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, draw=lambda rng, deviation, w: rng.normal(0, deviation))


@check.mistake("The noise is drawn once, before the loop. Draw new numbers in every step.")
def drawn_once(df, w0, lr, noise, steps, rng):
    once = rng.normal(0, 1, np.shape(w0))
    return trembling(df, w0, lr, noise, steps, rng, draw=lambda rng, deviation, w: deviation * once)


@check.mistake("The noise is uniform. It is normal: `rng.normal`.")
def uniform_noise(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, draw=lambda rng, deviation, w: rng.uniform(-deviation, deviation, w.shape))


@check.mistake("The noise is uniform between 0 and 1, so it always pushes to the same side (`rng.random`). It is normal, with mean 0.")
def one_sided(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng, draw=lambda rng, deviation, w: deviation * rng.random(w.shape))


@check.mistake("The start is missing in the path. It comes first.")
def start_missing(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng)[1:]


@check.mistake("The path is one step short: it has `steps` steps and so `steps + 1` points.")
def one_short(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, max(steps - 1, 0), rng)


@check.mistake("There is one step too many.")
def one_long(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps + 1, rng)


@check.mistake("Only the last point is returned. Return the whole path.")
def only_the_end(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, rng)[-1]


@check.mistake("All points of the path are the same array, which was changed in place (`w -= …`). Make a new one in each step: `w = w - …`.")
def same_array(df, w0, lr, noise, steps, rng):
    return np.array([trembling(df, w0, lr, noise, steps, rng)[-1]] * (steps + 1))


@check.mistake("The steps are made in place (`w -= …`), so the caller's `w0` changes. Make a new array in each step.")
def start_changed(df, w0, lr, noise, steps, rng):
    right = trembling(df, w0, lr, noise, steps, rng)
    w0[...] = right[-1]
    return right


@check.mistake("Whole numbers as `w0` make a path of integers, and the steps are cut off. Use floats.")
def integer_path(df, w0, lr, noise, steps, rng):
    path = np.zeros((steps + 1, *np.shape(w0)), dtype=np.asarray(w0).dtype)
    path[0] = w0
    for t in range(steps):
        w = path[t] - lr * (df(path[t]) + rng.normal(0, noise / math.sqrt(t + 1), np.shape(w0)))
        path[t + 1] = w
    return path


@check.mistake("Equal seeds give different paths: the noise does not come from `rng`. Draw all of it from there.", compared=False)
def unseeded_noise(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, np.random.default_rng())


@check.mistake("A generator of your own (seed 0) is used. Draw from the `rng` that is given.")
def noise_of_its_own(df, w0, lr, noise, steps, rng):
    return trembling(df, w0, lr, noise, steps, np.random.default_rng(0))


def d_bumpy(w):
    return 2 * w + 3 * np.cos(3 * w) + 0.5


def d_tilted_bowl(w):
    return 0.7 * w - 1


def kicks(f, weights, steps, noise, lr=0.2, seed=120):
    """The noise that a path must have had, scaled to standard deviation 1."""
    w0 = np.linspace(-1, 2, weights)
    path = f(d_tilted_bowl, w0, lr, noise, steps, np.random.default_rng(seed))
    if not isinstance(path, np.ndarray) or path.shape != (steps + 1, weights):
        return None
    xi = -np.diff(path, axis=0) / lr - d_tilted_bowl(path[:-1])
    return xi * np.sqrt(np.arange(1, steps + 1))[:, None] / noise


def about(value, target, off):
    return bool(abs(value - target) < off)


def first_steps(f):
    z = kicks(f, 4000, 3, 5.0)
    return z is not None and all(about(row.std(), 1, 0.07) for row in z)


def late_steps(f):
    z = kicks(f, 60, 300, 0.4)
    return z is not None and about(z[-100:].std(), 1, 0.06) and about(z[100:200].std(), 1, 0.06)


def centered_and_normal(f):
    z = kicks(f, 100, 200, 2.0)
    return z is not None and about(z.mean(), 0, 0.05) and about(np.mean(np.abs(z) > 2), 0.0455, 0.012)


def each_its_own(f):
    """Weights get different noise, and steps do."""
    z = kicks(f, 100, 100, 3.0)
    return z is not None and about(z.mean(axis=1).std(), 0.1, 0.05) and about(z.mean(axis=0).std(), 0.1, 0.05)


def paths_differ(f):
    paths = [f(d_bumpy, np.array([1.0, 2.0]), 0.05, 2.0, 20, np.random.default_rng(seed)) for seed in (7, 7, 8)]
    if not np.array_equal(paths[0], paths[1]):
        return check.made("unseeded_noise", "equal seeds give different paths", alone=True)
    return "different seeds give the same path" if np.array_equal(paths[0], paths[2]) else True


seed = np.random.default_rng(121)
check.equal("no noise: gradient descent", d_bumpy, np.array([1.5, -2.0, 0.25]), 0.07, 0, 12, seed)
check.equal("no noise, a matrix of weights", d_bumpy, np.arange(6.0).reshape(2, 3) - 2, 0.05, 0.0, 5, seed)
check.equal("no step", d_bumpy, np.array([1.0, 4.0]), 0.1, 3.0, 0, seed)
check.equal("no noise, whole numbers", d_bumpy, np.array([3, -2]), 0.05, 0, 6, seed)
check.equal("no noise, a view that is not contiguous", d_bumpy, np.arange(8.0)[::3] / 3, 0.05, 0, 6, seed)
check.unchanged("the start stays as it is", d_bumpy, np.array([1.0, -3.0]), 0.05, 0, 8, seed)
check.that("the noise of the first steps, 4000 weights", first_steps)
check.that("the noise of the late steps", late_steps)
check.that("the noise is normal, with mean 0", centered_and_normal)
check.that("each weight and each step has its own noise", each_its_own)
check.that("all noise comes from rng", paths_differ)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="shake-text"
# **Does it pay off?** A wide bowl with its lowest point at 2, and in its flank a narrow dent near −1. A ball lies in the dent. Without
# noise it stays there for ever.
#
# **Predict, then run.** Move the slider. From which noise on does this ball get out?

# %% name="shake"
my_guess = None


def dented(w, depth=0.4):
    return 0.05 * (w - 2) ** 2 - depth * np.exp(-(((w + 1) / 0.3) ** 2))


def d_dented(w, depth=0.4):
    inside = (w + 1) / 0.3
    return 0.1 * (w - 2) + depth * 2 * inside / 0.3 * np.exp(-(inside**2))


def shake(noise=10.0):
    """Draw every eighth of 400 noisy steps that start in the dent."""
    path = noisy_descent(d_dented, np.array([-1.0]), 0.1, noise, 400, np.random.default_rng(6))
    return plotting.plot_descent(dented, {f"noise {noise:g}": path[::8, 0]}, span=(-4, 7))


print("my guess:", my_guess)
with once_solved():
    plotting.slide(shake, noise=(0.0, 30.0, 1.0))

# %% [markdown] name="shares-text"
# One ball proves little. Your function takes arrays, so 500 balls can roll at once. After 400 noisy steps they settle without
# noise, and we count.
#
# **Predict, then run.** 500 start in the dent, 500 in the bowl. With how much noise do most end in the bowl, wherever they
# start? And what if the dent is *deeper* than the bowl?

# %% name="shares"
my_guess = None


def in_the_bowl(start, noise, depth):
    """Share of 500 balls that end in the bowl."""
    def slope(w):
        return d_dented(w, depth)

    balls, rng = np.full(500, start), np.random.default_rng(8)
    settled = noisy_descent(slope, balls, 0.1, noise, 400, rng)[-1]
    settled = noisy_descent(slope, settled, 0.1, 0, 300, rng)[-1]
    return np.mean(np.abs(settled + 1) > 0.6)

# %% name="shares-shown"
print("my guess:", my_guess)
with once_solved():
    noises, curves = np.array([0, 1, 2, 4, 6, 8, 10, 15, 20, 25, 30]), {}
    for depth, dent in ((0.4, "shallow dent"), (0.8, "deep dent")):
        for start, place in ((-1.0, "dent"), (2.0, "bowl")):
            curves[f"{dent}, from the {place}"] = [in_the_bowl(start, n, depth) for n in noises]
        low = dented(np.linspace(-1.3, -0.7, 601), depth).min()
        bowl_low = abs(dented(2.0, depth))
        print(f"{dent}: its bottom at {low:.2f}, that of the bowl at {bowl_low:.2f}")
    labels = {"xlabel": "noise of the first step, σ", "ylabel": "share that ends in the bowl"}
    plotting.show(plotting.plot_curves(noises, curves, **labels))

# %% [markdown] name="shares-after"
# With enough noise the start hardly matters any more. But look where the balls end: noise prefers the **wide** valley, even if the narrow
# one is deeper. For networks this may be just as well. A wide valley is one where small changes of the weights change little. It
# has been argued that such networks do better on new examples; whether that is the reason is still debated.
#
# Now the network. 30 copies of it lie at the bottom of the poor valley with cost 0.39.
#
# **Predict, then run.** How many get out, with how much noise? The last three lines are the real thing, as in notebook 7: no noise is
# added, but each gradient is that of a *single example*, drawn at random.

# %% name="noise-network"
my_guess = None

poor = ends[np.argmin(np.abs(final - 0.386))]
picker = np.random.default_rng(9)


def one_example(w):
    """Gradient for one of the 31 examples; each network of the array draws its own."""
    row = picker.integers(len(inputs), size=len(w))
    x, y = inputs[row][:, None], targets[row]
    hidden = np.tanh(x * w[:, 0:2] + w[:, 2:4])
    error = 2 * ((hidden * w[:, 4:6]).sum(axis=1) + w[:, 6] - y)[:, None]
    back = error * w[:, 4:6] * (1 - hidden**2)
    return np.concatenate([back * x, back, error * hidden, error], axis=1) + 2 * decay * w


# %% name="noise-network-tried"
print("my guess:", my_guess)
with once_solved():
    copies = np.tile(poor, (30, 1))
    rng = np.random.default_rng(10)
    tries = {f"noise {n}": (gradient, n, 0.1) for n in (0, 1, 3, 10)}
    for rate in (0.05, 0.1, 0.2):
        tries[f"single examples, α = {rate}"] = (one_example, 0, rate)
    for name, (df, noise, rate) in tries.items():
        shaken = descend(noisy_descent(df, copies, rate, noise, 1000, rng)[-1], steps=700)
        print(f"{name:26} {np.sum(cost(shaken) < 0.2):2} of 30 end in the good valley")

# %% [markdown] name="noise-network-after"
# It takes a lot of noise. Single examples shake enough only if the learning rate is large. So the usual advice, "stochastic gradient
# descent escapes local minima", is true with a *may* in it.

# %% [markdown] name="crowd-text"
# ## A crowd
#
# The last method copies evolution. A **genetic algorithm** keeps a whole population of points. In each generation
#
# - parents are chosen: the lower the cost, the more likely (**selection**),
# - two parents are mixed to a child (**crossover**),
# - the child is changed a little at random (**mutation**),
# - and the best of the old generation lives on unchanged (**elitism**).
#
# No gradient is needed, and not even a distance.
#
# ### Exercise: `select`, `crossover`, `mutate` and `evolve`
#
# Write four functions. All randomness comes from `rng`. None changes the arrays that it is given.
#
# - `select(population, scores, rng, k=3)`: a **tournament**. `population` is an array with one individual in each row, `scores` an
#   array with the cost of each. Draw `k` of them at random (with or without replacement, `k` is at most their number), and
#   return the one with the *lowest* score: its row.
# - `crossover(a, b, rng)`: one child of two arrays of the same shape. Each entry comes from `a` or from `b`, with equal chance,
#   independently of the other entries.
# - `mutate(w, rate, scale, rng)`: like `w`, an array of floats or integers, but each entry has, with probability `rate`, a normal
#   random number with standard deviation `scale` added to it. Which entries, and what is added, is drawn for each entry by itself.
# - `evolve(f, population, generations, rng, rate=0.2, scale=0.3)`: so many generations. Each has as many individuals as the first: the
#   best of the one before, unchanged, and otherwise children. Each child has two selected parents (`k` is 3; a population has at
#   least 3), is their mix, and is mutated. Return `(w, f(w))`, the best of the last generation and its cost. With 0
#   generations, that is the best of `population`, an array of floats or integers.
#
# <details><summary>Hint 1</summary>The checks accept any way to draw. If you draw like this, they can name more mistakes:
# <code>rng.integers(len(population), size=k)</code> for the tournament, <code>rng.random(a.shape) &lt; 0.5</code> for the
# entries that come from <code>a</code>, <code>rng.random(w.shape) &lt; rate</code> for those that mutate, and then
# <code>rng.normal(0, scale, w.shape)</code>.</details>
# <details><summary>Hint 2</summary><code>np.where(mask, a, b)</code> takes an entry from <code>a</code> where the mask is True, and
# from <code>b</code> where it is False, into a new array.</details>
# <details><summary>Hint 3</summary>In <code>evolve</code>, the next generation starts as a list with the best individual. Append
# children until it is long enough, then make it an array. Convert the first population to floats.</details>

# %% nbgrader={"grade": false, "grade_id": "select", "locked": false, "schema_version": 3, "solution": true, "task": false}
def select(population, scores, rng, k=3):
    """The best of k individuals drawn at random."""
    ### BEGIN SOLUTION
    drawn = rng.integers(len(population), size=k)
    return population[drawn[np.argmin(scores[drawn])]]
    ### END SOLUTION


def crossover(a, b, rng):
    """A child with each entry from either parent."""
    ### BEGIN SOLUTION
    return np.where(rng.random(a.shape) < 0.5, a, b)
    ### END SOLUTION


def mutate(w, rate, scale, rng):
    """A copy with noise on some of its entries."""
    ### BEGIN SOLUTION
    chosen = rng.random(w.shape) < rate
    return np.where(chosen, w + rng.normal(0, scale, w.shape), w)
    ### END SOLUTION


def evolve(f, population, generations, rng, rate=0.2, scale=0.3):
    """The best individual after so many generations, and its cost."""
    ### BEGIN SOLUTION
    population = np.array(population, dtype=float)
    scores = np.array([f(w) for w in population])
    for _ in range(generations):
        best = np.argmin(scores)
        children = [population[best]]
        while len(children) < len(population):
            a, b = select(population, scores, rng), select(population, scores, rng)
            children.append(mutate(crossover(a, b, rng), rate, scale, rng))
        population = np.array(children)
        scores = np.array([scores[best]] + [f(w) for w in population[1:]])
    best = np.argmin(scores)
    return population[best], scores[best]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "select-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("select", "crossover", "mutate", "evolve", points=1)
four, marks = np.arange(1.0, 9.0).reshape(4, 2), np.array([0.5, 0.25, 1.0, -2.0])


def seeds(n):
    return (np.random.default_rng(seed) for seed in range(n))


def last_wins(select):
    won = np.array([select(four, marks, rng) for rng in seeds(60)])
    return won.shape == (60, 2) and 0.33 < np.mean(won[:, 0] == 7) < 0.97


def half_each(crossover):
    children = np.array([crossover(np.zeros(999), np.ones(999), rng) for rng in seeds(4)])
    return set(children.flat) == {0, 1} and np.ptp([0.5, *children.mean(axis=1)]) < 0.1


check.that("select: the best of four wins most of 60 tournaments", last_wins, of="select")
check.that("crossover: each entry from a or b, half and half", half_each, of="crossover")
check.equal("mutate: rate 0", marks, 0, 1, *seeds(1), of="mutate", expected=marks)
best = {"of": "evolve", "expected": (np.array([7.0, 8.0]), -2.0)}
mark = lambda w: float(marks[int(w[0]) // 2])
check.equal("evolve: no generations", mark, four, 0, np.random.default_rng(3), **best)
check.report()

# %% nbgrader={"grade": true, "grade_id": "select-hidden", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks the four functions here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("select", "crossover", "mutate", "evolve", points=5, hidden=True)


def tournament(population, scores, rng, k=3, win=np.argmin):
    drawn = rng.integers(len(population), size=k)
    return population[drawn[win(np.asarray(scores)[drawn])]]


def mix(a, b, rng):
    return np.where(rng.random(np.shape(a)) < 0.5, a, b)


def jitter(w, rate, scale, rng):
    chosen = rng.random(np.shape(w)) < rate
    return np.where(chosen, w + rng.normal(0, scale, np.shape(w)), w)


def evolution(f, population, generations, rng, rate=0.2, scale=0.3, choose=tournament, cross=mix, change=jitter, elite="kept", grow=0, kind=float, stale=False):
    """The right algorithm; each option makes one of the mistakes below. Returns the last population and its costs."""
    population = np.array(population, dtype=kind)
    scores = np.array([float(f(w)) for w in population])
    first = scores
    for _ in range(generations):
        best = population[np.argmin(scores)]
        children = [] if elite == "lost" else [change(best, rate, scale, rng) if elite == "mutated" else population[np.argmax(scores)] if elite == "worst" else best]
        while len(children) < len(population) + grow:
            ranking = first if stale else scores
            a, b = choose(population, ranking, rng), choose(population, ranking, rng)
            children.append(change(cross(a, b, rng), rate, scale, rng))
        population = np.array(children).astype(kind)
        scores = np.array([float(f(w)) for w in population])
    return population, scores


def fittest(population, scores):
    return population[np.argmin(scores)], float(np.min(scores))


def right_evolve(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations, rng, rate, scale))


check.reference(tournament)
check.reference(mix, of="crossover")
check.reference(jitter, of="mutate")
check.reference(right_evolve, of="evolve")


@check.mistake("The *highest* score wins. The score is a cost: the lowest wins.")
def highest_wins(population, scores, rng, k=3):
    return tournament(population, scores, rng, k, np.argmax)


@check.mistake("The scores are ignored: any individual is returned. Return the best of those drawn.")
def scores_ignored(population, scores, rng, k=3):
    return population[rng.integers(len(population))]


@check.mistake("Always the best of all is returned. Only k of them compete, drawn at random, so that others have a chance.")
def always_best(population, scores, rng, k=3):
    return population[np.argmin(scores)]


@check.mistake("`k` is ignored: always 3 compete.")
def always_three(population, scores, rng, k=3):
    return tournament(population, scores, rng, 3)


@check.mistake("The first k of the population compete. Draw them at random.")
def first_k(population, scores, rng, k=3):
    return population[np.argmin(scores[:k])]


@check.mistake("One of the k best is returned. Draw k at random, then return the best of these.")
def among_the_best(population, scores, rng, k=3):
    return population[np.argsort(scores)[rng.integers(k)]]


@check.mistake("The position among those drawn is taken for a position in the population. Translate it back: `drawn[np.argmin(scores[drawn])]`.")
def position_mixed_up(population, scores, rng, k=3):
    return population[np.argmin(scores[rng.integers(len(population), size=k)])]


@check.mistake("The number of the individual is returned. Return its row of the population.")
def number_returned(population, scores, rng, k=3):
    drawn = rng.integers(len(population), size=k)
    return int(drawn[np.argmin(scores[drawn])])


@check.mistake("The score is returned. Return the individual.")
def score_returned(population, scores, rng, k=3):
    return float(np.min(scores[rng.integers(len(population), size=k)]))


@check.mistake("All individuals that were drawn are returned. Return the best one.")
def all_drawn(population, scores, rng, k=3):
    return population[rng.integers(len(population), size=k)]


@check.mistake("The mean of those drawn is returned. Return the best one.")
def mean_of_drawn(population, scores, rng, k=3):
    return population[rng.integers(len(population), size=k)].mean(axis=0)


@check.mistake("The last individual is never drawn: `rng.integers(n)` leaves out n already, so don't subtract 1.")
def last_never_drawn(population, scores, rng, k=3):
    return tournament(population[:-1], scores[:-1], rng, k) if len(population) > 1 else population[0]


@check.mistake("The lowest *absolute* score wins. Scores may be negative: the lowest wins.")
def lowest_absolute(population, scores, rng, k=3):
    return tournament(population, np.abs(scores), rng, k)


@check.mistake("Equal seeds give different results: the draw does not come from `rng`.", compared=False)
def select_unseeded(population, scores, rng, k=3):
    return tournament(population, scores, np.random.default_rng(), k)


@check.mistake("A generator of your own (seed 123) is used. Draw from the `rng` that is given.")
def select_own_generator(population, scores, rng, k=3):
    return tournament(population, scores, np.random.default_rng(123), k)


@check.mistake("The parents are averaged. Each entry comes from one of them.", of="crossover")
def averaged(a, b, rng):
    return (a + b) / 2


@check.mistake("The parents are blended with a random weight. Each entry comes from one of them, unchanged.", of="crossover")
def blended(a, b, rng):
    share = rng.random(np.shape(a))
    return share * a + (1 - share) * b


@check.mistake("The child is cut at one point: the first part from `a`, the rest from `b`. Draw for each entry by itself.", of="crossover")
def one_point(a, b, rng):
    cut = rng.integers(1, np.size(a))
    return np.concatenate([np.ravel(a)[:cut], np.ravel(b)[cut:]]).reshape(np.shape(a))


@check.mistake("One coin decides for the whole child. Draw for each entry by itself: `rng.random(a.shape)`.", of="crossover")
def one_coin(a, b, rng):
    return np.array(a if rng.random() < 0.5 else b)


@check.mistake("One coin decides for a whole row. Draw for each entry by itself: `rng.random(a.shape)`.", of="crossover")
def one_coin_a_row(a, b, rng):
    return np.where(rng.random((len(a),) + (1,) * (np.ndim(a) - 1)) < 0.5, a, b)


@check.mistake("The entries are taken in turn, one from `a`, one from `b`. Draw for each at random.", of="crossover")
def in_turn(a, b, rng):
    return np.where(np.arange(np.size(a)).reshape(np.shape(a)) % 2 == 0, a, b)


@check.mistake("The child is a copy of `a`: nothing comes from `b`.", of="crossover")
def only_a(a, b, rng):
    return np.array(a)


@check.mistake("The child is a copy of `b`: nothing comes from `a`.", of="crossover")
def only_b(a, b, rng):
    return np.array(b)


@check.mistake("Two children are returned. One is asked for.", of="crossover")
def two_children(a, b, rng):
    mask = rng.random(np.shape(a)) < 0.5
    return np.where(mask, a, b), np.where(mask, b, a)


@check.mistake("The child is written into parent `a`, which has changed. Make a new array: `np.where` does.", of="crossover")
def parent_overwritten(a, b, rng):
    mask = rng.random(np.shape(a)) < 0.5
    a[~mask] = b[~mask]
    return a


@check.mistake("The chances are not equal: nine of ten entries come from `a`.", of="crossover")
def mostly_a(a, b, rng):
    return np.where(rng.random(np.shape(a)) < 0.9, a, b)


@check.mistake("`rng.normal` is compared with 0.5: that is below in 69 of 100 cases, not in half of them. Use `rng.random`.", of="crossover")
def normal_coin(a, b, rng):
    return np.where(rng.normal(size=np.shape(a)) < 0.5, a, b)


@check.mistake("Equal seeds give different children: the coins do not come from `rng`.", of="crossover", compared=False)
def crossover_unseeded(a, b, rng):
    return mix(a, b, np.random.default_rng())


@check.mistake("A generator of your own (seed 0) is used. Draw from the `rng` that is given.", of="crossover")
def crossover_own_generator(a, b, rng):
    return mix(a, b, np.random.default_rng(0))


@check.mistake("All entries mutate. Each does so only with probability `rate`.", of="mutate")
def all_mutate(w, rate, scale, rng):
    return w + rng.normal(0, scale, np.shape(w))


@check.mistake("It is turned around: an entry mutates with probability 1 - rate.", of="mutate")
def rate_turned(w, rate, scale, rng):
    return jitter(w, 1 - rate, scale, rng)


@check.mistake("One coin decides for all entries: all mutate, or none. Draw for each by itself.", of="mutate")
def all_or_none(w, rate, scale, rng):
    return w + rng.normal(0, scale, np.shape(w)) if rng.random() < rate else np.array(w)


@check.mistake("The same random number is added to all entries that mutate. Draw one for each.", of="mutate")
def same_noise(w, rate, scale, rng):
    return np.where(rng.random(np.shape(w)) < rate, w + rng.normal(0, scale), w)


@check.mistake("The entry is replaced by the noise. Add the noise to it.", of="mutate")
def replaced(w, rate, scale, rng):
    chosen = rng.random(np.shape(w)) < rate
    return np.where(chosen, rng.normal(0, scale, np.shape(w)), w)


@check.mistake("The entry is multiplied by 1 + noise. Add the noise, or a weight of 0 can never change.", of="mutate")
def multiplied(w, rate, scale, rng):
    chosen = rng.random(np.shape(w)) < rate
    return np.where(chosen, w * (1 + rng.normal(0, scale, np.shape(w))), w)


@check.mistake("The noise is uniform. It is normal: `rng.normal(0, scale, …)`.", of="mutate")
def uniform_mutation(w, rate, scale, rng):
    chosen = rng.random(np.shape(w)) < rate
    return np.where(chosen, w + rng.uniform(-scale, scale, np.shape(w)), w)


@check.mistake("`scale` is taken for the variance. It is the standard deviation.", of="mutate")
def scale_as_variance(w, rate, scale, rng):
    return jitter(w, rate, math.sqrt(scale), rng)


@check.mistake("`scale` is ignored: the noise has standard deviation 1.", of="mutate")
def scale_ignored(w, rate, scale, rng):
    return jitter(w, rate, 1.0, rng)


@check.mistake("`rate` is ignored: a fifth of the entries mutate.", of="mutate")
def rate_ignored(w, rate, scale, rng):
    return jitter(w, 0.2, scale, rng)


@check.mistake("`rate` and `scale` are mixed up.", of="mutate")
def rate_for_scale(w, rate, scale, rng):
    return jitter(w, scale, rate, rng)


@check.mistake("The noise is never negative: all mutations go up.", of="mutate")
def only_upward(w, rate, scale, rng):
    chosen = rng.random(np.shape(w)) < rate
    return np.where(chosen, w + np.abs(rng.normal(0, scale, np.shape(w))), w)


@check.mistake("Exactly one entry mutates. Each does, with probability `rate`, independently.", of="mutate")
def exactly_one(w, rate, scale, rng):
    mutant = np.array(w, dtype=float)
    mutant.flat[rng.integers(mutant.size)] += rng.normal(0, scale)
    return mutant


@check.mistake("Whole numbers stay whole: the noise is cut off. Use floats.", of="mutate")
def cut_off(w, rate, scale, rng):
    return jitter(w, rate, scale, rng).astype(np.asarray(w).dtype)


@check.mistake("The individual itself is changed (`w += …`). Make a new array.", of="mutate")
def itself_changed(w, rate, scale, rng):
    mutant = jitter(w, rate, scale, rng)
    w[...] = mutant if w.dtype.kind == "f" else w
    return mutant


@check.mistake("Only the noise is returned. Add it to `w`.", of="mutate")
def only_noise(w, rate, scale, rng):
    return jitter(np.zeros(np.shape(w)), rate, scale, rng)


@check.mistake("Equal seeds give different mutants: the numbers do not come from `rng`.", of="mutate", compared=False)
def mutate_unseeded(w, rate, scale, rng):
    return jitter(w, rate, scale, np.random.default_rng())


@check.mistake("A generator of your own (seed 0) is used. Draw from the `rng` that is given.", of="mutate")
def mutate_own_generator(w, rate, scale, rng):
    return jitter(w, rate, scale, np.random.default_rng(0))


@check.mistake("The worst of the last generation is returned. Return the best: the one with the lowest cost.", of="evolve")
def worst_returned(f, population, generations, rng, rate=0.2, scale=0.3):
    crowd, scores = evolution(f, population, generations, rng, rate, scale)
    return crowd[np.argmax(scores)], float(np.max(scores))


@check.mistake("The last individual is returned. Return the best of the last generation.", of="evolve")
def last_individual(f, population, generations, rng, rate=0.2, scale=0.3):
    crowd, scores = evolution(f, population, generations, rng, rate, scale)
    return crowd[-1], float(scores[-1])


@check.mistake("The first individual is returned. With 0 generations, or if a child is better, that is not the best.", of="evolve")
def first_individual(f, population, generations, rng, rate=0.2, scale=0.3):
    crowd, scores = evolution(f, population, generations, rng, rate, scale)
    return crowd[0], float(scores[0])


@check.mistake("The best of the *first* population is returned.", of="evolve", compared=False)
def first_population(f, population, generations, rng, rate=0.2, scale=0.3):
    evolution(f, population, generations, rng, rate, scale)
    return min(np.array(population, float), key=f), float(min(map(f, population)))


@check.mistake("The pair is swapped: first the weights, then the cost.", of="evolve")
def pair_turned(f, population, generations, rng, rate=0.2, scale=0.3):
    return right_evolve(f, population, generations, rng, rate, scale)[::-1]


@check.mistake("Only the weights are returned. Return the pair (w, f(w)).", of="evolve")
def no_cost(f, population, generations, rng, rate=0.2, scale=0.3):
    return right_evolve(f, population, generations, rng, rate, scale)[0]


@check.mistake("The best is lost: it does not live on unchanged, so a generation may be worse than the one before.", of="evolve")
def best_lost(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations, rng, rate, scale, elite="lost"))


@check.mistake("The best is mutated, too. It must live on unchanged.", of="evolve")
def best_mutated(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations, rng, rate, scale, elite="mutated"))


@check.mistake("The *worst* lives on (`np.argmax`). It must be the best.", of="evolve")
def worst_lives_on(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations, rng, rate, scale, elite="worst"))


@check.mistake("The population grows: the best comes on top of as many children as there were individuals. With the best, one child fewer is needed.", of="evolve")
def population_grows(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations, rng, rate, scale, grow=1))


@check.mistake("The population shrinks by one in every generation. Each has as many individuals as the first.", of="evolve")
def population_shrinks(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, min(generations, len(population) - 2), rng, rate, scale, grow=-1))


@check.mistake("There is no mutation. Then no weight can take a value that was not there in the beginning.", of="evolve", compared=False)
def no_mutation(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations, rng, rate, scale, change=lambda w, rate, scale, rng: w))


@check.mistake("There is no crossover: each child is the mutated copy of a single parent.", of="evolve", compared=False)
def no_crossover(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations, rng, rate, scale, cross=lambda a, b, rng: mix(a, a, rng)))


@check.mistake("`rate` is ignored: it is always 0.2.", of="evolve", compared=False)
def evolve_rate_fixed(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations, rng, 0.2, scale))


@check.mistake("`scale` is ignored: it is always 0.3.", of="evolve", compared=False)
def evolve_scale_fixed(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations, rng, rate, 0.3))


@check.mistake("The scores are those of the first generation all the time. Evaluate each new generation.", of="evolve")
def scores_stale(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations, rng, rate, scale, stale=True))


@check.mistake("There is one generation too many.", of="evolve")
def one_generation_more(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations + 1, rng, rate, scale))


@check.mistake("There is one generation only, whatever `generations` says.", of="evolve", compared=False)
def one_generation_only(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, min(generations, 1), rng, rate, scale))


@check.mistake("A population of whole numbers stays whole: the mutations are cut off. Convert it to floats first.", of="evolve")
def whole_population(f, population, generations, rng, rate=0.2, scale=0.3):
    return fittest(*evolution(f, population, generations, rng, rate, scale, kind=np.asarray(population).dtype))


@check.mistake("The children are written into the caller's population, which has changed. Start from a copy.", of="evolve")
def population_overwritten(f, population, generations, rng, rate=0.2, scale=0.3):
    crowd, scores = evolution(f, population, generations, rng, rate, scale)
    population[...] = crowd
    return fittest(crowd, scores)


@check.mistake("Equal seeds give different results: not all numbers come from `rng`.", of="evolve", compared=False)
def evolve_unseeded(f, population, generations, rng, rate=0.2, scale=0.3):
    return right_evolve(f, population, generations, np.random.default_rng(), rate, scale)


@check.mistake("Different seeds give the same result: a generator of your own is used. Draw from the `rng` that is given.", of="evolve", compared=False)
def evolve_own_generator(f, population, generations, rng, rate=0.2, scale=0.3):
    return right_evolve(f, population, generations, np.random.default_rng(0), rate, scale)


crowd8 = np.array([[k, k**2 + 0.5] for k in range(8)], dtype=float)
marks8 = np.array([4.0, 1.5, -0.5, 6.0, 2.5, 0.25, 9.0, -3.0])
crowd10 = np.arange(30.0).reshape(10, 3)


def wins(f, population, scores, calls, *k):
    """How often each individual wins, in this many tournaments; None if something else comes back."""
    counts = np.zeros(len(population))
    for number in range(calls):
        winner = f(population, scores, np.random.default_rng(1000 + number), *k)
        rows = np.flatnonzero((population == winner).all(axis=1)) if np.shape(winner) == population.shape[1:] else []
        if len(rows) != 1:
            return None
        counts[rows[0]] += 1
    return counts / calls


def default_tournament(f):
    won = wins(f, crowd8[4:], marks8[4:], 100)
    return won is not None and 0.36 < won[3] < 0.95 and won[2] < 0.1


def tournament_of_one(f):
    won = wins(f, crowd8[:4], marks8[:4], 60, 1)
    return won is not None and bool(np.all((won > 0.04) & (won < 0.56)))


def tournament_of_ten(f):
    won = wins(f, crowd10, marks8[[0, 1, 2, 3, 4, 7, 6, 5, 3, 0]], 100, 10)
    return won is not None and won[5] > 0.44


def draws_matter(same_seed, key, of_calls):
    """A condition: results are equal for equal seeds, and not all equal for others."""

    def condition(f):
        first, again = ([of_calls(f, np.random.default_rng(same_seed + i)) for i in range(5)] for _ in range(2))
        if not all(map(np.array_equal, first, again)):
            return check.made(key, "equal seeds give different results", alone=True)
        alike = all(np.array_equal(first[0], other) for other in first[1:])
        return "different seeds give the same result" if alike else True

    return condition


mother, father = np.arange(4000.0), -1 - np.arange(4000.0)


def from_either(f):
    child = f(mother, father, np.random.default_rng(130))
    if f.last.changed:
        return check.made("parent_overwritten", "changes a parent in place")
    return child.shape == (4000,) and bool(np.all((child == mother) | (child == father)))


def half_and_half(f):
    child = f(mother, father, np.random.default_rng(131))
    return 0.45 < np.mean(child == mother) < 0.55 and 0.45 < np.mean(child == father) < 0.55


def coins_independent(f):
    child = f(mother, father, np.random.default_rng(132))
    taken = child == mother
    return 0.45 < np.mean(taken[1:] != taken[:-1]) < 0.55


def matrix_of_coins(f):
    child = f(mother.reshape(100, 40), father.reshape(100, 40), np.random.default_rng(133))
    taken = child == mother.reshape(100, 40)
    return taken.shape == (100, 40) and taken.mean(axis=1).std() < 0.15 and taken.mean(axis=0).std() < 0.15 and 0.45 < taken.mean() < 0.55


level = np.linspace(-3, 5, 20_000)


def mutations(f, rate, scale, w=level):
    """What was added to the entries that changed, in units of scale, and their share; None if the shape is wrong."""
    mutant = f(w, rate, scale, np.random.default_rng(134))
    if np.shape(mutant) != np.shape(w):
        return None, 0.0
    added = np.asarray(mutant, float) - w
    return added[added != 0] / scale, float(np.mean(added != 0))


def rate_and_scale(rate, scale):
    def condition(f):
        z, share = mutations(f, rate, scale)
        few = 5 / math.sqrt(20_000 * rate)
        return z is not None and abs(share - rate) < 0.02 and abs(z.std() - 1) < few and abs(z.mean()) < few

    return condition


def normal_mutations(f):
    z, _ = mutations(f, 0.9, 0.5)
    if f.last.changed:
        return check.made("itself_changed", "changes w in place")
    return z is not None and abs(np.mean(np.abs(z) > 2) - 0.0455) < 0.01


def entries_independent(f):
    mutant = f(np.zeros((100, 200)), 0.5, 2.0, np.random.default_rng(135))
    changed = mutant != 0
    return 0.45 < np.mean(changed[:, 1:] != changed[:, :-1]) < 0.55 and len(np.unique(mutant[changed])) > 9000


def whole_numbers_mutate(f):
    mutant = f(np.arange(200), 1.0, 0.3, np.random.default_rng(136))
    return 0.15 < np.std(np.asarray(mutant) - np.arange(200)) < 0.45


def sphere(w):
    w = np.asarray(w, float)
    return float(np.sum((w - 0.4) ** 2))


def far_sphere(w):
    return float(np.sum((np.asarray(w, float) - np.arange(1, len(w) + 1)) ** 2)) - 7


def known_optimum(of_best):
    """A population that has the optimum at this place."""
    crowd = np.random.default_rng(137).normal(size=(8, 3))
    crowd[of_best] = 0.4
    return crowd


spread12 = np.random.default_rng(138).uniform(-8, 8, (12, 4))
many_weights = np.random.default_rng(138).uniform(-8, 8, (12, 16))


def parts_work(select, crossover, mutate):
    """Whether the parts do well enough that a failure must be evolve's own."""
    rngs = [np.random.default_rng(number) for number in range(24)]
    won = [select(crowd8[4:], marks8[4:], rng) for rng in rngs]
    lowest = np.mean([np.array_equal(winner, crowd8[7]) for winner in won])
    child = crossover(mother[:40], father[:40], rngs[0])
    mixed = bool(np.all((child == mother[:40]) | (child == father[:40]))) and 5 < np.sum(child == mother[:40]) < 35
    still, moved = (np.asarray(mutate(marks8, rate, 1e-3, rngs[0])) - marks8 for rate in (0, 1.0))
    return 0.2 < lowest < 1 and mixed and not still.any() and 1e-6 < np.abs(moved).max() < 0.02


def blamed(key, problem, *parts):
    """Name a mistake of evolve, if its parts are right."""
    return check.made(key, problem) if parts_work(*parts) else problem


def gets_better(f):
    """Far better than in the beginning, and nothing that was seen is better than what comes back."""
    values = []

    def watched(w):
        values.append(far_sphere(w))
        return values[-1]

    w, value = f(watched, many_weights, 40, np.random.default_rng(140), rate=0.4, scale=0.5)
    begun = min(values[:12])
    if value > min(values) + 1e-9:
        wrong = "a better point was seen, but is not returned"
        return check.made("first_population", wrong) if value == begun else wrong
    return bool(np.isclose(far_sphere(w), value)) and value + 7 < 0.45 * (begun + 7)


def recombines(select, crossover, mutate, evolve):
    """Without mutation: only entries from the beginning, but better than the best of the beginning."""
    seen_here = []
    watched = lambda w: seen_here.append(np.array(w)) or far_sphere(w)
    w, value = evolve(watched, spread12, 10, np.random.default_rng(140), rate=0)
    if not all(np.any(np.isclose(spread12[:, i], w[i])) for i in range(4)):
        return blamed("evolve_rate_fixed", "entries mutate at rate 0", select, crossover, mutate)
    if all(np.any(np.all(np.isclose(spread12, point), axis=1)) for point in seen_here):
        return blamed("no_crossover", "no child is a mix of its parents", select, crossover, mutate)
    return bool(value < min(map(far_sphere, spread12)) - 1e-9)


def mutates_finely(select, crossover, mutate, evolve):
    """With a small scale the result stays near entries of the beginning, but is not equal to them."""
    seen_here = []
    watched = lambda w: seen_here.append(np.array(w)) or far_sphere(w)
    w, _ = evolve(watched, spread12, 3, np.random.default_rng(141), rate=1.0, scale=1e-3)
    away = max(np.abs(spread12[:, i] - w[i]).min() for i in range(4))
    if away >= 0.02:
        return blamed("evolve_scale_fixed", "mutations are too large", select, crossover, mutate)
    if all(np.any(np.isclose(spread12[:, i], point[i], 0, 1e-12)) for point in seen_here for i in range(4)):
        return blamed("no_mutation", "no entry is new", select, crossover, mutate)
    return away > 1e-9


def evolve_uses_rng(select, crossover, mutate, evolve):
    """Equal seeds look at equal points, other seeds at others."""
    looks = []
    for number in (181, 181, 182):
        looks.append([])
        watched = lambda w: looks[-1].append(np.array(w)) or far_sphere(w)
        evolve(watched, spread12[:6], 1, np.random.default_rng(number), 0.9)
    first, again, other = (np.unique(np.round(points, 12), axis=0) for points in looks)
    if not np.array_equal(first, again):
        for part, args in ((select, (crowd8, marks8)), (crossover, (mother, father)), (mutate, (marks8, 0.5, 1.0))):
            tries = [part(*args, np.random.default_rng(number)) for number in range(5) for _ in range(2)]
            if not all(map(np.array_equal, tries[::2], tries[1::2])):
                return "equal seeds give different results"
        return check.made("evolve_unseeded", "equal seeds give different results", alone=True)
    if np.array_equal(first, other):
        return check.made("evolve_own_generator", "different seeds look at the same points")
    return True


def looked_at(f, crowd, generations):
    """How many points are evaluated, and how many different ones."""
    points = []

    def watched(w):
        points.append(tuple(np.round(np.asarray(w, float), 12)))
        return far_sphere(w)

    f(watched, crowd, generations, np.random.default_rng(142), rate=1.0, scale=0.2)
    return len(points), len(set(points))


def one_generation(f):
    return 16 <= looked_at(f, spread12[:10], 1)[1] <= 20


def many_generations(f):
    calls, different = looked_at(f, spread12[:6], 15)
    if calls <= 15:
        return check.made("one_generation_only", "too few points for 15 generations")
    return 6 + 15 * 4 <= different <= 6 + 15 * 6


def leaves_whole_numbers(f):
    crowd = np.random.default_rng(143).integers(2, 9, (10, 3))
    w, value = f(sphere, crowd, 10, np.random.default_rng(144), rate=0.9, scale=0.3)
    return bool(np.isclose(sphere(w), value)) and np.abs(w - np.round(w)).max() > 1e-6


pair = {"of": "crossover"}
change = {"of": "mutate"}
whole = {"of": "evolve"}
check.equal("select: a single individual", np.array([[2.0, 5.0, 1.0]]), np.array([3.0]), np.random.default_rng(1), 1)
check.unchanged("select: the arguments stay as they are", np.full((5, 2), 7.0), marks8[:5], np.random.default_rng(2))
check.that("select: three of four, the last is best", default_tournament, of="select")
check.that("select: k = 1 is pure chance", tournament_of_one, of="select")
check.that("select: ten of ten", tournament_of_ten, of="select")
check.that("select: the draw comes from rng", draws_matter(150, "select_unseeded", lambda f, rng: f(crowd8, marks8, rng, 1)), of="select")
check.that("crossover: every entry is one of a parent's", from_either, **pair)
check.that("crossover: half and half", half_and_half, **pair)
check.that("crossover: neighbors are independent", coins_independent, **pair)
check.that("crossover: a matrix", matrix_of_coins, **pair)
check.unchanged("crossover: equal parents, and both stay as they are", marks8, marks8, np.random.default_rng(3), **pair)
check.that("crossover: the coins come from rng", draws_matter(160, "crossover_unseeded", lambda f, rng: f(mother[:50], father[:50], rng)), **pair)
check.unchanged("mutate: rate 0, and w stays as it is", marks8, 0.0, 2.0, np.random.default_rng(4), **change)
check.that("mutate: rate 0.2, scale 0.5", rate_and_scale(0.2, 0.5), **change)
check.that("mutate: rate 0.7, scale 3", rate_and_scale(0.7, 3.0), **change)
check.that("mutate: every entry, scale 0.1", rate_and_scale(1.0, 0.1), **change)
check.that("mutate: the noise is normal", normal_mutations, **change)
check.that("mutate: each entry by itself", entries_independent, **change)
check.that("mutate: whole numbers", whole_numbers_mutate, **change)
check.that("mutate: the numbers come from rng", draws_matter(170, "mutate_unseeded", lambda f, rng: f(marks8, 0.5, 1.0, rng)), **change)
check.equal("evolve: no generations", far_sphere, np.roll(spread12, 5, axis=0), 0, np.random.default_rng(5), **whole)
check.equal("evolve: the optimum is there already, first", sphere, known_optimum(0), 10, np.random.default_rng(6), **whole)
check.unchanged("evolve: the optimum is there already, in the middle", sphere, known_optimum(4), 8, np.random.default_rng(7), **whole)
check.equal("evolve: the optimum is there already, last", sphere, known_optimum(7), 1, np.random.default_rng(8), **whole)
check.that("evolve: 40 generations come nearer to the optimum", gets_better, **whole)
check.that("evolve: without mutation, old entries in new mixes", recombines)
check.that("evolve: a small scale makes small changes", mutates_finely)
check.that("evolve: one generation makes as many points as there are children", one_generation, **whole)
check.that("evolve: the population keeps its size for 15 generations", many_generations, **whole)
check.that("evolve: a population of whole numbers", leaves_whole_numbers, **whole)
check.that("evolve: all numbers come from rng", evolve_uses_rng)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="crowd-payoff-text"
# **Does it pay off?** 30 individuals on Rastrigin's function, spread over the whole map. `seen` writes down every point that your
# `evolve` looks at.
#
# **Predict, then run.** What will the crowd look like in the middle of the search, what at the end?

# %% name="crowd-payoff"
my_guess = None

seen = []


def watched(w):
    seen.append(np.array(w))
    return bowl(w)


print("my guess:", my_guess)
with once_solved():
    crowd = np.random.default_rng(11).uniform(-5.12, 5.12, (30, 2))
    w, lowest = evolve(watched, crowd, 40, np.random.default_rng(12), 0.5, 0.3)
    print(f"{len(seen)} evaluations, best cost {lowest:.4f} at {w.round(3)}")
    shots = {
        "the first 30": seen[:30],
        "30 of the middle": seen[len(seen) // 6 : len(seen) // 6 + 30],
        "the last 30": seen[-30:],
    }
    plotting.show(plotting.plot_population(bowl, pits_and_bowl.domain, shots)[0])

# %% [markdown] name="race-text"
# ## All against all
#
# Now the fair comparison. Fair means:
#
# - **the same budget**: what costs time is to look at the cost. Each method may look 2000 times. A gradient counts as one look, too.
# - **each at its best**: each tries a few settings on seeds of its own, and takes the best.
# - **many seeds**: the final runs have fresh seeds; the median counts, with a band for the middle half.
# - **a baseline**: points drawn at random, nothing else. Who doesn't beat it can go home.
#
# The library's methods have the same rules as yours. They only keep the books.
#
# **Predict, then run.** Who wins on Rastrigin's function, who on Himmelblau's, who on the network? Is it the same method every time?

# %% name="race"
from chainrule import search

my_guess = None
budget = 2000


def heat(step, T0):
    return {"step": step, "schedule": geometric_schedule(T0, 1e-3 ** (1 / budget))}


pairs = ((0.002, 300), (0.005, 600), (0.005, 10), (0.1, 3))
noises = [{"lr": lr, "noise": noise} for lr, noise in pairs]
heats = [heat(step, T0) for step in (0.3, 1) for T0 in (0.1, 10)]


landscapes = {
    "Rastrigin": (bowl, pits_and_bowl.gradient, pits_and_bowl.domain),
    "Himmelblau": (lakes, lakes.gradient, lakes.domain),
    "network": (cost, gradient, ((-3, 3),) * 7),
}

# %% name="race-entrants"
entrants = {
    "many starts": (search.multi_start, [{"lr": lr} for lr in (0.002, 0.01, 0.1, 1.0)]),
    "annealing": (search.simulated_annealing, heats),
    "noise": (search.noisy_descent, noises),
    "crowd": (search.genetic_algorithm, [{"scale": s} for s in (0.1, 0.3, 1)]),
    "at random": (search.random_search, [{}]),
}

# %% name="race-run"
def compete(place, name, options, seed):
    """Best cost so far after each look."""
    f, df, domain = landscapes[place]
    slope = {"gradient": df} if name in ("many starts", "noise") else {}
    with np.errstate(all="ignore"):  # a noisy descent may diverge
        rng = np.random.default_rng(seed)
        found = entrants[name][0](f, domain, budget, rng, **slope, **options)
    trace = found.best_trace
    return np.append(trace, np.full(budget - len(trace), trace[-1]))


ranking = {}
for place in landscapes:
    races = {}
    for name, (_, settings) in entrants.items():
        trials = [[compete(place, name, o, s)[-1] for s in range(2)] for o in settings]
        options = settings[int(np.argmin(np.mean(trials, axis=1)))]
        races[name] = np.array([compete(place, name, options, s) for s in range(100, 109)])
    ranking[place] = races

# %% name="race-shown"
print("my guess:", my_guess)
looks = np.unique(np.geomspace(1, budget, 80).astype(int))
for place, races in ranking.items():
    print(f"\n{place}: best cost after {budget} looks, median of 9 seeds (middle half)")
    for name in sorted(races, key=lambda name: np.median(races[name][:, -1])):
        low, median, high = np.percentile(races[name][:, -1], [25, 50, 75])
        print(f"  {name:12} {median:9.5f}   ({low:.5f} to {high:.5f})")
    luck = np.median(races["at random"][:, -1])
    beaten = [name for name, runs in races.items() if np.median(runs[:, -1]) > luck]
    print("  worse than drawing at random:", ", ".join(beaten) or "none")
    floor = {name: np.maximum(runs[:, looks - 1], 1e-6) for name, runs in races.items()}
    labels = {"xlabel": "looks at the cost", "ylabel": f"best cost so far, {place}"}
    plotting.show(plotting.plot_runs(floor, x=looks, log=True, xlog=True, **labels))

# %% [markdown] name="race-after"
# Read the three tables side by side. The order is not the same. No method is best everywhere, and that is a theorem, too: averaged over
# *all* possible functions, no search is better than any other (Wolpert and Macready, 1997). What helps depends on the
# landscape:
#
# - Where the ground is smooth, a gradient is worth its price. A descent ends after a few dozen looks, and then it can start again.
#   Where p is not tiny, many starts are hard to beat.
# - A crowd needs many looks, but it can put good halves together. That helps where each weight can be set on its own, as on Rastrigin's
#   function.
# - Annealing and noise have settings that must suit the landscape: too little heat is a descent, too much is luck. A wrong setting can be
#   worse than no method.
#
# With more weights the methods without a gradient fall behind. Our network has seven. Those you use every day have millions, and they
# are trained by gradients, with the noise of small batches.

# %% [markdown] name="summary"
# ## The valley next door
#
# | question | answer | you wrote |
# |---|---|---|
# | Does a descent find the lowest valley? | it finds the valley of its start; logistic regression has only one, networks have several | |
# | Try again? | keep the best end; ignore runs that diverged | `multi_start` |
# | How often? | $k$ starts fail with $(1 - p)^k$ | `starts_needed` |
# | Accept what is worse? | with probability $e^{-\Delta / T}$, less and less often | `accept_probability`, `anneal` |
# | Shake? | noise that fades leaves narrow valleys for wide ones | `noisy_descent` |
# | Many at once? | select, mix, mutate, keep the best | `select`, `crossover`, `mutate`, `evolve` |
#
# **What was left out.** *Heuristic* means that with a finite budget nothing is certain. It does not mean that nothing can be said:
# you have computed the chance of many starts, and seen annealing's theorem at work. But the theorem needs more steps than anyone has, and
# the formula needs a $p$ that nobody knows beforehand.
#
# Our network was tiny on purpose. Large networks have so many directions that a point where *all* of them go up is rare; most points with
# gradient zero are saddles, and the local minima that training does find are often nearly as good as the best. That is
# why one trains a large network once or a few times, and not a thousand times. And the lowest cost on the training set is not what we are
# after anyway: see notebook 8.
#
# **Where this lives in other libraries.**
#
# | here | elsewhere |
# |---|---|
# | `multi_start` | a loop over seeds: `keras.utils.set_random_seed(seed)`, `torch.manual_seed(seed)`; scikit-learn's `KMeans(n_init=10)` |
# | `anneal` | `scipy.optimize.dual_annealing`; with a descent after each jump: `scipy.optimize.basinhopping` |
# | `noisy_descent` | `fit(batch_size=32)` in Keras, `DataLoader(shuffle=True)` in PyTorch: the noise of the batches |
# | noise that fades | Keras: a layer `GaussianNoise` adds noise to the data, not to the gradient; a falling learning rate fades that of the batches: `keras.optimizers.schedules`, `torch.optim.lr_scheduler` |
# | `evolve` | `scipy.optimize.differential_evolution`, a relative |
#
# Annealing: S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, *Optimization by simulated annealing*, 1983; the rule to accept is that of
# N. Metropolis and others, 1953. The theorem: B. Hajek, *Cooling schedules for optimal annealing*, 1988. Genetic algorithms:
# J. H. Holland, *Adaptation in natural and artificial systems*, 1975. No free lunch: D. H. Wolpert and W. G. Macready, 1997. Wide
# valleys: S. Hochreiter and J. Schmidhuber, *Flat minima*, 1997; the doubt: L. Dinh and others, *Sharp minima can generalize for deep
# nets*, 2017. Saddles: Y. Dauphin and others, 2014.
