"""From what a client wrote in a field ``emotion`` to a point in the emotion space."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from ..model.emotion.describe import EmotionReading, cautions, read_emotion
from ..model.emotion.remote import ChatEndpoint, RemoteReader
from ..model.emotion_encoder import emotion_of_clip
from ..streaming.emotion import Emotion
from ..streaming.emotion_spec import ClipEmotion, DescribedEmotion, EmotionSpec, resolve
from ..streaming.errors import BadAudio, UnknownEmotion, Unsupported
from .clip_store import ClipStore


@dataclass(frozen=True, slots=True)
class Understood:
    """What a client meant: the point, the factor on the rate of speech that a description carries, and sentences
    for the writer."""

    emotion: Emotion
    pace: float = 1.0
    warnings: tuple[str, ...] = ()


class Emotions(Protocol):
    """Understands emotions; one that can read descriptions or listen to clips satisfies it as well."""

    async def read(self, spec: EmotionSpec) -> Understood:
        """The point that ``spec`` means. Takes at most a few hundred milliseconds.

        Raises:
            UnknownEmotion: it means nothing here.
            Unsupported: this server cannot read that form.
        """
        ...


class HeardEmotions:
    """Listens to clips that were sent before, and leaves every other form to another reader."""

    def __init__(self, others: Emotions, clips: ClipStore) -> None:
        self._others = others
        self._clips = clips

    async def read(self, spec: EmotionSpec) -> Understood:
        if not isinstance(spec, ClipEmotion):
            return await self._others.read(spec)
        try:
            stored = self._clips.get(spec.reference)
            heard = await asyncio.to_thread(emotion_of_clip, stored.clip)
        except BadAudio as error:
            raise UnknownEmotion(str(error)) from error
        return Understood(
            heard if spec.intensity is None else Emotion(heard.vector, spec.intensity)
        )


class DescribedEmotions:
    """Reads descriptions in plain words, by the embedded reader or a chat endpoint; leaves other forms to others."""

    def __init__(self, others: Emotions, endpoint: ChatEndpoint | None = None) -> None:
        self._others = others
        self._remote = None if endpoint is None else RemoteReader(endpoint)

    async def read(self, spec: EmotionSpec) -> Understood:
        if not isinstance(spec, DescribedEmotion):
            return await self._others.read(spec)
        if self._remote is not None:
            reading = await self._remote.read(spec.describe)
        else:
            reading = await asyncio.to_thread(read_emotion, spec.describe)
        return _understood(reading, spec.intensity)

    def close(self) -> None:
        """Ask the endpoint nothing more."""
        if self._remote is not None:
            self._remote.close()


class PointsOnly:
    """Reads names, mixes and vectors, which need no model."""

    async def read(self, spec: EmotionSpec) -> Understood:
        emotion = resolve(spec)
        if emotion is not None:
            return Understood(emotion)
        what = "descriptions" if isinstance(spec, DescribedEmotion) else "clips"
        raise Unsupported(
            f"this server does not read emotions from {what}; name or mix them instead"
        )


def _understood(reading: EmotionReading, intensity: float | None) -> Understood:
    """A description as it was read, but for an ``intensity`` the client named; what to beware of follows that."""
    if intensity is None:
        return Understood(reading.emotion, reading.pace, reading.warnings)
    emotion = Emotion(reading.emotion.vector, intensity)
    outdated = cautions(reading.emotion)
    others = (warning for warning in reading.warnings if warning not in outdated)
    return Understood(emotion, reading.pace, (*others, *cautions(emotion)))
