"""Make what students' code wrote safe to show: no scripts, no handlers, no addresses of other machines."""

from __future__ import annotations

import base64
import binascii
import re

import nh3
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

TEXT_LIMIT = 20_000
"""Characters of a text that are shown; the rest is cut off and said to be."""

IMAGE_LIMIT = 3_000_000
"""Characters of an encoded picture that is shown."""

_MATH = (
    "math mrow mi mn mo mtext mfrac mtable mtr mtd munderover msub msup msubsup mover munder mspace mstyle msqrt mroot "
    "mpadded mphantom mmultiscripts mprescripts"
)
_TAGS = set(
    "abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 "
    "hr i img kbd li ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var "
    f"{_MATH}".split()
)
_SIDES = {"colspan", "rowspan"}
_ATTRIBUTES = {
    "img": {"src", "alt"},
    "td": _SIDES,
    "th": _SIDES | {"scope"},
    "ol": {"start"},
    "math": {"display"},
    "mo": {"stretchy", "fence", "separator", "minsize", "maxsize", "form"},
    "mi": {"mathvariant"},
    "mspace": {"width", "linebreak"},
    "mtd": {"columnspan", "rowspan"},
    "mtable": {"columnalign", "columnspacing", "rowspacing", "displaystyle"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mfrac": {"linethickness"},
    "munderover": {"accent"},
    "mover": {"accent"},
    "munder": {"accentunder"},
}
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,([A-Za-z0-9+/=\s]+)")
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe_html(html: str) -> Markup:
    """Return the part of some HTML that can do no harm: text, tables, formulas, and pictures that it holds itself."""
    clean = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "style", "iframe", "object", "noscript", "template", "textarea", "title"},
        attributes=_ATTRIBUTES,
        attribute_filter=_keep,
        url_schemes={"data"},
        link_rel=None,
    )
    return Markup(re.sub(r"<img\b[^>]*>", _described, clean))


def _described(image: re.Match[str]) -> str:
    """Drop a picture that has lost its source; say so where one has no description."""
    tag = image.group()
    if ' src="' not in tag:
        return "<em>(a picture from elsewhere)</em>"
    return tag if ' alt="' in tag else tag.replace("<img", '<img alt="A picture without a description"', 1)


def _keep(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if len(value) <= IMAGE_LIMIT and _PICTURE.fullmatch(value) else None
    return value


def plain(text: object) -> str:
    """Return text as it reads: without a terminal's colors and invisible signs, cut off where it is very long."""
    whole = _INVISIBLE.sub("", _ESCAPE.sub("", str(text)))
    if len(whole) <= TEXT_LIMIT:
        return whole
    return f"{whole[:TEXT_LIMIT]}\n… ({len(whole) - TEXT_LIMIT:,} more characters)"


def inline_code(text: object) -> Markup:
    """Escape a sentence; what stands between backquotes becomes code."""
    pieces = plain(text).split("`")
    if len(pieces) % 2 == 0:  # an unpaired backquote stays one
        return escape(plain(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces)
    )


def code(source: object) -> Markup:
    """Return Python code in colors."""
    return Markup(highlight(plain(source), PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).rstrip("\n"))


def picture(kind: str, data: object, alt: str) -> Markup | None:
    """Return a picture of a notebook's output as one that the page holds itself; None if it is none.

    An SVG stands in an ``<img>`` too: there a browser runs none of its scripts and fetches nothing for it.
    """
    text = "".join(data) if isinstance(data, list) else str(data)
    if kind == "image/svg+xml":
        text = base64.b64encode(text.encode("utf-8", "replace")).decode()
    text = "".join(text.split())
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not text or len(text) > IMAGE_LIMIT:
        return None
    return Markup('<img src="data:{};base64,{}" alt="{}">').format(kind, text, alt)
