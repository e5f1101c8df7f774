"""Callbacks: when they are called and with what, stopping, checkpoints, what is printed and drawn."""

import io
import sys

import numpy as np
import pytest

from chainrule import Sequential
from chainrule.callbacks import (
    Callback,
    EarlyStopping,
    History,
    LambdaCallback,
    LivePlot,
    ModelCheckpoint,
    PrintEpochs,
    ProgressBar,
    TerminateOnNaN,
)
from chainrule.layers import Dense
from chainrule.models import load_model

X = np.random.default_rng(0).normal(size=(50, 3))
Y = (X.sum(axis=1) > 0).astype(float)


def model(optimizer="sgd", metrics=("accuracy",)):
    network = Sequential([Dense(4, "tanh"), Dense(1, "sigmoid")], rng=0)
    network.compile(optimizer, "bce", metrics=metrics)
    return network


class Diary(Callback):
    """Write down every call."""

    def __init__(self):
        self.calls = []

    def on_train_begin(self, logs=None):
        self.calls.append("begin")

    def on_train_end(self, logs=None):
        self.calls.append(("end", sorted(logs)))

    def on_epoch_begin(self, epoch, logs=None):
        self.calls.append(("epoch", epoch))

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(("epoch end", epoch, sorted(logs)))

    def on_train_batch_begin(self, batch, logs=None):
        self.calls.append(("batch", batch))

    def on_train_batch_end(self, batch, logs=None):
        self.calls.append(("batch end", batch, sorted(logs)))


def test_every_occasion_comes_in_order():
    diary = Diary()
    model().fit(X, Y, batch_size=20, epochs=2, initial_epoch=1, validation_split=0.2, callbacks=diary, verbose=0)
    logs = ["accuracy", "loss"]
    batches = [call for number in range(2) for call in (("batch", number), ("batch end", number, logs))]
    everything = sorted([*logs, "val_accuracy", "val_loss"])
    assert diary.calls == ["begin", ("epoch", 1), *batches, ("epoch end", 1, everything), ("end", everything)]
    assert diary.params == {"verbose": 0, "epochs": 2, "steps": 2}
    assert isinstance(diary.model, Sequential)


def test_batch_logs_are_the_mean_of_the_epoch_so_far():
    seen = []
    watch = LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["loss"]))
    frozen = model(optimizer=lambda w, g: w)
    history = frozen.fit(X, Y, batch_size=15, shuffle=False, callbacks=[watch], verbose=0)
    want = [frozen.evaluate(X[:end], Y[:end])[0] for end in (15, 30, 45, 50)]
    np.testing.assert_allclose(seen, want, rtol=1e-6)
    assert history.history["loss"] == [seen[-1]]


def test_lambda_callback_takes_functions_only():
    with pytest.raises(TypeError, match="on_epoch_end must be a function"):
        LambdaCallback(on_epoch_end=3)


def test_any_callback_may_stop_training():
    stop = LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(network, "stop_training", epoch == 2))
    network = model()
    assert network.fit(X, Y, epochs=9, callbacks=[stop], verbose=0).epoch == [0, 1, 2]
    assert network.fit(X, Y, epochs=2, verbose=0).epoch == [0, 1]


def test_callbacks_must_be_callbacks():
    with pytest.raises(TypeError, match="callbacks must be Callback objects"):
        model().fit(X, Y, callbacks=[print], verbose=0)


def play(callback, values, name="val_loss"):
    """Run a callback over a made-up history; return the epoch it stopped at, and the weight it left."""
    network = model()
    network.build((None, 3))
    callback.set_model(network)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        network.parameters[...] = epoch
        callback.on_epoch_end(epoch, {"loss": 0.0, name: value})
        if network.stop_training:
            break
    callback.on_train_end()
    return epoch, network.parameters[0]


