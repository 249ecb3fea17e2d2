"""The session protocol without I/O: frames in, events out; messages in, frames out.

A shell owns the socket. It hands what it received to :meth:`Protocol.receive_text` and :meth:`Protocol.receive_binary`
and acts on the events; it calls ``send…`` and then writes everything :meth:`Protocol.data_to_send` gives. When
:attr:`Protocol.close_code` is set it writes that and closes. Nothing a peer sends makes this raise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from .conversation import Conversation, Limits, Phase, Place
from .errors import BadMessage, BadText, InvalidState, Overloaded, SeiyuuError
from .ids import UtteranceId
from .messages import (
    ClientMessage,
    ErrorMessage,
    ServerMessage,
    WarningMessage,
    parse_client,
    parse_server,
)
from .packet import Packet, unpack
from .segment import Pace
from .strict_json import check_unicode, decode

NORMAL_CLOSURE = 1000
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
"""Close codes of RFC 6455 §7.4.1 and its IANA registry."""

Frame = str | bytes


class Side(Enum):
    """Which end of the socket this is."""

    SERVER = "server"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Received:
    """A message that is well formed and in order, with what it means here (see ``conversation.Place``)."""

    message: ClientMessage | ServerMessage
    utterance: UtteranceId | None = None
    char: int = 0
    opened: bool = False
    pace: Pace | None = None
    cancelled: tuple[UtteranceId, ...] = ()


@dataclass(frozen=True, slots=True)
class PacketReceived:
    """Audio of an utterance that was not cancelled."""

    packet: Packet


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something the peer sent was not accepted; a server has already answered it with an ``error`` message.

    ``close_code`` is set if the session is refused by this.
    """

    error: SeiyuuError
    utterance: UtteranceId | None = None
    close_code: int | None = None


Event = Received | PacketReceived | Rejected


