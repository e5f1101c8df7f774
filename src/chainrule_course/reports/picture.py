"""The teacher's picture of a class: one page for a unit, and one that lists all units."""

from __future__ import annotations

import os
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from chainrule_course.errors import UserError
from chainrule_course.reports.anonymity import LEAST, SMALLEST, merge, pseudonym, tally
from chainrule_course.reports.charts import binned, histogram
from chainrule_course.reports.classroom import Classroom, Mistake, read_classroom
from chainrule_course.reports.gradebook import Gradebook
from chainrule_course.reports.pages import duration, render, write_if_changed

EDGES = list(range(0, 101, 10))

Progress = Callable[[int, int, str], None]


@dataclass
class Picture:
    """The pages that were written or were already right, and how many students they are about."""

    pages: list[Path] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    graded: int = 0


def report_folder(book: Gradebook, anonymous: bool = False) -> Path:
    """Return the folder of the teacher's pages; anonymous ones have their own, which may be passed on as it is."""
    return book.root / "report" / ("anonymous" if anonymous else "")


def write_picture(book: Gradebook, name: str, anonymous: bool = False, progress: Progress | None = None) -> Picture:
    """Write the page of a unit.

    Parameters
    ----------
    book : Gradebook
        The course's gradebook.
    name : str
        The unit.
    anonymous : bool
        Whether nobody may be recognized.
    progress : callable, optional
        Called as ``progress(students done, students, student)`` before each student.

    Raises
    ------
    UserError
        If nothing is graded yet, or too little to be anonymous.
    """
    room = read_classroom(book, name, progress)
    if not room.graded:
        raise UserError(f"Nothing of {name} is graded yet.", f"Run `chainrule grade {name}` first.")
    if anonymous:
        check_anonymous(room)
    result = Picture(graded=len(room.graded))
    _write(book, f"{name}.html", unit_page(book, room, anonymous), anonymous, result)
    return result


def write_overview(book: Gradebook, anonymous: bool = False, progress: Progress | None = None) -> Picture:
    """Write the page of each unit that has something graded, and ``index.html``, which lists them.

    Parameters
    ----------
    book : Gradebook
        The course's gradebook.
    anonymous : bool
        Whether nobody may be recognized.
    progress : callable, optional
        Called as ``progress(units done, units, unit)`` before each unit.

    Raises
    ------
    UserError
        If nothing is graded yet.
    """
    rooms, units, result = list[Classroom](), book.units(), Picture()
    for number, name in enumerate(units):
        if progress:
            progress(number, len(units), name)
        rooms.append(read_classroom(book, name))
    ready = [room for room in rooms if len(room.graded) >= (SMALLEST if anonymous else 1)]
    if not ready:
        enough = f"No unit has {SMALLEST} students graded, too few to be anonymous." if anonymous else ""
        raise UserError(enough or "Nothing is graded yet.", "Run `chainrule grade UNIT` first.")
    for room in ready:
        _write(book, f"{room.unit.name}.html", unit_page(book, room, anonymous), anonymous, result)
    result.graded = len({student for room in rooms for student in room.graded})
    students = {key: student for room in rooms for key, student in room.students.items()}
    page = render(
        "overview.html.j2",
        rooms=rooms,
        ready={room.unit.name for room in ready},
        href={room.unit.name: quote(f"{room.unit.name}.html") for room in rooms},
        students=[] if anonymous else sorted(students.values(), key=lambda student: student.order),
        anonymous=anonymous,
        count=(lambda number, room: tally(number, len(room.students)))
        if anonymous
        else (lambda number, _: str(number)),
        mean=lambda room: 100 * statistics.fmean(room.shares.values()),
    )
    _write(book, "index.html", page, anonymous, result)
    return result


def check_anonymous(room: Classroom) -> None:
    """Raise UserError if a class is so small that its members are recognized whatever is left out."""
    if len(room.graded) < SMALLEST:
        raise UserError(
            f"{room.unit.name} has {len(room.graded)} graded, too few to be anonymous.",
            f"Wait until there are {SMALLEST}, or leave out --anonymous.",
        )


