# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   title: How many bits does a surprise cost?
#   syllabus:
#     minutes: 60
#     needs: "Notebook 1; logarithms; probabilities of a few outcomes."
#     gives: "You know why the loss is a logarithm: entropy as the limit of any code, cross-entropy as the price of a wrong guess, and the loss of a network as both."
# ---

# %% [markdown] name="title"
# # 2 · How many bits does a surprise cost?
#
# On a small island, a keeper sends the weather to the mainland every evening. All she has is a lamp. In each second it
# is either lit or dark: that is one **bit**. She knows four kinds of weather, so two seconds always suffice: dark-dark,
# dark-lit, lit-dark, lit-lit. **Could fewer do, on average, with nothing lost?**
#
# They could. The answer to "how few?" is a number called **entropy**. A close relative of it trained your network in
# notebook 1, under the name "binary cross-entropy". At the end of this notebook you can say what the two have to do
# with each other, because you will have
#
# 1. measured what a message is worth, in bits,
# 2. built the shortest code there is, and compressed a text with it,
# 3. measured the price of a code made for the wrong weather. That price is what a network learns to lower.
#
# Plan for about an hour. As before: guess first, then run.

# %% name="setup"
import numpy as np

from chainrule import information, plotting
from chainrule_course.checks import Checks, once_solved

# %% [markdown] name="weather-text"
# ## The island
#
# Half of all evenings are foggy. Storms are rare. Here are the probabilities, and a year of evenings drawn from them.

# %% name="weather"
kinds = ["fog", "rain", "sun", "storm"]
P = np.array([1 / 2, 1 / 4, 1 / 8, 1 / 8])
year = np.random.default_rng(53).choice(kinds, size=365, p=P)
print("the first week:", ", ".join(year[:7]))
plotting.show(plotting.plot_distribution(dict(zip(kinds, P)), xlabel="weather"))

# %% [markdown] name="lamp-text"
# The keeper has an idea: a short signal for what happens often, a longer one for what is rare. Write 0 for a dark
# second and 1 for a lit one. Her **code** gives each kind of weather a **word**:
#
# | fog | rain | sun | storm |
# |---|---|---|---|
# | 0 | 10 | 110 | 111 |
#
# **Predict, then run.** Compared with two seconds for everything, one word is shorter, one as long, two are longer.
# Over the year, how many seconds does an evening take on average: more than 2, or fewer?

# %% name="lamp"
my_guess = None  # seconds an evening

words = {"fog": "0", "rain": "10", "sun": "110", "storm": "111"}
signal = "".join(words[kind] for kind in year)
print("the first week:", " ".join(words[kind] for kind in year[:7]))
print(f"the whole year: {len(signal)} seconds in {len(year)} evenings")
print(f"my guess: {my_guess}    measured: {len(signal) / len(year):.2f} seconds an evening")

# %% [markdown] name="read-text"
# And nothing is lost? The lamp makes no pauses between words. But no word is the beginning of another one, so the
# mainland always notices when a word is over. Such a code is called a **prefix code**.

# %% name="read"
kind_of = {word: kind for kind, word in words.items()}
read, word = [], ""
for second in signal:
    word += second
    if word in kind_of:
        read.append(kind_of[word])
        word = ""
print("seconds:", signal[:24], "…")
print("read:   ", ", ".join(read[:7]), "…")
print("the whole year is read back without an error:", read == list(year))

# %% [markdown] name="questions-text"
# ## What one outcome costs
#
# Could a cleverer code do still better? To see the limit, start with the simplest case: $N$ outcomes, all equally
# likely. I think of a number from 1 to $N$, and you ask yes-or-no questions. The best you can do is to cut what is left
# in half with each question. Each answer is one bit.
#
# **Predict, then run.** How many questions do you need, at worst, for a number from 1 to 8? And for a number from 1 to
# one million?

# %% name="questions"
my_guess = None  # for one million

print("my guess:", my_guess)
for N in [2, 8, 1024, 1_000_000]:
    left, asked = N, 0
    while left > 1:
        left = (left + 1) // 2  # the larger half: bad luck
        asked += 1
    print(f"{N:9,} numbers: {asked:2} questions    log2({N:,}) = {np.log2(N):.2f}")

# %% [markdown] name="surprise-text"
# So $N$ equally likely outcomes cost $\log_2 N$ bits (rounded up if you have to find one number at a time; the rounding
# gets lost when many are found together, as we'll see). Each of them has the probability $P = 1/N$, and
#
# $$ \log_2 N = -\log_2 \frac1N = -\log_2 P. $$
#
# The right side no longer mentions $N$. It says what an outcome of probability $P$ costs, and it makes sense even if
# the others are more or less likely. It is called the **surprise** of the outcome. Half as likely: one bit more.

# %% name="surprise"
p = np.linspace(0.004, 1, 250)
labels = {"xlabel": "probability of what happened", "ylabel": "surprise in bits"}
plotting.show(plotting.plot_curves(p, {"surprise": -np.log2(p)}, **labels))
for kind, share in zip(kinds, P):
    bits = -np.log2(share)
    print(f"{kind:5}  probability {share:5}  surprise {bits:.0f} bits  her word: {words[kind]}")

# %% [markdown] name="surprise-after"
# What is certain costs nothing. What is impossible would cost infinitely much, but it never happens. And look at the
# table: the keeper's words are exactly as long as the surprises. We'll see that such a code can't be beaten.

# %% [markdown] name="entropy-text"
# ## Entropy: the mean surprise
#
# An evening costs 1 second with probability ½, 2 with ¼, 3 with ⅛ and 3 with ⅛. The mean is each cost times its
# probability, added up. For any probabilities $P$, this mean is the **entropy** of $P$:
#
# $$ H(P) = \mathrm E_{x \sim P}\bigl[-\log_2 P(x)\bigr] = -\sum_i P_i \log_2 P_i . $$
#
# ($\mathrm E_{x \sim P}$ reads "the mean, when $P$ draws $x$".) If all $N$ outcomes are equally likely, each term is
# $\frac1N \log_2 N$, and the sum is $\log_2 N$ again.
#
# The entropy is a mean surprise, so it says how unpredictable the weather is. And it is a limit: no code that loses
# nothing gets by with fewer bits on average.
#
# ### Exercise: `entropy`
#
# Write `entropy(p, base=2)`.
#
# - `p` is an array of shape (n,) with the probabilities of all outcomes, floats or integers,
# - `base` is the base of the logarithm, a number above 1.
#
# Return a single number (a float). An outcome with probability 0 adds *exactly* nothing, so if one outcome is certain,
# the entropy is exactly 0, not just nearly.
#
# Raise `ValueError` if an entry of `p` is negative, or if the entries do not add up to 1. Sums of floats are seldom
# exact: a sum that is off by less than 1e-6 is fine. Leave `p` as it is.
#
# As in every notebook: use Python and NumPy, not the functions of `chainrule`.
#
# <details><summary>Hint 1</summary>A logarithm to any base is a quotient of two natural ones: log<sub>b</sub>(x) =
# ln(x) / ln(b).</details>
# <details><summary>Hint 2</summary>The computer says that 0 · log 0 is NaN, "not a number". Don't repair the logarithm;
# leave out the entries that are 0: <code>p[p > 0]</code>.</details>
# <details><summary>Hint 3</summary><code>if ...: raise ValueError("p must add up to 1")</code>, before you compute
# anything.</details>

# %% nbgrader={"grade": false, "grade_id": "entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def entropy(p, base=2):
    """Mean surprise of the probabilities p; 0 log 0 counts as 0."""
    ### BEGIN SOLUTION
    if np.any(p < 0) or abs(np.sum(p) - 1) > 1e-6:
        raise ValueError("p must hold probabilities that add up to 1")
    p = p[p > 0]
    return -np.sum(p * np.log(p)) / np.log(base)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "entropy-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("entropy", points=1)
four_kinds = np.array([0.5, 0.25, 0.125, 0.125])
certain = np.array([0.0, 1.0, 0.0])
check.equal("the weather of the island", four_kinds, expected=1.75)
check.equal("the same, to base 4", four_kinds, base=4, expected=0.875)
check.equal("a certain outcome: exactly 0", certain, expected=0.0, rtol=0, atol=0)
check.raises("the sum is 0.9", ValueError, np.array([0.5, 0.4]))
check.raises("an entry is negative", ValueError, np.array([1.5, -0.5]))
check.report()

# %% nbgrader={"grade": true, "grade_id": "entropy-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks entropy here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("entropy", points=3, hidden=True)


def refuse_no_distribution(p):
    if np.any(np.asarray(p) < 0) or abs(np.sum(p) - 1) > 1e-6:
        raise ValueError("p must hold probabilities that add up to 1")


def entropy_rightly(p, base=2):
    refuse_no_distribution(p)
    p = np.asarray(p, float)
    return float(-np.sum(p[p > 0] * np.log(p[p > 0])) / np.log(base))


check.reference(entropy_rightly)


@check.mistake("This is the entropy in nats, whatever `base` is. The natural logarithm has to be divided by the one of `base`.")
def always_nats(p, base=2):
    refuse_no_distribution(p)
    return -np.sum(p[p > 0] * np.log(p[p > 0]))


@check.mistake("The argument `base` is ignored: this is always the entropy in bits.")
def base_ignored(p, base=2):
    refuse_no_distribution(p)
    return -np.sum(p[p > 0] * np.log2(p[p > 0]))


@check.mistake("The logarithm is multiplied by the one of `base`. Divide: log to base b of x is ln(x) / ln(b).")
def base_multiplied(p, base=2):
    refuse_no_distribution(p)
    return -np.sum(p[p > 0] * np.log(p[p > 0])) * np.log(base)


@check.mistake("The sign is wrong. Logarithms of probabilities are negative; the minus in front makes the entropy positive.")
def minus_missing(p, base=2):
    return -entropy_rightly(p, base)


@check.mistake("This divides by the number of outcomes. The probabilities are the weights of the mean already: add the terms up.")
def mean_of_terms(p, base=2):
    return entropy_rightly(p, base) / len(p)


@check.mistake("The surprises are added up without their weights. Multiply each by its probability.")
def without_weights(p, base=2):
    refuse_no_distribution(p)
    return -np.sum(np.log(p[p > 0])) / np.log(base)


@check.mistake("These are the terms. The entropy is one number: their sum.")
def terms_not_added(p, base=2):
    refuse_no_distribution(p)
    safe = np.where(p > 0, p, 1)
    return -p * np.log(safe) / np.log(base)


@check.mistake("This is the logarithm of the number of outcomes: the entropy if all were equally likely. Use the entries of `p`.")
def all_alike(p, base=2):
    refuse_no_distribution(p)
    return np.log(len(p)) / np.log(base)


@check.mistake("A probability of 0 turns the result into NaN. Leave such outcomes out: they add nothing.")
def nan_at_zero(p, base=2):
    refuse_no_distribution(p)
    with np.errstate(all="ignore"):
        return -np.sum(p * np.log(p)) / np.log(base)


@check.mistake(
    "A small number is added to the probabilities inside the logarithm (or they are clipped), so a certain outcome does not give exactly 0."
    " Leave the logarithm alone and leave out the entries that are 0."
)
def epsilon(p, base=2):
    refuse_no_distribution(p)
    return -np.sum(p * np.log(p + 1e-12)) / np.log(base)


@check.mistake(
    "A small number (1e-8 or so) is added to the probabilities inside the logarithm, so a certain outcome does not give exactly 0."
    " Leave the logarithm alone and leave out the entries that are 0."
)
def epsilon_larger(p, base=2):
    refuse_no_distribution(p)
    return -np.sum(p * np.log(p + 1e-8)) / np.log(base)


@check.mistake("Nothing is refused. Probabilities that are negative or do not add up to 1 must raise `ValueError`.")
def nothing_refused(p, base=2):
    with np.errstate(all="ignore"):
        return -np.sum(p[p != 0] * np.log(p[p != 0])) / np.log(base)


@check.mistake("Negative entries are not refused where the sum is 1 all the same. They must raise `ValueError`, too.")
def negative_accepted(p, base=2):
    if abs(np.sum(p) - 1) > 1e-6:
        raise ValueError
    return -np.sum(p[p > 0] * np.log(p[p > 0])) / np.log(base)


@check.mistake("Sums other than 1 are not refused. They must raise `ValueError`.")
def sum_not_checked(p, base=2):
    if np.any(p < 0):
        raise ValueError
    return -np.sum(p[p > 0] * np.log(p[p > 0])) / np.log(base)


@check.mistake("The entries are divided by their sum, so that any sum is accepted. A sum other than 1 must raise `ValueError`.")
def made_to_sum_to_one(p, base=2):
    if np.any(p < 0):
        raise ValueError
    return entropy_rightly(p / np.sum(p), base)


@check.mistake("A sum that misses 1 by a rounding error is refused. Compare with a tolerance of 1e-6, not with `==` or `!=`.")
def exact_sum(p, base=2):
    if np.any(p < 0) or np.sum(p) != 1:
        raise ValueError
    return entropy_rightly(p, base)


@check.mistake("`assert` raises AssertionError. The exercise asks for `raise ValueError(...)`.")
def asserted(p, base=2):
    assert np.all(p >= 0)
    assert abs(np.sum(p) - 1) < 1e-6
    return entropy_rightly(p, base)


