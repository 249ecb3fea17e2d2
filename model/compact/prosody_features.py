"""What the autoregressive prosody network reads and writes for each frame, in numbers near one.

The same functions serve training (a whole clause at once) and speaking (one frame), so the two cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...streaming.audio import Samples
from .clause import Clause, elasticity
from .prosody import RISE_SHARE

Numbers = npt.NDArray[np.floating[Any]]
"""Of either precision; what is handed to the network is float32."""

Places = npt.NDArray[np.int64]

OUTPUTS = ("stretch", "f0", "f0", "voiced", "voiced", "energy", "energy", "level", "tilt", "breath")
STRETCH, F0, VOICED, ENERGY, LEVEL, TILT, BREATH = 0, slice(1, 3), slice(3, 5), slice(5, 7), 7, 8, 9
SPREADS = 2
"""After the outputs come the logarithms of how far stretch and F0 may stray when sampled."""

SCALE = np.array([0.3, 0.35, 0.35, 1.0, 1.0, 5.0, 5.0, 4.0, 4.0, 0.3], np.float32)
CENTRE = np.array([0.0, 5.25, 5.25, 0.0, 0.0, 4.0, 4.0, 0.0, 0.0, 0.0], np.float32)
"""output = (value - CENTRE) / SCALE; stretch and F0 as natural logarithms (5.25 = 190 Hz), voiced as a logit."""

VOICED_FROM_HZ = 40.0
"""The predictors glide through 10–40 Hz between voiced and unvoiced; nobody speaks there."""

UNVOICED_HZ = 8.0
"""What the predictors give where there is no voice."""

KNOTS = 4
"""Places within a token, evenly spread from its beginning to its end, that a token's vectors stand for."""

TOKEN_FEATURES = 4
READING = 7
FRAME_FEATURES = 17 + 1 + len(OUTPUTS) + READING
"""Place and wishes (9 numbers and the 8 emotions), whether there is a frame before and what it was, and the neutral
reading at this place (see :func:`reading_features`)."""

MAX_PACE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The clause as the walk along its tokens needs it.

    Arrays are per token ``[n]``, those that sum what is still to come ``[n + 1]``; frames are those of the neutral
    reading, and ``natural`` counts them up to the end of the last sound.
    """

    durations: Numbers
    elastic: Numbers
    starts: Numbers
    natural: Numbers
    natural_elastic: Numbers
    first: int
    last: int

    @classmethod
    def of(cls, clause: Clause) -> Plan:
        durations = clause.durations.astype(np.float64)
        first, last = clause.speech
        elastic = np.array([elasticity(symbol) for symbol in clause.symbols])
        elastic[:first] = 0.0  # edge silence keeps its length: it is not heard
        elastic[last:] = 0.0
        spoken = np.where(np.arange(len(durations)) < last, durations, 0.0)
        return cls(
            durations,
            elastic,
            np.concatenate([[0.0], np.cumsum(durations)]),
            _to_come(spoken),
            _to_come(spoken * elastic),
            first,
            last,
        )


def _to_come(values: Numbers) -> Numbers:
    sums: Numbers = np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])
    return sums


def token_features(clause: Clause, plan: Plan) -> Samples:
    """What is known of each token besides its encoding, ``[n, TOKEN_FEATURES]``."""
    place = np.arange(len(plan.durations))
    spoken = (place >= plan.first) & (place < plan.last)
    pad = np.array([symbol == "" for symbol in clause.symbols])
    columns = [(np.log(plan.durations) - 1.0) / 0.8, plan.elastic - 1.0, spoken, pad]
    return np.stack(columns, axis=1).astype(np.float32)


def knot_weights(fraction: Numbers) -> Samples:
    """How much each of a token's vectors counts at ``fraction [T]`` of it, ``[T, KNOTS]``; rows sum to 1."""
    at = np.clip(fraction, 0.0, 1.0)[:, None] * (KNOTS - 1)
    weights: Samples = np.clip(1.0 - np.abs(at - np.arange(KNOTS)), 0.0, 1.0).astype(np.float32)
    return weights


