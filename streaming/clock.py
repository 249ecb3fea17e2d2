"""Time, handed in: whatever waits or measures asks a ``Clock`` and never the system directly."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Monotonic seconds; only differences mean anything."""

    def now(self) -> float: ...


class SystemClock:
    """The machine's monotonic clock."""

    __slots__ = ()

    def now(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that moves only when told to. Ships, so that users can test what they build on this package."""

    __slots__ = ("_now",)

    def __init__(self, start: float = 0.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward by ``seconds`` ≥ 0."""
        if seconds < 0:
            raise ValueError(f"a monotonic clock cannot go back: got {seconds} s")
        self._now += seconds
