"""Plain data over a socket between processes that don't trust each other.

A message is JSON behind its length. What a student's process sends is read here: nothing but numbers, strings, arrays
of numbers, SymPy expressions as trees, and containers of these can come out, whatever bytes come in.
"""

from __future__ import annotations

import base64
import json
import re
import select
import socket
import struct
import time
from typing import Any

import numpy as np

from chainrule_course.checks.expressions import Expression
from chainrule_course.checks.values import Other

MOST = 64_000_000
"""Bytes of a message; a longer one is refused."""

_LENGTH = struct.Struct("!I")
_DTYPE = re.compile(r"[<>|=]?[biufc]\d{1,2}")


class ForgedError(ValueError):
    """What came is nothing that our own code sends."""


class GoneError(EOFError):
    """The other process has ended."""


class LateError(TimeoutError):
    """The other process did not answer in time."""


def send(channel: socket.socket, message: Any) -> None:
    """Send a message of plain JSON.

    Raises
    ------
    GoneError
        If nobody is there to read it.
    ForgedError
        If it is too long.
    """
    text = json.dumps(message).encode()
    if len(text) > MOST:
        raise ForgedError(f"a message of {len(text)} bytes; at most {MOST} are sent")
    try:
        channel.sendall(_LENGTH.pack(len(text)) + text)
    except OSError as error:
        raise GoneError("the other process has ended") from error


def receive(channel: socket.socket, timeout: float | None = None) -> Any:
    """Receive the next message; wait for it as long as it takes, or `timeout` seconds.

    Raises
    ------
    GoneError, LateError, ForgedError
        If the other process has ended, is late, or sent something else than a message.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size, deadline))
    if length > MOST:
        raise ForgedError(f"a message of {length} bytes; at most {MOST} are read")
    return parse(_exactly(channel, length, deadline))


def parse(text: bytes) -> Any:
    """Read a message's JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ForgedError("a message that is not JSON") from error


def _exactly(channel: socket.socket, count: int, deadline: float | None) -> bytes:
    parts = []
    while count:
        if deadline is not None:
            ready, _, _ = select.select([channel], [], [], max(deadline - time.monotonic(), 0))
            if not ready:
                raise LateError("no answer in time")
        try:
            part = channel.recv(min(count, 1 << 20))
        except OSError as error:
            raise GoneError("the other process has ended") from error
        if not part:
            raise GoneError("the other process has ended")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


class Stream:
    """Messages from a channel that is read a piece at a time.

    Parameters
    ----------
    most : int
        Bytes of a message; a longer one is refused.
    """

    def __init__(self, most: int = 16_000_000) -> None:
        self._rest, self._most = bytearray(), most

    def feed(self, piece: bytes) -> list[Any]:
        """Add what was read and return the messages that are whole now.

        Raises
        ------
        ForgedError
            If they are no messages.
        """
        self._rest += piece
        messages = []
        while len(self._rest) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._rest)
            if length > self._most:
                raise ForgedError(f"a message of {length} bytes; at most {self._most} are read")
            end = _LENGTH.size + length
            if len(self._rest) < end:
                break
            messages.append(parse(bytes(self._rest[_LENGTH.size : end])))
            del self._rest[:end]
        return messages


# Values ---------------------------------------------------------------------------------------------------------------


def encode(value: Any) -> Any:
    """Write plain data (see :func:`chainrule_course.checks.values.plain`) as JSON; anything else raises TypeError.

    Examples
    --------
    >>> decode(encode((1, [2.5, "x"], {"a": np.float32(3)})))
    (1, [2.5, 'x'], {'a': np.float32(3.0)})
    """
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is complex:
        return {"complex": [value.real, value.imag]}
    if kind is np.ndarray:
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"array": [value.dtype.str, list(value.shape), data]}
    if isinstance(value, np.generic):
        return {"number": [value.dtype.str, base64.b64encode(value.tobytes()).decode()]}
    if kind is list:
        return [encode(item) for item in value]
    if kind is tuple:
        return {"tuple": [encode(item) for item in value]}
    if kind is dict:
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    if kind is Expression:
        return {"expression": value.tree}
    if kind is Other:
        return {"other": value.what}
    raise TypeError(f"{kind.__name__} is not plain data")


def decode(item: Any) -> Any:
    """Read what :func:`encode` wrote.

    Raises
    ------
    ForgedError
        If it is something else.
    """
    if item is None or type(item) in (bool, int, float, str):
        return item
    if type(item) is list:
        return [decode(part) for part in item]
    try:
        ((kind, content),) = item.items()
        if kind == "tuple":
            return tuple(decode(part) for part in content)
        if kind == "dict":
            return {decode(key): decode(part) for key, part in content}
        if kind == "complex":
            return complex(float(content[0]), float(content[1]))
        if kind == "number":
            return np.frombuffer(base64.b64decode(content[1], validate=True), _dtype(content[0]))[()][0]
        if kind == "array":
            name, shape, data = content
            return np.frombuffer(base64.b64decode(data, validate=True), _dtype(name)).reshape(_shape(shape)).copy()
        if kind == "expression":
            expression = Expression(_tree(content))
            expression.rebuild()
            return expression
        if kind == "other":
            return Other(str(content)[:200])
    except Exception as error:
        raise ForgedError(f"a value that is not plain data ({type(error).__name__})") from error
    raise ForgedError("a value of an unknown kind")


def _dtype(name: Any) -> np.dtype[Any]:
    if not isinstance(name, str) or not _DTYPE.fullmatch(name):
        raise ForgedError("an array of an unknown type")
    return np.dtype(name)


def _shape(sizes: Any) -> tuple[int, ...]:
    if not all(type(size) is int and size >= 0 for size in sizes):
        raise ForgedError("an array of an impossible shape")
    return tuple(sizes)


def _tree(item: Any) -> tuple[Any, ...]:
    return tuple(_tree(part) if isinstance(part, list) else part for part in item)
