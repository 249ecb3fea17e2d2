"""Hanzi to pinyin by context, and pinyin to phonemes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from . import pinyin, polyphones, tones
from .reading import Unit, Word
from .spanned import SpannedText

# A 儿 is a syllable of its own after these characters, before those, and at the end of these words.
_OWN_SYLLABLE_AFTER = frozenset("女婴幼孤胎健男宠弃妻患育产小")
_CHILD_BEFORE = ("子", "女", "童", "时", "歌", "科", "媳", "孙")
_SYLLABIC = frozenset(
    {"混血儿", "幸运儿", "新生儿", "低能儿", "早产儿", "流浪儿", "少儿", "托儿", "特困儿"}
)
_LONGEST = 2000  # characters looked at in one go; nothing in a language reaches that far


class Mandarin:
    """Reads runs of hanzi. Loading takes most of a second; use one for the process."""

    def __init__(self) -> None:
        import jieba
        from pypinyin import Style, lazy_pinyin
        from pypinyin.constants import PHRASES_DICT

        jieba.setLogLevel(logging.ERROR)
        self._tokenizer = jieba.Tokenizer()
        self._tokenizer.initialize()
        self._phrases = PHRASES_DICT
        self._words = polyphones.words()
        self._neutral = polyphones.neutral()
        for word in [*self._words, *self._neutral]:
            if word not in self._tokenizer.FREQ:
                self._tokenizer.add_word(word)
        unknown: Any = _unknown
        self._lookup: Callable[[str], list[str]] = lambda word: lazy_pinyin(
            word, style=Style.TONE3, neutral_tone_with_five=True, v_to_u=True, errors=unknown
        )

    def read(self, text: SpannedText, given: Mapping[int, str]) -> list[Word]:
        """Words of a run of hanzi; ``given`` maps source places to the pinyin the writer asked for."""
        words: list[Word] = []
        for start in range(0, len(text), _LONGEST):
            words += self._read(text.slice(start, start + _LONGEST), given)
        return words

    def _read(self, text: SpannedText, given: Mapping[int, str]) -> list[Word]:
        borders = self._cut(text.text)
        syllables: list[str] = []
        for start, end in borders:
            syllables += self._in_context(text.text, start, end)
        fixed = {i: given[place] for i, place in enumerate(text.starts) if place in given}
        for index, syllable in fixed.items():
            syllables[index] = syllable
        erhua = self._erhua(text.text, borders, fixed)
        for index in erhua:
            syllables[index] = "r5"
        said = tones.spoken_tones(
            text.text, self._feet(text.text, borders), syllables, frozenset(fixed)
        )
        sounds = [pinyin.phonemes(syllable) if syllable else "" for syllable in said]
        for index in erhua:
            sounds[index - 1] = pinyin.rhotacised(said[index - 1])
        return [_word(text, start, end, syllables, sounds) for start, end in borders]

    def _erhua(
        self, chars: str, borders: list[tuple[int, int]], fixed: dict[int, str]
    ) -> list[int]:
        """Places of a 儿 that only colours the syllable before it: a 儿 that ends a word, or stands behind one."""
        found = []
        for start, end in borders:
            index = end - 1
            if (
                chars[index] != "儿"
                or index == 0
                or index in fixed
                or chars[index - 1] in _OWN_SYLLABLE_AFTER
            ):
                continue
            alone = start == index
            if (
                alone
                and chars[end : end + 1] not in _CHILD_BEFORE
                or not alone
                and chars[start:end] not in _SYLLABIC
            ):
                found.append(index)
        return found

    def _feet(self, chars: str, borders: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Words as third-tone sandhi takes them: 小老虎 is 小 and 老虎, 展览馆 is one."""
        feet: list[tuple[int, int]] = []
        for start, end in borders:
            word = chars[start:end]
            if (
                len(word) == 3
                and self._tokenizer.FREQ.get(word[1:])
                and not self._tokenizer.FREQ.get(word[:2])
            ):
                feet += [(start, start + 1), (start + 1, end)]
            else:
                feet.append((start, end))
        return feet

    def _cut(self, chars: str) -> list[tuple[int, int]]:
        borders, at = [], 0
        for word in self._tokenizer.cut(chars):
            borders.append((at, at + len(word)))
            at += len(word)
        return borders

    def _in_context(self, chars: str, start: int, end: int) -> list[str]:
        """Pinyin of one word: listed words first, then rules of context, then the general dictionary."""
        word = chars[start:end]
        listed = self._listed(word)
        found = self._general(word)
        for offset in range(len(word)):
            if listed.get(offset):
                found[offset] = listed[offset]
                continue
            decided = polyphones.in_context(chars, start + offset)
            if decided is not None and (decided[1] or word not in self._phrases):
                found[offset] = decided[0]
        return found

    def _listed(self, word: str) -> dict[int, str]:
        """Syllables that the word list or the list of neutral endings settles, by their place in the word."""
        if word in self._words:
            return dict(enumerate(self._words[word]))
        settled: dict[int, str] = {}
        for size in (4, 3, 2):
            for start in range(len(word) - size + 1):
                part = self._words.get(word[start : start + size])
                if part is not None and not any(i in settled for i in range(start, start + size)):
                    settled |= dict(enumerate(part, start))
        for end in (2, len(word)):
            if (
                len(word) >= end >= 2
                and word[end - 2 : end] in self._neutral
                and end - 1 not in settled
            ):
                settled[end - 1] = self._general(word[end - 1])[0][:-1] + "5"
        return settled

    def _general(self, word: str) -> list[str]:
        """pypinyin's reading, with the dictionary's tones for 一 and 不."""
        found = self._lookup(word)
        if len(found) != len(word):
            found = [self._lookup(char)[0] for char in word]
        return [
            "yi1" if c == "一" else "bu4" if c == "不" else s
            for c, s in zip(word, found, strict=True)
        ]


def _unknown(chars: str) -> list[str]:
    return ["" for _ in chars]


def _word(text: SpannedText, start: int, end: int, syllables: list[str], sounds: list[str]) -> Word:
    units = [Unit(text.starts[i], text.ends[i], syllables[i], sounds[i]) for i in range(start, end)]
    return Word(text.text[start:end], "zh", tuple(units))


_loading = threading.Lock()
_mandarin: Mandarin | None = None


def mandarin() -> Mandarin:
    """The process's reader of hanzi, loaded on the first call."""
    global _mandarin
    with _loading:
        if _mandarin is None:
            _mandarin = Mandarin()
        return _mandarin
