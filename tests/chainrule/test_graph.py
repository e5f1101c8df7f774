"""The graph against finite differences, brute force over paths, and plain NumPy."""

import copy
import gc
import itertools
import math
import sys
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import graph
from chainrule.graph import (
    OPERATIONS,
    Graph,
    Jacobian,
    Node,
    constant,
    define,
    gradient_graph,
    gradients,
    half_square,
    hessian,
    topological_order,
    variable,
    variables,
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def notes_example():
    """The graph of J = ½(w x + b − y)² in the course's notes."""
    w, x, b, y = variables(w=2, x=-2, b=8, y=2)
    c = (w * x).named("c")
    a = (c + b).named("a")
    d = (a - y).named("d")
    return half_square(d).named("J")


def numeric(function, arrays, index, step=1e-5):
    """Differentiate the sum of function(*arrays) by one of the arrays, entry by entry, in float64."""
    arrays = [np.array(each, dtype=np.float64) for each in arrays]
    slope = np.zeros(arrays[index].shape)
    for at in np.ndindex(*slope.shape):
        outputs = []
        for sign in (1, -1):
            nudged = [each.copy() for each in arrays]
            nudged[index][at] += sign * step
            outputs.append(function(*nudged))
        slope[at] = np.sum(outputs[0] - outputs[1]) / (2 * step)
    return slope


# Each operation: as a graph, as plain NumPy, and the range its arguments come from.
UNARY = {
    "neg": (lambda x: -x, np.negative, (-3, 3)),
    "abs": (abs, np.abs, (0.1, 3)),
    "abs of negatives": (abs, np.abs, (-3, -0.1)),
    "square": (graph.square, np.square, (-3, 3)),
    "half_square": (graph.half_square, lambda x: x * x / 2, (-3, 3)),
    "sqrt": (graph.sqrt, np.sqrt, (0.1, 3)),
    "exp": (graph.exp, np.exp, (-3, 3)),
    "log": (graph.log, np.log, (0.1, 3)),
    "sin": (graph.sin, np.sin, (-3, 3)),
    "cos": (graph.cos, np.cos, (-3, 3)),
    "tanh": (graph.tanh, np.tanh, (-3, 3)),
    "sigmoid": (graph.sigmoid, lambda x: 1 / (1 + np.exp(-x)), (-3, 3)),
    "softplus": (graph.softplus, lambda x: np.log(1 + np.exp(x)), (-3, 3)),
    "relu": (graph.relu, lambda x: np.where(x > 0, x, 0), (0.1, 3)),
    "relu of negatives": (graph.relu, lambda x: np.where(x > 0, x, 0), (-3, -0.1)),
    "cube by **": (lambda x: x**3, lambda x: x * x * x, (-3, 3)),
    "base": (lambda x: 2.5**x, lambda x: 2.5**x, (-3, 3)),
    "1 / x": (lambda x: 1 / x, lambda x: 1 / x, (0.3, 3)),
    "2 − x": (lambda x: 2 - x, lambda x: 2 - x, (-3, 3)),
    "sum": (lambda x: x.sum(), np.sum, (-3, 3)),
    "mean": (lambda x: x.mean(), np.mean, (-3, 3)),
}
BINARY = {
    "add": (lambda a, b: a + b, np.add, (-3, 3)),
    "sub": (lambda a, b: a - b, np.subtract, (-3, 3)),
    "mul": (lambda a, b: a * b, np.multiply, (-3, 3)),
    "div": (lambda a, b: a / b, np.divide, (0.3, 3)),
    "pow": (lambda a, b: a**b, np.power, (0.3, 3)),
    "maximum": (graph.maximum, np.maximum, (-3, 3)),
}

shapes = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@st.composite
def broadcast_pair(draw):
    """Two shapes that broadcast: axes cut off in front, and lengths replaced by 1."""
    whole = draw(shapes)

    def reduced():
        cut = draw(st.integers(0, len(whole)))
        return tuple(n if draw(st.booleans()) else 1 for n in whole[cut:])

    return reduced(), reduced()


def draw_values(seed, shape, low, high, dtype=np.float64):
    return np.asarray(np.random.default_rng(seed).uniform(low, high, shape), dtype=dtype)


def agree(got, want, dtype):
    assert np.shape(got) == np.shape(want)
    tolerance = 1e-6 if dtype == np.float64 else 2e-3
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", UNARY)
@settings(max_examples=12, deadline=None)
@given(shape=shapes, seed=st.integers(0, 1000), dtype=st.sampled_from([np.float64, np.float32]))
def test_one_argument(name, shape, seed, dtype):
    build, plain, (low, high) = UNARY[name]
    value = draw_values(seed, shape, low, high, dtype)
    x = variable(value)
    y = build(x)
    agree(y.value, plain(value), dtype)
    y.backward(np.ones(y.shape))
    agree(x.gradient, numeric(plain, [value], 0), dtype)
    if shape:
        assert x.gradient.dtype == dtype
    if not y.shape:
        agree(Graph(y).forward_mode([x])[Graph(y).order[0]], x.gradient, dtype)


@pytest.mark.parametrize("name", BINARY)
@settings(max_examples=20, deadline=None)
@given(pair=broadcast_pair(), seed=st.integers(0, 1000), dtype=st.sampled_from([np.float64, np.float32]))
def test_two_arguments_broadcast(name, pair, seed, dtype):
    build, plain, (low, high) = BINARY[name]
    values = [draw_values(seed + i, shape, low, high, dtype) for i, shape in enumerate(pair)]
    a, b = map(variable, values)
    y = build(a, b)
    agree(y.value, plain(*values), dtype)
    y.backward(np.ones(y.shape))
    agree(a.gradient, numeric(plain, values, 0), dtype)
    agree(b.gradient, numeric(plain, values, 1), dtype)
    total = y.sum() if y.shape else y
    forward = Graph(total).forward_mode([a, b])
    for found, node in zip(forward.values(), (a, b), strict=True):
        agree(found, node.gradient, dtype)


@pytest.mark.parametrize("name", BINARY)
def test_numbers_and_arrays_on_either_side(name):
    build, plain, _ = BINARY[name]
    array = np.array([[0.5, 1.5], [2.0, 3.0]])
    for other in (2, 2.5, np.float64(2.5), np.array([1.0, 3.0]), np.array([[1], [2]])):
        x = variable(array)
        agree(build(x, other).value, plain(array, other), np.float64)
        left = build(other, x)
        assert isinstance(left, Node)
        agree(left.value, plain(other, array), np.float64)
        left.backward(np.ones(left.shape))
        agree(x.gradient, numeric(lambda v, other=other: plain(other, v), [array], 0), np.float64)


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3), (3, 4)), ((3,), (3, 4)), ((2, 3), (3,)), ((3,), (3,)), ((1, 1), (1, 1))],
    ids=str,
)
def test_matmul(left, right, rng):
    values = rng.normal(size=left), rng.normal(size=right)
    a, b = map(variable, values)
    y = a @ b
    agree(y.value, values[0] @ values[1], np.float64)
    seed = rng.normal(size=y.shape)
    y.backward(seed)
    for index, node in enumerate((a, b)):
        agree(node.gradient, numeric(lambda p, q: (p @ q) * seed, values, index), np.float64)
    total = (y * seed).sum()
    agree(list(Graph(total).forward_mode([a, b]).values())[1], b.gradient, np.float64)


