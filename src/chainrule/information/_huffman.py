"""Huffman's code: the shortest mean length of any code that gives each symbol a word of its own."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from numpy.typing import ArrayLike

from chainrule._arguments import check_count
from chainrule.information._measures import check_distribution

Symbol = Hashable


class HuffmanNode(NamedTuple):
    """One node of a Huffman tree; its children are indices into `HuffmanCode.nodes`.

    A leaf has a symbol and no children (None). An inner node has no symbol; ``zero`` is the child that the digit 0
    leads to, ``one`` the other.

    Parameters
    ----------
    probability : float
        Of the node: the sum of what is below it.
    symbol : optional
        Of a leaf.
    zero, one : int, optional
        Children of an inner node.

    Examples
    --------
    >>> huffman_code({"a": 0.75, "b": 0.25}).nodes[-1]
    HuffmanNode(probability=1.0, symbol=None, zero=1, one=0)
    """

    probability: float
    symbol: Symbol = None
    zero: int | None = None
    one: int | None = None

    @property
    def is_leaf(self) -> bool:
        """Whether the node stands for a symbol."""
        return self.zero is None


@dataclass(frozen=True)
class HuffmanCode:
    """A prefix code with its tree, as `huffman_code` makes it.

    Parameters
    ----------
    nodes : tuple of HuffmanNode
        The tree: first the n leaves in the order of the symbols, then the n - 1 merged nodes in the order in which
        they were merged. The last node is the root. Cut after any node, it is a stage of the algorithm.
    codewords : dict
        The word of each symbol, a string of "0" and "1": the way from the root to its leaf.

    Examples
    --------
    >>> code = huffman_code({"a": 0.5, "b": 0.25, "c": 0.25})
    >>> code.codewords
    {'a': '0', 'b': '10', 'c': '11'}
    >>> code.encode("abac"), "".join(code.decode("010011"))
    ('010011', 'abac')
    """

    nodes: tuple[HuffmanNode, ...]
    codewords: dict[Symbol, str]

    @property
    def lengths(self) -> dict[Symbol, int]:
        """Length of each symbol's word, in bits."""
        return {symbol: len(word) for symbol, word in self.codewords.items()}

    @property
    def mean_length(self) -> float:
        """Mean length L = Σ pᵢ lᵢ in bits a symbol; H <= L < H + 1 unless there is one symbol only."""
        leaves = self.nodes[: len(self.codewords)]
        return math.fsum(leaf.probability * len(self.codewords[leaf.symbol]) for leaf in leaves)

    def encode(self, message: Iterable[Symbol]) -> str:
        """Return the words of a message's symbols, joined to a string of "0" and "1".

        Raises
        ------
        ValueError
            If the message holds a symbol that the code has no word for.
        """
        try:
            return "".join([self.codewords[symbol] for symbol in message])
        except KeyError as error:
            raise ValueError(f"the code has no word for {error.args[0]!r}") from None

    def decode(self, bits: str) -> list[Symbol]:
        """Return the symbols whose words, joined, are `bits`.

        Raises
        ------
        ValueError
            If `bits` holds anything but "0" and "1", or is not a whole number of words.
        """
        root = len(self.nodes) - 1
        message, at = [], root
        for place, bit in enumerate(bits):
            node = self.nodes[at]
            if bit not in ("0", "1"):
                raise ValueError(f'bits must be a string of "0" and "1", but holds {bit!r} at {place}')
            if node.is_leaf and bit == "1":
                raise ValueError(f'no word has the "1" at {place}: the only word is "0"')
            child = node.zero if bit == "0" else node.one
            at = root if child is None else child
            if self.nodes[at].is_leaf:
                message.append(self.nodes[at].symbol)
                at = root
        if at != root:
            raise ValueError("bits ends in the middle of a word")
        return message


