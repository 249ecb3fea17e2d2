"""What a session does when its client is lost, slow, or too many, on virtual time."""

import asyncio
from typing import Any

import pytest

from seiyuu.streaming.packet import Packet

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

TEXT = "大家好今天我们来玩一个新游戏"
FRAME = 480


def times(peer: Any) -> list[float]:
    return [t for t, what in peer.got if isinstance(what, Packet)]


async def test_a_lost_client_finds_its_session_again(harness: Any) -> None:
    """With its token and the next packet it wants, it gets everything once, in order, on a new connection."""
    peer = await harness.connect(marks=["char"])
    started = peer.messages("session.started")[0]
    await peer.say(TEXT)
    await peer.until("utterance.started")
    await asyncio.sleep(0.4)
    peer.vanish()
    await asyncio.sleep(3)
    seen = peer.packets()[:-5]  # the last five never arrived
    again = await harness.open()
    resume = {"token": started["resume_token"], "next_seq": len(seen)}
    await again.send("session.start", resume=resume)
    assert (await again.until("session.started"))["session"] == started["session"]
    await again.until("utterance.ended", reason="end")
    packets = seen + again.packets()
    assert [p.seq for p in packets] == list(range(len(packets)))
    assert [p.timestamp for p in packets] == [n * FRAME for n in range(len(packets))]
    assert packets[-1].last


async def test_a_session_that_is_not_fetched_ends(make_harness: Any) -> None:
    """After the window the slot and the place are free, and the token is worth nothing."""
    harness = await make_harness(resume_window_ms=2000)
    peer = await harness.connect()
    token = peer.messages("session.started")[0]["resume_token"]
    await peer.say(TEXT * 20)
    await peer.until("utterance.started")
    peer.vanish()
    await asyncio.sleep(1)
    assert harness.engine.streams == 1
    await asyncio.sleep(1.5)
    harness.assert_nothing_left()
    again = await harness.open()
    await again.send("session.start", resume={"token": token, "next_seq": 0})
    assert (await again.until("error"))["code"] == "bad_message"
    await again.gone.wait()
    assert again.end.close_code == 1008


async def test_a_newcomer_gets_the_place_of_one_who_is_gone(make_harness: Any) -> None:
    """A full server ends a session that waits for its client rather than refuse a client that is there."""
    harness = await make_harness(max_sessions=1)
    peer = await harness.connect()
    refused = await harness.open()
    await refused.send("session.start")
    error = await refused.until("error")
    assert error["code"] == "overloaded"
    assert error["retryable"] is True
    assert error["retry_after_ms"] > 0
    await refused.gone.wait()
    assert refused.end.close_code == 1013
    peer.vanish()
    await asyncio.sleep(0.1)
    await harness.connect()


async def test_a_client_that_does_not_read_is_expelled(make_harness: Any) -> None:
    """Its connection ends with ``slow_reader``; another session hears every packet on time."""
    harness = await make_harness(slow_reader_ms=1000)
    slow = await harness.connect(lead_ms=5000)
    other = await harness.connect()
    slow._reading.cancel()
    await slow.say(TEXT * 20)
    await other.say(TEXT * 3)
    await asyncio.sleep(15)
    assert slow.end.close_code == 1008
    assert "slow_reader" in slow.end._incoming._items[-1]
    await other.until("utterance.ended", reason="end")
    gaps = [b - a for a, b in zip(times(other)[20:], times(other)[21:], strict=False)]
    assert max(gaps) <= 0.021


async def test_the_engine_is_not_run_for_a_listener_who_is_behind(harness: Any) -> None:
    """Backpressure: a long text is not made further ahead than the queues allow."""
    peer = await harness.connect()
    await peer.say(TEXT * 50)
    await peer.until("utterance.started")
    await asyncio.sleep(1)
    job = next(iter(harness.engine._open)).job
    made_s = job._position * 0.01
    assert made_s < 1 + 0.4 + 1.0 + 2.0 + 0.3  # played, lead, outbox, host, one step


async def test_a_drain_lets_everyone_finish(harness: Any) -> None:
    """Idle sessions are closed, running ones finish, new ones are refused with the time to come again."""
    idle, busy = await harness.connect(), await harness.connect()
    await busy.say(TEXT)
    await busy.until("utterance.started")
    drain = asyncio.create_task(harness.server.drain())
    await idle.gone.wait()
    assert idle.end.close_code == 1001
    late = await harness.open()
    await late.send("session.start")
    assert (await late.until("error"))["code"] == "overloaded"
    await late.gone.wait()
    assert late.end.close_code == 1013
    await busy.until("utterance.ended", reason="end")
    await drain
    assert busy.end.close_code == 1001


async def test_nothing_said_at_first_is_not_waited_for_for_ever(make_harness: Any) -> None:
    """A connection that starts no session is closed."""
    harness = await make_harness(start_timeout_ms=1000)
    peer = await harness.open()
    await peer.send("text.delta", text="hello")
    assert (await peer.until("error"))["code"] == "bad_message"
    await peer.gone.wait()
    assert peer.end.close_code == 1008


async def test_a_flood_is_slowed_down_and_nothing_is_lost(make_harness: Any) -> None:
    """More messages than the limit wait in their own connection; the client is warned once."""
    harness = await make_harness(messages_per_s=100, message_burst=10)
    peer = await harness.connect()
    for character in TEXT * 4:
        await peer.send("text.delta", text=character)
    await peer.send("text.end")
    ended = await peer.until("utterance.ended")
    assert ended["duration_ms"] == len(TEXT) * 4 * 120
    assert [m["code"] for m in peer.messages("warning")] == ["rate_limited"]
