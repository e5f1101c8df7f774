"""A student's page: the gradebook's numbers, the mistake and where it is explained; nothing hidden, nobody else."""

import re
from pathlib import Path

import nbformat
import pytest

from chainrule_course.errors import UserError
from chainrule_course.reports import open_gradebook, write_feedback
from chainrule_course.reports.pages import points

from .classes import HIDDEN_LINES, NAMES, UNIT, Page, book, nbgrader

GRADED = ("ada", "bob", "eve", "mal")


@pytest.fixture
def pages(classroom: Path) -> dict[str, Page]:
    write_feedback(open_gradebook(), UNIT)
    return {student: page(classroom, student) for student in GRADED}


def page(folder: Path, student: str) -> Page:
    return Page((folder / "feedback" / student / UNIT / f"{UNIT}.html").read_text(encoding="utf-8"))


class TestMarks:
    @pytest.mark.parametrize("student", GRADED)
    def test_they_are_those_of_the_gradebook(self, pages, classroom: Path, student: str):
        rows = {row[0].split(" (")[0]: row[1:] for row in pages[student].table("Marks")}
        with book(classroom) as gradebook:
            submission = gradebook.find_submission_notebook(UNIT, UNIT, student)
            grades = {grade.name: grade for grade in submission.grades}
            for title, cells in {
                "double": ["double-check", "double-hidden"],
                "halve": ["test_halve"],
                "essay": ["essay"],
            }.items():
                shown = [value for value in rows[title] if value]
                assert shown[-2] == points(sum(grades[name].score for name in cells))
                assert shown[-1] == points(sum(grades[name].max_score for name in cells))
            total = max(0, submission.score - (submission.late_submission_penalty or 0))
            assert [value for value in rows["Together"] if value] == [points(total), points(submission.max_score)]
            assert pages[student].soup.select_one(".score strong").get_text() == points(total)

    def test_automatic_manual_and_extra_points_stand_apart(self, pages):
        head, *rows = pages["ada"].table("Marks")
        assert head[:6] == ["Exercise", "Automatic", "By hand", "Extra", "Points", "Of"]
        assert next(row for row in rows if row[0] == "essay")[1:6] == ["–", "3.5", "0.5", "4", "4"]

    def test_the_late_penalty_is_shown_and_taken_off(self, pages):
        rows = {row[0]: row[1:] for row in pages["bob"].table("Marks")}
        assert rows["Handed in late"][0] == "−0.75"
        assert float(rows["Sum"][0]) - 0.75 == float(rows["Together"][0])
        assert "1 d late" in pages["bob"].text

    def test_what_waits_for_the_teacher_is_said(self, pages):
        assert "not marked yet" in pages["bob"].text
        assert "The marks may change" in pages["bob"].text
        assert "The marks may change" not in pages["ada"].text


