"""Hilly functions to search for a minimum on: each with its gradient, its known minima and its domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._arguments import check_count

__all__ = ["Landscape", "ackley", "himmelblau", "rastrigin", "rosenbrock", "wavy"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Landscape:
    """A function of n variables, ready to be searched and drawn.

    Call it for its height: ``landscape(w)`` takes one point (n,) and returns a float, or takes points (..., n) and
    returns an array (...), so that a whole grid is one call.

    Parameters
    ----------
    name : str
        Such as "Rastrigin".
    formula : str
        The formula, in LaTeX without dollar signs.
    domain : tuple of (float, float)
        The usual lowest and highest value of each variable. The function is defined everywhere.
    minima : array, shape (k, n)
        Every point where the function is lowest.
    height : callable
        Points (..., n) → heights (...).
    slope : callable
        Points (..., n) → gradients (..., n).
    local_minima : array, shape (k, n)
        Other points of the domain where no neighbor is lower; empty where they are not listed.

    Examples
    --------
    >>> hills = himmelblau()
    >>> hills([3, 2]), hills.gradient([3, 2]).tolist(), len(hills.minima)
    (0.0, [0.0, 0.0], 4)
    """

    name: str
    formula: str
    domain: tuple[tuple[float, float], ...]
    minima: Array
    height: Callable[[Array], Array] = field(repr=False)
    slope: Callable[[Array], Array] = field(repr=False)
    local_minima: Array = field(default_factory=lambda: np.empty((0, 0)), repr=False)

    def __post_init__(self) -> None:
        self.minima.flags.writeable = self.local_minima.flags.writeable = False

    @property
    def dimensions(self) -> int:
        """Number of variables, n."""
        return len(self.domain)

    @property
    def minimum(self) -> float:
        """Height of the lowest points."""
        return float(self.height(self.minima[0]))

    def __call__(self, w: ArrayLike) -> float | Array:
        """Return the height at one point (n,) as a float, or at points (..., n) as an array (...)."""
        points = self._points(w)
        heights = self.height(points)
        return float(heights) if points.ndim == 1 else heights

    def gradient(self, w: ArrayLike) -> Array:
        """Return the gradient at one point (n,) or at points (..., n), in the shape of w."""
        return self.slope(self._points(w))

    def _points(self, w: ArrayLike) -> Array:
        """Return w as float64 with n numbers along its last axis."""
        points = np.asarray(w, dtype=np.float64)
        if points.ndim == 0 or points.shape[-1] != self.dimensions:
            raise ValueError(f"{self.name} takes points of shape (..., {self.dimensions}), not shape {points.shape}")
        return points


def rastrigin(dimensions: int = 2) -> Landscape:
    """Return Rastrigin's function, f(w) = Σ wᵢ² + 10 (1 - cos 2πwᵢ): a bowl with a pit near every whole number.

    Parameters
    ----------
    dimensions : int, default 2
        Number of variables, n. The domain -5.12..5.12 has 11ⁿ local minima, one of them lowest: 0, at the origin.

    Returns
    -------
    Landscape

    References
    ----------
    L. A. Rastrigin (1974). Systems of extremal control (in Russian). For n > 2: H. Mühlenbein, M. Schomisch, J. Born
    (1991). The parallel genetic algorithm as function optimizer. Parallel Computing 17(6-7).

    Examples
    --------
    >>> rastrigin()([0, 0]), round(rastrigin()([0.5, 0]), 9)
    (0.0, 20.25)
    """
    n = check_count("dimensions", dimensions)

    def height(w: Array) -> Array:
        # 1 - cos 2a = 2 sin² a, without cancellation near the minimum
        return np.asarray(np.sum(w**2 + 20 * np.sin(np.pi * w) ** 2, axis=-1))

    def slope(w: Array) -> Array:
        return np.asarray(2 * w + 20 * np.pi * np.sin(2 * np.pi * w))

    formula = r"\sum_i w_i^2 + 10 (1 - \cos 2 \pi w_i)"
    return Landscape("Rastrigin", formula, ((-5.12, 5.12),) * n, np.zeros((1, n)), height, slope)


def himmelblau() -> Landscape:
    """Return Himmelblau's function of two variables, f(w) = (w₁² + w₂ - 11)² + (w₁ + w₂² - 7)²: four equal pits.

    Returns
    -------
    Landscape
        Its four minima all have the height 0; the domain is -5..5.

    References
    ----------
    D. M. Himmelblau (1972). Applied Nonlinear Programming. McGraw-Hill.

    Examples
    --------
    >>> himmelblau().minima.round(2).tolist()
    [[3.0, 2.0], [-2.81, 3.13], [-3.78, -3.28], [3.58, -1.85]]
    """

    def height(w: Array) -> Array:
        x, y = w[..., 0], w[..., 1]
        return np.asarray((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2)

    def slope(w: Array) -> Array:
        x, y = w[..., 0], w[..., 1]
        a, b = x**2 + y - 11, x + y**2 - 7
        return np.stack([4 * x * a + 2 * b, 2 * a + 4 * y * b], axis=-1)

    minima = np.array(
        [
            [3.0, 2.0],
            [-2.805118086952745, 3.1313125182505730],
            [-3.779310253377747, -3.283185991286170],
            [3.584428340330492, -1.848126526964404],
        ]
    )
    formula = r"(w_1^2 + w_2 - 11)^2 + (w_1 + w_2^2 - 7)^2"
    return Landscape("Himmelblau", formula, ((-5.0, 5.0),) * 2, minima, height, slope)


def rosenbrock(dimensions: int = 2) -> Landscape:
    """Return Rosenbrock's function, f(w) = Σ 100 (wᵢ₊₁ - wᵢ²)² + (1 - wᵢ)²: a narrow bent valley, almost level.

    Parameters
    ----------
    dimensions : int, default 2
        Number of variables, n >= 2. The minimum is 0, at (1, ..., 1); for n >= 4 there is a local one near
        (-1, 1, ..., 1) as well. The domain is -2.048..2.048.

    Returns
    -------
    Landscape

    References
    ----------
    H. H. Rosenbrock (1960). An automatic method for finding the greatest or least value of a function.
    The Computer Journal 3(3). For n > 2 and the domain: K. A. De Jong (1975), PhD thesis, University of Michigan.

    Examples
    --------
    >>> rosenbrock()([-1.2, 1]), rosenbrock(5)([1, 1, 1, 1, 1])
    (24.199999999999996, 0.0)
    """
    n = check_count("dimensions", dimensions, least=2)

    def height(w: Array) -> Array:
        x, following = w[..., :-1], w[..., 1:]
        return np.asarray(np.sum(100 * (following - x**2) ** 2 + (1 - x) ** 2, axis=-1))

    def slope(w: Array) -> Array:
        x = w[..., :-1]
        off = w[..., 1:] - x**2
        gradient = np.zeros_like(w)
        gradient[..., :-1] = -400 * x * off - 2 * (1 - x)
        gradient[..., 1:] += 200 * off
        return gradient

    formula = r"\sum_i 100 (w_{i+1} - w_i^2)^2 + (1 - w_i)^2"
    return Landscape("Rosenbrock", formula, ((-2.048, 2.048),) * n, np.ones((1, n)), height, slope)


def ackley(dimensions: int = 2) -> Landscape:
    """Return Ackley's function: a plain full of ripples with a funnel in the middle.

    f(w) = 20 (1 - exp(-r / 5)) + e - exp(c), with r = √(Σ wᵢ² / n) and c = Σ cos(2πwᵢ) / n.

    Parameters
    ----------
    dimensions : int, default 2
        Number of variables, n. The minimum is 0, at the origin; it is a sharp point, where `gradient` returns 0. The
        domain is -32.768..32.768.

    Returns
    -------
    Landscape

    References
    ----------
    D. H. Ackley (1987). A Connectionist Machine for Genetic Hillclimbing. Kluwer. For any n: T. Bäck (1996).
    Evolutionary Algorithms in Theory and Practice. Oxford University Press.

    Examples
    --------
    >>> ackley()([0, 0]), round(ackley()([20, 20]), 3)
    (0.0, 19.634)
    """
    n = check_count("dimensions", dimensions)

    def height(w: Array) -> Array:
        r = np.sqrt(np.mean(w**2, axis=-1))
        # exp(c) = e · exp(c - 1), and c - 1 = -2 mean sin²: without cancellation near the minimum
        ripple = np.expm1(-2 * np.mean(np.sin(np.pi * w) ** 2, axis=-1))
        return np.asarray(-20 * np.expm1(-r / 5) - np.e * ripple)

    def slope(w: Array) -> Array:
        r = np.sqrt(np.mean(w**2, axis=-1, keepdims=True))
        c = np.mean(np.cos(2 * np.pi * w), axis=-1, keepdims=True)
        funnel = 4 * np.exp(-r / 5) * w / np.where(r > 0, r, 1)
        return np.asarray((funnel + 2 * np.pi * np.sin(2 * np.pi * w) * np.exp(c)) / n)

    formula = r"20 (1 - e^{-r/5}) + e - e^{c},\quad r = \sqrt{\overline{w_i^2}},\ c = \overline{\cos 2 \pi w_i}"
    return Landscape("Ackley", formula, ((-32.768, 32.768),) * n, np.zeros((1, n)), height, slope)


def wavy() -> Landscape:
    """Return a wavy curve of one variable, f(w) = sin 3w + (w² - 2w) / 10: five valleys, the second deepest next door.

    Returns
    -------
    Landscape
        Lowest at w ≈ 1.558; its local minima lie near -4.585, -2.539, -0.490 and 3.607. The domain is -5..5. Like
        every landscape it takes points (..., n), here with n = 1.

    References
    ----------
    Chainrule's own, in place of the sketched cost curve that textbooks show local minima on.

    Examples
    --------
    >>> curve = wavy()
    >>> curve.minima.round(3).tolist(), round(curve.minimum, 3)
    ([[1.558]], -1.068)
    >>> curve(np.linspace(-5, 5, 200)[:, np.newaxis]).shape
    (200,)
    """

    def height(w: Array) -> Array:
        return np.asarray(np.sin(3 * w[..., 0]) + (w[..., 0] ** 2 - 2 * w[..., 0]) / 10)

    def slope(w: Array) -> Array:
        return np.asarray(3 * np.cos(3 * w) + (w - 1) / 5)

    others = [[-4.585210000113153], [-2.5386098323114464], [-0.49042351129175614], [3.6069632283856934]]
    formula = r"\sin 3w + (w^2 - 2w) / 10"
    lowest = np.array([[1.5583849056881773]])
    return Landscape("Wavy curve", formula, ((-5.0, 5.0),), lowest, height, slope, np.array(others))
