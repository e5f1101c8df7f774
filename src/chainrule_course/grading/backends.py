"""Where notebooks are executed: in threads of this machine, each with its own processes, or on a Dask cluster."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from chainrule_course.grading.jobs import Execution, Isolation, Job

Task = tuple[Any, Job]
"""A job with a key by which the caller knows it."""

Outcome = tuple[Any, Execution | Exception]
"""What came of a task; an exception if it is lost through no fault of the notebook."""

Execute = Callable[[Job, Isolation], Execution]


class Backend(Protocol):
    """Executes jobs."""

    workers: int

    def run(self, tasks: Iterable[Task], isolation: Isolation) -> Iterator[Outcome]:
        """Execute all tasks and give each outcome as it comes.

        Tasks are taken when there is room for them, never all at once: while `tasks` has more, twice as many as there
        are workers are under way.
        """


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
