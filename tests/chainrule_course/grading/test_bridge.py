"""What `chainrule grade` records is what stock `nbgrader autograde` would have recorded."""

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from chainrule_course.errors import UserError
from chainrule_course.grading import course as courses
from chainrule_course.grading import runner
from chainrule_course.grading.backends import Threads
from chainrule_course.grading.jobs import Limits
from chainrule_course.grading.nbgrader_bridge import read_record
from chainrule_course.grading.run import Grader
from chainrule_course.notebooks import cell_name

from .classroom import RIGHT, UNIT, Classroom, quick

WRONG = {**RIGHT, "double": "def double(x):\n    return x**2"}

STOCK = """
del c.Autograde.sanitize_preprocessors, c.Autograde.autograde_preprocessors
"""

LATE = """
c.AssignLatePenalties.plugin_class = "late.Half"
"""

PLUGIN = """
from nbgrader.plugins import BasePlugin


class Half(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2
"""


def due_yesterday(classroom: Classroom) -> None:
    with Gradebook(f"sqlite:///{classroom.root / 'gradebook.db'}", "chainrule") as book:
        book.update_or_create_assignment(UNIT, duedate="2026-01-01 12:00:00")


def a_class(classroom: Classroom) -> None:
    (classroom.root / "late.py").write_text(PLUGIN)
    with (classroom.root / "nbgrader_config.py").open("a") as file:
        file.write(LATE)
    due_yesterday(classroom)
    classroom.hand_in("anna", RIGHT, timestamp_txt="2026-01-01 11:00:00 UTC")
    classroom.hand_in("ben", WRONG, timestamp_txt="2026-01-02 11:00:00 UTC", numbers_txt="mine", notes_txt="hello")
    classroom.hand_in("carl", {})
    classroom.hand_in("dora", {**RIGHT, "triple": "raise KeyError"}, timestamp_txt="2026-01-01 12:30:00 +0100")


