"""A voice from a clip: who is heard in it, told as a timbre, with native prosody at the speaker's own pitch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from ...streaming.audio import Samples
from ..clips import Clip
from ..denoise import denoise
from ..pitch import pitch_of
from ..speaker import RATE
from ..verdict import Speech, Verdict, judged
from ..voice import Voice
from ..voice_features import MIDDLE_HZ, features
from .likeness import NARROW_HZ, Likeness, Portrait
from .personas import ENGINE, LANGUAGES, gain_of, personas, voice_vectors
from .statistics import Array, Statistics
from .timbre_statistics import TimbreStatistics

TIMBRE = 128
MAX_SPEECH_S = 15.0
NOISY_DB = 30.0
"""Clips with less between speech and noise are cleaned first."""

NATIVES = {"zh": ("zf_xiaoxiao",), "en": ("a", "b"), "ja": ("j",), "ko": ("j",)}
"""How the names of the packaged voices begin whose prosody serves a language; Korean has none of its own.

Of the Mandarin ones a single one is clear in any timbre once it is moved to the speaker's pitch: of 384 syllables by
clones of eight people a recogniser missed none (3 with the nearest half), of 186 by clones of three voices that know
only English 17 (36; these three themselves 17)."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """Of the timbre a clone has in a language, how much is the speaker's own and how much the middle of ``women`` or
    ``men`` who know the language.
    """

    own: float
    natives: float
    women: tuple[str, ...]
    men: tuple[str, ...]


LEANINGS = {
    "zh": Leaning(
        0.7,
        0.2,
        ("zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao", "zf_xiaoyi"),
        ("zm_yunjian", "zm_yunxi", "zm_yunyang"),
    ),
    "ja": Leaning(0.75, 0.1, ("jf_alpha", "jf_gongitsune", "jf_nezumi"), ("jm_kumo",)),
}
"""A timbre far from those the decoder heard a language from swallows its syllables. Of 392 Chinese ones by clones of
seven packaged voices that do not know it a recogniser missed 40, and 7 where they lean like this, at the same nearness
of d-vectors; by clones of eleven recorded people 12 and 8 of 474. English is clear in any timbre. The natives left out
here are those that cloning is measured with."""

MEN_BELOW = 0.05
"""Octaves about 160 Hz below which men lend to a clone, women above."""

OCTAVE_COST = 3.0
"""How far an octave between a speaker and a prosody counts, in spreads of the timbre."""

RANGE_SHARE = 0.6
"""How much of the difference in pitch range is taken over: a clip of five seconds tells it only roughly."""

NARROWEST, WIDEST = 0.7, 1.4


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A voice made at once, and what was found in its clip."""

    voice: Voice
    verdict: Verdict


def enroll(clip: Samples, sample_rate: int, name: str, *, description: str = "") -> Voice:
    """A voice that can speak at once.

    Raises:
        BadAudio: the clip cannot be used; the message says why and what to do.
    """
    return enrol(Clip(clip, sample_rate), name, description=description).voice


def enrol(clip: Clip, name: str, *, description: str = "") -> Enrolment:
    """As :func:`enroll`, with the verdict on the clip.

    Raises:
        BadAudio: as there.
    """
    found = judged(clip)
    portrait, spread_st = portrait_of(found.speech, found.verdict)
    likeness = Likeness.packaged()
    z = likeness.approach(likeness.guess(portrait), portrait)
    return Enrolment(voice_of(z, portrait, spread_st, name, description=description), found.verdict)


