"""Building makes the release and the solutions, the same bytes each time, and leaves the old files when it fails."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from chainrule_course.build import build_unit, check_unit, orphans
from chainrule_course.errors import CourseError, UserError

from .toy import ROOT, TITLE, TOY, Course, cell, command

UNIT = "01_toy"


def quiet(*_: object) -> None:
    """Show no progress."""


def notebook(course: Course, folder: str) -> nbformat.NotebookNode:
    return nbformat.read(course.root / folder / UNIT / f"{UNIT}.ipynb", as_version=4)


def cells(course: Course, folder: str) -> dict[str, nbformat.NotebookNode]:
    return {cell.id: cell for cell in notebook(course, folder).cells}


def assert_no_stage(course: Course) -> None:
    assert {path.name for path in course.root.iterdir()} <= {"source", "course", "solutions", "nbgrader_config.py"}


class TestWhatIsBuilt:
    def test_each_folder_has_its_files(self, built: Course):
        unit = {"01_toy.ipynb", "diagnoses.json", "dot.png"}
        assert set(built.files()) == {f"{f}/{UNIT}/{name}" for f in ("course", "solutions", "source") for name in unit}
        assert_no_stage(built)

    def test_students_get_neither_solutions_nor_hidden_tests_nor_mistakes(self, built: Course):
        release = cells(built, "course")
        assert release["double"].source.endswith("# YOUR CODE HERE\n    raise NotImplementedError()")
        assert '"""Return twice x."""' in release["double"].source
        assert release["double-hidden"].source == "# Your teacher checks double here."
        everything = "".join(path.read_text("utf-8", "ignore") for path in (built.root / "course").rglob("*.*"))
        for secret in ("2 * x", "8128", "x + x", "x**2", "BEGIN", "END SOLUTION"):
            assert secret not in everything

    def test_the_release_has_no_outputs_and_is_locked_where_it_must_be(self, built: Course):
        release = cells(built, "course")
        assert all(not c.outputs and c.execution_count is None for c in release.values() if c.cell_type == "code")
        assert release["double-check"].metadata["editable"] is False
        assert release["double"].metadata["deletable"] is False
        assert "checksum" in release["double-check"].metadata["nbgrader"]

    def test_solutions_have_outputs_and_no_markers(self, built: Course):
        solved = cells(built, "solutions")
        assert solved["double"].source == 'def double(x):\n    """Return twice x."""\n    return 2 * x'
        assert "8128" in solved["double-hidden"].source
        assert not any(re.search("(BEGIN|END) ", c.source) for c in solved.values())
        assert solved["setup"].outputs[0].text == "ready\n"
        assert [solved[name].outputs[-1].data["text/plain"] for name in ("double-check", "double-hidden")] == ["1", "2"]
        assert "image/png" in solved["picture"].outputs[0].data
        assert [c.execution_count for c in solved.values() if c.cell_type == "code"] == [1, 2, 3, 4, 5]

    def test_mistakes_are_recorded_for_the_visible_checks(self, built: Course):
        record = json.loads((built.root / "course" / UNIT / "diagnoses.json").read_text())
        assert record == {
            "double": [
                {"key": "squared", "of": "double", "says": "This is the square.", "does": {"of three": [{"value": 9}]}}
            ]
        }

    @pytest.mark.parametrize("folder", ["course", "solutions"])
    def test_both_are_valid_notebooks_that_say_where_they_come_from(self, built: Course, folder: str):
        nbformat.validate(notebook(built, folder))
        metadata = notebook(built, folder).metadata
        assert metadata["chainrule"]["built_from"] == f"source/{UNIT}/{UNIT}.py"
        assert metadata["kernelspec"]["name"] == "python3"

    def test_nothing_of_this_machine_is_stored(self, built: Course):
        for name, data in built.files().items():
            for trace in (str(built.root), sys.prefix, str(Path.home()) + "/", "/tmp"):
                assert trace.encode() not in data, name


class TestSecondBuild:
    def test_the_same_source_gives_the_same_bytes(self, built: Course, copied: Course):
        (copied.root / "course" / UNIT / "left-over.csv").write_text("1")
        (copied.root / "course/ERRATA.md").write_text("stays")
        shutil.rmtree(copied.root / "solutions")
        assert build_unit(copied.root, UNIT, quiet) == 6
        files = copied.files()
        assert files.pop("course/ERRATA.md") == b"stays"
        assert files == built.files()

    def test_plain_nbgrader_makes_the_same_release_and_copies_no_source(self, copied: Course):
        shutil.copy(ROOT / "nbgrader_config.py", copied.root)
        before = {name: data for name, data in copied.files().items() if name.startswith("course/")}
        (copied.root / "course" / UNIT / f"{UNIT}.ipynb").write_text("{}")
        subprocess.run(
            [sys.executable, "-m", "nbgrader", "generate_assignment", UNIT, "--force"],
            cwd=copied.root,
            check=True,
            capture_output=True,
        )
        assert {str(p.relative_to(copied.root)) for p in (copied.root / "course").rglob("*.*")} == set(before)
        assert {name: data for name, data in copied.files().items() if name.startswith("course/")} == before

    def test_the_settings_for_nbgrader_count_for_the_build(self, copied: Course):
        (copied.root / "nbgrader_config.py").write_text(
            'c = get_config()\nc.ClearSolutions.code_stub = {"python": "# Your turn."}\n'
        )
        text = TITLE + TOY[TOY.index("# %% nbgrader") : TOY.index("# %% nbgrader", TOY.index("return 2 * x"))]
        copied.write(text=text)
        build_unit(copied.root, UNIT, quiet)
        assert cells(copied, "course")["double"].source.endswith("# Your turn.")

    def test_settings_that_fail_are_told(self, copied: Course):
        before = copied.files()
        (copied.root / "nbgrader_config.py").write_text("c = get_config()\nc.Oops = missing\n")
        copied.write(text=TITLE)
        with pytest.raises(UserError, match=r"nbgrader_config.py fails: NameError: name 'missing' is not defined"):
            build_unit(copied.root, UNIT, quiet)
        assert copied.files() == before


class TestCheck:
    def test_a_change_of_the_source_is_named_by_its_cells(self, copied: Course):
        before = copied.files()
        copied.write(text=TOY.replace("Write `double`.", "Please write `double`.").replace("'ready'", "'steady'"))
        assert check_unit(copied.root, UNIT, quiet) == [
            "course/01_toy/01_toy.ipynb, cell title: its text differs",
            "course/01_toy/01_toy.ipynb, cell setup: its text differs",
            "solutions/01_toy/01_toy.ipynb, cell title: its text differs",
            "solutions/01_toy/01_toy.ipynb, cell setup: its text and output differ",
        ]
        assert copied.files() == before
        assert_no_stage(copied)

    def test_what_was_built_from_a_unit_that_is_gone_is_named(self, copied: Course):
        assert orphans(copied.root) == []
        for folder in ("course", "solutions"):
            (copied.root / folder / "02_gone").mkdir()
        (copied.root / "course/images").mkdir()
        assert orphans(copied.root) == [
            f"{folder}/02_gone: there is no source/02_gone; remove it" for folder in ("course", "solutions")
        ]


def boom(source: str, **options: object) -> str:
    """A unit with one cell named boom."""
    return TITLE + cell("boom", source, **options)


BEFORE = TITLE.count("\n")
"""Lines of such a unit before that cell."""

FAILING = {
    "raises": (boom("x = 1\n1 / 0"), f"cell boom: ZeroDivisionError: division by zero. See {{path}}:{BEFORE + 3}."),
    "loops": (boom("while True:\n    pass"), "cell boom: took longer than 1 s. Make it faster"),
    "ends python": (boom("import os\nos._exit(1)"), "cell boom: the Python kernel died here"),
    "prints without end": (boom("print('y' * 10**7)"), "cell boom: writes more than 2 MB of output. Print less."),
    "warns": (boom("import warnings\nwarnings.warn('hm')"), "UserWarning: hm\" to stderr."),
    "address": (boom("print(object())"), 'differs from run to run or machine to machine'),
    "path": (boom("import sys\nsys.prefix"), f'its output holds "{sys.prefix}"'),
    "large figure": (
        boom("import random, IPython\nIPython.display.Image(open('dot.png', 'rb').read() + random.randbytes(70_000))"),
        "cell boom: its figure has 70 kB, more than 60.",
    ),
    "no report": (boom("1 + 1", points=1), "cell boom: a graded cell must end in check.report()."),
    "wrong solution": (
        TOY.replace("return 2 * x", "return 3 * x"),
        "cell double-check: the solution earns 0 of 1 points (of three: a different value). Mend the solution",
    ),
    "points differ": (TOY.replace('points=2, hidden', 'points=3, hidden'), "cell double-hidden: Checks(points=3) but"),
    "mistake without end": (
        TOY.replace("return x**2", "import os\n    os._exit(1)" ),
        "its mistakes can't be recorded: the Python kernel died here",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), FAILING.values(), ids=FAILING.keys())
def test_a_unit_that_does_not_build_leaves_the_old_files(copied: Course, text: str, says: str):
    path = copied.write(text=text)
    before = copied.files()
    with pytest.raises(CourseError) as caught:
        build_unit(copied.root, UNIT, quiet, timeout=1 if "while True" in text else 60)
    assert says.format(path=path) in str(caught.value)
    assert str(caught.value).startswith("01_toy")
    assert "\n" not in str(caught.value)
    assert copied.files() == before
    assert_no_stage(copied)


def test_a_failing_cell_is_shown_with_a_traceback_of_its_own_lines(copied: Course):
    copied.write(text=boom("def inner(n):\n    return inner(n - 1) if n else 1 / n\n\n\ninner(60)"))
    ran = copied.run("build")
    assert ran.returncode == 1
    assert ran.stdout == ""
    lines = ran.stderr.splitlines()
    assert lines[0] == "chainrule: 01_toy, cell boom: ZeroDivisionError: division by zero."
    assert lines[1:4] == ["Traceback (most recent call last):", "  cell boom, line 5", "    inner(60)"]
    assert lines[-1] == f"See {copied.root}/source/01_toy/01_toy.py:{BEFORE + 6}."
    assert len(lines) < 30
    assert "\x1b" not in ran.stderr


def test_a_cell_that_is_meant_to_fail_may(tmp_path: Path):
    course = Course(tmp_path)
    course.write(text=boom("raise ValueError('as expected')", tags=["raises-exception"]))
    build_unit(tmp_path, UNIT, quiet)
    assert cells(course, "solutions")["boom"].outputs[0].evalue == "as expected"
    assert check_unit(tmp_path, UNIT, quiet) == []


def test_a_cell_marked_by_hand_needs_no_report_and_widgets_leave_no_random_ids(tmp_path: Path):
    course = Course(tmp_path)
    text = boom("from ipywidgets import IntSlider\nIntSlider(3)") + cell("essay", "'my answer'", 4, solution=True)
    text = text.replace("'my answer'", "### BEGIN SOLUTION\n'my answer'\n### END SOLUTION")
    course.write(text=text)
    build_unit(tmp_path, UNIT, quiet)
    assert set(cells(course, "solutions")["boom"].outputs[0].data) == {"text/plain"}
    assert check_unit(tmp_path, UNIT, quiet) == []


def test_files_that_cannot_be_replaced_are_told_and_nothing_changes(copied: Course):
    shutil.rmtree(copied.root / "solutions")
    (copied.root / "solutions").write_text("a file")
    copied.write(text=TITLE)
    before = copied.files()
    with pytest.raises(UserError, match=r"Cannot replace .*solutions/01_toy: .* All is as it was before\."):
        build_unit(copied.root, UNIT, quiet)
    assert copied.files() == before
    assert_no_stage(copied)


def test_a_file_beside_the_source_that_cannot_be_read_is_told(copied: Course):
    (copied.root / "source" / UNIT / "data.csv").symlink_to("nowhere.csv")
    with pytest.raises(CourseError, match=r"data\.csv can't be copied: .*No such file"):
        build_unit(copied.root, UNIT, quiet)
    assert_no_stage(copied)


def test_progress_tells_the_cell_that_runs(copied: Course):
    seen: list[tuple[int, int, str]] = []
    build_unit(copied.root, UNIT, lambda *now: seen.append(now))
    names = ["title", "setup", "double", "double-check", "double-hidden", "picture", "release"]
    assert seen == [(done, 6, name) for done, name in enumerate(names)]


# Interrupts ----------------------------------------------------------------------------------------------------------


SLOW = TITLE + cell(
    "slow",
    """
