"""Each hostile or broken submission, through the command a teacher runs, comes out as the collection says."""

import json
import subprocess
from pathlib import Path

import pytest

from chainrule_course.exercises import read_exercises
from chainrule_course.grading import runner
from chainrule_course.grading.demo import worth
from chainrule_course.grading.hostile import HOSTILE, Class, Hostile

from .classroom import UNIT, Classroom

FULL = runner.isolation_here()[0] == "full"


class Result:
    """What came of the class: the report, and the folder."""

    def __init__(self, classroom: Classroom, report: dict) -> None:
        self.classroom = classroom
        self.students = {each["student"]: each for each in report["students"]}


@pytest.fixture(scope="module")
def graded(empty_classroom: Classroom, tmp_path_factory) -> Result:
    """A class of all of them, and two honest students at both ends, graded by one command."""
    classroom = empty_classroom.copy(tmp_path_factory.mktemp("hostile") / "kurs")
    own = Class(classroom.release, read_exercises(classroom.root, UNIT))
    for name in ("aaron", "zoe"):
        classroom.hand_in(name, own.answered())
    for hostile in HOSTILE:
        if FULL or not hostile.bomb:
            classroom.hand_in(hostile.name, hostile.make(own))
    ran = classroom.chainrule("grade", "1", "--timeout", "10", "--memory", "1024", "--json", "report.json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
    return Result(classroom, json.loads((classroom.root / "report.json").read_text()))


@pytest.mark.parametrize(
    "hostile",
    [pytest.param(one, id=one.name, marks=[pytest.mark.needs("bwrap")] if one.bomb else []) for one in HOSTILE],
)
def test_it_comes_out_as_it_must(graded: Result, hostile: Hostile):
    student = graded.students[hostile.name]
    kinds = {told["kind"] for told in student["troubles"]}
    points = worth(graded.classroom.root, UNIT)
    assert not hostile.fault(student["points"], kinds, points), (hostile.does, student["troubles"])
    assert student["state"] == "graded"
    for told in student["troubles"]:
        assert "\n" not in told["message"]


def test_the_honest_get_all_they_earned(graded: Result):
    for name in ("aaron", "zoe"):
        student = graded.students[name]
        assert (student["points"], student["troubles"]) == (6, [])


def test_no_hidden_test_is_seen(graded: Result):
    for name in ("spy", "frames"):
        for cell in graded.classroom.graded(name).cells:
            assert "LEAK:" not in json.dumps(cell.get("outputs", [])), name


def test_each_graded_cell_is_there_and_feedback_opens_on_all_of_them(graded: Result):
    names = {name for name in graded.classroom.rows("aaron") if name.endswith(("-check", "-hidden"))}
    for student in graded.students:
        notebook = graded.classroom.graded(student)
        assert names <= {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    graded.classroom.nbgrader("generate_feedback", UNIT)
    for student in graded.students:
        assert (graded.classroom.root / "feedback" / student / UNIT / f"{UNIT}.html").is_file()
    for broken in ("truncated", "not-a-notebook", "encoding"):
        page = (graded.classroom.root / "feedback" / broken / UNIT / f"{UNIT}.html").read_text()
        assert "Your file could not be graded:" in page


@pytest.mark.needs("bwrap")
def test_nothing_is_left_behind(graded: Result):
    listed = subprocess.run(["ps", "axo", "args"], capture_output=True, text=True, check=True).stdout
    assert "chainrule-left-behind" not in listed
    assert not Path("big").exists()
    assert (graded.classroom.root / "gradebook.db").stat().st_size < 10_000_000
