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
#   title: One pass back, every derivative
#   syllabus:
#     minutes: 60
#     needs: "Notebooks 3 and 5; the chain rule."
#     gives: "You write backpropagation, for any graph and for a network of any depth, and know what one pass back costs."
# ---

# %% [markdown] name="title"
# # 6 · One pass back, every derivative
#
# In notebook 5 you asked each weight of a network: how much does the cost move if I nudge you? With 2031 weights, nudged to
# both sides, that took 4062 costs, for a single step of training. The library takes the same step with *one* pass forward
# and *one* pass back. **How can one pass answer 2031 questions?**
#
# The answer fits in ten lines of Python. At the end of this notebook you have written them, run them on a real network, and
# trained the digits with derivatives of your own. On the way you will
#
# 1. take a computation apart into a graph,
# 2. send derivatives back through it, edge by edge,
# 3. count what that costs, and what the other direction would cost.
#
# Plan for about an hour. As always: guess first, then run.

# %% name="setup"
import numpy as np

from chainrule import plotting
from chainrule.graph import Graph, half_square, variables
from chainrule_course.checks import Checks, once_solved

# %% [markdown] name="graph-text"
# ## A computation, taken apart
#
# The smallest network there is: one input $x$, one weight $w$, one bias $b$, no activation. It is to say $y$. Its cost is
# half the square of what it is off by:
#
# $$ J = \tfrac12 (w x + b - y)^2. $$
#
# Write each step on a line of its own, and give each result a name:
#
# $$ c = w x, \qquad a = c + b, \qquad d = a - y, \qquad J = \tfrac12 d^2. $$
#
# Now draw a node for each number that is given, and a node for each operation. Draw an arrow wherever a number goes into an
# operation. That is a **computation graph**. The library draws it if you compute with its variables instead of plain
# numbers.
#
# **Predict, then run.** Let $w = 2$, $x = -2$, $b = 8$ and $y = 2$. What are $c$, $a$, $d$ and $J$?

# %% name="graph"
my_guess = None  # four numbers: c, a, d, J

w, x, b, y = variables(w=2, x=-2, b=8, y=2)
c = (w * x).named("c")
a = (c + b).named("a")
d = (a - y).named("d")
J = half_square(d).named("J")
graph = Graph(J)
print("my guess:", my_guess)
plotting.show(plotting.plot_graph(graph, gradients=False))

# %% [markdown] name="graph-after"
# Round nodes are given, square ones are computed. The number above an edge is the value that travels along it. Reading from
# left to right is called the **forward pass**: each node waits for its inputs, computes, and passes its value on.
#
# Cut off the last two operations and what is left, $w x + b$, is an **affine transform**. A layer of notebook 1 starts with
# just that, only that its numbers are arrays. Its graph has the same form; what travels along the edges are arrays, so the
# picture shows their shapes. (At the very end, the mean of the 270 × 25 half squares is taken.)

# %% name="graph-affine"
X, Y = np.ones((270, 64)), np.zeros((270, 25))
X, W, bias, Y = variables(X=X, W=np.ones((64, 25)), b=np.zeros(25), Y=Y)
layer = half_square(X @ W + bias - Y).mean().named("J")
plotting.show(plotting.plot_graph(layer, gradients=False))

# %% [markdown] name="edge-text"
# ## Back over the last edge
#
# Now nudge. Not $w$ yet: start at the end, where it is easy. $J = \tfrac12 d^2$, and $d$ is 2. Notebook 5 tells us the
# derivative: $\partial J / \partial d = d = 2$. (The round $\partial$ says that $J$ depends on other things, too, which are
# held still.)
#
# One often reads: if $d$ becomes $d + \varepsilon$, then $J$ becomes $J + d\,\varepsilon$.
#
# **Predict, then run.** Is that exact? If not, what is missing?

# %% name="errata-second-order" errata={"says": "If d becomes d + ε, then J = d²/2 becomes J + d·ε.", "correct": "Plus ε²/2. The derivative is what is left when ε is so small that its square no longer counts."}
my_guess = None

import sympy

d_symbol, eps_symbol = sympy.symbols("d epsilon")
exact = sympy.expand((d_symbol + eps_symbol) ** 2 / 2)
print(f"my guess: {my_guess}\nJ after the nudge: {exact}\n")
print(" nudge ε      J + d·ε     true J   what is missing")
for eps in [1, 0.1, 0.01, 0.001]:
    promised, true = 2 + 2 * eps, (2 + eps) ** 2 / 2
    print(f"{eps:8}   {promised:10.6f} {true:10.6f}   {true - promised:.7f}")

# %% [markdown] name="edge-after"
# $\varepsilon^2/2$ is missing. It is of **second order**: a nudge ten times smaller makes it a hundred times smaller. So
# for small nudges, $d\,\varepsilon$ is all that counts, and the derivative is the number in front of $\varepsilon$.
#
# ## The chain
#
# One step further back: how much does $J$ move if $a$ is nudged? $d = a - y$, so $d$ moves just as far as $a$. And $J$
# moves twice as far as $d$. The rates multiply:
#
# $$ \frac{\partial J}{\partial a} = \frac{\partial J}{\partial d} \cdot \frac{\partial d}{\partial a} = 2 \cdot 1 = 2. $$
#
# That is the **chain rule**. Each edge of the graph has a rate of its own, its **local derivative**: how far the node at
# its head moves for a small move at its tail. It can be seen from the one operation alone:
#
# | operation | local derivatives |
# |---|---|
# | $J = \tfrac12 d^2$ | $\partial J/\partial d = d$ |
# | $d = a - y$ | $\partial d/\partial a = 1$, $\quad \partial d/\partial y = -1$ |
# | $a = c + b$ | $\partial a/\partial c = 1$, $\quad \partial a/\partial b = 1$ |
# | $c = w x$ | $\partial c/\partial w = x$, $\quad \partial c/\partial x = w$ |
#
# Start at $J$ with the number 1 ($J$ moves as far as $J$). Walk back. At each edge, multiply by its local derivative.
#
# **Predict, then run.** $\partial J / \partial b$ and $\partial J / \partial w$: what are they? Do it on paper, for
# $w = 2$, $x = -2$, $b = 8$, $y = 2$. Then move the slider: first the values arrive from the left, then the derivatives
# from the right.

# %% name="steps"
my_guess = None  # two numbers: by b, by w


def after(step=14):
    """Draw the graph after so many steps."""
    return plotting.plot_graph_step(graph, step)


plotting.slide(after, step=(0, len(graph.trace()), 1))

# %% [markdown] name="steps-strip-text"
# All of it at a glance. Read it line by line:

# %% name="steps-strip"
plotting.show(plotting.plot_graph_steps(graph))

# %% [markdown] name="chain-after"
# The walk from right to left is the **backward pass**, or **backpropagation**. Note how much of it is shared. The 2 that
# arrived at $a$ was computed once. It then served $b$, and $c$, and through $c$ both $w$ and $x$. Had you asked for the
# four derivatives one by one, you would have multiplied the same numbers four times.
#
# Two slips are often found in written versions of this very example. You can catch both with a nudge.
#
# **The first slip** says "$\partial J/\partial b = b = 2$", and the same for $c$. But $b$ is 8.
#
# **Predict, then run.** Which letter should stand there? To find out, we change $b$ and watch the derivative.

# %% name="errata-b-is-d" errata={"says": "∂J/∂b = b = 2.", "correct": "It is **d** = 2. b is 8."}
my_guess = None  # a letter


def cost_of(w=2, x=-2, b=8, y=2):
    """The cost of the smallest network."""
    return (w * x + b - y) ** 2 / 2


print("my guess:", my_guess)
for b_now in [8, 5, 3]:
    slope = (cost_of(b=b_now + 1e-6) - cost_of(b=b_now - 1e-6)) / 2e-6
    d_now = 2 * -2 + b_now - 2
    print(f"b = {b_now}, d = {d_now:2}:  nudging b gives {slope:7.4f}")

# %% [markdown] name="errata-w-text"
# It is $d$. At $b = 8$, $d$ happens to be the 2 that was meant.
#
# **The second slip** closes the calculation with a line "$\partial J/\partial a = \dots = d \cdot x = -4$".
#
# **Predict, then run.** By which letter was $J$ really differentiated there?

# %% name="errata-w" errata={"says": "∂J/∂a = d · x = −4.", "correct": "That is ∂J/∂w. ∂J/∂a is 2."}
my_guess = None

nudged_a = (((4 + 1e-6) - 2) ** 2 / 2 - ((4 - 1e-6) - 2) ** 2 / 2) / 2e-6
nudged_w = (cost_of(w=2 + 1e-6) - cost_of(w=2 - 1e-6)) / 2e-6
print("my guess:", my_guess)
print(f"nudging a: {nudged_a:7.4f}\nnudging w: {nudged_w:7.4f}")

# %% [markdown] name="forward-text"
# ### Exercise: `forward` and `backward`
#
# Write the two passes for $J = \tfrac12 (w x + b - y)^2$.
#
# - `forward(w, x, b, y)` returns a dict with the values of the four operations, under the keys `"c"`, `"a"`, `"d"`, `"J"`.
# - `backward(w, x, b, y)` returns a dict with the derivative of $J$ by each of `"d"`, `"a"`, `"b"`, `"c"`, `"w"`, `"x"`,
#   `"y"`: these seven keys and no others.
#
# The arguments are numbers, integers or floats, any numbers. The values are numbers.
#
# This holds for every exercise: use Python and NumPy, not the functions of `chainrule`.
#
# <details><summary>Hint 1</summary><code>backward</code> has to know d. Compute the values first, or call
# <code>forward</code>.</details>
# <details><summary>Hint 2</summary>Go from right to left. Each new derivative is one that you already have, times the local
# derivative of one edge.</details>
# <details><summary>Hint 3</summary>The edge from y to d has the local derivative −1. The edge from w to c has x, the
# <em>other</em> factor.</details>

# %% nbgrader={"grade": false, "grade_id": "forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward(w, x, b, y):
    """Values of c, a, d and J."""
    ### BEGIN SOLUTION
    c = w * x
    a = c + b
    d = a - y
    return {"c": c, "a": a, "d": d, "J": d**2 / 2}
    ### END SOLUTION


def backward(w, x, b, y):
    """Derivatives of J by d, a, b, c, w, x and y."""
    ### BEGIN SOLUTION
    by_d = w * x + b - y
    by_a = by_d * 1
    by_y = by_d * -1
    by_c = by_a * 1
    by_b = by_a * 1
    return {"d": by_d, "a": by_a, "b": by_b, "c": by_c, "w": by_c * x, "x": by_c * w, "y": by_y}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "forward-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("forward", "backward", points=1)
values = {"c": -4.0, "a": 4.0, "d": 2.0, "J": 2.0}
check.equal("forward, the numbers of the text", 2, -2, 8, 2, expected=values)
slopes = {"d": 2.0, "a": 2.0, "b": 2.0, "c": 2.0, "w": -4.0, "x": 4.0, "y": -2.0}
check.equal("backward, the numbers of the text", 2, -2, 8, 2, of="backward", expected=slopes)
values = {"c": 1.5, "a": 2.5, "d": -1.5, "J": 1.125}
check.equal("forward, other numbers", 3.0, 0.5, 1.0, 4.0, expected=values)
slopes = {"d": -1.5, "a": -1.5, "b": -1.5, "c": -1.5, "w": -0.75, "x": -4.5, "y": 1.5}
check.equal("backward, other numbers", 3.0, 0.5, 1.0, 4.0, of="backward", expected=slopes)
check.report()

# %% nbgrader={"grade": true, "grade_id": "forward-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks forward and backward here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("forward", "backward", points=3, hidden=True)


def values_of(w, x, b, y):
    c, a, d = w * x, w * x + b, w * x + b - y
    return {"c": c, "a": a, "d": d, "J": 0.5 * d * d}


