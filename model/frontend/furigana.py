"""Kana in brackets behind kanji, ``漢字(かんじ)``: how the writer wants them read, not something to be said again."""

from __future__ import annotations

import re

from . import japanese, kana
from .markup import Marked
from .scripts import spelling
from .spanned import SpannedBuilder

_BEHIND_KANJI = re.compile(
    r"(?P<kanji>[\u4e00-\u9fff々〆ヶ]{1,12})(?P<brackets>[(（《](?P<kana>[\u3041-\u3096\u30a1-\u30faー・\s]{1,40})[)）》])"
)
_ANSWERS = frozenset({"はい", "いいえ", "うん", "ううん", "うそ", "ほんと", "ええ", "あれ"})
"""Asides that are said, not readings."""


def take_in(marked: Marked) -> None:
    """Take the kana out of ``marked.text``; kanji that would be read otherwise give way to them."""
    text = marked.text
    built = SpannedBuilder(text)
    shifts: list[tuple[int, int]] = []
    done = length = 0
    for match in _BEHIND_KANJI.finditer(text.text):
        sound = re.sub(r"[・\s]", "", match["kana"])
        if not _is_reading(sound, match["kanji"]):
            continue
        end = match.end("kanji")
        built.copy(done, match.start())
        if _read_so(match["kanji"], sound):
            built.copy(match.start(), end)
            length += end - done
        else:
            built.say(sound, match.start(), end)
            length += match.start() - done + len(sound)
        done = match.end()
        shifts.append((done, length - done))
    if done:
        built.copy(done, len(text))
        marked.text = built.build()
        marked.move(shifts)


def _is_reading(sound: str, kanji: str) -> bool:
    """Each kanji has a mora or more and seldom above four, and none is one that only Chinese writes."""
    moras = len(kana.moras(kana.hiragana(sound)))
    fits = len(kanji) <= moras <= 5 * len(kanji)
    return fits and sound not in _ANSWERS and all(spelling(char) < 2 for char in kanji)


def _read_so(kanji: str, sound: str) -> bool:
    """Whether the kanji, or the last of them (東京都知事(ちじ)), are read so anyway."""
    wanted = kana.sounded(sound)
    return any(kana.sounded(japanese.sound(kanji[start:])) == wanted for start in range(len(kanji)))
