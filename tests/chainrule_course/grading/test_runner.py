"""The engine, one notebook at a time: what runs where, what comes back, what a hostile notebook can't do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

import chainrule
from chainrule_course.grading import runner
from chainrule_course.grading.jobs import Execution, Job, Limits
from chainrule_course.notebooks import cell_name

from ..toy import COMPUTE, crowded

pytestmark = pytest.mark.needs("bwrap")

SETUP = "import numpy as np\nfrom chainrule_course.checks import Checks"

CHECK = """
check = Checks("double", points=2)
check.equal("of three", 3, expected=6)
check.equal("of an array", np.array([1.0, -2.0]), expected=np.array([2.0, -4.0]))
check.report()
"""

RIGHT = "def double(x):\n    return 2 * x"

LIMITS = Limits(timeout=3, memory=512, disk=8, processes=16, output=100_000)


def cell(source: str, name: str = "", points: float | None = None):
    grading = {
        "grade": True,
        "grade_id": name,
        "points": points,
        "locked": True,
        "solution": False,
        "schema_version": 3,
    }
    metadata = {"nbgrader": grading} if points is not None else {"name": name} if name else {}
    return nbformat.v4.new_code_cell(textwrap.dedent(source).strip(), metadata=metadata)


def run(*cells, tested=("double-check",), files=None, limits=LIMITS, setup=SETUP) -> tuple[dict, Execution]:
    """Execute a notebook: (cell → outputs, all that came)."""
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    done = runner.execute(Job(nbformat.writes(notebook), files or {}, tested, setup, limits))
    return {cell_name(c): c.outputs for c in nbformat.reads(done.notebook, as_version=4).cells}, done


def graded(answer: str, *more, check: str = CHECK, **options) -> tuple[str, Execution]:
    """Run an answer and its check: (points as nbgrader reads them, all that came)."""
    outputs, done = run(cell(SETUP, "setup"), cell(answer), *more, cell(check, "double-check", 2), **options)
    found = [o for o in outputs["double-check"] if o.output_type in ("execute_result", "error")]
    return found[0].data["text/plain"] if found[0].output_type == "execute_result" else found[0].ename, done


def text(outputs) -> str:
    return "".join(o.text for o in outputs if o.output_type == "stream")


def kinds(done: Execution) -> set[str]:
    return {trouble.kind for trouble in done.troubles}


# Honest notebooks -----------------------------------------------------------------------------------------------------


def test_this_machine_offers_isolation():
    assert runner.isolation_here() == ("full", "")


def test_a_right_answer_earns_everything():
    points, done = graded(RIGHT)
    assert points == "2"
    assert done.troubles == ()
    assert done.isolation == "full"


def test_a_wrong_answer_earns_what_is_right_in_it():
    points, _ = graded("def double(x):\n    return int(np.sum(x)) * 2")
    assert points == "1"


def test_outputs_of_all_kinds_come_back():
    outputs, done = run(
        cell("import sys, os\nprint('out')\nprint('err', file=sys.stderr)\nos.write(1, b'raw\\n')\n'value'", "streams"),
        cell("from IPython.display import display, HTML\ndisplay(HTML('<b>x</b>'))\n1 + 1", "shown"),
        cell("import matplotlib.pyplot as plt\nplt.plot([1, 2]);", "figure"),
        cell("1 / 0", "raised"),
        cell("h = display('a', display_id=True)\nh.update('b')", "updated"),
        cell("%precision 3\n!echo shell", "magic"),
        tested=(),
    )
    assert sorted(text(outputs["streams"]).split()) == ["err", "out", "raw"]
    assert outputs["streams"][-1].data["text/plain"] == "'value'"
    assert outputs["shown"][0].data["text/html"] == "<b>x</b>"
    assert outputs["shown"][1].data["text/plain"] == "2"
    assert outputs["figure"][0].data["image/png"].startswith("iVBOR")
    assert outputs["raised"][0].ename == "ZeroDivisionError"
    assert outputs["updated"][0].data["text/plain"] == "'b'"
    assert text(outputs["magic"]).endswith("shell\n")
    assert [str(trouble) for trouble in done.troubles] == ["raised: ZeroDivisionError: division by zero"]


def test_files_beside_the_notebook_are_there_and_the_next_notebook_starts_clean():
    outputs, _ = run(
        cell("print(open('data/x.txt').read())\nopen('/tmp/left', 'w').write('x');", "read"),
        tested=(),
        files={"data/x.txt": b"content"},
    )
    assert text(outputs["read"]) == "content\n"
    outputs, _ = run(
        cell("import os, pathlib\nprint(os.listdir(), pathlib.Path('/tmp/left').exists(), 'x' in dir())", "look"),
        tested=(),
    )
    assert text(outputs["look"]) == "[] False False\n"


def test_a_module_beside_the_notebook_can_be_imported_by_the_student_only():
    files = {"mine.py": b"answer = 2"}
    points, _ = graded("from mine import answer\ndef double(x):\n    return answer * x", files=files)
    assert points == "2"
    points, _ = graded(RIGHT, check="import mine\n" + CHECK, files=files)
    assert points == "ModuleNotFoundError"


def test_a_graded_cell_without_a_tester_runs_in_the_notebook():
    outputs, _ = run(cell("x = 3", "a"), cell("import sys\nprint('w', file=sys.stderr)\n2.5", "b", 3), tested=())
    assert outputs["b"][1].data["text/plain"] == "2.5"
    assert outputs["b"][0].name == "stdout"  # what stderr would cost with plain nbgrader


def test_an_unsolved_and_a_missing_function_are_told():
    report = graded("def double(x):\n    raise NotImplementedError()")[1].notebook
    assert "Not solved yet" in json.dumps(json.loads(report)["cells"][-1])
    report = graded("pass")[1].notebook
    assert "no function named double" in json.dumps(json.loads(report)["cells"][-1])


def test_a_function_defined_later_counts_from_there_on():
    points, _ = graded("def double(x):\n    return 0", cell(RIGHT))
    assert points == "2"


# The tester's calls ---------------------------------------------------------------------------------------------------


def outcome_of(answer: str, check: str) -> list[dict]:
    """The checks of the report that a check cell shows for an answer."""
    notebook = json.loads(graded(answer, check=check)[1].notebook)
    (output,) = [o for o in notebook["cells"][-1]["outputs"] if o["output_type"] == "execute_result"]
    return output["data"]["application/vnd.chainrule.report+json"]["checks"]


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        ("def double(f, x):\n    return f(x) + f(x)", 'check.equal("call", lambda x: x**2, 3.0, expected=18.0)'),
        ("def double(f, x):\n    return f(x=x) * 2", 'check.equal("call", lambda x: x + 1, 3, expected=8)'),
        ("def double(f, x):\n    return 2 * f(x)", 'check.equal("call", np.tanh, 0.0, expected=0.0)'),
        (
            "def double(rng, n):\n    return rng.normal(size=n) * 2",
            'check.equal("call", np.random.default_rng(3), 4, expected=np.random.default_rng(3).normal(size=4) * 2)',
        ),
        (
            "def double(params):\n    return [(2 * W, 2 * b) for W, b in params]",
            'check.equal("call", [(np.eye(2), np.ones(2))], expected=[(2 * np.eye(2), 2 * np.ones(2))])',
        ),
        (
            "def double(e):\n    return e * 2",
            'import sympy\nw = sympy.Symbol("w")\ncheck.equal("call", w**2 + 1, expected=2 * w**2 + 2)',
        ),
        (
            "def double(f):\n    try:\n        return f(1)\n    except ZeroDivisionError:\n        return -1",
            'check.equal("call", lambda x: x / 0, expected=-1)',
        ),
        ("def double(x):\n    x *= 2\n    return x", 'check.equal("call", np.ones(2), expected=2 * np.ones(2))'),
        (
            "def double(values):\n    return {'a': (1, None), 2: [True, 1j, 'x', np.float32(1.5)]}",
            'check.equal("call", [], expected={"a": (1, None), 2: [True, 1j, "x", np.float32(1.5)]})',
        ),
        (
            "def double(x):\n    return 2 * x",
            'check.that("condition", lambda f: f(f(1)) == 4 and np.allclose(f(np.ones(3)), 2))',
        ),
        (
            "def double(f):\n    try:\n        return f(1)\n    except KeyError as error:\n        return str(error)",
            'check.equal("call", lambda x: {}["key"], expected=repr("key"))',
        ),
        (
            "def double(x):\n    flat = x.ravel()\n    flat *= 2\n    return x",  # a copy, where x lies by columns
            'x = np.arange(24.0).reshape(4, 6)[:, ::2].T\ncheck.equal("call", x, expected=x)',
        ),
        ("def double(x):\n    raise ValueError('no')", 'check.raises("refuses", ValueError, 3)'),
    ],
)
def test_what_a_check_passes_and_gets_survives_the_way(answer, check):
    (result,) = outcome_of(answer, f'check = Checks("double", points=1)\n{check}\ncheck.report()')
    assert result["passed"], result


def test_a_check_that_seeds_the_global_generator_seeds_the_students():
    condition = (
        "def seeded(f):\n    np.random.seed(7)\n    first = f(3)\n    np.random.seed(7)\n    return first == f(3)\n"
    )
    check = 'check = Checks("double", points=1)\ncheck.that("seeded", seeded)\ncheck.report()'
    (result,) = outcome_of("def double(n):\n    return float(np.random.uniform())", condition + check)
    assert result["passed"]


def test_changes_warnings_borrowing_and_the_students_line_are_told_across():
    check = 'check = Checks("double", points=1)\n{}\ncheck.report()'
    (result,) = outcome_of(
        "def double(x):\n    x *= 2\n    return x",
        check.format('check.unchanged("kept", np.ones(2), expected=2 * np.ones(2))'),
    )
    assert result["problem"] == "changes its argument number 1 in place"
    (result,) = outcome_of(
        "def double(x):\n    np.exp(1000.0)\n    return 2 * x",
        check.format('check.equal("quiet", 1, expected=2, quiet=True)'),
    )
    assert "overflow" in result["problem"]
    (result,) = outcome_of(
        "from chainrule.activations import relu as double", check.format('check.equal("own", 1.0, expected=1.0)')
    )
    assert "write that part yourself" in result["problem"]
    (result,) = outcome_of("def double(x):\n    return 1 / 0", check.format('check.equal("x", 1, expected=2)'))
    assert "line 2: return 1 / 0" in result["problem"]


def test_a_check_may_set_its_own_time():
    check = CHECK.replace("points=2", "points=2, seconds=0.5")
    began = time.monotonic()
    points, done = graded("def double(x):\n    while True:\n        pass", check=check)
    assert points == "0"
    assert done.troubles == ()
    assert "it has not ended after 0.5 s" in done.notebook
    assert time.monotonic() - began < 20


def test_a_function_that_loops_costs_its_checks_and_no_others():
    answer = "def double(x):\n    while isinstance(x, int):\n        pass\n    return 2 * x"
    points, done = graded(answer)
    assert points == "1"
    assert kinds(done) == {"timeout"}


HANDED_OVER = """
from chainrule_course.checks import public
calls = []