def slopes_of(w, x, b, y):
    d = w * x + b - y
    return {"d": d, "a": d, "b": d, "c": d, "w": d * x, "x": d * w, "y": -d}


def as_floats(f):
    return lambda *args: {key: float(value) for key, value in f(*args).items()}


check.reference(as_floats(values_of))
check.reference(as_floats(slopes_of), of="backward")


@check.mistake("The ½ is missing in J.")
def no_half(w, x, b, y):
    return {**values_of(w, x, b, y), "J": (w * x + b - y) ** 2}


@check.mistake("The ½ is squared, too: J is half of d², not the square of d/2.")
def half_squared(w, x, b, y):
    return {**values_of(w, x, b, y), "J": ((w * x + b - y) / 2) ** 2}


@check.mistake("J is d/2: the square is missing.")
def not_squared(w, x, b, y):
    return {**values_of(w, x, b, y), "J": (w * x + b - y) / 2}


@check.mistake("`//` cuts the half off. Divide with `/`, or multiply by 0.5.")
def whole_half(w, x, b, y):
    return {**values_of(w, x, b, y), "J": (w * x + b - y) ** 2 // 2}


@check.mistake("The sign of y is wrong in d: y is subtracted.")
def y_added(w, x, b, y):
    d = w * x + b + y
    return {"c": w * x, "a": w * x + b, "d": d, "J": d * d / 2}


@check.mistake("d is turned round: it is a - y, not y - a. J hides this, its derivatives do not.")
def d_turned_round(w, x, b, y):
    return {**values_of(w, x, b, y), "d": y - w * x - b}


@check.mistake("c is the product of w and x, not their sum.")
def c_as_sum(w, x, b, y):
    return {**values_of(1, w + x, b, y)}


@check.mistake("b is missing in a.")
def b_missing(w, x, b, y):
    return values_of(w, x, 0, y)


@check.mistake("y is missing in d.")
def y_missing(w, x, b, y):
    return values_of(w, x, b, 0)


@check.mistake("The numbers of the example are written into the function. Compute with the arguments.")
def values_hard_coded(w, x, b, y):
    return {"c": -4, "a": 4, "d": 2, "J": 2}


@check.mistake("The derivative by b (and by c) is d, not b: it is what arrives from a, times 1.", of="backward")
def b_for_d(w, x, b, y):
    return {**slopes_of(w, x, b, y), "b": b, "c": b}


@check.mistake("Everything is twice too large: with the ½, the derivative of ½d² is d, not 2d.", of="backward")
def twice(w, x, b, y):
    return {key: 2 * slope for key, slope in slopes_of(w, x, b, y).items()}


@check.mistake("The sign for y is wrong: d = a - y falls when y grows.", of="backward")
def sign_of_y(w, x, b, y):
    return {**slopes_of(w, x, b, y), "y": w * x + b - y}


@check.mistake("w and x are mixed up: along the edge from w to c = w·x the local derivative is x, and the other way round.", of="backward")
def x_for_w(w, x, b, y):
    d = w * x + b - y
    return {**slopes_of(w, x, b, y), "w": d * w, "x": d * x}


@check.mistake("These are the local derivatives of single edges. Multiply each by what arrives from the right.", of="backward")
def not_chained(w, x, b, y):
    return {"d": w * x + b - y, "a": 1, "b": 1, "c": 1, "w": x, "x": w, "y": -1}


@check.mistake("The last edges are not chained: the derivatives by w and x need what arrives at c as a factor.", of="backward")
def last_edge_not_chained(w, x, b, y):
    return {**slopes_of(w, x, b, y), "w": x, "x": w}


@check.mistake("The derivative by d is taken as a: y is missing.", of="backward")
def a_for_d(w, x, b, y):
    return slopes_of(w, x, b, 0)


@check.mistake("All signs are wrong: d is a - y, not y - a.", of="backward")
def all_signs(w, x, b, y):
    return {key: -slope for key, slope in slopes_of(w, x, b, y).items()}


@check.mistake("J itself is used as its derivative by d. The derivative of ½d² is d.", of="backward")
def J_for_d(w, x, b, y):
    d = w * x + b - y
    return {**{key: d / 2 * slope for key, slope in slopes_of(w, x, b, y).items()}}


@check.mistake("y is data, but J depends on it all the same: its derivative is not 0.", of="backward")
def y_left_out(w, x, b, y):
    return {**slopes_of(w, x, b, y), "y": 0}


@check.mistake("The numbers of the example are written into the function. Compute with the arguments.", of="backward")
def slopes_hard_coded(w, x, b, y):
    return {"d": 2, "a": 2, "b": 2, "c": 2, "w": -4, "x": 4, "y": -2}


@check.mistake("The dict of the derivatives does not have the keys d, a, b, c, w, x and y.", of="backward")
def parameters_only(w, x, b, y):
    d = w * x + b - y
    return {"w": d * x, "b": d}


rng = np.random.default_rng(61)
for of, name in (("forward", "forward"), ("backward", "backward")):
    check.equal(f"{name}: integers", 3, 4, -5, 2, of=of)
    check.equal(f"{name}: d is odd", 3, -1, 7, 1, of=of)
    check.equal(f"{name}: d is negative", -2, 5, 1, 6, of=of)
    check.equal(f"{name}: fractions", *rng.normal(size=4).round(3).tolist(), of=of)
    check.equal(f"{name}: larger fractions", *rng.normal(0, 20, size=4).round(2).tolist(), of=of)
    check.equal(f"{name}: NumPy numbers", *rng.normal(0, 3, size=4), of=of)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="four-ways-text"
# **Does it pay off?** There are now four ways to a derivative: by hand (*your* `backward`), by algebra (SymPy), by nudging,
# and the graph of the library. Put them side by side.
#
# **Predict, then run.** In which digit will they begin to differ?

# %% name="four-ways"
my_guess = None

from chainrule.gradients import numerical_gradient

point = {"w": 2.0, "x": -2.0, "b": 8.0, "y": 2.0}
formula = sympy.sympify("(w*x + b - y)**2 / 2")
from_graph = graph.backward()
nudged = numerical_gradient(lambda v: cost_of(*v), np.array(list(point.values())))
with once_solved():
    by_hand = backward(**point)
    print(f"my guess: {my_guess}\n\n   by hand   SymPy's formula       value    nudged   graph")
    for name, by_nudge in zip(point, nudged):
        algebra = sympy.diff(formula, name)
        value = float(algebra.subs(point))
        row = f"{by_hand[name]:8.4f}   {algebra!s:20} {value:7.4f}  {by_nudge:8.4f}"
        print(f"{name} {row} {from_graph[name]:7.4f}")
    ways = np.array([[by_hand[n], from_graph[n]] for n in point])
    gap = np.abs(ways - nudged[:, None]).max()
    print("hand and graph differ from the nudges by less than 1e-7:", bool(gap < 1e-7))

# %% [markdown] name="sympy-graph-text"
# Four decimals, no difference. But mind what each way costs. SymPy writes a whole formula for each derivative: each of them
# contains the same $b + w x - y$ again. The graph computes it once.
#
# The library can also turn SymPy's formula into a graph. SymPy sorts the terms its own way, so it looks a little different:
# the square and the half are two operations. The derivatives at the inputs are the same.

# %% name="sympy-graph"
from chainrule.symbolic import from_sympy, gradient_table

sorted_by_sympy = from_sympy(formula, point)
made = Graph(sorted_by_sympy)
for operation, letter in {"mul1": "c", "add1": "a", "sub1": "d", "div1": "J"}.items():
    made[operation].named(letter)
plotting.show(plotting.plot_graph(sorted_by_sympy))
agree = gradient_table(sorted_by_sympy)
print("SymPy's own derivatives agree with the graph's:", agree.ok)

# %% [markdown] name="fan-out-text"
# ## When a number is used more than once
#
# So far each value went into one operation. Often a value goes into several. Let
#
# $$ u = w \cdot w, \qquad v = w \cdot x, \qquad s = u + v, \qquad J = \tfrac12 s^2. $$
#
# Three arrows leave $w$: two into $u$, one into $v$. If $w$ is nudged, $J$ feels it along all three. The effects **add
# up**.
#
# **Predict, then run.** $w = 3$ and $x = -2$. What arrives at $w$ along each of the three edges, and what is
# $\partial J/\partial w$?

# %% name="fan-out"
my_guess = None  # three numbers and their sum

w, x = variables(w=3, x=-2)
u, v = (w * w).named("u"), (w * x).named("v")
used_often = Graph(half_square((u + v).named("s")).named("J"))
print("my guess:", my_guess)
for step in used_often.trace():
    if step.sweep == "backward" and step.node == "w":
        print(f"from {step.source}: {step.arriving:5.1f}   sum so far: {step.value:5.1f}")
costs = [(near * near + near * -2) ** 2 / 2 for near in (3 + 1e-6, 3 - 1e-6)]
print(f"nudging w: {(costs[0] - costs[1]) / 2e-6:.4f}")
plotting.show(plotting.plot_graph(used_often))

# %% [markdown] name="fan-out-after"
# So a node must not pass its derivative on before *all* its arrows have delivered. That is a question of order. In a
# network every hidden unit feeds all units of the next layer, so this is the rule there, not the exception.
#
# ## In which order?
#
# Forward, a node can be computed when all its inputs are. An order in which every node comes after its inputs is called
# **topological**. Turned round, it is an order for the way back: every node comes after all that use it.
#
# A graph needs no classes. For us it is a dict: for each node the tuple of its inputs. An input that is used twice stands
# there twice.

# %% name="order-example"
print(used_often.parents)
print("one topological order:", used_often.order)

# %% [markdown] name="topological_order-text"
# ### Exercise: `topological_order`
#
# Write `topological_order(parents)`. `parents` is a dict: its keys are all nodes, by name; `parents[node]` is the tuple of
# the node's inputs. The nodes may stand in the dict in any order. A node without inputs has `()`.
#
# Return a list that holds every node exactly once, each after its inputs. There may be several such orders; any of them is
# right.
#
# - A node may stand twice in a tuple, as in `("w", "w")` for $w \cdot w$.
# - There may be nodes that have nothing to do with each other. They belong in the list, too.
# - It works for a chain of 5 000 nodes. (Python gives up on functions that call themselves thousands of levels deep.)
# - If there is a cycle, that is, if a node needs itself, directly or through others, there is no such order: raise
#   `ValueError`. It must not go round for ever.
# - Leave `parents` as it is.
#
# <details><summary>Hint 1</summary>Which nodes can come first? Once these are in the list, which can come next?</details>
# <details><summary>Hint 2</summary>Count for each node how many inputs are still missing, and note for each node who uses
# it. When a node goes into the list, its users miss one input less, or two less if they use it twice.</details>
# <details><summary>Hint 3</summary>Keep a list of nodes that miss nothing. Take one out, append it to the order, update its
# users. If this list is empty and nodes are left over, they wait for each other: a cycle.</details>

# %% nbgrader={"grade": false, "grade_id": "topological_order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def topological_order(parents):
    """All nodes, each after its inputs."""
    ### BEGIN SOLUTION
    missing = {node: len(inputs) for node, inputs in parents.items()}
    users = {node: [] for node in parents}
    for node, inputs in parents.items():
        for source in inputs:
            users[source].append(node)
    ready = [node for node in parents if missing[node] == 0]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for user in users[node]:
            missing[user] -= 1
            if missing[user] == 0:
                ready.append(user)
    if len(order) < len(parents):
        raise ValueError("these nodes wait for each other: there is a cycle")
    return order
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "topological_order-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("topological_order", points=1)


def in_order(parents):
    def condition(topological_order):
        order = topological_order(parents)
        if sorted(order) != sorted(parents):
            return f"{len(order)} names, where each of {len(parents)} should stand once"
        place = {node: order.index(node) for node in order}
        late = [(p, n) for n in parents for p in parents[n] if place[p] > place[n]]
        return f"{late[0][1]} comes before its input {late[0][0]}" if late else True

    return condition


straight = {"w": (), "x": (), "c": ("w", "x"), "J": ("c",)}
mixed = {"J": ("d",), "d": ("a", "y"), "a": ("c", "b"), "y": (), "c": ("w", "x")}
mixed |= {"b": (), "x": (), "w": ()}
check.that("inputs listed first", in_order(straight))
check.that("inputs listed last", in_order(mixed))
check.that("a node used twice", in_order({"v": ("u", "w"), "u": ("w", "w"), "w": ()}))
check.report()

# %% nbgrader={"grade": true, "grade_id": "topological_order-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks topological_order here with more graphs.
### BEGIN HIDDEN TESTS
check = Checks("topological_order", points=3, hidden=True, seconds=5)


def kahn(parents, tick_once=False):
    """A right order, and whether nodes are left over; `tick_once` ticks an input off once that is used twice."""
    missing = {node: len(inputs) for node, inputs in parents.items()}
    users = {node: [] for node in parents}
    for node, inputs in parents.items():
        for source in dict.fromkeys(inputs) if tick_once else inputs:
            users[source].append(node)
    ready, order = [node for node in parents if missing[node] == 0], []
    while ready:
        node = ready.pop()
        order.append(node)
        for user in users[node]:
            missing[user] -= 1
            if missing[user] == 0:
                ready.append(user)
    return order, len(order) < len(parents)


def order_or_error(parents, **options):
    order, stuck = kahn(parents, **options)
    if stuck:
        raise ValueError("a cycle")
    return order


@check.mistake("The nodes come in the order in which the dict lists them. Each must come after its inputs.")
def insertion_order(parents):
    order_or_error(parents)
    return list(parents)


@check.mistake("The order is turned round: every node comes before its inputs. Inputs come first.")
def reversed_order(parents):
    return order_or_error(parents)[::-1]


@check.mistake("The names are sorted. What counts is who needs whom.")
def sorted_names(parents):
    order_or_error(parents)
    return sorted(parents)


@check.mistake("Nodes without inputs come first, but the others stay as the dict lists them. They need an order, too.")
def leaves_first_only(parents):
    order_or_error(parents)
    return sorted(parents, key=lambda node: bool(parents[node]))


@check.mistake("A node is taken as soon as one of its inputs is there. It has to wait for all of them.")
def first_input_only(parents):
    order_or_error(parents)
    order = [node for node in parents if not parents[node]]
    seen, users = set(order), {node: [] for node in parents}
    for node, inputs in parents.items():
        for source in inputs:
            users[source].append(node)
    for node in order:
        for user in users[node]:
            if user not in seen:
                seen.add(user)
                order.append(user)
    return order


@check.mistake(
    "The function calls itself once for each level, and Python stops it on a long chain. Keep a list of nodes to do instead of recursing."
)
def recursion(parents):
    order, on_the_way = [], set()

    def visit(node):
        if node in on_the_way:
            raise ValueError("a cycle")
        if node in order:
            return
        on_the_way.add(node)
        for source in parents[node]:
            visit(source)
        on_the_way.discard(node)
        order.append(node)

    for node in parents:
        visit(node)
    return order


@check.mistake("On a cycle your loop never ends: nodes wait for each other. When a whole round brings nothing new, raise `ValueError`.")
def endless_loop(parents):
    order, done, waiting, looks = [], set(), list(parents), 0
    while waiting:
        looks += 1
        if looks > 10 * len(parents) ** 2:
            raise TimeoutError("the check would stop it here")
        node = waiting.pop(0)
        if all(source in done for source in parents[node]):
            order.append(node)
            done.add(node)
        else:
            waiting.append(node)
    return order


@check.mistake("A cycle is not noticed: the list comes back without the nodes of the cycle. Raise `ValueError` if any are left over.")
def cycle_left_out(parents):
    return kahn(parents)[0]


@check.mistake("A cycle is not noticed: the nodes of the cycle are appended in some order. Raise `ValueError`; there is no right one.")
def cycle_appended(parents):
    order, _ = kahn(parents)
    placed = set(order)
    return order + [node for node in parents if node not in placed]


@check.mistake("A node that is its own input is a cycle as well.")
def loop_to_itself(parents):
    return order_or_error({node: tuple(p for p in inputs if p != node) for node, inputs in parents.items()})


@check.mistake(
    "A node that uses an input twice never gets ready: two inputs are counted as missing, but only one is ever ticked off, so it looks like a cycle."
)
def used_twice_ticked_once(parents):
    return order_or_error(parents, tick_once=True)


@check.mistake("Nodes appear several times, once for each use. Each node belongs in the list once.")
def once_for_each_use(parents):
    order = order_or_error(parents)
    uses = {node: 0 for node in parents}
    for inputs in parents.values():
        for source in inputs:
            uses[source] += 1
    return [node for node in order for _ in range(max(1, uses[node]))]


@check.mistake("The nodes without inputs are missing in the list. They come first.")
def leaves_missing(parents):
    return [node for node in order_or_error(parents) if parents[node]]


@check.mistake("Only the last node of the dict and what it needs is in the list. All nodes belong there.")
def needed_by_the_last(parents):
    order = order_or_error(parents)
    needed, to_do = set(), [list(parents)[-1]]
    while to_do:
        node = to_do.pop()
        if node not in needed:
            needed.add(node)
            to_do.extend(parents[node])
    return [node for node in order if node in needed]


@check.mistake("`parents` is taken apart: afterwards the caller's graph is empty. Work on a copy.")
def taken_apart(parents):
    order = order_or_error(parents)
    for node in order:
        parents.pop(node)
    return order


def ordered(parents, keep=False):
    def condition(topological_order):
        order = list(topological_order(parents))
        if len(order) != len(parents) or set(order) != set(parents):
            return "not every node stands in the list once"
        place = {node: at for at, node in enumerate(order)}
        if any(place[source] >= place[node] for node in parents for source in parents[node]):
            return "a node comes before one of its inputs"
        return "the argument is changed" if keep and topological_order.last.changed else True

    return condition


rng = np.random.default_rng(62)


def any_graph(nodes, rng):
    names = [f"n{number}" for number in rng.permutation(nodes)]
    whole = {
        name: tuple(names[int(k)] for k in rng.integers(0, at, size=int(rng.integers(0, 4)))) if at else ()
        for at, name in enumerate(names)
    }
    return {names[int(k)]: whole[names[int(k)]] for k in rng.permutation(nodes)}


def chain(nodes):
    whole = {f"n{k}": (f"n{k - 1}",) if k else () for k in range(nodes)}
    keys = [nodes - 1, *range(nodes // 2, nodes - 1), *range(nodes // 2)]
    return {f"n{k}": whole[f"n{k}"] for k in keys}


late = {"c": ("b", "z"), "b": ("a",), "a": (), "z": ("y",), "y": ("x",), "x": ()}
check.that("inputs listed last", ordered(late))
check.that("a random graph", ordered(any_graph(12, rng)))
check.that("another random graph", ordered(any_graph(25, rng)))
check.that("w · w and more", ordered({"s": ("u", "v"), "v": ("w", "x"), "u": ("w", "w"), "w": (), "x": ()}))
check.that("two graphs in one", ordered({"b": ("a",), "q": ("p", "p"), "a": (), "p": (), "alone": ()}))
check.that("a chain of 5000 nodes", ordered(chain(5000)))
check.that("the argument stays as it is", ordered(any_graph(9, rng), keep=True))
check.raises("a cycle of three", ValueError, {"x": (), "a": ("x", "c"), "b": ("a",), "c": ("b",), "J": ("c",)})
check.raises("a node that needs itself", ValueError, {"x": (), "a": ("x", "a")})
check.report()
### END HIDDEN TESTS

# %% [markdown] name="topological_order-payoff-text"
# **Does it pay off?** Here is the graph of a network with three layers and a batch of digits, with its nodes shuffled. Can
# *your* function put it in order?

# %% name="topological_order-payoff"
from chainrule.datasets import load_digits
from chainrule.graph import binary_crossentropy_from_logits, constant
from chainrule.graph import sigmoid as sigmoid_node
from chainrule.models import Sequential
from chainrule.layers import Dense

X, Y = load_digits(classes=(0, 1))
shuffled = np.random.default_rng(0).permutation(len(X))
X_train, Y_train = X[shuffled[:270]], Y[shuffled[:270]]
X_test, Y_test = X[shuffled[270:]], Y[shuffled[270:]]
three = [Dense(25, "sigmoid"), Dense(15, "sigmoid"), Dense(1, "sigmoid")]
model = Sequential(three, rng=np.random.default_rng(1), dtype="float64")
model.compile("sgd", loss="binary_crossentropy")
model.build((None, 64))


def network_graph(weights, X, Y):
    """The graph of the mean cross-entropy of a network with sigmoid layers."""
    nodes = variables(**dict(zip(["W1", "b1", "W2", "b2", "W3", "b3"], weights)))
    A = constant(X, "X")
    for at in range(0, len(nodes), 2):
        Z = A @ nodes[at] + nodes[at + 1]
        A = sigmoid_node(Z)
    return Graph(binary_crossentropy_from_logits(Y[:, None], Z).mean().named("J"))

# %% name="topological_order-payoff-run"
network = network_graph(model.get_weights(), X_train, Y_train)
any_order = np.random.default_rng(6).permutation(network.order)
jumbled = {str(node): network.parents[str(node)] for node in any_order}
print("jumbled:", " ".join(list(jumbled)[:6]), "…")
with once_solved():
    mine = topological_order(jumbled)
    early = [n for at, n in enumerate(mine) for p in jumbled[n] if p not in mine[:at]]
    print("in order:", " ".join(mine[:6]), "…")
    print(f"{len(mine)} nodes, {len(early)} of them before one of their inputs")

# %% [markdown] name="backpropagate-text"
# ## The heart of it
#
# All is in place. Walk through a topological order *from the end*. At each node, hand what has arrived to its inputs:
# multiply by the local derivative of the edge, and add to what is there.
#
# ### Exercise: `backpropagate`
#
# Write `backpropagate(order, parents, local, output)`.
#
# - `order` is a list of all nodes in a topological order,
# - `parents[node]` is the tuple of the node's inputs, as above,
# - `local[node][k]` is the local derivative of the node by its input number k, that is, by `parents[node][k]`,
# - `output` is the node that is differentiated. It need not be the last of the order.
#
# Return a dict: for *each* node of `order` the derivative of `output` by this node. The derivative by `output` itself is 1.
# A node from which no path leads to `output` gets 0. A node may stand twice among the inputs of another; these are two
# edges, each with its own local derivative. Leave the arguments as they are.
#
# In the checks all derivatives are numbers, integers or floats. Write the product as *what has arrived* `*` *local
# derivative*, and the sum with `+`. Then your function works for arrays as well, as you will see.
#
# <details><summary>Hint 1</summary>Start with 0 for every node and 1 for the output.</details>
# <details><summary>Hint 2</summary><code>for node in reversed(order)</code>, and inside it a loop over the inputs of the
# node. <code>enumerate</code> or <code>zip</code> gives each input together with its local derivative.</details>
# <details><summary>Hint 3</summary>In the inner loop there is one line: the derivative by the input grows by (derivative by
# the node) times (local derivative of the edge).</details>

# %% nbgrader={"grade": false, "grade_id": "backpropagate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backpropagate(order, parents, local, output):
    """Derivative of the output by every node."""
    ### BEGIN SOLUTION
    arrived = {node: 0 for node in order}
    arrived[output] = 1
    for node in reversed(order):
        for source, slope in zip(parents[node], local[node]):
            arrived[source] = arrived[source] + arrived[node] * slope
    return arrived
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "backpropagate-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("backpropagate", points=1)
order = ["w", "x", "b", "y", "c", "a", "d", "J"]
inputs = {"c": ("w", "x"), "a": ("c", "b"), "d": ("a", "y"), "J": ("d",)}
parents = {node: inputs.get(node, ()) for node in order}
local = {**dict.fromkeys("wxby", ()), "c": (-2, 2), "a": (1, 1), "d": (1, -1), "J": (2,)}
right = dict(zip(order, [-4.0, 4.0, 2.0, -2.0, 2.0, 2.0, 2.0, 1.0]))
check.equal("the graph of the text", order, parents, local, "J", expected=right)
right = dict(zip(order, [-2.0, 2.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0]))
check.equal("the same graph, differentiating a", order, parents, local, "a", expected=right)
parents = {"w": (), "x": (), "u": ("w", "w"), "v": ("w", "x"), "s": ("u", "v")}
local = {"w": (), "x": (), "u": (3, 3), "v": (-2, 3), "s": (1, 1)}
right = {"w": 4.0, "x": 3.0, "u": 1.0, "v": 1.0, "s": 1.0}
check.equal("a node used three times", list("wxuvs"), parents, local, "s", expected=right)
check.report()

# %% nbgrader={"grade": true, "grade_id": "backpropagate-hidden", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks backpropagate here with more graphs.
### BEGIN HIDDEN TESTS
check = Checks("backpropagate", points=4, hidden=True)


def sweep(order, parents, local, output):
    arrived = {node: 0.0 for node in order}
    arrived[output] = 1.0
    for node in order[::-1]:
        for k, source in enumerate(parents[node]):
            arrived[source] += arrived[node] * local[node][k]
    return arrived


check.reference(sweep)


@check.mistake("What arrives overwrites what was there. Where a node is used more than once, the contributions add up.")
def overwrites(order, parents, local, output):
    arrived = {node: 0.0 for node in order}
    arrived[output] = 1.0
    for node in order[::-1]:
        for k, source in enumerate(parents[node]):
            arrived[source] = arrived[node] * local[node][k]
    return arrived


@check.mistake("Everything is 0: nothing ever arrives. The derivative of the output by itself is 1; start with that.")
def no_seed(order, parents, local, output):
    return dict.fromkeys(order, 0.0)


@check.mistake("Every node starts with 1. Only the output does, the others start with 0.")
def ones_everywhere(order, parents, local, output):
    arrived = {node: 1.0 for node in order}
    for node in order[::-1]:
        for k, source in enumerate(parents[node]):
            arrived[source] += arrived[node] * local[node][k]
    return arrived


@check.mistake("The nodes are gone through from the front, before anything has arrived at them. Go through `order` from the end.")
def from_the_front(order, parents, local, output):
    arrived = {node: 0.0 for node in order}
    arrived[output] = 1.0
    for node in order:
        for k, source in enumerate(parents[node]):
            arrived[source] += arrived[node] * local[node][k]
    return arrived


@check.mistake("A node is visited too early: it passes on what it has before all its users have delivered. Follow `order` from the end.")
def too_early(order, parents, local, output):
    arrived = {node: 0.0 for node in order}
    arrived[output] = 1.0
    to_do, seen = [output], {output}
    while to_do:
        node = to_do.pop()
        for k, source in enumerate(parents[node]):
            arrived[source] += arrived[node] * local[node][k]
            if source not in seen:
                seen.add(source)
                to_do.append(source)
    return arrived


@check.mistake("The local derivatives are added up without what arrives from the right. Multiply: arrived at the node, times local.")
def not_chained(order, parents, local, output):
    arrived = {node: 0.0 for node in order}
    arrived[output] = 1.0
    for node in order[::-1]:
        for k, source in enumerate(parents[node]):
            arrived[source] += local[node][k] if arrived[node] else 0
    return arrived


@check.mistake("What arrives and the local derivative are added. Along a path, rates multiply.")
def added_along_the_path(order, parents, local, output):
    arrived = {node: 0.0 for node in order}
    arrived[output] = 1.0
    for node in order[::-1]:
        for k, source in enumerate(parents[node]):
            arrived[source] += arrived[node] + local[node][k]
    return arrived


@check.mistake("`output` is ignored: the last node of the order is differentiated.")
def output_ignored(order, parents, local, output):
    return sweep(order, parents, local, order[-1])


@check.mistake("`parents[node].index(…)` finds the first edge only: of two edges from the same input, both get the first one's local derivative.")
def index_of_first(order, parents, local, output):
    arrived = {node: 0.0 for node in order}
    arrived[output] = 1.0
    for node in order[::-1]:
        for source in parents[node]:
            arrived[source] += arrived[node] * local[node][parents[node].index(source)]
    return arrived


@check.mistake("Two edges from the same input are taken for one: the second of them is lost.")
def double_edge_once(order, parents, local, output):
    arrived = {node: 0.0 for node in order}
    arrived[output] = 1.0
    for node in order[::-1]:
        for source in dict.fromkeys(parents[node]):
            arrived[source] += arrived[node] * local[node][parents[node].index(source)]
    return arrived


@check.mistake("Nodes from which no path leads to the output are missing. They get 0.")
def unreached_missing(order, parents, local, output):
    found = {output}
    for node in order[::-1]:
        if node in found:
            found.update(parents[node])
    return {node: slope for node, slope in sweep(order, parents, local, output).items() if node in found}


@check.mistake("Only the nodes without inputs are in the dict. The derivative by each node is asked for.")
def leaves_only(order, parents, local, output):
    return {node: slope for node, slope in sweep(order, parents, local, output).items() if not parents[node]}


@check.mistake("`order` is turned round in place; the caller's list has changed. `reversed(order)` leaves it alone.")
def order_reversed_in_place(order, parents, local, output):
    right = sweep(order, parents, local, output)
    order.reverse()
    return right


@check.mistake("The derivative by the output itself is not 1, although nothing but the output was nudged.")
def output_zero(order, parents, local, output):
    return {**sweep(order, parents, local, output), output: 0.0}


@check.mistake("Signs are lost: some derivatives come out positive that are negative.")
def absolute(order, parents, local, output):
    return {node: abs(slope) for node, slope in sweep(order, parents, local, output).items()}


rng = np.random.default_rng(63)


def tangled(nodes, rng, whole=False):
    """A random graph in which many nodes are used more than once: order, parents, local."""
    order = [f"n{number}" for number in rng.permutation(nodes)]
    parents, local = {}, {}
    for at, node in enumerate(order):
        count = int(rng.integers(1, 4)) if at > 1 else 0
        parents[node] = tuple(order[int(k)] for k in rng.integers(0, at, size=count)) if count else ()
        slopes = rng.integers(-3, 4, size=count) if whole else rng.normal(size=count)
        local[node] = tuple(slopes.tolist())
    return order, parents, local


first, second, third = tangled(7, rng), tangled(12, rng), tangled(10, rng, whole=True)
check.equal("a random graph", *first, first[0][-1])
check.equal("a larger random graph", *second, second[0][-1])
check.equal("an output in the middle", *second, second[0][7])
check.equal("an output without inputs", *first, first[0][0])
check.equal("whole numbers", *third, third[0][-1])
square = ["w", "u"], {"w": (), "u": ("w", "w")}, {"w": (), "u": (5.0, -2.5)}
check.equal("two edges with different derivatives", *square, "u")
diamond = list("abcde"), {"a": (), "b": ("a",), "c": ("a", "b"), "d": ("b", "c"), "e": ("c", "d", "b")}
check.equal("a diamond", *diamond, {"a": (), "b": (2.0,), "c": (3.0, -1.5), "d": (0.5, 4.0), "e": (1.5, -2.0, 7.0)}, "e")
apart = ["p", "q", "r", "s"], {"p": (), "q": ("p",), "r": (), "s": ("r",)}, {"p": (), "q": (3.0,), "r": (), "s": (-2.0,)}
check.equal("two graphs in one", *apart, "q")
check.unchanged("the arguments stay as they are", *second, second[0][-1])
check.report()
### END HIDDEN TESTS

# %% [markdown] name="backpropagate-payoff-text"
# **Does it pay off?** The graph of the network above is waiting, with 2031 weights and 270 images. `graph.order`,
# `graph.parents` and `graph.local` are all that your function needs. Where arrays are involved, a local derivative is an
# object of the library that knows how to be multiplied.
#
# Beside it, the gradients by which `fit` trains the same model.
#
# **Predict, then run.** Will your few lines give all 2031 derivatives?

# %% name="backpropagate-payoff"
my_guess = None

with once_solved():
    mine = backpropagate(network.order, network.parents, network.local, "J")
    _, its_gradients = model.compute_gradients(X_train, Y_train)
    print("my guess:", my_guess)
    for name, its in zip(["W1", "b1", "W2", "b2", "W3", "b3"], its_gradients):
        same = np.allclose(mine[name], its.reshape(mine[name].shape), rtol=1e-8, atol=1e-12)
        print(f"{name}: {np.size(mine[name]):5} derivatives, same as in fit: {same}")
    print("sum:", sum(np.size(mine[name]) for name in ["W1", "b1", "W2", "b2", "W3", "b3"]))

# %% [markdown] name="backpropagate-after"
# That is backpropagation. What Keras, PyTorch and this library do in `fit` is this loop, in a faster dress.
#
# It does not stop at the weights. Any node has a derivative, the images, too: how would the cost change if a pixel were
# darker? To ask that, make the image a variable instead of a constant.

# %% name="image-gradient"
image = X_train[Y_train == 1][:1]
trained = Sequential([Dense(25, "sigmoid"), Dense(1, "sigmoid")], rng=2, dtype="float64")
trained.compile("adam", loss="binary_crossentropy")
trained.fit(X_train, Y_train, epochs=60, verbose=0)
[pixels] = variables(pixels=image)
W1, b1, W2, b2 = trained.get_weights()
logit = sigmoid_node(pixels @ W1 + b1) @ W2 + b2
seen = Graph(binary_crossentropy_from_logits(np.ones((1, 1)), logit).mean().named("J"))
with once_solved():
    by_pixel = backpropagate(seen.order, seen.parents, seen.local, "J")["pixels"]
    plotting.show(plotting.plot_images(image, columns=4))
    show = {"shape": (8, 8), "columns": 4, "scale": "derivative of the cost"}
    picture = plotting.plot_weights(by_pixel.reshape(64, 1), **show)
    plotting.describe(picture, "Shown is the derivative of the cost by each pixel.")
    plotting.show(picture)

# %% [markdown] name="image-gradient-after"
# Above, a handwritten one. Below, the derivative of its cost by each pixel. Where it is light, more ink would make the
# network *less* sure that this is a one; where it is dark, surer.

# %% [markdown] name="cost-text"
# ## What does it cost?
#
# One could also go through the graph the other way: pick one weight, nudge it in thought, and carry the effect *forward*,
# edge by edge, to the output. That is **forward mode**. It needs no way back, but one sweep gives the derivative by *one*
# weight. The next weight needs the next sweep. Our backward pass is called **reverse mode**.
#
# To compare the two, count the edges they visit. A sweep has business only on edges that lie on a path from a weight to the
# output.
#
# - Forward mode, one weight at a time: for each weight the edges on a path from this weight to the output; add these
#   numbers up.
# - Reverse mode, all at once: the edges on a path from *any* of the weights to the output, each counted once.
#
# **Predict, then run.** In the graph of the text, $J = \tfrac12 (w x + b - y)^2$ with the two weights $w$ and $b$: how many
# edges does each of them visit?

# %% name="count-small"
my_guess = None  # (forward, reverse)

graph.forward_mode(["w", "b"])
graph.backward(["w", "b"])
print(f"my guess: {my_guess}")
print(f"counted:  ({graph.forward_mode_visits}, {graph.reverse_mode_visits})")

# %% [markdown] name="count-small-after"
# From $w$ it is four edges to $J$, from $b$ three. The last two, from $a$ to $d$ and from $d$ to $J$, are the same for
# both. Forward mode visits them twice, reverse mode once.

# %% [markdown] name="forward_mode_visits-text"
# ### Exercise: `forward_mode_visits` and `reverse_mode_visits`
#
# Write `forward_mode_visits(parents, parameters, output)` and `reverse_mode_visits(parents, parameters, output)`.
#
# - `parents` is a dict from each node to the tuple of its inputs, as before. Here its keys already stand in a topological
#   order.
# - `parameters` is a list of different nodes, the weights to differentiate by.
# - `output` is the node that is differentiated.
#
# An edge goes from an input to the node that uses it; a node that uses an input twice has two edges from it. Both functions
# return an int:
#
# - `forward_mode_visits`: for each parameter, the number of edges that lie on a path from it to the output; all these
#   numbers added up,
# - `reverse_mode_visits`: the number of edges that lie on a path from at least one of the parameters to the output.
#
# An edge that lies on several paths counts once (in forward mode: once for each parameter). Edges that do not lead to the
# output do not count. A parameter from which no path leads to the output adds nothing. Leave the arguments as they are.
#
# <details><summary>Hint 1</summary>An edge from p to n lies on such a path if two things hold: p can be reached from the
# parameter (or is the parameter itself), and from n the output can be reached (or n is the output).</details>
# <details><summary>Hint 2</summary>Build two sets. Going through <code>parents</code> in its order, you find what can be
# reached from the parameters. Going through it from the end, you find what leads to the output.</details>
# <details><summary>Hint 3</summary>Write one function that counts the edges for a set of starting nodes. Both exercises are
# calls of it.</details>

# %% nbgrader={"grade": false, "grade_id": "forward_mode_visits", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward_mode_visits(parents, parameters, output):
    """Edges visited by one forward sweep for each parameter."""
    ### BEGIN SOLUTION
    leading = {output}
    for node in reversed(list(parents)):
        if node in leading:
            leading.update(parents[node])
    visits = 0
    for parameter in parameters:
        reached = {parameter}
        for node, inputs in parents.items():
            if reached.intersection(inputs):
                reached.add(node)
        visits += sum(source in reached for node in leading for source in parents[node])
    return visits
    ### END SOLUTION


def reverse_mode_visits(parents, parameters, output):
    """Edges visited by one sweep back for all parameters."""
    ### BEGIN SOLUTION
    leading = {output}
    for node in reversed(list(parents)):
        if node in leading:
            leading.update(parents[node])
    reached = set(parameters)
    for node, inputs in parents.items():
        if reached.intersection(inputs):
            reached.add(node)
    return sum(source in reached for node in leading for source in parents[node])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "forward_mode_visits-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("forward_mode_visits", "reverse_mode_visits", points=1)
parents = {"w": (), "x": (), "b": (), "y": (), "c": ("w", "x"), "a": ("c", "b")}
parents = {**parents, "d": ("a", "y"), "J": ("d",)}
back = {"of": "reverse_mode_visits"}
check.equal("forward mode, by w and b", parents, ["w", "b"], "J", expected=7)
check.equal("reverse mode, by w and b", parents, ["w", "b"], "J", **back, expected=5)
check.equal("forward mode, to a only", parents, ["w", "b"], "a", expected=3)
check.equal("reverse mode, to a only", parents, ["w", "b"], "a", **back, expected=3)
parents = {"w": (), "u": ("w", "w"), "v": ("w", "u"), "s": ("u", "v")}
check.equal("forward mode, w used three times", parents, ["w"], "s", expected=6)
check.equal("reverse mode, w used three times", parents, ["w"], "s", **back, expected=6)
check.report()

# %% nbgrader={"grade": true, "grade_id": "forward_mode_visits-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks forward_mode_visits and reverse_mode_visits here with more graphs.
### BEGIN HIDDEN TESTS
check = Checks("forward_mode_visits", "reverse_mode_visits", points=3, hidden=True)


def after_nodes(parents, sources):
    reached = set(sources)
    for node, inputs in parents.items():
        if reached.intersection(inputs):
            reached.add(node)
    return reached


def before_node(parents, output):
    leading, to_do = {output}, [output]
    while to_do:
        for source in parents[to_do.pop()]:
            if source not in leading:
                leading.add(source)
                to_do.append(source)
    return leading


def edges_on_paths(parents, sources, output):
    reached, leading = after_nodes(parents, sources), before_node(parents, output)
    return [(source, node) for node in parents if node in leading for source in parents[node] if source in reached]


def count_reverse(parents, parameters, output):
    return len(edges_on_paths(parents, parameters, output))


def count_forward(parents, parameters, output):
    return sum(len(edges_on_paths(parents, [each], output)) for each in parameters)


def paths_from(parents, source, output):
    """All paths as lists of nodes."""
    if source == output:
        return [[output]]
    return [[source, *rest] for node in parents for p in parents[node] if p == source for rest in paths_from(parents, node, output)]


check.reference(count_forward)
check.reference(count_reverse, of="reverse_mode_visits")


@check.mistake("Paths are counted. Count edges: an edge that many paths share is visited once in a sweep.")
def forward_paths(parents, parameters, output):
    return sum(len(paths_from(parents, each, output)) for each in parameters)


@check.mistake("The edges of each path are counted anew. An edge that several paths share is visited once in a sweep.")
def forward_along_paths(parents, parameters, output):
    return sum(len(path) - 1 for each in parameters for path in paths_from(parents, each, output))


@check.mistake("Nodes are counted, not edges.")
def forward_nodes(parents, parameters, output):
    leading = before_node(parents, output)
    return sum(len(after_nodes(parents, [each]) & leading) for each in parameters)


@check.mistake("N times P is an upper bound, not the count. Count the edges on the paths of this graph.")
def forward_closed_form(parents, parameters, output):
    return len(parents) * len(parameters)


@check.mistake("Every edge of the graph is counted for each parameter. Only those on a path from this parameter count.")
def forward_all_edges(parents, parameters, output):
    return len(parameters) * sum(map(len, parents.values()))


@check.mistake("Every edge that leads to the output is counted for each parameter, even if no path from the parameter runs over it.")
def forward_whole_way_back(parents, parameters, output):
    leading = before_node(parents, output)
    return len(parameters) * sum(len(parents[node]) for node in leading)


@check.mistake("Edges from the parameter that never get to the output are counted, too.")
def forward_dead_ends(parents, parameters, output):
    return sum(source in after_nodes(parents, [each]) for each in parameters for node in parents for source in parents[node])


@check.mistake("Two edges from the same input are counted as one.")
def forward_double_once(parents, parameters, output):
    return sum(len(set(edges_on_paths(parents, [each], output))) for each in parameters)


@check.mistake("Edges shared by several parameters are counted once: that is reverse mode. Forward mode visits them for each parameter.")
def forward_is_reverse(parents, parameters, output):
    return count_reverse(parents, parameters, output)


@check.mistake("Only the first parameter is counted.")
def forward_first_only(parents, parameters, output):
    return len(edges_on_paths(parents, parameters[:1], output))


@check.mistake("Shared edges are counted for each parameter: that is forward mode. In reverse mode each counts once.", of="reverse_mode_visits")
def reverse_is_forward(parents, parameters, output):
    return count_forward(parents, parameters, output)


@check.mistake("N plus P is an order of magnitude, not the count. Count the edges on the paths of this graph.", of="reverse_mode_visits")
def reverse_closed_form(parents, parameters, output):
    return len(parents) + len(parameters)


@check.mistake("Edges that come from data only are counted, too. A path from a parameter must run over the edge.", of="reverse_mode_visits")
def reverse_with_data(parents, parameters, output):
    return sum(len(parents[node]) for node in before_node(parents, output))


@check.mistake("Edges that never get to the output are counted, too.", of="reverse_mode_visits")
def reverse_dead_ends(parents, parameters, output):
    reached = after_nodes(parents, parameters)
    return sum(source in reached for node in parents for source in parents[node])


@check.mistake("All edges of the graph are counted.", of="reverse_mode_visits")
def reverse_all_edges(parents, parameters, output):
    return sum(map(len, parents.values()))


@check.mistake("Nodes are counted, not edges.", of="reverse_mode_visits")
def reverse_nodes(parents, parameters, output):
    return len(after_nodes(parents, parameters) & before_node(parents, output))


@check.mistake("Two edges from the same input are counted as one.", of="reverse_mode_visits")
def reverse_double_once(parents, parameters, output):
    return len(set(edges_on_paths(parents, parameters, output)))


@check.mistake("Paths are counted. Count edges, each once.", of="reverse_mode_visits")
def reverse_paths(parents, parameters, output):
    return sum(len(paths_from(parents, each, output)) for each in parameters)


@check.mistake("Only the first parameter is taken into account.", of="reverse_mode_visits")
def reverse_first_only(parents, parameters, output):
    return len(edges_on_paths(parents, parameters[:1], output))


rng = np.random.default_rng(64)


def random_parents(nodes, leaves, rng):
    names = [f"n{k}" for k in range(nodes)]
    return {
        name: tuple(names[int(k)] for k in rng.integers(max(0, at - 6), at, size=2)) if at >= leaves else ()
        for at, name in enumerate(names)
    }


deep = {"x": ()}
for k in range(1, 9):
    deep |= {f"w{k}": (), f"b{k}": (), f"c{k}": (f"w{k}", f"g{k - 1}" if k > 1 else "x"), f"z{k}": (f"c{k}", f"b{k}"), f"g{k}": (f"z{k}",)}
weights = [f"{letter}{k}" for k in range(1, 9) for letter in "wb"]
branch = {"x": (), "w": (), "v": (), "p": ("w", "x"), "q": ("p", "v"), "r": ("q", "q"), "dead": ("p", "v"), "end": ("dead",)}
twice = {"x": (), "w": (), "u": ("w", "w"), "v": ("u", "w"), "t": ("v", "v"), "s": ("t", "u", "x")}
first, second = random_parents(10, 4, rng), random_parents(13, 5, rng)
for of, name in (("forward_mode_visits", "forward"), ("reverse_mode_visits", "reverse")):
    check.equal(f"{name}: a network of 8 layers", deep, weights, "g8", of=of)
    check.equal(f"{name}: an output in the middle", deep, weights, "z5", of=of)
    check.equal(f"{name}: a branch that leads nowhere", branch, ["w", "v"], "r", of=of)
    check.equal(f"{name}: nodes used twice", twice, ["w"], "s", of=of)
    check.equal(f"{name}: a random graph", first, ["n3", "n0", "n1"], "n9", of=of)
    check.equal(f"{name}: another random graph", second, ["n1", "n2", "n4"], "n12", of=of)
    check.unchanged(f"{name}: the arguments stay as they are", branch, ["v", "w"], "q", of=of)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="cost-growing-text"
# **Does it pay off?** Now let networks grow. Each layer has one unit: $g(w \cdot a + b)$ with $g = \tanh$. With $L$ layers
# there are $P = 2L$ weights and about $N = 5L$ nodes. One often reads: forward mode costs $O(N \cdot P)$, reverse mode
# $O(N + P)$.
#
# **Predict, then run.** With 100 layers, how many times as many edges does forward mode visit?

# %% name="deep-graphs"
from chainrule.graph import tanh


def deep_graph(layers):
    """A network of so many layers with one unit each; also the names of its weights."""
    rng = np.random.default_rng(layers)
    a, names = constant(0.5, "x"), []
    for k in range(layers):
        w, b = variables(**{f"w{k}": rng.normal(), f"b{k}": rng.normal()})
        a, names = tanh(w * a + b), [*names, f"w{k}", f"b{k}"]
    return Graph(half_square(a - 1).named("J")), names


deep_graphs = [deep_graph(layers) for layers in (1, 2, 5, 10, 20, 50, 100)]
P = np.array([len(names) for _, names in deep_graphs])
N = np.array([len(deep) for deep, _ in deep_graphs])
print("nodes N:  ", N)
print("weights P:", P)

# %% name="errata-cost" errata={"says": "Forward mode takes N · P steps, reverse mode N + P.", "correct": "That is the order of growth. What is visited are edges, and how many can be counted exactly."}
my_guess = None

with once_solved():
    given = [(deep.parents, names, "J") for deep, names in deep_graphs]
    forward_visits = np.array([forward_mode_visits(*each) for each in given])
    reverse_visits = np.array([reverse_mode_visits(*each) for each in given])
    times = forward_visits[-1] / reverse_visits[-1]
    print(f"my guess: {my_guess}    measured: {times:.0f} times as many")
    counted = {"N · P": N * P, "forward mode": forward_visits, "N + P": N + P}
    curves = {**counted, "reverse mode": reverse_visits}
    names = {"xlabel": "weights P", "ylabel": "edges visited"}
    plotting.show(plotting.plot_curves(P, curves, xlog=True, ylog=True, **names))
    print("layers   N    P   forward     N·P   reverse   N+P")
    for (deep, _), n, p, f, r in zip(deep_graphs, N, P, forward_visits, reverse_visits):
        deep.forward_mode(), deep.backward()
        same = (deep.forward_mode_visits, deep.reverse_mode_visits) == (f, r)
        print(f"{p // 2:6} {n:4} {p:4} {f:8} {n * p:8} {r:8} {n + p:6}   library: {same}")

# %% [markdown] name="cost-growing-after"
# On these axes a line of slope 2 means: twice the weights, four times the work. Slope 1 means: twice the weights, twice the
# work. The formulas get the slopes right. They do not get the numbers right: $N \cdot P$ is too large, because most weights
# sit in the middle of the network and see only what comes after them.
#
# Visits are not seconds. **Predict, then run.** Will the clock agree?

# %% name="cost-clock"
my_guess = None

from time import perf_counter


def seconds(task):
    """The best of five runs."""
    times = []
    for _ in range(5):
        start = perf_counter()
        task()
        times.append(perf_counter() - start)
    return min(times)


clock = {
    "forward mode": [1000 * seconds(deep.forward_mode) for deep, _ in deep_graphs],
    "reverse mode": [1000 * seconds(deep.backward) for deep, _ in deep_graphs],
}
ratio = clock["forward mode"][-1] / clock["reverse mode"][-1]
print(f"my guess: {my_guess}")
print(f"at P = {P[-1]}, forward mode takes more than 10 times as long: {ratio > 10}")

# %% name="cost-clock-picture" tags=["nbval-ignore-output"]
names = {"xlabel": "weights P", "ylabel": "milliseconds on this computer"}
plotting.show(plotting.plot_curves(P, clock, xlog=True, ylog=True, **names))

# %% [markdown] name="cost-real-text"
# And the network that reads digits? Its nodes are arrays, so there are few edges, but forward mode has to sweep for each of
# the 2031 *entries*.
#
# **Predict, then run.** How many edges does each of the two visit?

# %% name="cost-real"
my_guess = None  # (forward, reverse)

few_images = network_graph(model.get_weights(), X_train[:4], Y_train[:4])
one_by_one = few_images.forward_mode()
at_once = few_images.backward()
gap = max(np.abs(one_by_one[name] - at_once[name]).max() for name in one_by_one)
print(f"my guess: {my_guess}")
print(f"visited:  ({few_images.forward_mode_visits}, {few_images.reverse_mode_visits})")
print(f"the same 2031 derivatives to 12 digits: {bool(gap < 1e-12)}")

# %% [markdown] name="cost-limits-text"
# So is reverse mode always better? No. What we said holds for **one** output, the cost, and many weights. Now take one
# weight and many outputs: a chain of 50 operations behind $w$, and at its end 40 outputs.
#
# **Predict, then run.** Reverse mode needs a sweep for each output. Forward mode gets all outputs in one sweep. How many
# edges does each of them visit?

# %% name="errata-one-output" errata={"says": "Reverse mode is always the cheaper one.", "correct": "For one output and many parameters. With many outputs and one parameter it is the other way round."}
my_guess = None  # (forward, reverse)

fan = {"w": (), **{f"h{k}": (f"h{k - 1}" if k else "w",) for k in range(50)}}
outputs = [f"out{k}" for k in range(40)]
fan |= {name: ("h49",) for name in outputs}
with once_solved():
    from_w = sum(len(inputs) for inputs in fan.values())  # every edge lies behind w
    back = sum(reverse_mode_visits(fan, ["w"], name) for name in outputs)
    print(f"my guess: {my_guess}    visited: ({from_w}, {back})")

# %% [markdown] name="cost-memory-text"
# Forward mode has another advantage. On the way back, the local derivatives are needed ($x$ for the edge from $w$), and
# they depend on the values of the forward pass. So reverse mode has to **keep** all values until it comes by again.
#
# **Predict, then run.** A chain of 100 layers, each an array of 100 000 numbers. How many such arrays lie in memory at the
# worst moment: if you only compute the output, if you compute it and its derivative in forward mode side by side, and if
# you build the graph?

# %% name="errata-memory" errata={"says": "Reverse mode is cheaper and costs nothing.", "correct": "It keeps every value of the way forward until the way back has used it."}
my_guess = None  # three numbers

import tracemalloc

start_values = np.linspace(-1, 1, 100_000)


def output_only():
    a = start_values
    for _ in range(100):
        a = np.tanh(a)


def with_forward_mode():
    a, slope = start_values, np.ones(100_000)
    for _ in range(100):
        a = np.tanh(a)
        slope = slope * (1 - a * a)


def as_a_graph():
    [a] = variables(a=start_values)
    for _ in range(100):
        a = tanh(a)
    Graph(a.mean())

# %% name="errata-memory-run"
print("my guess:", my_guess)
for task in (output_only, with_forward_mode, as_a_graph):
    tracemalloc.start()
    task()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"{task.__name__:18} {most / start_values.nbytes:5.0f} arrays")

# %% [markdown] name="cost-memory-after"
# The first two do not care how deep the network is. The graph grows with every layer. That is why training takes far more
# memory than using a network, and why the size of a batch is limited by the memory of the machine.

# %% [markdown] name="two-layer-text"
# ## Two layers
#
# Now a network with a hidden unit, first without any activation:
#
# $$ z_1 = w_1 x + b_1, \qquad z_2 = w_2 z_1 + b_2, \qquad J = \tfrac12 (z_2 - y)^2. $$
#
# Eight local derivatives:
#
# | | | |
# |---|---|---|
# | $\partial z_1/\partial w_1 = x$ | $\partial z_1/\partial b_1 = 1$ | $\partial z_1/\partial x = w_1$ |
# | $\partial z_2/\partial w_2 = z_1$ | $\partial z_2/\partial b_2 = 1$ | $\partial z_2/\partial z_1 = w_2$ |
# | $\partial J/\partial z_2 = z_2 - y$ | $\partial J/\partial y = -(z_2 - y)$ | |
#
# Multiply along the way back:
#
# $$ \frac{\partial J}{\partial b_2} = z_2 - y, \quad \frac{\partial J}{\partial w_2} = (z_2 - y)\, z_1, \quad
#    \frac{\partial J}{\partial b_1} = (z_2 - y)\, w_2, \quad \frac{\partial J}{\partial w_1} = (z_2 - y)\, w_2\, x. $$
#
# **Predict, then run.** Take $w_1 = 3$, $b_1 = 1$, $w_2 = 2$, $b_2 = -1$, $x = -1$, $y = -8$. What are the four
# derivatives?

# %% name="two-layer"
my_guess = None  # by b2, w2, b1, w1


def two_layers(w1=3, b1=1, w2=2, b2=-1, x=-1, y=-8, g=lambda z: z):
    """The graph of a network with one hidden unit."""
    w1, b1, w2, b2 = variables(w1=w1, b1=b1, w2=w2, b2=b2)
    z1 = ((w1 * constant(x, "x")).named("c1") + b1).named("z1")
    a1 = g(z1)
    z2 = ((w2 * a1).named("c2") + b2).named("z2")
    return Graph(half_square((z2 - constant(y, "y")).named("d")).named("J"))


linear = two_layers()
z1, z2, target = linear["z1"].value, linear["z2"].value, -8
print(f"my guess: {my_guess}\n        formula   graph")
formulas = {"b2": z2 - target, "w2": (z2 - target) * z1}
formulas |= {"b1": (z2 - target) * 2, "w1": (z2 - target) * 2 * -1}
for name, slope in formulas.items():
    print(f"by {name}: {slope:7} {linear.backward()[name]:7}")
plotting.show(plotting.plot_graph(linear))

# %% [markdown] name="activation-text"
# They agree. These four formulas are often printed as *the* derivatives of a network with two layers. Now give the hidden
# unit an activation, $a_1 = g(z_1)$, and take ReLU.
#
# **Predict, then run.** With the numbers above, $z_1 = -2$. What is $\partial J/\partial w_1$ now?

# %% name="errata-g-prime" errata={"says": "∂J/∂w₁ = (z₂ − y) · w₂ · x.", "correct": "Only if the units are linear. Otherwise the slope g′(z) of each is a factor; for a ReLU that is off, everything is 0."}
my_guess = None

from chainrule.graph import relu

bent = two_layers(g=relu)
z1, z2 = bent["z1"].value, bent["z2"].value
print(f"my guess: {my_guess}    z1 = {z1}, z2 = {z2}")
print("the formula (z2 - y) · w2 · x:", (z2 + 8) * 2 * -1)


def bent_cost(w1):
    return (2 * max(w1 * -1 + 1, 0) - 1 + 8) ** 2 / 2


print("nudging w1:                  ", (bent_cost(3 + 1e-6) - bent_cost(3 - 1e-6)) / 2e-6)
print("the graph:                   ", bent.backward()["w1"] + 0.0)

# %% [markdown] name="activation-after"
# The unit is off: whatever $w_1$ does within a small nudge, nothing gets through. The formula does not know that. It was
# made for linear units, where $g(z) = z$. Every activation adds one edge to the graph, from $z_1$ to $a_1$, with the local
# derivative $g'(z_1)$. Every path that runs over this edge gets this factor.

# %% [markdown] name="two_layer_gradients-text"
# ### Exercise: `two_layer_gradients`
#
# Write `two_layer_gradients(w1, b1, w2, b2, x, y, g, dg)` for
#
# $$ z_1 = w_1 x + b_1, \qquad a_1 = g(z_1), \qquad J = \tfrac12 (w_2 a_1 + b_2 - y)^2. $$
#
# The first six arguments are numbers. `g` is a function of a number, and `dg(z)` is its derivative at $z$ (the sum that
# goes into the activation, not its output). The output unit has no activation.
#
# Return a dict with the derivatives of $J$ under the keys `"w1"`, `"b1"`, `"w2"`, `"b2"`.
#
# <details><summary>Hint 1</summary>Compute z1, a1 and the error e = w2·a1 + b2 − y first. The derivative by b2 is
# e.</details>
# <details><summary>Hint 2</summary>Which edges lie between J and w1? Multiply their local derivatives. There are five
# factors, and one of them is 1.</details>

# %% nbgrader={"grade": false, "grade_id": "two_layer_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_layer_gradients(w1, b1, w2, b2, x, y, g, dg):
    """Derivatives of J by w1, b1, w2 and b2."""
    ### BEGIN SOLUTION
    z1 = w1 * x + b1
    a1 = g(z1)
    error = w2 * a1 + b2 - y
    by_z1 = error * w2 * dg(z1)
    return {"w1": by_z1 * x, "b1": by_z1, "w2": error * a1, "b2": error}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "two_layer_gradients-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("two_layer_gradients", points=1)
numbers = 3, 1, 2, -1, -1, -8
right = {"w1": -6.0, "b1": 6.0, "w2": -6.0, "b2": 3.0}
check.equal("linear, numbers of the text", *numbers, lambda z: z, lambda z: 1, expected=right)
right = {"w1": 0.0, "b1": 0.0, "w2": 0.0, "b2": 7.0}
relu, step = lambda z: max(z, 0), lambda z: float(z > 0)
check.equal("ReLU, numbers of the text", *numbers, relu, step, expected=right)
right = {"w1": 16.0, "b1": 8.0, "w2": 1.0, "b2": 4.0}
square, double = lambda z: z**2, lambda z: 2 * z
check.equal("a square", 0.5, -0.5, 2.0, 0.5, 2.0, -3.0, square, double, expected=right)
check.report()

# %% nbgrader={"grade": true, "grade_id": "two_layer_gradients-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks two_layer_gradients here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("two_layer_gradients", points=3, hidden=True)


def two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, factor=None, **other):
    """The right derivatives; each option puts something else in the place of one of their parts."""
    z = w1 * x + b1
    a = g(z)
    error = other.get("error", w2 * a + b2 - y)
    by_z = error * other.get("back", w2) * (dg(z) if factor is None else factor)
    return {"w1": by_z * other.get("into", x), "b1": by_z, "w2": error * other.get("a", a), "b2": error}


check.reference(lambda *args: {key: float(slope) for key, slope in two_layer_slopes(*args).items()})


@check.mistake("The factor g′ is missing. It was left out for linear units, where it is 1; any other activation needs it.")
def no_slope(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, factor=1)


@check.mistake("The derivative of the activation is taken at its output a1. `dg` takes what goes in: z1.")
def slope_at_a(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, factor=dg(g(w1 * x + b1)))


@check.mistake("The derivative of the activation is taken at x. `dg` takes z1, the whole sum.")
def slope_at_x(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, factor=dg(x))


@check.mistake("The activation stands where its derivative belongs: on the way back the factor is dg(z1), not g(z1).")
def g_for_dg(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, factor=g(w1 * x + b1))


@check.mistake("The derivative by w2 has z1 as a factor. What w2 is multiplied by is a1 = g(z1).")
def z_for_a(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, a=w1 * x + b1)


@check.mistake("The derivative by w2 has x as a factor. What w2 is multiplied by is a1.")
def x_for_a(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, a=x)


@check.mistake("The factor w2 is missing in the first layer's derivatives: the path from J to z1 runs over it.")
def w2_forgotten(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, back=1)


@check.mistake("On the way back to the first layer, w1 stands where w2 belongs: the edge from a1 to the output has w2.")
def w1_for_w2(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, back=w1)


@check.mistake("The factor x is missing in the derivative by w1.")
def x_forgotten(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, into=1)


@check.mistake("All signs are wrong: the derivative of ½(out - y)² is out - y, not y - out.")
def signs(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, error=y - w2 * g(w1 * x + b1) - b2)


@check.mistake("Everything is twice too large: with the ½ in J, no 2 is left.")
def twice(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, error=2 * (w2 * g(w1 * x + b1) + b2 - y))


@check.mistake("The activation is missing on the way forward: the error is that of a linear network.")
def linear_forward(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, lambda z: z, dg)


@check.mistake("An activation is applied to the output, too. The output unit of this network is linear.")
def activated_output(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, error=g(w2 * g(w1 * x + b1) + b2) - y)


@check.mistake("g′ is a factor of the second layer's derivatives, too. Their paths do not run over the activation.")
def slope_everywhere(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, b2, x, y, g, dg, factor=1, error=dg(w1 * x + b1) * (w2 * g(w1 * x + b1) + b2 - y))


@check.mistake("b2 is missing in the error.")
def b2_missing(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, b1, w2, 0, x, y, g, dg)


@check.mistake("b1 is missing in z1.")
def b1_missing(w1, b1, w2, b2, x, y, g, dg):
    return two_layer_slopes(w1, 0, w2, b2, x, y, g, dg)


@check.mistake("These are the weights after a step. Return the derivatives.")
def stepped(w1, b1, w2, b2, x, y, g, dg):
    right = two_layer_slopes(w1, b1, w2, b2, x, y, g, dg)
    return {"w1": w1 - right["w1"], "b1": b1 - right["b1"], "w2": w2 - right["w2"], "b2": b2 - right["b2"]}


rng = np.random.default_rng(65)
bend = lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2
wave = np.sin, np.cos
hyperbolic = np.tanh, lambda z: 1 - np.tanh(z) ** 2
leaky = lambda z: z if z > 0 else 0.2 * z, lambda z: 1.0 if z > 0 else 0.2
check.equal("sigmoid", *rng.normal(size=6).round(2).tolist(), *bend)
check.equal("tanh", *rng.normal(size=6).round(2).tolist(), *hyperbolic)
check.equal("sine", *rng.normal(0, 2, size=6).round(2).tolist(), *wave)
check.equal("a leaky ReLU that is off", 1.5, -4.0, 0.5, 2.0, 2.0, -1.0, *leaky)
check.equal("integers", 2, -3, 4, 1, -2, 5, lambda z: z**3, lambda z: 3 * z**2)
check.equal("NumPy numbers", *rng.normal(size=6), *wave)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="two_layer_gradients-payoff-text"
# **Does it pay off?** Three activations, *your* formulas, and beside them the library's graph, which knows nothing of
# formulas for whole networks.

# %% name="two_layer_gradients-payoff"
from chainrule import activations, graph as operations

numbers = {"w1": 0.8, "b1": -1.2, "w2": -1.5, "b2": 0.3, "x": 2.0, "y": 0.5}
with once_solved():
    for name in ("sigmoid", "tanh", "relu"):
        g = activations.get(name)
        mine = two_layer_gradients(**numbers, g=g, dg=g.derivative)
        theirs = two_layers(**numbers, g=getattr(operations, name)).backward()
        print(name)
        print("   mine: ", {key: round(float(mine[key]), 4) for key in mine})
        print("   graph:", {key: round(theirs[key], 4) for key in mine})

# %% [markdown] name="mlp-text"
# ## Any number of layers, any number of units
#
# You now know all there is to know. What is left is to write it for arrays. A network of sigmoid layers, a batch of $m$
# examples, the mean binary cross-entropy as the cost. Forward, with $A_0 = X$, for each layer:
#
# $$ Z_l = A_{l-1} W_l + b_l, \qquad A_l = \text{sigmoid}(Z_l). $$
#
# The last layer has one unit; its $A$ holds the probabilities $p$. Call $\Delta_l$ the derivatives of the cost by the
# entries of $Z_l$: an array of the same shape, one row for each example. Back:
#
# 1. **At the output.** The cross-entropy has the derivative $\frac{p - y}{p (1 - p)}$ by $p$, the sigmoid has $p (1 - p)$.
#    Multiply: what is left is $p - y$. And the cost is a mean, so $\Delta_{\text{last}} = (p - y) / m$.
# 2. **To the weights.** $W_l$ is used by every example, so the contributions of all examples add up:
#    $\partial J/\partial W_l = A_{l-1}^\top \Delta_l$, and $\partial J/\partial b_l$ is the sum of the rows of $\Delta_l$.
# 3. **To the layer before.** Each $A_{l-1}$ feeds all units of layer $l$; the contributions add up again:
#    $\Delta_l W_l^\top$. Then over the edge of the activation, times its slope, entry by entry:
#    $\Delta_{l-1} = (\Delta_l W_l^\top) \odot A_{l-1} (1 - A_{l-1})$.
#
# **Predict, then run.** In step 2, which shapes have the three arrays, for a layer with 64 inputs and 25 units and for 270
# images?

# %% name="mlp-shapes"
my_guess = None  # three shapes: A, Δ, the derivative by W

A_before, delta = np.ones((270, 64)), np.ones((270, 25))
print("my guess:", my_guess)
print("A:", A_before.shape, "  Δ:", delta.shape, "  A.T @ Δ:", (A_before.T @ delta).shape)

# %% [markdown] name="mlp_gradients-text"
# ### Exercise: `mlp_gradients`
#
# Write `mlp_gradients(params, X, y)`.
#
# - `params` is a list of pairs `(W, b)`, one for each layer, the first layer first. `W` has shape (n_in, n_out), `b` has
#   shape (n_out,). There may be any number of layers, also just one. Every layer has a sigmoid. The last layer has one
#   unit.
# - `X` has shape (m, n), floats or integers.
# - `y` holds the m labels, 0 or 1, in the shape (m,) or (m, 1).
#
# Return the derivatives of the mean binary cross-entropy (natural logarithm) as a list of pairs `(dW, db)`: the first layer
# first, each array in the shape of the `W` or `b` that it belongs to. Leave all arguments as they are. No probability in
# the checks is exactly 0 or 1.
#
# <details><summary>Hint 1</summary>On the way forward, keep the outputs of all layers in a list that begins with X. You
# need them on the way back.</details>
# <details><summary>Hint 2</summary>Bring y into a column at once: <code>y.reshape(-1, 1)</code>. Subtracting (m,) from (m,
# 1) would give a table of m × m.</details>
# <details><summary>Hint 3</summary>Divide by m once, at the very start of the way back. Then no step divides again. Walk
# through the layers from the last to the first and put each pair at the <em>front</em> of the result.</details>

# %% nbgrader={"grade": false, "grade_id": "mlp_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mlp_gradients(params, X, y):
    """Derivatives of the mean cross-entropy by every W and b."""
    ### BEGIN SOLUTION
    outputs = [X]
    for W, b in params:
        outputs.append(1 / (1 + np.exp(-(outputs[-1] @ W + b))))
    delta = (outputs[-1] - y.reshape(-1, 1)) / len(X)
    gradients = []
    for (W, b), A in zip(reversed(params), reversed(outputs[:-1])):
        gradients.insert(0, (A.T @ delta, delta.sum(axis=0)))
        delta = (delta @ W.T) * A * (1 - A)
    return gradients
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "mlp_gradients-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("mlp_gradients", points=1)
X2, y2 = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([1, 0])
one_layer = [(np.zeros((2, 1)), np.zeros(1))]
right = [(np.array([[0.5], [-0.75]]), np.array([0.0]))]
check.equal("one layer, all zeros: p is 1/2", one_layer, X2, y2, expected=right)
small_net = [
    (np.array([[1.0, -1.0, 0.5], [0.0, 2.0, 1.0]]), np.array([0.0, 0.5, -1.0])),
    (np.array([[1.0], [-2.0], [0.5]]), np.array([0.25])),
]
near = {"rtol": 1e-5, "atol": 1e-6}
first = np.array([[-0.008347, -0.007937, 0.116865], [-0.142758, 0.04477, -0.094157]])
right = [(first, np.array([-0.044365, 0.00939, 0.023183]))]
right += [(np.array([[0.147809], [-0.303566], [-0.108869]]), np.array([0.081394]))]
check.equal("two layers", small_net, X2, y2, expected=right, **near)
check.equal("labels as a column", small_net, X2, y2[:, None], expected=right, **near)
check.report()

# %% nbgrader={"grade": true, "grade_id": "mlp_gradients-hidden", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks mlp_gradients here with more networks.
### BEGIN HIDDEN TESTS
check = Checks("mlp_gradients", points=5, hidden=True)


def passes(params, X, y, start=None, slope=lambda A, Z: A * (1 - A), weight=None, bias=None, across=None):
    """Both passes; each option replaces one step of the way back."""
    values, sums = [X], []
    for W, b in params:
        sums.append(values[-1] @ W + b)
        values.append(0.5 * (1 + np.tanh(0.5 * sums[-1])))
    p, target = values[-1], np.reshape(y, (-1, 1))
    delta = (p - target) / len(X) if start is None else start(p, target)
    out = []
    for at in range(len(params) - 1, -1, -1):
        W = params[at][0]
        dW = values[at].T @ delta if weight is None else weight(values, at, delta)
        out.insert(0, (dW, delta.sum(axis=0) if bias is None else bias(delta)))
        if at:
            delta = (delta @ W.T if across is None else across(delta, W)) * slope(values[at], sums[at - 1])
    return out


check.reference(passes)


@check.mistake("At the output, the slope p (1 - p) of the sigmoid is still a factor. It cancels against the cross-entropy: p - y is left.")
def slope_at_output(params, X, y):
    return passes(params, X, y, start=lambda p, t: (p - t) * p * (1 - p) / len(p))


@check.mistake("This is the gradient of the squared error. The cost here is the cross-entropy: at the output, p - y is left.")
def squared_error(params, X, y):
    return passes(params, X, y, start=lambda p, t: 2 * (p - t) * p * (1 - p) / len(p))


@check.mistake("This is the gradient of the sum of the losses. The cost is their mean: divide by the number of examples, once.")
def summed(params, X, y):
    return passes(params, X, y, start=lambda p, t: p - t)


@check.mistake("Everything is divided by the number of examples twice.")
def divided_twice(params, X, y):
    return passes(params, X, y, start=lambda p, t: (p - t) / len(p) ** 2)


@check.mistake("The division by m happens again in every layer. Once, at the output, is enough: what follows is linear in it.")
def divided_in_every_layer(params, X, y):
    return passes(params, X, y, across=lambda delta, W: delta @ W.T / len(delta))


@check.mistake("The derivatives by the biases are divided by m twice: once at the output, and again by a mean over the rows. Sum the rows.")
def bias_mean(params, X, y):
    return passes(params, X, y, bias=lambda delta: delta.mean(axis=0))


@check.mistake("All signs are wrong: at the output it is p - y, not y - p.")
def signs(params, X, y):
    return passes(params, X, y, start=lambda p, t: (t - p) / len(p))


@check.mistake("A derivative by a bias has shape (1, n_out). It must have the shape of the bias, (n_out,): sum without keepdims.")
def bias_as_row(params, X, y):
    return passes(params, X, y, bias=lambda delta: delta.sum(axis=0, keepdims=True))


@check.mistake("A derivative by a bias is a single number: all units are added up. Add up the examples only, axis 0.")
def bias_as_number(params, X, y):
    return passes(params, X, y, bias=lambda delta: delta.sum())


@check.mistake("For the biases, the units of each example are added up. Add up the examples of each unit: axis 0.")
def bias_wrong_axis(params, X, y):
    return passes(params, X, y, bias=lambda delta: delta.sum(axis=1))


@check.mistake("On the way back, W is not transposed. What arrives at a layer's inputs is delta @ W.T.")
def not_transposed(params, X, y):
    return passes(params, X, y, across=lambda delta, W: delta @ W)


@check.mistake("The slope of the hidden sigmoids is missing: going back over an activation multiplies by A (1 - A).")
def no_hidden_slope(params, X, y):
    return passes(params, X, y, slope=lambda A, Z: 1)


@check.mistake("z (1 - z) is taken for the slope. It is A (1 - A), with A = sigmoid(z).")
def slope_of_z(params, X, y):
    return passes(params, X, y, slope=lambda A, Z: Z * (1 - Z))


@check.mistake("1 - A² is the slope of tanh. That of the sigmoid is A (1 - A).")
def slope_of_tanh(params, X, y):
    return passes(params, X, y, slope=lambda A, Z: 1 - A**2)


@check.mistake("The derivative by W is built from the layer's outputs. It is its inputs that the weights multiply.")
def outputs_for_inputs(params, X, y):
    return passes(params, X, y, weight=lambda values, at, delta: values[at + 1].T @ delta)


@check.mistake("The derivatives by the weights are transposed: dW must have the shape of W, (n_in, n_out).")
def weight_transposed(params, X, y):
    return passes(params, X, y, weight=lambda values, at, delta: delta.T @ values[at])


@check.mistake("The list begins with the last layer. The first layer comes first, as in `params`.")
def last_layer_first(params, X, y):
    return passes(params, X, y)[::-1]


@check.mistake("Only the last layer gets derivatives, the others get zeros.")
def last_layer_only(params, X, y):
    right = passes(params, X, y)
    return [(0 * dW, 0 * db) for dW, db in right[:-1]] + right[-1:]


@check.mistake("Labels of shape (m,) against probabilities of shape (m, 1) make a table of m × m. Bring `y` into a column first.")
def table_of_labels(params, X, y):
    if np.ndim(y) == 2:
        return passes(params, X, y)
    return passes(params, X, y, start=lambda p, t: (p - np.ravel(t)) / len(p))


@check.mistake("Only the first example counts. Every row of X is an example.")
def first_example(params, X, y):
    return passes(params, X[:1], np.ravel(y)[:1])


@check.mistake("The weights are changed in place: the caller's `params` are different afterwards. Compute derivatives only.")
def stepped_in_place(params, X, y):
    right = passes(params, X, y)
    for (W, b), (dW, db) in zip(params, right):
        W -= 0.1 * dW
        b -= 0.1 * db
    return right


@check.mistake("The activations of the hidden layers are missing on the way forward.")
def linear_hidden(params, X, y):
    values = [X]
    for at, (W, b) in enumerate(params):
        Z = values[-1] @ W + b
        values.append(Z if at < len(params) - 1 else 0.5 * (1 + np.tanh(0.5 * Z)))
    delta, out = (values[-1] - np.reshape(y, (-1, 1))) / len(X), []
    for at in range(len(params) - 1, -1, -1):
        out.insert(0, (values[at].T @ delta, delta.sum(axis=0)))
        delta = delta @ params[at][0].T
    return out


rng = np.random.default_rng(66)


def network_of(widths, rng, dtype=float):
    pairs = zip(widths[:-1], widths[1:])
    return [(rng.normal(size=pair).astype(dtype), rng.normal(size=pair[1]).astype(dtype)) for pair in pairs]


def labels_of(m, rng):
    return np.append(rng.integers(0, 2, size=m - 2), [1, 0])


check.equal("one hidden layer", network_of((4, 3, 1), rng), rng.normal(size=(6, 4)), labels_of(6, rng))
check.equal("two hidden layers", network_of((3, 5, 2, 1), rng), rng.normal(size=(7, 3)), labels_of(7, rng))
check.equal("layers of equal width", network_of((3, 3, 3, 1), rng), rng.normal(size=(5, 3)), labels_of(5, rng))
check.equal("four layers, narrow and wide", network_of((2, 6, 1, 4, 1), rng), rng.normal(size=(9, 2)), labels_of(9, rng))
check.equal("labels as a column", network_of((5, 2, 1), rng), rng.normal(size=(8, 5)), labels_of(8, rng)[:, None])
check.equal("one example", network_of((3, 4, 1), rng), rng.normal(size=(1, 3)), np.array([1]))
check.equal("integers in X", network_of((3, 2, 1), rng), rng.integers(-2, 3, size=(6, 3)), labels_of(6, rng))
small = network_of((4, 3, 1), rng, np.float32), rng.normal(size=(5, 4)).astype(np.float32), labels_of(5, rng)
check.equal("float32", *small)
check.unchanged("the arguments stay as they are", network_of((4, 5, 1), rng), rng.normal(size=(8, 10))[::2, 1:9:2], labels_of(4, rng))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="mlp_gradients-check-text"
# **Does it pay off?** First ask the judge of notebook 5. In each layer of the real network, nudge the weight with the
# largest derivative, and compare.

# %% name="mlp_gradients-nudged"
def mean_loss(params, X, Y):
    """Mean binary cross-entropy of a network of sigmoid layers."""
    A = X
    for W, b in params:
        A = 1 / (1 + np.exp(-(A @ W + b)))
    p = A[:, 0]
    return -np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p))