import os, pathlib, time
flag = pathlib.Path(os.environ["FLAG"])
if not flag.exists():
    flag.with_suffix(".part").write_text(str(os.getpid()))
    flag.with_suffix(".part").rename(flag)
    time.sleep(100)
""",
)


def start_slow_build(course: Course, flag: Path) -> tuple[subprocess.Popen[str], int]:
    """Start a build that never ends; return it and the process id of its kernel."""
    course.write(text=SLOW)
    ran = subprocess.Popen(
        command("build"),
        cwd=course.root,
        env={**os.environ, "FLAG": str(flag)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 60
    while not flag.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return ran, int(flag.read_text())


def assert_ends(pid: int) -> None:
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return
        except OSError:
            return
        time.sleep(0.1)
    pytest.fail(f"the kernel {pid} outlives the build")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
class TestInterrupted:
    @pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_an_interrupt_leaves_all_as_it_was(self, copied: Course, tmp_path: Path, number: int, status: int):
        before = copied.files()
        ran, kernel = start_slow_build(copied, tmp_path / "flag")
        ran.send_signal(number)
        out, err = ran.communicate(timeout=30)
        assert (ran.returncode, out) == (status, "")
        assert err == "chainrule: Interrupted; nothing is left half written.\n"
        assert copied.files() == before
        assert_no_stage(copied)
        assert_ends(kernel)

    def test_after_a_kill_the_next_build_cleans_up(self, copied: Course, tmp_path: Path):
        flag = tmp_path / "flag"
        ran, kernel = start_slow_build(copied, flag)
        ran.kill()
        ran.communicate(timeout=30)
        assert (copied.root / ".chainrule-build").exists()
        assert_ends(kernel)
        ran = copied.run("build", FLAG=str(flag))
        assert (ran.returncode, ran.stderr) == (0, "")
        assert_no_stage(copied)
        assert "slow" in cells(copied, "course")
