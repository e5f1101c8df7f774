"""Checks: what earns points, what loses them, what is said, and what cannot be faked."""

import copy
import json
import math
import subprocess
import sys
import warnings

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule_course.checks import MIME, Checks, Report, once_solved
from chainrule_course.checks.calling import Outcome, call
from chainrule_course.checks.mistakes import _decode, _encode, _from_json, _to_json, record_diagnoses, recorded_mistakes
from chainrule_course.checks.values import Other, describe, difference, plain, preview, same


def checks_of(function, *names, points=1, hidden=False, **kwargs):
    """Return checks of `function`, as a cell in a notebook that defines it under that name."""
    names = names or ("answer",)
    scope = {"Checks": Checks, "arguments": (names, points, hidden, kwargs)}
    functions = function if isinstance(function, tuple) else (function,)
    scope.update(zip(names, functions, strict=False))
    code = "made = Checks(*arguments[0], points=arguments[1], hidden=arguments[2], **arguments[3])"
    exec(code, scope)
    return scope["made"]


def one(function, *args, expected, **kwargs):
    """Run a single check and return its result."""
    check = checks_of(function)
    check.equal("it", *args, expected=expected, **kwargs)
    return check.report().results[0]


# Values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1.0, 1.0),
        (1, 1.0),
        (np.float64(1), 1.0),
        (np.array(1.0), 1.0),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (math.inf, math.inf),
        (math.nan, math.nan),
        (1.0 + 5e-8, 1.0),
        (np.float32(0.1), 0.1),
        ([1, 2], (1, 2)),
        (np.array([1.0, 2.0]), [1.0, 2.0]),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        ({"w": 1.0}, {"w": 1.0}),
        ("relu", "relu"),
        (None, None),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (10**30, 10**30),
    ],
)
def test_these_are_equal(got, expected):
    assert difference(plain(got), expected) is None


@pytest.mark.parametrize(
    ("got", "expected", "says"),
    [
        (2.0, 2, "a float where an int"),
        (True, 1, "a truth value (bool) where an int"),
        (1, True, "an int where a truth value"),
        (np.array([True]), np.array([1]), "type bool where int"),
        (np.array([1.0]), np.array([1]), "type float where int"),
        (np.array([1.0, 2.0]), np.array([[1.0], [2.0]]), "shape (2,) where (2, 1)"),
        ([1.0, 2.0], np.array([1.0, 2.0]), "a list of 2 where an array"),
        (np.array([1.0]), 1.0, "array of shape (1,) where a number"),
        (None, 1.0, "None (is a return missing?)"),
        (1.0 + 3e-7, 1.0, "a different value"),
        (-math.inf, math.inf, "a different value"),
        (1.0, math.inf, "a different value"),
        (math.inf, 1.0, "a different value"),
        (math.nan, 1.0, "a different value"),
        (1.0, math.nan, "a different value"),
        (np.array([1.0, 9.0, 9.0]), np.array([1.0, 2.0, 3.0]), "2 of 3 values differ"),
        ((1, 2, 3), (1, 2), "3 values where 2"),
        ({"a": 1}, {"b": 1}, "keys ['a'] where ['b']"),
        ((1.0, (2.0, 5.0)), (1.0, (2.0, 3.0)), "[1][1]: a different value"),
        (10**30 + 1, 10**30, "a different value"),
        (np.array([250], dtype=np.uint8), np.array([-6]), "a different value"),
        ("tanh", "relu", "other than the one"),
    ],
)
def test_these_differ_and_it_is_said_how(got, expected, says):
    assert says in difference(plain(got), expected)


finite = st.floats(-1e6, 1e6)


@given(
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=finite), st.floats(1e-3, 1e3), st.data()
)
def test_one_entry_off_is_found_wherever_it_is(array, off, data):
    other = array.copy()
    index = tuple(data.draw(st.integers(0, side - 1)) for side in array.shape)
    other[index] += off * max(1.0, abs(other[index]))
    assert difference(array, array.copy()) is None
    assert difference(other, array) is not None


