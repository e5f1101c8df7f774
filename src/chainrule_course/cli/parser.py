"""Read the command line; what is wrong with it is told in one line."""

from __future__ import annotations

import argparse
import difflib
import importlib.metadata
import re
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import NoReturn

from chainrule_course.errors import UserError

STATUS = """\
exit status:
  0    done
  1    what was checked or built is not right
  2    the command was given something wrong, or can't do its work here
  130  interrupted
"""


class Parser(argparse.ArgumentParser):
    """Tells what is wrong in one line, as all of our errors do."""

    def error(self, message: str) -> NoReturn:
        """Raise what `main` prints."""
        raise UserError(f"{message[:1].upper()}{message[1:]}.", f"`{self.prog} --help` shows how it is used.")


def whole(least: int, most: float = float("inf")) -> Callable[[str], int]:
    """Return a reader of whole numbers in a range."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            upper = f" to {most:g}" if most < float("inf") else " or more"
            raise argparse.ArgumentTypeError(f"a whole number is needed, {least}{upper}, not {text!r}")
        return int(text)

    return read


def parsers(modules: Sequence[ModuleType]) -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the whole command line, and that of each command.

    A command is a module with EXAMPLES, ``add_arguments(parser)`` and ``run(args)``, whose docstring is the help.
    """
    parser = Parser(
        "chainrule",
        description="Chainrule, a course on how neural networks are trained.\n"
        "Learners need `lab` and `check`, teachers `build`, `grade`, `feedback` and `report`.",
        epilog=f"start here:\n  chainrule lab    # copies the course to ./chainrule-course and opens it\n\n{STATUS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("-V", "--version", action="store_true", help="show the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    each: dict[str, Parser] = {}
    for module in modules:
        name = module.__name__.rpartition(".")[2]
        text = re.sub("^    ", "", module.run.__doc__ or "", flags=re.MULTILINE).strip()
        each[name] = added = commands.add_parser(
            name,
            help=text.splitlines()[0],
            description=text,
            epilog="examples:\n" + "\n".join(f"  {line}" for line in module.EXAMPLES),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        added.set_defaults(run=module.run)
        module.add_arguments(added)
    return parser, each


def parse(argv: Sequence[str], parser: Parser, commands: dict[str, Parser]) -> argparse.Namespace:
    """Read the command line; a name that is nearly right gets a suggestion."""
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
