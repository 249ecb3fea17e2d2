"""All sessions of a server: how one begins, is found again after a loss, and ends."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress

from ..model.engine import Engine
from ..streaming.clock import Clock
from ..streaming.conversation import Limits as ConversationLimits
from ..streaming.emotion import NEUTRAL
from ..streaming.errors import BadMessage, RateLimited, SeiyuuError
from ..streaming.ids import new_session_id
from ..streaming.messages import ErrorMessage, SessionStart, SessionStarted
from ..streaming.protocol import POLICY_VIOLATION, Protocol, Received, Rejected, Side
from .access import Access
from .admission import Admission
from .announcing import Announcer
from .config import ServerConfig
from .emotions import Emotions, Understood
from .handling import Handling
from .log import Log
from .metrics import Metrics
from .session import GOING_AWAY, Session, Surroundings
from .throttle import Throttle
from .transports import Disconnected, Transport
from .voices import Voices
from .wire import Wire

log = Log("sessions")

REFUSAL_S = 2.0
"""How long a refused client may take to read why."""


class Sessions:
    """Begins sessions, keeps them while they last, and lets a client that was lost find its own again."""

    def __init__(
        self,
        config: ServerConfig,
        engine: Engine,
        *,
        voices: Voices,
        emotions: Emotions,
        admission: Admission,
        access: Access,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._limits = config.limits
        self._voices = voices
        self._emotions = emotions
        self._admission = admission
        self._access = access
        self._metrics = metrics
        self._clock = clock
        announcer = None if config.notice == "off" else Announcer(engine, config.notice)
        self._notice = config.notice
        self._around = Surroundings(
            engine, config.limits, metrics, clock, config.cleaning, announcer
        )
        self._sessions: dict[str, Session] = {}  # by resume token
        self._tasks: set[asyncio.Task[None]] = set()
        self._watcher: asyncio.Task[None] | None = None
        self.on_change: Callable[[], None] | None = None
        """Called when a session has begun or ended, before anything of it is sent."""
        admission.make_room = self._evict

    @property
    def live(self) -> tuple[Session, ...]:
        """Sessions that have begun and not ended, oldest first."""
        return tuple(self._sessions.values())

    @property
    def trouble(self) -> str | None:
        """What is wrong with the engine, as far as the last utterance knows."""
        return self._around.health.trouble

    async def serve(
        self, transport: Transport, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> None:
        """Serve a connection that came over HTTP, if it may."""
        try:
            self._access.check(headers, query)
        except SeiyuuError as error:
            await self._refuse(transport, self._protocol(), error)
            return
        await self.talk(transport)

    async def talk(self, transport: Transport) -> None:
        """Serve one connection until it is gone; its session may outlive it."""
        protocol = self._protocol()
        try:
            async with asyncio.timeout(self._limits.start_timeout_ms / 1000):
                start = await self._first(transport, protocol)
                session = await self._session(start, transport, protocol)
        except Disconnected:
            return
        except TimeoutError:
            wait_s = self._limits.start_timeout_ms / 1000
            error = BadMessage(f"no session.start came within {wait_s:g} s")
            await self._refuse(transport, protocol, error)
            return
        except SeiyuuError as error:
            await self._refuse(transport, protocol, error)
            return
        try:
            await self._converse(session, transport, protocol)
        except Disconnected as gone:
            if gone.said_goodbye and session.wire.transport is transport:
                session.end()
        finally:
            if session.wire.transport is transport:
                session.detach()

    async def drain(self) -> None:
        """Let every session finish what it is saying, within the limit for it."""
        for session in self.live:
            session.leave(GOING_AWAY, "the server is stopping")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._limits.drain_ms / 1000)

    async def close(self) -> None:
        """End every session now. Idempotent."""
        for session in self.live:
            session.end()
        if self._tasks:
            await asyncio.wait(self._tasks)

    # The beginning of one.

    def _protocol(self) -> Protocol:
        limits = self._limits
        return Protocol(
            Side.SERVER,
            ConversationLimits(
                limits.max_message_chars, limits.max_utterance_chars, limits.max_queued_utterances
            ),
        )

    async def _first(self, transport: Transport, protocol: Protocol) -> SessionStart:
        """The ``session.start``; what comes before it is answered with an error."""
        while True:
            frame = await transport.receive()
            text = isinstance(frame, str)
            events = protocol.receive_text(frame) if text else protocol.receive_binary(frame)  # type: ignore[arg-type]
            for event in events:
                if isinstance(event, Received) and isinstance(event.message, SessionStart):
                    return event.message
                if not isinstance(event, Received) and event.close_code is not None:  # type: ignore[union-attr]
                    raise event.error  # type: ignore[union-attr]
            await _flush(transport, protocol)

    async def _session(
        self, start: SessionStart, transport: Transport, protocol: Protocol
    ) -> Session:
        if start.resume is not None:
            return await self._resume(
                start.resume.token, start.resume.next_seq, transport, protocol
            )
        voice = await self._voices.get(start.voice or "")
        emotion = Understood(NEUTRAL)
        if start.emotion is not None:
            emotion = await self._emotions.read(start.emotion)
        self._admission.admit()
        wire = Wire(transport, protocol, self._limits.resume_buffer_bytes)
        session = Session(new_session_id(), start, voice, emotion, wire, self._around)
        token = secrets.token_urlsafe(24)
        self._sessions[token] = session
        task = asyncio.create_task(session.run(), name=f"session-{session.id[:6]}")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(token, done))
        self._metrics.sessions_total.inc()
        self._count()
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch(), name="slow-readers")
        session.log.info("started", peer=transport.peer, voice=voice.name, codec=start.audio.codec)
        await self._answer(session, token, transport, protocol)
        session.caution(emotion, None)
        return session

    async def _resume(
        self, token: str, next_seq: int, transport: Transport, protocol: Protocol
    ) -> Session:
        session = self._sessions.get(token)
        missed = None if session is None or session.ended else session.wire.replay.since(next_seq)
        if session is None or missed is None:
            raise BadMessage("there is nothing to resume under this token; start a new session")
        if session.attached:  # its loss was not noticed here yet
            before = session.wire.transport
            session.detach()
            gone = ErrorMessage(
                code="bad_message", message="the session went on over another connection"
            )
            before.expel(gone.to_json(), GOING_AWAY, gone.message)
        await self._answer(session, token, transport, protocol, session.wire.received)
        session.attach(transport, protocol, missed)
        self._metrics.resumed_total.inc()
        return session

    async def _answer(
        self,
        session: Session,
        token: str,
        transport: Transport,
        protocol: Protocol,
        received: int | None = None,
    ) -> None:
        protocol.send(
            SessionStarted(
                session=session.id,
                engine=session.engine.info.name,
                voice=session.voice.name,
                audio=session.audio,
                resume_token=token,
                limits=protocol.limits.spec(),
                received=received,
                notice=self._notice,
            )
        )
        await _flush(transport, protocol)

    async def _refuse(self, transport: Transport, protocol: Protocol, error: SeiyuuError) -> None:
        self._metrics.refused_total.labels(error.code).inc()
        log.info("refused", peer=transport.peer, code=error.code, reason=str(error))
        if protocol.close_code is None:
            protocol.refuse(error)
        code = protocol.close_code or POLICY_VIOLATION
        with suppress(Disconnected, TimeoutError):
            async with asyncio.timeout(REFUSAL_S):
                await _flush(transport, protocol)
                await transport.close(code, str(error))

    # Its life.

    async def _converse(self, session: Session, transport: Transport, protocol: Protocol) -> None:
        """Read and act until the peer is gone."""
        handling = Handling(session, self._voices, self._emotions, self._clock)
        limits = self._limits
        throttle = Throttle(limits.messages_per_s, limits.message_burst, self._clock)
        warned = False
        while True:
            frame = await transport.receive()
            if delay_s := throttle.delay_s():
                if not warned:
                    warned = True
                    note = f"no more than {limits.messages_per_s} messages a second are read"
                    protocol.send_warning(RateLimited.code, note)
                    session.speaker.wake()
                await asyncio.sleep(delay_s)
            if isinstance(frame, str):
                session.wire.received += 1
                events = protocol.receive_text(frame)
            else:
                events = protocol.receive_binary(frame)
            for event in events:
                if isinstance(event, Received):
                    await handling.handle(event)
                elif isinstance(event, Rejected):
                    self._metrics.errors_total.labels(event.error.code).inc()
            session.speaker.wake()

    def _ended(self, token: str, task: asyncio.Task[None]) -> None:
        session = self._sessions.pop(token)
        self._tasks.discard(task)
        self._admission.leave()
        self._count()
        session.log.info("ended")
        if not task.cancelled() and (error := task.exception()):
            session.log.exception("session failed", error)

    def _evict(self) -> bool:
        """End the session that has waited longest for its client to come back."""
        for session in self.live:
            if not session.attached and not session.ended:
                session.end()
                return True
        return False

    def _count(self) -> None:
        if self.on_change is not None:
            self.on_change()
        live = self.live
        self._metrics.sessions.set(len(live))
        self._metrics.detached.set(sum(not session.attached for session in live))

    async def _watch(self) -> None:
        """Expel clients that do not read. Runs while there are sessions."""
        limit_s = self._limits.slow_reader_ms / 1000
        while self._sessions:
            await asyncio.sleep(limit_s / 4)
            now = asyncio.get_running_loop().time()
            for session in self.live:
                since = session.wire.blocked_since
                if since is not None and now - since > limit_s and not session.ended:
                    session.log.warning("slow reader")
                    session.expel()
            self._count()


async def _flush(transport: Transport, protocol: Protocol) -> None:
    for frame in protocol.data_to_send():
        await transport.send(frame)
