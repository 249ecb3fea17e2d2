"""Rows of a batch: the only place that hands one to a session."""

from __future__ import annotations

import heapq
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """A row and the number of times it was handed out; a handle with an old generation is stale."""

    index: int
    generation: int


class SlotPool:
    """``size`` rows. The lowest free one is taken first, so that the rows in use stay together at the front."""

    def __init__(self, size: int) -> None:
        self._free = list(range(size))
        self._generations = [0] * size
        self._taken: set[int] = set()

    @property
    def free(self) -> int:
        return len(self._free)

    @property
    def extent(self) -> int:
        """One more than the highest row in use; 0 when none is."""
        return max(self._taken, default=-1) + 1

    def take(self) -> Slot | None:
        """The lowest free row, or None."""
        if not self._free:
            return None
        index = heapq.heappop(self._free)
        self._generations[index] += 1
        self._taken.add(index)
        return Slot(index, self._generations[index])

    def give_back(self, slot: Slot) -> bool:
        """Free the row; False, and nothing happens, if the handle is stale."""
        if slot.index not in self._taken or self._generations[slot.index] != slot.generation:
            return False
        self._taken.discard(slot.index)
        heapq.heappush(self._free, slot.index)
        return True
