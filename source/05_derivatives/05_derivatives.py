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
#   title: How much does J move if I nudge w?
#   syllabus:
#     minutes: 60
#     needs: "Notebook 1; derivatives by pencil. SymPy is explained."
#     gives: "You get derivatives in three ways, by nudging, by symbols and from the library, know how far each is to be trusted, and walk downhill by them."
# ---

# %% [markdown] name="title"
# # 5 · How much does J move if I nudge w?
#
# A network has thousands of weights. While it trains, one small question is asked about each of them, again and again: if I
# nudge this weight a little, **how much does the cost move, and which way?** The answer is called a derivative.
#
# You will get derivatives by nudging, first one weight, then thousands, and by algebra that the computer does for you. With
# your own functions you will then check, weight by weight, what the library computes for a real network. And you will train
# on real handwriting without any calculus at all.
#
# Plan for about an hour. As always: guess first, then run.

# %% name="setup"
import math

import numpy as np
import sympy

from chainrule import plotting
from chainrule.datasets import load_digits
from chainrule_course.checks import Checks, once_solved

# %% [markdown] name="opening-text"
# The picture below shows the cost of a real network: the one of notebook 1, which tells handwritten zeros from ones, in the
# middle of its training. One of its 2031 weights is moved along the horizontal axis; the other 2030 are held still.

# %% name="opening"
from chainrule import Sequential
from chainrule.layers import Dense

X, Y = load_digits(classes=(0, 1))
order = np.random.default_rng(0).permutation(len(X))
X_train, Y_train = X[order[:270]], Y[order[:270]]
X_test, Y_test = X[order[270:]], Y[order[270:]]
layers = [Dense(25, "sigmoid"), Dense(15, "sigmoid"), Dense(1, "sigmoid")]
model = Sequential(layers, rng=np.random.default_rng(1), dtype="float64")
model.compile(loss="binary_crossentropy")
model.fit(X_train, Y_train, epochs=20, verbose=0)
now = model.parameters[2019]


@np.vectorize
def cost_at(w):
    """Cost of the training images when weight number 2019 is w."""
    model.parameters[2019] = w
    return model.evaluate(X_train, Y_train)


span, names = (now - 5, now + 5), {"xlabel": "weight number 2019", "ylabel": "cost"}
plotting.show(plotting.plot_tangent(cost_at, now, span=span, **names))
model.parameters[2019] = now

# %% [markdown] name="opening-after"
# The ring marks where the weight is now. The dashed line touches the curve there. It rises to the right, so the weight should
# go to the left. How steep is such a line? And how do you find out for all 2031 weights?

# %% [markdown] name="nudge-text"
# ## A nudge
#
# Take the simplest cost there is: one weight $w$, and $J(w) = w^2$. At $w = 3$ the cost is 9.
#
# **Predict, then run.** Nudge $w$ by $\varepsilon = 0.001$, from 3 to 3.001. By how much does $J$ grow: by 0.001, by 0.003,
# by 0.006, by 0.009?

# %% name="nudge"
my_guess = None


def J(w):
    return w**2


print(f"my guess: {my_guess}    measured: {J(3.001) - J(3):.6f}")
print("\n nudge ε   change of J      quotient")
for eps in [1, 0.1, 0.01, 0.002, 0.001, 0.0001]:
    change = J(3 + eps) - J(3)
    print(f"{eps:8}  {change:12.8f}  {change / eps:12.4f}")

# %% [markdown] name="nudge-after"
# The change of $J$ is about six times the nudge, whatever the nudge is. The quotient, change of $J$ by change of $w$, closes
# in on 6. This number is the **derivative** of $J$ at $w = 3$. It says how many times larger (or smaller) a small change of
# $w$ arrives in $J$.
#
# Why 6, and why always a little more? Multiply out:
#
# $$ \frac{(w + \varepsilon)^2 - w^2}{\varepsilon} = \frac{2 w \varepsilon + \varepsilon^2}{\varepsilon} = 2 w + \varepsilon. $$
#
# The "little more" is $\varepsilon$ itself. As the nudge shrinks, $2w$ is left. One writes $\frac{dJ}{dw} = 2w$.
#
# **Predict, then run.** What is the quotient at $w = -3$, and at $w = 0$? Which sign has it, and what does the sign tell you?

# %% name="nudge-elsewhere"
my_guess = None

print("my guess:", my_guess)
for w in [-3, -1, 0, 0.5, 3]:
    print(f"w = {w:4}:  quotient {(J(w + 0.001) - J(w)) / 0.001:7.3f}")

# %% [markdown] name="slope-text"
# A negative derivative says: if $w$ grows, $J$ falls. A derivative near zero says: nothing much happens here.
#
# ## The slope of the curve
#
# In a picture, the quotient is a slope. Draw a straight line through two points of the curve, one at $w$ and one at
# $w + \varepsilon$. Such a line is called a **secant**; its slope is the quotient. Now let the second point slide toward the
# first.
#
# **Predict, then run.** What becomes of the secant when the two points meet? Sketch it. Then move the slider to 0, from both
# sides.

# %% name="secant"
def secant(eps=1.5):
    """Draw J, the secant from 3 to 3 + eps, and the tangent at 3."""
    secants = [eps] if abs(eps) > 1e-9 else []
    return plotting.plot_tangent(J, 3, slope=6, secants=secants, span=(0, 6))


plotting.slide(secant, eps=(-2.5, 2.5, 0.25))

# %% [markdown] name="difference-text"
# The secant turns into the **tangent**, the line that touches the curve. The derivative is the slope of the tangent.
#
# On the right the secant is a bit too steep, on the left a bit too flat. That suggests a better quotient: nudge to *both*
# sides and take the slope from one side to the other.
#
# $$ \text{forward: } \frac{f(w + \varepsilon) - f(w)}{\varepsilon} \qquad\qquad
#    \text{central: } \frac{f(w + \varepsilon) - f(w - \varepsilon)}{2 \varepsilon} $$
#
# ### Exercise: `forward_difference` and `central_difference`
#
# Write `forward_difference(f, w, eps)` and `central_difference(f, w, eps)`, the two quotients above.
#
# - `f` is a function that takes a number, or an array and then works on each of its entries,
# - `w` is a number, or an array of any shape: many places at once. It may hold floats or integers,
# - `eps` is a positive number.
#
# For a number return a number, for an array an array of the same shape. Leave `w` as it is.
#
# This holds for every exercise: use Python, NumPy and SymPy, not the functions of `chainrule`.
#
# <details><summary>Hint 1</summary>Translate the formula as it stands. <code>f(w + eps)</code> works for a number and for an
# array.</details>
# <details><summary>Hint 2</summary>Mind the order of operations. The difference needs parentheses before it is divided, and
# so does <code>2 * eps</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "forward_difference", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward_difference(f, w, eps):
    """Slope of f from w to w + eps."""
    ### BEGIN SOLUTION
    return (f(w + eps) - f(w)) / eps
    ### END SOLUTION


def central_difference(f, w, eps):
    """Slope of f from w - eps to w + eps."""
    ### BEGIN SOLUTION
    return (f(w + eps) - f(w - eps)) / (2 * eps)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "forward_difference-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("forward_difference", "central_difference", points=1)


def cube(w):
    return w**3


check.equal("forward, w³ from 2 to 2.5", cube, 2.0, 0.5, expected=15.25)
check.equal("central, w³ around 2", cube, 2.0, 0.5, expected=12.25, of="central_difference")
places = np.array([[0, 1], [2, -1]])
slopes = np.array([[0.25, 4.75], [15.25, 1.75]])
check.equal("forward, an array of integers", cube, places, 0.5, expected=slopes)
central = {"of": "central_difference", "expected": np.array([[0.25, 3.25], [12.25, 3.25]])}
check.equal("central, an array of integers", cube, places, 0.5, **central)
check.report()

# %% nbgrader={"grade": true, "grade_id": "forward_difference-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks forward_difference and central_difference here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("forward_difference", "central_difference", points=3, hidden=True)
check.reference(lambda f, w, eps: (f(w + eps) - f(w)) / eps)
check.reference(lambda f, w, eps: (f(w + eps) - f(w - eps)) / (2 * eps), of="central_difference")


@check.mistake("This is the change of `f`. The slope is the change divided by `eps`.")
def forward_not_divided(f, w, eps):
    return f(w + eps) - f(w)


@check.mistake("Only `f(w)` is divided by `eps`, because division comes before subtraction. Put the difference in parentheses.")
def forward_precedence(f, w, eps):
    return f(w + eps) - f(w) / eps


@check.mistake("This nudges backward, from `w - eps` to `w`. Forward is from `w` to `w + eps`.")
def backward(f, w, eps):
    return (f(w) - f(w - eps)) / eps


@check.mistake("The sign is wrong: take what `f` is after the nudge, minus what it was before.")
def forward_sign(f, w, eps):
    return (f(w) - f(w + eps)) / eps


@check.mistake("This is `2 * w`, which is the slope of w² only. Compute the quotient with the `f` that is given.")
def forward_hard_coded(f, w, eps):
    return 2 * w


@check.mistake("This is the central difference. The forward difference compares with `f(w)` and divides by `eps`.")
def forward_is_central(f, w, eps):
    return (f(w + eps) - f(w - eps)) / (2 * eps)


@check.mistake("The change is multiplied by `eps`. Divide by it.")
def forward_multiplied(f, w, eps):
    return (f(w + eps) - f(w)) * eps


@check.mistake("The given `eps` is ignored; a nudge of your own is taken.")
def forward_eps_ignored(f, w, eps):
    return (f(w + 1e-6) - f(w)) / 1e-6


@check.mistake("The nudged `w` is put into an array of integers, which cuts the nudge off. `w + eps` makes floats on its own.")
def forward_integer_buffer(f, w, eps):
    nudged = np.zeros_like(w)
    nudged[...] = w + eps
    return (f(nudged) - f(w)) / eps


@check.mistake("An array `w` is nudged in place: the caller's array has changed. `w + eps` is a new array, `w += eps` is not.")
def forward_in_place(f, w, eps):
    before = f(w)
    w += eps
    return (f(w) - before) / eps


@check.mistake("This is divided by `eps`, but from `w - eps` to `w + eps` it is `2 * eps`.", of="central_difference")
def central_by_eps(f, w, eps):
    return (f(w + eps) - f(w - eps)) / eps


@check.mistake("`… / 2 * eps` divides by 2 and then multiplies by `eps`. Write `/ (2 * eps)`.", of="central_difference")
def central_precedence(f, w, eps):
    return (f(w + eps) - f(w - eps)) / 2 * eps


@check.mistake("Only the change is computed. Divide it by `2 * eps`.", of="central_difference")
def central_not_divided(f, w, eps):
    return f(w + eps) - f(w - eps)


@check.mistake("This nudges by half of `eps` to each side. Nudge by `eps`, and divide by `2 * eps`.", of="central_difference")
def central_half_steps(f, w, eps):
    return (f(w + eps / 2) - f(w - eps / 2)) / eps


