"""
Keep a model in one ``.npz`` file: what it is made of, its weights, and where its training stands.

The file holds numbers and one line of JSON, nothing that is executed when it is read (no pickle). Functions
of your own are kept by name, and have to be given again when the model is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from chainrule import activations, initializers, layers, losses, metrics, optimizers, regularizers, schedules
from chainrule.names import lookup

if TYPE_CHECKING:
    from pathlib import Path

    from chainrule.models import Sequential

__all__ = ["load_model", "load_weights", "save_model", "save_weights"]

Array: TypeAlias = NDArray[Any]

_MADE_OF_SETTINGS = (layers.Layer, losses.Loss, optimizers.Optimizer, regularizers.Regularizer, schedules.Schedule)


def _known() -> dict[str, Any]:
    """Return everything that a file may refer to by name."""
    modules = (layers, losses, optimizers, regularizers, schedules)
    classes = {name: getattr(module, name) for module in modules for name in module.__all__}
    known = {name: value for name, value in classes.items() if isinstance(value, type)}
    return known | initializers.TABLE | activations.TABLE


def _describe(value: object, known: dict[str, Any]) -> Any:
    """Return what JSON can hold: a number or string, a name, or a class with its settings."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (tuple, list)):
        return [_describe(entry, known) for entry in value]
    for name, entry in known.items():
        if entry is value:
            return {"name": name}
    if isinstance(value, np.random.Generator):
        return None
    cls = type(value)
    if isinstance(value, _MADE_OF_SETTINGS) and not hasattr(value, "function"):
        settings = {name: getattr(value, name) for name in _parameters(cls) if hasattr(value, name)}
        kind = "class" if known.get(cls.__name__) is cls else "own class"
        return {kind: cls.__name__, "settings": {k: _describe(v, known) for k, v in settings.items()}}
    function = getattr(value, "function", value)
    if isinstance(function, partial) and function.func is activations.leaky_relu:
        return {"class": "LeakyReLU", "settings": function.keywords}
    # A learner's own function, or what was made of one.
    return {"own": getattr(function, "__name__", cls.__name__)}