AXES = [None, 0, -1, (0, 2), (1,)]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("name", ["sum", "mean", "logsumexp"])
def test_reductions(name, axis, keepdims, rng):
    value = rng.normal(size=(2, 3, 4))

    def plain(x):
        if name == "logsumexp":
            return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))
        return getattr(np, name)(x, axis=axis, keepdims=keepdims)

    x = variable(value)
    y = (graph.logsumexp if name == "logsumexp" else getattr(Node, name))(x, axis=axis, keepdims=keepdims)
    agree(y.value, plain(value), np.float64)
    seed = rng.normal(size=y.shape)
    y.backward(seed)
    agree(x.gradient, numeric(lambda v: plain(v) * seed, [value], 0), np.float64)
    agree(Graph((y * seed).sum()).forward_mode([x])["variable1"], x.gradient, np.float64)


REARRANGED = {
    "reshape": lambda x: x.reshape(4, 6),
    "reshape with -1": lambda x: x.reshape((-1, 2)),
    "T": lambda x: x.T,
    "transpose": lambda x: x.transpose(1, 2, 0),
    "negative axes": lambda x: x.transpose((-1, 0, 1)),
    "an integer": lambda x: x[1],
    "one entry": lambda x: x[1, 2, -1],
    "slices": lambda x: x[:, ::2, 1:3],
    "newaxis and ellipsis": lambda x: x[..., None, 0],
    "an index that repeats": lambda x: x[:, [0, 2, 2, 2]],
    "pairs": lambda x: x[[0, 1, 1], [2, 0, 0]],
    "a mask": lambda x: x[np.arange(24).reshape(2, 3, 4) % 3 == 0],
}


@pytest.mark.parametrize("name", REARRANGED)
def test_rearranging(name, rng):
    value, build = rng.normal(size=(2, 3, 4)), REARRANGED[name]
    x = variable(value)
    y = build(x)
    agree(y.value, build(value), np.float64)
    seed = rng.normal(size=y.shape)
    y.backward(seed)
    agree(x.gradient, numeric(lambda v: build(v) * seed, [value], 0), np.float64)
    if y.shape:
        agree(Graph((y * seed).sum()).forward_mode([x])["variable1"], x.gradient, np.float64)