class TestHelp:
    def test_the_mistake_is_named_with_the_section_that_explains_it(self, pages):
        exercise = pages["bob"].soup.select_one("article")
        assert "Likely mistake: This is the square." in exercise.get_text()
        assert "Where this is explained: Twice as much" in exercise.get_text()
        formula = exercise.select_one("details math[display=block]")
        assert formula.get_text() == "y=2x"

    def test_who_has_all_points_is_spared_the_explanation(self, pages):
        assert "Where this is explained" not in pages["ada"].soup.select_one("article").get_text()

    def test_what_was_expected_and_what_came_stand_side_by_side(self, pages):
        facts = pages["bob"].soup.select_one(".checks dl")
        assert [part.get_text() for part in facts.find_all(["dt", "dd"])] == ["expected", "6", "yours gave", "9"]

    def test_the_teachers_comment_is_rendered(self, pages):
        comment = pages["bob"].soup.select_one(".comment")
        assert comment.select_one("math").get_text() == "2x"
        assert "your" in [bold.get_text() for bold in comment.find_all("strong")]

    def test_what_nbgrader_notes_by_itself_is_not_put_into_the_teachers_mouth(self, pages):
        assert "Your teacher says" not in pages["eve"].text
        notes = [" ".join(note.get_text(" ").split()) for note in pages["eve"].soup.select(".comment")]
        assert set(notes) <= {"Noted while grading: No response."}

    def test_trouble_with_the_whole_notebook_comes_first(self, classroom: Path):
        path = classroom / "autograded" / "eve" / UNIT / f"{UNIT}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        troubles = [
            {"cell": "", "kind": "unreadable", "message": "it is cut off"},
            {"cell": "setup", "kind": "timeout", "message": "took longer than 60 s"},
            {"cell": "x", "kind": "died", "message": "it said secret_argument = 4711"},
            "nonsense",
        ]
        notebook.metadata["chainrule"] = {"grading": {"seconds": "soon", "troubles": troubles}}
        path.chmod(0o644)
        nbformat.write(notebook, path)
        write_feedback(open_gradebook(), UNIT)
        shown = page(classroom, "eve")
        assert shown.soup.select_one("main > .hint").get_text() == "it is cut off"
        assert "setup : took longer than 60 s" in shown.text
        assert "secret_argument" not in shown.html

    def test_the_students_own_code_and_figures_are_there(self, pages):
        assert "return x**2" in pages["bob"].soup.select_one("article pre code").get_text()
        assert pages["bob"].soup.select_one("figure img")["src"].startswith("data:image/png;base64,")
        assert "Because x 2 grows." in pages["ada"].text

    def test_an_untouched_exercise_is_called_that(self, pages):
        assert "Not solved yet." in pages["eve"].text

    def test_a_foreign_test_shows_its_output_but_no_code(self, pages):
        exercise = pages["bob"].soup.select("article")[1]
        assert "Test test_halve: 0 of 2" in " ".join(exercise.get_text(" ").split())
        assert "half of 4" in exercise.get_text()
        assert "AssertionError: odd numbers, too" in exercise.get_text()


class TestPrivacy:
    @pytest.mark.parametrize("student", GRADED)
    def test_hidden_tests_are_never_shown(self, pages, student: str):
        for secret in HIDDEN_LINES:
            assert secret not in pages[student].html, secret

    def test_an_output_that_repeats_them_is_withheld(self, pages, classroom: Path):
        autograded = (classroom / "autograded" / "mal" / UNIT / f"{UNIT}.ipynb").read_text()
        assert autograded.count("8128") > 1  # the attack works: stock nbgrader lets student code read them
        assert autograded.count("secret_argument = 4711") > 1
        assert pages["mal"].text.count("An output is not shown here") == 3  # printed, displayed, raised

    @pytest.mark.parametrize("student", GRADED)
    def test_nobody_else_is_named(self, pages, student: str):
        for other, (first, last) in NAMES.items():
            if other != student:
                assert not re.search(rf"\b{other}\b", pages[student].text)
                assert first not in pages[student].html
                assert last not in pages[student].html


class TestHostileOutput:
    def test_nothing_of_it_can_run_or_ask_another_host(self, pages):
        soup = pages["mal"].soup
        for tag in ("script", "iframe", "object", "embed", "form", "input", "link", "base", "svg[onload]"):
            assert not soup.select(tag), tag
        assert len(soup.find_all("style")) == 1
        for tag in soup.find_all(True):
            assert not [name for name in tag.attrs if name.startswith("on")], tag
            assert "style" not in tag.attrs
            assert not re.match(r"\s*javascript:", tag.get("href", ""), re.IGNORECASE)
            assert tag.get("href", "#").startswith("#")
            assert tag.get("src", "data:image/").startswith("data:image/")

    def test_what_is_harmless_of_it_is_kept(self, pages):
        text = pages["mal"].text
        assert "bold" in text
        assert "</pre><script>alert(8)</script>" in text  # as the text it is
        assert "Mallory <script>alert(9)</script>" in text

    def test_the_page_forbids_scripts_and_other_hosts(self, pages):
        policy = pages["mal"].soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
        assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
        assert "unsafe" not in policy


