"""The command `chainrule`: open the course, check a notebook, build the course."""

from __future__ import annotations

import importlib.metadata
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from chainrule_course.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Chainrule, a course on how neural networks are trained. Learners need `lab` and `check`, teachers `build`.",
    epilog="""\b
Start here:
  chainrule lab    # copies the course to ./chainrule-course and opens it
\b
Exit status:
  0    done
  1    what was checked or built is not right
  2    the command was given something wrong, or can't do its work here
  130  interrupted""",
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def _examples(*lines: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show how far the cells of a notebook are, on a terminal; elsewhere show nothing."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f} cells"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[cell]}", style="dim", markup=False),
        console=err,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        disable=not err.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=1, cell="")

        def show(done: int, total: int, cell: str) -> None:
            bar.update(task, completed=done, total=total, cell=cell)

        yield show


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chainrule {importlib.metadata.version('chainrule')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command(
    epilog=_examples(
        "chainrule lab                     # in the folder chainrule-course",
        "chainrule lab my-course           # in a folder of your choice",
        "chainrule lab --copy-only         # only copy; open it as you like",
        "chainrule lab --no-browser --port 8890",
    )
)
def lab(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER",
            show_default=False,
            help="Your folder for the course; made if it is not there. By default the one you are in, or"
            " chainrule-course.",
        ),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
    port: Annotated[
        int | None, typer.Option(help="Port for JupyterLab.", min=1, max=65535, metavar="PORT", show_default=False)
    ] = None,
    copy_only: Annotated[bool, typer.Option("--copy-only", help="Copy the course, don't open JupyterLab.")] = False,
) -> None:
    """Copy the course to a folder of yours and open it in JupyterLab.

    Your work is never overwritten. Run it again after an update: new material is added, notebooks that you have not
    touched are updated, and beside those with your work the new edition is put as NAME.new.ipynb.
    """
    from chainrule_course.course_folder import shipped_course
    from chainrule_course.lab import choose_folder, copy_course, open_lab

    folder = choose_folder(folder)
    changes = copy_course(shipped_course(), folder)
    if all(change.kind == "new" for change in changes):
        notebooks = sum(change.name.endswith(".ipynb") for change in changes)
        what = f"{notebooks} new notebook{'s' if notebooks > 1 else ''}" if notebooks else "nothing new"
    else:
        for change in changes:
            out.print(escape(str(change)))
        what = f"{len(changes)} file{'s' if len(changes) > 1 else ''} changed"
    out.print(escape(f"Your course is in {folder}: {what}."))
    if not copy_only:
        err.print("Opening JupyterLab. Press Ctrl-C here twice to end it.")
        open_lab(folder, ([] if browser else ["--no-browser"]) + ([f"--port={port}"] if port else []))


@app.command(
    epilog=_examples(
        "chainrule check 01_training/01_training.ipynb",
        "chainrule check 01_training.ipynb --timeout 10",
        "chainrule check 01_training.ipynb --source ~/chainrule   # for teachers: the hidden checks, too",
    )
)
def check(
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="A notebook of the course, with your answers.")],
    timeout: Annotated[int, typer.Option(help="Seconds a cell may take.", min=1, metavar="SECONDS")] = 60,
    source: Annotated[
        Path | None,
        typer.Option(help="A course folder with source/: run its hidden checks, too.", metavar="FOLDER"),
    ] = None,
) -> None:
    """Run a notebook's checks and print the report.

    The notebook runs from top to bottom in a fresh kernel. The file itself is not changed. The status is 0 if all
    points are earned, else 1.
    """
    from chainrule_course.check_notebook import check_notebook

    with _progress(notebook.name) as show:
        checked = check_notebook(notebook, timeout, source, show)
    for report in checked.reports:
        title, *rest = report.text.split("\n")
        out.print(f"[bold]{escape(title)}[/bold]")
        for line in rest:
            style = {"✓": "green", "✗": "red", "→": "yellow"}.get(line.strip()[:1], "")
            out.print(f"[{style}]{escape(line)}[/{style}]" if style else escape(line))
    for trouble in checked.troubles:
        out.print(f"[red]! {escape(trouble)}[/red]")
    out.print(f"[bold]Together: {checked.points:g} of {checked.max_points:g} points[/bold]")
    raise typer.Exit(0 if checked.passed else 1)


@app.command(
    epilog=_examples(
        "chainrule build                # all units",
        "chainrule build 1 02_entropy   # some, by number or name",
        "chainrule build --check        # build aside; fail if course/ or solutions/ differ",
    )
)
def build(
    units: Annotated[
        list[str] | None,
        typer.Argument(metavar="UNIT", show_default=False, help="Names or numbers of units; all if none is given."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; name each file and cell that is not what its source gives."),
    ] = False,
    timeout: Annotated[int, typer.Option(help="Seconds a cell may take.", min=1, metavar="SECONDS")] = 120,
) -> None:
    """Build course/ and solutions/ from source/ (for teachers).

    Each unit is run from top to bottom. If a cell fails, or a solution does not earn its points, that unit's files stay
    as they were.
    """
    from chainrule_course.course_folder import find_root, find_units

    try:
        from chainrule_course import build as builder
    except ImportError as error:
        raise UserError(
            f"Building needs {error.name}, which is not installed.", 'Install it with: pip install "chainrule[grade]".'
        ) from error
    root = find_root()
    wanted = find_units(root, units)
    differences = builder.orphans(root) if check and not units else []
    for unit in wanted:
        began = time.perf_counter()
        with _progress(unit) as show:
            if check:
                differences += (found := builder.check_unit(root, unit, show, timeout))
                what = "differs" if found else "is up to date"
            else:
                what = f"built, {builder.build_unit(root, unit, show, timeout)} cells"
        out.print(escape(f"{unit}: {what} ({time.perf_counter() - began:.1f} s)"))
    for line in differences:
        out.print(escape(line))
    if differences:
        err.print("Run `chainrule build`, look at what it changes, and commit it.")
        raise typer.Exit(1)


class Interrupted(SystemExit):
    """Ctrl-C, or a signal that asks us to end; its code is the exit status."""


def _interrupt(number: int, _: object) -> None:
    raise Interrupted(128 + number)


def main() -> None:
    """Run the command; what a person can mend is told in one line, with the status that `--help` lists."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without ✓ shows ?
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _interrupt)
    detail = advice = ""
    try:
        sys.exit(typer.main.get_command(app).main(prog_name="chainrule", standalone_mode=False))
    except Interrupted as error:
        status, problem = int(error.code or 1), "Interrupted; nothing is left half written."
    except UserError as error:
        status, problem, advice, detail = error.status, error.problem, error.advice, error.detail
    except typer.TyperException as error:
        status, problem, advice = 2, error.format_message(), "`chainrule --help` tells more."
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
