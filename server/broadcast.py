"""Everyone who listens to a session without driving it, on one clock.

Two kinds: a :class:`Listener` gets a beat every 20 ms, silence included; a :class:`Follower` gets the frames of the
session as its client does. Both name a session or :data:`CURRENT`, the newest, and in that case outlive it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import numpy as np

from ..streaming.clock import Clock
from ..streaming.codecs import make_encoder
from ..streaming.errors import Overloaded, SeiyuuError
from ..streaming.protocol import Frame
from .log import Log
from .monitor import BEAT_S, BEAT_SAMPLES, BIT_RATE, FORMAT, SILENCE, Beat, Monitor
from .session import Session
from .sessions import Sessions

CURRENT = "current"
QUEUED_BEATS = 50
"""A second: who is further behind is given the live edge instead."""
QUEUED_FRAMES = 1_000
LATE_S = 0.2
"""A clock that is further behind (a suspended laptop) starts afresh instead of catching up."""

log = Log("broadcast")


class NoSuchSession(SeiyuuError):
    """A session that never was, or is over."""

    code = "bad_message"


class Listener:
    """One who gets beats; take them with :meth:`next`. Without a name they are silence."""

    def __init__(self, name: str | None) -> None:
        self.name = name
        self.skipped = 0
        """Beats lost because they were not taken in time."""
        self.session: Session | None = None
        self.on_session: Callable[[Session | None], None] = _ignore
        """Called when it begins to hear another session, or none; it neither waits nor raises."""
        self._beats: deque[Beat] = deque()
        self._changed = asyncio.Event()
        self._over = False

    async def next(self) -> Beat | None:
        """The next 20 ms, None when the session is over. Cancelling the wait loses nothing."""
        while not self._beats:
            if self._over:
                return None
            self._changed.clear()
            await self._changed.wait()
        return self._beats.popleft()

    def give(self, beat: Beat) -> None:
        if len(self._beats) >= QUEUED_BEATS:
            self.skipped += len(self._beats)
            self._beats.clear()
        self._beats.append(beat)
        self._changed.set()

    def end(self) -> None:
        self._over = True
        self._changed.set()


class Follower:
    """One who gets frames. ``on_session`` is called with the session it follows from now on, or None."""

    def __init__(
        self,
        name: str,
        on_session: Callable[[Session | None], None],
        on_frame: Callable[[Frame], None],
    ) -> None:
        self.name = name
        self.session: Session | None = None
        self._on_session = on_session
        self._on_frame = on_frame

    def follow(self, session: Session | None) -> None:
        """Go over to another session. Idempotent."""
        if session is self.session:
            return
        if self.session is not None:
            self.session.wire.taps.discard(self._on_frame)
        self.session = session
        if session is not None:
            session.wire.taps.add(self._on_frame)
        self._on_session(session)


class Broadcast:
    """Owns the clock and who listens; the clock's task runs while there is a listener."""

    def __init__(self, sessions: Sessions, clock: Clock, *, max_listeners: int) -> None:
        self._sessions = sessions
        self._clock = clock
        self._max = max_listeners
        self._listeners: list[Listener] = []
        self._followers: list[Follower] = []
        self._monitors: dict[Session, Monitor] = {}
        self._task: asyncio.Task[None] | None = None
        self._silence = _silent_packet()
        self._number = 0
        sessions.on_change = self._look

    @property
    def current(self) -> Session | None:
        """The session that :data:`CURRENT` means: the newest of those that have not ended."""
        return next((s for s in reversed(self._sessions.live) if not s.ended), None)

    def find(self, name: str | None) -> Session | None:
        """The session of that name; None for no name, and where :data:`CURRENT` has none at the moment.

        Raises:
            NoSuchSession: there is none of that name.
        """
        if name is None:
            return None
        if name == CURRENT:
            return self.current
        found = next((s for s in self._sessions.live if s.id == name and not s.ended), None)
        if found is None:
            raise NoSuchSession("there is no such session; it may be over")
        return found

    def listen(self, name: str | None) -> Listener:
        """Begin to listen, at the live edge.

        Raises:
            NoSuchSession: there is none of that name.
            Overloaded: enough are listening.
        """
        self._check(name)
        listener = Listener(name)
        self._listeners.append(listener)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="broadcast")
        return listener

    def turn_to(self, listener: Listener, name: str) -> None:
        """Let a listener hear another session from now on.

        Raises:
            NoSuchSession: there is none of that name.
        """
        self.find(name)
        listener.name = name
        self._look()

    def follow(self, follower: Follower) -> None:
        """As :meth:`listen`, for frames."""
        self._check(follower.name)
        self._followers.append(follower)
        follower.follow(self.find(follower.name))

    def leave(self, one: Listener | Follower) -> None:
        """Listen no more. Idempotent."""
        if isinstance(one, Follower):
            if one in self._followers:
                self._followers.remove(one)
                one.follow(None)
        elif one in self._listeners:
            self._listeners.remove(one)

    async def close(self) -> None:
        """End everyone. Idempotent."""
        for listener in self._listeners:
            listener.end()
        for follower in self._followers:
            follower.follow(None)
        self._listeners.clear()
        self._followers.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None
        self._let_go(set())

    def _check(self, name: str | None) -> None:
        self.find(name)
        if len(self._listeners) + len(self._followers) >= self._max:
            raise Overloaded(f"{self._max} are listening already; try again later")

    def _look(self) -> None:
        """A session began or ended."""
        for follower in tuple(self._followers):
            try:
                follower.follow(self.find(follower.name))
            except NoSuchSession:
                self.leave(follower)
        for session in self._heard():
            self._monitor(session)  # from its first packet on

    def _heard(self) -> set[Session]:
        found = set()
        for listener in tuple(self._listeners):
            try:
                session = self.find(listener.name)
            except NoSuchSession:
                self._end(listener)
                continue
            if session is not None:
                found.add(session)
        return found

    def _end(self, listener: Listener) -> None:
        """Its session is over: what was still to be said of it, then the end."""
        for session, monitor in self._monitors.items():
            if session.id == listener.name:
                listener.give(Beat(self._number, SILENCE, self._silence, monitor.rest()))
        listener.end()
        self._listeners.remove(listener)

    def _monitor(self, session: Session) -> Monitor:
        if session not in self._monitors:
            self._monitors[session] = Monitor(session)
        return self._monitors[session]

    def _let_go(self, heard: set[Session]) -> None:
        for session in [s for s in self._monitors if s not in heard]:
            self._monitors.pop(session).close()

    async def _run(self) -> None:
        """Beat while somebody listens: deadlines on one line, so that no delay adds up."""
        due = self._clock.now()
        self._number = 0
        while self._listeners:
            self._beat(self._number)
            self._number += 1
            due += BEAT_S
            behind = self._clock.now() - due
            if behind > LATE_S:
                log.warning("clock was held up", behind_ms=round(behind * 1000))
                self._number += int(behind / BEAT_S)
                due += int(behind / BEAT_S) * BEAT_S
            await asyncio.sleep(max(0.0, due - self._clock.now()))
        self._let_go(set())

    def _beat(self, number: int) -> None:
        heard = self._heard()
        self._let_go(heard)
        beats = {session: self._monitor(session).beat(number) for session in heard}
        silent = Beat(number, SILENCE, self._silence)
        for listener in self._listeners:
            session = self.find(listener.name)
            if session is not listener.session:
                listener.session = session
                listener.on_session(session)
            listener.give(beats[session] if session is not None else silent)


def _ignore(session: Session | None) -> None:
    del session


def _silent_packet() -> bytes:
    """What the encoder makes of silence that has lasted a while."""
    encoder = make_encoder(FORMAT, bit_rate=BIT_RATE)
    packet = b""
    for _ in range(10):
        packet = encoder.encode(np.zeros(BEAT_SAMPLES, np.float32))
    return packet
