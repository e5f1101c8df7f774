"""Layers in a row: the network as a function with weights, before any training."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from chainrule._arguments import check_count
from chainrule.batches import BLOCK
from chainrule.layers import Input, Layer
from chainrule.layers._layer import assign_weights
from chainrule.targets import features

if TYPE_CHECKING:
    from numpy.random import Generator

Array: TypeAlias = NDArray[Any]


class Stack:
    """What `Sequential` is without training: layers, one vector of weights, outputs for inputs."""

    def __init__(
        self,
        layers: Iterable[Layer | Input] | None,
        name: str,
        rng: int | Generator | None,
        dtype: DTypeLike,
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
        if isinstance(layers, (Layer, Input)):
            raise TypeError(f"layers must be a list: write [{layers!r}]")
        for layer in layers or ():
            self.add(layer)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a copied or unpickled model, whose weights must be views of one vector again."""
        self.__dict__.update(state)
        if self.built and self.owns_layers:
            self._adopt()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {len(self.layers)} layers>"

    def add(self, layer: Layer | Input) -> None:
        """Append a layer; see `Sequential.add`."""
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
        if self.inputs is not None:
            self.build((None, self.inputs))

    def build(self, input_shape: tuple[int | None, int]) -> None:
        """
        Make the weights.

        Parameters
        ----------
        input_shape : tuple
            (None, n) or (n,): the number of features of an example.

        Raises
        ------
        ValueError
            If there are no layers, or some are built for another number of features or another dtype.
        """
        if not self.layers:
            raise ValueError("the model has no layers: add one with model.add(Dense(...))")
        if not isinstance(input_shape, (tuple, list)) or len(input_shape) not in (1, 2):
            raise ValueError(f"input_shape must be (None, features), got {input_shape!r}")
        inputs = width = check_count("the number of features", input_shape[-1])
        for layer in self.layers:
            if not layer.built:
                layer.build(width, self.rng, self.dtype)
            elif layer.inputs != width:
                raise ValueError(f"{layer!r} is built for {layer.inputs} inputs, but would get {width}")
            if layer.parameters.dtype != self.dtype:
                raise ValueError(
                    f"{layer!r} holds {layer.parameters.dtype} weights, but the model is of {self.dtype}: "
                    f"make it with dtype={layer.parameters.dtype.name!r}"
                )
            width = layer.outputs
        self.inputs, self.outputs = inputs, width
        self.parameters = np.concatenate([layer.parameters for layer in self.layers])
        self.gradients = np.zeros_like(self.parameters)
        self.built = True
        if all(layer.owner in (None, self) for layer in self.layers):
            self._adopt()

    @property
    def owns_layers(self) -> bool:
        """Whether the layers' weights are this model's to train; layers taken from another model are not."""
        return all(layer.owner is self for layer in self.layers)

    def _adopt(self) -> None:
        """Lay the weights of all layers end to end in one vector."""
        start = 0
        for layer in self.layers:
            end = start + layer.parameters.size
            layer.bind(self.parameters[start:end], self.gradients[start:end])
            layer.owner = self
            layer.needs_input_gradient = layer is not self.layers[0]
            start = end

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
        with np.errstate(over="ignore"):
            if len(x) <= BLOCK:
                return self.forward(x).copy()
            outputs = np.empty((len(x), self.outputs), self.dtype)
            for start in range(0, len(x), BLOCK):
                rows = slice(start, start + BLOCK)
                outputs[rows] = self.forward(x[rows])
        return outputs

    def __call__(self, x: ArrayLike, training: bool = False) -> Array:
        """Return the outputs for these examples; with training=True, dropout drops."""
        x = features(x, self.inputs, self.dtype)
        if not self.built:
            self.build((None, x.shape[1]))
        outputs = x
        with np.errstate(over="ignore"):
            for layer in self.layers:
                outputs = layer.forward(outputs, training)
        return outputs.copy()

    def forward(self, x: Array, activate_last: bool = True) -> Array:
        """Return the outputs for a matrix of the model's dtype, unchecked; logits without `activate_last`."""
        for layer in self.layers[:-1]:
            x = layer.forward(x)
        return self.layers[-1].forward(x) if activate_last else self.layers[-1].forward(x, False, False)

    @property
    def weights(self) -> list[Array]:
        """The weights of all layers, in Keras' order: views, so that writing to them changes the model."""
        return [weight for layer in self.layers if layer.built for weight in layer.weights]

    @property
    def weight_gradients(self) -> list[Array]:
        """The derivatives of the cost with respect to `weights`, as the last backward pass left them: views."""
        return [gradient for layer in self.layers for gradient in layer.weight_gradients]

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
        >>> from chainrule import Sequential
        >>> from chainrule.layers import Dense, Input
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
