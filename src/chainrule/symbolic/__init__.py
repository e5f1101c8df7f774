"""
Turn a SymPy expression into a graph and a graph into an expression, and compare derivatives with SymPy's.

>>> from chainrule.symbolic import from_sympy
>>> J = from_sympy("(w*x + b - y)**2 / 2", {"w": 2, "x": -2, "b": 8, "y": 2})
>>> J.value
2.0

`FORMULAS` holds the library's activations by name, each as text for SymPy.

SymPy is imported when a function of this module is called, not before.
"""

from chainrule.symbolic._compare import FORMULAS, DerivativeRow, DerivativeTable, derivative_table, gradient_table
from chainrule.symbolic._convert import from_sympy, to_sympy

__all__ = [
    "FORMULAS",
    "DerivativeRow",
    "DerivativeTable",
    "derivative_table",
    "from_sympy",
    "gradient_table",
    "to_sympy",
]
