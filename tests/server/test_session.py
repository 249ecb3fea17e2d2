"""A session's life, on virtual time: what is said, in what order, when, and what is left behind."""

import asyncio
from typing import Any

import pytest

from seiyuu.streaming.packet import Packet

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

TEXT = "大家好今天我们来玩一个新游戏"
FRAME = 480


def now() -> float:
    return asyncio.get_running_loop().time()


def times(peer: Any, utterance: int = 1) -> list[float]:
    return [t for t, what in peer.got if isinstance(what, Packet) and what.utterance == utterance]


async def test_text_becomes_packets_in_order(harness: Any) -> None:
    """Packets count up, timestamps follow each other, the last is marked, and the end is told."""
    peer = await harness.connect()
    await peer.say(TEXT)
    ended = await peer.until("utterance.ended")
    packets = peer.packets()
    assert [p.seq for p in packets] == list(range(len(packets)))
    assert [p.timestamp for p in packets] == [n * FRAME for n in range(len(packets))]
    assert [p.last for p in packets] == [False] * (len(packets) - 1) + [True]
    assert all(len(p.payload) == 2 * FRAME for p in packets)
    assert ended == {
        "type": "utterance.ended",
        "utterance": 1,
        "duration_ms": len(TEXT) * 120,
        "reason": "end",
    }
    assert [m["type"] for m in peer.messages()][:2] == ["session.started", "utterance.started"]


async def test_the_lead_is_kept(harness: Any) -> None:
    """The first packets come at once as far as the lead reaches, the others in real time."""
    peer = await harness.connect(lead_ms=200)
    await peer.say(TEXT * 2)
    await peer.until("utterance.ended")
    at = times(peer)
    for n, t in enumerate(at):
        earliest = at[0] + (n + 1) * 0.02 - 0.2
        assert t >= earliest - 0.001
    late = [t - (at[0] + (n + 1) * 0.02 - 0.2) for n, t in enumerate(at) if n > 30]
    assert max(late) < 0.011


async def test_the_end_is_told_when_it_was_heard(harness: Any) -> None:
    """``utterance.ended`` comes when the listener has heard the last sample, not when it was sent."""
    peer = await harness.connect()
    await peer.say(TEXT)
    await peer.until("utterance.ended")
    ended_at = next(
        t for t, m in peer.got if isinstance(m, dict) and m["type"] == "utterance.ended"
    )
    assert ended_at - times(peer)[0] >= len(TEXT) * 0.12


async def test_marks_come_before_their_audio(harness: Any) -> None:
    """No mark is later than the packet in which it begins, and only the kinds asked for come."""
    peer = await harness.connect(marks=["char"])
    await peer.say(TEXT)
    await peer.until("utterance.ended")
    reached = 0.0
    for _, what in peer.got:
        if isinstance(what, Packet):
            reached = (what.timestamp + FRAME) / 24
        elif what["type"] == "mark":
            assert what["start_ms"] >= reached
            assert what["kind"] == "char"
    assert "".join(m["text"] for m in peer.messages("mark")) == TEXT


async def test_utterances_are_spoken_in_order_without_a_pause(harness: Any) -> None:
    """The next utterance is made while the last is still played, and follows it without a gap."""
    peer = await harness.connect()
    await peer.say(TEXT)
    await peer.say("第二句话")
    await peer.until("utterance.ended", utterance=2)
    one, two = times(peer, 1), times(peer, 2)
    assert two[0] >= one[-1]
    assert two[0] - one[-1] <= 0.041
    order = [m["utterance"] for m in peer.messages("utterance.ended")]
    assert order == [1, 2]


async def test_nothing_follows_a_cancel(harness: Any) -> None:
    """After the cancel no byte of the utterance comes, the text is cut where the listener was, the slot is free."""
    peer = await harness.connect()
    await peer.say(TEXT * 3)
    await peer.until("utterance.started")
    await asyncio.sleep(0.5)
    await peer.send("speech.cancel")
    told = await peer.until("speech.cancelled")
    asked = now()
    before = len(peer.packets())
    await peer.until("utterance.ended", reason="cancel")
    await asyncio.sleep(1)
    assert len(peer.packets()) == before
    assert now() - asked >= 1
    assert told["heard_text"] + told["unheard_text"] == TEXT * 3
    assert told["heard_text"] == TEXT[:4]
    assert told["heard_ms"] == pytest.approx(500, abs=25)
    assert harness.engine.streams == 0


