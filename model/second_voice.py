"""Does something else sound together with a voice: a second voice, or music?

A small network over :mod:`.second_voice_features`, trained by :mod:`.compact.training.fit_second_voice` on rendered and
recorded voices, alone, with others and with music, in noise, rooms and telephones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from ..streaming.audio import Samples
from .second_voice_features import Array, features
from .speaker import RATE

MIN_SECONDS = 3.0
"""Less speech than this is not judged: it holds too few frames to tell."""


@dataclass(frozen=True, slots=True)
class Beside:
    """How likely a voice is alone, has another voice beside it, or music; the three sum to 1."""

    alone: float = 1.0
    voice: float = 0.0
    music: float = 0.0


class SecondVoice:
    """``arrays``: ``middle`` and ``scale`` of the features, and of each network the weights and biases of two layers,
    tanh between them.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = {name: value.astype(np.float64) for name, value in arrays.items()}

    @classmethod
    def load(cls, path: Path) -> SecondVoice:
        """From an ``npz`` that the training wrote."""
        with np.load(path) as file:
            return cls(dict(file))

    @classmethod
    @cache
    def packaged(cls) -> SecondVoice:
        """The one that comes with the distribution."""
        return cls.load(Path(str(files(__package__) / "assets" / "second_voice.npz")))

    def shares(self, told: Array) -> Array:
        """``[..., 36]`` features to ``[..., 3]``: alone, a voice, music."""
        a = self._arrays
        inputs = np.clip((told - a["middle"]) / a["scale"], -4, 4)
        answers = []
        number = 0
        while f"{number}/weight0" in a:
            hidden = np.tanh(inputs @ a[f"{number}/weight0"] + a[f"{number}/bias0"])
            value = hidden @ a[f"{number}/weight1"] + a[f"{number}/bias1"]
            raised = np.exp(value - value.max(axis=-1, keepdims=True))
            answers.append(raised / raised.sum(axis=-1, keepdims=True))
            number += 1
        mean: Array = np.mean(answers, axis=0)
        return mean

    def listen(self, spoken: Samples) -> Beside:
        """What sounds together with the voice in the speech of a clip, ``spoken [n]`` at 16 kHz."""
        if len(spoken) < MIN_SECONDS * RATE:
            return Beside()
        return Beside(*map(float, self.shares(features(spoken))))
