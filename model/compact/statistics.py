"""Frozen normalisation: a voice's pooled statistics, and the gains and offsets they fold into.

The decoder normalises each channel by its mean and variance over the whole clause, which a stream cannot know. They
belong to the voice far more than to the sentence, so they are measured once per voice over a few sentences and
pooled; mean and variance fold with the timbre's own scale and shift into one gain and one offset per channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

EPSILON = 1e-5
"""What the packaged graph adds to a variance."""

CHANNELS = 18_698
"""Of all normalisations of the decoder together."""


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """Mean and variance per channel of every normalisation of the decoder, ``[18698]`` each."""

    mean: Array
    variance: Array


@dataclass(frozen=True, slots=True, eq=False)
class Conditioning:
    """What the decoder needs of a voice: per channel ``y = gain * x + offset``, for its two parts, ``[1, n]`` each."""

    frame_gain: Array
    frame_offset: Array
    generator_gain: Array
    generator_offset: Array


def pool(measured: Iterable[tuple[int, Statistics]]) -> Statistics:
    """Statistics of several clauses taken together; each comes with its length in frames.

    The pooled variance holds the spread within the clauses and between their means.
    """
    total, first, second = 0, np.zeros(CHANNELS), np.zeros(CHANNELS)
    for frames, statistics in measured:
        mean = statistics.mean.astype(np.float64)
        total += frames
        first += frames * mean
        second += frames * (statistics.variance + mean**2)
    mean = first / total
    variance = np.maximum(second / total - mean**2, 0.0)
    return Statistics(mean.astype(np.float32), variance.astype(np.float32))


def fold(tables: Mapping[str, Array], timbre: Array, statistics: Statistics) -> Conditioning:
    """Gains and offsets of a timbre ``[128]`` with its statistics; ``tables`` as :func:`.cuts.tables` makes them."""
    scale = 1.0 + timbre @ tables["gain_weight"] + tables["gain_bias"]
    shift = timbre @ tables["offset_weight"] + tables["offset_bias"]
    gain = scale / np.sqrt(statistics.variance + EPSILON)
    offset = shift - statistics.mean * gain
    border = int(tables["frame_channels"])
    vectors = [np.ascontiguousarray(v[None], dtype=np.float32) for v in (gain, offset)]
    return Conditioning(
        vectors[0][:, :border],
        vectors[1][:, :border],
        vectors[0][:, border:],
        vectors[1][:, border:],
    )
