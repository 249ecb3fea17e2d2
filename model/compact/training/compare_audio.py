"""The comparison of both prosody decoders by ear, as far as machines have one. Needs the ``[eval]`` extra."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ....streaming.audio import Samples
from ....streaming.emotion import NEUTRAL, Emotion
from ....streaming.segment import Language, Segment
from ...engine import StreamOptions
from ...evaluation.opinion import DistillMos, Dnsmos
from ...evaluation.recogniser import Recogniser, distance, units
from ...evaluation.sentences import utterances
from ..engine import CompactCore, ProsodyKind, sound_of
from ..track import SAMPLE_RATE

EMOTIONS = (NEUTRAL, *(Emotion.of(axis, 0.7) for axis in ("joy", "sadness", "anger")))
LANGUAGES: tuple[Language, ...] = ("zh", "en", "ja", "ko")
KINDS: tuple[ProsodyKind, ...] = ("rules", "ar")


def audio_table(count: int) -> Iterator[str]:
    """The table of sound in Markdown: ``count`` sentences a language, every persona in turn."""
    judge = _Judge()
    cores = {kind: CompactCore(prosody=kind, threads=1) for kind in KINDS}
    for core in cores.values():
        core.load()
    yield f"{count} sentences a language through the engine, intensity 0.7"
    yield ""
    yield "| emotion | language | decoder | error | DistillMOS | DNSMOS | seconds |"
    yield "|---|---|---|---|---|---|---|"
    for emotion in EMOTIONS:
        for language in LANGUAGES:
            texts = utterances(language, count)
            for kind, core in cores.items():
                name = "neutral" if emotion is NEUTRAL else emotion.strongest
                cells = judge.cells(_said(core, texts, language, emotion), texts, language)
                yield f"| {name} | {language} | {kind} | {cells} |"


class _Judge:
    def __init__(self) -> None:
        self._recogniser = Recogniser(threads=1)
        self._distill, self._dnsmos = DistillMos(), Dnsmos()

    def cells(self, spoken: Iterator[Samples], texts: Sequence[str], language: Language) -> str:
        rows = []
        for samples, text in zip(spoken, texts, strict=True):
            wanted = units(text, language)
            heard = units(self._recogniser.transcribe(samples, SAMPLE_RATE, language), language)
            scores = [
                scorer.score(samples, SAMPLE_RATE) for scorer in (self._distill, self._dnsmos)
            ]
            rows.append((distance(wanted, heard), len(wanted), *scores, len(samples) / SAMPLE_RATE))
        missed, said, distill, dnsmos, seconds = np.sum(rows, axis=0)
        n = len(rows)
        return f"{missed / said:.1%} | {distill / n:.2f} | {dnsmos / n:.2f} | {seconds:.1f}"


def _said(
    core: CompactCore, texts: Sequence[str], language: Language, emotion: Emotion
) -> Iterator[Samples]:
    voices = core.voices()
    for number, text in enumerate(texts):
        job = core.open(voices[number % len(voices)], StreamOptions(language, emotion))
        job.push(Segment(text, 0))
        job.end()
        yield sound_of(job)
