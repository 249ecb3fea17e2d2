"""Marks from attention, on attention made to order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.indextts2.alignment import sharpen, starts

pytestmark = pytest.mark.unit

CODE_MS = 20


def synthetic(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Attention with leaks to both neighbours, noise, and a sink on the last token; and the true starts."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(3, 20, rng.integers(5, 40))
    true = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    token = np.repeat(np.arange(len(lengths)), lengths)
    attention = rng.exponential(0.02, (len(token), len(lengths)))
    place = np.arange(len(token))
    attention[place, token] += 0.1
    attention[place, np.minimum(token + 1, len(lengths) - 1)] += 0.05
    attention[place, np.maximum(token - 1, 0)] += 0.04
    attention[:, -1] += 0.3
    return attention.astype(np.float32), true


def test_starts_are_found_within_a_code_or_two() -> None:
    """On 40 synthetic passages the mean error stays below half a code and 95 % below two."""
    errors = [
        abs(np.array(starts(sharpen(attention))) - true)
        for attention, true in map(synthetic, range(40))
    ]
    error_ms = np.concatenate(errors) * CODE_MS
    assert error_ms.mean() < 10
    assert np.percentile(error_ms, 95) <= 40


@pytest.mark.parametrize("step", [28, 50])
def test_streamed_starts_are_nearly_as_good(step: int) -> None:
    """Announced from what was decoded so far, with a look-ahead of 13 codes, and never moved."""
    errors = []
    for attention, true in map(synthetic, range(40)):
        fixed: list[int] = []
        for count in range(28, len(attention), step):
            found = starts(sharpen(attention[:count]), fixed=fixed, finished=False)
            assert found[: len(fixed)] == fixed
            fixed = found[: max(len(fixed), sum(s < count - 13 for s in found))]
        errors.append(abs(np.array(starts(sharpen(attention), fixed=fixed)) - true))
    error_ms = np.concatenate(errors) * CODE_MS
    assert error_ms.mean() < 15
    assert np.percentile(error_ms, 95) <= 60


@given(codes=st.integers(0, 60), tokens=st.integers(1, 20), seed=st.integers(0, 99))
@settings(deadline=None)
def test_every_token_gets_a_place_in_order(codes: int, tokens: int, seed: int) -> None:
    """Whatever the attention, a finished passage has one start a token, in order, inside the codes."""
    noise = np.random.default_rng(seed).random((codes, tokens)).astype(np.float32)
    found = starts(sharpen(noise))
    assert len(found) == tokens
    assert found == sorted(found)
    assert all(0 <= start <= max(codes - 1, 0) for start in found)
