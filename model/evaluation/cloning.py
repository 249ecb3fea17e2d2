"""How fast the compact engine makes a voice of a clip, and how much the clip's length and quality matter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...streaming.audio import AudioChunk, Samples
from ...streaming.segment import Language, Segment
from ..clips import Clip
from ..compact.cloning import enrol
from ..compact.engine import CompactCore
from ..compact.personas import personas
from ..compact.refinement import Refiner
from ..compact.training.augment import RATE, add_music, add_noise, phone_band, reverberate
from ..compact.training.similarity import Subject, likeness, packaged
from ..engine import StreamOptions
from ..voice import Voice
from .cast import cast

LENGTHS_S = (5, 15)
UNDERSTOOD: tuple[Language, ...] = ("zh", "en")
"""Languages that clones are listened to in."""

Progress = Callable[[str], None]


def subjects(core: CompactCore, count: int) -> list[Subject]:
    """Packaged voices that no training heard, with a clip of 15 s and speech of other words."""
    return packaged(core, clip_s=float(max(LENGTHS_S)), most=count)


def timings(core: CompactCore, people: list[Subject], note: Progress) -> dict[str, Any]:
    """Milliseconds from the decoded clip to a voice, and from there to its first samples, by the clip's length."""
    found: dict[str, Any] = {}
    for seconds in LENGTHS_S:
        enrolled, spoken = [], []
        for subject in people:
            note(f"enrolling from {seconds} s: {subject.name}")
            clip = Clip(subject.clip.samples[: seconds * RATE], RATE)
            begun = time.perf_counter()
            voice = enrol(clip, subject.name).voice
            enrolled.append(1000 * (time.perf_counter() - begun))
            _first_chunk(core, voice)
            spoken.append(1000 * (time.perf_counter() - begun))
        found[f"{seconds} s"] = {"voice_ms": enrolled, "first_sound_ms": spoken}
    return found


def refining(people: list[Subject], note: Progress) -> dict[str, list[float]]:
    """Seconds that refining a voice takes, the networks loaded for each as in the background process."""
    seconds = []
    for subject in people:
        note(f"refining {subject.name}")
        voice = _cloned(subject)
        begun = time.perf_counter()
        Refiner().refine(voice)
        seconds.append(time.perf_counter() - begun)
    return {"refined_s": seconds}


def conditions(core: CompactCore, people: list[Subject], note: Progress) -> dict[str, Any]:
    """Likeness of clones to the person saying other words (cosine of d-vectors), from clips of various quality."""
    found = {}
    for label, change in _changes():
        note(f"likeness: {label}")
        cosine, refused = likeness(core, people, change)
        n = len(people) - refused
        found[label] = {"cosine": round(cosine, 3), "n": n, "refused": refused}
    return found


def errors(core: CompactCore, people: list[Subject], each: int, note: Progress) -> dict[str, Any]:
    """What a recogniser misses of clones made at once from 5 s, and of as many packaged voices saying the same."""
    clones = [_cloned(subject) for subject in people]
    presets = personas()
    spread = [presets[i * len(presets) // len(clones)] for i in range(len(clones))]
    found: dict[str, Any] = {}
    for label, voices in (("clones", clones), ("presets", spread)):
        rows = list(cast(core, voices, UNDERSTOOD, each, progress=note))
        found[label] = {language: _missed(rows, language) for language in UNDERSTOOD}
    return found


def _cloned(subject: Subject) -> Voice:
    """The voice that five seconds make at once."""
    return enrol(Clip(subject.clip.samples[: 5 * RATE], RATE), subject.name).voice


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
