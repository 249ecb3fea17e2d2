"""The whole way from text to reading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from . import annotations, english, japanese, korean, markup, normalise
from .alphabet import PAUSES, spoken
from .clean import clean
from .languages import Spoken, regions
from .mandarin import mandarin
from .reading import Reading, Unit, Word
from .scripts import Script, script
from .spanned import SpannedText

_LATIN_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*['’]?")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """``emoji``: said by name, or left out."""

    emoji: str = "skip"


DEFAULT = ReadOptions()


def read(text: str, language: str = "auto", *, lexicon: object | None = None, options: ReadOptions = DEFAULT) -> Reading:
    """How ``text`` is said. Never raises, whatever the text; thread-safe; the same text gives the same reading."""
    marked = markup.take_out(clean(text))
    annotations.take_in(marked)
    words: list[Word] = []
    for region in regions(marked.text.text, language, marked.languages):
        words += _region(marked.text.slice(region.start, region.end), region.language, marked.given)
    return Reading(text, tuple(words), tuple(marked.warnings))


def warm() -> None:
    """Load every dictionary now, so that the first text does not wait for them."""
    mandarin()
    english.dictionary()
    japanese.warm()
    read("你好 hello こんにちは 안녕")


def _region(text: SpannedText, language: Spoken, given: Mapping[int, str]) -> list[Word]:
    said = normalise.normalise(text, language, given)
    words: list[Word] = []
    at = 0
    while at < len(said):
        end = _run_end(said.text, at, language)
        words += _say(said.slice(at, end), language, given)
        at = end
    return words


def _run_kind(char: str, language: Spoken) -> Script:
    kind = script(char)
    if language == "ja" and kind == "kana" or kind == "han" and language == "ja":
        return "kana"
    return kind


def _run_end(text: str, at: int, language: Spoken) -> int:
    kind = _run_kind(text[at], language)
    end = at + 1
    if kind in ("mark", "digit"):
        return end
    while end < len(text):
        following = _run_kind(text[end], language)
        if following != kind and not (following == "space" and kind in ("hangul", "latin")):
            if not (kind == "latin" and text[end] in "'’"):
                break
        end += 1
    return end


def _say(text: SpannedText, language: Spoken, given: Mapping[int, str]) -> list[Word]:
    kind = _run_kind(text.text[0], language)
    if kind == "han":
        return mandarin().read(text, given)
    if kind == "kana":
        return japanese.read(text)
    if kind == "hangul":
        return korean.read(text)
    if kind == "latin":
        return _latin(text)
    return _pause(text, language)


def _latin(text: SpannedText) -> list[Word]:
    found = list(_LATIN_WORD.finditer(text.text))
    sounds = english.pronounce([match.group() for match in found])
    words = []
    for match, sound in zip(found, sounds, strict=True):
        start, end = text.span(match.start(), match.end())
        unit = Unit(start, end, match.group().lower(), spoken(sound))
        words.append(Word(match.group(), "en", (unit,)))
    return words


def _pause(text: SpannedText, language: Spoken) -> list[Word]:
    symbol = PAUSES.get(text.text[0])
    if symbol is None:
        return []
    return [Word(text.text, language, (Unit(text.starts[0], text.ends[0], text.text, symbol),), "punctuation")]
