"""SymPy's derivatives beside those of a function or a graph."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from chainrule import activations
from chainrule._arguments import check_real
from chainrule.elementwise import floats
from chainrule.graph import Graph, Node
from chainrule.symbolic._convert import to_sympy

if TYPE_CHECKING:
    from sympy import Expr

FORMULAS: Mapping[str, str] = MappingProxyType(
    {
        "linear": "z",
        "sigmoid": "1/(1 + exp(-z))",
        "tanh": "(exp(z) - exp(-z))/(exp(z) + exp(-z))",
        "relu": "Piecewise((z, z > 0), (0, True))",
        "leaky_relu": "Piecewise((z, z > 0), (z/5, True))",
        "softplus": "log(1 + exp(z))",
        "elu": "Piecewise((z, z > 0), (exp(z) - 1, True))",
        "gelu": "z*(1 + erf(z/sqrt(2)))/2",
    }
)
"""The library's activations, elementwise with their default settings, as SymPy reads them."""


class DerivativeRow(NamedTuple):
    """
    One function of a `DerivativeTable`.

    Attributes
    ----------
    name : str
        Of the function, or of the variable.
    expression : sympy.Expr
        The function.
    derivative : sympy.Expr
        SymPy's derivative of it.
    error : float
        The largest distance to the derivative it was compared with, relative where that is above 1.
    at : float
        Where it is largest.

    Examples
    --------
    >>> [row] = derivative_table({"square": ("z**2", lambda z: 2 * z)})
    >>> row.name, row.derivative, row.error
    ('square', 2*z, 0.0)
    """

    name: str
    expression: Expr
    derivative: Expr
    error: float
    at: float


@dataclass(frozen=True, repr=False)
class DerivativeTable:
    """
    Derivatives compared; printing it shows a table, and in an ``if`` it is true if all agree.

    Attributes
    ----------
    rows : tuple of DerivativeRow
        One for each function.
    tolerance : float
        The largest error accepted.

    Examples
    --------
    >>> table = derivative_table({"cube": ("z**3", lambda z: z**2)}, points=[1.0, 2.0])
    >>> bool(table), len(table)
    (False, 1)
    """

    rows: tuple[DerivativeRow, ...]
    tolerance: float

    @property
    def ok(self) -> bool:
        """Whether all derivatives agree."""
        return all(row.error <= self.tolerance for row in self.rows)

    def __bool__(self) -> bool:
        return self.ok

    def __iter__(self) -> Iterator[DerivativeRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        cells = [("", "function", "derivative", "error", "")]
        for row in self.rows:
            verdict = "" if row.error <= self.tolerance else f"differs, most at {row.at:g}"
            cells.append((row.name, str(row.expression), str(row.derivative), f"{row.error:.1e}", verdict))
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in cells]
        return "\n".join(line.rstrip() for line in lines)


def derivative_table(
    functions: Mapping[str, tuple[Any, Callable[[Any], Any]]] | None = None,
    points: ArrayLike | None = None,
    tolerance: float = 1e-8,
) -> DerivativeTable:
    """
    Differentiate expressions with SymPy and compare with derivatives written as functions, on a grid.

    SymPy's values are computed to twenty digits, so that no overflow or rounding of theirs is in the comparison.

    Parameters
    ----------
    functions : mapping, optional
        For each name a pair: an expression of one symbol (or a string), and the derivative, a function of arrays.
        Default: the activations of `chainrule.activations`, with the formulas of `FORMULAS`.
    points : array_like, optional
        The grid; by default 41 points from -10 to 10, among them 0.
    tolerance : float, default 1e-8
        The largest error accepted, relative where the derivative is above 1.

    Returns
    -------
    DerivativeTable
        A row for each function.

    Raises
    ------
    ValueError
        If an expression has more than one symbol, or a derivative does not keep the shape of its argument.

    Examples
    --------
    >>> derivative_table({"square": ("z**2", lambda z: 2 * z), "cube": ("z**3", lambda z: z**2)})
            function  derivative  error
    square  z**2      2*z         0.0e+00
    cube    z**3      3*z**2      6.7e-01  differs, most at -10
    """
    import sympy

    if functions is None:
        functions = {name: (text, activations.get(name).derivative) for name, text in FORMULAS.items()}
    check_real("tolerance", tolerance, least=0)
    grid = np.ravel(floats(np.linspace(-10, 10, 41) if points is None else points))
    if not grid.size or not np.isfinite(grid).all():
        raise ValueError("points must be finite numbers, at least one")
    rows = []
    for name, (text, function) in functions.items():
        expression = sympy.sympify(text)
        if len(expression.free_symbols) > 1:
            raise ValueError(
                f"{name!r} must have one symbol, {expression} has {sorted(map(str, expression.free_symbols))}"
            )
        symbol = next(iter(expression.free_symbols), sympy.Symbol("z"))
        expression = expression.subs(symbol, real := sympy.Symbol(symbol.name, real=True))
        derivative = sympy.diff(expression, real)
        found = np.asarray(function(grid), dtype=np.float64)
        if found.shape != grid.shape:
            raise ValueError(f"the derivative of {name!r} gave shape {found.shape} for {grid.size} points")
        exact = [float(derivative.subs(real, sympy.Rational(float(at))).evalf(20)) for at in grid]
        rows.append(DerivativeRow(name, expression, derivative, *_worst(found, exact, grid)))
    return DerivativeTable(tuple(rows), tolerance)


def gradient_table(output: Node | Graph, tolerance: float = 1e-8) -> DerivativeTable:
    """
    Differentiate a graph of scalars with SymPy and compare with its reverse sweep.

    Parameters
    ----------
    output : Node or Graph
        The output.
    tolerance : float, default 1e-8
        The largest error accepted, relative where the derivative is above 1.

    Returns
    -------
    DerivativeTable
        A row for each variable; ``at`` is its value.

    Examples
    --------
    >>> from chainrule.graph import half_square, variables
    >>> w, x, b, y = variables(w=2, x=-2, b=8, y=2)
    >>> for row in gradient_table(half_square(w * x + b - y)):
    ...     print(row.name, row.derivative, row.error)
    w x*(b + w*x - y) 0.0
    x w*(b + w*x - y) 0.0
    b b + w*x - y 0.0
    y -b - w*x + y 0.0
    """
    import sympy

    check_real("tolerance", tolerance, least=0)
    whole = output if isinstance(output, Graph) else Graph(output)
    expression = to_sympy(whole)
    places = {
        sympy.Symbol(name, real=True): sympy.Rational(float(node.value))
        for name, node in zip(whole.order, whole.nodes, strict=True)
        if node.operation is None
    }
    found = whole.backward()
    rows = []
    for symbol, at in places.items():
        if whole[symbol.name].varies:
            derivative = sympy.diff(expression, symbol)
            exact = float(derivative.subs(places).evalf(20))
            error, _ = _worst([found.get(symbol.name, 0.0)], [exact], [at])
            rows.append(DerivativeRow(symbol.name, expression, derivative, error, float(at)))
    return DerivativeTable(tuple(rows), tolerance)


def _worst(found: Any, exact: Any, places: Any) -> tuple[float, float]:
    errors = np.abs(np.subtract(found, exact)) / np.maximum(1, np.abs(exact))
    errors[~np.isfinite(errors)] = math.inf
    return float(errors.max()), float(np.asarray(places)[errors.argmax()])
