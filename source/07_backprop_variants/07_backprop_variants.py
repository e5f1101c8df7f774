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
#   title: When to take the step
#   syllabus:
#     minutes: 60
#     needs: "Notebooks 1 and 6."
#     gives: "You know when to take a step: where training starts, after how many examples it steps, how momentum and Adam use the gradient, and how methods are compared fairly."
# ---

# %% [markdown] name="title"
# # 7 · When to take the step
#
# Backpropagation gives you the gradient of as many examples as you like: of one, of all, of twenty. The gradient says where
# downhill is. It does not say **when to take the step**. After each example? After all of them? Somewhere in between?
#
# People have strong opinions about this. In this notebook you will measure instead:
#
# 1. where training starts, and why not just anywhere,
# 2. three answers to "when", each written by you in a few lines,
# 3. which of them needs fewer steps, and which sees fewer examples (not the same one!),
# 4. when to stop, and two ways to take a better step: momentum and Adam.
#
# Plan for about an hour. As always: guess first, then run.

# %% name="setup"
import numpy as np

from chainrule import plotting
from chainrule_course.checks import Checks, once_solved

# %% [markdown] name="opening-text"
# ## Two walks
#
# Twelve points, and a line $w_1 x + w_2$ through them. The cost is the mean of the squared errors, halved. It depends on
# two weights only, so we can draw it as a map: the lighter, the lower.
#
# One walk takes a step after *each* point, against the gradient of that point alone. The other looks at all twelve, then
# takes one step against the mean of their gradients. Both see every point ten times.
#
# **Predict, then run.** Which walk is the straighter one? Which gets closer to the lowest place?

# %% name="opening"
my_guess = None

rng = np.random.default_rng(70)
x = rng.uniform(-1, 1, 12)
y = 1.5 * x + 0.5 + rng.normal(0, 0.5, 12)
table = np.column_stack([x, np.ones(12)])
lowest = np.linalg.lstsq(table, y, rcond=None)[0]


def line_cost(w):
    return np.mean((np.asarray(w) @ table.T - y) ** 2, axis=-1) / 2


def walk(size, lr, passes):
    """Path of (w1, w2): one step for every `size` points."""
    order, path = np.random.default_rng(1), [np.array([-1.0, -1.0])]
    for _ in range(passes):
        for rows in np.split(order.permutation(12), 12 // size):
            error = table[rows] @ path[-1] - y[rows]
            path.append(path[-1] - lr * table[rows].T @ error / size)
    return np.array(path)

# %% name="opening-map"
walks = {"one by one": walk(1, 0.3, 10), "all twelve": walk(12, 0.3, 10)}
area = ((-1.5, 2.5), (-1.5, 1.5))
plotting.show(plotting.plot_contours(line_cost, area, walks, minima=lowest[None]))
print("my guess:", my_guess)
for name, path in walks.items():
    above = line_cost(path[-1]) - line_cost(lowest)
    print(f"{name}: {len(path) - 1:3} steps, ends {above:.4f} above the lowest cost")

# %% [markdown] name="opening-after"
# The first walk trembles: each point pulls toward a line through itself. But it took twelve steps while the other took one.
# These two are the whole theme. Many bad steps, or few good ones?
#
# ## The algorithm on paper
#
# In textbooks, training by backpropagation looks like this.
#
# > **Input:** a training set $D = \{(x_i, y_i)\}_{i=1}^m$, a learning rate $\alpha$.
# > 1. Draw random initial weights.
# > 2. **Repeat**
# >    - **for all** $(x_k, y_k)$ **in** $D$: compute the gradient for this example; update the weights
# > 3. **until** a stopping condition holds.
# >
# > **Output:** the weights.
#
# This is **standard backpropagation**: one example, one update. Every line leaves a question open. Which random weights? Why
# update inside the loop? Which stopping condition? We go through them one by one, on handwritten threes and eights.

# %% name="data"
from chainrule import Sequential
from chainrule.datasets import load_digits
from chainrule.layers import Dense
from chainrule.optimizers import SGD

X, Y = load_digits(classes=(3, 8))
Y = (Y == 8).astype(int)
order = np.random.default_rng(0).permutation(len(X))
X_train, Y_train = X[order[:200]], Y[order[:200]]
X_test, Y_test = X[order[200:]], Y[order[200:]]
print("to learn from:", X_train.shape, "   to be judged on:", X_test.shape)
labels = np.where(Y_train, 8, 3)[:16]
plotting.show(plotting.plot_images(X_train[:16], labels=labels, columns=8))

# %% [markdown] name="start-text"
# ## Line 1: which random weights?
#
# A common version of the algorithm says: random weights between 0 and 1. They are all positive. Is that a problem? Let's look
# at the outputs of the hidden units *before* any training. There are 10 of them, with the sigmoid, behind 64 pixels between 0
# and 1.
#
# The alternative is named after Xavier **Glorot**: uniform between $-r$ and $r$, where $r = \sqrt{6 / (n_{in} + n_{out})}$.
# Here $n_{in}$ is the number of inputs of the layer and $n_{out}$ the number of its units.
#
# **Predict, then run.** A sigmoid unit that says 0.99 or more is on its flat end; the slope there is below 0.01. What share of
# the outputs is that, with weights from (0, 1)?

# %% name="saturation"
my_guess = None


def unit_uniform(shape, rng):
    return rng.uniform(0, 1, shape)


print("my guess:", my_guess)
outputs = {}
for name, start in (("U(0, 1)", unit_uniform), ("Glorot", "glorot_uniform")):
    hidden = Sequential([Dense(10, "sigmoid", kernel_initializer=start)], rng=7)
    outputs[name] = hidden.predict(X_train)
    flat = np.mean((outputs[name] >= 0.99) | (outputs[name] <= 0.01))
    slope = np.mean(outputs[name] * (1 - outputs[name]))
    print(f"{name:8} on a flat end: {flat:.2f} of the outputs   mean slope: {slope:.4f}")
shares = np.linspace(0, 1, 101)
curves = {name: np.quantile(values, shares) for name, values in outputs.items()}
names = {"xlabel": "share of the hidden outputs", "ylabel": "is at most this large"}
plotting.show(plotting.plot_curves(shares, curves, **names))

# %% [markdown] name="saturation-after"
# The curves show the outputs in order of size. Sixty-four inputs, none negative, times weights, none negative: the sums can
# only be large. All units say "one" to every image. And backpropagation multiplies by the slope of each unit on the way back
# (notebook 6).
#
# ### Exercise: `initial_weights`
#
# Write `initial_weights(sizes, rng, kind)`: the weights and biases a network starts with.
#
# - `sizes` is a list of integers, the number of inputs and then the units of each layer: `[64, 10, 1]` has two layers.
# - `rng` is a generator from `np.random.default_rng`. All numbers must be drawn from it.
# - `kind` is `"unit"` for weights uniform in (0, 1), or `"glorot"` for weights uniform in $(-r, r)$, with the $r$ of each layer
#   as above. Anything else raises `ValueError`.
#
# Return a list with a pair `(W, b)` for each layer, first layer first. `W` has the shape $(n_{in}, n_{out})$; `b` has the shape
# $(n_{out},)$ and is 0. Draw each `W` with one call of `rng.uniform(low, high, size=…)`, the first layer first, and nothing
# else, so that equal seeds give equal networks.
#
# As in every notebook: use Python and NumPy, not the functions of `chainrule`.
#
# <details><summary>Hint 1</summary><code>zip(sizes[:-1], sizes[1:])</code> gives the pairs (n_in, n_out), layer by
# layer.</details>
# <details><summary>Hint 2</summary>The two kinds differ only in <code>low</code> and <code>high</code>. Choose these first, then
# draw.</details>
# <details><summary>Hint 3</summary><code>raise ValueError("kind must be 'unit' or 'glorot'")</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "initial_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def initial_weights(sizes, rng, kind):
    """Random weights and zero biases, a pair (W, b) for each layer."""
    ### BEGIN SOLUTION
    if kind not in ("unit", "glorot"):
        raise ValueError("kind must be 'unit' or 'glorot'")
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:]):
        r = np.sqrt(6 / (n_in + n_out))
        low, high = (0, 1) if kind == "unit" else (-r, r)
        params.append((rng.uniform(low, high, size=(n_in, n_out)), np.zeros(n_out)))
    return params
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "initial_weights-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("initial_weights", points=1)


def draw(initial_weights, sizes, kind, seed=3):
    np.random.seed(0)  # this must have no influence: draw from rng
    return initial_weights(sizes, np.random.default_rng(seed), kind)


def is_unit(f):
    (W, b), (V, c) = draw(f, [2, 2, 1], "unit")
    first = np.array([[0.08564917, 0.23681051], [0.80127447, 0.58216204]])
    return np.allclose(W, first) and np.allclose(V, [[0.09412864], [0.43312694]])


def is_glorot(f):
    (W, b), = draw(f, [1, 2], "glorot")
    return np.allclose(W, [[-1.17196113, -0.7444123]])


check.that("2-2-1, unit: the weights that this seed gives", is_unit)
check.that("1-2, glorot: the weights that this seed gives", is_glorot)
two_zeros = lambda f: np.array_equal(draw(f, [3, 2], "unit")[0][1], [0, 0])
check.that("the biases are zeros, shape (2,)", two_zeros)
check.raises("another kind", ValueError, [2, 1], np.random.default_rng(0), "normal")
check.report()

# %% nbgrader={"grade": true, "grade_id": "initial_weights-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks initial_weights here with more examples.
### BEGIN HIDDEN TESTS
import copy

check = Checks("initial_weights", points=3, hidden=True)


def interval(kind, n_in, n_out):
    if kind not in ("unit", "glorot"):
        raise ValueError("kind must be 'unit' or 'glorot'")
    r = np.sqrt(6 / (n_in + n_out))
    return (0.0, 1.0) if kind == "unit" else (-r, r)


def layers_of(sizes):
    return list(zip(sizes[:-1], sizes[1:]))


def initialize(sizes, rng, kind, limits=interval, bias=np.zeros):
    return [(rng.uniform(*limits(kind, i, o), size=(i, o)), bias(o)) for i, o in layers_of(sizes)]


check.reference(initialize)


def with_limit(limit):
    """The right function with another r for Glorot."""
    return lambda kind, i, o: interval(kind, i, o) if kind != "glorot" else (-limit(i, o), limit(i, o))


@check.mistake("All weights are zero. Then all units of a layer stay equal forever: draw them from `rng`.")
def all_zeros(sizes, rng, kind):
    interval(kind, 1, 1)
    return [(np.zeros((i, o)), np.zeros(o)) for i, o in layers_of(sizes)]


@check.mistake("Every layer draws the same numbers, because the generator is started anew (or copied) for each. Go on drawing from `rng`.")
def same_draw_each_layer(sizes, rng, kind):
    return [initialize([i, o], copy.deepcopy(rng), kind)[0] for i, o in layers_of(sizes)]


@check.mistake("The shape of `W` is swapped: it has a row for each input and a column for each unit.")
def fans_swapped(sizes, rng, kind):
    return [(rng.uniform(*interval(kind, i, o), size=(o, i)), np.zeros(o)) for i, o in layers_of(sizes)]


@check.mistake("The numbers are drawn in the shape (n_out, n_in) and then turned. Draw them in the shape of `W`.")
def drawn_turned(sizes, rng, kind):
    return [(rng.uniform(*interval(kind, i, o), size=(o, i)).T, np.zeros(o)) for i, o in layers_of(sizes)]


@check.mistake("The numbers come from NumPy's global generator (`np.random.…`). Draw from the `rng` that is given: `rng.uniform(…)`.")
def global_generator(sizes, rng, kind):
    return [(np.random.uniform(*interval(kind, i, o), size=(i, o)), np.zeros(o)) for i, o in layers_of(sizes)]


@check.mistake("A generator of your own (seed 0) is used. Draw from the `rng` that is given.")
def own_generator(sizes, rng, kind):
    return initialize(sizes, np.random.default_rng(0), kind)


@check.mistake("A generator of your own (seed 42) is used. Draw from the `rng` that is given.")
def own_generator_42(sizes, rng, kind):
    return initialize(sizes, np.random.default_rng(42), kind)


@check.mistake("The square root is missing in r.")
def root_missing(sizes, rng, kind):
    return initialize(sizes, rng, kind, with_limit(lambda i, o: 6 / (i + o)))


@check.mistake("r counts the inputs only. Glorot's r has the sum of inputs and units under the fraction bar.")
def inputs_only(sizes, rng, kind):
    return initialize(sizes, rng, kind, with_limit(lambda i, o: np.sqrt(6 / i)))


@check.mistake("r counts the units only. Glorot's r has the sum of inputs and units under the fraction bar.")
def units_only(sizes, rng, kind):
    return initialize(sizes, rng, kind, with_limit(lambda i, o: np.sqrt(6 / o)))


