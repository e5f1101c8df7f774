"""Expressions and graphs, there and back, with SymPy's own numbers as the judge."""

import subprocess
import sys

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import activations, graph
from chainrule.graph import Graph, constant, variable, variables
from chainrule.symbolic import FORMULAS, derivative_table, from_sympy, gradient_table, to_sympy

w, x, b, y = sympy.symbols("w x b y")


@st.composite
def expressions(draw, depth=3):
    """Expressions of two symbols that are defined and tame everywhere."""
    if depth == 0 or draw(st.booleans()) is False:
        return draw(st.sampled_from([w, x, w, x, sympy.Integer(2), sympy.Rational(-3, 4), sympy.Float(0.3), sympy.pi]))
    parts = [draw(expressions(depth=depth - 1)) for _ in range(2)]
    return draw(
        st.sampled_from(
            [
                lambda p, q: p + q,
                lambda p, q: p - 2 * q,
                lambda p, q: p * q,
                lambda p, q: -p * q / 3,
                lambda p, q: p / (1 + q**2),
                lambda p, q: 1 / (2 + sympy.sin(p)),
                lambda p, q: sympy.sqrt(1 + p**2),
                lambda p, q: (2 + p**2) ** sympy.sin(q),
                lambda p, q: (1 + p**2) ** sympy.Rational(-3, 2),
                lambda p, q: sympy.exp(-(p**2)),
                lambda p, q: sympy.log(1 + q**2),
                lambda p, q: sympy.tanh(p) - sympy.cos(q),
                lambda p, q: p**3,
            ]
        )
    )(*parts)


@settings(max_examples=60, deadline=None)
@given(expression=expressions(), seed=st.integers(0, 1000))
def test_values_and_derivatives_follow_sympy(expression, seed):
    numbers = dict(zip((w, x), np.random.default_rng(seed).uniform(-2, 2, 2), strict=True))
    used = {symbol: value for symbol, value in numbers.items() if symbol in expression.free_symbols}
    exact = {symbol: sympy.Rational(float(value)) for symbol, value in used.items()}
    node = from_sympy(expression, used)
    assert node.value == pytest.approx(float(expression.subs(exact).evalf(20)), rel=1e-9, abs=1e-9)
    if not used:
        return
    whole = Graph(node)
    found = whole.backward()
    for symbol in used:
        want = float(sympy.diff(expression, symbol).subs(exact).evalf(20))
        assert found[symbol.name] == pytest.approx(want, rel=1e-8, abs=1e-8)
    assert gradient_table(node).ok
    back = to_sympy(node)
    again = from_sympy(
        back, {str(symbol): value for symbol, value in used.items() if str(symbol) in map(str, back.free_symbols)}
    )
    assert again.value == pytest.approx(node.value, rel=1e-9, abs=1e-9)


def test_the_notes_expression():
    node = from_sympy((w * x + b - y) ** 2 / 2, {"w": 2, x: -2, "b": 8, y: 2}, constants=[x, "y"])
    whole = Graph(node)
    assert node.value == 2
    assert {name: whole.backward()[name] for name in ("w", "b")} == {"w": -4, "b": 2}
    assert whole["x"].gradient is None
    assert [each.symbol for each in whole.describe() if each.symbol] == ["×", "+", "−", "( )²", "÷"]


def test_equal_parts_become_one_node():
    node = from_sympy(sympy.exp(w * x) + sympy.sin(w * x) * sympy.exp(w * x), {"w": 1, "x": 2})
    operations = [each.operation.name for each in Graph(node).nodes if each.operation]
    assert sorted(operations) == ["add", "exp", "mul", "mul", "sin"]


def test_arrays_are_combined_entry_by_entry():
    grid = np.linspace(-3, 3, 7)
    node = from_sympy("1/(1 + exp(-z))", {"z": grid})
    np.testing.assert_allclose(node.value, activations.sigmoid(grid), rtol=1e-12)
    node.backward(np.ones(7))


@pytest.mark.parametrize(
    "text",
    ["Max(w, 0)", "Max(w, x, 1/2)", "Abs(w)*sign(x)", "-w*(x - w)", "-3", "x**-2/(2*w)", "w**(x)/x", "2*x/3 - 1"],
)
@pytest.mark.parametrize("place", [(1.5, 0.25), (0.5, 2.0)])
def test_forms_that_need_care(text, place):
    values = dict(zip(("w", "x"), place, strict=True))
    expression = sympy.sympify(text)
    used = {name: value for name, value in values.items() if name in map(str, expression.free_symbols)}
    assert from_sympy(text, used).value == pytest.approx(float(expression.subs(used)))


def test_names_that_sympy_has_a_meaning_for():
    assert from_sympy("S + N*beta", {"S": 1, "N": 2, "beta": 3}).value == 7


