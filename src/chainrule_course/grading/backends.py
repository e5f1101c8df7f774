"""Where notebooks are executed: in threads of this machine, each with its own processes, or on a Dask cluster."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from chainrule_course.errors import UserError
from chainrule_course.grading.jobs import Execution, Isolation, Job

Task = tuple[Any, Job]
"""A job with a key by which the caller knows it."""

Outcome = tuple[Any, Execution | BaseException]
"""What came of a task; an exception if it is lost through no fault of the notebook."""

Execute = Callable[[Job, Isolation], Execution]


class Backend(Protocol):
    """Executes jobs."""

    def run(self, tasks: Iterable[Task], isolation: Isolation) -> Iterator[Outcome]:
        """Execute all tasks and give each outcome as it comes.

        Tasks are taken when there is room for them, never all at once: while `tasks` has more, twice as many as there
        are workers are under way.
        """

    def close(self) -> None:
        """Let go of what it holds."""


class Threads:
    """Executes jobs in threads of this process.

    Parameters
    ----------
    execute : callable
        See :func:`chainrule_course.grading.runner.execute`.
    workers : int
        How many at a time.
    """

    def __init__(self, execute: Execute, workers: int) -> None:
        self.execute, self.workers = execute, workers

    def run(self, tasks: Iterable[Task], isolation: Isolation) -> Iterator[Outcome]:
        """Execute all tasks and give each outcome as it comes."""
        todo: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        done: queue.SimpleQueue[Outcome] = queue.SimpleQueue()

        def work() -> None:
            while (task := todo.get()) is not None:
                key, job = task
                try:
                    done.put((key, self.execute(job, isolation)))
                except Exception as error:
                    done.put((key, error))
                del task, job

        threads = [threading.Thread(target=work, daemon=True, name=f"grade-{n}") for n in range(self.workers)]
        for thread in threads:
            thread.start()
        try:
            under_way = 0
            more = iter(tasks)
            while True:
                for task in itertools.islice(more, max(0, 2 * self.workers - under_way)):
                    todo.put(task)
                    under_way += 1
                if not under_way:
                    return
                yield done.get()
                under_way -= 1
        finally:
            for _ in threads:
                todo.put(None)

    def close(self) -> None:
        """Do nothing: the threads have ended."""


class Cluster:
    """Executes jobs on a Dask cluster that is there already.

    Parameters
    ----------
    execute : callable
        See :func:`chainrule_course.grading.runner.execute`; it must be known by its name on each worker.
    address : str
        Address of the scheduler, ``tcp://…``.

    Raises
    ------
    UserError
        If there is no such cluster, or it can't grade.
    """

    def __init__(self, execute: Execute, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise UserError(
                f"--scheduler needs {error.name}, which is not installed.",
                'Install it with: pip install "chainrule[dask]".',
            ) from error
        self.execute = execute
        try:
            self._client = Client(address, timeout="10s", set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            line = (str(error) or type(error).__name__).splitlines()[0]
            raise UserError(
                f"No Dask scheduler answers at {address}: {line}.", "Give its address, tcp://host:8786."
            ) from error

    @property
    def workers(self) -> int:
        """How many notebooks the cluster executes at a time."""
        return max(1, sum(int(threads) for threads in self._client.nthreads().values()))

    def isolation_there(self) -> tuple[Isolation, str]:
        """Return the isolation that every worker offers, and why it is no more.

        Raises
        ------
        UserError
            If there are no workers, or one has another engine.
        """
        from chainrule_course.grading.submission import engine_version

        if not self._client.nthreads():
            raise UserError("The Dask cluster has no workers.", "Start some: dask worker ADDRESS.")
        try:
            told = self._client.run(_capabilities)
        except Exception as error:
            raise UserError(f"A Dask worker can't grade: {error}.", "Install the same Chainrule there.") from error
        for worker, (version, _, _) in told.items():
            if version != engine_version():
                raise UserError(
                    f"The Dask worker {worker} has another version of Chainrule.", "Install the same there."
                )
        for worker, (_, isolation, why) in told.items():
            if isolation == "none":
                return "none", f"{why} (on the worker {worker})"
        return "full", ""

    def run(self, tasks: Iterable[Task], isolation: Isolation) -> Iterator[Outcome]:
        """Execute all tasks and give each outcome as it comes; a job whose worker is lost goes to another one."""
        from distributed import as_completed

        keys: dict[Any, Any] = {}
        more = iter(tasks)
        waiting = as_completed(loop=self._client.loop, with_results=False)

        def submit() -> bool:
            for key, job in itertools.islice(more, 1):
                future = self._client.submit(self.execute, job, isolation, pure=False, retries=2)
                keys[future.key] = key
                waiting.add(future)
                return True
            return False

        while len(keys) < 2 * self.workers and submit():
            pass
        for future in waiting:
            error = future.exception()
            key = keys.pop(future.key)
            outcome = error if error is not None else future.result()
            future.release()
            yield key, outcome
            while len(keys) < 2 * self.workers and submit():
                pass

    def close(self) -> None:
        """Let go of the cluster."""
        self._client.close(timeout=5)


def _capabilities() -> tuple[str, Isolation, str]:
    """Say, on a worker, which engine it has and what isolation it offers."""
    from chainrule_course.grading import runner
    from chainrule_course.grading.submission import engine_version

    return (engine_version(), *runner.isolation_here())
