"""A Chromium that reaches no host but this one, and a JupyterLab in a learner's folder."""

from __future__ import annotations

import ipaddress
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHAINRULE = Path(sys.executable).with_name("chainrule")
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--no-first-run",
    "--no-sandbox",
]


def is_elsewhere(url: str) -> bool:
    """Whether a request for `url` would leave this machine."""
    host = urlsplit(url).hostname
    if not host or host == "localhost":  # data:, blob:, about:
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless, with a fresh profile."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def asked_elsewhere() -> list[str]:
    """The addresses on other hosts that the test's page asked for; none was let through."""
    return []


@pytest.fixture
def shoot(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a picture of the page in ``build/screenshots``."""

    def shoot(page: Page, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.evaluate("new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))")
        page.screenshot(path=SCREENSHOTS / f"{request.node.name.removeprefix('test_')}-{name}.png")

    return shoot


@pytest.fixture
def page(browser: Browser, asked_elsewhere: list[str], shoot: Callable[[Page, str], None]) -> Iterator[Page]:
    """A page in a context of its own; the test fails if anything of it asked another host for something."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(60_000)

    def refuse(route: Any) -> None:
        asked_elsewhere.append(route.url if hasattr(route, "url") else route.request.url)
        route.close() if hasattr(route, "close") else route.abort()

    context.route(is_elsewhere, refuse)
    context.route_web_socket(is_elsewhere, refuse)
    page = context.new_page()
    yield page
    shoot(page, "end")
    context.close()
    assert not asked_elsewhere


@contextmanager
def serving(command: list[str], folder: Path, state: Path, **env: str) -> Iterator[str]:
    """Run a Jupyter server in `folder` with its settings in `state`, and give its address with the token."""
    places = {f"JUPYTER_{kind}_DIR": str(state / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic
    log = state / "server.log"
    state.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **places, "PATH": path, **env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _address(server, state / "runtime", log)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _address(server: subprocess.Popen, runtime: Path, log: Path) -> str:
    """Return the address that the server writes down once it listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        for path in runtime.glob(f"jpserver-{server.pid}.json"):
            try:
                info = json.loads(path.read_text())
            except ValueError:  # half written
                continue
            return f"http://127.0.0.1:{info['port']}{info['base_url']}lab?token={info['token']}"
        time.sleep(0.05)
    pytest.fail(f"The server did not start.\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A learner's folder with the course."""
    folder = tmp_path_factory.mktemp("learner") / "chainrule-course"
    subprocess.run([CHAINRULE, "lab", "--copy-only", folder], check=True)
    return folder
