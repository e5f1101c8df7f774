"""Markdown with formulas → safe HTML; formulas become MathML, which needs no script and which screen readers speak."""

from __future__ import annotations

import re
from functools import lru_cache

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from chainrule_course.reports.sanitize import plain, safe_html


def formula(latex: str, display: bool = False) -> str:
    """Return a formula as MathML; as the LaTeX it is where it cannot be read."""
    text = re.sub(r"\\displaystyle\b", "", latex).strip()
    try:
        return str(convert(text, display="block" if display else "inline"))
    except Exception:  # whatever a student wrote between dollars
        return f"<code>{escape(latex)}</code>"


def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_digits=False, double_inline=True)
    parser.use(amsmath_plugin)
    parser.add_render_rule("math_inline", lambda _, tokens, i, *rest: formula(tokens[i].content))
    for rule in ("math_inline_double", "math_block", "math_block_label", "amsmath"):
        parser.add_render_rule(rule, lambda _, tokens, i, *rest: formula(tokens[i].content, display=True))
    return parser


_PARSER = _markdown()


@lru_cache(maxsize=512)  # the sections of a unit stand on every student's page
def prose(markdown: str, top: int = 4) -> Markup:
    """Render Markdown; its highest heading becomes one of level `top`, to fit into the page."""
    tokens = _PARSER.parse(plain(markdown))
    marks = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    down = top - min((int(token.tag[1]) for token in marks), default=1)
    for token in marks:
        token.tag = f"h{min(6, int(token.tag[1]) + down)}"
    return safe_html(_PARSER.renderer.render(tokens, _PARSER.options, {}))


@lru_cache(maxsize=2048)
def headings(markdown: str) -> list[tuple[int, str]]:
    """Return the headings of some Markdown as (level, text without marks)."""
    tokens = _PARSER.parse(markdown)
    return [(int(token.tag[1]), _text(tokens[i + 1])) for i, token in enumerate(tokens) if token.type == "heading_open"]


def _text(token: Token) -> str:
    return "".join(
        child.content for child in token.children or [] if child.type in ("text", "code_inline", "math_inline")
    )
