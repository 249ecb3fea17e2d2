"""What one utterance has ready to be sent: packets and messages in order, bounded by packets.

The session's speaker takes from one side, the utterance's pump puts on the other. A cancel empties it at once by
outdating the pump's generation: whatever the pump still holds is dropped when it arrives.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from ..streaming.ids import Generation
from ..streaming.messages import AudioRewind, EmotionApplied, MarkMessage
from ..streaming.packet import Packet

Body = Packet | MarkMessage | EmotionApplied | AudioRewind


class Entry(NamedTuple):
    """One thing to send. ``at`` is its place in samples at the rate sent.

    ``since`` is when it was asked for (clock), ``live`` whether that was for the place where the listener was.
    """

    at: int
    body: Body
    since: float = 0.0
    live: bool = False


class Outbox:
    """``high`` packets stop the pump, ``low`` let it go on; messages do not count, they come with their packets.

    ``on_change`` is called whenever there is more to take than before.
    """

    def __init__(self, high: int, on_change: Callable[[], None], *, low: int | None = None) -> None:
        if high < 1:
            raise ValueError(f"an outbox holds at least one packet, got {high}")
        self._high = high
        # Little by little: half an outbox made at once would hold up the packets of all others.
        self._low = high * 9 // 10 if low is None else low
        self._on_change = on_change
        self._entries: deque[Entry] = deque()
        self._packets = 0
        self._generation = Generation()
        self._room = asyncio.Event()
        self._room.set()
        self._lifted = False
        self._taken_at = -1  # place of the newest packet taken
        self.complete = False
        """The last packet was put; only a rewind makes this False again."""

    @property
    def generation(self) -> int:
        """What the pump has to show with each ``put``."""
        return self._generation.value

    @property
    def packets(self) -> int:
        return self._packets

    @property
    def head(self) -> Entry | None:
        """What is to be sent next."""
        return self._entries[0] if self._entries else None

    def put(self, entry: Entry, generation: int) -> None:
        """Append; dropped if the generation is over. Packets count against the bound but are never refused."""
        if generation != self._generation.value:
            return
        self._entries.append(entry)
        if isinstance(entry.body, Packet):
            self._packets += 1
            if self._packets >= self._high and not self._lifted:
                self._room.clear()
        self._on_change()

    def finish(self, generation: int) -> None:
        """Nothing more is coming."""
        if generation == self._generation.value:
            self.complete = True
            self._on_change()

    async def room(self) -> None:
        """Wait until a packet may be put. Cancelling the wait loses nothing."""
        await self._room.wait()

    def pop(self) -> Entry:
        """Take the head."""
        entry = self._entries.popleft()
        if isinstance(entry.body, Packet):
            self._packets -= 1
            self._taken_at = entry.at
            if self._packets <= self._low:
                self._room.set()
        return entry

    def lift(self) -> None:
        """A rewind is on its way behind what the pump still holds: let it through, however full this is."""
        self._lifted = True
        self._room.set()

    def rewind(self, packets_from: int, messages_from: int) -> bool:
        """Drop packets at or behind one place and messages at or behind another; more will be put.

        Returns whether packets from there on had been taken already.
        """
        kept = [
            entry
            for entry in self._entries
            if entry.at < (packets_from if isinstance(entry.body, Packet) else messages_from)
        ]
        self._entries = deque(kept)
        self._packets = sum(isinstance(entry.body, Packet) for entry in kept)
        self._lifted = False
        self.complete = False
        if self._packets < self._high:
            self._room.set()
        taken = self._taken_at >= packets_from
        self._taken_at = min(self._taken_at, packets_from - 1)
        return taken

    def clear(self) -> None:
        """Drop everything, also what is still on its way here, and let a waiting pump go."""
        self._generation.bump()
        self._entries.clear()
        self._packets = 0
        self._lifted = False
        self._taken_at = -1
        self.complete = False
        self._room.set()
