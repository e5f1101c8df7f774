"""Right answers to unit 01, written as students write them."""


# %% dense: two loops
def dense(A, W, b, g):
    out = np.zeros((A.shape[0], W.shape[1]))
    for i in range(A.shape[0]):
        for k in range(W.shape[1]):
            total = b[k]
            for f in range(A.shape[1]):
                total = total + A[i, f] * W[f, k]
            out[i, k] = g(total)
    return out


# %% dense: einsum
def dense(A, W, b, g):
    return g(np.einsum("ij,jk->ik", A, W) + b[None, :])


# %% dense: bias as a row of ones, built in place
def dense(A, W, b, g):
    A1 = np.hstack([np.ones((len(A), 1)), A])
    W1 = np.vstack([b, W])
    Z = A1 @ W1
    Z[:] = g(Z)
    return Z


# %% dense: column by column
def dense(A, W, b, g):
    return np.stack([g(A.dot(W[:, k]) + b[k]) for k in range(W.shape[1])], axis=1)


# %% dense: the transposed product
def dense(A, W, b, g):
    z = np.matmul(W.T, A.T).T
    z = z + b
    return g(z)


# %% predict_label: where
def predict_label(p, threshold=0.5):
    return np.where(p >= threshold, 1, 0)


# %% predict_label: small integers
def predict_label(p, threshold=0.5):
    return np.greater_equal(p, threshold).astype(np.int8)


# %% predict_label: a loop over a copy
def predict_label(p, threshold=0.5):
    labels = np.zeros(p.shape, dtype=int)
    for index, value in np.ndenumerate(p):
        if not value < threshold:
            labels[index] = 1
    return labels


# %% predict_label: one minus
def predict_label(p, threshold=0.5):
    return 1 - (p < threshold)


# %% cost: a loop with floats
def cost(y, p, loss):
    total = 0
    for yi, pi in zip(np.ravel(y), np.ravel(p)):
        total += loss(float(yi), float(pi))
    return total / len(y)


# %% cost: reshape to columns
def cost(y, p, loss):
    y = y.reshape(-1, 1)
    p = p.reshape(-1, 1)
    return loss(y, p).sum() / y.shape[0]


# %% cost: flatten and average, with a print
def cost(y, p, loss):
    losses = loss(y.flatten(), p.flatten())
    print("losses", losses)
    return float(np.average(losses))


# %% count_updates: math.ceil
import math


def count_updates(m, batch_size, epochs):
    return math.ceil(m / batch_size) * epochs


# %% count_updates: by walking
def count_updates(m, batch_size, epochs):
    count = 0
    for _ in range(epochs):
        left = m
        while left > 0:
            left -= batch_size
            count += 1
    return count


# %% count_updates: divmod
def count_updates(m, batch_size, epochs):
    full, rest = divmod(m, batch_size)
    return epochs * (full + (rest > 0))


# %% count_updates: a NumPy integer
def count_updates(m, batch_size, epochs):
    return np.ceil(m / batch_size).astype(int) * epochs


# %% fit_logistic: a copy is permuted, batches by array_split points
def fit_logistic(X, y, lr, epochs, batch_size, rng):
    m = X.shape[0]
    w = np.zeros(X.shape[1])
    b = 0
    history = []
    for epoch in range(epochs):
        order = rng.permutation(m)
        Xs, ys = X[order], y[order]
        for Xb, yb in zip(
            np.split(Xs, range(batch_size, m, batch_size)), np.split(ys, range(batch_size, m, batch_size))
        ):
            p = 1 / (1 + np.exp(-Xb @ w - b))
            w -= lr * np.mean((p - yb)[:, None] * Xb, axis=0)
            b -= lr * np.mean(p - yb)
        p = 1 / (1 + np.exp(-X @ w - b))
        history.append(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
    return w, b, history


# %% fit_logistic: example by example, history as an array, loss through logaddexp
def fit_logistic(X, y, lr, epochs, batch_size, rng):
    m, n = X.shape
    w, b = np.zeros(n), np.float64(0)
    history = np.empty(epochs)
    for epoch in range(epochs):
        order = rng.permutation(m)
        start = 0
        while start < m:
            batch = order[start : start + batch_size]
            dw, db = np.zeros(n), 0.0
            for i in batch:
                e = 0.5 * (1 + np.tanh(0.5 * (np.dot(w, X[i]) + b))) - y[i]
                dw += e * X[i]
                db += e
            w = w - lr / len(batch) * dw
            b = b - lr / len(batch) * db
            start += batch_size
        z = X @ w + b
        history[epoch] = np.mean(np.logaddexp(0, z) - y * z)
    return [w, b, history]


# %% fit_logistic: bias inside the weights, probabilities clipped
def fit_logistic(X, y, lr, epochs, batch_size, rng):
    X1 = np.column_stack([X, np.ones(len(X))])
    v = np.zeros(X1.shape[1])
    sigmoid = lambda z: 1 / (1 + np.exp(-z))
    costs = []
    for _ in range(epochs):
        idx = rng.permutation(len(X1))
        for s in range(0, len(idx), batch_size):
            i = idx[s : s + batch_size]
            v -= lr * (X1[i].T @ (sigmoid(X1[i] @ v) - y[i])) / i.size
        p = np.clip(sigmoid(X1 @ v), 1e-12, 1 - 1e-12)
        costs.append(np.where(y == 1, -np.log(p), -np.log(1 - p)).mean())
    return v[:-1], v[-1], costs