def portrait_of(speech: Speech, verdict: Verdict) -> tuple[Portrait, float]:
    """The speaker as heard, and the spread of their pitch in semitones (0 where it cannot be told)."""
    samples = speech.samples
    if verdict.snr_db < NOISY_DB:
        beside = speech.beside
        cleaned = denoise(samples, beside if len(beside) > RATE // 4 else None)
        speech = Speech(cleaned, speech.spans, speech.probability)
    spoken = speech.spoken[: int(MAX_SPEECH_S * RATE)]
    pitch = pitch_of(spoken)
    narrow = verdict.bandwidth_hz < NARROW_HZ
    return Portrait(features(spoken), narrow), pitch.spread_st if pitch is not None else 0.0


def voice_of(
    z: Array, portrait: Portrait, spread_st: float, name: str, *, description: str = ""
) -> Voice:
    """The voice of a point in the space of timbres, at the portrait's pitch."""
    tensors = {
        "portrait": portrait.features,
        "gain": np.array([usual_gain()], np.float32),
        "narrow": np.array([portrait.narrow], np.float32),
        "spread": np.array([spread_st], np.float32),
    }
    for language, timbre in timbres(z, portrait.octave).items():
        tensors.update(sounding(language, timbre, TimbreStatistics.packaged().of(timbre)))
    for language in LANGUAGES:
        native = nearest_native(z, portrait.octave, language)
        tensors[f"prosody_{language}"] = voice_vectors()[native][TIMBRE:]
        tensors[f"pitch_{language}"] = _pitch(native, portrait.octave, spread_st)
    return Voice(name, ENGINE, tensors, description or _describe(portrait), LANGUAGES)


def timbres(z: Array, octave: float) -> dict[str, Array]:
    """The timbre of a point in the space, and under their codes those of languages that need another to be clear."""
    likeness = Likeness.packaged()
    made = {"": likeness.timbre(z)}
    for language, leaning in LEANINGS.items():
        names = leaning.men if octave < MEN_BELOW else leaning.women
        places = [likeness.coordinates(voice_vectors()[name][:TIMBRE]) for name in names]
        made[language] = likeness.timbre(
            leaning.own * z + leaning.natives * np.mean(places, axis=0)
        )
    return made


def sounding(language: str, timbre: Array, statistics: Statistics) -> dict[str, Array]:
    """The tensors of a voice's timbre in a language, in all others where it has no code."""
    ending = f"_{language}" if language else ""
    values = {"timbre": timbre, "mean": statistics.mean, "variance": statistics.variance}
    return {f"{key}{ending}": value for key, value in values.items()}


def nearest_native(z: Array, octave: float, language: str) -> str:
    """The packaged voice that is native in a language and nearest in timbre and pitch."""
    likeness = Likeness.packaged()

    def unlike(name: str) -> float:
        apart = likeness.coordinates(voice_vectors()[name][:TIMBRE]) - z
        octaves = abs(np.log2(_pitches()[name][0] / MIDDLE_HZ) - octave)
        return float(np.linalg.norm(apart) / np.sqrt(len(z)) + OCTAVE_COST * octaves)

    natives = [name for name in _pitches() if name.startswith(NATIVES[language])]
    return min(natives, key=unlike)


def _pitch(native: str, octave: float, spread_st: float) -> Array:
    """Semitones to move a native voice's pitch by, and the factor on its range."""
    median_hz, native_spread = _pitches()[native]
    shift = 12 * (octave - np.log2(median_hz / MIDDLE_HZ))
    ratio = (spread_st / native_spread) ** RANGE_SHARE if spread_st > 0 else 1.0
    return np.array([shift, np.clip(ratio, NARROWEST, WIDEST)], np.float32)


@cache
def usual_gain() -> float:
    """What brings a voice nobody has measured near the loudness of the others: the middle of the presets' gains."""
    return float(np.median([gain_of(voice) for voice in personas()]))


@cache
def _pitches() -> dict[str, tuple[float, float]]:
    """Median (Hz) and spread (semitones) of the packaged voices' pitch, measured as a clip's is."""
    text = (files(__package__) / "assets" / "voice_pitches.json").read_text(encoding="utf-8")
    return {name: (float(hz), float(st)) for name, (hz, st) in json.loads(text).items()}


def _describe(portrait: Portrait) -> str:
    return f"cloned from a clip, about {MIDDLE_HZ * 2**portrait.octave:.0f} Hz"
