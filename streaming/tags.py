"""The grammar of inline direction: is there a tag at this place, could there still be one, what does it mean.

What is asked for is decided by the characters alone, never by when they came, so a tag may be cut anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from .emotion import DEFAULT_INTENSITY, NAMES

MAX_TAG = 512
"""Characters after which an open ``<`` is ordinary text: a whole ``<speak …>`` with its name spaces fits."""

_NAME = r"[A-Za-z][A-Za-z0-9:._-]*"
_QUOTED = r"\"[^\"<]*\"|'[^'<]*'"
_ATTRIBUTE = re.compile(rf"({_NAME})\s*=\s*({_QUOTED})")
_ATTRIBUTES = rf"(?:\s+{_NAME}\s*=\s*(?:{_QUOTED}))*"
_ELEMENT = re.compile(rf"<(/?)({_NAME})({_ATTRIBUTES})\s*(/?)>")
# Comments, processing instructions, declarations.
_MARKUP = re.compile(r"<!--(?:(?!-->).)*-->|<\?[^<>]*\?>|<![A-Za-z\[][^<>]*>", re.DOTALL)
# A reading given by the writer, as IndexTTS-2.5 takes it: <行|XING2>.
_READING = re.compile(r"<[^\x00-\x7f]{1,16}\|[A-Za-zÀ-ǜ0-9:' ]{1,40}>")
_UNFINISHED = re.compile(
    rf"<(?:/?(?:{_NAME}{_ATTRIBUTES}(?:\s*/?|\s+{_NAME}\s*(?:=\s*(?:\"[^\"<]*|'[^'<]*)?)?))?"
    r"|[^\x00-\x7f]{1,16}(?:\|[A-Za-zÀ-ǜ0-9:' ]{0,40})?"
    r"|!(?:-(?:-(?:(?!-->).)*)?)?|\?[^<>]*|![A-Za-z\[][^<>]*)\Z",
    re.DOTALL,
)
_CLOSERS = {"[": "]", "【": "】"}
_BRACKET = re.compile(
    r"\s{0,2}([^\s:：\]】]{1,20})\s{0,2}(?:[:：]\s{0,2}(\d{0,3}(?:\.\d{0,4})?)\s{0,2})?\Z"
)
_NAME_STARTS = frozenset(name[:n] for name in NAMES for n in range(1, len(name) + 1))
MAX_BRACKET = 40

Level = Literal["strong", "moderate", "none", "reduced"]


class More(Enum):
    """The answer "it depends on what comes"."""

    NEEDED = "needed"


@dataclass(frozen=True, slots=True)
class EmotionWord:
    """``[joy]``, ``[anger:0.6]``, ``【温柔】``."""

    name: str
    intensity: float


@dataclass(frozen=True, slots=True)
class Element:
    """An XML tag; ``closing`` for ``</name>``, ``empty`` for ``<name/>``."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    closing: bool
    empty: bool

    def get(self, name: str) -> str | None:
        """An attribute's value."""
        return dict(self.attributes).get(name)


@dataclass(frozen=True, slots=True)
class Reading:
    """``<行|XING2>``: kept in the text for the front end."""


@dataclass(frozen=True, slots=True)
class Markup:
    """A comment or declaration: neither spoken nor obeyed."""


Meaning = EmotionWord | Element | Reading | Markup
OPENERS = frozenset("<[【")


def tag_at(text: str, at: int) -> tuple[int, Meaning] | More | None:
    """The tag that begins at ``text[at]``, one of :data:`OPENERS`, and where it ends; None if that is ordinary text."""
    if text[at] == "<":
        return _angle(text, at)
    return _bracket(text, at)


def _angle(text: str, at: int) -> tuple[int, Meaning] | More | None:
    limit = at + MAX_TAG
    if found := _ELEMENT.match(text, at, limit):
        slash, name, inside, empty = found.groups()
        attributes = tuple((key, value[1:-1]) for key, value in _ATTRIBUTE.findall(inside))
        return found.end(), Element(name.lower(), attributes, bool(slash), bool(empty))
    if found := _READING.match(text, at, limit):
        return found.end(), Reading()
    if found := _MARKUP.match(text, at, limit):
        return found.end(), Markup()
    if len(text) < limit and _UNFINISHED.match(text, at):
        return More.NEEDED
    return None


def _bracket(text: str, at: int) -> tuple[int, Meaning] | More | None:
    limit = at + MAX_BRACKET
    end = text.find(_CLOSERS[text[at]], at, limit)
    if end < 0:
        unfinished = len(text) < limit and _may_become_emotion(text[at + 1 :])
        return More.NEEDED if unfinished else None
    found = _BRACKET.match(text, at + 1, end)
    if found is None or found[1].lower() not in NAMES or found[2] in {"", "."}:
        return None
    return end + 1, EmotionWord(
        found[1], DEFAULT_INTENSITY if found[2] is None else float(found[2])
    )


def _may_become_emotion(inside: str) -> bool:
    if not inside.strip():
        return len(inside) <= 2
    found = _BRACKET.match(inside)
    if found is None:
        return False
    name = found[1].lower()
    only_name = found[2] is None and not inside[-1].isspace()
    return name in NAMES or (only_name and name in _NAME_STARTS)
