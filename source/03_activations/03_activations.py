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
#   title: Which curve, and where?
#   syllabus:
#     minutes: 60
#     needs: "Notebook 1; derivatives of simple functions."
#     gives: "You choose activations by reasons that you have measured: what each curve lets a unit say, how much gradient it lets through, what it costs."
# ---

# %% [markdown] name="title"
# # 3 · Which curve, and where?
#
# A unit adds up its weighted inputs, adds its bias, and then bends the sum $z$ with a curve $g$, the **activation**. So far the
# curve was the sigmoid. The pictures below show six candidates. **Which one belongs in which place, and what do you lose with the
# wrong one?**
#
# At the end of this notebook you can answer with reasons that you have measured:
#
# 1. what each curve lets a unit say,
# 2. how much of the gradient each curve lets through,
# 3. what each curve costs, and when a unit falls silent for good.
#
# You will write five curves with their slopes, hand them to the library, and train networks with them. Plan for about 60 minutes.
# As always: make a guess before you run an experiment.

# %% name="setup"
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one core: times can then be compared
import numpy as np

from chainrule import Sequential, activations, layers, optimizers, plotting
from chainrule.datasets import load_digits
from chainrule.layers import Dense
from chainrule_course.checks import Checks, once_solved

# %% name="gallery"
z = np.linspace(-3, 3, 301)
plotting.show(plotting.plot_activations(["linear", "sigmoid", "tanh"], z=z)[0])
plotting.show(plotting.plot_activations(["relu", "leaky_relu", "softplus"], z=z)[0])

# %% [markdown] name="gallery-text"
# On the left the curves, on the right their **slopes**: how fast the output changes when $z$ does. Training needs both. The curve
# decides what a unit can say. The slope decides what it can learn, because on its way back through a unit the gradient is
# multiplied by it.

# %% [markdown] name="graded-text"
# ## What a unit can say
#
# A shop wants to know which T-shirts will sell. It builds a small network. From price, shipping cost, marketing and material,
# three hidden units are to find out: can people *afford* the shirt, are they *aware* of it, do they *think it is good*? With a
# sigmoid, each of the three gives a number between 0 and 1.
#
# One often reads that the sigmoid therefore assumes yes-or-no answers. Does it?
#
# **Predict, then run.** We train a network with 25 sigmoid units on handwritten digits. What share of their outputs is neither a
# clear no (below 0.1) nor a clear yes (above 0.9)?

# %% name="errata-graded" errata={"says": "A sigmoid assumes that what a unit stands for is yes or no.", "correct": "Its outputs are graded, anywhere between 0 and 1. What it forces is a floor and a ceiling."}
my_guess = None  # a number from 0 to 1

X, Y = load_digits()
order = np.random.default_rng(0).permutation(len(X))
X_train, Y_train = X[order[:1400]], Y[order[:1400]]
X_test, Y_test = X[order[1400:]], Y[order[1400:]]
graded = Sequential([Dense(25, "sigmoid"), Dense(10, "softmax")], rng=1)
graded.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
graded.fit(X_train, Y_train, epochs=40, verbose=0)
hidden = graded.layers[0](X_test)
between = np.mean((hidden > 0.1) & (hidden < 0.9))
print(f"my guess: {my_guess}    neither yes nor no: {between:.2f} of all hidden outputs")
print("one unit, eight images:", hidden[:8, 0].round(1))
print(f"the network reads {graded.evaluate(X_test, Y_test)[1]:.2f} of the test images right")

# %% [markdown] name="graded-after"
# So the sigmoid does not force a yes or a no. Its outputs are **graded**. What it does force is a floor and a ceiling. And that
# can hurt: being aware of a shirt is not a matter of 0 to 1. A hundred people may have heard of it, or ten million.
#
# ### An example: awareness
#
# Say nobody hears of the shirt until the shop spends 1000 dollars on marketing. From there on, each further 1000 dollars reach
# 2000 people. Two networks with eight hidden units each, one with sigmoids, one with **ReLUs** (rectified linear units,
# $\max(z, 0)$), learn this from budgets up to 3000 dollars.
#
# **Predict, then run.** Then the shop spends 6000 dollars, which reaches 10 000 people. What will each network say?

# %% name="awareness"
my_guess = None  # two numbers, in thousands of people: (sigmoid, ReLU)

budget = np.linspace(0, 3, 61)[:, None]
wider = np.linspace(0, 6, 121)[:, None]


def people(budget):
    return 2 * np.maximum(budget - 1, 0)


curves = {"truth": people(wider)[:, 0]}
for curve in ("sigmoid", "relu"):
    runs = []
    for seed in range(7):
        network = Sequential([Dense(8, curve), Dense(1)], rng=seed)
        network.compile(optimizer=optimizers.Adam(0.03), loss="mean_squared_error")
        network.fit(budget, people(budget), epochs=150, verbose=0)
        runs.append(network.predict(wider)[:, 0])
    curves[curve] = np.median(runs, axis=0)
print("my guess:", my_guess)
for curve in curves:
    print(f"{curve + ':':9} {curves[curve][-1]:5.1f} thousand people for 6000 dollars")

# %% name="awareness-picture"
axis = {"xlabel": "budget (1000 dollars)", "ylabel": "people who know the shirt (1000)"}
plotting.show(plotting.plot_curves(wider[:, 0], curves, **axis))

# %% [markdown] name="awareness-after"
# (The middle of seven runs each.) Up to 3000 dollars both are good. Beyond, the sigmoids run into their ceiling, while the ReLUs
# just go on. This is no law: had the truth itself a ceiling (there are only so many people), the sigmoid might have been the
# better bet. The curve is a guess about the world. ReLU guesses "more is more".

# %% [markdown] name="sigmoid-text"
# ## The sigmoid and its slope
#
# $$ \text{sigmoid}(z) = \frac{1}{1 + e^{-z}} $$
#
# **Predict, then run.** How steep is the sigmoid where it is steepest?

# %% name="sigmoid-steepest"
my_guess = None

nudge = 1e-6
z = np.array([-4.0, -2.0, 0.0, 2.0, 4.0])
slope = (activations.sigmoid(z + nudge) - activations.sigmoid(z - nudge)) / (2 * nudge)
print("my guess:", my_guess)
for place, steepness in zip(z, slope):
    print(f"z = {place:4.0f}    slope {steepness:.3f}")

# %% [markdown] name="sigmoid-exercise"
# ### Exercise: `sigmoid` and `d_sigmoid`
#
# Write `sigmoid(z)` and `d_sigmoid(z)`, its slope (the derivative with respect to $z$). `z` is an array of any shape; it holds
# floats or integers. Both functions return an array of the same shape.
#
# - An array of float32 gives float32. (Networks are trained in float32; it takes half the memory.) An array of integers gives
#   float64.
# - At $z = \pm 1000$ the result is right, too, and NumPy warns of nothing there. The plain formula does warn: $e^{1000}$ is
#   larger than any float.
# - `d_sigmoid` is given $z$, not the output of the sigmoid.
#
# For all exercises of this notebook: leave the arguments as they are, and use Python and NumPy, not `chainrule`.
#
# <details><summary>Hint 1</summary>For negative z, multiply numerator and denominator by e<sup>z</sup>. What do you get? Is any
# exponent still large and positive?</details>
# <details><summary>Hint 2</summary><code>np.exp(-np.abs(z))</code> never overflows. Both halves, z ≥ 0 and z &lt; 0, can be
# written with it; <code>np.where</code> chooses.</details>
# <details><summary>Hint 3</summary>With a = sigmoid(z), the slope is a (1 − a). It needs no new exponential.</details>

# %% nbgrader={"grade": false, "grade_id": "sigmoid", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sigmoid(z):
    """1 / (1 + exp(-z)), entry by entry, without overflow."""
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)
    ### END SOLUTION


def d_sigmoid(z):
    """Slope of the sigmoid at z, entry by entry."""
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "sigmoid-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("sigmoid", "d_sigmoid", points=1)
z = np.array([[0.0, np.log(3), -np.log(3)]])
check.equal("sigmoid at 0, ln 3 and -ln 3", z, expected=np.array([[0.5, 0.75, 0.25]]))
right = np.array([[0.25, 0.1875, 0.1875]])
check.equal("slope at 0, ln 3 and -ln 3", z, of="d_sigmoid", expected=right)
half = np.zeros(2, np.float32)
check.equal("float32 stays float32", half, expected=half + np.float32(0.5), dtype=np.float32)


def far_out(f):
    value = f(np.array([-1000.0, 0.0, 1000.0]))
    warnings = [text for text in f.last.warned if "underflow" not in text]
    return f"gives a warning: {warnings[0]}" if warnings else np.allclose(value, [0, 0.5, 1])


check.that("sigmoid at -1000, 0 and 1000, without a warning", far_out, of="sigmoid", quiet=True)
check.report()

# %% nbgrader={"grade": true, "grade_id": "sigmoid-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks sigmoid and d_sigmoid here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("sigmoid", "d_sigmoid", points=3, hidden=True)
check.reference(lambda z: 0.5 * (1 + np.tanh(0.5 * z)))
check.reference(lambda z: 0.25 * (1 - np.tanh(0.5 * z) ** 2), of="d_sigmoid")


@check.mistake(
    "The exponential overflows for large negative z: NumPy warns. Take the exponential of -|z| only, which is never larger than 1."
)
def overflow(z):
    return 1 / (1 + np.exp(-z))


@check.mistake(
    "For large z this is infinity divided by infinity, which is NaN. Take the exponential of -|z| only; it is never larger than 1."
)
def overflow_to_nan(z):
    return np.exp(z) / (1 + np.exp(z))


@check.mistake("z is clipped, and too early: beyond the clip the curve is flat. A formula with the exponential of -|z| needs no clip.")
def clipped(z):
    return 1 / (1 + np.exp(-np.clip(z, -10, 10)))


@check.mistake("The output is clipped: it never comes closer to 0 and 1 than your limit. The sigmoid does.")
def output_clipped(z):
    return np.clip(0.5 * (1 + np.tanh(0.5 * z)), 1e-5, 1 - 1e-5)


@check.mistake("float32 comes back as float64. Keep the type of `z`: turn only integers into floats.")
def always_float64(z):
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z, dtype=np.float64)))


@check.mistake("Integers are cut off to integers: your buffer takes the type of `z`. Give it floats, or use none.")
def integer_buffer(z):
    out = np.zeros_like(z)
    out[...] = 0.5 * (1 + np.tanh(0.5 * z))
    return out


@check.mistake("The sign of the exponent is wrong: the sigmoid rises from 0 to 1, this curve falls.")
def falling(z):
    return 0.5 * (1 - np.tanh(0.5 * z))


