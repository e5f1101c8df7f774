"""Right answers to unit 02, written as students write them."""

# %% entropy: a loop
import math
def entropy(p, base=2):
    total = 0
    h = 0
    for value in p:
        if value < 0:
            raise ValueError("negative probability")
        total += value
        if value > 0:
            h -= value * math.log(value, base)
    if abs(total - 1) > 1e-6:
        raise ValueError("probabilities must sum to 1")
    return h

# %% entropy: where, with the warnings it brings
def entropy(p, base=2):
    if (p < 0).any() or not np.isclose(p.sum(), 1):
        raise ValueError(p)
    terms = np.where(p == 0, 0, p * np.log2(p))
    return float(-terms.sum() / np.log2(base))

# %% entropy: nansum over all
def entropy(p, base=2):
    p = np.array(p, dtype=float)
    if min(p) < 0 or round(sum(p), 6) != 1:
        raise ValueError("no distribution")
    return -np.nansum(p * np.log(p) / np.log(base))

# %% entropy: dot product, zeros replaced in a copy
def entropy(p, base=2):
    if not np.all(p >= 0):
        raise ValueError("negative")
    if not math.isclose(np.sum(p), 1, abs_tol=1e-6):
        raise ValueError("sum")
    safe = p.astype(float)
    safe[safe == 0] = 1
    return np.dot(p, -np.log(safe)) / np.log(base)
import math

# %% binary_entropy: masked logarithms
def binary_entropy(p):
    p = np.asarray(p, dtype=float)
    h = np.zeros_like(p)
    inside = (p > 0) & (p < 1)
    x = p[inside]
    h[inside] = -(x * np.log2(x) + (1 - x) * np.log2(1 - x))
    return h if h.ndim else float(h)

# %% binary_entropy: nan_to_num
def binary_entropy(p):
    p = p * 1.0
    return np.nan_to_num(-p * np.log2(p) - (1 - p) * np.log2(1 - p)) if np.ndim(p) else float(
        0 if p in (0, 1) else -p * np.log2(p) - (1 - p) * np.log2(1 - p)
    )

# %% binary_entropy: vectorized scalar function
import math
def binary_entropy(p):
    def one(x):
        x = float(x)
        if x == 0 or x == 1:
            return 0.0
        return -x * math.log(x, 2) - (1 - x) * math.log(1 - x, 2)
    return np.vectorize(one, otypes=[float])(p)[()]

# %% binary_entropy: two copies, one log each
def binary_entropy(p):
    both = np.stack([np.asarray(p), 1 - np.asarray(p)])
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(both == 0, 0.0, both * np.log2(both))
    return -terms.sum(axis=0)

# %% huffman_lengths: heapq with counters
import heapq
def huffman_lengths(p):
    n = len(p)
    if n == 1:
        return np.array([1])
    heap = [(p[i], i, (i,)) for i in range(n)]
    heapq.heapify(heap)
    lengths = [0] * n
    count = n
    while len(heap) > 1:
        a, _, s = heapq.heappop(heap)
        b, _, t = heapq.heappop(heap)
        for i in s + t:
            lengths[i] += 1
        heapq.heappush(heap, (a + b, count, s + t))
        count += 1
    return np.array(lengths)

# %% huffman_lengths: a recursive tree
def huffman_lengths(p):
    nodes = [(float(value), index) for index, value in enumerate(p)]
    while len(nodes) > 1:
        nodes = sorted(nodes, key=lambda node: node[0])
        nodes = nodes[2:] + [(nodes[0][0] + nodes[1][0], (nodes[0][1], nodes[1][1]))]
    lengths = np.zeros(p.shape, dtype=np.int32)
    def walk(tree, depth):
        if isinstance(tree, tuple):
            walk(tree[0], depth + 1)
            walk(tree[1], depth + 1)
        else:
            lengths[tree] = max(depth, 1)
    walk(nodes[0][1], 0)
    return lengths

# %% huffman_lengths: two queues
def huffman_lengths(p):
    order = np.argsort(p)
    leaves = [(p[i], [i]) for i in order]
    merged = []
    lengths = np.zeros(len(p), int)
    if len(p) == 1:
        lengths += 1
    def smallest():
        if not merged or (leaves and leaves[0][0] <= merged[0][0]):
            return leaves.pop(0)
        return merged.pop(0)
    while len(leaves) + len(merged) > 1:
        a, s = smallest()
        b, t = smallest()
        lengths[s + t] += 1
        merged.append((a + b, s + t))
    return lengths

# %% huffman_lengths: parents by number, later ones first among ties
def huffman_lengths(p):
    n = len(p)
    if n == 1:
        return np.ones(1, dtype=int)
    weight = list(p)
    parent = {}
    alive = list(range(n))
    while len(alive) > 1:
        alive.sort(key=lambda k: (-weight[k], k))
        i, j = alive.pop(), alive.pop()
        parent[i] = parent[j] = len(weight)
        alive.append(len(weight))
        weight.append(weight[i] + weight[j])
    out = []
    for k in range(n):
        depth = 0
        while k in parent:
            k = parent[k]
            depth += 1
        out.append(depth)
    return np.asarray(out)

