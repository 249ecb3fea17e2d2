"""Frames on a pipe: four bytes of length, big-endian, then a pickled value."""

from __future__ import annotations

import asyncio
import pickle
import struct
from typing import BinaryIO

_LENGTH = struct.Struct(">I")


def frame(value: object) -> bytes:
    """``value`` as one frame."""
    body = pickle.dumps(value, protocol=5)
    return _LENGTH.pack(len(body)) + body


def read_blocking(file: BinaryIO) -> object:
    """The next value of ``file``.

    Raises:
        EOFError: the other end is gone.
    """
    head = file.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError("the pipe was closed")
    size = _LENGTH.unpack(head)[0]
    body = file.read(size)
    if len(body) < size:
        raise EOFError("the pipe was closed within a frame")
    return pickle.loads(body)  # noqa: S301  both ends are this program


async def read(reader: asyncio.StreamReader) -> object:
    """The next value of ``reader``; raises as :func:`read_blocking`."""
    head = await reader.readexactly(_LENGTH.size)  # IncompleteReadError is an EOFError
    body = await reader.readexactly(_LENGTH.unpack(head)[0])
    return pickle.loads(body)  # noqa: S301  both ends are this program