@pytest.mark.parametrize("shape", [(), (4,), (2, 3)], ids=str)
def test_cross_entropy_from_logits(shape, rng):
    labels, logits = rng.random(shape), rng.normal(size=shape)

    def plain(y, z):
        p = 1 / (1 + np.exp(-z))
        return -(y * np.log(p) + (1 - y) * np.log(1 - p))

    y, z = variable(labels), variable(logits)
    loss = graph.binary_crossentropy_from_logits(y, z)
    agree(loss.value, plain(labels, logits), np.float64)
    loss.backward(np.ones(shape))
    agree(y.gradient, numeric(plain, [labels, logits], 0), np.float64)
    agree(z.gradient, numeric(plain, [labels, logits], 1), np.float64)


@pytest.mark.parametrize(("label", "logit", "exact"), [(1, 1000, 0), (0, 1000, 1000), (1, -1000, 1000), (0, -1000, 0)])
def test_cross_entropy_is_exact_far_out(label, logit, exact):
    for wrap in (float, lambda v: np.array([float(v)])):
        z = variable(wrap(logit))
        loss = graph.binary_crossentropy_from_logits(wrap(label), z)
        assert np.all(loss.value == exact)
        loss.backward(np.ones(loss.shape))
        assert np.all(z.gradient == (logit > 0) - label)


def test_small_losses_keep_their_digits():
    loss = graph.binary_crossentropy_from_logits(constant(1.0), variable(30.0))
    assert loss.value == pytest.approx(math.log1p(math.exp(-30)), rel=1e-14)


def test_cross_entropy_refuses_a_table_of_losses():
    with pytest.raises(ValueError, match=r"labels \(3,\) and logits \(3, 1\)"):
        graph.binary_crossentropy_from_logits(np.zeros(3), variable(np.zeros((3, 1))))


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "relu"])
@pytest.mark.parametrize("wrap", [float, lambda v: np.array([v]), lambda v: np.array([v], np.float32)])
@pytest.mark.filterwarnings("error")
def test_activations_far_out(name, wrap):
    limits = {"sigmoid": (0, 1), "tanh": (-1, 1), "softplus": (0, 1000), "relu": (0, 1000)}[name]
    slopes = {"sigmoid": (0, 0), "tanh": (0, 0), "softplus": (0, 1), "relu": (0, 1)}[name]
    for z, limit, slope in zip((-1000.0, 1000.0), limits, slopes, strict=True):
        x = variable(wrap(z))
        y = getattr(graph, name)(x)
        y.backward(np.ones(y.shape))
        assert np.all(y.value == limit)
        assert np.all(x.gradient == slope)


def test_softmax_sums_to_one_and_differentiates(rng):
    logits, seed = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    x = variable(logits)
    p = graph.softmax(x)
    np.testing.assert_allclose(p.value.sum(axis=1), 1, rtol=1e-15)
    p.backward(seed)

    def plain(v):
        e = np.exp(v)
        return e / e.sum(axis=1, keepdims=True) * seed

    agree(x.gradient, numeric(plain, [logits], 0), np.float64)


def test_kinks():
    x = variable([0.0, 0.0])
    graph.relu(x).backward([1, 1])
    assert x.gradient.tolist() == [0, 0]
    abs(x).backward([1, 1])
    assert x.gradient.tolist() == [0, 0]
    a, b = variables(a=1, b=1)
    graph.maximum(a, b).backward()
    assert (a.gradient, b.gradient) == (0.5, 0.5)


def test_power_at_zero():
    for base, exponent, slope in ((0, 1, 1), (0, 2, 0), (0, 0, 0), (3, 0, 0)):
        w = variable(base)
        (w**exponent).backward()
        assert w.gradient == slope
        w = variable([float(base)])
        (w**exponent).backward([1])
        assert w.gradient == [slope]
    e = variable(2.0)
    (0**e).backward()
    assert e.gradient == 0


def test_the_notes_example():
    J = notes_example()
    whole = Graph(J)
    assert {name: whole[name].value for name in "cadJ"} == {"c": -4, "a": 4, "d": 2, "J": 2}
    assert whole.backward() == {"d": 2, "a": 2, "b": 2, "c": 2, "w": -4, "x": 4, "y": -2, "J": 1}
    assert whole.forward_mode() == {"w": -4, "x": 4, "b": 2, "y": -2}
    assert all(isinstance(node.value, float) for node in whole.nodes)


