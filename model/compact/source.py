"""The harmonic source of the decoder, rendered for any window of frames from a phase kept per half frame.

What the packaged graph computes over a whole clause (nine harmonics of F0, mixed to one wave through a tanh, then a
short-time spectrum; the source of Wang, Takaki & Yamagishi, "Neural source-filter waveform models", IEEE/ACM TASLP 28
(2020), without its noise) is here a function of a stored state: the fundamental's phase at the centre of each half
frame. Any window can be rendered at any time, in any order, and equals the slice of the whole. Going back to a frame
and on with another F0 is cutting the stored phases off: the wave goes on without a jump.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...streaming.audio import Samples

SAMPLE_RATE = 24_000
FRAME_SAMPLES = 600
HALF_SAMPLES = 300
"""F0 comes twice a frame."""

VOICED_HZ = 10.0
AMPLITUDE = 0.1
FFT, HOP, BINS = 20, 5, 11
COLUMNS_PER_FRAME = FRAME_SAMPLES // HOP

SILENT_MAGNITUDE = 1e-6
SILENT_PHASES = np.array(
    [np.pi, 0.0, 2.4904, -2.1254, 0.7935, -2.1292, 0.1730, 2.9268, -1.3449, 2.7360, -1.5468],
    dtype=np.float32,
)
"""Phases where there is no magnitude: in unvoiced stretches the source is constant and only bins 0 and 1 hold
anything. The decoder hears the phase of the empty bins all the same; these are what the packaged graph's transform
gives there (its rounding noise, the same in each column)."""


class HarmonicSource:
    """The source of one clause. ``weight [9]`` and ``bias [1]`` mix the harmonics."""

    def __init__(self, weight: Samples, bias: Samples) -> None:
        self._weight = weight.astype(np.float64)
        self._bias = float(bias[0])
        self._harmonics = np.arange(1, len(weight) + 1, dtype=np.float64)
        self._f0 = np.zeros(0, np.float64)
        self._turns = np.zeros(0, np.float64)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
        angle = 2 * np.pi * np.outer(np.arange(FFT), np.arange(BINS)) / FFT
        self._basis = np.concatenate([np.cos(angle), -np.sin(angle)], axis=1) * window[:, None]

    @property
    def frames(self) -> int:
        """Frames whose F0 is known."""
        return len(self._f0) // 2

    def append(self, f0: Samples) -> None:
        """Go on with ``f0 [2 * frames]`` in Hz; below 10 Hz a half frame is unvoiced."""
        new = f0.astype(np.float64)
        # Kept modulo one turn: the harmonics' phases are whole multiples of it, so nothing is lost however long.
        start = self._turns[-1] if len(self._turns) else 0.0
        turns = np.mod(start + np.cumsum(np.mod(new / SAMPLE_RATE, 1.0)) * HALF_SAMPLES, 1.0)
        self._f0 = np.concatenate([self._f0, new])
        self._turns = np.concatenate([self._turns, turns])

    def truncate(self, frames: int) -> None:
        """Forget the frames from ``frames`` on; what is appended next goes on in phase."""
        self._f0 = self._f0[: 2 * frames]
        self._turns = self._turns[: 2 * frames]

    def wave(self, start: int, stop: int) -> npt.NDArray[np.float64]:
        """Samples ``start:stop`` of the source; silence is assumed outside the known frames."""
        position = np.arange(start, stop)
        # Phase runs linearly between the centres of half frames, as an upsampling without corner alignment does.
        place = (position + 0.5) / HALF_SAMPLES - 0.5
        before = np.floor(place).astype(np.int64)
        share = place - before
        last = len(self._f0) - 1
        base = self._turns[np.clip(before, 0, last)] if last >= 0 else np.zeros(len(position))
        after = np.clip(before + 1, 0, max(last, 0))
        inside = (before >= 0) & (before < last)
        speed = np.where(inside, self._f0[after], 0.0) if last >= 0 else np.zeros(len(position))
        half = position // HALF_SAMPLES
        known = (half >= 0) & (half <= last)
        voiced = known & (
            np.where(known, self._f0[np.clip(half, 0, max(last, 0))], 0.0) > VOICED_HZ
        )
        return self._mix(base, speed, share, voiced)

    def _mix(
        self,
        base: npt.NDArray[np.float64],
        speed: npt.NDArray[np.float64],
        share: npt.NDArray[np.float64],
        voiced: npt.NDArray[np.bool_],
    ) -> npt.NDArray[np.float64]:
        wave = np.full(len(base), self._bias)
        rows = np.flatnonzero(voiced)
        step = np.mod(np.outer(speed[rows] / SAMPLE_RATE, self._harmonics), 1.0)
        turns = np.outer(base[rows], self._harmonics) + share[rows, None] * HALF_SAMPLES * step
        wave[rows] += AMPLITUDE * np.sin(2 * np.pi * np.mod(turns, 1.0)) @ self._weight
        mixed: npt.NDArray[np.float64] = np.tanh(wave)
        return mixed

    def spectrum(self, start: int, stop: int) -> Samples:
        """Columns of frames ``start:stop``: magnitudes over phases, ``[22, 120 * frames + 1]``.

        Frames beside the known ones are silent, except that a clause known to its last frame ends as the packaged
        graph ends it; the last 150 samples before an open end change when more F0 is appended.
        """
        wave = self.wave(FRAME_SAMPLES * start - FFT // 2, FRAME_SAMPLES * stop + FFT // 2)
        columns = np.lib.stride_tricks.sliding_window_view(wave, FFT)[::HOP]
        parts = (columns @ self._basis).T
        real, imaginary = parts[:BINS], parts[BINS:]
        magnitude = np.hypot(real, imaginary)
        phase = np.arctan2(imaginary, real)
        silent = magnitude < SILENT_MAGNITUDE
        phase = np.where(silent, SILENT_PHASES[:, None], phase)
        # The transform of a real wave has real outer bins: their phase is 0 or ±π, by rounding alone.
        phase[0] = np.where(real[0] < 0, np.pi, 0.0)
        return np.concatenate([magnitude, phase]).astype(np.float32)