@check.mistake("This is tanh, from -1 to 1. The sigmoid goes from 0 to 1.")
def hyperbolic(z):
    return np.tanh(z)


@check.mistake("A sign is wrong in the denominator: it is 1 plus the exponential.")
def minus_in_denominator(z):
    return 1 / (1 - np.exp(-z))


@check.mistake("`if z >= 0` asks a whole array for one answer. `np.where` decides entry by entry.")
def if_on_array(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))


@check.mistake("`math.exp` takes single numbers. `np.exp` takes arrays.")
def math_exp(z):
    import math

    return 1 / (1 + math.exp(-z))


@check.mistake(
    "a (1 - a) holds for a = sigmoid(z). Your function is given z and puts it in as if it were a: compute a first.", of="d_sigmoid"
)
def fed_with_z_as_a(z):
    return z * (1 - z)


@check.mistake("The sigmoid is taken twice. a (1 - a) needs a = sigmoid(z), once.", of="d_sigmoid")
def squashed_twice(z):
    a = 0.5 * (1 + np.tanh(0.25 * (1 + np.tanh(0.5 * z))))
    return a * (1 - a)


@check.mistake("This is the sigmoid itself. Its slope is asked for.", of="d_sigmoid")
def slope_is_the_sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


@check.mistake("This is a squared. The slope is a (1 - a).", of="d_sigmoid")
def a_squared(z):
    return (0.5 * (1 + np.tanh(0.5 * z))) ** 2


@check.mistake("This is 1 - a. The slope is a (1 - a).", of="d_sigmoid")
def one_minus_a(z):
    return 0.5 * (1 - np.tanh(0.5 * z))


@check.mistake("This is 1 - a², the slope of tanh. That of the sigmoid is a (1 - a).", of="d_sigmoid")
def slope_of_tanh(z):
    return 1 - (0.5 * (1 + np.tanh(0.5 * z))) ** 2


@check.mistake("The sign is wrong: the sigmoid rises, so its slope is positive.", of="d_sigmoid")
def negative_slope(z):
    return -0.25 * (1 - np.tanh(0.5 * z) ** 2)


@check.mistake("1/4 is the slope at z = 0 only. It depends on z.", of="d_sigmoid")
def always_a_quarter(z):
    return np.full(np.shape(z), 0.25)


@check.mistake(
    "For large negative z the slope is infinity divided by infinity, which is NaN. Take the exponential of -|z|, or use a (1 - a).",
    of="d_sigmoid",
)
def slope_to_nan(z):
    return np.exp(-z) / (1 + np.exp(-z)) ** 2


@check.mistake("The exponential in the slope overflows: NumPy warns. Take the exponential of -|z| only.", of="d_sigmoid")
def slope_overflow(z):
    a = 1 / (1 + np.exp(-z))
    return a * (1 - a)


@check.mistake("The slope is cut off to zero too early: z is clipped, or a is rounded.", of="d_sigmoid")
def slope_clipped(z):
    return np.where(np.abs(z) > 5, 0, 0.25 * (1 - np.tanh(0.5 * z) ** 2))


@check.mistake("The slope of float32 comes back as float64. Keep the type of `z`.", of="d_sigmoid")
def slope_always_float64(z):
    return 0.25 * (1 - np.tanh(0.5 * np.asarray(z, dtype=np.float64)) ** 2)


rng = np.random.default_rng(31)
table, block = rng.normal(0, 3, size=(3, 5)), rng.normal(0, 6, size=(2, 3, 4))
whole, coarse = rng.integers(-6, 7, size=9), rng.normal(0, 4, size=(4, 3)).astype(np.float32)
far = np.array([-1000.0, -800.0, 0.0, 800.0, 1000.0])


def quietly(right):
    def condition(f):
        value = f(far)
        warnings = [text for text in f.last.warned if "underflow" not in text]
        return f"gives a warning: {warnings[0]}" if warnings else np.allclose(value, right, 0, 1e-7)

    return condition


check.equal("a table of numbers", table)
check.equal("three axes", block)
check.equal("integers give float64", whole, dtype=np.float64)
check.equal("float32 gives float32", coarse, dtype=np.float32)
check.that("up to 1000 on both sides, without a warning", quietly([0, 0, 0.5, 1, 1]), of="sigmoid", quiet=True)
check.unchanged("a view that is not contiguous, left as it is", rng.normal(size=(6, 8))[::2, ::-3])
check.equal("slope of a table", table, of="d_sigmoid")
check.equal("slope along three axes", block, of="d_sigmoid")
check.equal("slope at integers", whole, of="d_sigmoid", dtype=np.float64)
check.equal("slope of float32", coarse, of="d_sigmoid", dtype=np.float32)
check.that("slope up to 1000, without a warning", quietly([0, 0, 0.25, 0, 0]), of="d_sigmoid", quiet=True)
check.unchanged("slope of a view, left as it is", rng.normal(size=(6, 8))[::2, ::-3], of="d_sigmoid")
check.report()
### END HIDDEN TESTS

# %% [markdown] name="sigmoid-payoff-text"
# **Does it pay off?** A layer of the library takes a pair (function, slope) as its activation. So does the picture. Here is
# *your* pair:

# %% name="sigmoid-payoff"
with once_solved():
    sigmoid(z), d_sigmoid(z)
    plotting.show(plotting.plot_activation((sigmoid, d_sigmoid))[0])
    print("my slope at 0 and at 5:", d_sigmoid(np.array([0.0, 5.0])).round(4))

# %% [markdown] name="relu-text"
# ## ReLU and its leaky sister
#
# $$ \text{relu}(z) = \max(z, 0), \qquad \text{leaky}(z) = \begin{cases} z & z > 0 \\ \text{slope} \cdot z & z \le 0. \end{cases} $$
#
# A negative sum makes a ReLU silent. The leaky one still whispers: left of zero it is a line, too, a flat one.
#
# ReLU has a kink at $z = 0$: from the left its slope is 0, from the right it is 1. At the kink there is no slope; we have to
# agree on one. The usual choice is that of the left side.
#
# ### Exercise: `relu`, `leaky_relu` and their slopes
#
# Write four functions. `z` is an array of any shape that holds floats or integers; each returns an array of the same shape.
#
# - `relu(z)`, and its slope `d_relu(z)`: 1 for $z > 0$, and 0 for $z \le 0$. Ones and zeros are numbers here, not `True` and
#   `False`.
# - `leaky_relu(z, slope=0.01)`, and its slope `d_leaky_relu(z, slope=0.01)`: 1 for $z > 0$, and `slope` for $z \le 0$. `slope` is
#   a number below 1.
#
# <details><summary>Hint 1</summary><code>max(z, 0)</code> compares whole arrays, <code>np.max(z)</code> finds the largest entry
# of an array. <code>np.maximum(z, 0)</code> works entry by entry.</details>
# <details><summary>Hint 2</summary><code>np.where(condition, a, b)</code> takes a where the condition holds, else b.</details>
# <details><summary>Hint 3</summary><code>z[z &lt; 0] = 0</code> changes the array of your caller. Make a new one.</details>

# %% nbgrader={"grade": false, "grade_id": "relu", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu(z):
    """z where z > 0, else 0."""
    ### BEGIN SOLUTION
    return np.maximum(z, 0)
    ### END SOLUTION


def d_relu(z):
    """Slope of relu: 1 where z > 0, else 0."""
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, 0.0)
    ### END SOLUTION


def leaky_relu(z, slope=0.01):
    """z where z > 0, else slope * z."""
    ### BEGIN SOLUTION
    return np.where(z > 0, z, slope * z)
    ### END SOLUTION


def d_leaky_relu(z, slope=0.01):
    """Slope of leaky_relu: 1 where z > 0, else slope."""
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, slope)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "relu-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("relu", "d_relu", "leaky_relu", "d_leaky_relu", points=1)
z = np.array([-2.0, 0.0, 0.5, 3.0])
check.unchanged("relu, and z stays as it is", z, expected=np.array([0.0, 0.0, 0.5, 3.0]))
check.equal("d_relu", z, of="d_relu", expected=np.array([0.0, 0.0, 1.0, 1.0]))
leaky, slope = np.array([-0.02, 0.0, 0.5, 3.0]), np.array([0.01, 0.01, 1.0, 1.0])
check.equal("leaky_relu", z, of="leaky_relu", expected=leaky)
check.equal("d_leaky_relu", z, of="d_leaky_relu", expected=slope)
leaky, slope = np.array([-0.5, 0.0, 0.5, 3.0]), np.array([0.25, 0.25, 1.0, 1.0])
check.equal("leaky_relu with slope 0.25", z, 0.25, of="leaky_relu", expected=leaky)
check.equal("d_leaky_relu with slope 0.25", z, 0.25, of="d_leaky_relu", expected=slope)
check.report()

# %% nbgrader={"grade": true, "grade_id": "relu-hidden", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks relu, leaky_relu and their slopes here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("relu", "d_relu", "leaky_relu", "d_leaky_relu", points=4, hidden=True)
check.reference(lambda z: 0.5 * (z + np.abs(z)))
check.reference(lambda z: np.heaviside(z, 0.0), of="d_relu")
check.reference(lambda z, slope=0.01: 0.5 * (z + np.abs(z)) + slope * 0.5 * (z - np.abs(z)), of="leaky_relu")
check.reference(lambda z, slope=0.01: slope + (1 - slope) * np.heaviside(z, 0.0), of="d_leaky_relu")


@check.mistake("This is one number, the largest of the whole array. The maximum is taken entry by entry: `np.maximum`.")
def max_of_all(z):
    return max(0, np.max(z))


@check.mistake("Python's `max` compares whole arrays and cannot decide. `np.maximum` works entry by entry.")
def python_max(z):
    return max(z, 0)


@check.mistake("Your function changes the array that it is given. Make a new one.")
def in_place(z):
    z[z < 0] = 0
    return z


@check.mistake("This is the absolute value: negative z come back positive. They become 0.")
def absolute(z):
    return np.abs(z)


@check.mistake("The negative half is kept and the positive one cut off: `maximum`, not `minimum`.")
def minimum(z):
    return np.minimum(z, 0)


@check.mistake("The output is cut off at 1. ReLU has no ceiling.")
def ceiling(z):
    return np.clip(z, 0, 1)


@check.mistake("This is a step from 0 to 1, the slope of ReLU. ReLU itself is z where z is positive.")
def step(z):
    return np.where(z > 0, 1.0, 0.0)


@check.mistake("Negative z leak through. ReLU is exactly 0 there.")
def leaking(z):
    return np.where(z > 0, z, 0.01 * z)


