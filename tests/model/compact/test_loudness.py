"""The true-peak limiter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.compact.loudness import CEILING, CONTEXT, Limiter, limit

pytestmark = pytest.mark.unit

RATE = 24_000


def loud(seed: int, length: int = 2400) -> np.ndarray:
    """Noise of speech-like bandwidth whose peaks go far over the ceiling."""
    noise = np.random.default_rng(seed).standard_normal(length)
    smooth = np.convolve(noise, np.hanning(9) / 4, mode="same")
    return (smooth * np.linspace(0.2, 2.0, length)).astype(np.float32)


def true_peak(samples: np.ndarray) -> float:
    """Largest magnitude after resampling by 8 in the spectrum."""
    spectrum = np.fft.rfft(np.pad(samples, 200))
    length = len(samples) + 400
    return float(np.abs(np.fft.irfft(spectrum, 8 * length) * 8).max())


@given(st.integers(0, 2**32 - 1))
def test_no_true_peak_gets_over_the_ceiling(seed: int) -> None:
    """Within 0.15 dB, the accuracy of four-times oversampling for this bandwidth."""
    assert true_peak(limit(loud(seed))) <= CEILING * 10 ** (0.15 / 20)


def test_what_is_below_the_ceiling_passes_bit_by_bit() -> None:
    """Also beside a loud stretch."""
    quiet = loud(1) * np.float32(0.1)
    np.testing.assert_array_equal(limit(quiet), quiet)
    joined = np.concatenate([quiet, loud(2), quiet])
    limited = limit(joined)
    np.testing.assert_array_equal(limited[: 2400 - CONTEXT], joined[: 2400 - CONTEXT])
    np.testing.assert_array_equal(limited[4800 + CONTEXT :], joined[4800 + CONTEXT :])


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 700), max_size=8))
def test_a_stream_cut_anywhere_is_limited_like_the_whole(seed: int, cuts: list[int]) -> None:
    """Nothing is lost, and it comes no more than the context late."""
    samples = loud(seed)
    limiter, given_back, at = Limiter(), [], 0
    for length in [*cuts, len(samples)]:
        given_back.append(limiter.process(samples[at : at + length]))
        at = min(len(samples), at + length)
        assert sum(map(len, given_back)) >= at - CONTEXT
    given_back.append(limiter.flush())
    np.testing.assert_allclose(np.concatenate(given_back), limit(samples), atol=1e-6)


def test_after_a_flush_it_is_fresh() -> None:
    """The second signal does not hear the first."""
    limiter = Limiter()
    limiter.process(loud(3))
    limiter.flush()
    again = np.concatenate([limiter.process(loud(4)), limiter.flush()])
    np.testing.assert_allclose(again, limit(loud(4)), atol=1e-6)


def test_a_hot_sine_keeps_its_shape() -> None:
    """6 dB over, it comes out at the ceiling with little distortion."""
    at = np.arange(RATE // 4)
    sine = 2 * CEILING * np.sin(2 * np.pi * 220 * at / RATE).astype(np.float32)
    limited = limit(sine)[2400:-2400].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(limited * np.hanning(len(limited)))) ** 2
    around = int(round(220 * len(limited) / RATE))
    fundamental = spectrum[around - 4 : around + 5].sum()
    assert 10 * np.log10(fundamental / (spectrum.sum() - fundamental)) > 20


def test_nothing_in_nothing_out() -> None:
    """Empty and silent windows."""
    assert len(limit(np.zeros(0, np.float32))) == 0
    np.testing.assert_array_equal(limit(np.zeros(50, np.float32)), np.zeros(50, np.float32))
