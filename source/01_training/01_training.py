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
#   title: Three calls train a network. What do they do?
#   syllabus:
#     minutes: 45
#     needs: "Python functions and loops, NumPy arrays, what a derivative is. No course before it."
#     gives: "You can say what `Sequential`, `compile` and `fit` do: the output from the input, the cost as the mean of losses, the steps that make it smaller."
# ---

# %% [markdown] name="title"
# # 1 · Three calls train a network. What do they do?
#
# You write `Sequential`, `compile` and `fit`. A minute later the computer reads handwriting. Between the second and the
# third line, something has happened to 2031 numbers. **What?**
#
# At the end of this notebook you can say it, because you will have written each step yourself:
#
# 1. how the output is computed from the input,
# 2. how "wrong" becomes a single number,
# 3. how that number is made smaller.
#
# Plan for about 45 minutes. Each experiment asks you for a guess first. The guess is not graded, but make it: a wrong guess
# that you remember teaches more than a right answer that you read.

# %% name="setup"
import numpy as np

import chainrule
from chainrule import plotting
from chainrule.datasets import load_digits
from chainrule_course.checks import Checks, once_solved

# %% [markdown] name="data-text"
# ## The task
#
# Here are scans of handwritten zeros and ones, written by 13 people in the 1990s. Each is 8 × 8 pixels; a pixel is a
# number from 0 (paper) to 1 (ink). So one image is a row of 64 numbers, and the label is 0 or 1.

# %% name="data"
X, Y = load_digits(classes=(0, 1))
order = np.random.default_rng(0).permutation(len(X))
X_train, Y_train = X[order[:270]], Y[order[:270]]
X_test, Y_test = X[order[270:]], Y[order[270:]]
print("to learn from:", X_train.shape, "   to be judged on:", X_test.shape)
plotting.show(plotting.plot_images(X_train[:16], labels=Y_train[:16], columns=8))

# %% [markdown] name="data-why-test"
# The images are shuffled, and a quarter of them is put aside. The network never learns from them; they only tell how well it does on handwriting
# that it has not seen.

# %% [markdown] name="listing-text"
# ## The three calls
#
# The network below has three layers: 25 units, then 15, then 1. The last number it gives is the probability that the image is
# a one.
#
# **Predict, then run.** After 100 passes through the training images, what share of the *test* images will it get right? A coin
# would get half of them.

# %% name="listing-guess"
my_guess = None  # a number from 0 to 1

# %% name="listing"
from chainrule import Sequential
from chainrule.layers import Dense
from chainrule.losses import BinaryCrossentropy

# 1: the model
model = Sequential(
    [
        Dense(units=25, activation="sigmoid"),
        Dense(units=15, activation="sigmoid"),
        Dense(units=1, activation="sigmoid"),
    ],
    rng=np.random.default_rng(1),
)
# 2: what "wrong" means
model.compile(loss=BinaryCrossentropy(), metrics=["accuracy"])
# 3: training
history = model.fit(X_train, Y_train, epochs=100, verbose=0)

# %% name="listing-result"
loss, accuracy = model.evaluate(X_test, Y_test, verbose=0)
print(f"my guess: {my_guess}    measured: {accuracy:.3f} of {len(Y_test)} test images")

# %% [markdown] name="listing-after"
# These are the very lines you would write for Keras; only the imports differ, and `rng` is added so that you and your neighbor
# see the same numbers. The rest of this notebook opens the three calls, one after the other.
#
# First, look at what `fit` does over time. Run the next cell and watch: the same network learns once more, and a **callback** draws
# a curve while it does.

# %% name="listing-live" tags=["nbval-ignore-output"]
from chainrule.callbacks import LivePlot

layers = [Dense(25, "sigmoid"), Dense(15, "sigmoid"), Dense(1, "sigmoid")]
again = Sequential(layers, rng=np.random.default_rng(1))
again.compile(loss=BinaryCrossentropy())
again.fit(X_train, Y_train, epochs=100, verbose=0, callbacks=[LivePlot()]);

# %% [markdown] name="listing-history-text"
# One point per **epoch**, that is, per pass through the training images. The vertical axis is the **loss**: how wrong the
# network is, on average. Keep two questions in mind. What exactly is that number? And who makes it fall?

# %% [markdown] name="forward-text"
# ## Step 1: from the input to the output
#
# A **unit** multiplies each input by a weight, adds everything up, adds a number of its own (the **bias**), and bends the result
# with a function $g$, the **activation**:
#
# $$ z = a_1 w_1 + a_2 w_2 + \dots + a_n w_n + b, \qquad \text{output} = g(z). $$
#
# A **layer** is several units that look at the same inputs. If the layer has $n$ inputs and $j$ units, put the weights into a
# matrix $W$ with $n$ rows and $j$ columns: column $k$ holds the weights of unit $k$. Put the inputs of $m$ examples into a
# matrix $A$ with one example per row. Then all sums at once are one matrix product:
#
# $$ Z = A\,W + b, \qquad \text{output} = g(Z), $$
#
# where $b$ has one number per unit and is added to every row.

# %% name="forward-network"
plotting.show(plotting.plot_network(model))

