"""A server inside this process, reached without a socket: one path of code for both ways of speaking."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...clients.link import Link, Lost, Opener
from ...model.clips import decode
from ...model.registry import open_engine
from ...model.voice import Voice
from ...streaming.errors import BadAudio
from ...streaming.protocol import Frame
from ..app import Server
from ..config import ServerConfig
from ..transports import Disconnected
from ..transports.memory import MemoryTransport, pair
from ..voices import PresetVoices, Voices
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


class ClipVoices:
    """The engine's own voices, and one that was made from a clip for this run; nothing of it is kept."""

    def __init__(self, presets: Voices, made: Voice) -> None:
        self._presets = presets
        self._made = made

    async def get(self, name: str) -> Voice:
        return self._made if name == self._made.name else await self._presets.get(name)

    async def list(self) -> tuple[Voice, ...]:
        return (self._made, *await self._presets.list())

    async def current(self, voice: Voice) -> Voice:
        return voice


@asynccontextmanager
async def local_server(config: ServerConfig, clip: Path | None = None) -> AsyncIterator[Opener]:
    """A warm server; gives what opens connections to it. A voice made of ``clip`` is there by the clip's path.

    Raises:
        EngineFailed: with what is missing and how to get it.
        BadAudio: the clip cannot be used.
    """
    config = replace(config, limits=replace(config.limits, resume_window_ms=0))
    server = Server(config) if clip is None else await _with_voice(config, clip)
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


async def _with_voice(config: ServerConfig, clip: Path) -> Server:
    heard = decode(read_clip(clip))
    engine = open_engine(config.engine, **config.engine_options)
    await engine.start()
    try:
        voice = await engine.enroll(heard.samples, heard.sample_rate, name=str(clip))
    except BaseException:
        await engine.close()
        raise
    return Server(config, engine, voices=ClipVoices(PresetVoices(engine), voice))


def read_clip(path: Path) -> bytes:
    """The bytes of a clip that whoever typed the command named.

    Raises:
        BadAudio: there is no such file, or it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadAudio(f"cannot read the clip {path}: {error.strerror}") from error
