"""
Add a penalty for large weights to the cost: λ₁ Σ|w| + λ₂ Σw².

As in Keras the penalty is added to the mean loss as it stands, neither halved nor divided by the number of
examples: the course's λ/2m · Σw² is ``L2(lam / (2 * m))``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._arguments import check_real
from chainrule.elementwise import floats, slopes
from chainrule.names import lookup

__all__ = ["L1", "L1L2", "L2", "Regularizer", "get"]

Array: TypeAlias = NDArray[Any]


class Regularizer:
    """
    A penalty on an array of weights: call it for its value, `gradient` for its gradient.

    Parameters
    ----------
    penalty : callable
        ``penalty(w) -> float``.
    gradient : callable, optional
        ``gradient(w)``, shaped like w. Central differences if not given, which is slow: one pair of
        calls per weight.

    Examples
    --------
    >>> sixth_power = Regularizer(lambda w: np.sum(w**6))
    >>> sixth_power([1.0, 2.0]), sixth_power.gradient([1.0, 2.0]).round(4)
    (65.0, array([  6., 192.]))
    """

    def __init__(self, penalty: Callable[[Array], Any], gradient: Callable[[Array], Array] | None = None) -> None:
        self.function = penalty
        self._gradient = gradient or (lambda w: slopes(penalty, w))

    def __call__(self, w: ArrayLike) -> float:
        """Return the penalty of these weights."""
        return float(self.function(floats(w)))

    def gradient(self, w: ArrayLike) -> Array:
        """Return the derivative of the penalty with respect to each weight."""
        return self._gradient(floats(w))


class L1L2(Regularizer):
    """
    The penalty l1 · Σ|w| + l2 · Σw²; its gradient is l1 · sign(w) + 2 · l2 · w.

    Parameters
    ----------
    l1, l2 : float, default 0
        Strength of each part, ≥ 0. Too small changes nothing; too large holds all weights near 0.

    Examples
    --------
    >>> L1L2(l1=0.5, l2=0.25)([3.0, -4.0])
    9.75
    >>> L1L2(l1=0.5, l2=0.25).gradient([3.0, 0.0, -4.0])
    array([ 2. ,  0. , -2.5])
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = check_real("l1", l1, least=0)
        self.l2 = check_real("l2", l2, least=0)

    def __call__(self, w: ArrayLike) -> float:
        """Return the penalty of these weights."""
        w = floats(w)
        return self.l1 * float(np.abs(w).sum()) + self.l2 * float(np.square(w).sum())

    def gradient(self, w: ArrayLike) -> Array:
        """Return the derivative of the penalty with respect to each weight; 0 for a weight that is 0."""
        w = floats(w)
        gradient = np.sign(w)
        gradient *= self.l1
        gradient += w.dtype.type(2 * self.l2) * w
        return gradient

    def __repr__(self) -> str:
        return f"{type(self).__name__}(l1={self.l1:g}, l2={self.l2:g})"


class L1(L1L2):
    """
    The penalty l1 · Σ|w|, which drives weights to exactly 0.

    Parameters
    ----------
    l1 : float, default 0.01
        Strength, ≥ 0.

    Examples
    --------
    >>> L1(0.5)([3.0, -4.0])
    3.5
    """

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1=l1)


class L2(L1L2):
    """
    The penalty l2 · Σw², which shrinks large weights most.

    Parameters
    ----------
    l2 : float, default 0.01
        Strength, ≥ 0.

    Examples
    --------
    >>> L2(0.5)([3.0, -4.0])
    12.5
    """

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(l2=l2)


_TABLE: dict[str, Callable[[], Regularizer]] = {
    "l1": L1,
    "l2": L2,
    "l1_l2": lambda: L1L2(0.01, 0.01),
}
_CLASS_NAMES = {"L1": L1, "L2": L2, "L1L2": _TABLE["l1_l2"]}


def get(identifier: object) -> Regularizer | None:
    """
    Return the regularizer that a layer's argument stands for.

    Parameters
    ----------
    identifier : None, str, Regularizer, callable or pair
        None for no penalty; a name (``"l2"`` has strength 0.01, as in Keras); an object; your own function
        ``penalty(w) -> float``, alone or as a pair with its gradient.

    Returns
    -------
    Regularizer or None
        The object itself, or a new one.

    Raises
    ------
    ValueError
        For an unknown name.
    TypeError
        For anything else.

    Examples
    --------
    >>> get("l2")
    L2(l1=0, l2=0.01)
    """
    if identifier is None or isinstance(identifier, Regularizer):
        return identifier
    if isinstance(identifier, str):
        return lookup(identifier, _TABLE, "regularizer", _CLASS_NAMES)()
    if callable(identifier):
        return Regularizer(identifier)
    if isinstance(identifier, (tuple, list)) and len(identifier) == 2 and all(map(callable, identifier)):
        return Regularizer(*identifier)
    raise TypeError(
        "a regularizer must be None, a name such as 'l2', L1(...), L2(...), L1L2(...) or a function "
        f"penalty(w), got {identifier!r}"
    )