@check.mistake("The shape is lost: a table comes back flat, or without its negative entries.")
def only_the_positive(z):
    return z[z > 0]


@check.mistake("At z = 0 the slope of ReLU is 0 by agreement: ask for `z > 0`, not `z >= 0`.", of="d_relu")
def one_at_zero(z):
    return np.where(z >= 0, 1.0, 0.0)


@check.mistake("At z = 0 the slope of ReLU is 0 by agreement, not one half.", of="d_relu")
def half_at_zero(z):
    return np.heaviside(z, 0.5)


@check.mistake("The slope holds True and False. Turn them into the numbers 1 and 0.", of="d_relu")
def booleans(z):
    return z > 0


@check.mistake("This is ReLU itself. Its slope is asked for.", of="d_relu")
def the_relu_itself(z):
    return np.maximum(z, 0)


@check.mistake("This divides relu(z) by z, which is NaN at z = 0. Compare z with 0 instead.", of="d_relu")
def divided_by_z(z):
    return np.maximum(z, 0) / z


@check.mistake("This is the sign of z. Left of 0 the slope is 0, not -1.", of="d_relu")
def sign_of_z(z):
    return np.sign(z) * 1.0


@check.mistake("The slope function changes the array that it is given. Make a new one.", of="d_relu")
def slope_in_place(z):
    z[z <= 0] = 0
    z[z > 0] = 1
    return z


@check.mistake("`slope` is ignored in leaky_relu: it is not always 0.01.", of="leaky_relu")
def leaky_slope_ignored(z, slope=0.01):
    return np.where(z > 0, z, 0.01 * z)


@check.mistake("The slope is on the wrong side: it multiplies negative z, not positive ones.", of="leaky_relu")
def leaky_wrong_side(z, slope=0.01):
    return np.where(z > 0, slope * z, z)


@check.mistake("Left of 0, leaky_relu is slope · z. This is the slope alone.", of="leaky_relu")
def leaky_constant(z, slope=0.01):
    return np.where(z > 0, z, slope)


@check.mistake("The sign is wrong left of 0: slope · z is negative there.", of="leaky_relu")
def leaky_flipped(z, slope=0.01):
    return np.where(z > 0, z, -slope * z)


@check.mistake("Nothing leaks: this is ReLU. Left of 0, leaky_relu is slope · z.", of="leaky_relu")
def leaky_is_relu(z, slope=0.01):
    return np.maximum(z, 0)


@check.mistake("slope · z is added everywhere. It belongs to the left side only.", of="leaky_relu")
def leaky_added(z, slope=0.01):
    return np.maximum(z, 0) + slope * z


@check.mistake("leaky_relu changes the array that it is given. Make a new one.", of="leaky_relu")
def leaky_in_place(z, slope=0.01):
    out = slope * z
    z[z < 0] = out[z < 0]
    return z


@check.mistake("Integers are cut off: your buffer takes the type of `z`, and slope · z is a fraction. Give it floats.", of="leaky_relu")
def leaky_integer_buffer(z, slope=0.01):
    out = np.array(z)
    out[z < 0] = slope * z[z < 0]
    return out


@check.mistake("At z = 0 the slope of leaky_relu is `slope` by agreement, not 1.", of="d_leaky_relu")
def d_leaky_one_at_zero(z, slope=0.01):
    return np.where(z >= 0, 1.0, slope)


@check.mistake("`slope` is ignored in d_leaky_relu: it is not always 0.01.", of="d_leaky_relu")
def d_leaky_slope_ignored(z, slope=0.01):
    return np.where(z > 0, 1.0, 0.01)


@check.mistake("The two sides are swapped: right of 0 it is 1, left of 0 it is `slope`.", of="d_leaky_relu")
def d_leaky_wrong_side(z, slope=0.01):
    return np.where(z > 0, slope, 1.0)


@check.mistake("This is the slope of ReLU: left of 0 it has to be `slope`, not 0.", of="d_leaky_relu")
def d_leaky_is_d_relu(z, slope=0.01):
    return np.where(z > 0, 1.0, 0.0)


@check.mistake("Left of 0 this is slope · z, the height of the curve. Its slope is the number `slope`.", of="d_leaky_relu")
def d_leaky_height(z, slope=0.01):
    return np.where(z > 0, 1.0, slope * z)


@check.mistake("The sign is wrong: left of 0, the slope is `slope`, not its negative.", of="d_leaky_relu")
def d_leaky_negative(z, slope=0.01):
    return np.where(z > 0, 1.0, -slope)


@check.mistake("For integers the slope is cut off to 0: your buffer takes the type of `z`. Give it floats.", of="d_leaky_relu")
def d_leaky_integer_buffer(z, slope=0.01):
    out = np.ones_like(z)
    out[z <= 0] = slope
    return out


rng = np.random.default_rng(32)
table, whole = rng.normal(0, 2, size=(3, 5)), np.array([[-3, 0, 2], [1, -1, 0]])
zeros, coarse = np.array([0.0, -0.0, 1e-9, -1e-9]), rng.normal(size=(4, 3)).astype(np.float32)
view = rng.normal(size=(6, 8))[::2, ::-3]
for name, more in (("relu", ()), ("d_relu", ()), ("leaky_relu", (0.2,)), ("d_leaky_relu", (0.3,))):
    check.equal(f"{name} of a table", table, *more, of=name)
    check.equal(f"{name} at 0, and just beside it", zeros, *more, of=name)
    check.equal(f"{name} of integers", whole, *more, of=name)
    check.equal(f"{name} of float32, three axes", coarse[:, :, None], *more, of=name)
    check.unchanged(f"{name} of a view, left as it is", view, *more, of=name)
check.equal("leaky_relu with slope 0.01", table, of="leaky_relu")
check.equal("d_leaky_relu with slope 0.01", table, of="d_leaky_relu")
check.report()
### END HIDDEN TESTS

# %% [markdown] name="slope-text"
# ### Is ReLU steeper?
#
# One reads that ReLU has the larger slope and so learns faster. **Predict, then run.** At $z = -1$ and at $z = 2$: which of the
# two is steeper?

# %% name="errata-slope" errata={"says": "ReLU has the larger derivative.", "correct": "For z > 0: 1 against at most ¼. For z < 0 it is 0, and the sigmoid's is not."}
my_guess = None  # for z = -1 and for z = 2: "relu" or "sigmoid"

z = np.array([-4.0, -1.0, 0.5, 2.0, 4.0])
print("my guess:", my_guess)
print("     z   sigmoid    relu   leaky")
slopes = activations.d_sigmoid(z), activations.d_relu(z), activations.d_leaky_relu(z, 0.01)
for row in zip(z, *slopes):
    print("{:6.1f}  {:8.3f} {:7.0f} {:7.2f}".format(*row))

# %% [markdown] name="slope-after"
# Half true. For $z > 0$ it is 1 against at most 1/4. For $z < 0$ it is the other way round: the sigmoid's slope is small, but
# ReLU's is *exactly zero*. A unit with a negative sum learns nothing from this example.
#
# The leaky one learns at least a little. How little depends on whom you ask.
#
# **Predict, then run.** Which slope does a library take if you don't name one? Our library copies the choices of Keras. Keras has
# leaky ReLU twice, as a function and as a layer.

# %% name="errata-leaky-defaults" errata={"says": "The slope of a leaky ReLU is very small, 0.01.", "correct": "Defaults differ: 0.2 for the function in Keras and TensorFlow, 0.3 for the layer in Keras, 0.01 in PyTorch. Say which."}
from inspect import signature

my_guess = None

print("my guess:", my_guess)
print("function: slope", signature(activations.leaky_relu).parameters["negative_slope"].default)
print("layer:    slope", signature(layers.LeakyReLU).parameters["negative_slope"].default)
print("yours:    slope", signature(leaky_relu).parameters["slope"].default)

# %% [markdown] name="leaky-after"
# So "leaky ReLU" alone does not say which curve is meant. And its slope need not be "very small". Write the number down.

# %% [markdown] name="tanh-text"
# ## tanh: the sigmoid, stretched
#
# $$ \tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}} $$
#
# It goes from −1 to 1, through 0, and is the sigmoid in another frame: $\tanh(z) = 2\,\text{sigmoid}(2z) - 1$. With
# $a = \tanh(z)$, its slope is $1 - a^2$.
#
# ### Exercise: `tanh` and `d_tanh`
#
# Write `tanh(z)` and `d_tanh(z)`, its slope at $z$, **from exponentials** (`np.exp`). `np.tanh` and the other hyperbolic
# functions are not allowed here. `z` is an array of any shape that holds floats or integers; return an array of floats of the
# same shape. Both are right at $z = \pm 1000$, too, and NumPy warns of nothing there.
#
# <details><summary>Hint 1</summary>For z ≥ 0, multiply numerator and denominator by e<sup>−z</sup>. Only e<sup>−2z</sup> is left,
# which is at most 1.</details>
# <details><summary>Hint 2</summary>tanh(−z) = −tanh(z). So work with |z| and put the sign back at the end:
# <code>np.sign(z)</code>.</details>
# <details><summary>Hint 3</summary><code>d_tanh</code> may call your <code>tanh</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "tanh", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tanh(z):
    """Hyperbolic tangent from exponentials, without overflow."""
    ### BEGIN SOLUTION
    e = np.exp(-2 * np.abs(z))
    return np.sign(z) * (1 - e) / (1 + e)
    ### END SOLUTION


def d_tanh(z):
    """Slope of tanh at z."""
    ### BEGIN SOLUTION
    e = np.exp(-2 * np.abs(z))
    return 4 * e / (1 + e) ** 2
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "tanh-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
hyperbolic = ["numpy.tanh", "numpy.cosh", "numpy.sinh", "math.tanh", "math.cosh", "math.sinh"]
check = Checks("tanh", "d_tanh", points=1, refuse=hyperbolic)
z = np.array([[0.0, np.log(2), -np.log(2)]])
check.equal("tanh at 0, ln 2 and -ln 2", z, expected=np.array([[0.0, 0.6, -0.6]]))
right = np.array([[1.0, 0.64, 0.64]])
check.equal("slope at 0, ln 2 and -ln 2", z, of="d_tanh", expected=right)


def far_out(f):
    value = f(np.array([-1000.0, 0.0, 1000.0]))
    warnings = [text for text in f.last.warned if "underflow" not in text]
    return f"gives a warning: {warnings[0]}" if warnings else np.allclose(value, [-1, 0, 1])


check.that("tanh at -1000, 0 and 1000, without a warning", far_out, of="tanh", quiet=True)
check.report()

