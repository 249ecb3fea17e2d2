"""The composition root: build, warm, serve, drain, stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.routing import WebSocketRoute

from ..model.engine import Engine
from ..model.registry import open_engine
from ..streaming.clock import Clock, SystemClock
from ..streaming.errors import EngineFailed
from . import log
from .access import Access
from .admission import Admission
from .broadcast import Broadcast
from .clip_store import ClipStore
from .config import ServerConfig
from .emotions import DescribedEmotions, Emotions, HeardEmotions, PointsOnly
from .enrolment import Enrolment, library_lexicon, open_library
from .metrics import Metrics
from .sessions import Sessions
from .transports.http import operation_router
from .transports.ice import loopback
from .transports.listening import ListenEndpoint, listening_router
from .transports.pages import page_router
from .transports.uvicorn_socket import LiveSocket
from .transports.voices import VoiceShelf, voice_router
from .transports.webrtc import Peers
from .transports.websocket import LiveEndpoint
from .transports.whep import whep_router
from .voices import LibraryVoices, PresetVoices, Voices

logger = log.Log("server")

PING_S = 15.0
"""How often a silent WebSocket is asked whether it is there, and how long it has to answer."""


SWITCH_S = 0.0005
"""How long an engine's thread may hold the interpreter; Python's own 5 ms are a quarter of a packet."""


GC_THRESHOLDS = (20_000, 10, 2)
"""What is sent is freed as it goes, without the collector; at Python's own (700, 10, 10) that looks through all marks
and packets of two hundred sessions every few seconds, for up to 40 ms. A session that ended goes
at once too: nothing of it holds itself."""


class Server:
    """Everything one server consists of, wired and not started."""

    def __init__(
        self,
        config: ServerConfig,
        engine: Engine | None = None,
        *,
        voices: Voices | None = None,
        emotions: Emotions | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.config = config
        self.engine = engine or open_engine(config.engine, config.home, **_engine_options(config))
        self.metrics = Metrics()
        self.access = Access(config.api_keys, config.allowed_origins)
        presets = PresetVoices(self.engine, config.voice)
        self.library = open_library(config, reserved=[voice.name for voice in self.engine.voices()])
        self.clips = ClipStore()
        self.enrolment = Enrolment(self.engine, self.library)
        self.voices = voices or LibraryVoices(presets, self.library, self.engine.info.name)
        self.admission = Admission(
            config.limits.max_sessions or self.engine.info.max_sessions,
            retry_after_ms=config.limits.retry_after_ms,
        )
        self._descriptions = DescribedEmotions(
            emotions or PointsOnly(), self.engine, config.chat_endpoint
        )
        self.sessions = Sessions(
            config,
            self.engine,
            voices=self.voices,
            emotions=HeardEmotions(self._descriptions, self.clips, self.engine, self.library),
            admission=self.admission,
            access=self.access,
            metrics=self.metrics,
            clock=clock or SystemClock(),
        )
        self.broadcast = Broadcast(
            self.sessions, clock or SystemClock(), max_listeners=config.limits.max_listeners
        )
        self.peers = Peers(
            self.broadcast,
            self.sessions.serve,
            max_peers=config.limits.max_peers,
            here_only=loopback(config.host),
        )
        self._warm = False

    async def start(self) -> None:
        """Warm the engine; sessions may come when this returns. Idempotent.

        Raises:
            EngineFailed: with what is missing and how to get it.
        """
        if not self._warm:
            logger.info("warming", engine=self.engine.info.name)
            await self.engine.start()
            self._warm = True

    async def drain(self) -> None:
        """Refuse new sessions and wait until the running ones have said what they have to say."""
        self.admission.drain()
        await self.sessions.drain()

    async def stop(self) -> None:
        """End every session, then the engine. Idempotent."""
        self._warm = False
        await self.enrolment.close()
        await self.peers.close_all()
        await self.broadcast.close()
        await self.sessions.close()
        self._descriptions.close()
        await self.engine.close()

    def why_not_ready(self) -> str | None:
        """The reason why a new session would be refused, or None."""
        if not self._warm:
            return "the engine is not warm yet"
        if self.admission.draining:
            return "the server is stopping"
        return self.sessions.trouble


def _engine_options(config: ServerConfig) -> dict[str, Any]:
    """What the engine is opened with: the library's lexicon, unless another is named, where it reads one."""
    options = dict(config.engine_options)
    if config.engine == "compact" and (lexicon := library_lexicon(config)) is not None:
        options.setdefault("lexicon", lexicon)
    return options


