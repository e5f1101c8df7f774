"""Right answers to unit 04, written as students write them."""

# %% collapse: from the last layer back
def collapse(layers):
    W = np.eye(layers[-1][0].shape[1])
    b = np.zeros(W.shape[0])
    for V, c in reversed(layers):
        b = b + c @ W
        W = V @ W
    return W, b

# %% collapse: probes, zero and the unit vectors go through all layers
def collapse(layers):
    n = layers[0][0].shape[0]
    A = np.vstack([np.zeros(n), np.eye(n)])
    for W, b in layers:
        A = A @ W + b
    return A[1:] - A[0], A[0]

# %% collapse: one augmented matrix
def collapse(layers):
    M = np.identity(len(layers[0][0]) + 1)
    for W, b in layers:
        n, j = W.shape
        step = np.zeros((n + 1, j + 1))
        step[0, 0] = 1
        step[0, 1:] = b
        step[1:, 1:] = W
        M = M @ step
    return M[1:, 1:], M[0, 1:]

# %% collapse: recursion, a list as the answer
def collapse(layers):
    if len(layers) == 1:
        return layers[0]
    (W1, b1), (W2, b2), *rest = layers
    return collapse([(np.matmul(W1, W2), np.matmul(b1, W2) + b2)] + rest)

# %% collapse: copies, then in place; loops for the bias
def collapse(layers):
    W, b = np.array(layers[0][0], dtype=float), np.array(layers[0][1], dtype=float)
    i = 1
    while i < len(layers):
        V, c = layers[i]
        new = np.zeros(V.shape[1])
        for k in range(V.shape[1]):
            for f in range(V.shape[0]):
                new[k] += b[f] * V[f, k]
            new[k] += c[k]
        W, b = W.dot(V), new
        i += 1
    return [W, b]

# %% collapsed_rank: a loop
def collapsed_rank(widths):
    rank = widths[0]
    for width in widths[1:]:
        if width < rank:
            rank = width
    return rank

# %% collapsed_rank: a NumPy integer
def collapsed_rank(widths):
    return np.min(widths)

# %% collapsed_rank: sorted
def collapsed_rank(widths):
    return sorted(widths)[0]

# %% collapsed_rank: measured on random matrices
def collapsed_rank(widths):
    rng = np.random.default_rng(0)
    W = np.eye(widths[0])
    for n, j in zip(widths, widths[1:]):
        W = W @ rng.normal(size=(n, j))
    return int(np.linalg.matrix_rank(W))

# %% is_affine: several t for each pair, with allclose
def is_affine(f, n, rng):
    p, q = rng.uniform(-5, 5, (1000, n)), rng.uniform(-5, 5, (1000, n))
    for _ in range(3):
        t = rng.uniform(-2, 3, (1000, 1))
        if not np.allclose(f(p + t * (q - p)), f(p) + t * (f(q) - f(p)), rtol=0, atol=1e-6):
            return False
    return True

# %% is_affine: pair by pair
def is_affine(f, n, rng):
    for _ in range(1000):
        p = rng.uniform(-5, 5, size=(1, n))
        q = rng.uniform(-5, 5, size=(1, n))
        t = rng.uniform(-2, 3)
        for left, right in zip(np.ravel(f((1 - t) * p + t * q)), np.ravel((1 - t) * f(p) + t * f(q))):
            if abs(left - right) > 1e-6:
                return False
    return True

# %% is_affine: a NumPy bool, with the other form of the equation
def is_affine(f, n, rng):
    m = 5000
    p = 10 * rng.random((m, n)) - 5
    q = 10 * rng.random((m, n)) - 5
    t = 5 * rng.random((m, 1)) - 2
    return np.all(np.abs(f(p * (1 - t) + q * t) - f(p) * (1 - t) - f(q) * t) < 1e-6)

# %% is_affine: everything in one call of f
def is_affine(f, n, rng):
    points = rng.uniform(-5, 5, size=(2000, n))
    t = rng.uniform(-2, 3, size=2000)[:, None][:1000]
    walk = points[:1000] + t * (points[1000:] - points[:1000])
    values = f(np.concatenate([points, walk]))
    p, q, w = values[:1000], values[1000:2000], values[2000:]
    return not (np.abs(w - (p + t * (q - p))) > 1e-6).any()

# %% relu_curve: a loop over the knots
def relu_curve(knots, slopes, y0):
    w, b, v = [], [], []
    before = 0
    for knot, slope in zip(knots, slopes):
        w.append(1.0)
        b.append(-float(knot))
        v.append(float(slope) - before)
        before = float(slope)
    return np.array(w), np.array(b), np.array(v), float(y0)

# %% relu_curve: size of the change inside, its sign outside
def relu_curve(knots, slopes, y0):
    change = np.array(slopes, dtype=float)
    change[1:] -= slopes[:-1]
    w = np.abs(change)
    return w, -w * knots, np.sign(change), y0

# %% relu_curve: another scale for every unit
def relu_curve(knots, slopes, y0):
    w = 2.0 ** np.arange(len(knots))
    return w, -w * knots, np.diff(np.concatenate([[0], slopes])) / w, np.float64(y0)

# %% relu_curve: lists as the answer
def relu_curve(knots, slopes, y0):
    k = len(knots)
    v = [slopes[0]] + [slopes[i] - slopes[i - 1] for i in range(1, k)]
    return [1] * k, [-x for x in knots], v, y0

# %% xor_net: both differences
def xor_net():
    return np.array([[1, -1], [-1, 1]]), np.array([0, 0]), np.array([[1], [1]]), np.array([0])

# %% xor_net: one minus the two equal corners
def xor_net():
    W1 = np.array([[1.0, -1.0], [1.0, -1.0]])
    b1 = np.array([-1.0, 1.0])
    W2 = np.array([[-1.0], [-1.0]])
    b2 = np.array([1.0])
    return W1, b1, W2, b2

# %% xor_net: fractions, so that the computer rounds
def xor_net():
    return (
        np.array([[0.1, 0.3], [0.1, 0.3]]),
        np.array([0.0, -0.3]),
        np.array([[10.0], [-20 / 3]]),
        np.array([0.0]),
    )

# %% xor_net: an AND subtracted from a sum, float32
def xor_net():
    W1 = np.ones((2, 2), dtype=np.float32)
    b1 = np.array([0, -1], dtype=np.float32)
    W2 = np.array([[1], [-2]], dtype=np.float32)
    return W1, b1, W2, np.zeros(1, dtype=np.float32)
