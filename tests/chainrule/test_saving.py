"""Saving: what is read back is what was written, goes on training, and never runs anything."""

import io
import zipfile

import numpy as np
import pytest

from chainrule import Sequential, schedules
from chainrule.layers import Activation, Dense, Dropout, Input, Layer, LeakyReLU
from chainrule.losses import BinaryCrossentropy
from chainrule.models import load_model
from chainrule.optimizers import SGD, Adam, RMSprop
from chainrule.regularizers import L1, L1L2

X = np.random.default_rng(0).normal(size=(40, 3))
Y = (X.sum(axis=1) > 0).astype(float)


def rich(optimizer=None):
    model = Sequential(
        [
            Dense(4, "relu", kernel_initializer="he_normal", kernel_regularizer=L1L2(0.01, 0.02), name="first"),
            LeakyReLU(0.1),
            Dropout(0.2),
            Dropout(0.1, seed=7),
            Dense(3, "gelu", use_bias=False, bias_regularizer=L1(0.3)),
            Activation("tanh"),
            Dense(2, LeakyReLU(0.4)),
            Dense(1, "sigmoid"),
        ],
        "rich",
        rng=5,
        dtype="float64",
    )
    model.compile(optimizer or Adam(0.02), BinaryCrossentropy(), metrics=["accuracy", "mse"])
    return model


OPTIMIZERS = {
    "sgd": lambda: SGD(0.1, momentum=0.9, nesterov=True, clipnorm=0.5),
    "rmsprop": lambda: RMSprop(schedules.ExponentialDecay(0.1, 5, 0.5, staircase=True), centered=True, momentum=0.3),
    "adam": lambda: Adam(schedules.PiecewiseConstantDecay([3, 9], [0.1, 0.01, 0.001]), beta_1=0.8),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_from_the_file_as_if_never_interrupted(name, tmp_path):
    straight, saved = rich(OPTIMIZERS[name]()), rich(OPTIMIZERS[name]())
    straight.fit(X, Y, epochs=3, verbose=0)
    saved.fit(X, Y, epochs=3, verbose=0)
    saved.save(tmp_path / "model.npz")
    loaded = load_model(tmp_path / "model.npz")
    np.testing.assert_array_equal(loaded.predict(X), straight.predict(X))
    assert loaded.evaluate(X, Y, return_dict=True) == straight.evaluate(X, Y, return_dict=True)
    a, b = straight.fit(X, Y, epochs=4, verbose=0), loaded.fit(X, Y, epochs=4, verbose=0)
    assert a.history == b.history
    np.testing.assert_array_equal(loaded.parameters, straight.parameters)
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in straight.layers]
    assert (loaded.name, loaded.dtype) == ("rich", np.float64)


def test_a_model_that_is_not_compiled_can_be_saved(tmp_path):
    model = Sequential([Input((3,)), Dense(2, "softmax")], rng=0)
    model.save(tmp_path / "model.npz")
    loaded = load_model(str(tmp_path / "model.npz"))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    with pytest.raises(ValueError, match="not compiled"):
        loaded.fit(X, Y)


def test_weights_alone_go_into_a_model_of_the_same_shape(tmp_path):
    one, other = rich(), rich()
    one.fit(X, Y, verbose=0)
    other.build((None, 3))
    one.save_weights(tmp_path / "weights.npz")
    other.load_weights(tmp_path / "weights.npz")
    np.testing.assert_array_equal(other.parameters, one.parameters)
    one.save(tmp_path / "whole.npz")
    other.parameters[...] = 0
    other.load_weights(tmp_path / "whole.npz")
    np.testing.assert_array_equal(other.parameters, one.parameters)
    with pytest.raises(ValueError, match="has weights of shapes"):
        Sequential([Input((3,)), Dense(7)]).load_weights(tmp_path / "weights.npz")
    with pytest.raises(ValueError, match="holds weights alone"):
        load_model(tmp_path / "weights.npz")


def test_the_file_is_plain_arrays_that_numpy_reads_without_pickle(tmp_path):
    model = rich()
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "model.npz")
    with np.load(tmp_path / "model.npz", allow_pickle=False) as file:
        weights = [file[f"weights/{i}"] for i in range(len(model.get_weights()))]
    for mine, other in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(mine, other)


def wave(z):
    return np.sin(z)


def fourth(y, p):
    return (y - p) ** 4


def step(w, g):
    return w - 0.1 * g


