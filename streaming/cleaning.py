"""What language models write and nobody should hear: markup, code, stage directions, role names.

Each kind is off unless switched on. What is cleaned is blanked out, so that every character keeps its index; text cut
anywhere is cleaned the same, and only what could still become something to clean is held back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ROLES = (
    "assistant", "ai", "bot", "chatbot", "model", "host", "system", "user",
    "human", "narrator", "speaker", "助手", "助理", "主播", "旁白", "机器人",
    "系统", "用户", "アシスタント", "ナレーター", "ユーザー", "어시스턴트", "사용자", "내레이터",
)  # fmt: skip
FENCE = "```"
MAX_DIRECTION = 100
"""Characters between the asterisks of a stage direction."""
MAX_LINK = 360
_MAX_RUN = 8

_LINE_MARK = re.compile(r"#{1,6}[ \t]|[-*+•][ \t]|>[ \t]?|([-*_])\1{2,}[ \t]*(?=\n)")
_LINE_MARK_BEGUN = re.compile(r"(?:#{1,6}|[-*+•]|([-*_])\1{1,31}[ \t]{0,31})\Z")
_LINK = re.compile(r"\]\((?:https?:|mailto:|www\.|[./#])[^()\s]{0,280}(?:[ ]\"[^\"\n]{0,60}\")?\)")
_LINK_BEGUN = re.compile(r"\](?:\([^()\n]*)?\Z")


@dataclass(frozen=True, slots=True)
class Cleaning:
    """Which kinds are cleaned.

    ``markdown``: headings, bullets, quotes, rules, emphasis marks, link targets. ``code``: fenced blocks, with their
    text. ``stage_directions``: ``*smiles softly*``. ``role_prefixes``: ``Assistant:`` at the start of a line, for
    ``role_names``.
    """

    markdown: bool = False
    code: bool = False
    stage_directions: bool = False
    role_prefixes: bool = False
    role_names: tuple[str, ...] = ROLES


AS_WRITTEN = Cleaning()
FROM_MODEL = Cleaning(markdown=True, code=True, stage_directions=True, role_prefixes=True)


class Cleaner:
    """Incremental: feed it deltas, take text of the same length with blanks in it."""

    def __init__(self, cleaning: Cleaning = AS_WRITTEN) -> None:
        self._cleaning = cleaning
        self._roles = tuple(name.lower() for name in cleaning.role_names)
        self._held = ""
        self._before = "\n"
        self._line_start = True
        self._fenced = False
        self._final = False

    def feed(self, delta: str) -> str:
        """Take the next piece of text; give what is decided by now."""
        if self._cleaning == AS_WRITTEN:
            return delta
        return self._read(self._held + delta, final=False)

    def flush(self) -> str:
        """Nothing completes what is held back: give it as it is."""
        return self._read(self._held, final=True)

    def _read(self, text: str, *, final: bool) -> str:
        cleaned: list[str] = []
        at = 0
        self._final = final
        while at < len(text):
            length = self._blank_at(text, at)
            if length is None and not final:
                break
            if length:
                cleaned.append(" " * length)
                at += length
                self._before = text[at - 1]
                continue
            char = text[at]
            self._line_start = char == "\n" or (self._line_start and char in " \t")
            cleaned.append(" " if self._fenced and char != "\n" else char)
            self._before = char
            at += 1
        self._held = text[at:]
        return "".join(cleaned)

    def _blank_at(self, text: str, at: int) -> int | None:
        """How many characters to blank from here, 0 for none; None while that depends on what comes."""
        fence = self._fence(text, at)
        if fence != 0 or self._fenced:
            return fence
        if self._line_start:
            length = self._role(text, at)
            if length == 0:
                length = self._line_mark(text, at)
            if length != 0:
                return length
        if text[at] == "*" and self._cleaning.stage_directions:
            length = self._stage_direction(text, at)
            if length != 0:
                return length
        return self._inline(text, at) if self._cleaning.markdown else 0

    def _fence(self, text: str, at: int) -> int | None:
        if not (self._cleaning.code and self._line_start and text[at] == "`"):
            return 0
        if text.startswith(FENCE, at):
            self._fenced = not self._fenced
            self._line_start = False
            return len(FENCE)
        return None if FENCE.startswith(text[at:]) else 0

    def _role(self, text: str, at: int) -> int | None:
        if not self._cleaning.role_prefixes:
            return 0
        longest = max(map(len, self._roles), default=0) + 6
        line = text[at : at + longest]
        colon = re.search(r"[:：]", line)
        name = (line[: colon.start()] if colon else line).strip("* ").lower()
        if colon:
            return colon.end() if name in self._roles else 0
        begun = len(line) < longest and any(role.startswith(name) for role in self._roles)
        return None if begun and "\n" not in line else 0

    def _line_mark(self, text: str, at: int) -> int | None:
        if not self._cleaning.markdown:
            return 0
        found = _LINE_MARK.match(text, at)
        if found:
            return found.end() - at
        return None if _LINE_MARK_BEGUN.match(text, at) else 0

    def _stage_direction(self, text: str, at: int) -> int | None:
        if self._before == "*" or (self._before.isascii() and self._before.isalnum()):
            return 0
        inside = text[at + 1 : at + 2 + MAX_DIRECTION]
        if not inside:
            return None
        if inside[0].isspace() or inside[0] == "*":
            return 0
        end = inside.find("*")
        if end < 0:
            open_ = "\n" not in inside and len(inside) <= MAX_DIRECTION
            return None if open_ else 0
        said = inside[:end]
        return 0 if "\n" in said or said[-1].isspace() else end + 2

    def _inline(self, text: str, at: int) -> int | None:
        char = text[at]
        if char == "`":
            return 1
        if char in "*_~":
            return self._run(text, at)
        if char == "!":
            after = text[at + 1 : at + 2]
            return None if not after else 2 if after == "[" else 0
        if char == "]":
            found = _LINK.match(text, at)
            if found:
                return found.end() - at
            begun = len(text) - at < MAX_LINK and _LINK_BEGUN.match(text, at)
            return None if begun else 0
        return 0

    def _run(self, text: str, at: int) -> int | None:
        """Marks of emphasis, but not the sign of multiplication, the low line of a name or the wave of 好的~."""
        end = at
        while end < min(len(text), at + _MAX_RUN) and text[end] == text[at]:
            end += 1
        if end == len(text) and end - at < _MAX_RUN and not self._final:
            return None
        before, after = self._before, text[end : end + 1]
        inside = before.isalnum() and after.isalnum()
        if text[at] == "_":
            return 0 if inside else end - at
        if end - at > 1:
            return end - at
        if text[at] == "~":
            return 0
        plain = (inside and before.isascii() and after.isascii()) or (
            before.isspace() and after.isspace()
        )
        return 0 if plain else 1
