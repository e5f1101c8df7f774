"""Information: definitions summed by hand, identities, brute force over codes, and published values."""

import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chainrule.information import (
    binary_entropy,
    block_distribution,
    cross_entropy,
    differential_entropy,
    empirical_distribution,
    entropy,
    huffman_code,
    jensen_shannon_divergence,
    kl_divergence,
    miller_madow_entropy,
    mutual_information,
    perplexity,
    plug_in_entropy,
    simulate_entropy_estimates,
)

quick = settings(max_examples=60, deadline=None)


@st.composite
def distributions(draw, least=1, most=8, positive=False):
    """Probabilities as whole numbers divided by their sum."""
    weights = draw(st.lists(st.integers(1 if positive else 0, 1000), min_size=least, max_size=most))
    assume(sum(weights) > 0)
    return np.array(weights) / sum(weights)


@st.composite
def pairs(draw):
    p = draw(distributions(least=2))
    q = np.array(draw(st.lists(st.integers(0, 1000), min_size=len(p), max_size=len(p))))
    assume(q.sum() > 0)
    return p, q / q.sum()


def by_hand(p, q, base):
    """-Σ p log q, term by term, in Python."""
    total = 0.0
    for a, b in zip(p, q, strict=True):
        if a > 0:
            total += math.inf if b == 0 else -a * math.log(b, base)
    return total


# Entropy


@quick
@given(p=distributions(), base=st.sampled_from([2, 3, math.e, 10]))
def test_entropy_is_its_sum(p, base):
    assert entropy(p, base) == pytest.approx(by_hand(p, p, base), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("n", [1, 2, 4, 8, 1024])
def test_equally_likely_outcomes_need_exactly_log2_n_bits(n):
    assert entropy(np.full(n, 1 / n)) == math.log2(n)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_certain_outcome_has_exactly_no_entropy(n):
    for p in np.eye(n):
        assert entropy(p) == 0
        assert math.copysign(1, entropy(p)) == 1  # 0, not -0
    assert entropy(np.eye(n)[0].astype(bool)) == 0


def test_entropy_adds_over_independent_variables():
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.6, 0.4])
    assert entropy(np.outer(p, q)) == pytest.approx(entropy(p) + entropy(q))


def test_float32_and_tiny_probabilities():
    p = np.array([0.1, 0.2, 0.7], np.float32)
    assert entropy(p) == pytest.approx(by_hand(p.tolist(), p.tolist(), 2), rel=1e-12)
    assert entropy([1.0, 5e-324]) == pytest.approx(0, abs=1e-300)


@quick
@given(p=st.floats(0, 1), base=st.sampled_from([2, math.e, 10]))
def test_binary_entropy_is_the_entropy_of_both_outcomes(p, base):
    assert binary_entropy(p, base) == pytest.approx(entropy([p, 1 - p], base), abs=1e-15)


def test_binary_entropy_of_an_array_keeps_its_shape():
    p = np.array([[0, 0.5, 1], [0.25, 0.75, 1e-20]])
    h = binary_entropy(p)
    assert h.shape == (2, 3)
    assert h[0].tolist() == [0, 1, 0]
    assert h[1, 0] == pytest.approx(2 - 0.75 * math.log2(3))
    assert isinstance(binary_entropy(0.5), float)
    assert binary_entropy([0.5]).shape == (1,)
    assert binary_entropy(np.array([], float)).shape == (0,)


def test_binary_entropy_keeps_the_digits_of_a_small_probability():
    # -p log p - (1 - p) log(1 - p), in 50 digits: for small p the second term is p nats.
    sympy = pytest.importorskip("sympy")
    p = sympy.Rational(1, 10**17)
    exact = -p * sympy.log(p) - (1 - p) * sympy.log(1 - p)
    assert binary_entropy(1e-17, base=math.e) == pytest.approx(float(exact.evalf(50)), rel=1e-14, abs=0)


# Relatives


@quick
@given(pair=pairs(), base=st.sampled_from([2, math.e]))
def test_cross_entropy_is_its_sum(pair, base):
    assert cross_entropy(*pair, base) == pytest.approx(by_hand(*pair, base), rel=1e-12, abs=1e-12)


@quick
@given(pair=pairs(), base=st.sampled_from([2, math.e]))
def test_the_gap_between_cross_entropy_and_entropy_is_the_divergence(pair, base):
    p, q = pair
    gap = by_hand(p, q, base) - by_hand(p, p, base)
    assert kl_divergence(p, q, base) == pytest.approx(gap, abs=1e-12)
    assert kl_divergence(p, q, base) >= 0
    assert kl_divergence(p, p, base) == 0


