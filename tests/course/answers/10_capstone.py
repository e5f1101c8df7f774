# Right answers written in other ways: each must earn all points.

# %% softmax: one row at a time
def softmax(Z):
    rows = []
    for z in Z:
        powers = np.exp(z - max(z))
        rows.append(powers / sum(powers))
    return np.array(rows)


# %% softmax: by logarithms
def softmax(Z):
    Z = np.asarray(Z, dtype=float)
    top = np.max(Z, axis=1)[:, np.newaxis]
    return np.exp(Z - top - np.log(np.sum(np.exp(Z - top), axis=-1)[:, None]))


# %% softmax: transposed
def softmax(Z):
    powers = np.exp(Z.T - Z.max(axis=1))
    return (powers / powers.sum(axis=0)).T


# %% probabilities: a list of activations
def probabilities(params, X):
    activations = [lambda Z: Z * (Z > 0)] * (len(params) - 1) + [my_softmax]
    A = X
    for (W, b), g in zip(params, activations):
        A = g(A.dot(W) + b)
    return A


def my_softmax(Z):
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def predict(P):
    return np.argmax(P, axis=-1)


# %% probabilities: row by row
def sums(params, x):
    for k, (W, b) in enumerate(params):
        x = x @ W + b
        if k + 1 < len(params):
            x = np.where(x > 0, x, 0.0)
    return x


def probabilities(params, X):
    result = np.empty((len(X), len(params[-1][1])))
    for i, x in enumerate(X):
        z = sums(params, x)
        result[i] = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    return result


def predict(P):
    return np.array([max(range(len(p)), key=lambda k: p[k]) for p in P])


# %% probabilities: recursive
def probabilities(params, X):
    (W, b), *rest = params
    Z = X @ W + b[None, :]
    if rest:
        return probabilities(rest, np.clip(Z, 0, None))
    Z = Z - np.amax(Z, axis=1, keepdims=True)
    return np.exp(Z) / np.exp(Z).sum(axis=1)[:, None]


def predict(P):
    order = np.argsort(P, axis=1)
    return order[:, -1]


# %% network_cost: NumPy's logaddexp
def network_cost(params, X, y):
    A = X
    for k, (W, b) in enumerate(params):
        A = A @ W + b
        if k < len(params) - 1:
            A = np.maximum(0, A)
    return float(np.mean(np.logaddexp.reduce(A, axis=1) - A[range(len(y)), y]))


# %% network_cost: one example at a time
def network_cost(params, X, y):
    losses = []
    for x, label in zip(X, y):
        for W, b in params[:-1]:
            x = np.maximum(x @ W + b, 0)
        W, b = params[-1]
        z = x @ W + b
        z = z - z.max()
        losses.append(np.log(np.exp(z).sum()) - z[label])
    return sum(losses) / len(losses)


# %% network_cost: with rows of ones and zeros
def network_cost(params, X, y):
    A = X
    for W, b in params[:-1]:
        A = np.maximum(A @ W + b, 0)
    Z = A @ params[-1][0] + params[-1][1]
    Z = Z - Z.max(axis=1, keepdims=True)
    logarithms = Z - np.log(np.sum(np.exp(Z), axis=1, keepdims=True))
    T = np.eye(Z.shape[1])[y]
    return -np.sum(T * logarithms) / len(X)


# %% gradients: rows of ones and zeros, sums kept
def gradients(params, X, y):
    A, Zs = [X], []
    for k, (W, b) in enumerate(params):
        Zs.append(A[-1] @ W + b)
        A.append(np.maximum(Zs[-1], 0))
    Z = Zs[-1]
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = P / P.sum(axis=1, keepdims=True)
    T = np.zeros_like(P)
    T[np.arange(len(y)), y] = 1
    D = (P - T) / X.shape[0]
    result = [None] * len(params)
    for k in reversed(range(len(params))):
        result[k] = [np.dot(A[k].T, D), np.sum(D, axis=0)]
        if k > 0:
            D = np.where(Zs[k - 1] > 0, D @ params[k][0].T, 0)
    return result


# %% gradients: the mean of the examples' gradients
def of_one(params, x, label):
    outputs = [x]
    for W, b in params[:-1]:
        outputs.append(np.maximum(outputs[-1] @ W + b, 0))
    z = outputs[-1] @ params[-1][0] + params[-1][1]
    delta = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    delta[label] -= 1
    grads = []
    for (W, b), a in zip(params[::-1], outputs[::-1]):
        grads = [(np.outer(a, delta), delta)] + grads
        delta = (W @ delta) * (a > 0)
    return grads


def gradients(params, X, y):
    total = None
    for x, label in zip(X, y):
        grads = of_one(params, x, label)
        if total is None:
            total = [(dW / len(X), db / len(X)) for dW, db in grads]
        else:
            total = [(a + dW / len(X), c + db / len(X)) for (a, c), (dW, db) in zip(total, grads)]
    return total


# %% gradients: recursive
def gradients(params, X, y):
    def back(rest, A):
        """The derivatives by the rest of the network, and by its inputs."""
        (W, b), *after = rest
        Z = A @ W + b
        if after:
            later, arrived = back(after, np.maximum(Z, 0))
            delta = arrived * (Z > 0)
        else:
            powers = np.exp(Z - Z.max(axis=1)[:, None])
            later, delta = [], powers / powers.sum(axis=1)[:, None]
            delta[np.arange(len(y)), y] -= 1.0
            delta = delta / len(y)
        return [(A.T @ delta, delta.sum(0)), *later], delta @ W.T

    return back(list(params), X)[0]


