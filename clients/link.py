"""The client's connection: a socket or any other pair of pipes, and how to open one anew after a loss."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from ..streaming.protocol import Frame

MAX_FRAME_BYTES = 1 << 20
OPEN_TIMEOUT_S = 10.0


class Lost(ConnectionError):
    """The connection ended; ``code`` and ``reason`` as the other end gave them, 1006 if it just vanished."""

    def __init__(self, code: int = 1006, reason: str = "") -> None:
        super().__init__(reason or f"the connection ended with code {code}")
        self.code = code
        self.reason = reason


class BadAddress(ConnectionError, ValueError):
    """What was given is not the address of a server."""


class Link(Protocol):
    """One connection; what it raises when it ends is :class:`Lost`."""

    async def send(self, frame: str) -> None: ...

    async def receive(self) -> Frame: ...

    async def close(self) -> None: ...


Opener = Callable[[], Awaitable[Link]]
"""Makes a fresh connection to the same server."""


class WebSocketLink:
    """A WebSocket to a server of this project."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, frame: str) -> None:
        try:
            await self._socket.send(frame)
        except ConnectionClosed as error:
            raise _lost(error) from error

    async def receive(self) -> Frame:
        try:
            return await self._socket.recv()
        except ConnectionClosed as error:
            raise _lost(error) from error

    async def close(self) -> None:
        await self._socket.close()

    def abort(self) -> None:
        """Be gone without a word, as when a cable is pulled."""
        self._socket.transport.abort()


def websocket_opener(
    url: str, api_key: str | None = None
) -> Callable[[], Awaitable[WebSocketLink]]:
    """Connections to ``url`` (``ws://host:8765/v1/live``; the path may be left out)."""
    if "/v1/live" not in url:
        url = url.rstrip("/") + "/v1/live"
    url = url.replace("http://", "ws://", 1).replace("https://", "wss://", 1)
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else None

    async def open_link() -> WebSocketLink:
        try:
            socket = await open_websocket(
                url,
                additional_headers=headers,
                compression=None,
                max_size=MAX_FRAME_BYTES,
                open_timeout=OPEN_TIMEOUT_S,
                proxy=None,
            )
        except (OSError, InvalidHandshake, TimeoutError) as error:
            raise Lost(1006, f"cannot connect to {url}: {error}") from error
        except InvalidURI as error:
            raise BadAddress(f"not the address of a server: {url}") from error
        return WebSocketLink(socket)

    return open_link


def _lost(error: ConnectionClosed) -> Lost:
    received = error.rcvd
    return Lost(received.code, received.reason) if received else Lost()
