"""A stream as asyncio sees it, wherever its engine lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from ...streaming.audio import AudioChunk
from ...streaming.emotion import Emotion
from ...streaming.errors import InvalidState, SeiyuuError, Unsupported
from ...streaming.segment import Segment
from ..engine import EngineInfo, StreamItem
from .lane import Pending

MAX_BACKLOG = 16
"""Segments a stream may hold that its core has not begun; ``push`` waits beyond."""


class Place(Protocol):
    """What a stream asks of where its job runs. All but :meth:`release` return at once and are obeyed in order."""

    @property
    def info(self) -> EngineInfo: ...

    def push(self, segment: Segment) -> None: ...

    def end(self) -> None: ...

    def turn(self, turn: int, emotion: Emotion, from_sample: int, ramp_ms: int) -> None:
        """Turn number ``turn`` of this stream; what is made from then on carries that number."""
        ...

    def took(self, end: int) -> None:
        """The reader took what ends at sample ``end``."""
        ...

    async def release(self) -> None:
        """Free the job; no delivery follows. Idempotent."""
        ...


class HostStream:
    """The :class:`~..engine.Stream` every host gives; ``place`` is set before the first call."""

    place: Place

    def __init__(self) -> None:
        self._pending = Pending()
        self._error: SeiyuuError | None = None
        self._complete = False  # the core emitted the last sample of an ended text
        self._ended = False
        self._closed = False
        self._backlog = 0
        self._changed = asyncio.Event()

    async def push(self, segment: Segment) -> None:
        """See :meth:`Stream.push`. Cancelling it is safe: the segment is pushed or it is not."""
        if self._ended:
            raise InvalidState("push after end")
        while self._backlog >= MAX_BACKLOG and not (self._closed or self._error):
            self._changed.clear()
            await self._changed.wait()
        if self._error is not None:
            raise self._error
        if not self._closed:
            self._backlog += 1
            self._complete = False
            self.place.push(segment)

    async def end(self) -> None:
        """See :meth:`Stream.end`."""
        if not self._ended:
            self._ended = True
            self.place.end()

    async def turn(self, emotion: Emotion, *, from_sample: int, ramp_ms: int = 120) -> None:
        """See :meth:`Stream.turn`. What waits behind ``from_sample`` is dropped at once."""
        info = self.place.info
        if not info.emotion:
            raise Unsupported(f"the {info.name} engine has no emotions")
        if self._closed or self._error is not None:
            return
        turn = self._pending.turn(from_sample)
        self._complete = False
        self.place.turn(turn, emotion, from_sample, ramp_ms)

    async def cancel(self) -> None:
        """See :meth:`Stream.cancel`. Cancelling this call leaves the cancel itself under way."""
        if not self._closed:
            self._closed = True
            self._pending.clear()
            self._changed.set()
        await self.place.release()

    async def __aiter__(self) -> AsyncIterator[StreamItem]:
        """Items in order; cancelling the wait for one loses nothing."""
        while True:
            while not self._closed and (item := self._pending.take()) is not None:
                if isinstance(item, AudioChunk):
                    self.place.took(item.end)
                yield item
            if self._closed:
                return
            if self._error is not None:
                raise self._error
            if self._complete:
                return
            self._changed.clear()
            await self._changed.wait()

    def deliver(
        self,
        turn: int,
        items: Sequence[StreamItem],
        error: SeiyuuError | None,
        backlog: int,
        finished: bool,
    ) -> None:
        """What a step made under turn number ``turn``; called on the loop."""
        self._backlog = backlog
        if error is not None:
            self._error = error
        self._pending.add(turn, items)
        self._complete = finished and turn == self._pending.turns
        self._changed.set()
