"""Training runs step by step against Keras', from equal weights and equal batches."""

import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
keras = pytest.importorskip("keras", reason="needs the parity extra")

from chainrule import Sequential  # noqa: E402
from chainrule import callbacks as our_callbacks  # noqa: E402
from chainrule import layers as our_layers  # noqa: E402
from chainrule import losses as our_losses  # noqa: E402
from chainrule import optimizers as our_optimizers  # noqa: E402
from chainrule import regularizers as our_regularizers  # noqa: E402
from chainrule import schedules as our_schedules  # noqa: E402

pytestmark = pytest.mark.parity

TOLERANCE = {"float32": 2e-5, "float64": 1e-10}


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    before = keras.config.floatx()
    keras.config.set_floatx(request.param)
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_floatx(before)
    keras.config.set_dtype_policy(before)


def examples(dtype, outputs=1, m=70, n=6):
    """Return features and targets for a sigmoid or softmax output."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(m, n)).astype(dtype)
    scores = x @ rng.normal(size=(n, outputs)) + rng.normal(size=(m, outputs))
    y = (scores > 0) if outputs == 1 else np.eye(outputs)[scores.argmax(axis=1)]
    return x, y.astype(dtype)


def networks(widths, activations, dtype, **dense):
    """Return the same network, ours and Keras', with the same random weights."""
    ours = Sequential(
        [our_layers.Dense(w, activation=a, **dense) for w, a in zip(widths, activations, strict=True)],
        dtype=dtype,
        rng=0,
    )
    theirs = keras.Sequential(
        [keras.layers.Dense(w, activation=a, **dense) for w, a in zip(widths, activations, strict=True)]
    )
    ours.build((None, 6))
    theirs.build((None, 6))
    rng = np.random.default_rng(1)
    weights = [rng.normal(0, 0.7, w.shape).astype(dtype) for w in ours.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs


def assert_same_weights(ours, theirs, tolerance):
    assert all(np.isfinite(w).all() for w in ours.get_weights())
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert mine.shape == other.shape
        np.testing.assert_allclose(mine, other, rtol=tolerance, atol=tolerance)


def follow(ours, theirs, x, y, tolerance, batch=16, epochs=6, sample_weight=None):
    """Train both batch by batch, the last one short, and compare all weights after every update."""
    for _ in range(epochs):
        for start in range(0, len(x), batch):
            rows = slice(start, start + batch)
            weight = None if sample_weight is None else sample_weight[rows]
            ours.train_on_batch(x[rows], y[rows], sample_weight=weight)
            theirs.train_on_batch(x[rows], y[rows], sample_weight=weight)
            assert_same_weights(ours, theirs, tolerance)


# Keras rounds settings to float32 even where it trains in float64: these are whole multiples of powers of 2.
ADAM = {"beta_1": 0.875, "beta_2": 1 - 2**-10, "epsilon": 2**-23}
OPTIMIZERS = {
    "sgd": lambda o, s: o.SGD(0.25),
    "momentum": lambda o, s: o.SGD(0.125, momentum=0.875),
    "nesterov": lambda o, s: o.SGD(0.125, momentum=0.875, nesterov=True),
    "rmsprop": lambda o, s: o.RMSprop(2**-7, rho=0.875, epsilon=2**-23),
    "rmsprop with all": lambda o, s: o.RMSprop(2**-7, rho=0.75, momentum=0.5, epsilon=2**-10, centered=True),
    "adam": lambda o, s: o.Adam(2**-7, **ADAM),
    "adam with all": lambda o, s: o.Adam(2**-4, beta_1=0.5, beta_2=0.75, epsilon=2**-6),
    "clipnorm": lambda o, s: o.SGD(0.5, clipnorm=2**-4),
    "clipvalue": lambda o, s: o.SGD(0.5, momentum=0.5, clipvalue=2**-5),
    "global_clipnorm": lambda o, s: o.Adam(2**-7, **ADAM, global_clipnorm=2**-4),
    "schedule": lambda o, s: o.SGD(s.ExponentialDecay(0.5, 5, 0.5, staircase=True)),
    "scheduled adam": lambda o, s: o.Adam(s.PiecewiseConstantDecay([3, 9], [0.125, 2**-7, 2**-10]), **ADAM),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_update_of_every_optimizer_is_that_of_keras(name, dtype):
    x, y = examples(dtype)
    ours, theirs = networks([5, 4, 1], ["tanh", "sigmoid", "sigmoid"], dtype)
    ours.compile(OPTIMIZERS[name](our_optimizers, our_schedules), "binary_crossentropy")
    theirs.compile(
        OPTIMIZERS[name](keras.optimizers, keras.optimizers.schedules), "binary_crossentropy", run_eagerly=True
    )
    follow(ours, theirs, x, y, TOLERANCE[dtype], epochs=4)


LOSSES = {
    "bce": (1, "sigmoid", "BinaryCrossentropy", {}),
    "bce, many": (3, "sigmoid", "BinaryCrossentropy", {}),
    "bce from logits": (1, None, "BinaryCrossentropy", {"from_logits": True}),
    "bce after softplus": (1, "softplus", "BinaryCrossentropy", {}),
    "categorical": (3, "softmax", "CategoricalCrossentropy", {}),
    "categorical from logits": (3, None, "CategoricalCrossentropy", {"from_logits": True}),
    # After a sigmoid, Keras would take its logits for those of a softmax; softplus has none.
    "categorical after softplus": (3, "softplus", "CategoricalCrossentropy", {}),
    "sparse": (3, "softmax", "SparseCategoricalCrossentropy", {}),
    "sparse from logits": (3, None, "SparseCategoricalCrossentropy", {"from_logits": True}),
    "sparse after softplus": (3, "softplus", "SparseCategoricalCrossentropy", {}),
    "mse": (2, None, "MeanSquaredError", {}),
    "mae": (2, "tanh", "MeanAbsoluteError", {}),
}


@pytest.mark.parametrize("name", LOSSES)
def test_training_with_every_loss_follows_keras(name, dtype):
    outputs, activation, loss, settings = LOSSES[name]
    x, y = examples(dtype, outputs)
    y = y.argmax(axis=1) if loss.startswith("Sparse") else y
    ours, theirs = networks([5, outputs], ["relu", activation], dtype)
    ours.compile(our_optimizers.SGD(0.25), getattr(our_losses, loss)(**settings))
    theirs.compile(keras.optimizers.SGD(0.25), getattr(keras.losses, loss)(**settings), run_eagerly=True)
    for weight in (None, np.random.default_rng(3).uniform(0, 3, len(x)).astype(dtype)):
        follow(ours, theirs, x, y, TOLERANCE[dtype], epochs=1, batch=32, sample_weight=weight)
        np.testing.assert_allclose(
            ours.evaluate(x, y, sample_weight=weight),
            theirs.evaluate(x, y, sample_weight=weight, verbose=0),
            rtol=TOLERANCE[dtype],
        )


ACTIVATIONS = ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "softmax", "elu", "gelu"]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_training_through_every_activation_follows_keras(name, dtype):
    x, y = examples(dtype)
    ours, theirs = networks([5, 4, 1], [name, name, None], dtype)
    ours.compile(our_optimizers.SGD(2**-6), "mse")
    theirs.compile(keras.optimizers.SGD(2**-6), "mse", run_eagerly=True)
    # TensorFlow takes the slope of leaky ReLU, 0.2, and the root of 2 in float32 always.
    tolerance = max(TOLERANCE[dtype], 1e-7 if name in ("leaky_relu", "gelu") else 0)
    follow(ours, theirs, x, y, tolerance, epochs=1)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x, verbose=0), rtol=10 * tolerance, atol=tolerance)
    np.testing.assert_allclose(ours.evaluate(x, y), theirs.evaluate(x, y, verbose=0), rtol=10 * tolerance)


