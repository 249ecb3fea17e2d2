"""The connection a session has at the moment: messages in, frames out, and another connection after a loss."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from ..streaming.ids import UtteranceId
from ..streaming.messages import ServerMessage
from ..streaming.packet import Packet, unpack
from ..streaming.protocol import Frame, Protocol
from .replay import Replay
from .transports import Disconnected, Transport


class Wire:
    """Queues what the protocol lets pass and writes it, one frame at a time.

    ``send`` and ``send_packet`` only queue; :meth:`flush`, awaited by one task, writes.
    """

    def __init__(self, transport: Transport, protocol: Protocol, replay_bytes: int) -> None:
        self.transport = transport
        self.protocol = protocol
        self.replay = Replay(replay_bytes)
        self.attached = asyncio.Event()
        self.attached.set()
        self._again: deque[Frame] = deque()  # recorded before, to be sent once more
        self._pending: deque[Frame] = deque()
        self.received = 0
        """Messages of the client that arrived, over all connections."""
        self.taps: set[Callable[[Frame], None]] = set()
        """Called once with each frame that leaves, in order; they neither wait nor raise."""
        self.blocked_since: float | None = None
        """Loop time since when a frame waits for the peer to read, or None."""

    def send(self, message: ServerMessage) -> None:
        """Queue a message; dropped if its utterance was cancelled meanwhile."""
        self.protocol.send(message)

    def send_packet(
        self, utterance: UtteranceId, timestamp: int, payload: bytes, *, last: bool
    ) -> bool:
        """Queue a packet under the next number; False if its utterance was cancelled."""
        seq = self.replay.next_seq & 0xFFFFFFFF
        return self.protocol.send_packet(Packet(utterance, seq, timestamp, payload, last))

    @property
    def next_seq(self) -> int:
        """Number of the next packet; nothing is queued when this is read."""
        return self.replay.next_seq & 0xFFFFFFFF

    def flush_now(self) -> bool:
        """Write what is queued as long as that takes no waiting; False if something is left."""
        if self._again or self._pending:
            return False
        frames = self.protocol.data_to_send()
        for n, frame in enumerate(frames):
            if not self.transport.send_now(frame):
                self._pending.extend(frames[n:])
                return False
            self._count(frame)
        return True

    async def flush(self) -> None:
        """Write what is queued. Cancelling it leaves the frame that waited, and those behind it, queued.

        Raises:
            Disconnected: the peer is gone; what was queued can be replayed.
        """
        while self._again:
            await self._write(self._again[0])
            self._again.popleft()
        self._pending.extend(self.protocol.data_to_send())
        while self._pending:
            frame = self._pending[0]
            try:
                await self._write(frame)
            except Disconnected:
                for unsent in self._pending:
                    self._count(unsent)
                self._pending.clear()
                raise
            self._count(frame)
            self._pending.popleft()

    def _count(self, frame: Frame) -> None:
        """The frame has its place in the session, whether or not it arrives: a lost one is sent again."""
        self.replay.record(frame)
        if self.taps:
            for tap in tuple(self.taps):
                tap(frame)

    async def _write(self, frame: Frame) -> None:
        self.blocked_since = asyncio.get_running_loop().time()
        try:
            await self.transport.send(frame)
        finally:
            self.blocked_since = None

    def drop_packets(self, utterances: frozenset[UtteranceId]) -> None:
        """Take packets of cancelled utterances out of what is queued; they never had their number."""
        self._pending.extend(self.protocol.data_to_send())
        self._pending = deque(
            frame
            for frame in self._pending
            if isinstance(frame, str) or unpack(frame).utterance not in utterances
        )

    def detach(self) -> None:
        """The connection is lost; nothing is written until :meth:`attach`."""
        self.attached.clear()
        self._again.clear()
        self.protocol.receive_eof()

    def attach(self, transport: Transport, protocol: Protocol, missed: list[Frame]) -> None:
        """Go on over another connection, with what the client missed on the last one first."""
        protocol.take_over(self.protocol)
        self.transport, self.protocol = transport, protocol
        self._again.extend(missed)
        self.attached.set()
