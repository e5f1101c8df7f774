"""Models: what users of Keras expect of them, gradients against differences, and everything that is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule
from chainrule import Sequential, activations
from chainrule.callbacks import LambdaCallback
from chainrule.datasets import load_digits
from chainrule.layers import Activation, Dense, Dropout, Input, LeakyReLU
from chainrule.losses import BinaryCrossentropy, MeanSquaredError
from chainrule.optimizers import SGD

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = (X @ [1, -2, 0.5, 0] > 0).astype(float)
THREE = np.digitize(X[:, 0], [-0.5, 0.5])


def binary(dtype="float64", optimizer="sgd", hidden="tanh", **settings):
    model = Sequential([Dense(5, hidden), Dense(1, "sigmoid")], rng=3, dtype=dtype)
    model.compile(optimizer, "bce", **settings)
    return model


def numeric_gradient(model, x, y, h=1e-6):
    """Return the derivative of the cost that `evaluate` gives with respect to every weight."""
    vector = model.parameters
    gradient = np.empty_like(vector)
    for i, there in enumerate(vector.copy()):
        vector[i] = there + h
        above = model.evaluate(x, y)
        vector[i] = there - h
        gradient[i] = (above - model.evaluate(x, y)) / (2 * h)
        vector[i] = there
    return gradient


def test_the_listing_of_the_notes_runs_with_its_imports_changed():
    X, Y = load_digits(classes=(0, 1))
    # fmt: off
    from chainrule import Sequential
    from chainrule.layers import Dense
    # 1: sequence model
    model = Sequential([
        Dense(units = 25, activation = 'sigmoid'),
        Dense(units = 15, activation = 'sigmoid'),
        Dense(units = 1, activation = 'sigmoid')
    ])
    # 2: compile model
    from chainrule.losses import BinaryCrossentropy
    model.compile(loss = BinaryCrossentropy())
    # 3: training the model
    model.fit(X, Y, epochs = 100)
    # fmt: on
    assert ((model.predict(X)[:, 0] >= 0.5) == Y).mean() >= 0.99
    assert model.count_params() == (64 * 25 + 25) + (25 * 15 + 15) + (15 + 1)


def test_all_ten_digits_are_learned_and_hold_on_unseen_ones():
    x, y = load_digits()
    model = Sequential([Dense(64, "relu"), Dense(10, "softmax")], rng=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    order = np.random.default_rng(0).permutation(len(x))
    rest, test = order[:-400], order[-400:]
    model.fit(x[rest], y[rest], epochs=25, verbose=0)
    assert model.evaluate(x[test], y[test])[1] > 0.96


PAIRS = {
    "sigmoid and bce": ("sigmoid", "bce", 1),
    "three sigmoids and bce": ("sigmoid", "bce", 3),
    "logits": (None, BinaryCrossentropy(from_logits=True), 1),
    "softmax": ("softmax", "categorical_crossentropy", 3),
    "softmax, sparse": ("softmax", "sparse_categorical_crossentropy", 3),
    "sigmoid and mse": ("sigmoid", "mse", 2),
    "tanh and mae": ("tanh", "mae", 1),
    "own activation": ((np.sin, np.cos), "mse", 2),
    "own loss": ("sigmoid", lambda y, p: (y - p) ** 4, 2),
    "own loss of class numbers": ("softmax", lambda y, p: -np.log(p[np.arange(len(y)), y]), 3),
}


@pytest.mark.parametrize("rows", [7, 1500])
@pytest.mark.parametrize("name", PAIRS)
def test_gradients_are_the_differences_of_the_cost(name, rows):
    activation, loss, outputs = PAIRS[name]
    rng = np.random.default_rng(1)
    x = rng.normal(size=(rows, 2))
    if "sparse" in name or "class numbers" in name:
        y = rng.integers(0, outputs, rows)
    else:
        y = rng.dirichlet(np.ones(outputs + 1), rows)[:, :outputs]
        y = y / y.sum(axis=1, keepdims=True) if activation == "softmax" else y
    model = Sequential(
        [Dense(3, "gelu", kernel_regularizer="l2"), LeakyReLU(), Dense(outputs, activation, bias_regularizer="l1")],
        rng=1,
        dtype="float64",
    )
    model.compile(loss=loss)
    model.build((None, 2))
    model.parameters += 0.1
    before = model.parameters.copy()
    cost, gradients = model.compute_gradients(x, y)
    np.testing.assert_array_equal(model.parameters, before)
    assert cost == pytest.approx(model.evaluate(x, y), rel=1e-12)
    assert [g.shape for g in gradients] == [w.shape for w in model.get_weights()]
    want = Sequential.get_weights(model)
    numeric = numeric_gradient(model, x, y)
    model.gradients[...] = numeric
    for got, want in zip(gradients, model.weight_gradients, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=2e-7)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 5),
    inputs=st.integers(1, 4),
    hidden=st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["tanh", "sigmoid", "softplus", "gelu"])), max_size=3),
    outputs=st.sampled_from([("sigmoid", "bce", 1), ("sigmoid", "bce", 3), ("softmax", "cce", 3), (None, "mse", 2)]),
    dtype=st.sampled_from(["float32", "float64"]),
    use_bias=st.booleans(),
    weighted=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_gradients_of_any_network_are_the_differences_of_its_cost(
    rows, inputs, hidden, outputs, dtype, use_bias, weighted, seed
):
    activation, loss, width = outputs
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(rows, inputs)), rng.dirichlet(np.ones(width + 1), rows)[:, :width]
    weights = rng.uniform(0, 2, rows) if weighted else None

    def network(dtype):
        layers = [Dense(units, name, use_bias) for units, name in hidden]
        model = Sequential([Input((inputs,)), *layers, Dense(width, activation, use_bias)], rng=seed, dtype=dtype)
        model.compile(SGD(1.0), loss.replace("cce", "categorical_crossentropy"))
        return model

    # In float64 whatever the model's own dtype is: in float32 differences would keep three digits.
    model, twin = network(dtype), network("float64")
    twin.set_weights(model.get_weights())
    numeric = [np.empty_like(w) for w in twin.weights]
    for weight, gradient in zip(twin.weights, numeric, strict=True):
        for i in np.ndindex(weight.shape):
            there = weight[i]
            costs = []
            for weight[i] in (there + 1e-6, there - 1e-6):
                costs.append(twin.evaluate(x, y, sample_weight=weights))
            weight[i] = there
            gradient[i] = (costs[0] - costs[1]) / 2e-6
    before = model.get_weights()
    model.train_on_batch(x, y, sample_weight=weights)
    tolerance = 1e-6 if dtype == "float64" else 1e-5
    for old, new, gradient in zip(before, model.weights, numeric, strict=True):
        assert new.dtype == dtype
        np.testing.assert_allclose(old - new, gradient, rtol=100 * tolerance, atol=tolerance)


def test_one_update_of_gradient_descent_is_w_minus_lr_times_gradient():
    model = binary(optimizer=SGD(0.5))
    _, gradients = model.compute_gradients(X, Y)
    before = model.get_weights()
    loss = model.evaluate(X, Y)
    assert model.train_on_batch(X, Y) == pytest.approx(loss)
    for w, g, new in zip(before, gradients, model.get_weights(), strict=True):
        np.testing.assert_allclose(new, w - 0.5 * g, rtol=1e-12)


@pytest.mark.parametrize("size", [1, 7, 60, None, "full", 1000])
def test_fit_is_updates_batch_by_batch(size):
    fitted, stepped = binary(optimizer="adam"), binary(optimizer="adam")
    fitted.fit(X, Y, batch_size=size, epochs=2, shuffle=False, verbose=0)
    rows = size if isinstance(size, int) else len(X)
    for _ in range(2):
        for start in range(0, len(X), rows):
            stepped.train_on_batch(X[start : start + rows], Y[start : start + rows])
    for mine, other in zip(fitted.get_weights(), stepped.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9)
    assert fitted.optimizer.iterations == 2 * -(-len(X) // rows)


def test_a_large_batch_is_the_same_in_blocks(monkeypatch):
    whole, blocks = binary(), binary()
    weights = RNG.random(60)
    whole.fit(X, Y, batch_size="full", epochs=3, sample_weight=weights, verbose=0)
    monkeypatch.setattr("chainrule.training.BLOCK", 7)
    history = blocks.fit(X, Y, batch_size="full", epochs=3, sample_weight=weights, verbose=0)
    for mine, other in zip(whole.get_weights(), blocks.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9)
    assert history.history["loss"] == pytest.approx(whole.history.history["loss"])


def test_the_order_of_examples_is_drawn_anew_each_epoch_from_the_generator():
    fitted, stepped = binary(), binary()
    fitted.fit(X, Y, batch_size=25, epochs=3, rng=np.random.default_rng(9), verbose=0)
    rng = np.random.default_rng(9)
    for _ in range(3):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 25):
            rows = order[start : start + 25]
            stepped.train_on_batch(X[rows], Y[rows])
    for mine, other in zip(fitted.get_weights(), stepped.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9)


def test_a_seed_makes_training_repeatable_and_none_does_not():
    def weights(rng):
        model = Sequential([Dense(5, "relu"), Dropout(0.5), Dense(1, "sigmoid")], rng=rng)
        model.compile(loss="bce")
        model.fit(X, Y, epochs=2, verbose=0)
        return model.parameters

    np.testing.assert_array_equal(weights(4), weights(np.random.default_rng(4)))
    assert np.any(weights(4) != weights(5))
    np.random.seed(0)  # noqa: NPY002
    first = weights(None)
    np.random.seed(0)  # noqa: NPY002
    assert np.any(first != weights(None))
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    weights(1)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_history_holds_the_mean_over_batches_while_weights_change():
    model = binary(metrics=["accuracy", "mae"])
    twin = binary(metrics=["accuracy", "mae"])
    history = model.fit(X, Y, batch_size=25, shuffle=False, verbose=0).history
    want = np.zeros(3)
    for start in range(0, 60, 25):
        rows = slice(start, start + 25)
        want += np.array(twin.train_on_batch(X[rows], Y[rows])) * len(X[rows]) / 60
    np.testing.assert_allclose([history["loss"][0], history["accuracy"][0], history["mae"][0]], want)


def test_validation_by_split_and_by_data_agree():
    by_split, by_data = binary(metrics=["accuracy"]), binary(metrics=["accuracy"])
    a = by_split.fit(X, Y, epochs=3, validation_split=0.25, verbose=0, rng=0)
    b = by_data.fit(X[:45], Y[:45], epochs=3, validation_data=(X[45:], Y[45:]), verbose=0, rng=0)
    assert a.history == b.history
    assert list(a.history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert a.history["val_loss"][-1] == by_split.evaluate(X[45:], Y[45:])[0]
    weighted = binary().fit(X, Y, validation_data=(X, Y, np.full(60, 2.0)), batch_size=1, verbose=0)
    assert weighted.history["val_loss"][0] == pytest.approx(2 * weighted.model.evaluate(X, Y))


def test_sample_weights_count_like_repeated_examples():
    weights = RNG.integers(0, 3, 60)
    repeated = np.repeat(np.arange(60), weights)
    one, other = binary(), binary()
    factor = 60 / len(repeated)
    cost, gradients = one.compute_gradients(X, Y, sample_weight=weights)
    want, wanted = other.compute_gradients(X[repeated], Y[repeated])
    assert cost * factor == pytest.approx(want)
    for g, w in zip(gradients, wanted, strict=True):
        np.testing.assert_allclose(g * factor, w, atol=1e-12)


@pytest.mark.parametrize("form", ["flat", "one-hot", "sparse"])
def test_class_weights_are_sample_weights_by_class(form):
    if form == "flat":
        make, y, labels = binary, Y, Y
    else:
        y, labels = (np.eye(3)[THREE] if form == "one-hot" else THREE), THREE

        def make():
            model = Sequential([Dense(3, "softmax")], rng=1, dtype="float64")
            model.compile("sgd", ("sparse_" if form == "sparse" else "") + "categorical_crossentropy")
            return model

    by_class, by_sample = make(), make()
    factors = {0: 0.5, 1: 3.0}
    by_class.fit(X, y, class_weight=factors, verbose=0, rng=0)
    by_sample.fit(X, y, sample_weight=[factors.get(int(c), 1.0) for c in labels], verbose=0, rng=0)
    np.testing.assert_allclose(by_class.parameters, by_sample.parameters, rtol=1e-12)


def test_dropout_is_for_training_only():
    model = Sequential([Dense(50, "relu"), Dropout(0.5), Dense(1)], rng=0)
    np.testing.assert_array_equal(model.predict(X), model.predict(X))
    assert np.any(model(X, training=True) != model(X))
    np.testing.assert_array_equal(model(X), model.predict(X))


def test_predict_is_the_composition_of_its_layers_for_any_number_of_rows():
    model = binary(dtype="float64")
    x = np.random.default_rng(0).normal(size=(2100, 4))
    (w1, b1, w2, b2) = (model.build((None, 4)), model.get_weights())[1]
    want = activations.sigmoid(np.tanh(x @ w1 + b1) @ w2 + b2)
    np.testing.assert_allclose(model.predict(x), want, rtol=1e-12)
    for rows in (1, 2, 1024, 1025):
        np.testing.assert_allclose(model.predict(x[:rows]), want[:rows], rtol=1e-12)
    assert model.predict(x.tolist()[:2]).shape == (2, 1)


def test_predictions_are_the_callers_own():
    model = Sequential([Activation("linear")], dtype="float64")
    x = np.ones((2, 3))
    first = model.predict(x)
    first[...] = 5
    assert x.max() == 1
    assert model.predict(x).max() == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_is_of_the_models_dtype(dtype):
    model = binary(dtype=dtype, optimizer="adam")
    model.fit(X.astype("float16"), Y.astype(int), verbose=0)
    assert model.predict(X).dtype == dtype
    assert {w.dtype.name for w in model.get_weights()} == {dtype}
    assert {moment.dtype.name for moment in model.optimizer.state} == {dtype}
    assert type(model.evaluate(X, Y)) is float
    assert Sequential([Dense(1)]).dtype == np.float32


def test_inputs_are_never_modified():
    x, y, weights = X.copy(), Y.copy(), np.ones(60)
    model = binary()
    model.fit(x, y, sample_weight=weights, class_weight={1: 2}, epochs=2, verbose=0)
    model.train_on_batch(x, y)
    model.evaluate(x, y)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)
    np.testing.assert_array_equal(weights, 1)


def test_integers_lists_and_strided_arrays_are_taken():
    pixels = (RNG.random((30, 8)) * 16).astype(np.uint8)
    model = Sequential([Dense(1, "sigmoid")], rng=0)
    model.compile(loss="bce")
    model.fit(pixels[::2, ::2], [True, False, True] * 5, verbose=0)
    np.testing.assert_array_equal(model.predict(pixels[::2, ::2]), model.predict(pixels[::2, ::2].astype("f").tolist()))


def test_own_functions_train_a_network_to_the_same_weights():
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def squared(y, p):
        return (y - p) ** 2

    def descend(w, g):
        return w - 0.5 * g

    own = Sequential([Dense(4, sigmoid), Dense(1, (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))))], rng=0)
    own.compile(descend, squared, metrics=[lambda y, p: np.abs(y - p)])
    theirs = Sequential([Dense(4, "sigmoid"), Dense(1, "sigmoid")], rng=0)
    theirs.compile(SGD(0.5), "mse", metrics=["mae"])
    a, b = own.fit(X, Y, epochs=5, verbose=0), theirs.fit(X, Y, epochs=5, verbose=0)
    np.testing.assert_allclose(own.parameters, theirs.parameters, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(a.history["<lambda>"], b.history["mae"], rtol=1e-4)


def test_a_wrong_function_of_ones_own_is_really_used():
    """A learner's own sigmoid must not be exchanged for the library's behind their back."""

    def sigmoid(z):
        return 0.5 + 0 * z

    model = Sequential([Dense(1, sigmoid)], rng=0)
    model.compile("sgd", "bce")
    before = model.predict(X).copy()
    model.fit(X, Y, epochs=3, verbose=0)
    np.testing.assert_array_equal(before, 0.5)
    np.testing.assert_array_equal(model.predict(X), 0.5)


def test_saturated_networks_still_learn():
    """From the logits the loss has a slope where probabilities have run into 0 and 1."""
    model = Sequential([Dense(1, "sigmoid", kernel_initializer=lambda shape, rng: np.full(shape, -50.0))], rng=0)
    model.compile(SGD(10), "bce")
    x = np.full((8, 3), 1.0)
    history = model.fit(x, np.ones(8), epochs=20, verbose=0)
    assert history.history["loss"][0] == pytest.approx(150)
    assert history.history["loss"][-1] < 0.1


def test_layers_of_a_trained_model_show_its_hidden_units():
    model = binary()
    model.fit(X, Y, verbose=0)
    hidden = Sequential(model.layers[:1], dtype="float64")
    w, b, *_ = model.get_weights()
    np.testing.assert_allclose(hidden.predict(X), np.tanh(X @ w + b))
    model.fit(X, Y, verbose=0)
    w, b, *_ = model.get_weights()
    np.testing.assert_allclose(hidden.predict(X), np.tanh(X @ w + b))
    hidden.compile(loss="mse")
    before = model.get_weights()
    for train in (hidden.fit, hidden.train_on_batch, hidden.compute_gradients):
        with pytest.raises(ValueError, match="layers belong to another model"):
            train(X, np.zeros((60, 5)))
    assert hidden.evaluate(X, np.zeros((60, 5))) > 0
    for mine, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, old)


def test_training_goes_on_where_it_was():
    together, apart = binary(optimizer="adam"), binary(optimizer="adam")
    together.fit(X, Y, epochs=5, verbose=0)
    apart.fit(X, Y, epochs=2, verbose=0)
    history = apart.fit(X, Y, epochs=5, initial_epoch=2, verbose=0)
    np.testing.assert_array_equal(together.parameters, apart.parameters)
    assert history.epoch == [2, 3, 4]
    assert apart.history is history


def test_weights_go_in_and_out_as_copies_in_keras_order():
    model = binary()
    model.build((None, 4))
    weights = model.get_weights()
    assert [w.shape for w in weights] == [(4, 5), (5,), (5, 1), (1,)]
    weights[0][...] = 7
    assert model.get_weights()[0].max() < 7
    model.set_weights(weights)
    weights[0][...] = 8
    assert model.get_weights()[0].min() == 7
    assert all(w.flags.c_contiguous for w in model.get_weights())
    model.weights[1][0] = 5
    assert 5 in model.parameters


def test_models_are_built_by_input_input_shape_build_or_first_use():
    ways = [
        Sequential([Input((4,)), Dense(3), Dense(1)]),
        Sequential([Dense(3, input_shape=(4,)), Dense(1)]),
        Sequential([Dense(3), Dense(1)]),
        Sequential([Dense(3), Dense(1)]),
    ]
    assert [model.built for model in ways] == [True, True, False, False]
    ways[2].build((None, 4))
    ways[3].predict(X)
    added = Sequential()
    for layer in (Input((4,)), Dense(3), Dense(1)):
        added.add(layer)
    for model in (*ways, added):
        assert model.count_params() == 4 * 3 + 3 + 3 + 1
        assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
    assert Sequential([Dense(1)]).get_weights() == []


def test_a_model_refuses_layers_that_are_built_otherwise():
    model = binary()
    model.build((None, 4))
    with pytest.raises(ValueError, match="built for 4 inputs, but would get 5"):
        model.build((None, 5))
    assert model.inputs == 4
    with pytest.raises(
        ValueError, match="holds float64 weights, but the model is of float32: make it with dtype='float64'"
    ):
        Sequential(model.layers[:1]).predict(X)


def test_summary_counts(capsys):
    model = Sequential([Input((64,)), Dense(25, "sigmoid", name="hidden"), Dropout(0.5), Dense(10, use_bias=False)])
    model.summary()
    text = capsys.readouterr().out
    for expected in ("hidden (Dense)", "(None, 25)", "1,625", "dropout (Dropout)", "250", "1,875 (7.32 KB)"):
        assert expected in text
    lines = []
    Sequential([Dense(3)], name="mine").summary(print_fn=lines.append)
    assert "not built" in "".join(lines)
    assert '"mine"' in "".join(lines)


def test_compile_picks_what_keras_picks():
    model = binary()
    model.compile(loss="bce")
    assert repr(model.optimizer) == "RMSprop(learning_rate=0.001)"
    model.compile("adam", "mse")
    assert isinstance(model.loss, MeanSquaredError)


def test_evaluate_and_train_on_batch_report_as_keras_does():
    model = binary(metrics=["accuracy"])
    both = model.evaluate(X, Y)
    assert isinstance(both, list)
    assert dict(zip(("loss", "accuracy"), both, strict=True)) == model.evaluate(X, Y, return_dict=True)
    assert model.train_on_batch(X, Y, return_dict=True) == {"loss": both[0], "accuracy": both[1]}
    assert isinstance(binary().evaluate(X, Y, batch_size=32, verbose=0), float)


def test_diverging_weights_show_in_the_history_without_warnings(recwarn):
    model = Sequential([Dense(3), Dense(1)], rng=0)
    model.compile(SGD(1e4), "mse")
    history = model.fit(X, Y, epochs=30, verbose=0)
    assert not np.isfinite(history.history["loss"][-1])
    assert not recwarn.list


def test_memory_kept_for_training_is_given_back():
    model = binary()
    seen = []
    model.fit(
        X, Y, verbose=0, callbacks=[LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(len(model.buffers)))]
    )
    assert seen[0] > 0
    assert not model.buffers
    assert not any(layer.buffers for layer in model.layers)


NAN, INF = X.copy(), X.copy()
NAN[3, 1], INF[5, 2] = np.nan, -np.inf


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: m.fit(X[:, 0], Y), ValueError, r"x must have two axes .*got shape \(60,\); reshape\(-1, 1\)"),
        (lambda m: m.fit(X.reshape(60, 2, 2), Y), ValueError, r"got shape \(60, 2, 2\); reshape\(len\(x\), -1\)"),
        (lambda m: m.fit(X[:0], Y[:0]), ValueError, r"x is empty: got shape \(0, 4\)"),
        (lambda m: m.fit(X[:, :0], Y), ValueError, "x is empty"),
        (lambda m: m.fit(NAN, Y), ValueError, r"x holds NaN at index \(3, 1\)"),
        (lambda m: m.fit(INF, Y), ValueError, r"x holds infinity at index \(5, 2\)"),
        (lambda m: m.fit([["a", "b"]], [1]), TypeError, "x must hold numbers, got dtype <U1"),
        (lambda m: m.fit([[1, 2], [3]], [1, 0]), ValueError, "x must be an array: its rows have different lengths"),
        (lambda m: m.fit(X * 1j, Y), TypeError, "x must hold numbers, got dtype complex128"),
        (lambda m: m.fit(None, Y), TypeError, "x must hold numbers, got dtype object"),
        (lambda m: m.fit(X, Y[:-1]), ValueError, r"60 examples, but y has shape \(59,\)"),
        (lambda m: m.fit(X, np.c_[Y, Y]), ValueError, r"shape of the outputs, \(60, 1\), got \(60, 2\)"),
        (lambda m: m.fit(X, 3 * Y), ValueError, "y holds 3"),
        (lambda m: m.fit(X, np.where(Y, np.nan, 0)), ValueError, "y holds NaN"),
        (lambda m: m.fit(X, None), ValueError, "y is missing"),
        (lambda m: m.fit(X, Y, epochs=0), ValueError, "epochs must be at least 1, not 0"),
        (lambda m: m.fit(X, Y, epochs=1.5), TypeError, "epochs must be an integer"),
        (lambda m: m.fit(X, Y, batch_size=0), ValueError, "batch_size must be at least 1, not 0"),
        (lambda m: m.fit(X, Y, batch_size="all"), TypeError, "batch_size must be an integer ≥ 1, None or 'full'"),
        (lambda m: m.fit(X, Y, validation_split=1.0), ValueError, "validation_split=1.0 of 60 examples leaves 0"),
        (lambda m: m.fit(X, Y, validation_split=-0.1), ValueError, "validation_split must be"),
        (lambda m: m.fit(X, Y, validation_data=X), ValueError, r"validation_data must be \(x, y\)"),
        (lambda m: m.fit(X, Y, validation_data=(X[:, :2], Y)), ValueError, "x must have 4 features .*got 2"),
        (lambda m: m.fit(X, Y, verbose=3), ValueError, "verbose must be"),
        (lambda m: m.fit(X, Y, sample_weight=[1, 2]), ValueError, r"sample_weight must have one .*\(60,\), got \(2,\)"),
        (lambda m: m.fit(X, Y, sample_weight=-np.ones(60)), ValueError, "sample_weight must be ≥ 0, got -1"),
        (lambda m: m.fit(X, Y, class_weight=[1, 2]), TypeError, "class_weight must be a dict"),
        (lambda m: m.fit(X, Y, class_weight={2: 1.0}), ValueError, "class_weight has 2, but classes are 0 to 1"),
        (lambda m: m.fit(X, Y, class_weight={1: -1.0}), ValueError, r"class_weight\[1\]"),
        (lambda m: (m.build((None, 4)), m.predict(X[:, :3])), ValueError, r"x must have 4 features .*got 3"),
        (lambda m: m.predict(X[0]), ValueError, r"reshape\(1, -1\) one row"),
        (lambda m: m.set_weights([]), ValueError, "no weights yet"),
        (lambda m: m.count_params(), ValueError, "no weights yet"),
        (lambda m: (m.build((None, 4)), m.set_weights([np.ones(3)])), ValueError, "the model has weights of shapes"),
        (lambda m: m.build(4), ValueError, r"input_shape must be \(None, features\), got 4"),
        (lambda m: m.build((None, 0)), ValueError, "the number of features"),
        (lambda m: m.compile(loss="bec"), ValueError, "did you mean 'bce'"),
        (lambda m: m.compile("rmsporp", "bce"), ValueError, "did you mean 'rmsprop'"),
        (lambda m: m.compile(loss="bce", metrics="accuracy"), TypeError, r"write metrics=\['accuracy'\]"),
        (lambda m: m.compile(loss="bce", metrics=["mse", "mse"]), ValueError, "names of their own"),
        (lambda m: m.compile(loss=BinaryCrossentropy(reduction="sum")), ValueError, "mean loss of a batch"),
        (lambda m: m.compile(), TypeError, "loss must be"),
        (lambda m: m.add(Dense), TypeError, r"write Dense\(...\) with parentheses"),
        (lambda m: m.add("dense"), TypeError, "a layer is needed"),
        (lambda m: m.add(m.layers[0]), ValueError, "in the model already"),
        (lambda m: m.add(Dense(1, name="dense")), ValueError, "'dense' is taken"),
        (lambda m: m.add(Input((3,))), ValueError, "Input must come before"),
        (lambda m: Sequential(Dense(3)), TypeError, "layers must be a list"),
        (lambda m: Sequential([Dense(3)]).fit(X, Y), ValueError, r"not compiled: call model.compile\(loss=...\)"),
        (lambda m: Sequential([Dense(3)]).evaluate(X, Y), ValueError, "not compiled"),
        (lambda m: Sequential([]).predict(X), ValueError, "the model has no layers"),
        (lambda m: Sequential([Dense(3)], dtype="float16"), ValueError, "dtype must be 'float32' or 'float64'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_message(call, error, message):
    model = binary()
    with pytest.raises(error, match=message):
        call(model)


def test_refused_data_change_no_weight():
    model = binary()
    model.fit(X, Y, verbose=0)
    before, iterations = model.parameters.copy(), model.optimizer.iterations
    for x, y, message in ((NAN, Y, "holds NaN"), (X, 3 * Y, "y holds 3"), (X[:, :2], Y, "must have 4 features")):
        with pytest.raises(ValueError, match=message):
            model.fit(x, y, verbose=0)
    np.testing.assert_array_equal(model.parameters, before)
    assert model.optimizer.iterations == iterations


def test_sparse_labels_beyond_the_outputs_are_refused():
    model = Sequential([Dense(3, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="y holds 3, but with 3 outputs the classes are the whole numbers from 0 to 2"):
        model.fit(X, THREE + 1, verbose=0)


def test_an_optimizer_is_not_shared_between_models():
    shared = SGD(0.1)
    first, second = binary(optimizer=shared), binary(optimizer=shared)
    first.fit(X, Y, verbose=0)
    with pytest.raises(ValueError, match=r"make a new SGD\(\) for each model"):
        second.fit(X, Y, verbose=0)


def test_huge_but_finite_values_are_not_taken_for_infinity():
    x = np.full((4, 3), 3e38, np.float32)
    assert np.isfinite(Sequential([Dense(1, "sigmoid")], rng=0).predict(x)).all()


def test_the_package_leads_anywhere():
    assert chainrule.Sequential is Sequential
    assert chainrule.layers.Dense is Dense
    assert set(chainrule.__all__) == set(dir(chainrule))
    for name in chainrule.__all__:
        assert getattr(chainrule, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'keras'"):
        chainrule.keras  # noqa: B018
