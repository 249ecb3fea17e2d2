"""The WebSocket ``/v1/live`` as an ASGI application of its own.

It speaks ASGI without a framework between: at 20 ms a packet, a hundred sessions send five thousand times a second.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

from ...streaming.protocol import Frame
from . import Disconnected, Transport

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

SEND_NOW = "seiyuu.send_now"
"""ASGI extension: a function of a frame that sends it if that takes no waiting, and says whether it did."""
GOODBYES = (1000, 1001)
"""RFC 6455 §7.4.1: done, or going away as a browser's page does. A socket that just broke carries neither."""
EXPEL = "seiyuu.expel"
"""ASGI extension: a function (text, code, reason) that sends without waiting and drops the connection soon after."""


class WebSocketTransport:
    """One accepted WebSocket."""

    def __init__(self, scope: Event, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        self._peer = f"{client[0]}:{client[1]}" if client else "unknown"
        self._receive = receive
        self._send = send
        extensions = scope.get("extensions") or {}
        self._expel: Callable[[str, int, str], None] | None = extensions.get(EXPEL)
        self._send_now: Callable[[Frame], bool] | None = extensions.get(SEND_NOW)
        self._closed = False

    @property
    def peer(self) -> str:
        return self._peer

    async def receive(self) -> Frame:
        event = await self._receive()
        if event["type"] != "websocket.receive":
            self._closed = True
            raise Disconnected(said_goodbye=event.get("code") in GOODBYES)
        text = event.get("text")
        return text if text is not None else event["bytes"]  # type: ignore[no-any-return]

    async def send(self, frame: Frame) -> None:
        if self._closed:
            raise Disconnected
        key = "text" if isinstance(frame, str) else "bytes"
        try:
            await self._send({"type": "websocket.send", key: frame})
        except OSError as error:  # what ASGI servers raise for a peer that left
            self._closed = True
            raise Disconnected from error

    def send_now(self, frame: Frame) -> bool:
        return self._send_now is not None and not self._closed and self._send_now(frame)

    async def close(self, code: int, reason: str = "") -> None:
        if not self._closed:
            self._closed = True
            with suppress(OSError):  # gone already, which is what was wanted
                await self._send(
                    {"type": "websocket.close", "code": code, "reason": _short(reason)}
                )

    def expel(self, last: str, code: int, reason: str = "") -> None:
        if not self._closed:
            self._closed = True
            if self._expel is not None:
                self._expel(last, code, _short(reason))


def _short(reason: str) -> str:
    """RFC 6455 §5.5: a control frame carries 125 bytes, two of them the code."""
    return reason.encode()[:123].decode(errors="ignore")


class LiveEndpoint:
    """Accepts the socket and hands it to ``serve`` with the request's headers and query."""

    def __init__(
        self, serve: Callable[[Transport, dict[str, str], dict[str, str]], Awaitable[None]]
    ) -> None:
        self._serve = serve

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
        if (await receive())["type"] != "websocket.connect":
            return
        try:
            await send({"type": "websocket.accept"})
        except OSError:
            return  # gone before it was let in
        await self._serve(WebSocketTransport(scope, receive, send), headers, query)
