"""A connection without a socket: both ends in one process, on one loop.

``seiyuu say`` without a server runs a whole session over it, and so do the tests.
"""

from __future__ import annotations

import asyncio
from collections import deque

from ...streaming.protocol import Frame
from . import Disconnected

CAPACITY = 64
"""Frames on their way; a peer that takes none holds the sender up."""


class _Pipe:
    """One direction, bounded. What is under way when it is closed still arrives."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: deque[Frame] = deque()
        self._closed = False
        self._changed = asyncio.Event()

    async def put(self, item: Frame) -> None:
        while len(self._items) >= self._capacity and not self._closed:
            self._changed.clear()
            await self._changed.wait()
        if self._closed:
            raise Disconnected
        self.force(item)

    def offer(self, item: Frame) -> bool:
        """Put if there is room."""
        if self._closed or len(self._items) >= self._capacity:
            return False
        self.force(item)
        return True

    def force(self, item: Frame) -> None:
        """Put without waiting, whatever the bound says."""
        self._items.append(item)
        self._changed.set()

    async def get(self) -> Frame:
        while not self._items and not self._closed:
            self._changed.clear()
            await self._changed.wait()
        if not self._items:
            raise Disconnected
        self._changed.set()
        return self._items.popleft()

    def close(self) -> None:
        self._closed = True
        self._changed.set()


class MemoryTransport:
    """One end of a pair; both ends speak the same bytes a socket would carry."""

    def __init__(self, incoming: _Pipe, outgoing: _Pipe) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self.close_code: int | None = None
        self.close_reason = ""
        self._other: MemoryTransport | None = None

    @property
    def peer(self) -> str:
        return "memory"

    async def receive(self) -> Frame:
        return await self._incoming.get()

    async def send(self, message: Frame) -> None:
        await self._outgoing.put(message)

    def send_now(self, frame: Frame) -> bool:
        return self._outgoing.offer(frame)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self._end(code, reason)

    def expel(self, last: str, code: int, reason: str = "") -> None:
        if self.close_code is None:
            self._outgoing.force(last)
        self._end(code, reason)

    def _end(self, code: int, reason: str) -> None:
        for end in (self, self._other):
            if end is not None and end.close_code is None:
                end.close_code, end.close_reason = code, reason
        self._outgoing.close()
        self._incoming.close()


def pair(capacity: int = CAPACITY) -> tuple[MemoryTransport, MemoryTransport]:
    """Two connected ends: the server's, the client's."""
    up, down = _Pipe(capacity), _Pipe(capacity)
    server, client = MemoryTransport(up, down), MemoryTransport(down, up)
    server._other, client._other = client, server
    return server, client
