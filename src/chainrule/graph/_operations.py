"""
The operations a graph is made of: a name, how the value is computed, and the derivative by each argument.

Values are Python floats (scalars) or NumPy arrays. Scalars take a path of their own through `math`, because one call of
a NumPy function on a scalar costs as much as ten operations on floats.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Value: TypeAlias = float | NDArray[Any]
Rule: TypeAlias = Callable[..., Any]


class Operation:
    """
    A named operation on one or two arguments.

    Parameters
    ----------
    name : str
        Its name, as in ``"mul"``.
    value : callable
        ``value(a)`` or ``value(a, b)``, on floats and arrays; options such as an axis follow the arguments.
    form : str
        How it is written, as in ``"{} × {}"``; a function call if not given.
    flat : bool
        Whether the derivative is zero wherever there is one, as for the sign of a number. No gradient passes.

    Attributes
    ----------
    left, right : callable
        Derivatives by the first and the second argument: ``left(g, y, a, b)`` is the gradient that arrives at ``a``
        when ``g`` arrives at ``y = value(a, b)``.
    tangent : callable or None
        The forward rule ``tangent(t, argument, y, a, b)`` for a change ``t`` of argument 0 or 1. None says that `left`
        and `right` serve both directions, as they do for every elementwise operation: its Jacobian is diagonal.

    Examples
    --------
    >>> times = OPERATIONS["mul"]
    >>> times.value(2.0, -2.0), times.written("w", "x")
    (-4.0, 'w × x')
    >>> times.left(1.0, -4.0, 2.0, -2.0)  # 1 arrives at w x = -4, so x arrives at w
    -2.0
    """

    __slots__ = ("flat", "form", "left", "name", "right", "tangent", "value")

    def __init__(self, name: str, value: Callable[..., Any], form: str = "", flat: bool = False) -> None:
        self.name = name
        self.value = value
        self.form = form
        self.flat = flat
        self.left: Rule = self._no_rule
        self.right: Rule = self._no_rule
        self.tangent: Rule | None = None

    def __repr__(self) -> str:
        return f"Operation({self.name!r})"

    @property
    def symbol(self) -> str:
        """What is drawn in the node: ``×``, ``½( )²``, ``exp``."""
        plain_call = self.form.endswith(("({})", "({}, {})"))
        return self.form[: self.form.index("(")] if plain_call else self.form.replace("{}", " ").strip() or self.name

    def written(self, *arguments: str) -> str:
        """Write the operation with its arguments: ``w × x``, ``exp(z)``."""
        if not self.form:
            return f"{self.name}({', '.join(arguments)})"
        return self.form.format(*(f"({each})" if each.startswith("-") else each for each in arguments))

    def _no_rule(self, *arguments: Any) -> Any:
        known = sorted(name for name, each in OPERATIONS.items() if each.left != each._no_rule)
        raise NotImplementedError(
            f"operation {self.name!r} has no rule for its derivative; give one to define(). Operations with a rule: "
            f"{', '.join(known)}"
        )


def compute(operation: Operation, *arguments: Any) -> Value:
    """Compute what a plain call refused: 1 / 0 as NumPy does, shapes that don't fit with an error that names them."""
    try:
        value: Value = plain(operation.value(*_numpy_scalars(arguments)))
    except ValueError as error:
        shapes = " and ".join(str(np.shape(each)) for each in arguments if isinstance(each, float | np.ndarray))
        raise ValueError(f"{operation.name} does not take shapes {shapes}: {error}") from None
    return value


def carefully(rule: Rule, *arguments: Any) -> Any:
    """Apply a rule, and where Python raises an exception, as for 1.0 / 0.0, apply it as NumPy does."""
    try:
        return rule(*arguments)
    except (ArithmeticError, ValueError):
        return rule(*_numpy_scalars(arguments))


def _numpy_scalars(arguments: tuple[Any, ...]) -> list[Any]:
    return [np.float64(each) if each.__class__ is float else each for each in arguments]


def plain(value: Any) -> Any:
    """Return a scalar as a float, an array as it is."""
    return value if getattr(value, "ndim", 0) else float(value)


def plain_argument(x: Any) -> Any:
    """Let a float or an array pass, and make a float or an array of any other number or list."""
    if x.__class__ is float or x.__class__ is np.ndarray:
        return x
    array = np.asarray(x, dtype=None if hasattr(x, "dtype") else np.float64)
    return array if array.ndim else float(array)


def all_axes(axis: int | tuple[int, ...] | None, ndim: int) -> tuple[int, ...]:
    """Return axes as a tuple of non-negative numbers, all of them for None."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(
        operator.index(each) + (ndim if each < 0 else 0) for each in (axis if isinstance(axis, tuple) else (axis,))
    )


def summary(value: Value) -> str:
    """Return a value in a few characters: a number, a short list, or a shape."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if value.size <= 4:
        return np.array2string(value, precision=4, separator=", ").replace("\n", "")
    return f"array{value.shape}"


