"""Which code each mel frame is made of, and how that map bends when a duration was asked for."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction

NATURAL = Fraction(25, 43)
"""Codes a mel frame lasts at the natural pace: one code is 1.72 frames."""


class Stretch:
    """A monotone map from mel frames to codes, straight between knots, in exact arithmetic.

    What lies before the last knot never changes, so chunk borders agree however the frames are cut.
    """

    def __init__(self, rate: Fraction = NATURAL) -> None:
        self._frames = [0]
        self._codes = [Fraction(0)]
        self._rates = [rate]

    def code_at(self, frame: int) -> Fraction:
        """Position among the codes, in codes, at the beginning of a frame."""
        knot = bisect_right(self._frames, frame) - 1
        return self._codes[knot] + (frame - self._frames[knot]) * self._rates[knot]

    def index(self, frame: int, codes: int) -> int:
        """The code a frame is made of, of ``codes`` there are."""
        return min(int(self.code_at(frame)), codes - 1)

    def indices(self, frames: int, codes: int) -> list[int]:
        """:meth:`index` of the first ``frames`` frames; in whole numbers, which are faster by a multiple."""
        found: list[int] = []
        ends = [*self._frames[1:], frames]
        for first, end, code, rate in zip(
            self._frames, ends, self._codes, self._rates, strict=True
        ):
            below = code.denominator * rate.denominator
            begin, step = code.numerator * rate.denominator, rate.numerator * code.denominator
            found += [(begin + step * n) // below for n in range(min(end, frames) - first)]
        return [min(place, codes - 1) for place in found]

    def frames_of(self, codes: int) -> int:
        """Frames that the first ``codes`` codes last, the last one whole or not at all."""
        knot = len(self._frames) - 1
        rest = (codes - self._codes[knot]) / self._rates[knot]
        return self._frames[knot] + max(0, int(rest))

    def codes_for(self, frames: int) -> int:
        """Fewest codes that last ``frames`` frames."""
        knot = len(self._frames) - 1
        needed = self._codes[knot] + (frames - self._frames[knot]) * self._rates[knot]
        return -int(-needed // 1)

    def bend(self, frame: int, rate: Fraction) -> None:
        """From ``frame`` on advance ``rate`` codes a frame; knots behind it are forgotten."""
        code = self.code_at(frame)
        while self._frames and self._frames[-1] >= frame:
            self._frames.pop()
            self._codes.pop()
            self._rates.pop()
        self._frames.append(frame)
        self._codes.append(code)
        self._rates.append(rate)

    def fit(self, frame: int, codes: int, total: int) -> None:
        """From ``frame`` on spread what is left of ``codes`` codes so that frame ``total`` is the end."""
        self.bend(frame, (codes - self.code_at(frame)) / (total - frame))
