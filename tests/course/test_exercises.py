"""Every exercise marks fairly: full marks for every right answer, a loss and the right name for every known mistake."""

import json

import pytest
from material import EXERCISES, ROOT, UNITS, Exercise

from chainrule_course.checks.mistakes import RECORD

MISTAKES = [pytest.param(e, m, id=f"{e.id}-{m.key}") for e in EXERCISES for m in e.mistakes()]
OTHERS = [pytest.param(e, s, id=f"{e.id}-{t}") for e in EXERCISES for t, s in e.other_answers().items()]
each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)


@pytest.fixture(autouse=True)
def _beside_the_notebook(request, monkeypatch):
    """Run where the notebook runs: beside the record of what the mistakes do on the visible examples."""
    exercise = request.node.callspec.params.get("exercise") if hasattr(request.node, "callspec") else None
    if exercise:
        monkeypatch.chdir(ROOT / "course" / exercise.unit)


@each_exercise
def test_the_solution_earns_everything(exercise: Exercise):
    for report in exercise.run():
        assert report.points == report.max_points, report.text
        assert repr(report) == f"{report.max_points:g}"


@each_exercise
def test_the_empty_exercise_earns_nothing_and_does_not_raise(exercise: Exercise):
    for report in exercise.run(exercise.stub):
        assert report.points == 0
        assert report.unsolved
        assert "not solved yet" in report.text


@each_exercise
def test_a_function_that_returns_nothing_earns_nothing(exercise: Exercise):
    names = exercise.run()[0].names
    answer = "\n".join(f"def {name}(*args, **kwargs):\n    return None" for name in names)
    for report in exercise.run(answer):
        assert report.points == 0, report.text


@each_exercise
def test_a_missing_function_is_told(exercise: Exercise):
    for report in exercise.run("pass"):
        assert report.points == 0
        assert f"no function named {exercise.run()[0].names[0]}" in report.text


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES)
def test_a_mistake_loses_points_and_is_named_without_values(exercise: Exercise, mistake):
    visible, hidden = exercise.run(mistake.source)
    assert hidden.points < hidden.max_points
    assert not any(result.expected or result.got for result in hidden.results)
    assert hidden.mistakes == {mistake.key: mistake.says}, hidden.text
    if visible.points < visible.max_points:  # told at once, from the record that students have
        assert mistake.key in visible.mistakes, visible.text


@pytest.mark.parametrize(("exercise", "answer"), OTHERS)
def test_a_right_answer_written_in_another_way_earns_everything(exercise: Exercise, answer: str):
    for report in exercise.run(answer):
        assert report.points == report.max_points, report.text
        assert not report.mistakes


@each_exercise
def test_there_are_at_least_two_other_right_answers(exercise: Exercise):
    assert len(exercise.other_answers()) >= 2


@pytest.mark.parametrize("unit", UNITS)
def test_the_record_for_students_holds_no_code(unit: str):
    text = (ROOT / "course" / unit / RECORD).read_text(encoding="utf-8")
    assert "def " not in text
    assert "lambda" not in text
    assert json.loads(text)
