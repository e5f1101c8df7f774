"""Draw a Huffman code as the tree that it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from chainrule.plotting._data import counted, listed, number
from chainrule.plotting.pictures import describe
from chainrule.plotting.style import FAINT, INK, axes_or_new, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from chainrule.information import HuffmanCode, HuffmanNode


_UPRIGHT = 12
"""Up to so many symbols the leaves fit side by side."""


@styled
def plot_huffman_tree(
    code: HuffmanCode | Mapping[object, float] | ArrayLike, *, codewords: bool = True, ax: Axes | None = None
) -> Axes:
    """Draw a Huffman tree: probabilities in the nodes, 0 and 1 on the edges, symbols and their words at the leaves.

    Parameters
    ----------
    code : HuffmanCode, or a distribution to make one of
        A tree of more than 12 symbols is laid on its side, its root on the left; then probabilities stand at the leaves
        only.
    codewords : bool, default True
        Whether to write each symbol's word below it.
    ax : matplotlib.axes.Axes, optional
        Where to draw. Default: a new figure of notebook width.

    Returns
    -------
    matplotlib.axes.Axes
        One axis is the length of the word so far, in bits. Edges for 0 are solid, for 1 dashed.

    Examples
    --------
    >>> ax = plot_huffman_tree({"a": 0.5, "b": 0.25, "c": 0.25})
    """
    from chainrule.information import HuffmanCode, huffman_code

    if not isinstance(code, HuffmanCode):
        code = huffman_code(code)
    nodes = code.nodes
    root = len(nodes) - 1
    depth, order, pending = {root: 0}, [], [root]
    while pending:
        index = pending.pop()
        node = nodes[index]
        if node.zero is None or node.one is None:
            order.append(index)
            continue
        for child in (node.one, node.zero):
            depth[child] = depth[index] + 1
            pending.append(child)
    across = {leaf: float(place) for place, leaf in enumerate(order)}
    for index in sorted(depth, key=depth.__getitem__, reverse=True):
        node = nodes[index]
        if node.zero is not None and node.one is not None:
            across[index] = (across[node.zero] + across[node.one]) / 2

    deepest = max(depth.values())
    sideways = len(order) > _UPRIGHT
    ax = axes_or_new(ax, height=0.7 + 0.2 * len(order) if sideways else min(1.3 + 0.62 * max(deepest, 1), 6.0))
    for index, node in enumerate(nodes):
        here = _point(depth[index], across[index], sideways)
        for kid, digit in ((node.zero, "0"), (node.one, "1")):
            if kid is not None:
                _branch(ax, here, _point(depth[kid], across[kid], sideways), digit, sideways)
        word = f"{_spoken(node.symbol)}  {code.codewords[node.symbol]}" if node.is_leaf and codewords else ""
        (_small_node if sideways else _large_node)(ax, here, node, word or _spoken(node.symbol))
    along, beside = (-0.35, deepest + 1.95 if sideways else deepest + 0.95), (len(order) - 0.4, -0.6)
    if sideways:
        ax.set(xlim=along, ylim=beside, yticks=[], xticks=range(deepest + 1))
    else:
        ax.set(ylim=along[::-1], xlim=beside[::-1], xticks=[], yticks=range(deepest + 1))
    labels = ["length in bits", "symbols, each with its word"]
    ax.set(xlabel=labels[not sideways], ylabel=labels[sideways])
    ax.spines[["left" if sideways else "bottom", "top", "right"]].set_visible(False)
    words = listed([f"{_spoken(symbol)} {word}" for symbol, word in code.codewords.items()])
    describe(
        ax,
        f"A Huffman tree of {counted(len(order), 'symbol')}, the root on {'the left' if sideways else 'top'}. "
        f"Words: {words}. "
        f"Mean length {number(code.mean_length)} bits a symbol.",
    )
    return ax


def _point(depth: int, across: float, sideways: bool) -> tuple[float, float]:
    """Return where a node is drawn: the root on top, or on the left of a tree that lies on its side."""
    return (depth, across) if sideways else (across, depth)


def _large_node(ax: Axes, at: tuple[float, float], node: HuffmanNode, word: str) -> None:
    """Draw a node with its probability in it, and a leaf's symbol and word below."""
    box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": FAINT}
    if node.is_leaf:
        box |= {"facecolor": "#cfe0f1", "edgecolor": INK}
        ax.annotate(
            word.replace("  ", "\n"),
            at,
            xytext=(0, -11),
            textcoords="offset points",
            ha="center",
            va="top",
            linespacing=1.1,
        )
    ax.text(*at, number(node.probability), ha="center", va="center", fontsize=9, zorder=3, bbox=box)


def _small_node(ax: Axes, at: tuple[float, float], node: HuffmanNode, word: str) -> None:
    """Draw a node as a dot, and a leaf's symbol, word and probability beside it."""
    ax.plot(*at, "o", ms=5 if node.is_leaf else 3, mfc="#cfe0f1" if node.is_leaf else INK, mec=INK, zorder=3)
    if node.is_leaf:
        text = f"{word}  ({number(node.probability)})"
        ax.annotate(text, at, xytext=(7, 0), textcoords="offset points", ha="left", va="center", fontsize=9)


def _branch(ax: Axes, start: tuple[float, float], end: tuple[float, float], digit: str, sideways: bool) -> None:
    """Draw an edge with its digit: solid for 0, dashed for 1; across and then along in a tree on its side."""
    (x0, y0), (x1, y1) = start, end
    line = "-" if digit == "0" else "--"
    ax.plot([x0, x0, x1] if sideways else [x0, x1], [y0, y1, y1] if sideways else [y0, y1], color=INK, lw=1.2, ls=line)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8 if sideways else 1.2}
    middle = y1 if sideways else (y0 + y1) / 2
    ax.text((x0 + x1) / 2, middle, digit, ha="center", va="center", fontsize=9, fontweight="bold", bbox=box)


def _spoken(symbol: object) -> str:
    """Write a symbol so that it can be seen: a blank as ␣, a block as its parts joined."""
    if isinstance(symbol, tuple):
        return "".join(_spoken(each) for each in symbol)
    return {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(symbol, str(symbol)) if isinstance(symbol, str) else str(symbol)
