"""What the emotion encoder learns from, as numbers: takes heard as clips are, whose voices did what they were asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from ....streaming.audio import Samples
from ....streaming.emotion import AXES, NEUTRAL_AXIS
from ....streaming.errors import BadAudio
from ...clips import Clip
from ...emotion_encoder import spoken_stretches
from ...emotion_features import MEDIAN_PITCH, manner
from ...speaker import RATE, d_vector
from ...voice_features import colour
from ..delivery import FULL
from .emotion_takes import REFERENCE

FAITHFUL = 0.8
"""Correlation of pitch asked for and heard, below which a voice is left out: some made-up timbres creak."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """``x [n, 114]`` manner, ``who [n, 296]`` colour and d-vector, ``strength [n, 8]``, ``emotion [n]`` (8 for the
    neutral reference of a test voice) and ``speaker [n]`` as numbers.
    """

    x: np.ndarray
    who: np.ndarray
    strength: np.ndarray
    emotion: np.ndarray
    speaker: np.ndarray

    def only(self, rows: np.ndarray) -> Heard:
        """Some of the rows."""
        return Heard(*(getattr(self, field.name)[rows] for field in fields(self)))


def heard(folder: Path, pattern: str, *, sentences: Sequence[int] = (1,)) -> Heard:
    """Clips of so many sentences of one voice and emotion, heard as a user's clip is."""
    parts = []
    for number, path in enumerate(sorted(folder.glob(pattern))):
        kept = folder / "examples" / f"{path.stem}-{'-'.join(map(str, sentences))}.npz"
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            columns = zip(*_clips(path, sentences), strict=True)
            keys = ("x", "who", "strength", "emotion")
            arrays = {key: np.array(column) for key, column in zip(keys, columns, strict=True)}
            np.savez(kept, **arrays)  # type: ignore[arg-type]
        with np.load(kept) as file:
            parts.append(Heard(**file, speaker=np.full(len(file["x"]), number)))
    return Heard(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Heard)))


def _clips(path: Path, sentences: Sequence[int]) -> Iterator[tuple[object, ...]]:
    with np.load(path) as file:
        content = dict(file)
    for place, axis in enumerate((*AXES, REFERENCE)):
        keys = sorted(k for k in content if k.startswith(f"{axis}/") and k.endswith("/audio"))
        for count in sentences:
            for begin in range(0, len(keys) - count + 1, count):
                chosen = keys[begin : begin + count]
                said = [content[key].astype(np.float32) / 32767 for key in chosen]
                try:
                    stretches = spoken_stretches(Clip(np.concatenate(said), RATE))
                except BadAudio:
                    continue  # too short to be anybody's clip
                strength = content[chosen[0].replace("/audio", "/strength")]
                yield manner(stretches), who(np.concatenate(stretches)), strength, place


def who(spoken: Samples) -> np.ndarray:
    """Colour and d-vector of speech, ``[296]``."""
    told: np.ndarray = np.concatenate([colour(spoken), d_vector(spoken)])
    return told


def faithful(examples: Heard) -> np.ndarray:
    """Rows of the voices whose pitch did what the emotions asked of it."""
    full = np.array([FULL[axis].pitch_st for axis in AXES])
    good = np.zeros(len(examples.x), bool)
    for speaker in np.unique(examples.speaker):
        own = (examples.speaker == speaker) & (examples.emotion < len(AXES))
        asked = examples.strength[own] @ full
        followed = np.corrcoef(asked, examples.x[own, MEDIAN_PITCH])[0, 1]
        good |= own & bool(followed > FAITHFUL)
    return good


def beside_neutral(examples: Heard, reference: int = NEUTRAL_AXIS) -> Heard:
    """Examples less the mean of the same voice's ``reference`` ones, the others of them for one itself."""
    rows, x = [], []
    for row in np.flatnonzero(examples.emotion < len(AXES)):
        base = (examples.speaker == examples.speaker[row]) & (examples.emotion == reference)
        base[row] = False
        if base.any():
            rows.append(row)
            x.append(examples.x[row] - examples.x[base].mean(axis=0))
    made = examples.only(np.array(rows))
    return Heard(np.array(x), made.who, made.strength, made.emotion, made.speaker)
