"""Incremental text → :class:`Segment`: where to cut, and how early for the first one.

The law: for a given text the segments do not depend on how it was cut into deltas. Every decision looks at the text
before a place and at most two characters behind it, in order, and the first place that is good enough is taken. Only
:meth:`Segmenter.flush` and :meth:`Segmenter.flush_soft` bring in time, because somebody asked for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .borders import CLOSERS, MARKS, Border, border_at
from .characters import MAX_LOOK_BACK, joined, speech_ms
from .cleaning import AS_WRITTEN, Cleaner, Cleaning
from .direction import MAX_RATE, MIN_RATE, Direction, Emphasised, Item, Kept, Rate, Remark, Written
from .emotion import NEUTRAL, Emotion
from .segment import Emphasis, Language, Pause, Segment, Turn
from .tags import Level


@dataclass(frozen=True, slots=True)
class Size:
    """How much speech (estimated ms) a segment must hold before it is cut at a border of each strength."""

    sentence_ms: int
    clause_ms: int
    list_ms: int
    word_ms: int
    ugly_ms: int

    def wants(self, border: Border, speech_ms: int) -> bool:
        """Whether a cut at such a border would be good enough."""
        needed = {
            Border.SENTENCE: self.sentence_ms,
            Border.CLAUSE: self.clause_ms,
            Border.LIST: self.list_ms,
            Border.WORD: self.word_ms,
            Border.UGLY: self.ugly_ms,
            Border.NEVER: LONGEST_MS,
        }
        return speech_ms >= max(needed[border], 1)


LONGEST_MS = 20_000
"""Speech after which even a number or an address is cut, between two characters as people see them."""
MAX_CHARS = 512
"""Characters after which a segment is cut wherever it stands, and inside what was to be kept together."""

# Marks that close what was said; a point stays, it may begin a decimal.
_SKIPPED = (MARKS | CLOSERS) - set(".．>＞\"'")

# The first sound is worth a short breath group; while it plays, longer and better-phrased ones can be waited for.
SCHEDULE = (
    Size(sentence_ms=1, clause_ms=250, list_ms=800, word_ms=2000, ugly_ms=3500),
    Size(sentence_ms=600, clause_ms=1000, list_ms=1500, word_ms=3500, ugly_ms=5000),
    Size(sentence_ms=1000, clause_ms=2500, list_ms=3500, word_ms=7000, ugly_ms=9000),
)


class Segmenter:
    """Takes the deltas of one utterance; gives segments as soon as their end is decided.

    Inline direction (see ``streaming.direction``) is read on the way and travels in the segments. Segments hold
    something that can be spoken: what is only spaces and punctuation joins what follows, or is dropped at the end.

    ``pace`` is the factor on the rate of speech that comes with an emotion ("slowly, sadly"); what the text itself
    asks for by ``<prosody rate>`` multiplies it.
    """

    def __init__(
        self,
        language: Language = "auto",
        emotion: Emotion = NEUTRAL,
        *,
        pace: float = 1.0,
        cleaning: Cleaning = AS_WRITTEN,
        schedule: tuple[Size, ...] = SCHEDULE,
    ) -> None:
        self._language = language
        self._schedule = schedule
        self._cleaner = Cleaner(cleaning)
        self._direction = Direction(emotion)
        self._received = 0
        self._cut = 0
        # The text from a little before the pending segment on, and how long each character sounds.
        self._text = ""
        self._sounds: list[int] = []
        self._base = 0
        # The pending segment: its first character, how far it was looked at, how much speech that is, and the last
        # place where a writer who stalls may be cut.
        self._start = 0
        self._seen = 0
        self._speech_ms = 0
        self._soft: int | None = None
        # What the pending text carries, in order of place.
        self._emotion = emotion
        self._turns: list[Turn] = []
        self._pauses: list[Pause] = []
        self._rate = 1.0
        self._rates: list[Rate] = []
        self._pace = pace
        self._paces: list[Rate] = []
        self._level: Level | None = None
        self._emphases: list[Emphasised] = []
        self._kept: list[tuple[int, int | None]] = []
        self._remarks: list[Remark] = []

    def write(self, delta: str, emotion: Emotion | None = None, pace: float = 1.0) -> list[Segment]:
        """Take the next piece of text, cut anywhere; ``emotion`` and its ``pace`` hold from its first character on."""
        if emotion is not None:
            if pace != (self._paces[-1].rate if self._paces else self._pace):
                self._paces.append(Rate(self._received, pace))
            self._turns.append(Turn(self._received, emotion))
            self._turns.sort(key=lambda turn: turn.char)
            self._direction.set_emotion(emotion)
        self._received += len(delta)
        self._take(self._direction.feed(self._cleaner.feed(delta)))
        return self._advance(final=False)

    def turn(self, emotion: Emotion, pace: float = 1.0) -> None:
        """The emotion was turned live: text not given out yet follows, up to the next direction in it."""
        self._emotion = emotion
        self._pace = pace
        self._direction.set_emotion(emotion)

    def flush(self) -> list[Segment]:
        """Speak what there is: everything written so far is given out."""
        self._take(self._direction.feed(self._cleaner.flush()))
        self._take(self._direction.flush())
        segments = self._advance(final=True)
        segments += self._give(self._end)
        self._forget()
        return segments

    def flush_soft(self) -> list[Segment]:
        """The writer stalls: give out what ends at the last place where a cut does no harm, and keep the rest.

        That is a border between words or better; half a word, a number that may go on, an open tag stay.
        """
        if self._ends_in_stop():
            self._soft = self._end
        if self._soft is None:
            return []
        return self._give(self._soft) + self._advance(final=False)

    def take_remarks(self) -> list[Remark]:
        """What was not taken as the writer asked, each given once."""
        remarks, self._remarks = self._remarks, []
        return remarks

    @property
    def _end(self) -> int:
        return self._base + len(self._text)

    def _take(self, items: Iterable[Item]) -> None:
        written: list[str] = []
        for item in items:
            match item:
                case Written(text, spoken):
                    written.append(text)
                    self._sounds += map(speech_ms, text) if spoken else [0] * len(text)
                case Turn():
                    self._turns.append(item)
                case Pause():
                    self._pauses.append(item)
                case Rate():
                    self._rates.append(item)
                case Emphasised():
                    self._emphases.append(item)
                case Kept(char, True):
                    self._kept.append((char, None))
                case Kept(char):
                    self._kept[-1] = (self._kept[-1][0], char)
                case _:
                    self._remarks.append(item)
        self._text += "".join(written)
        self._turns.sort(key=lambda turn: turn.char)

    def _advance(self, *, final: bool) -> list[Segment]:
        """Look at every place that can be decided; cut at the first that is good enough, and go on behind it."""
        segments: list[Segment] = []
        while True:
            place = self._seen
            if self._rates and self._rates[0].char <= place and not self._in_kept(place):
                segments += self._give(place) if self._speech_ms else []
                self._rate = self._rates.pop(0).rate
                continue
            if self._paces and self._paces[0].char <= place and not self._in_kept(place):
                segments += self._give(place) if self._speech_ms else []
                self._pace = self._paces.pop(0).rate
                continue
            cut = self._decide(place, final=final) if place > self._start else False
            if cut is None:
                break
            if cut:
                segments += self._give(place)
            if place == self._end:
                break
            self._speech_ms += self._sounds[place - self._base]
            self._seen += 1
        self._forget()
        return segments

    def _decide(self, place: int, *, final: bool) -> bool | None:
        """Whether to cut here; None while that depends on what comes."""
        if place - self._start >= MAX_CHARS:
            return True
        if self._in_kept(place):
            return False
        at = place - self._base
        border = border_at(self._text, at, final=final)
        if border is None:
            return None
        if border is Border.NEVER and at < len(self._text) and joined(self._text, at):
            return False
        size = self._schedule[min(self._cut, len(self._schedule) - 1)]
        if size.wants(border, self._speech_ms):
            return True
        if border >= Border.WORD and self._speech_ms:
            self._soft = place
        return False

    def _in_kept(self, place: int) -> bool:
        """Whether the place is inside what has to stay in one segment."""
        return any(start < place and (end is None or place < end) for start, end in self._kept)

    def _ends_in_stop(self) -> bool:
        """Whether the text ends in a full stop that only waits to be told from a point inside a word."""
        text = self._text
        return (
            text[-1:] in {".", "．"}
            and text[-2:-1].isalpha()
            and self._speech_ms > 0
            and not self._in_kept(self._end)
            and border_at(text + "\n", len(text)) is Border.SENTENCE
        )

    def _give(self, end: int) -> list[Segment]:
        """Close the pending segment at ``end``; nothing if it holds nothing that can be spoken."""
        start, stop = self._trim(self._start, end)
        speakable = any(self._sounds[start - self._base : stop - self._base])
        self._start = self._seen = end
        self._speech_ms = 0
        self._soft = None
        if not speakable:
            return []
        self._cut += 1
        text = self._text[start - self._base : stop - self._base]
        return [
            Segment(
                text,
                start,
                self._language,
                self._emotion_at(start),
                self._turns_before(stop),
                self._pauses_before(start, stop),
                min(max(self._rate * self._pace, MIN_RATE), MAX_RATE),
                self._emphases_in(start, stop),
            )
        ]

    def _trim(self, start: int, end: int) -> tuple[int, int]:
        """Without spaces at both ends, and without marks in front that belong to what was said before."""
        while start < end and self._skipped(self._text[start - self._base]):
            start += 1
        while start < end and self._text[end - 1 - self._base].isspace():
            end -= 1
        return start, end

    @staticmethod
    def _skipped(char: str) -> bool:
        return char.isspace() or char in _SKIPPED

    def _emotion_at(self, start: int) -> Emotion:
        while self._turns and self._turns[0].char <= start:
            self._emotion = self._turns.pop(0).emotion
        return self._emotion

    def _turns_before(self, stop: int) -> tuple[Turn, ...]:
        inside = {turn.char: turn for turn in self._turns if turn.char < stop}
        self._turns = [turn for turn in self._turns if turn.char >= stop]
        if inside:
            self._emotion = list(inside.values())[-1].emotion
        return tuple(inside.values())

    def _pauses_before(self, start: int, stop: int) -> tuple[Pause, ...]:
        inside = [pause for pause in self._pauses if pause.char < stop]
        self._pauses = self._pauses[len(inside) :]
        return tuple(Pause(max(pause.char, start), pause.duration_ms) for pause in inside)

    def _emphases_in(self, start: int, stop: int) -> tuple[Emphasis, ...]:
        """The stretches of emphasis inside; one that goes on is taken up again by the next segment."""
        changes = [change for change in self._emphases if change.char < stop]
        self._emphases = self._emphases[len(changes) :]
        spans: list[Emphasis] = []
        begin, level = start, self._level
        for change in (*changes, Emphasised(stop, None)):
            if level is not None and level != "none" and begin < change.char:
                spans.append(Emphasis(begin, change.char, level))
            begin, level = max(change.char, start), change.level
        self._level = changes[-1].level if changes else self._level
        return tuple(spans)

    def _forget(self) -> None:
        """Drop the text that no rule looks back to."""
        base = max(self._base, self._start - MAX_LOOK_BACK)
        del self._sounds[: base - self._base]
        self._text = self._text[base - self._base :]
        self._base = base
        self._kept = [(start, end) for start, end in self._kept if end is None or end > self._start]