def _power(a: Any, b: Any) -> Any:
    # Python's own (-8.0) ** 0.5 is complex.
    return math.pow(a, b) if a.__class__ is float and b.__class__ is float else np.power(a, b)


def _matmul(a: Any, b: Any) -> Any:
    if isinstance(a, float) or isinstance(b, float) or a.ndim > 2 or b.ndim > 2:
        raise ValueError("@ multiplies vectors and matrices")
    # dot starts faster than matmul, and means the same up to two dimensions.
    return plain(np.dot(a, b))


def _either(of_float: Callable[[float], float], of_array: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: of_float(x) if x.__class__ is float else of_array(x)


def _maximum(a: Any, b: Any) -> Any:
    return max(a, b) if a.__class__ is float and b.__class__ is float else np.maximum(a, b)


def _sigmoid(x: Any) -> Any:
    if x.__class__ is float:
        return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else math.exp(x)
    with np.errstate(over="ignore"):  # e^1000 is infinite, and 1 / (1 + ∞) = 0 is right
        return 1.0 / (1.0 + np.exp(-x))


def _softplus(x: Any) -> Any:
    if x.__class__ is float:
        return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
    return np.maximum(x, 0.0) + np.log1p(np.exp(-abs(x)))


def _relu(x: Any) -> Any:
    return max(x, 0.0) if x.__class__ is float else np.maximum(x, 0.0)


def _positive(x: Any) -> Any:
    return float(x > 0.0) if x.__class__ is float else np.greater(x, 0.0)


def _cross_entropy(labels: Any, logits: Any) -> Any:
    # softplus(z) − y z would lose the digits of a small loss; max(z, 0) − y z is exact where y is 0 or 1.
    if logits.__class__ is float:
        return max(logits, 0.0) - labels * logits + math.log1p(math.exp(-abs(logits)))
    return np.maximum(logits, 0.0) - labels * logits + np.log1p(np.exp(-abs(logits)))


def _sum(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    return plain(np.add.reduce(x, axis, keepdims=keepdims))  # type: ignore[call-overload]


def _mean(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    y = _sum(x, axis, keepdims)
    return y / (x.size if y.__class__ is float else x.size / y.size)


def _logsumexp(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    top = np.max(x, axis=axis, keepdims=True)
    y = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return plain(y if keepdims else np.squeeze(y, axis))


def _reshape(x: Any, shape: tuple[int, ...]) -> Any:
    return plain(np.reshape(x, shape))


def _take(x: Any, index: Any) -> Any:
    return plain(x[index])


def _put(g: Any, index: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    whole = np.zeros(shape, dtype)
    np.add.at(whole, index, g)  # not whole[index] = g: an entry taken twice receives twice
    return whole


def _spread(g: Any, axis: tuple[int, ...], shape: tuple[int, ...], dtype: Any) -> Any:
    if g.__class__ is not float:
        g = np.reshape(g, [1 if i in axis else n for i, n in enumerate(shape)])
    return np.full(shape, g, dtype)


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        Operation("add", operator.add, "{} + {}"),
        Operation("sub", operator.sub, "{} − {}"),
        Operation("mul", operator.mul, "{} × {}"),
        Operation("div", operator.truediv, "{} ÷ {}"),
        Operation("pow", _power, "{} ^ {}"),
        Operation("matmul", _matmul, "{} @ {}"),
        Operation("maximum", _maximum),
        Operation("neg", operator.neg, "−{}"),
        Operation("abs", operator.abs, "|{}|"),
        Operation("square", lambda x: x * x, "({})²"),
        Operation("half_square", lambda x: 0.5 * x * x, "½({})²"),
        Operation("sqrt", _either(math.sqrt, np.sqrt), "√({})"),
        Operation("exp", _either(math.exp, np.exp)),
        Operation("log", _either(math.log, np.log), "ln({})"),
        Operation("sin", _either(math.sin, np.sin)),
        Operation("cos", _either(math.cos, np.cos)),
        Operation("tanh", _either(math.tanh, np.tanh)),
        Operation("sigmoid", _sigmoid, "σ({})"),
        Operation("softplus", _softplus),
        Operation("relu", _relu),
        Operation("binary_crossentropy_from_logits", _cross_entropy, "BCE({}, {})"),
        Operation("logsumexp", _logsumexp, "ln Σ exp({})"),
        Operation("sum", _sum, "Σ {}"),
        Operation("mean", _mean),
        Operation("reshape", _reshape),
        Operation("transpose", np.transpose, "({})ᵀ"),
        Operation("take", _take, "{}[…]"),
        Operation("put", _put),
        Operation("spread", _spread),
        Operation("sign", _either(lambda x: float(x > 0.0) - float(x < 0.0), np.sign), flat=True),
        Operation("positive", _positive, "{} > 0", flat=True),
        Operation("is_zero", _either(lambda x: float(x == 0.0), lambda x: np.equal(x, 0.0)), "{} = 0", flat=True),
    )
}
"""Every operation there is, by name."""
