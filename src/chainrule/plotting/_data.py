"""Take what is to be drawn as arrays of finite numbers, or say what is wrong with it; write numbers into sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]


def numbers(name: str, values: Any, *ndim: int, finite: bool = True) -> Array:
    """Return ``values`` as a float64 array, if it is one of real numbers with an accepted number of axes.

    Parameters
    ----------
    name : str
        What to call it in a message.
    values : array_like
    *ndim : int
        The numbers of axes that are accepted; any if none is given.
    finite : bool, default True
        Whether NaN and infinity are refused.
    """
    given = np.asarray(values)
    if given.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, not {given.dtype} ({values!r:.60})")
    if ndim and given.ndim not in ndim:
        accepted = " or ".join(f"{count}-D" for count in ndim)
        raise ValueError(f"{name} must be {accepted}, not of shape {given.shape}")
    if given.size == 0:
        raise ValueError(f"{name} must not be empty; its shape is {given.shape}")
    array = given.astype(np.float64)
    if finite and not np.isfinite(array).all():
        bad = array[~np.isfinite(array)].ravel()[0]
        raise ValueError(f"{name} must be finite, but holds {bad}")
    return array


def values_of(function: Callable[..., Any], points: Array, name: str) -> Array:
    """Return ``function`` at each of the 1-D ``points``; it may take the whole array, or one number at a time."""
    if not callable(function):
        raise TypeError(f"{name} must be a function of one number, not {type(function).__name__}")
    # A function written for one number may do something else with an array (or refuse it), so the first value decides.
    try:
        result = np.asarray(function(points), dtype=np.float64)
        vectorized = result.shape == points.shape and np.isclose(
            result[0], float(function(float(points[0]))), equal_nan=True
        )
    except (TypeError, ValueError):
        vectorized = False
    if not vectorized:
        result = np.array([float(function(float(point))) for point in points])
    return numbers(f"{name}(…)", result, 1)


def one_each(name: str, values: Sequence[object], count: int, of: str) -> list[object]:
    """Return ``values`` as a list, if it has one entry for each of ``count`` things."""
    entries = list(values)
    if len(entries) != count:
        raise ValueError(f"{name} must have one entry for each of the {count} {of}, not {len(entries)}")
    return entries


def number(value: float, digits: int = 3) -> str:
    """Write a number for a label or a sentence: three significant digits, a true minus sign, no ``-0``.

    Examples
    --------
    >>> number(-0.12345), number(1200), number(-0.0), number(3.2e-9)
    ('−0.123', '1200', '0', '3.2e−9')
    """
    if value == 0:
        return "0"
    if abs(value) >= 10**digits and abs(value) < 1e6 and float(value).is_integer():
        return f"{int(value)}".replace("-", "−")
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


def counted(count: int, noun: str, plural: str = "") -> str:
    """Write a count with its noun: ``1 line``, ``3 lines``."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def listed(words: Sequence[str]) -> str:
    """Join words as in a sentence: ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
