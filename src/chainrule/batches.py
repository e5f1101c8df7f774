"""
Go through examples batch by batch: one at a time, some at a time, or all at once.

These are the three regimes of backpropagation: standard (``batch_size=1``), mini-batch, and accumulated
(``batch_size=None`` or ``"full"``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from chainrule._arguments import check_count

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["Batches", "Data", "hold_back", "rows_per_batch"]

Array: TypeAlias = NDArray[Any]

# Rows that go through the network at once; more would drop out of the cache between layers.
BLOCK = 1024
# Bytes of shuffled examples that are put in order at once: still in the cache when their batch comes.
CHUNK = 2**20


class Data(NamedTuple):
    """Examples ready for a model: features (m, n), targets as its loss wants them, weights (m,) or None."""

    x: Array
    y: Array
    weights: Array | None = None

    def rows(self, chosen: slice) -> Data:
        """Return these examples only, as views."""
        return Data(self.x[chosen], self.y[chosen], None if self.weights is None else self.weights[chosen])


def rows_per_batch(batch_size: object, m: int) -> int:
    """
    Return how many of m examples make a batch; None and "full" mean all of them.

    Examples
    --------
    >>> rows_per_batch(32, 100), rows_per_batch("full", 100)
    (32, 100)
    """
    if batch_size is None or batch_size == "full":
        return m
    try:
        return min(check_count("batch_size", batch_size), m)
    except TypeError:
        raise TypeError(f"batch_size must be an integer ≥ 1, None or 'full', got {batch_size!r}") from None


def hold_back(data: Data, fraction: float) -> tuple[Data, Data]:
    """
    Return all but the last examples, and the last: so large a fraction of them for validation.

    Examples
    --------
    >>> rest, last = hold_back(Data(np.zeros((10, 2)), np.zeros(10)), 0.3)
    >>> len(rest.x), len(last.x)
    (7, 3)
    """
    m = len(data.x)
    at = int(m * (1 - fraction))
    if not 0 < at < m:
        raise ValueError(
            f"validation_split={fraction} of {m} examples leaves {at} for training and {m - at} for validation; "
            "both need at least one"
        )
    return data.rows(slice(at)), data.rows(slice(at, m))


class Batches:
    """
    The examples of an epoch, batch by batch, in another order each time if they are to be shuffled.

    Shuffled examples are gathered chunk by chunk into memory that is kept. Row by row for each batch would
    cost several times as much, and all at once would take a copy of the data.

    Parameters
    ----------
    data : Data
        The examples.
    batch_size : int
        How many make a batch; the last batch may be short.
    shuffle : bool
        Whether each epoch has another order.

    Attributes
    ----------
    y, weights : ndarray
        All targets, and weights if there are any, in the order of the epoch.

    Examples
    --------
    >>> data = Data(np.arange(5.0).reshape(5, 1), np.arange(5))
    >>> [batch.y.tolist() for batch in Batches(data, 2, shuffle=False).epoch(np.random.default_rng(0))]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, data: Data, batch_size: int, shuffle: bool) -> None:
        self.data, self.batch_size = data, batch_size
        self.m = len(data.x)
        self.chunk = min(self.m, max(1, CHUNK // data.x[:batch_size].nbytes) * batch_size)
        # With all examples in one batch, their order does not matter.
        self.shuffle = shuffle and batch_size < self.m
        self.y, self.weights = data.y, data.weights
        if self.shuffle:
            self._x = np.empty((self.chunk, data.x.shape[1]), data.x.dtype)
            self.y = np.empty_like(data.y)
            self.weights = None if data.weights is None else np.empty_like(data.weights)

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return -(-self.m // self.batch_size)

    def epoch(self, rng: Generator) -> Iterator[Data]:
        """Yield the batches of one epoch: consecutive slices of one permutation drawn from `rng`."""
        order = rng.permutation(self.m) if self.shuffle else None
        if order is not None:
            _gather(self.data.y, order, self.y)
            if self.data.weights is not None and self.weights is not None:
                _gather(self.data.weights, order, self.weights)
        for start in range(0, self.m, self.chunk):
            end = min(start + self.chunk, self.m)
            if order is None:
                x = self.data.x[start:end]
            else:
                x = _gather(self.data.x, order[start:end], self._x[: end - start])
            chunk = Data(x, self.y[start:end], None if self.weights is None else self.weights[start:end])
            for row in range(0, end - start, self.batch_size):
                yield chunk.rows(slice(row, row + self.batch_size))


def _gather(array: Array, order: Array, out: Array) -> Array:
    # The order needs no check of bounds; with one, NumPy would gather into another array first.
    return np.take(array, order, axis=0, out=out, mode="clip")
