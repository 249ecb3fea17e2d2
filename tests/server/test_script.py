"""The text side of an utterance."""

import asyncio
from typing import Any

import pytest

from seiyuu.server.requests import Requests
from seiyuu.server.script import Script
from seiyuu.streaming.clock import ManualClock
from seiyuu.streaming.emotion import NEUTRAL, Emotion
from seiyuu.streaming.segment import Segment

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

JOY, FEAR = Emotion.of("joy"), Emotion.of("fear")


def script(**options: Any) -> Script:
    return Script("auto", NEUTRAL, options.pop("requests", Requests()), ManualClock(), 0.5)


async def rest(of: Script) -> list[Segment]:
    """Every segment until the end."""
    found = []
    while (segment := await of.next()) is not None:
        found.append(segment)
    return found


async def test_segments_come_until_the_end() -> None:
    """The reader waits for text, gets every segment once, and may begin again."""
    text = script()
    reading = asyncio.create_task(rest(text))
    for delta in ("第一句话。第", "二句话。"):
        text.write(delta)
        await asyncio.sleep(0)
    text.end()
    segments = await reading
    assert "".join(segment.text for segment in segments) == "第一句话。第二句话。"
    text.restart()
    assert await rest(text) == segments
    assert text.text == "第一句话。第二句话。"


async def test_only_directed_text_has_an_emotion_of_its_own() -> None:
    """What follows a tag inherits it, so that a live turn holds for it as well; each turn is noted once."""
    requests = Requests()
    text = script(requests=requests)
    text.write("平常的一句话。[joy]高兴的一句话。还是高兴的话,说个没完。")
    text.end()
    segments = await rest(text)
    assert segments[0].emotion is None
    own = [s.emotion for s in segments if s.emotion is not None]
    own += [turn.emotion for s in segments for turn in s.turns]
    assert own == [JOY]
    assert [(r.emotion, r.char) for r in requests.rest()] == [(JOY, 12)]


async def test_a_live_turn_is_no_direction() -> None:
    """The engine knows of it; one for the next segment it does not."""
    requests = Requests()
    text = script(requests=requests)
    text.write("第一句话。")
    text.turn(FEAR, next_segment=False)
    text.write("第二句话。")
    text.flush()
    text.turn(JOY, next_segment=True)
    text.write("第三句话。")
    text.end()
    assert [s.emotion for s in await rest(text)] == [None, None, JOY]
    assert [r.emotion for r in requests.rest()] == [JOY]


async def test_a_stall_gives_out_whole_words() -> None:
    """After the time of a soft flush, and not before."""
    text = script()
    text.write("Hello world and ")
    await asyncio.sleep(0.4)
    assert text.hungry
    await asyncio.sleep(0.2)
    assert not text.hungry
    segment = await text.next()
    assert segment is not None
    assert segment.text == "Hello world"
    text.close()


async def test_remarks_reach_the_writer() -> None:
    """An emotion nobody knows is told, and not spoken."""
    text = script()
    remarks = text.write('<emotion name="hunger">说话。')
    assert [remark.code for remark in remarks] == ["unknown_emotion"]
    assert text.end() == []
    assert text.end() == []
