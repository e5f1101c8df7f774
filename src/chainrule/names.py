"""Turn a name into the object it stands for, and say which name was meant when there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def lookup(name: str, table: Mapping[str, T], what: str, aliases: Mapping[str, T] | None = None) -> T:
    """
    Return ``table[name]``, or say which names there are.

    Parameters
    ----------
    name : str
        The name to look up.
    table : mapping
        Known names and what they stand for.
    what : str
        What is being looked up, for the message: ``"activation"``.
    aliases : mapping, optional
        Further names that are understood, but not proposed.

    Returns
    -------
    object
        The table's entry.

    Raises
    ------
    ValueError
        If the name is unknown; the message suggests the closest known one.

    Examples
    --------
    >>> lookup("sigmiod", {"sigmoid": 1, "relu": 2}, "activation")
    Traceback (most recent call last):
    ...
    ValueError: unknown activation 'sigmiod': did you mean 'sigmoid'? Known: relu, sigmoid.
    """
    if name in table:
        return table[name]
    if aliases and name in aliases:
        return aliases[name]
    raise ValueError(f"unknown {what} {name!r}{suggest(name, table)} Known: {', '.join(sorted(table))}.")


def suggest(name: str, known: Mapping[str, object]) -> str:
    """
    Return ``": did you mean 'sigmoid'?"``, or a full stop if nothing comes close.

    Examples
    --------
    >>> suggest("Sigmod", {"sigmoid": 1, "relu": 2})
    ": did you mean 'sigmoid'?"
    >>> suggest("zzz", {"sigmoid": 1, "relu": 2})
    '.'
    """
    from difflib import get_close_matches

    lower: dict[str, str] = {}
    for candidate in known:
        lower.setdefault(candidate.lower(), candidate)
    close = get_close_matches(name.lower(), lower, n=1, cutoff=0.5)
    return f": did you mean {lower[close[0]]!r}?" if close else "."
