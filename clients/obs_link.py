"""obs-websocket 5 as a client: identify, ask, and be answered. Protocol: github.com/obsproject/obs-websocket, docs."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from ..streaming.errors import SeiyuuError, Unauthorized

RPC_VERSION = 1
HELLO, IDENTIFY, IDENTIFIED, REQUEST, RESPONSE = 0, 1, 2, 6, 7
WRONG_PASSWORD = 4009
TIMEOUT_S = 10.0


class ObsError(SeiyuuError):
    """OBS cannot be reached or refused a request; ``status`` is its own number, 0 if there was none."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


def proof(password: str, salt: str, challenge: str) -> str:
    """The answer to OBS's challenge: base64 of SHA-256, twice."""

    def hashed(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return hashed(hashed(password + salt) + challenge)


class ObsLink:
    """One connection; use as ``async with ObsLink(url, password) as obs``. One request at a time."""

    def __init__(self, url: str = "ws://127.0.0.1:4455", password: str = "") -> None:
        self._url = url
        self._password = password
        self._socket: ClientConnection | None = None
        self._numbers = itertools.count(1)

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            ObsError: nobody answers there.
            Unauthorized: the password is missing or wrong.
        """
        try:
            self._socket = await connect(self._url, open_timeout=TIMEOUT_S, proxy=None)
        except (OSError, InvalidHandshake, TimeoutError) as error:
            raise ObsError(
                f"OBS does not answer at {self._url}; is its WebSocket server on (Tools menu)?"
            ) from error
        try:
            await self._identify()
        except BaseException:
            await self._socket.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def ask(self, request: str, **fields: Any) -> dict[str, Any]:
        """Send a request and give its answer.

        Raises:
            ObsError: OBS refused it, or is gone.
        """
        number = str(next(self._numbers))
        asked = {"requestType": request, "requestId": number, "requestData": fields}
        await self._send(REQUEST, asked)
        while True:
            op, data = await self._receive()
            if op == RESPONSE and data["requestId"] == number:
                break
        status = data["requestStatus"]
        if not status["result"]:
            comment = status.get("comment", "no reason given")
            raise ObsError(f"OBS refused {request}: {comment}", status["code"])
        found: dict[str, Any] = data.get("responseData") or {}
        return found

    async def _identify(self) -> None:
        _, hello = await self._receive()
        wanted: dict[str, Any] = {"rpcVersion": RPC_VERSION, "eventSubscriptions": 0}
        if challenge := hello.get("authentication"):
            if not self._password:
                raise Unauthorized("OBS asks for its WebSocket password")
            wanted["authentication"] = proof(
                self._password, challenge["salt"], challenge["challenge"]
            )
        await self._send(IDENTIFY, wanted)
        op, _ = await self._receive()
        if op != IDENTIFIED:
            raise ObsError(f"OBS answered out of order: {op}")

    async def _send(self, op: int, data: dict[str, Any]) -> None:
        assert self._socket is not None
        try:
            await self._socket.send(json.dumps({"op": op, "d": data}))
        except ConnectionClosed as error:
            raise ObsError("OBS closed the connection") from error

    async def _receive(self) -> tuple[int, dict[str, Any]]:
        assert self._socket is not None
        try:
            message = json.loads(await self._socket.recv())
        except ConnectionClosed as error:
            if error.rcvd is not None and error.rcvd.code == WRONG_PASSWORD:
                raise Unauthorized("the OBS WebSocket password is wrong") from error
            raise ObsError("OBS closed the connection") from error
        return message["op"], message["d"]
