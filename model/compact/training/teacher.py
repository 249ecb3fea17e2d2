"""Teacher frames: neutral readings delivered with emotions that come, go and mix, and with frames counted.

The deliveries are those of :mod:`..delivery` (Banse & Scherer 1996; Juslin & Laukka 2003; Murray & Arnott 1993). What
is added is how a voice moves between them:

* Controls follow the emotion with inertia and without overshoot. A larynx needs about 100 ms for a change of four
  semitones, however sudden the wish: Xu & Sun, "Maximum speed of pitch change and how it may relate to speech",
  J. Acoust. Soc. Am. 111 (2002) 1399–1413.
* F0 resets where a livelier tone sets in and declines from there, as at the start of a phrase: Ladd, "Declination:
  a review and some hypotheses", Phonology Yearbook 1 (1984) 53–74.
* Sad and tender speech declines more (Juslin & Laukka 2003, table 7: falling contours) and lingers on its last
  sounds; angry and joyful speech stresses its vowels (steeper attacks, same table).

Sizes are our own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ....streaming.audio import Samples
from ....streaming.emotion import AXES, NEUTRAL, Emotion
from ..clause import VOWELS, Clause
from ..delivery import CONTROLS, Delivery, delivery_of
from ..prosody import EmotionState, RuleProsody
from ..prosody_features import VOICED_FROM_HZ, Plan
from ..track import FRAME_MS, Frame

INERTIA_MS: Mapping[str, float] = {
    "pitch_st": 45.0,
    "range_log": 45.0,
    "rate_log": 60.0,
    "level_db": 35.0,
    "tilt_db": 45.0,
    "breath": 60.0,
    "rise_st": 60.0,
}
"""Time constant of each of the two equal lags that a control passes through."""

RESET_ST, RESET_MS = 0.8, 500.0
DECLINE_ST: Mapping[str, float] = {"sadness": 0.9, "tenderness": 0.6, "contempt": 0.5}
LINGER_LOG: Mapping[str, float] = {
    "sadness": 0.16,
    "tenderness": 0.14,
    "contempt": 0.12,
    "anger": -0.06,
}
LINGERING = 4
"""Last sounds of a clause."""

STRESS_DB: Mapping[str, float] = {"anger": 1.6, "joy": 0.8, "surprise": 0.6, "sadness": -0.4}

_KEEP = np.exp(-FRAME_MS / np.array([INERTIA_MS[name] for name in CONTROLS]))
_PITCH = CONTROLS.index("pitch_st")


def _by_axis(sizes: Mapping[str, float]) -> Samples:
    return np.array([sizes.get(axis, 0.0) for axis in AXES], np.float32)


_DECLINE, _LINGER, _STRESS = _by_axis(DECLINE_ST), _by_axis(LINGER_LOG), _by_axis(STRESS_DB)


@dataclass(frozen=True, slots=True)
class Direction:
    """What is asked of a take: emotions and budgets, each from a frame on.

    ``budgets`` gives the frames to the end of the last sound as a factor on what it would take freely; None frees
    the pace.
    """

    emotion: Emotion = NEUTRAL
    turns: tuple[tuple[int, Emotion, int], ...] = ()
    budgets: tuple[tuple[int, float | None], ...] = ()


class Teacher(RuleProsody):
    """The rules with inertia; remembers what a network must learn of each frame."""

    def __init__(self, clause: Clause, direction: Direction) -> None:
        spoken = np.where(clause.f0 >= VOICED_FROM_HZ, clause.f0, 0.0)
        super().__init__(replace(clause, f0=spoken), EmotionState.of(direction.emotion))
        self._plan = Plan.of(clause)
        self._turns_at = {frame: (emotion, ramp) for frame, emotion, ramp in direction.turns}
        self._budgets_at = dict(direction.budgets)
        self._lag = np.tile(_controls(self.emotion.current), (2, 1))
        self._reset = 0.0
        self.stretch: list[float] = []
        self.frames_left: list[float] = []

    def run(self) -> None:
        """Speak the clause to its end."""
        while not self.finished:
            at = self.track.length
            if at in self._turns_at:
                self.emotion.turn(*self._turns_at[at])
            if at in self._budgets_at:
                ratio = self._budgets_at[at]
                self.steer(None if ratio is None else max(1, round(ratio * self.natural())))
            self.decide(1)

    def _frame(self) -> None:
        strength = self.emotion.step()
        delivery = self._follow(strength)
        duration = float(self._clause.durations[self._token])
        position = float(self._starts[self._token]) + self._fraction * duration
        stretch = self._lingering(strength) + math.log(self._stretch(self._token, delivery))
        self.stretch.append(stretch)
        self.frames_left.append(
            math.nan if self._budget is None else self._budget - self.track.length
        )
        f0 = self._f0(position, delivery, self._token)
        energy = self._energy(position)
        quality = delivery.level_db, delivery.tilt_db, delivery.breath
        frame = Frame(self._token, self._fraction, self._debt, f0, energy, *quality)
        self.track.append(frame, strength)
        self._advance(duration, math.exp(stretch))

    def _follow(self, strength: Samples) -> Delivery:
        """The controls after one more frame of inertia."""
        wanted = _controls(strength)
        share = (self._starts[self._token] - self._starts[self._first]) / max(
            self._starts[self._last], 1.0
        )
        wanted[_PITCH] -= float(strength @ _DECLINE) * min(max(float(share), 0.0), 1.0)
        if self._clause.symbols[self._token] in VOWELS:
            wanted[CONTROLS.index("level_db")] += float(strength @ _STRESS)
        rise = wanted[_PITCH] - self._lag[0, _PITCH]
        if rise > 1.0:
            self._reset = max(self._reset, RESET_ST * min(rise / 3.0, 1.0))
        self._reset *= math.exp(-FRAME_MS / RESET_MS)
        wanted[_PITCH] += self._reset
        if self.track.length == 0:
            self._lag[:] = wanted
        self._lag[0] += (1 - _KEEP) * (wanted - self._lag[0])
        self._lag[1] += (1 - _KEEP) * (self._lag[0] - self._lag[1])
        return Delivery(*(float(x) for x in self._lag[1]))

    def _lingering(self, strength: Samples) -> float:
        last = self._plan.last
        if not last - LINGERING <= self._token < last or self._budget is not None:
            return 0.0
        return float(strength @ _LINGER)


def _controls(strength: Samples) -> Samples:
    delivery = delivery_of(strength)
    return np.array([getattr(delivery, name) for name in CONTROLS])


def draw_emotion(rng: np.random.Generator) -> Emotion:
    """Mostly one emotion, sometimes a mixture, at any intensity."""
    count = int(rng.choice([1, 2, 3], p=[0.65, 0.25, 0.1]))
    vector = np.zeros(len(AXES))
    vector[rng.choice(len(AXES), count, replace=False)] = rng.dirichlet(np.ones(count))
    return Emotion.from_vector(vector, float(rng.uniform(0.15, 1.0)))


def draw_direction(frames: int, rng: np.random.Generator) -> Direction:
    """What might be asked of a take of about ``frames`` frames."""
    kind = rng.choice(["neutral", "steady", "turning"], p=[0.3, 0.3, 0.4])
    emotion = NEUTRAL if kind == "neutral" or rng.random() < 0.2 else draw_emotion(rng)
    turns: list[tuple[int, Emotion, int]] = []
    if kind == "turning":
        for _ in range(int(rng.integers(1, 4))):
            after = NEUTRAL if rng.random() < 0.15 else draw_emotion(rng)
            turns.append(
                (
                    int(rng.integers(5, max(frames, 8))),
                    after,
                    int(rng.choice([0, 100, 200, 300, 600])),
                )
            )
    budgets: list[tuple[int, float | None]] = []
    if rng.random() < 0.5:
        budgets.append((0, _ratio(rng)))
        if rng.random() < 0.4:
            again = None if rng.random() < 0.2 else _ratio(rng)
            budgets.append((int(rng.integers(5, max(frames, 8))), again))
    return Direction(emotion, tuple(turns), tuple(budgets))


def _ratio(rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(math.log(0.6), math.log(1.7))))
