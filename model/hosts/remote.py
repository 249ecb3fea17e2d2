"""An engine in another process: the asking side, whatever carries the calls there.

A worker's death is ordinary: every stream open in it fails with ``engine_crashed``, which may be retried, the worker is
started and warmed again, and streams are taken as soon as it is warm.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable
from typing import Protocol, cast

from ...streaming.audio import Samples
from ...streaming.emotion import Emotion
from ...streaming.errors import EngineCrashed, EngineFailed, InvalidState, UnknownVoice, Unsupported
from ...streaming.segment import Segment
from ..engine import EngineInfo, StreamOptions
from ..voice import Voice
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
    Push,
    Question,
    Release,
    Start,
    Stop,
    Took,
    Turn,
)
from .stream import HostStream

log = logging.getLogger(__name__)

TOOK_S = 0.25
"""Audio a reader takes before the worker is told; its lanes wait for seconds, so that no more is needed."""
RETRIES = 5
FIRST_DELAY_S = 0.2
"""How often a worker that dies is started again before it has spoken, and the first wait, doubled each time."""


class Link(Protocol):
    """Carries calls to one worker and its events back, both in order."""

    async def connect(self, hear: Callable[[Event], None], lost: Callable[[str], None]) -> None:
        """Start the worker. ``hear`` and ``lost`` are called on the loop; after ``lost``, never again.

        Raises:
            EngineFailed: it cannot be started; the message says what to do.
        """
        ...

    def send(self, call: Call) -> None:
        """Return at once; what is sent to a lost worker is dropped."""
        ...

    async def disconnect(self) -> None:
        """End the worker, or this side's use of it. Idempotent; ``lost`` is not called."""
        ...


class RemotePlace:
    """A job in the worker as a :class:`~.stream.Place`."""

    def __init__(self, engine: RemoteEngine, link: Link, stream: int) -> None:
        self._engine = engine
        self._link = link
        self._stream = stream
        self._step = round(TOOK_S * engine.info.sample_rate)
        self._told = 0

    @property
    def info(self) -> EngineInfo:
        return self._engine.info

    def push(self, segment: Segment) -> None:
        self._link.send(Push(self._stream, segment))

    def end(self) -> None:
        self._link.send(End(self._stream))

    def turn(self, turn: int, emotion: Emotion, from_sample: int, ramp_ms: int) -> None:
        self._told = min(self._told, from_sample)
        self._link.send(Turn(self._stream, turn, emotion, from_sample, ramp_ms))

    def took(self, end: int) -> None:
        if end - self._told >= self._step:
            self._told = end
            self._link.send(Took(self._stream, end))

    async def release(self) -> None:
        await self._engine.release(self._stream)