@pytest.mark.parametrize(
    "fake",
    [
        type("Equal", (), {"__eq__": lambda self, other: True, "__hash__": None, "__float__": lambda self: 1.0})(),
        type("Sub", (np.ndarray,), {"__eq__": lambda self, other: np.True_})((2,)),
        np.array([1.0, object()], dtype=object),
        np.ma.masked_array([1.0, 2.0], mask=[True, True]),
        type("MyFloat", (float,), {"__eq__": lambda self, other: True, "__hash__": None})(3.0),
    ],
    ids=["eq", "ndarray subclass", "objects", "masked", "float subclass"],
)
def test_an_object_that_fakes_equality_gains_nothing(fake):
    assert isinstance(plain(fake), Other)
    for right in (1.0, np.array([1.0, 2.0])):
        assert not one(lambda: fake, expected=right).passed


def test_previews_are_short_and_say_shape_and_type():
    assert preview(np.arange(3.0)) == "[0., 1., 2.]  (float64 array of shape (3,))"
    assert len(preview(np.random.default_rng(0).random((50, 50)))) <= 240
    assert preview((np.ones(1), 0.5)) == "([1.], 0.5)"
    assert describe(np.True_) == "a truth value (bool)"


# SymPy expressions -----------------------------------------------------------------------------------------------

a, b = sympy.symbols("a b")
r = sympy.Symbol("r", positive=True)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (2 * a, a + a),
        ((a + b) ** 2, a**2 + 2 * a * b + b**2),
        (sympy.exp(-a) / (1 + sympy.exp(-a)) ** 2, sympy.exp(a) / (1 + sympy.exp(a)) ** 2),
        (1 - sympy.tanh(a) ** 2, sympy.sech(a) ** 2),
        (sympy.Integer(3), sympy.Float(3.0)),
        (sympy.Rational(1, 2), sympy.sin(sympy.pi / 6)),
        (sympy.log(r**2), 2 * sympy.log(r)),
        (sympy.Piecewise((a, a > 0), (-a, True)), sympy.Piecewise((-a, a <= 0), (a, True))),
        ((a, {"b": b}), [a, {"b": b + 0}]),
    ],
)
def test_expressions_of_equal_value_are_equal_however_they_are_written(got, expected):
    assert difference(plain(got), expected) is None
    assert same(plain(got), plain(expected))


@pytest.mark.parametrize(
    ("got", "expected", "says"),
    [
        (2 * a, 2 * b, "a different value"),
        (sympy.sqrt(a**2), a, "a different value"),
        (sympy.Symbol("r") * 2, 2 * r, "a different value"),
        (2 * a + sympy.Rational(1, 10**6), 2 * a, "a different value"),
        (sympy.Derivative(a**2, a), 2 * a, "a Derivative that is not carried out"),
        ("2*a", 2 * a, "a str where a SymPy expression"),
        (2.0, sympy.Integer(2), "a number (float) where a SymPy expression"),
        (sympy.Integer(2), 2.0, "a SymPy Integer where a number"),
        (sympy.true, True, "a SymPy expression where a number"),
        (sympy.Function("f")(a), a, "an object of type f where a SymPy expression"),
    ],
)
def test_expressions_that_differ_are_told_apart(got, expected, says):
    assert says in difference(plain(got), expected)


def test_a_check_takes_and_shows_expressions():
    assert one(lambda e, s: sympy.diff(sympy.expand(e), s), (a + b) ** 2, a, expected=2 * (a + b)).passed
    wrong = one(lambda e, s: e, a**2, a, expected=2 * a)
    assert (wrong.expected, wrong.got) == ("2*a  (a SymPy expression)", "a**2  (a SymPy expression)")
    assert one(lambda values: values.pop(a), {a: b}, expected=b).passed
    check = checks_of(lambda values: values.pop(a))
    check.unchanged("the dict stays", {a: b}, expected=b)
    assert "changes its argument number 1" in check.report().results[0].problem


def test_the_record_of_a_large_array_is_small_and_knows_it_again():
    value = np.random.default_rng(0).normal(size=(5, 5000))
    item = json.loads(json.dumps(_to_json(Outcome(value))))
    assert len(json.dumps(item)) < 5_000
    known = _from_json(item).value
    assert same(value, known)
    assert same(value + 1e-12, known)
    assert not same(value * 1.001, known)
    assert not same(value.T, known)
    assert not same(value.ravel().tolist(), known)


def test_an_expression_survives_as_plain_data():
    for value in (r * sympy.pi / 3 + sympy.Float(0.5), sympy.erf(a) * sympy.Max(a, 0), sympy.oo, {a: b, r: 2.0}):
        again = _decode(json.loads(json.dumps(_encode(plain(value)))))
        assert again == plain(value)
    assert plain(sympy.exp(-a) * r / 7).rebuild() == sympy.exp(-a) * r / 7
    assert preview(2 * a) == preview(plain(2 * a)) == "2*a  (a SymPy expression)"


