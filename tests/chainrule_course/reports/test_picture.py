"""The teacher's picture: counts and marks are the gradebook's, and the anonymous one tells on nobody."""

import re
import statistics
from pathlib import Path

import nbformat
import numpy as np
import pytest
import sqlalchemy

from chainrule_course.errors import UserError
from chainrule_course.reports import classroom as module
from chainrule_course.reports import open_gradebook, read_classroom, write_overview, write_picture
from chainrule_course.reports.anonymity import LEAST, SMALLEST, merge, pseudonym, tally
from chainrule_course.reports.pages import points

from .classes import NAMES, UNIT, Page, add_copies, book, nbgrader


def named(folder: Path, name: str = f"{UNIT}.html") -> Page:
    return Page((folder / "report" / name).read_text(encoding="utf-8"))


class TestUnit:
    @pytest.fixture
    def page(self, classroom: Path) -> Page:
        write_picture(open_gradebook(), UNIT)
        return named(classroom)

    def test_the_students_marks_are_those_of_the_export(self, page, classroom: Path):
        nbgrader(classroom, "export")
        exported = {}
        for line in (classroom / "grades.csv").read_text().splitlines()[1:]:
            fields = line.split(",")
            exported[fields[3]] = float(fields[-2])
        rows = {row[0]: row for row in page.table("The students")}
        for student in ("ada", "bob", "mal"):
            assert rows[" ".join(NAMES[student])][1] == points(exported[student])

    def test_the_spread_of_marks_in_picture_and_table(self, page, classroom: Path):
        with book(classroom) as gradebook:
            shares = [
                100 * max(0, s.score - s.late_submission_penalty) / s.max_score
                for s in gradebook.assignment_submissions(UNIT)
                if s.student.id != "dora"
            ]
        rows = page.table("How did it go?")[1:]
        assert sum(int(row[1]) for row in rows) == len(shares) == 4
        assert int(rows[0][1]) == sum(share < 10 for share in shares)
        assert int(rows[-1][1]) == sum(share >= 90 for share in shares)
        tiles = page.soup.select_one(".tiles").get_text(" ")
        assert f"{statistics.fmean(shares):.0f} %" in tiles
        assert f"{statistics.median(shares):.0f} %" in tiles
        chart = page.soup.select_one("svg[role=img]")["aria-label"]
        assert f"90 to 100 percent: {rows[-1][1]}" in chart

    def test_the_hardest_exercise_comes_first(self, page, classroom: Path):
        rows = page.table("Which exercises were hard?")[1:]
        shares = [float(row[1]) / float(row[2]) for row in rows]
        assert shares == sorted(shares)
        with book(classroom) as gradebook:
            scores = [
                gradebook.find_grade("test_halve", UNIT, UNIT, student).score
                for student in ("ada", "bob", "eve", "mal")
            ]
        halve = next(row for row in rows if row[0] == "halve")
        assert halve[1] == points(statistics.fmean(scores))

    def test_each_mistake_with_who_made_it(self, page):
        told = page.soup.select_one("ol.mistakes li")
        text = " ".join(told.get_text(" ").split())
        assert text.startswith("1 of 4 students double This is the square. Who? Bob Ross")

    def test_who_needs_the_teacher(self, page):
        rows = {row[0]: row[1] for row in page.table("What needs you?")}
        assert rows["Dora Explorer"] == "grading failed"
        assert rows["Bob Ross"] == "1 d late"
        assert "Not handed in (1): Tom Absent" in page.text
        assert "Waiting for marks by hand (1): Bob Ross" in page.text

    def test_it_links_to_feedback_that_is_there(self, classroom: Path):
        target = classroom / "feedback" / "ada" / UNIT / f"{UNIT}.html"
        target.parent.mkdir(parents=True)
        target.write_text("")
        write_picture(open_gradebook(), UNIT)
        links = [link["href"] for link in named(classroom).soup.select("main a")]
        assert [(classroom / "report" / link).resolve() for link in links] == [target]

    def test_names_that_are_code_stay_text(self, page):
        assert not page.soup.find_all("script")
        assert "Mallory <script>alert(9)</script>" in page.text

    def test_the_engines_record_is_read_where_there_is_one(self, classroom: Path):
        path = classroom / "autograded" / "ada" / UNIT / f"{UNIT}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata["chainrule"] = {
            "grading": {
                "seconds": 2.5,
                "troubles": [{"cell": "setup", "kind": "timeout", "message": "took longer than 60 s"}],
                "isolation": "full",
            }
        }
        path.chmod(0o644)
        nbformat.write(notebook, path)
        write_picture(open_gradebook(), UNIT)
        page = named(classroom)
        assert "1 notebook in 2.5 s of computing" in page.text
        assert {row[0]: row[1] for row in page.table("What needs you?")}[
            "Ada Lovelace"
        ] == "setup: took longer than 60 s"

    def test_marks_are_for_the_teachers_eyes(self, page, classroom: Path):
        assert (classroom / "report" / f"{UNIT}.html").stat().st_mode & 0o077 == 0

    def test_a_second_run_changes_nothing(self, page):
        assert write_picture(open_gradebook(), UNIT).written == []

    def test_nothing_graded_yet(self, classroom: Path):
        for student in NAMES:
            folder = classroom / "autograded" / student
            if folder.exists():
                (folder / UNIT / f"{UNIT}.ipynb").unlink(missing_ok=True)
        with pytest.raises(UserError, match="Nothing of 01_toy is graded yet"):
            write_picture(open_gradebook(), UNIT)
        with pytest.raises(UserError, match="Nothing is graded yet"):
            write_overview(open_gradebook())

    def test_an_unreadable_notebook_is_told(self, classroom: Path):
        path = classroom / "autograded" / "bob" / UNIT / f"{UNIT}.ipynb"
        path.chmod(0o644)
        path.write_text("{")
        write_picture(open_gradebook(), UNIT)
        rows = {row[0]: row[1] for row in named(classroom).table("What needs you?")}
        assert "not readable" in rows["Bob Ross"]

    def test_who_handed_in_again_is_told(self, classroom: Path):
        (classroom / "submitted" / "ada" / UNIT / "timestamp.txt").write_text("2026-11-09 10:00:00 UTC")
        room = read_classroom(open_gradebook(), UNIT)
        assert ("ada", "handed in again since it was graded") in room.troubles


