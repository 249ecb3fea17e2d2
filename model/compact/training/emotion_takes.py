"""Renders emotional speech of many voices: what the emotion encoder learns from and is tested on.

::

    python -m seiyuu.model.compact.training.emotion_takes OUT --speakers 265 --seed 11
    python -m seiyuu.model.compact.training.emotion_takes OUT --speakers 265 --seed 12
    python -m seiyuu.model.compact.training.emotion_takes OUT --unseen blind --sentences 4 --seed 2

Every speaker says each of the eight emotions, at intensities from 0.5 to 1, through the engine itself: its prosody
and its voice quality. The test voices say sentences that are in no training, all at one intensity, and some more
in neutral as the take ``reference``.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
from ..personas import voice_vectors
from ..prepare import prepare
from ..stages import Stages
from ..statistics import Array, Statistics
from ..timbre_statistics import TimbreStatistics
from ..track import SAMPLE_RATE
from .corpus import lines
from .takes import CORPUS_LINES, RATE, Booth, pitches_of
from .voice_space import ACCENT_OF, HELD_OUT, TIMBRE, VoiceSpace

log = logging.getLogger(__name__)

REFERENCE = "reference"

LEVELS = (0.5, 1.0)
"""Intensities of the emotions to learn from."""


def plain_voice(
    name: str, timbre: Array, prosody: dict[str, Array], statistics: Statistics | None = None
) -> Voice:
    """A voice of the engine from its halves; its statistics are told from the timbre where none were measured."""
    known = statistics or TimbreStatistics.packaged().of(timbre)
    halves = {f"prosody_{language}": half for language, half in prosody.items()}
    tensors = {"timbre": timbre, "mean": known.mean, "variance": known.variance}
    return Voice(name, "compact", {**tensors, **halves, "gain": np.ones(1, np.float32)})


BLIND = (
    "af_sarah", "am_michael", "bf_isabella", "bm_fable", "ff_siwis",
    "hm_psi", "jf_gongitsune", "pf_dora", "zf_xiaoni", "zm_yunjian",
)  # fmt: skip
"""Voices that nobody looks at before everything else is settled: in no training, and not those faults were found on."""

KOREAN = ("ff_siwis", "jf_tebukuro")
"""No packaged voice is Korean: the timbre of one that says Korean, and whose prosody it has; none is in training."""

SETS = {"held-out": HELD_OUT, "blind": BLIND}

OWN_SHARE = 1 / 3
"""How many of the made-up speakers are packaged voices as they are."""

NEAR_ST = 4.0
"""How far the pitch of a prosody half may be moved: further away it creaks."""

PITCH_SPREAD_ST, RANGE_SPREAD = 1.0, 0.1
LETTERS = {"en": (24, 60), "zh": (9, 24), "ja": (12, 30), "ko": (12, 28)}
SHARES = {"en": 0.4, "zh": 0.25, "ja": 0.2, "ko": 0.15}


@dataclass(frozen=True, slots=True, eq=False)
class Performer:
    """Who speaks, in which language."""

    voice: Voice
    language: str


def moved(voice: Voice, semitones: float, factor: float) -> Voice:
    """The voice with its pitch moved and its range stretched."""
    pitch = np.array([semitones, factor], np.float32)
    return Voice(voice.name, voice.engine, {**voice.tensors, "pitch": pitch})


def made_up(count: int, seed: int) -> Iterator[Performer]:
    """Packaged voices with their own prosody, and voices between them with one of about their pitch; none of those
    held out is in any.
    """
    allowed = {n: v for n, v in voice_vectors().items() if n not in (*BLIND, *HELD_OUT)}
    pitches = pitches_of(Booth(TimbreStatistics.packaged()), allowed)
    space = VoiceSpace(allowed, pitches, seed)
    rng = np.random.default_rng(seed)
    order: list[str] = []
    for number in range(count):
        if rng.random() < OWN_SHARE:
            order = order or [str(name) for name in rng.permutation(sorted(allowed))]
            name = order.pop()
            language, timbre = ACCENT_OF.get(name[0], "en"), allowed[name][:TIMBRE]
            if language == "ja" and rng.random() < 0.4:
                language = "ko"
            shift = float(rng.normal(0, PITCH_SPREAD_ST))
        else:
            speaker = space.speaker()
            timbre = speaker.timbre
            language = str(rng.choice(list(SHARES), p=list(SHARES.values())))
            accent = "ja" if language == "ko" else language
            native = [n for n in sorted(allowed) if ACCENT_OF.get(n[0]) == accent]
            away = {n: 12 * float(np.log2(speaker.pitch_hz / pitches[n])) for n in native}
            near = [n for n in native if abs(away[n]) < NEAR_ST]
            name = str(rng.choice(near)) if near else min(native, key=lambda n: abs(away[n]))
            shift = float(np.clip(away[name], -NEAR_ST, NEAR_ST))
        prosody = {language: allowed[name][TIMBRE:]}
        voice = plain_voice(f"made-{number}", timbre, prosody)
        yield Performer(moved(voice, shift, float(np.exp(rng.normal(0, RANGE_SPREAD)))), language)


def unseen(names: Sequence[str]) -> Iterator[Performer]:
    """Voices that are in no blend, with their own prosody and their measured statistics."""
    parts = prepare()
    calibrator = Calibrator(parts, Stages(parts))
    for name in names:
        timbre, half = voice_vectors()[name][:TIMBRE], voice_vectors()[name][TIMBRE:]
        language = ACCENT_OF.get(name[0], "en")
        if name == KOREAN[0]:
            language, half = "ko", voice_vectors()[KOREAN[1]][TIMBRE:]
        # The calibration knows no Korean; the statistics are the timbre's.
        spoken = "ja" if language == "ko" else language
        measured = calibrator.calibrate(timbre, {spoken: half})
        yield Performer(plain_voice(name, timbre, {language: half}, measured), language)


def held_out() -> Iterator[tuple[Voice, float]]:
    """The voices faults were found on, and semitones to move them by, none."""
    for performer in unseen(HELD_OUT):
        yield performer.voice, 0.0


def texts_of(language: str) -> list[str]:
    """What may be said in a language: lines of the corpus of two to four seconds."""
    least, most = LETTERS[language]
    made = (line.text for line in lines(CORPUS_LINES, 5, (language,)))
    return [text for text in made if least <= len(text) <= most]


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
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("out", type=Path)
    parser.add_argument("--speakers", type=int, default=50)
    parser.add_argument("--unseen", choices=tuple(SETS), help="voices to test with instead")
    parser.add_argument("--intensity", type=float, default=0.8, help="of the test voices")
    parser.add_argument("--sentences", type=int, default=2, help="of each emotion")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    arguments.out.mkdir(parents=True, exist_ok=True)
    core = CompactCore(threads=1)
    core.load()
    names = SETS.get(arguments.unseen)
    kind = f"test-{arguments.unseen}" if names else f"train-{arguments.seed}"
    performers = unseen(names) if names else made_up(arguments.speakers, arguments.seed)
    for number, performer in enumerate(performers):
        path = arguments.out / f"{kind}-{performer.voice.name}.npz"
        if path.exists():
            continue
        rng = np.random.default_rng((arguments.seed, number))
        levels = rng.uniform(*LEVELS, len(AXES)) if names is None else [arguments.intensity] * 8
        emotions = [
            NEUTRAL if axis == "neutral" else Emotion.of(axis, float(level))
            for axis, level in zip(AXES, levels, strict=True)
        ] + [NEUTRAL] * (names is not None)
        language = performer.language
        texts = texts_of(language) if names is None else list(unheard(language))
        chosen = shuffled(texts, arguments.sentences * len(emotions), rng)
        content = perform(core, performer.voice, chosen, language, emotions)
        timbre = performer.voice.tensors["timbre"]
        np.savez(path, timbre=timbre, language=np.array(language), **content)  # type: ignore[arg-type]
        log.info("%s %s", performer.voice.name, language)


def shuffled(texts: Sequence[str], count: int, rng: np.random.Generator) -> list[str]:
    """``count`` of the texts; where there are fewer, some are said in more than one emotion."""
    rounds = -(-count // len(texts))
    order = np.concatenate([rng.permutation(len(texts)) for _ in range(rounds)])
    return [texts[number] for number in order[:count]]


if __name__ == "__main__":
    main()