@check.mistake("r is √(2 / (n_in + n_out)). That is the standard deviation of Glorot's weights; for the uniform distribution it is a 6.")
def two_for_six(sizes, rng, kind):
    return initialize(sizes, rng, kind, with_limit(lambda i, o: np.sqrt(2 / (i + o))))


@check.mistake("r is computed once, from the first and the last size. Each layer has its own.")
def one_limit_for_all(sizes, rng, kind):
    return initialize(sizes, rng, kind, lambda kind, i, o: interval(kind, sizes[0], sizes[-1]))


@check.mistake("Glorot's weights are drawn from (0, r). The interval is (-r, r), centered at 0.")
def not_centered(sizes, rng, kind):
    return initialize(sizes, rng, kind, lambda kind, i, o: (0, interval(kind, i, o)[1]))


@check.mistake("The weights of kind 'unit' are drawn from (-1, 1). It is (0, 1).")
def unit_centered(sizes, rng, kind):
    return initialize(sizes, rng, kind, lambda kind, i, o: (-1, 1) if kind == "unit" else interval(kind, i, o))


@check.mistake("The numbers are drawn from a normal distribution. Both kinds are uniform.")
def normal(sizes, rng, kind):
    def gauss(i, o):
        low, high = interval(kind, i, o)
        return rng.normal((low + high) / 2, (high - low) / 2, (i, o))

    return [(gauss(i, o), np.zeros(o)) for i, o in layers_of(sizes)]


@check.mistake("`kind` is ignored: the weights are always those of 'unit'.")
def always_unit(sizes, rng, kind):
    return initialize(sizes, rng, "unit")


@check.mistake("`kind` is ignored: the weights are always those of 'glorot'.")
def always_glorot(sizes, rng, kind):
    return initialize(sizes, rng, "glorot")


@check.mistake("Any other kind is taken for 'glorot'. It must raise `ValueError`.")
def any_kind(sizes, rng, kind):
    return initialize(sizes, rng, "unit" if kind == "unit" else "glorot")


@check.mistake("Any other kind is taken for 'unit'. It must raise `ValueError`.")
def any_kind_unit(sizes, rng, kind):
    return initialize(sizes, rng, "glorot" if kind == "glorot" else "unit")


@check.mistake("The biases are drawn at random. They start at 0, and nothing is drawn for them.")
def random_biases(sizes, rng, kind):
    params = []
    for i, o in layers_of(sizes):
        W = rng.uniform(*interval(kind, i, o), size=(i, o))
        params.append((W, rng.uniform(*interval(kind, i, o), size=o)))
    return params


@check.mistake("The biases are ones. They start at 0.")
def biases_of_one(sizes, rng, kind):
    return initialize(sizes, rng, kind, bias=np.ones)


@check.mistake("A bias has the shape (1, n_out). It is flat: (n_out,).")
def biases_as_rows(sizes, rng, kind):
    return initialize(sizes, rng, kind, bias=lambda o: np.zeros((1, o)))


@check.mistake("The biases have an entry for each input. They need one for each unit.")
def biases_of_inputs(sizes, rng, kind):
    return [(rng.uniform(*interval(kind, i, o), size=(i, o)), np.zeros(i)) for i, o in layers_of(sizes)]


@check.mistake("The last layer is missing: n sizes make n - 1 layers.")
def last_layer_missing(sizes, rng, kind):
    return initialize(sizes[:-1], rng, kind)


def alike(params, sizes, kind, seed):
    right = initialize(sizes, np.random.default_rng(seed), kind)
    if len(params) != len(right):
        return f"{len(params)} pairs where {len(right)} are asked for"
    for (W, b), (V, c) in zip(params, right):
        if W.shape != V.shape or b.shape != c.shape:
            return "a shape is not the one asked for"
        if not (np.allclose(W, V, 1e-7, 1e-7) and np.array_equal(b, c)):
            return "other values than this generator gives"
    return True


def seeded(sizes, kind, seed):
    def condition(f):
        np.random.seed(seed)
        return alike(f(list(sizes), np.random.default_rng(seed), kind), sizes, kind, seed)

    return condition


check.that("unit, one layer", seeded([4, 3], "unit", 71))
check.that("unit, three layers", seeded([3, 5, 2, 4], "unit", 72))
check.that("unit, layers of equal size", seeded([3, 3, 3], "unit", 73))
check.that("glorot, one layer", seeded([7, 2], "glorot", 74))
check.that("glorot, more units than inputs", seeded([2, 9], "glorot", 75))
check.that("glorot, three layers", seeded([6, 3, 4, 1], "glorot", 76))
check.that("glorot, layers of equal size", seeded([2, 2, 2], "glorot", 77))
check.that("the network of this notebook", seeded([64, 10, 1], "glorot", 78))
check.raises("no such kind", ValueError, [3, 2], np.random.default_rng(0), "he")
check.raises("a capital letter", ValueError, [3, 2], np.random.default_rng(0), "Glorot")
check.report()
### END HIDDEN TESTS

# %% [markdown] name="errata-unit-weights-text"
# **Does it pay off?** First the question itself. One often reads: start with random weights between 0 and 1. The same network,
# 64-10-1, is trained from both starts, in batches of 20, with five seeds each. To be fair, each start tries five learning rates
# and may use the one that is best for it.
#
# **Predict, then run.** After 60 passes, by what factor will the costs differ?

# %% name="errata-unit-weights" errata={"says": "Begin with random weights between 0 and 1.", "correct": "Random, but centered at 0, and smaller the more inputs a unit has. All-positive weights drive sigmoids to their flat ends."}
my_guess = None


def train(batch_size, lr, passes, seed, start="glorot_uniform", data=(X_train, Y_train)):
    """Cost of all training images after each pass."""
    layers = [Dense(units, "sigmoid", kernel_initializer=start) for units in (10, 1)]
    model = Sequential(layers, rng=seed)
    model.compile(SGD(lr), loss="binary_crossentropy")
    held = {"validation_data": (X_train, Y_train), "verbose": 0}
    history = model.fit(*data, epochs=passes, batch_size=batch_size, **held).history
    return history["val_loss"]


rates, runs = (0.1, 0.3, 1.0, 3.0, 10.0), {}
for name, start in (("U(0, 1)", unit_uniform), ("Glorot", "glorot_uniform")):
    tried = {lr: [train(20, lr, 60, seed, start) for seed in range(5)] for lr in rates}
    best = min(rates, key=lambda lr: np.median(tried[lr], axis=0)[-1])
    runs[f"{name}, lr {best:g}"] = tried[best]
    print(f"{name:8} best of these: {best:g}   cost {np.median(tried[best], axis=0)[-1]:.3f}")
print("my guess:", my_guess)
plotting.show(plotting.plot_runs(runs, log=True, xlabel="passes over the images"))

# %% [markdown] name="unit-weights-after"
# So "random" is not enough. The start in (0, 1) needs a large learning rate only to get away from the flat ends, and it pays
# for that with wild jumps. What is true: weights should be random **and centered at zero**, and the more inputs a unit has, the
# smaller they should be.
#
# Now *your* function: hand its weights to the library's network.

# %% name="initial-payoff"
with once_solved():
    for kind in ("unit", "glorot"):
        params = initial_weights([64, 10, 1], np.random.default_rng(5), kind)
        model = Sequential([Dense(10, "sigmoid"), Dense(1, "sigmoid")], rng=5)
        model.build((None, 64))
        model.set_weights([array for pair in params for array in pair])
        model.compile(SGD(1.0), loss="binary_crossentropy", metrics=["accuracy"])
        model.fit(X_train, Y_train, epochs=30, batch_size=20, verbose=0)
        _, right = model.evaluate(X_test, Y_test)
        print(f"started with my {kind!r}: {right:.2f} of the test images right")

# %% [markdown] name="epochs-text"
# ## Line 2: update inside the loop, or after it?
#
# The error of one example is $E_i$. What we want to lower is the **accumulated error** of the whole training set,
#
# $$ E = \frac1m \sum_{i=1}^m E_i , \qquad \frac{\partial E}{\partial w} = \frac1m \sum_{i=1}^m \frac{\partial E_i}{\partial w}. $$
#
# Standard backpropagation steps down a different $E_i$ every time. **Accumulated backpropagation** waits: it goes through all
# examples and then takes one step against the gradient of $E$ itself. Between the two lies the **mini-batch**: shuffle, cut into
# slices of, say, 20 examples, and take a step after each slice. One pass over all examples is called an **epoch**.
#
# ### Exercise: `standard_epoch`, `accumulated_epoch` and `minibatch_epoch`
#
# Write three functions. Each goes through the examples *once* and returns the new weights.
#
# - `standard_epoch(params, X, y, lr, grad)`: one update for each row, in the order of the rows,
# - `accumulated_epoch(params, X, y, lr, grad)`: one update for all rows together,
# - `minibatch_epoch(params, X, y, lr, grad, batch_size, rng)`: call `rng.permutation(m)` once; one update for each slice of
#   `batch_size` consecutive entries of this order. The last slice may be shorter; it counts, too.
#
# Here
#
# - `params` is a list of pairs `(W, b)`, arrays of floats or integers,
# - `X` has shape (m, n) and `y` shape (m,) or (m, 1), with m at least 1,
# - `lr` is the learning rate: an update subtracts `lr` times the gradient from every `W` and every `b`,
# - `grad(params, X, y)` is given. It returns the gradient of the *mean* cost of the rows it gets, at the weights it gets: a list
#   of pairs `(dW, db)`. It needs a table, even for one example: `X[i:i+1]`, of shape (1, n), not `X[i]`; the same goes for `y`.
#
# Return a list of pairs `(W, b)`. Leave the arrays in `params` as they are.
#
# <details><summary>Hint 1</summary>All three do the same with different rows: compute <code>grads = grad(params, rows of X, rows
# of y)</code>, then make a new list of pairs. Write that as a small function of its own.</details>
# <details><summary>Hint 2</summary><code>[(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)]</code> is a new
# list of new arrays. <code>W -= lr * dW</code> would change the caller's array.</details>
# <details><summary>Hint 3</summary><code>range(0, m, batch_size)</code> gives where each slice starts; a slice that reaches
# beyond the end just ends there. <code>X[rows]</code> works for an array of row numbers.</details>

# %% nbgrader={"grade": false, "grade_id": "standard_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def standard_epoch(params, X, y, lr, grad):
    """One pass over the rows, with an update after each."""
    ### BEGIN SOLUTION
    for i in range(len(X)):
        grads = grad(params, X[i : i + 1], y[i : i + 1])
        params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)]
    return params
    ### END SOLUTION


def accumulated_epoch(params, X, y, lr, grad):
    """One pass over the rows, with one update at the end."""
    ### BEGIN SOLUTION
    grads = grad(params, X, y)
    return [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)]
    ### END SOLUTION


def minibatch_epoch(params, X, y, lr, grad, batch_size, rng):
    """One pass over the shuffled rows, with an update after each batch."""
    ### BEGIN SOLUTION
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        grads = grad(params, X[rows], y[rows])
        params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)]
    return params
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "standard_epoch-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("standard_epoch", "accumulated_epoch", "minibatch_epoch", points=1)


def line_gradient(params, X, y):
    """Gradient of the mean of (X @ W + b - y)² / 2, for one layer with one unit."""
    (W, b), = params
    if np.ndim(X) != 2:
        raise ValueError("grad needs a table of rows")
    error = X @ W + b - np.reshape(y, (-1, 1))
    return [(X.T @ error / len(X), error.mean(axis=0))]


start = [(np.array([[0.5]]), np.array([0.0]))]
five = np.array([[1.0], [2.0], [-1.0], [0.5], [3.0]]), np.array([1.0, 3.0, 1.0, 0.0, 2.0])
standard = [(np.array([[0.57358125]]), np.array([0.27925625]))]
accumulated = [(np.array([[0.5875]]), np.array([0.085]))]
check.equal("standard: five updates", start, *five, 0.1, line_gradient, expected=standard)
once = {"of": "accumulated_epoch", "expected": accumulated}
check.equal("accumulated: one update", start, *five, 0.1, line_gradient, **once)
mini = {"of": "minibatch_epoch", "expected": [(np.array([[0.695375]]), np.array([0.191625]))]}
five += (0.1, line_gradient, 2, np.random.default_rng(3))
check.equal("mini-batch: three updates, for 2, 2 and 1 rows", start, *five, **mini)
check.report()

# %% nbgrader={"grade": true, "grade_id": "standard_epoch-hidden", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks the three functions here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("standard_epoch", "accumulated_epoch", "minibatch_epoch", points=4, hidden=True)


def moved(params, grads, lr, biases=True):
    return [(W - lr * dW, b - lr * db * biases) for (W, b), (dW, db) in zip(params, grads)]


