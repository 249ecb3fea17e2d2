"""Sound as values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.audio import (
    AudioChunk,
    AudioFormat,
    from_pcm16,
    ms_to_samples,
    samples_to_ms,
    to_pcm16,
)

pytestmark = pytest.mark.unit


@given(st.lists(st.integers(-32767, 32767)))
def test_pcm16_survives_the_way_there_and_back(values: list[int]) -> None:
    """Integers to floats to integers are the same integers."""
    pcm = np.array(values, np.int16)
    assert np.array_equal(to_pcm16(from_pcm16(pcm)), pcm)


def test_what_is_too_loud_is_clipped_and_does_not_wrap() -> None:
    """Beyond full scale the nearest integer is taken."""
    assert to_pcm16(np.array([2.0, -2.0], np.float32)).tolist() == [32767, -32767]


def test_a_frame_holds_one_ptime() -> None:
    """samples_per_frame is rate times ptime."""
    assert AudioFormat("pcm_s16le", 22_050, 20).samples_per_frame == 441


def test_a_chunk_knows_where_it_ends() -> None:
    """end is start plus length."""
    assert AudioChunk(np.zeros(7, np.float32), 24_000, 5).end == 12


@given(st.integers(0, 10**9), st.sampled_from([8_000, 22_050, 24_000, 48_000]))
def test_samples_to_ms_and_back(samples: int, rate: int) -> None:
    """A position survives the way through milliseconds."""
    assert ms_to_samples(samples_to_ms(samples, rate), rate) == samples
