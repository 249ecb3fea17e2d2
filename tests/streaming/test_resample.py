"""Streaming change of sample rate."""

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.streaming.audio import Samples
from seiyuu.streaming.resample import Resampler

pytestmark = pytest.mark.unit

PAIRS = [
    (24_000, 48_000),
    (22_050, 48_000),
    (24_000, 16_000),
    (24_000, 8_000),
    (48_000, 44_100),
    (24_000, 24_000),
]


def tone(rate: int, count: int, hz: float = 440.0) -> Samples:
    """A sine at half scale."""
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(count) / rate)).astype(np.float32)


def noise(count: int, seed: int = 0) -> Samples:
    """White noise."""
    return np.random.default_rng(seed).uniform(-0.5, 0.5, count).astype(np.float32)


def whole(samples: Samples, source_hz: int, target_hz: int) -> Samples:
    """Everything in one go."""
    resampler = Resampler(source_hz, target_hz)
    return np.concatenate((resampler.feed(samples), resampler.flush()))


def pieces(samples: Samples, sizes: list[int]) -> list[Samples]:
    """Cut by these sizes, in turn."""
    parts, at, k = [], 0, 0
    while at < len(samples):
        parts.append(samples[at : at + sizes[k % len(sizes)]])
        at += sizes[k % len(sizes)]
        k += 1
    return parts


@settings(max_examples=40)
@given(
    st.sampled_from(PAIRS),
    st.lists(st.integers(1, 700), min_size=1, max_size=5),
    st.integers(0, 3000),
)
def test_any_chunking_gives_the_same_samples(
    pair: tuple[int, int], sizes: list[int], count: int
) -> None:
    """To the last bit, and as many as the lengths say."""
    samples = noise(count)
    resampler = Resampler(*pair)
    parts = [resampler.feed(part) for part in pieces(samples, sizes)] + [resampler.flush()]
    made = np.concatenate(parts)
    assert np.array_equal(made, whole(samples, *pair))
    assert len(made) == -(-count * pair[1] // pair[0]) == resampler.made
    assert resampler.taken == count


@pytest.mark.parametrize(("source_hz", "target_hz"), PAIRS)
@pytest.mark.parametrize("hz", [440.0, 3_000.0])
def test_a_tone_is_the_same_tone(source_hz: int, target_hz: int, hz: float) -> None:
    """Within −90 dB of the ideal one, away from the ends."""
    made = whole(tone(source_hz, source_hz, hz), source_hz, target_hz)
    ideal = tone(target_hz, len(made), hz)
    assert np.abs(made - ideal)[2000:-2000].max() < 10 ** (-90 / 20)


def test_what_does_not_fit_the_lower_rate_is_taken_out() -> None:
    """A tone above the new Nyquist frequency leaves less than −80 dB."""
    made = whole(tone(24_000, 24_000, 6_000.0), 24_000, 8_000)
    assert np.abs(made[500:-500]).max() < 10 ** (-80 / 20)


def test_it_agrees_with_a_well_known_resampler() -> None:
    """Band-limited noise comes out as soxr's best quality gives it."""
    samples = soxr.resample(noise(8_000), 8_000, 24_000, "VHQ").astype(np.float32)
    made = whole(samples, 24_000, 48_000)
    reference = soxr.resample(samples, 24_000, 48_000, "VHQ")
    assert np.abs(made - reference)[2000:-2000].max() < 10 ** (-80 / 20)


def test_almost_nothing_is_withheld() -> None:
    """From 24 kHz up, what is not given at once is at most a millisecond of input."""
    resampler = Resampler(24_000, 48_000)
    made = sum(len(resampler.feed(noise(480))) for _ in range(50))
    assert 24_000 * 2 - made <= 48


@settings(max_examples=60)
@given(
    st.sampled_from(PAIRS),
    st.integers(0, 4000),
    st.integers(0, 4000),
    st.integers(0, 2000),
    st.booleans(),
)
def test_after_a_rewind_it_is_as_if_only_the_new_had_been(
    pair: tuple[int, int], count: int, position: int, again: int, flushed: bool
) -> None:
    """Old up to the position, new after it: the samples equal one undisturbed stream."""
    position = min(position, count)
    old, new = noise(count), noise(again, seed=1)
    resampler = Resampler(*pair)
    parts = [resampler.feed(old)] + ([resampler.flush()] if flushed else [])
    first = resampler.rewind(position)
    kept = np.concatenate(parts)[:first]
    assert len(kept) == first == resampler.made
    made = np.concatenate((kept, resampler.feed(new), resampler.flush()))
    assert np.array_equal(made, whole(np.concatenate((old[:position], new)), *pair))


def test_only_so_much_is_kept() -> None:
    """A rewind farther back, or ahead, is refused with what would do."""
    resampler = Resampler(24_000, 48_000, keep_ms=100)
    for _ in range(10):
        resampler.feed(noise(2_400))
    resampler.rewind(24_000 - 2_400)
    with pytest.raises(ValueError, match="cannot rewind to 10000, expected a position between"):
        resampler.rewind(10_000)
    with pytest.raises(ValueError, match="cannot rewind"):
        resampler.rewind(24_001)


def test_positions_translate() -> None:
    """The first output sample that is not before an input position."""
    assert Resampler(24_000, 48_000).to_output(10) == 20
    assert Resampler(24_000, 16_000).to_output(10) == 7
