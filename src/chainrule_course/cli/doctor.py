"""``chainrule doctor``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from rich.markup import escape

from chainrule_course.cli.console import count, out
from chainrule_course.cli.parser import Parser

EXAMPLES = (
    "chainrule doctor                # what is there, what is missing, how to get it",
    "chainrule doctor --for teach    # what grading a class needs; without it the status is 1",
    "chainrule doctor --json         # the same for programs",
)

MARKS = {"good": ("✓", "green"), "limited": ("!", "yellow"), "missing": ("✗", "red")}
TITLES = {"learn": "To learn", "teach": "To teach"}


def add_arguments(parser: Parser) -> None:
    """Say what the command understands."""
    parser.add_argument(
        "--for",
        choices=TITLES,
        dest="purpose",
        help="look only at what learning, or teaching, needs (default: at both)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a list to read")


def run(args: argparse.Namespace) -> int:
    """Say what is missing on this machine, and how to get it.

    What can be tried is tried: a kernel is started, a program is run under
    bubblewrap. ✓ is right. ! works without it, but less well. ✗ does not work
    until it is mended; then the exit status is 1, else 0. Nothing is changed.
    """
    from chainrule_course.doctor import examine

    findings, title = [], ""
    for finding in examine(args.purpose):
        findings.append(finding)
        if args.json:
            continue
        if finding.purpose != title:
            title = finding.purpose
            out.print(f"[bold]{TITLES[title]}[/bold]")
        mark, color = MARKS[finding.state]
        out.print(f"  [{color}]{mark}[/{color}] {escape(f'{finding.name}: {finding.says}')}")
        if finding.advice:
            out.print(escape(f"    → {finding.advice}"))
    missing = sum(finding.state == "missing" for finding in findings)
    limited = sum(finding.state == "limited" for finding in findings)
    if args.json:
        out.print_json(json.dumps({"ok": not missing, "findings": [asdict(finding) for finding in findings]}))
    elif missing:
        out.print(f"[bold]{count(missing, 'thing')} to mend before it works.[/bold]")
    else:
        rest = f" {count(limited, 'thing')} could be better." if limited else ""
        out.print(f"[bold]Everything needed is here.{rest}[/bold]")
    return 1 if missing else 0
