"""A description of an emotion over the wire: what it says of pace is heard, what to beware of is told."""

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

SLOWLY = {"describe": "慢慢地,悲伤地", "intensity": 0.5}
TEXT = "今天就到这里吧"


async def _length_ms(peer: Any, utterance: int, **fields: Any) -> float:
    await peer.send("text.delta", text=TEXT, **fields)
    await peer.send("text.end")
    ended = await peer.until("utterance.ended", utterance=utterance)
    return float(ended["duration_ms"])


async def test_a_slow_description_is_spoken_slowly(running: Any, raw: Any) -> None:
    """With a delta, turned live, and at the start of a session; the next emotion ends it."""
    async with raw(running) as peer:
        await peer.start()
        natural = await _length_ms(peer, 1)
        slow = await _length_ms(peer, 2, emotion=SLOWLY)
        await peer.send("emotion.set", emotion=SLOWLY, at="now")
        turned = await _length_ms(peer, 3)
        carried = await _length_ms(peer, 4)
        await peer.send("emotion.set", emotion="joy", at="now")
        after = await _length_ms(peer, 5)
    assert natural == after
    assert slow == turned == carried > natural
    async with raw(running) as peer:
        await peer.start(emotion=SLOWLY)
        assert await _length_ms(peer, 1) == slow


async def test_what_the_reader_cautions_is_a_warning(running: Any, raw: Any) -> None:
    """The speech goes on as asked; the writer hears of the risk with each way of asking."""
    strong = {"describe": "愤怒", "intensity": 1.0}
    async with raw(running) as peer:
        await peer.start(emotion=strong)
        assert "distort" in (await peer.until("warning", code="emotion"))["message"]
        await peer.send("text.delta", text=TEXT, emotion=strong)
        assert (await peer.until("warning", code="emotion"))["utterance"] == 1
        await peer.send("emotion.set", emotion=strong, at="now")
        assert "distort" in (await peer.until("warning", code="emotion"))["message"]
        await peer.send("text.end")
        assert (await peer.until("utterance.ended"))["reason"] == "end"
