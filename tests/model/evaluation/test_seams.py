"""Joins are judged by what they add to the places they lie in."""

from __future__ import annotations

import numpy as np
import pytest

from seiyuu.model.evaluation.seams import Joins, seams

pytestmark = pytest.mark.unit

RATE = 24_000


def tone(seconds: float = 1.0) -> np.ndarray:
    """A voice-like sum of harmonics of 200 Hz."""
    at = np.arange(round(RATE * seconds)) / RATE
    wave = sum(np.sin(2 * np.pi * 200 * k * at) / k for k in range(1, 9))
    return (0.1 * wave).astype(np.float32)


def test_a_click_at_a_border_is_told() -> None:
    """A jump that was put in at a border lies far above what is found elsewhere; without it none does."""
    whole = tone()
    broken = whole.copy()
    broken[12_000:] += 0.1
    assert seams(whole, [6_000, 12_000, 18_000]).share_above == 0.0
    found = seams(broken, [6_000, 12_000, 18_000])
    assert found.share_above == pytest.approx(1 / 3)
    assert found.border_jump > 3 * found.elsewhere_p99


def test_a_burst_at_a_border_is_not_blamed_on_the_join() -> None:
    """A jump that the speech has there anyway stands in both columns, and nothing was added."""
    whole = tone()
    whole[12_000] += 0.3
    joins = Joins(RATE)
    joins.add(whole, [12_000], whole)
    found = joins.summary()
    assert found["above_p99_elsewhere_percent"] == 100.0
    assert found["above_p99_elsewhere_percent_uncut"] == 100.0
    assert found["jump_added_against_p99"] == 0.0


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("level_step_added_db_p95", lambda wave: 2 * wave),
        ("f0_step_added_st_p95", lambda wave: np.repeat(wave, 2)[: len(wave)]),
    ],
)
def test_steps_of_level_and_pitch_are_told(key: str, change: object) -> None:
    """A louder or a lower voice behind a border is a step that the uncut speech has not."""
    whole = tone()
    stepped = np.concatenate([whole[:12_000], change(whole[12_000:])])  # type: ignore[operator]
    joins = Joins(RATE)
    joins.add(stepped.astype(np.float32), [12_000], whole)
    assert joins.summary()[key] > 4


def test_another_length_is_other_speech() -> None:
    """Speech of another length cannot be compared place by place."""
    with pytest.raises(ValueError, match="same speech"):
        Joins(RATE).add(tone(1.0), [100], tone(0.5))