# %% [markdown] name="dense-text"
# ### Exercise: `dense`
#
# Write `dense(A, W, b, g)`: the output of one layer for all examples.
#
# - `A` is an array of shape (m, n), one example per row,
# - `W` has shape (n, j), one unit per column,
# - `b` has shape (j,), one bias per unit,
# - `g` is a function that takes an array and works on each of its entries.
#
# Return an array of shape (m, j). Leave the arguments as they are. They may hold floats or integers.
#
# This holds for every exercise: use Python and NumPy, not the functions of `chainrule`. Run the check below the exercise as often
# as you like. It tells you what is right, and often which mistake you made.
#
# <details><summary>Hint 1</summary>Write down the shapes: (m, n) times (n, j) gives what?</details>
# <details><summary>Hint 2</summary>NumPy's operator for the matrix product is <code>@</code>. Adding an array of shape (j,) to one
# of shape (m, j) adds it to every row.</details>
# <details><summary>Hint 3</summary>Bend at the very end, once: first the whole sum with its bias, then <code>g</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "dense", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dense(A, W, b, g):
    """Output of one layer for m examples: shape (m, j)."""
    ### BEGIN SOLUTION
    return g(A @ W + b)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "dense-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("dense", points=1)
A = np.array([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]])
W = np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.5]])
b = np.array([0.5, 0.0, -2.0])
same, cut = lambda z: z, lambda z: np.maximum(z, 0)
right = np.array([[5.5, 2.0, 0.0], [11.5, 4.0, 0.0], [0.5, 0.5, 0.0]])
check.equal("one example, g(z) = z", A[:1], W, b, same, expected=np.array([[5.5, 2.0, -2.0]]))
check.equal("three examples, g cuts off below zero", A, W, b, cut, expected=right)
check.report()

# %% nbgrader={"grade": true, "grade_id": "dense-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks dense here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("dense", points=2, hidden=True)
check.reference(lambda A, W, b, g: g(A @ W + b))


@check.mistake("`W` is used transposed. Its columns are the units already: the product is `A @ W`.")
def transposed(A, W, b, g):
    return g(A @ W.T + b)


@check.mistake("`g` is applied before the bias is added. It bends the whole sum, bias included: `g(A @ W + b)`.")
def bias_after_g(A, W, b, g):
    return g(A @ W) + b


@check.mistake("`g` is applied to parts of the sum. Add everything up first, then apply `g` once.")
def g_on_parts(A, W, b, g):
    return g(A @ W) + g(b)


@check.mistake("`g` is applied to each product. Add everything up first, then apply `g` once.")
def g_on_each_term(A, W, b, g):
    return g(A[:, :, None] * W[None, :, :]).sum(axis=1) + b


@check.mistake("The bias is added as a column: one number per example. There is one per unit; it belongs to the columns.")
def bias_as_column(A, W, b, g):
    return g(A @ W + b.reshape(-1, 1))


@check.mistake("The bias is missing.")
def no_bias(A, W, b, g):
    return g(A @ W)


@check.mistake("The activation is missing: this is z, not g(z).")
def no_activation(A, W, b, g):
    return A @ W + b


@check.mistake("Your loop counts inputs where it should count units: `W.shape[0]` is n, the number of units is `W.shape[1]`.")
def loop_over_inputs(A, W, b, g):
    out = np.zeros((len(A), W.shape[0]))
    for k in range(W.shape[0]):
        out[:, k] = g(A @ W[:, k] + b[k])
    return out


@check.mistake("Only the first example is computed. Every row of `A` is an example.")
def first_example_only(A, W, b, g):
    return g(A[0] @ W + b)


@check.mistake(
    "Your buffer for the result holds integers, so fractions are cut off. `np.zeros((m, j))` holds floats;"
    " `np.zeros_like(A)` takes the type of `A`."
)
def integer_buffer(A, W, b, g):
    out = np.zeros((A.shape[0], W.shape[1]), dtype=A.dtype)
    for i in range(A.shape[0]):
        out[i] = g(A[i] @ W + b)
    return out


rng = np.random.default_rng(11)
bend = lambda z: 1 / (1 + np.exp(-z))
more_units = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
fewer_units = rng.normal(size=(4, 6)), rng.normal(size=(6, 2)), rng.normal(size=2)
square = rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)
check.equal("more units than inputs", *more_units, bend)
check.equal("fewer units than inputs", *fewer_units, bend)
check.equal("as many units as inputs", *square, bend)
check.equal("integers in A", rng.integers(-3, 4, size=(4, 2)), rng.normal(size=(2, 3)), rng.normal(size=3), bend)
check.equal("one example, one input, one unit", np.array([[2.0]]), np.array([[-3.0]]), np.array([0.5]), np.tanh)
wide = rng.normal(size=(4, 5)).astype(np.float32), rng.normal(size=(5, 3)).astype(np.float32), np.ones(3, np.float32)
check.equal("float32", *wide, bend)
check.equal("a view that is not contiguous", rng.normal(size=(6, 8))[::2, ::2], rng.normal(size=(4, 2)), np.ones(2), bend)
check.unchanged("the arguments stay as they are", *more_units, bend)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="dense-payoff-text"
# **Does it pay off?** The trained model is nothing but three matrices and three biases. Put them through *your* `dense`, three times
# in a row, and compare with what the model predicts.

# %% name="dense-payoff"
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


with once_solved():
    W1, b1, W2, b2, W3, b3 = model.get_weights()
    mine = dense(dense(dense(X_test, W1, b1, sigmoid), W2, b2, sigmoid), W3, b3, sigmoid)
    theirs = model.predict(X_test, verbose=0)
    print("first five, mine:  ", mine[:5, 0].round(3))
    print("first five, model: ", theirs[:5, 0].round(3))
    print("largest difference smaller than 1e-5:", bool(np.abs(mine - theirs).max() < 1e-5))

# %% [markdown] name="count-parameters-text"
# **Predict, then run.** How many numbers does this network hold? A layer with $n$ inputs and $j$ units has a weight for each
# pair, and a bias for each unit: $n \cdot j + j$. Do it on paper for 64 inputs and layers of 25, 15 and 1 units.

