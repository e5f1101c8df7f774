"""
Put layers in a row and train them: Keras' `Sequential`, in NumPy.

>>> import numpy as np
>>> from chainrule import Sequential
>>> from chainrule.layers import Dense
>>> rng = np.random.default_rng(0)
>>> X = rng.random((200, 2))
>>> model = Sequential([Dense(8, activation="tanh"), Dense(1, activation="sigmoid")], rng=rng)
>>> model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
>>> history = model.fit(X, X.sum(axis=1) > 1, epochs=300, verbose=0)
>>> history.history["accuracy"][-1] > 0.95
True
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, DTypeLike, NDArray

from chainrule import losses, optimizers, training
from chainrule._arguments import check_count, check_real
from chainrule.buffers import Buffers
from chainrule.callbacks import Callback, History
from chainrule.layers import Input, Layer
from chainrule.layers._layer import assign_weights
from chainrule.metrics import Metric
from chainrule.metrics import get as get_metric
from chainrule.targets import features

__all__ = ["Sequential"]

Array: TypeAlias = NDArray[Any]


class Sequential:
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
        self.name = name
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"dtype must be 'float32' or 'float64', got {dtype!r}")
        self.rng = np.random.default_rng(rng)
        self.layers: list[Layer] = []
        self.inputs: int | None = None
        self.outputs = 0
        self.built = False
        self.stop_training = False
        self.loss: losses.Loss | None = None
        self.metrics: list[Metric] = []
        self.history: History | None = None
        self.buffers = Buffers(self.dtype)
        for layer in layers or ():
            self.add(layer)

    def __repr__(self) -> str:
        return f"<Sequential {self.name}: {len(self.layers)} layers>"

    def add(self, layer: Layer | Input) -> None:
        """
        Append a layer.

        Raises
        ------
        TypeError
            If it is not a layer.
        ValueError
            If the model is built already, or has the layer or one of its name.
        """
        if isinstance(layer, type) and issubclass(layer, (Layer, Input)):
            raise TypeError(f"a layer must be an object: write {layer.__name__}(...) with parentheses")
        if not isinstance(layer, (Layer, Input)):
            raise TypeError(f"a layer is needed, such as Dense(25), got {layer!r}")
        if self.layers and isinstance(layer, Input):
            raise ValueError("Input must come before all layers")
        if isinstance(layer, Input):
            self.inputs = layer.shape[0]
            return
        if any(layer is mine for mine in self.layers):
            raise ValueError(f"{layer!r} is in the model already; make another layer")
        if not self.layers and layer.input_shape:
            self.inputs = layer.input_shape[0]
        taken = {mine.name for mine in self.layers}
        if layer.name is None:
            base = type(layer).__name__.lower()
            same = sum(type(mine) is type(layer) for mine in self.layers)
            layer.name = f"{base}_{same}" if same else base
        elif layer.name in taken and layer.owner is None:
            raise ValueError(f"layer names must be unique, and {layer.name!r} is taken")
        self.layers.append(layer)
        self.built = False
        self._couple()
        if self.inputs is not None:
            self.build((None, self.inputs))

    def build(self, input_shape: tuple[int | None, int]) -> None:
        """
        Make the weights.

        Parameters
        ----------
        input_shape : tuple
            (None, n) or (n,): the number of features of an example.
        """
        if not self.layers:
            raise ValueError("the model has no layers: add one with model.add(Dense(...))")
        if not isinstance(input_shape, (tuple, list)) or len(input_shape) not in (1, 2):
            raise ValueError(f"input_shape must be (None, features), got {input_shape!r}")
        width = self.inputs = check_count("the number of features", input_shape[-1])
        for layer in self.layers:
            if not layer.built:
                layer.build(width, self.rng, self.dtype)
            elif layer.inputs != width:
                raise ValueError(f"{layer!r} takes {layer.inputs} inputs, but would get {width}")
            width = layer.outputs
        self.outputs = width
        self.parameters = np.concatenate([layer.parameters for layer in self.layers])
        self.gradients = np.zeros_like(self.parameters)
        self.built = True
        if all(layer.owner in (None, self) for layer in self.layers):
            self._adopt()

    def _adopt(self) -> None:
        """Lay the weights of all layers end to end in one vector."""
        start = 0
        for layer in self.layers:
            end = start + layer.parameters.size
            layer.bind(self.parameters[start:end], self.gradients[start:end])
            layer.owner = self
            layer.needs_input_gradient = layer is not self.layers[0]
            start = end

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
        """
        self.optimizer = optimizers.get(optimizer)
        if isinstance(metrics, (str, losses.Loss)) or callable(metrics):
            raise TypeError(f"metrics must be a list: write metrics=[{metrics!r}]")
        self.metrics = [get_metric(entry) for entry in metrics or ()]
        self.loss = losses.get(loss)
        if self.loss.reduction in ("none", None, "sum"):
            raise ValueError(
                f"a model is trained on the mean loss of a batch, so reduction={self.loss.reduction!r} will not do"
            )
        self._couple()

    def compiled_loss(self) -> losses.Loss:
        """Return the loss that was chosen, or say that none was."""
        if self.loss is None:
            raise ValueError("the model is not compiled: call model.compile(loss=...) first")
        return self.loss

    def _couple(self) -> None:
        """Decide whether to train on logits, and find the layers with a penalty."""
        if self.loss is None or not self.layers:
            return
        activation = getattr(self.layers[-1], "activation", None)
        from_logits = None if activation is None else self.loss.with_logits(activation)
        # If the loss has a form for logits, the last activation is left out in training.
        self.activate_last = from_logits is None
        self.training_loss = self.loss if from_logits is None else from_logits
        self.regularized = [layer for layer in self.layers if layer.regularized]

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
        epochs, initial_epoch = check_count("epochs", epochs), check_count("initial_epoch", initial_epoch, 0)
        data = training.prepare(self, x, y, sample_weight, class_weight)
        if any(layer.owner is not self for layer in self.layers):
            raise ValueError(
                "some layers belong to another model, which trains them; this one can predict, not be fitted"
            )
        validation = None
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
                raise ValueError("validation_data must be (x, y) or (x, y, sample_weight)")
            validation = training.prepare(self, *validation_data)
        elif check_real("validation_split", validation_split, 0, 1):
            data, validation = training.split(data, validation_split)
        size = training.check_batch_size(batch_size, len(data.x))
        self.history = History()
        called: list[Callback] = [self.history, *training.reporters(verbose)]
        called += [callbacks] if isinstance(callbacks, Callback) else callbacks or []
        for callback in called:
            if not isinstance(callback, Callback):
                raise TypeError(f"callbacks must be Callback objects, got {callback!r}")
            callback.set_model(self)
            callback.set_params({"verbose": verbose, "epochs": epochs, "steps": -(-len(data.x) // size)})
        shuffler = self.rng if rng is None else np.random.default_rng(rng)
        try:
            training.fit(self, data, validation, size, epochs, initial_epoch, bool(shuffle), shuffler, called)
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
        data = training.prepare(self, x, y, sample_weight, class_weight)
        tally = training.make_tally(self, data)
        with np.errstate(all="ignore"):
            gradient = training.cost_gradient(self, data, tally)
            self.optimizer.apply(self.parameters, gradient, self.gradient_views())
        return _report(tally.result(), return_dict)

    def gradient_views(self) -> list[Array]:
        """Return the gradients of the weights, in the order of `get_weights()`, as views."""
        return [gradient for layer in self.layers for gradient in layer.weight_gradients]

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
        data = training.prepare(self, x, y, sample_weight)
        tally = training.make_tally(self, data)
        with np.errstate(all="ignore"):
            training.cost_gradient(self, data, tally)
        return tally.result()["loss"], [np.array(g, order="C") for g in self.gradient_views()]

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

    def predict(self, x: ArrayLike, batch_size: int | None = None, verbose: str | int = 0) -> Array:
        """
        Return the outputs for these examples; a model that is not built yet is built, with random weights.

        Parameters
        ----------
        x : array_like, (m, n)
            Examples, one per row.
        batch_size, verbose
            Taken for Keras' sake; neither changes the result.

        Returns
        -------
        ndarray, (m, k)
            A new array.
        """
        x = features(x, self.inputs, self.dtype)
        if not self.built:
            self.build((None, x.shape[1]))
        if len(x) <= training.BLOCK:
            return self.forward(x).copy()
        outputs = np.empty((len(x), self.outputs), self.dtype)
        for start in range(0, len(x), training.BLOCK):
            rows = slice(start, start + training.BLOCK)
            outputs[rows] = self.forward(x[rows])
        return outputs

    def __call__(self, x: ArrayLike, training: bool = False) -> Array:
        """Return the outputs for these examples; with training=True, dropout drops."""
        x = features(x, self.inputs, self.dtype)
        if not self.built:
            self.build((None, x.shape[1]))
        outputs = x
        for layer in self.layers:
            outputs = layer.forward(outputs, training)
        return outputs.copy()

    def forward(self, x: Array, activate_last: bool = True) -> Array:
        """Return the outputs for a matrix of the model's dtype, unchecked; logits without `activate_last`."""
        for layer in self.layers[:-1]:
            x = layer.forward(x)
        return self.layers[-1].forward(x, False, activate_last)

    @property
    def weights(self) -> list[Array]:
        """The weights of all layers, in Keras' order: views, so that writing to them changes the model."""
        return [weight for layer in self.layers if layer.built for weight in layer.weights]

    def get_weights(self) -> list[Array]:
        """Return copies of the weights of all layers, in Keras' order; an empty list before the model is built."""
        return [weight for layer in self.layers if layer.built for weight in layer.get_weights()]

    def set_weights(self, weights: list[Any]) -> None:
        """
        Set all weights, for example to those of the same network in Keras: ``keras_model.get_weights()``.

        Parameters
        ----------
        weights : list of array_like
            Kernel and bias of each layer in turn, shaped as `get_weights()` gives them.
        """
        if not self.built:
            raise ValueError("the model has no weights yet: call model.build((None, features)) first")
        assign_weights(self.weights, list(weights), "the model")

    def count_params(self) -> int:
        """Return how many weights the model has: n·j + j for a dense layer of j units and n inputs."""
        if not self.built:
            raise ValueError("the model has no weights yet: call model.build((None, features)) first")
        return int(self.parameters.size)

    def summary(self, print_fn: Callable[[str], object] = print) -> None:
        """
        Print the layers, their output shapes and their numbers of weights.

        Examples
        --------
        >>> from chainrule.layers import Dense
        >>> Sequential([Input((64,)), Dense(25, "sigmoid"), Dense(1, "sigmoid")]).summary()
        Model: "sequential"
        Layer (type)     Output shape  Param #
        --------------------------------------
        dense (Dense)    (None, 25)      1,625
        dense_1 (Dense)  (None, 1)          26
        --------------------------------------
        Total params: 1,651 (6.45 KB)
        """
        rows = [("Layer (type)", "Output shape", "Param #")]
        for layer in self.layers:
            built = layer.built
            rows.append(
                (
                    f"{layer.name} ({type(layer).__name__})",
                    f"(None, {layer.outputs})" if built else "?",
                    f"{layer.count_params():,}" if built else "not built",
                )
            )
        first, second, third = (max(map(len, column)) for column in zip(*rows, strict=True))
        lines = [f"{a:{first}}  {b:{second}}  {c:>{third}}" for a, b, c in rows]
        rule = "-" * len(lines[0])
        total = self.count_params() if self.built else 0
        size = f"{total:,} ({total * self.dtype.itemsize / 1024:.2f} KB)"
        print_fn("\n".join([f'Model: "{self.name}"', lines[0], rule, *lines[1:], rule, f"Total params: {size}"]))


def _report(logs: dict[str, float], return_dict: bool) -> Any:
    values = list(logs.values())
    return logs if return_dict else values[0] if len(values) == 1 else values