def pairs_of(weights):
    """The weights of a model as pairs (W, b), in float64, copied."""
    copies = [np.array(each, dtype=float) for each in weights]
    return list(zip(copies[::2], copies[1::2]))

# %% name="mlp_gradients-nudged-run"
with once_solved():
    params = pairs_of(model.get_weights())
    mine = mlp_gradients(params, X_train, Y_train)
    for layer, ((W, _), (dW, _)) in enumerate(zip(params, mine), start=1):
        place, costs = np.unravel_index(np.abs(dW).argmax(), W.shape), []  # the steepest
        for nudge in (1e-5, -2e-5):
            W[place] += nudge
            costs.append(mean_loss(params, X_train, Y_train))
        W[place] += 1e-5
        nudged = (costs[0] - costs[1]) / 2e-5
        print(f"layer {layer}: mine {dW[place]:10.7f}  nudged {nudged:10.7f}")

# %% [markdown] name="mlp_gradients-train-text"
# And now the real thing. Gradient descent with *your* derivatives trains the network of notebook 1 from its initial
# weights. Nothing in this loop is borrowed. Beside it, the library's `fit`: same initial weights, same learning rate, all
# images in one batch.
#
# **Predict, then run.** How far will the two costs be apart after 300 steps?

# %% name="mlp_gradients-train"
my_guess = None

