"""
The derivative of every operation, one rule a line.

Where a gradient g arrives at y, the rule says what arrives at an argument. Written with operators and functions that
take values and nodes alike, a rule applied to values gives a gradient, and applied to nodes gives the gradient as a
graph, which can be differentiated again.

Where an operation works entry by entry, the rule also carries a small change forward: g and a change t of the argument
are both multiplied by the same partial derivative. Operations that mix entries (the second table) have a forward rule.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.graph._elementwise import cos, log, sigmoid, sign, sin
from chainrule.graph._functions import is_zero, positive, power, put, reshape, softmax, spread
from chainrule.graph._operations import OPERATIONS, Operation, Rule

# y                   arrives at a                                     arrives at b
ENTRY_BY_ENTRY: dict[str, tuple[Any, ...]] = {
    "add":           (lambda g, y, a, b: g,                            lambda g, y, a, b: g),
    "sub":           (lambda g, y, a, b: g,                            lambda g, y, a, b: -g),
    "mul":           (lambda g, y, a, b: g * b,                        lambda g, y, a, b: g * a),
    "div":           (lambda g, y, a, b: g / b,                        lambda g, y, a, b: -g * y / b),
    "pow":           (lambda g, y, a, b: g * b * power(a, b - 1 + is_zero(b)),
                      lambda g, y, a, b: g * y * log(a + is_zero(a))),
    "maximum":       (lambda g, y, a, b: g * (1 + sign(a - b)) / 2,    lambda g, y, a, b: g * (1 + sign(b - a)) / 2),
    "neg":           (lambda g, y, x: -g,),
    "abs":           (lambda g, y, x: g * sign(x),),
    "square":        (lambda g, y, x: 2 * g * x,),
    "half_square":   (lambda g, y, x: g * x,),
    "sqrt":          (lambda g, y, x: g / (2 * y),),
    "exp":           (lambda g, y, x: g * y,),
    "log":           (lambda g, y, x: g / x,),
    "sin":           (lambda g, y, x: g * cos(x),),
    "cos":           (lambda g, y, x: -g * sin(x),),
    "tanh":          (lambda g, y, x: g * (1 - y * y),),
    "sigmoid":       (lambda g, y, x: g * y * (1 - y),),
    "softplus":      (lambda g, y, x: g * sigmoid(x),),
    "relu":          (lambda g, y, x: g * positive(x),),
    "binary_crossentropy_from_logits":
                     (lambda g, y, label, z: -g * z,                   lambda g, y, label, z: g * (sigmoid(z) - label)),
}  # fmt: skip


def _left_factor(g: Any, y: Any, a: Any, b: Any) -> Any:
    if a.ndim == b.ndim == 2:
        return np.dot(g, b.T)
    if a.ndim == 2:
        return g.reshape(-1, 1) * b
    return b @ g if b.ndim == 2 else g * b


def _right_factor(g: Any, y: Any, a: Any, b: Any) -> Any:
    if a.ndim == b.ndim == 2:
        return np.dot(a.T, g)
    if b.ndim == 2:
        return a.reshape(-1, 1) * g
    return g @ a if a.ndim == 2 else g * a


def _mean(g: Any, y: Any, x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    count = x.size if y.__class__ is float else x.size / y.size
    return spread(g / count, axis, x.shape, x.dtype)


# y                   arrives at an argument
MIXING: dict[str, tuple[Any, ...]] = {
    "matmul":        (_left_factor, _right_factor),
    "sum":           (lambda g, y, x, axis, keepdims: spread(g, axis, x.shape, x.dtype),),
    "mean":          (_mean,),
    "logsumexp":     (lambda g, y, x, axis, keepdims: spread(g, axis, x.shape, x.dtype) * softmax(x, axis),),
    "reshape":       (lambda g, y, x, shape: reshape(g, np.shape(x)),),
    "transpose":     (lambda g, y, x, axes: g.transpose(sorted(range(len(axes)), key=axes.__getitem__)),),
    "take":          (lambda g, y, x, index: put(g, index, x.shape, x.dtype),),
    "put":           (lambda g, y, x, index, shape, dtype: g[index],),
    "spread":        (lambda g, y, x, axis, shape, dtype: reshape(g.sum(axis), np.shape(x)),),
}  # fmt: skip


# y                   what a change t of its argument (0 or 1) does to it; all others do to t what they do to x
FORWARD: dict[str, Any] = {
    "matmul":        lambda t, argument, y, a, b: np.dot(t, b) if argument == 0 else np.dot(a, t),
    "logsumexp":     lambda t, argument, y, x, axis, keepdims: (t * softmax(x, axis)).sum(axis, keepdims=keepdims),
}  # fmt: skip


def _linear(operation: Operation) -> Rule:
    return lambda t, argument, y, x, *options: operation.value(t, *options)


for _name, _rules in (ENTRY_BY_ENTRY | MIXING).items():
    OPERATIONS[_name].left = _rules[0]
    OPERATIONS[_name].right = _rules[-1]
for _name in MIXING:
    OPERATIONS[_name].tangent = FORWARD.get(_name) or _linear(OPERATIONS[_name])
