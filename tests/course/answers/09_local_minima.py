"""Right answers to unit 09, written as students write them."""


# %% multi_start: lists and nanargmin
def multi_start(minimise, f, starts):
    ends = [minimise(start) for start in starts]
    costs = np.array([f(w) for w in ends])
    if np.isnan(costs).all():
        raise ValueError("no run was good")
    k = np.nanargmin(costs)
    return ends[k], costs[k]


# %% multi_start: min of a filtered list
def multi_start(minimise, f, starts):
    runs = []
    for start in starts:
        w = minimise(start)
        value = f(w)
        if not np.isnan(value):
            runs.append([w, value])
    if len(runs) == 0:
        raise ValueError("every run ended at NaN: try other starts")
    return min(runs, key=lambda run: run[1])


# %% multi_start: sorted, NaN last
def multi_start(minimise, f, starts):
    ends = list(map(minimise, starts))
    values = [float(f(w)) for w in ends]
    order = np.argsort(values)  # NaN goes to the end
    best = order[0]
    if values[best] != values[best]:
        raise ValueError("NaN")
    return (ends[best], values[best])


# %% starts_needed: count up
def starts_needed(p, q):
    if p == 0:
        return float("inf")
    k = 1
    while 1 - (1 - p) ** k < q:
        k += 1
    return k


# %% starts_needed: NumPy
def starts_needed(p, q):
    if p <= 0:
        return np.inf
    if p >= 1:
        return 1
    return max(1, int(np.ceil(np.log(1 - q) / np.log(1 - p))))


# %% starts_needed: log1p and negative floor
def starts_needed(p, q):
    from math import floor, inf, log1p

    if p in (0, 1):
        return inf if p == 0 else 1
    return -floor(-log1p(-q) / log1p(-p))


# %% accept_probability: min of exp
def accept_probability(delta, T):
    if T == 0:
        return float(delta <= 0)
    return float(np.exp(min(0.0, -delta / T)))


# %% accept_probability: nested
def accept_probability(delta, T):
    if delta > 0:
        if T == 0:
            return 0
        return np.exp(-delta / T)
    else:
        return 1


# %% accept_probability: a power of e
def accept_probability(delta, T):
    up = max(delta, 0)
    if up == 0:
        return 1.0
    return 0.0 if not T else math.e ** (-up / T)


# %% anneal: with a rule of its own, and arrays
def anneal(f, w0, step, T0, cooling, steps, rng):
    def rule(delta, T):
        if delta <= 0:
            return 1.0
        return np.exp(-delta / T) if T > 0 else 0.0

    w = np.array(w0, dtype=float)
    trace = np.empty(steps + 1)
    trace[0] = f(w)
    best_w, best_f = w, trace[0]
    T = T0
    for k in range(1, steps + 1):
        new = w + rng.normal(0, step, w.shape)
        u = rng.random()
        value = f(new)
        if u < rule(value - trace[k - 1], T):
            w = new
            trace[k] = value
        else:
            trace[k] = trace[k - 1]
        if trace[k] < best_f:
            best_w, best_f = w, trace[k]
        T *= cooling
    return best_w, best_f, trace


# %% anneal: in place on a copy, evaluating again
def anneal(f, w0, step, T0, cooling, steps, rng):
    w = np.array(w0, dtype=float)
    best = w.copy()
    trace = [f(w)]
    for k in range(steps):
        T = T0 * cooling**k
        move, luck = rng.normal(0, step, w.shape), rng.random()
        delta = f(w + move) - f(w)
        if delta <= 0:
            w = w + move
        elif T > 0 and luck < np.exp(-delta / T):
            w = w + move
        if f(w) < f(best):
            best = w.copy()
        trace.append(f(w))
    return [best, f(best), trace]


# %% anneal: standard normal, scaled
def anneal(f, w0, step, T0, cooling, steps, rng):
    points = [np.asarray(w0)]
    trace = [f(w0)]
    temperature = T0
    for _ in range(steps):
        candidate = points[-1] + step * rng.standard_normal(points[-1].shape)
        u, height = rng.random(), f(candidate)
        rise = height - trace[-1]
        go = rise <= 0 or (temperature > 0 and u < math.exp(-rise / temperature))
        points.append(candidate if go else points[-1])
        trace.append(height if go else trace[-1])
        temperature = temperature * cooling
    k = int(np.argmin(trace))
    return points[k], trace[k], trace


# %% noisy_descent: a table filled row by row
def noisy_descent(df, w0, lr, noise, steps, rng):
    w0 = np.asarray(w0)
    path = np.zeros((steps + 1,) + w0.shape)
    path[0] = w0
    for t in range(steps):
        xi = rng.normal(0, noise / (t + 1) ** 0.5, w0.shape)
        path[t + 1] = path[t] - lr * (df(path[t]) + xi)
    return path