@check.mistake("The argument `p` is changed: assigning to its entries changes the caller's array. Work on a copy, or select entries.")
def changed_in_place(p, base=2):
    refuse_no_distribution(p)
    p[p == 0] = 1
    return -np.sum(p * np.log(p)) / np.log(base)


rng = np.random.default_rng(21)
exact = {"rtol": 0, "atol": 0}
check.equal("seven outcomes, bits", rng.dirichlet(np.ones(7)))
check.equal("five outcomes, nats", rng.dirichlet(np.ones(5)), np.e)
check.equal("nine outcomes, base 10", rng.dirichlet(np.full(9, 0.3)), base=10)
check.equal("zeros among others", np.array([0.0, 0.3, 0.0, 0.6, 0.1]), 3)
check.equal("one is certain, integers: exactly 0", np.array([0, 0, 1, 0]), **exact)
check.equal("one is certain, base e: exactly 0", np.array([1.0, 0.0]), np.e, **exact)
check.equal("a single outcome: exactly 0", np.array([1.0]), **exact)
check.equal("ten times 0.1, a sum with a rounding error", np.full(10, 0.1))
check.equal("float32", np.array([0.125, 0.625, 0.25], np.float32), rtol=1e-4, atol=1e-5)
check.equal("a view that is not contiguous", np.array([0.1, 9, 0.2, 9, 0.7, 9])[::2])
check.raises("the sum is 1.2", ValueError, np.array([0.4, 0.4, 0.4]))
check.raises("counts instead of probabilities", ValueError, np.array([3, 1]))
check.raises("a negative entry, though the sum is 1", ValueError, np.array([1.5, -0.5]))
check.raises("two negative entries, though the sum is 1", ValueError, np.array([-0.25, 1.5, -0.25]))
check.unchanged("p stays as it is", np.array([0.0, 0.25, 0.75, 0.0]))
check.unchanged("p stays as it is, nats", np.array([0.5, 0.0, 0.5]), np.e)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="entropy-payoff-text"
# **Does it pay off?** Your function says how many seconds a better code could still save. Compare with what the lamp
# really took over the year, and with the entropy of the year's own frequencies.

# %% name="entropy-payoff"
with once_solved():
    counted = np.array([np.mean(year == kind) for kind in kinds])
    print(f"the limit, entropy of P:             {entropy(P):.3f} bits")
    print(f"entropy of the year's frequencies:   {entropy(counted):.3f} bits")
    print(f"measured with the lamp over a year:  {len(signal) / len(year):.3f} seconds")
    print(f"four kinds, all equally likely:      {entropy(np.full(4, 1 / 4)):.3f} bits")

# %% [markdown] name="errata-bits-text"
# ### Bits, nats, bytes
#
# One sometimes reads that entropy counts *bytes*. It counts whatever the base of the logarithm says. Base 2 gives
# **bits**. The natural logarithm gives **nats**. A byte, 8 bits, would be base 256.
#
# **Predict, then run.** The island's weather has 1.75 bits. How many nats is that: more than 1.75, or fewer?

# %% name="errata-bits" errata={"says": "Entropy is measured in bytes.", "correct": "The base of the logarithm is the unit: bits with base 2, nats with the natural logarithm."}
my_guess = None

print("my guess:", my_guess)
for base, unit in [(2, "bits"), (np.e, "nats"), (10, "decimal digits"), (256, "bytes")]:
    print(f"base {base:<6.4g} {information.entropy(P, base):.4f} {unit}")
ratio = information.entropy(P, 2) / information.entropy(P, np.e)
print(f"bits divided by nats: {ratio:.4f}    1 / ln 2 = {1 / np.log(2):.4f}")

# %% [markdown] name="errata-values-text"
# ### Only the probabilities count
#
# Give each kind of weather a number, say the centimeters of rain: 0, 1, 2, 20. Then measure in millimeters instead.
#
# **Predict, then run.** All numbers are ten times as large. What happens to the entropy?

# %% name="errata-values" errata={"says": "Entropy never depends on the values of X.", "correct": "True for outcomes that can be counted; only their probabilities matter. For a density it is false, see `errata-rescale`."}
my_guess = None

centimeters = np.random.default_rng(3).choice([0, 1, 2, 20], size=1000, p=P)
print("my guess:", my_guess)
for unit, x in [("centimeters", centimeters), ("millimeters", 10 * centimeters)]:
    shares = information.empirical_distribution(x)
    bits = information.entropy(list(shares.values()))
    print(f"{unit}: values {sorted(shares)}, entropy {bits:.4f} bits")

# %% [markdown] name="errata-values-after"
# Nothing: the formula never looks at the values. But this holds only as long as the values can be *counted* (discrete
# values). For quantities with infinitely many digits it fails, and we'll see how.

# %% [markdown] name="binary-entropy-text"
# ## Yes or no
#
# The simplest weather has two kinds: a yes with probability $p$, a no with $1 - p$. Its entropy depends on one number:
#
# $$ H(p) = -p \log_2 p - (1 - p) \log_2 (1 - p). $$
#
# ### Exercise: `binary_entropy`
#
# Write `binary_entropy(p)`: the entropy, in bits, of a yes with probability `p`. `p` is either a single number or an
# array of any shape; return a number or an array of the same shape: each entry is a yes-or-no of its own. All values
# lie from 0 to 1, both included, floats or integers. If the answer is certain (`p` is 0 or 1), the entropy is exactly
# 0, not just nearly. Leave `p` as it is.
#
# <details><summary>Hint 1</summary>This time you can't leave entries out: the shape must stay. What logarithm could you
# take <em>instead</em> where <code>p</code> is 0, so that the product is 0?</details>
# <details><summary>Hint 2</summary><code>np.where(condition, a, b)</code> takes from <code>a</code> where the condition
# holds, and from <code>b</code> elsewhere. It works on numbers and on arrays; <code>if</code> works on a single number
# only.</details>
# <details><summary>Hint 3</summary><code>np.log2(np.where(p > 0, p, 1))</code> is the logarithm of <code>p</code> where
# there is one, and 0 elsewhere.</details>

# %% nbgrader={"grade": false, "grade_id": "binary_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def binary_entropy(p):
    """Entropy in bits of a yes with probability p, for each p."""
    ### BEGIN SOLUTION
    p = np.asarray(p)
    q = 1 - p
    return -p * np.log2(np.where(p > 0, p, 1)) - q * np.log2(np.where(q > 0, q, 1))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "binary_entropy-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("binary_entropy", points=1)
ends, zeros = np.array([0.0, 1.0]), np.array([0.0, 0.0])
column, expected = np.array([[0.5], [0.25]]), np.array([[1.0], [0.8112781244591328]])
check.equal("a fair coin, as a number", 0.5, expected=1.0)
check.equal("one in four, as a number", 0.25, expected=0.8112781244591328)
check.equal("certain: exactly 0", ends, expected=zeros, rtol=0, atol=0)
check.equal("the shape stays", column, expected=expected)
check.report()

# %% nbgrader={"grade": true, "grade_id": "binary_entropy-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks binary_entropy here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("binary_entropy", points=2, hidden=True)


def one_term(p):
    return -p * np.log2(np.where(p > 0, p, 1))


def binary_entropy_rightly(p):
    p = np.asarray(p, float)
    h = one_term(p) + one_term(1 - p)
    return h if h.ndim else float(h)


check.reference(binary_entropy_rightly)


@check.mistake("`if` decides once, for a single number; an array needs a decision for each entry. Use `np.where`.")
def if_on_an_array(p):
    if p == 0 or p == 1:
        return 0.0
    return -p * np.log2(p) - (1 - p) * np.log2(1 - p)


@check.mistake("At 0 and 1 the result is NaN. A term whose probability is 0 is 0: keep its logarithm finite with `np.where`.")
def nan_at_the_ends(p):
    with np.errstate(all="ignore"):
        p = np.asarray(p, float)
        return -p * np.log2(p) - (1 - p) * np.log2(1 - p)


@check.mistake("The term of the \"no\" is missing: it happens with probability 1 - p, and costs bits as well.")
def yes_only(p):
    return one_term(np.asarray(p, float))


@check.mistake("The term of the \"yes\" is missing.")
def no_only(p):
    return one_term(1 - np.asarray(p, float))


@check.mistake("The result is in nats: take `np.log2`, not `np.log`.")
def in_nats(p):
    return binary_entropy_rightly(p) * np.log(2)


@check.mistake("The sign is wrong: both terms need a minus in front.")
def minus_missing(p):
    return -1 * np.asarray(binary_entropy_rightly(p))


@check.mistake("The second term has the wrong sign: both terms need a minus in front.")
def second_minus_missing(p):
    p = np.asarray(p, float)
    return one_term(p) - one_term(1 - p)


@check.mistake("Both terms contain the logarithm of `p`. The second one needs the logarithm of 1 - p.")
def same_logarithm_twice(p):
    p = np.asarray(p, float)
    return one_term(p) - (1 - p) * np.log2(np.where(p > 0, p, 1))


@check.mistake("The results of all entries are added up. Each entry of `p` has an entropy of its own: keep the shape.")
def added_up(p):
    return np.sum(binary_entropy_rightly(p))


@check.mistake("The results are averaged. Each entry of `p` has an entropy of its own: keep the shape.")
def averaged(p):
    return np.mean(binary_entropy_rightly(p))


@check.mistake("The shape of `p` is lost: the result is a flat array.")
def flattened(p):
    return np.array([binary_entropy_rightly(float(value)) for value in np.ravel(p)]) if np.ndim(p) else binary_entropy_rightly(p)


@check.mistake("It works on arrays only. A single number (0.5, say) must be accepted, too, and give a number.")
def arrays_only(p):
    out = np.zeros(p.shape)
    inside = (p > 0) & (p < 1)
    out[inside] = binary_entropy_rightly(p[inside])
    return out


@check.mistake(
    "`p` is clipped (kept away from 0 and 1), or something small is added in the logarithm, so a certain answer does not give exactly 0."
    " Leave `p` as it is and make the term 0 where its probability is 0."
)
def clipped(p):
    return binary_entropy_rightly(np.clip(np.asarray(p, float), 1e-12, 1 - 1e-12))


@check.mistake(
    "`p` is clipped at 1e-7 or so, which gives a certain answer an entropy."
    " Leave `p` as it is and make the term 0 where its probability is 0."
)
def clipped_coarsely(p):
    return binary_entropy_rightly(np.clip(np.asarray(p, float), 1e-7, 1 - 1e-7))


@check.mistake(
    "Something small (1e-8 or so) is added inside the logarithms, so a certain answer does not give exactly 0."
    " Make the term 0 where its probability is 0 instead."
)
def epsilon(p):
    p = np.asarray(p, float)
    return -p * np.log2(p + 1e-8) - (1 - p) * np.log2(1 - p + 1e-8)


@check.mistake("The argument `p` is changed in place. Work on a copy.")
def changed_in_place(p):
    if not np.ndim(p):
        return binary_entropy_rightly(p)
    certain = (p == 0) | (p == 1)
    p[certain] = 0.5 if p.dtype.kind == "f" else 0
    return np.where(certain, 0, binary_entropy_rightly(p))


rng = np.random.default_rng(22)
exact = {"rtol": 0, "atol": 0}
check.equal("a table with 0 and 1 in it", np.vstack([rng.random((3, 3)), [0.0, 1.0, 0.0], rng.random((1, 3))]))
check.equal("a flat array", rng.random(6))
check.equal("a single number, small", 0.0078125)
check.equal("a single number, large", 0.93)
check.equal("a NumPy number", np.float64(0.7))
check.equal("the number 0: exactly 0", 0.0, **exact)
check.equal("the number 1, an integer: exactly 0", 1, **exact)
check.equal("integers: exactly 0", np.array([1, 0, 0, 1]), **exact)
check.equal("ends in a column: exactly 0", np.array([[0.0], [1.0], [1.0]]), **exact)
check.equal("float32", np.array([0.25, 0.9, 0.0], np.float32), rtol=1e-4, atol=1e-5)
check.equal("a view that is not contiguous", rng.random((4, 6))[::2, ::3])
check.unchanged("the argument stays as it is", np.array([0.2, 0.0, 1.0, 0.6]))
check.unchanged("a column stays as it is", np.array([[1.0], [0.4]]))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="hp-text"
# **Predict, then run.** A lamp burns out on about one evening in nine: $p = 0.11$. Is the report "burned out: yes or
# no" worth a tenth of a bit, a quarter, or half a bit? And for which $p$ is such a report worth most?

# %% name="hp"
my_guess = None  # bits, for p = 0.11

print(f"my guess: {my_guess}    H(0.11) = {information.binary_entropy(0.11):.3f} bits")
shares = np.linspace(0, 1, 101)
worth_most = shares[np.argmax(information.binary_entropy(shares))]
print(f"worth most at p = {worth_most:.2f}: {information.binary_entropy(worth_most):.3f} bit")

# %% [markdown] name="hp-slider-text"
# Move $p$. The rarer answer surprises more, but it comes so seldom that it hardly counts. At ½ both count alike, the
# uncertainty is greatest, and a yes or no is worth a whole bit. A yes or no is never worth more.

# %% name="hp-slider"
plotting.slide(lambda p=0.11: plotting.plot_binary_entropy(p), p=(0, 1, 0.01))

