"""Which script a character is of, and what its spelling says about the language."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Literal

Script = Literal["han", "kana", "hangul", "latin", "digit", "space", "mark", "other"]

# Characters Japanese can write but hardly does outside of words with kana or of learned compounds.
_ZH_STRICT = frozenset("你她它很吗呢吧们哪怎咱俺嘛呀哦啦噢嗯啥找吃喝您爸")
_ZH_LIKELY = frozenset("的了是我他那什没把被跟都也不去来在有就到看想要能")
_VOICES = (
    ("CYRILLIC", "ru"), ("GREEK", "el"), ("ARABIC", "ar"), ("HEBREW", "he"), ("THAI", "th"), ("DEVANAGARI", "hi"),
    ("ARMENIAN", "hy"), ("GEORGIAN", "ka"), ("BENGALI", "bn"), ("TAMIL", "ta"), ("TELUGU", "te"), ("GUJARATI", "gu"),
)  # fmt: skip


@lru_cache(maxsize=16384)
def script(char: str) -> Script:
    """The script of one character."""
    if "a" <= char <= "z" or "A" <= char <= "Z":
        return "latin"
    if "0" <= char <= "9":
        return "digit"
    if char == " ":
        return "space"
    if (
        "\u4e00" <= char <= "\u9fff"
        or char in "〇々㐂"
        or "\u3400" <= char <= "\u4dbf"
        or char >= "\U00020000"
        and char < "\U000323b0"
    ):
        return "han"
    if "\uf900" <= char <= "\ufaff":
        return "han"
    if (
        "\u3041" <= char <= "\u3096"
        or "\u30a1" <= char <= "\u30ff"
        and char != "・"
        or "\u31f0" <= char <= "\u31ff"
    ):
        return "kana"
    if "\uac00" <= char <= "\ud7a3" or "\u3131" <= char <= "\u318e" or "\u1100" <= char <= "\u11ff":
        return "hangul"
    if not char.isalpha():
        return "mark"
    return "latin" if unicodedata.name(char, "").startswith("LATIN") else "other"


@lru_cache(maxsize=4096)
def spelling(char: str) -> int:
    """2 for a hanzi only Chinese writes, 1 for one it writes far more, -1 for one only Japanese writes, else 0.

    The national character sets tell: GB 2312 has the simplified forms, JIS X 0208 the Japanese ones.
    """
    if char in _ZH_STRICT:
        return 2
    if char in "々込働峠畑匂枠躾辻凪":
        return -1
    chinese, japanese = _encodes(char, "gb2312"), _encodes(char, "euc_jp")
    if chinese and not japanese:
        return 2
    if char in _ZH_LIKELY:
        return 1
    if japanese and not chinese and not _encodes(char, "big5"):
        return -1
    return 0


def _encodes(char: str, charset: str) -> bool:
    try:
        return len(char.encode(charset)) == 2  # three bytes in EUC-JP: JIS X 0212, not in daily use
    except UnicodeEncodeError:
        return False


@lru_cache(maxsize=4096)
def voice_of(char: str) -> str:
    """The espeak-ng voice for a letter of another script; empty when there is none."""
    name = unicodedata.name(char, "")
    return next((voice for prefix, voice in _VOICES if name.startswith(prefix)), "")
