"""When each packet may leave."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.clock import ManualClock
from seiyuu.streaming.pacer import Pacer

pytestmark = pytest.mark.unit

RATE = 1000
PTIME = 20
LEAD = 100


def make() -> tuple[ManualClock, Pacer]:
    """A pacer at one sample a millisecond."""
    clock = ManualClock()
    return clock, Pacer(clock, RATE, LEAD)


def burst(pacer: Pacer) -> int:
    """Send all that may leave now; give how many packets."""
    count = 0
    while pacer.delay_until_next() == 0:
        pacer.left(PTIME)
        count += 1
    return count


def test_a_lead_leaves_at_once_and_then_one_packet_a_ptime() -> None:
    """The first packets fill the lead, the next wait for playback."""
    clock, pacer = make()
    assert burst(pacer) == LEAD // PTIME + 1
    for _ in range(50):
        assert pacer.delay_until_next() == pytest.approx(PTIME / RATE)
        clock.advance(PTIME / RATE)
        assert burst(pacer) == 1


def test_playback_stands_still_when_nothing_is_left() -> None:
    """A dry listener goes on where it stopped: no burst makes up for the pause."""
    clock, pacer = make()
    pacer.left(PTIME)
    clock.advance(10)
    assert pacer.played == pacer.sent == PTIME
    assert burst(pacer) == LEAD // PTIME + 1


def test_a_report_moves_the_model() -> None:
    """A listener that is behind gets no more; one that is ahead of what was sent is not believed."""
    clock, pacer = make()
    burst(pacer)
    clock.advance(0.1)
    pacer.reported(0)
    assert pacer.played == 0
    assert pacer.delay_until_next() > 0
    pacer.reported(10**6)
    assert pacer.played == pacer.sent
    pacer.reported(-5)
    assert pacer.played == 0


def test_nothing_leaves_while_paused() -> None:
    """And nothing counts as played; both calls may be repeated."""
    clock, pacer = make()
    burst(pacer)
    clock.advance(0.04)
    pacer.pause()
    pacer.pause()
    clock.advance(5)
    assert pacer.paused
    assert pacer.delay_until_next() == math.inf
    assert pacer.played == 40
    pacer.resume()
    clock.advance(0.02)
    pacer.resume()
    assert pacer.played == 60
    assert not pacer.paused


def test_after_a_rewind_the_same_time_is_filled_again() -> None:
    """Packets from there on may leave at once."""
    clock, pacer = make()
    sent = burst(pacer)
    clock.advance(0.04)
    pacer.rewind(60)
    assert (pacer.played, pacer.sent) == (40, 60)
    assert burst(pacer) == sent - 1
    pacer.rewind(0)
    assert pacer.played == 0


def test_after_a_drop_the_listener_has_nothing() -> None:
    """A cancel: the next utterance gets the whole lead at once."""
    clock, pacer = make()
    sent = burst(pacer)
    clock.advance(0.04)
    pacer.drop()
    assert pacer.sent == pacer.played == 40
    pacer.begin()
    assert pacer.sent == 0
    assert burst(pacer) == sent


def test_the_next_utterance_waits_behind_the_last() -> None:
    """Its lead counts what is still to be played before it."""
    clock, pacer = make()
    burst(pacer)
    pacer.begin()
    assert (pacer.sent, pacer.played) == (0, 0)
    assert pacer.delay_until_next() > 0
    clock.advance(0.1)
    burst(pacer)
    assert pacer.played == 0
    clock.advance(0.05)
    assert pacer.played == 30


steps = st.one_of(
    st.tuples(st.just("advance"), st.integers(0, 300)),
    st.tuples(st.just("reported"), st.integers(-10, 1000)),
    st.tuples(st.just("rewind"), st.integers(0, 1000)),
    st.tuples(st.sampled_from(["pause", "resume", "begin", "drop", "burst"]), st.just(0)),
)


@given(st.lists(steps, max_size=30))
def test_the_lead_is_never_exceeded(order: list[tuple[str, int]]) -> None:
    """By more than one packet, whatever happens; and nobody has played what was not sent."""
    clock, pacer = make()
    for name, value in order:
        ahead = pacer.ahead
        match name:
            case "advance":
                clock.advance(value / RATE)
            case "burst":
                burst(pacer)
                assert pacer.ahead <= max(ahead, LEAD + PTIME)
            case "reported" | "rewind":
                getattr(pacer, name)(value)
            case _:
                getattr(pacer, name)()
        assert 0 <= pacer.played <= max(pacer.sent, 0)
