"""What was said when, and what was heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.characters import joined
from seiyuu.streaming.timeline import Heard, Mark, MarkKind, Timeline

pytestmark = pytest.mark.unit


def mark(text: str, char: int, start: int, end: int, kind: MarkKind = "char") -> Mark:
    """A mark of so many characters."""
    return Mark(kind, text, char, char + len(text), start, end)


def spoken(text: str, each: int = 100) -> Timeline:
    """Every character of the text sounds as long, marks are silent."""
    timeline = Timeline()
    timeline.write(text)
    at = 0
    for char, letter in enumerate(text):
        if letter.isalnum():
            timeline.add(mark(letter, char, at, at + each))
            at += each
    return timeline


def test_marks_are_given_once_and_before_their_audio() -> None:
    """In order, those that begin before the audio that is about to leave."""
    timeline = spoken("你好吗")
    assert timeline.due(0) == []
    assert [m.text for m in timeline.due(101)] == ["你", "好"]
    assert timeline.due(200) == []
    assert [m.text for m in timeline.due(1000)] == ["吗"]


@pytest.mark.parametrize(
    ("played", "heard"),
    [
        (0, ""),
        (49, ""),
        (50, "你"),
        (149, "你"),
        (150, "你好，"),
        (250, "你好，世"),
        (10**6, "你好，世界。"),
    ],
)
def test_half_a_character_counts_as_heard(played: int, heard: str) -> None:
    """And a mark goes with the character before it."""
    text = "你好，世界。"
    assert spoken(text).heard(played) == Heard(len(heard), heard, text[len(heard) :])


def test_emoji_and_combining_marks_are_not_torn() -> None:
    """The cut is between characters as people see them."""
    timeline = spoken("e\u0301a")
    assert timeline.heard(60).heard == "e\u0301"


def test_words_are_taken_where_there_are_no_characters_and_phonemes_where_there_are_no_words() -> (
    None
):
    """The finest mark of text decides."""
    timeline = Timeline()
    timeline.write("good day")
    timeline.add(Mark("phoneme", "ɡ", 0, 4, 0, 10))
    assert timeline.heard(5).heard == "good"
    timeline.add(mark("good", 0, 0, 100, "word"))
    assert timeline.heard(5).heard == ""
    assert timeline.heard(60).heard == "good"


def test_without_any_mark_nothing_is_known_to_be_heard() -> None:
    """Until the end was played."""
    timeline = Timeline()
    timeline.write("你好")
    assert timeline.heard(10**6).heard == ""
    timeline.finish(500)
    assert timeline.heard(499).heard == ""
    assert timeline.heard(500) == Heard(2, "你好", "")


def test_all_is_heard_when_the_end_was_played() -> None:
    """With tags and marks behind the last sound."""
    timeline = spoken("你好[joy]。")
    assert timeline.heard(200).heard != timeline.text
    timeline.finish(240)
    assert timeline.heard(240).unheard == ""


def test_a_rewind_takes_back_what_begins_behind_it() -> None:
    """Given or not; what comes again is given again, and the end is open."""
    timeline = spoken("你好吗")
    timeline.due(1000)
    timeline.finish(300)
    timeline.truncate(150)
    assert [m.text for m in timeline.marks] == ["你", "好"]
    assert timeline.heard(10**6).heard == "你好"
    timeline.add(mark("吗", 2, 260, 300))
    assert [m.text for m in timeline.due(1000)] == ["吗"]


def test_a_span_the_rewind_went_through_may_be_told_anew() -> None:
    """The new mark replaces the old one."""
    timeline = spoken("你好")
    timeline.truncate(150)
    timeline.add(mark("好", 1, 100, 400))
    assert [(m.text, m.end) for m in timeline.marks] == [("你", 100), ("好", 400)]
    assert timeline.heard(200).heard == "你"
    timeline.add(mark("好", 1, 100, 400))
    assert len(timeline.marks) == 3


def test_another_mark_at_a_rewind_replaces_nothing() -> None:
    """Only the same span does."""
    timeline = spoken("你好")
    timeline.truncate(150)
    timeline.add(mark("吗", 2, 150, 200))
    assert len(timeline.marks) == 3


@given(
    st.text(alphabet="你好ab，。! 😀\u0301[", max_size=20),
    st.lists(st.integers(0, 3000), max_size=6),
)
def test_heard_and_unheard_are_the_text(text: str, played: list[int]) -> None:
    """At any position, more with every sample, and never through a character."""
    timeline = spoken(text)
    before = 0
    for position in sorted(played):
        heard = timeline.heard(position)
        assert heard.heard + heard.unheard == text
        assert heard.char == len(heard.heard) >= before
        assert heard.char in {0, len(text)} or not joined(text, heard.char)
        before = heard.char


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 50)), max_size=20),
    st.lists(st.integers(0, 600), max_size=8),
)
def test_every_mark_is_given_exactly_once(spans: list[tuple[int, int]], steps: list[int]) -> None:
    """In whatever order they are told."""
    timeline = Timeline()
    given_out: list[Mark] = []
    for k, (start, length) in enumerate(spans):
        timeline.add(Mark("phoneme", str(k), 0, 1, start, start + length))
    for until in sorted(steps):
        due = timeline.due(until)
        assert all(m.start < until for m in due)
        given_out += due
    given_out += timeline.due(10**6)
    assert sorted(m.text for m in given_out) == sorted(str(k) for k in range(len(spans)))
    assert [m.start for m in given_out] == sorted(m.start for m in given_out)