def run_batches(params, X, y, lr, grad, batches, stale=False, scale=lambda rows: 1, biases=True):
    """The right loop; each option makes one of the mistakes below."""
    first = params
    for rows in batches:
        params = moved(params, grad(first if stale else params, X[rows], y[rows]), lr * scale(rows), biases)
    return params


def one_by_one(X):
    return [[i] for i in range(len(X))]


def everything(X):
    return [np.arange(len(X))]


def cut(order, batch_size):
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def right_standard(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, one_by_one(X))


def right_accumulated(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, everything(X))


def right_minibatch(params, X, y, lr, grad, batch_size, rng):
    return run_batches(params, X, y, lr, grad, cut(rng.permutation(len(X)), batch_size))


check.reference(right_standard)
check.reference(right_accumulated, of="accumulated_epoch")
check.reference(right_minibatch, of="minibatch_epoch")


@check.mistake("All gradients are computed at the weights from before the epoch. Each must be computed at the weights as they are by then.")
def stale(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, one_by_one(X), stale=True)


@check.mistake("This takes one step for all rows. Standard backpropagation takes one after each row.")
def one_step(params, X, y, lr, grad):
    return right_accumulated(params, X, y, lr, grad)


@check.mistake("The rows are taken from last to first. Take them in their order.")
def backward(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, one_by_one(X)[::-1])


@check.mistake("The rows are shuffled. In `standard_epoch` they are taken in their order.")
def shuffled(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, [[i] for i in np.random.default_rng(0).permutation(len(X))])


@check.mistake("The first row is left out.")
def first_left_out(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, one_by_one(X)[1:])


@check.mistake("The last row is left out.")
def last_left_out(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, one_by_one(X)[:-1])


@check.mistake("`grad` got a flat row. It needs a table with one row: `X[i:i+1]` keeps two dimensions, `X[i]` does not.")
def flat_row(params, X, y, lr, grad):
    for i in range(len(X)):
        params = moved(params, grad(params, X[i], y[i]), lr)
    return params


@check.mistake("Each step is divided by m. The gradient of one example is that of a mean already, and each update takes the whole of `lr`.")
def divided_by_m(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, one_by_one(X), scale=lambda rows: 1 / len(X))


@check.mistake("The step goes up the gradient. Subtract it.")
def uphill(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, one_by_one(X), scale=lambda rows: -1)


@check.mistake("The biases never move. They have a gradient, too.")
def biases_stay(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, one_by_one(X), biases=False)


@check.mistake("The updates are made in place (`W -= …`): the caller's weights have changed. `W - …` makes new arrays.")
def in_place(params, X, y, lr, grad):
    for i in range(len(X)):
        for (W, b), (dW, db) in zip(params, grad(params, X[i : i + 1], y[i : i + 1])):
            W -= lr * dW
            b -= lr * db
    return params


@check.mistake("The gradients are added up, not averaged. The accumulated error is a mean: `grad` of all rows gives its gradient.", of="accumulated_epoch")
def summed(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, everything(X), scale=len)


@check.mistake("This takes a step after each row. Accumulated backpropagation takes a single step at the end.", of="accumulated_epoch")
def steps_in_between(params, X, y, lr, grad):
    return right_standard(params, X, y, lr, grad)


@check.mistake("The gradient of the mean is divided by m once more. `grad` has divided already.", of="accumulated_epoch")
def divided_twice(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, everything(X), scale=lambda rows: 1 / len(rows))


@check.mistake("Only the gradient of the last row is used. Take that of all rows.", of="accumulated_epoch")
def last_row_only(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, one_by_one(X)[-1:])


@check.mistake("The step goes up the gradient. Subtract it.", of="accumulated_epoch")
def accumulated_uphill(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, everything(X), scale=lambda rows: -1)


@check.mistake("The biases never move. They have a gradient, too.", of="accumulated_epoch")
def accumulated_biases_stay(params, X, y, lr, grad):
    return run_batches(params, X, y, lr, grad, everything(X), biases=False)


@check.mistake("The update is made in place (`W -= …`): the caller's weights have changed. `W - …` makes new arrays.", of="accumulated_epoch")
def accumulated_in_place(params, X, y, lr, grad):
    for (W, b), (dW, db) in zip(params, grad(params, X, y)):
        W -= lr * dW
        b -= lr * db
    return params


@check.mistake("This is the gradient. Return the weights after the step.", of="accumulated_epoch")
def returns_gradient(params, X, y, lr, grad):
    return grad(params, X, y)


@check.mistake("The shuffled order is ignored: the batches are cut from the rows as they stand.", of="minibatch_epoch")
def order_ignored(params, X, y, lr, grad, batch_size, rng):
    return run_batches(params, X, y, lr, grad, cut(np.arange(len(X)), batch_size))


@check.mistake("The short batch at the end is lost. Its examples count, too.", of="minibatch_epoch")
def short_batch_lost(params, X, y, lr, grad, batch_size, rng):
    batches = cut(rng.permutation(len(X)), batch_size)
    return run_batches(params, X, y, lr, grad, [rows for rows in batches if len(rows) == batch_size])


@check.mistake("All gradients are computed at the weights from before the epoch. Each batch must use the weights as they are by then.", of="minibatch_epoch")
def stale_batches(params, X, y, lr, grad, batch_size, rng):
    return run_batches(params, X, y, lr, grad, cut(rng.permutation(len(X)), batch_size), stale=True)


@check.mistake("The gradients of a batch are added up. `grad` gives their mean, and that is what the step takes.", of="minibatch_epoch")
def summed_batches(params, X, y, lr, grad, batch_size, rng):
    return run_batches(params, X, y, lr, grad, cut(rng.permutation(len(X)), batch_size), scale=len)


@check.mistake("The short batch counts less, because its step is divided by `batch_size`. Every update takes the mean of its own rows.", of="minibatch_epoch")
def short_batch_weakened(params, X, y, lr, grad, batch_size, rng):
    batches = cut(rng.permutation(len(X)), batch_size)
    return run_batches(params, X, y, lr, grad, batches, scale=lambda rows: len(rows) / batch_size)


@check.mistake("A gradient is divided by the number of its rows once more. `grad` has divided already.", of="minibatch_epoch")
def batches_divided_twice(params, X, y, lr, grad, batch_size, rng):
    batches = cut(rng.permutation(len(X)), batch_size)
    return run_batches(params, X, y, lr, grad, batches, scale=lambda rows: 1 / len(rows))


@check.mistake("Only `X` is shuffled, `y` keeps its order: examples get the labels of others.", of="minibatch_epoch")
def only_x_shuffled(params, X, y, lr, grad, batch_size, rng):
    return run_batches(params, X[rng.permutation(len(X))], y, lr, grad, cut(np.arange(len(X)), batch_size))


@check.mistake("`X` and `y` are shuffled apart, each with its own order. Draw one order for both.", of="minibatch_epoch")
def shuffled_apart(params, X, y, lr, grad, batch_size, rng):
    X, y = X[rng.permutation(len(X))], y[rng.permutation(len(X))]
    return run_batches(params, X, y, lr, grad, cut(np.arange(len(X)), batch_size))


@check.mistake("A new order is drawn for every batch, so some examples come twice and others never. Draw one for the whole epoch.", of="minibatch_epoch")
def new_order_each_batch(params, X, y, lr, grad, batch_size, rng):
    batches = [rng.permutation(len(X))[rows] for rows in cut(np.arange(len(X)), batch_size)]
    return run_batches(params, X, y, lr, grad, batches)


@check.mistake("A generator of your own (seed 0) makes the order. Use the `rng` that is given.", of="minibatch_epoch")
def own_order(params, X, y, lr, grad, batch_size, rng):
    return right_minibatch(params, X, y, lr, grad, batch_size, np.random.default_rng(0))


@check.mistake("Only the first batch is used. An epoch goes through all of them.", of="minibatch_epoch")
def first_batch_only(params, X, y, lr, grad, batch_size, rng):
    return run_batches(params, X, y, lr, grad, [rng.permutation(len(X))[:batch_size]])


@check.mistake("There is one step for all rows: `batch_size` is ignored.", of="minibatch_epoch")
def batch_size_ignored(params, X, y, lr, grad, batch_size, rng):
    return run_batches(params, X, y, lr, grad, [rng.permutation(len(X))])


@check.mistake("There is a step after each row: `batch_size` is ignored.", of="minibatch_epoch")
def batches_of_one(params, X, y, lr, grad, batch_size, rng):
    return run_batches(params, X, y, lr, grad, cut(rng.permutation(len(X)), 1))


@check.mistake("`batch_size` is taken for the number of batches. It is the number of rows in each.", of="minibatch_epoch")
def number_of_batches(params, X, y, lr, grad, batch_size, rng):
    return run_batches(params, X, y, lr, grad, [b for b in np.array_split(rng.permutation(len(X)), batch_size) if len(b)])


@check.mistake("The step goes up the gradient. Subtract it.", of="minibatch_epoch")
def batches_uphill(params, X, y, lr, grad, batch_size, rng):
    return run_batches(params, X, y, lr, grad, cut(rng.permutation(len(X)), batch_size), scale=lambda rows: -1)


@check.mistake("The biases never move. They have a gradient, too.", of="minibatch_epoch")
def batches_biases_stay(params, X, y, lr, grad, batch_size, rng):
    return run_batches(params, X, y, lr, grad, cut(rng.permutation(len(X)), batch_size), biases=False)


@check.mistake("The updates are made in place (`W -= …`): the caller's weights have changed. `W - …` makes new arrays.", of="minibatch_epoch")
def batches_in_place(params, X, y, lr, grad, batch_size, rng):
    for rows in cut(rng.permutation(len(X)), batch_size):
        for (W, b), (dW, db) in zip(params, grad(params, X[rows], y[rows])):
            W -= lr * dW
            b -= lr * db
    return params


def deep_gradient(params, X, y):
    """Gradient of the mean of (tanh(X @ W1 + b1) @ W2 + b2 - y)² / 2."""
    if np.ndim(X) != 2:
        raise ValueError("grad needs a table of rows")
    (W1, b1), (W2, b2) = params
    A = np.tanh(X @ W1 + b1)
    error = (A @ W2 + b2 - np.reshape(y, (-1, 1))) / len(X)
    back = (error @ np.transpose(W2)) * (1 - A**2)
    return [(np.transpose(X) @ back, back.sum(axis=0)), (A.T @ error, error.sum(axis=0))]


rng = np.random.default_rng(79)


def task(m, n, k, column=False):
    params = [(rng.normal(size=(n, k)), rng.normal(size=k)), (rng.normal(size=(k, 1)), rng.normal(size=1))]
    return params, rng.normal(size=(m, n)), rng.normal(size=(m, 1) if column else m)


whole = [(np.array([[1, -1], [0, 2]]), np.array([0, 1])), (np.array([[2], [-1]]), np.array([1]))]
counts = np.array([[1, 2], [0, -1], [3, 1], [2, 2], [-1, 0]]), np.array([1, 0, 2, 1, 3])
view = (*task(1, 3, 2)[:1], rng.normal(size=(12, 3))[::2], rng.normal(size=(6, 2))[:, 1])
for of, name in (("standard_epoch", "standard"), ("accumulated_epoch", "accumulated"), ("minibatch_epoch", "mini-batch")):
    batch = lambda size, seed: (size, np.random.default_rng(seed)) if of == "minibatch_epoch" else ()
    check.equal(f"{name}: seven rows", *task(7, 3, 4), 0.2, deep_gradient, *batch(3, 80), of=of)
    check.equal(f"{name}: labels as a column", *task(9, 2, 3, True), 0.1, deep_gradient, *batch(4, 81), of=of)
    check.equal(f"{name}: whole numbers", whole, *counts, 0.25, deep_gradient, *batch(2, 82), of=of)
    check.equal(f"{name}: views that are not contiguous", *view, 0.3, deep_gradient, *batch(4, 83), of=of)
    check.unchanged(f"{name}: the arguments stay as they are", *task(5, 4, 2), 0.2, deep_gradient, *batch(2, 84), of=of)
check.equal("standard: a single row", *task(1, 3, 2), 0.2, deep_gradient)
check.equal("mini-batch: slices that fit", *task(8, 2, 3), 0.3, deep_gradient, 4, np.random.default_rng(85), of="minibatch_epoch")
check.equal("mini-batch: larger than the data", *task(5, 2, 3), 0.3, deep_gradient, 9, np.random.default_rng(86), of="minibatch_epoch")
check.equal("mini-batch: one row each", *task(6, 2, 3), 0.2, deep_gradient, 1, np.random.default_rng(87), of="minibatch_epoch")
check.report()
### END HIDDEN TESTS

# %% [markdown] name="epochs-payoff-text"
# **Does it pay off?** Your functions need a gradient. Here is the one you wrote in notebook 6, for sigmoid layers and
# cross-entropy, in one piece. Now train three networks from the same start, with *your* epochs.
#
# **Predict, then run.** Five passes each, the same learning rate. Which has the lowest cost? How many updates did each make?

