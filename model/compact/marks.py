"""Marks straight from the decided frames: what is said in a frame is known, not guessed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ...streaming.timeline import Mark, MarkKind
from ...streaming.visemes import viseme_of
from ..frontend.reading import Unit, Word
from .clause import MODIFIERS, PAUSES, Clause

STRESS = frozenset("ˈˌ")
"""Modifiers that stand before the sound they belong to; all others stand behind it."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A mark whose place is still told in tokens: shares ``begin:end`` (0…1) of tokens ``first:last``.

    ``char_start:char_end`` are characters of the utterance.
    """

    kind: MarkKind
    text: str
    char_start: int
    char_end: int
    first: int
    last: int
    begin: float = 0.0
    end: float = 1.0
    viseme: str | None = None

    def mark(self, starts: Sequence[int]) -> Mark:
        """``starts[k]`` is the sample at which token ``k`` begins."""
        at, length = starts[self.first], starts[self.last] - starts[self.first]
        begin, end = at + round(self.begin * length), at + round(self.end * length)
        return Mark(self.kind, self.text, self.char_start, self.char_end, begin, end, self.viseme)


def cues_of(clause: Clause, text: str) -> tuple[Cue, ...]:
    """Every mark of a clause, in no order. ``text`` is what the units' spans index."""
    return (
        *_characters(clause, text),
        *_words(clause, text),
        *_sounds(clause),
    )


def marks_between(cues: Sequence[Cue], starts: Sequence[int], begin: int, end: int) -> list[Mark]:
    """The marks that start in samples ``begin:end``, in order; all of their tokens must have been decided."""
    decided = len(starts)
    marks = [cue.mark(starts) for cue in cues if cue.last < decided]
    return sorted((m for m in marks if begin <= m.start < end), key=lambda m: m.start)


def decide_until(cues: Sequence[Cue], token: int) -> int:
    """The token that has to be passed before every mark starting at or before ``token`` can be given."""
    return max((cue.last for cue in cues if cue.first <= token < cue.last), default=token + 1)


def _characters(clause: Clause, text: str) -> Iterator[Cue]:
    """One mark a character; a unit over several characters, or several units over one span, is shared out."""

    def span(token: int) -> tuple[int, int] | None:
        unit = clause.units[token]
        return (
            None if unit is None or not _heard(clause, token) else (unit.char_start, unit.char_end)
        )

    for key, run in groupby(range(len(clause.symbols)), span):
        tokens = list(run)
        if key is None:
            continue
        characters = [i for i in range(*key) if not text[i].isspace()]
        for n, char in enumerate(characters):
            yield Cue(
                "char",
                text[char],
                clause.char_start + char,
                clause.char_start + char + 1,
                tokens[0],
                tokens[-1] + 1,
                n / len(characters),
                (n + 1) / len(characters),
            )


def _words(clause: Clause, text: str) -> Iterator[Cue]:
    def of(token: int) -> int | None:
        word = clause.words[token]
        return None if word is None or word.kind == "punctuation" else id(word)

    for key, run in groupby(range(len(clause.symbols)), of):
        tokens = list(run)
        word: Word | None = clause.words[tokens[0]]
        if key is None or word is None:
            continue
        yield Cue(
            "word",
            text[word.char_start : word.char_end],
            clause.char_start + word.char_start,
            clause.char_start + word.char_end,
            tokens[0],
            tokens[-1] + 1,
        )


def _sounds(clause: Clause) -> Iterator[Cue]:
    """A phoneme and a viseme for each sound: a symbol with the modifiers around it."""
    token = 0
    while token < len(clause.symbols):
        first = token
        while token < len(clause.symbols) - 1 and clause.symbols[token] in STRESS:
            token += 1
        symbol, unit = clause.symbols[token], clause.units[token]
        token += 1
        if unit is None or symbol in PAUSES or symbol in MODIFIERS or not symbol:
            continue
        while token < len(clause.symbols) and _trails(clause, token, unit):
            token += 1
        sound = "".join(clause.symbols[first:token])
        span = clause.char_start + unit.char_start, clause.char_start + unit.char_end
        viseme = viseme_of(symbol)
        yield Cue("phoneme", sound, *span, first, token)
        if viseme is not None:
            yield Cue("viseme", sound, *span, first, token, viseme=viseme.name)


def _trails(clause: Clause, token: int, unit: Unit) -> bool:
    symbol = clause.symbols[token]
    return symbol in MODIFIERS - STRESS and clause.units[token] is unit


def _heard(clause: Clause, token: int) -> bool:
    word = clause.words[token]
    return word is not None and word.kind == "word"
