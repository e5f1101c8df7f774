"""A training as the benchmarks describe it: its data, its network and how it is gone about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

Run = Callable[[], float]
RATES = {"adam": 1e-3, "sgd": 1e-2}


@dataclass(frozen=True)
class Work:
    """A training: its data, its network and how it is gone about."""

    name: str
    x: np.ndarray
    y: np.ndarray
    widths: tuple[int, ...]
    hidden: str
    batch: int
    epochs: int
    optimizer: str = "adam"

    @property
    def dtype(self) -> str:
        """The floats of data and weights."""
        return self.x.dtype.name

    @property
    def binary(self) -> bool:
        """Whether there is one sigmoid output; otherwise there is a softmax over classes."""
        return self.widths[-1] == 1

    def shorter(self) -> Work:
        """Return the same work with one epoch, to warm up."""
        return replace(self, epochs=1)

    def weights(self) -> list[np.ndarray]:
        """Return the initial kernels and biases, in turn."""
        rng = np.random.default_rng(0)
        weights = []
        for n, j in zip((self.x.shape[1], *self.widths), self.widths, strict=False):
            limit = (6 / (n + j)) ** 0.5
            weights += [rng.uniform(-limit, limit, (n, j)).astype(self.dtype), np.zeros(j, self.dtype)]
        return weights

    def orders(self) -> Iterator[np.ndarray]:
        """Yield the order of examples in each epoch."""
        rng = np.random.default_rng(1)
        for _ in range(self.epochs):
            yield rng.permutation(len(self.x))

    def slices(self) -> list[slice]:
        """Return the batches of an epoch; the last one may be short."""
        return [slice(start, start + self.batch) for start in range(0, len(self.x), self.batch)]