lr, steps = 1.0, 300
with once_solved():
    params, my_costs = pairs_of(model.get_weights()), []
    for _ in range(steps):
        my_costs.append(mean_loss(params, X_train, Y_train))
        gradients = mlp_gradients(params, X_train, Y_train)
        params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, gradients)]
    model.optimizer.learning_rate = lr
    run = model.fit(X_train, Y_train, batch_size=270, epochs=steps, verbose=0)
    its_costs = run.history["loss"]
    gap = np.abs(np.array(my_costs) - its_costs).max()
    print(f"my guess: {my_guess}    largest gap smaller than 1e-6: {bool(gap < 1e-6)}")
    curves = {"my derivatives": my_costs, "the library": its_costs}
    names = {"xlabel": "steps", "ylabel": "cost"}
    plotting.show(plotting.plot_curves(np.arange(steps), curves, **names))

# %% [markdown] name="mlp_gradients-result-text"
# Two curves that cannot be told apart. Does the network read?

# %% name="mlp_gradients-result"
with once_solved():
    mlp_gradients(params, X_test, Y_test)  # no result before it is written
    A = X_test
    for W, b in params:
        A = 1 / (1 + np.exp(-(A @ W + b)))
    right = np.mean((A[:, 0] >= 0.5) == Y_test)
    print(f"cost {my_costs[0]:.3f} -> {my_costs[-1]:.3f}")
    print(f"{right:.3f} of {len(Y_test)} test images right, with derivatives of my own")

