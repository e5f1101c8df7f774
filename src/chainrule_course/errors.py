"""Errors that are a person's to mend: one line that says what is wrong and what to do."""

from __future__ import annotations


class UserError(Exception):
    """Something given is wrong or missing; shown without a traceback.

    Parameters
    ----------
    problem : str
        What is wrong, with what was given.
    advice : str
        What to do about it.
    detail : str
        More lines to show below, such as the traceback of a notebook's cell.
    """

    status = 2
    """The exit status of the command."""

    def __init__(self, problem: str, advice: str = "", detail: str = "") -> None:
        super().__init__(f"{problem} {advice}".strip())
        self.problem, self.advice, self.detail = problem, advice, detail


class CourseError(UserError):
    """The course itself is not right: a unit that can't be read, run or released."""

    status = 1
