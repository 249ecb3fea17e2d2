"""What a clip measures: level, clipping, band, and how much of it stays on the same frequencies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..streaming.audio import Samples
from .vad import RATE

BLOCK = 256
"""Frames of a spectrum worked on at once."""


def level_db(samples: Samples) -> float:
    """Root mean square in dB below full scale, −120 for silence."""
    if not len(samples):
        return -120.0
    return float(10 * np.log10(max(float(np.mean(np.square(samples, dtype=np.float64))), 1e-12)))


def clipped_share(samples: Samples) -> float:
    """Share of samples in runs of three or more at the clip's own full scale."""
    if not len(samples) or np.abs(samples).max() < 0.5:
        return 0.0
    top = np.abs(samples) >= 0.999 * float(np.abs(samples).max())
    run = top[:-2] & top[1:-1] & top[2:]
    return float(np.count_nonzero(run)) / len(samples)


def bandwidth_hz(samples: Samples) -> float:
    """Highest frequency whose long-term level is within 50 dB of the strongest, for sound at 16 kHz."""
    power = _long_term_power(samples)
    level = 10 * np.log10(np.maximum(power, 1e-16))
    smooth = np.convolve(level, np.ones(5) / 5, "same")
    audible = np.flatnonzero(smooth > smooth.max() - 50.0)
    return float(audible[-1] * RATE / 2 / (len(power) - 1))


def tonality(samples: Samples) -> float:
    """How much of a sound stays on the same frequencies from frame to frame, 0 (noise, speech) to 1 (held tones)."""
    if len(samples) < 4 * 1024:
        return 0.0
    alike = []
    for spectra in _spectra(samples, beyond=4):
        level = np.log(spectra[:, 4:256] + 1e-5)
        sharp = level - np.apply_along_axis(np.convolve, 1, level, np.ones(21) / 21, "same")
        now, later = sharp[:-4], sharp[4:]
        norm = np.linalg.norm(now, axis=1) * np.linalg.norm(later, axis=1) + 1e-9
        alike.append(np.sum(now * later, axis=1) / norm)
    return float(np.mean(np.concatenate(alike)))


def _long_term_power(samples: Samples) -> np.ndarray:
    padded = np.pad(samples, (0, max(0, 1024 - len(samples))))
    power, count = np.zeros(513), 0
    for spectra in _spectra(padded):
        power += np.square(spectra).sum(axis=0)
        count += len(spectra)
    return power / count


def _spectra(samples: Samples, beyond: int = 0) -> Iterator[np.ndarray]:
    """Magnitudes of frames of 64 ms every 32 ms, some at a time: those of a minute would take 30 MB.

    Each block begins with the last ``beyond`` frames of the one before.
    """
    frames = np.lib.stride_tricks.sliding_window_view(samples, 1024)[::512]
    for begin in range(0, max(1, len(frames) - beyond), BLOCK):
        block = frames[begin : begin + BLOCK + beyond] * np.hanning(1024)
        yield np.abs(np.fft.rfft(block, axis=1))
