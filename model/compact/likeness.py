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
from .statistics import Array

NARROW_HZ = 5_500.0
"""A clip that holds nothing above this is compared with speech in the phone band."""

STEPS, STEP_SIZE = 120, 0.08
D_VECTOR_WEIGHT, COLOUR_WEIGHT, PRIOR_WEIGHT = 1.0, 2.0, 0.004


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
        self._heard = {kind: Perceptron.part(arrays, kind) for kind in ("clean", "phone")}

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

    def approach(self, z: Array, portrait: Portrait, correction: Array | None = None) -> Array:
        """Move ``z`` to where it would be heard like the portrait, held back towards where it was.

        ``correction [296]`` is what speech rendered nearby was heard like, less what was predicted for it.
        """
        network, start = self._network(portrait), z
        aim = portrait.features[:-1]
        moment, spread = np.zeros_like(z), np.zeros_like(z)
        offset = correction if correction is not None else np.zeros_like(aim)
        for step in range(1, STEPS + 1):
            heard, back = network.with_gradient(_with_pitch(z, portrait))
            slope = back(_slope(heard + offset, aim))[: len(z)] + 2 * PRIOR_WEIGHT * (z - start)
            slope = slope + 0.5 * PRIOR_WEIGHT * z
            # Adam (Kingma & Ba, 2015): the components differ much in how they are heard.
            moment = 0.9 * moment + 0.1 * slope
            spread = 0.99 * spread + 0.01 * slope**2
            move = moment / (1 - 0.9**step) / (np.sqrt(spread / (1 - 0.99**step)) + 1e-6)
            z = z - STEP_SIZE * (1 - step / (STEPS + 1)) * move
        result: Array = z.astype(np.float32)
        return result

    def _network(self, portrait: Portrait) -> Perceptron:
        return self._heard["phone" if portrait.narrow else "clean"]


def distance(heard: Array, portrait: Portrait) -> float:
    """How unlike features ``[296]`` are to a portrait: 1 less the cosine of d-vectors, and the colour's distance."""
    vector = heard[:D_VECTOR] / (np.linalg.norm(heard[:D_VECTOR]) + 1e-6)
    apart = heard[D_VECTOR:] - portrait.colour
    return float(
        D_VECTOR_WEIGHT * (1 - vector @ portrait.d_vector)
        + COLOUR_WEIGHT * np.mean(np.square(apart))
    )


def _slope(heard: Array, aim: Array) -> Array:
    """Gradient of :func:`distance` on the features."""
    vector, wanted = heard[:D_VECTOR], aim[:D_VECTOR]
    length = np.linalg.norm(vector) + 1e-6
    unit = vector / length
    turned = -D_VECTOR_WEIGHT * (wanted - (unit @ wanted) * unit) / length
    apart = 2 * COLOUR_WEIGHT * (heard[D_VECTOR:] - aim[D_VECTOR:]) / (len(aim) - D_VECTOR)
    made: Array = np.concatenate([turned, apart])
    return made


def _with_pitch(z: Array, portrait: Portrait) -> Array:
    return np.append(z, np.float32(portrait.octave)).astype(np.float32)
