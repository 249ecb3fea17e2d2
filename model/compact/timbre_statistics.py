"""A voice's frozen statistics told from its timbre, so that a new voice can speak before any were measured.

Linear in the timbre, fitted by :mod:`.training.fit_statistics` on clauses of many voices, and kept as a product of
two thin matrices. Variances are told as logarithms, so they stay positive for a timbre no one has heard.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from .statistics import CHANNELS, Array, Statistics


class TimbreStatistics:
    """``weight [128, k]`` into ``k`` components, ``basis [k, 2 · 18698]`` out of them, about ``centre``."""

    def __init__(self, weight: Array, basis: Array, centre: Array) -> None:
        self._weight = weight.astype(np.float32)
        self._basis = basis.astype(np.float32)
        self._centre = centre.astype(np.float32)

    def of(self, timbre: Array) -> Statistics:
        """Mean and variance of every channel for ``timbre [128]``."""
        told = (self._centre + (timbre @ self._weight) @ self._basis).astype(np.float32)
        return Statistics(told[:CHANNELS], np.exp(told[CHANNELS:]).astype(np.float32))

    @classmethod
    def load(cls, path: Path) -> TimbreStatistics:
        """From an ``npz`` that the fit wrote."""
        with np.load(path) as file:
            return cls(file["weight"], file["basis"], file["centre"])

    @classmethod
    @cache
    def packaged(cls) -> TimbreStatistics:
        """The one that comes with the engine."""
        return cls.load(Path(str(files(__package__) / "assets" / "timbre_statistics.npz")))
