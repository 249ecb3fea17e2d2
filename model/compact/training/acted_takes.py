"""Many more speakers for the emotion encoder: neutral takes acted in every emotion, kept as features.

::

    python -m seiyuu.model.compact.training.acted_takes TAKES OUT --speakers 600

``TAKES`` are those :mod:`.takes` renders. Speaking eight emotions takes the engine seven seconds a speaker, acting
them one; how few speakers the encoder had heard is what kept it from knowing how a stranger sounds when calm.
"""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ....streaming.audio import Samples
from ....streaming.emotion import AXES, NEUTRAL, Emotion
from ...emotion_features import MANNER, clauses, manner
from ..delivery import delivery_of, strength_of
from ..personas import voice_vectors
from .acting import act
from .emotion_examples import who
from .emotion_takes import BLIND, KOREAN, LEVELS
from .voice_space import TIMBRE

log = logging.getLogger(__name__)

ALIKE = 0.6
"""Cosine of timbres, about the mean of the packaged ones, from which on a speaker is left out as like a test voice."""

KEPT_SPREAD = 0.5
"""How much of the difference between a speaker's pitch and what their timbre lets expect is kept: the takes move it
by two semitones at random, which no voice of the engine does."""

RIDGE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Neutral:
    """A neutral take ``[n]`` at 16 kHz, whose it is, and semitones to move it by."""

    audio: Samples
    timbre: np.ndarray
    pitch_hz: float
    shift_st: float = 0.0


def neutral_takes(folder: Path) -> list[Neutral]:
    """Every take of the folder whose speaker is like no test voice."""
    found = []
    middle = np.mean([vector[:TIMBRE] for vector in voice_vectors().values()], axis=0)
    barred = np.array([_unit(voice_vectors()[n][:TIMBRE] - middle) for n in (*BLIND, KOREAN[1])])
    for path in sorted(folder.glob("takes-*.npz")):
        with np.load(path) as file:
            ends = np.cumsum(file["lengths"])
            audio, timbres, pitches = file["audio"], file["timbre"], file["pitch_hz"]
        for begin, end, timbre, hz in zip([0, *ends[:-1]], ends, timbres, pitches, strict=True):
            if (barred @ _unit(timbre - middle)).max() < ALIKE:
                said = audio[begin:end].astype(np.float32) / 32767
                found.append(Neutral(said, timbre, float(hz)))
    return _nearer_their_timbre(found)


def _nearer_their_timbre(takes: list[Neutral]) -> list[Neutral]:
    """With the shift that brings each halfway to the pitch that a linear fit expects of the timbre."""
    timbres = np.array([take.timbre for take in takes])
    tones = 12 * np.log2([take.pitch_hz for take in takes])
    known = np.pad(timbres - timbres.mean(axis=0), ((0, 0), (0, 1)), constant_values=1.0)
    fit = np.linalg.solve(known.T @ known + RIDGE * np.eye(known.shape[1]), known.T @ tones)
    shifts = (KEPT_SPREAD - 1) * (tones - known @ fit)
    return [replace(take, shift_st=float(s)) for take, s in zip(takes, shifts, strict=True)]


def acted(take: Neutral, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Features of the take in each emotion, of the take itself (``plain``), and how its first two clauses differ
    (``apart``, not a number where there is one only).
    """
    parts = clauses(take.audio)
    rows: dict[str, list[np.ndarray]] = {"x": [], "who": [], "strength": []}
    for axis in AXES:
        emotion = NEUTRAL if axis == "neutral" else Emotion.of(axis, float(rng.uniform(*LEVELS)))
        delivery = delivery_of(strength_of(emotion))
        delivery = replace(delivery, pitch_st=delivery.pitch_st + take.shift_st)
        said = [act(part, delivery) for part in parts]
        rows["x"].append(manner(said))
        rows["who"].append(who(np.concatenate(said)))
        rows["strength"].append(strength_of(emotion))
    several = len(parts) > 1
    apart = manner(parts[:1]) - manner(parts[1:2]) if several else np.full(MANNER, np.nan)
    made = {key: np.array(values) for key, values in rows.items()}
    shift = np.array(take.shift_st)
    return {**made, "plain": manner(parts), "apart": apart, "shift": shift}


def _unit(vector: np.ndarray) -> np.ndarray:
    made: np.ndarray = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("takes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--speakers", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    arguments.out.mkdir(parents=True, exist_ok=True)
    takes = neutral_takes(arguments.takes)
    order = np.random.default_rng(arguments.seed).permutation(len(takes))[: arguments.speakers]
    for number, place in enumerate(order):
        path = arguments.out / f"{number:04d}.npz"
        if not path.exists():
            rng = np.random.default_rng((arguments.seed, number))
            np.savez(path, **acted(takes[place], rng))  # type: ignore[arg-type]
            log.info("%d of %d", number + 1, len(order))


if __name__ == "__main__":
    main()