def create_app(server: Server, routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The ASGI application of a server; it starts and stops with the application's lifespan.

    ``routers`` are further pages and routes on the same port.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await server.start()
        yield
        await server.stop()

    app = FastAPI(
        title="Seiyuu",
        description="Real-time streaming voice server. The conversation itself runs over the WebSocket `/v1/live`.",
        lifespan=lifespan,
    )
    app.router.routes.append(WebSocketRoute("/v1/live", LiveEndpoint(server.sessions.serve)))
    app.include_router(operation_router(server.metrics, server.why_not_ready))
    shelf = VoiceShelf(server.voices, server.library, server.clips, server.enrolment)
    app.include_router(voice_router(shelf, server.access))
    app.include_router(page_router(server.engine, server.voices))
    listen_endpoint = ListenEndpoint(server.broadcast, server.access)
    app.router.routes.append(WebSocketRoute("/v1/listen", listen_endpoint))
    app.include_router(listening_router(server.broadcast, server.access))
    app.include_router(whep_router(server.peers, server.access))
    for router in routers:
        app.include_router(router)
    return app


def serve(config: ServerConfig, *, open_browser: bool = False) -> None:
    """Run a server until SIGINT or SIGTERM.

    Raises:
        EngineFailed: the engine cannot run.
        OSError: the address cannot be listened on.
    """
    log.configure(config.log_level, as_json=config.log_format == "json", with_text=config.log_text)
    sys.setswitchinterval(SWITCH_S)
    server = Server(config)
    with listen(config) as listener:
        runner = DrainingRunner(server, create_app(server))
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{port}/"
        runner.on_ready = lambda: _announce(url, server, open_browser)
        runner.run(sockets=[listener])
    if runner.failure is not None:
        raise runner.failure


def listen(config: ServerConfig) -> socket.socket:
    """The listening socket; accepted ones inherit its send buffer.

    A large buffer would hide a client that stopped reading, and hold old audio after a cancel.

    Raises:
        OSError: naming the address.
    """
    address = (config.host, config.port)
    try:
        family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server(address, family=family)
    except OSError as error:
        raise OSError(f"cannot listen on {config.host}:{config.port}: {error.strerror}") from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, config.limits.send_buffer_bytes)
    return listener


class DrainingRunner(uvicorn.Server):
    """uvicorn, with a drain between the first signal and the end; a second signal skips it."""

    def __init__(self, server: Server, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop" if sys.platform != "win32" else "asyncio",
                ws=LiveSocket,
                ws_max_size=server.config.limits.max_message_bytes,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PING_S,
                ws_per_message_deflate=False,  # audio does not compress, and it would cost each packet
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=2,
            )
        )
        self._server = server
        self.failure: EngineFailed | None = None
        self.on_ready: Callable[[], None] = _nothing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await (
                self._server.start()
            )  # before uvicorn's lifespan, which would hide the reason in a log
        except EngineFailed as error:
            self.failure = error
            self.should_exit = True
            return
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # models and modules live as long as the process: no collection need look at them again
        gc.set_threshold(*GC_THRESHOLDS)
        if self.started:
            self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        drain = asyncio.ensure_future(self._server.drain())
        while not drain.done() and not self.force_exit:
            await asyncio.wait({drain}, timeout=0.05)
        drain.cancel()
        await self._server.peers.close_all()
        await self._server.broadcast.close()  # endless bodies would hold up uvicorn's own end
        await self._server.sessions.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but a signal that was obeyed is not raised again: to be told to stop is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {s: signal.signal(s, self.handle_exit) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del sig, frame
        self.force_exit = self.should_exit
        self.should_exit = True


def _nothing() -> None:
    """Nobody wants to know."""


def _announce(url: str, server: Server, open_browser: bool) -> None:
    logger.info("ready", url=url, engine=server.engine.info.name, places=server.admission.capacity)
    if open_browser:
        webbrowser.open(url)