# %% [markdown] name="hp-payoff-text"
# **Does it pay off?** Is the curve yours, too? And is a yes or no a special case of your first function?

# %% name="hp-payoff"
with once_solved():
    same = np.allclose(binary_entropy(shares), information.binary_entropy(shares))
    print("my curve is the library's:", same)
    same = np.allclose(binary_entropy(0.11), entropy(np.array([0.11, 0.89])))
    print("my two functions agree:   ", same)

# %% [markdown] name="errata-bernoulli-text"
# ### One coin, two coins
#
# One often reads that $H(p)$ is the entropy of the *binomial* distribution. A single yes or no follows the
# **Bernoulli** distribution. The binomial one is about the *number* of yeses in several tries.
#
# **Predict, then run.** Toss two fair coins. Someone tells you how many heads there are: 0, 1 or 2. How many bits is
# that worth: 1, 2, or something in between?

# %% name="errata-bernoulli" errata={"says": "Yes or no: that is the binomial distribution.", "correct": "It is the Bernoulli distribution. A binomial quantity counts several of them and has another entropy: 1.5 bits for two fair coins."}
my_guess = None

quarter = 1 / 4
print("my guess:", my_guess)
print(f"one coin, heads or tails:  {information.entropy([1 / 2, 1 / 2]):.2f} bits")
print(f"two coins, each told:      {information.entropy([quarter] * 4):.2f} bits")
print(f"only the number of heads:  {information.entropy([1 / 4, 1 / 2, 1 / 4]):.2f} bits")

# %% [markdown] name="errata-bernoulli-after"
# Two coins are worth two bits. The number of heads tells less: with one head, you don't know which coin it was. That
# happens half of the time, and what is missing is then one bit.

# %% [markdown] name="text-text"
# ## The shortest code
#
# The island's probabilities were convenient: ½, ¼, ⅛, ⅛. What if surprises are not whole numbers, while a word has to
# have a whole number of bits? Take a real text. What happens here is the occurrence of a character.

# %% name="text"
story = """
The island has one lighthouse, one keeper and one cat. Every evening at eight the keeper climbs
the ninety-one steps, opens the small window that looks toward the mainland, and sends the
weather with her lamp. On most evenings the weather is fog. She has sent the word for fog so
often that her hand does it alone, while she thinks about supper, or about the cat, who is
usually asleep on the logbook. In the old days every report was four flashes long, whatever it
said. Then came a winter with fog for forty days, and the oil ran low. The keeper looked at the
logbook, lifted the cat, and counted. Half of all her flashes had been spent on telling people
what they had already guessed. That night she wrote a letter to the mainland. From now on, it
said, one flash will mean fog. If you see anything longer, put on your coat and read with care.
The mainland did not answer for a week, because of the fog. When the answer came it was short.
Agreed, it said, but what if nothing unusual ever happens? Then, wrote the keeper, you will have
very little to read, and I will have oil until spring. Nobody should pay much to hear what they
expect. It is the storm that deserves the long message, because the storm is rare, and because
when it comes you will not mind the reading. The cat was not asked. It had noticed long ago that
the sound of the tin being opened comes only once a day, and it has never slept through it.
"""
text = " ".join(story.split())
print(f"{len(text)} characters, {len(set(text))} different ones")

# %% name="frequency"
frequency = information.empirical_distribution(text)
common = sorted(frequency, key=frequency.get, reverse=True)
for character in [*common[:4], *common[-2:]]:
    share = frequency[character]
    print(f"{character!r}: frequency {share:.4f}, surprise {-np.log2(share):5.2f} bits")

# %% [markdown] name="huffman-text"
# The probability of a character is taken to be its **relative frequency**: how often it occurs, divided by the number
# of characters.
#
# In 1952 a student, David Huffman, found how to make the best possible prefix code. Work from the bottom up:
#
# 1. Put all symbols on the table, each with its probability.
# 2. Take the **two least probable** things on the table. Tie them together to one thing; its probability is the sum of
#    theirs. Put it back.
# 3. Repeat until one thing is left.
#
# Each time a symbol is part of what gets tied, its word grows by one bit. What is rare is tied first and most often, so
# its word gets long. Here is how it goes for five symbols:

# %% name="huffman-steps"
p_five = np.array([0.4, 0.2, 0.2, 0.1, 0.1])
five = information.huffman_code(dict(zip("abcde", p_five)))
plotting.show(plotting.plot_huffman_tree(five))
for lengths in [tuple(five.lengths.values()), (1, 2, 3, 4, 4)]:
    print(f"lengths {lengths}: mean {np.dot(p_five, lengths):.2f} bits")
print(f"entropy: {information.entropy(p_five):.2f} bits")

# %% [markdown] name="huffman-steps-text"
# Read it from the bottom: d and e are tied first (together 0.2). Now three things on the table have the probability
# 0.2. Tying any two of them is fine. Another choice than the one in the picture leads to the lengths 1, 2, 3, 4, 4:
# other words, the same mean.

# %% [markdown] name="huffman-lengths-text"
# ### Exercise: `huffman_lengths`
#
# Write `huffman_lengths(p)`: how many bits the word of each symbol has in a Huffman code.
#
# - `p` is an array of shape (n,), n ≥ 1, of probabilities that are all above 0 and add up to 1.
# - Return an array of n *integers*: the length of the word of symbol 0, of symbol 1, and so on, in the order of `p`.
#
# If several are equally probable, tie any of them. The checks accept every result that is a Huffman code: its mean
# length $\sum_i p_i l_i$ is as small as possible, and no branch is left unused, which means that $\sum_i 2^{-l_i} = 1$
# (the **Kraft sum**). A symbol that is alone gets a word of length 1: even then, the reader must see how many evenings
# were reported. Leave `p` as it is.
#
# <details><summary>Hint 1</summary>Keep a list of pairs: a probability, and the list of the symbols tied together in
# it. At the start there are n pairs with one symbol each.</details>
# <details><summary>Hint 2</summary>One round: sort the list, take the first two pairs out, add 1 to the length of every
# symbol in either, put back the pair of the summed probability and the joined lists.</details>
# <details><summary>Hint 3</summary><code>list.sort()</code> sorts pairs by their first entry. <code>[1, 2] + [5]</code>
# joins two lists. Sorting again in each round is slow for thousands of symbols, but right; for speed, see the module
# <code>heapq</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "huffman_lengths", "locked": false, "schema_version": 3, "solution": true, "task": false}
def huffman_lengths(p):
    """Length of each symbol's word in a Huffman code for the probabilities p."""
    ### BEGIN SOLUTION
    lengths = np.zeros(len(p), dtype=int)
    table = [(probability, [symbol]) for symbol, probability in enumerate(p)]
    if len(table) == 1:
        lengths[0] = 1
    while len(table) > 1:
        table.sort()
        (a, left), (b, right) = table.pop(0), table.pop(0)
        lengths[left + right] += 1
        table.append((a + b, left + right))
    return lengths
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "huffman_lengths-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("huffman_lengths", points=1)
island, shuffled = np.array([0.5, 0.25, 0.125, 0.125]), np.array([0.1, 0.15, 0.7, 0.05])
check.equal("the weather of the island", island, expected=np.array([1, 2, 3, 3]))
check.equal("the order of p is kept", shuffled, expected=np.array([3, 2, 1, 3]))
check.equal("a single symbol", np.array([1.0]), expected=np.array([1]))


def mean_and_kraft(p, best):
    def condition(huffman_lengths):
        lengths = huffman_lengths(p)
        mean, kraft = np.sum(p * lengths), np.sum(2.0**-lengths)
        if abs(mean - best) < 1e-9 and kraft == 1:
            return True
        return f"mean {mean:.4g} (the best is {best}), Kraft sum {kraft:.4g} (must be 1)"

    return condition


check.that("five symbols", mean_and_kraft(np.array([0.2, 0.3, 0.1, 0.2, 0.2]), 2.3))
check.that("five alike", mean_and_kraft(np.array([0.2, 0.2, 0.2, 0.2, 0.2]), 2.4))
check.report()

# %% nbgrader={"grade": true, "grade_id": "huffman_lengths-hidden", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks huffman_lengths here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("huffman_lengths", points=4, hidden=True)


def tie(p, weight=lambda a, b: a + b, longer=lambda left, right: left + right, pick=min):
    """Tie two at a time, in pure Python; each option makes one of the mistakes below."""
    lengths, table = [0] * len(p), [(float(value), [i]) for i, value in enumerate(p)]
    while len(table) > 1:
        (a, left), (b, right) = (table.pop(table.index(pick(table, key=lambda pair: pair[0]))) for _ in range(2))
        for symbol in longer(left, right):
            lengths[symbol] += 1
        table.append((weight(a, b), left + right))
    return np.array(lengths if len(p) > 1 else [1])


check.reference(tie)


@check.mistake(
    "Each length is the surprise, rounded up. That makes a code, but some branches stay unused: the mean is longer than Huffman's."
    " Tie the two least probable, again and again."
)
def surprise_rounded_up(p):
    return np.maximum(np.ceil(-np.log2(np.asarray(p, float))), 1).astype(int)


@check.mistake("Each length is the surprise, rounded to the nearest number. No prefix code with these lengths need exist, or it wastes bits.")
def surprise_rounded(p):
    return np.maximum(np.round(-np.log2(np.asarray(p, float))), 1).astype(int)


@check.mistake("All words are equally long. Rare symbols should get longer words than common ones.")
def all_equally_long(p):
    return np.full(len(p), max(int(np.ceil(np.log2(len(p)))), 1))


@check.mistake(
    "The symbols are sorted once, and each is tied to all before it. What has been tied must go back on the table"
    " and wait until it is one of the two least probable."
)
def one_long_branch(p):
    order, lengths = np.argsort(p, kind="stable"), np.zeros(len(p), int)
    for k in range(1, len(p)):
        lengths[order[: k + 1]] += 1
    return lengths if len(p) > 1 else np.array([1])


@check.mistake("What has been tied is put at the end of the list, but the list is not sorted again before the next two are taken.")
def not_sorted_again(p):
    lengths = [0] * len(p)
    table = sorted(([float(value), [i]] for i, value in enumerate(p)), key=lambda pair: pair[0])
    while len(table) > 1:
        (a, left), (b, right) = table.pop(0), table.pop(0)
        for symbol in left + right:
            lengths[symbol] += 1
        table.append([a + b, left + right])
    return np.array(lengths if len(p) > 1 else [1])


@check.mistake("Each length is too large by one: it is the number of times that the symbol takes part in a tie.")
def one_too_long(p):
    return tie(p) + 1 if len(p) > 1 else np.array([1])


@check.mistake("Each length is too small by one: the last tie, at the top, counts, too.")
def one_too_short(p):
    return tie(p) - 1 if len(p) > 1 else np.array([1])


@check.mistake("The lengths come sorted from the shortest to the longest. They must be in the order of `p`.")
def sorted_by_length(p):
    return np.sort(tie(p))


@check.mistake("The lengths belong to the probabilities sorted from the smallest to the largest. They must be in the order of `p`.")
def order_of_sorted_p(p):
    return tie(np.sort(p))


@check.mistake("The argument is sorted in place: that changes the caller's `p`, and the lengths lose its order.")
def p_sorted_in_place(p):
    p.sort()
    return tie(p)


@check.mistake("A single symbol gets length 0. Give it a word of length 1, or a message of it would be empty.")
def nothing_for_one(p):
    return tie(p) if len(p) > 1 else np.array([0])


@check.mistake("The lengths are floats. A number of bits is an integer.")
def floats(p):
    return tie(p).astype(float)


@check.mistake("The two most probable are tied. Tie the two least probable: they get the long words.")
def most_probable_tied(p):
    return tie(p, pick=max)


@check.mistake("Only one symbol of each tied group gets longer. Every symbol in either group gets one bit more.")
def only_the_first_gets_longer(p):
    return tie(p, longer=lambda left, right: [left[0], right[0]])


@check.mistake("Only the symbols of one of the two tied groups get longer. Every symbol in either group gets one bit more.")
def one_side_only(p):
    return tie(p, longer=lambda left, right: left)


@check.mistake("What is tied together gets the larger of the two probabilities. It happens whenever either does: take the sum.")
def larger_instead_of_sum(p):
    return tie(p, weight=max)


@check.mistake("What is tied together gets the mean of the two probabilities. It happens whenever either does: take the sum.")
def mean_instead_of_sum(p):
    return tie(p, weight=lambda a, b: (a + b) / 2)


@check.mistake(
    "The symbols are split from the top into two halves of about equal probability. That is an older method (Shannon and Fano)"
    " and not always best. Tie from the bottom instead."
)
def split_from_the_top(p):
    lengths = np.zeros(len(p), int)
    groups = [list(np.argsort(-np.asarray(p, float), kind="stable"))]
    while groups:
        group = groups.pop()
        if len(group) > 1:
            share = np.cumsum(p[group])
            cut = 1 + int(np.argmin(np.abs(2 * share[:-1] - share[-1])))
            lengths[group] += 1
            groups += [group[:cut], group[cut:]]
    return lengths if len(p) > 1 else np.array([1])


@check.mistake("This is the mean length. The exercise asks for the length of each word.")
def mean_length_only(p):
    return float(np.sum(p * tie(p)))