def test_what_q_rules_out_costs_infinitely_much_only_if_p_draws_it():
    assert cross_entropy([0.5, 0.5, 0], [0.5, 0, 0.5]) == math.inf
    assert kl_divergence([0.5, 0.5, 0], [0.5, 0, 0.5]) == math.inf
    assert cross_entropy([0.5, 0.5, 0], [0.25, 0.5, 0.25]) == 1.5
    assert kl_divergence([0.5, 0.5, 0], [0.5, 0.5, 0]) == 0


@quick
@given(pair=pairs())
def test_jensen_shannon_is_entropy_of_the_mean_less_mean_of_entropies(pair):
    p, q = pair
    m = (p + q) / 2
    expected = by_hand(m, m, 2) - (by_hand(p, p, 2) + by_hand(q, q, 2)) / 2
    assert jensen_shannon_divergence(p, q) == pytest.approx(expected, abs=1e-12)
    assert jensen_shannon_divergence(q, p) == pytest.approx(jensen_shannon_divergence(p, q), abs=1e-15)
    assert 0 <= jensen_shannon_divergence(p, q) <= 1 + 1e-12


def test_jensen_shannon_of_strangers_is_one_bit_even_at_the_edge_of_floating_point():
    assert jensen_shannon_divergence([1, 0], [0, 1]) == 1
    assert jensen_shannon_divergence([1, 0], [0, 1], base=math.e) == pytest.approx(math.log(2))
    assert jensen_shannon_divergence([1, 5e-324], [1, 0]) == pytest.approx(0, abs=1e-300)


@quick
@given(weights=st.lists(st.lists(st.integers(0, 50), min_size=3, max_size=3), min_size=2, max_size=4))
def test_mutual_information_is_what_joint_entropy_lacks(weights):
    joint = np.array(weights, float)
    assume(joint.sum() > 0)
    joint /= joint.sum()
    x, y = joint.sum(axis=1), joint.sum(axis=0)
    expected = by_hand(x, x, 2) + by_hand(y, y, 2) - by_hand(joint.ravel(), joint.ravel(), 2)
    assert mutual_information(joint) == pytest.approx(expected, abs=1e-12)
    assert mutual_information(joint.T) == pytest.approx(expected, abs=1e-12)


def test_mutual_information_of_independent_and_of_equal_variables():
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.6, 0.4])
    assert mutual_information(np.outer(p, q)) == pytest.approx(0, abs=1e-15)
    assert mutual_information(np.diag(p)) == pytest.approx(entropy(p))
    # A binary symmetric channel with error f and fair input carries 1 - H(f) bits (Cover and Thomas, equation 7.5).
    f = 0.11
    channel = 0.5 * np.array([[1 - f, f], [f, 1 - f]])
    assert mutual_information(channel) == pytest.approx(1 - binary_entropy(f))
    assert mutual_information(channel, math.e) == pytest.approx((1 - binary_entropy(f)) * math.log(2))


def test_mutual_information_of_tiny_marginals_does_not_underflow():
    tiny = 1e-200
    assert mutual_information([[1, 0], [0, tiny]]) == pytest.approx(0, abs=1e-190)


def test_perplexity_counts_equally_likely_outcomes():
    assert perplexity([1 / 6] * 6) == pytest.approx(6)
    assert perplexity([0, 1]) == 1
    assert perplexity([0.5, 0.5], [0.25, 0.75]) == pytest.approx(math.sqrt(4 * 4 / 3))
    assert perplexity([0.5, 0.5], [1, 0]) == math.inf


# What is refused

NOT_DISTRIBUTIONS = [
    ([], "at least one"),
    (1.0, "at least one"),
    ([0.5, 0.4], r"must sum to 1, but sums to 0\.9"),
    ([3, 1], "divide counts by their sum"),
    ([1.5, -0.5], "negative probability, -0.5"),
    ([0.5, np.nan], r"NaN at \[1\]"),
    ([np.inf, 0.0], "must sum to 1"),
    (np.full((2, 2), 0.5), "must sum to 1"),
]


@pytest.mark.parametrize(("p", "message"), NOT_DISTRIBUTIONS)
@pytest.mark.parametrize(
    "measure",
    [
        entropy,
        perplexity,
        mutual_information,
        huffman_code,
        lambda p: cross_entropy(p, [0.5, 0.5]),
        lambda p: kl_divergence(p, [0.5, 0.5]),
        lambda p: kl_divergence([0.5, 0.5], p),
        lambda p: jensen_shannon_divergence(p, [0.5, 0.5]),
        lambda p: block_distribution(p, 2),
        lambda p: simulate_entropy_estimates(p, 10, 10, np.random.default_rng(0)),
    ],
)
def test_what_is_no_distribution_is_refused(measure, p, message):
    with pytest.raises(ValueError, match=message):
        measure(p)


