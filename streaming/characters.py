"""What a character is to speech: how long it sounds, which script it is of, whether it belongs to the one before."""

from __future__ import annotations

import unicodedata
from enum import Enum
from functools import lru_cache

MAX_LOOK_BACK = 64
"""How far any rule looks back; runs longer than this are not text."""


class Script(Enum):
    """As far as cutting text is concerned."""

    HAN = "han"
    HIRAGANA = "hiragana"
    KATAKANA = "katakana"
    HANGUL = "hangul"
    DIGIT = "digit"
    LETTER = "letter"
    SYMBOL = "symbol"
    OTHER = "other"


# Rough length of one character at a host's pace, to count a segment by its sound and not by its spelling: Mandarin and
# Korean have about 5 syllables a second, Japanese 8 morae, English 15 letters.
_SPEECH_MS = {
    Script.HAN: 200,
    Script.HIRAGANA: 120,
    Script.KATAKANA: 120,
    Script.HANGUL: 180,
    Script.DIGIT: 200,
    Script.LETTER: 65,
    Script.SYMBOL: 200,
    Script.OTHER: 0,
}
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
_SPOKEN_SIGNS = set("+−×÷=%‰％＋＝°&＆@＠")


@lru_cache(maxsize=8192)
def script_of(char: str) -> Script:
    """The script of one character; signs that are read out are symbols, punctuation and spaces are other."""
    code = ord(char)
    if char in "々〇〆" or any(low <= code <= high for low, high in _HAN):
        return Script.HAN
    category = unicodedata.category(char)
    if 0x3041 <= code <= 0x309F and category[0] == "L":
        return Script.HIRAGANA
    if (0x30A1 <= code <= 0x30FF or 0xFF66 <= code <= 0xFF9D) and category[0] == "L":
        return Script.KATAKANA
    if 0xAC00 <= code <= 0xD7A3 or 0x1100 <= code <= 0x11FF or 0x3131 <= code <= 0x318E:
        return Script.HANGUL
    if category[0] == "N":
        return Script.DIGIT
    if category[0] == "L":
        return Script.LETTER
    if category in {"So", "Sc"} or char in _SPOKEN_SIGNS:
        return Script.SYMBOL
    return Script.OTHER


def speech_ms(char: str) -> int:
    """About how long the character sounds; 0 for what is not read out."""
    return _SPEECH_MS[script_of(char)]


CJK = frozenset({Script.HAN, Script.HIRAGANA, Script.KATAKANA, Script.HANGUL})


@lru_cache(maxsize=8192)
def _extends(char: str) -> bool:
    code = ord(char)
    return (
        unicodedata.category(char) in {"Mn", "Me", "Mc"}
        or code in {0x200C, 0x200D, 0xFF9E, 0xFF9F}
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
        or 0x1160 <= code <= 0x11FF
        or 0xD7B0 <= code <= 0xD7FB
    )


def _is_flag_half(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF


def joined(text: str, at: int) -> bool:
    """Whether ``text[at - 1]`` and ``text[at]`` are parts of one character as people see it (UAX #29, shortened)."""
    before, after = text[at - 1], text[at]
    if _extends(after) or before == "\u200d" or (before == "\r" and after == "\n"):
        return True
    if 0x1100 <= ord(before) <= 0x115F and script_of(after) is Script.HANGUL:
        return True
    if not (_is_flag_half(before) and _is_flag_half(after)):
        return False
    run = 0
    while run < min(at, MAX_LOOK_BACK) and _is_flag_half(text[at - 1 - run]):
        run += 1
    return run % 2 == 1
