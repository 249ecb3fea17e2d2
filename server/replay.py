"""The last frames that were sent, for a client that lost its connection and comes back."""

from __future__ import annotations

from collections import deque

from ..streaming.protocol import Frame


class Replay:
    """A ring of frames, bounded by bytes. ``next_seq`` is the number of the next packet."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._frames: deque[Frame] = deque()
        self._before: deque[int] = deque()  # packets sent before each of them
        self._bytes = 0
        self._lost_before = -1  # packets sent before the newest frame that was dropped
        self.next_seq = 0

    @property
    def bytes(self) -> int:
        return self._bytes

    def record(self, frame: Frame) -> None:
        """Note a frame in the order of sending; packets carry consecutive numbers."""
        self._frames.append(frame)
        self._before.append(self.next_seq)
        self._bytes += len(frame)
        if isinstance(frame, bytes):
            self.next_seq += 1
        while self._bytes > self._max_bytes and len(self._frames) > 1:
            self._lost_before = self._before.popleft()
            self._bytes -= len(self._frames.popleft())

    def since(self, next_seq: int) -> list[Frame] | None:
        """What follows the last packet before ``next_seq``, or None if part of it is gone.

        Messages behind that packet are given again, in the same order; a client that counts those it got after
        its last packet knows which are new.
        """
        if not self._lost_before < next_seq <= self.next_seq:
            return None
        pairs = zip(self._before, self._frames, strict=True)
        return [frame for before, frame in pairs if before >= next_seq]

    def clear(self) -> None:
        self._frames.clear()
        self._before.clear()
        self._bytes = 0
