"""May this session start? Counts places and says why not."""

from __future__ import annotations

from collections.abc import Callable

from ..streaming.errors import Overloaded


class Admission:
    """The server's places; one a session, held from its start to its end, a wait for resumption included.

    ``make_room`` is asked for a place when none is free: it may end a session whose client is gone, and returns
    whether it did.
    """

    def __init__(self, capacity: int, *, retry_after_ms: int = 1000) -> None:
        if capacity < 1:
            raise ValueError(f"a server needs at least one place, got {capacity}")
        self.capacity = capacity
        self.retry_after_ms = retry_after_ms
        self.make_room: Callable[[], bool] = lambda: False
        self._taken = 0
        self._draining = False

    @property
    def taken(self) -> int:
        return self._taken

    @property
    def draining(self) -> bool:
        return self._draining

    def admit(self) -> None:
        """Take a place; :meth:`leave` gives it back.

        Raises:
            Overloaded: every place is taken, or the server is about to stop.
        """
        if self._draining:
            raise Overloaded(
                "the server is stopping and takes no new sessions", self.retry_after_ms
            )
        if self._taken >= self.capacity and not self.make_room():
            raise Overloaded(
                f"all {self.capacity} places of this server are taken", self.retry_after_ms
            )
        self._taken += 1

    def leave(self) -> None:
        """Give a place back."""
        if self._taken == 0:
            raise RuntimeError("a place was given back that nobody held")
        self._taken -= 1

    def drain(self) -> None:
        """Refuse everyone from now on."""
        self._draining = True
