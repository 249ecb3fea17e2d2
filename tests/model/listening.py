"""What is left of a stream's items for whoever listens."""

from collections.abc import Sequence

import numpy as np

from seiyuu.model.engine import StreamItem
from seiyuu.streaming.audio import AudioChunk


def sound(items: Sequence[StreamItem]) -> np.ndarray:
    """The sound a listener is left with: later chunks replace what they overlap."""
    out = np.zeros(0, np.float32)
    for item in items:
        if isinstance(item, AudioChunk):
            assert item.start <= len(out), "a hole in the audio"
            out = np.concatenate([out[: item.start], item.samples])
    return out