# %% noisy_descent: all noise at once
def noisy_descent(df, w0, lr, noise, steps, rng):
    w = np.array(w0, dtype=float)
    xi = rng.standard_normal((steps, *w.shape))
    path = [w]
    for t in range(steps):
        w = w - lr * df(w) - lr * xi[t] * noise / np.sqrt(1 + t)
        path.append(w)
    return np.stack(path)


# %% noisy_descent: in place, with copies, steps in another order
def noisy_descent(df, w0, lr, noise, steps, rng):
    w = np.array(w0, dtype=np.float64)
    spreads = noise / np.sqrt(np.arange(1, steps + 1))
    kicks = rng.normal(size=(*w.shape, steps)) * spreads
    path = [w.copy()]
    for t in range(steps):
        w -= lr * (df(w) + kicks[..., t])
        path.append(w.copy())
    return np.array(path)


# %% select: choice without replacement, loops
def select(population, scores, rng, k=3):
    drawn = rng.choice(len(population), size=k, replace=False)
    best = drawn[0]
    for i in drawn:
        if scores[i] < scores[best]:
            best = i
    return population[best].copy()


def crossover(a, b, rng):
    coins = rng.integers(0, 2, size=np.shape(a))
    return coins * a + (1 - coins) * b


def mutate(w, rate, scale, rng):
    mutant = np.array(w, dtype=float)
    chosen = rng.random(mutant.shape) < rate
    mutant[chosen] += rng.normal(0, scale, chosen.sum())
    return mutant


def evolve(f, population, generations, rng, rate=0.2, scale=0.3):
    population = [np.array(w, dtype=float) for w in population]
    for _ in range(generations):
        scores = np.array([f(w) for w in population])
        table = np.array(population)
        new = [table[scores.argmin()]]
        for _ in range(len(population) - 1):
            child = crossover(select(table, scores, rng), select(table, scores, rng), rng)
            new.append(mutate(child, rate, scale, rng))
        population = new
    best = min(population, key=f)
    return best, f(best)


# %% select: rng.permutation, masks, noise first
def select(population, scores, rng, k=3):
    order = rng.permutation(len(scores))[:k]
    return population[min(order, key=lambda i: scores[i])]


def crossover(a, b, rng):
    child = b.copy()
    mask = rng.random(a.shape) >= 0.5
    child[mask] = a[mask]
    return child


def mutate(w, rate, scale, rng):
    noise = scale * rng.standard_normal(w.shape)
    return w + noise * (rng.random(w.shape) < rate)


def evolve(f, population, generations, rng, rate=0.2, scale=0.3):
    pop = np.asarray(population).astype(float)
    score = np.array([f(w) for w in pop])
    for _ in range(generations):
        new = np.empty_like(pop)
        new[0] = pop[score.argmin()]
        for i in range(1, len(pop)):
            new[i] = mutate(crossover(select(pop, score, rng), select(pop, score, rng), rng), rate, scale, rng)
        pop, score = new, np.array([f(w) for w in new])
    return pop[score.argmin()], score.min()


# %% select: sorted tournament, entry by entry, elite put back for the worst
def select(population, scores, rng, k=3):
    competitors = sorted((scores[i], i) for i in rng.integers(0, len(population), k))
    return population[competitors[0][1]]


def crossover(a, b, rng):
    flat_a, flat_b = np.ravel(a), np.ravel(b)
    child = [x if rng.random() < 0.5 else y for x, y in zip(flat_a, flat_b)]
    return np.array(child).reshape(np.shape(a))


def mutate(w, rate, scale, rng):
    new = [x + rng.normal(0, scale) if rng.random() < rate else float(x) for x in np.ravel(w)]
    return np.array(new).reshape(np.shape(w))


def evolve(f, population, generations, rng, rate=0.2, scale=0.3):
    pop = np.array(population, float)
    costs = np.array([f(w) for w in pop])
    for _ in range(generations):
        elite, elite_cost = pop[np.argmin(costs)].copy(), costs.min()
        pairs = [(select(pop, costs, rng, 3), select(pop, costs, rng, 3)) for _ in pop]
        pop = np.array([mutate(crossover(a, b, rng), rate, scale, rng) for a, b in pairs])
        costs = np.array([f(w) for w in pop])
        worst = np.argmax(costs)
        pop[worst], costs[worst] = elite, elite_cost
    best = np.argmin(costs)
    return [pop[best], float(costs[best])]
