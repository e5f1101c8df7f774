"""Layers without weights: activations and dropout."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from chainrule import activations
from chainrule._arguments import check_real
from chainrule.elementwise import ActivationFunction
from chainrule.layers._layer import Layer

if TYPE_CHECKING:
    from numpy.random import Generator

Array: TypeAlias = NDArray[Any]


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
        self.activation = activation_of(activation if derivative is None else (activation, derivative))

    def forward(self, inputs: Array, training: bool = False, activate: bool = True) -> Array:
        """Return the activations of the inputs, (m, n)."""
        if not activate:
            return inputs
        out = self.buffers[(*inputs.shape, "a")] if training else np.empty_like(inputs)
        out = self.activation.forward(inputs, out)
        if training:
            self._z, self._a = inputs, out
        return out

    def backward(self, gradient: Array, activate: bool = True) -> Array:
        """Return ∂cost/∂inputs: the gradient times the slope of the activation."""
        if not activate:
            return gradient
        return self.activation.backward(gradient, self._z, self._a, self.buffers[(*gradient.shape, "gradient")])


def activation_of(identifier: object) -> ActivationFunction:
    """Return the activation function that is meant; an activation layer means its own."""
    if isinstance(identifier, Activation):
        return identifier.activation
    if isinstance(identifier, Layer):
        raise TypeError(f"activation must not be a layer with another task, got {identifier!r}")
    return activations.get(identifier)


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
            partial(activations.leaky_relu, negative_slope=self.negative_slope),
            partial(activations.d_leaky_relu, negative_slope=self.negative_slope),
            name=name,
            input_shape=input_shape,
        )
        self.activation.name = "leaky_relu"


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
        """Choose the generator."""
        super().build(inputs, rng, dtype)
        if self.seed is not None:
            self.rng = np.random.default_rng(self.seed)

    def forward(self, inputs: Array, training: bool = False, activate: bool = True) -> Array:
        """Return the inputs; in training, with some of them dropped."""
        if not training:
            return inputs
        self._mask = self.buffers[(*inputs.shape, "mask")]
        self.rng.random(out=self._mask, dtype=self._mask.dtype)
        np.greater_equal(self._mask, self.rate, out=self._mask)
        self._mask *= 1 / (1 - self.rate)
        return np.multiply(inputs, self._mask, out=self.buffers[(*inputs.shape, "a")])

    def backward(self, gradient: Array, activate: bool = True) -> Array:
        """Return ∂cost/∂inputs: 0 for those dropped, the gradient times 1 / (1 − rate) for the others."""
        return np.multiply(gradient, self._mask, out=self.buffers[(*gradient.shape, "gradient")])