# %% nbgrader={"grade": true, "grade_id": "tanh-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks tanh and d_tanh here with more examples.
### BEGIN HIDDEN TESTS
check = Checks(
    "tanh", "d_tanh", points=2, hidden=True,
    refuse=["numpy.tanh", "numpy.cosh", "numpy.sinh", "math.tanh", "math.cosh", "math.sinh"],
)
check.reference(lambda z: np.tanh(z))
check.reference(lambda z: 1 - np.tanh(z) ** 2, of="d_tanh")


@check.mistake("The exponentials overflow for large z: infinity divided by infinity is NaN. Work with the exponential of -2|z|, at most 1.")
def overflow(z):
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


@check.mistake("The exponential overflows on one side: NumPy warns. Work with the exponential of -2|z|, which is at most 1.")
def overflow_on_one_side(z):
    return 2 / (1 + np.exp(-2 * z)) - 1


@check.mistake("The sign of z is lost: tanh(-z) = -tanh(z). Put it back at the end.")
def sign_lost(z):
    e = np.exp(-2 * np.abs(z))
    return (1 - e) / (1 + e)


@check.mistake("The sign is turned round: tanh rises.")
def falling(z):
    e = np.exp(-2 * np.abs(z))
    return -np.sign(z) * (1 - e) / (1 + e)


@check.mistake("A factor 2 is missing in the exponent: this is tanh(z/2). Multiplying by e^-z twice leaves e^-2z.")
def half_the_argument(z):
    e = np.exp(-np.abs(z))
    return np.sign(z) * (1 - e) / (1 + e)


@check.mistake("This is the sigmoid, from 0 to 1. tanh goes from -1 to 1.")
def the_sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


@check.mistake("This is 2·sigmoid(2z), from 0 to 2: subtract 1.")
def one_not_subtracted(z):
    e = np.exp(-2 * np.abs(z))
    return 2 * np.where(z >= 0, 1, e) / (1 + e)


@check.mistake("Numerator and denominator are swapped: this is 1/tanh, infinite at 0.")
def upside_down(z):
    e = np.exp(-2 * np.abs(z))
    return np.sign(z) * (1 + e) / np.where(z == 0, np.nan, 1 - e)


@check.mistake("z is clipped, and too early: beyond the clip the curve is flat. The exponential of -2|z| needs no clip.")
def clipped(z):
    e = np.exp(-2 * np.clip(np.abs(z), 0, 3))
    return np.sign(z) * (1 - e) / (1 + e)


@check.mistake("Integers are cut off: your buffer takes the type of `z`. Give it floats, or use none.")
def integer_buffer(z):
    out, e = np.zeros_like(z), np.exp(-2 * np.abs(z))
    out[...] = np.sign(z) * (1 - e) / (1 + e)
    return out


@check.mistake("The square is missing: the slope is 1 - a², this is 1 - a.", of="d_tanh")
def one_minus_tanh(z):
    e = np.exp(-2 * np.abs(z))
    return 1 - np.sign(z) * (1 - e) / (1 + e)


@check.mistake("1 - a² holds for a = tanh(z). Your function is given z and puts it in as if it were a: compute a first.", of="d_tanh")
def fed_with_z_as_a(z):
    return 1.0 - z**2


@check.mistake("a (1 - a) is the slope of the sigmoid. That of tanh is 1 - a².", of="d_tanh")
def slope_of_the_sigmoid(z):
    e = np.exp(-2 * np.abs(z))
    a = np.sign(z) * (1 - e) / (1 + e)
    return a * (1 - a)


@check.mistake("The sign is wrong: the slope is 1 - a², this is 1 + a².", of="d_tanh")
def one_plus(z):
    e = np.exp(-2 * np.abs(z))
    return 1 + ((1 - e) / (1 + e)) ** 2


@check.mistake("The slope is turned round: this is a² - 1, negative. tanh rises.", of="d_tanh")
def turned_round(z):
    e = np.exp(-2 * np.abs(z))
    return ((1 - e) / (1 + e)) ** 2 - 1


@check.mistake("This is tanh itself. Its slope is asked for.", of="d_tanh")
def slope_is_tanh(z):
    e = np.exp(-2 * np.abs(z))
    return np.sign(z) * (1 - e) / (1 + e)


@check.mistake("tanh is taken twice. 1 - a² needs a = tanh(z), once.", of="d_tanh")
def squashed_twice(z):
    e = np.exp(-2 * np.abs(z))
    e = np.exp(-2 * (1 - e) / (1 + e))
    return 1 - ((1 - e) / (1 + e)) ** 2


@check.mistake("The exponentials in the slope overflow for large z. Work with the exponential of -2|z|, or use 1 - a².", of="d_tanh")
def slope_overflow(z):
    return 4 / (np.exp(z) + np.exp(-z)) ** 2


@check.mistake("The exponentials in the slope give NaN for large z. Work with the exponential of -2|z|, or use a stable tanh.", of="d_tanh")
def slope_to_nan(z):
    return 1 - ((np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))) ** 2


rng = np.random.default_rng(33)
table, block = rng.normal(0, 2, size=(3, 5)), rng.normal(0, 4, size=(2, 3, 4))
whole, coarse = rng.integers(-4, 5, size=9), rng.normal(0, 2, size=(4, 3)).astype(np.float32)
far = np.array([-1000.0, -500.0, 0.0, 500.0, 1000.0])


def quietly(right):
    def condition(f):
        value = f(far)
        warnings = [text for text in f.last.warned if "underflow" not in text]
        return f"gives a warning: {warnings[0]}" if warnings else np.allclose(value, right, 0, 1e-7)

    return condition


check.equal("a table of numbers", table)
check.equal("three axes", block)
check.equal("integers", whole)
check.equal("float32", coarse)
check.that("up to 1000 on both sides, without a warning", quietly([-1, -1, 0, 1, 1]), of="tanh", quiet=True)
check.unchanged("a view that is not contiguous, left as it is", rng.normal(size=(6, 8))[::2, ::-3])
check.equal("slope of a table", table, of="d_tanh")
check.equal("slope along three axes", block, of="d_tanh")
check.equal("slope at integers", whole, of="d_tanh")
check.equal("slope of float32", coarse, of="d_tanh")
check.that("slope up to 1000, without a warning", quietly([0, 0, 1, 0, 0]), of="d_tanh", quiet=True)
check.unchanged("slope of a view, left as it is", rng.normal(size=(6, 8))[::2, ::-3], of="d_tanh")
check.report()
### END HIDDEN TESTS

# %% [markdown] name="tanh-payoff-text"
# **Does it pay off?** Your two pairs in one picture. Same shape, another frame; but look at the slopes.

# %% name="tanh-payoff"
with once_solved():
    sigmoid(z), d_sigmoid(z), tanh(z), d_tanh(z)
    plotting.show(plotting.plot_activations([(sigmoid, d_sigmoid), (tanh, d_tanh)])[0])
    at_zero = np.zeros(1)
    print("slope at 0: sigmoid", d_sigmoid(at_zero)[0], "  tanh", d_tanh(at_zero)[0])

# %% [markdown] name="softplus-text"
# ## Softplus: a ReLU without the kink
#
# $$ \text{softplus}(z) = \ln(1 + e^{z}) $$
#
# For large $z$ it is nearly $z$, for very negative $z$ nearly 0, and in between it bends gently. Two things are worth
# remembering. It is *positive everywhere*. And its slope is the sigmoid, so it is *never quite flat*. (On a computer, both round
# to 0 in the end.)
#
# ### Exercise: `softplus`
#
# Write `softplus(z)`, with the natural logarithm. `z` is an array of any shape that holds floats or integers; return an array of
# floats of the same shape. It is right at $z = \pm 1000$, too (what should come out there?), and NumPy warns of nothing.
#
# <details><summary>Hint 1</summary>For z &gt; 0, take e<sup>z</sup> out of the bracket: 1 + e<sup>z</sup> = e<sup>z</sup>
# (e<sup>−z</sup> + 1). What is the logarithm of a product?</details>
# <details><summary>Hint 2</summary>So softplus is ReLU plus something small that depends on |z| only.</details>

# %% nbgrader={"grade": false, "grade_id": "softplus", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softplus(z):
    """ln(1 + exp(z)), entry by entry, without overflow."""
    ### BEGIN SOLUTION
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "softplus-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("softplus", points=1)
z = np.array([[0.0, 3.0, -3.0]])
check.equal("at 0, 3 and -3", z, expected=np.array([[0.69314718, 3.04858735, 0.04858735]]))


def far_out(f):
    value = f(np.array([-1000.0, 1000.0]))
    warnings = [text for text in f.last.warned if "underflow" not in text]
    return f"gives a warning: {warnings[0]}" if warnings else np.allclose(value, [0, 1000])


check.that("at -1000 and 1000, without a warning", far_out, quiet=True)
check.report()

# %% nbgrader={"grade": true, "grade_id": "softplus-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks softplus here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("softplus", points=2, hidden=True)
check.reference(lambda z: np.logaddexp(0, z))


@check.mistake("The exponential overflows for large z, and infinity comes back. Take the large part out of the logarithm first.")
def overflow(z):
    return np.log(1 + np.exp(z))


@check.mistake("For large z this is infinity minus infinity, which is NaN. Take the exponential of -|z| only.")
def overflow_to_nan(z):
    return z + np.log(1 + np.exp(-z)) if np.all(z > -700) else np.exp(-z) * 0 + z + np.log(1 + np.exp(-z))


@check.mistake("The exponential overflows although its result is thrown away: `np.where` computes both sides. Take it of -|z| only.")
def overflow_behind_where(z):
    return np.where(z > 30, z, np.log(1 + np.exp(z)))


@check.mistake("This is the logarithm to base 2. Softplus takes the natural one, `np.log`.")
def log_base_two(z):
    return np.logaddexp(0, z) / np.log(2)


@check.mistake("This is ReLU. Near 0 softplus lies above it, by ln 2 at z = 0.")
def is_relu(z):
    return np.maximum(z, 0) * 1.0


@check.mistake("This is the sigmoid, the slope of softplus.")
def is_sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


@check.mistake("The sign of z is wrong: softplus rises, this curve falls.")
def falling(z):
    return np.logaddexp(0, -z)


@check.mistake("The part max(z, 0) is missing: this curve has its top at 0 and falls on both sides.")
def relu_missing(z):
    return np.log1p(np.exp(-np.abs(z)))


@check.mistake("z is clipped, so that the curve stays level for large z. Softplus goes on like z.")
def clipped(z):
    return np.log1p(np.exp(np.clip(z, -10, 10)))


@check.mistake("The 1 is missing: the logarithm of e^z alone is z, a straight line.")
def one_missing(z):
    return z + 0.0


@check.mistake("`np.log1p(x)` is the logarithm of 1 + x already. You add another 1.")
def one_twice(z):
    return np.logaddexp(np.log(2), z)


