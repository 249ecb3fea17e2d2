"""Inline direction: what the writer put between the words to steer the voice, taken out of text that still arrives.

``[joy]`` ``[anger:0.6]`` ``【温柔】`` and ``<emotion name="sadness" intensity="0.5">…</emotion>`` turn the emotion,
``<break time="300ms"/>`` pauses, ``<emphasis>`` and ``<prosody rate="…">`` say how. A tag is blanked out, so that every
character keeps its index. ``<phoneme …>``, ``<lang …>`` and ``<行|XING2>`` are the text front end's: they stay in the
text, and what they enclose is reported as *kept* together. Other tags are blanked and without effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .emotion import DEFAULT_INTENSITY, NEUTRAL, Emotion
from .errors import UnknownEmotion
from .segment import Pause, Turn
from .tags import OPENERS, Element, EmotionWord, Level, Meaning, More, Reading, tag_at

MAX_PAUSE_MS = 10_000
MIN_RATE, MAX_RATE = 0.5, 2.0
MAX_NESTING = 64

# SSML 1.1 §3.2.3 leaves the lengths of the strengths to the processor, and §3.2.4 the rates of the labels.
BREAKS_MS: Mapping[str, int] = {
    "none": 0,
    "x-weak": 100,
    "weak": 200,
    "medium": 400,
    "strong": 700,
    "x-strong": 1200,
}
RATES: Mapping[str, float] = {
    "x-slow": 0.6,
    "slow": 0.8,
    "medium": 1.0,
    "default": 1.0,
    "fast": 1.25,
    "x-fast": 1.6,
}
LEVELS: Mapping[str, Level] = {
    "strong": "strong",
    "moderate": "moderate",
    "none": "none",
    "reduced": "reduced",
}
_KEPT = {"phoneme", "lang"}
_TIME = re.compile(r"\s*\+?(\d{0,6}(?:\.\d{1,6})?)\s*(ms|s)\s*")
_RATE = re.compile(r"\s*([+-]?)(\d{1,4}(?:\.\d{1,4})?)\s*(%?)\s*")
_OPENER = re.compile("|".join(map(re.escape, sorted(OPENERS))))


@dataclass(frozen=True, slots=True)
class Written:
    """Text, tags blanked; follows the last one without a hole. Kept tags are in it and not ``spoken``."""

    text: str
    spoken: bool = True


@dataclass(frozen=True, slots=True)
class Rate:
    """From ``char`` on, speech is so many times as fast as natural."""

    char: int
    rate: float


@dataclass(frozen=True, slots=True)
class Emphasised:
    """From ``char`` on, words are emphasised to ``level``; None ends it."""

    char: int
    level: Level | None


@dataclass(frozen=True, slots=True)
class Kept:
    """From ``char`` on the text has to stay in one segment, until the same with ``open`` False."""

    char: int
    open: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the writer should know: the tag at ``char`` was not taken as asked."""

    code: str
    message: str
    char: int


Item = Written | Turn | Pause | Rate | Emphasised | Kept | Remark


