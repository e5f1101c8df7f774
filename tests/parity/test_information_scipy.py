"""Information measures against SciPy's."""

import math

import numpy as np
import pytest

scipy_stats = pytest.importorskip("scipy.stats", reason="needs the parity extra")
distance = pytest.importorskip("scipy.spatial.distance", reason="needs the parity extra")

from chainrule.information import (  # noqa: E402
    differential_entropy,
    entropy,
    jensen_shannon_divergence,
    kl_divergence,
    mutual_information,
    plug_in_entropy,
)

pytestmark = pytest.mark.parity

RNG = np.random.default_rng(0)
PAIRS = [RNG.dirichlet(np.full(n, a), size=2) for n in (2, 5, 100) for a in (0.1, 1.0, 10.0)]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"n={pair.shape[1]}")
@pytest.mark.parametrize("base", [2, math.e, 10])
def test_entropy_and_divergences(pair, base):
    p, q = pair
    assert entropy(p, base) == pytest.approx(scipy_stats.entropy(p, base=base), rel=1e-12)
    assert kl_divergence(p, q, base) == pytest.approx(scipy_stats.entropy(p, q, base=base), rel=1e-12)
    theirs = distance.jensenshannon(p, q, base=base) ** 2
    assert jensen_shannon_divergence(p, q, base) == pytest.approx(theirs, rel=1e-9)


def test_divergence_where_q_misses_support():
    p, q = [0.5, 0.5, 0], [1, 0, 0]
    assert kl_divergence(p, q) == scipy_stats.entropy(p, q, base=2) == math.inf


def test_plug_in_entropy_of_many_experiments():
    counts = RNG.integers(0, 20, (7, 3, 5)) + np.eye(5, dtype=int)[0]
    assert np.allclose(plug_in_entropy(counts), scipy_stats.entropy(counts, base=2, axis=-1))


def test_mutual_information_of_labels():
    metrics = pytest.importorskip("sklearn.metrics", reason="needs the parity extra")
    x = RNG.integers(0, 4, 300)
    y = np.where(RNG.random(300) < 0.5, x, RNG.integers(0, 4, 300))
    joint = np.histogram2d(x, y, bins=4)[0] / 300
    assert mutual_information(joint, math.e) == pytest.approx(metrics.mutual_info_score(x, y), rel=1e-9)


@pytest.mark.parametrize(
    "law",
    [
        scipy_stats.norm(100, 1),
        scipy_stats.norm(-2, 1e-2),
        scipy_stats.expon(3),
        scipy_stats.uniform(1, 3),
        scipy_stats.beta(2, 5),
        scipy_stats.beta(0.2, 3),
        scipy_stats.gamma(0.3),
        scipy_stats.lognorm(1),
        scipy_stats.t(3),
        scipy_stats.triang(0.3),
        scipy_stats.logistic(),
    ],
    ids=lambda law: f"{law.dist.name}{law.args}",
)
def test_differential_entropy(law):
    low, high = law.support()
    if law.std() < 0.1:
        low, high = law.mean() - 40 * law.std(), law.mean() + 40 * law.std()
    assert differential_entropy(law.pdf, low, high, math.e) == pytest.approx(law.entropy(), abs=1e-7)
