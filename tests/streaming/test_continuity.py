"""Did it play without a gap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.continuity import Continuity, share_within

pytestmark = pytest.mark.unit


def played(*arrivals: tuple[float, int]) -> Continuity:
    """An utterance at 1000 samples a second."""
    continuity = Continuity(1000)
    for at_s, samples in arrivals:
        continuity.arrived(at_s, samples)
    return continuity


def test_a_player_starts_with_the_first_packet() -> None:
    """However late it is, that is no underrun."""
    assert played((100.0, 50)).worst_s == 0


def test_the_time_without_audio_is_the_underrun() -> None:
    """The worst one and their sum."""
    continuity = played((0.0, 100), (0.05, 100), (0.5, 100), (0.7, 100))
    assert continuity.worst_s == pytest.approx(0.3)
    assert continuity.total_s == pytest.approx(0.4)
    assert continuity.packets == 4


def test_a_player_that_stood_still_goes_on_later() -> None:
    """A gap is counted once, not again with each packet after it."""
    continuity = played((0.0, 100), (0.3, 100), (0.4, 100), (0.5, 100))
    assert continuity.total_s == pytest.approx(0.2)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 300)), min_size=1))
def test_the_player_ends_when_all_was_played(steps: list[tuple[int, int]]) -> None:
    """Start, audio and standing still add up to the end."""
    at_ms, arrivals = 0, []
    for wait_ms, samples in steps:
        at_ms += wait_ms
        arrivals.append((at_ms / 1000, samples))
    continuity = played(*arrivals)
    start_s = arrivals[0][0]
    audio_s = sum(samples for _, samples in arrivals) / 1000
    last_s = arrivals[-1][0] + arrivals[-1][1] / 1000
    assert start_s + audio_s + continuity.total_s >= last_s - 1e-9
    assert continuity.worst_s <= continuity.total_s + 1e-9


def test_the_share_counts_utterances_of_several_packets() -> None:
    """One packet alone cannot show a gap; nothing counted has no share."""
    good, bad, single = played((0, 100), (0.15, 9)), played((0, 100), (0.3, 9)), played((0, 100))
    share = share_within([good, bad, single], 100)
    assert (share.within, share.counted, share.percent) == (1, 2, 50.0)
    assert share_within([single], 100).percent is None


def test_what_is_dropped_is_missing_until_it_is_made_again() -> None:
    """A rewind takes its samples out of the player's store; late replacements are an underrun."""
    player = Continuity(1000)
    player.arrived(0.0, 500)
    player.rewound(300)
    assert player.arrived(0.25, 300) == pytest.approx(0.05)
    fresh = Continuity(1000)
    fresh.rewound(10)
    assert fresh.arrived(5.0, 10) == 0.0
