"""Are the tones of Mandarin those that were asked for? A recogniser hides tone mistakes: it guesses from the words.

The F0 of each rendered syllable is measured from the sound by a tracker that knows nothing of what was asked, and told
apart by a small network that hears the syllable and its neighbours and is told the neighbours' tones: without them
nobody can tell, since tones lean on each other (Xu, "Contextual tonal variations in Mandarin", J. Phonetics 25, 1997).

What it knows it has learnt from other sentences in other voices of the same packaged predictors (``fit_tones``).
Nothing was learnt from people: its figure says whether speech keeps the tones the predictors give, not whether those
are right. Its floor is its own error on whole renderings of the packaged network; :mod:`.tones_by_synthesis` asks the
same question without anything learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt
import soxr

from ...streaming.audio import Samples
from ...streaming.timeline import Mark
from ..compact.perceptron import Perceptron
from ..frontend import Reading
from ..pitch import HOP, RATE, f0_curve

TONE_OF = {"→": 1, "↗": 2, "↓": 3, "↘": 4}
POINTS = 10
"""Places of a contour that are looked at."""

MIN_VOICED = 4
"""Pitch frames (40 ms) a syllable needs to be judged at all."""

APART = 8
"""Pitch frames (80 ms) between two syllables that still lean on each other."""

Features = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Syllable:
    """A syllable with its tone (1–4, 0 for neutral) between the tones around it (0 also for a border)."""

    tone: int
    before: int
    after: int
    start: int
    end: int
    """Samples of the utterance."""
    char: int = 0
    """Place in the text."""


def syllables_of(reading: Reading, marks: Sequence[Mark]) -> list[Syllable]:
    """The syllables of a Chinese reading that were marked, with the tones asked of them after sandhi."""
    place = {m.char_start: m for m in marks if m.kind == "char"}
    units = [
        (w.kind, u) for w in reading.words for u in w.units if w.kind == "punctuation" or u.phonemes
    ]
    tones = [0 if kind == "punctuation" else _tone(unit.phonemes) for kind, unit in units]
    found = []
    for i, (kind, unit) in enumerate(units):
        mark = place.get(unit.char_start)
        if kind == "word" and mark is not None and unit.char_end - unit.char_start == 1:
            before = tones[i - 1] if i else 0
            after = tones[i + 1] if i + 1 < len(tones) else 0
            found.append(Syllable(tones[i], before, after, mark.start, mark.end, unit.char_start))
    return found


def _tone(phonemes: str) -> int:
    return next((TONE_OF[symbol] for symbol in phonemes if symbol in TONE_OF), 0)


def semitones_of(samples: Samples, sample_rate: int) -> Features | None:
    """F0 every 10 ms in semitones against the utterance's median, nan where unvoiced; None where hardly voiced."""
    f0 = f0_curve(soxr.resample(samples, sample_rate, RATE).astype(np.float32))
    voiced = f0 > 0
    if voiced.sum() < MIN_VOICED:
        return None
    semitones = np.where(voiced, 12 * np.log2(np.maximum(f0, 1.0)), np.nan)
    relative: Features = semitones - np.nanmedian(semitones)
    return relative


def contour(semitones: Features, start: float, end: float) -> Features | None:
    """The shape ``[10]`` of the voiced stretch within pitch frames ``start:end``; None where hardly voiced."""
    inside = np.arange(max(0, int(np.ceil(start))), min(int(end) + 1, len(semitones)))
    known = inside[~np.isnan(semitones[inside])]
    if len(known) < MIN_VOICED:
        return None
    return np.interp(np.linspace(known[0], known[-1], POINTS), known, semitones[known])


def rows(
    semitones: Features | None, sample_rate: int, syllables: Sequence[Syllable]
) -> list[Features | None]:
    """What the judge hears of each syllable, and is told of its neighbours; None where it is hardly voiced."""
    if semitones is None:
        return [None] * len(syllables)
    per_frame = sample_rate * HOP / RATE
    spans = [(s.start / per_frame, s.end / per_frame) for s in syllables]
    shapes = [contour(semitones, *span) for span in spans]
    spread = float(np.nanstd(semitones)) + 0.5
    found: list[Features | None] = []
    for i, shape in enumerate(shapes):
        if shape is None:
            found.append(None)
            continue
        left = _neighbour(shapes, spans, i, i - 1, -1)
        right = _neighbour(shapes, spans, i, i + 1, 0)
        told = [*np.eye(5)[syllables[i].before], *np.eye(5)[syllables[i].after]]
        length = np.log(max(spans[i][1] - spans[i][0], 1.0))
        place = spans[i][0] / max(len(semitones), 1)
        heard = [*shape, *np.diff(shape), *left, *right]
        found.append(np.array([*(np.array(heard) / spread), *told, length, place]))
    return found


def _neighbour(
    shapes: Sequence[Features | None],
    spans: Sequence[tuple[float, float]],
    here: int,
    there: int,
    edge: int,
) -> list[float]:
    """The neighbour's shape against this one, its near end first told apart; noughts where it is far or mute."""
    own = shapes[here]
    assert own is not None
    if not 0 <= there < len(shapes):
        return [0.0] * (POINTS // 2 + 2)
    shape = shapes[there]
    gap = spans[max(here, there)][0] - spans[min(here, there)][1]
    if shape is None or gap > APART:
        return [0.0] * (POINTS // 2 + 2)
    step = shape[edge] - own[0 if edge else -1]
    return [1.0, float(step), *(shape[::2] - own.mean())]


@cache
def learnt() -> Perceptron:
    """The network as ``fit_tones`` left it: a row to four scores."""
    with as_file(files(__package__) / "data" / "tones.npz") as path, np.load(path) as file:
        return Perceptron(dict(file))


@dataclass(slots=True)
class ToneErrors:
    """Syllables told to have another tone than was asked, of those judged."""

    wrong: int = 0
    judged: int = 0

    @property
    def percent(self) -> float:
        return round(100 * self.wrong / max(self.judged, 1), 2)

    def count(self, asked: int, told: int) -> None:
        self.judged += 1
        self.wrong += asked != told


def judge(
    samples: Samples, sample_rate: int, syllables: Sequence[Syllable], errors: ToneErrors
) -> list[Syllable]:
    """Tell the tone of each syllable; count, and give back those told to have another than was asked."""
    missed = []
    for syllable, row in zip(
        syllables, rows(semitones_of(samples, sample_rate), sample_rate, syllables), strict=True
    ):
        if row is None or not syllable.tone:
            continue
        told = int(np.argmax(learnt()(row.astype(np.float32)))) + 1
        errors.count(syllable.tone, told)
        if told != syllable.tone:
            missed.append(syllable)
    return missed
