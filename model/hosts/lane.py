"""One stream's place in a host: what was emitted, what was taken, and what still waits for its reader."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic

from ...streaming.audio import AudioChunk
from ...streaming.errors import SeiyuuError
from ..core import JobT, Output
from ..engine import StreamItem

Deliver = Callable[[int, Sequence[StreamItem], SeiyuuError | None, int, bool], None]
"""Takes (turn, items, error, backlog, finished): what one step made, and how the job stands after it."""
Letter = tuple[Deliver, int, Sequence[StreamItem], SeiyuuError | None, int, bool]
"""One delivery on its way from the device thread."""


class Lane(Generic[JobT]):
    """The device thread's side of a stream.

    ``taken`` is written by the loop and read by the device thread: a plain int, so either value is a right one.
    ``deliver`` is called on the loop with (turn, items, error, backlog, finished).
    """

    __slots__ = ("_emitted", "_first_at", "_turning", "deliver", "job", "parked", "taken", "turn")

    def __init__(self, deliver: Deliver) -> None:
        self.job: JobT
        self.deliver = deliver
        self.taken = 0
        self.parked = (
            False  # skipped until its reader has caught up; set by the thread, cleared by either
        )
        self.turn = 0
        self._emitted = 0
        self._first_at: float | None = None  # when the first sample was emitted
        self._turning = False  # a turn was asked for, nothing was made since

    @property
    def undelivered(self) -> int:
        """Samples emitted and not taken by the reader."""
        return self._emitted - self.taken

    def park(self, low: int) -> bool:
        """Skip this lane until no more than ``low`` samples wait; False if its reader has just got there."""
        self.parked = True
        # The reader counts what it took before it looks whether it is waited for, and here it is the other way
        # round: one of the two always sees the other.
        if self.undelivered <= low:
            self.parked = False
        return self.parked

    def letter(self, output: Output[JobT]) -> Letter:
        """What the job made, with all that the stream has to know of it."""
        job = self.job
        return self.deliver, self.turn, output.items, output.error, job.backlog, job.finished

    def lead_s(self, now: float, sample_rate: int) -> float:
        """Seconds emitted ahead of a listener who began at the first sample; the smaller, the more urgent.

        A stream that has emitted nothing comes before all others, and so does one whose turn is not heard yet.
        """
        if self._first_at is None or self._turning:
            return float("-inf")
        return self._emitted / sample_rate - (now - self._first_at)

    def count(self, items: Sequence[StreamItem], now: float) -> None:
        """Note what a step made."""
        for item in items:
            if isinstance(item, AudioChunk):
                self._emitted = item.end
                self._turning = False
                if self._first_at is None:
                    self._first_at = now

    def turned(self, turn: int, from_sample: int) -> None:
        """The emotion was turned: what is emitted from now on answers turn number ``turn``."""
        self.turn = turn
        self._turning = True
        self._emitted = min(self._emitted, from_sample)
        self.taken = min(self.taken, self._emitted)


class Pending:
    """Items on their way to the reader; a turn drops those that it outdates, even the ones not yet arrived."""

    __slots__ = ("_froms", "_items")

    def __init__(self) -> None:
        self._items: deque[StreamItem] = deque()
        self._froms: list[int] = []  # position of each turn, in the order they were asked for

    @property
    def turns(self) -> int:
        return len(self._froms)

    def turn(self, from_sample: int) -> int:
        """Drop what starts at or behind ``from_sample`` and return the number of this turn."""
        self._froms.append(from_sample)
        self._items = deque(item for item in self._items if item.start < from_sample)
        return self.turns

    def add(self, turn: int, items: Sequence[StreamItem]) -> None:
        """Take what a step made under turn number ``turn``."""
        if outdated_by := self._froms[turn:]:
            limit = min(outdated_by)
            items = [item for item in items if item.start < limit]
        self._items.extend(items)

    def take(self) -> StreamItem | None:
        return self._items.popleft() if self._items else None

    def clear(self) -> None:
        self._items.clear()
