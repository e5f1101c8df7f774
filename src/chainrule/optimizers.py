"""
Change weights against their gradient, by the update rules of Keras.

An optimizer sees one vector of weights and one of gradients, whatever layers they belong to: a rule is
written once, for a vector, and costs a handful of NumPy calls however many layers there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from chainrule._arguments import check_real
from chainrule.names import lookup

__all__ = ["SGD", "Adam", "FunctionOptimizer", "Optimizer", "RMSprop", "get"]

Array: TypeAlias = NDArray[Any]
Schedule: TypeAlias = Callable[[int], float]


class Optimizer:
    """
    Base of all optimizers: learning rate, clipping, and the count of updates.

    Parameters
    ----------
    learning_rate : float or callable
        How far to go against the gradient: too small and training crawls, too large and it diverges. A
        function of the number of updates done so far (see `chainrule.schedules`) changes it as training
        goes on.
    clipnorm : float, optional
        Shorten each weight array's gradient to this length if it is longer.
    clipvalue : float, optional
        Cut each entry of the gradient to at most this size.
    global_clipnorm : float, optional
        Shorten the gradient of all weights together to this length if it is longer.

    Attributes
    ----------
    iterations : int
        How many updates were done.
    """

    # How many vectors of the weights' size the rule keeps between updates.
    moments = 0

    def __init__(
        self,
        learning_rate: float | Schedule,
        *,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ) -> None:
        self.learning_rate = learning_rate
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        given = {name: value for name, value in clips.items() if value is not None}
        if len(given) > 1:
            raise ValueError(f"only one of clipnorm, clipvalue and global_clipnorm can be set, got {given}")
        for name, value in given.items():
            if check_real(name, value) <= 0:
                raise ValueError(f"{name} must be above 0, got {value!r}")
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.iterations = 0
        self.state: list[Array] = []
        self._weights: Array | None = None

    @property
    def learning_rate(self) -> float | Schedule:
        """The learning rate, or the schedule that gives it; may be set between updates."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float | Schedule) -> None:
        self._learning_rate = value if callable(value) else check_real("learning_rate", value, least=0)

    def __repr__(self) -> str:
        rate = self.learning_rate
        return f"{type(self).__name__}(learning_rate={rate if callable(rate) else format(rate, 'g')})"

    def build(self, weights: Array) -> None:
        """
        Make ready for training this vector of weights; keep the state if it is the one trained before.

        Raises
        ------
        ValueError
            If the optimizer already trains other weights: its moments would be theirs.
        """
        if self._weights is weights:
            return
        if self._weights is not None:
            raise ValueError(
                "this optimizer already trains another model, whose moments it keeps: "
                f"make a new {type(self).__name__}() for each model"
            )
        self._weights = weights
        self.state = [np.zeros_like(weights) for _ in range(self.moments)]
        # Two vectors for intermediate results, so that an update allocates nothing.
        self._one, self._two = np.empty_like(weights), np.empty_like(weights)
        # Numbers of the weights' dtype as arrays: a Python number costs NumPy twice the time.
        self._rate = np.zeros((), weights.dtype)

    def apply(self, weights: Array, gradient: Array, parts: Sequence[Array] = ()) -> None:
        """
        Do one update, in place.

        Parameters
        ----------
        weights, gradient : ndarray, (n,)
            All weights, and the derivative of the cost with respect to each. Clipping changes `gradient`.
        parts : sequence of ndarray
            Views into `gradient`, one for each weight array, for `clipnorm`. Default: one for all.
        """
        self.build(weights)
        if self.clipvalue is not None:
            np.clip(gradient, -self.clipvalue, self.clipvalue, out=gradient)
        elif self.clipnorm is not None:
            for part in parts or (gradient,):
                _shorten(part, self.clipnorm)
        elif self.global_clipnorm is not None:
            _shorten(gradient, self.global_clipnorm)
        rate = self._learning_rate
        self._rate[...] = rate(self.iterations) if callable(rate) else rate
        self.iterations += 1
        self.step(weights, gradient)

    def step(self, weights: Array, gradient: Array) -> None:
        """Change `weights` in place by the rule; `iterations` already counts this update."""
        raise NotImplementedError(f"{type(self).__name__} needs a method step(weights, gradient)")

    def _constant(self, value: float) -> Array:
        return np.array(value, self._rate.dtype)


