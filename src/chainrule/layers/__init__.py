"""
Build networks of layers, which compute outputs from inputs and carry gradients back.

A layer's weights are one vector, of which `kernel` and `bias` are views; a model lays the vectors of all its
layers end to end, so that its optimizer works on one. In training, results live in buffers that the next
training pass overwrites.
"""

from __future__ import annotations

from chainrule.layers._dense import Dense
from chainrule.layers._layer import Input, Layer
from chainrule.layers._weightless import Activation, Dropout, LeakyReLU

__all__ = ["Activation", "Dense", "Dropout", "Input", "Layer", "LeakyReLU"]
