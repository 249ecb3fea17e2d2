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

_WINDOW = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
_SHARES = (np.arange(HALF_SAMPLES) + 0.5) / SAMPLE_RATE
"""Seconds from the centre of a half frame."""


class HarmonicSource:
    """The source of one clause. ``weight [9]`` and ``bias [1]`` mix the harmonics."""

    def __init__(self, weight: Samples, bias: Samples) -> None:
        self._weight = weight.astype(np.float64)
        self._bias = float(bias[0])
        self._f0 = np.zeros(0, np.float64)
        self._turns = np.zeros(0, np.float64)

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
        # Phase runs linearly between the centres of half frames, as an upsampling without corner alignment does.
        first = (start + HALF_SAMPLES // 2) // HALF_SAMPLES - 1
        count = (stop + HALF_SAMPLES // 2) // HALF_SAMPLES - first + 1
        centres = np.arange(first, first + count + 1)
        f0, turns = self._at(centres)
        last = len(self._f0) - 1
        speed = np.where((centres[:-1] >= 0) & (centres[:-1] < last), f0[1:], 0.0)
        angle = 2 * np.pi * (turns[:-1, None] + speed[:, None] * _SHARES)
        # Between two centres, the first 150 samples are those of the half frame before, the rest of the one behind.
        voiced = (centres >= 0) & (centres <= last) & (f0 > VOICED_HZ)
        heard = np.repeat(np.stack([voiced[:-1], voiced[1:]], axis=1), HALF_SAMPLES // 2, axis=1)
        wave = np.where(heard, self._mixed(angle), self._bias).reshape(-1)
        offset = start - (first * HALF_SAMPLES + HALF_SAMPLES // 2)
        mixed: npt.NDArray[np.float64] = np.tanh(wave[offset : offset + stop - start])
        return mixed

    def _at(
        self, centres: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """F0 and phase (turns) of half frames, those outside held at the nearest known."""
        if not len(self._f0):
            return np.zeros(len(centres)), np.zeros(len(centres))
        nearest = np.clip(centres, 0, len(self._f0) - 1)
        return self._f0[nearest], self._turns[nearest]

    def _mixed(self, angle: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The weighted harmonics of a fundamental by Clenshaw's recurrence (MTAC 9, 1955): one sine, one cosine."""
        twice = 2 * np.cos(angle)
        following, here = np.zeros_like(angle), np.zeros_like(angle)
        for weight in self._weight[::-1]:
            here, following = AMPLITUDE * weight + twice * here - following, here
        summed: npt.NDArray[np.float64] = self._bias + here * np.sin(angle)
        return summed

    def spectrum(self, start: int, stop: int) -> Samples:
        """Columns of frames ``start:stop``: magnitudes over phases, ``[22, 120 * frames + 1]``.

        Frames beside the known ones are silent, except that a clause known to its last frame ends as the packaged
        graph ends it; the last 150 samples before an open end change when more F0 is appended.
        """
        wave = self.wave(FRAME_SAMPLES * start - FFT // 2, FRAME_SAMPLES * stop + FFT // 2)
        columns = np.lib.stride_tricks.sliding_window_view(wave, FFT)[::HOP]
        # No matrix product: its threads would spin on the processors that other streams need.
        bins = np.fft.rfft(columns * _WINDOW, axis=1).T
        magnitude, phase = np.abs(bins), np.angle(bins)
        silent = magnitude < SILENT_MAGNITUDE
        phase = np.where(silent, SILENT_PHASES[:, None], phase)
        # The outer bins of a real wave are real: the phase of a negative one is π or -π by the rounding of whoever
        # computes it. In the packaged graph the first always says π, the last -π four times out of five.
        phase[0] = np.where(bins[0].real < 0, np.pi, 0.0)
        phase[-1] = np.where(bins[-1].real < 0, -np.pi, 0.0)
        return np.concatenate([magnitude, phase]).astype(np.float32)
