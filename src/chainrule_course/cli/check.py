"""``chainrule check``."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.markup import escape

from chainrule_course.cli.console import out, progress
from chainrule_course.cli.parser import Parser, whole

EXAMPLES = (
    "chainrule check 01_training/01_training.ipynb",
    "chainrule check 01_training.ipynb --timeout 10",
    "chainrule check 01_training.ipynb --source ~/chainrule   # for teachers",
)


def add_arguments(parser: Parser) -> None:
    """Say what the command understands."""
    parser.add_argument("notebook", metavar="NOTEBOOK", type=Path, help="a notebook of the course, with your answers")
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=whole(1), default=60, help="seconds a cell may compute (default: 60)"
    )
    parser.add_argument(
        "--source", metavar="FOLDER", type=Path, help="a course folder with source/: run its hidden checks, too"
    )


def run(args: argparse.Namespace) -> int:
    """Run a notebook's checks and print the report.

    The notebook runs from top to bottom in a fresh kernel. The file itself is not
    changed. The exit status is 0 if all points are earned, else 1.
    """
    from chainrule_course.check_notebook import check_notebook

    with progress(args.notebook.name) as show:
        checked = check_notebook(args.notebook, args.timeout, args.source, show)
    for report in checked.reports:
        title, *rest = report.text.split("\n")
        out.print(f"[bold]{escape(title)}[/bold]")
        for line in rest:
            style = {"✓": "green", "✗": "red", "→": "yellow"}.get(line.strip()[:1], "")
            out.print(escape(line), style=style)
    for trouble in checked.troubles:
        out.print(escape(f"! {trouble}"), style="red")
    out.print(f"[bold]Together: {checked.points:g} of {checked.max_points:g} points[/bold]")
    return 0 if checked.passed else 1
