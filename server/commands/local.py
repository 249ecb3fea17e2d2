"""A server inside this process, reached without a socket: one path of code for both ways of speaking."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from ...clients.link import Link, Lost, Opener
from ...streaming.protocol import Frame
from ..app import Server
from ..config import ServerConfig
from ..transports import Disconnected
from ..transports.memory import MemoryTransport, pair
from .progress import Progress


class MemoryLink:
    """The client's end of a pair in memory."""

    def __init__(self, end: MemoryTransport) -> None:
        self._end = end

    async def send(self, frame: str) -> None:
        try:
            await self._end.send(frame)
        except Disconnected as error:
            raise self._lost() from error

    async def receive(self) -> Frame:
        try:
            return await self._end.receive()
        except Disconnected as error:
            raise self._lost() from error

    async def close(self) -> None:
        await self._end.close()

    def _lost(self) -> Lost:
        return Lost(self._end.close_code or 1006, self._end.close_reason)


@asynccontextmanager
async def local_server(config: ServerConfig) -> AsyncIterator[Opener]:
    """A warm server; gives what opens connections to it.

    Raises:
        EngineFailed: with what is missing and how to get it.
    """
    config = replace(config, limits=replace(config.limits, resume_window_ms=0))
    server = Server(config)
    talks: set[asyncio.Task[None]] = set()

    async def open_link() -> Link:
        mine, theirs = pair()
        talk = asyncio.create_task(server.sessions.talk(mine), name="local-session")
        talks.add(talk)
        talk.add_done_callback(talks.discard)
        return MemoryLink(theirs)

    await server.start()
    try:
        yield open_link
    finally:
        await server.stop()
        if talks:
            await asyncio.wait(talks)


def with_progress(config: ServerConfig) -> ServerConfig:
    """The same, with a progress bar for the first run's preparations where somebody sees it."""
    if config.engine != "compact" or not sys.stderr.isatty():
        return config
    options: dict[str, Any] = {"progress": Progress(), **config.engine_options}
    return replace(config, engine_options=options)
