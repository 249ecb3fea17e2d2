"""The second look at a clip: a clone speaks, is heard, and its timbre is moved until it is heard like the clip.

Space mapping (Bandler et al., "Space mapping: the state of the art", IEEE Trans. Microwave Theory Tech. 52 (2004)):
steps are taken on the cheap prediction of how a timbre is heard, and every step is checked on rendered speech, whose
difference to the prediction corrects the next ones (:mod:`.residuals`). Steps shorten where they did not help. Needs
no gradient of the decoder, and nothing but onnxruntime, OpenVINO and numpy.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import soxr

from ...streaming.audio import Samples
from ..speaker import RATE
from ..voice import Voice
from ..voice_features import features
from .calibration import SENTENCES, Calibrator
from .cloning import sounding, timbres
from .decoder import Decoder
from .likeness import HOME_WEIGHT, PULL, Likeness, Portrait
from .personas import style_of
from .prepare import prepare
from .residuals import Residuals
from .stages import Stages
from .statistics import Array, Statistics
from .synthesis import Frames, predict, render
from .timbre_statistics import TimbreStatistics
from .track import FRAME_SAMPLES, SAMPLE_RATE

RENDERS = 16
SECONDS = 45.0
"""Refining stops at the first of the two."""

LANGUAGE = "en"
"""What is listened to: languages whose timbre is held near to their natives' would draw the timbre away from the clip
to make up for it."""

LONGER, SHORTER = 0.7, 2.0
"""By what the pull to the best place is multiplied after a step that helped, and after one that did not."""

OCTAVE_WEIGHT = 0.5
CLEARLY = 0.03
"""Statistics of four clauses are their words' as well: they have to be better by this."""

VOICED_HZ = 10.0
TELEPHONE_HZ = 8_000
NICENESS = 10

Clock = Callable[[], float]


def refine(
    voice: Voice, *, renders: int = RENDERS, seconds: float = SECONDS, threads: int = 1
) -> Voice:
    """A closer voice than the one :func:`.cloning.enroll` made at once.

    Runs for about ``seconds`` and a little more to measure the statistics; fit for a process of its own.
    """
    return Refiner(threads=threads).refine(voice, renders=renders, seconds=seconds)


def refine_in_background(voice: Voice) -> Voice:
    """:func:`refine`, giving way to everything else the machine does; for a worker process."""
    os.nice(NICENESS)
    return refine(voice)


