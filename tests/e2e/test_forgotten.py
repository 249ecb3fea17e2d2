"""What is left of a session that is over: nothing that would wait for the garbage collector."""

import gc
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture
def uncollected() -> Iterator[Any]:
    """A function that counts, by type, this project's objects that only the collector would free."""

    def count() -> Counter[str]:
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        gc.set_debug(0)
        kinds = Counter(f"{type(o).__module__}.{type(o).__qualname__}" for o in gc.garbage)
        gc.garbage.clear()
        return Counter({kind: n for kind, n in kinds.items() if kind.startswith("seiyuu.")})

    gc.collect()
    gc.disable()
    yield count
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


async def _life(running: Any, raw: Any, how: str) -> None:
    async with raw(running) as peer:
        await peer.start(marks=["char", "viseme"])
        await peer.send("text.delta", text="一二三四五六七八九十。")
        await peer.until("utterance.started")
        if how == "turn":
            await peer.send("emotion.set", emotion="joy")
            await peer.until("emotion.applied")
        if how == "cancel":
            await peer.send("speech.cancel")
            await peer.until("utterance.ended")
        elif how != "vanish":
            await peer.send("text.end")
            await peer.until("utterance.ended")
        if how == "vanish":
            peer.socket.transport.abort()
        else:
            await peer.send("session.close")
            await peer.code()
    for session in running.server.sessions.live:
        session.end()
    await running.empty()


@pytest.mark.parametrize("how", ["end", "turn", "cancel", "vanish"])
async def test_a_session_that_is_over_is_freed_at_once(
    running: Any, raw: Any, uncollected: Any, how: str
) -> None:
    """However it ended, its objects held each other by nothing: memory does not grow until a collection."""
    for _ in range(2):
        await _life(running, raw, how)
    assert not uncollected()
