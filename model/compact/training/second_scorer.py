"""A second opinion on who speaks: cepstral statistics and discriminant analysis, with nothing of the d-vector in it.

Mean and covariance of mel cepstra with their slopes, compressed by linear discriminants that are fitted on halves of
takes of made-up voices: what differs between two halves of one voice (words, recording) is turned down. Scores are
cosines. It is weaker than a trained network, and it errs in other ways, which is its use.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ....streaming.audio import Samples
from ...voice_features import cepstrum
from .augment import augment

COEFFICIENTS = 16
BANDS = 40
DIMENSIONS = 48
SHRINK = 0.15
MIN_HALF = 12_000


def supervector(spoken: Samples) -> np.ndarray:
    """Means of cepstra and of their slopes, and the covariance of the cepstra, of the louder frames."""
    cepstra = cepstrum(spoken, BANDS)
    keep = cepstra[:, 0] > np.quantile(cepstra[:, 0], 0.3)
    slopes = np.abs(np.gradient(cepstra, axis=0))[keep, 1 : 1 + COEFFICIENTS]
    values = cepstra[keep, 1 : 1 + COEFFICIENTS]
    covariance = np.cov(values.T)[np.triu_indices(COEFFICIENTS)]
    return np.concatenate([values.mean(axis=0), slopes.mean(axis=0), covariance])


class CepstralScorer:
    """Fitted on the takes of a folder."""

    def __init__(self, folder: Path, most: int = 600) -> None:
        rng = np.random.default_rng(3)
        halves = []
        for take in _takes(folder, most):
            middle = len(take) // 2
            if middle > MIN_HALF:
                halves.append(
                    [supervector(augment(h, rng)) for h in (take[:middle], take[middle:])]
                )
        pairs = np.array(halves)
        self._middle, self._scale = pairs.mean(axis=(0, 1)), pairs.std(axis=(0, 1)) + 1e-6
        pairs = (pairs - self._middle) / self._scale
        apart = (pairs[:, 0] - pairs[:, 1]) / np.sqrt(2)
        within = apart.T @ apart / len(apart)
        within = (1 - SHRINK) * within + SHRINK * np.eye(len(within)) * np.trace(within) / len(
            within
        )
        between = np.cov(pairs.mean(axis=1).T)
        size, axes = np.linalg.eig(np.linalg.solve(within, between))
        best = np.argsort(-size.real)[:DIMENSIONS]
        self._axes = axes[:, best].real

    def embed(self, spoken: Samples) -> np.ndarray:
        """A vector of length 1 for speech at 16 kHz."""
        vector = ((supervector(spoken) - self._middle) / self._scale) @ self._axes
        made: np.ndarray = vector / np.linalg.norm(vector)
        return made


def _takes(folder: Path, most: int) -> list[Samples]:
    found: list[Samples] = []
    for path in sorted(folder.glob("takes-*.npz")):
        with np.load(path) as file:
            audio = file["audio"].astype(np.float32) / 32767
            ends = np.cumsum(file["lengths"])
        found += [audio[b:e] for b, e in zip([0, *ends[:-1]], ends, strict=True)]
        if len(found) >= most:
            break
    return found[:most]