def test_forward_computes_again_without_building():
    whole = Graph(notes_example())
    whole.backward()
    for w, b in itertools.product((-1, 0.5, 3), (2, 4)):
        assert whole.forward({"w": w, whole["b"]: b}) == 0.5 * (w * -2 + b - 2) ** 2
        assert whole["w"].gradient is None
        assert whole.backward()["w"] == (w * -2 + b - 2) * -2


def test_repeated_parents_draw_two_edges():
    w = variable(3, "w")
    y = (w * w).named("y")
    whole = Graph(y)
    assert whole.parents == {"w": (), "y": ("w", "w")}
    assert whole.backward() == {"w": 6, "y": 1}
    assert whole.reverse_mode_visits == 2


def test_fan_out_adds_up(rng):
    value = rng.normal()
    w = variable(value)
    y = graph.sin(w) * graph.exp(w) + w / graph.cos(w) - w
    y.backward()
    s, c, e = math.sin(value), math.cos(value), math.exp(value)
    assert w.gradient == pytest.approx(c * e + s * e + 1 / c + value * s / c**2 - 1)


def test_gradients_are_replaced_not_added_to():
    w = variable(3)
    y = w * w
    y.backward()
    y.backward()
    assert w.gradient == 6


def test_what_is_constant_gets_no_gradient():
    w, x = variable(3, "w"), constant(2, "x")
    y = w * x + graph.exp(x)
    whole = Graph(y)
    whole.backward()
    assert x.gradient is None
    assert whole.reverse_mode_visits == 2  # y → w·x → w
    with pytest.raises(ValueError, match=r"constant.*variable\("):
        gradients(y, [x])
    with pytest.raises(ValueError, match="no variable leads to"):
        graph.exp(x).backward()


def test_inputs_the_output_does_not_depend_on():
    w, v = variable(3), variable([1.0, 2.0])
    v.sum().backward()
    first, second = gradients(w * w, [w, v])
    assert first == 6
    assert second.tolist() == [0, 0]
    assert [node.value.tolist() for node in gradient_graph((v * v).sum(), [v])] == [[2, 4]]
    assert gradient_graph(w * w, [w, v])[1].value.tolist() == [0, 0]


def test_gradients_by_what_is_in_between():
    whole = Graph(notes_example())
    assert gradients(whole.output, [whole["d"], whole["a"], whole["w"]]) == [2, 2, -4]


def test_array_outputs_need_a_seed():
    x = variable([1.0, 2.0])
    with pytest.raises(ValueError, match=r"shape \(2,\) needs a seed"):
        (2 * x).backward()
    with pytest.raises(ValueError, match=r"seed has shape \(3,\), the output \(2,\)"):
        (2 * x).backward([1, 2, 3])
    (2 * x).backward([1, 10])
    assert x.gradient.tolist() == [2, 20]


# A chain that is deeper than any recursion would bear.
DEEP = 100_000


def deep_chain(length=DEEP):
    w = variable(1.0, "w")
    y = w
    for _ in range(length):
        y = y + w
    return w, y


def test_a_deep_chain():
    assert sys.getrecursionlimit() < DEEP
    w, y = deep_chain()
    y.backward()
    assert (y.value, w.gradient) == (DEEP + 1, DEEP + 1)
    assert len(repr(y)) < 200
    whole = Graph(y)
    assert whole.forward({"w": 2.0}) == 2 * (DEEP + 1)
    assert whole.forward_mode() == {"w": DEEP + 1}
    assert whole.forward_mode_visits == 2 * DEEP
    assert whole.backward(["w"])["w"] == DEEP + 1
    assert whole.reverse_mode_visits == 2 * DEEP
    assert len(repr(whole)) < 200
    assert len(whole.trace()) == len(whole) + 1 + 2 * DEEP
    [slope] = gradient_graph(y, [w])
    assert slope.value == DEEP + 1


def test_a_deep_chain_is_copied_and_freed():
    w, y = deep_chain()
    twin = copy.deepcopy({"w": w, "y": y, "graph": Graph(y)})
    assert twin["y"] is not y
    assert twin["graph"].output is twin["y"]
    twin["y"].backward()
    assert twin["w"].gradient == DEEP + 1
    assert w.gradient is None
    assert copy.copy(y).left is y.left
    watched = weakref.ref(y.left)
    gc.disable()  # counting references is enough: there are no cycles
    try:
        del y
        assert watched() is None
    finally:
        gc.enable()


# Random graphs, checked against every path there is.


