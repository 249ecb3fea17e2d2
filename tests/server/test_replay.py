"""The frames kept for a client that comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.server.replay import Replay

pytestmark = pytest.mark.unit


def test_what_follows_a_packet() -> None:
    """Packets from the number on, and every message behind the packet before it."""
    replay = Replay(1000)
    for frame in ("a", b"0", "b", b"1", "c", b"2", "d"):
        replay.record(frame)
    assert replay.since(0) == ["a", b"0", "b", b"1", "c", b"2", "d"]
    assert replay.since(2) == ["c", b"2", "d"]
    assert replay.since(3) == ["d"]
    assert replay.since(4) is None


@given(
    st.lists(
        st.one_of(st.text(min_size=1, max_size=9), st.binary(min_size=1, max_size=9)), max_size=60
    ),
    st.integers(1, 60),
)
def test_never_a_part(frames: list[str | bytes], bound: int) -> None:
    """Either everything from there on is still here, or nothing is given."""
    replay = Replay(bound)
    whole: list[tuple[int, str | bytes]] = []
    packets = 0
    for frame in frames:
        replay.record(frame)
        whole.append((packets, frame))
        packets += isinstance(frame, bytes)
    assert replay.next_seq == packets
    assert replay.bytes <= max(bound, 9)
    for seq in range(packets + 1):
        wanted = [frame for before, frame in whole if before >= seq]
        assert replay.since(seq) in (wanted, None)
        if sum(map(len, wanted)) <= bound:
            behind = [frame for before, frame in whole if before >= seq - 1]
            if sum(map(len, behind)) <= bound:
                assert replay.since(seq) == wanted
