"""Errors of a prediction: known where it was checked, shared everywhere else."""

import numpy as np
import pytest

from seiyuu.model.compact.residuals import Residuals

pytestmark = pytest.mark.unit


def known() -> tuple[Residuals, np.ndarray, np.ndarray]:
    """Three places far from each other, with errors of their own."""
    rng = np.random.default_rng(0)
    places = (8 * rng.standard_normal((3, 6))).astype(np.float32)
    errors = rng.standard_normal((3, 4)).astype(np.float32)
    residuals = Residuals()
    for place, error in zip(places, errors, strict=True):
        residuals.add(place, error)
    return residuals, places, errors


def test_nothing_is_expected_before_anything_was_heard() -> None:
    """Without a place heard there is no error, and nowhere to go."""
    expected, back = Residuals().at(np.zeros(6, np.float32))
    assert expected == 0.0
    assert back(np.ones(4, np.float32)) == 0.0


def test_a_place_that_was_heard_has_about_its_own_error() -> None:
    """Most of the error found at a place is expected there again, and less of it far away."""
    residuals, places, errors = known()
    for place, error in zip(places, errors, strict=True):
        expected, _ = residuals.at(place)
        assert np.linalg.norm(expected - error) < 0.4 * np.linalg.norm(error)
        far, _ = residuals.at(place + 100)
        assert np.linalg.norm(far - error) > np.linalg.norm(expected - error)


def test_the_slope_is_that_of_finite_differences() -> None:
    """The gradient that is handed back is the one the expected error has."""
    residuals, places, _ = known()
    place = (places[0] + 1.5).astype(np.float64)
    pull = np.array([0.5, -1.0, 0.25, 2.0])
    slope = residuals.at(place)[1](pull)
    for axis in range(6):
        step = np.zeros(6)
        step[axis] = 1e-2
        difference = (residuals.at(place + step)[0] - residuals.at(place - step)[0]) @ pull / 2e-2
        assert slope[axis] == pytest.approx(difference, abs=1e-3)
