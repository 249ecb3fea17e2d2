"""The features of one frame at a time, for speaking: the numbers of :mod:`.prosody_features` without its arrays.

Arrays of one row cost more to set up than to fill; plain numbers take a tenth of the time. A test holds both to the
same values.
"""

from __future__ import annotations

import math

import numpy as np

from ...streaming.audio import Samples
from .clause import Clause
from .prosody import RISE_SHARE
from .prosody_features import (
    CENTRE,
    ENERGY,
    F0,
    FRAME_FEATURES,
    KNOTS,
    MAX_PACE,
    OUTPUTS,
    READING,
    SCALE,
    VOICED_FROM_HZ,
    Plan,
)

_PLACE = FRAME_FEATURES - READING - len(OUTPUTS) - 1 - 8
_PITCH_CENTRE, _PITCH_SCALE = float(CENTRE[F0][0]), float(SCALE[F0][0])
_ENERGY_CENTRE, _ENERGY_SCALE = float(CENTRE[ENERGY][0]), float(SCALE[ENERGY][0])


class Places:
    """Every place of one clause; a place is a token and the ``fraction`` of it that was spoken."""

    def __init__(self, clause: Clause, plan: Plan) -> None:
        self.durations = [float(x) for x in plan.durations]
        self.elastic = [float(x) for x in plan.elastic]
        self.first, self.last = plan.first, plan.last
        self._starts = [float(x) for x in plan.starts]
        self._natural = [float(x) for x in plan.natural]
        self._natural_elastic = [float(x) for x in plan.natural_elastic]
        self._begin = self._starts[plan.first]
        self._length = max(self._starts[plan.last] - self._begin, 1.0)
        voiced = clause.f0 >= VOICED_FROM_HZ
        self._voiced = [bool(x) for x in voiced]
        self._pitch = [float(x) for x in np.log(np.where(voiced, clause.f0, 1.0))]
        self._energy = [float(x) for x in clause.energy]

    def pace_wanted(self, token: int, fraction: float, frames_left: float) -> float:
        """See :func:`.prosody_features.pace_wanted`; 0 behind the last sound."""
        if token >= self.last:
            return 0.0
        spent = fraction * self.durations[token]
        left = max(self._natural[token] - spent, 0.5)
        elastic = max(self._natural_elastic[token] - spent * self.elastic[token], 0.25)
        wanted = math.log(max(frames_left, 0.25) / left) * left / elastic
        return min(max(wanted, -MAX_PACE), MAX_PACE)

    def features(
        self,
        token: int,
        fraction: float,
        debt: float,
        frames_left: int | None,
        strength: Samples,
        before: Samples | None,
    ) -> Samples:
        """``[35]`` as :func:`.prosody_features.frame_features` has it; None where there is no budget, no frame."""
        duration = self.durations[token]
        position = self._starts[token] + fraction * duration
        share = min(max((position - self._begin) / self._length, 0.0), 1.0)
        steered = frames_left is not None and token < self.last
        pace = 0.0 if frames_left is None else self.pace_wanted(token, fraction, frames_left)
        row = np.zeros(FRAME_FEATURES, np.float32)
        row[:_PLACE] = (
            fraction,
            (math.log(duration) - 1.0) / 0.8,
            min(max(debt, -2.0), 2.0),
            share,
            min(max((share - (1 - RISE_SHARE)) / RISE_SHARE, 0.0), 1.0),
            steered,
            pace / 0.5,
            math.log1p(max(self._natural[token] - fraction * duration, 0.0)) / 6.0,
            self.elastic[token] - 1.0,
        )
        row[_PLACE : _PLACE + 8] = strength
        if before is not None:
            row[_PLACE + 8] = 1.0
            row[_PLACE + 9 : -READING] = before
        if self._pitch:
            row[-READING:] = self._reading(2 * position)
        return row

    def _reading(self, at: float) -> tuple[float, ...]:
        """See :func:`.prosody_features.reading_features`."""
        first, second = self._half(at), self._half(at + 1)
        return (1.0, first[0], second[0], first[1], second[1], first[2], second[2])

    def _half(self, at: float) -> tuple[float, float, float]:
        """F0, voice and energy at a half frame."""
        last = len(self._pitch) - 1
        low = min(int(at), last)
        high = min(low + 1, last)
        weight = at - low
        energy = self._energy[low] + weight * (self._energy[high] - self._energy[low])
        if self._voiced[low] != self._voiced[high]:
            weight = float(weight >= 0.5)
        pitch = 0.0
        voiced = self._voiced[low] if weight < 0.5 else self._voiced[high]
        if voiced:
            log_hz = self._pitch[low] + weight * (self._pitch[high] - self._pitch[low])
            pitch = (log_hz - _PITCH_CENTRE) / _PITCH_SCALE
        return pitch, float(voiced), (energy - _ENERGY_CENTRE) / _ENERGY_SCALE


def between_knots(knots: Samples, fraction: float) -> Samples:
    """A token's vectors ``[KNOTS, width]`` at ``fraction`` of it, ``[width]``."""
    at = min(max(fraction, 0.0), 1.0) * (KNOTS - 1)
    low = min(int(at), KNOTS - 2)
    weight = np.float32(at - low)
    mixed: Samples = knots[low] + weight * (knots[low + 1] - knots[low])
    return mixed
