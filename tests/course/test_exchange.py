"""The whole round through nbgrader's exchange: release, fetch, submit, collect, grade, return.

Each person is a user of the system, where the machine allows it.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from classroom import begin_course
from material import exercises
from nbgrader.api import Gradebook
from people import Person, people

from chainrule_course.notebooks import cell_name, notebook_bytes

UNIT = "01_training"
FIRST = exercises(UNIT)[0]


@dataclass
class Round:
    """What is left when the round is over."""

    teacher: Person
    ada: Person
    ben: Person
    course: Path
    exchange: Path

    def submission(self, student: Person):
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}", "chainrule") as book:
            found = book.find_submission(UNIT, student.name)
            grades = {grade.name: grade.score for notebook in found.notebooks for grade in notebook.grades}
            return found.total_seconds_late, grades


def write(student: Person, answer: str) -> None:
    """Put an answer to the first exercise into the student's fetched notebook, and leave nothing but that exercise."""
    path = student.home / UNIT / f"{UNIT}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata or cell_name(cell) == "setup"]
    for cell in notebook.cells:
        if cell_name(cell) == FIRST.name:
            cell.source = answer
    path.write_bytes(notebook_bytes(notebook))


def submitted(exchange: Path, student: Person) -> list[Path]:
    """The submissions of a student in the exchange, oldest first."""
    return sorted((exchange / "chainrule" / "inbound").glob(f"{student.name}+{UNIT}+*"))


@pytest.fixture(scope="module")
def whole(has):
    """Play the round: ada submits a wrong and then a right answer, ben a wrong one, late."""
    users = has("users") and has("bwrap")
    if not users:
        warnings.warn("The round through the exchange is played by one user of the system.", stacklevel=2)
    with people("teacher", "ada", "ben", users=users) as (place, found):
        teacher, ada, ben = found.values()
        exchange = place / "exchange"
        exchange.mkdir()
        exchange.chmod(0o777)
        for person in found.values():
            settings = person.home / ".jupyter" / "nbgrader_config.py"
            settings.parent.mkdir()
            settings.write_text(
                f'c = get_config()\nc.Exchange.root = "{exchange}"\nc.CourseDirectory.course_id = "chainrule"\n'
            )
        course = teacher.home / "course"
        course.mkdir()
        begin_course(course, UNIT)
        for person in found.values():
            person.owns(person.home)

        teacher.nbgrader("generate_assignment", UNIT, folder=course)
        teacher.nbgrader("release_assignment", UNIT, folder=course)
        for student in (ada, ben):
            assert UNIT in student.nbgrader("list")
            student.nbgrader("fetch_assignment", UNIT)

        wrong = FIRST.mistakes()[0].source
        for answer in (wrong, FIRST.solution):
            write(ada, answer)
            ada.nbgrader("submit", UNIT)
        due = (submitted(exchange, ada)[-1] / "timestamp.txt").read_text().strip()
        teacher.nbgrader("db", "assignment", "add", UNIT, f"--duedate={due}", folder=course)
        write(ben, wrong)
        ben.nbgrader("submit", UNIT)

        teacher.nbgrader("collect", UNIT, folder=course)
        teacher.chainrule("grade", UNIT, folder=course)
        teacher.chainrule("feedback", UNIT, folder=course)
        teacher.nbgrader("release_feedback", UNIT, folder=course)
        for student in (ada, ben):
            student.nbgrader("fetch_feedback", UNIT)
        yield Round(teacher, ada, ben, course, exchange)


def test_the_last_submission_counts(whole: Round):
    assert len(submitted(whole.exchange, whole.ada)) == 2
    _, grades = whole.submission(whole.ada)
    assert [grades[f"{FIRST.name}-{kind}"] for kind in ("check", "hidden")] == [1, 2]
    assert sum(grades.values()) == 3


def test_a_late_submission_is_graded_and_its_lateness_told(whole: Round):
    late, grades = whole.submission(whole.ada)
    assert late == 0
    late, grades = whole.submission(whole.ben)
    assert late > 0
    assert sum(grades.values()) < 3


def feedback(student: Person) -> list[Path]:
    return sorted((student.home / UNIT / "feedback").glob(f"*/{UNIT}.html"))


def test_each_student_gets_the_feedback_on_their_own_last_submission(whole: Round):
    for student in (whole.ada, whole.ben):
        (page,) = feedback(student)
        last = (submitted(whole.exchange, student)[-1] / "timestamp.txt").read_text().strip()
        assert page.parent.name == last
    mine, other = (feedback(student)[0].read_text() for student in (whole.ada, whole.ben))
    assert "Likely mistake" in other
    assert "Likely mistake" not in mine


@pytest.mark.needs("users", "bwrap")
def test_no_student_can_read_what_others_handed_in_or_got_back(whole: Round):
    ada, ben = whole.ada, whole.ben
    course = whole.exchange / "chainrule"
    for shelf in ("inbound", "feedback"):
        assert "Permission denied" in ben.run("ls", course / shelf).stderr
        assert whole.teacher.run("ls", course / shelf).stdout
    for private in (ada.home / UNIT, whole.course / "gradebook.db", whole.course / "source"):
        assert "Permission denied" in ben.run("ls", private).stderr
        assert "Permission denied" not in ada.run("ls", ada.home / UNIT).stderr


@pytest.mark.needs("users", "bwrap")
def test_no_student_can_change_the_release(whole: Round):
    released = whole.exchange / "chainrule" / "outbound" / UNIT / f"{UNIT}.ipynb"
    assert whole.ben.run("cat", released).returncode == 0
    assert "Permission denied" in whole.ben.run("sh", "-c", f"echo >> '{released}'").stderr


def test_students_get_no_solution_and_no_hidden_check(whole: Round):
    for path in (whole.exchange / "chainrule" / "outbound" / UNIT).rglob("*"):
        assert path.suffix != ".py"
        assert "BEGIN HIDDEN TESTS" not in path.read_text()
        assert "BEGIN SOLUTION" not in path.read_text()
