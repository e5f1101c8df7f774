"""Keep arrays from one training pass to the next, so that training allocates nothing."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["Buffers"]

Array: TypeAlias = NDArray[Any]


class Buffers(dict[tuple[int, int, str], Array]):
    """
    Arrays kept from one training pass to the next: ``buffers[rows, columns, use]``, made when first asked for.

    Training allocates no memory of its own that way; reusing arrays is what makes small networks fast.

    Examples
    --------
    >>> buffers = Buffers(np.float32)
    >>> buffers[2, 3, "outputs"] is buffers[2, 3, "outputs"]
    True
    """

    def __init__(self, dtype: DTypeLike) -> None:
        super().__init__()
        self.dtype = dtype

    def __missing__(self, key: tuple[int, int, str]) -> Array:
        rows, columns, use = key
        make = np.ones if use == "ones" else np.empty
        array = self[key] = make((rows, columns), self.dtype)
        return array
