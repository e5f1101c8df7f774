"""However a run ends, no recorded mark is lost and the next run goes on: the end is that of an undisturbed run."""

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chainrule_course.errors import UserError
from chainrule_course.grading.nbgrader_bridge import ParallelAutograde

from .classroom import RIGHT, UNIT, Classroom, quick

WRONG = {**RIGHT, "double": "def double(x):\n    return 1"}

CODE = """
import sys
import time
from chainrule_course.cli import main
from chainrule_course.grading import runner

def execute(job, isolation):
    import nbformat
    from chainrule_course.grading.jobs import Execution
    from chainrule_course.notebooks import notebook_bytes
    open("started.log", "w").close()
    time.sleep({delay})
    notebook = nbformat.reads(job.notebook, as_version=4)
    for one in notebook.cells:
        if one.cell_type == "code" and one.metadata.get("nbgrader", {{}}).get("grade"):
            points = "1" if "return x *" in job.notebook else "0.5"
            one.outputs = [nbformat.v4.new_output("execute_result", {{"text/plain": points}}, execution_count=1)]
    with open("executed.log", "a") as log:
        log.write("x")
    return Execution(notebook_bytes(notebook).decode(), (), 0.01, "full")

runner.execute = execute
runner.isolation_here = lambda: ("full", "")
main(sys.argv[1:])
"""
"""The command with an executor that is quick and leaves a letter for each notebook."""


