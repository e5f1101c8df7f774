"""Show the help text of every `chainrule` command, straight from the program: ``{command-help}``."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from chainrule_course.cli import COMMANDS
from chainrule_course.cli.parser import parsers


class CommandHelp(SphinxDirective):
    """A section for each command, with what ``--help`` prints."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        sections: list[nodes.Node] = []
        for name, parser in parsers(COMMANDS)[1].items():
            section = nodes.section(ids=[f"chainrule-{name}"], names=[f"chainrule {name}"])
            text = parser.format_help()
            section += [nodes.title(text=f"chainrule {name}"), nodes.literal_block(text, text, language="text")]
            self.state.document.note_explicit_target(section)
            sections.append(section)
        return sections


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