@st.composite
def random_graph(draw):
    """A scalar graph of sums, products and sines, with repeated parents and dead ends."""
    leaves = draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    nodes = [
        variable(rng.normal(), f"p{i}") if rng.random() < 0.8 else constant(rng.normal(), f"p{i}")
        for i in range(leaves)
    ]
    for i in range(draw(st.integers(1, 7))):
        a, b = (nodes[k] for k in rng.integers(len(nodes), size=2))
        nodes.append([lambda a, b: a + b, lambda a, b: a * b, lambda a, b: graph.sin(a)][rng.integers(3)](a, b))
        nodes[-1].named(f"n{i}")
    return nodes[-1]


def all_paths(parents, start, end):
    """Every path from start down to end, as a list of edges (node, argument)."""
    if start == end:
        yield []
    for argument, parent in enumerate(parents[start]):
        for rest in all_paths(parents, parent, end):
            yield [(start, argument), *rest]


@settings(max_examples=80, deadline=None)
@given(output=random_graph())
def test_gradients_and_visits_against_every_path(output):
    whole = Graph(output)
    parameters = [name for name in whole.order if not whole.parents[name] and whole[name].varies]
    end = whole.order[-1]
    if not parameters:
        return
    local, found = whole.local, whole.backward(parameters)
    visited = {}
    for name in parameters:
        paths = list(all_paths(whole.parents, end, name))
        visited[name] = {edge for path in paths for edge in path}
        by_paths = sum(math.prod(local[node][argument] for node, argument in path) for path in paths)
        assert found[name] == pytest.approx(by_paths, rel=1e-9, abs=1e-12)
    assert whole.reverse_mode_visits == len(set().union(*visited.values()))
    assert whole.backward() == pytest.approx(found)
    assert whole.reverse_mode_visits == len(set().union(*visited.values()))
    assert whole.forward_mode(parameters) == pytest.approx({name: found[name] for name in parameters})
    assert whole.forward_mode_visits == sum(map(len, visited.values()))
    for name in parameters:
        whole.backward([name])
        assert whole.reverse_mode_visits == len(visited[name])


@settings(max_examples=30, deadline=None)
@given(output=random_graph())
def test_trace_tells_the_same_story(output):
    whole = Graph(output)
    if not output.varies:
        return
    steps = whole.trace()
    assert all(node.gradient is None for node in whole.nodes)
    found = whole.backward()
    forward = [step for step in steps if step.sweep == "forward"]
    backward = [step for step in steps if step.sweep == "backward"]
    assert [step.node for step in forward] == whole.order
    assert [step.value for step in forward] == [node.value for node in whole.nodes]
    assert whole.trace(gradients=False) == forward
    assert len(backward) == 1 + whole.reverse_mode_visits
    last = {step.node: step.value for step in backward}
    assert last == pytest.approx(found)
    for name, gradient in last.items():
        assert sum(step.arriving for step in backward if step.node == name) == pytest.approx(gradient)
    assert len({(step.source, step.argument) for step in backward}) == len(backward)


def test_the_sweep_forward_is_told_of_array_outputs_too():
    whole = Graph((variable([[1.0, 2.0]], "x") * 3.0).named("y"))
    assert [step.node for step in whole.trace(gradients=False)] == whole.order
    with pytest.raises(ValueError, match=r"gradient of an array of shape \(1, 2\) needs a seed"):
        whole.trace()


def test_trace_reads_as_in_the_notes():
    lines = [step.formula for step in Graph(notes_example()).trace(["w", "b"])]
    assert lines[4:8] == [
        "c = w × x = 2 × (-2) = -4",
        "a = c + b = (-4) + 8 = 4",
        "d = a − y = 4 − 2 = 2",
        "J = ½(d)² = ½(2)² = 2",
    ]
    assert lines[8:] == [
        "∂J/∂J = 1",
        "∂J/∂d += ∂J/∂J · ∂J/∂d = 1 · 2 = 2",
        "∂J/∂a += ∂J/∂d · ∂d/∂a = 2 · 1 = 2",
        "∂J/∂c += ∂J/∂a · ∂a/∂c = 2 · 1 = 2",
        "∂J/∂b += ∂J/∂a · ∂a/∂b = 2 · 1 = 2",
        "∂J/∂w += ∂J/∂c · ∂c/∂w = 2 · -2 = -4",
    ]


def backpropagate(order, parents, local, output):
    """What the course's sixth unit has its reader write."""
    gradient = dict.fromkeys(order, 0.0)
    gradient[output] = 1.0
    for node in reversed(order):
        for parent, slope in zip(parents[node], local[node], strict=True):
            gradient[parent] += gradient[node] * slope
    return gradient


def test_a_readers_backpropagation_runs_on_scalars():
    whole = Graph(notes_example())
    assert backpropagate(whole.order, whole.parents, whole.local, "J") == whole.backward()


