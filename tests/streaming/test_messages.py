"""The wire messages."""

import json
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from seiyuu.streaming.audio import AudioFormat
from seiyuu.streaming.message_parts import AudioSpec, PaceSpec
from seiyuu.streaming.messages import (
    ClientMessage,
    MarkMessage,
    ServerMessage,
    SessionStart,
    SpeechPause,
    TextDelta,
    parse_client,
    parse_server,
    schema,
)
from seiyuu.streaming.segment import Pace
from seiyuu.streaming.timeline import Mark

pytestmark = pytest.mark.unit

CLIENT = {
    "session.start", "text.delta", "text.flush", "text.end", "emotion.set", "pace.set", "voice.set", "speech.cancel",
    "speech.pause", "speech.resume", "playback.report", "session.close",
}  # fmt: skip
SERVER = {
    "session.started", "utterance.started", "mark", "emotion.applied", "audio.rewind", "utterance.ended",
    "speech.cancelled", "warning", "error",
}  # fmt: skip


def kinds(union: object) -> list[type]:
    """The members of a union of messages."""
    return list(typing.get_args(union))


def test_there_is_one_model_for_each_row_of_the_protocol() -> None:
    """No row is missing and none was made up."""
    assert {kind.model_fields["type"].default for kind in kinds(ClientMessage)} == CLIENT
    assert {kind.model_fields["type"].default for kind in kinds(ServerMessage)} == SERVER


def test_the_start_has_the_defaults_of_the_protocol() -> None:
    """A bare session.start asks for 24 kHz PCM in 20 ms packets, 400 ms ahead."""
    start = SessionStart()
    assert start.audio.format() == AudioFormat("pcm_s16le", 24_000, 20)
    assert (start.protocol, start.lead_ms, start.language) == (1, 400, "auto")


def test_what_is_none_is_left_out() -> None:
    """The frame holds only what was said."""
    assert json.loads(TextDelta(text="你").to_json()) == {"type": "text.delta", "text": "你"}


@given(st.text())
def test_a_message_survives_the_wire(text: str) -> None:
    """JSON and back gives the same message."""
    delta = TextDelta(text=text, utterance=3, emotion="joy", pace=PaceSpec(ratio=0.9))
    assert parse_client(json.loads(delta.to_json())) == delta


def test_messages_do_not_change() -> None:
    """They are values."""
    with pytest.raises(ValidationError):
        SpeechPause().type = "x"  # type: ignore[assignment, misc]


def test_a_pace_is_the_internal_one() -> None:
    """pace() translates."""
    assert PaceSpec(duration_ms=1500).pace() == Pace("controlled", None, 1500)
    assert PaceSpec(mode="free").pace() == Pace()


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_f32le", "mulaw", "opus"])
def test_every_codec_can_be_asked_for(codec: str) -> None:
    """The four codecs pass at 48 kHz."""
    assert AudioSpec(codec=codec, sample_rate=48_000).format().samples_per_frame == 960


def test_a_mark_is_sent_in_milliseconds() -> None:
    """Samples become times, to a tenth."""
    mark = Mark("char", "你", 2, 3, 2401, 4800)
    message = MarkMessage.of(7, mark, 24_000)
    assert (message.start_ms, message.end_ms) == (100.0, 200.0)
    assert parse_server(json.loads(message.to_json())) == message


def test_the_schema_describes_every_message() -> None:
    """Both directions are in it, each message requires its type and allows nothing unknown."""
    both = schema()
    names = {"client": CLIENT, "server": SERVER}
    for side, types in names.items():
        mapping = both[side]["discriminator"]["mapping"]
        assert set(mapping) == types
        for reference in mapping.values():
            model = both[side]["$defs"][reference.rsplit("/", 1)[-1]]
            assert "type" in model["required"]
            assert model["additionalProperties"] is False
    assert json.loads(json.dumps(both)) == both