def test_layers_of_their_own_follow_keras(dtype):
    def build(layers, regularizers):
        penalized = {"kernel_regularizer": regularizers.L2(2**-6), "bias_regularizer": regularizers.L1L2(2**-5, 2**-4)}
        return [
            layers.Dense(5, **penalized),
            layers.LeakyReLU(0.25),
            layers.Dense(4, use_bias=False),
            layers.Activation("tanh"),
            layers.Dense(1),
        ]

    x, y = examples(dtype)
    ours, theirs = (
        Sequential(build(our_layers, our_regularizers), dtype=dtype),
        keras.Sequential(build(keras.layers, keras.regularizers)),
    )
    theirs.build((None, 6))
    ours.build((None, 6))
    ours.set_weights(theirs.get_weights())
    ours.compile(our_optimizers.SGD(0.25), "mse")
    theirs.compile(keras.optimizers.SGD(0.25), "mse", run_eagerly=True)
    follow(ours, theirs, x, y, TOLERANCE[dtype], epochs=1)
    np.testing.assert_allclose(ours.evaluate(x, y), theirs.evaluate(x, y, verbose=0), rtol=TOLERANCE[dtype])
    theirs.set_weights(ours.get_weights())
    assert ours.count_params() == theirs.count_params()
    assert_same_weights(ours, theirs, TOLERANCE[dtype])


