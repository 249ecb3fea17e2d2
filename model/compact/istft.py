"""From the decoder's columns to samples: the inverse short-time transform, for any run of columns."""

from __future__ import annotations

import numpy as np

from ...streaming.audio import Samples

HOP = 5
FFT = 20
BINS = 11
OVERLAP = FFT // HOP

ROWS = 480
"""Columns of one matrix product: above 2¹⁸ multiplications the library starts threads, which go on spinning on the
processors that other streams need."""


class InverseTransform:
    """Log magnitudes and phase angles to a wave; ``basis [22, 20]`` is the packaged synthesis window and cosines."""

    def __init__(self, basis: Samples) -> None:
        # The packaged graph scales by the overlap after the transposed convolution.
        self._basis = np.ascontiguousarray(basis * np.float32(OVERLAP))

    def samples(self, columns: Samples) -> Samples:
        """Samples between the first and the last of ``columns [22, n]``: ``5 * (n - 1)`` of them.

        Near the outer columns, within 10 samples, part of the overlap is missing.
        """
        magnitude = np.exp(columns[:BINS])
        # The network's phase output goes through a sine first: it is an angle of -1…1 radian.
        angle = np.sin(columns[BINS:])
        parts = np.concatenate([magnitude * np.cos(angle), magnitude * np.sin(angle)])
        rows = parts.T
        made = [rows[at : at + ROWS] @ self._basis for at in range(0, len(rows), ROWS)]
        pieces = np.concatenate(made).reshape(-1, OVERLAP, HOP)
        count = len(pieces)
        out = np.zeros((count + OVERLAP - 1, HOP), np.float32)
        for k in range(OVERLAP):
            out[k : k + count] += pieces[:, k]
        half = FFT // 2
        return out.reshape(-1)[half : half + HOP * (count - 1)]
