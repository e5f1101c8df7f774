"""Right answers to unit 05, written as students write them."""


# %% forward_difference: named parts
def forward_difference(f, w, eps):
    after = f(w + eps)
    before = f(w)
    slope = (after - before) / ((w + eps) - w)
    return slope


def central_difference(f, w, eps):
    right, left = w + eps, w - eps
    return (f(right) - f(left)) / (right - left)


# %% forward_difference: as arrays of floats
def forward_difference(f, w, eps):
    w = np.asarray(w, dtype=float)
    return np.divide(f(w + eps) - f(w), eps)


def central_difference(f, w, eps):
    w = np.array(w, dtype=np.float64)
    return 0.5 * (f(w + eps) - f(w - eps)) / eps


# %% forward_difference: central as the mean of forward and backward
def forward_difference(f, w, eps):
    return f(w + eps) / eps - f(w) / eps


def central_difference(f, w, eps):
    backward = forward_difference(f, w - eps, eps)
    return (forward_difference(f, w, eps) + backward) / 2


# %% forward_difference: place by place
def forward_difference(f, w, eps):
    if np.ndim(w) == 0:
        return (f(w + eps) - f(w)) / eps
    slopes = np.zeros(np.shape(w))
    for index in np.ndindex(*np.shape(w)):
        slopes[index] = forward_difference(f, w[index], eps)
    return slopes


def central_difference(f, w, eps):
    def slope(place):
        return (f(place + eps) - f(place - eps)) / (eps + eps)

    return slope(w) if np.isscalar(w) else np.array([slope(place) for place in w.ravel()]).reshape(w.shape)


# %% best_eps: a loop that keeps the best
def best_eps(f, df, w, grid):
    best, least = None, float("inf")
    for eps in grid:
        error = abs((f(w + eps) - f(w)) / eps - df(w))
        if error < least:
            best, least = eps, error
    return best


# %% best_eps: NaN replaced by infinity
def best_eps(f, df, w, grid):
    errors = [np.abs((f(w + eps) - f(w)) / eps - df(w)) for eps in grid]
    errors = np.where(np.isnan(errors), np.inf, errors)
    return grid[np.argmin(errors)]


# %% best_eps: squared errors of those that are numbers
def best_eps(f, df, w, grid):
    grid = np.array(grid)
    errors = ((f(w + grid) - f(w)) / grid - df(w)) ** 2
    usable = ~np.isnan(errors)
    return grid[usable][errors[usable].argmin()]


# %% best_eps: sorted pairs
def best_eps(f, df, w, grid):
    pairs = [(abs((f(w + eps) - f(w)) / eps - df(w)), eps) for eps in list(grid)]
    return float(sorted(pair for pair in pairs if pair[0] == pair[0])[0][1])


# %% numerical_gradient: a copy for each side
def numerical_gradient(f, W, eps=1e-6):
    gradient = np.zeros_like(W, dtype=float)
    for index, _ in np.ndenumerate(W):
        right = W.astype(float)
        left = W.astype(float)
        right[index] += eps
        left[index] -= eps
        gradient[index] = (f(right) - f(left)) / (2 * eps)
    return gradient


# %% numerical_gradient: unit matrices
def numerical_gradient(f, W, eps=1e-6):
    W = np.asarray(W, dtype=np.float64)
    slopes = []
    for row in np.eye(W.size):
        step = eps * row.reshape(W.shape)
        slopes.append((f(W + step) - f(W - step)) / eps / 2)
    return np.array(slopes).reshape(W.shape)


# %% numerical_gradient: nudges its argument and puts it back
def numerical_gradient(f, W, eps=1e-6):
    V = W if W.dtype == np.float64 else W.astype(np.float64)
    gradient = np.empty(V.shape)
    iterator = np.nditer(V, flags=["multi_index"])
    while not iterator.finished:
        index = iterator.multi_index
        old = V[index].item()
        V[index] = old + eps
        right = f(V)
        V[index] = old - eps
        left = f(V)
        V[index] = old
        gradient[index] = (right - left) / (2 * eps)
        iterator.iternext()
    return gradient


# %% numerical_gradient: through a flat copy
def numerical_gradient(f, W, eps=1e-6):
    flat = np.array(W, dtype=float).flatten()
    gradient = []
    for k in range(len(flat)):
        flat[k] += eps
        right = f(flat.reshape(W.shape).copy())
        flat[k] -= 2 * eps
        left = f(flat.reshape(W.shape).copy())
        flat[k] += eps
        gradient.append((right - left) / (2 * eps))
    return np.reshape(gradient, W.shape)


