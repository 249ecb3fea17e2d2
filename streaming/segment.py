"""Text on its way to an engine: a segment is a piece the front end decided to speak in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .emotion import Emotion

Language = Literal["auto", "zh", "en", "ja", "ko"]
LANGUAGES: tuple[Language, ...] = ("zh", "en", "ja", "ko")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long speech shall last: ``free``, or ``controlled`` by exactly one of ratio and duration.

    ``ratio`` multiplies the natural duration (0.9 is faster); ``duration_ms`` is the whole utterance with its
    leading and trailing silence.
    """

    mode: Literal["free", "controlled"] = "free"
    ratio: float | None = None
    duration_ms: int | None = None

    def __post_init__(self) -> None:
        given = (self.ratio is not None) + (self.duration_ms is not None)
        if self.mode == "free" and given or self.mode == "controlled" and given != 1:
            raise ValueError(
                "a controlled pace has one of ratio and duration_ms, a free pace has none"
            )


FREE = Pace()


@dataclass(frozen=True, slots=True)
class Turn:
    """From character ``char`` of the utterance on, the emotion is another, reached within ``ramp_ms``."""

    char: int
    emotion: Emotion
    ramp_ms: int = 120


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence asked for by the writer before character ``char`` of the utterance."""

    char: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Characters ``char_start:char_end`` of the utterance are to stand out, or with ``reduced`` to stand back."""

    char_start: int
    char_end: int
    level: Literal["strong", "moderate", "reduced"] = "moderate"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text with its place in the utterance, in Unicode code points of the text as written.

    ``text`` is a verbatim slice of what the client sent, except that inline tags are blanked out by
    ``streaming.direction`` (which keeps the length), so ``char_start + i`` is always the client's index.
    ``<phoneme>``, ``<lang>`` and ``<行|XING2>`` are left in it, each whole.

    ``emotion`` holds from the first character on, None follows whatever holds there; ``turns`` follow inside.
    ``rate`` multiplies the speed of speech (1.2 is a fifth faster).
    """

    text: str
    char_start: int
    language: Language = "auto"
    emotion: Emotion | None = None
    turns: tuple[Turn, ...] = ()
    pauses: tuple[Pause, ...] = ()
    rate: float = 1.0
    emphases: tuple[Emphasis, ...] = ()

    @property
    def char_end(self) -> int:
        return self.char_start + len(self.text)
