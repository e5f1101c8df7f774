"""Turn what a student's function returns into plain data, and compare plain data.

Only plain data is ever compared: exact NumPy arrays of numbers, Python and NumPy scalars, strings, ``None``, SymPy
expressions (as :class:`~chainrule_course.checks.expressions.Expression`) and containers of these. Whatever else comes
back is kept as :class:`Other`, which equals nothing, so an object that overloads ``==`` or NumPy's functions gains
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chainrule_course.checks.expressions import Expression, alike, expression

RTOL = ATOL = 1e-7
"""Relative and absolute tolerance of a comparison in float64."""

FLOAT32_RTOL, FLOAT32_ATOL = 1e-4, 1e-5
"""The same where a float32 array or number takes part."""

_KINDS = {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}


@dataclass(frozen=True)
class Other:
    """A returned object that is not plain data; it equals nothing."""

    what: str


@dataclass(frozen=True)
class Sampled:
    """Every so many entries of a large array, enough to know it again.

    Attributes
    ----------
    shape : tuple of int
        Shape of the whole array.
    every : int
        Of how many entries one is kept.
    kept : array
        These entries.
    """

    shape: tuple[int, ...]
    every: int
    kept: npt.NDArray[Any]

    @classmethod
    def of(cls, value: npt.NDArray[Any], most: int) -> Sampled:
        """Keep at most so many entries of an array."""
        every = -(-value.size // most)
        return cls(value.shape, every, value.ravel()[::every])


def plain(value: Any, depth: int = 8) -> Any:
    """Copy `value` as plain data; what is not plain becomes :class:`Other`.

    Parameters
    ----------
    value : object
        Anything a student's function may return.
    depth : int
        How many levels of containers are followed.
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str):
        return value
    if kind is np.ndarray:
        return value.copy() if value.dtype.kind in _KINDS else Other(f"an array of {value.dtype} values")
    if isinstance(value, np.generic) and kind.__module__ == "numpy" and value.dtype.kind in _KINDS:
        return value
    if depth and kind in (list, tuple):
        return kind(plain(item, depth - 1) for item in value)
    if depth and kind is dict:
        keyed = [(expression(key) or key, item) for key, item in value.items()]
        return {key: plain(item, depth - 1) for key, item in keyed if type(key) in (str, int, float, Expression)}
    symbolic = expression(value)
    if symbolic is not None:
        return symbolic
    if isinstance(value, np.ndarray):
        return Other(f"a {kind.__name__} (a plain array is asked for: np.asarray makes one)")
    return Other(f"an object of type {kind.__name__}")


def _is_number(value: Any) -> bool:
    return type(value) in (bool, int, float, complex) or isinstance(value, np.generic)


def _kind(value: Any) -> str:
    """Return "bool", "int", "float" or "complex" for a number or an array of numbers."""
    return "int" if type(value) is int else _KINDS[np.asarray(value).dtype.kind]


def describe(value: Any) -> str:
    """Say what `value` is in a few words: its type, and shape and dtype for an array."""
    if isinstance(value, Other | Expression):
        return value.what
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, np.ndarray):
        return f"{value.dtype} array of shape {value.shape}"
    if _is_number(value):
        return f"{'a number' if _kind(value) != 'bool' else 'a truth value'} ({type(value).__name__})"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"


