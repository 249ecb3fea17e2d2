"""Everything a client should not send: one clear error each, nobody else disturbed, nothing left behind."""

import asyncio
import json
from typing import Any

import pytest

from seiyuu.streaming.packet import Packet

pytestmark = pytest.mark.e2e

GOOD = "大家好,今天我们来玩一个新游戏!"

BAD: list[tuple[str, str | bytes, str]] = [
    ("broken JSON", '{"type": "text.del', "bad_message"),
    ("no object", "[1, 2]", "bad_message"),
    ("no type", "{}", "bad_message"),
    ("unknown type", '{"type": "text.detla", "text": "x"}', "bad_message"),
    ("a field that does not exist", '{"type": "text.delta", "txt": "x"}', "bad_message"),
    ("a field of another kind", '{"type": "text.delta", "text": 3}', "bad_message"),
    ("a field twice", '{"type": "text.delta", "text": "a", "text": "b"}', "bad_message"),
    ("NaN", '{"type": "playback.report", "utterance": 1, "played_ms": NaN}', "bad_message"),
    ("nested", '{"type":' + "[" * 5000 + "]" * 5000 + "}", "bad_message"),
    ("a huge number", '{"type": "text.end", "utterance": ' + "9" * 5000 + "}", "bad_message"),
    ("a binary frame", b"\x01\x02\x03", "bad_message"),
    ("an empty binary frame", b"", "bad_message"),
    ("a second start", '{"type": "session.start"}', "bad_message"),
    ("a message of the server", '{"type": "utterance.ended", "utterance": 1}', "bad_message"),
    ("the end of nothing", '{"type": "text.end"}', "bad_message"),
    ("the end of nobody", '{"type": "text.end", "utterance": 77}', "bad_message"),
    ("a cancel of nobody", '{"type": "speech.cancel", "utterance": 77}', "bad_message"),
    ("half a character", json.dumps({"type": "text.delta", "text": "a\udc00b"}), "bad_text"),
    ("too long", json.dumps({"type": "text.delta", "text": "字" * 100_000}), "text_too_long"),
    ("unknown voice", '{"type": "voice.set", "voice": "nobody"}', "unknown_voice"),
    ("unknown emotion", '{"type": "emotion.set", "emotion": "hungry"}', "unknown_emotion"),
    ("a vector too short", '{"type": "emotion.set", "emotion": {"vector": [1]}}', "bad_message"),
    (
        "an empty description",
        '{"type": "emotion.set", "emotion": {"describe": " "}}',
        "unknown_emotion",
    ),
    ("a clip", '{"type": "emotion.set", "emotion": {"reference": "c1"}}', "unknown_emotion"),
    ("a pace of nothing", '{"type": "pace.set", "mode": "controlled"}', "bad_message"),
]


@pytest.mark.parametrize(("frame", "code"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
async def test_a_bad_message_is_one_error(
    running: Any, raw: Any, frame: str | bytes, code: str
) -> None:
    """The session that sent it goes on, and so does the one beside it."""
    async with raw(running) as peer, raw(running) as other:
        await peer.start()
        await other.start()
        await other.send("text.delta", text="一二三。")
        await other.send("text.end")
        await peer.socket.send(frame)
        error = await peer.until("error")
        assert error["code"] == code
        assert error["message"]
        assert len(error["message"]) < 400
        await peer.send("text.delta", text="一")
        await peer.send("text.end")
        ended = await peer.until("utterance.ended")
        assert ended["reason"] == "end"
        assert len([m for m in peer.got if isinstance(m, dict) and m["type"] == "error"]) == 1
        ended = await other.until("utterance.ended")
        assert (ended["reason"], ended["duration_ms"]) == ("end", 3 * 120 + 60)
    await running.empty()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"voice": "nobody"}, "unknown_voice"),
        ({"language": "tlh"}, "bad_message"),
        ({"protocol": 2}, "unsupported"),
        ({"audio": {"codec": "mp3"}}, "bad_audio"),
        ({"audio": {"sample_rate": 12345}}, "bad_audio"),
        ({"audio": {"codec": "opus", "sample_rate": 44100}}, "bad_audio"),
        ({"audio": {"ptime_ms": 7}}, "bad_audio"),
        ({"emotion": "hungry"}, "unknown_emotion"),
        ({"emotion": {"describe": " "}}, "unknown_emotion"),
        ({"marks": ["colour"]}, "bad_message"),
        ({"lead_ms": -1}, "bad_message"),
        ({"resume": {"token": "stolen", "next_seq": 0}}, "bad_message"),
    ],
)
async def test_a_session_that_cannot_be_is_refused(
    running: Any, raw: Any, fields: dict[str, Any], code: str
) -> None:
    """One error, then the connection closes with 1008."""
    async with raw(running) as peer:
        await peer.send("session.start", **fields)
        assert (await peer.until("error"))["code"] == code
        assert await peer.code() == 1008
    await running.empty()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "😀🎉",
        "…!?",
        "\x00\x07\x1b[31m",
        "\u202e\u2066abc",
        "é" + "\u0301" * 3000,
        "<" * 5000,
        "[" * 3000,
    ],
    ids=["empty", "blank", "emoji", "punctuation", "control", "bidi", "zalgo", "tags", "brackets"],
)
async def test_odd_text_is_spoken_or_passed_over(running: Any, raw: Any, text: str) -> None:
    """No error and no crash: it ends like any other utterance, and the next one is heard."""
    async with raw(running) as peer:
        await peer.start(lead_ms=10_000)
        await peer.send("text.delta", text=text)
        await peer.send("text.end")
        await peer.send("speech.cancel")
        await peer.until("utterance.ended")
        await peer.send("text.delta", text="一")
        await peer.send("text.end")
        await peer.until("utterance.ended", utterance=2, reason="end")
    await running.empty()


