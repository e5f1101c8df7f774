"""``chainrule build``."""

from __future__ import annotations

import argparse
import time

from rich.markup import escape

from chainrule_course.cli.console import count, err, out, progress
from chainrule_course.cli.parser import Parser, whole
from chainrule_course.errors import UserError

EXAMPLES = (
    "chainrule build                 # all units",
    "chainrule build 1 02_entropy    # some, by number or name",
    "chainrule build --check         # build aside; fail if course/ or solutions/ differ",
)


def add_arguments(parser: Parser) -> None:
    """Say what the command understands."""
    parser.add_argument("units", metavar="UNIT", nargs="*", default=[], help="names or numbers of units (default: all)")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; name each file and cell that is not what its source gives"
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=whole(1), default=120, help="seconds a cell may compute (default: 120)"
    )


def run(args: argparse.Namespace) -> int:
    """Build course/ and solutions/ from source/ (for teachers).

    Each unit is run from top to bottom. If a cell fails, or a solution does not
    earn its points, that unit's files stay as they were. With all units, the pages
    that gather from them are written, too: course/SYLLABUS.md and ERRATA.md.
    """
    from chainrule_course.course_folder import find_root, find_units

    try:
        from chainrule_course import build as builder
    except ImportError as error:
        raise UserError(
            f"Building needs {error.name}, which is not installed.", 'Install it with: pip install "chainrule[grade]".'
        ) from error
    root = find_root()
    pages = {} if args.units else builder.make_pages(root)  # first: what is missing is then told at once
    differences = [] if args.units or not args.check else builder.orphans(root)
    for unit in find_units(root, args.units):
        began = time.perf_counter()
        with progress(unit) as show:
            if args.check:
                found = builder.check_unit(root, unit, show, args.timeout)
                differences += found
                what = "differs" if found else "is up to date"
            else:
                what = f"built, {count(builder.build_unit(root, unit, show, args.timeout), 'cell')}"
        out.print(escape(f"{unit}: {what} ({time.perf_counter() - began:.1f} s)"))
    if pages and args.check:
        differences += builder.compare_pages(root, pages)
    elif pages:
        builder.write_pages(root, pages, lambda: err.print("Waiting for another build to end."))
        out.print(f"course: {' and '.join(pages)} written")
    for line in differences:
        out.print(escape(line))
    if differences:
        err.print("Run `chainrule build`, look at what it changes, and commit it.")
    return 1 if differences else 0
