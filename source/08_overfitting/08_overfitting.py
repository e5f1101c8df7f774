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
#   title: Good marks, nothing learned
#   syllabus:
#     minutes: 60
#     needs: "Notebooks 1 and 7."
#     gives: "You tell learning from memorizing, stop at the right moment, hold weights back by a penalty, and report a figure that can be trusted."
# ---

# %% [markdown] name="title"
# # 8 · Good marks, nothing learned
#
# Some students learn the answers to last year's exam by heart. Asked the same questions again, they get full marks. **Have
# they learned anything?** You find out by asking a question they have not seen.
#
# So far we have judged networks by how low they bring the cost. In this notebook you will
#
# 1. see a network get full marks and know nothing,
# 2. set examples aside, and see with them what the cost hides,
# 3. stop training in time, and go back to the best weights,
# 4. punish large weights, and try the other remedies, one each,
# 5. open the last envelope: the test set, once.
#
# Plan for about an hour. As always: guess first, then run.

# %% name="setup"
import numpy as np

from chainrule import plotting
from chainrule_course.checks import Checks, once_solved

# %% [markdown] name="opening-text"
# ## Full marks
#
# Here are handwritten digits, 200 of them in random order. But their labels are nonsense: each image has got the label of the
# image before it. There is nothing to learn, no rule by which an image and its label belong together.

# %% name="opening"
from chainrule import Sequential
from chainrule.datasets import load_digits
from chainrule.layers import Dense
from chainrule.optimizers import Adam

images, digits = load_digits()
shuffled = np.random.default_rng(80).permutation(len(images))
seen, unseen = shuffled[:200], shuffled[200:]
nonsense = np.roll(digits[seen], 1)
plotting.show(plotting.plot_images(images[seen[:16]], labels=nonsense[:16], columns=8))

# %% [markdown] name="opening-fit-text"
# **Predict, then run.** A network with 30 hidden units trains on these 200 images and their nonsense labels. What share of them
# will it get right in the end? Whoever guesses gets 10 percent.

# %% name="opening-fit"
my_guess = None