def huffman_code(p: Mapping[Symbol, float] | ArrayLike) -> HuffmanCode:
    """Build the Huffman code of a distribution: merge the two least probable nodes until one is left.

    Parameters
    ----------
    p : mapping of symbol to probability, or array of shape (n,)
        All probabilities above 0. The symbols of an array are 0 to n - 1.

    Returns
    -------
    HuffmanCode
        Always the same for the same p: of equally probable nodes the one made first is taken first, which among the
        optimal codes gives one whose longest word is shortest; the first of the two merged gets the digit 0. A
        symbol that is alone gets the word "0", since a message needs a length.

    Raises
    ------
    ValueError
        If p is empty, has a probability of 0 or below or NaN, or does not sum to 1 (within 1e-6).

    References
    ----------
    D. A. Huffman (1952). A method for the construction of minimum-redundancy codes. Proc. IRE 40(9).
    E. S. Schwartz (1964). An optimum encoding with minimum longest code and total number of digits.

    Examples
    --------
    >>> code = huffman_code([0.4, 0.2, 0.2, 0.1, 0.1])
    >>> list(code.lengths.values()), round(code.mean_length, 10)
    ([2, 2, 2, 3, 3], 2.2)
    """
    symbols: Sequence[Symbol]
    if isinstance(p, Mapping):
        symbols, values = list(p.keys()), check_distribution("p", list(p.values()))
    else:
        values = check_distribution("p", p)
        symbols = range(len(values))
    if values.ndim != 1:
        raise ValueError(f"p must be one probability a symbol, not of shape {values.shape}")
    if values.min() == 0:
        raise ValueError(f"symbol {symbols[int(values.argmin())]!r} has probability 0; leave out what never occurs")

    nodes = [HuffmanNode(value, symbol) for value, symbol in zip(values.tolist(), symbols, strict=True)]
    heap = [(node.probability, index) for index, node in enumerate(nodes)]
    heapq.heapify(heap)
    while len(heap) > 1:
        (first, zero), (second, one) = heapq.heappop(heap), heapq.heappop(heap)
        heapq.heappush(heap, (first + second, len(nodes)))
        nodes.append(HuffmanNode(first + second, None, zero, one))

    words: dict[int | None, str] = {len(nodes) - 1: "" if len(symbols) > 1 else "0"}
    for index in reversed(range(len(symbols), len(nodes))):  # parents come after their children
        node = nodes[index]
        words[node.zero], words[node.one] = words[index] + "0", words[index] + "1"
    return HuffmanCode(tuple(nodes), {symbol: words[index] for index, symbol in enumerate(symbols)})


def block_distribution(p: Mapping[Symbol, float] | ArrayLike, length: int) -> dict[tuple[Symbol, ...], float]:
    """Return the distribution of blocks of independent symbols, to be encoded a block at a time.

    A Huffman code of blocks of k symbols needs L / k bits a symbol, with H <= L / k < H + 1 / k: Shannon's limit is
    reached as the blocks grow.

    Parameters
    ----------
    p : mapping of symbol to probability, or array of shape (n,)
        Distribution of one symbol. The symbols of an array are 0 to n - 1.
    length : int
        Symbols in a block; n**length blocks are listed, at most 2**17.

    Returns
    -------
    dict
        Tuple of symbols → probability.

    Raises
    ------
    ValueError
        If p is not a distribution, or there are too many blocks.

    References
    ----------
    T. M. Cover and J. A. Thomas (2006). Elements of Information Theory, 2nd ed., section 5.4.

    Examples
    --------
    >>> for k in 1, 2, 3, 8:
    ...     print(k, round(huffman_code(block_distribution([0.9, 0.1], k)).mean_length / k, 3))
    1 1.0
    2 0.645
    3 0.533
    8 0.476
    """
    if not isinstance(p, Mapping):
        p = dict(enumerate(check_distribution("p", p).ravel().tolist()))
    check_distribution("p", list(p.values()))
    if len(p) ** check_count("length", length) > 2**17:
        raise ValueError(f"{len(p)} symbols in blocks of {length} make more than {2**17} blocks; take shorter blocks")
    return {
        tuple(symbol for symbol, _ in block): math.prod(probability for _, probability in block)
        for block in itertools.product(p.items(), repeat=length)
    }
