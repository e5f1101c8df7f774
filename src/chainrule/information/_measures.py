"""Entropy of a distribution, and the measures built from it."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def check_distribution(name: str, p: ArrayLike) -> Array:
    """Return p as float64 if it is a distribution: numbers, at least one, none negative or NaN, with the sum 1."""
    raw = np.asarray(p)
    if raw.dtype.kind not in "biuf" and raw.size:
        raise TypeError(f"{name} must hold probabilities, not {raw.dtype}")
    if raw.ndim == 0 or raw.size == 0:
        raise ValueError(f"{name} must hold at least one probability, not shape {raw.shape}")
    array = raw.astype(np.float64)
    if np.isnan(array).any():
        raise ValueError(f"{name} holds NaN at {np.argwhere(np.isnan(array))[0].tolist()}")
    if array.min() < 0:
        raise ValueError(f"{name} holds a negative probability, {array.min():g}")
    total = float(array.sum())
    if not abs(total - 1) <= 1e-6:
        raise ValueError(f"{name} must sum to 1, but sums to {total:.8g}; divide counts by their sum")
    return array


def log_of_base(base: float) -> float:
    """Return ln(base), by which a measure in nats is divided."""
    if isinstance(base, bool) or not isinstance(base, Real):
        raise TypeError(f"base must be a number such as 2 or math.e, not {base!r}")
    if not 1 < base < math.inf:
        raise ValueError(f"base must be finite and above 1 (2 for bits, math.e for nats), not {base!r}")
    return math.log(base)


def _pair(p: ArrayLike, q: ArrayLike) -> tuple[Array, Array]:
    """Check two distributions over the same outcomes, and leave out what p never draws."""
    p, q = check_distribution("p", p), check_distribution("q", q)
    if p.shape != q.shape:
        raise ValueError(f"p and q must be over the same outcomes, not of shapes {p.shape} and {q.shape}")
    drawn = p > 0
    return p[drawn], q[drawn]


def entropy(p: ArrayLike, base: float = 2) -> float:
    """Return the entropy H(p) = -Σ pᵢ log pᵢ: the mean surprise, and the lower limit of the mean code length.

    Parameters
    ----------
    p : array
        Probabilities of all outcomes. An array of several dimensions is one joint distribution.
    base : float, default 2
        Base of the logarithm: 2 gives bits, ``math.e`` nats.

    Returns
    -------
    float
        Between 0 (exactly, if one outcome is certain) and log(number of outcomes), if all are alike.

    Raises
    ------
    TypeError
        If p does not hold numbers, or base is not one.
    ValueError
        If p is empty, holds a negative number or NaN, or does not sum to 1 (within 1e-6); or base is not above 1.

    References
    ----------
    C. E. Shannon (1948). A mathematical theory of communication, section 6.
    T. M. Cover and J. A. Thomas (2006). Elements of Information Theory, 2nd ed., equation 2.1.

    Examples
    --------
    >>> entropy([0.5, 0.25, 0.25])
    1.5
    >>> entropy([0, 1, 0])
    0.0
    >>> round(entropy([0.5, 0.5], base=math.e), 4)
    0.6931
    """
    p = check_distribution("p", p)
    return _mean_surprise(p[p > 0], p[p > 0], log_of_base(base))


def _mean_surprise(p: Array, q: Array, unit: float) -> float:
    """Return -Σ pᵢ ln qᵢ / unit, for p > 0."""
    with np.errstate(divide="ignore"):
        # log2 is exact at powers of 2, where a quotient of natural logarithms may be off by a rounding.
        logarithm = np.log2(q) if unit == math.log(2) else np.log(q) / unit
    return float(-np.sum(p * logarithm)) + 0.0  # -0.0 becomes 0.0


@overload
def binary_entropy(p: float, base: float = 2) -> float: ...
@overload
def binary_entropy(p: NDArray[Any] | list[Any], base: float = 2) -> Array: ...
def binary_entropy(p: ArrayLike, base: float = 2) -> float | Array:
    """Return the entropy of a yes-or-no outcome, H(p) = -p log p - (1 - p) log(1 - p), for each p.

    Parameters
    ----------
    p : float or array
        Probability of "yes", in 0..1; each entry is an experiment of its own.
    base : float, default 2
        Base of the logarithm: 2 gives bits, ``math.e`` nats.

    Returns
    -------
    float or float64 array
        Like p. 0 at p = 0 and p = 1; at most 1 bit, at p = ½. The outcome is a Bernoulli variable.

    Raises
    ------
    ValueError
        If a p is NaN or outside 0..1.

    References
    ----------
    T. M. Cover and J. A. Thomas (2006). Elements of Information Theory, 2nd ed., equation 2.5.

    Examples
    --------
    >>> binary_entropy(0.5)
    1.0
    >>> binary_entropy(np.array([0, 0.11, 1])).round(3).tolist()
    [0.0, 0.5, 0.0]
    """
    x, unit = np.asarray(p, dtype=np.float64), log_of_base(base)
    if not np.all((x >= 0) & (x <= 1)):
        raise ValueError(f"p must lie in 0..1, but holds {x[~((x >= 0) & (x <= 1))].flat[0]:g}")
    # Where a probability is 0 its logarithm is taken at 1, so that the term is 0. log1p keeps the digits of a small p.
    yes = x * np.log(np.where(x > 0, x, 1))
    no = (1 - x) * np.log1p(-np.where(x < 1, x, 0))
    h = np.abs(yes + no) / unit
    return float(h) if x.ndim == 0 else h


def cross_entropy(p: ArrayLike, q: ArrayLike, base: float = 2) -> float:
    """Return the cross-entropy H(p, q) = -Σ pᵢ log qᵢ: mean code length if p draws and a code made for q encodes.

    Parameters
    ----------
    p : array
        Probabilities with which outcomes are drawn.
    q : array, shape of p
        Probabilities that the code, or the model, assumes.
    base : float, default 2
        Base of the logarithm: 2 gives bits, ``math.e`` nats.

    Returns
    -------
    float
        At least ``entropy(p)``, with equality only at q = p. Infinite if q rules out what p draws.

    Raises
    ------
    ValueError
        As for `entropy`, or if the shapes differ.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville (2016). Deep Learning, equation 3.51.

    Examples
    --------
    >>> cross_entropy([0.5, 0.5], [0.25, 0.75]) > entropy([0.5, 0.5])
    True
    >>> cross_entropy([0.5, 0.5], [1, 0])
    inf
    """
    return _mean_surprise(*_pair(p, q), log_of_base(base))


def kl_divergence(p: ArrayLike, q: ArrayLike, base: float = 2) -> float:
    """Return the Kullback-Leibler divergence D(p‖q) = Σ pᵢ log(pᵢ / qᵢ) = H(p, q) - H(p).

    It is the price, in bits a symbol, of encoding what p draws by a code made for q.

    Parameters
    ----------
    p, q : array
        Distributions over the same outcomes; p draws. The order matters.
    base : float, default 2
        Base of the logarithm: 2 gives bits, ``math.e`` nats.

    Returns
    -------
    float
        At least 0 (Gibbs' inequality), and 0 only at q = p. Infinite if q rules out what p draws.

    Raises
    ------
    ValueError
        As for `entropy`, or if the shapes differ.

    References
    ----------
    S. Kullback and R. A. Leibler (1951). On information and sufficiency.
    T. M. Cover and J. A. Thomas (2006). Elements of Information Theory, 2nd ed., equation 2.26.

    Examples
    --------
    >>> round(kl_divergence([0.5, 0.5], [0.25, 0.75]), 4), round(kl_divergence([0.25, 0.75], [0.5, 0.5]), 4)
    (0.2075, 0.1887)
    """
    p, q = _pair(p, q)
    with np.errstate(divide="ignore"):
        value = float(np.sum(p * (np.log(p) - np.log(q)))) / log_of_base(base)
    return max(value, 0.0)  # a rounding may fall below


def jensen_shannon_divergence(p: ArrayLike, q: ArrayLike, base: float = 2) -> float:
    """Return the Jensen-Shannon divergence, ½ D(p‖m) + ½ D(q‖m) with m = ½ (p + q): symmetric and never infinite.

    Parameters
    ----------
    p, q : array
        Distributions over the same outcomes.
    base : float, default 2
        Base of the logarithm: 2 gives bits, ``math.e`` nats.

    Returns
    -------
    float
        Between 0 (p = q) and log 2, 1 bit (nothing in common). Its square root is a metric.

    Raises
    ------
    ValueError
        As for `entropy`, or if the shapes differ.

    References
    ----------
    J. Lin (1991). Divergence measures based on the Shannon entropy. IEEE Trans. Inf. Theory 37(1).

    Examples
    --------
    >>> jensen_shannon_divergence([1, 0], [0, 1])
    1.0
    """
    unit = log_of_base(base)
    one_way, other_way = (np.sum(a * np.log(2 * a / (a + b))) for a, b in (_pair(p, q), _pair(q, p)))
    return max(float(one_way + other_way) / 2 / unit, 0.0)


def mutual_information(joint: ArrayLike, base: float = 2) -> float:
    """Return the mutual information I(X; Y) = Σ p(x, y) log(p(x, y) / (p(x) p(y))): what knowing X tells of Y.

    Parameters
    ----------
    joint : array, shape (outcomes of X, outcomes of Y)
        Probability of each pair.
    base : float, default 2
        Base of the logarithm: 2 gives bits, ``math.e`` nats.

    Returns
    -------
    float
        H(X) + H(Y) - H(X, Y): 0 if X and Y are independent, at most the smaller of H(X) and H(Y).

    Raises
    ------
    ValueError
        As for `entropy`, or if joint does not have two dimensions.

    References
    ----------
    T. M. Cover and J. A. Thomas (2006). Elements of Information Theory, 2nd ed., equation 2.28.

    Examples
    --------
    >>> mutual_information([[0.5, 0], [0, 0.5]])
    1.0
    >>> mutual_information([[0.25, 0.25], [0.25, 0.25]])
    0.0
    """
    p, unit = check_distribution("joint", joint), log_of_base(base)
    if p.ndim != 2:
        raise ValueError(f"joint must have shape (outcomes of X, outcomes of Y), not {p.shape}")
    x, y = np.nonzero(p)
    together, apart = np.log(p[x, y]), np.log(p.sum(axis=1)[x]) + np.log(p.sum(axis=0)[y])
    return max(float(np.sum(p[x, y] * (together - apart))) / unit, 0.0)


def perplexity(p: ArrayLike, q: ArrayLike | None = None) -> float:
    """Return the perplexity 2^H(p), or 2^H(p, q): the number of equally likely outcomes that surprise as much.

    Parameters
    ----------
    p : array
        Probabilities with which outcomes are drawn.
    q : array, shape of p, optional
        Probabilities that a model assumes; p itself by default.

    Returns
    -------
    float
        From 1 (no surprise) up; the same in every base.

    Raises
    ------
    ValueError
        As for `entropy`, or if the shapes differ.

    References
    ----------
    F. Jelinek, R. L. Mercer, L. R. Bahl, J. K. Baker (1977). Perplexity: a measure of the difficulty of speech
    recognition tasks. J. Acoust. Soc. Am. 62(S1).

    Examples
    --------
    >>> perplexity([0.25, 0.25, 0.25, 0.25])
    4.0
    """
    return float(np.exp2(entropy(p) if q is None else cross_entropy(p, q)))
