"""An engine with no weights: each character is a tone. For demos, client work and every server test.

What is heard is a function of the text alone: a character's pitch comes from its code point, its level and octave
from the emotion, so a test can tell from the samples which character was spoken in which emotion.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ..streaming.audio import AudioChunk, Samples, ms_to_samples
from ..streaming.emotion import AXES, Emotion
from ..streaming.errors import Unsupported
from ..streaming.segment import LANGUAGES, Segment
from ..streaming.timeline import Mark
from .core import Output
from .engine import EngineInfo, StreamItem, StreamOptions, Turned
from .voice import Voice

SAMPLE_RATE = 24_000
HOP = 240  # 10 ms: positions of characters and turns
CHARACTER_HOPS = 12  # 120 ms, a brisk reader of Chinese
SILENCE_HOPS = 6  # spaces and punctuation
STEP_HOPS = 10  # one step emits 100 ms

INFO = EngineInfo(
    name="tone",
    sample_rate=SAMPLE_RATE,
    hop=HOP,
    languages=LANGUAGES,
    experimental_languages=(),
    max_sessions=1024,
    alignment="word",
    emotion=True,
    duration_control=True,
    cloning=False,
)


def frequency_hz(character: str, emotion: Emotion, voice_hz: float) -> float:
    """Pitch of a character: one of 24 semitones by code point, two semitones up a step of emotion axis."""
    semitone = ord(character) % 24 + 2 * (AXES.index(emotion.strongest) + 1) * (
        emotion.intensity > 0
    )
    return float(voice_hz * 2 ** (semitone / 12))


@dataclass(slots=True)
class _Note:
    """One character laid out: hops ``start:end``, in the emotion it is spoken with."""

    character: str
    char: int
    start: int
    end: int
    emotion: Emotion

    @property
    def silent(self) -> bool:
        return unicodedata.category(self.character)[0] not in "LNM"


class ToneJob:
    """One utterance: characters waiting, notes laid out, a position."""

    def __init__(self, voice: Voice, options: StreamOptions) -> None:
        self._hz = float(voice.tensors["frequency_hz"][0])
        self._pace = options.pace
        self._emotion = options.emotion
        # character, index, emotion of its own, factor on the rate
        self._waiting: deque[tuple[str, int, Emotion | None, float]] = deque()
        self._notes: list[_Note] = []
        self._position = 0  # hops emitted
        self._natural = 0  # hops laid out so far, had the pace been free
        self._ended = False
        self._turned: Turned | None = None
        self.backlog = 0

    @property
    def ready(self) -> bool:
        return self._turned is not None or bool(self._waiting) or self._position < self._laid

    @property
    def finished(self) -> bool:
        return self._ended and not self.ready and self._position >= self._total

    @property
    def _laid(self) -> int:
        return self._notes[-1].end if self._notes else 0

    @property
    def _total(self) -> int:
        """Hops the utterance is to have in all, where a duration was asked for."""
        if self._pace.duration_ms is None or not self._ended:
            return self._laid
        return ms_to_samples(self._pace.duration_ms, SAMPLE_RATE) // HOP

    def push(self, segment: Segment) -> None:
        own = {turn.char: turn.emotion for turn in segment.turns}
        if segment.emotion is not None:
            own.setdefault(segment.char_start, segment.emotion)
        for char, character in enumerate(segment.text, segment.char_start):
            self._waiting.append((character, char, own.get(char), segment.rate))

    def end(self) -> None:
        self._ended = True

    def close(self) -> None:
        self._waiting.clear()
        self._notes.clear()
        self._position = 0
        self._turned = None

    def turn(self, emotion: Emotion, from_sample: int, ramp_ms: int) -> None:
        del ramp_ms  # a tone changes at once
        hop = min(-(-from_sample // HOP), self._position)
        self._emotion = emotion
        self._waiting = deque((c, i, None, rate) for c, i, _, rate in self._waiting)
        for note in self._notes[bisect_right(self._notes, hop, key=lambda n: n.end) :]:
            note.emotion = emotion
        if hop < self._position or not self._notes:
            self._position = hop
        self._turned = Turned(hop * HOP, self._char_at(hop), emotion)

    def _char_at(self, hop: int) -> int:
        at = bisect_right(self._notes, hop, key=lambda n: n.start) - 1
        return self._notes[at].char if self._notes else 0

    def step(self) -> list[StreamItem]:
        """Emit up to 100 ms with its marks."""
        items: list[StreamItem] = []
        if self._turned is not None:
            items.append(self._turned)
            self._turned = None
        self._lay(self._position + STEP_HOPS)
        end = min(self._position + STEP_HOPS, max(self._laid, self._total if self._ended else 0))
        if end > self._position:
            items.extend(self._marks(self._position, end))
            samples = self._render(self._position, end)
            items.append(AudioChunk(samples, SAMPLE_RATE, self._position * HOP))
            self._position = end
        return items

    def _lay(self, until: int) -> None:
        """Give waiting characters their place, as far as ``until`` hops."""
        while self._waiting and self._laid < until:
            character, char, own, rate = self._waiting[0]
            if own is not None:
                self._emotion = own
            start = self._laid
            length = self._hops(character, rate)
            self._waiting.popleft()
            self._notes.append(_Note(character, char, start, start + length, self._emotion))

    def _hops(self, character: str, rate: float) -> int:
        silent = unicodedata.category(character)[0] not in "LNM"
        natural = max(1, round((SILENCE_HOPS if silent else CHARACTER_HOPS) / rate))
        # counted from the beginning, so that roundings do not add up
        if self._pace.ratio is not None:
            self._natural += natural
            return max(1, round(self._natural * self._pace.ratio) - self._laid)
        if self._pace.duration_ms is not None and self._ended:
            budget = ms_to_samples(self._pace.duration_ms, SAMPLE_RATE) // HOP - self._laid
            return max(1, budget // len(self._waiting))
        return natural

    def _marks(self, begin: int, end: int) -> Iterator[Mark]:
        for note in self._notes[bisect_right(self._notes, begin - 1, key=lambda n: n.start) :]:
            if note.start >= end:
                return
            if not note.silent:
                span = (note.char, note.char + 1, note.start * HOP, note.end * HOP)
                for kind in ("char", "word"):
                    yield Mark(kind, note.character, *span)

    def _render(self, begin: int, end: int) -> Samples:
        out = np.zeros((end - begin) * HOP, np.float32)
        for note in self._notes[bisect_right(self._notes, begin, key=lambda n: n.end) :]:
            if note.start >= end:
                break
            if note.silent:
                continue
            first, last = max(note.start, begin) * HOP, min(note.end, end) * HOP
            hz = frequency_hz(note.character, note.emotion, self._hz)
            origin = note.start * HOP
            piece = _tone(hz, first - origin, last - origin, note.end * HOP - origin)
            out[first - begin * HOP : last - begin * HOP] = piece
        return out


@lru_cache(maxsize=1024)
def _tone(hz: float, first: int, last: int, length: int) -> Samples:
    """Samples ``first:last`` of a note, phase counted from its own start so that no cut is heard.

    The same few come again and again: a step holds a tenth of a second, and there are two dozen tones.
    """
    since = np.arange(first, last)
    edge = np.minimum(np.minimum(since, length - 1 - since) / HOP, 1.0)
    wave = 0.2 * edge * np.sin(2 * np.pi * hz * since / SAMPLE_RATE)
    return wave.astype(np.float32)


class ToneCore:
    """The core of the tone engine; ``max_sessions`` bounds its slots."""

    def __init__(self, max_sessions: int = INFO.max_sessions) -> None:
        self._info = replace(INFO, max_sessions=max_sessions)

    @property
    def info(self) -> EngineInfo:
        return self._info

    def load(self) -> None:
        """Nothing to load."""

    def unload(self) -> None:
        """Nothing to free."""

    def voices(self) -> tuple[Voice, ...]:
        return tuple(
            Voice(name, INFO.name, {"frequency_hz": np.array([hz], np.float32)}, text, LANGUAGES)
            for name, hz, text in (
                ("alto", 220.0, "a steady tone from A3 up"),
                ("soprano", 330.0, "a steady tone from E4 up"),
            )
        )

    def open(self, voice: Voice, options: StreamOptions) -> ToneJob:
        return ToneJob(voice, options)

    def step(self, jobs: Sequence[ToneJob]) -> list[Output[ToneJob]]:
        return [Output(job, job.step()) for job in jobs]

    @property
    def enrols_apart(self) -> bool:
        return True

    def enroll(self, clip: Samples, sample_rate: int, name: str) -> Voice:
        raise Unsupported("a tone cannot sound like a person")
