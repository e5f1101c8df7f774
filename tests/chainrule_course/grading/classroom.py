"""A small course of one unit with a class, for the tests of the grader."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from chainrule_course.build.source import read_source
from chainrule_course.grading import course as courses
from chainrule_course.grading import runner
from chainrule_course.grading.backends import Backend, Threads
from chainrule_course.grading.jobs import Execution, Job, Limits
from chainrule_course.grading.run import Grader, Report
from chainrule_course.notebooks import Notebook, cell_name, notebook_bytes

from ..toy import ANSWER, HIDDEN, SETUP, TITLE, VISIBLE

ROOT = Path(__file__).resolve().parents[3]
UNIT = "01_toy"

TRIPLE = "".join((ANSWER, VISIBLE, HIDDEN)).replace("double", "triple").replace("twice", "three times")
TRIPLE = (
    TRIPLE.replace("return 2 * x", "return 3 * x").replace("expected=6", "expected=9").replace("x + x", "x + x + x")
)

ESSAY = (
    '# %% [markdown] nbgrader={"grade": true, "grade_id": "essay", "locked": false, "points": 4, "schema_version": 3,'
    ' "solution": true, "task": false}\n# Why?\n\n'
)

SOURCE = TITLE + SETUP + ANSWER + VISIBLE + HIDDEN + TRIPLE + ESSAY

RIGHT = {
    "double": "def double(x):\n    return x * 2",
    "triple": "def triple(x):\n    return x * 3",
    "essay": "Because of the chain rule.",
}


class Classroom:
    """A teacher's folder.

    Parameters
    ----------
    root : path
        The folder, which is made.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.release: Notebook = None

    def begin(self, text: str = SOURCE, config: str = "") -> Classroom:
        """Make the folder with a unit, known to the gradebook, and nothing handed in."""
        source = self.root / "source" / UNIT
        source.mkdir(parents=True)
        (source / f"{UNIT}.py").write_text(text, encoding="utf-8")
        (source / f"{UNIT}.ipynb").write_bytes(notebook_bytes(read_source(source / f"{UNIT}.py")))
        (source / "numbers.txt").write_text("1 2 3\n")
        shutil.copy(ROOT / "nbgrader_config.py", self.root)
        with (self.root / "nbgrader_config.py").open("a") as file:
            file.write(config)
        self.nbgrader("generate_assignment", UNIT)
        self.release = nbformat.read(self.root / "course" / UNIT / f"{UNIT}.ipynb", as_version=4)
        return self

    def copy(self, root: Path) -> Classroom:
        """Return a copy of the whole folder."""
        shutil.copytree(self.root, root)
        other = Classroom(root)
        other.release = self.release
        return other

    def answered(self, answers: dict[str, str]) -> Notebook:
        """Return the release with answers."""
        notebook = copy.deepcopy(self.release)
        for one in notebook.cells:
            one.source = answers.get(cell_name(one), one.source)
        return notebook

    def hand_in(self, student: str, work: Notebook | bytes | dict[str, str], unit: str = UNIT, **files: str) -> Path:
        """Put a student's work where nbgrader collects it; return the folder."""
        folder = self.root / "submitted" / student / unit
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(work, dict) and "cells" not in work:
            work = self.answered(work)
        (folder / f"{unit}.ipynb").write_bytes(work if isinstance(work, bytes) else notebook_bytes(work))
        for name, text in files.items():
            (folder / name.replace("_txt", ".txt")).write_text(text)
        return folder

    def nbgrader(self, *args: str, status: int = 0) -> str:
        """Run an nbgrader command as a teacher does."""
        ran = subprocess.run(
            [sys.executable, "-m", "nbgrader", *args],
            cwd=self.root,
            env={**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == status, ran.stdout[-2000:] + ran.stderr[-4000:]
        return ran.stdout + ran.stderr

    def grade(self, *students: str, execute=runner.execute, again: bool = False, workers: int = 2, **limits) -> Report:
        """Grade as `chainrule grade` does, in this process."""
        return self.grade_with(Threads(execute, workers), *students, again=again, **limits)

    def grade_with(self, backend: Backend, *students: str, again: bool = False, **limits) -> Report:
        """Grade on a backend."""
        course = courses.open_course(self.root)
        grader = Grader(course, UNIT, Limits(**{"timeout": 60, **limits}), backend, runner.isolation_here()[0])
        return grader.grade(courses.find_students(course, UNIT, list(students)), again)

    def chainrule(self, *args: str, **options) -> subprocess.CompletedProcess[str]:
        """Run ``chainrule …`` as a process of its own."""
        code = "from chainrule_course.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, *args],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            **options,
        )

    def scores(self, student: str, unit: str = UNIT) -> dict[str, float | None]:
        """Return what the gradebook has: cell → points (None where the teacher must look)."""
        return {name: row[0] for name, row in self.rows(student, unit).items()}

    def rows(self, student: str, unit: str = UNIT) -> dict[str, tuple]:
        """Return all that the gradebook has of a student: cell → what nbgrader's autograde decides."""
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "chainrule") as book:
            found: dict[str, tuple] = {}
            submission = book.find_submission(unit, student)
            found[""] = (submission.timestamp, submission.total_seconds_late)
            for notebook in submission.notebooks:
                found[notebook.name] = (notebook.late_submission_penalty, notebook.needs_manual_grade, notebook.score)
                for grade in notebook.grades:
                    found[grade.name] = (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
                for comment in notebook.comments:
                    found[f"{comment.name} (comment)"] = (comment.auto_comment,)
            return found

    def graded(self, student: str) -> Notebook:
        """Return the notebook in ``autograded/``."""
        return nbformat.read(self.root / "autograded" / student / UNIT / f"{UNIT}.ipynb", as_version=4)

    def marks(self) -> dict[str, dict[str, tuple]]:
        """Return all that the gradebook has of everybody."""
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "chainrule") as book:
            students = [each.student_id for each in book.assignment_submissions(UNIT)]
        return {student: self.rows(student) for student in sorted(students)}


def quick(job: Job, isolation: str = "none") -> Execution:
    """Execute nothing: give each graded cell 1 point if the notebook holds "right", else an error."""
    notebook = nbformat.reads(job.notebook, as_version=4)
    right = "return x *" in job.notebook
    for one in notebook.cells:
        if one.cell_type == "code" and one.metadata.get("nbgrader", {}).get("grade"):
            output = (
                nbformat.v4.new_output("execute_result", {"text/plain": "1"}, execution_count=1)
                if right
                else nbformat.v4.new_output("error", ename="E", evalue="wrong", traceback=[])
            )
            one.outputs = [output]
    return Execution(notebook_bytes(notebook).decode(), (), 0.01, "none")