async def test_text_before_the_start(running: Any, raw: Any) -> None:
    """Messages out of order are told what was expected; the start may still come."""
    async with raw(running) as peer:
        await peer.send("text.delta", text="x")
        assert "session.start" in (await peer.until("error"))["message"]
        await peer.start()


async def test_many_utterances_at_once_are_bounded(running: Any, raw: Any) -> None:
    """Beyond the limit the text is refused as retryable, what was queued is spoken."""
    async with raw(running) as peer:
        started = await peer.start()
        limit = started["limits"]["utterances"]
        for n in range(limit + 1):
            await peer.send("text.delta", text="一", utterance=n + 1)
            await peer.send("text.end", utterance=n + 1)
        error = await peer.until("error")
        assert (error["code"], error["retryable"]) == ("rate_limited", True)
        await peer.until("utterance.ended", utterance=limit)


async def test_a_client_that_vanishes_frees_its_slot(serve: Any, raw: Any) -> None:
    """Without a close, in the middle of speech, with resumption waited for or not."""
    running = await serve(limits={"resume_window_ms": 50})
    async with raw(running) as peer:
        await peer.start()
        await peer.send("text.delta", text=GOOD * 50)
        await peer.until("utterance.started")
        peer.socket.transport.abort()
        await running.empty()


async def test_a_client_that_stops_reading_is_expelled(serve: Any, raw: Any) -> None:
    """Its buffers are bounded and freed, and nobody else misses a packet."""
    running = await serve(limits={"slow_reader_ms": 300, "send_buffer_bytes": 4096})
    async with raw(running) as other, raw(running, max_queue=1) as slow:
        audio = {"codec": "pcm_f32le", "sample_rate": 48_000}
        await slow.start(lead_ms=10_000, audio=audio)
        await other.start()
        slow.socket.transport.pause_reading()
        for n in range(4):
            await slow.send("text.delta", text=GOOD * 100, utterance=n + 1)
        await other.send("text.delta", text=GOOD)
        await other.send("text.end")
        await other.until("utterance.ended", reason="end")
        assert [p.seq for p in other.packets()] == list(range(len(other.packets())))
        async with asyncio.timeout(20):
            while len(running.server.sessions.live) > 1:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert b"seiyuu_slow_readers_total 1.0" in running.server.metrics.exposition()
        slow.socket.transport.resume_reading()
        slow.socket.transport.abort()


async def test_a_full_server_says_when_to_come_again(serve: Any, raw: Any) -> None:
    """1013, with the milliseconds; a place that is given back is free at once."""
    running = await serve(limits={"max_sessions": 1, "retry_after_ms": 321})
    async with raw(running) as first:
        await first.start()
        async with raw(running) as second:
            await second.send("session.start")
            error = await second.until("error")
            assert (error["code"], error["retry_after_ms"]) == ("overloaded", 321)
            assert await second.code() == 1013
        await first.send("session.close")
        assert await first.code() == 1000
        await running.empty()
        async with raw(running) as third:
            await third.start()


async def test_strangers_are_refused(serve: Any, raw: Any) -> None:
    """Without the key, or from a page of another site, the connection closes with 1008."""
    running = await serve(api_keys=("secret",))
    for headers in (
        {},
        {"X-API-Key": "wrong"},
        {"X-API-Key": "secret", "Origin": "https://evil.example"},
    ):
        async with raw(running, additional_headers=headers) as peer:
            assert (await peer.until("error"))["code"] == "unauthorized"
            assert await peer.code() == 1008
    async with raw(running, additional_headers={"Authorization": "Bearer secret"}) as peer:
        await peer.start()


async def test_a_hundred_sessions_come_and_go(running: Any, raw: Any) -> None:
    """Half of them rudely; afterwards the server is as it was."""

    async def one(n: int) -> None:
        async with raw(running) as peer:
            await peer.start(marks=["word"])
            await peer.send("text.delta", text=GOOD)
            await peer.until("utterance.started")
            if n % 2:
                peer.socket.transport.abort()
            else:
                await peer.send("session.close")
                assert await peer.code() == 1000
                assert any(isinstance(what, Packet) and what.last for what in peer.got)

    for _ in range(4):
        await asyncio.gather(*(one(n) for n in range(25)))
    for session in running.server.sessions.live:
        session.end()
    await running.empty()
