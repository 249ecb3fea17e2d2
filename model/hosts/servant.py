"""The far end of a remote host: calls come in, an engine on a thread of this process obeys, events go out."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Sequence
from typing import Any, assert_never

from ...streaming.errors import EngineFailed, SeiyuuError
from .calls import (
    Answer,
    Asked,
    Call,
    Describe,
    End,
    Enroll,
    Event,
    Learn,
    Made,
    Open,
    Order,
    Push,
    Question,
    Release,
    Start,
    Stop,
    Took,
    Turn,
)
from .inline import InlineEngine, ThreadPlace

log = logging.getLogger(__name__)


class Servant:
    """Serves one asking side of ``engine``; several may share an engine. ``tell`` must not block."""

    def __init__(self, engine: InlineEngine[Any], tell: Callable[[Event], None]) -> None:
        self._engine = engine
        self._tell = tell
        self._places: dict[int, ThreadPlace[Any]] = {}
        self._opening: dict[int, bool] = {}  # stream → whether it is still wanted
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, calls: Sequence[Call]) -> None:
        """Obey what was said together; answers to what wants one are told later."""
        for call in calls:
            if isinstance(call, Asked):
                task = asyncio.create_task(self._answer(call))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            elif (place := self._places.get(call.stream)) is not None:
                _obey(place, call)

    async def leave(self) -> None:
        """The asking side is gone: free what it had open."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._places:
            _, place = self._places.popitem()
            await place.release()

    async def _answer(self, asked: Asked) -> None:
        try:
            result = await self._do(asked.question)
        except SeiyuuError as error:
            self._tell(Answer(asked.number, error=error))
        except (
            Exception
        ) as error:  # whatever a library throws, the asking side must not wait for ever
            log.exception("a call of the engine failed")
            self._tell(Answer(asked.number, error=EngineFailed(f"the engine failed: {error}")))
        else:
            self._tell(Answer(asked.number, result))

    async def _do(self, question: Question) -> object:
        match question:
            case Start():
                await self._engine.start()
            case Open():
                await self._open(question)
            case Enroll(clip, sample_rate, name):
                return await self._engine.enroll(clip, sample_rate, name=name)
            case Learn(clip, sample_rate):
                return await self._engine.manner(clip, sample_rate)
            case Describe(description):
                return await self._engine.describe(description)
            case Release(stream) if stream in self._opening:
                self._opening[stream] = False
            case Release(stream):
                if (place := self._places.pop(stream, None)) is not None:
                    await place.release()
            case Stop():
                await self._engine.close()
            case _:
                assert_never(question)
        return None

    async def _open(self, wish: Open) -> None:
        self._opening[wish.stream] = True
        try:
            deliver = functools.partial(self._made, wish.stream)
            place = await self._engine.place(wish.voice, wish.options, deliver)
        finally:
            wanted = self._opening.pop(wish.stream)
        if wanted:
            self._places[wish.stream] = place
        else:  # whoever asked was cancelled meanwhile
            await place.release()

    def _made(self, stream: int, *made: Any) -> None:
        if stream in self._places:  # a released stream is silent, whatever was on its way
            self._tell(Made(stream, *made))


def _obey(place: ThreadPlace[Any], order: Order) -> None:
    match order:
        case Push(_, segment):
            place.push(segment)
        case End():
            place.end()
        case Turn(_, turn, emotion, from_sample, ramp_ms):
            place.turn(turn, emotion, from_sample, ramp_ms)
        case Took(_, end):
            place.took(end)
        case _:
            assert_never(order)
