"""Make pages that need nothing but a browser, and write them: whole or not at all, and only if they change."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from chainrule_course.reports.prose import prose
from chainrule_course.reports.sanitize import code, inline_code, plain

STYLE = (resources.files("chainrule_course.reports") / "templates" / "style.css").read_text(encoding="utf-8")
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; img-src data:; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
"""What a browser may do for a page: show the pictures and the style that it holds. No script, no other address."""


def points(value: float) -> str:
    """Return points as people write them: at most two decimals, none that are zero."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def percent(part: float, whole: float) -> int:
    """Return a share in whole percent; 100 only if nothing is missing, 0 only if there is nothing.

    Examples
    --------
    >>> percent(2.999, 3), percent(0.001, 3), percent(1.5, 3), percent(4, 3)
    (99, 1, 50, 133)
    """
    if whole <= 0:
        return 0
    share = round(100 * part / whole)
    return min(max(share, 1 if part > 1e-9 else 0), 99 if part < whole - 1e-9 else max(share, 100))


def when(time: datetime | None) -> str:
    """Return a time as nbgrader keeps it: in UTC, to the minute."""
    return f"{time:%B} {time.day}, {time:%Y, %H:%M} UTC" if time else ""


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units.

    Examples
    --------
    >>> duration(2.5), duration(70), duration(122400)
    ('2.5 s', '1 min 10 s', '1 d 10 h')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    rest, parts = round(seconds), []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if rest >= size:
            parts.append(f"{rest // size} {unit}")
            rest %= size
    return " ".join(parts[:2])


def _environment() -> Environment:
    loader = PackageLoader("chainrule_course.reports")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "points": points,
        "when": when,
        "duration": duration,
        "code": code,
        "prose": prose,
        "inline": inline_code,
        "plain": plain,
    }
    environment.globals |= {"percent": percent, "style": Markup(STYLE), "policy": Markup(POLICY)}
    return environment


_ENVIRONMENT = _environment()


def render(template: str, **content: Any) -> bytes:
    """Return a page as bytes, the same for the same content."""
    return _ENVIRONMENT.get_template(template).render(**content).encode("utf-8", "replace")


def write_if_changed(path: Path, content: bytes, mode: int) -> bool:
    """Write a file and return whether it had to be; it is whole at any moment.

    Parameters
    ----------
    path : path
        Where; its folder is made.
    content : bytes
        What.
    mode : int
        Permissions.
    """
    try:
        if not path.is_symlink() and path.read_bytes() == content:
            return False
    except OSError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return True
