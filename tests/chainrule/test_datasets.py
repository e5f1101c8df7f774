"""Datasets: what the bundled file holds, what the toys look like, and what damaged files answer."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import datasets
from chainrule.datasets import (
    load_digits,
    load_idx,
    load_mnist,
    make_circles,
    make_coffee,
    make_moons,
    make_polynomial,
    make_spirals,
    make_xor,
    train_validation_test_split,
)

TOYS = [make_circles, make_coffee, make_moons, make_polynomial, make_spirals, make_xor]


def rng(seed=0):
    return np.random.default_rng(seed)


# Digits


def test_digits_have_the_counts_that_the_repository_publishes():
    # optdigits.names, "Class distribution" of the test set.
    published = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    X, y = load_digits()
    assert np.bincount(y).tolist() == published
    assert X.shape == (1797, 64)
    assert X.dtype == np.float32
    assert np.issubdtype(y.dtype, np.integer)


def test_digits_are_scaled_to_one_unless_asked_otherwise():
    X, _ = load_digits()
    raw, _ = load_digits(scaled=False)
    assert (X.min(), X.max()) == (0, 1)
    assert (raw.min(), raw.max()) == (0, 16)
    assert np.array_equal(raw, np.rint(raw))
    assert np.array_equal(X * 16, raw)


@pytest.mark.parametrize("classes", [(0, 1), [1, 0], {0, 1}, np.array([0, 1]), range(2)])
def test_a_choice_of_classes_keeps_order_and_labels(classes):
    X, y = load_digits()
    X01, y01 = load_digits(classes=classes)
    assert np.array_equal(X01, X[y < 2])
    assert np.array_equal(y01, y[y < 2])


def test_digits_keep_their_own_values_as_labels():
    _, y = load_digits(classes=(8, 3))
    assert sorted(set(y.tolist())) == [3, 8]


def test_loading_twice_gives_independent_arrays():
    first, _ = load_digits()
    first[:] = -1
    assert load_digits()[0].min() == 0


@pytest.mark.parametrize("classes", [(), (0, 10), (-1, 0), (1, 1)])
def test_wrong_classes_are_refused(classes):
    with pytest.raises(ValueError, match="classes must be"):
        load_digits(classes=classes)


@pytest.mark.parametrize("classes", [3, "01", (0.0, 1.0), (True, False), ("0", "1")])
def test_classes_of_a_wrong_type_are_refused(classes):
    with pytest.raises(TypeError, match="classes must be"):
        load_digits(classes=classes)


def test_the_description_names_source_and_license():
    assert "10.24432/C50P49" in datasets.DIGITS_DESCR
    assert "CC BY 4.0" in datasets.DIGITS_DESCR


# Toys


@pytest.mark.parametrize("make", TOYS)
def test_toys_follow_the_generator_alone(make):
    X, y = make(40, rng(3))
    again, labels = make(40, rng(3))
    other, _ = make(40, rng(4))
    assert np.array_equal(X, again)
    assert np.array_equal(y, labels)
    assert not np.array_equal(X, other)
    assert X.shape == (40, 1 if make is make_polynomial else 2)
    assert y.shape == (40,)


@pytest.mark.parametrize("make", TOYS)
@pytest.mark.parametrize("m", [0, -3])
def test_toys_need_a_point(make, m):
    with pytest.raises(ValueError, match="m must be at least 1"):
        make(m, rng())


@pytest.mark.parametrize("make", TOYS)
def test_toys_refuse_wrong_types(make):
    with pytest.raises(TypeError, match="m must be an integer, not float"):
        make(10.0, rng())
    with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator, not int"):
        make(10, 0)
    with pytest.raises(TypeError, match="noise must be a number"):
        make(10, rng(), noise="much")


@pytest.mark.parametrize("make", TOYS)
@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf])
def test_toys_refuse_impossible_noise(make, noise):
    with pytest.raises(ValueError, match="noise must be in"):
        make(10, rng(), noise=noise)


@pytest.mark.parametrize("make", [make_circles, make_moons, make_spirals])
def test_classes_differ_in_size_by_one_at_most(make):
    assert np.bincount(make(11, rng())[1]).tolist() == [6, 5]


@pytest.mark.parametrize("make", [make_circles, make_moons, make_spirals, make_xor])
def test_noise_is_the_standard_deviation_of_the_shaking(make):
    # The same seed draws the same places, then the noise; their difference is the noise alone.
    shaken, _ = make(20_000, rng(1), noise=0.3)
    still, _ = make(20_000, rng(1), noise=0)
    assert np.std(shaken - still, axis=0) == pytest.approx([0.3, 0.3], rel=0.03)
    assert np.mean(shaken - still, axis=0) == pytest.approx([0, 0], abs=0.01)


def test_spirals_wind_as_often_as_told():
    X, y = make_spirals(600, rng(), classes=3, turns=2, noise=0)
    radius = np.hypot(*X.T)
    angle = np.arctan2(X[:, 1], X[:, 0]) / (2 * np.pi)
    off = angle - 2 * radius - y / 3
    assert np.allclose(off, np.rint(off), atol=1e-9)
    assert radius.max() <= 1
    assert np.bincount(y).tolist() == [200, 200, 200]


@pytest.mark.parametrize("make", [make_spirals, make_xor, make_circles])
def test_no_line_separates_the_classes(make):
    X, y = make(400, rng())
    A = np.column_stack([X, np.ones(400)])
    line = np.linalg.lstsq(A, 2.0 * y - 1, rcond=None)[0]
    assert np.mean((A @ line > 0) == y) < 0.75


def test_moons_lie_on_two_half_circles():
    X, y = make_moons(200, rng(), noise=0)
    upper, lower = X[y == 0], X[y == 1]
    assert np.allclose(np.hypot(*upper.T), 1)
    assert upper[:, 1].min() >= 0
    assert np.allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1)
    assert lower[:, 1].max() <= 0.5


def test_polynomial_scatters_around_its_curve():
    X, y = make_polynomial(5000, rng(), coefficients=(1, -2, 0.5), noise=0.2)
    x = X[:, 0]
    residual = y - (1 - 2 * x + 0.5 * x**2)
    assert np.std(residual) == pytest.approx(0.2, rel=0.05)
    assert x.min() >= -1
    assert x.max() <= 1
    fitted = np.polynomial.Polynomial.fit(x, y, 2).convert().coef
    assert fitted == pytest.approx([1, -2, 0.5], abs=0.03)


@pytest.mark.parametrize("coefficients", [(), (1, np.nan)])
def test_polynomial_needs_finite_coefficients(coefficients):
    with pytest.raises(ValueError, match="coefficients must"):
        make_polynomial(5, rng(), coefficients=coefficients)


def test_coffee_follows_its_rule_where_a_taster_can_check_it():
    X, y = make_coffee(20_000, rng())
    temperature, duration = X.T
    near_210 = np.abs(temperature - 210) < 2
    # Near 210 °C the equivalent minutes are the minutes, within 5 percent.
    assert np.all(y[near_210 & (duration > 10.6) & (duration < 14.2)] == 1)
    assert np.all(y[near_210 & ((duration < 9.5) | (duration > 15.8))] == 0)
    assert np.all(y[(temperature < 190) | (temperature > 235)] == 0)
    assert temperature.min() >= 180
    assert temperature.max() <= 250


def test_a_noisy_taster_blurs_the_border_only():
    _, exact = make_coffee(5000, rng(2))
    X, blurred = make_coffee(5000, rng(2), noise=0.05)
    changed = exact != blurred
    equivalent = X[:, 1] * 2 ** ((X[:, 0] - 210) / 30)
    distance = np.minimum(np.abs(np.log(equivalent / 10)), np.abs(np.log(equivalent / 15)))
    assert 0 < changed.mean() < 0.1
    assert distance[changed].max() < 6 * 0.05


# Splitting


@settings(max_examples=50, deadline=None)
@given(m=st.integers(3, 200), cuts=st.tuples(st.floats(0.05, 0.9), st.floats(0.05, 0.9)), seed=st.integers(0, 99))
def test_sets_are_disjoint_complete_and_of_the_right_size(m, cuts, seed):
    first, rest = cuts[0], 1 - cuts[0]
    fractions = (first, rest * cuts[1], rest * (1 - cuts[1]))
    X = np.arange(2 * m).reshape(m, 2)
    try:
        sets = train_validation_test_split(X, X[:, 0], fractions, rng=rng(seed))
    except ValueError as error:
        assert "too few" in str(error)  # noqa: PT017 (either outcome is right, depending on m)
        assert m * min(fractions) < 1
        return
    assert sorted(np.concatenate([y for _, y in sets]).tolist()) == X[:, 0].tolist()
    for (part, y), share in zip(sets, fractions, strict=True):
        assert np.array_equal(part[:, 0], y)
        assert abs(len(y) - m * share) <= 1


def test_split_shuffles_and_leaves_its_input_alone():
    X = np.arange(100)
    train, _, _ = train_validation_test_split(X, X, rng=rng())
    assert not np.array_equal(train[0], np.sort(train[0]))
    train[0][:] = -1
    assert np.array_equal(X, np.arange(100))


@pytest.mark.parametrize(
    ("X", "y", "fractions", "message"),
    [
        (np.zeros((4, 2)), np.zeros(5), (0.6, 0.2, 0.2), "one row an example"),
        (np.zeros(()), np.zeros(()), (0.6, 0.2, 0.2), "one row an example"),
        (np.zeros((9, 2)), np.zeros(9), (0.6, 0.2, 0.1), "sum 1"),
        (np.zeros((9, 2)), np.zeros(9), (0.5, 0.5), "three positive"),
        (np.zeros((9, 2)), np.zeros(9), (0.5, 0.5, 0.0), "three positive"),
        (np.zeros((9, 2)), np.zeros(9), (0.5, np.nan, 0.5), "fractions must be"),
        (np.zeros((2, 2)), np.zeros(2), (0.6, 0.2, 0.2), "too few"),
        (np.zeros((0, 2)), np.zeros(0), (0.6, 0.2, 0.2), "too few"),
    ],
)
def test_impossible_splits_are_refused(X, y, fractions, message):
    with pytest.raises(ValueError, match=message):
        train_validation_test_split(X, y, fractions, rng=rng())


def test_split_needs_a_generator():
    with pytest.raises(TypeError, match="rng must be"):
        train_validation_test_split(np.zeros(9), np.zeros(9), rng=np.random)


# MNIST's files


def idx(array, code=0x08):
    """Write IDX by hand: magic number, dimensions, big-endian data."""
    header = bytes([0, 0, code, array.ndim]) + b"".join(struct.pack(">I", n) for n in array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


IMAGES = np.arange(3 * 4 * 2, dtype=np.uint8).reshape(3, 4, 2)
LABELS = np.array([7, 0, 9], np.uint8)
FILES = {
    "train-images-idx3-ubyte": IMAGES,
    "train-labels-idx1-ubyte": LABELS,
    "t10k-images-idx3-ubyte": IMAGES[:2] + 50,
    "t10k-labels-idx1-ubyte": LABELS[:2],
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
@pytest.mark.parametrize(
    ("code", "dtype"), [(0x08, "u1"), (0x09, "i1"), (0x0B, "i2"), (0x0C, "i4"), (0x0D, "f4"), (0x0E, "f8")]
)
def test_idx_of_every_type_is_read_back(tmp_path, pack, code, dtype):
    array = (np.arange(24) * 5 - 60).astype(dtype).reshape(2, 3, 4)
    path = tmp_path / "some-name"
    path.write_bytes(pack(idx(array, code)))
    read = load_idx(path)
    assert np.array_equal(read, array)
    assert read.dtype == np.dtype(dtype)
    read[0] = 0  # writable


def damaged():
    whole = idx(IMAGES)
    zipped = gzip.compress(whole)
    flipped = bytearray(zipped)
    flipped[len(zipped) // 2] ^= 0xFF
    return {
        "empty": b"",
        "text": b"<html>404</html>",
        "magic only": whole[:4],
        "short header": whole[:9],
        "short data": whole[:-1],
        "long data": whole + b"\0",
        "unknown type": bytes([0, 0, 7]) + whole[3:],
        "huge shape": whole[:4] + b"\xff" * 12 + whole[16:],
        "short gz": zipped[:-9],
        "gz header only": zipped[:5],
        "flipped gz": bytes(flipped),
        "gz of text": gzip.compress(b"hello, this is not it"),
    }


@pytest.mark.parametrize("case", damaged())
def test_damaged_idx_files_are_refused_in_one_line(tmp_path, case):
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(damaged()[case])
    with pytest.raises(ValueError, match=r"cannot read .* as an IDX file") as caught:
        load_idx(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_folder_is_no_idx_file(tmp_path):
    with pytest.raises(ValueError, match=r"cannot read .* as an IDX file"):
        load_idx(tmp_path)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        load_idx(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        load_mnist(tmp_path / "mnist.npz")
    with pytest.raises(FileNotFoundError, match="has no train-images-idx3-ubyte"):
        load_mnist(tmp_path)


def write_idx_folder(folder, rename=str, pack=bytes, **replaced):
    for name, array in FILES.items():
        (folder / rename(name)).write_bytes(pack(idx(replaced.get(name[:7], array))))


def write_npz(path):
    (x_train, y_train, x_test, y_test) = FILES.values()
    np.savez(path, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)


def check_mnist(loaded):
    (X_train, y_train), (X_test, y_test) = loaded
    assert np.allclose(X_train, IMAGES.reshape(3, 8) / 255)
    assert np.allclose(X_test, (IMAGES[:2] + 50).reshape(2, 8) / 255)
    assert X_train.dtype == X_test.dtype == np.float32
    assert y_train.tolist() == [7, 0, 9]
    assert y_test.tolist() == [7, 0]


@pytest.mark.parametrize(
    ("rename", "pack"),
    [
        (str, bytes),
        (lambda name: name + ".gz", gzip.compress),
        (lambda name: name.replace("-idx", ".idx"), bytes),
        (str, gzip.compress),
    ],
)
def test_mnist_from_a_folder(tmp_path, rename, pack):
    write_idx_folder(tmp_path, rename, pack)
    check_mnist(load_mnist(tmp_path))
    check_mnist(load_mnist(str(tmp_path)))


def test_mnist_from_npz(tmp_path):
    write_npz(tmp_path / "mnist.npz")
    check_mnist(load_mnist(tmp_path / "mnist.npz"))
    (X, _), _ = load_mnist(tmp_path / "mnist.npz", scaled=False)
    assert np.array_equal(X, IMAGES.reshape(3, 8))


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("train-l", LABELS[:2], "as many integer labels"),
        ("train-i", IMAGES[0], "expected uint8 images"),
        ("train-i", IMAGES[:, :, 0], "expected uint8 images"),
        ("train-i", IMAGES[:, :2], "differ in size"),
    ],
)
def test_mnist_files_that_do_not_belong_together(tmp_path, name, array, message):
    write_idx_folder(tmp_path, **{name: array})
    with pytest.raises(ValueError, match=message):
        load_mnist(tmp_path)


def test_mnist_of_another_type_is_refused(tmp_path):
    images, labels = IMAGES / 255, LABELS
    np.savez(tmp_path / "mnist.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    with pytest.raises(ValueError, match=r"expected uint8 images .* not float64 \(3, 4, 2\)"):
        load_mnist(tmp_path / "mnist.npz")


def test_mnist_without_images_is_refused(tmp_path):
    write_idx_folder(tmp_path, **{"train-i": IMAGES[:0], "train-l": LABELS[:0]})
    with pytest.raises(ValueError, match="there are no images"):
        load_mnist(tmp_path)


def test_damaged_npz_files_are_refused_in_one_line(tmp_path):
    path = tmp_path / "mnist.npz"
    write_npz(path)
    whole = path.read_bytes()
    np.savez(tmp_path / "partial.npz", x_train=IMAGES)
    np.savez(tmp_path / "pickle.npz", x_train=np.array([{}], object))
    np.save(tmp_path / "single.npy", IMAGES)
    cases = [b"", b"no zip", whole[:-30], whole[50:]]
    cases += [(tmp_path / name).read_bytes() for name in ("partial.npz", "pickle.npz", "single.npy")]
    for content in cases:
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"cannot read .* as an npz file") as caught:
            load_mnist(path)
        assert "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_byte_never_gives_wrong_data_or_a_foreign_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damage") / "mnist.npz"
    write_npz(path)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content))
    try:
        check_mnist(load_mnist(path))  # some bytes, such as a time of day, do not matter
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017 (either outcome is right, depending on the byte)
