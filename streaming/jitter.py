"""The playout buffer of a client: puts packets in order, bridges what is lost, and counts when it ran dry."""

from __future__ import annotations

from bisect import insort
from collections import deque
from dataclasses import dataclass

import numpy as np

from .audio import Samples
from .ids import UtteranceId

_FADE_MS = 5
"""Long enough that neither end nor beginning of sound clicks, too short to be heard as a fade."""
_BRIDGE_MS = 60
"""A lost stretch is covered this long by an echo of what came before; longer ones end in silence."""
_REMEMBERED = 64
"""Utterances that are over and whose stragglers are known as such."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """A decoded packet."""

    utterance: UtteranceId
    seq: int
    timestamp: int
    samples: Samples
    last: bool = False

    @property
    def end(self) -> int:
        """Position just after the last sample."""
        return self.timestamp + len(self.samples)


class JitterBuffer:
    """Feed it packets as they come; take samples as the sound card wants them.

    Playback of an utterance begins when ``target_ms`` of it are here or all of it is. What is missing when its turn
    has come is bridged and given up; what is missing at the end is waited for in silence, and that is an underrun.
    """

    def __init__(self, sample_rate: int, target_ms: int = 60) -> None:
        self._fade = sample_rate * _FADE_MS // 1000
        self._bridge = sample_rate * _BRIDGE_MS // 1000
        self._target = sample_rate * target_ms // 1000
        self._queue: list[Arrived] = []
        # Rewinds of an utterance: from a timestamp on, only packets with at least this seq count.
        self._rewinds: dict[UtteranceId, list[tuple[int, int]]] = {}
        self._gone: deque[UtteranceId] = deque(maxlen=_REMEMBERED)
        self._utterance: UtteranceId | None = None
        self._position = 0
        self._filling = True
        self._recent: Samples = np.zeros(0, np.float32)
        self._quiet = True
        self.underruns = 0
        self.concealed = 0
        """Samples that were made up for lost ones."""

    @property
    def played(self) -> tuple[UtteranceId, int] | None:
        """The utterance being played and how many of its samples were; what ``playback.report`` says."""
        return None if self._utterance is None else (self._utterance, self._position)

    @property
    def buffered(self) -> int:
        """Samples waiting."""
        return sum(
            max(0, packet.end - max(packet.timestamp, self._position))
            if packet.utterance == self._utterance
            else len(packet.samples)
            for packet in self._queue
        )

    def put(self, packet: Arrived) -> None:
        """A packet came, in any order; what is too late, came twice or was outdated by a rewind is dropped."""
        outdated = any(
            packet.timestamp >= from_timestamp and packet.seq < next_seq
            for from_timestamp, next_seq in self._rewinds.get(packet.utterance, ())
        )
        late = packet.utterance == self._utterance and packet.end <= self._position
        twice = any(packet.seq == other.seq for other in self._queue)
        if outdated or late or twice or packet.utterance in self._gone:
            return
        insort(self._queue, packet, key=lambda p: p.seq)

    def rewind(self, utterance: UtteranceId, from_timestamp: int, next_seq: int) -> None:
        """Drop what was not played of the utterance from a position on; its packets come again with newer numbers."""
        self._rewinds.setdefault(utterance, []).append((from_timestamp, next_seq))
        self._queue = [
            packet
            for packet in self._queue
            if packet.utterance != utterance
            or packet.timestamp < from_timestamp
            or packet.seq >= next_seq
        ]

    def drop(self, utterance: UtteranceId) -> None:
        """Drop what was not played of the utterance: a cancel."""
        self._queue = [packet for packet in self._queue if packet.utterance != utterance]
        self._forget(utterance)
        if self._utterance == utterance:
            self._utterance = None
            self._filling = True

    def take(self, count: int) -> Samples:
        """The next ``count`` samples to play; silence where there is nothing to say."""
        parts: list[Samples] = []
        missing = count
        while missing > 0:
            part = self._next(missing)
            parts.append(part)
            missing -= len(part)
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def _next(self, count: int) -> Samples:
        if self._filling and not self._ready():
            return self._silence(count)
        self._filling = False
        if not self._queue:
            self.underruns += 1
            self._filling = True
            return self._silence(count)
        head = self._queue[0]
        if head.utterance != self._utterance:
            self._begin(head)
        if head.timestamp > self._position:
            return self._conceal(min(count, head.timestamp - self._position))
        return self._play(head, count)

    def _ready(self) -> bool:
        """Whether enough of the utterance at the head is here to begin."""
        if not self._queue:
            return False
        same = [p for p in self._queue if p.utterance == self._queue[0].utterance]
        return same[-1].last or sum(len(p.samples) for p in same) >= self._target

    def _begin(self, head: Arrived) -> None:
        """The next utterance follows, whether or not the end of the one before was ever seen."""
        if self._utterance is not None:
            self._forget(self._utterance)
        self._utterance = head.utterance
        self._position = 0

    def _forget(self, utterance: UtteranceId) -> None:
        self._rewinds.pop(utterance, None)
        self._gone.append(utterance)

    def _play(self, head: Arrived, count: int) -> Samples:
        at = self._position - head.timestamp
        part = head.samples[at : at + count]
        self._position += len(part)
        if self._position >= head.end:
            self._queue.pop(0)
        self._recent = np.concatenate((self._recent, part))[-self._bridge :]
        if self._quiet:
            part = _faded_in(part, self._fade)
            self._quiet = False
        if head.last and self._position >= head.end:
            self._forget(head.utterance)
            self._utterance = None
            self._filling = True
        return part

    def _conceal(self, count: int) -> Samples:
        """Go on with the past played backwards, which joins it without a step, and fade it out."""
        echo = self._recent[::-1]
        self._recent = np.zeros(0, np.float32)
        gain = np.linspace(1.0, 0.0, len(echo), dtype=np.float32)
        part = (echo * gain)[:count]
        part = np.concatenate((part, np.zeros(count - len(part), np.float32)))
        self._position += count
        self.concealed += count
        self._quiet = True
        return part

    def _silence(self, count: int) -> Samples:
        """Nothing, after a short way down from the last sample."""
        silence = np.zeros(count, np.float32)
        if not self._quiet and len(self._recent):
            length = min(count, self._fade)
            silence[:length] = self._recent[-1] * np.linspace(1.0, 0.0, length, dtype=np.float32)
        self._quiet = True
        return silence


def _faded_in(samples: Samples, length: int) -> Samples:
    faded = samples.copy()
    length = min(length, len(faded))
    faded[:length] *= np.linspace(0.0, 1.0, length, dtype=np.float32)
    return faded
