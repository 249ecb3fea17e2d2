"""The contract every engine and every host satisfies.

An engine is born (``start``), opens streams, and dies (``close``). A stream takes segments and gives, in sample
order, audio and marks. Two things travel against the data: ``cancel`` and the turn of an emotion.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

from ..streaming.audio import AudioChunk, Samples
from ..streaming.emotion import NEUTRAL, Emotion
from ..streaming.segment import FREE, Language, Pace, Segment
from ..streaming.timeline import Mark
from .voice import Voice


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine is and can do; differences between engines are data, never ``isinstance``.

    ``hop`` is the granularity of audio positions in samples: a turn takes effect on a multiple of it.
    ``experimental_languages`` are spoken with an accent the README owns up to. ``max_sessions`` bounds open
    streams. ``alignment`` is the finest mark given. ``describes``: it has a reader of its own for descriptions of
    emotions; ``manners``: it can speak in the manner of a clip.
    """

    name: str
    sample_rate: int
    hop: int
    languages: tuple[Language, ...]
    experimental_languages: tuple[Language, ...]
    max_sessions: int
    alignment: Literal["none", "word", "phoneme"]
    emotion: bool
    duration_control: bool
    cloning: bool
    describes: bool = False
    manners: bool = False


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """How one utterance is spoken.

    ``seed`` None means the engine's deterministic default. ``pinyin`` False reads the writer's pinyin as text.
    """

    language: Language = "auto"
    emotion: Emotion = NEUTRAL
    pace: Pace = FREE
    seed: int | None = None
    pinyin: bool = True


@dataclass(frozen=True, slots=True)
class Turned:
    """Item of a stream: from sample ``start`` on, what follows replaces what was emitted before.

    ``char`` is the character spoken at that position.
    """

    start: int
    char: int
    emotion: Emotion


@dataclass(frozen=True, slots=True)
class Notice:
    """Item of a stream: something the writer should know, said at sample ``start``; speech goes on.

    ``code`` is short and stable (``bad_pinyin``, ``duration_out_of_range``), ``message`` one sentence.
    """

    start: int
    code: str
    message: str


StreamItem = AudioChunk | Mark | Turned | Notice


class Stream(Protocol):
    """One open slot: one utterance of one session.

    ``push`` and ``end`` feed it, iteration drains it; both sides may run in different tasks. A stream that is
    not iterated stops being computed (backpressure), one without text waits (starvation); neither is an error.
    """

    async def push(self, segment: Segment) -> None:
        """Give the next piece of text; returns at once unless the slot's text queue is full.

        Raises:
            InvalidState: after :meth:`end`.
            EngineFailed: the engine failed; the iterator raises the same.
        """
        ...

    async def end(self) -> None:
        """No more text. Idempotent."""
        ...

    async def turn(self, emotion: Emotion, *, from_sample: int, ramp_ms: int = 120) -> None:
        """Turn the emotion at the first possible position not before ``from_sample``.

        What was emitted behind that position is made again: the iterator yields :class:`Turned`, then chunks and
        marks from there on. Text queued and text still to be pushed without an emotion of its own follow the new
        one. After the last sample was emitted the unheard rest is made again: iterate once more to get it.

        Raises:
            Unsupported: the engine cannot (``EngineInfo.emotion`` is False).
        """
        ...

    async def cancel(self) -> None:
        """Stop and free the slot, also of a stream that has ended.

        Idempotent; on return the slot is free and no item will ever follow.
        """
        ...

    def __aiter__(self) -> AsyncIterator[StreamItem]:
        """Chunks and marks in sample order; a mark comes never later than its audio.

        Ends after the last sample once :meth:`end` was called; the stream keeps its slot until :meth:`cancel`, so
        that a turn can still reach what nobody has heard yet. One iterator at a time.
        """
        ...


class Engine(Protocol):
    """Something that turns segments into sound."""

    @property
    def info(self) -> EngineInfo: ...

    async def start(self) -> None:
        """Load and warm up. Idempotent.

        Raises:
            EngineFailed: with what is missing and how to get it.
        """
        ...

    async def close(self) -> None:
        """Drain, then free. Idempotent."""
        ...

    async def open(self, voice: Voice, options: StreamOptions) -> Stream:
        """Take a slot; never queues silently.

        Raises:
            Overloaded: every slot is taken.
            UnknownVoice: the voice was made by another engine.
        """
        ...

    def voices(self) -> tuple[Voice, ...]:
        """The voices that come with the engine."""
        ...

    async def enroll(self, clip: Samples, sample_rate: int, *, name: str) -> Voice:
        """Make a voice from speech.

        Raises:
            Unsupported: ``EngineInfo.cloning`` is False.
            BadAudio: the clip cannot be used; the message says why and what to do.
        """
        ...

    async def manner(self, clip: Samples, sample_rate: int) -> str:
        """Learn how a clip is spoken, whoever speaks; the key is good for ``Emotion.manner``.

        Raises:
            Unsupported: ``EngineInfo.manners`` is False.
            BadAudio: as :meth:`enroll`.
        """
        ...

    async def describe(self, description: str) -> Emotion:
        """The emotion that a description in plain words asks for; may take seconds.

        Raises:
            Unsupported: ``EngineInfo.describes`` is False, or what it needs is not there.
            UnknownEmotion: the description is empty.
        """
        ...