OPERATIONS = {
    "a + b - 2": lambda a, b: a + b - 2,
    "a*b/3 + 1/10": lambda a, b: a * b / 3 + 0.1,
    "a**b": lambda a, b: a**b,
    "-Abs(a) + sqrt(b)": lambda a, b: -abs(a) + graph.sqrt(b),
    "a**2 + b**2/2": lambda a, b: graph.square(a) + graph.half_square(b),
    "exp(a) - log(b)": lambda a, b: graph.exp(a) - graph.log(b),
    "sin(a)*cos(b)*tanh(a)": lambda a, b: graph.sin(a) * graph.cos(b) * graph.tanh(a),
    "1/(1 + exp(-a)) + log(1 + exp(b))": lambda a, b: graph.sigmoid(a) + graph.softplus(b),
    "Max(a, 0) + Max(a, b)": lambda a, b: graph.relu(a) + graph.maximum(a, b),
    "log(1 + exp(b)) - a*b": graph.binary_crossentropy_from_logits,
    "sign(a)*b": lambda a, b: graph.sign(a) * b,
}


@pytest.mark.parametrize("text", OPERATIONS)
def test_graphs_become_their_formula(text):
    a, b = variables(a=0.75, b=1.25)
    symbols = {name: sympy.Symbol(name, real=True) for name in "ab"}
    made = to_sympy(OPERATIONS[text](a, b))
    assert sympy.simplify(made - sympy.sympify(text, locals=symbols)) == 0


def test_numbers_become_fractions_or_stay_as_they_are():
    a = variable(1, "a")
    assert str(to_sympy(a * 0.1)) == "a/10"
    assert str(to_sympy(a + 2)) == "a + 2"
    assert to_sympy(a * np.pi).args[0] == sympy.Float(np.pi)
    assert str(to_sympy(a * constant(2, "k"))) == "a*k"


def test_gradient_table_finds_a_wrong_rule(monkeypatch):
    monkeypatch.setattr(graph.OPERATIONS["sin"], "left", lambda g, y, x: g * y)
    table = gradient_table(graph.sin(variable(1.0, "a")) + variable(2.0, "b"))
    assert not table
    assert [row.name for row in table if row.error > 1e-8] == ["a"]
    assert "differs, most at 1" in repr(table)


def test_every_activation_of_the_library_has_sympys_derivative():
    table = derivative_table()
    assert [row.name for row in table] == list(FORMULAS)
    assert table.ok, table
    for row in table:
        function = sympy.lambdify(next(iter(row.expression.free_symbols)), row.expression, "mpmath")
        for point in (-2.5, 0.0, 1.5):
            assert float(activations.get(row.name)(point)) == pytest.approx(float(function(point)), abs=1e-12)


def test_derivative_table_finds_mistakes():
    table = derivative_table(
        {
            "right": (sympy.sin(w), np.cos),
            "constant": ("3", np.zeros_like),
            "off beyond 5": ("z**2", lambda z: np.where(z > 5, z, 2 * z)),
            "NaN": ("z**2", lambda z: z * np.nan),
            "takes a for z": ("1/(1 + exp(-z))", lambda z: z * (1 - z)),
        }
    )
    assert [row.name for row in table if row.error > table.tolerance] == ["off beyond 5", "NaN", "takes a for z"]
    rows = {row.name: row for row in table}
    assert rows["off beyond 5"].at == 5.5
    assert rows["off beyond 5"].error == pytest.approx(0.5)
    assert str(rows["off beyond 5"].derivative) == "2*z"
    assert derivative_table({"s": ("sqrt(z)", lambda z: 0.5 / np.sqrt(z))}, points=[1, 4, 9]).ok


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: from_sympy("w*x", {"w": 1}), ValueError, "no value for the symbol 'x'"),
        (lambda: from_sympy("weight", {"weight": 1, "wieght": 2}), ValueError, "did you mean 'weight'"),
        (lambda: from_sympy("w", {"w": 1}, constants=["x"]), ValueError, "no symbol 'x'"),
        (lambda: from_sympy("w > 1", {"w": 1}), TypeError, "must be a SymPy expression"),
        (lambda: from_sympy("gamma(w)", {"w": 1}), NotImplementedError, r"cannot compute gamma\(w\).*Abs, Max, cos"),
        (lambda: from_sympy("w + I", {"w": 1}), NotImplementedError, "cannot compute I"),
        (lambda: from_sympy("w", {"w": float("nan")}), ValueError, "NaN"),
        (lambda: to_sympy(variable([1.0, 2.0], "v").sum()), ValueError, r"'v' is an array of shape \(2,\)"),
        (lambda: to_sympy(graph.define("odd", abs)(variable(1.0))), NotImplementedError, "no formula for 'odd'"),
        (lambda: derivative_table({"f": ("a*z", np.cos)}), ValueError, "must have one symbol"),
        (lambda: derivative_table({"f": ("z", np.sum)}), ValueError, r"gave shape \(\) for 41 points"),
        (lambda: derivative_table(points=[]), ValueError, "at least one"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()
    graph.OPERATIONS.pop("odd", None)


def test_sympy_is_not_imported_with_the_module():
    code = "import sys, chainrule.symbolic; sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
