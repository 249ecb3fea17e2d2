"""One client's stay: voice, format, emotion, and the utterances that are spoken one after another.

Three kinds of tasks: one reads (the connection's own), one sends (:class:`~.speaker.Speaker`), one carries each
utterance that is being made. Handling a message never waits for sound, so a cancel is never behind anything.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from ..model.engine import Engine, StreamOptions
from ..model.voice import Voice
from ..streaming.audio import AudioFormat
from ..streaming.cleaning import AS_WRITTEN, Cleaning
from ..streaming.clock import Clock
from ..streaming.direction import Remark
from ..streaming.errors import EngineFailed, SeiyuuError, SlowReader
from ..streaming.ids import SessionId, UtteranceId
from ..streaming.messages import (
    ErrorMessage,
    SessionStart,
    SpeechCancelled,
    UtteranceEnded,
)
from ..streaming.packet import unpack
from ..streaming.protocol import NORMAL_CLOSURE, POLICY_VIOLATION, Frame, Protocol
from ..streaming.segment import FREE, Pace
from .announcing import Announcer
from .config import Limits
from .emotions import Understood
from .log import Log
from .metrics import Metrics
from .requests import Request
from .speaker import Speaker
from .transports import Transport
from .utterance import Setting, Utterance
from .wire import Wire

GOING_AWAY = 1001
"""RFC 6455 §7.4.1: the server is stopping."""
TURN_MARGIN_S = 0.06
"""Beyond what a turn takes here: the way to the listener, and the packet that sounds there."""
MAX_TURN_MARGIN_S = 0.35
CAUTION = "emotion"
"""Code of a warning about an emotion that was understood."""
SLACK_S = 1.0
"""Sound the engine may have given beyond a full outbox."""


@dataclass(slots=True)
class Health:
    """What the last utterance knows of the engine; ``trouble`` None means well."""

    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a session works with, the same for all of them."""

    engine: Engine
    limits: Limits
    metrics: Metrics
    clock: Clock
    cleaning: Cleaning = AS_WRITTEN
    announcer: Announcer | None = None
    health: Health = field(default_factory=Health)


