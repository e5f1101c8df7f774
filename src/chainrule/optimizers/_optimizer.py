"""What all optimizers share, and update rules that learners write."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from chainrule._arguments import check_real

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

    Examples
    --------
    A rule of your own:

    >>> class SignDescent(Optimizer):
    ...     def step(self, weights, gradient, state, spare):
    ...         weights -= self._rate * np.sign(gradient)
    >>> w = np.array([3.0, -2.0])
    >>> SignDescent(0.5).apply(w, 2 * w)
    >>> w
    array([ 2.5, -1.5])
    """

    # How many vectors of the weights' size the rule keeps between updates.
    moments = 0
    # How many weights are updated at a time.
    block = 32_768

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
                "this optimizer already trains other weights, whose moments it keeps: make a new "
                f"{type(self).__name__}() for each model, and again after adding a layer"
            )
        self._weights = weights
        self.state = [np.zeros_like(weights) for _ in range(self.moments)]
        # Numbers of the weights' dtype as arrays: a Python number costs NumPy twice the time.
        self._rate = np.zeros((), weights.dtype)
        self._cut_blocks()

    def _cut_blocks(self) -> None:
        """Cut weights and moments into blocks: an update goes over them many times, best in the cache."""
        weights = self._weights
        if weights is None:
            return
        size = min(self.block, weights.size)
        # Two arrays for intermediate results, so that an update allocates nothing.
        spare = np.empty(size, weights.dtype), np.empty(size, weights.dtype)
        self._blocks = []
        for start in range(0, weights.size, size or 1):
            rows = slice(start, min(start + size, weights.size))
            length = rows.stop - start
            state = [moment[rows] for moment in self.state]
            self._blocks.append((rows, weights[rows], state, (spare[0][:length], spare[1][:length])))

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a copied or unpickled optimizer, whose blocks must be views again."""
        self.__dict__.update(state)
        self._cut_blocks()

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
        if self._weights is not weights:
            self.build(weights)
        if self.clipvalue is not None:
            np.clip(gradient, -self.clipvalue, self.clipvalue, out=gradient)
        elif self.clipnorm is not None:
            for part in parts or (gradient,):
                _shorten(part, self.clipnorm)
        elif self.global_clipnorm is not None:
            _shorten(gradient, self.global_clipnorm)
        rate = self._learning_rate
        rate = rate(self.iterations) if callable(rate) else rate
        self.iterations += 1
        self._rate[...] = self.step_size(rate)
        for rows, block, state, spare in self._blocks:
            self.step(block, gradient[rows], state, spare)
        if self.iterations % 64 == 0:
            self._sweep_dust()

    def _sweep_dust(self) -> None:
        """
        Set to 0 what has all but decayed of the moments.

        A weight whose gradient stays 0, as behind a dead ReLU, has moments that shrink with every update until they are
        too small for the usual format of a float, and then each product with them takes the processor a hundred times
        as long. So far below what could change a weight, nothing is lost.
        """
        dust = 1e6 * np.finfo(self._rate.dtype).tiny
        for _, _, state, (size, keep) in self._blocks:
            for moment in state:
                np.abs(moment, out=size)
                np.greater(size, dust, out=keep)
                moment *= keep

    def step_size(self, rate: float) -> float:
        """Return what `step` finds as its rate in this update, the learning rate if nothing else is said."""
        return rate

    def step(self, weights: Array, gradient: Array, state: list[Array], spare: tuple[Array, Array]) -> None:
        """
        Change some weights in place by the rule.

        Parameters
        ----------
        weights, gradient : ndarray, (n,)
            A block of the weights, and of the gradient, which is not to be changed.
        state : list of ndarray, (n,)
            The same block of each vector that the rule keeps, `moments` in number.
        spare : tuple of two ndarray, (n,)
            Room for intermediate results.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method step(weights, gradient, state, spare)")

    def _constant(self, value: float) -> Array:
        return np.array(value, self._rate.dtype)


def _shorten(gradient: Array, limit: float) -> None:
    norm = float(np.sqrt(np.square(gradient).sum()))
    if norm > limit:
        gradient *= limit / norm


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

    # The function is given all weights at once: what it does with one may depend on the others.
    block = sys.maxsize

    def __init__(self, function: Callable[[Array, Array], Any]) -> None:
        super().__init__(0.0)
        self.function = function

    def __repr__(self) -> str:
        return f"<optimizer {getattr(self.function, '__name__', 'function')}>"

    def step(self, weights: Array, gradient: Array, state: list[Array], spare: tuple[Array, Array]) -> None:
        """Call the function and take over what it returns."""
        try:
            result = self.function(weights, gradient)
        except TypeError as error:
            error.add_note(f"(while calling the {self!r} as step(w, g), with two arrays of shape {weights.shape})")
            raise
        if result is None:
            return
        if np.shape(result) != weights.shape:
            raise ValueError(
                f"the optimizer {self!r} must return the new weights, shape {weights.shape}, "
                f"it returned shape {np.shape(result)}"
            )
        weights[...] = result
