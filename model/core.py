"""What an engine is on its own thread: synchronous, one step at a time, no asyncio.

A host (``hosts/``) owns the thread and turns a core into an :class:`~.engine.Engine`; a core never hears of tasks,
queues or readers. Everything here is called from that one thread only, so a core needs no lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ..streaming.audio import Samples
from ..streaming.emotion import Emotion
from ..streaming.errors import SeiyuuError
from ..streaming.segment import Segment
from .engine import EngineInfo, StreamItem, StreamOptions
from .voice import Voice


class Job(Protocol):
    """One stream inside a core: the state of one utterance."""

    @property
    def ready(self) -> bool:
        """A step would move it: there is text to speak and it is not finished.

        Changes only with a call on this job, or with a step that was given it.
        """
        ...

    @property
    def finished(self) -> bool:
        """Every sample of an ended text was emitted; a turn may make it unfinished again."""
        ...

    @property
    def backlog(self) -> int:
        """Segments pushed and not begun yet."""
        ...

    def push(self, segment: Segment) -> None: ...

    def end(self) -> None: ...

    def turn(self, emotion: Emotion, from_sample: int, ramp_ms: int) -> None:
        """Go back to the first possible position not before ``from_sample``, as ``Stream.turn`` says."""
        ...

    def close(self) -> None:
        """Free what it holds. Idempotent."""
        ...


JobT = TypeVar("JobT", bound=Job)


@dataclass(frozen=True, slots=True)
class Output(Generic[JobT]):
    """What one step made for one job: items in sample order, or the error that ended this job alone."""

    job: JobT
    items: Sequence[StreamItem] = ()
    error: SeiyuuError | None = None


class Core(Protocol[JobT]):
    """An engine without its thread."""

    @property
    def info(self) -> EngineInfo: ...

    def load(self) -> None:
        """Load and warm up; raises ``EngineFailed`` with what is missing and how to get it."""
        ...

    def unload(self) -> None: ...

    def voices(self) -> tuple[Voice, ...]:
        """The voices that come with it; readable before :meth:`load`, from any thread."""
        ...

    def open(self, voice: Voice, options: StreamOptions) -> JobT: ...

    def step(self, jobs: Sequence[JobT]) -> Sequence[Output[JobT]]:
        """Do one bounded piece of work (≲ 200 ms) for some of ``jobs``, all ready, most urgent first.

        It must move at least the first of them. Short steps keep cancels and first packets fast.
        """
        ...

    @property
    def enrols_apart(self) -> bool:
        """:meth:`enroll` uses nothing that a step uses: it is called on a thread of its own, and nobody waits."""
        ...

    def enroll(self, clip: Samples, sample_rate: int, name: str) -> Voice: ...


class Listener(Protocol):
    """What a core offers besides, as far as its ``info`` says so."""

    def manner(self, clip: Samples, sample_rate: int) -> str:
        """As ``Engine.manner``."""
        ...

    def describe(self, description: str) -> Emotion:
        """As ``Engine.describe``; called from a thread of its own, beside all the rest."""
        ...