# %% train: plain steps, weights changed in place, best ones copied
def train(X_train, y_train, X_val, y_val, rng, grad, cost, patience=10, max_epochs=200):
    W1, W2 = rng.normal(0, np.sqrt(2 / 64), (64, 40)), rng.normal(0, np.sqrt(2 / 40), (40, 10))
    params = [[W1, np.zeros(40)], [W2, np.zeros(10)]]
    losses, val_losses, best, bad = [], [], None, 0
    for epoch in range(max_epochs):
        rows = np.arange(len(y_train))
        rng.shuffle(rows)
        for part in np.array_split(rows, max(1, len(rows) // 16)):
            for pair, dpair in zip(params, grad(params, X_train[part], y_train[part])):
                for array, d in zip(pair, dpair):
                    array -= 0.2 * d
        losses.append(cost(params, X_train, y_train))
        val_losses.append(cost(params, X_val, y_val))
        if best is None or val_losses[-1] < min(val_losses[:-1]):
            best, bad = [(W.copy(), b.copy()) for W, b in params], 0
        else:
            bad += 1
        if bad == patience:
            break
    return best, {"loss": losses, "val_loss": val_losses}


# %% train: Adam on all images at once
def train(X_train, y_train, X_val, y_val, rng, grad, cost, patience=10, max_epochs=200):
    sizes, params = (64, 50, 10), []
    for n_in, n_out in zip(sizes, sizes[1:]):
        params.append((rng.uniform(-1, 1, (n_in, n_out)) * np.sqrt(6 / (n_in + n_out)), np.zeros(n_out)))
    m = [(0 * W, 0 * b) for W, b in params]
    v = [(0 * W, 0 * b) for W, b in params]
    kept, history = [], {"loss": [], "val_loss": [], "best": 0}
    for t in range(1, max_epochs + 1):
        grads = grad(params, X_train, y_train)
        m = [tuple(0.9 * old + 0.1 * g for old, g in zip(a, c)) for a, c in zip(m, grads)]
        v = [tuple(0.99 * old + 0.01 * g**2 for old, g in zip(a, c)) for a, c in zip(v, grads)]
        hat = 0.02 * np.sqrt(1 - 0.99**t) / (1 - 0.9**t)
        params = [
            tuple(p - hat * a / (np.sqrt(s) + 1e-8) for p, a, s in zip(*triple)) for triple in zip(params, m, v)
        ]
        kept.append(params)
        history["loss"].append(float(cost(params, X_train, y_train)))
        history["val_loss"].append(float(cost(params, X_val, y_val)))
        history["best"] = int(np.argmin(history["val_loss"]))
        if t - 1 - history["best"] >= patience:
            break
    return kept[history["best"]], history


# %% train: two hidden layers, momentum, a rate that falls, weights that decay
def train(X_train, y_train, X_val, y_val, rng, grad, cost, patience=10, max_epochs=200):
    def start(n_in, n_out):
        return [rng.standard_normal((n_in, n_out)) * (2 / n_in) ** 0.5, np.full(n_out, 0.01)]

    params = [start(64, 48), start(48, 32), start(32, 10)]
    velocity = [[np.zeros(a.shape) for a in pair] for pair in params]
    history = dict(loss=np.array([]), val_loss=np.array([]))
    best = params
    epoch = 0
    while True:
        X, y = X_train.copy(), y_train.copy()
        order = rng.choice(len(X), len(X), replace=False)
        X, y = X[order], y[order]
        for at in range(0, len(X), 25):
            grads = grad(params, X[at : at + 25], y[at : at + 25])
            for k in range(3):
                step = [g + 1e-4 * p for g, p in zip(grads[k], params[k])]
                velocity[k] = [0.9 * v - 0.05 / (1 + epoch / 40) * g for v, g in zip(velocity[k], step)]
            params = [[p + v for p, v in zip(*two)] for two in zip(params, velocity)]
        epoch += 1
        now = cost(params, X_val, y_val)
        if epoch == 1 or now < history["val_loss"].min():
            best = params
        history["loss"] = np.append(history["loss"], cost(params, X_train, y_train))
        history["val_loss"] = np.append(history["val_loss"], now)
        if epoch >= max_epochs or epoch > patience + history["val_loss"].argmin():
            return best, history


# %% report: loops and counters
def report(y, guess):
    table = [[0] * 10 for _ in range(10)]
    for i in range(len(y)):
        table[int(y[i])][int(guess[i])] += 1
    most, worst = 0, None
    for digit in range(10):
        for other in range(10):
            if digit != other and table[digit][other] > most:
                most, worst = table[digit][other], (digit, other)
    recall = np.array([table[k][k] / sum(table[k]) for k in range(10)])
    right = sum(table[k][k] for k in range(10))
    return {"accuracy": right / len(y), "confusion": np.array(table), "recall": recall, "worst": worst}


# %% report: bincount
def report(y, guess):
    confusion = np.bincount(10 * y + guess, minlength=100).reshape(10, 10)
    wrong = confusion.copy()
    np.fill_diagonal(wrong, 0)
    place = divmod(int(np.argmax(wrong)), 10)
    return dict(
        accuracy=np.mean(y == guess),
        confusion=confusion,
        recall=confusion.diagonal() / confusion.sum(axis=1),
        worst=place if wrong.max() > 0 else None,
    )


# %% report: masks
def report(y, guess):
    digits = range(10)
    confusion = np.array([[np.sum((y == i) & (guess == j)) for j in digits] for i in digits])
    pairs = [(-confusion[i, j], i, j) for i in digits for j in digits if i != j]
    count, i, j = min(pairs)
    recall = np.array([np.mean(guess[y == i] == i) for i in digits])
    return {"worst": (i, j) if count else None, "recall": recall, "confusion": confusion, "accuracy": np.trace(confusion) / y.size}
