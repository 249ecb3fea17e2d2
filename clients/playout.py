"""What an audience hears at this moment, for whoever shows it: captions, mouths, faces.

It is fed what a follower of a session gets. The audience starts an utterance when its first packet leaves, or when
the one before has sounded.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ..streaming.audio import AudioFormat
from ..streaming.clock import Clock, SystemClock
from ..streaming.codecs import Decoder, make_decoder
from ..streaming.emotion import NEUTRAL, Emotion
from ..streaming.emotion_spec import resolve
from ..streaming.errors import BadAudio
from ..streaming.messages import EmotionApplied
from ..streaming.packet import Packet

LINGER_S = 1.5
"""How long what was heard is remembered."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A mark of an utterance, in seconds of it."""

    kind: str
    start_s: float
    end_s: float
    char: int
    text: str
    viseme: str | None


@dataclass(slots=True)
class Line:
    """What of one utterance is known. ``begins_at`` is when it begins to sound (clock); levels are (second, rms)."""

    begins_at: float
    sent_s: float = 0.0
    marks: list[Shown] = field(default_factory=list)
    turns: list[tuple[float, Emotion]] = field(default_factory=list)
    levels: list[tuple[float, float]] = field(default_factory=list)

    def cut(self, at_s: float) -> None:
        """What lies behind is said again."""
        self.sent_s = min(self.sent_s, at_s)
        self.marks = [mark for mark in self.marks if mark.start_s < at_s]
        self.turns = [turn for turn in self.turns if turn[0] < at_s]
        self.levels = [level for level in self.levels if level[0] < at_s]


class Playout:
    """What was said to it and when; ``delay_s`` is how much later than what it is fed the sound is heard."""

    def __init__(self, clock: Clock | None = None, *, delay_s: float = 0.0) -> None:
        self._clock = clock or SystemClock()
        self._delay_s = delay_s
        self._lines: dict[int, Line] = {}
        self._over_at = 0.0
        self._format = AudioFormat()
        self._decoder: Decoder | None = None
        self._emotion = NEUTRAL

    def packet(self, packet: Packet) -> None:
        """A packet has left."""
        line = self._line(packet.utterance)
        at_s = packet.timestamp / self._format.sample_rate
        line.sent_s = max(line.sent_s, at_s + self._format.ptime_ms / 1000)
        line.levels.append((at_s, self._level(packet.payload)))
        self._over_at = line.begins_at + line.sent_s

    def message(self, fields: dict[str, Any]) -> None:
        """A message of the server."""
        match fields:
            case {"type": "mark", "utterance": utterance}:
                self._line(utterance).marks.append(
                    Shown(
                        fields["kind"],
                        fields["start_ms"] / 1000,
                        fields["end_ms"] / 1000,
                        fields["char_start"],
                        fields["text"],
                        fields.get("viseme"),
                    )
                )
            case {"type": "emotion.applied", "utterance": utterance, "at_ms": at_ms}:
                try:
                    emotion = resolve(EmotionApplied.model_validate(fields).emotion)
                except ValidationError:
                    return
                if emotion is not None:
                    self._line(utterance).turns.append((at_ms / 1000, emotion))
            case {"type": "audio.rewind", "utterance": utterance, "from_timestamp": timestamp}:
                line = self._line(utterance)
                line.cut(timestamp / self._format.sample_rate)
                self._over_at = line.begins_at + line.sent_s
            case {"type": "speech.cancelled", "utterance": utterance}:
                self._lines.pop(utterance, None)
                self._over_at = self._clock.now()
            case {"type": "session.started", "audio": audio}:
                self._lines.clear()
                self._over_at = 0.0
                self._emotion = NEUTRAL
                self._format = AudioFormat(**audio)
                self._decoder = make_decoder(self._format)

    def begun(self) -> tuple[Line, float] | None:
        """The newest utterance that has begun to sound, and the second of it that is heard now.

        The second lies behind its end when it has sounded; None when it has been quiet for a while.
        """
        now = self._clock.now() - self._delay_s
        for number, line in tuple(self._lines.items()):
            if line.begins_at + line.sent_s + LINGER_S <= now:
                self._emotion = _last(line.turns, self._emotion)
                del self._lines[number]
        begun = [line for line in self._lines.values() if line.begins_at <= now]
        return (begun[-1], now - begun[-1].begins_at) if begun else None

    @property
    def speaking(self) -> bool:
        """Something sounds now."""
        found = self.begun()
        return found is not None and found[1] < found[0].sent_s

    def begun_at(self, utterance: int) -> float:
        """When its first packet came, or the one before had sounded (clock).

        Raises:
            KeyError: it is over, or never was.
        """
        return self._lines[utterance].begins_at

    def emotion(self) -> Emotion:
        """The emotion that is heard, which outlives its utterance."""
        emotion = self._emotion
        now = self._clock.now() - self._delay_s
        for line in self._lines.values():
            emotion = _last(
                [turn for turn in line.turns if line.begins_at + turn[0] <= now], emotion
            )
        return emotion

    def mark(self, kind: str) -> Shown | None:
        """The mark of ``kind`` that is heard now, the last one if there are several."""
        if (found := self.begun()) is None:
            return None
        line, at_s = found
        heard = [m for m in line.marks if m.kind == kind and m.start_s <= at_s < m.end_s]
        return heard[-1] if heard else None

    def level(self) -> float:
        """Root mean square of the sound that is heard now, 0…1."""
        found = self.begun()
        if found is None or found[1] >= found[0].sent_s:
            return 0.0
        line, at_s = found
        at = bisect_right(line.levels, at_s, key=lambda level: level[0])
        return line.levels[at - 1][1] if at else 0.0

    def has(self, kind: str) -> bool:
        """The utterance that is heard has marks of this kind."""
        found = self.begun()
        return found is not None and any(mark.kind == kind for mark in found[0].marks)

    def _level(self, payload: bytes) -> float:
        if self._decoder is None:
            return 0.0
        try:
            samples = self._decoder.decode(payload)
        except BadAudio:
            return 0.0
        return float((samples**2).mean() ** 0.5) if len(samples) else 0.0

    def _line(self, utterance: int) -> Line:
        if utterance not in self._lines:
            self._lines[utterance] = Line(max(self._clock.now(), self._over_at))
        return self._lines[utterance]


def _last(turns: list[tuple[float, Emotion]], before: Emotion) -> Emotion:
    return turns[-1][1] if turns else before