def twice(x):
    return 2 * x

@public
def there(x):
    calls.append(x)
    return twice(x)

def here(x):
    calls.append(x)
    return twice(x)

check = Checks("apply", points=3)
check.equal("a public function", there, 3, expected=6)
check.equal("one of ours", here, 4, expected=8)
check.that("the second was called here", lambda apply: calls == [4] or str(calls))
check.report()
"""


def test_a_public_function_of_a_check_runs_where_the_student_is():
    points, done = graded("def apply(function, x):\n    return function(x)", check=HANDED_OVER)
    assert points == "3", done.notebook
    assert done.troubles == ()


@pytest.mark.parametrize(
    ("more", "timeout"),
    [(f"compute(0.9)\n{RIGHT}", 1), ("def double(x):\n    compute(0.9)\n    return 2 * x", 2)],
    ids=["cell", "call"],
)
def test_what_must_share_a_processor_has_its_time(more: str, timeout: float):
    with crowded():
        began = time.monotonic()
        points, done = graded(f"{COMPUTE}\n{more}", limits=replace(LIMITS, timeout=timeout, memory=640))
    assert time.monotonic() - began > timeout  # else this test shows nothing
    assert (points, done.troubles) == ("2", ())


# Hostile notebooks ----------------------------------------------------------------------------------------------------


def test_a_loop_ends_its_cell_and_the_rest_is_graded():
    points, done = graded(RIGHT, cell("while True:\n    pass", "loop"))
    assert points == "2"
    assert [(t.cell, t.kind) for t in done.troubles] == [("loop", "timeout")]


def test_a_loop_that_refuses_to_be_interrupted_is_killed():
    stubborn = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    points, done = graded(RIGHT, cell(stubborn, "loop"))
    assert points == "0"
    assert ("loop", "timeout") in [(t.cell, t.kind) for t in done.troubles]


def test_points_earned_before_the_notebook_ends_python_are_kept():
    outputs, done = run(
        cell(SETUP, "setup"),
        cell(RIGHT),
        cell(CHECK, "double-check", 2),
        cell("import os\nos._exit(0)", "exit"),
        cell("print('after')", "after"),
        cell(CHECK, "again-check", 2),
        tested=("double-check", "again-check"),
    )
    assert outputs["double-check"][0].data["text/plain"] == "2"
    assert outputs["again-check"][0].data["text/plain"] == "0"
    assert outputs["after"][0].ename == "NotRun"
    assert (done.troubles[0].cell, done.troubles[0].kind) == ("exit", "died")


@pytest.mark.parametrize(
    "flood",
    ["print('x' * 50_000_000)", "import os\nfor _ in range(800):\n    os.write(1, b'y' * 65536)", "[0] * 20_000_000"],
)
def test_a_flood_is_cut_off(flood):
    points, done = graded(RIGHT, cell(flood, "flood"), limits=Limits(timeout=20, output=100_000))
    assert points == "2"
    assert len(done.notebook) < 300_000


def test_memory_is_limited():
    points, done = graded(RIGHT, cell("x = bytearray(3_000_000_000)", "bomb"))
    assert points == "2"
    assert "memory" in kinds(done)
    points, done = graded(RIGHT, cell("x = []\nwhile True:\n    x.append(bytearray(10_000_000))", "bomb"))
    assert "memory" in kinds(done)


def test_a_fork_bomb_hits_a_wall_and_leaves_nothing():
    bomb = "import os, time\nfor _ in range(400):\n    if os.fork() == 0:\n        time.sleep(600)"
    points, done = graded(RIGHT, cell(bomb, "bomb"))
    assert points == "2"
    assert ("bomb", "raised") in [(t.cell, t.kind) for t in done.troubles]
    assert not left_over("time.sleep(600)")


def test_the_cells_after_a_fork_bomb_run_once_and_have_processes_again():
    outputs, done = run(
        cell(SETUP, "setup"),
        cell(RIGHT),
        cell("import os\nwhile True:\n    os.fork()", "bomb"),
        cell(
            "import subprocess\nprint(subprocess.run(['echo', 'here'], capture_output=True, text=True).stdout)", "after"
        ),
        cell(CHECK, "double-check", 2),
    )
    assert [o.output_type for o in outputs["bomb"]] == ["error"]
    assert text(outputs["after"]) == "here\n\n"
    assert outputs["double-check"][0].data["text/plain"] == "2"
    assert [t.cell for t in done.troubles] == ["bomb"]


def test_endless_threads_hit_a_wall():
    threads = (
        "import threading, time\nfor _ in range(4000):\n    threading.Thread(target=time.sleep, args=(600,)).start()"
    )
    points, done = graded(RIGHT, cell(threads, "threads"))
    assert points == "2"
    assert ("threads", "raised") in [(t.cell, t.kind) for t in done.troubles]


def test_a_daemon_does_not_survive_its_notebook():
    daemon = """
        import subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(601)"], start_new_session=True)
        print("started")
        """
    outputs, _ = run(cell(daemon, "daemon"), tested=())
    assert text(outputs["daemon"]) == "started\n"
    assert not left_over("time.sleep(601)")


def left_over(sign: str) -> list[str]:
    """The processes of this machine whose command line holds `sign`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_text().replace("\0", " ")
        except OSError:
            continue
        if sign in line and "pytest" not in line:
            found.append(line)
    return found


