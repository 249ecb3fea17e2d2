"""How fast the compact engine makes a voice of a clip, and how much the clip's length and quality matter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from ...streaming.audio import AudioChunk, Samples
from ...streaming.segment import Language, Segment
from ..clips import Clip
from ..compact.cloning import enrol
from ..compact.engine import CompactCore
from ..compact.personas import personas
from ..compact.refinement import Refiner
from ..compact.training.augment import RATE, add_music, add_noise, phone_band, reverberate
from ..compact.training.similarity import Subject, likeness, packaged, people
from ..engine import StreamOptions
from ..voice import Voice
from .cast import cast

LENGTHS_S = (5, 15)
UNDERSTOOD: tuple[Language, ...] = ("zh", "en", "ja")
"""Languages that clones are listened to in."""

Progress = Callable[[str], None]


def subjects(core: CompactCore, count: int, recorded: Path | None = None) -> list[Subject]:
    """People of a folder of recordings, or packaged voices that no training heard, with a clip and other words.

    A packaged voice's clip has 15 s, a person's 6 s.
    """
    if recorded is not None:
        return [
            replace(person, clip=_at_16_khz(person.clip)) for person in people(recorded)[:count]
        ]
    return packaged(core, clip_s=float(max(LENGTHS_S)), most=count)


def timings(core: CompactCore, known: list[Subject], note: Progress) -> dict[str, Any]:
    """Milliseconds from the decoded clip to a voice, and from there to its first samples, by the clip's length."""
    found: dict[str, Any] = {}
    for seconds in LENGTHS_S:
        enrolled, spoken = [], []
        for subject in known:
            if subject.clip.seconds < seconds:
                continue
            note(f"enrolling from {seconds} s: {subject.name}")
            clip = _first(subject.clip, seconds)
            begun = time.perf_counter()
            voice = enrol(clip, subject.name).voice
            enrolled.append(1000 * (time.perf_counter() - begun))
            _first_chunk(core, voice)
            spoken.append(1000 * (time.perf_counter() - begun))
        found[f"{seconds} s"] = {"voice_ms": enrolled, "first_sound_ms": spoken}
    return found


def refined(known: list[Subject], note: Progress) -> tuple[list[Voice], list[float]]:
    """Refined voices, and the seconds each took, the networks loaded for each as in the background process."""
    voices, seconds = [], []
    for subject in known:
        note(f"refining {subject.name}")
        voice = _cloned(subject)
        begun = time.perf_counter()
        voices.append(Refiner().refine(voice))
        seconds.append(time.perf_counter() - begun)
    return voices, seconds


def conditions(core: CompactCore, known: list[Subject], note: Progress) -> dict[str, Any]:
    """Likeness of clones to the person saying other words (cosine of d-vectors), from clips of various quality."""
    found = {}
    for label, change in _changes():
        note(f"likeness: {label}")
        cosine, refused = likeness(core, known, change)
        n = len(known) - refused
        found[label] = {"cosine": round(cosine, 3), "n": n, "refused": refused}
    return found


def errors(
    core: CompactCore, known: list[Subject], closer: list[Voice], each: int, note: Progress
) -> dict[str, Any]:
    """What a recogniser misses of clones made at once from 5 s, of the ``closer`` ones, refined, and of as many
    presets saying the same.
    """
    clones = [_cloned(subject) for subject in known]
    presets = personas()
    spread = [presets[i * len(presets) // len(clones)] for i in range(len(clones))]
    found: dict[str, Any] = {}
    for label, voices in (("clones", clones), ("refined", closer), ("presets", spread)):
        rows = list(cast(core, voices, UNDERSTOOD, each, progress=note))
        found[label] = {language: _missed(rows, language) for language in UNDERSTOOD}
    return found


def _cloned(subject: Subject) -> Voice:
    """The voice that five seconds make at once."""
    return enrol(_first(subject.clip, 5), subject.name).voice


def _first(clip: Clip, seconds: int) -> Clip:
    return Clip(clip.samples[: seconds * RATE], RATE)


def _at_16_khz(clip: Clip) -> Clip:
    return Clip(soxr.resample(clip.samples, clip.sample_rate, RATE).astype(np.float32), RATE)


def _missed(rows: list[dict[str, Any]], language: str) -> dict[str, Any]:
    """Units wrong of units asked over the voices' rows in one language."""
    here = [row for row in rows if row["language"] == language]
    wrong, asked = (sum(row[key] for row in here) for key in ("wrong", "units"))
    return {"wrong": wrong, "units": asked, "error_percent": round(100 * wrong / max(asked, 1), 2)}


def _changes() -> Iterator[tuple[str, Callable[[Samples], Samples]]]:
    rng = np.random.default_rng(2)
    yield "15 s", lambda x: x
    for seconds in (10, 5, 3):
        yield f"{seconds} s", lambda x, n=seconds * RATE: x[:n]  # type: ignore[misc]
    five = 5 * RATE
    yield "5 s, noise 10 dB below", lambda x: add_noise(x[:five], 10.0, rng)
    yield "5 s, music 10 dB below", lambda x: add_music(x[:five], 10.0, rng)
    yield "5 s, telephone", lambda x: phone_band(x[:five])
    yield "5 s, room", lambda x: reverberate(x[:five], 0.4, -6.0, rng)


def _first_chunk(core: CompactCore, voice: Voice) -> None:
    job = core.open(voice, StreamOptions())
    job.push(Segment("Good evening, everybody.", 0, language="en"))
    job.end()
    while job.ready and not any(isinstance(item, AudioChunk) for item in job.step()):
        pass
    job.close()
