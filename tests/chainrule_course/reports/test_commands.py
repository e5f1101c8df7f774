"""The commands `feedback` and `report`: what they print, where things go, one line for each error."""

import csv
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chainrule_course import cli, reports
from chainrule_course.reports import pages

from ..toy import Ran, command
from .classes import UNIT


class TestFeedback:
    def test_all_then_none(self, run, classroom: Path):
        first = f"feedback/ada/{UNIT}/{UNIT}.html"
        assert run("feedback", "1") == Ran(0, f"{UNIT}: 4 pages written, such as {first}\n", "Not graded yet: dora.\n")
        assert run("feedback", UNIT).out == f"{UNIT}: 0 pages written, 4 as before, such as {first}\n"

    def test_some(self, run, classroom: Path):
        ran = run("feedback", "1", "bob")
        assert (ran.status, ran.err) == (0, "")
        assert ran.out.startswith(f"{UNIT}: 1 page written, such as feedback/bob/")

    def test_one_of_some_is_not_graded(self, run, classroom: Path):
        ran = run("feedback", "1", "bob", "dora")
        assert (ran.status, ran.err) == (1, "Not graded yet: dora.\n")

    def test_an_unreadable_notebook(self, run, classroom: Path):
        path = classroom / "autograded" / "bob" / UNIT / f"{UNIT}.ipynb"
        path.chmod(0o644)
        path.write_text("[")
        ran = run("feedback", "1")
        assert ran.status == 1
        assert re.match(r"! bob: .* is not a notebook, or is cut off .*\nNot graded yet: dora\.\n$", ran.err)
        assert ran.out.startswith(f"{UNIT}: 3 pages written")


class TestReport:
    def test_one_unit(self, run, classroom: Path):
        assert run("report", "1") == Ran(0, f"{UNIT}: 4 students, report/{UNIT}.html written\n", "")
        assert run("report", "1").out == f"{UNIT}: 4 students, report/{UNIT}.html as before\n"

    def test_all_units(self, run, classroom: Path):
        assert run("report").out == "1 unit: 4 students, report/index.html written\n"

    def test_marks_go_to_a_file(self, run, classroom: Path):
        ran = run("report", "1", "--csv", "canvas")
        path = classroom / "report" / f"{UNIT}-canvas.csv"
        assert ran.out == f"{UNIT}: marks of 4 of 6 students in {path}\n"
        assert "In Canvas: Grades, Import." in ran.err
        assert path.stat().st_mode & 0o077 == 0
        assert run("report", "1", "--csv", "plain", "--output", "marks.csv").status == 0
        with (classroom / "marks.csv").open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == 6

    def test_or_to_a_pipe(self, run, classroom: Path):
        ran = run("report", "1", "--csv", "plain", "--output", "-")
        assert ran.out.startswith("student,last_name,")
        assert not (classroom / "report").exists()


WRONG = {
    ("feedback",): "The following arguments are required: UNIT",
    ("feedback", "9"): "The gradebook has no unit '9'. The units are: 01_toy.",
    ("feedback", "1", "bib"): "The gradebook has no student 'bib'. Did you mean bob?",
    ("feedback", "1", "zzz"): "The gradebook has no student 'zzz'. `nbgrader db student list` lists them.",
    ("feedback", "1", "tom"): "Nothing of 01_toy is graded yet for tom. Run `chainrule grade 01_toy` first.",
    ("report", "01_toi"): "The gradebook has no unit '01_toi'. Did you mean 01_toy?",
    ("report", "--csv", "plain"): "--csv needs a unit. Try `chainrule report 01_training --csv plain`.",
    ("report", "1", "--csv", "excel"): "Argument --csv: invalid choice: 'excel'",
    ("report", "1", "--output", "x"): "--output goes with --csv. A page is always written to report/.",
    ("report", "1", "--csv", "plain", "--output", "source"): "source is a folder. Give the name of a file.",
    ("report", "1", "--anonymous"): "01_toy has 4 graded, too few to be anonymous. Wait until there are 6",
    ("report", "1", "--csv", "moodle", "--anonymous"): "--csv moodle cannot be anonymous",
    ("report", "1", "--db", "sqlite:///no.db"): "There is no gradebook ",
    ("report", "1", "--db", "no"): "'no' is no address of a gradebook. Give one such as sqlite:///gradebook.db.",
}


@pytest.mark.parametrize(("args", "says"), WRONG.items(), ids=map(" ".join, WRONG))
def test_wrong_input_gets_one_line_and_status_2(run, classroom: Path, args, says: str):
    ran = run(*args)
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err
    assert ran.err.count("\n") == 1
    assert not (classroom / "feedback").exists()
    assert not (classroom / "report").exists()


@pytest.mark.parametrize("name", ["feedback", "report"])
def test_without_the_grade_extra_the_advice_says_how_to_get_it(run, classroom: Path, monkeypatch, name: str):
    monkeypatch.setitem(sys.modules, "chainrule_course.reports", None)
    ran = run(name, "1")
    assert ran.status == 2
    assert 'pip install "chainrule[grade]"' in ran.err


def test_a_write_that_is_interrupted_leaves_the_page_as_it_was(classroom: Path, monkeypatch):
    book = reports.open_gradebook()
    reports.write_feedback(book, UNIT)
    path = classroom / "feedback" / "ada" / UNIT / f"{UNIT}.html"
    path.write_text("before")

    def interrupt(*_):
        raise cli.Interrupted(130)

    monkeypatch.setattr(pages.os, "fdopen", interrupt)
    with pytest.raises(cli.Interrupted):
        reports.write_feedback(book, UNIT)
    assert path.read_text() == "before"
    assert sorted(file.name for file in path.parent.iterdir()) == sorted(
        [f"{UNIT}.html", "timestamp.txt", "submission_secret.txt"]
    )


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_ctrl_c_ends_it_with_130(classroom: Path):
    ran = subprocess.Popen(
        command("feedback", "1"), cwd=classroom, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    target = classroom / "feedback"
    while not target.exists() and ran.poll() is None:
        time.sleep(0.005)
    os.kill(ran.pid, signal.SIGINT)
    _, err = ran.communicate(timeout=60)
    assert ran.returncode in (0, 130)  # 0 if it was faster
    assert "Traceback" not in err
    for page in target.rglob("*.html"):
        assert page.read_text().rstrip().endswith("</html>")
    assert not list(target.rglob(".*"))
