"""Emotions in and out of the model's own eight."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.indextts2.emotion import (
    EMOTIONS,
    FULL,
    MAPPING,
    MATRIX,
    blend,
    emotion_of,
    pick_rows,
    weights_of,
)
from seiyuu.streaming.emotion import AXES, NEUTRAL, Emotion

pytestmark = pytest.mark.unit


def test_every_axis_is_made_of_known_emotions_and_weighs_one() -> None:
    """The matrix is what the table says, row by row."""
    assert set(MAPPING) == set(AXES)
    for axis, row in zip(AXES, MATRIX, strict=True):
        assert sum(row) == pytest.approx(1.0)
        assert {e for e, w in zip(EMOTIONS, row, strict=True) if w} == set(MAPPING[axis])


@given(st.sampled_from(AXES), st.floats(0, 1))
def test_intensity_is_the_sum_of_the_weights(axis: str, intensity: float) -> None:
    """At full intensity the voice's own manner keeps a fifth."""
    assert sum(weights_of(Emotion.of(axis, intensity))) == pytest.approx(FULL * intensity)


def test_unsaid_emotion_is_the_voices_own() -> None:
    """Neutral by default weighs nothing; neutral by name is calm."""
    assert not any(weights_of(NEUTRAL))
    assert weights_of(Emotion.of("neutral", 1.0))[EMOTIONS.index("calm")] == pytest.approx(FULL)


@given(st.sampled_from([a for a in AXES if a not in ("tenderness",)]))
def test_a_reading_goes_back_to_its_axis(axis: str) -> None:
    """Weights made from an axis are read as that axis."""
    assert emotion_of(weights_of(Emotion.of(axis))).strongest == axis


def test_rows_are_picked_by_likeness_within_their_group() -> None:
    """The first of equals wins."""
    speakers = torch.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    assert pick_rows(torch.tensor([[2.0, 0.1]]), speakers, (3, 2)).tolist() == [1, 3]


def test_a_blend_keeps_what_is_left_of_the_own_manner() -> None:
    """Σ w · row + (1 − Σ w) · own, also beyond one."""
    own, rows = torch.tensor([[10.0]]), torch.tensor([[1.0], [2.0]])
    assert float(blend(own, rows, (0.25, 0.25))) == pytest.approx(5.75)
    assert float(blend(own, rows, (1.0, 0.5))) == pytest.approx(-3.0)
