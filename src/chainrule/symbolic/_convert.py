"""SymPy expression to graph and back, both without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from chainrule import graph
from chainrule.graph import Graph, Node, constant, variable
from chainrule.names import suggest

if TYPE_CHECKING:
    from sympy import Expr


def from_sympy(expression: Expr | str, values: Mapping[Any, ArrayLike], constants: Iterable[Any] = ()) -> Node:
    """
    Compute a SymPy expression as a graph.

    Equal parts of the expression become one node, used several times.

    Parameters
    ----------
    expression : sympy.Expr or str
        The expression; a string is read by `sympy.sympify`.
    values : mapping
        A number or an array for each symbol (or its name). Arrays are combined entry by entry.
    constants : iterable, optional
        The symbols (or names) that are data, whose derivative nobody wants; the others become variables.

    Returns
    -------
    Node
        The output; every symbol is a node of its name.

    Raises
    ------
    ValueError
        If a symbol has no value, or a value no symbol.
    NotImplementedError
        If the expression has a function that graphs do not have.

    Examples
    --------
    >>> from chainrule.graph import Graph
    >>> J = from_sympy("log(1 + exp(w*x))", {"w": 0, "x": 3}, constants=["x"])
    >>> round(J.value, 6)
    0.693147
    >>> Graph(J).forward_mode()
    {'w': 1.5}
    """
    import sympy

    given = {str(key): value for key, value in values.items()}
    # Without this, SymPy would read S, N, beta or gamma as names of its own.
    expression = sympy.sympify(expression, locals={name: sympy.Symbol(name) for name in given})
    if not isinstance(expression, sympy.Expr):
        raise TypeError(f"expression must be a SymPy expression, not {type(expression).__name__} ({expression})")
    data = {str(each) for each in constants}
    symbols = sorted(expression.free_symbols, key=str)
    names = {symbol.name: symbol for symbol in symbols}
    for name in names:
        if name not in given:
            raise ValueError(f"values has no value for the symbol {name!r} of {expression}")
    for name in (*given, *data):
        if name not in names:
            raise ValueError(f"{expression} has no symbol {name!r}{suggest(name, names)}")
    leaves = {name: (constant if name in data else variable)(value, name) for name, value in given.items()}
    nodes: dict[Any, Node] = {symbol: leaves[symbol.name] for symbol in symbols}
    to_make = [expression]
    while to_make:
        current = to_make[-1]
        if current in nodes:
            to_make.pop()
            continue
        parts, combine = _taken_apart(current)
        missing = [part for part in parts if part not in nodes]
        if missing:
            to_make += missing
        else:
            nodes[current] = combine(*(nodes[part] for part in parts))
    return nodes[expression]


def _taken_apart(expression: Any) -> tuple[list[Any], Callable[..., Node]]:
    """Return the parts that an expression is computed from, and the function of nodes that does it."""
    import sympy

    if expression.is_number and expression.is_real:
        return [], lambda: constant(float(expression))
    if expression.is_Add:
        # a − b rather than a + (−1) b
        terms = sorted(expression.as_ordered_terms(), key=_is_negative)
        minus = [_is_negative(term) for term in terms]
        parts = [-term if flip else term for term, flip in zip(terms, minus, strict=True)]
        return parts, lambda *nodes: _signed_sum(nodes, minus)
    if expression.is_Mul:
        if _is_negative(expression):
            return [-expression], lambda a: -a
        # a / b rather than a b⁻¹
        above, below = _factors(expression)
        return [*above, *below], lambda *nodes: _quotient(nodes[: len(above)], nodes[len(above) :])
    if expression.is_Pow:
        base, exponent = expression.args
        if exponent.is_Rational and exponent.is_negative:
            return [base**-exponent], lambda a: 1 / a
        if exponent == 2:
            return [base], graph.square
        if exponent == sympy.Rational(1, 2):
            return [base], graph.sqrt
        return [base, exponent], lambda a, b: a**b
    if isinstance(expression, sympy.Max):
        if len(expression.args) == 2 and 0 in expression.args:
            return [next(each for each in expression.args if each != 0)], graph.relu
        return list(expression.args), lambda *nodes: reduce(graph.maximum, nodes)
    functions: dict[Any, Callable[..., Node]] = {
        sympy.exp: graph.exp,
        sympy.log: graph.log,
        sympy.sin: graph.sin,
        sympy.cos: graph.cos,
        sympy.tanh: graph.tanh,
        sympy.Abs: abs,
        sympy.sign: graph.sign,
    }
    if expression.func not in functions:
        known = ", ".join(sorted(["Max", *(each.__name__ for each in functions)]))
        raise NotImplementedError(f"graphs cannot compute {expression}; the functions they have: {known}")
    return list(expression.args), functions[expression.func]


def _is_negative(term: Any) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def _signed_sum(nodes: tuple[Node, ...], minus: list[bool]) -> Node:
    total = -nodes[0] if minus[0] else nodes[0]
    for node, flip in zip(nodes[1:], minus[1:], strict=True):
        total = total - node if flip else total + node
    return total


def _factors(product: Any) -> tuple[list[Any], list[Any]]:
    """Return the factors above and below the fraction line."""
    import sympy

    above, below = [], []
    for factor in product.as_ordered_factors():
        if factor.is_Rational:
            above += [] if factor.p == 1 else [sympy.Integer(factor.p)]
            below += [] if factor.q == 1 else [sympy.Integer(factor.q)]
        elif factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
            below.append(factor.base**-factor.exp)
        else:
            above.append(factor)
    return above, below


def _quotient(above: tuple[Node, ...], below: tuple[Node, ...]) -> Node:
    top: Any = reduce(lambda a, b: a * b, above) if above else 1
    quotient: Node = top / reduce(lambda a, b: a * b, below) if below else top
    return quotient


def to_sympy(output: Node | Graph) -> Expr:
    """
    Write what a graph of scalars computes as a SymPy expression.

    Parameters
    ----------
    output : Node or Graph
        The output.

    Returns
    -------
    sympy.Expr
        The expression. Variables and named constants become symbols of their names, other constants numbers.

    Raises
    ------
    ValueError
        If a node holds an array.
    NotImplementedError
        If the graph has an operation that SymPy does not know.

    Examples
    --------
    >>> from chainrule.graph import sigmoid, variables
    >>> w, x = variables(w=2, x=3)
    >>> to_sympy(sigmoid(w * x) ** 2 / 2)
    1/(2*(1 + exp(-w*x))**2)
    """
    import sympy

    formulas: dict[str, Callable[..., Any]] = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b,
        "pow": lambda a, b: a**b,
        "neg": lambda x: -x,
        "square": lambda x: x**2,
        "half_square": lambda x: x**2 / 2,
        "sqrt": sympy.sqrt,
        "abs": sympy.Abs,
        "sign": sympy.sign,
        "maximum": sympy.Max,
        "exp": sympy.exp,
        "log": sympy.log,
        "sin": sympy.sin,
        "cos": sympy.cos,
        "tanh": sympy.tanh,
        "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
        "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
        "relu": lambda x: sympy.Max(x, 0),
        "binary_crossentropy_from_logits": lambda y, z: sympy.log(1 + sympy.exp(z)) - y * z,
    }
    whole = output if isinstance(output, Graph) else Graph(output)
    made: dict[Node, Any] = {}
    for name, node in zip(whole.order, whole.nodes, strict=True):
        if node.shape:
            raise ValueError(f"only graphs of scalars have a formula; {name!r} is an array of shape {node.shape}")
        if node.operation is None:
            made[node] = sympy.Symbol(name, real=True) if node.varies or node.name else _number(float(node.value))
        elif node.operation.name in formulas:
            made[node] = formulas[node.operation.name](*(made[each] for each in node.parents))
        else:
            known = ", ".join(sorted(formulas))
            raise NotImplementedError(f"no formula for {node.operation.name!r}; the operations that have one: {known}")
    return made[whole.output]


def _number(value: float) -> Any:
    """Return 2 for 2.0 and 1/10 for 0.1, but a number that is no simple fraction as it is."""
    import sympy

    fraction = Fraction(value).limit_denominator(1000)
    return sympy.Rational(fraction.numerator, fraction.denominator) if float(fraction) == value else sympy.Float(value)