def pace_wanted(plan: Plan, token: Places, fraction: Numbers, frames_left: Numbers) -> Numbers:
    """Logarithm of the pace that spends ``frames_left [T]`` on what is left of the sounds; NaN where it is free.

    To first order the clause lengthens by its mean elasticity times this.
    """
    spent = fraction * plan.durations[token]
    left = np.maximum(plan.natural[token] - spent, 0.5)
    elastic = np.maximum(plan.natural_elastic[token] - spent * plan.elastic[token], 0.25)
    wanted = np.log(np.maximum(frames_left, 0.25) / left) * left / elastic
    pace: Numbers = np.where(token < plan.last, np.clip(wanted, -MAX_PACE, MAX_PACE), np.nan)
    return pace


def frame_features(
    plan: Plan,
    token: Places,
    fraction: Numbers,
    debt: Numbers,
    frames_left: Numbers,
    strength: Samples,
    before: Samples,
    known: Samples,
    reading: Samples,
) -> Samples:
    """``[T, FRAME_FEATURES]`` of frames at ``token``, ``fraction``, ``debt``, each ``[T]``.

    ``frames_left [T]`` to the budget's end, NaN without one; ``strength [T, 8]`` of the emotions; ``before
    [T, 10]`` the outputs of the frame before, and ``known [T]`` 1 where there is one; ``reading [T, 7]``.
    """
    pace = pace_wanted(plan, token, fraction, frames_left)
    steered = ~np.isnan(pace)
    durations = plan.durations[token]
    position = plan.starts[token] + fraction * durations
    begin, end = plan.starts[plan.first], plan.starts[plan.last]
    share = np.clip((position - begin) / max(end - begin, 1.0), 0.0, 1.0)
    left = np.maximum(plan.natural[token] - fraction * durations, 0.0)
    columns = [
        fraction,
        (np.log(durations) - 1.0) / 0.8,
        np.clip(debt, -2.0, 2.0),
        share,
        np.clip((share - (1 - RISE_SHARE)) / RISE_SHARE, 0.0, 1.0),
        steered,
        np.where(steered, pace, 0.0) / 0.5,
        np.log1p(left) / 6.0,
        plan.elastic[token] - 1.0,
    ]
    place = np.stack(columns, axis=1)
    return np.concatenate([place, strength, known[:, None], before, reading], axis=1).astype(
        np.float32
    )


def reading_features(clause: Clause, plan: Plan, token: Places, fraction: Numbers) -> Samples:
    """What the predictors' neutral reading has at each place, ``[T, READING]``; all 0 where a clause has none.

    A flag that there is a reading, then as in :data:`OUTPUTS` two values each of F0 (0 without voice), voice and
    energy. Between half frames the curves are interpolated, F0 never across the border of a voiced stretch.
    """
    features = np.zeros((len(token), READING), np.float32)
    if not len(clause.f0):
        return features
    place = 2 * (plan.starts[token] + fraction * plan.durations[token])
    at = np.stack([place, place + 1], axis=1)
    last = len(clause.f0) - 1
    low = np.minimum(at.astype(np.int64), last)
    high = np.minimum(low + 1, last)
    weight = at - low
    voiced = clause.f0 >= VOICED_FROM_HZ
    pitch = np.log(np.where(voiced, clause.f0, 1.0))
    crossing = voiced[low] != voiced[high]
    pitch_weight = np.where(crossing, weight >= 0.5, weight)
    features[:, 0] = 1.0
    features[:, 3:5] = np.where(weight < 0.5, voiced[low], voiced[high])
    mixed = pitch[low] + pitch_weight * (pitch[high] - pitch[low])
    features[:, 1:3] = (mixed - CENTRE[F0]) / SCALE[F0] * features[:, 3:5]
    energy = clause.energy[low] + weight * (clause.energy[high] - clause.energy[low])
    features[:, 5:7] = (energy - CENTRE[ENERGY]) / SCALE[ENERGY]
    return features