def test_the_disk_is_limited_and_the_system_read_only():
    fill = "with open('big', 'wb') as f:\n    for _ in range(100):\n        f.write(bytes(1_000_000))"
    outputs, _ = run(
        cell(fill, "fill"),
        cell("for i in range(20):\n    open(f'/dev/shm/{i}', 'wb').write(bytes(1_000_000))", "shm"),
        cell("open('/usr/x', 'w')", "usr"),
        cell("open('/x', 'w')", "root"),
        tested=(),
    )
    assert [outputs[name][-1].ename for name in ("fill", "shm", "usr", "root")] == ["OSError"] * 4


def test_there_is_no_network():
    connect = "import socket\nsocket.create_connection(('127.0.0.1', 22), 2)"
    listen = "s = socket.socket()\ns.bind(('192.0.2.1', 80))"
    outputs, _ = run(cell(connect, "connect"), cell(listen, "listen"), tested=())
    assert [outputs[name][-1].output_type for name in ("connect", "listen")] == ["error"] * 2


def test_the_course_and_other_processes_are_out_of_sight(tmp_path, monkeypatch):
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden answers")
    source = Path(__file__).resolve().parents[3] / "source"
    assert source.is_dir()
    look = f"""
        import os, pathlib
        for place in ({str(secret)!r}, {str(source)!r}, "/root/.ssh", "/etc/shadow", "/home"):
            print(pathlib.Path(place).exists())
        print(os.listdir("/proc"), os.getpid())
        """
    outputs, _ = run(cell(look, "look"), tested=())
    assert text(outputs["look"]) == "False\n" * 5 + "[] 1\n"


