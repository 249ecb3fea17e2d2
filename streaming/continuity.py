"""Did it play without a gap: a simulated player that starts at the first packet and consumes in real time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class Continuity:
    """One utterance at a player: feed what arrived when.

    An underrun is the time the player stood still for lack of audio; it goes on later by that much.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._dry_s: float | None = None
        self.packets = 0
        self.worst_s = 0.0
        self.total_s = 0.0

    def arrived(self, at_s: float, samples: int) -> float:
        """Audio came in; give the underrun it ended, 0 if the player still had some."""
        self.packets += 1
        dry_s = at_s if self._dry_s is None else self._dry_s
        gap_s = max(0.0, at_s - dry_s)
        self._dry_s = max(dry_s, at_s) + samples / self._rate
        self.worst_s = max(self.worst_s, gap_s)
        self.total_s += gap_s
        return gap_s

    def rewound(self, samples: int) -> None:
        """The last ``samples`` received, none of them played, are dropped; others come in their place."""
        if self._dry_s is not None:
            self._dry_s -= samples / self._rate


@dataclass(frozen=True, slots=True)
class Share:
    """How many of ``counted`` utterances stayed ``within`` a limit; those of a single packet are not counted."""

    within: int
    counted: int

    @property
    def percent(self) -> float | None:
        """None if there was nothing to count."""
        return 100 * self.within / self.counted if self.counted else None


def share_within(utterances: Iterable[Continuity], limit_ms: float) -> Share:
    """C100 is ``share_within(…, 100)``: utterances whose worst underrun is at most 100 ms."""
    counted = [u.worst_s for u in utterances if u.packets > 1]
    return Share(sum(1000 * worst_s <= limit_ms for worst_s in counted), len(counted))
