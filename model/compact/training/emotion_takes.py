"""Renders emotional speech of many voices: what the emotion encoder learns from and is tested on.

::

    python -m seiyuu.model.compact.training.emotion_takes OUT --speakers 50 --sentences 1
    python -m seiyuu.model.compact.training.emotion_takes OUT --held-out --sentences 3

Every speaker says each of the eight emotions, at intensities from 0.4 to 1 (the held-out voices at 0.7), through the
engine itself: its prosody and its voice quality.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr

from ....streaming.audio import Samples
from ....streaming.emotion import AXES, NEUTRAL, Emotion
from ....streaming.segment import Segment
from ...engine import StreamOptions
from ...voice import Voice
from ..engine import CompactCore, sound_of
from ..personas import LANGUAGES, voice_vectors
from ..statistics import Array
from ..timbre_statistics import TimbreStatistics
from ..track import SAMPLE_RATE
from .sentences import SENTENCES
from .takes import LANGUAGE_SHARES, RATE
from .voice_space import ACCENT_OF, HELD_OUT, TIMBRE, VoiceSpace

log = logging.getLogger(__name__)


def plain_voice(name: str, timbre: Array, prosody: dict[str, Array]) -> Voice:
    """A voice of the engine from its halves."""
    statistics = TimbreStatistics.packaged().of(timbre)
    halves = {f"prosody_{language}": half for language, half in prosody.items()}
    tensors = {"timbre": timbre, "mean": statistics.mean, "variance": statistics.variance}
    return Voice(name, "compact", {**tensors, **halves, "gain": np.ones(1, np.float32)})


def made_up(count: int, seed: int) -> Iterator[tuple[Voice, float]]:
    """Voices between the packaged ones, and semitones to move their pitch by."""
    vectors = voice_vectors()
    space = VoiceSpace(vectors, dict.fromkeys(vectors, 160.0), seed)
    rng = np.random.default_rng(seed)
    for number in range(count):
        prosody = {
            language: space.prosody("ja" if language == "ko" else language)
            for language in LANGUAGES
        }
        yield (
            plain_voice(f"made-{number}", space.speaker().timbre, prosody),
            float(rng.normal(0, 1.5)),
        )


def held_out() -> Iterator[tuple[Voice, float]]:
    """The voices that are in no blend, with their own prosody."""
    for name in HELD_OUT:
        vector = voice_vectors()[name]
        yield (
            plain_voice(name, vector[:TIMBRE], {ACCENT_OF.get(name[0], "en"): vector[TIMBRE:]}),
            0.0,
        )


def say(core: CompactCore, voice: Voice, text: str, language: str, emotion: Emotion) -> Samples:
    """One sentence at 16 kHz."""
    job = core.open(voice, StreamOptions(emotion=emotion))
    job.push(Segment(text, 0, language=language))  # type: ignore[arg-type]
    job.end()
    made: Samples = soxr.resample(sound_of(job), SAMPLE_RATE, RATE).astype(np.float32)
    return made


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--speakers", type=int, default=50)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--sentences", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    arguments.out.mkdir(parents=True, exist_ok=True)
    core = CompactCore(threads=1)
    core.load()
    rng = np.random.default_rng(arguments.seed + 100 * arguments.held_out)
    speakers = held_out() if arguments.held_out else made_up(arguments.speakers, arguments.seed)
    for voice, shift in speakers:
        moved = Voice(
            voice.name, voice.engine, {**voice.tensors, "pitch": np.array([shift, 1.0], np.float32)}
        )
        content: dict[str, Array] = {}
        for axis in AXES:
            for number in range(arguments.sentences):
                language = str(rng.choice(list(LANGUAGE_SHARES), p=list(LANGUAGE_SHARES.values())))
                if arguments.held_out:
                    language = ACCENT_OF.get(voice.name[0], "en")
                intensity = 0.7 if arguments.held_out else float(rng.uniform(0.4, 1.0))
                emotion = NEUTRAL if axis == "neutral" else Emotion.of(axis, intensity)
                audio = say(core, moved, str(rng.choice(SENTENCES[language])), language, emotion)
                content[f"{axis}/{number}/audio"] = np.rint(np.clip(audio, -1, 1) * 32767).astype(
                    np.int16
                )
                content[f"{axis}/{number}/strength"] = np.array(emotion.strength, np.float32)
        kind = "test" if arguments.held_out else f"train-{arguments.seed}"
        np.savez(arguments.out / f"{kind}-{voice.name}.npz", **content)  # type: ignore[arg-type]
        log.info("%s", voice.name)


if __name__ == "__main__":
    main()