# %% name="count-parameters"
my_guess = None

widths = [64, 25, 15, 1]
parameters = [n * j + j for n, j in zip(widths[:-1], widths[1:])]
print("my guess:", my_guess)
print("counted: ", " + ".join(map(str, parameters)), "=", sum(parameters))
model.summary()

# %% [markdown] name="weights-text"
# ### What does a unit look for?
#
# The 25 units of the first layer have one weight per pixel. So the weights of a unit are an image themselves. Light pixels speak for
# the unit, dark pixels against it, mid-gray ones don't matter to it.

# %% name="weights"
plotting.show(plotting.plot_weights(model.get_weights()[0], shape=(8, 8), columns=9))

# %% [markdown] name="predict-label-text"
# ### Exercise: `predict_label`
#
# The network answers with a probability. To answer with a digit, it has to decide: one if the probability reaches a threshold,
# else zero.
#
# Write `predict_label(p, threshold=0.5)`. `p` is an array of probabilities of any shape. Return an array of the *same shape* that holds
# the *integers* 0 and 1. A probability that equals the threshold counts as 1.
#
# <details><summary>Hint 1</summary>Comparing an array with a number gives an array of True and False.</details>
# <details><summary>Hint 2</summary><code>.astype(int)</code> turns True and False into 1 and 0.</details>

# %% nbgrader={"grade": false, "grade_id": "predict_label", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_label(p, threshold=0.5):
    """Labels 0 and 1, as integers, in the shape of p."""
    ### BEGIN SOLUTION
    return (p >= threshold).astype(int)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "predict_label-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("predict_label", points=1)
p = np.array([0.2, 0.5, 0.9])
check.equal("below, at and above one half", p, expected=np.array([0, 1, 1]))
p = np.array([0.6, 0.7, 0.9])
check.equal("a threshold of your choice", p, threshold=0.7, expected=np.array([0, 1, 1]))
check.equal("the shape stays", np.array([[0.8], [0.1]]), expected=np.array([[1], [0]]))
check.report()

# %% nbgrader={"grade": true, "grade_id": "predict_label-hidden", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks predict_label here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("predict_label", points=1, hidden=True)
check.reference(lambda p, threshold=0.5: np.where(p >= threshold, 1, 0))


@check.mistake("A probability that equals the threshold must count as 1: use `>=`, not `>`.")
def strictly_above(p, threshold=0.5):
    return (p > threshold).astype(int)


@check.mistake("Rounding fixes the threshold at 0.5, and `np.round` sends exactly 0.5 to 0. Compare with `threshold` instead.")
def rounded(p, threshold=0.5):
    return np.round(p).astype(int)


@check.mistake("The result holds True and False. Turn them into the integers 1 and 0.")
def booleans(p, threshold=0.5):
    return p >= threshold


@check.mistake("The result holds floats (0.0 and 1.0). Labels are integers.")
def floats(p, threshold=0.5):
    return (p >= threshold) * 1.0


@check.mistake("The argument `threshold` is ignored.")
def threshold_ignored(p, threshold=0.5):
    return (p >= 0.5).astype(int)


@check.mistake("The shape of `p` is lost: a column comes back as a flat array.")
def flattened(p, threshold=0.5):
    return np.array([1 if value >= threshold else 0 for value in p.ravel()])


@check.mistake("The labels are swapped: 1 is for probabilities at or above the threshold.")
def swapped(p, threshold=0.5):
    return (p < threshold).astype(int)


rng = np.random.default_rng(12)
check.equal("a column of probabilities", rng.random((7, 1)))
check.equal("a table, low threshold", rng.random((3, 5)), 0.125)
check.equal("ties at another threshold", np.array([0.25, 0.75, 0.74, 0.76]), 0.75)
check.equal("zero and one", np.array([0.0, 1.0, 0.5]))
check.equal("float32, tie", np.array([0.5, 0.25], dtype=np.float32))
check.unchanged("the argument stays as it is", rng.random(6), 0.4)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="loss-text"
# ## Step 2: how wrong is it?
#
# `compile` was told `BinaryCrossentropy`. That is the **loss**, a number for *one* example. If the label is $y$ and the network says
# $p$, then
#
# $$ \text{loss}(y, p) = -y \ln p - (1 - y) \ln(1 - p). $$
#
# For $y = 1$ only the first term is left, for $y = 0$ only the second. The next notebook asks where this formula comes from. Here, look
# at what it does.
#
# **Predict, then run.** The label is 1. The network says 0.9, then 0.5, then 0.1. How much worse is the last than the first: 2 times,
# 10 times, 20 times?

# %% name="loss-table"
my_guess = None


def bce(y, p):
    return -y * np.log(p) - (1 - y) * np.log(1 - p)


for p in [0.9, 0.5, 0.1, 0.01]:
    print(f"label 1, network says {p:4}:  loss {bce(1, p):.3f}")
print(f"my guess: {my_guess}    measured: {bce(1, 0.1) / bce(1, 0.9):.1f} times")

# %% [markdown] name="cost-text"
# One number for the whole data set is the **cost**: the *mean* of the losses of all examples. (Keras calls the mean "loss", too.)
#
# Why the mean and not the sum? **Predict, then run.** Write every example down twice. Which of the two doubles, and which stays?

# %% name="cost-doubled" errata={"says": "The cost is the error over the whole training set.", "correct": "The cost is the *mean* of the losses. Show every example twice: the sum doubles, the mean stays. Keras prints it as `loss`."}
my_guess = None  # "the mean", "the sum" or "both"

