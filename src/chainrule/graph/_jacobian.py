"""The derivative of one node by another next to it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule.graph._nodes import Node
from chainrule.graph._operations import Value, carefully
from chainrule.graph._sweeps import unbroadcast


class Jacobian:
    """
    The derivative of an array by an array, as the linear map it is.

    ``g * jacobian`` is the gradient that arrives at the argument when ``g`` arrives at the result (a vector-Jacobian
    product), so code written for scalars, ``gradient[parent] += gradient[node] * local``, runs on arrays. The matrix
    itself has an entry for each pair of entries, nearly all of them zero, and is not stored; `matrix` writes it out.

    Parameters
    ----------
    node : Node
        The result.
    argument : int
        Which argument, 0 or 1.

    Examples
    --------
    >>> from chainrule.graph import square, variable
    >>> slope = Jacobian(square(variable([1.0, 2.0])), 0)
    >>> np.array([1.0, 1.0]) * slope
    array([2., 4.])
    >>> slope.matrix()
    array([[2., 0.],
           [0., 4.]])
    """

    __array_ufunc__ = None  # array * jacobian is ours to compute

    def __init__(self, node: Node, argument: int) -> None:
        self._node = node
        self._argument = argument
        self.shape = (node.size, node.parents[argument].size)

    def __mul__(self, gradient: ArrayLike) -> Value:
        node, operation = self._node, self._node.operation
        values = [each.value for each in node.parents]
        if operation is None or operation.flat:
            return 0.0 * values[self._argument]
        rule = operation.right if self._argument else operation.left
        given = np.broadcast_to(np.asarray(gradient, node.dtype), node.shape) if node.shape else float(gradient)  # type: ignore[arg-type]
        arriving: Value = unbroadcast(
            carefully(rule, given, node.value, *values, *node.options), values[self._argument]
        )
        return arriving

    __rmul__ = __mul__

    def matrix(self) -> np.ndarray[Any, Any]:
        """Write the matrix out: a row for each entry of the result, a column for each entry of the argument."""
        rows = np.eye(self.shape[0]).reshape(-1, *self._node.shape)
        return np.array([np.ravel(self * row) for row in rows])

    def __repr__(self) -> str:
        return f"Jacobian({self.shape[0]} × {self.shape[1]})"


def local_derivative(node: Node, argument: int) -> float | Jacobian:
    """Return the derivative of a node by one of its arguments: a number if both are scalars."""
    slope = Jacobian(node, argument)
    return slope if node.shape or node.parents[argument].shape else float(slope * 1.0)