def preview(value: Any, limit: int = 240, inside: bool = False) -> str:
    """Write `value` in at most `limit` characters, an array with shape and dtype unless `inside` a container."""
    value = expression(value) or value
    if isinstance(value, Other):
        return value.what
    if isinstance(value, np.ndarray):
        with np.printoptions(precision=6, threshold=24, edgeitems=3, suppress=True):
            text = np.array2string(value, separator=", ") + ("" if inside else f"  ({describe(value)})")
    elif isinstance(value, Expression):
        text = str(value) + ("" if inside else f"  ({describe(value)})")
    elif isinstance(value, float | np.floating):
        text = f"{float(value):.10g}"
    elif isinstance(value, np.generic):
        text = str(value.item())
    elif isinstance(value, list | tuple):
        inner = ", ".join(preview(item, limit // 2, True) for item in value[:6]) + (", …" if len(value) > 6 else "")
        text = f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{key!r}: {preview(item, limit // 2, True)}" for key, item in value.items()) + "}"
    else:
        text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _tolerance(*values: Any) -> tuple[float, float]:
    """Return (rtol, atol): looser where float32 or float16 takes part."""
    coarse = any(getattr(value, "dtype", None) in (np.float32, np.float16) for value in values)
    return (FLOAT32_RTOL, FLOAT32_ATOL) if coarse else (RTOL, ATOL)


def _far(got: npt.NDArray[Any], expected: npt.NDArray[Any], rtol: float, atol: float) -> npt.NDArray[np.bool_]:
    """Mark where `got` is not `expected`; NaN equals NaN, infinities must have the same sign."""
    with np.errstate(all="ignore"):
        close = np.isfinite(expected) & (np.abs(got - expected) <= atol + rtol * np.abs(expected))
    return np.asarray(~(close | (got == expected) | ((got != got) & (expected != expected))))


def difference(
    got: Any, expected: Any, rtol: float | None = None, atol: float | None = None, where: str = ""
) -> str | None:
    """Say how `got` differs from `expected` in kind, shape or value; ``None`` if it does not.

    The type of `expected` sets what is accepted: an array asks for an array of that shape, a number for a number (a
    NumPy scalar or a 0-d array is as good as a Python number), an int for an int, a bool for a bool; an int is
    accepted where a float is expected; where a list or tuple is expected, either will do, and so will an array; a SymPy
    expression asks for one of the same value, however it is written.

    Parameters
    ----------
    got, expected : plain data
        The answer, and the right one.
    rtol, atol : float, optional
        Tolerances; 1e-7 by default, looser where float32 takes part.
    where : str
        The place inside a container, for the message.

    Examples
    --------
    >>> difference(2.0, 2)
    'a float where an int is asked for'
    >>> difference(np.array([1.0, 2.0]), np.array([[1.0], [2.0]]))
    'shape (2,) where (2, 1) is asked for'
    >>> difference(np.float64(0.1) + 0.2, 0.3) is None
    True
    """
    at = f"{where}: " if where else ""
    expected = expression(expected) or expected
    if isinstance(expected, Expression):
        return _expression_difference(got, expected, rtol, atol, at)
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return f"{at}{describe(got)} where a dict is asked for"
        if set(got) != set(expected):
            return f"{at}keys {sorted(map(str, got))} where {sorted(map(str, expected))} are asked for"
        items = [(f"{where}[{key!r}]", got[key], expected[key]) for key in expected]
    elif isinstance(expected, list | tuple):
        if isinstance(got, np.ndarray) and got.ndim > 0:
            got = list(got)
        if not isinstance(got, list | tuple):
            return f"{at}{describe(got)} where a {type(expected).__name__} is asked for"
        if len(got) != len(expected):
            return f"{at}{len(got)} values where {len(expected)} are asked for"
        items = [(f"{where}[{i}]", g, e) for i, (g, e) in enumerate(zip(got, expected, strict=True))]
    elif expected is None or isinstance(expected, str):
        same = type(got) is type(expected) and got == expected
        return None if same else f"{at}{describe(got)} other than the one asked for"
    else:
        return _number_difference(got, expected, rtol, atol, at)
    return next((text for at_, g, e in items if (text := difference(g, e, rtol, atol, at_))), None)


def _expression_difference(
    got: Any, expected: Expression, rtol: float | None, atol: float | None, at: str
) -> str | None:
    """Compare SymPy expressions by value."""
    if not isinstance(got, Expression):
        return f"{at}{describe(got)} where a SymPy expression is asked for"
    if got.unfinished and not expected.unfinished:
        return f"{at}a {got.unfinished} that is not carried out"
    right = alike(got, expected, RTOL if rtol is None else rtol, ATOL if atol is None else atol)
    return None if right else f"{at}an expression of a different value"


def _number_difference(got: Any, expected: Any, rtol: float | None, atol: float | None, at: str) -> str | None:
    """Compare numbers and arrays of numbers."""
    article = {
        "bool": "a truth value (bool)",
        "int": "an int",
        "float": "a float",
        "complex": "a complex number",
    }
    if isinstance(expected, np.ndarray) and expected.ndim > 0:
        if not isinstance(got, np.ndarray):
            return f"{at}{describe(got)} where an array of shape {expected.shape} is asked for"
        if got.shape != expected.shape:
            return f"{at}shape {got.shape} where {expected.shape} is asked for"
    elif not (_is_number(got) or (isinstance(got, np.ndarray) and got.ndim == 0)):
        return f"{at}{describe(got)} where a number is asked for"
    got_kind, kind = _kind(got), _kind(expected)
    if got_kind != kind and not (got_kind == "int" and kind in ("float", "complex")):
        what = (
            f"values of type {got_kind} where {kind}"
            if np.ndim(expected)
            else f"{article[got_kind]} where {article[kind]}"
        )
        return f"{at}{what} is asked for"
    default_rtol, default_atol = _tolerance(got, expected)
    g, e = np.asarray(got), np.asarray(expected)
    if got_kind == kind and kind in ("bool", "int"):
        far = np.asarray(g != e)
    else:
        wide = complex if "complex" in (got_kind, kind) else float
        g, e = g.astype(wide), e.astype(wide)
        far = _far(g, e, default_rtol if rtol is None else rtol, default_atol if atol is None else atol)
    if not far.any():
        return None
    if g.ndim == 0:
        return f"{at}a different value"
    count = int(np.count_nonzero(far))
    return f"{at}{count} of {g.size} values differ" if g.size > 1 else f"{at}a different value"


def same(a: Any, b: Any) -> bool:
    """Whether two plain values are alike enough to come from the same mistake: kind, shape and value."""
    if isinstance(b, Sampled):
        return isinstance(a, np.ndarray) and a.shape == b.shape and same(a.ravel()[:: b.every], b.kept)
    if isinstance(a, Other) or isinstance(b, Other):
        return isinstance(a, Other) and isinstance(b, Other) and a.what == b.what
    return difference(a, b, 1e-6, 1e-9) is None and difference(b, a, 1e-6, 1e-9) is None
