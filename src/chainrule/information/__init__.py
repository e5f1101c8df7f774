"""Measure information: entropy and its relatives, Huffman codes, and entropies estimated from samples.

Discrete measures take ``base``: 2 (the default) gives bits, ``math.e`` nats, 10 hartleys. One nat is 1 / ln 2 ≈ 1.443
bits. A term whose probability is 0 contributes exactly 0, and nothing is clipped: where the truth is infinite, so
is the result.
"""

from chainrule.information._differential import differential_entropy
from chainrule.information._estimates import (
    empirical_distribution,
    miller_madow_entropy,
    plug_in_entropy,
    simulate_entropy_estimates,
)
from chainrule.information._huffman import HuffmanCode, HuffmanNode, block_distribution, huffman_code
from chainrule.information._measures import (
    binary_entropy,
    cross_entropy,
    entropy,
    jensen_shannon_divergence,
    kl_divergence,
    mutual_information,
    perplexity,
)

__all__ = [
    "HuffmanCode",
    "HuffmanNode",
    "binary_entropy",
    "block_distribution",
    "cross_entropy",
    "differential_entropy",
    "empirical_distribution",
    "entropy",
    "huffman_code",
    "jensen_shannon_divergence",
    "kl_divergence",
    "miller_madow_entropy",
    "mutual_information",
    "perplexity",
    "plug_in_entropy",
    "simulate_entropy_estimates",
]
