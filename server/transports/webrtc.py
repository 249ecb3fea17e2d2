"""Peer connections: each hears a session, and may drive one of its own over its data channel ``live``.

One Opus packet is made for all listeners of a session and handed to each connection as it is. A peer that says
``session.start`` on its channel hears its own session from then on; one that says nothing keeps listening.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import deque
from collections.abc import Awaitable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Protocol

from ...streaming.errors import BadMessage, Overloaded, SeiyuuError, Unsupported
from ..broadcast import Broadcast, Listener
from ..log import Log
from ..monitor import Beat
from ..session import Session
from . import Transport
from .ice import make_connection
from .listening import SESSION_ENDED, introduction
from .peer_channel import PeerChannel
from .peer_track import beat_track

CLOSING_S = 5.0
CONNECT_S = 30.0
"""How long a peer may take to connect after its offer was answered."""
REMEMBERED = 256
"""Peers that are gone and may still say so."""
CHANNEL = "live"
_HIDDEN = re.compile(r"a=candidate:.*\s\S+\.local\s", re.IGNORECASE)

log = Log("webrtc")


class Serve(Protocol):
    """Serves a connection that came with these headers and this query, as :meth:`.Sessions.serve`."""

    def __call__(
        self, transport: Transport, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> Awaitable[None]: ...


class Restart(Unsupported):
    """The peer asks for ICE to be restarted, which needs a new connection here."""


def without_names(sdp: str) -> str:
    """The offer without candidates that hide behind an mDNS name.

    They cost a second each to look up, and where the peer can be reached at all its own checks tell its address.
    Nor does it say then that these were all: a peer without candidates would be given up at once.
    """
    lines = sdp.replace("\r\n", "\n").split("\n")
    shown = [line for line in lines if not _HIDDEN.match(line)]
    if len(shown) < len(lines):
        shown = [line for line in shown if line != "a=end-of-candidates"]
    return "\r\n".join(shown)


class Peer:
    """One connection, the listener behind it, and what is said over its channel."""

    def __init__(self, connection: Any, listener: Listener, channel: PeerChannel) -> None:
        self.id = secrets.token_urlsafe(12)
        self.connection = connection
        self.listener = listener
        self.channel = channel
        self.talking: asyncio.Task[None] | None = None
        self.ufrag = ""
        """Of the peer's ICE agent; another one in a later fragment asks for a restart."""


