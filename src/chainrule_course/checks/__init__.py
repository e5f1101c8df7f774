"""Check an exercise in a notebook: points, a report, and the name of the mistake.

A check cell of a notebook reads like this::

    check = Checks("predict_label", points=1)
    check.equal("a tie counts as 1", np.array([0.5]), expected=np.array([1]))
    check.report()

Its last line shows a report; the report's ``repr`` is the points earned, which nbgrader reads as partial credit.
"""

from chainrule_course.checks.calling import public
from chainrule_course.checks.exercise import Checks
from chainrule_course.checks.mistakes import record_diagnoses
from chainrule_course.checks.report import MIME, Report
from chainrule_course.checks.unsolved import once_solved

__all__ = ["MIME", "Checks", "Report", "once_solved", "public", "record_diagnoses"]
