"""What goes into the engine and what comes out: plain data that also crosses to another machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Isolation = Literal["full", "none"]


@dataclass(frozen=True)
class Limits:
    """What a student's notebook may use.

    Attributes
    ----------
    timeout : float
        Seconds a cell may compute; then it is interrupted and the next one runs. A wait for a processor does not count,
        other waits do (see :class:`chainrule_course.clock.Clock`).
    memory : int
        Megabytes of address space a process of the notebook may have beyond what it starts with.
    output : int
        Characters kept of a cell's output; the rest is dropped as it comes.
    disk : int
        Megabytes of files the notebook may write.
    processes : int
        Processes and threads the notebook may have at a time.
    """

    timeout: float = 60
    memory: int = 2048
    output: int = 2_000_000
    disk: int = 128
    processes: int = 64


@dataclass(frozen=True)
class Job:
    """One notebook to execute.

    Attributes
    ----------
    notebook : str
        The notebook as JSON (nbformat 4): the student's cells, with the teacher's graded cells in place.
    files : mapping of str to bytes
        What lies beside it: relative path → content.
    tested : tuple of str
        The ``grade_id`` of each graded cell that runs in the tester, a process that the student's code never enters.
        Their source is never sent to the student's process. Other graded cells run where the student's cells do.
    setup : str
        What the tester runs first: the teacher's own setup cell.
    limits : Limits
        What the notebook may use.
    later : tuple of int
        Cells (counted from 0) that run only if another cell asks for a name that is not there.
    """

    notebook: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    tested: tuple[str, ...] = ()
    setup: str = ""
    limits: Limits = Limits()
    later: tuple[int, ...] = ()


@dataclass(frozen=True)
class Trouble:
    """Something that went wrong in a notebook, in one line.

    Attributes
    ----------
    cell : str
        Name of the cell (its ``grade_id`` or ``name``, else ``cell 7``, counted from 1); empty for the whole notebook.
    kind : str
        While it ran: "raised", "timeout", "died", "memory", "flood" or "forged". Of what was handed in: "deleted",
        "duplicate", "changed", "tags", "unreadable", "missing", "link", "file" or "timestamp". Of the grading itself:
        "lost", "unrecorded" or "unforeseen".
    message : str
        One line.
    """

    cell: str
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.cell}: {self.message}" if self.cell else self.message


@dataclass(frozen=True)
class Execution:
    """What came of a job.

    Attributes
    ----------
    notebook : str
        The notebook with outputs, as JSON. A graded cell that was not seen to run holds an error, so it earns 0.
    troubles : tuple of Trouble
        What went wrong, in the order of the cells.
    seconds : float
        How long it took.
    isolation : {"full", "none"}
        Whether it ran inside the sandbox.
    """

    notebook: str
    troubles: tuple[Trouble, ...]
    seconds: float
    isolation: Isolation


@dataclass
class Graded:
    """What came of a student's submission.

    Attributes
    ----------
    student : str
        Who.
    state : {"graded", "unchanged", "failed"}
        Graded now; graded before and nothing has changed since; not graded, for the first of `troubles`.
    points, max_points : float
        As they stand in the gradebook, manual grades and late penalties included.
    needs_manual_grade : bool
        Whether a cell waits for the teacher.
    troubles : list of tuple of (str, Trouble)
        What went wrong, each with the name of its notebook ("" for the whole submission).
    seconds : float
        How long the notebooks took.
    isolation : str
        Where they ran.
    """

    student: str
    state: str
    points: float = 0
    max_points: float = 0
    needs_manual_grade: bool = False
    troubles: list[tuple[str, Trouble]] = field(default_factory=list)
    seconds: float = 0
    isolation: str = ""
