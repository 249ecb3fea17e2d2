"""Speech from Python, offline: a text in, sound out, by the same engines that serve live."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..streaming.audio import AudioChunk, Samples, to_pcm16
from ..streaming.emotion import NEUTRAL, Emotion
from ..streaming.errors import BadAudio, UnknownVoice, Unsupported
from ..streaming.marking import Marking, mark_wav
from ..streaming.segment import FREE, Language, Pace, Segment
from ..streaming.segmenter import Segmenter
from ..streaming.timeline import Mark
from .clips import Clip, decode
from .emotion.describe import read_emotion
from .emotion_encoder import emotion_of_clip
from .engine import StreamItem, StreamOptions
from .registry import core_class
from .voice import Voice

FilePath = str | PathLike[str]
EmotionControl = Literal["text_driven", "reference", "vector", "name"]


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Speech: ``samples [n]`` mono, and the marks of what is said when."""

    samples: Samples
    sample_rate: int
    marks: tuple[Mark, ...] = ()
    marking: Marking = field(default_factory=Marking)

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate

    def save(self, path: FilePath) -> None:
        """Write a 16-bit mono WAV file that says in its metadata that it is synthetic."""
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.sample_rate)
            file.writeframes(to_pcm16(self.samples).astype("<i2").tobytes())
        Path(path).write_bytes(mark_wav(buffer.getvalue(), self.marking))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a call asked for, understood."""

    voice: Voice
    options: StreamOptions
    rate: float
    cloned: bool


class Synthesizer:
    """An engine on the calling thread. Loaded at the first call; one call at a time.

    ``options`` are those of the engine's core, e.g. ``cache`` and ``threads`` of the compact one.
    """

    def __init__(self, engine: str = "compact", **options: Any) -> None:
        self._core = core_class(engine)(**options)
        self._loaded = False
        self._enrolled: dict[bytes, Voice] = {}

    def synthesize(self, text: str | Iterable[str], **wishes: Any) -> Audio:
        """Speak a text, given whole or in pieces. All wishes are optional:

        * whose voice: ``voice`` a preset's name, or ``reference_audio`` (also ``speaker_reference``) a file with 3
          to 15 s of somebody speaking; ``speaker_embedding_mode`` "zero_shot" is the only one there is
        * how: ``emotion`` a name, ``emotion_vector`` eight numbers, ``emotion_description`` plain words, or
          ``emotion_reference`` a file whose emotion is taken; ``emotion_intensity`` 0…1; ``emotion_control_type``
          says which of them is meant ("name", "vector", "text_driven", "reference")
        * how long: ``mode`` "controlled" with ``duration`` (seconds) or ``duration_ratio``, or "free"
        * ``language`` auto, zh, en, ja or ko; ``use_pinyin`` False reads pinyin as text; ``seed``

        Raises:
            BadAudio: a reference cannot be used; the message says why and what to do.
            UnknownVoice, UnknownEmotion, BadText: as they say.
            Unsupported: the engine does not offer what was asked.
            TypeError, ValueError: wishes that do not exist or contradict each other.
        """
        plan = self._plan(**wishes)
        chunks: list[Samples] = []
        marks: list[Mark] = []
        for item in self._speak(text, plan):
            if isinstance(item, AudioChunk):
                chunks.append(item.samples)
            elif isinstance(item, Mark):
                marks.append(item)
        samples = np.concatenate(chunks) if chunks else np.zeros(0, np.float32)
        info = self._core.info
        return Audio(samples, info.sample_rate, tuple(marks), Marking(info.name, plan.cloned))

    def stream(self, text: str | Iterable[str], **wishes: Any) -> Iterator[AudioChunk]:
        """As :meth:`synthesize`, each chunk as it is made; ``text`` may still be arriving."""
        plan = self._plan(**wishes)
        return (item for item in self._speak(text, plan) if isinstance(item, AudioChunk))

    def voices(self) -> tuple[Voice, ...]:
        """The engine's preset voices."""
        voices: tuple[Voice, ...] = self._core.voices()
        return voices

    def close(self) -> None:
        """Free the engine. The next call loads it again."""
        if self._loaded:
            self._core.unload()
            self._loaded = False

    def _plan(
        self,
        *,
        reference_audio: FilePath | None = None,
        speaker_reference: FilePath | None = None,
        voice: str | None = None,
        speaker_embedding_mode: str = "zero_shot",
        emotion: str | None = None,
        emotion_vector: Sequence[float] | None = None,
        emotion_description: str | None = None,
        emotion_reference: FilePath | None = None,
        emotion_intensity: float | None = None,
        emotion_control_type: EmotionControl | None = None,
        mode: Literal["controlled", "free"] | None = None,
        duration: float | None = None,
        duration_ratio: float | None = None,
        language: Language = "auto",
        use_pinyin: bool = True,
        seed: int | None = None,
    ) -> _Plan:
        if speaker_embedding_mode != "zero_shot":
            raise Unsupported(
                f"speaker_embedding_mode is 'zero_shot', got {speaker_embedding_mode!r}"
            )
        pace = _pace(mode, duration, duration_ratio)
        way, said = _chosen(
            {
                "name": emotion,
                "vector": emotion_vector,
                "text_driven": emotion_description,
                "reference": emotion_reference,
            },
            emotion_control_type,
        )
        reference = _one(reference_audio=reference_audio, speaker_reference=speaker_reference)
        feeling, rate = self._understood(way, said)
        if emotion_intensity is not None and way:
            feeling = replace(feeling, intensity=emotion_intensity)
        self._load()
        options = StreamOptions(language, feeling, pace, seed, use_pinyin)
        return _Plan(self._voice(voice, reference), options, rate, reference is not None)

    def _load(self) -> None:
        if not self._loaded:
            self._core.load()
            self._loaded = True

    def _understood(self, way: str, said: Any) -> tuple[Emotion, float]:
        """The emotion asked for and the factor on the rate that comes with a description."""
        match way:
            case "name":
                return Emotion.of(said), 1.0
            case "vector":
                return Emotion.from_vector(said), 1.0
            case "reference":
                return self._heard(_clip(said)), 1.0
            case "text_driven":
                reading = read_emotion(said)
                return self._described(said) or reading.emotion, reading.pace
        return NEUTRAL, 1.0

    def _heard(self, clip: Clip) -> Emotion:
        """The emotion of a clip, and its manner where the engine can take that."""
        heard = emotion_of_clip(clip)
        if not self._core.info.manners:
            return heard
        self._load()
        return Emotion(heard.vector, 1.0, self._core.manner(clip.samples, clip.sample_rate))

    def _described(self, description: str) -> Emotion | None:
        """What the engine's own reader understands, if it has one."""
        if not self._core.info.describes:
            return None
        self._load()
        try:
            told: Emotion = self._core.describe(description)
        except Unsupported:
            return None
        return told

    def _voice(self, name: str | None, reference: FilePath | None) -> Voice:
        if name is not None and reference is not None:
            raise ValueError("a voice is named or taken from a file, not both")
        if reference is not None:
            data = _read(reference)
            if data not in self._enrolled:
                clip = decode(data)
                self._enrolled[data] = self._core.enroll(
                    clip.samples, clip.sample_rate, "reference"
                )
            return self._enrolled[data]
        voices = {voice.name: voice for voice in self.voices()}
        if not voices:
            raise UnknownVoice(
                f"the {self._core.info.name} engine has no preset voices: give reference_audio"
            )
        if name is not None and name not in voices:
            raise UnknownVoice(f"no voice is named {name!r}, expected one of: {', '.join(voices)}")
        return voices[name] if name is not None else next(iter(voices.values()))

    def _speak(self, text: str | Iterable[str], plan: _Plan) -> Iterator[StreamItem]:
        segmenter = Segmenter(plan.options.language, plan.options.emotion)
        job = self._core.open(plan.voice, plan.options)
        try:
            if isinstance(text, str):  # all of it is known: nothing is decided before that is
                self._push(job, segmenter.write(text), plan.rate)
            else:
                for piece in text:
                    self._push(job, segmenter.write(piece), plan.rate)
                    yield from self._run(job)
            self._push(job, segmenter.flush(), plan.rate)
            job.end()
            yield from self._run(job)
        finally:
            job.close()

    def _push(self, job: Any, segments: Iterable[Segment], rate: float) -> None:
        for segment in segments:
            job.push(replace(segment, rate=segment.rate * rate))

    def _run(self, job: Any) -> Iterator[StreamItem]:
        while job.ready:
            for output in self._core.step([job]):
                if output.error is not None:
                    raise output.error
                yield from output.items


