"""From what a clip tells of a speaker to a timbre, and back: how a timbre would be heard.

Two small networks, trained on thousands of made-up voices (:mod:`.training.fit_timbre`). The first guesses the
timbre of a clip at once. The second predicts the features of a timbre, so that the guess can be moved, by its
gradient, to where it would be heard like the clip; a correction measured on rendered speech makes up for what the
prediction misses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from ..speaker import D_VECTOR
from ..voice_features import FEATURES
from .perceptron import Perceptron
from .residuals import Residuals
from .statistics import Array

NARROW_HZ = 5_500.0
"""A clip that holds nothing above this is compared with speech in the phone band."""

STEPS, STEP_SIZE = 160, 0.08
COLOUR_WEIGHT = 3.0
PULL, MIDDLE_WEIGHT = 0.002, 0.0004
"""What leaving the start and leaving the middle of all voices cost, for each square of a spread: on 55 recorded people
a third of it was no closer by a second scorer, and twice of both less close by either.
"""

HOME_WEIGHT = 0.0015
"""What leaving a given home costs: far from where a clip put a voice, only the d-vector's own errors are gained."""

FARTHEST = 8.5
"""How far from the middle of all voices a clone may be; two in three packaged voices lie nearer. Eight recorded people
refined without a bound came to 10.4 on average, and a recogniser missed 24 of their 406 English words; 7 within it.
"""

CENTRED = 0.7
"""How much of the d-vector common to all voices is left out of a comparison: without it a clone comes near to
everybody rather than to one.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A speaker as heard in a clip: ``features [297]`` (:func:`..voice_features.features`), and whether the clip
    holds only the phone band.
    """

    features: Array
    narrow: bool

    @property
    def d_vector(self) -> Array:
        return self.features[:D_VECTOR]

    @property
    def colour(self) -> Array:
        return self.features[D_VECTOR : FEATURES - 1]

    @property
    def octave(self) -> float:
        """Pitch in octaves about 160 Hz."""
        return float(self.features[-1])


class Likeness:
    """Timbres in the main components of the voices, whitened: ``z [40]``, about 0 with a spread of 1."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._middle, self._axes, self._spread = (
            arrays[f"space/{key}"] for key in ("middle", "axes", "spread")
        )
        self._guess = Perceptron.part(arrays, "timbre")
        kinds = ("clean", "phone")
        self._heard = {kind: Perceptron.part(arrays, kind) for kind in kinds}
        self._common = {kind: CENTRED * arrays[f"common/{kind}"] for kind in kinds}

    @classmethod
    def load(cls, path: Path) -> Likeness:
        """From an ``npz`` that the training wrote."""
        with np.load(path) as file:
            return cls(dict(file))

    @classmethod
    @cache
    def packaged(cls) -> Likeness:
        """The one that comes with the engine."""
        return cls.load(Path(str(files(__package__) / "assets" / "cloning.npz")))

    def timbre(self, z: Array) -> Array:
        """``[128]``."""
        made: Array = (self._middle + (z * self._spread) @ self._axes).astype(np.float32)
        return made

    def coordinates(self, timbre: Array) -> Array:
        """The inverse of :meth:`timbre`, for timbres inside the space; ``[..., 128]`` to ``[..., 40]``."""
        made: Array = ((timbre - self._middle) @ self._axes.T / self._spread).astype(np.float32)
        return made

    def guess(self, portrait: Portrait) -> Array:
        """``z`` of the clip's speaker, at once."""
        return self._guess(portrait.features)

    def heard(self, z: Array, portrait: Portrait) -> Array:
        """Features that ``z`` would have in a clip like the portrait's, ``[296]``, the pitch left out."""
        return self._network(portrait)(_with_pitch(z, portrait))

    def distance(self, heard: Array, portrait: Portrait) -> float:
        """How unlike features ``[296]`` are to a portrait: 1 less the cosine of d-vectors without most of what is
        common to all, and the distance of the colours.
        """
        common = self._common[_kind(portrait)]
        one, other = _unit(heard[:D_VECTOR]) - common, portrait.d_vector - common
        apart = heard[D_VECTOR:] - portrait.colour
        return float(1 - _unit(one) @ _unit(other) + COLOUR_WEIGHT * np.mean(np.square(apart)))

    def approach(
        self,
        z: Array,
        portrait: Portrait,
        missed: Residuals | None = None,
        pull: float = PULL,
        home: Array | None = None,
    ) -> Array:
        """Move ``z`` to where it would be heard like the portrait, held back towards where it was by ``pull``, and
        towards ``home``, or more lightly towards the middle of all voices; no farther than :data:`FARTHEST` from it.

        ``missed`` is what the prediction is known to miss on rendered speech.
        """
        network, start = self._network(portrait), z
        weight = MIDDLE_WEIGHT if home is None else HOME_WEIGHT
        centre = np.zeros_like(z) if home is None else home
        known = missed or Residuals()
        moment, spread = np.zeros_like(z), np.zeros_like(z)
        for step in range(1, STEPS + 1):
            predicted, back = network.with_gradient(_with_pitch(z, portrait))
            error, error_back = known.at(z)
            slope = self._slope(predicted + error, portrait)
            slope = back(slope)[: len(z)] + error_back(slope)
            slope = slope + 2 * (pull * (z - start) + weight * (z - centre))
            # Adam (Kingma & Ba, 2015): the components differ much in how they are heard.
            moment = 0.9 * moment + 0.1 * slope
            spread = 0.99 * spread + 0.01 * slope**2
            move = moment / (1 - 0.9**step) / (np.sqrt(spread / (1 - 0.99**step)) + 1e-6)
            z = z - STEP_SIZE * (1 - step / (STEPS + 1)) * move
        away = float(np.linalg.norm(z))
        result: Array = (z * min(1.0, FARTHEST / max(away, 1e-6))).astype(np.float32)
        return result

    def _slope(self, heard: Array, portrait: Portrait) -> Array:
        """Gradient of :meth:`distance` on the features."""
        common = self._common[_kind(portrait)]
        length = np.linalg.norm(heard[:D_VECTOR]) + 1e-6
        vector = heard[:D_VECTOR] / length
        one, wanted = vector - common, _unit(portrait.d_vector - common)
        unit = _unit(one)
        turned = -(wanted - (unit @ wanted) * unit) / np.linalg.norm(one)
        turned = (turned - (vector @ turned) * vector) / length
        apart = 2 * COLOUR_WEIGHT * (heard[D_VECTOR:] - portrait.colour) / len(portrait.colour)
        made: Array = np.concatenate([turned, apart])
        return made

    def _network(self, portrait: Portrait) -> Perceptron:
        return self._heard[_kind(portrait)]


def _kind(portrait: Portrait) -> str:
    return "phone" if portrait.narrow else "clean"


def _unit(vector: Array) -> Array:
    made: Array = vector / (np.linalg.norm(vector) + 1e-6)
    return made


def _with_pitch(z: Array, portrait: Portrait) -> Array:
    return np.append(z, np.float32(portrait.octave)).astype(np.float32)
