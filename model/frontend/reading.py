"""How text will be read: words, their units, and the phonemes of each, with the place each came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

WordKind = Literal["word", "punctuation"]


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest piece of text with a sound of its own: a hanzi, a Latin word, a mora group, a hangul block.

    ``char_start:char_end`` index the text as given (several units may share a span, as the syllables of "123"
    do). ``reading`` is in the language's own notation: ``chong2``, ``hello``, ``こん``, ``안``. ``phonemes`` is a
    string over the acoustic model's phoneme alphabet, one symbol a character.
    """

    char_start: int
    char_end: int
    reading: str
    phonemes: str


@dataclass(frozen=True, slots=True)
class Word:
    """Units that belong together. ``kind`` punctuation has one unit whose phonemes are a pause symbol or empty."""

    text: str
    language: str
    units: tuple[Unit, ...]
    kind: WordKind = "word"

    @property
    def char_start(self) -> int:
        return min(unit.char_start for unit in self.units)

    @property
    def char_end(self) -> int:
        return max(unit.char_end for unit in self.units)

    @property
    def reading(self) -> tuple[str, ...]:
        return tuple(unit.reading for unit in self.units)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, read. ``warnings`` tell the writer what was not taken as asked (an impossible pinyin, say)."""

    text: str
    words: tuple[Word, ...]
    warnings: tuple[str, ...] = ()

    def units(self) -> Iterator[Unit]:
        """All units in order of speech."""
        for word in self.words:
            yield from word.units

    def symbols(self) -> Iterator[tuple[str, Unit | None]]:
        """Every phoneme symbol in order of speech with its unit; the blank between two words belongs to none.

        Words are parted by one blank in every language, and punctuation closes up to the word before it: so the
        acoustic model was trained.
        """
        previous: Word | None = None
        for word in self.words:
            if not any(unit.phonemes for unit in word.units):
                continue
            if previous is not None and _parted(previous, word):
                yield " ", None
            for unit in word.units:
                for symbol in unit.phonemes:
                    yield symbol, unit
            previous = word

    @property
    def phonemes(self) -> str:
        """The whole phoneme string: the symbols of :meth:`symbols`."""
        return "".join(symbol for symbol, _ in self.symbols())


def _parted(left: Word, right: Word) -> bool:
    """Whether a blank stands between two words: not after an opening sign, not before any other sign."""
    if left.kind == "punctuation" and left.units[-1].phonemes in "“(":
        return False
    return right.kind == "word" or right.units[0].phonemes in "“("
