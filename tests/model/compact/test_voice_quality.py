"""Level, tilt and breath: what they change, and that no cut changes them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.compact.track import FRAME_SAMPLES, SAMPLE_RATE
from seiyuu.model.compact.voice_quality import CONTEXT_SAMPLES, shape
from seiyuu.streaming.audio import Samples

pytestmark = pytest.mark.unit

FRAMES = 12


def noise(seed: int = 0, frames: int = FRAMES) -> Samples:
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal(frames * FRAME_SAMPLES)).astype(np.float32)


def curve(value: float) -> Samples:
    return np.full(FRAMES, value, np.float32)


def band_db(samples: Samples, low_hz: float, high_hz: float) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    return float(10 * np.log10(power[(hz >= low_hz) & (hz < high_hz)].mean()))


def test_nothing_asked_changes_nothing() -> None:
    """With all controls at zero the sound is the very same."""
    samples = noise()
    assert shape(samples, curve(0), curve(0), curve(0), start=0) is samples


def test_level_is_decibels() -> None:
    """Six decibels double the amplitude, everywhere."""
    samples = noise()
    louder = shape(samples, curve(20 * np.log10(2)), curve(0), curve(0), start=0)
    np.testing.assert_allclose(louder, 2 * samples, rtol=1e-5)


def test_tilt_lifts_what_lies_high_against_what_lies_low() -> None:
    """A tilt of +6 dB parts the bands by 6 dB, −6 dB the other way."""
    samples = noise()
    plain = band_db(samples, 4000, 10000) - band_db(samples, 50, 300)
    for tilt in (6.0, -6.0):
        tilted = shape(samples, curve(0), curve(tilt), curve(0), start=0)
        change = band_db(tilted, 4000, 10000) - band_db(tilted, 50, 300) - plain
        assert change == pytest.approx(tilt, abs=0.6)


def test_breath_follows_the_voice() -> None:
    """Aspiration is added where there is voice, above 2.5 kHz, and nowhere in silence."""
    at = np.arange(FRAMES * FRAME_SAMPLES)
    voice = (0.2 * np.sin(2 * np.pi * 200 * at / SAMPLE_RATE)).astype(np.float32)
    voice[len(voice) // 2 :] = 0
    breathy = shape(voice, curve(0), curve(0), curve(1), start=0)
    assert band_db(breathy[:3000], 4000, 9000) > band_db(voice[:3000], 4000, 9000) + 20
    assert not breathy[len(voice) // 2 + 2 * CONTEXT_SAMPLES :].any()


@given(st.integers(1, FRAMES - 2), st.integers(0, 50))
def test_any_window_is_the_slice_of_the_whole(cut: int, place: int) -> None:
    """A window begun at any frame agrees with the whole, but for the context at its edges."""
    rng = np.random.default_rng(cut)
    samples = noise(1)
    level, tilt, breath = (rng.random(FRAMES).astype(np.float32) for _ in range(3))
    whole = shape(samples, level, tilt, breath, start=place * FRAME_SAMPLES)
    first = cut * FRAME_SAMPLES
    part = shape(
        samples[first:], level[cut:], tilt[cut:], breath[cut:], start=place * FRAME_SAMPLES + first
    )
    # Controls run between the middles of frames, so half a frame at the border lacks its neighbour.
    inside = slice(FRAME_SAMPLES // 2 + CONTEXT_SAMPLES, -CONTEXT_SAMPLES)
    np.testing.assert_allclose(part[inside], whole[first:][inside], atol=1e-5)
