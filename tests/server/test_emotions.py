"""What a field ``emotion`` means: points, descriptions and clips, read by whoever can."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seiyuu.model.clips import decode
from seiyuu.model.consent import Consent
from seiyuu.model.emotion.describe import read_emotion
from seiyuu.model.library import VoiceLibrary
from seiyuu.model.tone import INFO
from seiyuu.model.verdict import JudgedClip
from seiyuu.model.voice import Voice
from seiyuu.server.clip_store import ClipStore
from seiyuu.server.emotions import DescribedEmotions, EngineReader, HeardEmotions, PointsOnly
from seiyuu.server.enrolment import flac
from seiyuu.streaming.audio import Samples
from seiyuu.streaming.emotion import Emotion
from seiyuu.streaming.emotion_spec import ClipEmotion, DescribedEmotion, MixedEmotion, NamedEmotion
from seiyuu.streaming.errors import (
    BadAudio,
    EngineFailed,
    Overloaded,
    SeiyuuError,
    UnknownEmotion,
    Unsupported,
)

SPEECH = Path(__file__).parents[1] / "golden" / "speech_anger.flac"

pytestmark = pytest.mark.unit


async def test_points_are_read() -> None:
    """Names and mixes need no model."""
    named = await PointsOnly().read(NamedEmotion(name="生气", intensity=0.4))
    assert named.emotion.strongest == "anger"
    mixed = await PointsOnly().read(MixedEmotion(mix={"joy": 0.6, "surprise": 0.3}))
    assert mixed.emotion.intensity == pytest.approx(0.9)


@pytest.mark.parametrize("spec", [DescribedEmotion(describe="冷冷地"), ClipEmotion(reference="x")])
async def test_what_needs_a_model_is_refused(spec: DescribedEmotion | ClipEmotion) -> None:
    """Honestly, instead of a guess."""
    with pytest.raises(Unsupported, match="does not read emotions"):
        await PointsOnly().read(spec)


COLD = DescribedEmotion(describe="冷冷地嘲讽")
MEANT = Emotion.mix({"contempt": 1.0, "anger": 1.0}, 0.8)


class Reading:
    """An engine that reads descriptions and learns manners, as far as it is told to."""

    def __init__(self, *, describes: bool = True, manners: bool = True) -> None:
        self.info = replace(INFO, describes=describes, manners=manners)
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.failure: SeiyuuError | None = None

    async def describe(self, description: str) -> Emotion:
        self.asked.append(description)
        await self.may_answer.wait()
        if self.failure is not None:
            raise self.failure
        return MEANT

    async def manner(self, clip: Samples, sample_rate: int) -> str:
        if self.failure is not None:
            raise self.failure
        return f"{len(clip)}@{sample_rate}"


def described(engine: Reading) -> DescribedEmotions:
    return DescribedEmotions(PointsOnly(), engine)  # type: ignore[arg-type]


async def test_an_engines_own_reader_is_asked_first() -> None:
    """Once for each description; the intensity asked for wins."""
    engine = Reading()
    emotions = described(engine)
    assert (await emotions.read(COLD)).emotion == MEANT
    again = (await emotions.read(DescribedEmotion(describe=COLD.describe, intensity=0.2))).emotion
    assert (again.vector, again.intensity) == (MEANT.vector, 0.2)
    assert engine.asked == [COLD.describe]
    emotions.close()


async def test_an_engine_without_one_leaves_it_to_the_embedded_reader() -> None:
    """It is not asked, or, where only its checkpoint lacks it, once."""
    none = Reading(describes=False)
    assert (await described(none).read(COLD)).emotion == read_emotion(COLD.describe).emotion
    assert none.asked == []
    lacking = Reading()
    lacking.failure = Unsupported("the checkpoint has no reader")
    emotions = described(lacking)
    for text in ("冷冷地嘲讽", "大声地笑"):
        read = (await emotions.read(DescribedEmotion(describe=text))).emotion
        assert read == read_emotion(text).emotion
    assert lacking.asked == ["冷冷地嘲讽"]


async def test_a_slow_reader_is_not_waited_for_and_heard_the_next_time() -> None:
    """The embedded reader answers within the patience; a failure changes nothing."""
    engine = Reading()
    engine.may_answer.clear()
    reader = EngineReader(engine, patience_s=0.001)  # type: ignore[arg-type]
    assert await reader.read("冷冷地") is None
    asked = next(iter(reader._asked.values()))
    engine.may_answer.set()
    await asked
    assert await reader.read("冷冷地") == MEANT
    engine.failure = EngineFailed("broken")
    assert await reader.read("温柔地") is None
    reader.close()
    assert await reader.read("大声地") is None
    assert engine.asked == ["冷冷地", "温柔地"]


async def test_no_more_than_a_few_descriptions_are_read_at_once() -> None:
    """Those beyond are read here at once."""
    engine = Reading()
    engine.may_answer.clear()
    reader = EngineReader(engine, patience_s=0.001)  # type: ignore[arg-type]
    for n in range(6):
        assert await reader.read(f"冷冷地{n}") is None
    assert len(engine.asked) == 4
    tasks = list(reader._asked.values())
    reader.close()
    await asyncio.wait(tasks)


async def test_the_manner_of_a_clip_is_learned_by_an_engine_that_can() -> None:
    """It goes all the way unless told otherwise; others, and one that has no room, take the eight axes."""
    clips = ClipStore()
    stored = clips.add(SPEECH.read_bytes())
    spec = ClipEmotion(reference=stored.id)
    engine = Reading()
    emotions = HeardEmotions(PointsOnly(), clips, engine)  # type: ignore[arg-type]
    heard = (await emotions.read(spec)).emotion
    assert heard.manner == f"{len(stored.clip.samples)}@{stored.clip.sample_rate}"
    assert heard.intensity == 1.0
    less = await emotions.read(ClipEmotion(reference=stored.id, intensity=0.4))
    assert less.emotion.intensity == 0.4
    engine.failure = Overloaded("no memory left")
    plain = (await emotions.read(spec)).emotion
    assert (plain.vector, plain.manner) == (heard.vector, "")
    engine.failure = BadAudio("the clip is silent")
    with pytest.raises(UnknownEmotion, match="silent"):
        await emotions.read(spec)
    without = HeardEmotions(PointsOnly(), clips, Reading(manners=False))  # type: ignore[arg-type]
    assert (await without.read(spec)).emotion == plain


class Listening:
    """Counts how often a clip is listened to, and beside what."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.beside: list[float] = []
        monkeypatch.setattr("seiyuu.server.emotions.emotion_of_judged", self.hear)

    def hear(self, clip: JudgedClip, neutral: JudgedClip | None = None) -> Emotion:
        self.beside.append(0.0 if neutral is None else neutral.clip.seconds)
        return MEANT