p_test = model.predict(X_test, verbose=0).ravel()
once = bce(Y_test, p_test)
twice = np.concatenate([once, once])
print("my guess:", my_guess)
print(f"sum of losses:   once {once.sum():.4f}   twice {twice.sum():.4f}")
print(f"mean of losses:  once {once.mean():.4f}   twice {twice.mean():.4f}")

# %% [markdown] name="cost-text-2"
# The network is no worse for seeing the data twice. The mean agrees, the sum doesn't.
#
# ### Exercise: `cost`
#
# Write `cost(y, p, loss)`: the mean over all examples of the loss of each.
#
# - `y` holds the m labels, `p` the m predictions,
# - either of them may have shape (m,) or shape (m, 1): a network gives a column, labels often come as a flat array,
# - `loss(y, p)` takes two numbers, or two arrays of the same shape, and gives the loss of each example.
#
# Return a single number (a float).
#
# <details><summary>Hint 1</summary>What is the shape of <code>np.zeros(3) - np.zeros((3, 1))</code>? Try it. It is not what you want
# here.</details>
# <details><summary>Hint 2</summary><code>np.ravel(p)</code> is <code>p</code> as a flat array.</details>

# %% nbgrader={"grade": false, "grade_id": "cost", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cost(y, p, loss):
    """Mean of the losses of all examples."""
    ### BEGIN SOLUTION
    return np.mean(loss(np.ravel(y), np.ravel(p)))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "cost-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("cost", points=1)


def squared(y, p):
    return (y - p) ** 2


y, p = np.array([1.0, 0.0, 2.0]), np.array([0.0, 0.5, 4.0])
check.equal("three examples", y, p, squared, expected=1.75)
check.equal("a column of predictions", y, p.reshape(3, 1), squared, expected=1.75)
check.report()

# %% nbgrader={"grade": true, "grade_id": "cost-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks cost here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("cost", points=2, hidden=True)
check.reference(lambda y, p, loss: float(np.mean(loss(y.ravel(), p.ravel()))))


@check.mistake("This is the sum of the losses; the cost is their mean.")
def summed(y, p, loss):
    return np.sum(loss(np.ravel(y), np.ravel(p)))


@check.mistake("This is the loss of the first example only.")
def first_only(y, p, loss):
    return np.mean(loss(np.ravel(y)[0], np.ravel(p)[0]))


@check.mistake("This is the loss of the last example only: each round of the loop overwrites the one before.")
def last_only(y, p, loss):
    return np.mean(loss(np.ravel(y)[-1], np.ravel(p)[-1]))


@check.mistake(
    "Shapes (m,) and (m, 1) were combined to an m × m table: every label against every prediction. Make both flat first."
)
def broadcast(y, p, loss):
    return np.mean(loss(y, p))


@check.mistake("This is the loss of the mean label and the mean prediction. Take the loss of each example first, then the mean.")
def loss_of_means(y, p, loss):
    return loss(np.mean(y), np.mean(p))


@check.mistake("The losses are divided by m - 1. The mean of m numbers divides by m.")
def divided_by_one_less(y, p, loss):
    return np.sum(loss(np.ravel(y), np.ravel(p))) / max(np.size(y) - 1, 1)


@check.mistake("This gives the loss of each example. The cost is one number: their mean.")
def no_mean(y, p, loss):
    return loss(np.ravel(y), np.ravel(p))


@check.mistake("The given `loss` is ignored: this is the mean squared error, whatever `loss` is.")
def always_squared(y, p, loss):
    return np.mean((np.ravel(y) - np.ravel(p)) ** 2)


rng = np.random.default_rng(13)
y, p = rng.integers(0, 2, size=9), rng.uniform(0.1, 0.9, size=9)


def cross_entropy(y, p):
    return -y * np.log(p) - (1 - y) * np.log(1 - p)


def lopsided(y, p):
    return 3 * np.maximum(y - p, 0) + np.maximum(p - y, 0)


check.equal("binary cross-entropy, both flat", y, p, cross_entropy)
check.equal("binary cross-entropy, a column of predictions", y, p[:, None], cross_entropy)
check.equal("binary cross-entropy, a column of labels", y[:, None], p, cross_entropy)
check.equal("both columns", y[:, None], p[:, None], lopsided)
check.equal("a loss that is not symmetric", y, p, lopsided)
check.equal("a single example", y[:1], p[:1], cross_entropy)
check.unchanged("the arguments stay as they are", y, p[:, None], cross_entropy)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="cost-payoff-text"
# **Does it pay off?** The number that `evaluate` gave is your `cost` of the test images:

# %% name="cost-payoff"
with once_solved():
    mine = cost(Y_test, model.predict(X_test, verbose=0), bce)
    print(f"my cost: {mine:.5f}    model.evaluate: {loss:.5f}")
    right = np.mean(predict_label(p_test) == Y_test)
    print(f"share of right labels, mine: {right:.3f}    model.evaluate: {accuracy:.3f}")

# %% [markdown] name="clip-text"
# ### How bad can it get?
#
# The formula has no ceiling: as $p$ goes to 0 with label 1, the loss grows without end. A computer has one. The sigmoid of $-200$ is
# so small that logarithms of it are asking for trouble, so a loss that is given $p$, in Keras and in our library, keeps $p$ at least $10^{-7}$ away from 0 and 1.
#
# There is a way around it: give the loss the sum $z$ *before* the sigmoid (the **logit**) and let it do both steps together. That is
# what `from_logits=True` means.
#
# **Predict, then run.** The label is 1 and $z = -200$. What is the loss, once from $p$ and once from $z$?

