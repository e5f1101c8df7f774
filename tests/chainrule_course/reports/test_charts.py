"""A bar's area is the number it stands for, wherever its edges are."""

import numpy as np
import pytest
from bs4 import BeautifulSoup

from chainrule_course.reports.charts import binned, histogram


@pytest.mark.parametrize("edges", [[0, 10, 20, 30], [0, 40, 60, 100]])
def test_areas_are_as_the_numbers(edges):
    counts = [3, 6, 2]
    drawn = BeautifulSoup(histogram(edges, counts, "label <x>", "axis"), "html.parser").svg
    bars = drawn.select("rect.bar")
    areas = [(float(bar["width"]) + 4) * float(bar["height"]) for bar in bars]
    assert np.allclose(np.array(areas) / areas[0], np.array(counts) / counts[0], rtol=5e-3)
    assert drawn["aria-label"] == "label <x>"
    assert [text.get_text() for text in drawn.select("text:not(.axis)")] == ["3", "6", "2"]


def test_bars_count_as_numpy_does():
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.uniform(0, 100, 200), np.arange(0, 101, 10)])
    edges = list(range(0, 101, 10))
    assert binned(values.tolist(), edges) == np.histogram(values, edges)[0].tolist()


def test_more_than_all_points_count_in_the_last_bar():
    assert binned([104.0], [0, 50, 100]) == [0, 1]
