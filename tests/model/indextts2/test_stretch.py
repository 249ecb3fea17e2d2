"""The map from mel frames to codes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.indextts2.stretch import NATURAL, Stretch

pytestmark = pytest.mark.unit


@given(st.integers(1, 1500))
def test_the_natural_pace_is_172_frames_a_hundred_codes(codes: int) -> None:
    """⌊1.72 · n⌋ frames, each made of ⌊frame / 1.72⌋."""
    stretch = Stretch()
    total = stretch.frames_of(codes)
    assert total == codes * 43 // 25
    assert all(stretch.index(f, codes) == f * 25 // 43 for f in range(0, total, 7))


@given(st.integers(1, 600))
def test_codes_for_is_the_fewest_that_last(frames: int) -> None:
    """One code less would not be enough."""
    stretch = Stretch()
    codes = stretch.codes_for(frames)
    assert stretch.frames_of(codes) >= frames
    assert stretch.frames_of(codes - 1) < frames


@given(
    codes=st.integers(20, 400),
    cuts=st.lists(st.tuples(st.integers(1, 300), st.floats(0.5, 2.0)), max_size=5),
    factor=st.floats(0.5, 2.0),
)
def test_a_bent_map_is_monotone_and_ends_where_asked(
    codes: int, cuts: list[tuple[int, float]], factor: float
) -> None:
    """However often it is bent, frames before a bend keep their code and the total is exact."""
    stretch = Stretch()
    for frame, rate in sorted(cuts):
        if stretch.code_at(frame) >= codes - 5:
            break
        before = [stretch.index(f, codes) for f in range(frame)]
        stretch.bend(frame, NATURAL * Fraction(rate).limit_denominator(100))
        assert [stretch.index(f, codes) for f in range(frame)] == before
    start = min(30, stretch.frames_of(codes) - 1)
    total = start + max(1, round((stretch.frames_of(codes) - start) * factor))
    if start < 0:
        return
    stretch.fit(start, codes, total)
    indices = [stretch.index(f, codes) for f in range(total)]
    assert stretch.frames_of(codes) == total
    assert indices == sorted(indices)
    assert indices[-1] < codes


def test_bending_back_forgets_what_came_behind() -> None:
    """A bend before an older one replaces it."""
    stretch = Stretch()
    stretch.bend(50, NATURAL * 2)
    stretch.bend(20, NATURAL)
    assert stretch.code_at(60) == 60 * NATURAL
