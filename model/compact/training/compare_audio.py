"""The comparison of both prosody decoders by ear, as far as machines have one. Needs the ``[eval]`` extra."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ....streaming.audio import Samples
from ....streaming.emotion import NEUTRAL, Emotion
from ....streaming.segment import Language, Segment
from ...engine import StreamOptions
from ...evaluation.opinion import Dnsmos
from ...evaluation.recogniser import Recogniser, distance, units
from ...evaluation.sentences import sentences
from ..engine import CompactCore, ProsodyKind, sound_of
from ..track import SAMPLE_RATE

EMOTIONS = (NEUTRAL, *(Emotion.of(axis, 0.7) for axis in ("joy", "anger", "sadness", "surprise")))
LANGUAGES: tuple[Language, ...] = ("zh", "en", "ja", "ko")
KINDS: tuple[ProsodyKind, ...] = ("rules", "ar")


def audio_table(count: int) -> Iterator[str]:
    """The table of sound in Markdown: ``count`` sentences a language, every persona in turn."""
    recogniser, dnsmos = Recogniser(threads=1), Dnsmos()
    cores = {kind: CompactCore(prosody=kind, threads=1) for kind in KINDS}
    for core in cores.values():
        core.load()
    yield f"{count} sentences a language through the engine, intensity 0.7"
    yield ""
    yield "| language | emotion | decoder | error | DNSMOS | seconds |"
    yield "|---|---|---|---|---|---|"
    for language in LANGUAGES:
        for emotion in EMOTIONS:
            for kind, core in cores.items():
                errors, scores, seconds = [], [], 0.0
                for number, text in enumerate(sentences(language)[:count]):
                    samples = _say(core, number, text, language, emotion)
                    heard = recogniser.transcribe(samples, SAMPLE_RATE, language)
                    wanted = units(text, language)
                    errors.append((distance(wanted, units(heard, language)), len(wanted)))
                    scores.append(dnsmos.score(samples, SAMPLE_RATE))
                    seconds += len(samples) / SAMPLE_RATE
                missed, said = np.sum(errors, axis=0)
                name = "neutral" if emotion is NEUTRAL else emotion.strongest
                cells = f"{missed / said:.1%} | {np.mean(scores):.2f} | {seconds:.1f}"
                yield f"| {language} | {name} | {kind} | {cells} |"


def _say(
    core: CompactCore, number: int, text: str, language: Language, emotion: Emotion
) -> Samples:
    voices = core.voices()
    job = core.open(voices[number % len(voices)], StreamOptions(language, emotion))
    job.push(Segment(text, 0))
    job.end()
    return sound_of(job)
