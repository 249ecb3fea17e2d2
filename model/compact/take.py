"""One clause being spoken: decided frames become samples in windows, and may be made again from any frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ...streaming.audio import Samples
from ...streaming.emotion import Emotion
from ...streaming.timeline import Mark
from .clause import Clause
from .marks import Cue, decide_until, marks_between
from .prosody import Prosody
from .track import FRAME_SAMPLES, Track

LEAD_FRAMES = 2
"""Silence kept before the first sound: the packaged predictors give 0.3–0.4 s, which nobody wants to wait for."""

TAIL_FRAMES = 4
"""Frames kept after the last sound, so that its release is not cut."""

OVERLAP = 240
"""Samples (10 ms) that two renderings of neighbouring windows are mixed over."""

MARK_STEP = 14
"""Frames decided at a time while the end of a mark is looked for."""

EDGE_FADE = 120
"""Samples (5 ms) faded where a take begins and ends."""

_RISE = np.linspace(0.0, 1.0, OVERLAP, endpoint=False, dtype=np.float32)


class Renderer(Protocol):
    """The acoustic half for one clause: decided frames to samples."""

    def wanted(self, end: int) -> int:
        """Frames to decide before those up to ``end`` are rendered: at least what they need to sound as they will."""
        ...

    def render(self, track: Track, begin: int, end: int, *, complete: bool) -> Samples:
        """Samples of frames ``begin:end`` and :data:`OVERLAP` more, in the final voice quality.

        ``complete`` tells that no frame will be appended to the track.
        """
        ...

    def rewind(self, frame: int) -> None:
        """Frames from ``frame`` on will be others."""
        ...


class Take:
    """A clause, its prosody, and the samples made so far.

    ``offset`` is the utterance's sample at which the first frame to be heard begins.
    """

    def __init__(
        self, clause: Clause, prosody: Prosody, cues: Sequence[Cue], offset: int, renderer: Renderer
    ) -> None:
        self.clause = clause
        self.prosody = prosody
        self.offset = offset
        self._cues = cues
        self._renderer = renderer
        self._speech_first, self._speech_last = clause.speech
        self._first = max(0, int(clause.durations[: self._speech_first].sum()) - LEAD_FRAMES)
        self._emitted = self._first  # next frame to emit
        self._made: list[Samples] = []  # samples of emitted frames, one array a frame
        self._next: Samples | None = (
            None  # what the last rendering had for the OVERLAP that follows
        )

    @property
    def begun(self) -> bool:
        return self._emitted > self._first

    @property
    def finished(self) -> bool:
        """Every frame to be heard was emitted."""
        end = self._end()
        return end is not None and self._emitted >= end

    @property
    def end_sample(self) -> int:
        """Utterance's sample just after the last emitted one."""
        return self._position(self._emitted)

    def natural_frames(self) -> float:
        """Frames still to be emitted at a free pace."""
        if self._end() is not None:
            return float(self._end_or_zero() - self._emitted)
        return self.prosody.natural() + self.prosody.track.length - self._emitted + TAIL_FRAMES

    def steer(self, frames: int) -> None:
        """Emit this many more frames in all."""
        ahead = self.prosody.track.length - self._emitted
        self.prosody.steer(max(1, frames - ahead - TAIL_FRAMES))

    def emit(self, frames: int) -> tuple[list[Mark], Samples, int]:
        """Make the next ``frames`` frames: marks, samples, and the utterance's sample they begin at."""
        begin = self._emitted
        self._decide(begin + frames)
        end_of_take = self._end()
        end = begin + frames if end_of_take is None else min(begin + frames, end_of_take)
        end = min(end, self.prosody.track.length)
        made = self._renderer.render(self.prosody.track, begin, end, complete=self.prosody.finished)
        samples = self._joined(made)
        at, until = self._position(begin), self._position(end)
        marks = marks_between(self._cues, self._starts(), at, until)
        self._emitted = end
        body = samples[: (end - begin) * FRAME_SAMPLES]
        self._next = samples[(end - begin) * FRAME_SAMPLES :]
        if end == end_of_take:
            body[-EDGE_FADE:] *= np.linspace(1.0, 0.0, EDGE_FADE, dtype=np.float32)
        self._made.extend(body.reshape(-1, FRAME_SAMPLES).copy())
        return marks, body, at

    def turn(self, emotion: Emotion, from_sample: int, ramp_ms: int) -> int:
        """Go back to the first frame not before ``from_sample`` and head for ``emotion``; returns its sample."""
        frame = self._first - (-(from_sample - self.offset) // FRAME_SAMPLES)
        frame = min(max(frame, self._first), self._emitted)
        if frame < self._emitted:
            kept = frame - self._first
            self._next = self._made[kept][:OVERLAP]
            del self._made[kept:]
            self._emitted = frame
        self.prosody.rewind(frame)
        self._renderer.rewind(frame)
        self.prosody.emotion.turn(emotion, ramp_ms)
        if frame == self._first:
            self._next = None
        return self._position(frame)

    def undecided(self, frames: int) -> int:
        """Frames that are to be decided before the next ``frames`` frames are made."""
        wanted = self._renderer.wanted(self._emitted + frames)
        return max(0, wanted - self.prosody.track.length)

    def char_at(self, sample: int) -> int:
        """Character of the utterance spoken at a sample."""
        starts = self._starts()
        marks = (
            cue.mark(starts) for cue in self._cues if cue.kind == "char" and cue.last < len(starts)
        )
        at = self.clause.char_start
        for mark in marks:
            if mark.start <= sample:
                at = max(at, mark.char_start)
        return at

    def _decide(self, frames: int) -> None:
        """Decide as far as the frames about to be heard need: their context, and the end of every mark."""
        prosody, track = self.prosody, self.prosody.track
        prosody.decide(self.undecided(frames - self._emitted))
        if track.length == 0:
            return
        at = min(frames, track.length) - 1
        until = decide_until(self._cues, int(track.token[at]))
        while not prosody.finished and int(track.token[-1]) < until:
            prosody.decide(MARK_STEP)

    def _end(self) -> int | None:
        """Frame just after the last to be heard, once it is known."""
        track = self.prosody.track
        if (
            track.length == 0
            or int(track.token[-1]) < self._speech_last
            and not self.prosody.finished
        ):
            return None
        sound_end = int(np.searchsorted(track.token, self._speech_last))
        end = sound_end + TAIL_FRAMES
        return end if end <= track.length or not self.prosody.finished else track.length

    def _end_or_zero(self) -> int:
        return self._end() or 0

    def _starts(self) -> list[int]:
        """Sample at which each token begins, for those decided; one more once all are."""
        track = self.prosody.track
        if track.length == 0:
            return []
        count = len(self.clause.symbols) + 1 if self.prosody.finished else int(track.token[-1]) + 1
        frames = np.searchsorted(track.token, np.arange(count))
        return [self._position(int(frame)) for frame in frames]

    def _position(self, frame: int) -> int:
        return self.offset + (frame - self._first) * FRAME_SAMPLES

    def _joined(self, samples: Samples) -> Samples:
        """Mix the beginning with what the rendering before had for it."""
        out = samples.copy()
        if self._next is None:
            out[:EDGE_FADE] *= np.linspace(0.0, 1.0, EDGE_FADE, dtype=np.float32)
        else:
            out[:OVERLAP] = self._next * (1 - _RISE) + out[:OVERLAP] * _RISE
        return out