def penalty(w):
    return np.sum(w**4)


def start(shape, rng):
    return rng.normal(size=shape)


def distance(y, p):
    return np.abs(y - p)


OWN = {function.__name__: function for function in (wave, fourth, step, penalty, start, distance)}


def test_own_functions_are_asked_for_by_name(tmp_path):
    model = Sequential([Dense(2, wave, kernel_initializer=start, kernel_regularizer=penalty), Dense(1)], rng=0)
    model.compile(step, fourth, metrics=[distance])
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "own.npz")
    loaded = load_model(tmp_path / "own.npz", custom_objects=OWN)
    assert loaded.fit(X, Y, verbose=0).history == model.fit(X, Y, verbose=0).history
    for name in OWN:
        some = {key: value for key, value in OWN.items() if key != name}
        with pytest.raises(ValueError, match=f"'{name}'"):
            load_model(tmp_path / "own.npz", custom_objects=some)


class Doubling(Layer):
    """A layer of a learner's own."""

    def __init__(self, factor, **settings):
        super().__init__(**settings)
        self.factor = factor

    def forward(self, inputs, training=False):
        return inputs * self.factor

    def backward(self, gradient):
        return gradient * self.factor


def test_own_classes_are_made_again_with_their_settings(tmp_path):
    model = Sequential([Dense(2), Doubling(3, name="double"), Dense(1), Doubling(2)], rng=0)
    model.compile(loss="mse")
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "own.npz")
    with pytest.raises(ValueError, match="'Doubling', which is not part"):
        load_model(tmp_path / "own.npz")
    loaded = load_model(tmp_path / "own.npz", {"Doubling": Doubling})
    assert (loaded.layers[1].factor, loaded.layers[1].name) == (3, "double")
    assert loaded.fit(X, Y, verbose=0).history == model.fit(X, Y, verbose=0).history


def test_an_own_sigmoid_is_not_exchanged_for_the_librarys(tmp_path):
    def sigmoid(z):
        return 0.25 * z

    model = Sequential([Input((3,)), Dense(1, sigmoid)], rng=0)
    model.save(tmp_path / "own.npz")
    with pytest.raises(ValueError, match="custom_objects"):
        load_model(tmp_path / "own.npz")
    loaded = load_model(tmp_path / "own.npz", {"sigmoid": sigmoid})
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


@pytest.mark.parametrize("content", [b"", b"not a model", "array", "other", "pickle", "cut"])
def test_what_is_no_model_is_refused_in_one_line(content, tmp_path):
    path = tmp_path / "wrong.npz"
    if content == "array":
        with path.open("wb") as file:
            np.save(file, np.ones(3))
    elif content == "other":
        np.savez(path, x=np.ones(3))
    elif content == "pickle":
        np.savez(path, config=np.array([{"a": 1}], dtype=object))
    elif content == "cut":
        model = Sequential([Input((3,)), Dense(1)])
        model.save(path)
        path.write_bytes(path.read_bytes()[:-200])
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"wrong\.npz") as caught:
        load_model(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match=r"wrong\.npz"):
        Sequential([Input((3,)), Dense(1)]).load_weights(path)


def test_missing_files_folders_and_names(tmp_path):
    model = rich()
    with pytest.raises(ValueError, match="no weights to save yet"):
        model.save(tmp_path / "model.npz")
    model.build((None, 3))
    with pytest.raises(ValueError, match=r"must end in \.npz"):
        model.save(tmp_path / "model.keras")
    with pytest.raises(FileNotFoundError):
        model.save(tmp_path / "nowhere" / "model.npz")
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "nothing.npz")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch):
    model = rich()
    model.build((None, 3))
    model.save(tmp_path / "model.npz")
    before = (tmp_path / "model.npz").read_bytes()

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.save(tmp_path / "model.npz")
    assert (tmp_path / "model.npz").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_any_generator_is_kept(bits, tmp_path):
    model = Sequential([Input((3,)), Dense(1)], rng=np.random.Generator(bits(3)))
    model.rng.normal(size=5)
    model.save(tmp_path / "model.npz")
    np.testing.assert_array_equal(load_model(tmp_path / "model.npz").rng.random(9), model.rng.random(9))


def test_a_file_can_be_opened_as_the_archive_it_is(tmp_path):
    model = Sequential([Input((3,)), Dense(1)])
    model.save(tmp_path / "model.npz")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "model.npz").read_bytes())) as archive:
        assert archive.testzip() is None
