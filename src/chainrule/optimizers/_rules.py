"""The update rules: gradient descent with momentum, RMSprop, Adam."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from chainrule._arguments import check_real
from chainrule.optimizers._optimizer import Optimizer, Schedule

Array: TypeAlias = NDArray[Any]


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
    **clipping : float, optional
        One of ``clipnorm``, ``clipvalue``, ``global_clipnorm``; see `Optimizer`.

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
        **clipping: float | None,
    ) -> None:
        super().__init__(learning_rate, **clipping)
        self.momentum = check_real("momentum", momentum, 0, 1)
        self.nesterov = bool(nesterov)
        self.moments = 1 if self.momentum else 0

    def build(self, weights: Array) -> None:
        """Make ready for training this vector of weights."""
        super().build(weights)
        self._beta = self._constant(self.momentum)

    def step(self, weights: Array, gradient: Array, state: list[Array], spare: tuple[Array, Array]) -> None:
        """Change some weights in place by the rule."""
        change = np.multiply(gradient, self._rate, out=spare[0])
        if not self.momentum:
            weights -= change
            return
        (v,) = state
        v *= self._beta
        v -= change
        if not self.nesterov:
            weights += v
            return
        weights -= change
        weights += np.multiply(v, self._beta, out=change)


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
    **clipping : float, optional
        One of ``clipnorm``, ``clipvalue``, ``global_clipnorm``; see `Optimizer`.

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
        **clipping: float | None,
    ) -> None:
        super().__init__(learning_rate, **clipping)
        self.rho = check_real("rho", rho, 0, 1)
        self.momentum = check_real("momentum", momentum, 0, 1)
        self.epsilon = check_real("epsilon", epsilon, 0)
        self.centered = bool(centered)
        self.moments = 1 + bool(self.momentum) + self.centered

    def build(self, weights: Array) -> None:
        """Make ready for training this vector of weights."""
        super().build(weights)
        self._rho, self._rest = self._constant(self.rho), self._constant(1 - self.rho)
        self._epsilon, self._beta = self._constant(self.epsilon), self._constant(self.momentum)

    def step(self, weights: Array, gradient: Array, state: list[Array], spare: tuple[Array, Array]) -> None:
        """Change some weights in place by the rule."""
        change, root = spare
        s = state[0]
        np.multiply(gradient, gradient, out=root)
        root *= self._rest
        s *= self._rho
        s += root
        np.add(s, self._epsilon, out=root)
        if self.centered:
            mean = state[1]
            mean *= self._rho
            mean += np.multiply(gradient, self._rest, out=change)
            root -= np.multiply(mean, mean, out=change)
        np.sqrt(root, out=root)
        np.multiply(gradient, self._rate, out=change)
        change /= root
        if self.momentum:
            v = state[-1]
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
    **clipping : float, optional
        One of ``clipnorm``, ``clipvalue``, ``global_clipnorm``; see `Optimizer`.

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
        **clipping: float | None,
    ) -> None:
        super().__init__(learning_rate, **clipping)
        self.beta_1 = check_real("beta_1", beta_1, 0, 1)
        self.beta_2 = check_real("beta_2", beta_2, 0, 1)
        if 1 in (self.beta_1, self.beta_2):
            raise ValueError("beta_1 and beta_2 must be below 1: at 1 nothing is ever remembered")
        self.epsilon = check_real("epsilon", epsilon, 0)

    def build(self, weights: Array) -> None:
        """Make ready for training this vector of weights."""
        super().build(weights)
        self._betas = self._constant(self.beta_1), self._constant(self.beta_2)
        self._epsilon = self._constant(self.epsilon / (1 - self.beta_2) ** 0.5)

    def step(self, weights: Array, gradient: Array, state: list[Array], spare: tuple[Array, Array]) -> None:
        """Change some weights in place by the rule."""
        # m and v are kept as sums instead of means, divided by 1 - β, which saves two products. The factors
        # go into the step size and into ε.
        (m, v), (change, root), (beta_1, beta_2) = state, spare, self._betas
        m *= beta_1
        m += gradient
        v *= beta_2
        v += np.multiply(gradient, gradient, out=change)
        np.sqrt(v, out=root)
        root += self._epsilon
        np.divide(m, root, out=change)
        change *= self._rate
        weights -= change

    def step_size(self, rate: float) -> float:
        """Return the learning rate with both corrections for having started at 0."""
        t = self.iterations
        scale_1 = (1 - self.beta_1) / (1 - self.beta_1**t)
        scale_2 = (1 - self.beta_2) / (1 - self.beta_2**t)
        return float(rate * scale_1 / scale_2**0.5)
