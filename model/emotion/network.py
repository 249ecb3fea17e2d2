"""The shallow network that judges a description: one linear layer over hashed pieces and cues, then a softmax."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from ...streaming.emotion import AXES
from .features import BUCKETS, DENSE, Dense, Indices

CLASSES = (*AXES, "none")
"""The axes, and "none": the text says nothing about emotion."""
WEIGHTS = "data/weights.npz"

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Network:
    """Weights: ``pieces [buckets, classes]`` times ``scale [classes]``, ``cues [18, classes]``, ``bias [classes]``."""

    pieces: npt.NDArray[np.int8]
    scale: Floats
    cues: Floats
    bias: Floats

    def __post_init__(self) -> None:
        shapes = (self.pieces.shape, self.cues.shape, self.bias.shape)
        expected = ((BUCKETS, len(CLASSES)), (DENSE, len(CLASSES)), (len(CLASSES),))
        if shapes != expected:
            raise ValueError(
                f"the emotion network's weights have shapes {shapes}, expected {expected}"
            )

    def probabilities(self, pieces: Indices, cues: Dense) -> Floats:
        """Probability of each class, ``float32 [9]``. ``pieces`` are buckets, ``cues [18]``."""
        logits = self.bias + cues @ self.cues
        if len(pieces):
            total = self.pieces[pieces].sum(axis=0, dtype=np.int32).astype(np.float32)
            logits = logits + total * self.scale / np.float32(np.sqrt(len(pieces)))
        exponents = np.exp(logits - logits.max())
        shares: Floats = exponents / exponents.sum()
        return shares


def quantise(pieces: Floats, cues: Floats, bias: Floats) -> Network:
    """A network with its large table in eight bits; ``pieces [buckets, classes]`` as trained."""
    scale = np.maximum(np.abs(pieces).max(axis=0), 1e-6).astype(np.float32) / np.float32(127)
    table = np.rint(pieces / scale).astype(np.int8)
    return Network(table, scale, cues.astype(np.float32), bias.astype(np.float32))


def to_bytes(network: Network) -> bytes:
    """The network as an npz file; the same weights give the same bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        pieces=network.pieces,
        scale=network.scale,
        cues=network.cues,
        bias=network.bias,
    )
    return buffer.getvalue()


def from_bytes(data: bytes) -> Network:
    """The network of an npz file."""
    with np.load(io.BytesIO(data), allow_pickle=False) as held:
        return Network(held["pieces"], held["scale"], held["cues"], held["bias"])


@cache
def shipped() -> Network:
    """The network that comes with the package, read once."""
    return from_bytes((files(__package__) / WEIGHTS).read_bytes())
