"""From what a client wrote in a field ``emotion`` to a point in the emotion space."""

from __future__ import annotations

import asyncio
from typing import Protocol

from ..model.clips import Clip
from ..model.emotion.describe import read_emotion
from ..model.emotion.remote import ChatEndpoint, RemoteReader
from ..model.emotion_encoder import emotion_of_clip
from ..model.known_speaker import clip_of_known_speaker
from ..model.library import VoiceLibrary
from ..streaming.emotion import Emotion
from ..streaming.emotion_spec import ClipEmotion, DescribedEmotion, EmotionSpec, resolve
from ..streaming.errors import BadAudio, UnknownEmotion, Unsupported
from .clip_store import ClipStore


class Emotions(Protocol):
    """Understands emotions; one that can read descriptions or listen to clips satisfies it as well."""

    async def read(self, spec: EmotionSpec) -> Emotion:
        """The point that ``spec`` means. Takes at most a few hundred milliseconds.

        Raises:
            UnknownEmotion: it means nothing here.
            Unsupported: this server cannot read that form.
        """
        ...


class HeardEmotions:
    """Listens to clips that were sent before, and leaves every other form to another reader.

    A clip of somebody who is in the ``library`` is heard beside their own reference clip.
    """

    def __init__(
        self, others: Emotions, clips: ClipStore, library: VoiceLibrary | None = None
    ) -> None:
        self._others = others
        self._clips = clips
        self._library = library

    async def read(self, spec: EmotionSpec) -> Emotion:
        if not isinstance(spec, ClipEmotion):
            return await self._others.read(spec)
        try:
            stored = self._clips.get(spec.reference)
            heard = await asyncio.to_thread(self._hear, stored.clip)
        except BadAudio as error:
            raise UnknownEmotion(str(error)) from error
        return heard if spec.intensity is None else Emotion(heard.vector, spec.intensity)

    def _hear(self, clip: Clip) -> Emotion:
        calm = None if self._library is None else clip_of_known_speaker(clip, self._library)
        return emotion_of_clip(clip, calm)


class DescribedEmotions:
    """Reads descriptions in plain words, by the embedded reader or a chat endpoint; leaves other forms to others."""

    def __init__(self, others: Emotions, endpoint: ChatEndpoint | None = None) -> None:
        self._others = others
        self._remote = None if endpoint is None else RemoteReader(endpoint)

    async def read(self, spec: EmotionSpec) -> Emotion:
        if not isinstance(spec, DescribedEmotion):
            return await self._others.read(spec)
        if self._remote is not None:
            reading = await self._remote.read(spec.describe)
        else:
            reading = await asyncio.to_thread(read_emotion, spec.describe)
        told = reading.emotion
        return told if spec.intensity is None else Emotion(told.vector, spec.intensity)

    def close(self) -> None:
        """Ask the endpoint nothing more."""
        if self._remote is not None:
            self._remote.close()


class PointsOnly:
    """Reads names, mixes and vectors, which need no model."""

    async def read(self, spec: EmotionSpec) -> Emotion:
        emotion = resolve(spec)
        if emotion is not None:
            return emotion
        what = "descriptions" if isinstance(spec, DescribedEmotion) else "clips"
        raise Unsupported(
            f"this server does not read emotions from {what}; name or mix them instead"
        )