def start(classroom: Classroom, *args: str, delay: float = 0.02) -> subprocess.Popen[str]:
    code = CODE.format(delay=delay)
    return subprocess.Popen(
        [sys.executable, "-c", code, "grade", "1", *args],
        cwd=classroom.root,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def executed(classroom: Classroom) -> int:
    log = classroom.root / "executed.log"
    return len(log.read_text()) if log.exists() else 0


def files(classroom: Classroom) -> dict[str, str]:
    """Every file in autograded/, hidden ones included, without what differs from run to run."""
    found = {}
    for path in sorted((classroom.root / "autograded").rglob("*")):
        if path.is_file():
            found[path.relative_to(classroom.root).as_posix()] = path.read_text()
    return found


@pytest.fixture
def class_of(classroom: Classroom):
    def make(students: int) -> Classroom:
        for number in range(students):
            classroom.hand_in(f"s{number:03}", RIGHT if number % 3 else WRONG)
        return classroom

    return make


def grade_in_a_child(classroom: Classroom, executed: Path) -> int:
    """Grade in a process of its own, with all loaded already, that notes each notebook it executes; return its id."""

    def execute(job, isolation):
        with executed.open("a") as log:
            log.write("x")
        return quick(job, isolation)

    child = os.fork()
    if not child:
        status = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            classroom.grade(execute=execute)
            status = 0
        finally:
            os._exit(status)
    return child


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_killed_at_any_moment_it_resumes_to_the_same_end(class_of, tmp_path: Path):
    classroom = class_of(24)
    undisturbed = classroom.copy(tmp_path / "undisturbed")
    began = time.monotonic()
    assert os.waitpid(grade_in_a_child(undisturbed, tmp_path / "once"), 0)[1] == 0
    whole = time.monotonic() - began
    expected = undisturbed.marks()

    generator, safe, kills = random.Random(0), {}, 0
    for _ in range(60):
        child = grade_in_a_child(classroom, tmp_path / "often")
        time.sleep(generator.uniform(0, whole / 3))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        marks = classroom.marks()
        for student, recorded in safe.items():
            assert marks[student] == recorded  # nothing recorded is lost or changed
        for student, recorded in marks.items():
            assert recorded == expected[student], student  # all of a student's marks, or none
        safe = marks
        if os.WIFEXITED(status):
            break
        kills += 1
    assert kills >= 3
    assert os.waitpid(grade_in_a_child(classroom, tmp_path / "often"), 0)[1] == 0
    assert classroom.marks() == expected
    assert files(classroom) == files(undisturbed)
    repeated = len((tmp_path / "often").read_text()) - 24
    assert 0 <= repeated <= 5 * kills  # what was recorded was not executed again; at most four were under way


@pytest.mark.parametrize(
    "moment", ["while writing", "before saving", "after saving", "between the folders", "at the end"]
)
def test_a_crash_at_each_step_of_recording(class_of, monkeypatch, moment: str):
    """A crash is played by an exception that nothing may catch, at each place where the order matters."""
    from chainrule_course.grading import gradebook, nbgrader_bridge

    class Crash(BaseException):
        pass

    def crash(*_, **__):
        raise Crash

    def half_way(_: Path, place: Path) -> None:
        place.rename(place.with_name(f".{place.name}.chainrule-old"))
        raise Crash

    classroom = class_of(3)
    classroom.grade("s000", execute=quick)
    before, kept = classroom.marks(), files(classroom)
    classroom.hand_in("s000", {**RIGHT, "essay": "second thoughts"})
    with monkeypatch.context() as patch:
        match moment:
            case "while writing":
                patch.setattr(ParallelAutograde, "set_permissions", crash)
            case "before saving":
                patch.setattr(gradebook._HeldSession, "save", crash)
            case "after saving":
                patch.setattr(nbgrader_bridge, "_put_in_place", crash)
            case "between the folders":
                patch.setattr(nbgrader_bridge, "_put_in_place", half_way)
            case "at the end":
                patch.setattr(ParallelAutograde, "run_post_convert_hook", crash)
        with pytest.raises(Crash):
            classroom.grade("s000", execute=quick)
    if moment in ("while writing", "before saving"):
        assert (classroom.marks(), files(classroom)) == (before, kept)
    else:
        assert classroom.rows("s000")["double-check"] == (1, None, False)
    again = classroom.grade(execute=quick)
    assert [each.state for each in again.students][1:] == ["graded", "graded"]
    assert again.students[0].points == 4
    assert "second thoughts" in (classroom.root / "autograded" / "s000" / UNIT / f"{UNIT}.ipynb").read_text()
    assert not list((classroom.root / "autograded").rglob(".*chainrule*"))


def test_two_at_once_are_refused_with_a_line(class_of):
    classroom = class_of(1)
    lock = os.open(classroom.root, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with pytest.raises(UserError, match="Another `chainrule grade` is at work"):
            classroom.grade(execute=quick)
    finally:
        os.close(lock)
    assert classroom.grade(execute=quick).students[0].state == "graded"


def test_the_first_ctrl_c_finishes_what_runs_and_the_next_run_goes_on(class_of):
    classroom = class_of(12)
    process = start(classroom, "--workers", "2", "--json", "-", delay=0.4)
    while not executed(classroom) and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Finishing the notebooks that are running." in err
    report = json.loads(out)
    done = [each["student"] for each in report["students"]]
    assert sorted(done + report["not_graded_yet"]) == [f"s{number:03}" for number in range(12)]
    assert 0 < len(done) < 12
    assert f"Stopped; {len(report['not_graded_yet'])} students to go. The same command goes on from here." in err
    assert set(classroom.marks()) == set(done)
    count = executed(classroom)
    process = start(classroom, "--json", "-", delay=0)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    states = {each["student"]: each["state"] for each in json.loads(out)["students"]}
    assert {student for student, state in states.items() if state == "unchanged"} == set(done)
    assert executed(classroom) == count + 12 - len(done)


def test_the_second_ctrl_c_ends_at_once(class_of):
    classroom = class_of(3)
    process = start(classroom, "--workers", "1", delay=600)
    assert process.stderr
    while not (classroom.root / "started.log").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert "Finishing" in process.stderr.readline() + process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Ended at once; what was recorded is safe." in err
    assert classroom.marks() == {}
    assert all(each.state == "graded" for each in classroom.grade(execute=quick).students)


def test_what_is_lost_on_the_way_is_not_recorded_and_comes_next_time(class_of):
    classroom = class_of(3)

    def execute(job, isolation):
        if "return 1" in job.notebook:
            raise ConnectionError("the worker is gone")
        return quick(job, isolation)

    report = classroom.grade(execute=execute)
    assert [each.state for each in report.students] == ["failed", "graded", "graded"]
    assert "the worker is gone" in str(report.students[0].troubles[0][1])
    assert set(classroom.marks()) == {"s001", "s002"}
    assert [each.state for each in classroom.grade(execute=quick).students] == ["graded", "unchanged", "unchanged"]
