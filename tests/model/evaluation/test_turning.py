"""Steps at turns are held against those of speech that was never turned."""

import numpy as np
import pytest

from seiyuu.model.evaluation.picture import Heard
from seiyuu.model.evaluation.turning import Turning

pytestmark = pytest.mark.unit

RATE = 24_000
TURN_S = 1.5


def heard(
    step_st: float = 0.0, step_db: float = 0.0, click: float = 0.0, turned: bool = True
) -> Heard:
    """A voice that wanders in pitch and level, with what is asked for at the turn."""
    t = np.arange(3 * RATE) / RATE
    after = t >= TURN_S + 0.02
    st = 2 * np.sin(2 * np.pi * 0.7 * t) + step_st * after
    db = 3 * np.sin(2 * np.pi * 1.1 * t) + step_db * after
    phase = 2 * np.pi * np.cumsum(160 * 2 ** (st / 12)) / RATE
    samples = sum(np.sin(n * phase) / n for n in range(1, 8)) * 0.1 * 10 ** (db / 20)
    samples[round((TURN_S + 0.02) * RATE)] += click
    return Heard(np.asarray(samples, np.float32), (), TURN_S if turned else None, RATE)


def found(turned: Heard) -> dict[str, dict[str, float]]:
    turning = Turning()
    turning.add(turned, [heard(turned=False)])
    return turning.summary()


def test_a_turn_without_a_step_is_like_the_rest() -> None:
    """Nothing of a voice that just wanders on lies above what it does elsewhere."""
    summary = found(heard())
    assert summary["turns"] == 1
    for kind in ("f0_step_st", "level_step_db", "jump"):
        assert summary[kind]["above_p99"] == 0
        assert summary[kind]["n"] == 1


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        ("f0_step_st", {"step_st": 5.0}),
        ("level_step_db", {"step_db": 9.0}),
        ("jump", {"click": 0.5}),
    ],
)
def test_a_step_at_the_turn_is_told(kind: str, steps: dict[str, float]) -> None:
    """A jump of pitch or level, or a click, stands out in its own measure."""
    measured = found(heard(**steps))[kind]
    assert measured["above_p99"] == 1
    assert measured["largest"] > 1.5 * measured["largest_elsewhere"]
