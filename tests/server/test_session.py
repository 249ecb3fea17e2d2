"""A session's life, on virtual time: what is said, in what order, when, and what is left behind."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("text.delta"), st.fixed_dictionaries({"text": st.text(max_size=12)})),
        st.tuples(
            st.just("text.delta"),
            st.fixed_dictionaries(
                {
                    "text": st.sampled_from(["你好。", "[joy]啊", "<break/>"]),
                    "utterance": st.integers(0, 5),
                }
            ),
        ),
        st.tuples(
            st.sampled_from(["text.end", "text.flush", "speech.pause", "speech.resume"]),
            st.just({}),
        ),
        st.tuples(
            st.just("speech.cancel"),
            st.one_of(st.just({}), st.fixed_dictionaries({"utterance": st.integers(0, 5)})),
        ),
        st.tuples(
            st.just("emotion.set"),
            st.fixed_dictionaries(
                {
                    "emotion": st.sampled_from(["joy", "悲しい", "no such"]),
                    "at": st.sampled_from(["now", "next_segment"]),
                }
            ),
        ),
        st.tuples(st.just("pace.set"), st.fixed_dictionaries({"ratio": st.floats(0.5, 2.0)})),
        st.tuples(
            st.just("voice.set"),
            st.fixed_dictionaries({"voice": st.sampled_from(["alto", "soprano", "x"])}),
        ),
        st.tuples(
            st.just("playback.report"),
            st.fixed_dictionaries(
                {"utterance": st.integers(0, 5), "played_ms": st.floats(0, 5000)}
            ),
        ),
        st.tuples(st.sampled_from(["session.start", "nonsense", "session.started"]), st.just({})),
        st.tuples(st.just("wait"), st.fixed_dictionaries({"s": st.floats(0, 1.5)})),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
async def test_any_order_of_messages(
    make_harness: Any, steps: list[tuple[str, dict[str, Any]]]
) -> None:
    """Whatever is sent: each utterance ends once, sound is whole, and nothing is left behind."""
    harness = await make_harness()
    peer = await harness.connect(marks=["word"])
    for type_, fields in steps:
        if type_ == "wait":
            await asyncio.sleep(fields["s"])
        else:
            await peer.send(type_, **fields)
    await peer.send("speech.resume")
    await peer.send("session.close")
    await peer.gone.wait()
    assert peer.end.close_code == 1000
    ended = [m["utterance"] for m in peer.messages("utterance.ended")]
    assert len(ended) == len(set(ended))
    assert {m["utterance"] for m in peer.messages("utterance.started")} <= set(ended)
    assert not [m for m in peer.messages("error") if m["code"] == "internal"]
    check_sound(peer)
    harness.assert_nothing_left()


def check_sound(peer: Any) -> None:
    """Packets of each utterance follow each other, rewinds taken into account, and none follows its end."""
    reached: dict[int, int] = {}
    over: set[int] = set()
    seqs = [p.seq for p in peer.packets()]
    assert seqs == list(range(len(seqs)))
    for _, what in peer.got:
        if isinstance(what, Packet):
            assert what.utterance not in over
            assert what.timestamp == reached.get(what.utterance, 0)
            reached[what.utterance] = what.timestamp + FRAME
        elif what["type"] == "audio.rewind":
            assert what["from_timestamp"] <= reached[what["utterance"]]
            reached[what["utterance"]] = what["from_timestamp"]
        elif what["type"] == "utterance.ended":
            over.add(what["utterance"])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
async def test_any_cut_of_the_text_sounds_the_same(make_harness: Any, data: Any) -> None:
    """Deltas cut anywhere give the same packets as the text in one piece."""
    text = (
        "大家好,今天[joy]我们来玩一个新游戏!It costs $3.50 — ok? <break time='300ms'/>さようなら。"
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    harness = await make_harness()
    whole, cut = await harness.connect(), await harness.connect()
    await whole.say(text)
    for piece in pieces:
        await cut.send("text.delta", text=piece)
    await cut.send("text.end")
    await whole.until("utterance.ended")
    await cut.until("utterance.ended")
    assert [p.payload for p in cut.packets()] == [p.payload for p in whole.packets()]