def test_a_course_that_lies_within_what_is_shown_is_hidden(tmp_path):
    """A course folder below the interpreter's own prefix, of all places."""
    folder = Path(sys.prefix) / "share" / f"course-{os.getpid()}"
    (folder / "source").mkdir(parents=True)
    try:
        (folder / "source" / "answers.txt").write_text("secret")
        script = f"""
            from chainrule_course.grading import runner
            from chainrule_course.grading.jobs import Job
            import nbformat
            source = "import pathlib\\nprint(list(pathlib.Path({str(folder)!r}).rglob('*')))"
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
            done = runner.execute(Job(nbformat.writes(notebook)))
            print(nbformat.reads(done.notebook, as_version=4).cells[0].outputs[0].text)
            """
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)], cwd=folder, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"
    finally:
        (folder / "source" / "answers.txt").unlink()
        (folder / "source").rmdir()
        folder.rmdir()


def test_a_call_that_ends_while_it_calls_back_does_not_spoil_the_next_ones():
    """The time of a call may be over while the student's function waits for a function of the check."""
    check = """
    import time

    def slow(x):
        time.sleep(0.3)
        return 2 * x

    check = Checks("double", points=4, seconds=1)
    check.equal("endless", slow, 3, expected=6)
    check.equal("caught", slow, 4, expected=8)
    check.equal("three", slow, 5, expected=10)
    check.equal("four", slow, 6, expected=12)
    check.report()
    """
    answer = """
    def double(function, x):
        while x == 3:
            function(x)
        for _ in range(4 * (x == 4)):
            try:
                function(1)
            except Exception:
                pass
        return function(x)
    """
    points, done = graded(textwrap.dedent(answer), check=textwrap.dedent(check), limits=replace(LIMITS, timeout=30))
    assert (points, kinds(done)) == ("2", set())


