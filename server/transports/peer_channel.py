"""The data channel ``live`` of a peer connection as a transport: the messages of a session, without its packets.

The sound travels as RTP. Messages that belong to a place in it come to the peer with their sound, as every listener
gets them (:mod:`~..monitor`); what is only for the one who speaks goes over the channel at once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from ...streaming.protocol import Frame
from . import Disconnected

MAX_BUFFERED = 256 * 1024
"""A channel that holds more than this is not being read."""
MAX_WAITING = 1_000
"""Messages of the peer that were not taken yet; one that sends more without being read is dropped."""
AT_ONCE = frozenset({"session.started", "error", "warning"})
"""What listeners of a session do not get."""


class PeerChannel:
    """What the peer of one connection says and is told. ``on_started(session)`` is called before a session speaks,
    ``on_over()`` when the server wants the connection to end.
    """

    def __init__(
        self, peer: str, *, on_started: Callable[[str], None], on_over: Callable[[], None]
    ) -> None:
        self._peer = peer
        self._on_started = on_started
        self._on_over = on_over
        self._channel: Any = None
        self._incoming: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._readable = asyncio.Event()
        self._gone = False
        self._said_goodbye = False

    @property
    def peer(self) -> str:
        return self._peer

    def open(self, channel: Any) -> None:
        """The peer has opened its channel."""
        self._channel = channel
        channel.bufferedAmountLowThreshold = MAX_BUFFERED // 2
        channel.on("bufferedamountlow", self._readable.set)

    def heard(self, frame: Frame) -> None:
        """The peer said something."""
        if self._incoming.qsize() >= MAX_WAITING:
            self._on_over()
        elif not self._gone:
            self._incoming.put_nowait(frame)

    def gone(self, *, said_goodbye: bool) -> None:
        """The connection is over. Idempotent."""
        if not self._gone:
            self._gone = True
            self._said_goodbye = said_goodbye
            self._readable.set()
            self._incoming.put_nowait(None)

    def say(self, text: str) -> bool:
        """Tell the peer if it listens; False leaves it untold."""
        channel = self._channel
        if channel is None or channel.readyState != "open" or self._full:
            return False
        channel.send(text)
        return True

    async def flushed(self) -> None:
        """Wait until the peer has all that was said, or is gone."""
        while self._channel is not None and self._channel.readyState == "open":
            if not self._channel.bufferedAmount:
                return
            await asyncio.sleep(0.01)

    @property
    def _full(self) -> bool:
        return bool(self._channel.bufferedAmount >= MAX_BUFFERED)

    # As a transport.

    async def receive(self) -> Frame:
        frame = await self._incoming.get()
        if frame is None:
            self._incoming.put_nowait(None)
            raise Disconnected(said_goodbye=self._said_goodbye)
        return frame

    async def send(self, frame: Frame) -> None:
        while not self.send_now(frame):
            if self._gone or self._channel.readyState != "open":
                raise Disconnected
            self._readable.clear()
            await self._readable.wait()

    def send_now(self, frame: Frame) -> bool:
        if self._gone:
            return False
        if isinstance(frame, bytes):
            return True
        fields = json.loads(frame)
        if fields["type"] not in AT_ONCE:
            return True
        if fields["type"] == "session.started":
            self._on_started(fields["session"])
        return self.say(frame)

    async def close(self, code: int, reason: str = "") -> None:
        del code, reason  # a data channel carries neither; an error has said them
        self._on_over()

    def expel(self, last: str, code: int, reason: str = "") -> None:
        del code, reason
        self.say(last)
        self._on_over()
