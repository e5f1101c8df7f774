"""``chainrule report``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from chainrule_course.cli.console import count, err, out, progress
from chainrule_course.cli.parser import Parser
from chainrule_course.errors import UserError

if TYPE_CHECKING:
    from chainrule_course.reports import Gradebook

EXAMPLES = (
    "chainrule report                            # all units: report/index.html",
    "chainrule report 01_training                # one: report/01_training.html",
    "chainrule report 1 --anonymous              # to show around",
    "chainrule report 1 --csv moodle             # report/01_training-moodle.csv",
    "chainrule report 1 --csv plain --output -   # to the terminal, or a pipe",
)


def add_arguments(parser: Parser) -> None:
    """Say what the command understands."""
    parser.add_argument("unit", metavar="UNIT", nargs="?", help="name or number of a unit (default: all)")
    parser.add_argument("--csv", choices=("moodle", "canvas", "plain"), help="write the marks as CSV, not a page")
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="where the CSV goes; - is the terminal (default: report/UNIT-FORMAT.csv)",
    )
    parser.add_argument("--anonymous", action="store_true", help="show nobody: see above")
    parser.add_argument("--db", metavar="URL", help="the gradebook (default: nbgrader's setting)")


def run(args: argparse.Namespace) -> int:
    """Show how a class did: marks, hard exercises, frequent mistakes (for teachers).

    Run it in the folder where you grade. A page shows how the marks are spread,
    which exercises were hard, which mistake how many made, and who needs you. The
    pages lie in report/ and hold everybody's marks: they are for you.

    With --anonymous, pages go to report/anonymous/. A student has a pseudonym, the
    same at each report of a unit. Marks are shown as bands, each of which holds at
    least 3 students. Mistakes made by fewer than 3 are only counted, and no number
    tells of fewer than 3 students, or of all but fewer than 3. With fewer than 6
    students graded there is no anonymous page. --csv plain gives pseudonyms and
    bands; the other formats can't be anonymous.

    A mark that isn't there yet is left empty in a CSV.
    """
    try:
        from chainrule_course.reports import open_gradebook, write_overview, write_picture
    except ImportError as error:
        raise UserError(
            f"Reports need {error.name}, which is not installed.", 'Install it with: pip install "chainrule[grade]".'
        ) from error
    if args.csv and not args.unit:
        raise UserError("--csv needs a unit.", f"Try `chainrule report 01_training --csv {args.csv}`.")
    if args.output and not args.csv:
        raise UserError("--output goes with --csv.", "A page is always written to report/.")
    book = open_gradebook(db=args.db)
    unit = book.find_unit(args.unit) if args.unit else None
    if unit and args.csv:
        return _export(book, unit, args)
    with progress(unit or "course", "student" if unit else "unit") as show:
        made = write_picture(book, unit, args.anonymous, show) if unit else write_overview(book, args.anonymous, show)
    what = unit or count(len(made.pages) - 1, "unit")
    state = "written" if made.written else "as before"
    out.print(escape(f"{what}: {count(made.graded, 'student')}, {made.pages[-1].relative_to(book.root)} {state}"))
    return 0


def _export(book: Gradebook, unit: str, args: argparse.Namespace) -> int:
    from chainrule_course.reports import export_marks, read_classroom, report_folder, write_if_changed

    path = Path(args.output) if args.output else report_folder(book, args.anonymous) / f"{unit}-{args.csv}.csv"
    if args.output != "-" and path.is_dir():
        raise UserError(f"{path} is a folder.", "Give the name of a file.")
    with progress(unit, "student") as show:
        room = read_classroom(book, unit, show)
    if not room.graded:
        raise UserError(f"Nothing of {unit} is graded yet.", f"Run `chainrule grade {unit}` first.")
    export = export_marks(room, args.csv, args.anonymous)
    for note in export.notes:
        err.print(escape(note))
    if args.output == "-":
        out.file.write(export.text)
        return 0
    write_if_changed(path, export.text.encode("utf-8"), book.mode(private=True))
    out.print(escape(f"{unit}: marks of {len(room.graded)} of {count(len(room.students), 'student')} in {path}"))
    return 0
