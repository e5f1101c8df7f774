"""What all layers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from chainrule._arguments import check_count
from chainrule.buffers import Buffers
from chainrule.targets import features

if TYPE_CHECKING:
    from numpy.random import Generator

Array: TypeAlias = NDArray[Any]


class Layer:
    """
    Base of all layers; one without weights has only `forward` and `backward` to define.

    Parameters
    ----------
    name : str, optional
        Its name in the summary; a model names its layers if they have none.
    input_shape : tuple of one int, optional
        The number of features, if this is the first layer and the model is to be built at once.

    Attributes
    ----------
    built : bool
        Whether the number of inputs is known and weights exist.
    inputs : int
        The number of features that go in, once built.
    outputs : int
        The number of features that come out, once built.
    parameters, gradients : ndarray, (n,)
        All weights of the layer as one vector, and the derivative of the cost with respect to each.

    Examples
    --------
    >>> class Double(Layer):
    ...     def forward(self, inputs, training=False):
    ...         return 2 * inputs
    ...
    ...     def backward(self, gradient):
    ...         return 2 * gradient
    >>> Double()([[1.0, 2.0]])
    array([[2., 4.]], dtype=float32)
    """

    def __init__(self, *, name: str | None = None, input_shape: tuple[int] | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"name must be a string, got {name!r}")
        self.name = name
        self.input_shape = None if input_shape is None else (_width(input_shape),)
        self.built = False
        self.inputs = self.outputs = 0
        # The model that trains this layer, if any; it sets both.
        self.owner: object | None = None
        self.needs_input_gradient = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>" if self.name else f"<{type(self).__name__}>"

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a copied or unpickled layer, whose weights must be views of its vector again."""
        self.__dict__.update(state)
        if self.built:
            self.bind(self.parameters, self.gradients)

    def build(self, inputs: int, rng: Generator | None = None, dtype: DTypeLike = np.float32) -> None:
        """
        Make the weights.

        Parameters
        ----------
        inputs : int
            The number of features that go in.
        rng : Generator, optional
            Where initial weights (and dropout) are drawn from; a fresh one if not given.
        dtype : dtype, default float32
            Of the weights.
        """
        self.inputs = check_count("inputs", inputs)
        self.outputs = self.count_outputs(inputs)
        self.rng = np.random.default_rng() if rng is None else rng
        self.buffers = Buffers(dtype)
        n = sum(int(np.prod(shape)) for shape in self.shapes())
        self.bind(np.empty(n, dtype), np.zeros(n, dtype))
        self.initialize(self.rng)
        self.built = True

    def count_outputs(self, inputs: int) -> int:
        """Return the number of features that come out if `inputs` go in."""
        return inputs

    def shapes(self) -> list[tuple[int, ...]]:
        """Return the shapes of the weights, in the order of `weights`."""
        return []

    def bind(self, parameters: Array, gradients: Array) -> None:
        """Let the weights be views of the vector `parameters`, and their gradients of `gradients`."""
        self.parameters, self.gradients = parameters, gradients

    def initialize(self, rng: Generator) -> None:
        """Set the weights to their initial values."""

    @property
    def weights(self) -> list[Array]:
        """The weights, in Keras' order: views, so that writing to them changes the layer."""
        return []

    @property
    def weight_gradients(self) -> list[Array]:
        """The derivatives of the cost with respect to `weights`, as the last `backward` left them."""
        return []

    def get_weights(self) -> list[Array]:
        """Return copies of the weights, in Keras' order: the kernel (inputs, units), the bias (units,)."""
        return [np.array(w, order="C") for w in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        """Set the weights to copies of these arrays, which have the shapes of `get_weights()`."""
        assign_weights(self.weights, weights, self.name or type(self).__name__)

    def count_params(self) -> int:
        """Return how many weights the layer has."""
        if not self.built:
            raise ValueError(f"layer {self!r} has no weights yet: it learns its inputs when the model is built")
        return int(self.parameters.size)

    def __call__(self, inputs: ArrayLike, training: bool = False) -> Array:
        """Return the outputs for these inputs, (m, n); builds the layer if need be."""
        if not self.built:
            self.build(features(inputs, None, np.float64, "inputs").shape[1])
        x = features(inputs, self.inputs, self.buffers.dtype, "inputs")
        with np.errstate(over="ignore"):
            return self.forward(x, training).copy()

    def forward(self, inputs: Array, training: bool = False, activate: bool = True) -> Array:
        """
        Return the outputs.

        Parameters
        ----------
        inputs : ndarray, (m, n)
            One row per example, of the layer's dtype.
        training : bool, default False
            Whether `backward` will follow. The outputs are then kept in a buffer, until the next pass.
        activate : bool, default True
            Whether to apply the layer's activation; without it, the outputs are logits.

        Returns
        -------
        ndarray, (m, outputs)
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(inputs, training)")

    def backward(self, gradient: Array, activate: bool = True) -> Array:
        """
        Leave the gradients of the weights in `gradients` and return that of the inputs.

        Parameters
        ----------
        gradient : ndarray, (m, outputs)
            ∂cost/∂outputs of the last ``forward(..., training=True)``.
        activate : bool, default True
            As it was in `forward`.

        Returns
        -------
        ndarray, (m, n)
            ∂cost/∂inputs.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method backward(gradient)")

    @property
    def regularized(self) -> bool:
        """Whether the layer adds a penalty to the cost."""
        return False

    def penalty(self) -> float:
        """Return what the layer's regularizers add to the cost."""
        return 0.0

    def add_penalty_gradient(self) -> None:
        """Add the derivative of `penalty` to `gradients`."""


def assign_weights(mine: list[Array], given: list[Any], name: str) -> None:
    """Copy arrays into weights, if number, shapes and values are right; otherwise change nothing."""
    arrays = [np.asarray(w) for w in given]
    want, got = [w.shape for w in mine], [w.shape for w in arrays]
    if want != got:
        raise ValueError(f"{name} has weights of shapes {want}, got {got}")
    for index, array in enumerate(arrays):
        if array.dtype.kind not in "iubf":
            raise TypeError(f"weights[{index}] must hold numbers, got dtype {array.dtype}")
        if not np.isfinite(array).all():
            raise ValueError(f"weights[{index}] holds NaN or infinity")
    for weight, array in zip(mine, arrays, strict=True):
        weight[...] = array


def _width(shape: object) -> int:
    if not isinstance(shape, (tuple, list)) or len(shape) != 1:
        raise ValueError(f"the shape of one example must be a tuple of one number, such as (64,), got {shape!r}")
    return check_count("the number of features", shape[0])


class Input:
    """
    Say how many features the examples have, so that the model is built at once.

    Parameters
    ----------
    shape : tuple of one int
        The shape of one example.

    Examples
    --------
    >>> from chainrule import Sequential
    >>> from chainrule.layers import Dense
    >>> Sequential([Input((64,)), Dense(3)]).count_params()
    195
    """

    def __init__(self, shape: tuple[int]) -> None:
        self.shape = (_width(shape),)

    def __repr__(self) -> str:
        return f"Input(shape={self.shape})"
