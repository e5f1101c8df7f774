"""A learner's notebook is checked as it stands: reports, points, and what went wrong, in the learner's own lines."""

import copy
import json
import sys
from pathlib import Path

import nbformat
import pytest

from chainrule_course import kernel
from chainrule_course.check_notebook import CheckedNotebook, check_notebook
from chainrule_course.errors import UserError

from .toy import Course

GOOD = "def double(x):\n    return 2 * x"


class Learner:
    """A learner's copy of the toy unit."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notebook = nbformat.read(path, as_version=4)

    def answers(self, source: str, before: str = "", after: str = "") -> "Learner":
        """Solve `double` with `source`; put cells right before and after that."""
        index = next(i for i, cell in enumerate(self.notebook.cells) if cell.id == "double")
        self.notebook.cells[index].source = source
        for place, text, name in ((index + 1, after, "after"), (index, before, "before")):
            if text:
                self.notebook.cells.insert(place, nbformat.v4.new_code_cell(text, metadata={"name": name}))
        return self

    def check(self, timeout: float = 30, source: Path | None = None) -> CheckedNotebook:
        nbformat.write(self.notebook, self.path)
        before = self.path.read_bytes()
        checked = check_notebook(self.path, timeout, source)
        assert self.path.read_bytes() == before
        assert sorted(path.name for path in self.path.parent.iterdir()) == sorted(
            ["01_toy.ipynb", "diagnoses.json", "dot.png"]
        )
        return checked


@pytest.fixture
def learner(copied: Course) -> Learner:
    return Learner(copied.root / "course/01_toy/01_toy.ipynb")


def points(checked: CheckedNotebook) -> tuple[float, float]:
    return checked.points, checked.max_points


def test_an_untouched_notebook_earns_nothing_and_runs_to_its_end(learner: Learner):
    checked = learner.check()
    assert points(checked) == (0, 1)
    assert [report.unsolved for report in checked.reports] == [True]
    assert checked.troubles == []
    assert not checked.passed


def test_a_right_answer_earns_all_beside_a_long_output_and_a_warning(learner: Learner):
    checked = learner.answers(GOOD, "import sys\nprint('y' * 3_000_000)", "print('hm', file=sys.stderr)").check()
    assert points(checked) == (1, 1)
    assert checked.passed


def test_a_mistake_is_named_from_the_record_beside_the_notebook(learner: Learner):
    checked = learner.answers("def double(x):\n    return x**2").check()
    assert points(checked) == (0, 1)
    assert checked.reports[0].mistakes == {"squared": "This is the square."}


def test_what_goes_wrong_is_told_with_cell_and_line_and_the_rest_goes_on(learner: Learner):
    learner.answers(GOOD, "x = 1\nraise ValueError('first\\nsecond')", "while True:\n    pass")
    learner.notebook.cells.append(nbformat.v4.new_code_cell("def (:"))
    checked = learner.check(timeout=1)
    assert points(checked) == (1, 1)
    assert [trouble.replace("line 1", "line 2") for trouble in checked.troubles] == [
        "cell 3 (before), line 2: ValueError: first",
        "cell 5 (after), line 2: took longer than 1 s",
        f"cell {len(learner.notebook.cells)}, line 2: SyntaxError: invalid syntax",
    ]
    assert not checked.passed


def test_a_function_that_never_ends_is_found_inside_the_check(learner: Learner):
    checked = learner.answers("def double(x):\n    while x:\n        pass").check(timeout=1)
    assert points(checked) == (0, 1)
    (trouble,) = checked.troubles
    assert trouble.startswith("cell 4 (double-check), line 3: took longer than 1 s (in cell double, line ")


def test_what_was_earned_before_python_ended_counts(learner: Learner, built: Course):
    learner.answers(GOOD)
    exits = nbformat.v4.new_code_cell("import os\nos._exit(0)")
    hidden = next(i for i, cell in enumerate(learner.notebook.cells) if cell.id == "double-hidden")
    learner.notebook.cells.insert(hidden, exits)
    checked = learner.check(source=built.root)
    assert points(checked) == (1, 3)
    assert checked.troubles == [
        "cell 5: the Python kernel died here: the cell ended Python, or used up the memory",
        "the cells after it did not run; what was earned before it counts",
    ]


def test_a_cell_that_cannot_be_interrupted_is_killed(learner: Learner, monkeypatch):
    monkeypatch.setattr(kernel, "GRACE", 0.3)
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass"
    checked = learner.answers(GOOD, before=stubborn).check(timeout=0.5)
    assert points(checked) == (0, 1)
    assert checked.troubles[0] == "cell 3 (before): took longer than 0.5 s and could not be interrupted"


def test_a_check_cell_that_shows_no_true_report_loses_its_points(learner: Learner):
    learner.answers(GOOD)
    check = next(cell for cell in learner.notebook.cells if cell.id == "double-check")
    again = copy.deepcopy(check)
    check.source = check.source.replace("check.report()", "check.report();")
    again.id = "again"
    again.source = (
        "# Checks(\nfrom IPython.display import display\n"
        'display({"application/vnd.chainrule.report+json": {"functions": ["double"], "checks": 5}}, raw=True)'
    )
    learner.notebook.cells.append(again)
    checked = learner.check()
    assert points(checked) == (0, 2)
    assert [trouble.split(": ", 1)[1] for trouble in checked.troubles] == 2 * [
        "shows no report. Does it end in check.report()?"
    ]


def test_with_the_source_the_hidden_checks_run_too(learner: Learner, built: Course):
    learner.answers("def double(x):\n    return abs(2 * x)")
    learner.notebook.cells = [cell for cell in learner.notebook.cells if cell.id != "picture"]
    checked = learner.check(source=built.root)
    assert points(checked) == (2, 3)
    hidden = checked.reports[1]
    assert [(result.label, result.passed) for result in hidden.results] == [
        ("of a secret number", True),
        ("of minus one", False),
    ]
    assert "8128" not in hidden.text


def test_a_renamed_notebook_without_its_hidden_cells_gets_them_from_the_source(learner: Learner, built: Course):
    learner.answers(GOOD)
    learner.notebook.cells = [cell for cell in learner.notebook.cells if cell.id != "double-hidden"]
    nbformat.write(learner.notebook, learner.path.with_name("mine.ipynb"))
    checked = check_notebook(learner.path.with_name("mine.ipynb"), 30, built.root / "source")
    assert points(checked) == (3, 3)


def test_a_source_that_is_not_there_is_told(learner: Learner, tmp_path: Path, built: Course, monkeypatch):
    with pytest.raises(UserError, match="There is no folder"):
        learner.check(source=tmp_path / "nowhere")
    with pytest.raises(UserError, match="No course in"):
        learner.check(source=tmp_path)
    learner.notebook.metadata["chainrule"]["built_from"] = "source/09_else/09_else.py"
    with pytest.raises(UserError, match=r"there is no .*source/09_else/09_else\.py\. Give another --source"):
        learner.check(source=built.root)
    monkeypatch.setitem(sys.modules, "chainrule_course.build.source", None)
    with pytest.raises(UserError, match=r"pip install \"chainrule\[grade\]\""):
        learner.check(source=built.root)


def test_a_notebook_without_checks_is_refused_before_anything_runs(learner: Learner, monkeypatch):
    monkeypatch.setattr(kernel.Kernel, "__enter__", lambda self: pytest.fail("a kernel was started"))
    learner.notebook.cells = learner.notebook.cells[:2]
    with pytest.raises(UserError, match=r"01_toy\.ipynb has no checks\. Give a notebook of the course"):
        learner.check()


def test_progress_counts_the_cells(learner: Learner):
    seen: list[tuple[int, int, str]] = []
    nbformat.write(learner.notebook, learner.path)
    check_notebook(learner.path, 30, None, lambda *now: seen.append(now))
    assert [name for _, _, name in seen] == ["title", "setup", "double", "double-check", "double-hidden", "picture"]
    assert json.dumps([done for done, _, _ in seen]) == "[0, 1, 2, 3, 4, 5]"
