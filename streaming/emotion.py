"""Emotion as a point in one space: eight axes with an intensity.

The axes are fixed for every engine and for the wire. A vector says which emotions are mixed, in what proportion
(its entries are non-negative and sum to 1); the intensity says how strongly, from 0 (neutral) to 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .errors import UnknownEmotion

AXES = ("joy", "anger", "sadness", "fear", "surprise", "neutral", "contempt", "tenderness")
"""喜悦 愤怒 悲伤 恐惧 惊讶 中性 轻蔑 温柔"""

NEUTRAL_AXIS = AXES.index("neutral")
DEFAULT_INTENSITY = 0.7
"""Published systems of this kind advise 0.6–0.8; stronger may distort."""

# What people type. One word, one axis; descriptions of several words are the emotion reader's work.
SYNONYMS: Mapping[str, str] = {
    "joy": (
        "joyful happy happiness glad cheerful delighted excited amused 喜悦 高兴 开心 快乐 愉快 欢快 兴奋 激动 喜 "
        "嬉しい うれしい 楽しい たのしい 喜び 기쁨 기쁘다 기쁜 행복 행복한 즐거운 신난"
    ),
    "anger": (
        "angry mad furious annoyed irritated rage 愤怒 生气 恼火 发怒 暴怒 气愤 怒 "
        "怒り 怒った 怒る おこった 분노 화남 화난 화나다 짜증"
    ),
    "sadness": (
        "sad unhappy sorrow sorrowful grief melancholy melancholic depressed 悲伤 难过 伤心 忧伤 低落 哀伤 忧郁 悲 "
        "悲しい かなしい 悲しみ 寂しい さびしい 슬픔 슬픈 슬프다 우울 우울한"
    ),
    "fear": (
        "afraid scared fearful terrified anxious nervous worried 恐惧 害怕 惊恐 紧张 担心 恐慌 惧 "
        "怖い こわい 恐怖 恐れ 不安 두려움 무서운 무섭다 공포 불안"
    ),
    "surprise": (
        "surprised astonished amazed shocked startled 惊讶 吃惊 惊喜 震惊 意外 惊 "
        "驚き 驚いた おどろき びっくり 놀람 놀란 놀라움 깜짝"
    ),
    "neutral": "calm plain normal flat 中性 平静 平淡 正常 自然 冷静 中立 普通 ふつう 平静な 중립 평온 차분한 보통",
    "contempt": (
        "contemptuous scorn scornful disdain mocking sarcastic disgust disgusted 轻蔑 鄙视 不屑 嘲讽 讽刺 厌恶 蔑视 "
        "軽蔑 けいべつ 嘲笑 皮肉 嫌悪 경멸 비꼬는 조롱 혐오"
    ),
    "tenderness": (
        "tender gentle soft warm loving affectionate 温柔 柔和 温暖 深情 宠溺 亲切 "
        "優しい やさしい 優しさ 穏やか 다정한 부드러운 상냥한 다정 온화한"
    ),
}

_AXIS_OF = {word: axis for axis, words in SYNONYMS.items() for word in (axis, *words.split())}
NAMES = frozenset(_AXIS_OF)
"""Every word :func:`axis_of` knows, in lower case."""


def axis_of(name: str) -> str:
    """The axis a name or one of its synonyms stands for.

    Raises:
        UnknownEmotion: if the word is not known.
    """
    found = _AXIS_OF.get(name.strip().lower())
    if found is None:
        raise UnknownEmotion(f"unknown emotion {name[:40]!r}, expected one of: {', '.join(AXES)}")
    return found


@dataclass(frozen=True, slots=True)
class Emotion:
    """A point in the space: ``vector`` over :data:`AXES` (sums to 1) and ``intensity`` 0…1.

    ``manner`` is an engine's key for a delivery it learned from a clip, which says more than eight numbers can; the
    vector is what everybody else makes of it.
    """

    vector: tuple[float, ...]
    intensity: float
    manner: str = ""

    def __post_init__(self) -> None:
        if len(self.vector) != len(AXES):
            raise UnknownEmotion(
                f"an emotion vector has {len(AXES)} numbers, got {len(self.vector)}"
            )
        if not all(math.isfinite(x) and x >= 0 for x in self.vector):
            raise UnknownEmotion("an emotion vector holds finite numbers that are not negative")
        if not 0 <= self.intensity <= 1:
            raise UnknownEmotion(f"an intensity lies between 0 and 1, got {self.intensity}")

    @classmethod
    def of(cls, name: str, intensity: float = DEFAULT_INTENSITY) -> Emotion:
        """One named emotion; synonyms in four languages are accepted."""
        return cls.mix({name: 1.0}, intensity)

    @classmethod
    def mix(cls, weights: Mapping[str, float], intensity: float | None = None) -> Emotion:
        """Several named emotions; without ``intensity`` the weights' sum is it, at most 1."""
        vector = [0.0] * len(AXES)
        for name, weight in weights.items():
            vector[AXES.index(axis_of(name))] += weight
        return cls.from_vector(vector, intensity)

    @classmethod
    def from_vector(cls, vector: Iterable[float], intensity: float | None = None) -> Emotion:
        """Any non-negative vector; without ``intensity`` its sum is the intensity, at most 1."""
        values = tuple(float(x) for x in vector)
        total = sum(values)
        if intensity is None:
            intensity = min(total, 1.0) if math.isfinite(total) and total > 0 else 0.0
        if total > 0 and math.isfinite(total):
            values = tuple(x / total for x in values)
        elif total == 0:
            return NEUTRAL
        return cls(values, intensity)

    @property
    def strength(self) -> tuple[float, ...]:
        """Vector times intensity, what engines steer by; the neutral axis takes the rest, so it sums to 1."""
        scaled = [x * self.intensity for x in self.vector]
        scaled[NEUTRAL_AXIS] += 1.0 - sum(scaled)
        return tuple(scaled)

    @property
    def strongest(self) -> str:
        """Name of the largest axis."""
        return AXES[max(range(len(AXES)), key=self.vector.__getitem__)]


NEUTRAL = Emotion(tuple(float(axis == "neutral") for axis in AXES), 0.0)
