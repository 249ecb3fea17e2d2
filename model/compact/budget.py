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
        self._carry = 0.0  # frames by which earlier takes were rounded
        self.factor = 1.0
        """What the natural duration of the sound now being made is multiplied by."""

    @property
    def free(self) -> bool:
        return self._ratio is None and self._total is None

    @property
    def needs_all(self) -> bool:
        """All text at hand should be read before the first frame is decided."""
        return self._total is not None

    def owed(self, end_sample: int) -> int:
        """Samples missing to the requested duration."""
        return 0 if self._total is None else max(0, self._total - end_sample)

    def over(self, end_sample: int) -> int:
        """Samples beyond the requested duration."""
        return 0 if self._total is None else max(0, end_sample - self._total)

    def frames(self, natural: float, rest: float, end_sample: int, *, complete: bool) -> int | None:
        """Frames for a take whose natural length is ``natural``; ``rest`` frames are known to follow it.

        ``complete`` tells that no further text will come: then all that is left is shared out, before that time
        is only saved, never filled.
        """
        if self._ratio is not None:
            self.factor = self._ratio
        elif self._total is not None:
            left = (self._total - end_sample) / FRAME_SAMPLES
            self.factor = max(left, 1.0) / max(natural + rest, 1.0)
            if not complete:
                self.factor = min(self.factor, 1.0)
        else:
            return None
        exact = self.factor * natural + self._carry
        frames = max(1, round(exact))
        self._carry = exact - frames
        return frames
