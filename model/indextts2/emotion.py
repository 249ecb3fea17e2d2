"""Our eight axes to the model's eight emotions, and those to a vector in the decoder's space."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ...streaming.emotion import AXES, Emotion

EMOTIONS = (
    "happy",
    "angry",
    "sad",
    "afraid",
    "disgusted",
    "melancholic",
    "surprised",
    "calm",
)
"""The model's own emotions, in the order of its matrices."""

MAPPING: dict[str, dict[str, float]] = {
    "joy": {"happy": 1.0},
    "anger": {"angry": 1.0},
    # the model parts open grief from low spirits; our axis covers both, and leans to the first
    "sadness": {"sad": 0.75, "melancholic": 0.25},
    "fear": {"afraid": 1.0},
    "surprise": {"surprised": 1.0},
    # asked for by name, neutral is the model's calm; left unsaid it is the voice's own manner (no row at all)
    "neutral": {"calm": 1.0},
    # contempt has no row: aversion is its core, a cold edge of anger its tone
    "contempt": {"disgusted": 0.8, "angry": 0.2},
    # nor has tenderness: calm, warmed by joy
    "tenderness": {"calm": 0.7, "happy": 0.3},
}
"""What each of our axes is made of; every row sums to 1, so intensity keeps its meaning."""

MATRIX: tuple[tuple[float, ...], ...] = tuple(
    tuple(MAPPING[axis].get(emotion, 0.0) for emotion in EMOTIONS) for axis in AXES
)

FULL = 0.8
"""Weight of the emotion rows at intensity 1; the speaker's own manner keeps the rest, or the voice is lost."""


def weights_of(emotion: Emotion) -> tuple[float, ...]:
    """The model's eight weights for a point of our space; they sum to ``FULL`` · intensity."""
    scale = FULL * emotion.intensity
    return tuple(
        scale * sum(x * row[j] for x, row in zip(emotion.vector, MATRIX, strict=True))
        for j in range(len(EMOTIONS))
    )


def emotion_of(weights: Sequence[float]) -> Emotion:
    """The point of our space nearest to the model's eight weights, as its emotion reader gives them (0…1.2).

    Each of the model's emotions goes to the axis it dominates: melancholic to sadness, disgusted to contempt, calm
    to neutral.
    """
    home = {axis: max(parts, key=lambda name: parts[name]) for axis, parts in MAPPING.items()}
    home.pop("tenderness")
    axis_of = {emotion: axis for axis, emotion in home.items()} | {"melancholic": "sadness"}
    vector = [0.0] * len(AXES)
    for name, weight in zip(EMOTIONS, weights, strict=True):
        vector[AXES.index(axis_of[name])] += max(weight, 0.0)
    return Emotion.from_vector(vector)


def pick_rows(style: Tensor, speakers: Tensor, groups: Sequence[int]) -> Tensor:
    """For each emotion the row whose speaker is most like this one, as indices ``[emotions]`` into the matrix.

    ``style [1, width]`` and ``speakers [rows, width]`` are speaker embeddings; the rows lie group after group.
    """
    likeness = F.cosine_similarity(style, speakers, dim=1)
    first, picked = 0, []
    for size in groups:
        picked.append(first + int(likeness[first : first + size].argmax()))
        first += size
    return torch.tensor(picked)


def blend(own: Tensor, rows: Tensor, weights: Sequence[float]) -> Tensor:
    """Σ wᵢ · rowᵢ + (1 − Σ wᵢ) · own: ``own [1, dim]`` is the clip's manner, ``rows [emotions, dim]`` the targets."""
    w = torch.tensor(weights, dtype=rows.dtype, device=rows.device)
    return w @ rows + (1 - w.sum()) * own
