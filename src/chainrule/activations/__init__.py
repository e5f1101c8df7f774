"""
Compute activation functions and their derivatives, each beside the other, without overflow.

========== ======================== ==========================
name       a = f(z)                 f'(z), where possible by a
========== ======================== ==========================
linear     z                        1
sigmoid    1 / (1 + e⁻ᶻ)            a (1 − a)
tanh       (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)  1 − a²
relu       max(z, 0)                1 if z > 0 else 0
leaky_relu z if z > 0 else slope·z  1 if z > 0 else slope
softplus   ln(1 + eᶻ)               1 − e⁻ᵃ
elu        z if z > 0 else α(eᶻ−1)  1 if z > 0 else a + α
gelu       z Φ(z)                   Φ(z) + z φ(z)
softmax    eᶻ / Σ eᶻ                Jacobian: diag(a) − a aᵀ
========== ======================== ==========================

Every function takes arrays of any shape, keeps float32 as float32, and turns integers into float64.
"""

from __future__ import annotations

from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

from chainrule.activations._rectifiers import (
    d_elu,
    d_gelu,
    d_leaky_relu,
    d_linear,
    d_relu,
    elu,
    gelu,
    leaky_relu,
    linear,
    relu,
)
from chainrule.activations._smooth import (
    ONE,
    d_sigmoid,
    d_softmax,
    d_softplus,
    d_tanh,
    sigmoid,
    sigmoid_into,
    softmax,
    softmax_into,
    softplus,
    tanh,
)
from chainrule.elementwise import ActivationFunction
from chainrule.names import lookup

__all__ = [
    "d_elu",
    "d_gelu",
    "d_leaky_relu",
    "d_linear",
    "d_relu",
    "d_sigmoid",
    "d_softmax",
    "d_softplus",
    "d_tanh",
    "elu",
    "gelu",
    "get",
    "leaky_relu",
    "linear",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
]

Array: TypeAlias = NDArray[Any]


class _Builtin(ActivationFunction):
    def __reduce__(self) -> tuple[Any, ...]:
        return get, (self.name,)


class _Linear(_Builtin):
    def backward(self, gradient: Array, z: Array, a: Array, out: Array) -> Array:
        return gradient


class _Softmax(_Builtin):
    def backward(self, gradient: Array, z: Array, a: Array, out: Array) -> Array:
        # Row by row (diag(a) - a aᵀ) g = a (g - a·g), without forming the Jacobian.
        np.multiply(gradient, a, out=out)
        np.subtract(gradient, out.sum(axis=-1, keepdims=True), out=out)
        out *= a
        return out


def _slope_of_sigmoid(z: Array, a: Array, out: Array) -> Array:
    np.subtract(ONE.get(a.dtype, 1), a, out=out)
    out *= a
    return out


def _rule(name: str, *functions: Any, needs_z: bool = False, **in_place: Any) -> ActivationFunction:
    kind = {"linear": _Linear, "softmax": _Softmax}.get(name, _Builtin)
    return kind(name, *functions, needs_z=needs_z, **in_place)


# What layers use: the function, its derivative at z, and both again in place, the slope from a = f(z).
TABLE = {
    rule.name: rule
    for rule in (
        _rule("linear", linear, d_linear, forward=lambda z, out: np.positive(z, out=out)),
        _rule("sigmoid", sigmoid, d_sigmoid, forward=sigmoid_into, slope=_slope_of_sigmoid),
        _rule(
            "tanh",
            tanh,
            d_tanh,
            forward=lambda z, out: np.tanh(z, out=out),
            slope=lambda z, a, out: np.subtract(1, np.multiply(a, a, out=out), out=out),
        ),
        _rule(
            "relu",
            relu,
            d_relu,
            forward=lambda z, out: np.maximum(z, 0, out=out),
            # Writes 0.0 and 1.0 as floats: a boolean mask would have to be converted again.
            slope=lambda z, a, out: np.greater(a, 0, out=out),
        ),
        _rule(
            "softplus",
            softplus,
            d_softplus,
            slope=lambda z, a, out: np.negative(np.expm1(np.negative(a, out=out), out=out), out=out),
        ),
        _rule("leaky_relu", leaky_relu, d_leaky_relu, needs_z=True),
        _rule("elu", elu, d_elu, needs_z=True),
        _rule("gelu", gelu, d_gelu, needs_z=True),
        _rule("softmax", softmax, d_softmax, forward=softmax_into),
    )
}


def get(identifier: object = None) -> ActivationFunction:
    """
    Return the activation that a layer's ``activation`` argument stands for.

    Parameters
    ----------
    identifier : str, callable, pair or None
        A name; a function of this module; any elementwise function of your own, alone (its derivative is
        then taken by central differences) or as a pair ``(f, df)``; an `ActivationFunction`; None for linear.

    Returns
    -------
    ActivationFunction
        The function with its derivative.

    Raises
    ------
    ValueError, TypeError
        For an unknown name; for anything else.

    Examples
    --------
    >>> get("relu")
    <activation relu>
    >>> get((np.sin, np.cos)).derivative(0.0)
    np.float64(1.0)
    """
    if identifier is None:
        return TABLE["linear"]
    if isinstance(identifier, ActivationFunction):
        return identifier
    if isinstance(identifier, str):
        return lookup(identifier, TABLE, "activation")
    if isinstance(identifier, type):
        raise TypeError(f"activation must be an object: write {identifier.__name__}() with parentheses")
    function, derivative = identifier if _is_pair(identifier) else (identifier, None)
    if not callable(function) or not (derivative is None or callable(derivative)):
        raise TypeError(
            "activation must be a name such as 'sigmoid', a function, or a pair (function, derivative), "
            f"got {identifier!r}"
        )
    for rule in TABLE.values():
        if rule.function is function and derivative is None:
            return rule
    return ActivationFunction(getattr(function, "__name__", "custom"), function, derivative)


def _is_pair(identifier: object) -> TypeGuard[tuple[Any, Any]]:
    return isinstance(identifier, (tuple, list)) and len(identifier) == 2
