"""Right answers to unit 07, written as students write them."""


# %% initial_weights: a dictionary of intervals
def initial_weights(sizes, rng, kind):
    params = []
    for k in range(len(sizes) - 1):
        r = (6 / (sizes[k] + sizes[k + 1])) ** 0.5
        intervals = {"unit": (0, 1), "glorot": (-r, r)}
        if kind not in intervals:
            raise ValueError(f"no kind {kind!r}")
        low, high = intervals[kind]
        W = rng.uniform(low, high, size=(sizes[k], sizes[k + 1]))
        params.append((W, np.zeros(sizes[k + 1])))
    return params


# %% initial_weights: random numbers, then scaled
def initial_weights(sizes, rng, kind):
    params = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        W = rng.random((n_in, n_out))
        if kind == "glorot":
            W = (2 * W - 1) * np.sqrt(6 / (n_in + n_out))
        elif kind != "unit":
            raise ValueError("kind")
        params.append([W, np.array([0] * n_out)])
    return params


# %% initial_weights: a comprehension
def initial_weights(sizes, rng, kind):
    if kind == "unit":
        low, high = lambda i, o: 0, lambda i, o: 1
    elif kind == "glorot":
        low, high = lambda i, o: -np.sqrt(6 / (i + o)), lambda i, o: np.sqrt(6 / (i + o))
    else:
        raise ValueError("kind must be unit or glorot")
    pairs = list(zip(sizes[:-1], sizes[1:]))
    return tuple((rng.uniform(low(i, o), high(i, o), (i, o)), np.zeros((o,))) for i, o in pairs)


# %% standard_epoch: loops and lists
def standard_epoch(params, X, y, lr, grad):
    m = X.shape[0]
    for i in range(m):
        g = grad(params, X[[i]], y[[i]])
        new = []
        for k in range(len(params)):
            new.append((params[k][0] - lr * g[k][0], params[k][1] - lr * g[k][1]))
        params = new
    return params


def accumulated_epoch(params, X, y, lr, grad):
    g = grad(params, X, y)
    return [tuple(p - lr * d for p, d in zip(pair, dpair)) for pair, dpair in zip(params, g)]


def minibatch_epoch(params, X, y, lr, grad, batch_size, rng):
    order = rng.permutation(X.shape[0])
    X, y = X[order], y[order]
    while len(X) > 0:
        params = accumulated_epoch(params, X[:batch_size], y[:batch_size], lr, grad)
        X, y = X[batch_size:], y[batch_size:]
    return params


# %% standard_epoch: copies of floats, changed in place
def standard_epoch(params, X, y, lr, grad):
    params = [(W.astype(float), b.astype(float)) for W, b in params]
    for row, label in zip(X, y):
        for (W, b), (dW, db) in zip(params, grad(params, row.reshape(1, -1), np.reshape(label, (1, -1)))):
            W -= lr * dW
            b -= lr * db
    return params


def accumulated_epoch(params, X, y, lr, grad):
    params = [(W.astype(float), b.astype(float)) for W, b in params]
    total = None
    for i in range(len(X)):
        g = grad(params, X[i : i + 1], y[i : i + 1])
        if total is None:
            total = [[dW / len(X), db / len(X)] for dW, db in g]
        else:
            total = [[a + dW / len(X), c + db / len(X)] for (a, c), (dW, db) in zip(total, g)]
    return [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, total)]


def minibatch_epoch(params, X, y, lr, grad, batch_size, rng):
    order = rng.permutation(np.arange(len(y)))
    params = [(W.astype(float), b.astype(float)) for W, b in params]
    for rows in np.array_split(order, range(batch_size, len(order), batch_size)):
        for (W, b), (dW, db) in zip(params, grad(params, X[rows, :], y[rows])):
            W -= lr * dW
            b -= lr * db
    return params


# %% standard_epoch: one in terms of another
def minibatch_epoch(params, X, y, lr, grad, batch_size, rng):
    m = len(X)
    order = np.arange(m) if rng is None else rng.permutation(m)
    for k in range(-(-m // batch_size)):
        rows = order[k * batch_size : min(m, (k + 1) * batch_size)]
        params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grad(params, X[rows], y[rows]))]
    return params


def standard_epoch(params, X, y, lr, grad):
    return minibatch_epoch(params, X, y, lr, grad, 1, None)