# %% name="clip" errata={"says": "The binary cross-entropy is computed as its formula says.", "correct": "Of a probability, only after it was clipped (in Keras at 1e-7), so a loss never exceeds about 16.12. From logits there is no ceiling."}
my_guess = None

z = np.linspace(-200, 20, 221)[:, None]
label = np.ones_like(z)
from_p = BinaryCrossentropy(reduction="none")  # one loss for each example, not their mean
from_z = BinaryCrossentropy(from_logits=True, reduction="none")
with np.errstate(over="ignore"):
    p = sigmoid(z)
clipped, exact = from_p(label, p), from_z(label, z)
print(f"my guess: {my_guess}    from p: {clipped[0]:.2f}    from z: {exact[0]:.2f}")
plotting.show(
    plotting.plot_curves(
        z.ravel(),
        {"from z: no ceiling": exact, "from p: clipped": clipped},
        xlabel="z, the sum before the sigmoid",
        ylabel="loss for label 1 (nats)",
    )
)

# %% [markdown] name="clip-after"
# On the flat part, the slope is zero: from $p$ alone, an example that is completely wrong teaches nothing. That is why good practice is a
# last layer without activation and `BinaryCrossentropy(from_logits=True)`. Our network above was spared: where a model ends in a
# sigmoid, `fit` looks behind it for $z$ on its own, here as in Keras.

# %% [markdown] name="mse-text"
# ### Another loss
#
# If the answer is a quantity rather than yes or no (a price, say), the usual loss is the squared difference. Its class is called
# `MeanSquaredError`. A name that is one letter off is not found; the library tells you which name you may have meant.

# %% name="mse" errata={"says": "The squared error is `MeanSquareError`.", "correct": "It is `MeanSquaredError`, and for activations `LeakyReLU`. Names are exact; ask for a wrong one and you are told the right one."}
from chainrule import losses

answer, prediction = np.array([[1.0], [4.0]]), np.array([[2.0], [2.0]])
print("mean of 1 and 4:", float(losses.MeanSquaredError()(answer, prediction)))
print("is there a losses.MeanSquareError?", hasattr(losses, "MeanSquareError"))
try:
    Sequential([Dense(1)]).compile(loss="mean_square_error")
except ValueError as error:
    print(str(error).split(" Known")[0])

# %% [markdown] name="optimizer-text"
# ## Step 3: make it smaller
#
# `fit` changes the weights so that the cost falls. Who decides how? We told `compile` nothing about it.
#
# **Predict, then run.** Which method did `compile` pick on its own? And how many images does it look at before it changes the weights?

# %% name="optimizer" errata={"says": "`compile(loss=…)`, then `fit` runs gradient descent on all examples.", "correct": "The default is RMSprop with learning rate 0.001, in batches of 32, so there are many updates in each pass."}
from inspect import signature

my_guess = None

print("my guess:", my_guess)
print("optimizer:", model.optimizer)
print("images per update:", signature(model.fit).parameters["batch_size"].default)
print("updates per pass through the 270 images:", history.params["steps"])

