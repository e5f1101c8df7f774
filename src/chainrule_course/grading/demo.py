"""Make a class of any size, as teachers have them: right, mistaken, unfinished, broken and hostile submissions."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from chainrule_course.checks.mistakes import RECORD
from chainrule_course.errors import UserError
from chainrule_course.exercises import other_answers, read_exercises
from chainrule_course.grading.assignment import exercise_of
from chainrule_course.grading.course import CONFIG
from chainrule_course.grading.hostile import HOSTILE, Class, Hostile
from chainrule_course.grading.run import Report
from chainrule_course.notebooks import cell_name, grading, notebook_bytes, read_notebook

ANSWERS = "tests/course/answers"
"""Where a checkout keeps right answers in other words."""


@dataclass(frozen=True)
class Student:
    """A student of the demonstration.

    Attributes
    ----------
    name : str
        Says what the student does: "solved-003", "mistaken-017", "hostile-loop".
    content : bytes
        The notebook as it is handed in.
    hostile : Hostile or None
        What must come of it, for a hostile or broken one.
    """

    name: str
    content: bytes
    hostile: Hostile | None = None


def make_course(root: Path, unit: str, folder: Path) -> None:
    """Make a teacher's folder that holds one unit of the course at `root`, with nothing handed in yet.

    Raises
    ------
    UserError
        If there is something in `folder`, or the unit is not built.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UserError(f"{folder} is not empty.", "Give a new folder for the demonstration.")
    if not (root / "course" / unit / f"{unit}.ipynb").is_file():
        raise UserError(f"{unit} is not built.", f"Run: chainrule build {unit}")
    for step in ("source", "course"):
        shutil.copytree(root / step / unit, folder / step / unit, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    record = root / "course" / unit / RECORD
    if record.is_file():
        shutil.copy(record, folder / "source" / unit)
    if (root / CONFIG).is_file():
        shutil.copy(root / CONFIG, folder)


def make_class(root: Path, unit: str, students: int, bombs: bool, seed: int = 0) -> list[Student]:
    """Make the submissions of a class; a tenth of it is hostile or broken.

    Parameters
    ----------
    root : path
        The course.
    unit : str
        Name of the unit.
    students : int
        How many.
    bombs : bool
        Whether to let in those that harm a machine without a sandbox.
    seed : int
        Another number, another class.
    """
    own = Class(read_notebook(root / "course" / unit / f"{unit}.ipynb"), read_exercises(root, unit))
    answers = root / ANSWERS / f"{unit}.py"
    right = {one.name: [one.solution, *other_answers(answers, one.name).values()] for one in own.exercises}
    wrong = {one.name: [mistake.source for mistake in one.mistakes()] for one in own.exercises}
    empty = {one.name: one.stub for one in own.exercises}
    generator = random.Random(seed)
    chosen = [hostile for hostile in HOSTILE if bombs or not hostile.bomb]
    generator.shuffle(chosen)
    made = []
    for number in range(max(students // 10, students > 2)):
        hostile, turn = chosen[number % len(chosen)], number // len(chosen)
        made.append(Student(f"hostile-{hostile.name}{f'-{turn + 1}' * bool(turn)}", hostile.make(own), hostile))
    digits = len(str(students))
    for number in range(1, students - len(made) + 1):
        kind = generator.choices(("solved", "mistaken", "unfinished"), (4, 5, 1))[0]
        certain = generator.choice([name for name in right if wrong[name]])  # who is mistaken is so somewhere
        given = {}
        for name in right:
            slip = kind == "mistaken" and wrong[name] and (name == certain or generator.random() < 0.3)
            gap = kind == "unfinished" and (name == certain or generator.random() < 0.4)
            given[name] = empty[name] if gap else generator.choice(wrong[name] if slip else right[name])
        content = notebook_bytes(own.answered(given))
        made.append(Student(f"{kind}-{number:0{digits}}", content))
    return made


def hand_in(folder: Path, unit: str, student: Student) -> None:
    """Put a student's notebook where nbgrader collects it."""
    place = folder / "submitted" / student.name / unit
    place.mkdir(parents=True)
    (place / f"{unit}.ipynb").write_bytes(student.content)


def worth(root: Path, unit: str) -> list[float]:
    """Return what each exercise of a unit is worth, in order."""
    points: dict[str, float] = {one.name: 0 for one in read_exercises(root, unit)}
    for cell in read_notebook(root / "course" / unit / f"{unit}.ipynb").cells:
        if grading(cell).get("grade") and exercise_of(cell_name(cell)) in points:
            points[exercise_of(cell_name(cell))] += grading(cell)["points"]
    return list(points.values())


def faults(students: list[Student], report: Report, worth: list[float]) -> dict[str, str]:
    """Return what is not as it must be: student → one line."""
    results = {graded.student: graded for graded in report.students}
    found = {}
    for student in students:
        if student.hostile and student.name in results:
            graded = results[student.name]
            fault = student.hostile.fault(graded.points, {told.kind for _, told in graded.troubles}, worth)
            if fault:
                found[student.name] = f"{student.hostile.does}; {fault}"
    return found
