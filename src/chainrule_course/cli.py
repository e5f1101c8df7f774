"""The command `chainrule`: open the course, check a notebook, build the course."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from chainrule_course.errors import UserError

EXIT_CODES = """
Exit status: 0 done; 1 something checked is not right; 2 wrong input; 130 interrupted.
"""

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Chainrule: a course on how neural networks are trained. Learners need `lab` and `check`, teachers `build`.",
    epilog=EXIT_CODES,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def _command(*examples: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a command with examples in its help, which Ctrl-C ends with one line and status 130."""
    epilog = "[bold]Examples[/bold]\n\n" + "\n\n".join(f"  {escape(line)}" for line in examples)

    def declare(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def run(*args: object, **kwargs: object) -> None:
            try:
                function(*args, **kwargs)
            except KeyboardInterrupt:
                err.print("[red]chainrule:[/red] Interrupted; nothing was left half written.")
                raise typer.Exit(130) from None

        return app.command(epilog=epilog)(run)

    return declare


@contextmanager
def _progress(what: str) -> Iterator[tuple[Progress, object]]:
    """Show a progress bar on a terminal; print nothing of the kind into a file or pipe."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f} cells"),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with bar:
        yield bar, bar.add_task(what, total=1)


@_command(
    "chainrule lab                     # into the folder chainrule-course",
    "chainrule lab my-course           # into a folder of your choice",
    "chainrule lab my-course --port 8890 --no-browser",
)
def lab(
    folder: Annotated[Path, typer.Argument(help="Your folder for the course; made if it is not there.")] = Path(
        "chainrule-course"
    ),
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
    port: Annotated[int | None, typer.Option(help="Port for JupyterLab.", min=1, max=65535)] = None,
    copy_only: Annotated[bool, typer.Option("--copy-only", help="Copy the course, don't open JupyterLab.")] = False,
) -> None:
    """Copy the course to a folder of yours and open it in JupyterLab. Your own work is never overwritten."""
    from chainrule_course.course_folder import shipped_course
    from chainrule_course.lab import copy_course, open_lab

    lines = copy_course(shipped_course(), folder)
    for line in lines:
        out.print(escape(f"  {line}"))
    out.print(escape(f"The course is in {folder}." + ("" if lines else " Nothing in it has changed.")))
    if copy_only:
        return
    out.print("Opening JupyterLab; press Ctrl-C here to end it.")
    options = ([] if browser else ["--no-browser"]) + ([f"--port={port}"] if port else [])
    raise typer.Exit(open_lab(folder, options))


@_command(
    "chainrule check 01_training/01_training.ipynb",
    "chainrule check 01_training.ipynb --source ~/chainrule   # with the hidden checks of a course folder",
)
def check(
    notebook: Annotated[Path, typer.Argument(help="A notebook of the course, with your solutions.")],
    timeout: Annotated[int, typer.Option(help="Seconds a cell may take.", min=1)] = 60,
    source: Annotated[
        Path | None, typer.Option(help="A course folder with source/: run its hidden checks too.")
    ] = None,
) -> None:
    """Run a notebook's checks and print the report. The notebook itself is not changed."""
    from chainrule_course.check_notebook import check_notebook

    with _progress(notebook.name) as (bar, task):
        checked = check_notebook(
            notebook,
            timeout,
            source,
            lambda done, total: bar.update(task, completed=done, total=total),  # type: ignore[arg-type]
        )
    for report in checked.reports:
        title, *rest = report.text.split("\n")
        out.print(f"[bold]{escape(title)}[/bold]")
        for line in rest:
            style = {"✓": "green", "✗": "red", "→": "yellow"}.get(line.strip()[:1], "")
            out.print(f"[{style}]{escape(line)}[/{style}]" if style else escape(line))
    for trouble in checked.troubles:
        out.print(f"[red]! {escape(trouble)}[/red]")
    out.print(f"[bold]Together: {checked.points:g} of {checked.max_points:g} points[/bold]")
    raise typer.Exit(0 if checked.points == checked.max_points and not checked.troubles else 1)


@_command(
    "chainrule build                # all units",
    "chainrule build 01 02_entropy  # some, by number or name",
    "chainrule build --check        # build aside; fail if course/ or solutions/ differ",
)
def build(
    units: Annotated[list[str] | None, typer.Argument(help="Units, by name or number; all if none is given.")] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; say which built file and cell is not what its source gives."),
    ] = False,
    timeout: Annotated[int, typer.Option(help="Seconds a cell may take.", min=1)] = 120,
) -> None:
    """Build course/ and solutions/ from source/ (for teachers)."""
    import time

    from chainrule_course.course_folder import find_root, find_units

    try:
        from chainrule_course import build as builder
    except ImportError as error:
        raise UserError(
            f"Building needs {error.name}, which is not installed.", 'Install it with: pip install "chainrule[grade]".'
        ) from error
    root = find_root()
    wanted = find_units(root, units)
    began = time.perf_counter()
    with _progress("") as (bar, task):

        def show(unit: str, done: int, total: int, what: str) -> None:
            bar.update(task, description=f"{unit} {what}", completed=done, total=total)  # type: ignore[arg-type]
            if what == "done":
                err.print(f"  {unit}: {total} cells executed")

        if check:
            differences = builder.check(root, wanted, show, timeout)
        else:
            builder.build(root, wanted, show, timeout)
    took = f"{time.perf_counter() - began:.1f} s"
    number = f"{len(wanted)} unit{'s' if len(wanted) > 1 else ''}"
    if not check:
        out.print(f"Built {number} in {took}: course/ and solutions/ are up to date.")
    elif differences:
        for line in differences:
            out.print(escape(line))
        out.print("Run `chainrule build` and commit what it changes.")
        raise typer.Exit(1)
    else:
        out.print(f"Checked {number} in {took}: course/ and solutions/ are what their sources give.")


def main() -> None:
    """Run the command; wrong input gives one line and status 2, Ctrl-C 130."""
    try:
        app()
    except UserError as error:
        err.print(f"[red]chainrule:[/red] {escape(str(error))}")
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        err.print(f"[red]chainrule:[/red] {escape(str(error.strerror or error) + where)}")
    sys.exit(2)