class Protocol:
    """One side of one session."""

    def __init__(self, side: Side, limits: Limits | None = None) -> None:
        self._side = side
        self._conversation = Conversation(limits or Limits())
        self._frames: list[Frame] = []
        self._half = ""
        self.close_code: int | None = None
        """Set when the connection is to be closed, after the frames still to be sent."""

    @property
    def phase(self) -> Phase:
        """How far the session has come."""
        return self._conversation.phase

    @property
    def limits(self) -> Limits:
        """What the session may ask for."""
        return self._conversation.limits

    @property
    def live(self) -> tuple[UtteranceId, ...]:
        """Utterances that are not over, in the order they are spoken."""
        return tuple(self._conversation.live)

    def next_utterance(self) -> UtteranceId:
        """The id the next utterance gets if the client names none."""
        return self._conversation.next_id()

    # Receiving.

    def receive_text(self, text: str) -> list[Event]:
        """Take a text frame; give what it means, in order. Empty once the session is closed."""
        if self.phase is Phase.CLOSED:
            return []
        events: list[Event] = []
        try:
            fields = decode(text, max_chars=self.limits.message_chars)
        except SeiyuuError as error:
            return [self._reject(error)]
        if self._side is Side.CLIENT:
            return self._from_server(fields)
        if not self._mend(fields):
            events.append(self._reject(BadText("the text before ended in half a character")))
        return events + self._from_client(fields)

    def receive_binary(self, data: bytes) -> list[Event]:
        """Take a binary frame; only servers send these."""
        if self.phase is Phase.CLOSED:
            return []
        if self._side is Side.SERVER:
            error = BadMessage(
                f"got a binary frame of {len(data)} bytes, expected text frames only"
            )
            return [self._reject(error)]
        try:
            packet = unpack(data)
            if self._conversation.is_over(packet.utterance):
                return []
            passes = self._conversation.packet(packet.utterance)
        except SeiyuuError as error:
            return [self._reject(error)]
        return [PacketReceived(packet)] if passes else []

    def receive_eof(self) -> None:
        """The connection is gone: nothing is accepted or sent any more."""
        self._conversation.phase = Phase.CLOSED
        self._frames.clear()

    # Sending.

    def send(self, message: ClientMessage | ServerMessage) -> Place | None:
        """Queue a message; give what it means, or None if it was dropped because its utterance is cancelled.

        Raises:
            SeiyuuError: on the client, for what the server would refuse.
            InvalidState: on the server, for a message out of order.
        """
        self._check_open()
        if self._side is Side.CLIENT:
            check_unicode(message.model_dump())
            place = self._conversation.from_client(message)  # type: ignore[arg-type]
        else:
            try:
                place = self._conversation.from_server(message)  # type: ignore[arg-type]
            except BadMessage as error:
                raise InvalidState(str(error)) from error
        if place is not None:
            self._frames.append(message.to_json())
        return place

    def send_packet(self, packet: Packet) -> bool:
        """Queue audio; False if it was dropped because its utterance is cancelled.

        Raises:
            InvalidState: the utterance is not being spoken.
        """
        self._check_open()
        try:
            passes = self._conversation.packet(packet.utterance)
        except BadMessage as error:
            raise InvalidState(str(error)) from error
        if passes:
            self._frames.append(packet.pack())
        return passes

    def send_error(self, error: SeiyuuError, utterance: UtteranceId | None = None) -> None:
        """Tell the client that something failed; the session goes on."""
        self._check_open()
        self._frames.append(_error_message(error, utterance).to_json())

    def send_warning(self, code: str, message: str, utterance: UtteranceId | None = None) -> None:
        """Tell the client that something will not be quite as it asked."""
        self.send(WarningMessage(code=code, message=message, utterance=utterance))

    def refuse(self, error: SeiyuuError) -> None:
        """Answer ``session.start`` with an error and close: 1013 if the server is overloaded, else 1008."""
        self.send_error(error)
        self.close(TRY_AGAIN_LATER if isinstance(error, Overloaded) else POLICY_VIOLATION)

    def close(self, code: int = NORMAL_CLOSURE) -> None:
        """Close after what is queued; nothing is accepted or sent any more."""
        if self.close_code is None:
            self.close_code = code
        self._conversation.phase = Phase.CLOSED

    def take_over(self, earlier: Protocol) -> None:
        """Go on with the utterances of a session whose connection was lost, on either side."""
        self._conversation.take_over(earlier._conversation)

    def data_to_send(self) -> list[Frame]:
        """Frames to write, in order; each is given once."""
        if not self._frames:
            return []
        frames, self._frames = self._frames, []
        return frames

    def _check_open(self) -> None:
        if self.phase is Phase.CLOSED:
            raise InvalidState("the session is closed")

    def _from_client(self, fields: dict[str, Any]) -> list[Event]:
        starting = fields.get("type") == "session.start" and self.phase is Phase.NEW
        utterance = None
        try:
            check_unicode(fields)
            message = parse_client(fields)
            utterance = self._conversation.addressed(message)
            place = self._conversation.from_client(message)
        except SeiyuuError as error:
            if not starting:
                return [self._reject(error, utterance)]
            self.refuse(error)
            return [Rejected(error, close_code=self.close_code)]
        return [] if place is None else [_received(message, place)]

    def _from_server(self, fields: dict[str, Any]) -> list[Event]:
        try:
            check_unicode(fields)
            message = parse_server(fields)
            place = self._conversation.from_server(message)
        except SeiyuuError as error:
            return [self._reject(error)]
        return [] if place is None else [_received(message, place)]

    def _reject(self, error: SeiyuuError, utterance: UtteranceId | None = None) -> Rejected:
        if self._side is Side.SERVER:
            self.send_error(error, utterance)
        return Rejected(error, utterance)

    def _mend(self, fields: dict[str, Any]) -> bool:
        """Join characters that a writer of UTF-16 cut in two; False if the first half was left alone.

        JavaScript cuts strings between surrogates, and a delta may be cut anywhere.
        """
        text = fields.get("text") if fields.get("type") == "text.delta" else None
        if not isinstance(text, str):
            dangling = self._half if fields.get("type") == "text.end" else ""
            self._half = self._half if not dangling else ""
            return not dangling
        if not text:
            return True
        half, self._half = self._half, ""
        whole = not half or "\udc00" <= text[0] <= "\udfff"
        if half and whole:
            text = (half + text[0]).encode("utf-16", "surrogatepass").decode("utf-16") + text[1:]
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        fields["text"] = text
        return whole


def _received(message: ClientMessage | ServerMessage, place: Place) -> Received:
    return Received(message, place.utterance, place.char, place.opened, place.pace, place.cancelled)


def _error_message(error: SeiyuuError, utterance: UtteranceId | None) -> ErrorMessage:
    retry_after_ms = error.retry_after_ms if isinstance(error, Overloaded) else None
    return ErrorMessage(
        code=error.code,  # type: ignore[arg-type]
        message=str(error),
        retryable=error.retryable,
        utterance=utterance,
        retry_after_ms=retry_after_ms,
    )