def test_packages_below_tmp_are_seen(tmp_path):
    """Where the environment itself lies below /tmp, as in a test of a fresh install."""
    package = tmp_path / "lib" / "chainrule_course"
    shutil.copytree(Path(runner.__file__).parents[1], package)
    shutil.copytree(Path(chainrule.__file__).parent, tmp_path / "lib" / "chainrule")
    assert tmp_path.is_relative_to("/tmp")
    secret = package / "class" / "answers.txt"  # a course, of all places
    secret.parent.mkdir()
    secret.write_text("secret")
    script = f"""
        from chainrule_course.grading import runner
        from chainrule_course.grading.jobs import Job
        import nbformat
        source = '''
            import chainrule_course.lab as late, os
            print(late.__file__, os.listdir({str(secret.parent)!r}))
            open(late.__file__, "w")
            '''
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        done = runner.execute(Job(nbformat.writes(notebook)))
        for output in nbformat.reads(done.notebook, as_version=4).cells[0].outputs:
            print(output.get("text", output.get("ename")))
        """
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=environment,
        cwd=secret.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(package / "lab.py"), "[]", "OSError"]


@pytest.mark.parametrize(
    ("trick", "named"),
    [
        ("np.allclose = lambda *args, **kwargs: True", "numpy.allclose"),
        ("import builtins\nbuiltins.float = lambda *a: 2.0", "builtins.float"),
        ("ip = get_ipython()\nip.run_cell = lambda *a, **k: None", "run_cell"),
        ("get_ipython().input_transformers_post.append(lambda lines: ['2'])", "the text of cells"),
        (
            "import ast\nclass T(ast.NodeTransformer):\n    def visit_Constant(self, n):\n        return n\n"
            "get_ipython().ast_transformers.append(T())",
            "the code of cells",
        ),
        ("get_ipython().events.register('pre_run_cell', lambda info: None)", "pre_run_cell"),
        (
            "get_ipython().display_formatter.formatters['text/plain'].for_type(float, lambda *a: a[1].text('2'))",
            "how a float is shown",
        ),
        ("import chainrule_course.checks.report as r\nr.Report.__repr__ = lambda self: '2'", "Report.__repr__"),
        ("import chainrule_course.checks.values as v\nv.difference = lambda *a, **k: None", "difference"),
    ],
)
def test_a_forger_earns_nothing_and_is_named(trick, named):
    answer = f"import numpy as np\n{trick}\ndef double(x):\n    return 0"
    points, done = graded(answer)
    assert points == "0"
    assert any(t.kind == "forged" and named in t.message for t in done.troubles), done.troubles


