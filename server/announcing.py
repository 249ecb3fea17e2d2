"""The audible notice of a live session: its first utterance says that the voice is synthetic before anything else.

The notice is sound in front of the utterance's own, without text: marks, heard text and turns of emotion keep their
place in the writer's text, and lie later by the length of the notice. An utterance of a requested length is longer by
as much.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np

from ..model.engine import Engine, Stream, StreamItem, StreamOptions
from ..model.voice import Voice
from ..streaming.audio import AudioChunk, Samples
from ..streaming.emotion import Emotion
from ..streaming.marking import AudibleNotice, language_of, notice, rhythm
from ..streaming.segment import LANGUAGES, Language, Segment
from ..streaming.timeline import Mark

KEPT = 32
"""Spoken notices kept, of so many voices and languages."""

PIECE_S = 0.2
"""Length of the chunks a notice is given in."""


class Announcer:
    """Makes the notice, in the voice and the language of who is about to speak."""

    def __init__(self, engine: Engine, kind: AudibleNotice) -> None:
        self.kind = kind
        self._engine = engine
        self._kept: OrderedDict[tuple[str, str], Samples] = OrderedDict()

    async def sound(self, voice: Voice, language: Language, text: str) -> Samples:
        """The notice before ``text``, at the engine's rate. Cancelled, it leaves no slot taken.

        Raises:
            SeiyuuError: as the engine, where it has to be spoken.
        """
        if self.kind == "rhythm":
            return rhythm(self._engine.info.sample_rate)
        known = language if language in LANGUAGES else language_of(text)
        key = (voice.content_hash, known)
        if key not in self._kept:
            self._kept[key] = await self._spoken(voice, known)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    async def _spoken(self, voice: Voice, language: str) -> Samples:
        stream = await self._engine.open(voice, StreamOptions())
        try:
            await stream.push(Segment(notice(language), 0, language=language))  # type: ignore[arg-type]
            await stream.end()
            pieces = [item.samples async for item in stream if isinstance(item, AudioChunk)]
        finally:
            await stream.cancel()
        return np.concatenate([np.zeros(0, np.float32), *pieces])


class Announced:
    """A stream with ``sound`` before it: its items come behind that, and are turned there."""

    def __init__(self, stream: Stream, sound: Samples, sample_rate: int) -> None:
        self._stream = stream
        self._sound = sound
        self._rate = sample_rate
        self._said = False

    async def push(self, segment: Segment) -> None:
        await self._stream.push(segment)

    async def end(self) -> None:
        await self._stream.end()

    async def turn(self, emotion: Emotion, *, from_sample: int, ramp_ms: int = 120) -> None:
        own = max(0, from_sample - len(self._sound))
        await self._stream.turn(emotion, from_sample=own, ramp_ms=ramp_ms)

    async def cancel(self) -> None:
        await self._stream.cancel()

    async def __aiter__(self) -> AsyncIterator[StreamItem]:
        if not self._said:
            self._said = True
            step = round(PIECE_S * self._rate)
            for start in range(0, len(self._sound), step):
                yield AudioChunk(self._sound[start : start + step], self._rate, start)
        async for item in self._stream:
            yield _later(item, len(self._sound))


def _later(item: StreamItem, samples: int) -> StreamItem:
    """The same item so many samples further on."""
    if isinstance(item, Mark):
        return replace(item, start=item.start + samples, end=item.end + samples)
    return replace(item, start=item.start + samples)
