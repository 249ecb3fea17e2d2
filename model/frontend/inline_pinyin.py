"""Pinyin written behind the characters it belongs to: ``行xíng``, ``踏青(tà qīng)``, ``行(xing2)``."""

from __future__ import annotations

import re

from . import pinyin
from .heteronyms import readings
from .markup import Marked
from .spanned import SpannedText

_LETTER = "A-Za-zÀ-ÖØ-öø-ÿĀ-ǜḿ"
_RUN = r"(?P<chars>[\u3400-\u9fff〇]{1,16})"
_BRACKETED = re.compile(
    rf"{_RUN}\s?[(\[（［【〔｛{{](?P<sound>[{_LETTER}0-5:'’·\s,，/\-]{{1,120}})[)\]）］】〕｝}}]"
)
_BARE = re.compile(
    rf"{_RUN}(?P<sound>[{_LETTER}:]{{1,40}}[1-5]?(?![0-9.%])(?:[ '’][{_LETTER}:]{{1,12}}[1-5]?(?![0-9{_LETTER}.%])){{0,15}})"
)
_CANDIDATE = re.compile(rf"[\u3400-\u9fff〇]\s?(?:[(\[（［【〔｛{{]\s?)?[{_LETTER}]")
_ONLY_PINYIN = re.compile(r"[āēīōūǖǎěǐǒǔǚǘǜ]", re.IGNORECASE)
_MARKED = re.compile(r"[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ]", re.IGNORECASE)


def take_in(marked: Marked) -> None:
    """Move the pinyin written in ``marked.text`` to ``marked.given``; it is not said itself."""
    text = marked.text
    if not _CANDIDATE.search(text.text):
        return
    removed: list[tuple[int, int]] = []
    at = 0
    while (match := _next(text.text, at)) is not None:
        end = _bracketed(match, marked) if match.re is _BRACKETED else _bare(match, marked)
        if end:
            removed.append((match.end("chars"), end))
        at = end or match.end("chars")
    if removed:
        marked.text = _without(text, removed)
        total, moved = 0, []
        for start, end in removed:
            total -= end - start
            moved.append((end, total))
        marked.move(moved)


def _next(text: str, at: int) -> re.Match[str] | None:
    """The next run of hanzi with letters behind it."""
    candidate = _CANDIDATE.search(text, at)
    while candidate is not None:
        start = candidate.start()
        while start > at and start > candidate.start() - 15 and _is_han(text[start - 1]):
            start -= 1
        match = _BRACKETED.match(text, start) or _BARE.match(text, start)
        if match is not None:
            return match
        candidate = _CANDIDATE.search(text, candidate.start() + 1)
    return None


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or char == "〇"


def _bracketed(match: re.Match[str], marked: Marked) -> int:
    sound = re.sub(r"[，,/]", " ", match["sound"])
    found = _fit(sound, match["chars"])
    if found is None:
        if not _meant(sound, match["chars"]):
            return 0
        marked.warn(
            f"{sound.strip()[:40]!r} is no pinyin for {match['chars'][-8:]!r}; read as usual"
        )
        return match.end()
    _give(marked, match.end("chars"), found)
    return match.end()


def _bare(match: re.Match[str], marked: Marked) -> int:
    """Without brackets only syllables with tones count; those behind the last that fits are other words."""
    words = list(re.finditer(r"[^\s'’]+", match["sound"]))
    toned = 0
    while toned < len(words) and pinyin.has_tone(words[toned].group()):
        toned += 1
    for count in range(toned, 0, -1):
        end = match.start("sound") + words[count - 1].end()
        found = _fit(match.string[match.start("sound") : end], match["chars"])
        if found is not None:
            _give(marked, match.end("chars"), found)
            return end
    if words and _MARKED.search(words[0].group()) and _meant(words[0].group(), match["chars"]):
        marked.warn(
            f"{words[0].group()[:40]!r} is no pinyin for {match['chars'][-8:]!r}; read as usual"
        )
        return match.start("sound") + words[0].end()
    return 0


def _fit(sound: str, chars: str) -> list[str] | None:
    """The syllables of ``sound`` for the last characters of ``chars``, as few as it can be cut into."""
    least = len(sound.split())
    for count in range(max(1, least), min(len(chars), 12) + 1):
        found = pinyin.syllables(sound, count)
        if found is None:
            continue
        own = [readings(char) for char in chars[-count:]]
        known = [
            s in r or any(s[:-1] == each[:-1] for each in r)
            for s, r in zip(found, own, strict=True)
        ]
        if not any(pinyin.has_tone(part) for part in re.split(r"[\s'’·\-]+", sound) if part):
            return _toned(found, own) if all(known) else None
        digits = _MARKED.search(sound) is None
        if all(known) or count == len(chars) or not digits and any(known):
            return found
    return None


def _toned(found: list[str], own: list[tuple[str, ...]]) -> list[str]:
    """Syllables without tones take the tone of the character's own reading of that spelling."""
    said = []
    for syllable, known in zip(found, own, strict=True):
        same = [each for each in known if each[:-1] == syllable[:-1]]
        said.append(syllable if syllable in same else same[0])
    return said


def _meant(sound: str, chars: str) -> bool:
    """Whether what cannot be pinyin was meant to be: letters only pinyin has, or the right first letter."""
    if _ONLY_PINYIN.search(sound):
        return True
    first = {each[0] for char in chars for each in readings(char) if each}
    return bool(_MARKED.search(sound)) and sound.strip()[:1].lower() in first


def _give(marked: Marked, end: int, found: list[str]) -> None:
    for offset, syllable in enumerate(found, start=end - len(found)):
        marked.given[marked.text.starts[offset]] = syllable


def _without(text: SpannedText, removed: list[tuple[int, int]]) -> SpannedText:
    kept: list[int] = []
    at = 0
    for start, end in removed:
        kept.extend(range(at, start))
        at = end
    kept.extend(range(at, len(text)))
    return text.keep(kept)
