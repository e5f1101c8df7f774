"""Name the mistake: compare what a student's function did with what known mistakes do.

A mistake is written once, as a function, in the hidden cell of its exercise. There it is run beside the student's
function. For the visible cell, which students have, the build records what each mistake does on the visible examples
(``diagnoses.json`` beside the notebook): wrong values, never the code that makes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule_course.checks.calling import Failure, Outcome
from chainrule_course.checks.expressions import Expression, Tree
from chainrule_course.checks.values import Other, Sampled

if TYPE_CHECKING:
    from chainrule_course.checks.exercise import Checks

RECORD = "diagnoses.json"

MOST = 200
"""Entries of a returned array that the record keeps; of a larger one it keeps a part."""


@dataclass
class Mistake:
    """A known wrong answer.

    Attributes
    ----------
    key : str
        Short name, unique in the exercise: the name of the function that makes the mistake.
    says : str
        What the student is told.
    of : str
        The function of the exercise that is wrong here.
    function : callable or None
        The wrong answer itself; only where the hidden cell is.
    recorded : dict
        What it does on each check: label → outcomes; only where the hidden cell is not.
    compared : bool
        Whether it is found by comparing outcomes; otherwise the conditions of the checks name it.
    """

    key: str
    says: str
    of: str
    function: Callable[..., Any] | None = None
    recorded: dict[str, list[Outcome]] = field(default_factory=dict)
    compared: bool = True


@dataclass(frozen=True)
class Made:
    """A condition's verdict: this mistake was made, and how it shows."""

    mistake: Mistake
    problem: str
    alone: bool = False  # the results are up to chance: no other mistake is named for this function


def matching(mine: Sequence[Outcome], theirs: Sequence[Outcome] | None) -> bool:
    """Whether two runs of one check went the same way, call by call."""
    return theirs is not None and len(mine) == len(theirs) > 0 and all(map(Outcome.matches, mine, theirs))


def diagnose(
    ran: dict[str, list[Outcome]], failed: Sequence[str], known: dict[str, dict[str, list[Outcome]]]
) -> dict[str, str]:
    """Find for each failed check the mistake that explains it, preferring one that explains them all.

    Parameters
    ----------
    ran : dict
        Check → outcomes of the student's function.
    failed : sequence of str
        The checks that failed.
    known : dict
        Mistake → check → outcomes of that mistake.

    Returns
    -------
    dict
        Failed check → mistake, for those that a mistake explains.
    """
    matches = {
        key: {label for label, outcomes in ran.items() if matching(outcomes, did.get(label))}
        for key, did in known.items()
    }
    order = sorted(known, key=lambda key: (-len(matches[key] & set(failed)), -len(matches[key])))
    return {label: key for label in failed if (key := next((k for k in order if label in matches[k]), None))}


# What the build records for the visible cell -------------------------------------------------------------------------

_reported: dict[tuple[tuple[str, ...], bool], Checks] = {}


def remember(checks: Checks) -> None:
    """Keep the latest checks of an exercise, so that the build can record its mistakes."""
    _reported[checks.names, checks.hidden] = checks


def record_diagnoses(path: str | Path = RECORD) -> None:
    """Write what every known mistake does on the visible examples of its exercise (the build calls this).

    Parameters
    ----------
    path : path
        Where to write; JSON, the same bytes for the same notebook.
    """
    record: dict[str, Any] = {}
    for (names, hidden), checks in _reported.items():
        visible = _reported.get((names, False))
        if not hidden or visible is None:
            continue
        record[names[0]] = [_entry(mistake, visible, checks) for mistake in checks.mistakes.values()]
    Path(path).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _entry(mistake: Mistake, visible: Checks, hidden: Checks) -> dict[str, Any]:
    """Return what is recorded of one mistake."""
    entry: dict[str, Any] = {"key": mistake.key, "says": mistake.says, "of": mistake.of}
    if not mistake.compared:
        return {**entry, "compared": False, "does": {}}
    runs = visible.run_mistake(mistake, hidden).items()
    entry["does"] = {
        label: [_to_json(outcome) for outcome in outcomes]
        for label, outcomes in runs
        if not any(isinstance(outcome.value, Other) for outcome in outcomes)
    }
    return entry


def recorded_mistakes(exercise: str, path: str | Path = RECORD) -> dict[str, Mistake]:
    """Read the recorded mistakes of an exercise; none if there is no record beside the notebook."""
    try:
        entries = json.loads(Path(path).read_text(encoding="utf-8")).get(exercise, [])
        return {
            entry["key"]: Mistake(
                entry["key"],
                entry["says"],
                entry["of"],
                recorded={label: [_from_json(item) for item in outcomes] for label, outcomes in entry["does"].items()},
                compared=entry.get("compared", True),
            )
            for entry in entries
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # a missing or damaged record costs a hint, never a point


def _to_json(outcome: Outcome) -> dict[str, Any]:
    value = outcome.value
    if isinstance(value, np.ndarray) and value.size > MOST:
        part = Sampled.of(value, MOST)
        item: dict[str, Any] = {
            "value": {"sampled": _encode(part.kept), "shape": list(part.shape), "every": part.every}
        }
    else:
        item = {"value": _encode(value)}
    if outcome.failure:
        item = {"raises": outcome.failure.kind}
    if outcome.changed:
        item["changed"] = list(outcome.changed)
    if outcome.warned:
        item["warned"] = True
    if outcome.shared:
        item["shared"] = list(outcome.shared)
    return item


def _from_json(item: dict[str, Any]) -> Outcome:
    return Outcome(
        _decode(item.get("value")),
        Failure(item["raises"], "") if "raises" in item else None,
        tuple(item.get("changed", ())),
        ("a warning",) if item.get("warned") else (),
        shared=tuple(item.get("shared", ())),
    )


def _encode(value: Any) -> Any:
    """Write plain data as JSON; numbers lose digits beyond the twelfth, so that the record is stable."""
    if isinstance(value, np.ndarray):
        return {
            "array": [_encode(item) for item in value.ravel().tolist()],
            "shape": list(value.shape),
            "dtype": str(value.dtype),
        }
    if isinstance(value, np.generic):
        return _encode(value.item())
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [_encode(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[_encode(key), _encode(item)] for key, item in value.items()]}
    if isinstance(value, Expression):
        return {"expression": value.tree}
    return value


def _decode(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    if "array" in item:
        return np.array([_decode(x) for x in item["array"]], dtype=item["dtype"]).reshape(item["shape"])
    if "sampled" in item:
        return Sampled(tuple(item["shape"]), item["every"], _decode(item["sampled"]))
    if "complex" in item:
        return complex(*item["complex"])
    if "dict" in item:
        return {_decode(key): _decode(value) for key, value in item["dict"]}
    if "expression" in item:
        return Expression(_tree(item["expression"]))
    kind, items = next(iter(item.items()))
    return (tuple if kind == "tuple" else list)(_decode(x) for x in items)


def _tree(item: Any) -> Tree:
    """Read a tree of lists, as JSON gives it, as one of tuples."""
    return tuple(_tree(part) if isinstance(part, list) else part for part in item)
