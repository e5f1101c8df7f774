"""A gradebook in PostgreSQL: the same marks as in SQLite, from a real server that the test starts."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from chainrule_course.errors import UserError
from chainrule_course.grading import course as courses
from chainrule_course.grading.backends import Threads
from chainrule_course.grading.gradebook import RunGradebook
from chainrule_course.grading.jobs import Limits
from chainrule_course.grading.run import Grader

from .classroom import RIGHT, UNIT, Classroom, quick

pytestmark = pytest.mark.needs("postgres")


def program(name: str) -> str:
    """Where a program of the server is: on PATH, or where Debian keeps it."""
    found = shutil.which(name) or next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)))
    return str(found)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    """The URL of an empty database on a server of our own; PostgreSQL refuses to run as root."""
    folder = tmp_path_factory.mktemp("postgres")
    user: list[str] = []
    if os.geteuid() == 0:
        import pwd

        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        for parent in (folder, *folder.parents):
            if parent != Path("/tmp") and str(parent).startswith("/tmp/"):
                parent.chmod(parent.stat().st_mode | 0o711)
        user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    data = folder / "data"
    subprocess.run(
        [*user, program("initdb"), "-D", str(data), "-U", "teacher", "-A", "trust", "--no-sync"],
        check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder.parent / "postgres.log").open("wb")
    process = subprocess.Popen(
        [*user, program("postgres"), "-D", str(data), "-p", str(port), "-k", str(folder), "-c", "fsync=off",
         "-c", "listen_addresses=127.0.0.1"],
        cwd=folder, stdout=log, stderr=log,
    )  # fmt: skip
    url = f"postgresql+psycopg://teacher@127.0.0.1:{port}/postgres"
    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=teacher dbname=postgres").close()
            break
        except psycopg.OperationalError:
            assert process.poll() is None, (folder.parent / "postgres.log").read_text()
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(timeout=30)
    log.close()


def test_the_marks_are_those_of_sqlite(server: str, classroom: Classroom, tmp_path: Path):
    classroom.hand_in("anna", RIGHT, timestamp_txt="2026-01-01 11:00:00 UTC")
    classroom.hand_in("ben", {})
    classroom.hand_in("carl", b"no notebook")
    other = classroom.copy(tmp_path / "other")
    other.grade(execute=quick)

    course = courses.open_course(classroom.root, db=server)
    students = courses.find_students(course, UNIT, [])
    report = Grader(course, UNIT, Limits(), Threads(quick, 2), "none").grade(students)
    assert report.entered  # the server's gradebook was empty
    assert [each.state for each in report.students] == ["graded"] * 3
    assert [each.points for each in report.students] == [4, 0, 0]

    def marks(url: str) -> dict:
        with Gradebook(url, "chainrule") as book:
            return {
                student: {
                    grade.name: (grade.auto_score, grade.needs_manual_grade)
                    for notebook in book.find_submission(UNIT, student).notebooks
                    for grade in notebook.grades
                }
                for student in students
            }

    assert marks(server) == marks(f"sqlite:///{other.root / 'gradebook.db'}")
    again = Grader(course, UNIT, Limits(), Threads(quick, 2), "none").grade(students)
    assert [each.state for each in again.students] == ["unchanged"] * 3


def test_the_command_and_nbgrader_go_on_with_it(server: str, classroom: Classroom):
    classroom.hand_in("dora", RIGHT)
    ran = classroom.chainrule("grade", "1", "--db", server)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    classroom.nbgrader("generate_feedback", UNIT, "--db", server)
    assert (classroom.root / "feedback" / "dora" / UNIT / f"{UNIT}.html").is_file()
    classroom.nbgrader("export", "--db", server)
    assert "dora" in (classroom.root / "grades.csv").read_text()


def test_a_server_that_is_not_there_is_told_in_a_line():
    with pytest.raises(UserError, match="The gradebook can't be opened"):
        RunGradebook("postgresql+psycopg://teacher@127.0.0.1:1/postgres", "chainrule")
    with pytest.raises(UserError, match="is no address of a gradebook"):
        RunGradebook("gradebook.db", "chainrule")
