"""Does an emotion sound as the literature says: F0 level and range, rate and level against the neutral reading.

Published directions: Juslin & Laukka, Psychol. Bull. 129 (2003), table 11; Banse & Scherer, J. Pers. Soc. Psychol. 70
(1996), table 6; Murray & Arnott, J. Acoust. Soc. Am. 93 (1993), table 1. 0 where they disagree or say nothing.
Everything is measured in the sound, by a pitch tracker that knows nothing of what the engine decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from ...streaming.audio import Samples
from ...streaming.emotion import AXES, NEUTRAL, Emotion
from ...streaming.segment import Language, Segment
from ..compact.engine import CompactCore, sound_of
from ..engine import StreamOptions
from ..pitch import RATE, f0_curve
from ..voice import Voice
from .recogniser import Recogniser, distance, units
from .sentences import sentences

INTENSITIES = (0.3, 0.6, 1.0)
MEASURES = ("f0_level_st", "f0_range_st", "rate_percent", "level_db", "tilt_db")

PUBLISHED: dict[str, tuple[int, int, int, int, int]] = {
    # F0 level, F0 range, rate, level, high frequencies
    "joy": (1, 1, 1, 1, 1),
    "anger": (1, 1, 1, 1, 1),
    "sadness": (-1, -1, -1, -1, -1),
    "fear": (1, -1, 1, 0, 0),
    "surprise": (1, 1, 1, 1, 1),
    "contempt": (-1, 1, -1, -1, -1),
    "tenderness": (-1, -1, -1, -1, -1),
}

INTELLIGIBLE_POINTS = 2.0
"""Points of error by which an emotion may be understood worse than neutral speech."""

SPLIT_HZ, LOWEST_HZ, HIGHEST_HZ = 1000.0, 50.0, 5000.0
"""Tilt is the level above 1 kHz against that below: the alpha ratio of Frokjaer-Jensen & Prytz (1976)."""

LOWEST_ST, HIGHEST_ST = 10.0, 12.0
AUDIBLE = 1e-3

Values = npt.NDArray[np.float64]
Progress = Callable[[str], None]


def say(
    core: CompactCore, voice: Voice, text: str, language: Language, emotion: Emotion
) -> Samples:
    """The whole sound of a text in one emotion."""
    job = core.open(voice, StreamOptions(language=language, emotion=emotion))
    job.push(Segment(text, 0))
    job.end()
    return sound_of(job)


def measure(samples: Samples, sample_rate: int) -> Values:
    """F0 level (semitones re 1 Hz), F0 range (10th to 90th percentile, st), log duration, level and tilt (dB)."""
    f0 = f0_curve(soxr.resample(samples, sample_rate, RATE).astype(np.float32))
    voiced = 12 * np.log2(f0[f0 > 0])
    # Beyond these lie the tracker's errors; below, where it takes two periods for one, they begin sooner.
    from_middle = voiced - np.median(voiced)
    near = voiced[(from_middle > -LOWEST_ST) & (from_middle < HIGHEST_ST)]
    loud = samples[np.abs(samples) > AUDIBLE].astype(np.float64)
    level = 10 * np.log10(float(np.mean(loud**2)))
    low, high = np.percentile(near, (10, 90))
    heard = [float(np.mean(near)), float(high - low), float(np.log(len(samples)))]
    return np.array([*heard, level, tilt_db(samples, sample_rate)])


def tilt_db(samples: Samples, sample_rate: int) -> float:
    """Level between 1 and 5 kHz against that between 50 Hz and 1 kHz."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / sample_rate)
    low = power[(hz >= LOWEST_HZ) & (hz < SPLIT_HZ)].sum()
    high = power[(hz >= SPLIT_HZ) & (hz < HIGHEST_HZ)].sum()
    return float(10 * np.log10(high / low))


def changes(
    core: CompactCore,
    voice: Voice,
    language: Language,
    texts: Sequence[str],
    *,
    progress: Progress,
) -> dict[str, dict[float, Values]]:
    """What each emotion at each intensity changes against neutral, the mean over ``texts``, by :data:`MEASURES`."""
    rate = core.info.sample_rate

    def over(emotion: Emotion) -> Values:
        rows = [measure(say(core, voice, text, language, emotion), rate) for text in texts]
        return np.array(rows)

    plain = over(NEUTRAL)
    found: dict[str, dict[float, Values]] = {}
    for axis in PUBLISHED:
        progress(f"{language} {voice.name} {axis}")
        found[axis] = {}
        for intensity in INTENSITIES:
            change = (over(Emotion.of(axis, intensity)) - plain).mean(axis=0)
            change[2] = 100 * (np.exp(-change[2]) - 1)
            found[axis][intensity] = change
    return found


