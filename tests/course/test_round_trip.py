"""A class goes the whole way: generate_assignment, `chainrule grade`, feedback, export; marks as nbgrader's."""

import copy
import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from classroom import begin_course, chainrule, hand_in, nbgrader
from material import ROOT, UNITS, exercises
from nbgrader.api import Gradebook

from chainrule_course.checks import MIME
from chainrule_course.notebooks import cell_name


@dataclass
class Graded:
    """A unit's class after grading."""

    unit: str
    folder: Path
    expected: dict[str, dict[str, str]]  # student → exercise → mistake ("" for a right answer)

    def scores(self, student: str) -> dict[str, tuple[float, float]]:
        """Cell → (points, of how many)."""
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}", "chainrule") as book:
            submission = book.find_submission_notebook(self.unit, self.unit, student)
            return {grade.name: (grade.score, grade.max_score) for grade in submission.grades}

    def mark_by_hand(self, student: str) -> set[str]:
        """Give full points for what waits for the teacher, as the formgrader does, and return these cells."""
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}", "chainrule") as book:
            grades = book.find_submission_notebook(self.unit, self.unit, student).grades
            waiting = [grade for grade in grades if grade.needs_manual_grade]
            for grade in waiting:
                grade.manual_score, grade.needs_manual_grade = grade.max_score, False
            book.db.commit()
            return {grade.name for grade in waiting}

    def reports(self, student: str) -> dict[str, dict]:
        """Cell → the report that stands in the autograded notebook."""
        path = self.folder / "autograded" / student / self.unit / f"{self.unit}.ipynb"
        return {
            cell_name(cell): output.data[MIME]
            for cell in nbformat.read(path, as_version=4).cells
            for output in cell.get("outputs", [])
            if MIME in output.get("data", {})
        }


TEXTS = {"10_capstone": {"mail"}}
"""Cells that a teacher marks."""


def answered(release, answers: dict[str, str]):
    """Return the release with these answers and without the cells that are neither graded nor needed."""
    notebook = copy.deepcopy(release)
    notebook.cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata or cell_name(cell) == "setup"]
    for cell in notebook.cells:
        if cell_name(cell) in answers:
            cell.source = answers[cell_name(cell)]
    return notebook


@pytest.fixture(scope="module", params=UNITS)
def graded(request, tmp_path_factory) -> Graded:
    """Make and grade a class: the solution, the untouched release, each mistake, each other right answer."""
    unit, folder = request.param, tmp_path_factory.mktemp("course")
    begin_course(folder, unit)
    nbgrader(folder, "generate_assignment", unit)
    release = nbformat.read(folder / "course" / unit / f"{unit}.ipynb", as_version=4)

    hand_in(folder, unit, "solution", nbformat.read(ROOT / "solutions" / unit / f"{unit}.ipynb", as_version=4))
    hand_in(folder, unit, "untouched", release)
    expected: dict[str, dict[str, str]] = {"solution": {e.name: "" for e in exercises(unit)}}
    mistakes = {e.name: e.mistakes() for e in exercises(unit)}
    for number in range(max(map(len, mistakes.values()))):
        made = {name: known[number] for name, known in mistakes.items() if number < len(known)}
        hand_in(folder, unit, f"mistake-{number}", answered(release, {name: m.source for name, m in made.items()}))
        expected[f"mistake-{number}"] = {name: m.key for name, m in made.items()}
    others = {e.name: list(e.other_answers().values()) for e in exercises(unit)}
    for number in range(max(map(len, others.values()))):
        given = {name: known[number] for name, known in others.items() if number < len(known)}
        hand_in(folder, unit, f"other-{number}", answered(release, given))
        expected[f"other-{number}"] = dict.fromkeys(given, "")
    chainrule(folder, "grade", unit)
    return Graded(unit, folder, expected)


def test_right_answers_earn_everything_and_mistakes_are_named(graded: Graded):
    for student, answers in graded.expected.items():
        scores, reports = graded.scores(student), graded.reports(student)
        for exercise, mistake in answers.items():
            cell = f"{exercise}-hidden"
            points, of = scores[cell]
            if mistake:
                assert points < of, (student, exercise)
                assert {c["mistake"] for c in reports[cell]["checks"] if c["mistake"]} == {mistake}, (student, exercise)
            else:
                assert points == of, (student, exercise, reports[cell])
                assert scores[f"{exercise}-check"][0] == scores[f"{exercise}-check"][1]


