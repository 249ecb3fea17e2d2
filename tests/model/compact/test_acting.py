"""Neutral sound acted in an emotion moves as the delivery says."""

from dataclasses import replace

import numpy as np
import pytest

from seiyuu.model.compact.delivery import Delivery
from seiyuu.model.compact.training.acting import act
from seiyuu.model.pitch import pitch_of

pytestmark = pytest.mark.unit

RATE = 16_000


def vowel() -> np.ndarray:
    """Two seconds of a buzz whose pitch waves about 150 Hz."""
    at = np.arange(2 * RATE) / RATE
    phase = 2 * np.pi * np.cumsum(150 * 2 ** (np.sin(2 * np.pi * at) / 6)) / RATE
    return (0.05 * np.sum([np.cos(k * phase) / k for k in range(1, 20)], axis=0)).astype(np.float32)


@pytest.mark.parametrize("semitones", [-2.0, 0.0, 3.0])
def test_pitch_moves_by_semitones(semitones: float) -> None:
    """The median of F0 goes where it is asked to, and the length stays."""
    said = vowel()
    before, after = pitch_of(said), pitch_of(act(said, Delivery(pitch_st=semitones)))
    assert before is not None
    assert after is not None
    assert 12 * np.log2(after.median_hz / before.median_hz) == pytest.approx(semitones, abs=0.3)


def test_pace_and_range_move_alone() -> None:
    """Slower is longer at the same pitch; wider is a larger spread at the same length."""
    said = vowel()
    plain = Delivery()
    slow = act(said, replace(plain, rate_log=-0.2))
    assert len(slow) / len(said) == pytest.approx(np.exp(0.2), abs=0.01)
    wide, before = pitch_of(act(said, replace(plain, range_log=0.4))), pitch_of(said)
    assert wide is not None
    assert before is not None
    assert wide.spread_st / before.spread_st == pytest.approx(np.exp(0.4), rel=0.1)


def test_silence_stays_silence() -> None:
    """What has no pitch has nothing to move."""
    assert not act(np.zeros(RATE, np.float32), Delivery(pitch_st=3.0)).any()
