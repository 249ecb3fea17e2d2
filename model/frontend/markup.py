"""Tags in the text: ``<phoneme>``, ``<lang>``, ``<行|XING2>``; other SSML is taken out without being said."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from . import pinyin
from .languages import Spoken
from .spanned import SpannedBuilder, SpannedText

_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>phoneme|lang|speak|sub|say-as|voice|prosody|emphasis|break|mark|audio|desc|metadata|"
    r"lexicon|lookup|token|w|p|s)\b(?P<words>[^<>]{0,300})>|<(?P<chars>[\u3400-\u9fff]{1,16})\|(?P<pinyin>[^<>|]{1,120})>",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"([\w:\-]{1,20})\s{0,3}=\s{0,3}(?:\"([^\"]{0,200})\"|'([^']{0,200})')")
_HAN = re.compile(r"[\u3400-\u9fff]")
_PINYIN_NAMES = frozenset({"pinyin", "x-pinyin", "x-amazon-pinyin", "sapi", "hanyu-pinyin"})


class Cut(NamedTuple):
    """``said`` stands in the place of ``text[start:end]``, and for ``text[start:until]``."""

    start: int
    end: int
    said: str
    until: int


@dataclass(slots=True)
class Marked:
    """Text without its marks, and what the marks said; ``given`` is pinyin by source place."""

    text: SpannedText
    given: dict[int, str] = field(default_factory=dict)
    languages: list[tuple[int, int, Spoken]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def replace(self, cuts: Iterable[Cut]) -> None:
        """Put what is said in the place of each cut, in their order, and move the language ranges along."""
        text = self.text
        built = SpannedBuilder(text)
        shifts: list[tuple[int, int]] = []
        done = length = 0
        for cut in cuts:
            built.copy(done, cut.start)
            built.say(cut.said, cut.start, cut.until)
            length += cut.start - done + len(cut.said)
            done = cut.end
            shifts.append((done, length - done))
        if done:
            built.copy(done, len(text))
            self.text = built.build()
            self.move(shifts)

    def move(self, moved: list[tuple[int, int]]) -> None:
        """Shift the language ranges after an edit: ``(place, by)`` holds from ``place`` (in the old text) on."""
        places = [place for place, _ in moved]

        def shifted(place: int) -> int:
            index = bisect.bisect_right(places, place)
            return max(0, place + (moved[index - 1][1] if index else 0))

        self.languages = [(shifted(s), shifted(e), language) for s, e, language in self.languages]

    def warn(self, message: str) -> None:
        """Note what was not taken as asked; the first few are enough for a writer."""
        if len(self.warnings) < 20:
            self.warnings.append(message)


def take_out(text: SpannedText) -> Marked:
    """Read the tags of ``text`` and remove them. Language ranges are places in the remaining text."""
    marked = Marked(text)
    if "<" not in text.text:
        return marked
    reader = _Reader(text, marked)
    for tag in _TAG.finditer(text.text):
        reader.tag(tag)
    marked.text = reader.finish()
    return marked


class _Reader:
    def __init__(self, text: SpannedText, marked: Marked) -> None:
        self._text = text
        self._marked = marked
        self._kept: list[int] = []
        self._done = 0
        self._languages: list[Spoken | None] = []
        self._since = 0
        self._phoneme: tuple[int, str] | None = None

    def tag(self, tag: re.Match[str]) -> None:
        self._kept.extend(range(self._done, tag.start()))
        self._done = tag.end()
        if tag["chars"]:
            places = list(range(tag.start("chars"), tag.end("chars")))
            self._kept.extend(places)
            self._force(places, tag["pinyin"])
            return
        name = tag["name"].lower()
        words = {
            match[1].lower(): match[2] or match[3] or ""
            for match in _ATTRIBUTE.finditer(tag["words"])
        }
        if name == "lang":
            self._lang(words, closing=bool(tag["close"]))
        elif name == "phoneme":
            self._phonemes(words, closing=bool(tag["close"]))

    def finish(self) -> SpannedText:
        self._kept.extend(range(self._done, len(self._text)))
        self._end_language()
        return self._text.keep(self._kept)

    def _lang(self, words: dict[str, str], *, closing: bool) -> None:
        self._end_language()
        if closing:
            if self._languages:
                self._languages.pop()
            return
        asked = (words.get("xml:lang") or words.get("lang") or "").lower()
        known = next((language for language in _NAMES if asked.split("-")[0] == language), None)
        if known is None:
            self._marked.warn(f"no front end for language {asked!r}; expected zh, en, ja or ko")
        self._languages.append(known)

    def _end_language(self) -> None:
        language = self._languages[-1] if self._languages else None
        if language is not None and len(self._kept) > self._since:
            self._marked.languages.append((self._since, len(self._kept), language))
        self._since = len(self._kept)

    def _phonemes(self, words: dict[str, str], *, closing: bool) -> None:
        if not closing:
            self._phoneme = (len(self._kept), words.get("ph", ""))
            if words.get("alphabet", "pinyin").lower() not in _PINYIN_NAMES:
                self._marked.warn(
                    f"phoneme alphabet {words.get('alphabet')!r} is not known; expected pinyin"
                )
                self._phoneme = None
        elif self._phoneme is not None:
            start, sound = self._phoneme
            self._phoneme = None
            places = [i for i in self._kept[start : start + 64] if _HAN.match(self._text.text[i])]
            self._force(places, sound)

    def _force(self, places: list[int], sound: str) -> None:
        found = pinyin.syllables(sound, len(places)) if places else None
        if found is None:
            chars = "".join(self._text.text[i] for i in places)
            self._marked.warn(
                f"{sound[:40]!r} is no pinyin of {len(places)} syllables for {chars[:20]!r}; read as usual"
            )
            return
        for place, syllable in zip(places, found, strict=True):
            self._marked.given[self._text.starts[place]] = syllable


_NAMES: tuple[Spoken, ...] = ("zh", "en", "ja", "ko")