@check.mistake("This is the forward difference. The central one nudges to both sides.", of="central_difference")
def central_is_forward(f, w, eps):
    return (f(w + eps) - f(w)) / eps


@check.mistake("The sign is wrong: `f(w + eps)` comes first, `f(w - eps)` is subtracted.", of="central_difference")
def central_sign(f, w, eps):
    return (f(w - eps) - f(w + eps)) / (2 * eps)


@check.mistake("This is `2 * w`, which is the slope of w² only. Use the `f` that is given.", of="central_difference")
def central_hard_coded(f, w, eps):
    return 2 * w


@check.mistake(
    "This is the second derivative, how fast the slope itself changes. The central difference does not use `f(w)`.",
    of="central_difference",
)
def central_second_derivative(f, w, eps):
    return (f(w + eps) - 2 * f(w) + f(w - eps)) / eps**2


@check.mistake(
    "The nudged `w` is put into an array of integers, which cuts the nudge off. `w + eps` makes floats on its own.",
    of="central_difference",
)
def central_integer_buffer(f, w, eps):
    right, left = np.zeros_like(w), np.zeros_like(w)
    right[...], left[...] = w + eps, w - eps
    return (f(right) - f(left)) / (2 * eps)


rng = np.random.default_rng(51)


def wavy(w):
    return np.sin(2 * w) + w


many, whole = rng.normal(size=(3, 4)), np.array([3, -1, 2, 0, 5])
for of, name in (("forward_difference", "forward"), ("central_difference", "central")):
    check.equal(f"{name}: a wave", wavy, 0.7, 0.1, of=of)
    check.equal(f"{name}: another place and nudge", np.exp, -1.3, 0.02, of=of)
    check.equal(f"{name}: an integer", np.exp, 1, 0.25, of=of)
    check.equal(f"{name}: a table of places", wavy, many, 0.05, of=of)
    check.equal(f"{name}: whole numbers", wavy, whole, 0.5, of=of)
    check.equal(f"{name}: float32", np.exp, many[0].astype(np.float32), 0.25, of=of, rtol=1e-3, atol=1e-3)
    check.equal(f"{name}: a view that is not contiguous", wavy, many[::2, ::3], 0.3, of=of)
    check.unchanged(f"{name}: w stays as it is", wavy, many, 0.2, of=of)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="difference-payoff-text"
# **Does it pay off?** Try both on $J = w^2$ at $w = 3$, where the slope is 6.
#
# **Predict, then run.** With a nudge as large as 1, the forward difference is off by 1 (it was $2w + \varepsilon$). By how
# much is the central difference off?

# %% name="difference-payoff"
my_guess = None

with once_solved():
    print("my guess:", my_guess)
    for eps in [1.0, 0.5, 0.25]:
        forward = forward_difference(J, 3, eps) - 6
        central = central_difference(J, 3, eps) - 6
        print(f"eps = {eps:4}:  forward is off by {forward:5.2f},  central by {central:5.2f}")

# %% [markdown] name="difference-payoff-after"
# What the right side has too much, the left side has too little. For a parabola the two cancel exactly. For other curves
# something is left, but far less than before, as you will see.
#
# ## Smaller and smaller?
#
# One often reads: the smaller $\varepsilon$, the more accurate the result. On paper this is true. The quotient for $w^2$ is
# $2w + \varepsilon$.
#
# **Predict, then run.** Which of these nudges gives the best value for the slope 6: $10^{-2}$, $10^{-8}$, $10^{-12}$, or
# $10^{-16}$?

# %% name="errata-smaller-eps" errata={"says": "The smaller ε, the better the difference quotient.", "correct": "Only down to about 1e-8. Below it rounding takes over, and at 1e-16 the quotient is 0."}
my_guess = None

print("my guess:", my_guess, "\n\n  nudge    forward quotient    error")
for eps in [1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14, 1e-16]:
    quotient = (J(3 + eps) - J(3)) / eps
    print(f"{eps:7.0e}  {quotient:16.10f}  {abs(quotient - 6):9.0e}")

# %% [markdown] name="smaller-eps-after"
# The error falls until about $10^{-8}$. Then it rises again, and with $10^{-16}$ the slope is 0: nothing has moved at all!
# Two things fight here.
#
# - **The formula's own error.** The secant is not the tangent. For $w^2$ this error is $\varepsilon$ itself: it shrinks with
#   the nudge.
# - **Rounding.** A computer keeps about 16 digits of a number. Near 9, neighboring numbers are a tiny gap apart, and nothing
#   in between exists. The difference $J(w + \varepsilon) - J(w)$ is wrong by about such a gap. Then it is divided by
#   $\varepsilon$, and the smaller $\varepsilon$ is, the more this error is blown up.

# %% name="gap"
print(f"gap between 9 and the next number that exists: {np.spacing(9.0):.1e}")
print(f"gap between 3 and the next number that exists: {np.spacing(3.0):.1e}")
print("3 + 1e-16 is 3:", 3 + 1e-16 == 3)
print(f"gap after 9 in float32, which most networks use: {np.spacing(np.float32(9)):.1e}")

# %% name="u-curve"
nudges = np.logspace(-15, 0, 91)
errors = {
    "measured error": np.abs((J(3 + nudges) - J(3)) / nudges - 6),
    "the formula's own error, ε": nudges,
    "rounding, gap / ε": np.spacing(9.0) / nudges,
}
names = {"xlabel": "nudge ε", "ylabel": "error of the slope"}
plotting.show(plotting.plot_curves(nudges, errors, xlog=True, ylog=True, **names))

# %% [markdown] name="best-eps-text"
# Both axes are logarithmic: each tick is a factor. On the right the formula's error rules, on the left the rounding, and
# together they make a **U** (or rather a V). The best nudge is at the bottom, where the two are about equal. (The left arm is
# jagged because rounding errors are as good as random. The deep dips are luck.)
#
# ### Exercise: `best_eps`
#
# Write `best_eps(f, df, w, grid)`: which nudge of a grid gives the best forward difference?
#
# - `f` is a function, `df` is its derivative; both take numbers or arrays, as above,
# - `w` is a number, the place,
# - `grid` is a list or an array of positive nudges, in any order.
#
# Return the value of `grid` (a number) whose forward difference of `f` at `w` is nearest to `df(w)`. Too large by some amount
# is as bad as too small by the same amount.
#
# For some nudges `f(w + eps)` may be NaN ("not a number"), because `f` is not defined there. Such a nudge is never the best.
# At least one nudge of the grid gives a number, and no two are equally good.
#
# <details><summary>Hint 1</summary>The error of one nudge is the <em>absolute value</em> of the forward difference minus
# <code>df(w)</code>.</details>
# <details><summary>Hint 2</summary><code>np.argmin(errors)</code> gives the position of the smallest error, not the nudge.
# And if there is a NaN among the errors, it gives the position of the NaN.</details>
# <details><summary>Hint 3</summary><code>np.nanargmin</code> passes over NaN. In a loop, <code>np.isnan(error)</code> tells
# you.</details>

# %% nbgrader={"grade": false, "grade_id": "best_eps", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_eps(f, df, w, grid):
    """The nudge of the grid whose forward difference is nearest to the derivative."""
    ### BEGIN SOLUTION
    grid = np.asarray(grid, dtype=float)
    errors = np.abs((f(w + grid) - f(w)) / grid - df(w))
    return float(grid[np.nanargmin(errors)])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "best_eps-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("best_eps", points=1)
check.equal("e^w at 1", np.exp, np.exp, 1.0, [1e-16, 1e-8, 1e-2], expected=1e-8, atol=0)
square, d_square = lambda w: w**2, lambda w: 2 * w
check.equal("w² at 3", square, d_square, 3.0, [2.0, 0.5, 1.0, 2.75], expected=0.5)
d_sqrt = lambda w: 0.5 / np.sqrt(w)
check.equal("√w at 1: slopes too small", np.sqrt, d_sqrt, 1.0, [3.0, 0.25, 8.0], expected=0.25)
check.report()

# %% nbgrader={"grade": true, "grade_id": "best_eps-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks best_eps here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("best_eps", points=2, hidden=True)


def errors_of(f, df, w, grid):
    """Signed errors of the forward difference."""
    return np.array([(f(w + eps) - f(w)) / eps for eps in grid]) - df(w)


check.reference(lambda f, df, w, grid: float(grid[int(np.nanargmin(np.abs(errors_of(f, df, w, grid))))]))


@check.mistake("This always takes the smallest nudge. Below a certain size rounding makes it worse: compare the errors.")
def smallest(f, df, w, grid):
    return float(min(grid))


@check.mistake("This always takes the largest nudge. Compute the error of each and take the nudge with the smallest error.")
def largest(f, df, w, grid):
    return float(max(grid))


@check.mistake("The errors keep their sign, so the most negative one wins. Take the absolute value first.")
def signed(f, df, w, grid):
    return float(grid[int(np.nanargmin(errors_of(f, df, w, grid)))])


@check.mistake("A NaN wins: `np.argmin` gives the position of a NaN if there is one. Leave such nudges out (`np.nanargmin`).")
def nan_wins(f, df, w, grid):
    return float(grid[int(np.argmin(np.abs(errors_of(f, df, w, grid))))])


@check.mistake("A NaN in the first place wins: nothing is smaller than NaN, so `min` keeps it. Leave such nudges out.")
def first_nan_wins(f, df, w, grid):
    errors = np.abs(errors_of(f, df, w, grid))
    return float(min(zip(errors, grid), key=lambda pair: pair[0])[1])


@check.mistake("This is the position of the best nudge in the grid. Return the nudge itself.")
def position(f, df, w, grid):
    return int(np.nanargmin(np.abs(errors_of(f, df, w, grid))))


@check.mistake("This is the smallest error. Return the nudge that has it.")
def the_error(f, df, w, grid):
    return float(np.nanmin(np.abs(errors_of(f, df, w, grid))))


@check.mistake("This is the nudge with the largest error. Look for the smallest.")
def worst(f, df, w, grid):
    return float(grid[int(np.nanargmax(np.abs(errors_of(f, df, w, grid))))])


@check.mistake("This uses the central difference. Here, the forward difference is to be judged.")
def central_used(f, df, w, grid):
    errors = [abs((f(w + eps) - f(w - eps)) / (2 * eps) - df(w)) for eps in grid]
    return float(grid[int(np.nanargmin(errors))])


@check.mistake("This nudges backward. The forward difference goes from `w` to `w + eps`.")
def backward_used(f, df, w, grid):
    errors = [abs((f(w) - f(w - eps)) / eps - df(w)) for eps in grid]
    return float(grid[int(np.nanargmin(errors))])


@check.mistake("The quotient is compared with `f(w)`. Compare it with the derivative, `df(w)`.")
def compared_with_f(f, df, w, grid):
    return float(grid[int(np.nanargmin(np.abs(errors_of(f, f, w, grid))))])