@check.mistake("z is added on both sides of 0. Add it only where it is positive: max(z, 0).")
def z_added_everywhere(z):
    return z + np.log1p(np.exp(-np.abs(z)))


@check.mistake("|z| is added instead of max(z, 0): the curve rises on the left, too.")
def absolute_added(z):
    return np.abs(z) + np.log1p(np.exp(-np.abs(z)))


@check.mistake("Integers are cut off: your buffer takes the type of `z`. Give it floats, or use none.")
def integer_buffer(z):
    out = np.zeros_like(z)
    out[...] = np.logaddexp(0, z)
    return out


@check.mistake("`if z > 0` asks a whole array for one answer. `np.where` and `np.maximum` work entry by entry.")
def if_on_array(z):
    return z if z > 30 else np.log(1 + np.exp(z))


rng = np.random.default_rng(34)
far = np.array([-1000.0, -720.0, 0.0, 720.0, 1000.0])


def quietly(f):
    value = f(far)
    warnings = [text for text in f.last.warned if "underflow" not in text]
    right = [0, 0, np.log(2), 720, 1000]
    return f"gives a warning: {warnings[0]}" if warnings else np.allclose(value, right, 1e-7, 1e-7)


check.equal("a table of numbers", rng.normal(0, 3, size=(3, 5)))
check.equal("three axes", rng.normal(0, 12, size=(2, 3, 4)))
check.equal("integers", rng.integers(-5, 6, size=9))
check.equal("float32", rng.normal(0, 3, size=(4, 3)).astype(np.float32))
check.that("up to 1000 on both sides, without a warning", quietly, quiet=True)
check.equal("only large numbers", np.array([1000.0, 2000.0]))
check.unchanged("a view that is not contiguous, left as it is", rng.normal(size=(6, 8))[::2, ::-3])
check.report()
### END HIDDEN TESTS

# %% [markdown] name="softplus-payoff-text"
# **Does it pay off?** You got the slope of softplus for free: it is the `sigmoid` that you wrote first. Nudge `softplus` and see.

# %% name="softplus-payoff"
with once_solved():
    z = np.linspace(-5, 5, 11)
    by_nudging = (softplus(z + 1e-6) - softplus(z - 1e-6)) / 2e-6
    plotting.show(plotting.plot_activation((softplus, sigmoid))[0])
    same = np.allclose(by_nudging, sigmoid(z), atol=1e-6)
    print("slope of my softplus = my sigmoid:", same)

# %% [markdown] name="survival-text"
# ## What is left of the gradient?
#
# A gradient travels from the last layer back to the first. In each layer it is multiplied by the weights and by the **slope** of
# the activation. (Notebook 6 derives this.) The weights can be chosen well at the start. The slope is what the curve allows.
#
# So look at the slopes alone. If each layer multiplies by the same slope, then after $L$ layers the gradient has been multiplied
# by $\text{slope}^L$.
#
# **Predict, then run.** The sigmoid at its very best, slope 1/4. What is left of a gradient after 10 layers: a tenth, a
# thousandth, a millionth?

# %% name="survival-guess"
my_guess = None

left = 1.0
for layer in range(10):
    left = left * 0.25
print(f"my guess: {my_guess}    left after 10 layers: {left:.1e}")

# %% [markdown] name="survival-exercise"
# ### Exercise: `gradient_survival`
#
# Write `gradient_survival(slope, layers)`: by what factor a gradient is multiplied on its way back through `layers` layers whose
# activation has this slope.
#
# - `slope` is a number, or an array of numbers of any shape (several units, each with its own slope). It may be 0.
# - `layers` is an integer, 0 or more. Through no layers at all, the gradient passes as it is.
# - Return a number for a number, and an array of the same shape for an array. Leave the array as it is.
#
# <details><summary>Hint 1</summary>What is x<sup>0</sup>?</details>
# <details><summary>Hint 2</summary>Python's <code>**</code> works on arrays, entry by entry.</details>

# %% nbgrader={"grade": false, "grade_id": "gradient_survival", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_survival(slope, layers):
    """Factor that is left of a gradient after these layers, for each slope."""
    ### BEGIN SOLUTION
    return slope**layers
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "gradient_survival-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("gradient_survival", points=1)
check.equal("slope one half, three layers", 0.5, 3, expected=0.125)
several = np.array([0.25, 0.5, 1.0])
check.equal("several slopes, two layers", several, 2, expected=np.array([0.0625, 0.25, 1.0]))
check.equal("no layers", 0.25, 0, expected=1.0)
check.report()

# %% nbgrader={"grade": true, "grade_id": "gradient_survival-hidden", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks gradient_survival here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("gradient_survival", points=1, hidden=True)


def right(slope, layers):
    left = np.ones(np.shape(slope))
    for _ in range(layers):
        left = left * slope
    return left if np.ndim(slope) else float(left)


check.reference(right)


@check.mistake("This is the product slope · layers. The slope is multiplied by itself, once per layer: a power.")
def product(slope, layers):
    return slope * layers


@check.mistake("Base and exponent are swapped: it is slope to the power of layers.")
def swapped(slope, layers):
    return np.float64(layers) ** slope


@check.mistake("One layer too many: your loop multiplies a first factor that is the slope already. Start from 1.")
def one_layer_more(slope, layers):
    return slope ** (layers + 1)


@check.mistake("One layer too few: the first layer multiplies, too.")
def one_layer_less(slope, layers):
    return slope ** max(layers - 1, 0)


@check.mistake("Through no layers the gradient passes as it is: the factor is 1, not 0.")
def zero_for_no_layers(slope, layers):
    return slope**layers if layers else slope * 0.0


@check.mistake("Through no layers the gradient passes as it is: the factor is 1, not the slope.")
def slope_for_no_layers(slope, layers):
    return slope ** max(layers, 1)


@check.mistake("The slope is ignored: 1/4 is the sigmoid's best, not every curve's slope.")
def always_a_quarter(slope, layers):
    return 0.25**layers + 0.0 * slope


@check.mistake("The logarithm of slope 0 is minus infinity, and for no layers that gives NaN. Use the power directly.")
def through_the_logarithm(slope, layers):
    return np.exp(layers * np.log(slope))


@check.mistake("The slopes of different units are multiplied with each other. Each unit keeps its own.")
def units_multiplied(slope, layers):
    return np.prod(slope) ** layers


@check.mistake("The slopes of different units are averaged. Each unit keeps its own.")
def units_averaged(slope, layers):
    return np.mean(slope) ** layers


@check.mistake("Your function changes the array of slopes that it is given. `left = left * slope` makes a new one, `*=` does not.")
def in_place(slope, layers):
    if np.ndim(slope) == 0:
        return slope**layers
    power = slope**layers
    slope[...] = power
    return slope


@check.mistake("The factors of the layers are added up. They multiply.")
def summed(slope, layers):
    return sum(slope**layer for layer in range(layers + 1))


@check.mistake("This is what is lost, 1 minus the factor. What is left is asked for.")
def what_is_lost(slope, layers):
    return 1 - slope**layers


rng = np.random.default_rng(35)
slopes = rng.uniform(0.1, 1.2, size=(2, 3))
check.equal("one slope", 0.7, 5)
check.equal("a table of slopes", slopes, 4)
check.equal("a single layer", slopes[0], 1)
check.equal("no layers, a table of slopes", slopes, 0)
check.equal("slope 0, no layers", 0.0, 0)
check.equal("slope 0 among others", np.array([0.0, 0.01, 1.0]), 3)
check.equal("thirty layers", 0.9, 30)
check.equal("integers", np.array([0, 1, 2]), 3)
check.unchanged("the slopes stay as they are", slopes[:, ::2], 2)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="survival-payoff-text"
# **Does it pay off?** Put four slopes through *your* function: a ReLU that is on; the sigmoid at its best; and the typical slope
# of tanh and of the sigmoid, when the sums $z$ scatter around 0 like a standard normal variable. ("Typical" is the quadratic mean
# here: square, average, take the root.)

# %% name="survival-payoff"
with once_solved():
    z = np.random.default_rng(2).normal(size=100_000)
    slopes = {
        "ReLU, on": 1.0,
        "tanh, typical": np.sqrt(np.mean(activations.d_tanh(z) ** 2)),
        "sigmoid, at best": 0.25,
        "sigmoid, typical": np.sqrt(np.mean(activations.d_sigmoid(z) ** 2)),
    }
    left = {name: [gradient_survival(slopes[name], n) for n in range(21)] for name in slopes}
    plotting.show(plotting.plot_gradient_survival(left))

# %% [markdown] name="deep-text"
# That is a calculation with slopes alone. A real network has weights, too. Let us measure one.
#
# We take three networks with eight hidden layers each, fresh from their random initial weights, and show them 40 images. For each
# image and layer we note the gradient that arrives at the sums $z$. (The library gives it as the gradient of the bias: $z$ is
# something plus the bias, so a nudge of the one is a nudge of the other.)
#
# **Predict, then run.** The gradient of the eighth layer is 1. How large is that of the first layer, with sigmoids?

# %% name="deep"
my_guess = None

deep, sizes = {}, {}
for curve in ("relu", "tanh", "sigmoid"):
    network = Sequential([Dense(32, curve) for _ in range(8)] + [Dense(10, "softmax")], rng=3)
    network.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    network.build((None, 64))
    squares = []
    for i in range(40):
        _, gradients = network.compute_gradients(X_train[i : i + 1], Y_train[i : i + 1])
        squares.append([np.mean(bias**2) for bias in gradients[1:16:2]])
    size = np.sqrt(np.mean(squares, axis=0))
    deep[curve], sizes[curve] = network, size / size[-1]
print("my guess:", my_guess)
for curve, size in sizes.items():
    print(f"{curve + ':':8} {size[0]:.1e} of the eighth layer's gradient arrives at the first")
back = {curve: size[::-1] for curve, size in sizes.items()}
plotting.show(plotting.plot_gradient_survival(back, ylabel="gradient, eighth layer = 1"))

# %% [markdown] name="deep-payoff-text"
# The first layers of the sigmoid network get almost nothing to learn from. One calls this the **vanishing gradient**.
#
# Could your function have foreseen it? From the eighth layer to the first, the gradient passes seven slopes. Take the typical
# slope of each network, and compare.

# %% name="deep-payoff"
with once_solved():
    for curve, network in deep.items():
        A, slopes = X_train, []
        for layer in network.layers[:7]:
            W, b = layer.get_weights()
            slopes.append(layer.activation.derivative(A @ W + b))
            A = layer(A)
        typical = np.sqrt(np.mean(np.square(slopes)))
        mine, measured = gradient_survival(typical, 7), sizes[curve][0]
        print(f"{curve + ':':8} slope {typical:.2f}; mine {mine:.1e}, measured {measured:.1e}")

