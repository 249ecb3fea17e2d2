"""Are the tones of Mandarin those that were asked for? A recogniser hides tone mistakes: it guesses from the words.

The F0 of each rendered syllable is measured from the sound and told apart by linear discriminant analysis (Fisher,
Ann. Eugenics 7, 1936), given the tones asked of its neighbours: without them nobody can tell, since tones lean on
each other (Xu, "Contextual tonal variations in Mandarin", J. Phonetics 25, 1997). What the classifier knows it has
learnt from other sentences in other voices of the same packaged predictors; nothing here was learnt from people, so
the figure says whether speech keeps the tones the predictors give, not whether those are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from ...streaming.audio import Samples
from ...streaming.timeline import Mark
from ..frontend import Reading
from ..pitch import HOP, RATE, f0_curve

TONE_OF = {"→": 1, "↗": 2, "↓": 3, "↘": 4}
POINTS = 6
"""Places of a contour that are looked at."""

MIN_VOICED = 4
"""Pitch frames (40 ms) a syllable needs to be judged at all."""

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
            found.append(Syllable(tones[i], before, after, mark.start, mark.end))
    return found


def _tone(phonemes: str) -> int:
    return next((TONE_OF[symbol] for symbol in phonemes if symbol in TONE_OF), 0)


def contours(
    samples: Samples, sample_rate: int, syllables: Sequence[Syllable]
) -> list[Features | None]:
    """The shape of each syllable's F0 in semitones against the utterance's mean; None where hardly voiced."""
    f0 = f0_curve(soxr.resample(samples, sample_rate, RATE).astype(np.float32))
    voiced = f0 > 0
    if voiced.sum() < MIN_VOICED:
        return [None] * len(syllables)
    semitones = np.where(voiced, 12 * np.log2(np.maximum(f0, 1.0)), np.nan)
    semitones -= np.nanmedian(semitones)
    per_frame = sample_rate * HOP / RATE
    return [_contour(semitones, s.start / per_frame, s.end / per_frame) for s in syllables]


def _contour(semitones: Features, start: float, end: float) -> Features | None:
    inside = np.arange(int(np.ceil(start)), min(int(end) + 1, len(semitones)))
    known = inside[~np.isnan(semitones[inside])]
    if len(known) < MIN_VOICED:
        return None
    at = np.linspace(known[0], known[-1], POINTS)
    values = np.interp(at, known, semitones[known])
    around = [_near(semitones, start, -1), _near(semitones, end, 1)]
    here = values.mean()
    relative = [0.0 if np.isnan(v) else v - here for v in around]
    return np.array([*values, values[-1] - values[0], np.ptp(values), end - start, *relative])


def _near(semitones: Features, at: float, direction: int) -> float:
    """The nearest voiced value beyond a border, within 150 ms."""
    for step in range(1, 16):
        place = int(at) + direction * step
        if 0 <= place < len(semitones) and not np.isnan(semitones[place]):
            return float(semitones[place])
    return float("nan")


class ToneJudge:
    """Tells tones apart by their contour and their neighbours."""

    def __init__(self) -> None:
        self._rows: list[Features] = []
        self._tones: list[int] = []
        self._weights: Features | None = None
        self._bias: Features | None = None

    def learn(self, syllables: Sequence[Syllable], shapes: Sequence[Features | None]) -> None:
        """Take in syllables whose tones are known."""
        for syllable, shape in zip(syllables, shapes, strict=True):
            if shape is not None and syllable.tone:
                self._rows.append(_row(syllable, shape))
                self._tones.append(syllable.tone)

    def fit(self) -> None:
        """Learn from what was taken in: class means under one covariance, a little of the identity added."""
        rows, tones = np.array(self._rows), np.array(self._tones)
        means = np.array([rows[tones == tone].mean(axis=0) for tone in (1, 2, 3, 4)])
        spread = rows - means[tones - 1]
        scale = rows.std(axis=0) + 1e-6
        covariance = spread.T @ spread / len(rows) + 0.02 * np.diag(scale**2)
        self._weights = np.linalg.solve(covariance, means.T)
        priors = np.log([np.mean(tones == tone) for tone in (1, 2, 3, 4)])
        self._bias = priors - 0.5 * np.einsum("ij,ji->i", means, self._weights)

    def errors(
        self, syllables: Sequence[Syllable], shapes: Sequence[Features | None]
    ) -> tuple[int, int]:
        """Syllables told to have another tone than was asked, and syllables judged."""
        assert self._weights is not None, "fit before errors"
        assert self._bias is not None
        wrong = judged = 0
        for syllable, shape in zip(syllables, shapes, strict=True):
            if shape is not None and syllable.tone:
                heard = int(np.argmax(_row(syllable, shape) @ self._weights + self._bias)) + 1
                judged += 1
                wrong += heard != syllable.tone
        return wrong, judged


def _row(syllable: Syllable, shape: Features) -> Features:
    """Contour, neighbours' tones, and the contour again under each neighbour's tone (so that they may interact)."""
    before, after = np.eye(5)[syllable.before], np.eye(5)[syllable.after]
    crossed = np.outer(np.concatenate([before, after]), shape[: POINTS + 1]).reshape(-1)
    return np.concatenate([shape, before[1:], after[1:], crossed])