class TestOverview:
    def test_each_unit_and_each_student(self, classroom: Path):
        made = write_overview(open_gradebook())
        assert [path.name for path in made.pages] == [f"{UNIT}.html", "index.html"]
        page = named(classroom, "index.html")
        row = page.table("Units")[1]
        assert [row[0], *row[2:5]] == [UNIT, "5", "4", "1"]
        assert page.soup.select_one("table a")["href"] == f"{UNIT}.html"
        ada = next(row for row in page.table("Students") if row[0] == "Ada Lovelace")
        assert ada[1] == ada[2] == "9"


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own add_submission
class TestAnonymous:
    COPIES = ("s1", "s2", "s3", "s4")

    @pytest.fixture
    def page(self, classroom: Path) -> Page:
        add_copies(classroom, "bob", list(self.COPIES[:2]))
        add_copies(classroom, "ada", list(self.COPIES[2:]))
        write_picture(open_gradebook(), UNIT, anonymous=True)
        return named(classroom, f"anonymous/{UNIT}.html")

    def test_nobody_is_named(self, page):
        for student, (first, last) in NAMES.items():
            assert not re.search(rf"\b{student}\b", page.html)
            for name in (first, last):
                assert name not in page.html
                assert name.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;") not in page.html
        assert not page.soup.select("main a")

    def test_no_number_is_about_fewer_than_three(self, page):
        assert all(int(row[1]) >= LEAST for row in page.table("How did it go?")[1:])
        bands = [row[1] for row in page.table("The students")[1:]]
        assert all(bands.count(band) >= LEAST for band in bands)
        mistakes = page.soup.select("ol.mistakes li > strong")
        assert mistakes[0].get_text() == "3 of 8 students"
        for row in page.table("Which exercises were hard?")[1:]:
            for number in row[-2:]:
                assert number in {"fewer than 3", "3", "4", "5", "more than 5"}
        assert "handed in late: fewer than 3" in page.text

    def test_a_mistake_of_fewer_than_three_is_only_counted(self, classroom: Path):
        add_copies(classroom, "bob", ["s1"])
        add_copies(classroom, "ada", ["s2", "s3", "s4"])
        write_picture(open_gradebook(), UNIT, anonymous=True)
        page = named(classroom, f"anonymous/{UNIT}.html")
        assert "This is the square." not in page.html
        assert "1, each made by fewer than 3 students." in page.text

    def test_a_pseudonym_lasts_and_hides_the_id(self, page):
        write_picture(open_gradebook(), UNIT, anonymous=True)
        rows = page.table("The students")[1:]
        key = open_gradebook().unit(UNIT).key
        assert {row[0] for row in rows} == {
            pseudonym(key, student) for student in ("ada", "bob", "eve", "mal", *self.COPIES)
        }
        assert pseudonym("another key", "ada") not in page.html

    def test_too_few_are_refused(self, classroom: Path):
        add_copies(classroom, "ada", ["s1"])
        with pytest.raises(UserError, match="5 graded, too few to be anonymous"):
            write_picture(open_gradebook(), UNIT, anonymous=True)
        with pytest.raises(UserError, match="No unit has 6 students graded"):
            write_overview(open_gradebook(), anonymous=True)

    @pytest.mark.parametrize("total", range(SMALLEST, 40))
    def test_a_tally_never_tells_of_fewer_than_three(self, total: int):
        texts = [tally(number, total) for number in range(total + 1)]
        for text in texts:
            if text.isdecimal():
                assert LEAST <= int(text) <= total - LEAST
            else:
                assert texts.count(text) >= LEAST

    def test_joined_bars_keep_everyone(self):
        rng = np.random.default_rng(3)
        for _ in range(300):
            counts = rng.integers(0, 4, size=10).tolist()
            edges, joined = merge(list(range(11)), counts)
            if sum(counts) < LEAST:
                assert joined == []
                continue
            assert sum(joined) == sum(counts)
            assert min(joined) >= LEAST
            assert (edges[0], edges[-1]) == (0, 10)
            assert edges == sorted(set(edges))


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_a_large_class_needs_few_queries(classroom: Path, monkeypatch):
    """The number of queries does not grow with the class."""

    def queries() -> int:
        seen = []
        sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", listener := lambda *args: seen.append(args))
        open_gradebook().unit(UNIT)
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", listener)
        return len(seen)

    before = queries()
    with book(classroom) as gradebook:
        for number in range(30):
            gradebook.add_student(f"s{number}")
            gradebook.add_submission(UNIT, f"s{number}")
    assert queries() == before
    assert module.read_classroom(open_gradebook(), UNIT).states["s7"] == "not handed in"