# %% name="network"
def outputs_of(params, X):
    """Outputs of all layers, the inputs first."""
    outputs = [X]
    for W, b in params:
        outputs.append(1 / (1 + np.exp(-(outputs[-1] @ W + b))))
    return outputs


def gradient(params, X, y):
    """Gradient of the mean cross-entropy: a pair (dW, db) for each layer."""
    outputs = outputs_of(params, X)
    error = (outputs.pop() - np.reshape(y, (-1, 1))) / len(X)
    grads = []
    for (W, b), A in zip(params[::-1], outputs[::-1]):
        grads.append((A.T @ error, error.sum(axis=0)))
        error = (error @ W.T) * A * (1 - A)
    return grads[::-1]


def cost(params, X, y):
    p = outputs_of(params, X)[-1].ravel()
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))

# %% name="epochs-payoff"
my_guess = None


def glorot_start(seed):
    """Weights for 64-10-1, so that this cell needs no earlier answer of yours."""
    model = Sequential([Dense(10, "sigmoid"), Dense(1, "sigmoid")], rng=seed, dtype="float64")
    model.build((None, 64))
    W1, b1, W2, b2 = model.get_weights()
    return [(W1, b1), (W2, b2)]


print("my guess:", my_guess)
with once_solved():
    updates = {"standard": 200, "mini-batch of 20": 10, "accumulated": 1}
    for name in updates:
        params, rng = glorot_start(1), np.random.default_rng(2)
        for _ in range(5):
            args = (params, X_train, Y_train, 0.3, gradient)
            if name == "standard":
                params = standard_epoch(*args)
            else:
                one = name == "accumulated"
                params = accumulated_epoch(*args) if one else minibatch_epoch(*args, 20, rng)
        count = 5 * updates[name]
        print(f"{name:17} {count:4} updates   cost {cost(params, X_train, Y_train):.3f}")

# %% [markdown] name="epochs-payoff-after"
# With the *same* learning rate the one that steps most often is far ahead. But is that fair? A step against the gradient of all
# examples is more trustworthy, so it may be longer. We come back to that.
#
# ## The noise
#
# Why does the first walk of this notebook not settle down? At the lowest place of $E$, the gradients of the single examples
# are not zero. Only their mean is. So standard backpropagation walks on, this way and that.
#
# **Predict, then run.** 2000 passes over the twelve points. How far above the lowest cost does the walk hover, if the learning
# rate is 0.3, 0.1, 0.03? What if the steps are taken after all twelve?

# %% name="noise"
my_guess = None

