"""The wire messages: one frozen model per row of the protocol, and their JSON Schema.

Times are milliseconds here and nowhere else; text positions are Unicode code points of the utterance's text as sent,
tags included.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from .audio import samples_to_ms
from .complaints import complaint
from .emotion_spec import EmotionSpec
from .marking import AudibleNotice
from .message_parts import (
    PROTOCOL_VERSION,
    AudioSpec,
    Index,
    LimitsSpec,
    Message,
    Ms,
    Name,
    PaceSpec,
    Resume,
    Seq,
    Utterance,
    Version,
)
from .segment import Language
from .timeline import Mark, MarkKind


class SessionStart(Message):
    type: Literal["session.start"] = "session.start"
    protocol: Version = PROTOCOL_VERSION
    voice: Name | None = None
    language: Language = "auto"
    emotion: EmotionSpec | None = None
    audio: AudioSpec = AudioSpec()
    lead_ms: Annotated[int, Field(ge=0, le=10_000)] = 400
    marks: Annotated[tuple[MarkKind, ...], Field(strict=False, max_length=4)] = ()
    seed: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None
    resume: Resume | None = None


class TextDelta(Message):
    type: Literal["text.delta"] = "text.delta"
    text: str
    utterance: Utterance | None = None
    emotion: EmotionSpec | None = None
    pace: PaceSpec | None = None


class TextFlush(Message):
    type: Literal["text.flush"] = "text.flush"
    utterance: Utterance | None = None


class TextEnd(Message):
    type: Literal["text.end"] = "text.end"
    utterance: Utterance | None = None


class EmotionSet(Message):
    type: Literal["emotion.set"] = "emotion.set"
    emotion: EmotionSpec
    at: Literal["now", "next_segment"] = "now"
    ramp_ms: Annotated[int, Field(ge=0, le=5_000)] = 120


class PaceSet(PaceSpec, Message):
    type: Literal["pace.set"] = "pace.set"


class VoiceSet(Message):
    type: Literal["voice.set"] = "voice.set"
    voice: Name


class SpeechCancel(Message):
    type: Literal["speech.cancel"] = "speech.cancel"
    utterance: Utterance | None = None
    played_ms: Ms | None = None


class SpeechPause(Message):
    type: Literal["speech.pause"] = "speech.pause"


class SpeechResume(Message):
    type: Literal["speech.resume"] = "speech.resume"


class PlaybackReport(Message):
    type: Literal["playback.report"] = "playback.report"
    utterance: Utterance
    played_ms: Ms


class SessionClose(Message):
    type: Literal["session.close"] = "session.close"


ClientMessage = (
    SessionStart
    | TextDelta
    | TextFlush
    | TextEnd
    | EmotionSet
    | PaceSet
    | VoiceSet
    | SpeechCancel
    | SpeechPause
    | SpeechResume
    | PlaybackReport
    | SessionClose
)


class SessionStarted(Message):
    type: Literal["session.started"] = "session.started"
    session: Name
    protocol: Version = PROTOCOL_VERSION
    engine: Name
    voice: Name
    audio: AudioSpec
    resume_token: Name
    limits: LimitsSpec
    synthetic: Literal[True] = True
    """What is heard is made by a machine."""
    notice: AudibleNotice = "off"
    """How the session says so aloud, before its first utterance."""
    received: Index | None = None
    """Where a session is resumed: the client's messages that arrived, ``session.start`` left out."""


class UtteranceStarted(Message):
    type: Literal["utterance.started"] = "utterance.started"
    utterance: Utterance
    first_packet_ms: Ms


class MarkMessage(Message):
    type: Literal["mark"] = "mark"
    utterance: Utterance
    kind: MarkKind
    text: str
    char_start: Index
    char_end: Index
    start_ms: Ms
    end_ms: Ms
    viseme: str | None = None

    @classmethod
    def of(cls, utterance: int, mark: Mark, sample_rate: int) -> MarkMessage:
        """The wire form of a mark whose positions count samples at ``sample_rate``."""
        return cls(
            utterance=utterance,
            kind=mark.kind,
            text=mark.text,
            char_start=mark.char_start,
            char_end=mark.char_end,
            start_ms=round(samples_to_ms(mark.start, sample_rate), 1),
            end_ms=round(samples_to_ms(mark.end, sample_rate), 1),
            viseme=mark.viseme,
        )


class EmotionApplied(Message):
    type: Literal["emotion.applied"] = "emotion.applied"
    utterance: Utterance
    char: Index
    at_ms: Ms
    after_ms: Ms
    emotion: EmotionSpec


class AudioRewind(Message):
    type: Literal["audio.rewind"] = "audio.rewind"
    utterance: Utterance
    from_timestamp: Index
    next_seq: Seq


class UtteranceEnded(Message):
    type: Literal["utterance.ended"] = "utterance.ended"
    utterance: Utterance
    duration_ms: Ms
    requested_ms: Ms | None = None
    reason: Literal["end", "cancel", "error"] = "end"


class SpeechCancelled(Message):
    type: Literal["speech.cancelled"] = "speech.cancelled"
    utterance: Utterance
    heard_text: str
    unheard_text: str
    heard_ms: Ms


class WarningMessage(Message):
    type: Literal["warning"] = "warning"
    code: Name
    message: str
    retryable: bool = False
    utterance: Utterance | None = None


class ErrorMessage(Message):
    type: Literal["error"] = "error"
    code: Literal[
        "bad_message",
        "bad_text",
        "text_too_long",
        "unknown_voice",
        "unknown_emotion",
        "bad_audio",
        "consent_required",
        "unsupported",
        "unauthorized",
        "rate_limited",
        "overloaded",
        "slow_reader",
        "engine_crashed",
        "internal",
    ]
    message: str
    retryable: bool = False
    utterance: Utterance | None = None
    retry_after_ms: Annotated[int, Field(ge=0)] | None = None


ServerMessage = (
    SessionStarted
    | UtteranceStarted
    | MarkMessage
    | EmotionApplied
    | AudioRewind
    | UtteranceEnded
    | SpeechCancelled
    | WarningMessage
    | ErrorMessage
)

CLIENT_MESSAGES: TypeAdapter[ClientMessage] = TypeAdapter(
    Annotated[ClientMessage, Field(discriminator="type")]
)
SERVER_MESSAGES: TypeAdapter[ServerMessage] = TypeAdapter(
    Annotated[ServerMessage, Field(discriminator="type")]
)


def parse_client(fields: object) -> ClientMessage:
    """Check what a client sent, after JSON.

    Raises:
        SeiyuuError: of the kind that fits, with one sentence naming the field, what was got and what was expected.
    """
    try:
        return CLIENT_MESSAGES.validate_python(fields)
    except ValidationError as error:
        raise complaint(error) from error


def parse_server(fields: object) -> ServerMessage:
    """Check what a server sent, after JSON.

    Raises:
        SeiyuuError: as :func:`parse_client`.
    """
    try:
        return SERVER_MESSAGES.validate_python(fields)
    except ValidationError as error:
        raise complaint(error) from error


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of both directions: ``{"client": …, "server": …}``."""
    return {"client": CLIENT_MESSAGES.json_schema(), "server": SERVER_MESSAGES.json_schema()}
