"""Marks as CSV: what Moodle and Canvas ask for, quoted, and no formula for a spreadsheet."""

import csv
import io
from pathlib import Path

import pytest

from chainrule_course.errors import UserError
from chainrule_course.reports import export_marks, open_gradebook, read_classroom

from .classes import NAMES, UNIT, add_copies, book


@pytest.fixture
def room(classroom: Path):
    with book(classroom) as gradebook:
        gradebook.update_or_create_student("ada", lms_user_id="1017")
        gradebook.update_or_create_student("bob", lms_user_id="B-17", last_name="Ross,\nJr.")
    return read_classroom(open_gradebook(), UNIT)


def rows(room, kind: str, **options) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(export_marks(room, kind, **options).text, newline="")))


@pytest.mark.parametrize("kind", ["plain", "moodle", "canvas"])
def test_every_student_has_one_row_with_the_gradebooks_mark(room, classroom: Path, kind: str):
    column = "points" if kind == "plain" else UNIT
    who = {"plain": "student", "moodle": "Username", "canvas": "SIS Login ID"}[kind]
    marks = {row[who]: row[column] for row in rows(room, kind) if row[who]}
    assert set(marks) == set(NAMES)
    with book(classroom) as gradebook:
        for student in ("ada", "bob", "eve", "mal"):
            submission = gradebook.find_submission(UNIT, student)
            assert float(marks[student]) == max(0, submission.score - submission.late_submission_penalty)
    assert marks["dora"] == marks["tom"] == ""


def test_moodle_gets_the_fields_it_finds_users_by(room):
    """MoodleDocs, Grade import: users are mapped by e-mail address, ID number or user name."""
    found = rows(room, "moodle")
    assert list(found[0]) == ["First name", "Last name", "ID number", "Username", "Email address", UNIT]
    ada = next(row for row in found if row["Username"] == "ada")
    assert list(ada.values()) == ["Ada", "Lovelace", "1017", "ada", "ada@example.org", "9"]


def test_canvas_gets_its_own_columns_and_the_row_of_points(room):
    """Canvas' importer: Student, ID, SIS User ID, SIS Login ID, Section, then assignments; "Points Possible" first."""
    found = rows(room, "canvas")
    assert list(found[0]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", UNIT]
    assert list(found[0].values()) == ["Points Possible", "", "", "", "", "9"]
    by_login = {row["SIS Login ID"]: row for row in found}
    assert list(by_login["ada"].values()) == ["Lovelace, Ada", "1017", "", "ada", "", "9"]
    assert (by_login["bob"]["ID"], by_login["bob"]["SIS User ID"]) == ("", "B-17")  # an ID of Canvas is a number


def test_plain_has_each_exercise_and_what_happened(room):
    bob = next(row for row in rows(room, "plain") if row["student"] == "bob")
    assert bob["last_name"] == "Ross,\nJr."
    assert (bob["state"], bob["seconds_late"], bob["late_penalty"]) == ("graded", "86400", "0.75")
    assert bob["waits_for_marks_by_hand"] == "yes"
    parts = [float(bob[name]) for name in ("double (of 3)", "halve (of 2)", "essay (of 4)")]
    assert sum(parts) - 0.75 == float(bob["points"])
    assert next(row for row in rows(room, "plain") if row["student"] == "dora")["state"] == "grading failed"


@pytest.mark.parametrize("kind", ["plain", "moodle", "canvas"])
def test_no_field_is_a_formula(room, kind: str):
    export = export_marks(room, kind)
    fields = [field for row in csv.reader(io.StringIO(export.text, newline="")) for field in row]
    assert not [field for field in fields if field[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert any("HYPERLINK" in field for field in fields)
    assert any("an apostrophe stands before it" in note for note in export.notes)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own add_submission
def test_anonymous_marks_are_bands_under_pseudonyms(classroom: Path):
    add_copies(classroom, "ada", ["s1", "s2"])
    room = read_classroom(open_gradebook(), UNIT)
    found = rows(room, "plain", anonymous=True)
    assert [list(row) for row in found] == [["student", "share_of_points"]] * 6
    text = export_marks(room, "plain", anonymous=True).text
    for student, names in NAMES.items():
        assert student not in text
        assert not [name for name in names if name in text]
    shares = [row["share_of_points"] for row in found]
    assert all(shares.count(share) >= 3 for share in shares)


@pytest.mark.parametrize("kind", ["moodle", "canvas"])
def test_what_tells_whose_a_mark_is_cannot_be_anonymous(room, kind: str):
    with pytest.raises(UserError, match=f"--csv {kind} cannot be anonymous"):
        export_marks(room, kind, anonymous=True)