def test_an_expression_that_fakes_its_class_gains_nothing():
    class Fake(sympy.Expr):
        __module__ = "sympy.core.symbol"

        def __eq__(self, other):
            return True

        __hash__ = None

    assert isinstance(plain(Fake()), Other)
    assert isinstance(plain(plain(2 * a)), Other)


def test_checks_load_sympy_only_if_the_notebook_has():
    code = (
        "import sys, chainrule_course.checks.values as v; v.plain({1: [object()]}); assert 'sympy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# Calls -----------------------------------------------------------------------------------------------------------


def test_a_call_gets_copies_and_tells_what_it_changed():
    x, y = np.ones(3), [np.zeros(2)]

    def spoil(x, y):
        x += 1
        y[0][0] = 5
        return x

    outcome = call(spoil, (x, y), {})
    assert outcome.changed == (0, 1)
    assert x.tolist() == [1, 1, 1]
    assert y[0].tolist() == [0, 0]


def test_a_generator_is_the_same_for_every_call():
    rng = np.random.default_rng(0)
    first, second = (call(lambda r: r.random(), (rng,), {}).value for _ in range(2))
    assert first == second == np.random.default_rng(0).random()


def test_prints_and_warnings_do_not_reach_the_cell(capsys):
    def noisy(x):
        print("noise" * 1000)
        warnings.warn("careful", RuntimeWarning, stacklevel=1)
        return np.float64(1) / np.zeros(1)[0]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome = call(noisy, (1,), {})
    assert capsys.readouterr() == ("", "")
    assert any("careful" in text for text in outcome.warned)
    assert any("divide" in text for text in outcome.warned)


@pytest.mark.parametrize("error", [SystemExit(0), RecursionError(), ZeroDivisionError("x"), Exception()])
def test_whatever_is_raised_is_one_line(error):
    def fail():
        raise error

    failure = call(fail, (), {}).failure
    assert failure.kind == type(error).__name__
    assert "\n" not in str(failure)


def test_an_interrupt_is_not_swallowed():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(interrupted, (), {})


def test_a_loop_without_end_fails_its_check_only():
    def double(x):
        while x < 0:
            try:
                x -= 1
            except Exception:
                continue
        return 2 * x

    check = checks_of(double, seconds=0.2)
    check.equal("three", 3, expected=6)
    check.equal("minus three", -3, expected=-6)
    report = check.report()
    assert [result.passed for result in report.results] == [True, False]
    assert "TimeoutError: it has not ended after 0.2 s" in report.results[1].problem


def test_an_exception_points_into_the_students_own_line():
    scope = {"np": np, "__name__": "__main__"}
    exec(compile("def answer(A, W):\n    B = A\n    return B @ W.T\n", "<cell>", "exec"), scope)
    check = checks_of(scope["answer"])
    check.equal("shapes", np.ones((2, 3)), np.ones((3, 4)), expected=np.ones((2, 4)))
    problem = check.report().results[0].problem
    assert "raised ValueError: matmul" in problem
    assert "line 3" in problem


def test_endless_recursion_is_told_quickly():
    def forever(n):
        return forever(n)

    result = one(forever, 1, expected=1)
    assert "calls itself without end" in result.problem


# The library's own answer ----------------------------------------------------------------------------------------


def test_the_librarys_own_answer_is_refused_and_named():
    def borrowed(z):
        from chainrule.activations import sigmoid

        return sigmoid(z)

    result = one(borrowed, np.zeros(2), expected=np.full(2, 0.5))
    assert not result.passed
    assert "chainrule.activations.sigmoid" in result.problem


def test_a_function_of_the_library_may_be_passed_in():
    from chainrule.activations import sigmoid

    assert one(lambda g, z: g(z), sigmoid, np.zeros(2), expected=np.full(2, 0.5)).passed


def test_a_library_object_with_methods_is_refused_too():
    def borrowed(z):
        from chainrule import Sequential
        from chainrule.layers import Dense

        return Sequential([Dense(1)]).predict(z)

    assert "calls chainrule." in one(borrowed, np.zeros((2, 2)), expected=np.zeros((2, 1))).problem


def test_refused_functions_are_found_under_any_name():
    from numpy import tanh as t

    scope = {"t": t, "np": np}
    for body in ("np.tanh(z)", "t(z)"):
        exec(f"def answer(z):\n    return {body}", scope)
        check = checks_of(scope["answer"], refuse=["numpy.tanh"])
        check.equal("it", np.zeros(2), expected=np.zeros(2))
        assert "calls numpy.tanh" in check.report().results[0].problem
    assert np.tanh is t
    assert scope["t"] is t


# Points and reports ----------------------------------------------------------------------------------------------


def half_right():
    check = checks_of(lambda x: abs(x), points=3)
    check.equal("of two", 2, expected=2)
    check.equal("of minus two", -2, expected=-2)
    check.equal("of three", 3, expected=3)
    return check.report()


def test_the_repr_is_the_points_and_one_failure_hides_no_other_check():
    report = half_right()
    assert repr(report) == "2"
    assert float(report) == 2.0
    assert [result.passed for result in report.results] == [True, False, True]


def test_the_report_shows_expected_beside_got_as_html_text_and_data():
    report = half_right()
    bundle = report._repr_mimebundle_()
    assert bundle["text/plain"] == "2"
    assert "expected" in bundle["text/html"]
    assert "-2" in bundle["text/html"]
    assert "✗ of minus two" in report.text
    again = Report.from_data(json.loads(json.dumps(bundle[MIME])))
    assert again.text == report.text


def test_html_is_escaped():
    check = checks_of(lambda: "<script>alert(1)</script>")
    check.equal("<b>bold</b>", expected="x")
    html = check.report().html
    assert "<script>" not in html
    assert "<b>" not in html


def test_a_hidden_report_shows_no_values():
    check = checks_of(lambda x: 123456.0, hidden=True)
    check.equal("secret", 1, expected=987654.0)
    text = json.dumps(check.report().data) + check.report().text + check.report().html
    assert "987654" not in text
    assert "123456" not in text


def test_unsolved_earns_nothing_and_says_so():
    def empty(x):
        raise NotImplementedError()

    check = checks_of(empty)
    check.equal("it", 1, expected=1)
    check.raises("refuses", ValueError, -1)
    check.that("holds", lambda f: f(1) == 1)
    check.unchanged("keeps", np.ones(1), expected=1)
    report = check.report()
    assert repr(report) == "0"
    assert report.text.endswith("not solved yet")


def test_raises_wants_that_exception():
    def refuse(x):
        if x < 0:
            raise ValueError("negative")
        return x

    check = checks_of(refuse)
    check.raises("negative", ValueError, -1)
    check.raises("zero", ValueError, 0)
    check.raises("other", TypeError, -1)
    assert [r.passed for r in check.report().results] == [True, False, False]


def test_unchanged_needs_the_right_value_too():
    check = checks_of(lambda x: None)
    check.unchanged("keeps", np.ones(2), expected=2.0)
    assert check.report().points == 0


@pytest.mark.parametrize(
    ("answer", "passes"),
    [
        (lambda pairs: copy.deepcopy(pairs[0]), True),
        (lambda pairs: [part + 0 for part in pairs[0]], True),
        (lambda pairs: pairs[0], False),
        (lambda pairs: list(pairs[0]), False),  # a new list of the old arrays
        (lambda pairs: [part[:] for part in pairs[0]], False),  # views
    ],
)
def test_fresh_wants_arrays_of_ones_own(answer, passes):
    pairs = [(np.ones((2, 3)), np.zeros(3)), (np.ones((1, 1)), np.ones(1))]
    check = checks_of(answer)
    check.equal("right", pairs, expected=pairs[0])
    check.fresh("fresh", pairs, expected=pairs[0])
    right, fresh = check.report().results
    assert right.passed
    assert fresh.passed == passes
    assert passes or fresh.problem == "returns arrays of its argument number 1, not copies"


def test_shared_memory_is_a_mistake_that_is_named_from_the_record_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def cells(answer):
        scope = {"answer": answer, "np": np, "Checks": Checks}
        visible = "check = Checks('answer', points=1)\ncheck.fresh('one', np.ones(2), expected=np.ones(2))\n"
        hidden = (
            "check = Checks('answer', points=1, hidden=True)\ncheck.reference(lambda x: x.copy())\n"
            "@check.mistake('not a copy')\ndef alias(x):\n    return x\n"
            "check.fresh('two', np.arange(3))\n"
        )
        reports = []
        for cell in (visible, hidden):
            exec(cell, scope)
            reports.append(scope["check"].report())
        return reports

    cells(np.copy)
    record_diagnoses()
    for report in cells(lambda x: x.view()):
        assert report.mistakes == {"alias": "not a copy"}


def test_quiet_fails_on_a_numpy_warning_only_where_asked():
    def loud(z):
        return 1 / (1 + np.exp(-z))

    check = checks_of(loud)
    z, right = np.array([-1000.0]), np.array([0.0])
    check.equal("loud", z, expected=right)
    check.equal("quiet", z, expected=right, quiet=True)
    first, second = check.report().results
    assert first.passed
    assert "overflow" in second.problem


def test_underflow_is_no_warning():
    def softplus(z):
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))

    check = checks_of(softplus)
    check.equal("far", np.array([-1000.0, 1000.0]), expected=np.array([0.0, 1000.0]), quiet=True)
    assert check.report().points == 1


