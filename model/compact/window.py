"""From a track to sound: what the decoder wants of the decided frames, and the voice quality laid over it."""

from __future__ import annotations

import numpy as np

from ...streaming.audio import Samples
from .clause import Clause
from .decoder import LOOK_AHEAD
from .rendering import Rendering
from .take import OVERLAP
from .track import FRAME_SAMPLES, Track
from .voice_quality import CONTEXT_SAMPLES, shape


class WindowRenderer:
    """Renders windows of one clause.

    One frame more than asked for is decoded, for the overlap and for the context of the voice quality's filters;
    on the left that context is what was decoded before.
    """

    context = LOOK_AHEAD + 1

    def __init__(self, clause: Clause, rendering: Rendering) -> None:
        self._clause = clause
        self._rendering = rendering
        self._before: dict[int, Samples] = {}  # end frame → last plain samples before it

    def render(self, track: Track, begin: int, end: int, *, complete: bool) -> Samples:
        """See :meth:`Renderer.render`."""
        self._append(track, complete)
        stop = min(end + 1, self._rendering.ready)
        plain = self._rendering.render(begin, stop)
        wanted = (end + 1 - begin) * FRAME_SAMPLES
        plain = np.pad(plain, (0, wanted - len(plain)))
        self._before[end] = plain[(end - begin) * FRAME_SAMPLES - CONTEXT_SAMPLES :][
            :CONTEXT_SAMPLES
        ]
        return self._shaped(plain, track, begin)[: (end - begin) * FRAME_SAMPLES + OVERLAP]

    def rewind(self, frame: int) -> None:
        """See :meth:`Renderer.rewind`."""
        self._rendering.truncate(frame)
        self._before = {end: tail for end, tail in self._before.items() if end <= frame}

    def _append(self, track: Track, complete: bool) -> None:
        known = self._rendering.frames
        if track.length > known:
            content = self._clause.features[:, track.token[known:]]
            halves = slice(2 * known, 2 * track.length)
            self._rendering.append(content, track.f0[halves], track.energy[halves])
        if complete:
            self._rendering.end()

    def _shaped(self, plain: Samples, track: Track, begin: int) -> Samples:
        left = self._before.get(begin, np.zeros(CONTEXT_SAMPLES, np.float32))
        frames = np.clip(np.arange(begin, begin + len(plain) // FRAME_SAMPLES), 0, track.length - 1)
        shaped = shape(
            np.concatenate([left, plain]),
            track.level_db[frames],
            track.tilt_db[frames],
            track.breath[frames],
            start=begin * FRAME_SAMPLES - CONTEXT_SAMPLES,
            lead=CONTEXT_SAMPLES,
        )
        return shaped[CONTEXT_SAMPLES:]
