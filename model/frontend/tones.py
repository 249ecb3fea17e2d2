"""Tone sandhi of Mandarin: 一, 不 and third tones, as spoken; the dictionary's tones go in.

Rules after Chao, *A Grammar of Spoken Chinese* (1968), §1.3.3, and Duanmu (2007), ch. 11.
"""

from __future__ import annotations

from collections.abc import Sequence

_DIGITS = frozenset("零〇一二三四五六七八九十幺")
_RANKS = frozenset("月日号楼班级等")  # 一月, 一楼: the first, not one
# A 一 that closes these words is not the numeral before a measure.
_CLOSING = frozenset(
    {
        "统一",
        "唯一",
        "周一",
        "期一",
        "万一",
        "单一",
        "专一",
        "归一",
        "划一",
        "合一",
        "之一",
        "如一",
        "初一",
        "不一",
    }
)


def spoken_tones(
    chars: str, words: Sequence[tuple[int, int]], pinyin: Sequence[str], given: frozenset[int]
) -> list[str]:
    """Pinyin with the tones of running speech.

    ``words`` are ``[start, end)`` over ``chars``; syllables at the indices ``given`` were fixed by the writer, so
    一 and 不 keep the tone asked for there (third tones before third tones still change: nobody writes that).
    """
    said = list(pinyin)
    for start, end in words:
        for index in range(start, end):
            if index in given:
                continue
            if chars[index] == "不" and said[index] == "bu4":
                said[index] = _bu(chars, said, index)
            elif chars[index] == "一" and said[index] == "yi1":
                said[index] = _yi(chars, said, index, end)
    _third_tones(words, said)
    return said


def _bu(chars: str, said: Sequence[str], index: int) -> str:
    before, after = chars[index - 1 : index], chars[index + 1 : index + 2]
    if before and before == after:  # 好不好
        return "bu5"
    return "bu2" if after and said[index + 1].endswith("4") else "bu4"


def _yi(chars: str, said: Sequence[str], index: int, word_end: int) -> str:
    before, after = chars[index - 1 : index] if index else "", chars[index + 1 : index + 2]
    if before and before == after and before not in _DIGITS:  # 看一看
        return "yi5"
    if not after or before and before in "第十百千零〇点" or before and before in _DIGITS:
        return "yi1"
    if after in _DIGITS or after in _RANKS:
        return "yi1"
    if word_end == index + 1 and before and chars[index - 1 : index + 1] in _CLOSING:
        return "yi1"
    if after == "个" or said[index + 1].endswith("4"):
        return "yi2"
    return "yi4" if said[index + 1][-1] in "123" else "yi1"


def _third_tones(words: Sequence[tuple[int, int]], said: list[str]) -> None:
    for start, end in words:
        _within(said, start, end)
    for (first, end), (start, stop) in zip(words, words[1:], strict=False):
        close = stop - start == 1 or end - first <= 2  # a long word stays apart from a long one
        if close and end == start and said[end - 1].endswith("3") and said[start].endswith("3"):
            said[end - 1] = said[end - 1][:-1] + "2"


def _within(said: list[str], start: int, end: int) -> None:
    """Inside a word, every third tone before a third tone rises."""
    for index in range(start, end - 1):
        if said[index].endswith("3") and said[index + 1].endswith("3"):
            said[index] = said[index][:-1] + "2"