def _shorten(gradient: Array, limit: float) -> None:
    norm = float(np.sqrt(np.square(gradient).sum()))
    if norm > limit:
        gradient *= limit / norm


class SGD(Optimizer):
    """
    Gradient descent, w ← w − α g; with momentum, v ← β v − α g and w ← w + v.

    Nesterov's variant steps from where momentum would lead: w ← w + β v − α g, with the new v.

    Parameters
    ----------
    learning_rate : float or callable, default 0.01
        α.
    momentum : float, default 0
        β, from 0 to 1: how much of the last step is kept. Near 1 it overshoots and swings.
    nesterov : bool, default False
        Whether to use Nesterov's variant.
    clipnorm, clipvalue, global_clipnorm : float, optional
        See `Optimizer`.

    References
    ----------
    Sutskever, Martens, Dahl, Hinton (2013), "On the importance of initialization and momentum in deep
    learning".

    Examples
    --------
    >>> w = np.array([3.0])
    >>> SGD(0.1).apply(w, 2 * w)
    >>> w.round(6)
    array([2.4])
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        *,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm)
        self.momentum = check_real("momentum", momentum, 0, 1)
        self.nesterov = bool(nesterov)
        self.moments = 1 if self.momentum else 0

    def build(self, weights: Array) -> None:
        super().build(weights)
        self._beta = self._constant(self.momentum)

    def step(self, weights: Array, gradient: Array) -> None:
        change = np.multiply(gradient, self._rate, out=self._one)
        if not self.momentum:
            weights -= change
            return
        (v,) = self.state
        v *= self._beta
        v -= change
        if not self.nesterov:
            weights += v
            return
        weights -= change
        weights += np.multiply(v, self._beta, out=self._one)


class RMSprop(Optimizer):
    """
    Gradient descent, each weight's step divided by the size its gradient usually has; Keras' default.

    s ← ρ s + (1 − ρ) g², then w ← w − α g / √(s + ε). With momentum, the step is added to a velocity; if
    centered, the square of the mean gradient is taken off s under the root.

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
        α.
    rho : float, default 0.9
        ρ, from 0 to 1: how long the memory of g² is, 1 / (1 − ρ) updates.
    momentum : float, default 0
        How much of the last step is kept, from 0 to 1.
    epsilon : float, default 1e-7
        ε, keeps the step finite.
    centered : bool, default False
        Whether to divide by the standard deviation of g instead.
    clipnorm, clipvalue, global_clipnorm : float, optional
        See `Optimizer`.

    References
    ----------
    Tieleman, Hinton (2012), Neural Networks for Machine Learning, lecture 6.5.

    Examples
    --------
    >>> w = np.array([3.0])
    >>> RMSprop(0.1).apply(w, 2 * w)
    >>> w.round(4)
    array([2.6838])
    """

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        *,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm)
        self.rho = check_real("rho", rho, 0, 1)
        self.momentum = check_real("momentum", momentum, 0, 1)
        self.epsilon = check_real("epsilon", epsilon, 0)
        self.centered = bool(centered)
        self.moments = 1 + bool(self.momentum) + self.centered

    def build(self, weights: Array) -> None:
        super().build(weights)
        self._rho, self._rest = self._constant(self.rho), self._constant(1 - self.rho)
        self._epsilon, self._beta = self._constant(self.epsilon), self._constant(self.momentum)

    def step(self, weights: Array, gradient: Array) -> None:
        change, root = self._one, self._two
        s = self.state[0]
        np.multiply(gradient, gradient, out=root)
        root *= self._rest
        s *= self._rho
        s += root
        np.add(s, self._epsilon, out=root)
        if self.centered:
            mean = self.state[1]
            mean *= self._rho
            mean += np.multiply(gradient, self._rest, out=change)
            root -= np.multiply(mean, mean, out=change)
        np.sqrt(root, out=root)
        np.multiply(gradient, self._rate, out=change)
        change /= root
        if self.momentum:
            v = self.state[-1]
            v *= self._beta
            v += change
            change = v
        weights -= change


class Adam(Optimizer):
    """
    Momentum and RMSprop together, both corrected for having started at 0.

    m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − α m √(1 − β₂ᵗ) / (1 − β₁ᵗ) / (√v + ε),
    where t counts updates from 1.

    Parameters
    ----------
    learning_rate : float or callable, default 0.001
        α.
    beta_1, beta_2 : float, default 0.9 and 0.999
        How long m and v remember, 1 / (1 − β) updates.
    epsilon : float, default 1e-7
        ε. As in Keras it is added to √v before the correction (the paper's "ε hat"); the paper's own
        algorithm and PyTorch add it after.
    clipnorm, clipvalue, global_clipnorm : float, optional
        See `Optimizer`.

    References
    ----------
    Kingma, Ba (2015), "Adam: a method for stochastic optimization", section 2.

    Examples
    --------
    >>> w = np.array([3.0])
    >>> Adam(0.1).apply(w, 2 * w)
    >>> w.round(6)
    array([2.9])
    """

    moments = 2

    def __init__(
        self,
        learning_rate: float | Schedule = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        *,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
    ) -> None:
        super().__init__(learning_rate, clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm)
        self.beta_1 = check_real("beta_1", beta_1, 0, 1)
        self.beta_2 = check_real("beta_2", beta_2, 0, 1)
        if 1 in (self.beta_1, self.beta_2):
            raise ValueError("beta_1 and beta_2 must be below 1: at 1 nothing is ever remembered")
        self.epsilon = check_real("epsilon", epsilon, 0)

    def build(self, weights: Array) -> None:
        super().build(weights)
        self._rest_1, self._rest_2 = self._constant(1 - self.beta_1), self._constant(1 - self.beta_2)
        self._epsilon = self._constant(self.epsilon)

    def step(self, weights: Array, gradient: Array) -> None:
        m, v = self.state
        change, root = self._one, self._two
        np.subtract(gradient, m, out=change)
        change *= self._rest_1
        m += change
        np.multiply(gradient, gradient, out=change)
        change -= v
        change *= self._rest_2
        v += change
        t = self.iterations
        self._rate *= (1 - self.beta_2**t) ** 0.5 / (1 - self.beta_1**t)
        np.sqrt(v, out=root)
        root += self._epsilon
        np.multiply(m, self._rate, out=change)
        change /= root
        weights -= change


class FunctionOptimizer(Optimizer):
    """
    An update rule that a learner wrote as a plain function.

    Parameters
    ----------
    function : callable
        ``step(w, g) -> w``, given all weights and all gradients as one vector each; returns the new weights
        (or changes w in place and returns None). The learning rate is its own business.

    Examples
    --------
    >>> w = np.array([3.0])
    >>> FunctionOptimizer(lambda w, g: w - 0.1 * g).apply(w, 2 * w)
    >>> w.round(6)
    array([2.4])
    """

    def __init__(self, function: Callable[[Array, Array], Any]) -> None:
        super().__init__(0.0)
        self.function = function

    def __repr__(self) -> str:
        return f"<optimizer {getattr(self.function, '__name__', 'function')}>"

    def step(self, weights: Array, gradient: Array) -> None:
        result = self.function(weights, gradient)
        if result is None:
            return
        if np.shape(result) != weights.shape:
            raise ValueError(
                f"the optimizer {self!r} must return the new weights, shape {weights.shape}, "
                f"it returned shape {np.shape(result)}"
            )
        weights[...] = result


_TABLE: dict[str, type[Optimizer]] = {"sgd": SGD, "rmsprop": RMSprop, "adam": Adam}
_NAMES = _TABLE | {cls.__name__: cls for cls in _TABLE.values()}


def get(identifier: object) -> Optimizer:
    """
    Return the optimizer that ``compile(optimizer=...)`` stands for.

    Parameters
    ----------
    identifier : str, Optimizer or callable
        A name (with its default settings), an object, or your own function ``step(w, g) -> w``.

    Raises
    ------
    ValueError
        For an unknown name.
    TypeError
        For anything else.

    Examples
    --------
    >>> get("rmsprop")
    RMSprop(learning_rate=0.001)
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str):
        return lookup(identifier, _NAMES, "optimizer")()  # type: ignore[call-arg]
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        raise TypeError(f"optimizer must be an object: write {identifier.__name__}() with parentheses")
    if callable(identifier):
        return FunctionOptimizer(identifier)
    raise TypeError(
        f"optimizer must be a name such as 'rmsprop', an optimizer object or a function step(w, g), got {identifier!r}"
    )