# %% [markdown] name="optimizer-after"
# Not plain gradient descent, as one might think, but a relative of it called RMSprop, with **batches** of 32 images. So it goes:
#
# - shuffle the training images,
# - take the first 32, find out in which direction each weight should move to make *their* cost smaller, move all weights a little: that is
#   one **update**,
# - take the next 32, and so on; the last batch may be shorter,
# - when all images have been used, one **epoch** is over; start again.
#
# ### Exercise: `count_updates`
#
# Write `count_updates(m, batch_size, epochs)`: how many updates `fit` makes for `m` training examples. The last batch of an epoch may be
# short, but it counts; a batch never reaches into the next epoch. All three arguments are positive integers; return an integer (`int`).
#
# <details><summary>Hint 1</summary>Ten examples, batches of four: 4 + 4 + 2. How many batches is that?</details>
# <details><summary>Hint 2</summary>Round up. <code>math.ceil</code> does, and so does <code>-(-m // batch_size)</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "count_updates", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_updates(m, batch_size, epochs):
    """Number of updates in all epochs together."""
    ### BEGIN SOLUTION
    return -(-m // batch_size) * epochs
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "count_updates-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("count_updates", points=1)
check.equal("11 examples, batches of 4, one epoch", 11, 4, 1, expected=3)
check.equal("10 examples, batches of 4, three epochs", 10, 4, 3, expected=9)
check.equal("12 examples, batches of 4, five epochs", 12, 4, 5, expected=15)
check.report()

# %% nbgrader={"grade": true, "grade_id": "count_updates-hidden", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks count_updates here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("count_updates", points=1, hidden=True)
check.reference(lambda m, batch_size, epochs: sum(1 for _ in range(0, m, batch_size)) * epochs)


@check.mistake("The short batch at the end of each epoch is dropped. It counts: round up, not down.")
def short_batch_dropped(m, batch_size, epochs):
    return (m // batch_size) * epochs


@check.mistake("All epochs are counted as one long list of examples, rounded down. Round up within each epoch.")
def one_long_list_down(m, batch_size, epochs):
    return m * epochs // batch_size


@check.mistake("All epochs are counted as one long list of examples. A batch never reaches into the next epoch: round up within each.")
def one_long_list(m, batch_size, epochs):
    return -(-m * epochs // batch_size)


@check.mistake("These are the updates of one epoch; there are `epochs` of them.")
def epochs_forgotten(m, batch_size, epochs):
    return -(-m // batch_size)


@check.mistake("This counts one update for each example. There is one for each batch.")
def one_per_example(m, batch_size, epochs):
    return m * epochs


@check.mistake("One batch too many when `batch_size` divides m: then no short batch is left over.")
def always_one_more(m, batch_size, epochs):
    return (m // batch_size + 1) * epochs


@check.mistake("The result is a float. A number of updates is an integer (`int`).")
def float_result(m, batch_size, epochs):
    return np.ceil(m / batch_size) * epochs


@check.mistake("This is not rounded: there is no such thing as a part of an update. Round up within each epoch.")
def not_rounded(m, batch_size, epochs):
    return m / batch_size * epochs


@check.mistake("This rounds to the nearest number. A short batch counts however short it is: round up.")
def rounded_to_nearest(m, batch_size, epochs):
    return round(m / batch_size) * epochs


check.equal("a short last batch, several epochs", 270, 32, 100)
check.equal("a last batch of one", 65, 64, 7)
check.equal("a last batch that is nearly full", 63, 32, 3)
check.equal("batches that fit exactly", 256, 32, 20)
check.equal("one example per batch", 37, 1, 4)
check.equal("a batch larger than the data", 5, 32, 6)
check.equal("the whole data as one batch", 360, 360, 11)
check.report()
### END HIDDEN TESTS

# %% name="count-updates-payoff"
with once_solved():
    print("updates in our training run, by my count:", count_updates(len(X_train), 32, 100))
    print("updates that the optimizer counted:      ", model.optimizer.iterations)

# %% [markdown] name="fit-text"
# ## All three steps in one loop
#
# A network with a single unit and a sigmoid has its own name: **logistic regression**. It is small enough to write down completely,
# training included. The output of example $i$ is $p_i = g(x_i \cdot w + b)$ with the sigmoid $g$. For the binary cross-entropy, the direction
# in which the cost of a batch of $k$ examples grows fastest, its **gradient**, turns out to be short (a later notebook derives it):
#
# $$ \frac{\partial\,\text{cost}}{\partial w} = \frac1k \sum_{i \in \text{batch}} (p_i - y_i)\,x_i,
# \qquad \frac{\partial\,\text{cost}}{\partial b} = \frac1k \sum_{i \in \text{batch}} (p_i - y_i). $$
#
# The update goes the other way, by a step of size lr, the **learning rate**: $w \leftarrow w - \text{lr} \cdot \partial\,\text{cost}/\partial w$,
# and likewise for $b$.
#
# ### Exercise: `fit_logistic`
#
# Write `fit_logistic(X, y, lr, epochs, batch_size, rng)`. `X` has shape (m, n), `y` holds m labels 0 or 1.
#
# 1. Start with `w` as n zeros and `b` as zero.
# 2. In each epoch draw one new order of the examples, `order = rng.permutation(m)`. Take the examples in this order, `batch_size` at a time;
#    the last batch may be short.
# 3. For each batch compute the gradient with the weights as they are now, divided by the size *k of this batch*, and update `w` and `b`.
# 4. After each epoch, write down the cost: the mean binary cross-entropy (natural logarithm) of *all* m examples with the current weights.
#
# Return `(w, b, history)`: an array of shape (n,), a number, and the list of the `epochs` costs. Don't change `X` and `y`. The data of the
# checks never drives a probability to exactly 0 or 1.
#
# <details><summary>Hint 1</summary>Two nested loops: <code>for _ in range(epochs)</code>, and inside it
# <code>for start in range(0, m, batch_size)</code>.</details>
# <details><summary>Hint 2</summary>The rows of a batch are <code>rows = order[start : start + batch_size]</code>. A slice that reaches beyond
# the end is simply shorter.</details>
# <details><summary>Hint 3</summary>With <code>error = p - y[rows]</code>, the sum in the gradient of <code>w</code> is
# <code>X[rows].T @ error</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "fit_logistic", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_logistic(X, y, lr, epochs, batch_size, rng):
    """Train logistic regression; return (w, b, history)."""
    ### BEGIN SOLUTION
    m, n = X.shape
    w, b, history = np.zeros(n), 0.0, []
    for _ in range(epochs):
        order = rng.permutation(m)
        for start in range(0, m, batch_size):
            rows = order[start : start + batch_size]
            error = 1 / (1 + np.exp(-(X[rows] @ w + b))) - y[rows]
            w = w - lr * X[rows].T @ error / len(rows)
            b = b - lr * error.mean()
        p = 1 / (1 + np.exp(-(X @ w + b)))
        history.append(float(np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))))
    return w, b, history
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "fit_logistic-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("fit_logistic", points=1)
x3 = np.array([[1.0], [-1.0], [2.0]])
y3 = np.array([1, 0, 1])
rng = np.random.default_rng(0)
one_batch = np.array([2 / 3]), 1 / 6, [0.3454584]
check.equal("one epoch, one batch", x3, y3, 1.0, 1, 3, rng, expected=one_batch, atol=1e-6)


def shapes(fit):
    return [np.shape(part) for part in fit(np.eye(4), np.arange(4) % 2, 0.1, 5, 3, rng)]


check.that("four features, five epochs", lambda fit: shapes(fit) == [(4,), (), (5,)])
check.that("the cost falls", lambda fit: np.all(np.diff(fit(x3, y3, 0.1, 9, 2, rng)[2]) < 0))
check.report()

# %% nbgrader={"grade": true, "grade_id": "fit_logistic-hidden", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks fit_logistic here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("fit_logistic", points=4, hidden=True)


def loop(
    X, y, lr, epochs, batch_size, rng,
    orders=None, drop_last=False, divisor=None, cost_of="all", sign=-1, per_epoch=True, move_bias=True, size=None,
):
    """The right loop; each option makes one of the mistakes below."""
    m, n = X.shape
    w, b, history = np.zeros(n), 0.0, []
    draw = orders or (lambda rng: (lambda order: (order, order))(rng.permutation(m)))
    fixed = None if per_epoch else draw(rng)

    def mean_cost(X, y):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        return float(np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p)))

    for _ in range(epochs):
        order_x, order_y = fixed or draw(rng)
        running, before = [], mean_cost(X, y)
        step = size or batch_size
        for start in range(0, m, step):
            rows, labels = order_x[start : start + step], order_y[start : start + step]
            if drop_last and len(rows) < step:
                continue
            running.append((mean_cost(X[rows], y[labels]), len(rows)))
            error = 1 / (1 + np.exp(-(X[rows] @ w + b))) - y[labels]
            k = {"m": m, "one": 1, "batch_size": batch_size}.get(divisor, len(rows))
            w = w + sign * lr * X[rows].T @ error / k
            b = b + sign * lr * error.sum() / k * move_bias
        last_batch = mean_cost(X[rows], y[labels])
        average = sum(cost * k for cost, k in running) / sum(k for _, k in running) if running else before
        history.append({"all": mean_cost(X, y), "last batch": last_batch, "running": average, "before": before}[cost_of])
    return w, b, history


check.reference(loop)


@check.mistake("`X` and `y` are shuffled apart, each with its own order: images get the labels of others. Draw one order for both.")
def shuffled_apart(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, orders=lambda r: (r.permutation(len(y)), r.permutation(len(y))))


@check.mistake("Only `X` is shuffled, `y` keeps its order: images get the labels of others.")
def only_x_shuffled(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, orders=lambda r: (r.permutation(len(y)), np.arange(len(y))))


@check.mistake("The order is drawn once, before the first epoch. Draw a new one in every epoch.")
def shuffled_once(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, per_epoch=False)


@check.mistake("The examples are not shuffled.")
def not_shuffled(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, orders=lambda r: (np.arange(len(y)), np.arange(len(y))))


@check.mistake("The short batch at the end of an epoch is left out.")
def short_batch_dropped(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, drop_last=True)


@check.mistake("The gradient is divided by m, the number of all examples. Divide by the size of the batch.")
def divided_by_m(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, divisor="m")


@check.mistake("The gradient is divided by `batch_size` even where the last batch is shorter. Divide by the size of this batch.")
def divided_by_batch_size(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, divisor="batch_size")


@check.mistake("The gradient is a sum: it is not divided by the size of the batch.")
def gradient_summed(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, divisor="one")


@check.mistake("The weights move up the gradient, so the cost grows. Subtract the step.")
def uphill(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, sign=1)


@check.mistake("The history holds the cost of the last batch. Compute the cost of all examples after each epoch.")
def cost_of_last_batch(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, cost_of="last batch")


@check.mistake(
    "The history holds the mean of the batches' costs while the weights were still changing (what Keras reports)."
    " Here, compute the cost of all examples after each epoch."
)
def running_cost(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, cost_of="running")


@check.mistake("The history holds the cost from before each epoch. Write it down after the epoch's updates.")
def cost_before(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, cost_of="before")


@check.mistake("The bias never moves. It has a gradient, too: the mean of p - y.")
def bias_never_moves(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, move_bias=False)


@check.mistake("`batch_size` is ignored: there is one update for each epoch.")
def batch_size_ignored(X, y, lr, epochs, batch_size, rng):
    return loop(X, y, lr, epochs, batch_size, rng, size=len(y))


rng = np.random.default_rng(14)
wide, labels = rng.normal(size=(11, 3)), rng.integers(0, 2, size=11)
tall, answers = rng.normal(size=(8, 2)), np.array([0, 1, 1, 0, 1, 0, 0, 1])
seed = lambda: np.random.default_rng(5)
close = {"rtol": 1e-6, "atol": 1e-6}
check.equal("one batch, one epoch", tall, answers, 0.3, 1, 8, seed(), **close)
check.equal("one batch, several epochs", tall, answers, 0.3, 4, 8, seed(), **close)
check.equal("batches that fit, one epoch", tall, answers, 0.3, 1, 4, seed(), **close)
check.equal("batches that fit, several epochs", tall, answers, 0.2, 5, 2, seed(), **close)
check.equal("a short last batch", wide, labels, 0.2, 6, 4, seed(), **close)
check.equal("one example per batch", wide, labels, 0.05, 3, 1, seed(), **close)
check.equal("a batch larger than the data", wide, labels, 0.2, 3, 32, seed(), **close)
check.equal("integer features", rng.integers(-2, 3, size=(9, 2)), np.arange(9) % 2, 0.1, 3, 4, seed(), **close)
check.unchanged("X and y stay as they are", wide, labels, 0.1, 2, 5, seed())
check.report()
### END HIDDEN TESTS

# %% [markdown] name="fit-payoff-text"
# **Does it pay off?** Train *your* function on the digits. Then ask the library to train the same model: one unit, plain gradient descent (SGD),
# the same learning rate and batch size.
#
# **Predict, then run.** One unit instead of 41. How many of the test images will it get right?

# %% name="fit-payoff"
my_guess = None

settings = {"epochs": 20, "batch_size": 32}
with once_solved():
    rng = np.random.default_rng(3)
    w, b, my_history = fit_logistic(X_train, Y_train, lr=0.5, rng=rng, **settings)
    my_accuracy = np.mean((X_test @ w + b >= 0) == Y_test)

    unit = Sequential([Dense(1, "sigmoid", kernel_initializer="zeros")], rng=rng)
    sgd = chainrule.optimizers.SGD(learning_rate=0.5)
    unit.compile(optimizer=sgd, loss="binary_crossentropy", metrics=["accuracy"])
    unit.fit(X_train, Y_train, verbose=0, **settings)
    _, its_accuracy = unit.evaluate(X_test, Y_test, verbose=0)
    its_cost, _ = unit.evaluate(X_train, Y_train, verbose=0)

    print("my guess:", my_guess)
    print(f"test images right: my loop {my_accuracy:.3f}, the library {its_accuracy:.3f}")
    print(f"training cost:     my loop {my_history[-1]:.4f}, the library {its_cost:.4f}")

# %% [markdown] name="pixels-text"
# ### Why did it say "one"?
#
# With a single unit we can read the decision pixel by pixel. Each pixel adds (ink) × (weight) to the sum $z$. Light pixels in the last
# picture push toward "one", dark ones toward "zero". Add them all up, add the bias, and you have $z$.

# %% name="pixels"
with once_solved():
    rng = np.random.default_rng(3)
    w, b, _ = fit_logistic(X_train, Y_train, lr=0.5, rng=rng, **settings)
    zero, one = X_test[Y_test == 0][0], X_test[Y_test == 1][0]
    plotting.show(plotting.plot_contributions(zero, w, b))
    plotting.show(plotting.plot_contributions(one, w, b))

# %% [markdown] name="zeros-text"
# ## A trap: starting at zero
#
# `fit_logistic` started with all weights at zero, and it worked. Does a network with hidden layers, too? People say it can't learn at all.
#
# **Predict, then run.** Start the 25-15-1 network with all weights zero. Will it ever tell zeros from ones? And what will the weights of its 25
# first units look like?

# %% name="zeros" errata={"says": "A network that starts with all weights at zero learns nothing.", "correct": "It may learn zeros from ones very well. What it can't do is tell its hidden units apart: they stay equal forever, and ten digits are too many for that."}
my_guess = None

layers = [Dense(units, "sigmoid", kernel_initializer="zeros") for units in (25, 15, 1)]
zeros = Sequential(layers, rng=np.random.default_rng(5))
zeros.compile(loss="binary_crossentropy", metrics=["accuracy"])
print("my guess:", my_guess)
for more in (100, 100):
    zeros.fit(X_train, Y_train, epochs=more, verbose=0)
    _, share = zeros.evaluate(X_test, Y_test, verbose=0)
    print(f"right on the test images after {more} epochs more: {share:.3f}")
print("largest difference between two of the 25 units of the first layer:")
for name, network in (("started at zero", zeros), ("the first one", model)):
    spread = np.ptp(network.get_weights()[0], axis=1).max()
    print(f"{name:>20}: {spread:.2f}")

# %% [markdown] name="zeros-after"
# After 100 epochs it still tosses a coin; after 200 it knows. So it does learn, only later. But its 25 units are one unit, 25 times: equal
# weights get equal gradients and stay equal forever. What starting at zero breaks is not learning but **symmetry**. Random initial weights
# make the units different, so that they can take on different jobs. On all ten digits, where one kind of unit is not enough, that decides:

# %% name="zeros-ten"
X10, Y10 = load_digits()
for start in ("zeros", "glorot_uniform"):
    hidden = Dense(25, "sigmoid", kernel_initializer=start)
    output = Dense(10, "softmax", kernel_initializer=start)
    ten = Sequential([hidden, output], rng=np.random.default_rng(6))
    ten.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    ten.fit(X10[:1400], Y10[:1400], epochs=10, verbose=0)
    _, share = ten.evaluate(X10[1400:], Y10[1400:], verbose=0)
    print(f"ten digits, initial weights {start + ':':15} {share:.2f} right")

# %% [markdown] name="summary"
# ## What the three calls do
#
# | call | what happens | you wrote |
# |---|---|---|
# | `Sequential([Dense, …])` | says how the output is computed: per layer $g(A W + b)$ | `dense`, `predict_label` |
# | `compile(loss=…)` | says what "wrong" means: a loss per example, the cost is its mean; picks an optimizer (RMSprop, if you don't) | `cost` |
# | `fit(X, Y, epochs=…)` | batch after batch: outputs, gradient of the cost, a small step against it | `count_updates`, `fit_logistic` |
#
# **What was left out.** We took the gradient of logistic regression on faith, and said nothing about the gradient of hidden layers. That is
# *backpropagation*, the heart of this course; it comes in notebook 6. We also did not ask where the cross-entropy comes from (notebook 2), why the
# sigmoid (notebook 3), or why layers need an activation at all (notebook 4). And zeros against ones is an easy task: even one unit solves it.
#
# **Where this lives in Keras and PyTorch.**
#
# | here | Keras | PyTorch |
# |---|---|---|
# | `chainrule.Sequential` | `keras.Sequential` | `torch.nn.Sequential` |
# | `chainrule.layers.Dense(25, "sigmoid")` | `keras.layers.Dense(25, "sigmoid")` | `torch.nn.Linear(64, 25)`, `torch.nn.Sigmoid()` |
# | `BinaryCrossentropy(from_logits=True)` | the same name | `torch.nn.BCEWithLogitsLoss()` |
# | `compile` and `fit` | the same names | you write the loop: `loss.backward()`, `optimizer.step()` |
# | RMSprop, learning rate 0.001, batches of 32 | the defaults of `compile` and `fit` | no defaults: you choose |
#
# The digits: E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998, CC BY 4.0.
