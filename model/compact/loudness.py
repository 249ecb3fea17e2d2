"""A true-peak limiter without memory: what it does to a sample depends on its neighbours within 5 ms alone.

So any window can be limited at any time, and a stretch that is made again comes out as it would have the first time.
Loudness itself is a fixed gain per voice, found when the voice is made (ITU-R BS.1770, -16 LUFS).
"""

from __future__ import annotations

import numpy as np

from ...streaming.audio import Samples

CEILING = 0.891
"""-1 dB true peak, as EBU R 128 asks."""

HOLD = 48
"""Samples on each side over which the gain moves: 2 ms, too short to be heard as pumping."""

_PHASES = 4
_HALF_TAPS = 12
CONTEXT = 2 * HOLD + _HALF_TAPS
"""Samples that a window needs on each side beyond what is kept of it."""


def _interpolator() -> Samples:
    """Windowed-sinc phases between samples, ``[3, 24]`` (BS.1770-4, annex 2, in kind)."""
    at = np.arange(-_HALF_TAPS + 1, _HALF_TAPS + 1)
    rows = []
    for phase in range(1, _PHASES):
        distance = at - phase / _PHASES
        row = np.sinc(distance) * np.cos(np.pi * distance / (2 * _HALF_TAPS)) ** 2
        rows.append(row / row.sum())
    return np.array(rows, dtype=np.float32)


_INTERPOLATOR = _interpolator()
_WEIGHTS = (np.hanning(2 * HOLD + 3)[1:-1] / np.hanning(2 * HOLD + 3).sum()).astype(np.float32)


def true_peaks(samples: Samples) -> Samples:
    """Largest magnitude at each sample and on the way to the next, at four times the rate, ``[n]``."""
    padded = np.pad(samples, (_HALF_TAPS - 1, _HALF_TAPS))
    # Convolutions and no matrix product, whose threads would spin on the processors that other streams need.
    rows = [np.convolve(padded, taps[::-1], "valid") for taps in _INTERPOLATOR]
    between: Samples = np.abs(rows).max(axis=0)
    # The peak behind a sample belongs to both of its neighbours.
    between[1:] = np.maximum(between[1:], between[:-1].copy())
    peaks: Samples = np.maximum(np.abs(samples), between)
    return peaks


def limit(samples: Samples, ceiling: float = CEILING) -> Samples:
    """``samples [n]`` with no true peak above ``ceiling``; what lies below passes bit by bit.

    Of a window cut from a longer signal the outer :data:`CONTEXT` samples are not final.
    """
    if not len(samples) or 2 * np.abs(samples).max() <= ceiling:  # interpolation at most doubles
        return samples
    wanted = np.minimum(1.0, ceiling / np.maximum(true_peaks(samples), 1e-9)).astype(np.float32)
    if wanted.min() == 1.0:
        return samples
    held = _windows(wanted).min(axis=1)
    # Each held value is a minimum over all samples it is averaged into: the mean never exceeds what is wanted.
    gain = np.convolve(np.pad(held, HOLD, mode="edge"), _WEIGHTS, "valid")
    return np.where(gain < 1 - 1e-6, samples * gain, samples).astype(np.float32)


def _windows(values: Samples) -> Samples:
    padded = np.pad(values, HOLD, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * HOLD + 1)


class Limiter:
    """:func:`limit` for a stream cut anywhere; gives each sample back :data:`CONTEXT` samples late."""

    def __init__(self, ceiling: float = CEILING) -> None:
        self._ceiling = ceiling
        self._kept = np.zeros(0, np.float32)
        self._given = 0  # how many of the kept samples were given back already

    def process(self, samples: Samples) -> Samples:
        """Take samples, give those that are final."""
        return self._give(samples, CONTEXT)

    def flush(self) -> Samples:
        """The samples still held back; the limiter is fresh again."""
        rest = self._give(np.zeros(0, np.float32), 0)
        self._kept, self._given = np.zeros(0, np.float32), 0
        return rest

    def _give(self, samples: Samples, held_back: int) -> Samples:
        window = np.concatenate([self._kept, samples])
        stop = max(self._given, len(window) - held_back)
        final = limit(window, self._ceiling)[self._given : stop]
        start = max(0, stop - CONTEXT)
        self._kept, self._given = window[start:], stop - start
        return final
