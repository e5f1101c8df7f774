"""Shell completion: a real bash, at a terminal, where somebody presses Tab."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chainrule_course import cli

from .toy import command


def completion(shell: str) -> str:
    return subprocess.run(command("completion", shell), capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def press_tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Type the start of a line in bash, press Tab, and return the line."""
    pexpect = pytest.importorskip("pexpect", reason="needs a pseudo-terminal")
    folder = tmp_path_factory.mktemp("course")
    (folder / "source" / "01_training").mkdir(parents=True)
    (folder / "source" / "02_entropy").mkdir()
    (folder / "submitted" / "ada").mkdir(parents=True)
    (folder / "answers.ipynb").write_text("{}")
    (folder / "completion.sh").write_text(completion("bash"))
    env = {**os.environ, "PS1": "", "TERM": "dumb", "INPUTRC": "/dev/null"}
    bash = pexpect.spawn("bash", ["--norc", "--noprofile"], cwd=str(folder), env=env, encoding="utf-8", timeout=30)
    bash.sendline("PS1='' ; bind 'set enable-bracketed-paste off'; . ./completion.sh; echo rea''dy")
    bash.expect("ready\r\n")

    def press(line: str) -> str:
        bash.send(f"{line}\t")
        bash.send("\x01echo '\x05'\n")  # the line becomes: echo '…'
        bash.expect(r"\necho '|\recho '|echo '")
        bash.expect("\r\n")
        bash.expect("([^\r]*)\r\n")
        return str(bash.match[1])

    yield press
    bash.close(force=True)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("chainrule bu", "chainrule build "),
        ("chainrule doctor --j", "chainrule doctor --json "),
        ("chainrule doctor --for te", "chainrule doctor --for teach "),
        ("chainrule build 02", "chainrule build 02_entropy "),
        ("chainrule build 01_training 02", "chainrule build 01_training 02_entropy "),
        ("chainrule grade 01", "chainrule grade 01_training "),
        ("chainrule grade 01_training a", "chainrule grade 01_training ada "),
        ("chainrule check answ", "chainrule check answers.ipynb "),
        ("chainrule completion f", "chainrule completion fish "),
        ("chainrule nothing", "chainrule nothing"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="bash is not the shell of Windows")
def test_bash_completes(press_tab, typed: str, completed: str):
    assert press_tab(typed) == completed


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_every_command_and_option(shell: str):
    script = completion(shell)
    for name, parser in cli._parser()[1].items():
        assert name in script
        for option in parser._option_string_actions:
            assert option in script if shell == "zsh" else option.lstrip("-") in script


def test_an_unknown_shell(tmp_path: Path):
    ran = subprocess.run(command("completion", "tcsh"), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "bash" in ran.stderr
    assert ran.stderr.count("\n") == 1
