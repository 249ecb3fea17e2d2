"""The inverse transform gives the same samples for any run of columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.compact.istft import BINS, FFT, HOP, InverseTransform

pytestmark = pytest.mark.unit


def transform() -> InverseTransform:
    """Cosines under a Hann window, as synthesis bases are."""
    angle = 2 * np.pi * np.outer(np.arange(BINS), np.arange(FFT)) / FFT
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    return InverseTransform(
        (np.concatenate([np.cos(angle), -np.sin(angle)]) * window).astype(np.float32)
    )


@given(st.integers(0, 20), st.integers(6, 19), st.integers(0, 2**32 - 1))
def test_a_run_of_columns_is_the_slice_of_the_whole(start: int, length: int, seed: int) -> None:
    """Away from the ends of the run, where overlap is missing."""
    columns = np.random.default_rng(seed).standard_normal((2 * BINS, 40)).astype(np.float32)
    whole = transform().samples(columns)
    part = transform().samples(columns[:, start : start + length])
    assert len(part) == HOP * (length - 1)
    np.testing.assert_allclose(
        part[10:-10], whole[HOP * start :][: len(part)][10:-10], rtol=1e-4, atol=1e-4
    )


def test_one_bin_makes_a_cosine() -> None:
    """Equal columns of magnitude 1 in bin 2 with phase 0 ring at that bin's frequency."""
    columns = np.full((2 * BINS, 9), -50.0, np.float32)
    columns[BINS:] = 0.0
    columns[2, 4] = 0.0
    samples = transform().samples(columns)
    at = np.arange(FFT)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * at / FFT)
    np.testing.assert_allclose(
        samples[10:30], 4 * window * np.cos(2 * np.pi * 2 * at / FFT), atol=1e-5
    )
