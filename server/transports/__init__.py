"""Shells around sockets: WebSocket, WebRTC, HTTP, and one without a socket.

A :class:`Transport` carries the frames of one connection and knows nothing of what they mean.
"""

from __future__ import annotations

from typing import Protocol

from ...streaming.protocol import Frame


class Disconnected(Exception):
    """The peer is gone; an event of every connection's life, not a failure of the server.

    ``said_goodbye`` tells a peer that left from one that was lost and may come back.
    """

    def __init__(self, *, said_goodbye: bool = False) -> None:
        super().__init__("the peer is gone")
        self.said_goodbye = said_goodbye


class Transport(Protocol):
    """One connection. One task calls ``send``, another ``receive``.

    What it buffers is bounded: ``send`` waits while the peer does not read.
    """

    @property
    def peer(self) -> str:
        """Who is there, for the log."""
        ...

    async def receive(self) -> Frame:
        """The next frame. Cancelling the wait loses nothing.

        Raises:
            Disconnected: there will be none.
        """
        ...

    async def send(self, frame: Frame) -> None:
        """Send a message (text) or a packet (bytes). Cancelling the wait leaves the frame unsent.

        Raises:
            Disconnected: the peer is gone.
        """
        ...

    def send_now(self, frame: Frame) -> bool:
        """Send if that takes no waiting; False leaves the frame unsent, for whatever reason."""
        ...

    async def close(self, code: int, reason: str = "") -> None:
        """End the connection in order, after what was sent. Idempotent, never raises."""
        ...

    def expel(self, last: str, code: int, reason: str = "") -> None:
        """Say one last thing to a peer that does not read, without waiting, and drop the connection soon after.

        Idempotent; ``receive`` raises :class:`Disconnected` at the latest when the grace is over.
        """
        ...
