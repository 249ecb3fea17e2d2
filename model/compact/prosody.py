"""The seam where prosody is decided frame by frame, and the decoder that decides it by rule.

A prosody decoder walks along the tokens of a clause, one 25 ms frame at a time. It may stay or advance, never skip
or go back, so no word can be lost or said twice. Everything it needs to go on stands in the last frame of the
track: turning back is truncating the track.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ...streaming.audio import Samples
from ...streaming.emotion import NEUTRAL, Emotion
from .clause import Clause, elasticity
from .delivery import Delivery, Strength, delivery_of, strength_of
from .track import FRAME_MS, Frame, Track

MIN_F0_HZ, MAX_F0_HZ = 55.0, 620.0
VOICED_HZ = 40.0
"""Below this nobody has voice. The predictors glide through 10–40 Hz between voiced and unvoiced sounds; such values
are left alone: raised to a pitch they would hum under consonants, and in the mean they would pull it down."""

EMPHASIS = {"strong": 1.0, "moderate": 0.6, "reduced": -0.6}
EMPHASIS_ST, EMPHASIS_DB, EMPHASIS_LOG = 2.0, 2.5, 0.22
"""What strong emphasis adds in pitch, level and (logarithm of) duration: an accented word is higher, louder and
longer (Fry, "Experiments in the perception of stress", Language and Speech 1, 1958)."""

RISE_SHARE = 0.3
"""Share of a clause over which a final rise or fall is spread."""

STEER_EVERY = 8
"""Frames between two looks at the budget."""


@dataclass(slots=True)
class EmotionState:
    """The emotion on its way to a target, linear over the frames that are left."""

    current: Strength
    target: Strength
    frames_left: int = 0

    @classmethod
    def of(cls, emotion: Emotion = NEUTRAL) -> EmotionState:
        strength = strength_of(emotion)
        return cls(strength, strength)

    def turn(self, emotion: Emotion, ramp_ms: int) -> None:
        """Head for another emotion, there after ``ramp_ms``."""
        self.target = strength_of(emotion)
        self.frames_left = max(1, round(ramp_ms / FRAME_MS))

    def step(self) -> Strength:
        """The amounts for the next frame."""
        if self.frames_left > 0:
            step = (self.target - self.current) / np.float32(self.frames_left)
            self.current = self.current + step
            self.frames_left -= 1
        return self.current


@dataclass(frozen=True, slots=True)
class Manner:
    """What a voice and a writer ask of every frame beyond the emotion.

    ``temperature`` 0 takes the likeliest frame; above, frames stray as ``seed`` has it. Rules leave nothing to chance.
    """

    rate: float = 1.0
    pitch_st: float = 0.0
    pitch_range: float = 1.0
    temperature: float = 0.0
    seed: int = 0


PLAIN = Manner()


@dataclass(frozen=True, slots=True)
class TokenTurn:
    """At token ``token`` of the clause the writer turned the emotion."""

    token: int
    emotion: Emotion
    ramp_ms: int


class Prosody(Protocol):
    """Decides the frames of one clause."""

    track: Track
    emotion: EmotionState

    @property
    def finished(self) -> bool:
        """Every token was spoken."""
        ...

    def decide(self, frames: int) -> None:
        """Append up to ``frames`` frames to the track."""
        ...

    def steer(self, frames: int | None) -> None:
        """From here to the end of the last sound in this many frames; None leaves the pace free."""
        ...

    def natural(self) -> float:
        """Frames from here to the end of the last sound at a free pace."""
        ...

    def rewind(self, frame: int) -> None:
        """Forget the frames from ``frame`` on, and the turns that the writer put behind it."""
        ...


class RuleProsody:
    """The packaged predictors' reading, bent by rule.

    The neutral reading is followed exactly while nothing asks for a change: then the frames are those that the
    predictors gave. ``emphasis [n]`` weighs each token from -1 (stands back) to 1 (stands out).
    """

    def __init__(
        self,
        clause: Clause,
        emotion: EmotionState,
        turns: Sequence[TokenTurn] = (),
        manner: Manner = PLAIN,
        emphasis: Samples | None = None,
    ) -> None:
        self.track = Track()
        self.emotion = emotion
        self._clause = clause
        self._turns = list(turns)
        self._rate_log = math.log(manner.rate)
        self._pitch_st = manner.pitch_st
        self._range_log = math.log(manner.pitch_range)
        self._elastic = np.array([elasticity(s) for s in clause.symbols])
        self._first, self._last = clause.speech
        self._elastic[: self._first] = 0.0  # edge silence keeps its length: it is not heard
        self._elastic[self._last :] = 0.0
        self._starts = np.concatenate([[0], np.cumsum(clause.durations)])
        self._log_f0 = mean_log_f0(clause)
        weights = np.zeros(len(self._elastic)) if emphasis is None else emphasis
        self._emphasis = np.asarray(weights, np.float64)
        self._budget: int | None = None  # frame count at which the last sound shall end
        self._pace_log = 0.0
        self._token, self._fraction, self._debt = 0, 0.0, 0.0

    @property
    def finished(self) -> bool:
        return self._token >= len(self._clause.symbols)

    def decide(self, frames: int) -> None:
        for _ in range(frames):
            if self.finished:
                return
            if self._budget is not None and self.track.length % STEER_EVERY == 0:
                self._look_at_budget()
            self._frame()

    def steer(self, frames: int | None) -> None:
        self._budget = None if frames is None else self.track.length + frames
        self._pace_log = 0.0
        if frames is not None:
            self._look_at_budget()

    def natural(self) -> float:
        return self._length(0.0)

    def rewind(self, frame: int) -> None:
        self._turns.clear()
        if frame >= self.track.length:
            return
        self._token = int(self.track.token[frame])
        self._fraction = float(self.track.fraction[frame])
        self._debt = float(self.track.debt[frame])
        before = self.track.strength[max(frame - 1, 0)].copy()
        self.emotion.current, self.emotion.frames_left = before, 0
        self.track.truncate(frame)

    def _frame(self) -> None:
        clause, token = self._clause, self._token
        while self._turns and self._turns[0].token <= token:
            turn = self._turns.pop(0)
            self.emotion.turn(turn.emotion, turn.ramp_ms)
        strength = self.emotion.step()
        delivery = delivery_of(strength)
        duration = float(clause.durations[token])
        stretch = self._stretch(token, delivery)
        position = float(self._starts[token]) + self._fraction * duration
        self.track.append(
            Frame(
                token,
                self._fraction,
                self._debt,
                self._f0(position, delivery, token),
                self._energy(position),
                delivery.level_db + EMPHASIS_DB * float(self._emphasis[token]),
                delivery.tilt_db,
                delivery.breath,
            ),
            strength,
        )
        self._advance(duration, stretch)

    def _advance(self, duration: float, stretch: float) -> None:
        """One frame was spoken: stay on the token, or pass what is left of it on as debt."""
        self._fraction += 1.0 / (duration * stretch)
        left = (1.0 - self._fraction) * duration * stretch + self._debt
        if left < 0.5:
            self._token += 1
            self._fraction = 0.0
            self._debt = left

    def _stretch(self, token: int, delivery: Delivery) -> float:
        pace = self._pace_log - delivery.rate_log - self._rate_log
        return math.exp(float(self._elastic[token] * (pace + EMPHASIS_LOG * self._emphasis[token])))

    def _length(self, pace_log: float) -> float:
        """Frames from here to the end of the last sound, if the emotion reached its target now."""
        if self._token >= self._last:
            return 0.0
        delivery = delivery_of(self.emotion.target)
        pace = pace_log - delivery.rate_log - self._rate_log
        tokens = slice(self._token, self._last)
        lengths = self._clause.durations[tokens] * np.exp(
            self._elastic[tokens] * (pace + EMPHASIS_LOG * self._emphasis[tokens])
        )
        lengths[0] *= 1.0 - self._fraction
        return float(np.maximum(lengths, 0.0).sum()) + self._debt

    def _look_at_budget(self) -> None:
        """Choose the pace that ends the last sound on the budget's frame (bisection: length grows with pace)."""
        assert self._budget is not None
        wanted = self._budget - self.track.length
        low, high = math.log(0.25), math.log(4.0)
        for _ in range(24):
            middle = (low + high) / 2
            if self._length(middle) < wanted:
                low = middle
            else:
                high = middle
        self._pace_log = (low + high) / 2

    def _f0(self, position: float, delivery: Delivery, token: int) -> tuple[float, float]:
        emphasis_st = EMPHASIS_ST * float(self._emphasis[token])
        shift = (self._pitch_st + delivery.pitch_st + emphasis_st) * math.log(2) / 12
        shift += delivery.rise_st * math.log(2) / 12 * self._near_end(position)
        spread = math.exp(delivery.range_log + self._range_log)
        values = []
        for at in (2 * position, 2 * position + 1):
            hz = _sample(self._clause.f0, at, VOICED_HZ)
            if hz > VOICED_HZ:
                log_hz = self._log_f0 + spread * (math.log(hz) - self._log_f0) + shift
                hz = min(max(math.exp(log_hz), MIN_F0_HZ), MAX_F0_HZ)
            values.append(hz)
        return values[0], values[1]

    def _near_end(self, position: float) -> float:
        """0 in the body of the clause, rising to 1 at the end of its last sound."""
        begin, end = float(self._starts[self._first]), float(self._starts[self._last])
        share = (position - begin) / max(end - begin, 1.0)
        return min(max((share - (1 - RISE_SHARE)) / RISE_SHARE, 0.0), 1.0)

    def _energy(self, position: float) -> tuple[float, float]:
        return (
            _sample(self._clause.energy, 2 * position, None),
            _sample(self._clause.energy, 2 * position + 1, None),
        )


def mean_log_f0(clause: Clause) -> float:
    """Mean logarithm of F0 (Hz) in the neutral reading, about which its range is widened."""
    # Only what is heard counts: in the edge silence the predictors leave F0 where it happens to be.
    starts = np.concatenate([[0], np.cumsum(clause.durations)])
    first, last = clause.speech
    heard = clause.f0[2 * int(starts[first]) : 2 * int(starts[last])]
    voiced = heard[heard > VOICED_HZ]
    return float(np.mean(np.log(voiced))) if len(voiced) else math.log(150.0)


def _sample(curve: np.ndarray, at: float, voiced: float | None) -> float:
    """Linear interpolation; where ``voiced`` is given, never across the border of an unvoiced stretch."""
    last = len(curve) - 1
    low = min(int(at), last)
    high = min(low + 1, last)
    weight = at - low
    if weight < 1e-6 or high == low:
        return float(curve[low])
    first, second = float(curve[low]), float(curve[high])
    if voiced is not None and (first > voiced) != (second > voiced):
        return first if weight < 0.5 else second
    return first + weight * (second - first)
