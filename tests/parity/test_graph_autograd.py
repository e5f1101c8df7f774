"""Graphs against HIPS autograd, on the same Python function of NumPy: both differentiate what NumPy would compute."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

autograd = pytest.importorskip("autograd", reason="needs the parity extra")
anp = pytest.importorskip("autograd.numpy", reason="needs the parity extra")

from chainrule.graph import gradients, hessian, variable  # noqa: E402

pytestmark = pytest.mark.parity

# Programs of a module `n` (NumPy for nodes, autograd.numpy for autograd) and two arrays.
PROGRAMS = {
    "broadcasting": lambda n, a, b: n.sum(a * b + a / (2 + b * b) - b),
    "powers": lambda n, a, b: n.sum((1 + a * a) ** b),
    "fan-out": lambda n, a, b: n.mean(n.tanh(a) * n.exp(-n.abs(a)) + n.sin(a * b) / (1 + n.square(a))),
    "logistic": lambda n, a, b: n.mean(n.log(1 + n.exp(-a * b)) + n.maximum(a, b)),
    "indexing": lambda n, a, b: n.sum(a[0] * a[-1] + a[:, ::-1] * b[[0, 0]]),
    "rearranged": lambda n, a, b: n.sum(n.reshape(a, (-1,)) * n.reshape(n.transpose(a), (-1,)) * n.sum(b)),
    "products": lambda n, a, b: n.sum(n.tanh(n.dot(n.transpose(a), a) @ n.transpose(b)) ** 2),
    "axes": lambda n, a, b: n.sum(n.mean(a, axis=0) * n.sum(b, axis=0, keepdims=True) - n.sqrt(1 + a * a)),
}
SHAPES = {
    "broadcasting": [((2, 3), (3,)), ((2, 3), (2, 1)), ((4, 1, 2), (3, 1)), ((1, 1), (2, 3))],
    "powers": [((2, 3), (3,)), ((2, 1), (1, 3))],
    "fan-out": [((2, 3), (2, 3)), ((3,), (2, 1))],
    "logistic": [((2, 3), (2, 3)), ((2, 3), (1, 3))],
    "indexing": [((2, 3), (2, 3)), ((2, 2), (3, 2))],
    "rearranged": [((2, 3), (4,)), ((3, 2), (1, 1))],
    "products": [((2, 3), (4, 3)), ((3, 3), (1, 3))],
    "axes": [((2, 3), (4, 3)), ((5, 2), (1, 2))],
}
CASES = [(name, *shapes) for name, each in SHAPES.items() for shapes in each]


@pytest.mark.parametrize(("name", "first", "second"), CASES, ids=str)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_gradients(name, first, second, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=first), rng.normal(size=second)
    a, b = map(variable, values)
    output = PROGRAMS[name](np, a, b)
    want = autograd.grad(lambda a, b: PROGRAMS[name](anp, a, b), (0, 1))(*values)
    assert output.value == pytest.approx(float(PROGRAMS[name](np, *values)), rel=1e-12)
    for mine, their in zip(gradients(output, [a, b]), want, strict=True):
        np.testing.assert_allclose(mine, their, rtol=1e-9, atol=1e-11)


@pytest.mark.filterwarnings("ignore:Output seems independent")
@pytest.mark.parametrize("name", [name for name in PROGRAMS if name != "indexing"])
def test_second_derivatives(name):
    rng = np.random.default_rng(1)
    first, second = SHAPES[name][0]
    value, other = rng.normal(size=first), rng.normal(size=second)
    a = variable(value)
    want = autograd.hessian(lambda a: PROGRAMS[name](anp, a, other))(value)
    size = value.size
    found = hessian(PROGRAMS[name](np, a, other), [a])
    np.testing.assert_allclose(found, np.reshape(want, (size, size)), rtol=1e-9, atol=1e-11)


def test_scalars_of_a_long_chain():
    """A thousand operations on floats, none of them an array."""

    def chain(n, w):
        x = w
        for i in range(200):
            x = n.sin(x) * w + n.exp(-x * x) / (1 + n.square(w)) - 0.01 * i
        return x

    w = variable(0.7)
    [mine] = gradients(chain(np, w), [w])
    assert mine == pytest.approx(float(autograd.grad(lambda w: chain(anp, w))(0.7)), rel=1e-9)