class Peers:
    """All peer connections of a server; none outlives it."""

    def __init__(
        self, broadcast: Broadcast, serve: Serve, *, max_peers: int, here_only: bool = False
    ) -> None:
        self._broadcast = broadcast
        self._serve = serve
        self._max = max_peers
        self._here_only = here_only
        self._peers: dict[str, Peer] = {}
        self._left: deque[str] = deque(maxlen=REMEMBERED)
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._peers)

    def find(self, number: str) -> Peer | None:
        return self._peers.get(number)

    async def end(self, number: str) -> bool:
        """The peer says that it is done; False if there never was one of that number, or it has said so before.

        Players close their connection first, which is noticed here before they say it.
        """
        peer = self.find(number)
        if peer is not None:
            await self.close(peer)
        known = number in self._left
        if known:
            self._left.remove(number)
        return known

    async def answer(
        self, sdp: str, name: str | None, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> tuple[Peer, str]:
        """Take an offer for the session of that name, or for silence until the peer has started its own.

        The answer has every candidate in it. ``headers`` and ``query`` say whether the peer may start a session.

        Raises:
            BadMessage: the offer cannot be read, or asks for no audio.
            Overloaded, NoSuchSession: as :meth:`.Broadcast.listen`.
        """
        from aiortc import RTCSessionDescription

        if len(self._peers) >= self._max:
            raise Overloaded(f"{self._max} peers are connected already; try again later")
        listener = self._broadcast.listen(name)
        connection = make_connection(here_only=self._here_only)
        peer = self._peer(connection, listener)
        try:
            self._watch(peer, dict(headers), dict(query))
            offer = without_names(sdp)
            await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            peer.ufrag = _ufrag(offer)
            if not any(one.kind == "audio" for one in connection.getTransceivers()):
                raise BadMessage("the offer asks for no audio")
            connection.addTrack(beat_track(listener, lambda beat: self._beat(peer, beat)))
            await connection.setLocalDescription(await connection.createAnswer())
        except SeiyuuError:
            await self.close(peer)
            raise
        except Exception as error:  # aiortc's parser raises whatever its lines lead to
            await self.close(peer)
            raise BadMessage("the offer is no session description that can be answered") from error
        asyncio.get_running_loop().call_later(CONNECT_S, self._expire, peer)
        return peer, connection.localDescription.sdp

    async def trickle(self, peer: Peer, fragment: str) -> None:
        """More candidates of the peer (RFC 8840); those with a hidden name are left out.

        Raises:
            BadMessage: a candidate cannot be read.
            Restart: the fragment is of another ICE session (RFC 9725 §4.3.3).
        """
        from aiortc.sdp import candidate_from_sdp

        if _ufrag(fragment) not in {"", peer.ufrag}:
            raise Restart("this server does not restart ICE; make a new connection")
        for line in without_names(fragment).splitlines():
            if line.startswith("a=candidate:"):
                try:
                    candidate = candidate_from_sdp(line.removeprefix("a=candidate:"))
                    candidate.sdpMid = peer.connection.getTransceivers()[0].mid
                    await peer.connection.addIceCandidate(candidate)
                except (ValueError, IndexError, AssertionError) as error:
                    raise BadMessage("a candidate cannot be read") from error

    async def close(self, peer: Peer, *, said_goodbye: bool = True) -> None:
        """End one; a session it drove ends with it, or waits for it if it was lost. Idempotent."""
        if self._peers.pop(peer.id, None) is None:
            return
        self._left.append(peer.id)
        peer.channel.gone(said_goodbye=said_goodbye)
        self._broadcast.leave(peer.listener)
        peer.listener.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await peer.connection.close()

    async def close_all(self) -> None:
        """End all. Idempotent."""
        await asyncio.gather(*(self.close(peer) for peer in tuple(self._peers.values())))
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSING_S)

    def _peer(self, connection: Any, listener: Listener) -> Peer:
        def started(session: str) -> None:
            self._broadcast.turn_to(listener, session)

        def over() -> None:
            self._own(self._say_goodbye(peer))

        peer = Peer(connection, listener, PeerChannel("webrtc", on_started=started, on_over=over))
        listener.on_session = lambda session: _introduce(peer, session)
        self._peers[peer.id] = peer
        return peer

    def _watch(self, peer: Peer, headers: dict[str, str], query: dict[str, str]) -> None:
        connection = peer.connection

        @connection.on("connectionstatechange")  # type: ignore[untyped-decorator]
        async def changed() -> None:
            state = connection.connectionState
            if state in {"failed", "closed"}:
                await self.close(peer, said_goodbye=state == "closed")

        @connection.on("datachannel")  # type: ignore[untyped-decorator]
        def opened(channel: Any) -> None:
            if channel.label != CHANNEL:
                return
            peer.channel.open(channel)
            if peer.listener.session is not None:
                _introduce(peer, peer.listener.session)
            channel.on("close", lambda: peer.channel.gone(said_goodbye=True))

            @channel.on("message")  # type: ignore[untyped-decorator]
            def said(message: str | bytes) -> None:
                peer.channel.heard(message)
                if peer.talking is None:
                    peer.talking = self._own(self._talk(peer, headers, query))

    async def _talk(self, peer: Peer, headers: dict[str, str], query: dict[str, str]) -> None:
        """The peer has something to say: it drives a session, if it may."""
        await self._serve(peer.channel, headers, query)

    def _beat(self, peer: Peer, beat: Beat | None) -> None:
        if beat is None:
            _introduce(peer, None)
            self._own(self._say_goodbye(peer))
            return
        for message in beat.messages:
            peer.channel.say(message)

    async def _say_goodbye(self, peer: Peer) -> None:
        """Close once the peer has what was said last."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await peer.channel.flushed()
        await self.close(peer)

    def _expire(self, peer: Peer) -> None:
        if peer.id in self._peers and peer.connection.connectionState != "connected":
            self._own(self.close(peer))

    def _own(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _introduce(peer: Peer, session: Session | None) -> None:
    """Tell a peer that only listens whom it hears now; one that drives knows."""
    if peer.talking is None:
        told = SESSION_ENDED if session is None else introduction(session, session.audio)
        peer.channel.say(told)


def _ufrag(sdp: str) -> str:
    """The first ICE user fragment of a description (RFC 8839 §5.4), or nothing."""
    found = re.search(r"^a=ice-ufrag:(\S+)", sdp, re.MULTILINE)
    return found[1] if found else ""
