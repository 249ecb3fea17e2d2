"""Which tone does a syllable come nearest to, of those the packaged predictors would have given it there?

Analysis by synthesis: for each syllable the predictors read the same sentence four times, with each tone in its
place, and the contour measured from the sound goes to the nearest of the four. Nothing is learnt. It is circular by
design: the predictors are taken at their word, so the figure counts syllables whose contour was lost between the
predicted F0 and the sound (decoder, joins, tracker), not predictions that a listener would call wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...streaming.audio import Samples
from ..compact.clause import Symbol, symbols_of
from ..compact.personas import style_of
from ..compact.prepare import prepare
from ..compact.stages import Stages, round_durations
from ..compact.track import FRAME_SAMPLES
from ..compact.vocabulary import TOKEN_OF, tokens_of
from ..frontend import read
from ..pitch import HOP, RATE
from ..voice import Voice
from .tones import POINTS, TONE_OF, Features, Syllable, ToneErrors, contour, semitones_of

ARROWS = {tone: arrow for arrow, tone in TONE_OF.items()}
AUDIBLE_ST = 1.0
"""Two contours nearer than this are one to a listener, and no tone was missed. Differences of pitch movements in speech
are heard from 1.5 to 2 semitones on at best, most listeners need 3 ('t Hart, "Differential sensitivity to pitch
distance, particularly in speech", JASA 69, 1981). They come near where a syllable is voiced in its first tenth alone,
before an unreleased end or in a creaking third tone: the predictors themselves give all tones one contour there."""

VOICED_HZ = 60.0
"""The tracker's floor; the predictors sink below it where nothing is voiced."""


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """F0 ``curve [2T]`` in semitones, known everywhere, and each character's ``spans`` on it, by place in the text."""

    curve: Features
    spans: dict[int, tuple[int, int]]

    def shape(self, char: int, part: tuple[float, float]) -> Features | None:
        """The curve ``[10]`` over a part of a character's span, given as shares of its length."""
        if char not in self.spans:
            return None
        first, last = self.spans[char]
        at = first + np.linspace(*part, POINTS) * (last - first)
        return np.interp(at, np.arange(len(self.curve)), self.curve)


class Predicted:
    """The predictors' contours of a sentence in one voice."""

    def __init__(self, *, threads: int = 1) -> None:
        self._stages = Stages(prepare(), threads=threads)

    def whole(self, text: str, voice: Voice, syllables: Sequence[Syllable]) -> list[Syllable]:
        """The syllables at their places in the packaged network's rendering of the whole sentence."""
        symbols, half = _symbols(text), FRAME_SAMPLES // 2
        spans = self._read([s.text for s in symbols], symbols, voice).spans
        return [
            replace(s, start=half * spans[s.char][0], end=half * (spans[s.char][1] + 1))
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
        if heard is None:
            return
        symbols = _symbols(text)
        asked = self._read([s.text for s in symbols], symbols, voice)
        found = [_heard(heard, s, sample_rate) for s in syllables]
        offset = _offset(asked, syllables, found)
        for syllable, one in zip(syllables, found, strict=True):
            at = _arrow(symbols, syllable)
            if one is None or at is None or offset is None:
                continue
            distances, shapes = {}, {}
            for tone, arrow in ARROWS.items():
                texts = [s.text for s in symbols]
                texts[at] = arrow
                same = arrow == symbols[at].text
                other = asked if same else self._read(texts, symbols, voice)
                shape = other.shape(syllable.char, one[1])
                if shape is not None:
                    shapes[tone] = shape
                    distances[tone] = float(np.mean((one[0] - shape - offset) ** 2))
            told = min(distances, key=lambda tone: distances[tone])
            errors.count(
                syllable.tone, told if _apart(shapes, syllable.tone, told) else syllable.tone
            )

    def _read(self, texts: Sequence[str], symbols: Sequence[Symbol], voice: Voice) -> _Read:
        style = style_of(voice, "zh")
        encoding = self._stages.encode(tokens_of("".join(texts)), style)
        durations = round_durations(encoding.durations)
        token = np.repeat(np.arange(len(durations)), durations)
        f0, _ = self._stages.intone(encoding.encoded[token], style)
        spread = float(voice.tensors.get("pitch_zh", np.array([0.0, 1.0]))[1])
        known = np.flatnonzero(f0 > VOICED_HZ)
        semitones = spread * 12 * np.log2(f0[known])
        curve = np.interp(np.arange(len(f0)), known, semitones)
        edges = 2 * np.concatenate([[0], np.cumsum(durations)])
        spans: dict[int, tuple[int, int]] = {}
        for i, symbol in enumerate(symbols):
            if symbol.unit is not None:
                first, _ = spans.get(symbol.unit.char_start, (int(edges[i + 1]), 0))
                spans[symbol.unit.char_start] = (first, int(edges[i + 2]) - 1)
        return _Read(curve, spans)


def _apart(shapes: Mapping[int, Features], asked: int, told: int) -> bool:
    """Whether a listener could tell the two tones' contours from each other over the part that is voiced."""
    return float(np.sqrt(np.mean((shapes[asked] - shapes[told]) ** 2))) >= AUDIBLE_ST


def _heard(
    semitones: Features, syllable: Syllable, sample_rate: int
) -> tuple[Features, tuple[float, float]] | None:
    """The shape of a syllable's voiced stretch ``[10]``, and which part of the syllable that is."""
    per_frame = sample_rate * HOP / RATE
    start, end = syllable.start / per_frame, syllable.end / per_frame
    shape = contour(semitones, start, end)
    if shape is None or not syllable.tone:
        return None
    inside = np.arange(max(0, int(np.ceil(start))), min(int(end) + 1, len(semitones)))
    known = inside[~np.isnan(semitones[inside])]
    length = max(end - start, 1.0)
    return shape, (float(known[0] - start) / length, float(known[-1] - start) / length)


def _offset(
    asked: _Read,
    syllables: Sequence[Syllable],
    found: Sequence[tuple[Features, tuple[float, float]] | None],
) -> float | None:
    """How much higher the sentence was heard than predicted: voices are shifted, and medians are taken elsewhere."""
    differences = []
    for syllable, one in zip(syllables, found, strict=True):
        shape = None if one is None else asked.shape(syllable.char, one[1])
        if one is not None and shape is not None:
            differences.append(float(np.mean(one[0] - shape)))
    return float(np.median(differences)) if differences else None


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
