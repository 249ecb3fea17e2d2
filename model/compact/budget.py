"""Duration as a budget of frames: what is left for the sounds that are still to come."""

from __future__ import annotations

from ...streaming.audio import ms_to_samples
from ...streaming.segment import Pace
from .track import FRAME_SAMPLES, SAMPLE_RATE

INTELLIGIBLE = (0.5, 2.0)
"""Factors on the natural duration beyond which words are lost (measured with a recogniser)."""


class Budget:
    """Steers the takes of one utterance so that it ends where it was asked to."""

    def __init__(self, pace: Pace) -> None:
        self._ratio = pace.ratio
        self._total = (
            None if pace.duration_ms is None else ms_to_samples(pace.duration_ms, SAMPLE_RATE)
        )
        self._begin = 0.0  # frames: where the sound now being made should have begun
        self._end: float | None = None  # and where it should end, once that is planned
        self.factor = 1.0 if self._ratio is None else self._ratio
        """What the natural duration of the sound now being made is multiplied by."""

    @property
    def free(self) -> bool:
        return self._ratio is None and self._total is None

    @property
    def settled(self) -> bool:
        """Text that comes later leaves the plan of a take as it is."""
        return self._total is None

    @property
    def needs_all(self) -> bool:
        """All text at hand should be read before the first frame is decided."""
        return self._total is not None

    def owed(self, end_sample: int) -> int:
        """Samples missing to the requested duration."""
        return 0 if self._total is None else max(0, self._total - end_sample)

    def next_take(self, pause: float) -> None:
        """Another take begins, ``pause`` frames at a free pace after the one before."""
        self._begin = (self._begin if self._end is None else self._end) + self.factor * pause
        self._end = None

    def turned(self, end_sample: int) -> None:
        """The take goes on from ``end_sample`` in another way."""
        self._begin, self._end = end_sample / FRAME_SAMPLES, None

    def frames(self, natural: float, rest: float, end_sample: int, *, complete: bool) -> int | None:
        """Frames for what is left of a take, of natural length ``natural``; None leaves its plan as it is.

        ``rest`` frames are known to follow it; ``complete`` tells that no further text will come: then all that is
        left is shared out, before that time is only saved, never filled.
        """
        now = end_sample / FRAME_SAMPLES
        if self._ratio is not None:
            if self._end is not None:
                return None
            self._end = self._begin + self._ratio * natural
        elif self._total is not None:
            left = self._total / FRAME_SAMPLES - now
            self.factor = max(left, 1.0) / max(natural + rest, 1.0)
            if not complete:
                self.factor = min(self.factor, 1.0)
            self._end = now + self.factor * natural
        else:
            return None
        return max(1, round(self._end - now))
