"""Playing a mel spectrogram chunk by chunk so that it sounds as if played whole."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ...streaming.audio import Samples

REACH = 38
"""Mel frames on either side of a frame that BigVGAN's samples depend on at most; measured, 20 suffice in float32."""


def play_part(
    vocoder: Callable[[Tensor], Tensor], mel: Tensor, start: int, stop: int, left: int, right: int
) -> Tensor:
    """Samples ``[(stop − start) · hop]`` of frames ``start:stop`` of ``mel [bins, frames]``.

    Up to ``left`` and ``right`` neighbouring frames are played along and thrown away. At the ends of ``mel`` the
    network's own padding applies, as when it is played whole.
    """
    first, last = max(0, start - left), min(mel.shape[1], stop + right)
    wave = vocoder(mel[None, :, first:last])[0]
    hop = len(wave) // (last - first)
    return wave[(start - first) * hop : (stop - first) * hop]


def cross_fade(old: Samples, new: Samples) -> Samples:
    """``new`` with its beginning mixed from ``old``, as long as that is; equal amplitudes, for like signals."""
    n = min(len(old), len(new))
    if n == 0:
        return new
    weight = (np.arange(n, dtype=np.float32) + 0.5) / n
    head = old[:n] * (1 - weight) + new[:n] * weight
    return np.concatenate([head, new[n:]]).astype(np.float32)


def to_samples(wave: Tensor) -> Samples:
    """Samples on the host."""
    samples: Samples = wave.to(device="cpu", dtype=torch.float32).numpy()
    return samples
