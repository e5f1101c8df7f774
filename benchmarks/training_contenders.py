"""
The contenders of benchmarks/training.py: the same training by eight libraries and loops.

Each maker takes a `Work` and returns a function that trains a fresh network and returns its last epoch's mean loss. All
start from Glorot's weights, shuffle once an epoch, use Adam or gradient descent, and keep the loss of each epoch. What
can be done once (building, compiling, tracing) is done before the clock starts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from training_loops import floor, plain_loop, tuned_loop
from training_work import RATES, Run, Work


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
