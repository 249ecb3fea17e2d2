"""The playout buffer of a client."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.audio import Samples
from seiyuu.streaming.ids import UtteranceId
from seiyuu.streaming.jitter import Arrived, JitterBuffer

pytestmark = pytest.mark.unit

RATE = 1000
PTIME = 20
FADE = 5


def packet(
    number: int,
    *,
    utterance: int = 1,
    seq: int | None = None,
    last: bool = False,
    level: float = 1.0,
) -> Arrived:
    """The so-manieth packet of an utterance, all of one level."""
    samples = np.full(PTIME, level, np.float32)
    return Arrived(
        UtteranceId(utterance), number if seq is None else seq, number * PTIME, samples, last
    )


def filled(count: int, *, last: bool = True, target_ms: int = 60) -> JitterBuffer:
    """A buffer with the first packets of an utterance."""
    buffer = JitterBuffer(RATE, target_ms)
    for number in range(count):
        buffer.put(packet(number, last=last and number == count - 1))
    return buffer


def loud(samples: Samples) -> int:
    """Samples at full level."""
    return int((samples == 1.0).sum())


def test_playback_begins_when_enough_is_here() -> None:
    """Silence until then, and that is no underrun."""
    buffer = filled(2, last=False)
    assert not buffer.take(50).any()
    assert buffer.played is None
    buffer.put(packet(2))
    assert buffer.buffered == 60
    assert loud(buffer.take(60)) == 60 - FADE + 1
    assert buffer.played == (1, 60)
    assert buffer.underruns == 0


def test_a_short_utterance_begins_when_it_is_whole() -> None:
    """It will never reach the target."""
    buffer = filled(1)
    assert loud(buffer.take(PTIME)) == PTIME - FADE + 1
    assert buffer.played is None
    assert not buffer.take(10)[FADE:].any()
    assert buffer.underruns == 0
    assert len(buffer.take(0)) == 0


@given(st.permutations(range(8)), st.lists(st.integers(1, 50), min_size=1, max_size=5))
def test_packets_are_put_in_order(order: list[int], sizes: list[int]) -> None:
    """Any order of arrival and any way of taking gives the same sound."""
    buffer = JitterBuffer(RATE, target_ms=8 * PTIME)
    for number in order:
        buffer.put(
            Arrived(
                UtteranceId(1),
                number,
                number * PTIME,
                np.full(PTIME, number + 1, np.float32),
                number == 7,
            )
        )
        buffer.put(packet(number, level=9.0))
    taken: list[Samples] = []
    while sum(map(len, taken)) < 8 * PTIME:
        taken.append(buffer.take(sizes[len(taken) % len(sizes)]))
    sound = np.concatenate(taken)[: 8 * PTIME]
    assert np.array_equal(sound[FADE:], np.repeat(np.arange(1, 9), PTIME)[FADE:].astype(np.float32))


def test_running_dry_is_an_underrun_and_is_waited_for() -> None:
    """Sound fades out and in, nothing is lost, the place is kept."""
    buffer = filled(3, last=False)
    buffer.take(60)
    dry = buffer.take(20)
    assert dry[0] == 1.0
    assert not dry[FADE:].any()
    assert not buffer.take(20).any()
    assert buffer.underruns == 1
    assert buffer.played == (1, 60)
    for number in range(3, 6):
        buffer.put(packet(number, last=number == 5))
    sound = buffer.take(60)
    assert sound[0] == 0.0
    assert loud(sound) == 60 - FADE + 1


def test_a_lost_packet_is_bridged() -> None:
    """By an echo of what came before; when it comes after all it is too late."""
    buffer = JitterBuffer(RATE, 20)
    for number in (0, 1, 3):
        buffer.put(packet(number, last=number == 3))
    sound = buffer.take(4 * PTIME)
    assert sound[2 * PTIME] == 1.0
    assert 0 < sound[2 * PTIME + 10] < 1
    assert buffer.concealed == PTIME
    buffer.put(packet(2))
    assert buffer.buffered == 0
    assert buffer.underruns == 0


def test_a_long_loss_ends_in_silence() -> None:
    """The echo does not go on for ever, and a second hole has none."""
    buffer = JitterBuffer(RATE, 20)
    for number in (0, 9, 11):
        buffer.put(packet(number, last=number == 11))
    sound = buffer.take(12 * PTIME)
    assert not sound[2 * PTIME : 9 * PTIME].any()
    assert buffer.concealed == 9 * PTIME


def test_an_utterance_whose_beginning_was_lost_begins_with_silence() -> None:
    """There is nothing to echo."""
    buffer = JitterBuffer(RATE, 20)
    buffer.put(packet(1, last=True))
    sound = buffer.take(2 * PTIME)
    assert not sound[:PTIME].any()
    assert loud(sound[PTIME:]) == PTIME - FADE + 1


def test_a_packet_that_overlaps_what_was_played_gives_its_rest() -> None:
    """Its samples from the position on are played."""
    buffer = filled(3, last=False)
    buffer.take(50)
    buffer.put(Arrived(UtteranceId(1), 9, 55, np.full(PTIME, 0.5, np.float32), True))
    sound = buffer.take(25)
    assert sound.tolist() == [1.0] * 10 + [0.5] * 15


def test_after_a_rewind_the_new_rendering_is_played() -> None:
    """What was not played of the old one is gone, also what is still on its way."""
    buffer = filled(5, last=False)
    buffer.take(30)
    buffer.rewind(UtteranceId(1), 40, 6)
    assert buffer.buffered == 10
    buffer.put(packet(5))
    buffer.put(packet(3))
    for number in (2, 3, 4):
        buffer.put(packet(number, seq=number + 4, level=0.5, last=number == 4))
    sound = buffer.take(70)
    assert sound.tolist() == [1.0] * 10 + [0.5] * 60
    assert buffer.underruns == 0


def test_rewinds_add_up() -> None:
    """A straggler of the first rendering is known also after a later rewind."""
    buffer = filled(2, last=False)
    buffer.rewind(UtteranceId(1), 20, 10)
    buffer.rewind(UtteranceId(1), 60, 20)
    buffer.put(packet(2, seq=2))
    assert buffer.buffered == PTIME
    buffer.put(packet(2, seq=11))
    assert buffer.buffered == 2 * PTIME


def test_a_dropped_utterance_is_silent_at_once() -> None:
    """Its stragglers too; the next one plays, and others that wait are left alone."""
    buffer = filled(4, last=False)
    buffer.put(packet(0, utterance=2, seq=10, last=True))
    buffer.take(30)
    buffer.drop(UtteranceId(1))
    buffer.put(packet(4))
    assert buffer.played is None
    assert loud(buffer.take(PTIME)) > 0
    buffer.put(packet(0, utterance=3, seq=11, last=True))
    buffer.drop(UtteranceId(3))
    assert buffer.buffered == 0


def test_utterances_follow_each_other() -> None:
    """Also when the end of the first was lost."""
    buffer = filled(3, last=False)
    for number in range(3):
        buffer.put(packet(number, utterance=2, seq=10 + number, last=number == 2))
    sound = buffer.take(120)
    assert loud(sound) == 120 - FADE + 1
    assert buffer.played is None
    buffer.put(packet(3))
    assert buffer.buffered == 0


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.integers(0, 12), st.integers(1, 3)),
            st.tuples(st.just("take"), st.integers(0, 90), st.just(0)),
            st.tuples(st.just("rewind"), st.integers(0, 200), st.integers(0, 40)),
            st.tuples(st.just("drop"), st.integers(1, 3), st.just(0)),
        ),
        max_size=40,
    )
)
def test_whatever_comes_the_sound_card_gets_its_samples(order: list[tuple[str, int, int]]) -> None:
    """As many as it asked for, within full scale, and the buffer stays in order."""
    buffer = JitterBuffer(RATE, 40)
    for name, value, other in order:
        match name:
            case "put":
                buffer.put(packet(value, utterance=other, seq=other * 13 + value, last=value == 12))
            case "take":
                sound = buffer.take(value)
                assert len(sound) == value
                assert np.abs(sound).max(initial=0.0) <= 1.0
            case "rewind":
                buffer.rewind(UtteranceId(1), value, other)
            case _:
                buffer.drop(UtteranceId(value))
        assert buffer.buffered >= 0