def test_a_whole_fit_reports_what_keras_reports(dtype):
    x, y = examples(dtype)
    metrics = ["accuracy", "mse", "mae"]
    ours, theirs = networks([5, 1], ["relu", "sigmoid"], dtype)
    ours.compile(our_optimizers.Adam(2**-7, **ADAM), "binary_crossentropy", metrics=metrics)
    theirs.compile(keras.optimizers.Adam(2**-7, **ADAM), "binary_crossentropy", metrics=metrics)
    settings = {
        "batch_size": 16,
        "epochs": 3,
        "shuffle": False,
        "validation_split": 0.3,
        "class_weight": {0: 0.5, 1: 2.0},
        "verbose": 0,
    }
    mine, other = ours.fit(x, y, **settings), theirs.fit(x, y, **settings)
    assert mine.epoch == other.epoch
    assert mine.params["steps"] == other.params["steps"]
    assert set(mine.history) == set(other.history)
    for name, values in other.history.items():
        np.testing.assert_allclose(mine.history[name], values, rtol=2e-5, err_msg=name)
    assert_same_weights(ours, theirs, TOLERANCE[dtype])
    np.testing.assert_allclose(ours.evaluate(x, y), theirs.evaluate(x, y, verbose=0), rtol=2e-5)


@pytest.mark.parametrize(
    ("outputs", "loss"), [(1, "bce"), (3, "categorical_crossentropy"), (3, "sparse_categorical_crossentropy")]
)
def test_accuracy_means_what_it_means_in_keras(outputs, loss):
    x, y = examples("float32", outputs)
    y = y.argmax(axis=1) if loss.startswith("sparse") else y
    ours, theirs = networks([outputs], ["sigmoid" if outputs == 1 else "softmax"], "float32")
    ours.compile(loss=loss, metrics=["accuracy"])
    theirs.compile(loss=loss, metrics=["accuracy"], run_eagerly=True)
    accuracy = ours.evaluate(x, y)[1]
    assert 0 < accuracy < 1
    assert accuracy == pytest.approx(theirs.evaluate(x, y, verbose=0)[1])


