"""The command `chainrule`, for learners and teachers. Each command is a module here."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from rich.markup import escape

from chainrule_course.cli import build, check, completion, doctor, feedback, grade, lab, report
from chainrule_course.cli.console import err
from chainrule_course.cli.parser import Parser, parse, parsers
from chainrule_course.errors import UserError

COMMANDS = (lab, check, build, grade, feedback, report, doctor, completion)


class Interrupted(SystemExit):
    """Ctrl-C, or a signal that asks us to end; its code is the exit status."""


def _interrupt(number: int, _: object) -> None:
    raise Interrupted(128 + number)


def start_lightly() -> None:
    """Keep jsonschema, which reads notebooks' schema, from building a grammar of web addresses: half of our start."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # as if not installed: it is optional


def _parser() -> tuple[Parser, dict[str, Parser]]:
    return parsers(COMMANDS)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    return parse(argv, *_parser())


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command; what a person can mend is told in one line, with the status that `--help` lists."""
    start_lightly()
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