# %% cross_entropy: a loop with cases
import math
def cross_entropy(p, q, base=2):
    h = 0.0
    for a, b in zip(p, q):
        if a == 0:
            continue
        if b == 0:
            return math.inf
        h -= a * math.log(b) / math.log(base)
    return h

# %% cross_entropy: where
def cross_entropy(p, q, base=2):
    return np.sum(np.where(p > 0, -p * np.log2(np.where(p > 0, q, 1)), 0)) / np.log2(base)

# %% cross_entropy: infinity first, then a dot product
def cross_entropy(p, q, base=2):
    if ((p > 0) & (q == 0)).any():
        return np.float64("inf")
    p, q = p.astype(float), q.astype(float)
    keep = np.flatnonzero(p)
    return -(p[keep] @ np.log(q[keep])) / np.log(base)

# %% cross_entropy: entropy plus divergence
def cross_entropy(p, q, base=2):
    m = p != 0
    h = -sum(p[m] * np.log(p[m]))
    d = sum(p[m] * np.log(p[m] / q[m]))
    return (h + d) / np.log(base)

# %% kl_divergence: a loop with cases
import math
def kl_divergence(p, q, base=2):
    d = 0.0
    for a, b in zip(p.tolist(), q.tolist()):
        if a > 0 and b > 0:
            d += a * math.log(a / b, base)
        elif a > 0:
            return float("inf")
    return d

# %% kl_divergence: difference of two entropies
def kl_divergence(p, q, base=2):
    drawn = p > 0
    a, b = p[drawn], q[drawn]
    cross = -np.sum(a * np.log2(b))
    own = -np.sum(a * np.log2(a))
    return (cross - own) / np.log2(base)

# %% kl_divergence: ratio, never below zero
def kl_divergence(p, q, base=2):
    index = np.nonzero(p)
    with np.errstate(divide="ignore"):
        ratio = p[index] / q[index]
    return max(0.0, float((p[index] * np.log(ratio)).sum() / np.log(base)))

# %% kl_divergence: filled copies
def kl_divergence(p, q, base=2):
    pp = np.where(p == 0, 1.0, p)
    qq = np.where(p == 0, 1.0, q)
    return -np.sum(p * (np.log(qq) - np.log(pp))) / np.log(base)

# %% binary_cross_entropy: a loop with cases
import math
def binary_cross_entropy(y, p):
    y, p = y.flatten(), p.flatten()
    total = 0.0
    for yi, pi in zip(y, p):
        for weight, chance in ((yi, pi), (1 - yi, 1 - pi)):
            if weight > 0:
                total += math.inf if chance == 0 else -weight * math.log(chance)
    return total / len(y)

# %% binary_cross_entropy: nan means a weight of zero
def binary_cross_entropy(y, p):
    y = np.reshape(y, -1).astype(float)
    p = np.reshape(p, -1).astype(float)
    with np.errstate(all="ignore"):
        yes, no = -y * np.log(p), -(1 - y) * np.log(1 - p)
    yes[y == 0] = 0
    no[y == 1] = 0
    return (yes + no).mean()

# %% binary_cross_entropy: columns, and log1p
def binary_cross_entropy(y, p):
    y, p = y.reshape(-1, 1), p.reshape(-1, 1)
    pos, neg = y > 0, y < 1
    total = -np.sum(y[pos] * np.log(p[pos])) - np.sum((1 - y[neg]) * np.log1p(-p[neg]))
    return total / y.size

# %% binary_cross_entropy: stacked
def binary_cross_entropy(y, p):
    weight = np.concatenate([np.ravel(y), 1 - np.ravel(y)])
    chance = np.concatenate([np.ravel(p), 1 - np.ravel(p)])
    used = weight != 0
    return float(np.sum(weight[used] * -np.log(chance[used]))) / np.size(y)

# %% bce_from_logits: logaddexp
def bce_from_logits(y, z):
    y, z = np.ravel(y), np.ravel(z)
    return np.mean(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z))

# %% bce_from_logits: two branches, with the warnings they bring
def bce_from_logits(y, z):
    y, z = y.reshape(-1).astype(float), z.reshape(-1).astype(float)
    softplus = np.where(z > 0, z + np.log(1 + np.exp(-z)), np.log(1 + np.exp(z)))
    return np.average(softplus - y * z)

# %% bce_from_logits: a loop in plain Python
import math
def bce_from_logits(y, z):
    total = 0
    for yi, zi in zip(np.ravel(y).tolist(), np.ravel(z).tolist()):
        total += max(zi, 0) - yi * zi + math.log(1 + math.exp(-abs(zi)))
    return total / len(y)

# %% bce_from_logits: columns and a linear tail
def bce_from_logits(y, z):
    y, z = np.asarray(y, float).reshape(-1, 1), np.asarray(z, float).reshape(-1, 1)
    big = np.abs(z) > 30
    s = np.log1p(np.exp(np.where(big, 0, z)))
    s = np.where(big, np.maximum(z, 0), s)
    return float((s - y * z).mean())
