"""How long an utterance shall last, and each passage's share of what is left."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ...streaming.segment import Pace
from .passage import Passage

FRAMES_PER_TOKEN = 14.0
"""A first guess (0.16 s) for text not decoded yet; replaced by the utterance's own rate as soon as there is one."""

LIMITS = (0.5, 2.0)
"""Speech stretched beyond these is not understood any more; silence makes up for what is short."""


class Budget:
    """Works in mel frames; free speech has neither ratio nor target."""

    def __init__(self, pace: Pace, sample_rate: int, hop: int) -> None:
        self.ratio = Fraction(pace.ratio or 1.0).limit_denominator(1000)
        duration = pace.duration_ms
        self.target = 0 if duration is None else round(duration * sample_rate / 1000 / hop)
        self.fixed = duration is not None
        self.possible: tuple[
            int, ...
        ] = ()  # the range in ms that could be spoken, once it was left
        self._frame_ms = hop * 1000 / sample_rate
        self._rate = FRAMES_PER_TOKEN

    def share(
        self, passage: Passage, following: Sequence[Passage], begun: int, *, last: bool
    ) -> int | None:
        """Frames the passage shall have in all, speech that began at frame ``begun``; None leaves it natural.

        ``following`` are the passages known behind it, ``last`` says that no more text will come. Without that the
        passage is only ever made shorter: what comes later may need the time.
        """
        left = self.target - begun - sum(p.gap for p in following)
        committed = passage.committed
        own = self._natural_rest(passage)
        self._rate = max(1.0, passage.natural / max(1, len(passage.tokens)))
        others = sum(self._guess(p) for p in following)
        free = left - committed
        if own <= 0:
            return None
        factor = free / (own + others)
        if not last:
            factor = min(factor, 1.0)
        if not LIMITS[0] <= factor <= LIMITS[1]:
            natural = begun + committed + own + others + sum(p.gap for p in following)
            self.possible = tuple(round(natural * limit * self._frame_ms) for limit in LIMITS)
        factor = min(max(factor, LIMITS[0]), LIMITS[1])
        if last and not following and LIMITS[0] * own <= free <= LIMITS[1] * own:
            return left
        return committed + max(1, round(own * factor))

    def codes(self, passage: Passage, left: Sequence[Passage], position: int) -> int | None:
        """Codes for one of the passages ``left``, by its share of tokens in the time left; None in free speech."""
        if not self.fixed:
            return None
        frames = self.target - position - sum(p.gap for p in left)
        tokens = sum(len(p.tokens) for p in left)
        return max(1, round(float(frames * passage.rate) * len(passage.tokens) / max(tokens, 1)))

    def _natural_rest(self, passage: Passage) -> float:
        """Frames that the codes not committed yet last at the passage's own rate."""
        rest = len(passage.codes) - passage.stretch.code_at(passage.committed)
        return float(rest / passage.rate)

    def _guess(self, passage: Passage) -> float:
        if passage.done:
            return float(len(passage.codes) / passage.rate)
        return max(self._rate * len(passage.tokens), float(len(passage.codes)))
