"""One short sentence about bad input."""

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from seiyuu.streaming.complaints import MAX_SHOWN, complaint, shown
from seiyuu.streaming.errors import SeiyuuError
from seiyuu.streaming.messages import parse_client, parse_server

pytestmark = pytest.mark.unit

CASES = [
    ([], "bad_message", "a message is an object with a type, got []"),
    ({"typ": "x"}, "bad_message", 'the message has no type: got {"typ": "x"}'),
    (
        {"type": "text.dleta"},
        "bad_message",
        "unknown message type \"text.dleta\", did you mean 'text.delta'?",
    ),
    ({"type": "text.delta"}, "bad_message", "field text.delta.text is missing"),
    (
        {"type": "text.delta", "txt": "a"},
        "bad_message",
        "unknown field text.delta.txt, did you mean 'text'?",
    ),
    ({"type": "text.delta", "text": "a", "zz": 1}, "bad_message", "unknown field text.delta.zz"),
    ({"type": "text.delta", "text": 5}, "bad_message", "text.delta.text is 5, expected a string"),
    (
        {"type": "text.delta", "text": "", "utterance": 65536},
        "bad_message",
        "text.delta.utterance is 65536, expected at most 65535",
    ),
    (
        {"type": "text.delta", "text": "", "utterance": True},
        "bad_message",
        "text.delta.utterance is true, expected a whole number",
    ),
    (
        {"type": "text.delta", "text": "", "pace": 1},
        "bad_message",
        "text.delta.pace is 1, expected an object",
    ),
    (
        {"type": "text.delta", "text": "", "pace": {"ratio": "x"}},
        "bad_message",
        'text.delta.pace.ratio is "x", expected a number',
    ),
    (
        {"type": "session.start", "language": "fr"},
        "bad_message",
        "session.start.language is \"fr\", expected 'auto', 'zh', 'en', 'ja' or 'ko'",
    ),
    (
        {"type": "session.start", "marks": ["char", "x"]},
        "bad_message",
        "session.start.marks[1] is \"x\", expected 'char', 'word', 'phoneme' or 'viseme'",
    ),
    (
        {"type": "session.start", "marks": "char"},
        "bad_message",
        'session.start.marks is "char", expected a list',
    ),
    (
        {"type": "session.start", "protocol": 2},
        "unsupported",
        "protocol 2 is not spoken here, expected 1",
    ),
    (
        {"type": "session.start", "audio": {"codec": "mp3"}},
        "bad_audio",
        "codec is mp3, expected one of: pcm_s16le, pcm_f32le, mulaw, opus",
    ),
    (
        {"type": "session.start", "audio": {"codec": "opus", "sample_rate": 44100}},
        "bad_audio",
        "sample_rate is 44100, expected one of: 8000, 12000, 16000, 24000, 48000",
    ),
    (
        {"type": "session.start", "audio": {"sample_rate": 22050, "ptime_ms": 10}},
        "bad_audio",
        "ptime_ms 10 holds no whole number of samples at sample_rate 22050, expected e.g. 20",
    ),
    (
        {"type": "session.start", "audio": {"ptime_ms": 7}},
        "bad_audio",
        "ptime_ms is 7, expected one of: 10, 20, 30, 40, 50, 60, 80, 100",
    ),
    (
        {"type": "emotion.set", "emotion": {"vector": [1]}},
        "bad_message",
        "emotion.set.emotion.vector is [1], expected at least 8 items",
    ),
    (
        {"type": "emotion.set", "emotion": {"name": "joy", "intensity": 2}},
        "bad_message",
        "emotion.set.emotion.intensity is 2, expected at most 1.0",
    ),
    (
        {"type": "emotion.set", "emotion": {"a": 1}},
        "bad_message",
        'emotion.set.emotion is {"a": 1}, expected a name, '
        "or an object with one of name, mix, vector, describe, reference",
    ),
    (
        {"type": "emotion.set", "emotion": {"describe": ""}},
        "bad_message",
        'emotion.set.emotion.describe is "", expected at least 1 character',
    ),
    (
        {"type": "pace.set"},
        "bad_message",
        "a controlled pace has one of ratio and duration_ms and a free pace has none, got 0",
    ),
    (
        {"type": "voice.set", "voice": None},
        "bad_message",
        "voice.set.voice is null, expected a string",
    ),
]


@pytest.mark.parametrize(("fields", "code", "sentence"), CASES, ids=lambda value: str(value)[:40])
def test_a_mistake_is_named_with_what_was_got_and_expected(
    fields: object, code: str, sentence: str
) -> None:
    """The sentence fits the mistake and carries the right code."""
    with pytest.raises(SeiyuuError) as caught:
        parse_client(fields)
    assert (caught.value.code, str(caught.value)) == (code, sentence)


def test_an_unknown_emotion_keeps_its_code() -> None:
    """A name that means nothing is unknown_emotion, not bad_message."""
    with pytest.raises(SeiyuuError) as caught:
        parse_client({"type": "emotion.set", "emotion": "hungry"})
    assert caught.value.code == "unknown_emotion"
    assert "hungry" in str(caught.value)


def test_the_clients_side_is_told_the_same_way() -> None:
    """Messages of a server are checked like those of a client."""
    with pytest.raises(SeiyuuError, match="field warning.code is missing"):
        parse_server({"type": "warning", "message": "x"})


@pytest.mark.parametrize("value", ["x" * 1000, list(range(1000)), {"k" * 500: 1}, "a\ud800" * 100])
def test_what_was_got_is_shown_short_and_whole(value: object) -> None:
    """Long values are cut, and halves of characters can still be written to a log."""
    assert len(shown(value)) <= MAX_SHOWN
    shown(value).encode("utf-8")


def test_a_field_with_half_a_character_in_its_name_can_be_named() -> None:
    """A name no UTF-8 can hold is shown escaped."""
    with pytest.raises(SeiyuuError) as caught:
        parse_client({"type": "text.delta", "text": "", "\ud800": 1})
    str(caught.value).encode("utf-8")


def test_a_mistake_without_words_of_ours_keeps_those_of_the_library() -> None:
    """Error types that are not in the table fall back to the library's sentence."""

    class Other(BaseModel):
        model_config = ConfigDict(strict=True)
        when: bytes

    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Other).validate_python({"when": 3})
    assert str(complaint(caught.value)).startswith("when is 3, expected ")
