"""The clock of student code: computing counts, waiting counts, waiting for a processor does not."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import nbformat
import pytest

from chainrule_course.checks.calling import call
from chainrule_course.clock import BUSY, Clock, processor_seconds
from chainrule_course.kernel import Kernel

from .toy import COMPUTE, crowded


class Machine:
    """A process that computes for a fixed share of the time."""

    def __init__(self, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.share, self.now = share, 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def spent(self) -> float:
        return self.share * self.now

    def ends_after(self, clock: Clock) -> float:
        """Ask a clock as those who wait do, and return when it says that time is over."""
        began = self.now
        while left := clock.left():
            self.now += left
        return self.now - began


@pytest.mark.parametrize(
    ("share", "seconds"),
    [
        (1.0, 10),  # a machine that is free
        (2.0, 10),  # two threads
        (0.5, 20),
        (0.2, 50),
        (0.1, 10),  # waits for something else
        (0.0, 10),
    ],
)
def test_ten_seconds(share: float, seconds: float, monkeypatch):
    machine = Machine(share, monkeypatch)
    assert machine.ends_after(Clock(10, machine.spent)) == pytest.approx(seconds, abs=0.2)


def test_what_passes_in_a_pause_does_not_count(monkeypatch):
    machine = Machine(0, monkeypatch)
    clock = Clock(10, machine.spent)
    machine.now += 4
    clock.pause()
    machine.now += 100
    assert clock.left() == 6
    clock.resume()
    machine.now += 1
    assert clock.left() == 5
    assert machine.ends_after(clock) == pytest.approx(5)


def test_nothing_lasts_longer_than_eight_times_its_seconds(monkeypatch):
    for percent in range(0, 100, 3):
        machine = Machine(percent / 100, monkeypatch)
        assert machine.ends_after(Clock(10, machine.spent)) <= 10 * BUSY + 0.2


def test_processor_seconds_are_those_the_process_counts_itself():
    work = "import time; sum(range(20_000_000)); print(time.process_time(), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", work], stdin=-1, stdout=-1, text=True) as process:
        counted = float(process.stdout.readline())
        assert processor_seconds(process.pid) == pytest.approx(counted, abs=0.05)
        process.kill()
    assert processor_seconds(process.pid) == 0
    assert processor_seconds(None) == 0


needs_affinity = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs Linux")


@needs_affinity
def test_a_call_that_must_share_the_processor_has_its_time():
    scope: dict = {}
    exec(COMPUTE, scope)
    with crowded():
        began = time.monotonic()
        right = call(scope["compute"], (0.9,), {}, seconds=1)
        passed = time.monotonic() - began
        wrong = call(scope["compute"], (60,), {}, seconds=1)
    assert passed > 1  # else this test shows nothing
    assert right.value == "done"
    assert wrong.failure.kind == "TimeoutError"
    asleep = call(time.sleep, (60,), {}, seconds=1)
    assert asleep.failure.kind == "TimeoutError"


@needs_affinity
def test_a_cell_that_must_share_the_processor_has_its_time(tmp_path):
    with crowded(), Kernel(tmp_path) as kernel:
        assert kernel.run(nbformat.v4.new_code_cell(COMPUTE), 30) is None
        began = time.monotonic()
        assert kernel.run(nbformat.v4.new_code_cell("compute(0.9)"), 1) is None
        assert time.monotonic() - began > 1
        assert kernel.run(nbformat.v4.new_code_cell("compute(60)"), 1).kind == "timeout"
