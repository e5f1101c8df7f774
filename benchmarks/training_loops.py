"""The contenders of training.py that are NumPy alone: a plain loop, a tuned one, and only the matrix products."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from training_work import RATES, Run, Work


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
