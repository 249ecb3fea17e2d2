"""WebRTC by WHEP's shape: an offer is posted, the answer comes back, and the session is heard.

One Opus packet is made for all listeners and handed to each connection as it is. A data channel ``live``, if the peer
opens one, carries the session's messages, each with the sound it belongs to. draft-ietf-wish-whep.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from contextlib import suppress
from fractions import Fraction
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from ...streaming.errors import BadMessage, Overloaded, SeiyuuError
from ...streaming.protocol import Frame
from ..access import Access
from ..broadcast import CURRENT, Broadcast, Listener
from ..log import Log
from ..monitor import BEAT_SAMPLES, RATE_HZ
from .listening import admit, refusal

MAX_OFFER_BYTES = 64 * 1024
CLOSING_S = 5.0
CONNECT_S = 30.0
"""How long a peer may take to connect after its offer was answered."""
CHANNEL = "live"
MAX_BUFFERED = 256 * 1024
"""A data channel that holds more than this is not read; its messages are left out."""

log = Log("webrtc")


def without_names(sdp: str) -> str:
    """The offer without candidates that hide behind an mDNS name.

    They cost a second each to look up, and where the peer can be reached at all its own checks tell its address.
    """
    lines = sdp.replace("\r\n", "\n").split("\n")
    hidden = re.compile(r"a=candidate:.*\s\S+\.local\s", re.IGNORECASE)
    return "\r\n".join(line for line in lines if not hidden.match(line))


class Peer:
    """One connection and the listener behind it."""

    def __init__(self, connection: Any, listener: Listener, name: str) -> None:
        self.id = secrets.token_urlsafe(12)
        self.connection = connection
        self.listener = listener
        self.name = name
        self.channel: Any = None
        self.tasks: set[asyncio.Task[None]] = set()

    def say(self, message: Frame) -> None:
        """A message for the peer's data channel, if it has one that is read."""
        channel = self.channel
        if (
            channel is not None
            and channel.readyState == "open"
            and channel.bufferedAmount < MAX_BUFFERED
        ):
            channel.send(message)


class Peers:
    """All peer connections of a server; none outlives it."""

    def __init__(self, broadcast: Broadcast, *, max_peers: int) -> None:
        self._broadcast = broadcast
        self._max = max_peers
        self._peers: dict[str, Peer] = {}

    def __len__(self) -> int:
        return len(self._peers)

    def find(self, number: str) -> Peer | None:
        return self._peers.get(number)

    async def answer(self, sdp: str, name: str) -> tuple[Peer, str]:
        """Take an offer for the session of that name; the answer has every candidate in it.

        Raises:
            BadMessage: the offer cannot be read, or asks for no audio.
            Overloaded, NoSuchSession: as :meth:`.Broadcast.listen`.
        """
        from aiortc import RTCPeerConnection, RTCSessionDescription

        if len(self._peers) >= self._max:
            raise Overloaded(f"{self._max} peers are connected already; try again later")
        listener = self._broadcast.listen(name)
        connection = RTCPeerConnection()
        peer = Peer(connection, listener, name)
        self._peers[peer.id] = peer
        try:
            self._watch(peer)
            offer = RTCSessionDescription(without_names(sdp), "offer")
            await connection.setRemoteDescription(offer)
            if not any(one.kind == "audio" for one in connection.getTransceivers()):
                raise BadMessage("the offer asks for no audio")
            connection.addTrack(_track(peer))
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
        """More candidates of the peer (RFC 8840); those with a hidden name are left out."""
        from aiortc.sdp import candidate_from_sdp

        for line in without_names(fragment).splitlines():
            if line.startswith("a=candidate:"):
                try:
                    candidate = candidate_from_sdp(line.removeprefix("a=candidate:"))
                    candidate.sdpMid = peer.connection.getTransceivers()[0].mid
                    await peer.connection.addIceCandidate(candidate)
                except (ValueError, IndexError, AssertionError) as error:
                    raise BadMessage("a candidate cannot be read") from error

    async def close(self, peer: Peer) -> None:
        """End one. Idempotent."""
        if self._peers.pop(peer.id, None) is None:
            return
        self._broadcast.leave(peer.listener)
        peer.listener.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await peer.connection.close()

    async def close_all(self) -> None:
        """End all. Idempotent."""
        await asyncio.gather(*(self.close(peer) for peer in tuple(self._peers.values())))

    def _watch(self, peer: Peer) -> None:
        connection = peer.connection

        @connection.on("connectionstatechange")  # type: ignore[untyped-decorator]
        async def changed() -> None:
            if connection.connectionState in {"failed", "closed"}:
                await self.close(peer)

        @connection.on("datachannel")  # type: ignore[untyped-decorator]
        def opened(channel: Any) -> None:
            if channel.label == CHANNEL:
                peer.channel = channel

    def _expire(self, peer: Peer) -> None:
        if peer.id in self._peers and peer.connection.connectionState != "connected":
            task = asyncio.ensure_future(self.close(peer))
            peer.tasks.add(task)
            task.add_done_callback(peer.tasks.discard)