def small_network(rng):
    X, y = constant(rng.normal(size=(5, 3)), "X"), constant(rng.integers(0, 2, (5, 1)), "y")
    W1, b1 = variable(rng.normal(size=(3, 4)), "W1"), variable(rng.normal(size=4), "b1")
    W2, b2 = variable(rng.normal(size=(4, 1)), "W2"), variable(rng.normal(size=1), "b2")
    z = graph.tanh(X @ W1 + b1) @ W2 + b2
    cost = graph.binary_crossentropy_from_logits(y, z).mean() + 0.1 * graph.square(W1).sum()
    return cost.named("J"), [W1, b1, W2, b2]


def test_a_readers_backpropagation_runs_on_a_network(rng):
    cost, parameters = small_network(rng)
    whole = Graph(cost)
    found = backpropagate(whole.order, whole.parents, whole.local, "J")
    for name, gradient in whole.backward([node.name for node in parameters]).items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-12)


def test_jacobians_written_out(rng):
    cost, _ = small_network(rng)
    whole = Graph(cost)
    for name, maps in whole.local.items():
        node = whole[name]
        for argument, (parent, slope) in enumerate(zip(node.parents, maps, strict=True)):
            if not isinstance(slope, Jacobian):
                continue
            matrix = slope.matrix()
            assert matrix.shape == (node.size, parent.size) == slope.shape

            def moved(value, node=node, argument=argument):
                arguments = [each.value for each in node.parents]
                arguments[argument] = value
                return node.operation.value(*arguments, *node.options)

            for row, seed in zip(matrix, np.eye(node.size), strict=True):
                shaped = seed.reshape(node.shape)
                want = numeric(lambda v: moved(v) * shaped, [parent.value], 0)  # noqa: B023 -- called at once
                np.testing.assert_allclose(row, want.ravel(), atol=1e-6)


def test_forward_mode_agrees_with_reverse_mode_on_a_network(rng):
    cost, parameters = small_network(rng)
    whole = Graph(cost)
    reverse = whole.backward()
    for name, gradient in whole.forward_mode().items():
        np.testing.assert_allclose(gradient, reverse[name], rtol=1e-10)
    change = {node: rng.normal(size=node.shape) for node in parameters}
    want = sum(np.sum(change[node] * reverse[node.name]) for node in parameters)
    assert whole.tangent(change) == pytest.approx(want)


def test_tangent_of_an_array(rng):
    x = variable(rng.normal(size=(2, 3)), "x")
    y = graph.softmax(x)
    change = rng.normal(size=(2, 3))
    h = 1e-6
    want = (graph.softmax(x.value + h * change) - graph.softmax(x.value - h * change)) / (2 * h)
    np.testing.assert_allclose(Graph(y).tangent({"x": change}), want, atol=1e-8)


@pytest.mark.parametrize("name", [*UNARY, *BINARY, "matmul", "logsumexp", "index", "crossentropy"])
def test_second_derivatives(name, rng):
    """The gradient's own gradient against differences of the gradient."""
    extra = {
        "matmul": (lambda a, b: graph.square(a.reshape(2, 2) @ b.reshape(2, 2)), None, (-1, 1)),
        "logsumexp": (lambda a, b: graph.logsumexp(a * b), None, (-1, 1)),
        "index": (lambda a, b: a[[0, 0, 2]] ** 3 * b[1], None, (0.5, 1)),
        "crossentropy": (lambda a, b: graph.binary_crossentropy_from_logits(graph.sigmoid(a), b), None, (-1, 1)),
    }
    build, _, (low, high) = (UNARY | BINARY | extra)[name]
    a, b = variable(rng.uniform(low, high, 4)), variable(rng.uniform(low, high, 4))
    nodes = [a] if name in UNARY else [a, b]

    def cost():
        return (graph.sin(build(*nodes))).sum() if name not in ("sum", "mean") else graph.sin(build(*nodes))

    second = hessian(cost(), nodes)
    h, rows = 1e-5, []
    for node in nodes:
        for i in range(4):
            slopes = []
            for sign in (1, -1):
                node.value[i] += sign * h
                slopes.append(np.concatenate([np.ravel(g) for g in gradients(cost(), nodes)]))
                node.value[i] -= sign * h
            rows.append((slopes[0] - slopes[1]) / (2 * h))
    np.testing.assert_allclose(second, rows, rtol=1e-5, atol=1e-6)


def test_forward_mode_through_the_graph_of_a_gradient(rng):
    """A Hessian times a vector, without the Hessian."""
    x = variable(rng.normal(size=(3, 4)), "x")
    cost = graph.logsumexp(graph.tanh(x @ x.T), axis=None) + (x[[0, 0, 2]] ** 3).mean() * graph.exp(x.sum(axis=0)).sum()
    [slope] = gradient_graph(cost, [x])
    change = rng.normal(size=(3, 4))
    want = hessian(cost, [x]) @ change.ravel()
    np.testing.assert_allclose(Graph(slope).tangent({x: change}).ravel(), want, rtol=1e-9)


