"""Backends give each outcome once, take tasks as there is room, and lose nothing with a worker."""

import os
import signal
import threading
import time
from pathlib import Path

import nbformat
import pytest

from chainrule_course.errors import UserError
from chainrule_course.grading import stock
from chainrule_course.grading.backends import Cluster, Threads
from chainrule_course.grading.jobs import Execution, Job

from .classroom import RIGHT, Classroom


def empty_job() -> Job:
    return Job(nbformat.writes(nbformat.v4.new_notebook()))


def test_each_outcome_comes_once_and_never_more_than_two_for_each_worker_are_under_way():
    taken, given, most = [], [], []

    def tasks():
        for number in range(30):
            taken.append(number)
            most.append(len(taken) - len(given))
            yield number, empty_job()

    def execute(job, isolation):
        time.sleep(0.005)
        return Execution(job.notebook, (), 0, isolation)

    for key, outcome in Threads(execute, 3).run(tasks(), "none"):
        assert isinstance(outcome, Execution)
        given.append(key)
    assert sorted(given) == list(range(30))
    assert max(most) <= 6 + 1


def test_what_fails_comes_as_an_exception():
    def execute(job, isolation):
        raise ConnectionError("gone")

    ((key, outcome),) = Threads(execute, 2).run([("a", empty_job())], "none")
    assert (key, str(outcome)) == ("a", "gone")


def test_as_many_run_at_a_time_as_there_are_workers():
    barrier = threading.Barrier(4)

    def execute(job, isolation):
        barrier.wait(timeout=10)  # passes only if four are here together
        return Execution(job.notebook, (), 0, isolation)

    assert len(list(Threads(execute, 4).run([(n, empty_job()) for n in range(8)], "none"))) == 8


ENGINE = """
import os, time
from pathlib import Path
import nbformat
from chainrule_course.grading.jobs import Execution

def execute(job, isolation):
    (Path(os.environ["CHAINRULE_TEST_NOTES"]) / f"{os.getpid()}-{time.monotonic_ns()}").touch()
    time.sleep(0.5)
    notebook = nbformat.reads(job.notebook, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
            cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1"}, execution_count=1)]
    return Execution(nbformat.writes(notebook), (), 0.5, "none")
"""
"""A module that workers can import: it executes slowly, and notes on which process."""


@pytest.mark.needs("dask")
class TestDask:
    @pytest.fixture
    def cluster(self, tmp_path: Path, monkeypatch):
        from distributed import LocalCluster

        notes = tmp_path / "notes"
        notes.mkdir()
        (tmp_path / "slow_engine.py").write_text(ENGINE)
        monkeypatch.setenv("CHAINRULE_TEST_NOTES", str(notes))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
        monkeypatch.syspath_prepend(tmp_path)
        with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
            yield cluster

    def test_a_class_on_a_cluster_with_a_worker_killed_in_the_middle(
        self, cluster, classroom: Classroom, tmp_path: Path
    ):
        for number in range(8):
            classroom.hand_in(f"s{number}", RIGHT)
        import slow_engine

        backend = Cluster(slow_engine.execute, cluster.scheduler_address)
        workers = [worker.process.pid for worker in cluster.workers.values()]
        seen: list[str] = []

        def kill_one() -> None:
            while not list((tmp_path / "notes").glob(f"{workers[0]}-*")):
                time.sleep(0.02)
            os.kill(workers[0], signal.SIGKILL)
            seen.append("killed")

        threading.Thread(target=kill_one, daemon=True).start()
        try:
            report = classroom.grade_with(backend)
        finally:
            backend.close()
        assert seen == ["killed"]
        assert [(each.state, each.points) for each in report.students] == [("graded", 4)] * 8
        assert len(list((tmp_path / "notes").iterdir())) > 8  # what the worker had begun was begun again
        assert len(classroom.marks()) == 8

    def test_the_command(self, cluster, classroom: Classroom):
        classroom.hand_in("anna", RIGHT)
        classroom.hand_in("ben", {})
        ran = classroom.chainrule("grade", "1", "--scheduler", cluster.scheduler_address)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert classroom.scores("anna")["double-hidden"] == 2
        assert classroom.scores("ben")["double-hidden"] == 0


@pytest.mark.needs("dask")
def test_no_cluster_is_told_in_a_line():
    with pytest.raises(UserError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        Cluster(stock.execute, "tcp://127.0.0.1:1")