class Refiner:
    """Holds the networks; one refinement at a time."""

    def __init__(self, *, threads: int = 1, clock: Clock = time.monotonic) -> None:
        self._parts = parts = prepare()
        self._threads = threads
        self._stages = Stages(parts, threads=threads)
        self._decoder = Decoder(parts, threads=threads)
        self._statistics = TimbreStatistics.packaged()
        self._likeness = Likeness.packaged()
        self._clock = clock

    def refine(self, voice: Voice, *, renders: int = RENDERS, seconds: float = SECONDS) -> Voice:
        """As :func:`refine`."""
        until = self._clock() + seconds
        portrait = Portrait(voice.tensors["portrait"], bool(voice.tensors["narrow"][0]))
        search = _Search(
            self._likeness, portrait, self._likeness.coordinates(voice.tensors["timbre"])
        )
        clauses = self._clauses(voice, LANGUAGE)
        for _ in range(renders):
            z = search.propose()
            search.learn(z, self._heard(z, clauses, portrait.narrow))
            if self._clock() >= until:
                break
        tensors = dict(voice.tensors)
        for language, timbre in timbres(search.best, portrait.octave).items():
            statistics = self._closer(timbre, voice, language or LANGUAGE, portrait)
            tensors.update(sounding(language, timbre, statistics))
        return replace(voice, tensors=tensors)

    def _clauses(self, voice: Voice, language: str) -> list[Frames]:
        """Two short sentences as this voice says them; the text stage hardly hears a change of timbre."""
        factor = np.float32(2.0 ** (float(voice.tensors[f"pitch_{language}"][0]) / 12))
        clauses = []
        for phonemes in SENTENCES[language][:2]:
            frames = predict(self._stages, phonemes, style_of(voice, language))
            f0 = np.where(frames.f0 > VOICED_HZ, frames.f0 * factor, frames.f0)
            clauses.append(replace(frames, f0=f0))
        return clauses

    def _closer(self, timbre: Array, voice: Voice, language: str, portrait: Portrait) -> Statistics:
        """The statistics told by the timbre, or those measured on speech where they are clearly more like the clip."""
        calibrator = Calibrator(self._parts, self._stages, threads=self._threads)
        clauses = self._clauses(voice, language)
        prosody = {language: voice.tensors[f"prosody_{language}"]}
        told = self._statistics.of(timbre)
        measured = calibrator.calibrate(timbre, prosody, sentences=3)

        def unlike(statistics: Statistics) -> float:
            heard = self._features(timbre, statistics, clauses, portrait.narrow)
            # A very low voice may creak at one pitch whatever is asked of it.
            octaves = abs(float(heard[-1]) - portrait.octave)
            apart = self._likeness.distance(heard[:-1], portrait) + OCTAVE_WEIGHT * octaves
            return apart if np.isfinite(apart) else np.inf

        return measured if unlike(measured) < unlike(told) - CLEARLY else told

    def _heard(self, z: Array, clauses: list[Frames], narrow: bool) -> Array:
        timbre = self._likeness.timbre(z)
        return self._features(timbre, self._statistics.of(timbre), clauses, narrow)[:-1]

    def _features(
        self, timbre: Array, statistics: Statistics, clauses: list[Frames], narrow: bool
    ) -> Array:
        condition = self._decoder.condition(timbre, statistics)
        spoken = [
            _recorded(render(self._decoder, frames, condition), frames, narrow)
            for frames in clauses
        ]
        return features(np.concatenate(spoken))


class _Search:
    """Where to listen next, and the best place so far: near in what is heard, and not far from the start."""

    def __init__(self, likeness: Likeness, portrait: Portrait, start: Array) -> None:
        self._likeness = likeness
        self._portrait = portrait
        self._missed = Residuals()
        self._pull = PULL
        self._home = self._next = start
        self.best = start
        self.smallest = np.inf

    def propose(self) -> Array:
        return self._next

    def learn(self, z: Array, heard: Array) -> None:
        """``z`` was heard as ``heard [296]``; a voice that broke there has not finite features."""
        if not np.isfinite(heard).all():
            self._step_back()
            return
        self._missed.add(z, heard - self._likeness.heard(z, self._portrait))
        away = float(np.sum(np.square(z - self._home)))
        cost = self._likeness.distance(heard, self._portrait) + HOME_WEIGHT * away
        if cost < self.smallest:
            self.smallest, self.best = cost, z
            self._pull = max(PULL, self._pull * LONGER)
            self._step()
        else:
            self._step_back()

    def _step_back(self) -> None:
        self._pull *= SHORTER
        self._step()

    def _step(self) -> None:
        self._next = self._likeness.approach(
            self.best, self._portrait, self._missed, self._pull, self._home
        )


def _recorded(samples: Samples, frames: Frames, narrow: bool) -> Samples:
    """Speech at 16 kHz without the silence at its edges, through a telephone where the clip came through one."""
    ends = np.cumsum(frames.durations)
    part = samples[int(ends[0]) * FRAME_SAMPLES : int(ends[-3]) * FRAME_SAMPLES]
    if narrow:
        low = soxr.resample(part, SAMPLE_RATE, TELEPHONE_HZ)
        recorded = soxr.resample(low, TELEPHONE_HZ, RATE)
    else:
        recorded = soxr.resample(part, SAMPLE_RATE, RATE)
    single: Samples = recorded.astype(np.float32)
    return single
