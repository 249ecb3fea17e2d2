"""A real server on loopback with the tone engine, and a client that writes what no client should."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from seiyuu.server.app import DrainingRunner, Server, create_app, listen
from seiyuu.server.config import Limits, ServerConfig
from seiyuu.streaming.packet import Packet, unpack

PATIENCE_S = 20.0
"""Real seconds after which a test that waits for something gives up; nothing is asserted about time."""


@dataclass
class Running:
    """A server that listens."""

    server: Server
    port: int

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/live"

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def empty(self) -> None:
        """Wait until no session is left, and check that it left nothing."""
        async with asyncio.timeout(PATIENCE_S):
            while self.server.sessions.live or self.server.admission.taken:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not self.server.engine._open  # type: ignore[attr-defined]
        kinds = ("session-", "utterance-", "feed-", "speak-", "decode-", "end-")
        assert not [t for t in asyncio.all_tasks() if t.get_name().startswith(kinds)]


class Raw:
    """A socket that sends whatever it is told and keeps what it gets."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.got: list[dict[str, Any] | Packet] = []

    async def send(self, type_: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": type_, **fields}))

    async def start(self, **fields: Any) -> dict[str, Any]:
        await self.send("session.start", **fields)
        return await self.until("session.started")

    async def until(self, type_: str, **fields: Any) -> dict[str, Any]:
        """The next message of that type with these fields."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = await self.socket.recv()
                what = json.loads(frame) if isinstance(frame, str) else unpack(frame)
                self.got.append(what)
                if not isinstance(what, dict) or what["type"] != type_:
                    continue
                if all(what.get(key) == value for key, value in fields.items()):
                    return what

    async def code(self) -> int:
        """The code with which the server closes."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while True:
                    frame = await self.socket.recv()
                    self.got.append(json.loads(frame) if isinstance(frame, str) else unpack(frame))
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006

    def packets(self, utterance: int = 1) -> list[Packet]:
        return [p for p in self.got if isinstance(p, Packet) and p.utterance == utterance]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Callable[..., Any]]:
    """Start servers; all are stopped and found empty after the test."""
    stack: list[tuple[DrainingRunner, asyncio.Task[None], Running]] = []

    async def start(*, limits: dict[str, Any] | None = None, **fields: Any) -> Running:
        fields = {"engine": "tone", "port": 0, **fields}
        config = ServerConfig(**fields, limits=replace(Limits(), **(limits or {})))
        server = Server(config)
        listener = listen(config)
        runner = DrainingRunner(server, create_app(server))
        ready = asyncio.Event()
        runner.on_ready = ready.set
        runner.config.loop = "none"
        task = asyncio.create_task(runner.serve(sockets=[listener]), name="uvicorn")
        async with asyncio.timeout(PATIENCE_S):
            await ready.wait()
        running = Running(server, listener.getsockname()[1])
        stack.append((runner, task, running))
        return running

    yield start
    for runner, task, running in stack:
        for session in running.server.sessions.live:
            session.end()
        await running.empty()
        runner.should_exit = True
        async with asyncio.timeout(PATIENCE_S):
            await task


@pytest_asyncio.fixture
async def running(serve: Callable[..., Any]) -> Running:
    """A server with the default limits."""
    return await serve()  # type: ignore[no-any-return]


@asynccontextmanager
async def raw_socket(running: Running, **options: Any) -> AsyncIterator[Raw]:
    async with connect(running.url, compression=None, proxy=None, **options) as socket:
        yield Raw(socket)


@pytest_asyncio.fixture
async def raw() -> Callable[..., Any]:
    """Opens sockets: ``async with raw(running) as peer``."""
    return raw_socket
