"""The command `chainrule`: open the course, check a notebook, build the course."""

from __future__ import annotations

import argparse
import difflib
import importlib.metadata
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from chainrule_course.errors import UserError

STATUS = """\
exit status:
  0    done
  1    what was checked or built is not right
  2    the command was given something wrong, or can't do its work here
  130  interrupted
"""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


# The commands ---------------------------------------------------------------------------------------------------------


def lab(args: argparse.Namespace) -> int:
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
        count = sum(change.name.endswith(".ipynb") for change in changes)
        what = _count(count, "new notebook") if count else "nothing new"
    else:
        for change in changes:
            out.print(escape(str(change)))
        what = f"{_count(len(changes), 'file')} changed"
    out.print(escape(f"Your course is in {folder}: {what}."))
    if not args.copy_only:
        err.print("Opening JupyterLab. Press Ctrl-C here twice to end it.")
        open_lab(folder, (["--no-browser"] if args.no_browser else []) + ([f"--port={args.port}"] if args.port else []))
    return 0


def check(args: argparse.Namespace) -> int:
    """Run a notebook's checks and print the report.

    The notebook runs from top to bottom in a fresh kernel. The file itself is not
    changed. The exit status is 0 if all points are earned, else 1.
    """
    from chainrule_course.check_notebook import check_notebook

    with _progress(args.notebook.name) as show:
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


def build(args: argparse.Namespace) -> int:
    """Build course/ and solutions/ from source/ (for teachers).

    Each unit is run from top to bottom. If a cell fails, or a solution does not
    earn its points, that unit's files stay as they were.
    """
    from chainrule_course.course_folder import find_root, find_units

    try:
        from chainrule_course import build as builder
    except ImportError as error:
        raise UserError(
            f"Building needs {error.name}, which is not installed.", 'Install it with: pip install "chainrule[grade]".'
        ) from error
    root = find_root()
    differences = [] if args.units or not args.check else builder.orphans(root)
    for unit in find_units(root, args.units):
        began = time.perf_counter()
        with _progress(unit) as show:
            if args.check:
                found = builder.check_unit(root, unit, show, args.timeout)
                differences += found
                what = "differs" if found else "is up to date"
            else:
                what = f"built, {_count(builder.build_unit(root, unit, show, args.timeout), 'cell')}"
        out.print(escape(f"{unit}: {what} ({time.perf_counter() - began:.1f} s)"))
    for line in differences:
        out.print(escape(line))
    if differences:
        err.print("Run `chainrule build`, look at what it changes, and commit it.")
    return 1 if differences else 0


# How they are called --------------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one line, as all of our errors do."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message[:1].upper()}{message[1:]}.", f"`{self.prog} --help` shows how it is used.")


