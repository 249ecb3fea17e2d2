"""Where text may be cut for speaking: the strength of the border at a place.

A border is decided by the text before it and at most two characters after it, never by when they came.
"""

from __future__ import annotations

import re
from enum import IntEnum

from .characters import CJK, MAX_LOOK_BACK, Script, joined, script_of


class Border(IntEnum):
    """How good a place for a cut is; ``NEVER`` is inside something that is read as one."""

    NEVER = 0
    UGLY = 1
    WORD = 2
    LIST = 3
    CLAUSE = 4
    SENTENCE = 5


_NOW: dict[str, Border] = {
    **dict.fromkeys("。！？!?｡\n\u2028\u2029", Border.SENTENCE),
    **dict.fromkeys("，,;；：:…—､", Border.CLAUSE),
    "、": Border.LIST,
}
"""Marks after which a border stands at once, unless the rules below ask for the next character."""
MARKS = frozenset(_NOW) | {".", "．"}
OPENERS = frozenset("([{（［｛〔【〈《「『“‘<＜¿¡")
CLOSERS = frozenset(")]}）］｝〕】〉》」』”’>＞\"'")
_WAITING = frozenset(",!?;:，：—")
_CLOSED_BY = frozenset("\"')]}")
_URL = re.compile(r"://|^www\.|@|/", re.IGNORECASE)
_KANA = re.compile(r"[ぁ-ヿ]")
_ABBREVIATION = re.compile(
    r"(?:^|[^A-Za-z.])(?:[A-Za-z](?:\.[A-Za-z])*|mr|mrs|ms|dr|prof|st|jr|sr|vs|etc|eg|ie|cf|al|fig|figs|no|nos|vol|"
    r"pp|ed|eds|inc|ltd|co|corp|gen|col|lt|sgt|capt|rev|hon|rep|sen|gov|pres|mt|ft|ave|blvd|rd|dept|est|approx|"
    r"jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|ph\.d)\Z",
    re.IGNORECASE,
)
_ONE_LETTER = re.compile(r"(?:^|[^A-Za-z.])I\Z")
_LIST_NUMBER = re.compile(r"(?:\A|\n)[ \t]*\d{1,3}\Z")
_PINYIN = re.compile(r"[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]\S*\s\Z", re.IGNORECASE)
_OPEN_BRACKET = re.compile(r"[(（][^()（）]{0,40}\Z")
_NUMERALS = frozenset("零〇一二两三四五六七八九十百千万亿兆第")
_SMALL_KANA = frozenset("ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮーｰ")
# Particles that end a word, except before these.
_PARTICLES = {
    "的": "确士",
    "了": "解",
    "着": "急陆手重",
    "过": "去程来年度分敏渡滤",
    "吗": "",
    "呢": "",
    "吧": "",
}
_LINKS = frozenset(
    {
        "但是", "因为", "所以", "然后", "如果", "而且", "不过", "可是", "虽然",
        "或者", "就是", "于是", "还有", "以及", "并且", "因此", "只要", "只有",
        "不管", "无论", "除了", "通过", "根据", "随着", "对于", "关于", "为了",
    }
)  # fmt: skip
_LINK_STARTS = frozenset(word[0] for word in _LINKS)


def border_at(text: str, at: int, *, final: bool = False) -> Border | None:
    """The border between ``text[at - 1]`` and ``text[at]``; None while it depends on what comes.

    Args:
        text: at least :data:`MAX_LOOK_BACK` characters before ``at``, or all there are.
        at: 1…len(text).
        final: whether ``text`` is complete.
    """
    before = text[at - 1]
    after = text[at] if at < len(text) else ""
    if not after and final:
        return Border.SENTENCE
    if before in MARKS:
        return _after_mark(text, at, before, after)
    if not after:
        return None
    if joined(text, at) or after in MARKS or after in CLOSERS or after.isspace():
        return Border.NEVER
    if before.isspace():
        return _after_space(text, at, after)
    if before in OPENERS:
        return Border.NEVER
    return _between(text, at, final=final)


