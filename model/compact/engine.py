"""The compact engine's core: voices, jobs, and one window at a time for whoever needs it most."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from ...streaming.audio import Samples
from ...streaming.errors import EngineFailed, UnknownVoice
from ...streaming.segment import Segment
from ..core import Output
from ..engine import EngineInfo, StreamOptions
from ..frontend import Emoji, Lexicon, warm
from ..voice import Voice
from .batching import decide_ahead
from .cloning import enroll
from .decoder import Decoder, Precision
from .job import CompactJob
from .personas import LANGUAGES, own_timbre, personas, statistics_of
from .prepare import Parts, Progress, prepare
from .prosody_ar import by_network
from .prosody_network import ProsodyNetwork
from .rendering import Rendering
from .stages import Stages
from .statistics import Conditioning
from .track import FRAME_SAMPLES, SAMPLE_RATE
from .workshop import Workshop, by_rule

INFO = EngineInfo(
    name="compact",
    sample_rate=SAMPLE_RATE,
    hop=FRAME_SAMPLES,
    languages=("zh", "en", "ja"),
    experimental_languages=("ko",),
    max_sessions=8,
    alignment="phoneme",
    emotion=True,
    duration_control=True,
    cloning=True,
)

ProsodyKind = Literal["ar", "rules"]

CONDITIONINGS_KEPT = 32
"""Timbres kept ready to decode with, 150 kB each."""


class CompactCore:
    """Acoustic weights, shared by all jobs.

    ``cache`` and ``weights`` as in :func:`.prepare.prepare`; ``threads`` None takes half of the
    logical processors, at most 4: they come in pairs that share one core's arithmetic, where two threads were no
    faster than one, and the decoder's windows are too small to feed more. ``precision`` None is the best the CPU
    computes in. ``prosody``
    chooses who decides it: the autoregressive network, whose frames stray as far as ``temperature`` says
    (0: not at all) in the way of the utterance's seed, or rules. ``lexicon`` is a file of readings that win over all
    others, read again when it changes; ``emoji`` are left out or called by their names.
    """

    def __init__(
        self,
        *,
        cache: Path | None = None,
        weights: Path | None = None,
        threads: int | None = None,
        precision: Precision | None = None,
        prosody: ProsodyKind = "ar",
        temperature: float = 0.0,
        lexicon: Path | str | None = None,
        emoji: Emoji = "skip",
        max_sessions: int = INFO.max_sessions,
        progress: Progress | None = None,
    ) -> None:
        if prosody not in get_args(ProsodyKind):
            raise EngineFailed(
                f"no prosody is named {prosody!r}, expected one of: {', '.join(get_args(ProsodyKind))}"
            )
        self._info = replace(INFO, max_sessions=max_sessions)
        self._cache = cache
        self._weights = weights
        self._threads = threads or min(4, max(1, (os.cpu_count() or 1) // 2))
        self._precision = precision
        self._prosody = prosody
        self._temperature = temperature
        self._lexicon = None if lexicon is None else Lexicon(lexicon)
        self._emoji: Emoji = emoji
        self._network: ProsodyNetwork | None = None
        self._progress = progress
        self._voices = personas()
        self._stages: Stages | None = None
        self._decoder: Decoder | None = None
        self._conditionings: OrderedDict[tuple[str, str], Conditioning] = OrderedDict()

    @property
    def info(self) -> EngineInfo:
        return self._info

    def voices(self) -> tuple[Voice, ...]:
        return self._voices

    def load(self) -> None:
        parts: Parts = prepare(self._cache, self._weights, self._progress)
        self._stages = Stages(parts, threads=self._threads)
        self._decoder = Decoder(parts, threads=self._threads, precision=self._precision)
        if self._prosody == "ar":
            self._network = ProsodyNetwork.load(threads=1)
        warm()
        self._speak_once()

    def unload(self) -> None:
        self._stages = self._decoder = self._network = None
        self._conditionings.clear()

    def open(self, voice: Voice, options: StreamOptions) -> CompactJob:
        if self._stages is None or self._decoder is None:
            raise EngineFailed("the compact engine is not loaded")
        decoder = self._decoder
        known = voice.content_hash
        conditionings = {
            code: self._condition(voice, known, own_timbre(voice, code)) for code in LANGUAGES
        }
        make = by_network(self._network, self._temperature) if self._network else by_rule
        workshop = Workshop(
            self._stages,
            voice,
            lambda language: Rendering(decoder, conditionings[language]),
            make,
            lexicon=self._lexicon,
            emoji=self._emoji,
        )
        return CompactJob(workshop, options)

    def step(self, jobs: Sequence[CompactJob]) -> list[Output[CompactJob]]:
        decide_ahead(jobs)
        return [Output(jobs[0], jobs[0].step())]

    @property
    def enrols_apart(self) -> bool:
        return True

    def enroll(self, clip: Samples, sample_rate: int, name: str) -> Voice:
        return enroll(clip, sample_rate, name)

    def _condition(self, voice: Voice, content_hash: str, ending: str) -> Conditioning:
        """Gains and offsets of the timbre of a voice with an ending, kept for the next time."""
        assert self._decoder is not None
        key = content_hash, ending
        if key not in self._conditionings:
            try:
                self._conditionings[key] = self._decoder.condition(
                    voice.tensors[f"timbre{ending}"], statistics_of(voice, ending)
                )
            except KeyError as error:
                raise UnknownVoice(f"the voice {voice.name!r} lacks its {error.args[0]}") from error
            while len(self._conditionings) > CONDITIONINGS_KEPT:
                self._conditionings.popitem(last=False)
        self._conditionings.move_to_end(key)
        return self._conditionings[key]

    def _speak_once(self) -> None:
        """Run every network at every window length, so that the first listener waits for none of it."""
        job = self.open(self._voices[0], StreamOptions())
        job.push(Segment("你好,欢迎来到这里。 Hello, it is good to see you here today.", 0))
        job.end()
        while job.ready:
            job.step()


def sound_of(job: CompactJob) -> Samples:
    """Everything a job has to say, at once."""
    from ...streaming.audio import AudioChunk

    chunks = []
    while job.ready:
        chunks += [item.samples for item in job.step() if isinstance(item, AudioChunk)]
    return np.concatenate(chunks) if chunks else np.zeros(0, np.float32)
