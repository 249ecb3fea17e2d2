"""From a track to sound: what the decoder wants of the decided frames, then voice quality, loudness and the limiter."""

from __future__ import annotations

import numpy as np

from ...streaming.audio import Samples
from .clause import Clause
from .loudness import limit
from .rendering import Rendering
from .take import OVERLAP
from .track import FRAME_SAMPLES, Track
from .voice_quality import shape

AROUND = 1
"""Frames on each side of a window that the filters and the limiter hear; 25 ms is more than they reach."""


class WindowRenderer:
    """Renders windows of one clause; ``gain`` brings the voice to its loudness."""

    def __init__(self, clause: Clause, rendering: Rendering, gain: float) -> None:
        self._clause = clause
        self._rendering = rendering
        self._gain = np.float32(gain)
        self._decoded: dict[int, Samples] = {}  # frame → its samples as the decoder gave them

    def wanted(self, end: int) -> int:
        """See :meth:`Renderer.wanted`."""
        return self._rendering.wanted(end + AROUND)

    def render(self, track: Track, begin: int, end: int, *, complete: bool) -> Samples:
        """See :meth:`Renderer.render`."""
        self._append(track, complete)
        stop = min(end + AROUND, self._rendering.ready)
        plain = self._rendering.render(begin, stop).reshape(-1, FRAME_SAMPLES)
        self._decoded.update(zip(range(begin, end), plain, strict=False))
        silence = np.zeros(FRAME_SAMPLES, np.float32)
        window = [self._decoded.get(begin - 1, silence), *plain]
        window += [silence] * (end + AROUND - stop)
        frames = np.clip(np.arange(begin - AROUND, end + AROUND), 0, track.length - 1)
        shaped = shape(
            np.concatenate(window),
            track.level_db[frames],
            track.tilt_db[frames],
            track.breath[frames],
            start=(begin - AROUND) * FRAME_SAMPLES,
        )
        limited = limit(shaped * self._gain)
        first = AROUND * FRAME_SAMPLES
        return limited[first : first + (end - begin) * FRAME_SAMPLES + OVERLAP]

    def rewind(self, frame: int) -> None:
        """See :meth:`Renderer.rewind`."""
        self._rendering.truncate(frame)
        self._decoded = {at: samples for at, samples in self._decoded.items() if at < frame}

    def _append(self, track: Track, complete: bool) -> None:
        known = self._rendering.frames
        if track.length > known:
            content = self._clause.features[:, track.token[known:]]
            halves = slice(2 * known, 2 * track.length)
            self._rendering.append(content, track.f0[halves], track.energy[halves])
        if complete:
            self._rendering.end()
