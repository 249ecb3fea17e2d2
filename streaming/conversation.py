"""The order of a session: what may come when, and which utterance a message means.

Both sides run the same rules over the same messages, so they agree without asking: the server applies them to what it
receives, the client to what it is about to send.

* ``session.start`` comes first and once; a client need not wait for ``session.started`` before it writes.
* Utterance ids go up (modulo 2¹⁶). Text without an id belongs to the newest utterance still being written; if there is
  none, it opens the next one. Text with a new id opens it; utterances are spoken in the order of opening.
* ``speech.cancel`` without an id cancels everything spoken and queued. Text that still arrives for a cancelled or
  failed utterance is dropped in silence: its writer cannot have known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from .errors import BadMessage, RateLimited, TextTooLong
from .ids import MAX_UTTERANCE_ID, UtteranceId
from .message_parts import LimitsSpec
from .messages import (
    AudioRewind,
    ClientMessage,
    EmotionApplied,
    ErrorMessage,
    MarkMessage,
    PaceSet,
    PlaybackReport,
    ServerMessage,
    SessionClose,
    SessionStart,
    SessionStarted,
    SpeechCancel,
    SpeechCancelled,
    TextDelta,
    TextEnd,
    TextFlush,
    UtteranceEnded,
    UtteranceStarted,
    WarningMessage,
)
from .segment import Pace

_IDS = MAX_UTTERANCE_ID + 1
_REMEMBERED = 64
"""How many utterances that are over are told apart from ids that never were."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one session may ask for: characters of a message, of an utterance, and utterances not yet ended."""

    message_chars: int = 262_144
    text_chars: int = 20_000
    utterances: int = 16

    def spec(self) -> LimitsSpec:
        """The same as a part of ``session.started``."""
        return LimitsSpec(
            message_chars=self.message_chars,
            text_chars=self.text_chars,
            utterances=self.utterances,
        )


class Phase(Enum):
    """Where a session is; it only moves down this list."""

    NEW = "new"
    STARTING = "starting"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


