"""One utterance's path: text → segments → engine stream → packets → outbox.

One task carries it, :meth:`Utterance.run`, with a second one that feeds the engine. An error is retried while nobody
has heard anything, and only then.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from ..model.engine import Engine, Stream, StreamOptions
from ..model.voice import Voice
from ..streaming.audio import AudioChunk, AudioFormat
from ..streaming.cleaning import AS_WRITTEN, Cleaning
from ..streaming.clock import Clock
from ..streaming.emotion import Emotion
from ..streaming.errors import EngineFailed, Overloaded, SeiyuuError
from ..streaming.ids import UtteranceId
from ..streaming.segment import Pace, Segment
from ..streaming.timeline import MarkKind
from .announcing import Announced, Announcer
from .log import Log
from .outbox import Outbox
from .outlet import Outlet
from .requests import Requests
from .script import Script

ATTEMPTS = 4
"""How often an utterance is begun before its error is told."""
BACKOFF_S = 0.1
"""Wait before the second attempt; doubled for each further one."""

log = Log("utterance")


@dataclass(frozen=True, slots=True)
class Setting:
    """What an utterance is spoken with; fixed once its stream is open.

    ``marks`` are the kinds sent; ``keep_s`` is how much sound is kept for a turn of emotion; ``pace`` is the factor
    on the rate of speech that came with the emotion; an ``announcer`` says first that the voice is synthetic.
    """

    voice: Voice
    options: StreamOptions
    format: AudioFormat
    marks: frozenset[MarkKind]
    outbox_packets: int
    keep_s: float
    soft_flush_s: float
    cleaning: Cleaning = AS_WRITTEN
    pace: float = 1.0
    announcer: Announcer | None = None


class Utterance:
    """From its first delta to the end of its stream.

    ``on_change`` is called when there is more to send, ``on_retry`` when it begins anew; ``make_room`` gives back
    a slot of the same session if there is one, and says whether it did.
    """

    def __init__(
        self,
        utterance: UtteranceId,
        engine: Engine,
        setting: Setting,
        *,
        clock: Clock,
        on_change: Callable[[], None],
        on_retry: Callable[[], None],
        make_room: Callable[[], Awaitable[bool]],
    ) -> None:
        self.id = utterance
        self.setting = setting
        self.begun_at = clock.now()
        """When its first text came."""
        self.requests = Requests()
        options = setting.options
        self.script = Script(
            options.language,
            options.emotion,
            self.requests,
            clock,
            setting.soft_flush_s,
            setting.cleaning,
            pace=setting.pace,
        )
        self.outbox = Outbox(setting.outbox_packets, on_change)
        self.outlet = Outlet(
            utterance,
            engine.info.sample_rate,
            setting.format,
            setting.marks,
            self.outbox,
            self.requests,
            keep_s=setting.keep_s,
        )
        self.sounding = False
        """Its first packet left; from here on an error is an error."""
        self.starved = False
        """There was nothing to send because there was nothing to say."""
        self.first_packet_s: float | None = None
        """From its first text to its first packet, if it did not have to wait for another utterance."""
        self.exhausted = asyncio.Event()
        """The engine gave everything, or never will: the next utterance may begin."""
        self.error: SeiyuuError | None = None
        """Why there is no more sound, once it is exhausted."""
        self.waited_s = 0.0
        """Seconds spent waiting for the engine while it had text."""
        self.notice_s = 0.0
        """How long the notice before its text is."""
        self._engine = engine
        self._clock = clock
        self._on_change = on_change
        self._on_retry = on_retry
        self._make_room = make_room
        self._stream: Stream | None = None
        self._again = asyncio.Event()
        self._anew = False
        self._left = False

    @property
    def hungry(self) -> bool:
        """Everything written so far was made into sound, and more may come."""
        rest = self.script.text[self.outlet.char_reached : self.script.given]
        aligned = self._engine.info.alignment != "none"
        return self.script.hungry and not (aligned and any(c.isalnum() for c in rest))

    async def turn(
        self,
        emotion: Emotion,
        pace: float = 1.0,
        *,
        position_s: float,
        ramp_ms: int,
        since: float,
    ) -> None:
        """Turn the emotion at ``position_s`` seconds of the utterance, or right behind.

        The ``pace`` that came with it is that of text the engine has not got yet.

        Raises:
            Unsupported: the engine cannot.
        """
        self.script.turn(emotion, pace, next_segment=False)
        self._set_options(emotion=emotion)
        if self._stream is None:
            self.requests.add(emotion, since, char=0)
            return
        self.requests.add(emotion, since)
        self.outbox.lift()
        from_sample = math.ceil(position_s * self._engine.info.sample_rate)
        await self._stream.turn(emotion, from_sample=from_sample, ramp_ms=ramp_ms)
        self._again.set()

    async def set_pace(self, pace: Pace) -> None:
        """Ask for a length; what was made in another pace, none of it sent yet, is made again."""
        if pace == self.setting.options.pace:
            return
        self._set_options(pace=pace)
        if self._stream is not None and not self.sounding:
            self._anew = True
            self._again.set()
            await self._stream.cancel()

    def silence(self) -> None:
        """Nothing of it leaves any more, from this moment on; the slot follows when :meth:`run` is cancelled."""
        self.script.close()
        self.outbox.clear()

    def let_go(self) -> None:
        """Give the slot back once the stream is exhausted; it cannot be turned any more."""
        self._left = True
        self._again.set()

    async def run(self) -> None:
        """Speak until :meth:`let_go` or cancelled; an error is left in :attr:`error`. On return the slot is free."""
        try:
            await self._attempts()
        except SeiyuuError as error:
            self.error = error
        except Exception as error:  # a bug of ours must not take the session with it
            log.exception("utterance failed", error, utterance=self.id)
            self.error = EngineFailed("the utterance failed inside the server")
        finally:
            self.exhausted.set()
            self._on_change()

    async def _attempts(self) -> None:
        failures = 0
        while True:
            try:
                await self._speak()
            except SeiyuuError as error:
                failures += 1
                if not error.retryable or self.sounding or failures == ATTEMPTS:
                    raise
                if not (isinstance(error, Overloaded) and await self._make_room()):
                    await asyncio.sleep(BACKOFF_S * 2 ** (failures - 1))
                self._on_retry()
            else:
                if not self._anew:
                    return
            self._anew = False
            self.script.restart()
            self.outbox.clear()
            self.outlet.restart()

    async def _speak(self) -> None:
        first = await self.script.next()
        self.script.restart()
        if first is None:  # nothing that can be spoken
            self.outlet.finish()
            return
        stream = await self._open(first)
        self._stream = stream
        feeder = asyncio.create_task(self._feed(stream), name=f"feed-{self.id}")
        try:
            await self._drain(stream)
        finally:
            self._stream = None
            feeder.cancel()
            await stream.cancel()
            with suppress(asyncio.CancelledError):
                await feeder

    async def _open(self, first: Segment) -> Stream:
        voice, options = self.setting.voice, self.setting.options
        if self.setting.announcer is None:
            return await self._engine.open(voice, options)
        sound = await self.setting.announcer.sound(voice, options.language, first.text)
        rate = self._engine.info.sample_rate
        self.notice_s = len(sound) / rate
        # Emotion and pace may have been set anew while the notice was made.
        return Announced(await self._engine.open(voice, self.setting.options), sound, rate)

    async def _feed(self, stream: Stream) -> None:
        """Give the engine its text; its failure is told by the iterator."""
        with suppress(SeiyuuError):
            while (segment := await self.script.next()) is not None:
                await stream.push(segment)
            await stream.end()

    async def _drain(self, stream: Stream) -> None:
        while not self._left:
            self._again.clear()
            before = self._clock.now()
            async for item in stream:
                if isinstance(item, AudioChunk):
                    self.waited_s += self._clock.now() - before
                self.outlet.take(item)
                await self.outbox.room()
                before = self._clock.now()
            if self._anew:
                return
            if not self._again.is_set():
                self.outlet.finish()
                self.exhausted.set()
                await self._again.wait()

    def _set_options(self, **changes: Emotion | Pace) -> None:
        options = replace(self.setting.options, **changes)  # type: ignore[arg-type]
        self.setting = replace(self.setting, options=options)
