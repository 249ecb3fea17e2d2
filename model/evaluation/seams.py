"""Joins between chunks: does the sound step there, where it would not have stepped without a join?

The gate is that jumps at borders stay within the 99th percentile of jumps elsewhere in the same utterance. Borders are
not random places, though: they lie where frames begin, and so do the bursts and onsets of sounds, which frames are
assigned to; of random frame borders 1 % lie above that percentile, and of a few hundred places some will whatever
is done there. So each border is also looked at in the same speech cut elsewhere, where the place is no border: what
the join adds is the difference between the two. A join that cannot be heard adds nothing to the jump, the level step
and the F0 step of its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from ...streaming.audio import Samples
from ..pitch import HOP, RATE, f0_curve

NEAR = 8
"""Samples on each side of a border that belong to it."""

STEP_S = 0.01
"""Level is compared over this long on each side, F0 at this distance."""

HEARD = 10 ** (-50 / 20)
"""Sound below -50 dBFS has no level to speak of."""


@dataclass(frozen=True, slots=True)
class Seams:
    """``border_jump`` is the largest second difference at any border, ``elsewhere_p99`` the 99th percentile of what
    is found around random places, each in full-scale units; ``share_above`` the share of borders above it."""

    borders: int
    border_jump: float
    border_median: float
    elsewhere_p99: float
    share_above: float


def seams(samples: Samples, borders: Sequence[int], *, seed: int = 0) -> Seams:
    """Compare borders with places elsewhere in the same utterance.

    A click is a jump that its neighbourhood does not explain, so jumps are second differences, compared with the
    same maximum over windows of the same length elsewhere in the speech.
    """
    inside = [b for b in borders if NEAR < b < len(samples) - NEAR - 2]
    limit = _elsewhere_p99(samples, seed)
    if not inside:
        return Seams(0, 0.0, 0.0, limit, 0.0)
    at = _jumps(samples, inside)
    return Seams(
        len(inside), float(at.max()), float(np.median(at)), limit, float(np.mean(at > limit))
    )


def _jumps(samples: Samples, places: Sequence[int]) -> Samples:
    jump = np.abs(np.diff(samples, 2))
    return np.array([jump[b - NEAR : b + NEAR].max() for b in places])


def _elsewhere_p99(samples: Samples, seed: int = 0) -> float:
    places = np.random.default_rng(seed).integers(NEAR, len(samples) - NEAR - 2, 4000)
    return float(np.percentile(_jumps(samples, [int(place) for place in places]), 99))


class Joins:
    """The borders of many utterances, each beside the same place in the same speech cut elsewhere."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._cut: list[
            Samples
        ] = []  # rows of jump, level step (dB), F0 step (st); nan where there is none
        self._uncut: list[Samples] = []

    def add(self, samples: Samples, borders: Sequence[int], elsewhere: Samples) -> None:
        """Take an utterance ``samples [n]`` with its ``borders``, and the same ``[n]`` with its borders elsewhere.

        Raises:
            ValueError: the two are not of one length, so they are not the same speech.
        """
        if len(samples) != len(elsewhere):
            raise ValueError(f"{len(samples)} samples beside {len(elsewhere)} of the same speech")
        margin = round(4 * STEP_S * self._rate)
        inside = [b for b in borders if margin < b < len(samples) - margin]
        limit = _elsewhere_p99(samples)
        if inside:
            self._cut.append(self._steps(samples, inside, limit))
            self._uncut.append(self._steps(elsewhere, inside, limit))

    def summary(self) -> dict[str, Any]:
        """What was found at the borders, and beside it (``uncut``) in the same places without a border."""
        if not self._cut:
            return {"borders": 0}
        cut, uncut = np.concatenate(self._cut), np.concatenate(self._uncut)
        added = np.abs(cut - uncut)
        return {
            "borders": len(cut),
            "above_p99_elsewhere_percent": _percent(cut[:, 0] > 1),
            "above_p99_elsewhere_percent_uncut": _percent(uncut[:, 0] > 1),
            "largest_against_p99": round(float(cut[:, 0].max()), 2),
            "largest_against_p99_uncut": round(float(uncut[:, 0].max()), 2),
            "jump_added_against_p99": round(float(np.max(cut[:, 0] - uncut[:, 0])), 2),
            "level_step_db_p95": _p95(np.abs(cut[:, 1])),
            "level_step_db_p95_uncut": _p95(np.abs(uncut[:, 1])),
            "level_step_added_db_p95": _p95(added[:, 1]),
            "f0_step_st_p95": _p95(np.abs(cut[:, 2])),
            "f0_step_st_p95_uncut": _p95(np.abs(uncut[:, 2])),
            "f0_step_added_st_p95": _p95(added[:, 2]),
        }

    def _steps(self, samples: Samples, places: Sequence[int], limit: float) -> Samples:
        f0 = f0_curve(soxr.resample(samples, self._rate, RATE).astype(np.float32))
        size = round(STEP_S * self._rate)
        rows = []
        for jump, place in zip(_jumps(samples, places) / limit, places, strict=True):
            before, after = samples[place - size : place], samples[place : place + size]
            levels = [float(np.sqrt(np.mean(part**2))) for part in (before, after)]
            level = 20 * np.log10(levels[1] / levels[0]) if min(levels) > HEARD else np.nan
            at = round(place * RATE / self._rate / HOP)
            pitches = f0[at - 1], f0[min(at + 1, len(f0) - 1)]
            step = 12 * np.log2(pitches[1] / pitches[0]) if min(pitches) > 0 else np.nan
            rows.append([float(jump), float(level), float(step)])
        return np.array(rows)


def _percent(flags: npt.NDArray[np.bool_]) -> float:
    return round(100 * float(np.mean(flags)), 2)


def _p95(values: Samples) -> float | None:
    known = values[~np.isnan(values)]
    return round(float(np.percentile(known, 95)), 3) if len(known) else None