@check.mistake("Equal probabilities replace each other, as keys of a dictionary do. Every symbol needs an entry of its own.")
def equal_ones_lost(p):
    lengths, table = [0] * len(p), {float(value): [i] for i, value in enumerate(p)}
    while len(table) > 1:
        a, b = sorted(table)[:2]
        left, right = table.pop(a), table.pop(b)
        for symbol in left + right:
            lengths[symbol] += 1
        table[a + b] = left + right
    return np.array(lengths if len(p) > 1 else [1])


def optimal(p):
    """A check of any Huffman code: right shape and type, mean as small as possible, Kraft sum 1."""
    best = float(np.sum(p * tie(p)))

    def condition(huffman_lengths):
        lengths = huffman_lengths(p)
        if not isinstance(lengths, np.ndarray) or lengths.shape != p.shape or lengths.dtype.kind not in "iu":
            return f"an array of {len(p)} integers is asked for"
        if lengths.min() < 1:
            return "a word has no bit at all"
        if abs(float(np.sum(2.0 ** -lengths.astype(float))) - 1) > 1e-12:
            return "the Kraft sum is not 1"
        return abs(float(np.sum(p * lengths)) - best) < 1e-6 or "the mean length is not the smallest possible"

    return condition


rng = np.random.default_rng(23)
check.that("six random probabilities", optimal(rng.dirichlet(np.ones(6))))
check.that("twelve random probabilities", optimal(rng.dirichlet(np.ones(12))))
check.that("thirty very different ones", optimal(rng.dirichlet(np.full(30, 0.4))))
check.that("five alike", optimal(np.full(5, 1 / 5)))
check.that("seven with ties", optimal(np.array([0.2, 0.1, 0.2, 0.1, 0.2, 0.1, 0.1])))
check.that("splitting from the top is worse", optimal(np.array([0.15, 0.35, 0.17, 0.16, 0.17])))
check.that("splitting from the top is worse again", optimal(np.array([0.05, 0.15, 0.4, 0.05, 0.2, 0.15])))
check.that("from rare to common", optimal(np.array([0.05, 0.1, 0.2, 0.25, 0.4])))
check.that("float32", optimal(np.array([0.375, 0.125, 0.25, 0.25], np.float32)))
check.that("a view that is not contiguous", optimal(np.array([0.4, 9, 0.35, 9, 0.15, 9, 0.1, 9])[::2]))
check.equal("two symbols, one much rarer", np.array([0.99, 0.01]))
check.equal("powers of two in disorder", np.array([0.0625, 0.5, 0.0625, 0.125, 0.25]))
check.equal("one symbol", np.array([1.0]))
check.unchanged("p stays as it is", np.array([0.55, 0.05, 0.3, 0.1]))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="huffman-payoff-text"
# **Does it pay off?** Compress the story with *your* lengths. Lengths are enough to make the words: go through the
# symbols from short to long and count upwards in binary, with a zero appended whenever the length grows. That is the
# *canonical* code; `zip` and PNG files store nothing but the lengths, too.

# %% name="canonical"
def canonical_words(lengths):
    words, number, before = {}, 0, 0
    for symbol in np.argsort(lengths, kind="stable"):
        number <<= int(lengths[symbol]) - before
        before = int(lengths[symbol])
        words[int(symbol)] = format(number, f"0{before}b")
        number += 1
    return words

some_words = canonical_words(np.array([2, 1, 3, 3]))
print("lengths 2, 1, 3, 3 make the words", ", ".join(some_words[i] for i in range(4)))

# %% [markdown] name="huffman-payoff-guess"
# **Predict, then run.** On disk, each character of the story takes one byte, 8 bits. How many per cent of that will
# your code need? And will the story come back without an error?

# %% name="huffman-payoff"
my_guess = None  # per cent

characters, p_text = list(frequency), np.array(list(frequency.values()))
plain = text.encode("ascii")
with once_solved():
    my_words = canonical_words(huffman_lengths(p_text))
    bits = "".join(my_words[characters.index(character)] for character in text)
    # Real bytes: the bits are the digits of one huge number; a 1 in front marks the start.
    packed = int("1" + bits, 2).to_bytes(len(bits) // 8 + 1)
    print(f"{text[:6]!r} begins", bits[:25])
    print(f"{len(plain)} bytes become {len(packed)} bytes")
    share = 100 * len(packed) / len(plain)
    print(f"my guess: {my_guess}    measured: {share:.0f} per cent")

# %% [markdown] name="huffman-unpack-text"
# Now the other way: from the bytes back to the story. The reader needs the lengths, too. (They are not counted in the
# bytes above. For a whole book they would hardly matter.)

# %% name="huffman-unpack"
with once_solved():
    lengths = huffman_lengths(p_text)  # the reader needs no more than these
    meaning = {word: characters[i] for i, word in canonical_words(lengths).items()}
    restored, word = [], ""
    for bit in format(int.from_bytes(packed), "b")[1:]:
        word += bit
        if word in meaning:
            restored.append(meaning[word])
            word = ""
    print("the story comes back without an error:", "".join(restored) == text)
    H, L = information.entropy(p_text), np.sum(p_text * lengths)
    print(f"entropy H = {H:.4f}    mean length L = {L:.4f} bits a character")
    print("H <= L < H + 1:", bool(H <= L < H + 1))

# %% [markdown] name="text-tree-text"
# Here is the code of the whole story as a tree. A word is the way from the left to its character. (Your words may be
# others; their mean length is the same.)

# %% name="text-tree"
plotting.show(plotting.plot_huffman_tree(information.huffman_code(frequency)))

# %% [markdown] name="errata-symbol-codes-text"
# ### Is that the least?
#
# One often reads that Huffman's mean length *is* the entropy, the least possible. It is the least among codes that give
# each symbol a word of its own. A word has at least one bit, and a whole number of them. For such codes, all that holds
# is
#
# $$ H \le L < H + 1 . $$
#
# **Predict, then run.** A lighthouse in a foggy place: fog with probability 0.9, clear with 0.1. The entropy is below
# half a bit. What is the mean length of the best code for one evening? And if the keeper waits, and encodes two
# evenings as one symbol (four combinations), or three, or eight?

# %% name="errata-symbol-codes" errata={"says": "The mean length of Huffman's code is the minimum, so it is the entropy.", "correct": "It is the best among codes with a word for each symbol: between H and H + 1. Words for blocks of symbols come closer to H."}
my_guess = None  # bits an evening, if eight evenings are one symbol

foggy, best = [0.9, 0.1], []
blocks = np.arange(1, 11)
for k in blocks:
    code = information.huffman_code(information.block_distribution(foggy, k))
    best.append(code.mean_length / k)
H = information.entropy(foggy)
print(f"my guess: {my_guess}    entropy: {H:.3f} bits")
for k in [1, 2, 3, 6, 8]:
    print(f"evenings at once: {k}    Huffman: {best[k - 1]:.3f} bits an evening")
limits = {"upper limit H + 1/k": H + 1 / blocks, "Huffman": best, "entropy H": np.full(10, H)}
labels = {"xlabel": "k, evenings in a block", "ylabel": "bits an evening"}
plotting.show(plotting.plot_curves(blocks, limits, **labels))

# %% [markdown] name="errata-symbol-codes-after"
# One evening costs a whole bit, more than twice its entropy. With longer blocks, the waste of less than one bit is
# shared by all evenings of the block, and the mean comes as close to the entropy as you like. *That* is what entropy
# is: the limit, reached by no symbol code unless all surprises are whole numbers, and approached by blocks. (Not
# evenly: compare six and eight.)

# %% [markdown] name="errata-estimate-text"
# ### Frequencies are estimates
#
# We took relative frequencies for probabilities: count, divided by the number of trials. That is an *estimate*, and
# entropy notices. Imagine weather with eight kinds, all equally likely: 3 bits. A newcomer watches for 20 evenings, and
# computes the entropy of the frequencies that she saw.
#
# **Predict, then run.** Many newcomers do that. Some get more, some less. What is the mean of their results: above 3
# bits, below, or just 3?

# %% name="errata-estimate" errata={"says": "The probability is the count divided by the number of trials.", "correct": "That is an estimate. The entropy computed from it is too low on average, the more so the fewer trials."}
my_guess = None

even = np.full(8, 1 / 8)
rng = np.random.default_rng(5)
evenings, means = np.array([10, 20, 40, 80, 160, 320, 640]), []
for n in evenings:
    estimates, _ = information.simulate_entropy_estimates(even, n, 20_000, rng)
    means.append(estimates.mean())
print(f"my guess: {my_guess}    mean after 20 evenings: {means[1]:.3f} bits")
curves = {"mean of the estimates": means, "true entropy": np.full(7, information.entropy(even))}
labels = {"xlabel": "evenings watched", "ylabel": "bits", "xlog": True}
plotting.show(plotting.plot_curves(evenings, curves, **labels))

# %% [markdown] name="errata-estimate-after"
# Nobody can get more than 3 bits: that is the top for eight kinds. Chance makes the counts uneven, and whatever is
# uneven has less entropy. With more evenings the error goes away. So the entropy of our story's characters is a little
# too low as well.

# %% [markdown] name="errata-differential-text"
# ### Quantities that are not counted
#
# The wind blows with $X$ meters a second, any number, with infinitely many digits. To write them all down takes
# infinitely many bits. What one *can* write down is the same formula with an integral and a density $f$ in place of the
# probabilities, the **differential entropy**:
#
# $$ h(X) = -\int f(x) \log_2 f(x)\, dx . $$
#
# One often reads that this is again a code length, in bits. **Predict, then run.** $X$ is spread evenly over an
# interval, so its density is 1 / (width). What is the differential entropy for the widths 4, 1 and ½?

# %% name="errata-differential" errata={"says": "For a density, the same formula with an integral is a code length, too.", "correct": "It may be negative: −1 for numbers spread evenly over 0 to ½. It compares with an even spread over 0 to 1."}
def spread_evenly(width):
    return round(information.differential_entropy(lambda x: 1 / width, 0, width), 6) + 0.0

my_guess = None  # for the width 1/2

print("my guess:", my_guess)
for width in [4, 2, 1, 1 / 2]:
    print(f"0 to {width:3}: density {1 / width:4}, entropy {spread_evenly(width):4.1f} bits")
widths = np.linspace(0.05, 4, 80)
curve = {"h(X)": [spread_evenly(width) for width in widths]}
labels = {"xlabel": "width of the interval", "ylabel": "differential entropy in bits"}
plotting.show(plotting.plot_curves(widths, curve, **labels))

# %% [markdown] name="errata-differential-after"
# Minus one bit! No message has that length. So what is it? Write $X$ down with $k$ binary digits after the point. Then
# it is a discrete quantity, and has an honest entropy.

# %% name="errata-digits"
for k in [1, 2, 3, 8]:
    values = np.arange(0, 1 / 2, 2.0**-k)  # the numbers below 1/2 with k binary digits
    bits = information.entropy(np.full(len(values), 1 / len(values)))
    print(f"{k} digits: {len(values):3} equally likely values, {bits:.0f} bits")

# %% [markdown] name="errata-rescale-text"
# Everything below ½ begins with the digit 0. Nobody needs to send that one, so $k$ digits cost $k - 1$ bits. The
# differential entropy compares: it says how many bits more, or fewer, than for an even spread over 0 to 1.
#
# That makes it depend on the unit. **Predict, then run.** Earlier, centimeters and millimeters of rain had the same
# entropy. The wind is spread over 0 to ½ meter a second. Measure it in centimeters a second instead: all values times
# 100. What happens to the entropy?

# %% name="errata-rescale" errata={"says": "Entropy does not depend on the unit in which X is measured.", "correct": "That of a density does: h(aX) = h(X) + log₂ of the size of a."}
my_guess = None

meters, centimeters = spread_evenly(1 / 2), spread_evenly(50)
print("my guess:", my_guess)
print(f"meters a second: {meters:.3f} bits    centimeters a second: {centimeters:.3f} bits")
print(f"difference: {centimeters - meters:.3f} bits    log2(100) = {np.log2(100):.3f}")

# %% [markdown] name="errata-rescale-after"
# In general, $h(aX) = h(X) + \log_2 |a|$. That the values don't matter is true for counted outcomes only. From here on,
# everything is counted again.

# %% [markdown] name="cross-text"
# ## The price of a wrong code
#
# The keeper retires. Her successor comes from another island, and brings the code that was perfect *there*, where
# storms are common:
#
# | | fog | rain | sun | storm |
# |---|---|---|---|---|
# | probability $P$ here | ½ | ¼ | ⅛ | ⅛ |
# | probability $Q$ there | ⅛ | ⅛ | ¼ | ½ |
# | his word | 110 | 111 | 10 | 0 |
#
# **Predict, then run.** The weather stays as it is. How many seconds does an evening take with his code, on average?

# %% name="cross"
my_guess = None

Q = np.array([1 / 8, 1 / 8, 1 / 4, 1 / 2])
his_words = {"fog": "110", "rain": "111", "sun": "10", "storm": "0"}
his_signal = "".join(his_words[kind] for kind in year)
print(f"my guess: {my_guess}    measured: {len(his_signal) / len(year):.2f} seconds an evening")
print(f"with her code: {len(signal) / len(year):.2f} seconds an evening")

# %% [markdown] name="cross-after"
# Worse than no thinking at all, which took 2 seconds. Two distributions are at work, with different roles:
#
# - $P$ **draws**: it decides how often each kind of weather comes,
# - $Q$ **encodes**: it decides how long its word is, $-\log_2 Q$.
#
# The mean length is the **cross-entropy** of $P$ and $Q$:
#
# $$ H(P, Q) = \mathrm E_{x \sim P}\bigl[-\log_2 Q(x)\bigr] = -\sum_i P_i \log_2 Q_i . $$
#
# ### Exercise: `cross_entropy`
#
# Write `cross_entropy(p, q, base=2)`. `p` and `q` are arrays of shape (n,), floats or integers, each with probabilities
# that add up to 1 (no need to check that). `p` draws, `q` encodes. Return a single number (a float).
#
# - What is never drawn costs nothing: where `p` is 0, the term is 0, even if `q` is 0 there, too.
# - What is drawn but has no word can't be sent at all: if `p` is above 0 and `q` is 0 somewhere, the result is
#   infinite, `np.inf`.
#
# Leave `p` and `q` as they are.
#
# <details><summary>Hint 1</summary>Which outcomes count? Those that are drawn. Select them, in <code>p</code> and in
# <code>q</code>, by the same condition.</details>
# <details><summary>Hint 2</summary>After that selection, NumPy does the rest by itself: <code>-np.log(0.0)</code> is
# <code>inf</code> (with a warning that you may ignore), and 0.1 times <code>inf</code> is <code>inf</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cross_entropy(p, q, base=2):
    """Mean length of the words if p draws and q encodes."""
    ### BEGIN SOLUTION
    drawn = p > 0
    with np.errstate(divide="ignore"):
        return -np.sum(p[drawn] * np.log(q[drawn])) / np.log(base)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "cross_entropy-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("cross_entropy", points=1)
here, there = np.array([0.5, 0.25, 0.125, 0.125]), np.array([0.125, 0.125, 0.25, 0.5])
no_rain, no_word_either = np.array([0.5, 0.0, 0.5]), np.array([0.25, 0.0, 0.75])
some_rain = np.array([0.5, 0.25, 0.25])
check.equal("the weather of the island, his code", here, there, expected=2.625)
check.equal("the same, to base 8", here, there, base=8, expected=0.875)
check.equal("no rain, no word for it", no_rain, no_word_either, expected=1.207518749639422)
check.equal("some rain, no word for it", some_rain, no_word_either, expected=np.inf)
check.report()

# %% nbgrader={"grade": true, "grade_id": "cross_entropy-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks cross_entropy here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("cross_entropy", points=2, hidden=True)


def cross_entropy_rightly(p, q, base=2):
    p, q = np.asarray(p, float), np.asarray(q, float)
    with np.errstate(all="ignore"):
        return float(-np.sum(p[p > 0] * np.log(q[p > 0])) / np.log(base))


check.reference(cross_entropy_rightly)


@check.mistake("`p` and `q` are swapped: `p` draws, so it stands outside the logarithm; `q` encodes, so it stands inside.")
def swapped(p, q, base=2):
    return cross_entropy_rightly(q, p, base)


@check.mistake(
    "A small number is added inside the logarithm (or `q` is clipped at about 1e-12). It hides that the cost is infinite where something"
    " is drawn that has no word."
)
def epsilon(p, q, base=2):
    return -np.sum(p * np.log(q + 1e-12)) / np.log(base)


@check.mistake(
    "A small number is added inside the logarithm (or `q` is clipped at about 1e-15). It hides that the cost is infinite where something"
    " is drawn that has no word."
)
def epsilon_smaller(p, q, base=2):
    return -np.sum(p * np.log(q + 1e-15)) / np.log(base)


@check.mistake(
    "A small number is added inside the logarithm (or `q` is clipped at about 1e-7). It hides that the cost is infinite where something"
    " is drawn that has no word."
)
def epsilon_larger(p, q, base=2):
    return -np.sum(p * np.log(q + 1e-7)) / np.log(base)


@check.mistake(
    "All outcomes are left out where `q` is 0. Leave out those where `p` is 0; where something is drawn that has no word, the result is infinite."
)
def zeros_of_q_dropped(p, q, base=2):
    return -np.sum(p[q > 0] * np.log(q[q > 0])) / np.log(base)


@check.mistake("Where both `p` and `q` are 0, the result is NaN. What is never drawn costs nothing: leave it out.")
def nan_where_both_are_zero(p, q, base=2):
    with np.errstate(all="ignore"):
        return -np.sum(p * np.log(q)) / np.log(base)


@check.mistake("The result is in nats, whatever `base` is. Divide the natural logarithm by the one of `base`.")
def always_nats(p, q, base=2):
    return cross_entropy_rightly(p, q, np.e)


@check.mistake("The argument `base` is ignored: the result is always in bits.")
def base_ignored(p, q, base=2):
    return cross_entropy_rightly(p, q, 2)


@check.mistake("The sign is wrong: the logarithms are negative, and the minus in front makes the lengths positive.")
def minus_missing(p, q, base=2):
    return -cross_entropy_rightly(p, q, base)


@check.mistake("This divides by the number of outcomes. The entries of `p` are the weights of the mean already: add the terms up.")
def mean_of_terms(p, q, base=2):
    return cross_entropy_rightly(p, q, base) / len(p)


@check.mistake("This is the entropy of `p`. Inside the logarithm stands `q`, which encodes.")
def entropy_of_p(p, q, base=2):
    return cross_entropy_rightly(p, p, base)


@check.mistake("This is the entropy of `q`. Outside the logarithm stands `p`, which draws.")
def entropy_of_q(p, q, base=2):
    return cross_entropy_rightly(q, q, base)


@check.mistake("This is only what the wrong code costs more than the right one, H(P, Q) − H(P). The whole mean length is asked for.")
def only_the_extra(p, q, base=2):
    return cross_entropy_rightly(p, q, base) - cross_entropy_rightly(p, p, base)


@check.mistake("Something drawn without a word raises an exception. The exercise asks for the answer infinity, `np.inf`.")
def refuses_infinity(p, q, base=2):
    if np.any((p > 0) & (q == 0)):
        raise ValueError("infinite")
    return cross_entropy_rightly(p, q, base)


@check.mistake("The arguments are changed: assigning to entries changes the caller's arrays. Work on copies, or select entries.")
def changed_in_place(p, q, base=2):
    q[(p == 0) & (q == 0)] = 1
    return cross_entropy_rightly(p, q, base)


rng = np.random.default_rng(24)
check.equal("six outcomes, bits", rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6)))
check.equal("four outcomes, nats", rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4)), np.e)
check.equal("nine outcomes, base 10", rng.dirichlet(np.ones(9)), rng.dirichlet(np.ones(9)), base=10)
check.equal("never drawn, though it has a word", np.array([0.0, 0.7, 0.3]), np.array([0.6, 0.3, 0.1]))
check.equal("never drawn, and without a word", np.array([0.0, 0.7, 0.3, 0.0]), np.array([0.0, 0.2, 0.8, 0.0]), 3)
check.equal("drawn, but without a word", np.array([0.9, 0.1]), np.array([1.0, 0.0]))
check.equal("drawn without a word, seldom, in nats", np.array([0.001, 0.0, 0.999]), np.array([0.0, 0.2, 0.8]), np.e)
check.equal("one certain outcome, integers", np.array([0, 1, 0]), rng.dirichlet(np.ones(3)))
check.equal("integers that miss each other", np.array([0, 1]), np.array([1, 0]))
check.equal("float32", np.array([0.5, 0.5], np.float32), np.array([0.125, 0.875], np.float32), rtol=1e-4, atol=1e-5)
strided = np.array([[0.3, 0.1, 0.6], [0.5, 0.2, 0.3]])
check.equal("views that are not contiguous", strided[0, ::2] / 0.9, strided[1, ::2] / 0.8)
check.unchanged("p and q stay as they are", np.array([0.5, 0.0, 0.5]), np.array([0.3, 0.0, 0.7]))
check.unchanged("p and q stay as they are, nats", np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.e)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="cross-payoff-text"
# **Does it pay off?** Your function should foretell what the lamp takes. Let the weather run for a hundred years
# instead of one.