class Direction:
    """Incremental: feed it deltas, take items. It holds back only what could still become a tag."""

    def __init__(self, emotion: Emotion = NEUTRAL) -> None:
        self._held = ""
        self._position = 0
        self._emotion = emotion
        self._rate = 1.0
        # What each open element of the kind returns to.
        self._emotions: list[Emotion] = []
        self._rates: list[float] = []
        self._levels: list[Level | None] = [None]
        self._kept = 0

    def set_emotion(self, emotion: Emotion) -> None:
        """The emotion was turned from outside: open elements return to this one."""
        self._emotion = emotion
        self._emotions = [emotion] * len(self._emotions)

    def feed(self, delta: str) -> list[Item]:
        """Take the next piece of text, cut anywhere; give what is decided by now."""
        return list(self._read(self._held + delta, final=False))

    def flush(self) -> list[Item]:
        """Nothing completes what is held back: it was ordinary text."""
        return list(self._read(self._held, final=True))

    def _read(self, text: str, *, final: bool) -> Iterator[Item]:
        self._held = ""
        done = at = 0
        while (at := _next_opener(text, at)) < len(text):
            tag = tag_at(text, at)
            if tag is More.NEEDED and not final:
                break
            if not isinstance(tag, tuple):
                at += 1
                continue
            end, meaning = tag
            yield from self._write(text[done:at])
            yield from self._obey(text[at:end], meaning)
            done = at = end
        if at > done:
            yield from self._write(text[done:at])
        self._held = text[at:]

    def _write(self, text: str, *, spoken: bool = True) -> Iterator[Item]:
        if text:
            self._position += len(text)
            yield Written(text, spoken)

    def _blank(self, tag: str) -> Iterator[Item]:
        yield from self._write(" " * len(tag))

    def _obey(self, tag: str, meaning: Meaning) -> Iterator[Item]:
        match meaning:
            case EmotionWord():
                yield from self._blank(tag)
                yield from self._turn(meaning.name, meaning.intensity)
            case Reading():
                yield Kept(self._position, True)
                yield from self._write(tag)
                yield Kept(self._position, False)
            case Element() if meaning.name in _KEPT:
                yield from self._keep(tag, meaning)
            case Element():
                yield from self._blank(tag)
                yield from self._element(meaning)
            case _:
                yield from self._blank(tag)

    def _element(self, element: Element) -> Iterator[Item]:
        match element.name:
            case "emotion":
                yield from self._emotion_element(element)
            case "break" if not element.closing:
                yield from self._break(element)
            case "emphasis":
                yield from self._emphasis(element)
            case "prosody":
                yield from self._prosody(element)

    def _turn(self, name: str, intensity: float) -> Iterator[Item]:
        if not 0 <= intensity <= 1:
            yield self._remark("bad_message", f"an intensity of {intensity:g} was taken as 1")
            intensity = 1.0
        try:
            self._emotion = Emotion.of(name, intensity)
        except UnknownEmotion as error:
            yield self._remark(error.code, str(error))
            return
        yield Turn(self._position, self._emotion)

    def _emotion_element(self, element: Element) -> Iterator[Item]:
        if element.closing:
            if self._emotions:
                self._emotion = self._emotions.pop()
                yield Turn(self._position, self._emotion)
            return
        if not element.empty and len(self._emotions) < MAX_NESTING:
            self._emotions.append(self._emotion)
        name, given = element.get("name"), element.get("intensity")
        if name is None:
            yield self._remark(
                "bad_message",
                "an <emotion> tag has a name; a description goes into the field emotion",
            )
            return
        try:
            intensity = DEFAULT_INTENSITY if given is None else float(given)
        except ValueError:
            yield self._remark("bad_message", f"intensity {given!r:.40} is not a number")
            intensity = DEFAULT_INTENSITY
        yield from self._turn(name, intensity)

    def _break(self, element: Element) -> Iterator[Item]:
        given = element.get("time")
        duration_ms: float | None = BREAKS_MS.get(element.get("strength") or "medium")
        if given is not None:
            found = _TIME.fullmatch(given)
            number = found[1] if found else ""
            unit_ms = 1000 if found and found[2] == "s" else 1
            duration_ms = float(number) * unit_ms if number else None
        if duration_ms is None:
            yield self._remark(
                "bad_message", f"no length of a break: {given!r:.40}, expected e.g. 300ms"
            )
            return
        if duration_ms > MAX_PAUSE_MS:
            yield self._remark("bad_message", f"a break is at most {MAX_PAUSE_MS} ms long")
        yield Pause(self._position, round(min(duration_ms, MAX_PAUSE_MS)))

    def _emphasis(self, element: Element) -> Iterator[Item]:
        if element.empty:
            return
        if element.closing:
            if len(self._levels) > 1:
                self._levels.pop()
                yield Emphasised(self._position, self._levels[-1])
        elif len(self._levels) <= MAX_NESTING:
            self._levels.append(LEVELS.get(element.get("level") or "", "moderate"))
            yield Emphasised(self._position, self._levels[-1])

    def _prosody(self, element: Element) -> Iterator[Item]:
        if element.empty:
            return
        if element.closing:
            if self._rates:
                yield from self._set_rate(self._rates.pop())
            return
        if len(self._rates) < MAX_NESTING:
            self._rates.append(self._rate)
        given = element.get("rate")
        if given is None:
            return
        rate = _rate_of(given)
        if rate is None:
            yield self._remark("bad_message", f"no rate: {given!r:.40}, expected e.g. 90% or slow")
            return
        yield from self._set_rate(min(max(rate, MIN_RATE), MAX_RATE))

    def _set_rate(self, rate: float) -> Iterator[Item]:
        if rate != self._rate:
            self._rate = rate
            yield Rate(self._position, rate)

    def _keep(self, tag: str, element: Element) -> Iterator[Item]:
        if element.empty or (element.closing and not self._kept):
            yield from self._write(tag, spoken=False)
            return
        if not element.closing:
            if not self._kept:
                yield Kept(self._position, True)
            self._kept += 1
            yield from self._write(tag, spoken=False)
            return
        yield from self._write(tag, spoken=False)
        self._kept -= 1
        if not self._kept:
            yield Kept(self._position, False)

    def _remark(self, code: str, message: str) -> Remark:
        return Remark(code, message, self._position)


def _next_opener(text: str, at: int) -> int:
    found = _OPENER.search(text, at)
    return found.start() if found else len(text)


def _rate_of(given: str) -> float | None:
    """SSML 1.1 §3.2.4: a label, or a percentage of the natural rate; signed ones are changes of it."""
    if given.strip().lower() in RATES:
        return RATES[given.strip().lower()]
    found = _RATE.fullmatch(given)
    if found is None:
        return None
    sign, number, percent = found.groups()
    value = float(number) / (100 if percent else 1)
    return 1 + value if sign == "+" else 1 - value if sign else value
