"""A learner's folder gets the course, and never loses a word of the learner's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule_course.errors import UserError
from chainrule_course.lab import DEFAULT, RECORD, choose_folder, copy_course, open_lab

NOTEBOOK = "01_training/01_training.ipynb"
NEW = "01_training/01_training.new.ipynb"
FILES = {NOTEBOOK: "one", "01_training/data.csv": "1,2", "02_entropy/02_entropy.ipynb": "two", "ERRATA.md": "none"}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def read(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != RECORD
    }


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """The course as it is shipped."""
    folder = tmp_path / "shipped"
    write(folder, {**FILES, ".hidden": "no", "01_training/.ipynb_checkpoints/01_training-checkpoint.ipynb": "no"})
    return folder


@pytest.fixture
def mine(tmp_path: Path, shipped: Path) -> Path:
    """A learner's folder with the course in it."""
    copy_course(shipped, tmp_path / "mine")
    return tmp_path / "mine"


def kinds(changes) -> dict[str, str]:
    return {change.name: change.kind for change in changes}


class TestCopy:
    def test_a_new_folder_gets_everything(self, shipped: Path, tmp_path: Path):
        changes = copy_course(shipped, tmp_path / "deep/folder")
        assert kinds(changes) == dict.fromkeys(FILES, "new")
        assert read(tmp_path / "deep/folder") == FILES

    def test_nothing_happens_the_second_time(self, shipped: Path, mine: Path):
        before = {path: path.stat().st_mtime_ns for path in mine.rglob("*")}
        assert copy_course(shipped, mine) == []
        assert {path: path.stat().st_mtime_ns for path in mine.rglob("*")} == before

    def test_work_stays_while_the_course_is_the_same(self, shipped: Path, mine: Path):
        write(mine, {NOTEBOOK: "my work"})
        assert copy_course(shipped, mine) == []
        assert read(mine)[NOTEBOOK] == "my work"

    def test_new_material_is_added_and_untouched_material_updated(self, shipped: Path, mine: Path):
        write(shipped, {NOTEBOOK: "one, better", "03_activations/03_activations.ipynb": "three"})
        assert kinds(copy_course(shipped, mine)) == {NOTEBOOK: "updated", "03_activations/03_activations.ipynb": "new"}
        assert read(mine) == read_visible(shipped)

    def test_beside_work_the_new_edition_is_put_once(self, shipped: Path, mine: Path):
        write(mine, {NOTEBOOK: "my work"})
        write(shipped, {NOTEBOOK: "one, better"})
        (change,) = copy_course(shipped, mine)
        assert str(change) == f"beside    {NEW}  (your {NOTEBOOK} stays as it is)"
        assert (read(mine)[NOTEBOOK], read(mine)[NEW]) == ("my work", "one, better")
        assert copy_course(shipped, mine) == []

    def test_a_still_newer_edition_replaces_the_untouched_one_beside(self, shipped: Path, mine: Path):
        write(mine, {NOTEBOOK: "my work"})
        for text in ("second", "third"):
            write(shipped, {NOTEBOOK: text})
            assert kinds(copy_course(shipped, mine)) == {NEW: "beside"}
        assert {name: text for name, text in read(mine).items() if "01_training." in name} == {
            NOTEBOOK: "my work",
            NEW: "third",
        }

    def test_work_in_the_one_beside_is_safe_too(self, shipped: Path, mine: Path):
        write(mine, {NOTEBOOK: "my work"})
        write(shipped, {NOTEBOOK: "second"})
        copy_course(shipped, mine)
        write(mine, {NEW: "my second work"})
        write(shipped, {NOTEBOOK: "third"})
        assert kinds(copy_course(shipped, mine)) == {"01_training/01_training.new2.ipynb": "beside"}
        assert (read(mine)[NOTEBOOK], read(mine)[NEW]) == ("my work", "my second work")

    def test_work_that_took_over_the_new_edition_is_left_alone(self, shipped: Path, mine: Path):
        write(mine, {NOTEBOOK: "one, better"})
        write(shipped, {NOTEBOOK: "one, better"})
        assert copy_course(shipped, mine) == []

    def test_a_deleted_file_is_restored(self, shipped: Path, mine: Path):
        (mine / NOTEBOOK).unlink()
        assert kinds(copy_course(shipped, mine)) == {NOTEBOOK: "restored"}
        assert read(mine) == FILES

    def test_files_of_the_learners_own_stay(self, shipped: Path, mine: Path):
        write(mine, {"notes.txt": "mine", "01_training/scratch.ipynb": "mine"})
        write(shipped, {NOTEBOOK: "one, better"})
        copy_course(shipped, mine)
        assert read(mine)["notes.txt"] == read(mine)["01_training/scratch.ipynb"] == "mine"

    def test_what_the_course_drops_stays(self, shipped: Path, mine: Path):
        (shipped / "02_entropy/02_entropy.ipynb").unlink()
        assert copy_course(shipped, mine) == []
        assert "02_entropy/02_entropy.ipynb" in read(mine)


