"""Kana in brackets behind kanji, ``漢字(かんじ)``: how the writer wants them read, not something to be said again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import japanese, kana
from .markup import Cut, Marked
from .scripts import spelling

_BEHIND_KANJI = re.compile(
    r"(?P<kanji>[\u4e00-\u9fff々〆ヶ]{1,12})(?P<brackets>[(（《](?P<kana>[\u3041-\u3096\u30a1-\u30faー・\s]{1,40})[)）》])"
)
_ANSWERS = frozenset({"はい", "いいえ", "うん", "ううん", "うそ", "ほんと", "ええ", "あれ"})
"""Asides that are said, not readings."""


def take_in(marked: Marked) -> None:
    """Take the kana out of ``marked.text``; kanji that would be read otherwise give way to them."""
    marked.replace(_cuts(marked.text.text))


def _cuts(text: str) -> Iterator[Cut]:
    for match in _BEHIND_KANJI.finditer(text):
        sound = re.sub(r"[・\s]", "", match["kana"])
        if not _is_reading(sound, match["kanji"]):
            continue
        start, until, end = match.start(), match.end("kanji"), match.end()
        if _read_so(match["kanji"], sound):
            yield Cut(until, end, "", end)
        else:
            yield Cut(start, end, sound, until)


def _is_reading(sound: str, kanji: str) -> bool:
    """Each kanji has a mora or more and seldom above four, and none is one that only Chinese writes."""
    moras = len(kana.moras(kana.hiragana(sound)))
    fits = len(kanji) <= moras <= 5 * len(kanji)
    return fits and sound not in _ANSWERS and all(spelling(char) < 2 for char in kanji)


def _read_so(kanji: str, sound: str) -> bool:
    """Whether the kanji, or the last of them (東京都知事(ちじ)), are read so anyway."""
    wanted = kana.sounded(sound)
    return any(kana.sounded(japanese.sound(kanji[start:])) == wanted for start in range(len(kanji)))
