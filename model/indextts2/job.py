"""One utterance: what it still needs, what it has said, and how to go back when its emotion turns.

No network runs here. The engine asks for the next piece of work and reports what came of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from enum import Enum
from fractions import Fraction

import numpy as np
from torch import Tensor

from ...streaming.audio import AudioChunk, Samples
from ...streaming.emotion import Emotion
from ...streaming.errors import EngineFailed, Overloaded, SeiyuuError
from ...streaming.segment import Segment
from ..core import Output
from ..engine import Notice, StreamItem, StreamOptions, Turned
from ..slots import Slot
from .budget import Budget
from .conditioning import ENGINE, VoiceState
from .drawing import Chunk
from .marks import Script
from .options import StreamingOptions
from .passage import Change, Passage
from .stretch import NATURAL
from .text import Tokenizer, has_speech, passages

DEFAULT_SEED = 20_250_909


class Need(Enum):
    """Kinds of work."""

    SAY = "say"
    DECODE = "decode"
    DRAW = "draw"


class SpeechJob:
    """See :class:`~..core.Job`. ``slot`` is its row in the decoder; positions are frames of the utterance."""

    def __init__(
        self,
        slot: Slot,
        voice: VoiceState,
        options: StreamOptions,
        tokenizer: Tokenizer,
        config: StreamingOptions,
        hop: int,
        sample_rate: int,
        release: Callable[[Slot], object],
    ) -> None:
        self.slot = slot
        self.voice = voice
        self.seed = DEFAULT_SEED if options.seed is None else options.seed
        self.drawing: Chunk | None = None
        self.holder: Passage | None = None  # whose rows are in the slot's cache
        self.error: SeiyuuError | None = None
        self.closed = False
        self.awaited = True
        """Somebody waits for its first sound, or for its first sound after a turn."""
        self.passages: list[Passage] = []
        self._release = release
        self._tokenizer = tokenizer
        self._config = config
        self._hop = hop
        self._rate = sample_rate
        self._language = options.language
        self._emotion = options.emotion
        self._budget = Budget(options.pace, sample_rate, hop)
        self._waiting: deque[Segment] = deque()
        self._speaking = 0  # the passage being drawn
        self._position = 0  # frames emitted
        self._ended = False
        self._warned = False
        self._items: list[StreamItem] = []

    # ---- the host's side

    @property
    def ready(self) -> bool:
        return bool(self.needs())

    @property
    def finished(self) -> bool:
        return self._ended and not self.ready

    @property
    def backlog(self) -> int:
        return len(self._waiting)

    def push(self, segment: Segment) -> None:
        self._waiting.append(segment)

    def end(self) -> None:
        self._ended = True

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._release(self.slot)
        self._waiting.clear()
        self._items.clear()
        self.passages.clear()
        self._speaking = 0
        self.drawing = self.holder = None

    def turn(self, emotion: Emotion, from_sample: int, ramp_ms: int) -> None:
        """Everything from the frame on is forgotten; codes that frames before it are made of stay."""
        frame = min(-(-from_sample // self._hop), self._position)
        self._emotion = emotion
        self._waiting = deque(replace(s, emotion=None, turns=()) for s in self._waiting)
        self.drawing = None
        self.awaited = True
        self._items = [item for item in self._items if isinstance(item, Turned)]
        first = next((i for i, p in enumerate(self.passages) if not self._before(p, frame)), None)
        char = self._char_at(frame)
        if first is not None:
            self._speaking = first
            self._go_back(self.passages[first], frame, emotion, ramp_ms)
            for passage in self.passages[first + 1 :]:
                passage.forget_speech()
                passage.emotion, passage.at = emotion, None
        self._position = frame
        self._items.append(Turned(frame * self._hop, char, emotion))

    # ---- the engine's side

    def needs(self) -> tuple[Need, ...]:
        """What it can make use of now; what it waits for comes first."""
        if self.closed:
            return ()
        if self._items or self.error is not None:
            return (Need.SAY,)
        if not self._fill():
            return (Need.SAY,) if self._silence_left or self.error is not None else ()
        decode = (Need.DECODE,) if self.decoding(ahead=True)[1] else ()
        if self.drawing is not None or self.chunk() is not None:
            return (Need.DRAW, *decode)
        return decode

    @property
    def current(self) -> Passage:
        """The passage being drawn."""
        return self.passages[self._speaking]

    def say(self) -> list[StreamItem]:
        """Items that need no network: turns, and the silence that fills a duration asked for."""
        items, self._items = self._items, []
        silence = self._silence_left
        if not items and silence:
            items.append(self._quiet(silence))
        return items

    def decoding(self, *, ahead: bool) -> tuple[Passage, int]:
        """The passage whose codes come next, and how many of them are wanted; none is 0.

        With ``ahead`` also those that are not urgent. Only called while there is a passage to speak.
        """
        passage, wanted = self.current, 0
        more = self._config.ahead_codes if ahead else 0
        if not passage.done:
            wanted = self.codes_wanted(passage) + more - len(passage.codes)
        elif ahead and self._speaking + 1 < len(self.passages):
            passage = self.passages[self._speaking + 1]
            wanted = 0 if passage.done else more - len(passage.codes)
        return passage, max(wanted, 0)

    def codes_wanted(self, passage: Passage) -> int:
        """Codes before the next chunk can be drawn: one more than it is made of, to know if speech ends there."""
        if self._held(passage):
            return self._config.limit(len(passage.tokens)) + 1
        return self._chunk_codes(passage) + 1

    def codes_budgeted(self, passage: Passage) -> int | None:
        """Codes the passage should have where a duration was asked for and a count can be given to the decoder."""
        if self._config.count_layout == "none" or not self._ended:
            return None
        return self._budget.codes(passage, self.passages[self._speaking :], self._position)

    def chunk(self) -> tuple[int, int, int] | None:
        """The next chunk of the current passage, when its codes are there: first frame, last, and look-ahead.

        What is drawn does not depend on how far ahead decoding happens to be, so speech is the same beside any
        company.
        """
        passage = self.current
        if not passage.done and len(passage.codes) < self.codes_wanted(passage):
            return None
        last = self._speaking == len(self.passages) - 1
        if self._budget.fixed and last and not self._ended:
            return None  # it may be the last one, and is planned when that is known
        if passage.done:
            self._fit(passage)
        start = passage.committed
        if passage.done and len(passage.codes) <= self._chunk_codes(passage):
            return start, max(passage.total, start), 0
        return start, start + self._chunk_frames(passage), self._config.look_ahead

    def drawn(self, samples: Samples, last: bool, starts: list[int]) -> list[StreamItem]:
        """Take a chunk's samples and the starts of its tokens; the items to emit, in order."""
        passage = self.current
        assert passage.at is not None
        items: list[StreamItem] = self._notices()
        if (quiet := passage.at + passage.gap - self._position) > 0:
            items.append(self._quiet(quiet))
        origin = passage.at + passage.gap
        begin = self._position - origin
        stop = begin + len(samples) // self._hop
        items.extend(self._marks(passage, starts, begin, stop, last))
        if len(samples):
            self.awaited = False
            items.append(AudioChunk(samples, self._rate, self._position * self._hop))
        passage.sound.append(samples)
        self._position = origin + stop
        if last:
            passage.spoken = True
            self._speaking += 1
        return items

    def failed(self, why: str) -> Output[SpeechJob]:
        """The end of this job alone."""
        self.error = EngineFailed(f"the {ENGINE} engine failed while speaking: {why}")
        return Output(self, error=self.error)

    def crowded_out(self) -> Output[SpeechJob]:
        """The end of this job because there is no room for it; later, or beside fewer, it may be spoken."""
        self.error = Overloaded(f"the device of the {ENGINE} engine ran out of memory")
        return Output(self, error=self.error)

    def vector_due(self, passage: Passage) -> Tensor | None:
        """The emotion vector to change to before the next code, if the time has come."""
        due = None
        while passage.changes and passage.changes[0].code <= len(passage.codes):
            due = passage.changes.pop(0).vector
        return due

    # ---- inside

    def _fill(self) -> bool:
        """Make passages of waiting text until there is one to speak; False when there is nothing to say yet."""
        while self._waiting and (self._budget.fixed or self._speaking >= len(self.passages) - 1):
            try:
                self._read(self._waiting.popleft())
            except SeiyuuError as error:
                self.error = error
                return False
        if self._speaking >= len(self.passages):
            return False
        if self.current.at is None:
            self.current.at = self._position
        return True

    def _read(self, segment: Segment) -> None:
        """Append the passages of a segment, cut where a turn or a pause was written into it."""
        if segment.emotion is not None:
            self._emotion = segment.emotion
        language = self._language if segment.language == "auto" else segment.language
        rate = NATURAL * Fraction(segment.rate).limit_denominator(1000) / self._budget.ratio
        turns = {turn.char: turn.emotion for turn in segment.turns}
        pauses = {pause.char: pause.duration_ms for pause in segment.pauses}
        inside = {c for c in (*turns, *pauses) if segment.char_start < c < segment.char_end}
        cuts = sorted({segment.char_start, *inside})
        for start, end in zip(cuts, [*cuts[1:], segment.char_end], strict=True):
            self._emotion = turns.get(start, self._emotion)
            silence = self._frames(pauses[start]) if start in pauses else None
            text = segment.text[start - segment.char_start : end - segment.char_start]
            if not has_speech(text):
                continue  # signs alone are a pause at most, and the decoder would make noise of them
            for tokens in passages(self._tokenizer.tokens(text, start, language)):
                gap = self._gap() if silence is None else silence
                silence = 0
                script = Script(text, start, tokens)
                number = len(self.passages)
                passage = Passage(number, tokens, script, gap, self._emotion, rate)
                self.passages.append(passage)

    def _gap(self) -> int:
        """Silence before the next passage: none before the first, none where a sentence was cut for its length."""
        if not self.passages or not self.passages[-1].tokens[-1].stop:
            return 0
        return self._frames(self._config.gap_ms)

    def _frames(self, ms: int) -> int:
        """Frames of silence, which follows a ratio as speech does; a duration asked for leaves silences alone."""
        return round(ms * self._budget.ratio * self._rate / 1000 / self._hop)

    def _held(self, passage: Passage) -> bool:
        """Whether the passage is decoded to its end before anything of it sounds."""
        return self._budget.fixed or len(passage.tokens) <= self._config.hold_tokens

    def _chunk_frames(self, passage: Passage) -> int:
        sizes = self._config.chunk_frames
        return sizes[min(passage.chunks, len(sizes) - 1)]

    def _chunk_codes(self, passage: Passage) -> int:
        end = passage.committed + self._chunk_frames(passage) + self._config.look_ahead
        return passage.stretch.codes_for(end)

    def _fit(self, passage: Passage) -> None:
        """Bend the rest of a decoded passage to its share of the time that is left."""
        if not self._budget.fixed or not passage.codes:
            return
        following = self.passages[self._speaking + 1 :]
        assert passage.at is not None
        begun = passage.at + passage.gap
        rest = self._budget.share(passage, following, begun, last=self._ended and not self._waiting)
        if rest is not None and rest > passage.committed:
            passage.stretch.fit(passage.committed, len(passage.codes), rest)

    @property
    def _silence_left(self) -> int:
        """Frames of silence that fill up a duration asked for, once everything is said."""
        said = self._ended and not self._waiting and self._speaking >= len(self.passages)
        if not said or not self.passages:
            return 0
        return max(0, self._budget.target - self._position)

    def _quiet(self, frames: int) -> AudioChunk:
        chunk = AudioChunk(
            np.zeros(frames * self._hop, np.float32), self._rate, self._position * self._hop
        )
        self._position += frames
        return chunk

    def _marks(
        self, passage: Passage, starts: list[int], begin: int, stop: int, last: bool
    ) -> Iterator[StreamItem]:
        """Announce the units that begin in frames ``begin:stop``, all the rest with the last chunk."""
        origin = self._position - begin
        script = passage.script
        known = [unit for unit in script.units if unit.first < len(starts)]
        begins = [(origin + passage.frame_of(starts[unit.first])) * self._hop for unit in known]
        now = self._position * self._hop
        begins[passage.announced :] = [max(b, now) for b in begins[passage.announced :]]
        until = (origin + stop) * self._hop
        reached = len(known) if last else sum(b < until for b in begins)
        if reached <= passage.announced:
            return
        # a mark is never moved once announced, so none reaches into what is still to be decided
        closing = begins[reached] if reached < len(begins) else until
        marks = script.marks(begins[:reached], min(closing, until), passage.announced)
        yield from sorted(marks, key=lambda mark: mark.start)
        passage.starts = starts[: script.units[reached - 1].first + 1]
        passage.announced = reached

    def _notices(self) -> list[StreamItem]:
        """Say once that the duration asked for cannot be spoken, and which can."""
        if not self._budget.possible or self._warned:
            return []
        self._warned = True
        low, high = self._budget.possible
        message = (
            f"the duration asked for cannot be spoken intelligibly, expected {low} to {high} ms"
        )
        return [Notice(self._position * self._hop, "duration_out_of_range", message)]

    def _before(self, passage: Passage, frame: int) -> bool:
        """Whether a passage is over before a frame."""
        if passage.at is None or not passage.spoken:
            return False
        return passage.at + passage.gap + passage.committed <= frame

    def _char_at(self, frame: int) -> int:
        heard = [p for p in self.passages if p.at is not None and p.at + p.gap <= frame]
        if not heard:
            return self.passages[0].script.char_at([], 0) if self.passages else 0
        passage = heard[-1]
        assert passage.at is not None
        local = frame - passage.at - passage.gap
        units = [unit for unit in passage.script.units if unit.first < len(passage.starts)]
        begins = [passage.frame_of(passage.starts[unit.first]) for unit in units]
        return passage.script.char_at(begins, local)

    def _go_back(self, passage: Passage, frame: int, emotion: Emotion, ramp_ms: int) -> None:
        local = -1 if passage.at is None else frame - passage.at - passage.gap
        passage.emotion = emotion
        target = self.voice.vector(emotion)
        if local <= 0 or passage.mel is None:
            turns = passage.turns
            passage.forget_speech()
            passage.turns = turns + 1
            return
        passage.rewind(local, self._hop)
        origin = passage.vector
        assert origin is not None
        stages = max(1, min(4, round(ramp_ms / 40)))
        code = len(passage.codes)
        passage.changes = [
            Change(code + 2 * i, origin + (target - origin) * ((i + 1) / stages))
            for i in range(stages)
        ]
