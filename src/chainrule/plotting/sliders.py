"""Let the reader move a parameter of a figure, and leave a still picture for those who only read the page."""

from __future__ import annotations

import inspect
import itertools
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chainrule._arguments import check_real
from chainrule.plotting.pictures import _figure, _in_notebook, render, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_numbers = itertools.count()
_VIEW = "application/vnd.jupyter.widget-view+json"


def slide(draw: Callable[..., Axes | Figure], **ranges: tuple[float, float, float]) -> None:
    """Show a figure with a slider for each of its parameters; moving one draws the figure anew.

    The figure as it is at the start is an output of its own, so a stored notebook or a printed page shows the same idea
    without the sliders. They need ipywidgets; without it, or outside a notebook, the figure is all there is.

    Parameters
    ----------
    draw : callable
        Takes the parameters by name and returns what a plotting function returns. A parameter starts at its default
        value, or at the lower end of its range if it has none.
    **ranges : (low, high, step)
        For each parameter, where its slider begins and ends, and by how much it moves. Three integers make it
        move over integers.

    Raises
    ------
    TypeError
        If ``draw`` has no parameter of that name, or a range is not three numbers.
    ValueError
        If a range is empty, or a start lies outside it.

    Examples
    --------
    >>> from chainrule.plotting import plot_curves
    >>> def tilted(slope=1.0):
    ...     return plot_curves([-1, 1], {"line": [-slope, slope]}, xlabel="x", ylabel="y")
    >>> slide(tilted, slope=(-3, 3, 0.1))  # doctest: +SKIP
    """
    starts = {name: _start(draw, name, given) for name, given in ranges.items()}
    if not _in_notebook():
        show(draw(**starts))
        return
    import matplotlib.pyplot as plt
    from IPython.display import DisplayHandle, display

    first, handle = draw(**starts), DisplayHandle()  # type: ignore[no-untyped-call]
    handle.display(render(first))  # type: ignore[no-untyped-call]
    plt.close(_figure(first))
    try:
        import ipywidgets
    except ImportError:
        print("Sliders need ipywidgets: pip install ipywidgets")
        return

    sliders = {name: _slider(ipywidgets, name, starts[name], ranges[name]) for name in ranges}

    def redraw(_: Any) -> None:
        values = {name: slider.value for name, slider in sliders.items()}
        show(draw(**values), handle=handle)

    for slider in sliders.values():
        slider.observe(redraw, names="value")
    # A number instead of a random id: the same notebook gives the same output.
    name = uuid.uuid5(uuid.NAMESPACE_OID, f"chainrule slider {next(_numbers)}").hex
    box = ipywidgets.VBox(list(sliders.values()), model_id=name)
    view = {_VIEW: box.get_view_spec(), "text/plain": _instruction(ranges)}
    display(view, raw=True)  # type: ignore[no-untyped-call]


def _start(draw: Callable[..., Any], name: str, given: object) -> float:
    """Return where the slider of a parameter starts, once its range is found right."""
    parameter = inspect.signature(draw).parameters.get(name)
    if parameter is None:
        raise TypeError(f"draw must take a parameter {name}; it takes {', '.join(inspect.signature(draw).parameters)}")
    if not isinstance(given, tuple) or len(given) != 3:
        raise TypeError(f"{name} must be a tuple (low, high, step), not {given!r}")
    low, high, step = (check_real(f"an entry of {name}", value) for value in given)
    if not (low < high and step > 0):
        raise ValueError(f"{name} must go up from low to high by steps above 0, not {given!r}")
    start: Any = given[0] if parameter.default is parameter.empty else parameter.default
    if not low <= check_real(f"the default of {name}", start) <= high:
        raise ValueError(f"{name} must start within its range {given[:2]}, not at {start!r}")
    return int(start) if _integers(given) else float(start)


def _integers(given: tuple[float, float, float]) -> bool:
    return all(isinstance(value, int) for value in given)


def _slider(ipywidgets: Any, name: str, start: float, given: tuple[float, float, float]) -> Any:
    low, high, step = given
    kind = ipywidgets.IntSlider if _integers(given) else ipywidgets.FloatSlider
    layout = ipywidgets.Layout(width="440px")
    return kind(value=start, min=low, max=high, step=step, description=name, layout=layout)


def _instruction(ranges: dict[str, tuple[float, float, float]]) -> str:
    """Say what stands here in a notebook that runs."""
    each = "; ".join(f"{name} from {low:g} to {high:g}" for name, (low, high, _) in ranges.items())
    return f"[Run this cell in JupyterLab to move {each}.]"
