"""Judges rendered speech: DNSMOS for quality, a speech recogniser for intelligibility. Needs the ``[eval]`` extra.

Errors are counted in phonemes: what the recogniser wrote and what was asked for are both read by the text front end,
so that homophones and ways of writing numbers do not count; tones, stress and pauses are left out.
"""

from __future__ import annotations

from ....streaming.audio import Samples
from ....streaming.segment import Language
from ...evaluation.opinion import Dnsmos
from ...evaluation.recogniser import Recogniser, distance
from ...frontend import read

_IGNORED = frozenset(' ;:,.!?—…"()“”ˈˌː→↗↓↘')


class Judge:
    """Quality and intelligibility of single utterances."""

    def __init__(self, *, threads: int = 1) -> None:
        self._dnsmos = Dnsmos(threads=threads)
        self._recogniser = Recogniser(threads=threads)

    def quality(self, samples: Samples, sample_rate: int) -> tuple[float, float]:
        """Overall and signal opinion score, 1…5."""
        return self._dnsmos.scores(samples, sample_rate)

    def error(self, samples: Samples, sample_rate: int, text: str, language: Language) -> float:
        """Share of the phonemes of ``text`` that were not recognised; may exceed 1."""
        heard = _sounds(self._recogniser.transcribe(samples, sample_rate, language), language)
        asked = _sounds(text, language)
        return distance(asked, heard) / max(1, len(asked))


def _sounds(text: str, language: Language) -> str:
    return "".join(symbol for symbol in read(text, language).phonemes if symbol not in _IGNORED)
