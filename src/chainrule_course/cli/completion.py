"""``chainrule completion``."""

from __future__ import annotations

import argparse

from chainrule_course.cli.parser import Parser

EXAMPLES = (
    "chainrule completion bash",
    "chainrule completion zsh",
    "chainrule completion fish",
)

SHELLS = ("bash", "zsh", "fish")

LISTS = {"UNIT": "ls source 2>/dev/null", "STUDENT": "ls submitted 2>/dev/null"}
"""What lists the names that an argument may have; each shell runs it as it stands."""


def add_arguments(parser: Parser) -> None:
    """Say what the command understands."""
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=f"the shell: {', '.join(SHELLS)}")


def run(args: argparse.Namespace) -> int:
    """Print what makes a shell complete commands, options, units and files.

    Write it where your shell looks for it (make the folder first):
      bash   chainrule completion bash > ~/.local/share/bash-completion/completions/chainrule
      zsh    chainrule completion zsh > ~/.zfunc/_chainrule
             and in ~/.zshrc, before compinit: fpath=(~/.zfunc $fpath)
      fish   chainrule completion fish > ~/.config/fish/completions/chainrule.fish
    Then open a new terminal, type `chainrule ` and press Tab.
    """
    import shtab

    from chainrule_course.cli import COMMANDS
    from chainrule_course.cli.parser import parsers

    parser, commands = parsers(COMMANDS)
    kinds = {"NOTEBOOK": shtab.FILE, "FILE": shtab.FILE, "FOLDER": shtab.DIRECTORY}
    kinds |= {name: shtab.cmd(command) for name, command in LISTS.items()}
    for command in commands.values():
        for action in command._actions:
            if action.metavar in kinds and not action.choices:
                action.complete = kinds[action.metavar]  # type: ignore[attr-defined]
    print(shtab.complete(parser, args.shell))
    return 0
