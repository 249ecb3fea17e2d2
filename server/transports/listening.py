"""Doors for those who listen to a session: ``/live/{session}.ogg`` and ``.wav`` for media players, ``/v1/listen`` for
pages that play and caption it themselves.

Whoever knows a session's unguessable id may listen; ``current`` is no secret and asks for the server's key.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import struct
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from ...streaming.audio import to_pcm16
from ...streaming.codecs import Decoder, make_decoder
from ...streaming.errors import Overloaded, SeiyuuError, Unauthorized
from ...streaming.message_parts import AudioSpec
from ...streaming.messages import SessionStarted
from ...streaming.ogg import OggOpus
from ...streaming.packet import Packet, unpack
from ...streaming.protocol import POLICY_VIOLATION, Frame
from ..access import Access
from ..broadcast import CURRENT, QUEUED_FRAMES, Broadcast, Follower, Listener
from ..monitor import BEAT_SAMPLES, RATE_HZ, Beat
from ..session import Session
from . import Disconnected
from .websocket import Event, Receive, Send, WebSocketTransport

STALLED_S = 10.0
"""How long a player may take for one page before it is dropped."""
TRY_AGAIN = 1013


SESSION_ENDED = json.dumps({"type": "session.ended"})


def introduction(session: Session, audio: AudioSpec) -> str:
    """``session.started`` for those who listen: without token and limits."""
    started = SessionStarted(
        session=session.id,
        engine=session.engine.info.name,
        voice=session.voice.name,
        audio=audio,
        resume_token="-",
        limits=session.wire.protocol.limits.spec(),
    )
    return started.model_dump_json(exclude={"resume_token", "limits"})


def admit(access: Access, name: str, headers: Mapping[str, str], query: Mapping[str, str]) -> None:
    """Let a listener in or raise.

    Raises:
        Unauthorized: ``current`` without the key, or asked for by a page of another site.
    """
    if name != CURRENT:
        return
    if headers.get("sec-fetch-site") == "cross-site" and "origin" not in headers:
        raise Unauthorized("pages of other sites may not listen to the current session")
    access.check(headers, query)


def listening_router(broadcast: Broadcast, access: Access) -> APIRouter:
    """The endless streams. Each connection begins with fresh headers at the live edge."""
    router = APIRouter(tags=["listening"])

    @router.get("/live/{name}.{kind}", response_class=Response)
    async def live(name: str, kind: str, request: Request) -> Response:
        """The session's sound for ever, silence included: ``ogg`` (Opus) or ``wav`` (float32), mono, 48 kHz.

        ``name`` is a session's id or ``current``, which is the newest session and outlives it.
        """
        makers: dict[str, Callable[[], _Body]] = {"ogg": OggBody, "wav": WavBody}
        if kind not in makers:
            return Response("expected .ogg or .wav", 404)
        try:
            admit(access, name, request.headers, request.query_params)
            listener = broadcast.listen(name)
        except SeiyuuError as error:
            return refusal(error)
        return LiveResponse(makers[kind](), listener, broadcast)

    return router


def refusal(
    error: SeiyuuError, status: int = 0, headers: dict[str, str] | None = None
) -> JSONResponse:
    """An error as a response; without ``status`` the one that fits."""
    if not status:
        kinds = ((Unauthorized, 401), (Overloaded, 503))
        status = next((code for kind, code in kinds if isinstance(error, kind)), 404)
    content = {"code": error.code, "message": str(error), "retryable": error.retryable}
    return JSONResponse(content, status, headers)


class OggBody:
    media_type = "audio/ogg"

    def __init__(self) -> None:
        self._ogg = OggOpus(secrets.randbits(32))
        self._next: int | None = None

    def head(self) -> bytes:
        return self._ogg.headers()

    def part(self, beat: Beat) -> bytes:
        beats = 1 if self._next is None else max(1, beat.number - self._next + 1)
        self._next = beat.number + 1
        return self._ogg.page(beat.opus, beats * BEAT_SAMPLES)


class WavBody:
    media_type = "audio/wav"

    def head(self) -> bytes:
        """RIFF/WAVE with the largest sizes there are; IEEE float (format tag 3), mono."""
        endless = 0xFFFFFFFF
        form = struct.pack("<HHIIHH", 3, 1, RATE_HZ, RATE_HZ * 4, 4, 32)
        return (
            b"RIFF" + struct.pack("<I", endless) + b"WAVEfmt " + struct.pack("<I", 16) + form
            + b"data" + struct.pack("<I", endless)
        )  # fmt: skip

    def part(self, beat: Beat) -> bytes:
        return beat.samples.astype("<f4").tobytes()


_Body = OggBody | WavBody


class LiveResponse(Response):
    """An endless body that ends with its session, its reader, or a reader that stopped reading."""

    def __init__(self, body: _Body, listener: Listener, broadcast: Broadcast) -> None:
        super().__init__(media_type=body.media_type)
        del self.headers["content-length"]
        self.headers["cache-control"] = "no-store"
        self.headers["access-control-allow-origin"] = "*"
        self._body = body
        self._listener = listener
        self._broadcast = broadcast

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(_until_gone(receive))
        sending = asyncio.create_task(self._send(send))
        try:
            await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._broadcast.leave(self._listener)
            gone.cancel()
            sending.cancel()
            await asyncio.gather(gone, sending, return_exceptions=True)

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self._body.head(), "more_body": True})
        while (beat := await self._listener.next()) is not None:
            part = {"type": "http.response.body", "body": self._body.part(beat), "more_body": True}
            async with asyncio.timeout(STALLED_S):
                await send(part)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class ListenEndpoint:
    """``/v1/listen?session=…``: the frames of a session as its client gets them, for as many as want to see them.

    The first message is ``session.started`` without token and limits; ``session.ended`` follows when it is over, and
    where ``current`` was asked for another ``session.started`` may come. An Opus session is sent as PCM.
    """

    def __init__(self, broadcast: Broadcast, access: Access) -> None:
        self._broadcast = broadcast
        self._access = access

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        transport = WebSocketTransport(scope, receive, send)
        name = query.get("session", CURRENT)
        relay = _Relay(name)
        try:
            admit(self._access, name, headers, query)
            self._broadcast.follow(relay.follower)
        except SeiyuuError as error:
            code = TRY_AGAIN if error.retryable else POLICY_VIOLATION
            await transport.close(code, str(error))
            return
        tasks = {
            asyncio.create_task(relay.send_to(transport)),
            asyncio.create_task(_until_disconnected(transport)),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._broadcast.leave(relay.follower)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _until_disconnected(transport: WebSocketTransport) -> None:
    """A listener has nothing to say; what it says is ignored."""
    try:
        while True:
            await transport.receive()
    except Disconnected:
        pass


class _Relay:
    """A follower's frames on their way to its socket; one that does not read is dropped."""

    def __init__(self, name: str) -> None:
        self.follower = Follower(name, self._session, self._frame)
        self._queue: asyncio.Queue[Frame | None] = asyncio.Queue(QUEUED_FRAMES)
        self._decoder: Decoder | None = None
        self._scale = 1

    async def send_to(self, transport: WebSocketTransport) -> None:
        while (frame := await self._queue.get()) is not None:
            try:
                async with asyncio.timeout(STALLED_S):
                    await transport.send(frame)
            except (Disconnected, TimeoutError):
                return
        await transport.close(1000)

    def _put(self, frame: Frame | None) -> None:
        if self._queue.full():  # a minute behind; it comes back at the live edge
            while not self._queue.empty():
                self._queue.get_nowait()
            frame = None
        self._queue.put_nowait(frame)

    def _session(self, session: Session | None) -> None:
        if session is None:
            self._put(SESSION_ENDED)
            if self.follower.name != CURRENT:
                self._put(None)
            return
        audio = session.audio
        self._decoder = None
        if audio.codec == "opus":
            self._decoder = make_decoder(session.format)
            self._scale = self._decoder.sample_rate // audio.sample_rate
            changes = {"codec": "pcm_s16le", "sample_rate": self._decoder.sample_rate}
            audio = audio.model_copy(update=changes)
        self._put(introduction(session, audio))

    def _frame(self, frame: Frame) -> None:
        if self._decoder is not None:
            frame = self._as_pcm(frame, self._decoder)
        self._put(frame)

    def _as_pcm(self, frame: Frame, decoder: Decoder) -> Frame:
        if isinstance(frame, bytes):
            packet = unpack(frame)
            payload = to_pcm16(decoder.decode(packet.payload)).astype("<i2").tobytes()
            at = packet.timestamp * self._scale
            return Packet(packet.utterance, packet.seq, at, payload, packet.last).pack()
        fields = json.loads(frame)
        if fields["type"] == "audio.rewind":
            fields["from_timestamp"] *= self._scale
        return json.dumps(fields)