def test_third_derivative():
    w = variable(2.0)
    [first] = gradient_graph(w**4, [w])
    [second] = gradient_graph(first, [w])
    assert gradients(second, [w]) == [48]


def test_every_operation_is_written_down_and_has_a_rule():
    used = {name for name in OPERATIONS if OPERATIONS[name].flat or OPERATIONS[name].left != OPERATIONS[name]._no_rule}
    assert used == set(OPERATIONS)


def test_a_missing_rule_is_named():
    twice = define("twice_without_rule", lambda x: 2 * x)
    try:
        w = variable(1.0)
        with pytest.raises(NotImplementedError, match=r"'twice_without_rule' has no rule.*with a rule: abs, add"):
            (twice(w) + w).backward()
        assert w.gradient is None
    finally:
        del OPERATIONS["twice_without_rule"]


def test_operations_of_your_own():
    hypot = define("hypot", np.hypot, lambda g, y, a, b: g * a / y, lambda g, y, a, b: g * b / y)
    try:
        a, b = variable([3.0, 6.0]), variable(4.0)
        y = hypot(a, b)
        y.backward([1, 0])
        assert a.gradient.tolist() == [0.6, 0]
        assert b.gradient == 0.8
        np.testing.assert_allclose(hessian(y.sum(), [b]), np.sum(a.value**2 / y.value**3), rtol=1e-12)
        with pytest.raises(ValueError, match="already"):
            define("hypot", np.hypot)
    finally:
        del OPERATIONS["hypot"]


def test_rules_that_forget_the_gradient_are_named():
    forgets = define("forgets", lambda x: 2 * x, lambda g, y, x: 2)
    try:
        w = variable(1.0)
        forgets(w).backward()
        assert w.gradient == 2
        x = variable([1.0, 2.0])
        with pytest.raises(ValueError, match=r"derivative of 'forgets' gave shape \(\); it needs that of g, \(2,\)"):
            forgets(x).backward([1, 1])
        assert x.gradient is None
    finally:
        del OPERATIONS["forgets"]


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (math.nan, ValueError, "variable 'w' holds NaN"),
        ([1.0, math.inf], ValueError, "variable 'w' holds infinity"),
        ([], ValueError, r"variable 'w' is empty, shape \(0,\)"),
        ("3", TypeError, "real number"),
        (1j, TypeError, "real number"),
        (None, TypeError, "real number"),
        (variable(1), TypeError, "a node already"),
    ],
    ids=str,
)
def test_leaves_that_are_refused(value, error, message):
    with pytest.raises(error, match=message):
        variable(value, "w")


def test_constants_in_expressions_are_checked_too():
    with pytest.raises(ValueError, match="NaN"):
        variable(1.0) * math.nan
    with pytest.raises(ValueError, match="infinity"):
        variable(1.0) + np.array([math.inf])


def test_shapes_that_do_not_fit():
    a, b = variable(np.zeros((2, 3))), variable(np.zeros(4))
    with pytest.raises(ValueError, match=r"add does not take shapes \(2, 3\) and \(4,\)"):
        a + b
    with pytest.raises(ValueError, match=r"matmul does not take shapes \(2, 3\) and \(2, 3\)"):
        a @ a
    with pytest.raises(ValueError, match=r"matmul does not take shapes \(2, 3\) and \(\)"):
        a @ 2.0
    with pytest.raises(ValueError, match=r"reshape does not take shapes \(2, 3\)"):
        a.reshape(5)
    with pytest.raises(ValueError, match=r"sum does not take shapes \(2, 3\)"):
        a.sum(axis=2)


def test_whole_graph_refuses():
    whole = Graph(notes_example())
    with pytest.raises(KeyError, match="no node 'W'"):
        whole["W"]
    with pytest.raises(ValueError, match="'c' is computed by mul"):
        whole.forward({"c": 1})
    with pytest.raises(ValueError, match=r"value of 'w' has shape \(2,\); the graph was built for \(\)"):
        whole.forward({"w": [1, 2]})
    with pytest.raises(ValueError, match="value of 'w' holds NaN"):
        whole.forward({"w": math.nan})
    with pytest.raises(ValueError, match="not in the graph"):
        whole.forward({variable(1): 1})
    with pytest.raises(ValueError, match=r"change of 'w' has shape \(2,\), the node \(\)"):
        whole.tangent({"w": [1, 2]})
    with pytest.raises(TypeError, match="must be a node"):
        gradients(3.0, [])
    assert whole["J"].value == 2


