"""What the emotion encoder learns from, as numbers: takes heard as clips are, whose voices did what they were asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from ....streaming.audio import Samples
from ....streaming.emotion import AXES, NEUTRAL_AXIS
from ...emotion_features import MEDIAN_PITCH, manner
from ...speaker import D_VECTOR, d_vector
from ...voice_features import COEFFICIENTS, colour
from ..delivery import FULL
from .augment import augment
from .emotion_takes import REFERENCE

WHO = 2 * COEFFICIENTS + D_VECTOR
FAITHFUL = 0.8
"""Correlation of pitch asked for and heard, below which a voice is left out: some made-up timbres creak."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """``x [n, 114]`` manner, ``who [n, 296]`` colour and d-vector of clean clips, ``strength [n, 8]``, ``emotion [n]``
    (8 for the neutral reference of a test voice) and ``speaker [n]`` as numbers, ``copy [n]`` 0 for what is clean.
    """

    x: np.ndarray
    who: np.ndarray
    strength: np.ndarray
    emotion: np.ndarray
    speaker: np.ndarray
    copy: np.ndarray

    def only(self, rows: np.ndarray) -> Heard:
        """Some of the rows."""
        return Heard(*(getattr(self, field.name)[rows] for field in fields(self)))


def heard(folder: Path, pattern: str, *, sentences: int = 1, copies: int = 0) -> Heard:
    """Every ``sentences`` sentences of one voice and emotion as a clip, clean and in ``copies`` random recordings."""
    parts = []
    for number, path in enumerate(sorted(folder.glob(pattern))):
        kept = folder / "examples" / f"{path.stem}-{sentences}-{copies}.npz"
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            rows = list(_clips(path, sentences, copies, number))
            keys = ("x", "who", "strength", "emotion", "copy")
            arrays = {
                key: np.array(values)
                for key, values in zip(keys, zip(*rows, strict=True), strict=True)
            }
            np.savez(kept, **arrays)  # type: ignore[arg-type]
        with np.load(kept) as file:
            parts.append({**file, "speaker": np.full(len(file["x"]), number)})
    return Heard(**{key: np.concatenate([part[key] for part in parts]) for key in parts[0]})


def _clips(path: Path, sentences: int, copies: int, seed: int) -> Iterator[tuple[object, ...]]:
    rng = np.random.default_rng(seed)
    with np.load(path) as file:
        content = dict(file)
    for place, axis in enumerate((*AXES, REFERENCE)):
        keys = sorted(k for k in content if k.startswith(f"{axis}/") and k.endswith("/audio"))
        for begin in range(0, len(keys) - sentences + 1, sentences):
            chosen = keys[begin : begin + sentences]
            said = [content[key].astype(np.float32) / 32767 for key in chosen]
            strength = content[chosen[0].replace("/audio", "/strength")]
            for copy in range(copies + 1):
                clip = [augment(part, rng) for part in said] if copy else said
                who = np.zeros(WHO) if copy else _who(np.concatenate(clip))
                yield manner(clip), who, strength, place, copy


def _who(spoken: Samples) -> np.ndarray:
    told: np.ndarray = np.concatenate([colour(spoken), d_vector(spoken)])
    return told


def faithful(examples: Heard) -> np.ndarray:
    """Rows of the voices whose pitch did what the emotions asked of it."""
    full = np.array([FULL[axis].pitch_st for axis in AXES])
    good = np.zeros(len(examples.x), bool)
    for speaker in np.unique(examples.speaker):
        own = (examples.speaker == speaker) & (examples.emotion < len(AXES))
        plain = own & (examples.copy == 0)
        asked = examples.strength[plain] @ full
        followed = np.corrcoef(asked, examples.x[plain, MEDIAN_PITCH])[0, 1]
        good |= own & bool(followed > FAITHFUL)
    return good


def beside_neutral(examples: Heard, reference: int = NEUTRAL_AXIS) -> Heard:
    """Clean examples less the mean of the same voice's ``reference`` ones.

    Where a neutral take is its own reference, what differs between takes of one emotion stands in for it.
    """
    rows, x = [], []
    for row in np.flatnonzero((examples.copy == 0) & (examples.emotion < len(AXES))):
        own = (examples.speaker == examples.speaker[row]) & (examples.copy == 0)
        base = own & (examples.emotion == reference)
        base[row] = False
        if base.any():
            rows.append(row)
            x.append(examples.x[row] - examples.x[base].mean(axis=0))
    made = examples.only(np.array(rows))
    found = Heard(np.array(x), made.who, made.strength, made.emotion, made.speaker, made.copy)
    return found if (found.emotion == NEUTRAL_AXIS).any() else _with_neutral(found)


def _with_neutral(found: Heard) -> Heard:
    """The same, and as many neutral differences as there are of another emotion: other takes' deviations."""
    middles = np.array(
        [
            found.x[found.emotion == axis].mean(axis=0)
            if (found.emotion == axis).any()
            else np.zeros(found.x.shape[1])
            for axis in range(len(AXES))
        ]
    )
    rows = np.random.default_rng(0).permutation(len(found.x))[: len(found.x) // (len(AXES) - 1)]
    stray = found.x[rows] - middles[found.emotion[rows]]
    neutral = np.zeros((len(rows), len(AXES)), np.float32)
    neutral[:, NEUTRAL_AXIS] = 1.0
    return Heard(
        np.concatenate([found.x, stray]),
        np.concatenate([found.who, found.who[rows]]),
        np.concatenate([found.strength, neutral]),
        np.concatenate([found.emotion, np.full(len(rows), NEUTRAL_AXIS)]),
        np.concatenate([found.speaker, found.speaker[rows]]),
        np.concatenate([found.copy, found.copy[rows]]),
    )