# %% [markdown] name="summary"
# ## One pass back
#
# | step | what happens | you wrote |
# |---|---|---|
# | take apart | every operation becomes a node, every use of a value an edge | |
# | order | each node after its inputs; backward, each node after its users | `topological_order` |
# | forward | compute the values, and keep them | `forward` |
# | back | start with 1; along each edge multiply by its local derivative; where edges meet, add | `backward`, `backpropagate` |
# | cost | one sweep for all weights, instead of one for each | `forward_mode_visits`, `reverse_mode_visits` |
# | a network | at each activation a factor $g'$; at each layer a product with $W^\top$ | `two_layer_gradients`, `mlp_gradients` |
#
# And three things that one reads, with what you found: $\partial J/\partial b$ is $d$, not $b$; $J + d\,\varepsilon$ is
# right up to $\varepsilon^2/2$; the short formulas for two layers hold for linear units only.
#
# **The limits of what was said.** Reverse mode wins because there is *one* cost and there are many weights. With few inputs
# and many outputs, forward mode wins. Reverse mode pays with memory; large networks throw some of the values away and
# compute them again on the way back (*checkpointing*). An edge is not an edge: one product of matrices can cost more than a
# thousand additions, and we counted both as one. At a kink, as in ReLU at 0, there is no derivative; libraries pick a
# number and go on. And a gradient says which way is down, but not how far to go, nor whether after one example or after all
# of them. That is notebook 7.
#
# **Where this lives in Keras and PyTorch.**
#
# | here | Keras with TensorFlow | PyTorch |
# |---|---|---|
# | `variables(w=2)` | `tf.Variable(2.0)` | `torch.tensor(2.0, requires_grad=True)` |
# | the graph, recorded while you compute | `with tf.GradientTape() as tape:` | recorded always, see `J.grad_fn` |
# | `J.backward()`, then `w.gradient` | `tape.gradient(J, w)` | `J.backward()`, then `w.grad` |
# | `backpropagate` | inside `fit` | inside `loss.backward()` |
# | gradients overwritten by each `backward()` | new at each call | added up until `optimizer.zero_grad()` |
# | `Graph.forward_mode` | `tf.autodiff.ForwardAccumulator` | `torch.func.jvp` |