@check.mistake("The change of `f` is not divided by the nudge before it is compared with the slope.")
def not_divided(f, df, w, grid):
    errors = [abs(f(w + eps) - f(w) - df(w)) for eps in grid]
    return float(grid[int(np.nanargmin(errors))])


@check.mistake("The derivative is taken at `w + eps`. Compare with the slope at `w`.")
def slope_elsewhere(f, df, w, grid):
    errors = [abs((f(w + eps) - f(w)) / eps - df(w + eps)) for eps in grid]
    return float(grid[int(np.nanargmin(errors))])


@check.mistake("This always takes the nudge nearest to 1e-8, a rule of thumb. It does not hold for every function: compare the errors.")
def rule_of_thumb(f, df, w, grid):
    return float(min(grid, key=lambda eps: abs(math.log(eps / 1e-8))))


def bounded(w):
    """The square root of 1 - w, NaN above 1."""
    with np.errstate(invalid="ignore"):
        return np.sqrt(1 - w)


hill, d_hill = lambda w: w**2 - w**3, lambda w: 2 * w - 3 * w**2
d_bounded = lambda w: -0.5 / bounded(w)
steep, d_steep = lambda w: np.exp(30 * w), lambda w: 30 * np.exp(30 * w)
check.equal("too small and too large in one grid", np.sin, np.cos, 2.0, [0.1, 1e-15, 1e-7, 1e-3, 1e-12], atol=0)
check.equal("an array, best in the middle", hill, d_hill, 0.0, np.array([0.5, 1.0, 2.0, 0.25]), atol=0)
check.equal("all slopes too small", np.log, lambda w: 1 / w, 2.0, [4.0, 0.5, 1.0, 2.0], atol=0)
check.equal("all slopes too large", np.exp, np.exp, 0.5, [0.5, 2.0, 0.125, 1.0], atol=0)
check.equal("NaN in the middle", bounded, d_bounded, 0.5, [0.4, 0.1, 3.0, 0.3], atol=0)
check.equal("NaN in the first place", bounded, d_bounded, 0.5, [2.0, 1e-9, 1e-14, 0.25], atol=0)
check.equal("NaN in the last place", bounded, d_bounded, 0.0, [1e-14, 1e-2, 1e-5, 1.5], atol=0)
check.equal("curved strongly", steep, d_steep, 0.0, [1e-8, 1e-4, 1e-13, 1e-9], atol=0)
check.equal("where the central difference would choose another", np.exp, np.exp, 0.0, [1e-5, 1e-3, 1e-8], atol=0)
check.equal("curved the other way on the left", lambda w: np.maximum(w, 0) ** 2 + w, lambda w: 1.0, 0.0, [0.5, 0.125, 0.25], atol=0)
check.equal("a single nudge", np.cos, lambda w: -np.sin(w), 1.0, [0.3], atol=0)
check.equal("a large w", lambda w: w**2, lambda w: 2 * w, 3e5, [1e-10, 1e-8, 1e-3, 1e2], atol=0)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="best-eps-payoff-text"
# **Does it pay off?** Let *your* `best_eps` choose among $10^{-1}, 10^{-2}, \dots, 10^{-16}$.
#
# **Predict, then run.** Is $10^{-8}$ the best for every function, and at every place?

# %% name="best-eps-payoff"
my_guess = None

with once_solved():
    print("my guess:", my_guess)
    grid = [10.0**-k for k in range(1, 17)]
    d_J = lambda w: 2 * w
    fast, d_fast = lambda w: np.sin(1000 * w), lambda w: 1000 * np.cos(1000 * w)
    places = [("w²", J, d_J, 3.0), ("e^w", np.exp, np.exp, 1.0), ("sin w", np.sin, np.cos, 2.0)]
    places += [("w²", J, d_J, 1000.0), ("sin 1000w", fast, d_fast, 0.002)]
    for name, f, df, w in places:
        print(f"{name:9} at {w:6g}:  best nudge {best_eps(f, df, w, grid):.0e}")

# %% [markdown] name="gradient-text"
# No single nudge is best everywhere. A large $w$ wants a larger one, because the gaps between numbers grow with them. A curve
# that bends sharply wants a smaller one.
#
# ## Thousands of weights
#
# A real cost depends on many weights at once. Then one asks the same question for each of them: nudge *this* weight, hold all
# the others still. The answer for one weight is a **partial derivative**, written $\frac{\partial J}{\partial w_j}$. All of
# them together, in the shape of the weights, are the **gradient**.
#
# ### Exercise: `numerical_gradient`
#
# Write `numerical_gradient(f, W, eps=1e-6)`: the gradient by central differences.
#
# - `f` is a function that takes an array *in the shape of* `W` and returns one number,
# - `W` is an array of any shape with at least one entry. It may hold floats (float64 or float32) or integers,
# - `eps` is the nudge for each entry.
#
# Return an array of floats in the shape of `W`. Each entry is the central difference of `f` when this entry alone is nudged,
# by `eps` to each side.
#
# A nudge of $10^{-6}$ is lost in an array of integers, and nearly lost in float32, so nudge a float64 copy: `f` must get
# arrays of float64. If you do nudge `W` itself, put the old value back exactly. `W` must end up as it was, to the last bit.
#
# <details><summary>Hint 1</summary><code>W = np.array(W, dtype=float)</code> is a float64 copy; you may do with it what you
# like.</details>
# <details><summary>Hint 2</summary><code>for index in np.ndindex(W.shape)</code> visits every entry, whatever the shape:
# <code>W[index]</code> is one number.</details>
# <details><summary>Hint 3</summary>For each entry: keep the old value, set old + eps, call <code>f</code>, set old − eps,
# call <code>f</code>, set the old value again.</details>

# %% nbgrader={"grade": false, "grade_id": "numerical_gradient", "locked": false, "schema_version": 3, "solution": true, "task": false}
def numerical_gradient(f, W, eps=1e-6):
    """Gradient of f at W by central differences, in the shape of W."""
    ### BEGIN SOLUTION
    W = np.array(W, dtype=float)
    gradient = np.empty(W.shape)
    for index in np.ndindex(W.shape):
        old = W[index]
        W[index] = old + eps
        right = f(W)
        W[index] = old - eps
        left = f(W)
        W[index] = old
        gradient[index] = (right - left) / (2 * eps)
    return gradient
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "numerical_gradient-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("numerical_gradient", points=1)


def product(W):
    return W[0] * W[1] ** 3 + W[2] ** 2


def weighted(W):
    return float(np.sum(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) * W**2))


three = np.array([5.0, 2.0, -1.0])
check.equal("three weights", product, three, 0.01, expected=np.array([8.0, 60.0005, -2.0]))
table = np.array([[1.0, 0.5, -1.0], [2.0, 0.0, 0.25]])
slopes = np.array([[2.0, 2.0, -6.0], [16.0, 0.0, 3.0]])
check.equal("a matrix", weighted, table, expected=slopes, atol=1e-6)
small = np.array([1, 2, 3])
check.equal("whole numbers", product, small, expected=np.array([8.0, 12.0, 6.0]), atol=1e-6)
tiny = np.array([0.1, 0.2, 0.3], dtype=np.float32)
check.equal("float32", product, tiny, expected=np.array([0.008, 0.012, 0.6]), atol=1e-6)
check.report()

# %% nbgrader={"grade": true, "grade_id": "numerical_gradient-hidden", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks numerical_gradient here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("numerical_gradient", points=4, hidden=True)


def nudge(f, W, eps=1e-6, dtype=float, restore=True, quotient="central", where=np.ndindex):
    """The right loop; each option makes one of the mistakes below."""
    V = np.array(W, dtype=dtype)
    gradient = np.zeros(V.shape)
    middle = f(V)
    for index in where(V.shape):
        old = V[index]
        V[index] = old + eps
        right = f(V)
        V[index] = old - eps
        left = f(V)
        if restore:
            V[index] = old
        gradient[index] = {
            "central": (right - left) / (2 * eps),
            "by eps": (right - left) / eps,
            "forward": (right - middle) / eps,
            "precedence": (right - left) / 2 * eps,
            "sign": (left - right) / (2 * eps),
        }[quotient]
    return gradient


check.reference(nudge)


@check.mistake("All entries are nudged at once, so each gets the same number. Nudge one entry, hold the others still.")
def all_at_once(f, W, eps=1e-6):
    return np.full(W.shape, (f(W + eps) - f(W - eps)) / (2 * eps))


@check.mistake("An entry stays nudged while the next ones are tried. Put its old value back before you go on.")
def not_restored(f, W, eps=1e-6):
    return nudge(f, W, eps, restore=False)


@check.mistake(
    "The nudge is taken back by arithmetic (adding and subtracting `eps`), and rounding leaves a trace in `W`."
    " Keep the old value and put it back, or nudge a copy."
)
def restored_by_arithmetic(f, W, eps=1e-6):
    if W.dtype != float or not W.flags.c_contiguous:
        return nudge(f, W, eps)
    gradient = np.zeros(W.shape)
    for index in np.ndindex(W.shape):
        W[index] += eps
        right = f(W)
        W[index] -= 2 * eps
        left = f(W)
        W[index] += eps
        gradient[index] = (right - left) / (2 * eps)
    return gradient


@check.mistake("`W` holds integers, and the nudge is cut off when it is stored. Nudge a copy of floats: `np.array(W, dtype=float)`.")
def integers_truncate(f, W, eps=1e-6):
    return nudge(f, W, eps, dtype=W.dtype if W.dtype.kind == "i" else float)


@check.mistake("The nudge is made in float32, which has too few digits for it. Nudge a float64 copy: `np.array(W, dtype=float)`.")
def float32_nudges(f, W, eps=1e-6):
    return nudge(f, W, eps, dtype=W.dtype if W.dtype.kind == "f" else float)


@check.mistake("`np.copy` keeps the type of `W`: integers and float32 lose the nudge. Make a float64 copy: `np.array(W, dtype=float)`.")
def copy_keeps_type(f, W, eps=1e-6):
    return nudge(f, W, eps, dtype=W.dtype)


@check.mistake("This is the forward difference. Nudge to both sides and divide by `2 * eps`.")
def forward_only(f, W, eps=1e-6):
    return nudge(f, W, eps, quotient="forward")


@check.mistake("The change is divided by `eps`, but the way from one side to the other is `2 * eps`.")
def by_eps(f, W, eps=1e-6):
    return nudge(f, W, eps, quotient="by eps")


@check.mistake("`… / 2 * eps` divides by 2 and then multiplies by `eps`. Write `/ (2 * eps)`.")
def by_two_times_eps(f, W, eps=1e-6):
    return nudge(f, W, eps, quotient="precedence")


@check.mistake("The sign is wrong: `f` to the right minus `f` to the left.")
def wrong_sign(f, W, eps=1e-6):
    return nudge(f, W, eps, quotient="sign")


@check.mistake("The gradient comes back flat. It must have the shape of `W`.")
def flat_result(f, W, eps=1e-6):
    return nudge(f, W, eps).ravel()


