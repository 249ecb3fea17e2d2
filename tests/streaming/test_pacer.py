"""When packets may leave, and the model of the listener's player behind that."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.clock import ManualClock
from seiyuu.streaming.ids import UtteranceId
from seiyuu.streaming.pacer import Pacer

pytestmark = pytest.mark.unit

ONE, TWO = UtteranceId(1), UtteranceId(2)
LEAD_S = 0.4


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(100.0)


@pytest.fixture
def pacer(clock: ManualClock) -> Pacer:
    return Pacer(clock, LEAD_S)


def test_the_first_packet_starts_the_player(pacer: Pacer, clock: ManualClock) -> None:
    """Position is the time since the first packet, never more than what was sent."""
    pacer.sent(ONE, 0.4)
    clock.advance(0.1)
    assert pacer.position_s(ONE) == pytest.approx(0.1)
    assert pacer.unplayed_s() == pytest.approx(0.3)
    clock.advance(1.0)
    assert pacer.position_s(ONE) == pytest.approx(0.4)


def test_a_player_that_ran_dry_waits(pacer: Pacer, clock: ManualClock) -> None:
    """Late audio is heard from when it came, and the wait is the underrun."""
    pacer.sent(ONE, 0.2)
    clock.advance(0.5)
    pacer.sent(ONE, 0.4)
    clock.advance(0.1)
    assert pacer.position_s(ONE) == pytest.approx(0.3)
    assert pacer.tracks[0].worst_underrun_s == pytest.approx(0.3)


def test_the_next_utterance_sounds_after_the_last(pacer: Pacer, clock: ManualClock) -> None:
    """An utterance sent early begins where the one before ends, without an underrun of its own."""
    pacer.sent(ONE, 1.0)
    pacer.complete(ONE)
    clock.advance(0.7)
    pacer.sent(TWO, 0.2)
    assert pacer.position_s(TWO) == 0
    assert pacer.unplayed_s() == pytest.approx(0.5)
    clock.advance(0.4)
    assert pacer.played_out() == ONE
    assert pacer.position_s(TWO) == pytest.approx(0.1)
    assert pacer.tracks[1].worst_underrun_s == 0


def test_a_report_replaces_the_guess(pacer: Pacer, clock: ManualClock) -> None:
    """The player's word counts, for the utterance and for those behind it."""
    pacer.sent(ONE, 1.0)
    pacer.sent(TWO, 0.5)
    clock.advance(0.5)
    pacer.report(ONE, 0.3)
    assert pacer.position_s(ONE) == pytest.approx(0.3)
    clock.advance(0.7)
    assert pacer.position_s(TWO) == 0
    clock.advance(0.1)
    assert pacer.position_s(TWO) == pytest.approx(0.1)
    pacer.report(ONE, 99.0)
    assert pacer.position_s(ONE) == 1.0


def test_a_pause_holds_time(pacer: Pacer, clock: ManualClock) -> None:
    """While the voice is held, nothing is heard."""
    pacer.sent(ONE, 1.0)
    clock.advance(0.2)
    pacer.pause()
    clock.advance(5.0)
    assert pacer.position_s(ONE) == pytest.approx(0.2)
    pacer.resume()
    clock.advance(0.1)
    assert pacer.position_s(ONE) == pytest.approx(0.3)


def test_a_rewind_voids_what_was_sent(pacer: Pacer, clock: ManualClock) -> None:
    """After a rewind the utterance is not complete and its end is nearer."""
    pacer.sent(ONE, 1.0)
    pacer.complete(ONE)
    clock.advance(0.2)
    pacer.rewound(ONE, 0.5)
    assert pacer.unplayed_s() == pytest.approx(0.3)
    clock.advance(1.0)
    assert pacer.played_out() is None
    assert pacer.remove(ONE) is not None
    assert pacer.unplayed_s() == 0


def test_a_packet_leaves_a_lead_ahead_of_the_listener(pacer: Pacer, clock: ManualClock) -> None:
    """The lead may be filled at once; after that each packet waits until its length was played."""
    sent_s = 0.0
    while pacer.due_s(0.02) <= 1e-9:
        sent_s += 0.02
        pacer.sent(ONE, sent_s)
    assert sent_s == pytest.approx(LEAD_S)
    assert pacer.due_s(0.02) == pytest.approx(0.02)
    clock.advance(0.02)
    assert pacer.due_s(0.02) == pytest.approx(0)


def test_a_listener_behind_the_guess_holds_packets_back(pacer: Pacer, clock: ManualClock) -> None:
    """What a report says was not heard yet counts against the lead."""
    pacer.sent(ONE, 0.4)
    clock.advance(0.2)
    assert pacer.due_s(0.02) == pytest.approx(-0.18)
    pacer.report(ONE, 0.0)
    assert pacer.due_s(0.02) == pytest.approx(0.02)


def test_nothing_leaves_while_paused(pacer: Pacer, clock: ManualClock) -> None:
    """A held voice has no next packet and no end, and goes on where it was."""
    pacer.sent(ONE, 0.4)
    pacer.complete(ONE)
    clock.advance(0.1)
    pacer.pause()
    clock.advance(9.0)
    assert pacer.due_s(0.02) == pacer.over_in_s() == math.inf
    pacer.resume()
    assert pacer.due_s(0.02) == pytest.approx(-0.08)
    assert pacer.over_in_s() == pytest.approx(0.3)


def test_an_utterance_not_sent_to_its_end_is_not_over(pacer: Pacer, clock: ManualClock) -> None:
    """Its end is known when its last packet has left."""
    assert pacer.over_in_s() == math.inf
    pacer.sent(ONE, 0.2)
    clock.advance(1.0)
    assert pacer.over_in_s() == math.inf
    assert pacer.played_out() is None
    pacer.complete(ONE)
    assert pacer.over_in_s() == 0
    assert pacer.played_out() == ONE


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
    pacer = Pacer(clock, LEAD_S)
    sent = 0.0
    for kind, amount in steps:
        if kind == "send":
            sent += amount
            pacer.sent(ONE, sent)
        elif kind == "advance":
            clock.advance(amount)
        elif kind == "pause":
            pacer.pause()
        elif kind == "resume":
            pacer.resume()
        else:
            pacer.report(ONE, amount)
        assert 0 <= pacer.position_s(ONE) <= sent + 1e-9
        assert -1e-9 <= pacer.unplayed_s() <= sent + 1e-9
