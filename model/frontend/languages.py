"""Where one language ends and the next begins, in a line that mixes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .scripts import Script, script, spelling

Spoken = Literal["zh", "en", "ja", "ko"]

# ASCII signs end a clause only where a word cannot go on behind them, as it does in 3.5 and in an address.
_WIDE = r"，、。！？；：…\n()（）「」『』“”\"《》〈〉【】\[\]—"
_ASCII_END = r"[.,:;!?]{1,8}(?=\s|$|[^\x00-\x7f])"
_BORDER = re.compile(rf"(?:[{_WIDE}]|{_ASCII_END})(?:[\s{_WIDE}]|{_ASCII_END})*")
_ADDRESS = re.compile(r"://|www\.|@\w")
_SENTENCE_END = frozenset("。!！?？\n")
_ENGLISH_STRETCH = re.compile(
    r"[A-Za-z][A-Za-z'’]{0,60}(?:[ \-]{1,3}(?:[A-Za-z][A-Za-z'’]{0,60}|[$£]?\d[\d,.:%]{0,20})){2,400}"
)
# Words in characters both languages have, that Japanese does not make.
_ZH_WORDS = re.compile(
    "今天|明天|昨天|可以|但是|没有|一个|不是|就是|好听|好看|好吃|我的|是的|也是|都是|那个|是不是|有没有|很好|太好|好的|(?<![国如])是(?![非正認])"
)
_WORD = re.compile(r"[A-Za-z]{2,}")


@dataclass(slots=True)
class Region:
    """``text[start:end]`` is normalised as ``language``; foreign words inside it are still said in their own."""

    start: int
    end: int
    language: Spoken


@dataclass(slots=True)
class _Clause:
    """``hint`` is what a clause looks like where nothing around it says otherwise."""

    start: int
    end: int
    language: Spoken | None
    hint: Spoken | None
    ends_sentence: bool


def regions(text: str, asked: str, fixed: Sequence[tuple[int, int, Spoken]] = ()) -> list[Region]:
    """The whole of ``text`` cut into regions; ``fixed`` ranges are of a language the writer gave.

    ``asked`` is ``auto`` or the language of scripts that do not tell (hanzi, digits, signs).
    """
    found: list[Region] = []
    at = 0
    for start, end, language in fixed:
        found += _free(text, at, start, asked)
        if end > start:
            found.append(Region(start, end, language))
        at = max(at, end)
    return _merged(found + _free(text, at, len(text), asked))


def _free(text: str, start: int, end: int, asked: str) -> list[Region]:
    if end <= start:
        return []
    clauses = [
        part for clause in _clauses(text, start, end) for part in _parted(text, clause, asked)
    ]
    _settle(clauses, asked)
    found: list[Region] = []
    for clause in clauses:
        found += _with_english(text, clause)
    return found


def _clauses(text: str, start: int, end: int) -> list[tuple[int, int, int, bool]]:
    """(start, end of the words, end of the signs behind, whether a sentence ends) of each clause."""
    found: list[tuple[int, int, int, bool]] = []
    at = start
    for border in _BORDER.finditer(text, start, end):
        sentence = any(char in _SENTENCE_END for char in border.group())
        found.append((at, border.start(), border.end(), sentence))
        at = border.end()
    if at < end:
        found.append((at, end, end, True))
    return found


def _parted(text: str, clause: tuple[int, int, int, bool], asked: str) -> list[_Clause]:
    """A clause as one, or as the Japanese and the Chinese in it where both show."""
    start, end, stop, sentence = clause
    kinds = [script(char) for char in text[start:end]]
    strict = [
        kind == "han" and spelling(char) > 1
        for kind, char in zip(kinds, text[start:end], strict=True)
    ]
    for word in _ZH_WORDS.finditer(text, start, end):
        strict[word.start() - start : word.end() - start] = [True] * len(word.group())
    if (
        asked in ("zh", "ja")
        or "kana" not in kinds
        or not any(strict)
        or _decorative(text[start:end], kinds)
    ):
        return [_whole(text, kinds, clause, asked)]
    japanese = _japanese_stretches(kinds, strict)
    parts: list[_Clause] = []
    at = 0
    for left, right in japanese:
        if left > at:
            parts.append(_Clause(start + at, start + left, "zh", None, False))
        parts.append(_Clause(start + left, start + right, "ja", None, False))
        at = right
    if at < end - start:
        parts.append(_Clause(start + at, end, "zh", None, False))
    parts[-1].end, parts[-1].ends_sentence = stop, sentence
    return parts


def _decorative(chars: str, kinds: list[Script]) -> bool:
    """超好吃の拉面: the one kana of Chinese shop signs."""
    return kinds.count("kana") == chars.count("の") == 1


def _japanese_stretches(kinds: list[Script], strict: list[bool]) -> list[tuple[int, int]]:
    """Kana with the kanji on both sides, up to a character that only Chinese writes."""
    found: list[tuple[int, int]] = []
    for index, kind in enumerate(kinds):
        if kind != "kana" or found and index < found[-1][1]:
            continue
        left, right = index, index + 1
        least = found[-1][1] if found else 0
        while left > least and kinds[left - 1] == "han" and not strict[left - 1]:
            left -= 1
        while right < len(kinds) and (
            kinds[right] == "kana" or kinds[right] == "han" and not strict[right]
        ):
            right += 1
        found.append((left, right))
    return found


def _whole(
    text: str, kinds: list[Script], clause: tuple[int, int, int, bool], asked: str
) -> _Clause:
    start, end, stop, sentence = clause
    count = {kind: kinds.count(kind) for kind in ("han", "kana", "hangul", "latin")}
    language: Spoken | None = None
    hint: Spoken | None = None
    if count["hangul"] and count["hangul"] * 2 >= count["han"] + count["kana"]:
        language = "ko"
    elif count["han"] and asked in ("zh", "ja"):
        language = "zh" if asked == "zh" else "ja"
    elif count["han"]:
        language, hint = _of_hanzi(text[start:end], count["kana"])
    elif count["kana"]:
        language = "ja"
    elif count["latin"] and (asked == "en" or _is_english(text[start:end])):
        language = "en"
    return _Clause(start, stop, language, hint, sentence)


def _is_english(clause: str) -> bool:
    """Two words make a language; one may be a name, and an address is of none."""
    return not _ADDRESS.search(clause) and len(_WORD.findall(clause)) >= 2


def _of_hanzi(chars: str, kana: int) -> tuple[Spoken | None, Spoken | None]:
    leanings = [spelling(char) for char in chars if script(char) == "han"]
    if kana:
        decorative = kana == 1 and "の" in chars and max(leanings) > 1
        return ("zh" if decorative else "ja"), None
    if max(leanings) > 1 or _ZH_WORDS.search(chars):
        return "zh", None
    if min(leanings) < 0:
        return "ja", None
    return None, "zh" if max(leanings) > 0 else None


def _settle(clauses: list[_Clause], asked: str) -> None:
    """Clauses that do not tell take after their sentence, then their hint, then the text, then what was asked."""
    sentence: list[_Clause] = []
    for clause in clauses:
        sentence.append(clause)
        if clause.ends_sentence:
            _settle_sentence(sentence)
            sentence = []
    _settle_sentence(sentence)
    default = _default(clauses, asked)
    for clause in clauses:
        clause.language = clause.language or default


def _settle_sentence(sentence: list[_Clause]) -> None:
    settled = {clause.language for clause in sentence}
    for clause in sentence:
        if clause.language is None and clause.hint in settled:
            clause.language = clause.hint
    for run in (sentence, sentence[::-1]):
        last: Spoken | None = None
        for clause in run:
            if clause.language is None and last in ("zh", "ja", "ko"):
                clause.language = last
            last = clause.language or last
    for clause in sentence:
        clause.language = clause.language or clause.hint


def _default(clauses: list[_Clause], asked: str) -> Spoken | None:
    if asked in ("zh", "en", "ja", "ko"):
        return asked  # type: ignore[return-value]
    known: list[Spoken] = [clause.language for clause in clauses if clause.language is not None]
    counted = Counter(sorted(known)).most_common(1)
    return counted[0][0] if counted else None


def _with_english(text: str, clause: _Clause) -> list[Region]:
    """A stretch of three English words or more inside another language is English, its numbers too."""
    chars = text[clause.start : clause.end]
    if clause.language is None:
        clause.language = "zh" if any(script(c) == "han" for c in chars) else "en"
    if clause.language == "en":
        return [Region(clause.start, clause.end, "en")]
    found: list[Region] = []
    at = clause.start
    for stretch in _ENGLISH_STRETCH.finditer(text, clause.start, clause.end):
        if len(_WORD.findall(stretch.group())) >= 3:
            found.append(Region(at, stretch.start(), clause.language))
            found.append(Region(stretch.start(), stretch.end(), "en"))
            at = stretch.end()
    found.append(Region(at, clause.end, clause.language))
    return [region for region in found if region.end > region.start]


def _merged(found: list[Region]) -> list[Region]:
    merged: list[Region] = []
    for region in found:
        if merged and merged[-1].language == region.language and merged[-1].end == region.start:
            merged[-1].end = region.end
        else:
            merged.append(region)
    return merged
