"""The site: built offline without a warning, and used in a browser that reaches no other host."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

pytestmark = pytest.mark.needs("browser")

ROOT = Path(__file__).parents[2]
UNITS = sorted(path.parent.name for path in (ROOT / "solutions").glob("[0-9][0-9]_*/*.ipynb"))
KINDS = {
    "start": "index.html",
    "learner": "start.html",
    "teacher": "teach/index.html",
    "fairness": "teach/fairness.html",
    "commands": "commands.html",
    "benchmarks": "benchmarks.html",
    "units": "units/index.html",
    "errata": "units/errata.html",
    "unit": "units/01_training.html",
    "modules": "reference/index.html",
    "module": "reference/generated/chainrule.layers.html",
    "module of checks": "reference/generated/chainrule_course.checks.html",
    "search": "search.html?q=entropy",
    "names": "genindex.html",
}
"""A page of each kind."""


class Page(HTMLParser):
    """What a built page refers to, and where it can be referred to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.images: list[dict[str, str | None]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.anchors.update(value for key in ("id", "name") if (value := given.get(key)))
        if tag == "a" and given.get("href"):
            self.links.add(str(given["href"]))
        if tag == "img":
            self.images.append(given)
        if tag in ("script", "img", "iframe", "source") and given.get("src"):
            self.loaded.add(str(given["src"]))
        if tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon", "shortcut icon"):
            self.loaded.add(str(given["href"]))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site, by the command of the documentation; every warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "auto"]
    nowhere = {f"{kind}_proxy": "http://127.0.0.1:9" for kind in ("http", "https", "all")}
    built = subprocess.run(
        [*command, "-d", str(folder / "doctrees"), "docs", str(folder / "html")],
        cwd=ROOT,
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert built.stderr == ""
    return folder / "html"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Every page of the site, by its path."""
    return {path.relative_to(site).as_posix(): Page(path) for path in sorted(site.rglob("*.html"))}


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where a server on this machine serves the site."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


# What the files say ---------------------------------------------------------------------------------------------------


def test_every_unit_and_every_module_has_its_page(pages: dict[str, Page]):
    import chainrule

    assert UNITS
    for unit in UNITS:
        assert f"units/{unit}.html" in pages
    for name in chainrule.__all__:
        if name != "Sequential":
            assert f"reference/generated/chainrule.{name}.html" in pages


def test_every_public_class_and_function_is_explained(pages: dict[str, Page]):
    import chainrule

    for module in (getattr(chainrule, name) for name in chainrule.__all__ if name != "Sequential"):
        page = pages[f"reference/generated/{module.__name__}.html"]
        for name in module.__all__:
            if callable(getattr(module, name)):
                assert f"{module.__name__}.{name}" in page.anchors, f"{module.__name__}.{name}"


def test_links_lead_somewhere(pages: dict[str, Page], site: Path):
    for path, page in pages.items():
        for link in page.links:
            target = urlsplit(link)
            if target.scheme or target.netloc:
                continue
            name = os.path.normpath(Path(path).parent / unquote(target.path)) if target.path else path
            assert (site / name).exists(), f"{path} links to {link}"
            if target.fragment and name in pages:
                assert unquote(target.fragment) in pages[name].anchors, f"{path} links to {link}"


def test_nothing_is_loaded_from_elsewhere(pages: dict[str, Page], site: Path):
    for path, page in pages.items():
        for source in page.loaded:
            target = urlsplit(source)
            if target.scheme != "data":
                assert not target.netloc, f"{path} loads {source}"
                assert (site / Path(path).parent / unquote(target.path)).resolve().is_file(), f"{path} loads {source}"


def test_figures_say_what_they_show(pages: dict[str, Page]):
    for unit in UNITS:
        images = pages[f"units/{unit}.html"].images
        assert len(images) >= 5
        for image in images:
            assert len(image.get("alt") or "") > 20, f"{unit}: {image.get('alt')!r}"


# What a browser makes of it -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["light", "dark"])
def reader(request: pytest.FixtureRequest, browser, address: str):
    """A reader's page in a theme, on a wide screen; another host can't be reached, and must not be asked for."""
    context = browser.new_context(
        base_url=address, viewport={"width": 1280, "height": 900}, color_scheme=request.param, reduced_motion="reduce"
    )
    asked: list[str] = []
    context.on("request", lambda made: asked.append(made.url) if not made.url.startswith((address, "data:")) else None)
    page = context.new_page()
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    yield page
    context.close()
    assert asked == []
    assert failed == []


def read(page, path: str) -> None:
    """Open a page and wait until its formulas are set."""
    page.goto(f"/{path}", wait_until="load")
    page.evaluate("() => window.MathJax?.startup?.promise")


def shut_out(page) -> dict[str, list[str]]:
    """Return what of the open page shuts readers out: axe's serious violations, each with the first places."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return {
        violation["id"]: [node["html"][:200] for node in violation["nodes"][:3]]
        for violation in found
        if violation["impact"] in ("serious", "critical")
    }


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_no_reader_is_shut_out(reader, path: str, shoot):
    read(reader, path)
    if path.startswith("search"):
        reader.wait_for_selector("#search-results li")
    shoot(reader, "page")
    assert shut_out(reader) == {}


@pytest.mark.parametrize("unit", UNITS)
def test_formulas_are_set_and_no_reader_of_a_unit_is_shut_out(reader, unit: str):
    read(reader, f"units/{unit}.html")
    reader.wait_for_function("document.querySelectorAll('.math:not(:has(mjx-container))').length === 0")
    assert reader.locator("mjx-container").count() > 5
    assert reader.locator("mjx-container [data-mml-node=merror], mjx-merror").count() == 0
    assert reader.locator("mjx-assistive-mml").count() == reader.locator("mjx-container").count()
    assert shut_out(reader) == {}


def test_search_finds_what_is_in_a_unit(reader):
    read(reader, "index.html")
    reader.get_by_placeholder("Search").first.fill("Huffman")
    reader.get_by_placeholder("Search").first.press("Enter")
    reader.wait_for_selector("#search-results li")
    reader.get_by_role("link", name="2 · How many bits does a surprise cost?").first.click()
    assert "/units/02_entropy.html" in reader.url


def test_answers_and_checks_are_folded_until_asked_for(reader):
    read(reader, "units/01_training.html")
    answer = reader.locator("details.hide", has_text="Show a solution").first
    assert not answer.locator("pre").is_visible()
    answer.locator("summary").click()
    assert answer.locator("pre").is_visible()
    assert reader.get_by_text("dense (hidden checks): 2 of 2 points").is_visible()


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_pages_fit_a_phone(browser, address: str, path: str, shoot):
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    read(page, path)
    shoot(page, "phone")
    width = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert width <= 390
