"""One spelling for what is written in many: width, case, script variants, and letters inside a syllable."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_SEPARATORS = str.maketrans(
    {"-": " ", "_": " ", "’": "'", "‘": "'", "`": "'", "\t": " ", "\n": ","}
)
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_REPEATED_MARK = re.compile(r"([ー~!?.…])\1+")
_LAUGHED = re.compile(r"(.)\1{3,}")
_CJK = "\u3040-\u30ff\u3400-\u9fff\u1100-\u11ff\u3131-\u318e"
_GAP = re.compile(rf"(?<=[{_CJK}]) +(?=[{_CJK}])")


@dataclass(frozen=True, slots=True)
class Folded:
    """``text`` as it is matched; ``starts`` are the places where a written word begins, gaps closed or not."""

    text: str
    starts: frozenset[int]

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages whose words may stand in the text, the likeliest first; told by script alone."""
        found = []
        if re.search("[\u1100-\u11ff]", self.text):
            found.append("ko")
        if re.search("[\u3041-\u309f]", self.text):
            found.append("ja")
        if re.search("[\u3400-\u9fff]", self.text):
            found.extend(("zh", "ja") if "ja" not in found else ("zh",) if "ko" in found else ())
        if re.search("[a-z]", self.text):
            found.append("en")
        return (*found, "any")


@cache
def _simplified() -> dict[int, str]:
    pairs = (files(__package__) / "data/traditional.txt").read_text(encoding="utf-8").split()
    return {ord(pair[0]): pair[1] for pair in pairs}


def _letters(text: str) -> str:
    """Case, width and script variants made one; hangul taken apart; what has no shape dropped."""
    text = unicodedata.normalize("NFKC", text).lower().translate(_SEPARATORS)
    text = text.translate(_HIRAGANA).translate(_simplified())
    kept = (c for c in text if unicodedata.category(c)[0] != "C" and not "\ufe00" <= c <= "\ufe0f")
    return "".join(unicodedata.normalize("NFD", c) if "가" <= c <= "힣" else c for c in kept)


def fold(text: str) -> Folded:
    """Fold a description, or an entry of the lexicon, so that equal words are equal strings.

    Katakana becomes hiragana, traditional characters simplified ones, a hangul syllable its letters (so that a
    stem is a prefix of its inflected forms), and spaces between CJK letters vanish.
    """
    text = _REPEATED_MARK.sub(r"\1", _letters(text))
    text = re.sub(r"\s+", " ", _LAUGHED.sub(r"\1\1\1", text)).strip()
    pieces: list[str] = []
    starts: set[int] = set()
    length = 0
    for piece in _GAP.split(text):
        starts.update(length + i for i in range(len(piece)) if i == 0 or not piece[i - 1].isalnum())
        pieces.append(piece)
        length += len(piece)
    return Folded("".join(pieces), frozenset(starts))
