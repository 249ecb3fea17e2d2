"""Clocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.clock import ManualClock, SystemClock

pytestmark = pytest.mark.unit


def test_the_system_clock_never_goes_back() -> None:
    """Two readings in a row are in order."""
    clock = SystemClock()
    assert clock.now() <= clock.now()


@given(st.lists(st.integers(0, 10**6)))
def test_a_manual_clock_moves_only_when_told(steps: list[int]) -> None:
    """Its time is the sum of what it was advanced by."""
    clock = ManualClock(5.0)
    for step in steps:
        clock.advance(step)
    assert clock.now() == 5.0 + sum(steps)


def test_a_manual_clock_cannot_go_back() -> None:
    """A negative step is a mistake of the test that makes it."""
    with pytest.raises(ValueError, match="cannot go back"):
        ManualClock().advance(-1)
