"""What a prediction missed at the places that were listened to, carried to the places in between.

Gaussian process regression (Rasmussen & Williams, "Gaussian processes for machine learning", 2006, chapter 2) with a
constant and a squared-exponential kernel: near a place that was heard its own error is expected, far from all of
them their common one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .statistics import Array

REACH = 4.0
"""How far from a place its error still holds, in units of the whitened timbre."""

NOISE = 0.1
"""How much of an error belongs to the sentence and not to the place."""


class Residuals:
    """Errors ``[m]`` of a prediction at places ``[n]``."""

    def __init__(self) -> None:
        self._places: list[Array] = []
        self._errors: list[Array] = []
        self._weights: Array | None = None

    def add(self, place: Array, error: Array) -> None:
        """``error`` is what was heard at ``place`` less what was predicted."""
        self._places.append(place)
        self._errors.append(error)
        known = np.stack(self._places)
        kernel = 1 + np.stack([self._near(place, known) for place in known])
        kernel += NOISE * np.eye(len(known))
        self._weights = np.linalg.solve(kernel, np.stack(self._errors)).astype(np.float32)

    def at(self, place: Array) -> tuple[Array | float, Callable[[Array], Array | float]]:
        """The error expected at ``place``, and what turns a gradient on it into one on the place; 0 with none known."""
        if self._weights is None:
            return 0.0, lambda gradient: 0.0
        known, weights = np.stack(self._places), self._weights
        near = self._near(place, known)
        expected: Array = ((1 + near) @ weights).astype(np.float32)

        def back(gradient: Array) -> Array:
            moved: Array = (near * (weights @ gradient)) @ (known - place) / REACH**2
            return moved

        return expected, back

    @staticmethod
    def _near(place: Array, known: Array) -> Array:
        near: Array = np.exp(-np.square(known - place).sum(axis=1) / (2 * REACH**2))
        return near
