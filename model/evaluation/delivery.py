"""Does an emotion sound as the literature says: F0 level and range, rate and level against the neutral reading.

Published directions: Juslin & Laukka, Psychol. Bull. 129 (2003), table 11; Banse & Scherer, J. Pers. Soc. Psychol. 70
(1996), table 6; Murray & Arnott, J. Acoust. Soc. Am. 93 (1993), table 1. 0 where they disagree or say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import soxr

from ...streaming.audio import AudioChunk, Samples
from ...streaming.emotion import AXES, NEUTRAL, Emotion
from ...streaming.segment import Language, Segment
from ..compact.engine import CompactCore
from ..engine import StreamOptions
from ..pitch import RATE, f0_curve
from ..voice import Voice
from .recogniser import Recogniser, distance, units
from .sentences import utterances

INTENSITIES = (0.3, 0.6, 1.0)
MEASURES = ("f0_level_st", "f0_range_st", "rate_percent", "level_db")

PUBLISHED: dict[str, tuple[int, int, int, int]] = {
    # F0 level, F0 range, rate, level
    "joy": (1, 1, 1, 1),
    "anger": (1, 1, 1, 1),
    "sadness": (-1, -1, -1, -1),
    "fear": (1, -1, 1, 0),
    "surprise": (1, 1, 1, 1),
    "contempt": (-1, 1, -1, -1),
    "tenderness": (-1, -1, -1, -1),
}


def said(
    core: CompactCore, voice: Voice, text: str, language: Language, emotion: Emotion
) -> Samples:
    """The whole sound of a text in one emotion."""
    job = core.open(voice, StreamOptions(language=language, emotion=emotion))
    job.push(Segment(text, 0))
    job.end()
    chunks = []
    while job.ready:
        chunks += [item.samples for item in job.step() if isinstance(item, AudioChunk)]
    return np.concatenate(chunks)


def measure(samples: Samples, sample_rate: int) -> np.ndarray:
    """F0 level (semitones re 1 Hz), F0 range (standard deviation, st), log duration, level (dB re full scale)."""
    f0 = f0_curve(soxr.resample(samples, sample_rate, RATE).astype(np.float32))
    voiced = 12 * np.log2(f0[f0 > 0])
    near = voiced[
        np.abs(voiced - np.median(voiced)) < 12
    ]  # beyond an octave lie the tracker's errors
    loud = samples[np.abs(samples) > 1e-3]
    level = 10 * np.log10(float(np.mean(loud**2)))
    return np.array([float(np.mean(near)), float(np.std(near)), np.log(len(samples)), level])


def report(
    core: CompactCore,
    voice: Voice,
    language: Language,
    count: int,
    *,
    recogniser: Recogniser | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Each emotion at each intensity against neutral, means over ``count`` utterances of one language."""
    texts = utterances(language, count)
    rate = core.info.sample_rate
    plain, plain_error = _over(core, voice, language, texts, NEUTRAL, recogniser)
    rows: dict[str, Any] = {"neutral": {"error_percent": plain_error}}
    for axis in (axis for axis in AXES if axis != "neutral"):
        found = {}
        for intensity in INTENSITIES:
            progress(f"{language} {axis} {intensity}")
            emotion = Emotion.of(axis, intensity)
            values, error = _over(core, voice, language, texts, emotion, recogniser)
            change = (values - plain).mean(axis=0)
            change[2] = 100 * (np.exp(-change[2]) - 1)
            found[str(intensity)] = {
                **{name: round(float(x), 2) for name, x in zip(MEASURES, change, strict=True)},
                "error_percent": error,
            }
        rows[axis] = {**found, **_judged(axis, found)}
    return {"voice": voice.name, "n": len(texts), "sample_rate": rate, "emotions": rows}


def _over(
    core: CompactCore,
    voice: Voice,
    language: Language,
    texts: Sequence[str],
    emotion: Emotion,
    recogniser: Recogniser | None,
) -> tuple[np.ndarray, float | None]:
    values = []
    wrong = asked = 0
    for text in texts:
        samples = said(core, voice, text, language, emotion)
        values.append(measure(samples, core.info.sample_rate))
        if recogniser is not None:
            wanted = units(text, language)
            heard = recogniser.transcribe(samples, core.info.sample_rate, language)
            wrong += distance(wanted, units(heard, language))
            asked += len(wanted)
    return np.array(values), round(100 * wrong / asked, 2) if asked else None


def _judged(axis: str, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Which measures move as published, and which do so monotonically with the intensity."""
    right, steady = {}, {}
    for name, direction in zip(MEASURES, PUBLISHED[axis], strict=True):
        steps = [0.0, *(found[str(intensity)][name] for intensity in INTENSITIES)]
        if direction:
            right[name] = steps[-1] * direction > 0
            steady[name] = all(
                (b - a) * direction > 0 for a, b in zip(steps, steps[1:], strict=False)
            )
    return {"as_published": right, "monotonic": steady}
