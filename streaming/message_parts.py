"""What wire messages are made of: their root, bounded numbers, and the objects that stand in their fields.

Unknown fields are errors and numbers are not read out of strings.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from .audio import AudioFormat, Codec
from .ids import MAX_UTTERANCE_ID
from .segment import Pace

PROTOCOL_VERSION = 1
CODECS: tuple[str, ...] = get_args(Codec)
SAMPLE_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
"""RFC 6716 §2: the rates an Opus encoder takes."""
PTIMES_MS = (10, 20, 30, 40, 50, 60, 80, 100)
OPUS_PTIMES_MS = (10, 20, 40, 60)
"""RFC 6716 §2.1.4, without the frames shorter than 10 ms."""

Ms = Annotated[float, Field(ge=0.0, le=1e10)]
Utterance = Annotated[int, Field(ge=0, le=MAX_UTTERANCE_ID)]
Index = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""Counts of characters or samples; JavaScript reads integers exactly up to here."""
Seq = Annotated[int, Field(ge=0, le=2**32 - 1)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


def _version(number: int) -> int:
    if number != PROTOCOL_VERSION:
        raise PydanticCustomError(
            "unsupported",
            "protocol {got} is not spoken here, expected {expected}",
            {"got": str(number)[:20], "expected": PROTOCOL_VERSION},
        )
    return number


Version = Annotated[
    int, AfterValidator(_version), Field(json_schema_extra={"const": PROTOCOL_VERSION})
]


class Part(BaseModel):
    """What messages are made of."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


def _require_type(json_schema: dict[str, Any]) -> None:
    json_schema["required"] = ["type", *json_schema.get("required", [])]


class Message(Part):
    """Root of all messages; ``type`` names the row of the table."""

    model_config = ConfigDict(json_schema_extra=_require_type)

    def to_json(self) -> str:
        """The text frame; fields that are None are left out."""
        return self.model_dump_json(exclude_none=True)


def _one_of(field: str, got: object, allowed: tuple[object, ...]) -> None:
    if got not in allowed:
        raise PydanticCustomError(
            "bad_audio",
            "{field} is {got}, expected one of: {allowed}",
            {"field": field, "got": str(got)[:40], "allowed": ", ".join(map(str, allowed))},
        )


class AudioSpec(Part):
    """What the client wants to receive, mono."""

    codec: Annotated[str, Field(json_schema_extra={"enum": list(CODECS)})] = "pcm_s16le"
    sample_rate: Annotated[int, Field(json_schema_extra={"enum": list(SAMPLE_RATES)})] = 24_000
    ptime_ms: Annotated[int, Field(json_schema_extra={"enum": list(PTIMES_MS)})] = 20

    @model_validator(mode="after")
    def _exists(self) -> AudioSpec:
        opus = self.codec == "opus"
        _one_of("codec", self.codec, CODECS)
        _one_of("sample_rate", self.sample_rate, OPUS_RATES if opus else SAMPLE_RATES)
        _one_of("ptime_ms", self.ptime_ms, OPUS_PTIMES_MS if opus else PTIMES_MS)
        if self.sample_rate * self.ptime_ms % 1000:
            raise PydanticCustomError(
                "bad_audio",
                "ptime_ms {ptime} holds no whole number of samples at sample_rate {rate}, expected e.g. {fits}",
                {
                    "ptime": self.ptime_ms,
                    "rate": self.sample_rate,
                    "fits": next(p for p in PTIMES_MS if self.sample_rate * p % 1000 == 0),
                },
            )
        return self

    def format(self) -> AudioFormat:
        """The same as an internal value."""
        return AudioFormat(self.codec, self.sample_rate, self.ptime_ms)  # type: ignore[arg-type]


class Resume(Part):
    """Where a client that lost its connection goes on."""

    token: Name
    next_seq: Seq


class PaceSpec(Part):
    """How long an utterance shall last: ``free``, or ``controlled`` by one of ratio and duration."""

    mode: Literal["free", "controlled"] = "controlled"
    ratio: Annotated[float, Field(ge=0.1, le=10.0)] | None = None
    duration_ms: Annotated[int, Field(ge=1, le=3_600_000)] | None = None

    @model_validator(mode="after")
    def _agrees(self) -> PaceSpec:
        given = (self.ratio is not None) + (self.duration_ms is not None)
        if given != (self.mode == "controlled"):
            raise PydanticCustomError(
                "pace_form",
                "a controlled pace has one of ratio and duration_ms and a free pace has none, got {given}",
                {"given": given},
            )
        return self

    def pace(self) -> Pace:
        """The same as an internal value."""
        return Pace(self.mode, self.ratio, self.duration_ms)


class LimitsSpec(Part):
    """What the server takes from one session."""

    message_chars: Index
    text_chars: Index
    utterances: Index
