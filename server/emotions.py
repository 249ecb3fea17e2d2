"""From what a client wrote in a field ``emotion`` to a point in the emotion space."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Protocol

from ..model.emotion.describe import EmotionReading, cautions, check_description, read_emotion
from ..model.emotion.remote import PATIENCE_S, ChatEndpoint, RemoteReader
from ..model.emotion_encoder import emotion_of_judged
from ..model.engine import Engine
from ..model.known_speaker import KnownSpeakers
from ..model.library import VoiceLibrary
from ..streaming.emotion import Emotion
from ..streaming.emotion_spec import ClipEmotion, DescribedEmotion, EmotionSpec, resolve
from ..streaming.errors import BadAudio, SeiyuuError, UnknownEmotion, Unsupported
from .clip_store import ClipStore, StoredClip
from .log import Log

log = Log("emotions")

REMEMBERED = 512
AT_ONCE = 4


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
    """Listens to clips that were sent before, and leaves every other form to another reader.

    A clip of somebody who is in the ``library`` is heard beside their own reference clip. An engine that can speak in
    the manner of a clip learns it: eight numbers say less. At an intensity of 1, which is meant when none is given, it
    goes all the way.
    """

    def __init__(
        self,
        others: Emotions,
        clips: ClipStore,
        engine: Engine,
        library: VoiceLibrary | None = None,
    ) -> None:
        self._others = others
        self._clips = clips
        self._engine = engine
        self._known = None if library is None else KnownSpeakers(library)

    async def read(self, spec: EmotionSpec) -> Understood:
        if not isinstance(spec, ClipEmotion):
            return await self._others.read(spec)
        try:
            stored = self._clips.get(spec.reference)
            heard = await asyncio.to_thread(self._hear, stored)
            manner = await self._manner(stored) if self._engine.info.manners else ""
        except BadAudio as error:
            raise UnknownEmotion(str(error)) from error
        usual = 1.0 if manner else heard.intensity
        intensity = usual if spec.intensity is None else spec.intensity
        return Understood(Emotion(heard.vector, intensity, manner))

    def _hear(self, stored: StoredClip) -> Emotion:
        """Once for each clip, and again when its speaker was enrolled, refined or removed meanwhile."""
        known = self._known
        record = None if known is None else known.nearest(stored.judged.speech.d_vector)
        if known is None or record is None:
            return stored.heard("", lambda: emotion_of_judged(stored.judged))
        return stored.heard(
            record.content_hash, lambda: emotion_of_judged(stored.judged, known.calm(record))
        )

    async def _manner(self, stored: StoredClip) -> str:
        """The engine's key for it; empty, and the eight axes serve, when the engine cannot just now."""
        try:
            return await self._engine.manner(stored.clip.samples, stored.clip.sample_rate)
        except BadAudio:
            raise
        except SeiyuuError as error:
            log.warning("no manner was learned", reason=str(error))
            return ""


class EngineReader:
    """The engine's own reader of descriptions, within a writer's patience.

    What it says later is kept for the next time the same description is read.
    """

    def __init__(self, engine: Engine, patience_s: float = PATIENCE_S) -> None:
        self._engine = engine
        self._patience_s = patience_s
        self._known: dict[str, Emotion] = {}
        self._asked: dict[str, asyncio.Task[None]] = {}
        self._absent = not engine.info.describes

    async def read(self, text: str) -> Emotion | None:
        """How it understands a description; None if it cannot, or not in time."""
        if text not in self._known and not self._absent:
            await self._wait(text)
        return self._known.get(text)

    async def _wait(self, text: str) -> None:
        if text not in self._asked:
            if len(self._asked) >= AT_ONCE:
                return
            self._asked[text] = asyncio.create_task(self._ask(text), name="describe")
        await asyncio.wait({self._asked[text]}, timeout=self._patience_s)

    async def _ask(self, text: str) -> None:
        try:
            emotion = await self._engine.describe(text)
        except Unsupported:
            self._absent = True
        except Exception as error:  # whatever its library throws: there is another reader
            log.exception("the engine's reader failed", error)
        else:
            if len(self._known) >= REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[text] = emotion
        finally:
            del self._asked[text]

    def close(self) -> None:
        """Ask nothing more."""
        self._absent = True
        for task in self._asked.values():
            task.cancel()


class DescribedEmotions:
    """Reads descriptions in plain words; leaves other forms to others.

    By the chat endpoint if one was named, else by the engine's own reader if it has one, else, and whenever those
    are slow, by the embedded reader.
    """

    def __init__(
        self, others: Emotions, engine: Engine, endpoint: ChatEndpoint | None = None
    ) -> None:
        self._others = others
        self._own = EngineReader(engine)
        self._remote = None if endpoint is None else RemoteReader(endpoint)

    async def read(self, spec: EmotionSpec) -> Understood:
        if not isinstance(spec, DescribedEmotion):
            return await self._others.read(spec)
        told = await self._told(check_description(spec.describe))
        return _understood(told, spec.intensity)

    async def _told(self, text: str) -> EmotionReading:
        if self._remote is not None:
            return await self._remote.read(text)
        reading = await asyncio.to_thread(read_emotion, text)  # the pace it carries is its alone
        own = await self._own.read(text)
        return reading if own is None else replace(reading, emotion=own, warnings=cautions(own))

    def close(self) -> None:
        """Ask nobody anything more."""
        self._own.close()
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
    emotion = replace(reading.emotion, intensity=intensity)
    outdated = cautions(reading.emotion)
    others = (warning for warning in reading.warnings if warning not in outdated)
    return Understood(emotion, reading.pace, (*others, *cautions(emotion)))
