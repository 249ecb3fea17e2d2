"""Composes descriptions of speech with the emotions they mean: the data the reader learns from.

Words come from the lexicon, scenes from ``situations_*.txt``, sentences from ``patterns_*.txt``. Nothing of the
development or held-out descriptions is read here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ....streaming.emotion import AXES
from ..fold import fold
from ..lexicon import Meaning, lexicon, read_source, sections
from ..network import CLASSES

Target = tuple[float, ...]
NONE = CLASSES.index("none")
LANGUAGES = ("zh", "en", "ja", "ko")
_FILLERS = {
    "zh": ("那个", "就是", "嗯", "请", "要", "大概", "哎", "语气要", "声音", "情绪"),
    "en": (
        "um",
        "please",
        "maybe",
        "like",
        "kind of thing",
        "voice",
        "delivery",
        "make it sound",
        "tone",
    ),
    "ja": ("えっと", "お願い", "できれば", "声", "感じで", "読んで", "トーン", "もう少し"),
    "ko": ("음", "부탁", "좀", "목소리", "느낌", "가능하면", "톤", "읽어줘"),
}
# how often each shape of sentence is written
_SHAPES = {
    "one": 40,
    "two": 12,
    "but": 6,
    "not_but": 8,
    "denied": 4,
    "pretend": 3,
    "scene": 18,
    "none": 9,
}


@dataclass(frozen=True, slots=True)
class Description:
    """``target`` over the network's classes sums to 1."""

    text: str
    target: Target


@dataclass(frozen=True, slots=True)
class _Words:
    emotions: tuple[tuple[str, Meaning], ...]
    degrees: tuple[str, ...]
    scenes: tuple[tuple[str, str], ...]
    blanks: tuple[str, ...]
    patterns: Mapping[str, list[str]]


def _source(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


@cache
def _words(language: str) -> _Words:
    """Everything sentences of a language are made of."""
    emotions, degrees = dict[str, Meaning](), []
    meanings = lexicon(language).meanings
    for head, entries in sections(read_source(language)):
        for entry in entries:
            meaning = meanings.get(fold(entry.removesuffix("*")).text)
            if meaning and meaning.vector and meaning.role == "":
                emotions[entry] = meaning
            if head.startswith("degree"):
                degrees.append(entry.removesuffix("*"))
    source = _source(f"situations_{language}.txt")
    scenes = [(head, entry) for head, entries in sections(source) for entry in entries]
    return _Words(
        tuple(emotions.items()),
        tuple(degrees),
        tuple(s for s in scenes if s[0] != "none"),
        tuple(entry for head, entry in scenes if head == "none"),
        dict(sections(_source(f"patterns_{language}.txt"), "|")),
    )


def _target(meaning: Meaning) -> Target:
    """The classes one word stands for; what its evidence lacks is "none"."""
    vector = meaning.vector or (0.0,) * len(AXES)
    rest = max(0.0, 1 - sum(vector))
    total = sum(vector) + rest
    return (*(x / total for x in vector), rest / total)


def _blend(first: Target, second: Target, share: float) -> Target:
    return tuple(share * a + (1 - share) * b for a, b in zip(first, second, strict=True))


def _class(name: str) -> Target:
    return tuple(float(c == name) for c in CLASSES)


class Composer:
    """Writes descriptions of one language, the same for the same seed."""

    def __init__(self, language: str, seed: int) -> None:
        self._language = language
        self._words = _words(language)
        self._random = random.Random(f"{language} {seed}")
        by_axis: dict[str, list[tuple[str, Meaning]]] = {}
        for entry, meaning in self._words.emotions:
            vector = meaning.vector or ()
            by_axis.setdefault(AXES[vector.index(max(vector))], []).append((entry, meaning))
        self._by_axis = by_axis

    def descriptions(self, count: int) -> Iterator[Description]:
        """Yield ``count`` descriptions in all shapes, every axis as often as another."""
        for shape in self._random.choices([*_SHAPES], [*_SHAPES.values()], k=count):
            made = self._compose(shape)
            yield Description(self._blur(made.text), made.target)

    def _emotion(self) -> tuple[str, Target]:
        entry, meaning = self._random.choice(self._by_axis[self._random.choice(AXES)])
        word = entry.removesuffix("*")
        if entry.endswith("*"):
            word += self._random.choice(("", "", "ed", "ing", "s", "ly"))
        return word, _target(meaning)

    def _compose(self, shape: str) -> Description:
        pick, words = self._random.choice, self._words
        (a, first), (b, second) = self._emotion(), self._emotion()
        if shape == "none":
            return Description(
                ", ".join(self._random.sample(words.blanks, self._random.randint(1, 2))),
                _class("none"),
            )
        axis, scene = pick(words.scenes)
        pattern = pick(words.patterns[shape])
        text = pattern.format(
            a=a,
            b=b,
            s=scene,
            d=pick(words.degrees) if self._random.random() < 0.6 else "",
            v=pick(words.patterns["verbs"]),
            p=pick(words.patterns["paces"]),
            x=pick(words.blanks),
        )
        return Description(text, self._meant(shape, first, second, axis, pattern))

    @staticmethod
    def _meant(shape: str, first: Target, second: Target, axis: str, pattern: str) -> Target:
        match shape:
            case "one":
                return first
            case "two":
                return _blend(first, second, 0.5)
            case "but":
                return _blend(first, second, 0.32)
            case "pretend":
                return _blend(first, second, 0.2)
            case "not_but":
                return second
            case "scene":
                return _class(axis)
        joyless = first[AXES.index("joy")] > 0.5 and "{b}" not in pattern
        leaning = _blend(_class("sadness"), _class("anger"), 0.6)
        return _blend(_class("neutral"), leaning if joyless else _class("none"), 0.45)

    def _blur(self, text: str) -> str:
        """As people type: fillers, a letter lost, other punctuation."""
        chance = self._random.random()
        if chance < 0.12:
            filler = self._random.choice(_FILLERS[self._language])
            text = f"{filler} {text}" if self._random.random() < 0.5 else f"{text} {filler}"
        elif chance < 0.2 and len(text) > 6:
            lost = self._random.randrange(len(text))
            text = text[:lost] + text[lost + 1 :]
        elif chance < 0.3:
            text += self._random.choice((".", "!", "。", "…", "~", "!!"))
        return text


def compose(count: int, seed: int) -> Sequence[Description]:
    """``count`` descriptions in each language."""
    return [d for language in LANGUAGES for d in Composer(language, seed).descriptions(count)]
