"""The emotion of a clip: eight axes and an intensity, whoever speaks.

A small network from :mod:`.emotion_features` to an embedding ``[16]`` and from there to the amounts of the axes. It was
trained with a gradient reversal layer (Ganin & Lempitsky, "Unsupervised domain adaptation by backpropagation", ICML
2015) so that the speaker cannot be read from the embedding (:mod:`.compact.training.fit_emotion`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..streaming.audio import Samples
from ..streaming.emotion import AXES, Emotion
from .clips import Clip
from .denoise import denoise
from .emotion_features import MANNER, emotion_features
from .speaker import RATE
from .verdict import find_speech, judge

Array = npt.NDArray[np.float32]

EMBEDDING = 16
MAX_SPEECH_S = 15.0
NOISY_DB = 30.0
DOUBT = 0.3
"""Axes with less than this part of the strongest one's share are left out."""


class EmotionEncoder:
    """``arrays``: ``middle``, ``scale`` of the features, weights and biases of the hidden layer, the embedding and the
    axes.
    """

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = {name: value.astype(np.float32) for name, value in arrays.items()}

    @classmethod
    def load(cls, path: Path) -> EmotionEncoder:
        """From an ``npz`` that the training wrote."""
        with np.load(path) as file:
            return cls(dict(file))

    @classmethod
    @cache
    def packaged(cls) -> EmotionEncoder:
        """The one that comes with the distribution."""
        return cls.load(Path(str(files(__package__) / "assets" / "emotion_encoder.npz")))

    def embed(self, features: Array) -> Array:
        """``[..., 344]``, of which the manner alone is heard, to ``[..., 16]``."""
        a = self._arrays
        manner = (features[..., :MANNER] - a["middle"]) / a["scale"]
        hidden = np.tanh(manner @ a["weight0"] + a["bias0"])
        made: Array = np.tanh(hidden @ a["weight1"] + a["bias1"])
        return made

    def shares(self, features: Array) -> tuple[Array, Array]:
        """Shares of the eight axes, ``[..., 8]``, that sum to 1, and the intensity, ``[...]``, 0…1."""
        score = self.embed(features) @ self._arrays["weight2"] + self._arrays["bias2"]
        axes = score[..., : len(AXES)]
        raised = np.exp(axes - axes.max(axis=-1, keepdims=True))
        made: Array = raised / raised.sum(axis=-1, keepdims=True)
        return made, 1 / (1 + np.exp(-score[..., -1]))

    def listen(self, spoken: Samples) -> Emotion:
        """The emotion of speech at 16 kHz without its silences."""
        shares, intensity = self.shares(emotion_features(spoken[: int(MAX_SPEECH_S * RATE)]))
        # What is spread thinly over many axes is doubt, not a mixture.
        kept = np.where(shares >= DOUBT * shares.max(), shares, 0.0).astype(float)
        return Emotion.from_vector(kept, float(intensity))


def emotion_of_clip(clip: Clip) -> Emotion:
    """The emotion that is heard in a clip.

    Raises:
        BadAudio: the clip cannot be used; the message says why and what to do.
    """
    speech = find_speech(clip)
    verdict = judge(clip, speech)
    verdict.require_usable()
    spoken = speech.spoken
    return EmotionEncoder.packaged().listen(
        denoise(spoken) if verdict.snr_db < NOISY_DB else spoken
    )
