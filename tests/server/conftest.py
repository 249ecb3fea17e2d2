"""A server on virtual time: the tone engine steps on the loop itself, clients are ends of a pipe in memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from seiyuu.model.hosts.inline import InlineEngine
from seiyuu.model.tone import ToneCore
from seiyuu.server.app import Server
from seiyuu.server.config import Limits, ServerConfig
from seiyuu.server.transports import Disconnected
from seiyuu.server.transports.memory import MemoryTransport, pair
from seiyuu.streaming.marking import AudibleNotice
from seiyuu.streaming.packet import Packet, unpack

STEP_S = 0.01
PATIENCE_S = 600.0
"""Virtual seconds without a frame after which a test gives up."""


class LoopClock:
    """The virtual time of the running loop."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()


class LoopEngine(InlineEngine):
    """The inline host without its thread: a step takes ``step_s`` of virtual time, commands take none."""

    def __init__(self, core: Any = None, *, step_s: float = STEP_S) -> None:
        super().__init__(core or ToneCore(max_sessions=8), clock=LoopClock())
        self.step_s = step_s
        self.opened = 0
        self._timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = True  # type: ignore[assignment]

    async def close(self) -> None:
        for lane in tuple(self._open):
            await self.release(lane)

    async def open(self, voice: Any, options: Any) -> Any:
        self.opened += 1
        return await super().open(voice, options)

    async def call(self, action: Callable[[], Any]) -> Any:
        result = action()
        self._schedule()
        return result

    def command(self, action: Callable[[], object], lane: Any = None) -> None:
        self._do(action, lane)
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is None and self._runnable():
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self.step_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if runnable := self._runnable():
            self._step(runnable)
        self._schedule()

    @property
    def streams(self) -> int:
        """Slots taken now."""
        return len(self._open)


class Peer:
    """A client that speaks the wire by hand and keeps everything it gets, with the time it came."""

    def __init__(self, end: MemoryTransport) -> None:
        self.end = end
        self.got: list[tuple[float, dict[str, Any] | Packet]] = []
        self.gone = asyncio.Event()
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def send(self, type_: str, **fields: Any) -> None:
        await self.end.send(json.dumps({"type": type_, **fields}))

    async def say(self, text: str, **fields: Any) -> None:
        await self.send("text.delta", text=text, **fields)
        await self.send("text.end")

    async def until(self, type_: str, *, count: int = 1, **fields: Any) -> dict[str, Any]:
        """The ``count``-th message of that type and these fields, waiting for it if need be."""
        while True:
            found = [
                m for m in self.messages(type_) if all(m.get(k) == v for k, v in fields.items())
            ]
            if len(found) >= count:
                return found[count - 1]
            if self.gone.is_set():
                raise AssertionError(f"no {type_} {fields}, got {self.messages()}")
            self._changed.clear()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._changed.wait()
            except TimeoutError:
                raise AssertionError(f"no {type_} {fields}, got {self.messages()}") from None

    def messages(self, type_: str | None = None) -> list[dict[str, Any]]:
        return [
            what
            for _, what in self.got
            if isinstance(what, dict) and (type_ is None or what["type"] == type_)
        ]

    def packets(self, utterance: int | None = None) -> list[Packet]:
        return [
            what
            for _, what in self.got
            if isinstance(what, Packet) and (utterance is None or what.utterance == utterance)
        ]

    def vanish(self) -> None:
        """Leave without a word."""
        self._reading.cancel()
        self.end._end(1006, "")

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                frame = await self.end.receive()
            except Disconnected:
                self.gone.set()
                self._changed.set()
                return
            what = json.loads(frame) if isinstance(frame, str) else unpack(frame)
            self.got.append((loop.time(), what))
            self._changed.set()


class Harness:
    """A server and the ways to reach it."""

    def __init__(self, engine: LoopEngine, notice: AudibleNotice = "off", **limits: Any) -> None:
        self.engine = engine
        limits_ = replace(Limits(), **limits)
        config = ServerConfig(engine="tone", notice=notice, limits=limits_)
        self.server = Server(config, engine, clock=LoopClock())
        self._talks: set[asyncio.Task[None]] = set()
        self._peers: list[Peer] = []

    async def connect(self, **start: Any) -> Peer:
        """A peer whose session has started."""
        peer = await self.open()
        await peer.send("session.start", **start)
        await peer.until("session.started")
        return peer

    async def open(self) -> Peer:
        """A peer that has said nothing yet."""
        mine, theirs = pair()
        talk = asyncio.create_task(self.server.sessions.talk(mine))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)
        peer = Peer(theirs)
        self._peers.append(peer)
        return peer

    async def close(self) -> None:
        await self.server.stop()
        for peer in self._peers:
            peer.end._end(1006, "")
            peer._reading.cancel()
        await asyncio.gather(
            *self._talks, *(p._reading for p in self._peers), return_exceptions=True
        )

    def assert_nothing_left(self) -> None:
        """Every slot is free, every place given back, every task of a session gone."""
        assert self.engine.streams == 0
        assert self.server.admission.taken == 0
        assert not self.server.sessions.live
        names = [task.get_name() for task in asyncio.all_tasks()]
        kinds = ("session-", "utterance-", "feed-", "speak-", "decode-", "end-")
        assert not [name for name in names if name.startswith(kinds)]


MakeHarness = Callable[..., Any]


@pytest_asyncio.fixture
async def make_harness() -> AsyncIterator[MakeHarness]:
    """Servers on the running loop; each is stopped and found empty after the test."""
    made: list[Harness] = []

    async def make(engine: LoopEngine | None = None, **limits: Any) -> Harness:
        harness = Harness(engine or LoopEngine(), **limits)
        await harness.server.start()
        made.append(harness)
        return harness

    yield make
    for harness in made:
        await harness.close()
    for harness in made:
        harness.assert_nothing_left()


@pytest_asyncio.fixture
async def harness(make_harness: MakeHarness) -> Harness:
    """A server with the default limits."""
    return await make_harness()  # type: ignore[no-any-return]


@pytest.fixture
def engine_with() -> Callable[..., LoopEngine]:
    """Engines made of other cores."""
    return LoopEngine
