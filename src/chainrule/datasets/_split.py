"""Three sets from one: to train on, to choose by, and to report once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._arguments import check_real, check_rng

Dataset = tuple[NDArray[Any], NDArray[Any]]


def train_validation_test_split(
    X: ArrayLike, y: ArrayLike, fractions: Sequence[float] = (0.6, 0.2, 0.2), *, rng: np.random.Generator
) -> tuple[Dataset, Dataset, Dataset]:
    """Shuffle the examples and split them into a training, a validation and a test set.

    The sets are disjoint and together hold every example; the size of each is within one of its share of m.

    Parameters
    ----------
    X : array, shape (m, ...)
        One example a row.
    y : array, shape (m, ...)
        Its targets, in the same order.
    fractions : three floats, default (0.6, 0.2, 0.2)
        Shares of the training, validation and test set: positive, with the sum 1.
    rng : numpy.random.Generator
        Source of the one permutation that shuffles X and y together.

    Returns
    -------
    (X_train, y_train), (X_validation, y_validation), (X_test, y_test)
        Copies; the inputs keep their order.

    Raises
    ------
    ValueError
        If X and y differ in length, `fractions` is not as described, or m is so small that a set would be empty.

    Examples
    --------
    >>> X, y = np.arange(20).reshape(10, 2), np.arange(10)
    >>> train, validation, test = train_validation_test_split(X, y, rng=np.random.default_rng(0))
    >>> [len(labels) for _, labels in (train, validation, test)]
    [6, 2, 2]
    >>> bool(np.all(train[0][:, 0] == 2 * train[1]))
    True
    """
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
        raise ValueError(f"X and y must have one row an example each, not shapes {X.shape} and {y.shape}")
    shares = [check_real("each of fractions", share, 0, 1) for share in fractions]
    if len(shares) != 3 or min(shares) == 0 or not math.isclose(sum(shares), 1, abs_tol=1e-9):
        raise ValueError(f"fractions must be three positive numbers with the sum 1, not {tuple(fractions)}")
    ends = [round(len(X) * share) for share in (shares[0], shares[0] + shares[1])]
    train, validation, test = np.split(check_rng(rng).permutation(len(X)), ends)
    if not (train.size and validation.size and test.size):
        raise ValueError(
            f"{len(X)} examples are too few for fractions {tuple(fractions)}: "
            f"the sets would have {train.size}, {validation.size} and {test.size}"
        )
    return (X[train], y[train]), (X[validation], y[validation]), (X[test], y[test])