# %% name="cross-payoff"
with once_solved():
    century = np.random.default_rng(7).choice(4, size=36_500, p=P)
    for whose, code, assumed in [("her", words, P), ("his", his_words, Q)]:
        seconds = np.array([len(code[kind]) for kind in kinds])[century].mean()
        foretold = cross_entropy(P, assumed)
        print(f"{whose} code: {foretold:.3f} seconds foretold, {seconds:.3f} measured")

# %% [markdown] name="errata-bound-text"
# ### Every wrong guess costs
#
# Suppose it rains on 7 of 10 evenings. The successor doesn't know that. He assumes some $q$, and makes the best code
# for it.
#
# One often reads that the cross-entropy *estimates* the entropy. **Predict, then run.** He tries all $q$ from 0 to 1.
# Will the cross-entropy come out sometimes too large and sometimes too small, as an estimate does?

# %% name="errata-bound" errata={"says": "The cross-entropy H(P, Q) estimates H(P).", "correct": "It never lies below H(P), so it is a bound. The gap is the divergence of Q from P."}
my_guess = None

rain = np.array([0.7, 0.3])
guesses = np.linspace(0.01, 0.99, 99)
H = information.entropy(rain)
cross = np.array([information.cross_entropy(rain, [q, 1 - q]) for q in guesses])
below, above = np.sum(cross < H - 1e-12), np.sum(cross > H + 1e-12)
print(f"my guess: {my_guess}    entropy H(P): {H:.4f} bits")
print(f"smallest cross-entropy: {cross.min():.4f} bits, at q = {guesses[cross.argmin()]:.2f}")
print(f"of {len(guesses)} guesses, {below} come out below the entropy and {above} above")

# %% [markdown] name="cross-slider-text"
# Never too small. The cross-entropy is not an estimate of the entropy but a **bound** from above, and it touches at one
# place only, where the guess is right. Move $q$:

# %% name="cross-slider"
plotting.slide(lambda q=0.25: plotting.plot_cross_entropy(0.7, q), q=(0.01, 0.99, 0.01))

# %% [markdown] name="kl-text"
# The gap has a name of its own. It is the **Kullback-Leibler divergence**, or KL divergence:
#
# $$ D(P \,\|\, Q) = H(P, Q) - H(P) = \sum_i P_i \log_2 \frac{P_i}{Q_i} . $$
#
# It says how many bits a message wastes because the code was made for $Q$ while $P$ draws. It is often called a
# distance, but it is none: from $P$ to $Q$ it is not as far as from $Q$ to $P$.
#
# ### Exercise: `kl_divergence`
#
# Write `kl_divergence(p, q, base=2)`, with arguments as for `cross_entropy`: arrays of shape (n,) whose entries add up
# to 1; `p` draws. Return a single number (a float).
#
# - Where `p` is 0, the term is 0, even if `q` is 0 there, too.
# - If `p` is above 0 and `q` is 0 somewhere, the result is infinite, `np.inf`.
#
# Leave `p` and `q` as they are.
#
# <details><summary>Hint 1</summary>Select the outcomes that are drawn, as before.</details>
# <details><summary>Hint 2</summary>The formula is one sum. A single term may be negative; the sum is not. Don't
# "repair" terms.</details>

# %% nbgrader={"grade": false, "grade_id": "kl_divergence", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kl_divergence(p, q, base=2):
    """What it costs that a code was made for q while p draws."""
    ### BEGIN SOLUTION
    drawn = p > 0
    with np.errstate(divide="ignore"):
        return np.sum(p[drawn] * (np.log(p[drawn]) - np.log(q[drawn]))) / np.log(base)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "kl_divergence-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("kl_divergence", points=1)
here, there = np.array([0.5, 0.25, 0.125, 0.125]), np.array([0.125, 0.25, 0.5, 0.125])
no_word, some_rain = np.array([0.5, 0.0, 0.5]), np.array([0.25, 0.25, 0.5])
check.equal("the weather of the island, another code", here, there, expected=0.75)
check.equal("the same, in nats", here, there, base=np.e, expected=0.5198603854199589)
check.equal("the right code wastes nothing", here, here, expected=0.0)
check.equal("some rain, no word for it", some_rain, no_word, expected=np.inf)
check.equal("no rain, though there is a word", no_word, some_rain, expected=0.5)
check.report()

# %% nbgrader={"grade": true, "grade_id": "kl_divergence-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks kl_divergence here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("kl_divergence", points=2, hidden=True)


def divergence_terms(p, q, base=2):
    p, q = np.asarray(p, float), np.asarray(q, float)
    with np.errstate(all="ignore"):
        return p[p > 0] * (np.log(p[p > 0]) - np.log(q[p > 0])) / np.log(base)


def divergence_rightly(p, q, base=2):
    return float(np.sum(divergence_terms(p, q, base)))


check.reference(divergence_rightly)


@check.mistake("Absolute values are taken of the terms. Single terms may be negative; add them up as they are.")
def absolute_terms(p, q, base=2):
    return np.sum(np.abs(divergence_terms(p, q, base)))


@check.mistake("The sign is wrong: the logarithm of p divided by q, not of q divided by p, and no minus in front.")
def wrong_sign(p, q, base=2):
    return -divergence_rightly(p, q, base)


