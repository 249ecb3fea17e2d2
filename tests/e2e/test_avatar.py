"""An avatar follows a session on a real server."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from seiyuu.clients.avatar import animate
from seiyuu.clients.face import Face, Look
from seiyuu.clients.following import follow
from seiyuu.clients.playout import Playout

pytestmark = pytest.mark.e2e

PATIENCE_S = 20.0


class Puppet:
    """Keeps what it was shown, and tells when its mouth has opened and shut again."""

    def __init__(self) -> None:
        self.opened = False
        self.spoken = asyncio.Event()

    async def show(self, look: Look) -> None:
        self.opened = self.opened or look.open > 0.3
        if self.opened and look.open < 0.05:
            self.spoken.set()

    async def close(self) -> None: ...


async def test_a_mouth_opens_and_shuts_with_the_voice(
    running: Any, raw: Callable[..., Any]
) -> None:
    """Who follows the newest session sees a mouth move while it speaks, and rest when it has spoken."""
    puppet = Puppet()
    playout = Playout()
    async with raw(running) as speaker:
        await speaker.start()
        tasks = [
            asyncio.create_task(follow(playout, running.http, "current", None)),
            asyncio.create_task(animate(Face(playout), puppet, complain=pytest.fail)),
        ]
        async with asyncio.timeout(PATIENCE_S):
            while not running.server.broadcast._followers:  # noqa: ASYNC110
                await asyncio.sleep(0)
        await speaker.send("text.delta", text="你好世界")
        await speaker.send("text.end")
        await speaker.until("utterance.ended")
        async with asyncio.timeout(PATIENCE_S):
            await puppet.spoken.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await running.empty()
