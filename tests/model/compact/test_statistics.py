"""Pooling and folding of frozen statistics."""

from __future__ import annotations

import numpy as np
import pytest

from seiyuu.model.compact.statistics import CHANNELS, Statistics, fold, pool

pytestmark = pytest.mark.unit

RNG = np.random.default_rng(5)


def measured(values: np.ndarray) -> tuple[int, Statistics]:
    """Statistics of a signal that is the same in every channel."""
    ones = np.ones(CHANNELS, np.float32)
    return len(values), Statistics(ones * values.mean(), ones * values.var())


def test_pooled_clauses_are_one_long_clause() -> None:
    """Mean and variance equal those of the clauses laid end to end, lengths counted."""
    first, second = RNG.normal(1, 2, 300), RNG.normal(-3, 1, 100)
    pooled = pool([measured(first), measured(second)])
    joined = np.concatenate([first, second])
    np.testing.assert_allclose(pooled.mean[0], joined.mean(), rtol=1e-5)
    np.testing.assert_allclose(pooled.variance[0], joined.var(), rtol=1e-5)


def test_pooling_one_clause_gives_it_back() -> None:
    """Also where the mean is large against the spread."""
    one = Statistics(np.full(CHANNELS, 50.0, np.float32), np.full(CHANNELS, 1e-4, np.float32))
    pooled = pool([(7, one)])
    np.testing.assert_allclose(pooled.variance, one.variance, rtol=1e-2)


def test_folding_equals_normalising_then_scaling() -> None:
    """gain * x + offset = (1 + scale) * (x - mean) / deviation + shift, for every channel of both parts."""
    tables = {
        "gain_weight": RNG.normal(size=(128, CHANNELS)).astype(np.float32),
        "offset_weight": RNG.normal(size=(128, CHANNELS)).astype(np.float32),
        "gain_bias": RNG.normal(size=CHANNELS).astype(np.float32),
        "offset_bias": RNG.normal(size=CHANNELS).astype(np.float32),
        "frame_channels": np.array(9_482, np.float32),
    }
    timbre = RNG.normal(size=128).astype(np.float32)
    mean, variance = RNG.normal(size=CHANNELS), RNG.uniform(0.1, 4, CHANNELS)
    folded = fold(tables, timbre, Statistics(mean.astype(np.float32), variance.astype(np.float32)))
    assert folded.frame_gain.shape == (1, 9_482)
    assert folded.generator_gain.shape == (1, CHANNELS - 9_482)
    x = 0.7
    scale = 1 + timbre @ tables["gain_weight"] + tables["gain_bias"]
    shift = timbre @ tables["offset_weight"] + tables["offset_bias"]
    wanted = scale * (x - mean) / np.sqrt(variance + 1e-5) + shift
    gain = np.concatenate([folded.frame_gain, folded.generator_gain], axis=1)[0]
    offset = np.concatenate([folded.frame_offset, folded.generator_offset], axis=1)[0]
    np.testing.assert_allclose(gain * x + offset, wanted, rtol=1e-3, atol=1e-3)
