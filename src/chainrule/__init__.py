"""
Chainrule: how neural networks are trained, in small, exact NumPy code.

======================== ====================================================================
Train
`chainrule.models`       put layers in a row and train them: `Sequential`, `load_model`
`chainrule.layers`       Dense, Activation, LeakyReLU, Dropout
`chainrule.activations`  sigmoid, ReLU and the others, each beside its derivative
`chainrule.losses`       cross-entropies, squared and absolute error, with gradients
`chainrule.metrics`      accuracies and other quantities to report
`chainrule.optimizers`   gradient descent, RMSprop, Adam
`chainrule.schedules`    learning rates that change while training goes on
`chainrule.initializers` draw the weights to begin with
`chainrule.regularizers` penalties for large weights
`chainrule.callbacks`    look on, or step in, while a model trains
Understand
`chainrule.information`  entropy, cross-entropy, Huffman codes
`chainrule.graph`        computation graphs, forward and reverse, every visit counted
`chainrule.symbolic`     the same from SymPy's expressions
`chainrule.gradients`    check a derivative against differences
`chainrule.search`       look for a minimum: restarts, annealing, evolution, noise
`chainrule.landscapes`   functions with many minima to search
See
`chainrule.datasets`     handwritten digits and toy data
`chainrule.plotting`     the course's figures
======================== ====================================================================

A module is loaded when it is first used, so that importing the package costs little.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.models import Sequential as Sequential

_MODULES = {
    "activations",
    "callbacks",
    "datasets",
    "gradients",
    "graph",
    "information",
    "initializers",
    "landscapes",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "plotting",
    "regularizers",
    "schedules",
    "search",
    "symbolic",
}

__all__ = ["Sequential", *sorted(_MODULES)]


def __getattr__(name: str) -> Any:
    if name == "Sequential":
        return importlib.import_module("chainrule.models").Sequential
    if name in _MODULES:
        return importlib.import_module(f"chainrule.{name}")
    raise AttributeError(f"module 'chainrule' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