def _write(book: Gradebook, name: str, page: bytes, anonymous: bool, result: Picture) -> None:
    path = report_folder(book, anonymous) / name
    if write_if_changed(path, page, book.mode(private=True)):
        result.written.append(path)
    result.pages.append(path)


def unit_page(book: Gradebook, room: Classroom, anonymous: bool = False) -> bytes:
    """Return the page of a unit."""
    shares = {student: 100 * share for student, share in room.shares.items()}
    edges, counts = list[float](EDGES), binned(list(shares.values()), EDGES)
    few: tuple[int, int] = (0, 0)
    mistakes, unexplained = room.mistakes, room.unexplained
    if anonymous:
        edges, counts = merge(edges, counts)
        mistakes, unexplained = ([m for m in found if len(m.students) >= LEAST] for found in (mistakes, unexplained))
        few = (len(room.mistakes) - len(mistakes), len(room.unexplained) - len(unexplained))
    names = {
        key: pseudonym(room.unit.key, key) if anonymous else student.name for key, student in room.students.items()
    }
    bars = list(zip(edges, edges[1:], counts, strict=False))
    return render(
        "unit.html.j2",
        room=room,
        unit=room.unit,
        anonymous=anonymous,
        least=LEAST,
        names=names,
        order=sorted(room.graded, key=names.__getitem__) if anonymous else list(room.students),
        shares=shares,
        mean=statistics.fmean(shares.values()),
        median=statistics.median(shares.values()),
        bars=bars,
        band=bands(room) if anonymous else {},
        chart=histogram(edges, counts, _in_words(bars), "share of the points, in percent"),
        exercises=sorted(room.exercises, key=lambda exercise: (exercise.share, exercise.title)),
        mistakes=mistakes,
        unexplained=unexplained,
        few=few,
        who=lambda mistake: _who(room, mistake, names),
        count=lambda number, of=0: tally(number, of or len(room.graded)) if anonymous else str(number),
        troubles={} if anonymous else _by_student(room),
        absent={student for student, state in room.states.items() if state == "not handed in"},
        waiting={student for student, work in room.graded.items() if work.waiting},
        states=Counter(room.states.values()),
        seconds=sorted(room.seconds.values()),
        feedback={} if anonymous else _feedback(book, room),
        duration=duration,
    )


def bands(room: Classroom) -> dict[str, str]:
    """Return student → the band of marks they are in; each band holds at least three students."""
    shares = {student: 100 * share for student, share in room.shares.items()}
    edges, _ = merge(EDGES, binned(list(shares.values()), EDGES))
    found = {}
    for student, share in shares.items():
        bar = max([i for i in range(len(edges) - 1) if share >= edges[i]], default=0)
        found[student] = f"{edges[bar]:g} to {edges[bar + 1]:g} %"
    return found


def _in_words(bars: list[tuple[float, float, int]]) -> str:
    """Describe a histogram for those who do not see it."""
    told = "; ".join(f"{left:g} to {right:g} percent: {count}" for left, right, count in bars if count)
    return f"Students by share of the points. {told}."


def _who(room: Classroom, mistake: Mistake, names: dict[str, str]) -> str:
    return ", ".join(names[student] for student in room.students if student in mistake.students)


def _by_student(room: Classroom) -> dict[str, list[str]]:
    """Return student → what the teacher should look at, in the order of the class."""
    troubles: dict[str, list[str]] = {}
    for student in room.students:
        own = [what for key, what in room.troubles if key == student]
        if student in room.late:
            own.append(f"{duration(room.unit.submissions[student].seconds_late)} late")
        if own:
            troubles[student] = own
    return troubles


def _feedback(book: Gradebook, room: Classroom) -> dict[str, str]:
    """Return student → address of their feedback page, seen from the report; only of pages that are there."""
    found = {}
    for student in room.graded:
        pages = [book.folder("feedback", student, room.unit.name) / f"{name}.html" for name in room.unit.notebooks]
        if pages and pages[0].is_file():
            found[student] = quote(Path(os.path.relpath(pages[0], report_folder(book))).as_posix())
    return found