def accumulated_epoch(params, X, y, lr, grad):
    return minibatch_epoch(params, X, y, lr, grad, len(X), None)


# %% weighted_mean_gradient: loops
def weighted_mean_gradient(grads, sizes):
    total = sum(sizes)
    result = []
    for k in range(len(grads[0])):
        dW = np.zeros(grads[0][k][0].shape)
        db = np.zeros(grads[0][k][1].shape)
        for g, size in zip(grads, sizes):
            dW += g[k][0] * size / total
            db += g[k][1] * size / total
        result.append((dW, db))
    return result


# %% weighted_mean_gradient: NumPy's weighted average
def weighted_mean_gradient(grads, sizes):
    def average(k, part):
        return np.average([g[k][part] for g in grads], axis=0, weights=sizes)

    return [(average(k, 0), average(k, 1)) for k in range(len(grads[0]))]


# %% weighted_mean_gradient: a running mean
def weighted_mean_gradient(grads, sizes):
    seen, mean = 0, [(0.0 * dW, 0.0 * db) for dW, db in grads[0]]
    for g, size in zip(grads, sizes):
        share = size / (seen + size)
        mean = [(W + share * (dW - W), b + share * (db - b)) for (W, b), (dW, db) in zip(mean, g)]
        seen += size
    return mean


# %% first_below: NumPy
def first_below(history, target, updates_per_epoch):
    places = np.flatnonzero(np.array(history) < target)
    if places.size == 0:
        return None
    return places[0] + 1, (places[0] + 1) * updates_per_epoch


# %% first_below: a while loop
def first_below(history, target, updates_per_epoch):
    k = 0
    while k < len(history) and not history[k] < target:
        k += 1
    return None if k == len(history) else [k + 1, updates_per_epoch * (k + 1)]


# %% first_below: argmax of a mask
def first_below(history, target, updates_per_epoch):
    below = np.asarray(history) < target
    if below.any():
        passes = int(below.argmax()) + 1
        return (passes, passes * updates_per_epoch)


# %% should_stop: a loop that counts flat epochs
def should_stop(history, tol, patience, max_epochs):
    flat = 0
    for before, after in zip(history[:-1], history[1:]):
        flat = flat + 1 if abs(after - before) < tol else 0
    return flat >= patience or len(history) >= max_epochs


# %% should_stop: a slice of patience + 1 costs
def should_stop(history, tol, patience, max_epochs):
    if len(history) >= max_epochs:
        return True
    if len(history) < patience + 1:
        return False
    return max(np.abs(np.diff(history[-(patience + 1) :]))) < tol


# %% should_stop: from the end backward
def should_stop(history, tol, patience, max_epochs):
    done = len(history)
    enough = done > patience
    still = enough and all(-tol < history[-k] - history[-k - 1] < tol for k in range(1, patience + 1))
    return bool(still) or not done < max_epochs


# %% momentum_step: arrays and Keras' epsilon
def momentum_step(w, g, v, lr, beta):
    velocity = np.multiply(beta, v) - np.multiply(lr, g)
    return np.add(w, velocity), velocity


def adam_step(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    m, v, t = state
    m = m + (1 - beta1) * (g - m)
    v = v + (1 - beta2) * (np.square(g) - v)
    t += 1
    alpha = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - alpha * m / (np.sqrt(v) + eps), (m, v, t)


# %% momentum_step: copies, lists as results
def momentum_step(w, g, v, lr, beta):
    step = -lr * np.asarray(g) + beta * np.asarray(v)
    return [w + step, step]


def adam_step(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    w, g = np.array(w, dtype=float), np.array(g, dtype=float)
    m = beta1 * np.array(state[0], dtype=float) + (1 - beta1) * g
    v = beta2 * np.array(state[1], dtype=float) + (1 - beta2) * g * g
    t = state[2] + 1
    w -= lr * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)) ** 0.5 + eps)
    return [w, [m, v, t]]


# %% momentum_step: the change by itself
def momentum_step(w, g, v, lr, beta):
    return w + beta * v - lr * g, beta * v - lr * g


def adam_step(w, g, state, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7):
    t = state[-1] + 1
    m, v = (beta * old + (1 - beta) * new for beta, old, new in ((beta1, state[0], g), (beta2, state[1], g**2)))
    change = m / (1 - np.power(beta1, t)) / (eps + np.sqrt(v / (1 - np.power(beta2, t))))
    return w - lr * change, (m, v, np.int64(t))
