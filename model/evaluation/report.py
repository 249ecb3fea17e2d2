"""Speaks the measuring sentences and puts what was measured into one JSON object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from .tones import ToneJudge, contours, syllables_of
from .unstreamed import Unstreamed

Progress = Callable[[str], None]

TONE_SHARE = 0.5
"""Share of the sentences whose tones are learnt; the rest is judged, in another voice."""


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
            result["tones"] = self.tones(voice, count)
        return result

    def tones(self, voice: Voice, count: int) -> dict[str, Any]:
        """Tone errors of ``voice``, told by a judge that learnt other sentences in the other voices."""
        texts = sentences("zh")
        border = int(len(texts) * TONE_SHARE)
        judge = ToneJudge()
        others = [other for other in self._core.voices() if other.name != voice.name][:4]
        for other in others:
            for text in texts[:border]:
                judge.learn(*self._contours(other, text))
        judge.fit()
        wrong = judged = 0
        for text in texts[border:][:count]:
            errors, syllables = judge.errors(*self._contours(voice, text))
            wrong, judged = wrong + errors, judged + syllables
        percent = round(100 * wrong / max(judged, 1), 2)
        return {
            "error_percent": percent,
            "syllables": judged,
            "learnt_from": [v.name for v in others],
        }

    def _contours(self, voice: Voice, text: str) -> tuple[Sequence[Any], Sequence[Any]]:
        spoken = speak(self._core, voice, text, "zh")
        syllables = syllables_of(read(text, "zh"), spoken.marks)
        return syllables, contours(spoken.samples, self._rate, syllables)

    def _opinions(self, samples: Samples) -> Iterator[tuple[str, float]]:
        yield "dnsmos", self._dnsmos.score(samples, self._rate)
        if self._distill is not None:
            yield "distillmos", self._distill.score(samples, self._rate)
