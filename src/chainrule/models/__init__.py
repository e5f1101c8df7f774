"""
Put layers in a row and train them: Keras' `Sequential`, in NumPy.

>>> import numpy as np
>>> from chainrule import Sequential
>>> from chainrule.layers import Dense
>>> rng = np.random.default_rng(0)
>>> X = rng.random((200, 2))
>>> model = Sequential([Dense(8, activation="tanh"), Dense(1, activation="sigmoid")], rng=rng)
>>> model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
>>> history = model.fit(X, X.sum(axis=1) > 1, epochs=300, verbose=0)
>>> history.history["accuracy"][-1] > 0.95
True
"""

from __future__ import annotations

from chainrule.models._sequential import Sequential
from chainrule.saving import load_model

__all__ = ["Sequential", "load_model"]
