"""A session under any order of messages and any cut of text, on virtual time."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seiyuu.streaming.packet import Packet

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

FRAME = 480


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
