"""Execute one student's notebook: a pure function from a job to what came of it."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import nbformat

from chainrule_course.grading import sandbox, stock
from chainrule_course.grading.jobs import Execution, Isolation, Job
from chainrule_course.grading.session import Session
from chainrule_course.grading.zygotes import Pool
from chainrule_course.notebooks import notebook_text

_pool = Pool()


def execute(job: Job, isolation: Isolation = "full") -> Execution:
    """Execute the notebook of a job.

    It may be called from several threads at once, and again and again: what it needs is started once and kept.

    Parameters
    ----------
    job : Job
        The notebook, its files and its limits.
    isolation : {"full", "none"}
        Inside the sandbox, or with the rights of whoever grades: then in a forked process, too, or, where that can't
        be had (macOS, Windows), in an ordinary kernel. See :func:`isolation_here`.

    Raises
    ------
    ZygoteError
        If the sandbox fails for another reason than the notebook.
    """
    if isolation == "none" and not sandbox.can_fork():
        return stock.execute(job)
    began = time.perf_counter()
    notebook = nbformat.reads(job.notebook, as_version=4)
    hidden = _hidden() if isolation == "full" else None
    with _pool.zygote(job.limits, hidden) as zygote, Session(zygote, job) as session:
        session.run(notebook)
    return Execution(notebook_text(notebook), tuple(session.troubles), time.perf_counter() - began, isolation)


@cache
def isolation_here() -> tuple[Isolation, str]:
    """Return the isolation this machine offers, and why it offers no more (one line; empty for "full").

    It is tried, not guessed: a process goes into a box, and from there into namespaces of its own.
    """
    why = sandbox.missing() or sandbox.works(_hidden())
    return ("none", why) if why else ("full", "")


def close() -> None:
    """End all processes that :func:`execute` has started."""
    _pool.close()


def _hidden() -> list[Path]:
    """Return the folder that nobody inside may see: the course, in which we run."""
    return [Path.cwd().resolve()]
