"""Right answers to unit 08, written as students write them."""


# %% split: slices in a loop
def split(m, fractions, rng):
    order = rng.permutation(m)
    piles, share, start = [], 0, 0
    for k, fraction in enumerate(fractions):
        share += fraction
        end = m if k == len(fractions) - 1 else round(share * m)
        piles.append(order[start:end])
        start = end
    return piles


# %% split: an array shuffled in place
def split(m, fractions, rng):
    rows = np.arange(m)
    rng.shuffle(rows)
    cuts = [int(sum(fractions[: k + 1]) * m + 0.5) for k in range(len(fractions) - 1)]
    return tuple(rows[a:b] for a, b in zip([0] + cuts, cuts + [m]))


# %% split: largest remainders
def split(m, fractions, rng):
    wanted = np.array(fractions) * m
    sizes = np.floor(wanted).astype(int)
    for k in np.argsort(sizes - wanted)[: m - sizes.sum()]:
        sizes[k] += 1
    order = np.argsort(rng.random(m))
    piles = []
    for size in sizes:
        piles.append(order[:size])
        order = order[size:]
    return piles


# %% split: floors of the ends
def split(m, fractions, rng):
    bounds = np.floor(np.cumsum(fractions)[:-1] * m + 1e-9).astype(int)
    return [np.array(pile) for pile in np.split(rng.choice(m, size=m, replace=False), bounds)]


# %% diagnose: one expression
def diagnose(train, val, target, gap):
    return "underfit" if train > target else ("overfit" if val > train + gap else "good")


# %% diagnose: good first
def diagnose(train, val, target, gap):
    reached = train <= target
    if reached and not (val - train) > gap:
        return "good"
    elif reached:
        return "overfit"
    else:
        return "underfit"


# %% diagnose: a list of rules
def diagnose(train, val, target, gap):
    rules = [(target < train, "underfit"), (gap < val - train, "overfit"), (True, "good")]
    return next(word for holds, word in rules if holds)


# %% early_stop: counting from the best epoch
def early_stop(val_losses, patience, min_delta=0):
    best, best_epoch, since = None, 0, -1
    for epoch in range(len(val_losses)):
        loss = val_losses[epoch]
        if not np.isnan(loss) and (best is None or best - loss > min_delta):
            best = loss
            best_epoch = since = epoch
        if epoch - since >= patience:
            break
    return epoch, best_epoch


# %% early_stop: a while loop
def early_stop(val_losses, patience, min_delta=0):
    losses = [float("inf") if loss != loss else float(loss) for loss in val_losses]
    epoch = wait = best_epoch = 0
    best = float("inf")
    while True:
        if losses[epoch] + min_delta < best:
            best, best_epoch, wait = losses[epoch], epoch, 0
        else:
            wait += 1
        if wait == patience or epoch == len(losses) - 1:
            return [epoch, best_epoch]
        epoch += 1


# %% early_stop: the next better epoch, again and again
def early_stop(val_losses, patience, min_delta=0):
    losses = np.asarray(val_losses, dtype=float)
    numbers = np.flatnonzero(~np.isnan(losses))
    best = numbers[0]
    while True:
        better = np.flatnonzero(losses[best + 1 : best + 1 + patience] < losses[best] - min_delta)
        if better.size == 0:
            return min(best + patience, len(losses) - 1), best
        best = best + 1 + better[0]


# %% restore_best: deepcopy
def restore_best(snapshots, val_losses):
    import copy

    losses = np.array(val_losses, dtype=float)
    losses[np.isnan(losses)] = np.inf
    return copy.deepcopy(snapshots[np.argmin(losses)])


# %% restore_best: a loop
def restore_best(snapshots, val_losses):
    lowest, best = np.inf, None
    for params, loss in zip(snapshots, val_losses):
        if loss < lowest:
            lowest, best = loss, params
    return [tuple(np.array(part) for part in pair) for pair in best]


# %% restore_best: a sorted list
def restore_best(snapshots, val_losses):
    ranked = sorted((loss, epoch) for epoch, loss in enumerate(val_losses) if loss == loss)
    result = []
    for W, b in snapshots[ranked[0][1]]:
        result.append([W + 0.0, b * 1.0])
    return result


# %% l2_cost: loops
def l2_cost(params, lam, m):
    total = 0.0
    for pair in params:
        for w in np.ravel(pair[0]):
            total += float(w) * float(w)
    return lam * total / 2 / m


def l2_gradient(params, lam, m):
    grads = []
    for k in range(len(params)):
        W, b = params[k]
        grads.append((W * lam / m, 0.0 * b))
    return grads


# %% l2_cost: the norm, squared
def l2_cost(params, lam, m):
    return 0.5 * lam / m * sum(np.linalg.norm(W) ** 2 for W, _ in params)


def l2_gradient(params, lam, m):
    return [[np.multiply(W, lam) / m, np.zeros_like(b)] for W, b in params]


# %% l2_cost: one long vector
def l2_cost(params, lam, m):
    w = np.concatenate([W.astype(float).ravel() for W, b in params])
    return np.dot(w, w) * lam / (2 * m)


def l2_gradient(params, lam, m):
    return tuple((np.asarray(W, dtype=float) / (m / lam) if lam else np.zeros(W.shape), np.zeros(len(b))) for W, b in params)


# %% l1_subgradient: filled in
def l1_subgradient(W, lam, m):
    gradient = np.zeros(W.shape)
    gradient[W > 0] = lam / m
    gradient[W < 0] = -lam / m
    return gradient


# %% l1_subgradient: comparisons as numbers
def l1_subgradient(W, lam, m):
    return ((W > 0).astype(float) - (W < 0).astype(float)) * lam / m


# %% l1_subgradient: where
def l1_subgradient(W, lam, m):
    pull = lam / m
    return np.where(W == 0, 0.0, np.where(W > 0, pull, -pull))


# %% l1_subgradient: one weight at a time
def l1_subgradient(W, lam, m):
    signs = [(w > 0) * 1.0 - (w < 0) * 1.0 for w in np.ravel(W)]
    return lam / m * np.array(signs).reshape(W.shape)