@check.mistake("`p` and `q` are swapped. `p` draws: it is the weight in front of the logarithm, and `q` stands below.")
def swapped(p, q, base=2):
    return divergence_rightly(q, p, base)


@check.mistake("This adds both directions. The divergence goes one way only: `p` draws, `q` encodes.")
def both_directions(p, q, base=2):
    return divergence_rightly(p, q, base) + divergence_rightly(q, p, base)


@check.mistake("This is the mean of both directions. The divergence goes one way only: `p` draws, `q` encodes.")
def mean_of_both_directions(p, q, base=2):
    return (divergence_rightly(p, q, base) + divergence_rightly(q, p, base)) / 2


def mean_length(p, q, base):
    p, q = np.asarray(p, float), np.asarray(q, float)
    with np.errstate(all="ignore"):
        return -np.sum(p[p > 0] * np.log(q[p > 0])) / np.log(base)


@check.mistake("This is the cross-entropy, the whole mean length. Take away what the best code costs, the entropy of `p`.")
def cross_entropy_only(p, q, base=2):
    return mean_length(p, q, base)


@check.mistake("From the cross-entropy, the entropy of `q` is taken away. It must be the one of `p`.")
def less_the_entropy_of_q(p, q, base=2):
    return mean_length(p, q, base) - mean_length(q, q, base)


@check.mistake("The weights are missing: multiply each logarithm by its entry of `p`.")
def without_weights(p, q, base=2):
    return np.sum(divergence_terms(p, q, base) / p[p > 0])


@check.mistake("The weights are the entries of `q`. What is drawn counts: multiply by the entries of `p`.")
def weighted_by_q(p, q, base=2):
    with np.errstate(all="ignore"):
        return np.sum(q[p > 0] * (np.log(p[p > 0]) - np.log(q[p > 0]))) / np.log(base)


@check.mistake("This divides by the number of outcomes. Add the terms up; their weights are in them already.")
def mean_of_terms(p, q, base=2):
    return divergence_rightly(p, q, base) / len(p)


@check.mistake("The result is in nats, whatever `base` is. Divide the natural logarithm by the one of `base`.")
def always_nats(p, q, base=2):
    return divergence_rightly(p, q, np.e)


@check.mistake("The argument `base` is ignored: the result is always in bits.")
def base_ignored(p, q, base=2):
    return divergence_rightly(p, q, 2)


@check.mistake("Where `p` is 0, the result is NaN. What is never drawn costs nothing: leave it out.")
def nan_at_zero(p, q, base=2):
    with np.errstate(all="ignore"):
        return np.sum(p * np.log(np.asarray(p, float) / q)) / np.log(base)


@check.mistake(
    "Outcomes are left out where `q` is 0. Leave out those where `p` is 0; where something is drawn that has no word, the result is infinite."
)
def zeros_of_q_dropped(p, q, base=2):
    both = (p > 0) & (q > 0)
    return divergence_rightly(p[both], q[both], base)


@check.mistake(
    "A small number is added inside the logarithm (or `p` and `q` are clipped at about 1e-12). It hides that the cost is infinite where"
    " something is drawn that has no word."
)
def epsilon(p, q, base=2):
    return np.sum(p * np.log((p + 1e-12) / (q + 1e-12))) / np.log(base)


@check.mistake(
    "A small number is added inside the logarithm (or `p` and `q` are clipped at about 1e-7). It hides that the cost is infinite where"
    " something is drawn that has no word."
)
def epsilon_larger(p, q, base=2):
    return np.sum(p * np.log((p + 1e-7) / (q + 1e-7))) / np.log(base)


@check.mistake("This is half the sum of the differences, another way to compare two distributions. Here, logarithms of p divided by q are asked for.")
def sum_of_differences(p, q, base=2):
    return np.sum(np.abs(np.asarray(p, float) - q)) / 2


@check.mistake("The arguments are changed: assigning to entries changes the caller's arrays. Work on copies, or select entries.")
def changed_in_place(p, q, base=2):
    never = p == 0
    p[never] = 1
    q[never] = 1
    with np.errstate(all="ignore"):
        return np.sum(p * np.log(np.asarray(p, float) / q)) / np.log(base)


rng = np.random.default_rng(25)
check.equal("six outcomes, bits", rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6)))
check.equal("four outcomes, nats", rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4)), np.e)
check.equal("nine outcomes, base 10", rng.dirichlet(np.ones(9)), rng.dirichlet(np.ones(9)), base=10)
check.equal("two outcomes", np.array([0.9, 0.1]), np.array([0.4, 0.6]))
check.equal("never drawn, though it has a word", np.array([0.0, 0.7, 0.3]), np.array([0.6, 0.3, 0.1]))
check.equal("never drawn, and without a word", np.array([0.0, 0.7, 0.3, 0.0]), np.array([0.0, 0.2, 0.8, 0.0]), 3)
check.equal("drawn, but without a word", np.array([0.9, 0.1]), np.array([1.0, 0.0]))
check.equal("drawn without a word, seldom", np.array([0.001, 0.0, 0.999]), np.array([0.0, 0.2, 0.8]), np.e)
check.equal("one certain outcome, integers", np.array([0, 1, 0]), rng.dirichlet(np.ones(3)))
check.equal("float32", np.array([0.5, 0.5], np.float32), np.array([0.125, 0.875], np.float32), rtol=1e-4, atol=1e-5)
strided = np.array([[0.3, 0.1, 0.6], [0.5, 0.2, 0.3]])
check.equal("views that are not contiguous", strided[0, ::2] / 0.9, strided[1, ::2] / 0.8)
check.unchanged("p and q stay as they are", np.array([0.5, 0.0, 0.5]), np.array([0.3, 0.0, 0.7]))
check.unchanged("p and q stay as they are, nats", np.array([0.0, 0.6, 0.4]), np.array([0.2, 0.1, 0.7]), np.e)
check.report()
### END HIDDEN TESTS

# %% [markdown] name="kl-payoff-text"
# **Does it pay off?** Compare with the gap that the successor measured for each of his guesses. And go from $Q$ to $P$,
# too.

# %% name="kl-payoff"
with once_solved():
    gaps = np.array([kl_divergence(rain, np.array([q, 1 - q])) for q in guesses])
    print("the gap is my divergence, at every q:", np.allclose(cross - H, gaps))
    other = np.array([0.25, 0.75])
    there, back = kl_divergence(rain, other), kl_divergence(other, rain)
    print(f"from P to Q: {there:.4f} bits    from Q to P: {back:.4f} bits")

# %% [markdown] name="errata-gibbs-text"
# ### Why never below?
#
# One often reads that $H(P, Q) \ge H(P)$ holds by definition, "because entropy is the minimum". But *that* it is the
# minimum is what has to be shown. What shows it is a straight line: $t - 1$ lies above the curve $\ln t$ and touches it
# at $t = 1$ only.

# %% name="errata-gibbs" errata={"says": "H(P, Q) ≥ H(P) by definition.", "correct": "It has to be shown, by ln t ≤ t − 1. Equality holds only for Q = P."}
t = np.linspace(0.05, 3, 200)
curves = {"t − 1": t - 1, "ln t": np.log(t)}
plotting.show(plotting.plot_curves(t, curves, xlabel="t", ylabel="value"))
distance = t - 1 - np.log(t)
print(f"smallest distance: {distance.min():.4f}, near t = {t[distance.argmin()]:.2f}")

# %% [markdown] name="errata-gibbs-proof"
# Put $t = Q_i / P_i$. In nats, with sums over all outcomes that $P$ draws,
#
# $$ H(P) - H(P, Q) = \sum_i P_i \ln \frac{Q_i}{P_i} \;\le\; \sum_i P_i \Bigl( \frac{Q_i}{P_i} - 1 \Bigr)
# = \sum_i Q_i - \sum_i P_i \;\le\; 1 - 1 = 0 . $$
#
# The first $\le$ is an equality only if $Q_i / P_i = 1$ for all $i$. This is **Gibbs' inequality**. Proofs can have
# gaps, so try to break it: a hundred thousand pairs of distributions, drawn at random.

# %% name="errata-gibbs-search"
rng = np.random.default_rng(8)
draws, codes = rng.dirichlet(np.ones(4), size=(2, 100_000))
waste = np.sum(draws * np.log2(draws / codes), axis=1)
print(f"{len(waste):,} pairs, smallest waste: {waste.min():.6f} bits")
print("pairs with a waste below 0:", np.sum(waste < 0))

# %% [markdown] name="errata-epsilon-text"
# ### Infinitely wrong
#
# The successor is certain that there are no storms here: $Q$ = (½, ¼, ¼, 0). He has no word for a storm. Then a storm
# comes.
#
# Many programs add a tiny number inside the logarithm, so that nothing infinite turns up. **Predict, then run.** What
# will the mean cost be with 1e-3 added? And with 1e-15?

# %% name="errata-epsilon" errata={"says": "A tiny number inside the logarithm keeps the cross-entropy finite, and does no harm.", "correct": "If Q excludes what P draws, it *is* infinite. With the tiny number, the result says more about that number than about P and Q."}
my_guess = None

no_storms = np.array([1 / 2, 1 / 4, 1 / 4, 0])
print(f"my guess: {my_guess}")
for tiny in [1e-3, 1e-7, 1e-15]:
    cost = -np.sum(P * np.log2(no_storms + tiny))
    print(f"{tiny:g} added inside the logarithm: {cost:.2f} bits")
print(f"nothing added: {information.cross_entropy(P, no_storms)} bits")

# %% [markdown] name="errata-epsilon-after"
# Three different answers, and each says more about the tiny number than about the weather. The truth is that no number
# of seconds suffices. Whoever is *certain*, and wrong, pays without limit. Networks learn this the hard way.

# %% [markdown] name="bce-text"
# ## A label is weather, too
#
# Back to the digits of notebook 1. For the network, an image is an island. The label draws: if it is $y = 1$, then
# "one" has probability 1 and "zero" has 0, so $P = (y, 1 - y)$. The network answers $p$ for "one", so it encodes with
# $Q = (p, 1 - p)$. Their cross-entropy is
#
# $$ -y \log p - (1 - y) \log (1 - p) . $$
#
# That is the loss from notebook 1, the **binary cross-entropy**! The cost, its mean over all examples, is the mean
# length of the message that tells the labels to someone who knows what the network said.
#
# Since the weather of one image is certain, $H(P) = 0$, and all of the cost is waste. Training makes the code better by
# changing $Q$; it can't change $P$.

# %% [markdown] name="errata-nats-text"
# Is it really *the same*? One often reads that the cross-entropy with $\log_2$ equals the logistic cost. **Predict,
# then run.** The label is 1 and the network says 0.8. Which number is larger, the loss in bits or the loss of the
# library, and by which factor?

# %% name="errata-nats" errata={"says": "Cross-entropy with log₂ equals the logistic loss.", "correct": "Up to the factor ln 2: bits against nats."}
from chainrule.losses import BinaryCrossentropy

my_guess = None

in_bits = information.cross_entropy([1, 0], [0.8, 0.2])
in_library = BinaryCrossentropy()(np.array([[1.0]]), np.array([[0.8]]))
print(f"my guess: {my_guess}")
print(f"cross-entropy: {in_bits:.4f} bits    loss of the library: {in_library:.4f} nats")
print(f"bits divided by nats: {in_bits / in_library:.4f}    1 / ln 2: {1 / np.log(2):.4f}")

# %% [markdown] name="bce-exercise-text"
# The same but for the unit. Losses use nats, because the derivative of $\ln p$ is simply $1/p$. The factor doesn't move
# the minimum.
#
# ### Exercise: `binary_cross_entropy`
#
# Write `binary_cross_entropy(y, p)`: the mean over m examples of $-y \ln p - (1 - y) \ln (1 - p)$, in nats, as a single
# number (a float).
#
# - `y` holds the m labels. Each is a number from 0 to 1; values in between (*soft* labels: "probably a one") are
#   allowed.
# - `p` holds the m answers of the network, from 0 to 1, both included.
# - Either may have the shape (m,) or (m, 1), floats or integers.
# - Be exact where `p` is 0 or 1. A term whose weight ($y$ or $1 - y$) is 0 counts as 0, whatever its logarithm. If its
#   weight is above 0 and its logarithm is that of 0, the term is infinite, and so is the mean: return `np.inf`.
#
# Don't clip, and leave `y` and `p` as they are.
#
# <details><summary>Hint 1</summary>Make both flat with <code>np.ravel</code>, or a column and a flat array will combine
# to a table of m × m numbers.</details>
# <details><summary>Hint 2</summary>There are two terms: weight <code>y</code> with the logarithm of <code>p</code>,
# weight <code>1 - y</code> with that of <code>1 - p</code>. Treat both in the same way.</details>
# <details><summary>Hint 3</summary><code>np.where(y > 0, p, 1)</code> is <code>p</code> where it counts, and elsewhere
# 1, whose logarithm is 0.</details>

# %% nbgrader={"grade": false, "grade_id": "binary_cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def binary_cross_entropy(y, p):
    """Mean binary cross-entropy of labels y and answers p, in nats."""
    ### BEGIN SOLUTION
    y, p = np.ravel(y), np.ravel(p)
    with np.errstate(divide="ignore"):
        yes = y * np.log(np.where(y > 0, p, 1))
        no = (1 - y) * np.log(np.where(y < 1, 1 - p, 1))
    return -np.mean(yes + no)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "binary_cross_entropy-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("binary_cross_entropy", points=1)