model = Sequential([Dense(30, "relu"), Dense(10, "softmax")], rng=1)
model.compile(Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
held = {"validation_data": (images[unseen], digits[unseen]), "verbose": 0}
history = model.fit(images[seen], nonsense, epochs=200, **held).history
print("my guess:", my_guess)
print(f"right on the 200 images it was trained on: {history['accuracy'][-1]:.2f}")
print(f"right on new images, with their true labels: {history['val_accuracy'][-1]:.2f}")
plotting.show(plotting.plot_history(history, metrics=["accuracy"]))

# %% [markdown] name="opening-after"
# Good marks, nothing learned. The network has learned its 200 answers by heart. It has 2260 weights for that.
#
# So a low training cost proves nothing. The network may have found the rule, or it may have a good memory. Usually it does a
# bit of both: first the rule, then the accidents of the examples that it happens to get. The second part is called
# **overfitting**. The word for the first is **generalization**: being right on new examples.
#
# ## Wriggling through the noise
#
# In one dimension you can watch it. Twelve points lie on a smooth curve, but every measurement is a little off: noise. We fit
# polynomials. A polynomial of degree 1 is a line. One of degree 11 has twelve coefficients, as many as there are points.
#
# **Predict, then run.** Which degree comes closest to the rings, which were fitted? Which to the triangles, which were not?
# Move the slider.

# %% name="polynomials"
from numpy.polynomial import Polynomial

my_guess = None  # two degrees: for the rings, for the triangles

truth = Polynomial([0, -1, 0, 2])


def measure(x, rng):
    """The smooth curve at x, with noise."""
    return truth(x) + rng.normal(0, 0.25, x.shape)


def off_by(fit, x, y):
    """Root of the mean squared error."""
    return np.sqrt(np.mean((fit(x) - y) ** 2))


rng = np.random.default_rng(4)
x, x_new = np.linspace(-1, 1, 12), rng.uniform(-1, 1, 30)
y, y_new = measure(x, rng), measure(x_new, rng)

# %% name="polynomials-slider"
def fitted(degree=11):
    """Draw the polynomial of this degree and what it is off by."""
    fit = Polynomial.fit(x, y, degree)
    others = {"truth": truth, "validation": (x_new, y_new)}
    ax = plotting.plot_fits(x, y, {f"degree {degree}": fit}, **others)
    ax.set_title(f"off by {off_by(fit, x, y):.2f} at the rings", loc="left")
    ax.set_title(f"off by {off_by(fit, x_new, y_new):.2f} at the triangles", loc="right")
    return ax


print("my guess:", my_guess)
plotting.slide(fitted, degree=(0, 11, 1))

# %% [markdown] name="degrees-text"
# Degree 11 goes through every ring. It follows each accident of the noise, and between the rings it swings out. Were these
# twelve points just unlucky? Take forty sets of twelve, and fit each of them.
#
# **Predict, then run.** Draw two curves on paper: the error on the fitted points and the error on new points, against the
# degree. Where is each of them lowest?

# %% name="degrees"
my_guess = None

degrees = np.arange(11)
errors = {"on the points fitted": [], "on new points": []}
for seed in range(40):
    rng = np.random.default_rng(seed)
    y_set, x_other = measure(x, rng), rng.uniform(-1, 1, 200)
    y_other = measure(x_other, rng)
    fits = [Polynomial.fit(x, y_set, degree) for degree in degrees]
    errors["on the points fitted"].append([off_by(fit, x, y_set) for fit in fits])
    errors["on new points"].append([off_by(fit, x_other, y_other) for fit in fits])
print("my guess:", my_guess)
names = {"xlabel": "degree of the polynomial", "ylabel": "error (root mean square)"}
plotting.show(plotting.plot_runs(errors, x=degrees, **names))
for name, runs in errors.items():
    medians = np.median(runs, axis=0)
    print(f"{name:21} lowest at degree {degrees[medians.argmin()]}")

# %% [markdown] name="degrees-after"
# The error on the fitted points cannot rise with the degree: whatever a polynomial of degree 3 can do, one of degree 4 can do
# as well. The error on new points falls, then rises. To the left the curve is too stiff for the data: **underfitting**. To
# the right it follows the noise: **overfitting**.
#
# ### A network, too
#
# A network has no degree. But it has something like it: the number of epochs. It starts almost as a straight line, and every
# update can bend it a little more.
#
# **Predict, then run.** A network with 40 and 40 units is fitted to the same twelve points. How does its curve look after 100
# epochs, after 300, after 4000?

# %% name="network-fits"
my_guess = None

curve = Sequential([Dense(40, "tanh"), Dense(40, "tanh"), Dense(1)], rng=0)
curve.compile(Adam(0.01), loss="mse")
line, table, done = np.linspace(-1, 1, 201), {}, 0
print("my guess:", my_guess)
for epochs in (100, 300, 4000):
    curve.fit(x[:, None], y, epochs=epochs, initial_epoch=done, batch_size="full", verbose=0)
    done = epochs
    on_line = curve.predict(line[:, None]).ravel()
    fit = lambda places, heights=on_line: np.interp(places, line, heights)
    table[f"{epochs} epochs"] = fit
    print(f"{epochs:4} epochs: off by {off_by(fit, x, y):.2f}", end=" on the points fitted, ")
    print(f"{off_by(fit, x_new, y_new):.2f} on new points")
plotting.show(plotting.plot_fits(x, y, table, truth=truth, validation=(x_new, y_new)))

# %% [markdown] name="network-fits-after"
# The longer it trains, the closer it comes to the rings. At the triangles it gets worse. And nothing in the training cost tells
# you when that began.
#
# ## Three piles
#
# The cure starts with a simple rule: **never judge a network by the examples it was trained on.** Set some aside. In fact, set two
# piles aside:
#
# - the **training set**: from these the weights are learned,
# - the **validation set**: with these you choose, for example when to stop, or how many units to take,
# - the **test set**: with these you judge, once, at the very end. Why the validation set will not do for that, you will see then.
#
# How to split? Here is a pile of images that somebody has kindly sorted by digit. The first 40 percent become the training set.
#
# **Predict, then run.** What share of the remaining images will the network get right?

# %% name="sorted-pile"
my_guess = None

kindly_sorted = np.argsort(digits, kind="stable")
cut = int(0.4 * len(digits))
first, rest = kindly_sorted[:cut], kindly_sorted[cut:]
model = Sequential([Dense(30, "relu"), Dense(10, "softmax")], rng=1)
model.compile(Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(images[first], digits[first], epochs=20, verbose=0)
_, right = model.evaluate(images[rest], digits[rest])
print("my guess:", my_guess)
print("digits in the training set:", np.unique(digits[first]))
print(f"right on the images set aside: {right:.2f}")

# %% [markdown] name="split-text"
# It has never seen a nine. The piles must be drawn **at random**.
#
# ### Exercise: `split`
#
# Write `split(m, fractions, rng)`. It deals the rows 0, 1, …, m − 1 to several piles.
#
# - `m` is the number of rows, an integer, at least 1,
# - `fractions` is a tuple or list of positive numbers whose sum is 1 (up to rounding): the share of each pile. There may be two,
#   three or more,
# - `rng` is a generator from `np.random.default_rng`. All randomness must come from it: equal seeds give equal piles.
#
# Return a list with an array of integers for each pile, in the order of `fractions`: the numbers of its rows.
#
# - Every row is in exactly one pile.
# - The size of a pile differs by at most 1 from `m` times its fraction. (Rounding must not lose rows, and must not pile up.)
# - The rows are shuffled: a pile holds rows from everywhere, in random order.
#
# As in every notebook: use Python and NumPy, not the functions of `chainrule`.
#
# <details><summary>Hint 1</summary>Shuffle first, then cut. <code>rng.permutation(m)</code> gives all rows in random
# order.</details>
# <details><summary>Hint 2</summary>Don't round the sizes. Round the places where you cut:
# <code>np.cumsum(fractions) * m</code> tells where each pile ends.</details>
# <details><summary>Hint 3</summary><code>np.split(order, [5, 8])</code> cuts before the positions 5 and 8, into three
# parts. The cuts must be integers, and the end of the last pile is no cut.</details>

# %% nbgrader={"grade": false, "grade_id": "split", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split(m, fractions, rng):
    """Deal the rows 0 to m - 1 to piles, at random."""
    ### BEGIN SOLUTION
    ends = np.round(np.cumsum(fractions) * m).astype(int)
    return np.split(rng.permutation(m), ends[:-1])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "split-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("split", points=1)


def of_ten(split):
    piles = split(10, (0.5, 0.3, 0.2), np.random.default_rng(1))
    sizes = [len(pile) for pile in piles]
    rows = sorted(int(row) for pile in piles for row in pile)
    near = len(sizes) == 3 and np.allclose(sizes, [5, 3, 2], atol=1)
    return near and rows == list(range(10))


def of_nine(split):
    piles = split(9, [0.15, 0.15, 0.15, 0.55], np.random.default_rng(2))
    return sorted(int(row) for pile in piles for row in pile) == list(range(9))


def in_random_order(split):
    piles = split(40, (0.5, 0.5), np.random.default_rng(3))
    return all(np.any(np.diff(pile) < 0) and np.ptp(pile) >= 25 for pile in piles)


check.that("10 rows in piles of about 5, 3 and 2, each row once", of_ten)
check.that("9 rows in four piles, none lost", of_nine)
check.that("40 rows, shuffled", in_random_order)
check.report()

# %% nbgrader={"grade": true, "grade_id": "split-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks split here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("split", points=3, hidden=True)


def ends_of(m, fractions):
    return np.round(np.cumsum(fractions) * m).astype(int)


def deal(order, fractions):
    return np.split(order, ends_of(len(order), fractions)[:-1])


def floors(m, fractions):
    return [int(m * fraction + 1e-9) for fraction in fractions]


check.reference(lambda m, fractions, rng: deal(rng.permutation(m), fractions))


@check.mistake("The rows are not shuffled: the first pile gets the first rows. Cut `rng.permutation(m)`.")
def not_shuffled(m, fractions, rng):
    return deal(np.arange(m), fractions)


@check.mistake("Each pile is sorted. Its rows should be in random order.")
def sorted_piles(m, fractions, rng):
    return [np.sort(pile) for pile in deal(rng.permutation(m), fractions)]


@check.mistake("The rows are cut first and shuffled afterward, so the first pile still gets the first rows. Shuffle, then cut.")
def cut_then_shuffled(m, fractions, rng):
    return [rng.permutation(pile) for pile in deal(np.arange(m), fractions)]


@check.mistake("Each pile is drawn from all rows, so piles share rows. Shuffle once and cut.")
def drawn_apart(m, fractions, rng):
    return [rng.permutation(m)[: len(pile)] for pile in deal(np.arange(m), fractions)]


@check.mistake("Rows are drawn with repetition, as `rng.integers` or `rng.choice` do: some come twice, others never.")
def with_repetition(m, fractions, rng):
    return [rng.integers(0, m, size=len(pile)) for pile in deal(np.arange(m), fractions)]


@check.mistake("Neighboring piles overlap: each starts at the last row of the one before.")
def overlap_by_one(m, fractions, rng):
    order, ends = rng.permutation(m), ends_of(m, fractions)
    starts = [0, *(max(end - 1, 0) for end in ends[:-1])]
    return [order[start:end] for start, end in zip(starts, ends)]


@check.mistake("A row is lost at each cut: the next pile starts where the last one ended, not one later.")
def gap_of_one(m, fractions, rng):
    order, ends = rng.permutation(m), ends_of(m, fractions)
    starts = [0, *(end + 1 for end in ends[:-1])]
    return [order[start:end] for start, end in zip(starts, ends)]


@check.mistake("Every size is rounded down, and the rows left over are lost. Round where you cut, not how large the piles are.")
def rounded_down(m, fractions, rng):
    order, ends = rng.permutation(m), np.cumsum(floors(m, fractions))
    return np.split(order[: ends[-1]], ends[:-1])


@check.mistake("Every size is rounded by itself, so the sizes don't add up to m: rows are lost. Round where you cut.")
def rounded_each(m, fractions, rng):
    order, ends = rng.permutation(m), np.cumsum([round(m * fraction) for fraction in fractions])
    return np.split(order[: ends[-1]], ends[:-1])


@check.mistake("All the rows that rounding leaves over go to the last pile, which gets too large. Round where you cut.")
def rest_to_the_last(m, fractions, rng):
    return np.split(rng.permutation(m), np.cumsum(floors(m, fractions))[:-1])


@check.mistake("All the rows that rounding leaves over go to the first pile, which gets too large. Round where you cut.")
def rest_to_the_first(m, fractions, rng):
    sizes = floors(m, fractions)
    sizes[0] += m - sum(sizes)
    return np.split(rng.permutation(m), np.cumsum(sizes)[:-1])


@check.mistake("All piles are of the same size: `fractions` is ignored.")
def equal_piles(m, fractions, rng):
    return np.array_split(rng.permutation(m), len(fractions))


@check.mistake("The piles come in the wrong order: the first fraction belongs to the first pile.")
def reversed_fractions(m, fractions, rng):
    return deal(rng.permutation(m), list(fractions)[::-1])


@check.mistake("There is an empty pile too many at the end: m itself is no cut. Leave the last end out.")
def empty_pile_at_the_end(m, fractions, rng):
    return np.split(rng.permutation(m), ends_of(m, fractions))


@check.mistake("The last pile is missing.")
def last_pile_missing(m, fractions, rng):
    return deal(rng.permutation(m), fractions)[:-1]


@check.mistake("`np.split` got the sizes. It wants the places of the cuts: add the sizes up with `np.cumsum`.")
def sizes_as_cuts(m, fractions, rng):
    return np.split(rng.permutation(m), floors(m, fractions)[:-1])


@check.mistake("These are masks of True and False. Return the numbers of the rows.")
def masks(m, fractions, rng):
    return [np.isin(np.arange(m), pile) for pile in deal(rng.permutation(m), fractions)]


@check.mistake("The row numbers are floats, so they can't pick rows. They must be integers.")
def float_rows(m, fractions, rng):
    return [pile.astype(float) for pile in deal(rng.permutation(m), fractions)]


@check.mistake("These are the sizes of the piles. Return the numbers of their rows.")
def sizes_only(m, fractions, rng):
    return [len(pile) for pile in deal(rng.permutation(m), fractions)]


@check.mistake("Rows are counted from 1. The first row is 0, the last is m - 1.")
def from_one(m, fractions, rng):
    return [pile + 1 for pile in deal(rng.permutation(m), fractions)]


@check.mistake("Equal seeds give different piles: draw from the `rng` that is given, not from `np.random.…` or from a new generator.", compared=False)
def global_shuffle(m, fractions, rng):
    return deal(np.random.permutation(m), fractions)


@check.mistake("Different seeds give the same piles: a generator of your own is used. Draw from the `rng` that is given.", compared=False)
def own_seed(m, fractions, rng):
    return deal(np.random.default_rng(42).permutation(m), fractions)


def dealt(m, fractions, seed):
    """A condition: as many piles as fractions, of the right sizes, and each row once."""

    def condition(f):
        piles = f(m, fractions, np.random.default_rng(seed))
        if not isinstance(piles, list | tuple) or len(piles) != len(fractions):
            return f"there are not {len(fractions)} piles"
        if not all(isinstance(pile, np.ndarray) and pile.ndim == 1 and pile.dtype.kind in "iu" for pile in piles):
            return "a pile is not a flat array of integers"
        rows = np.concatenate(piles)
        if len(np.unique(rows)) < len(rows):
            return "a row comes twice"
        if not np.array_equal(np.sort(rows), np.arange(m)):
            return "rows are missing, or there are some that do not exist"
        far = [len(pile) for pile, fraction in zip(piles, fractions) if abs(len(pile) - m * fraction) > 1 + 1e-9]
        return f"a pile of {far[0]} rows is too small or too large" if far else True

    return condition


def mixed(m, fractions, seed):
    """A condition: no pile is in order, and none comes from one stretch of the rows."""

    def condition(f):
        piles = f(m, fractions, np.random.default_rng(seed))
        if any(np.all(np.diff(pile) > 0) for pile in piles):
            return "a pile is in ascending order"
        return all(np.ptp(pile) > m / 2 for pile in piles) or "a pile comes from one stretch of the rows"

    return condition


def from_the_generator(f):
    """Equal seeds give equal piles, other seeds others."""
    first, again, other = (f(50, (0.6, 0.4), np.random.default_rng(seed)) for seed in (1, 1, 2))
    if any(np.ndim(pile) != 1 for pile in [*first, *again, *other]):
        return "a pile is not a flat array"
    if not all(map(np.array_equal, first, again)):
        return check.made("global_shuffle", "two generators with the same seed give different piles", alone=True)
    if np.all(np.diff(first[0]) > 0):
        return "a pile is in ascending order"
    same = np.array_equal(first[0], other[0])
    return check.made("own_seed", "two generators with different seeds give the same piles") if same else True


check.that("60, 20 and 20 percent of 50 rows", dealt(50, (0.6, 0.2, 0.2), 83))
check.that("two piles, the second one larger", dealt(30, (0.3, 0.7), 84))
check.that("11 rows in quarters", dealt(11, (0.25, 0.25, 0.25, 0.25), 85))
check.that("27 rows in sevenths", dealt(27, [1 / 7] * 7, 86))
check.that("35 rows in tenths and one half", dealt(35, [0.1, 0.1, 0.1, 0.1, 0.1, 0.5], 87))
check.that("fractions whose sum is not exactly 1", dealt(10, (0.1, 0.2, 0.7), 88))
check.that("a single pile", dealt(9, (1.0,), 89))
check.that("more piles than rows", dealt(2, (0.2, 0.3, 0.3, 0.2), 90))
check.that("one row", dealt(1, (0.5, 0.5), 91))
check.that("many rows", dealt(10_007, (0.8, 0.1, 0.1), 92))
check.that("shuffled", mixed(90, (0.4, 0.4, 0.2), 93))
check.that("all randomness from the generator", from_the_generator)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="pile-text"
# ## A careless clerk
#
# For the rest of this notebook we need a task with noise, like the polynomials had. Real labels have it: people wrote them. Our
# clerk was careless. For one image in five, he wrote down some digit or other. And images are scarce: a pile of 800.

# %% name="pile"
order = np.random.default_rng(81).permutation(len(images))
X, Y = images[order], digits[order]
rng = np.random.default_rng(82)
slips = rng.random(len(Y)) < 0.2
Y[slips] = rng.integers(0, 10, slips.sum())
X_pile, Y_pile, X_more, Y_more = X[:800], Y[:800], X[800:], Y[800:]
print(f"labels that are wrong: {np.mean(Y != digits[order]):.2f}")
plotting.show(plotting.plot_images(X_pile[:16], labels=Y_pile[:16], columns=8))

# %% [markdown] name="split-payoff-text"
# **Does it pay off?** Deal the pile with *your* `split`, 30 percent to train on, 35 to choose, 35 to judge, and train the library's
# network. (Such a small training set is unusual. Here it makes the effects large.)
#
# **Predict, then run.** 80 epochs. What share is right in the training set, what share in the validation set?

# %% name="split-payoff"
my_guess = None

print("my guess:", my_guess)
with once_solved():
    to_train, to_choose, to_judge = split(800, (0.3, 0.35, 0.35), np.random.default_rng(83))
    print("sizes:", len(to_train), len(to_choose), len(to_judge))
    model = Sequential([Dense(30, "relu"), Dense(10, "softmax")], rng=1)
    model.compile(Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X_pile[to_train], Y_pile[to_train], epochs=80, verbose=0)
    for name, rows in (("training", to_train), ("validation", to_choose)):
        _, right = model.evaluate(X_pile[rows], Y_pile[rows])
        print(f"right in the {name} set: {right:.2f}")

# %% [markdown] name="curves-text"
# The pile to judge by stays closed. From here on we all use the same three piles, so that your numbers are those of this text.
# The function `learn` trains the network and returns it with its history. A small detail: the history has the plain cost of the
# examples as `cost` and `val_cost`, even where we add penalties later.

# %% name="learn"
from chainrule.datasets import train_validation_test_split
from chainrule.layers import Dropout
from chainrule.losses import SparseCategoricalCrossentropy

piles = train_validation_test_split(
    X_pile, Y_pile, (0.3, 0.35, 0.35), rng=np.random.default_rng(84)
)
(X_train, Y_train), (X_val, Y_val), (X_test, Y_test) = piles


def learn(seed, units=30, penalty=None, drop=0, data=(X_train, Y_train), epochs=80, **fit):
    """Train 64 inputs - ReLUs - ten outputs with Adam; return the model and its history."""
    layers = [Dense(units, "relu", kernel_regularizer=penalty)]
    if drop:
        layers.append(Dropout(drop))
    layers.append(Dense(10, "softmax", kernel_regularizer=penalty))
    model = Sequential(layers, rng=seed)
    cost = SparseCategoricalCrossentropy(name="cost")
    rate = fit.pop("rate", 0.01)
    model.compile(Adam(rate), "sparse_categorical_crossentropy", metrics=[cost, "accuracy"])
    held = {"validation_data": (X_val, Y_val), "verbose": 0}
    return model, model.fit(*data, epochs=epochs, **held, **fit).history

# %% [markdown] name="curves-predict"
# How low can the cost get on *new* images? Suppose you know every digit for certain. You still can't foresee the clerk's slips.
# The best you can say is: this is a 3 with probability 0.82 (he was careful, or he slipped and hit the 3 by luck), and each other
# digit has 0.02. The cost of that is the entropy of these ten numbers (notebook 2), in nats. Nobody does better on new images,
# except by luck.
#
# **Predict, then run.** The cost on the training images and on the validation images, epoch by epoch: draw both on paper, and the
# line of the best possible.

# %% name="curves"
my_guess = None  # after which epoch is the validation cost lowest?

chances = np.array([0.82] + [0.02] * 9)
best_possible = -np.sum(chances * np.log(chances))
_, history = learn(0)
costs = {"cost": history["cost"], "val_cost": history["val_cost"]}
ax = plotting.plot_history(costs, metrics=["cost"], mark_best=True)
ax.axhline(best_possible, color="#6b6b6b", linewidth=1)
ax.text(81, best_possible + 0.03, "best possible on new images", ha="right", fontsize=9)
plotting.describe(ax, f"A line at {best_possible:.2f} marks the best possible on new images.")
print("my guess:", my_guess)
plotting.show(ax)
lowest = [np.argmin(learn(seed)[1]["val_cost"]) + 1 for seed in range(5)]
print("lowest validation cost with five seeds: after epochs", *sorted(lowest))

# %% [markdown] name="curves-after"
# At first both curves fall together: what helps with the one pile helps with the other. Then they part. The training cost goes
# down below the line of the best possible. Ask yourself what that means: on these images the network does better than somebody
# who knows every digit. It must have learned the slips by heart. Meanwhile the validation cost rises.
#
# These two curves are the first thing to look at when something is wrong with a network.
#
# | training cost | validation cost | it is called | what to do |
# |---|---|---|---|
# | high | high | underfitting | train longer, or take a larger network |
# | low | much higher | overfitting | this notebook |
# | low | about as low | good | leave it |

# %% [markdown] name="diagnose-text"
# ### Exercise: `diagnose`
#
# Write `diagnose(train, val, target, gap)`. All four are numbers: the training cost, the validation cost, the cost we would like to
# have, and how much worse the validation may be.
#
# Return one of three strings. Go through the rules in this order; the first that fits decides:
#
# 1. `"underfit"` if `train` is above `target`,
# 2. `"overfit"` if `val` is above `train` by more than `gap`,
# 3. `"good"` otherwise.
#
# *Above* and *more than* are strict: equal is not above.
#
# <details><summary>Hint 1</summary>The first <code>return</code> that is reached ends the function. So the order of the
# <code>if</code>s is the order of the rules.</details>
# <details><summary>Hint 2</summary>How much worse the validation is: <code>val - train</code>. If the validation is better, that
# is negative, and nothing is wrong.</details>

# %% nbgrader={"grade": false, "grade_id": "diagnose", "locked": false, "schema_version": 3, "solution": true, "task": false}
def diagnose(train, val, target, gap):
    """Name what two costs tell: "underfit", "overfit" or "good"."""
    ### BEGIN SOLUTION
    if train > target:
        return "underfit"
    if val - train > gap:
        return "overfit"
    return "good"
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "diagnose-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("diagnose", points=1)
check.equal("costs 2.5 and 2.75, target 1", 2.5, 2.75, 1, 0.5, expected="underfit")
check.equal("costs 0.25 and 1.75, target 1", 0.25, 1.75, 1, 0.5, expected="overfit")
check.equal("costs 0.75 and 1, target 1", 0.75, 1.0, 1, 0.5, expected="good")
check.equal("costs 0.75 and 0.125: new images are easier", 0.75, 0.125, 1, 0.5, expected="good")
check.equal("costs 2 and 4: the first rule decides", 2.0, 4.0, 1, 0.5, expected="underfit")
check.equal("costs 1 and 1.5: equal is not above", 1.0, 1.5, 1, 0.5, expected="good")
check.report()

# %% nbgrader={"grade": true, "grade_id": "diagnose-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks diagnose here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("diagnose", points=2, hidden=True)


def verdict(under, over):
    return "underfit" if under else "overfit" if over else "good"


check.reference(lambda train, val, target, gap: verdict(train > target, val - train > gap))


@check.mistake("Only the gap is looked at. If the training cost is above the target, it is underfitting.")
def only_the_gap(train, val, target, gap):
    return verdict(False, val - train > gap)


@check.mistake("Only the level is looked at. If the validation cost is far above the training cost, it is overfitting.")
def only_the_level(train, val, target, gap):
    return verdict(train > target, False)


@check.mistake("The rules are in the wrong order: whether the training cost reaches the target comes first.")
def gap_first(train, val, target, gap):
    over = val - train > gap
    return verdict(train > target and not over, over)


@check.mistake("It is the training cost that must reach the target, not the validation cost.")
def validation_against_target(train, val, target, gap):
    return verdict(val > target, val - train > gap)


@check.mistake("The validation cost is compared with the target plus the gap. Compare it with the training cost.")
def gap_above_target(train, val, target, gap):
    return verdict(train > target, val - target > gap)


@check.mistake("The gap has the wrong sign: it is `val - train`.")
def gap_upside_down(train, val, target, gap):
    return verdict(train > target, train - val > gap)


@check.mistake("A validation cost that is far *below* the training cost is called overfitting, because the sign of the gap is lost.")
def absolute_gap(train, val, target, gap):
    return verdict(train > target, abs(val - train) > gap)


@check.mistake("A training cost equal to the target is called underfitting. Above is strict: `>`.")
def target_not_strict(train, val, target, gap):
    return verdict(train >= target, val - train > gap)


@check.mistake("A gap of exactly `gap` is called overfitting. More than is strict: `>`.")
def gap_not_strict(train, val, target, gap):
    return verdict(train > target, val - train >= gap)


@check.mistake("The costs are taken for accuracies: a training cost *below* the target is called underfitting.")
def accuracies(train, val, target, gap):
    return verdict(train < target, val - train > gap)


@check.mistake("The gap is taken as a share of the training cost. It is a plain difference: `val - train`.")
def relative_gap(train, val, target, gap):
    return verdict(train > target, val > train * (1 + gap))


@check.mistake("The quotient of the costs is compared with `gap`. Compare their difference.")
def quotient(train, val, target, gap):
    return verdict(train > target, val > gap * train)


@check.mistake("It is called overfitting only if the validation cost is above the target, too. The gap alone decides.")
def both_needed(train, val, target, gap):
    return verdict(train > target, val - train > gap and val > target)


@check.mistake("It is called underfitting only if the validation cost is above the target, too. The training cost alone decides.")
def both_above(train, val, target, gap):
    return verdict(train > target and val > target, val - train > gap)


@check.mistake("The words are spelled otherwise. Return exactly \"underfit\", \"overfit\" or \"good\".")
def other_words(train, val, target, gap):
    words = {"underfit": "underfitting", "overfit": "overfitting", "good": "good"}
    return words[verdict(train > target, val - train > gap)]


@check.mistake("The words are capitalized. Return exactly \"underfit\", \"overfit\" or \"good\".")
def capitalized(train, val, target, gap):
    return verdict(train > target, val - train > gap).capitalize()


@check.mistake("\"underfit\" and \"overfit\" are swapped.")
def words_swapped(train, val, target, gap):
    words = {"underfit": "overfit", "overfit": "underfit", "good": "good"}
    return words[verdict(train > target, val - train > gap)]


check.equal("both far above the target", 5.0, 5.25, 2.0, 0.5)
check.equal("above the target, and a gap as well", 3.0, 9.0, 2.0, 0.5)
check.equal("above the target, validation below it", 2.5, 1.5, 2.0, 0.25)
check.equal("above the target, validation better by more than the gap", 4.0, 2.5, 2.0, 0.5)
check.equal("reached, and a large gap", 0.5, 4.0, 2.0, 1.0)
check.equal("reached, a gap, both below the target", 0.25, 1.75, 2.0, 1.0)
check.equal("reached, a gap, validation a little above the target", 0.5, 2.25, 2.0, 1.0)
check.equal("reached, no gap", 1.5, 1.75, 2.0, 0.5)
check.equal("reached, validation above the target but near", 1.75, 2.125, 2.0, 0.5)
check.equal("reached, validation far better", 1.5, 0.25, 2.0, 0.5)
check.equal("training exactly at the target", 2.0, 2.25, 2.0, 0.5)
check.equal("exactly the gap", 1.0, 1.5, 2.0, 0.5)
check.equal("training exactly at the target, exactly the gap", 2.0, 2.5, 2.0, 0.5)
check.equal("a gap of 0, equal costs", 1.0, 1.0, 2.0, 0)
check.equal("a gap of 0, validation a little worse", 1.0, 1.001, 2.0, 0)
check.equal("a small cost, a gap of many times its size", 0.001, 0.05, 0.5, 0.1)
check.equal("a large cost, a gap that is small beside it", 100.0, 103.0, 200.0, 2.0)
check.equal("whole numbers", 3, 9, 4, 5)
check.equal("NumPy numbers", np.float64(0.5), np.float64(0.75), 1.0, 0.5)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="diagnose-payoff-text"
# **Does it pay off?** Let it look at the network of the two curves after every epoch. We would like a training cost of 1.1 and allow
# a gap of 0.4.
#
# **Predict, then run.** In which order will the three words come?

# %% name="diagnose-payoff"
my_guess = None

print("my guess:", my_guess)
with once_solved():
    words = [diagnose(*pair, 1.1, 0.4) for pair in zip(history["cost"], history["val_cost"])]
    changes = [0] + [k for k in range(1, 80) if words[k] != words[k - 1]] + [80]
    for begin, end in zip(changes[:-1], changes[1:]):
        print(f"epochs {begin + 1:2} to {end:2}: {words[begin]}")

# %% [markdown] name="stopping-text"
# ## Remedy 1: stop in time
#
# The simplest remedy needs no new formula. Watch the validation cost; when it rises, stop. This is called **early stopping**. But a
# cost that is measured on a few hundred images trembles. The smaller the batches of the training, the more (notebook 7). Here they
# have four images.
#
# **Predict, then run.** If you stop as soon as the validation cost is not lower than before, where do you end?

# %% name="noisy-curve"
my_guess = None

small_batches = {"batch_size": 4, "rate": 0.003, "epochs": 40}
_, trembling = learn(1, **small_batches)
val_curve = trembling["val_cost"]
axes = {"xlabel": "epoch, from 0", "ylabel": "validation cost"}
plotting.show(plotting.plot_curves(np.arange(40), {"validation": val_curve}, **axes))
first_rise = next(k for k in range(1, 40) if val_curve[k] >= val_curve[k - 1])
print("my guess:", my_guess)
print(f"first rise: in epoch {first_rise}, cost {val_curve[first_rise]:.3f}")
print(f"lowest:     in epoch {np.argmin(val_curve)}, cost {min(val_curve):.3f}")

# %% [markdown] name="early-stop-text"
# (Epochs count from 0 here, as in Keras' callbacks. The seed is one at which the trembling shows well; others follow.)
#
# So have some patience: stop when the cost has not got better for several epochs in a row. That is the rule of Keras'
# `EarlyStopping`.
#
# ### Exercise: `early_stop`
#
# Write `early_stop(val_losses, patience, min_delta=0)`. It looks back at a training and says where it should have stopped.
#
# - `val_losses` is a list or array: the validation cost after epoch 0, after epoch 1, and so on. There is at least one.
# - `patience` is an integer, at least 1; `min_delta` is a number, at least 0.
#
# Go through the epochs in order and remember the best cost so far.
#
# - An epoch is **better** if its cost is *below the best so far by more than* `min_delta`: `cost < best - min_delta`. Then, and
#   only then, its cost becomes the new best. The first epoch that has a number is always better. NaN never is.
# - Training **stops** at the epoch that is the `patience`-th *in a row* that was not better. An epoch with NaN is one of these, too.
#
# Return the pair `(stop_epoch, best_epoch)`, two integers, counted from 0: the epoch at which training stops, and the epoch with
# the best cost in the sense above. If it never stops, `stop_epoch` is the last epoch. What comes after the stop has no influence.
# (No list here starts with `patience` or more NaNs.)
#
# <details><summary>Hint 1</summary>Keep three things: the best cost, its epoch, and how many epochs you have waited. Start with
# <code>best = np.inf</code>.</details>
# <details><summary>Hint 2</summary>Better: remember the cost and the epoch, and wait from 0 again. Not better: wait one more, and
# return if that is <code>patience</code>.</details>
# <details><summary>Hint 3</summary>A comparison with NaN is False. So write the test for <em>better</em> with <code>&lt;</code>,
# and NaN falls into <code>else</code> by itself.</details>

# %% nbgrader={"grade": false, "grade_id": "early_stop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def early_stop(val_losses, patience, min_delta=0):
    """Epoch at which training stops, and epoch with the best cost."""
    ### BEGIN SOLUTION
    best, best_epoch, waited = np.inf, 0, 0
    for epoch, cost in enumerate(val_losses):
        if cost < best - min_delta:
            best, best_epoch, waited = cost, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "early_stop-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("early_stop", points=1)
costs = [4.0, 3.0, 3.5, 2.0, 2.5, 2.25, 3.0, 1.0]
check.equal("patience 1: stops at the first that is not better", costs, 1, expected=(2, 1))
check.equal("patience 3: three in a row", costs, 3, expected=(6, 3))
check.equal("patience 5: never, so the last epoch", costs, 5, expected=(7, 7))
check.equal("a tie is not better", [3.0, 2.0, 2.0, 2.0, 1.0], 2, expected=(3, 1))
slow = np.array([0.8, 0.76, 0.72, 0.68, 0.7])
check.equal("falls of less than min_delta", slow, 2, 0.11, expected=(2, 0))
check.equal("falls that are enough together", slow, 3, 0.11, expected=(4, 3))
check.equal("NaN is not better", [2.0, np.nan, 1.5, np.nan, np.nan], 2, expected=(4, 2))
check.report()

# %% nbgrader={"grade": true, "grade_id": "early_stop-hidden", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks early_stop here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("early_stop", points=4, hidden=True)


def is_better(cost, best, min_delta):
    return cost < best - min_delta


def watched(val_losses, patience, min_delta, better=is_better, late=0, reset=True, creeping=False, skip_nan=False):
    """The right rule; each option makes one of the mistakes below."""
    best, best_epoch, waited = np.inf, 0, 0
    for epoch, cost in enumerate(val_losses):
        if better(cost, best, min_delta):
            best, best_epoch = cost, epoch
            waited = 0 if reset else waited
        elif not (skip_nan and np.isnan(cost)):
            waited += 1
            if creeping and cost < best:
                best = cost
            if waited >= patience + late:
                return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


check.reference(lambda val_losses, patience, min_delta=0: watched(val_losses, patience, min_delta))


@check.mistake("It stops at the first epoch that is not better: `patience` is ignored.")
def first_rise_stops(val_losses, patience, min_delta=0):
    return watched(val_losses, 1, min_delta)


@check.mistake("Each cost is compared with the one before. Compare it with the best so far.")
def with_the_one_before(val_losses, patience, min_delta=0):
    previous, best_epoch, waited = np.inf, 0, 0
    for epoch, cost in enumerate(val_losses):
        if cost < previous - min_delta:
            best_epoch, waited = epoch, 0
        else:
            waited += 1
            if waited == patience:
                return epoch, best_epoch
        previous = cost
    return len(val_losses) - 1, best_epoch


@check.mistake("`best_epoch` is the epoch of the stop. It is the one with the best cost.")
def best_is_last(val_losses, patience, min_delta=0):
    stop, _ = watched(val_losses, patience, min_delta)
    return stop, stop


@check.mistake("`best_epoch` is always `patience` epochs before the stop. If training never stops, that is not where the best was.")
def best_by_counting_back(val_losses, patience, min_delta=0):
    stop, _ = watched(val_losses, patience, min_delta)
    return stop, max(stop - patience, 0)


@check.mistake("The epochs without improvement need not be in a row: waiting never starts again from 0 after a better one.")
def not_in_a_row(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, min_delta, reset=False)


@check.mistake("A fall of exactly `min_delta` counts as better; with `min_delta=0` that is a tie. More is asked for: `<`, not `<=`.")
def ties_are_better(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, min_delta, better=lambda cost, best, d: cost <= best - d)


@check.mistake("NaN counts as better, because the test is turned round: `not cost >= best` is True for NaN. Test `cost < best`.")
def nan_is_better(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, min_delta, better=lambda cost, best, d: not cost >= best - d)


@check.mistake("A NaN at the start becomes the best, and then nothing is ever below it. Start with `best = np.inf`.")
def nan_at_the_start(val_losses, patience, min_delta=0):
    if np.isnan(val_losses[0]):
        return watched(np.full(len(val_losses), np.nan), patience + 1, min_delta)
    return watched(val_losses, patience, min_delta)


@check.mistake("Epochs with NaN are skipped. They are not better, so they count as waiting.")
def nan_skipped(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, min_delta, skip_nan=True)


@check.mistake("NaN stops the training at once. It is an epoch that was not better, no more.")
def nan_stops(val_losses, patience, min_delta=0):
    found = np.flatnonzero(np.isnan(val_losses))
    stop, best = watched(val_losses, patience, min_delta)
    if len(found) and found[0] < stop:
        return int(found[0]), watched(val_losses[: found[0] + 1], patience, min_delta)[1]
    return stop, best


@check.mistake("It stops one epoch too late: `patience` epochs without improvement are enough.")
def one_too_late(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, min_delta, late=1)


@check.mistake("It stops one epoch too early.")
def one_too_early(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, min_delta, late=-1)


@check.mistake("`min_delta` is ignored.")
def delta_ignored(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, 0)


@check.mistake("`min_delta` has the wrong sign: costs a little *above* the best count as better.")
def delta_added(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, -min_delta)


@check.mistake("`min_delta` is taken as a share of the best. It is a plain difference of costs.")
def delta_relative(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, min_delta, better=lambda cost, best, d: cost < best * (1 - d))


@check.mistake("A fall by less than `min_delta` moves the best, so many small falls in a row never count. The best changes only if the epoch is better.")
def best_creeps(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, min_delta, creeping=True)


@check.mistake("`best_epoch` is the lowest of all costs, even of those after the stop. Training has not seen these.")
def looks_ahead(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, min_delta)[0], int(np.nanargmin(val_losses))


@check.mistake("`best_epoch` is the lowest cost up to the stop, even if it was not lower by more than `min_delta`.")
def lowest_up_to_the_stop(val_losses, patience, min_delta=0):
    stop, _ = watched(val_losses, patience, min_delta)
    return stop, int(np.nanargmin(val_losses[: stop + 1]))


@check.mistake("If training never stops, this returns the number of epochs. The last epoch has one less: they count from 0.")
def one_beyond_the_end(val_losses, patience, min_delta=0):
    waits = watched([*val_losses, np.inf], patience, min_delta)
    plain = watched(val_losses, patience, min_delta)
    return (len(val_losses), plain[1]) if waits[0] == len(val_losses) else plain


@check.mistake("If training never stops, nothing is returned. Return the last epoch and the best one.")
def none_if_never(val_losses, patience, min_delta=0):
    longer = watched([*val_losses, *[np.inf] * patience], patience, min_delta)
    return None if longer[0] >= len(val_losses) else longer


@check.mistake("Epochs are counted from 1. The first is 0.")
def epochs_from_one(val_losses, patience, min_delta=0):
    stop, best = watched(val_losses, patience, min_delta)
    return stop + 1, best + 1


@check.mistake("The two numbers are swapped: the epoch of the stop comes first.")
def pair_swapped(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, min_delta)[::-1]


@check.mistake("The second number is the best cost. Return its epoch.")
def cost_for_epoch(val_losses, patience, min_delta=0):
    stop, best = watched(val_losses, patience, min_delta)
    return stop, float(val_losses[best])


@check.mistake("Higher counts as better. That is right for an accuracy; these are costs.")
def higher_is_better(val_losses, patience, min_delta=0):
    return watched(-np.asarray(val_losses), patience, min_delta)


@check.mistake("Only the epoch of the stop is returned. Return the pair (stop_epoch, best_epoch).")
def stop_only(val_losses, patience, min_delta=0):
    return watched(val_losses, patience, min_delta)[0]


@check.mistake("It stops after `patience` epochs in a row that *rose*. An epoch that falls, but not below the best, is not better either.")
def rises_in_a_row(val_losses, patience, min_delta=0):
    best, best_epoch, waited, previous = np.inf, 0, 0, np.inf
    for epoch, cost in enumerate(val_losses):
        if is_better(cost, best, min_delta):
            best, best_epoch = cost, epoch
        waited = waited + 1 if cost > previous else 0
        previous = cost
        if waited >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch


nan = float("nan")
rng = np.random.default_rng(94)
falling = 2 * np.exp(-np.arange(60) / 8) + np.arange(60) / 80 + rng.normal(0, 0.06, 60)
check.equal("a real fall and rise, noisy, patience 4", falling, 4)
check.equal("the same, patience 15", falling, 15)
check.equal("the same, patience 7 and min_delta", falling, 7, 0.03)
check.equal("worse, a bit less worse, better after all", [5.0, 3.0, 4.0, 3.5, 3.25, 2.0, 2.5], 4)
check.equal("worse, then falling, but never below the best", [5.0, 3.0, 6.0, 5.0, 4.0, 3.5, 1.0], 4)
check.equal("every second epoch is better", [8.0, 9.0, 7.0, 9.0, 6.0, 9.0, 5.0, 9.0], 2)
check.equal("two, better, two, better, three", [6.0, 7.0, 7.0, 5.0, 7.0, 7.0, 4.0, 5.0, 6.0, 7.0, 1.0], 3)
check.equal("ties with the best", [3.0, 2.0, 2.0, 2.0, 1.0, 1.0], 3)
check.equal("ties with the best, less patience", [3.0, 2.0, 2.0, 2.0, 1.0], 2)
check.equal("lower after the stop", [3.0, 2.0, 2.5, 2.75, 0.5, 0.25], 2)
check.equal("falls of less than min_delta", [4.0, 3.875, 3.75, 3.625, 3.5, 3.375], 2, 0.25)
check.equal("small falls that add up in time", [4.0, 3.875, 3.75, 3.625, 3.5, 3.375, 3.25, 3.125], 4, 0.25)
check.equal("falls of exactly min_delta", [4.0, 3.75, 3.5, 3.25, 3.0], 2, 0.25)
check.equal("low, but not by more than min_delta", [4.0, 2.0, 1.875, 2.5, 1.8125, 2.0, 9.0], 3, 0.25)
check.equal("large costs, min_delta beside them tiny", [900.0, 899.0, 898.0, 899.0, 897.0], 2, 0.5)
check.equal("small rises with min_delta", [4.0, 3.0, 3.125, 3.25, 3.0, 3.125, 2.0], 3, 0.25)
check.equal("NaN on the way", [3.0, 2.0, nan, 2.5, 1.0, nan, 0.5, 0.75], 3)
check.equal("NaN to the end", [3.0, 2.0, nan, nan, nan, nan], 3)
check.equal("NaN at the start", [nan, 4.0, 3.0, 2.0, 2.5, 3.0, 3.5], 3)
check.equal("rising from the start", [1.0, 2.0, 3.0, 4.0, 5.0], 3)
check.equal("falling to the end", [9.0, 7.0, 5.0, 3.0], 2)
check.equal("patience used up by the last epoch", [3.0, 1.0, 2.0, 2.0], 2)
check.equal("one more than patience would have stopped", [3.0, 1.0, 2.0, 2.0], 3)
check.equal("a single epoch", [0.5], 1)
check.equal("an array of whole numbers", np.array([9, 7, 8, 6, 6, 7]), 2)
check.equal("every second value of an array", np.array([4.0, 0.0, 3.0, 0.0, 3.5, 0.0, 3.25, 9.0])[::2], 2)
check.unchanged("the costs stay as they are", np.array([4.0, 2.0, 3.0, 3.0]), 2, 0.5)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="patience-slider-text"
# **Does it pay off?** Let it judge the trembling curve.
#
# **Predict, then run.** Move the slider: how does the stop depend on the patience? From which patience on is the best epoch found?

# %% name="patience-slider"
my_guess = None


def with_patience(patience=3):
    """Draw where training stops, and where the best epoch was by then."""
    stop, best = early_stop(val_curve, patience)
    ax = plotting.plot_curves(np.arange(40), {"validation": val_curve}, **axes)
    ax.axvline(stop, color="#1a1a1a", linewidth=1.2, linestyle="--")
    ax.plot(best, val_curve[best], "o", ms=11, mfc="none", mec="#1a1a1a", mew=1.6)
    words = f"patience {patience}: stops in epoch {stop}, best in epoch {best}"
    ax.set_title(f"{words}, cost {val_curve[best]:.3f}", loc="left")
    plotting.describe(ax, f"With {words}; a line and a ring mark them.")
    return ax


print("my guess:", my_guess)
with once_solved():
    plotting.slide(with_patience, patience=(1, 20, 1))

# %% [markdown] name="restore-text"
# The more patience, the surer you are to have passed the lowest place. But the weights you hold in your hand are those of the
# **stop**, many epochs too late! One often reads: "stop when the validation error rises; the weights with the smallest validation
# error", and there the sentence ends. The verb is what matters: *return* them. So keep a copy of the weights after each epoch, or
# at least of the best.
#
# ### Exercise: `restore_best`
#
# Write `restore_best(snapshots, val_losses)`.
#
# - `snapshots` is a list: the parameters of the network after epoch 0, after epoch 1, and so on. Each is a list of pairs `(W, b)`
#   of arrays.
# - `val_losses` is a list or array with the validation cost of each. Some may be NaN, but not all.
#
# Return the parameters with the lowest cost, a list of pairs `(W, b)`; with several equally low, the first of them. NaN is never
# the lowest. The arrays must be **copies**: whoever goes on training with them must not change the snapshot.
#
# <details><summary>Hint 1</summary><code>np.argmin</code> takes NaN for the lowest. There is another function, with <code>nan</code>
# in its name.</details>
# <details><summary>Hint 2</summary><code>list(params)</code> is a new list with the old arrays in it. Copy each array:
# <code>W.copy()</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "restore_best", "locked": false, "schema_version": 3, "solution": true, "task": false}
def restore_best(snapshots, val_losses):
    """Copies of the parameters with the lowest validation cost."""
    ### BEGIN SOLUTION
    best = np.nanargmin(val_losses)
    return [(W.copy(), b.copy()) for W, b in snapshots[best]]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "restore_best-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("restore_best", points=1)
shots = [[(np.array([[k], [2 * k]]), np.array([-k]))] for k in np.arange(6.0)]
costs = [3.0, 2.0, 1.0, 2.5, 4.0, 3.5]
check.equal("the third is the best", shots, costs, expected=shots[2])
check.equal("two are equally good", shots[:4], [2.0, 1.0, 3.0, 1.0], expected=shots[1])
check.equal("NaN is not the lowest", shots[:5], [4.0, np.nan, 3.0, 1.0, 2.0], expected=shots[3])
check.fresh("the arrays are copies", shots, costs, expected=shots[2])
check.report()

# %% nbgrader={"grade": true, "grade_id": "restore_best-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks restore_best here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("restore_best", points=2, hidden=True)


def copied(params):
    return [(W.copy(), b.copy()) for W, b in params]


def lowest_of(val_losses):
    return int(np.nanargmin(val_losses))


check.reference(lambda snapshots, val_losses: copied(snapshots[lowest_of(val_losses)]))


@check.mistake("The arrays are those of the snapshot, not copies. Going on with the training would change it. Copy each: `W.copy()`, `b.copy()`.")
def alias(snapshots, val_losses):
    return list(snapshots[lowest_of(val_losses)])


@check.mistake("The snapshot is taken out of the list (`pop`): the caller's list is one shorter now.")
def popped(snapshots, val_losses):
    return copied(snapshots.pop(lowest_of(val_losses)))


@check.mistake("These are the last parameters. Return those with the lowest cost.")
def last_snapshot(snapshots, val_losses):
    return copied(snapshots[-1])


@check.mistake("These are the first parameters. Return those with the lowest cost.")
def first_snapshot(snapshots, val_losses):
    return copied(snapshots[0])


@check.mistake("These are the parameters with the *highest* cost.")
def highest_cost(snapshots, val_losses):
    return copied(snapshots[int(np.nanargmax(val_losses))])


@check.mistake("With several equally low costs, this takes the last. The first is asked for: compare with `<`, not `<=`.")
def last_of_ties(snapshots, val_losses):
    lows = np.flatnonzero(np.asarray(val_losses) == np.nanmin(val_losses))
    return copied(snapshots[lows[-1]])


@check.mistake("NaN is taken for the lowest cost, as `np.argmin` does. Use `np.nanargmin`.")
def nan_wins(snapshots, val_losses):
    return copied(snapshots[int(np.argmin(val_losses))])


@check.mistake("If the first cost is NaN, nothing is ever lower. Start with infinity, or use `np.nanargmin`.")
def nan_first_wins(snapshots, val_losses):
    return copied(snapshots[min(range(len(val_losses)), key=lambda k: val_losses[k])])


@check.mistake("The costs with NaN are thrown out first, so the positions no longer fit the snapshots.")
def positions_shifted(snapshots, val_losses):
    kept = np.asarray(val_losses, dtype=float)
    return copied(snapshots[int(np.argmin(kept[~np.isnan(kept)]))])


@check.mistake("These are the parameters of the epoch *after* the best: snapshot k belongs to cost k.")
def one_epoch_later(snapshots, val_losses):
    return copied(snapshots[min(lowest_of(val_losses) + 1, len(snapshots) - 1)])


@check.mistake("These are the parameters of the epoch *before* the best: snapshot k belongs to cost k.")
def one_epoch_earlier(snapshots, val_losses):
    return copied(snapshots[max(lowest_of(val_losses) - 1, 0)])


@check.mistake("Training is stopped at the first rise here. The lowest cost may come later.")
def before_the_first_rise(snapshots, val_losses):
    rises = [k for k in range(1, len(val_losses)) if not val_losses[k] < val_losses[k - 1]]
    return copied(snapshots[rises[0] - 1 if rises else -1])


@check.mistake("This is the epoch. Return its parameters.")
def epoch_only(snapshots, val_losses):
    return lowest_of(val_losses)


@check.mistake("The parameters come together with their cost. Return the parameters alone.")
def with_its_cost(snapshots, val_losses):
    best = lowest_of(val_losses)
    return copied(snapshots[best]), float(val_losses[best])


@check.mistake("The biases are missing. Return the pairs `(W, b)`.")
def without_biases(snapshots, val_losses):
    return [W.copy() for W, b in snapshots[lowest_of(val_losses)]]


@check.mistake("Only the first layer is returned. The list has a pair for each layer.")
def first_layer(snapshots, val_losses):
    return copied(snapshots[lowest_of(val_losses)])[:1]


@check.mistake("The cost that is nearest to 0 is taken. The lowest may be below 0.")
def nearest_to_zero(snapshots, val_losses):
    return copied(snapshots[int(np.nanargmin(np.abs(np.asarray(val_losses, dtype=float))))])


rng = np.random.default_rng(95)


def some_snapshots(rng, count, *widths):
    return [[(rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in zip(widths[:-1], widths[1:])] for _ in range(count)]


nan = float("nan")
check.equal("two layers, the best in the middle", some_snapshots(rng, 5, 3, 4, 1), [2.0, 1.5, 0.75, 1.0, 1.25])
check.equal("the best at the end", some_snapshots(rng, 4, 2, 5), [4.0, 3.0, 5.0, 1.0])
check.equal("the best at the start", some_snapshots(rng, 4, 5, 2, 3), [0.5, 3.0, 1.0, 0.75])
check.equal("three equally low", some_snapshots(rng, 6, 2, 3), np.array([4.0, 1.0, 2.0, 1.0, 3.0, 1.0]))
check.equal("NaN between", some_snapshots(rng, 5, 3, 2), [3.0, nan, 2.0, nan, 2.5])
check.equal("NaN at the start", some_snapshots(rng, 5, 3, 2), np.array([nan, 4.0, 5.0, 2.0, 3.0]))
check.equal("NaN at the end", some_snapshots(rng, 4, 3, 2), [3.0, 1.0, 2.0, nan])
check.equal("nothing but one number", some_snapshots(rng, 4, 1, 2), [nan, nan, 7.0, nan])
check.equal("costs below 0", some_snapshots(rng, 5, 2, 2), [0.5, -1.0, -2.0, 0.25, -0.5])
check.equal("costs below 0, and NaN", some_snapshots(rng, 5, 2, 2), [-0.5, nan, -2.0, 0.25, -1.0])
check.equal("whole numbers", some_snapshots(rng, 4, 2, 3, 1), np.array([3, 1, 2, 1]))
check.equal("a single snapshot", some_snapshots(rng, 1, 4, 2), [0.5])
check.fresh("the arrays are copies", some_snapshots(rng, 3, 3, 2, 4), [2.0, 0.5, 1.0])
check.fresh("the arrays of a single snapshot are copies", some_snapshots(rng, 1, 3, 2), [2.0])
check.unchanged("the arguments stay as they are", some_snapshots(rng, 3, 2, 3), np.array([3.0, 1.0, 2.0]))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="my-stopping-text"
# **Does it pay off?** Your two functions together are a callback: something that the library calls after every epoch of a training.
# Beside it trains the same network with the library's own `EarlyStopping`.
#
# **Predict, then run.** Will the two stop in the same epoch? Will they return the same weights?

# %% name="my-stopping"
from chainrule.callbacks import Callback, EarlyStopping

my_guess = None


class MyStopping(Callback):
    """Early stopping by your own early_stop and restore_best."""

    def __init__(self, patience):
        self.patience, self.costs, self.snapshots = patience, [], []

    def on_epoch_end(self, epoch, logs=None):
        W1, b1, W2, b2 = self.model.get_weights()
        self.snapshots.append([(W1, b1), (W2, b2)])
        self.costs.append(logs["val_loss"])
        self.stop, self.best = early_stop(self.costs, self.patience)
        self.model.stop_training = self.stop - self.best >= self.patience

    def on_train_end(self, logs=None):
        (W1, b1), (W2, b2) = restore_best(self.snapshots, self.costs)
        self.model.set_weights([W1, b1, W2, b2])

# %% name="my-stopping-compare"
print("my guess:", my_guess)
with once_solved():
    for patience in (1, 3, 10):
        mine = MyStopping(patience)
        theirs = EarlyStopping(patience=patience, restore_best_weights=True)
        my_model, _ = learn(1, callbacks=[mine], **small_batches)
        their_model, _ = learn(1, callbacks=[theirs], **small_batches)
        apart = np.abs(my_model.parameters - their_model.parameters).max()
        print(f"patience {patience:2}: mine stops in {mine.stop}, best {mine.best};", end="  ")
        print(f"theirs {theirs.stopped_epoch}, {theirs.best_epoch};  apart by {apart:g}")

# %% [markdown] name="errata-early-stopping-text"
# Now the two defaults of Keras, which are ours, too: `patience=0`, which ends training at the first epoch that is not better, and
# `restore_best_weights=False`, which keeps the weights of the stop. Five seeds, each with four settings.
#
# **Predict, then run.** Which of the four settings gives the lowest validation cost, and which the highest?

# %% name="errata-early-stopping" errata={"says": "Stop when the validation error rises.", "correct": "Be patient, since it goes up and down; and *return* the weights of its lowest point. By default Keras does neither: patience 0, no restoring."}
my_guess = None

print("my guess:", my_guess)
defaults = EarlyStopping()
print(f"defaults: patience {defaults.patience}, restore {defaults.restore_best_weights}\n")
settings = [(0, False), (3, True), (10, False), (10, True)]
ends = {setting: [] for setting in settings}
for seed in range(5):
    for patience, restore in settings:
        stop = EarlyStopping(patience=patience, restore_best_weights=restore)
        model, _ = learn(seed, callbacks=[stop], **small_batches)
        cost, *_ = model.evaluate(X_val, Y_val)
        ends[patience, restore].append((cost, stop.stopped_epoch))
for (patience, restore), pairs in ends.items():
    cost, epoch = np.median(pairs, axis=0)
    kept = "best weights" if restore else "last weights"
    print(f"patience {patience:2}, {kept}: stops in epoch {epoch:2.0f}", end="  ")
    print(f"validation cost {cost:.3f}")
medians = {setting: np.median(pairs, axis=0)[0] for setting, pairs in ends.items()}
print("lowest:", min(medians, key=medians.get), "  highest:", max(medians, key=medians.get))

# %% [markdown] name="early-stopping-after"
# (Medians.) Patience alone gains little: you wait for the best epoch, and pay for the waiting with your weights. Patience *and*
# going back is what is meant by early stopping.
#
# ## Remedy 2: make large weights cost something
#
# Look back at the polynomial of degree 11. To swing out like that between two rings, it needs large coefficients which nearly
# cancel each other. (The cell below prints the largest.) Smooth curves get by with small ones. So let us add to the cost what we
# want to avoid:
#
# $$ J_\lambda = J + \frac{\lambda}{2m} \sum_{\text{all layers}} \sum_{i,k} W_{ik}^2 . $$
#
# The new term is called **L2 regularization**. λ (lambda) says how much a large weight costs; it is chosen, not learned. The
# number of examples $m$ is there because $J$ is a mean over $m$ examples, while this term is not. The 2 is there for the slope.
#
# **Predict, then run.** A polynomial of degree 11 with this term. The slider is the power of ten: −6 means λ = 0.000001. What
# happens on the way from −9 to 3?

# %% name="ridge-slider"
my_guess = None


def ridge(x, y, lam, constant_too=False):
    """Polynomial of degree 11 with the lowest penalized cost; its constant is free."""
    table, decayed = x[:, None] ** np.arange(12), np.ones(12)
    decayed[0] = constant_too
    return Polynomial(np.linalg.solve(table.T @ table + lam * np.diag(decayed), table.T @ y))


def penalized(power=-1.0):
    fit = ridge(x, y, 10.0**power)
    name = f"λ = {10.0**power:.2g}, largest |w| = {np.abs(fit.coef[1:]).max():.2g}"
    ax = plotting.plot_fits(x, y, {name: fit}, truth=truth, validation=(x_new, y_new))
    ax.set_title(f"off by {off_by(fit, x, y):.2f} at the rings", loc="left")
    ax.set_title(f"off by {off_by(fit, x_new, y_new):.2f} at the triangles", loc="right")
    return ax


print("my guess:", my_guess)
for degree in (3, 11):
    w = Polynomial.fit(x, y, degree).convert().coef
    print(f"degree {degree:2} without a penalty: largest |w| = {np.abs(w).max():.1f}")
plotting.slide(penalized, power=(-9.0, 3.0, 0.5))

# %% [markdown] name="l2-text"
# With hardly any λ the curve goes through all the rings. With a huge λ it is flat. Somewhere between it is smooth, although it
# still has eleven degrees to play with.
#
# What does gradient descent do with the new term? Its slope with respect to a weight is $\frac{\lambda}{m} W_{ik}$. So each step
# takes a small share off every weight, unless the examples pull it back. Hence the other name, **weight decay**.
#
# The biases are left out. Why, we ask after the exercise.
#
# ### Exercise: `l2_cost` and `l2_gradient`
#
# Write two functions.
#
# - `l2_cost(params, lam, m)` returns the number $\frac{\lambda}{2m} \sum W^2$, summed over all entries of all weight matrices.
# - `l2_gradient(params, lam, m)` returns its gradient: a list of pairs `(dW, db)` in the shapes of `params`. The biases are free,
#   so `db` is an array of zeros.
#
# Here `params` is a list of pairs `(W, b)` of arrays, floats or integers; `lam` is λ, at least 0; `m` is the number of examples, at
# least 1. Leave the arrays as they are.
#
# <details><summary>Hint 1</summary><code>np.sum(W**2)</code> is the sum for one layer. Add up the layers:
# <code>for W, b in params:</code>.</details>
# <details><summary>Hint 2</summary>The slope of w² is 2w. The 2 cancels the one under the fraction bar.</details>
# <details><summary>Hint 3</summary><code>np.zeros(b.shape)</code> are zeros in the shape of a bias.</details>

# %% nbgrader={"grade": false, "grade_id": "l2_cost", "locked": false, "schema_version": 3, "solution": true, "task": false}
def l2_cost(params, lam, m):
    """What the weights cost: λ/2m times the sum of their squares."""
    ### BEGIN SOLUTION
    return lam / (2 * m) * sum(np.sum(W**2) for W, b in params)
    ### END SOLUTION


def l2_gradient(params, lam, m):
    """Gradient of l2_cost: a pair (dW, db) for each layer."""
    ### BEGIN SOLUTION
    return [(lam / m * W, np.zeros(b.shape)) for W, b in params]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "l2_cost-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("l2_cost", "l2_gradient", points=1)
layer = [(np.array([[1.0, -2.0], [0.5, 3.0], [0.0, 1.0]]), np.array([4.0, -5.0]))]
check.equal("one layer, λ = 2, m = 5", layer, 2, 5, expected=3.05)
slope = [(np.array([[0.4, -0.8], [0.2, 1.2], [0.0, 0.4]]), np.zeros(2))]
check.equal("its gradient", layer, 2, 5, of="l2_gradient", expected=slope)
second, third = np.array([[2.0], [-4.0]]), np.array([[3.0]])
layers = [*layer, (second, np.array([7.0])), (third, np.array([-1.0]))]
check.equal("three layers, λ = 0.5, m = 10", layers, 0.5, 10, expected=1.10625)
slopes = [(W / 20, np.zeros(b.shape)) for W, b in layers]
check.equal("their gradient", layers, 0.5, 10, of="l2_gradient", expected=slopes)
check.report()

# %% nbgrader={"grade": true, "grade_id": "l2_cost-hidden", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks l2_cost and l2_gradient here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("l2_cost", "l2_gradient", points=4, hidden=True)


def squares(params):
    return sum(float(np.sum(np.asarray(W, dtype=float) ** 2)) for W, b in params)


def decay(params, factor, free=np.zeros_like):
    """The right gradient, with another factor or with something else for the biases."""
    return [(factor * W, free(b)) for W, b in params]


check.reference(lambda params, lam, m: lam / (2 * m) * squares(params))
check.reference(lambda params, lam, m: decay(params, lam / m, lambda b: np.zeros(b.shape)), of="l2_gradient")


@check.mistake("The biases are punished as well. They are free: sum over the `W` only.")
def biases_too(params, lam, m):
    return lam / (2 * m) * (squares(params) + sum(np.sum(b**2) for W, b in params))


@check.mistake("The 2 under the fraction bar is missing: the factor is λ/2m.")
def two_missing(params, lam, m):
    return lam / m * squares(params)


@check.mistake("The m under the fraction bar is missing: the factor is λ/2m.")
def m_missing(params, lam, m):
    return lam / 2 * squares(params)


@check.mistake("The result is multiplied by m: `lam / 2 * m` is (lam/2)·m. Write `lam / (2 * m)`.")
def m_above(params, lam, m):
    return lam / 2 * m * squares(params)


@check.mistake("λ is missing.")
def lam_missing(params, lam, m):
    return squares(params) / (2 * m)


@check.mistake("λ is squared. Only the weights are.")
def lam_squared(params, lam, m):
    return lam**2 / (2 * m) * squares(params)


@check.mistake("Only the first layer is counted.")
def first_layer_only(params, lam, m):
    return lam / (2 * m) * squares(params[:1])


@check.mistake("Only the last layer is counted: each round of the loop overwrites the one before.")
def last_layer_only(params, lam, m):
    return lam / (2 * m) * squares(params[-1:])


@check.mistake("The output layer is left out. All layers count.")
def output_left_out(params, lam, m):
    return lam / (2 * m) * squares(params[:-1] or params)


@check.mistake("A root is taken (`np.linalg.norm`). It is the sum of the squares itself.")
def rooted(params, lam, m):
    return lam / (2 * m) * np.sqrt(squares(params))


@check.mistake("A root is taken of each layer (`np.linalg.norm`). It is the sum of the squares itself.")
def rooted_by_layer(params, lam, m):
    return lam / (2 * m) * sum(np.linalg.norm(W) for W, b in params)


@check.mistake("The weights are not squared.")
def not_squared(params, lam, m):
    return lam / (2 * m) * sum(np.sum(W) for W, b in params)


@check.mistake("These are absolute values: that is L1. Square the weights.")
def absolute_values(params, lam, m):
    return lam / (2 * m) * sum(np.sum(np.abs(W)) for W, b in params)


@check.mistake("The sum is squared. Square each weight, then sum.")
def square_of_the_sum(params, lam, m):
    return lam / (2 * m) * sum(np.sum(W) ** 2 for W, b in params)


@check.mistake("The mean of the squares is taken in each layer. It is their sum.")
def means(params, lam, m):
    return lam / (2 * m) * sum(np.mean(W**2) for W, b in params)


@check.mistake("`W @ W.T` mixes the rows with one another. Square each entry: `W**2`.")
def matrix_product(params, lam, m):
    return lam / (2 * m) * sum(np.sum(W @ W.T) for W, b in params)


@check.mistake("This is one number for each layer. Add them up.")
def by_layer(params, lam, m):
    return np.array([lam / (2 * m) * np.sum(W**2) for W, b in params])


@check.mistake("`//` cuts the fraction off. Divide with `/`.")
def whole_division(params, lam, m):
    return lam * squares(params) // (2 * m)


@check.mistake("The factor is λ/2m. It is λ/m in the gradient: the 2 from the square cancels the one below.", of="l2_gradient")
def two_kept(params, lam, m):
    return decay(params, lam / (2 * m))


@check.mistake("The factor is 2λ/m. The 2 from the square is cancelled by the one under the fraction bar.", of="l2_gradient")
def two_above(params, lam, m):
    return decay(params, 2 * lam / m)


@check.mistake("The m under the fraction bar is missing in the gradient.", of="l2_gradient")
def gradient_without_m(params, lam, m):
    return decay(params, lam)


@check.mistake("The gradient is multiplied by m. Divide by it.", of="l2_gradient")
def gradient_times_m(params, lam, m):
    return decay(params, lam * m)


@check.mistake("λ is missing in the gradient.", of="l2_gradient")
def gradient_without_lam(params, lam, m):
    return decay(params, 1 / m)


@check.mistake("The sign is wrong: the cost rises when a weight gets larger, so the gradient has the sign of the weight.", of="l2_gradient")
def gradient_sign(params, lam, m):
    return decay(params, -lam / m)


@check.mistake("The biases decay, too. They are free: their gradient is 0.", of="l2_gradient")
def biases_decay(params, lam, m):
    return decay(params, lam / m, lambda b: lam / m * b)


@check.mistake("The biases are missing. Return pairs `(dW, db)`, with zeros for `db`.", of="l2_gradient")
def weights_alone(params, lam, m):
    return [lam / m * W for W, b in params]


@check.mistake("For the biases there is the number 0. An array of zeros in the shape of `b` is asked for.", of="l2_gradient")
def number_for_biases(params, lam, m):
    return decay(params, lam / m, lambda b: 0.0)


@check.mistake("For the biases there is `None`. An array of zeros in the shape of `b` is asked for.", of="l2_gradient")
def none_for_biases(params, lam, m):
    return decay(params, lam / m, lambda b: None)


@check.mistake("The gradient of the biases is the biases themselves. It is 0.", of="l2_gradient")
def biases_passed_on(params, lam, m):
    return decay(params, lam / m, lambda b: b)


@check.mistake("The zeros have the shape of `W`. They belong to the biases.", of="l2_gradient")
def zeros_like_weights(params, lam, m):
    return [(lam / m * W, np.zeros(W.shape)) for W, b in params]


@check.mistake("The gradient has the first layer only.", of="l2_gradient")
def gradient_first_layer(params, lam, m):
    return decay(params, lam / m)[:1]


@check.mistake("The sign of each weight is taken: that is L1. The slope of w² grows with w.", of="l2_gradient")
def signs(params, lam, m):
    return [(lam / m * np.sign(W), np.zeros(b.shape)) for W, b in params]


@check.mistake("The weights are squared. The slope of w² is 2w.", of="l2_gradient")
def squared_slopes(params, lam, m):
    return [(lam / m * W**2, np.zeros(b.shape)) for W, b in params]


@check.mistake("These are the weights after a step. Return the gradient alone.", of="l2_gradient")
def weights_after_a_step(params, lam, m):
    return [(W - lam / m * W, b + 0.0) for W, b in params]


@check.mistake("The gradient is written into the weights (`W *= …`): the caller's network has changed. Make new arrays.", of="l2_gradient")
def written_into_weights(params, lam, m):
    for W, b in params:
        W *= lam / m
    return [(W, np.zeros(b.shape)) for W, b in params]


@check.mistake("The zeros are written into the biases (`b[:] = 0`): the caller's network has lost its biases. Make new arrays.", of="l2_gradient")
def biases_erased(params, lam, m):
    for W, b in params:
        b[:] = 0
    return [(lam / m * W, b) for W, b in params]


@check.mistake("Buffers of integers cut the fractions off: `np.zeros_like(W)` has the type of `W`. Use `np.zeros(W.shape)`.", of="l2_gradient")
def integer_buffers(params, lam, m):
    grads = [(np.zeros_like(W), np.zeros_like(b)) for W, b in params]
    for (dW, db), (W, b) in zip(grads, params):
        dW[...] = lam / m * W
    return grads


rng = np.random.default_rng(96)


def weights_of(rng, *widths):
    return [(rng.normal(size=(i, o)), 3 * rng.normal(size=o)) for i, o in zip(widths[:-1], widths[1:])]


ints = [(np.array([[3, -1, 2], [0, 4, -2]]), np.array([5, 1, -3])), (np.array([[1], [2], [-7]]), np.array([6]))]
narrow = [(W.astype(np.float32), b.astype(np.float32)) for W, b in weights_of(rng, 4, 3, 2)]
views = [(W[::2, ::2], b[::2]) for W, b in weights_of(rng, 6, 4, 8)]
for of, name in (("l2_cost", "cost"), ("l2_gradient", "gradient")):
    check.equal(f"{name}: one layer", weights_of(rng, 3, 5), 0.7, 4, of=of)
    check.equal(f"{name}: three layers", weights_of(rng, 4, 3, 6, 2), 1.3, 9, of=of)
    check.equal(f"{name}: as many units as inputs", weights_of(rng, 3, 3, 3), 0.4, 7, of=of)
    check.equal(f"{name}: a single weight", weights_of(rng, 1, 1), 2.5, 3, of=of)
    check.equal(f"{name}: λ = 0", weights_of(rng, 2, 3, 1), 0, 5, of=of)
    check.equal(f"{name}: a large λ and one example", weights_of(rng, 2, 3, 1), 300.0, 1, of=of)
    check.equal(f"{name}: whole numbers", ints, 3, 4, of=of)
    check.equal(f"{name}: float32", narrow, 0.5, 6, of=of)
    check.equal(f"{name}: views that are not contiguous", views, 0.9, 11, of=of)
    check.unchanged(f"{name}: the arguments stay as they are", weights_of(rng, 3, 2, 4), 1.5, 8, of=of)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="l2-payoff-text"
# **Does it pay off?** A layer of the library takes a pair of functions as its regularizer: the penalty of its weights and the
# gradient of that. Give it yours, and train. Beside it trains the same network with the library's `L2`. (There the factor is written
# out: `L2(c)` adds $c \sum W^2$, as in Keras. So our $\lambda/2m$ goes in as a whole.)
#
# **Predict, then run.** λ = 5. Will the training cost be higher or lower than without? And the validation cost?

# %% name="l2-payoff"
from chainrule.regularizers import L2

my_guess = None
m = len(X_train)


def pair_of(W):
    """The weights of one layer as the params of your functions."""
    return [(W, np.zeros(W.shape[1]))]


print("my guess:", my_guess)
with once_solved():
    lam = 5.0
    penalty = lambda W: l2_cost(pair_of(W), lam, m)
    slope_of_it = lambda W: l2_gradient(pair_of(W), lam, m)[0][0]
    mine, decayed = learn(0, penalty=(penalty, slope_of_it))
    theirs, _ = learn(0, penalty=L2(lam / (2 * m)))
    apart = np.abs(mine.parameters - theirs.parameters).max()
    print(f"the two networks differ by less than 0.001: {bool(apart < 0.001)}")
    for name, runs in (("λ = 0", history), ("λ = 5", decayed)):
        print(f"{name}: training {runs['cost'][-1]:.2f}  validation {runs['val_cost'][-1]:.2f}")

# %% [markdown] name="sweep-text"
# ### How large a λ?
#
# λ is chosen with the validation set: train with several, and take the one that does best there.
#
# **Predict, then run.** Both costs against λ, from 0.1 to 100: where does each of them have its lowest place?

# %% name="sweep"
my_guess = None

lambdas = np.array([0.1, 0.5, 2, 5, 20, 100])
costs = {"on the training images": [], "on the validation images": []}
for seed in range(5):
    trained = [learn(seed, penalty=L2(lam / (2 * m)))[1] for lam in lambdas]
    costs["on the training images"].append([runs["cost"][-1] for runs in trained])
    costs["on the validation images"].append([runs["val_cost"][-1] for runs in trained])
print("my guess:", my_guess)
names = {"xlabel": "λ", "ylabel": "cost after 80 epochs"}
plotting.show(plotting.plot_runs(costs, x=lambdas, xlog=True, **names))
for name, runs in costs.items():
    print(f"{name}: lowest at λ = {lambdas[np.median(runs, axis=0).argmin()]:g}")

# %% [markdown] name="sweep-after"
# Compare this with the polynomials' degrees: it is the same picture, read from right to left. On the left the network overfits, on
# the right it underfits. λ is a dial for how much a network may bend.
#
# ### Why are the biases free?
#
# Books say "the weights are decayed". All of them? The bias of a polynomial is its constant. **Predict, then run.** We lift the
# curve by 5, as if we measured from another zero, and fit the polynomial of degree 11 with λ = 1: forty sets of points, once with
# a free constant, once with a constant that is decayed like the rest. What will go wrong?

# %% name="errata-biases" errata={"says": "The penalty is on all parameters.", "correct": "On the weights. Biases are left free: they do not make a curve wriggle, and holding them back shifts it."}
my_guess = None

print("my guess:", my_guess)
for constant_too in (False, True):
    off, shift = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        y_set, x_other = 5 + measure(x, rng), rng.uniform(-1, 1, 200)
        y_other = 5 + measure(x_other, rng)
        fit = ridge(x, y_set, 1.0, constant_too)
        off.append(off_by(fit, x_other, y_other))
        shift.append(np.mean(fit(x_other) - y_other))
    kind = "decayed" if constant_too else "free"
    print(f"constant {kind:8} off by {np.median(off):.2f} on new points,", end=" ")
    print(f"on the whole {np.median(shift):+.2f} too high")

# %% [markdown] name="l1-text"
# A decayed bias pulls the whole curve toward zero. (A number below 0 means: too low.) But a curve is not more wriggly for lying
# higher. In a network with hidden layers, other weights can make up for some of it. Still, biases are few, and they don't make
# anything steeper: leave them free. In Keras, `kernel_regularizer` does: it is for the weights alone.
#
# ### Absolute values: L1
#
# Instead of the square one can punish the absolute value: add $\frac{\lambda}{m} \sum |W|$. The slope of $|w|$ is 1 to the right of
# zero and −1 to the left. So the pull toward zero is the *same* for small weights as for large ones. At 0 itself there is a corner
# with no slope. Any number from −1 to 1 would do there, they are called **subgradients**; we take 0, so that a weight that is 0
# may stay.
#
# **Predict, then run.** Two weights, 2 and 0.1. Both shrink by gradient steps under the penalty alone, once L2 and once L1. Which
# of the four gets to zero?

# %% name="shrink"
my_guess = None

steps, pulls = np.arange(61), {"L2": lambda w: w, "L1": np.sign}
paths = {}
for name, pull in pulls.items():
    for start in (2.0, 0.1):
        w, walk = start, [start]
        for _ in steps[1:]:
            step = 0.05 * pull(w)
            w = 0.0 if abs(w) < 0.05 and name == "L1" else w - step  # no step beyond 0
            walk.append(w)
        paths[f"{name}, from {start:g}"] = walk
print("my guess:", my_guess)
plotting.show(plotting.plot_curves(steps, paths, xlabel="step", ylabel="weight"))
for name, walk in paths.items():
    print(f"{name:12}: {walk[-1]:.4f} after 60 steps")

# %% [markdown] name="l1-exercise-text"
# L2 takes off a share: large weights lose much, small ones little, and none ever becomes zero. L1 takes off an amount: what is small
# goes to zero.
#
# ### Exercise: `l1_subgradient`
#
# Write `l1_subgradient(W, lam, m)`. `W` is an array of any shape, of floats or integers; λ and m are as before. Return the array
# $\frac{\lambda}{m} \operatorname{sign}(W)$ in the shape of `W`: $\lambda/m$ where a weight is above 0, $-\lambda/m$ where it is
# below, and 0 where it is 0. However small a weight is, if it is not 0, it counts. Leave `W` as it is, and cause no warnings.
#
# <details><summary>Hint 1</summary>NumPy has a function with the name of what you need; at 0 it gives 0.</details>
# <details><summary>Hint 2</summary>Without it: start with zeros of the shape of W (floats!), and fill in the places where
# <code>W &gt; 0</code> and those where <code>W &lt; 0</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "l1_subgradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def l1_subgradient(W, lam, m):
    """Subgradient of λ/m times the sum of the absolute values."""
    ### BEGIN SOLUTION
    return lam / m * np.sign(W)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "l1_subgradient-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("l1_subgradient", points=1)
W = np.array([[2.0, -0.5, 0.0], [0.001, -3.0, 1.0]])
right = np.array([[0.2, -0.2, 0.0], [0.2, -0.2, 0.2]])
check.equal("six weights, λ = 1, m = 5", W, 1, 5, expected=right, quiet=True)
check.equal("a bias-like row, λ = 3, m = 4", W[0], 3, 4, expected=np.array([0.75, -0.75, 0.0]))
check.report()

# %% nbgrader={"grade": true, "grade_id": "l1_subgradient-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks l1_subgradient here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("l1_subgradient", points=2, hidden=True)


def by_sign(W, above, below, at_zero):
    """An array like W: one number where it is above 0, one where it is below, one where it is 0."""
    return np.where(W > 0, above, np.where(W < 0, below, at_zero)).astype(float)


check.reference(lambda W, lam, m: by_sign(W, lam / m, -lam / m, 0.0))


@check.mistake("A weight of 0 gets λ/m, as if it were above 0. At 0 the answer is 0.")
def zero_is_above(W, lam, m):
    return by_sign(W, lam / m, -lam / m, lam / m)


@check.mistake("A weight of 0 gets -λ/m, as if it were below 0. At 0 the answer is 0.")
def zero_is_below(W, lam, m):
    return by_sign(W, lam / m, -lam / m, -lam / m)


@check.mistake("`W / abs(W)` is NaN for a weight of 0, with a warning. Use `np.sign`.")
def nan_at_zero(W, lam, m):
    return lam / m * (W / np.abs(W))


@check.mistake("This grows with the weight: it is the gradient of L2. Take its sign only.")
def gradient_of_l2(W, lam, m):
    return lam / m * W


@check.mistake("This is the absolute value of the weight. The slope of it is its sign.")
def absolute_value(W, lam, m):
    return lam / m * np.abs(W)


@check.mistake("The signs are lost: all are positive.")
def all_positive(W, lam, m):
    return by_sign(W, lam / m, lam / m, 0.0)


@check.mistake("Weights below 0 get 0. They get -λ/m.")
def nothing_below_zero(W, lam, m):
    return by_sign(W, lam / m, 0.0, 0.0)


@check.mistake("The factor is λ/2m. With absolute values there is no 2.")
def half(W, lam, m):
    return lam / (2 * m) * np.sign(W)


@check.mistake("The factor is 2λ/m. With absolute values there is no 2.")
def twice(W, lam, m):
    return 2 * lam / m * np.sign(W)


@check.mistake("λ is missing.")
def no_lam(W, lam, m):
    return np.sign(W) / m


@check.mistake("It is not divided by m.")
def no_m(W, lam, m):
    return lam * np.sign(W)


@check.mistake("It is multiplied by m. Divide by it.")
def times_m(W, lam, m):
    return lam * m * np.sign(W)


@check.mistake("The sign is wrong: the penalty rises with a weight above 0, so its slope is positive there.")
def upside_down(W, lam, m):
    return -lam / m * np.sign(W)


@check.mistake("This is the penalty itself, one number. Its slope for each weight is asked for.")
def penalty_itself(W, lam, m):
    return float(lam / m * np.sum(np.abs(W)))


@check.mistake("The result is divided by the number of weights. m is the number of examples.")
def divided_by_weights(W, lam, m):
    return lam / np.size(W) * np.sign(W)


@check.mistake("Small weights are taken for 0. However small, if it is not 0, it counts.")
def small_as_zero(W, lam, m):
    return lam / m * np.sign(np.where(np.abs(W) < 1e-3, 0, W))


@check.mistake("Weights near 0 are rounded to 0 before their sign is taken.")
def rounded_first(W, lam, m):
    return lam / m * np.sign(np.round(W))


@check.mistake("The sign is smoothed near 0 (as tanh does it). The slope is ±λ/m however small the weight is.")
def smoothed(W, lam, m):
    return lam / m * np.tanh(W)


@check.mistake("A buffer of integers cuts the fractions off: `np.zeros_like(W)` has the type of `W`. Use `np.zeros(W.shape)`.")
def integer_buffer(W, lam, m):
    out = np.zeros_like(W)
    out[W > 0], out[W < 0] = lam / m, -lam / m
    return out


@check.mistake("The shape of `W` is lost: the result is flat.")
def flat(W, lam, m):
    return lam / m * np.sign(np.ravel(W))


@check.mistake("The result is written into `W`: the caller's weights have changed. Make a new array.")
def written_into_W(W, lam, m):
    W[...] = lam / m * np.sign(W)
    return W


@check.mistake("These are the weights after a step. Return the subgradient alone.")
def after_a_step(W, lam, m):
    return W - lam / m * np.sign(W)


rng = np.random.default_rng(97)
sparse = rng.normal(size=(5, 4)) * (rng.random((5, 4)) < 0.5)
check.equal("a matrix", rng.normal(size=(3, 4)), 0.7, 9, quiet=True)
check.equal("half of the weights are 0", sparse, 1.5, 20, quiet=True)
check.equal("all weights are 0", np.zeros((2, 3)), 2.0, 5, quiet=True)
check.equal("minus 0", np.array([-0.0, 0.0, -1.0]), 2.0, 5, quiet=True)
check.equal("tiny weights", np.array([[1e-9, -1e-9], [1e-300, -1e-300]]), 1.0, 3, quiet=True)
check.equal("huge weights", np.array([1e300, -1e300]), 1.0, 3, quiet=True)
check.equal("a single weight in a matrix", np.array([[-0.25]]), 4.0, 7, quiet=True)
check.equal("three axes", rng.normal(size=(2, 3, 2)), 0.3, 8, quiet=True)
check.equal("whole numbers", np.array([[3, 0, -2], [-1, 5, 0]]), 1, 4, quiet=True)
check.equal("float32", rng.normal(size=(3, 2)).astype(np.float32), 0.5, 6, quiet=True)
check.equal("a view that is not contiguous", rng.normal(size=(6, 6))[::2, ::3], 1.25, 3, quiet=True)
check.equal("λ = 0", rng.normal(size=(2, 2)), 0, 3, quiet=True)
check.unchanged("the weights stay as they are", rng.normal(size=(4, 3)), 0.9, 7)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="l1-payoff-text"
# **Does it pay off?** Train once without a penalty, once with L2 and once with *your* L1. To be fair, each penalty may try three
# strengths with three seeds, and the lowest validation cost decides.
#
# **Predict, then run.** How will the weights be distributed? Sketch three histograms.

# %% name="l1-payoff"
my_guess = None


def l1_penalty(lam):
    """The penalty and your subgradient, as the library takes them."""
    return (lambda W: lam / m * np.abs(W).sum(), lambda W: l1_subgradient(W, lam, m))


def best_of(make, strengths):
    """The strength with the lowest median validation cost, that cost, and a network."""
    tried = {lam: [learn(seed, penalty=make(lam)) for seed in range(3)] for lam in strengths}
    ends = {lam: np.median([h["val_cost"][-1] for _, h in tried[lam]]) for lam in strengths}
    lam = min(ends, key=ends.get)
    return lam, ends[lam], tried[lam][0][0]

# %% name="l1-histograms"
print("my guess:", my_guess)
with once_solved():
    l1_subgradient(np.ones(1), 1, 1)  # all of this needs it
    kinds = {"no penalty": (lambda lam: None, (0,))}
    kinds["L2"] = (lambda lam: L2(lam / (2 * m)), (2, 4, 8))
    kinds["L1"] = (l1_penalty, (0.5, 1, 2))
    weights = {}
    for name, (make, strengths) in kinds.items():
        lam, cost, model = best_of(make, strengths)
        W1, _, W2, _ = model.get_weights()
        every = np.concatenate([W1.ravel(), W2.ravel()])
        tiny = np.mean(np.abs(every) < 0.01)
        weights[f"{name}, λ = {lam:g}"] = every
        print(f"{name:10} λ = {lam:<4g} validation cost {cost:.2f}   below 0.01: {tiny:.2f}")
    plotting.show(plotting.plot_weight_histograms(weights, log=True))

# %% [markdown] name="l1-after"
# L2 makes all weights smaller. L1 divides them: most are nearly zero, and a few do the work. Such a network is called **sparse**.
# (Nearly: gradient steps jump back and forth over the corner. The penalty wants exact zeros, the steps only come close.)
#
# ## More remedies, one each
#
# Early stopping and a penalty are often named as *the two* remedies. There are more.
#
# - **More data.** The clerk has 997 more images in his cellar. (He was no more careful with them.)
# - **A smaller network.** Who can't remember much can't learn by heart.
# - **Dropout.** In training, each hidden unit is switched off at random, here with probability ½, anew for every example. No unit
#   can rely on a particular other one. When the network predicts, all are on.
#
# Each remedy gets five seeds and about 640 updates. (With more data, a pass has more updates; so it gets fewer passes.)
#
# **Predict, then run.** Which remedies prevent the rise, and which only make it slower?

# %% name="remedies"
my_guess = None

more = (np.vstack([X_train, X_more]), np.concatenate([Y_train, Y_more]))
cures = {
    "nothing": {},
    "more data": {"data": more, "epochs": 16},
    "6 units": {"units": 6},
    "dropout ½": {"drop": 0.5},
    "L2, λ = 5": {"penalty": L2(5 / (2 * m))},
}
tried = {name: [learn(seed, **how)[1] for seed in range(5)] for name, how in cures.items()}
updates = {}
for name, runs in tried.items():
    rows = len(more[0]) if name == "more data" else m
    per_pass = -(-rows // 32)  # batches of 32; the last one may be short
    updates[name] = per_pass * np.arange(1, len(runs[0]["cost"]) + 1)
print("updates in all:", {name: int(places[-1]) for name, places in updates.items()})

# %% name="errata-remedies" errata={"says": "There are two remedies, early stopping and regularization.", "correct": "More data, a smaller network and dropout help, too. More data helps most, where it can be had."}
print("my guess:", my_guess)
val_runs = {name: [run["val_cost"] for run in runs] for name, runs in tried.items()}
names = {"xlabel": "updates", "ylabel": "validation cost"}
for chosen in (("nothing", "more data", "6 units"), ("nothing", "dropout ½", "L2, λ = 5")):
    some = {name: val_runs[name] for name in chosen}
    ax = plotting.plot_runs(some, x=updates, **names)
    ax.set_ylim(1, 2.6)
    plotting.show(ax)
print("medians:     lowest cost   at the end   share right at the end")
final = {}
for name, runs in tried.items():
    lowest = np.median(np.min(val_runs[name], axis=1))
    final[name] = np.median([run["val_cost"][-1] for run in runs])
    right = np.median([run["val_accuracy"][-1] for run in runs])
    print(f"{name:13}{lowest:11.2f}{final[name]:13.2f}{right:16.2f}")
print("lowest at the end:", min(final, key=final.get))

# %% [markdown] name="remedies-after"
# Where the first two columns are equal, nothing has risen. The first column, "lowest cost", is what early stopping with much
# patience would have got. So every remedy here can be combined with it, and with the others. None of them reaches the best
# possible.
#
# What counts is not this ranking. On another task it comes out differently. What counts is how it was made: same data, several
# seeds, and judged by images that were not trained on.
#
# ## The last envelope
#
# Now we choose the remedy that was best on the validation set. How good is it? The validation cost is known. But can we report it
# as the final figure?
#
# Suppose a hundred people hand in networks, and none has learned anything: each guesses digits at random. We choose the one that
# is best on the 280 validation images, and judge it on 280 test images.
#
# **Predict, then run.** Guessing is right in 10 percent of the cases. What will the winner have on the validation set, what on the
# test set?

# %% name="errata-third-set" errata={"says": "The validation set tells how well the network does on new data.", "correct": "Not if it has chosen the network: the best of many looks better than it is. A third set, used once, tells."}
my_guess = None

rng = np.random.default_rng(98)
tries = np.array([1, 2, 5, 10, 20, 50, 100])
shares = {"on the validation set": [], "on the test set": []}
for _ in range(200):
    guesses = rng.integers(0, 10, (100, 560))
    right = guesses == rng.integers(0, 10, 560)
    on_val, on_test = right[:, :280].mean(axis=1), right[:, 280:].mean(axis=1)
    winners = [np.argmax(on_val[:k]) for k in tries]
    shares["on the validation set"].append(on_val[winners])
    shares["on the test set"].append(on_test[winners])
print("my guess:", my_guess)
names = {"xlabel": "networks to choose from", "ylabel": "share right, of the chosen one"}
plotting.show(plotting.plot_runs(shares, x=tries, xlog=True, **names))
for name, runs in shares.items():
    print(f"the best of 100, {name}: {np.median(runs, axis=0)[-1]:.3f}")

# %% [markdown] name="test-text"
# The winner was lucky on the validation set, that is why it won. Choosing is a kind of training: it overfits the validation set. The
# more you try, the more. So the final figure comes from images on which *nothing* was trained and *nothing* chosen. And they can be
# used only once: whoever looks, goes back, and tries something else has made them into a second validation set.
#
# Here is our envelope. We train the chosen remedy once more, with a fresh seed, and open it.
#
# **Predict, then run.** The table above says what its validation cost and its share right should be. What will the test say?

# %% name="test"
my_guess = None

chosen = min(final, key=final.get)
print(f"chosen by the validation set: {chosen}")
model, last = learn(99, **cures[chosen])
_, cost, right = model.evaluate(X_test, Y_test)
print("my guess:", my_guess)
print(f"validation set: cost {last['val_cost'][-1]:.2f}, right {last['val_accuracy'][-1]:.2f}")
print(f"test set, once: cost {cost:.2f}, right {right:.2f}")
margin = 2 * np.sqrt(right * (1 - right) / len(Y_test))
print(f"on {len(Y_test)} images, such a share is uncertain by about ±{margin:.2f}")

# %% [markdown] name="test-after"
# We report the line of the test set, and its uncertainty. We chose among five remedies only, so the validation set could not flatter
# us much. Had the test disappointed us, we would report that, too. The envelope is open now: to try a sixth remedy, we would need
# new images.

# %% [markdown] name="summary"
# ## Good marks, nothing learned
#
# | question | answer | you wrote |
# |---|---|---|
# | Does a low training cost prove anything? | no: a network can learn nonsense by heart | |
# | What does? | examples set aside at random: validation to choose, test to judge, once | `split` |
# | What do the two costs tell? | both high: underfitting; far apart: overfitting | `diagnose` |
# | When to stop? | after some patience, by the validation cost | `early_stop` |
# | And then? | go *back* to the best weights, as a copy | `restore_best` |
# | How to keep a network smooth? | punish large weights, but not biases | `l2_cost`, `l2_gradient` |
# | How to make most weights zero? | punish absolute values | `l1_subgradient` |
# | What else? | more data, a smaller network, dropout | |
#
# **What was left out.** One task, one kind of noise, and a training set that is smaller than any you will meet. With plenty of data
# overfitting is mild. And there is a twist: very much larger networks than these can overfit *less* again, although they get every
# training example right. That is called double descent; the U of our pictures is its left part. When data are scarce, one takes
# turns instead of setting a fixed pile aside: each fifth is the validation set once (cross-validation).
#
# **Where this lives in Keras and PyTorch.**
#
# | here | Keras | PyTorch |
# |---|---|---|
# | `split` | `fit(validation_split=…)` takes the *last* rows, unshuffled | `torch.utils.data.random_split` |
# | `early_stop`, `restore_best` | `EarlyStopping(patience=…, restore_best_weights=True)` | you write it |
# | `l2_cost` with λ/2m | `kernel_regularizer=L2(c)`, c = λ/2m | `weight_decay` of an optimizer, c = λ/m; biases decay, too |
# | `l1_subgradient` with λ/m | `kernel_regularizer=L1(c)`, c = λ/m | add it to the loss |
# | dropout ½ | `Dropout(0.5)` | `torch.nn.Dropout(0.5)` |
#
# Shuffled labels: C. Zhang and others, *Understanding deep learning requires rethinking generalization*, 2017. Dropout: N.
# Srivastava and others, *Dropout: a simple way to prevent neural networks from overfitting*, 2014. Double descent: M. Belkin and
# others, *Reconciling modern machine-learning practice and the classical bias–variance trade-off*, 2019. The digits: see notebook 1.
