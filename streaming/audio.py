"""Sound as values: mono float32 in −1…1, positions and durations counted in samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""Mono PCM, float32, −1…1, shape ``[n]``."""

Codec = Literal["pcm_s16le", "pcm_f32le", "mulaw", "opus"]


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What a client asked to receive. ``ptime_ms`` is the duration of one packet."""

    codec: Codec = "pcm_s16le"
    sample_rate: int = 24_000
    ptime_ms: int = 20

    @property
    def samples_per_frame(self) -> int:
        """Samples in one packet; the rate is chosen so that this is whole."""
        return self.sample_rate * self.ptime_ms // 1000


@dataclass(frozen=True, slots=True, eq=False)
class AudioChunk:
    """PCM an engine emits at once, of any length.

    ``start`` is the position of the first sample since the utterance began, at ``sample_rate``. Chunks of a
    stream follow each other without a hole, except after a turn of emotion, when the first new chunk starts at
    the position the engine went back to (``Stream.turn``).
    """

    samples: Samples
    sample_rate: int
    start: int

    @property
    def end(self) -> int:
        """Position just after the last sample."""
        return self.start + len(self.samples)


def to_pcm16(samples: Samples) -> npt.NDArray[np.int16]:
    """Round to 16-bit integers; what lies outside −1…1 is clipped, not wrapped."""
    scaled = np.clip(samples, -1.0, 1.0) * np.float32(32767.0)
    pcm: npt.NDArray[np.int16] = np.rint(scaled).astype(np.int16)
    return pcm


def from_pcm16(pcm: npt.NDArray[np.int16]) -> Samples:
    """The inverse of :func:`to_pcm16`."""
    return pcm.astype(np.float32) / np.float32(32767.0)


def ms_to_samples(ms: float, sample_rate: int) -> int:
    """Milliseconds to samples, rounded to the nearest."""
    return round(ms * sample_rate / 1000)


def samples_to_ms(samples: int, sample_rate: int) -> float:
    """Samples to milliseconds."""
    return samples * 1000 / sample_rate
