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
#   title: Why not just stack lines?
#   syllabus:
#     minutes: 60
#     needs: "Notebooks 1 and 3; products of matrices."
#     gives: "You know what layers without activations can and can't do, and you build by hand networks that can: XOR, and any curve made of straight pieces."
# ---

# %% [markdown] name="title"
# # 4 · Why not just stack lines?
#
# The water in a harbor rises and falls. Someone has read the level 80 times and wants to know it for every moment in between. A
# single straight line will not do. But what if we take many straight lines and put them into **layers**, each fed by the one
# before? Thousands of weights: surely they can make a curve?
#
# This notebook finds out, and at its end you can say
#
# 1. what a network of straight layers can do, and what it can't, however deep it is,
# 2. how to tell from outside whether a network is of that kind,
# 3. how little bending is enough: you will build a curve out of ReLUs by hand, and the smallest network there is that no line
#    can replace.
#
# Plan for about an hour. As always: guess first, then run.

# %% name="setup"
import numpy as np

from chainrule import Sequential, optimizers, plotting
from chainrule.datasets import load_digits, make_moons, make_spirals, make_xor
from chainrule.layers import Dense
from chainrule_course.checks import Checks, once_solved

# %% [markdown] name="tide-text"
# ## The harbor
#
# Time runs from one low water to the next; we call that 12 tidal hours. (On a clock it is nearly twelve and a half.) Waves make
# each reading a little wrong. The picture shows the 80 readings, and the straight line that comes closest to them.

# %% name="tide"
def tide(hour):
    return 3 - 2 * np.cos(2 * np.pi * hour / 12)


rng = np.random.default_rng(0)
hours = np.sort(rng.uniform(0, 12, size=80))
level = tide(hours) + rng.normal(0, 0.06, size=80)
fit = np.polynomial.Polynomial.fit(hours, level, 1)
ax = plotting.plot_fits(hours, level, {"the best straight line": fit})
axis = {"xlabel": "tidal hours since low water", "ylabel": "level (m)"}
ax.set(**axis)
plotting.show(ax)

# %% [markdown] name="stack-text"
# ## Stacking lines
#
# Two networks try to learn this. The first is one layer with one unit and no activation: it can only draw a line, $w x + b$.
# The second has four layers, with 32, 32, 32 and 1 units. None of them has an activation either. (One also says that their
# activation is **linear**: $g(z) = z$.)
#
# **Predict, then run.** The line has 2 parameters. How many does the stack have? And how much smaller will its error be?

# %% name="stack"
my_guess = None  # error of the stack, as a share of the error of the line

line = Sequential([Dense(1)], rng=np.random.default_rng(1))
stack = Sequential([Dense(32), Dense(32), Dense(32), Dense(1)], rng=np.random.default_rng(1))
for network in (line, stack):
    network.compile(optimizers.Adam(learning_rate=0.01), loss="mean_squared_error")
    network.fit(hours[:, None], level, epochs=1000, verbose=0)


def error(prediction):
    """Root of the mean squared error: a typical miss, in meters."""
    return np.sqrt(np.mean((np.ravel(prediction) - level) ** 2))


errors = [error(network.predict(hours[:, None])) for network in (line, stack)]
print("parameters: line", line.count_params(), "  stack", stack.count_params())
print(f"error:      line {errors[0]:.2f} m   stack {errors[1]:.2f} m")
print(f"my guess: {my_guess}    measured: {errors[1] / errors[0]:.2f}")

# %% name="stack-picture"
import matplotlib.pyplot as plt


def curve(network):
    """The network as a function of one number, or of an array of numbers."""
    return lambda x: network.predict(np.reshape(x, (-1, 1))).reshape(np.shape(x))


def panels(*titles):
    """Axes for pictures side by side."""
    with plotting.style():
        figure, axes = plt.subplots(1, len(titles), figsize=(7, 3.3), layout="constrained")
        for ax, title in zip(axes, titles):
            ax.set_title(title)
    return axes


axes = panels("one layer", "four layers")
for ax, network in zip(axes, (line, stack)):
    plotting.plot_fits(hours, level, {"network": curve(network)}, ax=ax)
    ax.set(**axis)
plotting.show(axes[0])

# %% [markdown] name="stack-after"
# All these weights, and not a trace of a bend. Did we train too little? Let's look at it on paper.
#
# ## Why a stack of lines is a line
#
# Take two layers with one unit each and no activation:
#
# $$ a^{[1]} = w^{[1]} x + b^{[1]}, \qquad a^{[2]} = w^{[2]} a^{[1]} + b^{[2]}. $$
#
# Put the first equation into the second:
#
# $$ a^{[2]} = w^{[2]}\bigl(w^{[1]} x + b^{[1]}\bigr) + b^{[2]}
#    = \underbrace{w^{[2]} w^{[1]}}_{\text{one weight}} x + \underbrace{w^{[2]} b^{[1]} + b^{[2]}}_{\text{one bias}}. $$
#
# That is a line again. Its weight and bias are new, but it has one of each.
#
# **Predict, then run.** The first layer computes $3x + 1$, the second $2a - 5$. Which line is that? Do it on paper.

# %% name="two-lines"
my_guess = None  # weight and bias: (…, …)


def two_layers(x):
    a1 = 3 * x + 1
    return 2 * a1 - 5


bias = two_layers(0)
weight = two_layers(1) - two_layers(0)
print("my guess:", my_guess, "   measured:", (weight, bias))
print("also right at x = 10:", two_layers(10) == weight * 10 + bias)

# %% [markdown] name="collapse-text"
# The same holds for layers of any width. With the inputs of $m$ examples as the rows of $A$:
#
# $$ (A W_1 + b_1) W_2 + b_2 = A\,(W_1 W_2) + (b_1 W_2 + b_2). $$
#
# Note the order. The second matrix stands on the right, and the first bias has gone *through the second matrix*, just as the
# examples do. A third layer can be taken in by the same rule, then a fourth. In the language of linear algebra: put linear maps
# one after the other, and you get a linear map.
#
# ### Exercise: `collapse`
#
# Write `collapse(layers)`, which turns a stack of layers without activations into the one layer that does the same.
#
# - `layers` is a list of at least one pair `(W, b)`, the first layer first. `W` has shape (n_in, n_out), `b` has shape
#   (n_out,). A layer computes `A @ W + b`; what comes out goes into the next one.
# - There may be any number of layers, of any widths that fit. They may hold floats or integers.
#
# Return one pair `(W, b)` of arrays: `W` has as many rows as the first layer has inputs, and as many columns as the last has
# units; `b` has shape (units of the last layer,). Leave `layers` and the arrays in it as they are.
#
# This holds for every exercise: use Python and NumPy, not the functions of `chainrule`.
#
# <details><summary>Hint 1</summary>Keep a pair <code>W, b</code> for the layers seen so far. It begins as the first
# layer.</details>
# <details><summary>Hint 2</summary>Taking in another layer <code>(V, c)</code>: put <code>W</code> in the place of
# W<sub>1</sub> in the formula above, and <code>V</code> in the place of W<sub>2</sub>. What becomes of <code>W</code>? What
# becomes of <code>b</code>?</details>
# <details><summary>Hint 3</summary>A bias counts as one more example: <code>b @ V + c</code> sends it through the next
# layer.</details>

# %% nbgrader={"grade": false, "grade_id": "collapse", "locked": false, "schema_version": 3, "solution": true, "task": false}
def collapse(layers):
    """The one layer (W, b) that does what all layers without activations do in turn."""
    ### BEGIN SOLUTION
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, b @ V + c
    return W, b
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "collapse-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("collapse", points=1)
first = np.array([[3.0]]), np.array([1.0])
second = np.array([[2.0]]), np.array([-5.0])
merged = np.array([[6.0]]), np.array([-3.0])
check.equal("3x + 1, then 2a - 5", [first, second], expected=merged)
wide = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]]), np.array([1.0, 0.0, 2.0])
back = np.array([[1.0, 0.0], [0.0, 3.0], [2.0, 1.0]]), np.array([0.0, -4.0])
both = np.array([[1.0, 6.0], [-2.0, 2.0]]), np.array([5.0, -2.0])
check.equal("2 inputs, 3 units, 2 units", [wide, back], expected=both)
square = np.array([[0.0, 1.0], [2.0, 1.0]]), np.array([1.0, -1.0])
twice = np.array([[2.0, 1.0], [2.0, 3.0]]), np.array([-1.0, -1.0])
check.equal("the same square layer twice", [square, square], expected=twice)
check.equal("a single layer", [wide], expected=wide)
check.report()

# %% nbgrader={"grade": true, "grade_id": "collapse-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks collapse here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("collapse", points=3, hidden=True)


def from_the_end(layers):
    W, b = layers[-1]
    for V, c in layers[-2::-1]:
        W, b = V @ W, c @ W + b
    return W, b


check.reference(lambda layers: from_the_end([(W.astype(float), b.astype(float)) for W, b in layers]))


