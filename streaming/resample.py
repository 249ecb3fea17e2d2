"""Streaming change of sample rate: exact accounting, any chunking gives the same samples, and it can be rewound.

A polyphase windowed sinc. A library's streaming resampler withholds up to 40 ms until more audio comes (measured with
soxr at 24 → 48 kHz); when a writer stalls, that is the end of a word. This one withholds ``half`` input samples, 1 ms
at most from 24 kHz up.
"""

from __future__ import annotations

import math
from collections import deque
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from .audio import Samples

_ZEROS = 24
"""Zero crossings of the sinc on each side."""
_BETA = 9.0
"""Kaiser window: about 90 dB of stop band."""
_PASS = 0.945
"""Share of the lower Nyquist band that passes."""
_NOTHING: Samples = np.zeros(0, np.float32)


@lru_cache(maxsize=16)
def _filter(up: int, down: int) -> tuple[npt.NDArray[np.float32], int]:
    """Taps ``[phase, tap]`` for output samples that lie ``phase / up`` behind an input sample, and half the taps."""
    band = min(1.0, up / down)
    half = math.ceil(_ZEROS / band)
    taps = np.arange(1 - half, half + 1)
    distance = taps[None, :] - np.arange(up)[:, None] / up
    window = np.i0(_BETA * np.sqrt(np.clip(1 - (distance / half) ** 2, 0, 1)))
    table = np.sinc(band * _PASS * distance) * window
    table /= table.sum(axis=1, keepdims=True)
    return table.astype(np.float32), half


class Resampler:
    """One stream from ``source_hz`` to ``target_hz``.

    Args:
        keep_ms: how far back :meth:`rewind` reaches.
    """

    def __init__(self, source_hz: int, target_hz: int, *, keep_ms: int = 5_000) -> None:
        common = math.gcd(source_hz, target_hz)
        self._up, self._down = target_hz // common, source_hz // common
        self._taps, self._half = _filter(self._up, self._down)
        if self._up == self._down:
            self._half = 0
        self._keep = keep_ms * source_hz // 1000 + 2 * self._half
        # What was fed, as it came, from position ``_oldest`` on: for rewinds alone. ``_input`` is what the next samples
        # are made of, from ``_base`` on, so that feeding costs what is fed and not what is kept.
        self._pieces: deque[Samples] = deque()
        self._oldest = 0
        self._taken = 0
        self._made = 0
        self._base = self._first_needed(0)
        self._input: Samples = np.zeros(-self._base, np.float32)

    @property
    def made(self) -> int:
        """Output samples given so far; after a rewind, those that still hold."""
        return self._made

    @property
    def taken(self) -> int:
        """Input samples taken so far."""
        return self._taken

    def to_output(self, position: int) -> int:
        """The first output sample at or after an input position."""
        return -(-position * self._up // self._down)

    def feed(self, samples: Samples) -> Samples:
        """Take input; give every output sample that is certain by now."""
        self._pieces.append(samples)
        self._taken += len(samples)
        while self._oldest + len(self._pieces[0]) <= self._taken - self._keep:
            self._oldest += len(self._pieces.popleft())
        self._input = np.concatenate((self._input, samples))
        made = self._make(self.to_output(self._taken - self._half))
        needed = self._first_needed(self._made)
        self._input = self._input[needed - self._base :]
        self._base = needed
        return made

    def flush(self) -> Samples:
        """The end: give the rest, so that the output is as long as the input. More input may follow a rewind."""
        self._input = np.concatenate((self._input, np.zeros(self._half, np.float32)))
        return self._make(self.to_output(self._taken))

    def rewind(self, position: int) -> int:
        """Forget the input from ``position`` on; give the output position from which samples will be made again.

        Raises:
            ValueError: the position was not reached yet, or lies farther back than ``keep_ms``.
        """
        oldest = self._oldest + 2 * self._half if self._oldest else 0
        if not oldest <= position <= self._taken:
            raise ValueError(
                f"cannot rewind to {position}, expected a position between {oldest} and {self._taken}"
            )
        kept = np.concatenate((*self._pieces, _NOTHING))[: position - self._oldest]
        self._pieces = deque([kept])
        self._taken = position
        self._made = min(self._made, max(0, self.to_output(position - self._half)))
        self._base = self._first_needed(self._made)
        before = np.zeros(max(0, self._oldest - self._base), np.float32)
        self._input = np.concatenate((before, kept[max(0, self._base - self._oldest) :]))
        return self._made

    def _first_needed(self, output: int) -> int:
        """The first input position that an output sample is made of."""
        return output * self._down // self._up - max(self._half - 1, 0)

    def _make(self, until: int) -> Samples:
        first, until = self._made, max(self._made, until)
        self._made = until
        if self._up == self._down:
            return self._input[first - self._base : until - self._base]
        return self._convolve(first, until)

    def _convolve(self, first: int, until: int) -> Samples:
        made: Samples = np.empty(until - first, np.float32)
        if not len(made):
            return made
        windows = sliding_window_view(self._input, 2 * self._half)
        for k in range(min(self._up, len(made))):
            # Output samples of one phase: the same taps, and inputs ``down`` apart.
            at, phase = divmod((first + k) * self._down, self._up)
            rows = windows[at + 1 - self._half - self._base :: self._down]
            count = len(made[k :: self._up])
            made[k :: self._up] = np.einsum("ij,j->i", rows[:count], self._taps[phase])
        return made
