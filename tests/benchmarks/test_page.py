"""The page of the benchmarks: made of numbers that are known, it says what they say and names who is missing."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import page
import pictures
import timing

NAMES = (page.OURS, *page.CONTENDERS, page.FLOOR)
LEVEL = (page.OURS, "PyTorch", "TensorFlow, compiled step", "Keras train_on_batch")


def results(missing=()):
    """Return numbers as run.py makes them: contender number i takes i + 1 times our second."""
    present = [name for name in NAMES if not name.startswith(tuple(missing))]
    work = {name: {"seconds": NAMES.index(name) + 1.0, "spread": 0.02} for name in present}
    work[page.FLOOR]["seconds"] = 0.25

    def curves(names):
        return {
            name: [[n, n * (1.0 + (name != page.OURS))] for n in (1, 10)] if name in present else [] for name in names
        }

    names = ("by hand", "Chainrule", "micrograd", "PyTorch", "HIPS autograd", "TensorFlow")
    engines = {name: 1e-6 * (i + 0.1) for i, name in enumerate(names)}
    arrays = {name: 4 * seconds for name, seconds in engines.items() if name != "micrograd"}
    processes = {
        name: float(i + 1)
        for i, name in enumerate(
            (
                "Python alone",
                "NumPy",
                page.OURS,
                f"{page.OURS}, Sequential and layers",
                "scikit-learn",
                "PyTorch",
                "Keras",
            )
        )
    }
    raw = {
        "versions": {"Python": "3", "NumPy": "2", "Keras": None if "Keras" in missing else "3"},
        "processor": "an abacus",
        "date": "2000-01-01",
        "rounds": 5,
        "minutes": 7.2,
        "works": {name: {"float32": work, "float64": work} for name in ("W1", "W1, SGD", *list(page.AIMS)[1:])},
        "memory": [{"work": "W1", "data": 0.1, "peak": 0.2}],
        "growth": {what: curves((*LEVEL[:3], page.FLOOR)) for what in ("examples", "width", "depth", "batch size")},
        "level": {f"batches of {b}, {d}": curves(LEVEL) for b in (32, 256) for d in ("float32", "float64")},
        "graph": {
            "scalars": engines,
            "arrays": {"float32": arrays, "float64": arrays},
            "growth": [[99, 4e-7, 5e-7], [999, 4e-7, 5e-7]],
            "modes": [[10, 110, 29, 1e-4, 1e-5], [100, 10_100, 299, 1e-2, 1e-4]],
        },
        "processes": {"imports": processes, "training": {"Chainrule": 0.2, "PyTorch": 2.0}},
    }
    return json.loads(json.dumps(raw))


def row(text, start, table=0):
    """Return the cells of the row that starts with this name, in one of the tables that have it."""
    found = [line for line in text.splitlines() if line.startswith(f"| {start} ")]
    return [cell.strip() for cell in found[table].strip("|").split("|")]


def test_ratios_are_those_of_the_numbers():
    text = page.write(results())
    assert row(text, "Keras fit")[1:] == ["2.0×"] * 6
    assert row(text, "PyTorch")[1:] == ["5.0×"] * 6
    assert row(text, page.FLOOR)[1:] == ["0.25×"] * 6
    assert (
        "2.0× (Keras' `model.fit`), 3.0× (its `train_on_batch`), 4.0× (a training step compiled by hand"
        in text.replace("\n", " ")
    )
    assert "missing" not in text.lower()


def test_who_is_missing_is_named():
    text = page.write(results(missing=("Keras",)))
    assert "**Missing from this run:** Keras." in text
    assert row(text, "Keras fit")[1:] == ["missing"] * 6
    assert "`model.fit`" not in text


def test_an_aim_that_is_missed_is_said_to_be():
    reached = results()
    for dtypes in reached["works"].values():
        for name, seconds in ((page.OURS, 0.3), ("Keras fit", 100.0), ("PyTorch", 50.0)):
            dtypes["float32"][name]["seconds"] = dtypes["float64"][name]["seconds"] = seconds
    assert "All are reached" in page.write(reached)
    reached["works"]["W1"]["float64"]["PyTorch"]["seconds"] = 1.0
    text = page.write(reached)
    assert "1 of 10 miss at least one of the three" in text
    assert row(text, "W1", table=1)[2].endswith("3.3× of 12× **missed**")


@pytest.mark.parametrize(
    ("peer", "where"),
    [
        ([4.0, 2.0, 1.0], 10.0),
        ([4.0, 1.0, 0.25], 1.0),
        ([0.5, 2.0, 4.0], None),
        ([0.5, 0.5, 0.5], 0.1),
        ([4.0, 2.0, 0.5], 10**0.5),
    ],
)
def test_where_a_peer_draws_level(peer, where):
    sizes = (0.1, 1.0, 10.0)
    curves = {page.OURS: [[n, 1.0] for n in sizes], "peer": [[n, t] for n, t in zip(sizes, peer, strict=True)]}
    found = page.crossing(curves, "peer")
    assert found == (None if where is None else pytest.approx(where))


@pytest.mark.parametrize("missing", [(), ("Keras", "TensorFlow")])
def test_every_picture_of_the_page_is_drawn(missing, tmp_path):
    pictures.draw_all(results(missing), tmp_path)
    shown = re.findall(r"\(images/(.*?)\)", page.write(results(missing)))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(shown)


def test_contenders_take_turns_and_the_slow_sit_out(monkeypatch):
    played = []
    lengths = {"quick": 0.1, "middling": 0.5, "slow": 2.0}

    def seconds(run, times=1):
        for _ in range(times):
            run()
        return lengths[played[-1]]

    monkeypatch.setattr(timing, "seconds", seconds)
    runs = {name: lambda name=name: played.append(name) for name in lengths}
    times = timing.take_turns(runs, 4, least=0.35)
    turn = ["quick"] * 3 + ["middling"]
    assert played == ["quick", "middling", "slow", *turn, *turn, "slow", *turn]
    assert {name: len(turns) for name, turns in times.items()} == {"quick": 4, "middling": 4, "slow": 2}


def test_contenders_that_are_not_installed_are_left_out():
    def absent():
        raise ModuleNotFoundError("no such library")

    runs = timing.installed({"here": lambda: len, "absent": absent})
    assert list(runs) == ["here"]


def test_the_page_on_grading_says_what_the_numbers_say():
    import grading

    result = {
        "date": "2026-01-02",
        "processors": 2,
        "processor": "some",
        "isolation": "full",
        "memory": {"small": 12.4, "unit": 51.6},
        "curve": [
            {"students": 10, "seconds": 2.0, "parent_peak_mb": 140.0, "own_cpu_ms": 30.0},
            {"students": 1000, "seconds": 50.0, "parent_peak_mb": 147.2, "own_cpu_ms": 18.2},
        ],
        "compared": {
            "students": 60,
            "workers": 2,
            "stock": {"seconds": 420.0},
            "none": {"seconds": 140.0, "times_faster": 3.0, "own_cpu_ms": 21.0},
            "full": {"seconds": 42.0, "times_faster": 10.0, "own_cpu_ms": 27.4},
            "quick": {"seconds": 21.0, "times_faster": 20.0, "own_cpu_ms": 27.0},
        },
    }
    written = grading.page(result)
    rows = [[part.strip() for part in line.split("|")[1:-1]] for line in written.splitlines() if line.startswith("| `")]
    assert [row[1:] for row in rows] == [
        ["420.0", "7.00", ""],
        ["140.0", "2.33", "3.0×"],
        ["42.0", "0.70", "10.0×"],
        ["21.0", "0.35", "20.0×"],
    ]
    assert ["isolated" in row[0] for row in rows] == [False, False, True, True]
    for told in (
        "for 60 students",
        "took 27 ms of processor time",
        "took 18 ms of processor time",
        "grew by 7 MB",
        "12 MB",
        "52 MB",
        "2026-01-02",
    ):
        assert told in written
