"""Finding the gradebook: as nbgrader's settings say, in words where it is not there."""

import datetime
import os
import sqlite3
from pathlib import Path

import pytest

from chainrule_course.errors import UserError
from chainrule_course.reports import open_gradebook

from .classes import UNIT, book


def test_from_a_folder_inside_the_course(classroom: Path):
    inside = classroom / "submitted" / "ada"
    assert open_gradebook(inside).root == classroom


@pytest.mark.parametrize("given", [UNIT, "1", "01", f"source/{UNIT}", f"{UNIT}.ipynb"])
def test_a_unit_by_name_number_or_folder(classroom: Path, given: str):
    assert open_gradebook().find_unit(given) == UNIT


@pytest.mark.parametrize(("given", "says"), [("01_toi", "Did you mean 01_toy?"), ("7", "The units are: 01_toy.")])
def test_an_unknown_unit(classroom: Path, given: str, says: str):
    with pytest.raises(UserError) as caught:
        open_gradebook().find_unit(given)
    assert str(caught.value) == f"The gradebook has no unit {given!r}. {says}" + (
        " The units are: 01_toy." if "mean" in says else ""
    )


@pytest.mark.parametrize("url", ["sqlite:///marks.db", "sqlite:///{}/marks.db"])
def test_the_settings_say_where_it_is(classroom: Path, url: str):
    (classroom / "gradebook.db").rename(classroom / "marks.db")
    with (classroom / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {url.format(classroom)!r}\n")
    os.chdir(classroom / "source")
    assert open_gradebook().units() == [UNIT]
    assert not (classroom / "source" / "marks.db").exists()


def test_another_one_can_be_given(classroom: Path):
    (classroom / "gradebook.db").rename(classroom / "old.db")
    assert open_gradebook(db="sqlite:///old.db").units() == [UNIT]


def test_none_is_made_where_none_is(classroom: Path):
    (classroom / "gradebook.db").unlink()
    with pytest.raises(UserError, match=r"There is no gradebook .*gradebook\.db\. Grade something first"):
        open_gradebook()
    assert not (classroom / "gradebook.db").exists()


def test_no_course(tmp_path: Path):
    with pytest.raises(UserError, match="No course in"):
        open_gradebook(tmp_path)


@pytest.mark.parametrize("content", [b"no database at all, only text" * 100, b""])
def test_a_file_that_is_no_gradebook(classroom: Path, content: bytes):
    (classroom / "gradebook.db").write_bytes(content)
    with pytest.raises(UserError, match=r"The gradebook sqlite:.* cannot be read: .*nbgrader db upgrade"):
        open_gradebook().units()


def test_one_of_an_older_nbgrader(classroom: Path):
    with sqlite3.connect(classroom / "gradebook.db") as connection:
        connection.execute("ALTER TABLE grade DROP COLUMN extra_credit")
    with pytest.raises(UserError, match="nbgrader db upgrade"):
        open_gradebook().unit(UNIT)


def test_settings_that_fail(classroom: Path):
    (classroom / "nbgrader_config.py").write_text("c = get_config()\n1 / 0\n")
    with pytest.raises(UserError, match="division by zero"):
        open_gradebook()


def test_an_extension_moves_the_deadline(classroom: Path):
    assert open_gradebook().unit(UNIT).submissions["bob"].seconds_late == 86400
    with book(classroom) as gradebook:
        gradebook.find_submission(UNIT, "bob").extension = datetime.timedelta(hours=12)
        gradebook.db.commit()
    assert open_gradebook().unit(UNIT).submissions["bob"].seconds_late == 43200
