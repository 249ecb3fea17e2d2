"""The bounded queue of one utterance."""

import asyncio

import pytest

from seiyuu.server.outbox import Entry, Outbox
from seiyuu.streaming.ids import UtteranceId
from seiyuu.streaming.messages import MarkMessage
from seiyuu.streaming.packet import Packet

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]


def packet(at: int) -> Entry:
    return Entry(at, Packet(UtteranceId(1), 0, at, b""))


def mark(at: int) -> Entry:
    return Entry(
        at,
        MarkMessage(
            utterance=1, kind="char", text="x", char_start=0, char_end=1, start_ms=0, end_ms=1
        ),
    )


async def waits(outbox: Outbox) -> bool:
    """Whether a pump would have to wait now."""
    try:
        async with asyncio.timeout(1):
            await outbox.room()
    except TimeoutError:
        return True
    return False


async def test_high_stops_and_low_lets_go() -> None:
    """The pump waits at the high water mark until the low one is reached; messages do not count."""
    outbox = Outbox(4, lambda: None, low=2)
    for at in range(4):
        outbox.put(mark(at), 0)
        outbox.put(packet(at), 0)
    assert await waits(outbox)
    for _ in range(3):
        outbox.pop()
    assert await waits(outbox)
    outbox.pop()
    assert not await waits(outbox)


async def test_a_cancel_outdates_what_is_on_its_way() -> None:
    """After ``clear`` the old generation puts nothing any more and a waiting pump goes on."""
    outbox = Outbox(1, lambda: None)
    old = outbox.generation
    outbox.put(packet(0), old)
    assert await waits(outbox)
    outbox.clear()
    assert not await waits(outbox)
    outbox.put(packet(1), old)
    outbox.finish(old)
    assert outbox.head is None
    assert not outbox.complete
    outbox.put(packet(2), outbox.generation)
    assert outbox.head is not None


async def test_a_rewind_drops_packets_and_messages_by_their_own_place() -> None:
    """A mark inside the packet that comes again, but before the turn, holds."""
    outbox = Outbox(10, lambda: None)
    for entry in (packet(0), packet(480), mark(500), mark(700), packet(960)):
        outbox.put(entry, 0)
    outbox.finish(0)
    assert outbox.rewind(480, 600) is False
    assert not outbox.complete
    assert [outbox.pop().at for _ in range(2)] == [0, 500]
    assert outbox.head is None


async def test_a_rewind_knows_what_was_taken() -> None:
    """The client must be told only if packets from there on had left."""
    outbox = Outbox(10, lambda: None)
    for at in (0, 480, 960):
        outbox.put(packet(at), 0)
    outbox.pop()
    outbox.pop()
    assert outbox.rewind(480, 480) is True
    assert outbox.rewind(480, 480) is False


async def test_a_rewind_on_its_way_passes_a_full_outbox() -> None:
    """Lifted, the pump does not wait behind what is about to be dropped; afterwards the bound holds again."""
    outbox = Outbox(1, lambda: None)
    outbox.put(packet(0), 0)
    outbox.lift()
    assert not await waits(outbox)
    outbox.put(packet(480), 0)
    assert not await waits(outbox)
    outbox.rewind(0, 0)
    outbox.put(packet(0), 0)
    assert await waits(outbox)


async def test_each_change_is_told() -> None:
    """The speaker is woken for what is put and for the end."""
    calls: list[None] = []
    outbox = Outbox(3, lambda: calls.append(None))
    outbox.put(packet(0), 0)
    outbox.finish(0)
    assert len(calls) == 2


def test_an_outbox_holds_something() -> None:
    """A bound of nothing would never move."""
    with pytest.raises(ValueError, match="at least one"):
        Outbox(0, lambda: None)
