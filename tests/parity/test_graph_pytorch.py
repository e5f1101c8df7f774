"""Graphs against PyTorch: values, gradients, second derivatives and Jacobian-vector products."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the parity extra")

from chainrule import graph  # noqa: E402
from chainrule.graph import Graph, constant, gradient_graph, gradients, hessian, variable  # noqa: E402

pytestmark = pytest.mark.parity

F = torch.nn.functional

# Each program twice: with our functions on our nodes, with theirs on their tensors.
ELEMENTWISE = {
    "exp": (graph.exp, torch.exp),
    "log of the absolute value": (lambda x: graph.log(abs(x)), lambda x: torch.log(abs(x))),
    "sqrt of the square": (lambda x: graph.sqrt(graph.square(x)), lambda x: torch.sqrt(torch.square(x))),
    "sin times cos": (lambda x: graph.sin(x) * graph.cos(x), lambda x: torch.sin(x) * torch.cos(x)),
    "tanh": (graph.tanh, torch.tanh),
    "sigmoid": (graph.sigmoid, torch.sigmoid),
    "softplus": (graph.softplus, F.softplus),
    "relu": (graph.relu, torch.relu),
    "maximum": (lambda x: graph.maximum(x, 0.5 * x), lambda x: torch.maximum(x, 0.5 * x)),
    "fractions": (lambda x: (1 - x) / (2 + x * x), lambda x: (1 - x) / (2 + x * x)),
    "powers": (lambda x: abs(x) ** 1.5 + 2**x - x**3, lambda x: abs(x) ** 1.5 + 2**x - x**3),
    "sign": (lambda x: graph.sign(x) * x, lambda x: torch.sign(x) * x),
    "softmax": (graph.softmax, lambda x: torch.softmax(x, -1)),
    "log-softmax": (lambda x: graph.log_softmax(x, axis=0), lambda x: torch.log_softmax(x, 0)),
}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_functions(name, dtype, rng):
    ours, theirs = ELEMENTWISE[name]
    value = (3 * rng.normal(size=(3, 4))).astype(dtype)
    seed = rng.normal(size=(3, 4)).astype(dtype)
    x, t = variable(value), torch.tensor(value, requires_grad=True)
    y, u = ours(x), theirs(t)
    tolerance = {"rtol": 1e-12, "atol": 1e-13} if dtype == np.float64 else {"rtol": 2e-4, "atol": 2e-5}
    np.testing.assert_allclose(y.value, u.detach(), **tolerance)
    y.backward(seed)
    u.backward(torch.tensor(seed))
    np.testing.assert_allclose(x.gradient, t.grad, **tolerance)
    assert x.gradient.dtype == dtype


def test_ties_and_kinks():
    value = np.array([-1.0, 0.0, 2.0])
    for ours, theirs in (
        (graph.relu, torch.relu),
        (abs, abs),
        (lambda x: graph.maximum(x, np.zeros(3)), lambda x: torch.maximum(x, torch.zeros(3, dtype=torch.float64))),
        (lambda x: x**2, lambda x: x**2),
        (lambda x: x**0, lambda x: x**0),
        (lambda x: x**1, lambda x: x**1),
    ):
        x, t = variable(value), torch.tensor(value, requires_grad=True)
        ours(x).sum().backward()
        theirs(t).sum().backward()
        assert x.gradient.tolist() == t.grad.tolist()


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("loss", ["binary", "squares", "classes"])
def test_networks(activation, loss, rng):
    """A two-layer network with broadcasting biases, fan-out and a penalty: gradients and the Hessian."""
    X, y = rng.normal(size=(6, 3)), rng.integers(0, 2, (6, 2)).astype(float)
    arrays = [rng.normal(size=shape) for shape in ((3, 4), (4,), (4, 2), (1, 2))]

    def ours(W1, b1, W2, b2):
        z = getattr(graph, activation)(constant(X) @ W1 + b1) @ W2 + b2
        if loss == "binary":
            cost = graph.binary_crossentropy_from_logits(y, z).mean()
        elif loss == "squares":
            cost = graph.half_square(z - y).sum(axis=1).mean()
        else:
            cost = (graph.logsumexp(z) - z[np.arange(6), y[:, 0].astype(int)]).mean()
        return cost + 0.01 * (W1 * W1).sum() + 0.01 * abs(W2).sum()

    def theirs(W1, b1, W2, b2):
        z = getattr(torch, activation)(torch.tensor(X) @ W1 + b1) @ W2 + b2
        if loss == "binary":
            cost = F.binary_cross_entropy_with_logits(z, torch.tensor(y))
        elif loss == "squares":
            cost = 0.5 * F.mse_loss(z, torch.tensor(y), reduction="sum") / 6
        else:
            cost = F.cross_entropy(z, torch.tensor(y[:, 0].astype(int)))
        return cost + 0.01 * (W1 * W1).sum() + 0.01 * abs(W2).sum()

    nodes = [variable(each) for each in arrays]
    tensors = [torch.tensor(each, requires_grad=True) for each in arrays]
    cost, their_cost = ours(*nodes), theirs(*tensors)
    assert cost.value == pytest.approx(their_cost.item(), rel=1e-13)
    for mine, their in zip(gradients(cost, nodes), torch.autograd.grad(their_cost, tensors), strict=True):
        np.testing.assert_allclose(mine, their, rtol=1e-11, atol=1e-14)
    blocks = torch.autograd.functional.hessian(theirs, tuple(tensors))
    want = np.vstack(
        [
            np.hstack([block.reshape(a.size, b.size) for block, b in zip(row, arrays, strict=True)])
            for row, a in zip(blocks, arrays, strict=True)
        ]
    )
    np.testing.assert_allclose(hessian(cost, nodes), want, rtol=1e-9, atol=1e-12)
    changes = [rng.normal(size=each.shape) for each in arrays]
    _, want = torch.autograd.functional.jvp(theirs, tuple(tensors), tuple(map(torch.tensor, changes)))
    found = Graph(cost).tangent(dict(zip(nodes, changes, strict=True)))
    assert found == pytest.approx(want.item(), rel=1e-11)


def test_a_penalty_on_the_gradient(rng):
    """The gradient of a cost that has a gradient in it."""
    value = rng.normal(size=5)
    w = variable(value)
    [slope] = gradient_graph(graph.tanh(w * w).sum(), [w])
    [mine] = gradients((slope * slope).sum(), [w])
    t = torch.tensor(value, requires_grad=True)
    [their_slope] = torch.autograd.grad(torch.tanh(t * t).sum(), t, create_graph=True)
    (their_slope**2).sum().backward()
    np.testing.assert_allclose(mine, t.grad, rtol=1e-11)


def test_sixty_steps_of_training_stay_together(rng):
    """Built anew at each step, and computed again without building: both stay on PyTorch's path."""
    X, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 1))
    start = [rng.normal(size=shape) for shape in ((3, 5), (5,), (5, 1), (1,))]
    tensors = [torch.tensor(each, requires_grad=True) for each in start]
    optimizer = torch.optim.SGD(tensors, lr=0.05)
    data = torch.tensor(X), torch.tensor(y)

    def cost(W1, b1, W2, b2):
        return graph.square(graph.tanh(X @ W1 + b1) @ W2 + b2 - y).mean()

    anew = [each.copy() for each in start]
    again = Graph(cost(*map(variable, start)))
    kept = again.variables
    for _ in range(60):
        W1, b1, W2, b2 = tensors
        optimizer.zero_grad()
        ((torch.tanh(data[0] @ W1 + b1) @ W2 + b2 - data[1]) ** 2).mean().backward()
        optimizer.step()
        nodes = [variable(each) for each in anew]
        anew = [w - 0.05 * g for w, g in zip(anew, gradients(cost(*nodes), nodes), strict=True)]
        again.backward()
        again.forward({node: node.value - 0.05 * node.gradient for node in kept})
    for tensor, array, node in zip(tensors, anew, kept, strict=True):
        np.testing.assert_allclose(array, tensor.detach(), rtol=1e-10)
        np.testing.assert_allclose(node.value, tensor.detach(), rtol=1e-10)