# %% gradient_descent: a buffer of floats
def gradient_descent(df, w0, lr, steps):
    w0 = np.asarray(w0)
    path = np.zeros((steps + 1,) + w0.shape)
    path[0] = w0
    for t in range(1, steps + 1):
        path[t] = path[t - 1] - lr * df(path[t - 1])
    return path


# %% gradient_descent: a list, with w counted on
def gradient_descent(df, w0, lr, steps):
    w = w0
    path = [w]
    for _ in range(steps):
        w = w - lr * df(w)
        path.append(w)
    return np.array(path, dtype=float)


# %% gradient_descent: stacked, with copies
def gradient_descent(df, w0, lr, steps):
    w = np.array(w0, dtype=np.float64)
    path = [w.copy()]
    while len(path) <= steps:
        w -= lr * np.asarray(df(w))
        path.append(w.copy())
    return np.stack(path)


# %% gradient_descent: recursive
def gradient_descent(df, w0, lr, steps):
    w0 = np.asarray(w0, dtype=float)
    if steps == 0:
        return w0[None] if w0.ndim else np.array([float(w0)])
    rest = gradient_descent(df, w0 - lr * df(w0), lr, steps - 1)
    return np.concatenate([w0[None], rest])


# %% derivative: methods of the expression, xreplace
def derivative(expr, symbol):
    return expr.diff(symbol)


def value_at(expr, values):
    number = expr.xreplace({symbol: sympy.sympify(value) for symbol, value in values.items()})
    if len(number.free_symbols) > 0:
        raise ValueError("a symbol has no value")
    return float(number.evalf())


# %% derivative: simplified, with symbols in between
def derivative(expr, symbol):
    return sympy.simplify(sympy.Derivative(expr, symbol).doit())


def value_at(expr, values):
    between = {symbol: sympy.Dummy() for symbol in values}
    result = expr.subs(between)
    for symbol, dummy in between.items():
        result = result.subs(dummy, values[symbol])
    if result.is_number:
        return float(result)
    raise ValueError(f"{result} still holds symbols")


# %% derivative: expanded, a NumPy float
def derivative(expr, symbol):
    return sympy.expand(sympy.diff(expr, symbol))


def value_at(expr, values):
    result = sympy.sympify(expr).subs(list(values.items()), simultaneous=True)
    try:
        return np.float64(result)
    except TypeError:
        raise ValueError("some symbols are left") from None


# %% derivative: factored, checks the symbols of the values as well
def derivative(expr, symbol):
    return sympy.factor(sympy.diff(expr, symbol, 1))


def value_at(expr, values):
    needed = expr.free_symbols
    if not needed <= set(values):
        raise ValueError("a value is missing")
    if any(getattr(expr.subs(values, simultaneous=True), "free_symbols", ())):
        raise ValueError("a value brings symbols along")
    return float(sympy.N(expr.subs(values, simultaneous=True), 30))


# %% symbolic_gradient_matches: all
def symbolic_gradient_matches(expr, symbol, fn, points, tol=1e-8):
    d = expr.diff(symbol)
    return all(abs(float(d.subs(symbol, float(p))) - fn(float(p))) <= tol for p in points)


# %% symbolic_gradient_matches: lambdify and NumPy
def symbolic_gradient_matches(expr, symbol, fn, points, tol=1e-8):
    slope = sympy.lambdify(symbol, sympy.diff(expr, symbol), "math")
    theirs = np.array([fn(float(p)) for p in points])
    mine = np.array([slope(float(p)) for p in points])
    return (np.abs(theirs - mine) <= tol).all()


# %% symbolic_gradient_matches: the largest distance
def symbolic_gradient_matches(expr, symbol, fn, points, tol=1e-8):
    worst = 0.0
    for point in points:
        value = fn(float(point))
        if math.isnan(value):
            return False
        exact = sympy.diff(expr, symbol).evalf(subs={symbol: point})
        worst = max(worst, abs(value - float(exact)))
    return worst <= tol


# %% symbolic_gradient_matches: counts the points that match
def symbolic_gradient_matches(expr, symbol, fn, points, tol=1e-8):
    slope = sympy.simplify(sympy.diff(expr, symbol))
    count = 0
    for p in np.asarray(points, dtype=float):
        if np.abs(fn(float(p)) - np.float64(slope.subs(symbol, p))) <= tol:
            count += 1
    return count == len(points)
