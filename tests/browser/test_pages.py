"""Feedback and the teacher's report in a browser: nobody shut out, nothing run, nothing asked of another host."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chainrule_course.reports import open_gradebook, write_feedback, write_overview

from ..chainrule_course.reports.classes import UNIT, make_class

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.needs("browser")

PAGES = {
    "feedback": f"feedback/bob/{UNIT}/{UNIT}.html",
    "hostile": f"feedback/mal/{UNIT}/{UNIT}.html",
    "unit": f"report/{UNIT}.html",
    "overview": "report/index.html",
}
OPEN = "document.querySelectorAll('details').forEach(details => { details.open = true; })"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    make_class(folder)
    book = open_gradebook(folder)
    write_feedback(book, UNIT)
    write_overview(book)
    return folder


@contextmanager
def opened(
    browser: Browser, path: Path, width: int = 1100, theme: str = "light", refuses: str = "nothing"
) -> Iterator[Page]:
    """Open a page from disk; fail if it asks anything of another address, or complains of more than it should."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page, seen = context.new_page(), []
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("dialog", lambda dialog: seen.append(dialog.message) or dialog.dismiss())
    page.on("request", lambda made: seen.append(made.url) if not made.url.startswith(("file:", "data:")) else None)
    page.goto(path.as_uri())
    page.evaluate(OPEN)
    yield page
    context.close()
    assert [text for text in seen if refuses not in text] == []
    assert any(refuses in text for text in seen) == (refuses != "nothing")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_no_reader_is_shut_out(browser, folder: Path, name: str, theme: str, shoot):
    from axe_playwright_python.sync_playwright import Axe

    with opened(browser, folder / PAGES[name], theme=theme) as page:
        shoot(page, "page")
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response
        assert found["testEngine"]["name"] == "axe-core"
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []


@pytest.mark.parametrize("name", PAGES)
def test_pages_fit_a_phone(browser, folder: Path, name: str, shoot):
    with opened(browser, folder / PAGES[name], width=390) as page:
        shoot(page, "phone")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_hostile_page_is_only_text(browser, folder: Path):
    with opened(browser, folder / PAGES["hostile"]) as page:
        assert page.title().startswith("A toy with a formula")
        assert page.locator("body").is_visible()
        assert page.evaluate("document.scripts.length") == 0


def test_formulas_are_set_without_a_script(browser, folder: Path):
    with opened(browser, folder / PAGES["feedback"]) as page:
        formulas = page.locator("math")
        assert formulas.count() >= 2
        for box in (formulas.nth(i).bounding_box() for i in range(formulas.count())):
            assert box["height"] > 5
            assert box["width"] > 5


def test_the_policy_lets_style_and_pictures_in_and_no_script(browser, folder: Path):
    with opened(browser, folder / PAGES["feedback"], refuses="Executing inline script violates") as page:
        assert page.evaluate("getComputedStyle(document.querySelector('.exercise')).borderTopStyle") == "solid"
        assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
        assert page.locator("img").count() > 0
        ran = page.evaluate(
            "() => { const script = document.createElement('script'); script.textContent = 'window.ran = true';"
            " document.body.append(script); return window.ran === true; }"
        )
        assert ran is False


def test_what_is_folded_is_printed(browser, folder: Path):
    with opened(browser, folder / PAGES["feedback"]) as page:
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = false; })")
        text = page.get_by_text("Twice", exact=False).locator("visible=true")
        on_screen = text.count()
        page.emulate_media(media="print")
        assert text.count() > on_screen
