"""Tones are told from the sound: contours, neighbours, and two judges that can err."""

from __future__ import annotations

import numpy as np
import pytest

from seiyuu.model.compact.personas import personas
from seiyuu.model.evaluation.tones import (
    POINTS,
    Syllable,
    ToneErrors,
    contour,
    judge,
    rows,
    semitones_of,
    syllables_of,
)
from seiyuu.model.evaluation.tones_by_synthesis import Predicted, _apart
from seiyuu.model.evaluation.unstreamed import Unstreamed
from seiyuu.model.frontend import read
from seiyuu.streaming.timeline import Mark

pytestmark = pytest.mark.unit

RATE = 24_000
TEXT = "今天的天气很好。"


def glide(first_hz: float, last_hz: float, seconds: float) -> np.ndarray:
    """A buzz whose pitch moves evenly."""
    f0 = np.linspace(first_hz, last_hz, round(RATE * seconds))
    turns = np.cumsum(f0 / RATE)
    wave = sum(np.sin(2 * np.pi * turns * k) / k for k in range(1, 6))
    return (0.1 * wave).astype(np.float32)


def marked(text: str, per_char: int) -> list[Mark]:
    return [
        Mark("char", char, i, i + 1, i * per_char, (i + 1) * per_char)
        for i, char in enumerate(text)
    ]


def test_a_contour_follows_the_pitch() -> None:
    """A rising buzz gives a rising shape; silence gives none."""
    sound = np.concatenate([glide(150, 300, 0.4), np.zeros(RATE // 2, np.float32)])
    semitones = semitones_of(sound, RATE)
    assert semitones is not None
    shape = contour(semitones, 2, 38)
    assert shape is not None
    assert len(shape) == POINTS
    assert shape[-1] - shape[0] == pytest.approx(12, abs=2)
    assert contour(semitones, 50, 80) is None
    assert semitones_of(np.zeros(RATE, np.float32), RATE) is None


def test_syllables_know_the_tones_around_them() -> None:
    """Third tones before third tones are asked for as second; a sign parts neighbours."""
    found = syllables_of(read("你好,大家", "zh"), marked("你好,大家", 6_000))
    assert [(s.tone, s.before, s.after) for s in found][:2] == [(2, 0, 3), (3, 2, 0)]
    assert found[2].before == 0


def test_a_mute_syllable_is_not_judged() -> None:
    """Where nothing is voiced nothing is counted; neutral tones are not judged either."""
    sound = np.concatenate([glide(200, 220, 0.3), np.zeros(RATE, np.float32)])
    syllables = [
        Syllable(1, 0, 0, 0, 7_000),
        Syllable(4, 1, 0, 9_000, 16_000),
        Syllable(0, 0, 0, 0, 7_000),
    ]
    heard = rows(semitones_of(sound, RATE), RATE, syllables)
    assert heard[0] is not None
    assert heard[1] is None
    errors = ToneErrors()
    judge(sound, RATE, syllables, errors)
    assert errors.judged == 1


def test_contours_that_sound_alike_are_no_missed_tone() -> None:
    """Half a semitone apart is one contour to a listener, two semitones are two."""
    level = np.zeros(POINTS)
    assert not _apart({1: level, 4: level + 0.5}, 1, 4)
    assert _apart({1: level, 4: level - 2.0}, 1, 4)


@pytest.fixture(scope="module")
def rendered() -> np.ndarray:
    """The packaged network's own rendering."""
    return Unstreamed(threads=2).speak(TEXT, personas()[0], "zh")


def test_both_judges_know_the_packaged_network(rendered: np.ndarray) -> None:
    """Asked for its own tones it errs seldom; asked for others, nearly always."""
    predicted, voice = Predicted(threads=2), personas()[0]
    right = predicted.whole(TEXT, voice, syllables_of(read(TEXT, "zh"), marked(TEXT, 1)))
    false = [
        Syllable(s.tone % 4 + 1, s.before, s.after, s.start, s.end, s.char) for s in right if s.tone
    ]
    for asked, low, high in ((right, 0.0, 0.34), (false, 0.66, 1.0)):
        learnt, nearest = ToneErrors(), ToneErrors()
        judge(rendered, RATE, asked, learnt)
        predicted.judge(TEXT, voice, rendered, RATE, asked, nearest)
        for errors in (learnt, nearest):
            assert errors.judged >= 4
            assert low <= errors.wrong / errors.judged <= high
