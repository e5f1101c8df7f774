"""Right answers to unit 06, written as students write them."""


# %% forward: one calls the other
def forward(w, x, b, y):
    values = {}
    values["c"] = w * x
    values["a"] = values["c"] + b
    values["d"] = values["a"] - y
    values["J"] = 0.5 * values["d"] * values["d"]
    return values


def backward(w, x, b, y):
    d = forward(w, x, b, y)["d"]
    slopes = {"J": 1}
    slopes["d"] = slopes["J"] * d
    slopes["a"] = slopes["d"] * 1
    slopes["y"] = slopes["d"] * -1
    slopes["c"] = slopes["b"] = slopes["a"]
    slopes["w"], slopes["x"] = slopes["c"] * x, slopes["c"] * w
    del slopes["J"]
    return slopes


# %% forward: formulas multiplied out
def forward(w, x, b, y):
    return dict(c=w * x, a=w * x + b, d=w * x + b - y, J=1 / 2 * (w * x + b - y) ** 2)


def backward(w, x, b, y):
    d = -y + b + x * w
    return dict(w=x * d, x=w * d, b=d, y=-d, c=d, a=d, d=d)


# %% forward: everything as NumPy floats
def forward(w, x, b, y):
    c = np.float64(w) * x
    a = np.add(c, b)
    d = np.subtract(a, y)
    return {"J": np.square(d) / 2, "d": d, "a": a, "c": c}


def backward(w, x, b, y):
    d = np.array(w * x + b - y)
    return {key: factor * d for key, factor in {"d": 1, "a": 1, "b": 1, "c": 1, "w": x, "x": w, "y": -1.0}.items()}


