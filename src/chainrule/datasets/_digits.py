"""The bundled handwritten digits."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chainrule._arguments import check_count
from chainrule.datasets._files import read_npz

DIGITS_DESCR = """\
Handwritten digits: 1797 gray images of 8 x 8 pixels with values 0 (paper) to 16 (ink), ten classes of about 180.
E. Alpaydin and C. Kaynak (1998). Optical Recognition of Handwritten Digits [Dataset], its test set.
UCI Machine Learning Repository. https://doi.org/10.24432/C50P49. License: CC BY 4.0.
"""

_FILE = Path(__file__).with_name("digits.npz")


def load_digits(
    classes: Iterable[int] | None = None, *, scaled: bool = True
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Load the bundled handwritten digits, all ten or a choice of them.

    Parameters
    ----------
    classes : sequence of int, optional
        The digits to keep, such as ``(0, 1)``. All ten by default.
    scaled : bool, default True
        Divide the pixels by 16, so that they lie in 0..1. Otherwise they are the source's whole numbers, 0..16.

    Returns
    -------
    X : float32 array, shape (m, 64)
        One image a row, pixels from left to right and top to bottom; ``X[0].reshape(8, 8)`` is the first image.
    y : int64 array, shape (m,)
        The digit on each image, always its own value: ``classes=(3, 8)`` gives labels 3 and 8.
        Rows are in the order of the source, whatever the order of `classes`.

    Raises
    ------
    TypeError
        If `classes` is not a sequence of integers.
    ValueError
        If `classes` is empty, repeats a digit or holds anything but 0 to 9.

    References
    ----------
    E. Alpaydin and C. Kaynak (1998). Optical Recognition of Handwritten Digits. UCI Machine Learning
    Repository. https://doi.org/10.24432/C50P49 (CC BY 4.0)

    Examples
    --------
    >>> X, y = load_digits(classes=(0, 1))
    >>> X.shape, X.dtype.name, y[:6].tolist()
    ((360, 64), 'float32', [0, 1, 0, 1, 0, 1])
    """
    images, labels = read_npz(_FILE, ("images", "labels"))
    X, y = images.reshape(-1, 64).astype(np.float32), labels.astype(np.int64)
    if scaled:
        X /= 16
    if classes is None:
        return X, y
    if isinstance(classes, str) or not isinstance(classes, Iterable):
        raise TypeError(f"classes must be a sequence of digits such as (0, 1), not {classes!r}")
    chosen = [check_count("each of classes", digit, least=0) for digit in classes]
    if not chosen or max(chosen) > 9 or len(set(chosen)) < len(chosen):
        raise ValueError(f"classes must be one or more different digits from 0 to 9, not {chosen}")
    keep = np.isin(y, chosen)
    return X[keep], y[keep]
