"""A face that follows what is heard: five vowels for the mouth, four expressions, as avatars take them.

The vowels A I U E O are the lip-sync parameters of VRM, Live2D and MotionSync models. A viseme says how much of each
the lips show; they move there as fast as lips do. Without visemes they open as wide as the sound is loud.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..streaming.clock import Clock, SystemClock
from ..streaming.emotion import AXES, Emotion
from .playout import Playout

VOWELS = ("A", "I", "U", "E", "O")
SHAPES: Mapping[str, tuple[float, float, float, float, float]] = {
    "sil": (0.0, 0.0, 0.0, 0.0, 0.0),
    "PP": (0.0, 0.0, 0.0, 0.0, 0.0),
    "FF": (0.0, 0.0, 0.1, 0.0, 0.0),
    "TH": (0.0, 0.0, 0.0, 0.15, 0.0),
    "DD": (0.0, 0.0, 0.0, 0.15, 0.0),
    "kk": (0.15, 0.0, 0.0, 0.0, 0.0),
    "CH": (0.0, 0.0, 0.3, 0.0, 0.0),
    "SS": (0.0, 0.25, 0.0, 0.0, 0.0),
    "nn": (0.0, 0.1, 0.0, 0.0, 0.0),
    "RR": (0.0, 0.0, 0.3, 0.3, 0.0),
    "aa": (1.0, 0.0, 0.0, 0.0, 0.0),
    "E": (0.0, 0.0, 0.0, 0.9, 0.0),
    "ih": (0.0, 1.0, 0.0, 0.0, 0.0),
    "oh": (0.0, 0.0, 0.0, 0.0, 1.0),
    "ou": (0.0, 0.0, 1.0, 0.0, 0.0),
}
"""Oculus viseme → how much of each of :data:`VOWELS` the lips show, 0…1."""
OPENING: Mapping[str, float] = dict(zip(VOWELS, (1.0, 0.35, 0.3, 0.6, 0.7), strict=True))
"""How far each vowel opens the jaw, 0…1."""
ATTACK_S = 0.045
RELEASE_S = 0.09
TURN_S = 0.25
"""Time constants: lips that open, lips that close, a face that changes its expression."""
LOUD = 0.25
GATE = 0.08
"""Root mean square of a mouth wide open, and the opening below which it stays shut, without visemes."""
EXPRESSIONS: Mapping[str, Mapping[str, float]] = {
    "joy": {"joy": 1.0, "surprise": 0.3},
    "angry": {"anger": 1.0, "contempt": 0.5},
    "sorrow": {"sadness": 1.0, "fear": 0.7},
    "fun": {"tenderness": 0.7},
}
"""The four expressions every VRM model has → which of the eight axes show in them, and how much."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a face looks: weights of :data:`VOWELS` and :data:`EXPRESSIONS` by name, 0…1, and how open the mouth is."""

    vowels: Mapping[str, float]
    expressions: Mapping[str, float]
    open: float


class Face:
    """Moves towards what is heard; :meth:`look` is its state now."""

    def __init__(self, playout: Playout, clock: Clock | None = None) -> None:
        self._playout = playout
        self._clock = clock or SystemClock()
        self._at = self._clock.now()
        self._vowels = dict.fromkeys(VOWELS, 0.0)
        self._expressions = dict.fromkeys(EXPRESSIONS, 0.0)

    def look(self) -> Look:
        """The face at this moment."""
        now = self._clock.now()
        passed, self._at = now - self._at, now
        wanted = self._wanted()
        for vowel, was in self._vowels.items():
            constant = ATTACK_S if wanted[vowel] > was else RELEASE_S
            self._vowels[vowel] = _towards(was, wanted[vowel], passed, constant)
        shown = expressions_of(self._playout.emotion())
        for name, was in self._expressions.items():
            self._expressions[name] = _towards(was, shown[name], passed, TURN_S)
        opening = sum(OPENING[vowel] * weight for vowel, weight in self._vowels.items())
        return Look(dict(self._vowels), dict(self._expressions), min(1.0, opening))

    def _wanted(self) -> dict[str, float]:
        playout = self._playout
        if playout.has("viseme"):
            mark = playout.mark("viseme")
            shape = SHAPES.get((mark.viseme or "sil") if mark else "sil", SHAPES["sil"])
            return dict(zip(VOWELS, shape, strict=True))
        opening = min(1.0, math.sqrt(playout.level() / LOUD))
        return {**dict.fromkeys(VOWELS, 0.0), "A": opening if opening > GATE else 0.0}


def expressions_of(emotion: Emotion) -> dict[str, float]:
    """What of an emotion shows in each of :data:`EXPRESSIONS`, 0…1."""
    strength = dict(zip(AXES, emotion.strength, strict=True))
    return {
        name: min(1.0, sum(strength[axis] * share for axis, share in axes.items()))
        for name, axes in EXPRESSIONS.items()
    }


def _towards(was: float, wanted: float, passed_s: float, constant_s: float) -> float:
    """One step of an exponential approach, exact for any step."""
    value = wanted + (was - wanted) * math.exp(-max(0.0, passed_s) / constant_s)
    return 0.0 if value < 1e-3 else value