async def test_a_clip_is_listened_to_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However often it is set; again beside a calm clip when its speaker was enrolled, and again when refined."""
    listening = Listening(monkeypatch)
    library = VoiceLibrary(str(tmp_path))
    clips = ClipStore()
    stored = clips.add(SPEECH.read_bytes())
    engine: Any = Reading(manners=False)
    emotions = HeardEmotions(PointsOnly(), clips, engine, library)

    async def set_twice() -> None:
        for intensity in (None, 0.3):
            read = await emotions.read(ClipEmotion(reference=stored.id, intensity=intensity))
            assert read.emotion.vector == MEANT.vector

    await set_twice()
    assert listening.beside == [0.0]
    portrait = stored.judged.speech.d_vector
    voice = Voice("zhang", "compact", {"portrait": portrait})
    calm = decode(SPEECH.with_name("speech_calm.flac").read_bytes())
    library.add(voice, Consent("a", "2026-01-01", "b"), reference=flac(calm))
    await set_twice()
    assert listening.beside == [0.0, calm.seconds]
    refined = Voice("zhang", "compact", {"portrait": portrait * np.float32(0.99)})
    library.refine(refined, instead_of=voice.content_hash)
    await set_twice()
    assert listening.beside == [0.0, calm.seconds, calm.seconds]
    library.remove("zhang")
    await set_twice()
    assert len(listening.beside) == 3


async def test_a_description_brings_its_pace_and_what_to_beware_of() -> None:
    """The pace is the reader's; the caution is about the intensity that counts in the end."""
    reader = described(Reading(describes=False))
    slow = await reader.read(DescribedEmotion(describe="慢慢地,悲伤地", intensity=0.5))
    assert slow.emotion.strongest == "sadness"
    assert slow.pace < 1
    assert slow.warnings == ()
    loud = await reader.read(DescribedEmotion(describe="慢慢地,悲伤地", intensity=1.0))
    assert loud.pace == slow.pace
    assert len(loud.warnings) == 1
    assert "1.00" in loud.warnings[0]
