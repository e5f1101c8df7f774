"""
Build networks of layers, which compute outputs from inputs and carry gradients back.

A layer's weights are one vector, of which `kernel` and `bias` are views; a model lays the vectors of all its
layers end to end, so that its optimizer works on one. In training, results live in buffers that the next
training pass overwrites.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, DTypeLike, NDArray

from chainrule import activations, initializers, regularizers
from chainrule._arguments import check_count, check_real
from chainrule.targets import features

__all__ = ["Activation", "Buffers", "Dense", "Dropout", "Input", "Layer", "LeakyReLU"]

Array: TypeAlias = NDArray[Any]


class Buffers(dict[tuple[int, int, str], Array]):
    """
    Arrays kept from one training pass to the next: ``buffers[rows, columns, use]``, made when first asked for.

    Training allocates no memory of its own that way; reusing arrays is what makes small networks fast.

    Examples
    --------
    >>> buffers = Buffers(np.float32)
    >>> buffers[2, 3, "outputs"] is buffers[2, 3, "outputs"]
    True
    """

    def __init__(self, dtype: DTypeLike) -> None:
        super().__init__()
        self.dtype = dtype

    def __missing__(self, key: tuple[int, int, str]) -> Array:
        rows, columns, use = key
        make = np.ones if use == "ones" else np.empty
        array = self[key] = make((rows, columns), self.dtype)
        return array


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
        return self.forward(features(inputs, self.inputs, self.buffers.dtype, "inputs"), training).copy()

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
    >>> Sequential([Input((64,)), Dense(3)]).count_params()
    195
    """

    def __init__(self, shape: tuple[int]) -> None:
        self.shape = (_width(shape),)

    def __repr__(self) -> str:
        return f"Input(shape={self.shape})"


class Activation(Layer):
    """
    Apply an activation function to every input.

    Parameters
    ----------
    activation : str, callable or pair
        A name, a function of `chainrule.activations`, or your own elementwise function.
    derivative : callable, optional
        The derivative of your own function; central differences of it if not given.
    name, input_shape
        See `Layer`.

    Examples
    --------
    >>> Activation("relu")([[-1.0, 2.0]])
    array([[0., 2.]], dtype=float32)
    """

    def __init__(
        self,
        activation: object,
        derivative: Callable[..., Any] | None = None,
        *,
        name: str | None = None,
        input_shape: tuple[int] | None = None,
    ) -> None:
        super().__init__(name=name, input_shape=input_shape)
        self.activation = activations.get(activation if derivative is None else (activation, derivative))

    def forward(self, inputs: Array, training: bool = False, activate: bool = True) -> Array:
        if not activate:
            return inputs
        out = self.buffers[(*inputs.shape, "a")] if training else np.empty_like(inputs)
        out = self.activation.forward(inputs, out)
        if training:
            self._z, self._a = inputs, out
        return out

    def backward(self, gradient: Array, activate: bool = True) -> Array:
        if not activate:
            return gradient
        return self.activation.backward(gradient, self._z, self._a, self.buffers[(*gradient.shape, "gradient")])


class LeakyReLU(Activation):
    """
    Apply leaky ReLU: z where z > 0, otherwise `negative_slope` · z.

    Parameters
    ----------
    negative_slope : float, default 0.3
        Slope left of 0. 0 is ReLU, whose units can die; 1 is no activation.
    name, input_shape
        See `Layer`.

    Examples
    --------
    >>> LeakyReLU()([[-1.0, 2.0]])
    array([[-0.3,  2. ]], dtype=float32)
    """

    def __init__(
        self,
        negative_slope: float = 0.3,
        *,
        name: str | None = None,
        input_shape: tuple[int] | None = None,
    ) -> None:
        self.negative_slope = check_real("negative_slope", negative_slope, least=0)
        super().__init__(
            lambda z: activations.leaky_relu(z, self.negative_slope),
            lambda z: activations.d_leaky_relu(z, self.negative_slope),
            name=name,
            input_shape=input_shape,
        )
        self.activation.name = "leaky_relu"


