import asyncio
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from seiyuu.server.broadcast import CURRENT, Broadcast, Follower, Listener, NoSuchSession
from seiyuu.server.monitor import Beat
from seiyuu.streaming.errors import Overloaded

pytestmark = pytest.mark.unit

TEXT = "你好世界"


async def take(listener: Listener, count: int) -> list[Beat]:
    beats = []
    for _ in range(count):
        beat = await listener.next()
        assert beat is not None
        beats.append(beat)
    return beats


def sound(beats: list[Beat]) -> np.ndarray:
    return np.concatenate([beat.samples for beat in beats])


def said(beats: list[Beat], type_: str) -> list[tuple[int, dict[str, Any]]]:
    found = [(n, json.loads(m)) for n, beat in enumerate(beats) for m in beat.messages]
    return [(n, message) for n, message in found if message["type"] == type_]


async def test_everyone_hears_the_same_beats(make_harness: Callable[..., Any]) -> None:
    """Listeners of one session share each packet, and what they hear is what was said."""
    harness = await make_harness()
    peer = await harness.connect(marks=["char"])
    broadcast: Broadcast = harness.server.broadcast
    session = harness.server.sessions.live[0]
    first, second = broadcast.listen(session.id), broadcast.listen(CURRENT)
    await peer.say(TEXT)
    beats, others = await take(first, 50), await take(second, 50)
    assert [a.opus for a in beats] == [b.opus for b in others]
    loud = np.abs(sound(beats)) > 0.01
    assert 0.9 * 4 * 0.12 < loud.sum() / 48_000 / 0.97 < 1.1 * 4 * 0.12
    broadcast.leave(first)
    broadcast.leave(second)


async def test_marks_come_with_their_sound(make_harness: Callable[..., Any]) -> None:
    """A mark is in the beat in which its character begins to sound, or the one before."""
    harness = await make_harness()
    peer = await harness.connect(marks=["char"])
    broadcast: Broadcast = harness.server.broadcast
    listener = broadcast.listen(CURRENT)
    await peer.say("你 好 世 界")
    beats = await take(listener, 70)
    loud = [bool(np.abs(beat.samples).max() > 0.02) for beat in beats]
    onsets = [n for n in range(1, len(beats)) if loud[n] and not loud[n - 1]]
    marks = [n for n, _ in said(beats, "mark")]
    assert len(onsets) == len(marks) == 4
    off = [mark - onset for mark, onset in zip(marks, onsets, strict=True)]
    assert set(off) <= {-1, 0}, off
    broadcast.leave(listener)


async def test_a_cancel_is_silence_at_once(make_harness: Callable[..., Any]) -> None:
    """What the session's client is told to drop is not heard by listeners either, and ends without a step."""
    harness = await make_harness()
    peer = await harness.connect()
    listener = harness.server.broadcast.listen(CURRENT)
    await peer.say(TEXT * 10)
    await take(listener, 30)
    await peer.send("speech.cancel")
    await peer.until("speech.cancelled")
    beats = await take(listener, 20)
    assert np.abs(sound(beats)[-960 * 5 :]).max() == 0
    assert np.abs(np.diff(sound(beats))).max() < 0.1
    assert said(beats, "speech.cancelled")
    harness.server.broadcast.leave(listener)


async def test_a_late_listener_gets_the_live_edge(make_harness: Callable[..., Any]) -> None:
    """Who joins in the middle of an utterance hears it at once, not its beginning's length of silence."""
    harness = await make_harness()
    peer = await harness.connect()
    await peer.say(TEXT * 10)
    await peer.until("utterance.started")
    await asyncio.sleep(2.0)
    listener = harness.server.broadcast.listen(CURRENT)
    beats = await take(listener, 10)
    assert np.abs(sound(beats)).max() > 0.1
    harness.server.broadcast.leave(listener)


async def test_a_slow_listener_loses_the_past_not_the_clock(
    make_harness: Callable[..., Any],
) -> None:
    """One who takes nothing for long is given the newest beats, with numbers that tell how many are missing."""
    harness = await make_harness()
    listener = harness.server.broadcast.listen(CURRENT)
    first = (await take(listener, 1))[0]
    await asyncio.sleep(5.0)
    beat = (await take(listener, 1))[0]
    assert listener.skipped > 0
    assert beat.number == first.number + 1 + listener.skipped
    harness.server.broadcast.leave(listener)


async def test_a_named_session_ends_its_listeners(make_harness: Callable[..., Any]) -> None:
    """Listeners of an id end with it; those of ``current`` stay, and the clock stops when nobody is left."""
    harness = await make_harness()
    peer = await harness.connect()
    broadcast: Broadcast = harness.server.broadcast
    named = broadcast.listen(harness.server.sessions.live[0].id)
    current = broadcast.listen(CURRENT)
    seen: list[Any] = []
    follower = Follower(CURRENT, seen.append, seen.append)
    broadcast.follow(follower)
    await peer.send("session.close")
    await peer.gone.wait()
    while await named.next() is not None:
        pass
    assert seen[0] is not None
    assert seen[-1] is None
    await take(current, 5)
    with pytest.raises(NoSuchSession):
        broadcast.listen("nobody")
    broadcast.leave(current)
    broadcast.leave(follower)
    await asyncio.sleep(0.1)
    assert not [t for t in asyncio.all_tasks() if t.get_name() == "broadcast"]


async def test_enough_listeners_are_enough(make_harness: Callable[..., Any]) -> None:
    """Over the limit a listener is told to come back."""
    harness = await make_harness(max_listeners=1)
    listener = harness.server.broadcast.listen(CURRENT)
    with pytest.raises(Overloaded):
        harness.server.broadcast.listen(CURRENT)
    harness.server.broadcast.leave(listener)
