"""The two programs that `graph.py` measures, written for each contender: a chain of scalars and a small network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from chainrule import graph
from chainrule.graph import constant, variable

Run = Callable[[], object]

# 1. Scalars: x ← max(w x + b, 0), three operations a step, J the last x.


def scalars_by_hand(steps: int) -> Run:
    def run() -> tuple[float, float, float]:
        w, b = 0.999, 1e-3
        x, trail = 1.0, []
        for _ in range(steps):
            trail.append(x)
            x = w * x
            x = x + b
            x = x if x > 0 else 0.0
        g, gw, gb = 1.0, 0.0, 0.0
        for x_before in reversed(trail):
            g = g if w * x_before + b > 0 else 0.0
            gb += g
            gw += g * x_before
            g = g * w
        return x, gw, gb

    return run


def scalars_chainrule(steps: int) -> Run:
    def run() -> tuple[float, float, float]:
        w, b, x = variable(0.999), variable(1e-3), variable(1.0)
        for _ in range(steps):
            x = graph.relu(w * x + b)
        x.backward()
        return x.value, w.gradient, b.gradient

    return run


def scalars_micrograd(steps: int) -> Run:
    from micrograd.engine import Value

    def run() -> tuple[float, float, float]:
        w, b, x = Value(0.999), Value(1e-3), Value(1.0)
        for _ in range(steps):
            x = (w * x + b).relu()
        x.backward()
        return x.data, w.grad, b.grad

    return run


def scalars_pytorch(steps: int) -> Run:
    import torch

    torch.set_num_threads(1)

    def run() -> tuple[float, float, float]:
        w, b, x = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (0.999, 1e-3, 1.0))
        for _ in range(steps):
            x = torch.relu(w * x + b)
        x.backward()
        return x.item(), w.grad.item(), b.grad.item()

    return run


def scalars_autograd(steps: int) -> Run:
    import autograd.numpy as anp
    from autograd import value_and_grad

    def last(parameters: tuple[float, float]) -> float:
        w, b = parameters
        x = 1.0
        for _ in range(steps):
            x = anp.maximum(w * x + b, 0.0)
        return x

    def run() -> tuple[float, float, float]:
        value, slopes = value_and_grad(last)((0.999, 1e-3))
        return float(value), float(slopes[0]), float(slopes[1])

    return run


def scalars_tensorflow(steps: int) -> Run:
    import tensorflow as tf

    _one_tensorflow_thread(tf)

    def run() -> tuple[float, float, float]:
        w, b, x = (tf.constant(v, tf.float64) for v in (0.999, 1e-3, 1.0))
        with tf.GradientTape() as tape:
            tape.watch([w, b])
            for _ in range(steps):
                x = tf.nn.relu(w * x + b)
        gw, gb = tape.gradient(x, [w, b])
        return float(x), float(gw), float(gb)

    return run


# 2. Arrays: mean((tanh(X W₁ + b₁) W₂ + b₂ − y)²), eight operations, 32 × 64 · 64 × 25 · 25 × 1.

OPERATIONS = 8


def network(dtype: str) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = [(32, 64), (32, 1), (64, 25), (25,), (25, 1), (1,)]
    return [(rng.normal(size=shape) / 4).astype(dtype) for shape in shapes]


def arrays_by_numpy(dtype: str) -> Run:
    X, y, W1, b1, W2, b2 = network(dtype)

    def run() -> tuple[float, np.ndarray]:
        hidden = np.tanh(np.dot(X, W1) + b1)
        error = np.dot(hidden, W2) + b2 - y
        cost = np.add.reduce(error * error, axis=None) / error.size
        g = error * (2 / error.size)
        np.add.reduce(g, axis=0)
        np.dot(hidden.T, g)
        gz = np.dot(g, W2.T) * (1 - hidden * hidden)
        np.add.reduce(gz, axis=0)
        return float(cost), np.dot(X.T, gz)

    return run


def arrays_chainrule(dtype: str) -> Run:
    data = network(dtype)
    X, y = map(constant, data[:2])
    weights = data[2:]

    def run() -> tuple[float, np.ndarray]:
        W1, b1, W2, b2 = map(variable, weights)
        cost = graph.square(graph.tanh(X @ W1 + b1) @ W2 + b2 - y).mean()
        cost.backward()
        return cost.value, W1.gradient

    return run


def arrays_pytorch(dtype: str) -> Run:
    import torch

    torch.set_num_threads(1)
    data = [torch.tensor(each) for each in network(dtype)]
    X, y = data[:2]

    def run() -> tuple[float, np.ndarray]:
        W1, b1, W2, b2 = (each.detach().requires_grad_() for each in data[2:])
        cost = torch.square(torch.tanh(X @ W1 + b1) @ W2 + b2 - y).mean()
        cost.backward()
        return cost.item(), W1.grad.numpy()

    return run


def arrays_autograd(dtype: str) -> Run:
    import autograd.numpy as anp
    from autograd import value_and_grad

    X, y, *weights = network(dtype)

    def cost(weights: list[np.ndarray]) -> float:
        W1, b1, W2, b2 = weights
        return anp.mean(anp.square(anp.dot(anp.tanh(anp.dot(X, W1) + b1), W2) + b2 - y))

    def run() -> tuple[float, np.ndarray]:
        value, slopes = value_and_grad(cost)(weights)
        return float(value), slopes[0]

    return run


def arrays_tensorflow(dtype: str) -> Run:
    import tensorflow as tf

    _one_tensorflow_thread(tf)
    X, y, *weights = (tf.constant(each) for each in network(dtype))

    def run() -> tuple[float, np.ndarray]:
        W1, b1, W2, b2 = weights
        with tf.GradientTape() as tape:
            tape.watch(weights)
            cost = tf.reduce_mean(tf.square(tf.matmul(tf.tanh(tf.matmul(X, W1) + b1), W2) + b2 - y))
        return float(cost), tape.gradient(cost, weights)[0].numpy()

    return run


def _one_tensorflow_thread(tf: object) -> None:
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:  # already running, with the threads set before
        pass
