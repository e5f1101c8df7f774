"""Get data to train on: real handwritten digits, toy problems drawn to order, MNIST from your own files.

Every loader returns ``(X, y)`` with one example in each row of ``X``. Nothing is ever downloaded.
`DIGITS_DESCR` says where the digits come from, and what their license is.
"""

from chainrule.datasets._digits import DIGITS_DESCR, load_digits
from chainrule.datasets._files import load_idx, load_mnist
from chainrule.datasets._split import train_validation_test_split
from chainrule.datasets._toys import (
    make_circles,
    make_coffee,
    make_moons,
    make_polynomial,
    make_spirals,
    make_xor,
)

__all__ = [
    "DIGITS_DESCR",
    "load_digits",
    "load_idx",
    "load_mnist",
    "make_circles",
    "make_coffee",
    "make_moons",
    "make_polynomial",
    "make_spirals",
    "make_xor",
    "train_validation_test_split",
]