# %% [markdown] name="deep-payoff-after"
# Quite well. The library draws its initial weights so that they neither enlarge nor shrink what passes through them (after
# Glorot; notebook 7 has more). What is left are the slopes. With tanh the sums stay near 0, where its slope is nearly 1. Of the
# ReLUs about half are on, with slope 1; the others are off, with slope 0.

# %% [markdown] name="deep-train-text"
# **Predict, then run.** All three are now trained for 15 epochs. What share of the test digits will each read right?

# %% name="deep-train"
my_guess = None

print("my guess:", my_guess)
for curve, network in deep.items():
    network.fit(X_train, Y_train, epochs=15, verbose=0)
    _, accuracy = network.evaluate(X_test, Y_test, verbose=0)
    print(f"{curve + ':':8} {accuracy:.2f} of the test digits right")

# %% [markdown] name="deep-after"
# The sigmoid network guesses. In a *deep* network the slope decides. (A single layer of sigmoids did read the digits; it only
# took longer than it need have, as the contest at the end will show.) And it need not be ReLU: tanh, whose slope at 0 is 1 as
# well, is no worse here.

# %% [markdown] name="speed-text"
# ## What does a curve cost?
#
# The second reason one reads for ReLU: $\max(z, 0)$ is much faster to compute than $1 / (1 + e^{-z})$. That is true for a single
# number. But a unit does not only bend. First it multiplies and adds.
#
# **Predict, then run.** A layer has 1024 inputs and 1024 units. You replace its sigmoid by a ReLU. How much of the layer's time
# do you save?

# %% [markdown] name="speed-fair"
# (All is measured on one core of the processor: the first cell of this notebook asked NumPy for that.)

# %% name="speed-measure"
from time import perf_counter


def fastest(jobs, seconds=0.2):
    """Shortest time of each job; they take turns, so that a busy moment hits them all."""
    best, end = dict.fromkeys(jobs, np.inf), perf_counter() + seconds
    while perf_counter() < end:
        for name, job in jobs.items():
            start = perf_counter()
            job()
            best[name] = min(best[name], perf_counter() - start)
    return best


