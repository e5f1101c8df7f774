"""Cells that are put off run only if a name is asked for, and then as if they had run before."""

from __future__ import annotations

import json

import nbformat
import pytest

from chainrule_course.grading import runner, sandbox
from chainrule_course.grading.assignment import _changed, _demonstrations
from chainrule_course.grading.jobs import Job, Limits

from .classroom import RIGHT, Classroom

pytestmark = pytest.mark.skipif(not sandbox.can_fork(), reason="forks on Linux only")

LIMITS = Limits(timeout=3, memory=512, disk=8, output=100_000)
PUT_OFF = "# put off\n"


def run(*sources: str) -> tuple[list[str], set[str]]:
    """Execute cells, those that begin with PUT_OFF only if needed: (what each printed or raised, kinds of trouble)."""
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, sources)))
    later = tuple(number for number, source in enumerate(sources) if source.startswith(PUT_OFF))
    done = runner.execute(Job(nbformat.writes(notebook), {}, later=later, limits=LIMITS), "none")
    cells = nbformat.reads(done.notebook, as_version=4).cells
    said = ["".join(o.get("text", o.get("ename", "")) for o in cell.outputs) for cell in cells]
    return said, {trouble.kind for trouble in done.troubles}


def test_what_nobody_needs_is_not_run():
    said, kinds = run(f"{PUT_OFF}open('ran', 'w')\n1 / 0", "import os\nprint(os.listdir())")
    assert (said, kinds) == (["", "[]\n"], set())


@pytest.mark.parametrize(
    "asks",
    [
        "print(x)",
        "def f():\n    return x\nprint(f())",
        "print([x for _ in range(1)][0])",
        "class A:\n    y = x\nprint(A.y)",
        "import builtins\nprint(eval('x'))",
    ],
)
def test_a_name_that_is_asked_for_is_there(asks):
    assert run(f"{PUT_OFF}x = 5\nprint('unseen')\nx", asks) == (["", "5\n"], set())


def test_all_that_were_put_off_run_in_their_order_and_failures_are_not_told():
    said, kinds = run(f"{PUT_OFF}x = 1", f"{PUT_OFF}x += 1\n1 / 0", f"{PUT_OFF}y = x * 10", "print(y)")
    assert (said, kinds) == (["", "", "", "20\n"], set())


def test_only_what_stands_before_is_run():
    assert run("print(x)", f"{PUT_OFF}x = 1")[0] == ["NameError", ""]


def test_names_that_are_there_keep_their_values():
    assert run("x = 1", f"{PUT_OFF}x, y = 2, 3", "print(y, x)")[0] == ["", "", "3 1\n"]


def test_a_name_that_nothing_defines_is_missing_as_always():
    assert run(f"{PUT_OFF}x = 1", "print(nothing)", "print(x)")[0] == ["", "NameError", "1\n"]


def test_where_python_has_ended_nobody_is_left_to_ask():
    said, kinds = run("print(1)", "import os\nos._exit(3)", f"{PUT_OFF}x = 1", "print(x)")
    assert (said[0], kinds) == ("1\n", {"died"})


def test_a_loop_that_was_put_off_is_stopped_as_part_of_the_cell_that_asked():
    said, kinds = run(f"{PUT_OFF}while True:\n    pass", "print(x)", "print(2)")
    assert (said[2], kinds) == ("2\n", {"timeout"})


def test_the_built_in_names_are_there():
    says = "class A:\n    pass\nimport math\nprint(len([A]), math.pi > 3, sorted({2, 1}))\ndisplay"
    said, kinds = run(f"{PUT_OFF}x = 1", says)
    assert said[1].startswith("1 True [1, 2]\n")
    assert kinds == set()


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("x = y + 1", {"x"}),
        ("for i, (j, *k) in z:\n    a[i].b = 1", {"i", "j", "k", "a"}),
        ("def f(x):\n    y = x", {"f"}),
        ("with open(p) as file:\n    total += 1", {"file", "total"}),
        ("import numpy as np", set()),
        ("if (n := 3):\n    sort(lambda q: q)", {"n"}),
        ("%matplotlib inline", set()),
    ],
)
def test_what_a_cell_changes(source, changed):
    assert _changed(source) == changed


def test_a_cell_that_changes_the_setup_or_an_answer_is_no_demonstration():
    def cell(name: str, source: str):
        return nbformat.v4.new_code_cell(source, metadata={"name": name})

    cells = [
        cell("setup", "data = [1]"),
        cell("dense", "def dense():\n    pass"),
        cell("dense-check", "w = 1"),
        cell("shown", "w = 2\nprint(dense())"),
        cell("changed", "data[0] = 2"),
        cell("again", "dense = None"),
    ]
    source = nbformat.v4.new_notebook(cells=cells)
    known = dict.fromkeys(("dense", "dense-check"))
    assert _demonstrations(source, known, ("dense-check",)) == ("w = 2\nprint(dense())",)


def test_a_notebook_whose_checks_share_its_process_is_run_whole(classroom: Classroom):
    """One exercise of the toy opts out of the tester, so nothing may be put off."""
    classroom.hand_in("anna", RIGHT)
    assert classroom.chainrule("grade", "1").returncode == 0
    ran = classroom.chainrule("grade", "1", "--quick", "--json", "-")
    assert json.loads(ran.stdout)["students"][0]["state"] == "unchanged"
