"""The emotion of a clip: eight axes and an intensity, whoever speaks.

Small networks from :mod:`.emotion_features` to the embedding, which is nothing but the answer: the shares of the eight
axes and the intensity, so there is little room for who speaks. They were trained with a gradient reversal layer
(Ganin & Lempitsky, "Unsupervised domain adaptation by backpropagation", ICML 2015) against the speaker
(:mod:`.compact.training.fit_emotion`). What a voice is like when nothing moves it is most of what its clip tells:
with a second clip of the same person in a neutral tone, other networks hear the difference, and are right more often.
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
from .emotion_features import manner
from .speaker import RATE, d_vector
from .verdict import JudgedClip, judged

Array = npt.NDArray[np.float32]

EMBEDDING = len(AXES) + 1
MAX_SPEECH_S = 20.0
NOISY_DB = 30.0
DOUBT = 0.3
"""Axes with less than this part of the strongest one's share are left out."""

ALONE, BESIDE = "alone", "beside"
"""The networks for a clip by itself, and for the difference to a neutral clip of the same person."""

CENTRE, BASIS = "speaker/centre", "speaker/basis"
"""Middle and main directions of d-vectors: from the voice the networks tell how it sounds when nothing moves it."""


class EmotionEncoder:
    """``arrays``: of each kind ``middle`` and ``scale`` of the features, and of each of its networks the layers'
    weights and biases, tanh between them.
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

    def embed(self, features: Array, kind: str = ALONE) -> Array:
        """``[..., features]`` to ``[..., 9]``: shares of the eight axes, which sum to 1, and the intensity, 0…1."""
        a = self._arrays
        inputs = np.clip((features - a[f"{kind}/middle"]) / a[f"{kind}/scale"], -5, 5)
        told = []
        number = 0
        while f"{kind}/{number}/weight0" in a:
            value, layer = inputs, 0
            while f"{kind}/{number}/weight{layer}" in a:
                value = np.tanh(value) if layer else value
                value = (
                    value @ a[f"{kind}/{number}/weight{layer}"] + a[f"{kind}/{number}/bias{layer}"]
                )
                layer += 1
            raised = np.exp(value[..., :-1] - value[..., :-1].max(axis=-1, keepdims=True))
            shares = raised / raised.sum(axis=-1, keepdims=True)
            told.append(np.concatenate([shares, 1 / (1 + np.exp(-value[..., -1:]))], axis=-1))
            number += 1
        made: Array = np.mean(told, axis=0).astype(np.float32)
        return made

    def alone(self, stretches: list[Samples]) -> Array:
        """What the networks for a clip by itself are given: its manner, and where its speaker lies, ``[146]``."""
        centre, basis = self._arrays[CENTRE], self._arrays[BASIS]
        place = (d_vector(np.concatenate(stretches)) - centre) @ basis
        return np.concatenate([manner(stretches), place])

    def listen(self, stretches: list[Samples], neutral: list[Samples] | None = None) -> Emotion:
        """The emotion of stretches of speech at 16 kHz, beside neutral ones of the same person where there are."""
        heard = _first(stretches)
        if neutral is None:
            told = self.embed(self.alone(heard))
        else:
            told = self.embed(manner(heard) - manner(_first(neutral)), BESIDE)
        shares = told[:-1]
        # What is spread thinly over many axes is doubt, not a mixture.
        kept = np.where(shares >= DOUBT * shares.max(), shares, 0.0).astype(float)
        return Emotion.from_vector(kept, float(told[-1]))


def emotion_of_clip(clip: Clip, neutral: Clip | None = None) -> Emotion:
    """The emotion that is heard in a clip; ``neutral`` is another clip of the same person, calm.

    Raises:
        BadAudio: a clip cannot be used; the message says why and what to do.
    """
    return emotion_of_judged(judged(clip), None if neutral is None else judged(neutral))


def emotion_of_judged(clip: JudgedClip, neutral: JudgedClip | None = None) -> Emotion:
    """As :func:`emotion_of_clip`, of clips whose speech is found already."""
    calm = None if neutral is None else _stretches(neutral)
    return EmotionEncoder.packaged().listen(_stretches(clip), calm)


def spoken_stretches(clip: Clip) -> list[Samples]:
    """The speech of a clip at 16 kHz, one array for each stretch between silences, cleaned where it is noisy.

    Raises:
        BadAudio: as :func:`emotion_of_clip`.
    """
    return _stretches(judged(clip))


def _stretches(clip: JudgedClip) -> list[Samples]:
    noisy = clip.verdict.snr_db < NOISY_DB
    samples = denoise(clip.speech.samples) if noisy else clip.speech.samples
    return [samples[begin:end] for begin, end in clip.speech.spans]


def _first(stretches: list[Samples]) -> list[Samples]:
    """As many stretches as make :data:`MAX_SPEECH_S`, one at least."""
    ends = np.cumsum([len(stretch) for stretch in stretches])
    count = max(1, int(np.searchsorted(ends, MAX_SPEECH_S * RATE)) + 1)
    return [stretch[: int(MAX_SPEECH_S * RATE)] for stretch in stretches[:count]]
