"""Where there is no sandbox, notebooks are forked, too: the same marks, checks apart, limits, nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pytest

from chainrule_course.exercises import read_exercises
from chainrule_course.grading import runner, sandbox
from chainrule_course.grading.demo import worth
from chainrule_course.grading.hostile import HOSTILE, Class
from chainrule_course.grading.jobs import Job, Limits
from chainrule_course.notebooks import cell_name

from .classroom import RIGHT, UNIT, Classroom

pytestmark = pytest.mark.skipif(not sandbox.can_fork(), reason="forks on Linux only")

LIMITS = Limits(timeout=3, memory=512, disk=8, output=100_000)


def run(*sources: str, files=None) -> tuple[list[str], set[str]]:
    """Execute cells: (what each printed or raised, kinds of trouble)."""
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, sources)))
    done = runner.execute(Job(nbformat.writes(notebook), files or {}, limits=LIMITS), "none")
    assert done.isolation == "none"
    cells = nbformat.reads(done.notebook, as_version=4).cells
    said = ["".join(o.get("text", o.get("ename", "")) for o in cell.outputs) for cell in cells]
    return said, {trouble.kind for trouble in done.troubles}


def processes(sign: str) -> str:
    listed = subprocess.run(["ps", "axo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return "\n".join(line for line in listed.splitlines() if sign in line)


def test_it_runs_in_a_folder_of_its_own_that_is_gone_afterwards():
    look = "import os\nprint(os.getcwd(), sorted(os.listdir()), os.environ['NBGRADER_EXECUTION'])\nimport beside"
    said, kinds = run(look, files={"beside.py": b"print('imported')", "data/a.txt": b"1"})
    folder, rest = said[0].split(" ", 1)
    assert (rest, kinds) == ("['beside.py', 'data'] autograde\nimported\n", set())
    assert Path(folder).parent == Path(tempfile.gettempdir())
    assert not Path(folder).exists()


def test_notebooks_do_not_share_what_they_define():
    run("x = 1")
    assert run("x")[0] == ["NameError"]


def test_limits_hold():
    memory = "hoard = []\nwhile True:\n    hoard.append(bytearray(50_000_000))"
    disk = "with open('big', 'wb') as file:\n    file.write(bytes(20_000_000))"
    said, kinds = run("while True:\n    pass", "print(1)", memory, disk, "print(2)")
    assert (said[1], said[2], said[4]) == ("1\n", "MemoryError", "2\n")
    assert "OSError" in said[3]
    assert kinds == {"timeout", "memory", "raised"}


def test_what_ends_python_ends_the_notebook_only():
    said, kinds = run("print(1)", "import os\nos._exit(3)", "print(2)")
    assert said[0] == "1\n"
    assert kinds == {"died"}
    assert run("print(1)")[0] == ["1\n"]


def test_a_copy_of_the_process_does_not_act_in_its_place():
    said, _ = run("import os\nos.fork()\nprint('here')", "print(2)")
    assert said[1] == "2\n"


def test_what_it_starts_ends_with_it():
    sign = f"--sign={os.getpid()}"
    start = f"import subprocess\nsubprocess.Popen(['{sys.executable}', '-c', 'import time; time.sleep(99)', '{sign}'])"
    run(start)
    deadline = time.monotonic() + 10
    while processes(sign) and time.monotonic() < deadline:  # it was killed, and is about to go
        time.sleep(0.05)
    assert processes(sign) == ""


def test_it_ends_with_a_grader_that_is_killed():
    sign = f"--sign-{os.getpid()}"
    told = Path(tempfile.gettempdir(), sign)
    loop = f"import os\nopen({str(told)!r}, 'w').write(str(os.getpid()))\nwhile True:\n    pass"
    code = f"""
import nbformat
from chainrule_course.grading import runner
from chainrule_course.grading.jobs import Job
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell({loop!r})])
runner.execute(Job(nbformat.writes(notebook)), "none")
"""
    grader = subprocess.Popen([sys.executable, "-c", code])
    try:
        deadline = time.monotonic() + 60
        while not (told.exists() and told.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        notebook = int(told.read_text())
        grader.send_signal(signal.SIGKILL)
        grader.wait()
        while Path("/proc", str(notebook)).exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not Path("/proc", str(notebook)).exists()
    finally:
        told.unlink(missing_ok=True)


def test_checks_are_in_another_process(classroom: Classroom):
    """Every submission that does no harm comes out as it must, but those that need the files hidden."""
    own = Class(classroom.release, read_exercises(classroom.root, UNIT))
    hostile = [one for one in HOSTILE if not one.bomb and one.name not in ("gradebook", "source")]
    for one in hostile:
        classroom.hand_in(one.name, one.make(own))
    classroom.hand_in("anna", own.answered())
    report = classroom.grade(execute=lambda job, _: runner.execute(job, "none"), timeout=10)
    students = {graded.student: graded for graded in report.students}
    assert (students["anna"].points, students["anna"].troubles) == (6, [])
    points = worth(classroom.root, UNIT)
    for one in hostile:
        told = {trouble.kind for _, trouble in students[one.name].troubles}
        assert one.fault(students[one.name].points, told, points) == "", one.name
        for cell in classroom.graded(one.name).cells:
            assert not re.search("LEAK:", str(cell.get("outputs", ""))), (one.name, cell_name(cell))


def test_students_who_are_trusted_get_the_same_marks_and_your_rights(classroom: Classroom, tmp_path: Path):
    seen = tmp_path / "seen.txt"
    double = f"open({str(seen)!r}, 'a').write('here')\n{RIGHT['double']}"
    classroom.hand_in("anna", RIGHT)
    classroom.hand_in("ben", {"double": "def double(x):\n    return x + 2"})
    classroom.hand_in("carl", RIGHT | {"double": double})
    apart = graded(classroom)
    assert not seen.exists()
    inside = graded(classroom, "--no-isolation")
    assert seen.read_text() == "here"
    assert {one["state"] for one in inside} == {"graded"}  # not taken for unchanged
    assert {one["isolation"] for one in inside} == {"none"}
    assert [one["points"] for one in inside] == [10 - 4, 0, 10 - 4]  # the essay waits for the teacher
    assert [one["points"] for one in apart][:2] == [10 - 4, 0]


def graded(classroom: Classroom, *options: str) -> list[dict]:
    ran = classroom.chainrule("grade", "1", *options, "--json", "-")
    return json.loads(ran.stdout)["students"]
