"""What commands print: results on stdout, messages and progress on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def count(number: int, what: str) -> str:
    """Return a number with its noun: "1 cell", "2 cells"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


@contextmanager
def progress(what: str, of: str = "cell") -> Iterator[Callable[[int, int, str], None]]:
    """Show how far the cells of a notebook are, or whatever `of` names, on a terminal; elsewhere show nothing."""
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
            bar.update(task, completed=done, total=total, count=f"{done} of {count(total, of)}", cell=cell)

        yield show
