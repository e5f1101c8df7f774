"""The functions that mix entries, operations of your own, and what stands in for NumPy's functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from chainrule.graph._elementwise import cos, exp, log, maximum, sign, sin, sqrt, square, tanh
from chainrule.graph._nodes import NUMPY_FUNCTIONS, Node, apply, apply_to_two
from chainrule.graph._operations import OPERATIONS, Operation, Rule, all_axes, plain_argument


def logsumexp(x: Any, axis: int | tuple[int, ...] | None = -1, keepdims: bool = False) -> Any:
    """
    Compute ln Σ eˣ along an axis, without overflow.

    Parameters
    ----------
    x : Node or ndarray
        Logits.
    axis : int, tuple of int or None
        The axes to add along; None for all.
    keepdims : bool
        Whether these axes stay, with length 1.

    Returns
    -------
    Node or ndarray
        One value for each row; a node if x is one.

    Examples
    --------
    >>> float(logsumexp(np.array([1000.0, 1000.0])))
    1000.6931471805599
    """
    x = x if isinstance(x, Node) else plain_argument(x)
    return apply("logsumexp", x, all_axes(axis, x.ndim), keepdims)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """
    Take the logarithm of `softmax`, exact where a probability is too small for a float.

    Parameters
    ----------
    x : Node or ndarray
        Logits.
    axis : int, default -1
        The axis of the classes.

    Returns
    -------
    Node or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    x = x if isinstance(x, Node) else plain_argument(x)
    return x - logsumexp(x, axis, keepdims=True)


def softmax(x: Any, axis: int = -1) -> Any:
    """
    Compute eˣ / Σ eˣ along an axis: logits to probabilities.

    Parameters
    ----------
    x : Node or ndarray
        Logits.
    axis : int, default -1
        The axis of the classes.

    Returns
    -------
    Node or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> softmax(np.array([[0.0, 0.0, 1000.0]]))
    array([[0., 0., 1.]])
    """
    return exp(log_softmax(x, axis))


def binary_crossentropy_from_logits(labels: Any, logits: Any) -> Any:
    """
    Compute the cost in nats of each label, given the logit z of its probability: ln(1 + eᶻ) − y z.

    Parameters
    ----------
    labels : Node or array_like
        Labels y from 0 to 1.
    logits : Node or array_like
        Logits z of the same shape.

    Returns
    -------
    Node or ndarray
        The loss of each example; take ``.mean()`` for the cost.

    Raises
    ------
    ValueError
        If the shapes differ: (m,) and (m, 1) would make a table of m × m losses.

    Examples
    --------
    >>> binary_crossentropy_from_logits(np.array([1.0, 0.0]), np.array([1000.0, 1000.0]))
    array([   0., 1000.])
    """
    shapes = [each.shape if isinstance(each, Node | np.ndarray) else np.shape(each) for each in (labels, logits)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"labels {shapes[0]} and logits {shapes[1]} must have the same shape")
    return apply_to_two("binary_crossentropy_from_logits", labels, logits)


def define(name: str, value: Callable[..., Any], *derivatives: Rule) -> Callable[..., Any]:
    """
    Add an operation of your own, entry by entry on one or two arguments.

    Parameters
    ----------
    name : str
        Its name, not one that is taken.
    value : callable
        ``value(a)`` or ``value(a, b)`` on floats and arrays.
    *derivatives : callable
        One rule for each argument: ``rule(g, y, a)`` or ``rule(g, y, a, b)`` is the gradient that arrives at that
        argument when ``g`` arrives at ``y = value(...)``. Written with operators and this module's functions, a rule
        serves second derivatives too.

    Returns
    -------
    callable
        The function, on nodes.

    Raises
    ------
    ValueError
        If the name is taken, or there are more than two rules.

    Examples
    --------
    >>> cube = define("cube", lambda x: x**3, lambda g, y, x: g * 3 * x**2)
    >>> w = Node(2.0)
    >>> cube(w).backward()
    >>> w.gradient
    12.0
    """
    if name in OPERATIONS:
        raise ValueError(f"there is an operation {name!r} already; choose another name")
    if len(derivatives) > 2:
        raise ValueError(f"an operation has one or two arguments, not {len(derivatives)}")
    operation = OPERATIONS[name] = Operation(name, value)
    for side, rule in zip(("left", "right"), derivatives, strict=False):
        setattr(operation, side, partial(_checked, name, rule))

    def function(a: Any, b: Any = None) -> Any:
        return apply(name, a) if b is None else apply_to_two(name, a, b)

    function.__name__ = name
    return function


def _checked(name: str, rule: Rule, g: Any, y: Any, *arguments: Any) -> Any:
    arriving = rule(g, y, *arguments)
    if np.shape(g) == np.shape(y) != np.shape(arriving):
        raise ValueError(
            f"the derivative of {name!r} gave shape {np.shape(arriving)}; it needs that of g, {np.shape(g)}"
        )
    return float(arriving) if isinstance(arriving, int) else arriving


def reshape(x: Any, shape: tuple[int, ...]) -> Any:
    """Arrange the entries of a node or a value in another shape."""
    return apply("reshape", x, shape)


def spread(x: Any, axis: tuple[int, ...], shape: tuple[int, ...], dtype: Any) -> Any:
    """Repeat x along the axes of ``shape`` that a sum took away: the transpose of summing."""
    return apply("spread", x, axis, shape, dtype)


def put(x: Any, index: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Put x at an index of an array of zeros: the transpose of indexing."""
    return apply("put", x, index, shape, dtype)


def positive(x: Any) -> Any:
    """1 where x > 0, else 0."""
    return apply("positive", x)


def is_zero(x: Any) -> Any:
    """1 where x = 0, else 0."""
    return apply("is_zero", x)


def power(a: Any, b: Any) -> Any:
    """Raise a to the power b; unlike Python's own ``**``, never to a complex number."""
    return apply_to_two("pow", a, b)


NUMPY_FUNCTIONS.update(
    {
        np.add: partial(apply_to_two, "add"),
        np.subtract: partial(apply_to_two, "sub"),
        np.multiply: partial(apply_to_two, "mul"),
        np.divide: partial(apply_to_two, "div"),
        np.power: partial(apply_to_two, "pow"),
        np.matmul: partial(apply_to_two, "matmul"),
        np.dot: partial(apply_to_two, "matmul"),
        np.maximum: maximum,
        np.negative: Node.__neg__,
        np.abs: Node.__abs__,
        np.exp: exp,
        np.log: log,
        np.sqrt: sqrt,
        np.square: square,
        np.sin: sin,
        np.cos: cos,
        np.tanh: tanh,
        np.sign: sign,
        np.sum: Node.sum,
        np.mean: Node.mean,
        np.reshape: Node.reshape,
        np.transpose: Node.transpose,
        np.shape: lambda x: x.shape,
        np.ndim: lambda x: x.ndim,
        np.size: lambda x: x.size,
    }
)