class Dense(Layer):
    """
    Multiply the inputs by a matrix, add a bias, apply an activation: g(x W + b).

    Parameters
    ----------
    units : int
        The number of outputs.
    activation : str, callable or pair, optional
        g: a name, a function of `chainrule.activations`, your own elementwise function (its derivative is
        then taken by central differences), or a pair of it and its derivative. None for linear.
    use_bias : bool, default True
        Whether there is a b.
    kernel_initializer : str or callable, default "glorot_uniform"
        Initial W; see `chainrule.initializers`.
    bias_initializer : str or callable, default "zeros"
        Initial b.
    kernel_regularizer, bias_regularizer : str, Regularizer or callable, optional
        A penalty for large W or b, added to the cost; see `chainrule.regularizers`.
    name, input_shape
        See `Layer`.

    Attributes
    ----------
    kernel : ndarray, (inputs, units)
        W, once built.
    bias : ndarray, (units,), or None
        b.
    kernel_gradient, bias_gradient : ndarray
        ∂cost/∂W and ∂cost/∂b, as the last `backward` left them.

    Notes
    -----
    W lies in memory as its transpose, units × inputs: both products of the backward pass are then faster,
    by a quarter to a half for small layers, and the one of the forward pass is as fast.

    Examples
    --------
    >>> layer = Dense(2, activation="relu", kernel_initializer="ones")
    >>> layer([[1.0, 2.0, 3.0]])
    array([[6., 6.]], dtype=float32)
    """

    def __init__(
        self,
        units: int,
        activation: object = None,
        use_bias: bool = True,
        kernel_initializer: str | initializers.Initializer = "glorot_uniform",
        bias_initializer: str | initializers.Initializer = "zeros",
        kernel_regularizer: object = None,
        bias_regularizer: object = None,
        *,
        name: str | None = None,
        input_shape: tuple[int] | None = None,
    ) -> None:
        super().__init__(name=name, input_shape=input_shape)
        self.units = check_count("units", units)
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.bias: Array | None = None

    def count_outputs(self, inputs: int) -> int:
        return self.units

    def shapes(self) -> list[tuple[int, ...]]:
        return [(self.inputs, self.units), (self.units,)] if self.use_bias else [(self.inputs, self.units)]

    def bind(self, parameters: Array, gradients: Array) -> None:
        super().bind(parameters, gradients)
        size, shape = self.inputs * self.units, (self.units, self.inputs)
        self._rows, self._row_gradients = parameters[:size].reshape(shape), gradients[:size].reshape(shape)
        self.kernel, self.kernel_gradient = self._rows.T, self._row_gradients.T
        self.bias, self.bias_gradient = (parameters[size:], gradients[size:]) if self.use_bias else (None, None)

    def initialize(self, rng: Generator) -> None:
        for weight, initializer in zip(self.weights, (self.kernel_initializer, self.bias_initializer), strict=False):
            weight[...] = initializer(weight.shape, rng)

    @property
    def weights(self) -> list[Array]:
        """[kernel, bias], or [kernel] alone without bias."""
        return [self.kernel] if self.bias is None else [self.kernel, self.bias]

    @property
    def weight_gradients(self) -> list[Array]:
        """[kernel_gradient, bias_gradient], or the first alone without bias."""
        return [self.kernel_gradient] if self.bias_gradient is None else [self.kernel_gradient, self.bias_gradient]

    def forward(self, inputs: Array, training: bool = False, activate: bool = True) -> Array:
        rows, units = len(inputs), self.units
        z = np.dot(inputs, self.kernel, out=self.buffers[rows, units, "z"] if training else None)
        if self.bias is not None:
            z += self.bias
        a = z
        if activate:
            if self.activation.needs_z:
                a = self.buffers[rows, units, "a"] if training else np.empty_like(z)
            a = self.activation.forward(z, a)
        if training:
            self._x, self._z, self._a = inputs, z, a
        return a

    def backward(self, gradient: Array, activate: bool = True) -> Array:
        rows = len(gradient)
        if activate:
            gradient = self.activation.backward(gradient, self._z, self._a, self.buffers[rows, self.units, "gradient"])
        np.dot(gradient.T, self._x, out=self._row_gradients)
        if self.bias_gradient is not None:
            # A product with ones is the sum over examples, at a third of the cost for small batches.
            np.dot(self.buffers[1, rows, "ones"][0], gradient, out=self.bias_gradient)
        if not self.needs_input_gradient:
            return gradient
        return np.dot(gradient, self._rows, out=self.buffers[rows, self.inputs, "inputs"])

    @property
    def regularized(self) -> bool:
        return self.kernel_regularizer is not None or (self.use_bias and self.bias_regularizer is not None)

    def penalty(self) -> float:
        return sum(regularizer(weight) for regularizer, weight, _ in self._regularized())

    def add_penalty_gradient(self) -> None:
        for regularizer, weight, gradient in self._regularized():
            gradient += regularizer.gradient(weight)

    def _regularized(self) -> list[tuple[regularizers.Regularizer, Array, Array]]:
        regularizer = (self.kernel_regularizer, self.bias_regularizer)
        triples = zip(regularizer, self.weights, self.weight_gradients, strict=False)
        return [(r, weight, gradient) for r, weight, gradient in triples if r is not None]


class Dropout(Layer):
    """
    In training, set each input to 0 with probability `rate`, and multiply the others by 1 / (1 − rate).

    Parameters
    ----------
    rate : float
        From 0 (nothing is dropped) to below 1. Too large a rate starves the layers that follow.
    seed : int or Generator, optional
        Where the choices are drawn from; the model's own generator if not given.
    name, input_shape
        See `Layer`.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), "Dropout: a simple way to prevent neural
    networks from overfitting".

    Examples
    --------
    >>> Dropout(0.5, seed=0)([[1.0, 2.0, 3.0, 4.0]], training=True)
    array([[2., 4., 6., 0.]], dtype=float32)
    """

    def __init__(
        self,
        rate: float,
        seed: int | Generator | None = None,
        *,
        name: str | None = None,
        input_shape: tuple[int] | None = None,
    ) -> None:
        super().__init__(name=name, input_shape=input_shape)
        self.rate = check_real("rate", rate, 0, 1)
        if self.rate == 1:
            raise ValueError("rate must be below 1: at 1 nothing would be left")
        self.seed = seed

    def build(self, inputs: int, rng: Generator | None = None, dtype: DTypeLike = np.float32) -> None:
        super().build(inputs, rng, dtype)
        if self.seed is not None:
            self.rng = np.random.default_rng(self.seed)

    def forward(self, inputs: Array, training: bool = False, activate: bool = True) -> Array:
        if not training:
            return inputs
        self._mask = self.buffers[(*inputs.shape, "mask")]
        self.rng.random(out=self._mask, dtype=self._mask.dtype)
        np.greater_equal(self._mask, self.rate, out=self._mask)
        self._mask *= 1 / (1 - self.rate)
        return np.multiply(inputs, self._mask, out=self.buffers[(*inputs.shape, "a")])

    def backward(self, gradient: Array, activate: bool = True) -> Array:
        return np.multiply(gradient, self._mask, out=self.buffers[(*gradient.shape, "gradient")])
