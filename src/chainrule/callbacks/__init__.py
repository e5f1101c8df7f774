"""
Look on, or step in, while a model trains: at each epoch, at each batch, at the end.

Derive from `Callback` and define the methods you need; `self.model` is the model, and setting
``self.model.stop_training = True`` ends training after the epoch. Names and behavior are Keras'.
"""

from __future__ import annotations

from chainrule.callbacks._callback import Callback, History, LambdaCallback
from chainrule.callbacks._reports import LivePlot, PrintEpochs, ProgressBar
from chainrule.callbacks._stopping import EarlyStopping, ModelCheckpoint, TerminateOnNaN

__all__ = [
    "Callback",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LivePlot",
    "ModelCheckpoint",
    "PrintEpochs",
    "ProgressBar",
    "TerminateOnNaN",
]
