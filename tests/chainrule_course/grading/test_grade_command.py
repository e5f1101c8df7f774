"""`chainrule grade`: one line for each wrong input, a table for the teacher, a demonstration without students."""

import json
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from chainrule_course import cli
from chainrule_course.grading import runner

from ..toy import Course
from .classroom import RIGHT, UNIT, Classroom, quick


@dataclass
class Ran:
    """What the command printed, and its exit status."""

    status: int
    out: str
    err: str


@pytest.fixture
def grade(capsys, monkeypatch):
    """Run ``chainrule grade …`` in this process, with an executor that executes nothing."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(runner, "execute", quick)
    monkeypatch.setattr(runner, "isolation_here", lambda: ("full", ""))

    def run(*args: str) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            cli.main(["grade", *args])
        return Ran(caught.value.code or 0, *capsys.readouterr())

    return run


class TestWrong:
    """Each is told in one line."""

    @pytest.fixture(autouse=True)
    def _handed_in(self, classroom: Classroom, monkeypatch):
        classroom.hand_in("anna", RIGHT)
        monkeypatch.chdir(classroom.root)

    @pytest.mark.parametrize(
        ("args", "says"),
        {
            (): "Which assignment is to be graded?",
            ("01_toi",): "There is no assignment '01_toi'. Did you mean 01_toy? There are: 01_toy.",
            ("7",): "There is no assignment '7'.",
            ("1", "ana"): "ana has not handed in 01_toy. Did you mean anna?",
            ("1", "--workers", "0"): "a whole number is needed, 1 or more",
            ("1", "--db", "gradebook.db"): "'gradebook.db' is no address of a gradebook.",
            ("1", "--db", "oracle://x"): "The gradebook oracle://… needs oracledb, which is not installed.",
        }.items(),
        ids=str,
    )
    def test_it_says_what_is_wrong(self, grade, args, says: str):
        ran = grade(*args)
        assert (ran.status, ran.out) == (2, "")
        assert says in ran.err
        assert ran.err.count("\n") == 1

    def test_settings_that_fail(self, grade, classroom: Classroom):
        (classroom.root / "nbgrader_config.py").write_text("c = get_config()\nc.x = 1 / 0\n")
        ran = grade("1")
        assert ran.status == 2
        assert "nbgrader_config.py fails: ZeroDivisionError: division by zero." in ran.err

    def test_nobody_has_handed_in(self, grade, classroom: Classroom):
        (classroom.root / "source" / "02_next").mkdir()
        assert "Nobody has handed in 02_next." in grade("2").err

    def test_no_course(self, grade, tmp_path: Path, monkeypatch):
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert "No course in " in grade("1").err


class TestIsolation:
    def test_missing_it_is_said_or_refused(self, grade, classroom: Classroom, monkeypatch):
        classroom.hand_in("anna", RIGHT)
        monkeypatch.chdir(classroom.root)
        monkeypatch.setattr(runner, "isolation_here", lambda: ("none", "there is no bubblewrap"))
        ran = grade("1", "--require-isolation")
        assert (ran.status, ran.out) == (2, "")
        assert "Student code can't be isolated here: there is no bubblewrap." in ran.err
        assert not (classroom.root / "autograded").exists()
        ran = grade("1")
        assert ran.status == 0
        assert "Not isolated: there is no bubblewrap; student code runs with your rights." in ran.err

    @pytest.mark.parametrize("other", ["--require-isolation", "--demo", "--quick"])
    def test_what_excludes_doing_without(self, grade, other):
        ran = grade("1", "--no-isolation", other)
        assert (ran.status, ran.out) == (2, "")
        assert f"--no-isolation and {other} exclude each other." in ran.err


def test_the_table(grade, classroom: Classroom, monkeypatch):
    classroom.hand_in("anna", RIGHT)
    classroom.hand_in("ben", b"no notebook")
    (classroom.root / "submitted" / "carl" / UNIT).mkdir(parents=True)
    monkeypatch.chdir(classroom.root / "submitted")  # below the course is fine
    ran = grade("1")
    assert ran.status == 1  # carl was not graded
    lines = [line.rstrip() for line in ran.out.splitlines()]
    assert lines[0].split() == ["student", "points", "what", "went", "wrong"]
    assert lines[1].split() == ["anna", "4", "waits", "for", "you", "in", "the", "formgrader"]
    assert "01_toy.ipynb can't be graded: it is cut off, or no notebook" in " ".join(ran.out.split())
    assert "carl –" in " ".join(ran.out.split())
    assert "01_toy: 2 graded, 1 not graded in " in ran.out
    assert ran.err == ""


def test_exercises_that_opt_out_are_listed(grade, classroom: Classroom, monkeypatch):
    source = classroom.root / "source" / UNIT / f"{UNIT}.ipynb"
    text = source.read_text().replace('"grade_id": "double-check"', '"x": 1, "grade_id": "double-check"', 1)
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "double-check":
            cell["metadata"]["chainrule"] = {"in_process": "it watches the student's own objects"}
    source.write_text(json.dumps(notebook))
    classroom.hand_in("anna", RIGHT)
    monkeypatch.chdir(classroom.root)
    tested = []
    monkeypatch.setattr(runner, "execute", lambda job, isolation: (tested.append(job.tested), quick(job))[1])
    ran = grade("1")
    assert "double is checked in the student's process: it watches the student's own objects" in ran.out
    assert tested == [("triple-check", "triple-hidden")]


def test_the_demonstration(grade, built: Course, tmp_path: Path, monkeypatch):
    monkeypatch.undo()
    ran = built.run("grade", "--demo", "1", "--students", "4", "--into", str(tmp_path / "demo"), "--timeout", "10")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 of 1 hostile or broken submission came out as they must." in ran.stdout
    assert f"The class is in {tmp_path / 'demo'}." in ran.stdout
    assert len(list((tmp_path / "demo" / "autograded").iterdir())) == 4
    assert (tmp_path / "demo" / "gradebook.db").is_file()
    ran = built.run("grade", "--demo", "--into", str(tmp_path / "demo"))
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "is not empty" in ran.stderr
