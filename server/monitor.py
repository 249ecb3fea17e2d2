"""What an audience hears of a session: its packets, played out on the server's clock as one sound without gaps.

The session's own client gets packets ahead of time and plays them itself; an audience that cannot (a media source, a
peer connection) is given 20 ms every 20 ms, silence included, and each message with the sound it belongs to.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..streaming.audio import AudioFormat, Samples, ms_to_samples
from ..streaming.codecs import make_decoder, make_encoder
from ..streaming.errors import BadAudio
from ..streaming.ids import UtteranceId
from ..streaming.jitter import Arrived, JitterBuffer
from ..streaming.packet import Packet, unpack
from ..streaming.protocol import Frame
from ..streaming.resample import Resampler
from .session import Session

RATE_HZ = 48_000
PTIME_MS = 20
BEAT_SAMPLES = RATE_HZ * PTIME_MS // 1000
BEAT_S = PTIME_MS / 1000
FORMAT = AudioFormat("opus", RATE_HZ, PTIME_MS)
BIT_RATE = 64_000
PLACED = {"mark": "start_ms", "emotion.applied": "at_ms"}
"""Messages that belong to a place in the sound, and the field that says which."""
FAR = 1 << 62
"""Behind every sample: the utterance was played to its end."""
SILENCE: Samples = np.zeros(BEAT_SAMPLES, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Beat:
    """20 ms for everyone: ``samples`` float32 at 48 kHz, the same as one Opus packet, and what is said with it."""

    number: int
    samples: Samples
    opus: bytes
    messages: tuple[str, ...] = ()


class Monitor:
    """Plays one session; :meth:`beat` is called every 20 ms by one clock."""

    def __init__(self, session: Session) -> None:
        self.session = session
        rate = session.format.sample_rate
        self._decoder = make_decoder(session.format)
        heard_hz = self._decoder.sample_rate
        self._scale = heard_hz / rate  # positions of packets count at the rate sent
        self._heard_hz = heard_hz
        self._buffer = JitterBuffer(heard_hz, target_ms=PTIME_MS)
        self._resampler = None if heard_hz == RATE_HZ else Resampler(heard_hz, RATE_HZ, keep_ms=0)
        self._ready: Samples = SILENCE  # one beat ahead: the resampler withholds a little
        self._encoder = make_encoder(FORMAT, bit_rate=BIT_RATE)
        self._origins: dict[UtteranceId, int] = {}  # where an utterance was joined
        self._placed: deque[tuple[UtteranceId, int, str]] = deque()
        self._now: list[str] = []
        self._held = False
        self._taken: tuple[UtteranceId | None, int] = (None, 0)
        session.wire.taps.add(self.take)

    def close(self) -> None:
        """Hear no more of the session. Idempotent."""
        self.session.wire.taps.discard(self.take)

    @property
    def speaking(self) -> UtteranceId | None:
        """The utterance that sounds."""
        return self._buffer.played[0] if self._buffer.played else None

    def take(self, frame: Frame) -> None:
        """A frame left for the session's own client."""
        if isinstance(frame, bytes):
            self._packet(unpack(frame))
        else:
            self._message(frame, json.loads(frame))

    def beat(self, number: int) -> Beat:
        """The next 20 ms."""
        samples = self._next()
        return Beat(number, samples, self._encoder.encode(samples), tuple(self._due()))

    def rest(self) -> tuple[str, ...]:
        """What was said and has not had its beat yet; nothing is taken away."""
        return (*(text for _, _, text in self._placed), *self._now)

    def _packet(self, packet: Packet) -> None:
        # Of an utterance that was joined in the middle there is nothing to wait for.
        origin = self._origins.setdefault(packet.utterance, packet.timestamp)
        try:
            samples = self._decoder.decode(packet.payload)
        except BadAudio:  # lost like one that did not come; what we encoded ourselves is not bad
            return
        at = max(0, round((packet.timestamp - origin) * self._scale))
        self._buffer.put(Arrived(packet.utterance, packet.seq, at, samples, packet.last))

    def _message(self, text: str, fields: dict[str, Any]) -> None:
        kind = fields["type"]
        utterance = UtteranceId(fields.get("utterance") or 0)
        if kind == "audio.rewind":  # settled here; listeners never had what is void
            at = self._place(utterance, fields["from_timestamp"] / self.session.format.sample_rate)
            self._buffer.rewind(utterance, at, fields["next_seq"])
            self._placed = deque(p for p in self._placed if p[0] != utterance or p[1] < at)
        elif kind in PLACED:
            self._placed.append(
                (utterance, self._place(utterance, fields[PLACED[kind]] / 1000), text)
            )
        elif kind not in {"error", "warning"}:  # which are for the one who speaks
            if kind == "speech.cancelled":
                self._buffer.drop(utterance)
            if kind == "utterance.ended":
                self._forget(utterance)
            self._now.append(text)

    def _place(self, utterance: UtteranceId, at_s: float) -> int:
        origin = self._origins.get(utterance, 0) * self._scale
        return max(0, round(at_s * self._heard_hz - origin))

    def _forget(self, utterance: UtteranceId) -> None:
        self._placed = deque(p for p in self._placed if p[0] != utterance)
        self._origins.pop(utterance, None)

    def _next(self) -> Samples:
        held = self.session.speaker.pacer.paused
        if held and self._held:
            return SILENCE
        while len(self._ready) < 2 * BEAT_SAMPLES:
            played = self._buffer.take(ms_to_samples(PTIME_MS, self._heard_hz))
            if self._resampler is not None:
                played = self._resampler.feed(played)
            self._ready = np.concatenate((self._ready, played))
        samples, self._ready = self._ready[:BEAT_SAMPLES], self._ready[BEAT_SAMPLES:]
        if held != self._held:  # a hold begins or ends; neither may click
            ends = (1.0, 0.0) if held else (0.0, 1.0)
            samples = samples * np.linspace(*ends, BEAT_SAMPLES, dtype=np.float32)
        self._held = held
        return samples

    def _due(self) -> list[str]:
        """Messages whose sound is in this beat or before it."""
        due, self._now = self._now, []
        # What was taken out of the buffer is given out one beat later.
        (sounding, until), self._taken = self._taken, self._buffer.played or (self._taken[0], FAR)
        later: deque[tuple[UtteranceId, int, str]] = deque()
        for utterance, at, text in self._placed:
            if utterance == sounding and at < until:
                due.append(text)
            else:
                later.append((utterance, at, text))
        self._placed = later
        return due