two, answers = np.array([1, 0]), np.array([0.8, 0.4])
two_as_column, soft, half = answers[:, None], np.array([0.25]), np.array([0.5])
right_wrong = np.array([1.0, 0.0]), np.array([0.0, 0.5])
check.equal("two examples", two, answers, expected=0.36698458754700233)
check.equal("answers as a column", two, two_as_column, expected=0.36698458754700233)
check.equal("a soft label", soft, half, expected=0.6931471805599453)
check.equal("certain and right", np.array([1.0, 0.0]), np.array([1.0, 0.0]), expected=0.0)
check.equal("certain and wrong", *right_wrong, expected=np.inf)
check.report()

# %% nbgrader={"grade": true, "grade_id": "binary_cross_entropy-hidden", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks binary_cross_entropy here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("binary_cross_entropy", points=3, hidden=True)


def bce_of_each(y, p):
    with np.errstate(all="ignore"):
        return -(y * np.log(np.where(y > 0, p, 1)) + (1 - y) * np.log(np.where(y < 1, 1 - p, 1)))


def bce_rightly(y, p):
    return float(np.mean(bce_of_each(np.ravel(y), np.ravel(p))))


check.reference(bce_rightly)


@check.mistake(
    "Shapes (m,) and (m, 1) were combined to an m × m table: every label against every answer. Make both flat first."
)
def broadcast(y, p):
    return np.mean(bce_of_each(np.asarray(y), np.asarray(p)))


@check.mistake("This is the sum over the examples; the mean is asked for.")
def summed(y, p):
    return np.sum(bce_of_each(np.ravel(y), np.ravel(p)))


@check.mistake("These are the losses of the examples. One number is asked for: their mean.")
def not_averaged(y, p):
    return bce_of_each(np.ravel(y), np.ravel(p))


@check.mistake("The result is in bits. Losses are in nats: take `np.log`, not `np.log2`.")
def in_bits(y, p):
    return bce_rightly(y, p) / np.log(2)


@check.mistake("The sign is wrong: logarithms of probabilities are negative, and the minus in front makes the loss positive.")
def minus_missing(y, p):
    return -bce_rightly(y, p)


@check.mistake("The term of label 0 is missing: (1 - y) times the logarithm of 1 - p.")
def first_term_only(y, p):
    y, p = np.ravel(y), np.ravel(p)
    with np.errstate(all="ignore"):
        return -np.mean(y * np.log(np.where(y > 0, p, 1)))


@check.mistake("The arguments are swapped: the labels `y` are the weights, and the answers `p` stand in the logarithms.")
def swapped(y, p):
    return bce_rightly(p, y)


@check.mistake("A weight of 0 times an infinite logarithm gives NaN here. Such a term counts as 0: keep its logarithm finite.")
def nan_when_certain(y, p):
    y, p = np.ravel(y), np.ravel(p)
    with np.errstate(all="ignore"):
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@check.mistake(
    "All that is NaN is turned into 0 at the end, or infinities into large numbers (`np.nan_to_num`). An infinite term must stay infinite:"
    " return `np.inf`."
)
def nan_to_num(y, p):
    y, p = np.ravel(y), np.ravel(p)
    with np.errstate(all="ignore"):
        return -np.mean(np.nan_to_num(y * np.log(p)) + np.nan_to_num((1 - y) * np.log(1 - p)))


@check.mistake(
    "Only labels 1 and 0 are treated right: a label in between takes one of the two terms. Both terms count, with the weights y and 1 - y."
)
def hard_branch(y, p):
    y, p = np.ravel(y), np.ravel(p)
    with np.errstate(all="ignore"):
        return -np.mean(np.where(y == 1, np.log(p), np.log(1 - p)))


@check.mistake("The labels are rounded to 0 and 1 first. Soft labels count as they are.")
def rounded_labels(y, p):
    return bce_rightly((np.ravel(y) >= 0.5) * 1.0, p)


@check.mistake("The answers are clipped at 0.01 and 0.99. That changes the loss of every example beyond. Don't clip.")
def clipped_at_one_per_cent(y, p):
    return bce_rightly(y, np.clip(p, 0.01, 0.99))


@check.mistake("The answers are clipped at 1e-7, as Keras does, so the loss of an answer that is certain and wrong is not infinite. Don't clip.")
def clipped_as_in_keras(y, p):
    return bce_rightly(y, np.clip(p, 1e-7, 1 - 1e-7))


@check.mistake(
    "The answers are clipped at about 1e-12 (or that much is added in the logarithm), so the loss of an answer that is certain and wrong is not"
    " infinite. Don't clip."
)
def clipped_finely(y, p):
    return bce_rightly(y, np.clip(p, 1e-12, 1 - 1e-12))


@check.mistake(
    "The answers are clipped at about 1e-15 (or that much is added in the logarithm), so the loss of an answer that is certain and wrong is not"
    " infinite. Don't clip."
)
def clipped_very_finely(y, p):
    return bce_rightly(y, np.clip(p, 1e-15, 1 - 1e-15))


@check.mistake("1e-7 is added inside the logarithms, so no loss is quite right, and none is infinite. Leave the logarithms alone.")
def epsilon(y, p):
    y, p = np.ravel(y), np.ravel(p)
    return -np.mean(y * np.log(p + 1e-7) + (1 - y) * np.log(1 - p + 1e-7))


@check.mistake("The mean leaves out examples whose loss is not finite. An infinite loss makes the mean infinite.")
def infinite_left_out(y, p):
    each = bce_of_each(np.ravel(y), np.ravel(p))
    return np.mean(each[np.isfinite(each)]) if np.isfinite(each).any() else 0.0


@check.mistake("The arguments are changed: assigning to entries changes the caller's arrays. Work on copies.")
def changed_in_place(y, p):
    value = bce_rightly(y, p)
    p[(p == 0) | (p == 1)] = 0
    return value


rng = np.random.default_rng(26)
y, p = rng.integers(0, 2, size=9), np.append(rng.uniform(0.05, 0.95, size=7), [0.0005, 0.9995])
soft = rng.random(7)
check.equal("hard labels, both flat", y, p)
check.equal("hard labels, answers as a column", y, p[:, None])
check.equal("labels as a column, answers flat", y[:, None], p)
check.equal("soft labels, both columns", soft[:, None], rng.random((7, 1)))
check.equal("soft labels, answers as a column", soft, rng.random((7, 1)))
check.equal("certain and right among others", np.array([1, 0, 1, 0.5]), np.array([1.0, 0.0, 0.25, 0.125]))
check.equal("all certain and right, integers", np.array([1, 0, 0, 1]), np.array([1, 0, 0, 1]))
check.equal("certain and wrong, label 0", np.array([0, 1, 0]), np.array([1.0, 0.5, 0.25]))
check.equal("certain and wrong, label 1, a column", np.array([1, 0]), np.array([[0.0], [0.25]]))
check.equal("certain, but the label is soft", np.array([0.75, 0.5]), np.array([1.0, 0.5]))
check.equal("a single example", np.array([0.75]), np.array([[0.125]]))
check.equal("float32", np.array([1, 0, 1], np.float32), np.array([0.75, 0.5, 0.125], np.float32), rtol=1e-4, atol=1e-5)
check.equal("views that are not contiguous", soft[::2], rng.random((4, 2))[:, 1])
check.unchanged("labels and a column stay as they are", np.array([1, 0, 1]), np.array([[1.0], [0.0], [0.25]]))
check.unchanged("certain arguments stay as they are", np.array([1.0, 0.0, 0.5]), np.array([1.0, 0.0, 0.75]))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="bce-payoff-text"
# **Does it pay off?** Build a network for the zeros and ones of notebook 1, and let *your* function judge it on images
# that it has not seen.

# %% name="digits"
from chainrule import Sequential
from chainrule.datasets import load_digits
from chainrule.layers import Dense

X, Y = load_digits(classes=(0, 1))
order = np.random.default_rng(0).permutation(len(X))
X_train, Y_train = X[order[:270]], Y[order[:270]]
X_test, Y_test = X[order[270:]], Y[order[270:]]
layers = [Dense(25, "sigmoid"), Dense(15, "sigmoid"), Dense(1, "sigmoid")]
network = Sequential(layers, rng=np.random.default_rng(1))
network.compile(loss="binary_crossentropy")
network.build((None, 64))

# %% [markdown] name="bce-payoff-guess"
# **Predict, then run.** How many bits an image does it cost when both sides have the untrained network, which knows
# nothing? And after 50 epochs of training, and 100 more?

# %% name="bce-payoff"
my_guess = None

share = np.mean(Y_test)
print(f"my guess: {my_guess}")
print(f"without any network: {information.binary_entropy(share):.4f} bits an image")
with once_solved():
    for more_epochs in [0, 50, 100]:
        if more_epochs:
            network.fit(X_train, Y_train, epochs=more_epochs, verbose=0)
        nats = binary_cross_entropy(Y_test, network.predict(X_test, verbose=0))
        theirs = network.evaluate(X_test, Y_test, verbose=0)
        print(f"{more_epochs:3} more epochs: {nats:.4f} nats, the library says {theirs:.4f}")
        print(f"    that is {nats / np.log(2):.4f} bits an image")

# %% [markdown] name="bce-payoff-after"
# The untrained network is of no more use than a coin. The trained one leaves next to nothing to be told. The knowledge
# has moved from the message into the weights: training is a kind of compression.

# %% [markdown] name="mle-text"
# ### The same loss from another side
#
# Statistics has its own way to choose $p$, older than information theory: **maximum likelihood**. Which $p$ makes what
# was seen most probable? If the labels are independent, the probability of all of them, the *likelihood*, is the
# product of $p$ for each 1 and $1 - p$ for each 0.
#
# **Predict, then run.** Ten labels, seven of them 1. One answer $p$ for all. Which $p$ has the largest likelihood, and
# which the smallest binary cross-entropy?

# %% name="mle"
my_guess = None

labels = np.array([1, 0, 1, 1, 0, 1, 1, 1, 0, 1])
answers = np.linspace(0.01, 0.99, 99)
likelihood = np.array([np.prod(np.where(labels == 1, p, 1 - p)) for p in answers])
print(f"my guess: {my_guess}    likelihood largest at {answers[likelihood.argmax()]:.2f}")
with once_solved():
    loss = np.array([binary_cross_entropy(labels, np.full(10, p)) for p in answers])
    print(f"loss smallest at {answers[loss.argmin()]:.2f}")
    print("loss = -ln(likelihood) / m:", np.allclose(loss, -np.log(likelihood) / 10))
    print(f"smallest loss: {loss.min() / np.log(2):.4f} bits")
    print(f"H(0.7):        {information.binary_entropy(0.7):.4f} bits")
    scaled = likelihood / likelihood.max()
    curves = {"likelihood / its largest value": scaled, "binary cross-entropy in nats": loss}
    plotting.show(plotting.plot_curves(answers, curves, xlabel="the answer p", ylabel="value"))

# %% [markdown] name="mle-after"
# The logarithm turns the product into a sum, the minus turns the largest into the smallest, and dividing by m makes it
# a mean. So both ways lead to the same formula: the most probable explanation is the one that makes the data cheapest
# to send. And the best constant answer is the relative frequency, 7 of 10; its cost is the entropy of that frequency.
# To get below, the network has to look at the images.

# %% [markdown] name="logits-text"
# ## Exact, even when certain
#
# One problem is left. Before the sigmoid, the network has a number $z$, the **logit**, and $p = 1 / (1 + e^{-z})$. The
# computer rounds $p$. **Predict, then run.** The label is 0, but the network is sure of "one". From which $z$ on will
# $p$ be rounded to exactly 1, so that the loss is infinite: about 40, 400 or 4000?

# %% name="logits"
my_guess = None

print("my guess:", my_guess)
loss_from_z, label = BinaryCrossentropy(from_logits=True), np.zeros((1, 1))
for z in [10.0, 30.0, 36.0, 37.0, 1000.0]:
    p = 1 / (1 + np.exp(-z))
    from_p = information.cross_entropy([0, 1], [p, 1 - p], base=np.e)
    from_z = loss_from_z(label, np.array([[z]]))
    print(f"z = {z:4.0f}: 1 - p = {1 - p:8.3g}   from p: {from_p:9.6f}   from z: {from_z:.6f}")

