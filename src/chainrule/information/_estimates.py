"""Entropy from samples: relative frequencies are estimates, and the entropy of them comes out too low."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._arguments import check_count, check_rng
from chainrule.information._measures import check_distribution, log_of_base

Array = NDArray[np.float64]


def empirical_distribution(samples: Iterable[Hashable]) -> dict[Hashable, float]:
    """Return the relative frequency of each value: how often it occurs, divided by the number of samples.

    Parameters
    ----------
    samples : iterable
        Such as a text or a one-dimensional array.

    Returns
    -------
    dict
        Value → relative frequency, in the order of first occurrence.

    Raises
    ------
    TypeError
        If a sample cannot be a dictionary's key, such as a row of a two-dimensional array.
    ValueError
        If there is no sample, or one is NaN.

    Examples
    --------
    >>> empirical_distribution("abba")
    {'a': 0.5, 'b': 0.5}
    """
    counts = Counter(samples.tolist() if isinstance(samples, np.ndarray) and samples.ndim == 1 else samples)
    n = counts.total()
    if n == 0:
        raise ValueError("samples is empty; a frequency needs at least one sample")
    if any(isinstance(value, float) and value != value for value in counts):
        raise ValueError("samples holds NaN")
    return {value: count / n for value, count in counts.items()}


def plug_in_entropy(counts: ArrayLike, base: float = 2) -> Any:
    """Return the entropy of relative frequencies, Ĥ = -Σ (nᵢ/n) log(nᵢ/n).

    It is the maximum likelihood estimate of the entropy, and biased low: by about (K - 1) / 2n nats for K outcomes.

    Parameters
    ----------
    counts : array, shape (..., K)
        How often each of K outcomes occurred; an experiment along the last axis.
    base : float, default 2
        Base of the logarithm: 2 gives bits, ``math.e`` nats.

    Returns
    -------
    float, or float64 array of shape (...)
        One estimate an experiment.

    Raises
    ------
    ValueError
        If an experiment has no sample, or counts are negative or NaN.

    References
    ----------
    L. Paninski (2003). Estimation of entropy and mutual information. Neural Computation 15(6).

    Examples
    --------
    >>> plug_in_entropy([2, 1, 1])
    1.5
    """
    counts = _check_counts(counts)
    n = counts.sum(axis=-1)
    share = counts / n[..., np.newaxis]
    nats = -np.sum(share * np.log(np.where(share > 0, share, 1)), axis=-1)
    estimate = np.abs(nats) / log_of_base(base)  # -0.0 becomes 0.0
    return float(estimate) if estimate.ndim == 0 else estimate


def miller_madow_entropy(counts: ArrayLike, base: float = 2) -> Any:
    """Return the Miller-Madow estimate of entropy: the plug-in estimate plus (K̂ - 1) / 2n nats.

    K̂ is the number of outcomes that did occur. The correction removes the bias to first order in 1 / n.

    Parameters
    ----------
    counts : array, shape (..., K)
        How often each of K outcomes occurred; an experiment along the last axis.
    base : float, default 2
        Base of the logarithm: 2 gives bits, ``math.e`` nats.

    Returns
    -------
    float, or float64 array of shape (...)
        One estimate an experiment. It may exceed log K.

    Raises
    ------
    ValueError
        If an experiment has no sample, or counts are negative or NaN.

    References
    ----------
    G. A. Miller (1955). Note on the bias of information estimates. In Information Theory in Psychology.

    Examples
    --------
    >>> round(miller_madow_entropy([2, 1, 1], base=np.e) - plug_in_entropy([2, 1, 1], base=np.e), 6)
    0.25
    """
    counts = _check_counts(counts)
    correction = (np.count_nonzero(counts, axis=-1) - 1) / (2 * counts.sum(axis=-1))
    estimate = np.asarray(plug_in_entropy(counts, base) + correction / log_of_base(base))
    return float(estimate) if estimate.ndim == 0 else estimate


def simulate_entropy_estimates(
    p: ArrayLike, n: int, trials: int, rng: np.random.Generator, base: float = 2
) -> tuple[Array, Array]:
    """Draw n samples from p, many times over, and estimate the entropy from each draw.

    Parameters
    ----------
    p : array, shape (K,)
        The true distribution.
    n : int
        Samples in a trial.
    trials : int
        Number of trials.
    rng : numpy.random.Generator
        Source of all randomness.
    base : float, default 2
        Base of the logarithm: 2 gives bits, ``math.e`` nats.

    Returns
    -------
    plug_in, miller_madow : float64 arrays, shape (trials,)
        The two estimates from each trial; their means less ``entropy(p, base)`` are the biases.

    Raises
    ------
    ValueError
        If p is no distribution of shape (K,), or n or trials is below 1.

    Examples
    --------
    Eight equally likely outcomes have 3 bits; twenty samples show fewer.

    >>> plug_in, corrected = simulate_entropy_estimates([1 / 8] * 8, 20, 20_000, np.random.default_rng(0))
    >>> round(float(plug_in.mean()), 1), round(float(corrected.mean()), 1)
    (2.7, 2.9)
    """
    p = check_distribution("p", p)
    if p.ndim != 1:
        raise ValueError(f"p must have shape (K,), not {p.shape}")
    size = check_count("trials", trials)
    counts = check_rng(rng).multinomial(check_count("n", n), p / p.sum(), size=size)
    return plug_in_entropy(counts, base), miller_madow_entropy(counts, base)


def _check_counts(counts: ArrayLike) -> Array:
    """Return counts as float64, at least one sample in each experiment."""
    array = np.asarray(counts)
    if array.dtype.kind not in "buif" and array.size:
        raise TypeError(f"counts must be numbers, not {array.dtype}")
    array = array.astype(np.float64)
    if array.ndim == 0 or not np.all(np.isfinite(array)) or np.any(array < 0):
        raise ValueError("counts must be an array of finite numbers, 0 or more")
    if array.size == 0 or not np.all(array.sum(axis=-1) > 0):
        raise ValueError("counts must hold at least one sample in every experiment")
    return array