@check.mistake("`f` gets a flat array. It needs one in the shape of `W`.")
def flat_argument(f, W, eps=1e-6):
    flat = np.array(W, dtype=float).ravel()
    unit = np.eye(len(flat)) * eps
    return np.array([(f(flat + step) - f(flat - step)) / (2 * eps) for step in unit]).reshape(W.shape)


@check.mistake("`ravel` makes a copy where `W` is not contiguous, so nudging it doesn't reach `W`. Use `W[index]` on your own copy.")
def ravel_of_a_view(f, W, eps=1e-6):
    V = W if W.dtype == float else np.array(W, dtype=float, order="C")
    flat, gradient = V.ravel(), np.zeros(V.size)
    for k in range(flat.size):
        old = flat[k]
        flat[k] = old + eps
        right = f(V)
        flat[k] = old - eps
        left = f(V)
        flat[k] = old
        gradient[k] = (right - left) / (2 * eps)
    return gradient.reshape(V.shape)


@check.mistake("Whole rows are nudged, because `W[i]` is a row if `W` is a matrix. Visit every entry: `np.ndindex(W.shape)`.")
def whole_rows(f, W, eps=1e-6):
    V = np.array(W, dtype=float)
    gradient = np.zeros(V.shape)
    for i in range(len(V)):
        old = V[i].copy()
        V[i] = old + eps
        right = f(V)
        V[i] = old - eps
        gradient[i] = (right - f(V)) / (2 * eps)
        V[i] = old
    return gradient


@check.mistake("Left and right are one and the same array: `V = W` makes a second name, not a copy. The two nudges cancel.")
def one_array_two_names(f, W, eps=1e-6):
    gradient = np.zeros(W.shape)
    for index in np.ndindex(W.shape):
        right = np.array(W, dtype=float)
        left = right
        right[index] += eps
        left[index] -= eps
        gradient[index] = (f(right) - f(left)) / (2 * eps)
    return gradient


@check.mistake("The given `eps` is ignored: the nudge is always 1e-6.")
def eps_ignored(f, W, eps=1e-6):
    return nudge(f, W, 1e-6)


rng = np.random.default_rng(52)
factors = {shape: rng.normal(size=shape) for shape in [(3, 4), (5,), (2, 3), (2, 3, 2), (1, 1)]}


def bent(W):
    """A cost in which each entry counts differently and neighbors act together."""
    V = np.asarray(W)
    entries = list(V.flat)
    together = sum(a * b for a, b in zip(entries[:-1], entries[1:]))
    return float(np.sum(factors[V.shape] * V**3) + together)


matrix = rng.normal(size=(3, 4))
check.equal("a vector", bent, rng.normal(size=5), 1e-2)
check.equal("a matrix", bent, matrix, 1e-3)
check.equal("a large nudge", bent, rng.normal(size=(2, 3)), 0.5)
check.equal("three axes", bent, rng.normal(size=(2, 3, 2)), 1e-3)
check.equal("a matrix, the usual nudge", bent, rng.normal(size=(3, 4)), atol=1e-6)
check.equal("whole numbers", bent, rng.integers(-3, 4, size=(2, 3)), atol=1e-6)
check.equal("float32", bent, rng.normal(size=5).astype(np.float32), rtol=1e-4, atol=1e-4)
check.equal("a view that is not contiguous", bent, rng.normal(size=(5, 6)).T[::2, 1:], 1e-2)
check.equal("a single entry", bent, np.array([[1.5]]), 1e-3)
check.unchanged("W stays as it is", bent, rng.normal(size=(3, 4)), 1e-3)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="gradient-payoff-text"
# **Does it pay off?** The library's networks compute their gradient by *backpropagation*, a clever method that comes in
# notebook 6. Is it right? You can find out without knowing how it works. Take the network from the beginning of this
# notebook. Its weights are one long array, `model.parameters`. What backpropagation says about them is in `model.gradients`.
#
# **Predict, then run.** How many times must the cost be computed to nudge each of the 2031 weights to both sides?

# %% name="gradient-payoff"
my_guess = None
model.compute_gradients(X_train, Y_train)
start, backprop = model.parameters.copy(), model.gradients.copy()
calls = 0


def cost_of(weights):
    """Cost of the training images when the network has these weights."""
    global calls
    calls += 1
    model.parameters[:] = weights
    return model.evaluate(X_train, Y_train)


with once_solved():
    by_nudging = numerical_gradient(cost_of, start)
    largest = np.abs(by_nudging - backprop).max()
    print(f"my guess: {my_guess}    counted: {calls} times")
    print(f"weight 2019: mine {by_nudging[2019]:.6f}, the library's {backprop[2019]:.6f}")
    print(f"largest difference among {backprop.size} weights below 1e-8:", bool(largest < 1e-8))

# %% [markdown] name="sabotage-text"
# Thousands of numbers, and all agree. That is strong evidence, because the two ways have nothing in common.
#
# But a check that cannot fail proves nothing. **Predict, then run.** We make one of the 2031 numbers wrong by one percent.
# Will your gradient notice?

# %% name="sabotage"
my_guess = None

with once_solved():
    by_nudging = numerical_gradient(cost_of, start)
    sabotaged = backprop.copy()
    sabotaged[1234] *= 1.01
    suspects = np.flatnonzero(np.abs(by_nudging - sabotaged) > 1e-8)
    print(f"my guess: {my_guess}    made wrong: number 1234    found: number {suspects}")

# %% [markdown] name="gradient-cost-text"
# Comparing with nudges is how backpropagation is tested everywhere, in this course's library too
# (`chainrule.gradients.check_gradients`).
#
# Why not simply *train* with nudges, then? Because of the count you just saw: for a single step, nudging needs the cost two
# times per weight. Backpropagation gets all 2031 numbers from one trip through the network and back.
#
# One question is left: why the central difference, and why $\varepsilon = 10^{-6}$? Look at both errors for $e^w$ at $w = 1$,
# where the slope is $e$.

# %% name="two-vs"
nudges = 10.0 ** -np.arange(1, 15.5, 0.5)
right, here, left = np.exp(1 + nudges), np.exp(1), np.exp(1 - nudges)
errors = {
    "forward difference": (right - here) / nudges - np.e,
    "central difference": (right - left) / (2 * nudges) - np.e,
}
plotting.show(plotting.plot_difference_error(nudges, errors))
for name, error in errors.items():
    power = np.log10(abs(error[2] / error[0]))  # from a nudge of 0.1 to one of 0.01
    print(f"{name}: a nudge 10 times smaller makes the error {10**-power:.0f} times smaller")

# %% [markdown] name="descent-text"
# On the right, the central difference falls twice as steeply: its own error shrinks with $\varepsilon^2$. So it reaches its
# best with a larger nudge, where rounding does less harm. A nudge near $10^{-5}$ or $10^{-6}$ gives about ten right digits.
#
# ## Walk downhill
#
# What is a derivative good for in training? It points uphill. So take a step the other way:
#
# $$ w \leftarrow w - \alpha\,\frac{dJ}{dw}. $$
#
# The factor $\alpha$ is the **learning rate** (`lr` in code). Repeat this, and you have **gradient descent**.
#
# One often reads: a large derivative means that $w$ needs a large change. Is that so? Below are two costs with their minimum
# at $w = 0$.
#
# **Predict, then run.** Which has the larger slope, $J = w^2$ at $w = 3$ or $J = 100\,w^2$ at $w = 0.3$? And which $w$ has
# farther to go?

# %% name="errata-slope-is-not-distance" errata={"says": "A large derivative means that w has far to go.", "correct": "The slope is no distance. 100 w² is ten times as steep as w², ten times closer to its minimum."}
my_guess = None

print("my guess:", my_guess)
for name, f, w in [("w²", J, 3.0), ("100 w²", lambda w: 100 * w**2, 0.3)]:
    slope = (f(w + 1e-6) - f(w - 1e-6)) / 2e-6
    print(f"{name:7} at w = {w}:  slope {slope:5.1f},  distance to the minimum {w}")

# %% [markdown] name="descent-exercise-text"
# The one that is ten times *nearer* is ten times *steeper*. A derivative tells the slope where you stand, not the distance to
# the minimum. It is $\alpha$ that turns slope into distance, and $\alpha$ is your choice.
#
# ### Exercise: `gradient_descent`
#
# Write `gradient_descent(df, w0, lr, steps)`.
#
# - `df` is the derivative: it takes the current `w` and gives a number for a number, an array of the same shape for an array,
# - `w0` is the start, a number or an array of any shape, of floats or integers,
# - `lr` is the learning rate, `steps` the number of steps (0 or more).
#
# Each step computes the derivative *where `w` is now*, and moves `w` against it: `w - lr * df(w)`.
#
# Return a NumPy array of floats with the whole path: `w0` first, then `w` after each step, `steps + 1` entries in all. If
# `w0` is an array of shape (3, 2), say, the result has shape (steps + 1, 3, 2). Leave `w0` as it is.
#
# <details><summary>Hint 1</summary>Start a list with <code>w0</code>, append the new <code>w</code> after each step, and turn
# the list into an array at the end.</details>
# <details><summary>Hint 2</summary><code>w = w - lr * df(w)</code> makes a new number or array. <code>w -= …</code> changes
# an array in place, and with it everything in your list that is this same array.</details>
# <details><summary>Hint 3</summary><code>np.array(path, dtype=float)</code> works for a list of numbers and for a list of
# arrays.</details>

