"""Listeners that note when which sound came, and decode none of it: dozens fit on one core."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np
import numpy.typing as npt

from .bad_link import BadLink, without_candidates

RATE_HZ = 48_000
FRAME = 960
ENDS_S = 5.0
"""Drift is taken between the promptest packets of the first and the last seconds."""
SETTLE_S = 1.0
CONNECT_S = 20.0


class Ear:
    """What came: (seconds, position in samples at 48 kHz), in order of arrival."""

    def __init__(self) -> None:
        self.arrived: list[tuple[float, int]] = []

    @property
    def table(self) -> npt.NDArray[np.float64]:
        """Columns: seconds of arrival, position in seconds; without the start."""
        table: npt.NDArray[np.float64] = np.array(self.arrived, np.float64).reshape(-1, 2)
        table[:, 1] /= RATE_HZ
        begin = table[:1, 0] + SETTLE_S if len(table) else 0.0
        return table[table[:, 0] >= begin]

    @property
    def missing(self) -> int:
        """Frames between the first and the last that never came."""
        positions = {position for _, position in self.arrived}
        span = max(positions) - min(positions) if positions else 0
        return span // FRAME + 1 - len(positions)

    def lateness(self) -> npt.NDArray[np.float64]:
        """Seconds each packet came after the earliest moment that one could come, drift taken out."""
        table = self.table
        if len(table) < 2:
            return np.zeros(0)
        behind = table[:, 0] - table[:, 1]
        behind -= self.drift_s() * np.linspace(0.0, 1.0, len(behind))
        late: npt.NDArray[np.float64] = behind - behind.min()
        return late

    def drift_s(self) -> float:
        """How much the sound fell behind the wall clock from the first seconds to the last."""
        table = self.table
        if len(table) < 2:
            return 0.0
        behind, at = table[:, 0] - table[:, 1], table[:, 0]
        first = behind[at <= at[0] + ENDS_S].min()
        last = behind[at >= at[-1] - ENDS_S].min()
        return float(last - first)

    def underruns(self, buffer_s: float) -> int:
        """How often a player that begins ``buffer_s`` behind the promptest packet runs dry, waiting each time."""
        delay, dry = buffer_s, 0
        for late in self.lateness():
            if late > delay:
                dry += 1
                delay = float(late)
        return dry


class PeerEar(Ear):
    """Over WebRTC; RTP packets are counted where aiortc would decode them."""

    def __init__(self, base: str, session: str, link: BadLink | None = None) -> None:
        super().__init__()
        self._base, self._session, self._link = base, session, link
        self._connection: Any = None
        self._first: int | None = None

    async def open(self) -> None:
        from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

        connection: Any = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connection = connection
        transceiver = connection.addTransceiver("audio", direction="recvonly")
        transceiver.receiver._handle_rtp_packet = self._packet
        await connection.setLocalDescription(await connection.createOffer())
        url = f"{self._base}/v1/webrtc?session={self._session}"
        offer = connection.localDescription.sdp
        if self._link is not None:
            offer = without_candidates(offer)  # or the server would come past the link
        request = Request(url, offer.encode(), {"Content-Type": "application/sdp"}, method="POST")
        answer = await asyncio.to_thread(_fetch, request)
        if self._link is not None:
            answer = await self._link.between(answer)
        connected = asyncio.Event()
        connection.on("connectionstatechange", lambda: self._changed(connected))
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(CONNECT_S):
            await connected.wait()

    async def close(self) -> None:
        await self._connection.close()
        if self._link is not None:
            self._link.close()

    def _changed(self, connected: asyncio.Event) -> None:
        if self._connection.connectionState == "connected":
            connected.set()

    async def _packet(self, packet: Any, arrival_time_ms: int) -> None:
        del arrival_time_ms  # in whole milliseconds
        if self._first is None:
            self._first = packet.timestamp
        ahead = (packet.timestamp - self._first) & 0xFFFFFFFF
        self.arrived.append((time.perf_counter(), ahead))


class OggEar(Ear):
    """Over HTTP: the granule position of each page says where its sound ends (RFC 7845 §4)."""

    def __init__(self, base: str, session: str) -> None:
        super().__init__()
        parts = urlsplit(base)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._path = f"/live/{session}.ogg"
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        head = f"GET {self._path} HTTP/1.1\r\nHost: {self._host}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        self._reading = asyncio.create_task(self._read(reader, writer))

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while page := await reader.readuntil(b"OggS"):
                # The capture pattern ends the page before; version, type and granule follow (RFC 3533 §6).
                del page
                granule = int.from_bytes((await reader.readexactly(10))[2:], "little")
                if granule:
                    self.arrived.append((time.perf_counter(), granule))
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


def _fetch(request: Request) -> str:
    with urlopen(request, timeout=CONNECT_S) as response:
        return str(response.read().decode())
