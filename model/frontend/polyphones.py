"""Which of its readings a character has here: a word list and rules of context, both data of this package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

_REACH = 10  # characters a rule may look back over


@dataclass(frozen=True, slots=True)
class ContextRule:
    """Read as ``pinyin`` where ``left`` matches up to the character and ``right`` from behind it."""

    pinyin: str
    left: re.Pattern[str] | None
    right: re.Pattern[str] | None

    def fits(self, text: str, at: int) -> bool:
        if self.right is not None and self.right.match(text, at + 1) is None:
            return False
        return self.left is None or self.left.search(text[max(0, at - _REACH) : at]) is not None


def _lines(name: str) -> Iterator[list[str]]:
    text = (resources.files(__package__) / "data" / name).read_text("utf-8")
    return (line.split("\t") for line in text.splitlines() if line)


@lru_cache(maxsize=1)
def words() -> dict[str, list[str]]:
    """Words whose reading the general dictionary gets wrong or leaves open."""
    return {word: reading.split() for word, reading in _lines("words.tsv")}


@lru_cache(maxsize=1)
def neutral() -> frozenset[str]:
    """Words whose last syllable has no tone."""
    return frozenset(word for line in _lines("neutral.txt") for word in line[0].split())


@lru_cache(maxsize=1)
def _rules() -> dict[str, list[ContextRule]]:
    rules: dict[str, list[ContextRule]] = {}
    for char, reading, left, right in _lines("polyphones.tsv"):
        before = re.compile(rf"(?:{left})$") if left else None
        rules.setdefault(char, []).append(
            ContextRule(reading, before, re.compile(right) if right else None)
        )
    return rules


def in_context(text: str, at: int) -> tuple[str, bool] | None:
    """The reading of ``text[at]`` and whether its surroundings decided; None where no rule knows the character."""
    for rule in _rules().get(text[at], ()):
        if rule.fits(text, at):
            return rule.pinyin, rule.left is not None or rule.right is not None
    return None