# %% nbgrader={"grade": false, "grade_id": "gradient_descent", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_descent(df, w0, lr, steps):
    """The path of gradient descent, w0 first: steps + 1 entries."""
    ### BEGIN SOLUTION
    path = [np.array(w0, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - lr * df(path[-1]))
    return np.array(path)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "gradient_descent-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("gradient_descent", points=1)


def slope_of_square(w):
    return 2 * w


path = np.array([4.0, 3.0, 2.25, 1.6875])
check.equal("w² from 4", slope_of_square, 4.0, 0.125, 3, expected=path)
halved = np.array([3.0, 1.5, 0.75])
check.equal("a whole number to start", slope_of_square, 3, 0.25, 2, expected=halved)
rows = np.array([[4.0, -8.0], [3.0, -6.0], [2.25, -4.5]])
check.equal("two weights", slope_of_square, np.array([4.0, -8.0]), 0.125, 2, expected=rows)
check.equal("no step at all", slope_of_square, 3.0, 0.1, 0, expected=np.array([3.0]))
check.report()

# %% nbgrader={"grade": true, "grade_id": "gradient_descent-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks gradient_descent here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("gradient_descent", points=3, hidden=True)


def walk(df, w0, lr, steps, sign=-1):
    """The right path as a list."""
    path = [np.array(w0, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] + sign * lr * df(path[-1]))
    return path


check.reference(lambda df, w0, lr, steps: np.array(walk(df, w0, lr, steps)))


@check.mistake("`w0` is missing: the path begins before the first step.")
def start_missing(df, w0, lr, steps):
    return np.array(walk(df, w0, lr, steps)[1:])


@check.mistake("The last entry is missing: after `steps` steps there are `steps + 1` entries, with `w0`.")
def last_missing(df, w0, lr, steps):
    return np.array(walk(df, w0, lr, steps)[:-1])


@check.mistake("One step too many: `steps` steps make `steps + 1` entries, with `w0`.")
def one_too_many(df, w0, lr, steps):
    return np.array(walk(df, w0, lr, steps + 1))


@check.mistake("This walks uphill. Subtract the step: `w - lr * df(w)`.")
def uphill(df, w0, lr, steps):
    return np.array(walk(df, w0, lr, steps, sign=1))


@check.mistake("The derivative is always taken at `w0`. Take it where `w` is now, anew in each step.")
def stale(df, w0, lr, steps):
    return np.array(walk(lambda _: df(np.array(w0, dtype=float)), w0, lr, steps))


@check.mistake("The derivative of the step before is used. First compute it where `w` is now, then move.")
def one_step_late(df, w0, lr, steps):
    w = np.array(w0, dtype=float)
    path, slope = [w], df(w)
    for _ in range(steps):
        w = w - lr * slope
        slope = df(path[-1])
        path.append(w)
    return np.array(path)


@check.mistake("Only the end of the path is returned. Return all of it, `w0` first.")
def only_the_end(df, w0, lr, steps):
    return np.array(walk(df, w0, lr, steps)[-1])


@check.mistake("The path is a list. Turn it into a NumPy array: `np.array(path)`.")
def a_list(df, w0, lr, steps):
    return walk(df, w0, lr, steps)


@check.mistake("The learning rate is ignored. The step is `lr` times the derivative.")
def rate_ignored(df, w0, lr, steps):
    return np.array(walk(df, w0, 1, steps))


@check.mistake("The learning rate is made smaller from step to step. Here it stays the same.")
def decaying_rate(df, w0, lr, steps):
    w = np.array(w0, dtype=float)
    path = [w]
    for t in range(steps):
        w = w - lr / (t + 1) * df(w)
        path.append(w)
    return np.array(path)


@check.mistake("Only the sign of the derivative is used. The step is `lr` times the derivative itself.")
def sign_only(df, w0, lr, steps):
    return np.array(walk(lambda w: np.sign(df(w)), w0, lr, steps))


@check.mistake("The path is kept in an array of integers, so fractions are cut off. Make it one of floats.")
def integer_buffer(df, w0, lr, steps):
    path = np.zeros((steps + 1, *np.shape(w0)), dtype=np.asarray(w0).dtype)
    path[0] = w0
    for t in range(steps):
        path[t + 1] = path[t] - lr * df(path[t])
    return path


@check.mistake("All rows are one and the same array, changed in place with `-=`. Write `w = w - …`, or append a copy.")
def one_array(df, w0, lr, steps):
    w = np.array(w0, dtype=float)
    path = [w]
    for _ in range(steps):
        w -= lr * df(w)
        path.append(w)
    return np.array(path)


@check.mistake("`w0` itself is changed, because `w = w0` is only a second name for it. Start with a copy.")
def start_changed(df, w0, lr, steps):
    w = w0 if isinstance(w0, np.ndarray) and w0.dtype.kind == "f" else np.array(w0, dtype=float)
    path = [w.copy()]
    for _ in range(steps):
        w -= lr * df(w)
        path.append(w.copy())
    return np.array(path, dtype=float)


@check.mistake("The path holds the costs or the slopes. It has to hold `w`.")
def slopes_instead(df, w0, lr, steps):
    return np.array([df(w) for w in walk(df, w0, lr, steps)])


rng = np.random.default_rng(53)
matrix, target = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]]), rng.normal(size=3)
bowl = lambda w: matrix @ w - target
wave = lambda w: np.cos(w) + 0.2 * w
check.equal("a wave, many steps", wave, 2.0, 0.4, 12)
check.equal("a wave, one step", wave, -1.5, 0.3, 1)
check.equal("no step", wave, 0.75, 0.3, 0)
check.equal("a whole number to start", wave, 2, 0.25, 5)
check.equal("a rate that bounces", lambda w: 2 * w, 3.0, 1.0, 4)
check.equal("three weights that depend on one another", bowl, rng.normal(size=3), 0.3, 6)
check.equal("a table of weights", wave, rng.normal(size=(3, 2)), 0.5, 4)
check.equal("an array of whole numbers", wave, np.array([2, -1, 0]), 0.3, 3)
check.equal("an array, no step", wave, rng.normal(size=(2, 2)), 0.3, 0)
check.unchanged("w0 stays as it is", bowl, rng.normal(size=3), 0.2, 5)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="rates-text"
# **Does it pay off?** Let your `gradient_descent` go down $J = w^2$ from $w = 3$, with five learning rates.
#
# **Predict, then run.** Which of $\alpha = 0.01$, $0.1$, $0.5$, $1$ and $1.1$ is best? Which never arrives? Which gets worse
# with every step?

# %% name="errata-learning-rate" errata={"says": "The gradient says how much to change w.", "correct": "It says the direction. The learning rate decides: on w² it creeps at 0.01, bounces at 1 and flies off at 1.1."}
my_guess = None

with once_solved():
    print("my guess:", my_guess)
    print(f"{'w, step by step':>27} {'after 20 steps':>34}")
    for lr in [0.01, 0.1, 0.5, 1.0, 1.1]:
        path = gradient_descent(lambda w: 2 * w, 3.0, lr, 20)
        first = "  ".join(f"{w:6.2f}" for w in path[:5])
        print(f"lr = {lr:4}:  {first}  …  {path[-1]:7.2f},  J = {J(path[-1]):8.2f}")

# %% name="rates-picture"
from matplotlib import pyplot as plt

with once_solved(), plotting.style():
    paths = {lr: gradient_descent(lambda w: 2 * w, 3.0, lr, 6) for lr in [0.01, 0.1, 1.0, 1.1]}
    figure, axes = plt.subplots(2, 2, figsize=(7, 5.4), layout="constrained")
    for ax, (lr, path) in zip(axes.flat, paths.items()):
        plotting.plot_descent(J, {f"α = {lr}": path}, ax=ax)
    plotting.show(figure)

# %% [markdown] name="rates-after"
# For $w^2$ one can see why. A step takes $w$ to $w - \alpha \cdot 2w = (1 - 2\alpha)\,w$. So each step multiplies $w$ by the
# same factor: by 0.98 if $\alpha = 0.01$ (slow), by 0 if $\alpha = 0.5$ (there in one step), by −1 if $\alpha = 1$ (it
# bounces forever), by −1.2 if $\alpha = 1.1$ (it flies off). The derivative is right in all five runs. What differs is only
# $\alpha$.
#
# ### Training without calculus
#
# Now put your functions together. One unit with a sigmoid has 64 weights and a bias. Its cost on the digits is a function of
# these 65 numbers. Your `numerical_gradient` finds the gradient, your `gradient_descent` walks. No formula for a derivative
# is needed.
#
# **Predict, then run.** After 40 steps, what share of the test images will it get right?

# %% name="descent-payoff"
my_guess = None


def cost_of_unit(v):
    """Mean binary cross-entropy of one unit with weights v[:64] and bias v[64]."""
    z = X_train @ v[:64] + v[64]
    return np.mean(np.logaddexp(0, z) - Y_train * z)


def slope_of_unit(v):
    """Gradient of its cost, by your nudges."""
    return numerical_gradient(cost_of_unit, v)


with once_solved():
    path = gradient_descent(slope_of_unit, np.zeros(65), 0.5, 40)
    right = np.mean((X_test @ path[-1][:64] + path[-1][64] >= 0) == Y_test)
    print(f"my guess: {my_guess}    measured: {right:.3f} of {len(Y_test)} test images")
    costs = {"one unit, by nudging": [cost_of_unit(v) for v in path]}
    names = {"xlabel": "step", "ylabel": "cost of the training images (nats)"}
    plotting.show(plotting.plot_curves(np.arange(41), costs, **names))

# %% [markdown] name="descent-library-text"
# The library trains the same unit with backpropagation, from the same start, with the same learning rate and all images in
# each step. **Predict, then run.** How far from your 65 weights does it end up?

# %% name="descent-library"
from chainrule.optimizers import SGD

my_guess = None

with once_solved():
    path = gradient_descent(slope_of_unit, np.zeros(65), 0.5, 40)
    unit = Sequential([Dense(1, "sigmoid", kernel_initializer="zeros")], dtype="float64")
    unit.compile(optimizer=SGD(learning_rate=0.5), loss="binary_crossentropy")
    unit.fit(X_train, Y_train, epochs=40, batch_size=len(X_train), verbose=0)
    gap = np.abs(unit.parameters - path[-1]).max()
    print(f"my guess: {my_guess}    largest difference below 1e-6: {bool(gap < 1e-6)}")

# %% [markdown] name="sympy-text"
# ## Exact, with symbols
#
# Nudging gives numbers, and numbers are rounded. On paper you do better: you write $2w$ and mean it for every $w$. **SymPy**
# is a library that calculates like that, with symbols instead of numbers. It rounds only when you ask for it.
#
# **Predict, then run.** What does Python print for $\sqrt 8$, and what for $\left(\sqrt 8\right)^2$? What does SymPy print?

# %% name="errata-sqrt" errata={"says": "√8 is 2.82842712475.", "correct": "That is rounded. As a float it is 2.8284271247461903, whose square is not 8 either. SymPy's 2√2 is exact."}
my_guess = None

print("my guess:", my_guess)
print("Python:", math.sqrt(8), "   squared:", math.sqrt(8) ** 2)
print("SymPy: ", sympy.sqrt(8), "   squared:", sympy.sqrt(8) ** 2)
print(f"Python's number, written with 12 digits: {math.sqrt(8):.12g}")

# %% [markdown] name="sympy-text-2"
# One often sees $\sqrt 8 = 2.82842712475$ as Python's answer. That is only how old versions of Python printed it, with 12
# digits. More digits of it are kept, but never all.
#
# A **symbol** is a name without a value. From symbols you build **expressions**, and `sympy.diff` differentiates them.

# %% name="sympy-diff"
w = sympy.Symbol("w")
for expression in [w**2, w**3 + 5 * w, sympy.exp(2 * w), 1 / (1 + sympy.exp(-w))]:
    print(f"{str(expression):18}  has the derivative  {sympy.diff(expression, w)}")

# %% [markdown] name="symbols-text"
# To put a number in for a symbol, there is `subs`. Here are four lines as one often sees them. They work, but three things
# about them are not what they seem.
#
# **Predict, then run.** After the second line, what is left of the symbol `C`? What type has the 6? And what is in `slope`
# after `subs`?

# %% name="errata-symbols" errata={"says": "`J = symbols('J')`, then `J = w**2`: J is now a symbol for w².", "correct": "The second line throws the symbol away. `subs` gives a new expression, with SymPy's Integer inside, and leaves the old one as it was."}
my_guess = None