def read_visible(folder: Path) -> dict[str, str]:
    return {name: text for name, text in read(folder).items() if "/." not in f"/{name}"}


class TestRecord:
    @pytest.mark.parametrize("record", [None, "", "{", "[]", '"x"', "{}", '{"a": 3}', f'{{"{NOTEBOOK}": null}}'])
    def test_without_a_good_record_whatever_differs_counts_as_work(self, shipped: Path, mine: Path, record: str | None):
        (mine / RECORD).unlink()
        if record is not None:
            (mine / RECORD).write_text(record)
        write(mine, {NOTEBOOK: "perhaps my work"})
        assert kinds(copy_course(shipped, mine)) == {NEW: "beside"}
        assert read(mine)[NOTEBOOK] == "perhaps my work"
        assert set(FILES) <= set(json.loads((mine / RECORD).read_text()))
        assert copy_course(shipped, mine) == []

    def test_bytes_that_are_no_text(self, shipped: Path, mine: Path):
        (mine / RECORD).write_bytes(b"\xff\xfe")
        assert copy_course(shipped, mine) == []

    def test_a_folder_in_its_place_is_told(self, shipped: Path, mine: Path):
        (mine / RECORD).unlink()
        (mine / RECORD).mkdir()
        with pytest.raises(UserError, match=r"Cannot write .*: "):
            copy_course(shipped, mine)


class CrashError(BaseException):
    """Stands for whatever ends the process."""


@pytest.mark.parametrize("steps", range(14))
def test_cut_off_anywhere_and_run_again(shipped: Path, mine: Path, monkeypatch, steps: int):
    """Every state in between is whole: no file is half written, no work is lost, and the next run finishes."""
    write(mine, {NOTEBOOK: "my work"})
    (mine / "ERRATA.md").unlink()
    better = {name: f"better {text}" for name, text in FILES.items()}
    write(shipped, better)
    left = iter(range(steps))
    for name in ("write_bytes", "replace"):
        original = getattr(Path, name)

        def cut(*args, original=original):
            if next(left, None) is None:
                raise CrashError
            return original(*args)

        monkeypatch.setattr(Path, name, cut)
    try:
        copy_course(shipped, mine)
    except CrashError:
        pass
    finally:
        monkeypatch.undo()
    now = read(mine)
    assert now[NOTEBOOK] == "my work"
    assert all(text in ("my work", *FILES.values(), *better.values()) for text in now.values())
    copy_course(shipped, mine)
    assert read(mine) == {**better, NOTEBOOK: "my work", NEW: better[NOTEBOOK]}
    assert copy_course(shipped, mine) == []


def test_a_half_written_file_of_a_killed_run_goes_away(shipped: Path, tmp_path: Path):
    write(tmp_path / "mine", {"01_training/.01_training.ipynb.part": "on"})
    copy_course(shipped, tmp_path / "mine")
    assert read(tmp_path / "mine") == FILES


class TestLinks:
    def test_work_behind_a_link_is_not_written_to(self, shipped: Path, mine: Path, tmp_path: Path):
        elsewhere = tmp_path / "elsewhere.ipynb"
        elsewhere.write_text("one")  # untouched so far, kept elsewhere
        (mine / NOTEBOOK).unlink()
        (mine / NOTEBOOK).symlink_to(elsewhere)
        write(shipped, {NOTEBOOK: "one, better"})
        assert kinds(copy_course(shipped, mine)) == {NOTEBOOK: "updated"}
        assert elsewhere.read_text() == "one"
        assert read(mine)[NOTEBOOK] == "one, better"

    def test_edited_work_behind_a_link_stays(self, shipped: Path, mine: Path, tmp_path: Path):
        elsewhere = tmp_path / "elsewhere.ipynb"
        elsewhere.write_text("my work")
        (mine / NOTEBOOK).unlink()
        (mine / NOTEBOOK).symlink_to(elsewhere)
        write(shipped, {NOTEBOOK: "one, better"})
        assert kinds(copy_course(shipped, mine)) == {NEW: "beside"}
        assert (mine / NOTEBOOK).is_symlink()
        assert elsewhere.read_text() == "my work"

    def test_the_folder_may_be_a_link(self, shipped: Path, tmp_path: Path):
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        copy_course(shipped, tmp_path / "link")
        assert read(tmp_path / "real") == FILES


