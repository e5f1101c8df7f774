"""Maps show heights where they are, paths as they went, basins by their shares."""

import numpy as np
import pytest

from chainrule.landscapes import himmelblau
from chainrule.plotting import alt_text, plot_basins, plot_contours, plot_population, plot_surface

SPAN = ((-2, 2), (-1, 1))


def tilted(w):
    return w[..., 0] + 10 * w[..., 1]


def test_first_variable_runs_across_and_second_up():
    ax = plot_contours(tilted, SPAN)
    assert "lies between −12, near (−2, −1), and 12" in alt_text(ax)
    assert ax.get_xlim() == (-2, 2)
    assert ax.get_ylim() == (-1, 1)


def test_low_is_light():
    filled = plot_contours(tilted, SPAN).collections[0]
    colors = filled.get_facecolor()[:, :3].mean(axis=1)
    assert (np.diff(colors) < 0).all()


def test_function_of_one_point_is_the_same():
    one = plot_contours(lambda w: float(w[0]) + 10 * float(w[1]), SPAN)
    assert alt_text(one) == alt_text(plot_contours(tilted, SPAN))


def test_function_that_misreads_a_grid_is_called_point_by_point():
    one = plot_contours(lambda w: w[0] + 10 * w[1], SPAN)  # right for a point (2,), wrong for a grid (n, n, 2)
    assert alt_text(one) == alt_text(plot_contours(tilted, SPAN))


def test_paths_start_with_a_ring_and_tell_their_costs():
    hills = himmelblau()
    ax = plot_contours(hills, hills.domain, {"there": [[0, 0], [3, 2]]}, minima=hills.minima, log=True)
    assert "4 minima marked" in alt_text(ax)
    assert "there: 1 step from (0, 0) to (3, 2), cost from 170 to 0." in alt_text(ax)
    ring = ax.lines[-2]
    assert list(ring.get_xydata()[0]) == [0, 0]
    assert ring.get_markerfacecolor() == "white"


def test_surface_has_the_path_on_it():
    ax = plot_surface(tilted, SPAN, [[0, 0], [1, -1]])
    np.testing.assert_allclose(np.stack(ax.lines[0].get_data_3d(), 1), [[0, 0, 0], [1, -1, -9]])
    assert "A path of 1 step on it, from 0 to −9." in alt_text(ax)


def test_basins_tell_their_shares():
    ax = plot_basins([[0, 0, 1, 1], [0, 0, 1, -1]], SPAN, [[-1, 0], [1, 0]])
    assert "minimum 0 from 50 % of the starts; minimum 1 from 37.5 %" in alt_text(ax)
    assert "none from 12.5 %" in alt_text(ax)
    picture = ax.images[0].get_array()
    assert picture[1, 3].sum() == 0  # black
    assert [text.get_text() for text in ax.texts] == ["0", "1"]


def test_basins_that_touch_never_share_a_shade():
    table = np.add.outer(12 * np.arange(12), np.arange(12))
    picture = plot_basins(table, SPAN).images[0].get_array()
    assert (np.abs(np.diff(picture, axis=0)).sum(axis=-1) > 0.1).all()
    assert (np.abs(np.diff(picture, axis=1)).sum(axis=-1) > 0.1).all()


def test_borders_run_between_basins():
    ax = plot_basins([[0, 1], [0, 1]], ((0, 1), (0, 1)))
    segments = ax.collections[0].get_segments()
    np.testing.assert_allclose(np.sort(np.concatenate(segments)[:, 0]), [0.5] * 4)


def test_population_tells_how_it_closes_in():
    panels = plot_population(tilted, SPAN, {"start": [[-2, 0], [2, 0]], "end": [[1, -1], [1, -1]]})
    assert "2 points" in alt_text(panels[0])
    assert "their mean at (0, 0), spread 1, best cost −2" in alt_text(panels[0])
    assert "their mean at (1, −1), spread 0, best cost −9" in alt_text(panels[1])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_contours(tilted, ((0, 1), (1, 0))), ValueError, r"span must be \(\(low, high\), \(low, high\)\)"),
        (lambda: plot_contours(tilted, (0, 1)), ValueError, "span must be 2-D"),
        (lambda: plot_contours(3, SPAN), TypeError, r"function must be a function of points \(..., 2\), not int"),
        (lambda: plot_contours(lambda w: w[..., 0] * np.nan, SPAN), ValueError, "must be finite, but holds nan"),
        (lambda: plot_contours(tilted, SPAN, [[1, 2, 3]]), ValueError, r"must hold points \(w₁, w₂\)"),
        (lambda: plot_contours(tilted, SPAN, levels=1), ValueError, "levels must be at least 2"),
        (lambda: plot_contours(tilted, SPAN, {str(k): [[0, 0]] for k in range(6)}), ValueError, "at most 5 paths"),
        (lambda: plot_surface(tilted, SPAN, ax=plot_contours(tilted, SPAN)), ValueError, "three-dimensional"),
        (lambda: plot_basins([[0.5, 1], [1, 1]], SPAN), ValueError, "basins must be a table of whole numbers"),
        (lambda: plot_basins([[0, 1]], SPAN), ValueError, "two rows and columns at least"),
        (lambda: plot_basins([[0, 1], [1, 2]], SPAN, [[0, 0]]), ValueError, "for each basin 0 to 2"),
        (lambda: plot_population(tilted, SPAN, {}), ValueError, "one to four names"),
        (lambda: plot_population(tilted, SPAN, {"a": [[1, 2, 3]]}), ValueError, r"must hold points \(w₁, w₂\)"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()
