"""Segments and paces as values."""

import pytest

from seiyuu.streaming.segment import FREE, Pace, Segment

pytestmark = pytest.mark.unit


def test_a_segment_knows_where_it_ends() -> None:
    """char_end counts code points from char_start."""
    assert Segment("你好😀", 4).char_end == 7


@pytest.mark.parametrize(
    ("mode", "ratio", "duration_ms"),
    [("free", 1.0, None), ("free", None, 5), ("controlled", None, None), ("controlled", 1.0, 5)],
)
def test_a_pace_has_one_way_to_be_controlled(
    mode: str, ratio: float | None, duration_ms: int | None
) -> None:
    """A free pace has no target and a controlled one exactly one."""
    with pytest.raises(ValueError, match="one of ratio and duration_ms"):
        Pace(mode, ratio, duration_ms)  # type: ignore[arg-type]


def test_a_pace_is_free_unless_asked_otherwise() -> None:
    """The default has no target."""
    assert Pace() == FREE
    assert Pace("controlled", ratio=0.9).ratio == 0.9
