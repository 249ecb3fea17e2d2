"""A whole clause at once."""

from __future__ import annotations

import numpy as np
import pytest

from seiyuu.model.compact.stages import Stages, round_durations
from seiyuu.model.compact.statistics import Array
from seiyuu.model.compact.synthesis import Frames, predict
from seiyuu.streaming.errors import BadText

from .conftest import PHONEMES

pytestmark = pytest.mark.golden


def test_durations_and_frames_agree(frames: Frames) -> None:
    """One duration a token, pads included; their sum is the length of everything else."""
    assert len(frames.durations) == len(PHONEMES) + 2
    assert frames.durations.min() >= 1
    assert frames.count == frames.durations.sum()
    assert frames.content.shape == (512, frames.count)
    assert len(frames.f0) == len(frames.energy) == 2 * frames.count
    assert 150 < frames.f0.max() < 600


def test_the_same_phonemes_are_read_the_same(stages: Stages, frames: Frames, style: Array) -> None:
    """The predictors draw no random numbers."""
    again = predict(stages, PHONEMES, style)
    np.testing.assert_array_equal(again.f0, frames.f0)
    np.testing.assert_array_equal(again.durations, frames.durations)


def test_rounding_is_the_packaged_one() -> None:
    """Half to even, and never below one frame."""
    rounded = round_durations(np.array([0.2, 0.5, 1.5, 2.5, 13.6], np.float32))
    np.testing.assert_array_equal(rounded, [1, 1, 2, 2, 14])


@pytest.mark.parametrize(
    ("phonemes", "reason"), [("", "0 symbols"), ("a" * 511, "511 symbols"), ("a★b", "★")]
)
def test_what_cannot_be_spoken_is_refused(
    stages: Stages, style: Array, phonemes: str, reason: str
) -> None:
    """Nothing, too much, and symbols outside the alphabet."""
    with pytest.raises(BadText, match=reason):
        predict(stages, phonemes, style)