def test_the_untouched_release_earns_nothing_and_raises_nothing(graded: Graded):
    scores = graded.scores("untouched")
    assert set(scores) == {
        f"{e.name}-{kind}" for e in exercises(graded.unit) for kind in ("check", "hidden")
    } | TEXTS.get(graded.unit, set())
    assert not any(points for points, _ in scores.values())
    path = graded.folder / "autograded" / "untouched" / graded.unit / f"{graded.unit}.ipynb"
    for cell in nbformat.read(path, as_version=4).cells:
        assert not [o for o in cell.get("outputs", []) if o.output_type == "error"], cell_name(cell)


def test_each_cell_is_worth_what_its_checks_say(graded: Graded):
    reports = graded.reports("solution")
    for cell, (_, of) in graded.scores("solution").items():
        if cell in reports:
            assert reports[cell]["max_points"] == of


def test_the_marks_are_the_same_where_only_what_they_need_is_run(graded: Graded, tmp_path: Path):
    quick = Graded(graded.unit, tmp_path / "quick", graded.expected)
    shutil.copytree(graded.folder, quick.folder)
    whole = ("solution", "untouched")  # in the others there is nothing to put off
    chainrule(quick.folder, "grade", "--quick", graded.unit, *whole)
    for student in whole:
        assert quick.scores(student) == graded.scores(student), student
    path = Path("autograded", "solution", graded.unit, f"{graded.unit}.ipynb")
    assert (quick.folder / path).stat().st_size < (graded.folder / path).stat().st_size  # fewer outputs


@pytest.mark.parametrize("graded", ["01_training", "05_derivatives"], indirect=True, scope="module")
def test_the_marks_are_those_of_plain_nbgrader(graded: Graded, tmp_path: Path):
    """To the last point, cell by cell; a unit that uses NumPy, and one that uses SymPy."""
    plain = Graded(graded.unit, tmp_path / "plain", graded.expected)
    plain.folder.mkdir()
    begin_course(plain.folder, graded.unit)
    config = plain.folder / "nbgrader_config.py"
    ours = config.read_text(encoding="utf-8")
    config.write_text(ours.split("# Student code runs in the sandbox")[0], encoding="utf-8")
    nbgrader(plain.folder, "generate_assignment", graded.unit)
    shutil.copytree(graded.folder / "submitted", plain.folder / "submitted")
    nbgrader(plain.folder, "autograde", graded.unit, tries=3)
    for student in [*graded.expected, "untouched"]:
        assert graded.scores(student) == plain.scores(student), student


def test_feedback_and_export_work_on_the_result(graded: Graded):
    for student in ("solution", "mistake-0"):
        nbgrader(graded.folder, "generate_feedback", graded.unit, "--student", student)
        page = graded.folder / "feedback" / student / graded.unit / f"{graded.unit}.html"
        assert "chainrule-report" in page.read_text(encoding="utf-8")
    assert graded.mark_by_hand("untouched") == set()  # no text, no points: nothing to read
    assert graded.mark_by_hand("solution") == TEXTS.get(graded.unit, set())
    nbgrader(graded.folder, "export")
    with (graded.folder / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert float(rows["solution"]["score"]) == float(rows["solution"]["max_score"]) > 0
    assert float(rows["untouched"]["score"]) == 0


def test_the_release_is_the_one_that_is_committed(graded: Graded):
    """What plain nbgrader makes from the source is what `chainrule build` put into course/."""
    made, committed = (
        nbformat.read(root / "course" / graded.unit / f"{graded.unit}.ipynb", as_version=4)
        for root in (graded.folder, ROOT)
    )
    assert [cell.source for cell in made.cells] == [cell.source for cell in committed.cells]
    assert {path.name for path in (graded.folder / "course" / graded.unit).iterdir()} == {
        path.name for path in (ROOT / "course" / graded.unit).iterdir() if not path.name.startswith(".")
    }