@pytest.fixture(scope="module")
def graded(empty_classroom: Classroom, tmp_path_factory) -> tuple[Classroom, Classroom]:
    """The same class, graded by stock nbgrader and by us."""
    stock = empty_classroom.copy(tmp_path_factory.mktemp("stock") / "kurs")
    ours = empty_classroom.copy(tmp_path_factory.mktemp("ours") / "kurs")
    for classroom in (stock, ours):
        a_class(classroom)
    with (stock.root / "nbgrader_config.py").open("a") as file:
        file.write(STOCK)
    stock.nbgrader("autograde", UNIT)
    ran = ours.chainrule("grade", "1", "--json", "report.json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return stock, ours


class TestLikeNbgrader:
    def test_the_gradebook_is_the_same_to_the_last_point(self, graded):
        stock, ours = graded
        assert ours.marks() == stock.marks()
        assert set(ours.marks()) == {"anna", "ben", "carl", "dora"}
        assert ours.rows("anna")["double-hidden"] == (2, None, False)
        assert ours.rows("ben")[UNIT][0] == ours.rows("ben")[UNIT][2] / 2 > 0  # late, and our own plugin was asked

    def test_the_files_are_the_same_with_the_same_permissions(self, graded):
        def files(classroom: Classroom) -> dict[str, tuple]:
            root = classroom.root / "autograded"
            return {
                path.relative_to(root).as_posix(): (
                    stat.S_IMODE(path.stat().st_mode),
                    path.read_bytes() if path.suffix == ".txt" else "",
                )
                for path in sorted(root.rglob("*"))
            }

        stock, ours = graded
        assert files(ours) == files(stock)
        assert files(ours)[f"ben/{UNIT}/numbers.txt"] == (0o444, b"1 2 3\n")  # the teacher's replaced ben's

    def test_the_notebooks_are_the_same_but_for_our_note(self, graded):
        stock, ours = graded
        for student in ("anna", "ben", "carl", "dora"):
            a, b = stock.graded(student), ours.graded(student)
            assert [cell_name(cell) for cell in a.cells] == [cell_name(cell) for cell in b.cells]
            for one, other in zip(a.cells, b.cells, strict=True):
                assert (one.source, one.metadata.get("nbgrader")) == (other.source, other.metadata.get("nbgrader"))
            noted = b.metadata.chainrule.grading
            assert set(noted) == {"fingerprint", "isolation", "seconds", "troubles"}

    def test_feedback_and_export_go_on(self, graded):
        _, ours = graded
        ours.nbgrader("generate_feedback", UNIT)
        assert (ours.root / "feedback" / "anna" / UNIT / f"{UNIT}.html").stat().st_size > 10_000
        ours.nbgrader("export")
        assert "anna" in (ours.root / "grades.csv").read_text()

    def test_the_report(self, graded):
        _, ours = graded
        report = json.loads((ours.root / "report.json").read_text())
        students = {each["student"]: each for each in report["students"]}
        assert (report["assignment"], report["max_points"], report["not_graded_yet"]) == (UNIT, 10, [])
        assert (students["anna"]["points"], students["anna"]["needs_manual_grade"]) == (6, True)
        assert students["dora"]["troubles"] == [
            {"notebook": UNIT, "cell": "triple", "kind": "raised", "message": "KeyError"}
        ]
        assert {each["state"] for each in students.values()} == {"graded"}


class TestManualGrades:
    def test_a_manual_grade_stays_and_needs_review_after_a_regrade(self, classroom: Classroom):
        classroom.hand_in("anna", RIGHT)
        classroom.grade(execute=quick)
        with Gradebook(f"sqlite:///{classroom.root / 'gradebook.db'}", "chainrule") as book:
            grade = book.find_grade("essay", UNIT, UNIT, "anna")
            assert (grade.auto_score, grade.needs_manual_grade) == (None, True)
            grade.manual_score, grade.needs_manual_grade = 3, False
            book.db.commit()
        (unchanged,) = classroom.grade(execute=quick).students
        assert (unchanged.state, unchanged.points, unchanged.needs_manual_grade) == ("unchanged", 7, False)
        (again,) = classroom.grade(execute=quick, again=True).students
        assert (again.state, again.points, again.needs_manual_grade) == ("graded", 7, True)
        assert classroom.rows("anna")["essay"] == (None, 3, True)


class TestFiles:
    def test_files_students_may_change_stay_theirs(self, classroom: Classroom):
        with (classroom.root / "nbgrader_config.py").open("a") as file:
            file.write(f'\nc.Autograde.exclude_overwriting = {{"{UNIT}": ["numbers.txt"]}}\n')
        classroom.hand_in("anna", RIGHT, numbers_txt="mine")
        classroom.grade(execute=quick)
        assert (classroom.root / "autograded" / "anna" / UNIT / "numbers.txt").read_text() == "mine"

    def test_links_out_of_the_submission_are_not_followed(self, classroom: Classroom):
        folder = classroom.hand_in("anna", RIGHT)
        (folder / "data.csv").symlink_to(classroom.root / "gradebook.db")
        (folder / "ok.csv").symlink_to(folder / f"{UNIT}.ipynb")
        (graded,) = classroom.grade(execute=quick).students
        assert [str(told) for _, told in graded.troubles] == ["data.csv is a link to somewhere else; left out"]
        place = classroom.root / "autograded" / "anna" / UNIT
        assert {path.name for path in place.iterdir()} == {f"{UNIT}.ipynb", "numbers.txt", "ok.csv"}

    def test_a_date_that_is_none_is_told(self, classroom: Classroom):
        classroom.hand_in("anna", RIGHT, timestamp_txt="yesterday-ish")
        (graded,) = classroom.grade(execute=quick).students
        assert "timestamp.txt is no date: 'yesterday-ish'" in str(graded.troubles[0][1])
        assert graded.points == 4

    def test_the_wrong_file_is_told_and_stops_nobody(self, classroom: Classroom):
        folder = classroom.hand_in("anna", RIGHT)
        (folder / f"{UNIT}.ipynb").rename(folder / "Untitled.ipynb")
        classroom.hand_in("ben", RIGHT)
        anna, ben = classroom.grade(execute=quick).students
        assert (anna.state, str(anna.troubles[0][1])) == ("failed", f"no {UNIT}.ipynb (handed in: Untitled.ipynb)")
        assert ben.points == 4


class TestHooks:
    def test_hooks_run_before_and_after(self, classroom: Classroom):
        (classroom.root / "hooks.py").write_text(
            "from pathlib import Path\n"
            "def before(assignment, student, notebooks):\n"
            "    Path(notebooks[0]).with_name('added.txt').write_text(student)\n"
            "def after(assignment, student, notebooks):\n"
            "    Path('seen.txt').write_text(f'{assignment} {student} {Path(notebooks[0]).is_file()}')\n"
        )
        with (classroom.root / "nbgrader_config.py").open("a") as file:
            file.write(
                '\nc.Autograde.pre_convert_hook = "hooks.before"\nc.Autograde.post_convert_hook = "hooks.after"\n'
            )
        classroom.hand_in("anna", RIGHT)
        sys.path.insert(0, str(classroom.root))  # as nbgrader does with the folder it is started in
        try:
            classroom.grade(execute=quick)
        finally:
            sys.path.remove(str(classroom.root))
        assert (classroom.root / "autograded" / "anna" / UNIT / "added.txt").read_text() == "anna"
        assert (classroom.root / "seen.txt").read_text() == f"{UNIT} anna True"

    def test_students_are_created_only_if_they_may_be(self, classroom: Classroom):
        with (classroom.root / "nbgrader_config.py").open("a") as file:
            file.write("\nc.Autograde.create_student = False\n")
        classroom.hand_in("anna", RIGHT)
        (graded,) = classroom.grade(execute=quick).students
        assert (graded.state, str(graded.troubles[0][1])) == ("failed", "there is no student 'anna' in the gradebook")
        assert classroom.marks() == {}
        assert not list((classroom.root / "autograded" / "anna").iterdir())


class TestUnchanged:
    @pytest.fixture
    def counted(self, classroom: Classroom):
        jobs = []

        def execute(job, isolation):
            jobs.append(job)
            return quick(job, isolation)

        classroom.hand_in("anna", RIGHT)
        classroom.hand_in("ben", WRONG)
        classroom.grade(execute=execute)
        assert len(jobs) == 2
        jobs.clear()
        return classroom, jobs, execute

    def test_nothing_is_executed_twice(self, counted):
        classroom, jobs, execute = counted
        before = classroom.marks()
        report = classroom.grade(execute=execute)
        assert (jobs, [each.state for each in report.students]) == ([], ["unchanged", "unchanged"])
        assert classroom.marks() == before

    @pytest.mark.parametrize(
        "what", ["notebook", "file", "the teacher's file", "release", "limits", "due", "autograded", "db"]
    )
    def test_whatever_changes_is_graded_again(self, counted, what: str):
        classroom, jobs, execute = counted
        limits = {}
        match what:
            case "notebook":
                classroom.hand_in("anna", {**RIGHT, "essay": "Other words."})
            case "file":
                classroom.hand_in("anna", RIGHT, notes_txt="new")
            case "the teacher's file":
                (classroom.root / "source" / UNIT / "numbers.txt").write_text("4")
            case "release":
                source = classroom.root / "source" / UNIT / f"{UNIT}.ipynb"
                source.write_text(source.read_text().replace("of minus one", "of less than nothing"))
                classroom.nbgrader("generate_assignment", UNIT, "--force")
            case "limits":
                limits = {"timeout": 7}
            case "due":
                due_yesterday(classroom)
            case "autograded":
                shutil.rmtree(classroom.root / "autograded" / "anna" / UNIT)
            case "db":
                with Gradebook(f"sqlite:///{classroom.root / 'gradebook.db'}", "chainrule") as book:
                    book.remove_submission(UNIT, "anna")
        report = classroom.grade(execute=execute, **limits)
        both = what in ("the teacher's file", "release", "limits", "due")
        assert [each.state for each in report.students] == ["graded", "graded" if both else "unchanged"]
        assert len(jobs) == 1 + both


def test_plain_nbgrader_uses_the_engine(classroom: Classroom):
    """As the formgrader's button does: through nbgrader_config.py."""
    release = classroom.answered(RIGHT)
    release.cells = [cell for cell in release.cells if cell_name(cell) != "double-hidden"]
    classroom.hand_in("anna", release)
    classroom.hand_in("ben", {**RIGHT, "triple": "import time\nwhile True:\n    time.sleep(1)"})
    with (classroom.root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Execute.timeout = 4\n")
    log = classroom.nbgrader("autograde", UNIT)
    assert "anna: double-hidden: this graded cell was deleted; it was put back and graded" in log
    assert "ben: triple: took longer than 4 s" in log
    assert classroom.scores("anna")["double-hidden"] == 2
    assert (classroom.scores("ben")["double-hidden"], classroom.scores("ben")["triple-hidden"]) == (2, 0)
    note = classroom.graded("ben").metadata.chainrule.grading
    assert note.isolation == runner.isolation_here()[0]
    assert [told["kind"] for told in note.troubles] == ["timeout"]


class TestForeignCourse:
    """nbgrader's own example course, of which Chainrule knows nothing."""

    @pytest.fixture(scope="class")
    def example(self, tmp_path_factory) -> Path:
        root = tmp_path_factory.mktemp("foreign")
        nbgrader = [sys.executable, "-m", "nbgrader"]
        path = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(root)}
        subprocess.run([*nbgrader, "quickstart", "example"], cwd=root, check=True, capture_output=True, env=path)
        stock = root / "example"
        answers = {"squares": "def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]"}
        for student in ("bitdiddle", "hacker"):
            folder = stock / "submitted" / student / "ps1"
            shutil.copytree(stock / "source" / "ps1", folder)
            if student == "hacker":
                (folder / "problem2.ipynb").unlink()
                notebook = nbformat.read(folder / "problem1.ipynb", as_version=4)
                for cell in notebook.cells:
                    cell.source = answers.get(cell_name(cell), cell.source)
                nbformat.write(notebook, folder / "problem1.ipynb")
        shutil.copytree(stock, root / "ours")
        subprocess.run([*nbgrader, "generate_assignment", "ps1"], cwd=stock, check=True, capture_output=True, env=path)
        subprocess.run([*nbgrader, "autograde", "ps1"], cwd=stock, check=True, capture_output=True, env=path)
        return root

    def test_its_marks_are_nbgraders(self, example: Path):
        course = courses.open_course(example / "ours")
        students = courses.find_students(course, courses.find_assignment(course, "ps1"), [])
        backend = Threads(runner.execute, 2)
        report = Grader(course, "ps1", Limits(), backend, runner.isolation_here()[0]).grade(students)
        assert report.entered  # nobody ran generate_assignment here
        assert [each.state for each in report.students] == ["graded", "graded"]

        def marks(folder: str) -> dict:
            with Gradebook(f"sqlite:///{example / folder / 'gradebook.db'}", "example") as book:
                return {
                    (student, notebook.name): (
                        notebook.score,
                        {g.name: (g.auto_score, g.needs_manual_grade) for g in notebook.grades},
                        {c.name: c.auto_comment for c in notebook.comments},
                    )
                    for student in students
                    for notebook in book.find_submission("ps1", student).notebooks
                }

        assert marks("ours") == marks("example")
        assert any(score for score, _, _ in marks("ours").values())
        assert {path.name for path in (example / "ours" / "autograded" / "hacker" / "ps1").iterdir()} == {
            "problem1.ipynb",
            "jupyter.png",
        }
        assert read_record(example / "ours" / "autograded" / "hacker" / "ps1" / "problem1.ipynb")["fingerprint"]


class TestSettings:
    def test_where_nbgrader_executes_nothing_neither_do_we(self, classroom: Classroom, tmp_path: Path):
        classroom.hand_in("anna", WRONG)
        with (classroom.root / "nbgrader_config.py").open("a") as file:
            file.write("\nc.Execute.enabled = False\n")
        stock = classroom.copy(tmp_path / "stock")
        with (stock.root / "nbgrader_config.py").open("a") as file:
            file.write(STOCK)
        stock.nbgrader("autograde", UNIT)
        classroom.grade(execute=quick)
        assert not any(cell.get("outputs") for cell in classroom.graded("anna").cells)
        assert classroom.marks() == stock.marks()

    def test_another_language_is_refused_in_one_line(self, classroom: Classroom):
        classroom.hand_in("anna", RIGHT)
        with Gradebook(f"sqlite:///{classroom.root / 'gradebook.db'}", "chainrule") as book:
            book.find_notebook(UNIT, UNIT).kernelspec = json.dumps({"name": "ir", "language": "R"})
            book.db.commit()
        with pytest.raises(UserError, match=r"01_toy\.ipynb is written in R; only Python is executed here"):
            classroom.grade(execute=quick)
