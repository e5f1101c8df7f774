"""Whatever students' code writes, what is shown of it can do nothing."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from chainrule_course.notebooks import read_notebook
from chainrule_course.reports.prose import formula, prose
from chainrule_course.reports.sanitize import TEXT_LIMIT, code, inline_code, picture, plain, safe_html

PNG = "data:image/png;base64,iVBORw0KGgo="

ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math href='javascript:alert(1)'>x</math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<template><script>alert(1)</script></template>",
    "<a href='javascript:alert(1)'>x</a><a href='https://evil.test'>y</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data=x></object><embed src=x>",
    "<meta http-equiv=refresh content='0;url=https://evil.test'><base href='https://evil.test'>",
    "<link rel=stylesheet href='https://evil.test/x.css'><style>@import 'https://evil.test'</style>",
    "<div style='background:url(https://evil.test)'>x</div>",
    "<form action='https://evil.test'><button formaction='javascript:alert(1)'>go</button></form>",
    "<img src='https://evil.test/x.png' srcset='https://evil.test/y.png 2x'>",
    "<img src='data:text/html;base64,PHNjcmlwdD4='>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<video poster='https://evil.test'></video><audio src='https://evil.test'></audio>",
    "<input autofocus onfocus=alert(1)><details open ontoggle=alert(1)>x</details>",
    "</style></script></pre></details></main><script>alert(1)</script>",
    "<div id=main class=exercise>x</div>",
]


FORBIDDEN = {"script", "style", "iframe", "object", "embed", "form", "input", "button", "textarea", "link", "meta"}
FORBIDDEN |= {"base", "svg", "video", "audio", "a", "template"}


def harmless(html: str) -> None:
    """Fail if anything in `html` runs, loads from elsewhere, links out, or poses as a part of the page."""
    for tag in BeautifulSoup(html, "html.parser").find_all(True):
        assert tag.name not in FORBIDDEN
        for name, value in tag.attrs.items():
            assert not name.startswith("on"), tag
            assert name not in ("style", "href", "srcset", "id", "class", "name", "action", "xlink:href"), tag
            if name == "src":
                assert re.fullmatch(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+", value)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_comes_to_nothing_as_html_and_as_markdown(attack: str):
    harmless(safe_html(attack))
    harmless(prose(attack))
    harmless(prose(f"$\\text{{{attack}}}$ and $${attack}$$ and `{attack}`\n\n    {attack}"))
    assert "<" not in re.sub(r"</?code>", "", inline_code(attack))
    assert not BeautifulSoup(code(attack), "html.parser").find(lambda tag: tag.name != "span")


@given(st.text(alphabet=st.sampled_from(list("<>/\"'=& abonscriptleimg:$`\\{}!-")), max_size=80))
def test_no_text_does(text: str):
    harmless(safe_html(text))
    harmless(prose(text))


def test_what_notebooks_show_is_kept():
    table = (
        "<table><thead><tr><th scope='col'>a</th></tr></thead><tbody><tr><td colspan='2'>1</td></tr></tbody></table>"
    )
    assert str(safe_html(table)).replace('"', "'") == table
    image = f'<img src="{PNG}" alt="A curve.">'
    assert BeautifulSoup(safe_html(image), "html.parser").img.attrs == {"src": PNG, "alt": "A curve."}
    assert 'alt="' in safe_html(f'<img src="{PNG}">')


def test_a_picture_stands_in_an_img_whatever_it_is():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    shown = picture("image/svg+xml", svg, 'a "quoted" description')
    assert BeautifulSoup(shown, "html.parser").img["alt"] == 'a "quoted" description'
    harmless(shown)
    assert picture("image/png", '"><script>alert(1)</script>', "") is None
    assert picture("image/png", "", "") is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.test\x07link\x1b]8;;\x07", "link"),
        ("a\u202eb\x00c\ud800", "abc"),
        ("x" * (TEXT_LIMIT + 5), "x" * TEXT_LIMIT + "\n… (5 more characters)"),
    ],
)
def test_text_reads_as_in_a_terminal(text: str, shown: str):
    assert plain(text) == shown


def test_a_formula_that_cannot_be_read_is_shown_as_it_is():
    assert "frac" in formula("\\frac{1}{\\left(")
    assert "<math" in formula("\\frac{1}{2}")


def test_every_formula_of_the_course_becomes_mathml():
    root = Path(__file__).parents[3] / "course"
    texts = [
        cell.source
        for path in sorted(root.glob("*/*.ipynb"))
        for cell in read_notebook(path).cells
        if cell.cell_type == "markdown" and "$" in cell.source
    ]
    assert len(texts) > 50
    for text in texts:
        html = prose(text)
        assert "<math" in html or "\\$" in text or text.count("$") < 2, text
        assert not re.search(r"\\(frac|text|sum|dots|qquad|mathrm|partial)", html), text
