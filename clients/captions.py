"""Marks as files: JSON for programs, SubRip and WebVTT for players."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..streaming.timeline import Mark

MAX_CUE_MS = 5_000
MAX_CUE_CHARS = 42
"""A line of a subtitle, by common practice."""
GAP_MS = 600
"""A pause this long begins a new cue."""
FORMATS = (".json", ".srt", ".vtt")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A mark placed in the whole recording; ``text`` as written, ``start_ms`` since its beginning."""

    kind: str
    text: str
    char_start: int
    char_end: int
    start_ms: float
    end_ms: float
    viseme: str | None = None

    @classmethod
    def of(cls, mark: Mark, sample_rate: int, *, chars: int, samples: int) -> Spoken:
        """A mark of an utterance before which so many characters and samples were spoken."""
        return cls(
            mark.kind,
            mark.text,
            mark.char_start + chars,
            mark.char_end + chars,
            round((mark.start + samples) * 1000 / sample_rate, 3),
            round((mark.end + samples) * 1000 / sample_rate, 3),
            mark.viseme,
        )


@dataclass(frozen=True, slots=True)
class Cue:
    """A subtitle."""

    start_ms: float
    end_ms: float
    text: str


def write_marks(path: Path, text: str, marks: Sequence[Spoken]) -> None:
    """Write marks in the format that the name's ending says.

    Raises:
        ValueError: the ending is none of :data:`FORMATS`.
    """
    kind = path.suffix.lower()
    if kind == ".json":
        fields = [
            {key: value for key, value in _fields(mark).items() if value is not None}
            for mark in marks
        ]
        body = json.dumps({"text": text, "marks": fields}, ensure_ascii=False, indent=1) + "\n"
    elif kind == ".srt":
        body = "".join(
            f"{n}\n{_clock(cue.start_ms, ',')} --> {_clock(cue.end_ms, ',')}\n{cue.text}\n\n"
            for n, cue in enumerate(cues(text, marks), 1)
        )
    elif kind == ".vtt":
        body = "WEBVTT\n\n" + "".join(
            f"{_clock(cue.start_ms, '.')} --> {_clock(cue.end_ms, '.')}\n{_escaped(cue.text)}\n\n"
            for cue in cues(text, marks)
        )
    else:
        raise ValueError(f"{path.name} ends in {kind!r}, expected one of {', '.join(FORMATS)}")
    path.write_text(body, encoding="utf-8")


def cues(text: str, marks: Iterable[Spoken]) -> list[Cue]:
    """Words gathered to lines: a new one at a pause, at the end of a sentence, or when it is full."""
    words = [mark for mark in marks if mark.kind == "word"]
    found: list[Cue] = []
    group: list[Spoken] = []
    for n, word in enumerate(words):
        group.append(word)
        follower = words[n + 1] if n + 1 < len(words) else None
        between = text[word.char_end : follower.char_start] if follower else ""
        if follower is None or _ends(group, follower, between):
            end = follower.char_start if follower else len(text)
            line = " ".join(text[group[0].char_start : end].split())
            found.append(Cue(group[0].start_ms, group[-1].end_ms, line))
            group = []
    return found


def _ends(group: list[Spoken], follower: Spoken, between: str) -> bool:
    return (
        follower.start_ms - group[-1].end_ms >= GAP_MS
        or follower.end_ms - group[0].start_ms > MAX_CUE_MS
        or follower.char_end - group[0].char_start > MAX_CUE_CHARS
        or any(character in "。!?.!?…\n" for character in between)
    )


def _fields(mark: Spoken) -> dict[str, object]:
    return {name: getattr(mark, name) for name in Spoken.__slots__}


def _clock(ms: float, point: str) -> str:
    whole = round(ms)
    hours, rest = divmod(whole, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, millis = divmod(rest, 1000)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{millis:03}"


def _escaped(line: str) -> str:
    """WebVTT §3.4: text of a cue may hold neither & nor < nor >."""
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
