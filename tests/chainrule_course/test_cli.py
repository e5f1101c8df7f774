"""The command line: help for newcomers, one line for each error, results on stdout, messages on stderr."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule_course.build
from chainrule_course import check_notebook, cli, course_folder
from chainrule_course import lab as lab_module
from chainrule_course.errors import CourseError, UserError

from .toy import Course, Ran, command

COMMANDS = tuple(cli._parser()[1])


class TestHelp:
    @pytest.mark.parametrize("args", [(), ("-h",), ("--help",)])
    def test_the_overview_names_each_command_and_status(self, run, args):
        ran = run(*args)
        assert (ran.status, ran.err) == (0, "")
        for name in (*COMMANDS, "start here", "exit status", "130"):
            assert name in ran.out

    @pytest.mark.parametrize("name", COMMANDS)
    def test_each_command_has_examples_that_are_understood(self, run, name: str):
        ran = run(name, "--help")
        assert (ran.status, ran.err) == (0, "")
        examples = re.findall(r"^  chainrule (.+?)(?:  +#.*)?$", ran.out, re.MULTILINE)
        assert len(examples) >= 3
        for example in examples:
            assert cli._parse(example.split()).command == name

    def test_the_version(self, run):
        assert re.fullmatch(r"chainrule \d+\.\d+\.\d+\S*\n", run("--version").out)
        assert run("-V").out == run("--version").out


WRONG = {
    ("buidl",): "There is no command 'buidl'. Did you mean build?",
    ("x",): "There is no command 'x'. There are lab, check, build, ",
    ("build", "--chek"): "'--chek' is not understood. Did you mean --check?",
    ("build", "--frob"): "'--frob' is not understood. There are --help, --check, --timeout.",
    ("--frob",): "'--frob' is not understood. There are --help, --version.",
    ("lab", "a", "b"): "'b' is one argument too many. `chainrule lab --help` lists them.",
    ("check",): "The following arguments are required: NOTEBOOK. `chainrule check --help` shows how it is used.",
    ("feedback",): "The following arguments are required: UNIT. `chainrule feedback --help` shows how it is used.",
    ("check", "a", "--timeout", "0"): "a whole number is needed, 1 or more, not '0'",
    ("check", "a", "--timeout", "soon"): "a whole number is needed, 1 or more, not 'soon'",
    ("lab", "--port", "70000"): "a whole number is needed, 1 to 65535, not '70000'",
    ("lab", "--port"): "Argument --port: expected one argument.",
    ("check", "nowhere.ipynb"): "There is no file nowhere.ipynb. Give the path of a notebook (.ipynb).",
    ("check", "."): ". is a folder. Give the path of a notebook (.ipynb).",
    ("build",): "No course in ",
    ("build", "1", "--check"): "No course in ",
}


@pytest.mark.parametrize(("args", "says"), WRONG.items(), ids=map(" ".join, WRONG))
def test_wrong_input_gets_one_line_and_status_2(run, tmp_path: Path, monkeypatch, args, says: str):
    monkeypatch.chdir(tmp_path)
    ran = run(*args)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("chainrule: ")
    assert says in ran.err
    assert ran.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


class TestErrors:
    """Whatever a command runs into, it is told in a line."""

    @pytest.mark.parametrize(
        ("error", "status", "says"),
        [
            (UserError("Wrong.", "Mend it."), 2, "chainrule: Wrong. Mend it.\n"),
            (CourseError("Wrong."), 1, "chainrule: Wrong.\n"),
            (CourseError("Bad.", "See.", "  line [red]\n  line"), 1, "chainrule: Bad.\n  line [red]\n  line\nSee.\n"),
            (OSError(errno.ENOSPC, "No space left", "/a/b"), 2, "chainrule: /a/b: No space left.\n"),
            (OSError("odd"), 2, "chainrule: odd.\n"),
            (cli.Interrupted(130), 130, "chainrule: Interrupted; nothing is left half written.\n"),
        ],
    )  # fmt: skip
    def test_an_error(self, run, monkeypatch, error: BaseException, status: int, says: str):
        def fail(*_):
            raise error

        monkeypatch.setattr(course_folder, "find_root", fail)
        ran = run("build")
        assert (ran.status, ran.out, ran.err) == (status, "", says)

    def test_without_the_grade_extra_the_advice_says_how_to_get_it(self, run, monkeypatch):
        monkeypatch.delattr(chainrule_course, "build")
        monkeypatch.setitem(sys.modules, "chainrule_course.build", None)
        ran = run("build")
        assert ran.status == 2
        assert 'pip install "chainrule[grade]"' in ran.err


class TestLab:
    @pytest.fixture
    def learner(self, tmp_path: Path, built: Course, monkeypatch):
        monkeypatch.setattr(course_folder, "shipped_course", lambda: built.root / "course")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_copying_only(self, run, learner: Path):
        ran = run("lab", "--copy-only")
        assert ran == Ran(0, "Your course is in chainrule-course: 1 new notebook.\n", "")
        assert (learner / "chainrule-course/01_toy/01_toy.ipynb").exists()
        assert run("lab", "--copy-only").out == "Your course is in chainrule-course: nothing new.\n"
        (learner / "chainrule-course/01_toy/dot.png").unlink()
        assert run("lab", "--copy-only").out == (
            "restored  01_toy/dot.png\nYour course is in chainrule-course: 1 file changed.\n"
        )

    def test_from_inside_the_folder_it_is_that_folder(self, run, learner: Path, monkeypatch):
        run("lab", "mine", "--copy-only")
        monkeypatch.chdir(learner / "mine/01_toy")
        assert run("lab", "--copy-only").out == f"Your course is in {learner / 'mine'}: nothing new.\n"
        assert not (learner / "mine/01_toy/chainrule-course").exists()

    def test_opening_passes_the_options_on(self, run, learner: Path, monkeypatch):
        seen = []
        monkeypatch.setattr(lab_module, "open_lab", lambda *args: seen.append(args))
        ran = run("lab", "mine", "--no-browser", "--port", "8890")
        assert (ran.status, seen) == (0, [(Path("mine"), ["--no-browser", "--port=8890"])])
        assert ran.err == "Opening JupyterLab. Press Ctrl-C here twice to end it.\n"

    def test_a_file_in_the_way(self, run, learner: Path):
        (learner / "chainrule-course").write_text("mine")
        ran = run("lab")
        assert ran == Ran(
            2, "", "chainrule: chainrule-course is a file. Give a folder; it is made if it is not there.\n"
        )


class TestCheck:
    def test_the_report(self, run, copied: Course):
        path = copied.root / "course/01_toy/01_toy.ipynb"
        text = (
            path.read_text().replace("# YOUR CODE HERE\\n", "return x**2\\n").replace("raise NotImplementedError()", "")
        )
        path.write_text(text)
        ran = run("check", str(path))
        assert ran.status == 1
        assert ran.out.splitlines() == [
            "double (checks): 0 of 1 points",
            "  ✗ of three",
            "      a different value",
            "      expected 6",
            "      got      9",
            "  → This is the square.",
            "Together: 0 of 1 points",
        ]
        assert ran.err == ""  # no progress where there is no terminal

    def test_all_points_give_status_0_and_other_alphabets_are_no_obstacle(self, copied: Course):
        ran = copied.run("check", "solutions/01_toy/01_toy.ipynb", PYTHONIOENCODING="ascii")
        assert ran.returncode == 0
        assert ran.stdout.splitlines()[-2:] == ["  ? of minus one", "Together: 3 of 3 points"]

    def test_trouble_is_shown_as_it_is_written(self, run, monkeypatch):
        checked = check_notebook.CheckedNotebook(troubles=["cell 3: [red]x[/red]"], missed=2)
        monkeypatch.setattr(check_notebook, "check_notebook", lambda *_: checked)
        assert run("check", "n.ipynb") == Ran(1, "! cell 3: [red]x[/red]\nTogether: 0 of 2 points\n", "")

    def test_a_reader_that_goes_away_is_no_error(self, copied: Course):
        with subprocess.Popen(
            command("check", "course/01_toy/01_toy.ipynb"),
            cwd=copied.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as ran:
            ran.stdout.close()
            assert ran.stderr.read() == b""


class TestBuild:
    @pytest.fixture
    def builder(self, monkeypatch, copied: Course):
        """The command `build` in a course, with the building itself replaced."""
        copied.write("02_next")
        monkeypatch.chdir(copied.root)
        calls: list[tuple[str, str, float]] = []

        def build_unit(root, unit, show, timeout):
            calls.append(("build", unit, timeout))
            return 6

        def check_unit(root, unit, show, timeout):
            calls.append(("check", unit, timeout))
            return DIFFERENCES.get(unit, [])

        monkeypatch.setattr(chainrule_course.build, "build_unit", build_unit)
        monkeypatch.setattr(chainrule_course.build, "check_unit", check_unit)
        return calls

    def test_all_units_are_built(self, run, builder):
        ran = run("build", "--timeout", "7")
        assert builder == [("build", "01_toy", 7), ("build", "02_next", 7)]
        assert ran.status == 0
        assert [line.split(" (")[0] for line in ran.out.splitlines()] == [
            "01_toy: built, 6 cells",
            "02_next: built, 6 cells",
            "course: SYLLABUS.md and ERRATA.md written",
        ]
        assert ran.err == ""

    def test_some_are_checked(self, run, builder):
        ran = run("build", "--check", "1")
        assert builder == [("check", "01_toy", 120)]
        assert (ran.status, ran.err) == (0, "")
        assert ran.out.startswith("01_toy: is up to date (")

    def test_differences_are_listed_and_give_status_1(self, run, builder, copied: Course):
        (copied.root / "course/09_old").mkdir()
        ran = run("build", "--check")
        assert ran.status == 1
        assert [line.split(" (")[0] for line in ran.out.splitlines()] == [
            "01_toy: is up to date",
            "02_next: differs",
            "course/09_old: there is no source/09_old; remove it",
            *DIFFERENCES["02_next"],
            "course/SYLLABUS.md: is missing",
            "course/ERRATA.md: is missing",
        ]
        assert ran.err == "Run `chainrule build`, look at what it changes, and commit it.\n"


DIFFERENCES = {"02_next": ["course/02_next/02_next.ipynb, cell a: its text differs"]}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_there_is_progress_and_it_goes_away(built: Course):
    import pty

    ours, theirs = pty.openpty()
    ran = subprocess.Popen(
        command("build", "--check", "1"),
        cwd=built.root,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
    out, _ = ran.communicate(timeout=60)
    assert ran.returncode == 0
    assert re.fullmatch(r"01_toy: is up to date \(\d+\.\d s\)\n", out)
    assert "of 6 cells" in shown.decode()
    assert re.search("setup|double-check|release", shown.decode())  # on a fast machine the last step only is drawn
    assert shown.decode().endswith("\x1b[2K")  # the line is cleared


def test_signals_that_are_ignored_stay_ignored(monkeypatch, built: Course):
    code = (
        "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from chainrule_course import cli\n"
        "cli.build = None; cli._parse = lambda argv: os.kill(os.getpid(), signal.SIGHUP) or exit(5)\ncli.main()"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=False)
    assert ran.returncode == 5