@pytest.mark.parametrize(
    ("settings", "values", "stopped", "left"),
    [
        ({}, [3, 2, 1, 1, 0], 3, 3),
        ({"patience": 2}, [3, 2, 4, 1, 5, 5, 0], 5, 5),
        ({"patience": 2, "restore_best_weights": True}, [3, 2, 4, 1, 5, 5, 0], 5, 3),
        ({"restore_best_weights": True}, [3, 2, 1], 2, 2),
        ({"min_delta": 0.5}, [3, 2.6, 1], 1, 1),
        ({"mode": "max"}, [1, 2, 3, 3, 9], 3, 3),
        ({"start_from_epoch": 3}, [1, 2, 3, 4, 3.5, 9, 1], 5, 5),
        ({"patience": 2, "baseline": 2}, [5, 4, 4, 1], 2, 2),
        ({"patience": 3, "baseline": 2}, [5, 4, 1, 3, 3, 3, 0], 5, 5),
        ({"patience": 2, "restore_best_weights": True}, [np.nan, 3, np.nan, np.nan, 1], 3, 1),
        ({"patience": 1, "restore_best_weights": True}, [2, 2, 2], 1, 0),
    ],
)
def test_early_stopping(settings, values, stopped, left):
    assert play(EarlyStopping(**settings), values) == (stopped, left)


def test_early_stopping_in_training_restores_the_best_weights():
    network = model(optimizer="adam")
    noise = np.random.default_rng(1).integers(0, 2, 20).astype(float)
    stop = EarlyStopping(patience=3, restore_best_weights=True)
    validation = (np.random.default_rng(2).normal(size=(20, 3)), noise)
    history = network.fit(X, Y, epochs=200, validation_data=validation, callbacks=[stop], verbose=0)
    values = history.history["val_loss"]
    assert len(values) < 200
    assert stop.best_epoch == int(np.argmin(values)) == len(values) - 4
    assert network.evaluate(*validation)[0] == pytest.approx(min(values))


def test_the_direction_is_known_for_losses_and_accuracies_only():
    rising = [0.1, 0.2, 0.3, 0.3, 0.4]
    assert play(EarlyStopping("val_accuracy"), rising, "val_accuracy")[0] == 3
    assert play(EarlyStopping("val_mse"), rising, "val_mse")[0] == 1
    with pytest.raises(ValueError, match="mode='min' or mode='max'"):
        play(EarlyStopping("val_goodness"), rising, "val_goodness")
    assert play(EarlyStopping("val_goodness", mode="max"), rising, "val_goodness")[0] == 3


def test_a_quantity_that_is_not_reported_is_named():
    with pytest.raises(ValueError, match=r"watches 'val_loss', but this training reports loss, accuracy; give fit"):
        model().fit(X, Y, callbacks=[EarlyStopping()], verbose=0)
    with pytest.raises(ValueError, match="mode must be one of"):
        EarlyStopping(mode="least")
    with pytest.raises(ValueError, match="patience"):
        EarlyStopping(patience=-1)


def test_checkpoints_of_every_epoch_and_of_the_best(tmp_path):
    network = model()
    every = ModelCheckpoint(tmp_path / "deep" / "{epoch:02d}-{loss:.1f}.npz", save_weights_only=True)
    best = ModelCheckpoint(tmp_path / "best.npz", monitor="loss", save_best_only=True)
    network.fit(X, Y, epochs=3, callbacks=[every, best], verbose=0)
    assert [path.name[:2] for path in sorted((tmp_path / "deep").iterdir())] == ["01", "02", "03"]
    np.testing.assert_array_equal(load_model(tmp_path / "best.npz").predict(X), network.predict(X))
    before = (tmp_path / "best.npz").read_bytes()
    play(ModelCheckpoint(str(tmp_path / "best.npz"), save_best_only=True, initial_value_threshold=1), [3, 2, 1])
    assert (tmp_path / "best.npz").read_bytes() == before
    with pytest.raises(ValueError, match=r"must end in \.npz"):
        ModelCheckpoint("best.keras")
    with pytest.raises(ValueError, match=r"asks for 'val_loss', but there are epoch, loss, accuracy"):
        network.fit(X, Y, callbacks=[ModelCheckpoint(tmp_path / "{val_loss}.npz")], verbose=0)


