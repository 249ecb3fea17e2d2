"""Which tone does a syllable come nearest to, of those the packaged predictors would have given it there?

Analysis by synthesis: for each syllable the predictors read the same sentence four times, with each tone in its
place, and the contour measured from the sound goes to the nearest of the four. Nothing is learnt. It is circular by
design: the predictors are taken at their word, so the figure counts syllables whose contour was lost between the
predicted F0 and the sound (decoder, joins, tracker), not predictions that a listener would call wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...streaming.audio import Samples
from ..compact.clause import Symbol, symbols_of
from ..compact.prepare import prepare
from ..compact.stages import Stages, round_durations
from ..compact.track import FRAME_SAMPLES
from ..compact.vocabulary import TOKEN_OF, tokens_of
from ..frontend import read
from ..voice import Voice
from .tones import TONE_OF, Features, Syllable, ToneErrors, contour, semitones_of

ARROWS = {tone: arrow for arrow, tone in TONE_OF.items()}
VOICED_HZ = 10.0


@dataclass(frozen=True, slots=True)
class _Read:
    """Shape ``[10]`` and span (samples of the whole rendering at 24 kHz) of each character, by its place."""

    shapes: dict[int, Features | None]
    spans: dict[int, tuple[int, int]]


class Predicted:
    """The predictors' contours of a sentence in one voice."""

    def __init__(self, *, threads: int = 1) -> None:
        self._stages = Stages(prepare(), threads=threads)

    def whole(self, text: str, voice: Voice, syllables: Sequence[Syllable]) -> list[Syllable]:
        """The syllables at their places in the packaged network's rendering of the whole sentence."""
        symbols = _symbols(text)
        spans = self._read([s.text for s in symbols], symbols, voice).spans
        return [
            replace(s, start=spans[s.char][0], end=spans[s.char][1])
            for s in syllables
            if s.char in spans
        ]

    def judge(
        self,
        text: str,
        voice: Voice,
        samples: Samples,
        sample_rate: int,
        syllables: Sequence[Syllable],
        errors: ToneErrors,
    ) -> None:
        """Count the syllables of one sentence (of one clause) that are nearest to another tone than was asked."""
        heard = semitones_of(samples, sample_rate)
        symbols = _symbols(text)
        if heard is None:
            return
        asked = self._read([s.text for s in symbols], symbols, voice).shapes
        for syllable in syllables:
            per_frame = sample_rate / 100
            shape = contour(heard, syllable.start / per_frame, syllable.end / per_frame)
            at = _arrow(symbols, syllable)
            if shape is None or at is None or asked.get(syllable.char) is None:
                continue
            distances = {}
            for tone, arrow in ARROWS.items():
                texts = [s.text for s in symbols]
                texts[at] = arrow
                found = asked if tone == syllable.tone else self._read(texts, symbols, voice).shapes
                wanted = found.get(syllable.char)
                if wanted is not None:
                    distances[tone] = float(np.mean((shape - wanted) ** 2))
            errors.count(syllable.tone, min(distances, key=lambda tone: distances[tone]))

    def _read(self, texts: Sequence[str], symbols: Sequence[Symbol], voice: Voice) -> _Read:
        style = np.concatenate([voice.tensors["timbre"], voice.tensors["prosody_zh"]])
        encoding = self._stages.encode(tokens_of("".join(texts)), style)
        durations = round_durations(encoding.durations)
        token = np.repeat(np.arange(len(durations)), durations)
        f0, _ = self._stages.intone(encoding.encoded[token], style)
        spread = float(voice.tensors.get("pitch_zh", np.array([0.0, 1.0]))[1])
        semitones = np.where(f0 > VOICED_HZ, 12 * np.log2(np.maximum(f0, 1.0)), np.nan)
        semitones = spread * (semitones - np.nanmedian(semitones))
        edges = 2 * np.concatenate([[0], np.cumsum(durations)])
        spans: dict[int, tuple[int, int]] = {}
        for i, symbol in enumerate(symbols):
            if symbol.unit is not None:
                first, _ = spans.get(symbol.unit.char_start, (int(edges[i + 1]), 0))
                spans[symbol.unit.char_start] = (first, int(edges[i + 2]) - 1)
        shapes = {char: contour(semitones, *span) for char, span in spans.items()}
        half = FRAME_SAMPLES // 2
        return _Read(shapes, {char: (half * a, half * (b + 1)) for char, (a, b) in spans.items()})


def _symbols(text: str) -> list[Symbol]:
    return [s for s in symbols_of(read(text, "zh")) if s.text in TOKEN_OF]


def _arrow(symbols: Sequence[Symbol], syllable: Syllable) -> int | None:
    """The one symbol that is the syllable's tone; None where it has none or several."""
    found = [
        i
        for i, symbol in enumerate(symbols)
        if symbol.unit is not None
        and symbol.unit.char_start == syllable.char
        and symbol.text in TONE_OF
    ]
    return found[0] if len(found) == 1 else None
