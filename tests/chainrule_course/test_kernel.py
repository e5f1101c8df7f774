"""Whatever a cell does, the kernel gives control back with the outputs so far, and leaves no process behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from chainrule_course import kernel as module
from chainrule_course.errors import UserError
from chainrule_course.kernel import Kernel, plain_text


def new(source: str, name: str = "") -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, metadata={"name": name} if name else {})


def text(cell: nbformat.NotebookNode) -> list[str]:
    return [output.get("text") or output.get("data", {}).get("text/plain") for output in cell.outputs]


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    stat = Path(f"/proc/{pid}/stat")
    if sys.platform == "linux":
        return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return subprocess.run(["ps", "-p", str(pid)], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with Kernel(tmp_path_factory.mktemp("kernel")) as running:
        yield running


def test_outputs_are_stored_in_order_and_streams_are_joined(kernel):
    cell = new(
        "import time\nprint('a', flush=True)\ntime.sleep(0.3)\nprint('b')\nfrom IPython.display import display\n"
        "display(1)\nprint('c')\n2"
    )
    assert kernel.run(cell, 10) is None
    assert text(cell) == ["a\nb\n", "1", "c\n", "2"]
    assert cell.execution_count == cell.outputs[-1].execution_count


def test_what_is_overwritten_or_cleared_or_updated_is_not_stored(kernel):
    cell = new(
        "from IPython.display import clear_output, display\n"
        "print('gone')\nclear_output()\n"
        "for i in range(5):\n    print(i, end='\\r', flush=True)\nprint('last')\n"
        "shown = display('first', display_id=True)\nshown.update('second')"
    )
    assert kernel.run(cell, 10) is None
    assert text(cell) == ["last\n", "'second'"]
    cell = new("for i in range(3):\n    clear_output(wait=True)\n    print(i)")
    assert kernel.run(cell, 10) is None
    assert text(cell) == ["2\n"]


def test_a_run_depends_neither_on_the_terminal_nor_on_hash_seeds(kernel):
    cell = new(
        "import os, shutil\nshutil.get_terminal_size().columns, hash('a') == hash('a'), os.environ['PYTHONHASHSEED']"
    )
    assert kernel.run(cell, 10) is None
    assert text(cell) == ["(80, True, '0')"]


def test_an_exception_is_told_with_the_names_of_cells(kernel):
    assert kernel.run(new("def divide(x):\n    return x / 0", "define"), 10) is None
    trouble = kernel.run(new("x = 1\ndivide(x)", "use"), 10)
    assert (trouble.kind, trouble.message, trouble.line) == ("raised", "ZeroDivisionError: division by zero", 2)
    assert [line.strip() for line in trouble.traceback.splitlines()] == [
        "Traceback (most recent call last):",
        "cell use, line 2",
        "divide(x)",
        "cell define, line 2 in divide",
        "return x / 0",
        "ZeroDivisionError: division by zero",
    ]
    assert kernel.alive


def test_a_syntax_error_names_its_line(kernel):
    trouble = kernel.run(new("x = 1\ndef (y):", "bad"), 10)
    assert (trouble.message, trouble.line) == ("SyntaxError: invalid syntax", 2)


def test_a_message_is_one_line_without_control_characters(kernel):
    trouble = kernel.run(new(r"raise ValueError('\x1b[31mred\x1b[0m\x07\nsecond line' + 'x' * 1000)"), 10)
    assert trouble.message == "ValueError: red"
    assert "\x1b" not in trouble.traceback
    assert len(kernel.run(new("raise ValueError('x' * 1000)"), 10).message) < 400


def test_an_endless_loop_is_interrupted_and_the_next_cell_runs(kernel):
    cell = new("print('before')\nwhile True:\n    pass", "loop")
    trouble = kernel.run(cell, 0.5)
    assert (trouble.kind, trouble.message) == ("timeout", "took longer than 0.5 s")
    assert trouble.line in (2, 3)
    assert text(cell)[0] == "before\n"
    assert kernel.run(new("1"), 10) is None


def test_endless_printing_is_bounded_and_loses_nothing_else(kernel):
    cell = new("print('first')\nwhile True:\n    print('y' * 100_000)")
    assert kernel.run(cell, 1).kind == "timeout"
    assert text(cell)[0].startswith("first\nyyy")
    assert len(text(cell)[0]) == module.OUTPUT_LIMIT
    assert kernel.run(new("print(1)"), 10) is None


def test_more_output_than_is_kept_is_told(kernel):
    cell = new("import time\nprint('first', flush=True)\ntime.sleep(0.3)\nprint('y' * 10_000_000)\nx = 'reached'")
    trouble = kernel.run(cell, 10)
    assert (trouble.kind, trouble.message) == ("flood", "writes more than 2 MB of output")
    assert len(text(cell)[0]) == module.OUTPUT_LIMIT
    assert kernel.run(after := new("print(x)"), 10) is None
    assert text(after) == ["reached\n"]


def test_endless_displays_are_bounded(kernel):
    cell = new("from IPython.display import display\nwhile True:\n    display('y' * 10_000)")
    assert kernel.run(cell, 0.5).kind == "timeout"
    assert len(str(cell.outputs)) < 2 * module.OUTPUT_LIMIT
    assert kernel.run(new("print(1)"), 10) is None


def test_nobody_is_asked(kernel):
    assert kernel.run(new("input('name? ')"), 10).message.startswith("StdinNotImplementedError")


def test_an_empty_cell_is_not_run(kernel):
    cell = new("  \n")
    assert kernel.run(cell, 10) is None
    assert cell.execution_count is None


def test_the_kernel_is_this_python_without_the_users_profile(kernel, monkeypatch):
    cell = new("import sys, IPython\nprint(sys.executable)\nprint(IPython.paths.get_ipython_dir())")
    assert kernel.run(cell, 10) is None
    python, profile = text(cell)[0].splitlines()
    assert python == sys.executable
    assert profile.startswith(kernel._scratch.name)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import os\nprint('x', flush=True)\nos._exit(0)", "died"),
        (
            "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    time.sleep(0.1)",
            "timeout",
        ),
    ],
)
def test_a_cell_that_ends_python_or_ignores_interrupts(tmp_path: Path, monkeypatch, source: str, says: str):
    monkeypatch.setattr(module, "GRACE", 0.5)
    with Kernel(tmp_path) as kernel:
        pid = new("import os, subprocess\nprint(os.getpid(), subprocess.Popen(['sleep', '100']).pid)")
        kernel.run(pid, 10)
        pids = [int(number) for number in text(pid)[0].split()]
        trouble = kernel.run(new(source), 0.5)
        assert trouble.kind == says
        assert "\n" not in trouble.message
        assert not kernel.alive
    end = time.monotonic() + 5
    while any(map(is_running, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(is_running, pids))


def test_a_kernel_that_does_not_start_is_told(tmp_path: Path, monkeypatch):
    broken = tmp_path / "ipykernel_launcher.py"
    broken.write_text("raise SystemExit('no sockets today')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    with pytest.raises(UserError, match="The Python kernel does not start: no sockets today"), Kernel(tmp_path):
        pass


def test_without_ipykernel_the_advice_says_how_to_get_it(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", None)
    with pytest.raises(UserError, match=r"pip install \"chainrule\[lab\]\""), Kernel(tmp_path):
        pass


def test_plain_text():
    assert plain_text("\x1b[1;31mred\x1b[0m \x1b]0;title\x07ok\r\b\tend\n") == "red ok\tend\n"
