"""The text side of one utterance: deltas in, segments out, kept until they can no longer be needed again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from ..streaming.cleaning import AS_WRITTEN, Cleaning
from ..streaming.clock import Clock
from ..streaming.direction import Remark
from ..streaming.emotion import Emotion
from ..streaming.segment import Language, Segment
from ..streaming.segmenter import Segmenter
from .requests import Requests


class Script:
    """Written by the session, read by the task that feeds the engine.

    A writer who stalls for ``soft_flush_s`` does not hold up what can be spoken without harm.
    """

    def __init__(
        self,
        language: Language,
        emotion: Emotion,
        requests: Requests,
        clock: Clock,
        soft_flush_s: float,
        cleaning: Cleaning = AS_WRITTEN,
        *,
        pace: float = 1.0,
    ) -> None:
        self.text = ""
        """Everything written, tags included."""
        self.ended = False
        """There will be no more text."""
        self._segmenter = Segmenter(language, emotion, pace=pace, cleaning=cleaning)
        self._holding = emotion  # at the end of the last segment given, as the engine has it
        self._requests = requests
        self._clock = clock
        self._soft_flush_s = soft_flush_s
        self._stall: asyncio.TimerHandle | None = None
        self._segments: list[Segment] = []
        self._read = 0
        self._more = asyncio.Event()

    @property
    def given(self) -> int:
        """How many characters the segments reach."""
        return self._segments[-1].char_end if self._segments else 0

    @property
    def hungry(self) -> bool:
        """Everything written so far was read, and more may come."""
        return not self.ended and self._read == len(self._segments)

    def write(self, delta: str, emotion: Emotion | None = None, pace: float = 1.0) -> list[Remark]:
        """Add text, in an emotion of its own or the one that holds; returns what the writer should know about it."""
        self.text += delta
        self._give(lambda: self._segmenter.write(delta, emotion, pace))
        if self._stall is not None:
            self._stall.cancel()
        loop = asyncio.get_running_loop()
        self._stall = loop.call_later(self._soft_flush_s, self._stalled)
        return self._segmenter.take_remarks()

    def flush(self) -> list[Remark]:
        """Speak what there is."""
        self._give(self._segmenter.flush)
        return self._segmenter.take_remarks()

    def end(self) -> list[Remark]:
        """No more text. Idempotent."""
        if not self.ended:
            self.ended = True
            self._give(self._segmenter.flush)
            self.close()
        return self._segmenter.take_remarks()

    def turn(self, emotion: Emotion, pace: float = 1.0, *, next_segment: bool) -> None:
        """Text not given out yet follows ``emotion``, which the engine knows of unless it is for ``next_segment``."""
        self._segmenter.turn(emotion, pace)
        if not next_segment:
            self._holding = emotion

    def close(self) -> None:
        """Nobody reads any more, or nothing is written; wakes a reader that waits. Idempotent."""
        self.ended = True
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
        self._more.set()

    async def next(self) -> Segment | None:
        """The next segment, or None when there will be none. Cancelling the wait loses nothing."""
        while self._read == len(self._segments):
            if self.ended:
                return None
            self._more.clear()
            await self._more.wait()
        self._read += 1
        return self._segments[self._read - 1]

    def restart(self) -> None:
        """Read from the beginning once more."""
        self._read = 0

    def _stalled(self) -> None:
        self._stall = None
        self._give(self._segmenter.flush_soft)

    def _give(self, cut: Callable[[], list[Segment]]) -> None:
        now = self._clock.now()
        for segment in cut():
            if segment.emotion == self._holding:
                segment = replace(segment, emotion=None)  # so that a live turn holds for it as well
            elif segment.emotion is not None:
                self._holding = segment.emotion
                self._requests.add(segment.emotion, now, segment.char_start)
            for turn in segment.turns:
                self._holding = turn.emotion
                self._requests.add(turn.emotion, now, turn.char)
            self._segments.append(segment)
            self._more.set()
