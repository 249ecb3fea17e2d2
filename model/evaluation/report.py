"""Speaks the measuring sentences and puts what was measured into one JSON object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...streaming.audio import AudioChunk, Samples
from ...streaming.errors import EngineFailed
from ...streaming.segment import Language, Segment
from ...streaming.timeline import Mark
from ..compact.engine import CompactCore
from ..compact.job import WINDOWS
from ..engine import StreamOptions
from ..frontend import read
from ..voice import Voice
from .opinion import DistillMos, Dnsmos
from .recogniser import Recogniser, distance, units
from .seams import Joins
from .sentences import sentences
from .tones import ToneErrors, judge, syllables_of
from .tones_by_synthesis import Predicted
from .unstreamed import Unstreamed

Progress = Callable[[str], None]

TONE_FIGURES = (
    "error_percent",
    "floor_percent",
    "by_synthesis_percent",
    "by_synthesis_floor_percent",
)
"""The learnt judge on the stream and on whole renderings, then the nearest predicted contour on both."""


@dataclass(slots=True)
class Spoken:
    """One sentence as the engine streamed it; ``borders`` are the samples at which a chunk began."""

    text: str
    samples: Samples
    marks: list[Mark] = field(default_factory=list)
    borders: list[int] = field(default_factory=list)


ELSEWHERE = (17, 13, 21)
"""Windows that put every border a quarter of a second from where the engine has it."""


def speak(
    core: CompactCore,
    voice: Voice,
    text: str,
    language: Language,
    windows: tuple[int, ...] = WINDOWS,
) -> Spoken:
    """Stream one sentence through a loaded core, cut into ``windows`` (frames; the last repeats)."""
    job = core.open(voice, StreamOptions(language=language))
    job.windows = windows
    job.push(Segment(text, 0))
    job.end()
    chunks: list[AudioChunk] = []
    marks: list[Mark] = []
    while job.ready:
        for item in job.step():
            if isinstance(item, AudioChunk):
                chunks.append(item)
            elif isinstance(item, Mark):
                marks.append(item)
    samples = np.concatenate([c.samples for c in chunks])
    return Spoken(text, samples, marks, [c.start for c in chunks[1:]])


class Report:
    """Measures one language in one voice at a time. The recogniser and the opinion networks are loaded once."""

    def __init__(
        self, core: CompactCore, *, threads: int = 2, progress: Progress | None = None
    ) -> None:
        self._core = core
        self._rate = core.info.sample_rate
        self._recogniser = Recogniser(threads=threads)
        self._dnsmos = Dnsmos(threads=threads)
        self._unstreamed = Unstreamed(threads=threads)
        self._predicted = Predicted(threads=threads)
        self._progress = progress or (lambda text: None)
        try:
            self._distill: DistillMos | None = DistillMos(threads=threads)
        except EngineFailed:
            self._distill = None

    def language(self, voice: Voice, language: Language, count: int) -> dict[str, Any]:
        """Errors, opinion scores streamed and unstreamed, joins, and for Chinese the tones."""
        wrong = asked = 0
        opinions: dict[str, list[float]] = {}
        joins = Joins(self._rate)
        missed: list[dict[str, Any]] = []
        tones = {name: ToneErrors() for name in TONE_FIGURES}
        astray: list[str] = []
        for text in sentences(language)[:count]:
            self._progress(f"{language} {voice.name}: {text[:24]}")
            spoken = speak(self._core, voice, text, language)
            heard = self._recogniser.transcribe(spoken.samples, self._rate, language)
            wanted = units(text, language)
            errors = distance(wanted, units(heard, language))
            wrong, asked = wrong + errors, asked + len(wanted)
            if errors:
                missed.append({"text": text, "heard": heard.strip(), "errors": errors})
            whole = self._unstreamed.speak(text, voice, language)
            for kind, samples in (("streamed", spoken.samples), ("unstreamed", whole)):
                for scorer, value in self._opinions(samples):
                    opinions.setdefault(f"{scorer}_{kind}", []).append(value)
            elsewhere = speak(self._core, voice, text, language, ELSEWHERE)
            joins.add(spoken.samples, spoken.borders, elsewhere.samples)
            if language == "zh":
                astray += self._tones(text, voice, spoken, whole, tones)
        result: dict[str, Any] = {
            "voice": voice.name,
            "n": min(count, len(sentences(language))),
            "units": asked,
            "error_percent": round(100 * wrong / asked, 2),
            **{key: round(float(np.mean(values)), 2) for key, values in opinions.items()},
            "seams": joins.summary(),
            "missed": missed,
        }
        if language == "zh":
            result["tones"] = {
                "syllables": tones["error_percent"].judged,
                **{name: errors.percent for name, errors in tones.items()},
                "missed": astray,
            }
        return result

    def _tones(
        self, text: str, voice: Voice, spoken: Spoken, whole: Samples, found: dict[str, ToneErrors]
    ) -> list[str]:
        """Judge the tones of one sentence both ways, streamed and whole; the words missed in the stream."""
        streamed = syllables_of(read(text, "zh"), spoken.marks)
        placed = self._predicted.whole(text, voice, streamed)
        missed = judge(spoken.samples, self._rate, streamed, found["error_percent"])
        judge(whole, self._rate, placed, found["floor_percent"])
        self._predicted.judge(
            text, voice, spoken.samples, self._rate, streamed, found["by_synthesis_percent"]
        )
        self._predicted.judge(
            text, voice, whole, self._rate, placed, found["by_synthesis_floor_percent"]
        )
        return [f"{text[s.char]}{s.tone} in {text}" for s in missed]

    def _opinions(self, samples: Samples) -> Iterator[tuple[str, float]]:
        yield "dnsmos", self._dnsmos.score(samples, self._rate)
        if self._distill is not None:
            yield "distillmos", self._distill.score(samples, self._rate)
