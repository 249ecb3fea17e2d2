"""One frame's features in plain numbers are those of the arrays that training uses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.compact.prosody_features import (
    FRAME_FEATURES,
    KNOTS,
    OUTPUTS,
    Plan,
    frame_features,
    knot_weights,
    pace_wanted,
    reading_features,
)
from seiyuu.model.compact.prosody_place import Places, between_knots

from .clauses import make_clause

pytestmark = pytest.mark.unit

CLAUSE = make_clause("well, this is a longer line")
PLAN = Plan.of(CLAUSE)
PLACES = Places(CLAUSE, PLAN)
TOKENS = st.integers(0, len(CLAUSE.symbols) - 1)
SHARES = st.floats(0, 1)


@given(TOKENS, SHARES, st.floats(-3, 3), st.one_of(st.none(), st.integers(-5, 300)), st.booleans())
def test_features_are_those_of_the_arrays(
    token: int, fraction: float, debt: float, left: int | None, known: bool
) -> None:
    """At any place, with and without a budget, with and without a frame before."""
    rng = np.random.default_rng(token)
    strength = rng.random(8).astype(np.float32)
    before = rng.standard_normal(len(OUTPUTS)).astype(np.float32) * known
    at = np.array([token]), np.array([fraction])
    frames_left = np.array([np.nan if left is None else float(left)])
    reading = reading_features(CLAUSE, PLAN, *at)
    wanted = frame_features(
        PLAN,
        *at,
        np.array([debt]),
        frames_left,
        strength[None],
        before[None],
        np.array([float(known)]),
        reading,
    )[0]
    got = PLACES.features(token, fraction, debt, left, strength, before if known else None)
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
    if left is not None and token < PLAN.last:
        pace = pace_wanted(PLAN, *at, frames_left)[0]
        assert PLACES.pace_wanted(token, fraction, left) == pytest.approx(pace)


@given(SHARES)
def test_a_place_between_knots_is_their_mixture(fraction: float) -> None:
    """The same mixture as by the weights of all knots."""
    knots = np.random.default_rng(0).standard_normal((KNOTS, 16)).astype(np.float32)
    wanted = knot_weights(np.array([fraction]))[0] @ knots
    np.testing.assert_allclose(between_knots(knots, fraction), wanted, atol=1e-5)


def test_a_clause_without_a_reading_has_none() -> None:
    """Its features of the reading are all zero."""
    bare = replace(CLAUSE, f0=np.zeros(0, np.float32), energy=np.zeros(0, np.float32))
    row = Places(bare, PLAN).features(3, 0.5, 0.0, None, np.zeros(8, np.float32), None)
    assert row.shape == (FRAME_FEATURES,)
    assert not row[-7:].any()
