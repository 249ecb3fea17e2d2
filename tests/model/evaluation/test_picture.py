"""Pictures of a turn, and the steps of F0 they are judged by."""

from pathlib import Path

import numpy as np
import pytest

from seiyuu.model.evaluation.picture import Heard, draw, steps_st
from seiyuu.streaming.timeline import Mark

pytestmark = pytest.mark.unit

RATE = 24_000


def heard(jump_st: float) -> Heard:
    """A voice that wanders, and jumps at one second and a half."""
    t = np.arange(3 * RATE) / RATE
    st = 2 * np.sin(2 * np.pi * 0.7 * t) + jump_st * (t >= 1.55)
    phase = 2 * np.pi * np.cumsum(160 * 2 ** (st / 12)) / RATE
    samples = sum(np.sin(n * phase) / n for n in range(1, 8)) * 0.1
    mark = Mark("char", "好", 0, 1, 0, RATE)
    return Heard(np.asarray(samples, np.float32), (mark,), 1.5, RATE)


def test_a_jump_at_the_turn_is_told_from_melody() -> None:
    """What wanders on is as small as elsewhere, five semitones are not."""
    here, elsewhere = steps_st(heard(0.0))
    assert here <= 1.2 * elsewhere
    here, elsewhere = steps_st(heard(5.0))
    assert here > 2 * elsewhere


def test_a_picture_is_drawn(tmp_path: Path) -> None:
    """A PNG of both takes."""
    pytest.importorskip("matplotlib")
    path = tmp_path / "turn.png"
    draw(path, heard(0.0), heard(1.0), "turn")
    assert path.read_bytes().startswith(b"\x89PNG")
