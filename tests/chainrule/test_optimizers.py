"""Optimizers: rules against plain loops, clipping against its definition, functions of one's own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule import optimizers
from chainrule.optimizers import SGD, Adam, FunctionOptimizer, RMSprop
from chainrule.schedules import ExponentialDecay

VECTORS = hnp.arrays(np.float64, 6, elements=st.floats(-10, 10))


def textbook(rule, w, gradients):
    """Update one weight at a time, as the formulas in the docstrings say."""
    w, a, b, c = list(w), [0.0] * len(w), [0.0] * len(w), [0.0] * len(w)
    for t, g in enumerate(gradients, start=1):
        for i, gi in enumerate(g):
            a[i], b[i], c[i], change = rule(t, gi, a[i], b[i], c[i])
            w[i] -= change
    return w


def momentum(t, g, v, _, __, lr=0.1, beta=0.9, nesterov=False):
    v = beta * v - lr * g
    return v, 0, 0, -(beta * v - lr * g) if nesterov else -v


def rmsprop(t, g, s, _, __, lr=0.01, rho=0.9, eps=1e-7):
    s = rho * s + (1 - rho) * g**2
    return s, 0, 0, lr * g / (s + eps) ** 0.5


def centered(t, g, s, mean, v, lr=0.01, rho=0.9, eps=1e-3, beta=0.5):
    s = rho * s + (1 - rho) * g**2
    mean = rho * mean + (1 - rho) * g
    v = beta * v + lr * g / (s - mean**2 + eps) ** 0.5
    return s, mean, v, v


def adam(t, g, m, v, _, lr=0.01, b1=0.9, b2=0.999, eps=1e-7):
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
    return m, v, 0, lr * m * (1 - b2**t) ** 0.5 / (1 - b1**t) / (v**0.5 + eps)


RULES = {
    "sgd": (lambda: SGD(0.1), lambda *a: (0, 0, 0, 0.1 * a[1])),
    "momentum": (lambda: SGD(0.1, momentum=0.9), momentum),
    "nesterov": (lambda: SGD(0.1, 0.9, True), lambda *a: momentum(*a, nesterov=True)),
    "rmsprop": (lambda: RMSprop(0.01), rmsprop),
    "centered": (lambda: RMSprop(0.01, momentum=0.5, epsilon=1e-3, centered=True), centered),
    "adam": (lambda: Adam(0.01), adam),
}


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=30, deadline=None)
@given(w=VECTORS, gradients=st.lists(VECTORS, min_size=1, max_size=8))
def test_rules_are_those_of_their_formulas(name, w, gradients):
    make, rule = RULES[name]
    want = textbook(rule, w, gradients)
    optimizer, got = make(), w.copy()
    for gradient in gradients:
        before = gradient.copy()
        optimizer.apply(got, gradient)
        np.testing.assert_array_equal(gradient, before)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)
    assert optimizer.iterations == len(gradients)


@pytest.mark.parametrize("name", RULES)
def test_many_weights_are_updated_as_few_are(name, monkeypatch):
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(4, 23))
    whole, blocks = RULES[name][0](), RULES[name][0]()
    monkeypatch.setattr(blocks, "block", 5, raising=False)
    w, v = np.zeros(23), np.zeros(23)
    for gradient in gradients:
        whole.apply(w, gradient)
        blocks.apply(v, gradient)
    np.testing.assert_array_equal(v, w)


@pytest.mark.parametrize("name", ["momentum", "rmsprop", "centered", "adam"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_moments_of_a_dead_weight_never_become_subnormal(name, dtype):
    """Subnormal numbers are right, but a hundred times slower; a weight with a live gradient is not touched."""
    optimizer = RULES[name][0]()
    w = np.ones(2, dtype)
    optimizer.apply(w, np.array([1e-3, 1e-3], dtype))
    for _ in range(1500 if dtype == np.float32 else 9000):
        optimizer.apply(w, np.array([0, 1e-3], dtype))
    for moment in optimizer.state:
        assert moment[1] != 0
        assert moment[0] == 0 or abs(moment[0]) >= np.finfo(dtype).tiny


def test_an_own_rule_sees_all_weights_at_once():
    sizes = []
    optimizers.get(lambda w, g: sizes.append(len(w))).apply(np.zeros(100_000), np.ones(100_000))
    assert sizes == [100_000]


@pytest.mark.parametrize("name", RULES)
def test_float32_stays_float32(name):
    w = np.ones(3, np.float32)
    optimizer = RULES[name][0]()
    optimizer.apply(w, np.ones(3, np.float32))
    assert w.dtype == np.float32
    assert all(moment.dtype == np.float32 for moment in optimizer.state)


@settings(max_examples=30, deadline=None)
@given(g=VECTORS, limit=st.floats(0.1, 5))
def test_clipping(g, limit):
    parts = [slice(0, 2), slice(2, 6)]
    for setting, want in (
        ("clipvalue", np.clip(g, -limit, limit)),
        ("global_clipnorm", g * min(1, limit / max(np.linalg.norm(g), 1e-300))),
        ("clipnorm", np.concatenate([g[s] * min(1, limit / max(np.linalg.norm(g[s]), 1e-300)) for s in parts])),
    ):
        w, gradient = np.zeros(6), g.copy()
        SGD(1.0, **{setting: limit}).apply(w, gradient, [gradient[s] for s in parts])
        np.testing.assert_allclose(-w, want, rtol=1e-12, atol=1e-14)


def test_the_learning_rate_may_be_a_function_and_may_change():
    optimizer = SGD(ExponentialDecay(1.0, 1, 0.5))
    w = np.zeros(1)
    for _ in range(3):
        optimizer.apply(w, np.ones(1))
    assert w[0] == -(1 + 0.5 + 0.25)
    optimizer.learning_rate = 2
    optimizer.apply(w, np.ones(1))
    assert w[0] == -3.75
    assert repr(optimizer) == "SGD(learning_rate=2)"


def returning(w, g):
    return w - 0.5 * g


def in_place(w, g):
    w -= 0.5 * g


@pytest.mark.parametrize("step", [returning, in_place])
def test_an_own_rule_may_return_weights_or_change_them(step):
    w = np.array([1.0, 2.0])
    optimizers.get(step).apply(w, np.ones(2))
    np.testing.assert_array_equal(w, [0.5, 1.5])


def test_an_own_rule_must_return_all_weights():
    with pytest.raises(ValueError, match=r"the new weights, shape \(2,\), it returned shape \(1,\)"):
        FunctionOptimizer(lambda w, g: w[:1]).apply(np.ones(2), np.ones(2))


def test_an_optimizer_trains_one_model():
    optimizer = Adam()
    optimizer.apply(np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match=r"make a new Adam\(\)"):
        optimizer.apply(np.ones(2), np.ones(2))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(-0.1), "learning_rate"),
        (lambda: SGD(np.nan), "learning_rate"),
        (lambda: SGD(0.1, momentum=1.5), "momentum"),
        (lambda: RMSprop(rho=-1), "rho"),
        (lambda: RMSprop(epsilon=-1), "epsilon"),
        (lambda: Adam(beta_1=1), "below 1"),
        (lambda: SGD(clipnorm=1, clipvalue=1), "only one of"),
        (lambda: SGD(clipnorm=0), "clipnorm must be above 0"),
        (lambda: optimizers.get("adma"), "did you mean 'adam'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_what_is_no_optimizer_is_refused():
    with pytest.raises(TypeError, match=r"write Adam\(\)"):
        optimizers.get(Adam)
    with pytest.raises(TypeError, match="got 3"):
        optimizers.get(3)
    with pytest.raises(TypeError, match="learning_rate must be a number"):
        SGD("fast")
    with pytest.raises(TypeError, match="clip"):
        SGD(0.1, clip=3)
    assert isinstance(optimizers.get("SGD"), SGD)
    own = Adam()
    assert optimizers.get(own) is own