def test_one_over_zero_is_infinite_as_in_numpy():
    w = variable(0.0)
    with pytest.warns(RuntimeWarning):
        y = 1 / w
    y.backward()
    assert (y.value, w.gradient) == (math.inf, -math.inf)
    s = graph.sqrt(w)
    with pytest.warns(RuntimeWarning):
        s.backward()
    assert w.gradient == math.inf
    with pytest.warns(RuntimeWarning):
        assert math.isnan(((w - 8) ** 0.5).value)


def test_numpy_functions_make_nodes():
    """A function written for arrays runs on nodes, and so can be differentiated."""

    def loss(z):
        return np.mean(np.maximum(0, z) - z * 0.5 + np.log(1 + np.exp(-np.abs(z))))

    value = np.array([-2.0, 0.5, 3.0])
    z = variable(value)
    y = loss(z)
    assert y.value == pytest.approx(loss(value))
    y.backward()
    agree(z.gradient, numeric(loss, [value], 0), np.float64)
    assert isinstance(value * z, Node)
    assert isinstance(np.ones((2, 3)) @ z, Node)
    assert isinstance(np.float64(2) * z, Node)
    with pytest.raises(TypeError, match=r"numpy\.arctan does not take nodes; NumPy's functions that do: "):
        np.arctan(z)
    with pytest.raises(TypeError, match="without options"):
        np.add(z, z, out=np.zeros(3))


def test_plain_values_stay_plain():
    assert graph.exp(0) == 1.0
    assert type(graph.exp(0)) is float
    assert graph.relu([-1, 2]).tolist() == [0, 2]
    assert graph.maximum(2, 3) == 3
    assert graph.tanh(np.float32([0.5])).dtype == np.float32
    assert graph.logsumexp([0.0, 0.0]) == pytest.approx(math.log(2))


def test_values_are_not_copied_or_changed(rng):
    kernel = rng.normal(size=(3, 2))
    before = kernel.copy()
    W = variable(kernel)
    assert W.value is kernel
    ((np.ones((4, 3)) @ W) ** 2).sum().backward()
    assert np.array_equal(kernel, before)
    assert variable(np.array([1, 2])).value.dtype == np.float64
    strided = variable(np.arange(12.0).reshape(3, 4)[:, ::2])
    strided.sum().backward()
    assert strided.gradient.shape == (3, 2)


def test_float32_stays_float32(rng):
    X, W, b = (rng.normal(size=s).astype(np.float32) for s in ((5, 3), (3, 2), (2,)))
    W, b = variable(W), variable(b)
    z = graph.relu(constant(X) @ W * 2 + b) / 3 - 1
    loss = (graph.square(z).mean(axis=1) + graph.logsumexp(z) + z[:, 0]).sum() * 0.5
    loss.backward()
    assert z.value.dtype == np.float32
    assert (W.gradient.dtype, b.gradient.dtype) == (np.float32, np.float32)


def test_describe_lists_what_there_is_to_draw():
    whole = Graph(notes_example())
    assert all(info.gradient is None for info in whole.describe())
    whole.backward()
    infos = {info.name: info for info in whole.describe()}
    assert list(infos) == ["w", "x", "b", "y", "c", "a", "d", "J"]
    assert infos["c"] == ("c", "operation", "×", -4, 2, ("w", "x"))
    assert infos["w"][:4] == ("w", "variable", "", 2)
    assert [infos[name].symbol for name in "cadJ"] == ["×", "+", "−", "½( )²"]
    assert graph.exp(variable(1)).operation.symbol == "exp"


def test_names_are_unique():
    v = variable(1.0, "z")
    y = graph.exp(graph.exp(v.sum() + 1).named("z") * 2).named("z2") + v
    names = Graph(y).order
    assert len(set(names)) == len(names) == len(topological_order(y))
    assert "z" in names
    assert Graph(y)["z2"].operation.name == "exp"


def test_repr_names_the_arguments():
    w, x = variables(w=2, x=-2)
    assert repr(w * x) == "Node(mul(w, x), value=-4)"
    assert repr(graph.exp(w * 2)) == "Node(exp(mul), value=54.5982)"
    assert repr(w * 2) == "Node(mul(w, 2), value=4)"
    assert repr(variable(np.zeros((2, 3)), "W")) == "Node(W = variable, value=array(2, 3))"


def test_numbers_alone_cannot_be_indexed_nor_nodes_index():
    x = variable([1.0, 2.0])
    with pytest.raises(TypeError, match="scalar node cannot be indexed"):
        x[0][0]
    with pytest.raises(TypeError, match="not a node"):
        x[variable(0)]
    assert [node.value for node in x] == [1.0, 2.0]
