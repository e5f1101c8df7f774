"""``chainrule lab``."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.markup import escape

from chainrule_course.cli.console import count, err, out
from chainrule_course.cli.parser import Parser, whole

EXAMPLES = (
    "chainrule lab                   # in the folder chainrule-course",
    "chainrule lab my-course         # in a folder of your choice",
    "chainrule lab --copy-only       # only copy; open it as you like",
    "chainrule lab --no-browser --port 8890",
)


def add_arguments(parser: Parser) -> None:
    """Say what the command understands."""
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        nargs="?",
        type=Path,
        help="your folder for the course, made if it is not there (default: the one you are in, or chainrule-course)",
    )
    parser.add_argument("--copy-only", action="store_true", help="copy the course, don't open JupyterLab")
    parser.add_argument("--no-browser", action="store_true", help="don't open a browser window, show the address")
    parser.add_argument("--port", type=whole(1, 65535), help="port for JupyterLab")


def run(args: argparse.Namespace) -> int:
    """Copy the course to a folder of yours and open it in JupyterLab.

    Your work is never overwritten. Run it again after an update: new material is
    added, notebooks that you have not touched are updated, and beside those with
    your work the new edition is put as NAME.new.ipynb.
    """
    from chainrule_course.course_folder import shipped_course
    from chainrule_course.lab import choose_folder, copy_course, open_lab

    folder = choose_folder(args.folder)
    changes = copy_course(shipped_course(), folder)
    if all(change.kind == "new" for change in changes):
        number = sum(change.name.endswith(".ipynb") for change in changes)
        what = count(number, "new notebook") if number else "nothing new"
    else:
        for change in changes:
            out.print(escape(str(change)))
        what = f"{count(len(changes), 'file')} changed"
    out.print(escape(f"Your course is in {folder}: {what}."))
    if not args.copy_only:
        err.print("Opening JupyterLab. Press Ctrl-C here twice to end it.")
        open_lab(folder, (["--no-browser"] if args.no_browser else []) + ([f"--port={args.port}"] if args.port else []))
    return 0