# %% [markdown] name="logits-exercise-text"
# From $p$, digits get lost early (compare the last two columns), and then all is lost. Yet the true loss is harmless:
# it is close to $z$. So never make $p$ at all. With
#
# $$ -\ln p = \ln\bigl(1 + e^{-z}\bigr), \qquad -\ln (1 - p) = \ln\bigl(1 + e^{z}\bigr) $$
#
# the loss of an example is $\; y \ln(1 + e^{-z}) + (1 - y) \ln(1 + e^{z})$. But careful: $e^{1000}$ is too large for
# the computer, too, and becomes infinite.
#
# ### Exercise: `bce_from_logits`
#
# Write `bce_from_logits(y, z)`: the mean binary cross-entropy, in nats, of m labels and m logits, as a single number (a
# float).
#
# - `y` holds labels from 0 to 1, soft ones included; `z` holds any real numbers.
# - Either may have the shape (m,) or (m, 1), floats or integers.
# - The result must be right to 7 digits even for $|z| = 1000$. (Warnings don't matter; the result does.)
#
# Leave `y` and `z` as they are.
#
# <details><summary>Hint 1</summary>For large z, 1 + e<sup>z</sup> is as good as e<sup>z</sup>, and its logarithm is z.
# For a formula that never overflows, take that part out: ln(1 + e<sup>z</sup>) = z + ln(1 + e<sup>−z</sup>). Good for
# positive z. And for negative z?</details>
# <details><summary>Hint 2</summary>Both cases in one: ln(1 + e<sup>z</sup>) = max(z, 0) + ln(1 + e<sup>−|z|</sup>). The
# exponent is never positive.</details>
# <details><summary>Hint 3</summary>NumPy has this as a function: <code>np.logaddexp(0, z)</code>.</details>

# %% nbgrader={"grade": false, "grade_id": "bce_from_logits", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bce_from_logits(y, z):
    """Mean binary cross-entropy of labels y and logits z, in nats."""
    ### BEGIN SOLUTION
    y, z = np.ravel(y), np.ravel(z)
    return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z))))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "bce_from_logits-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check = Checks("bce_from_logits", points=1)
two, logits = np.array([1, 0]), np.array([2.0, -1.0])
large = np.array([1000.0, 1000.0])
check.equal("two examples", two, logits, expected=0.22009484985434743)
check.equal("logits as a column", two, logits[:, None], expected=0.22009484985434743)
check.equal("a soft label", np.array([0.25]), np.array([4.0]), expected=3.018149927917809)
check.equal("z = 1000, right and wrong", two, large, expected=500.0)
check.equal("z = -1000, wrong and right", two, -large, expected=500.0)
check.report()

# %% nbgrader={"grade": true, "grade_id": "bce_from_logits-hidden", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} jupyter={"source_hidden": true}
# Your teacher checks bce_from_logits here with more examples.
### BEGIN HIDDEN TESTS
check = Checks("bce_from_logits", points=2, hidden=True)


def bce_of_each_logit(y, z):
    return np.logaddexp(0, z) - y * z


def bce_of_logits_rightly(y, z):
    return float(np.mean(bce_of_each_logit(np.ravel(y), np.ravel(z))))


check.reference(bce_of_logits_rightly)


def bce_from_p(y, p):
    y, p = np.ravel(y), np.ravel(p)
    with np.errstate(all="ignore"):
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def sigmoid_of(z):
    with np.errstate(all="ignore"):
        return 1 / (1 + np.exp(-np.ravel(z).astype(float)))


@check.mistake(
    "The sigmoid is taken and its result clipped at 1e-7, so no loss is larger than 16.12. Put the formula together with z itself; don't make p."
)
def clipped_as_in_keras(y, z):
    return bce_from_p(y, np.clip(sigmoid_of(z), 1e-7, 1 - 1e-7))


@check.mistake(
    "The sigmoid is taken and its result clipped at about 1e-12, so no loss is larger than 27.7. Put the formula together with z itself; don't make p."
)
def clipped_finely(y, z):
    return bce_from_p(y, np.clip(sigmoid_of(z), 1e-12, 1 - 1e-12))


@check.mistake(
    "The sigmoid is taken and its result clipped at about 1e-15, so no loss is larger than 34.6. Put the formula together with z itself; don't make p."
)
def clipped_very_finely(y, z):
    return bce_from_p(y, np.clip(sigmoid_of(z), 1e-15, 1 - 1e-15))


@check.mistake("The sigmoid is rounded to 0 or 1 for large z, and the result is NaN or infinite. Don't make p; use z in the formula itself.")
def by_way_of_p(y, z):
    return bce_from_p(y, sigmoid_of(z))


@check.mistake(
    "The sigmoid is rounded to 0 or 1 for large z, and terms of weight 0 are repaired, but the others become infinite. Don't make p;"
    " use z in the formula itself."
)
def by_way_of_p_repaired(y, z):
    y, p = np.ravel(y), sigmoid_of(z)
    with np.errstate(all="ignore"):
        return -np.mean(y * np.log(np.where(y > 0, p, 1)) + (1 - y) * np.log(np.where(y < 1, 1 - p, 1)))


@check.mistake("An exponential overflows for large |z|. Rewrite the formula so that the exponent is never positive.")
def overflow(y, z):
    y, z = np.ravel(y), np.ravel(z).astype(float)
    with np.errstate(all="ignore"):
        return np.mean(np.log(1 + np.exp(z)) - y * z)


@check.mistake("An exponential overflows for large negative z: the exponent is -z. It needs the absolute value: -|z|.")
def absolute_value_missing(y, z):
    y, z = np.ravel(y), np.ravel(z).astype(float)
    with np.errstate(all="ignore"):
        return np.mean(np.maximum(z, 0) - y * z + np.log1p(np.exp(-z)))


@check.mistake("The sigmoid is applied twice: once before the formula and once in it. The formula takes z.")
def sigmoid_twice(y, z):
    return bce_of_logits_rightly(y, sigmoid_of(z))


@check.mistake("`z` is taken for a probability. It is a logit: p is the sigmoid of z.")
def sigmoid_missing(y, z):
    return bce_from_p(y, np.ravel(z).astype(float))


@check.mistake("The sign of y times z is wrong: a large z makes the loss of label 1 small, so y·z is subtracted.")
def plus_y_z(y, z):
    y, z = np.ravel(y), np.ravel(z)
    return np.mean(np.logaddexp(0, z) + y * z)


@check.mistake("The sign of `z` is wrong, or the two labels are swapped: a large z speaks for label 1.")
def labels_swapped(y, z):
    return bce_of_logits_rightly(1 - np.ravel(y), z)


@check.mistake("y·z is missing: this is the loss as if all labels were 0.")
def as_if_all_zero(y, z):
    return np.mean(np.logaddexp(0, np.ravel(z)))


@check.mistake("The term ln(1 + e^−|z|) is missing. It is small only where |z| is large.")
def small_term_missing(y, z):
    y, z = np.ravel(y), np.ravel(z)
    return np.mean(np.maximum(z, 0) - y * z)


@check.mistake(
    "Only labels 1 and 0 are treated right: a label in between takes one of the two terms. Both terms count, with the weights y and 1 - y."
)
def hard_branch(y, z):
    y, z = np.ravel(y), np.ravel(z)
    return np.mean(np.where(y == 1, np.logaddexp(0, -z), np.logaddexp(0, z)))


@check.mistake("This is the sum over the examples; the mean is asked for.")
def summed(y, z):
    return np.sum(bce_of_each_logit(np.ravel(y), np.ravel(z)))


@check.mistake("These are the losses of the examples. One number is asked for: their mean.")
def not_averaged(y, z):
    return bce_of_each_logit(np.ravel(y), np.ravel(z))


@check.mistake("The result is in bits. Losses are in nats.")
def in_bits(y, z):
    return bce_of_logits_rightly(y, z) / np.log(2)


@check.mistake(
    "Shapes (m,) and (m, 1) were combined to an m × m table: every label against every logit. Make both flat first."
)
def broadcast(y, z):
    return np.mean(bce_of_each_logit(np.asarray(y), np.asarray(z)))


rng = np.random.default_rng(27)
y, z = rng.integers(0, 2, size=8), rng.normal(0, 3, size=8)
soft = rng.random(6)
check.equal("hard labels, both flat", y, z)
check.equal("hard labels, logits as a column", y, z[:, None])
check.equal("soft labels as a column, logits flat", soft[:, None], rng.normal(0, 3, size=6))
check.equal("soft labels, both columns", soft[:, None], rng.normal(0, 5, size=(6, 1)))
check.equal("one logit of 40, label 0", np.array([0.0]), np.array([40.0]))
check.equal("one logit of -40, label 1", np.array([1, 0]), np.array([[-40.0], [0.5]]))
check.equal("logits of 1000 and -1000, hard labels", np.array([1, 0, 1, 0]), np.array([1000.0, -1000.0, -1000.0, 1000.0]))
check.equal("logits of 1000 and -1000, all right", np.array([1, 0]), np.array([1000.0, -1000.0]))
check.equal("logits of 1000 and -1000, soft labels", np.array([0.25, 0.5]), np.array([1000.0, -1000.0]))
check.equal("integers", np.array([1, 0, 0]), np.array([-3, 2, 0]))
check.equal("a single example", np.array([0.75]), np.array([[-0.5]]))
check.equal("float32", np.array([1, 0, 1], np.float32), np.array([0.75, 2.5, -90.0], np.float32), rtol=1e-4, atol=1e-5)
check.equal("views that are not contiguous", soft[::2], rng.normal(size=(3, 2))[:, 1])
check.unchanged("the arguments stay as they are", soft, rng.normal(0, 300, size=(6, 1)))
check.report()
### END HIDDEN TESTS

# %% [markdown] name="training-text"
# ## Your loss trains a network
#
# **Does it pay off?** Give *your* function to the library as the loss. It asks for the loss of each example, so call
# yours once for each. How the loss changes when a logit moves, the library finds out by moving it a little; it needs
# nothing but your function. Then train the same network, from the same start, with the loss of the library.
#
# **Predict, then run.** Two separate trainings, 60 epochs each. How far apart will the two loss curves be?

# %% name="training"
my_guess = None

def my_loss(y, z):
    return np.array([bce_from_logits(y[i], z[i]) for i in range(len(y))])

def train(loss):
    layers = [Dense(25, "sigmoid"), Dense(15, "sigmoid"), Dense(1)]
    network = Sequential(layers, rng=np.random.default_rng(1))
    network.compile(loss=loss)
    return network, network.fit(X_train, Y_train, epochs=60, verbose=0).history["loss"]

with once_solved():
    mine, my_losses = train(my_loss)
    theirs, their_losses = train(BinaryCrossentropy(from_logits=True))
    apart = np.max(np.abs(np.subtract(my_losses, their_losses)))
    right = np.mean((mine.predict(X_test, verbose=0).ravel() > 0) == Y_test)
    print(f"my guess: {my_guess}    less than 0.001 nats apart: {bool(apart < 1e-3)}")
    print(f"trained with my loss, right on the test images: {right:.3f}")
    bits = {"the library's loss": np.array(their_losses) / np.log(2)}
    bits["my loss"] = np.array(my_losses) / np.log(2)
    labels = {"xlabel": "epoch", "ylabel": "bits an image"}
    plotting.show(plotting.plot_curves(np.arange(1, 61), bits, **labels))

# %% [markdown] name="summary"
# ## What a surprise costs
#
# | question | answer | you wrote |
# |---|---|---|
# | What does an outcome of probability $P$ cost? | its surprise, $-\log_2 P$ bits | |
# | What does it cost on average? | the entropy $H(P)$; no code does better | `entropy`, `binary_entropy` |
# | Which code comes close? | Huffman's: $H \le L < H + 1$, closer in blocks | `huffman_lengths` |
# | And a code made for $Q$, if $P$ draws? | the cross-entropy $H(P, Q) \ge H(P)$ | `cross_entropy` |
# | How much of that is waste? | $D(P \,\|\, Q) = H(P, Q) - H(P)$; zero only if $Q = P$ | `kl_divergence` |
# | What does a network lower in training? | cross-entropy of labels and answers | `binary_cross_entropy`, `bce_from_logits` |
#
# **What was left out.** The characters of a text are not independent: after a q comes a u. Codes that use this get
# below the entropy of single characters, and so do `zip` and language models. A lower cross-entropy is not the same as
# more right answers: the loss also asks how *sure* the network is. And a code as good as the entropy needs long blocks,
# or *arithmetic coding*, which makes one number of the whole message. How the loss is made smaller, with derivatives,
# comes in notebooks 5 and 6. What the sigmoid is good for comes next.
#
# **Where this lives in Keras, PyTorch and SciPy.**
#
# | here | Keras | PyTorch | SciPy |
# |---|---|---|---|
# | `entropy` | | `torch.distributions.Categorical(p).entropy()` | `scipy.stats.entropy(p)` |
# | `kl_divergence` | `keras.losses.KLDivergence()` | `torch.nn.KLDivLoss()` | `scipy.stats.entropy(p, q)` |
# | `cross_entropy` | `keras.losses.CategoricalCrossentropy()` | `torch.nn.CrossEntropyLoss()` | |
# | `binary_cross_entropy` | `keras.losses.BinaryCrossentropy()` | `torch.nn.BCELoss()` | |
# | `bce_from_logits` | `BinaryCrossentropy(from_logits=True)` | `torch.nn.BCEWithLogitsLoss()` | |
#
# They all count in nats, and they differ in details: SciPy divides `p` by its sum instead of refusing it; Keras keeps
# probabilities 1e-7 away from 0 and 1; PyTorch cuts the logarithms in `BCELoss` off at −100, `CrossEntropyLoss` takes
# logits, and `KLDivLoss` takes the logarithm of $q$ first, then $p$.
#
# Entropy: C. E. Shannon, *A Mathematical Theory of Communication*, 1948. The code: D. A. Huffman, *A Method for the
# Construction of Minimum-Redundancy Codes*, 1952. The digits: see notebook 1.