@check.mistake("The matrices are multiplied in the wrong order. The examples meet the first layer first: `W1 @ W2 @ …`, from left to right.")
def order_reversed(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = V @ W, b @ V + c
    return W, b


@check.mistake("The biases are lost: `b` is zero. Each layer adds its bias, and the layers after it carry it on.")
def biases_dropped(layers):
    W, _ = from_the_end(layers)
    return W, np.zeros(W.shape[1])


@check.mistake("The biases are added up as they are. A bias goes through the matrices of all later layers first.")
def raw_sum_of_biases(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, b + c
    return W, b


@check.mistake("Only the last bias is kept. The earlier ones count, too, after they went through the later layers.")
def last_bias_only(layers):
    return from_the_end(layers)[0], layers[-1][1]


@check.mistake("Only the first bias is carried on. Each later layer adds its own.")
def first_bias_only(layers):
    W, b = layers[0]
    for V, _ in layers[1:]:
        W, b = W @ V, b @ V
    return W, b


@check.mistake("`W` comes out transposed: its rows belong to the inputs, its columns to the units.")
def transposed(layers):
    W, b = from_the_end(layers)
    return W.T, b


@check.mistake("The layers' matrices are used transposed. A layer computes `A @ W + b` with `W` as it is.")
def each_transposed(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V.T, b @ V.T + c
    return W, b


@check.mistake(
    "The product begins with an identity matrix of the wrong size, so it works for square layers only."
    " It needs as many rows as the *first* layer has inputs."
)
def square_only(layers):
    W, b = np.eye(len(layers[-1][1])), np.zeros(len(layers[-1][1]))
    for V, c in layers:
        W, b = W @ V, b @ V + c
    return W, b


@check.mistake("The product begins with zeros, so it stays zero. Begin with the first layer, or with the identity.")
def begins_with_zeros(layers):
    n = len(layers[0][0])
    W, b = np.zeros((n, n)), np.zeros(n)
    for V, c in layers:
        W, b = W @ V, b @ V + c
    return W, b


@check.mistake("A layer's bias is added before its matrix is applied. The matrix comes first: `b @ V + c`.")
def bias_before_matrix(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, (b + c) @ V
    return W, b


@check.mistake("The bias is multiplied by the product of *all* matrices so far. It goes through the new layer only: `b @ V + c`.")
def bias_through_the_product(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W = W @ V
        b = b @ W + c
    return W, b


@check.mistake("Only the first two layers are taken in. There may be any number.")
def two_layers_only(layers):
    return from_the_end(layers[:2])


@check.mistake("The last layer is left out.")
def last_layer_left_out(layers):
    return from_the_end(layers[:-1] or layers)


@check.mistake("A single layer is not handled: then there is nothing to take in, and the answer is that layer.")
def at_least_two(layers):
    (W, b), (V, c) = layers[0], layers[1]
    W, b = W @ V, b @ V + c
    for V, c in layers[2:]:
        W, b = W @ V, b @ V + c
    return W, b


@check.mistake("`*` multiplies entry by entry. The product of matrices is `@`.")
def entry_by_entry(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W * V, b @ V + c
    return W, b


@check.mistake("`b` comes out as a table with one row. It is a flat array, one number for each unit.")
def bias_as_row(layers):
    W, b = from_the_end(layers)
    return W, b.reshape(1, -1)


@check.mistake("The list `layers` is changed: `pop` takes its entries away for good. Use `layers[0]` and `layers[1:]`.")
def popped(layers):
    W, b = layers.pop(0)
    while layers:
        V, c = layers.pop(0)
        W, b = W @ V, b @ V + c
    return W, b


rng = np.random.default_rng(41)


def stack_of(rng, *widths):
    return [(rng.normal(size=(n, j)), rng.normal(size=j)) for n, j in zip(widths[:-1], widths[1:])]


ints = [(rng.integers(-3, 4, size=(n, j)), rng.integers(-3, 4, size=j)) for n, j in ((4, 2), (2, 3), (3, 2))]
singles = [(W.astype(np.float32), b.astype(np.float32)) for W, b in stack_of(rng, 3, 5, 2, 2)]
views = [(rng.normal(size=(2 * j, 2 * n))[::2, ::2].T, rng.normal(size=2 * j)[::2]) for n, j in ((3, 4), (4, 2), (2, 2))]
check.equal("three layers that widen and narrow", stack_of(rng, 3, 6, 2, 4))
check.equal("three square layers", stack_of(rng, 3, 3, 3, 3))
check.unchanged("seven layers, which stay as they are", stack_of(rng, 5, 2, 3, 1, 4, 2, 6, 3))
check.equal("one input, one output, wide between", stack_of(rng, 1, 7, 4, 1))
check.unchanged("integers, which stay as they are", ints)
check.equal("float32", singles)
check.equal("views that are not contiguous", views)
check.equal("a single layer", stack_of(rng, 4, 3))
check.equal("a single layer with one output", stack_of(rng, 5, 1))
check.unchanged("three layers, which stay as they are", stack_of(rng, 2, 5, 3, 4))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="collapse-payoff-text"
# **Does it pay off?** First, the stack of the harbor. `get_weights` gives matrix and bias of each layer in turn; your
# `collapse` turns them into one weight and one bias.

# %% name="collapse-payoff"
def pairs(network):
    """The layers of a network as a list of (W, b)."""
    weights = network.get_weights()
    return list(zip(weights[0::2], weights[1::2]))


with once_solved():
    W, b = collapse(pairs(stack))
    print(f"the stack, collapsed: level = {W[0, 0]:.3f} * hour + {b[0]:.3f}")
    far = np.max(np.abs(hours[:, None] @ W + b - stack.predict(hours[:, None])))
    print("largest difference from the stack smaller than 1e-4 m:", bool(far < 1e-4))

# %% [markdown] name="collapse-digits-text"
# So it wasn't a lack of training. The four layers *are* a line.
#
# Now something larger: a network that reads all ten handwritten digits. It has five layers, only the last one with an
# activation: the **softmax** turns its ten sums into ten probabilities. Everything before that is straight. If you are right,
# one layer with a softmax can take the place of all five.
#
# **Predict, then run.** How many of the test images will get another label from the collapsed network?

# %% name="collapse-digits"
my_guess = None  # a number of images

X, Y = load_digits()
order = np.random.default_rng(0).permutation(len(X))
X_train, Y_train = X[order[:1400]], Y[order[:1400]]
X_test, Y_test = X[order[1400:]], Y[order[1400:]]
hidden = [Dense(units) for units in (48, 32, 32, 24)]
deep = Sequential([*hidden, Dense(10, "softmax")], rng=np.random.default_rng(2))
deep.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
deep.fit(X_train, Y_train, epochs=30, verbose=0)
_, right = deep.evaluate(X_test, Y_test)
print(f"five layers: {deep.count_params()} parameters, {right:.3f} right")

with once_solved():
    flat = Sequential([Dense(10, "softmax")])
    flat.build((None, 64))
    flat.set_weights(collapse(pairs(deep)))
    labels = [network.predict(X_test).argmax(axis=1) for network in (deep, flat)]
    right = np.mean(labels[1] == Y_test)
    print(f"one layer:   {flat.count_params()} parameters, {right:.3f} right")
    changed = np.count_nonzero(labels[0] != labels[1])
    print(f"my guess: {my_guess}    measured: {changed} of {len(X_test)} labels differ")

# %% [markdown] name="nothing-text"
# ## Do straight layers do nothing at all?
#
# One often reads: without activations, a network is nothing but linear regression; the hidden layers might as well not be
# there. That is nearly right. Three small experiments show what is missing.
#
# ### One: a narrow layer takes something away
#
# Put only 2 units between the 64 pixels and the 10 digits. Collapsed, this is a matrix with 64 rows and 10 columns, like that
# of a single layer. But it can't be any such matrix: all that the output knows about the image has passed through 2 numbers.
#
# What measures this is the **rank** of a matrix: how many of its columns are really new, that is, not made of the others by
# scaling and adding. A layer's matrix of shape (n, j) has at most rank n, and at most rank j. And a product can't have a higher
# rank than any of its factors.
#
# **Predict, then run.** What is the rank of the product of random matrices of the shapes (64, 2) and (2, 10)? And (64, 30),
# (30, 10)?

# %% name="errata-rank" errata={"says": "Layers without an activation change nothing.", "correct": "They can compute no more than one layer, but a narrow one can compute less: it limits the rank."}
my_guess = None  # two numbers

rng = np.random.default_rng(3)
print("my guess:", my_guess)
for width in (1, 2, 5, 10, 30):
    product = rng.normal(size=(64, width)) @ rng.normal(size=(width, 10))
    print(f"64 inputs, {width:2} units, 10 outputs: rank {np.linalg.matrix_rank(product)}")

# %% [markdown] name="rank-text"
# ### Exercise: `collapsed_rank`
#
# Write `collapsed_rank(widths)`: the highest rank that the matrix of a collapsed network can have.
#
# - `widths` is a list of at least two positive integers: the number of inputs, then the number of units of each layer. The last
#   one is the number of outputs. `[64, 2, 10]` has two layers, of 2 and 10 units.
#
# Return an integer (`int`).
#
# <details><summary>Hint 1</summary>Water through a row of pipes: which pipe decides how much comes out at the end?</details>
# <details><summary>Hint 2</summary>The inputs and the outputs are pipes, too.</details>

# %% nbgrader={"grade": false, "grade_id": "collapsed_rank", "locked": false, "schema_version": 3, "solution": true, "task": false}
def collapsed_rank(widths):
    """Highest rank of a linear network with these widths, inputs and outputs included."""
    ### BEGIN SOLUTION
    return min(widths)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "collapsed_rank-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("collapsed_rank", points=1)
check.equal("64 inputs, 2 units, 10 outputs", [64, 2, 10], expected=2)
check.equal("64 inputs, 25 and 15 units, 10 outputs", [64, 25, 15, 10], expected=10)
check.equal("3 inputs, 8 units, 5 outputs", [3, 8, 5], expected=3)
check.report()

# %% nbgrader={"grade": true, "grade_id": "collapsed_rank-hidden", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks collapsed_rank here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("collapsed_rank", points=1, hidden=True)
check.reference(lambda widths: sorted(widths)[0])


@check.mistake("Only the hidden layers are looked at. Few inputs or few outputs limit the rank as well.")
def hidden_only(widths):
    return min(widths[1:-1])


@check.mistake("This is the widest layer. The narrowest one decides.")
def widest(widths):
    return max(widths)


@check.mistake("This is the number of outputs. The rank can't be higher than that, but a narrower layer before it makes it lower.")
def outputs(widths):
    return widths[-1]


@check.mistake("This is the number of inputs. The rank can't be higher than that, but a narrower layer after it makes it lower.")
def inputs(widths):
    return widths[0]


@check.mistake("The inputs are left out. With fewer inputs than units, they decide.")
def inputs_left_out(widths):
    return min(widths[1:])


@check.mistake("The outputs are left out. A matrix with few columns has a low rank, too.")
def outputs_left_out(widths):
    return min(widths[:-1])


@check.mistake("Only inputs and outputs are looked at. A narrow layer between them limits the rank, too.")
def ends_only(widths):
    return min(widths[0], widths[-1])


@check.mistake("The widths are added up. The narrowest layer decides alone.")
def added_up(widths):
    return sum(widths)


@check.mistake("This is the number of layers. How deep the network is doesn't matter here, only how narrow.")
def depth(widths):
    return len(widths) - 1


@check.mistake("This is one too many: the bias adds no rank to the matrix.")
def one_for_the_bias(widths):
    return min(widths) + 1


@check.mistake("The result is a float. A rank is an integer (`int`).")
def float_result(widths):
    return float(min(widths))


check.equal("a narrow first hidden layer", [31, 6, 9, 17])
check.equal("a narrow last hidden layer", [23, 19, 4, 13])
check.equal("few inputs", [5, 29, 11, 7])
check.equal("few outputs", [40, 33, 21, 8])
check.equal("a single layer, more inputs", [9, 6])
check.equal("a single layer, more outputs", [4, 11])
check.equal("one unit somewhere", [14, 12, 1, 16, 15, 18])
check.equal("all alike", [7, 7, 7, 7, 7])
check.report()
### END HIDDEN TESTS

# %% [markdown] name="rank-payoff-text"
# **Does it pay off?** Train networks without activations in the middle, 64 inputs, some units, 10 outputs. Compute the rank of
# what they have learned, and compare with your answer.
#
# **Predict, then run.** With how many units in the middle will it read nine of ten test images?

# %% name="rank-payoff"
my_guess = None  # a number of units

middles, shares = [1, 2, 3, 4, 5, 6, 8, 10, 20], []
for middle in middles:
    network = Sequential([Dense(middle), Dense(10, "softmax")], rng=np.random.default_rng(4))
    adam = optimizers.Adam(learning_rate=0.01)
    network.compile(adam, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(X_train, Y_train, epochs=40, verbose=0)
    shares.append(network.evaluate(X_test, Y_test)[1])
    W1, _, W2, _ = network.get_weights()
    with once_solved():
        mine = collapsed_rank([64, middle, 10])
        learned = np.linalg.matrix_rank(W1 @ W2, tol=1e-3)
        print(f"{middle:2} units: learned a matrix of rank {learned:2}, my answer {mine:2}")
enough = middles[int(np.argmax(np.array(shares) > 0.9))]
print(f"my guess: {my_guess}    measured: more than 0.9 for the first time with {enough} units")

# %% name="rank-picture"
names = {"xlabel": "units in the middle", "ylabel": "share of test images right"}
ax = plotting.plot_curves(middles, {"no activation in the middle": shares}, **names)
ax.set_xticks(middles)
plotting.show(ax)

# %% [markdown] name="logistic-text"
# So a straight layer can do something after all: it can lose information. Sometimes that is what one wants, if a few numbers
# shall stand for many. But it never adds anything.
#
# ### Two: a bend at the very end
#
# The network for the digits had a softmax at its end. With one output and a **sigmoid** at the end, a stack of straight layers
# isn't linear regression but **logistic regression**, the model you trained in notebook 1. It gives probabilities, and where it
# says ½, there is its **boundary**: there the sum before the sigmoid is 0, so the boundary is a straight line. And it is no
# more than logistic regression.
#
# **Predict, then run.** Two classes that reach into each other. One network is logistic regression, 3 parameters; the other has
# three straight layers of 16 units in front of its sigmoid. By how much, at most, will their probabilities differ on the data?

# %% name="errata-logistic" errata={"says": "A network whose hidden layers are linear is linear regression.", "correct": "With a sigmoid at the output it is *logistic* regression, with more parameters."}
my_guess = None  # a number from 0 to 1

X2, Y2 = make_moons(300, np.random.default_rng(5), noise=0.2)
logistic = Sequential([Dense(1, "sigmoid")], rng=np.random.default_rng(6))
in_front = [Dense(16), Dense(16), Dense(16)]
layered = Sequential([*in_front, Dense(1, "sigmoid")], rng=np.random.default_rng(6))
for network, rate in ((logistic, 0.1), (layered, 0.003)):
    adam = optimizers.Adam(learning_rate=rate)
    network.compile(adam, loss="binary_crossentropy", metrics=["accuracy"])
    network.fit(X2, Y2, epochs=1000, batch_size=None, verbose=0)
    loss, share = network.evaluate(X2, Y2)
    print(f"{network.count_params():4} parameters: loss {loss:.3f}, {share:.3f} right")
gap = np.max(np.abs(logistic.predict(X2) - layered.predict(X2)))
print(f"my guess: {my_guess}    measured: {gap:.2f}")

# %% name="logistic-picture"
axes = panels("logistic regression", "four layers, a sigmoid at the end")
for ax, network in zip(axes, (logistic, layered)):
    plotting.plot_decision_boundary(network.predict, X2, Y2, ax=ax)
plotting.show(axes[0])

# %% [markdown] name="path-text"
# ### Three: another way to the same place
#
# A stack and the one layer that replaces it compute the same. Do they also *learn* the same? Let both start as the very same
# function, and train both by plain gradient descent, with the same learning rate and the same batches.
#
# **Predict, then run.** Will the two curves of the loss lie on top of each other?

# %% name="errata-path" errata={"says": "Several linear layers are the same as one, in training, too.", "correct": "They reach the same functions by another path: the same number of epochs ends at another cost."}
my_guess = None  # yes or no

stacked = Sequential([Dense(32), Dense(32), Dense(32), Dense(10, "softmax")], rng=7)
single = Sequential([Dense(10, "softmax")])
for network in (stacked, single):
    network.build((None, 64))
kernels = stacked.get_weights()[::2]  # the biases are still zero
single.set_weights([np.linalg.multi_dot(kernels), np.zeros(10)])
curves = {}
for name, network in (("one layer", single), ("four layers", stacked)):
    sgd = optimizers.SGD(learning_rate=0.02)
    network.compile(sgd, loss="sparse_categorical_crossentropy")
    before = network.evaluate(X_train, Y_train)
    run = network.fit(X_train, Y_train, epochs=60, verbose=0, rng=8)
    curves[name] = [before, *run.history["loss"]]
    print(f"{name + ':':12} loss {before:.4f} before, {curves[name][-1]:.4f} after 60 epochs")
print("my guess:", my_guess)

# %% name="path-picture"
epochs = np.arange(61)
plotting.show(plotting.plot_curves(epochs, curves, xlabel="epochs", ylabel="training loss"))

# %% [markdown] name="path-after"
# They part at once. A step on four matrices is another step than one on their product. So the layers do matter on the *way*.
# But wherever the stack arrives, a single layer could stand there, too. For the harbor that means: no training, however clever,
# gets a bend out of it.

# %% [markdown] name="affine-text"
# ## Straight or not?
#
# Someone hands you a trained network as a black box. You may put in what you like and look at what comes out. Can it be
# collapsed?
#
# What all these stacks compute has the form $f(x) = xW + b$. Such a function is called **affine** ("linear" often means the
# same, but in the strict sense it leaves out the $b$). Affine functions can be told by their behavior. Choose two points $p$
# and $q$, and walk on the straight line through both: at $p + t\,(q - p)$ you are at $p$ for $t = 0$, at $q$ for $t = 1$,
# halfway for $t = \tfrac12$, and beyond them for $t < 0$ or $t > 1$. A function is affine if its values walk along in step, for
# *all* points $p$, $q$ and *all* numbers $t$:
#
# $$ f\bigl(p + t\,(q - p)\bigr) = f(p) + t\,\bigl(f(q) - f(p)\bigr). $$
#
# **Predict, then run.** The function below is made of two ReLUs. Between $p = -2$ and $q = 2$, does it keep in step? And
# beyond?

# %% name="affine-picture"
my_guess = None

p, q = -2.0, 2.0


def box(x):
    return np.clip(x, -3, 3)  # relu(x + 3) - relu(x - 3) - 3


t = np.linspace(-1, 2, 121)
left = box(p + t * (q - p))
right = box(p) + t * (box(q) - box(p))
curves = {"f(p + t (q - p))": left, "f(p) + t (f(q) - f(p))": right}
plotting.show(plotting.plot_curves(t, curves, xlabel="t (p is at 0, q at 1)", ylabel="value"))

# %% [markdown] name="is-affine-text"
# Between the two points it looks perfectly straight. Only a walk beyond them finds the bends.
#
# ### Exercise: `is_affine`
#
# Write `is_affine(f, n, rng)`: is the function `f` affine, as far as experiments can tell?
#
# - `f` takes an array of shape (m, n), one point per row, and returns an array of shape (m, k), one value per row. It treats
#   each row by itself. You don't know k, and m may be any number you like.
# - `rng` is a NumPy generator. Draw from it whatever you need.
#
# Draw at least 1000 pairs of points `p`, `q`, each coordinate evenly from −5 to 5, and for each pair a number `t`, evenly from
# −2 to 3. If the two sides of the equation differ by more than 1e-6 anywhere, in any of the k columns, the answer is `False`,
# else `True`. (Computers round, so don't ask for equality. Sides within 1e-6 count as equal however large or small the numbers
# are.)
#
# <details><summary>Hint 1</summary><code>p = rng.uniform(-5, 5, size=(1000, n))</code> draws 1000 points at once. Call
# <code>f</code> on all of them together.</details>
# <details><summary>Hint 2</summary><code>t</code> multiplies whole rows, so it needs the shape (1000, 1).</details>
# <details><summary>Hint 3</summary>The largest distance between two arrays is <code>np.max(np.abs(left -
# right))</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "is_affine", "locked": false, "schema_version": 3, "solution": true, "task": false}
def is_affine(f, n, rng):
    """Whether f, of n inputs, keeps in step on 1000 random walks through two points."""
    ### BEGIN SOLUTION
    p = rng.uniform(-5, 5, size=(1000, n))
    q = rng.uniform(-5, 5, size=(1000, n))
    t = rng.uniform(-2, 3, size=(1000, 1))
    left = f(p + t * (q - p))
    right = f(p) + t * (f(q) - f(p))
    return bool(np.max(np.abs(left - right)) <= 1e-6)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "is_affine-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("is_affine", points=1)


def tells(label, n, *functions):
    """A check: is_affine must be right about each (function, affine or not)."""

    def told(is_affine):
        says = [is_affine(f, n, np.random.default_rng(10)) for f, _ in functions]
        if not all(np.asarray(word).dtype == bool and np.ndim(word) == 0 for word in says):
            return f"returns {says[0]!r} where True or False is asked for"
        right = [affine for _, affine in functions]
        return True if says == right else f"the answers are {says}, and should be {right}"

    check.that(label, told)


V, c = np.array([[1.1, -2.0], [0.7, 1.3]]), np.array([0.5, -1.0])
layer, plain = (lambda A: A @ V + c, True), (lambda A: A @ V, True)
bent = (lambda A: np.maximum(A @ V + c, 0), False)
tells("a layer; without bias; with ReLU", 2, layer, plain, bent)
tilted, cube = (lambda A: 0.3 * A - 4, True), (lambda A: A**3, False)
tells("0.3 x - 4; x³; -|x|", 1, tilted, cube, (lambda A: -np.abs(A), False))
tells("0.3 x - 4; x cut off at -7 and 7", 3, tilted, (lambda A: np.clip(A, -7, 7), False))
check.report()

# %% nbgrader={"grade": true, "grade_id": "is_affine-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks is_affine here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("is_affine", points=3, hidden=True)


def walks(f, n, rng, low=-5, high=5, t_low=-2, t_high=3, m=1000):
    """Both sides of the equation on random walks; the options make some of the mistakes below."""
    p, q = rng.uniform(low, high, size=(2, m, n))
    t = rng.uniform(t_low, t_high, size=(m, 1))
    return f(p + t * (q - p)), f(p) + t * (f(q) - f(p))


def close(left, right):
    return bool(np.max(np.abs(left - right)) <= 1e-6)


@check.mistake("You test whether f(0) is 0. An affine function may have a bias, and a bent one may pass through 0.")
def zero_at_zero(f, n, rng):
    return bool(np.max(np.abs(f(np.zeros((1, n))))) <= 1e-6)


@check.mistake("You test f(p + q) = f(p) + f(q). That holds only without a bias. Affine functions may have one.")
def additive(f, n, rng):
    p, q = rng.uniform(-5, 5, size=(2, 1000, n))
    return close(f(p + q), f(p) + f(q))


@check.mistake("You test f(t p) = t f(p) only, for a positive t. A bias spoils that, and ReLU passes it.")
def positive_multiples(f, n, rng):
    p, t = rng.uniform(-5, 5, size=(1000, n)), rng.uniform(0, 3, size=(1000, 1))
    return close(f(t * p), t * f(p))


@check.mistake("All your points have positive coordinates only, and you never leave their range. Bends at or below 0 stay unseen.")
def positive_points(f, n, rng):
    return close(*walks(f, n, rng, low=0, t_low=0, t_high=1))


@check.mistake("You test between the two points only. Let `t` go below 0 and above 1: a bend may lie beyond.")
def inside_only(f, n, rng):
    return close(*walks(f, n, rng, t_low=0, t_high=1))


@check.mistake("You test the midpoint of p and -p only. All functions with f(-x) = -f(x) pass that, such as x³. Draw q by itself.")
def opposite_points(f, n, rng):
    p = rng.uniform(-5, 5, size=(1000, n))
    return close(2 * f(0 * p), f(p) + f(-p))


@check.mistake("You test at t = 0 and t = 1 only. There, every function passes. Let `t` vary.")
def ends_only(f, n, rng):
    p, q = rng.uniform(-5, 5, size=(2, 1000, n))
    t = rng.integers(0, 2, size=(1000, 1))
    return close(f(p + t * (q - p)), f(p) + t * (f(q) - f(p)))


@check.mistake("You move one coordinate at a time. x₁·x₂ is straight in each of them, and yet bent. Draw all coordinates of q anew.")
def one_coordinate_at_a_time(f, n, rng):
    p = rng.uniform(-5, 5, size=(1000, n))
    t = rng.uniform(-2, 3, size=(1000, 1))
    good = True
    for k in range(n):
        q = p.copy()
        q[:, k] = rng.uniform(-5, 5, size=1000)
        good = good and close(f(p + t * (q - p)), f(p) + t * (f(q) - f(p)))
    return good


@check.mistake("You look at the first column of the values only. `f` may bend in another one.")
def first_column_only(f, n, rng):
    left, right = walks(f, n, rng)
    return close(left[:, 0], right[:, 0])


@check.mistake("You ask for exact equality. Computers round; allow for a difference of 1e-6.")
def exact(f, n, rng):
    left, right = walks(f, n, rng)
    return bool(np.all(left == right))


@check.mistake(
    "The tolerance grows with the values, as `np.allclose` does it by itself. A small bend of large values is missed."
    " Compare the difference itself with 1e-6: `rtol=0, atol=1e-6`."
)
def relative(f, n, rng):
    return bool(np.allclose(*walks(f, n, rng)))


@check.mistake("One walk that keeps in step is enough for your function to say `True`. *All* walks must: `all`, not `any`.")
def any_walk(f, n, rng):
    left, right = walks(f, n, rng)
    return bool(np.any(np.all(np.abs(left - right) <= 1e-6, axis=1)))


@check.mistake("A single pair of points is not enough: it may lie on one side of a bend. Draw at least 1000.")
def one_walk(f, n, rng):
    return close(*walks(f, n, rng, m=1))


@check.mistake("The differences are not made positive: a large negative one passes as small. Take `np.abs` of them.")
def no_abs(f, n, rng):
    left, right = walks(f, n, rng, t_low=0, t_high=1)
    return bool(np.max(left - right) <= 1e-6)


@check.mistake("`t` has the shape (1000,), so it does not fit to rows of n numbers. It needs a column: the shape (1000, 1).")
def flat_t(f, n, rng):
    p, q = rng.uniform(-5, 5, size=(2, 1000, n))
    t = rng.uniform(-2, 3, size=1000)
    return close(f(p + t * (q - p)), f(p) + t * (f(q) - f(p)))


@check.mistake("The answer is turned around: `True` means affine.")
def turned_around(f, n, rng):
    return not close(*walks(f, n, rng))


rng = np.random.default_rng(42)
A1, a1 = rng.normal(size=(3, 4)), rng.normal(size=4)
A2, a2 = rng.normal(size=(4, 2)), rng.normal(size=2)
many = rng.normal(size=(2, 5))
relu = lambda z: np.maximum(z, 0)


def tells_all(label, n, *functions):
    """Add a check: every one of (function, affine or not) must be told right."""

    def told(is_affine):
        says = [is_affine(f, n, np.random.default_rng(100 + len(label))) for f, _ in functions]
        if not all(np.asarray(word).dtype == bool and np.ndim(word) == 0 for word in says):
            return "does not return True or False"
        wrong = [affine for word, (_, affine) in zip(says, functions) if bool(word) != affine]
        if not wrong:
            return True
        return "a straight function is called bent" if wrong[0] else "a bent function is called straight"

    check.that(label, told)


tells_all("two layers, with and without a ReLU between", 3,
          (lambda A: (A @ A1 + a1) @ A2 + a2, True), (lambda A: relu(A @ A1 + a1) @ A2 + a2, False),
          (lambda A: A @ A1 @ A2, True), (lambda A: relu(A @ A1) @ A2, False))
tells_all("bends far out", 1,
          (lambda A: -0.3 * A + 1, True), (lambda A: np.clip(A, -6.5, 6.5) + 1, False), (lambda A: relu(A - 7), False))
tells_all("curves that are odd", 2,
          (lambda A: A @ many + 2, True), (lambda A: A**3, False), (lambda A: np.sin(A), False),
          (lambda A: np.clip(A, -8, 8) @ many, False))
tells_all("several outputs, some of them bent", 2,
          (lambda A: A @ many - 1, True), (lambda A: np.column_stack([A + 1, np.abs(A[:, 1])]), False),
          (lambda A: np.column_stack([A, A[:, 0] * A[:, 1]]), False),
          (lambda A: np.column_stack([A, np.clip(A, -7, 7)]), False))
tells_all("products of inputs", 3,
          (lambda A: A[:, :1] - 1.7 * A[:, 1:2] + 4, True), (lambda A: A[:, :1] * A[:, 1:2] + A[:, 2:], False))
tells_all("small bends of large values", 2,
          (lambda A: 4000 + 71.3 * A, True), (lambda A: 4000 + A + 1e-4 * relu(-A), False),
          (lambda A: 4000 + 1e-4 * A[:, :1] * A[:, 1:], False))
tells_all("bends at zero, up and down", 1,
          (lambda A: 0.1 * A - 0.7, True), (lambda A: relu(A), False), (lambda A: -relu(A), False),
          (lambda A: np.where(A > 0, 3.0, 1.0), False))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="affine-payoff-text"
# **Does it pay off?** Put real networks into your black-box test. They compute in float64 here: with float32, the rounding
# alone may reach 1e-6.
#
# **Predict, then run.** Four networks, untrained: no activation; ReLU; tanh; and no activation but a sigmoid at the end. Which
# ones are affine?

# %% name="affine-payoff"
my_guess = None

candidates = {
    "no activation": [Dense(8), Dense(8), Dense(2)],
    "ReLU": [Dense(8, "relu"), Dense(8), Dense(2)],
    "tanh": [Dense(8), Dense(8, "tanh"), Dense(2)],
    "sigmoid at the end": [Dense(8), Dense(8), Dense(2, "sigmoid")],
}
print("my guess:", my_guess)
with once_solved():
    for name, layers in candidates.items():
        network = Sequential(layers, rng=np.random.default_rng(9), dtype="float64")
        network.build((None, 3))
        answer = is_affine(network.predict, 3, np.random.default_rng(10))
        print(f"{name + ':':19} affine?", answer)

# %% [markdown] name="hinge-text"
# ## One bend is enough
#
# The cheapest bend there is: the **ReLU**, $\text{relu}(z) = \max(z, 0)$. A single unit with one input,
# $v \cdot \text{relu}(w x + b)$, is a hinge. On one side it is flat; from the place on where $w x + b$ becomes positive, it
# goes straight up or down. That place, $x = -b/w$, is its **knot**.
#
# Add up several hinges, and you get a curve of straight pieces that changes its slope at each knot. With $w = 1$, the hinge
# with knot $k$ is $\text{relu}(x - k)$, and its $v$ says by how much the slope *changes* at $k$.
#
# Below are three hinges, and the tide. Bend the curve until it fits. How small can you make the error?

# %% name="hinges"
def hinges(knot_1=1.0, bend_1=0.5, knot_2=5.0, bend_2=0.0, knot_3=7.0, bend_3=0.0):
    knots, bends = [knot_1, knot_2, knot_3], [bend_1, bend_2, bend_3]

    def network(x):
        return 1 + np.maximum(np.subtract.outer(x, knots), 0) @ bends

    x = np.linspace(0, 12, 121)
    ax = plotting.plot_piecewise_linear(network, knots, x=x, target=tide)
    ax.set(ylim=(-1, 7), **axis)
    ax.set_title(f"a typical miss: {error(network(hours)):.2f} m")
    return ax


ranges = {}
for number in (1, 2, 3):
    ranges[f"knot_{number}"] = (0.0, 12.0, 0.1)
    ranges[f"bend_{number}"] = (-2.0, 2.0, 0.05)
plotting.slide(hinges, **ranges)

# %% [markdown] name="hinges-after"
# The slope right of all knots is the sum of all bends. So to turn from rising to falling, a bend has to take away the whole
# rise and more. Here is what a computer finds that tries many settings at random. **Predict, then run.** How small an error do
# three hinges allow?

# %% name="hinges-random"
my_guess = None  # in meters

rng = np.random.default_rng(11)
best = np.inf
for _ in range(3000):
    knots = np.sort(rng.uniform(0, 12, size=3))
    table = np.column_stack([np.ones(80), np.maximum(np.subtract.outer(hours, knots), 0)])
    weights, *_ = np.linalg.lstsq(table, level, rcond=None)  # best bends for these knots
    if error(table @ weights) < best:
        best, setting = error(table @ weights), (knots, weights)
print(f"my guess: {my_guess}    found: {best:.2f} m, the line had {errors[0]:.2f} m")
print("knots:", setting[0].round(1), "  bends:", setting[1][1:].round(2))

# %% [markdown] name="twelfths-text"
# ### How sailors do it
#
# Sailors know a rule for the tide by heart, the **rule of twelfths**. From low water on, the level rises by one twelfth of the
# whole difference in the first tidal hour, by two twelfths in the second, then by three, three, two and one. After that it
# falls the same way. In other words: a curve of straight pieces with known slopes.
#
# ### Exercise: `relu_curve`
#
# Write `relu_curve(knots, slopes, y0)`: the weights of a network with one hidden layer of ReLUs that draws a given curve of
# straight pieces.
#
# - `knots` is an array of shape (k,), at least one number, strictly increasing. `slopes` is an array of shape (k,). They may
#   hold floats or integers.
# - Up to `knots[0]` the curve is flat, at the height `y0`, a number.
# - From `knots[i]` on, its slope is `slopes[i]`, until the next knot. The last slope goes on forever. The curve does not jump.
#
# Return `(w, b, v, c)`: three arrays of shape (k,) and a number, so that for each number x the curve is
#
# $$ v_1 \,\text{relu}(w_1 x + b_1) + \dots + v_k \,\text{relu}(w_k x + b_k) + c. $$
#
# Many weights give the same curve; any of them is right. Leave the arguments as they are.
#
# <details><summary>Hint 1</summary>Let every unit be a hinge that opens to the right: w = 1. Where is its knot, if its bias is
# b?</details>
# <details><summary>Hint 2</summary>All hinges left of x are open at the same time, and their slopes add up. So <code>v</code>
# is not the slopes but their <em>changes</em>. The first change is from the flat part.</details>
# <details><summary>Hint 3</summary><code>np.diff(slopes, prepend=0)</code> gives the changes. And where all hinges are closed,
# what is left of the sum?</details>

# %% nbgrader={"grade": false, "grade_id": "relu_curve", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_curve(knots, slopes, y0):
    """Weights (w, b, v, c) of ReLUs that draw a curve with these slopes from these knots on."""
    ### BEGIN SOLUTION
    return np.ones(len(knots)), -knots, np.diff(slopes, prepend=0), y0
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "relu_curve-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("relu_curve", points=1)


def passes_through(knots, slopes, y0, x, y):
    """A check: the network of relu_curve has the value y at x."""

    def on_the_way(relu_curve):
        w, b, v, c = relu_curve(np.array(knots), np.array(slopes), y0)
        if not np.shape(w) == np.shape(b) == np.shape(v) == (len(knots),) or np.size(c) != 1:
            return f"the shapes are {[np.shape(part) for part in (w, b, v, c)]}"
        mine = np.maximum(np.outer(x, w) + b, 0) @ v + c
        off = np.abs(mine - y) > 1e-7
        at = [f"{a:g} at x = {s:g} (not {t:g})" for s, a, t in zip(x, mine, y)]
        return f"the curve is {', '.join(np.array(at)[off])}" if off.any() else True

    return on_the_way


flat_then_up = passes_through([2.0], [3.0], 1.0, [-4, 0, 2, 3, 5], [1, 1, 1, 4, 10])
check.that("one knot at 2, slope 3, y0 = 1", flat_then_up)
up_and_down = [0.0, 1.0, 3.0], [2.0, -1.0, 0.5], -1.0, [-2, 0, 1, 3, 5], [-1, -1, 1, -1, 0]
check.that("knots at 0, 1, 3; slopes 2, -1, 0.5; y0 = -1", passes_through(*up_and_down))
check.report()

# %% nbgrader={"grade": true, "grade_id": "relu_curve-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks relu_curve here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("relu_curve", points=3, hidden=True)


def ones_for(knots):
    return np.ones(len(knots))


def bends_of(slopes):
    return np.diff(np.concatenate([[0.0], slopes]))


@check.mistake("`v` holds the slopes. The hinges left of x add up, so it has to hold the *changes* of slope.")
def slopes_not_changes(knots, slopes, y0):
    return ones_for(knots), -np.asarray(knots), np.asarray(slopes), y0


@check.mistake("The sign of `b` is wrong: relu(x + k) has its knot at -k.")
def sign_of_b(knots, slopes, y0):
    return ones_for(knots), np.asarray(knots), bends_of(slopes), y0


@check.mistake("There are no knots: `b` is zero, so all hinges open at x = 0.")
def no_knots(knots, slopes, y0):
    return ones_for(knots), np.zeros(len(knots)), bends_of(slopes), y0


@check.mistake("`y0` is lost: `c` is 0. Where all hinges are closed, `c` alone is left.")
def y0_lost(knots, slopes, y0):
    return ones_for(knots), -np.asarray(knots), bends_of(slopes), 0.0


@check.mistake("`c` is where the first piece would meet x = 0. But left of its knot a hinge is flat: `c` is just the height there.")
def intercept(knots, slopes, y0):
    return ones_for(knots), -np.asarray(knots), bends_of(slopes), y0 - slopes[0] * knots[0]


@check.mistake("`y0` is taken for a slope. Before the first knot the curve is flat: the first change is from slope 0.")
def y0_as_slope(knots, slopes, y0):
    return ones_for(knots), -np.asarray(knots), np.diff(np.concatenate([[float(y0)], slopes])), y0


@check.mistake("The changes are one knot too late: the curve has the first slope only from the second knot on.")
def one_knot_late(knots, slopes, y0):
    return ones_for(knots), -np.asarray(knots), np.concatenate([[0.0], bends_of(slopes)[:-1]]), y0


@check.mistake("The changes are one knot too early: `v[i]` has to be the change *at* `knots[i]`, from `slopes[i - 1]` to `slopes[i]`.")
def one_knot_early(knots, slopes, y0):
    return ones_for(knots), -np.asarray(knots), np.append(np.diff(slopes), -float(slopes[-1])), y0


@check.mistake("The first change is missing: k slopes have k changes, the first of them from the flat part.")
def first_change_missing(knots, slopes, y0):
    return ones_for(knots), -np.asarray(knots), np.diff(slopes), y0


@check.mistake("The first change is 0, so the curve stays flat until the second knot. The first change is from the flat part: `slopes[0]`.")
def first_change_zero(knots, slopes, y0):
    return ones_for(knots), -np.asarray(knots), np.concatenate([[0.0], np.diff(slopes)]), y0


@check.mistake("The changes have the wrong sign: new slope minus old slope.")
def changes_negative(knots, slopes, y0):
    return ones_for(knots), -np.asarray(knots), -bends_of(slopes), y0


@check.mistake("The slopes are added up. It is the other way round: the hinges add up by themselves, so `v` holds the differences.")
def cumulated(knots, slopes, y0):
    return ones_for(knots), -np.asarray(knots), np.cumsum(slopes), y0


@check.mistake(
    "The changes of slope stand in `w`, inside the ReLU. A negative `w` turns the hinge around: it opens to the left. Put the changes into `v`."
)
def changes_inside(knots, slopes, y0):
    return bends_of(slopes), -bends_of(slopes) * knots, ones_for(knots), y0


@check.mistake("`w` is not 1, but `b` is still -knot. The knot lies at -b/w, so `b` has to grow with `w`.")
def b_not_scaled(knots, slopes, y0):
    return bends_of(slopes), -np.asarray(knots), ones_for(knots), y0


@check.mistake("Fractions are cut off: your buffer takes the type of `knots`, which may hold integers. Make it hold floats.")
def integer_buffer(knots, slopes, y0):
    v, c = np.zeros_like(knots), np.zeros_like(knots[:1])
    v[:], c[0] = bends_of(slopes), y0
    return ones_for(knots), -np.asarray(knots), v, c[0]


@check.mistake("The argument `knots` is changed in place (`knots *= -1` does that). Make a new array: `-knots`.")
def knots_negated_in_place(knots, slopes, y0):
    knots *= -1
    return ones_for(knots), knots, bends_of(slopes), y0


def heights(answer, x):
    w, b, v, c = answer
    return np.maximum(np.outer(x, w) + b, 0) @ np.asarray(v) + c


def draws(label, knots, slopes, y0, tolerance=1e-7, keep=False):
    """Add a check: the curve is right before, at, between and after the knots (and the arguments are as before)."""
    edges = np.concatenate([[knots[0] - 9.0, knots[0] - 0.5], knots, [knots[-1] + 0.75, knots[-1] + 8.0]]).astype(float)
    x = np.sort(np.concatenate([edges, edges[:-1] + 0.37 * np.diff(edges)]))
    right = y0 + np.array([sum(s * max(0.0, min(a, end) - start) for s, start, end in zip(slopes, knots, [*knots[1:], np.inf])) for a in x])

    def drawn(relu_curve):
        answer = relu_curve(knots, slopes, y0)
        if keep and relu_curve.last.changed:
            return "an argument is changed in place"
        if not all(np.shape(part) == (len(knots),) for part in answer[:3]) or np.size(answer[3]) != 1:
            return "w, b and v must have shape (k,), and c must be a number"
        wrong = np.abs(heights(answer, x) - right) > tolerance * (1 + np.abs(right))
        if not wrong.any():
            return True
        for known in check.mistakes.values():  # the same curve from other weights is the same mistake
            try:
                if np.allclose(heights(known.function(np.array(knots), np.array(slopes), y0), x), heights(answer, x)):
                    return known.says
            except (ValueError, TypeError):
                pass
        return f"the curve is wrong {'before' if wrong[x <= knots[0]].any() else 'after'} the first knot"

    check.that(label, drawn)


rng = np.random.default_rng(43)
draws("one knot, left of zero", np.array([-1.5]), np.array([-2.5]), 3.0)
draws("several knots; the arguments stay as they are", np.sort(rng.uniform(-4, 6, size=6)), rng.normal(size=6), -1.25, keep=True)
draws("knots that are not evenly spaced, all positive", np.array([0.5, 0.75, 4.0, 4.5]), np.array([4.0, -8.0, 2.0, -1.0]), 2.5)
draws("all slopes negative, falling ever faster", np.array([-3.0, -1.0, 0.5]), np.array([-0.5, -1.5, -4.5]), 7.0)
draws("a flat first piece and a flat last piece", np.array([-2.0, 1.0, 3.0, 5.0]), np.array([0.0, 2.0, -3.0, 0.0]), -0.5)
draws("integer knots, slopes with fractions", np.array([-2, 1, 4]), np.array([0.5, -0.25, 1.75]), 1)
draws("integer knots and slopes; they stay as they are", np.array([-5, -1, 0, 3]), np.array([2, -1, 3, -4]), -0.75, keep=True)
draws("float32", np.array([-1.5, 0.25, 2.0], np.float32), np.array([1.5, -2.25, 0.5], np.float32), 0.5, tolerance=1e-4)
draws("every other entry of longer arrays", np.arange(-3.0, 5.0)[::2], rng.normal(size=8)[::2], 0.75)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="twelfths-payoff-text"
# **Does it pay off?** Give the rule of twelfths to your function, and its weights to a network of the library. This network
# will not be trained at all.
#
# **Predict, then run.** The line missed by more than a meter, three hinges by much less. What about the sailors' rule?

# %% name="twelfths-payoff"
my_guess = None  # in meters

steps = np.array([1, 2, 3, 3, 2, 1])
low, high = 1.0, 5.0
rule = (high - low) / 12 * np.concatenate([steps, -steps])
with once_solved():
    w, b, v, c = relu_curve(np.arange(12), rule, low)
    sailors = Sequential([Dense(len(w), "relu"), Dense(1)])
    sailors.build((None, 1))
    sailors.set_weights([np.reshape(w, (1, -1)), b, np.reshape(v, (-1, 1)), [c]])
    miss = error(sailors.predict(hours[:, None]))
    print(f"my guess: {my_guess}    measured: {miss:.2f} m")
    print(f"the true tide misses the readings by {error(tide(hours)):.2f} m: that is the waves")

# %% name="twelfths-picture"
with once_solved():
    w, b, v, c = relu_curve(np.arange(12), rule, low)
    fits = {
        "four straight layers": curve(stack),
        "12 ReLUs, by the rule": lambda x: np.maximum(np.multiply.outer(x, w) + b, 0) @ v + c,
    }
    ax = plotting.plot_fits(hours, level, fits)
    ax.set(**axis)
    plotting.show(ax)

# %% [markdown] name="any-curve-text"
# Nothing in this was special to the tide. Take *any* smooth curve, put knots on it, and join them by straight pieces. Your
# function turns that into a network.
#
# **Predict, then run.** Twice as many ReLUs: by what factor does the largest error shrink?

# %% name="any-curve"
my_guess = None

x = np.linspace(0, 12, 2401)
counts, worst = [3, 6, 12, 24, 48, 96], []
with once_solved():
    for count in counts:
        knots = np.linspace(0, 12, count + 1)
        w, b, v, c = relu_curve(knots[:-1], np.diff(tide(knots)) / np.diff(knots), tide(0))
        worst.append(np.max(np.abs(np.maximum(np.outer(x, w) + b, 0) @ v + c - tide(x))))
        print(f"{count:2} ReLUs: largest error {worst[-1]:.4f} m")
    print(f"my guess: {my_guess}    measured, from 48 to 96: {worst[-2] / worst[-1]:.2f}")
    curves = {"largest error": worst}
    labels = {"xlabel": "number of ReLUs", "ylabel": "largest error (m)"}
    plotting.show(plotting.plot_curves(counts, curves, xlog=True, ylog=True, **labels))

# %% [markdown] name="learned-text"
# So one hidden layer of ReLUs comes as close to a smooth curve as you like, between two ends and if it is wide enough. This
# holds for any number of inputs, and for many other activations. It is known as **universal approximation**.
#
# That is a statement about weights that *exist*. Does training find them?
#
# **Predict, then run.** Ten networks with 12 ReLUs, each trained from other random weights. How many of them will come closer
# to the readings than the sailors' rule, which has 12 ReLUs, too, and no training?

# %% name="learned"
my_guess = None  # a number from 0 to 10

scaled = hours[:, None] / 6 - 1  # from -1 to 1: training likes small inputs
misses, nets = [], []
for seed in range(10):
    net = Sequential([Dense(12, "relu"), Dense(1)], rng=np.random.default_rng(seed))
    net.compile(optimizers.Adam(learning_rate=0.01), loss="mean_squared_error")
    net.fit(scaled, level, epochs=600, verbose=0)
    misses.append(error(net.predict(scaled)))
    nets.append(net)
by_rule = error(np.interp(hours, np.arange(13), low + np.cumsum([0, *rule])))
closer = np.count_nonzero(np.array(misses) < by_rule)
print(f"my guess: {my_guess}    measured: {closer} of 10")
print(f"errors: rule {by_rule:.2f} m, networks {min(misses):.2f} to {max(misses):.2f} m")

# %% name="learned-picture"
winner = nets[int(np.argmin(misses))]
w, b, _, _ = winner.get_weights()
knots = 6 * (1 - b / w[0])  # back to tidal hours
knots = np.sort(knots[(knots > 0) & (knots < 12)])
learned = lambda x: curve(winner)(np.asarray(x) / 6 - 1)
ax = plotting.plot_piecewise_linear(learned, knots, x=np.linspace(0, 12, 241), target=tide)
ax.set(**axis)
plotting.show(ax)

# %% [markdown] name="learned-after"
# This is the best of the ten, with the knots it found within the picture. All twelve started at the same place (their biases
# began at zero, the middle of the time axis), and several of them have ended close to each other, or outside the picture. The
# curve is good, but it isn't the best that twelve ReLUs can draw. Training only ever goes downhill from where it is; notebook 9
# is about what that leaves undone.

# %% [markdown] name="xor-text"
# ## The smallest problem that no line can solve
#
# Now with two inputs. **Exclusive or** (XOR): the answer is 1 if exactly one of $x_1$ and $x_2$ is 1, else 0. Four corners of a
# square, two of each kind, crosswise.
#
# **Predict, then run.** Draw a straight line anywhere, and call one side 1, the other 0. How many of the four corners can you
# get right at best? Let's try 100 000 lines.

# %% name="xor-lines"
my_guess = None  # a number from 0 to 4

corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
xor = np.array([0, 1, 1, 0])
rng = np.random.default_rng(12)
W, b = rng.normal(size=(2, 100_000)), rng.normal(size=100_000)
right = np.sum((corners @ W + b > 0) == xor[:, None], axis=0)
for count in range(5):
    print(f"{count} corners right: {np.mean(right == count):6.1%} of the lines")
print(f"my guess: {my_guess}    best: {right.max()}")

# %% [markdown] name="xor-why"
# Never all four. Your test for affine functions says why. The middle of the square, (½, ½), is halfway from (0, 0) to (1, 1),
# and also halfway from (0, 1) to (1, 0). An affine $f$ keeps in step on both walks, so
#
# $$ \frac{f(0,0) + f(1,1)}{2} = f\bigl(\tfrac12, \tfrac12\bigr) = \frac{f(0,1) + f(1,0)}{2}. $$
#
# If both corners on the left are below some threshold, so is their mean, and then the two on the right can't both be above it.
# And the other way round.
#
# With ReLUs, two hidden units are enough.
#
# ### Exercise: `xor_net`
#
# Write `xor_net()`: weights of a network with 2 inputs, 2 hidden units and 1 output that computes XOR. Find them by hand, not
# by training.
#
# Return `(W1, b1, W2, b2)`, arrays of the shapes (2, 2), (2,), (2, 1) and (1,). For each of the four corners as input `X`,
#
# $$ \text{relu}(X W_1 + b_1)\, W_2 + b_2 $$
#
# must be exactly XOR, 0 or 1 (but for rounding). No threshold and no sigmoid comes after it.
#
# <details><summary>Hint 1</summary>Look at the sum $s = x_1 + x_2$. On the four corners it is 0, 1, 1 and 2. Which values shall
# the network have for $s = 0, 1, 2$?</details>
# <details><summary>Hint 2</summary>Up by 1, then down by 1: a curve of straight pieces in $s$, with knots at 0 and 1. You have
# just written the function for that, or do it on paper.</details>
# <details><summary>Hint 3</summary>Both hidden units add up the inputs, so all four entries of W1 can be 1. One of them needs a
# bias.</details>

# %% nbgrader={"grade": false, "grade_id": "xor_net", "locked": false, "schema_version": 3, "solution": true, "task": false}
def xor_net():
    """Weights (W1, b1, W2, b2) of a 2-2-1 network that is exactly XOR on the corners."""
    ### BEGIN SOLUTION
    W1, b1 = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([0.0, -1.0])
    W2, b2 = np.array([[1.0], [-2.0]]), np.array([0.0])
    return W1, b1, W2, b2
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "xor_net-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("xor_net", points=1)
four = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
known = {(0, 0, 0, 1): "AND", (0, 1, 1, 1): "OR", (1, 1, 1, 0): "NAND", (1, 0, 0, 1): "not XOR"}


def table(xor_net):
    """XOR, or what it is instead."""
    W1, b1, W2, b2 = xor_net()
    shapes = [np.shape(part) for part in (W1, b1, W2, b2)]
    if shapes != [(2, 2), (2,), (2, 1), (1,)]:
        return f"the shapes are {shapes}"
    out = np.round((np.maximum(four @ W1 + b1, 0) @ W2 + b2)[:, 0], 8) + 0.0
    if np.array_equal(out, [0, 1, 1, 0]):
        return True
    says = f"(0,0), (0,1), (1,0), (1,1) give {', '.join(f'{value:g}' for value in out)}"
    return f"{says}: that is {known[tuple(out)]}" if tuple(out) in known else says


check.that("the four corners", table)
check.report()

# %% nbgrader={"grade": true, "grade_id": "xor_net-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks xor_net here.
### BEGIN HIDDEN TESTS
check = Checks("xor_net", points=2, hidden=True)
plus = np.array([[1.0, 1.0], [1.0, 1.0]])
crossed = np.array([[1.0, -1.0], [-1.0, 1.0]])


@check.mistake("This is AND: 1 only if both inputs are 1. XOR has to come down again at (1, 1), and up at (0, 1) and (1, 0).")
def logical_and():
    return plus, np.array([-1.0, -2.0]), np.array([[1.0], [0.0]]), np.array([0.0])


@check.mistake("This is OR: it gives 1 at (1, 1), too. The second hinge has to take away twice as much.")
def logical_or():
    return plus, np.array([0.0, -1.0]), np.array([[1.0], [-1.0]]), np.array([0.0])


@check.mistake("This is NAND: it gives 1 at (0, 0), too.")
def logical_nand():
    return plus, np.array([-1.0, -2.0]), np.array([[-1.0], [0.0]]), np.array([1.0])


@check.mistake("This is the opposite of XOR: 0 and 1 are swapped. Turn the signs of `W2` around and mend `b2`.")
def swapped():
    return plus, np.array([0.0, -1.0]), np.array([[-1.0], [2.0]]), np.array([1.0])


@check.mistake("The output needs a sigmoid: it is large and positive, or large and negative. It has to be exactly 0 and 1 by itself.")
def needs_a_sigmoid():
    return plus, np.array([0.0, -1.0]), np.array([[20.0], [-40.0]]), np.array([-10.0])


@check.mistake("The output needs a threshold: it is on the right side of ½, but not exactly 0 and 1.")
def needs_a_threshold():
    return plus, np.array([0.0, -1.0]), np.array([[0.8], [-1.5]]), np.array([0.1])


@check.mistake("The output is twice XOR. Divide `W2` by 2.")
def doubled():
    return crossed, np.array([0.0, 0.0]), np.array([[2.0], [2.0]]), np.array([0.0])


@check.mistake("The bias is missing: both hidden units do the same, so there is only one bend, at s = 0. One needs its knot at s = 1.")
def no_bias():
    return plus, np.array([0.0, 0.0]), np.array([[1.0], [-2.0]]), np.array([0.0])


@check.mistake("The sign of the bias is wrong: relu(s + 1) has its knot at s = -1.")
def sign_of_bias():
    return plus, np.array([0.0, 1.0]), np.array([[1.0], [-2.0]]), np.array([0.0])


@check.mistake("Only one of the two hidden units counts: the output is 1 at one of the corners (0, 1) and (1, 0), and 0 at the other.")
def one_sided():
    return crossed, np.array([0.0, 0.0]), np.array([[1.0], [0.0]]), np.array([0.0])


@check.mistake("The output is ½ at every corner. That is what the best straight function gives: nothing bends here.")
def linear_fit():
    return crossed, np.array([0.0, 0.0]), np.array([[0.0], [0.0]]), np.array([0.5])


@check.mistake("`W2` is a flat array. It needs the shape (2, 1): two hidden units, one output.")
def flat_output():
    return plus, np.array([0.0, -1.0]), np.array([1.0, -2.0]), np.array([0.0])


def corner(rows, wanted):
    """A check of some of the corners; names what the network computes instead, whatever its weights are."""

    def output(weights):
        W1, b1, W2, b2 = map(np.asarray, weights)
        if (W1.shape, b1.shape, W2.shape, b2.shape) != ((2, 2), (2,), (2, 1), (1,)):
            return None
        return (np.maximum(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) @ W1 + b1, 0) @ W2 + b2)[:, 0]

    def holds(xor_net):
        out = output(xor_net())
        if out is None:
            return "the shapes must be (2, 2), (2,), (2, 1) and (1,)"
        if np.all(np.abs(out[rows] - wanted) <= 1e-7):
            return True
        for mistake in check.mistakes.values():
            other = output(mistake.function())
            if other is not None and np.allclose(out, other):
                return mistake.says
        return "a different value"

    return holds


check.that("inputs that are equal", corner([0, 3], [0, 0]))
check.that("inputs that differ", corner([1, 2], [1, 1]))
check.that("all four corners", corner([0, 1, 2, 3], [0, 1, 1, 0]))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="xor-payoff-text"
# **Does it pay off?** Give your weights to the library, and let it answer for 200 points around the corners. Beside it: what a
# stack of straight layers makes of the same points.

# %% name="xor-payoff"
X4, Y4 = make_xor(200, np.random.default_rng(13), noise=0.12)
straight = Sequential([Dense(8), Dense(8), Dense(1)], rng=np.random.default_rng(14))
straight.compile("adam", loss="mean_squared_error")
straight.fit(X4, Y4, epochs=200, verbose=0)
with once_solved():
    mine = Sequential([Dense(2, "relu"), Dense(1)])
    mine.build((None, 2))
    mine.set_weights(xor_net())
    axes = panels("three straight layers", "my 2 ReLUs")
    for ax, network in zip(axes, (straight, mine)):
        plotting.plot_decision_boundary(network.predict, X4, Y4, ax=ax)
        right = np.mean((network.predict(X4)[:, 0] > 0.5) == Y4)
        answers = network.predict(corners)[:, 0] + 0.0
        print(f"{right:.2f} of the points right; at the corners: {answers.round(2)}")
    plotting.show(axes[0])

# %% [markdown] name="spirals-text"
# The stack has found the best that a straight function can do: about ½ everywhere. So it is an accident where it draws its
# boundary.
#
# ## Four ReLUs
#
# You found your weights by thinking. Can training find them? Two tasks, XOR and two **spirals**, and four kinds of network:
# straight layers only, two ReLUs, four, and sixteen. Each is trained from ten random starts.
#
# **Predict, then run.** How often, out of ten, will four ReLUs solve each task (more than 95 of 100 points right)?

# %% name="spirals"
my_guess = None  # two numbers from 0 to 10: XOR, spirals

tasks = {"XOR": make_xor(200, np.random.default_rng(15), noise=0.1)}
tasks["spirals"] = make_spirals(400, np.random.default_rng(16), turns=0.75)
kinds = {"straight": [8, 8], "2 ReLUs": [2], "4 ReLUs": [4], "16 ReLUs": [16]}
best = {}
print("my guess:", my_guess)
for task, (points, labels) in tasks.items():
    for kind, widths in kinds.items():
        shares = []
        for seed in range(10):
            bend = None if kind == "straight" else "relu"
            layers = [*(Dense(width, bend) for width in widths), Dense(1, "sigmoid")]
            network = Sequential(layers, rng=np.random.default_rng(seed))
            adam = optimizers.Adam(learning_rate=0.1)
            network.compile(adam, loss="binary_crossentropy", metrics=["accuracy"])
            network.fit(points, labels, batch_size=100, epochs=150, verbose=0)
            shares.append(network.evaluate(points, labels)[1])
            if shares[-1] == max(shares):
                best[task, kind] = network
        solved = sum(share > 0.95 for share in shares)
        print(f"{task:8} {kind:9} solved {solved:2} of 10 times; best: {max(shares):.2f} right")

# %% name="spirals-picture"
for task, (points, labels) in tasks.items():
    axes = panels(f"{task}, straight: best of ten", f"{task}, 4 ReLUs: best of ten")
    for ax, kind in zip(axes, ("straight", "4 ReLUs")):
        plotting.plot_decision_boundary(best[task, kind].predict, points, labels, ax=ax)
    plotting.show(axes[0])

# %% [markdown] name="spirals-after"
# Straight layers solve neither, not once. Four ReLUs *can* solve both: each boundary is made of a few straight pieces, and
# bends where a unit switches on or off. But that weights exist doesn't mean that training finds them. Two units were enough for
# you, and seldom for gradient descent. More units than necessary make it much more likely that some start in a useful place.
# That is one reason why networks are wide.

# %% [markdown] name="depth-text"
# ## And why several bent layers?
#
# If one hidden layer of ReLUs can do everything, why are networks deep? Because bends multiply. Take two ReLUs that fold the
# interval from 0 to 1 in half: up to the middle, and down again. Feed the result into the same fold, and again.
#
# **Predict, then run.** Each fold costs two ReLUs. Ten folds, one after the other, are 20 ReLUs. How many straight pieces does
# the curve have?

# %% name="depth"
my_guess = None


def fold(x):
    return 2 * np.maximum(x, 0) - 4 * np.maximum(x - 0.5, 0)


x = np.linspace(0, 1, 2**12 + 1)
y, curves = x, {}
print("layers   ReLUs   straight pieces   at most in one layer of as many ReLUs")
for layer in range(1, 11):
    y = fold(y)
    pieces = 1 + np.count_nonzero(np.abs(np.diff(y, n=2)) > 1e-9)
    print(f"{layer:6}   {2 * layer:5}   {pieces:15}   {2 * layer + 1:12}")
    if layer in (1, 3):
        curves[f"{layer} fold" + "s" * (layer > 1)] = y
print("my guess:", my_guess)
ax = plotting.plot_curves(x, curves, xlabel="x", ylabel="after the folds")
ax.set_ylim(-0.05, 1.4)
plotting.show(ax)

# %% [markdown] name="depth-after"
# In one layer, the bends add up. In layers one after the other, each fold doubles what came before. It takes both: a bend, so
# that layers don't collapse, and depth, so that the bends multiply.

# %% [markdown] name="summary"
# ## Summary
#
# | | what it can do | you wrote |
# |---|---|---|
# | layers without activation, however many | one affine map, $xW + b$ | `collapse` |
# | a narrow one among them | takes information away: limits the rank | `collapsed_rank` |
# | black box | affine if and only if it keeps in step on all walks | `is_affine` |
# | one hidden layer of ReLUs, one input | any curve of straight pieces, one knot per unit | `relu_curve` |
# | two ReLUs, two inputs | XOR, which no affine map can | `xor_net` |
#
# So: give hidden layers an activation that bends. Without one, nothing is gained but another path of training. At the output,
# "linear" is often just right: for a quantity that may have any value.
#
# **What was left out.** That a wide enough layer *can* draw any curve doesn't say how wide it has to be, nor that training
# finds it, nor that the curve is right between the data: see notebooks 8 and 9. We counted straight pieces only; smooth
# activations like tanh bend everywhere, and the same arguments hold for them with more effort. Straight layers have their uses,
# too, where a low rank is wanted: to compress a large matrix, or to adapt a trained network with few numbers. And real networks
# are straight in many places, for example in the last layer, and bent in between.
#
# **Where this lives in Keras and PyTorch.**
#
# | here | Keras | PyTorch |
# |---|---|---|
# | `Dense(32)`, no activation | `keras.layers.Dense(32)`: `activation=None` is the default | `torch.nn.Linear(n, 32)`: never has one |
# | `Dense(32, "relu")` | the same | `torch.nn.Linear(n, 32)`, `torch.nn.ReLU()` |
# | `get_weights`, `set_weights` | the same names, the same order | `state_dict`, `load_state_dict`; its `weight` is transposed: (out, in) |
# | `collapse` | not built in | not built in; "fusing" a batch norm into a linear layer is the same algebra |
#
# A trap in both: forget the activation, and nothing complains. The network trains, only worse than it should. Your `is_affine`
# would tell.
#
# Further reading: K. Hornik, M. Stinchcombe, H. White, *Multilayer feedforward networks are universal approximators*, Neural
# Networks 2, 1989; A. Saxe, J. McClelland, S. Ganguli, *Exact solutions to the nonlinear dynamics of learning in deep linear
# neural networks*, ICLR 2014; M. Telgarsky, *Benefits of depth in neural networks*, COLT 2016.