async def test_the_player_knows_better_what_was_heard(harness: Any) -> None:
    """``played_ms`` of a cancel, or a report, replaces the server's guess; what was not sent was not heard."""
    peer = await harness.connect()
    await peer.say(TEXT)
    await peer.until("utterance.started")
    await asyncio.sleep(0.3)
    await peer.send("playback.report", utterance=1, played_ms=120)
    await asyncio.sleep(0.1)
    await peer.send("speech.cancel")
    told = await peer.until("speech.cancelled")
    assert told["heard_ms"] == pytest.approx(220, abs=15)
    await peer.say(TEXT)
    await peer.until("utterance.started", utterance=2)
    await asyncio.sleep(0.1)
    await peer.send("speech.cancel", utterance=2, played_ms=1e9)
    told = await peer.until("speech.cancelled", utterance=2)
    assert told["heard_ms"] <= len(TEXT) * 120


async def test_a_cancel_takes_what_is_queued_with_it(harness: Any) -> None:
    """Without a number everything stops; what had not begun was not heard at all. The session goes on."""
    peer = await harness.connect()
    for n in range(3):
        await peer.say(TEXT, utterance=n + 1)
    await peer.until("utterance.started")
    await peer.send("speech.cancel")
    await peer.until("speech.cancelled", utterance=3)
    told = {m["utterance"]: m for m in peer.messages("speech.cancelled")}
    assert set(told) == {1, 2, 3}
    assert told[3]["heard_text"] == ""
    assert told[3]["unheard_text"] == TEXT
    await peer.say("还在")
    await peer.until("utterance.ended", utterance=4, reason="end")


async def test_one_utterance_can_be_cancelled_alone(harness: Any) -> None:
    """Those before and behind it are spoken."""
    peer = await harness.connect()
    for n in range(3):
        await peer.say("一二三", utterance=n + 1)
    await peer.send("speech.cancel", utterance=2)
    await peer.until("utterance.ended", utterance=3, reason="end")
    reasons = {m["utterance"]: m["reason"] for m in peer.messages("utterance.ended")}
    assert reasons == {1: "end", 2: "cancel", 3: "end"}
    assert not peer.packets(2)


async def test_text_for_a_cancelled_utterance_is_dropped_in_silence(harness: Any) -> None:
    """A language model that still writes after the barge-in causes neither sound nor error."""
    peer = await harness.connect()
    await peer.send("text.delta", text=TEXT, utterance=1)
    await peer.send("text.flush", utterance=1)
    await peer.until("utterance.started")
    await peer.send("speech.cancel")
    await peer.send("text.delta", text="还有更多", utterance=1)
    await peer.send("text.end", utterance=1)
    await peer.until("utterance.ended", reason="cancel")
    await asyncio.sleep(1)
    assert not peer.messages("error")


async def test_a_pause_holds_the_voice(harness: Any) -> None:
    """While paused no packet leaves; afterwards speech goes on where it was."""
    peer = await harness.connect(lead_ms=100)
    await peer.say(TEXT)
    await peer.until("utterance.started")
    await asyncio.sleep(0.2)
    await peer.send("speech.pause")
    await asyncio.sleep(0.05)
    held = len(peer.packets())
    await asyncio.sleep(5)
    assert len(peer.packets()) == held
    await peer.send("speech.resume")
    await peer.until("utterance.ended", reason="end")
    assert [p.timestamp for p in peer.packets()] == [n * FRAME for n in range(len(peer.packets()))]


