"""Teacher frames as arrays to train on: what the network is told of each frame, and what it should answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ....streaming.audio import Samples
from ..clause import Clause
from ..prosody_features import (
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
    VOICED,
    Plan,
    frame_features,
    reading_features,
    token_features,
)
from .readings import load
from .teacher import Direction, Teacher, draw_direction

PLACE = 17
"""The part of a frame's features that does not depend on the frame before."""


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """One take: ``encoded [n, 512]`` float16, ``style [128]``, ``tokens [n, 4]`` of its clause; per frame ``token``,
    ``fraction``, ``place [T, 17]``, ``answer [T, 10]`` (near one; F0 counts only where ``voiced`` is 1) and
    ``reading [T, 7]``."""

    encoded: npt.NDArray[np.float16]
    style: Samples
    tokens: Samples
    token: npt.NDArray[np.int64]
    fraction: Samples
    place: Samples
    answer: Samples
    reading: Samples

    @property
    def length(self) -> int:
        return len(self.token)


def teach(clause: Clause, direction: Direction) -> Taught:
    """The teacher's take of a clause."""
    plan = Plan.of(clause)
    teacher = Teacher(clause, direction)
    teacher.run()
    track = teacher.track
    count = track.length
    nothing = np.zeros((count, len(OUTPUTS)), np.float32)
    left = np.array(teacher.frames_left)
    features = frame_features(
        plan,
        track.token,
        track.fraction,
        track.debt,
        left,
        track.strength,
        nothing,
        nothing[:, 0],
        np.zeros((count, READING), np.float32),
    )
    return Taught(
        clause.encoded[:, :512].astype(np.float16),
        clause.style,
        token_features(clause, plan),
        track.token.copy(),
        track.fraction.astype(np.float32),
        features[:, :PLACE].copy(),
        answers(teacher),
        reading_features(clause, plan, track.token, track.fraction),
    )


def answers(teacher: Teacher) -> Samples:
    """The outputs that reproduce a teacher's take, ``[T, 10]``; F0 is 0 where there is no voice."""
    track = teacher.track
    raw = np.zeros((track.length, len(OUTPUTS)), np.float32)
    f0 = track.f0.reshape(-1, 2)
    raw[:, STRETCH] = np.clip(teacher.stretch, -2.0, 2.0)
    raw[:, F0] = np.log(np.maximum(f0, 1.0))
    raw[:, VOICED] = f0 > 0
    raw[:, ENERGY] = track.energy.reshape(-1, 2)
    raw[:, LEVEL], raw[:, TILT], raw[:, BREATH] = track.level_db, track.tilt_db, track.breath
    scaled = (raw - CENTRE) / SCALE
    scaled[:, F0] *= raw[:, VOICED]
    return scaled.astype(np.float32)


def make_takes(shard: Path, rendition: int) -> Path:
    """Write a take of every clause of a shard, directions drawn at random; kept if it exists. Returns where."""
    path = shard.with_suffix(f".takes{rendition}.npz")
    if not path.exists():
        rng = np.random.default_rng([rendition, int(shard.stem)])
        made = [
            teach(clause, draw_direction(int(clause.durations.sum()), rng))
            for clause in load(shard)
        ]
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.savez(
                file,
                length=np.array([take.length for take in made]),
                token=np.concatenate([take.token for take in made]),
                fraction=np.concatenate([take.fraction for take in made]),
                place=np.concatenate([take.place for take in made]),
                answer=np.concatenate([take.answer for take in made]),
            )
        partial.rename(path)
    return path


def load_takes(shard: Path, rendition: int) -> Iterator[Taught]:
    """What :func:`make_takes` wrote, with the clauses of the shard."""
    with np.load(make_takes(shard, rendition)) as stored:
        data = {name: stored[name] for name in stored.files}
    begin = 0
    for clause, length in zip(load(shard), data["length"], strict=True):
        frames = slice(begin, begin + int(length))
        plan = Plan.of(clause)
        token, fraction = data["token"][frames], data["fraction"][frames]
        yield Taught(
            clause.encoded[:, :512].astype(np.float16),
            clause.style,
            token_features(clause, plan),
            token,
            fraction,
            data["place"][frames],
            data["answer"][frames],
            reading_features(clause, plan, token, fraction),
        )
        begin = frames.stop
