"""Read the file formats that image data comes in: MNIST's IDX and NumPy's npz."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Dataset = tuple[NDArray[np.float32], NDArray[np.int64]]

_IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def load_idx(path: str | Path) -> Array:
    """Read one file in MNIST's IDX format, plain or gzipped.

    Parameters
    ----------
    path : str or Path
        Such as ``train-images-idx3-ubyte.gz``.

    Returns
    -------
    array
        With the shape and the type that the file states, in this machine's byte order.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged or is something else; one line says what is wrong.

    References
    ----------
    Y. LeCun, C. Cortes, C. Burges. The MNIST database of handwritten digits, "File formats".

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "labels"
    ...     _ = file.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]))
    ...     load_idx(file).tolist()
    [5, 0, 4]
    """
    path = _existing(path)
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            return _parse_idx(gzip.open(file) if zipped else file)
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise ValueError(f"cannot read {path} as an IDX file: {_one_line(error)}") from None


def load_mnist(path: str | Path, *, scaled: bool = True) -> tuple[Dataset, Dataset]:
    """Load MNIST from files you have: the folder with its four IDX files, or Keras' ``mnist.npz``.

    Parameters
    ----------
    path : str or Path
        A folder with ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte`` and
        ``t10k-labels-idx1-ubyte``, plain or ``.gz``; or an ``.npz`` file. Fashion-MNIST and others that come
        in the same files work as well.
    scaled : bool, default True
        Divide the pixels by 255, so that they lie in 0..1. Otherwise they are the source's whole numbers, 0..255.

    Returns
    -------
    (X_train, y_train), (X_test, y_test)
        As `load_digits` returns them: X float32 of shape (m, 784), y int64 of shape (m,).

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is damaged, or its images and labels do not belong together.

    Examples
    --------
    >>> import tempfile
    >>> images, labels = np.full((5, 28, 28), 255, np.uint8), np.arange(5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "mnist.npz"
    ...     np.savez(file, x_train=images, y_train=labels, x_test=images, y_test=labels)
    ...     (X_train, y_train), (X_test, y_test) = load_mnist(file)
    >>> X_train.shape, float(X_train.max()), y_train.tolist()
    ((5, 784), 1.0, [0, 1, 2, 3, 4])
    """
    path = _existing(path)
    if path.is_dir():
        parts = [load_idx(_idx_file(path, s, kind)) for s in ("train", "t10k") for kind in ("images", "labels")]
    else:
        parts = read_npz(path, ("x_train", "y_train", "x_test", "y_test"))
    train, test = (_image_rows(path, parts[i], parts[i + 1], scaled) for i in (0, 2))
    if train[0].shape[1] != test[0].shape[1]:
        raise ValueError(
            f"{path}: training and test images differ in size: {train[0].shape[1]} and {test[0].shape[1]} pixels"
        )
    return train, test


def read_npz(path: Path, names: Sequence[str]) -> list[Array]:
    """Read the arrays called `names` from an npz file, without pickle."""
    try:
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            arrays = [archive[name] for name in names]
    except Exception as error:  # a damaged zip file may raise anything, from KeyError to RuntimeError
        wanted = ", ".join(names)
        raise ValueError(f"cannot read {path} as an npz file with {wanted}: {_one_line(error)}") from None
    return [np.asarray(array) for array in arrays]


def _parse_idx(file: IO[bytes] | gzip.GzipFile) -> Array:
    """Read the magic number (0, 0, type, number of dimensions), the dimensions, and the data, all big-endian."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _IDX_TYPES:
        raise ValueError(f"it starts with {magic.hex(' ') or 'nothing'}, IDX with 00 00, a type and a dimension")
    dtype, dimensions = np.dtype(_IDX_TYPES[magic[2]]), magic[3]
    header = file.read(4 * dimensions)
    if len(header) < 4 * dimensions:
        raise ValueError(f"it ends before its {dimensions} dimensions are stated")
    shape = struct.unpack(f">{dimensions}I", header)
    data = file.read()
    if len(data) != math.prod(shape) * dtype.itemsize:
        raise ValueError(
            f"shape {shape} of {dtype.name} needs {math.prod(shape) * dtype.itemsize} bytes, it holds {len(data)}"
        )
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _image_rows(path: Path, images: Array, labels: Array, scaled: bool) -> Dataset:
    """Check that images (m, height, width) and labels (m,) belong together, and make X and y of them."""
    if (
        images.dtype != np.uint8
        or images.ndim != 3
        or labels.shape != images.shape[:1]
        or labels.dtype.kind not in "ui"
    ):
        raise ValueError(
            f"{path}: expected uint8 images (m, height, width) and as many integer labels (m,), "
            f"not {images.dtype} {images.shape} and {labels.dtype} {labels.shape}"
        )
    if images.size == 0:
        raise ValueError(f"{path}: there are no images, shape {images.shape}")
    X = images.reshape(len(images), -1).astype(np.float32)
    if scaled:
        X /= 255
    return X, labels.astype(np.int64)


def _existing(path: str | Path) -> Path:
    """Return `path` as a Path if there is something there."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is no file or folder {path}")
    return path


def _idx_file(folder: Path, subset: str, kind: str) -> Path:
    """Find one of MNIST's four files; some copies have a dot for the second hyphen."""
    name = f"{subset}-{kind}-idx{3 if kind == 'images' else 1}-ubyte"
    for candidate in (name, name + ".gz", name.replace("-idx", ".idx"), name.replace("-idx", ".idx") + ".gz"):
        if (folder / candidate).is_file():
            return folder / candidate
    raise FileNotFoundError(f"{folder} has no {name} or {name}.gz")


def _one_line(error: BaseException) -> str:
    """Describe an error of zip, gzip or NumPy in one line."""
    return " ".join(str(error).split()) or type(error).__name__
