"""The course's folder and its units are found from anywhere inside, and a wrong name gets advice."""

from pathlib import Path

import pytest

from chainrule_course import course_folder
from chainrule_course.course_folder import find_root, find_units, shipped_course
from chainrule_course.errors import CourseError, UserError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for unit in ("01_training", "02_entropy", "10_capstone"):
        (tmp_path / "source" / unit).mkdir(parents=True)
        (tmp_path / "source" / unit / f"{unit}.py").write_text("")
    return tmp_path


def test_the_root_is_found_from_inside(root: Path):
    (root / "docs/source").mkdir(parents=True)  # as Sphinx names it
    for inside in ("", "source/01_training", "docs/source", "docs"):
        assert find_root(root / inside) == root


def test_outside_a_course_there_is_none(tmp_path: Path):
    (tmp_path / "source").mkdir()
    with pytest.raises(UserError, match=r"No course in .* Go to the course's folder"):
        find_root(tmp_path)
    with pytest.raises(UserError, match=r"There is no folder .*nowhere"):
        find_root(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (None, ["01_training", "02_entropy", "10_capstone"]),
        ([], ["01_training", "02_entropy", "10_capstone"]),
        (["2"], ["02_entropy"]),
        (["10", "01"], ["10_capstone", "01_training"]),
        (["source/02_entropy/"], ["02_entropy"]),
        (["source/02_entropy/02_entropy.py", "02_entropy", "course/02_entropy/02_entropy.ipynb"], ["02_entropy"]),
    ],
)
def test_units_are_found_by_name_number_or_path(root: Path, wanted: list[str] | None, found: list[str]):
    assert find_units(root, wanted) == found


@pytest.mark.parametrize("wanted", ["3", "training", "0", "²", "", "../x", "1 2"])
def test_an_unknown_unit_is_told_with_those_there_are(root: Path, wanted: str):
    with pytest.raises(UserError, match=r"The units are: 01_training, 02_entropy, 10_capstone\."):
        find_units(root, [wanted])


def test_a_near_miss_gets_a_suggestion(root: Path):
    with pytest.raises(UserError, match=r"There is no unit '01_trainig'\. Did you mean 01_training\?"):
        find_units(root, ["01_trainig"])


def test_a_folder_without_its_source_is_told_but_leftovers_are_not_in_the_way(root: Path):
    (root / "source/04_left").mkdir()
    (root / "source/04_left/04_left.ipynb").write_text("{}")  # built once, ignored by git
    assert "04_left" not in find_units(root)
    (root / "source/03_new").mkdir()
    (root / "source/03_new/3_new.py").write_text("")
    with pytest.raises(CourseError, match=r"source/03_new has no 03_new\.py\."):
        find_units(root)
    assert find_units(root, ["1"]) == ["01_training"]


def test_the_shipped_course_is_found_in_a_checkout_and_in_an_installation(tmp_path: Path, monkeypatch):
    package = tmp_path / "src/chainrule_course"
    package.mkdir(parents=True)
    monkeypatch.setattr(course_folder, "__file__", str(package / "course_folder.py"))
    with pytest.raises(UserError, match="holds no course"):
        shipped_course()
    for folder in (package / "_course", tmp_path / "course"):  # the second goes before the first
        (folder / "01_training").mkdir(parents=True)
        (folder / "01_training/01_training.ipynb").write_text("{}")
        assert shipped_course() == folder