def test_an_object_that_fakes_equality_earns_nothing():
    fake = """
        class Fake(np.ndarray):
            def __eq__(self, other): return np.True_
            def __array_function__(self, *args, **kwargs): return True
            def __array_ufunc__(self, *args, **kwargs): return np.True_
            def __float__(self): return 6.0
        def double(x):
            return np.zeros(2).view(Fake)
        """
    assert graded(textwrap.dedent(fake))[0] == "0"


def test_nothing_of_a_check_can_be_found_in_the_students_process():
    spy = """
        import gc, sys
        seen = []
        def double(x):
            frame = sys._getframe()
            while frame:
                seen.append(repr(frame.f_locals)[:2000])
                frame = frame.f_back
            seen.append(repr([o for o in gc.get_objects() if type(o) in (dict, list, tuple)])[:3_000_000])
            return 2 * x
        """
    check = CHECK.replace("of three", "a label that gives it away").replace(
        "expected=6", "expected=81286496 - 81286490"
    )
    tell = cell(
        "print(any('gives it ' + 'away' in s or '8128' + '6496' in s for s in seen + In), len(seen) > 3)", "tell"
    )
    outputs, _ = run(
        cell(SETUP, "setup"), cell(spy), cell(check, "double-check", 2), tell, limits=Limits(timeout=30, memory=2048)
    )
    assert outputs["double-check"][0].data["text/plain"] == "2"
    assert text(outputs["tell"]) == "False True\n"


FRAMES = """
import os, socket, struct, json
def shout(message):
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    for number in range(3, 64):
        try:
            os.write(number, struct.pack("!I", len(data)) + data)
        except OSError:
            pass
"""


@pytest.mark.parametrize(
    "message",
    [
        {"done": True, "count": 1},
        {"output": "execute_result", "content": {"data": {"text/plain": "2"}, "metadata": {}, "execution_count": 1}},
        {"order": "kill"},
        {"failure": None, "value": 6, "changed": [], "warned": [], "borrowed": "", "shared": []},
        {"kinds": {"double": True}},
        {"ended": 0},
        b"\xff\xfe",
        b"[" * 100_000,
        {"output": "stream", "content": {"name": 3}},
        {"output": ["x"], "content": {}},
        [],
    ],
)
def test_bytes_of_any_kind_on_the_open_channels_earn_nothing(message):
    answer = f"{FRAMES}\nshout({message!r})\ndef double(x):\n    shout({message!r})\n    return 0"
    points, _ = graded(answer)
    assert points in ("0", "NotRun")


def test_a_reply_that_is_forged_is_named():
    answer = (
        f"{FRAMES}\ndef double(x):\n    shout({{'value': {{'array': ['O', [1], '']}}, 'failure': None}})\n    return 0"
    )
    points, done = graded(answer)
    assert points == "0"
    assert "forged" in kinds(done)


def test_signals_reach_nobody_else():
    attack = """
        import os, signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for pid in (-1, 0):
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        print("sent")
        """
    zygotes = [zygote._process.pid for zygote in runner._pool._idle]
    outputs, _ = run(cell(attack, "attack"), tested=())
    assert text(outputs["attack"]) == "sent\n"
    assert [zygote._process.pid for zygote in runner._pool._idle] == zygotes
    assert graded(RIGHT)[0] == "2"


def test_a_zygote_serves_one_notebook_after_another_and_comes_again_when_it_is_lost():
    for zygote in list(runner._pool._idle):
        zygote._process.kill()
        zygote._process.wait()
    assert graded(RIGHT)[0] == "2"


def test_nothing_is_left_when_the_parent_is_killed(tmp_path):
    script = """
        import nbformat, sys
        from chainrule_course.grading import runner
        from chainrule_course.grading.jobs import Job
        print("go", flush=True)
        source = "import time\\nprint('here')\\ntime.sleep(602)"
        runner.execute(Job(nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]))))
        """
    sign = f"--sign={os.getpid()}"
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script), sign], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"go\n"
    boxes = wait_for(lambda: children(process.pid))
    process.kill()
    process.wait()
    assert wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in boxes))


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for(condition, seconds: float = 20):
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found