async def test_an_emotion_is_heard_soon(harness: Any) -> None:
    """``emotion.set`` takes back what was sent and not heard, and the new sound follows within 400 ms."""
    peer = await harness.connect()
    await peer.say(TEXT * 2)
    await peer.until("utterance.started")
    await asyncio.sleep(0.5)
    await peer.send("emotion.set", emotion="joy")
    applied = await peer.until("emotion.applied")
    rewind = await peer.until("audio.rewind")
    await peer.until("utterance.ended")
    assert applied["after_ms"] <= 400
    assert 500 < applied["at_ms"] < 900
    assert TEXT[applied["char"] % len(TEXT)] == TEXT[int(applied["at_ms"] // 120)]
    again = [p for p in peer.packets() if p.seq >= rewind["next_seq"]]
    assert again[0].timestamp == rewind["from_timestamp"]
    assert again[0].seq == rewind["next_seq"]
    first = [p for p in peer.packets() if p.seq < rewind["next_seq"]]
    assert len(first) * FRAME > rewind["from_timestamp"]
    whole = [p.timestamp for p in first if p.timestamp < rewind["from_timestamp"]]
    whole += [p.timestamp for p in again]
    assert whole == [n * FRAME for n in range(len(whole))]


async def test_ten_switches_in_a_second_leave_no_hole(harness: Any) -> None:
    """Each rewind is consistent with the packets before it, and the last emotion wins."""
    peer = await harness.connect()
    await peer.say(TEXT * 3)
    await peer.until("utterance.started")
    for n in range(10):
        await peer.send("emotion.set", emotion=("joy", "anger")[n % 2])
        await asyncio.sleep(0.1)
    await peer.until("utterance.ended")
    heard: list[int] = []
    for _, what in peer.got:
        if isinstance(what, Packet):
            assert what.timestamp == len(heard) * FRAME
            heard.append(what.seq)
        elif what["type"] == "audio.rewind":
            assert what["from_timestamp"] % FRAME == 0
            heard = heard[: what["from_timestamp"] // FRAME]
    assert peer.messages("emotion.applied")[-1]["emotion"]["vector"][1] == 1.0


async def test_an_emotion_between_utterances_holds_for_the_next(harness: Any) -> None:
    """Set while nothing is said, it is applied where the next utterance begins."""
    peer = await harness.connect()
    await peer.send("emotion.set", emotion={"name": "sadness", "intensity": 0.5})
    await peer.say(TEXT)
    applied = await peer.until("emotion.applied")
    assert (applied["char"], applied["at_ms"]) == (0, 0)
    assert applied["emotion"]["intensity"] == 0.5
    await peer.until("utterance.ended")


async def test_a_switch_after_the_last_text_and_while_paused(harness: Any) -> None:
    """The unheard rest is made again even when the engine was done, and when the voice is held."""
    peer = await harness.connect()
    await peer.say("一二三四五六七八")
    await peer.until("utterance.started")
    await asyncio.sleep(0.3)
    await peer.send("speech.pause")
    await peer.send("emotion.set", emotion="anger")
    await asyncio.sleep(0.5)
    await peer.send("speech.resume")
    applied = await peer.until("emotion.applied")
    await peer.until("utterance.ended", reason="end")
    assert 300 < applied["at_ms"] < 960


async def test_a_cancel_during_a_rewind(harness: Any) -> None:
    """Both at once: the cancel wins and the slot is free."""
    peer = await harness.connect()
    await peer.say(TEXT * 2)
    await peer.until("utterance.started")
    await asyncio.sleep(0.3)
    await peer.send("emotion.set", emotion="fear")
    await peer.send("speech.cancel")
    await peer.until("utterance.ended", reason="cancel")
    await asyncio.sleep(0.2)
    assert harness.engine.streams == 0


async def test_next_segment_and_tags_are_reported_where_they_take_effect(harness: Any) -> None:
    """A tag in the text, a delta's emotion and one set for the next segment each name their character."""
    peer = await harness.connect()
    await peer.send("text.delta", text="第一句话。[joy]第二句话。")
    await peer.send("text.delta", text="第三句话。", emotion="anger")
    await peer.send("text.flush")
    await peer.send("emotion.set", emotion="fear", at="next_segment")
    await peer.send("text.delta", text="第四句话。")
    await peer.send("text.end")
    await peer.until("utterance.ended")
    applied = [
        (m["char"], m["emotion"]["vector"].index(1.0)) for m in peer.messages("emotion.applied")
    ]
    assert applied[0] == (10, 0)
    assert applied[1] == (15, 1)
    assert applied[2] == (20, 3)


async def test_the_next_utterance_starts_in_the_tone_the_last_stopped_in(harness: Any) -> None:
    """After a cancel inside [joy] the voice is still joyful."""
    peer = await harness.connect()
    await peer.say("[joy]" + TEXT)
    await peer.until("utterance.started")
    await asyncio.sleep(0.5)
    await peer.send("speech.cancel")
    await peer.until("speech.cancelled")
    await peer.say("一")
    await peer.until("utterance.ended", utterance=2)
    joyful = peer.packets(2)[3].payload
    fresh = await harness.connect(emotion="joy")
    await fresh.say("一")
    await fresh.until("utterance.ended")
    assert fresh.packets(1)[3].payload == joyful


@pytest.mark.parametrize("fields", [{"duration_ms": 2000}, {"ratio": 0.5}])
async def test_a_pace_is_met(harness: Any, fields: dict[str, Any]) -> None:
    """``pace.set`` before the first audio holds for that utterance."""
    peer = await harness.connect()
    await peer.send("pace.set", mode="controlled", **fields)
    await peer.say("一二三四五六七八九十")
    ended = await peer.until("utterance.ended")
    wanted = fields.get("duration_ms", 600)
    assert ended["duration_ms"] == pytest.approx(wanted, abs=25)
    assert ended.get("requested_ms") == fields.get("duration_ms")


async def test_a_pace_that_comes_late_is_refused(harness: Any) -> None:
    """After the first audio the length is what it is; speech goes on."""
    peer = await harness.connect()
    await peer.send("text.delta", text=TEXT)
    await peer.send("text.flush")
    await peer.until("utterance.started")
    await peer.send("pace.set", mode="controlled", ratio=0.5)
    error = await peer.until("error")
    assert error["code"] == "bad_message"
    await peer.send("text.end")
    await peer.until("utterance.ended", reason="end")


async def test_a_pace_before_the_first_audio_begins_anew(harness: Any) -> None:
    """Text was given to the engine already: it is made again in the new pace, nothing is heard twice."""
    peer = await harness.connect()
    await peer.send("text.delta", text="一二三四五六七八九十。")
    await peer.send("pace.set", mode="controlled", ratio=2.0)
    await peer.send("text.end")
    ended = await peer.until("utterance.ended")
    assert ended["duration_ms"] == pytest.approx(2 * (10 * 120 + 60), abs=25)


async def test_a_voice_holds_from_the_next_utterance_on(harness: Any) -> None:
    """``voice.set`` leaves what is being said alone; an unknown name is an error and changes nothing."""
    peer = await harness.connect()
    await peer.say("一")
    await peer.until("utterance.started")
    await peer.send("voice.set", voice="soprano")
    await peer.send("voice.set", voice="sopran")
    await peer.say("一")
    await peer.until("utterance.ended", utterance=2)
    error = await peer.until("error")
    assert error["code"] == "unknown_voice"
    assert "soprano" in error["message"]
    assert peer.packets(1)[3].payload != peer.packets(2)[3].payload


async def test_a_stalled_writer_does_not_hold_up_whole_words(make_harness: Any) -> None:
    """What may be spoken without harm is spoken after a while, the rest waits for its end."""
    harness = await make_harness(soft_flush_ms=300)
    peer = await harness.connect()
    await peer.send("text.delta", text="Hello world and ")
    await peer.until("utterance.started")
    assert peer.messages("utterance.started")[0]["first_packet_ms"] >= 300
    await peer.send("text.end")
    await peer.until("utterance.ended")


async def test_waiting_for_text_is_no_underrun(harness: Any) -> None:
    """A writer who pauses starves the voice; that is counted apart from an engine that is too slow."""
    peer = await harness.connect()
    await peer.send("text.delta", text="第一句话。")
    await peer.until("utterance.started")
    await asyncio.sleep(3)
    await peer.send("text.delta", text="第二句话。")
    await peer.send("text.end")
    await peer.until("utterance.ended")
    metrics = harness.server.metrics.exposition().decode()
    assert "seiyuu_starved_total 1.0" in metrics
    assert "seiyuu_underrun_seconds_sum 0.0" in metrics


async def test_a_slow_engine_is_an_underrun(make_harness: Any, engine_with: Any) -> None:
    """Text is there, sound is not: the listener's wait is measured."""
    harness = await make_harness(engine_with(step_s=0.15))  # 100 ms of sound take 150 ms
    peer = await harness.connect()
    await peer.say(TEXT)
    await peer.until("utterance.ended")
    metrics = harness.server.metrics.exposition().decode()
    assert "seiyuu_starved_total 0.0" in metrics
    assert 'seiyuu_underrun_seconds_bucket{le="0.02"} 0.0' in metrics


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "。。。", "[joy]", "\u200b\u202e\x00"])
async def test_text_without_sound_ends_without_sound(harness: Any, text: str) -> None:
    """Nothing to say is no error: the utterance ends at once, or with silence."""
    peer = await harness.connect()
    await peer.say(text)
    ended = await peer.until("utterance.ended")
    assert ended["reason"] == "end"
    assert not peer.messages("error")


async def test_close_finishes_what_is_queued(harness: Any) -> None:
    """``session.close`` ends open text, waits until all was heard, then closes with 1000."""
    peer = await harness.connect()
    await peer.say("一二三")
    await peer.send("text.delta", text="四五六")
    await peer.send("session.close")
    await peer.gone.wait()
    assert peer.end.close_code == 1000
    assert [m["utterance"] for m in peer.messages("utterance.ended")] == [1, 2]
    harness.assert_nothing_left()
