"""Where one language ends and the next begins, in a line that mixes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .scripts import script, spelling

Spoken = Literal["zh", "en", "ja", "ko"]

_BORDER = re.compile(r"[,，、.。!！?？;；:：…\n()（）「」『』“”\"《》〈〉【】\[\]—~～]+")
_SENTENCE_END = frozenset("。!！?？\n")
_ENGLISH_STRETCH = re.compile(r"[A-Za-z][A-Za-z'’]{0,60}(?:[ \-]{1,3}(?:[A-Za-z][A-Za-z'’]{0,60}|[$£]?\d[\d,.:%]{0,20})){2,400}")
_WORD = re.compile(r"[A-Za-z]{2,}")


@dataclass(slots=True)
class Region:
    """``text[start:end]`` is normalised as ``language``; foreign words inside it are still said in their own."""

    start: int
    end: int
    language: Spoken


@dataclass(slots=True)
class _Clause:
    start: int
    end: int
    language: Spoken | None
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
    clauses = _clauses(text, start, end, asked)
    _settle(clauses, asked)
    found: list[Region] = []
    for clause in clauses:
        found += _with_english(text, clause)
    return found


def _clauses(text: str, start: int, end: int, asked: str) -> list[_Clause]:
    found: list[_Clause] = []
    at = start
    for border in _BORDER.finditer(text, start, end):
        sentence = any(char in _SENTENCE_END for char in border.group())
        found.append(_Clause(at, border.end(), _clause_language(text[at : border.start()], asked), sentence))
        at = border.end()
    if at < end:
        found.append(_Clause(at, end, _clause_language(text[at:end], asked), True))
    return found


def _clause_language(clause: str, asked: str) -> Spoken | None:
    """The language of one clause; None where the neighbours must tell."""
    counts = {"han": 0, "kana": 0, "hangul": 0, "latin": 0}
    leaning = 0
    for char in clause:
        kind = script(char)
        if kind in counts:
            counts[kind] += 1
        if kind == "han":
            leaning += spelling(char)
    if counts["hangul"]:
        return "ko" if counts["hangul"] * 2 >= counts["han"] + counts["kana"] else _han(counts, leaning, asked)
    if counts["han"]:
        return _han(counts, leaning, asked)
    if counts["kana"]:
        return "ja"
    if counts["latin"]:
        return "en" if len(_WORD.findall(clause)) >= 2 or asked == "en" else None
    return None


def _han(counts: dict[str, int], leaning: int, asked: str) -> Spoken | None:
    if asked == "zh" or asked == "ja":
        return asked
    decorative = counts["kana"] == 1 and leaning > 0  # 超好吃の拉面
    if counts["kana"] and not decorative:
        return "ja" if leaning <= counts["kana"] else "zh"
    if leaning:
        return "zh" if leaning > 0 else "ja"
    return None


def _settle(clauses: list[_Clause], asked: str) -> None:
    """Clauses that do not tell take after their sentence, then after the text, then after what was asked."""
    last: Spoken | None = None
    fresh = True
    for clause in clauses:
        if clause.language is None and last is not None and not fresh:
            clause.language = last
        if clause.language is not None:
            last, fresh = clause.language, False
        fresh = fresh or clause.ends_sentence
    following: Spoken | None = None
    for clause in reversed(clauses):
        if clause.ends_sentence and clause.language is None:
            following = None
        if clause.language is None:
            clause.language = following
        following = clause.language
    default = _default(clauses, asked)
    for clause in clauses:
        clause.language = clause.language or default


def _default(clauses: list[_Clause], asked: str) -> Spoken | None:
    if asked in ("zh", "en", "ja", "ko"):
        return asked  # type: ignore[return-value]
    known = [clause.language for clause in clauses if clause.language is not None]
    return max(known, key=known.count) if known else None


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
