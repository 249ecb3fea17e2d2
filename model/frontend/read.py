"""The whole way from text to reading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from . import english, espeak, furigana, inline_pinyin, japanese, korean, markup, normalise, signs
from . import lexicon as lexicons
from .alphabet import PAUSES, spoken
from .clean import clean
from .languages import Spoken, regions
from .mandarin import mandarin
from .markup import Marked
from .reading import Reading, Unit, Word
from .scripts import Script, script, voice_of
from .spanned import SpannedText

_LATIN_WORD = re.compile(r"[^\W\d_]{1,200}(?:['’][^\W\d_]{1,200}){0,9}['’]?")
_LANGUAGES: tuple[Spoken, ...] = ("zh", "en", "ja", "ko")


Emoji = Literal["skip", "name"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How signs are treated.

    ``emoji``: left out (``skip``), or called by their names (``name``). ``pinyin``: what the writer gives behind a
    hanzi is its reading; else it is text like any other.
    """

    emoji: Emoji = "skip"
    pinyin: bool = True


DEFAULT = ReadOptions()


def read(
    text: str,
    language: str = "auto",
    *,
    lexicon: lexicons.Lexicon | None = None,
    options: ReadOptions = DEFAULT,
) -> Reading:
    """How ``text`` is said: never raises, whatever the text; safe from any thread; takes time in its length.

    ``language`` (``auto``, ``zh``, ``en``, ``ja``, ``ko``) is that of the scripts that do not tell: hanzi, digits and
    signs; anything else counts as ``auto``. The same arguments give the same reading.
    """
    marked = markup.take_out(clean(text))
    if options.pinyin:
        inline_pinyin.take_in(marked)
    if language in ("auto", "ja"):
        furigana.take_in(marked)
    if lexicon is not None:
        lexicons.take_in(marked, lexicon.entries())
        if lexicon.problem is not None:
            marked.warn(lexicon.problem)
    signs.take_out(marked, options.emoji, _tongue(text, language))
    words: list[Word] = []
    for region in regions(marked.text.text, language, marked.languages):
        words += _region(marked.text.slice(region.start, region.end), region.language, marked)
    return Reading(text, tuple(words), tuple(marked.warnings))


def warm() -> None:
    """Load every dictionary now, so that the first text does not wait for them."""
    mandarin()
    english.dictionary()
    japanese.warm()
    read("你好 hello xqzt こんにちは 안녕")


def _tongue(text: str, language: str) -> Spoken:
    """The language that emoji are named in: the one asked for, or that of the first letters."""
    asked: Spoken | None = next((known for known in _LANGUAGES if known == language), None)
    if asked is not None:
        return asked
    kinds = [script(char) for char in text[:200]]
    if "kana" in kinds:
        return "ja"
    first = next((kind for kind in kinds if kind in ("han", "hangul", "latin")), "han")
    return "ko" if first == "hangul" else "en" if first == "latin" else "zh"


def _region(text: SpannedText, language: Spoken, marked: Marked) -> list[Word]:
    said = normalise.normalise(text, language, marked.given)
    words: list[Word] = []
    at = 0
    while at < len(said):
        end = _run_end(said.text, at, language)
        words += _say(said.slice(at, end), language, marked)
        at = end
    return words


def _run_kind(char: str, language: Spoken) -> Script:
    kind = script(char)
    return "kana" if kind == "han" and language == "ja" else kind


def _run_end(text: str, at: int, language: Spoken) -> int:
    """The end of the run of one script that starts at ``at``; blanks between words of letters belong to it."""
    kind = _run_kind(text[at], language)
    end = at + 1
    if kind in ("mark", "digit"):
        return end
    while end < len(text):
        following = _run_kind(text[end], language)
        joins = (
            following == "space"
            and kind in ("hangul", "latin")
            or kind == "latin"
            and text[end] in "'’"
        )
        if following != kind and not joins:
            break
        end += 1
    return end


def _say(text: SpannedText, language: Spoken, marked: Marked) -> list[Word]:
    kind = _run_kind(text.text[0], language)
    if kind == "han":
        return mandarin().read(text, marked.given)
    if kind == "kana":
        return japanese.read(text)
    if kind == "hangul":
        return korean.read(text)
    if kind == "latin":
        return _latin(text)
    if kind == "other":
        return _foreign(text, language, marked)
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


def _foreign(text: SpannedText, language: Spoken, marked: Marked) -> list[Word]:
    """A stretch of a script without a front end: espeak-ng's reading of it, or nothing and a warning."""
    words = []
    for start in range(0, len(text), espeak.MAX_WORD):
        part = text.slice(start, start + espeak.MAX_WORD)
        voice = voice_of(part.text[0])
        sound = spoken(espeak.foreign(part.text, voice)) if voice else ""
        if not sound:
            marked.warn(f"{part.text[:20]!r} is in a script that cannot be read; left out")
            continue
        unit = Unit(*part.span(0, len(part)), part.text, sound)
        words.append(Word(part.text, language, (unit,)))
    return words


def _pause(text: SpannedText, language: Spoken) -> list[Word]:
    symbol = PAUSES.get(text.text[0])
    if symbol is None:
        return []
    return [
        Word(
            text.text,
            language,
            (Unit(text.starts[0], text.ends[0], text.text, symbol),),
            "punctuation",
        )
    ]
