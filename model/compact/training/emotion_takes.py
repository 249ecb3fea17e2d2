"""Renders emotional speech of many voices: what the emotion encoder learns from and is tested on.

::

    python -m seiyuu.model.compact.training.emotion_takes OUT --speakers 50 --sentences 1
    python -m seiyuu.model.compact.training.emotion_takes OUT --held-out --sentences 4 --intensity 0.8

Every speaker says each of the eight emotions, at intensities from 0.4 to 1, through the engine itself: its prosody
and its voice quality. The held-out voices say sentences that are in no training, all at one intensity, and some more
in neutral as the take ``reference``.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soxr

from ....streaming.audio import Samples
from ....streaming.emotion import AXES, NEUTRAL, Emotion
from ....streaming.segment import Segment
from ...engine import StreamOptions
from ...evaluation.sentences import sentences as unheard
from ...voice import Voice
from ..calibration import Calibrator
from ..engine import CompactCore, sound_of
from ..personas import LANGUAGES, voice_vectors
from ..prepare import prepare
from ..stages import Stages
from ..statistics import Array, Statistics
from ..timbre_statistics import TimbreStatistics
from ..track import SAMPLE_RATE
from .takes import LANGUAGE_SHARES, RATE, texts_of
from .voice_space import ACCENT_OF, HELD_OUT, TIMBRE, VoiceSpace

log = logging.getLogger(__name__)

REFERENCE = "reference"


def plain_voice(
    name: str, timbre: Array, prosody: dict[str, Array], statistics: Statistics | None = None
) -> Voice:
    """A voice of the engine from its halves; its statistics are told from the timbre where none were measured."""
    known = statistics or TimbreStatistics.packaged().of(timbre)
    halves = {f"prosody_{language}": half for language, half in prosody.items()}
    tensors = {"timbre": timbre, "mean": known.mean, "variance": known.variance}
    return Voice(name, "compact", {**tensors, **halves, "gain": np.ones(1, np.float32)})


def made_up(count: int, seed: int) -> Iterator[tuple[Voice, float]]:
    """Packaged voices with their own prosody and voices between them by turns, none of those held out; and semitones
    to move their pitch by.
    """
    vectors = voice_vectors()
    space = VoiceSpace(vectors, dict.fromkeys(vectors, 160.0), seed)
    rng = np.random.default_rng(seed)
    packaged = rng.permutation(sorted(set(vectors) - set(HELD_OUT)))
    for number in range(count):
        if number % 2:
            prosody = {
                language: space.prosody("ja" if language == "ko" else language)
                for language in LANGUAGES
            }
            timbre = space.speaker().timbre
        else:
            name = str(packaged[number // 2 % len(packaged)])
            timbre = vectors[name][:TIMBRE]
            prosody = {ACCENT_OF.get(name[0], "en"): vectors[name][TIMBRE:]}
        yield plain_voice(f"made-{number}", timbre, prosody), float(rng.normal(0, 1.5))


def held_out() -> Iterator[tuple[Voice, float]]:
    """The voices that are in no blend, with their own prosody and their measured statistics."""
    parts = prepare()
    calibrator = Calibrator(parts, Stages(parts))
    for name in HELD_OUT:
        timbre, half = voice_vectors()[name][:TIMBRE], voice_vectors()[name][TIMBRE:]
        prosody = {ACCENT_OF.get(name[0], "en"): half}
        yield plain_voice(name, timbre, prosody, calibrator.calibrate(timbre, prosody)), 0.0


def say(core: CompactCore, voice: Voice, text: str, language: str, emotion: Emotion) -> Samples:
    """One sentence at 16 kHz."""
    job = core.open(voice, StreamOptions(emotion=emotion))
    job.push(Segment(text, 0, language=language))  # type: ignore[arg-type]
    job.end()
    made: Samples = soxr.resample(sound_of(job), SAMPLE_RATE, RATE).astype(np.float32)
    return made


def perform(
    core: CompactCore,
    voice: Voice,
    texts: Sequence[str],
    language: str,
    emotions: Sequence[Emotion],
) -> dict[str, np.ndarray]:
    """Every emotion over its share of the texts, as what the file of a voice holds."""
    content: dict[str, np.ndarray] = {}
    each = len(texts) // len(emotions)
    for place, emotion in enumerate(emotions):
        axis = AXES[place] if place < len(AXES) else REFERENCE
        for number, text in enumerate(texts[place * each : (place + 1) * each]):
            audio = say(core, voice, text, language, emotion)
            whole = np.rint(np.clip(audio, -1, 1) * 32767).astype(np.int16)
            content[f"{axis}/{number}/audio"] = whole
            content[f"{axis}/{number}/strength"] = np.array(emotion.strength, np.float32)
    return content


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--speakers", type=int, default=50)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--intensity", type=float, default=0.8, help="of the held-out voices")
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
        kind = "test" if arguments.held_out else f"train-{arguments.seed}"
        path = arguments.out / f"{kind}-{voice.name}.npz"
        if path.exists():
            continue
        pitch = np.array([shift, 1.0], np.float32)
        moved = Voice(voice.name, voice.engine, {**voice.tensors, "pitch": pitch})
        if arguments.held_out:
            language = ACCENT_OF.get(voice.name[0], "en")
            texts = list(unheard(language))
            levels = [arguments.intensity] * len(AXES)
        else:
            known = [key for key in LANGUAGE_SHARES if f"prosody_{key}" in voice.tensors]
            shares = np.array([LANGUAGE_SHARES[key] for key in known])
            language = str(rng.choice(known, p=shares / shares.sum()))
            texts = list(texts_of(language))
            levels = list(rng.uniform(0.4, 1.0, len(AXES)))
        emotions = [
            NEUTRAL if axis == "neutral" else Emotion.of(axis, float(level))
            for axis, level in zip(AXES, levels, strict=True)
        ] + [NEUTRAL] * arguments.held_out
        needed = arguments.sentences * len(emotions)
        # Where there are fewer sentences than needed, some are said in more than one emotion.
        order = np.concatenate(
            [rng.permutation(len(texts)) for _ in range(-(-needed // len(texts)))]
        )
        chosen = [texts[number] for number in order[:needed]]
        content = perform(core, moved, chosen, language, emotions)
        np.savez(path, timbre=voice.tensors["timbre"], **content)  # type: ignore[arg-type]
        log.info("%s", voice.name)


if __name__ == "__main__":
    main()