def as_published(axis: str, found: Mapping[float, Values]) -> dict[str, bool]:
    """Of each measure with a published direction: does it move there, and further with each intensity."""
    steps = np.array([np.zeros(len(MEASURES)), *(found[i] for i in INTENSITIES)])
    directed = np.diff(steps, axis=0) * np.array(PUBLISHED[axis])
    return {
        name: bool((directed[:, n] > 0).all())
        for n, name in enumerate(MEASURES)
        if PUBLISHED[axis][n]
    }


def errors(
    core: CompactCore,
    voice: Voice,
    language: Language,
    count: int,
    recogniser: Recogniser,
    *,
    progress: Progress,
) -> dict[str, float]:
    """Percent of units misunderstood in each emotion at full intensity, over ``count`` sentences."""
    found = {}
    for axis in ("neutral", *PUBLISHED):
        emotion = NEUTRAL if axis == "neutral" else Emotion.of(axis, 1.0)
        wrong = asked = 0
        for text in sentences(language)[:count]:
            progress(f"{language} {voice.name} {axis}: {text[:24]}")
            samples = say(core, voice, text, language, emotion)
            wanted = units(text, language)
            heard = recogniser.transcribe(samples, core.info.sample_rate, language)
            wrong += distance(wanted, units(heard, language))
            asked += len(wanted)
        found[axis] = round(100 * wrong / asked, 2)
    return found


def report(
    core: CompactCore,
    voices: Sequence[Voice],
    languages: Sequence[Language],
    *,
    count: int,
    error_count: int = 0,
    progress: Progress = lambda text: None,
) -> dict[str, Any]:
    """``count`` short sentences by every voice in every language; errors over ``error_count`` by the first voice.

    Each emotion is judged by the mean over all of them; ``cells`` counts the voices and languages for which each
    measure moves as published on its own.
    """
    cells: list[dict[str, dict[float, Values]]] = []
    for language in languages:
        texts = sorted(sentences(language), key=len)[:count]
        cells += [changes(core, voice, language, texts, progress=progress) for voice in voices]
    emotions: dict[str, Any] = {}
    for axis in (axis for axis in AXES if axis in PUBLISHED):
        mean = {i: np.mean([cell[axis][i] for cell in cells], axis=0) for i in INTENSITIES}
        alone = [as_published(axis, cell[axis]) for cell in cells]
        emotions[axis] = {
            "change": {str(i): _named(values) for i, values in mean.items()},
            "as_published": as_published(axis, mean),
            "cells": {name: sum(one[name] for one in alone) for name in alone[0]},
        }
    result = {"sentences": count, "cells": len(cells), "emotions": emotions}
    if error_count:
        recogniser = Recogniser(threads=1)
        result["error_percent"] = {
            language: errors(core, voices[0], language, error_count, recogniser, progress=progress)
            for language in languages
        }
    return result


def _named(values: Values) -> dict[str, float]:
    return {name: round(float(x), 2) for name, x in zip(MEASURES, values, strict=True)}


def table(result: Mapping[str, Any]) -> Iterator[str]:
    """A report in Markdown; what does not move as published, and further with each intensity, is marked with !"""
    heads = ("F0 level st", "F0 range st", "rate %", "level dB", "tilt dB")
    yield f"| emotion | intensity | {' | '.join(heads)} |"
    yield "|---|---|" + "---|" * len(heads)
    for axis, found in result["emotions"].items():
        for intensity, change in found["change"].items():
            cells = [
                f"{value:+.2f}" + "!" * (not found["as_published"].get(name, True))
                for name, value in change.items()
            ]
            yield f"| {axis} | {intensity} | {' | '.join(cells)} |"
        alone = [
            f"{found['cells'][name]} of {result['cells']}" if name in found["cells"] else "—"
            for name in MEASURES
        ]
        yield f"| | alone | {' | '.join(alone)} |"
    if "error_percent" in result:
        yield ""
        yield from _errors_table(result["error_percent"])


def _errors_table(found: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    axes = list(next(iter(found.values())))
    yield f"| error, intensity 1 | {' | '.join(axes)} |"
    yield "|---|" + "---|" * len(axes)
    for language, by_axis in found.items():
        limit = by_axis["neutral"] + INTELLIGIBLE_POINTS
        cells = [f"{by_axis[axis]:.1f} %" + "!" * (by_axis[axis] > limit) for axis in axes]
        yield f"| {language} | {' | '.join(cells)} |"
