"""``bench load``: many sockets at once, and how late each frame comes for it."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from ..streaming.packet import HEADER_BYTES, unpack
from .measures import cpu_seconds, header, percentiles, resident_mb

if TYPE_CHECKING:
    from .bench import Target

TEXT = "大家好欢迎来到直播间今天我们一起玩一个新的游戏"
CHARACTER_S = 0.12
"""What the tone engine takes for a character; other engines take longer, and just speak on."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sockets", type=int, default=200, help="sessions at the same time (200)")
    parser.add_argument(
        "--seconds", type=float, default=15.0, help="how long all of them speak (15)"
    )
    parser.add_argument("--codec", default="pcm_s16le", help="pcm_s16le, pcm_f32le, mulaw or opus")
    parser.add_argument("--marks", action="store_true", help="ask for word marks as well")


async def run(target: Target, arguments: argparse.Namespace) -> dict[str, Any]:
    """Start the sockets a few milliseconds apart and let all of them speak."""
    listeners = []
    cpu_before = target.pid and cpu_seconds(target.pid)
    began = time.perf_counter()
    for n in range(arguments.sockets):
        listeners.append(await _connect(target, arguments))
        await asyncio.sleep(0.02 * ((n % 7) + 1) / 7)  # spread over the frame, as listeners are
    await asyncio.sleep(arguments.seconds)
    wall_s = time.perf_counter() - began
    cpu_after = target.pid and cpu_seconds(target.pid)
    memory = None if target.pid is None else resident_mb(target.pid)
    for listener in listeners:
        listener.transport.abort()
    late_ms = np.concatenate([1000 * listener.lateness() for listener in listeners])
    packets = sum(len(listener.arrived) for listener in listeners)
    return {
        **header("load", arguments.engine or "tone"),
        "sockets": arguments.sockets,
        "codec": arguments.codec,
        "packets": packets,
        "silent_sockets": sum(not listener.arrived for listener in listeners),
        "errors": [error for listener in listeners for error in listener.errors][:5],
        "added_ms_per_frame": percentiles(late_ms.tolist(), 2),
        "server_cpu_share": None
        if not cpu_before or not cpu_after
        else round((cpu_after - cpu_before) / wall_s, 3),
        "resident_mb": memory,
    }


class Listener(asyncio.Protocol):
    """A WebSocket client that only notes when which frame came: cheap enough for hundreds on one core."""

    def __init__(
        self, url: str, start: dict[str, Any], text: dict[str, Any], key: str | None
    ) -> None:
        self._websocket = ClientProtocol(parse_uri(url), max_size=None)
        self._messages = (start, text, {"type": "text.end"})
        self._key = key
        self.transport: asyncio.Transport
        self.arrived: list[tuple[float, int]] = []
        self.errors: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        request = self._websocket.connect()
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        self._websocket.send_request(request)
        self._write()

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._websocket.receive_data(data)
        for event in self._websocket.events_received():
            if isinstance(event, Response):
                for message in self._messages:
                    self._websocket.send_text(json.dumps(message).encode())
            elif not isinstance(event, Frame):
                continue
            elif event.opcode is Opcode.BINARY:
                packet = unpack(bytes(event.data[:HEADER_BYTES]))
                self.arrived.append((now, packet.timestamp))
            elif event.opcode is Opcode.TEXT and b'"error"' in event.data[:20]:
                self.errors.append(bytes(event.data).decode())
        self._write()

    def lateness(self) -> npt.NDArray[np.float64]:
        """Seconds each frame of the steady state came after the earliest that one could come."""
        if len(self.arrived) < 100:
            return np.zeros(0)
        table: npt.NDArray[np.float64] = np.array(self.arrived)
        behind = table[:, 0] - table[:, 1] / 24_000
        steady = behind[50:]  # the first burst fills the lead
        late: npt.NDArray[np.float64] = steady - steady.min()
        return late

    def _write(self) -> None:
        for data in self._websocket.data_to_send():
            if data:
                self.transport.write(data)


async def _connect(target: Target, arguments: argparse.Namespace) -> Listener:
    parts = urlsplit(target.url)
    url = target.url if "/v1/live" in target.url else target.url.rstrip("/") + "/v1/live"
    rate = 48_000 if arguments.codec == "opus" else 24_000
    start = {
        "type": "session.start",
        "audio": {"codec": arguments.codec, "sample_rate": rate},
        "marks": ["word"] if arguments.marks else [],
    }
    seconds = arguments.seconds + arguments.sockets * 0.02 + 5
    text = {"type": "text.delta", "text": TEXT * (1 + int(seconds / CHARACTER_S / len(TEXT)))}
    loop = asyncio.get_running_loop()
    _, listener = await loop.create_connection(
        lambda: Listener(url, start, text, target.api_key),
        parts.hostname or "127.0.0.1",
        parts.port or 8765,
    )
    return listener
