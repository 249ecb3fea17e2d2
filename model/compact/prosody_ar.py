"""The prosody decoder that decides frame by frame what comes next from what it has said so far.

Its network answers each frame with how much of the current sound is spoken in it. Those shares are summed, and when
a sound is spent the walk goes on to the next one (continuous integrate-and-fire: Dong & Xu, "CIF", ICASSP 2020). So
the walk stays or advances by one token; it cannot skip or repeat, whatever the network says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...streaming.audio import Samples
from .clause import Clause
from .delivery import delivery_of
from .job import Line
from .prosody import (
    EMPHASIS_DB,
    EMPHASIS_LOG,
    EMPHASIS_ST,
    MAX_F0_HZ,
    MIN_F0_HZ,
    PLAIN,
    EmotionState,
    Manner,
    TokenTurn,
    mean_log_f0,
)
from .prosody_features import (
    BREATH,
    CENTRE,
    ENERGY,
    F0,
    LEVEL,
    OUTPUTS,
    READING,
    SCALE,
    STRETCH,
    TILT,
    UNVOICED_HZ,
    VOICED,
    Plan,
    token_features,
)
from .prosody_network import ProsodyNetwork, Row
from .prosody_place import Places, between_knots
from .track import Frame, Track
from .workshop import MakeProsody

MAX_STRETCH = 2.0
"""Natural logarithm of the most a sound may be drawn out or hurried."""

LEEWAY = 0.35
"""How far a sound may stray from the pace a budget asks for, as a natural logarithm; what is lost is made up later."""

_SCALE, _CENTRE = SCALE.tolist(), CENTRE.tolist()

LAST_SOUND_FRAMES = 6
"""Frames by which the last sound may be lengthened to end where the budget does."""


class NetworkProsody:
    """Decides the frames of one clause by the network. See :class:`.prosody.Prosody`."""

    def __init__(
        self,
        network: ProsodyNetwork,
        clause: Clause,
        emotion: EmotionState,
        turns: Sequence[TokenTurn] = (),
        manner: Manner = PLAIN,
        emphasis: Samples | None = None,
    ) -> None:
        self.track = Track()
        self.emotion = emotion
        self.network = network
        self._turns = list(turns)
        self._manner = manner
        weights = np.zeros(len(clause.symbols)) if emphasis is None else emphasis
        self._emphasis: list[float] = np.asarray(weights, np.float64).tolist()
        self._clause = clause
        self._plan = Plan.of(clause)
        self._places = Places(clause, self._plan)
        features = token_features(clause, self._plan)
        self._knots = network.knots(
            np.ascontiguousarray(clause.encoded[:, :512], dtype=np.float32), clause.style, features
        )
        self._memory = network.memory()
        self._said: list[Samples] = []  # the network's outputs, one array a frame
        self._reading: Samples = np.zeros(READING, np.float32)  # of the frame that is asked for
        self._log_f0 = mean_log_f0(clause)
        self._budget: int | None = None
        self._token, self._fraction, self._debt = 0, 0.0, 0.0

    @property
    def finished(self) -> bool:
        return self._token >= len(self._plan.durations)

    def decide(self, frames: int) -> None:
        decide_together([self], [frames])

    def steer(self, frames: int | None) -> None:
        self._budget = None if frames is None else self.track.length + frames

    def natural(self) -> float:
        """Frames from here to the end of the last sound at a free pace, as the published rates have it."""
        plan = self._plan
        if self._token >= plan.last:
            return 0.0
        tokens = slice(self._token, plan.last)
        pace = -delivery_of(self.emotion.target).rate_log - math.log(self._manner.rate)
        asked = pace + EMPHASIS_LOG * np.array(self._emphasis[tokens])
        lengths = plan.durations[tokens] * np.exp(plan.elastic[tokens] * asked)
        lengths[0] *= 1.0 - self._fraction
        return float(np.maximum(lengths, 0.0).sum()) + self._debt

    def rewind(self, frame: int) -> None:
        self._turns.clear()
        if frame >= self.track.length:
            return
        self._token = int(self.track.token[frame])
        self._fraction = float(self.track.fraction[frame])
        self._debt = float(self.track.debt[frame])
        self.emotion.current = self.track.strength[max(frame - 1, 0)].copy()
        self.emotion.frames_left = 0
        self.track.truncate(frame)
        self._memory.length = frame
        del self._said[frame:]

    def next_row(self) -> Row:
        """What the network is to be told of the next frame; the emotion takes a step."""
        while self._turns and self._turns[0].token <= self._token:
            turn = self._turns.pop(0)
            self.emotion.turn(turn.emotion, turn.ramp_ms)
        strength = self.emotion.step()
        left = None if self._budget is None else self._budget - self.track.length
        before = self._said[-1] if self._said else None
        features = self._places.features(
            self._token, self._fraction, self._debt, left, strength, before
        )
        self._reading = features[-READING:]
        vector = between_knots(self._knots[self._token], self._fraction)
        return Row(self._memory, vector, features)

    def take(self, outputs: Samples) -> None:
        """Make the network's answer, ``[12]``, the next frame."""
        said = self._drawn(outputs)
        self._said.append(said)
        value = [
            x * scale + centre
            for x, scale, centre in zip(said.tolist(), _SCALE, _CENTRE, strict=True)
        ]
        first, second = value[ENERGY]
        voiced = value[VOICED]
        self.track.append(
            Frame(
                self._token,
                self._fraction,
                self._debt,
                (self._hz(voiced[0], value[F0][0]), self._hz(voiced[1], value[F0][1])),
                (first, second),
                value[LEVEL] + EMPHASIS_DB * self._emphasis[self._token],
                value[TILT],
                min(max(value[BREATH], 0.0), 1.0),
            ),
            self.emotion.current,
        )
        self._advance(value[STRETCH])

    def _drawn(self, outputs: Samples) -> Samples:
        """The outputs as said: voicing decided, and astray if a temperature asks for it.

        The energy is what the neutral reading has at the place, if there is a reading: no emotion moves it (its
        part in loudness is ``level``), so what the network makes of it could only be off.
        """
        said = outputs[: len(OUTPUTS)].astype(np.float32)
        if self._reading[0]:
            said[ENERGY] = self._reading[-2:]
        logits = said[VOICED].copy()
        if self._manner.temperature > 0.0:
            # By frame, so that frames made again after a rewind stray the same way.
            place = self._clause.char_start, self.track.length
            rng = np.random.default_rng([self._manner.seed, *place])
            spreads = np.logaddexp(0.0, outputs[len(OUTPUTS) :]) * self._manner.temperature
            said[STRETCH] += spreads[0] * rng.laplace()
            said[F0] += spreads[1] * rng.laplace()
            logits += self._manner.temperature * rng.logistic()
        said[VOICED] = logits > 0
        said[F0] *= said[VOICED]
        return said

    def _hz(self, voiced: float, log_hz: float) -> float:
        if not voiced:
            return UNVOICED_HZ
        manner = self._manner
        log_hz = self._log_f0 + manner.pitch_range * (log_hz - self._log_f0)
        shift_st = manner.pitch_st + EMPHASIS_ST * self._emphasis[self._token]
        hz = math.exp(log_hz + shift_st * math.log(2) / 12)
        return min(max(hz, MIN_F0_HZ), MAX_F0_HZ)

    def _advance(self, stretch: float) -> None:
        """One frame was spoken: stay on the token, or pass what is left of it on as debt."""
        places, token = self._places, self._token
        asked = EMPHASIS_LOG * self._emphasis[token] - math.log(self._manner.rate)
        stretch = self._within_reason(stretch + places.elastic[token] * asked)
        duration = places.durations[token] * math.exp(stretch)
        self._fraction += 1.0 / duration
        left = (1.0 - self._fraction) * duration + self._debt
        if self._must_stay(left) or not (left < 0.5 or self._must_go()):
            return
        self._token += 1
        self._fraction = 0.0
        self._debt = max(min(left, 0.5), -3.0)

    def _within_reason(self, stretch: float) -> float:
        """The stretch the network asks for, held to what the place and the budget allow."""
        places, token = self._places, self._token
        if not places.first <= token < places.last:
            return 0.0  # edge silence keeps its length
        left = self._frames_left()
        if left is not None:
            pace = places.pace_wanted(token, self._fraction, left + 1.0)
            wanted = pace * places.elastic[token]
            stretch = min(max(stretch, wanted - LEEWAY), wanted + LEEWAY)
        return min(max(stretch, -MAX_STRETCH), MAX_STRETCH)

    def _frames_left(self) -> int | None:
        """Frames the budget has for what is left of the sounds; None if it has no say."""
        if self._budget is None or not self._plan.first <= self._token < self._plan.last:
            return None
        return self._budget - self.track.length

    def _must_go(self) -> bool:
        """Each sound still to come needs a frame of what the budget has left."""
        left = self._frames_left()
        return left is not None and left <= self._plan.last - 1 - self._token

    def _must_stay(self, left_of_token: float) -> bool:
        """The last sound waits for the budget's end, within what a sound can bear."""
        left = self._frames_left()
        if left is None or self._token != self._plan.last - 1 or left_of_token < -LAST_SOUND_FRAMES:
            return False
        return left > 0


def decide_together(rows: Sequence[NetworkProsody], frames: Sequence[int]) -> None:
    """Append up to ``frames[i]`` frames to the track of ``rows[i]``; all share one network.

    Each frame is one step of the network for all rows that still want one, and comes out as if the row were alone.
    """
    for step in range(max(frames, default=0)):
        open_rows = [
            row
            for row, wanted in zip(rows, frames, strict=True)
            if step < wanted and not row.finished
        ]
        if not open_rows:
            return
        outputs = open_rows[0].network.step([row.next_row() for row in open_rows])
        for row, answer in zip(open_rows, outputs, strict=True):
            row.take(answer)


def by_network(network: ProsodyNetwork, temperature: float = 0.0) -> MakeProsody:
    """How a workshop makes the prosody of its lines with the network."""

    def make(line: Line, emotion: EmotionState, manner: Manner) -> NetworkProsody:
        stray = replace(manner, temperature=temperature)
        return NetworkProsody(network, line.clause, emotion, line.turns, stray, line.emphasis)

    return make