def test_a_property_may_ask_for_silence_too():
    check = checks_of(lambda z: 1 / (1 + np.exp(-z)))
    check.that("loud", lambda f: f(np.array([-1000.0]))[0] == 0)
    check.that("quiet", lambda f: f(np.array([-1000.0]))[0] == 0, quiet=True)
    first, second = check.report().results
    assert first.passed
    assert "overflow" in second.problem


def test_a_borrowed_answer_is_not_called_a_mistake():
    check = checks_of(lambda z: np.tanh(z), "tanh", hidden=True, refuse=["numpy.tanh"])

    @check.mistake("it overflows")
    def overflows(z):
        return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))

    check.equal("one", np.array([1.0]), expected=np.array([math.tanh(1.0)]))
    report = check.report()
    assert "calls numpy.tanh" in report.results[0].problem
    assert report.mistakes == {}


def test_a_property_gets_all_functions_and_may_say_what_is_wrong():
    check = checks_of((lambda x: 2 * x, lambda x: x / 2), "double", "half")
    check.that("inverse", lambda f, g: g(f(3)) == 3)
    check.that("said", lambda f, g: "no such luck")
    check.that("false", lambda f, g: False)
    check.that("one of them", lambda g: g(4) == 2, of="half")
    check.that("unusable", lambda f, g: f(None) > 1)
    problems = [r.problem for r in check.report().results]
    assert problems[0] == problems[3] == ""
    assert problems[1] == "no such luck"
    assert problems[2] == "does not hold"
    assert problems[4].startswith("raised TypeError")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda c: (c.equal("a", expected=1), c.equal("a", expected=1)), "called 'a'"),
        (lambda c: c.equal("a", 1), "declare a reference"),
        (lambda c: c.equal("a", 1, expected=1, of="other"), "functions of this exercise"),
    ],
)
def test_an_authors_slip_is_told(wrong, says):
    with pytest.raises((ValueError, TypeError), match=says):
        wrong(checks_of(lambda: 1))