def test_other_wrong_arguments_are_refused():
    with pytest.raises(TypeError, match="p must hold probabilities"):
        entropy(["a", "b"])
    with pytest.raises(TypeError, match="p must hold probabilities, not complex128"):
        entropy([1j])
    with pytest.raises(ValueError, match="same outcomes"):
        kl_divergence([1.0], [0.5, 0.5])
    with pytest.raises(ValueError, match="joint must have shape"):
        mutual_information([0.5, 0.5])


@pytest.mark.parametrize("base", [1, 0, -2, 0.5, math.nan, math.inf])
def test_impossible_bases_are_refused(base):
    with pytest.raises(ValueError, match="base must be"):
        entropy([0.5, 0.5], base)
    with pytest.raises(ValueError, match="base must be"):
        binary_entropy(0.5, base)


@pytest.mark.parametrize("base", ["2", None, True])
def test_bases_of_a_wrong_type_are_refused(base):
    with pytest.raises(TypeError, match="base must be a number"):
        kl_divergence([0.5, 0.5], [0.5, 0.5], base)


@pytest.mark.parametrize("p", [-1e-9, 1.1, math.nan, [0.5, -1]])
def test_binary_entropy_refuses_what_is_no_probability(p):
    with pytest.raises(ValueError, match=r"p must lie in 0\.\.1"):
        binary_entropy(p)


# Differential entropy

CLOSED_FORMS = [
    # Cover and Thomas (2006), table 17.1, in nats.
    (lambda x: 2.0, 0, 0.5, -math.log(2)),
    (lambda x: np.full(x.shape, 0.125), -3, 5, math.log(8)),
    (
        lambda x: np.exp(-((x - 1) ** 2) / 8) / math.sqrt(8 * math.pi),
        -math.inf,
        math.inf,
        0.5 * math.log(8 * math.pi * math.e),
    ),
    (lambda x: 3 * np.exp(-3 * x), 0, math.inf, 1 - math.log(3)),
    (lambda x: np.exp(x), -math.inf, 0, 1),
    (lambda x: 0.5 * np.exp(-np.abs(x)), -math.inf, math.inf, 1 + math.log(2)),
    (lambda x: 1 / (math.pi * (1 + x**2)), -math.inf, math.inf, math.log(4 * math.pi)),
    (lambda x: 0.5 / np.sqrt(x), 0, 1, math.log(2) - 1),
]


@pytest.mark.parametrize(("pdf", "low", "high", "nats"), CLOSED_FORMS)
def test_differential_entropy_has_its_closed_form(pdf, low, high, nats):
    assert differential_entropy(pdf, low, high, base=math.e) == pytest.approx(nats, abs=1e-7)
    assert differential_entropy(pdf, low, high) == pytest.approx(nats / math.log(2), abs=1e-7)


def test_differential_entropy_depends_on_the_unit():
    def in_meters(x):
        return 6 * x * (1 - x)

    def in_centimeters(x):
        return in_meters(x / 100) / 100

    gain = differential_entropy(in_centimeters, 0, 100) - differential_entropy(in_meters, 0, 1)
    assert gain == pytest.approx(math.log2(100), abs=1e-7)


@pytest.mark.parametrize(
    ("pdf", "low", "high", "message"),
    [
        (lambda x: 1.0, 0, 2, "must integrate to 1 from 0 to 2, but integrates to 2"),
        (lambda x: np.where(x < 0.5, 2.0, 0.0), 0, 1, "does not settle"),
        (lambda x: 2 * x, -1, 1, "must be 0 or more"),
        (lambda x: np.full(x.shape, np.nan), 0, 1, "must be 0 or more everywhere, but is nan"),
        (
            lambda x: np.exp(-(((x - 5) / 1e-4) ** 2) / 2) * 1e4 / math.sqrt(2 * math.pi),
            -math.inf,
            math.inf,
            "integrates to",
        ),
        (lambda x: np.ones(3), 0, 1, "shape of its input"),
        (lambda x: 1.0, 1, 1, "low must be below high"),
        (lambda x: 1.0, math.nan, 1, "low must be below high"),
    ],
)
def test_what_is_no_density_is_refused(pdf, low, high, message):
    with pytest.raises(ValueError, match=message):
        differential_entropy(pdf, low, high)


# Huffman codes


