"""Activations, losses and optimizers against PyTorch's own derivatives and update rules."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the parity extra")

from chainrule import activations, losses, optimizers  # noqa: E402

pytestmark = pytest.mark.parity

F = torch.nn.functional
ACTIVATIONS = {
    "linear": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: F.leaky_relu(z, 0.2),
    "softplus": F.softplus,
    "softmax": lambda z: torch.softmax(z, -1),
    "elu": F.elu,
    "gelu": F.gelu,
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_and_their_backward_pass(name, dtype):
    rng = np.random.default_rng(0)
    z = rng.normal(0, 3, (40, 5)).astype(dtype)
    z[0] = 0
    gradient = rng.normal(size=z.shape).astype(dtype)
    theirs = torch.tensor(z, requires_grad=True)
    values = ACTIVATIONS[name](theirs)
    values.backward(torch.tensor(gradient))

    rule = activations.get(name)
    a = rule.forward(z, np.empty_like(z))
    mine = rule.backward(gradient, z, a, np.empty_like(z))
    tolerance = {"rtol": 1e-4, "atol": 1e-6} if dtype == "float32" else {"rtol": 1e-10, "atol": 1e-13}
    np.testing.assert_allclose(a, values.detach().numpy(), **tolerance)
    # At its kink PyTorch's ELU has slope 1, as ours; its leaky ReLU has the slope of the left, as ours.
    np.testing.assert_allclose(mine, theirs.grad.numpy(), **tolerance)
    if name != "softmax":
        np.testing.assert_allclose(rule.derivative(z) * gradient, theirs.grad.numpy(), **tolerance)


LOSSES = {
    "bce": (losses.BinaryCrossentropy(), lambda p, y: F.binary_cross_entropy(p, y)),
    "bce from logits": (
        losses.BinaryCrossentropy(from_logits=True),
        lambda p, y: F.binary_cross_entropy_with_logits(p, y),
    ),
    "categorical from logits": (losses.CategoricalCrossentropy(from_logits=True), F.cross_entropy),
    "sparse from logits": (
        losses.SparseCategoricalCrossentropy(from_logits=True),
        lambda p, y: F.cross_entropy(p, y.argmax(dim=1)),
    ),
    "sparse": (
        losses.SparseCategoricalCrossentropy(),
        lambda p, y: F.nll_loss(torch.log(p / p.sum(dim=1, keepdim=True)), y.argmax(dim=1)),
    ),
    "categorical": (
        losses.CategoricalCrossentropy(),
        lambda p, y: F.cross_entropy(torch.log(p / p.sum(dim=1, keepdim=True)), y),
    ),
    "mse": (losses.MeanSquaredError(), F.mse_loss),
    "mae": (losses.MeanAbsoluteError(), F.l1_loss),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_their_gradients(name):
    ours, theirs = LOSSES[name]
    rng = np.random.default_rng(1)
    p = rng.uniform(0.01, 0.99, (30, 4))
    if "logits" in name:
        p = rng.normal(0, 5, (30, 4))
    y = rng.dirichlet(np.ones(4), 30)
    given = y.argmax(axis=1) if name.startswith("sparse") else y
    outputs = torch.tensor(p, requires_grad=True)
    cost = theirs(outputs, torch.tensor(y))
    cost.backward()
    assert ours(given, p) == pytest.approx(float(cost.detach()), rel=1e-12)
    targets = ours.targets(given, p.shape, p.dtype)
    np.testing.assert_allclose(ours.gradient(targets, p) / len(p), outputs.grad.numpy(), rtol=1e-9, atol=1e-14)


OPTIMIZERS = {
    "sgd": (optimizers.SGD(0.1), torch.optim.SGD, {"lr": 0.1}),
    "nesterov": (
        optimizers.SGD(0.1, momentum=0.9, nesterov=True),
        torch.optim.SGD,
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    ),
    "momentum": (optimizers.SGD(0.1, momentum=0.9), torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    # PyTorch adds ε outside the root and after the bias correction; at 0 the rules agree.
    "rmsprop": (optimizers.RMSprop(0.01, epsilon=0), torch.optim.RMSprop, {"lr": 0.01, "alpha": 0.9, "eps": 0}),
    "rmsprop with all": (
        optimizers.RMSprop(0.01, rho=0.8, momentum=0.5, epsilon=0, centered=True),
        torch.optim.RMSprop,
        {"lr": 0.01, "alpha": 0.8, "momentum": 0.5, "eps": 0, "centered": True},
    ),
    "adam": (optimizers.Adam(0.01, epsilon=0), torch.optim.Adam, {"lr": 0.01, "eps": 0}),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_hundred_updates_of_every_optimizer(name):
    ours, rule, settings = OPTIMIZERS[name]
    rng = np.random.default_rng(2)
    w = rng.normal(size=12)
    theirs = torch.tensor(w, requires_grad=True)
    optimizer = rule([theirs], **settings)
    stretch = rng.uniform(0.5, 3, 12)
    for step in range(200):
        noise = rng.normal(size=12)
        gradient = stretch * w + noise
        theirs.grad = torch.tensor(gradient)
        optimizer.step()
        ours.apply(w, gradient)
        np.testing.assert_allclose(w, theirs.detach().numpy(), rtol=1e-9, atol=1e-12, err_msg=f"update {step}")
