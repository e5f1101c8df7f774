"""Images show the pixels they are given, in their places, and say what they show."""

import re

import numpy as np
import pytest

from chainrule.datasets import load_digits
from chainrule.plotting import alt_text, plot_contributions, plot_images, plot_weights

X, Y = load_digits(classes=(0, 1))


def mosaic(ax):
    return np.asarray(ax.images[0].get_array().filled(np.nan))


def test_images_stand_in_rows_with_their_labels():
    ax = plot_images(X[:6], labels=Y[:6], columns=3)
    sheet = mosaic(ax)
    for index in range(6):
        row, column = divmod(index, 3)
        block = sheet[row * 11 + 2 : row * 11 + 10, column * 9 : column * 9 + 8]
        np.testing.assert_array_equal(block, X[index].reshape(8, 8))
    assert [text.get_text() for text in ax.texts] == [str(label) for label in Y[:6]]
    assert alt_text(ax) == (
        f"6 images of 8 × 8 pixels in 2 rows, dark ink on light paper, labeled {', '.join(map(str, Y[:6]))}."
    )


def test_ink_is_dark_and_paper_is_light():
    image = plot_images(X[:2]).images[0]
    assert sum(image.to_rgba(X[:2].max())[:3]) < sum(image.to_rgba(X[:2].min())[:3])


def test_oblong_images_need_a_shape():
    with pytest.raises(ValueError, match=r"48 pixels per image, which is no square; say shape=\(height, width\)"):
        plot_images(X[:2, :48])
    assert mosaic(plot_images(X[:2, :48], shape=(6, 8), columns=2)).shape == (6, 17)
    assert mosaic(plot_images(X[:2, :48].reshape(2, 6, 8), columns=1)).shape == (13, 8)


def test_each_unit_is_a_column_of_the_weights():
    W = np.random.default_rng(0).normal(size=(6, 4))
    ax = plot_weights(W, shape=(2, 3), columns=4)
    np.testing.assert_array_equal(mosaic(ax)[2:4, 4:7], W[:, 1].reshape(2, 3))
    low, high = ax.images[0].get_clim()
    assert -low == high == np.abs(W).max()
    unit = np.unravel_index(np.abs(W).argmax(), W.shape)[1]
    assert f"the largest is that of unit {unit} " in alt_text(ax)


def test_zero_weights_and_one_unit():
    ax = plot_weights(np.zeros(4))
    assert ax.images[0].get_clim() == (-1, 1)
    assert "Weights of 1 unit" in alt_text(ax)
    assert not ax.texts


def test_a_given_limit_makes_figures_comparable():
    assert plot_weights(np.ones(4), limit=3, colorbar=False).images[0].get_clim() == (-3, 3)


@pytest.mark.parametrize("bias", [0.25, np.array([-0.25])])
def test_contributions_add_up(bias):
    w = np.random.default_rng(0).normal(size=(64, 1))
    panels = plot_contributions(X[0], w, bias)
    share = X[0].astype(float) * w[:, 0]
    np.testing.assert_allclose(panels[2].images[0].get_array(), share.reshape(8, 8))
    z = share.sum() + float(np.squeeze(bias))
    words = alt_text(panels[0].figure)
    assert float(re.search(r"z = (\S+)\.$", words)[1].replace("−", "-")) == pytest.approx(z, rel=5e-3)
    assert f"{(share > 0).sum()} pixels add" in words
    assert f"{(share < 0).sum()} take away" in words
    shown = panels[2].figure.axes[-1].get_xlabel()
    assert shown.endswith(f"= {z:.2f}".replace("-", "−"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_images([]), "images must be 2-D or 3-D, not of shape"),
        (lambda: plot_images(np.empty((0, 4))), "images must not be empty"),
        (lambda: plot_images([[np.nan] * 4]), "images must be finite, but holds nan"),
        (lambda: plot_images(X[:2], labels=[1]), "labels must have one entry for each of the 2 images, not 1"),
        (lambda: plot_images(X[:2], columns=0), "columns must be at least 1"),
        (lambda: plot_images(X[:2], shape=(4, 4)), r"shape \(4, 4\) makes 16 pixels, but images have 64"),
        (lambda: plot_images(X[:2].reshape(2, 8, 8), shape=(4, 16)), "shape must be that of the images"),
        (lambda: plot_weights(np.ones((5, 2))), "5 weights per unit, which is no square"),
        (lambda: plot_contributions(X[0], np.ones(3), 0), "one for each of the image's 64 pixels, not 3"),
        (lambda: plot_contributions(X[0], np.ones(64), [0, 1]), "bias must be a single number, not 2"),
        (lambda: plot_contributions(X[0], X[0], 0, axes=[]), "axes must be three"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_refuses_words():
    with pytest.raises(TypeError, match="images must hold real numbers"):
        plot_images([["a", "b"]])


def test_the_scale_says_what_it_measures():
    for given, said in (({}, "weight"), ({"scale": "derivative"}, "derivative")):
        assert plot_weights(np.ones(4), **given).get_figure().axes[-1].get_ylabel() == said
