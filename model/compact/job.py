"""One utterance of the compact engine: segments become clauses, clauses become takes, takes become sound."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from ...streaming.audio import AudioChunk, Samples
from ...streaming.emotion import Emotion
from ...streaming.segment import Segment
from ..engine import Notice, StreamItem, StreamOptions, Turned
from .budget import INTELLIGIBLE, Budget
from .clause import Clause
from .marks import Cue
from .prosody import EmotionState, Prosody, TokenTurn
from .take import LEAD_FRAMES, TAIL_FRAMES, Renderer, Take
from .track import FRAME_SAMPLES, SAMPLE_RATE

WINDOWS = (7, 13, 21)
"""Frames of an utterance's first windows, and of the first after a turn: sound soon, then a cushion; the last one
repeats, for longer ones cost hardly less a frame, and more would be made again at a turn. With the overlap each is one
run of the decoder at a length it is compiled for."""

TAKES_KEPT = 8
"""Takes a turn can go back over: more than a listener can be behind."""


@dataclass(frozen=True, slots=True)
class Line:
    """A clause with what the writer asked for in it.

    ``emphasis [n]`` weighs its tokens, see :class:`~.prosody.RuleProsody`.
    ``pause`` frames of silence come after it if something follows, beyond its own tail and the next lead;
    ``silence`` samples come before it, as the writer asked.
    """

    clause: Clause
    cues: tuple[Cue, ...]
    turns: tuple[TokenTurn, ...]
    emphasis: Samples
    rate: float
    pause: int
    silence: int

    @property
    def natural_frames(self) -> int:
        """Frames it takes at a free pace in a neutral tone, the silence before it included."""
        first, last = self.clause.speech
        spoken = int(self.clause.durations[first:last].sum())
        return LEAD_FRAMES + spoken + TAIL_FRAMES + self.silence // FRAME_SAMPLES


@dataclass(frozen=True, slots=True)
class Read:
    """A segment, read: what there is to speak, and what its writer should be told."""

    lines: tuple[Line, ...] = ()
    warnings: tuple[str, ...] = ()


class Workshop(Protocol):
    """What a job borrows from its engine."""

    def read(self, segment: Segment, options: StreamOptions) -> Read: ...

    def prosody(self, line: Line, emotion: EmotionState, seed: int | None) -> Prosody: ...

    def renderer(self, clause: Clause) -> Renderer: ...


class CompactJob:
    """The state of one utterance; each :meth:`step` reads one segment or makes one window of sound.

    ``windows`` are the frames of its first windows, of which the last repeats.
    """

    def __init__(self, workshop: Workshop, options: StreamOptions) -> None:
        self.windows: tuple[int, ...] = WINDOWS
        self._workshop = workshop
        self._options = options
        self._segments: deque[Segment] = deque()
        self._lines: deque[Line] = deque()  # read, not begun
        self._takes: list[tuple[Line, Take]] = []  # begun, oldest first
        self._notices: list[Notice] = []
        self._emotion = EmotionState.of(options.emotion)
        self._end_sample = 0  # everything before was emitted
        self._windows = 0  # rendered since the beginning or the last turn
        self._ended = False
        self._turned: Turned | None = None
        self._budget = Budget(options.pace)
        self._warned = False

    @property
    def backlog(self) -> int:
        return len(self._segments)

    @property
    def ready(self) -> bool:
        waiting = self._segments or self._lines or self._notices
        return self._turned is not None or self._sounding or bool(waiting) or self._owes

    @property
    def finished(self) -> bool:
        return self._ended and not self.ready

    @property
    def _sounding(self) -> bool:
        return bool(self._takes) and not self._takes[-1][1].finished

    @property
    def _owes(self) -> bool:
        """An ended utterance is still shorter than it was asked to be."""
        return self._ended and self._budget.owed(self._end_sample) > 0

    def push(self, segment: Segment) -> None:
        self._segments.append(segment)

    def end(self) -> None:
        self._ended = True
        self._steer()

    def close(self) -> None:
        self._segments.clear()
        self._lines.clear()
        self._takes.clear()

    def turn(self, emotion: Emotion, from_sample: int, ramp_ms: int) -> None:
        self._segments = deque(replace(s, emotion=None, turns=()) for s in self._segments)
        self._lines = deque(replace(line, turns=()) for line in self._lines)
        while len(self._takes) > 1 and self._takes[-1][1].offset >= from_sample:
            line, _ = self._takes.pop()  # begun behind the turn: to be spoken again
            self._lines.appendleft(replace(line, turns=()))
        position, char = min(from_sample, self._end_sample), 0
        if self._takes:
            take = self._takes[-1][1]
            position = max(take.turn(emotion, from_sample, ramp_ms), position)
            char = take.char_at(position)
        else:
            self._emotion.turn(emotion, ramp_ms)
        self._end_sample = position
        self._windows = 0
        self._budget.turned(position)
        self._turned = Turned(position, char, emotion)
        self._steer()

    def step(self) -> list[StreamItem]:
        """Read one segment, or make one window of sound."""
        items: list[StreamItem] = []
        if self._turned is not None:
            items.append(self._turned)
            self._turned = None
        if self._should_read():
            self._read()
            if self._sounding:
                return items + self._noticed()
        items.extend(self._noticed())
        if not self._sounding and self._lines:
            items.extend(self._begin())
        if self._sounding:
            items.extend(self._speak())
        elif self._owes and not self._segments:
            items.append(self._silence(self._budget.owed(self._end_sample)))
        return items

    def ahead(self) -> tuple[Prosody, int] | None:
        """Whose frames the next window waits for, and how many; None if what may yet come could change them."""
        if not self._sounding or not (self._budget.settled or self._complete):
            return None
        take = self._takes[-1][1]
        return take.prosody, take.undecided(self._window)

    @property
    def _complete(self) -> bool:
        """All of the text was read."""
        return self._ended and not self._segments

    @property
    def _window(self) -> int:
        """Frames of the next window."""
        return self.windows[min(self._windows, len(self.windows) - 1)]

    def _should_read(self) -> bool:
        """Read when there is nothing else to say, or, with sound enough ahead, before it is needed."""
        if not self._segments:
            return False
        if not self._sounding:
            return not self._lines or self._budget.needs_all
        return not self._lines and self._windows > len(self.windows)

    def _read(self) -> None:
        while self._segments:
            read = self._workshop.read(self._segments.popleft(), self._options)
            self._lines.extend(read.lines)
            for warning in read.warnings:
                self._notices.append(Notice(self._end_sample, "reading", warning))
            if read.lines and not self._budget.needs_all:
                break
        self._steer()

    def _noticed(self) -> list[StreamItem]:
        notices: list[StreamItem] = list(self._notices)
        self._notices.clear()
        return notices

    def _begin(self) -> list[StreamItem]:
        """Start the next take, after the silence that is due."""
        line = self._lines.popleft()
        items: list[StreamItem] = []
        due = line.silence
        pause = self._takes[-1][0].pause if self._takes else 0
        self._budget.next_take(pause + line.silence / FRAME_SAMPLES / self._pause_factor())
        if self._takes:
            before, take = self._takes[-1]
            gap = self._end_sample - take.end_sample
            due += round(before.pause * self._pause_factor()) * FRAME_SAMPLES - gap
        if due > 0:
            items.append(self._silence(due))
        prosody = self._workshop.prosody(line, self._emotion, self._options.seed)
        renderer = self._workshop.renderer(line.clause)
        take = Take(line.clause, prosody, line.cues, self._end_sample, renderer)
        self._takes.append((line, take))
        del self._takes[:-TAKES_KEPT]
        self._steer()
        return items

    def _pause_factor(self) -> float:
        """Pauses follow the pace that was asked for."""
        return min(max(self._budget.factor, 0.25), 3.0)

    def _steer(self) -> None:
        """Tell the take being spoken how long it may take, from where it stands."""
        if self._budget.free or not self._sounding:
            return
        line, take = self._takes[-1]
        rest = float(sum(line.natural_frames for line in self._lines))
        rest += sum(line.pause for line in (line, *self._lines)) - (self._lines or [line])[-1].pause
        frames = self._budget.frames(
            take.natural_frames(), rest, self._end_sample, complete=self._complete
        )
        if frames is not None:
            take.steer(frames)
        low, high = INTELLIGIBLE
        if not low <= self._budget.factor <= high and not self._warned:
            self._warned = True
            self._notices.append(self._out_of_range())

    def _out_of_range(self) -> Notice:
        low, high = INTELLIGIBLE
        return Notice(
            self._end_sample,
            "duration_out_of_range",
            f"the requested duration is {self._budget.factor:.2f} times the natural one; speech stays intelligible "
            f"between {low} and {high} times",
        )

    def _speak(self) -> list[StreamItem]:
        """Render the next window."""
        take = self._takes[-1][1]
        marks, samples, at = take.emit(self._window)
        self._windows += 1
        self._end_sample = at + len(samples)
        return [*marks, AudioChunk(samples, SAMPLE_RATE, at)]

    def _silence(self, samples: int) -> AudioChunk:
        chunk = AudioChunk(np.zeros(samples, np.float32), SAMPLE_RATE, self._end_sample)
        self._end_sample += samples
        return chunk