@dataclass(slots=True)
class Spoken:
    """What the order rules remember of an utterance that is not over."""

    id: UtteranceId
    chars: int = 0
    writing: bool = True
    cancelled: bool = False
    sounding: bool = False
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What a message means in its session.

    ``utterance`` is the one it is for, ``char`` how many characters that one had before, ``opened`` whether this
    message opened it, ``pace`` the pace it gets by this message, and ``cancelled`` the utterances this message ends.
    """

    utterance: UtteranceId | None = None
    char: int = 0
    opened: bool = False
    pace: Pace | None = None
    cancelled: tuple[UtteranceId, ...] = ()


@dataclass(slots=True)
class Conversation:
    """The state of a session's order; feed it each message of either direction."""

    limits: Limits = field(default_factory=Limits)
    phase: Phase = Phase.NEW
    newest: int | None = None
    """The last id opened."""
    live: dict[UtteranceId, Spoken] = field(default_factory=dict)
    """Utterances that are not over, in the order they are spoken."""
    _over: dict[UtteranceId, str] = field(default_factory=dict)
    _next_pace: Pace | None = None

    @property
    def written(self) -> UtteranceId | None:
        """The utterance that text without an id belongs to; None if such text would open one."""
        return next((u.id for u in reversed(self.live.values()) if u.writing), None)

    def next_id(self) -> UtteranceId:
        """The id the next utterance gets."""
        return UtteranceId(1 if self.newest is None else (self.newest + 1) % _IDS)

    def addressed(self, message: ClientMessage) -> UtteranceId | None:
        """The utterance a message is about, whether or not it is in order."""
        given = getattr(message, "utterance", None)
        return self.written if given is None else UtteranceId(given)

    def is_over(self, utterance: UtteranceId) -> bool:
        """Whether the utterance ended not long ago."""
        return utterance in self._over

    def is_cancelled(self, utterance: UtteranceId) -> bool:
        """Whether the utterance was cancelled and has not ended yet."""
        return utterance in self.live and self.live[utterance].cancelled

    def from_client(self, message: ClientMessage) -> Place | None:
        """Apply a message of the client; None means it is dropped without a word.

        Raises:
            SeiyuuError: it breaks the order or a limit; nothing has changed then.
        """
        if isinstance(message, SessionStart):
            return self._start()
        if self.phase is Phase.NEW:
            raise BadMessage(f"got {message.type} first, expected session.start")
        match message:
            case TextDelta():
                return self._text(message)
            case TextFlush() | TextEnd():
                return self._mark_text(message)
            case PaceSet():
                return self._set_pace(message.pace())
            case SpeechCancel():
                return self._cancel(message.utterance)
            case PlaybackReport():
                return Place(self._known(message.utterance))
            case SessionClose():
                return self._close()
            case _:
                return Place(self.written)

    def from_server(self, message: ServerMessage) -> Place | None:
        """Apply a message of the server; None means its utterance is cancelled and it is dropped.

        Raises:
            BadMessage: it breaks the order.
        """
        if self.phase in {Phase.NEW, Phase.STARTING} and not isinstance(
            message, SessionStarted | ErrorMessage | WarningMessage
        ):
            raise BadMessage(f"got {message.type} first, expected session.started")
        match message:
            case SessionStarted():
                if self.phase is not Phase.STARTING:
                    raise BadMessage("session.started came twice or without session.start")
                self.phase = Phase.OPEN
                return Place()
            case UtteranceStarted() | MarkMessage() | EmotionApplied() | AudioRewind():
                return self._sounding(UtteranceId(message.utterance), message.type)
            case SpeechCancelled():
                return Place(self._alive(UtteranceId(message.utterance), message.type).id)
            case UtteranceEnded():
                utterance = self._alive(UtteranceId(message.utterance), message.type).id
                self._end(utterance, message.reason)
                return Place(utterance)
            case _:
                return Place(None if message.utterance is None else UtteranceId(message.utterance))

    def packet(self, utterance: UtteranceId) -> bool:
        """Whether a packet of this utterance may pass; False if it is cancelled.

        Raises:
            BadMessage: the utterance is not live.
        """
        spoken = self._alive(utterance, "an audio packet")
        spoken.sounding = spoken.sounding or not spoken.cancelled
        return not spoken.cancelled

    def take_over(self, earlier: Conversation) -> None:
        """Go on with the utterances of a connection that was lost."""
        self.newest, self.live, self._over = earlier.newest, earlier.live, earlier._over

    def _start(self) -> Place:
        if self.phase is not Phase.NEW:
            raise BadMessage("got session.start again, expected it once")
        self.phase = Phase.STARTING
        return Place()

    def _close(self) -> Place:
        if self.phase is Phase.CLOSING:
            raise BadMessage("got session.close again, expected it once")
        self.phase = Phase.CLOSING
        for utterance in self.live.values():
            utterance.writing = False
        return Place()

    def _text(self, message: TextDelta) -> Place | None:
        utterance = self._find(message.utterance, message.type)
        if utterance is None:
            return None
        opened = utterance.id not in self.live
        if opened and len(self.live) >= self.limits.utterances:
            raise RateLimited(
                f"{len(self.live)} utterances are not ended yet, expected no more than {self.limits.utterances}; "
                "wait for utterance.ended"
            )
        total = utterance.chars + len(message.text)
        if total > self.limits.text_chars:
            raise TextTooLong(total, self.limits.text_chars)
        pace = message.pace.pace() if message.pace else self._next_pace if opened else None
        self._give_pace(utterance, pace)
        if opened:
            self.live[utterance.id] = utterance
            self.newest = utterance.id
            self._over.pop(utterance.id, None)
            self._next_pace = None
        place = Place(utterance.id, utterance.chars, opened, pace)
        utterance.chars = total
        return place

    def _mark_text(self, message: TextFlush | TextEnd) -> Place | None:
        if message.utterance is None and self.written is None:
            raise BadMessage(f"got {message.type}, but no utterance is being written")
        utterance = self._find(message.utterance, message.type)
        if utterance is None:
            return None
        if utterance.id not in self.live:
            raise BadMessage(f"got {message.type} for utterance {utterance.id}, which has no text")
        if isinstance(message, TextEnd):
            utterance.writing = False
        return Place(utterance.id, utterance.chars)

    def _find(self, given: int | None, type_: str) -> Spoken | None:
        """The utterance that text is for: a live one, a new one not yet in ``live``, or None to drop the text."""
        named = self.written if given is None else UtteranceId(given)
        if named is not None and named in self.live:
            utterance = self.live[named]
            if utterance.cancelled:
                return None
            if not utterance.writing:
                raise BadMessage(f"got {type_} for utterance {named}, whose text has ended")
            return utterance
        if named is not None and self._over.get(named, "end") != "end":
            return None
        if self.phase is Phase.CLOSING:
            raise BadMessage(f"got {type_} after session.close")
        if named is None:
            return Spoken(self.next_id())
        # Serial number arithmetic (RFC 1982 §3.2), so that ids may wrap around.
        if self.newest is not None and not 0 < (named - self.newest) % _IDS < _IDS // 2:
            raise BadMessage(
                f"got {type_} for utterance {named}, which is over; ids go up, expected {self.next_id()} or more"
            )
        return Spoken(named)

    def _set_pace(self, pace: Pace) -> Place:
        written = self.written
        if written is None:
            self._next_pace = pace
            return Place(pace=pace)
        self._give_pace(self.live[written], pace)
        return Place(written, self.live[written].chars, pace=pace)

    def _give_pace(self, utterance: Spoken, pace: Pace | None) -> None:
        if pace is None or pace == utterance.pace:
            return
        if utterance.sounding:
            raise BadMessage(
                f"the pace of utterance {utterance.id} came after its first audio, expected it before"
            )
        utterance.pace = pace

    def _cancel(self, given: int | None) -> Place:
        if given is None:
            chosen = [u for u in self.live.values() if not u.cancelled]
        else:
            named = self._known(given)
            chosen = [u for u in self.live.values() if u.id == named and not u.cancelled]
        for utterance in chosen:
            utterance.cancelled = True
            utterance.writing = False
        return Place(
            None if given is None else UtteranceId(given), cancelled=tuple(u.id for u in chosen)
        )

    def _known(self, utterance: int) -> UtteranceId:
        named = UtteranceId(utterance)
        if named not in self.live and named not in self._over:
            raise BadMessage(f"there is no utterance {utterance}")
        return named

    def _alive(self, utterance: UtteranceId, what: str) -> Spoken:
        if utterance not in self.live:
            raise BadMessage(f"got {what} for utterance {utterance}, which is not being spoken")
        return self.live[utterance]

    def _sounding(self, utterance: UtteranceId, what: str) -> Place | None:
        spoken = self._alive(utterance, what)
        if spoken.cancelled:
            return None
        spoken.sounding = True
        return Place(utterance)

    def _end(self, utterance: UtteranceId, reason: str) -> None:
        del self.live[utterance]
        self._over[utterance] = reason
        if len(self._over) > _REMEMBERED:
            del self._over[next(iter(self._over))]
