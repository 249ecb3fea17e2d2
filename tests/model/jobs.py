"""Utterances of the compact engine for tests: run to their end, put together, and without weights."""

from collections.abc import Sequence

import numpy as np

from seiyuu.model.compact.clause import Clause
from seiyuu.model.compact.job import CompactJob, Line, Read
from seiyuu.model.compact.marks import cues_of
from seiyuu.model.compact.prosody import EmotionState, Manner, Prosody
from seiyuu.model.compact.take import OVERLAP
from seiyuu.model.compact.track import FRAME_SAMPLES, Track
from seiyuu.model.compact.workshop import MakeProsody, by_rule
from seiyuu.model.engine import StreamItem, StreamOptions
from seiyuu.streaming.audio import Samples
from seiyuu.streaming.emotion import AXES
from seiyuu.streaming.segment import Segment
from seiyuu.streaming.timeline import Mark

from .clauses import make_clause

JOY = AXES.index("joy")


class NumberRenderer:
    """Each frame sounds as the place it is spoken at, and a hundredth of how joyful it is."""

    context = 14

    def __init__(self, clause: Clause) -> None:
        self._clause = clause

    def wanted(self, end: int) -> int:
        return end + self.context

    def render(self, track: Track, begin: int, end: int, *, complete: bool) -> Samples:
        assert complete or track.length >= end + self.context
        frames = np.clip(np.arange(begin, end + 1), 0, track.length - 1)
        place = self._clause.char_start + track.token[frames] + 1
        values = (place + track.strength[frames, JOY] / 100).astype(np.float32)
        return np.repeat(values, FRAME_SAMPLES)[: (end - begin) * FRAME_SAMPLES + OVERLAP]

    def rewind(self, frame: int) -> None:
        """Nothing is kept."""


class NumberWorkshop:
    """Every segment is one clause of its characters; a segment of blanks is none. Rules decide if nobody else does."""

    def __init__(self, make_prosody: MakeProsody = by_rule) -> None:
        self._make_prosody = make_prosody

    def read(self, segment: Segment, options: StreamOptions) -> Read:
        del options
        if not segment.text.strip():
            return Read(warnings=("nothing to say",))
        clause = make_clause(segment.text, char_start=segment.char_start)
        return Read(
            (
                Line(
                    clause,
                    cues_of(clause, segment.text),
                    (),
                    np.zeros(len(clause.symbols), np.float32),
                    1.0,
                    4,
                    0,
                ),
            )
        )

    def prosody(self, line: Line, emotion: EmotionState, seed: int | None) -> Prosody:
        return self._make_prosody(line, emotion, Manner(line.rate, seed=seed or 0))

    def renderer(self, clause: Clause) -> NumberRenderer:
        return NumberRenderer(clause)


def run(job: CompactJob, steps: int = 10_000) -> list[StreamItem]:
    """Step a job until it is not ready, or ``steps`` times."""
    items: list[StreamItem] = []
    while job.ready and steps > 0:
        items.extend(job.step())
        steps -= 1
    return items


def marks(items: Sequence[StreamItem], kind: str = "char") -> list[Mark]:
    """The marks of one kind, in order."""
    return [item for item in items if isinstance(item, Mark) and item.kind == kind]
