"""
Measure how far outputs are from targets, and in which direction to change them.

A loss object gives one number for each example (`call`), the gradient of those numbers with respect to the
outputs (`gradient`), and their mean, the cost (calling it). Names, defaults and values are Keras'.
Cross-entropies are in nats.
"""

from __future__ import annotations

from chainrule.losses._crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from chainrule.losses._errors import MeanAbsoluteError, MeanSquaredError
from chainrule.losses._loss import FunctionLoss, Loss
from chainrule.names import lookup

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "FunctionLoss",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "get",
    "names",
]

_TABLE: dict[str, type[Loss]] = {
    "binary_crossentropy": BinaryCrossentropy,
    "bce": BinaryCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
    "mean_squared_error": MeanSquaredError,
    "mse": MeanSquaredError,
    "mean_absolute_error": MeanAbsoluteError,
    "mae": MeanAbsoluteError,
}
_CLASS_NAMES = {cls.__name__: cls for cls in _TABLE.values()}


def names() -> list[str]:
    """
    Return the names that `get` knows.

    Returns
    -------
    list of str

    Examples
    --------
    >>> "mse" in names()
    True
    """
    return list(_TABLE)


def get(identifier: object) -> Loss:
    """
    Return the loss that ``compile(loss=...)`` stands for.

    Parameters
    ----------
    identifier : str, Loss, callable or pair
        A name such as ``"mse"``; an object; your own function ``loss(y, p)``, alone (its derivative is then
        taken by central differences) or as a pair ``(loss, derivative)``. See `FunctionLoss`.

    Returns
    -------
    Loss
        The object itself, or a new one.

    Raises
    ------
    ValueError
        For an unknown name.
    TypeError
        For anything else.

    Examples
    --------
    >>> get("mse")
    MeanSquaredError()
    """
    if isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, str):
        return lookup(identifier, _TABLE, "loss", _CLASS_NAMES)()
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        raise TypeError(f"loss must be an object: write {identifier.__name__}() with parentheses")
    if callable(identifier):
        return FunctionLoss(identifier)
    if isinstance(identifier, (tuple, list)) and len(identifier) == 2 and all(map(callable, identifier)):
        return FunctionLoss(*identifier)
    raise TypeError(
        "loss must be a name such as 'binary_crossentropy', a loss object, a function loss(y, p), or a pair "
        f"(function, derivative), got {identifier!r}"
    )
