"""A WebSocket client that only notes which frame came when: cheap enough for hundreds on one core."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

from ..streaming.packet import HEADER_BYTES, unpack

BINARY = 0x82
"""First byte of a whole binary frame (RFC 6455 §5.2)."""
SETTLING = 50
"""Packets that are not looked at: the first burst fills the lead."""


class Listener(asyncio.Protocol):
    """One session that says one text. Audio packets are read where they lie.

    All else, the handshake and pings among it, is left to ``websockets``.
    """

    def __init__(
        self, url: str, messages: list[dict[str, Any]], sample_rate: int, key: str | None
    ) -> None:
        self._websocket = ClientProtocol(parse_uri(url), max_size=None)
        self._rate = sample_rate
        self._messages = messages
        self._key = key
        self._rest = b""
        self.transport: asyncio.Transport
        self.arrived: list[tuple[float, int]] = []
        self.errors: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one by behaviour alone
        request = self._websocket.connect()
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        self._websocket.send_request(request)
        self._write()

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if self._websocket.state is not State.OPEN:  # nothing follows the handshake unasked
            self._other(data)
            return
        data = self._rest + data if self._rest else data
        at = 0
        while (place := _payload(data, at)) is not None:
            begin, end = place
            if end > len(data):
                break
            if data[at] == BINARY:
                packet = unpack(data[begin : begin + HEADER_BYTES])
                self.arrived.append((now, packet.timestamp))
            else:
                self._other(data[at:end])
            at = end
        self._rest = data[at:]

    def _other(self, data: bytes) -> None:
        self._websocket.receive_data(data)
        for event in self._websocket.events_received():
            if isinstance(event, Response):
                for message in self._messages:
                    self._websocket.send_text(json.dumps(message).encode())
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                text = bytes(event.data).decode()
                if json.loads(text)["type"] == "error":
                    self.errors.append(text)
        self._write()

    def lateness(self) -> npt.NDArray[np.float64]:
        """Seconds each frame of the steady state came after the earliest that one could come."""
        if len(self.arrived) < 2 * SETTLING:
            return np.zeros(0)
        table: npt.NDArray[np.float64] = np.array(self.arrived)
        behind = table[:, 0] - table[:, 1] / self._rate
        steady = behind[SETTLING:]
        late: npt.NDArray[np.float64] = steady - steady.min()
        return late

    def _write(self) -> None:
        for data in self._websocket.data_to_send():
            if data:
                self.transport.write(data)


def _payload(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of the unmasked frame at ``at`` begins and ends; None if its header is not complete."""
    if len(data) < at + 2:
        return None
    length, begin = data[at + 1], at + 2
    if length >= 126:
        begin += 2 if length == 126 else 8
        if len(data) < begin:
            return None
        length = int.from_bytes(data[at + 2 : begin])
    return begin, begin + length
