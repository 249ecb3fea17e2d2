"""A limit on how fast one client's messages are taken: the flood waits in its own socket, nothing is lost."""

from __future__ import annotations

from ..streaming.clock import Clock


class Throttle:
    """A token bucket: ``rate_per_s`` in the long run, ``burst`` at once."""

    def __init__(self, rate_per_s: float, burst: int, clock: Clock) -> None:
        self._rate = rate_per_s
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._at = clock.now()

    def delay_s(self) -> float:
        """Count one message; the seconds to wait before it is taken."""
        now = self._clock.now()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate) - 1.0
        self._at = now
        return max(0.0, -self._tokens / self._rate)
