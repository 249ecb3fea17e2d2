"""The prosody network at run time, in onnxruntime: a pass over a clause's tokens, then a step for each frame."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
import onnxruntime

from ...streaming.audio import Samples
from ...streaming.errors import EngineFailed

UNKNOWN = -1e4
"""Added to the attention where the cache holds nothing."""


class Memory:
    """What a row remembers of its frames: keys and values of every layer, and how many frames there are.

    Forgetting is setting ``length``; what lies beyond it is written over.
    """

    def __init__(self, layers: int, window: int, width: int, capacity: int = 256) -> None:
        self.length = 0
        self._window = window
        # A window of nothing stands before the first frame, so that every look back is one slice.
        self._kept = np.zeros((2 * layers, window + capacity, width), np.float32)
        self._unknown = np.zeros((1, 2 * window), np.float32)
        self._unknown[:, :window] = UNKNOWN

    def look_back(self, part: int) -> Samples:
        """``[1, window, width]`` of one layer's keys (even) or values (odd), the newest frame last; not a copy."""
        found: Samples = self._kept[None, part, self.length : self.length + self._window]
        return found

    def unknown(self) -> Samples:
        """``[1, window]``: :data:`UNKNOWN` where there was no frame yet."""
        begin = min(self.length, self._window)
        return self._unknown[:, begin : begin + self._window]

    def append(self, fresh: Samples) -> None:
        """Remember one more frame, ``[2 * layers, width]``."""
        at = self._window + self.length
        if at == self._kept.shape[1]:
            self._kept = np.concatenate([self._kept, np.zeros_like(self._kept)], axis=1)
        self._kept[:, at] = fresh
        self.length += 1


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of a step: its memory, and ``vector [width]`` and ``features [35]`` of its next frame."""

    memory: Memory
    vector: Samples
    features: Samples


class ProsodyNetwork:
    """The two graphs. Holds no state of any row; may be shared by threads.

    ``threads`` is the number of CPU threads a call may use.
    """

    def __init__(self, tokens: bytes, step: bytes, *, threads: int = 1) -> None:
        self._tokens = _session(tokens, threads)
        self._step = _session(step, threads)
        shape = json.loads(self._step.get_modelmeta().custom_metadata_map["shape"])
        self._layers, self._window, self._width = shape["layers"], shape["window"], shape["width"]
        self._parts = [f"{part}_{n}" for n in range(self._layers) for part in ("keys", "values")]

    @classmethod
    def load(cls, folder: Traversable | None = None, *, threads: int = 1) -> ProsodyNetwork:
        """The network that ships with the package, or that of another folder.

        Raises:
            EngineFailed: its files are missing or cannot be read.
        """
        assets = folder or files(__package__) / "assets"
        try:
            parts = [(assets / f"prosody_{name}.onnx").read_bytes() for name in ("tokens", "step")]
        except OSError as error:
            raise EngineFailed(f"the prosody network is missing: {error}") from error
        return cls(*parts, threads=threads)

    def memory(self) -> Memory:
        """The memory of a row that has spoken nothing."""
        return Memory(self._layers, self._window, self._width)

    def knots(self, encoded: Samples, style: Samples, features: Samples) -> Samples:
        """``encoded [n, 512]``, ``style [128]``, ``features [n, 4]`` to the tokens' vectors ``[n, KNOTS, width]``."""
        feed = {"encoded": encoded, "style": style[None], "features": features}
        knots: Samples = self._tokens.run(None, feed)[0]
        return knots

    def step(self, rows: Sequence[Row]) -> Samples:
        """One frame of each row; remembers it and returns the outputs ``[rows, 12]``.

        Rows do not touch each other: a row's outputs are the same alone and beside others.
        """
        feed = {
            "vector": _side_by_side([row.vector[None] for row in rows]),
            "features": _side_by_side([row.features[None] for row in rows]),
            "unknown": _side_by_side([row.memory.unknown() for row in rows]),
        }
        for part, name in enumerate(self._parts):
            feed[name] = _side_by_side([row.memory.look_back(part) for row in rows])
        outputs, fresh = self._step.run(None, feed)
        for row, new in zip(rows, fresh, strict=True):
            row.memory.append(new)
        result: Samples = outputs
        return result


def _side_by_side(arrays: Sequence[Samples]) -> Samples:
    """One array is handed on as it is: a row alone is the common case, and its look back is large."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _session(model: bytes, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's exceptions share no base of their own
        raise EngineFailed(f"the runtime cannot load the prosody network: {error}") from error
