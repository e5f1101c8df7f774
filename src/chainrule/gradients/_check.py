"""Turn whatever can be checked into a cost and its parameters, and compare entry by entry."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from chainrule import activations, losses, training
from chainrule._arguments import check_count, check_real, check_rng
from chainrule.buffers import Buffers
from chainrule.elementwise import ActivationFunction
from chainrule.gradients._differences import Nudge, check_eps, finite_copy, one_number
from chainrule.gradients._report import Entry, GradientCheck
from chainrule.graph import Graph, Node
from chainrule.layers import Layer
from chainrule.losses import Loss
from chainrule.models import Sequential

Array: TypeAlias = NDArray[Any]


class Problem(NamedTuple):
    """A cost, the arrays it reads, by name, and its gradient by each, shaped like it."""

    cost: Callable[[], float]
    points: dict[str, Array]
    gradients: dict[str, Any]


def check_gradients(
    target: Any,
    *arguments: Any,
    eps: float | None = None,
    tolerance: float = 1e-6,
    entries: int | None = None,
    rng: Generator | None = None,
) -> GradientCheck:
    """
    Compare derivatives with central differences, entry by entry.

    What does not agree at first is measured again with smaller steps, so that neither a strongly curved function nor
    a kink nearby counts as a mistake.

    Parameters
    ----------
    target : pair, str, ActivationFunction, Loss, Layer, Sequential, Node or Graph
        What to check, with its arguments:

        ``check_gradients((f, df), x)``
            plain functions: f gives one number, and df the gradient, shaped like x; or both work entry by entry.
            Of several arguments, df gives a tuple of gradients.
        ``check_gradients("relu", z)``, ``check_gradients(activation, z)``
            an activation, by the weighted sums z.
        ``check_gradients("mean_squared_error", y, p)``, ``check_gradients(loss, y, p)``
            a loss, by the outputs p.
        ``check_gradients(layer, inputs)``, ``check_gradients(model, x, y)``
            a layer, by its inputs and weights; the cost of a compiled model, penalties included, by its weights.
            A copy is checked, in float64 whatever its dtype.
        ``check_gradients(node)``, ``check_gradients(graph)``
            what a graph computes, by its variables. A copy is checked, in float64.

        What a layer or a graph gives, if it is not one number, is added up with weights, different for each entry.
    *arguments : array_like
        As above; not modified.
    eps : float, optional
        The nudge, as in `numerical_gradient`.
    tolerance : float, default 1e-6
        The largest relative error accepted.
    entries : int, optional
        How many entries of each parameter to compare, drawn at random; all if not given. Each costs two evaluations.
    rng : Generator, optional
        Where these entries are drawn from; ``default_rng(0)`` if not given.

    Returns
    -------
    GradientCheck
        Whether all agree, and where they don't. A wrong gradient raises nothing; see `GradientCheck.assert_ok`.

    Raises
    ------
    TypeError, ValueError
        If there is nothing to check, or the arguments do not fit it.

    Examples
    --------
    >>> from chainrule.graph import variables
    >>> w, b = variables(w=2, b=8)
    >>> check_gradients(w * w + b)
    Gradients agree: 2 entries of 2 parameters, largest relative error ... (tolerance 1e-06).
    >>> check_gradients((lambda w: (w**2).mean(), lambda w: 2 * w), np.array([1.0, -3.0]))
    Gradients differ: 2 of 2 entries, largest relative error 5.0e-01 (tolerance 1e-06).
                                  analytic       numeric    error
      x[1]                              -6            -3  5.0e-01
      x[0]                               2             1  4.9e-01
    Every entry of x is 2 times what it should be.
    """
    if check_real("tolerance", tolerance) <= 0:
        raise ValueError(f"tolerance must be above 0, got {tolerance!r}")
    check_eps(eps)
    chooser = np.random.default_rng(0) if rng is None else check_rng(rng)
    most = None if entries is None else check_count("entries", entries)
    problem = _problem(target, arguments)
    compared: list[Entry] = []
    kinks: list[Entry] = []
    for name, point in problem.points.items():
        places: Iterable[tuple[int, ...]] = np.ndindex(point.shape)
        if most is not None and most < point.size:
            chosen = np.sort(chooser.choice(point.size, most, replace=False))
            places = [tuple(map(int, np.unravel_index(i, point.shape))) for i in chosen]
        gradient = np.asarray(problem.gradients[name])
        for at in places:
            analytic = float(gradient[at])
            numeric, error, kink = Nudge(problem.cost, point, at, eps).compare(analytic, tolerance)
            compared.append(Entry(name, at, analytic, numeric, error))
            if kink:
                kinks.append(compared[-1])
    return GradientCheck(compared, kinks, tolerance)


def _problem(target: Any, given: tuple[Any, ...]) -> Problem:
    if isinstance(target, str):
        target = losses.get(target) if len(given) == 2 else activations.get(target)
    kinds: list[tuple[type, int, str, Callable[..., Problem]]] = [
        (Node, 0, "(node)", lambda node: _of_graph(Graph(node))),
        (Graph, 0, "(graph)", _of_graph),
        (Sequential, 2, "(model, x, y)", _of_model),
        (Layer, 1, "(layer, inputs)", _of_layer),
        (Loss, 2, "(loss, y, p)", _of_loss),
        (ActivationFunction, 1, "(activation, z)", _of_activation),
    ]
    for kind, count, form, make in kinds:
        if isinstance(target, kind):
            if len(given) != count:
                raise TypeError(f"write check_gradients{form}; got {len(given)} argument(s) after {target!r}")
            return make(target, *given)
    if isinstance(target, tuple) and len(target) == 2 and all(map(callable, target)):
        return _of_functions(*target, *given)
    raise TypeError(
        f"nothing to check in {target!r}: give a pair (f, df) of a function and its derivative, the name of an "
        "activation or loss, a layer, a model or a graph"
    )


def _of_functions(f: Callable[..., Any], df: Callable[..., Any], *given: ArrayLike) -> Problem:
    if not given:
        raise TypeError("write check_gradients((f, df), x); x is missing")
    names = [f"x{i}" for i in range(len(given))] if len(given) > 1 else ["x"]
    points = dict(zip(names, (finite_copy(x, "x") for x in given), strict=True))
    arguments = [point if point.ndim else point[()] for point in points.values()]
    shape = np.shape(f(*arguments))
    slopes = df(*arguments) if len(names) > 1 else (df(*arguments),)
    if len(slopes) != len(names):
        raise ValueError(f"df must give a tuple of {len(names)} gradients, one for each argument, not {len(slopes)}")
    for point, slope in zip(points.values(), slopes, strict=True):
        if np.shape(slope) != point.shape or (shape and shape != point.shape):
            raise ValueError(
                f"for x of shape {point.shape}, f gave shape {shape} and df {np.shape(slope)}: df must give a number "
                "for each entry of x, and f either one number or as many"
            )

    def cost() -> float:
        return one_number(np.sum(f(*(point if point.ndim else point[()] for point in points.values()))), "f")

    return Problem(cost, points, dict(zip(names, map(np.array, slopes), strict=True)))


def _of_activation(activation: ActivationFunction, z: ArrayLike) -> Problem:
    point = np.atleast_2d(finite_copy(z, "z"))
    out = np.empty_like(point)
    # Where every entry counts alike, the rows of softmax add up to 1 whatever z is, and there is nothing to check.
    by_entry = activation.derivative(point).shape == point.shape
    weights = np.ones(point.shape) if by_entry else _weights(point.shape)
    gradient = activation.backward(weights, point, activation.forward(point, out), np.empty_like(point)).copy()
    return Problem(lambda: float(np.sum(weights * activation.forward(point, out))), {"z": point}, {"z": gradient})


def _of_loss(loss: Loss, y: ArrayLike, p: ArrayLike) -> Problem:
    point = finite_copy(p, "p")
    point = point if point.ndim > 1 else point.reshape(-1, 1)
    targets = loss.targets(y, point.shape, point.dtype)
    gradient = np.array(loss.gradient(targets, point))
    return Problem(lambda: float(np.sum(loss.call(targets, point))), {"p": point}, {"p": gradient})


def _of_layer(layer: Layer, inputs: ArrayLike) -> Problem:
    twin, point = copy.deepcopy(layer), np.atleast_2d(finite_copy(inputs, "inputs"))
    if not twin.built:
        twin.build(point.shape[1], np.random.default_rng(0), np.float64)
    _in_float64([twin])
    twin.needs_input_gradient = True
    repeat = _repeating([twin])
    weights = _weights(twin.forward(point, True).shape)

    def cost() -> float:
        repeat()
        return float(np.sum(weights * twin.forward(point, True)))

    cost()
    gradients = {"inputs": twin.backward(weights.copy()).copy()}
    for name, gradient in zip(_names(twin), twin.weight_gradients, strict=True):
        gradients[name] = gradient.copy()
    return Problem(cost, {"inputs": point, **dict(zip(_names(twin), twin.weights, strict=True))}, gradients)


def _of_model(model: Sequential, x: ArrayLike, y: ArrayLike) -> Problem:
    twin = copy.deepcopy(model)
    twin.dtype = np.dtype(np.float64)
    twin.buffers = Buffers(np.float64)
    _in_float64([layer for layer in twin.layers if layer.built])
    if twin.inputs is not None:
        twin.build((None, twin.inputs))
    data = training.prepare(twin, x, y)
    repeat = _repeating(twin.layers)

    def cost() -> float:
        repeat()
        tally = training.make_tally(twin, data)
        training.cost_gradient(twin, data, tally)
        return tally.result()["loss"]

    cost()
    gradients = [gradient.copy() for layer in twin.layers for gradient in layer.weight_gradients]
    names = [f"{layer.name} {name}" for layer in twin.layers for name in _names(layer)]
    points = dict(zip(names, twin.weights, strict=True))
    return Problem(cost, points, dict(zip(names, gradients, strict=True)))


def _of_graph(graph: Graph) -> Problem:
    twin = copy.deepcopy(graph)
    leaves = {name: np.array(twin[name].value, np.float64) for name in twin.order if twin[name].operation is None}
    twin.forward(leaves)
    weights = _weights(twin.output.shape)
    found = twin.backward(seed=weights if twin.output.shape else None)
    points = {name: point for name, point in leaves.items() if twin[name].varies}
    gradients = {name: found.get(name, np.zeros(point.shape)) for name, point in points.items()}
    return Problem(lambda: one_number(np.sum(weights * twin.forward(points)), "the graph"), points, gradients)


def _in_float64(layers: list[Layer]) -> None:
    for layer in layers:
        layer.owner = None
        layer.buffers = Buffers(np.float64)
        layer.bind(layer.parameters.astype(np.float64), np.zeros(layer.parameters.shape))


def _repeating(layers: list[Layer]) -> Callable[[], None]:
    """Return a function that makes random layers, such as Dropout, draw the same numbers again."""
    states = [(layer.rng.bit_generator, layer.rng.bit_generator.state) for layer in layers]

    def repeat() -> None:
        for generator, state in states:
            generator.state = state

    return repeat


def _names(layer: Layer) -> list[str]:
    return ["kernel" if weight.ndim == 2 else "bias" for weight in layer.weights]


def _weights(shape: tuple[int, ...]) -> Any:
    """Return weights that are different for each entry, so that mistakes cannot cancel in the sum; 1 for a number."""
    return np.cos(np.arange(np.prod(shape, dtype=int))).reshape(shape) if shape else 1.0
