"""Speak of a class without speaking of anyone in it: pseudonyms, and no group of fewer than three."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

LEAST = 3
"""Students that a number must be about, or it is not shown."""

SMALLEST = 2 * LEAST
"""Students a class must have: in a smaller one, whoever is not among three is among fewer than three."""


def pseudonym(key: str, student: str) -> str:
    """Return the name under which a student appears.

    Parameters
    ----------
    key : str
        The unit's key, a random word that only the gradebook holds: who does not have it cannot try ids one by one.
        The same student has the same name at each report of a unit, and another one in the next unit.
    student : str
        The student's id.

    Examples
    --------
    >>> pseudonym("a580d82b", "ada") == pseudonym("a580d82b", "ada")
    True
    >>> pseudonym("a580d82b", "ada") == pseudonym("77f0c2d1", "ada")
    False
    """
    digest = hmac.new(key.encode(), student.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
    return f"Student {digest[:4]}-{digest[4:8]}".upper().replace("STUDENT", "Student")


def tally(number: int, total: int) -> str:
    """Return how many of a class of at least `SMALLEST`, unless so few, or all but so few, that it would tell on them.

    Examples
    --------
    >>> tally(7, 30), tally(1, 30), tally(29, 30)
    ('7', 'fewer than 3', 'more than 27')
    """
    if number < LEAST:
        return f"fewer than {LEAST}"
    return str(number) if number <= total - LEAST else f"more than {total - LEAST}"


def merge(edges: Sequence[float], counts: Sequence[int], least: int = LEAST) -> tuple[list[float], list[int]]:
    """Join neighboring bars of a histogram until each is about at least that many.

    Parameters
    ----------
    edges : sequence of float
        Limits of the bars, one more than there are bars.
    counts : sequence of int
        How many are in each bar.
    least : int
        The fewest a bar may be about.

    Returns
    -------
    edges, counts : list
        The same for the joined bars.

    Examples
    --------
    >>> merge([0, 10, 20, 30, 40], [1, 2, 0, 4])
    ([0, 20, 40], [3, 4])
    >>> merge([0, 10, 20], [5, 1])
    ([0, 20], [6])
    """
    limits, joined, waiting = [edges[0]], list[int](), 0
    for edge, count in zip(edges[1:], counts, strict=True):
        waiting += count
        if waiting >= least:
            limits.append(edge)
            joined.append(waiting)
            waiting = 0
    if limits[-1] != edges[-1] and joined:  # what is left over goes to the last bar
        limits[-1] = edges[-1]
        joined[-1] += waiting
    return limits, joined
