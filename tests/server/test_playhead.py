"""The model of the listener's player."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.server.playhead import Playhead
from seiyuu.streaming.clock import ManualClock
from seiyuu.streaming.ids import UtteranceId

pytestmark = pytest.mark.unit

ONE, TWO = UtteranceId(1), UtteranceId(2)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(100.0)


@pytest.fixture
def playhead(clock: ManualClock) -> Playhead:
    return Playhead(clock)


def test_the_first_packet_starts_the_player(playhead: Playhead, clock: ManualClock) -> None:
    """Position is the time since the first packet, never more than what was sent."""
    playhead.sent(ONE, 0.4)
    clock.advance(0.1)
    assert playhead.position_s(ONE) == pytest.approx(0.1)
    assert playhead.unplayed_s() == pytest.approx(0.3)
    clock.advance(1.0)
    assert playhead.position_s(ONE) == pytest.approx(0.4)


def test_a_player_that_ran_dry_waits(playhead: Playhead, clock: ManualClock) -> None:
    """Late audio is heard from when it came, and the wait is the underrun."""
    playhead.sent(ONE, 0.2)
    clock.advance(0.5)
    playhead.sent(ONE, 0.4)
    clock.advance(0.1)
    assert playhead.position_s(ONE) == pytest.approx(0.3)
    assert playhead.tracks[0].worst_underrun_s == pytest.approx(0.3)


def test_the_next_utterance_sounds_after_the_last(playhead: Playhead, clock: ManualClock) -> None:
    """An utterance sent early begins where the one before ends, without an underrun of its own."""
    playhead.sent(ONE, 1.0)
    playhead.complete(ONE)
    clock.advance(0.7)
    playhead.sent(TWO, 0.2)
    assert playhead.position_s(TWO) == 0
    assert playhead.unplayed_s() == pytest.approx(0.5)
    clock.advance(0.4)
    assert playhead.played_out() == ONE
    assert playhead.position_s(TWO) == pytest.approx(0.1)
    assert playhead.tracks[1].worst_underrun_s == 0


def test_a_report_replaces_the_guess(playhead: Playhead, clock: ManualClock) -> None:
    """The player's word counts, for the utterance and for those behind it."""
    playhead.sent(ONE, 1.0)
    playhead.sent(TWO, 0.5)
    clock.advance(0.5)
    playhead.report(ONE, 0.3)
    assert playhead.position_s(ONE) == pytest.approx(0.3)
    clock.advance(0.7)
    assert playhead.position_s(TWO) == 0
    clock.advance(0.1)
    assert playhead.position_s(TWO) == pytest.approx(0.1)
    playhead.report(ONE, 99.0)
    assert playhead.position_s(ONE) == 1.0


def test_a_pause_holds_time(playhead: Playhead, clock: ManualClock) -> None:
    """While the voice is held, nothing is heard."""
    playhead.sent(ONE, 1.0)
    clock.advance(0.2)
    playhead.pause()
    clock.advance(5.0)
    assert playhead.position_s(ONE) == pytest.approx(0.2)
    playhead.resume()
    clock.advance(0.1)
    assert playhead.position_s(ONE) == pytest.approx(0.3)


def test_a_rewind_voids_what_was_sent(playhead: Playhead, clock: ManualClock) -> None:
    """After a rewind the utterance is not complete and its end is nearer."""
    playhead.sent(ONE, 1.0)
    playhead.complete(ONE)
    clock.advance(0.2)
    playhead.rewound(ONE, 0.5)
    assert playhead.unplayed_s() == pytest.approx(0.3)
    clock.advance(1.0)
    assert playhead.played_out() is None
    assert playhead.remove(ONE) is not None
    assert playhead.unplayed_s() == 0


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["send", "advance", "pause", "resume", "report"]),
        st.floats(0.0, 2.0, allow_nan=False),
    ),
    max_size=40,
)


@given(STEPS)
def test_a_position_lies_within_what_was_sent(steps: list[tuple[str, float]]) -> None:
    """Whatever happens, nobody has heard what was not sent, nor less than nothing."""
    clock = ManualClock()
    playhead = Playhead(clock)
    sent = 0.0
    for kind, amount in steps:
        if kind == "send":
            sent += amount
            playhead.sent(ONE, sent)
        elif kind == "advance":
            clock.advance(amount)
        elif kind == "pause":
            playhead.pause()
        elif kind == "resume":
            playhead.resume()
        else:
            playhead.report(ONE, amount)
        assert 0 <= playhead.position_s(ONE) <= sent + 1e-9
        assert -1e-9 <= playhead.unplayed_s() <= sent + 1e-9
