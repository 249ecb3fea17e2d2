"""The sound side of one utterance: what the engine gives, as packets and messages in its outbox."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from ..model.engine import StreamItem, Turned
from ..streaming.audio import AudioChunk, AudioFormat, samples_to_ms
from ..streaming.codecs import make_encoder
from ..streaming.emotion import Emotion
from ..streaming.emotion_spec import EmotionVector
from ..streaming.framer import Frame, Framer
from ..streaming.ids import UtteranceId
from ..streaming.messages import AudioRewind, EmotionApplied, MarkMessage
from ..streaming.packet import Packet
from ..streaming.resample import Resampler
from ..streaming.timeline import Heard, Mark, MarkKind, Timeline
from .outbox import Entry, Outbox
from .requests import Request, Requests

AUDIBLE = 10 ** (-50 / 20)
"""−50 dBFS: what is softer does not count as the beginning of speech."""
END = 1 << 62
"""Behind every sample."""


class Outlet:
    """Resamples, frames and encodes sound, places marks, and goes back when the emotion is turned.

    ``marks`` are the kinds the client wants; all kinds are kept to say what was heard. ``keep_s`` is how far back
    a turn may reach: as far as the listener can be behind.
    """

    def __init__(
        self,
        utterance: UtteranceId,
        engine_rate: int,
        format_: AudioFormat,
        marks: frozenset[MarkKind],
        outbox: Outbox,
        requests: Requests,
        *,
        keep_s: float,
    ) -> None:
        self._utterance = utterance
        self._engine_rate = engine_rate
        self._format = format_
        self._marks = marks
        self._outbox = outbox
        self._requests = requests
        self._keep_s = keep_s
        self._encoder = make_encoder(format_)
        self.onset_s: float | None = None
        """Where the first audible sample lies."""
        self.packets = 0
        """Packets made, those made again included."""
        self.restart()

    def restart(self) -> None:
        """Forget everything: the utterance begins anew."""
        rate = self._format.sample_rate
        self.char_reached = 0
        """Characters the engine has come to, as far as its marks tell."""
        self._taken = 0  # at the engine's rate
        self._resampler: Resampler | None = None
        if rate != self._engine_rate:
            keep_ms = round(self._keep_s * 1000)
            self._resampler = Resampler(self._engine_rate, rate, keep_ms=keep_ms)
        keep_samples = round(self._keep_s * rate)
        self._framer = Framer(self._format.samples_per_frame, keep_samples=keep_samples)
        self._timeline = Timeline()
        self._emotions: list[tuple[int, Emotion]] = []

    @property
    def duration_s(self) -> float:
        """How long the utterance is, so far."""
        return self._framer.end / self._format.sample_rate

    def heard(self, text: str, position_s: float) -> Heard:
        """The utterance's ``text`` cut where the listener was at ``position_s``; asked once, at a cancel."""
        self._timeline.write(text)
        return self._timeline.heard(round(position_s * self._engine_rate))

    def emotion_at(self, position_s: float) -> Emotion | None:
        """The emotion in force there, if it was turned before that place."""
        at = bisect_right(self._emotions, position_s * self._engine_rate, key=lambda e: e[0])
        return self._emotions[at - 1][1] if at else None

    def take(self, item: StreamItem) -> None:
        """Put what an item of the stream means into the outbox."""
        match item:
            case AudioChunk():
                self._sound(item)
            case Mark():
                self._timeline.add(item)
                self.char_reached = max(self.char_reached, item.char_end)
            case Turned():
                self._turned(item)

    def finish(self) -> None:
        """The stream is exhausted: pad the last packet and mark it. Idempotent, until a turn brings more."""
        if not self._outbox.complete:
            if self._resampler is not None:
                self._put_frames(self._framer.feed(self._resampler.flush()))
            self._put_frames(self._framer.flush())
            self._put_marks(END)
            self._timeline.finish(self._taken)
            self._outbox.finish(self._outbox.generation)

    def _sound(self, chunk: AudioChunk) -> None:
        if self.onset_s is None:
            loud = np.flatnonzero(np.abs(chunk.samples) > AUDIBLE)
            if len(loud):
                self.onset_s = (chunk.start + int(loud[0])) / chunk.sample_rate
        self._taken = chunk.end
        samples = chunk.samples
        if self._resampler is not None:
            samples = self._resampler.feed(samples)
        self._put_frames(self._framer.feed(samples))

    def _put_frames(self, frames: list[Frame]) -> None:
        generation = self._outbox.generation
        for frame, payload in zip(frames, self._payloads(frames), strict=True):
            self._put_marks(self._from(frame.timestamp + len(frame.samples)))
            packet = Packet(self._utterance, 0, frame.timestamp, payload, frame.last)
            self._outbox.put(Entry(frame.timestamp, packet), generation)
            self.packets += 1

    def _payloads(self, frames: list[Frame]) -> list[bytes]:
        """One payload a frame. Codecs without state take all frames at once, at a fifth of the cost."""
        if self._format.codec == "opus" or len(frames) < 2:
            return [self._encoder.encode(frame.samples) for frame in frames]
        whole = self._encoder.encode(np.concatenate([frame.samples for frame in frames]))
        size = len(whole) // len(frames)
        return [whole[at : at + size] for at in range(0, len(whole), size)]

    def _put_marks(self, until: int) -> None:
        """Marks that begin before sample ``until`` at the engine's rate, just ahead of that audio."""
        for mark in self._timeline.due(until):
            for request in self._requests.reached(mark.char_start):
                self._applied(request, mark.char_start, mark.start)
            if mark.kind in self._marks:
                at = self._at(mark.start)
                self._outbox.put(Entry(at, self._message(mark)), self._outbox.generation)

    def _message(self, mark: Mark) -> MarkMessage:
        return MarkMessage(
            utterance=self._utterance,
            kind=mark.kind,
            text=mark.text,
            char_start=mark.char_start,
            char_end=mark.char_end,
            start_ms=self._ms(mark.start),
            end_ms=self._ms(mark.end),
            viseme=mark.viseme,
        )

    def _turned(self, turned: Turned) -> None:
        if self._outbox.complete and self._at(turned.start) >= self._framer.end:
            return  # nothing was left to be made again; the request stays for the next utterance
        request = self._requests.turned(turned.emotion)
        position = self._taken = turned.start
        if self._resampler is not None:
            position = self._resampler.rewind(position)
        from_timestamp = self._framer.rewind(position).from_timestamp
        self._timeline.truncate(turned.start)
        self._emotions = [one for one in self._emotions if one[0] < turned.start]
        if self._outbox.rewind(from_timestamp, self._at(turned.start)):
            # the speaker knows the number of the next packet
            rewind = AudioRewind(
                utterance=self._utterance, from_timestamp=from_timestamp, next_seq=0
            )
            self._outbox.put(Entry(from_timestamp, rewind), self._outbox.generation)
        self._emotions.append((turned.start, turned.emotion))
        if request is not None:
            self._applied(request, turned.char, turned.start)

    def _applied(self, request: Request, char: int, start: int) -> None:
        if request.char is not None:
            self._emotions.append((start, request.emotion))
        message = EmotionApplied(
            utterance=self._utterance,
            char=char,
            at_ms=self._ms(start),
            after_ms=0.0,  # known when it leaves
            emotion=EmotionVector.of(request.emotion),
        )
        entry = Entry(self._at(start), message, request.since, live=request.char is None)
        self._outbox.put(entry, self._outbox.generation)

    def _at(self, sample: int) -> int:
        """A position at the engine's rate as one at the rate sent."""
        return round(sample * self._format.sample_rate / self._engine_rate)

    def _from(self, sample: int) -> int:
        """A position at the rate sent as one at the engine's rate."""
        return round(sample * self._engine_rate / self._format.sample_rate)

    def _ms(self, sample: int) -> float:
        return round(samples_to_ms(sample, self._engine_rate), 3)