def _one(**given: FilePath | None) -> FilePath | None:
    """The one value that was given, if any."""
    named = {name: value for name, value in given.items() if value is not None}
    if len(named) > 1:
        raise ValueError(f"{' and '.join(named)} say the same; give one of them")
    return next(iter(named.values()), None)


def _chosen(ways: dict[str, Any], control: str | None) -> tuple[str, Any]:
    """Which of the ways to name an emotion is meant, and what it says; empty if none was used."""
    given = {way: value for way, value in ways.items() if value is not None}
    if control is not None and control not in ways:
        raise ValueError(f"emotion_control_type is one of {', '.join(ways)}, got {control!r}")
    if control is not None and control not in given:
        raise ValueError(f"emotion_control_type {control!r} needs its emotion to be given")
    if control is None and len(given) > 1:
        raise ValueError("several emotions are given: say which is meant by emotion_control_type")
    if not given:
        return "", None
    way = control or next(iter(given))
    return way, given[way]


def _pace(mode: str | None, duration: float | None, ratio: float | None) -> Pace:
    if mode not in {None, "controlled", "free"}:
        raise ValueError(f"mode is 'controlled' or 'free', got {mode!r}")
    asked = duration is not None or ratio is not None
    if mode == "free" and asked or mode == "controlled" and not asked:
        raise ValueError(
            "mode 'controlled' goes with a duration or a duration_ratio, 'free' with none"
        )
    if not asked:
        return FREE
    duration_ms = None if duration is None else round(1000 * duration)
    return Pace("controlled", ratio=ratio, duration_ms=duration_ms)


def _read(path: FilePath) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadAudio(f"cannot read {path}: {error.strerror}") from error


def _clip(path: FilePath) -> Clip:
    return decode(_read(path))


__all__ = ["Audio", "Synthesizer"]