def _parser() -> tuple[_Parser, dict[str, _Parser]]:
    """Return the parser of the whole command line, and that of each command."""
    parser = _Parser(
        "chainrule",
        description="Chainrule, a course on how neural networks are trained.\n"
        "Learners need `lab` and `check`, teachers `build`.",
        epilog=f"start here:\n  chainrule lab    # copies the course to ./chainrule-course and opens it\n\n{STATUS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("-V", "--version", action="store_true", help="show the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    parsers: dict[str, _Parser] = {}

    def command(function: Callable[[argparse.Namespace], int], *examples: str) -> _Parser:
        text = re.sub("^    ", "", function.__doc__ or "", flags=re.MULTILINE).strip()
        parsers[function.__name__] = added = commands.add_parser(
            function.__name__,
            help=text.splitlines()[0],
            description=text,
            epilog="examples:\n" + "\n".join(f"  {line}" for line in examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        added.set_defaults(run=function)
        return added

    new = command(
        lab,
        "chainrule lab                   # in the folder chainrule-course",
        "chainrule lab my-course         # in a folder of your choice",
        "chainrule lab --copy-only       # only copy; open it as you like",
        "chainrule lab --no-browser --port 8890",
    )
    new.add_argument(
        "folder",
        metavar="FOLDER",
        nargs="?",
        type=Path,
        help="your folder for the course, made if it is not there (default: the one you are in, or chainrule-course)",
    )
    new.add_argument("--copy-only", action="store_true", help="copy the course, don't open JupyterLab")
    new.add_argument("--no-browser", action="store_true", help="don't open a browser window, show the address")
    new.add_argument("--port", type=_whole(1, 65535), help="port for JupyterLab")

    new = command(
        check,
        "chainrule check 01_training/01_training.ipynb",
        "chainrule check 01_training.ipynb --timeout 10",
        "chainrule check 01_training.ipynb --source ~/chainrule   # for teachers",
    )
    new.add_argument("notebook", metavar="NOTEBOOK", type=Path, help="a notebook of the course, with your answers")
    new.add_argument(
        "--timeout", metavar="SECONDS", type=_whole(1), default=60, help="seconds a cell may take (default: 60)"
    )
    new.add_argument(
        "--source", metavar="FOLDER", type=Path, help="a course folder with source/: run its hidden checks, too"
    )

    new = command(
        build,
        "chainrule build                 # all units",
        "chainrule build 1 02_entropy    # some, by number or name",
        "chainrule build --check         # build aside; fail if course/ or solutions/ differ",
    )
    new.add_argument("units", metavar="UNIT", nargs="*", help="names or numbers of units (default: all)")
    new.add_argument(
        "--check", action="store_true", help="change nothing; name each file and cell that is not what its source gives"
    )
    new.add_argument(
        "--timeout", metavar="SECONDS", type=_whole(1), default=120, help="seconds a cell may take (default: 120)"
    )
    return parser, parsers


def _whole(least: int, most: float = float("inf")) -> Callable[[str], int]:
    """Return a reader of whole numbers in a range."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            upper = f" to {most:g}" if most < float("inf") else " or more"
            raise argparse.ArgumentTypeError(f"a whole number is needed, {least}{upper}, not {text!r}")
        return int(text)

    return read


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a name that is nearly right gets a suggestion."""
    parser, commands = _parser()
    if argv and not argv[0].startswith("-") and argv[0] not in commands:
        raise UserError(f"There is no command {argv[0]!r}.", _suggest(argv[0], list(commands)))
    args, extra = parser.parse_known_args(argv)
    if args.version:
        print(f"chainrule {importlib.metadata.version('chainrule')}")
        sys.exit(0)
    if extra and not extra[0].startswith("-"):
        raise UserError(f"{extra[0]!r} is one argument too many.", f"`chainrule {args.command} --help` lists them.")
    if extra:
        options = re.findall(r"--[a-z-]+", commands[args.command].format_usage()) if args.command else ["--version"]
        raise UserError(f"{' '.join(extra)!r} is not understood.", _suggest(extra[0], ["--help", *options]))
    if args.command is None:
        parser.print_help()
        sys.exit(0)
    return args


def _suggest(given: str, known: list[str]) -> str:
    near = difflib.get_close_matches(given, known, 1)
    return f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."


# What is printed ------------------------------------------------------------------------------------------------------


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show how far the cells of a notebook are, on a terminal; elsewhere show nothing."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[cell]}", style="dim", markup=False),
        console=err,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        disable=not err.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=None, count="starting", cell="")

        def show(done: int, total: int, cell: str) -> None:
            bar.update(task, completed=done, total=total, count=f"{done} of {total} cells", cell=cell)

        yield show


class Interrupted(SystemExit):
    """Ctrl-C, or a signal that asks us to end; its code is the exit status."""


def _interrupt(number: int, _: object) -> None:
    raise Interrupted(128 + number)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command; what a person can mend is told in one line, with the status that `--help` lists."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without ✓ shows ?
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _interrupt)
    detail = advice = ""
    try:
        args = _parse(sys.argv[1:] if argv is None else argv)
        sys.exit(args.run(args))
    except Interrupted as error:
        status, problem = int(error.code or 1), "Interrupted; nothing is left half written."
    except UserError as error:
        status, problem, advice, detail = error.status, error.problem, error.advice, error.detail
    except BrokenPipeError:  # the reader of our output has gone, as in `chainrule check … | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        status, problem = 2, (f"{error.filename}: " if error.filename else "") + f"{error.strerror or error}."
    if detail:
        err.print(f"[red]chainrule:[/red] {escape(problem)}")
        err.print(escape(detail), style="dim")
        err.print(escape(advice))
    else:
        err.print(f"[red]chainrule:[/red] {escape(f'{problem} {advice}'.strip())}")
    sys.exit(status)
