"""From what a client wrote in a field ``emotion`` to a point in the emotion space."""

from __future__ import annotations

from typing import Protocol

from ..streaming.emotion import Emotion
from ..streaming.emotion_spec import DescribedEmotion, EmotionSpec, resolve
from ..streaming.errors import Unsupported


class Emotions(Protocol):
    """Understands emotions; one that can read descriptions or listen to clips satisfies it as well."""

    async def read(self, spec: EmotionSpec) -> Emotion:
        """The point that ``spec`` means. Takes at most a few hundred milliseconds.

        Raises:
            UnknownEmotion: it means nothing here.
            Unsupported: this server cannot read that form.
        """
        ...


class PointsOnly:
    """Reads names, mixes and vectors, which need no model."""

    async def read(self, spec: EmotionSpec) -> Emotion:
        emotion = resolve(spec)
        if emotion is not None:
            return emotion
        what = "descriptions" if isinstance(spec, DescribedEmotion) else "clips"
        raise Unsupported(
            f"this server does not read emotions from {what}; name or mix them instead"
        )