C, w = sympy.symbols("C, w")
first_type = type(C).__name__
C = w**2
slope = sympy.diff(C, w)
value = slope.subs([(w, 3)])

print("my guess:", my_guess)
print(f"C was a {first_type}, now it is a {type(C).__name__}: {C}")
print(f"the value is {value}, of type {type(value).__name__}")
print(f"an array of it is an array of type {np.array([value]).dtype}")
print(f"slope is still {slope}")

# %% [markdown] name="symbols-after"
# 1. The symbol `C` was made for nothing. `C = w**2` puts something else under that name, and nothing ties the two together.
# 2. The 6 is a SymPy `Integer`, not a number of Python. NumPy doesn't know it and makes an array of *objects*, which is slow
#    and fails in many functions. Turn it into a number with `float`.
# 3. Expressions never change. `subs` makes a new one; `slope` is what it was.
#
# There is a fourth trap. `subs` with several symbols works through them **one after the other**.
#
# **Predict, then run.** In $a - b$, put $b$ for $a$ and $a$ for $b$. On paper you get $b - a$. What does `subs` give?

# %% name="subs-order"
my_guess = None

a, b = sympy.symbols("a b")
print("my guess:", my_guess)
print("one after the other:", (a - b).subs([(a, b), (b, a)]))
print("all at once:        ", (a - b).subs([(a, b), (b, a)], simultaneous=True))

# %% [markdown] name="derivative-text"
# First $a - b$ became $b - b$, and then there was nothing left to swap.
#
# ### Exercise: `derivative` and `value_at`
#
# Write `derivative(expr, symbol)`: the derivative of a SymPy expression with respect to a symbol, as a SymPy expression.
# Carry it out: no `Derivative` may be left in it. You may write it in any form that is equal. The symbol can have any name.
# Use the very symbol that is given: two symbols of the same name can differ, `sympy.Symbol("w", positive=True)` is another
# one than `sympy.Symbol("w")`.
#
# Write `value_at(expr, values)`: the value of an expression as a `float`.
#
# - `expr` is a SymPy expression,
# - `values` is a dict. Its keys are symbols; its values are numbers or SymPy expressions, which may contain symbols, too,
# - all of them are put in *at once*, as in the last cell. Keys that don't occur in `expr` do no harm.
#
# If a symbol is left over in the end, raise `ValueError`. Leave `values` as it is.
#
# <details><summary>Hint 1</summary><code>sympy.diff</code> does all the work of the first function.</details>
# <details><summary>Hint 2</summary><code>expr.subs(values, simultaneous=True)</code> takes a dict.</details>
# <details><summary>Hint 3</summary><code>result.free_symbols</code> is the set of the symbols in a result. If it is not
# empty: <code>raise ValueError("…")</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "derivative", "locked": false, "schema_version": 3, "solution": true, "task": false}
def derivative(expr, symbol):
    """Derivative of expr with respect to symbol, a SymPy expression."""
    ### BEGIN SOLUTION
    return sympy.diff(expr, symbol)
    ### END SOLUTION


def value_at(expr, values):
    """Value of expr, a float, with all values put in at once."""
    ### BEGIN SOLUTION
    result = expr.subs(values, simultaneous=True)
    if result.free_symbols:
        raise ValueError(f"no value for {result.free_symbols}")
    return float(result)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "derivative-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("derivative", "value_at", points=1)
u, v = sympy.symbols("u v")
check.equal("derivative of u³", u**3, u, expected=3 * u**2)
check.equal("derivative of u² v by v", u**2 * v, v, expected=u**2)
check.equal("u² v with numbers", u**2 * v, {u: 3, v: 0.5}, of="value_at", expected=4.5)
check.equal("an integer becomes a float", 2 * u, {u: 3}, of="value_at", expected=6.0)
check.equal("v - u, all at once", v - u, {u: v, v: v + 2}, of="value_at", expected=2.0)
check.equal("the keys swapped", v - u, {v: v + 2, u: v}, of="value_at", expected=2.0)
check.raises("v is left over", ValueError, u * v, {u: 2}, of="value_at")
check.report()

# %% nbgrader={"grade": true, "grade_id": "derivative-hidden", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks derivative and value_at here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("derivative", "value_at", points=4, hidden=True)


def put_in(expr, values):
    """The expression with all values put in, if no symbol is left."""
    result = expr.subs(values, simultaneous=True)
    if result.free_symbols:
        raise ValueError("a symbol is left")
    return result


check.reference(lambda expr, symbol: sympy.diff(expr, symbol))
check.reference(lambda expr, values: float(put_in(expr, values)), of="value_at")


@check.mistake("This differentiates by a symbol `w` of your own. Differentiate by the symbol that is given, whatever its name.")
def always_w(expr, symbol):
    return sympy.diff(expr, sympy.Symbol("w"))


@check.mistake("A new symbol is made from the name of the given one. It is another symbol if the given one is, say, positive. Use `symbol` itself.")
def by_its_name(expr, symbol):
    return sympy.diff(expr, sympy.Symbol(str(symbol)))


@check.mistake("This differentiates by the first symbol found in `expr`. Differentiate by the symbol that is given.")
def first_symbol_found(expr, symbol):
    symbols = sorted(expr.free_symbols, key=sympy.srepr)
    return sympy.diff(expr, symbols[0]) if symbols else sympy.Integer(0)


@check.mistake("The derivatives by all symbols are added up. Only the given symbol is nudged; the others hold still.")
def by_all_symbols(expr, symbol):
    return sum((sympy.diff(expr, each) for each in expr.free_symbols), sympy.Integer(0))


@check.mistake("The derivative is written down but not carried out. `sympy.diff` carries it out, and so does `.doit()`.")
def not_carried_out(expr, symbol):
    return sympy.Derivative(expr, symbol)


@check.mistake("This is a difference quotient, so its value is only near the right one. `sympy.diff` gives the exact derivative.")
def difference_quotient(expr, symbol):
    return (expr.subs(symbol, symbol + sympy.Rational(1, 1000)) - expr) * 1000


@check.mistake("This is the second derivative. Differentiate once.")
def differentiated_twice(expr, symbol):
    return sympy.diff(expr, symbol, 2)


@check.mistake("This is the integral, the opposite of the derivative.")
def integrated(expr, symbol):
    return sympy.integrate(expr, symbol)


@check.mistake("The result is text. Return the SymPy expression itself, without `str`.")
def as_text(expr, symbol):
    return str(sympy.diff(expr, symbol))


@check.mistake("A number has been put in for the symbol. Return the derivative as an expression, for every value of the symbol.")
def number_put_in(expr, symbol):
    return sympy.diff(expr, symbol).subs(symbol, 3)


@check.mistake("The expression comes back as it was. Return its derivative.")
def not_differentiated(expr, symbol):
    return expr


@check.mistake("The result is a number of SymPy (an `Integer`, say). Turn it into a number of Python with `float`.", of="value_at")
def number_of_sympy(expr, values):
    return put_in(expr, values)


@check.mistake(
    "The values are put in one after the other, in the order of the dict, so a symbol that one of them brings along is"
    " replaced again. Put all in at once: `simultaneous=True`.",
    of="value_at",
)
def one_after_the_other(expr, values):
    for symbol, value in values.items():
        expr = expr.subs(symbol, value)
    return float(put_in(expr, {}))


@check.mistake(
    "`subs(values)` puts the values in one after the other, in an order of its own. Put all in at once: `simultaneous=True`.",
    of="value_at",
)
def subs_in_its_own_order(expr, values):
    return float(put_in(expr.subs(values), {}))


@check.mistake(
    "The values are put into the text of the expression. There `x` is also part of `exp`, and -3**2 is not (-3)**2. Use `subs`.",
    of="value_at",
)
def in_the_text(expr, values):
    text = str(expr)
    for symbol, value in values.items():
        text = text.replace(str(symbol), str(value))
    return float(put_in(sympy.sympify(text), {}))


@check.mistake("A symbol that is left over raises TypeError, from `float`. Look at `free_symbols` first and raise ValueError.", of="value_at")
def leftover_type_error(expr, values):
    return float(expr.subs(values, simultaneous=True))


@check.mistake("Symbols that are left over are taken as 0. Raise ValueError instead.", of="value_at")
def leftover_zero(expr, values):
    result = expr.subs(values, simultaneous=True)
    return float(result.subs({symbol: 0 for symbol in result.free_symbols}))


@check.mistake("If a symbol is left over, an expression comes back. Raise ValueError instead.", of="value_at")
def leftover_returned(expr, values):
    result = expr.subs(values, simultaneous=True)
    return result if result.free_symbols else float(result)


@check.mistake("The value is put in for a symbol `w` of your own. The keys of `values` are the symbols, whatever their names.", of="value_at")
def value_for_w(expr, values):
    return float(put_in(expr.subs(sympy.Symbol("w"), next(iter(values.values()), 0)), {}))


@check.mistake(
    "New symbols are made from the names of the keys. They are other symbols if the keys are, say, positive. Use the keys themselves.",
    of="value_at",
)
def values_by_name(expr, values):
    return float(put_in(expr, {sympy.Symbol(str(symbol)): value for symbol, value in values.items()}))


@check.mistake("Only the first of the values is put in.", of="value_at")
def first_value_only(expr, values):
    return float(put_in(expr, dict(list(values.items())[:1])))


@check.mistake("The result is cut off to a whole number. Return a `float`.", of="value_at")
def cut_off(expr, values):
    return int(put_in(expr, values))


x, y, w, w1 = sympy.symbols("x y w w1")
r, t = sympy.Symbol("r", positive=True), sympy.Symbol("t", real=True)
check.equal("derivative: the sigmoid", 1 / (1 + sympy.exp(-x)), x)
check.equal("derivative: one of three symbols", x**2 * y**3 + sympy.sin(x * w), y)
check.equal("derivative: another of three symbols", x**2 * y**3 + sympy.sin(x * w), x)
check.equal("derivative: the symbol does not occur", x**2, y)
check.equal("derivative: a number", sympy.Integer(7), x)
check.equal("derivative: a symbol called w", w**4 + w, w)
check.equal("derivative: a positive symbol", sympy.log(r) * r, r)
check.equal("derivative: a real symbol", t**3 - 2 * t**2, t)
check.equal("derivative: two symbols of one name", sympy.Symbol("r") ** 2 * r**3, r)
check.equal("derivative: two cases", sympy.Piecewise((x**3, x > 0), (-(x**2), True)), x)
check.equal("value: exp(x) and x", sympy.exp(x) * x, {x: 0.5}, of="value_at")
check.equal("value: a whole number", x**2 - y, {x: 3, y: 2}, of="value_at")
check.equal("value: a negative number", x**2 + y, {x: -3, y: 0.5}, of="value_at")
check.equal("value: expressions as values", sympy.cos(x) * sympy.sqrt(8) * y, {x: sympy.pi, y: sympy.Rational(1, 3)}, of="value_at")
check.equal("value: symbols w and w1", w / w1, {w: 2, w1: 4}, of="value_at")
check.equal("value: at once", x - y, {x: y + 5, y: y + 2}, of="value_at")
check.equal("value: at once, keys in another order", x - y, {y: y + 2, x: y + 5}, of="value_at")
check.equal("value: at once, in any order", x - y, {x: x + y, y: x + y + 3}, of="value_at")
check.equal("value: a product, at once", x * y, {x: x * y, y: 5 / (x * y)}, of="value_at")
check.equal("value: a quotient, at once", x / y, {x: 3 * y, y: 2 * y}, of="value_at")
check.equal("value: keys that don't occur", x**3, {x: 1.5, y: 2, w: x}, of="value_at")
check.equal("value: a positive symbol", sympy.log(r) + r, {r: 2.5}, of="value_at")
check.equal("value: no symbols at all", sympy.Rational(7, 2), {}, of="value_at")
check.raises("value: a symbol without a value", ValueError, x * y, {x: 2}, of="value_at")
check.raises("value: swapped symbols", ValueError, x - 2 * y, {x: y, y: x}, of="value_at")
check.raises("value: a value brings a symbol along", ValueError, x**2, {x: y + 1}, of="value_at")
check.unchanged("value: the dict stays as it is", x * y, {x: 2.5, y: 3}, of="value_at")
check.report()
### END HIDDEN TESTS

