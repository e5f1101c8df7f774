"""
Change weights against their gradient, by the update rules of Keras.

An optimizer sees one vector of weights and one of gradients, whatever layers they belong to: a rule is
written once, for a vector, and costs a handful of NumPy calls however many layers there are.
"""

from __future__ import annotations

from chainrule.names import lookup
from chainrule.optimizers._optimizer import FunctionOptimizer, Optimizer
from chainrule.optimizers._rules import SGD, Adam, RMSprop

__all__ = ["SGD", "Adam", "FunctionOptimizer", "Optimizer", "RMSprop", "get"]

_TABLE: dict[str, type[Optimizer]] = {"sgd": SGD, "rmsprop": RMSprop, "adam": Adam}
_CLASS_NAMES = {cls.__name__: cls for cls in _TABLE.values()}


def get(identifier: object) -> Optimizer:
    """
    Return the optimizer that ``compile(optimizer=...)`` stands for.

    Parameters
    ----------
    identifier : str, Optimizer or callable
        A name (with its default settings), an object, or your own function ``step(w, g) -> w``.

    Returns
    -------
    Optimizer
        The object itself, or a new one.

    Raises
    ------
    ValueError
        For an unknown name.
    TypeError
        For anything else.

    Examples
    --------
    >>> get("rmsprop")
    RMSprop(learning_rate=0.001)
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str):
        return lookup(identifier, _TABLE, "optimizer", _CLASS_NAMES)()  # type: ignore[call-arg]
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        raise TypeError(f"optimizer must be an object: write {identifier.__name__}() with parentheses")
    if callable(identifier):
        return FunctionOptimizer(identifier)
    raise TypeError(
        f"optimizer must be a name such as 'rmsprop', an optimizer object or a function step(w, g), got {identifier!r}"
    )
