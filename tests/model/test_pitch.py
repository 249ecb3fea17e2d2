"""The pitch of speech: level and range of F0."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.pitch import f0_curve, pitch_of
from seiyuu.streaming.audio import Samples

pytestmark = pytest.mark.unit

RATE = 16_000


def voice(hz: np.ndarray, noise: float = 0.0) -> Samples:
    """Thirty harmonics that fall by 6 dB an octave along a contour of F0."""
    turns = np.cumsum(hz) / RATE
    wave = sum(np.sin(2 * np.pi * k * turns) / k for k in range(1, 12))
    hiss = np.random.default_rng(0).standard_normal(len(hz))
    return (0.2 * (np.asarray(wave) + noise * hiss)).astype(np.float32)


@settings(max_examples=20, deadline=None)
@given(st.floats(75, 420), st.floats(0, 0.1))
def test_a_steady_voice_is_measured_to_a_tenth_of_a_semitone(hz: float, noise: float) -> None:
    """Any pitch people speak at, clean or slightly noisy."""
    pitch = pitch_of(voice(np.full(RATE, hz), noise))
    assert pitch is not None
    assert abs(12 * np.log2(pitch.median_hz / hz)) < 0.1
    assert pitch.spread_st < 0.2


def test_range_is_the_spread_of_the_contour() -> None:
    """A voice that swings by three semitones each way has the spread of a sine of that size."""
    contour = 180 * 2 ** (3 * np.sin(2 * np.pi * np.arange(3 * RATE) / RATE) / 12)
    pitch = pitch_of(voice(contour))
    assert pitch is not None
    assert pitch.median_hz == pytest.approx(180, rel=0.02)
    assert pitch.spread_st == pytest.approx(3 / np.sqrt(2), rel=0.1)


def test_noise_and_silence_have_no_pitch() -> None:
    """What is not voiced is not measured."""
    hiss = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert pitch_of(0.1 * hiss) is None
    assert pitch_of(np.zeros(RATE, np.float32)) is None
    assert pitch_of(np.zeros(0, np.float32)) is None


def test_the_curve_has_a_value_every_ten_milliseconds() -> None:
    """One frame more than there are hops, 0 where unvoiced."""
    curve = f0_curve(np.concatenate([voice(np.full(RATE, 120.0)), np.zeros(RATE, np.float32)]))
    assert len(curve) == 201
    assert np.median(curve[20:80]) == pytest.approx(120, rel=0.01)
    assert not curve[120:].any()