# %% [markdown] name="derivative-payoff-text"
# **Does it pay off?** Take the sigmoid. `derivative` differentiates it, `value_at` puts numbers in, and the library's own
# derivative stands beside.

# %% name="derivative-payoff"
from chainrule import activations

with once_solved():
    z = sympy.Symbol("z")
    slope = derivative(1 / (1 + sympy.exp(-z)), z)
    print("derivative of the sigmoid:", slope)
    for number in [-2, 0, 1.5]:
        mine, theirs = value_at(slope, {z: number}), activations.d_sigmoid(number)
        print(f"at {number:4}:  mine {mine:.10f}   library {theirs:.10f}")

# %% [markdown] name="matches-text"
# They agree at three places. Let's write a judge that looks at many.
#
# You may think: why not compare the *formulas*? Because one derivative has many formulas.
#
# **Predict, then run.** Are $\frac{e^{-z}}{(1 + e^{-z})^2}$ and $\frac{e^{z}}{(1 + e^{z})^2}$ equal? And does SymPy's `==`
# say so?

# %% name="structural"
my_guess = None

z = sympy.Symbol("z")
one = sympy.exp(-z) / (1 + sympy.exp(-z)) ** 2
other = sympy.exp(z) / (1 + sympy.exp(z)) ** 2
print("my guess:", my_guess)
print("the same formula, says ==:", one == other)
for number in [-2.0, 0.5, 3.0]:
    values = float(one.subs(z, number)), float(other.subs(z, number))
    print(f"at {number:4}:  {values[0]:.10f}   {values[1]:.10f}")

# %% [markdown] name="matches-exercise-text"
# `==` asks whether two expressions are *written* alike. Values tell whether they *are* alike.
#
# ### Exercise: `symbolic_gradient_matches`
#
# Write `symbolic_gradient_matches(expr, symbol, fn, points, tol=1e-8)`: is `fn` the derivative of `expr`?
#
# - `expr` is a SymPy expression with no other symbol than `symbol`,
# - `fn` is a function of one number. Call it with one `float` at a time: it may not work for arrays, integers or SymPy's
#   numbers,
# - `points` is a list, tuple or array of numbers.
#
# Return `True` if at *every* point the distance between `fn(point)` and the derivative of `expr` is at most `tol`, else
# `False` (a truth value of Python or NumPy). If `fn` gives NaN at a point, it does not match.
#
# <details><summary>Hint 1</summary>Differentiate once, before the loop. In the loop,
# <code>float(slope.subs(symbol, point))</code> is the slope at one point.</details>
# <details><summary>Hint 2</summary>The distance of two numbers is the absolute value of their difference.</details>
# <details><summary>Hint 3</summary>Every comparison with NaN is False. So <code>distance &lt;= tol</code> refuses NaN on its
# own, while <code>distance &gt; tol</code> lets it pass.</details>

# %% nbgrader={"grade": false, "grade_id": "symbolic_gradient_matches", "locked": false, "schema_version": 3, "solution": true, "task": false}
def symbolic_gradient_matches(expr, symbol, fn, points, tol=1e-8):
    """Whether fn is the derivative of expr at every point."""
    ### BEGIN SOLUTION
    slope = sympy.diff(expr, symbol)
    for point in points:
        point = float(point)
        if not abs(fn(point) - float(slope.subs(symbol, point))) <= tol:
            return False
    return True
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "symbolic_gradient_matches-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("symbolic_gradient_matches", points=1)
u = sympy.Symbol("u")
places = [-1.0, 0.1, 2]


def right_of_zero(u):
    return 2 * u if u > 0 else float("nan")


check.equal("2u for u²", u**2, u, lambda u: 2 * u, places, expected=True)
longer, always_positive = lambda u: (u + 1) ** 2 - u**2 - 1, lambda u: 2 * abs(u)
check.equal("written otherwise", u**2, u, longer, places, expected=True)
check.equal("cos for sin", sympy.sin(u), u, math.cos, np.array([0.0, 1.0]), expected=True)
check.equal("a wide tolerance", u**2, u, lambda u: 2 * u + 0.1, [1.0], 0.2, expected=True)
check.equal("u² for u²", u**2, u, lambda u: u**2, places, expected=False)
check.equal("too small everywhere", u**2, u, lambda u: 2 * u - 0.1, places, expected=False)
check.equal("wrong at the first point", u**2, u, always_positive, [-1.0, 1.0], expected=False)
check.equal("wrong at the last point", u**2, u, always_positive, [1.0, -1.0], expected=False)
check.equal("NaN at one point", u**2, u, right_of_zero, [-1.0, 1.0], expected=False)
check.report()

# %% nbgrader={"grade": true, "grade_id": "symbolic_gradient_matches-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks symbolic_gradient_matches here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("symbolic_gradient_matches", points=3, hidden=True)


def distances(expr, symbol, fn, points):
    """Signed distances, point by point."""
    slope = sympy.diff(expr, symbol)
    return np.array([fn(float(point)) - float(slope.subs(symbol, float(point))) for point in points])


check.reference(lambda expr, symbol, fn, points, tol=1e-8: bool(np.all(np.abs(distances(expr, symbol, fn, points)) <= tol)))


@check.mistake("Only the first point is looked at. `fn` has to match at every point.")
def first_point_only(expr, symbol, fn, points, tol=1e-8):
    return bool(abs(distances(expr, symbol, fn, points[:1])[0]) <= tol)


@check.mistake("Only the last point decides: the answer of the others is overwritten in the loop.")
def last_point_only(expr, symbol, fn, points, tol=1e-8):
    return bool(abs(distances(expr, symbol, fn, points)[-1]) <= tol)


@check.mistake("One point that matches is enough for you. `fn` has to match at every point: `all`, not `any`.")
def any_point(expr, symbol, fn, points, tol=1e-8):
    return bool(np.any(np.abs(distances(expr, symbol, fn, points)) <= tol))


@check.mistake("The distance keeps its sign, so values that are too small always pass. Take the absolute value.")
def abs_forgotten(expr, symbol, fn, points, tol=1e-8):
    return bool(np.all(distances(expr, symbol, fn, points) <= tol))


@check.mistake("NaN passes, because no comparison with NaN is true, `distance > tol` neither. Ask whether `distance <= tol`.")
def nan_passes(expr, symbol, fn, points, tol=1e-8):
    return not bool(np.any(np.abs(distances(expr, symbol, fn, points)) > tol))


@check.mistake("The distances are added up with their signs, so that errors cancel. Look at each point on its own.")
def signed_sum(expr, symbol, fn, points, tol=1e-8):
    return bool(abs(np.sum(distances(expr, symbol, fn, points))) <= tol)


@check.mistake("The mean distance is compared with `tol`. At *every* point the distance must be small: one large error must not drown.")
def mean_distance(expr, symbol, fn, points, tol=1e-8):
    return bool(np.mean(np.abs(distances(expr, symbol, fn, points))) <= tol)


@check.mistake("The given `tol` is ignored.")
def tolerance_ignored(expr, symbol, fn, points, tol=1e-8):
    return bool(np.all(np.abs(distances(expr, symbol, fn, points)) <= 1e-8))


@check.mistake("The values are compared with `==`. Rounding makes them differ in the last digit; ask whether the distance is at most `tol`.")
def exactly_equal(expr, symbol, fn, points, tol=1e-8):
    return bool(np.all(distances(expr, symbol, fn, points) == 0))


@check.mistake("The distance must be at most `tol`: a distance of exactly `tol` matches, too.")
def strictly_below(expr, symbol, fn, points, tol=1e-8):
    return bool(np.all(np.abs(distances(expr, symbol, fn, points)) < tol))


@check.mistake("`fn` is compared with `expr` itself. Compare it with the derivative of `expr`.")
def not_differentiated(expr, symbol, fn, points, tol=1e-8):
    values = [abs(fn(float(point)) - float(expr.subs(symbol, float(point)))) for point in points]
    return bool(np.all(np.array(values) <= tol))


@check.mistake("The formulas are compared with `==`, not the values: `fn` is called with a symbol, or one form is taken for the only one.")
def structural(expr, symbol, fn, points, tol=1e-8):
    return bool(sympy.diff(expr, symbol) == fn(symbol))


@check.mistake("`fn` is called with the whole array of points. It takes one number at a time.")
def all_points_at_once(expr, symbol, fn, points, tol=1e-8):
    places = np.array(points, dtype=float)
    slopes = [float(sympy.diff(expr, symbol).subs(symbol, place)) for place in places]
    return bool(np.all(np.abs(fn(places) - slopes) <= tol))


@check.mistake("`fn` is called with the point as it comes: an integer stays one. Call it with `float(point)`.")
def integers_stay(expr, symbol, fn, points, tol=1e-8):
    slope = sympy.diff(expr, symbol)
    return all(bool(abs(fn(point) - float(slope.subs(symbol, point))) <= tol) for point in points)


@check.mistake("The expression is differentiated by a symbol `w` of your own. Use the `symbol` that is given.")
def always_w(expr, symbol, fn, points, tol=1e-8):
    slope = sympy.diff(expr, sympy.Symbol("w"))
    return all(bool(abs(fn(float(p)) - float(slope.subs(sympy.Symbol("w"), p))) <= tol) for p in points)


def needs_a_float(z):
    """Three times the square of a float; whole numbers are not taken."""
    z.hex()
    return 3 * z**2