def test_saturated_probabilities_cost_what_they_cost_in_keras():
    """In a model Keras reaches through the sigmoid for the logits; on bare probabilities it clips at 1e-7."""
    x = np.full((4, 6), 50, "float32")
    y = np.zeros((4, 1), "float32")
    ours, theirs = networks([1], ["sigmoid"], "float32", kernel_initializer="ones")
    weights = [np.ones((6, 1), "float32"), np.zeros(1, "float32")]
    for model in (ours, theirs):
        model.set_weights(weights)
    ours.compile(loss="bce")
    theirs.compile(loss="binary_crossentropy", run_eagerly=True)
    assert ours.evaluate(x, y) == pytest.approx(300)
    assert theirs.evaluate(x, y, verbose=0) == pytest.approx(300)
    p = ours.predict(x)
    assert our_losses.BinaryCrossentropy()(y, p) == pytest.approx(float(keras.losses.BinaryCrossentropy()(y, p)))


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean", "sum", "none"])
@pytest.mark.parametrize("loss", sorted({loss for _, _, loss, _ in LOSSES.values()}))
def test_a_loss_called_by_itself_is_that_of_keras(loss, reduction):
    rng = np.random.default_rng(2)
    k = 3
    p = rng.uniform(0.01, 1, (20, k))
    p[0], p[1] = [0, 1, 0.5], [1, 0, 0]
    y = rng.integers(0, k, 20) if loss.startswith("Sparse") else rng.dirichlet(np.ones(k), 20)
    weight = rng.uniform(0, 2, 20)
    for sample_weight in (None, weight):
        for settings in ({}, {"from_logits": True}) if "Cross" in loss else ({},):
            # Keras computes in float32 here.
            ours = getattr(our_losses, loss)(reduction=reduction, **settings)(y, p.astype("f"), sample_weight)
            theirs = getattr(keras.losses, loss)(reduction=reduction, **settings)(y, p.astype("f"), sample_weight)
            np.testing.assert_allclose(ours, np.asarray(theirs), rtol=2e-5, atol=1e-6)


SCHEDULES = {
    "exponential": lambda s: s.ExponentialDecay(0.1, 7, 0.5),
    "staircase": lambda s: s.ExponentialDecay(0.1, 7, 0.5, staircase=True),
    "inverse": lambda s: s.InverseTimeDecay(0.1, 7, 0.5),
    "inverse staircase": lambda s: s.InverseTimeDecay(0.1, 7, 0.5, staircase=True),
    "polynomial": lambda s: s.PolynomialDecay(0.1, 11, 0.01, power=2.0),
    "cycling": lambda s: s.PolynomialDecay(0.1, 11, 0.01, cycle=True),
    "cosine": lambda s: s.CosineDecay(0.1, 13, alpha=0.1),
    "cosine after a rise": lambda s: s.CosineDecay(0.01, 13, alpha=0.1, warmup_target=0.2, warmup_steps=5),
    "constant": lambda s: s.PiecewiseConstantDecay([3, 17], [0.1, 0.01, 0.5]),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_are_those_of_keras(name):
    ours, theirs = SCHEDULES[name](our_schedules), SCHEDULES[name](keras.optimizers.schedules)
    steps = range(40)
    np.testing.assert_allclose([ours(t) for t in steps], [float(theirs(t)) for t in steps], rtol=1e-5)


class Stub:
    """A model without layers, for callbacks that only stop it."""

    stop_training = False

    def __init__(self):
        self.metrics = []
        self.parameters = np.zeros(1)

    def get_weights(self):
        return [self.parameters.copy()]

    def set_weights(self, weights):
        self.parameters[...] = weights[0]


def stopped(callback, values, monitor):
    """Return after which epoch a callback stops on this history, and which weights it leaves."""
    model = Stub()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.parameters[...] = epoch
        callback.on_epoch_end(epoch, {monitor: value})
        if model.stop_training:
            break
    callback.on_train_end()
    return epoch, model.parameters[0], callback.stopped_epoch, callback.best_epoch


def test_early_stopping_decides_as_keras_does_on_random_histories():
    rng = np.random.default_rng(8)
    outcomes = set()
    for _ in range(400):
        # Sixteenths: many ties, and exact in float32, in which Keras compares.
        values = (np.round(16 + 16 * np.cumsum(rng.normal(-0.05, 0.3, 25))) / 16).tolist()
        settings = {
            "monitor": "val_loss",
            "patience": int(rng.integers(0, 6)),
            "min_delta": float(rng.choice([0, 0.125, 0.25])),
            "mode": str(rng.choice(["auto", "min", "max"])),
            "baseline": rng.choice([None, 0.5, 1.5]),
            "restore_best_weights": bool(rng.integers(2)),
            "start_from_epoch": int(rng.integers(0, 4)),
        }
        ours = stopped(our_callbacks.EarlyStopping(**settings), values, "val_loss")
        theirs = stopped(keras.callbacks.EarlyStopping(**settings), values, "val_loss")
        assert ours == theirs, (settings, values)
        outcomes.add(ours[0])
    assert len(outcomes) > 10
