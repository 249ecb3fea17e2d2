"""Tokens with their codes to marks for captions and mouths: characters and words."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...streaming.timeline import Mark
from ..frontend.scripts import script
from .text import Token


@dataclass(frozen=True, slots=True)
class Unit:
    """Neighbouring tokens that stand for the same characters: tokens ``first:last``, characters ``start:end``."""

    first: int
    last: int
    start: int
    end: int


def units(tokens: Sequence[Token]) -> list[Unit]:
    """Tokens joined where their characters overlap."""
    found: list[Unit] = []
    for i, token in enumerate(tokens):
        if found and token.start < found[-1].end:
            unit = found[-1]
            found[-1] = Unit(unit.first, i + 1, unit.start, max(unit.end, token.end))
        else:
            found.append(Unit(i, i + 1, token.start, token.end))
    return found


def sounding(char: str) -> bool:
    """Whether a character has a sound of its own."""
    return unicodedata.category(char)[0] in "LNM"


class Script:
    """The text of one passage, ready to be announced unit by unit.

    ``text[0]`` is character ``offset`` of the utterance.
    """

    def __init__(self, text: str, offset: int, tokens: Sequence[Token]) -> None:
        self.units = units(tokens)
        self._text = text
        self._offset = offset
        self._words = {start + offset: end + offset for start, end in words(text)}

    def char_at(self, begins: Sequence[int], sample: int) -> int:
        """The character that sounds at a sample, given where the first units begin."""
        at = bisect_right(begins, sample) - 1
        return self.units[max(at, 0)].start if self.units else self._offset

    def marks(self, begins: Sequence[int], stop: int, first: int) -> Iterator[Mark]:
        """Marks of the units from ``first`` on that have a beginning; ``stop`` is the end of the last of them."""
        edges = [*begins, max(stop, begins[-1])]
        for i in range(first, len(begins)):
            unit = self.units[i]
            places = [
                c for c in range(unit.start, unit.end) if sounding(self._text[c - self._offset])
            ]
            for n, char in enumerate(places):
                length = edges[i + 1] - edges[i]
                begin = edges[i] + length * n // len(places)
                end = edges[i] + length * (n + 1) // len(places)
                yield Mark("char", self._text[char - self._offset], char, char + 1, begin, end)
                if char in self._words:
                    yield self._word(char, begin, edges, i)

    def _word(self, char: int, begin: int, edges: Sequence[int], unit: int) -> Mark:
        """The word that begins with ``char``; it ends with the last of its units that is known."""
        end = self._words[char]
        last = unit
        while last + 2 < len(edges) and self.units[last].end < end:
            last += 1
        text = self._text[char - self._offset : end - self._offset]
        share = self.units[last]
        inside = [
            c for c in range(share.start, share.end) if sounding(self._text[c - self._offset])
        ]
        length = edges[last + 1] - edges[last]
        stop = edges[last] + length * sum(c < end for c in inside) // max(len(inside), 1)
        return Mark("word", text, char, end, begin, max(stop, begin))


def words(text: str) -> list[tuple[int, int]]:
    """Words of a text: Chinese characters one by one, letters and digits as they are written together."""
    found: list[tuple[int, int]] = []
    for at, char in enumerate(text):
        if not sounding(char):
            continue
        joins = found and found[-1][1] == at and script(char) != "han" != script(text[at - 1])
        if joins:
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found