def test_training_ends_when_the_loss_is_no_number(capsys):
    network = Sequential([Dense(3), Dense(1)], rng=0)
    network.compile(lambda w, g: w - 1e30 * g, "mse")
    history = network.fit(X, Y, epochs=50, callbacks=[TerminateOnNaN()], verbose=0)
    assert len(history.epoch) < 50
    assert not np.isfinite(history.history["loss"][-1])
    assert "not a finite number" in capsys.readouterr().out


def test_history_shows_itself_in_short():
    history = model().fit(X, Y, epochs=2, verbose=0)
    assert isinstance(history, History)
    assert repr(history).startswith("<History of 2 epochs, last {'loss': 0.")


def test_lines_are_the_same_each_time_and_hold_no_times(capsys):
    printed = []
    for _ in range(2):
        model().fit(X, Y, epochs=3, verbose=2)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    lines = printed[0].splitlines()
    assert [line.split("  ")[0] for line in lines] == ["Epoch 1/3", "Epoch 2/3", "Epoch 3/3"]
    assert all("loss 0." in line and "accuracy 0." in line for line in lines)


@pytest.mark.parametrize(("epochs", "lines"), [(1, 1), (7, 7), (10, 10), (25, 9), (100, 10), (101, 10)])
def test_where_there_is_no_terminal_about_ten_lines_are_printed(epochs, lines, capsys):
    model().fit(X, Y, epochs=epochs, batch_size="full")
    out = capsys.readouterr().out.splitlines()
    assert len(out) == lines
    assert out[-1].startswith(f"Epoch {epochs}/{epochs}")


def test_silence(capfd):
    network = model()
    network.fit(X, Y, verbose=0)
    network.evaluate(X, Y)
    network.predict(X)
    assert capfd.readouterr() == ("", "")


def test_extreme_numbers_are_printed_with_their_exponent(capsys):
    lines = PrintEpochs()
    lines.set_params({"epochs": 1})
    lines.on_epoch_end(0, {"loss": 1.23456e-7, "mse": 0.0, "mae": 1e30})
    assert capsys.readouterr().out == "Epoch 1/1  loss 1.235e-07  mse 0.0000  mae 1.000e+30\n"


def test_the_bar_counts_epochs(capsys):
    model().fit(X, Y, epochs=4, verbose=1)
    out, err = capsys.readouterr()
    assert out == ""
    assert "4/4" in err
    assert "loss 0." in err


def test_in_a_terminal_a_bar_is_shown(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())
    model().fit(X, Y, epochs=2)
    assert sys.stdout.getvalue() == ""
    assert "2/2" in sys.stderr.getvalue()
    assert isinstance(ProgressBar(), Callback)


def test_the_live_plot_shows_all_curves_at_the_end(monkeypatch):
    shown = []
    monkeypatch.setattr("chainrule.plotting.show", shown.append)
    history = model().fit(X, Y, epochs=30, validation_split=0.2, callbacks=[LivePlot()], verbose=0)
    (ax,) = shown
    drawn = {tuple(np.round(line.get_ydata(), 9)) for line in ax.lines}
    assert tuple(np.round(history.history["loss"], 9)) in drawn
    assert tuple(np.round(history.history["val_loss"], 9)) in drawn


def test_in_a_notebook_the_live_plot_draws_now_and_then(monkeypatch):
    pytest.importorskip("IPython", reason="needs the lab extra")
    drawn = []
    monkeypatch.setattr("chainrule.callbacks._reports._in_notebook", lambda: True)
    monkeypatch.setattr(LivePlot, "_draw", lambda plot: drawn.append(len(plot._history["loss"])))
    model().fit(X, Y, epochs=25, callbacks=[LivePlot(every=10)], verbose=0)
    assert drawn == [10, 20, 25]
