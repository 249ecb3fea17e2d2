"""The order of a session."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.conversation import Conversation, Limits, Phase
from seiyuu.streaming.errors import BadMessage, RateLimited, TextTooLong
from seiyuu.streaming.ids import UtteranceId
from seiyuu.streaming.message_parts import AudioSpec, PaceSpec
from seiyuu.streaming.messages import (
    AudioRewind,
    ClientMessage,
    EmotionSet,
    PaceSet,
    PlaybackReport,
    SessionClose,
    SessionStart,
    SessionStarted,
    SpeechCancel,
    SpeechCancelled,
    SpeechPause,
    TextDelta,
    TextEnd,
    TextFlush,
    UtteranceEnded,
    UtteranceStarted,
    VoiceSet,
    WarningMessage,
)
from seiyuu.streaming.segment import Pace

pytestmark = pytest.mark.unit


def started_message(limits: Limits) -> SessionStarted:
    """What a server answers."""
    return SessionStarted(
        session="s",
        engine="tone",
        voice="v",
        audio=AudioSpec(),
        resume_token="t",
        limits=limits.spec(),
    )


def started(**limits: int) -> Conversation:
    """A session under way."""
    conversation = Conversation(Limits(**limits))
    conversation.from_client(SessionStart())
    conversation.from_server(started_message(conversation.limits))
    return conversation


def say(conversation: Conversation, text: str, utterance: int | None = None) -> UtteranceId:
    """Write text that is accepted."""
    place = conversation.from_client(TextDelta(text=text, utterance=utterance))
    assert place is not None
    assert place.utterance is not None
    return place.utterance


def ended(utterance: int, reason: str = "end") -> UtteranceEnded:
    """What a server says at the end of an utterance."""
    return UtteranceEnded(utterance=utterance, duration_ms=1.0, reason=reason)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "message",
    [
        TextDelta(text="a"), TextFlush(), TextEnd(), EmotionSet(emotion="joy"), PaceSet(ratio=1.0), VoiceSet(voice="v"),
        SpeechCancel(), SpeechPause(), PlaybackReport(utterance=1, played_ms=0), SessionClose(),
    ],
)  # fmt: skip
def test_the_session_starts_first(message: ClientMessage) -> None:
    """Everything else is refused before, and the session can still start."""
    conversation = Conversation()
    with pytest.raises(BadMessage, match=rf"got {message.type} first, expected session.start"):
        conversation.from_client(message)
    conversation.from_client(SessionStart())
    assert conversation.phase is Phase.STARTING


def test_the_session_starts_once() -> None:
    """A second start changes nothing."""
    conversation = started()
    with pytest.raises(BadMessage, match="again"):
        conversation.from_client(SessionStart())
    with pytest.raises(BadMessage, match="twice or without"):
        conversation.from_server(started_message(conversation.limits))
    assert conversation.phase is Phase.OPEN


def test_the_server_says_nothing_before_it_has_started_the_session() -> None:
    """Only errors and warnings may come before session.started."""
    conversation = Conversation()
    conversation.from_client(SessionStart())
    utterance = say(conversation, "a")
    with pytest.raises(BadMessage, match="expected session.started"):
        conversation.from_server(UtteranceStarted(utterance=utterance, first_packet_ms=1))
    assert conversation.from_server(WarningMessage(code="x", message="y")) is not None


def test_text_without_an_id_belongs_to_the_newest_that_is_written() -> None:
    """It opens an utterance, goes on with it, and opens the next one after its end."""
    conversation = started()
    first = conversation.from_client(TextDelta(text="你好"))
    second = conversation.from_client(TextDelta(text="吗😀"))
    assert first is not None
    assert second is not None
    assert (first.opened, first.char, second.opened, second.char) == (True, 0, False, 2)
    end = conversation.from_client(TextEnd())
    assert end is not None
    assert (end.utterance, end.char) == (first.utterance, 4)
    assert say(conversation, "x") == conversation.newest != first.utterance


def test_several_utterances_may_be_written_at_once() -> None:
    """Each has its own count, they are spoken in the order of opening, and text without an id means the newest."""
    conversation = started()
    say(conversation, "aa", 5)
    say(conversation, "b", 9)
    place = conversation.from_client(TextDelta(text="c", utterance=5))
    assert place is not None
    assert place.char == 2
    assert say(conversation, "d") == 9
    assert list(conversation.live) == [5, 9]
    conversation.from_client(TextEnd(utterance=9))
    assert say(conversation, "e") == 5


def test_text_for_an_ended_utterance_is_refused() -> None:
    """After its text.end it takes no text, no flush and no second end."""
    conversation = started()
    utterance = say(conversation, "a")
    conversation.from_client(TextEnd())
    for message in (
        TextDelta(text="b", utterance=utterance),
        TextFlush(utterance=utterance),
        TextEnd(utterance=utterance),
    ):
        with pytest.raises(BadMessage, match="whose text has ended"):
            conversation.from_client(message)
    conversation.from_server(ended(utterance))
    with pytest.raises(BadMessage, match="which is over; ids go up, expected 2 or more"):
        conversation.from_client(TextDelta(text="b", utterance=utterance))


def test_flush_and_end_need_an_utterance() -> None:
    """There must be one being written, and one named must have text."""
    conversation = started()
    for message in (TextFlush(), TextEnd()):
        with pytest.raises(BadMessage, match="no utterance is being written"):
            conversation.from_client(message)
    with pytest.raises(BadMessage, match="utterance 3, which has no text"):
        conversation.from_client(TextFlush(utterance=3))


def test_a_flush_names_the_place_it_came_at() -> None:
    """The place is the number of characters before."""
    conversation = started()
    say(conversation, "abc")
    place = conversation.from_client(TextFlush())
    assert place is not None
    assert place.char == 3


def test_ids_may_wrap_around() -> None:
    """After 65535 comes 0, and old ids stay old."""
    conversation = started()
    say(conversation, "a", 65_535)
    conversation.from_client(TextEnd())
    assert say(conversation, "b") == 0
    with pytest.raises(BadMessage, match="ids go up"):
        say(conversation, "c", 65_000)


def test_zero_is_an_id_like_others() -> None:
    """A client may begin at 0, once."""
    conversation = started()
    assert say(conversation, "a", 0) == 0
    conversation.from_client(TextEnd())
    conversation.from_server(ended(0))
    with pytest.raises(BadMessage, match="ids go up"):
        say(conversation, "a", 0)


def test_an_utterance_holds_so_many_characters() -> None:
    """What would go over is refused whole and the rest may still be said."""
    conversation = started(text_chars=5)
    utterance = say(conversation, "abcd")
    with pytest.raises(TextTooLong, match="has 6 characters, expected no more than 5"):
        conversation.from_client(TextDelta(text="ef"))
    assert say(conversation, "e") == utterance
    with pytest.raises(TextTooLong):
        conversation.from_client(TextDelta(text="x" * 6, utterance=8))
    assert 8 not in conversation.live


def test_so_many_utterances_wait() -> None:
    """One more than the limit is refused until one ends."""
    conversation = started(utterances=2)
    first = say(conversation, "a", 1)
    say(conversation, "b", 2)
    with pytest.raises(RateLimited, match="2 utterances are not ended yet"):
        say(conversation, "c", 3)
    conversation.from_server(ended(first))
    assert say(conversation, "c", 3) == 3


def test_a_pace_comes_before_the_first_audio() -> None:
    """For the utterance being written until it sounds, else for the next one."""
    conversation = started()
    place = conversation.from_client(PaceSet(ratio=0.9))
    assert place is not None
    assert place.utterance is None
    opened = conversation.from_client(TextDelta(text="a"))
    assert opened is not None
    assert opened.pace == Pace("controlled", 0.9)
    conversation.from_client(PaceSet(ratio=0.8))
    conversation.packet(UtteranceId(1))
    with pytest.raises(BadMessage, match="pace of utterance 1 came after its first audio"):
        conversation.from_client(PaceSet(ratio=0.7))
    with pytest.raises(BadMessage, match="after its first audio"):
        conversation.from_client(TextDelta(text="b", pace=PaceSpec(ratio=0.7)))
    same = conversation.from_client(TextDelta(text="b", pace=PaceSpec(ratio=0.8)))
    assert same is not None
    assert same.char == 1


def test_a_pace_given_to_the_next_utterance_is_used_once() -> None:
    """The one after it is free again, and a pace of its own wins."""
    conversation = started()
    conversation.from_client(PaceSet(ratio=0.9))
    say(conversation, "a", 1)
    place = conversation.from_client(TextDelta(text="b", utterance=2))
    assert place is not None
    assert place.pace is None
    conversation.from_client(TextEnd(utterance=1))
    conversation.from_client(TextEnd(utterance=2))
    conversation.from_client(PaceSet(ratio=0.9))
    own = conversation.from_client(TextDelta(text="c", pace=PaceSpec(duration_ms=500)))
    assert own is not None
    assert own.pace == Pace("controlled", None, 500)


def test_a_cancel_without_an_id_ends_everything() -> None:
    """What is spoken and what waits; a second cancel finds nothing left."""
    conversation = started()
    say(conversation, "a", 1)
    say(conversation, "b", 2)
    place = conversation.from_client(SpeechCancel(played_ms=5))
    assert place is not None
    assert place.cancelled == (1, 2)
    again = conversation.from_client(SpeechCancel())
    assert again is not None
    assert again.cancelled == ()


def test_a_cancel_may_name_one_utterance() -> None:
    """The others go on; one that is over is no mistake, one that never was is."""
    conversation = started()
    say(conversation, "a", 1)
    say(conversation, "b", 2)
    place = conversation.from_client(SpeechCancel(utterance=2))
    assert place is not None
    assert (place.utterance, place.cancelled) == (2, (2,))
    assert not conversation.is_cancelled(UtteranceId(1))
    assert conversation.is_cancelled(UtteranceId(2))
    conversation.from_server(ended(2, "cancel"))
    late = conversation.from_client(SpeechCancel(utterance=2))
    assert late is not None
    assert late.cancelled == ()
    with pytest.raises(BadMessage, match="there is no utterance 7"):
        conversation.from_client(SpeechCancel(utterance=7))


def test_text_for_a_cancelled_utterance_is_dropped_in_silence() -> None:
    """Before and after the server has ended it, and for one the server gave up."""
    conversation = started()
    say(conversation, "a", 1)
    conversation.from_client(SpeechCancel())
    assert conversation.from_client(TextDelta(text="b", utterance=1)) is None
    assert conversation.from_client(TextEnd(utterance=1)) is None
    conversation.from_server(
        SpeechCancelled(utterance=1, heard_text="", unheard_text="a", heard_ms=0)
    )
    conversation.from_server(ended(1, "cancel"))
    assert conversation.from_client(TextDelta(text="b", utterance=1)) is None
    say(conversation, "a", 2)
    conversation.from_server(ended(2, "error"))
    assert conversation.from_client(TextFlush(utterance=2)) is None


def test_nothing_sounds_after_a_cancel() -> None:
    """Packets, marks and rewinds of the cancelled utterance do not pass."""
    conversation = started()
    utterance = say(conversation, "a")
    assert conversation.packet(utterance)
    conversation.from_client(SpeechCancel())
    assert not conversation.packet(utterance)
    assert (
        conversation.from_server(AudioRewind(utterance=utterance, from_timestamp=0, next_seq=1))
        is None
    )


def test_the_server_speaks_only_of_what_is_live() -> None:
    """Anything about another utterance is out of order."""
    conversation = started()
    for message in (UtteranceStarted(utterance=4, first_packet_ms=1), ended(4)):
        with pytest.raises(BadMessage, match="utterance 4, which is not being spoken"):
            conversation.from_server(message)
    with pytest.raises(BadMessage, match="an audio packet"):
        conversation.packet(UtteranceId(4))


def test_a_report_may_come_after_the_end() -> None:
    """The listener still plays what the server has long sent."""
    conversation = started()
    utterance = say(conversation, "a")
    conversation.from_server(ended(utterance))
    assert conversation.is_over(utterance)
    place = conversation.from_client(PlaybackReport(utterance=utterance, played_ms=3))
    assert place is not None
    assert place.utterance == utterance


def test_only_so_many_ended_utterances_are_remembered() -> None:
    """Memory stays bounded however long a session lasts."""
    conversation = started()
    for _ in range(200):
        utterance = say(conversation, "a")
        conversation.from_server(ended(utterance))
    assert conversation.is_over(utterance)
    assert not conversation.is_over(UtteranceId(1))


def test_a_closing_session_takes_no_more_text() -> None:
    """What is queued is finished, cancels and reports still count, and it closes once."""
    conversation = started()
    utterance = say(conversation, "a")
    conversation.from_client(SessionClose())
    assert conversation.phase is Phase.CLOSING
    for message, words in (
        (TextDelta(text="b"), "after session.close"),
        (TextDelta(text="b", utterance=utterance), "whose text has ended"),
        (SessionClose(), "again"),
    ):
        with pytest.raises(BadMessage, match=words):
            conversation.from_client(message)
    assert conversation.packet(utterance)
    assert conversation.from_client(SpeechCancel()) is not None


def test_a_warning_may_name_an_utterance_or_none() -> None:
    """Both are in order at any time."""
    conversation = started()
    for utterance in (None, 3):
        place = conversation.from_server(WarningMessage(code="c", message="m", utterance=utterance))
        assert place is not None
        assert place.utterance == utterance


def test_a_message_is_about_an_utterance_even_out_of_order() -> None:
    """So that an error can name it."""
    conversation = started()
    utterance = say(conversation, "a")
    assert conversation.addressed(TextEnd()) == utterance
    assert conversation.addressed(TextEnd(utterance=9)) == 9
    assert conversation.addressed(SpeechPause()) == utterance


def test_a_new_connection_goes_on_with_the_utterances() -> None:
    """A resumed session knows what was live and what is over."""
    earlier = started()
    done, live = say(earlier, "a", 1), say(earlier, "b", 2)
    earlier.from_server(ended(done))
    later = started()
    later.take_over(earlier)
    assert later.packet(live)
    assert later.is_over(done)
    assert later.next_id() == 3


messages = st.one_of(
    st.builds(TextDelta, text=st.text(max_size=4), utterance=st.none() | st.integers(0, 6)),
    st.builds(TextFlush, utterance=st.none() | st.integers(0, 6)),
    st.builds(TextEnd, utterance=st.none() | st.integers(0, 6)),
    st.builds(SpeechCancel, utterance=st.none() | st.integers(0, 6)),
    st.builds(PlaybackReport, utterance=st.integers(0, 6), played_ms=st.just(1.0)),
    st.builds(PaceSet, ratio=st.sampled_from([0.8, 0.9])),
    st.builds(ended, st.integers(0, 6), st.sampled_from(["end", "cancel", "error"])),
    st.just(SessionClose()),
    st.just(SessionStart()),
)


@given(st.lists(messages, max_size=40))
def test_any_order_keeps_the_books(order: list[ClientMessage | UtteranceEnded]) -> None:
    """Whatever comes: limits hold, ids are unique, and a refused message changes nothing."""
    conversation = started(text_chars=10, utterances=3)
    for message in order:
        before = {u.id: (u.chars, u.writing, u.cancelled) for u in conversation.live.values()}
        try:
            if isinstance(message, UtteranceEnded):
                conversation.from_server(message)
            else:
                conversation.from_client(message)
        except (BadMessage, RateLimited, TextTooLong):
            after = {u.id: (u.chars, u.writing, u.cancelled) for u in conversation.live.values()}
            assert after == before
        assert len(conversation.live) <= 3
        assert all(u.chars <= 10 for u in conversation.live.values())
        assert not any(conversation.is_over(u) for u in conversation.live)
