"""An engine on a thread of this process: the thread owns the core, asyncio talks to it through two queues."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from ...streaming.audio import Samples
from ...streaming.clock import Clock, SystemClock
from ...streaming.emotion import Emotion
from ...streaming.errors import (
    EngineCrashed,
    EngineFailed,
    InvalidState,
    Overloaded,
    SeiyuuError,
    UnknownVoice,
    Unsupported,
)
from ...streaming.segment import Segment
from ..core import Core, JobT, Listener, Output
from ..engine import EngineInfo, StreamOptions
from ..voice import Voice
from .lane import Deliver, Lane, Letter
from .stream import HostStream

log = logging.getLogger(__name__)

T = TypeVar("T")

Command = tuple[Callable[[], object], Lane[JobT] | None]


class ThreadPlace(Generic[JobT]):
    """A lane of the device thread as a :class:`~.stream.Place`."""

    def __init__(self, engine: InlineEngine[JobT], lane: Lane[JobT]) -> None:
        self._engine = engine
        self._lane = lane

    @property
    def info(self) -> EngineInfo:
        return self._engine.info

    def push(self, segment: Segment) -> None:
        self._engine.command(lambda: self._lane.job.push(segment), self._lane)

    def end(self) -> None:
        lane = self._lane

        def apply() -> None:
            lane.job.end()
            if lane.job.finished:  # nothing is left to step: say so now
                self._engine.send(lane, Output(lane.job))

        self._engine.command(apply, lane)

    def turn(self, turn: int, emotion: Emotion, from_sample: int, ramp_ms: int) -> None:
        lane = self._lane

        def apply() -> None:
            lane.job.turn(emotion, from_sample, ramp_ms)
            lane.turned(turn, from_sample)

        self._engine.command(apply, lane)

    def took(self, end: int) -> None:
        self._engine.took(self._lane, end)

    async def release(self) -> None:
        await self._engine.release(self._lane)


class InlineEngine(Generic[JobT]):
    """A core and its thread.

    ``ahead_s`` is how much undelivered audio a stream may hold before its lane is skipped, until half of it was
    taken. It covers one step of every other lane; more would only be made again at each turn of emotion.
    """

    def __init__(
        self, core: Core[JobT], *, ahead_s: float = 2.0, clock: Clock | None = None
    ) -> None:
        self._core = core
        self._ahead = round(ahead_s * core.info.sample_rate)
        self._clock = clock or SystemClock()
        self._commands: queue.SimpleQueue[Command[JobT]] = queue.SimpleQueue()
        self._lanes: dict[Lane[JobT], None] = {}  # the device thread's
        self._active: dict[
            Lane[JobT], None
        ] = {}  # those of them worth a look; a command brings one back
        self._open: set[Lane[JobT]] = set()  # the loop's
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._crash: BaseException | None = None

    @property
    def info(self) -> EngineInfo:
        return self._core.info

    def voices(self) -> tuple[Voice, ...]:
        return self._core.voices()

    async def start(self) -> None:
        """See :meth:`Engine.start`."""
        if self._thread is not None:
            return
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._thread = threading.Thread(
            target=self._run, name=f"engine-{self.info.name}", daemon=True
        )
        self._thread.start()
        try:
            await self.call(self._core.load)
        except BaseException:
            await self._join()
            raise

    async def close(self) -> None:
        """See :meth:`Engine.close`; streams still open end as if cancelled."""
        if self._thread is None:
            return
        for lane in tuple(self._open):
            await self.release(lane)
        if self._crash is None:
            await self.call(self._core.unload)
        await self._join()

    async def open(self, voice: Voice, options: StreamOptions) -> HostStream:
        """See :meth:`Engine.open`."""
        stream = HostStream()
        stream.place = await self.place(voice, options, stream.deliver)
        return stream

    async def place(
        self, voice: Voice, options: StreamOptions, deliver: Deliver
    ) -> ThreadPlace[JobT]:
        """Take a slot; what its job makes goes to ``deliver``, on the loop. Raises as :meth:`Engine.open`."""
        if self._thread is None:
            raise InvalidState("open before start")
        if voice.engine != self.info.name:
            raise UnknownVoice(f"the voice {voice.name!r} belongs to the {voice.engine} engine")
        if len(self._open) >= self.info.max_sessions:
            raise Overloaded(
                f"all {self.info.max_sessions} slots of the {self.info.name} engine are taken"
            )
        lane: Lane[JobT] = Lane(deliver)
        self._open.add(lane)  # before the await: two opens must not take one slot
        taken: list[JobT] = []
        try:
            await self.call(lambda: taken.append(self._core.open(voice, options)))
        except BaseException:
            self._open.discard(lane)
            self.command(lambda: [job.close() for job in taken])  # cancelled while it was opened
            raise
        lane.job = taken[0]
        self.command(lambda: self._lanes.setdefault(lane), lane)
        return ThreadPlace(self, lane)

    async def enroll(self, clip: Samples, sample_rate: int, *, name: str) -> Voice:
        """See :meth:`Engine.enroll`."""
        if not self.info.cloning:
            raise Unsupported(f"the {self.info.name} engine cannot clone voices")
        if self._core.enrols_apart:  # those who speak do not wait for it
            return await asyncio.to_thread(self._core.enroll, clip, sample_rate, name)
        return await self.call(lambda: self._core.enroll(clip, sample_rate, name))

    async def manner(self, clip: Samples, sample_rate: int) -> str:
        """See :meth:`Engine.manner`."""
        if not self.info.manners:
            raise Unsupported(f"the {self.info.name} engine takes no manner of speech from a clip")
        core = cast(Listener, self._core)
        return await self.call(lambda: core.manner(clip, sample_rate))

    async def describe(self, description: str) -> Emotion:
        """See :meth:`Engine.describe`. Cancelling it lets the reading go on, unheard."""
        if not self.info.describes:
            raise Unsupported(f"the {self.info.name} engine has no reader of descriptions")
        return await asyncio.to_thread(cast(Listener, self._core).describe, description)

    async def release(self, lane: Lane[JobT]) -> None:
        """Take a lane out of the thread's round and free its job. Idempotent."""
        if lane not in self._open:
            return

        def leave() -> None:
            self._forget(lane)
            lane.job.close()
            lane.deliver = _to_nobody  # a stream and its lane hold each other: let go, not left to the collector

        try:
            if self._crash is None:
                await asyncio.shield(asyncio.ensure_future(self.call(leave)))
        finally:
            self._open.discard(lane)

    def command(self, action: Callable[[], object], lane: Lane[JobT] | None = None) -> None:
        """Have ``action`` run on the device thread at its next step boundary; ``lane`` is looked at afterwards."""
        self._commands.put((action, lane))

    def took(self, lane: Lane[JobT], end: int) -> None:
        """The reader took what ends at sample ``end``; a lane that waited for that goes on."""
        lane.taken = end
        if lane.parked and lane.undelivered <= self._ahead // 2:
            lane.parked = False
            self.command(_nothing, lane)

    async def call(self, action: Callable[[], T]) -> T:
        """Run ``action`` on the device thread and return what it returns."""
        if self._crash is not None:
            raise EngineCrashed(f"the {self.info.name} engine stopped: {self._crash}")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def run() -> None:
            try:
                result = action()
            except BaseException as error:  # noqa: BLE001  the caller gets it, whatever it is
                loop.call_soon_threadsafe(_settle, future, None, error)
            else:
                loop.call_soon_threadsafe(_settle, future, result, None)

        self.command(run)
        return await future

    async def _join(self) -> None:
        self._stopping = True
        self.command(_nothing)
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.join)

    # ---- the device thread

    def _run(self) -> None:
        try:
            while not self._stopping:
                runnable = self._runnable()
                if self._obey(block=not runnable):
                    runnable = self._runnable()
                if runnable:
                    self._step(runnable)
        except BaseException as error:  # noqa: BLE001  the last stand: every stream must hear of it
            log.exception("the device thread of %s stopped", self.info.name)
            self._crash = error
            failure = EngineCrashed(f"the {self.info.name} engine stopped unexpectedly")
            for lane in self._lanes:
                self.send(lane, Output(lane.job, error=failure))

    def _runnable(self) -> list[Lane[JobT]]:
        """Lanes with work whose reader is not too far behind, most urgent first."""
        ready = []
        for lane in tuple(self._active):
            behind = lane.undelivered >= self._ahead and lane.park(self._ahead // 2)
            if behind or not lane.job.ready:
                del self._active[lane]
            else:
                ready.append(lane)
        if len(ready) > 1:
            now = self._clock.now()
            ready.sort(key=lambda lane: lane.lead_s(now, self.info.sample_rate))
        return ready

    def _obey(self, *, block: bool) -> bool:
        """Run the commands that wait; True if there were any."""
        obeyed = False
        try:
            while True:
                action, lane = self._commands.get(block=block and not obeyed)
                obeyed = True
                self._do(action, lane)
        except queue.Empty:
            return obeyed

    def _do(self, action: Callable[[], object], lane: Lane[JobT] | None) -> None:
        action()
        if lane is not None and lane in self._lanes:
            self._active[lane] = None

    def _forget(self, lane: Lane[JobT]) -> None:
        self._active.pop(lane, None)
        self._lanes.pop(lane, None)

    def _step(self, lanes: list[Lane[JobT]]) -> None:
        of_job = {id(lane.job): lane for lane in lanes}
        try:
            outputs = self._core.step([lane.job for lane in lanes])
        except SeiyuuError as error:
            outputs = [Output(lane.job, error=error) for lane in lanes]
        except Exception:
            log.exception("a step of %s failed", self.info.name)
            failure = EngineFailed(f"the {self.info.name} engine failed while speaking")
            outputs = [Output(lane.job, error=failure) for lane in lanes]
        letters = []
        for output in outputs:
            lane = of_job[id(output.job)]
            lane.count(output.items, self._clock.now())
            letters.append(lane.letter(output))
            if output.error is not None:
                self._forget(lane)
        self._post(letters)

    def send(self, lane: Lane[JobT], output: Output[Any]) -> None:
        """From the device thread to the stream's side of the loop."""
        self._post([lane.letter(output)])

    def _post(self, letters: list[Letter]) -> None:
        """All that a step made goes over in one: waking the loop is a system call."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(_deliver, letters)


def _deliver(letters: list[Letter]) -> None:
    for deliver, turn, items, error, backlog, finished in letters:
        deliver(turn, items, error, backlog, finished)


def _settle(future: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


def _to_nobody(*_: object) -> None:
    """The stream is gone."""


def _nothing() -> None:
    """A command that only wakes the thread."""
