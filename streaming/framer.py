"""Chunks of any length → frames of exactly one ptime, numbered and placed; and back again after a turn."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .audio import Samples


class Frame(NamedTuple):
    """``samples [samples_per_frame]`` at ``timestamp`` samples after the utterance's beginning."""

    samples: Samples
    seq: int
    timestamp: int
    last: bool = False


@dataclass(frozen=True, slots=True)
class Rewound:
    """From ``from_timestamp`` on frames come again, numbered from ``next_seq``."""

    from_timestamp: int
    next_seq: int


class Framer:
    """Frames one utterance.

    Args:
        samples_per_frame: one ptime.
        first_seq: the number of the first frame; ``seq`` goes on through all utterances of a session.
        keep_samples: how far back :meth:`rewind` reaches.
    """

    def __init__(
        self, samples_per_frame: int, *, first_seq: int = 0, keep_samples: int = 240_000
    ) -> None:
        self._size = samples_per_frame
        self._keep = keep_samples
        self._next_seq = first_seq
        # What was fed, as it came, from position ``_base`` to ``_end``; samples before ``_framed`` were given out and
        # those behind are in ``_rest`` as well, so that feeding costs what is fed and not what is kept.
        self._base = 0
        self._end = 0
        self._pieces: deque[Samples] = deque()
        self._framed = 0
        self._rest: Samples = np.zeros(0, np.float32)

    @property
    def next_seq(self) -> int:
        """The number of the next frame."""
        return self._next_seq

    @property
    def end(self) -> int:
        """Samples taken so far, without padding: the length of the utterance."""
        return self._end

    def feed(self, samples: Samples) -> list[Frame]:
        """Take samples; give the frames that are full."""
        self._pieces.append(samples)
        self._end += len(samples)
        rest = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        size, whole = self._size, len(rest) - len(rest) % self._size
        frames = [self._frame(rest[at : at + size], last=False) for at in range(0, whole, size)]
        self._rest = rest[whole:]
        while self._base + len(self._pieces[0]) < self._framed - self._keep:
            self._base += len(self._pieces.popleft())
        return frames

    def flush(self) -> list[Frame]:
        """The utterance's end: its last frame, padded with silence; none if there was no sound at all.

        When the samples end on a border of frames, the last one is all silence: the full ones have left already.
        """
        if not self._end:
            return []
        frame = self._frame(self._rest, last=True)
        self._rest = self._rest[:0]
        return [frame]

    def rewind(self, position: int) -> Rewound:
        """Forget the samples from ``position`` on.

        The frame that holds the position will be given out again, its first part as before.

        Raises:
            ValueError: the position was not reached yet, or lies farther back than ``keep_samples``.
        """
        start = position - position % self._size
        if not self._base <= start <= position <= self.end:
            raise ValueError(
                f"cannot rewind to {position}, expected a position between {self._base} and {self.end}"
            )
        kept = np.concatenate((*self._pieces, np.zeros(0, np.float32)))[: position - self._base]
        self._pieces = deque([kept])
        self._end = position
        self._framed = min(self._framed, start)
        self._rest = kept[self._framed - self._base :]
        return Rewound(self._framed, self._next_seq)

    def _frame(self, rest: Samples, *, last: bool) -> Frame:
        samples = rest[: self._size]
        if len(samples) < self._size:
            samples = np.concatenate((samples, np.zeros(self._size - len(samples), np.float32)))
        frame = Frame(samples, self._next_seq, self._framed, last)
        self._framed += self._size
        self._next_seq += 1
        return frame
