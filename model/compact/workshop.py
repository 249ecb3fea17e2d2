"""From a segment to clauses: read the text, run the text and prosody stages, place the writer's directions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ...streaming.audio import Samples, ms_to_samples
from ...streaming.segment import Segment, Turn
from ..engine import StreamOptions
from ..frontend import Emoji, Lexicon, Reading, ReadOptions, read
from ..frontend.reading import Word
from ..voice import Voice
from .clause import Clause, Symbol, sounding, split, symbols_of
from .job import Line, Read
from .marks import cues_of
from .personas import gain_of, style_of
from .prosody import EMPHASIS, EmotionState, Manner, Prosody, RuleProsody, TokenTurn
from .rendering import Rendering
from .stages import Stages, round_durations
from .take import Renderer
from .track import SAMPLE_RATE
from .vocabulary import TOKEN_OF, tokens_of
from .window import WindowRenderer

SENTENCE_PAUSE_FRAMES = 10
PHRASE_PAUSE_FRAMES = 4
"""Silence between clauses beyond the tail of the first and the lead of the second, by the sign between them."""

SENTENCE_SIGNS = frozenset(".!?…")
PHRASE_SIGNS = frozenset(",;:—")

MakeProsody = Callable[[Line, EmotionState, Manner], Prosody]


def by_rule(line: Line, emotion: EmotionState, manner: Manner) -> Prosody:
    """The prosody of a line by rule."""
    return RuleProsody(line.clause, emotion, line.turns, manner, line.emphasis)


class Workshop:
    """What the jobs of one voice borrow."""

    def __init__(
        self,
        stages: Stages,
        voice: Voice,
        rendering: Callable[[str], Rendering],
        make_prosody: MakeProsody = by_rule,
        *,
        lexicon: Lexicon | None = None,
        emoji: Emoji = "skip",
    ) -> None:
        self._stages = stages
        self._voice = voice
        self._rendering = rendering
        self._make_prosody = make_prosody
        self._lexicon = lexicon
        self._emoji: Emoji = emoji

    def read(self, segment: Segment, options: StreamOptions) -> Read:
        """The lines of a segment, one for each stretch between the pauses the writer asked for."""
        chosen = segment.language if segment.language != "auto" else options.language
        how = ReadOptions(self._emoji, options.pinyin)
        lines: list[Line] = []
        warnings: list[str] = []
        silence = 0
        for stretch, pause_ms in _between_pauses(segment):
            silence += ms_to_samples(pause_ms, SAMPLE_RATE)
            reading = read(stretch.text, chosen, lexicon=self._lexicon, options=how)
            warnings.extend(reading.warnings)
            for line in self._lines(stretch, reading, silence):
                lines.append(line)
                silence = 0
        return Read(tuple(lines), tuple(warnings))

    def prosody(self, line: Line, emotion: EmotionState, seed: int | None) -> Prosody:
        shift, spread = self._pitch(line.clause)
        manner = Manner(line.rate, shift, spread, seed=seed or 0)
        return self._make_prosody(line, emotion, manner)

    def renderer(self, clause: Clause) -> Renderer:
        language = self._native(clause.words)
        return WindowRenderer(clause, self._rendering(language), gain_of(self._voice, language))

    def _lines(self, segment: Segment, reading: Reading, silence: int) -> Iterator[Line]:
        known = [symbol for symbol in symbols_of(reading) if symbol.text in TOKEN_OF]
        turns = _turns(segment)
        for part in split(known):
            if not sounding(part):
                continue
            clause = self._clause(part, segment.char_start)
            here, turns = _turns_in(clause, turns)
            cues = cues_of(clause, segment.text)
            emphasis = _emphasis(clause, segment)
            yield Line(clause, cues, here, emphasis, segment.rate, _pause_after(part), silence)
            silence = 0

    def _clause(self, part: Sequence[Symbol], char_start: int) -> Clause:
        style = style_of(self._voice, self._native(symbol.word for symbol in part))
        encoding = self._stages.encode(tokens_of("".join(symbol.text for symbol in part)), style)
        durations = round_durations(encoding.durations)
        frames = np.repeat(np.arange(len(durations)), durations)
        f0, energy = self._stages.intone(encoding.encoded[frames], style)
        return Clause(
            ("", *(symbol.text for symbol in part), ""),
            (None, *(symbol.unit for symbol in part), None),
            (None, *(symbol.word for symbol in part), None),
            durations,
            encoding.content,
            encoding.encoded,
            f0,
            energy,
            style[128:],
            char_start,
        )

    def _pitch(self, clause: Clause) -> tuple[float, float]:
        """Semitones and factor that bring the native half's pitch to the voice's own."""
        tensors = self._voice.tensors
        plain = tensors.get("pitch", np.array([0.0, 1.0], np.float32))
        shift, spread = tensors.get(f"pitch_{self._native(clause.words)}", plain)
        return float(shift), float(spread)

    def _native(self, words: Iterable[Word | None]) -> str:
        """The language that most of the words are in, of those the voice has a prosody for."""
        known = [key[8:] for key in self._voice.tensors if key.startswith("prosody_")]
        counts = Counter(word.language for word in words if word is not None)
        return next(
            (language for language, _ in counts.most_common() if language in known), known[0]
        )


def _between_pauses(segment: Segment) -> Iterator[tuple[Segment, int]]:
    """Stretches of a segment with the pause (ms) the writer asked for before each."""
    cuts = sorted((p.char - segment.char_start, p.duration_ms) for p in segment.pauses)
    begin, pause_ms = 0, 0
    for at, duration_ms in cuts:
        if at > begin:
            yield _slice(segment, begin, at), pause_ms
            begin, pause_ms = at, 0
        pause_ms += duration_ms
    yield _slice(segment, begin, len(segment.text)), pause_ms


def _slice(segment: Segment, begin: int, end: int) -> Segment:
    first, last = segment.char_start + begin, segment.char_start + end
    turns = tuple(turn for turn in segment.turns if first <= turn.char < last)
    return replace(
        segment,
        text=segment.text[begin:end],
        char_start=first,
        emotion=segment.emotion if begin == 0 else None,
        turns=turns,
        pauses=(),
    )


def _emphasis(clause: Clause, segment: Segment) -> Samples:
    """Weight of each token, as the writer asked."""
    weights = np.zeros(len(clause.symbols), np.float32)
    for wish in segment.emphases:
        span = wish.char_start - clause.char_start, wish.char_end - clause.char_start
        for token, unit in enumerate(clause.units):
            if unit is not None and span[0] <= unit.char_start < span[1]:
                weights[token] = EMPHASIS[wish.level]
    return weights


def _turns(segment: Segment) -> list[Turn]:
    """Every change of emotion in a segment, in order."""
    first = [Turn(segment.char_start, segment.emotion)] if segment.emotion is not None else []
    return first + sorted(segment.turns, key=lambda turn: turn.char)


def _turns_in(clause: Clause, turns: list[Turn]) -> tuple[tuple[TokenTurn, ...], list[Turn]]:
    """The turns that fall into a clause, at their tokens, and those that fall behind it."""
    here: list[TokenTurn] = []
    left: list[Turn] = []
    for turn in turns:
        token = _token_at(clause, turn.char - clause.char_start)
        if token is None:
            left.append(turn)
        else:
            here.append(TokenTurn(token, turn.emotion, turn.ramp_ms))
    return tuple(here), left


def _token_at(clause: Clause, char: int) -> int | None:
    """The first token of a unit that begins at or behind a character of the segment."""
    return next(
        (t for t, unit in enumerate(clause.units) if unit is not None and unit.char_start >= char),
        None,
    )


def _pause_after(part: Sequence[Symbol]) -> int:
    for symbol in reversed(part):
        if symbol.text in SENTENCE_SIGNS:
            return SENTENCE_PAUSE_FRAMES
        if symbol.text in PHRASE_SIGNS:
            return PHRASE_PAUSE_FRAMES
        if symbol.text.isalpha():
            break
    return 0