def _track(peer: Peer) -> Any:
    """The peer's audio track: beats as ready Opus packets, on the 48 kHz clock."""
    from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
    from av import Packet

    class BeatTrack(MediaStreamTrack):
        kind = "audio"

        def __init__(self) -> None:
            super().__init__()
            self._first: int | None = None

        async def recv(self) -> Any:
            beat = await peer.listener.next()
            if beat is None or self.readyState != "live":
                self.stop()
                raise MediaStreamError
            if self._first is None:
                self._first = beat.number
            for message in beat.messages:
                peer.say(message)
            packet = Packet(beat.opus)
            packet.time_base = Fraction(1, RATE_HZ)
            packet.pts = (beat.number - self._first) * BEAT_SAMPLES
            return packet

    return BeatTrack()


def webrtc_router(peers: Peers, access: Access) -> APIRouter:
    """``POST /v1/webrtc?session=…`` and what WHEP does with the resource it makes."""
    router = APIRouter(tags=["webrtc"])

    @router.post("/v1/webrtc", status_code=201)
    async def offer(request: Request) -> Response:
        """An SDP offer in, 201 with the answer and its ``Location`` out; ``session`` is an id or ``current``."""
        if not request.headers.get("content-type", "").startswith("application/sdp"):
            return JSONResponse({"code": "bad_message", "message": "expected application/sdp"}, 415)
        name = request.query_params.get("session", CURRENT)
        try:
            admit(access, name, request.headers, request.query_params)
            peer, answer = await peers.answer(await _body(request), name)
        except BadMessage as error:
            return refusal(error, 406)
        except SeiyuuError as error:
            return refusal(error)
        headers = {
            "Location": f"/v1/webrtc/{peer.id}",
            "ETag": f'"{peer.id}"',
            "Access-Control-Expose-Headers": "Location, ETag",
        }
        return Response(answer, 201, headers, media_type="application/sdp")

    @router.patch("/v1/webrtc/{number}")
    async def candidates(number: str, request: Request) -> Response:
        """More candidates of the peer."""
        peer = peers.find(number)
        if peer is None:
            return Response(status_code=404)
        kind = request.headers.get("content-type", "")
        if not kind.startswith("application/trickle-ice-sdpfrag"):
            return Response(status_code=415)
        try:
            await peers.trickle(peer, await _body(request))
        except BadMessage as error:
            return refusal(error, 400)
        return Response(status_code=204)

    @router.delete("/v1/webrtc/{number}")
    async def end(number: str) -> Response:
        """The peer is done."""
        peer = peers.find(number)
        if peer is None:
            return Response(status_code=404)
        await peers.close(peer)
        return Response(status_code=200)

    return router


async def _body(request: Request) -> str:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_OFFER_BYTES:
            raise BadMessage(f"the body is larger than {MAX_OFFER_BYTES} bytes")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadMessage("the body is not UTF-8") from error
