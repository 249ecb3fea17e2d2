"""Sends what a session's utterances have ready: in order, in time, and nothing that was cancelled.

It keeps the client ``lead_s`` ahead of what the pacer says was heard, so a turn of
emotion has little to take back, and tells that an utterance ended when the listener has heard its end.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable

from ..streaming.audio import AudioFormat
from ..streaming.clock import Clock
from ..streaming.ids import UtteranceId
from ..streaming.messages import AudioRewind, EmotionApplied, UtteranceStarted
from ..streaming.pacer import Pacer
from ..streaming.packet import Packet
from .metrics import Metrics
from .outbox import Entry
from .transports import Disconnected
from .utterance import Utterance
from .wire import Wire

EARLY_S = 0.0005
"""A packet due in less than this is sent at once: timers are no finer."""
SPRINT = 32
"""Messages and packets sent in one go before others have their turn on the loop."""
TURN_S = 0.1
TURN_WEIGHT = 0.2
"""What a turn of emotion is thought to take until one was measured, and how much each further one counts."""


class Speaker:
    """``on_over(utterance)`` is called when an utterance was heard, or ended without; ``on_idle`` when none is left."""

    def __init__(
        self,
        wire: Wire,
        format: AudioFormat,
        lead_s: float,
        *,
        clock: Clock,
        metrics: Metrics,
        on_over: Callable[[Utterance], None],
        on_idle: Callable[[], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._wire = wire
        self._rate = format.sample_rate
        self._frame_s = format.samples_per_frame / format.sample_rate
        # with a lead of less than two packets the player runs dry between them
        self.pacer = Pacer(clock, max(lead_s, 2 * self._frame_s))
        self._clock = clock
        self._metrics = metrics
        self._on_over = on_over
        self._on_idle = on_idle
        self._on_lost = on_lost
        self._queue: deque[Utterance] = deque()  # not sent to the end
        # sent or being sent, and not heard to the end
        self._sounding: dict[UtteranceId, Utterance] = {}
        self._loop = asyncio.get_running_loop()
        self._soon: asyncio.Handle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._stuck = asyncio.Event()
        self._stuck.set()  # until the task runs
        self._error: Exception | None = None
        self._task: asyncio.Task[None] | None = None
        self._sending: UtteranceId | None = None
        self._interrupted = False
        self._over = False
        self.turn_s = TURN_S
        """How long a live turn takes, from the request to the first changed packet; a moving average."""

    def add(self, utterance: Utterance) -> None:
        """Speak this one after those before."""
        self._queue.append(utterance)
        self.wake()

    def wake(self) -> None:
        """Something changed; look again."""
        if self._soon is None and not self._stuck.is_set():
            self._soon = self._loop.call_soon(self._woken)

    def stop(self) -> None:
        """Let :meth:`run` return after what is queued on the wire."""
        self._over = True
        self.wake()

    def drop(self, utterances: frozenset[UtteranceId]) -> None:
        """Send nothing more of these; a packet that waits for a slow peer is taken back."""
        self._queue = deque(u for u in self._queue if u.id not in utterances)
        for number in utterances:
            self._sounding.pop(number, None)
            self.pacer.remove(number)
        self._wire.drop_packets(utterances)
        if self._sending in utterances and self._task is not None:
            self._interrupted = True
            self._task.cancel()
        self.wake()

    async def run(self) -> None:
        """Speak until :meth:`stop`. Cancelling it loses nothing that was not lost with the connection.

        Packets leave from timers, without this task, for as long as the peer takes them at once. It only runs
        when something has to be waited for.
        """
        self._task = asyncio.current_task()
        try:
            await self._speak()
        finally:
            self._task = None

    def retire(self) -> None:
        """The session is over. It and its speaker hold each other: let go, so that no collector has to come by."""
        if self._timer is not None:
            self._timer.cancel()
        self._stuck.set()
        self._queue.clear()
        self._sounding.clear()
        self._on_over, self._on_idle, self._on_lost = _to_nobody, _nothing, _nothing

    async def _speak(self) -> None:
        while True:
            await self._wire.attached.wait()
            try:
                await self._wire.flush()
                self._sending = None
                if self._error is not None:
                    raise self._error
                if self._over:
                    return
                self._stuck.clear()
                self._look()
                await self._stuck.wait()
            except Disconnected:
                self._on_lost()
            except asyncio.CancelledError:
                if not self._interrupted or self._task is None:
                    raise
                self._interrupted = False
                self._task.uncancel()

    def _woken(self) -> None:
        self._soon = None
        self._look()

    def _ticked(self) -> None:
        self._timer = None
        self._look()

    def _look(self) -> None:
        """Send what is due, and set a timer for what is next; what cannot be sent at once is left to the task."""
        if self._stuck.is_set() or not self._wire.attached.is_set():
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            wait_s = self._sprint()
        except Exception as error:  # a timer has nobody to tell, the task has
            self._error = error
            self._stuck.set()
            return
        if wait_s is None:
            self._stuck.set()
        elif wait_s != math.inf:
            self._timer = self._loop.call_later(wait_s, self._ticked)

    def _sprint(self) -> float | None:
        """Seconds until there may be more to send; None if the task has to take over."""
        for _ in range(SPRINT):
            wait_s = self._advance()
            if not self._wire.flush_now():
                return None
            self._sending = None
            if self._over:
                return None
            if wait_s is not None:
                return wait_s
        return 0.0

    def _advance(self) -> float | None:
        """Queue what may be sent now, one packet at most; the seconds until there may be more, None if now."""
        self._settle()
        while self._queue:
            utterance = self._queue[0]
            entry = utterance.outbox.head
            if entry is None:
                if not (utterance.outbox.complete or utterance.error):
                    utterance.starved = utterance.starved or utterance.hungry
                    break
                self._queue.popleft()
                self._sent_all(utterance)
                continue
            if isinstance(entry.body, Packet):
                due_s = self.pacer.due_s(self._frame_s)
                if due_s > EARLY_S:
                    return min(due_s, self.pacer.over_in_s())
            self._send(utterance, utterance.outbox.pop())
            return None
        if not self._queue and not self._sounding:
            self._on_idle()
        return self.pacer.over_in_s()

    def _settle(self) -> None:
        """Utterances the listener has heard to the end are over."""
        while (number := self.pacer.played_out()) is not None:
            utterance = self._sounding.pop(number, None)
            if utterance is not None:
                self._finish(utterance)
            else:
                self.pacer.remove(number)

    def _send(self, utterance: Utterance, entry: Entry) -> None:
        if not utterance.sounding:
            self._begin(utterance)
        match entry.body:
            case Packet() as packet:
                self._sending = utterance.id
                number, at = utterance.id, packet.timestamp
                if self._wire.send_packet(number, at, packet.payload, last=packet.last):
                    until_s = at / self._rate + self._frame_s
                    dry_s = self.pacer.sent(number, until_s, excused=utterance.starved)
                    if dry_s > 0 and utterance.starved:
                        self._metrics.starved_total.inc()
                    utterance.starved = False
                    if packet.last:
                        self.pacer.complete(number)
            case AudioRewind() as rewind:
                self.pacer.rewound(utterance.id, rewind.from_timestamp / self._rate)
                self._wire.send(rewind.model_copy(update={"next_seq": self._wire.next_seq}))
                self._metrics.rewinds_total.inc()
            case EmotionApplied() as applied:
                after_ms = self._after_s(utterance, applied, entry) * 1000
                self._wire.send(applied.model_copy(update={"after_ms": round(after_ms, 3)}))
            case mark:
                self._wire.send(mark)

    def _begin(self, utterance: Utterance) -> None:
        utterance.sounding = True
        self._sounding[utterance.id] = utterance
        first_s = self._clock.now() - utterance.begun_at
        self._wire.send(
            UtteranceStarted(utterance=utterance.id, first_packet_ms=round(first_s * 1000, 3))
        )
        if len(self._sounding) == 1:  # one that waited for another to be heard says nothing of us
            self._metrics.first_packet.observe(first_s)
            utterance.first_packet_s = first_s

    def _after_s(self, utterance: Utterance, applied: EmotionApplied, entry: Entry) -> float:
        """From the request to the moment the listener hears the change."""
        elapsed_s = self._clock.now() - entry.since
        if entry.live:
            self._metrics.turn.observe(elapsed_s)
            self.turn_s += TURN_WEIGHT * (elapsed_s - self.turn_s)
        until_s = self.pacer.until_s(utterance.id, applied.at_ms / 1000)
        return max(0.0, elapsed_s + max(0.0, until_s))

    def _sent_all(self, utterance: Utterance) -> None:
        """It left completely, or failed; it is over when its end was heard, at once if there was no sound."""
        if utterance.error is not None or utterance.id not in self._sounding:
            self._sounding.pop(utterance.id, None)
            self._finish(utterance)

    def _finish(self, utterance: Utterance) -> None:
        track = self.pacer.remove(utterance.id)
        if track is not None:
            self._metrics.underrun.observe(track.worst_underrun_s)
        self._on_over(utterance)


def _to_nobody(_: Utterance) -> None:
    """Nobody asks any more."""


def _nothing() -> None:
    """Nobody is there to be told."""