print("my guess:", my_guess)
print("mean cost above the lowest, in the second half of 2000 passes")
for lr in (0.3, 0.1, 0.03):
    ends = [line_cost(walk(k, lr, 2000)[-1000 * 12 // k :]) for k in (1, 4, 12)]
    above = [abs(np.mean(costs) - line_cost(lowest)) for costs in ends]
    single, four, twelve = above
    print(f"lr {lr:4}:  single {single:.5f}   four {four:.5f}   all twelve {twelve:.5f}")
clouds = {f"lr {lr}": walk(1, lr, 400)[-60:] for lr in (0.3, 0.03)}
near = tuple((center - 0.4, center + 0.4) for center in lowest)
plotting.show(plotting.plot_contours(line_cost, near, clouds, minima=lowest[None]))

# %% [markdown] name="noise-after"
# A smaller learning rate makes the cloud smaller, and so does a larger batch, which averages some of the noise away. With all
# twelve there is no noise and no cloud. The usual cure for single examples and small batches is to lower the learning rate as
# training goes on. (In notebook 9 the noise will turn out to have a good side, too.)
#
# ## When all examples don't fit
#
# Accumulated backpropagation needs the gradient of all examples. If they don't fit into memory, or lie on several computers, one
# computes the gradient of each part and puts the parts together. All of them are means, but over different numbers of rows!
#
# **Predict, then run.** A quarter of the rows has mean 10, the other three quarters have mean 2. What is the mean of all? Is it
# (10 + 2) / 2?

# %% name="two-means"
my_guess = None

numbers = np.array([10.0] * 5 + [2.0] * 15)
print("my guess:", my_guess, "   mean of all:", numbers.mean())

# %% [markdown] name="weighted-text"
# ### Exercise: `weighted_mean_gradient`
#
# Write `weighted_mean_gradient(grads, sizes)`.
#
# - `grads` is a list of gradients, one for each batch. Each is a list of pairs `(dW, db)` with the same shapes, and each is the
#   gradient of the *mean* cost of its batch.
# - `sizes` is a list or an array of integers: how many rows each batch has, at least 1.
#
# Return the gradient of the mean cost of all rows together: a list of pairs `(dW, db)` in the same shapes, of floats. Leave the
# arguments as they are.
#
# <details><summary>Hint 1</summary>Mean times number of rows is the sum over the rows. Sums can be added; divide by the number of
# all rows at the end.</details>
# <details><summary>Hint 2</summary>Each batch has the share <code>size / sum(sizes)</code> of all rows. Add up share times
# gradient, for <code>dW</code> and <code>db</code> of each layer.</details>

# %% nbgrader={"grade": false, "grade_id": "weighted_mean_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def weighted_mean_gradient(grads, sizes):
    """Gradient of the mean cost of all batches together."""
    ### BEGIN SOLUTION
    shares = np.asarray(sizes) / np.sum(sizes)
    return [
        tuple(sum(share * part for share, part in zip(shares, parts)) for parts in zip(*layer))
        for layer in zip(*grads)
    ]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "weighted_mean_gradient-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("weighted_mean_gradient", points=1)
ten = [(np.array([[10.0, 0.0]]), np.array([1.0, 8.0]))]
two = [(np.array([[2.0, 4.0]]), np.array([5.0, 0.0]))]
both = [(np.array([[4.0, 3.0]]), np.array([4.0, 2.0]))]
check.equal("a batch of 5 and one of 15", [ten, two], [5, 15], expected=both)
equal = [(np.array([[14 / 3, 8 / 3]]), np.array([11 / 3, 8 / 3]))]
check.equal("three batches of equal size", [ten, two, two], [4, 4, 4], expected=equal)
check.equal("a single batch", [two], [7], expected=two)
check.report()

# %% nbgrader={"grade": true, "grade_id": "weighted_mean_gradient-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks weighted_mean_gradient here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("weighted_mean_gradient", points=2, hidden=True)


def combined(grads, weights, bias_weights=None):
    """Sum of the gradients, each with its weight."""
    pairs = []
    for layer in zip(*grads):
        dW = sum(k * pair[0] for k, pair in zip(weights, layer))
        db = sum(k * pair[1] for k, pair in zip(weights if bias_weights is None else bias_weights, layer))
        pairs.append((dW, db))
    return pairs


def shares_of(sizes):
    return np.asarray(sizes) / np.sum(sizes)


check.reference(lambda grads, sizes: combined(grads, shares_of(sizes)))


@check.mistake("The gradients are averaged as if all batches were of equal size. A batch counts as much as it has rows.")
def unweighted(grads, sizes):
    return combined(grads, np.full(len(sizes), 1 / len(sizes)))


@check.mistake("The gradients are added up. Weight each with its share of the rows.")
def added(grads, sizes):
    return combined(grads, np.ones(len(sizes)))


@check.mistake("Each gradient is multiplied by its number of rows, but the sum is not divided by the number of all rows.")
def not_divided(grads, sizes):
    return combined(grads, np.asarray(sizes))


@check.mistake("The weighted sum is divided by the number of batches. Divide by the number of all rows.")
def divided_by_batches(grads, sizes):
    return combined(grads, np.asarray(sizes) / len(sizes))


@check.mistake("The mean is taken, and then divided by the number of batches once more.")
def divided_twice(grads, sizes):
    return combined(grads, shares_of(sizes) / len(sizes))


@check.mistake("Small batches count more than large ones: the gradients are divided by their numbers of rows. Multiply by them.")
def upside_down(grads, sizes):
    return combined(grads, shares_of(1 / np.asarray(sizes)))


@check.mistake("The gradients are divided by their numbers of rows and added. They are means already: multiply, add, divide by all rows.")
def divided_and_added(grads, sizes):
    return combined(grads, 1 / np.asarray(sizes))


@check.mistake("The sum of all gradients is divided by the number of all rows. Each must first be multiplied by its own number of rows.")
def added_then_divided(grads, sizes):
    return combined(grads, np.full(len(sizes), 1 / np.sum(sizes)))


@check.mistake("This is the first gradient only.")
def first_only(grads, sizes):
    return combined(grads[:1], [1.0])


@check.mistake("This is the last gradient only.")
def last_only(grads, sizes):
    return combined(grads[-1:], [1.0])


@check.mistake("Only the first layer is put together. A gradient has a pair for each layer.")
def first_layer_only(grads, sizes):
    return combined(grads, shares_of(sizes))[:1]


@check.mistake("The biases' gradients are averaged without weights. They need the same weights as the others.")
def biases_unweighted(grads, sizes):
    return combined(grads, shares_of(sizes), np.full(len(sizes), 1 / len(sizes)))


@check.mistake("The biases' gradients are added up without weights. They need the same weights as the others.")
def biases_added(grads, sizes):
    return combined(grads, shares_of(sizes), np.ones(len(sizes)))


@check.mistake("The running result is weighted together with the next gradient by halves, so later batches count more. Weight by rows.")
def halves(grads, sizes):
    weights = [0.5 ** (len(sizes) - max(i, 1)) for i in range(len(sizes))]
    return combined(grads, weights)


@check.mistake("The result is written into the arrays of the first gradient: the caller's gradients have changed. Start from new arrays.")
def written_into_the_first(grads, sizes):
    total = grads[0]
    for k, (dW, db) in enumerate(total):
        right = combined(grads, shares_of(sizes))[k]
        dW[...], db[...] = right
    return total


rng = np.random.default_rng(90)


def some_gradient(rng, *widths):
    return [(rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in zip(widths[:-1], widths[1:])]


check.equal("two layers, three batches", [some_gradient(rng, 3, 4, 1) for _ in range(3)], [20, 20, 7])
check.equal("four batches", [some_gradient(rng, 2, 5, 3) for _ in range(4)], [1, 32, 8, 3])
check.equal("equal sizes", [some_gradient(rng, 4, 2, 2) for _ in range(3)], [6, 6, 6])
check.equal("sizes in an array", [some_gradient(rng, 1, 3, 2) for _ in range(2)], np.array([9, 2]))
check.equal("one large, one of a single row", [some_gradient(rng, 3, 3, 3) for _ in range(2)], [1000, 1])
check.equal("three layers, a single batch", [some_gradient(rng, 2, 3, 4, 1)], [5])
whole = [[(np.array([[k, 2]]), np.array([3, 1 - k])), (np.array([[1], [k]]), np.array([k]))] for k in (1, 4, 2)]
check.equal("whole numbers", whole, [2, 3, 1])
strided = [[(dW[::2, ::2], db[::2]) for dW, db in some_gradient(rng, 4, 6, 4)] for _ in range(2)]
check.equal("views that are not contiguous", strided, [3, 4])
check.unchanged("the arguments stay as they are", [some_gradient(rng, 2, 3, 1) for _ in range(2)], [4, 1])
check.report()
### END HIDDEN TESTS

# %% [markdown] name="weighted-payoff-text"
# **Does it pay off?** Cut the 200 images into pieces of very different sizes, take the gradient of each piece, and let your
# function put them together. Compare with the gradient of all images at once.

# %% name="weighted-payoff"
with once_solved():
    start, edges = glorot_start(3), [0, 120, 190, 199, 200]
    pieces = list(zip(edges[:-1], edges[1:]))
    grads = [gradient(start, X_train[i:j], Y_train[i:j]) for i, j in pieces]
    together = weighted_mean_gradient(grads, [j - i for i, j in pieces])
    at_once = gradient(start, X_train, Y_train)
    plain = np.mean([grad[0][0] for grad in grads], axis=0)
    off = np.abs(together[0][0] - at_once[0][0]).max()
    print("mine is the gradient of all images:", bool(off < 1e-6))
    largest = np.abs(at_once[0][0]).max()
    worst = np.abs(plain - at_once[0][0]).max() / largest
    print(f"unweighted, it would be off by up to {worst:.1f} times the largest entry")

# %% [markdown] name="first-below-text"
# ## Which is faster?
#
# "Faster" can mean two things. A **pass** (epoch) looks at every example once: that is what computing costs. An **update** is one
# change of the weights: that is how often the network has a chance to improve. Standard backpropagation makes m updates in a
# pass, accumulated backpropagation one. So we count both until the cost falls below a target.
#
# ### Exercise: `first_below`
#
# Write `first_below(history, target, updates_per_epoch)`.
#
# - `history` is a list or an array of costs, one after each pass; `history[0]` is the cost after pass 1. At least one.
# - `target` is a number, `updates_per_epoch` an integer.
#
# Return `(passes, updates)`, two integers: how many passes it took until the cost was *strictly* below the target for the first
# time, and how many updates that is. If it never was, return `None`. A later rise doesn't matter. A cost of NaN is not below
# anything.
#
# <details><summary>Hint 1</summary><code>for passes, cost in enumerate(history, start=1):</code> counts from 1.</details>
# <details><summary>Hint 2</summary>Return from inside the loop at the first cost that is below. A function that ends without
# <code>return</code> returns <code>None</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "first_below", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_below(history, target, updates_per_epoch):
    """Passes and updates until the cost is below the target, or None."""
    ### BEGIN SOLUTION
    for passes, cost in enumerate(history, start=1):
        if cost < target:
            return passes, passes * updates_per_epoch
    return None
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "first_below-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("first_below", points=1)
falling = [0.9, 0.5, 0.4, 0.45, 0.3, 0.35]
check.equal("below 0.45 after three passes", falling, 0.45, 10, expected=(3, 30))
check.equal("0.5 is not below 0.5", falling, 0.5, 200, expected=(3, 600))
check.equal("below at once", falling, 1.0, 7, expected=(1, 7))


def never(first_below):
    """None for a target that is never reached, though not for a higher one."""
    reached = tuple(first_below(falling, 0.32, 10)) == (5, 50)
    return reached and first_below(falling, 0.3, 10) is None


check.that("never below", never)
check.report()

# %% nbgrader={"grade": true, "grade_id": "first_below-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks first_below here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("first_below", points=2, hidden=True)


def places_below(history, target):
    return [i for i, cost in enumerate(history) if cost < target]


def first_below_rightly(history, target, updates_per_epoch):
    found = places_below(history, target)
    return (found[0] + 1, (found[0] + 1) * updates_per_epoch) if found else None


check.reference(first_below_rightly)


@check.mistake("One pass too few: `history[0]` is the cost after pass 1, so positions are to be counted from 1.")
def counted_from_zero(history, target, updates_per_epoch):
    found = places_below(history, target)
    return (found[0], found[0] * updates_per_epoch) if found else None


@check.mistake("One pass too many is counted.")
def one_too_many(history, target, updates_per_epoch):
    found = places_below(history, target)
    return (found[0] + 2, (found[0] + 2) * updates_per_epoch) if found else None


@check.mistake("The updates are one pass short: the updates of the last pass count, too.")
def updates_one_pass_short(history, target, updates_per_epoch):
    found = places_below(history, target)
    return (found[0] + 1, found[0] * updates_per_epoch) if found else None


@check.mistake("A cost equal to the target is accepted. Strictly below is asked for: `<`.")
def equal_accepted(history, target, updates_per_epoch):
    found = [i for i, cost in enumerate(history) if cost <= target]
    return (found[0] + 1, (found[0] + 1) * updates_per_epoch) if found else None


@check.mistake("This is the last time the cost is below the target. The first is asked for.")
def last_below(history, target, updates_per_epoch):
    found = places_below(history, target)
    return (found[-1] + 1, (found[-1] + 1) * updates_per_epoch) if found else None


@check.mistake("This is where the cost falls below the target for good. The first time is asked for, even if it rises again.")
def last_crossing(history, target, updates_per_epoch):
    above = [i for i, cost in enumerate(history) if not cost < target]
    k = above[-1] + 2 if above else 1
    return (k, k * updates_per_epoch) if k <= len(history) else None


@check.mistake("This is where the cost is lowest. Look for the first one below the target.")
def lowest_cost(history, target, updates_per_epoch):
    if not places_below(history, target):
        return None
    k = int(np.nanargmin(history)) + 1
    return k, k * updates_per_epoch


@check.mistake("Passes and updates are swapped: the passes come first.")
def swapped(history, target, updates_per_epoch):
    answer = first_below_rightly(history, target, updates_per_epoch)
    return answer and answer[::-1]


@check.mistake("Units are mixed up: `history` has one entry for each pass, but its positions are taken for updates.")
def positions_as_updates(history, target, updates_per_epoch):
    answer = first_below_rightly(history, target, updates_per_epoch)
    return answer and (answer[0] // updates_per_epoch, answer[0])


@check.mistake("Both numbers are passes. Multiply by `updates_per_epoch` for the updates.")
def both_passes(history, target, updates_per_epoch):
    answer = first_below_rightly(history, target, updates_per_epoch)
    return answer and (answer[0], answer[0])


@check.mistake("The updates are those of one pass. Multiply by the number of passes.")
def updates_of_one_pass(history, target, updates_per_epoch):
    answer = first_below_rightly(history, target, updates_per_epoch)
    return answer and (answer[0], updates_per_epoch)


@check.mistake("Only the passes are returned. Return the pair (passes, updates).")
def passes_only(history, target, updates_per_epoch):
    answer = first_below_rightly(history, target, updates_per_epoch)
    return answer and answer[0]


@check.mistake("If the cost is never below the target, this returns the length of the history. It must return `None`.")
def length_if_never(history, target, updates_per_epoch):
    k = len(history)
    return first_below_rightly(history, target, updates_per_epoch) or (k, k * updates_per_epoch)


@check.mistake("If the cost is never below the target, this says pass 1 (`np.argmax` of nothing but False is 0). It must return `None`.")
def pass_one_if_never(history, target, updates_per_epoch):
    return first_below_rightly(history, target, updates_per_epoch) or (1, updates_per_epoch)


@check.mistake("If the cost is never below the target, this returns zeros. It must return `None`.")
def zeros_if_never(history, target, updates_per_epoch):
    return first_below_rightly(history, target, updates_per_epoch) or (0, 0)


@check.mistake("This finds the first cost *above* the target.")
def above(history, target, updates_per_epoch):
    found = [i for i, cost in enumerate(history) if cost > target]
    return (found[0] + 1, (found[0] + 1) * updates_per_epoch) if found else None


@check.mistake("A cost of NaN counts as below the target. It is not below anything: ask `cost < target`, not `not cost >= target`.")
def nan_below(history, target, updates_per_epoch):
    found = [i for i, cost in enumerate(history) if not cost >= target]
    return (found[0] + 1, (found[0] + 1) * updates_per_epoch) if found else None


def is_none(history, target, per_pass):
    """A condition: None here, but not once two low costs follow."""

    def condition(f):
        more = [*history, target - 0.5, target - 0.25]
        return f(history, target, per_pass) is None and tuple(f(more, target, per_pass)) == first_below_rightly(more, target, per_pass)

    return condition


noisy = 2 * np.exp(-np.arange(30) / 6) + np.random.default_rng(91).normal(0, 0.15, 30)
check.equal("a noisy fall", noisy, 0.5, 12)
check.equal("below, above, below again", [3.0, 1.0, 2.0, 0.5, 0.7, 4.0], 1.5, 20)
check.equal("exactly the target first", [2.0, 1.0, 1.0, 0.25, 0.125], 1.0, 5)
check.equal("only the last", np.array([5.0, 4.0, 3.0]), 3.5, 200)
check.equal("at once", [0.1, 0.3, 0.2], 0.4, 3)
check.that("never", is_none([0.5, 0.25, 0.5], 0.25, 8))
check.that("never, a single pass", is_none([1.0], 0.5, 4))
check.equal("NaN before", [float("nan"), 1.0, 0.25, 0.125], 0.5, 6)
check.that("nothing but NaN", is_none(np.array([np.nan, np.nan]), 0.5, 6))
check.equal("whole numbers", [9, 7, 4, 4, 1], 5, 2)
check.equal("one update in each pass", [0.9, 0.8, 0.1, 0.05], 0.5, 1)
check.unchanged("the history stays as it is", np.array([4.0, 2.0, 1.0]), 3.0, 9)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="race-text"
# **Does it pay off?** One often reads: accumulated backpropagation needs fewer iterations. Now you can tell.
#
# Three methods train the 64-10-1 network on the 200 images until the cost is below 0.01. Each may choose the best of five
# learning rates for itself. Three seeds for each rate; the median counts. Each gets as many passes as it could need: the cell
# says so if one does not.
#
# **Predict, then run.** Which method needs the fewest updates? Which the fewest passes?

# %% name="race"
my_guess = None

methods = {  # batch size, updates in a pass, at most so many passes
    "single": (1, 200, 20),
    "batches of 20": (20, 10, 60),
    "all 200": ("full", 1, 250),
}
tried = {
    name: {lr: [train(size, lr, most, seed) for seed in range(3)] for lr in rates}
    for name, (size, _, most) in methods.items()
}


def median_below(histories, target, per_pass):
    """Median of (passes, updates) over the runs; infinite where a run never gets there."""
    never = (np.inf, np.inf)
    found = [first_below(history, target, per_pass) or never for history in histories]
    return tuple(np.median(found, axis=0))

# %% name="race-best"
print("my guess:", my_guess)
with once_solved():
    best, needed = {}, {}
    for name, (_, per_pass, most) in methods.items():
        counts = {lr: median_below(tried[name][lr], 0.01, per_pass) for lr in rates}
        best[name] = min(rates, key=lambda lr: counts[lr])
        needed[name] = counts[best[name]]
        row = "  ".join(f"lr {lr:g}: {n:g}" for lr, (n, _) in counts.items())
        print(f"{name:13} {row} passes")

# %% [markdown] name="errata-fewer-iterations-text"
# (`inf`: not within its passes.) Too small a rate crawls, too large a one never gets there, and the best differs from method to
# method. So comparing at one common rate would have been unfair. Now each at its own best, with nine fresh seeds: the line is
# the median, the band holds the middle half of the runs.

# %% name="errata-fewer-iterations" errata={"says": "Accumulated backpropagation needs fewer iterations.", "correct": "Fewer *updates*, but more *passes* over the examples. Mini-batches lie between and are the usual choice."}
with once_solved():
    first_below([1.0], 0.5, 1)  # all of this needs it
    runs, updates, passes = {}, {}, {}
    for name, (size, per_pass, most) in methods.items():
        label = f"{name}, lr {best[name]:g}"
        runs[label] = [train(size, best[name], most, seed) for seed in range(10, 19)]
        passes[label] = np.arange(1, most + 1)
        updates[label] = passes[label] * per_pass
        needed[name] = median_below(runs[label], 0.01, per_pass)
        print(f"{label:22} {needed[name][0]:4.0f} passes   {needed[name][1]:5.0f} updates")
    scales = {"log": True, "xlog": True}
    plotting.show(plotting.plot_runs(runs, x=updates, xlabel="updates", **scales))
    plotting.show(plotting.plot_runs(runs, x=passes, xlabel="passes", **scales))
    for k, unit in ((1, "updates"), (0, "passes")):
        ranked = sorted(methods, key=lambda name: needed[name][k])
        print(f"fewest {unit}: {ranked[0]};  most: {ranked[-1]}")

# %% [markdown] name="fewer-iterations-after"
# What is true: accumulated backpropagation needs fewer **updates**, but more **passes**, and passes are what you pay for. Whoever
# says "iterations" has to say which. The batches are the compromise: hardly more updates than with all 200, and far fewer
# passes.
#
# Single examples need the fewest passes here. Why then does nearly everybody use batches? Because a computer multiplies one
# matrix of 20 rows faster than 20 matrices of one row. **Predict, then run.** By what factor does a pass with single examples
# take longer than a pass in batches of 20: 2, or more?

# %% name="pass-time"
import time

my_guess = None


def seconds(batch_size):
    took = []
    for _ in range(5):
        began = time.perf_counter()
        train(batch_size, 0.3, 2, 0)
        took.append(time.perf_counter() - began)
    return np.median(took)


print("my guess:", my_guess)
print("single examples take more than 2 times as long:", bool(seconds(1) > 2 * seconds(20)))

# %% [markdown] name="tail-text"
# ### The tail
#
# The notes of many courses warn: at first accumulated backpropagation falls fast, then it slows down. Is that so? Count how many
# passes each *halving* of the cost takes.
#
# **Predict, then run.** For all 200 at once: does the fourth halving take as many passes as the first?

# %% name="tail"
my_guess = None

print("my guess:", my_guess)
with once_solved():
    first_below([1.0], 0.5, 1)  # all of this needs it
    levels = 0.64 / 2.0 ** np.arange(7)
    halvings = {}
    for label, histories in runs.items():
        reached = [median_below(histories, level, 1)[0] for level in levels]
        halvings[label] = np.diff(reached)
        print(f"{label:22}", " ".join(f"{n:5.0f}" for n in halvings[label]))
    print("passes for the cost to go from", " → ".join(f"{level:.2g}" for level in levels))
    last = {label: n[-1] for label, n in halvings.items()}
    print("the last halving takes longest with:", max(last, key=last.get))

# %% [markdown] name="tail-after"
# It is so. When nearly all images are right, their gradients are nearly zero, and so is the mean of all. The step gets shorter
# as the cost falls. Standard backpropagation has the same small gradients, but 200 chances in each pass.
#
# ### The same thing ten times
#
# Large data sets repeat themselves: the thousandth three looks much like the others. Take it to the extreme, and give every image
# ten times. The mean gradient stays exactly the same, but a pass is now ten times as long.
#
# **Predict, then run.** How many passes does each method need now? And how many updates?

# %% name="redundant"
my_guess = None

print("my guess:", my_guess)
with once_solved():
    first_below([1.0], 0.5, 1)  # all of this needs it
    ten_times = {"data": (np.tile(X_train, (10, 1)), np.tile(Y_train, 10))}
    for name, (size, per_pass, most) in methods.items():
        many = 1 if size == "full" else 10 * per_pass
        limit = most if size == "full" else 4
        again = [train(size, best[name], limit, seed, **ten_times) for seed in range(3)]
        passes_now, updates_now = median_below(again, 0.01, many)
        then, seen = needed[name][0], 2000 * passes_now
        print(f"{name:13} passes: {then:3.0f} then, {passes_now:3.0f} now", end="   ")
        print(f"images seen now: {seen:6.0f}")

# %% [markdown] name="redundant-after"
# All at once gains nothing from the repetition: it needs about as many passes as before, and each costs ten times as much. The
# others step on the way, and are done after a pass or two. This is the true core of the advice to prefer standard
# backpropagation when the training set is very large.
#
# ## Line 3: until when?
#
# Two stopping conditions are common: a limit on the epochs, and "the cost does not change any more". The second one is tricky.
# A cost that moves up and down may stand still for a moment by chance, and training often pauses on a plateau before it finds
# the way down.
#
# ### Exercise: `should_stop`
#
# Write `should_stop(history, tol, patience, max_epochs)`. It is asked after each epoch whether to stop.
#
# - `history` is a list or an array with the cost after each epoch so far, at least one,
# - `tol` is a positive number; `patience` and `max_epochs` are integers, at least 1.
#
# The **change** of an epoch is its cost minus the cost of the epoch before. The first epoch has no change. Return `True` if
#
# - `max_epochs` epochs (or more) are done, or
# - in each of the last `patience` epochs, the change was smaller than `tol` *in absolute value* (strictly),
#
# and `False` otherwise. With fewer than `patience` changes so far, the second condition does not hold.
#
# <details><summary>Hint 1</summary><code>np.diff(history)</code> gives the changes: one fewer than costs.</details>
# <details><summary>Hint 2</summary>How many costs do you need for <code>patience</code> changes? Check that there are
# enough, before you look at the last ones.</details>
# <details><summary>Hint 3</summary><code>np.all([])</code> is True. Mind the case of too few changes.</details>

# %% nbgrader={"grade": false, "grade_id": "should_stop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def should_stop(history, tol, patience, max_epochs):
    """Whether training is at its limit, or has stood still for long enough."""
    ### BEGIN SOLUTION
    if len(history) >= max_epochs:
        return True
    changes = np.abs(np.diff(history))
    return len(changes) >= patience and bool(np.all(changes[-patience:] < tol))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "should_stop-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("should_stop", points=1)


def asked(should_stop, history, *settings):
    """The answers after the first epoch, after the second, ... of a history."""
    return [bool(should_stop(history[:k], *settings)) for k in range(1, len(history) + 1)]


def flat_thrice(f):
    return asked(f, [4, 3.9, 2.5, 1.2, 1.1, 1.15, 1.1], 0.2, 3, 50) == [False] * 6 + [True]


def rising(f):
    answers = asked(f, [0.1, 0.15, 0.1, 2.2, 3.1, 3.0, 3.1], 0.2, 2, 50)
    return answers == [False, False, True, False, False, False, True]


def limit(f):
    return asked(f, [9.0, 7.0, 5.0, 3.0, 1.0], 0.2, 2, 4) == [False] * 3 + [True] * 2


check.that("4, 3.9, 2.5, 1.2, 1.1, 1.15, 1.1, patience 3: after the seventh", flat_thrice)
check.that("0.1, 0.15, 0.1, 2.2, 3.1, 3, 3.1, patience 2: third, seventh", rising)
check.that("falling, max_epochs 4: after the fourth", limit)
check.report()

# %% nbgrader={"grade": true, "grade_id": "should_stop-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks should_stop here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("should_stop", points=3, hidden=True)


def all_flat(changes, patience):
    """Whether there are enough changes, and the last ones are all marked."""
    return len(changes) >= patience and all(changes[len(changes) - patience :])


def stop_rightly(history, tol, patience, max_epochs):
    return bool(len(history) >= max_epochs or all_flat(np.abs(np.diff(history)) < tol, patience))


check.reference(stop_rightly)


@check.mistake("One flat epoch is enough to stop. It has to be flat in each of the last `patience` epochs.")
def one_flat_step(history, tol, patience, max_epochs):
    return stop_rightly(history, tol, 1, max_epochs)


@check.mistake("It stops one epoch too early: `patience` costs have only patience - 1 changes between them.")
def one_too_early(history, tol, patience, max_epochs):
    return stop_rightly(history, tol, patience - 1, max_epochs)


@check.mistake("It stops one flat epoch too late.")
def one_too_late(history, tol, patience, max_epochs):
    return stop_rightly(history, tol, patience + 1, max_epochs)


@check.mistake("A rising cost counts as standing still, because the change keeps its sign. Take its absolute value.")
def rising_counts(history, tol, patience, max_epochs):
    return bool(len(history) >= max_epochs or all_flat(np.diff(history) < tol, patience))


@check.mistake("A falling cost counts as standing still: the sign is turned and the absolute value missing.")
def falling_counts(history, tol, patience, max_epochs):
    return bool(len(history) >= max_epochs or all_flat(-np.diff(history) < tol, patience))


@check.mistake("With too few epochs so far, the changes that are there decide. It takes `patience` changes to stop.")
def too_few_accepted(history, tol, patience, max_epochs):
    changes = np.abs(np.diff(history))
    return bool(len(history) >= max_epochs or np.all(changes[-patience:] < tol))


@check.mistake("Too few epochs are accepted, if there is a change at all and all are flat. It takes `patience` changes to stop.")
def short_history_accepted(history, tol, patience, max_epochs):
    changes = np.abs(np.diff(history))
    return bool(len(history) >= max_epochs or (len(changes) > 0 and np.all(changes[-patience:] < tol)))


@check.mistake("It is enough that *one* of the last epochs was flat. All of them must be.")
def any_flat(history, tol, patience, max_epochs):
    changes = np.abs(np.diff(history))
    enough = len(changes) >= patience
    return bool(len(history) >= max_epochs or (enough and np.any(changes[-patience:] < tol)))


@check.mistake("Flat epochs are counted wherever they are. The *last* `patience` epochs must be flat, one after the other.")
def flat_anywhere(history, tol, patience, max_epochs):
    return bool(len(history) >= max_epochs or np.sum(np.abs(np.diff(history)) < tol) >= patience)


@check.mistake("The first epochs are looked at. The last `patience` ones decide.")
def first_epochs(history, tol, patience, max_epochs):
    changes = np.abs(np.diff(history))
    return bool(len(history) >= max_epochs or (len(changes) >= patience and np.all(changes[:patience] < tol)))


@check.mistake("All epochs must have been flat since the beginning. Only the last `patience` count.")
def all_epochs(history, tol, patience, max_epochs):
    changes = np.abs(np.diff(history))
    return bool(len(history) >= max_epochs or (len(changes) >= patience and np.all(changes < tol)))


@check.mistake("Only the cost now and the one `patience` epochs ago are compared. A cost that goes up and comes back has changed all the same.")
def ends_only(history, tol, patience, max_epochs):
    enough = len(history) > patience
    return bool(len(history) >= max_epochs or (enough and abs(history[-1] - history[-1 - patience]) < tol))


@check.mistake("The mean of the last changes is compared with `tol`. Each of them must be smaller.")
def mean_change(history, tol, patience, max_epochs):
    changes = np.abs(np.diff(history))
    return bool(len(history) >= max_epochs or (len(changes) >= patience and np.mean(changes[-patience:]) < tol))


@check.mistake("The costs themselves are compared with `tol`. Compare their changes.")
def costs_compared(history, tol, patience, max_epochs):
    return bool(len(history) >= max_epochs or all_flat(np.abs(np.asarray(history)) < tol, patience))


@check.mistake("The changes are compared relative to the cost. `tol` is a plain difference of costs.")
def relative(history, tol, patience, max_epochs):
    changes = np.abs(np.diff(history)) / np.abs(np.asarray(history)[:-1])
    return bool(len(history) >= max_epochs or all_flat(changes < tol, patience))


@check.mistake("A change of exactly `tol` counts as flat. Strictly smaller is asked for.")
def equal_is_flat(history, tol, patience, max_epochs):
    return bool(len(history) >= max_epochs or all_flat(np.abs(np.diff(history)) <= tol, patience))


@check.mistake("`max_epochs` is ignored.")
def limit_ignored(history, tol, patience, max_epochs):
    return bool(all_flat(np.abs(np.diff(history)) < tol, patience))


@check.mistake("It goes on for one epoch beyond `max_epochs`. Stop when so many are done: `>=`.")
def limit_late(history, tol, patience, max_epochs):
    return bool(len(history) > max_epochs or all_flat(np.abs(np.diff(history)) < tol, patience))


@check.mistake("It stops one epoch before `max_epochs`.")
def limit_early(history, tol, patience, max_epochs):
    return bool(len(history) >= max_epochs - 1 or all_flat(np.abs(np.diff(history)) < tol, patience))


@check.mistake("It stops only at exactly `max_epochs` epochs. With more it must stop, too.")
def limit_exactly(history, tol, patience, max_epochs):
    return bool(len(history) == max_epochs or all_flat(np.abs(np.diff(history)) < tol, patience))


@check.mistake("Both conditions must hold before it stops. One of them is enough.")
def both_needed(history, tol, patience, max_epochs):
    return bool(len(history) >= max_epochs and all_flat(np.abs(np.diff(history)) < tol, patience))


@check.mistake("True and False are swapped: this says whether to go on.")
def go_on(history, tol, patience, max_epochs):
    return not stop_rightly(history, tol, patience, max_epochs)


def follow(label, changes, tol, patience, max_epochs, start=4.0):
    """Check the answers after the first epoch, after the second, ... of a history with these changes."""
    history = np.cumsum([start, *changes])
    settings = (tol, patience, max_epochs)

    def condition(f):
        answers = [(bool(f(history[:k], *settings)), stop_rightly(history[:k], *settings)) for k in range(1, len(history) + 1)]
        wrong = [k for k, (answer, right) in enumerate(answers, start=1) if answer != right]
        return f"wrong after epoch {wrong[0]}" if wrong else True

    check.that(label, condition)


follow("a fall, then flat for long enough", (-1, -0.1, -0.1, -0.1, 0.05), 0.2, 3, 50)
follow("a plateau at the start, long enough", (-0.1, 0.1, -0.1, -1, -1), 0.2, 3, 50)
follow("flat, a fall, flat again", (-0.1, -0.1, -1, -0.1, -0.1, -0.1), 0.2, 3, 50)
follow("flat every second epoch, then for good", (-1, -0.1, -1, -0.1, -1, -0.1, 0.1), 0.2, 2, 50)
follow("patience 1", (-1, -0.5, -0.1, -1), 0.2, 1, 50)
follow("rising steeply, then flat", (-1, 0.5, 0.6, 0.7, -0.1, 0.1), 0.2, 2, 50)
follow("falling steeply, then flat", (-0.5, -0.6, -0.7, 0.1, -0.1), 0.2, 2, 50)
follow("up and back, then flat", (-1, 0.5, -0.5, 0.6, -0.6, 0.0, 0.0), 0.2, 2, 50)
follow("slowly rising", (-1, 0.1, 0.15, 0.1), 0.2, 3, 50)
follow("one change above, the others tiny", (-1, 0.25, 0, 0, 0, 0), 0.2, 4, 50)
follow("changes of exactly tol, then smaller ones", (-1, -0.25, -0.25, -0.125, -0.125), 0.25, 2, 50)
follow("small costs that change, then do not", (0.05, -0.05, 0.05, 0.001, 0.001), 0.02, 2, 50, start=0.01)
follow("large costs, small changes in comparison", (-10, -10, -10, -0.1, -0.1), 0.2, 2, 50, start=900.0)
follow("the limit, falling", (-1, -1, -1, -0.5, -0.5), 0.2, 2, 5)
follow("the limit, flat since the third epoch", (-1, -1, -0.1, -0.1, -0.1), 0.2, 3, 4)
follow("a limit of one epoch", (-1, -1), 0.2, 3, 1)
follow("whole numbers", np.array([-4, 0, 0, -1]), 1, 2, 50, start=9)
check.unchanged("the history stays as it is", np.array([5.0, 2.0, 2.0, 2.0]), 0.1, 2, 9)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="stop-payoff-text"
# **Does it pay off?** Now all lines of the algorithm are yours: start, steps, stop. Put them together.
#
# **Predict, then run.** Batches of 20, a tolerance of 0.002, at most 100 epochs. With patience 1, when does it stop? And with
# patience 5?

# %% name="stop-payoff"
my_guess = None


def backpropagation(sizes, X, y, lr, batch_size, tol, patience, max_epochs, rng):
    """The algorithm of the beginning, in your own functions."""
    params, history = initial_weights(sizes, rng, "glorot"), []
    while True:
        params = minibatch_epoch(params, X, y, lr, gradient, batch_size, rng)
        history.append(cost(params, X, y))
        if should_stop(history, tol, patience, max_epochs):
            return params, history


print("my guess:", my_guess)
with once_solved():
    for patience in (1, 2, 5):
        args = ([64, 10, 1], X_train, Y_train, 1.0, 20, 0.002, patience, 100)
        params, history = backpropagation(*args, np.random.default_rng(4))
        right = np.mean((outputs_of(params, X_test)[-1].ravel() >= 0.5) == Y_test)
        print(f"patience {patience}: {len(history):3} epochs", end="   ")
        print(f"cost {history[-1]:.3f}   test images right: {right:.2f}")

# %% [markdown] name="momentum-text"
# ## A better step
#
# So far every step goes against the gradient of the moment. In a narrow valley that is a bad idea: the gradient points mostly
# across the valley, and only a little along it.
#
# **Momentum** lets the steps add up, like a ball that rolls. It keeps a velocity $v$, which starts at 0:
#
# $$ v \leftarrow \beta v - \alpha g, \qquad w \leftarrow w + v . $$
#
# Across the valley the gradients change their sign and cancel; along it they add up.
#
# **Adam** gives each weight a step of its own. It keeps a running mean $m$ of the gradients and a running mean $v$ of their
# squares, and counts the updates $t = 1, 2, \dots$:
#
# $$ m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
#    \hat m = \frac{m}{1 - \beta_1^t}, \quad \hat v = \frac{v}{1 - \beta_2^t}, \quad
#    w \leftarrow w - \alpha \frac{\hat m}{\sqrt{\hat v} + \varepsilon} . $$
#
# Both means start at 0 and are too small at first; the two fractions with the hats make up for that. The small $\varepsilon$
# keeps the division safe.
#
# ### Exercise: `momentum_step` and `adam_step`
#
# - `momentum_step(w, g, v, lr, beta)` does one update with momentum. Return `(w, v)`, the new ones.
# - `adam_step(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7)` does one update with Adam. `state` is the tuple
#   `(m, v, t)` from the update before, and `(0, 0, 0)` at first; `t` counts the updates done. Return `(w, state)`, the new ones.
#
# `w` and `g` are numbers, or arrays of the same shape, floats or integers. `v` (and `m`) is the number 0 at first, later of the
# shape of `w`; return it in the shape of `w`. Leave all arguments as they are, and remember nothing outside of `v` and `state`:
# many weights may be trained in turn, each with its own.
#
# (Keras adds ε to $\sqrt v$ before the hats are put on, so that
# $w \leftarrow w - \alpha \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \frac{m}{\sqrt v + \varepsilon}$. Either will do.)
#
# <details><summary>Hint 1</summary>Work through the formulas from left to right, and give the new values new names:
# <code>m, v, t = state</code>, then <code>t = t + 1</code>.</details>
# <details><summary>Hint 2</summary><code>m = beta1 * m + (1 - beta1) * g</code> makes a new array. <code>m *= beta1</code> changes
# the array of the caller's state.</details>
# <details><summary>Hint 3</summary>The hats are for the step only. The state keeps <code>m</code> and <code>v</code> without
# them.</details>

# %% nbgrader={"grade": false, "grade_id": "momentum_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_step(w, g, v, lr, beta):
    """One update with momentum; returns (w, v)."""
    ### BEGIN SOLUTION
    v = beta * v - lr * g
    return w + v, v
    ### END SOLUTION


def adam_step(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    """One update with Adam; returns (w, state), the state being (m, v, t)."""
    ### BEGIN SOLUTION
    m, v, t = state
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), (m, v, t)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "momentum_step-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("momentum_step", "adam_step", points=1)
two, slopes = np.array([1.0, -2.0]), np.array([4.0, 0.5])
first = (np.array([0.6, -2.05]), np.array([-0.4, -0.05]))
check.equal("momentum, the first step", two, slopes, 0, 0.1, 0.9, expected=first)
check.equal("momentum, a later step", 3.0, 2.0, -0.5, 0.1, 0.8, expected=(2.4, -0.6))
first = (np.array([0.9, -2.1]), (np.array([0.4, 0.05]), np.array([0.016, 0.00025]), 1))
adam = {"lr": 0.1, "of": "adam_step", "atol": 2e-6}
check.equal("Adam, the first step", two, slopes, (0, 0, 0), **adam, expected=first)
later = (2.9007477, (0.56, 0.012991, 3))
check.equal("Adam, the third step", 3.0, 2.0, (0.4, 0.009, 2), **adam, expected=later)
check.report()

# %% nbgrader={"grade": true, "grade_id": "momentum_step-hidden", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks momentum_step and adam_step here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("momentum_step", "adam_step", points=4, hidden=True)


def momentum_rightly(w, g, v, lr, beta):
    return w + (beta * v - lr * g), beta * v - lr * g


def adam_of(
    w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7,
    correct=(True, True), inside=False, keras=False, count=1, weights=(True, True), square=True, hats_kept=False, sign=-1,
    root=True,
):
    """The right update; each option makes one of the mistakes below."""
    m, v, t = state
    t = t + 1
    k = t - 1 + count
    m = beta1 * m + ((1 - beta1) if weights[0] else 1) * g
    v = beta2 * v + ((1 - beta2) if weights[1] else 1) * (g * g if square else g)
    with np.errstate(all="ignore"):
        c1 = np.float64(1 - beta1**k) if correct[0] else 1
        c2 = np.float64(1 - beta2**k) if correct[1] else 1
        if keras:
            step = np.sqrt(c2) / c1 * m / (np.sqrt(v) + eps)
        elif inside:
            step = m / c1 / np.sqrt(v / c2 + eps)
        else:
            step = m / c1 / ((np.sqrt(v / c2) if root else v / c2) + eps)
    return w + sign * lr * step, ((m / c1, v / c2, t) if hats_kept else (m, v, t))


check.reference(momentum_rightly)
check.reference(adam_of, of="adam_step")


@check.mistake("The sign is wrong: the velocity gets `lr` times the gradient *subtracted*.")
def momentum_uphill(w, g, v, lr, beta):
    return momentum_rightly(w, -g, v, lr, beta)


@check.mistake("The velocity is subtracted from `w`. It has its minus already: add it.")
def velocity_subtracted(w, g, v, lr, beta):
    v = beta * v - lr * g
    return w - v, v


@check.mistake("The step is made with the old velocity. Compute the new one first.")
def old_velocity(w, g, v, lr, beta):
    return w + v, beta * v - lr * g


@check.mistake("The old velocity is forgotten: this is plain gradient descent.")
def no_memory(w, g, v, lr, beta):
    return momentum_rightly(w, g, 0, lr, beta)


@check.mistake("The old velocity is kept whole: multiply it by `beta`, or it never slows down.")
def beta_ignored(w, g, v, lr, beta):
    return momentum_rightly(w, g, v, lr, 1)


@check.mistake("`beta` multiplies the gradient's part as well. It belongs to the old velocity alone.")
def beta_on_both(w, g, v, lr, beta):
    v = beta * (v - lr * g)
    return w + v, v


@check.mistake("The gradient is weighted with 1 - beta, as in a running mean. Here the velocity gets the whole `lr * g`.")
def running_mean(w, g, v, lr, beta):
    v = beta * v - (1 - beta) * lr * g
    return w + v, v


@check.mistake("The learning rate is left out of the velocity and multiplied on the step (as PyTorch does). Here v ← βv − lr·g.")
def rate_outside(w, g, v, lr, beta):
    v = beta * v - g
    return w + lr * v, v


@check.mistake("The velocity has the opposite sign: v ← βv + lr·g, and then w − v. Here v points where `w` moves.")
def opposite_velocity(w, g, v, lr, beta):
    v = beta * v + lr * g
    return w - v, v


@check.mistake("The learning rate is missing.")
def rate_missing(w, g, v, lr, beta):
    return momentum_rightly(w, g, v, 1, beta)


@check.mistake("This is Nesterov's variant, which looks ahead. Plain momentum adds `v` itself.")
def nesterov(w, g, v, lr, beta):
    v = beta * v - lr * g
    return w + beta * v - lr * g, v


@check.mistake("Only `w` is returned. The next update needs the velocity, too: return `(w, v)`.")
def weights_only(w, g, v, lr, beta):
    return momentum_rightly(w, g, v, lr, beta)[0]


@check.mistake("The velocity comes first. Return `(w, v)`.")
def velocity_first(w, g, v, lr, beta):
    return momentum_rightly(w, g, v, lr, beta)[::-1]


@check.mistake("`v` is changed in place (`v *= …`): the caller's velocity has changed. Make a new one.")
def velocity_in_place(w, g, v, lr, beta):
    new = momentum_rightly(w, g, v, lr, beta)
    if np.ndim(v):
        v[...] = new[1]
    return new


@check.mistake("`w` is changed in place (`w += …`): the caller's weights have changed. Return new ones.")
def weights_in_place(w, g, v, lr, beta):
    new = momentum_rightly(w, g, v, lr, beta)
    if np.ndim(w):
        w[...] = new[0]
    return new


@check.mistake("The bias correction is missing: divide m by 1 − β₁ᵗ and v by 1 − β₂ᵗ before the step.", of="adam_step")
def no_correction(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, eps, correct=(False, False))


@check.mistake("The mean of the squares is not corrected: divide v by 1 − β₂ᵗ, too.", of="adam_step")
def only_m_corrected(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, eps, correct=(True, False))


@check.mistake("The mean of the gradients is not corrected: divide m by 1 − β₁ᵗ, too.", of="adam_step")
def only_v_corrected(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, eps, correct=(False, True))


@check.mistake("ε is inside the root. Take the root first, then add ε.", of="adam_step")
def eps_inside(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, eps, inside=True)


@check.mistake("ε is missing: where all gradients are 0, this divides 0 by 0.", of="adam_step")
def eps_missing(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, 0.0)


@check.mistake("`eps` is ignored: it is always 1e-7.", of="adam_step")
def eps_fixed(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, 1e-7)


@check.mistake("`t` is one behind: the first update has t = 1. Count up before the correction; with t = 0 it divides by 0.", of="adam_step")
def t_from_zero(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, eps, count=0)


@check.mistake("`t` in the correction is one ahead: the first update has t = 1.", of="adam_step")
def t_ahead(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, eps, count=2)


@check.mistake("The returned `t` has not counted this update.", of="adam_step")
def t_not_returned(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    w, (m, v, t) = adam_of(w, g, state, lr, beta1, beta2, eps)
    return w, (m, v, t - 1)


@check.mistake(
    "The state's arrays are shared: m and v are changed in place, so the caller's state changes with them. Make new arrays.", of="adam_step"
)
def state_shared(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    new = adam_of(w, g, state, lr, beta1, beta2, eps)
    for old, now in zip(state[:2], new[1][:2]):
        if np.ndim(old):
            old[...] = now
    return new


remembered = {}


@check.mistake(
    "m and v are remembered outside of the function, so all weights share one state. Take them from `state` and return them in it.", of="adam_step"
)
def state_outside(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    if state[2] == 0:
        remembered["m, v"] = (0, 0)
    w, new = adam_of(w, g, (*remembered.get("m, v", (0, 0)), state[2]), lr, beta1, beta2, eps)
    remembered["m, v"] = new[:2]
    return w, new


@check.mistake("The given state is ignored: every update is done as if it were the first.", of="adam_step")
def state_ignored(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, (0, 0, 0), lr, beta1, beta2, eps)


@check.mistake("The corrected m and v are put into the state. The state keeps them without the hats.", of="adam_step")
def hats_in_the_state(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, eps, hats_kept=True)


@check.mistake("The gradient is not squared in v.", of="adam_step")
def not_squared(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, eps, square=False)


@check.mistake("The root of v is missing.", of="adam_step")
def root_of_v_missing(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, eps, root=False)


@check.mistake("The factors 1 − β₁ and 1 − β₂ are missing: m and v are means, not sums.", of="adam_step")
def sums_for_means(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, eps, weights=(False, False))


@check.mistake("β₁ and β₂ are swapped.", of="adam_step")
def betas_swapped(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta2, beta1, eps)


@check.mistake("β₁ is used for both means. The squares have β₂.", of="adam_step")
def one_beta(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta1, eps)


@check.mistake("m and v are swapped in the state: it is (m, v, t).", of="adam_step")
def moments_swapped(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    w, (m, v, t) = adam_of(w, g, (state[1], state[0], state[2]), lr, beta1, beta2, eps)
    return w, (v, m, t)


@check.mistake("The step goes up the gradient. Subtract it.", of="adam_step")
def adam_uphill(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, lr, beta1, beta2, eps, sign=1)


@check.mistake("The mean m is not used: the step takes the gradient of the moment.", of="adam_step")
def gradient_for_m(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    _, new = adam_of(w, g, state, lr, beta1, beta2, eps)
    return w - lr * g / (np.sqrt(new[1] / (1 - beta2 ** new[2])) + eps), new


@check.mistake("`lr` is ignored: it is always 0.001.", of="adam_step")
def rate_fixed(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    return adam_of(w, g, state, 1e-3, beta1, beta2, eps)


def near(got, right):
    """Whether (w, (m, v, t)) is the right one: shapes, values and count."""
    (w, (m, v, t)), (W, (M, V, T)) = got, right
    pairs = ((w, W), (m, M), (v, V))
    alike = all(np.shape(a) == np.shape(b) and np.allclose(a, b, 1e-7, 1e-12) for a, b in pairs)
    return bool(alike and t == T)


def either(*args, **kwargs):
    """A condition: the update of the paper or the one of Keras."""

    def condition(f):
        got = f(*args, **kwargs)
        return any(near(got, adam_of(*args, keras=keras, **kwargs)) for keras in (False, True))

    return condition


def in_turn(f):
    """Two weights trained in turn, three updates each, each with its own state."""
    ours, theirs = {}, {}
    for name in "ab":
        ours[name] = theirs[name] = (np.array([1.0, 2.0]), (0, 0, 0))
    for k in range(3):
        for name, scale in (("a", 1.0), ("b", -30.0)):
            g = scale * np.array([1.0 + k, 2.0 - k])
            ours[name] = f(ours[name][0], g, ours[name][1], lr=0.1)
            theirs[name] = adam_of(theirs[name][0], g, theirs[name][1], lr=0.1)
            (w, (m, v, t)), (W, (M, V, T)) = ours[name], theirs[name]
            if not (np.allclose(w, W, 1e-5) and np.allclose(m, M) and np.allclose(v, V) and t == T):
                return f"differs at update {k + 1} of {name}"
    return True


rng = np.random.default_rng(95)
many, steep, moving = rng.normal(size=(3, 4)), rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
check.equal("momentum: the first step of a matrix", many, steep, 0, 0.3, 0.9)
check.equal("momentum: a later step", many, steep, moving, 0.05, 0.7)
check.equal("momentum: numbers", 0.5, -3.0, 0.25, 0.2, 0.5)
check.equal("momentum: whole numbers", np.array([3, -1, 2]), np.array([1, 0, -4]), np.array([2, -2, 1]), 0.5, 0.25)
check.equal("momentum: views that are not contiguous", many[::2, 1:3], steep[::2, 1:3], moving[::2, 1:3], 0.1, 0.9)
check.unchanged("momentum: the arguments stay as they are", many, steep, moving, 0.1, 0.9)
adam = {"of": "adam_step"}
state = (moving, rng.random((3, 4)), 4)
check.that("Adam: the first step of a matrix", either(many, steep, (0, 0, 0)), **adam)
check.that("Adam: a later step", either(many, steep, state, lr=0.3), **adam)
check.that("Adam: other settings", either(many, steep, state, lr=0.1, beta1=0.5, beta2=0.8, eps=1e-3), **adam)
check.that("Adam: small gradients", either(many, 1e-4 * steep, (0, 0, 0), lr=0.1), **adam)
check.that("Adam: gradients as small as ε", either(many, 1e-7 * steep, (1e-7 * moving, 1e-14 * state[1], 6), lr=0.1), **adam)
check.that("Adam: a gradient of 0", either(np.array([1.0, 2.0]), np.zeros(2), (0, 0, 0), lr=0.5), **adam)
check.that("Adam: numbers", either(0.5, -3.0, (0.2, 0.7, 9), lr=0.02), **adam)
check.that("Adam: whole numbers", either(np.array([3, -1]), np.array([1, -4]), (0, 0, 0), lr=0.5), **adam)
check.that("Adam: two weights in turn, each with its own state", in_turn, **adam)
check.unchanged("Adam: the arguments stay as they are", many, steep, state, of="adam_step")
check.report()
### END HIDDEN TESTS

# %% [markdown] name="valley-text"
# **Does it pay off?** First in a valley: the cost is $\frac12 w_1^2 + 15 w_2^2$, thirty times as steep across as along. Plain
# gradient descent is momentum with β = 0. Each method takes the best of a row of learning rates.
#
# **Predict, then run.** After 25 steps, which of the three is lowest?

# %% name="valley"
my_guess = None


def valley(w):
    w = np.asarray(w)
    return 0.5 * w[..., 0] ** 2 + 15 * w[..., 1] ** 2


def roll(method, lr, steps=25):
    w, memory = np.array([-9.0, 2.0]), (0, 0, 0) if method == "Adam" else 0
    path = [w]
    for _ in range(steps):
        g = w * np.array([1.0, 30.0])
        if method == "Adam":
            w, memory = adam_step(w, g, memory, lr=lr)
        else:
            beta = 0.7 if method == "momentum" else 0
            w, memory = momentum_step(w, g, memory, lr, beta)
        path.append(w)
    return np.array(path)

# %% name="valley-map"
print("my guess:", my_guess)
with once_solved():
    paths, grid = {}, (0.01, 0.02, 0.03, 0.06, 0.1, 0.3, 0.6, 1.0, 2.0)
    for method in ("plain", "momentum", "Adam"):
        walks = {lr: roll(method, lr) for lr in grid}
        lr = min(walks, key=lambda lr: valley(walks[lr][-1]))
        paths[method] = walks[lr]
        lowest_cost = valley(walks[lr][-1])
        print(f"{method:9} best learning rate {lr:g}, cost after 25 steps {lowest_cost:.2g}")
    area, lowest_point = ((-10, 4), (-3.5, 3.5)), np.zeros((1, 2))
    plotting.show(plotting.plot_contours(valley, area, paths, minima=lowest_point, log=True))

# %% [markdown] name="adam-text"
# Now on the digits. The library takes *your* function as its optimizer: any `step(w, g)` that returns the new weights, all of
# them in one array. So we only have to keep the state for it.
#
# **Predict, then run.** After 30 epochs, how far apart will the weights be, if one network was trained by your Adam and the
# other by the library's?

# %% name="adam-payoff"
from chainrule.optimizers import Adam

my_guess = None


def my_adam(lr, eps=1e-7):
    """Your adam_step as an optimizer that remembers its state."""
    memory = {"state": (0, 0, 0)}

    def step(w, g):
        w, memory["state"] = adam_step(w, g, memory["state"], lr=lr, eps=eps)
        return w

    return step


def my_momentum(lr, beta=0.9):
    """Your momentum_step as an optimizer that remembers its velocity."""
    memory = {"v": 0}

    def step(w, g):
        w, memory["v"] = momentum_step(w, g, memory["v"], lr, beta)
        return w

    return step

# %% name="adam-trained"
def trained(optimizer, batch_size, epochs, seed):
    layers = [Dense(10, "sigmoid"), Dense(1, "sigmoid")]
    model = Sequential(layers, rng=seed, dtype="float64")
    model.compile(optimizer, loss="binary_crossentropy")
    held = {"validation_data": (X_train, Y_train), "verbose": 0}
    fit = model.fit(X_train, Y_train, epochs=epochs, batch_size=batch_size, **held)
    return model, fit.history["val_loss"]

# %% name="adam-compare"
print("my guess:", my_guess)
with once_solved():
    start, _ = trained(SGD(0.0), 20, 1, 3)
    for eps in (1e-7, 1e-12):
        mine, _ = trained(my_adam(0.01, eps), 20, 30, 3)
        theirs, _ = trained(Adam(0.01, epsilon=eps), 20, 30, 3)
        apart = np.abs(mine.parameters - theirs.parameters).max()
        moved = np.abs(theirs.parameters - start.parameters).max()
        print(f"ε = {eps:.0e}: moved by up to {moved:.1f}, apart by up to {apart:.3f}")

# %% [markdown] name="adam-compare-after"
# With $\varepsilon = 10^{-7}$ it depends on where you put it. The library adds it before the correction, as Keras does. In the
# first update this makes it larger by the factor $1 / \sqrt{1 - \beta_2}$, about 32, and where gradients are tiny, that shows.
# With an $\varepsilon$ that is tiny itself, the two are the same.

# %% [markdown] name="optimizers-text"
# Last question. All 200 images at once, so a pass is an update, and both axes are the same. Plain steps, your momentum with β =
# 0.9 and your Adam, each at the best of its learning rates, five seeds, 150 updates.
#
# **Predict, then run.** How many updates until the cost is below 0.01? With plain steps it took more than a hundred.

# %% name="optimizers"
my_guess = None

candidates = {
    "plain": (lambda lr: my_momentum(lr, beta=0), (0.3, 1.0, 3.0, 10.0)),
    "momentum": (my_momentum, (0.1, 0.3, 1.0, 3.0, 10.0)),
    "Adam": (my_adam, (0.01, 0.03, 0.1, 0.3, 1.0)),
}
print("my guess:", my_guess)
with once_solved():
    runs, needs = {}, {}
    for name, (make, grid) in candidates.items():
        tried = {lr: [trained(make(lr), "full", 150, s)[1] for s in range(5)] for lr in grid}
        counts = {lr: median_below(tried[lr], 0.01, 1) for lr in grid}
        lr = min(grid, key=lambda lr: (counts[lr], np.median(tried[lr], axis=0)[-1]))
        runs[f"{name}, lr {lr:g}"] = tried[lr]
        needs[name] = counts[lr][1]
        print(f"{name:9} best rate {lr:<4g}  below 0.01 after {needs[name]:.0f} updates")
    plotting.show(plotting.plot_runs(runs, log=True, xlabel="updates"))
    print("fewest updates:", min(needs, key=needs.get), "  most:", max(needs, key=needs.get))

# %% [markdown] name="optimizers-after"
# Nothing about the gradients has changed, only what is done with them. The last line says who wins here; the bands say how much
# it depends on the seed. Note how different the best learning rates are. A rate that is good for one method says nothing about
# another.

# %% [markdown] name="summary"
# ## When to take the step
#
# | question | answer | you wrote |
# |---|---|---|
# | Where to start? | random, centered at zero, smaller if a unit has more inputs | `initial_weights` |
# | A step after each example? | many updates, each noisy, few passes; hovers unless the rate falls | `standard_epoch` |
# | A step after all? | few updates, each exact, many passes; slows down in the tail | `accumulated_epoch` |
# | In between? | nearly as few updates, few passes, and fast matrix products: the usual choice | `minibatch_epoch` |
# | All examples, but not at once? | the mean of the parts' gradients, weighted by their rows | `weighted_mean_gradient` |
# | Which is faster? | it depends on what you count: say passes or updates | `first_below` |
# | When to stop? | at a limit, or after several flat epochs in a row | `should_stop` |
# | A better step? | add up the steps, or scale each weight's own | `momentum_step`, `adam_step` |
#
# **What was left out.** All this was measured on one small task. On another one, other learning rates win, and the gaps may be
# wider or narrower; what carries over is how to compare: each method at its own best, several seeds, both axes. We chose the
# learning rates by the cost of the training images, which says nothing about new ones. When to stop so that the network does
# well on images it has *not* seen comes in notebook 8. And a cost with several valleys, where noise can help, comes in notebook 9.
#
# **Where this lives in Keras and PyTorch.**
#
# | here | Keras | PyTorch |
# |---|---|---|
# | `initial_weights(…, "glorot")` | `kernel_initializer="glorot_uniform"`, the default | `torch.nn.init.xavier_uniform_` |
# | standard, mini-batch, accumulated | `fit(batch_size=1)`, `32` (the default), `len(X)` | `DataLoader(batch_size=…, shuffle=True)` |
# | a short last batch | is used | is used, unless `drop_last=True` |
# | `weighted_mean_gradient` | an optimizer's `gradient_accumulation_steps` | `backward()` several times, then `step()` |
# | `should_stop` | `keras.callbacks.EarlyStopping` | you write it |
# | `momentum_step` | `SGD(momentum=0.9)` | `torch.optim.SGD(momentum=0.9)`; the rate is outside of v |
# | `adam_step` | `Adam()`, ε 1e-7, before the correction | `torch.optim.Adam()`, ε 1e-8, after it |
#
# Initial weights: X. Glorot and Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, 2010.
# Adam: D. P. Kingma and J. Ba, *Adam: a method for stochastic optimization*, 2015. The digits: see notebook 1.
