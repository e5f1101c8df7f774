r"""Write the marks of a unit for another program: Moodle, Canvas, or any that reads CSV.

Moodle maps columns by hand: a user is found by the e-mail address, the ID number or the user name, and a grade goes
to an existing grade item or a new one (MoodleDocs, "Grade import"). Canvas wants the columns of its own export in
their order, ``Student, ID, SIS User ID, SIS Login ID, Section``, then one for each assignment, and a row "Points
Possible" first (Canvas guide, "How do I import grades in the Gradebook?"). A mark that is not there is an empty field
in all three, which Moodle and Canvas read as no grade.

A spreadsheet takes a field that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return for a formula. Such
a field gets an apostrophe before it (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

from chainrule_course.errors import UserError
from chainrule_course.reports.anonymity import pseudonym
from chainrule_course.reports.classroom import Classroom
from chainrule_course.reports.picture import bands, check_anonymous

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Export:
    """Marks as CSV, and what to know about them."""

    text: str
    notes: tuple[str, ...] = ()


def export_marks(room: Classroom, kind: str, anonymous: bool = False) -> Export:
    """Return the marks of all students of a class.

    Parameters
    ----------
    room : Classroom
        The class.
    kind : str
        One of `FORMATS`.
    anonymous : bool
        Whether nobody may be recognized: pseudonyms, and bands of marks in place of marks. Only for "plain".

    Raises
    ------
    UserError
        If that cannot be.
    """
    if anonymous and kind != "plain":
        raise UserError(
            f"--csv {kind} cannot be anonymous: it tells whose each mark is.", "Use --csv plain, or no --anonymous."
        )
    if anonymous:
        check_anonymous(room)
    rows = _anonymous(room) if anonymous else FORMATS[kind](room)
    file, changed = io.StringIO(newline=""), 0
    writer = csv.writer(file)
    for row in rows:
        safe = [_safe(field) for field in row]
        changed += sum(old != new for old, new in zip(row, safe, strict=True))
        writer.writerow(safe)
    notes = [note] if (note := _note(room, kind)) else []
    if changed:
        what = "1 field begins" if changed == 1 else f"{changed} fields begin"
        notes.append(f"{what} like a formula of a spreadsheet; an apostrophe stands before it now.")
    return Export(file.getvalue(), tuple(notes))


def _safe(field: str) -> str:
    return f"'{field}" if field.startswith(_FORMULA) else field


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _mark(room: Classroom, student: str) -> str:
    return _number(room.graded[student].points) if student in room.graded else ""


def _plain(room: Classroom) -> list[list[str]]:
    head = ["student", "last_name", "first_name", "email", "state", "handed_in_utc", "seconds_late"]
    head += ["points", "max_points", "late_penalty", "waits_for_marks_by_hand"]
    rows = [head + [f"{exercise.title} (of {_number(exercise.max_points)})" for exercise in room.exercises]]
    for key, student in room.students.items():
        work = room.graded.get(key)
        rows.append(
            [
                student.id,
                student.last_name,
                student.first_name,
                student.email,
                room.states[key],
                f"{work.handed_in:%Y-%m-%d %H:%M:%S}" if work and work.handed_in else "",
                _number(work.seconds_late) if work else "",
                _mark(room, key),
                _number(room.unit.max_points),
                _number(work.penalty) if work else "",
                ("yes" if work.waiting else "no") if work else "",
                *(_number(exercise.points[key]) if work else "" for exercise in room.exercises),
            ]
        )
    return rows


def _moodle(room: Classroom) -> list[list[str]]:
    rows = [["First name", "Last name", "ID number", "Username", "Email address", room.unit.name]]
    for key, who in room.students.items():
        rows.append([who.first_name, who.last_name, who.lms_id, who.id, who.email, _mark(room, key)])
    return rows


def _canvas(room: Classroom) -> list[list[str]]:
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", room.unit.name]]
    rows.append(["Points Possible", "", "", "", "", _number(room.unit.max_points)])
    for key, who in room.students.items():
        name = f"{who.last_name}, {who.first_name}" if who.last_name and who.first_name else who.name
        number, word = (who.lms_id, "") if who.lms_id.isdecimal() else ("", who.lms_id)
        rows.append([name, number, word, who.id, "", _mark(room, key)])
    return rows


def _anonymous(room: Classroom) -> list[list[str]]:
    band = bands(room)
    rows = [[pseudonym(room.unit.key, student), band[student]] for student in room.graded]
    return [["student", "share_of_points"], *sorted(rows)]


def _note(room: Classroom, kind: str) -> str:
    name, most = room.unit.name, _number(room.unit.max_points)
    if kind == "moodle":
        blank = sum(not student.email for student in room.students.values())
        without = f" {blank} of {len(room.students)} students have no e-mail address in the gradebook." if blank else ""
        return (
            f'In Moodle: Grades, Import, CSV file; map "Email address" (or "Username") to the user, and "{name}" to a '
            f"grade item whose maximum is {most}.{without}"
        )
    if kind == "canvas":
        return (
            f'In Canvas: Grades, Import. A student is found by "ID" or "SIS Login ID", else by name; "{name}" becomes '
            f"an assignment of {most} points if there is none of that name."
        )
    return ""


FORMATS: dict[str, Callable[[Classroom], list[list[str]]]] = {"plain": _plain, "moodle": _moodle, "canvas": _canvas}
"""Name → a function that returns the rows."""
