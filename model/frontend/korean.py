"""Korean phrases to units: one a block, with its sound after the rules of speech.

The symbols are those the acoustic model knows from Japanese, Mandarin and English; it was never trained on Korean.
"""

from __future__ import annotations

import re

from . import hangul
from .reading import Unit, Word
from .spanned import SpannedText

_VOWELS = {
    "ㅏ": "a", "ㅐ": "ɛ", "ㅑ": "ja", "ㅒ": "jɛ", "ㅓ": "ʌ", "ㅔ": "e", "ㅕ": "jʌ", "ㅖ": "je", "ㅗ": "o", "ㅘ": "wa",
    "ㅙ": "wɛ", "ㅚ": "we", "ㅛ": "jo", "ㅜ": "u", "ㅝ": "wʌ", "ㅞ": "we", "ㅟ": "wi", "ㅠ": "ju", "ㅡ": "ɯ", "ㅢ": "ɰi",
    "ㅣ": "i",
}  # fmt: skip
_PLAIN = {"ㄱ": "k", "ㄷ": "t", "ㅂ": "p", "ㅈ": "ʨ"}
_VOICED = {"ㄱ": "ɡ", "ㄷ": "d", "ㅂ": "b", "ㅈ": "ʥ"}
_ONSETS = {
    "ㄲ": "k", "ㄸ": "t", "ㅃ": "p", "ㅉ": "ʨ", "ㅋ": "kʰ", "ㅌ": "tʰ", "ㅍ": "pʰ", "ㅊ": "ʨʰ", "ㄴ": "n", "ㅁ": "m", "ㅅ": "s",
    "ㅆ": "s", "ㅎ": "h", "ㅇ": "", "ㄹ": "ɾ",
}  # fmt: skip
_CODAS = {"": "", "ㄱ": "k", "ㄴ": "n", "ㄷ": "t", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ŋ"}
_TENSE = frozenset("ㄲㄸㅃㅉㅆ")
_FRONTING = frozenset("ㅣㅑㅕㅛㅠㅟㅖㅒ")
_TOKEN = re.compile("[가-힣]{1,100}(?: [가-힣]{1,100}){0,6}|[^가-힣 ]")
_JAMO_NAMES = dict(
    zip(
        "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
        [
            "기역",
            "니은",
            "디귿",
            "리을",
            "미음",
            "비읍",
            "시옷",
            "이응",
            "지읒",
            "치읓",
            "키읔",
            "티읕",
            "피읖",
            "히읗",
        ],
        strict=True,
    )
)


def read(text: SpannedText) -> list[Word]:
    """The words of a stretch of hangul; blanks part them, a letter standing alone is called by its name."""
    words: list[Word] = []
    for match in _TOKEN.finditer(text.text):
        token = text.slice(match.start(), match.end())
        words += _phrase(token) if hangul.is_block(token.text[0]) else _letter(token)
    return words


def _letter(token: SpannedText) -> list[Word]:
    name = _JAMO_NAMES.get(token.text, "")
    alias = SpannedText(name, token.starts * len(name), token.ends * len(name))
    return [Word(token.text, "ko", word.units) for word in _phrase(alias)]


def _phrase(text: SpannedText) -> list[Word]:
    """Words said together: their borders take part in the changes of sound."""
    blocks = hangul.said(text.text)
    words: list[Word] = []
    units: list[Unit] = []
    at, word_start = 0, 0
    for index, char in enumerate(text.text + " "):
        if char == " ":
            if units:
                words.append(Word(text.text[word_start:index], "ko", tuple(units)))
            units, word_start = [], index + 1
            continue
        before = blocks[at - 1] if at else None
        sound = (
            _onset(blocks[at], before)
            + _VOWELS[blocks[at][1]]
            + _coda(blocks[at], blocks[at + 1 : at + 2])
        )
        units.append(Unit(text.starts[index], text.ends[index], hangul.join(blocks[at]), sound))
        at += 1
    return words


def _onset(block: list[str], before: list[str] | None) -> str:
    onset = block[0]
    if onset in _PLAIN:
        sonorant = before is not None and before[2] in ("", "ㄴ", "ㅁ", "ㅇ", "ㄹ")
        return _VOICED[onset] if sonorant else _PLAIN[onset]
    sound = _ONSETS[onset]
    if onset in "ㅅㅆ" and block[1] in _FRONTING:
        sound = "ɕ"
    if onset == "ㄹ" and before is not None and before[2] == "ㄹ":
        return "l"
    if onset in _TENSE and before is not None and not before[2]:
        return "ʔ" + sound  # the closure of a tense consonant, as the model knows it from っ
    return sound


def _coda(block: list[str], following: list[list[str]]) -> str:
    if block[2] == "ㄹ" and following and following[0][0] == "ㄹ":
        return "l"
    return _CODAS[block[2]]
