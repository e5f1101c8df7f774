"""Nodes: a value, the operation it came from and its arguments. Operators between nodes make new nodes."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count
from typing import Any, TypeAlias, TypeVar, final

import numpy as np
from numpy.typing import ArrayLike

from chainrule.graph._operations import OPERATIONS, Operation, Value, all_axes, compute, plain_argument, summary

Operand: TypeAlias = "Node | ArrayLike"

T = TypeVar("T")

_next_number = count().__next__

NUMPY_FUNCTIONS: dict[Any, Callable[..., Any]] = {}
"""NumPy's function, and the function on nodes that stands in for it."""


def apply(name: str, x: T, *options: Any) -> T:
    """Apply an operation on one argument: to a node, making a node, or to a plain value."""
    operation = OPERATIONS[name]
    argument: Any = x
    is_node = argument.__class__ is Node
    given = argument.value if is_node else plain_argument(argument)
    try:
        value = operation.value(given, *options) if options else operation.value(given)
    except (ArithmeticError, ValueError):
        value = compute(operation, given, *options)
    result: Any = value
    if is_node:
        result = Node(value, operation, argument, None, argument.varies and not operation.flat, options)
    return result  # type: ignore[no-any-return]


def apply_to_two(name: str, a: Any, b: Any) -> Any:
    """Apply an operation on two arguments, either of which may be a node."""
    operation = OPERATIONS[name]
    is_node = a.__class__ is Node or b.__class__ is Node
    if is_node:
        a, b = (each if each.__class__ is Node else constant(each) for each in (a, b))
    first, second = (a.value, b.value) if is_node else (plain_argument(a), plain_argument(b))
    try:
        value = operation.value(first, second)
    except (ArithmeticError, ValueError):
        value = compute(operation, first, second)
    return Node(value, operation, a, b, a.varies or b.varies) if is_node else value


def _operator(name: str) -> Callable[[Node, Any], Node]:
    operation = OPERATIONS[name]
    value_of = operation.value

    # What apply_to_two does, once more, because this is the path of every operator: it saves a quarter of the time.
    def method(self: Node, other: Any) -> Node:
        if other.__class__ is not Node:
            other = constant(other)
        try:
            value = value_of(self.value, other.value)
        except (ArithmeticError, ValueError):
            value = compute(operation, self.value, other.value)
        return Node(value, operation, self, other, self.varies or other.varies)

    return method


def _swapped_operator(name: str) -> Callable[[Node, Any], Node]:
    return lambda self, other: apply_to_two(name, other, self)


