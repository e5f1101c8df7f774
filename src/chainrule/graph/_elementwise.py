"""The functions that work entry by entry: each makes a node of a node, and a plain value of a number or an array."""

from __future__ import annotations

from typing import Any, TypeVar

from numpy.typing import NDArray

from chainrule.graph._nodes import Node, apply, apply_to_two

T = TypeVar("T", Node, float, NDArray[Any])


def exp(x: T) -> T:
    """
    Raise e to the power x.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> exp(0.0)
    1.0
    """
    return apply("exp", x)


def log(x: T) -> T:
    """
    Take the natural logarithm.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> log(1.0)
    0.0
    """
    return apply("log", x)


def sqrt(x: T) -> T:
    """
    Take the square root.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> sqrt(9.0)
    3.0
    """
    return apply("sqrt", x)


def square(x: T) -> T:
    """
    Multiply x by itself.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> square(3.0)
    9.0
    """
    return apply("square", x)


def half_square(x: T) -> T:
    """
    Compute ½ x², the squared error as a loss has it: its derivative is x.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> half_square(2.0)
    2.0
    """
    return apply("half_square", x)


def sin(x: T) -> T:
    """
    Take the sine of x radians.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape. In radians.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> sin(0.0)
    0.0
    """
    return apply("sin", x)


def cos(x: T) -> T:
    """
    Take the cosine of x radians.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape. In radians.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> cos(0.0)
    1.0
    """
    return apply("cos", x)


def tanh(x: T) -> T:
    """
    Take the hyperbolic tangent, an S from -1 to 1.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> tanh(0.0)
    0.0
    """
    return apply("tanh", x)


def sigmoid(x: T) -> T:
    """
    Compute 1 / (1 + e⁻ˣ), an S from 0 to 1.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> sigmoid(0.0)
    0.5
    """
    return apply("sigmoid", x)


def softplus(x: T) -> T:
    """
    Compute ln(1 + eˣ), a smooth `relu`.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> softplus(1000.0)
    1000.0
    """
    return apply("softplus", x)


def relu(x: T) -> T:
    """
    Compute max(x, 0). At the kink the derivative is taken as 0.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> relu(-3.0)
    0.0
    """
    return apply("relu", x)


def maximum(a: Any, b: Any) -> Any:
    """
    Take the larger of the two, entry by entry. Where they are equal, each gets half of the gradient.

    Parameters
    ----------
    a, b : Node, float or ndarray
        Of shapes that broadcast.

    Returns
    -------
    Node, float or ndarray
        A node if one of them is.

    Examples
    --------
    >>> maximum(2.0, 3.0)
    3.0
    """
    return apply_to_two("maximum", a, b)


def sign(x: T) -> T:
    """
    Return -1, 0 or 1. The derivative is zero wherever there is one, so no gradient passes.

    Parameters
    ----------
    x : Node, float or ndarray
        Any shape.

    Returns
    -------
    Node, float or ndarray
        As x, and of its shape.

    Examples
    --------
    >>> sign(-3.0)
    -1.0
    """
    return apply("sign", x)
