"""Joins between chunks: are the samples' jumps there larger than elsewhere?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...streaming.audio import Samples

NEAR = 8
"""Samples on each side of a border that belong to it."""


@dataclass(frozen=True, slots=True)
class Seams:
    """``border_jump`` is the largest second difference at any border, ``elsewhere_p99`` the 99th percentile of what
    is found around random places between borders, each in full-scale units; ``share_above`` the share of borders
    above that percentile."""

    borders: int
    border_jump: float
    border_median: float
    elsewhere_p99: float
    share_above: float


def seams(samples: Samples, borders: Sequence[int], *, seed: int = 0) -> Seams:
    """Compare borders with places elsewhere that are equally loud.

    A click is a jump that its neighbourhood does not explain, so jumps are second differences, compared with the
    same maximum over windows of the same length elsewhere in the speech.
    """
    jump = np.abs(np.diff(samples, 2))
    inside = [b for b in borders if NEAR < b < len(jump) - NEAR]
    at = np.array([jump[b - NEAR : b + NEAR].max() for b in inside])
    rng = np.random.default_rng(seed)
    elsewhere = rng.integers(NEAR, len(jump) - NEAR, 4000)
    far = np.array([jump[b - NEAR : b + NEAR].max() for b in elsewhere])
    limit = float(np.percentile(far, 99))
    if not inside:
        return Seams(0, 0.0, 0.0, limit, 0.0)
    return Seams(
        len(inside), float(at.max()), float(np.median(at)), limit, float(np.mean(at > limit))
    )
