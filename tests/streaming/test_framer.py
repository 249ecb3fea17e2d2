"""Chunks → frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.audio import Samples
from seiyuu.streaming.framer import Frame, Framer, Rewound

pytestmark = pytest.mark.unit

SIZE = 10


def ramp(start: int, count: int) -> Samples:
    """Samples that say their position."""
    return np.arange(start, start + count).astype(np.float32)


@given(st.lists(st.integers(0, 35), max_size=20), st.integers(0, 1000))
def test_frames_are_whole_numbered_and_in_place(sizes: list[int], first_seq: int) -> None:
    """Any chunks give the same frames; the last is padded and marked."""
    framer = Framer(SIZE, first_seq=first_seq)
    frames: list[Frame] = []
    total = 0
    for size in sizes:
        frames += framer.feed(ramp(total, size))
        total += size
    frames += framer.flush()
    assert [frame.seq for frame in frames] == list(range(first_seq, first_seq + len(frames)))
    assert [frame.timestamp for frame in frames] == list(range(0, len(frames) * SIZE, SIZE))
    assert all(len(frame.samples) == SIZE for frame in frames)
    assert [frame.last for frame in frames] == [False] * (len(frames) - 1) + [True] * bool(frames)
    assert framer.end == total
    assert framer.next_seq == first_seq + len(frames)
    if frames:
        sound = np.concatenate([frame.samples for frame in frames])
        assert np.array_equal(sound[:total], ramp(0, total))
        assert not sound[total:].any()


def test_no_sound_has_no_frames() -> None:
    """An utterance that never sounded ends without a packet."""
    assert Framer(SIZE).flush() == []


def test_a_full_last_frame_is_followed_by_a_silent_one() -> None:
    """The full ones have left before the end was known."""
    framer = Framer(SIZE)
    framer.feed(ramp(1, SIZE))
    (last,) = framer.flush()
    assert last.last
    assert not last.samples.any()


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 60), st.booleans())
def test_after_a_rewind_frames_hold_old_then_new(
    old: int, position: int, new: int, flushed: bool
) -> None:
    """The frame of the position comes again whole, numbers go on, timestamps step back."""
    position = min(position, old)
    framer = Framer(SIZE)
    before = framer.feed(ramp(0, old)) + (framer.flush() if flushed else [])
    rewound = framer.rewind(position)
    assert rewound.next_seq == len(before)
    assert rewound.from_timestamp <= position
    assert rewound.from_timestamp == min(position // SIZE, len(before)) * SIZE
    after = framer.feed(ramp(1000, new)) + framer.flush()
    kept = [frame for frame in before if frame.timestamp < rewound.from_timestamp]
    sound = np.concatenate([frame.samples for frame in kept + after] or [ramp(0, 0)])
    want = np.concatenate((ramp(0, position), ramp(1000, new)))
    assert np.array_equal(sound[: len(want)], want)
    assert [frame.seq for frame in after] == list(range(len(before), len(before) + len(after)))
    assert all(frame.timestamp >= rewound.from_timestamp for frame in after)


def test_a_rewind_reaches_as_far_as_was_kept() -> None:
    """Farther back, or ahead, is refused with what would do."""
    framer = Framer(SIZE, keep_samples=30)
    for start in range(0, 200, SIZE):
        framer.feed(ramp(start, SIZE))
    assert framer.rewind(175) == Rewound(170, 20)
    with pytest.raises(
        ValueError, match="cannot rewind to 100, expected a position between 160 and 175"
    ):
        framer.rewind(100)
    with pytest.raises(ValueError, match="cannot rewind to 176"):
        framer.rewind(176)
