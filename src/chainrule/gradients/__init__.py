"""
Check a derivative against what differences say, for a function, a loss, a layer, a model or a graph.

>>> import numpy as np
>>> from chainrule.gradients import check_gradients
>>> check_gradients((np.sin, np.cos), np.array([0.0, 1.0, 2.0]))
Gradients agree: 3 entries, largest relative error ... (tolerance 1e-06).
>>> check_gradients((np.square, lambda x: x), np.array([1.0, 2.0, 3.0])).ok
False
"""

from chainrule.gradients._check import check_gradients
from chainrule.gradients._differences import numerical_gradient
from chainrule.gradients._report import Entry, GradientCheck

__all__ = ["Entry", "GradientCheck", "check_gradients", "numerical_gradient"]
