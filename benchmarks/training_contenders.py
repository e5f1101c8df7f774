"""
The contenders of benchmarks/training.py: the same training by eight libraries and loops.

Each maker takes a `Work` and returns a function that trains a fresh network and returns its last epoch's mean loss. All
start from Glorot's weights, shuffle once an epoch, use Adam or gradient descent, and keep the loss of each epoch. What
can be done once (building, compiling, tracing) is done before the clock starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

Run = Callable[[], float]
RATES = {"adam": 1e-3, "sgd": 1e-2}


@dataclass(frozen=True)
class Work:
    """A training: its data, its network and how it is gone about."""

    name: str
    x: np.ndarray
    y: np.ndarray
    widths: tuple[int, ...]
    hidden: str
    batch: int
    epochs: int
    optimizer: str = "adam"

    @property
    def dtype(self) -> str:
        """The floats of data and weights."""
        return self.x.dtype.name

    @property
    def binary(self) -> bool:
        """Whether there is one sigmoid output; otherwise there is a softmax over classes."""
        return self.widths[-1] == 1

    def shorter(self) -> Work:
        """Return the same work with one epoch, to warm up."""
        return replace(self, epochs=1)

    def weights(self) -> list[np.ndarray]:
        """Return the initial kernels and biases, in turn."""
        rng = np.random.default_rng(0)
        weights = []
        for n, j in zip((self.x.shape[1], *self.widths), self.widths, strict=False):
            limit = (6 / (n + j)) ** 0.5
            weights += [rng.uniform(-limit, limit, (n, j)).astype(self.dtype), np.zeros(j, self.dtype)]
        return weights

    def orders(self) -> Iterator[np.ndarray]:
        """Yield the order of examples in each epoch."""
        rng = np.random.default_rng(1)
        for _ in range(self.epochs):
            yield rng.permutation(len(self.x))

    def slices(self) -> list[slice]:
        """Return the batches of an epoch; the last one may be short."""
        return [slice(start, start + self.batch) for start in range(0, len(self.x), self.batch)]


def chainrule(work: Work) -> Run:
    from chainrule import Sequential
    from chainrule.layers import Dense
    from chainrule.optimizers import SGD, Adam

    *hidden, last = work.widths

    def run() -> float:
        layers = [Dense(width, work.hidden) for width in hidden]
        model = Sequential([*layers, Dense(last, "sigmoid" if work.binary else "softmax")], rng=0, dtype=work.dtype)
        optimizer = {"adam": Adam, "sgd": SGD}[work.optimizer]()
        model.compile(optimizer, "binary_crossentropy" if work.binary else "sparse_categorical_crossentropy")
        history = model.fit(work.x, work.y, batch_size=work.batch, epochs=work.epochs, verbose=0)
        return history.history["loss"][-1]

    return run


def _keras_model(work: Work) -> Any:
    import keras

    keras.config.set_floatx(work.dtype)
    keras.config.set_dtype_policy(work.dtype)
    *hidden, last = work.widths
    layers = [keras.layers.Dense(width, activation=work.hidden) for width in hidden]
    model = keras.Sequential([*layers, keras.layers.Dense(last, activation="sigmoid" if work.binary else "softmax")])
    model.build((None, work.x.shape[1]))
    model.compile(work.optimizer, "binary_crossentropy" if work.binary else "sparse_categorical_crossentropy")
    return model


def _start_again(variables: list[Any], optimizer: Any, work: Work) -> None:
    """Set weights and moments to what they are before training, without tracing anything again."""
    for variable, weight in zip(variables, work.weights(), strict=True):
        variable.assign(weight)
    for variable in optimizer.variables:
        if variable is not optimizer.learning_rate and "learning_rate" not in variable.path:
            variable.assign(np.zeros(variable.shape))


def keras_fit(work: Work) -> Run:
    model = _keras_model(work)
    y = work.y[:, None] if work.binary else work.y
    model.fit(work.x, y, batch_size=work.batch, epochs=1, verbose=0)

    def run() -> float:
        _start_again(model.weights, model.optimizer, work)
        history = model.fit(work.x, y, batch_size=work.batch, epochs=work.epochs, verbose=0)
        return history.history["loss"][-1]

    return run


def keras_train_on_batch(work: Work) -> Run:
    model, slices = _keras_model(work), work.slices()
    y = work.y[:, None] if work.binary else work.y

    def train(work: Work) -> float:
        _start_again(model.weights, model.optimizer, work)
        for order in work.orders():
            total = 0.0
            for rows in slices:
                chosen = order[rows]
                total += float(model.train_on_batch(work.x[chosen], y[chosen])) * len(chosen)
        return total / len(y)

    train(work.shorter())
    return lambda: train(work)


def tensorflow_step(work: Work) -> Run:
    """Train by one compiled function that takes a batch's place, with TensorFlow's fused update kernels."""
    import tensorflow as tf

    variables = [tf.Variable(w) for w in work.weights()]
    m, v = [tf.Variable(tf.zeros_like(w)) for w in variables], [tf.Variable(tf.zeros_like(w)) for w in variables]
    beta_1, beta_2, eps = (tf.constant(value, work.dtype) for value in (0.9, 0.999, 1e-7))
    rate, updates = tf.constant(RATES[work.optimizer], work.dtype), tf.Variable(0.0, dtype=work.dtype)
    order = tf.Variable(tf.zeros(len(work.x), tf.int64))
    x_all = tf.constant(work.x)
    y_all = tf.constant(work.y[:, None].astype(work.dtype) if work.binary else work.y.astype("int64"))
    activate = {"sigmoid": tf.sigmoid, "relu": tf.nn.relu}[work.hidden]
    total = tf.Variable(0.0, dtype=work.dtype)

    @tf.function(input_signature=[tf.TensorSpec((), tf.int64)])
    def step(start: Any) -> None:
        rows = order[start : start + min(work.batch, len(work.x))]
        y = tf.gather(y_all, rows)
        with tf.GradientTape() as tape:
            a = tf.gather(x_all, rows)
            for w, b in zip(variables[:-2:2], variables[1:-2:2], strict=True):
                a = activate(a @ w + b)
            z = a @ variables[-2] + variables[-1]
            if work.binary:
                losses = tf.nn.sigmoid_cross_entropy_with_logits(y, z)
            else:
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, z)
            loss = tf.reduce_mean(losses)
        total.assign_add(tf.reduce_sum(losses))
        gradients = tape.gradient(loss, variables)
        t = updates.assign_add(1.0)
        for w, g, m_, v_ in zip(variables, gradients, m, v, strict=True):
            if work.optimizer == "sgd":
                tf.raw_ops.ResourceApplyGradientDescent(var=w.handle, alpha=rate, delta=g)
            else:
                tf.raw_ops.ResourceApplyAdam(
                    var=w.handle, m=m_.handle, v=v_.handle, beta1_power=beta_1**t, beta2_power=beta_2**t, lr=rate,
                    beta1=beta_1, beta2=beta_2, epsilon=eps, grad=g,
                )  # fmt: skip

    starts = [tf.constant(rows.start, tf.int64) for rows in work.slices()]

    def train(work: Work) -> float:
        for variable, w in zip(variables, work.weights(), strict=True):
            variable.assign(w)
        for moment in (*m, *v, updates):
            moment.assign(tf.zeros_like(moment))
        for permutation in work.orders():
            order.assign(permutation)
            total.assign(0.0)
            for start in starts:
                step(start)
        return float(total) / len(work.y)

    train(work.shorter())
    return lambda: train(work)


def pytorch(work: Work) -> Run:
    import torch

    x = torch.from_numpy(work.x)
    y = torch.from_numpy(work.y[:, None].astype(work.dtype) if work.binary else work.y.astype("int64"))
    cost = torch.nn.BCEWithLogitsLoss() if work.binary else torch.nn.CrossEntropyLoss()
    activation = {"sigmoid": torch.nn.Sigmoid, "relu": torch.nn.ReLU}[work.hidden]
    kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[work.optimizer]

    def train(work: Work) -> float:
        layers: list[Any] = []
        for n, j in zip((x.shape[1], *work.widths), work.widths, strict=False):
            layers += [torch.nn.Linear(n, j, dtype=x.dtype), activation()]
        model = torch.nn.Sequential(*layers[:-1])
        with torch.no_grad():
            for parameter, w in zip(model.parameters(), work.weights(), strict=True):
                parameter.copy_(torch.from_numpy(w.T.copy()))
        optimizer = kind(model.parameters(), lr=RATES[work.optimizer])
        for order in work.orders():
            order = torch.from_numpy(order)
            total = 0.0
            for rows in work.slices():
                chosen = order[rows]
                optimizer.zero_grad()
                loss = cost(model(x[chosen]), y[chosen])
                loss.backward()
                optimizer.step()
                total = total + loss.detach() * len(chosen)
        return float(total) / len(x)

    train(work.shorter())
    return lambda: train(work)


def scikit_learn(work: Work) -> Run:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    def run() -> float:
        model = MLPClassifier(
            work.widths[:-1],
            activation={"sigmoid": "logistic", "relu": "relu"}[work.hidden],
            solver=work.optimizer,
            alpha=0,
            batch_size=min(work.batch, len(work.x)),
            learning_rate_init=RATES[work.optimizer],
            momentum=0,
            max_iter=work.epochs,
            tol=0,
            n_iter_no_change=work.epochs + 1,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(work.x, work.y)
        return float(model.loss_)

    return run


def plain_loop(work: Work) -> Run:
    """Train by a loop as one writes it the first time: clear, and nothing kept from batch to batch."""
    one_hot = work.y[:, None].astype(work.dtype) if work.binary else np.eye(work.widths[-1], dtype=work.dtype)[work.y]
    slices, rate = work.slices(), RATES[work.optimizer]

    def sigmoid(z: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-z))

    def run() -> float:
        weights = work.weights()
        m, v, t = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights], 0
        kernels, biases = weights[::2], weights[1::2]
        for order in work.orders():
            total = 0.0
            for rows in slices:
                x, y = work.x[order[rows]], one_hot[order[rows]]
                a = [x]
                for w, b in zip(kernels[:-1], biases[:-1], strict=True):
                    z = a[-1] @ w + b
                    a.append(sigmoid(z) if work.hidden == "sigmoid" else np.maximum(z, 0))
                z = a[-1] @ kernels[-1] + biases[-1]
                if work.binary:
                    p = sigmoid(z)
                    total += float(np.sum(np.logaddexp(0, z) - y * z))
                else:
                    p = np.exp(z - z.max(axis=1, keepdims=True))
                    p /= p.sum(axis=1, keepdims=True)
                    total -= float(np.sum(y * np.log(p + 1e-30)))
                delta = (p - y) / len(x)
                gradients: list[np.ndarray] = []
                for i in range(len(kernels) - 1, -1, -1):
                    gradients = [a[i].T @ delta, delta.sum(axis=0), *gradients]
                    if i:
                        slope = a[i] * (1 - a[i]) if work.hidden == "sigmoid" else a[i] > 0
                        delta = delta @ kernels[i].T * slope
                t += 1
                for i, (w, g) in enumerate(zip(weights, gradients, strict=True)):
                    if work.optimizer == "sgd":
                        w -= rate * g
                        continue
                    m[i] = 0.9 * m[i] + 0.1 * g
                    v[i] = 0.999 * v[i] + 0.001 * g**2
                    w -= rate * (m[i] / (1 - 0.9**t)) / (np.sqrt(v[i] / (1 - 0.999**t)) + 1e-7)
        return total / len(work.x)

    return run


def tuned_loop(work: Work) -> Run:
    """Train by a loop with everything kept: one vector of weights, one buffer for each result."""
    n, widths = work.x.shape[1], work.widths
    shapes = list(zip((n, *widths), widths, strict=False))
    size = sum(a * b + b for a, b in shapes)
    one_hot = work.y[:, None].astype(work.dtype) if work.binary else np.eye(widths[-1], dtype=work.dtype)[work.y]
    rate, dtype = RATES[work.optimizer], work.dtype
    w, g, m, v, tmp, root = (np.zeros(size, dtype) for _ in range(6))
    one, b1, b2, c1, c2, eps = (np.array(value, dtype) for value in (1, 0.9, 0.999, 0.1, 0.001, 1e-7))
    zero = np.array(0, dtype)

    def views(vector: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
        kernels, biases, start = [], [], 0
        for a, b in shapes:
            kernels.append(vector[start : start + a * b].reshape(b, a))
            biases.append(vector[start + a * b : start + a * b + b])
            start += a * b + b
        return kernels, biases

    (W, B), (dW, dB) = views(w), views(g)
    buffers = {
        rows: (
            [np.empty((rows, j), dtype) for j in widths],
            [np.empty((rows, j), dtype) for j in widths],
            [np.empty((rows, j), dtype) for j in widths],
            np.ones(rows, dtype),
        )
        for rows in {min(work.batch, len(work.x) - start) for start in range(0, len(work.x), work.batch)}
    }
    xs, ys, zs = np.empty_like(work.x), np.empty_like(one_hot), np.empty((len(work.x), widths[-1]), dtype)

    def sigmoid(z: np.ndarray, out: np.ndarray) -> None:
        np.negative(z, out=out)
        np.exp(out, out=out)
        np.add(out, one, out=out)
        np.divide(one, out, out=out)

    def step(x: np.ndarray, y: np.ndarray, z: np.ndarray, t: int) -> None:
        A, D, S, ones = buffers[len(x)]
        a = x
        for i in range(len(W)):
            np.dot(a, W[i].T, out=A[i])
            np.add(A[i], B[i], out=A[i])
            if i < len(W) - 1:
                if work.hidden == "sigmoid":
                    sigmoid(A[i], A[i])
                else:
                    np.maximum(A[i], zero, out=A[i])
            a = A[i]
        z[...] = a
        d = D[-1]
        if work.binary:
            sigmoid(a, d)
        else:
            np.subtract(a, a.max(axis=1, keepdims=True), out=d)
            np.exp(d, out=d)
            np.divide(d, d.sum(axis=1, keepdims=True), out=d)
        np.subtract(d, y, out=d)
        np.multiply(d, 1 / len(x), out=d)
        for i in range(len(W) - 1, -1, -1):
            np.dot(d.T, A[i - 1] if i else x, out=dW[i])
            np.dot(ones, d, out=dB[i])
            if i:
                np.dot(d, W[i], out=D[i - 1])
                d = D[i - 1]
                if work.hidden == "sigmoid":
                    np.subtract(one, A[i - 1], out=S[i - 1])
                    np.multiply(S[i - 1], A[i - 1], out=S[i - 1])
                else:
                    np.greater(A[i - 1], zero, out=S[i - 1])
                np.multiply(d, S[i - 1], out=d)
        if work.optimizer == "sgd":
            np.multiply(g, rate, out=tmp)
            np.subtract(w, tmp, out=w)
            return
        np.multiply(m, b1, out=m)
        np.multiply(g, c1, out=tmp)
        np.add(m, tmp, out=m)
        np.multiply(v, b2, out=v)
        np.multiply(g, g, out=tmp)
        np.multiply(tmp, c2, out=tmp)
        np.add(v, tmp, out=v)
        np.sqrt(v, out=root)
        np.add(root, eps, out=root)
        np.divide(m, root, out=tmp)
        np.multiply(tmp, rate * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t), out=tmp)
        np.subtract(w, tmp, out=w)

    def run() -> float:
        for kernel, bias, given in zip(W, B, work.weights()[::2], strict=True):
            kernel[...], bias[...] = given.T, 0
        m[...] = v[...] = 0
        t, slices = 0, work.slices()
        with np.errstate(all="ignore"):
            for order in work.orders():
                np.take(work.x, order, axis=0, out=xs, mode="clip")
                np.take(one_hot, order, axis=0, out=ys, mode="clip")
                for rows in slices:
                    t += 1
                    step(xs[rows], ys[rows], zs[rows], t)
                if work.binary:
                    loss = np.mean(np.maximum(zs, 0) - zs * ys + np.log1p(np.exp(-np.abs(zs))))
                else:
                    shifted = zs - zs.max(axis=1, keepdims=True)
                    loss = np.mean(np.log(np.exp(shifted).sum(axis=1)) - (shifted * ys).sum(axis=1))
        return float(loss)

    return run


def floor(work: Work) -> Run:
    """Do the matrix products of the training alone, in the faster of their forms, into kept buffers."""
    rng = np.random.default_rng(0)
    widths = (work.x.shape[1], *work.widths)
    W = [rng.random((j, n)).astype(work.dtype) / n for n, j in pairwise(widths)]
    G = [np.empty_like(w) for w in W]
    # A batch that does not fit the cache is fastest in blocks that do.
    sizes: list[int] = []
    for rows in work.slices():
        size = len(work.x[rows])
        sizes += [1024] * (size // 1024) + [size % 1024] * (size % 1024 > 0) if size > 1024 else [size]
    A = {rows: [rng.random((rows, width)).astype(work.dtype) for width in widths] for rows in set(sizes)}

    def run() -> float:
        for _ in range(work.epochs):
            for rows in sizes:
                a = A[rows]
                for i, w in enumerate(W):
                    np.dot(a[i], w.T, out=a[i + 1])
                for i in range(len(W) - 1, -1, -1):
                    np.dot(a[i + 1].T, a[i], out=G[i])
                    if i:
                        np.dot(a[i + 1], W[i], out=a[i])
        return float("nan")

    return run


CONTENDERS: dict[str, Callable[[Work], Run]] = {
    "Chainrule": chainrule,
    "Keras fit": keras_fit,
    "Keras train_on_batch": keras_train_on_batch,
    "TensorFlow, compiled step": tensorflow_step,
    "PyTorch": pytorch,
    "scikit-learn": scikit_learn,
    "NumPy, plain loop": plain_loop,
    "NumPy, tuned loop": tuned_loop,
    "matrix products alone": floor,
}