def _parameters(cls: type) -> list[str]:
    """Return the names of the arguments with which objects of a class are made."""
    import inspect

    names: list[str] = []
    for base in cls.__mro__:
        parameters = inspect.signature(base).parameters.values()
        names += [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return names


def _restore(value: Any, known: Mapping[str, Any], own: Mapping[str, Any]) -> Any:
    """Return the object that `_describe` described."""
    if isinstance(value, list):
        return [_restore(entry, known, own) for entry in value]
    if not isinstance(value, dict):
        return value
    kind, name = next(iter(value.items()))
    source = own if kind.startswith("own") else known
    if name not in source:
        raise ValueError(
            f"the model uses {name!r}, which is not part of the library: "
            f"give it as load_model(path, custom_objects={{{name!r}: ...}})"
        )
    if "settings" not in value:
        return source[name]
    return source[name](**{key: _restore(entry, known, own) for key, entry in value["settings"].items()})


def save_model(model: Sequential, filepath: str | Path) -> None:
    """
    Write a model to a file; see `Sequential.save`.

    Parameters
    ----------
    model : Sequential
        A model that is built.
    filepath : str or Path
        Where to, ending in ``.npz``. An existing file is replaced once the new one is complete.
    """
    import json

    arrays, known = _weights(model), _known()
    config: dict[str, Any] = {
        "name": model.name,
        "dtype": model.dtype.name,
        "inputs": model.inputs,
        "layers": [_describe(layer, known) for layer in model.layers],
        "rng": model.rng.bit_generator.state,
        "layer_rngs": {
            i: layer.rng.bit_generator.state for i, layer in enumerate(model.layers) if layer.rng is not model.rng
        },
    }
    if model.loss is not None:
        optimizer = model.optimizer
        config["compile"] = {
            "optimizer": _describe(optimizer, known),
            "loss": _describe(model.loss, known),
            "metrics": [metric.name for metric in model.metrics],
            "iterations": optimizer.iterations,
        }
        arrays |= {f"optimizer/{i}": array for i, array in enumerate(optimizer.state)}
    _write(filepath, {"config": np.array(json.dumps(config, default=_plain))} | arrays)


def save_weights(model: Sequential, filepath: str | Path) -> None:
    """Write the weights alone to a file; see `Sequential.save_weights`."""
    _write(filepath, _weights(model))


def _weights(model: Sequential) -> dict[str, Array]:
    if not model.built:
        raise ValueError("the model has no weights to save yet: call model.build((None, features)) first")
    return {f"weights/{i}": weight for i, weight in enumerate(model.get_weights())}


def _plain(value: Any) -> Any:
    """Turn NumPy's numbers and arrays into Python's."""
    return value.tolist()


def _write(filepath: str | Path, arrays: dict[str, Array]) -> None:
    import os
    import tempfile
    from pathlib import Path

    path = Path(filepath)
    if path.suffix != ".npz":
        raise ValueError(f"the file's name must end in .npz, got {str(filepath)!r}")
    # Into another file first, so that an interrupted run leaves the old one as it was.
    handle, temporary = tempfile.mkstemp(suffix=".npz", prefix=path.stem, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _read(filepath: str | Path) -> dict[str, Array]:
    from zipfile import BadZipFile

    try:
        file = np.load(filepath, allow_pickle=False)
        with file:
            return {name: file[name] for name in file.files}
    except (ValueError, EOFError, BadZipFile, AttributeError, TypeError) as error:
        raise ValueError(f"{str(filepath)!r} is not a model saved by Chainrule") from error


def load_weights(model: Sequential, filepath: str | Path) -> None:
    """Set a model's weights to those in a file; see `Sequential.load_weights`."""
    arrays = _read(filepath)
    weights = [arrays[f"weights/{i}"] for i in range(sum(name.startswith("weights/") for name in arrays))]
    if not weights:
        raise ValueError(f"{str(filepath)!r} holds no weights, but {', '.join(arrays) or 'nothing'}")
    model.set_weights(weights)


def load_model(filepath: str | Path, custom_objects: Mapping[str, Any] | None = None) -> Sequential:
    """
    Return the model that `Sequential.save` wrote, ready to predict, and to train on from where it was.

    Parameters
    ----------
    filepath : str or Path
        The file.
    custom_objects : dict, optional
        Your own functions that the model uses, by name: activations, losses, metrics, …

    Returns
    -------
    Sequential

    Raises
    ------
    ValueError
        If the file is not a saved model, or uses a function that is not given.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from chainrule import Sequential
    >>> from chainrule.layers import Dense, Input
    >>> model = Sequential([Input((2,)), Dense(3, activation="relu")])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model.save(Path(folder, "model.npz"))
    ...     copy = load_model(Path(folder, "model.npz"))
    >>> bool((copy.predict([[1.0, 2.0]]) == model.predict([[1.0, 2.0]])).all())
    True
    """
    import json

    from chainrule.models import Sequential

    arrays = _read(filepath)
    if "config" not in arrays:
        raise ValueError(f"{str(filepath)!r} holds weights alone: make the model and call its load_weights")
    config = json.loads(str(arrays["config"]))
    known, own = _known(), custom_objects or {}
    rng = np.random.Generator(getattr(np.random, config["rng"]["bit_generator"])())
    model = Sequential(_restore(config["layers"], known, own), config["name"], rng=rng, dtype=config["dtype"])
    if not model.built:
        model.build((None, config["inputs"]))
    load_weights(model, filepath)
    rng.bit_generator.state = config["rng"]
    for index, state in config["layer_rngs"].items():
        model.layers[int(index)].rng.bit_generator.state = state
    if "compile" in config:
        settings = config["compile"]
        model.compile(
            _restore(settings["optimizer"], known, own),
            _restore(settings["loss"], known, own),
            metrics=[_metric(name, own) for name in settings["metrics"]],
        )
        model.optimizer.build(model.parameters)
        model.optimizer.iterations = settings["iterations"]
        for i, moment in enumerate(model.optimizer.state):
            # Missing if the model was saved before it was trained.
            moment[...] = arrays.get(f"optimizer/{i}", 0.0)
    return model


def _metric(name: str, custom: Mapping[str, Any]) -> metrics.Metric:
    if name in custom:
        given = custom[name]
        return given if isinstance(given, metrics.Metric) else metrics.Metric(given, name)
    return metrics.Metric(lookup(name, metrics.known(), "metric"), name)