# Mistakes --------------------------------------------------------------------------------------------------------


def with_mistakes(function, hidden=True):
    check = checks_of(function, "mean", points=2, hidden=hidden)
    if hidden:
        check.mistake("the sum")(summed)
        check.mistake("the middle")(middle)
    check.reference(np.mean)
    check.equal("two", np.array([1.0, 4.0]), expected=2.5)
    check.equal("three", np.array([1.0, 4.0, 10.0]), expected=5.0)
    return check.report()


def summed(x):
    return np.sum(x)


def middle(x):
    return np.sort(x)[len(x) // 2]


def test_a_mistake_is_named_by_what_it_does():
    report = with_mistakes(lambda x: x[0] + sum(x[1:]))
    assert report.mistakes == {"summed": "the sum"}
    assert with_mistakes(lambda x: np.median(x) if len(x) > 2 else np.mean(x)).mistakes == {"middle": "the middle"}
    assert with_mistakes(lambda x: 17.0).mistakes == {}
    assert with_mistakes(lambda x: x.sum() / len(x)).mistakes == {}


def test_students_get_the_name_from_the_record_without_the_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with_mistakes(np.mean, hidden=False)
    with_mistakes(np.mean, hidden=True)
    record_diagnoses()
    assert set(recorded_mistakes("mean")) == {"summed", "middle"}
    assert with_mistakes(np.sum, hidden=False).mistakes == {"summed": "the sum"}
    assert with_mistakes(np.mean, hidden=False).points == 2


def test_the_record_is_made_with_the_names_as_they_were_in_the_visible_cell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scope = {"Checks": Checks, "np": np, "mean": np.mean, "data": np.array([1.0, 4.0])}
    visible = "check = Checks('mean', points=1); check.that('big', lambda f: f(data) == 2.5); check.report()"
    hidden = """
check = Checks('mean', points=1, hidden=True)
def total(x):
    return np.sum(x)
@check.mistake('the sum')
def summed(x):
    return total(x)
data = np.array([7.0])
check.equal('seven', data, expected=7.0)
check.report()
"""
    for cell in (visible, hidden, "data = total = None"):
        exec(cell, scope)
    record_diagnoses()
    outcome = recorded_mistakes("mean")["summed"].recorded["big"][0]
    assert outcome.value == 5.0
    assert scope["data"] is None


CONDITION = """
def smallest_or(f):
    got = f([3, 1, 2])
    return check.made('largest', 'too large') if got == 3 else got == 1
check.that('of three', smallest_or)
report = check.report()
"""
VISIBLE_CONDITION = "check = Checks('pick', points=1)" + CONDITION
HIDDEN_CONDITION = (
    """
check = Checks('pick', points=1, hidden=True)
ran = []
@check.mistake('It is the largest.', compared=False)
def largest(x):
    ran.append('largest')
    return max(x)
"""
    + CONDITION
)


def test_a_condition_names_a_mistake_that_is_never_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scope = {"Checks": Checks, "pick": lambda x: sorted(x)[-1]}
    exec(HIDDEN_CONDITION, scope)
    assert scope["report"].mistakes == {"largest": "It is the largest."}
    assert scope["report"].results[0].problem == "too large"
    assert scope["ran"] == []
    with pytest.raises(ValueError, match="the mistakes of pick are largest"):
        scope["check"].made("smallest", "it is small")
    scope["pick"] = min
    exec(HIDDEN_CONDITION, scope)
    assert scope["report"].points == 1


UP_TO_CHANCE = """
check = Checks('pick', points=1, hidden=True)
@check.mistake('It is the largest.')
def largest(x):
    return max(x)
@check.mistake('Equal calls give different results.', compared=False)
def by_chance(x):
    return x[0]
check.equal('of two', [1, 2], expected=1)
def steady(f):
    return f([1, 2]) == f([1, 2]) or check.made('by_chance', 'it changes', alone={alone})
check.that('twice the same', steady)
report = check.report()
"""


@pytest.mark.parametrize(("alone", "named"), [(False, {"largest", "by_chance"}), (True, {"by_chance"})])
def test_where_results_are_up_to_chance_no_other_mistake_is_named(alone, named):
    results = iter([2, 2, 1])  # the first looks like the mistake `largest`
    scope = {"Checks": Checks, "pick": lambda x: next(results)}
    exec(UP_TO_CHANCE.format(alone=alone), scope)
    assert scope["report"].mistakes.keys() == named


def test_a_visible_condition_names_it_from_the_record_and_without_one_says_how_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scope = {"Checks": Checks, "pick": max}
    exec(VISIBLE_CONDITION, scope)
    assert (scope["report"].results[0].problem, scope["report"].mistakes) == ("too large", {})
    exec(HIDDEN_CONDITION, scope)
    record_diagnoses()
    assert scope["ran"] == []
    exec(VISIBLE_CONDITION, scope)
    assert scope["report"].results[0].problem == "too large"
    assert scope["report"].mistakes == {"largest": "It is the largest."}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"mean": [1]}', '{"mean": 3}', '{"mean": [{"key": "a"}]}'])
def test_a_damaged_record_costs_a_hint_never_a_point(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "diagnoses.json").write_text(text)
    assert with_mistakes(np.mean, hidden=False).points == 2
    assert with_mistakes(np.sum, hidden=False).mistakes == {}


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-1000, 1000),
        st.floats(allow_nan=True),
        hnp.arrays(np.float64, hnp.array_shapes(max_dims=2, max_side=3), elements=st.floats(allow_nan=True)),
        hnp.arrays(np.int64, 3),
        st.text(max_size=5),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner, inner), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(values)
def test_a_recorded_value_is_the_same_when_read_again(value):
    assert same(_decode(json.loads(json.dumps(_encode(plain(value))))), plain(value))


def test_once_solved_goes_on_only_for_the_empty_function(capsys):
    def empty():
        raise NotImplementedError

    with once_solved():
        empty()
    assert "write `empty` above" in capsys.readouterr().out
    with pytest.raises(ZeroDivisionError), once_solved():
        _ = 1 / 0
