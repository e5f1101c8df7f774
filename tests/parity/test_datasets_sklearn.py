"""The bundled digits against scikit-learn's copy, and the toys against its generators."""

import numpy as np
import pytest

sklearn_datasets = pytest.importorskip("sklearn.datasets", reason="needs the parity extra")

from chainrule.datasets import load_digits, make_circles, make_moons  # noqa: E402

pytestmark = pytest.mark.parity


def test_digits_are_those_of_scikit_learn():
    data, target = sklearn_datasets.load_digits(return_X_y=True)
    X, y = load_digits(scaled=False)
    assert np.array_equal(X, data)
    assert np.array_equal(y, target)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (make_moons, sklearn_datasets.make_moons),
        (make_circles, lambda m, **kwargs: sklearn_datasets.make_circles(m, factor=0.5, **kwargs)),
    ],
)
def test_a_neighbor_classifier_trained_on_one_knows_the_other(ours, theirs):
    neighbors = pytest.importorskip("sklearn.neighbors", reason="needs the parity extra")
    X, y = ours(1000, np.random.default_rng(0), noise=0.05)
    theirs_X, theirs_y = theirs(1000, noise=0.05, random_state=0)
    model = neighbors.KNeighborsClassifier(5).fit(theirs_X, theirs_y)
    assert model.score(X, y) > 0.99
    low, high = theirs_X.min(axis=0) - 0.3, theirs_X.max(axis=0) + 0.3
    assert np.all((low < X) & (high > X))
