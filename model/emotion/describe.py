"""Reads a description of how to speak: 冷冷地嘲讽, "whispering, close to tears", うれしそうに, 비꼬듯이 차갑게."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...streaming.emotion import AXES, NEUTRAL, NEUTRAL_AXIS, Emotion
from ...streaming.errors import BadText, UnknownEmotion
from .cues import Cues, weigh
from .features import dense, hashed
from .fold import fold
from .lexicon import LANGUAGES, find, lexicon
from .network import Network, shipped

LONGEST = 1000
"""Characters a description may have; a longer one is a text to be spoken, sent to the wrong place."""
ADVISED_INTENSITY = 0.8
"""Published systems of this kind advise 0.6–0.8; beyond it speech may distort."""
_UNSURE = 0.35
_UNSURE_WORDLESS = 0.42
"""Below this confidence neutral is taken; the network is believed less where the lexicon knows no word of a text."""
_TRACE = 0.06
_BY_WORDS = 0.5
"""Share of the lexicon's own proportions in the vector, the rest is the network's."""


@dataclass(frozen=True, slots=True)
class EmotionReading:
    """How a description is understood.

    ``pace`` multiplies the speaking rate: 1 natural, 1.2 faster, 0.8 slower, within 0.6…1.5. ``confidence`` 0…1
    is near 0 when the description says nothing of emotion; ``warnings`` are sentences for the writer.
    """

    emotion: Emotion
    pace: float
    confidence: float
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The shape of ``seiyuu emotion --json``; warnings only where there are some."""
        vector = zip(AXES, self.emotion.vector, strict=True)
        said: dict[str, object] = {
            "vector": {axis: round(share, 3) for axis, share in vector},
            "intensity": round(self.emotion.intensity, 3),
            "pace": round(self.pace, 3),
            "confidence": round(self.confidence, 3),
        }
        return {**said, "warnings": list(self.warnings)} if self.warnings else said


def cautions(emotion: Emotion) -> tuple[str, ...]:
    """What the writer should know about an emotion that was asked for."""
    if emotion.intensity > ADVISED_INTENSITY:
        return (
            f"intensity {emotion.intensity:.2f} may distort the voice, 0.6 to {ADVISED_INTENSITY} is advised",
        )
    return ()


def check_description(text: str) -> str:
    """The description without what has no shape.

    Raises:
        UnknownEmotion: nothing is left to read.
        BadText: longer than :data:`LONGEST` characters.
    """
    if len(text) > LONGEST:
        raise BadText(f"a description has at most {LONGEST} characters, got {len(text)}")
    if not fold(text).text.strip(" ,"):
        raise UnknownEmotion(
            "the description is empty, expected words such as 'gently, almost whispering'"
        )
    return text


def prepare() -> None:
    """Read the tables and weights now (a third of a second), so that the first description does not wait for them."""
    for language in LANGUAGES:
        lexicon(language)
    shipped()


def _vector(shares: np.ndarray[tuple[int, ...], np.dtype[np.float32]], cues: Cues) -> list[float]:
    """Network and words together, traces dropped, over the axes; sums to 1."""
    judged = shares[: len(AXES)].astype(float)
    judged[NEUTRAL_AXIS] += float(shares[-1])
    if cues.evidence:
        sure = min(1.0, cues.evidence) * _BY_WORDS
        judged = (1 - sure) * judged + sure * np.array(cues.vector)
    judged[judged < _TRACE] = 0.0
    total = float(judged.sum())
    return [float(x) / total for x in judged]


def read_emotion(text: str, network: Network | None = None) -> EmotionReading:
    """Understand a description in Chinese, English, Japanese, Korean or a mixture of them.

    A description that is ambiguous or speaks of no emotion is read as neutral, with low confidence and a warning.
    ``network`` None is the shipped one.

    Raises:
        UnknownEmotion: an empty description.
        BadText: one that is too long.
    """
    folded = fold(check_description(text))
    cues = weigh(folded, find(folded))
    shares = (network or shipped()).probabilities(hashed(folded, cues), dense(cues))
    vector = _vector(shares, cues)
    confidence = max(vector) * (1.0 - float(shares[-1]))
    if confidence < (_UNSURE if cues.evidence else _UNSURE_WORDLESS):
        said = "the description names no emotion for certain, neutral is taken"
        return EmotionReading(NEUTRAL, cues.pace, confidence, (said,))
    emotion = Emotion.from_vector(vector, cues.intensity)
    return EmotionReading(emotion, cues.pace, confidence, cautions(emotion))