class TestRefused:
    def test_a_file(self, shipped: Path, tmp_path: Path):
        (tmp_path / "file").write_text("mine")
        with pytest.raises(UserError, match=r"file is a file\. Give a folder"):
            copy_course(shipped, tmp_path / "file")
        with pytest.raises(UserError, match=r"Cannot write .*: Not a directory\."):
            copy_course(shipped, tmp_path / "file/inside")
        assert (tmp_path / "file").read_text() == "mine"

    @pytest.mark.parametrize("name", ["01_training", NOTEBOOK])
    def test_a_file_where_a_folder_should_be_or_the_other_way_round(self, shipped: Path, tmp_path: Path, name: str):
        wrong = tmp_path / "mine" / name
        wrong.parent.mkdir(parents=True)
        wrong.mkdir() if name == NOTEBOOK else wrong.write_text("mine")
        with pytest.raises(UserError, match=r"Cannot write .*01_training.*: .*\. Mend that, or choose another"):
            copy_course(shipped, tmp_path / "mine")

    @pytest.mark.parametrize("number", [13, 28, 30])  # denied, disk full, read-only
    def test_what_the_disk_refuses(self, shipped: Path, mine: Path, monkeypatch, number: int):
        write(shipped, {NOTEBOOK: "one, better"})

        def refuse(self, data):
            self.touch()
            raise OSError(number, os.strerror(number), str(self))

        monkeypatch.setattr(Path, "write_bytes", refuse)
        with pytest.raises(UserError, match=os.strerror(number)):
            copy_course(shipped, mine)
        assert read(mine) == FILES

    def test_the_course_itself(self, shipped: Path):
        before = read(shipped)
        for folder in (shipped, shipped / "01_training", shipped / "new"):
            with pytest.raises(UserError, match="belongs to the course's own files"):
                copy_course(shipped, folder)
        assert read(shipped) == before

    def test_a_teachers_checkout_but_not_a_folder_of_its_own_inside(self, shipped: Path, tmp_path: Path):
        write(tmp_path / "repo", {"source/01_training/01_training.py": "", NOTEBOOK: ""})
        for name in (".", "source", "course", "course/01_training", "solutions/x", "submitted"):
            with pytest.raises(UserError, match=r"belongs to the course's own files.* such as chainrule-course\."):
                copy_course(shipped, tmp_path / "repo" / name)
        copy_course(shipped, tmp_path / "repo/chainrule-course")
        assert read(tmp_path / "repo/chainrule-course") == FILES


def test_the_folder_is_the_one_given_the_one_around_us_or_a_new_one(mine: Path, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert choose_folder(None) == DEFAULT
    assert choose_folder(Path("x")) == Path("x")
    monkeypatch.chdir(mine / "01_training")
    assert choose_folder(None) == mine
    assert choose_folder(Path("x")) == Path("x")


FAKE = """
import json, os, pathlib, sys
pathlib.Path(os.environ["SEEN"]).write_text(json.dumps([os.getcwd(), sys.argv, os.environ["JUPYTER_CONFIG_PATH"]]))
sys.exit(7)
"""


class TestOpen:
    def test_jupyterlab_opens_the_first_unit_in_the_folder_and_its_status_is_ours(self, mine: Path, tmp_path: Path):
        write(mine, {NEW: "not this one", "00_mine/other.ipynb": "nor this"})
        (tmp_path / "fake/jupyterlab").mkdir(parents=True)
        (tmp_path / "fake/jupyterlab/__init__.py").write_text("")
        (tmp_path / "fake/jupyterlab/__main__.py").write_text(FAKE)
        seen = tmp_path / "seen.json"
        ran = subprocess.run(
            [sys.executable, "-c", "import sys, pathlib; from chainrule_course.lab import open_lab\n"
             "open_lab(pathlib.Path(sys.argv[1]), ['--no-browser'])", str(mine)],
            env={**os.environ, "PYTHONPATH": str(tmp_path / "fake"), "SEEN": str(seen),
                 "JUPYTER_CONFIG_PATH": "/theirs"},
            check=False,
        )  # fmt: skip
        assert ran.returncode == 7
        folder, (_, *arguments), settings = json.loads(seen.read_text())
        assert Path(folder) == mine.resolve()
        assert arguments[:2] == [f"--LabApp.default_url=/lab/tree/{NOTEBOOK}", "--no-browser"]
        ours, theirs = settings.split(os.pathsep)
        overrides = json.loads((Path(ours) / "labconfig/default_setting_overrides.json").read_text())
        assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
        assert theirs == "/theirs"

    def test_without_jupyterlab_the_advice_says_how_to_get_it(self, mine: Path, monkeypatch):
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(UserError, match=r"JupyterLab is not installed\. .*pip install \"chainrule\[lab\]\""):
            open_lab(mine)
