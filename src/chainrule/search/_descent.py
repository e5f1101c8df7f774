"""Walk downhill: once, from many starts, or with noise."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._arguments import check_count, check_real
from chainrule.search._result import Account, Domain, Function, SearchResult


def gradient_descent(
    f: Function,
    domain: Domain,
    budget: int,
    rng: np.random.Generator,
    *,
    gradient: Function | None = None,
    start: ArrayLike | None = None,
    lr: float = 0.1,
    tolerance: float = 1e-4,
) -> SearchResult:
    """Step against the gradient, w ← w - lr · ∇f(w), until it is level: the nearest valley, seldom the lowest.

    A step that does not lower f enough is halved until it does (Armijo's rule, with the constant 1e-4), so that f
    never rises; the next step may be twice as long again, up to `lr`.

    Parameters
    ----------
    f, domain, budget, rng
        As for every method; see `chainrule.search`.
    gradient : callable, optional
        w → ∇f(w), both of shape (n,). Central differences by default.
    start : array, shape (n,), optional
        Where to start; drawn from the domain by default.
    lr : float, default 0.1
        Longest step, as a multiple of the gradient. Too large, and the walk may jump over a ridge into another valley;
        too small, and it spends the budget on the way.
    tolerance : float, default 1e-4
        Level means that no entry of the gradient is larger than this.

    Returns
    -------
    SearchResult
        Spends the whole budget only if the ground is not level before.

    References
    ----------
    L. Armijo (1966). Minimization of functions having Lipschitz continuous first partial derivatives.
    Pacific J. Math. 16(1).

    Examples
    --------
    >>> from chainrule.landscapes import wavy
    >>> curve, rng = wavy(), np.random.default_rng(0)
    >>> run = gradient_descent(curve, curve.domain, 200, rng, gradient=curve.gradient, start=[-1])
    >>> run.best_w.round(3).tolist()  # the valley at -0.490, not the lowest one at 1.558
    [-0.49]
    """
    account = Account(f, domain, budget, rng, gradient)
    w, (lr, tolerance) = account.start(start), _check_steps(lr, tolerance)
    with account:
        _descend(account, w, lr, tolerance)
    return account.result()


def multi_start(
    f: Function,
    domain: Domain,
    budget: int,
    rng: np.random.Generator,
    *,
    gradient: Function | None = None,
    starts: int | ArrayLike | None = None,
    lr: float = 0.1,
    tolerance: float = 1e-4,
) -> SearchResult:
    """Descend from one start after another and keep the best end.

    If one start leads to the lowest valley with probability p, k starts do with `success_probability`, 1 - (1 - p)ᵏ.

    Parameters
    ----------
    f, domain, budget, rng
        As for every method; see `chainrule.search`.
    gradient : callable, optional
        w → ∇f(w), both of shape (n,). Central differences by default.
    starts : int or array of shape (k, n), optional
        How many starts to draw from the domain, or the starts themselves. By default, as many as the budget allows.
    lr, tolerance : float
        As for `gradient_descent`, which every start is followed by.

    Returns
    -------
    SearchResult
        A run that ends at NaN counts for nothing.

    Examples
    --------
    >>> from chainrule.landscapes import wavy
    >>> curve, rng = wavy(), np.random.default_rng(0)
    >>> multi_start(curve, curve.domain, 1000, rng, gradient=curve.gradient).best_w.round(3).tolist()
    [1.558]
    """
    account = Account(f, domain, budget, rng, gradient)
    lr, tolerance = _check_steps(lr, tolerance)
    if starts is None or np.ndim(starts) == 0:
        count = math.inf if starts is None else check_count("starts", starts)
        given = None
    else:
        given = [account.start(start) for start in np.asarray(starts)]
        count = check_count("the number of starts", len(given))
    k = 0
    with account:
        while k < count:
            _descend(account, account.start() if given is None else given[k], lr, tolerance)
            k += 1
    return account.result()


def noisy_descent(
    f: Function,
    domain: Domain,
    budget: int,
    rng: np.random.Generator,
    *,
    gradient: Function | None = None,
    start: ArrayLike | None = None,
    lr: float = 0.01,
    noise: float = 10.0,
) -> SearchResult:
    """Descend with noise that fades: w ← w - lr · (∇f(w) + ξ), ξ normal with standard deviation noise / √(t + 1).

    The noise stands for that of mini-batches in stochastic gradient descent: it can shake the walk out of a narrow
    valley. t counts the steps from 0, each with one normal draw of the shape of w; a step costs one gradient and one f.

    Parameters
    ----------
    f, domain, budget, rng
        As for every method; see `chainrule.search`.
    gradient : callable, optional
        w → ∇f(w), both of shape (n,). Central differences by default.
    start : array, shape (n,), optional
        Where to start; drawn from the domain by default.
    lr : float, default 0.01
        Learning rate. Too large, and the walk diverges, since nothing shortens its steps; then it ends at the first
        gradient that is not finite.
    noise : float, default 10
        Standard deviation of the first step's noise, in units of the gradient. Too small, and it ends in the nearest
        valley; too large, and it is a random walk.

    Returns
    -------
    SearchResult

    References
    ----------
    H. Robbins and S. Monro (1951). A stochastic approximation method. Ann. Math. Stat. 22(3).
    S. B. Gelfand and S. K. Mitter (1991). Recursive stochastic algorithms for global optimization in Rᵈ.
    SIAM J. Control Optim. 29(5).

    Examples
    --------
    >>> from chainrule.landscapes import wavy
    >>> curve, rng = wavy(), np.random.default_rng(1)
    >>> walk = noisy_descent(
    ...     curve, curve.domain, 2000, rng, gradient=curve.gradient, start=[-1], lr=0.1, noise=50
    ... )
    >>> walk.best_w.round(1).tolist()
    [1.6]
    """
    account = Account(f, domain, budget, rng, gradient)
    w, lr, noise = account.start(start), check_real("lr", lr, 0), check_real("noise", noise, 0)
    with account:
        account.evaluate(w)
        t = 0
        while np.all(np.isfinite(slope := account.slope(w))):
            w = w - lr * (slope + account.rng.normal(0, noise / math.sqrt(t + 1), w.shape))
            account.evaluate(w)
            t += 1
    return account.result()


def _check_steps(lr: float, tolerance: float) -> tuple[float, float]:
    """Check the two numbers that every descent takes."""
    lr, tolerance = check_real("lr", lr, 0), check_real("tolerance", tolerance, 0)
    if lr == 0:
        raise ValueError("lr must be above 0, not 0")
    return lr, tolerance


def _descend(account: Account, w: NDArray[np.float64], lr: float, tolerance: float) -> None:
    """Go down from w until the ground is level, or so level that no step lowers f any more."""
    value, rate = account.evaluate(w), lr
    while math.isfinite(value):
        slope = account.slope(w)
        steepest = float(np.abs(slope).max())
        if not tolerance < steepest < math.inf:
            return
        rate = min(lr, 2 * rate)
        candidate = w - rate * slope
        while (height := account.evaluate(candidate, move=False)) > value - 1e-4 * rate * float(slope @ slope):
            rate /= 2
            if rate * steepest < 1e-12 * max(1.0, float(np.abs(w).max())):
                return
            candidate = w - rate * slope
        w, value = candidate, height
        account.move(w, value)