class TestFiles:
    def test_nbgrader_releases_and_fetches_them(self, pages, classroom: Path):
        for folder, mode in (("exchange", 0o777), ("cache", 0o700)):
            (classroom / folder).mkdir()
            (classroom / folder).chmod(mode)
        config = classroom / "nbgrader_config.py"
        text = config.read_text()
        for kind in ("root", "cache"):
            folder = classroom / {"root": "exchange", "cache": "cache"}[kind]
            text += f"c.Exchange.{kind} = {str(folder)!r}\n"
        config.write_text(text)
        nbgrader(classroom, "release_feedback", UNIT)
        # what `nbgrader submit` leaves with a student
        kept = classroom / "cache" / "toy" / f"ada+{UNIT}+2026-11-02 10:00:00.000000 UTC"
        kept.mkdir(parents=True)
        (kept / f"{UNIT}.ipynb").write_text("{}")
        (kept / "submission_secret.txt").write_text("secret of ada")
        home = classroom / "ada"
        home.mkdir()
        nbgrader(home, "fetch_feedback", UNIT, "--course", "toy", f"--Exchange.root={classroom / 'exchange'}",
                 f"--Exchange.cache={classroom / 'cache'}", f"--Exchange.assignment_dir={home}")  # fmt: skip
        fetched = [path.read_text() for path in home.rglob(f"{UNIT}.html")]
        assert fetched == [pages["ada"].html]

    def test_nbgraders_own_feedback_leaves_them_alone_and_can_replace_them(self, pages, classroom: Path):
        nbgrader(classroom, "generate_feedback", UNIT)
        assert page(classroom, "ada") == pages["ada"]
        nbgrader(classroom, "generate_feedback", UNIT, "--force")
        assert page(classroom, "ada") != pages["ada"]
        assert len(write_feedback(open_gradebook(), UNIT).written) == 4
        assert page(classroom, "ada") == pages["ada"]

    def test_a_second_run_writes_only_what_changed(self, pages, classroom: Path):
        again = write_feedback(open_gradebook(), UNIT)
        assert (again.written, len(again.unchanged)) == ([], 4)
        with book(classroom) as gradebook:
            gradebook.find_comment("double", UNIT, UNIT, "bob").manual_comment = "Better now."
            gradebook.db.commit()
        again = write_feedback(open_gradebook(), UNIT)
        assert [path.parent.parent.name for path in again.written] == ["bob"]
        assert not list(classroom.rglob(".*.html.*"))

    def test_some_students_only(self, classroom: Path):
        seen = []
        write_feedback(open_gradebook(), UNIT, ["bob"], lambda *args: seen.append(args))
        assert [path.name for path in (classroom / "feedback").iterdir()] == ["bob"]
        assert seen == [(0, 1, "bob")]

    def test_the_gradebook_is_not_touched(self, classroom: Path):
        before = (classroom / "gradebook.db").read_bytes()
        write_feedback(open_gradebook(), UNIT)
        assert (classroom / "gradebook.db").read_bytes() == before


class TestWhatIsNotThere:
    def test_who_was_not_graded_is_told(self, classroom: Path):
        assert write_feedback(open_gradebook(), UNIT).ungraded == ["dora"]

    def test_an_unreadable_notebook_is_told_and_the_others_are_done(self, classroom: Path):
        path = classroom / "autograded" / "bob" / UNIT / f"{UNIT}.ipynb"
        path.chmod(0o644)
        path.write_text(path.read_text()[:1000])
        done = write_feedback(open_gradebook(), UNIT)
        assert len(done.written) == 3
        assert [problem.split(":")[0] for problem in done.problems] == ["bob"]
        assert not (classroom / "feedback" / "bob").exists()

    def test_an_unknown_student_is_an_error_before_anything_is_written(self, classroom: Path):
        with pytest.raises(UserError, match=r"no student 'adda'\. Did you mean ada\?"):
            write_feedback(open_gradebook(), UNIT, ["bob", "adda"])
        assert not (classroom / "feedback").exists()

    def test_nothing_graded_is_an_error(self, classroom: Path):
        with pytest.raises(UserError, match=r"Nothing of 01_toy is graded yet for tom\. Run `chainrule grade"):
            write_feedback(open_gradebook(), UNIT, ["tom"])

    def test_without_the_release_the_students_own_text_explains(self, classroom: Path):
        (classroom / "course" / UNIT / f"{UNIT}.ipynb").unlink()
        write_feedback(open_gradebook(), UNIT)
        shown = page(classroom, "bob")
        assert "Where this is explained: Twice as much" in shown.text
        for secret in HIDDEN_LINES:
            assert secret not in shown.html
            assert secret not in page(classroom, "mal").html
