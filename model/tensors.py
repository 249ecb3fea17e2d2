"""Named float32 arrays to bytes and back, in the safetensors format (https://github.com/huggingface/safetensors).

Eight bytes of header length, a JSON header, then the raw values: nothing is executed or unpacked on reading, and the
size of what comes out is bounded by the size of what went in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

MAX_HEADER = 1 << 20


def pack(tensors: Mapping[str, Array]) -> bytes:
    """The arrays in order of their names."""
    header: dict[str, Any] = {}
    values, offset = [], 0
    for name in sorted(tensors):
        value = np.ascontiguousarray(tensors[name], dtype="<f4")
        end = offset + value.nbytes
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, end]}
        values.append(value.tobytes())
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(values)


def unpack(data: bytes) -> dict[str, Array]:
    """The inverse of :func:`pack`.

    Raises:
        ValueError: not such a file, cut off, values of another type, or values that are not finite.
    """
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > min(MAX_HEADER, len(data) - 8):
        raise ValueError("no header of named arrays")
    header = json.loads(data[8 : 8 + size])
    if not isinstance(header, dict):
        raise ValueError("the header is not an object")
    body = memoryview(data)[8 + size :]
    return {
        name: _array(name, entry, body) for name, entry in header.items() if name != "__metadata__"
    }


def _array(name: str, entry: Any, body: memoryview) -> Array:
    try:
        shape = [int(n) for n in entry["shape"]]
        begin, end = (int(n) for n in entry["data_offsets"])
        kind = entry["dtype"]
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"the entry of {name!r} is damaged") from error
    fits = kind == "F32" and min(shape, default=0) >= 0 and len(shape) <= 8
    if not fits or not 0 <= begin <= end <= len(body) or end - begin != 4 * math.prod(shape):
        raise ValueError(f"the entry of {name!r} does not agree with the values")
    value: Array = np.frombuffer(body[begin:end], "<f4").reshape(shape).astype(np.float32)
    if not np.isfinite(value).all():
        raise ValueError(f"{name!r} holds values that are not numbers")
    return value
