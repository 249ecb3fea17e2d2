"""A voice: everything an engine needs to sound like someone; immutable and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """A voice of one engine.

    ``tensors`` is the engine's own conditioning by name; ``description`` one line for people (pitch, age,
    character). Two voices are the same exactly if their ``content_hash`` is.
    """

    name: str
    engine: str
    tensors: Mapping[str, Array] = field(repr=False)
    description: str = ""
    languages: tuple[str, ...] = ()

    @property
    def content_hash(self) -> str:
        """SHA-256 over engine and tensors, 16 hex digits; the name is not part of it."""
        digest = hashlib.sha256(self.engine.encode())
        for key in sorted(self.tensors):
            value = np.ascontiguousarray(self.tensors[key], dtype=np.float32)
            digest.update(f"{key}{value.shape}".encode())
            digest.update(value.tobytes())
        return digest.hexdigest()[:16]
