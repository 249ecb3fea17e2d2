"""What was said when: marks on the sample clock, and the text that was heard."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import Literal

from .borders import CLOSERS, MARKS
from .characters import joined

MarkKind = Literal["char", "word", "phoneme", "viseme"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One span of the alignment: characters ``char_start:char_end`` sound in samples ``start:end``.

    Character positions count code points of the utterance's text as written; sample positions count from the
    utterance's beginning at the engine's rate. ``text`` is the slice itself for ``char`` and ``word``, the
    phoneme's symbol for ``phoneme`` and ``viseme``; ``viseme`` is the mouth shape's name.
    """

    kind: MarkKind
    text: str
    char_start: int
    char_end: int
    start: int
    end: int
    viseme: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """The text cut at code point ``char``, where the listener stopped: ``heard + unheard`` is the text as written."""

    char: int
    heard: str
    unheard: str


class Timeline:
    """The alignment of one utterance, as far as it is known. Positions are samples at the engine's rate."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._marks: list[Mark] = []
        self._waiting: list[Mark] = []
        self._straddling: list[Mark] = []
        self._end: int | None = None

    @property
    def text(self) -> str:
        """The utterance's text as written so far."""
        return "".join(self._text)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All marks that hold, in order of start."""
        return tuple(self._marks)

    def write(self, delta: str) -> None:
        """The next piece of the text."""
        self._text.append(delta)

    def add(self, mark: Mark) -> None:
        """A mark of the engine. Of a span that a rewind went through, it replaces what was known."""
        for old in self._straddling:
            if _same_span(old, mark):
                self._straddling.remove(old)
                self._marks.remove(old)
                break
        insort(self._marks, mark, key=_start)
        insort(self._waiting, mark, key=_start)

    def due(self, until: int) -> list[Mark]:
        """Marks that begin before sample ``until`` and were not given out yet: to be sent before that audio."""
        if not self._waiting or self._waiting[0].start >= until:
            return []
        count = bisect_left(self._waiting, until, key=_start)
        due, self._waiting = self._waiting[:count], self._waiting[count:]
        return due

    def truncate(self, position: int) -> None:
        """The audio from ``position`` on is made again: the marks that begin there no longer hold."""
        self._marks = self._marks[: bisect_left(self._marks, position, key=_start)]
        self._waiting = self._waiting[: bisect_left(self._waiting, position, key=_start)]
        self._straddling = [mark for mark in self._marks if mark.end > position]
        self._end = None

    def finish(self, end: int) -> None:
        """The utterance is ``end`` samples long."""
        self._end = end

    def heard(self, played: int) -> Heard:
        """What a listener heard who played ``played`` samples.

        A mark counts once half of it has sounded; characters are taken if the engine marks them, else words, else
        phonemes. Marks of punctuation and combining characters go with what they follow.
        """
        text = self.text
        char = len(text) if self._end is not None and played >= self._end else self._reached(played)
        while 0 < char < len(text) and (
            text[char] in MARKS or text[char] in CLOSERS or joined(text, char)
        ):
            char += 1
        return Heard(char, text[:char], text[char:])

    def _reached(self, played: int) -> int:
        kinds = {mark.kind for mark in self._marks}
        finest = next((kind for kind in _FINEST if kind in kinds), None)
        return max(
            (m.char_end for m in self._marks if m.kind == finest and m.start + m.end <= 2 * played),
            default=0,
        )


_FINEST: tuple[MarkKind, ...] = ("char", "word", "phoneme", "viseme")


def _start(mark: Mark) -> int:
    return mark.start


def _same_span(one: Mark, other: Mark) -> bool:
    return (one.kind, one.text, one.char_start, one.char_end) == (
        other.kind,
        other.text,
        other.char_start,
        other.char_end,
    )