# %% topological_order: depth first with a stack of its own
def topological_order(parents):
    order, state = [], {}
    for start in parents:
        stack = [(start, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                state[node] = "done"
                order.append(node)
            elif state.get(node) is None:
                state[node] = "open"
                stack.append((node, True))
                for source in parents[node]:
                    if state.get(source) == "open":
                        raise ValueError("a cycle through " + source)
                    if state.get(source) is None:
                        stack.append((source, False))
    return order


# %% topological_order: sets of inputs, breadth first
def topological_order(parents):
    from collections import deque

    inputs = {node: set(sources) for node, sources in parents.items()}
    users = {node: set() for node in parents}
    for node in inputs:
        for source in inputs[node]:
            users[source].add(node)
    queue = deque([node for node in inputs if not inputs[node]])
    order = []
    while len(queue) > 0:
        node = queue.popleft()
        order.append(node)
        for user in users[node]:
            inputs[user].remove(node)
            if not inputs[user]:
                queue.append(user)
    if any(inputs.values()):
        raise ValueError("cycle")
    return order


# %% topological_order: the standard library
def topological_order(parents):
    import graphlib

    try:
        return list(graphlib.TopologicalSorter(parents).static_order())
    except graphlib.CycleError as error:
        raise ValueError("there is a cycle") from error


# %% backpropagate: a defaultdict
def backpropagate(order, parents, local, output):
    from collections import defaultdict

    total = defaultdict(float)
    total[output] = 1.0
    for i in range(len(order) - 1, -1, -1):
        node = order[i]
        for k in range(len(parents[node])):
            total[parents[node][k]] += local[node][k] * total[node]
    return {node: total[node] for node in order}


# %% backpropagate: collecting from the users
def backpropagate(order, parents, local, output):
    grads = {}
    for node in order[::-1]:
        grads[node] = 1 if node == output else 0
        for user in grads:
            if user == node:
                continue
            for source, slope in zip(parents[user], local[user]):
                if source == node:
                    grads[node] = grads[node] + grads[user] * slope
    return grads


# %% backpropagate: starts at the output, skips what got nothing
def backpropagate(order, parents, local, output):
    result = dict.fromkeys(order, np.float64(0))
    result[output] = np.float64(1)
    position = list(order).index(output)
    for node in reversed(list(order)[: position + 1]):
        if np.all(result[node] == 0):
            continue
        for k, source in enumerate(parents[node]):
            result[source] = result[source] + result[node] * local[node][k]
    return result


# %% forward_mode_visits: marks carried forward
def forward_mode_visits(parents, parameters, output):
    total = 0
    for parameter in parameters:
        total += count(parents, {parameter}, output)
    return total


def reverse_mode_visits(parents, parameters, output):
    return count(parents, set(parameters), output)


def count(parents, starts, output):
    marked = {node: node in starts for node in parents}
    for node in parents:
        for source in parents[node]:
            marked[node] = marked[node] or marked[source]
    edges = 0
    wanted = {node: node == output for node in parents}
    for node in reversed(parents):
        if not wanted[node]:
            continue
        for source in parents[node]:
            wanted[source] = True
            if marked[source]:
                edges += 1
    return edges


# %% forward_mode_visits: a set of numbered edges
def edges_from(parents, parameter, output):
    back, stack = set(), [output]
    while stack:
        node = stack.pop()
        if node in back:
            continue
        back.add(node)
        stack.extend(parents[node])
    found, reached, changed = set(), {parameter}, True
    while changed:
        changed = False
        for node in back:
            for k, source in enumerate(parents[node]):
                if source in reached and (node, k) not in found:
                    found.add((node, k))
                    reached.add(node)
                    changed = True
    return found


def forward_mode_visits(parents, parameters, output):
    return sum([len(edges_from(parents, each, output)) for each in parameters])


def reverse_mode_visits(parents, parameters, output):
    edges = set()
    for each in parameters:
        edges |= edges_from(parents, each, output)
    return len(edges)


# %% forward_mode_visits: a matrix of reachability
def reach(parents):
    names = list(parents)
    table = np.eye(len(names), dtype=bool)  # table[i, j]: j can be reached from i
    for j, node in enumerate(names):
        for source in parents[node]:
            table[:, j] |= table[:, names.index(source)]
    return names, table


def forward_mode_visits(parents, parameters, output):
    names, table = reach(parents)
    at, total = names.index, 0
    for each in parameters:
        for node in names:
            for source in parents[node]:
                total += table[at(each), at(source)] & table[at(node), at(output)]
    return total


def reverse_mode_visits(parents, parameters, output):
    names, table = reach(parents)
    any_of = table[[names.index(each) for each in parameters]].any(axis=0)
    leads = table[:, names.index(output)]
    return int(sum(any_of[names.index(s)] and leads[names.index(n)] for n in names for s in parents[n]))


# %% two_layer_gradients: edge by edge
def two_layer_gradients(w1, b1, w2, b2, x, y, g, dg):
    c1 = w1 * x
    z1 = c1 + b1
    a1 = g(z1)
    c2 = w2 * a1
    z2 = c2 + b2
    d = z2 - y
    dJ_dd = d
    dJ_dz2 = dJ_dd * 1
    dJ_db2 = dJ_dz2 * 1
    dJ_dc2 = dJ_dz2 * 1
    dJ_dw2 = dJ_dc2 * a1
    dJ_da1 = dJ_dc2 * w2
    dJ_dz1 = dJ_da1 * dg(z1)
    dJ_db1 = dJ_dz1 * 1
    dJ_dw1 = dJ_dz1 * x
    return {"b2": dJ_db2, "w2": dJ_dw2, "b1": dJ_db1, "w1": dJ_dw1}


# %% two_layer_gradients: in one expression each
def two_layer_gradients(w1, b1, w2, b2, x, y, g, dg):
    out = lambda: w2 * g(w1 * x + b1) + b2
    return {
        "w1": (out() - y) * w2 * dg(w1 * x + b1) * x,
        "b1": (out() - y) * w2 * dg(w1 * x + b1),
        "w2": (out() - y) * g(w1 * x + b1),
        "b2": out() - y,
    }


# %% two_layer_gradients: a vector of two
def two_layer_gradients(w1, b1, w2, b2, x, y, g, dg):
    z = float(w1 * x + b1)
    e = -(y - (w2 * g(z) + b2))
    second = e * np.array([g(z), 1.0])
    first = e * w2 * dg(z) * np.array([x, 1.0])
    return dict(zip(["w1", "b1", "w2", "b2"], [*first, *second]))


# %% mlp_gradients: example by example
def mlp_gradients(params, X, y):
    labels = np.ravel(y)
    sums = [[np.zeros(W.shape), np.zeros(b.shape)] for W, b in params]
    for row, label in zip(X, labels):
        activations = [np.asarray(row, dtype=float)]
        for W, b in params:
            activations.append(1 / (1 + np.exp(-(activations[-1] @ W + b))))
        delta = activations[-1] - label
        for l in range(len(params) - 1, -1, -1):
            sums[l][0] += np.outer(activations[l], delta)
            sums[l][1] += delta
            delta = params[l][0] @ delta * activations[l] * (1 - activations[l])
    return [(dW / len(labels), db / len(labels)) for dW, db in sums]


# %% mlp_gradients: through the slope at the output, divided at the end
def mlp_gradients(params, X, y):
    m = X.shape[0]
    y = np.array(y, dtype=float).reshape(m, 1)
    A = [X]
    for W, b in params:
        A.append(0.5 * (1 + np.tanh((np.dot(A[-1], W) + b) / 2)))
    p = A[-1]
    dA = (p - y) / (p * (1 - p))
    result = []
    for l in reversed(range(len(params))):
        dZ = dA * A[l + 1] * (1 - A[l + 1])
        result.append((np.dot(A[l].T, dZ) / m, np.sum(dZ, axis=0) / m))
        dA = np.dot(dZ, params[l][0].T)
    return result[::-1]


# %% mlp_gradients: recursion and einsum
def mlp_gradients(params, X, y):
    target = np.asarray(y).reshape(len(X), 1)

    def back(A, layers):
        if not layers:
            return (A - target) / len(A), []
        W, b = layers[0]
        out = 1 / (1 + np.exp(-(A @ W + b)))
        arriving, rest = back(out, layers[1:])
        dZ = arriving if len(layers) == 1 else arriving * out * (1 - out)
        return np.einsum("ij,kj->ik", dZ, W), [(np.einsum("ik,ij->kj", A, dZ), np.einsum("ij->j", dZ)), *rest]

    return back(X, list(params))[1]