class Session:
    """Owns its utterances and their tasks; :meth:`run` is its life."""

    def __init__(
        self,
        session: SessionId,
        start: SessionStart,
        voice: Voice,
        emotion: Understood,
        wire: Wire,
        around: Surroundings,
    ) -> None:
        self.id = session
        self.voice = voice
        self.emotion, self.pace = emotion.emotion, emotion.pace
        """What the next utterance begins with."""
        self.audio = start.audio
        self.format: AudioFormat = start.audio.format()
        self.wire = wire
        self.log = Log("session", session=session[:6])
        self._lead_s = min(start.lead_ms, around.limits.max_lead_ms) / 1000
        self.speaker = Speaker(
            wire,
            self.format,
            self._lead_s,
            clock=around.clock,
            metrics=around.metrics,
            on_over=self._over_with,
            on_idle=self._idle,
            on_lost=self.detach,
        )
        self._start = start
        self._around = around
        self._utterances: dict[UtteranceId, Utterance] = {}  # not over, in order
        self._carried: Request | None = None
        self._announced = around.announcer is None
        self._to_decode: deque[Utterance] = deque()
        self._decodable = asyncio.Event()
        self._running: dict[UtteranceId, asyncio.Task[None]] = {}
        self._leaving: tuple[int, str] | None = None
        self._ended = asyncio.Event()
        self._expiry: asyncio.TimerHandle | None = None

    # What it knows.

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """Those that are not over, in the order they are spoken."""
        return tuple(self._utterances.values())

    @property
    def engine(self) -> Engine:
        return self._around.engine

    @property
    def attached(self) -> bool:
        """A client is connected."""
        return self.wire.attached.is_set()

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    # Utterances.

    def open(self, number: UtteranceId, pace: Pace | None) -> Utterance:
        """Begin an utterance; its text follows."""
        around, limits = self._around, self._around.limits
        packets = max(2, round(limits.outbox_ms / self.format.ptime_ms))
        options = StreamOptions(self._start.language, self.emotion, pace or FREE, self._start.seed)
        setting = Setting(
            self.voice,
            options,
            self.format,
            frozenset(self._start.marks),
            outbox_packets=packets,
            keep_s=self._lead_s + limits.outbox_ms / 1000 + SLACK_S,
            soft_flush_s=limits.soft_flush_ms / 1000,
            cleaning=around.cleaning,
            pace=self.pace,
            announcer=self._announcer_now(),
        )
        utterance = Utterance(
            number,
            around.engine,
            setting,
            clock=around.clock,
            on_change=self.speaker.wake,
            on_retry=around.metrics.retries_total.inc,
            make_room=self._make_room,
        )
        if self._carried is not None:
            utterance.requests.add(self._carried.emotion, self._carried.since, char=0)
            self._carried = None
        self._utterances[number] = utterance
        self._to_decode.append(utterance)
        self._decodable.set()
        self.speaker.add(utterance)
        return utterance

    def _announcer_now(self) -> Announcer | None:
        """Who says before the next utterance that the voice is synthetic; nobody where that was heard or is to come."""
        coming = any(u.setting.announcer is not None for u in self.utterances)
        return None if self._announced or coming else self._around.announcer

    def _heard_notice(self, utterance: Utterance, heard_s: float) -> None:
        """It was announced if all of the notice was heard; else it comes before the next utterance that is opened."""
        if utterance.setting.announcer is not None and utterance.sounding:
            self._announced = heard_s >= utterance.notice_s > 0

    def find(self, number: UtteranceId | None) -> Utterance | None:
        """The utterance of that number, if it is not over."""
        return None if number is None else self._utterances.get(number)

    async def turn(self, understood: Understood, ramp_ms: int, since: float) -> None:
        """Turn the emotion where the listener is, and of everything behind that.

        The last of an utterance that is only being listened to, while packets of the next have left, stays as it is.
        """
        emotion, pace = self.emotion, self.pace = understood.emotion, understood.pace
        begun = [u for u in self.utterances if u.sounding]
        first = begun[-1] if begun else None
        behind = [u for u in self.utterances if not u.sounding]
        if first is None and not behind:
            self._carried = Request(emotion, since)
        margin_s = min(TURN_MARGIN_S + 1.5 * self.speaker.turn_s, MAX_TURN_MARGIN_S)
        for utterance in ([first] if first else []) + behind:
            position_s = 0.0
            if utterance is first:
                position_s = self.speaker.pacer.position_s(first.id) + margin_s
            await utterance.turn(emotion, pace, position_s=position_s, ramp_ms=ramp_ms, since=since)

    def carry(self, understood: Understood, since: float) -> None:
        """The emotion holds from the next utterance on."""
        self.emotion, self.pace = understood.emotion, understood.pace
        self._carried = Request(self.emotion, since)

    def cancel(self, numbers: tuple[UtteranceId, ...], played_s: float | None) -> None:
        """Stop these now: nothing of them leaves from here on, and the client hears what was heard.

        ``played_s`` is where the listener was in the one that sounds, if the client knows.
        """
        pacer = self.speaker.pacer
        heard = {number: pacer.position_s(number) for number in numbers}
        if played_s is not None:
            sounding = next((n for n in numbers if self._utterances[n].sounding), None)
            if sounding is not None:
                heard[sounding] = played_s
        cancelled = [self._utterances.pop(number) for number in numbers]
        for utterance in cancelled:
            utterance.silence()
        self.speaker.drop(frozenset(numbers))
        for utterance in cancelled:
            self._tell_cancelled(utterance, heard[utterance.id])
            self._free(utterance)
        self.speaker.wake()

    def _tell_cancelled(self, utterance: Utterance, heard_s: float) -> None:
        heard_s = min(heard_s, utterance.outlet.duration_s)
        self._heard_notice(utterance, heard_s)
        heard = utterance.outlet.heard(utterance.script.text, heard_s)
        heard_ms = round(heard_s * 1000, 3)
        if utterance.sounding:
            self.emotion = utterance.outlet.emotion_at(heard_s) or self.emotion
        self.wire.send(
            SpeechCancelled(
                utterance=utterance.id,
                heard_text=heard.heard,
                unheard_text=heard.unheard,
                heard_ms=heard_ms,
            )
        )
        self._tell_ended(utterance, "cancel", heard_ms)

    def _tell_ended(self, utterance: Utterance, reason: str, duration_ms: float) -> None:
        self.wire.send(
            UtteranceEnded(
                utterance=utterance.id,
                duration_ms=duration_ms,
                requested_ms=utterance.setting.options.pace.duration_ms,
                reason=reason,  # type: ignore[arg-type]
            )
        )
        self._around.metrics.utterances_total.labels(reason).inc()

    def _free(self, utterance: Utterance) -> None:
        """Give its slot back, in the background, and note how long that took."""
        task = self._running.get(utterance.id)
        if task is None:
            return
        since = self._around.clock.now()
        took = self._around.metrics.cancel
        task.add_done_callback(lambda _: took.observe(self._around.clock.now() - since))
        task.cancel()

    def _over_with(self, utterance: Utterance) -> None:
        """The listener has heard its end, or it failed."""
        self._utterances.pop(utterance.id, None)
        self._heard_notice(utterance, utterance.outlet.duration_s)
        for request in utterance.requests.rest():
            if request.char is None:
                self._carried = request
        health = self._around.health
        if utterance.error is not None:
            self.tell(utterance.error, utterance.id)
            if isinstance(utterance.error, EngineFailed):
                health.trouble = str(utterance.error)
        elif utterance.sounding:
            health.trouble = None
        reason = "end" if utterance.error is None else "error"
        self._tell_ended(utterance, reason, round(utterance.outlet.duration_s * 1000, 3))
        self._measure(utterance)
        utterance.script.close()
        utterance.let_go()

    def _measure(self, utterance: Utterance) -> None:
        metrics, outlet = self._around.metrics, utterance.outlet
        metrics.audio_total.inc(outlet.duration_s)
        metrics.packets_total.inc(outlet.packets)
        if outlet.duration_s > 0:
            metrics.rtf.observe(utterance.waited_s / outlet.duration_s)
        if utterance.first_packet_s is not None and outlet.onset_s is not None:
            metrics.audible_onset.observe(utterance.first_packet_s + outlet.onset_s)

    def _idle(self) -> None:
        if self._leaving is not None and not self._utterances:
            self.speaker.stop()

    # What the client is told besides.

    def tell(self, error: SeiyuuError, utterance: UtteranceId | None = None) -> None:
        """Report an error; the session goes on."""
        self._around.metrics.errors_total.labels(error.code).inc()
        if self.attached:
            self.wire.protocol.send_error(error, utterance)
            self.speaker.wake()

    def caution(self, understood: Understood, utterance: UtteranceId | None) -> None:
        """Pass on what the reader of an emotion has to say to the writer."""
        for warning in understood.warnings:
            self.wire.protocol.send_warning(CAUTION, warning, utterance)

    def warn(self, remarks: list[Remark], utterance: UtteranceId) -> None:
        """Report what was not taken as the writer asked."""
        for remark in remarks:
            where = f"{remark.message} (at character {remark.char})"
            self.wire.protocol.send_warning(remark.code, where, utterance)

    # Its life.

    async def run(self) -> None:
        """Speak until the end; on return no task is left and every slot is free."""
        speaking = asyncio.create_task(self.speaker.run(), name=f"speak-{self.id[:6]}")
        decoding = asyncio.create_task(self._decode(), name=f"decode-{self.id[:6]}")
        ending = asyncio.create_task(self._ended.wait(), name=f"end-{self.id[:6]}")
        tasks = {speaking, decoding, ending}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._ended.set()
            for utterance in self.utterances:
                utterance.silence()
            tasks |= set(self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._expiry is not None:
                self._expiry.cancel()
        self.wire.replay.clear()
        self.speaker.retire()
        self._utterances.clear()
        for task in (speaking, decoding):
            if not task.cancelled() and (error := task.exception()):
                self.log.exception("session failed", error)
        if self.attached:
            code, reason = self._leaving or (NORMAL_CLOSURE, "")
            await self.wire.transport.close(code, reason)

    def leave(self, code: int = NORMAL_CLOSURE, reason: str = "") -> None:
        """Finish what is queued, then end."""
        if self._leaving is None:
            self._leaving = (code, reason)
        for utterance in self.utterances:
            if code == NORMAL_CLOSURE:
                utterance.script.end()
        if self.attached:
            self.speaker.wake()
        else:
            self.end()

    def end(self) -> None:
        """End now. Idempotent."""
        self._ended.set()

    def expel(self) -> None:
        """The client does not read: say so, drop it, and end."""
        error = SlowReader("the audio is not being read; the session was ended")
        self._around.metrics.slow_readers_total.inc()
        self._around.metrics.errors_total.labels(error.code).inc()
        message = ErrorMessage(code="slow_reader", message=str(error))
        self.wire.transport.expel(message.to_json(), POLICY_VIOLATION, error.code)
        self.end()

    def detach(self) -> None:
        """The connection is lost: wait for the client to come back, or end. Idempotent."""
        if not self.attached or self.ended:
            return
        self.wire.detach()
        window_s = self._around.limits.resume_window_ms / 1000
        if self._leaving is not None or window_s == 0:
            self.end()
            return
        self.log.info("detached", wait_s=window_s)
        self._expiry = asyncio.get_running_loop().call_later(window_s, self.end)

    def attach(self, transport: Transport, protocol: Protocol, missed: list[Frame]) -> None:
        """Go on with a client that came back and has not got ``missed``."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        packets = [unpack(frame) for frame in missed if isinstance(frame, bytes)]
        pacer, rate = self.speaker.pacer, self.format.sample_rate
        for packet in reversed(packets):  # back to where the client is …
            pacer.rewound(packet.utterance, packet.timestamp / rate)
        for packet in packets:  # … and forward over what it is about to get
            end = packet.timestamp + self.format.samples_per_frame
            pacer.sent(packet.utterance, end / rate)
            if packet.last:
                pacer.complete(packet.utterance)
        self.wire.attach(transport, protocol, missed)
        self.speaker.wake()
        self.log.info("resumed", missed=len(missed))

    # Making sound.

    async def _decode(self) -> None:
        """Carry the utterances one after another, the next as soon as the engine is done with the last."""
        while True:
            while not self._to_decode:
                self._decodable.clear()
                await self._decodable.wait()
            utterance = self._to_decode.popleft()
            if utterance.id not in self._utterances:
                continue  # cancelled before it began
            task = asyncio.create_task(utterance.run(), name=f"utterance-{utterance.id}")
            self._running[utterance.id] = task
            task.add_done_callback(lambda t, u=utterance: self._stopped(u, t))  # type: ignore[misc]
            await utterance.exhausted.wait()

    def _stopped(self, utterance: Utterance, task: asyncio.Task[None]) -> None:
        if self._running.get(utterance.id) is task:
            del self._running[utterance.id]
        utterance.exhausted.set()

    async def _make_room(self) -> bool:
        """Free slots of this session that are held for a turn that may come, or are being given back."""
        live = self._utterances
        done = [
            (number, task)
            for number, task in self._running.items()
            if number not in live or live[number].exhausted.is_set()
        ]
        for number, _ in done:
            if number in live:
                live[number].let_go()
        if done:
            await asyncio.wait({task for _, task in done})
        return bool(done)