def fewest_bits(p):
    """Smallest mean length over all lengths that Kraft's inequality allows: no shorter prefix code exists."""
    n = len(p)
    ordered = sorted(p, reverse=True)
    return min(
        sum(a * length for a, length in zip(ordered, lengths, strict=True))
        for lengths in itertools.combinations_with_replacement(range(1, n), n)
        if sum(Fraction(1, 2**length) for length in lengths) <= 1
    )


@quick
@given(p=distributions(least=2, most=6, positive=True))
def test_no_prefix_code_is_shorter(p):
    assert huffman_code(p).mean_length == pytest.approx(fewest_bits(p), abs=1e-12)


@quick
@given(p=distributions(least=2, most=40, positive=True))
def test_the_code_is_complete_prefix_free_and_within_one_bit_of_the_entropy(p):
    code = huffman_code(p)
    words = list(code.codewords.values())
    assert sum(Fraction(1, 2 ** len(word)) for word in words) == 1  # Kraft's equality
    assert not any(a != b and b.startswith(a) for a in words for b in words)
    assert len(set(words)) == len(p)
    assert entropy(p) - 1e-9 <= code.mean_length < entropy(p) + 1
    assert list(code.lengths.values()) == [len(word) for word in words]


@quick
@given(text=st.text(alphabet="abcdé🙂 ", min_size=1, max_size=200))
def test_what_was_encoded_is_decoded(text):
    code = huffman_code(empirical_distribution(text))
    bits = code.encode(text)
    assert set(bits) <= {"0", "1"}
    assert "".join(code.decode(bits)) == text
    assert len(bits) == pytest.approx(len(text) * code.mean_length)


@quick
@given(p=distributions(least=1, most=20, positive=True))
def test_the_tree_leads_to_the_words(p):
    code = huffman_code(p)
    n = len(p)
    assert len(code.nodes) == 2 * n - 1
    assert [node.symbol for node in code.nodes[:n]] == list(range(n))
    assert all(node.is_leaf for node in code.nodes[:n])
    for node in code.nodes[n:]:
        children = code.nodes[node.zero], code.nodes[node.one]
        assert node.probability == pytest.approx(sum(child.probability for child in children))
    assert code.nodes[-1].probability == pytest.approx(1)
    for symbol, word in code.codewords.items():
        node = code.nodes[-1]
        for bit in word if n > 1 else "":
            node = code.nodes[node.one if bit == "1" else node.zero]
        assert node.symbol == symbol


def test_the_textbook_example():
    # Huffman (1952), table I: thirteen messages; the code he gives has a mean length of 3.42 digits.
    p = [0.20, 0.18, 0.10, 0.10, 0.10, 0.06, 0.06, 0.04, 0.04, 0.04, 0.04, 0.03, 0.01]
    assert huffman_code(p).mean_length == pytest.approx(3.42)


def test_among_optimal_codes_the_longest_word_is_shortest():
    assert list(huffman_code([0.4, 0.2, 0.2, 0.1, 0.1]).lengths.values()) == [2, 2, 2, 3, 3]


def test_a_symbol_alone_gets_one_bit():
    code = huffman_code({"x": 1.0})
    assert code.codewords == {"x": "0"}
    assert code.mean_length == 1
    assert code.decode(code.encode("xxx")) == ["x", "x", "x"]
    with pytest.raises(ValueError, match='the only word is "0"'):
        code.decode("010")


def test_very_deep_trees_are_fine():
    weights = [0.5**k for k in range(1, 1000)]
    code = huffman_code([*weights, weights[-1]])
    assert max(code.lengths.values()) == 999
    assert code.decode(code.encode([999, 0, 998])) == [999, 0, 998]


def test_wrong_messages_are_refused():
    code = huffman_code({"a": 0.5, "b": 0.25, "c": 0.25})
    with pytest.raises(ValueError, match="no word for 'z'"):
        code.encode("abz")
    with pytest.raises(ValueError, match="middle of a word"):
        code.decode("01")
    with pytest.raises(ValueError, match="holds '2' at 1"):
        code.decode("02")
    assert code.encode("") == ""
    assert code.decode("") == []


def test_symbols_that_never_occur_are_refused():
    with pytest.raises(ValueError, match="symbol 'b' has probability 0"):
        huffman_code({"a": 1.0, "b": 0.0})
    with pytest.raises(ValueError, match="one probability a symbol"):
        huffman_code(np.full((2, 2), 0.25))


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_blocks_squeeze_the_mean_length(k):
    p = [0.6, 0.3, 0.1]
    blocks = block_distribution(p, k)
    assert len(blocks) == 3**k
    assert sum(blocks.values()) == pytest.approx(1)
    assert blocks[(2, 1, 0, 0, 1)[:k]] == pytest.approx(math.prod([0.1, 0.3, 0.6, 0.6, 0.3][:k]))
    assert entropy(p) <= huffman_code(blocks).mean_length / k < entropy(p) + 1 / k


