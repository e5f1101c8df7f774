"""A stack of layers that learns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from chainrule import losses, optimizers, saving, training
from chainrule import metrics as metrics_
from chainrule._arguments import check_count, check_real
from chainrule.batches import Batches, Data, hold_back, rows_per_batch
from chainrule.buffers import Buffers
from chainrule.callbacks import Callback, History
from chainrule.elementwise import ActivationFunction
from chainrule.layers import Input, Layer
from chainrule.models._stack import Stack

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.random import Generator

Array: TypeAlias = NDArray[Any]


class Sequential(Stack):
    """
    A network whose layers follow one another.

    Parameters
    ----------
    layers : iterable of Layer, optional
        The layers, first to last; an `Input` may come first.
    name : str, default "sequential"
        Its name in the summary.
    rng : int or Generator, optional
        Where initial weights, the order of examples and dropout are drawn from. The same seed gives the same
        training, to the last bit on the same machine. Default: a fresh generator, every time another.
    dtype : {"float32", "float64"}, default "float32"
        Of weights and computations; data are converted. float32 is Keras' default and the faster one.

    Attributes
    ----------
    layers : list of Layer
    built : bool
        Whether the number of features is known and weights exist.
    inputs, outputs : int or None
        The number of features of an example and of its outputs, once known.
    parameters, gradients : ndarray, (n,)
        All weights as one vector, of which the layers' are views, and the derivative of the cost with
        respect to each.
    stop_training : bool
        Set it to True, in a callback, to end training after the epoch.

    Examples
    --------
    >>> from chainrule.layers import Dense
    >>> model = Sequential([Dense(25, activation="sigmoid"), Dense(1, activation="sigmoid")], rng=0)
    >>> model.predict(np.zeros((3, 64))).shape
    (3, 1)
    """

    def __init__(
        self,
        layers: Iterable[Layer | Input] | None = None,
        name: str = "sequential",
        *,
        rng: int | Generator | None = None,
        dtype: DTypeLike = "float32",
    ) -> None:
        self.stop_training = False
        self.loss: losses.Loss | None = None
        self.metrics: list[metrics_.Metric] = []
        self.history: History | None = None
        super().__init__(layers, name, rng, dtype)
        self.buffers = Buffers(self.dtype)

    def compile(
        self,
        optimizer: object = "rmsprop",
        loss: object = None,
        *,
        metrics: Iterable[object] | None = None,
    ) -> None:
        """
        Choose how to train.

        Parameters
        ----------
        optimizer : str, Optimizer or callable, default "rmsprop"
            A name, an object, or your own function ``step(w, g) -> w``. Note that Keras' default, taken over
            here, is not gradient descent: that is ``"sgd"``.
        loss : str, Loss, callable or pair
            A name, an object, your own function ``loss(y, p)``, or a pair of it and its derivative with
            respect to p.
        metrics : iterable of str, Metric, Loss or callable, optional
            What else to report.

        Raises
        ------
        ValueError
            For an unknown name, a loss that is not averaged, or metrics of the same name.
        TypeError
            For anything that is none of these.

        Notes
        -----
        If the last activation is a sigmoid (softmax) and the loss the binary (a categorical) cross-entropy, the
        loss is computed from the logits, as in Keras: its value then has no ceiling, and its gradient with
        respect to the logits is p − y.
        """
        if isinstance(metrics, (str, losses.Loss)) or callable(metrics):
            raise TypeError(f"metrics must be a list: write metrics=[{metrics!r}]")
        chosen = [metrics_.get(entry) for entry in metrics or ()]
        names = ["loss", *(metric.name for metric in chosen)]
        if len(set(names)) < len(names):
            raise ValueError(f"metrics must have names of their own, got {names}")
        chosen_loss = losses.get(loss)
        if chosen_loss.reduction not in ("sum_over_batch_size", "mean"):
            raise ValueError(
                f"a model is trained on the mean loss of a batch: reduction={chosen_loss.reduction!r} will not do"
            )
        self.optimizer = optimizers.get(optimizer)
        self.loss, self.metrics = chosen_loss, chosen
        self._couple()

    def add(self, layer: Layer | Input) -> None:
        """
        Append a layer.

        Parameters
        ----------
        layer : Layer or Input
            A new layer; an `Input` only as the first.

        Raises
        ------
        TypeError
            If it is not a layer.
        ValueError
            If the model has it already, or one of its name.
        """
        super().add(layer)
        self._couple()

    def _couple(self) -> None:
        """Decide whether to train on logits, and find the layers with a penalty."""
        if self.loss is None or not self.layers:
            return
        self.last_activation: ActivationFunction | None = getattr(self.layers[-1], "activation", None)
        on_logits = None if self.last_activation is None else self.loss.with_logits(self.last_activation)
        # If the loss has a form for logits, the last activation is left out in training.
        self.activate_last = on_logits is None
        self.training_loss = self.loss if on_logits is None else on_logits
        self.regularized = [layer for layer in self.layers if layer.regularized]

    def _prepare_training(self, x: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> Data:
        data = training.prepare(self, x, y, sample_weight)
        if not self.owns_layers:
            raise ValueError(
                "some layers belong to another model, which trains them; this one can predict, not be trained"
            )
        return data

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        batch_size: int | str | None = 32,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Iterable[Callback] | Callback | None = None,
        validation_split: float = 0.0,
        validation_data: tuple[Any, ...] | None = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: ArrayLike | None = None,
        initial_epoch: int = 0,
        *,
        rng: int | Generator | None = None,
    ) -> History:
        """
        Train: go through the examples `epochs` times, updating the weights after every batch.

        Parameters
        ----------
        x : array_like, (m, n)
            Examples, one per row.
        y : array_like, (m,) or (m, k)
            Their targets, shaped like the outputs; class numbers for a sparse loss.
        batch_size : int, None or "full", default 32
            How many examples make an update: 1 is standard backpropagation, None or "full" (all examples)
            is accumulated backpropagation, anything between is mini-batch. Small batches make many cheap,
            noisy updates; large ones few, steady ones. (In Keras, None means 32.)
        epochs : int, default 1
            How often to go through the examples.
        verbose : {"auto", 0, 1, 2}, default "auto"
            0 prints nothing, 1 shows a progress bar, 2 prints a line per epoch; "auto" shows a bar in a
            terminal, elsewhere at most ten lines. Lines hold no times: the same run prints the same text.
        callbacks : list of Callback, optional
            See `chainrule.callbacks`.
        validation_split : float, default 0
            The fraction of examples, the last ones before shuffling, that is held back for validation.
        validation_data : tuple (x, y) or (x, y, sample_weight), optional
            Examples for validation, instead.
        shuffle : bool, default True
            Whether each epoch takes the examples in another random order.
        class_weight : dict, optional
            Factors for the losses of examples, by class number.
        sample_weight : array_like, (m,), optional
            Factors for the losses of examples, one by one.
        initial_epoch : int, default 0
            The number of the first epoch, to go on after an interruption.
        rng : int or Generator, optional
            Where the order of examples is drawn from; the model's generator if not given.

        Returns
        -------
        History
            Its ``history`` holds the loss and metrics of every epoch.

        Raises
        ------
        ValueError, TypeError
            If the model is not compiled, or x, y, the weights or a setting are not as above.
        """
        span = range(check_count("initial_epoch", initial_epoch, 0), check_count("epochs", epochs))
        data = self._prepare_training(x, y, sample_weight)
        validation = None
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
                raise ValueError("validation_data must be (x, y) or (x, y, sample_weight)")
            validation = training.prepare(self, *validation_data)
        elif check_real("validation_split", validation_split, 0, 1):
            data, validation = hold_back(data, validation_split)
        # Classes are weighed in training only, as in Keras.
        data = training.weigh_classes(data, class_weight, self.outputs)
        batches = Batches(data, rows_per_batch(batch_size, len(data.x)), bool(shuffle))
        self.history = History()
        called = [self.history, *training.reporters(verbose)]
        called += [callbacks] if isinstance(callbacks, Callback) else callbacks or []
        for callback in called:
            if not isinstance(callback, Callback):
                raise TypeError(f"callbacks must be Callback objects, got {callback!r}")
            callback.set_model(self)
            callback.set_params({"verbose": verbose, "epochs": epochs, "steps": len(batches)})
        shuffler = self.rng if rng is None else np.random.default_rng(rng)
        try:
            training.fit(self, batches, validation, span, shuffler, called)
        finally:
            self.release_buffers()
        return self.history

    def release_buffers(self) -> None:
        """Give back the memory that training keeps from batch to batch."""
        self.buffers.clear()
        for layer in self.layers:
            layer.buffers.clear()

    def train_on_batch(
        self,
        x: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """
        Do one update with these examples; return their loss (and metrics) from before it.

        Parameters
        ----------
        x, y, sample_weight, class_weight
            See `fit`.
        return_dict : bool, default False
            Whether to return a dict by name.

        Returns
        -------
        float, list of float or dict
            The loss alone, or with the metrics, as from `evaluate`.
        """
        data = training.weigh_classes(self._prepare_training(x, y, sample_weight), class_weight, self.outputs)
        return _report(training.update(self, data), return_dict)

    def compute_gradients(
        self, x: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> tuple[float, list[Array]]:
        """
        Return the cost of these examples and its gradient, without changing a weight.

        Parameters
        ----------
        x, y, sample_weight
            See `fit`.

        Returns
        -------
        cost : float
            The mean loss, with the regularizers' penalties.
        gradients : list of ndarray
            The derivative of the cost with respect to each weight, shaped like `get_weights()`.

        Examples
        --------
        >>> from chainrule.layers import Dense
        >>> model = Sequential([Dense(1, kernel_initializer="ones")])
        >>> model.compile(loss="mse")
        >>> cost, (kernel, bias) = model.compute_gradients([[1.0, 2.0]], [1.0])
        >>> cost, kernel.tolist(), bias.tolist()
        (4.0, [[4.0], [8.0]], [4.0])
        """
        data = self._prepare_training(x, y, sample_weight)
        tally = training.make_tally(self, data)
        with np.errstate(all="ignore"):
            training.cost_gradient(self, data, tally)
        return tally.result()["loss"], [np.array(g, order="C") for g in self.weight_gradients]

    def evaluate(
        self,
        x: ArrayLike,
        y: ArrayLike,
        batch_size: int | None = None,
        verbose: str | int = 0,
        sample_weight: ArrayLike | None = None,
        return_dict: bool = False,
    ) -> Any:
        """
        Return the cost of these examples (and the metrics), without training.

        Parameters
        ----------
        x, y, sample_weight
            See `fit`.
        batch_size, verbose
            Taken for Keras' sake; neither changes the result.
        return_dict : bool, default False
            Whether to return a dict by name.

        Returns
        -------
        float, list of float or dict
            The loss alone, or a list of it and the metrics in the order given to `compile`.
        """
        return _report(training.evaluate(self, training.prepare(self, x, y, sample_weight)), return_dict)

    def save(self, filepath: str | Path) -> None:
        """
        Write the model to one file: layers, weights, and where its training stands; no pickle.

        Parameters
        ----------
        filepath : str or Path
            Where to, ending in ``.npz``; an existing file is replaced. `load_model` reads it.
        """
        saving.save_model(self, filepath)

    def save_weights(self, filepath: str | Path) -> None:
        """Write the weights alone to a file whose name ends in ``.npz``."""
        saving.save_weights(self, filepath)

    def load_weights(self, filepath: str | Path) -> None:
        """Set all weights to those in a file that `save_weights` or `save` wrote."""
        saving.load_weights(self, filepath)


def _report(logs: dict[str, float], return_dict: bool) -> Any:
    values = list(logs.values())
    return logs if return_dict else values[0] if len(values) == 1 else values
