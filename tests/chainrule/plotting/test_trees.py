"""Reading a drawn tree from the root to a leaf gives the leaf's word."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.information import huffman_code
from chainrule.plotting import alt_text, plot_huffman_tree


def read(ax, sideways):
    """Read symbols and words off the drawing: follow its edges by their digits, from the root."""
    digits = {
        tuple(np.round(text.get_position(), 6)): text.get_text() for text in ax.texts if text.get_text() in ("0", "1")
    }
    children = {}
    for line in ax.lines:
        corners = line.get_xydata()
        if len(corners) == 1:  # a dot
            continue
        start, end = corners[0], corners[-1]
        middle = ((start[0] + end[0]) / 2, end[1] if sideways else (start[1] + end[1]) / 2)
        digit = digits[tuple(np.round(middle, 6))]
        assert (line.get_linestyle() == "-") == (digit == "0")
        children.setdefault(tuple(start), {})[digit] = tuple(end)
    leaves = {tuple(map(float, text.xy)): text.get_text().split()[:2] for text in ax.texts if hasattr(text, "xy")}
    ends = {tuple(end) for each in children.values() for end in each.values()}
    (root,) = set(children) - ends
    words, pending = {}, [(root, "")]
    while pending:
        place, word = pending.pop()
        assert place[0 if sideways else 1] == len(word)  # the axis counts the bits
        for digit, child in children.get(place, {}).items():
            pending.append((child, word + digit))
        if place not in children:
            symbol, written = leaves[place]
            assert written == word
            words[symbol] = word
    return words


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 99), min_size=2, max_size=15))
def test_words_can_be_read_off(weights):
    code = huffman_code({f"s{k}": weight / sum(weights) for k, weight in enumerate(weights)})
    assert read(plot_huffman_tree(code), len(weights) > 12) == code.codewords


def test_probabilities_stand_in_the_nodes():
    ax = plot_huffman_tree([0.5, 0.25, 0.25])
    assert sorted(text.get_text() for text in ax.texts if "." in text.get_text()) == ["0.25", "0.25", "0.5", "0.5"]


def test_says_its_words():
    assert alt_text(plot_huffman_tree({"a": 0.5, " ": 0.25, ("b", "c"): 0.25})) == (
        "A Huffman tree of 3 symbols, the root on top. Words: a 0, ␣ 10 and bc 11. Mean length 1.5 bits a symbol."
    )


def test_a_symbol_alone_and_no_words():
    assert "1 symbol" in alt_text(plot_huffman_tree({"a": 1.0}))
    assert not any("10" in text.get_text() for text in plot_huffman_tree([0.5, 0.25, 0.25], codewords=False).texts)


def test_refuses_what_is_no_distribution():
    with pytest.raises(ValueError, match="p must sum to 1"):
        plot_huffman_tree([0.5, 0.25])
