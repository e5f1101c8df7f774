"""
Compute with named nodes, and get every derivative of the result in one sweep back through the graph.

Numbers and arrays made into nodes remember how they were combined. From that record, a computation graph, come the
values (forward sweep), all derivatives at once (reverse mode, which is backpropagation), one derivative at a time
(forward mode) and derivatives of derivatives. Every edge that a sweep visits is counted. `OPERATIONS` is the table of
rules: each operation by its name, with its value and its derivatives.

>>> from chainrule.graph import Graph, half_square, variables
>>> w, x, b, y = variables(w=2, x=-2, b=8, y=2)
>>> c = (w * x).named("c")
>>> a = (c + b).named("a")
>>> d = (a - y).named("d")
>>> J = half_square(d).named("J")
>>> J.backward()
>>> J.value, w.gradient, b.gradient
(2.0, -4.0, 2.0)

References
----------
Baydin, Pearlmutter, Radul, Siskind (2018), Automatic differentiation in machine learning: a survey, JMLR 18.
"""

from chainrule.graph import _rules  # noqa: F401 -- gives every operation its derivative
from chainrule.graph._elementwise import (
    cos,
    exp,
    half_square,
    log,
    maximum,
    relu,
    sigmoid,
    sign,
    sin,
    softplus,
    sqrt,
    square,
    tanh,
)
from chainrule.graph._functions import binary_crossentropy_from_logits, define, log_softmax, logsumexp, softmax
from chainrule.graph._graph import Graph, NodeInfo, Step
from chainrule.graph._jacobian import Jacobian
from chainrule.graph._nodes import Node, constant, variable, variables
from chainrule.graph._operations import OPERATIONS, Operation
from chainrule.graph._sweeps import gradient_graph, gradients, hessian, topological_order

__all__ = [
    "OPERATIONS",
    "Graph",
    "Jacobian",
    "Node",
    "NodeInfo",
    "Operation",
    "Step",
    "binary_crossentropy_from_logits",
    "constant",
    "cos",
    "define",
    "exp",
    "gradient_graph",
    "gradients",
    "half_square",
    "hessian",
    "log",
    "log_softmax",
    "logsumexp",
    "maximum",
    "relu",
    "sigmoid",
    "sign",
    "sin",
    "softmax",
    "softplus",
    "sqrt",
    "square",
    "tanh",
    "topological_order",
    "variable",
    "variables",
]
