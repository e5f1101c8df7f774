"""Every command that the documentation shows is run, page by page, in a course folder of its own.

In a page, an HTML comment right above a block of commands says what is special about it:

- ``<!-- not run: REASON -->`` for what no test can run; NOT_RUN lists these blocks once more,
- ``<!-- exits 1: REASON -->`` for what ends with another status than 0.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from chainrule_course import cli

from ..chainrule_course.toy import Course

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(path for path in (ROOT / "docs").rglob("*.md") if not {"_build", "units"} & set(path.parts)),
]

BLOCK = re.compile(
    r"(?:^<!-- (?P<how>not run|exits (?P<status>\d+)): [^>]+ -->\n)?^```(?:sh|bash|shell|console)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)

NOT_RUN = {
    "README.md": ["pip install", "pip install", "pip install", "pip install"],
    "CONTRIBUTING.md": ["python -m venv"],
    "docs/benchmarks.md": ["pip install"],
    "docs/elsewhere.md": ["python3 -m venv", "pip wheel"],
    "docs/start.md": ["python3 -m venv", "chainrule lab"],
    "docs/teach/index.md": ["pip install", "chainrule grade --demo", "jupyter lab"],
    "docs/teach/jupyterhub.md": ["python3 -m venv", "useradd", "cp -r", "cd /etc"],
}
"""What the blocks begin with that are shown and not run: they install from a package index, or serve until ended."""


@dataclass
class Block:
    """Commands of a page, and the status that they should end with; None if they are not run."""

    text: str
    status: int | None


def blocks(page: Path) -> list[Block]:
    found = []
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        status = None if match["how"] == "not run" else int(match["status"] or 0)
        found.append(Block(match["text"], status))
    return found


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


WITH_COMMANDS = [page for page in PAGES if any(block.status is not None for block in blocks(page))]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder as a teacher has it, with a small unit by the name of the first."""
    root = tmp_path / "course"
    Course(root).write("01_training")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    return root


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=map(name, WITH_COMMANDS))
def test_commands_work_in_the_order_of_the_page(page: Path, course: Path, tmp_path: Path):
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(tmp_path / "home"),
        "JUPYTER_PLATFORM_DIRS": "0",
        "TERM": "dumb",
    }
    (tmp_path / "home").mkdir()
    for block in blocks(page):
        if block.status is None:
            continue
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.text],
            cwd=course,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == block.status, f"{block.text}\n{ran.stdout}\n{ran.stderr}"
        assert "Traceback" not in ran.stderr


def test_what_is_not_run_is_listed():
    shown = {name(page): [block.text for block in blocks(page) if block.status is None] for page in PAGES}
    assert {page: len(texts) for page, texts in shown.items() if texts} == {
        page: len(starts) for page, starts in NOT_RUN.items()
    }
    for page, starts in NOT_RUN.items():
        for text, start in zip(shown[page], starts, strict=True):
            assert text.startswith(start), f"{page}: {text}"


def test_no_block_of_commands_is_overlooked():
    for page in PAGES:
        fences = re.findall(r"^```(?:sh|bash|shell|console)\b", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(fences) == len(blocks(page)), name(page)


def test_commands_in_the_text_are_understood():
    told = [
        (name(page), command)
        for page in PAGES
        for command in re.findall(r"`(chainrule [a-z][^`…]*)`", page.read_text(encoding="utf-8"))
    ]
    assert len(told) > 10
    for page, command in told:
        words = shlex.split(command, comments=True)[1:]
        parser = cli._parser()[1].get(words[0])
        assert parser, f"{page}: {command}"
        options = {option for option in words if option.startswith("-")}
        assert options <= set(parser._option_string_actions), f"{page}: {command}"
