"""The session protocol without I/O, both sides."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.streaming.conversation import Limits, Phase
from seiyuu.streaming.errors import (
    BadMessage,
    BadText,
    InvalidState,
    Overloaded,
    SeiyuuError,
    UnknownVoice,
)
from seiyuu.streaming.ids import UtteranceId
from seiyuu.streaming.message_parts import AudioSpec
from seiyuu.streaming.messages import (
    ErrorMessage,
    PlaybackReport,
    ServerMessage,
    SessionClose,
    SessionStart,
    SessionStarted,
    SpeechCancel,
    TextDelta,
    TextEnd,
    UtteranceEnded,
    UtteranceStarted,
    WarningMessage,
    parse_server,
)
from seiyuu.streaming.packet import Packet
from seiyuu.streaming.protocol import (
    Event,
    PacketReceived,
    Protocol,
    Received,
    Rejected,
    Side,
)

pytestmark = pytest.mark.unit


def carry(source: Protocol, target: Protocol) -> list[Event]:
    """Move every frame from one side to the other."""
    events: list[Event] = []
    for frame in source.data_to_send():
        events += (
            target.receive_text(frame) if isinstance(frame, str) else target.receive_binary(frame)
        )
    return events


def answers(server: Protocol) -> list[ServerMessage]:
    """The text messages a server has queued."""
    return [
        parse_server(json.loads(frame)) for frame in server.data_to_send() if isinstance(frame, str)
    ]


def pair(limits: Limits | None = None) -> tuple[Protocol, Protocol]:
    """A server and a client in a session under way."""
    server, client = Protocol(Side.SERVER, limits), Protocol(Side.CLIENT, limits)
    client.send(SessionStart())
    carry(client, server)
    server.send(
        SessionStarted(
            session="s",
            engine="tone",
            voice="v",
            audio=AudioSpec(),
            resume_token="t",
            limits=server.limits.spec(),
        )
    )
    carry(server, client)
    return server, client


def packet(utterance: int, seq: int = 0, *, last: bool = False) -> Packet:
    """Some audio."""
    return Packet(UtteranceId(utterance), seq, seq * 480, b"\0\0" * 480, last)


def test_a_session_from_start_to_close() -> None:
    """Text goes one way, audio the other, and both sides agree on what is live."""
    server, client = pair()
    place = client.send(TextDelta(text="你好"))
    assert place is not None
    client.send(TextEnd())
    texts = carry(client, server)
    assert [(e.utterance, e.char) for e in texts if isinstance(e, Received)] == [(1, 0), (1, 2)]
    server.send(UtteranceStarted(utterance=1, first_packet_ms=80))
    server.send_packet(packet(1))
    server.send(UtteranceEnded(utterance=1, duration_ms=20))
    events = carry(server, client)
    assert [type(event) for event in events] == [Received, PacketReceived, Received]
    assert server.live == client.live == ()
    client.send(SessionClose())
    carry(client, server)
    assert server.phase is Phase.CLOSING
    server.close()
    assert server.close_code == 1000
    assert server.next_utterance() == 2


def test_a_client_may_write_before_it_is_answered() -> None:
    """Text right behind session.start is taken."""
    server, client = Protocol(Side.SERVER), Protocol(Side.CLIENT)
    client.send(SessionStart())
    client.send(TextDelta(text="a"))
    assert [type(event) for event in carry(client, server)] == [Received, Received]
    assert server.phase is Phase.STARTING


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "bad_message"),
        ('{"type":"sing"}', "bad_message"),
        ('{"type":"text.delta","text":1}', "bad_message"),
        ('{"type":"text.delta","text":"a","text":"b"}', "bad_message"),
        ('{"type":"text.delta","text":NaN}', "bad_message"),
        ('{"type":"playback.report","utterance":1,"played_ms":1e400}', "bad_message"),
        ('{"type":"playback.report","utterance":' + "1" * 30 + ',"played_ms":1}', "bad_message"),
        ('{"type":"text.delta","text":' + "[" * 5000 + "]" * 5000 + "}", "bad_message"),
        ('{"type":"session.start"}', "bad_message"),
        ('{"type":"session.start","voice":"x","lead_ms":-1}', "bad_message"),
        ('{"type":"text.end","utterance":5}', "bad_message"),
        ('{"type":"text.delta","text":"a\\udc00"}', "bad_text"),
        ('{"type":"voice.set","voice":"\\ud800"}', "bad_text"),
        ('{"type":"emotion.set","emotion":"hungry"}', "unknown_emotion"),
        (json.dumps({"type": "text.delta", "text": "x" * 101}), "text_too_long"),
    ],
    ids=lambda value: value[:40],
)
def test_bad_input_is_one_error_and_the_session_goes_on(frame: str, code: str) -> None:
    """Each mistake is answered once, with its code, and the next message is taken."""
    server, _ = pair(Limits(text_chars=100))
    events = server.receive_text(frame)
    assert [type(event) for event in events] == [Rejected]
    (error,) = answers(server)
    assert isinstance(error, ErrorMessage)
    assert error.code == code
    assert len(error.message) < 210
    assert server.close_code is None
    (event,) = server.receive_text('{"type":"text.delta","text":"a"}')
    assert isinstance(event, Received)


def test_a_client_sends_no_binary_frames() -> None:
    """A server answers one with an error."""
    server, _ = pair()
    (event,) = server.receive_binary(b"123")
    assert isinstance(event, Rejected)
    assert "binary frame of 3 bytes" in str(event.error)


def test_an_error_names_the_utterance() -> None:
    """The one named, or the one being written."""
    server, _ = pair(Limits(text_chars=3))
    server.receive_text('{"type":"text.delta","text":"abc"}')
    server.receive_text('{"type":"text.delta","text":"d"}')
    (error,) = answers(server)
    assert isinstance(error, ErrorMessage)
    assert error.utterance == 1


@pytest.mark.parametrize(
    "start",
    [
        '{"type":"session.start","audio":{"codec":"mp3"}}',
        '{"type":"session.start","protocol":9}',
        '{"type":"session.start","language":"xx"}',
        '{"type":"session.start","voice":"\\ud800"}',
    ],
)
def test_a_start_that_cannot_be_is_refused_with_1008(start: str) -> None:
    """One error, then the close code; nothing is taken or sent after it."""
    server = Protocol(Side.SERVER)
    (event,) = server.receive_text(start)
    assert isinstance(event, Rejected)
    assert event.close_code == server.close_code == 1008
    assert [type(message) for message in answers(server)] == [ErrorMessage]
    assert server.receive_text('{"type":"session.start"}') == []
    assert server.receive_binary(b"") == []
    with pytest.raises(InvalidState, match="closed"):
        server.send_error(BadMessage("x"))


def test_broken_frames_before_the_start_do_not_close() -> None:
    """A client that got its first frame wrong may try again."""
    server = Protocol(Side.SERVER)
    for frame in ("{", '{"type":"text.delta","text":"a"}', '{"type":"x"}'):
        server.receive_text(frame)
    assert server.close_code is None
    (event,) = server.receive_text('{"type":"session.start"}')
    assert isinstance(event, Received)


@pytest.mark.parametrize(
    ("error", "code", "retry_after_ms"),
    [(UnknownVoice("no voice of that name"), 1008, None), (Overloaded("full", 700), 1013, 700)],
)
def test_a_server_may_refuse_a_start(
    error: SeiyuuError, code: int, retry_after_ms: int | None
) -> None:
    """1008, or 1013 with a time to come back if it is only busy."""
    server = Protocol(Side.SERVER)
    server.receive_text('{"type":"session.start"}')
    server.refuse(error)
    (message,) = answers(server)
    assert isinstance(message, ErrorMessage)
    assert (message.code, message.retry_after_ms) == (error.code, retry_after_ms)
    assert server.close_code == code
    server.close()
    assert server.close_code == code


def test_a_character_cut_in_two_is_joined() -> None:
    """JavaScript may cut a delta between surrogates; the halves meet again, other messages may come between."""
    server, _ = pair()
    frames = [
        '{"type":"text.delta","text":"a\\ud83d"}',
        '{"type":"speech.pause"}',
        '{"type":"text.delta","text":""}',
        '{"type":"text.delta","text":"\\ude00\\ud83d"}',
        '{"type":"text.delta","text":"\\ude01b"}',
    ]
    events = [event for frame in frames for event in server.receive_text(frame)]
    deltas = [e for e in events if isinstance(e, Received) and isinstance(e.message, TextDelta)]
    assert [e.message.text for e in deltas if isinstance(e.message, TextDelta)] == [
        "a",
        "",
        "😀",
        "😁b",
    ]
    assert [e.char for e in deltas] == [0, 1, 1, 2]
    assert answers(server) == []


@pytest.mark.parametrize("follow", ['{"type":"text.delta","text":"b"}', '{"type":"text.end"}'])
def test_a_half_that_is_left_alone_is_an_error_and_costs_nothing_else(follow: str) -> None:
    """The dangling half is told once, and what follows is taken."""
    server, _ = pair()
    server.receive_text('{"type":"text.delta","text":"a\\ud83d"}')
    first, second = server.receive_text(follow)
    assert isinstance(first, Rejected)
    assert isinstance(first.error, BadText)
    assert isinstance(second, Received)
    (last,) = server.receive_text('{"type":"text.delta","text":"c"}')
    assert isinstance(last, Received)


def test_after_a_cancel_no_audio_passes_on_either_side() -> None:
    """The server drops it on the way out, the client on the way in."""
    server, client = pair()
    client.send(TextDelta(text="a"))
    carry(client, server)
    assert server.send_packet(packet(1))
    client.send(SpeechCancel(played_ms=10))
    assert carry(server, client) == []
    carry(client, server)
    assert not server.send_packet(packet(1, 1))
    assert server.send(UtteranceStarted(utterance=1, first_packet_ms=1)) is None
    assert server.data_to_send() == []
    server.send(UtteranceEnded(utterance=1, duration_ms=0, reason="cancel"))
    assert [type(event) for event in carry(server, client)] == [Received]


def test_late_text_for_a_cancelled_utterance_gives_no_event() -> None:
    """It is neither taken nor an error."""
    server, _ = pair()
    for frame in ('{"type":"text.delta","text":"a"}', '{"type":"speech.cancel"}'):
        server.receive_text(frame)
    assert server.receive_text('{"type":"text.delta","text":"b","utterance":1}') == []
    assert answers(server) == []


def test_a_client_is_told_before_it_sends_what_would_be_refused() -> None:
    """The same rules hold on its side, as exceptions."""
    client = Protocol(Side.CLIENT)
    with pytest.raises(BadMessage, match="expected session.start"):
        client.send(TextDelta(text="a"))
    _, client = pair()
    with pytest.raises(BadText):
        client.send(TextDelta(text="a\ud800"))
    assert client.data_to_send() == []


def test_a_server_out_of_order_is_a_bug() -> None:
    """It raises and sends nothing."""
    server, _ = pair()
    with pytest.raises(InvalidState):
        server.send(UtteranceEnded(utterance=3, duration_ms=0))
    with pytest.raises(InvalidState):
        server.send_packet(packet(3))
    assert server.data_to_send() == []


@pytest.mark.parametrize(
    "frame",
    [
        "{", '{"type":"x"}', '{"type":"utterance.started","utterance":9,"first_packet_ms":1}',
        '{"type":"warning","code":"c","message":"\\ud800"}', b"short", Packet(UtteranceId(9), 0, 0, b"").pack(),
    ],
)  # fmt: skip
def test_a_client_survives_a_bad_server(frame: str | bytes) -> None:
    """It gets an event and sends nothing back."""
    _, client = pair()
    (event,) = (
        client.receive_text(frame) if isinstance(frame, str) else client.receive_binary(frame)
    )
    assert isinstance(event, Rejected)
    assert client.data_to_send() == []


def test_audio_that_comes_after_the_end_is_dropped() -> None:
    """Over transports that do not keep order it may."""
    server, client = pair()
    client.send(TextDelta(text="a"))
    carry(client, server)
    server.send(UtteranceEnded(utterance=1, duration_ms=0))
    carry(server, client)
    assert client.receive_binary(packet(1).pack()) == []


def test_warnings_and_errors_reach_the_client() -> None:
    """With code, sentence and utterance."""
    server, client = pair()
    server.send_warning("duration_out_of_range", "expected 800 to 3200 ms", UtteranceId(4))
    server.send_error(Overloaded("full"), UtteranceId(4))
    first, second = (
        event.message for event in carry(server, client) if isinstance(event, Received)
    )
    assert first == WarningMessage(
        code="duration_out_of_range", message="expected 800 to 3200 ms", utterance=4
    )
    assert second == ErrorMessage(
        code="overloaded", message="full", retryable=True, utterance=4, retry_after_ms=1000
    )


def test_nothing_is_left_when_the_connection_is_gone() -> None:
    """What was queued is dropped and nothing more is taken."""
    server, client = pair()
    client.send(TextDelta(text="a"))
    client.receive_eof()
    assert client.data_to_send() == []
    assert client.receive_text('{"type":"warning","code":"c","message":"m"}') == []
    with pytest.raises(InvalidState):
        client.send(TextEnd())
    assert server.live == ()


def test_a_lost_connection_is_taken_over() -> None:
    """The new one may go on with the old one's utterances on both sides."""
    server, client = pair()
    client.send(TextDelta(text="a"))
    carry(client, server)
    later_server, later_client = pair()
    later_server.take_over(server)
    later_client.take_over(client)
    later_server.send_packet(packet(1))
    assert [type(event) for event in carry(later_server, later_client)] == [PacketReceived]
    later_client.send(PlaybackReport(utterance=1, played_ms=1))
    assert [type(event) for event in carry(later_client, later_server)] == [Received]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
