"""What every unit keeps: a student's page is readable, nothing is given away, every figure has words."""

import inspect
import json
import re

import nbformat
import pytest
from material import EXERCISES, ROOT, UNITS, execute, exercises

from chainrule_course.checks.report import MIME
from chainrule_course.notebooks import cell_name

SIGNATURES = {
    "01_training": {
        "dense": "(A, W, b, g)",
        "predict_label": "(p, threshold=0.5)",
        "cost": "(y, p, loss)",
        "count_updates": "(m, batch_size, epochs)",
        "fit_logistic": "(X, y, lr, epochs, batch_size, rng)",
    },
    "02_entropy": {
        "entropy": "(p, base=2)",
        "binary_entropy": "(p)",
        "huffman_lengths": "(p)",
        "cross_entropy": "(p, q, base=2)",
        "kl_divergence": "(p, q, base=2)",
        "binary_cross_entropy": "(y, p)",
        "bce_from_logits": "(y, z)",
    },
    "03_activations": {
        "sigmoid": "(z)",
        "d_sigmoid": "(z)",
        "relu": "(z)",
        "d_relu": "(z)",
        "leaky_relu": "(z, slope=0.01)",
        "d_leaky_relu": "(z, slope=0.01)",
        "tanh": "(z)",
        "d_tanh": "(z)",
        "softplus": "(z)",
        "gradient_survival": "(slope, layers)",
        "dead_units": "(X, W, b)",
        "output_layer": "(task)",
    },
    "04_nonlinearity": {
        "collapse": "(layers)",
        "collapsed_rank": "(widths)",
        "is_affine": "(f, n, rng)",
        "xor_net": "()",
        "relu_curve": "(knots, slopes, y0)",
    },
    "05_derivatives": {
        "forward_difference": "(f, w, eps)",
        "central_difference": "(f, w, eps)",
        "best_eps": "(f, df, w, grid)",
        "numerical_gradient": "(f, W, eps=1e-06)",
        "gradient_descent": "(df, w0, lr, steps)",
        "derivative": "(expr, symbol)",
        "value_at": "(expr, values)",
        "symbolic_gradient_matches": "(expr, symbol, fn, points, tol=1e-08)",
    },
    "06_graphs": {
        "forward": "(w, x, b, y)",
        "backward": "(w, x, b, y)",
        "topological_order": "(parents)",
        "backpropagate": "(order, parents, local, output)",
        "forward_mode_visits": "(parents, parameters, output)",
        "reverse_mode_visits": "(parents, parameters, output)",
        "two_layer_gradients": "(w1, b1, w2, b2, x, y, g, dg)",
        "mlp_gradients": "(params, X, y)",
    },
    "07_backprop_variants": {
        "initial_weights": "(sizes, rng, kind)",
        "standard_epoch": "(params, X, y, lr, grad)",
        "accumulated_epoch": "(params, X, y, lr, grad)",
        "minibatch_epoch": "(params, X, y, lr, grad, batch_size, rng)",
        "weighted_mean_gradient": "(grads, sizes)",
        "first_below": "(history, target, updates_per_epoch)",
        "should_stop": "(history, tol, patience, max_epochs)",
        "momentum_step": "(w, g, v, lr, beta)",
        "adam_step": "(w, g, state, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-07)",
    },
    "08_overfitting": {
        "split": "(m, fractions, rng)",
        "diagnose": "(train, val, target, gap)",
        "early_stop": "(val_losses, patience, min_delta=0)",
        "restore_best": "(snapshots, val_losses)",
        "l2_cost": "(params, lam, m)",
        "l2_gradient": "(params, lam, m)",
        "l1_subgradient": "(W, lam, m)",
    },
    "09_local_minima": {
        "multi_start": "(minimise, f, starts)",
        "starts_needed": "(p, q)",
        "accept_probability": "(delta, T)",
        "anneal": "(f, w0, step, T0, cooling, steps, rng)",
        "noisy_descent": "(df, w0, lr, noise, steps, rng)",
        "select": "(population, scores, rng, k=3)",
        "crossover": "(a, b, rng)",
        "mutate": "(w, rate, scale, rng)",
        "evolve": "(f, population, generations, rng, rate=0.2, scale=0.3)",
    },
    "10_capstone": {
        "softmax": "(Z)",
        "probabilities": "(params, X)",
        "predict": "(P)",
        "network_cost": "(params, X, y)",
        "gradients": "(params, X, y)",
        "train": "(X_train, y_train, X_val, y_val, rng, grad, cost, patience=10, max_epochs=200)",
        "report": "(y, guess)",
    },
}
"""The graded functions, which other tools rely on."""

each_unit = pytest.mark.parametrize("unit", UNITS)


def notebook(folder: str, unit: str):
    return nbformat.read(ROOT / folder / unit / f"{unit}.ipynb", as_version=4)


@each_unit
def test_the_graded_functions_have_their_names_and_signatures(unit: str):
    found = {}
    for exercise in exercises(unit):
        scope: dict = {"__name__": "__main__"}
        execute(exercise.setup, scope, "setup")
        before = dict(scope)
        execute(exercise.solution, scope, "solution")
        for name in SIGNATURES[unit]:
            if callable(scope.get(name)) and scope[name] is not before.get(name):
                found[name] = str(inspect.signature(scope[name]))
    assert found == SIGNATURES[unit]


@each_unit
def test_a_cell_fits_the_page(unit: str):
    for cell in notebook("course", unit).cells:
        lines = cell.source.split("\n")
        if cell.cell_type == "code":
            assert len(lines) <= 25, cell_name(cell)
            assert max(map(len, lines)) <= 96, (cell_name(cell), max(lines, key=len))


@each_unit
def test_the_release_gives_nothing_away(unit: str):
    assert sorted(p.suffix for p in (ROOT / "course" / unit).iterdir() if p.suffix in (".py", ".ipynb")) == [".ipynb"]
    release = notebook("course", unit)
    text = json.dumps(release)
    assert "HIDDEN TESTS" not in text
    assert "BEGIN SOLUTION" not in text
    assert "check.mistake" not in text
    cells = {cell_name(cell): cell for cell in release.cells}
    for exercise in exercises(unit):
        assert "raise NotImplementedError" in cells[exercise.name].source
        assert cells[f"{exercise.name}-hidden"].source.count("\n") <= 1
        assert cells[f"{exercise.name}-hidden"].metadata["jupyter"] == {"source_hidden": True}


@each_unit
def test_every_figure_has_words(unit: str):
    for cell in notebook("solutions", unit).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            assert "image/png" not in data, f"{cell_name(cell)}: show figures with plotting.show, which adds alt text"
            for alt in re.findall(r'<img[^>]*?alt="([^"]*)"', data.get("text/html", "")):
                assert len(alt) > 30, cell_name(cell)
            assert data.get("text/html", "").count("<img") == data.get("text/html", "").count("alt=")


@each_unit
def test_the_solved_notebook_earns_every_point(unit: str):
    reports = [
        output.data[MIME]
        for cell in notebook("solutions", unit).cells
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
    ]
    assert len(reports) == 2 * len(exercises(unit))
    assert all(report["points"] == report["max_points"] for report in reports)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_each_exercise_has_hints_before_it(exercise):
    cells = notebook("course", exercise.unit).cells
    at = [cell_name(cell) for cell in cells].index(exercise.name)
    text = next(cell.source for cell in reversed(cells[:at]) if cell.cell_type == "markdown")
    assert text.count("<details><summary>Hint") >= 2
    assert text.count("<details>") == text.count("</details>")
