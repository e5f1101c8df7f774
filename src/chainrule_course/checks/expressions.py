"""SymPy expressions as plain data, compared by what they are worth, however they are written.

An expression is kept as a tree of names and numbers, never as text to be evaluated: nothing a student wrote runs where
it is compared. SymPy is not imported before there is an expression.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

_CONSTANTS = ("Pi", "Exp1", "ImaginaryUnit", "Infinity", "NegativeInfinity", "ComplexInfinity", "NaN", "EulerGamma")
_UNFINISHED = ("Derivative", "Integral", "Limit", "Subs")

Tree = tuple[Any, ...]


@dataclass(frozen=True)
class Expression:
    """A SymPy expression as plain data.

    Attributes
    ----------
    tree : tuple
        ``("Symbol", name, assumptions)``, ``("Integer", 3)``, ``("Rational", 1, 2)``, ``("Float", 0.5)``,
        ``("Pi",)``, or the name of an operation and a tree for each of its arguments.
    """

    tree: Tree

    def __str__(self) -> str:
        return str(self.rebuild())

    @property
    def what(self) -> str:
        """What it is, in a few words: "a SymPy Integer", "a SymPy expression"."""
        return f"a SymPy {self.tree[0] if self.tree[0] in ('Integer', 'Rational', 'Float', 'Symbol') else 'expression'}"

    @property
    def unfinished(self) -> str:
        """The operation in it that is written down but not carried out, such as "Derivative"; else empty."""
        return next((name for name in _UNFINISHED if _holds(self.tree, name)), "")

    def rebuild(self) -> Any:
        """Return it as a SymPy expression."""
        return _rebuild(self.tree)


def expression(value: Any) -> Expression | None:
    """Return `value` as plain data if it is a genuine SymPy expression, else None.

    Examples
    --------
    >>> import sympy
    >>> w = sympy.Symbol("w")
    >>> expression(w**2).tree
    ('Pow', ('Symbol', 'w', ()), ('Integer', 2))
    >>> print(expression(w**2))
    w**2
    >>> expression("w**2") is None
    True
    """
    sympy = sys.modules.get("sympy")
    if sympy is None or not issubclass(type(value), sympy.Basic):
        return None
    tree = _tree(value)
    return None if tree is None else Expression(tree)


def alike(a: Expression, b: Expression, rtol: float, atol: float) -> bool:
    """Whether two expressions have the same value wherever their symbols are given numbers.

    Values are compared at random points, positive and negative, as the symbols' assumptions allow. Where no point gives
    a number, SymPy has to find that the difference simplifies to 0.
    """
    import sympy

    if a.tree == b.tree:
        return True
    x, y = a.rebuild(), b.rebuild()
    symbols = sorted(x.free_symbols | y.free_symbols, key=str)
    rng = np.random.default_rng(0)
    met = False
    for point in range(12):
        places = rng.uniform(0.2, 2.0, len(symbols)) * (rng.choice([-1.0, 1.0], len(symbols)) if point % 2 else 1.0)
        at = {symbol: _allowed(symbol, float(place)) for symbol, place in zip(symbols, places, strict=True)}
        mine, right = _number(x, at), _number(y, at)
        if np.isfinite(mine) and np.isfinite(right):
            met = True
            if abs(mine - right) > atol + rtol * abs(right):
                return False
    if met:
        return True
    try:
        return bool(sympy.simplify(x - y) == 0)
    except (TypeError, ValueError, NotImplementedError):
        return False


def _allowed(symbol: Any, place: float) -> float:
    """Return `place` with the sign that the symbol's assumptions ask for."""
    if symbol.is_nonnegative:
        return abs(place)
    return -abs(place) if symbol.is_nonpositive else place


def _number(value: Any, at: dict[Any, float]) -> complex:
    """Return the value of an expression at a point; NaN where it has none."""
    try:
        return complex(value.subs(at).evalf())
    except (TypeError, ValueError, AttributeError, ZeroDivisionError, OverflowError):
        return complex(np.nan)


def _tree(value: Any) -> Tree | None:
    import sympy

    if type(value) is sympy.Symbol:
        known = tuple(sorted(value.assumptions0.items()))
        return "Symbol", str(value.name), () if known == (("commutative", True),) else known
    if isinstance(value, sympy.Integer):
        return "Integer", int(value.p)
    if isinstance(value, sympy.Rational):
        return "Rational", int(value.p), int(value.q)
    if isinstance(value, sympy.Float):
        return "Float", float(value)
    for name in _CONSTANTS:
        if value is getattr(sympy.S, name):
            return (name,)
    if value is sympy.true or value is sympy.false:
        return (str(value).lower(),)
    name = type(value).__name__
    if _operations().get(name) is not type(value):
        return None
    parts = [_tree(part) for part in value.args]
    return None if None in parts else (name, *parts)


@cache
def _operations() -> dict[str, Callable[..., Any]]:
    """Return the classes an expression is made of, by name."""
    import sympy
    from sympy.functions.elementary.piecewise import ExprCondPair
    from sympy.logic.boolalg import Boolean

    kinds = (sympy.Expr, sympy.Tuple, Boolean)
    found = {name: kind for name, kind in vars(sympy).items() if isinstance(kind, type) and issubclass(kind, kinds)}
    return {kind.__name__: kind for kind in [*found.values(), ExprCondPair]}


def _rebuild(tree: Tree) -> Any:
    import sympy

    name, *parts = tree
    if name == "Symbol":
        return sympy.Symbol(str(parts[0]), **{str(key): bool(value) for key, value in parts[1]})
    if name in ("Integer", "Rational", "Float"):
        return getattr(sympy, name)(*(float(part) if name == "Float" else int(part) for part in parts))
    if name in (*_CONSTANTS, "true", "false"):
        return getattr(sympy.S, name)
    return _operations()[name](*map(_rebuild, parts))


def _holds(tree: Tree, name: str) -> bool:
    return tree[0] == name or any(_holds(part, name) for part in tree[1:] if isinstance(part, tuple) and part)