fields = st.sampled_from(
    [
        "text",
        "utterance",
        "emotion",
        "pace",
        "voice",
        "audio",
        "mode",
        "ratio",
        "played_ms",
        "at",
        "marks",
        "resume",
    ]
)
types = st.sampled_from(
    [
        "session.start", "text.delta", "text.flush", "text.end", "emotion.set", "pace.set", "voice.set",
        "speech.cancel", "speech.pause", "speech.resume", "playback.report", "session.close", "nonsense",
    ]
)  # fmt: skip
almost_messages = st.builds(
    lambda type_, rest: json.dumps({"type": type_, **rest}),
    types,
    st.dictionaries(fields, json_values, max_size=3),
)


@settings(max_examples=300)
@given(
    st.lists(st.text() | almost_messages | st.binary(max_size=20), max_size=20),
    st.sampled_from(Side),
)
def test_no_input_raises(frames: list[str | bytes], side: Side) -> None:
    """Any frames in any order give events; a server answers each rejection exactly once."""
    server, client = pair()
    protocol = server if side is Side.SERVER else client
    for frame in frames:
        events = (
            protocol.receive_text(frame)
            if isinstance(frame, str)
            else protocol.receive_binary(frame)
        )
        rejected = [event for event in events if isinstance(event, Rejected)]
        sent = protocol.data_to_send()
        assert len(sent) == (len(rejected) if side is Side.SERVER else 0)
    assert protocol.close_code is None
