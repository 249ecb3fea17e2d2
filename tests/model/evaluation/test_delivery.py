"""Measuring how an emotion is delivered: on sounds whose measures are known."""

import numpy as np
import pytest

from seiyuu.model.evaluation.delivery import (
    INTENSITIES,
    MEASURES,
    as_published,
    measure,
    table,
    tilt_db,
)
from seiyuu.streaming.audio import Samples

pytestmark = pytest.mark.unit

RATE = 24_000


def voice(
    hz: float, seconds: float = 1.0, amplitude: float = 0.1, wobble_st: float = 0.0
) -> Samples:
    """Ten harmonics, gliding up and down."""
    t = np.arange(round(RATE * seconds)) / RATE
    pitch = hz * 2 ** (wobble_st / 12 * np.sin(2 * np.pi * 1.5 * t))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    total = sum(np.sin(n * phase) / n for n in range(1, 11))
    return np.asarray(amplitude * total, np.float32)


def test_each_measure_hears_its_own() -> None:
    """An octave is twelve semitones, twice the amplitude six decibels, and a glide widens the range."""
    plain = measure(voice(150), RATE)
    high = measure(voice(300), RATE)
    loud = measure(voice(150, amplitude=0.2), RATE)
    wide = measure(voice(150, wobble_st=4.0), RATE)
    assert high[0] - plain[0] == pytest.approx(12, abs=0.2)
    assert loud[3] - plain[3] == pytest.approx(6.02, abs=0.2)
    assert wide[1] > plain[1] + 2
    assert measure(voice(150, 2.0), RATE)[2] - plain[2] == pytest.approx(np.log(2), abs=0.01)


def test_tilt_is_the_level_above_a_kilohertz() -> None:
    """A tone above it is bright, one below dark."""
    t = np.arange(RATE) / RATE
    low, high = (np.sin(2 * np.pi * hz * t).astype(np.float32) for hz in (400.0, 2500.0))
    assert tilt_db(low + high, RATE) == pytest.approx(0.0, abs=0.1)
    assert tilt_db(low + np.float32(2.0) * high, RATE) == pytest.approx(6.02, abs=0.1)


def test_a_direction_has_to_hold_at_every_step() -> None:
    """Sadness that is higher at first, or stands still, is not as published; what has no direction is not judged."""
    falling = {i: np.array([-i, -i, -i, -i, -i]) for i in INTENSITIES}
    assert all(as_published("sadness", falling).values())
    bent = {**falling, INTENSITIES[1]: falling[INTENSITIES[0]]}
    assert not any(as_published("sadness", bent).values())
    assert set(as_published("fear", falling)) == {"f0_level_st", "f0_range_st", "rate_percent"}


def test_the_table_marks_what_is_not_as_published() -> None:
    """Exclamation marks stand at wrong measures and at errors beyond two points."""
    change = dict.fromkeys(MEASURES, 1.0)
    found = {
        "change": {"1.0": change},
        "as_published": {"f0_level_st": False, "level_db": True},
        "cells": {"f0_level_st": 1, "level_db": 2},
    }
    errors = {"zh": {"neutral": 1.0, "anger": 3.1, "joy": 2.9}}
    lines = list(table({"cells": 2, "emotions": {"anger": found}, "error_percent": errors}))
    assert "| anger | 1.0 | +1.00! | +1.00 | +1.00 | +1.00 | +1.00 |" in lines
    assert "| zh | 1.0 % | 3.1 %! | 2.9 % |" in lines
