"""``chainrule feedback``."""

from __future__ import annotations

import argparse

from rich.markup import escape

from chainrule_course.cli.console import count, err, out, progress
from chainrule_course.cli.parser import Parser
from chainrule_course.errors import UserError

EXAMPLES = (
    "chainrule feedback 01_training              # for all who are graded",
    "chainrule feedback 1 ada grace              # for some, by their ids",
    "chainrule feedback 1 --db sqlite:///marks.db",
    "nbgrader release_feedback 01_training       # then gives each student their page",
)


def add_arguments(parser: Parser) -> None:
    """Say what the command understands."""
    parser.add_argument("unit", metavar="UNIT", help="name or number of a unit that is graded")
    parser.add_argument(
        "students", metavar="STUDENT", nargs="*", default=[], help="ids of students (default: all who handed in)"
    )
    parser.add_argument("--db", metavar="URL", help="the gradebook (default: nbgrader's setting)")


def run(args: argparse.Namespace) -> int:
    """Write a page of feedback for each student (for teachers).

    Run it in the folder where you grade. Each page shows the marks as they are in
    the gradebook, names the mistakes, points to where each is explained, and holds
    your comments. It never shows hidden tests or other students. The pages are put
    where nbgrader looks for them: feedback/STUDENT/UNIT/UNIT.html. Run it again
    after you changed marks or comments; only what changed is written.

    A notebook that can't be read is told and left out, and the status is 1.
    """
    try:
        from chainrule_course.reports import open_gradebook, write_feedback
    except ImportError as error:
        raise UserError(
            f"Feedback needs {error.name}, which is not installed.", 'Install it with: pip install "chainrule[grade]".'
        ) from error
    book = open_gradebook(db=args.db)
    unit = book.find_unit(args.unit)
    with progress(unit, "student") as show:
        done = write_feedback(book, unit, args.students, show)
    for problem in done.problems:
        err.print(escape(f"! {problem}"), style="red")
    if done.ungraded:
        err.print(escape(f"Not graded yet: {', '.join(done.ungraded)}."))
    same = f", {len(done.unchanged)} as before" if done.unchanged else ""
    where = next(iter(done.written + done.unchanged), None)
    example = f", such as {where.relative_to(book.root)}" if where and where.is_relative_to(book.root) else ""
    out.print(escape(f"{unit}: {count(len(done.written), 'page')} written{same}{example}"))
    return 1 if done.problems or (args.students and done.ungraded) else 0