def test_too_many_blocks_are_refused():
    with pytest.raises(ValueError, match="take shorter blocks"):
        block_distribution([0.25] * 4, 9)
    with pytest.raises(ValueError, match="length must be at least 1"):
        block_distribution([0.5, 0.5], 0)


# Estimates


def test_relative_frequencies():
    assert empirical_distribution("mississippi") == {"m": 1 / 11, "i": 4 / 11, "s": 4 / 11, "p": 2 / 11}
    assert empirical_distribution(np.array([2, 2, 7])) == {2: 2 / 3, 7: 1 / 3}
    assert list(empirical_distribution("ba")) == ["b", "a"]


def test_impossible_samples_are_refused():
    with pytest.raises(ValueError, match="samples is empty"):
        empirical_distribution([])
    with pytest.raises(ValueError, match="NaN"):
        empirical_distribution([1.0, math.nan])
    with pytest.raises(TypeError, match="unhashable"):
        empirical_distribution(np.zeros((2, 2)))


@quick
@given(text=st.text(alphabet="abc", min_size=1, max_size=50))
def test_plug_in_entropy_is_the_entropy_of_the_frequencies(text):
    counts = list(Counter(text).values())
    p = list(empirical_distribution(text).values())
    assert plug_in_entropy(counts) == pytest.approx(entropy(p), abs=1e-12)
    gap = (len(counts) - 1) / (2 * len(text))
    assert miller_madow_entropy(counts, math.e) - plug_in_entropy(counts, math.e) == pytest.approx(gap)


def test_outcomes_that_did_not_occur_are_not_counted():
    assert miller_madow_entropy([3, 1, 0, 0]) == miller_madow_entropy([3, 1])
    assert plug_in_entropy([3, 1, 0, 0]) == plug_in_entropy([3, 1])


def test_estimates_take_many_experiments_at_once():
    counts = np.array([[[3, 1], [5, 0]], [[2, 2], [0, 9]]])
    for estimate in plug_in_entropy, miller_madow_entropy:
        every = estimate(counts)
        assert every.shape == (2, 2)
        assert every.ravel().tolist() == [estimate(row) for row in counts.reshape(4, 2)]


def exact_mean(estimate, p, n):
    """Mean of an estimate over every possible sample of size n, weighted by its probability."""
    mean = 0.0
    for sample in itertools.product(range(len(p)), repeat=n):
        counts = np.bincount(sample, minlength=len(p))
        mean += math.prod(p[i] for i in sample) * estimate(counts)
    return mean


def test_simulated_means_agree_with_the_sum_over_all_samples():
    p, n, trials = [0.5, 0.3, 0.2], 6, 20_000
    simulated = simulate_entropy_estimates(p, n, trials, np.random.default_rng(5))
    for estimates, estimate in zip(simulated, (plug_in_entropy, miller_madow_entropy), strict=True):
        five_errors = 5 * estimates.std() / math.sqrt(trials)
        assert estimates.mean() == pytest.approx(exact_mean(estimate, p, n), abs=five_errors)


def test_plug_in_is_low_and_the_correction_brings_most_of_it_back():
    p = np.full(8, 1 / 8)
    plug_in, corrected = simulate_entropy_estimates(p, 20, 20_000, np.random.default_rng(0))
    assert plug_in.mean() < 2.75
    assert abs(corrected.mean() - 3) < 0.3 * abs(plug_in.mean() - 3)


@pytest.mark.parametrize("counts", [[], 3, [0, 0], [[1, 2], [0, 0]], [-1, 2], [np.nan, 1], [np.inf, 1]])
def test_impossible_counts_are_refused(counts):
    for estimate in plug_in_entropy, miller_madow_entropy:
        with pytest.raises(ValueError, match="counts must"):
            estimate(counts)


def test_simulation_refuses_wrong_arguments():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="n must be at least 1"):
        simulate_entropy_estimates([0.5, 0.5], 0, 10, rng)
    with pytest.raises(ValueError, match="trials must be at least 1"):
        simulate_entropy_estimates([0.5, 0.5], 10, 0, rng)
    with pytest.raises(TypeError, match="rng must be"):
        simulate_entropy_estimates([0.5, 0.5], 10, 10, 42)
    with pytest.raises(ValueError, match=r"shape \(K,\)"):
        simulate_entropy_estimates(np.full((2, 2), 0.25), 10, 10, rng)