@final
class Node:
    """
    A value in a computation graph: a variable, a constant, or what an operation made of other nodes.

    Nodes are made by `variable`, by `constant` and by computing with nodes; numbers and arrays in an expression become
    constants. The operators are ``+ - * / ** @``, unary ``-``, ``abs`` and indexing. NumPy's own functions that have a
    node of the same meaning make that node, as in ``np.exp(node)``.

    Attributes
    ----------
    value : float or ndarray
        The value; scalars are Python floats.
    gradient : float, ndarray or None
        Derivative of the output by this node, of the value's shape, once a reverse sweep has passed. It may share
        memory with another node's gradient: copy it before changing it in place.
    operation : Operation or None
        What made it; None for variables and constants.
    left, right : Node or None
        The arguments of the operation.
    options : tuple
        The operation's settings, such as an axis.
    varies : bool
        Whether it depends on a variable. No gradient is computed where nothing varies.
    number : int
        Nodes are numbered as they are made. A node can only be made from nodes that are there already, so sorting by
        number sorts a graph topologically.
    name : str or None
        Its name.

    Examples
    --------
    >>> w = variable(2, "w")
    >>> c = w * -2
    >>> c.value
    -4.0
    >>> c.backward()
    >>> w.gradient
    -2.0
    """

    # Two slots and no tuple of parents: the garbage collector then has one object a node to look at, not two, which
    # halves the time to build a graph of 100 000 nodes.
    __slots__ = (
        "__weakref__", "gradient", "left", "name", "number", "operation", "options", "right", "value", "varies",
    )  # fmt: skip

    def __init__(
        self,
        value: Value,
        operation: Operation | None = None,
        left: Node | None = None,
        right: Node | None = None,
        varies: bool = True,
        options: tuple[Any, ...] = (),
    ) -> None:
        self.value = value
        self.operation = operation
        self.left = left
        self.right = right
        self.varies = varies
        self.options = options
        self.number = _next_number()
        self.gradient: Value | None = None
        self.name: str | None = None

    @property
    def parents(self) -> tuple[Node, ...]:
        """The arguments of the operation; in ``w * w`` the same node twice."""
        if self.left is None:
            return ()
        return (self.left,) if self.right is None else (self.left, self.right)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value, ``()`` for a scalar."""
        return () if isinstance(self.value, float) else self.value.shape

    @property
    def ndim(self) -> int:
        """Number of axes of the value."""
        return 0 if isinstance(self.value, float) else self.value.ndim

    @property
    def size(self) -> int:
        """Number of entries of the value."""
        return 1 if isinstance(self.value, float) else self.value.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the value's entries; float64 for a scalar."""
        return np.asarray(self.value).dtype

    @property
    def T(self) -> Node:  # noqa: N802 -- NumPy's name
        """The node with its axes reversed."""
        return self.transpose()

    def named(self, name: str) -> Node:
        """Give the node a name and return it, as in ``c = (w * x).named("c")``."""
        self.name = name
        return self

    def backward(self, seed: ArrayLike | None = None) -> None:
        """
        Fill in the ``gradient`` of every varying node that this node was computed from: one reverse sweep.

        Gradients of an earlier sweep are replaced, not added to.

        Parameters
        ----------
        seed : array_like, optional
            Gradient that arrives at this node, of its shape; 1 for a scalar, required for an array.
        """
        from chainrule.graph._sweeps import backward

        backward(self, seed)

    def __repr__(self) -> str:
        if self.operation is None:
            made = "variable" if self.varies else "constant"
        else:
            made = f"{self.operation.name}({', '.join(each.name or each._short() for each in self.parents)})"
        gradient = "" if self.gradient is None else f", gradient={summary(self.gradient)}"
        return f"Node({f'{self.name} = ' if self.name else ''}{made}, value={summary(self.value)}{gradient})"

    def _short(self) -> str:
        return self.operation.name if self.operation else summary(self.value)

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        # copy.deepcopy's own way through the parents would recurse once a node.
        from chainrule.graph._sweeps import topological_order

        for node in topological_order(self):
            if id(node) not in memo:
                left, right = (None if each is None else memo[id(each)] for each in (node.left, node.right))
                twin = Node(_copied(node.value), node.operation, left, right, node.varies, node.options)
                twin.name, twin.gradient = node.name, _copied(node.gradient)
                memo[id(node)] = twin
        copied: Node = memo[id(self)]
        return copied

    __add__, __radd__ = _operator("add"), _swapped_operator("add")
    __sub__, __rsub__ = _operator("sub"), _swapped_operator("sub")
    __mul__, __rmul__ = _operator("mul"), _swapped_operator("mul")
    __truediv__, __rtruediv__ = _operator("div"), _swapped_operator("div")
    __pow__, __rpow__ = _operator("pow"), _swapped_operator("pow")
    __matmul__, __rmatmul__ = _operator("matmul"), _swapped_operator("matmul")

    def __neg__(self) -> Node:
        return apply("neg", self)

    def __abs__(self) -> Node:
        return apply("abs", self)

    def __getitem__(self, index: Any) -> Node:
        if any(isinstance(each, Node) for each in (index if isinstance(index, tuple) else (index,))):
            raise TypeError(
                "an index must be plain integers, slices or arrays, not a node: nothing varies smoothly by it"
            )
        if not self.shape:
            raise TypeError(f"a scalar node cannot be indexed: {self!r}")
        return apply("take", self, index)

    def sum(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Node:
        """
        Add up the entries.

        Parameters
        ----------
        axis : int or tuple of int, optional
            The axes to add along; all of them if not given.
        keepdims : bool
            Whether these axes stay, with length 1.
        """
        return self if not self.shape else apply("sum", self, all_axes(axis, self.ndim), keepdims)

    def mean(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Node:
        """Average the entries; axis and keepdims as in `sum`."""
        return self if not self.shape else apply("mean", self, all_axes(axis, self.ndim), keepdims)

    def reshape(self, *shape: Any) -> Node:
        """Arrange the entries in another shape; one length may be -1."""
        wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
        return apply("reshape", self, tuple(wanted))

    def transpose(self, *axes: Any) -> Node:
        """Permute the axes; reverse them if no order is given."""
        order = axes[0] if len(axes) == 1 and isinstance(axes[0], tuple | list) else axes
        if not self.shape:
            return self
        return apply("transpose", self, all_axes(tuple(order or range(self.ndim - 1, -1, -1)), self.ndim))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            raise TypeError(f"numpy.{ufunc.__name__} takes nodes only in a plain call, without options")
        return self.__array_function__(ufunc, (), inputs, {})

    def __array_function__(self, function: Any, types: Any, inputs: Any, options: Any) -> Any:
        if function not in NUMPY_FUNCTIONS:
            known = ", ".join(sorted(each.__name__ for each in NUMPY_FUNCTIONS))
            raise TypeError(f"numpy.{function.__name__} does not take nodes; NumPy's functions that do: {known}")
        return NUMPY_FUNCTIONS[function](*inputs, **options)


def as_value(value: Any, name: str = "value") -> Value:
    """Turn a number or array into a value, and refuse what is not a finite real number."""
    if isinstance(value, Node):
        raise TypeError(f"{name} is a node already: {value!r}")
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be a real number or an array of them, not {type(value).__name__} ({value!r:.60})")
    if not array.size:
        raise ValueError(f"{name} is empty, shape {array.shape}")
    if array.dtype.kind != "f":
        array = array.astype(np.float64)
    # The sum of squares is finite if all entries are, unless they are huge, and takes a third of the time.
    elif not math.isfinite(np.vdot(array, array)) and not np.isfinite(array).all():
        what = "NaN" if np.isnan(array).any() else "infinity"
        raise ValueError(f"{name} holds {what}; a graph takes finite numbers only")
    return array if array.ndim else float(array)


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def variable(value: ArrayLike, name: str | None = None) -> Node:
    """
    Make a node whose gradient is wanted: a weight, a bias.

    Parameters
    ----------
    value : array_like
        A finite number or an array of them. Integers become float64; float32 stays. An array is not copied.
    name : str, optional
        Its name in drawings and messages.

    Returns
    -------
    Node
        The variable.

    Raises
    ------
    TypeError, ValueError
        If the value is not a number, is empty, NaN or infinite.

    Examples
    --------
    >>> variable(3, "w")
    Node(w = variable, value=3)
    """
    node = Node(as_value(value, f"variable {name!r}" if name else "a variable"))
    node.name = name
    return node


def constant(value: ArrayLike, name: str | None = None) -> Node:
    """
    Make a node that stays as it is: data, a label. No gradient is computed for it.

    Parameters
    ----------
    value : array_like
        A finite number or an array of them, as for `variable`.
    name : str, optional
        Its name in drawings and messages.

    Returns
    -------
    Node
        The constant.

    Examples
    --------
    >>> constant([1.0, 2.0], "x")
    Node(x = constant, value=[1., 2.])
    """
    if value.__class__ is float and value - value == 0.0:  # finite, found out fast
        node = Node(value, varies=False)
    else:
        node = Node(as_value(value, f"constant {name!r}" if name else "a constant"), varies=False)
    node.name = name
    return node


def variables(**values: ArrayLike) -> list[Node]:
    """
    Make one variable for each name.

    Parameters
    ----------
    **values : array_like
        Names and values.

    Returns
    -------
    list of Node
        The variables in the order given.

    Examples
    --------
    >>> w, x, b, y = variables(w=2, x=-2, b=8, y=2)
    >>> w * x
    Node(mul(w, x), value=-4)
    """
    return [variable(value, name) for name, value in values.items()]
