"""Errors that are a person's to mend: one line that says what is wrong, one that says what to do."""

from __future__ import annotations


class UserError(Exception):
    """Something given is wrong or missing; shown without a traceback.

    Parameters
    ----------
    problem : str
        What is wrong, with what was given.
    advice : str
        What to do about it.
    """

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(f"{problem} {advice}".strip())
        self.problem, self.advice = problem, advice
