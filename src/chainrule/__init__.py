"""Chainrule: how neural networks are trained, in small, exact NumPy code."""
