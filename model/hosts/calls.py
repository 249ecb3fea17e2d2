"""What a remote host and the process its engine lives in say to each other: values, picklable, obeyed in order.

Pickle is safe here and only here: both ends are this program, on a pipe or a cluster nobody else writes to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...streaming.audio import Samples
from ...streaming.emotion import Emotion
from ...streaming.errors import SeiyuuError
from ...streaming.segment import Segment
from ..engine import StreamItem, StreamOptions
from ..voice import Voice


@dataclass(frozen=True, slots=True)
class Start:
    """Load and warm up; answered."""


@dataclass(frozen=True, slots=True)
class Open:
    """Take a slot for stream ``stream``, a number the asking side chose and never uses again; answered."""

    stream: int
    voice: Voice
    options: StreamOptions


@dataclass(frozen=True, slots=True, eq=False)
class Enroll:
    """Make a voice from speech; answered with it."""

    clip: Samples
    sample_rate: int
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Learn:
    """Learn the manner of a clip; answered with its key."""

    clip: Samples
    sample_rate: int


@dataclass(frozen=True, slots=True)
class Describe:
    """Read a description; answered with an emotion."""

    description: str


@dataclass(frozen=True, slots=True)
class Release:
    """Free the slot of a stream; answered, and no :class:`Made` of it follows the answer."""

    stream: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Drain and free; answered."""


@dataclass(frozen=True, slots=True)
class Push:
    stream: int
    segment: Segment


@dataclass(frozen=True, slots=True)
class End:
    stream: int


@dataclass(frozen=True, slots=True)
class Turn:
    """Turn number ``turn`` of the stream."""

    stream: int
    turn: int
    emotion: Emotion
    from_sample: int
    ramp_ms: int


@dataclass(frozen=True, slots=True)
class Took:
    """The reader took what ends at sample ``end``."""

    stream: int
    end: int


Question = Start | Open | Enroll | Learn | Describe | Release | Stop
Order = Push | End | Turn | Took


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the number its :class:`Answer` will carry."""

    number: int
    question: Question


@dataclass(frozen=True, slots=True)
class Answer:
    """``error`` or ``result``."""

    number: int
    result: object = None
    error: SeiyuuError | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What one step made for one stream, as :data:`~.lane.Deliver` takes it."""

    stream: int
    turn: int
    items: Sequence[StreamItem]
    error: SeiyuuError | None
    backlog: int
    finished: bool


Call = Asked | Order
Event = Answer | Made
