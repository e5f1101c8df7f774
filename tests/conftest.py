"""What a test needs of the machine: ``@pytest.mark.needs("browser")`` skips, with the reason, where it is missing.

Nothing that ``CHAINRULE_REQUIRE`` lists ("browser,hub", or "all" as in CI) may be missing: then pytest does not start.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest


def _missing_modules(*names: str, extra: str) -> str:
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    return f'{", ".join(missing)} not installed: pip install -c constraints.txt -e ".[{extra}]"' if missing else ""


def _missing_program(*names: str, advice: str) -> str:
    return "" if any(map(shutil.which, names)) else f"no {names[0]} on PATH: {advice}"


def browser() -> str:
    return _missing_modules("playwright", extra="browser") or _missing_program("chromium", advice="install chromium")


def bwrap() -> str:
    if missing := _missing_program("bwrap", advice="install bubblewrap"):
        return missing
    tried = subprocess.run(
        ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True, check=False
    )
    return f"bubblewrap is not allowed here: {tried.stderr.strip()}" if tried.returncode else ""


def dask() -> str:
    return _missing_modules("distributed", extra="dask")


def hub() -> str:
    return _missing_modules("jupyterhub", extra="hub") or _missing_program(
        "configurable-http-proxy", advice="npm install -g configurable-http-proxy"
    )


def parity() -> str:
    return _missing_modules("autograd", "keras", "micrograd", "scipy", "sklearn", "torch", extra="parity")


def postgres() -> str:
    """Debian keeps the server's programs off PATH."""
    if missing := _missing_modules("psycopg", extra="postgres"):
        return missing
    if shutil.which("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return ""
    return "no PostgreSQL server: install postgresql"


def users() -> str:
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root can make users and become one of them"
    return _missing_program("useradd", advice="install passwd") or _missing_program(
        "setpriv", advice="install util-linux"
    )


NEEDS: dict[str, Callable[[], str]] = {
    check.__name__: check for check in (browser, bwrap, dask, hub, parity, postgres, users)
}
"""Name → a function that says what is missing ("" if nothing is)."""


@cache
def missing(name: str) -> str:
    return NEEDS[name]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"needs(name, …): skipped where one is missing of {', '.join(NEEDS)}")
    required = [name for name in os.environ.get("CHAINRULE_REQUIRE", "").split(",") if name]
    for name in NEEDS if required == ["all"] else required:
        if name not in NEEDS:
            raise pytest.UsageError(f"CHAINRULE_REQUIRE may list {', '.join(NEEDS)}, or be 'all'; not {name!r}.")
        if missing(name):
            raise pytest.UsageError(f"CHAINRULE_REQUIRE lists {name}, but: {missing(name)}.")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name in dict.fromkeys(name for mark in item.iter_markers("needs") for name in mark.args):
        if missing(name):
            pytest.skip(missing(name))


@pytest.fixture(scope="session")
def has() -> Callable[[str], bool]:
    """Whether the machine has what a test can do with or without."""
    return lambda name: not missing(name)