class RemoteEngine:
    """An :class:`~..engine.Engine` behind a link; ``link`` makes a new one for each life of the worker."""

    def __init__(
        self, info: EngineInfo, voices: tuple[Voice, ...], link: Callable[[], Link]
    ) -> None:
        self._info = info
        self._voices = voices
        self._make_link = link
        self._link: Link | None = None  # set while the worker is warm
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[object]] = {}
        self._streams: dict[int, HostStream] = {}
        self._reviving: asyncio.Task[None] | None = None
        self._started = False
        self._dead = ""  # why there will be no worker any more

    @property
    def info(self) -> EngineInfo:
        return self._info

    def voices(self) -> tuple[Voice, ...]:
        """See :meth:`Engine.voices`."""
        return self._voices

    async def start(self) -> None:
        """See :meth:`Engine.start`."""
        if not self._started:
            await self._begin()
            self._started = True
            self._dead = ""

    async def close(self) -> None:
        """See :meth:`Engine.close`."""
        self._started = False
        if self._reviving is not None:
            self._reviving.cancel()
            await asyncio.wait([self._reviving])
            self._reviving = None
        for stream in tuple(self._streams):
            await self.release(stream)
        if (link := self._link) is not None:
            try:
                await self._ask(link, Stop())
            except EngineCrashed:
                log.warning("the worker of %s died while it was stopped", self._info.name)
            self._link = None
            await link.disconnect()

    async def open(self, voice: Voice, options: StreamOptions) -> HostStream:
        """See :meth:`Engine.open`.

        Raises:
            EngineCrashed: the worker died and is not warm again yet; or it is given up, which the message says.
        """
        link = self._warm()
        if voice.engine != self._info.name:
            raise UnknownVoice(f"the voice {voice.name!r} belongs to the {voice.engine} engine")
        number = next(self._numbers)
        stream = HostStream()
        stream.place = RemotePlace(self, link, number)
        self._streams[number] = stream
        try:
            await self._ask(link, Open(number, voice, options))
        except BaseException as error:
            self._streams.pop(number, None)
            if isinstance(error, asyncio.CancelledError):  # the slot may be taken by now
                link.send(Asked(next(self._numbers), Release(number)))
            raise
        return stream

    async def enroll(self, clip: Samples, sample_rate: int, *, name: str) -> Voice:
        """See :meth:`Engine.enroll`."""
        if not self._info.cloning:
            raise Unsupported(f"the {self._info.name} engine cannot clone voices")
        return cast(Voice, await self._ask(self._warm(), Enroll(clip, sample_rate, name)))

    async def manner(self, clip: Samples, sample_rate: int) -> str:
        """See :meth:`Engine.manner`. A new life of the worker knows none of the last one's."""
        if not self._info.manners:
            raise Unsupported(f"the {self._info.name} engine takes no manner of speech from a clip")
        return cast(str, await self._ask(self._warm(), Learn(clip, sample_rate)))

    async def describe(self, description: str) -> Emotion:
        """See :meth:`Engine.describe`."""
        if not self._info.describes:
            raise Unsupported(f"the {self._info.name} engine has no reader of descriptions")
        return cast(Emotion, await self._ask(self._warm(), Describe(description)))

    async def release(self, stream: int) -> None:
        """Free the slot of a stream. Idempotent."""
        if self._streams.pop(stream, None) is None or self._link is None:
            return
        try:
            await asyncio.shield(asyncio.ensure_future(self._ask(self._link, Release(stream))))
        except EngineCrashed:
            return  # its slot went with the worker

    def _warm(self) -> Link:
        if self._link is not None:
            return self._link
        if self._dead:
            raise EngineCrashed(f"the {self._info.name} engine is gone: {self._dead}")
        if not self._started:
            raise InvalidState("open before start")
        raise EngineCrashed(f"the {self._info.name} engine is being started again, try in a moment")

    async def _begin(self) -> None:
        """A new worker, warm."""
        link = self._make_link()
        await link.connect(self._hear, lambda reason: self._lost(link, reason))
        try:
            await self._ask(link, Start())
        except BaseException:
            await link.disconnect()
            raise
        self._link = link

    async def _ask(self, link: Link, question: Question) -> object:
        number = next(self._numbers)
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._answers[number] = future
        try:
            link.send(Asked(number, question))
            return await future
        finally:
            self._answers.pop(number, None)

    def _hear(self, event: Event) -> None:
        match event:
            case Made(number, turn, items, error, backlog, finished):
                if (stream := self._streams.get(number)) is not None:
                    stream.deliver(turn, items, error, backlog, finished)
            case Answer(number, result, error):
                future = self._answers.get(number)
                if future is not None and not future.done():
                    if error is None:
                        future.set_result(result)
                    else:
                        future.set_exception(error)

    def _lost(self, link: Link, reason: str) -> None:
        """The worker died: everything open in it fails, and another is started."""
        log.error("the worker of %s is gone: %s", self._info.name, reason)
        failure = EngineCrashed(f"the {self._info.name} engine stopped unexpectedly")
        for stream in self._streams.values():
            stream.deliver(0, (), failure, 0, False)
        for future in self._answers.values():
            if not future.done():
                future.set_exception(EngineCrashed(f"{failure}: {reason}"))
        if link is self._link:  # it had been warm
            self._link = None
            self._reviving = asyncio.create_task(self._revive(), name=f"revive-{self._info.name}")

    async def _revive(self) -> None:
        for attempt in range(RETRIES):
            try:
                await self._begin()
            except EngineFailed as error:
                self._dead = str(error)
                await asyncio.sleep(FIRST_DELAY_S * 2**attempt)
            else:
                self._dead = ""
                log.info("the worker of %s is warm again", self._info.name)
                return
        log.error("the worker of %s is given up: %s", self._info.name, self._dead)