x, w, r = sympy.Symbol("x"), sympy.Symbol("w"), sympy.Symbol("r", positive=True)
both_sides = [-1.5, -0.5, 0.25, 2.0]
matching = [
    ("e^(2x)", sympy.exp(2 * x), x, lambda z: 2 * math.exp(2 * z), np.linspace(-1, 1, 7)),
    ("a symbol called w", w**3, w, lambda z: 3 * z * z, both_sides),
    ("a positive symbol", sympy.log(r), r, lambda z: 1 / z, (0.5, 1.0, 4.0)),
    ("whole numbers as points", x**3, x, needs_a_float, [1, 2, 3]),
    ("an `if` in fn", x**2, x, lambda z: 2 * z if z > 0 else -2 * abs(z), both_sides),
    ("another form of the formula", (x - 1) ** 3, x, lambda z: 3 * z**2 - 6 * z + 3, [0.1, 0.7, 1.3]),
    ("within the given tolerance", sympy.sin(x), x, lambda z: math.cos(z) + 0.01, [0.5, 1.5], 0.05),
    ("a distance of exactly tol", x**2, x, lambda z: 2 * z + 0.25, [1.0, 2.0], 0.25),
]
wrong = [
    ("wrong at the first point", x**2, x, lambda z: 2 * abs(z), [-1.0, 1.0, 2.0]),
    ("wrong at the last point", x**2, x, lambda z: 2 * abs(z), [2.0, 1.0, -1.0]),
    ("wrong in the middle", x**2, x, lambda z: 2 * z + (abs(z - 1) < 0.1), [0.0, 1.0, 3.0]),
    ("too small everywhere", x**2, x, lambda z: 2 * z - 0.5, both_sides),
    ("far too small", x**3, x, lambda z: -100.0, both_sides),
    ("too small at one point", x**2, x, lambda z: min(2 * z, 3.0), both_sides),
    ("too large everywhere", sympy.sin(x), x, lambda z: math.cos(z) + 1e-6, both_sides),
    ("errors that cancel", x**2, x, lambda z: 3 * z, [-1.0, 1.0]),
    ("NaN at one point", x**2, x, lambda z: 2 * z if z > 0 else math.nan, both_sides),
    ("NaN at every point", x**2, x, lambda z: math.nan, both_sides),
    ("beyond the given tolerance", x**2, x, lambda z: 2 * z + 0.1, both_sides, 0.05),
    ("a stricter tolerance", x**2, x, lambda z: 2 * z + 1e-9, both_sides, 1e-10),
    ("one large error among many", x**2, x, lambda z: 2 * z + (z == 0) * 0.1, np.linspace(-1, 1, 21), 0.05),
    ("one error a little above the tolerance", x**2, x, lambda z: 2 * z + (z > 1) * 0.06, both_sides, 0.05),
    ("the function instead of its derivative", x**2, x, lambda z: z**2, both_sides),
]
for label, *case in matching:
    check.equal(f"right: {label}", *case)
for label, *case in wrong:
    check.equal(f"not right: {label}", *case)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="table-text"
# **Does it pay off?** Now judge the library. Below are the activations of notebook 3 as formulas. SymPy differentiates them,
# your function compares with the derivatives that the library uses, at 16 places.

# %% name="table-activations"
z = sympy.Symbol("z", real=True)
e = sympy.exp
formulas = {
    "linear": z,
    "sigmoid": 1 / (1 + e(-z)),
    "tanh": (e(z) - e(-z)) / (e(z) + e(-z)),
    "relu": sympy.Piecewise((z, z > 0), (0, True)),
    "leaky_relu": sympy.Piecewise((z, z > 0), (z / 5, True)),
    "softplus": sympy.log(1 + e(z)),
    "elu": sympy.Piecewise((z, z > 0), (e(z) - 1, True)),
    "gelu": z * (1 + sympy.erf(z / sympy.sqrt(2))) / 2,
    "softmax": e(z) / (e(z) + e(1) + e(-1)),  # the first of three, by its own z
}
in_library = {name: getattr(activations, f"d_{name}") for name in formulas}
in_library["softmax"] = lambda v: activations.d_softmax([v, 1, -1])[0, 0]
places = np.linspace(-4, 4, 16)

with once_solved():
    for name, formula in formulas.items():
        verdict = symbolic_gradient_matches(formula, z, in_library[name], places)
        print(f"{name:11} {verdict!s:6} {sympy.diff(formula, z)}")

# %% [markdown] name="kink-text"
# At 0, ReLU has a kink. **Predict, then run.** Which slope do you get there from a nudge to the right, from one to the left,
# and from the central difference? What does the library say?

# %% name="kink"
my_guess = None

relu, eps = activations.relu, 0.001
print("my guess:", my_guess)
print(f"to the right: {(relu(eps) - relu(0)) / eps:.1f}")
print(f"to the left:  {(relu(0) - relu(-eps)) / eps:.1f}")
print(f"central:      {(relu(eps) - relu(-eps)) / (2 * eps):.1f}")
print(f"library:      {activations.d_relu(0):.1f}")

# %% [markdown] name="kink-after"
# There are two slopes, and so there is no derivative. The library takes the left one, by agreement.

# %% [markdown] name="losses-text"
# The losses have derivatives, too: by the output $p$, or by the sum $z$ before the sigmoid or softmax. The label is
# $\frac34$, something in between, so that both terms of the cross-entropy count.

# %% name="table-losses"
from chainrule import losses

p, z = sympy.symbols("p z", real=True)
y = sympy.Rational(3, 4)
bce = -y * sympy.log(p) - (1 - y) * sympy.log(1 - p)
bce_z = sympy.log(1 + sympy.exp(z)) - y * z
cce_z = sympy.log(sympy.exp(z) + sympy.exp(1) + sympy.exp(-1)) - z
softmax_loss = losses.CategoricalCrossentropy(from_logits=True)
cases = [
    (losses.BinaryCrossentropy(), bce, p, [0.75], lambda v: [v]),
    (losses.BinaryCrossentropy(from_logits=True), bce_z, z, [0.75], lambda v: [v]),
    (softmax_loss, cce_z, z, [1.0, 0.0, 0.0], lambda v: [v, 1.0, -1.0]),
    (losses.MeanSquaredError(), (p - y) ** 2, p, [0.75], lambda v: [v]),
    (losses.MeanAbsoluteError(), abs(p - y), p, [0.75], lambda v: [v]),
]

with once_solved():
    for loss, formula, symbol, label, outputs in cases:
        fn = lambda v: loss.gradient(np.array([label]), np.array([outputs(v)]))[0, 0]
        verdict = symbolic_gradient_matches(formula, symbol, fn, np.linspace(0.1, 0.95, 9))
        print(f"{loss!r:42} {verdict!s:6} {sympy.simplify(sympy.diff(formula, symbol))}")

# %% [markdown] name="short-formula-text"
# One of these you have met before. In notebook 1 you took a short formula on faith: the derivative of the cross-entropy by
# $z$ is $p - y$, where $p$ is the sigmoid of $z$. Subtract one from the other and let SymPy simplify. What should be left?

# %% name="short-formula"
z, y = sympy.symbols("z y", real=True)
cross_entropy = sympy.log(1 + sympy.exp(z)) - y * z
p_minus_y = 1 / (1 + sympy.exp(-z)) - y
print(sympy.simplify(sympy.diff(cross_entropy, z) - p_minus_y))

# %% [markdown] name="slips-text"
# So it is exact, for every $z$ and every $y$.
#
# Again: can this judge say no? **Predict, then run.** Here are four derivatives as people really write them down. Which are
# wrong?

# %% name="slips"
my_guess = None

z = sympy.Symbol("z", real=True)
s = activations.sigmoid
written = {
    "sigmoid:  s(z) (1 - s(z))": (1 / (1 + sympy.exp(-z)), lambda v: s(v) * (1 - s(v))),
    "sigmoid:  z (1 - z)": (1 / (1 + sympy.exp(-z)), lambda v: v * (1 - v)),
    "tanh:     1 - tanh(z)": (sympy.tanh(z), lambda v: 1 - np.tanh(v)),
    "softplus: s(z)": (sympy.log(1 + sympy.exp(z)), s),
}

with once_solved():
    print("my guess:", my_guess)
    for name, (formula, slope) in written.items():
        print(f"{name:26} {symbolic_gradient_matches(formula, z, slope, places)}")

# %% [markdown] name="swell-text"
# ## Why not SymPy for everything?
#
# It is exact, and there is no nudge to choose. So why not let SymPy differentiate the whole network? Try a thin one: a single
# input $z$, and two sigmoid units in each layer, $a$ and $b$, which look at the two units before them. As a formula, the
# network doubles with every layer, because each unit is written out wherever it is used.
#
# **Predict, then run.** With seven layers, how many operations are in the formula of the derivative: 100, 1000, or more?

# %% name="swell"
my_guess = None


def sigmoid(x):
    return 1 / (1 + sympy.exp(-x))


print("my guess:", my_guess)
z = sympy.Symbol("z")
a = b = z
for depth in range(1, 8):
    a, b = sigmoid(2 * a + b), sigmoid(a - 3 * b)
    sizes = sympy.count_ops(a), sympy.count_ops(sympy.diff(a, z))
    print(f"{depth} layers: {sizes[0]:3} operations, in the derivative {sizes[1]:4}")

# %% [markdown] name="swell-after"
# The derivative grows even faster than the network: it writes the same parts out again and again. And this network has two
# units per layer, not hundreds. What is missing is a way to compute each part *once* and use it wherever it is needed. That
# is what a computation graph does, the subject of the next notebook.

# %% [markdown] name="summary"
# ## What you have now
#
# | way to a derivative | needs | accuracy | you wrote |
# |---|---|---|---|
# | forward difference | one more cost for each weight | about 8 digits, with the best nudge | `forward_difference`, `best_eps` |
# | central difference | two costs for each weight | about 10 digits | `central_difference`, `numerical_gradient` |
# | algebra (SymPy) | a formula, and room for a larger one | exact | `derivative`, `value_at` |
#
# A derivative says how many times larger a small change of $w$ arrives in $J$. Its sign says which way is down, its size how
# steep it is. It does not say how far to go; that is the learning rate's part (`gradient_descent`). And two ways to the same
# derivative check one another (`symbolic_gradient_matches`).
#
# **What was left out.** Where there is no derivative, as at a kink, a nudge still gives a number, but it means little. The 8
# and 10 digits are for smooth functions in float64; in float32, where most networks live, the gaps are wider and far fewer
# digits are left. Gradient descent was shown on costs with a single valley; notebook 9 has others. And we did not say how
# backpropagation finds 2031 derivatives at once. That is notebook 6.
#
# **Where this lives in Keras and PyTorch.**
#
# | here | Keras and TensorFlow | PyTorch |
# |---|---|---|
# | `chainrule.gradients.numerical_gradient` | the second result of `tf.test.compute_gradient` | inside `torch.autograd.gradcheck` |
# | `chainrule.gradients.check_gradients` | `tf.test.compute_gradient` gives both, you compare | `torch.autograd.gradcheck` |
# | `gradient_descent` | `keras.optimizers.SGD` | `torch.optim.SGD` |
# | `derivative` | none: it differentiates programs, not formulas (notebook 6) | none, for the same reason |
