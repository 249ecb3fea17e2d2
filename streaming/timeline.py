"""What was said when: marks on the sample clock, and the text that was heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