rng = np.random.default_rng(4)
inputs, outputs, times = [16, 64, 256, 1024], 65536, []
for n in inputs:  # n inputs, n units, and so many examples that outputs are always as many
    A = rng.random((outputs // n, n), dtype=np.float32)
    W = rng.random((n, n), dtype=np.float32)
    Z = A @ W - n / 4
    jobs = {"product": lambda: A @ W}
    jobs |= {"sigmoid": lambda: activations.sigmoid(Z), "relu": lambda: activations.relu(Z)}
    times.append(fastest(jobs))

# %% name="errata-speed" errata={"says": "ReLU makes networks much faster, since it is cheap.", "correct": "It is cheaper for each element. But most of a layer's time goes into the product of matrices, which stays."}
my_guess = None  # a share, from 0 to 1

wide = times[-1]
with_sigmoid, with_relu = wide["product"] + wide["sigmoid"], wide["product"] + wide["relu"]
print("my guess:", my_guess)
print("ReLU is faster than the sigmoid:                  ", wide["relu"] < wide["sigmoid"])
print("the matrix product takes longer than the sigmoid: ", wide["product"] > wide["sigmoid"])
print("ReLU saves less than a third of the layer's time: ", with_relu > with_sigmoid * 2 / 3)

# %% name="speed-picture" tags=["nbval-ignore-output"]
saved = 1 - with_relu / with_sigmoid
print(f"saved on this computer, this time: {saved:.2f} of the layer's time")
curves = {job: [1e9 * time[job] / outputs for time in times] for job in wide}
axis = {"xlabel": "inputs and units of the layer", "ylabel": "nanoseconds per output"}
plotting.show(plotting.plot_curves(inputs, curves, **axis, xlog=True, ylog=True))

# %% [markdown] name="speed-after"
# The curve costs the same for each output, however wide the layer is. The product costs one multiplication per *input*, so it
# grows. In a narrow layer the curve matters, in a wide one it hardly does. ReLU is cheap, but in a wide layer that hardly shows.

# %% [markdown] name="sparse-text"
# ## Are zeros free?
#
# The third reason: ReLU makes the hidden outputs **sparse**. Where $z$ is negative, the output is exactly 0, and one reads that
# the next layer is then spared the work.
#
# **Predict, then run.** A ReLU network with 64 hidden units has learned the digits. What share of its hidden outputs is exactly
# 0? And how much faster is the next layer's matrix product if half of the numbers are 0?

# %% name="errata-sparse" errata={"says": "Many hidden outputs are 0, so their work is saved.", "correct": "A dense product multiplies the zeros like any other number."}
my_guess = None  # (share of zeros, times faster)

sparse = Sequential([Dense(64, "relu"), Dense(10, "softmax")], rng=5)
sparse.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
sparse.build((None, 64))
before = np.mean(sparse.layers[0](X_test) == 0)
sparse.fit(X_train, Y_train, epochs=20, verbose=0)
after = np.mean(sparse.layers[0](X_test) == 0)

Z = np.random.default_rng(6).normal(size=(64, 512)).astype(np.float32)
W = np.random.default_rng(7).normal(size=(512, 512)).astype(np.float32)
H = np.maximum(Z, 0)
times = fastest({"no zeros": lambda: Z @ W, "half zeros": lambda: H @ W})
ratio = times["half zeros"] / times["no zeros"]

print("my guess:", my_guess)
print(f"zeros among the ReLUs' outputs: {before:.2f} before training, {after:.2f} after")
print(f"zeros among the sigmoids' outputs, from above: {np.mean(hidden == 0):.2f}")
print(f"share of zeros in the second product: {np.mean(H == 0):.2f}")
print("they save more than a quarter of its time:", ratio < 0.75)

# %% name="sparse-ratio" tags=["nbval-ignore-output"]
print(f"time with half zeros / time without, on this computer, this time: {ratio:.2f}")

# %% [markdown] name="sparse-after"
# The zeros are there. But the product is as slow as before: the processor multiplies whole blocks of numbers and never looks
# whether one of them is 0. Zeros save work only if somebody leaves them out, with a special format or special hardware.
#
# What the zeros do mean is something else: for each image only some of the units speak.

# %% [markdown] name="dead-text"
# ## A unit that never speaks again
#
# Now the price of the zeros. Suppose the sum $z$ of a unit is negative for *every* example. Then its output is always 0, its
# slope is always 0, so the gradient of its weights is 0. The weights don't move, and nothing changes in the next round either.
# The unit is **dead**.
#
# ### Exercise: `dead_units`
#
# Write `dead_units(X, W, b)`: which units of a ReLU layer are dead on the data?
#
# - `X` has shape (m, n), one example per row; `W` has shape (n, j), one unit per column; `b` has shape (j,).
# - Return an array of shape (j,) that holds `True` for each unit whose sum $z$ is negative or exactly 0 (the slope is 0 there,
#   too) for **every** example, and `False` for the others.
#
# <details><summary>Hint 1</summary>First the sums of all units for all examples, as in notebook 1: <code>X @ W + b</code>, of
# shape (m, j).</details>
# <details><summary>Hint 2</summary><code>np.all</code> with <code>axis=…</code> asks along one axis. Which axis are the
# examples?</details>

# %% nbgrader={"grade": false, "grade_id": "dead_units", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dead_units(X, W, b):
    """True for each unit with z <= 0 for every example: shape (j,)."""
    ### BEGIN SOLUTION
    return np.all(X @ W + b <= 0, axis=0)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "dead_units-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("dead_units", points=1)
X3 = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
W5 = np.array([[1.0, -1.0, 2.0, -1.0, 3.0], [1.0, -1.0, -4.0, 0.0, -1.0]])
b5 = np.array([0.0, 0.5, 0.0, 0.0, 0.0])
print(X3 @ W5 + b5)  # the sums z: a row for each example, a column for each unit
yes, no = True, False
check.equal("three examples", X3, W5, b5, expected=np.array([no, yes, no, yes, no]))
check.equal("the first alone", X3[:1], W5, b5, expected=np.array([no, yes, no, yes, no]))
check.equal("the second alone", X3[1:2], W5, b5, expected=np.array([no, yes, yes, yes, yes]))
check.report()

# %% nbgrader={"grade": true, "grade_id": "dead_units-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks dead_units here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("dead_units", points=2, hidden=True)
check.reference(lambda X, W, b: np.max(np.einsum("ij,jk->ik", X, W) + b, axis=0) <= 0)


@check.mistake("A unit is dead if it is silent for all examples. This asks whether it is silent for any.")
def silent_for_any(X, W, b):
    return np.any(X @ W + b <= 0, axis=0)


@check.mistake("z = 0 counts as silent, too: the slope of ReLU is 0 there. Ask for `<=`, not `<`.")
def strictly_negative(X, W, b):
    return np.all(X @ W + b < 0, axis=0)


@check.mistake("This asks along the units, and gives one answer per example. Ask along the examples: `axis=0`.")
def wrong_axis(X, W, b):
    return np.all(X @ W + b <= 0, axis=1)


@check.mistake("This asks whether z is negative on average. One positive example keeps a unit alive.")
def negative_on_average(X, W, b):
    return np.mean(X @ W + b, axis=0) <= 0


@check.mistake("The bias is missing in the sum.")
def no_bias(X, W, b):
    return np.all(X @ W <= 0, axis=0)


@check.mistake("True and False are swapped: these are the units that live.")
def living(X, W, b):
    return np.any(X @ W + b > 0, axis=0)


@check.mistake("This marks units that are never silent. Dead ones are always silent.")
def always_positive(X, W, b):
    return np.all(X @ W + b > 0, axis=0)


@check.mistake("The result holds the numbers 1 and 0. Return True and False (bool).")
def numbers(X, W, b):
    return np.all(X @ W + b <= 0, axis=0).astype(int)


@check.mistake("These are the positions of the dead units. Return one True or False per unit.")
def positions(X, W, b):
    return np.nonzero(np.all(X @ W + b <= 0, axis=0))[0]


@check.mistake("This is their number. Return one True or False per unit.")
def how_many(X, W, b):
    return int(np.sum(np.all(X @ W + b <= 0, axis=0)))


@check.mistake("This answers for every example and unit. Put the examples together: one answer per unit.")
def table_of_answers(X, W, b):
    return X @ W + b <= 0


@check.mistake("This is one answer for the whole layer. Return one per unit.")
def one_answer(X, W, b):
    return bool(np.all(X @ W + b <= 0))


@check.mistake("Only the first example is asked. A unit is dead if it is silent for every example.")
def first_example_only(X, W, b):
    return X[0] @ W + b <= 0


@check.mistake("Negative weights alone do not make a unit dead: inputs and bias decide, too. Compute z.")
def negative_weights(X, W, b):
    return np.all(W <= 0, axis=0) & (b <= 0)


@check.mistake("The result has an axis too many: shape (1, j) where (j,) is asked for.")
def axis_kept(X, W, b):
    return np.all(X @ W + b <= 0, axis=0, keepdims=True)


def layers_with_dead_units():
    rng = np.random.default_rng(36)
    X, W = rng.normal(size=(9, 3)), rng.normal(size=(3, 6))
    ints, kernel = rng.integers(-3, 4, size=(7, 2)), rng.integers(-3, 4, size=(2, 5))
    return X, W, ints, kernel, (rng.random((8, 4)), rng.random((4, 3)), np.array([-9.0, -4.5, -0.1]))


X, W, ints, kernel, positive = layers_with_dead_units()
top, mean = (X @ W).max(axis=0), (X @ W).mean(axis=0)
mixed = -top + np.array([0.5, -0.5, 0.1, -0.1, 3.0, -9.0])
ties = -(ints @ kernel).max(axis=0) + np.array([0, 1, 0, -1, 0])
check.equal("some dead, some alive", X, W, mixed)
check.equal("all alive", X, W, -top + 0.01)
check.equal("all dead", X, W, -top - 0.01)
check.equal("dead by exactly 0, integers", ints, kernel, ties)
check.equal("negative on average, yet alive", X, W, -mean - 0.05)
check.equal("positive weights, dead by their bias", *positive)
check.equal("one example", X[:1], W, mixed)
check.equal("one unit", X, W[:, :1], mixed[:1])
check.equal("float32", *(part.astype(np.float32) for part in (X, W, mixed)))
check.unchanged("views that are not contiguous, left as they are", X[::2, ::-1], W[::-1, ::2], mixed[::2])
check.report()
### END HIDDEN TESTS

# %% [markdown] name="dead-payoff-text"
# **Does it pay off?** We stage an accident. Somebody forgets to scale the pixels, so the first ten updates see pixels from 0 to
# 16 instead of 0 to 1. Then the mistake is found, and training goes on with the right pixels, and with the optimizer Adam, for 16
# epochs. *Your* `dead_units` counts the victims among 32 hidden units: once with *your* ReLU, and once with *your* leaky ReLU,
# slope 0.2, where "dead" means that the unit is on its flatter side for every example.
#
# **Predict, then run.** How many units will be dead right after the accident, and how many after the 16 good epochs?

# %% name="dead-accident"
def accident(curve, seed):
    """Dead units after the accident and after each good epoch; accuracy at the end."""
    network = Sequential([Dense(32, curve), Dense(10, "softmax")], rng=seed)
    network.compile(optimizers.SGD(0.05), loss="sparse_categorical_crossentropy")
    network.fit(16 * X_train[:320], Y_train[:320], verbose=0)
    network.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    counts = [np.sum(dead_units(X_train, *network.get_weights()[:2]))]
    for _ in range(16):
        network.fit(X_train, Y_train, verbose=0)
        counts.append(np.sum(dead_units(X_train, *network.get_weights()[:2])))
    return counts, network.evaluate(X_test, Y_test)[1]


# %% name="dead-payoff"
my_guess = None  # (ReLU after the accident, later; leaky after the accident, later)

with once_solved():
    leaky = (lambda z: leaky_relu(z, 0.2)), (lambda z: d_leaky_relu(z, 0.2))
    print("my guess:", my_guess)
    dead = {}
    for name, pair in {"ReLU": (relu, d_relu), "leaky ReLU": leaky}.items():
        runs = [accident(pair, seed) for seed in range(6)]
        dead[name] = [counts for counts, _ in runs]
        first, last = np.median(dead[name], axis=0)[[0, -1]]
        right = np.median([accuracy for _, accuracy in runs])
        print(f"{name + ':':11} {first:4.1f} dead, later {last:4.1f}; accuracy {right:.2f}")
    axis = {"xlabel": "good epochs", "ylabel": "dead units of 32"}
    plotting.show(plotting.plot_runs(dead, x=np.arange(17), **axis))

# %% [markdown] name="dead-after"
# (The middle of six runs.) The dead ReLUs stay dead: through their zeros no gradient comes back. A few more die on the way. The
# leaky units come back, because they have a slope on both sides. That is what the leak is for. But look at the accuracy, too: the
# units that are left do nearly as well. A few dead units are no disaster.

# %% [markdown] name="output-text"
# ## The last layer is another matter
#
# In the hidden layers you are free: take what trains well. In the last layer the *target* decides. The output has to be able to
# take every value that the target can take, and the loss has to fit.
#
# | task | the target $y$ | so the output … |
# |---|---|---|
# | `"binary"` | 0 or 1 (one unit) | is the probability of a 1: between 0 and 1 |
# | `"multiclass"` | one of $k$ classes ($k$ units) | is one probability for each class; together they make 1 |
# | `"real"` | any number, positive or negative (one unit) | has no floor and no ceiling |
# | `"positive"` | a number above 0, such as a price (one unit) | has a floor at 0 and no ceiling |
#
# For probabilities the loss is a cross-entropy (notebook 2); for quantities it is the squared or the absolute error.
#
# A curve for several units at once is **softmax**: $e^{z}$ of each unit, divided by the sum of all these. So the outputs of a
# layer are positive and add up to one. A single unit alone then always says one, whatever its $z$ is.
#
# ### Prices: ReLU?
#
# For a target above 0 one often reads: take ReLU, it is never negative. Let us see. 50 small networks learn the prices of flats,
# with ReLU as the last curve. Then 50 with softplus, and 50 with the exponential $e^{z}$, which are both positive, too.
#
# **Predict, then run.** A network is *stuck* if its whole gradient is exactly 0 although its cost is not. How many of the 50 will
# be stuck?

# %% name="errata-stuck" errata={"says": "If the target is never negative, use a ReLU at the output.", "correct": "It may get stuck at 0, where no gradient comes back. Softplus and the exponential never do."}
my_guess = None  # (with ReLU, with softplus, with the exponential)

rng = np.random.default_rng(8)
flats = rng.random((200, 3))  # area, rooms, noise; each scaled to 0 … 1
prices = 0.5 + flats[:, 0] + 0.4 * flats[:, 1] - 0.2 * flats[:, 2]  # 100 000 dollars
print("my guess:", my_guess)
for name, last in {"relu": "relu", "softplus": "softplus", "exp": (np.exp, np.exp)}.items():
    stuck, costs = 0, []
    for seed in range(50):
        network = Sequential([Dense(4, "relu"), Dense(1, last)], rng=seed)
        network.compile(optimizers.SGD(0.05), loss="mean_squared_error")
        network.fit(flats, prices, epochs=30, verbose=0)
        cost, gradients = network.compute_gradients(flats, prices)
        stuck += not any(gradient.any() for gradient in gradients)
        costs.append(cost)
    print(f"{name + ':':9} {stuck} of 50 stuck; costs {min(costs):.3f} to {max(costs):.2f}")

# %% [markdown] name="stuck-after"
# It is the dead unit again, this time at the worst place: there is only one, and all that the network says goes through it. If
# its sum is negative for all flats, the network says "price 0" for ever. Softplus and the exponential have a slope everywhere and
# get away. ReLU works most of the time; if you take it here, look whether the cost has moved at all.

# %% [markdown] name="output-exercise"
# ### Exercise: `output_layer`
#
# Write `output_layer(task)`: which activation and which loss belong to the last layer for this task? `task` is one of the four
# names in the table above. Return a pair of names, `(activation, loss)`, spelled as in Keras. Choose from
#
# - `"linear"`, `"sigmoid"`, `"tanh"`, `"relu"`, `"leaky_relu"`, `"softplus"`, `"softmax"`,
# - `"binary_crossentropy"`, `"categorical_crossentropy"`, `"sparse_categorical_crossentropy"`, `"mean_squared_error"`,
#   `"mean_absolute_error"`.
#
# Sometimes more than one pair is right; then any of them counts. For `"positive"`, ReLU counts as well as softplus: you know the
# risk now. (The name `"categorical_crossentropy"` means that the classes are given as rows of zeros with a single 1, `"sparse_…"`
# that they are given as numbers 0, 1, 2, …)
#
# <details><summary>Hint 1</summary>Go through the curves in the first pictures of this notebook. Which of them reach all values
# of the target, and no others?</details>
# <details><summary>Hint 2</summary>A <code>dict</code> from task to pair is all the code you need.</details>

# %% nbgrader={"grade": false, "grade_id": "output_layer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_layer(task):
    """Names (activation, loss) of the last layer for this task."""
    ### BEGIN SOLUTION
    return {
        "binary": ("sigmoid", "binary_crossentropy"),
        "multiclass": ("softmax", "sparse_categorical_crossentropy"),
        "real": ("linear", "mean_squared_error"),
        "positive": ("softplus", "mean_squared_error"),
    }[task]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "output_layer-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("output_layer", points=1)


def pair_of_names(output_layer):
    for task in ("binary", "multiclass", "real", "positive"):
        pair = output_layer(task)
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            return f"for {task!r} it does not give a pair (activation, loss)"
        if "entropy" in str(pair[0]).lower() or "error" in str(pair[0]).lower():
            return f"for {task!r} the loss comes first; the activation should"
    return True


check.that("a pair of names for each task, the activation first", pair_of_names)
check.that("binary: a probability", lambda output_layer: output_layer("binary")[0] == "sigmoid")
check.report()

# %% nbgrader={"grade": true, "grade_id": "output_layer-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks output_layer here for all tasks.
### BEGIN HIDDEN TESTS
check = Checks("output_layer", points=2, hidden=True)
good = {
    "binary": ("sigmoid", "binary_crossentropy"),
    "multiclass": ("softmax", "sparse_categorical_crossentropy"),
    "real": ("linear", "mean_squared_error"),
    "positive": ("softplus", "mean_squared_error"),
}


@check.mistake("ReLU cannot give a negative number. A target of any sign needs a curve without floor and ceiling.")
def relu_for_real(task):
    return ("relu", "mean_squared_error") if task == "real" else good[task]


@check.mistake("tanh stops at -1 and 1. A target of any size needs a curve without floor and ceiling.")
def tanh_for_real(task):
    return ("tanh", "mean_squared_error") if task == "real" else good[task]


@check.mistake("Softplus cannot give a negative number. A target of any sign needs a curve without floor and ceiling.")
def softplus_for_real(task):
    return ("softplus", "mean_squared_error") if task == "real" else good[task]


@check.mistake("The sigmoid stops at 1. A price needs a curve with a floor at 0 and no ceiling.")
def sigmoid_for_positive(task):
    return ("sigmoid", "mean_squared_error") if task == "positive" else good[task]


@check.mistake("A line goes below 0, a price does not. Take a curve with a floor at 0 and no ceiling.")
def linear_for_positive(task):
    return ("linear", "mean_squared_error") if task == "positive" else good[task]


@check.mistake("Leaky ReLU goes below 0, a price does not. Take a curve with a floor at 0 and no ceiling.")
def leaky_for_positive(task):
    return ("leaky_relu", "mean_squared_error") if task == "positive" else good[task]


@check.mistake("Softmax over a single unit is 1, whatever z is. One probability needs the sigmoid.")
def softmax_on_one_unit(task):
    return ("softmax", "binary_crossentropy") if task == "binary" else good[task]


@check.mistake("Softmax over a single unit is 1, whatever z is. It is for several classes; a quantity needs another curve.")
def softmax_for_quantities(task):
    return ("softmax", "mean_squared_error") if task in ("real", "positive") else good[task]


@check.mistake("A line gives no probability: it leaves the range from 0 to 1, and this loss, called by its name, expects probabilities.")
def linear_for_binary(task):
    return ("linear", "binary_crossentropy") if task == "binary" else good[task]


@check.mistake("ReLU gives no probability: it has no ceiling at 1.")
def relu_for_binary(task):
    return ("relu", "binary_crossentropy") if task == "binary" else good[task]


@check.mistake("tanh gives no probability: it goes down to -1.")
def tanh_for_binary(task):
    return ("tanh", "binary_crossentropy") if task == "binary" else good[task]


@check.mistake("Sigmoids judge each class by itself, so the probabilities do not make 1. For one of k classes take softmax.")
def sigmoid_for_multiclass(task):
    return ("sigmoid", "sparse_categorical_crossentropy") if task == "multiclass" else good[task]


@check.mistake("The binary cross-entropy is for one probability of yes or no. For one of k classes there is a categorical one.")
def binary_loss_for_multiclass(task):
    return ("softmax", "binary_crossentropy") if task == "multiclass" else good[task]


@check.mistake("Sigmoid and binary cross-entropy answer yes or no for each class by itself. One of k classes needs softmax and a categorical loss.")
def many_binaries(task):
    return good["binary"] if task == "multiclass" else good[task]


@check.mistake("The squared error does not fit probabilities: it hardly punishes a sure and wrong answer. Take a cross-entropy.")
def squared_error_everywhere(task):
    return good[task][0], "mean_squared_error"


@check.mistake("A cross-entropy compares probabilities. For a quantity take the squared or the absolute error.")
def cross_entropy_for_quantities(task):
    return good[task][0], good[task][1] if task in ("binary", "multiclass") else "binary_crossentropy"


@check.mistake("The pair is turned round: the activation comes first, then the loss.")
def turned_round(task):
    return good[task][::-1]


@check.mistake("Only the activation comes back. Return a pair: activation and loss.")
def activation_only(task):
    return good[task][0]


@check.mistake("The task is ignored: every task gets the answer for yes or no.")
def always_binary(task):
    return good["binary"]


distances = {"meansquarederror", "mse", "meanabsoluteerror", "mae", "huber", "logcosh"}
relative = {"meansquaredlogarithmicerror", "msle", "meanabsolutepercentageerror", "mape", "poisson"}
one_of_many = {"categoricalcrossentropy", "sparsecategoricalcrossentropy", "categoricalfocalcrossentropy", "kldivergence", "kld"}
accepted = {
    "binary": ({"sigmoid"}, {"binarycrossentropy", "bce", "binaryfocalcrossentropy"}),
    "multiclass": ({"softmax"}, one_of_many),
    "real": ({"linear", "none", "leakyrelu"}, distances),
    "positive": ({"softplus", "relu", "exponential"}, distances | relative),
}


def fits(task):
    def condition(output_layer):
        activation, loss = output_layer(task)
        known, losses = accepted[task]
        if str(activation).lower().replace("_", "") not in known:
            return "this activation does not fit the target"
        return str(loss).lower().replace("_", "") in losses or "this loss does not fit the target"

    return condition


check.that("yes or no", fits("binary"))
check.that("one of k classes", fits("multiclass"))
check.that("any number", fits("real"))
check.that("a number above 0", fits("positive"))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="output-payoff-text"
# **Does it pay off?** Four tasks, four networks, each with the last layer of *your* choice: is a digit odd? Which digit is it?
# How far is a price from the mean? What is the price?

# %% name="output-payoff"
with once_solved():
    tasks = {
        "binary": (X_train, Y_train % 2, 1),
        "multiclass": (X_train, Y_train, 10),
        "real": (flats, prices - prices.mean(), 1),
        "positive": (flats, prices, 1),
    }
    for task, (inputs, targets, units) in tasks.items():
        activation, loss = output_layer(task)
        if task == "multiclass" and "sparse" not in loss.lower():
            targets = np.eye(units)[targets]
        network = Sequential([Dense(16, "relu"), Dense(units, activation)], rng=9)
        network.compile("adam", loss=loss)
        network.build((None, inputs.shape[1]))
        before = network.evaluate(inputs, targets)
        network.fit(inputs, targets, epochs=30, verbose=0)
        after = network.evaluate(inputs, targets)
        print(f"{task + ':':11} {activation}, {loss}: cost {before:.2f} -> {after:.2f}")

# %% [markdown] name="payoff-text"
# ## Your curves train a network
#
# Everything together: a network whose three layers bend with *your* ReLU, *your* tanh and *your* sigmoid, with *your* slopes on
# the way back. It learns whether a digit is odd. Beside it the same network with the library's own curves, from the same initial
# weights.
#
# **Predict, then run.** Will the two agree on all test images?

# %% name="payoff"
my_guess = None

with once_solved():
    curves = {"mine": [(relu, d_relu), (tanh, d_tanh), (sigmoid, d_sigmoid)]}
    curves["the library"] = ["relu", "tanh", "sigmoid"]
    answers = {}
    for name, (first, second, last) in curves.items():
        odd = Sequential([Dense(25, first), Dense(15, second), Dense(1, last)], rng=10)
        odd.compile("adam", loss="binary_crossentropy")
        odd.fit(X_train, Y_train % 2, epochs=30, verbose=0)
        answers[name] = odd.predict(X_test)[:, 0]
        right = np.mean((answers[name] >= 0.5) == Y_test % 2)
        print(f"{name + ':':12} {right:.2f} of the test images right")
    same = np.mean((answers["mine"] >= 0.5) == (answers["the library"] >= 0.5))
    print(f"my guess: {my_guess}    same answer for {same:.2f} of the images")

# %% [markdown] name="contest-text"
# **Predict, then run.** Last, the contest. One hidden layer of 25 units, all ten digits, and five curves: all yours. Which one
# has the lowest cost on the test images after 15 epochs, and which the highest?

# %% name="contest"
my_guess = None  # (lowest, highest)


def test_costs(curve, seed):
    """Cost of the test images after each epoch."""
    network = Sequential([Dense(25, curve), Dense(10, "softmax")], rng=seed)
    network.compile("adam", loss="sparse_categorical_crossentropy")
    run = network.fit(X_train, Y_train, epochs=15, validation_data=(X_test, Y_test), verbose=0)
    return run.history["val_loss"]


with once_solved():
    pairs = {
        "sigmoid": (sigmoid, d_sigmoid),
        "softplus": (softplus, sigmoid),
        "tanh": (tanh, d_tanh),
        "ReLU": (relu, d_relu),
        "leaky ReLU": (leaky_relu, d_leaky_relu),
    }
    contest = {name: [test_costs(pairs[name], seed) for seed in range(5)] for name in pairs}
    plotting.show(plotting.plot_runs(contest, ylabel="cost of the test images", log=True))
    print("my guess:", my_guess)
    for name, runs in contest.items():
        print(f"{name + ':':12} {np.median(runs, axis=0)[-1]:.2f} (median of 5 runs)")

# %% [markdown] name="summary"
# ## Which curve, and where
#
# | place | take | because | watch out for |
# |---|---|---|---|
# | hidden layers | ReLU | slope 1 where it is on, so gradients get through many layers; cheap | units that die; then a leaky ReLU |
# | hidden layers | tanh | slope 1 at 0, outputs on both sides of 0 | flat on both sides |
# | hidden layers | not the sigmoid, if there are many | slope at most 1/4: the gradient vanishes | |
# | output, yes or no | sigmoid | a probability | |
# | output, one of $k$ | softmax | $k$ probabilities that make 1 | useless for one unit |
# | output, any number | linear | no floor, no ceiling | |
# | output, above 0 | softplus | positive and never flat | ReLU can get stuck at 0 |
#
# And the reasons that one reads, with what you measured: ReLU is steeper than the sigmoid *for positive sums only*; it is
# cheaper, but in a wide layer the matrix product costs most; its zeros save no time in an ordinary matrix product; "leaky" does
# not say how leaky.
#
# **The limits of what was said.** Our networks are tiny, and a contest on 1797 digits settles little. How well a curve trains
# depends on the initial weights, too: with ReLU one often draws them after He, with tanh after Glorot (notebook 7). In large
# networks, layers that keep the sums near 0 (normalization) and connections that bypass layers do much of what we asked of the
# curve. The language models of today mostly use smooth relatives of ReLU, such as GELU. And one question was left out altogether:
# why bend at all? What if all curves are lines? That is the next notebook.
#
# **Where this lives in Keras and PyTorch.**
#
# | here | Keras | PyTorch |
# |---|---|---|
# | `Dense(25, "relu")` | the same | `torch.nn.Linear(64, 25)`, then `torch.nn.ReLU()` |
# | `Dense(25, (relu, d_relu))`, your pair | `Dense(25, relu)`: it finds the slope itself | a function of tensors, likewise |
# | `activations.leaky_relu`, slope 0.2 | `keras.activations.leaky_relu` and `tf.nn.leaky_relu`, slope 0.2 | |
# | `layers.LeakyReLU`, slope 0.3 | `keras.layers.LeakyReLU`, slope 0.3 | `torch.nn.LeakyReLU`, slope 0.01 |
# | `"sigmoid"` with `"binary_crossentropy"` | the same; better with `from_logits=True` | `torch.nn.BCEWithLogitsLoss()` |
# | `"softmax"` with `"sparse_categorical_crossentropy"` | the same | `torch.nn.CrossEntropyLoss()`, which takes $z$ |