def _after_mark(text: str, at: int, mark: str, after: str) -> Border | None:
    if at >= 2 and text[at - 2] in OPENERS:
        return Border.NEVER
    if mark in ".．":
        return _after_stop(text, at, after) if after else None
    if mark in _WAITING and (waits := _needs_next(text, at, mark)):
        if not after:
            return None
        if after.isdigit() if waits == "digit" else not _ends_token(after):
            return Border.NEVER
    if mark == "、" and _KANA.search(text, max(0, at - 12), at):
        return Border.CLAUSE
    return _NOW[mark]


def _needs_next(text: str, at: int, mark: str) -> str:
    """What the next character could show this mark to be inside of: a number, an address, or nothing."""
    if at >= 2 and text[at - 2].isdigit():
        return "token" if mark == ":" else "digit"
    if mark == ":" or (mark.isascii() and _URL.search(_token_before(text, at))):
        return "token"
    return ""


def _token_before(text: str, at: int) -> str:
    start = at
    while (
        start > max(0, at - MAX_LOOK_BACK)
        and text[start - 1].isascii()
        and not text[start - 1].isspace()
    ):
        start -= 1
    return text[start:at]


def _ends_token(after: str) -> bool:
    return after.isspace() or not after.isascii() or after in _CLOSED_BY


def _after_stop(text: str, at: int, after: str) -> Border:
    ellipsis = at >= 2 and text[at - 2] in ".．"
    if after.isspace() or after in CLOSERS:
        if ellipsis:
            return Border.CLAUSE
        return Border.NEVER if _stop_inside(text, at) else Border.SENTENCE
    if script_of(after) in CJK:
        return Border.CLAUSE if ellipsis else Border.SENTENCE
    if ellipsis and after.isalnum():
        return Border.CLAUSE
    return Border.NEVER


def _stop_inside(text: str, at: int) -> bool:
    """Whether the stop at ``at - 1`` belongs to an abbreviation or numbers a line."""
    before = text[max(0, at - 1 - MAX_LOOK_BACK) : at - 1]
    if _LIST_NUMBER.search(before):
        return True
    return bool(_ABBREVIATION.search(before[-12:])) and not _ONE_LETTER.search(before[-2:])


def _after_space(text: str, at: int, after: str) -> Border:
    start = max(0, at - MAX_LOOK_BACK)
    words = text[start:at].rstrip()
    if not words:
        return Border.NEVER
    if words[-1].isdigit() and after.isdigit():
        return Border.NEVER
    if words[-1] in ".．" and _stop_inside(words, len(words)):
        return Border.NEVER
    if _OPEN_BRACKET.search(words) or _PINYIN.search(words[-12:] + " "):
        return Border.UGLY
    return Border.WORD


def _between(text: str, at: int, *, final: bool) -> Border | None:
    before, after = text[at - 1], text[at]
    if after in OPENERS:
        return Border.UGLY
    left, right = script_of(before), script_of(after)
    if left not in CJK and right not in CJK:
        return _between_others(left, right)
    if Script.DIGIT in (left, right) or after in _SMALL_KANA or before in _NUMERALS:
        return Border.NEVER
    if left in CJK and right in CJK:
        return _between_cjk(text, at, left, right, final=final)
    if left is Script.LETTER:
        one = at < 2 or script_of(text[at - 2]) is not Script.LETTER
        return Border.UGLY if one else Border.WORD
    return Border.WORD if left is Script.SYMBOL or before in CLOSERS else Border.UGLY


def _between_others(left: Script, right: Script) -> Border:
    """Inside words, numbers and addresses nothing is cut; a row of signs may be."""
    return Border.UGLY if left is right is Script.SYMBOL else Border.NEVER


def _between_cjk(text: str, at: int, left: Script, right: Script, *, final: bool) -> Border | None:
    before, after = text[at - 1], text[at]
    if left is right and left in {Script.KATAKANA, Script.HANGUL}:
        return Border.NEVER
    if left is Script.HIRAGANA and right is not Script.HIRAGANA:
        return Border.UGLY if before in "おご" else Border.WORD
    if before == "を":
        return Border.WORD
    if left is right is Script.HAN and before in _PARTICLES:
        return Border.UGLY if after in _PARTICLES[before] else Border.WORD
    if after in _LINK_STARTS:
        if at + 1 >= len(text) and not final:
            return None
        return Border.WORD if text[at : at + 2] in _LINKS else Border.UGLY
    return Border.UGLY
