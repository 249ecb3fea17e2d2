"""One utterance seen from the client: text in, sound and marks out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from ..streaming.audio import AudioChunk
from ..streaming.emotion import Emotion
from ..streaming.emotion_spec import EmotionVector
from ..streaming.errors import InvalidState, SeiyuuError
from ..streaming.ids import UtteranceId
from ..streaming.messages import (
    AudioRewind,
    EmotionApplied,
    PaceSet,
    PlaybackReport,
    SpeechCancel,
    SpeechCancelled,
    TextDelta,
    TextEnd,
    TextFlush,
    UtteranceEnded,
    UtteranceStarted,
    WarningMessage,
)
from ..streaming.timeline import Mark

if TYPE_CHECKING:
    from .client import Host

Item = AudioChunk | Mark | UtteranceStarted | EmotionApplied | AudioRewind | WarningMessage
"""What a speech gives. After an :class:`AudioRewind` the chunks start again at its ``from_timestamp``."""

EmotionLike = str | Mapping[str, Any] | Emotion
"""A name or synonym, an object as on the wire, or a point in the emotion space."""

BUFFERED_S = 30.0
"""Audio kept for a reader that is behind; then the connection is not read until it catches up."""


class Speech:
    """One utterance of a :class:`~.client.Host`; made by ``host.say()``.

    Iterate it for what is heard. It ends when the server says that the utterance has been heard, or was cancelled;
    an error of the utterance is raised from the iteration.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._items: deque[Item] = deque()
        self._buffered = 0  # samples
        self._changed = asyncio.Event()
        self._error: SeiyuuError | None = None
        self.id: UtteranceId | None = None
        """Its number, known when its first text is written."""
        self.cancelled: SpeechCancelled | None = None
        """What was heard, if it was cancelled."""
        self.ended: UtteranceEnded | None = None
        """The server's last word about it."""

    async def write(
        self,
        text: str,
        *,
        emotion: EmotionLike | None = None,
        duration_ms: int | None = None,
        duration_ratio: float | None = None,
    ) -> None:
        """Add text, cut anywhere. ``emotion`` holds from this text on; a duration is that of the whole speech.

        Raises:
            BadText, TextTooLong, BadMessage: the text cannot be sent; the speech is as it was before.
        """
        fields: dict[str, Any] = {"text": text, "utterance": self.id}
        if emotion is not None:
            fields["emotion"] = wire_emotion(emotion)
        if duration_ms is not None or duration_ratio is not None:
            fields["pace"] = {"duration_ms": duration_ms, "ratio": duration_ratio}
        await self._host.open_or_send(self, TextDelta(**fields))

    async def flush(self) -> None:
        """Speak what there is, even if it is no whole sentence."""
        await self._host.send(TextFlush(utterance=self._opened()))

    async def end(self) -> None:
        """No more text. A speech to which nothing was written is over at once."""
        if self.id is None:
            self.finish(None)
            return
        await self._host.send(TextEnd(utterance=self.id))

    async def emotion(
        self,
        emotion: EmotionLike,
        *,
        intensity: float | None = None,
        at: str = "now",
        ramp_ms: int = 120,
    ) -> None:
        """Turn the emotion where the listener is (``at="now"``) or from the next segment on.

        Raises:
            UnknownEmotion: it means nothing.
        """
        await self._host.emotion(emotion, intensity=intensity, at=at, ramp_ms=ramp_ms)

    async def pace(self, *, ratio: float | None = None, duration_ms: int | None = None) -> None:
        """Ask for a length, before the first sound; without arguments the pace is free."""
        if ratio is None and duration_ms is None:
            await self._host.send(PaceSet(mode="free"))
        else:
            await self._host.send(PaceSet(ratio=ratio, duration_ms=duration_ms))

    async def played(self, ms: float) -> None:
        """Tell the server where the listener is; it guesses from the time otherwise."""
        if self.id is not None and self.ended is None:
            await self._host.send(PlaybackReport(utterance=self.id, played_ms=ms))

    async def cancel(self, played_ms: float | None = None) -> SpeechCancelled | None:
        """Stop now and return what was heard; None if it was over already."""
        if self.id is None or self.ended is not None:
            self.finish(None)
            return self.cancelled
        await self._host.send(SpeechCancel(utterance=self.id, played_ms=played_ms))
        while self.ended is None and self._error is None:
            self._drop_buffered()
            self._changed.clear()
            await self._changed.wait()
        self._drop_buffered()
        return self.cancelled

    def __aiter__(self) -> AsyncIterator[Item]:
        return self._read()

    async def _read(self) -> AsyncIterator[Item]:
        while True:
            while self._items:
                item = self._items.popleft()
                if isinstance(item, AudioChunk):
                    self._buffered -= len(item.samples)
                    self._host.room.set()
                yield item
            if self._error is not None:
                raise self._error
            if self.ended is not None:
                return
            self._changed.clear()
            await self._changed.wait()

    # What the host's reader calls.

    @property
    def full(self) -> bool:
        """Its reader is too far behind for more."""
        return self._buffered > BUFFERED_S * self._host.sample_rate and self.ended is None

    def put(self, item: Item) -> None:
        """Something for the reader."""
        if isinstance(item, AudioChunk):
            self._buffered += len(item.samples)
        self._items.append(item)
        self._changed.set()

    def finish(self, ended: UtteranceEnded | None) -> None:
        """Nothing follows."""
        if self.ended is None:
            self.ended = ended or UtteranceEnded(utterance=self.id or 0, duration_ms=0)
        self._changed.set()

    def fail(self, error: SeiyuuError) -> None:
        """The server, or the connection, gave up on it."""
        self._error = self._error or error
        self._changed.set()

    def _opened(self) -> UtteranceId:
        if self.id is None:
            raise InvalidState("nothing was written to this speech yet")
        return self.id

    def _drop_buffered(self) -> None:
        self._items.clear()
        self._buffered = 0
        self._host.room.set()


def wire_emotion(emotion: EmotionLike, intensity: float | None = None) -> Any:
    """What stands in a field ``emotion``; the message checks it."""
    if isinstance(emotion, Emotion):
        return EmotionVector.of(emotion)
    if isinstance(emotion, str):
        return emotion if intensity is None else {"name": emotion, "intensity": intensity}
    return dict(emotion) if intensity is None else {**emotion, "intensity": intensity}
