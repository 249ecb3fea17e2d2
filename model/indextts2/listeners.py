"""Sessions with players that run in real time, for measuring: the host's order of urgency without its threads.

Time is a :class:`~...streaming.clock.Clock`: the system's for a measurement, a manual one for a simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...streaming.audio import AudioChunk
from ...streaming.clock import Clock
from ...streaming.continuity import Continuity
from ...streaming.emotion import Emotion
from ...streaming.errors import Overloaded
from ..core import Output
from ..engine import Turned
from ..hosts.lane import Lane
from .conditioning import SAMPLE_RATE
from .job import SpeechJob

AHEAD_S = 2.0
"""Audio a session may hold undelivered before it is skipped until half of it was taken, as the host has it."""
TAKEN_S = 1.4
"""What a server takes ahead of the player: its lead and its outbox."""
MARGIN_S = 0.1
"""A turn is asked for this much behind the player's position, as a server does."""
IDLE_S = 0.001

Step = Callable[[Sequence[SpeechJob]], Sequence[Output[SpeechJob]]]


def _to_nobody(*_: object) -> None:
    """What a step made is taken from its output."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A session that begins at ``at_s``. A ``probe`` leaves after its first sound; ``turn_s`` seconds after its first
    sound the emotion is turned."""

    at_s: float
    seed: int
    probe: bool = False
    turn_s: float | None = None


@dataclass(slots=True, eq=False)
class Listener:
    """One session and its player; times are seconds."""

    job: SpeechJob
    arrival: Arrival
    asked: float
    lane: Lane[SpeechJob] = field(default_factory=lambda: Lane(_to_nobody))
    player: Continuity = field(default_factory=lambda: Continuity(SAMPLE_RATE))
    first: float | None = None
    end: int = 0
    turn_asked: float | None = None
    turn_took: float | None = None
    error: str | None = None

    def position(self, now: float) -> float:
        """Seconds played by a player that never ran dry."""
        return 0.0 if self.first is None else min(now - self.first, self.end / SAMPLE_RATE)

    def waits(self, now: float) -> bool:
        """Whether it should be worked on: there is work, and its reader is not too far behind."""
        lane = self.lane
        lane.taken = min(self.end, round((self.position(now) + TAKEN_S) * SAMPLE_RATE))
        if lane.parked and lane.undelivered <= AHEAD_S * SAMPLE_RATE / 2:
            lane.parked = False
        elif not lane.parked and lane.undelivered >= AHEAD_S * SAMPLE_RATE:
            lane.parked = True
        return not lane.parked and self.error is None and self.job.ready

    def turn_if_due(self, now: float, emotion: Emotion) -> None:
        """Turn the emotion a little behind the player's position, once."""
        due = self.arrival.turn_s
        if (
            due is None
            or self.first is None
            or self.turn_asked is not None
            or now < self.first + due
        ):
            return
        sample = round((self.position(now) + MARGIN_S) * SAMPLE_RATE)
        self.turn_asked = now
        self.job.turn(emotion, sample, 120)
        self.lane.turned(1, sample)

    def take(self, output: Output[SpeechJob], now: float) -> None:
        """Note what a step made."""
        self.lane.count(output.items, now)
        for item in output.items:
            if isinstance(item, Turned):
                self.player.rewound(self.end - item.start)
                self.end = item.start
            elif isinstance(item, AudioChunk):
                self.first = now if self.first is None else self.first
                self.player.arrived(now, len(item.samples))
                self.end = item.end
                if self.turn_asked is not None and self.turn_took is None:
                    self.turn_took = now - self.turn_asked
        if output.error is not None:
            self.error = str(output.error)

    @property
    def over(self) -> bool:
        """Nothing more will come of it."""
        heard = self.arrival.probe and self.first is not None
        return heard or self.error is not None or self.job.finished


def attend(
    step: Step,
    begin: Callable[[Arrival], SpeechJob],
    arrivals: Sequence[Arrival],
    clock: Clock,
    idle: Callable[[float], None],
    until_s: float,
) -> list[Listener]:
    """Let everybody come, listen, and go; those still there after ``until_s`` seconds are cut off."""
    start = clock.now()
    waiting = sorted(arrivals, key=lambda arrival: arrival.at_s)
    listeners: list[Listener] = []
    present: list[Listener] = []
    while (waiting or present) and clock.now() - start < until_s:
        now = clock.now()
        while waiting and waiting[0].at_s <= now - start:
            try:
                job = begin(waiting[0])
            except Overloaded:
                break  # waits until somebody leaves
            arrival = waiting.pop(0)
            listeners.append(Listener(job, arrival, start + arrival.at_s))
            present.append(listeners[-1])
        _serve(step, present, clock, idle)
        for listener in [x for x in present if x.over]:
            present.remove(listener)
            listener.job.close()
    for listener in present:
        listener.job.close()
    return listeners


def _serve(
    step: Step, present: Sequence[Listener], clock: Clock, idle: Callable[[float], None]
) -> None:
    """One step for those who wait, most urgent first."""
    now = clock.now()
    for listener in present:
        listener.turn_if_due(now, Emotion.of("joy"))
    ready = [listener for listener in present if listener.waits(now)]
    if not ready:
        idle(IDLE_S)
        return
    ready.sort(key=lambda x: x.lane.lead_s(now, SAMPLE_RATE))
    of_job = {id(listener.job): listener for listener in ready}
    for output in step([listener.job for listener in ready]):
        of_job[id(output.job)].take(output, clock.now())
